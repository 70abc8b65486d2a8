"""Exercise 04, the recurrent network: a step, a run, the same in PyTorch, fewer products, bits, a score."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np

from course_utils.grading.activations import relu, sigmoid, softmax, unguarded_softmax
from course_utils.grading.compare import Wrong, as_numbers, parts, same
from course_utils.grading.questions import Names, question

TITLE = "The recurrent network"
# question 3 loads torch
NEEDS = ("torch",)
LIMITS = {"memory": 8 << 30, "processes": 64, "cell_seconds": 60, "total_seconds": 180}

Activation = Callable[[np.ndarray], np.ndarray]


def weights(rng: np.random.Generator, D: int, H: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W_xh (D, H), W_hh (H, H) and b_h (H,): no unit is saturated, no bias is near zero."""
    W_xh, W_hh = rng.standard_normal((D, H)) / 2, rng.standard_normal((H, H)) / 2
    return W_xh, W_hh, rng.uniform(0.3, 0.8, H) * rng.choice([-1.0, 1.0], H)


def run(A: np.ndarray, h: np.ndarray, W_hh: np.ndarray, phi: Activation = np.tanh) -> np.ndarray:
    """h_t = phi(A_t + h_{t-1} W_hh), from h: A (T, B, H), h (B, H) → (T, B, H)."""
    states = []
    for A_t in A:
        h = phi(A_t + h @ W_hh)
        states.append(h)
    return np.array(states)


def summed_late(A: np.ndarray, h: np.ndarray, W_hh: np.ndarray) -> np.ndarray:
    """h_t = tanh(A_t) + tanh(h_{t-1} W_hh): a tanh for each of the two."""
    states = []
    for A_t in A:
        h = np.tanh(A_t) + np.tanh(h @ W_hh)
        states.append(h)
    return np.array(states)


def _same_twice(first: np.ndarray, second: np.ndarray, name: str) -> None:
    """Raise Wrong("two_answers") when a function that was asked the same twice did not answer the same."""
    if first.shape != second.shape:
        raise Wrong("two_answers", f"`{name}` has shape {first.shape}, and asked once more {second.shape}")
    apart = np.argwhere(~np.isclose(first, second, rtol=1e-9, atol=1e-12, equal_nan=True))
    if len(apart):
        k = tuple(apart[0])
        where = f"[{', '.join(map(str, k))}] is" if k else "is"
        raise Wrong("two_answers", f"`{name}` {where} {first[k]:.6g}, and asked once more {second[k]:.6g}")


def misplaced(right: np.ndarray, h_before: np.ndarray) -> dict[str, object]:
    """Right states (T, B, H) that were stored in the wrong way, by the code of the mistake."""
    return {
        "start_returned": np.concatenate([h_before[None], right]),
        "late": np.concatenate([h_before[None], right[:-1]]),
        "aliased": np.repeat(right[-1:], len(right), axis=0),
        "batch_first": right.swapaxes(0, 1),
        "last_only": right[-1],
    }


# --- q1 -----------------------------------------------------------------------------------------------------


