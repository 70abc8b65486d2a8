"""Exercise 02, NARX: one fed-back output, ringing, the network and its loop, pairs, an honest free run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course_utils.grading.compare import as_numbers, parts, same
from course_utils.grading.questions import Names, question

TITLE = "NARX: the output comes back"


def windows(x: np.ndarray, N: int) -> np.ndarray:
    """All windows of N values, oldest first: (T,) → (T - N + 1, N)."""
    return np.stack([x[i : i + N] for i in range(len(x) - N + 1)])


# --- q1 -----------------------------------------------------------------------------------------------------


@question(
    "One output comes back",
    points=2,
    asks=["feed_back(x, w, y_before)"],
    hints={
        "no_start": (
            "The initial value plays no part in your answer.",
            "At t = 0 the output before is `y_before`, not zero: y[0] = x[0] + w * y_before.",
        ),
        "start_returned": (
            "Your first entry is the initial value. It stands before the series, at t = -1.",
            "y[0] is the first answer, x[0] + w * y_before. Return T answers, and y_before is none of them.",
        ),
        "start_unweighted": (
            "The initial value enters without its weight.",
            "It is an output like any other and comes back through w: y[0] = x[0] + w * y_before.",
        ),
        "start_twice": (
            "The initial value is heard twice.",
            "It enters at t = 0 only. From there the loop carries it, inside y[0], y[1] and all others.",
        ),
        "no_feedback": (
            "What comes back is not your last output.",
            "Keep the number that you have just computed, and use it in the next round: y[t - 1].",
        ),
        "minus": (
            "The output comes back with the wrong sign.",
            "y[t] = x[t] + w * y[t - 1], whatever the sign of w: take w as it is given.",
        ),
        "input_weighted": (
            "Your weight acts on the input too.",
            "Only what comes back is multiplied by w; x[t] enters as it is.",
        ),
        "mutated": "Do not write into `x`: make an array of your own for the outputs.",
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    T = int(rng.integers(9, 15))
    x, y_before = rng.standard_normal(T), float(rng.uniform(0.5, 2))
    w = float(rng.uniform(0.5, 0.95) * rng.choice([-1.0, 1.0]))

    right = looped(x, w, y_before)
    later = np.arange(T) > 0
    same(
        s.feed_back(x, w, y_before),
        right,
        "feed_back(x, w, y_before)",
        axes="T",
        letters={"T": T},
        mistakes={
            "no_start": looped(x, w, 0.0),
            "start_returned": [
                np.append(y_before, right),
                np.append(y_before, right[:-1]),
                np.append(y_before, looped(x[1:], w, y_before)),
            ],
            "start_unweighted": looped(x, w, y_before / w),
            "start_twice": [looped(x, w, 2 * y_before), looped(x + w * y_before * later, w, y_before)],
            "no_feedback": [
                x + w * np.append(y_before, x[:-1]),
                x + w * np.append(0.0, x[:-1]),
                x + w * y_before,
            ],
            "minus": looped(x, -w, y_before),
            "input_weighted": [looped(w * x, w, y_before), looped((1 - w) * x, w, y_before)],
        },
    )


def looped(x: np.ndarray, w: float, y: float) -> np.ndarray:
    """y_t = x_t + w y_{t-1}, from y: (T,) → (T,)."""
    out = []
    for x_t in x:
        y = x_t + w * y
        out.append(y)
    return np.array(out)


# --- q2 -----------------------------------------------------------------------------------------------------


@question(
    "Fading, ringing, blowing up",
    points=3,
    asks=["pulse_response(a, T)", "growth_and_omega(a)"],
    hints={
        "late": (
            "Your pulse is heard one step late.",
            "The pulse is the input at t = 0, and y_0 already holds it: y_0 = 1.",
        ),
        "early": (
            "The first answer is missing: the pulse itself.",
            "Nothing has been fed back at t = 0, and still y_0 = 1. Only y_1 is a_1.",
        ),
        "no_feedback": (
            "Your response ends after K steps: the pulse is heard, its echoes are not fed back.",
            "Multiply each a_k with your *output* y[t - k], not with the pulse.",
        ),
        "only_one": (
            "Only the last output comes back.",
            "All K outputs do: sum a[k - 1] * y[t - k] over k = 1, …, K, as far as there is an output.",
        ),
        "turned": (
            "The coefficients meet the outputs in the wrong order.",
            "a[0] is a_1 and belongs to the most recent output, y[t - 1]; a[-1] to the oldest, y[t - K].",
        ),
        "minus": (
            "The fed-back outputs have the wrong sign.",
            "They are added in the sum. Bring them to the other side, z^K - a_1 z^(K-1) - … = 0, and only "
            "there a minus appears.",
        ),
        "step": (
            "Your input stays on: you answer a switch, not a pulse.",
            "x is 1 at t = 0 and 0 at all other times.",
        ),
        "no_one": (
            "The polynomial has lost its leading term: the power z^K has the coefficient 1.",
            "`np.roots` wants all K + 1 coefficients, highest power first: 1, -a_1, …, -a_K.",
        ),
        "inside_out": (
            "You solve for 1 / z: what grows looks as if it faded.",
            "The highest power z^K stands alone with the coefficient 1, and a_K is the constant term.",
        ),
        "no_abs": (
            "The growth is how *far* the root lies from zero, in the complex plane.",
            "A complex root is not large because its real part is: g is `abs(z)`.",
        ),
        "other_root": (
            "The numbers belong to a root that dies out before another one.",
            "Compare the roots by `abs`, take the largest, and both g and ω from that one.",
        ),
        "only_two": (
            "Your formula is right for two fed-back outputs only.",
            "Let `np.roots` find all K roots of the polynomial and look at the largest.",
        ),
        "squared": (
            "Each step multiplies by g, not by its square.",
            "-a_2 in (2.3) is g²; the root itself has the size g.",
        ),
        "negative": (
            "ω comes out negative: you have taken the twin of the root.",
            "Complex roots come in pairs, one above and one below the real axis: take the size of the angle.",
        ),
        "unit": (
            "That is the right swing in another unit.",
            "ω is the angle of the root in radians a step: not degrees, not turns, not steps a turn.",
        ),
        "quadrant": (
            "The root lies on the left of the imaginary axis, and your angle does not see it.",
            "An arctangent of a quotient cannot tell left from right, `np.angle` can: a negative real root "
            "has the angle π and changes its sign at each step.",
        ),
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    T = int(rng.integers(13, 18))
    a = rng.uniform(0.2, 0.6, 3) * rng.choice([-1.0, 1.0], 3)
    right = pulse(a, T)
    same(
        s.pulse_response(a, T),
        right,
        "pulse_response(a, T)",
        axes="T",
        letters={"T": T, "K": len(a)},
        mistakes={
            "late": np.append(0.0, right[:-1]),
            "early": pulse(a, T + 1)[1:],
            "no_feedback": np.concatenate([[1.0], a, np.zeros(T - 1 - len(a))]),
            "only_one": pulse(a[:1], T),
            "turned": pulse(a[::-1], T),
            "minus": pulse(-a, T),
            "step": np.cumsum(right),
        },
    )

    ring, small = rng.uniform(0.85, 1.2), rng.uniform(0.2, 0.39)
    for roots in (
        [*pair(ring, rng.uniform(0.4, 1.0)), small],
        [*pair(ring, rng.uniform(1.9, 2.7)), -small],
        pair(ring, rng.uniform(0.4, 1.2)),
        [-ring, *pair(small, rng.uniform(0.4, 1.2))],
        [ring, *pair(2 * small, rng.uniform(0.4, 1.2))],
    ):
        _same_growth(s, np.round(-np.poly(roots)[1:].real, 3))


def pair(g: float, omega: float) -> list[complex]:
    """The two roots of (2.3)."""
    return [g * np.exp(1j * omega), g * np.exp(-1j * omega)]


def pulse(a: np.ndarray, T: int) -> np.ndarray:
    """Answer of y_t = x_t + a_1 y_{t-1} + … + a_K y_{t-K} to a pulse: (T,)."""
    y = np.zeros(len(a) + T)
    y[len(a)] = 1
    for t in range(len(a) + 1, len(y)):
        y[t] = a @ y[t - len(a) : t][::-1]
    return y[len(a) :]


def _same_growth(s: Names, a: np.ndarray) -> None:
    """Ask for the growth and the frequency of one feedback; a has few digits, so that it can be shown."""
    roots = np.roots(np.append(1, -a))
    roots = roots[np.lexsort((-roots.imag, -np.abs(roots).round(9)))]  # the largest first
    size, angle = np.abs(roots), np.abs(np.angle(roots))
    shown = f"for a = ({', '.join(f'{a_k:g}' for a_k in a)})"
    g, omega = parts(s.growth_and_omega(a), "g", "omega")

    def largest(polynomial: np.ndarray) -> float:
        return float(np.abs(np.roots(polynomial)).max(initial=0.0))

    same(
        g,
        size[0],
        f"g {shown}",
        mistakes={
            "minus": largest(np.append(1, a)),
            "no_one": [largest(a), np.abs(np.roots(a)).min(initial=np.inf)],
            "inside_out": [1 / size.min(), 1 / size.max()],
            "turned": [largest(np.append(1, -a[::-1])), largest(np.append(1, a[::-1]))],
            "no_abs": [roots[0], roots[0].conj(), roots[0].real, roots.real.max()],
            "other_root": list(size[1:]),
            "only_two": np.sqrt(np.abs(a[1])),
            "squared": [size[0] ** 2, np.abs(a[1])],
        },
    )
    same(
        omega,
        angle[0],
        f"omega {shown}",
        mistakes={
            "negative": -angle[0],
            "unit": [np.degrees(angle[0]), angle[0] / (2 * np.pi), 2 * np.pi / max(angle[0], 1e-9)],
            "quadrant": [np.pi - angle[0], angle[0] - np.pi],
            "other_root": list(angle[1:]),
        },
    )


# --- q3 -----------------------------------------------------------------------------------------------------


@question(
    "The network and its loop",
    points=3,
    asks=["narx_step(x_recent, y_recent, W_x, W_y, b, v, c)", "narx(x, K, W_x, W_y, b, v, c)"],
    hints={
        "no_bias": (
            "The bias b of the hidden units is missing.",
            "Add `b` of shape (H,) to the (B, H) sum before the tanh.",
        ),
        "no_c": (
            "The constant c is missing.",
            "It is added to the output, after `v`, and it is fed back with it.",
        ),
        "no_tanh": (
            "The hidden units are linear: their tanh is missing.",
            "h is the tanh of the whole sum of inputs, outputs and bias.",
        ),
        "tanh_twice": (
            "There is a tanh at the output. The network has one in its hidden layer only.",
            "The output is a plain weighted sum of h, plus c: it may be larger than 1.",
        ),
        "two_layers": (
            "Inputs and outputs go through a tanh each.",
            "There is one hidden layer: add the two products and b first, then take the tanh of the sum.",
        ),
        "newest_first": (
            "The values meet the weights in the wrong order.",
            "Oldest first in both: the last row of W_x belongs to x_t, the last row of W_y to y_{t-1}.",
        ),
        "inputs_only": (
            "Nothing comes back: your outputs depend on the inputs alone.",
            "Multiply the recent outputs with W_y, and write each new output where the next step will read.",
        ),
        "late_input": (
            "At time t you do not yet see the input at time t.",
            "The L recent inputs end with x[t] itself: put L - 1 zeros in front of x, not L.",
        ),
        "future": (
            "At time t you see inputs after time t.",
            "The L recent inputs *end* with x[t]. Put the zeros in front of x and none behind.",
        ),
        "late_output": (
            "The most recent output is missing from what comes back.",
            "At time t the last of the K outputs is y[t - 1], the one that you have just computed.",
        ),
        "start_returned": (
            "The zeros before the start are in what you return.",
            "Outputs at t = 0, …, T - 1 only: leave the K zeros away.",
        ),
        "short": (
            "The first L - 1 outputs are missing: there the inputs reach back before the series began.",
            "Put L - 1 zeros in front of x. Then each of the T steps has all its L inputs.",
        ),
        "carried": (
            "Called twice with the same series, your loop gives two answers: it remembers the first call.",
            "Every call starts from K zeros: make the list or array of outputs inside the function.",
        ),
        "raised": "Print what goes into a step, also at t = 0: L inputs and K outputs, zeros among them.",
        "mutated": "Leave `x` and the weights as they came: make your own arrays.",
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    K, L, H, B = int(rng.integers(2, 4)), int(rng.integers(4, 6)), int(rng.integers(6, 8)), 9
    weights = (
        rng.standard_normal((L, H)) / 2,
        rng.standard_normal((K, H)) / 2,
        rng.uniform(0.3, 0.9, H) * rng.choice([-1.0, 1.0], H),
        rng.standard_normal(H),
        float(rng.uniform(0.3, 0.9)),
    )
    W_x, W_y, b, v, c = weights
    letters = {"K": K, "L": L, "H": H}

    x_recent, y_recent = rng.standard_normal((B, L)), rng.standard_normal((B, K))
    before = x_recent @ W_x + y_recent @ W_y + b
    from_x, from_y = np.tanh(x_recent @ W_x + b), np.tanh(y_recent @ W_y)
    right = np.tanh(before) @ v + c
    same(
        s.narx_step(x_recent, y_recent, *weights),
        right,
        "narx_step(…)",
        axes="B",
        letters={"B": B, **letters},
        mistakes={
            "no_bias": np.tanh(before - b) @ v + c,
            "no_c": right - c,
            "no_tanh": before @ v + c,
            "tanh_twice": [
                np.tanh(right),
                np.tanh(right - c) + c,
                np.tanh(before @ v + c),
                np.tanh(np.tanh(before)) @ v + c,
            ],
            "two_layers": [
                (from_x + from_y) @ v + c,
                (from_x + np.tanh(y_recent @ W_y + b)) @ v + c,
                (np.tanh(x_recent @ W_x) + from_y + b) @ v + c,
                np.tanh(from_x + from_y) @ v + c,
            ],
            "newest_first": [
                np.tanh(x_recent @ V_x + y_recent @ V_y + b) @ v + c for V_x, V_y in _turned(W_x, W_y)
            ],
            "inputs_only": from_x @ v + c,
        },
    )

    T = int(rng.integers(15, 21))
    x = rng.standard_normal(T)
    got, again = (as_numbers(s.narx(x, K, *weights), "narx(x, K, …)") for _ in range(2))
    if np.isfinite(got).all():
        same(again, got, "narx(x, K, …), called once more,", mistakes={"carried": again})
    right = network(x, K, *weights)
    same(
        got,
        right,
        "narx(x, K, …)",
        axes="T",
        letters={"T": T, **letters},
        mistakes={
            "no_bias": network(x, K, W_x, W_y, 0 * b, v, c),
            "no_c": [network(x, K, W_x, W_y, b, v, 0.0), network(x, K, W_x, W_y, b, v, 0.0) + c],
            "no_tanh": network(x, K, *weights, phi=lambda h: h),
            "tanh_twice": [
                network(x, K, *weights, comes_back=np.tanh),
                np.tanh(network(x, K, *weights, comes_back=np.tanh)),
            ],
            "newest_first": [network(x, K, *turned, b, v, c) for turned in _turned(W_x, W_y)],
            "inputs_only": network(x, K, W_x, 0 * W_y, b, v, c),
            "late_input": network(np.append(0.0, x[:-1]), K, *weights),
            "future": network(np.append(x, np.zeros(L - 1)), K, *weights, seen=L),
            "late_output": network(x, K, *weights, late=1),
            "start_returned": [np.append(np.zeros(K), right), np.append(np.zeros(K), right)[:T]],
            "short": network(x, K, *weights, seen=L),
        },
    )


def network(
    x: np.ndarray,
    K: int,
    W_x: np.ndarray,
    W_y: np.ndarray,
    b: np.ndarray,
    v: np.ndarray,
    c: float,
    *,
    phi: Callable[[np.ndarray], np.ndarray] = np.tanh,
    comes_back: Callable[[float], float] = lambda y: y,
    seen: int = 1,
    late: int = 0,
) -> np.ndarray:
    """The network on its own: (T,) → (T - seen + 1,). What stands behind ``v`` and the star makes it wrong.

    ``seen`` inputs are known at the first step; an output comes back ``late`` steps later than it should,
    and as ``comes_back`` of itself.
    """
    x_padded = np.concatenate([np.zeros(len(W_x) - seen), x])
    y = np.zeros(K + late)
    out = []
    for x_recent in windows(x_padded, len(W_x)):
        out.append(float(phi(x_recent @ W_x + y[len(y) - K - late : len(y) - late] @ W_y + b) @ v + c))
        y = np.append(y, comes_back(out[-1]))
    return np.array(out)


def _turned(W_x: np.ndarray, W_y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """One or both weights, newest first."""
    return [(W_x[::-1], W_y), (W_x, W_y[::-1]), (W_x[::-1], W_y[::-1])]


# --- q4 -----------------------------------------------------------------------------------------------------


@question(
    "Pairs for open-loop training",
    points=2,
    asks=["pairs(u, y, K, L)"],
    hints={
        "newest_first": (
            "A row runs oldest first, most recent last.",
            "Take the slice as it stands in the series; nothing is turned round.",
        ),
        "unaligned": (
            "The rows of inputs and outputs do not end at the same time.",
            "Both end at time t. The shorter one must skip |K - L| values at the beginning of its series.",
        ),
        "exchanged": (
            "K and L have changed places, or u and y have.",
            "L counts past inputs u, K counts past outputs y. The inputs are returned first.",
        ),
        "seen_target": (
            "Your target is a value that the row has already seen.",
            "The row ends with y_t. The target is the one after it, y_{t+1}.",
        ),
        "late_target": (
            "The target lies one step too far ahead.",
            "The row ends with y_t, and the target is y_{t+1}, the very next.",
        ),
        "input_target": (
            "The targets are inputs.",
            "What is to be predicted is the output: take the targets from y.",
        ),
        "new_input": (
            "Your rows end with u_{t+1}, one step too late.",
            "For y_{t+1} this question gives inputs up to u_t only: both rows end at the same time.",
        ),
        "old_input": (
            "Your rows end with u_{t-1}: the newest input that is known is not used.",
            "For y_{t+1} the inputs run up to u_t: both rows end at the same time.",
        ),
        "off_by_one": (
            "One pair too few or too many.",
            "The first row needs max(K, L) values before its target; every later time has a pair as well.",
        ),
        "raised": "Print the slices of your first row and of your last: is each of them whole?",
        "mutated": "Do not change `u` and `y`: whoever called you still needs them.",
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    few, many = int(rng.integers(2, 4)), int(rng.integers(5, 8))
    for K, L in ((many, few), (few, many)):
        T = int(rng.integers(19, 27))
        u, y = rng.standard_normal(T), rng.standard_normal(T)
        letters = {"T": T, "K": K, "L": L}
        M = max(K, L)
        n = T - M

        def rows(x: np.ndarray, N: int, first: int, n: int = n) -> np.ndarray:
            return windows(x, N)[first : first + n]

        past_inputs, past_outputs, targets = parts(
            s.pairs(u, y, K, L), "past_inputs", "past_outputs", "targets"
        )
        same(
            past_inputs,
            rows(u, L, M - L),
            "past_inputs",
            axes="n, L",
            letters=letters,
            mistakes={
                "newest_first": rows(u, L, M - L)[:, ::-1],
                "unaligned": [rows(u, L, 0), rows(u, L, 0, T - L)],
                "exchanged": [rows(u, K, M - K), rows(u, K, 0), rows(y, K, M - K), rows(y, L, M - L)],
                "new_input": rows(u, L, M - L + 1),
                **({"old_input": rows(u, L, M - L - 1)} if M > L else {}),
            },
        )
        same(
            past_outputs,
            rows(y, K, M - K),
            "past_outputs",
            axes="n, K",
            letters=letters,
            mistakes={
                "newest_first": rows(y, K, M - K)[:, ::-1],
                "unaligned": [rows(y, K, 0), rows(y, K, 0, T - K)],
                "exchanged": rows(u, K, M - K),
            },
        )
        same(
            targets,
            y[M:],
            "targets",
            axes="n",
            letters=letters,
            mistakes={
                "seen_target": y[M - 1 : -1],
                "late_target": [np.roll(y, -1)[M:], y[M + 1 :]],
                "input_target": [u[M:], u[M - 1 : -1]],
            },
        )


# --- q5 -----------------------------------------------------------------------------------------------------


@question(
    "A run that is not alone",
    points=3,
    asks=["run_alone(U, Y, w_u, w_y, c)"],
    hints={
        "measured": (
            "Some of the outputs that it reads after the first step are still measured ones.",
            "Row s of `Y` holds K measured outputs; with the last of them exchanged, K - 1 are left. Keep a "
            "row of your own, and look into `Y` at the first step of a piece only.",
        ),
        "open_loop": (
            "Every step reads measured outputs: this is the one-step score.",
            "After the first step of a piece no number of `Y` may be read. Drop the oldest output from the "
            "row and append your own.",
        ),
        "border": (
            "A piece begins with the outputs of the piece that stands before it in memory.",
            "Each piece has its own start: `Y[p, 0]`. Begin from it anew, for every p.",
        ),
        "one_start": (
            "All pieces begin with the outputs before the first piece.",
            "Piece p begins with `Y[p, 0]`, the K outputs measured before *it*.",
        ),
        "no_start": (
            "Your pieces begin with zeros.",
            "The outputs before a piece are known, and may be read: `Y[p, 0]`.",
        ),
        "wrong_end": (
            "Your output enters the row at the wrong end.",
            "Oldest first: drop the first of the K outputs, and append the new one at the end.",
        ),
        "late": (
            "Your first column holds measured outputs: those before the pieces.",
            "The first step of piece p reads `Y[p, 0]`, and what the model makes of it is entry [p, 0].",
        ),
        "same_input": (
            "Every step sees the inputs of the first.",
            "The inputs are given for all steps: step s reads `U[p, s]`.",
        ),
        "no_c": (
            "The constant c is missing, or it is added to what you return and not to what comes back.",
            "Each output is the two products plus c, and it is this number that the next step reads.",
        ),
        "transposed": "One row a piece and one column a step: the result is (B, S).",
        "mutated": (
            "Your program writes into the caller's array. A second run would start from what this one left.",
            "A slice and a `reshape` of an array share its memory. Copy what you want to write into.",
        ),
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    B, S, K, L = int(rng.integers(4, 6)), int(rng.integers(7, 10)), 3, int(rng.choice([2, 6]))
    U, Y = rng.standard_normal((B, S, L)), rng.standard_normal((B, S, K))
    w_u, w_y = rng.standard_normal(L), rng.uniform(0.5, 1, K) * rng.choice([-1.0, 1.0], K)
    w_y *= 0.9 / np.abs(w_y).sum()  # so that no run grows without bound
    c = float(rng.uniform(0.3, 0.9))

    def run(U: np.ndarray = U, starts: np.ndarray = Y[:, 0], c: float = c, **mistakes: bool) -> np.ndarray:
        return alone(U, Y, starts, w_u, w_y, c, **mistakes)

    right = run()
    same(
        s.run_alone(U, Y, w_u, w_y, c),
        right,
        "run_alone(U, Y, w_u, w_y, c)",
        axes="B, S",
        letters={"B": B, "S": S, "K": K, "L": L},
        mistakes={
            "measured": [run(measured=True, border=True), run(measured=True)],
            "open_loop": U @ w_u + Y @ w_y + c,
            "border": run(border=True),
            "one_start": run(starts=np.repeat(Y[:1, 0], B, axis=0)),
            "no_start": run(starts=np.zeros((B, K))),
            "wrong_end": run(wrong_end=True),
            "late": np.column_stack([Y[:, 0, -1], right[:, :-1]]),
            "same_input": run(U=np.repeat(U[:, :1], S, axis=1)),
            "no_c": [run(c=0.0), run(c=0.0) + c],
        },
    )


def alone(
    U: np.ndarray,
    Y: np.ndarray,
    starts: np.ndarray,
    w_u: np.ndarray,
    w_y: np.ndarray,
    c: float,
    measured: bool = False,
    border: bool = False,
    wrong_end: bool = False,
) -> np.ndarray:
    """The free run of every piece from its start (B, K), or one with the mistakes that are named: (B, S)."""
    B, S, _ = U.shape
    out = np.zeros((B, S))
    for p in range(B):
        if p == 0 or not border:
            recent = starts[p]
        elif measured:
            recent = np.append(starts[p, :-1], recent[-1])
        for t in range(S):
            out[p, t] = U[p, t] @ w_u + recent @ w_y + c
            past = Y[p, t + 1, :-1] if measured and t + 1 < S else recent[1:]
            recent = np.append(out[p, t], recent[:-1]) if wrong_end else np.append(past, out[p, t])
    return out
