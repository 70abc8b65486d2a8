"""Exercise 09, deep networks: a stack, PyTorch's layout, wirings, other recurrences, dropout, a budget."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import permutations
from typing import Any

import numpy as np

from course_utils.data import load
from course_utils.grading.activations import sigmoid
from course_utils.grading.compare import Wrong, agree, as_numbers, explained, parts, same
from course_utils.grading.exercises.ex08 import gru_step
from course_utils.grading.questions import Names, question

TITLE = "Deep recurrent networks"
# question 7 loads torch and trains a network
NEEDS = ("torch",)
LIMITS = {
    "memory": 8 << 30,
    "processes": 64,
    "call_seconds": 120,
    "cell_seconds": 60,
    "total_seconds": 300,
}

Arrays = tuple[np.ndarray, ...]
BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}


def weights(rng: np.random.Generator, D: int, H: int, blocks: int = 1, biases: int = 2) -> Arrays:
    """W_xh (D, k·H), W_hh (H, k·H) and one or two biases (k·H,): no bias is near zero."""
    W_xh = rng.standard_normal((D, blocks * H)) / np.sqrt(D)
    W_hh = rng.standard_normal((H, blocks * H)) / np.sqrt(H)
    sizes = (biases, blocks * H)
    return W_xh, W_hh, *(rng.uniform(0.2, 0.6, sizes) * rng.choice([-1.0, 1.0], sizes))


def _named(call: str, *args: Any) -> None:
    """`explained`, with the call in front of what it says."""
    try:
        explained(*args)
    except Wrong as wrong:
        raise Wrong(wrong.code, f"`{call}`: {wrong.line}") from None


def _unlike(told: Mapping[str, Sequence[np.ndarray]], right: np.ndarray) -> dict[str, list[np.ndarray]]:
    """The same without what a mistake gives where it makes no difference."""
    return {code: [v for v in many if not agree(np.asarray(v), right)] for code, many in told.items()}


# --- q1 -----------------------------------------------------------------------------------------------------

State = Sequence[np.ndarray]


def rnn_step(x: np.ndarray, state: State, *net: np.ndarray) -> Arrays:
    W_xh, W_hh, b_x, b_h = net
    return (np.tanh(x @ W_xh + b_x + state[0] @ W_hh + b_h),)


def lstm_step(x: np.ndarray, state: State, *net: np.ndarray) -> Arrays:
    W_xh, W_hh, b_x, b_h = net
    i, f, g, o = np.split(x @ W_xh + b_x + state[0] @ W_hh + b_h, 4, axis=1)
    c = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


STEPS: dict[str, Callable[..., Arrays]] = {
    "RNN": rnn_step,
    "GRU": lambda x, state, *net: (gru_step(x, state[0], *net),),
    "LSTM": lstm_step,
}
PARTS = {"RNN": 1, "GRU": 1, "LSTM": 2}  # arrays in a state


def stacked(
    kinds: Sequence[str],
    X: np.ndarray,
    states: Sequence[State],
    layers: Sequence[Arrays],
    *,
    start: str = "own",
    carry: bool = True,
    up: int = 0,
    shared: bool = False,
    late: bool = False,
) -> tuple[list[np.ndarray], list[State]]:
    """(9.1): the states of every layer and every layer's last state; what stands behind the star errs."""
    found: list[np.ndarray] = []
    last: list[State] = []
    for level, kind in enumerate(kinds):
        below = X
        if level:
            below = np.array([states[level - 1][up], *found[-1][:-1]]) if late else found[-1]
        first: State = {
            "own": states[level],
            "zeros": [0 * part for part in states[level]],
            "first": states[0],
            "below": last[-1] if last else states[0],
        }[start]
        state, seen = first, []
        for x in below:
            own = layers[1] if shared and level else layers[level]
            state = STEPS[kind](x, state if carry else first, *own)
            seen.append(state[up])
        found.append(np.array(seen))
        last.append(state)
    return found, last


STACK_SLIPS: dict[str, dict[str, Any]] = {
    "cell_up": {"up": -1},
    "zeros_start": {"start": "zeros"},
    "first_start": {"start": "first"},
    "carried_up": {"start": "below"},
    "not_carried": {"carry": False},
    "shared": {"shared": True},
    "late": {"late": True},
}


