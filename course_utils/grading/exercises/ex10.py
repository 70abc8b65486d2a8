"""Exercise 10, bidirectional networks: the second reader, depth, weights, filling, slopes, a look ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import permutations, product
from typing import Any

import numpy as np

from course_utils.grading.activations import sigmoid, softmax
from course_utils.grading.compare import Wrong, agree, as_numbers, explained, parts, same
from course_utils.grading.questions import Names, question

TITLE = "Bidirectional networks"
# a learner may import torch in any cell, and some cells between the questions do
LIMITS = {"memory": 8 << 30, "processes": 64}

Arrays = tuple[np.ndarray, ...]


def weights(rng: np.random.Generator, D: int, H: int) -> Arrays:
    """W_xh (D, H), W_hh (H, H) and b_h (H,) of a layer of tanh units; no bias is near zero."""
    W_xh, W_hh = rng.standard_normal((D, H)) / np.sqrt(D), rng.standard_normal((H, H)) / np.sqrt(H)
    return W_xh, W_hh, rng.uniform(0.3, 0.8, H) * rng.choice([-1.0, 1.0], H)


def _line(a: np.ndarray) -> np.ndarray:
    return a


def _turned(X: np.ndarray) -> np.ndarray:
    return X[::-1]


def read(
    X: np.ndarray,
    h: np.ndarray,
    W_xh: np.ndarray,
    W_hh: np.ndarray,
    b: np.ndarray,
    *,
    bend: Callable[[np.ndarray], np.ndarray] = np.tanh,
    bias: float = 1.0,
    carry: bool = True,
    transposed: bool = False,
) -> np.ndarray:
    """States (T, B, H) in the order of reading, row by row from the first; behind the star it errs."""
    start, states = h, []
    for x_t in X:
        h = bend(x_t @ W_xh + (h if carry else start) @ (W_hh.T if transposed else W_hh) + bias * b)
        states.append(h)
    return np.array(states)


# --- q1 -----------------------------------------------------------------------------------------------------

CELL_SLIPS: dict[str, list[dict[str, Any]]] = {
    "no_bias": [{"bias": 0.0}],
    "no_bend": [{"bend": _line}],
    "other_bend": [{"bend": sigmoid}, {"bend": lambda a: np.maximum(a, 0)}],
    "not_carried": [{"carry": False}],
    "untransposed": [{"transposed": True}],
}
CELL_HINTS: dict[str, str | tuple[str, str]] = {
    "no_bias": ("A bias is missing.", "(10.1) adds b to both products, at every step."),
    "no_bend": (
        "The states have lost their tanh.",
        "φ in (10.1) is tanh here: it stands around the whole sum.",
    ),
    "other_bend": "The units are tanh units. Another function stands around your sum.",
    "not_carried": (
        "Every step begins in the state in which the reader started.",
        "What a step has made is what the next one starts from: `h = np.tanh(… h @ W_hh …)`.",
    ),
    "untransposed": (
        "W_hh is used the wrong way round. It is square, so no shape complained.",
        "Vectors are rows: `h @ W_hh`.",
    ),
}


@question(
    "The second reader",
    points=2,
    asks=["read_backward(X, h_end, W_xh, W_hh, b_h)"],
    hints={
        "forward": (
            "Your reader begins at the first step.",
            "It meets X[T - 1] first, in the state h_end: loop over `X[::-1]`, or over `reversed(range(T))`.",
        ),
        "as_read": (
            "The states stand in the order in which they were made: your row 0 belongs to X[T - 1].",
            "Turn the states round as you have turned the inputs: `[::-1]` once more.",
        ),
        "wrong_axis": (
            "Another axis than time is turned round.",
            "Time is the first axis, so `X[::-1]`. `X[:, ::-1]` turns the batch.",
        ),
        "start_ignored": (
            "Your reader starts from zeros, not from h_end.",
            "`h = h_end` before the loop.",
        ),
        "start_late": (
            "h_end comes in at the wrong end.",
            "It is the state to the right of X[T - 1]. The first step that is read has it beside W_hh.",
        ),
        "one_off": (
            "Row t holds the state before X[t] was read.",
            "First the step, then the state is put in its row: states[t] has X[t] in it.",
        ),
        "with_start": (
            "There are T + 1 states. The one that the reader starts in belongs to no step.",
            "Begin with an empty list, or leave h_end out at the end.",
        ),
        "last_only": (
            "Only the last state comes back. Asked for are all of them, (T, B, H).",
            "Collect the states in a list and make an array of it at the end.",
        ),
        **CELL_HINTS,
        "raised": (
            "Something does not fit. A step is (B, D) @ (D, H) + (B, H) @ (H, H) + (H,).",
            "`np.stack` or `np.array` makes (T, B, H) of a list of T states (B, H).",
        ),
        "mutated": (
            "You write into an array that was handed to you.",
            "`h_end[:] = …` and `X[:] = X[::-1]` change the caller's; `h = …` and `X[::-1]` do not.",
        ),
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H = (int(n) for n in rng.permutation([4, 5, 6, 7]))
    X, h, net = rng.standard_normal((T, B, D)), rng.uniform(-0.9, 0.9, (B, H)), weights(rng, D, H)
    right = read(X[::-1], h, *net)[::-1]
    zero = 0 * h

    def late() -> np.ndarray:
        """From zeros; h_end comes in at step 0, the last one read."""
        rest = read(X[:0:-1], zero, *net)
        return np.concatenate([read(X[:1], h, *net), rest[::-1]])

    batch = [read(X[:, ::-1], h, *net), read(X[:, ::-1], h, *net)[:, ::-1]]
    every = [np.flip(read(np.flip(X), h, *net)), read(np.flip(X), h, *net)[::-1], np.flip(right[::-1])]
    told: dict[str, Any] = {
        "forward": [read(X, h, *net), read(X, zero, *net)],
        "as_read": [read(X[::-1], h, *net), read(X, h, *net)[::-1], read(X[::-1], zero, *net)],
        "wrong_axis": [
            *batch,
            *every,
            read(X[::-1, ::-1], h, *net)[::-1],
            read(X[::-1, ::-1], h, *net)[::-1, ::-1],
            right[:, ::-1],
            right[:, :, ::-1],
            read(X[::-1], h, *net)[:, ::-1],
            read(X[:, :, ::-1], h, *net),
        ],
        "start_ignored": read(X[::-1], zero, *net)[::-1],
        "start_late": late(),
        "one_off": [
            np.concatenate([right[1:], h[None]]),
            np.concatenate([h[None], right[:-1]]),
            np.concatenate([right[1:], zero[None]]),
        ],
        "with_start": [
            np.concatenate([right, h[None]]),
            np.concatenate([h[None], right]),
            np.concatenate([h[None], right[::-1]]),
        ],
        "last_only": [right[0], right[-1], read(X, h, *net)[-1]],
    }
    for code, many in CELL_SLIPS.items():
        told[code] = [read(X[::-1], h, *net, **how)[::-1] for how in many]
    told["not_carried"].append(read(X, zero, *net, carry=False))
    letters = {"T": T, "B": B, "D": D, "H": H}
    given = (X, h, *net)
    same(s.read_backward(*given), right, "read_backward(…)", axes="T, B, H", letters=letters, mistakes=told)


# --- q2 -----------------------------------------------------------------------------------------------------

Layers = Sequence[Sequence[Sequence[np.ndarray]]]


def deep(
    X: np.ndarray,
    layers: Layers,
    W_hq: np.ndarray,
    b_q: np.ndarray,
    *,
    turn_in: Callable[[np.ndarray], np.ndarray] = _turned,
    turn_out: Callable[[np.ndarray], np.ndarray] = _turned,
    swapped: str = "",
    gap: bool = False,
    upto: int | None = None,
    bias_q: float = 1.0,
    **how: Any,
) -> Arrays:
    """The uppermost rows and the outputs, (10.1) to (10.3); what stands behind the star errs."""
    for k, (forward, backward) in enumerate(layers[:upto]):
        left = read(X, np.zeros((X.shape[1], len(forward[1]))), *forward, **how)
        right = turn_out(read(turn_in(X), np.zeros((X.shape[1], len(backward[1]))), *backward, **how))
        if gap:  # (10.4): what stands beside x_t, without x_t
            left = np.concatenate([0 * left[:1], left[:-1]])
            right = np.concatenate([right[1:], 0 * right[:1]])
        halves = [left, right]
        if swapped == "all" or (swapped == "top" and k == len(layers) - 1):
            halves.reverse()
        X = np.concatenate(halves, axis=2)
    return X, X @ W_hq + bias_q * b_q if X.shape[2] == len(W_hq) else X


@question(
    "Side by side, and on top of each other",
    points=3,
    asks=["deep_readers(X, layers, W_hq, b_q)"],
    hints={
        "unturned": (
            "The backward states lie side by side with the wrong forward states.",
            "The backward reader's first state belongs to the last step. Turn its states round before you "
            "put the two together, in every layer.",
        ),
        "forward_twice": (
            "Both of your readers go from left to right.",
            "The second one gets `X[::-1]`: time is the first axis.",
        ),
        "wrong_axis": (
            "It is the batch that you turn round, in one of the two turns.",
            "Time is the first axis: `[::-1]` both times, not `[:, ::-1]`.",
        ),
        "swapped": (
            "The backward half stands first.",
            "(10.2): the forward state, then the backward one. The weights above rely on it.",
        ),
        "gap": (
            "Your rows leave out the step itself, as (10.4) does it for gaps.",
            "In (10.2) both halves have read x_t.",
        ),
        "too_few": (
            "Your uppermost row is not that of the last layer.",
            "All entries of `layers`, each reading the row of the one below.",
        ),
        "no_output_bias": ("The output layer has lost its bias.", "(10.3): h_t W_hq + b_q."),
        "probabilities": (
            "You return probabilities. Asked for are the outputs before any softmax.",
            "`H @ W_hq + b_q`, as it is.",
        ),
        "last_row": (
            "There is an output for one step only. Asked for are all of them, (T, B, Q).",
            "`H @ W_hq` does it for every step at once.",
        ),
        "exchanged": ("The two results have changed places.", "First the rows, then the outputs."),
        "type": "Two arrays are asked for: the rows (T, B, H_f + H_b) and the outputs (T, B, Q).",
        **CELL_HINTS,
        "values": (
            "Take one layer first, and look at the backward half of its last row: it has read one step.",
            "`np.concatenate([left, right], axis=2)` is what the next layer reads, in both directions.",
        ),
        "raised": (
            "Something does not fit. Print the shapes of both halves, and of W_xh of the layer above.",
            "Each reader starts from zeros of its own size, (B, len(W_hh)). The halves have one T and one B, "
            "and are joined along the last axis.",
        ),
        "mutated": "You write into an array that was handed to you: `X[:] = …` changes the caller's.",
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    T, B, D, Q = (int(n) for n in rng.permutation([4, 5, 6, 8]))
    layers, rows = [], D
    for sizes in ((3, 7), (2, 5), (7, 3))[: int(rng.integers(2, 4))]:
        layers.append([list(weights(rng, rows, H)) for H in sizes])
        rows = sum(sizes)
    given = (rng.standard_normal((T, B, D)), layers, rng.standard_normal((rows, Q)), rng.standard_normal(Q))
    names = ("rows", "outputs")
    got = parts(s.deep_readers(*given), *names)
    right = deep(*given)
    if all(agree(as_numbers(g, n), r) for g, n, r in zip(got[::-1], names, right, strict=True)):
        raise Wrong("exchanged", f"the first result has shape {np.shape(got[0])}: these are the outputs")
    slips: dict[str, list[dict[str, Any]]] = {
        "unturned": [{"turn_out": _line}],
        "forward_twice": [{"turn_in": _line, "turn_out": _line}],
        "wrong_axis": [
            {"turn_in": a, "turn_out": b}
            for a, b in product((_turned, _batch_turned, _line), repeat=2)
            if _batch_turned in (a, b) and a is not b
        ],
        "swapped": [{"swapped": "all"}, {"swapped": "top"}],
        "gap": [{"gap": True}],
        "too_few": [{"upto": k} for k in range(1, len(layers))],
        "no_output_bias": [{"bias_q": 0.0}],
        **CELL_SLIPS,
    }
    # the uppermost layer alone, turned back nowhere but in it or everywhere but in it
    mistakes = {code: [deep(*given, **how) for how in many] for code, many in slips.items()}
    mistakes["forward_twice"].append(deep(*given, turn_in=_line))
    lower = deep(given[0], layers[:-1], *given[2:])[0]
    mistakes["unturned"].append(deep(lower, layers[-1:], *given[2:], turn_out=_line))
    mistakes["too_few"] += [(rows, right[1]) for rows, _ in mistakes["too_few"]]
    mistakes["probabilities"] = [(right[0], softmax(right[1]))]
    mistakes["last_row"] = [(right[0], right[1][-1]), (right[0], right[1][0])]
    letters = {"T": T, "B": B, "D": D, "H_f": len(layers[-1][0][1]), "H_b": len(layers[-1][1][1]), "Q": Q}
    explained(got, right, names, mistakes, ("T, B, H_f + H_b", "T, B, Q"), letters)


def _batch_turned(X: np.ndarray) -> np.ndarray:
    return X[:, ::-1]


# --- q3 -----------------------------------------------------------------------------------------------------

SIX = tuple(f"{part} {way}" for way in ("forward", "backward") for part in ("W_xh", "W_hh", "b"))
KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def six(
    held: Mapping[str, np.ndarray],
    layer: int,
    *,
    ends: tuple[str, str] = ("", "_reverse"),
    turned: Callable[[np.ndarray], np.ndarray] = np.transpose,
    biases: tuple[float, float] = (1.0, 1.0),
    exchanged: bool = False,
) -> Arrays:
    """W_xh, W_hh, b of the forward and of the backward reader; what stands behind the star errs."""
    found: list[np.ndarray] = []
    for end in ends:
        W_ih, W_hh, b_ih, b_hh = (held[f"{kind}_l{layer}{end}"] for kind in KINDS)
        pair = [turned(W_hh), turned(W_ih)] if exchanged else [turned(W_ih), turned(W_hh)]
        found += [*pair, biases[0] * b_ih + biases[1] * b_hh]
    return tuple(found)


@question(
    "Out of the library",
    points=3,
    asks=["directions(held, layer)", "summary(h_n)"],
    hints={
        "untransposed": (
            "A matrix stands as PyTorch keeps it. The book's stand the other way round.",
            "weight_ih is (4H, D) in PyTorch, W_xh (D, 4H) here: `.T`, and for W_hh as well.",
        ),
        "reshaped": (
            "The shape is right, the weights are not in their places.",
            "`reshape` re-reads the numbers row by row. To exchange the axes: `.T`.",
        ),
        "one_bias": (
            "PyTorch has two biases and `lstm_run` one. You took one of the two, or none.",
            "Both are added inside every gate, so one can hold their sum: bias_ih + bias_hh.",
        ),
        "bias_scaled": (
            "The bias is a multiple of the right one.",
            "bias_ih + bias_hh: the sum, each of them once.",
        ),
        "directions_exchanged": (
            "The forward reader's weights stand where the backward one's belong.",
            "The names of the backward ones end in `_reverse`. The forward triple comes first.",
        ),
        "one_direction": (
            "Both triples are of the same direction.",
            "The names of the backward reader's weights end in `_reverse`, behind the layer: "
            "`weight_ih_l0_reverse`.",
        ),
        "other_layer": (
            "These are the weights of another layer.",
            'The names have `_l0`, `_l1`, … in them: f"weight_ih_l{layer}".',
        ),
        "parts_exchanged": (
            "W_xh and W_hh have changed places.",
            "`ih` is from input to hidden, W_xh; `hh` from hidden to hidden, W_hh.",
        ),
        "type": "Two triples (W_xh, W_hh, b) are asked for, that of the forward reader first.",
        "lowest": (
            "`summary` takes the states of a layer further down.",
            "Layer by layer, the lowest first: the two last rows of h_n belong to the uppermost layer.",
        ),
        "by_direction": (
            "`summary` takes h_n for all forward states, then all backward ones.",
            "The order is layer 0 forward, layer 0 backward, layer 1 forward, …: h_n[-2] and h_n[-1].",
        ),
        "halves_swapped": (
            "The halves of the summary have changed places.",
            "In each layer the forward direction comes first: h_n[-2] is forward, h_n[-1] backward.",
        ),
        "mixed": (
            "A `reshape` has mixed the sequences of the batch in the summary.",
            "(2, B, H) reshaped to (B, 2H) puts the halves of *different* sequences side by side. "
            "`np.concatenate([h_n[-2], h_n[-1]], axis=1)`.",
        ),
        "all_layers": (
            "The summary holds the states of all layers. Asked for is the uppermost one.",
            "(B, 2H): two states for each sequence.",
        ),
        "one_half": (
            "The summary holds one direction only, or both added up.",
            "Side by side: (B, 2H). h_n[-1] alone is the backward reader of the uppermost layer.",
        ),
        "not_joined": (
            "The two states are not side by side: that is still an axis of its own.",
            "`np.concatenate(…, axis=1)` makes (B, 2H) of two arrays (B, H).",
        ),
        "raised": (
            "A name or a shape does not fit. Print the keys of `held`, and h_n.shape.",
            "A name is made of four parts: weight or bias, ih or hh, `_l` with the number, and `_reverse`.",
        ),
        "mutated": "You write into an array of `held`: `b_ih += b_hh` does, `b_ih + b_hh` does not.",
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    B, D, H = (int(n) for n in rng.permutation([3, 5, 7]))
    L = int(rng.integers(3, 5))
    held = {}
    for k, end in product(range(L), ("", "_reverse")):
        rows = D if k == 0 else 2 * H
        for kind, shape in zip(KINDS, ((4 * H, rows), (4 * H, H), (4 * H,), (4 * H,)), strict=True):
            held[f"{kind}_l{k}{end}"] = rng.uniform(-1, 1, shape)
    for layer in (0, int(rng.integers(1, L))):
        _same_six(s.directions(held, layer), held, layer, L, {"D": D, "H": H})
    h_n = rng.uniform(-1, 1, (2 * L, B, H))
    by_layer = h_n.reshape(L, 2, B, H)

    def joined(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.concatenate([a, b], axis=1)

    told = {
        "lowest": [joined(*by_layer[k]) for k in range(L - 1)],
        "by_direction": [joined(h_n[L - 1], h_n[-1]), joined(h_n[0], h_n[L]), joined(h_n[0], h_n[-1])],
        "halves_swapped": [joined(h_n[-1], h_n[-2])] + [joined(b, a) for a, b in by_layer],
        "mixed": [h_n[-2:].reshape(B, 2 * H), h_n[:2].reshape(B, 2 * H)],
        "all_layers": [
            np.concatenate([*h_n], axis=1),
            h_n.reshape(B, -1),
            h_n.swapaxes(0, 1).reshape(B, -1),
            np.concatenate([*h_n[::2], *h_n[1::2]], axis=1),
        ],
        "one_half": [h_n[-1], h_n[-2], h_n[-1] + h_n[-2], (h_n[-1] + h_n[-2]) / 2, h_n.sum(0), h_n.mean(0)],
        "not_joined": [h_n[-2:], h_n[-2:].swapaxes(0, 1), np.concatenate([h_n[-2], h_n[-1]])],
    }
    same(
        s.summary(h_n),
        joined(*h_n[-2:]),
        "summary(h_n)",
        axes="B, 2H",
        letters={"B": B, "H": H},
        mistakes=told,
    )


def _same_six(
    got: Any, held: Mapping[str, np.ndarray], layer: int, L: int, letters: Mapping[str, int]
) -> None:
    triples = parts(got, "(W_xh, W_hh, b) forward", "(W_xh, W_hh, b) backward")
    for triple, way in zip(triples, ("forward", "backward"), strict=True):
        if not isinstance(triple, list) or len(triple) != 3:
            count = f"{len(triple)} things" if isinstance(triple, list) else "one thing"
            raise Wrong("type", f"the {way} result is {count}, no triple (W_xh, W_hh, b)")

    def reshaped(A: np.ndarray) -> np.ndarray:
        return A.reshape(A.shape[::-1])

    slips: dict[str, list[dict[str, Any]]] = {
        "directions_exchanged": [{"ends": ("_reverse", "")}],
        "one_direction": [{"ends": (end, end)} for end in ("", "_reverse")],
        "untransposed": [{"turned": _line}],
        "reshaped": [{"turned": reshaped}],
        "one_bias": [{"biases": b} for b in ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0))],
        "bias_scaled": [{"biases": b} for b in ((0.5, 0.5), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0), (1.0, -1.0))],
        "parts_exchanged": [{"exchanged": True}],
    }
    mistakes = {code: [six(held, layer, **how) for how in many] for code, many in slips.items()}
    mistakes["other_layer"] = [six(held, k) for k in range(L) if k != layer]
    names = [f"{name}, layer {layer}" for name in SIX]
    rows = "D, 4H" if layer == 0 else "2H, 4H"
    found = [A for triple in triples for A in triple]
    explained(found, six(held, layer), names, mistakes, (rows, "H, 4H", "4H") * 2, letters)


# --- q4 -----------------------------------------------------------------------------------------------------


@question(
    "Unequal company",
    points=3,
    asks=["turn(X, lengths)", "ends(out, lengths)"],
    hints={
        "filling_first": (
            "`turn` brings the filling to the front.",
            "`X[::-1]` knows nothing of lengths. Row t of a sequence comes from row length - 1 - t.",
        ),
        "filling_turned": (
            "The real steps are turned rightly, and the filling is turned as well, or moved.",
            "Behind the end row t stays row t: `np.where(t < lengths, lengths - 1 - t, t)`. (A negative "
            "index counts from the back and complains of nothing.)",
        ),
        "filling_lost": (
            "The filling has been replaced by something else.",
            "Every row behind the end comes out as it went in, zero or not.",
        ),
        "one_off": (
            "The sequences are turned about the wrong step: by one too far, or too little.",
            "Of a sequence of 3 steps, rows 0, 1, 2 become 2, 1, 0: row t comes from length - 1 - t.",
        ),
        "one_length": (
            "All sequences are turned within one and the same length.",
            "Each has its own: compare t, as (T, 1), with `lengths`, (B,).",
        ),
        "unturned": (
            "Nothing has been turned round.",
            "Is the result of the turn kept, or the X that came in returned?",
        ),
        "wrong_axis": (
            "The batch is turned round, not time.",
            "Time is the first axis. Each column is turned by itself.",
        ),
        "crossed": (
            "Every sequence was turned by the length of every other one.",
            "`X[source]` with source (T, B) has an axis too many. A second index says which column: "
            "`X[source, np.arange(B)]`.",
        ),
        "last_row": (
            "`ends` takes the last row of the batch, whatever the lengths.",
            "That row is filling for most sequences, and a backward reader stops at the other end.",
        ),
        "backward_at_end": (
            "The forward half is right. The backward reader has read one step in the row that you take.",
            "It goes to the left, and has read everything at step 0: `out[0, :, H:]`.",
        ),
        "forward_at_start": (
            "The forward half is taken from where that reader begins.",
            "It has read everything at the sequence's last real step, lengths - 1.",
        ),
        "ends_exchanged": (
            "Each half is taken from where its reader *begins*.",
            "Forward: the last real step. Backward: step 0.",
        ),
        "filling_read": (
            "The forward half is taken from the filling.",
            "Sequence k ends at step lengths[k] - 1, not at T - 1.",
        ),
        "late_or_early": (
            "The forward half is one step off.",
            "A sequence of 3 steps ends with step 2: lengths - 1.",
        ),
        "halves_swapped": ("The halves have changed places.", "The forward one stands first, as in (10.2)."),
        "one_end": (
            "`ends` takes the end of one sequence for all.",
            "`out[lengths - 1, np.arange(B)]` takes one row for each.",
        ),
        "ends_crossed": (
            "Every sequence is read at the end of every other one.",
            "`out[lengths - 1]` is (B, B, 2H). A second index is missing: `np.arange(B)`.",
        ),
        "mean": (
            "`ends` takes a mean over steps. Asked for are two states.",
            "One row for each sequence: the state of each reader where it stops.",
        ),
        "values": (
            "Write down one column with length 3 of 5: rows a, b, c, x, y become c, b, a, x, y.",
            "`turn` twice must give back what came in, and with lengths all T it is `X[::-1]`.",
        ),
        "raised": (
            "Something does not fit. t is (T, 1), lengths (B,), so the comparison is (T, B).",
            "`X[source, np.arange(B)]` works for (T, B) and (T, B, D) alike.",
        ),
        "mutated": "You write into an array that was handed to you: begin with `X.copy()`, or index anew.",
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H = (int(n) for n in rng.permutation([4, 6, 7, 8]))
    lengths = np.concatenate([rng.permutation([T, T - 2, 2]), rng.integers(2, T, B - 3)])
    letters = {"T": T, "B": B, "D": D, "H": H}
    X = rng.standard_normal((T, B, D))
    codes = rng.permutation(T * B).reshape(T, B)
    for given, name, axes in ((X, "turn(X, lengths)", "T, B, D"), (codes, "turn(codes, lengths)", "T, B")):
        told = _turned_wrongly(given, lengths)
        same(s.turn(given, lengths), turned(given, lengths), name, axes=axes, letters=letters, mistakes=told)
    out, each, first = rng.uniform(-1, 1, (T, B, 2 * H)), np.arange(B), np.zeros(B, dtype=int)

    def taken(one: np.ndarray, two: np.ndarray) -> np.ndarray:
        return np.concatenate([out[one, each, :H], out[two, each, H:]], axis=1)

    own, end = lengths - 1, first + T - 1
    known = (np.arange(T)[:, None] < lengths)[:, :, None]
    right = taken(own, first)
    told = {
        "last_row": [out[-1], out[lengths.max() - 1]],
        "backward_at_end": [taken(own, own), taken(own, end)],
        "forward_at_start": [taken(first, first)],
        "ends_exchanged": [taken(first, own), taken(first, end)],
        "filling_read": [taken(end, first)],
        "late_or_early": [
            taken(np.minimum(own + 1, T - 1), first),
            taken(own - 1, first),
            taken(own - 1, own - 1),
            taken((own + 1) % T, first),
        ],
        "halves_swapped": [np.concatenate([right[:, H:], right[:, :H]], axis=1)],
        "one_end": [taken(first + int(n) - 1, first) for n in sorted(set(lengths) - {T})],
        "ends_crossed": [out[own], np.concatenate([out[own][:, :, :H], out[[0] * B][:, :, H:]], axis=2)],
        "mean": [out.mean(0), (out * known).sum(0) / known.sum(0)],
    }
    same(s.ends(out, lengths), right, "ends(out, lengths)", axes="B, 2H", letters=letters, mistakes=told)


def turned(X: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """X (T, B, …) with each sequence turned round within its length."""
    t = np.arange(len(X))[:, None]
    return X[np.where(t < lengths, lengths - 1 - t, t), np.arange(X.shape[1])]


def _turned_wrongly(X: np.ndarray, lengths: np.ndarray) -> dict[str, Any]:
    T, B = X.shape[:2]
    t, each = np.arange(T)[:, None], np.arange(B)
    back, inside = lengths - 1 - t, t < lengths
    source, right = np.where(inside, back, t), turned(X, lengths)
    wide = inside.reshape(T, B, *[1] * (X.ndim - 2))
    return {
        "filling_first": [X[::-1]],
        "filling_turned": [
            X[back % T, each],
            X[np.where(inside, back, (lengths - t) % T), each],
            X[np.where(inside, back, T - 1 - t), each],
        ],
        "filling_lost": [
            np.where(wide, right, 0),
            X[np.maximum(back, 0), each],
            np.where(wide, right, np.nan if X.dtype.kind == "f" else -1),
            np.where(wide, right, 1),
        ],
        "one_off": [
            X[np.where(inside, (lengths - t) % T, t), each],
            X[np.where(inside, np.minimum(lengths - t, T - 1), t), each],
            X[np.where(inside, (back - 1) % T, t), each],
            X[np.where(t < lengths - 1, lengths - 2 - t, t), each],
            X[np.where(t <= lengths, (lengths - t) % T, t), each],
        ],
        "one_length": [np.concatenate([X[:n][::-1], X[n:]]) for n in sorted(set(lengths.tolist()) - {T})],
        "unturned": [X],
        "wrong_axis": [X[:, ::-1]],
        "crossed": [X[source], X[:, each][source]],
    }


# --- q5 -----------------------------------------------------------------------------------------------------

FIVE = ("dX", "dh_end", "dW_xh", "dW_hh", "db_h")


def slopes(
    X: np.ndarray,
    h_end: np.ndarray,
    states: np.ndarray,
    d_states: np.ndarray,
    W_xh: np.ndarray,
    W_hh: np.ndarray,
    *,
    rightwards: bool = True,
    carry: str = "right",
    beside: str = "right",
    bent: Callable[[np.ndarray], np.ndarray] = lambda h: 1 - h**2,
    direct: str = "all",
    end: str = "right",
) -> Arrays:
    """The five slopes of a backward reader; what stands behind the star errs."""
    T = len(X)
    before = {
        "right": np.concatenate([states[1:], h_end[None]]),
        "left": np.concatenate([h_end[None], states[:-1]]),
        "left zero": np.concatenate([0 * h_end[None], states[:-1]]),
        "own": states,
        "no end": np.concatenate([states[1:], 0 * h_end[None]]),
    }[beside]
    da, arriving = np.zeros(states.shape), np.zeros(h_end.shape)
    for t in range(T) if rightwards else reversed(range(T)):
        at = d_states[t] if direct == "all" or t == {"first": 0, "last": T - 1}.get(direct) else 0
        da[t] = (at + arriving) * bent(states[t])
        arriving = {
            "right": lambda t=t: da[t] @ W_hh.T,
            "untransposed": lambda t=t: da[t] @ W_hh,
            "unbent": lambda t=t, at=at, a=arriving: (at + a) @ W_hh.T,
            "plain": lambda t=t: da[t],
            "none": lambda: 0 * h_end,
            "direct": lambda t=t, at=at: (at * bent(states[t])) @ W_hh.T,
        }[carry]()
    dh_end = {
        "right": arriving,
        "zero": 0 * arriving,
        "da": da[-1],
        "first": da[0] @ W_hh.T,
        "unbent": d_states[-1] @ W_hh.T,
        "last": da[-1] @ W_hh.T,
        "untransposed": da[-1] @ W_hh,
    }[end]
    return (
        da @ W_xh.T,
        dh_end,
        np.einsum("tbd,tbh->dh", X, da),
        np.einsum("tbg,tbh->gh", before, da),
        da.sum(axis=(0, 1)),
    )


ENDS = ("right", "last", "first", "zero")
SLOPE_SLIPS: dict[str, list[dict[str, Any]]] = {
    "leftwards": [
        {"rightwards": False, "beside": beside, "end": end}
        for beside, end in product(("left", "left zero", "right", "no end"), ENDS)
    ],
    "wrong_neighbour": [{"beside": beside, "end": end} for beside in ("left", "left zero") for end in ENDS],
    "own_state": [{"beside": "own"}],
    "no_end": [{"beside": "no end"}],
    "end_slope": [{"end": end} for end in ("zero", "da", "first", "unbent", "untransposed")]
    + [{"end": "zero", "beside": "no end"}],
    "not_carried": [{"carry": "none", "end": end} for end in ("right", "last", "zero")],
    "one_step": [{"carry": "direct"}],
    "untransposed": [{"carry": "untransposed"}, {"carry": "untransposed", "end": "last"}],
    "no_matrix": [{"carry": "plain"}],
    "no_slope": [{"bent": np.ones_like}],
    "carried_unbent": [{"carry": "unbent"}, {"carry": "unbent", "end": "last"}],
    "wrong_slope": [
        {"bent": lambda h: 1 - np.tanh(h) ** 2},
        {"bent": lambda h: h * (1 - h)},
        {"bent": lambda h: 1 - h},
    ],
    "one_loss": [{"direct": "first"}, {"direct": "last"}],
}


@question(
    "Slopes from the left",
    points=4,
    asks=["slopes(X, h_end, states, d_states, W_xh, W_hh)"],
    hints={
        "leftwards": (
            "Your slopes run from right to left, as for a forward reader.",
            "h_t was made from h at t + 1, so the slope goes from t to t + 1: `for t in range(T)`.",
        ),
        "wrong_neighbour": (
            "In dW_hh stands the neighbour on the wrong side.",
            "What stood beside W_hh when h_t was made is the state at t + 1, and h_end at the last step.",
        ),
        "own_state": (
            "In dW_hh stands the state that was made, not the one that it was made from.",
            "h_t is made from h at t + 1: `states[1:]`, and h_end behind it.",
        ),
        "no_end": (
            "The last step's share of dW_hh is missing.",
            "There the state beside W_hh was h_end. It is not zero.",
        ),
        "end_slope": (
            "dh_end is not right: what arrives there comes from the last step alone.",
            "h_end went into the state at the last step, through W_hh. So dh_end = da[T - 1] @ W_hh.T.",
        ),
        "not_carried": (
            "No slope goes from one step to another.",
            "The state at t + 1 also works through h_t, which was made from it: to d_states[t + 1] comes "
            "da[t] @ W_hh.T.",
        ),
        "one_step": (
            "A slope is carried on by one step and then lost.",
            "What goes on from step t is everything that arrived there, not d_states[t] alone.",
        ),
        "untransposed": (
            "On the way back W_hh is used the wrong way round. It is square, so no shape complained.",
            "Forwards h @ W_hh, backwards da @ W_hh.T.",
        ),
        "no_matrix": (
            "The slope that is carried on has not gone through W_hh.",
            "Between two states stands a product: da[t] @ W_hh.T.",
        ),
        "no_slope": (
            "The slope of tanh is missing.",
            "da = dh ⊙ (1 - h²), with h the state of that step.",
        ),
        "carried_unbent": (
            "The slope that is carried on has not gone through the tanh.",
            "First da[t] = dh[t] ⊙ (1 - h[t]²), then da[t] @ W_hh.T.",
        ),
        "wrong_slope": (
            "That is not the slope of tanh at this state.",
            "The states have gone through tanh already: 1 - h².",
        ),
        "one_loss": (
            "The loss comes in at one step only.",
            "d_states has a slope for each step. It is added to what arrives from the left.",
        ),
        "averaged": (
            "You take a mean over the batch or over time. The slopes add up.",
            "If the loss is a mean, the 1/B is in d_states already.",
        ),
        "summed_once": (
            "A gradient of a weight has an axis left over: every step and every sequence shares the weights.",
            '`.sum(axis=(0, 1))`, or `np.einsum("tbd,tbh->dh", X, da)`.',
        ),
        "exchanged": ("The five are right, in another order.", "dX, dh_end, dW_xh, dW_hh, db_h."),
        "type": "Five arrays are asked for: `return dX, dh_end, dW_xh, dW_hh, db_h`.",
        "values": (
            "Begin with T = 1: then nothing is carried, and h_end is the only state beside W_hh.",
            "Then T = 2. da[0] first; then da[1] from d_states[1] + da[0] @ W_hh.T.",
        ),
        "raised": (
            "Something does not fit. da is (T, B, H), one slice (B, H) for each step.",
            "`states[t + 1]` does not exist at the last step: there it is h_end.",
        ),
        "mutated": (
            "You write into an array that was handed to you.",
            "`d_states[t + 1] += …` changes the caller's. Keep what arrives in an array of its own.",
        ),
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H = (int(n) for n in rng.permutation([4, 5, 6, 7]))
    W_xh, W_hh, b = weights(rng, D, H)
    X, h_end = rng.standard_normal((T, B, D)), rng.uniform(-0.9, 0.9, (B, H))
    states = read(X[::-1], h_end, W_xh, W_hh, b)[::-1].copy()
    given = (X, h_end, states, rng.standard_normal((T, B, H)), W_xh, W_hh)
    right = slopes(*given)
    got = parts(s.slopes(*given), *FIVE)
    found = [as_numbers(g, name) for g, name in zip(got, FIVE, strict=True)]
    for places in permutations(range(5)):
        if places != tuple(range(5)) and all(agree(found[k], right[i]) for k, i in enumerate(places)):
            line = f"five right slopes came back, in the order {', '.join(FIVE[i] for i in places)}"
            raise Wrong("exchanged", line)
    mistakes = {code: [slopes(*given, **how) for how in many] for code, many in SLOPE_SLIPS.items()}
    mistakes["averaged"] = [
        made
        for n in (B, T, B * T)
        for made in (
            tuple(v / n for v in right),
            (*right[:2], *(v / n for v in right[2:])),
            (*right[:4], right[4] / n),
        )
    ]
    da = right[0] @ np.linalg.pinv(W_xh.T) if D >= H else None  # dX says what da is where D ≥ H
    mistakes["summed_once"] = [] if da is None else [(*right[:4], da.sum(k)) for k in (0, 1)]
    axes = ("T, B, D", "B, H", "D, H", "H, H", "H")
    letters = {"T": T, "B": B, "D": D, "H": H}
    if found[4].ndim == 2 and found[4].shape[1] == H and agree(found[4].sum(0), right[4]):
        over = "the batch" if len(found[4]) == B else "time"
        line = f"`db_h` has shape {found[4].shape}, expected ({H},): not summed over {over}"
        raise Wrong("summed_once", line)
    explained(got, right, FIVE, mistakes, axes, letters)


# --- q6 -----------------------------------------------------------------------------------------------------

MOST = 1000
Model = Callable[[np.ndarray], np.ndarray]  # (N, T, D) → (N, T, Q)


def mixed(X: np.ndarray, W: np.ndarray) -> np.ndarray:
    """tanh(X W), (N, T, Q), in sums whose order does not hang on N: equal inputs give equal last digits."""
    return np.tanh(sum(X[:, :, d, None] * W[d] for d in range(len(W))))


def leaky(X: np.ndarray, keep: float) -> np.ndarray:
    """States of a reader that forgets slowly: h_t = keep · h_{t-1} + x_t, along the second axis."""
    h, states = 0 * X[:, 0], []
    for t in range(X.shape[1]):
        h = keep * h + X[:, t]
        states.append(h)
    return np.stack(states, axis=1)


def moved(X: np.ndarray, by: int) -> np.ndarray:
    """Row t is row t + ``by``, 0 where there is none."""
    Y, T = 0 * X, X.shape[1]
    if by >= 0:
        Y[:, : T - by] = X[:, by:]
    else:
        Y[:, -by:] = X[:, : T + by]
    return Y


def models(rng: np.random.Generator, T: int, D: int, Q: int) -> dict[str, tuple[Model, int, int]]:
    """What is sent for judging: a name → the model, how far ahead it looks, how far back."""
    W, V = rng.uniform(0.2, 0.8, (2, D, Q)) * rng.choice([-1.0, 1.0], (2, D, Q))
    keep, k, c = float(rng.uniform(0.8, 0.95)), int(rng.integers(2, 4)), 4

    def forward(X: np.ndarray) -> np.ndarray:
        return leaky(mixed(X, W), keep)

    def backward(X: np.ndarray) -> np.ndarray:
        return leaky(mixed(X, V)[:, ::-1], keep)[:, ::-1]

    def window(X: np.ndarray, offsets: Sequence[int]) -> np.ndarray:
        made = mixed(X, W)
        return sum(moved(made, by) / (3 + i) for i, by in enumerate(offsets))

    def blocks(X: np.ndarray) -> np.ndarray:
        return forward(X) + np.concatenate([backward(X[:, i : i + c]) for i in range(0, T, c)], axis=1)

    def one_input(X: np.ndarray, d: int) -> np.ndarray:
        return forward(X) + moved(mixed(X[:, :, d : d + 1], V[d : d + 1]), k)

    each = {
        f"a model that looks ahead at input {d} only": (partial(one_input, d=d), k, T - 1) for d in range(D)
    }

    return {
        "a forward reader": (forward, 0, T - 1),
        "two readers": (lambda X: forward(X) + backward(X), T - 1, T - 1),
        "a window": (lambda X: window(X, range(-4, k + 1)), k, 4),
        "a late reader": (lambda X: moved(forward(X), -2), 0, T - 1),
        "a window with a hole": (lambda X: window(X, (-1, 3)), 3, 1),
        "two readers in blocks of four steps": (blocks, c - 1, T - 1),
        **each,
        "a model with tiny outputs": (lambda X: 1e-5 * window(X, (-1, 0, 1, 2)), 2, 1),
        "a forward reader, the mean over time subtracted": (
            lambda X: forward(X - X.mean(axis=1, keepdims=True)),
            T - 1,
            T - 1,
        ),
    }


@question(
    "Does it look ahead?",
    points=3,
    asks=["probes(X)", "steps_ahead(sent, Y)"],
    hints={
        "probe_shape": (
            "`probes` must return sequences of the length and width of X: (N, T, D).",
            f"`np.array` of a list of N arrays (T, D), N at most {MOST}.",
        ),
        "not_finite": "The models are for numbers: no NaN and no infinity among your probes.",
        "no_change": (
            "All the sequences that you send are the same. So all the answers are.",
            "Copy X, change one step of the copy, and send both: `Z = X.copy(); Z[s] += 1`.",
        ),
        "one_input": (
            "Your probes never change some of the inputs. A model that looks at these only is not caught.",
            "Change all D inputs of a step: `Z[s] += 1`, not `Z[s, 0] += 1`.",
        ),
        "all_at_once": (
            "Your probes change every step at once. Then every output may move, and tells nothing.",
            "Change one step at a time, and look at the outputs before it.",
        ),
        "not_every_step": (
            "There are steps that you never change. A model that looks ahead at some steps only escapes.",
            "One probe for each step s from 0 to T - 1.",
        ),
        "past_counted": (
            "You count how far a model looks *back*, or how far in any direction.",
            "A change at step s that moves the output at t tells of a look ahead where t < s: by s - t.",
        ),
        "itself": (
            "Your number is one too large: an output that depends on its own step looks 0 steps ahead.",
            "Changed at s, moved at t: s - t steps ahead.",
        ),
        "yes_no": (
            "Asked for is how far it looks ahead, a number of steps, not whether it does.",
            "The largest s - t over all changes s and all outputs t that moved.",
        ),
        "not_largest": (
            "The model looks further ahead than you say.",
            "Asked for is the *largest* s - t, over all probes and all outputs.",
        ),
        "tolerance": (
            "Small outputs that move do not count as moved.",
            "What an output does not depend on cannot change its last digit: compare with `!=`.",
        ),
        "sign": "Changed at s, moved at t: the model looks s - t steps ahead, not t - s.",
        "values": (
            "Try it on two models of your own: X itself as the output, and X[::-1].",
            "For the first the answer is 0. For the second it is T - 1.",
        ),
        "type": "`steps_ahead` returns one whole number, and `probes` one array (N, T, D).",
        "raised": (
            "Print the shapes: sent is (N, T, D), Y is (N, T, Q).",
            "If no output moved, the maximum of nothing raises: then the answer is 0.",
        ),
        "mutated": (
            "You change the X that was handed to you.",
            "`Z = X` gives it a second name. `Z = X.copy()` makes another one.",
        ),
    },
)
def q6(s: Names, rng: np.random.Generator) -> None:
    T, (D, Q) = int(rng.integers(9, 12)), (int(n) for n in rng.permutation([3, 4]))
    for name, (model, ahead, back) in models(rng, T, D, Q).items():
        X = rng.standard_normal((T, D))
        sent = as_numbers(s.probes(X), "probes(X)")
        if sent.dtype.kind == "c" or sent.ndim != 3 or sent.shape[1:] != (T, D) or not 0 < len(sent) <= MOST:
            line = f"`probes(X)` has shape {sent.shape}, expected (N, {T}, {D}) with N from 1 to {MOST}"
            raise Wrong("probe_shape", line)
        sent = sent.astype(float)
        if not np.isfinite(sent).all():
            raise Wrong("not_finite", "`probes(X)` holds NaN or infinity")
        if not (sent != sent[0]).any():
            raise Wrong("no_change", f"`probes(X)` is {len(sent)} times the same sequence")
        with np.errstate(all="ignore"):
            Y = model(sent)
        got = s.steps_ahead(sent, Y)
        called = f"`steps_ahead` of {name} with T={T}"
        if isinstance(got, bool):
            raise Wrong("yes_no", f"{called} gives {got}, expected {ahead}")
        found = as_numbers(got, "steps_ahead(sent, Y)")
        if found.ndim:
            raise Wrong("type", f"{called} is an array of shape {found.shape}; expected a whole number")
        if found == ahead:
            continue
        line = f"{called} gives {complex(found).real:.6g}, expected {ahead}"
        raise Wrong(_why(complex(found).real, ahead, back, name, sent, X), line)


def _why(got: float, ahead: int, back: int, name: str, sent: np.ndarray, X: np.ndarray) -> str:
    """The code of the mistake behind a wrong number: of the probes first, then of how they were read."""
    T = len(X)
    changed = (sent != X).any(axis=2)
    firsts = {int(row.argmax()) for row in changed if row.any()}
    if firsts <= {0}:
        return "all_at_once"
    if "only" in name and not (sent != sent[0]).any(axis=(0, 1)).all():
        return "one_input"
    if 0 <= got < ahead and firsts | {0} != set(range(T)):
        return "not_every_step"
    if got == -ahead and ahead:
        return "sign"
    if got == max(back, ahead):
        return "past_counted"
    if got == ahead + 1:
        return "itself"
    if "tiny" in name and got < ahead:
        return "tolerance"
    return "not_largest" if got < ahead else "values"
