"""Exercise 07, LSTM: a step, a step back, what a forget gate keeps, other layouts, three bugs, a reader."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import permutations
from typing import Any

import numpy as np

from course_utils.data import load
from course_utils.grading.activations import relu, sigmoid, softmax
from course_utils.grading.compare import Wrong, agree, as_numbers, parts, same
from course_utils.grading.questions import Names, question

TITLE = "LSTM"
# questions 4, 8 and 9 load torch, and question 9 trains a network
NEEDS = ("torch",)
LIMITS = {"memory": 8 << 30, "processes": 64, "call_seconds": 90, "cell_seconds": 60, "total_seconds": 300}

ORDER = "ifgo"
ORDERS = ["".join(p) for p in permutations(ORDER)]
Activation = Callable[[np.ndarray], np.ndarray]
Mistaken = dict[str, list[Any]]


def weights(rng: np.random.Generator, D: int, H: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """W_xh (D, 4H), W_hh (H, 4H), b (4H,): no gate is saturated, no bias is near zero."""
    W_xh, W_hh = rng.standard_normal((D, 4 * H)) / np.sqrt(D), rng.standard_normal((H, 4 * H)) / np.sqrt(H)
    return W_xh, W_hh, rng.uniform(0.3, 0.8, 4 * H) * rng.choice([-1.0, 1.0], 4 * H)


def reorder(W: np.ndarray, order: str, to: str = ORDER) -> np.ndarray:
    """Put the four blocks of columns that stand in one order into another."""
    blocks = np.split(W, 4, axis=-1)
    return np.concatenate([blocks[order.index(k)] for k in to], axis=-1)


def gates(
    a: np.ndarray, order: str = ORDER, interleaved: bool = False, **bent: Activation
) -> dict[str, np.ndarray]:
    """i, f, g, o from what stands before their activations, (B, 4H); ``bent`` gives some of them others."""
    H = a.shape[-1] // 4
    blocks = (
        [a[..., k::4] for k in range(4)] if interleaved else [a[..., k * H : (k + 1) * H] for k in range(4)]
    )
    phi: dict[str, Activation] = {"i": sigmoid, "f": sigmoid, "g": np.tanh, "o": sigmoid, **bent}
    return {k: phi[k](block) for k, block in zip(order, blocks, strict=True)}


def step(
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    W_xh: np.ndarray,
    W_hh: np.ndarray,
    b: np.ndarray,
    keep: Callable[[dict[str, np.ndarray], np.ndarray], np.ndarray] | None = None,
    show: Callable[[dict[str, np.ndarray], np.ndarray], np.ndarray] | None = None,
    **how: Any,
) -> tuple[np.ndarray, np.ndarray]:
    """h and c (B, H) after one step by (7.1) to (7.3).

    Args:
        keep: another way to a new cell state, from the gates and the old one.
        show: another way to a new state, from the gates and the new cell state.
        how: see :func:`gates`.
    """
    k = gates(x @ W_xh + h @ W_hh + b, **how)
    new = keep(k, c) if keep else k["f"] * c + k["i"] * k["g"]
    return show(k, new) if show else k["o"] * np.tanh(new), new


def _unlike(mistakes: Mapping[str, Iterable[np.ndarray]], right: np.ndarray) -> Mistaken:
    """The foreseen mistakes that can be told from what is right."""
    return {
        code: [v for v in values if not agree(np.asarray(v), np.asarray(right))]
        for code, values in mistakes.items()
    }


def _line(a: np.ndarray) -> np.ndarray:
    return a


# --- q1 -----------------------------------------------------------------------------------------------------

STEP = {
    "order": (
        "The four blocks are taken in another order.",
        "Columns 0 to H - 1 belong to i, the next H to f, then g, then o: "
        "`i, f, g, o = np.split(a, 4, axis=1)`.",
    ),
    "interleaved": (
        "You took every fourth column. A gate's columns stand side by side.",
        "Gate by gate, not unit by unit: the first H columns are i for all units. `np.split(a, 4, axis=1)`.",
    ),
    "candidate": (
        "g went through another function than the tanh.",
        "i, f and o are shares between 0 and 1. What may be written, g, has a sign: tanh.",
    ),
    "gate_bend": (
        "A gate went through another function than the logistic one.",
        "i, f and o are shares between 0 and 1: `1 / (1 + np.exp(-a))`. Only g is a tanh.",
    ),
    "no_bend": (
        "The gates are used as they come out of the products.",
        "Before anything is multiplied, i, f, o go through the logistic function and g through the tanh.",
    ),
    "no_bias": (
        "The bias is missing, or counted twice.",
        "`a = x_t @ W_xh + h @ W_hh + b`: one bias for all four, once.",
    ),
    "no_state": (
        "The gates do not see the state before.",
        "All four read the input *and* the state: `x_t @ W_xh + h @ W_hh + b`.",
    ),
    "cell_in": (
        "The gates read the cell state where (7.1) has the state h.",
        "Only h goes through W_hh. c is touched by products entry by entry, and by nothing else.",
    ),
    "no_forget": (
        "The old cell state is kept whole, or lost whole: f plays no part.",
        "(7.2): c_t = f ⊙ c_{t-1} + i ⊙ g.",
    ),
    "no_write": (
        "What is written does not pass the input gate, or is not written at all.",
        "(7.2): c_t = f ⊙ c_{t-1} + i ⊙ g.",
    ),
    "coupled": (
        "You write with 1 - f, or keep with 1 - i. That is another cell.",
        "In (7.2) the two gates are independent: f ⊙ c_{t-1} + i ⊙ g.",
    ),
    "state_kept": (
        "f multiplies h. It is the *cell* state that is kept.",
        "Two memories came in. (7.2) uses c; h enters only through W_hh.",
    ),
    "old_cell": (
        "The state is made from the cell state of before.",
        "First c_t, then h_t = o ⊙ tanh(c_t) with the *new* one.",
    ),
    "no_tanh": (
        "Between c_t and h_t there is no tanh, or another function.",
        "(7.3): h_t = o ⊙ tanh(c_t).",
    ),
    "no_output": (
        "The output gate does not act on h_t.",
        "(7.3): h_t = o ⊙ tanh(c_t).",
    ),
    "tanh_kept": (
        "The cell state came back after its tanh.",
        "The tanh is for h_t only. c_t is handed on as (7.2) leaves it.",
    ),
    "exchanged": (
        "h and c have changed places.",
        "`return h, c`: first the state, then the cell state.",
    ),
    "type": (
        "Two arrays come back: h_t and c_t, each (B, H).",
        "`return h, c`.",
    ),
    "mutated": (
        "Your step writes into the caller's array.",
        "`c *= f` changes what was handed in. `c = f * c + i * g` makes a new array.",
    ),
}


@question(
    "One step",
    points=2,
    asks=["lstm_step(x_t, h, c, W_xh, W_hh, b)"],
    hints={
        **STEP,
        "values": (
            "Go through it line by line with one unit and one sequence.",
            "With all weights and biases 0 each gate is 1/2 and g is 0: c halves, and h is tanh(c) / 2. Is "
            "it so with yours?",
        ),
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    B, D, H = (int(n) for n in rng.permutation([3, 4, 5]))
    x, (h, c) = rng.standard_normal((B, D)), rng.standard_normal((2, B, H))
    net = weights(rng, D, H)
    _same_step(s.lstm_step(x, h, c, *net), x, h, c, net, "lstm_step", {"B": B, "D": D, "H": H})


Net = tuple[np.ndarray, np.ndarray, np.ndarray]


def _same_step(
    got: Any,
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    net: Net,
    called: str,
    letters: Mapping[str, int],
    first: Mapping[str, list[tuple[np.ndarray, np.ndarray]]] | None = None,
) -> None:
    """Pass when it is h and c after a step; ``first`` are mistakes of this question alone."""
    got = parts(got, "h", "c")
    right = step(x, h, c, *net)
    found = [as_numbers(value, f"{name} of {called}") for value, name in zip(got, "hc", strict=True)]
    if agree(found[0], right[1]) and agree(found[1], right[0]):
        raise Wrong("exchanged", f"`{called}` gives c_t first and h_t second")
    foreseen = {**(first or {}), **_mistaken_steps(x, h, c, net)}
    for code, several in foreseen.items():
        for wrong in several:
            if all(agree(f, w) for f, w in zip(found, wrong, strict=True)) and not all(
                agree(w, r) for w, r in zip(wrong, right, strict=True)
            ):
                which = 1 if not agree(found[1], right[1]) else 0
                same(
                    found[which],
                    right[which],
                    f"{'hc'[which]} of {called}",
                    axes="B, H",
                    letters=letters,
                    mistakes={code: [wrong[which]]},
                )
    for which in (1, 0):  # h follows from c
        same(
            got[which],
            right[which],
            f"{'hc'[which]} of {called}",
            axes="B, H",
            letters=letters,
            mistakes=_unlike({k: [w[which] for w in v] for k, v in foreseen.items()}, right[which]),
        )


def _mistaken_steps(
    x: np.ndarray, h: np.ndarray, c: np.ndarray, net: Net
) -> dict[str, list[tuple[np.ndarray, np.ndarray]]]:
    W_xh, W_hh, b = net

    def wrong(**how: Any) -> tuple[np.ndarray, np.ndarray]:
        return step(x, h, c, *net, **how)

    def keeps(*ways: Callable[[dict[str, np.ndarray]], np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        return [wrong(keep=lambda k, _, way=way: way(k)) for way in ways]

    def shows(
        *ways: Callable[[dict[str, np.ndarray], np.ndarray], np.ndarray],
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        return [wrong(show=way) for way in ways]

    _, right = wrong()
    return {
        "order": [wrong(order=order) for order in ORDERS if order != ORDER],
        "interleaved": [wrong(order=order, interleaved=True) for order in ORDERS],
        "candidate": [wrong(g=phi) for phi in (sigmoid, relu, _line)],
        "no_bend": [wrong(i=_line, f=_line, o=_line), wrong(i=_line, f=_line, o=_line, g=_line)],
        "gate_bend": [
            wrong(**dict.fromkeys(which, phi))
            for phi in (np.tanh, relu, _line, lambda a: softmax(a, -1), lambda a: sigmoid(-a))
            for which in ("ifo", "i", "f", "o", "if", "io", "fo")
        ],
        "no_bias": [step(x, h, c, W_xh, W_hh, n * b) for n in (0, 2)],
        "no_state": [step(x, 0 * h, c, *net), step(0 * x, h, c, *net)],
        "cell_in": [step(x, c, c, *net), step(x, c, h, *net)],
        "no_forget": keeps(lambda k: c + k["i"] * k["g"], lambda k: k["i"] * k["g"]),
        "no_write": keeps(lambda k: k["f"] * c + k["g"], lambda k: k["f"] * c, lambda k: k["f"] * c + k["i"]),
        "coupled": keeps(
            lambda k: k["f"] * c + (1 - k["f"]) * k["g"],
            lambda k: (1 - k["i"]) * c + k["i"] * k["g"],
            lambda k: (1 - k["f"]) * c + k["i"] * k["g"],
        ),
        "state_kept": keeps(lambda k: k["f"] * h + k["i"] * k["g"]),
        "old_cell": shows(lambda k, _: k["o"] * np.tanh(c)),
        "no_tanh": shows(lambda k, new: k["o"] * new, lambda k, new: k["o"] * sigmoid(new)),
        "no_output": shows(
            lambda k, new: np.tanh(new), lambda k, new: new, lambda k, new: np.tanh(k["o"] * new)
        ),
        "tanh_kept": [(wrong()[0], np.tanh(right))],
    }


# --- q2 -----------------------------------------------------------------------------------------------------

BACK = ("dx", "dh_before", "dc_before", "dW_xh", "dW_hh", "db")
BACK_AXES = ("B, D", "B, H", "B, H", "D, 4H", "H, 4H", "4H")


@question(
    "One step back",
    points=3,
    asks=["lstm_step_back(dh, dc, cache, W_xh, W_hh)"],
    hints={
        "no_way_through_h": (
            "The way from h_t to c_t is missing: only what arrived at c_t from later is used.",
            "c_t reaches the loss on two ways, and dc is one of them. Add dh ⊙ o ⊙ (1 - tanh²(c_t)) first.",
        ),
        "no_later": (
            "What arrived at c_t from the step after is forgotten.",
            "dc came in for a reason: the total slope of c_t is dc plus dh ⊙ o ⊙ (1 - tanh²(c_t)).",
        ),
        "partly_total": (
            "Some places use dc as it came in, others the total slope of c_t.",
            "Work out the total once, and use it for i, f, g *and* for c_{t-1}.",
        ),
        "cell_slope": (
            "The slope of the tanh between c_t and h_t is wrong or missing.",
            "c_t has *not* gone through the tanh yet. Its slope there is 1 - tanh(c_t)², not 1 - c_t².",
        ),
        "no_output_gate": (
            "On the way from h_t to c_t the output gate is missing.",
            "h_t = o ⊙ tanh(c_t): the slope of h_t by c_t is o ⊙ (1 - tanh²(c_t)).",
        ),
        "old_for_new": (
            "c_{t-1} stands where c_t is meant.",
            "(7.3) is made of the new cell state: tanh(c_t), in the slope of o and on the way to c_t.",
        ),
        "new_for_old": (
            "c_t stands where c_{t-1} is meant.",
            "The forget gate multiplied the *old* cell state. So its slope is that of c_t times c_{t-1}.",
        ),
        "output_slope": (
            "The slope of the output gate is not right.",
            "h_t = o ⊙ tanh(c_t). By o that is tanh(c_t), and the total slope of h_t is dh.",
        ),
        "swapped": (
            "i and g have each other's partner, or none.",
            "In i ⊙ g the slope of i is g, and the slope of g is i.",
        ),
        "no_slopes": (
            "The slopes stop at the gates: they still have to go through the four activations.",
            "i, f, o are logistic: times s (1 - s). g is a tanh: times 1 - g².",
        ),
        "gate_slopes": (
            "A gate has the slope of another function than its own.",
            "Told by their results: the logistic s has the slope s (1 - s), the tanh g has 1 - g².",
        ),
        "order": (
            "The four slopes stand in another order than the weights' blocks.",
            "`np.concatenate([da_i, da_f, da_g, da_o], axis=1)`, as the columns of W_xh.",
        ),
        "no_forget": (
            "On its way to c_{t-1} the slope does not pass the forget gate, or passes another one.",
            "c_t = f ⊙ c_{t-1} + …: dc_before is the total slope of c_t times f, and nothing else.",
        ),
        "added": (
            "Something is added to a result that has only one way to come from.",
            "From this step, h_{t-1} is reached through the four gates only, and c_{t-1} through f only.",
        ),
        "new_state": (
            "dW_hh is made with the new state h_t.",
            "It was h_{t-1} that went through W_hh: `h_before.T @ da`.",
        ),
        "averaged": (
            "The weights' gradients are divided by the batch, or taken of one sequence only.",
            "Each sequence of the batch has used the weights: a plain sum over the rows.",
        ),
        "not_summed": (
            "db has one axis too many.",
            "One bias served all rows: `da.sum(axis=0)`.",
        ),
        "transposed": (
            "A matrix lies on its side.",
            "A gradient has the shape of its weight: dW_xh is (D, 4H), so `x_t.T @ da`.",
        ),
        "type": (
            "Six arrays come back, in the order of the question.",
            "`return dx, dh_before, dc_before, dW_xh, dW_hh, db`.",
        ),
        "raised": (
            "A product does not fit. The slopes before the activations are (B, 4H).",
            "`da @ W_xh.T` is (B, D), `da @ W_hh.T` (B, H), `x_t.T @ da` (D, 4H).",
        ),
        "mutated": (
            "You write into what was handed in.",
            "`dc += …` changes the caller's array, or the cache's. `dc = dc + …` makes a new one.",
        ),
        "values": (
            "Check it in pieces: dh = 0 first, then dc = 0.",
            "With dh = 0 the total slope of c_t is dc itself, and the output gate's part of db is zero.",
        ),
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    B, D, H = (int(n) for n in rng.permutation([3, 4, 5]))
    x, (h, c_before, dh, dc) = rng.standard_normal((B, D)), rng.standard_normal((4, B, H))
    W_xh, W_hh, b = weights(rng, D, H)
    k = gates(x @ W_xh + h @ W_hh + b)
    c = k["f"] * c_before + k["i"] * k["g"]
    cache = (x, h, c_before, *(k[name] for name in ORDER), c)

    def wrong(**how: Any) -> tuple[np.ndarray, ...]:
        return step_back(dh, dc, cache, W_xh, W_hh, **how)

    got = parts(s.lstm_step_back(dh, dc, cache, W_xh, W_hh), *BACK)
    right = wrong()
    foreseen = {code: [wrong(**how) for how in several] for code, several in _BACK_MISTAKES.items()}
    for n in (1 / B, 1 / (B * 4 * H)):
        foreseen.setdefault("averaged", []).append((*right[:3], *(n * g for g in right[3:])))
    foreseen["averaged"].append((*right[:5], right[5] / B))
    found = [as_numbers(value, name) for value, name in zip(got, BACK, strict=True)]
    for code, several in foreseen.items():
        for values in several:
            if all(agree(f, v) for f, v in zip(found, values, strict=True)):
                which = next((n for n in range(6) if not agree(values[n], right[n])), None)
                if which is not None:
                    count = sum(not agree(v, r) for v, r in zip(values, right, strict=True))
                    line = f"{count} of the 6 results are wrong; `{BACK[which]}` first: "
                    at = tuple(int(n) for n in np.argwhere(values[which] != right[which])[0])
                    line += f"{values[which][at]:.6g} at {list(at)}, expected {right[which][at]:.6g}"
                    raise Wrong(code, line)
    letters = {"B": B, "D": D, "H": H}
    for n in (2, 5, 0, 1, 3, 4):  # from what the others are made of
        told = {code: [values[n] for values in several] for code, several in foreseen.items()}
        same(got[n], right[n], BACK[n], axes=BACK_AXES[n], letters=letters, mistakes=_unlike(told, right[n]))


def step_back(
    dh: np.ndarray,
    dc: np.ndarray,
    cache: Sequence[np.ndarray],
    W_xh: np.ndarray,
    W_hh: np.ndarray,
    *,
    through_h: str = "o",
    later: bool = True,
    total: str = "ifgc",
    slope: Callable[[np.ndarray], np.ndarray] = lambda c: 1 - np.tanh(c) ** 2,
    read: str = "new",
    forgets: str = "old",
    out: str = "tanh",
    partner: tuple[str, str] = ("g", "i"),
    bends: Mapping[str, str] = {},
    order: str = ORDER,
    carry: str = "f",
    also: str = "",
    state: str = "old",
) -> tuple[np.ndarray, ...]:
    """The six results of one step back, by (7.5) to (7.7). What stands behind the star errs.

    Args:
        through_h: what multiplies dh on its way to c_t: "o", "1", or "" for no such way.
        later: whether dc counts.
        total: who gets the total slope of c_t; the others get dc as it came in.
        slope: of the tanh, from c_t.
        read: which cell state (7.3) is taken to be made of.
        forgets: which cell state the forget gate is taken to have multiplied.
        out: what o is taken to have multiplied: "tanh", "c", "dc" for the slope of c_t, "1".
        partner: what i and g are taken to have been multiplied with.
        bends: gate → "s" logistic, "t" tanh, "" none, for the gates with a wrong slope.
        order: in which the slopes are put together.
        carry: what multiplies the slope of c_t on its way to c_{t-1}.
        also: "h" adds dh to dh_before, "c" adds dc to dc_before.
        state: which state went through W_hh.
    """
    x, h, c_before, i, f, g, o, c = cache
    gate = {"i": i, "f": f, "g": g, "o": o, "1": np.ones_like(o)}
    read_c = c if read == "new" else c_before
    inner = dc * later
    if through_h:
        inner = inner + dh * gate[through_h] * slope(read_c)
    of = {name: inner if name in total else dc * later for name in "ifgc"}
    outs = {"tanh": np.tanh(read_c), "c": read_c, "1": np.ones_like(c)}
    da = {
        "i": of["i"] * gate[partner[0]],
        "f": of["f"] * (c_before if forgets == "old" else c),
        "g": of["g"] * gate[partner[1]],
        "o": inner * np.tanh(read_c) if out == "dc" else dh * outs[out],
    }
    bend = {"i": "s", "f": "s", "g": "t", "o": "s", **bends}
    for name in ORDER:
        s = gate[name]
        slopes = {"s": s * (1 - s), "t": 1 - s**2, "": 1.0, "1-s": 1 - s, "again": 1 - np.tanh(s) ** 2}
        slopes["again_s"] = sigmoid(s) * (1 - sigmoid(s))
        da[name] = da[name] * slopes[bend[name]]
    a = np.concatenate([da[name] for name in order], axis=1)
    before = h if state == "old" else o * np.tanh(c)
    dh_before, dc_before = a @ W_hh.T, of["c"] * gate[carry]
    if "h" in also:
        dh_before = dh_before + dh
    if "c" in also:
        dc_before = dc_before + dc
    return a @ W_xh.T, dh_before, dc_before, x.T @ a, before.T @ a, a.sum(0)


_CELL_SLOPES: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
    lambda c: 1 - c**2,
    np.ones_like,
    lambda c: 1 - np.tanh(c),
    lambda c: np.tanh(c) * (1 - np.tanh(c)),
    lambda c: np.tanh(c),
    lambda c: 1 + np.tanh(c) ** 2,
    lambda c: sigmoid(c) * (1 - sigmoid(c)),
)

_BACK_MISTAKES: dict[str, list[dict[str, Any]]] = {
    "no_way_through_h": [{"through_h": ""}],
    "no_later": [{"later": False}],
    "partly_total": [{"total": t} for t in ("ifg", "c", "fgc", "igc", "ifc", "if", "ig", "fg", "fc")],
    "cell_slope": [{"slope": slope} for slope in _CELL_SLOPES],
    "no_output_gate": [{"through_h": k} for k in "1ifg"],
    "old_for_new": [{"read": "old"}],
    "new_for_old": [{"forgets": "new"}],
    "output_slope": [{"out": "c"}, {"out": "dc"}, {"out": "1"}],
    "swapped": [{"partner": p} for p in (("i", "g"), ("1", "1"), ("g", "1"), ("1", "i"))],
    "no_slopes": [{"bends": dict.fromkeys("ifgo", "")}],
    "gate_slopes": [
        {"bends": bends}
        for bends in (
            {"g": "s"},
            {"g": ""},
            {"g": "again"},
            {"g": "1-s"},
            *({k: how} for k in "ifo" for how in ("t", "", "1-s", "again_s")),
            *(dict.fromkeys("ifo", how) for how in ("t", "", "1-s", "again_s")),
            {**dict.fromkeys("ifo", "t"), "g": "s"},
            {**dict.fromkeys("ifo", "again_s"), "g": "again"},
        )
    ],
    "order": [{"order": order} for order in ORDERS if order != ORDER],
    "no_forget": [{"carry": k} for k in "1igo"],
    "added": [{"also": "h"}, {"also": "c"}, {"also": "hc"}],
    "new_state": [{"state": "new"}],
}


# --- q3 -----------------------------------------------------------------------------------------------------


@question(
    "What the forget gate keeps",
    points=3,
    asks=["bias_for(half_life)", "kept(F, k, t)", "largest_cell(X, W_xh, W_hh, b, forget)"],
    hints={
        "the_gate": (
            "That is the gate, a share between 0 and 1. Asked for is the bias that opens it so far.",
            "The gate is σ(b). Turn it round: b = ln(f / (1 - f)).",
        ),
        "life": (
            "With that bias the cell does not lose half in this time, but another share.",
            "f is used n times, and f to the power n must be 1/2. So f is 1/2 to the power 1/n.",
        ),
        "other_gate": (
            "The gate is opened by another function than the logistic one.",
            "f = 1 / (1 + exp(-b)), so exp(-b) = (1 - f) / f.",
        ),
        "closed": (
            "The sign is wrong: that bias closes the gate as far as it should open it.",
            "For a half-life above one step f is above 1/2, and the bias above 0.",
        ),
        "logarithm": (
            "The logarithm has another base than the exponential in the logistic function.",
            "`np.log`, the natural one. Neither log2 nor log10.",
        ),
        "one_more": (
            "One gate too many.",
            "c_k itself is there whole at time k. Gates k + 1 to t have acted on it since: t - k of them.",
        ),
        "one_less": (
            "One gate too few.",
            "Gates k + 1 to t, and t belongs to them: `F[k + 1 : t + 1]`.",
        ),
        "early": (
            "All gates are one step too early.",
            "c_{k+1} = f_{k+1} ⊙ c_k + …: the first gate that acts on c_k is that of step k + 1.",
        ),
        "not_multiplied": (
            "Shares of shares are multiplied. Yours are added up, averaged, or only one gate.",
            "Half of a half is a quarter: `np.prod(…, axis=0)`.",
        ),
        "over_batch": (
            "The sequences of the batch, or the units, are mixed.",
            "Each unit of each sequence has gates of its own: what comes back is (B, H).",
        ),
        "all_times": (
            "These are the gates of all times, or from the first one on.",
            "Only those after k up to t: `F[k + 1 : t + 1]`.",
        ),
        "empty": (
            "From a time to itself nothing is lost: everything is kept.",
            "An empty product is 1, in every place of (B, H).",
        ),
        "shut": (
            "Without a forget gate nothing is forgotten. Yours forgets everything at every step.",
            "Take f = 1, not f = 0: c_t = c_{t-1} + i ⊙ g.",
        ),
        "always": (
            "`forget` changes nothing in your run.",
            "With `forget=True` the gate is what (7.1) says, with `forget=False` it is 1 everywhere.",
        ),
        "inverted": (
            "True and False have changed places.",
            "`forget=True` is the whole cell, `forget=False` the one of 1997.",
        ),
        "signed": (
            "A cell state of -9 is larger than one of 3: it is the size that counts.",
            "First `np.abs`, then the largest.",
        ),
        "not_largest": (
            "That is a mean, or a length. Asked for is the largest.",
            "`np.abs(c).max()`: over all sequences and units of one step.",
        ),
        "the_state": (
            "You measured h, and h never leaves (-1, 1). Measure c.",
            "h_t = o ⊙ tanh(c_t) hides how large c_t has become. That is the point.",
        ),
        "so_far": (
            "You return the largest up to each step. Asked for is that of each step alone.",
            "Measure each c_t by itself, and append it.",
        ),
        "no_carry": (
            "h, c or both begin anew at every step.",
            "Zeros before the loop, and inside it both are carried on.",
        ),
        "start": (
            "The row of zeros that stands before the first step is in it, or a step is missing.",
            "T numbers, the first of them after the first input.",
        ),
        "order": STEP["order"],
        "shape": (
            "The shape is not the one asked for.",
            "`kept` gives (B, H), `largest_cell` one number for each step, (T,).",
        ),
        "mutated": STEP["mutated"],
        "values": (
            "Three functions, three small cases.",
            "A half-life of 1 needs a bias of 0. Gates that are all 1/2 keep 1/8 over a lag of 3. With "
            "all weights and biases 0 nothing is ever written.",
        ),
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    for n in (1.0, float(rng.uniform(3, 9)), float(rng.uniform(20, 200))):
        f = 0.5 ** (1 / n)
        right = float(np.log(f / (1 - f))) if n != 1 else 0.0
        told: Mistaken = {
            "the_gate": [f, sigmoid(np.array(f)), 1 - f],
            "closed": [-right],
            "logarithm": [right / np.log(2), right / np.log(10)],
            "other_gate": [
                np.arctanh(f),
                np.log(f),
                -np.log(f),
                np.log(1 / (1 - f)),
                np.log(1 - f),
                np.exp(f),
            ],
            "life": [_opens(share) for share in _wrong_shares(n) if 0 < share < 1],
        }
        same(s.bias_for(n), right, f"bias_for({n:.3g})", mistakes=_unlike(told, np.asarray(right)))

    T, B, H = (int(n) for n in rng.permutation([7, 8, 9]) - [0, 4, 4])
    T = max(T, 7)
    F = rng.uniform(0.3, 0.97, (T, B, H))
    k = int(rng.integers(1, 3))
    letters = {"T": T, "B": B, "H": H}
    for first, last in ((k, k + 3), (k, T - 1), (k, k + 1), (k, k)):
        right = F[first + 1 : last + 1].prod(0)
        whole, lag = F[first + 1 : last + 1], last - first
        told = {
            "empty": [np.zeros((B, H)), F[k], F[: k + 1].prod(0), F[k - 1]] if not lag else [],
            "one_more": [F[first : last + 1].prod(0), F[first + 1 : last + 2].prod(0)],
            "one_less": [F[first + 1 : last].prod(0), F[first + 2 : last + 1].prod(0)],
            "early": [F[first:last].prod(0)],
            "not_multiplied": [
                *(whole.sum(0), whole.mean(0) ** lag, whole.mean(0), F[last], F[first + 1]),
                *(F[last] ** lag, F[first] ** lag, np.log(whole).sum(0), 1 - right),
            ]
            if lag
            else [],
            "over_batch": [
                m
                for axis in (0, 1)
                for m in (
                    np.broadcast_to(right.mean(axis, keepdims=True), right.shape),
                    right.mean(axis),
                    right.prod(axis),
                )
            ]
            + [right.mean(), right.prod()],
            "all_times": [
                F.prod(0),
                F[: last + 1].prod(0),
                F.cumprod(0),
                whole.cumprod(0),
                F[1 : last + 1].prod(0),
            ],
        }
        got = s.kept(F, first, last)
        called = f"kept(F, k={first}, t={last})"
        same(got, right, called, axes="B, H", letters=letters, mistakes=_unlike(told, right))

    T, B, D, H = (int(n) for n in rng.permutation([3, 4, 5, 6]))
    T += 8
    net, X = _telling_run(rng, T, B, D, H)
    letters = {"T": T, "B": B, "D": D, "H": H}
    for forget in (True, False):
        _same_run(s, X, net, forget, letters)


def _same_run(s: Names, X: np.ndarray, net: Net, forget: bool, letters: Mapping[str, int]) -> None:
    right = largest_cell(X, net, forget)
    shut = {"f": "one" if forget else "own"}

    def wrong(**how: Any) -> np.ndarray:
        return largest_cell(X, net, forget, **how)

    told = {
        "inverted": [wrong(**shut)],
        "shut": [] if forget else [wrong(f="zero")],
        "signed": [wrong(size=lambda h, c: c.max()), wrong(size=lambda h, c: -c.min())],
        "not_largest": [
            wrong(size=size)
            for size in (
                lambda h, c: np.abs(c).mean(),
                lambda h, c: np.linalg.norm(c),
                lambda h, c: np.abs(c).sum(),
                lambda h, c: np.abs(c).max(1).mean(),
                lambda h, c: np.abs(c).max(0).mean(),
                lambda h, c: np.abs(c.mean()),
            )
        ],
        "the_state": [wrong(size=lambda h, c: np.abs(h).max())],
        "so_far": [np.maximum.accumulate(right), right.max()],
        "no_carry": [wrong(carry=carry) for carry in ("h", "c", "")],
        "start": [np.append(0.0, right), np.append(0.0, right)[:-1], right[1:], right[:-1]],
        "order": [largest_cell(X, (*(reorder(W, o) for W in net),), forget) for o in ORDERS if o != ORDER],
        "shape": [right[-1], *(wrong(size=lambda h, c, k=axis: np.abs(c).max(k)) for axis in (0, 1))],
    }
    got = s.largest_cell(X, *net, forget)
    called = f"largest_cell(X, …, forget={forget})"
    if not forget and agree(as_numbers(got, called), largest_cell(X, net, True)):
        raise Wrong("always", f"`{called}` gives the same as with `forget=True`")
    if forget:  # both at once is not known yet: ask for the other
        other = as_numbers(s.largest_cell(X, *net, False), "largest_cell(X, …, forget=False)")
        if agree(as_numbers(got, called), wrong(**shut)) and agree(other, wrong(**shut)):
            raise Wrong("always", f"`{called}` gives the same as with `forget=False`")
    same(got, right, called, axes="T", letters=letters, mistakes=_unlike(told, right))


def _telling_run(rng: np.random.Generator, T: int, B: int, D: int, H: int) -> tuple[Net, np.ndarray]:
    """Weights and inputs with which the largest entry is now negative, now positive, and falls at the end."""
    while True:
        net, X = weights(rng, D, H), rng.standard_normal((T, B, D))
        runs = [largest_cell(X, net, forget) for forget in (True, False)]
        high, low = (
            [largest_cell(X, net, forget, size=size) for forget in (True, False)]
            for size in (lambda h, c: c.max(), lambda h, c: -c.min())
        )
        for right, *others in zip(runs, high, low, strict=True):
            if right.argmax() == T - 1 or any(agree(other, right) for other in others):
                break
        else:
            return net, X


def _wrong_shares(n: float) -> list[float]:
    """What people take for the gate that halves c in n steps."""
    return [
        *(1 - 1 / n, np.exp(-1 / n), 0.5**n, 1 - 0.5 ** (1 / n), 1 - 0.5 / n, 0.5 / n, 1 / n),
        *(n / (n + 1), 0.5 ** (1 / (n + 1)), 0.5 ** (2 / n), np.exp(-n), 0.1 ** (1 / n)),
    ]


def _opens(share: float) -> float:
    """The bias that opens a gate to a share."""
    return float(np.log(share / (1 - share)))


def largest_cell(
    X: np.ndarray,
    net: Net,
    forget: bool,
    f: str = "",
    carry: str = "hc",
    size: Callable[[np.ndarray, np.ndarray], Any] = lambda h, c: np.abs(c).max(),
) -> np.ndarray:
    """The size of the cell state after each step, from zeros; mistakes: another f, carry or size."""
    f = f or ("own" if forget else "one")
    h = c = zero = np.zeros((X.shape[1], len(net[1])))
    found = []
    for x in X:
        a = {"own": None, "one": lambda k, c: c + k["i"] * k["g"], "zero": lambda k, c: k["i"] * k["g"]}[f]
        h, c = step(x, h if "h" in carry else zero, c if "c" in carry else zero, *net, keep=a)
        found.append(size(h, c))
    return np.array(found)


# --- q4 -----------------------------------------------------------------------------------------------------

NAMES = ("W", "W_i", "W_f", "W_o")  # as the source has them: z, z^i, z^f, z^o
SOURCE = "gifo"
PLACES = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")


@question(
    "Somebody else's gates",
    points=3,
    asks=["lstm_layer(W, W_i, W_f, W_o, b, b_i, b_f, b_o)"],
    hints={
        "kind": (
            "What came back is no `nn.LSTM`.",
            "The layer itself, not what it computes, and not a cell: `return layer`.",
        ),
        "layers": (
            "Your layer has more than one layer, a second direction, or a projection.",
            "`nn.LSTM(D, H, dtype=torch.float64)` and nothing else.",
        ),
        "batch_first": (
            "Your layer expects the batch first. In this book time is the first axis.",
            "`nn.LSTM` has time first unless it is told otherwise: leave `batch_first` away.",
        ),
        "source_order": (
            "The blocks stand as the source names them: z, zⁱ, zᶠ, zᵒ. PyTorch has another order.",
            "PyTorch wants i, f, g, o, and g is the source's z: `[W_i, W_f, W, W_o]`.",
        ),
        "order": (
            "All four blocks are there, in an order that is neither the source's nor PyTorch's.",
            "PyTorch wants i, f, g, o, and g is the source's z: `[W_i, W_f, W, W_o]`.",
        ),
        "bias_order": (
            "The weights stand in the right order, the biases do not.",
            "Both biases of PyTorch have the blocks i, f, g, o, as the weights have.",
        ),
        "interleaved": (
            "The rows of the four gates alternate. PyTorch keeps each gate in one block.",
            "`np.concatenate([...])` puts H rows of i first, then H rows of f. `np.stack` and `reshape` may "
            "mix them.",
        ),
        "halves": (
            "The columns of the input and those of the state have changed places.",
            "The source stacks x on top of h. So the first D columns of each matrix belong to the input.",
        ),
        "transposed": (
            "A matrix lies on its side, or its numbers were read row by row into another shape.",
            "The source multiplies from the left, PyTorch by the transpose from the right: that is the same "
            "layout. Nothing has to be turned.",
        ),
        "bias_twice": (
            "The bias is counted twice: PyTorch adds its two biases up.",
            "bias_ih_l0 and bias_hh_l0 stand in the same sum. Together they must make the source's bias.",
        ),
        "random": (
            "Called twice with the same weights, it gives two layers: a part is still drawn at random.",
            "A new layer holds random numbers. Write over all four parameters, the second bias too.",
        ),
        "no_bias": (
            "The layer has no bias where one was asked for.",
            "Leave `bias=True` as it is, and copy the four biases in.",
        ),
        "shape": (
            "A parameter has another shape than PyTorch gives it.",
            "weight_ih_l0 (4H, D), weight_hh_l0 (4H, H), both biases (4H,): the source's biases are columns, "
            "(H, 1), and have to be flattened.",
        ),
        "dtype": (
            "The numbers are right to seven digits: PyTorch makes float32 unless it is told otherwise.",
            "Make the layer in float64, `dtype=torch.float64`, *before* you copy.",
        ),
        "raised": (
            "Look at the line named. Does the shape fit, and may PyTorch write there?",
            "Write with `layer.weight_ih_l0.copy_(torch.tensor(…))` inside `with torch.no_grad():`. Print "
            "both shapes first.",
        ),
        "values": (
            "Copy one gate, and compare it with the source's by hand.",
            "Rows 0 to H - 1 of weight_ih_l0 are W_i[:, :D], the same rows of weight_hh_l0 are W_i[:, D:].",
        ),
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    D, H = (int(n) for n in rng.choice([3, 4, 5, 7], 2, replace=False))
    Ws = [rng.standard_normal((H, D + H)) for _ in range(4)]
    bs = [rng.uniform(0.3, 0.8, (H, 1)) * rng.choice([-1.0, 1.0], (H, 1)) for _ in range(4)]

    def made() -> tuple[Names, dict[str, Any]]:
        layer = s.lstm_layer.keep(*Ws, *bs)
        return layer, _state(layer, "lstm_layer(…)", "nn.LSTM", PLACES[:2])

    layer, held = made()
    if layer["mode"] != "LSTM":
        raise Wrong("kind", f"`lstm_layer(…)` is a layer of the kind {layer['mode']!r}")
    if extra := sorted(set(held) - set(PLACES)):
        raise Wrong("layers", f"`lstm_layer(…)` also holds {', '.join(extra[:4])}")
    if layer["batch_first"] is not False:
        raise Wrong("batch_first", "`lstm_layer(…).batch_first` is True")
    _, again = made()
    letters = {"D": D, "H": H}
    for name in PLACES:
        if name in held and not _close(again[name], held[name]):
            raise Wrong("random", f"`lstm_layer(…).{name}` differs from one call to the next")

    def joined(order: str, values: Sequence[np.ndarray]) -> np.ndarray:
        return np.concatenate([values[SOURCE.index(k)] for k in order])

    for name, part, axes in zip(PLACES, (slice(None, D), slice(D, None)), ("4H, D", "4H, H"), strict=False):
        mine = [W[:, part] for W in Ws]
        right = joined(ORDER, mine)
        width = right.shape[1]
        turned = [W[:, H:] if name == PLACES[0] else W[:, :H] for W in Ws]
        mixed = [np.stack([mine[SOURCE.index(k)] for k in o], 1).reshape(-1, width) for o in ORDERS]
        told = {
            "source_order": [joined(SOURCE, mine)],
            "order": [joined(o, mine) for o in ORDERS if o not in (ORDER, SOURCE)],
            "interleaved": mixed,
            "halves": [joined(o, turned) for o in ORDERS],
            "transposed": [
                m for o in ORDERS for m in (joined(o, mine).T, joined(o, mine).T.reshape(right.shape))
            ]
            + [joined(o, [W.T.reshape(W.shape) for W in mine]) for o in ORDERS],
            "shape": [joined(o, Ws) for o in ORDERS],
        }
        _same_here(held[name], right, f"lstm_layer(…).{name}", told, axes, letters)
    b = [v[:, 0] for v in bs]
    biases = [as_numbers(held.get(name, np.zeros(4 * H)), name) for name in PLACES[2:]]
    for name, bias in zip(PLACES[2:], biases, strict=True):
        if bias.shape != (4 * H,):
            raise Wrong(
                "shape", f"`lstm_layer(…).{name}` has shape {bias.shape}, expected ({4 * H},) = (4H,)"
            )
    told = {
        "no_bias": [np.zeros(4 * H)],
        "bias_twice": [2 * joined(ORDER, b)],
        "bias_order": [n * joined(o, b) for o in ORDERS if o != ORDER for n in (1, 2)],
        "interleaved": [n * np.stack(b_o, 1).ravel() for n in (1, 2) for b_o in permutations(b)],
    }
    _same_here(sum(biases), joined(ORDER, b), "bias_ih_l0 + bias_hh_l0", told, "4H", letters)


def _state(layer: Names, function: str, wanted: str, names: Sequence[str]) -> dict[str, Any]:
    """The parameters of a module of PyTorch by their names; Wrong("kind") when it has not these."""
    try:
        held = layer.state_dict()
    except Wrong as wrong:
        if wrong.code != "missing":
            raise
        held = None
    if not isinstance(held, dict) or not all(name in held for name in names):
        holds = f"; it holds {', '.join(sorted(held)[:6])}" if isinstance(held, dict) and held else ""
        raise Wrong("kind", f"`{function}` gives no {wanted}{holds}")
    return held


def _close(got: Any, want: Any) -> bool:
    try:
        same(got, want, "")
    except Wrong:
        return False
    return True


def _same_here(
    got: Any, right: np.ndarray, name: str, told: Mapping[str, Any], axes: str, letters: dict[str, int]
) -> None:
    """Pass when a parameter is right; a mistake shows also when float32 has narrowed it."""
    value = as_numbers(got, name)
    if value.shape == right.shape and np.allclose(value, right, rtol=1e-5, atol=1e-5):
        if not agree(value.astype(float), right):
            raise Wrong("dtype", f"`{name}` is right to seven digits only ({value.dtype})")
        return
    for code, several in told.items():
        for wrong in several:
            if value.shape == np.shape(wrong) and np.allclose(value, wrong, rtol=1e-5, atol=1e-5):
                same(value, right, name, axes=axes, letters=letters, mistakes={code: [value.astype(float)]})
    same(value, right, name, axes=axes, letters=letters)


# --- q5 -----------------------------------------------------------------------------------------------------


@question(
    "Two that became one",
    points=2,
    asks=["joined_step(x_t, h, c, W, b)"],
    hints={
        **STEP,
        "added": (
            "Input and state go through the same weights: the cell cannot tell them apart.",
            "x_t gets the first D rows of W, h the H rows below. One row of D + H numbers for each sequence: "
            "`np.concatenate([x_t, h], axis=1)`.",
        ),
        "stacked": (
            "x_t and h are not put *side by side*: what stands before W needs D + H columns and B rows.",
            "`np.stack` makes a new axis, `np.vstack` and `axis=0` put one batch under the other. "
            "`np.concatenate([x_t, h], axis=1)` is (B, D + H).",
        ),
        "h_first": (
            "The state stands on the left, and so it meets the rows of W that belong to the input.",
            "The first D rows of W are the input's: x_t first, then h.",
        ),
        "raised": (
            "Write the shape of each array behind its line.",
            "What stands before W is (B, D + H), the product (B, 4H), each gate (B, H).",
        ),
        "values": (
            "Set one of the two to zero, and compare with the step of question 1.",
            "With h = 0 only the first D rows of W may play a part, with x_t = 0 only the others.",
        ),
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    B, other, H = (int(n) for n in rng.permutation([3, 4, 5]))
    for D in (H, other):  # where the sizes agree, more mistakes go through without complaint
        x, (h, c) = rng.standard_normal((B, D)), rng.standard_normal((2, B, H))
        net = weights(rng, D, H)
        W_xh, W_hh, b = net
        W, letters = np.concatenate([W_xh, W_hh]), {"B": B, "D": D, "H": H}
        try:
            got = s.joined_step(x, h, c, W, b)
        except Wrong as wrong:
            joins = ("concatenat", "same shape", "matmul", "broadcast", "dimension")
            if wrong.code == "raised" and any(word in wrong.line for word in joins):
                raise Wrong("stacked", wrong.line) from None
            raise
        first = {"h_first": [step(h, x, c, W[:H], W[H:], b)] if D == H else []}
        if D == H:
            first["added"] = [step(x, h, c, half, half, b) for half in (W_xh, W_hh)]
        else:
            both = np.concatenate([h, x], axis=1)
            first["h_first"].append(step(both, 0 * h, c, W, 0 * W_hh, b))
        _same_step(got, x, h, c, net, "joined_step", letters, first)


# --- q6 -----------------------------------------------------------------------------------------------------

BLOCKS = np.arange(4)
# the orders that are not their own mirror images: going the wrong way shows
TURNED = [o for o in ORDERS if (reorder(BLOCKS, o) != reorder(BLOCKS, ORDER, to=o)).any()]


@question(
    "The gates in the wrong order",
    points=2,
    asks=["to_ifgo(W, order)", "gate_order(x_t, h, c, W_xh, W_hh, b, h_next, c_next)"],
    hints={
        "inverse": (
            "The blocks go the wrong way: each is put where it should have been taken from.",
            'For each gate of "ifgo" ask where it stands in `order`: `order.index(gate)`.',
        ),
        "untouched": (
            "W came back as it was.",
            'Only for the order "ifgo" there is nothing to do.',
        ),
        "fixed": (
            "The blocks come in an order that does not fit the one that was handed in.",
            "`order` is a text of four letters, any of 24. Look the gates up in it.",
        ),
        "within": (
            "The columns of a block are in another order, or blocks are mixed column by column.",
            "A block is H columns side by side, and they stay together: `np.split(W, 4, axis=-1)`.",
        ),
        "one_axis": (
            "It works for a matrix, and a bias is no matrix: its only axis is the last one.",
            "Split and join along `axis=-1`, which exists for (D, 4H) and for (4H,).",
        ),
        "rows": (
            "You took the rows apart. The gates lie in the columns.",
            "Split and join along the last axis, `axis=-1`.",
        ),
        "looked_up_backwards": (
            "That is the order's mirror image: where each block has to go, not what it is.",
            'Letter k of the answer is the gate whose columns are block k. "iofg" says that block 1 is the '
            "output gate.",
        ),
        "not_searched": (
            "With the order that you name the step gives other numbers.",
            "There are 24 orders: `itertools.permutations`. Try each, take one step, compare.",
        ),
        "no_text": (
            "What came back is no text of the four letters i, f, g, o.",
            '`"".join(…)` makes one of four letters.',
        ),
        "mutated": (
            "You write into the caller's array.",
            "`np.concatenate` makes a new array; `W[:, …] = …` writes into the old one.",
        ),
        "values": (
            'Take H = 1 and W = [[10, 20, 30, 40]], with the order "iofg".',
            '10 belongs to i, 20 to o, 30 to f, 40 to g. So "ifgo" is [[10, 30, 40, 20]].',
        ),
    },
)
def q6(s: Names, rng: np.random.Generator) -> None:
    H = int(rng.choice([3, 5]))
    turned = [str(o) for o in rng.choice(TURNED, 3, replace=False)]
    for order in ("iofg", *turned, "fiog", ORDER):
        for shape in ((8, 4 * H), (4 * H,)):
            W = rng.standard_normal(shape)
            called = f'to_ifgo(W, "{order}"), W of shape {shape},'
            try:
                got = s.to_ifgo(W, order)
            except Wrong as wrong:
                if wrong.code == "raised" and len(shape) == 1:
                    raise Wrong("one_axis", wrong.line) from None
                raise
            right = reorder(W, order)
            told = {
                "inverse": [reorder(W, ORDER, order)],
                "untouched": [W],
                "fixed": [reorder(W, o) for o in ORDERS],
                "rows": [np.concatenate(rows) for rows in permutations(np.split(W, 4))]
                if len(shape) > 1
                else [],
                "within": [m for o in ORDERS for m in _mixed(W, o)],
            }
            same(got, right, called, axes="4H", letters={"H": H}, mistakes=_unlike(told, right))

    B, D, H = (int(n) for n in rng.permutation([2, 4, 5]))
    orders, found = [*(str(o) for o in rng.choice(TURNED, 3, replace=False)), "gifo", ORDER], []
    for order in orders:
        x, (h, c) = rng.standard_normal((B, D)), rng.standard_normal((2, B, H))
        net = weights(rng, D, H)
        got = s.gate_order(x, h, c, *net, *step(x, h, c, *net, order=order))
        if got is None:
            raise Wrong("nothing", "`gate_order(…)` is None: is a `return` missing?")
        if not isinstance(got, str) or sorted(got) != sorted(ORDER):
            raise Wrong("no_text", '`gate_order(…)` gives no order such as "ifgo"')
        found.append(got)
    if found != orders:
        mirrored = found == ["".join(ORDER[order.index(k)] for k in ORDER) for order in orders]
        got, order = next((g, o) for g, o in zip(found, orders, strict=True) if g != o)
        line = f'`gate_order(…)` gives "{got}", and the blocks stand in the order "{order}"'
        raise Wrong("looked_up_backwards" if mirrored else "not_searched", line)


def _mixed(W: np.ndarray, order: str) -> list[np.ndarray]:
    """Blocks in some order whose columns are interleaved, or the reverse of that."""
    H = W.shape[-1] // 4
    columns = np.arange(4 * H)
    picked = [columns[ORDER.index(k) :: 4] for k in order]
    woven = reorder(columns, order).reshape(4, H).T.ravel()
    return [W[..., np.concatenate(picked)], W[..., woven], reorder(W[..., ::-1], order)]


# --- q7 -----------------------------------------------------------------------------------------------------


@question(
    "A gate that forgot what it had forgotten",
    points=2,
    asks=["bias_gradient(dh, X, W_xh, W_hh, b)"],
    hints={
        "as_it_was": (
            "The forget gate's slope is made with c_t, as in the program.",
            "(7.2): f_t multiplied c_{t-1}. Its slope is that of c_t times the *old* cell state.",
        ),
        "old_for_new": (
            "The forget gate is right now. But tanh(c_t) has become tanh(c_{t-1}).",
            "Two places need the new cell state: the slope of o, and the way from h_t to c_t. Only f needs "
            "the old one.",
        ),
        "exchanged_cells": (
            "Old and new have changed places: f got the new one, the tanh the old one.",
            "With zeros in front of the list, `cells[t]` is c_{t-1} and `cells[t + 1]` is c_t.",
        ),
        "aliased": (
            "All the cell states that you kept are one and the same array: the last.",
            "`c *= f` and `c += …` change an array that is in the list already. `c = f * c + i * g` makes a "
            "new one.",
        ),
        "too_old": (
            "The forget gate got a cell state one step too old, or always the first one.",
            "f_t multiplied c_{t-1}: the one directly before.",
        ),
        "states": (
            "The forget gate's slope is made with h_{t-1}.",
            "f multiplies the *cell* state c_{t-1}, (7.2).",
        ),
        "no_old": (
            "The forget gate's part of the gradient is zero, or has lost a factor.",
            "Its slope is that of c_t, times c_{t-1}, times f (1 - f).",
        ),
        "dh_again": (
            "The slope from the end enters at every step.",
            "dh belongs to the last state only. What the earlier ones get comes back through the gates.",
        ),
        "no_way_back": (
            "Nothing comes back through h, or nothing through c.",
            "Two things travel: dh = da @ W_hh.T, and dc = dc ⊙ f. Each step needs both.",
        ),
        "one_step": (
            "That is the share of a single step.",
            "The bias is used at every step, and its gradient is the sum of all shares.",
        ),
        "order": (
            "The four parts of db stand in another order.",
            "i, f, g, o, as the columns of the weights.",
        ),
        "averaged": (
            "The gradient is divided by something.",
            "A plain sum over the steps and over the sequences of the batch.",
        ),
        "mutated": (
            "You write into what was handed in.",
            "`dh = …` gives a name to a new array. `dh[:] = …` or `dh += …` changes the caller's.",
        ),
        "values": (
            "Something else has changed, too. Compare with the program, line by line.",
            "The program is right but for one letter or one index. Take T = 1 first, then T = 2.",
        ),
    },
)
def q7(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H = (int(n) for n in rng.permutation([3, 4, 5, 6]))
    for steps in (T, 1):
        net = weights(rng, D, H)
        X, dh = rng.standard_normal((steps, B, D)), rng.standard_normal((B, H))
        right = bias_gradient(dh, X, net)
        told: Mistaken = {
            code: [bias_gradient(dh, X, net, **how) for how in several] for code, several in _BIAS.items()
        }
        told["averaged"] += [right / n for n in (B, steps, B * steps)]
        told["one_step"] += [bias_gradient(dh, X, net, only=t) for t in (0, steps - 1)]
        told["order"] = [reorder(right, o) for o in ORDERS if o != ORDER]
        called = f"bias_gradient(dh, X, …), T={steps},"
        letters = {"B": B, "D": D, "H": H}
        got = s.bias_gradient(dh, X, *net)
        same(got, right, called, axes="4H", letters=letters, mistakes=_unlike(told, right))


_BIAS: dict[str, list[dict[str, Any]]] = {
    "as_it_was": [{"forgets": "new"}],
    "old_for_new": [{"read": "old"}],
    "exchanged_cells": [{"forgets": "new", "read": "old"}],
    "aliased": [{"kept": "last"}, {"kept": "in place"}],
    "too_old": [{"kept": "two"}, {"kept": "first"}],
    "states": [{"kept": "h"}],
    "no_old": [{"kept": "none"}, {"kept": "one"}, {"bends": {"f": ""}}],
    "dh_again": [{"again": True}],
    "no_way_back": [{"back": "h"}, {"back": "c"}, {"carry": "1"}],
    "one_step": [],
    "averaged": [],
}


def bias_gradient(
    dh: np.ndarray,
    X: np.ndarray,
    net: Net,
    *,
    kept: str = "",
    again: bool = False,
    back: str = "hc",
    only: int | None = None,
    **how: Any,
) -> np.ndarray:
    """The gradient of b from a slope of the last state, (4H,). What stands behind the star errs.

    Args:
        kept: what the forget gate is given in place of c_{t-1}: "last" of all cells, for the tanh, too;
            "in place", the cells change after they were kept; "two" steps ago; the "first"; "h"; "none",
            "one".
        again: dh enters at every step.
        back: what travels back.
        only: the one step whose share is counted.
        how: see :func:`step_back`.
    """
    W_xh, W_hh, b = net
    h = c = np.zeros_like(dh)
    caches, cells = [], [c]
    for x in X:
        k = gates(x @ W_xh + h @ W_hh + b)
        new = k["f"] * c + k["i"] * k["g"]
        caches.append([x, h, c, *(k[name] for name in ORDER), new])
        h, c = k["o"] * np.tanh(new), new
        cells.append(c)
    d, dc, db = dh, np.zeros_like(dh), 0.0
    for t in reversed(range(len(X))):
        cache = caches[t]
        if kept in ("last", "in place"):
            cache = [*cache[:2], c, *cache[3:7], c if kept == "last" else cache[7]]
        if kept in ("two", "first", "h", "none", "one"):
            two = cells[max(t - 1, 0)]
            swap = {"two": two, "first": cells[1], "h": cache[1], "none": 0 * dh, "one": 0 * dh + 1}[kept]
            cache = [*cache[:2], swap, *cache[3:]]
        _, d, dc, _, _, share = step_back(d, dc, cache, W_xh, W_hh, **how)
        db = db + share if only in (None, t) else db
        d = (d if "h" in back else 0 * d) + (dh if again else 0)
        dc = dc if "c" in back else 0 * dc
    return np.asarray(db) + np.zeros(4 * dh.shape[1])


# --- q8, q9: a reader of pictures ---------------------------------------------------------------------------

MOST_UNITS = 128
HELD = ("lstm.weight_ih_l0", "lstm.weight_hh_l0", "head.weight")
READER_BIASES = ("lstm.bias_ih_l0", "lstm.bias_hh_l0", "head.bias")

READER = {
    "kind": (
        "The grader looks for the parts by their names: `lstm`, an nn.LSTM, and `head`, an nn.Linear.",
        "`self.lstm = nn.LSTM(…)` and `self.head = nn.Linear(…)`, both with `dtype=torch.float64`.",
    ),
    "layers": (
        "More than one layer, a second direction, or further parts with weights.",
        "One nn.LSTM of one layer, forwards, and one nn.Linear: nothing else learns.",
    ),
    "sizes": (
        "A part has another size than asked for.",
        "`nn.LSTM(D, H)` reads D numbers a step and keeps H; `nn.Linear(H, Q)` makes Q scores of them.",
    ),
    "dtype": (
        "The weights are float32, and what comes in is float64.",
        "Give both parts `dtype=torch.float64`.",
    ),
}


@question(
    "Assemble a reader",
    points=2,
    asks=["Reader(D, H, Q)"],
    hints={
        **READER,
        "first_step": (
            "The scores are made of the state after the *first* step: the rest is read and thrown away.",
            "`out, (h, c) = self.lstm(X)`: time is the first axis, the last state is `out[-1]`.",
        ),
        "other_axis": (
            "You took the last *sequence* for the last step, or the LSTM takes batch for time.",
            "X is (T, B, D), time first, as nn.LSTM expects unless told otherwise. `out[-1]` is (B, H).",
        ),
        "cell": (
            "The scores are made of the cell state c.",
            "What the LSTM shows is h; c is its own business. `_, (h, c) = self.lstm(X)`: h comes first.",
        ),
        "mean": (
            "The scores are made of all steps together: a mean, a sum or the largest.",
            "Asked for is the state after the last step alone.",
        ),
        "every_step": (
            "There is a score for every step, or an axis too many.",
            "One row of Q scores for each sequence: `self.head(out[-1])`, and h of the LSTM is (1, B, H): "
            "`h[0]`.",
        ),
        "bent": (
            "The scores went through a softmax, a logarithm, a tanh or a ReLU, before the head or after it.",
            "Plain scores (logits): `cross_entropy` has its own softmax.",
        ),
        "chosen": (
            "That is the class that was chosen. Asked for are the scores of all Q classes.",
            "No `argmax` here: `return self.head(…)`.",
        ),
        "stateful": (
            "The same input gives another answer the second time: something was kept from the first.",
            "Let the LSTM begin anew: hand it no state, and store none in `self`.",
        ),
        "raised": (
            "Print the shapes in `forward`: X, the LSTM's output, what goes into the head.",
            "nn.LSTM returns *two* things: all outputs (T, B, H), and a pair (h, c), each (1, B, H).",
        ),
        "values": (
            "`forward` is three lines: read, take the last state, make scores.",
            "`_, (h, _) = self.lstm(X)`, `return self.head(h[0])`.",
        ),
    },
)
def q8(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H, Q = (int(n) for n in rng.permutation([3, 4, 5, 6, 7]))
    letters = {"T": T, "B": B, "D": D, "H": H, "Q": Q}
    reader = s.Reader.keep(D, H, Q)
    net = _reader(reader, f"Reader({D}, {H}, {Q})", (D, H, Q))
    X = rng.standard_normal((T, B, D))
    h, c = read(net, X)
    turned, _ = read(net, X.swapaxes(0, 1))  # (B, T, H): what a batch_first layer makes of it
    scores = h[-1] @ net["head"] + net["b_q"]

    def head(state: np.ndarray) -> np.ndarray:
        return state @ net["head"] + net["b_q"]

    bent = [np.tanh, sigmoid, relu, softmax, lambda z: np.log(softmax(z))]
    told = {
        "first_step": [head(h[0])],
        "other_axis": [head(state) for state in (h[:, -1], h[:, 0], turned[-1], turned[0], turned[:, -1])]
        + [head(turned[:, 0]), head(turned.swapaxes(0, 1)[-1])],
        "cell": [head(c[-1]), head(np.tanh(c[-1]))],
        "mean": [head(f(h)) for f in (lambda h: h.mean(0), lambda h: h.sum(0), lambda h: h.max(0))]
        + [head(h).mean(0), head(h).sum(0), head(h).max(0)],
        "every_step": [head(h), head(h[-1:]), head(turned)],
        "bent": [f(scores) for f in bent] + [head(f(h[-1])) for f in bent],
        "chosen": [scores.argmax(-1), scores.max(-1), softmax(scores).max(-1)],
    }
    for again in (False, True):
        got = reader.forward(X)
        if again and not _close(got, scores):
            raise Wrong("stateful", "the second call of `forward` with the same X gives other scores")
        called = f"Reader({D}, {H}, {Q}).forward(X)"
        same(got, scores, called, axes="B, Q", letters=letters, mistakes=_unlike(told, scores))


def _reader(
    reader: Names, called: str, sizes: tuple[int, int, int] | None, D: int = 0, Q: int = 0
) -> dict[str, np.ndarray]:
    """The weights of a reader as the book writes them: W_xh, W_hh, b, head, b_q.

    Raises:
        Wrong: it is no reader of the kind that was asked for.
    """
    held = _state(reader, called, "reader with the parts `lstm` and `head`", HELD)
    if extra := sorted(set(held) - {*HELD, *READER_BIASES}):
        raise Wrong("layers", f"`{called}` also holds {', '.join(extra[:4])}")
    arrays = {name: as_numbers(value, name) for name, value in held.items()}
    H = arrays[HELD[1]].shape[-1] if arrays[HELD[1]].ndim == 2 else 0
    D, H, Q = sizes or (D, H, Q)
    shapes = {HELD[0]: (4 * H, D), HELD[1]: (4 * H, H), HELD[2]: (Q, H)}
    shapes |= {"lstm.bias_ih_l0": (4 * H,), "lstm.bias_hh_l0": (4 * H,), "head.bias": (Q,)}
    if not sizes and H > MOST_UNITS:
        raise Wrong("too_large", f"the reader has H = {H} units; at most {MOST_UNITS}")
    for name, value in arrays.items():
        if value.shape != shapes[name]:
            raise Wrong("sizes", f"`{name}` has shape {value.shape}, expected {shapes[name]}")
        if value.dtype != np.float64:
            raise Wrong("dtype", f"`{name}` is {value.dtype}; expected float64")
        if not np.isfinite(value).all():
            raise Wrong("nan", f"`{name}` holds NaN or infinity")
    zero = np.zeros(4 * H)
    return {
        "W_xh": arrays[HELD[0]].T,
        "W_hh": arrays[HELD[1]].T,
        "b": arrays.get(READER_BIASES[0], zero) + arrays.get(READER_BIASES[1], zero),
        "head": arrays[HELD[2]].T,
        "b_q": arrays.get("head.bias", np.zeros(Q)),
    }


def read(net: Mapping[str, np.ndarray], X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """States and cell states (T, B, H) of a reader, from zeros."""
    h = c = np.zeros((X.shape[1], len(net["W_hh"])))
    states, cells = [], []
    for x in X:
        h, c = step(x, h, c, net["W_xh"], net["W_hh"], net["b"])
        states.append(h)
        cells.append(c)
    return np.array(states), np.array(cells)


LESSONS, PAUSE, CLASSES = 1200, 10, 10
ENOUGH = 0.87


def pictures(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Handwritten digits, row by row and then a pause, in an order of their columns that is drawn.

    Returns:
        X (T, 1200, 8) and y (1200,) to train on, X and y of the others, and the order of the columns (8,).
    """
    digits = load("digits")
    order, columns = rng.permutation(len(digits.labels)), rng.permutation(8)
    images, y = digits.images[order], digits.labels[order]
    images = (images - images[:LESSONS].mean(0)) / images[:LESSONS].std()
    rows = images[:, :, columns].transpose(1, 0, 2)  # (8, number, 8): the row counts time
    X = np.concatenate([rows, np.zeros((PAUSE, *rows.shape[1:]))])
    return X[:, :LESSONS], y[:LESSONS], X[:, LESSONS:], y[LESSONS:], columns


