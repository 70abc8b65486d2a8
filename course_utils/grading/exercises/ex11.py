"""Exercise 11, sequence to sequence: a step apart, masks, attention backwards, beams, alignments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import numpy as np

from course_utils.grading.compare import TOLERANCE, Wrong, agree, as_numbers, explained, parts, same
from course_utils.grading.questions import Names, question

TITLE = "Sequence to sequence"
# a learner may import torch in any cell, and some cells between the questions do
LIMITS = {"memory": 8 << 30, "processes": 64}

Arrays = tuple[np.ndarray, ...]
Decoder = list[np.ndarray]  # E (Q, F), W_ss (F, F), b_s (F,), W_sq (F, Q), b_q (Q,)


# --- q1 -----------------------------------------------------------------------------------------------------

THREE = ("read", "asked", "mask")


def forcing(sounds: Sequence[Sequence[int]], bos: int, eos: int) -> Arrays:
    """What a decoder reads and is asked for, and where: three arrays (T', B), 0 is padding."""
    T, B = max(map(len, sounds)) + 1, len(sounds)
    read, asked = np.zeros((T, B), dtype=int), np.zeros((T, B), dtype=int)
    for b, column in enumerate(sounds):
        read[: len(column) + 1, b] = [bos, *column]
        asked[: len(column) + 1, b] = [*column, eos]
    return read, asked, (asked != 0) * 1.0


def _ended_late(sounds: Sequence[Sequence[int]], eos: int) -> np.ndarray:
    """``asked`` with its end mark at the end of the array, as one gets it who pads first."""
    asked = forcing(sounds, 0, 0)[1]
    asked[-1] = eos
    return asked


@question(
    "One step apart",
    points=2,
    asks=["forcing(sounds, bos, eos)"],
    hints={
        "not_shifted": (
            "What is read and what is asked for stand at the same place. So the answer is in the input.",
            "read begins with bos, asked with the first sound: read[t + 1] is asked[t].",
        ),
        "exchanged": (
            "What is read and what is asked for have changed places.",
            "First `read`, which begins with bos, then `asked`, which ends with eos, then the mask.",
        ),
        "eos_late": (
            "The end mark stands at the end of the array, behind the padding.",
            "A column is asked for its sounds and *at once* for eos. The padding comes behind it.",
        ),
        "no_eos": (
            "Nobody asks the decoder to stop: there is no end mark in `asked`.",
            "Behind the last sound of every column stands eos.",
        ),
        "no_bos": (
            "The decoder does not begin with the begin mark.",
            "At the first step nothing has been written: it reads bos.",
        ),
        "eos_unmasked": (
            "The mask leaves out the end mark.",
            "eos is asked for, so it counts. The mask has one more 1 than there are sounds.",
        ),
        "mask_long": (
            "The mask counts padding.",
            "1 where `asked` is not 0. (Made from what is *read* it may be one step too long.)",
        ),
        "mask_turned": "The mask is 1 where there is padding. It should be 0 there, and 1 elsewhere.",
        "batch_first": (
            "The batch comes first in your arrays. Time does: one column a sequence.",
            "Fill `array[: len(column) + 1, b]`, or turn the array at the end, `.T`.",
        ),
        "padded_front": (
            "The padding stands in front of the sounds.",
            "A column begins at row 0; what is left over stands behind it.",
        ),
        "too_long": (
            "There is one step too many: T' is one more than the longest list is long.",
            "With both marks a column has two symbols more. Of these `read` leaves out the last, `asked` the "
            "first.",
        ),
        "type": "Three arrays are asked for: `return read, asked, mask`.",
        "values": (
            "Write down the columns of two sequences, [5, 6] and [7], by hand.",
            "With marks 1 and 2: read 1 5 6 and 1 7 ·, asked 5 6 2 and 7 2 0, mask 1 1 1 and 1 1 0.",
        ),
        "raised": (
            "An array cannot have columns of different lengths.",
            "Make arrays of zeros, (T', B), and fill in one column after the other. One list may be empty.",
        ),
        "mutated": (
            "You write into the lists that were handed to you.",
            "`column.append(eos)` changes the caller's. `[*column, eos]` makes a new one.",
        ),
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    bos, eos = (int(n) for n in rng.permutation(np.arange(1, 60))[:2])
    others = [n for n in range(1, 60) if n not in (bos, eos)]
    lengths = [*rng.permutation([0, 3, 6, 5]), *rng.integers(1, 7, int(rng.integers(2, 5)))]
    sounds = [rng.choice(others, int(n)).tolist() for n in lengths]
    right = forcing(sounds, bos, eos)
    got = [
        as_numbers(g, name) for g, name in zip(parts(s.forcing(sounds, bos, eos), *THREE), THREE, strict=True)
    ]
    read, asked, mask = right
    T, B = asked.shape
    if all(agree(g, r.T) for g, r in zip(got[1:], right[1:], strict=True)):
        raise Wrong("batch_first", f"`asked` has shape {got[1].shape}, expected {(T, B)} = (T', B)")
    if got[1].shape != (T, B) and all(g.shape == (T + 1, B) for g in got[:2]):
        raise Wrong("too_long", f"`asked` has shape {got[1].shape}, expected {(T, B)} = (T', B)")
    if got[0].shape == (T, B) == got[1].shape and agree(got[1] * mask, read * mask):
        which = "exchanged" if agree(got[0] * mask, asked) else "not_shifted"
        raise Wrong(which, f"`asked` begins with {got[1][0, 0]:g}, {got[1][1, 0]:g}; these are to be read")
    lengths = np.array(list(map(len, sounds)))
    front = np.stack([np.roll(asked[:, b], T - 1 - n) for b, n in enumerate(lengths)], axis=1)
    told = {
        "not_shifted": [read, read * mask],
        "eos_late": [_ended_late(sounds, eos)],
        "no_eos": [np.where(asked == eos, 0, asked)],
        "padded_front": [front],
    }
    if got[1].shape == (T - 1, B) and agree(got[1], asked[:-1] * (asked[:-1] != eos)):
        raise Wrong("no_eos", f"`asked` has shape {got[1].shape}, expected {(T, B)} = (T', B)")
    letters = {"T'": T, "B": B}
    same(got[1], asked, "asked", axes="T', B", letters=letters, mistakes=told)
    if got[0].shape == (T, B) and not agree(got[0] * mask, read * mask):
        no_bos = (agree(got[0] * mask, asked * mask), not (got[0][0] == bos).any())
        if all(no_bos) and (got[0][0] == asked[0]).all():
            raise Wrong("not_shifted", f"`read` begins with {got[0][0, 0]:g}, as `asked` does")
        if no_bos[1]:
            raise Wrong("no_bos", f"`read` begins with {got[0][0, 0]:g}, expected {bos}")
    told = {
        "padded_front": [np.stack([np.roll(read[:, b], T - 1 - n) for b, n in enumerate(lengths)], axis=1)]
    }
    shown = got[0] * mask if got[0].shape == mask.shape else got[0]
    same(shown, read * mask, "read, where something is asked", axes="T', B", letters=letters, mistakes=told)
    t = np.arange(T)[:, None]
    told = {
        "eos_unmasked": [(t < lengths) * 1.0],
        "mask_long": [np.ones((T, B)), (t < np.minimum(lengths + 2, T)) * 1.0],
        "mask_turned": [1 - mask],
        "padded_front": [mask[::-1], (front != 0) * 1.0],
    }
    same(got[2], mask, "mask", axes="T', B", letters=letters, mistakes=told)


# --- q2 -----------------------------------------------------------------------------------------------------


def log_softmax(z: np.ndarray, axis: int = -1) -> np.ndarray:
    z = z - z.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def loss_and_slopes(
    logits: np.ndarray,
    asked: np.ndarray,
    *,
    share: str = "symbols",
    masked: bool = True,
    axis: int = 2,
    slope: str = "right",
    slope_masked: bool | None = None,
    slope_share: str | None = None,
    sign: float = 1.0,
) -> tuple[float, np.ndarray]:
    """The loss (11.4) and its slopes; what stands behind the star errs.

    ``share`` says by what a symbol's loss is divided: the number of symbols, all places, the symbols of its
    own sequence times the batch, the batch alone, or nothing.
    """
    T, B, Q = logits.shape
    mask = (asked != 0) * 1.0
    used = mask if masked else np.ones((T, B))

    def shares(name: str) -> np.ndarray:
        return {
            "symbols": lambda: np.ones((T, B)) / used.sum(),
            "places": lambda: np.ones((T, B)) / (T * B),
            "each": lambda: np.ones((T, B)) / used.sum(0) / B,
            "batch": lambda: np.ones((T, B)) / B,
            "sum": lambda: np.ones((T, B)),
            "steps": lambda: np.ones((T, B)) / T,
        }[name]()

    log_p, one_hot = log_softmax(logits, axis), np.eye(Q)[asked]
    loss = -sign * float((log_p * one_hot).sum(2)[used > 0] @ shares(share)[used > 0])
    off = {"right": np.exp(log_p) - one_hot, "p": np.exp(log_p), "turned": one_hot - np.exp(log_p)}[slope]
    on = used if slope_masked is None else mask if slope_masked else np.ones((T, B))
    return loss, off * (on * shares(slope_share or share))[:, :, None]


LOSS_SLIPS: dict[str, list[dict[str, Any]]] = {
    "padding_counted": [{"masked": False}, {"masked": False, "share": "places"}],
    "all_places": [{"share": "places"}],
    "each_alone": [{"share": "each"}],
    "over_batch": [{"share": "batch"}, {"share": "steps"}],
    "summed": [{"share": "sum"}],
    "padding_slope": [{"slope_masked": False}],
    "slope_share": [{"slope_share": how} for how in ("sum", "places", "batch", "each", "steps")],
    "no_one_hot": [{"slope": "p"}],
    "slope_sign": [{"slope": "turned"}],
    "sign": [{"sign": -1.0}, {"sign": -1.0, "slope": "turned"}],
    "other_axis": [{"axis": 0}, {"axis": 1}],
}


@question(
    "A loss and its slopes",
    points=3,
    asks=["loss_and_slopes(logits, asked)"],
    hints={
        "padding_counted": (
            "The answers to the padding are counted.",
            "Where `asked` is 0 nothing is asked. These places add nothing to the sum, nor to what it is "
            "divided by, nor to the slopes.",
        ),
        "all_places": (
            "The mean is taken over the whole array, padding and all.",
            "Divide by the number of symbols that are asked for: `(asked != 0).sum()`.",
        ),
        "each_alone": (
            "You take the mean of each sequence and then the mean of the means.",
            "(11.4) divides once, by the number of all symbols: a long sequence has more to say.",
        ),
        "over_batch": (
            "You divide by the number of sequences, or of steps.",
            "(11.4) divides by the number of symbols that are asked for, all sequences together.",
        ),
        "summed": (
            "That is the sum. Asked for is the mean over all symbols that are no padding.",
            "Divide loss and slopes by `(asked != 0).sum()`.",
        ),
        "padding_slope": (
            "The loss is right, and logits at the padding have slopes all the same.",
            "The loss does not depend on them: there the slope is 0, all Q of it.",
        ),
        "slope_share": (
            "The loss is right. The slopes are not divided by the same number.",
            "Whatever the sum is divided by, its slopes are divided by as well: the number of symbols.",
        ),
        "no_one_hot": (
            "The slopes lack the symbol that was asked for.",
            "Softmax less one-hot: at the symbol asked for, 1 is taken away.",
        ),
        "slope_sign": (
            "The slopes have the wrong sign.",
            "Where the decoder gives too little probability, a larger logit *lowers* the loss: p - 1 < 0.",
        ),
        "other_axis": (
            "The softmax is taken over another axis than the symbols.",
            "Over the last one: the Q probabilities of one step of one sequence add up to 1.",
        ),
        "sign": (
            "The loss has the wrong sign.",
            "A log probability is negative, and the loss is minus it.",
        ),
        "overflow": (
            "With small logits it is right, with large ones not: exp(1000) is infinite, exp(-1000) is 0.",
            "Take the largest logit of each row away before the exponentials, and the logarithm of the sum, "
            "not of the quotient.",
        ),
        "type": "Two things are asked for: the loss, one number, and the slopes, (T', B, Q).",
        "values": (
            "One sequence of one step first: T' = 1, B = 1, no padding.",
            "The loss is log of the sum of exp(logits), less the logit asked for. Its slope is softmax less "
            "one-hot.",
        ),
        "raised": (
            "Something does not fit. `np.eye(Q)[asked]` is (T', B, Q), the mask (T', B).",
            "`mask[:, :, None]` goes with arrays (T', B, Q).",
        ),
        "mutated": (
            "You write into an array that was handed to you.",
            "`logits -= …` changes the caller's. `logits - …` makes a new array.",
        ),
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    T, B, Q = (int(n) for n in rng.permutation([4, 5, 6]))
    lengths = np.concatenate([[T, 1], rng.integers(1, T, B - 2)])
    asked = rng.integers(1, Q, (T, B)) * (np.arange(T)[:, None] < lengths)
    logits = 2 * rng.standard_normal((T, B, Q))
    for large in (False, True):
        given = logits
        if large:  # (no probability is so small that its logarithm is lost)
            given = logits + 1000 * rng.choice([-1.0, 1.0], (T, B, 1)) + 20 * rng.standard_normal((T, B, Q))
        _same_loss(s.loss_and_slopes(given, asked), given, asked, large)


def _same_loss(got: Any, logits: np.ndarray, asked: np.ndarray, large: bool) -> None:
    T, B, Q = logits.shape
    names = ("loss", "slopes")
    loss, slopes = (as_numbers(g, n) for g, n in zip(parts(got, *names), names, strict=True))
    right = loss_and_slopes(logits, asked)
    if loss.ndim:
        raise Wrong("type", f"`loss` has shape {loss.shape}; expected one number")
    if large:  # with small ones it was right
        known = f"with logits up to {np.abs(logits).max():.0f}"
        if not (np.isfinite(loss) and np.isfinite(slopes).all()):
            raise Wrong("overflow", f"{known} there is NaN or infinity")
        if not agree(loss, np.asarray(right[0])):
            raise Wrong("overflow", f"{known} `loss` gives {float(loss.real):.6g}, expected {right[0]:.6g}")
    mistakes = {
        code: [loss_and_slopes(logits, asked, **how) for how in many] for code, many in LOSS_SLIPS.items()
    }
    mistakes = {code: [(np.asarray(v), g) for v, g in many] for code, many in mistakes.items()}
    want, letters = (np.asarray(right[0]), right[1]), {"T'": T, "B": B, "Q": Q}
    try:
        explained((loss, slopes), want, names, mistakes, ("", "T', B, Q"), letters)
    except Wrong as wrong:  # one number has no place
        raise Wrong(wrong.code, wrong.line.replace("`loss[]`", "`loss`")) from None


# --- q3 -----------------------------------------------------------------------------------------------------

SLOPES = ("ds", "dstates", "dW_a")


def attention_back(
    dc: np.ndarray,
    s: np.ndarray,
    states: np.ndarray,
    alpha: np.ndarray,
    W_a: np.ndarray,
    *,
    softmax: str = "right",
    roads: str = "both",
    query: str = "right",
    through: str = "both",
) -> Arrays:
    """The slopes at s, states and W_a; what stands behind the star errs."""
    q = s @ W_a
    dalpha = np.einsum("tbc,bc->bt", states, dc)
    mean = (alpha * dalpha).sum(1, keepdims=True)
    de = {
        "right": lambda: alpha * (dalpha - mean),
        "none": lambda: dalpha,
        "no mean": lambda: alpha * dalpha,
        "elementwise": lambda: alpha * (1 - alpha) * dalpha,
        "mean once": lambda: alpha * dalpha - mean,
        "plain mean": lambda: alpha * (dalpha - dalpha.mean(1, keepdims=True)),
        "sum": lambda: alpha * (dalpha - dalpha.sum(1, keepdims=True)),
        "batch": lambda: alpha * (dalpha - (alpha * dalpha).sum(0, keepdims=True)),
        "turned": lambda: alpha * (mean - dalpha),
        "all": lambda: alpha * (dalpha - (alpha * dalpha).sum()),
    }[softmax]()
    dq = np.einsum("bt,tbc->bc", de, states)
    averaged, scored = np.einsum("bt,bc->tbc", alpha, dc), np.einsum("bt,bc->tbc", de, q)
    if query == "dc":
        scored = np.einsum("bt,bc->tbc", de, dc)
    dstates = {"both": averaged + scored, "mean": averaged, "score": scored}[roads]
    return dq @ W_a.T, dstates, s.T @ dq


ATTENTION_SLIPS: dict[str, list[dict[str, Any]]] = {
    "no_softmax": [{"softmax": "none"}],
    "elementwise": [{"softmax": how} for how in ("no mean", "elementwise")],
    "wrong_mean": [{"softmax": how} for how in ("mean once", "plain mean", "sum", "all")],
    "over_batch": [{"softmax": "batch"}],
    "softmax_sign": [{"softmax": "turned"}],
    "only_mean": [{"roads": "mean"}],
    "only_score": [{"roads": "score"}],
    "not_the_query": [{"query": "dc"}],
}


@question(
    "Attention, backwards",
    points=3,
    asks=["attention_back(dc, s, states, alpha, W_a)"],
    hints={
        "no_softmax": (
            "The softmax is left out on the way back.",
            "dalpha is the slope at the weights. The scores stand before the softmax: de = α (dα - Σ α dα).",
        ),
        "elementwise": (
            "You have differentiated the softmax as if each weight hung on its own score alone.",
            "A larger score takes weight from all others: de = α (dα - Σ_k α_k dα_k).",
        ),
        "wrong_mean": (
            "In the slope of the softmax stands the wrong mean.",
            "Σ_k α_k dα_k, weighted by the weights, one number for each word; and α multiplies the whole "
            "bracket.",
        ),
        "over_batch": (
            "The sum in the slope of the softmax runs over the batch.",
            "The softmax runs over the letters of one word: over axis 1 of alpha, (B, T).",
        ),
        "softmax_sign": (
            "The slopes at the scores have the wrong sign.",
            "de = α (dα - Σ α dα): a letter that fits better than the average gets more.",
        ),
        "only_mean": (
            "A state has two roles. The slope by way of its score is missing.",
            "It is averaged, α dc, and takes part in its own weight, de q. Add the two.",
        ),
        "only_score": (
            "A state has two roles. The slope by way of the mean is missing.",
            "It takes part in its own weight, de q, and is averaged, α dc. Add the two.",
        ),
        "not_the_query": (
            "Beside the slope at a score stands dc, where the query belongs.",
            "The score is q · h, so its slope by h is q = s W_a.",
        ),
        "not_summed": (
            "dW_a has an axis left over: all words share W_a.",
            "`s.T @ dq` multiplies and adds up over the batch.",
        ),
        "averaged": (
            "You take a mean over the batch. The slopes add up.",
            "If the loss is a mean, the 1/B is in dc already.",
        ),
        "exchanged": ("The three are right, in another order.", "ds, dstates, dW_a."),
        "query_slope": (
            "The first result is the slope at the query, (B, C), not that at s.",
            "q = s W_a, so ds = dq W_a.T, (B, F).",
        ),
        "type": "Three arrays are asked for: `return ds, dstates, dW_a`.",
        "values": (
            "Take B = 1 and compare with section 11b.1, line by line: dα, de, dq, dh.",
            "Then ds = dq @ W_a.T and dW_a = s.T @ dq, as behind any product.",
        ),
        "raised": (
            "Something does not fit. states is (T, B, C), alpha (B, T): time is first in one, second in the "
            "other.",
            '`np.einsum("tbc,bc->bt", states, dc)`, and the letters say which axes are multiplied.',
        ),
        "mutated": "You write into an array that was handed to you: `alpha *= …` changes the caller's.",
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    T, B, C, F = (int(n) for n in rng.permutation([4, 5, 6, 7]))
    h, states = rng.standard_normal((B, F)), rng.standard_normal((T, B, C))
    W_a, dc = rng.standard_normal((F, C)) / np.sqrt(F), rng.standard_normal((B, C))
    lengths = np.concatenate([[T, 1], rng.integers(2, T + 1, B - 2)])
    powers = np.exp(np.einsum("bc,tbc->bt", h @ W_a, states)) * (np.arange(T) < lengths[:, None])
    alpha = powers / powers.sum(1, keepdims=True)
    given = (dc, h, states, alpha, W_a)
    right = attention_back(*given)
    got = parts(s.attention_back(*given), *SLOPES)
    found = [as_numbers(g, name) for g, name in zip(got, SLOPES, strict=True)]
    for places in permutations(range(3)):
        if places != (0, 1, 2) and all(agree(found[k], right[i]) for k, i in enumerate(places)):
            raise Wrong(
                "exchanged", f"three right slopes, in the order {', '.join(SLOPES[i] for i in places)}"
            )
    if found[2].ndim == 3 and agree(found[2].sum(0), right[2]):
        raise Wrong("not_summed", f"`dW_a` has shape {found[2].shape}, expected {(F, C)} = (F, C)")
    if found[0].shape == (B, C):
        raise Wrong("query_slope", f"`ds` has shape {(B, C)}, expected {(B, F)} = (B, F)")
    mistakes = {
        code: [attention_back(*given, **how) for how in many] for code, many in ATTENTION_SLIPS.items()
    }
    mistakes["averaged"] = [(*right[:2], right[2] / B), tuple(v / B for v in right)]
    letters = {"T": T, "B": B, "C": C, "F": F}
    explained(got, right, SLOPES, mistakes, ("B, F", "T, B, C", "F, C"), letters)


# --- q4 -----------------------------------------------------------------------------------------------------


def step(y: np.ndarray, s: np.ndarray, net: Decoder) -> Arrays:
    """Logits (B, Q) after reading y (B,), and the new states (B, F)."""
    E, W_ss, b_s, W_sq, b_q = net
    s = np.tanh(E[y] + s @ W_ss + b_s)
    return s @ W_sq + b_q, s


def decoder(rng: np.random.Generator, Q: int, F: int, bos: int, eos: int) -> Decoder:
    """Weights of a decoder that never writes padding or the begin mark, and is sure of nothing."""
    sizes = ((Q, F), (F, F), (F,), (F, Q), (Q,))
    E, W_ss, b_s, W_sq, b_q = (0.6 * rng.standard_normal(size) for size in sizes)
    b_q[[0, bos]] -= 40
    b_q[eos] += rng.uniform(-0.5, 1)
    return [E, W_ss, b_s, W_sq, b_q]


def log_probs(
    answers: Sequence[Sequence[int]],
    s: np.ndarray,
    net: Decoder,
    bos: int,
    eos: int,
    *,
    first: bool = True,
    last: bool = True,
    ahead: bool = False,
    own: bool = False,
    frozen: bool = False,
    shared: bool = False,
    rate: Callable[[np.ndarray], np.ndarray] = log_softmax,
    padded: bool = False,
    divide: str = "",
) -> np.ndarray:
    """log P of each answer with its end mark, (B,); what stands behind the star errs."""
    found, longest = [], max(map(len, answers))
    for b, answer in enumerate(answers):
        state = s[:1] if shared else s[b : b + 1]
        asked = [*answer, eos] if last else list(answer)
        if padded:
            asked += [0] * (longest - len(answer))
        read = asked if ahead else [bos if first else 0, *asked[:-1]][: len(asked)]
        total, said = 0.0, bos
        for before, after in zip(read, asked, strict=True):
            logits, new = step(np.array([said if own else before]), state, net)
            state = state if frozen else new
            total += float(rate(logits[0])[after])
            said = int(logits[0].argmax())
        found.append(total / {"": 1, "symbols": max(len(asked), 1), "sounds": max(len(answer), 1)}[divide])
    return np.array(found)


def _probability(z: np.ndarray) -> np.ndarray:
    return np.exp(log_softmax(z))


PROBABLE_SLIPS: dict[str, list[dict[str, Any]]] = {
    "no_eos": [{"last": False}],
    "reads_itself": [{"ahead": True}],
    "own_symbols": [{"own": True}],
    "no_bos": [{"first": False}],
    "frozen": [{"frozen": True}],
    "shared": [{"shared": True}],
    "logits": [{"rate": lambda z: z}],
    "probabilities": [{"rate": _probability}],
    "padding_counted": [{"padded": True}],
    "averaged": [{"divide": "symbols"}, {"divide": "sounds"}],
}


@question(
    "How probable is this answer?",
    points=3,
    asks=["log_probs(answers, s, weights, bos, eos)"],
    hints={
        "no_eos": (
            "You leave out the end mark. That is the probability to *begin* like this.",
            "The decoder writes the answer and then eos: one factor more than there are symbols.",
        ),
        "reads_itself": (
            "The decoder reads the symbol that it is asked for.",
            "It reads the one before: bos first, then the answer's symbols. Of the last, eos is asked.",
        ),
        "own_symbols": (
            "The decoder goes on with what it would have written itself.",
            "Here the answer is given: at each step it reads what stands there.",
        ),
        "no_bos": (
            "The decoder does not begin with the begin mark.",
            "When nothing has been written it reads bos.",
        ),
        "frozen": (
            "Every step begins in the first state: nothing is remembered of what was written.",
            "`logits, s = step(y, s, weights)`: the new states go into the next step.",
        ),
        "shared": (
            "All answers begin in the first row of s.",
            "Answer b begins in row b.",
        ),
        "logits": (
            "You add up logits. They are no log probabilities yet.",
            "Less the logarithm of the sum of all exponentials, at each step.",
        ),
        "probabilities": (
            "You add up probabilities. What is multiplied in P is added in log P: logarithms.",
            "log of a product is the sum of the logs.",
        ),
        "product": (
            "That is P itself. Asked for is its logarithm.",
            "Add up the logs of the factors. For long answers P itself is too small to be kept.",
        ),
        "padding_counted": (
            "Shorter answers go on into the padding: their zeros are counted as symbols.",
            "An answer is over when its eos has been asked for. Behind it nothing counts.",
        ),
        "averaged": (
            "You divide by the number of symbols. Asked for is the whole sum.",
            "Length normalisation is another matter, (11b.5).",
        ),
        "one_number": (
            "One number comes back, for all answers together. Asked for is one for each, (B,).",
            "Add up over the steps only.",
        ),
        "each_step": (
            "The steps are not added up.",
            "One number for each answer, (B,): the sum over its steps.",
        ),
        "values": (
            "Begin with an empty answer: log P of eos after bos, and nothing else.",
            "Then one symbol: two factors. `logits[0, symbol] - np.log(np.exp(logits[0]).sum())` is one.",
        ),
        "raised": (
            "Something does not fit. `step` wants y as an array (B,), s as (B, F), and gives logits (B, Q).",
            "For one answer alone: `step(np.array([before]), s[b : b + 1], weights)`.",
        ),
        "mutated": (
            "You write into what was handed to you.",
            "`answer.append(eos)` changes the caller's list. `[*answer, eos]` is a new one.",
        ),
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    B, F, Q = (int(n) for n in rng.permutation([5, 6, 8]))
    bos, eos = (int(n) for n in rng.permutation(np.arange(1, Q))[:2])
    net, first = decoder(rng, Q, F, bos, eos), rng.uniform(-0.9, 0.9, (B, F))
    net[4][0] += 40  # what is read behind an end is to be told apart, not to be infinite
    sounds = [n for n in range(1, Q) if n not in (bos, eos)]
    lengths = [*rng.permutation([0, 2, 6, 4]), *rng.integers(1, 7, B - 4)]
    answers = [rng.choice(sounds, int(n)).tolist() for n in lengths]
    given = (answers, first, net, bos, eos)
    right = log_probs(*given)
    told: dict[str, Any] = {
        code: [log_probs(*given, **how) for how in many] for code, many in PROBABLE_SLIPS.items()
    }
    told["product"] = [np.exp(right)]
    told["one_number"] = [right.sum(), right.mean()]
    got = s.log_probs(*given)
    if isinstance(got, list) and any(np.ndim(part) for part in got):
        raise Wrong("each_step", f"`log_probs(…)` is a list of {len(got)} lists")
    found = as_numbers(got, "log_probs(…)")
    if found.ndim == 2:
        raise Wrong("each_step", f"`log_probs(…)` has shape {found.shape}, expected ({B},) = (B)")
    same(found, right, "log_probs(…)", axes="B", letters={"B": B, "F": F, "Q": Q}, mistakes=told)


# --- q5 -----------------------------------------------------------------------------------------------------

Answer = tuple[list[int], float]


def beam_search(
    s: np.ndarray,
    net: Decoder,
    k: int,
    gamma: float,
    bos: int,
    eos: int,
    most: int,
    *,
    follow: bool = True,
    kept: str = "all",
    places: str = "fewer",
    ends: str = "aside",
    choose: str = "best",
    rate: Callable[[np.ndarray], np.ndarray] = log_softmax,
    adds: bool = True,
    early: bool = False,
) -> Answer:
    """The answer of a beam by the rules of section 11b.4; what stands behind the star errs."""
    beam: list[tuple[float, list[int]]] = [(0.0, [])]
    done: list[tuple[float, list[int]]] = []
    state = s
    for _ in range(most):
        last = np.array([symbols[-1] if symbols else bos for _, symbols in beam])
        logits, new_state = step(last, state, net)
        sums = rate(logits) + np.array([[total if adds else 0.0] for total, _ in beam])
        order = np.argsort(-sums, axis=None)
        if kept == "one each" and len(beam) > 1:
            order = np.array([i for i in order if i % sums.shape[1] == sums[i // sums.shape[1]].argmax()])
        room = {"fewer": k - len(done), "k": k, "refilled": k}[places]
        new, rows = [], []
        for i in order if places == "refilled" else order[:room]:
            row, symbol = divmod(int(i), sums.shape[1])
            found = float(sums[row, symbol]), [*beam[row][1], symbol]
            if symbol == eos and ends == "aside":
                if len(new) < room:
                    done.append(found)
            elif len(new) < room:
                new.append(found)
                rows.append(row)
        if choose == "first" and done:
            break
        beam = new
        if not beam:
            break
        state = (
            new_state[rows] if follow else new_state[[min(n, len(new_state) - 1) for n in range(len(rows))]]
        )
        if early and done and max(done)[0] >= beam[0][0]:
            break
    if ends == "on":  # the mark is a symbol like all others, and the answer is cut afterwards
        total, symbols = max(beam)
        return symbols[: symbols.index(eos)] if eos in symbols else symbols, total

    def value(found: tuple[float, list[int]]) -> float:
        n = len(found[1])
        return found[0] / {"best": n, "short": max(n - 1, 1), "plain": 1}.get(choose, n) ** gamma

    pool = {"live": beam or done, "any": done + beam}.get(choose, done or beam)
    total, symbols = (done[0] if done else pool[0]) if choose == "first" else max(pool, key=value)
    return [symbol for symbol in symbols if symbol != eos], total


def _best_logits(z: np.ndarray) -> np.ndarray:
    return z


def _plain_probability(z: np.ndarray) -> np.ndarray:
    return np.exp(log_softmax(z))


BEAM_SLIPS: dict[str, list[dict[str, Any]]] = {
    "not_followed": [{"follow": False}],
    "one_each": [{"kept": "one each"}],
    "refilled": [{"places": "refilled"}, {"places": "k"}],
    "eos_continued": [{"ends": "on"}],
    "first_complete": [{"choose": "first"}],
    "complete_lost": [{"choose": "live"}],
    "incomplete": [{"choose": "any"}],
    "stopped_early": [{"early": True}],
    "no_gamma": [{"choose": "plain"}, {"choose": "plain", "early": True}],
    "eos_not_counted": [{"choose": "short"}],
    "logits": [{"rate": _best_logits}],
    "probabilities": [{"rate": _plain_probability}],
    "forgets": [{"adds": False}],
}


@question(
    "Beam search",
    points=4,
    asks=["beam_search(s, weights, k, gamma, bos, eos, most)"],
    hints={
        "greedy": (
            "Your beam finds what greedy decoding finds, whatever k is.",
            "It begins with *one* beginning. (With k copies of it, all k go the same way for ever.) Then the "
            "best k of all continuations are kept.",
        ),
        "not_followed": (
            "The states do not follow their beginnings.",
            "When the first beginning is dropped, and the second continued twice, both go on with the state "
            "of the second: `s = s[rows]`.",
        ),
        "one_each": (
            "You continue each beginning by its best symbol only.",
            "The k best are taken of *all* continuations: two of them may come from one beginning, and none "
            "from another.",
        ),
        "refilled": (
            "The beam does not get narrower when an answer is complete.",
            "By rule 2 a complete answer keeps one of the k places: k - len(done) continuations are kept.",
        ),
        "eos_continued": (
            "Answers go on after their eos.",
            "A continuation that has taken eos is complete: out of the beam, with the sum that it has.",
        ),
        "first_complete": (
            "You return the first answer that is complete. A later one may be better.",
            "Go on until the beam is empty, then compare: rules 4 and 5.",
        ),
        "complete_lost": (
            "Answers that were complete before the end are lost.",
            "Put them aside in a list of their own, and choose among these at the end.",
        ),
        "incomplete": (
            "An incomplete beginning was preferred to complete answers.",
            "Only if none is complete, a beginning is the answer: rule 5.",
        ),
        "stopped_early": (
            "You stop as soon as the best complete answer is ahead of the beam.",
            "With gamma > 0 a longer answer can still overtake. Go on until the beam is empty: rule 4.",
        ),
        "no_gamma": (
            "The complete answers are compared by their sums. gamma plays no part.",
            "sum / n**gamma, (11b.5), where n counts the symbols with eos.",
        ),
        "eos_not_counted": (
            "In the length n the end mark is not counted.",
            "n counts the symbols of the answer, eos included.",
        ),
        "logits": (
            "You add up logits. They are no log probabilities yet.",
            "From each row of logits goes the logarithm of the sum of its exponentials.",
        ),
        "probabilities": (
            "You add up probabilities. What is to be added are their logarithms.",
            "log of a product is the sum of the logs, (11b.4).",
        ),
        "forgets": (
            "The continuations are compared by their last symbol alone.",
            "To log P of the new symbol comes the sum of its beginning.",
        ),
        "marks": (
            "There are marks in your answer.",
            "Return the symbols that were written, without bos and without eos.",
        ),
        "normalised": (
            "The answer is right. What you return beside it is no plain sum.",
            "gamma is for comparing. Returned is the sum of log P, eos included, not divided.",
        ),
        "sum": (
            "The answer is right, its sum of log P is not.",
            "All symbols count, eos included, and nothing else: `log_probs` of question 4 gives the same.",
        ),
        "type": "Two things are asked for: the answer, a list of symbols, and its sum of log P, one number.",
        "values": (
            "k = 1 first: that is greedy decoding. Then k = 2, and print the beam after each step.",
            "Go through rules 1 to 5, one line each. Is a state lost, or an answer that was complete?",
        ),
        "raised": (
            "Something does not fit. `step` wants y as an array (n,) and s as (n, F), n beginnings.",
            "The beam can become empty, and at the first step it holds one beginning only.",
        ),
        "mutated": "You write into an array that was handed to you.",
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    cases = [
        _search(rng, k, gamma)
        for k, gamma in ((1, 0.0), (2, 0.0), (3, 0.0), (4, 0.5), (3, 1.0), (6, 1.0))
        for _ in range(4)
    ]
    cases.append(_telling(rng, 3, 0.0, {"places": "k"}))
    cases.append(_telling(rng, 4, 0.0, {"places": "refilled"}))
    cases.append(_telling(rng, 2, 0.0, {"follow": False}))
    cases.append(_telling(rng, 3, 0.0, {"kept": "one each"}))
    cases.append(_telling(rng, 4, 0.5, {"choose": "any"}, {"choose": "short"}))
    cases.append(_telling(rng, 5, 1.0, {"early": True}, {"choose": "plain"}))
    found = [_answer(s.beam_search(*case), case) for case in cases]
    right = [beam_search(*case) for case in cases]
    off = [n for n, (one, two) in enumerate(zip(found, right, strict=True)) if not _same_answer(one, two)]
    if not off:
        return
    line = _first_off(found, right, cases, off)
    symbols_right = all(one[0] == two[0] for one, two in zip(found, right, strict=True))
    if symbols_right:
        normal = [
            (a, total / _length(a, case, two) ** case[3])
            for (a, total), two, case in zip(right, right, cases, strict=True)
        ]
        if _all_same(found, normal):
            raise Wrong("normalised", line)
    shortened = [
        ([y for y in a if y not in case[4:6]], total) for (a, total), case in zip(found, cases, strict=True)
    ]
    if not symbols_right and _all_same(shortened, right):
        raise Wrong("marks", line)
    foreseen = _foreseen(cases)
    for code, made in foreseen:
        if _all_same(made, found):
            raise Wrong(code, line)
    # where the sums err as well, the answers still tell what was done
    for code, made in foreseen:
        if not symbols_right and all(one[0] == two[0] for one, two in zip(made, found, strict=True)):
            raise Wrong(code, line)
    raise Wrong("sum" if symbols_right else "values", line)


Case = tuple[np.ndarray, Decoder, int, float, int, int, int]


def _search(rng: np.random.Generator, k: int, gamma: float) -> Case:
    """What one search is asked for: a first state, a decoder, and the rest."""
    F, Q = (int(n) for n in rng.permutation([6, 8]))
    bos, eos = (int(n) for n in rng.permutation(np.arange(1, Q))[:2])
    net = decoder(rng, Q, F, bos, eos)
    return rng.uniform(-0.9, 0.9, (1, F)), net, k, gamma, bos, eos, int(rng.integers(5, 9))


def _telling(rng: np.random.Generator, k: int, gamma: float, *slips: dict[str, Any]) -> Case:
    """A search that the rare mistakes named get wrong, each in a way of its own."""
    while True:
        case = _search(rng, k, gamma)
        answers = [beam_search(*case)[0], *(beam_search(*case, **how)[0] for how in slips)]
        if all(one not in answers[:n] for n, one in enumerate(answers)):
            return case


def _answer(got: Any, case: Case) -> Answer:
    answer, total = parts(got, "answer", "sum of log P")
    symbols, number = as_numbers(answer, "answer"), as_numbers(total, "sum of log P")
    if symbols.ndim != 1 or number.ndim:
        shapes = f"`answer` has shape {symbols.shape}, the sum {number.shape}"
        raise Wrong("type", f"{shapes}; expected a list of symbols and one number")
    return [int(y) for y in symbols.real], float(number.real)


def _same_answer(one: Answer, two: Answer) -> bool:
    near = abs(one[1] - two[1]) <= TOLERANCE * max(abs(two[1]), 1)
    return one[0] == two[0] and near


def _all_same(one: Sequence[Answer], two: Sequence[Answer]) -> bool:
    return all(map(_same_answer, one, two))


def _length(answer: list[int], case: Case, right: Answer) -> int:
    """n of (11b.5): the end mark counts, where there is one."""
    s, net, _, _, bos, eos, _ = case
    whole = float(log_probs([answer], s, net, bos, eos)[0])
    return len(answer) + (abs(whole - right[1]) < 1e-9)


def _foreseen(cases: Sequence[Case]) -> list[tuple[str, list[Answer]]]:
    right = [beam_search(*case) for case in cases]
    made = [("greedy", [beam_search(s, net, 1, *rest) for s, net, _, *rest in cases])]
    for code, many in BEAM_SLIPS.items():
        made += [(code, [beam_search(*case, **how) for case in cases]) for how in many]
    return [(code, answers) for code, answers in made if not _all_same(answers, right)]


def _first_off(
    found: Sequence[Answer], right: Sequence[Answer], cases: Sequence[Case], off: Sequence[int]
) -> str:
    n = next((n for n in off if found[n][0] != right[n][0]), off[0])
    (answer, total), (wanted, best), (_, _, k, gamma, *_) = found[n], right[n], cases[n]
    return (
        f"{len(off)} of {len(cases)} searches are not right; with k={k}, gamma={gamma:g} one gives "
        f"{answer[:12]}, log P {total:.6g}, expected {wanted}, log P {best:.6g}"
    )


# --- q6 -----------------------------------------------------------------------------------------------------


SINGLE = 4  # pairs of lists that are one edit apart come first


def distance(a: Sequence[int], b: Sequence[int]) -> int:
    """Fewest edits from a to b."""
    row = list(range(len(b) + 1))
    for i, u in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, v in enumerate(b, 1):
            best = min(row[j] + 1, row[j - 1] + 1, above + (u != v))
            above, row[j] = row[j], best
    return row[-1]


@question(
    "Where do they differ?",
    points=3,
    asks=["align(a, b)"],
    hints={
        "lengths": (
            "The two lists must have the same length.",
            "Every place has an entry in both: a number or 0.",
        ),
        "reversed": (
            "The lists come out backwards.",
            "Whoever goes back through the table finds the last place first: turn both lists at the end.",
        ),
        "exchanged": ("The two lists have changed places.", "First a with its zeros, then b with its zeros."),
        "lost": (
            "Without its zeros a list is not what came in: something is lost, or something has come in.",
            "Go back until both i *and* j are 0. Each number of a and of b must stand there once, in order.",
        ),
        "both_empty": (
            "There is a place with 0 in both lists.",
            "A place is an insertion, a deletion, or a pair. One of the two is always a number.",
        ),
        "place_by_place": (
            "You compare place by place, and fill up at the end.",
            "One sound too many at the beginning moves all others: the zero belongs there.",
        ),
        "no_pairs": (
            "Your lists have insertions and deletions only.",
            "Two different numbers may stand opposite each other: that is one edit, a replacement, not two.",
        ),
        "too_many": (
            "There is a way with fewer differences.",
            "Go back only over moves that lead to the number in the table: +1, +1, or +0 for equal numbers.",
        ),
        "empty": (
            "With an empty list something goes wrong.",
            "The table's first row and first column are 0, 1, 2, …: all of it is put in, or left out.",
        ),
        "type": "Two lists are asked for: `return one, two`, of whole numbers.",
        "raised": (
            "An index is out of range, or a list is empty.",
            "The table has len(a) + 1 rows and len(b) + 1 columns. In row 0 only one move is possible.",
        ),
        "mutated": "You write into the lists that were handed to you: `a.insert(…)` changes the caller's.",
    },
)
def q6(s: Names, rng: np.random.Generator) -> None:
    for n, (a, b) in enumerate(_pairs(rng)):
        name = f"align({a}, {b})"
        one, two = (as_numbers(g, n) for g, n in zip(parts(s.align(a, b), "a", "b"), ("a", "b"), strict=True))
        if one.ndim != 1 or two.ndim != 1:
            raise Wrong("type", f"`{name}` has shapes {one.shape} and {two.shape}; expected two lists")
        one, two = one.tolist(), two.tolist()
        shown = f"`{name}` gives {_numbers(one)} and {_numbers(two)}"
        plain = [[x for x in row if x != 0] for row in (one, two)]
        missing = "empty" if not (a and b) else "lost"
        if plain != [a, b]:
            if plain == [a[::-1], b[::-1]]:
                raise Wrong("reversed", shown)
            if plain == [b, a]:
                raise Wrong("exchanged", shown)
            raise Wrong(
                missing, f"{shown}; without zeros these are {_numbers(plain[0])} and {_numbers(plain[1])}"
            )
        if len(one) != len(two):
            raise Wrong("lengths", f"{shown}: {len(one)} and {len(two)} places")
        if any(x == y == 0 for x, y in zip(one, two, strict=True)):
            raise Wrong("both_empty", shown)
        edits, fewest = sum(x != y for x, y in zip(one, two, strict=True)), distance(a, b)
        if edits == fewest:
            continue
        line = f"{shown}: {edits} places differ, {fewest} would be enough"
        if n < SINGLE and not any(x != y and x and y for x, y in zip(one, two, strict=True)):
            raise Wrong("no_pairs", line)
        longest = max(len(a), len(b))
        if [one, two] == [row + [0] * (longest - len(row)) for row in (a, b)]:
            raise Wrong("place_by_place", line)
        raise Wrong("too_many", line)


def _numbers(row: Sequence[float]) -> str:
    shown = ", ".join(f"{x:g}" for x in row[:14])
    return f"[{shown}{', …' if len(row) > 14 else ''}]"


def _pairs(rng: np.random.Generator) -> list[tuple[list[int], list[int]]]:
    """Lists to align: one edit of each kind, at all places; then anything; then empty ones."""
    names = rng.permutation(np.arange(1, 60)).tolist()
    row, new = names[:6], names[6]
    made = [(row, row[1:]), (row[1:], row), (row, [new, *row[1:]]), (row, [*row[:3], new, *row[3:]])]
    for _ in range(12):
        few = names[: int(rng.integers(2, 5))]
        made.append(tuple(rng.choice(few, int(rng.integers(3, 9))).tolist() for _ in range(2)))  # type: ignore[arg-type]
    return [*made, (row, row), ([], row[:3]), (row[:3], []), ([], [])]
