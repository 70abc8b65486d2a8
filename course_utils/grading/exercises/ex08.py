"""Exercise 08, GRU: a step, its conventions, weights moved, a step back, a budget, two bugs, a reader."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from itertools import chain, combinations, permutations, product
from typing import Any

import numpy as np

from course_utils.data import load
from course_utils.grading.activations import sigmoid, softmax
from course_utils.grading.compare import Wrong, agree, as_numbers, explained, parts, same
from course_utils.grading.questions import Names, question

TITLE = "GRU"
# questions 7 and 8 load torch, and question 8 trains a network
NEEDS = ("torch",)
LIMITS = {
    "memory": 8 << 30,
    "processes": 64,
    "call_seconds": 120,
    "cell_seconds": 60,
    "total_seconds": 300,
}

GATES = "rzn"  # PyTorch's order
Arrays = tuple[np.ndarray, ...]


def weights(rng: np.random.Generator, D: int, H: int) -> Arrays:
    """W_xh (D, 3H), W_hh (H, 3H), b_x, b_h (3H,): no gate is shut, no bias is near zero."""
    W_xh, W_hh = rng.standard_normal((D, 3 * H)) / np.sqrt(D), rng.standard_normal((H, 3 * H))
    b_x, b_h = (rng.uniform(0.3, 0.8, 3 * H) * rng.choice([-1.0, 1.0], 3 * H) for _ in range(2))
    return W_xh, W_hh, b_x, b_h


def gru_step(
    x: np.ndarray,
    h: np.ndarray,
    W_xh: np.ndarray,
    W_hh: np.ndarray,
    b_x: np.ndarray,
    b_h: np.ndarray,
    *,
    reset: str = "after",
    keeps: bool = True,
    order: str = GATES,
    interleaved: bool = False,
    biases: tuple[float, float] = (1.0, 1.0),
    gate: Any = sigmoid,
    bend: Any = np.tanh,
    blend: str = "right",
    z_from: str = "old",
) -> np.ndarray:
    """One step (8.1) to (8.3): the next states (B, H).

    ``reset`` "before" and ``keeps`` False are the other conventions, (8.5) and (8.4). What else differs from
    the defaults errs: the reset at another place, the order of the gates, factors of the biases, other
    activations, another blend, an update gate that looks at the candidate.
    """
    H = h.shape[1]

    def split(A: np.ndarray) -> dict[str, np.ndarray]:
        blocks = [A[..., k::3] if interleaved else A[..., k * H : (k + 1) * H] for k in range(3)]
        return {name: blocks[order.index(name)] for name in GATES}

    W, U, b, c = split(W_xh), split(W_hh), split(biases[0] * b_x), split(biases[1] * b_h)
    a = {name: x @ W[name] + b[name] for name in GATES}
    r = gate(a["r"] + h @ U["r"] + c["r"])
    z = gate(a["z"] + (r * h if reset == "gates" else h) @ U["z"] + c["z"])
    m = h @ U["n"] + c["n"]
    n = bend(
        {
            "after": lambda: a["n"] + r * m,
            "before": lambda: a["n"] + (r * h) @ U["n"] + c["n"],
            "none": lambda: a["n"] + m,
            "x": lambda: r * a["n"] + m,
            "all": lambda: r * (a["n"] + m),
            "outside": lambda: a["n"] + r * (h @ U["n"]) + c["n"],
            "bias": lambda: a["n"] + (r * h) @ U["n"] + r * c["n"],
            "update": lambda: a["n"] + z * m,
            "inverse": lambda: a["n"] + (1 - r) * m,
            "gates": lambda: a["n"] + (r * h) @ U["n"] + c["n"],
            "both": lambda: a["n"] + r * ((r * h) @ U["n"] + c["n"]),
        }[reset]()
    )
    if z_from == "new":
        z = gate(a["z"] + n @ U["z"] + c["z"])
    new, old = (1 - z, z) if keeps else (z, 1 - z)
    return {
        "right": lambda: new * n + old * h,
        "reset": lambda: new * n + old * (r * h),
        "no_old": lambda: new * n,
        "candidate": lambda: n,
        "all_new": lambda: n + old * h,
        "all_old": lambda: new * n + h,
        "by_r": lambda: (1 - r) * n + r * h,
    }[blend]()


def _line(a: np.ndarray) -> np.ndarray:
    return a


# --- q1 -----------------------------------------------------------------------------------------------------

SLIPS: dict[str, list[dict[str, Any]]] = {  # code → what `gru_step` is told to do wrong
    "other_z": [{"keeps": False}],
    "swapped": [{"order": "zrn"}],
    "order": [{"order": "".join(p)} for p in permutations(GATES) if p not in (tuple("rzn"), tuple("zrn"))],
    "interleaved": [{"interleaved": True}],
    "bias_outside": [{"reset": "outside"}],
    "no_reset": [{"reset": "none"}],
    "reset_x": [{"reset": "all"}, {"reset": "x"}],
    "wrong_gate": [{"reset": "update"}, {"reset": "inverse"}, {"blend": "by_r"}],
    "no_bias": [{"biases": b} for b in ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0))],
    "one_bias_twice": [{"biases": b} for b in ((2.0, 0.0), (0.0, 2.0), (2.0, 2.0))],
    "no_bend": [{"bend": _line}],
    "other_bend": [{"bend": sigmoid}, {"gate": np.tanh}, {"gate": np.tanh, "bend": sigmoid}],
    "gate_line": [{"gate": _line}],
    "no_old": [{"blend": "no_old"}, {"blend": "candidate"}],
    "no_blend": [{"blend": "all_new"}, {"blend": "all_old"}],
    "old_lost": [{"blend": "reset"}],
}
STEP_HINTS: dict[str, str | tuple[str, str]] = {
    "other_z": (
        "z stands on the wrong side of the blend.",
        "In (8.3), as in PyTorch, z is the share of the *old* state: (1 - z) ⊙ n + z ⊙ h.",
    ),
    "swapped": (
        "The reset gate and the update gate have each other's weights.",
        "The columns hold r first, then z, then n: `a[:, :H]`, `a[:, H:2*H]`, `a[:, 2*H:]`.",
    ),
    "order": (
        "The three parts are not cut out in the order r, z, n.",
        "Columns 0 to H - 1 belong to r, H to 2H - 1 to z, the rest to n, in both matrices and both biases.",
    ),
    "interleaved": (
        "You take every third column. The parts stand in blocks of H columns.",
        "`np.split(a, 3, axis=1)` cuts blocks; `a[:, 0::3]` does not.",
    ),
    "bias_outside": (
        "The reset gate multiplies the product, but not the bias beside it.",
        "In (8.2) the n part of b_h stands inside the bracket: r ⊙ (h W_hn + b_hn). This is why b_h and "
        "b_x cannot be one vector.",
    ),
    "no_reset": (
        "The reset gate plays no part in your candidate.",
        "What comes from the old state is multiplied by r before it meets what comes from x: (8.2).",
    ),
    "reset_x": (
        "The reset gate multiplies what comes from x.",
        "It decides how much of the *old state* the candidate sees. The input's part stays whole.",
    ),
    "wrong_gate": (
        "One gate does the work of the other, or its opposite.",
        "r stands inside the tanh, as it is; z blends. Neither stands in both places.",
    ),
    "no_bias": (
        "A bias is missing.",
        "There are two: b_x goes with the product of x, b_h with the product of h.",
    ),
    "one_bias_twice": (
        "A bias counts twice.",
        "b_x once, beside x_t @ W_xh; b_h once, beside h_before @ W_hh.",
    ),
    "no_bend": (
        "The candidate has lost its tanh.",
        "n is the tanh of the bracket, (8.2). Without it a state can grow without bound.",
    ),
    "other_bend": (
        "An activation is exchanged: tanh is for the candidate, the logistic function for the gates.",
        "A gate is a share, between 0 and 1. A candidate may be negative.",
    ),
    "gate_line": (
        "The gates have no activation.",
        "r and z are shares between 0 and 1: take the logistic function, `sigmoid`.",
    ),
    "no_old": (
        "Nothing of the old state is kept directly.",
        "(8.3) has two terms. The second, z ⊙ h, carries the old state over unchanged.",
    ),
    "no_blend": (
        "The two shares of the blend do not add up to 1.",
        "One share is z and the other 1 - z, so that h stays between its old value and n.",
    ),
    "old_lost": (
        "The blend takes the state after the reset gate has touched it.",
        "r is for the candidate only. What z keeps is the old state as it was.",
    ),
}


@question(
    "One step of a GRU",
    points=2,
    asks=["gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h)"],
    hints={
        "reset_before": (
            "The reset gate multiplies the state *before* the product with W_hn. That is the other GRU.",
            "In (8.2) it comes after: first h @ W_hn + b_hn, then times r.",
        ),
        **STEP_HINTS,
        "type": "One array is asked for, the new state (B, H). The gates stay inside.",
        "shape": "Each part is (B, H): is the (B, 3H) sum cut in three along axis 1?",
        "raised": (
            "Something does not fit. Print the shapes of x_t @ W_xh and of h_before @ W_hh.",
            "Both products are (B, 3H). Cut each along its second axis into three of (B, H).",
        ),
        "mutated": (
            "You write into the caller's state.",
            "`h_before *= z` changes it for everybody. `z * h_before` makes a new array.",
        ),
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    B, D, H = (int(n) for n in rng.permutation([4, 5, 7]))
    given = (rng.standard_normal((B, D)), rng.uniform(-0.9, 0.9, (B, H)), *weights(rng, D, H))
    slips = {"reset_before": [{"reset": "before"}], **SLIPS}
    same(
        s.gru_step(*given),
        gru_step(*given),
        "gru_step(x_t, h_before, …)",
        axes="B, H",
        letters={"B": B, "D": D, "H": H},
        mistakes={code: [gru_step(*given, **how) for how in many] for code, many in slips.items()},
    )


# --- q2 -----------------------------------------------------------------------------------------------------

CHOICES = tuple(product(("before", "after"), (True, False)))  # (reset, z_keeps)


@question(
    "Four GRUs of one name",
    points=3,
    asks=["gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps)"],
    hints={
        "product": (
            'With reset="before" the gate still comes after the product.',
            "Row by row the gate multiplies h first, then W_hn mixes the units: (r ⊙ h) W_hn. The two do not "
            "commute.",
        ),
        "bias_reset": (
            'With reset="before" the gate also multiplies the bias b_hn.',
            "By (8.5) it multiplies the state only: (r ⊙ h) W_hn + b_hn.",
        ),
        "in_gates": (
            "The reset state has found its way into the update gate.",
            "Both gates look at the old state as it was. Only the candidate sees r ⊙ h.",
        ),
        "twice": (
            'With reset="before" you reset twice, before the product and after it.',
            "Either the one or the other: two branches for the inside of the tanh.",
        ),
        "reset_ignored": (
            "The argument `reset` changes nothing.",
            'Two branches: "after" multiplies the product, (8.2), and "before" the state, (8.5).',
        ),
        "reset_turned": (
            "The two values of `reset` have each other's meaning.",
            '"before" means that the gate is applied before the product with W_hn.',
        ),
        "z_ignored": (
            "The argument `z_keeps` changes nothing.",
            "True: z is the share of the old state, (8.3). False: of the candidate, (8.4).",
        ),
        "z_turned": (
            "The two values of `z_keeps` have each other's meaning.",
            "z_keeps=True is (8.3), PyTorch's: (1 - z) ⊙ n + z ⊙ h.",
        ),
        **{code: hint for code, hint in STEP_HINTS.items() if code != "other_z"},
        "values": (
            'Take z_keeps=True and reset="after" first: that is question 1.',
            "When question 1 passes, change one line for (8.5), and one for (8.4).",
        ),
        "raised": (
            "Something does not fit. r and h are (B, H), the part of W_hh for n is (H, H).",
            "`W_hh[:, 2 * H :]` is the part for n.",
        ),
        "mutated": (
            "You write into the caller's state.",
            "`h_before *= r` changes it for everybody. `r * h_before` makes a new array.",
        ),
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    B, D, H = (int(n) for n in rng.permutation([4, 5, 7]))
    given = (rng.standard_normal((B, D)), rng.uniform(-0.9, 0.9, (B, H)), *weights(rng, D, H))
    names = [f'gru_variant(…, reset="{reset}", z_keeps={keeps})' for reset, keeps in CHOICES]
    found = [s.gru_variant(*given, reset, keeps) for reset, keeps in CHOICES]
    right = tuple(gru_step(*given, reset=reset, keeps=keeps) for reset, keeps in CHOICES)
    # with the reset before the product it does not matter on which side of it the bias stands
    outside = {"before": "before", "after": "outside"}
    mistakes = {"bias_outside": [tuple(gru_step(*given, reset=outside[r], keeps=k) for r, k in CHOICES)]}
    for code, values in _misread(given):
        mistakes.setdefault(code, []).append(values)
    for code, many in SLIPS.items():
        for how in many if code != "other_z" else ():
            values = tuple(gru_step(*given, **{"reset": reset, "keeps": k, **how}) for reset, k in CHOICES)
            mistakes.setdefault(code, []).append(values)
    explained(found, right, names, mistakes, ["B, H"] * 4, {"B": B, "D": D, "H": H})


def _misread(given: Arrays) -> list[tuple[str, Arrays]]:
    """What comes back when the arguments are not understood, or (8.5) is not; several at once as well."""
    resets = {
        "": {"before": "before", "after": "after"},
        "reset_ignored": {"before": "after", "after": "after"},
        "reset_ignored ": {"before": "before", "after": "before"},
        "reset_turned": {"before": "after", "after": "before"},
    }
    keeping = {
        "": {True: True, False: False},
        "z_ignored": {True: True, False: True},
        "z_ignored ": {True: False, False: False},
        "z_turned": {True: False, False: True},
    }
    befores = {"": "before", "product": "outside", "bias_reset": "bias", "in_gates": "gates", "twice": "both"}
    found = []
    for (one, reset), (two, keep), (three, before) in product(
        resets.items(), keeping.items(), befores.items()
    ):
        codes = [code.strip() for code in (three, one, two) if code]
        if not codes or (three and "before" not in reset.values()):
            continue
        how = {"before": before, "after": "after"}
        values = tuple(gru_step(*given, reset=how[reset[r]], keeps=keep[k]) for r, k in CHOICES)
        found.append((codes[0], values))
    return found


# --- q3 -----------------------------------------------------------------------------------------------------


@question(
    "Moving house",
    points=3,
    asks=["to_torch(W, U, b, c)"],
    hints={
        "untransposed": (
            "A matrix stands as the book writes it. PyTorch keeps it the other way round.",
            "weight_ih_l0 is (3H, D) and weight_hh_l0 (3H, H): three blocks of rows, one for each gate.",
        ),
        "reshaped": (
            "The shape is right, the weights are not in their places.",
            "`reshape` re-reads the numbers row by row; what you want is the axes exchanged, `.T`.",
        ),
        "order": (
            "The blocks do not stand in PyTorch's order.",
            "They come as z, r, n and must leave as r, z, n: in the matrices and in both biases.",
        ),
        "no_flip": (
            "The blocks are in their places, but z still means the share of the *new*.",
            "1 - σ(a) is σ(-a): the gate turns round when everything inside it changes its sign.",
        ),
        "wrong_flip": (
            "Another block than that of z has changed its sign, or more than one.",
            "Only z means something else in the two conventions. Reorder first, then look where z stands.",
        ),
        "half_flip": (
            "Not all of z has changed its sign.",
            "Inside the gate stands x W + b + h U + c. All four must change, or the sum does not.",
        ),
        "one_minus": (
            "You wrote 1 minus the weight. It is the *gate* that becomes 1 minus itself.",
            "1 - σ(a) = σ(-a): change the sign of what stands inside.",
        ),
        "bias_sum": (
            "You have added the two biases up. For r and z that is fine, for n it is not.",
            "c's part for n stands inside the reset gate's bracket and b's does not, see (8.2). They have to "
            "stay apart.",
        ),
        "bias_swapped": (
            "The two biases have changed places.",
            "b goes with the input, that is bias_ih; c goes with the state, bias_hh.",
        ),
        "no_bias": (
            "A bias is lost.",
            "Four arrays come in, four go out. Both biases move, in the new order, z with its sign changed.",
        ),
        "type": "Four arrays are asked for: `return weight_ih, weight_hh, bias_ih, bias_hh`.",
        "values": (
            "Do it in three steps, and look at each: cut in three, turn z round, put together.",
            "Cut one array, `z, r, n = np.split(W, 3, axis=1)`, and write `np.hstack([r, -z, n]).T`. The "
            "others go the same way.",
        ),
        "raised": (
            "Something does not fit. W is (D, 3H), U is (H, 3H), b and c are (3H,).",
            "The blocks lie along the last axis: `np.split(A, 3, axis=-1)` cuts all four.",
        ),
        "mutated": (
            "You turn the caller's z round, in place.",
            "What `np.split` gives are views of the caller's array: `-z` is a new one, `z *= -1` is not.",
        ),
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    D, H = (int(n) for n in rng.permutation([4, 5]))
    W, U, b, c = weights(rng, D, H)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    got = parts(s.to_torch(W, U, b, c), *names)
    shown = ("weight_ih", "weight_hh", "bias_ih + bias_hh, r and z", "bias_ih, n", "bias_hh, n")
    letters = {"D": D, "H": H}
    for k in (2, 3):  # only sums of biases count for r and z; to add them up the shapes must be right
        array = as_numbers(got[k], names[k])
        if array.shape != (3 * H,):
            line = f"`{names[k]}` has shape {array.shape}, expected ({3 * H},) = (3H) with D={D}, H={H}"
            raise Wrong("no_bias" if array.ndim == 0 else "shape", line)
    right = moved(W, U, b, c)
    mistakes: dict[str, list[Arrays]] = {}
    for code, values in _moved_wrongly(W, U, b, c):
        if not all(map(agree, _canonical(*values), _canonical(*right))):
            mistakes.setdefault(code, []).append(_canonical(*values))
    axes = ("3H, D", "3H, H", "2H", "H", "H")
    explained(_canonical(*got), _canonical(*right), shown, mistakes, axes, letters)


def _canonical(W_ih: Any, W_hh: Any, b_ih: Any, b_hh: Any) -> Arrays:
    """The arrays of a GRU with the sum of its biases for r and z, of which nothing else matters."""
    b_ih, b_hh = np.asarray(b_ih), np.asarray(b_hh)
    n = len(b_ih) // 3 * 2
    return W_ih, W_hh, b_ih[:n] + b_hh[:n], b_ih[n:], b_hh[n:]


def moved(
    *given: np.ndarray,
    order: str = "rzn",
    flipped: Sequence[str] = "z",
    parts_flipped: Sequence[int] = (0, 1, 2, 3),
    one_minus: bool = False,
    turned: str = "transposed",
) -> Arrays:
    """Weights W, U, b, c of blocks z, r, n in PyTorch's layout; what stands behind the star may err."""
    found = []
    for k, A in enumerate(given):
        blocks = dict(zip("zrn", np.split(A, 3, axis=-1), strict=True))
        if k in parts_flipped:
            blocks |= {name: 1 - blocks[name] if one_minus else -blocks[name] for name in flipped}
        joined = np.concatenate([blocks[name] for name in order], axis=-1)
        if A.ndim == 2 and turned != "as it is":
            joined = joined.T if turned == "transposed" else joined.reshape(joined.shape[::-1])
        found.append(joined)
    return tuple(found)