@question(
    "It reads, waits and answers",
    points=3,
    asks=["train(X, y)"],
    hints={
        **READER,
        "too_large": (
            "That network has more units than are allowed.",
            f"{MOST_UNITS} units are the most, and two dozen are enough.",
        ),
        "nan": (
            "There is NaN or infinity among the weights: the training ran away.",
            "A smaller learning rate, and clip the gradient by its norm, as in chapter 6.",
        ),
        "constant": (
            "It gives one answer, or one of two, to nearly every picture: nothing is left after the pause.",
            "Print the loss. If it stays at ln 10 = 2.30, the gradient does not come through the pause, and "
            "a cell state that halves at every step keeps a thousandth of what it read. Which weights decide "
            "that, and where do they start?",
        ),
        "chance": (
            "It is no better than chance. Was it trained, and with these labels?",
            "Do the updates move the weights that you return? Is X[:, i] the i of y[i]? Print the loss.",
        ),
        "forgets": (
            "It knows the digit right after the last row, and loses it in the pause.",
            "Train it on X as it is, with the pause. And look at the forget gate's bias at the start: with 0 "
            "half of c is left after one step.",
        ),
        "relabelled": (
            "It is right about the pictures, but its classes carry other numbers.",
            "Score k stands for the digit k, from 0 to 9.",
        ),
        "elsewhere": (
            "It reads pictures whose columns stand in another order.",
            "The grader draws that order anew. Train on the X that is handed in, at every call.",
        ),
        "by_heart": (
            "It knows the pictures that it was shown by heart, and fails at others.",
            "Show it all 1200, not a few. Fewer units, or fewer updates, or a little weight decay.",
        ),
        "not_yet": (
            "It has begun to learn, and is not good enough.",
            "Does the loss still fall? Then train on, or take larger steps first and smaller ones at the "
            "end. Falling slowly from 2.30? Look at where the forget gate's bias starts.",
        ),
        "raised": (
            "Call `train(*lessons(0)[:2])` in a new cell.",
            "X and y are NumPy arrays: `torch.tensor(X)`, `torch.tensor(y)`. Time is the first axis of X, so "
            "the sequences number i are `X[:, i]`.",
        ),
        "mutated": (
            "You write into what was handed in.",
            "`torch.from_numpy` shares its memory with the array; `torch.tensor` copies.",
        ),
        "values": (
            "Ask it about the pictures that it was trained on.",
            "`train(X, y)` returns the reader itself.",
        ),
    },
)
def q9(s: Names, rng: np.random.Generator) -> None:
    X, y, X_new, y_new, columns = pictures(rng)
    net = _reader(s.train.keep(X, y), "train(X, y)", None, X.shape[2], CLASSES)
    answers = _answers(net, X_new)
    right = float((answers == y_new).mean())
    if right >= ENOUGH:
        return
    told = (
        f"{right:.1%} of {len(y_new)} pictures that it has not seen are right, expected {ENOUGH:.0%} or more"
    )
    said = np.bincount(answers, minlength=CLASSES) / len(answers)
    if np.sort(said)[-2:].sum() > 0.9:
        raise Wrong("constant", f"{told}; it answers {said.argmax()} to {said.max():.0%} of all")
    plain = X_new[:, :, np.argsort(columns)]
    if (_answers(net, plain) == y_new).mean() >= max(ENOUGH - 0.15, right + 0.2):
        raise Wrong("elsewhere", told)
    shown = float((_answers(net, X) == y).mean())
    early = float((_answers(net, X_new[:-PAUSE]) == y_new).mean())
    if early >= right + 0.2:
        raise Wrong("forgets", f"{told}; without the pause {early:.1%}")
    counts = np.zeros((CLASSES, CLASSES), int)
    np.add.at(counts, (answers, y_new), 1)  # rows: what it says
    best = counts.argmax(1)
    if len(np.unique(best)) >= CLASSES - 1 and counts.max(1).sum() >= max(0.75, right + 0.3) * len(y_new):
        a = int(np.flatnonzero(best != np.arange(CLASSES))[0])
        raise Wrong("relabelled", f"{told}; to a {best[a]} it mostly says {a}")
    if right < 0.17:
        raise Wrong("chance", told)
    if shown >= right + 0.15 or _few(net, X, y, right):
        raise Wrong("by_heart", f"{told}; of those that it was shown {shown:.1%}")
    raise Wrong("not_yet", f"{told}; of those that it was shown {shown:.1%}")


def _answers(net: Mapping[str, np.ndarray], X: np.ndarray) -> np.ndarray:
    return (read(net, X)[0][-1] @ net["head"] + net["b_q"]).argmax(-1)


def _few(net: Mapping[str, np.ndarray], X: np.ndarray, y: np.ndarray, right: float) -> bool:
    """Whether it knows the first few of the pictures shown much better than new ones."""
    return any(float((_answers(net, X[:, :n]) == y[:n]).mean()) >= right + 0.25 for n in (32, 100, 200))