@question(
    "One stack for any cell",
    points=3,
    asks=["stack(kinds, X, states, layers)"],
    hints={
        "cell_up": (
            "An LSTM's cell state has left its layer.",
            "What a layer hands up, and what you return of the top one, is `state[0]`. `state[-1]` is h too "
            "where a state has one part, and c in an LSTM.",
        ),
        "zeros_start": (
            "The states that were handed to you are not used: every layer begins with zeros.",
            "Layer l begins with `states[l]`, whatever stands in it.",
        ),
        "first_start": (
            "Every layer begins with the first layer's state.",
            "Go through states and weights together: `zip(kinds, states, layers)`.",
        ),
        "carried_up": (
            "A layer begins with the state that the layer below has ended with.",
            "Each layer has a memory of its own. When the loop over the steps begins anew, so does `state`: "
            "with `states[l]`.",
        ),
        "not_carried": (
            "Nothing is handed on from step to step.",
            "What a step returns is the state that the next step is given: `state = step(x_t, state, …)`.",
        ),
        "shared": (
            "The layers above the first one share their weights.",
            "Each layer has its own: `layers[l]`. It is the steps that share.",
        ),
        "late": (
            "A layer reads the state below of the step *before*.",
            "In (9.1) both sides of H^(l-1) have the same t. If you go step by step, take what the layer "
            "below has just made, not what it had.",
        ),
        "lowest": (
            "You return the states of the lowest layer.",
            "The output of a stack is what its top layer says: the states of the last layer of the loop.",
        ),
        "all_layers": (
            "You return the states of all layers. Only the top one's are asked for.",
            "The layers below have done their work when the next one has read them: (T, B, H) comes out.",
        ),
        "last_only": (
            "You return the top layer's last state in place of all its states.",
            "All steps of the top layer, (T, B, H); the last state of each layer comes separately.",
        ),
        "batch_first": (
            "Batch and time are exchanged.",
            "Time comes first, in what you return as in X.",
        ),
        "upside_down": (
            "The last states are right, but the top layer's comes first.",
            "The lowest layer comes first, as in `states`.",
        ),
        "not_updated": (
            "As last states you return those that were handed to you.",
            "After a layer's loop over the steps, `state` is its last one: keep it.",
        ),
        "type": (
            "Two things are asked for: the top layer's states, and a list with the last state of each layer.",
            "A state is a tuple, as the step returns it: (h,) or (h, c). Keep it as it is.",
        ),
        "raised": (
            "Something does not fit. Layers have sizes, and kinds, of their own.",
            "From the second layer on X is not read any more: what one layer puts out, (T, B, H), takes its "
            "place. And the step is `STEPS[kind]` of *this* layer.",
        ),
        "mutated": (
            "You write into what was handed to you.",
            "`states[l] = …` changes the caller's list. `states = list(states)` makes one of your own.",
        ),
        "values": (
            "Take one layer first: then it is a loop over time, nothing more.",
            "Then two layers and one step, T = 1.",
        ),
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    T, B, D, *sizes = (int(n) for n in rng.permutation([3, 4, 5, 6, 7, 8]))
    _check_stack(s, rng, ["LSTM"] * 3, T, B, D, sizes[:1] * 3)
    _check_stack(s, rng, [str(kind) for kind in rng.permutation(list(STEPS))], T, B, D, sizes)


def _check_stack(
    s: Names, rng: np.random.Generator, kinds: list[str], T: int, B: int, D: int, sizes: Sequence[int]
) -> None:
    X, layers, states, below = rng.standard_normal((T, B, D)), [], [], D
    for kind, H in zip(kinds, sizes, strict=True):
        layers.append(list(weights(rng, below, H, BLOCKS[kind])))
        states.append([rng.uniform(-0.9, 0.9, (B, H)) for _ in range(PARTS[kind])])
        below = H
    name = f"stack([{', '.join(kinds)}], …)"
    out, last = parts(s.stack(kinds, X, states, layers), "the top layer's states", "the last states")
    if not isinstance(last, list) or len(last) != len(kinds):
        came = f"{len(last)} values" if isinstance(last, list) else "something else"
        raise Wrong("type", f"`{name}`: expected the last state of each of {len(kinds)} layers, {came} came")
    for level, (state, kind) in enumerate(zip(last, kinds, strict=True)):
        if not isinstance(state, list | np.ndarray) or len(state) != PARTS[kind] or np.ndim(state[0]) != 2:
            line = f"`{name}`: the last state of layer {level + 1} is no tuple of {PARTS[kind]} as its step "
            raise Wrong("type", f"{line}returns it")
    found, ends = stacked(kinds, X, states, layers)
    right = _flat(found[-1], ends)
    mistakes = {}
    alike = len({*kinds}) == len({*sizes}) == 1
    for code, how in STACK_SLIPS.items():
        if alike or code not in ("first_start", "carried_up", "shared"):
            seen, at_end = stacked(kinds, X, states, layers, **how)
            if not all(map(agree, _flat(seen[-1], at_end), right)):
                mistakes[code] = [_flat(seen[-1], at_end)]
    if kinds[-1] == "LSTM":  # right on the way, wrong at the top
        below = found[-2]
        state, cells = states[-1], []
        for x in below:
            state = STEPS["LSTM"](x, state, *layers[-1])
            cells.append(state[1])
        mistakes.setdefault("cell_up", []).append(_flat(np.array(cells), ends))
    if alike:
        mistakes["upside_down"] = [_flat(found[-1], ends[::-1])]
    mistakes["not_updated"] = [_flat(found[-1], states)]
    odd = {
        "lowest": found[0],
        "all_layers": np.array(found) if alike else found[-1],
        "last_only": found[-1][-1],
        "batch_first": found[-1].swapaxes(0, 1),
    }
    mistakes |= {code: [_flat(values, ends)] for code, values in odd.items() if values is not found[-1]}
    names = ["the top layer's states"]
    for level, kind in enumerate(kinds):
        names += [f"last[{level}][{part}]" for part in range(PARTS[kind])]
    axes = ["T, B, H"] + ["B, H"] * (len(names) - 1)
    letters = {"T": T, "B": B, "D": D, "H": sizes[-1]}
    _named(name, _flat(out, last), right, names, mistakes, axes, letters)


def _flat(out: Any, last: Sequence[Sequence[Any]]) -> Arrays:
    return out, *(part for state in last for part in state)


# --- q2 -----------------------------------------------------------------------------------------------------

STORED = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


@question(
    "PyTorch's drawers",
    points=3,
    asks=["to_torch(layers)", "carried(h_n, c_n, new)"],
    hints={
        "names": (
            "The names are not those of an `nn.LSTM`.",
            "weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, then the same with l1, and so on.",
        ),
        "from_one": (
            "Your lowest layer has the number 1. PyTorch counts from 0.",
            "`for level, weights in enumerate(layers)`: the names end in l0, l1, …",
        ),
        "untransposed": (
            "A matrix stands as the book writes it. PyTorch keeps it the other way round.",
            "weight_ih_l0 is (4H, D), all others are (4H, H). From the second layer on W_xh is (H, 4H) and "
            "so is W_hh.",
        ),
        "reshaped": (
            "The shape is right, the weights are not in their places.",
            "`reshape` re-reads the numbers row by row; what you want is the axes exchanged, `.T`.",
        ),
        "exchanged": (
            "The weights for what comes from below and those for the old state have changed places.",
            "ih is from the input, or the layer below, to the hidden units: W_xh. hh is W_hh.",
        ),
        "upside_down": (
            "The top layer comes first.",
            "PyTorch counts from below, as the book does: l0, and `h_n[0]`, is the layer that reads X.",
        ),
        "one_layer": (
            "Several layers have got the weights of one.",
            "Inside the loop, take the weights of *this* layer.",
        ),
        "no_bias": (
            "A bias is lost, or counts twice.",
            "b_x becomes bias_ih and b_h becomes bias_hh. In an LSTM only their sum matters.",
        ),
        "gates": (
            "The four blocks have changed their order.",
            "They stand as i, f, g, o already. Only the matrices are turned.",
        ),
        "ignored": (
            "`new` changes nothing: the old states go on everywhere.",
            "Where `new` is 1, h and c are zero, in every layer.",
        ),
        "turned": (
            "You have cleared those that go on, and kept those that begin anew.",
            "`1 - new` is 1 where the state is kept.",
        ),
        "as_index": (
            "`new` holds ones and zeros, and you have used them as the numbers of rows.",
            "`h[new]` means rows 0 and 1. `h[new == 1]` means those where `new` is 1.",
        ),
        "not_bitwise": (
            "`~` turns bits: of the whole numbers 0 and 1 it makes -1 and -2.",
            "`1 - new`, or `new == 0`.",
        ),
        "half_cleared": (
            "Only one of h and c is cleared.",
            "What an LSTM remembers stands in c, and h goes into every gate: both must be zero.",
        ),
        "one_cleared": (
            "The states are cleared in one layer only.",
            "Each layer has a memory of its own. All must forget the old text.",
        ),
        "all_cleared": (
            "You have cleared the states of all sequences.",
            "Only the rows of the batch where `new` is 1: the axis in the middle of (L, B, H).",
        ),
        "c_first": (
            "h and c have changed places.",
            "A state is (h, c), in this order.",
        ),
        "unsplit": (
            "These are two arrays for all layers. Asked for is one state (h, c) for each layer.",
            "`zip(h_n, c_n)` goes through the layers, lowest first, and gives a pair for each.",
        ),
        "dropped": (
            "The sequences that begin anew have left the batch.",
            "They stay, with a state of zeros: (B, H) in every layer.",
        ),
        "type": (
            "`to_torch` returns one dictionary, `carried` a list with one pair (h, c) for each layer.",
            "Print what you return for two layers, and count.",
        ),
        "raised": (
            "Something does not fit. h_n is (L, B, H), and `new` has one entry for each of the B sequences.",
            "`h * (1 - new[:, None])` clears rows of h (B, H). In h_n the batch is the second axis.",
        ),
        "mutated": (
            "You write into the caller's states.",
            "`h_n[:, new == 1] = 0` changes them for everybody. Multiply instead, or copy first.",
        ),
        "values": (
            "Print names and shapes beside those of `nn.LSTM(D, H, num_layers=3).state_dict()`.",
            "The shapes tell what is turned, the names what is exchanged.",
        ),
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    B, D, H = (int(n) for n in rng.permutation([4, 5, 6]))
    L = 3
    layers = [list(weights(rng, D if not level else H, H, 4)) for level in range(L)]
    got = s.to_torch(layers)
    shown = [
        name.format(level)
        for level in range(L)
        for name in ("weight_ih_l{0}", "weight_hh_l{0}", "bias_ih_l{0} + bias_hh_l{0}")
    ]
    right = _drawers(layers)
    mistakes: dict[str, list[Arrays]] = {}
    for code, how in DRAWER_SLIPS:
        mistakes.setdefault(code, []).append(_drawers(layers, **how))
    for code, order in (("upside_down", (2, 1, 0)), ("one_layer", (0, 1, 1)), ("one_layer", (0, 2, 2))):
        mistakes.setdefault(code, []).append(_drawers([layers[k] for k in order]))
    mistakes["one_layer"] += [_drawers([layers[k]] * L) for k in range(L)]
    letters = {"D": D, "H": H}
    explained(_opened(got, L, H), right, shown, mistakes, _drawer_axes(L), letters)
    h_n, c_n = rng.uniform(-0.9, 0.9, (2, L, B, H))
    new = (rng.permutation(B) < (B - 1) // 2) * 1  # fewer than go on, at least one
    new = np.roll(new, 1) if new[0] and new[:2].all() else new
    _check_carried(s.carried(h_n, c_n, new), h_n, c_n, new, {"L": L, "B": B, "H": H})


DRAWER_SLIPS: list[tuple[str, dict[str, Any]]] = [
    ("untransposed", {"turned": (lambda A: A, lambda A: A)}),
    ("untransposed", {"turned": (lambda A: A, np.transpose)}),
    ("untransposed", {"turned": (np.transpose, lambda A: A)}),
    ("reshaped", {"turned": (lambda A: A.reshape(A.shape[::-1]),) * 2}),
    ("exchanged", {"exchanged": True}),
    *(("no_bias", {"biases": pair}) for pair in ((1, 0), (0, 1), (0, 0), (2, 0), (0, 2), (2, 2))),
    *(("gates", {"order": order}) for order in permutations(range(4)) if order != (0, 1, 2, 3)),
]


def _drawers(
    layers: Sequence[Sequence[np.ndarray]],
    *,
    turned: tuple[Callable[..., Any], Callable[..., Any]] = (np.transpose, np.transpose),
    exchanged: bool = False,
    biases: tuple[int, int] = (1, 1),
    order: Sequence[int] = (0, 1, 2, 3),
) -> Arrays:
    """W_ih, W_hh and the sum of both biases, layer by layer; what stands behind the star errs."""
    found: list[np.ndarray] = []
    for W_xh, W_hh, b_x, b_h in layers:
        one, two = (W_hh, W_xh) if exchanged else (W_xh, W_hh)
        total = biases[0] * b_x + biases[1] * b_h
        one, two, total = (
            np.concatenate([np.split(A, 4, -1)[k] for k in order], -1) for A in (one, two, total)
        )
        found += [turned[0](one), turned[1](two), total]
    return tuple(found)


def _drawer_axes(L: int) -> list[str]:
    return [axes for level in range(L) for axes in ("4H, H" if level else "4H, D", "4H, H", "4H")]


def _opened(got: Any, L: int, H: int) -> Arrays:
    """What came back, in the order of `_drawers`.

    Raises:
        Wrong: the names or the biases are not those of an nn.LSTM.
    """
    if not isinstance(got, dict):
        raise Wrong("nothing" if got is None else "type", "`to_torch(layers)` gives no dictionary")
    wanted = {f"{name}_l{level}" for level in range(L) for name in STORED}
    if got.keys() == {f"{name}_l{level + 1}" for level in range(L) for name in STORED}:
        raise Wrong("from_one", f"the last names are those of l{L}, expected l{L - 1}")
    if got.keys() != wanted:
        lacking, strange = sorted(wanted - got.keys()), sorted(map(str, got.keys() - wanted))
        told = [f"there is no {lacking[0]}"] if lacking else []
        told += [f"nobody looks for {strange[0]!r}"] if strange else []
        raise Wrong("names", f"{len(got)} names, {' and '.join(told)}"[:300])
    found: list[Any] = []
    for level in range(L):
        W_ih, W_hh, b_ih, b_hh = (got[f"{name}_l{level}"] for name in STORED)
        for name, value in ((f"bias_ih_l{level}", b_ih), (f"bias_hh_l{level}", b_hh)):
            array = as_numbers(value, name)
            if array.shape != (4 * H,):
                line = f"`{name}` has shape {array.shape}, expected ({4 * H},) = (4H) with H={H}"
                raise Wrong("no_bias" if array.ndim == 0 else "shape", line)
        found += [W_ih, W_hh, np.asarray(b_ih) + np.asarray(b_hh)]
    return tuple(found)


def _check_carried(
    got: Any, h_n: np.ndarray, c_n: np.ndarray, new: np.ndarray, letters: Mapping[str, int]
) -> None:
    L, B, H = h_n.shape
    if (
        isinstance(got, list | np.ndarray)
        and len(got) == 2
        and np.shape(got[0]) == np.shape(got[1]) == (L, B, H)
    ):
        raise Wrong("unsplit", f"2 arrays of shape {(L, B, H)} came back, expected {L} pairs")
    if not isinstance(got, list | np.ndarray) or len(got) != L:
        raise Wrong("nothing" if got is None else "type", f"`carried(…)` is no list of {L} pairs")
    for level, pair in enumerate(got):
        if not isinstance(pair, list | np.ndarray) or len(pair) != 2:
            raise Wrong("type", f"`carried(…)[{level}]` is no pair (h, c)")
    keep = new[:, None] == 0
    h, c = np.where(keep, h_n, 0.0), np.where(keep, c_n, 0.0)
    at = [h_n.copy(), c_n.copy()]
    for states in at:
        states[:, new] = 0
    pairs: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {
        "ignored": [(h_n, c_n)],
        "turned": [(h_n * ~keep, c_n * ~keep)],
        "half_cleared": [(h_n, c), (h, c_n)],
        "one_cleared": [
            tuple(np.where(np.arange(L)[:, None, None] == k, one, many) for one, many in ((h, h_n), (c, c_n)))
            for k in range(L)
        ],
        "all_cleared": [(0 * h, 0 * c)],
        "c_first": [(c, h), (c_n, h_n)],
        "upside_down": [(h[::-1], c[::-1])],
        "dropped": [(h_n[:, new == 0], c_n[:, new == 0])],
        "as_index": [(at[0], at[1])],
        "not_bitwise": [(h_n * ~new[:, None], c_n * ~new[:, None])],
    }
    mistakes = {code: [_flat_pairs(*pair) for pair in many] for code, many in pairs.items()}
    names = [f"carried(…)[{level}][{part}]" for level in range(L) for part in (0, 1)]
    found = tuple(part for pair in got for part in pair)
    explained(found, _flat_pairs(h, c), names, mistakes, ["B, H"] * len(names), letters)


def _flat_pairs(h: np.ndarray, c: np.ndarray) -> Arrays:
    return tuple(part for pair in zip(h, c, strict=True) for part in pair)


# --- q3 -----------------------------------------------------------------------------------------------------


def _tanh_layer(
    X: np.ndarray,
    W_xh: np.ndarray,
    W_hh: np.ndarray,
    b: np.ndarray,
    *,
    start: np.ndarray | None = None,
    carry: bool = True,
    added: str = "",
) -> np.ndarray:
    """The states (T, B, H) of a plain layer; ``added`` says where its input errs into the step."""
    first = np.zeros((X.shape[1], len(W_hh))) if start is None else start
    h, found = first, []
    for x in X:
        a = x @ W_xh + (h if carry else first) @ W_hh + b
        h = np.tanh(a + x) if added == "inside" else np.tanh(a)
        if added == "state":
            h = h + x
        found.append(h)
    return np.array(found)


def wired(X: np.ndarray, layers: Sequence[Arrays], wiring: str, slip: str = "") -> np.ndarray:
    """What the output layer reads in a plain stack of one of four wirings; ``slip`` names what errs."""
    found: list[np.ndarray] = []
    S: np.ndarray | None = None
    for W_xh, W_hh, b in layers:
        below = X if S is None else S
        if S is not None and wiring == "input":
            both = [X, S] if slip == "input_first" else [S, X]
            if slip == "input_late":
                both[1] = np.concatenate([0 * X[:1], X[:-1]])
            below = np.concatenate(both, axis=-1)
        start = found[-1][-1] if found and slip == "carried_up" else None
        added = {"fed_back": "state", "inside": "inside"}.get(slip, "") if S is not None else ""
        b = 0 * b if slip == "no_bias" else b
        h = _tanh_layer(below, W_xh, W_hh, b, start=start, carry=slip != "not_carried", added=added)
        if S is None or wiring != "residual" or slip in ("ignored", "late_sum", "fed_back", "inside"):
            S = h
        elif slip == "one_back":
            S = found[-1] + h
        elif slip == "halved":
            S = (S + h) / 2
        elif slip == "top_alone" and len(found) == len(layers) - 1:
            S = h
        else:
            S = S + h
        found.append(h)
    assert S is not None
    if slip == "lowest":
        return found[0]
    if slip == "last_only":
        return S[-1]
    if slip == "late_sum":
        return np.sum(found, axis=0)
    if slip == "all_joined":
        return np.concatenate(found, axis=-1)
    if wiring != "output" or slip == "ignored":
        return S
    return {
        "top_first": lambda: np.concatenate(found[::-1], axis=-1),
        "summed": lambda: np.sum(found, axis=0),
        "interleaved": lambda: np.stack(found, axis=-1).reshape(*S.shape[:2], -1),
        "without_top": lambda: np.concatenate(found[:-1], axis=-1),
        "with_input": lambda: np.concatenate([X, *found], axis=-1),
    }.get(slip, lambda: np.concatenate(found, axis=-1))()


EVERYWHERE = ("not_carried", "carried_up", "no_bias", "lowest", "last_only")
WIRED_SLIPS = {
    "stack": EVERYWHERE,
    "output": (*EVERYWHERE, "ignored", "top_first", "summed", "interleaved", "without_top", "with_input"),
    "residual": (*EVERYWHERE, "ignored", "late_sum", "one_back", "halved", "top_alone", "fed_back", "inside"),
    "input": (*EVERYWHERE, "input_first", "input_late", "all_joined"),
}


@question(
    "Four wirings",
    points=3,
    asks=["wired(X, layers, wiring)"],
    hints={
        "not_carried": (
            "Nothing is handed on from step to step.",
            "Each layer starts from zeros once, and then reads its own last state.",
        ),
        "carried_up": (
            "A layer begins with the state that the layer below has ended with.",
            "h is set to zeros for each layer, inside the loop over the layers and before that over time.",
        ),
        "no_bias": (
            "The bias is missing.",
            "x W_xh + h W_hh + b stands inside the tanh.",
        ),
        "lowest": (
            "You return the lowest layer's states.",
            'The output layer reads the top layer; in the wiring "output" it reads all of them.',
        ),
        "last_only": (
            "The output layer reads every step. You return the last one.",
            "(T, B, …) comes out in all four wirings.",
        ),
        "ignored": (
            "This wiring gives what the plain stack gives.",
            '"output": all layers\' states side by side, (9.4). "residual": what goes into a layer is added '
            "to what comes out.",
        ),
        "top_first": (
            "All layers are there, but the top one stands first.",
            "In (9.4) the lowest layer's block comes first.",
        ),
        "summed": (
            "The layers' states are added up. They should stand side by side.",
            "(T, B, L · H): `np.concatenate(found, axis=-1)`. The sum loses which layer said what.",
        ),
        "interleaved": (
            "Units of different layers take turns. Each layer has a block of H columns.",
            "`np.concatenate` along the last axis makes blocks; `stack` and `reshape` do not.",
        ),
        "not_joined": (
            "The layers are not joined along the units.",
            "One row for each step and sequence: (T, B, L · H), `axis=-1`.",
        ),
        "without_top": (
            "The top layer is missing among those that the output layer reads.",
            "(9.4) begins with layer 1 and ends with layer L.",
        ),
        "with_input": (
            "The output layer reads the input as well.",
            "(9.4) has the L layers and nothing else.",
        ),
        "late_sum": (
            "The layers read what the plain stack would give them, and the sum is taken at the end.",
            "Layer l reads S^(l-1), the sum so far. So the sum has to be taken layer by layer.",
        ),
        "one_back": (
            "You add what the layer below has *said*. What has to be added is what the layer has *read*.",
            "From the third layer on these are different: S^(l) = S^(l-1) + H^(l).",
        ),
        "halved": (
            "You take a mean. The connection is a plain sum.",
            "S^(l) = S^(l-1) + H^(l), with no factor.",
        ),
        "top_alone": (
            "Above the top layer the plus is missing.",
            "S^(L) is asked for, which is S^(L-1) + H^(L).",
        ),
        "fed_back": (
            "The sum goes back into the layer as its state.",
            "A layer's recurrence reads its own H^(l), from before the plus. The plus stands outside, on the "
            "way up.",
        ),
        "inside": (
            "You add inside the tanh.",
            "The plus comes after the layer: S + tanh(…). What was added inside could not come down unbent.",
        ),
        "input_first": (
            "[H, X] stands as [X, H].",
            "In (9.3) the layer below comes first. The first H rows of W_xh belong to it.",
        ),
        "input_late": (
            "The higher layers hear the input of the step before.",
            "X_t and H_t^(l-1) in (9.3) are of the same step.",
        ),
        "all_joined": (
            "With skips from the input only the top layer is read.",
            "(9.3) and (9.4) are two wirings, and either can do without the other.",
        ),
        "raised": (
            'Something does not fit. In the wiring "input" W_xh of the higher layers has H + D rows.',
            "`np.concatenate([below, X], axis=-1)` is (T, B, H + D).",
        ),
        "type": "One array is asked for, what the output layer reads.",
        "mutated": (
            "You write into X.",
            "`X += h` changes the caller's array. `X = X + h` makes a new one.",
        ),
        "values": (
            'Begin with the wiring "stack" and one layer.',
            "Write a function that runs one layer over all steps, and use it in all four wirings.",
        ),
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    L, (T, B, D, H) = 3, (int(n) for n in rng.permutation([4, 5, 6, 7]))
    X = rng.standard_normal((T, B, D))
    for wiring, slips in WIRED_SLIPS.items():
        extra = D if wiring == "input" else 0
        layers = [list(weights(rng, H + extra if level else D, H, biases=1)) for level in range(L)]
        right = wired(X, layers, wiring)
        told = {code: [wired(X, layers, wiring, code)] for code in slips}
        if wiring == "output":
            found = right.reshape(T, B, L, H)
            told["not_joined"] = [found, np.moveaxis(found, 2, 0), np.moveaxis(found, 2, 3)]
            told["not_joined"] += [np.concatenate(np.moveaxis(found, 2, 0), axis) for axis in (0, 1)]
        same(
            s.wired(X, layers, wiring),
            right,
            f'wired(X, layers, "{wiring}")',
            axes="T, B, L · H" if wiring == "output" else "T, B, H",
            letters={"T": T, "B": B, "D": D, "H": H, "L": L},
            mistakes=_unlike(told, right),
        )


# --- q4 -----------------------------------------------------------------------------------------------------


def recurred(
    X: np.ndarray,
    before: np.ndarray,
    delays: Sequence[int],
    W_xu: np.ndarray,
    W_hu: np.ndarray,
    b_u: np.ndarray,
    W_uh: np.ndarray,
    b_h: np.ndarray,
    *,
    reach: Callable[[int], int] = lambda k: -k,
    order: Callable[[Sequence[int]], Sequence[int]] = lambda K: range(len(K)),
    some: slice = slice(None),
    start: str = "before",
    share: float = 1.0,
    biases: tuple[float, float] = (1.0, 1.0),
    bends: tuple[Any, Any] = (np.tanh, np.tanh),
) -> Arrays:
    """States (T, B, H) of a deep transition with several delays, and the last ones, oldest first."""
    past = [0 * h if start == "zeros" else h for h in before]
    own = [W_hu[k] for k in order(delays)]
    for x in X:
        a = x @ W_xu + biases[0] * b_u
        a = a + share * sum(past[reach(k)] @ W for k, W in list(zip(delays, own, strict=True))[some])
        past.append(bends[1](bends[0](a) @ W_uh + biases[1] * b_h))
    m = len(before)
    return np.array(past[m:]), np.array(past[-m:])


def _line(a: np.ndarray) -> np.ndarray:
    return a


@question(
    "Further back, and deeper",
    points=3,
    asks=["recur(X, before, delays, W_xu, W_hu, b_u, W_uh, b_h)"],
    hints={
        "one_off": (
            "Every delay is one step too long.",
            "Delay 1 is the state just made: the last of the list, index -1. So delay k is index -k.",
        ),
        "newest_first": (
            "You read `before` as if the newest state came first.",
            "`before[0]` is the oldest. In a list that begins with `before` and grows at its end, delay k is "
            "always index -k.",
        ),
        "zeros": (
            "The states before the beginning are taken to be zero.",
            "Here they are given: they are what the piece before has left.",
        ),
        "first_delay": (
            "Only one of the delays is used.",
            "A sum over all k in `delays`, each with its own matrix.",
        ),
        "sorted": (
            "The delays and their matrices are not paired as they were given.",
            "`W_hu[j]` belongs to `delays[j]`, and the delays come in any order: `zip(delays, W_hu)`.",
        ),
        "mean": (
            "You take a mean over the delays.",
            "(9.5) has a sum.",
        ),
        "always_one": (
            "Every matrix is multiplied with the last state.",
            "Each delay has its own state: h_{t-k}.",
        ),
        "no_bias": (
            "A bias is missing, or counts more than once.",
            "b_u once in the first line of (9.6), whatever the number of delays, and b_h once in the second.",
        ),
        "no_bend": (
            "One of the two tanh is missing.",
            "Two layers, each with its own: u = tanh(…), h = tanh(u W_uh + b_h).",
        ),
        "after_given": (
            "The states are right. What you return for the next piece is what you were given.",
            "The last m states, the new ones among them, oldest first.",
        ),
        "after_reversed": (
            "The states are right. Those for the next piece come newest first.",
            "Oldest first, so that they can be the next call's `before` as they are.",
        ),
        "after_short": (
            "The states for the next piece are not the last m.",
            "When the piece is shorter than m, some of `before` are still among the last m. Put both "
            "together, then cut.",
        ),
        "all_states": (
            "The states before the beginning stand among those that you return.",
            "(T, B, H): one state for each step of X.",
        ),
        "type": (
            "Two arrays are asked for: the states (T, B, H), and the last m of them for the next piece.",
            "`return np.array(states), np.array(past[-m:])`.",
        ),
        "raised": (
            "Something does not fit. W_hu is (K, H, U): one matrix (H, U) for each delay.",
            "u is (B, U) and goes through W_uh, (U, H); only h is remembered.",
        ),
        "mutated": (
            "You write into what was handed to you.",
            "`past = list(before)` makes a list of your own, which may grow.",
        ),
        "values": (
            "Take one delay, 1, and one step: that is (9.6) as it stands.",
            "Then delays [1, 2] and two steps, and write down which state is read when.",
        ),
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    for T, m, delays in ((8, 3, [2, 1]), (3, 5, [2, 4, 1])):  # longer, and shorter, than what is remembered
        B, D, H, U = (int(n) for n in rng.permutation([4, 5, 6, 7]))
        _check_recur(s, rng, T, B, D, H, U, m, delays)


def _check_recur(
    s: Names,
    rng: np.random.Generator,
    T: int,
    B: int,
    D: int,
    H: int,
    U: int,
    m: int,
    delays: list[int],
) -> None:
    K = len(delays)
    X, before = rng.standard_normal((T, B, D)), rng.uniform(-0.9, 0.9, (m, B, H))
    W_xu, W_uh = rng.standard_normal((D, U)) / np.sqrt(D), rng.standard_normal((U, H)) / np.sqrt(U)
    W_hu = rng.standard_normal((K, H, U)) / np.sqrt(H)
    b_u, b_h = (rng.uniform(0.2, 0.6, n) * rng.choice([-1.0, 1.0], n) for n in (U, H))
    given = (X, before, delays, W_xu, W_hu, b_u, W_uh, b_h)
    name = f"recur(…, delays={delays}, …)"
    got = parts(s.recur(*given), "the states", "the last m")
    states, after = recurred(*given)

    def wrong(**how: Any) -> Arrays:
        return recurred(*given, **how)

    turned = (X, before[::-1], *given[2:])
    by_size = sorted(range(K), key=lambda j: delays[j])
    back = [int(j) for j in np.argsort(by_size)]
    mistakes: dict[str, list[Arrays]] = {
        "one_off": [wrong(reach=lambda k: -k - 1)],
        "newest_first": [recurred(*turned), wrong(reach=lambda k: k - 1)],
        "zeros": [wrong(start="zeros")],
        "first_delay": [wrong(some=slice(j, j + 1)) for j in range(K)],
        "sorted": [wrong(order=lambda K: by_size), wrong(order=lambda K: back)],
        "mean": [wrong(share=1 / K)],
        "always_one": [wrong(reach=lambda k: -1)],
        "no_bias": [wrong(biases=pair) for pair in ((0, 1), (1, 0), (0, 0), (K, 1))],
        "no_bend": [wrong(bends=pair) for pair in ((_line, np.tanh), (np.tanh, _line), (_line, _line))],
        "after_given": [(states, before)],
        "after_reversed": [(states, after[::-1])],
        "after_short": [(states, states[-m:]), (states, states[-max(delays) :]), (states, after[1:])],
        "all_states": [(np.concatenate([before, states]), after)],
    }
    mistakes["sorted"].append(wrong(order=lambda K: range(len(K))[::-1]))
    mistakes["zeros"].append((wrong(start="zeros")[0], after))
    mistakes = {
        code: [pair for pair in many if not all(map(agree, pair, (states, after)))]
        for code, many in mistakes.items()
    }
    names = ("states", "last")
    letters = {"T": T, "B": B, "D": D, "H": H, "U": U, "m": m}
    _named(name, got, (states, after), names, mistakes, ("T, B, H", "m, B, H"), letters)


# --- q5 -----------------------------------------------------------------------------------------------------


def dropped(
    X: np.ndarray,
    layers: Sequence[Arrays],
    masks: np.ndarray | None,
    p: float,
    *,
    scale: Callable[[float], float] = lambda p: 1 / (1 - p),
    turned: bool = False,
    pick: str = "own",
    place: str = "up",
    used: Callable[[float], float] = lambda p: 1.0,
) -> np.ndarray:
    """(9.7): the top layer's states (T, B, H) of a plain stack; what stands behind the star errs."""
    top = len(layers) - 1

    def factor(level: int, t: int) -> Any:
        """What the states of a layer are multiplied with at a step."""
        if masks is None:
            return used(p)
        index = {"reversed": top - 1 - level, "same": 0}.get(pick, level)
        M = masks[index, 0 if pick == "step" else t]
        M = M[:1] if pick == "batch" else M
        return (1 - M if turned else M) * scale(p)

    h = [np.zeros((X.shape[1], len(W_hh))) for _, W_hh, _ in layers]
    found = []
    for t, x in enumerate(X):
        below = x
        for level, (W_xh, W_hh, b) in enumerate(layers):
            old, learning = h[level], masks is not None
            if level and (place in ("up", "both", "sum") or not learning):
                below = below * factor(level - 1, t)
            if learning and place in ("time", "both") and level < top:
                old = old * factor(level, t)
            if learning and place == "sum" and level:  # the factor stands before the bias, too
                b = b * scale(p)
            h[level] = np.tanh(below @ W_xh + old @ W_hh + b)
            if learning and place == "state" and level < top:
                h[level] = h[level] * factor(level, t)
            below = h[level]
            if learning and place == "late" and level:
                below = below * factor(level - 1, t)
        found.append(below)
    return np.array(found)


DROP_SLIPS: dict[str, list[dict[str, Any]]] = {
    "no_scale": [{"scale": lambda p: 1.0}],
    "other_scale": [{"scale": f} for f in (lambda p: 1 - p, lambda p: 1 / p, lambda p: p)],
    "turned": [{"turned": True}, {"turned": True, "scale": lambda p: 1.0}],
    "over_time": [{"place": "state"}, {"place": "state", "scale": lambda p: 1.0}, {"place": "both"}],
    "only_time": [{"place": "time"}, {"place": "time", "scale": lambda p: 1.0}],
    "one_up": [{"place": "late"}, {"place": "late", "scale": lambda p: 1.0}],
    "same_mask": [{"pick": "same"}],
    "one_mask": [{"pick": "step"}, {"pick": "batch"}],
    "upside_down": [{"pick": "reversed"}],
    "scaled_bias": [{"place": "sum"}],
}


@question(
    "Between the layers, not over time",
    points=3,
    asks=["dropped(X, layers, masks, p)"],
    hints={
        "in_use": (
            "With `masks=None` the network is in use, and yours does not give what the plain stack gives.",
            "No mask, and no factor either. While learning the others were made larger, so that in use "
            "nothing has to be corrected.",
        ),
        "never_dropped": (
            "With masks and without, the result is the same: nothing is dropped.",
            "`masks[l]` belongs on what layer l hands up, before the next layer reads it.",
        ),
        "no_scale": (
            "What is kept has not become larger.",
            "A share p is set to zero; divided by 1 - p, the mean of what goes up stays as it was.",
        ),
        "other_scale": (
            "What is kept is multiplied with another factor than 1/(1 - p).",
            "p is the share that is *dropped*. With p = 0.2 the kept ones grow by a quarter.",
        ),
        "turned": (
            "The mask's ones are dropped, and its zeros kept.",
            "Multiply with the mask as it is: 1 is kept, 0 is dropped.",
        ),
        "over_time": (
            "The dropped state also goes on to the next step.",
            "Two names: the state, which goes on whole, and what is handed up, which is masked.",
        ),
        "only_time": (
            "The masks act on the way from step to step, and nothing is dropped on the way up.",
            "In (9.7) the mask stands in the first product. The second stays whole.",
        ),
        "one_up": (
            "The masks are one layer too high: the top layer's output is dropped, the lowest one's is not.",
            "`masks[0]` belongs to what layer 1 hands to layer 2. There is none for the top.",
        ),
        "same_mask": (
            "Every layer gets the first layer's mask.",
            "`masks[l]`: each has its own.",
        ),
        "one_mask": (
            "One mask serves all steps, or all sequences.",
            "It is drawn anew for each step and each sequence: `masks[l][t]`, (B, H).",
        ),
        "upside_down": (
            "The masks are given to the layers in the wrong order.",
            "`masks[0]` lies between the lowest layer and the next one.",
        ),
        "scaled_bias": (
            "The factor 1/(1 - p) also meets the bias.",
            "In (9.7) it stands before the masked states and nothing else.",
        ),
        "last_only": (
            "You return the top layer's last state. All its states are asked for.",
            "(T, B, H).",
        ),
        "not_carried": (
            "Nothing is handed on from step to step.",
            "Each layer starts from zeros once, and then reads its own last state.",
        ),
        "type": "One array is asked for, the top layer's states (T, B, H).",
        "raised": (
            "Something does not fit. masks is (L - 1, T, B, H), or None.",
            "X is not dropped: it has D columns, and no mask.",
        ),
        "mutated": (
            "You write into what was handed to you.",
            "`masks /= 1 - p` changes the caller's masks. `masks / (1 - p)` makes new ones.",
        ),
        "values": (
            "With `masks=None` first, then with masks that consist of ones and p = 0.",
            "Then p as given: the only thing that changes is what the layers above the first one read.",
        ),
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    L, (T, B, D, H) = 3, (int(n) for n in rng.permutation([4, 5, 6, 7]))
    X, p = rng.standard_normal((T, B, D)), float(rng.uniform(0.2, 0.4))
    layers = [list(weights(rng, H if level else D, H, biases=1)) for level in range(L)]
    masks = (rng.random((L - 1, T, B, H)) >= p) * 1.0
    whole, right = dropped(X, layers, None, p), dropped(X, layers, masks, p)
    letters = {"T": T, "B": B, "D": D, "H": H}
    loose = {"last_only": [whole[-1]], "not_carried": [wired(X, layers, "stack", "not_carried")]}
    factors = [lambda p: 1 - p, lambda p: 1 / (1 - p), lambda p: p, lambda p: 0.0]
    told = {"in_use": [dropped(X, layers, None, p, used=f) for f in factors], **loose}
    name = "dropped(…, masks=None, …)"
    same(s.dropped(X, layers, None, p), whole, name, axes="T, B, H", letters=letters, mistakes=told)
    slips = {code: [dropped(X, layers, masks, p, **how) for how in many] for code, many in DROP_SLIPS.items()}
    told = {"never_dropped": [whole], **slips, "last_only": [right[-1]]}
    got = s.dropped(X, layers, masks, p)
    name = "dropped(…, masks, …)"
    same(got, right, name, axes="T, B, H", letters=letters, mistakes=_unlike(told, right))


# --- q6 -----------------------------------------------------------------------------------------------------


def parameters(
    kind: str,
    D: int,
    widths: Sequence[int],
    Q: int,
    skips: bool,
    *,
    blocks: int = 0,
    biases: int = 2,
    output: str = "both",
    read: str = "below",
    into: bool = True,
    out: bool = True,
    first: bool = False,
    h: str = "own",
) -> int:
    """The parameters of a stack and its output layer; what stands behind the star errs."""
    total, below = 0, D
    for level, H in enumerate(widths):
        rows = {"below": below, "own": H if level else D, "D": D}[read]
        if skips and into and (level or first):
            rows += D
        square = {"own": H * H, "none": 0, "below": H * (below if level else H)}[h]
        total += (blocks or BLOCKS[kind]) * (rows * H + square + biases * H)
        below = H
    heard = {"sum": sum(widths), "top": widths[-1]}["sum" if skips and out else "top"]
    if output == "always all":
        heard = sum(widths)
    return total + {"none": 0, "weight": heard * Q}.get(output, heard * Q + Q)


COUNTS: dict[str, list[dict[str, Any]]] = {
    "one_bias": [{"biases": 1}],
    "no_bias": [{"biases": 0}],
    "no_output": [{"output": "none"}, {"output": "weight"}],
    "no_recurrent": [{"h": "none"}],
    "below": [{"read": "own"}, {"read": "D"}, {"h": "below"}],
    "no_skips": [{"into": False, "out": False}, {"into": False}, {"out": False}],
    "first_too": [{"first": True}],
    "all_read": [{"output": "always all"}],
    "blocks": [{"blocks": n} for n in range(1, 6)],
}


@question(
    "The same budget",
    points=2,
    asks=["parameters(kind, D, widths, Q, skips)", "widest(kind, D, L, Q, skips, budget)"],
    hints={
        "one_bias": (
            "PyTorch's layers have two biases, and you counted one.",
            "bias_ih and bias_hh: each has H entries for each block.",
        ),
        "no_bias": (
            "The biases of the recurrent layers are missing.",
            "bias_ih and bias_hh: each has H entries for each block.",
        ),
        "no_output": (
            "The output layer is missing, or a part of it.",
            "What it reads, times Q, and Q biases.",
        ),
        "no_recurrent": (
            "The weights from state to state are missing.",
            "Each layer has H × H of them in each block.",
        ),
        "below": (
            "A layer's input has the wrong size.",
            "The first layer reads D numbers, each other one as many as the layer *below* has units; from "
            "state to state it is the layer's own number, squared.",
        ),
        "no_skips": (
            "With `skips` something is not counted: there are two kinds of them.",
            "(9.3): every layer above the first reads D numbers more. (9.4): the output layer reads all "
            "layers.",
        ),
        "first_too": (
            "The first layer reads the input once, with skips and without.",
            "(9.3) holds for l > 1.",
        ),
        "all_read": (
            "Without skips the output layer reads the top layer only.",
            "`sum(widths)` with skips, `widths[-1]` without.",
        ),
        "blocks": (
            "The number of blocks is not right.",
            "RNN: one. GRU: three. LSTM: four.",
        ),
        "over": (
            "That many units cost more than the budget.",
            "The largest H for which `parameters(kind, D, [H] * L, Q, skips) <= budget`.",
        ),
        "under": (
            "One unit more in each layer would still be paid for.",
            "The largest H for which the cost is at most the budget. Exactly the budget is allowed.",
        ),
        "fraction": (
            "A number of units is a whole number.",
            "Round down, and return an `int`.",
        ),
        "nothing_fits": (
            "The budget does not pay for layers of a single unit: then the answer is 0.",
            "Look whether H = 1 can be paid for, before you begin to search.",
        ),
        "mistaken_count": (
            "The search is right for another way of counting.",
            "It must agree with `parameters`: call it, and nothing can go apart.",
        ),
        "type": "Return a whole number.",
        "raised": (
            "Look at what is handed in: `widths` is a list with one number for each layer.",
            "`widest` asks `parameters` for `[H] * L`.",
        ),
        "values": (
            "Count a stack that you can see through: an RNN with D = 1, widths [1, 1], Q = 1.",
            "Each layer has 1 + 1 weights and 2 biases, the output 2 numbers: 10 without skips, 12 with.",
        ),
    },
)
def q6(s: Names, rng: np.random.Generator) -> None:
    for kind in BLOCKS:
        for skips in (False, True):
            D, widths, Q, told = _telling(rng, kind, skips)
            right = parameters(kind, D, widths, Q, skips)
            same(
                s.parameters(kind, D, widths, Q, skips),
                right,
                f'parameters("{kind}", D={D}, {widths}, Q={Q}, skips={skips})',
                mistakes=told,
            )
    for kind, skips in zip(BLOCKS, (True, False, True), strict=True):
        D, Q, L = (int(n) for n in rng.permutation([2, 3, 4]))
        exact = parameters(kind, D, [int(rng.integers(20, 60))] * L, Q, skips)
        least = parameters(kind, D, [1] * L, Q, skips)
        for budget in (exact + int(rng.integers(2, 9)), exact, exact - 1, least - 1):
            _afforded(s.widest(kind, D, L, Q, skips, budget), kind, D, L, Q, skips, budget)


def _telling(
    rng: np.random.Generator, kind: str, skips: bool
) -> tuple[int, list[int], int, dict[str, list[int]]]:
    """Sizes D, widths and Q for which no two kinds of mistake give one number, and these numbers."""
    while True:
        D, Q, *widths = (int(n) for n in rng.choice(np.arange(3, 30), 5, replace=False))
        right = parameters(kind, D, widths, Q, skips)
        told = {
            code: sorted({parameters(kind, D, widths, Q, skips, **how) for how in many} - {right})
            for code, many in COUNTS.items()
        }
        all_numbers = [n for many in told.values() for n in many]
        if len({*all_numbers}) == len(all_numbers):
            return D, widths, Q, told


def widest(kind: str, D: int, L: int, Q: int, skips: bool, budget: int, **slip: Any) -> int:
    """The most units a layer whose stack costs no more than the budget, 0 when not even one does."""
    H = 0
    while H < 2000 and parameters(kind, D, [H + 1] * L, Q, skips, **slip) <= budget:
        H += 1
    return H


def _afforded(got: Any, kind: str, D: int, L: int, Q: int, skips: bool, budget: int) -> None:
    given = (kind, D, L, Q, skips, budget)
    right = widest(*given)
    name = f'widest("{kind}", D={D}, L={L}, Q={Q}, skips={skips}, budget={budget:,})'
    if right == 0 and got is None:
        raise Wrong("nothing_fits", f"`{name}` gives None, expected 0")
    found = as_numbers(got, name)
    if found.ndim:
        raise Wrong("type", f"`{name}` is an array of shape {found.shape}; expected a whole number")
    value = float(found.real)
    line = f"`{name}` gives {value:.6g}, expected {right}"
    if value == right:
        return
    if right == 0:
        raise Wrong("nothing_fits", line)
    if not math.isfinite(value) or value != round(value):
        raise Wrong("fraction", line)
    alone = widest(kind, D, 1, Q, False, budget)  # the width of one layer
    slips = [how for many in COUNTS.values() for how in many]
    if abs(value - right) > 1 and value in {alone, *(widest(*given, **how) for how in slips)}:
        raise Wrong("mistaken_count", line)
    if 1 <= value < 1e5 and (cost := parameters(kind, D, [int(value)] * L, Q, skips)) > budget:
        raise Wrong("over", f"{line}: it costs {cost:,}")
    raise Wrong("under" if value < right else "over", line)


# --- q7 -----------------------------------------------------------------------------------------------------

ENOUGH, MOST_WEIGHTS, SPLITS, STEPS_SHOWN, ROWS, ASKED = 0.8, 20_000, 2, 8, 2000, 400


@cache
def _sums(split: int) -> Arrays:
    """Rows of pictures (T, N, 64) and answers (T, N) to learn from; others, of pictures kept back.

    Which pictures are kept back, and which number stands for which last digit, differs from split to split.
    """
    pictures = load("digits")
    rng = np.random.default_rng([9, split])
    places, numbers = rng.permutation(len(pictures.labels)), rng.permutation(10)
    images = pictures.images.reshape(len(places), -1)
    found: list[np.ndarray] = []
    for pool, rows in ((places[:1200], ROWS), (places[1200:], ASKED)):
        k = pool[rng.integers(len(pool), size=(STEPS_SHOWN, rows))]
        digits = pictures.labels[k]
        y = np.full(k.shape, -100)
        y[1:] = numbers[(digits[1:] + digits[:-1]) % 10]
        found += [images[k], y]
    return tuple(found)


@question(
    "Two digits at a glance",
    points=3,
    asks=["adder(X, y)"],
    hints={
        "type": (
            "A list of the layers' dictionaries and the readout's dictionary are asked for.",
            "`return [layer.state_dict() for layer in layers], readout.state_dict()`: what the layers hold, "
            "not the layers.",
        ),
        "kind": (
            "A layer is no plain recurrent layer of PyTorch.",
            "Its keys are weight_ih_l0, weight_hh_l0 and two biases, and weight_hh_l0 is square: "
            "`nn.RNN(…, H)`, one layer, one direction.",
        ),
        "num_layers": (
            "One `nn.RNN` holds several layers. Here each layer is an object of its own.",
            "A list of `nn.RNN`, each with one layer; you hand the states from one to the next. Then skips "
            "can be put in between.",
        ),
        "sizes": (
            "A layer does not fit what is below it, or the readout what it is to read.",
            "Layer 1 reads 64 numbers; a later one the H of the layer below, or H + 64 with a skip from the "
            "input. The readout reads the top layer, or all layers, and says ten numbers.",
        ),
        "too_large": (
            f"That network has more than {MOST_WEIGHTS:,} weights.",
            "Your `widest` knows how wide each layer may be.",
        ),
        "nan": (
            "There is NaN or infinity among the weights: the training ran away.",
            "A smaller learning rate, and the norm of the gradient clipped at 1.",
        ),
        "constant": (
            "It gives every pair of pictures the same answer.",
            "Are the parameters of *all* layers in the optimiser, and is `step()` called?",
        ),
        "late": (
            "It would be far better if it were asked one step later.",
            "Each step is answered at once: y[t] belongs to X[t] and X[t - 1].",
        ),
        "one_way": (
            "Its layers do not seem to remember: it does as well when the picture before is another one.",
            "The layers must read the whole row, (T, N, 64), time first. If rows and steps are exchanged, "
            "there is nothing to remember.",
        ),
        "chance": (
            "It is hardly better than guessing: one in ten.",
            "Does the loss fall below ln 10 = 2.3? Are y's -100 left out of the loss? (`cross_entropy` does "
            "that by itself.) A plain stack of more than two layers may not learn: give it skips.",
        ),
        "one_layer": (
            "It has learned a good part. It has one layer: here is a task for a second one.",
            "Two layers of equal cost: recognise below, add above.",
        ),
        "not_yet": (
            "It has learned something. It is not enough yet.",
            "Still falling: train on. Jumping: clip the norm, let the learning rate fall to zero. Two "
            "layers, Adam with a rate of 0.01, batches of 32 rows and a thousand updates are enough.",
        ),
        "raised": "Call it in a new cell with a hundred rows, and print the shapes on the way.",
        "mutated": "You write into the rows that were handed to you: make a tensor, `torch.tensor(X)`.",
    },
)
def q7(s: Names, rng: np.random.Generator) -> None:
    X, y, X_kept, y_kept = _sums(int(rng.integers(SPLITS)))
    layers, readout = _network(s.adder(X.copy(), y.copy()))
    said = _answers(layers, readout, X_kept)
    share = float((said == y_kept)[1:].mean())
    if share >= ENOUGH:
        return
    line = f"{share:.1%} of {y_kept[1:].size:,} answers about new pictures are right"
    if (said[1:] == said[1, 0]).all():
        raise Wrong("constant", f"every answer is {said[1, 0]}; {line}")
    later = float((said[2:] == y_kept[1:-1]).mean())
    if later > max(share + 0.15, 0.4):
        raise Wrong("late", f"{line}, and {later:.0%} if they are read one step later")
    alone = _answers(layers, readout, X_kept[1:].reshape(1, -1, 64))
    if (alone.reshape(y_kept[1:].shape) == said[1:]).mean() > 0.9:
        raise Wrong("one_way", f"{line}, and nearly all stay the same without the picture before")
    if share < 0.2:
        raise Wrong("chance", line)
    seen = float((_answers(layers, readout, X[:, :200]) == y[:, :200])[1:].mean())
    line += f", {ENOUGH:.0%} are asked for; of those it could learn from {seen:.0%}"
    raise Wrong("one_layer" if len(layers) == 1 and share > 0.3 else "not_yet", line)


def _network(got: Any) -> tuple[list[Arrays], Arrays]:
    """The layers (W_ih, W_hh, b) and the readout (W, b) of a network as they came back.

    Raises:
        Wrong: they are no network of the kind that was asked for.
    """
    held, readout = parts(got, "a list of the layers' state_dict()", "readout.state_dict()")
    if isinstance(held, dict):
        held = [held]
    if not isinstance(held, list) or not held or not all(isinstance(one, dict) for one in [*held, readout]):
        raise Wrong("type", "no list of dictionaries and a dictionary came back")
    layers: list[Arrays] = []
    below, total, count = 64, 0, 0
    for level, one in enumerate(held, start=1):
        listed = f"layer {level} holds {', '.join(sorted(map(str, one)))}"[:300]
        if any(str(name).endswith("_l1") for name in one):
            raise Wrong("num_layers", listed)
        if "weight_ih_l0" not in one or "weight_hh_l0" not in one or any("reverse" in str(n) for n in one):
            raise Wrong("kind", listed)
        W_ih, W_hh = (_floats(one[f"weight_{part}_l0"], f"weight_{part}_l0") for part in ("ih", "hh"))
        if W_hh.ndim != 2 or W_ih.ndim != 2 or W_hh.shape != (len(W_ih),) * 2:
            raise Wrong("kind", f"layer {level}: weight_ih_l0 is {W_ih.shape}, weight_hh_l0 {W_hh.shape}")
        H = len(W_hh)
        biases = [_floats(one.get(f"bias_{part}_l0", np.zeros(H)), "a bias") for part in ("ih", "hh")]
        if any(b.shape != (H,) for b in biases):
            raise Wrong("kind", f"layer {level}: the biases have shapes {biases[0].shape}, {biases[1].shape}")
        if W_ih.shape[1] not in ({64} if level == 1 else {below, below + 64}):
            line = f"layer {level} reads {W_ih.shape[1]} numbers; "
            raise Wrong("sizes", line + (f"expected {below} or {below + 64}" if level > 1 else "expected 64"))
        layers.append((W_ih, W_hh, biases[0] + biases[1]))
        below, total = H, total + H
        count += W_ih.size + W_hh.size + 2 * H
    if "weight" not in readout:
        raise Wrong("type", f"the readout holds {', '.join(sorted(map(str, readout)))}"[:300])
    W = _floats(readout["weight"], "weight of the readout")
    b = _floats(readout.get("bias", np.zeros(10)), "bias of the readout")
    if W.ndim != 2 or len(W) != 10 or W.shape[1] not in (below, total) or b.shape != (10,):
        raise Wrong(
            "sizes", f"the readout has shapes {W.shape} and {b.shape}, the layers {total} units in all"
        )
    count += W.size + b.size
    if count > MOST_WEIGHTS:
        raise Wrong("too_large", f"{count:,} weights")
    return layers, (W, b)


def _floats(value: Any, name: str) -> np.ndarray:
    array = as_numbers(value, name)
    if array.dtype.kind == "c" or not np.isfinite(array).all():
        raise Wrong("nan", f"`{name}` holds NaN or infinity")
    return array.astype(float)


def _answers(layers: Sequence[Arrays], readout: Arrays, X: np.ndarray) -> np.ndarray:
    """What a network says (T, N) to rows of pictures (T, N, 64); sizes tell which skips it has."""
    below, found = X, []
    for W_ih, W_hh, b in layers:
        if W_ih.shape[1] == below.shape[-1] + 64 and found:
            below = np.concatenate([below, X], axis=-1)
        below = _tanh_layer(below, W_ih.T, W_hh.T, b)
        found.append(below)
    W, b = readout
    read = below if W.shape[1] == below.shape[-1] else np.concatenate(found, axis=-1)
    return (read @ W.T + b).argmax(-1)
