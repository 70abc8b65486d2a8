"""Exercise 05, backpropagation through time: errors, a step back, six gradients, a cut, bugs, a borrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations

import numpy as np

from course_utils.grading.activations import relu, sigmoid, softmax, unguarded_softmax
from course_utils.grading.compare import Wrong, agree, as_numbers, parts, same
from course_utils.grading.questions import Names, question

TITLE = "Backpropagation through time"
# questions 6 to 8 train a network, or ask for one that is trained already
LIMITS = {"call_seconds": 60, "cell_seconds": 60, "total_seconds": 240}

GRADIENTS = ("dW_xh", "dW_hh", "db_h", "dW_hq", "db_q", "dh_before")
MISTAKES = ("no_slope", "flat_path", "flat_weights", "wrong_step", "late_step", "untransposed", "no_past")
MISTAKES += ("piled_up", "shifted", "no_start", "forwards")  # on the way back, see `shares`
AXES = ("D, H", "H, H", "H", "H, Q", "Q", "B, H")
Six = tuple[np.ndarray, ...]  # the gradients above, in this order


def weights(rng: np.random.Generator, D: int, H: int, Q: int) -> list[np.ndarray]:
    """W_xh, W_hh, b_h, W_hq, b_q: no unit is saturated, no bias is near zero, no shape is another's."""
    W_xh, W_hh = rng.standard_normal((D, H)) / 2, rng.standard_normal((H, H)) * 0.7 / np.sqrt(H / 3)
    b_h = rng.uniform(0.3, 0.6, H) * rng.choice([-1.0, 1.0], H)
    return [W_xh, W_hh, b_h, rng.standard_normal((H, Q)), rng.uniform(0.3, 0.8, Q)]