def _moved_wrongly(*given: np.ndarray) -> list[tuple[str, Arrays]]:
    """What foreseen mistakes give, the likeliest first, two at once as well."""
    subsets = list(chain.from_iterable(combinations("zrn", k) for k in range(4)))
    some = list(chain.from_iterable(combinations(range(4), k) for k in range(1, 4)))
    told = {"transposed": "", "as it is": "untransposed", "reshaped": "reshaped"}
    found: list[tuple[str, Arrays]] = []
    for turned, order, flipped in product(told, permutations("rzn"), subsets):
        codes = [told[turned], "" if order == tuple("rzn") else "order"]
        codes.append("" if flipped == ("z",) else "wrong_flip" if flipped else "no_flip")
        values = moved(*given, order="".join(order), flipped=flipped, turned=turned)
        found += [(code, values) for code in codes if code][:1]
    found += [("half_flip", moved(*given, parts_flipped=which)) for which in some]
    for which in ((0, 1, 2, 3), (0, 1), (2, 3)):
        found.append(("one_minus", moved(*given, one_minus=True, parts_flipped=which)))
    # an idle sign: z turned round in one pair, "1 -" in the other
    for flipped in ((), ("z",)):
        W_ih, W_hh, b_ih, b_hh = moved(*given, flipped=flipped)
        none, total = np.zeros_like(b_ih), b_ih + b_hh
        pairs = [(code, pair) for code, pair in _biases(b_ih, b_hh, total, none)]
        found += [("no_flip" if not flipped else code, (W_ih, W_hh, *pair)) for code, pair in pairs]
    for code, pair in _biases(*given[2:], given[2] + given[3], 0 * given[2]):
        W_ih, W_hh, *_ = moved(*given)  # the biases as they came, in z, r, n
        found.append((code, (W_ih, W_hh, *pair)))
    W_ih, W_hh, *_ = moved(*given)
    found.append(("order", (W_ih, W_hh, *given[2:])))
    return found