@question(
    "One step",
    points=2,
    asks=["rnn_step(x_t, h, W_xh, W_hh, b_h)"],
    hints={
        "no_tanh": (
            "The tanh is missing: your new state can grow beyond 1.",
            "The tanh goes around the whole sum: input, old state and bias.",
        ),
        "other_phi": (
            "Your units are bent by another function than the tanh.",
            "(4.3) has a tanh: it runs from -1 to 1, and it is 0 at 0. NumPy calls it `np.tanh`.",
        ),
        "no_bias": (
            "The bias b_h is missing.",
            "`b_h` of shape (H,) is added to every row of the (B, H) sum, before the tanh.",
        ),
        "bias_outside": (
            "The bias is added after the tanh. It belongs inside.",
            "b_h shifts what a unit receives, not what it says: put it into the sum that goes into the tanh.",
        ),
        "two_tanh": (
            "Input and old state go through a tanh each.",
            "There is one tanh, around their sum. Otherwise a state could become 2.",
        ),
        "no_state": (
            "The old state plays no part in your answer: this network would forget at every step.",
            "The sum has three terms. The second is what comes back: h through W_hh.",
        ),
        "unweighted": (
            "The old state comes back as it is, without passing through W_hh.",
            "Every unit hears every unit: a product of h (B, H) and W_hh (H, H).",
        ),
        "elementwise": (
            "`*` multiplies entry by entry: each unit would hear itself alone.",
            "Row and column are summed by `@`: h @ W_hh is (B, H) @ (H, H).",
        ),
        "untransposed": (
            "W_hh is used the wrong way round. It is square, so the shapes did not complain.",
            "W_hh[i, j] leads from unit i of the old state to unit j of the new one: h stands on the left.",
        ),
        "added": (
            "You add the old state to the new one once more, outside the tanh.",
            "The old state enters through W_hh only: the tanh *is* the new state.",
        ),
        "shared": (
            "All rows of the batch are given the same old state.",
            "Row i of the batch is a sequence of its own: its new state comes from row i of h.",
        ),
        "raised": (
            "A product does not fit. Write the shapes above it: x_t is (B, D), and D differs from H.",
            "Rows are cases. So x_t stands on the left: (B, D) @ (D, H) gives (B, H).",
        ),
        "transposed": "Rows are the sequences of the batch, columns are the units: (B, H).",
        "shape": (
            "Every sequence of the batch has a new state, and there are B of them.",
            "No loop over the batch is needed: `x_t @ W_xh` treats all rows at once.",
        ),
        "mutated": (
            "You write into the caller's array. Whoever called you may still need the old state.",
            "`h += …` and `h[:] = …` change the array that came in; `h = h + …` makes a new one.",
        ),
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    B, D, H = 3, int(rng.integers(6, 8)), int(rng.integers(4, 6))
    W_xh, W_hh, b_h = weights(rng, D, H)
    x_t, h = rng.standard_normal((B, D)), rng.uniform(-0.9, 0.9, (B, H))

    from_x, from_h = x_t @ W_xh, h @ W_hh
    before = from_x + from_h + b_h
    right = np.tanh(before)
    same(
        s.rnn_step(x_t, h, W_xh, W_hh, b_h),
        right,
        "rnn_step(x_t, h, …)",
        axes="B, H",
        letters={"B": B, "D": D, "H": H},
        mistakes={
            "no_tanh": before,
            "other_phi": [sigmoid(before), relu(before)],
            "no_bias": np.tanh(before - b_h),
            "bias_outside": np.tanh(before - b_h) + b_h,
            "two_tanh": [
                np.tanh(from_x) + np.tanh(from_h + b_h),
                np.tanh(from_x + b_h) + np.tanh(from_h),
                np.tanh(from_x) + np.tanh(from_h) + b_h,
                np.tanh(np.tanh(from_x) + np.tanh(from_h) + b_h),
            ],
            "no_state": np.tanh(from_x + b_h),
            "unweighted": np.tanh(from_x + h + b_h),
            "elementwise": [
                np.tanh(from_x + h * np.diag(W_hh) + b_h),
                np.tanh(from_x + h * W_hh.sum(0) + b_h),
                np.tanh(from_x + h * W_hh.sum(1) + b_h),
            ],
            "untransposed": np.tanh(from_x + h @ W_hh.T + b_h),
            "added": [h + right, h + np.tanh(from_x + b_h)],
            "shared": [np.tanh(from_x + one @ W_hh + b_h) for one in (h[0], h[-1], h.mean(0), h.sum(0))],
        },
    )


# --- q2 -----------------------------------------------------------------------------------------------------


@question(
    "The whole run",
    points=3,
    asks=["rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q)"],
    hints={
        "no_start": (
            "The initial state plays no part in your answer: you begin with zeros.",
            "At the first step the state before is `h_before`, one row for every sequence of the batch.",
        ),
        "two_answers": (
            "Called twice with the same numbers, your function gives two answers.",
            "Nothing may be drawn at random, and nothing may be left over from an earlier call: begin with "
            "`h_before`, every time.",
        ),
        "reset": (
            "Every step begins anew, from the initial state or from zeros: nothing is remembered.",
            "Give the new state the name that the next step reads: `h = …`.",
        ),
        "shared": (
            "All sequences of the batch are given one state.",
            "Row b of h_before belongs to sequence b, and so does row b of every later state: h is (B, H).",
        ),
        "carried_over": (
            "A sequence of the batch begins in the state in which the one before it ended.",
            "Sequences of a batch know nothing of each other. Sequence b begins with `h_before[b]`.",
        ),
        "late": (
            "Each state is stored one step late: at [t] stands the state *before* step t.",
            "Compute h_t first, then store it. states[0] has already seen X[0].",
        ),
        "start_returned": (
            "The initial state is in what you return. It stands before the series, at t = -1.",
            "states[0] is the state after the first input: T states, and h_before is none of them.",
        ),
        "aliased": (
            "All T states are the same: the last one.",
            "A list keeps the array, not its numbers. If you write into the same array at each step, all "
            "entries of the list change with it: make a new array a step, or store a copy.",
        ),
        "batch_first": (
            "The batch stands first. In this book time does: (T, B, H).",
            "states[t] is the state of the whole batch at time t: stack the states along axis 0.",
        ),
        "last_only": (
            "Only the last step is there. This network answers at every one.",
            "Collect each state and each output: T of them.",
        ),
        "no_bias": (
            "A bias is missing.",
            "The hidden layer has b_h, inside the tanh. The output layer has b_q.",
        ),
        "no_tanh": (
            "The tanh of the hidden layer is missing: the state can grow without bound.",
            "h is the tanh of the sum of all three: input, state before and b_h.",
        ),
        "two_tanh": (
            "Input and state go through a tanh each.",
            "There is one tanh, around the sum of both and b_h.",
        ),
        "untransposed": (
            "W_hh is used the wrong way round. It is square, so the shapes did not complain.",
            "The state stands on the left of the matrix: `h @ W_hh`.",
        ),
        "old_output": (
            "The output at time t is drawn from the state *before* the input at time t.",
            "ŷ_t comes from h_t, not from h_{t-1}: it knows X[t] already.",
        ),
        "bent_output": (
            "The output layer is plain: a weighted sum of the state, plus b_q.",
            "No tanh and no softmax there: an output may be any number.",
        ),
        "from_x": (
            "The outputs do not come from the states.",
            "ŷ_t = h_t W_hq + b_q: only the state reaches the output.",
        ),
        "type": "Two arrays are asked for, first the states, then the outputs: `return states, outputs`.",
        "raised": (
            "Something does not fit. Print the shapes at t = 0: X[0] is (B, D), and D, H and Q differ.",
            "Time is the first axis of X, and the loop runs over it. Hidden layer: W_xh, W_hh, b_h. Output "
            "layer: W_hq, b_q.",
        ),
        "mutated": (
            "You write into the caller's array: a second run would begin where this one ended.",
            "`h = h_before` is a second name for the same array, and `h[:] = …` or `h += …` writes into it.",
        ),
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H, Q = int(rng.integers(8, 10)), 3, 4, int(rng.integers(5, 8)), 2
    letters = {"T": T, "B": B, "D": D, "H": H, "Q": Q}
    W_xh, W_hh, b_h = weights(rng, D, H)
    W_hq, b_q = rng.standard_normal((H, Q)), rng.uniform(0.3, 0.8, Q)
    X, h_before = rng.standard_normal((T, B, D)), rng.uniform(-0.9, 0.9, (B, H))
    A = X @ W_xh + b_h
    right = run(A, h_before, W_hh)

    def ask() -> list[np.ndarray]:
        got = parts(s.rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q), "states", "outputs")
        return [as_numbers(part, name) for part, name in zip(got, ("states", "outputs"), strict=True)]

    states, outputs = ask()
    for name, first, second in zip(("states", "outputs"), (states, outputs), ask(), strict=True):
        _same_twice(first, second, name)

    lone, over, average = np.zeros((3, T, B, H))
    h = h_one = h_before[0]
    for b in range(B):  # one state for the whole batch, in the ways in which it is written
        lone[:, b] = run(A[:, b], h_one, W_hh)
        over[:, b] = run(A[:, b], h, W_hh)
        h = over[-1, b]
    h_each, each = h_before[0], []
    for t in range(T):
        for b in range(B):
            h_each = np.tanh(A[t, b] + h_each @ W_hh)
            each.append(h_each)
    h_mean = h_before.mean(0)
    for t in range(T):
        average[t] = np.tanh(A[t] + h_mean @ W_hh)
        h_mean = average[t].mean(0)
    same(
        states,
        right,
        "states",
        axes="T, B, H",
        letters=letters,
        mistakes={
            "no_start": run(A, 0 * h_before, W_hh),
            "reset": [np.tanh(A + h_before @ W_hh), np.tanh(A)],
            "shared": [lone, average, np.array(each).reshape(T, B, H)],
            "carried_over": over,
            "no_bias": run(A - b_h, h_before, W_hh),
            "no_tanh": run(A, h_before, W_hh, phi=lambda a: a),
            "two_tanh": [summed_late(A, h_before, W_hh), summed_late(A - b_h, h_before, W_hh)],
            "untransposed": run(A, h_before, W_hh.T),
            **misplaced(right, h_before),
        },
    )
    drawn = right @ W_hq + b_q
    old = np.concatenate([h_before[None], right[:-1]])
    powers = np.exp(drawn)
    same(
        outputs,
        drawn,
        "outputs",
        axes="T, B, Q",
        letters=letters,
        mistakes={
            "old_output": [old @ W_hq + b_q, np.concatenate([h_before[None], right]) @ W_hq + b_q],
            "no_bias": right @ W_hq,
            "bent_output": [np.tanh(drawn), sigmoid(drawn), powers / powers.sum(-1, keepdims=True)],
            "aliased": np.repeat(drawn[-1:], T, axis=0),
            "last_only": drawn[-1],
            "batch_first": drawn.swapaxes(0, 1),
            "from_x": [A @ W_hq + b_q, np.tanh(A) @ W_hq + b_q],
        },
    )


# --- q3 -----------------------------------------------------------------------------------------------------


@question(
    "The same in PyTorch",
    points=3,
    asks=["rnn_layer(W_xh, W_hh, b_h)", "linear_layer(W_hq, b_q)"],
    hints={
        "kind": (
            "What came back is not the layer that was asked for.",
            "`rnn_layer` returns an `nn.RNN`, `linear_layer` an `nn.Linear`: the layer itself, not what it "
            "computes. Is there a `return`?",
        ),
        "random": (
            "Called twice with the same weights, it gives two layers: a part is still drawn at random.",
            "A new layer of PyTorch holds random numbers. Every parameter that it has must be written over.",
        ),
        "untransposed": (
            "A matrix stands in the layer as the book writes it. PyTorch keeps it the other way round.",
            "PyTorch multiplies by the transpose: its matrices are (outputs, inputs), ours (inputs, "
            "outputs).",
        ),
        "reshaped": (
            "The shape is right, the weights are not in their places.",
            "`reshape` re-reads the numbers row by row; what you want is the axes exchanged, `W.T`.",
        ),
        "bias_twice": (
            "The bias is counted twice: `nn.RNN` adds its two biases up.",
            "bias_ih_l0 and bias_hh_l0 stand in the same sum. Together they must make b_h.",
        ),
        "left_over": (
            "One of the two biases is b_h, and what stands in the other is added to it.",
            "bias_ih_l0 and bias_hh_l0 stand in the same sum: fill the second with zeros.",
        ),
        "no_bias": (
            "The layer has no bias where one was asked for.",
            "Leave `bias=True` as it is and copy the bias in, too.",
        ),
        "batch_first": (
            "Your layer expects the batch first. In this book time is the first axis.",
            "`nn.RNN` has time first unless it is told otherwise: leave `batch_first` away.",
        ),
        "other_phi": (
            "Your layer has another activation than the tanh.",
            '`nn.RNN` has a tanh unless it is told otherwise: leave `nonlinearity` at "tanh".',
        ),
        "layers": (
            "Your layer has more than one layer, or a second direction.",
            "One layer, forwards: leave `num_layers` and `bidirectional` as they are.",
        ),
        "dtype": (
            "The numbers are right to seven digits: PyTorch makes float32 unless it is told otherwise.",
            "Make the layer in float64, `dtype=torch.float64`, *before* you copy.",
        ),
        "shape": "A bias of H units has the shape (H,), in NumPy as in PyTorch.",
        "raised": (
            "Look at the line named. Does the shape fit, and may PyTorch write there?",
            "nn.RNN keeps its weights as (H, D) and (H, H), nn.Linear as (Q, H). Writing into a parameter "
            "happens inside `with torch.no_grad():`, with a tensor made by `torch.tensor(…)`.",
        ),
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    D, H, Q = int(rng.integers(3, 5)), int(rng.integers(5, 8)), 2
    letters = {"D": D, "H": H, "Q": Q}
    W_xh, W_hh, b_h = weights(rng, D, H)
    W_hq, b_q = rng.standard_normal((H, Q)), rng.uniform(0.3, 0.8, Q)

    def rnn() -> Names:
        return s.rnn_layer.keep(W_xh, W_hh, b_h)

    layer = rnn()
    held = _held(layer, "rnn_layer", "weight_ih_l0", "weight_hh_l0")
    _setting(layer, "mode", ("RNN_TANH", "RNN_RELU"), "kind", "rnn_layer")
    if any(name.endswith(("_l1", "_reverse")) for name in held):
        raise Wrong("layers", f"`rnn_layer(…)` holds {', '.join(sorted(held))}")
    _setting(layer, "mode", ("RNN_TANH",), "other_phi", "rnn_layer")
    _setting(layer, "batch_first", (False,), "batch_first", "rnn_layer")
    again = _held(rnn(), "rnn_layer", "weight_ih_l0", "weight_hh_l0")
    for name, W, axes in (("weight_ih_l0", W_xh, "H, D"), ("weight_hh_l0", W_hh, "H, H")):
        _not_random(held, again, name, "rnn_layer")
        _same_matrix(held[name], W, f"rnn_layer(…).{name}", axes, letters)
    b_ih, b_hh = (
        as_numbers(held.get(f"bias_{part}_l0", np.zeros(H)), f"bias_{part}_l0") for part in ("ih", "hh")
    )
    if b_ih.shape != (H,) or b_hh.shape != (H,):
        raise Wrong(
            "shape", f"the biases of `rnn_layer(…)` have shapes {b_ih.shape} and {b_hh.shape}, not ({H},)"
        )
    told = "rnn_layer(…), bias_ih_l0 + bias_hh_l0"
    for bias, other in ((b_ih, b_hh), (b_hh, b_ih)):
        if _agrees(bias, b_h) and np.any(other) and not _agrees(other, b_h):
            raise Wrong("left_over", f"`{told}`: one is b_h, the other begins with {float(other[0]):.3g}")
    for name in ("bias_ih_l0", "bias_hh_l0"):
        _not_random(held, again, name, "rnn_layer")
    same(
        b_ih + b_hh,
        b_h,
        told,
        axes="H",
        letters=letters,
        mistakes={"bias_twice": 2 * b_h, "no_bias": np.zeros(H)},
    )

    held, again = (_held(s.linear_layer.keep(W_hq, b_q), "linear_layer", "weight") for _ in range(2))
    _not_random(held, again, "weight", "linear_layer")
    _same_matrix(held["weight"], W_hq, "linear_layer(…).weight", "Q, H", letters)
    _not_random(held, again, "bias", "linear_layer")
    same(
        held.get("bias", np.zeros(Q)),
        b_q,
        "linear_layer(…).bias",
        axes="Q",
        letters=letters,
        mistakes={"no_bias": np.zeros(Q)},
    )


def _held(layer: Names, function: str, *expected: str) -> dict[str, object]:
    """Return the parameters of a layer of PyTorch by their names."""
    try:
        held = layer.state_dict()
    except Wrong as wrong:
        if wrong.code != "missing":
            raise
        held = None
    if not isinstance(held, dict) or not all(name in held for name in expected):
        wanted = "nn.RNN" if function == "rnn_layer" else "nn.Linear"
        holds = f"; it holds {', '.join(sorted(held))}" if isinstance(held, dict) and held else ""
        raise Wrong("kind", f"`{function}(…)` gives no {wanted}{holds}")
    return held


def _setting(layer: Names, name: str, allowed: tuple[object, ...], code: str, function: str) -> None:
    value = layer[name]
    if value not in allowed:
        raise Wrong(code, f"`{function}(…).{name}` is {value!r}")


def _same_matrix(got: object, W: np.ndarray, name: str, axes: str, letters: dict[str, int]) -> None:
    got = as_numbers(got, name)
    if got.dtype == np.float64 and _agrees(got, W.T.astype(np.float32).astype(float)):
        raise Wrong("dtype", f"`{name}` is float64, but its numbers were float32 on the way")
    narrow = W.astype(np.float32).astype(float)
    mistakes = {"untransposed": [W, narrow], "reshaped": [a.reshape(W.T.shape) for a in (W, narrow)]}
    same(got, W.T, name, axes=axes, letters=letters, mistakes=mistakes)


def _agrees(got: object, want: np.ndarray) -> bool:
    try:
        same(got, want, "")
    except Wrong:
        return False
    return True


def _not_random(held: dict[str, object], again: dict[str, object], name: str, function: str) -> None:
    if name in held and not _agrees(again.get(name), np.asarray(held[name])):
        raise Wrong("random", f"`{function}(…).{name}` differs from one call to the next")


# --- q4 -----------------------------------------------------------------------------------------------------


@question(
    "One product or two, and out of the loop",
    points=3,
    asks=[
        "stack(W_xh, W_hh)",
        "states_stacked(X, h_before, W, b_h)",
        "hoist(X, W_xh, b_h)",
        "states_from(A, h_before, W_hh)",
    ],
    hints={
        "halves": (
            "The two halves are in the wrong order.",
            "In (4.5) the input comes first, in both: [x_t, h_{t-1}] side by side, W_xh above W_hh.",
        ),
        "transposed": (
            "You have put the matrices side by side.",
            "W_xh has D rows, W_hh has H, both have H columns: one stands *above* the other, (D + H, H).",
        ),
        "raised": (
            "Something does not fit. Is it joined along the axis that may differ in length?",
            "`np.concatenate` joins along an axis that exists, and only there may the lengths differ. "
            "`np.stack` makes a new axis, and wants equal shapes: it stacks, where (4.5) joins.",
        ),
        "reset": (
            "Every step is given the initial state: nothing is remembered.",
            "Step t needs the state of step t - 1: what holds that state can only be made inside the loop.",
        ),
        "no_start": (
            "The initial state plays no part in your answer.",
            "At the first step the state before is `h_before`.",
        ),
        "no_bias": (
            "The bias b_h is missing.",
            "One product or two, early or late: b_h is added once, before the tanh. `hoist` brings it along.",
        ),
        "bias_twice": (
            "The bias is added twice.",
            "There is one b_h in (4.3), however many products there are.",
        ),
        "no_tanh": (
            "The tanh is missing.",
            "One product or two: what goes through the tanh is the whole sum.",
        ),
        "early_tanh": (
            "There is a tanh around the inputs' part alone. It must meet the state's part unbent.",
            "Only the linear part can be computed early. The tanh goes around the sum, and so it must wait.",
        ),
        "untransposed": (
            "W_hh is used the wrong way round. It is square, so the shapes did not complain.",
            "The state stands on the left of the matrix, `h @ W_hh`. In `stack` both go in as they are.",
        ),
        "summed": (
            "The sum over the past is in there already.",
            "`hoist` looks at one time each: entry [t] depends on X[t] alone, whatever came before.",
        ),
        "late": (
            "Each state is stored one step late: at [t] stands the state *before* step t.",
            "Compute h_t first, then store it.",
        ),
        "start_returned": (
            "The initial state is in what you return.",
            "states[0] is the state after the first input: T states, and h_before is none of them.",
        ),
        "aliased": (
            "All T states are the same: the last one.",
            "If you write into the same array at each step, all entries of a list change with it: make a new "
            "one a step.",
        ),
        "batch_first": "Time is the first axis in this book: the result is (T, B, H).",
        "last_only": "Only the last state is there: return all T of them.",
        "shape": (
            "Keep the three axes, (T, B, H): time, batch, units.",
            "`@` multiplies the last two axes and repeats that for every time: no reshape is needed.",
        ),
        "mutated": (
            "You write into the caller's array.",
            "`A[t] += …` or `h[:] = …` changes what came in: make arrays of your own.",
        ),
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H = int(rng.integers(8, 10)), 3, 4, int(rng.integers(5, 8))
    letters = {"T": T, "B": B, "D": D, "H": H}
    W_xh, W_hh, b_h = weights(rng, D, H)
    X, h_before = rng.standard_normal((T, B, D)), rng.uniform(-0.9, 0.9, (B, H))
    W = np.concatenate([W_xh, W_hh])
    A = X @ W_xh + b_h
    right = run(A, h_before, W_hh)

    same(
        s.stack(W_xh, W_hh),
        W,
        "stack(W_xh, W_hh)",
        axes="D + H, H",
        letters={"D": D, "H": H},
        mistakes={
            "halves": [np.concatenate([W_hh, W_xh]), np.concatenate([W_hh, W_xh]).T],
            "transposed": [W.T, np.concatenate([W_xh.T, W_hh], axis=1)],
            "untransposed": np.concatenate([W_xh, W_hh.T]),
        },
    )

    swapped = []
    h = h_before
    for X_t in X:
        h = np.tanh(np.concatenate([h, X_t], axis=1) @ W + b_h)
        swapped.append(h)
    same(
        s.states_stacked(X, h_before, W, b_h),
        right,
        "states_stacked(X, …)",
        axes="T, B, H",
        letters=letters,
        mistakes={
            "halves": np.array(swapped),
            "reset": [np.tanh(A + h_before @ W_hh), np.tanh(A)],
            "no_start": run(A, 0 * h_before, W_hh),
            "no_bias": run(A - b_h, h_before, W_hh),
            "bias_twice": run(A + b_h, h_before, W_hh),
            "no_tanh": run(A, h_before, W_hh, phi=lambda a: a),
            **misplaced(right, h_before),
        },
    )

    same(
        s.hoist(X, W_xh, b_h),
        A,
        "hoist(X, W_xh, b_h)",
        axes="T, B, H",
        letters=letters,
        mistakes={
            "no_bias": A - b_h,
            "bias_twice": A + b_h,
            "early_tanh": [np.tanh(A), np.tanh(A - b_h), np.tanh(A - b_h) + b_h],
            "summed": [np.cumsum(A, axis=0), A.sum(0), (A - b_h).sum(0) + b_h],
            "batch_first": A.swapaxes(0, 1),
            "last_only": A[-1],
        },
    )

    same(
        s.states_from(A, h_before, W_hh),
        right,
        "states_from(A, …)",
        axes="T, B, H",
        letters=letters,
        mistakes={
            "reset": [np.tanh(A + h_before @ W_hh), np.tanh(A)],
            "no_start": run(A, 0 * h_before, W_hh),
            "no_tanh": run(A, h_before, W_hh, phi=lambda a: a),
            "early_tanh": [
                summed_late(A, h_before, W_hh),
                run(np.tanh(A), h_before, W_hh),
                run(np.tanh(A), h_before, W_hh, phi=lambda a: a),
            ],
            "untransposed": run(A, h_before, W_hh.T),
            **misplaced(right, h_before),
        },
    )


# --- q5 -----------------------------------------------------------------------------------------------------


@question(
    "Bits, choices and a temperature",
    points=3,
    asks=["bits_per_character(log_p)", "perplexity(log_p)", "at_temperature(z, tau)"],
    hints={
        "nats": (
            "That is the right surprise in another unit: nats, or decimal digits.",
            "log_p holds natural logarithms. One bit is ln 2 nats, so divide by `np.log(2)`.",
        ),
        "wrong_way": (
            "The change of unit goes the wrong way.",
            "A bit is the smaller unit, ln 2 = 0.69 nats. So there must be *more* bits than nats: divide.",
        ),
        "summed": (
            "You have the whole text, not one character of it.",
            "Divide by the number of characters: take the mean, before any exponential.",
        ),
        "sign": (
            "The sign is wrong. A probability below 1 has a negative logarithm, and a surprise is positive.",
            "Both (4b.1) and (4b.2) hold the mean of *minus* the logarithm.",
        ),
        "mean_p": (
            "You average the probabilities, or one over them. The surprises are to be averaged.",
            "Logarithm first, mean second: a letter given a tiny probability must cost a lot.",
        ),
        "log_twice": (
            "You have taken the logarithm of a logarithm.",
            "log_p holds logarithms already: they need a sign, a mean and a unit.",
        ),
        "mixed_bases": (
            "Unit and base do not match.",
            "Either exp of nats, or 2 to the power of bits. The perplexity is the same either way.",
        ),
        "exchanged": (
            "You return the one where the other was asked for.",
            "Bits per character is the mean surprise; the perplexity is that many equally likely choices.",
        ),
        "multiplied": (
            "Your temperature works the wrong way round: hot should be bold, cold should be careful.",
            "The logits are *divided* by τ: a large τ makes them more alike.",
        ),
        "no_tau": (
            "The temperature plays no part in your answer.",
            "z / τ goes into the exponential, instead of z.",
        ),
        "late_tau": (
            "The temperature comes too late: it must act on the logits.",
            "Dividing probabilities by τ changes their sum and not their ratios. Divide z, inside the "
            "exponential.",
        ),
        "not_one": (
            "The rows of your answer do not sum to 1.",
            "(4b.4) is a fraction: divide each row by the sum of its exponentials.",
        ),
        "axis": (
            "You have normalised over the wrong axis.",
            "Each row is a distribution over the V letters: sum over the last axis, with `keepdims=True`.",
        ),
        "logarithm": (
            "These are the logarithms of the probabilities.",
            "Right as they are, but asked for are the probabilities themselves.",
        ),
        "sharpest": (
            "You give all probability to the largest logit. That is the limit of τ → 0.",
            "At any τ above 0 every letter keeps a chance: the exponential of z / τ, normalised.",
        ),
        "overflow": (
            "Large logits break it: their exponential is infinite, that of very negative ones zero.",
            "Probabilities do not change when the same number is taken from a whole row of logits. Take away "
            "the row's maximum, and no exponential is larger than 1.",
        ),
        "one_maximum": (
            "You take away one maximum for all rows. Those that lie far below it become 0 / 0.",
            "Each row has its own: `z.max(axis=1, keepdims=True)`.",
        ),
        "clipped": (
            "Logits that were cut off are all alike, and so are their probabilities.",
            "Do not cut. Take the maximum of each row away: that changes no probability.",
        ),
        "underflow": (
            "Letters with a small but fair chance have got none at all.",
            "The plain softmax rounds them to zero before the temperature can raise them: divide by τ first.",
        ),
        "raised": "Print the shapes: z is (B, V), and with `keepdims=True` the sum of each row is (B, 1).",
        "mutated": "Do not write into `z`: `z -= …` changes the caller's array, `z = z - …` does not.",
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    N = int(rng.integers(9, 14))
    log_p = np.log(rng.uniform(0.02, 0.6, N))
    nats = -log_p.mean()
    bits, total, p = nats / np.log(2), -log_p.sum(), np.exp(log_p)
    got = as_numbers(s.bits_per_character(log_p), "bits_per_character(log_p)")
    if np.isnan(got).any():
        raise Wrong(
            "log_twice", "`bits_per_character(log_p)` is NaN: log_p is negative, and has no logarithm"
        )
    same(
        got,
        bits,
        "bits_per_character(log_p)",
        mistakes={
            "nats": [nats, nats / np.log(10)],
            "wrong_way": nats * np.log(2),
            "summed": [total / np.log(2), total],
            "sign": [-bits, -nats],
            "mean_p": [
                -np.log2(p.mean()),
                -np.log(p.mean()),
                np.log2((1 / p).mean()),
                -(p * np.log2(p)).sum(),
                -(p * np.log2(p)).mean(),
            ],
            "log_twice": [-np.log2(-log_p).mean(), np.log2(-log_p).mean(), np.log2(nats), -np.log2(nats)],
            "exchanged": np.exp(nats),
        },
    )
    same(
        s.perplexity(log_p),
        np.exp(nats),
        "perplexity(log_p)",
        mistakes={
            "mixed_bases": [np.exp(bits), 2**nats, 10**nats],
            "summed": [np.exp(total), 2**total],
            "sign": [np.exp(-nats), -np.exp(nats)],
            "mean_p": [1 / p.mean(), (1 / p).mean()],
            "exchanged": [bits, nats],
        },
    )

    B, V = 3, int(rng.integers(5, 8))
    letters = {"B": B, "V": V}
    z = rng.uniform(-3, 3, (B, V))
    for tau in (float(rng.uniform(0.4, 0.7)), float(rng.uniform(1.5, 2.5))):
        raw, peak = np.exp(z / tau), z.max(1, keepdims=True)
        plain = softmax(z)
        same(
            s.at_temperature(z, tau),
            softmax(z / tau),
            f"at_temperature(z, {tau:.3g})",
            axes="B, V",
            letters=letters,
            mistakes={
                "multiplied": softmax(z * tau),
                "no_tau": plain,
                "late_tau": [plain / tau, plain * tau],
                "not_one": [raw, np.exp((z - peak) / tau), np.exp((z - z.max()) / tau), plain ** (1 / tau)],
                "axis": [softmax(z / tau, axis=0), raw / raw.sum()],
                "logarithm": np.log(softmax(z / tau)),
                "sharpest": np.eye(V)[z.argmax(1)],
            },
        )

    level = np.array([[2000.0], [-3000.0], [50.0]])
    tall, wide = level + z, -rng.uniform(800, 1200, (B, V))
    wide[:, 0] = 0
    for large, tau in ((tall, 0.8), (wide, 1.0)):
        got = as_numbers(s.at_temperature(large, tau), f"at_temperature(large z, {tau})")
        bad = ~np.isfinite(got)
        if got.shape == large.shape and bad.any():
            rows = [str(b) for b in range(B) if bad[b].any()]
            line = f"`at_temperature(large z, {tau})` holds NaN or infinity in row {' and '.join(rows)}; "
            line += f"the logits run from {large.min():.0f} to {large.max():.0f}"
            raise Wrong("one_maximum" if large is tall and not bad[0].any() else "overflow", line)
        same(
            got,
            softmax(large / tau),
            f"at_temperature(large z, {tau})",
            axes="B, V",
            letters=letters,
            mistakes={
                "clipped": [
                    softmax(np.clip(where, -most, most) / by)
                    for most in (30, 50, 100, 200, 300, 500, 700, 709)
                    for where, by in ((large, tau), (large / tau, 1.0))
                ],
                "overflow": [
                    np.nan_to_num(unguarded_softmax(large / tau), nan=fill) for fill in (0.0, 1.0, 1 / V)
                ],
            },
        )

    same(
        s.at_temperature(wide, 300.0),
        softmax(wide / 300),
        "at_temperature(large z, 300)",
        axes="B, V",
        letters=letters,
        mistakes={"underflow": softmax(wide)},
    )


# --- q6 -----------------------------------------------------------------------------------------------------


@question(
    "A score that knows the scissors",
    points=3,
    asks=["text_bits(codes, S, h_before, W_xh, W_hh, b_h, W_hq, b_q)"],
    hints={
        "two_answers": (
            "Called twice with the same text, it gives two scores.",
            "A state drawn at random, or left over from the last call, has no place in a score: begin with "
            "`h_before`, every time.",
        ),
        "reset": (
            "At every border the network still loses its memory.",
            "The state at the end of a piece is the state at the beginning of the next: set `h` once, before "
            "the loop over the pieces.",
        ),
        "no_start": (
            "The text begins with a state of zeros. This network has learned a better one.",
            "`h_before` is a parameter like the weights. It is the state before the first letter.",
        ),
        "border": (
            "Some letters are never predicted: those that stand first in a piece.",
            "Shift before you cut: the targets are codes[1:], the inputs codes[:-1], and then both go into "
            "pieces alike.",
        ),
        "divided": (
            "The sum is divided by another number than that of the letters that were predicted.",
            "N letters give N - 1 predictions. Count where you predict, and divide by that count.",
        ),
        "mean_of_means": (
            "A short piece at the end counts as much as a long one.",
            "Add up the surprises of all pieces first. Divide once, at the very end.",
        ),
        "same_letter": (
            "You score the probability of the letter that the network has just read, not of the next.",
            "After reading codes[t] the network speaks about codes[t + 1].",
        ),
        "sees_it": (
            "The network reads the letter before it has to predict it.",
            "Predict codes[t + 1] from a state that has read codes[t] and nothing after it; then read on.",
        ),
        "stale": (
            "The prediction is made from the state before the last letter was read.",
            "Read codes[t] first, update h, then ask what comes next: the output comes from h_t.",
        ),
        "first_too": (
            "You score the first letter as well. Nothing stands before it, and the question leaves it out.",
            "N letters give N - 1 predictions: of codes[1], …, codes[N - 1].",
        ),
        "dropped": (
            "The last piece, shorter than the others, is left out.",
            "Score every letter but the first: `range(0, len(…), S)` reaches the last piece too.",
        ),
        "nats": (
            "That is the right surprise in nats.",
            "Divide by `np.log(2)`, as in (4b.1).",
        ),
        "summed": (
            "That is what the whole text costs. The score is *per character*.",
            "Divide by the number of predictions.",
        ),
        "sign": (
            "The sign is wrong: a surprise is positive.",
            "Minus the logarithm of the probability of what came.",
        ),
        "perplexity": (
            "That is the perplexity. The question asks for bits per character.",
            "Leave the exponential away: the mean surprise, in bits.",
        ),
        "shape": (
            "One number is asked for: the mean over all letters that were predicted.",
            "Add the surprises up, over all pieces, and divide once.",
        ),
        "no_bias": (
            "A bias is missing.",
            "b_h belongs into the tanh, b_q to the outputs before the softmax.",
        ),
        "mutated": (
            "You write into the caller's array: the next call begins with another state.",
            "`h = h_before` is a second name for the same array: make a new one at each step.",
        ),
    },
)
def q6(s: Names, rng: np.random.Generator) -> None:
    V, H, N = int(rng.integers(6, 9)), 5, int(rng.integers(38, 42))
    W_xh, W_hh, b_h = 2 * rng.standard_normal((V, H)), rng.standard_normal((H, H)), weights(rng, V, H)[2]
    W_hq, b_q = 1.5 * rng.standard_normal((H, V)), rng.uniform(-1, 1, V)
    h_before = rng.uniform(0.5, 0.95, H) * rng.choice([-1.0, 1.0], H)
    codes = rng.integers(0, V, N)
    net = (h_before, W_xh, W_hh, b_h, W_hq, b_q)
    for S in (int(rng.choice([9, 11])), N + 3, 1):
        told = f"text_bits(codes, S={S}, …) with N={N}"
        first, second = (as_numbers(s.text_bits(codes, S, *net), told) for _ in range(2))
        _same_twice(first, second, told)
        same(first, score(codes, S, net), told, mistakes=_mis_scored(codes, S, net))


Net = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def surprises(codes: np.ndarray, h: np.ndarray, net: Net) -> tuple[np.ndarray, np.ndarray]:
    """Read letters from a state; return ln P of what comes after each, (n, V), and the last state."""
    _, W_xh, W_hh, b_h, W_hq, b_q = net
    log_p = []
    for x in codes:
        h = np.tanh(W_xh[x] + h @ W_hh + b_h)
        log_p.append(np.log(softmax(h @ W_hq + b_q)))
    return np.array(log_p).reshape(-1, len(b_q)), h


def score(
    codes: np.ndarray, S: int, net: Net, start: str = "carried", cut: str = "after", by: str = "count"
) -> float:
    """Bits per character, or the mistaken score that is described.

    Args:
        codes: the text, (N,).
        S: letters in a piece.
        net: initial state and weights.
        start: of a piece: "carried" is right; "reset", "zeros", or "first_zeros", carried from zeros.
        cut: into pieces "after" the shift is right; "before" it, the letter after a border is not predicted;
            "skipped" says that the one before the border is not even read.
        by: divided by the "count" of predictions is right; "pieces" is a mean of means, "S" a mean of sums
            over lengths, "N" the sum over the number of letters.
    """
    zeros = np.zeros(len(net[0]))
    h = zeros if start == "first_zeros" else net[0]
    sums, counts, lengths = [], [], []
    for first in range(0, len(codes) - (cut == "after"), S):
        x = codes[first : first + S]
        y = codes[first + 1 : first + S + 1] if cut == "after" else x[1:]
        log_p, h = surprises(
            x[: len(y)] if cut == "skipped" else x, {"reset": net[0], "zeros": zeros}.get(start, h), net
        )
        sums.append(-sum(log_p[t, y_t] for t, y_t in enumerate(y)) / np.log(2))
        counts.append(len(y))
        lengths.append(len(x))
    totals, counted = np.array(sums), np.maximum(counts, 1)
    if by == "pieces":
        return float((totals / counted).mean())
    if by == "S":
        return float((totals / lengths).mean())
    return float(totals.sum() / (len(codes) if by == "N" else counted.sum()))


def _mis_scored(codes: np.ndarray, S: int, net: Net) -> dict[str, object]:
    """What foreseen mistakes give, by their codes; of several mistakes at once the first counts."""
    h_before, W_xh, W_hh, b_h, W_hq, b_q = net
    right = score(codes, S, net)
    nats, N = right * np.log(2), len(codes)
    x, y = codes[:-1], codes[1:]
    log_p, _ = surprises(codes, h_before, net)
    h_all = np.array([surprises(codes[:t], h_before, net)[1] for t in range(N)])  # before each letter
    before = np.log(softmax(h_all @ W_hq + b_q))  # what is said before a letter is read
    mistaken: dict[str, list[float]] = {}
    by_start = {"first_zeros": "no_start", "reset": "reset", "zeros": "reset"}
    by_cut = {"before": "border", "skipped": "border"}
    by_count = {"pieces": "mean_of_means", "S": "divided", "N": "divided"}
    for start, cut, by in product(("carried", *by_start), ("after", *by_cut), ("count", *by_count)):
        code = by_start.get(start) or by_cut.get(cut) or by_count.get(by)
        if code:
            mistaken.setdefault(code, []).append(score(codes, S, net, start, cut, by))

    def bits(chosen: np.ndarray) -> float:
        return float(-chosen.mean() / np.log(2))

    whole = (N - 1) // S * S
    overlapping = [sum(len(codes[i : i + S + 1]) for i in range(0, last, S)) for last in (N - 1, N)]
    mistaken["divided"] += [right * (N - 1) / count for count in overlapping]
    return {
        **mistaken,
        "same_letter": [bits(log_p[np.arange(N), codes]), bits(log_p[np.arange(N - 1), x])],
        "sees_it": bits(log_p[np.arange(1, N), y]),
        "stale": bits(before[np.arange(N - 1), y]),
        "first_too": bits(before[np.arange(N), codes]),
        "dropped": [bits(log_p[np.arange(whole), y[:whole]])] if 0 < whole < N - 1 else [],
        "nats": nats,
        "summed": [right * (N - 1), nats * (N - 1)],
        "sign": [-right, -nats],
        "perplexity": np.exp(nats),
        "no_bias": [
            score(codes, S, (h_before, W_xh, W_hh, 0 * b_h, W_hq, b_q)),
            score(codes, S, (h_before, W_xh, W_hh, b_h, W_hq, 0 * b_q)),
        ],
    }