def forward(
    X: np.ndarray,
    h: np.ndarray,
    W_xh: np.ndarray,
    W_hh: np.ndarray,
    b_h: np.ndarray,
    W_hq: np.ndarray,
    b_q: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """The network (5.1): states (T, B, H) and outputs (T, B, Q)."""
    states = []
    for x_t in X:
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.array(states), np.array(states) @ W_hq + b_q


def shares(
    X: np.ndarray,
    E: np.ndarray,
    states: np.ndarray,
    h_before: np.ndarray,
    W_hh: np.ndarray,
    W_hq: np.ndarray,
    mistake: str = "",
) -> tuple[list[np.ndarray], np.ndarray]:
    """What each step adds to the five sums of (5.4), (T, …) each, and the error at h_{-1}, (B, H).

    ``mistake`` names one that is made on the way:
        "no_slope", "flat_path", "flat_weights": no factor 1 - h² at all, none on the way back, none in the
            gradients;
        "wrong_step", "late_step": the factor of the state before, in both places or on the way back only;
        "untransposed": W_hh in place of its transpose;
        "no_past": nothing flows back; "piled_up": what flowed back before is added once more;
        "shifted", "no_start": dW_hh with h_t in place of h_{t-1}, or without h_{-1};
        "forwards": the loop runs from the first step to the last.
    """
    T = len(X)
    before = np.concatenate([h_before[None], states[:-1]])
    slope, late = 1 - states**2, 1 - before**2
    flat = np.ones_like(slope)
    in_path = {"no_slope": flat, "flat_path": flat, "wrong_step": late, "late_step": late}.get(mistake, slope)
    in_weights = {"no_slope": flat, "flat_weights": flat, "wrong_step": late}.get(mistake, slope)
    W_back = W_hh if mistake == "untransposed" else W_hh.T
    back, deltas = np.zeros_like(h_before), np.zeros_like(states)
    for t in range(T) if mistake == "forwards" else reversed(range(T)):
        deltas[t] = E[t] @ W_hq.T + back
        flows = (deltas[t] * in_path[t]) @ W_back
        back = flows * 0 if mistake == "no_past" else back + flows if mistake == "piled_up" else flows
    a = deltas * in_weights
    if mistake == "shifted":
        before = states
    elif mistake == "no_start":
        before = np.concatenate([0 * h_before[None], states[:-1]])

    def each(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.einsum("tbi,tbj->tij", left, right)

    return [each(X, a), each(before, a), a.sum(1), each(states, E), E.sum(1)], back


def gradients(*given: np.ndarray, mistake: str = "") -> Six:
    """The six gradients (5.4); for the arguments see :func:`shares`."""
    each, dh_before = shares(*given, mistake=mistake)
    return (*(share.sum(0) for share in each), dh_before)


def compare_six(
    got: object, right: Six, mistaken: Mapping[str, Sequence[Six]], letters: Mapping[str, int]
) -> None:
    """Pass when six gradients are right. A mistake that explains all of them is told before one of a part."""
    found = [as_numbers(g, name) for g, name in zip(parts(got, *GRADIENTS), GRADIENTS, strict=True)]
    off = [k for k in range(6) if not agree(found[k], right[k])]
    for code, many in mistaken.items() if off else ():
        for values in many:
            if all(agree(g, v) for g, v in zip(found, values, strict=True)):
                raise Wrong(code, _which(found, right, off))
    for k, (name, axes) in enumerate(zip(GRADIENTS, AXES, strict=True)):
        foreseen = {code: [values[k] for values in many] for code, many in mistaken.items()}
        same(found[k], right[k], name, axes=axes, letters=letters, mistakes=foreseen)


def _which(found: Sequence[np.ndarray], right: Six, off: Sequence[int]) -> str:
    """One line: which of six gradients are not right, and the number that is farthest off."""
    names = ", ".join(f"`{GRADIENTS[k]}`" for k in off)
    told = "none of the six is right" if len(off) == 6 else f"not right: {names}"
    k = off[0]
    place = np.unravel_index(np.abs(found[k] - right[k]).argmax(), right[k].shape)
    where = f"`{GRADIENTS[k]}[{', '.join(str(int(n)) for n in place)}]`"
    return f"{told}; {where} is {found[k][place]:.6g}, expected {right[k][place]:.6g}"


# --- q1 -----------------------------------------------------------------------------------------------------


@question(
    "The error at the output",
    points=2,
    asks=["error_squared(y_hat, y)", "error_cross_entropy(z, y)"],
    hints={
        "sign": (
            "The sign is wrong: every error is minus the right one.",
            "A gradient points uphill. Who says too much has a positive error: said minus true.",
        ),
        "no_mean": (
            "The loss is averaged over the batch, and your errors do not know of it.",
            "Each sequence has the weight 1/B in the loss. So each error has it too: divide by B.",
        ),
        "by_time": (
            "You divide by the number of steps. The loss is *summed* over time.",
            "Only the batch is averaged, and B is the second axis: `shape[1]`.",
        ),
        "by_all": (
            "You divide by more than the batch, as a mean over all numbers would.",
            "The loss is a sum over time and outputs and a mean over the batch: divide by B only.",
        ),
        "doubled": (
            "Every error is twice the right one.",
            "The loss has a half in front, and the 2 of the square's derivative takes it away.",
        ),
        "halved": (
            "Every error is half the right one.",
            "The half in the loss meets the 2 from the square's derivative: nothing of the two is left.",
        ),
        "loss": (
            "That is the loss, number by number. Asked for is its derivative.",
            "The derivative of (ŷ - y)² / 2 by ŷ is ŷ - y.",
        ),
        "no_softmax": (
            "The logits went in as they are: these are no probabilities.",
            "First the softmax along the last axis, then minus 1 where the right class is.",
        ),
        "logistic": (
            "Each logit went through a logistic function by itself.",
            "The Q classes share one probability: exponentials, divided by their sum over the last axis.",
        ),
        "axis": (
            "Your softmax runs along the wrong axis: the probabilities of a case do not add up to 1.",
            "z is (T, B, Q), and the classes are the last axis: `axis=-1, keepdims=True`.",
        ),
        "no_target": (
            "These are the probabilities. What was right plays no part in them.",
            "Take 1 away at the right class of each step and sequence: probabilities minus one-hot target.",
        ),
        "everywhere": (
            "You take 1 away in too many places.",
            "`p[:, :, y]` means something else. One entry a case: `np.eye(Q)[y]` is (T, B, Q).",
        ),
        "target_only": (
            "Only the right class has an error; the others were too likely, all of them.",
            "Each class that was not meant has its probability as its error: it has to come down.",
        ),
        "by_probability": (
            "That is the derivative by the probabilities. Asked for is the one by the logits z.",
            "Take it through the softmax as well. Nearly everything cancels: p minus the one-hot target.",
        ),
        "softmax_twice": (
            "The derivative of the softmax is in it once too often.",
            "p minus the one-hot target has the softmax's derivative in it already.",
        ),
        "overflow": (
            "Large logits break it: their exponential is infinite.",
            "A softmax does not change when a number is taken from all logits of a case. Take away their "
            "maximum, and no exponential is larger than 1.",
        ),
        "one_maximum": (
            "You take away one maximum for all cases. Those that lie far below it become 0 / 0.",
            "Each case has its own: `z.max(axis=-1, keepdims=True)`.",
        ),
        "clipped": (
            "Logits that were cut off are all alike, and so are their probabilities.",
            "Do not cut. Take the maximum of each case away: that changes no probability.",
        ),
        "shape": (
            "There is an error for every step, every sequence and every output: do not add any up.",
            "What comes in has three axes, (T, B, Q), and so has what goes out.",
        ),
        "raised": (
            "Something does not fit. y holds class numbers and is (T, B), z is (T, B, Q).",
            "`np.eye(Q)[y]` makes one-hot rows of the class numbers, shape (T, B, Q).",
        ),
        "mutated": (
            "You write into the caller's array.",
            "`p = z` is a second name for the same array, and `z -= …` writes into it: `z = z - …` does not.",
        ),
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    T, B, Q = int(rng.integers(6, 8)), int(rng.integers(4, 6)), 3
    letters = {"T": T, "B": B, "Q": Q}
    y_hat, y = rng.standard_normal((T, B, Q)), rng.standard_normal((T, B, Q))
    gap = y_hat - y

    def scaled(error: np.ndarray, Q: int) -> dict[str, object]:
        return {
            "sign": [-error / B, -error],
            "no_mean": error,
            "by_time": error / T,
            "by_all": [error / (T * B), error / (T * B * Q), error / (B * Q)],
        }

    same(
        s.error_squared(y_hat, y),
        gap / B,
        "error_squared(y_hat, y)",
        axes="T, B, Q",
        letters=letters,
        mistakes={
            **scaled(gap, Q),
            "doubled": [2 * gap / n for n in (1, B, T * B, T * B * Q)],
            "halved": [gap / 2 / n for n in (1, B, T * B, T * B * Q)],
            "loss": [gap**2 / 2 / B, gap**2 / B, gap**2 / 2, gap**2],
            "shape": [gap.sum(1) / B, gap.sum(1), gap.sum(0) / B, (gap**2).sum() / 2 / B],
        },
    )

    Q = int(rng.integers(6, 9))
    letters = {"T": T, "B": B, "Q": Q}
    z, classes = rng.uniform(-2, 2, (T, B, Q)), rng.integers(0, Q, (T, B))
    one_hot, p = np.eye(Q)[classes], softmax(z)
    error = p - one_hot
    hit = np.isin(np.arange(Q), classes)
    same(
        s.error_cross_entropy(z, classes),
        error / B,
        "error_cross_entropy(z, y)",
        axes="T, B, Q",
        letters=letters,
        mistakes={
            **scaled(error, Q),
            "no_softmax": [(z - one_hot) / n for n in (1, B)],
            "logistic": [(sigmoid(z) - one_hot) / n for n in (1, B)],
            "axis": [
                (wrong - one_hot) / n
                for wrong in (softmax(z, 0), softmax(z, 1), np.exp(z) / np.exp(z).sum())
                for n in (1, B)
            ],
            "no_target": [p, p / B],
            "everywhere": [(p - 1) / n for n in (1, B)] + [(p - hit) / n for n in (1, B)],
            "target_only": [error * one_hot / n for n in (1, B)] + [(p * one_hot - one_hot) / B],
            "by_probability": [-one_hot / p / n for n in (1, B)],
            "softmax_twice": [error * p * (1 - p) / n for n in (1, B)],
            "loss": [-np.log(p) * one_hot / n for n in (1, B)] + [-np.log((p * one_hot).sum(-1)) / B],
            "shape": [error.sum(1) / B, error.sum(0) / B],
        },
    )

    large = z + rng.choice([-2000.0, 50.0, 3000.0], (T, B, 1))
    large[0, 0] += 3000 - large[0, 0].max()
    large[0, 1] += -2000 - large[0, 1].max()
    got = as_numbers(s.error_cross_entropy(large, classes), "error_cross_entropy(large z, y)")
    bad = ~np.isfinite(got)
    if got.shape == large.shape and bad.any():
        alone = not bad[0, 0].any()  # the largest of all is all right
        line = f"`error_cross_entropy(large z, y)` holds NaN or infinity in {int(bad.any(-1).sum())} of "
        line += f"{T * B} cases; the logits run from {large.min():.0f} to {large.max():.0f}"
        raise Wrong("one_maximum" if alone else "overflow", line)
    same(
        got,
        (softmax(large) - one_hot) / B,
        "error_cross_entropy(large z, y)",
        axes="T, B, Q",
        letters=letters,
        mistakes={
            "clipped": [
                (softmax(np.clip(large, -most, most)) - one_hot) / B
                for most in (30, 50, 100, 200, 300, 500, 700, 709)
            ],
            "overflow": [
                (np.nan_to_num(unguarded_softmax(large), nan=fill) - one_hot) / B
                for fill in (0.0, 1.0, 1 / Q)
            ],
        },
    )


# --- q2 -----------------------------------------------------------------------------------------------------


@question(
    "One step back",
    points=2,
    asks=["step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq)"],
    hints={
        "no_slope": (
            "The tanh is missing: the error passes it as if it were a straight line.",
            "On its way from h_{t+1} to h_t the error goes through a tanh, whose slope is 1 - h_{t+1}².",
        ),
        "wrong_step": (
            "You take the slope of the tanh that made h_t. The error has not come that far yet.",
            "Between h_{t+1} and h_t there is one tanh, the one that made h_{t+1}: use `h_next`.",
        ),
        "slope_after": (
            "The slope is multiplied in on the wrong side of W_hh.",
            "Going back, the tanh comes first and W_hh second: (δ ⊙ slope) W_hhᵀ. They do not commute.",
        ),
        "too_far": (
            "You have gone one tanh too far: that is the error *before* the tanh of h_t.",
            "δ_t is the derivative by h_t itself. The slope of h_t belongs to the next step back.",
        ),
        "own_slope": (
            "The error of this step's own output goes through a slope. It need not.",
            "From the output to h_t there is only W_hq, and no tanh: e_t W_hqᵀ as it is.",
        ),
        "untransposed": (
            "W_hh is used the wrong way round. It is square, so the shapes did not complain.",
            "Forwards h stands before W_hh; backwards the error goes through its transpose, `W_hh.T`.",
        ),
        "no_own_error": (
            "The error of this step's own output is forgotten.",
            "h_t reaches the loss on two ways: directly, through its own output, and through h_{t+1}.",
        ),
        "no_later": (
            "Nothing comes back from the steps after this one: that is the immediate part only.",
            "h_t reaches the loss on two ways. Add what comes back from h_{t+1}.",
        ),
        "other_slope": (
            "That is the slope of something else than this tanh.",
            "The slope of the tanh, told by its *result* h, is 1 - h². h has gone through the tanh already.",
        ),
        "elementwise": (
            "`*` multiplies entry by entry: each unit would answer for itself alone.",
            "Every unit has spoken to every other: a matrix product with W_hh.T.",
        ),
        "added": (
            "δ of the next step comes in once more, as it is.",
            "There is no way from h_t to h_{t+1} but through W_hh and the tanh.",
        ),
        "shared": (
            "You added up over the batch, and so all sequences have one error.",
            "Row b of the error belongs to sequence b. The sum over the batch comes with the weights, (5.4).",
        ),
        "raised": (
            "A product does not fit. e_t is (B, Q) and W_hq is (H, Q): which of them has to be turned?",
            "Rows are cases. (B, Q) @ (Q, H) gives (B, H): `e_t @ W_hq.T`.",
        ),
        "transposed": "Rows are the sequences of the batch, columns the units: (B, H).",
        "mutated": (
            "You write into the caller's array: `delta_next` is needed for the gradients, too.",
            "`delta_next *= …` changes the array that came in; `delta_next * …` makes a new one.",
        ),
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    B, H, Q = 3, int(rng.integers(5, 8)), 2
    _, W_hh, _, W_hq, _ = weights(rng, 4, H, Q)
    e, later = rng.standard_normal((B, Q)), rng.standard_normal((B, H))
    h, h_next = rng.uniform(0.3, 0.95, (2, B, H)) * rng.choice([-1.0, 1.0], (2, B, H))
    slope, late = 1 - h_next**2, 1 - h**2
    own, back = e @ W_hq.T, (later * slope) @ W_hh.T
    right = own + back
    through = later @ W_hh.T
    other = [1 - h_next, 1 - np.abs(h_next), h_next * (1 - h_next), 1 - np.tanh(h_next) ** 2, 1 + h_next**2]
    other += [h_next**2, np.sqrt(slope), 1 / np.cosh(h_next), slope**2, 1 - 2 * h_next]
    same(
        s.step_back(e, later, h, h_next, W_hh, W_hq),
        right,
        "step_back(e_t, delta_next, …)",
        axes="B, H",
        letters={"B": B, "H": H, "Q": Q},
        mistakes={
            "no_slope": own + through,
            "wrong_step": [own + (later * late) @ W_hh.T, own + through * late],
            "slope_after": own + through * slope,
            "too_far": [right * late, (own + through) * late, (own + through) * slope, right * slope],
            "own_slope": [own * late + back, own * slope + back],
            "untransposed": [own + (later * slope) @ W_hh, own + later @ W_hh],
            "no_own_error": [back, through],
            "no_later": [own, own * late],
            "other_slope": [own + (later * f) @ W_hh.T for f in other],
            "elementwise": [own + later * slope * np.diag(W_hh), own + later * slope],
            "added": [right + later, own + later + through],
            "shared": [np.broadcast_to(f(right), right.shape) for f in (_sum0, _mean0)]
            + [own + f(back) for f in (_sum0, _mean0)]
            + [f(own) + back for f in (_sum0, _mean0)]
            + [_sum0(right), _mean0(right)],
        },
    )


def _sum0(x: np.ndarray) -> np.ndarray:
    return x.sum(0)


def _mean0(x: np.ndarray) -> np.ndarray:
    return x.mean(0)


# --- q3 -----------------------------------------------------------------------------------------------------

ON_THE_WAY = {
    "no_slope": (
        "A slope of the tanh is missing: in the gradients, on the way back, or in both.",
        "δ_t meets 1 - h_t² twice: before it enters the weights that made h_t, and before it goes back "
        "through W_hh. It is the same product both times; compute it once.",
    ),
    "wrong_step": (
        "The slope is taken of the state one step too early.",
        "δ_t belongs to h_t, and the tanh that made h_t has the slope 1 - h_t²: the same t.",
    ),
    "untransposed": (
        "On the way back W_hh is used the wrong way round. It is square, so the shapes did not complain.",
        "Forwards h stands before W_hh; backwards the error goes through its transpose, `W_hh.T`.",
    ),
    "no_past": (
        "No error flows back into the past: each step learns from its own output alone.",
        "That is the stopped gradient of chapter 03. Carry the error on: the next δ begins with what this "
        "one sends back through the tanh and W_hh.",
    ),
    "piled_up": (
        "What was sent back at one step is sent back again at all earlier ones.",
        "Two kinds of sums: gradients of weights add up over time, `+=`; the error on the way back is "
        "*replaced* at each step, `=`.",
    ),
    "shifted": (
        "A state meets the error of the wrong step in `dW_hh`, or in `dW_hq`.",
        "W_hh carried h_{t-1} into h_t, so h_{t-1} meets the error at h_t. W_hq carried h_t to the output.",
    ),
    "no_start": (
        "The step from h_{-1} to h_0 adds nothing to your `dW_hh`.",
        "W_hh is used T times, and the first time it is `h_before` that goes through it.",
    ),
    "forwards": (
        "Your loop runs from the first step to the last. The error travels the other way.",
        "`for t in reversed(range(T))`: what happened last is judged first.",
    ),
    "last_loss": (
        "Only the loss of the last step is taken back. There is one at every step.",
        "E[t] enters at every t: add E[t] W_hqᵀ to what comes back from the step after.",
    ),
}


@question(
    "All the way back",
    points=4,
    asks=["bptt(X, E, states, h_before, W_hh, W_hq)"],
    hints={
        **ON_THE_WAY,
        "one_step": (
            "A gradient holds what one single step has to say, not the sum over all.",
            "The same weights were used at every step: start at zero before the loop, and `+=` inside it.",
        ),
        "averaged": (
            "A gradient is divided by the number of steps. The loss is a sum over time.",
            "Add the steps up and leave it at that. The mean over the batch is in E already.",
        ),
        "batch_twice": (
            "The batch is averaged twice.",
            "E has the 1/B in it already, see (5.2). The products add up over the batch: divide no more.",
        ),
        "not_summed": (
            "One axis is left over: a weight has one gradient, the sum over all steps and sequences.",
            "`X[t].T @ …` adds up over the batch, a loop with `+=` over time; `.sum(axis=(0, 1))` does both.",
        ),
        "exchanged": (
            "The gradients are not in the order that was asked for.",
            "dW_xh, dW_hh, db_h for the hidden layer; dW_hq, db_q for the output; dh_before at the end.",
        ),
        "start": (
            "The error at `h_before` stops short: between h_{-1} and the loss lie a tanh and W_hh.",
            "What the step t = 0 sends back, through its slope and W_hhᵀ, *is* the gradient of h_{-1}.",
        ),
        "start_shape": (
            "Each sequence of the batch has an initial state of its own, and so has its gradient.",
            "dh_before is (B, H), like h_before. Do not add up over the batch.",
        ),
        "sign": (
            "A gradient has the wrong sign.",
            "The minus belongs to the step downhill, W - rate · dW, not to the gradient.",
        ),
        "transposed": (
            "A gradient stands the wrong way round. It must look like its weight.",
            "Input on the left, error on the right: `X[t].T @ a` is (D, B) @ (B, H) = (D, H).",
        ),
        "type": "Six arrays are asked for: `return dW_xh, dW_hh, db_h, dW_hq, db_q, dh_before`.",
        "raised": (
            "A product does not fit. Print the shapes at one t: X[t] (B, D), states[t] (B, H), E[t] (B, Q).",
            "A weight's gradient is (what went in)ᵀ @ (the error at what came out).",
        ),
        "mutated": (
            "You write into an array that was handed to you.",
            "`delta = E[t] @ W_hq.T` is a new array, `states[t] *= …` is not. Does `prev = h_before` change?",
        ),
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H, Q = int(rng.integers(7, 9)), 3, 4, int(rng.integers(5, 7)), 2
    net = weights(rng, D, H, Q)
    X, h_before = rng.standard_normal((T, B, D)), rng.uniform(0.2, 0.9, (B, H))
    states, _ = forward(X, h_before, *net)
    given = (X, rng.standard_normal((T, B, Q)) / B, states, h_before, net[1], net[3])
    right = gradients(*given)
    got = s.bptt(*given)

    found = [as_numbers(g, name) for g, name in zip(parts(got, *GRADIENTS), GRADIENTS, strict=True)]
    for order in permutations(range(6)):
        if order != tuple(range(6)) and all(agree(found[k], right[i]) for k, i in enumerate(order)):
            told = ", ".join(GRADIENTS[i] for i in order)
            raise Wrong("exchanged", f"six right gradients came back, in the order {told}")
    if found[5].shape in ((H,), (1, H)):
        raise Wrong("start_shape", f"`dh_before` has shape {found[5].shape}, expected {(B, H)} = (B, H)")
    compare_six(got, right, _mistaken(given, right), {"T": T, "B": B, "D": D, "H": H, "Q": Q})


def _mistaken(given: tuple[np.ndarray, ...], right: Six) -> dict[str, list[Six]]:
    """What foreseen mistakes give, by their codes: six gradients each, to be told as a whole."""
    X, E, states, h_before, W_hh, W_hq = given
    T, B = X.shape[:2]
    each, _ = shares(*given)
    made = {name: gradients(*given, mistake=name) for name in MISTAKES}
    last_only = np.concatenate([0 * E[:-1], E[-1:]])
    lost = gradients(X, last_only, *given[2:])
    delta_0 = E[0] @ W_hq.T + gradients(X[1:], E[1:], states[1:], states[0], W_hh, W_hq)[5]
    slope_0 = 1 - states[0] ** 2
    no_past = (E[0] @ W_hq.T * slope_0) @ W_hh.T  # at h_{-1}, from the first output alone
    late_hq = np.einsum("tbi,tbj->ij", np.concatenate([h_before[None], states[:-1]]), E)

    def but(**wrong: np.ndarray) -> Six:
        return tuple(wrong.get(name, value) for name, value in zip(GRADIENTS, right, strict=True))

    def divided(n: int) -> list[Six]:
        return [tuple(g / n for g in right), (*(g / n for g in right[:5]), right[5])]

    return {
        "one_step": [(*(share[t] for share in each), right[5]) for t in (0, T - 1)]
        + [but(**{GRADIENTS[k]: each[k][t]}) for t in (0, T - 1) for k in range(5)],
        "no_slope": [
            *(made[name] for name in ("no_slope", "flat_path", "flat_weights")),
            but(db_h=made["flat_weights"][2]),
        ],
        "wrong_step": [made["wrong_step"], made["late_step"]],
        "untransposed": [made["untransposed"]],
        "start": [
            but(dh_before=value)
            for value in (delta_0, delta_0 * slope_0, delta_0 @ W_hh.T, (delta_0 * slope_0) @ W_hh)
        ],
        "no_past": [made["no_past"], (*made["no_past"][:5], no_past)],
        "piled_up": [made["piled_up"]],
        "shifted": [made["shifted"], but(dW_hq=late_hq), (*made["shifted"][:3], late_hq, *right[4:])],
        "no_start": [made["no_start"]],
        "forwards": [made["forwards"], (*made["forwards"][:5], right[5])],
        "last_loss": [lost, (*lost[:3], *right[3:5], lost[5])],
        "averaged": divided(T),
        "batch_twice": divided(B),
    }


# --- q4 -----------------------------------------------------------------------------------------------------


@question(
    "Cut after k steps",
    points=3,
    asks=["truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k)"],
    hints={
        "leaks": (
            "An error crosses the cut: what came back is the full gradient.",
            "Each piece starts its way back with nothing behind it: the error that comes from the next piece "
            "is zero at a border.",
        ),
        "reset": (
            "At a border the network loses its state. Only the *gradient* is cut.",
            "Forwards nothing changes: the last state of a piece is the initial state of the next.",
        ),
        "one_more": (
            "Your pieces are one step longer than k.",
            "A piece holds k steps: piece number i runs from i·k up to, not including, (i + 1)·k.",
        ),
        "one_less": (
            "Your pieces are one step shorter than k.",
            "A piece holds k steps: piece number i runs from i·k up to, not including, (i + 1)·k.",
        ),
        "from_the_end": (
            "You count the pieces from the end of the series. They begin at t = 0.",
            "`range(0, T, k)` gives the first steps of all pieces. The last piece may be the short one.",
        ),
        "sliding": (
            "You let every loss look k steps back, wherever it stands. That is another truncation, and a "
            "dearer one.",
            "Here the series is cut into pieces of k steps, and a loss reaches back to the beginning of its "
            "piece, not further.",
        ),
        "one_piece": (
            "One piece only has a say in your gradients.",
            "Add up the gradients of all pieces.",
        ),
        "dropped": (
            "The last piece, shorter than the others, is left out.",
            "`range(0, T, k)` reaches it, and a slice `X[t : t + k]` may be shorter than k.",
        ),
        "divided": (
            "Your gradients are a mean over the pieces, or over the steps. The loss is a sum over time.",
            "Add up what the pieces give, and divide by nothing.",
        ),
        "start": (
            "`dh_before` is not what the first piece sends back to h_{-1}.",
            "The gradients at the other pieces' initial states are just what is cut off: leave them.",
        ),
        "no_start": (
            "At the first step of a piece the state before it adds nothing to your `dW_hh`.",
            "The error stops at the border, but the state that came over it went through W_hh all the same.",
        ),
        "no_mean": (
            "The loss is averaged over the batch, and your gradients do not know of it.",
            "e_t = (ŷ_t - y_t) / B, as in question 1.",
        ),
        "doubled": (
            "Every gradient is twice the right one.",
            "The loss has a half in front: e_t = (ŷ_t - y_t) / B.",
        ),
        "raised": (
            "Something does not fit. Print for each piece the shapes of inputs, states and errors.",
            "All arrays of a piece have the same first axis: k, or what is left at the end.",
        ),
        "mutated": (
            "You write into an array that was handed to you.",
            "`h = h_before` is a second name for the same array, and `h[:] = …` or `h += …` writes into it.",
        ),
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H, Q = 11, 4, 3, int(rng.integers(5, 7)), 2
    letters = {"T": T, "B": B, "D": D, "H": H, "Q": Q}
    net = weights(rng, D, H, Q)
    X, Y = rng.standard_normal((T, B, D)), 2 * rng.standard_normal((T, B, Q))
    h_before = rng.uniform(0.2, 0.9, (B, H))
    for k in (4, 3, 1, T, T + 3):
        got = s.truncated_bptt(X, Y, h_before, *net, k)
        right = truncated(X, Y, h_before, net, k)
        try:
            compare_six(got, right, _cut_wrongly(X, Y, h_before, net, k), letters)
        except Wrong as wrong:
            raise Wrong(wrong.code, f"with T={T}, k={k}: {wrong.line}") from None


def pieces(
    X: np.ndarray,
    Y: np.ndarray,
    h_before: np.ndarray,
    net: Sequence[np.ndarray],
    starts: Sequence[int],
    start: str = "carried",
    mistake: str = "",
) -> list[Six]:
    """The six gradients of each piece of the series; ``starts`` are their first steps.

    Args:
        start: of a piece: "carried" is right; "zeros" or "again", from h_before.
        mistake: as in :func:`shares`.
    """
    found, h, B = [], h_before, X.shape[1]
    for first, end in zip(starts, [*starts[1:], len(X)], strict=True):
        states, outputs = forward(X[first:end], h, *net)
        E = (outputs - Y[first:end]) / B
        found.append(gradients(X[first:end], E, states, h, net[1], net[3], mistake=mistake))
        h = {"zeros": 0 * h, "again": h_before}.get(start, states[-1])
    return found


def added(found: Sequence[Six]) -> Six:
    """The sum over pieces; the initial state's gradient is that of the first."""
    return (*(sum(piece[k] for piece in found) for k in range(5)), found[0][5])


def truncated(X: np.ndarray, Y: np.ndarray, h_before: np.ndarray, net: Sequence[np.ndarray], k: int) -> Six:
    """Truncated backpropagation through time: pieces of k steps, the state carried, the gradient stopped."""
    return added(pieces(X, Y, h_before, net, range(0, len(X), k)))


def _cut_wrongly(
    X: np.ndarray, Y: np.ndarray, h_before: np.ndarray, net: Sequence[np.ndarray], k: int
) -> dict[str, list[Six]]:
    """What foreseen mistakes give, by their codes."""
    (T, B), starts = X.shape[:2], range(0, len(X), k)
    found = pieces(X, Y, h_before, net, starts)
    right = added(found)
    full = truncated(X, Y, h_before, net, T)
    reset = [pieces(X, Y, h_before, net, starts, start) for start in ("zeros", "again")]
    states, outputs = forward(X, h_before, *net)
    E = (outputs - Y) / B
    before = [h_before, *states]
    whole = found[: T // k] or found
    unled = added(found)[1] - sum(
        _first_share(X[t:], E[t:], states[t:], before[t], net, min(k, T - t)) for t in starts
    )
    return {
        "leaks": [full],
        "reset": [added(r) for r in reset]
        + [(*added(r)[:5], f) for r in reset for f in (_total(r), r[-1][5])],
        "one_more": [truncated(X, Y, h_before, net, k + 1)],
        "one_less": [truncated(X, Y, h_before, net, k - 1)] if k > 1 else [],
        "from_the_end": [added(pieces(X, Y, h_before, net, [0, *range(T % k, T, k)]))]
        if T % k and k < T
        else [],
        "sliding": [_sliding(X, E, states, h_before, net, n) for n in (k, k + 1)],
        "one_piece": [(*found[i][:5], dh) for i in (0, -1) for dh in (found[0][5], found[-1][5])],
        "dropped": [added(whole)],
        "divided": [
            (*(g / n for g in right[:5]), dh / m)
            for n in (len(found), T, k)
            for m in (1, n)
            for dh in (right[5], _total(found))
        ],
        "start": [(*right[:5], dh) for dh in (_total(found), found[-1][5], full[5], 0 * right[5])],
        "no_start": [(right[0], unled, *right[2:])],
        "no_mean": [tuple(g * B for g in right), tuple(2 * g * B for g in right)],
        "doubled": [tuple(2 * g for g in right)],
    }


def _total(found: Sequence[Six]) -> np.ndarray:
    return sum(piece[5] for piece in found)


def _first_share(
    X: np.ndarray, E: np.ndarray, states: np.ndarray, h: np.ndarray, net: Sequence[np.ndarray], steps: int
) -> np.ndarray:
    """What the first of some steps adds to dW_hh."""
    return shares(X[:steps], E[:steps], states[:steps], h, net[1], net[3])[0][1][0]


def _sliding(
    X: np.ndarray, E: np.ndarray, states: np.ndarray, h_before: np.ndarray, net: Sequence[np.ndarray], k: int
) -> Six:
    """The other truncation: every loss goes k steps back, counting its own."""
    before, total = [h_before, *states], [np.zeros_like(W) for W in (*net, h_before)]
    for t in range(len(X)):
        first = max(0, t - k + 1)
        alone = np.zeros_like(E[first : t + 1])
        alone[-1] = E[t]
        given = X[first : t + 1], alone, states[first : t + 1], before[first], net[1], net[3]
        *five, dh = gradients(*given)
        for sum_, g in zip(total, (*five, dh if first == 0 else 0 * dh), strict=True):
            sum_ += g
    return tuple(total)


# --- q5 -----------------------------------------------------------------------------------------------------


@question(
    "The valley that remembers strangers",
    points=3,
    asks=["train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate)"],
    hints={
        "as_it_was": (
            "It does what the program does: both mistakes are still in it.",
            "Ask of each name what it holds when a loop begins anew: `h`, when a batch does, and `dW_hh`, "
            "when a step does.",
        ),
        "leak": (
            "A batch still begins in the state in which the one before it ended.",
            "Other sequences, other memories: set h to zeros inside the loop over the batches, before the "
            "first step.",
        ),
        "one_share": (
            "`dW_hh` still holds what one single step has to say. Look at your W_hh before and after: with "
            "an initial state of zeros it has not moved at all.",
            "The loop over t goes back to t = 0, and the last share that it finds is the one that stays. "
            "Add the shares up: `+=`.",
        ),
        "one_share_all": (
            "Several gradients hold what one single step has to say, not the sum over all.",
            "All six sums of (5.4) run over t: `+=`, into arrays that are zero when a batch begins.",
        ),
        "carried_gradient": (
            "The gradients of one batch are still there when the next begins.",
            "Set all five to zero for each batch, before the loop over t.",
        ),
        "averaged": (
            "You divide the gradients by the number of steps. The loss is a sum over time.",
            "Add the shares up and leave it at that.",
        ),
        "reset": (
            "Now the state is thrown away at every step: nothing is remembered, and the echo cannot come.",
            "Zeros once for each batch, before its first step; within a sequence the state is handed on.",
        ),
        "no_past": (
            "The error no longer flows back from step to step.",
            "What a step sends back, `a @ W_hh.T`, must reach the next turn of the loop; it is zero once for "
            "each batch.",
        ),
        "every_step": (
            "The weights change in the middle of a sequence.",
            "All steps of a sequence used the same weights. Add up first; one step downhill for each batch.",
        ),
        "all_at_once": (
            "There is one step downhill for all batches together.",
            "After each batch the weights change, and the next batch is run with the new ones.",
        ),
        "last_batch": (
            "Each batch starts again from the weights that you were given: only the last one counts.",
            "The step downhill goes from the present weights: `W_hh = W_hh - rate * dW_hh`.",
        ),
        "uphill": (
            "The weights go uphill: the loss grows.",
            "Minus the rate times the gradient.",
        ),
        "frozen": (
            "Some weights come back as they went in.",
            "All five take their step downhill, and the new ones are returned.",
        ),
        "batch_size": (
            "The loss is averaged over the batch, once.",
            "E has the 1/B in it, (5.2); nothing else is divided.",
        ),
        "raised": (
            "Something does not fit. `batches` is a list of pairs: X is (T, B, D), Y is (T, B, Q).",
            "Zeros of shape (B, H) for the state: `np.zeros((X.shape[1], len(b_h)))`.",
        ),
        "mutated": (
            "The caller's own weights have changed: a second run would begin where this one ended.",
            "`W_hh -= …` writes into the array that came in. `W_hh = W_hh - …` makes a new one.",
        ),
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    B, D, H, Q = 4, 3, int(rng.integers(5, 7)), 2
    net, rate = weights(rng, D, H, Q), 0.05
    batches = [
        [rng.standard_normal((T, B, D)), 2 * rng.standard_normal((T, B, Q))]
        for T in (int(rng.integers(6, 8)), 5, 8)
    ]
    names = ("W_xh", "W_hh", "b_h", "W_hq", "b_q")
    got = parts(s.train(batches, *net, rate), *names)
    found = [as_numbers(g, name) for g, name in zip(got, names, strict=True)]
    right = trained(batches, net, rate)
    mistaken = _trained_wrongly(batches, net, rate)
    for code, many in mistaken.items():
        for values in many:
            if all(agree(g, v) for g, v in zip(found, values, strict=True)):
                k = next(k for k in range(5) if not agree(values[k], right[k]))
                place = (0,) * right[k].ndim
                line = f"after {len(batches)} batches `{names[k]}{list(place)}` is {found[k][place]:.6g}, "
                raise Wrong(
                    code, f"{line}expected {right[k][place]:.6g}; it was {net[k][place]:.6g} at first"
                )
    for k, (name, axes) in enumerate(zip(names, AXES[:5], strict=True)):
        foreseen = {"frozen": net[k], "uphill": 2 * net[k] - right[k]}
        same(found[k], right[k], name, axes=axes, letters={"D": D, "H": H, "Q": Q}, mistakes=foreseen)


Batches = Sequence[Sequence[np.ndarray]]


def trained(
    batches: Batches,
    net: Sequence[np.ndarray],
    rate: float,
    leak: bool = False,
    mistake: str = "",
    share: Sequence[int] = (),
    divide: str = "",
    update: str = "batch",
    frozen: int | None = None,
) -> tuple[np.ndarray, ...]:
    """The five weights after one step downhill for each batch, or with the mistakes that are named.

    Args:
        leak: a batch begins in the last state of the one before it.
        mistake: as in :func:`shares`; "reset" gives every step a state of zeros.
        share: the numbers of the gradients of which only the first step's share is taken.
        divide: gradients also by "T", by "B", or errors "not" by B.
        update: "batch" is right; "together", once; "piled", with all gradients so far; "last", from the
            first weights each time; "none".
        frozen: the number of the weight that is never changed.
    """
    first = now = tuple(net)
    h, total = None, None
    for X, Y in batches:
        T, B = X.shape[:2]
        used = first if update in ("together", "last") else now
        if h is None or not leak:
            h = np.zeros((B, len(net[2])))
        if mistake == "reset":
            states = np.tanh(X @ used[0] + used[2])
        else:
            states, _ = forward(X, h, *used)
        E = (states @ used[3] + used[4] - Y) / (1 if divide == "not" else B)
        if mistake == "reset":
            a = E @ used[3].T * (1 - states**2)
            each = [np.einsum("tbi,tbj->tij", X, a), np.zeros((T, *used[1].shape)), a.sum(1)]
            each += [np.einsum("tbi,tbj->tij", states, E), E.sum(1)]
        else:
            each, _ = shares(X, E, states, h, used[1], used[3], mistake)
        h = states[-1]
        by = {"T": T, "B": B}.get(divide, 1)
        g = [(e[0] if k in share else e.sum(0)) / by for k, e in enumerate(each)]
        if update in ("together", "piled"):
            total = g if total is None else [x + y for x, y in zip(total, g, strict=True)]
            g = total
        if update != "none":
            base = first if update in ("together", "last") else now
            steps = [0.0 if k == frozen else rate * dW for k, dW in enumerate(g)]
            now = tuple(W - step for W, step in zip(base, steps, strict=True))
    return now


def _every_step(batches: Batches, net: Sequence[np.ndarray], rate: float) -> tuple[np.ndarray, ...]:
    """A step downhill after every time step on the way back, with that step's share."""
    W = list(net)
    for X, Y in batches:
        h = np.zeros((X.shape[1], len(W[2])))
        states, outputs = forward(X, h, *W)
        E, before = (outputs - Y) / X.shape[1], [h, *states]
        back = 0.0
        for t in reversed(range(len(X))):
            a = (E[t] @ W[3].T + back) * (1 - states[t] ** 2)
            back = a @ W[1].T
            g = X[t].T @ a, before[t].T @ a, a.sum(0), states[t].T @ E[t], E[t].sum(0)
            W = [w - rate * dw for w, dw in zip(W, g, strict=True)]
    return tuple(W)


def _trained_wrongly(
    batches: Batches, net: Sequence[np.ndarray], rate: float
) -> dict[str, list[tuple[np.ndarray, ...]]]:
    """What foreseen mistakes give, by their codes."""

    def run(**wrong: object) -> tuple[np.ndarray, ...]:
        return trained(batches, net, rate, **wrong)

    several = [(0, 1), (0, 1, 2), (0, 1, 2, 3), tuple(range(5)), (0, 1, 3), (1, 3), (1, 2), (1, 4)]
    right = run()
    downhill = [run(mistake=m) for m in ("no_past", "reset")]
    return {
        "as_it_was": [run(leak=True, share=[1])],
        "leak": [run(leak=True)],
        "one_share": [run(share=[1])],
        "one_share_all": [run(share=which, leak=leak) for which in several for leak in (False, True)],
        "carried_gradient": [run(update="piled"), run(update="piled", leak=True)],
        "averaged": [run(divide="T"), run(divide="T", leak=True)],
        "reset": [downhill[1]],
        "no_past": [downhill[0], run(mistake="no_past", leak=True)],
        "every_step": [_every_step(batches, net, rate)],
        "all_at_once": [run(update="together")],
        "last_batch": [run(update="last")],
        "uphill": [trained(batches, net, -rate)],
        "frozen": [
            run(update="none"),
            *(run(frozen=k) for k in range(5)),
            *([net[k] if k == f else right[k] for k in range(5)] for f in range(5)),
        ],
        "batch_size": [run(divide="B"), run(divide="not")],
    }


# --- q6, q7, q8: one network, three times -------------------------------------------------------------------

MOST_UNITS = 64
PLACES, FAR = 8, 60  # binary digits

SUBTRACTS = {
    "one_output": (
        "There is one output. Two are asked for, and the larger one is the digit.",
        "Each column of W_hq and each entry of b_q is an output: (H, 2) and (2,).",
    ),
    "transposed": "The weights stand as the book writes them: W_xh is (2, H), W_hq is (H, 2).",
    "too_large": (
        "That network has more units than are allowed.",
        f"{MOST_UNITS} units are the most. Eight learn it well, and three can do it.",
    ),
    "nan": (
        "There is NaN or infinity among the weights: the training ran away.",
        "A smaller rate, or a sum where there should be a mean over the batch. Print the loss on the way.",
    ),
    "constant": (
        "It says the same number to every pair.",
        "Do the weights that you return come from the end of the training? Print the loss on the way.",
    ),
    "adds": (
        "It adds. That was the chapter's task.",
        "The targets are the digits of a - b.",
    ),
    "no_borrow": (
        "It subtracts each place by itself and never borrows.",
        "What makes it borrow is the state. Does W_hh learn? Does the error travel back through it?",
    ),
    "no_chain": (
        "It borrows from the next place, but forgets a borrow that is itself owed to an earlier one.",
        "In 100 - 001 both places above the lowest are 0 - 0, and both must borrow: the borrow has to be "
        "handed on. Show it longer sequences, or train on.",
    ),
    "swapped": (
        "It computes b - a.",
        "The first input is a, the second b: the first row of W_xh belongs to a.",
    ),
    "inverted": (
        "Every digit is turned round: 1 for 0 and 0 for 1.",
        "Output 0 stands for the digit 0, output 1 for the digit 1. The larger one is read.",
    ),
    "late": (
        "Every digit comes one place late.",
        "The digit of a place is read at the step at which the bits of that place come in.",
    ),
    "start": (
        "It begins as if something had been borrowed already: every answer is one too small.",
        "That is the initial state. Train it together with the weights, or start the training from the very "
        "state that you return.",
    ),
    "other_phi": (
        "With another bend than the tanh this network would be exact.",
        "The grader runs (4.3): a tanh in the hidden layer. Train the network that will be run.",
    ),
    "most_first": (
        "It does better when it is given the highest place first: were its bits turned round?",
        "The lowest place comes first. `np.unpackbits` and `format(n, 'b')` give the highest first.",
    ),
    "type": (
        "Six arrays are asked for: `return W_xh, W_hh, b_h, W_hq, b_q, h_before`.",
        "Not the answers: the weights, and the initial state (H,), zeros if you did not train it.",
    ),
    "shape": (
        "The shapes do not make one network.",
        "H is the length of b_h. W_xh (2, H), W_hh (H, H), W_hq (H, 2), b_q (2,), h_before (H,).",
    ),
    "raised": "Call `subtractor()` in a new cell, and print the shapes on the way.",
}


@question(
    "Teach it to subtract",
    points=2,
    asks=["subtractor()"],
    hints={
        **SUBTRACTS,
        "not_yet": (
            "Fewer than nine pairs in ten are right.",
            "Draw the loss over the training. Still falling: train on. Flat from the beginning: the "
            "gradient, or too small a rate. Up and down: too large a rate. Then try another seed, or more "
            "units.",
        ),
    },
)
def q6(s: Names, rng: np.random.Generator) -> None:
    net = _network(s.subtractor())
    found, z = _share(net, *EVERY, PLACES)
    if found.mean() < 0.9:
        _diagnose(net, z)
        raise Wrong("not_yet", _first_wrong(z, found, *EVERY))


@question(
    "Every pair",
    points=2,
    asks=["subtractor()"],
    hints={
        **SUBTRACTS,
        "not_yet": (
            "Begin with question 6: nine pairs in ten are not reached yet.",
            "The hints of question 6 help there. This one asks for the last tenth.",
        ),
        "almost": (
            "Most answers are right. The criterion is: all.",
            "Look at the pairs that go wrong. Is it one place? Is it a borrow that travels far? Such pairs "
            "are rare, so the network sees them rarely: train on, or show it more of them.",
        ),
    },
)
def q7(s: Names, rng: np.random.Generator) -> None:
    net = _network(s.subtractor())
    found, z = _share(net, *EVERY, PLACES)
    if not found.all():
        _diagnose(net, z)
        raise Wrong("not_yet" if found.mean() < 0.9 else "almost", _first_wrong(z, found, *EVERY))


@question(
    "Sixty places",
    points=2,
    asks=["subtractor()"],
    hints={
        **SUBTRACTS,
        "not_yet": (
            "At eight places it is not exact yet; begin there.",
            "Question 7 asks for all pairs of eight places. Mend those first.",
        ),
        "fades": (
            "Exact at eight places, but a borrow that has to wait longer is lost, or one comes from nowhere.",
            "The state creeps away a little at each 0 - 0. Train on: the weights grow, the tanh saturates, "
            "and a state that is pushed back to ±1 at every step does not creep. Or train on longer numbers.",
        ),
    },
)
def q8(s: Names, rng: np.random.Generator) -> None:
    net = _network(s.subtractor())
    found, z = _share(net, *EVERY, PLACES)
    if not found.all():
        _diagnose(net, z)
        raise Wrong("not_yet", _first_wrong(z, found, *EVERY))
    drawn = np.sort(rng.integers(0, 2**FAR, (2, 2000)), axis=0)
    k = np.arange(1, FAR)
    a = np.concatenate([drawn[1], 2**k])  # a borrow over k places: 100…0 - 1
    b = np.concatenate([drawn[0], np.ones_like(k)])
    found, z = _share(net, a, b, FAR)
    if not found.all():
        i = int(np.flatnonzero(~found)[0])  # those that were drawn come first, then the shortest borrow
        wrong = int(np.flatnonzero((z[:, i].argmax(-1)) != bits(a[i] - b[i], FAR))[0])
        pair = f"2^{i - len(drawn[0]) + 1} - 1" if i >= len(drawn[0]) else f"{a[i]:,} - {b[i]:,}"
        line = f"all pairs of {PLACES} places are right, and {found.mean():.1%} of those of {FAR}; "
        raise Wrong("fades", f"{line}in {pair} the digit of place {wrong} is wrong (the lowest is place 0)")


def bits(numbers: np.ndarray, places: int) -> np.ndarray:
    """Binary digits, lowest place first: (places, …)."""
    numbers = np.asarray(numbers)
    return numbers >> np.arange(places).reshape(-1, *(1,) * numbers.ndim) & 1


EVERY = tuple(np.array([(a, b) for a in range(2**PLACES) for b in range(a + 1)]).T)  # 32,896 pairs, a ≥ b


def _network(got: object) -> list[np.ndarray]:
    """Weights and initial state as they came back, in their shapes.

    Raises:
        Wrong: they are no network of the form that was asked for.
    """
    names = ("W_xh", "W_hh", "b_h", "W_hq", "b_q", "h_before")
    net = [as_numbers(g, n).astype(float) for g, n in zip(parts(got, *names), names, strict=True)]
    W_xh, _, b_h, W_hq, b_q, _ = net
    H = b_h.size
    if H > MOST_UNITS:
        raise Wrong("too_large", f"H = {H} units")
    if W_xh.shape == (H, 2) and H != 2:
        raise Wrong("transposed", f"`W_xh` has shape {W_xh.shape}, expected (2, {H}) = (2, H)")
    if W_hq.shape == (2, H) and H != 2:
        raise Wrong("transposed", f"`W_hq` has shape {W_hq.shape}, expected ({H}, 2) = (H, 2)")
    if b_q.size == 1 and W_hq.size == H:
        raise Wrong("one_output", f"`W_hq` has shape {W_hq.shape}, expected ({H}, 2) = (H, 2)")
    wanted = [(2, H), (H, H), (H,), (H, 2), (2,), (H,)]
    for name, array, shape in zip(names, net, wanted, strict=True):
        if array.shape != shape and (array.size != H or name not in ("b_h", "h_before")):
            raise Wrong("shape", f"`{name}` has shape {array.shape}, expected {shape}, with H = {H}")
        if not np.isfinite(array).all():
            raise Wrong("nan", f"`{name}` holds NaN or infinity")
    return [array.reshape(shape) for array, shape in zip(net, wanted, strict=True)]


def _share(net: list[np.ndarray], a: np.ndarray, b: np.ndarray, places: int) -> tuple[np.ndarray, np.ndarray]:
    """Which pairs are subtracted without a wrong digit, (N,), and the outputs, (places, N, 2)."""
    X = np.stack([bits(a, places), bits(b, places)], axis=-1).astype(float)
    _, z = forward(X, np.tile(net[5], (len(a), 1)), *net[:5])
    return (z.argmax(-1) == bits(a - b, places)).all(0), z


def _diagnose(net: list[np.ndarray], z: np.ndarray) -> None:
    """Raise Wrong when what the network does instead of subtracting can be told."""
    a, b = EVERY
    digits, top = z.argmax(-1), 2**PLACES
    said = (digits << np.arange(PLACES)[:, None]).sum(0)
    lone = (bits(a, PLACES) < bits(b, PLACES)).astype(int)  # who borrows without being asked to
    unchained = bits(a, PLACES) ^ bits(b, PLACES) ^ np.concatenate([0 * lone[:1], lone[:-1]])
    rivals = {
        "adds": a + b,
        "no_borrow": a ^ b,
        "swapped": b - a,
        "inverted": ~(a - b),
        "start": a - b - 1,
        "no_chain": (unchained << np.arange(PLACES)[:, None]).sum(0),
    }
    for code, values in rivals.items():
        if (said == values % top).mean() > 0.95:
            i = int(np.flatnonzero(said == values % top)[len(a) // 3])
            raise Wrong(
                code, f"asked for {a[i]} - {b[i]}, the network says {said[i]}; so with nearly all pairs"
            )
    if (said == said[0]).all():
        raise Wrong("constant", f"the network says {said[0]}, whatever it is asked")
    if (digits[1:] == bits(a - b, PLACES)[:-1]).mean() > 0.99:
        raise Wrong("late", f"asked for {a[-2]} - {b[-2]}, the network says {said[-2]}: one place late")
    for name, phi in {"logistic function": sigmoid, "ReLU": relu, "straight line": _line}.items():
        if _bent(net, phi) > 0.9:
            raise Wrong(
                "other_phi", f"with a {name} in the hidden layer it is right, with the tanh it is not"
            )
    X = np.stack([bits(a, PLACES), bits(b, PLACES)], axis=-1).astype(float)
    _, turned = forward(X[::-1], np.tile(net[5], (len(a), 1)), *net[:5])
    right = bits(a - b, PLACES)
    straight, turned_right = (digits == right).mean(), (turned[::-1].argmax(-1) == right).mean()
    if turned_right > straight + 0.03:
        line = f"{straight:.0%} of the digits are right, but {turned_right:.0%} when the bits come in turned"
        raise Wrong("most_first", f"{line} round")


def _bent(net: list[np.ndarray], phi) -> float:
    """Share of all pairs that would be right with another activation."""
    a, b = EVERY
    X = np.stack([bits(a, PLACES), bits(b, PLACES)], axis=-1).astype(float)
    h, right = np.tile(net[5], (len(a), 1)), np.ones(len(a), bool)
    with np.errstate(all="ignore"):
        for x_t, y_t in zip(X, bits(a - b, PLACES), strict=True):
            h = np.clip(phi(x_t @ net[0] + h @ net[1] + net[2]), -1e6, 1e6)
            right &= (h @ net[3] + net[4]).argmax(-1) == y_t
    return float(right.mean())


def _line(a: np.ndarray) -> np.ndarray:
    return a


def _first_wrong(z: np.ndarray, found: np.ndarray, a: np.ndarray, b: np.ndarray) -> str:
    """One line: how many pairs are right, which is the first wrong one, and how good each place is."""
    digits = z.argmax(-1)
    said = (digits << np.arange(PLACES)[:, None]).sum(0)
    i = int(np.flatnonzero(~found)[0])
    count = f"{int(found.sum()):,} of {len(found):,} pairs are right ({found.mean():.1%})"
    places = (digits == bits(a - b, PLACES)).mean(1)
    worst = int(places.argmin())
    return (
        f"{count}; it says {a[i]} - {b[i]} = {said[i]}, and place {worst} is wrong most often, in "
        f"{1 - places[worst]:.1%} of the pairs (the lowest is place 0)"
    )