def _biases(b: np.ndarray, c: np.ndarray, total: np.ndarray, none: np.ndarray) -> list[tuple[str, Arrays]]:
    return [
        ("bias_sum", (total, none)),
        ("bias_sum", (none, total)),
        ("bias_sum", (total, total)),
        ("bias_sum", (total / 2, total / 2)),
        ("bias_swapped", (c, b)),
        ("no_bias", (b, none)),
        ("no_bias", (none, c)),
        ("no_bias", (none, none)),
        ("no_bias", (b, b)),
        ("no_bias", (c, c)),
    ]


# --- q4 -----------------------------------------------------------------------------------------------------

SLOPES = ("dW_xh", "dW_hh", "db_x", "db_h", "dx_t", "dh_before")


@question(
    "One step back",
    points=4,
    asks=["gru_back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh)"],
    hints={
        "no_kept": (
            "The shortest road back is missing: the one on which z keeps the old state.",
            "h_t has the term z ⊙ h_{t-1}, and its derivative by h_{t-1} is z: dh ⊙ z belongs to dh_before.",
        ),
        "only_kept": (
            "Only the road over z ⊙ h leads back in your answer.",
            "The old state also goes into both gates and the candidate, through W_hh. Add what comes back "
            "that way.",
        ),
        "blend": (
            "The shares of the blend are exchanged on the way back.",
            "n has the share 1 - z in h_t, and h_before the share z. So the slope at n is dh ⊙ (1 - z).",
        ),
        "dz_sign": (
            "The slope at z has the wrong sign.",
            "Differentiate (8.3) by z: the old state comes in with a plus, the candidate with a minus.",
        ),
        "dz_half": (
            "z stands in both terms of (8.3), and you have differentiated one of them.",
            "∂h_t/∂z = h_before - n.",
        ),
        "no_slope": (
            "The slope of an activation is missing.",
            "r and z come out of the logistic function, slope r (1 - r) and z (1 - z); n out of tanh, slope "
            "1 - n².",
        ),
        "wrong_slope": (
            "An activation has the slope of the other one, or its own in the wrong form.",
            "σ' = σ (1 - σ), and tanh' = 1 - tanh². r, z and n have gone through them already.",
        ),
        "no_reset": (
            "The slope that goes back into W_hh for n does not know of the reset gate.",
            "Inside the tanh stands r ⊙ m. So what arrives at m is r times what arrives inside the tanh.",
        ),
        "reset_x": (
            "The reset gate has come into the gradients of the input's part.",
            "a_n = x W_xn + b_xn + r ⊙ m: only m is multiplied by r. The input's part gets the slope whole.",
        ),
        "dr_of": (
            "The slope at r is multiplied by the wrong thing.",
            "r multiplies m, which is h W_hn + b_hn. So m is what belongs there: neither h_before nor n.",
        ),
        "no_dr": (
            "Nothing comes back to the reset gate.",
            "r stands in a_n, multiplied by m. What arrives inside the tanh, times m, arrives at r.",
        ),
        "dr_late": (
            "What arrives at r has not gone through the tanh.",
            "r stands inside the tanh: first times 1 - n², then times m.",
        ),
        "untransposed": (
            "On the way back to the old state a block of W_hh is used the wrong way round.",
            "Each block is (H, H), so the shapes did not complain. Backwards: slope @ W_hh.T.",
        ),
        "order": (
            "The three slopes are not put together in the order r, z, n.",
            "The columns of dW_xh must stand where those of W_xh stand: r, z, n.",
        ),
        "averaged": (
            "You take a mean over the batch. The slopes add up.",
            "If the loss is a mean, the 1/B is in dh already.",
        ),
        "one_bias": (
            "Both biases got the same gradient.",
            "For r and z they are the same, for n not: b_h stands inside the reset gate's bracket.",
        ),
        "exchanged": (
            "The six are right, in another order.",
            "dW_xh, dW_hh, db_x, db_h, dx_t, dh_before.",
        ),
        "type": "Six arrays are asked for: `return dW_xh, dW_hh, db_x, db_h, dx_t, dh_before`.",
        "not_summed": "Biases are shared by the whole batch: add up over it, `.sum(axis=0)`.",
        "values": (
            "Go from the end: dh, then dz and dn, then the inside of the tanh, then dr.",
            "Two arrays (B, 3H) hold all slopes: one with a_n's for what stands beside x, one with r times "
            "it for what stands beside h.",
        ),
        "raised": (
            "Something does not fit. Put the three slopes side by side, (B, 3H), and take products then.",
            "W_xh.T is (3H, D), so (B, 3H) @ (3H, D) is the slope at x_t.",
        ),
        "mutated": (
            "You write into an array that was handed to you.",
            "`dh *= …` changes the caller's slope. `dh = dh * …` makes a new one.",
        ),
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    B, D, H = (int(n) for n in rng.permutation([4, 5, 7]))
    W_xh, W_hh, b_x, b_h = weights(rng, D, H)
    x, h, dh = rng.standard_normal((B, D)), rng.uniform(-0.9, 0.9, (B, H)), rng.standard_normal((B, H))
    a, m = x @ W_xh + b_x, h @ W_hh + b_h
    r, z = sigmoid(a[:, :H] + m[:, :H]), sigmoid(a[:, H : 2 * H] + m[:, H : 2 * H])
    m = m[:, 2 * H :]
    n = np.tanh(a[:, 2 * H :] + r * m)
    given = (dh, x, h, r, z, n, m, W_xh, W_hh)
    right = gru_back(*given)
    got = parts(s.gru_back(*given), *SLOPES)
    found = [as_numbers(g, name) for g, name in zip(got, SLOPES, strict=True)]
    for places in permutations(range(6)):
        if places != tuple(range(6)) and all(agree(found[k], right[i]) for k, i in enumerate(places)):
            raise Wrong(
                "exchanged",
                f"six right slopes came back, in the order {', '.join(SLOPES[i] for i in places)}",
            )
    mistakes = {code: [gru_back(*given, **how) for how in many] for code, many in BACK_SLIPS.items()}
    mistakes["averaged"] = [
        tuple(v / B for v in right),
        (*(v / B for v in right[:4]), *right[4:]),
        (*right[:2], right[2] / B, right[3] / B, *right[4:]),
    ]
    mistakes["one_bias"] = [(*right[:2], b, b, *right[4:]) for b in right[2:4]]
    axes = ("D, 3H", "H, 3H", "3H", "3H", "B, D", "B, H")
    explained(got, right, SLOPES, mistakes, axes, {"B": B, "D": D, "H": H})


def _logistic_slope(g: np.ndarray) -> np.ndarray:
    return g * (1 - g)


def _tanh_slope(g: np.ndarray) -> np.ndarray:
    return 1 - g**2


_LEFT: dict[str, Any] = {"one": np.ones_like, "again": lambda g: sigmoid(g) * (1 - sigmoid(g))}
BACK_SLIPS: dict[str, list[dict[str, Any]]] = {  # code → what `gru_back` is told to do wrong
    "no_kept": [{"kept": "none"}],
    "only_kept": [{"through": "none"}],
    "blend": [{"share": "z"}, {"kept": "new"}, {"share": "z", "kept": "new"}, {"share": "whole"}],
    "dz_sign": [{"dz": "minus"}],
    "dz_half": [{"dz": "h"}, {"dz": "n"}],
    "no_slope": [
        {f"slope_{g}": np.ones_like for g in which}
        for which in chain.from_iterable(combinations("rzn", k) for k in (1, 2, 3))
    ],
    "wrong_slope": [{f"slope_{g}": _tanh_slope for g in which} for which in ("r", "z", "rz")]
    + [{"slope_n": _logistic_slope}, {"slope_n": lambda g: 1 - np.tanh(g) ** 2}, {"slope_n": lambda g: 1 - g}]
    + [{f"slope_{g}": _LEFT["again"] for g in which} for which in ("r", "z", "rz")],
    "no_reset": [{"reset": "none"}],
    "reset_x": [{"reset": "both"}, {"reset": "x"}],
    "dr_of": [{"dr": "h"}, {"dr": "n"}, {"dr": "r"}],
    "no_dr": [{"dr": "none"}],
    "dr_late": [{"dr": "late"}],
    "untransposed": [{"through": "untransposed"}, {"through": "n"}],
    "order": [{"order": "".join(p)} for p in permutations(GATES) if p != tuple(GATES)],
}


def gru_back(
    dh: np.ndarray,
    x: np.ndarray,
    h: np.ndarray,
    r: np.ndarray,
    z: np.ndarray,
    n: np.ndarray,
    m: np.ndarray,
    W_xh: np.ndarray,
    W_hh: np.ndarray,
    *,
    share: str = "right",
    kept: str = "right",
    dz: str = "right",
    dr: str = "right",
    reset: str = "right",
    through: str = "right",
    order: str = GATES,
    slope_r: Any = _logistic_slope,
    slope_z: Any = _logistic_slope,
    slope_n: Any = _tanh_slope,
) -> Arrays:
    """The slopes (8.6) to (8.8) of one step, in the order of SLOPES; what stands behind the star errs."""
    at_n = dh * {"right": 1 - z, "z": z, "whole": 1.0}[share] * slope_n(n)
    at_r = {
        "right": at_n * m,
        "h": at_n * h,
        "n": at_n * n,
        "r": at_n * r,
        "none": 0 * dh,
        "late": dh * (1 - z) * m,
    }[dr] * slope_r(r)
    at_z = dh * {"right": h - n, "minus": n - h, "h": h, "n": -n}[dz] * slope_z(z)
    by_x, by_h = {
        "right": (at_n, at_n * r),
        "none": (at_n, at_n),
        "both": (at_n * r, at_n * r),
        "x": (at_n * r, at_n),
    }[reset]
    slopes = {"r": at_r, "z": at_z}
    da_x = np.concatenate([{**slopes, "n": by_x}[g] for g in order], axis=1)  # (B, 3H)
    da_h = np.concatenate([{**slopes, "n": by_h}[g] for g in order], axis=1)
    blocks = np.split(W_hh, 3, axis=1)
    back = {
        "right": lambda: da_h @ W_hh.T,
        "none": lambda: 0 * dh,
        "n": lambda: by_h @ blocks[2].T,
        "untransposed": lambda: sum(a @ W for a, W in zip(np.split(da_h, 3, axis=1), blocks, strict=True)),
    }[through]()
    back = back + {"right": dh * z, "none": 0 * dh, "new": dh * (1 - z)}[kept]
    return x.T @ da_x, h.T @ da_h, da_x.sum(0), da_h.sum(0), da_x @ W_xh.T, back


# --- q5 -----------------------------------------------------------------------------------------------------

BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}


@question(
    "What it costs",
    points=2,
    asks=["parameters(kind, D, H, Q)", "largest(kind, D, Q, budget)"],
    hints={
        "one_bias": (
            "PyTorch's layers have two biases, and you counted one.",
            "bias_ih and bias_hh: each has H entries for each gate.",
        ),
        "no_bias": (
            "The biases of the recurrent layer are missing.",
            "bias_ih and bias_hh: each has H entries for each gate.",
        ),
        "no_output": (
            "The output layer is missing, or a part of it.",
            "nn.Linear(H, Q) has H · Q weights and Q biases.",
        ),
        "blocks": (
            "The number of blocks is not right.",
            "RNN: one. GRU: r, z and the candidate, three. LSTM: i, f, o and the candidate g, four.",
        ),
        "once": (
            "A part is counted once that every gate has for itself.",
            "Each gate has its own weights for x, its own for h, and its own two biases.",
        ),
        "no_recurrent": (
            "The weights from state to state are missing.",
            "Each gate has an H × H block of W_hh beside its D × H block of W_xh.",
        ),
        "exchanged": (
            "D and H are exchanged.",
            "D inputs, H units: W_hh is (H, gates · H). The other order would give D × D.",
        ),
        "over": (
            "That many units cost more than the budget.",
            "Round down: the largest H for which `parameters(kind, D, H, Q) <= budget`.",
        ),
        "under": (
            "One unit more would still be paid for by the budget.",
            "The largest H for which `parameters(kind, D, H, Q) <= budget`. Exactly the budget is allowed.",
        ),
        "fraction": (
            "A number of units is a whole number.",
            "Round down, and return an `int`.",
        ),
        "nothing_fits": (
            "The budget does not pay for a single unit: then the answer is 0.",
            "Look whether H = 1 can be paid for, before you begin to search.",
        ),
        "mistaken_count": (
            "The search is right for another way of counting.",
            "It must agree with `parameters`: call it, and nothing can go apart.",
        ),
        "type": "Return a whole number.",
        "values": (
            "Count a layer that you can see through: D = 1, H = 1, Q = 1.",
            "There each block has one weight for x, one for h and two biases: 4 numbers. The output adds 2. "
            "So 6, 14 and 18.",
        ),
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    D, H, Q = (int(n) for n in rng.permutation([int(rng.integers(3, 9)), 11, 17]))
    for kind in BLOCKS:
        other = {
            "blocks": [parameters(kind, D, H, Q, blocks=g) for g in range(1, 6) if g != BLOCKS[kind]],
            "exchanged": [parameters(kind, H, D, Q), parameters(kind, H, D, Q) - D * Q + H * Q],
        }
        told = {**other, **{code: [f(kind, D, H, Q) for f in many] for code, many in COUNTS.items()}}
        right = parameters(kind, D, H, Q)
        same(
            s.parameters(kind, D, H, Q),
            right,
            f'parameters("{kind}", D={D}, H={H}, Q={Q})',
            mistakes={code: [n for n in many if n != right] for code, many in told.items()},
        )
    for kind in BLOCKS:
        most = int(rng.integers(20, 90))
        exact = parameters(kind, D, most, Q)
        for budget in (exact + int(rng.integers(2, 9)), exact, exact - 1, parameters(kind, D, 1, Q) - 1):
            _afforded(s.largest(kind, D, Q, budget), kind, D, Q, budget)


def _afforded(got: Any, kind: str, D: int, Q: int, budget: int) -> None:
    right = largest(kind, D, Q, budget)
    name = f'largest("{kind}", D={D}, Q={Q}, budget={budget:,})'
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
    for many in COUNTS.values():
        for f in many:
            if value == largest(kind, D, Q, budget, count=f) and abs(value - right) > 1:
                raise Wrong("mistaken_count", line)
    blocks = [lambda k, D, H, Q, g=g: parameters(k, D, H, Q, blocks=g) for g in range(1, 6)]
    if any(value == largest(kind, D, Q, budget, count=f) for f in blocks) and abs(value - right) > 1:
        raise Wrong("mistaken_count", line)
    if value >= 1 and value < 1e9 and parameters(kind, D, int(value), Q) > budget:
        raise Wrong("over", f"{line}: it costs {parameters(kind, D, int(value), Q):,}")
    raise Wrong("under" if value < right else "over", line)


def parameters(kind: str, D: int, H: int, Q: int, blocks: int = 0) -> int:
    """The parameters of one recurrent layer of PyTorch and a linear output."""
    return (blocks or BLOCKS[kind]) * (D * H + H * H + 2 * H) + H * Q + Q


def _counted(
    x: float = 1, h: float = 1, biases: int = 2, weight: int = 1, bias: int = 1, once: str = ""
) -> Any:
    def count(kind: str, D: int, H: int, Q: int) -> int:
        g = BLOCKS[kind]
        sums = {"x": x * D * H, "h": h * H * H, "b": biases * H}
        layer = sum(value * (1 if part in once else g) for part, value in sums.items())
        return int(layer + weight * H * Q + bias * Q)

    return count


COUNTS: dict[str, list[Any]] = {
    "one_bias": [_counted(biases=1)],
    "no_bias": [_counted(biases=0), _counted(biases=0, bias=0)],
    "no_output": [_counted(weight=0, bias=0), _counted(bias=0), _counted(weight=0)],
    "once": [_counted(once=part) for part in ("x", "h", "b", "xb", "hb")],
    "no_recurrent": [_counted(h=0), _counted(x=0)],
}


def largest(kind: str, D: int, Q: int, budget: int, count: Any = parameters) -> int:
    """The most units whose network costs no more than the budget, 0 when not even one does."""
    H = 0
    while H < 4000 and count(kind, D, H + 1, Q) <= budget:
        H += 1
    return H


# --- q6 -----------------------------------------------------------------------------------------------------

READERS: dict[str, list[dict[str, Any]]] = {  # further mistakes of `classified`
    "no_reset": [{"reset": "none"}],
    "bias_outside": [{"reset": "outside"}, {"reset": "before"}],
    "other_z": [{"keeps": False}],
    "order": [{"order": "".join(p)} for p in permutations(GATES) if p != tuple(GATES)],
    "no_bias": [{"biases": b} for b in ((1.0, 0.0), (0.0, 1.0), (0.0, 0.0))],
    "no_blend": [{"blend": b} for b in ("no_old", "candidate", "all_new", "all_old")],
    "not_carried": [{"read": "not_carried"}],
    "one_early": [{"read": "early"}],
    "mean_read": [{"read": "mean"}],
    "probabilities": [{"read": "softmax"}],
    "all_steps": [{"read": "all"}],
}
THREE = {"z_from": ("new", "new_in_z"), "blend": ("reset", "old_lost"), "reset": ("all", "reset_x")}


@question(
    "The port that forgot which state it had",
    points=3,
    asks=["classify(X, W_xh, W_hh, b_x, b_h, W_hq, b_q)"],
    hints={
        "new_in_z": (
            "The update gate looks at a state that does not exist yet.",
            "Both gates are computed from x_t and h_{t-1}, before there is a candidate: (8.1).",
        ),
        "old_lost": (
            "When it comes to the blend, the old state is no longer there.",
            "`h *= r` writes over h. (8.3) keeps z of the state as it was, and the reset is for the "
            "candidate only.",
        ),
        "reset_x": (
            "The reset gate shuts out the input, too.",
            "In (8.2) r multiplies what comes from the state, m_n, and nothing else.",
        ),
        "no_reset": STEP_HINTS["no_reset"],
        "bias_outside": (
            "The reset gate stands at another place than in (8.2).",
            "First h W_hn + b_hn, bias and all, then times r.",
        ),
        "other_z": STEP_HINTS["other_z"],
        "order": STEP_HINTS["order"],
        "no_bias": STEP_HINTS["no_bias"],
        "no_blend": STEP_HINTS["no_blend"],
        "not_carried": (
            "Every step begins with zeros: nothing is handed on.",
            "The zeros stand before the loop, and the new state takes the name h inside it.",
        ),
        "one_early": (
            "You read the state before the last one.",
            "The output layer comes after the loop, and reads what the last step has left.",
        ),
        "mean_read": (
            "You read the mean of all states. The program reads the last one.",
            "That is another classifier, and these weights were not trained for it.",
        ),
        "probabilities": (
            "You return probabilities. Asked for are the outputs before any softmax.",
            "`h @ W_hq + b_q`, as it is.",
        ),
        "all_steps": (
            "There is an output for every step. One is asked for, after the last.",
            "The output layer stands behind the loop: (B, Q).",
        ),
        "values": (
            "Something else than the three mistakes has changed. Compare with the program, line by line.",
            "Take one step, T = 1, first: from a state of zeros the first two mistakes cannot be seen.",
        ),
        "raised": "Print the shapes in the first step: every part of a sum cut in three is (B, H).",
        "mutated": "You write into an array that was handed to you.",
    },
)
def q6(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H, Q = (int(n) for n in rng.permutation([4, 5, 6, 7, 9]))
    given = (rng.standard_normal((T, B, D)), *weights(rng, D, H))
    given += (rng.standard_normal((H, Q)), rng.standard_normal(Q))
    got, right = s.classify(*given), classified(*given)
    letters = {"T": T, "B": B, "D": D, "H": H, "Q": Q}
    left: dict[str, list[np.ndarray]] = {}
    found = as_numbers(got, "classify(…)")
    for which in chain.from_iterable(combinations(THREE, k) for k in (1, 2, 3)):
        values = classified(*given, **{name: THREE[name][0] for name in which})
        if len(which) > 1 and agree(found, values):
            line = f"{len(which)} of the three mistakes are left; `classify(…)[0, 0]` is "
            raise Wrong(THREE[which[0]][1], f"{line}{found[0, 0]:.6g}, expected {right[0, 0]:.6g}")
        left.setdefault(THREE[which[0]][1], []).append(values)
    # one that cannot come alone: what the reset gate does to x, when the input alone is reset
    left["reset_x"].append(classified(*given, reset="x"))
    told = {code: [classified(*given, **how) for how in many] for code, many in READERS.items()}
    same(got, right, "classify(…)", axes="B, Q", letters=letters, mistakes={**left, **told})


def classified(
    X: np.ndarray,
    W_xh: np.ndarray,
    W_hh: np.ndarray,
    b_x: np.ndarray,
    b_h: np.ndarray,
    W_hq: np.ndarray,
    b_q: np.ndarray,
    *,
    read: str = "last",
    **slips: Any,
) -> np.ndarray:
    """The outputs (B, Q) of a GRU that has read X (T, B, D); what stands behind the star errs."""
    states = [np.zeros((X.shape[1], len(W_hq)))]
    for x_t in X:
        before = states[0] if read == "not_carried" else states[-1]
        states.append(gru_step(x_t, before, W_xh, W_hh, b_x, b_h, **slips))
    out = np.array(states[1:]) @ W_hq + b_q
    return {
        "early": lambda: out[-2],
        "mean": lambda: out.mean(0),
        "softmax": lambda: softmax(out[-1]),
        "all": lambda: out,
    }.get(read, lambda: out[-1])()


# --- q7 -----------------------------------------------------------------------------------------------------

BIASES, LAYOUTS = ("right", "summed", "ih", "hh"), ("right", "reshape", "batch_as_time")
ENDS = ("own", "last", "late", "early", "mean", "mean_all", "sorted", "turned", "first")
NAMED = {
    "summed": "biases_summed",
    "ih": "no_bias",
    "hh": "no_bias",
    "reshape": "reshaped",
    "batch_as_time": "batch_as_time",
    "last": "padding_read",
    "late": "one_late",
    "early": "one_early",
    "mean": "mean_read",
    "mean_all": "mean_read",
    "sorted": "sorted",
    "turned": "sorted",
    "first": "one_length",
}


@question(
    "In company as alone",
    points=3,
    asks=["read(X, lengths, weight_ih, weight_hh, bias_ih, bias_hh, W_hq, b_q)"],
    hints={
        "biases_summed": (
            "The two biases were added up to one. With a plain RNN or an LSTM nothing would change.",
            "In a GRU the n part of bias_hh is multiplied by the reset gate, that of bias_ih is not. Copy "
            "each into its own place.",
        ),
        "no_bias": (
            "A bias is lost on the way.",
            "bias_ih_l0 and bias_hh_l0: both are handed over, both have a place.",
        ),
        "reshaped": (
            "`reshape` mixes the sequences with each other.",
            "It re-reads the numbers in the same order. To exchange two axes: `.transpose(0, 1)`, or "
            "`batch_first=True` in the layer.",
        ),
        "batch_as_time": (
            "The layer takes the sequences of the batch for the steps of a sequence.",
            "X comes with the batch first, and `nn.GRU` expects time first: `.transpose(0, 1)`, or "
            "`batch_first=True`.",
        ),
        "padding_read": (
            "A sequence that is shorter than the others is read after its padding, not at its own end.",
            "Zeros are an input too: the biases move the state on. Sequence i ends with step lengths[i] - 1.",
        ),
        "one_late": (
            "You read one step too late.",
            "A sequence of 3 steps ends with step 2: lengths - 1.",
        ),
        "one_early": (
            "You read one step too early.",
            "A sequence of 3 steps ends with step 2: lengths - 1.",
        ),
        "mean_read": (
            "You read a mean over the steps. The state at the end is asked for.",
            "One state for each sequence: that of step lengths[i] - 1.",
        ),
        "sorted": (
            "The answers stand in another order than the sequences.",
            "Whoever sorts the sequences by their lengths must sort the answers back.",
        ),
        "one_length": (
            "All sequences are read at the end of the first one.",
            "Each has its own length: `states[lengths - 1, np.arange(B)]` takes one row for each.",
        ),
        "indexing": (
            "Every sequence was read at the end of every other one.",
            "`states[lengths - 1]` is (B, B, H). A second index is missing: `states[lengths - 1, "
            "np.arange(B)]`.",
        ),
        "all_steps": (
            "There is an output for every step. One is asked for, at the end of each sequence.",
            "The output layer reads (B, H), the states at the ends.",
        ),
        "dtype": (
            "The numbers are right to seven digits: PyTorch makes float32 unless it is told otherwise.",
            "`torch.nn.GRU(…, dtype=torch.float64)`.",
        ),
        "values": (
            "Begin with one sequence alone: no padding, and no batch to mix.",
            "With B = 1 two of the three mistakes cannot be seen. Mend the third first, then take two "
            "sequences of the same length, then of different lengths.",
        ),
        "raised": (
            "Something does not fit. X is (B, T, D); the states of the layer are (T, B, H).",
            "Writing into a parameter happens inside `with torch.no_grad():`, with `torch.tensor(…)`.",
        ),
        "mutated": "You write into an array that was handed to you: `lengths -= 1` changes the caller's.",
    },
)
def q7(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H, Q = (int(n) for n in rng.permutation([4, 5, 6, 7, 8]))
    W_xh, W_hh, b_x, b_h = weights(rng, D, H)
    lengths = np.concatenate([[2, T, 3], rng.integers(2, T + 1, B - 3)])
    X = rng.standard_normal((B, T, D)) * (np.arange(T) < lengths[:, None])[:, :, None]
    W_hq, b_q = rng.standard_normal((H, Q)), rng.standard_normal(Q)
    got = s.read(X, lengths, W_xh.T.copy(), W_hh.T.copy(), b_x, b_h, W_hq, b_q)

    def states(bias: str, layout: str) -> np.ndarray:
        x = {"right": X.swapaxes(0, 1), "reshape": X.reshape(T, B, D), "batch_as_time": X}[layout]
        one, two = {
            "right": (b_x, b_h),
            "summed": (b_x + b_h, 0 * b_h),
            "ih": (b_x, 0 * b_h),
            "hh": (0 * b_x, b_h),
        }[bias]
        h, found = np.zeros((x.shape[1], H)), []
        for x_t in x:
            h = gru_step(x_t, h, W_xh, W_hh, one, two)
            found.append(h)
        return np.array(found)

    def ends(S: np.ndarray, end: str) -> np.ndarray:
        steps, each = len(S), np.arange(S.shape[1])
        if S.shape[1] != B:  # batch and time exchanged
            return S[-1] if end == "last" else S[np.minimum(lengths.max(), steps) - 1]
        own = np.minimum(lengths, steps) - 1
        known = (np.arange(steps) <= own[:, None]).T[:, :, None]
        order = np.argsort(-lengths, kind="stable")
        return {
            "own": lambda: S[own, each],
            "last": lambda: S[-1],
            "late": lambda: S[np.minimum(own + 1, steps - 1), each],
            "early": lambda: S[own - 1, each],
            "mean": lambda: (S * known).sum(0) / known.sum(0),
            "mean_all": lambda: S.mean(0),
            "sorted": lambda: S[own, each][order],
            "turned": lambda: S[own, each][np.argsort(lengths, kind="stable")],
            "first": lambda: S[own[0]],
        }[end]()

    right = ends(states("right", "right"), "own") @ W_hq + b_q
    found = as_numbers(got, "read(…)")
    told: dict[str, list[np.ndarray]] = {}
    for bias, layout in product(BIASES, LAYOUTS):
        S = states(bias, layout)
        for end in ENDS:
            values = ends(S, end) @ W_hq + b_q
            codes = [NAMED[what] for what in (layout, bias, end) if what not in ("right", "own")]
            if not codes or (values.shape == right.shape and agree(values, right)):
                continue
            if len(codes) > 1 and agree(found, values):
                line = f"{len(codes)} mistakes are left"
                raise Wrong(codes[0], f"{line}; `read(…)` has {_told(found, right)}")
            if len(codes) == 1:
                told.setdefault(codes[0], []).append(values)
        told.setdefault("all_steps", []).extend([S @ W_hq + b_q, (S @ W_hq + b_q).swapaxes(0, 1)])
        if layout == "right":
            crossed = S[lengths - 1] @ W_hq + b_q
            told.setdefault("indexing", []).extend([crossed, crossed.swapaxes(0, 1)])
    letters = {"T": T, "B": B, "D": D, "H": H, "Q": Q}
    same(got, right, "read(…)", axes="B, Q", letters=letters, mistakes=told)


def _told(found: np.ndarray, right: np.ndarray) -> str:
    if found.shape != right.shape:
        return f"shape {found.shape}, expected {right.shape}"
    rows = int(np.isclose(found, right, rtol=1e-9).all(1).sum())
    return f"{rows} of {len(right)} sequences right"


# --- q8 -----------------------------------------------------------------------------------------------------

ENOUGH, MOST_UNITS, SHOWN, SPLITS = 0.8, 64, 1200, 2


@cache
def _pictures(split: int) -> Arrays:
    """Pictures to learn from, their classes; pictures kept back, their classes; the digits behind these.

    Which are kept back, and which number stands for which digit, is another matter in every split.
    """
    pictures = load("digits")
    rng = np.random.default_rng([8, split])
    places, numbers = rng.permutation(len(pictures.labels)), rng.permutation(10)
    X, digits = pictures.images.reshape(len(places), -1)[places], pictures.labels[places]
    y = numbers[digits]
    return X[:SHOWN], y[:SHOWN], X[SHOWN:], y[SHOWN:], digits[SHOWN:]


@question(
    "Sixty-four pixels, one at a time",
    points=3,
    asks=["classifier(X, y)"],
    hints={
        "type": (
            "Two dictionaries of weights are asked for.",
            "`return layer.state_dict(), readout.state_dict()`: what the layers hold, not the layers.",
        ),
        "kind": (
            "The first dictionary is not that of one `nn.GRU` or `nn.LSTM`.",
            "Its keys are weight_ih_l0, weight_hh_l0 and two biases; weight_ih_l0 has 3H rows in a GRU, 4H "
            "in an LSTM, and H in a plain RNN, which is not asked for.",
        ),
        "layers": (
            "Your network has more than one layer, or a second direction.",
            "One layer, forwards: leave `num_layers` and `bidirectional` as they are.",
        ),
        "rows": (
            "Your network takes in more than one pixel at a step.",
            "64 steps of one pixel: the layer is `nn.GRU(1, H)` or `nn.LSTM(1, H)`.",
        ),
        "too_large": (
            "That network has more units than are allowed.",
            f"{MOST_UNITS} are the most. 32 learn it.",
        ),
        "readout": (
            "The second dictionary is not that of an output layer for ten classes.",
            "`nn.Linear(H, 10)`: weight (10, H), bias (10,).",
        ),
        "nan": (
            "There is NaN or infinity among the weights: the training ran away.",
            "A smaller learning rate, and the norm of the gradient clipped at 1, as in exercise 06.",
        ),
        "constant": (
            "It gives every picture the same class.",
            "Is `optimiser.step()` called, with the parameters of *both* layers, and does the loss fall? "
            "Are these the weights from the end of the training?",
        ),
        "digits": (
            "It names the digits as people do. The classes that were handed to you are numbered otherwise.",
            "Train on `X` and `y`, the arguments. Nothing else is needed, and nothing else is fair.",
        ),
        "reversed": (
            "It does far better when the pixels come in backwards.",
            "Step t is `X[:, t]`: the first pixel first.",
        ),
        "scaled": (
            "It does far better when the pixels are rescaled. The grader hands them over as they stand in X.",
            "Train on the numbers of `X` as they are. They lie between 0 and 1.",
        ),
        "chance": (
            "It is hardly better than guessing: one in ten.",
            "Does the loss fall below ln 10 = 2.3? If it does not: are the pixels steps, `X.T[:, :, None]`, "
            "or has a `reshape` mixed the pictures? Are the parameters of both layers in the optimiser?",
        ),
        "not_yet": (
            "It has learned something. It is not enough yet.",
            "Look at the loss. Still falling: train on, or raise the learning rate. Jumping: clip the norm, "
            "let the learning rate fall to zero. Far better on what it has seen: fewer units. No softmax "
            "before the cross-entropy.",
        ),
        "raised": "Call it in a new cell with a hundred pictures, and print the shapes on the way.",
        "mutated": "You write into the pictures that were handed to you: make a tensor, `torch.tensor(X)`.",
    },
)
def q8(s: Names, rng: np.random.Generator) -> None:
    X, y, X_kept, y_kept, digits = _pictures(int(rng.integers(SPLITS)))
    net = _network(s.classifier(X.copy(), y.copy()))
    outputs = _outputs(net, X_kept)
    said = outputs.argmax(1)
    share = float((said == y_kept).mean())
    if share >= ENOUGH:
        return
    line = f"{share:.1%} of {len(y_kept)} pictures that it has not seen are right"
    if (said == said[0]).all():
        raise Wrong("constant", f"every picture is given the class {said[0]}; {line}")
    clearly = max(share + 0.15, 0.4)
    if (said == digits).mean() > clearly:
        raise Wrong("digits", f"{line}, and {(said == digits).mean():.0%} if class 3 meant the digit 3")
    some = X_kept[:150]  # enough to tell why
    rivals = {
        "reversed": [_outputs(net, some[:, ::-1])],
        "scaled": [_outputs(net, f(some)) for f in _rescaled(X)],
    }
    best = {
        code: max(float((z.argmax(1) == y_kept[: len(some)]).mean()) for z in many)
        for code, many in rivals.items()
    }
    code = max(best, key=lambda name: best[name])
    if best[code] > clearly:
        how = {"reversed": "when they come in backwards", "scaled": "when they are rescaled"}
        raise Wrong(code, f"{line}, and of the first {len(some)} of them {best[code]:.0%} {how[code]}")
    seen = float((_outputs(net, X[:300]).argmax(1) == y[:300]).mean())
    line += f", {ENOUGH:.0%} are asked for; of those it could learn from {seen:.0%}"
    raise Wrong("chance" if share < 0.2 else "not_yet", line)


def _rescaled(X: np.ndarray) -> list[Any]:
    """What people do to brightness before they show it to a network."""
    middle, wide = X.mean(), X.std()
    each_middle, each_wide = X.mean(0), X.std(0) + 1e-8
    return [
        lambda x: 16 * x,
        lambda x: 255 * x,
        lambda x: (x - middle) / wide,
        lambda x: x - middle,
        lambda x: (x - each_middle) / each_wide,
        lambda x: 2 * x - 1,
        lambda x: 1 - x,
        lambda x: (x > 0.5) * 1.0,
    ]


def _network(got: Any) -> Arrays:
    """The six arrays of a network as they came back: W_ih, W_hh, b_ih, b_hh, readout's weight, its bias.

    Raises:
        Wrong: they are no network of the kind that was asked for.
    """
    layer, readout = parts(got, "layer.state_dict()", "readout.state_dict()")
    for held, name in ((layer, "the first"), (readout, "the second")):
        if not isinstance(held, dict):
            raise Wrong("type", f"{name} result is no dictionary of weights")
    if any(str(name).endswith(("_l1", "_reverse")) for name in layer):
        raise Wrong("layers", f"the layer holds {', '.join(sorted(map(str, layer)))}"[:300])
    if "weight_ih_l0" not in layer or "weight_hh_l0" not in layer:
        raise Wrong("kind", f"the layer holds {', '.join(sorted(map(str, layer)))}"[:300])
    W_ih, W_hh = (_floats(layer[f"weight_{part}_l0"], f"weight_{part}_l0") for part in ("ih", "hh"))
    if W_hh.ndim != 2 or W_ih.ndim != 2 or W_hh.shape[1] < 1 or len(W_ih) != len(W_hh):
        raise Wrong("kind", f"weight_ih_l0 has shape {W_ih.shape}, weight_hh_l0 {W_hh.shape}")
    rows, H = W_hh.shape
    if rows not in (3 * H, 4 * H):
        raise Wrong("kind", f"weight_hh_l0 has shape {W_hh.shape}: neither 3H nor 4H rows for H = {H}")
    if H > MOST_UNITS:
        raise Wrong("too_large", f"H = {H} units")
    if W_ih.shape[1] != 1:
        raise Wrong("rows", f"weight_ih_l0 has shape {W_ih.shape}, expected ({rows}, 1)")
    biases = [_floats(layer.get(f"bias_{p}_l0", np.zeros(rows)), f"bias_{p}_l0") for p in ("ih", "hh")]
    if any(b.shape != (rows,) for b in biases):
        raise Wrong("kind", f"the biases have shapes {biases[0].shape} and {biases[1].shape}")
    if "weight" not in readout:
        raise Wrong("readout", f"the readout holds {', '.join(sorted(map(str, readout)))}"[:300])
    W_hq = _floats(readout["weight"], "weight of the readout")
    b_q = _floats(readout.get("bias", np.zeros(10)), "bias of the readout")
    if W_hq.shape != (10, H) or b_q.shape != (10,):
        raise Wrong("readout", f"the readout has shapes {W_hq.shape} and {b_q.shape}, H is {H}")
    return W_ih, W_hh, *biases, W_hq, b_q


def _floats(value: Any, name: str) -> np.ndarray:
    array = as_numbers(value, name)
    if array.dtype.kind == "c" or not np.isfinite(array).all():
        raise Wrong("nan", f"`{name}` holds NaN or infinity")
    return array.astype(float)


def _outputs(net: Arrays, X: np.ndarray) -> np.ndarray:
    """What a network says (N, 10) to pictures (N, 64) that it reads pixel by pixel, from a state of zeros."""
    W_ih, W_hh, b_ih, b_hh, W_hq, b_q = net
    H = W_hh.shape[1]
    h, c = np.zeros((len(X), H)), np.zeros((len(X), H))
    for pixel in X.T:
        a, m = pixel[:, None] * W_ih[:, 0] + b_ih, h @ W_hh.T + b_hh
        if len(W_hh) == 3 * H:
            r, z = np.split(sigmoid((a + m)[:, : 2 * H]), 2, axis=1)
            n = np.tanh(a[:, 2 * H :] + r * m[:, 2 * H :])
            h = (1 - z) * n + z * h
        else:
            i, f, g, o = np.split(a + m, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
    return h @ W_hq.T + b_q
