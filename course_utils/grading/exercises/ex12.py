"""Exercise 12, what came next: two steps of a linear recurrence joined, and a scan that carries on."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from course_utils.grading.compare import Wrong, agree, as_numbers, parts, same
from course_utils.grading.questions import Names, question

TITLE = "What came next"

Arrays = tuple[np.ndarray, ...]

# --- q1 -----------------------------------------------------------------------------------------------------


def joined(A1: np.ndarray, b1: np.ndarray, A2: np.ndarray, b2: np.ndarray) -> Arrays:
    """Two steps of h A + b as one: A (n, H, H), b (n, B, H)."""
    return A1 @ A2, b1 @ A2 + b2


def _joined_wrongly(
    A1: np.ndarray, b1: np.ndarray, A2: np.ndarray, b2: np.ndarray
) -> list[tuple[str, Arrays]]:
    """What foreseen mistakes give, as (code, (A, b)): one in A, one in b, or both."""
    turned_1, turned_2 = A1.swapaxes(1, 2), A2.swapaxes(1, 2)
    A, b = joined(A1, b1, A2, b2)
    matrices = {
        "": A,
        "columns": A2 @ A1,
        "entries": A1 * A2,
        "added": A1 + A2,
        "turned": turned_2 @ turned_1,
        "turned ": turned_1 @ turned_2,
    }
    rows = {
        "": b,
        "first_matrix": b1 @ A1 + b2,
        "not_carried": b1 + b2,
        "lost": b2,
        "lost ": b1 @ A2,
        "turned": b1 @ turned_2 + b2,
        "wrong_row": b1 + b2 @ A2,
    }
    found = [("swapped", joined(A2, b2, A1, b1))]
    for (one, matrix), (two, row) in product(matrices.items(), rows.items()):
        codes = [code.strip() for code in (one, two) if code]
        found += [(code, (matrix, row)) for code in codes[:1]]
    return found


@question(
    "Two steps are one",
    points=2,
    asks=["join(A1, b1, A2, b2)"],
    hints={
        "swapped": (
            "You do the second step first.",
            "(h A1 + b1) A2 + b2: what stands inside the bracket happens first.",
        ),
        "columns": (
            "The product of the two matrices stands the wrong way round.",
            "h is a row, and meets A1 first: h A1 A2. In (12.3) the order did not matter, factors of one "
            "unit can change places. Matrices cannot.",
        ),
        "entries": (
            "The matrices are multiplied entry by entry.",
            "`*` is the product of (12.3), one factor for each unit. Here the units mix: `@`.",
        ),
        "added": (
            "The two matrices are added.",
            "Doing one after the other multiplies: h A1 A2.",
        ),
        "turned": (
            "A matrix is transposed somewhere.",
            "In the book's convention a state is a row and nothing needs turning: `h @ A`.",
        ),
        "first_matrix": (
            "b1 meets the matrix of its own step.",
            "b1 is added after A1 has done its work. It is part of the state that meets A2.",
        ),
        "not_carried": (
            "b1 comes through the second step unchanged in your answer.",
            "What the first step has added is part of the state, so the second step multiplies it by A2.",
        ),
        "lost": (
            "One of the two b is lost.",
            "Multiply out (h A1 + b1) A2 + b2: three terms, and two of them know no h.",
        ),
        "wrong_row": (
            "The second step multiplies its own b.",
            "b2 is added last. It is b1 that still meets A2.",
        ),
        "type": "Two arrays are asked for: `return A, b`.",
        "shape": "A is (n, H, H) and b is (n, B, H): each pair of the n keeps its own.",
        "values": (
            "Try it with n = B = H = 1: then all are numbers, and you can work it out on paper.",
            "(h A1 + b1) A2 + b2 = h (A1 A2) + (b1 A2 + b2).",
        ),
        "raised": (
            "Something does not fit. A1 and A2 are (n, H, H), b1 and b2 are (n, B, H).",
            "Rows on the left, matrices on the right: `b1 @ A2` is (n, B, H), `A2 @ b1` is nothing.",
        ),
        "mutated": (
            "You write into an array that was handed to you.",
            "`b2 += …` changes it for everybody. `b1 @ A2 + b2` makes a new one.",
        ),
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    n, B, H = (int(size) for size in rng.permutation([3, 4, 6]))
    A1, A2 = rng.standard_normal((2, n, H, H))
    b1, b2 = rng.standard_normal((2, n, B, H))
    got = parts(s.join(A1, b1, A2, b2), "A", "b")
    right, letters = joined(A1, b1, A2, b2), {"n": n, "B": B, "H": H}
    found = [as_numbers(value, name) for value, name in zip(got, "Ab", strict=True)]
    if not all(map(agree, found, right)):
        for code, values in _joined_wrongly(A1, b1, A2, b2):
            if all(map(agree, found, values)):
                off = [f"`{name}`" for name, g, r in zip("Ab", found, right, strict=True) if not agree(g, r)]
                raise Wrong(code, f"not right: {' and '.join(off)}, with n={n}, B={B}, H={H}")
    for name, axes, value, want in zip("Ab", ("n, H, H", "n, B, H"), found, right, strict=True):
        same(value, want, name, axes=axes, letters=letters)


# --- q2 -----------------------------------------------------------------------------------------------------


def scanned(
    a: np.ndarray,
    b: np.ndarray,
    h: np.ndarray,
    *,
    start: str = "folded",
    rule: str = "right",
    short: int = 0,
) -> tuple[np.ndarray, list[np.ndarray]]:
    """States (T, B, H) from the state h (B, H), and b after each round; what follows the star may err."""
    first = {
        "folded": b[0] + a[0] * h,
        "zero": b[0],
        "bare": b[0] + h,
        "instead": h,
        "product": a[0] * h,
        "everywhere": b[0] + a[0] * h,
    }[start]
    later = b[1:] + a[1:] * h if start == "everywhere" else b[1:]
    b, k, rounds = np.concatenate([first[None], later]), 1, []
    while k < len(a):
        a1, b1, a2, b2 = a[:-k], b[:-k], a[k:], b[k:]
        a_new = a2 if rule == "a_stays" else a1 * a2
        b_new = {
            "right": a2 * b1 + b2,
            "a_stays": a2 * b1 + b2,
            "stale": a1 * a2 * b1 + b2,
            "turned": a1 * b2 + b1,
            "sum": b1 + b2,
            "neighbour": a1 * b1 + b2,
        }[rule]
        a, b = np.concatenate([a[:k], a_new]), np.concatenate([b[:k], b_new])
        rounds.append(b)
        k *= 2
    if short:
        rounds = rounds[:-short]
        b = rounds[-1] if rounds else b
    return b, rounds


STARTS = {
    "zero": "from_zero",
    "bare": "bare",
    "instead": "instead",
    "product": "instead",
    "everywhere": "everywhere",
}
RULES = {"a_stays": "a_stays", "stale": "stale", "turned": "turned", "sum": "sum", "neighbour": "neighbour"}


@question(
    "A scan that carries on",
    points=4,
    asks=["scan_from(a, b, h)"],
    hints={
        "from_zero": (
            "Your scan starts from 0. The state h plays no part.",
            "The first step makes a_0 ⊙ h + b_0 of it. Put that in the place of b_0 before the first round.",
        ),
        "bare": (
            "The first state comes in without its factor.",
            "h is the state *before* the first step, which multiplies it by a_0.",
        ),
        "instead": (
            "The first step loses something: its state is a_0 ⊙ h + b_0, all three.",
            "h is no step of its own, and b_0 is added as always.",
        ),
        "everywhere": (
            "The first state is put into every step.",
            "Only the first step meets it. To the others it comes through the joining.",
        ),
        "a_stays": (
            "After a round the factors are still those of single steps.",
            "A joined step has a new a as well: (12.3), a_2 ⊙ a_1.",
        ),
        "stale": (
            "A round takes factors that this same round has already changed.",
            "b needs the a from before the round: make both new arrays first, then replace both.",
        ),
        "turned": (
            "The steps are joined the wrong way round.",
            "The earlier step's b is multiplied by the later step's a: a[k:] * b[:-k] + b[k:].",
        ),
        "sum": (
            "Your rounds add b to b, without the factor.",
            "What the earlier step has added is multiplied by the later step's a, (12.3).",
        ),
        "neighbour": (
            "b is multiplied by the factor of its own step.",
            "The earlier b comes through the *later* step, and meets its factor: a[k:] * b[:-k].",
        ),
        "one_short": (
            "The last steps do not reach back to the beginning: a round is missing.",
            "Go on while k < T. For 13 steps that is k = 1, 2, 4 and 8.",
        ),
        "batch": (
            "You scan along the batch.",
            "Time is the first axis: `b[k:]`, and not `b[:, k:]`.",
        ),
        "long": (
            "There is a round too many.",
            "A round with k = T or more joins nobody: go on while k < T.",
        ),
        "start_kept": (
            "Your list begins with the b from before the first round.",
            "Append after the round, not before it.",
        ),
        "loop": (
            "That is a loop: far more rounds than a scan needs.",
            "Each round doubles how far back a step can see. k is 1, then 2, then 4.",
        ),
        "few": (
            "The states are right. Some rounds are missing in the list.",
            "One array after every round, also after the first; no array when T is 1.",
        ),
        "aliased": (
            "All arrays in your list are one and the same.",
            "You write into one array and append it each time. Append a copy, or make a new one each round.",
        ),
        "type": (
            "Two things are asked for: the states, and a list of arrays of the same shape (T, B, H).",
            "A step that has nobody so far back stays as it is, so that every round leaves T steps: "
            "np.concatenate([b[:k], …]).",
        ),
        "rounds": (
            "The states are right, but that is not what the rounds of Section 12.3 leave.",
            "After round 1 a step knows 2 steps, after round 2 it knows 4. Append the b of all steps then.",
        ),
        "values": (
            "Take T = 2, B = H = 1 and work it out by hand: one round. Then T = 3.",
            "One round: b_new = a[k:] * b[:-k] + b[k:], a_new = a[k:] * a[:-k], the first k as they are.",
        ),
        "off_by_one": "states is (T, B, H), a state after each step, without the one before the first.",
        "raised": (
            "Something does not fit. a and b are (T, B, H), h is (B, H), and T may be 1.",
            "`a[k:]` and `b[:-k]` have T - k steps each; the first k steps are put in front again.",
        ),
        "mutated": (
            "You write into an array that was handed to you.",
            "`b[0] += …` changes it for everybody. Begin with `b = b.copy()`, and a likewise.",
        ),
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    B, H = (int(size) for size in rng.permutation([4, 5]))
    for T in (int(rng.integers(11, 16)), 8, 3, 2, 1):
        a = rng.uniform(0.3, 0.9, (T, B, H)) * rng.choice([-1.0, 1.0], (T, B, H))
        b, h = rng.standard_normal((T, B, H)), rng.standard_normal((B, H))
        got, listed = parts(s.scan_from(a, b, h), "states", "rounds")
        states, rounds = scanned(a, b, h)
        letters = {"T": T, "B": B, "H": H}
        same(got, states, "states", axes="T, B, H", letters=letters, mistakes=_scanned_wrongly(a, b, h))
        first = np.concatenate([b[:1] + a[:1] * h, b[1:]])
        _same_rounds(listed, rounds, scanned(a, b, h, start="zero")[1], (b, first))


def _scanned_wrongly(a: np.ndarray, b: np.ndarray, h: np.ndarray) -> dict[str, Any]:
    """The states that foreseen mistakes give, in the start, in the rule, at the end, in the axis."""
    right = scanned(a, b, h)[0]
    found: dict[str, list[np.ndarray]] = {}

    def add(code: str, values: np.ndarray) -> None:
        if not agree(values, right):  # with few steps a mistake may do no harm
            found.setdefault(code, []).append(values)

    for start, code in STARTS.items():
        add(code, scanned(a, b, h, start=start)[0])
    for rule, code in RULES.items():
        add(code, scanned(a, b, h, rule=rule)[0])
    if len(a) > 2:
        add("one_short", scanned(a, b, h, short=1)[0])
    first = np.concatenate([b[:1] + a[:1] * h, b[1:]])
    sideways = scanned(np.swapaxes(a, 0, 1), np.swapaxes(first, 0, 1), np.zeros_like(a[:, 0]))[0]
    add("batch", np.swapaxes(sideways, 0, 1))
    return found


def _same_rounds(
    listed: Any, right: list[np.ndarray], from_zero: list[np.ndarray], before: tuple[np.ndarray, np.ndarray]
) -> None:
    """Pass when a list holds the b after each round; h may have come in before the first or after the last.

    Args:
        listed: what came back beside the states, which are right.
        right: b (T, B, H) after each round, h put into the first step.
        from_zero: the same with h left out; who adds it to the states at the end is right as well.
        before: b before the first round, without h and with it.
    """
    if not isinstance(listed, list | np.ndarray):
        raise Wrong("type", "`rounds` is no list of arrays")
    shape = before[0].shape
    found = [as_numbers(array, f"rounds[{k}]") for k, array in enumerate(listed)]
    for k, array in enumerate(found):
        if array.shape != shape:
            raise Wrong("type", f"`rounds[{k}]` has shape {array.shape}, expected {shape} = (T, B, H)")
    if any(_all_agree(found, rounds) for rounds in (right, from_zero)):
        return
    line = f"T={shape[0]}: `rounds` holds {len(found)} arrays, expected {len(right)}"
    if len(found) == len(right) + 1:
        if any(agree(found[0], b) for b in before):
            raise Wrong("start_kept", line)
        if any(_all_agree(found[:-1], rounds) for rounds in (right, from_zero)):
            raise Wrong("long", line)
    if len(found) > 1 and all(agree(array, found[-1]) for array in found):
        raise Wrong("aliased", f"T={shape[0]}: the {len(found)} arrays in `rounds` are equal")
    if len(found) != len(right):
        raise Wrong("loop" if len(found) > len(right) else "few", line)
    off = next(k for k, (array, want) in enumerate(zip(found, right, strict=True)) if not agree(array, want))
    raise Wrong("rounds", f"T={shape[0]}: `rounds[{off}]` is not the b of all steps after round {off + 1}")


def _all_agree(found: list[np.ndarray], want: list[np.ndarray]) -> bool:
    return len(found) == len(want) and all(map(agree, found, want))
