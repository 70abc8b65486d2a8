"""Exercise 06, vanishing and exploding gradients: Jacobians, a bound, powers, clipping, starts, a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np

from course_utils.grading.compare import Wrong, agree, as_numbers, parts, same
from course_utils.grading.questions import Names, question

TITLE = "Vanishing and exploding gradients"


def norm(A: np.ndarray) -> float:
    """The largest singular value of a matrix."""
    return float(np.linalg.norm(A, 2))


def radius(A: np.ndarray) -> float:
    """The spectral radius: the largest of the absolute values of the eigenvalues."""
    return float(np.abs(np.linalg.eigvals(A)).max())


# --- q1 -----------------------------------------------------------------------------------------------------


@question(
    "The Jacobian of many steps",
    points=3,
    asks=["jacobian(states, W_hh, k, t)", "carried_back(e, states, W_hh)"],
    hints={
        "order": (
            "All factors are there, in the wrong order.",
            "By (6.1) the step at t stands on the left and the one at k + 1 on the right. Going up from "
            "k + 1, each new factor is put in *front*: `J = F @ J`.",
        ),
        "not_transposed": (
            "W_hh has to be transposed.",
            "States are rows, so W_hh[j, i] leads from unit j to unit i. In [i, j], where i is the later "
            "unit, stands W_hh[j, i]: that is W_hh.T. Check it with H = 2 and one step.",
        ),
        "layout": (
            "Those are the right derivatives with rows and columns exchanged.",
            "The question wants [i, j] = ∂h_t[i] / ∂h_k[j]: the later unit counts the rows, the earlier "
            "one the columns.",
        ),
        "slope_place": (
            "The derivative of the tanh multiplies the wrong side.",
            "1 - h_i² belongs to the *later* state: it scales the rows of W_hh.T. An array of shape (H,) "
            "times a matrix scales columns; `np.diag(…) @ W_hh.T` scales rows.",
        ),
        "slope_step": (
            "The derivative of the tanh is taken at the wrong step: one too early.",
            "The step from h_{i-1} to h_i goes through a tanh whose result is h_i. So 1 - h_i² enters, and "
            "of h_k itself no square is needed.",
        ),
        "no_slope": (
            "Only the weights are in it; the derivative of the tanh is missing.",
            "Each step is a tanh of a product. Its Jacobian is diag(1 - h_i²) times W_hh.T.",
        ),
        "slope": (
            "That is not the derivative of the tanh.",
            "h_i is already tanh(a). The derivative of tanh at a is 1 - tanh(a)², which is 1 - h_i².",
        ),
        "one_more": (
            "One factor too many.",
            "From k to t there are t - k steps: one factor for each i = k + 1, …, t. Nothing is multiplied "
            "for a lag of 0.",
        ),
        "one_less": (
            "One factor too few.",
            "From k to t there are t - k steps: one factor for each i = k + 1, …, t. `range(k + 1, t)` "
            "leaves out the last of them.",
        ),
        "elementwise": (
            "The factors are multiplied entry by entry.",
            "Steps one after another are a matrix product: `@`, not `*`, and no power of single entries.",
        ),
        "lag_zero": (
            "From a time to itself no step is taken.",
            "For k = t the product is empty, and an empty product of matrices is the identity, `np.eye(H)`.",
        ),
        "lag_order": (
            "The rows stand the wrong way round in time.",
            "Row k is what arrives at h_k: the last row is `e` as it came, the first row has gone farthest.",
        ),
        "added": (
            "The gradient comes in again at every step.",
            "Here only the last state has a loss: `e` enters once, at T - 1, and from there it is handed on.",
        ),
        "one_buffer": (
            "All rows hold the same numbers: what arrived at the first state.",
            "Each step writes into an array that is already in the list. Let each step make a new one.",
        ),
        "off_by_one": (
            "One row is missing, or one too many.",
            "There are T rows, one for each state. The last is `e` itself, before any step back.",
        ),
        "over_batch": (
            "The cases of the batch are mixed.",
            "Each case has its own states, and so its own Jacobian: (B, H) times (B, H), entry by entry.",
        ),
        "mutated": (
            "Your function writes into an array that was handed to it.",
            "`e *= …` changes the caller's gradient. `e = e * …` makes a new one.",
        ),
        "values": (
            "More than one thing may be off. Take a lag of 1 first, k = t - 1.",
            "For a lag of 1 there is one factor, `np.diag(1 - states[t] ** 2) @ W_hh.T`. When that is right, "
            "go on to two steps, and then to `carried_back`.",
        ),
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    H, B, lag = (int(n) for n in rng.permutation([3, 4, 5]))
    T = int(rng.integers(8, 11))
    W_hh = rng.standard_normal((H, H))
    states = rng.uniform(0.2, 0.9, (T, H)) * rng.choice([-1.0, 1.0], (T, H))
    letters = {"H": H, "T": T}

    k = int(rng.integers(1, T - 1 - lag))
    for first, last in ((k, k + lag), (k, k + 1), (k, k)):
        right = jacobian(states, W_hh, first, last)
        told = _mistaken_jacobians(states, W_hh, first, last)
        same(
            s.jacobian(states, W_hh, first, last),
            right,
            f"jacobian(states, W_hh, k={first}, t={last})",
            axes="H, H",
            letters=letters,
            mistakes={code: [v for v in values if not agree(v, right)] for code, values in told.items()},
        )

    states = rng.uniform(0.2, 0.9, (T, B, H)) * rng.choice([-1.0, 1.0], (T, B, H))
    e = rng.standard_normal((B, H))
    right = carried_back(e, states, W_hh)
    told = {
        "not_transposed": [carried_back(e, states, W_hh.T)],
        "slope_step": [carried_back(e, states, W_hh, late=False)],
        "slope_place": [
            carried_back(e, states, W_hh, after=True),
            carried_back(e, states, W_hh, after=True, late=False),
        ],
        "no_slope": [carried_back(e, states, W_hh, slope=np.ones_like)],
        "slope": [carried_back(e, states, W_hh, slope=slope) for slope in _SLOPES],
        "one_more": [np.concatenate([_one_back(right[:1], states[:1], W_hh), right])[:-1]],
        "lag_order": [right[::-1]],
        "added": [carried_back(e, states, W_hh, again=True)],
        "one_buffer": [np.repeat(right[:1], T, axis=0)],
        "over_batch": [
            carried_back(e, np.broadcast_to(states.mean(1, keepdims=True), states.shape), W_hh),
            right.sum(1),
            right.mean(1),
        ],
    }
    # one step further than asked: row k holds what arrives at h_{k-1}
    told["one_more"].append(np.array([_one_back(row, h, W_hh) for row, h in zip(right, states, strict=True)]))
    same(
        s.carried_back(e, states, W_hh),
        right,
        "carried_back(e, states, W_hh)",
        axes="T, B, H",
        letters={"T": T, "B": B, "H": H},
        mistakes=told,
    )


_SLOPES: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
    lambda h: 1 - np.tanh(h) ** 2,
    lambda h: 1 - h,
    lambda h: h * (1 - h),
    lambda h: 1 + h**2,
    lambda h: h,
    lambda h: h**2,
    lambda h: np.sqrt(1 - h**2),
    lambda h: 1 - np.abs(h),
)


def _square(h: np.ndarray) -> np.ndarray:
    return 1 - h**2


def jacobian(states: np.ndarray, W_hh: np.ndarray, k: int, t: int) -> np.ndarray:
    """∂h_t / ∂h_k by (6.1), from states (T, H): (H, H), the later unit counts the rows."""
    J = np.eye(len(W_hh))
    for i in range(k + 1, t + 1):
        J = np.diag(1 - states[i] ** 2) @ W_hh.T @ J
    return J


def _mistaken_jacobians(states: np.ndarray, W: np.ndarray, k: int, t: int) -> dict[str, list[np.ndarray]]:
    H = len(W)

    def taken(
        times: Sequence[int],
        V: np.ndarray = W.T,
        slope: Callable[[np.ndarray], np.ndarray] = _square,
        columns: bool = False,
        back: bool = False,
    ) -> np.ndarray:
        """The product over the times, later ones to the left, or with ``back`` to the right."""
        J = np.eye(H)
        for i in times:
            d = slope(states[i])
            F = V * d if columns else d[:, None] * V
            J = J @ F if back else F @ J
        return J

    steps, earlier = range(k + 1, t + 1), range(k, t)
    both = (False, True)
    entries = np.ones((H, H))
    for i in steps:
        entries = entries * (1 - states[i] ** 2)[:, None] * W.T
    slopes = np.prod([1 - states[i] ** 2 for i in steps], axis=0) if t > k else np.ones(H)
    power = np.linalg.matrix_power(W.T, t - k)
    return {
        "lag_zero": [np.zeros((H, H)), np.ones((H, H)), taken([t]), taken([t], W), W, W.T] if t == k else [],
        "layout": [taken(steps).T],
        "order": [taken(steps, back=True)],
        "not_transposed": [taken(steps, W), taken(steps, W, back=True)],
        "slope_place": [taken(steps, columns=True, back=b) for b in both]
        + [slopes[:, None] * power, slopes * power, taken(steps, W, columns=True)],
        "slope_step": [taken(earlier, back=b) for b in both] + [taken(earlier, W, columns=True, back=True)],
        "no_slope": [power, power.T],
        "slope": [taken(steps, slope=slope, back=b) for slope in _SLOPES for b in both],
        "one_more": [taken(range(k, t + 1), back=b) for b in both]
        + ([taken(range(k + 1, t + 2))] if t + 1 < len(states) else []),
        "one_less": [taken(times, back=b) for times in (steps[:-1], steps[1:]) for b in both],
        "elementwise": [entries, entries.T, slopes[:, None] * W.T ** (t - k)],
    }


def _one_back(e: np.ndarray, h: np.ndarray, W_hh: np.ndarray) -> np.ndarray:
    return (e * (1 - h**2)) @ W_hh.T


def carried_back(
    e: np.ndarray,
    states: np.ndarray,
    W_hh: np.ndarray,
    *,
    slope: Callable[[np.ndarray], np.ndarray] = _square,
    late: bool = True,
    after: bool = False,
    again: bool = False,
) -> np.ndarray:
    """What a gradient (B, H) at the last of the states (T, B, H) leaves at each: (T, B, H).

    What stands behind the star errs: another slope, one step too early, behind the product, e added again.
    """
    rows = [e]
    for k in range(len(states) - 2, -1, -1):
        d = slope(states[k + 1] if late else states[k])
        back = (rows[-1] @ W_hh.T) * d if after else (rows[-1] * d) @ W_hh.T
        rows.append(back + e if again else back)
    return np.array(rows[::-1])


# --- q2 -----------------------------------------------------------------------------------------------------

BETA = {"tanh": 1.0, "logistic": 0.25, "relu": 1.0, "lecun": 1.7159 * 2 / 3}


@question(
    "How much can get through",
    points=2,
    asks=[
        "beta_f(phi)",
        "beta_W(W_hh)",
        "bound(W_hh, phi, lag)",
        "lag_below(W_hh, phi, size)",
    ],
    hints={
        "value_bound": (
            "That is how large the function itself can be. β_f bounds its *derivative*.",
            "Where is the curve steepest, and how steep is it there? For three of the four that is at 0.",
        ),
        "logistic": (
            "The logistic function is flatter than that, even where it is steepest.",
            "σ' = σ (1 - σ), and σ lies between 0 and 1. A product of two shares of 1 is at most 1/4.",
        ),
        "lecun": (
            "The steepest slope of 1.7159 tanh(2z/3) is not that.",
            "Chain rule: the factor in front, times the factor inside, times the slope of tanh at 0.",
        ),
        "radius": (
            "You took the largest eigenvalue. The bound needs the largest *singular* value.",
            "How much longer can W_hh make a vector in one step? `np.linalg.norm(W_hh, 2)`; no eigenvalue "
            "answers that (section 6.3).",
        ),
        "frobenius": (
            "You took the root of the sum of all squares, the Frobenius norm. It is too large.",
            "`np.linalg.norm(W_hh)` without a second argument gives that one. With 2 as second argument it "
            "gives the largest singular value.",
        ),
        "smallest": (
            "You took another singular value, not the largest.",
            "NumPy sorts singular values in falling order: the largest is the first.",
        ),
        "entries": (
            "Entries, or sums of entries, are not what bounds a product.",
            "The factor by which W_hh can lengthen a vector is its largest singular value: "
            "`np.linalg.norm(W_hh, 2)`.",
        ),
        "squared": (
            "That is the largest eigenvalue of W_hh.T @ W_hh: the *square* of the singular value.",
            "Take the root of it, or use `np.linalg.norm(W_hh, 2)`.",
        ),
        "once": (
            "One of the two factors enters only once.",
            "Each of the steps goes through the weights *and* through the activation: (β_f β_W) to the "
            "power of the lag.",
        ),
        "no_beta_f": (
            "The activation plays no part in your answer.",
            "Multiply β_W by β_f before you take the power. Only for tanh and ReLU that changes nothing.",
        ),
        "exponent": (
            "The exponent is off by one.",
            "A lag of t - k is t - k steps, and each gives one factor. A lag of 0 gives 1.",
        ),
        "linear": (
            "The factors of several steps multiply; they do not add up.",
            "lag times the factor would be a sum. (6.2) has a power.",
        ),
        "too_early": (
            "At that lag the bound is not below the size yet.",
            "Round up, not down: the first *whole* lag at which `bound(…) < size`. Try it: the lag, and the "
            "one before.",
        ),
        "too_late": (
            "One step earlier the bound is already below the size.",
            "You want the *first* lag at which `bound(…) < size`. Count from lag 0, where the bound is 1.",
        ),
        "fraction": (
            "A lag is a whole number of steps.",
            "Between two steps there is nothing. Round up.",
        ),
        "never": (
            "With this β the bound never falls, so no lag is right.",
            "Where β_f β_W is 1 or more, return `np.inf`, and look before you begin to count.",
        ),
        "at_once": (
            "The size is above 1, and at lag 0 the bound is 1: it is below from the start.",
            "Return 0 here. Nothing negative: a lag cannot be.",
        ),
        "values": (
            "Try it with a matrix that you can see through: `np.diag([2.0, 0.5])` has the norm 2.",
            "With that matrix and the logistic function each step gives 0.25 · 2 = 0.5. So the bounds are 1, "
            "0.5, 0.25, …",
        ),
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    other = {"value_bound": [1.7159], "logistic": [], "lecun": []}
    for phi, right in BETA.items():
        told = {code: list(values) for code, values in other.items()}
        if phi == "logistic":
            told["logistic"] = [1.0, 0.5, 0.75]
        if phi == "lecun":
            told["lecun"] = [1.0, 2 / 3, 1.7159 / 2, 3 / 2, 1.7159 * 3 / 2, 1.7159 + 2 / 3]
        got = s.beta_f(phi)
        if got == np.inf:
            raise Wrong("value_bound", f'`beta_f("{phi}")` gives inf, expected {right:.6g}')
        same(got, right, f'beta_f("{phi}")', mistakes=told)

    H = int(rng.integers(4, 7))
    W = rng.standard_normal((H, H)) / np.sqrt(H)
    same(s.beta_W(W), norm(W), "beta_W(W_hh)", mistakes=_not_singular(W))

    for phi in ("logistic", "lecun", "tanh"):
        lag, f, w = int(rng.integers(4, 8)), BETA[phi], norm(W)
        told = {code: [(f * v) ** lag for v in values] for code, values in _not_singular(W).items()}
        told |= {
            "once": [f * w**lag, f**lag * w],
            "no_beta_f": [w**lag] if f != 1 else [],
            "exponent": [(f * w) ** (lag + 1), (f * w) ** (lag - 1)],
            "linear": [f * w * lag, f * w + lag],
        }
        same(s.bound(W, phi, lag), (f * w) ** lag, f'bound(W_hh, "{phi}", lag={lag})', mistakes=told)
    same(s.bound(W, "tanh", 0), 1.0, 'bound(W_hh, "tanh", lag=0)', mistakes={"exponent": [norm(W)]})

    for phi in ("tanh", "logistic", "lecun"):
        beta = float(rng.uniform(0.7, 0.93))
        V = W * (beta / BETA[phi] / norm(W))
        lag = int(rng.integers(8, 30))
        size = beta ** (lag - rng.uniform(0.3, 0.7))
        called = f'lag_below(W_hh, "{phi}", size={size:.3g}), where β_f β_W = {beta:.3g},'
        _is_first_lag(s.lag_below(V, phi, size), V, phi, size, lag, called)

    size = float(rng.uniform(1.2, 3))
    told = {"at_once": np.floor(np.log(size) / np.log(beta)) - np.arange(-20, 20)}
    got = s.lag_below(V, "lecun", size)
    same(got, 0, f'lag_below(W_hh, "lecun", size={size:.3g})', mistakes={"at_once": list(told["at_once"])})

    for phi, beta in (("tanh", float(rng.uniform(1.05, 1.4))), ("logistic", float(rng.uniform(1.05, 1.4)))):
        size = float(rng.uniform(0.01, 0.5))
        got = s.lag_below(W * (beta / BETA[phi] / norm(W)), phi, size)
        called = f'lag_below(W_hh, "{phi}", size={size:.3g}), where β_f β_W = {beta:.3g},'
        if got is None:
            raise Wrong("never", f"{called} is None, expected inf")
        value = as_numbers(got, called)
        if value.ndim or value != np.inf:
            came = f"{value:.6g}" if not value.ndim else f"an array of shape {value.shape}"
            raise Wrong("never", f"{called} gives {came}, expected inf")


def _not_singular(W: np.ndarray) -> dict[str, list[float]]:
    values = np.linalg.svd(W, compute_uv=False)
    eigenvalues = np.linalg.eigvals(W)
    return {
        "radius": [float(np.abs(eigenvalues).max()), float(eigenvalues.real.max())],
        "frobenius": [float(np.linalg.norm(W))],
        "smallest": [float(v) for v in values[1:]],
        "entries": [
            float(v) for v in (np.abs(W).max(), W.max(), np.linalg.norm(W, 1), np.linalg.norm(W, np.inf))
        ],
        "squared": [float(values[0] ** 2)],
    }


def _is_first_lag(got: Any, W: np.ndarray, phi: str, size: float, lag: int, called: str) -> None:
    """Pass when it is the first lag at which the bound is below the size."""
    beta = BETA[phi] * norm(W)
    if got is None:
        same(got, lag, called)
    value = as_numbers(got, called)
    if not value.ndim and value == np.inf:
        endless = {"no_beta_f": norm(W), "frobenius": BETA[phi] * float(np.linalg.norm(W))}
        code = next((code for code, b in endless.items() if b >= 1), "too_late")
        raise Wrong(code, f"{called} gives inf, expected {lag}: the bound does fall")
    if not value.ndim and np.isfinite(value) and value != lag:
        value = float(value)
        for code, others in {**_not_singular(W), "no_beta_f": [norm(W)] if BETA[phi] != 1 else []}.items():
            for other in others:
                b = other if code == "no_beta_f" else BETA[phi] * other
                first = np.ceil(np.log(size) / np.log(b)) if 0 < b < 1 else None
                if first is not None and first == value and abs(first - lag) > 1:
                    raise Wrong(code, f"{called} gives {value:.6g}, expected {lag}")
        if value != round(value):
            raise Wrong("fraction", f"{called} gives {value:.6g}, expected a whole number")
        if 0 <= value < lag:
            shown = f"there the bound is {beta**value:.3g}"
            raise Wrong("too_early", f"{called} gives {value:.6g}; {shown}")
        if value > lag:
            shown = f"the bound is already {beta**lag:.3g} at lag {lag}"
            raise Wrong("too_late", f"{called} gives {value:.6g}; {shown}")
    same(got, lag, called)


# --- q3 -----------------------------------------------------------------------------------------------------


@question(
    "Small eigenvalues, large powers",
    points=3,
    asks=["spectral_radius(A)", "highest(A, N)", "steep(radius, norm)", "rising(n)"],
    hints={
        "largest_real": (
            "An eigenvalue can be negative, or complex. You took the largest, not the farthest from 0.",
            "First the absolute value of every eigenvalue, then the largest: `np.abs(…).max()`.",
        ),
        "singular": (
            "That is the norm, the largest singular value. The spectral radius is about eigenvalues.",
            "`np.linalg.eigvals` gives the eigenvalues of a square matrix, complex ones too.",
        ),
        "symmetric": (
            "A function for symmetric matrices was used on one that is not symmetric.",
            "`eigvalsh` looks at one half of the matrix only. `eigvals` takes any.",
        ),
        "entrywise": (
            "`A ** n` raises every entry to its power. That is another matrix.",
            "`np.linalg.matrix_power(A, n)`, or `P = P @ A` in a loop.",
        ),
        "frobenius": (
            "That is the Frobenius norm, the root of the sum of all squares.",
            "Give `np.linalg.norm` a 2 as second argument: the largest singular value.",
        ),
        "bound": (
            "The power of the norm is a bound on the norm of the power. It is not that norm itself.",
            "Multiply the matrices first, then take the norm of the product.",
        ),
        "of_radius": (
            "You followed the spectral radius of the powers. That one never turns back.",
            "Take the norm of each power: `np.linalg.norm(P, 2)`.",
        ),
        "exchanged": (
            "The two results have changed places.",
            "First n, the power that is highest; then how high it is.",
        ),
        "power_zero": (
            "The power 0 counts too: it is the identity, and its norm is 1.",
            "Start from `np.eye(len(A))` at n = 0. A matrix that only shrinks is highest there.",
        ),
        "off_by_one": (
            "The height is right, its n is not.",
            "A list that begins with A itself has A^1 at index 0. Begin it with A^0.",
        ),
        "stops_early": (
            "Your search ends too soon.",
            "n runs to N, and N belongs to it: `range(N + 1)`. And a power that is lower than the one "
            "before does not mean that none higher follows.",
        ),
        "size": (
            "That is not a matrix of two rows and two columns of real, finite numbers.",
            "`np.array([[a, b], [c, d]])` with four numbers of your own.",
        ),
        "radius_large": (
            "Its spectral radius is not below what is allowed.",
            "In a triangular matrix, [[a, b], [0, a]], the eigenvalues stand on the diagonal, and b is free.",
        ),
        "at_the_limit": (
            "Its spectral radius is exactly what was given. It must be *below* that.",
            "Take half of it on the diagonal, or nothing at all: 0 is an eigenvalue like any other.",
        ),
        "norm_small": (
            "Its norm is not above what was asked for.",
            "The norm of a matrix is at least as large as each of its entries. Make one entry large.",
        ),
        "normal": (
            "For symmetric matrices and for rotations, radius and norm are the same number.",
            "Make it lopsided: let the first unit feed the second strongly, and the second not the first.",
        ),
        "hard_wired": (
            "One matrix cannot do for every radius and norm.",
            "Build it from the two numbers that are handed in.",
        ),
        "unstable": (
            "Its spectral radius is 1 or more: these powers would rise for ever. They shall fall in the end.",
            "Keep both eigenvalues below 1. They may be close to it.",
        ),
        "falls": (
            "The powers turn too soon.",
            "The powers of [[a, b], [0, a]] hold n·b·a^(n-1). When does that grow from one n to the next? "
            "Put the answer into a.",
        ),
        "values": (
            "Try it with a matrix whose powers you know: `np.diag([0.5, -2.0])`.",
            "Its eigenvalues are 0.5 and -2, its spectral radius is 2, and the norm of power n is 2**n.",
        ),
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    for A in _matrices_with_a_radius(rng):
        eigenvalues = np.linalg.eigvals(A)
        half = np.linalg.eigvalsh(A), np.linalg.eigvalsh(A, UPLO="U")
        first = np.max(eigenvalues)
        wrong = {
            "largest_real": [eigenvalues.real.max(), np.abs(eigenvalues.real).max(), first, eigenvalues[0]],
            "singular": [norm(A), np.linalg.norm(A)],
            "symmetric": [np.abs(values).max() for values in half] + [values.max() for values in half],
        }
        right = radius(A)
        told = {c: [v for v in vs if not agree(np.asarray(v), np.asarray(right))] for c, vs in wrong.items()}
        same(s.spectral_radius(A), right, "spectral_radius(A)", mistakes=told)

    for A, N in _matrices_that_rise(rng):
        got = s.highest(A, N)
        got = list(got) if np.shape(got) == (2,) else got  # an array of two numbers is as good
        _highest(parts(got, "n", "height"), A, N)

    before: list[np.ndarray] = []
    for rho, size in ((0.5, 3.0), (0.9, 1.5), (float(rng.uniform(0.2, 0.8)), float(rng.uniform(5, 50)))):
        before.append(_steep(s.steep(rho, size), rho, size, before))
    for n in (3, int(rng.integers(6, 12)), int(rng.integers(40, 60))):
        _rising(s.rising(n), n)


def _matrices_with_a_radius(rng: np.random.Generator) -> list[np.ndarray]:
    """Matrices 4 × 4 whose farthest eigenvalue is negative, a complex pair, and positive."""
    found = []
    angle, r = rng.uniform(1.0, 2.0), float(rng.uniform(0.8, 1.2))
    turn = r * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for block in (np.diag([-r, 0.6 * r]), turn, np.diag([r, -0.5 * r])):
        S = np.eye(4) + 0.4 * rng.uniform(-1, 1, (4, 4))
        D = np.zeros((4, 4))
        D[:2, :2], D[2:, 2:] = block, np.diag([0.3, -0.2])
        found.append(S @ D @ np.linalg.inv(S))
    return found


def _heights(A: np.ndarray, N: int) -> np.ndarray:
    return np.array([norm(np.linalg.matrix_power(A, n)) for n in range(N + 1)])


def _matrices_that_rise(rng: np.random.Generator) -> list[tuple[np.ndarray, int]]:
    """Matrices and how far to look: a summit between, one that only falls, one still rising at N."""
    while True:
        a = rng.uniform(0.6, 0.8, 3)
        A = np.diag(a) + np.triu(rng.uniform(0.5, 1.2, (3, 3)), 1)
        heights = _heights(A, 20)
        n = int(heights.argmax())
        if 2 <= n <= 8 and np.sort(heights)[-2] < 0.99 * heights[n]:
            break
    falls = A * (0.6 / norm(A))
    b, angle = rng.uniform(2.5, 3.5), rng.uniform(0.3, 1.2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    up_and_down = turn @ np.array([[0.0, b], [1.15 / b, 0.0]]) @ turn.T  # every second power is lower
    return [(A, 20), (falls, 12), (A * (1.1 / radius(A)), n + 3), (up_and_down, 5)]


def _highest(got: list[Any], A: np.ndarray, N: int) -> None:
    """Pass when the height and the power it belongs to are right."""
    heights = _heights(A, N)
    n, height = int(heights.argmax()), float(heights.max())
    powers = [np.linalg.matrix_power(A, m) for m in range(N + 1)]
    falls = np.flatnonzero(np.diff(heights) < 0)
    curves = {
        "stops_early": [heights[: falls[0] + 1] if falls.size else heights, heights[:-1]],
        "entrywise": [np.array([norm(A**m) for m in range(N + 1)])],
        "frobenius": [np.array([np.linalg.norm(P) for P in powers])],
        "of_radius": [np.array([radius(P) for P in powers])],
        "bound": [norm(A) ** np.arange(N + 1)],
        "power_zero": [np.append(-np.inf, heights[1:])],
    }
    tops = {code: [(int(c.argmax()), float(c.max())) for c in several] for code, several in curves.items()}
    called = f"highest(A, N={N})"
    if all(np.ndim(g) == 0 for g in got) and n != height and agree(np.array([n, height]), _floats(got)[::-1]):
        raise Wrong("exchanged", f"{called} gives ({got[0]:.6g}, {got[1]:.6g}), expected ({n}, {height:.6g})")
    told = {code: [top for _, top in several if top != height] for code, several in tops.items()}
    same(got[1], height, f"height of {called}", mistakes=told)
    which = {"off_by_one": [n - 1, n + 1]}
    if not n:
        which = {"power_zero": [1]}
    same(got[0], n, f"n of {called}", mistakes=which)


def _floats(values: list[Any]) -> np.ndarray:
    try:
        return np.array([float(v) for v in values])
    except (TypeError, ValueError):
        return np.zeros(len(values))


def _two_by_two(got: Any, called: str) -> np.ndarray:
    A = as_numbers(got, called)
    if A.shape != (2, 2):
        raise Wrong("size", f"`{called}` has shape {A.shape}, expected (2, 2)")
    if A.dtype.kind == "c" or not np.isfinite(A).all():
        raise Wrong("size", f"`{called}` holds numbers that are complex, infinite or NaN")
    return A.astype(float)


def _steep(got: Any, rho: float, size: float, before: list[np.ndarray]) -> np.ndarray:
    """Pass when the spectral radius is below the one and the norm above the other."""
    called = f"steep({rho:.3g}, {size:.3g})"
    A = _two_by_two(got, called)
    r, above = radius(A), norm(A)
    shown = f"`{called}` has spectral radius {r:.6g} and norm {above:.6g}"
    if r < rho and above > size:
        return A
    if before and agree(A, before[-1]):
        raise Wrong("hard_wired", f"`{called}` is the same matrix as the one before")
    if A.any() and np.allclose(A @ A.T, A.T @ A, rtol=1e-9, atol=1e-12 * above**2):
        raise Wrong("normal", shown)
    if r >= rho:
        code = "at_the_limit" if abs(r - rho) <= 1e-9 * rho else "radius_large"
        raise Wrong(code, f"{shown}; expected a radius below {rho:.6g}")
    raise Wrong("norm_small", f"{shown}; expected a norm above {size:.6g}")


def _rising(got: Any, n: int) -> None:
    """Pass when the norms of the powers 1 to n rise, and the spectral radius is below 1."""
    called = f"rising({n})"
    A = _two_by_two(got, called)
    if radius(A) >= 1:
        raise Wrong("unstable", f"`{called}` has spectral radius {radius(A):.6g}, expected below 1")
    heights = _heights(A, n)
    for m in range(2, n + 1):
        if not heights[m] > heights[m - 1]:
            line = f"the norm of power {m} of `{called}` is {heights[m]:.6g}, that of power {m - 1} is "
            raise Wrong("falls", f"{line}{heights[m - 1]:.6g}; expected it to rise up to power {n}")


# --- q4 -----------------------------------------------------------------------------------------------------


@question(
    "Clip the length, keep the direction",
    points=2,
    asks=["clip_by_norm(grads, c)", "turned_by(grads, c)"],
    hints={
        "elementwise": (
            "Every entry is cut off by itself. That is elementwise clipping, and it turns the gradient.",
            "Work out one number for all entries of all arrays, min(1, c / ‖g‖), and multiply by it.",
        ),
        "per_array": (
            "Each array is clipped by its own norm. So the arrays shrink by different factors.",
            "The gradient is *one* vector that happens to lie in several arrays: one norm over all of them.",
        ),
        "sum_of_norms": (
            "The norms of the arrays do not add up to the norm of all.",
            "Their *squares* do: the root of the sum of the squares of all entries.",
        ),
        "squared": (
            "The result is shorter or longer than c: a root is missing, or the norm divides twice.",
            "The factor is c / ‖g‖, with ‖g‖ the *root* of the sum of squares, and it is used once.",
        ),
        "mean": (
            "You divide by a mean over the entries. The norm is made of a sum.",
            "The root of the *sum* of all squares: it grows with the number of entries, and that is meant.",
        ),
        "largest": (
            "You measure the gradient by its largest entry.",
            "That keeps the direction too, but (6.4) measures the length: the root of the sum of squares.",
        ),
        "matrix_norm": (
            "For the matrices you took the largest singular value.",
            "Here a matrix is nothing but a list of numbers: `np.sum(g**2)`, or `np.linalg.norm(g)` with "
            "no second argument.",
        ),
        "to_one": (
            "The result has length 1 instead of c.",
            "The factor is c / ‖g‖.",
        ),
        "not_clipped": (
            "The gradient is longer than c and came back as it was.",
            "Multiply by min(1, c / ‖g‖). The factor is below 1 exactly when ‖g‖ is above c.",
        ),
        "scales_up": (
            "A gradient shorter than c was made longer. Clipping never does that.",
            "The factor is the *smaller* of 1 and c / ‖g‖.",
        ),
        "nan": (
            "There is a NaN, or an infinity.",
            "A gradient of zeros has norm 0, and 0/0 is NaN: divide only when the norm is above c. And a "
            "cosine may come out as 1.0000000000000002, of which no arccos exists: `np.clip(…, -1, 1)`.",
        ),
        "type": (
            "As many arrays are to come back as went in, in a list, each with its shape.",
            "`return [g * factor for g in grads]`.",
        ),
        "shape": (
            "Each array comes back in the shape in which it went in.",
            "`return [g * factor for g in grads]`: no flattening, no joining.",
        ),
        "mutated": (
            "You wrote into the caller's arrays.",
            "`g *= factor` changes what was handed in; `[g * factor for g in grads]` makes new arrays.",
        ),
        "radians": (
            "The angle is in radians.",
            "`np.degrees`.",
        ),
        "cosine": (
            "That is not the angle itself yet.",
            "The scalar product divided by both lengths is the *cosine*: take `np.arccos`, then degrees.",
        ),
        "one_sided": (
            "Entries below -c were left as they were.",
            "Elementwise clipping cuts at both ends: `np.clip(g, -c, c)`.",
        ),
        "no_turn": (
            "You measured the angle of clipping by norm, and that does not turn.",
            "The question is by how much *elementwise* clipping turns the gradient: `np.clip(g, -c, c)`.",
        ),
        "difference": (
            "You measured the angle to what was cut off, not to what is left.",
            "Compare the gradient with `np.clip(g, -c, c)` itself.",
        ),
        "each_by_itself": (
            "One angle for each array, or their mean, is not the angle of the whole.",
            "Lay all entries into one long vector first, before and after clipping.",
        ),
        "values": (
            "Try it with `[np.array([3.0]), np.array([4.0])]`: the norm is 5.",
            "With c = 1 it becomes 0.6 and 0.8 by norm, and 1 and 1 by entry, a turn of 8.13 degrees.",
        ),
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    D, H, Q = (int(n) for n in rng.permutation([3, 4, 5]))
    shapes = (D, H), (H, H), (H,), (H, Q)
    scales = (2.0, 0.3, 1.0, 0.5)
    grads = [scale * rng.standard_normal(shape) for scale, shape in zip(scales, shapes, strict=True)]
    n = length(grads)

    c = n * float(rng.uniform(0.04, 0.07))
    _clipped(s.clip_by_norm(grads, c), grads, c, f"clip_by_norm(grads, c={c:.3g}), ‖g‖ = {n:.3g}")
    c = n * float(rng.uniform(2, 4))
    _clipped(s.clip_by_norm(grads, c), grads, c, f"clip_by_norm(grads, c={c:.3g}), ‖g‖ = {n:.3g}")
    some = [grads[0], np.zeros((H, H)), grads[2]]  # fewer arrays, one of them without a gradient
    c = length(some) * float(rng.uniform(0.3, 0.5))
    _clipped(s.clip_by_norm(some, c), some, c, f"clip_by_norm(grads, c={c:.3g}), ‖g‖ = {length(some):.3g}")
    nothing = [np.zeros(shape) for shape in shapes]
    _clipped(s.clip_by_norm(nothing, 1.0), nothing, 1.0, "clip_by_norm(grads, c=1), ‖g‖ = 0")

    for share in (0.3, 0.1):
        c = float(share * min(max(g.max() for g in grads), max(-g.min() for g in grads)))
        right = turned_by(grads, c)
        cut = [np.clip(g, -c, c) for g in grads]
        cosine = np.cos(np.radians(right))
        apart = [angle([g], [k]) for g, k in zip(grads, cut, strict=True)]
        rest = [g - k for g, k in zip(grads, cut, strict=True)]
        told: dict[str, list[Any]] = {
            "no_turn": [0.0],
            "radians": [np.radians(right)],
            "cosine": [cosine, 1 - cosine, 180 - right, 90 - right, np.degrees(cosine)],
            "one_sided": [
                angle(grads, [np.minimum(g, c) for g in grads]),
                angle(grads, [np.maximum(g, -c) for g in grads]),
            ],
            "each_by_itself": [np.mean(apart), apart, max(apart), apart[0], sum(apart), apart[-1]],
            "difference": [angle(grads, rest)],
        }
        called = f"turned_by(grads, c={c:.3g})"
        got = as_numbers(s.turned_by(grads, c), called)
        for code, values in told.items():
            for value in map(np.asarray, values):  # an angle near 0 is known to a few digits only
                if got.shape == value.shape and np.allclose(got, value, rtol=1e-9, atol=1e-4):
                    shown = f"gives {got:.6g}" if not got.ndim else f"gives {got.size} numbers"
                    raise Wrong(code, f"`{called}` {shown}, expected {right:.6g}")
        same(got, right, called)
    for _ in range(30):  # nothing to clip: the cosine is 1, or a little more
        short = [rng.standard_normal(shape) for shape in shapes]
        got = as_numbers(s.turned_by(short, 50.0), "turned_by(grads, c=50), where nothing is cut off,")
        if got.ndim or not abs(got) < 1e-3:
            same(got, 0.0, "turned_by(grads, c=50), where nothing is cut off,", mistakes={"cosine": [1.0]})


def length(arrays: Sequence[np.ndarray]) -> float:
    """The norm of all entries of all arrays together."""
    return float(np.sqrt(sum(np.sum(g**2) for g in arrays)))


def angle(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> float:
    """The angle in degrees between two vectors that lie in several arrays."""
    dot = sum(np.sum(a * b) for a, b in zip(first, second, strict=True))
    return float(np.degrees(np.arccos(np.clip(dot / (length(first) * length(second)), -1, 1))))


def turned_by(grads: Sequence[np.ndarray], c: float) -> float:
    """By how many degrees elementwise clipping turns a gradient."""
    return angle(grads, [np.clip(g, -c, c) for g in grads])


def _clipped(got: Any, grads: list[np.ndarray], c: float, called: str) -> None:
    """Pass when it is the gradient clipped by norm, with or without PyTorch's 1e-6 in the divisor."""
    names = [f"grads[{i}]" for i in range(len(grads))]
    got = parts(got, *names)
    arrays = [as_numbers(g, name) for g, name in zip(got, names, strict=True)]
    n = np.float64(length(grads))
    for tiny in (0.0, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6):
        factor = min(1.0, c / (n + tiny)) if n + tiny else 1.0
        if all(agree(a, factor * g) for a, g in zip(arrays, grads, strict=True)):
            return

    own = [np.linalg.norm(g) for g in grads]
    count = sum(g.size for g in grads)
    inner = [np.linalg.norm(g, 2) for g in grads]

    def by(*sizes: Any) -> list[list[np.ndarray]]:
        return [[min(1.0, c / size) * g if size else g for g in grads] for size in sizes]

    with np.errstate(all="ignore"):
        foreseen: dict[str, list[list[np.ndarray]]] = {
            "not_clipped": [grads],
            "elementwise": [[np.clip(g, -c, c) for g in grads], [np.minimum(g, c) for g in grads]],
            "per_array": [
                [g * min(1.0, c / k) if k else g for g, k in zip(grads, own, strict=True)],
                [g * c / k for g, k in zip(grads, own, strict=True)],
            ],
            "sum_of_norms": by(sum(own), np.mean(own), max(own)),
            "squared": [
                *by(n**2, np.sqrt(n)),
                *([g * factor for g in grads] for factor in (c / n**2, (c / n) ** 2, np.sqrt(c / n))),
            ],
            "mean": by(n / np.sqrt(count), n / count, n**2 / count),
            "largest": by(max(np.abs(g).max() for g in grads)),
            "matrix_norm": by(np.sqrt(np.sum(np.square(inner))), max(inner), sum(inner)),
            "to_one": [[g / n for g in grads]],
            "scales_up": [[g * (c / n) for g in grads], [g * max(1.0, c / n) for g in grads]],
        }
        for code, several in foreseen.items():
            for wrong in several:
                if all(agree(a, w) for a, w in zip(arrays, wrong, strict=True)):
                    long = np.sqrt(sum(np.sum(np.abs(a) ** 2) for a in arrays))
                    told = f"`{called}`, comes back with length {long:.3g}, expected {min(n, c):.3g}"
                    if abs(long - min(n, c)) < 1e-6 * c:
                        told = f"`{called}`, has the right length, but not the right direction"
                    if code in ("elementwise", "per_array"):
                        turned = angle(grads, wrong)
                        told = f"{told}; the gradient was turned by {turned:.0f} degrees"
                    raise Wrong(code, told)
    for a, g, name in zip(arrays, grads, names, strict=True):
        same(a, g * (min(1.0, c / n) if n else 1.0), f"{name} of {called},")


# --- q5 -----------------------------------------------------------------------------------------------------

DRAWS = 120


@question(
    "Two ways to start well",
    points=2,
    asks=["orthogonal(H, seed)", "identity_start(D, H, spread, seed)"],
    hints={
        "shape": (
            "A start has the shape of the weight that it is for.",
            "`orthogonal` gives (H, H). `identity_start` gives W_xh (D, H), W_hh (H, H) and b_h (H,).",
        ),
        "gaussian": (
            "That is a matrix of independent normal numbers. Its columns are not at right angles.",
            "Take such a matrix as raw material, and let `np.linalg.qr` make it orthogonal.",
        ),
        "columns": (
            "The columns have length 1, but they are not at right angles to each other.",
            "Length alone is not enough. `np.linalg.qr` gives Q, whose columns are both.",
        ),
        "scaled": (
            "Right angles, but the wrong length: it shrinks or stretches every vector at every step.",
            "Q.T @ Q must be the identity, not a multiple of it. Leave out the last factor.",
        ),
        "triangle": (
            "`np.linalg.qr` gives two matrices. You kept the triangular one.",
            "Q, R = np.linalg.qr(G): the first is the orthogonal one. R is needed for its signs only.",
        ),
        "lopsided": (
            "Orthogonal, but not drawn evenly: some entries have the same sign nearly every time.",
            "QR leaves the sign of each column to the routine. Multiply column j by the sign of R[j, j]: "
            "`Q * np.sign(np.diag(R))`.",
        ),
        "not_random": (
            "Every seed gives the same matrix.",
            "`rng = np.random.default_rng(seed)`, with the seed that is handed in.",
        ),
        "not_repeatable": (
            "The same seed gives two different answers.",
            "Draw from `np.random.default_rng(seed)` only: not from `np.random` itself, and with no "
            "generator that lives outside the function.",
        ),
        "not_orthogonal": (
            "Q.T @ Q is not the identity.",
            "Print `np.round(Q.T @ Q, 3)`: 1 on the diagonal says length 1, 0 elsewhere says right angles.",
        ),
        "exchanged": (
            "The three results stand in another order.",
            "W_xh, W_hh, b_h: from input to hidden, from hidden to hidden, bias.",
        ),
        "not_identity": (
            "W_hh is not the identity.",
            "`np.eye(H)`: 1 on the diagonal, 0 elsewhere. In this start the noise is in W_xh.",
        ),
        "bias": (
            "The bias does not start at zero.",
            "With b_h = 0 and no input, ReLU and identity hand the state on as it is.",
        ),
        "no_noise": (
            "W_xh holds the same number, or zeros, in many places: units that start alike stay alike.",
            "Every entry is a draw of its own: `spread * rng.standard_normal((D, H))`.",
        ),
        "variance": (
            "The spread of W_xh is not the one asked for.",
            "`spread` is the standard deviation, not the variance: neither square nor root, and no division "
            "by the size.",
        ),
        "uniform": (
            "W_xh has numbers of both signs up to `spread`, but no normal ones: large ones are missing.",
            "A normal distribution with standard deviation `spread`: `rng.normal(0, spread, (D, H))`.",
        ),
        "one_sign": (
            "The entries of W_xh do not lie around 0.",
            "A normal distribution with mean 0: half of the entries are negative.",
        ),
        "values": (
            "Print `np.round(Q.T @ Q, 3)`, and the first row of W_xh.",
            "Each of the results has a line of its own in the question: go through them one by one.",
        ),
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    H = int(rng.integers(4, 7))
    seeds = [int(seed) for seed in rng.choice(100_000, DRAWS, replace=False)]
    first = _orthogonal(s.orthogonal(H, seeds[0]), H, f"orthogonal({H}, seed={seeds[0]})")
    again = as_numbers(s.orthogonal(H, seeds[0]), "orthogonal")
    if not agree(again, first):
        raise Wrong("not_repeatable", f"`orthogonal({H}, seed={seeds[0]})` gives two different matrices")
    draws = [first]
    for seed in seeds[1:]:
        draws.append(_orthogonal(s.orthogonal(H, seed), H, f"orthogonal({H}, seed={seed})"))
    if all(agree(Q, first) for Q in draws[1:5]):
        raise Wrong("not_random", f"`orthogonal({H}, seed)` is one and the same matrix for {DRAWS} seeds")
    positive = np.sum(np.array(draws) > 0, axis=0)
    if positive.min() < DRAWS / 5 or positive.max() > DRAWS * 4 / 5:
        worst = np.unravel_index(np.abs(positive - DRAWS / 2).argmax(), positive.shape)
        where = ", ".join(str(int(k)) for k in worst)
        line = f"over {DRAWS} seeds entry [{where}] of `orthogonal({H}, seed)` was positive "
        raise Wrong("lopsided", f"{line}{positive[worst]} times, expected about {DRAWS // 2}")

    D, H = int(rng.integers(30, 40)), int(rng.integers(41, 50))
    for spread in (0.001, float(rng.uniform(0.1, 0.4))):
        seed = seeds.pop()
        _identity_start(s, D, H, spread, seed)


def _orthogonal(got: Any, H: int, called: str) -> np.ndarray:
    """Return the matrix when it is orthogonal."""
    Q = as_numbers(got, called)
    if Q.shape != (H, H):
        raise Wrong("shape", f"`{called}` has shape {Q.shape}, expected ({H}, {H})")
    if Q.dtype.kind == "c" or not np.isfinite(Q).all():
        raise Wrong("nan", f"`{called}` holds NaN, infinity or complex numbers")
    Q, dtype = Q.astype(float), Q.dtype
    gram = Q.T @ Q
    error = float(np.abs(gram - np.eye(H)).max())
    if error <= 1e-9:
        return Q
    if not Q.any():
        raise Wrong("zeros", f"`{called}` is zero everywhere")
    if error < 1e-4 and dtype.itemsize < 8:
        raise Wrong("dtype", f"`{called}` came back as {dtype}; expected float64")
    lengths = np.sqrt(np.diag(gram))
    aside = gram - np.diag(np.diag(gram))
    told = f"the columns of `{called}` have lengths from {lengths.min():.3g} to {lengths.max():.3g}"
    i, j = np.unravel_index(np.abs(aside).argmax(), aside.shape)
    cosine = gram[i, j] / (lengths[i] * lengths[j] or 1.0)
    degrees = float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
    between = f"columns {i} and {j} of `{called}` stand at {degrees:.0f} degrees to each other, expected 90"
    if np.ptp(Q) == 0:
        raise Wrong("constant", f"every entry of `{called}` is {Q.flat[0]:.6g}")
    if not np.tril(Q, -1).any() and np.triu(Q, 1).any():
        raise Wrong("triangle", f"`{called}` is zero below the diagonal; {told}")
    if np.abs(aside).max() <= 1e-9 * lengths.max() ** 2:
        raise Wrong("scaled", f"{told}, expected 1")
    rows = np.linalg.norm(Q, axis=1)
    if np.allclose(lengths, 1) or np.allclose(rows, 1):
        raise Wrong("columns", between)
    symmetric = np.allclose(Q, Q.T)
    raise Wrong("not_orthogonal" if symmetric else "gaussian", f"{told}; {between}")


def _identity_start(s: Names, D: int, H: int, spread: float, seed: int) -> None:
    called = f"identity_start(D={D}, H={H}, spread={spread:.3g}, seed={seed})"
    names = ("W_xh", "W_hh", "b_h")
    got = parts(s.identity_start(D, H, spread, seed), *names)
    again = parts(s.identity_start(D, H, spread, seed), *names)
    W_xh, W_hh, b_h = (as_numbers(value, name) for value, name in zip(got, names, strict=True))
    shapes = [value.shape for value in (W_xh, W_hh, b_h)]
    wanted = [(D, H), (H, H), (H,)]
    if shapes != wanted:
        if sorted(map(str, shapes)) == sorted(map(str, wanted)):
            told = ", ".join(f"`{name}` {shape}" for name, shape in zip(names, shapes, strict=True))
            raise Wrong("exchanged", f"{called} gives {told}")
        for name, shape, want in zip(names, shapes, wanted, strict=True):
            if shape != want:
                raise Wrong("shape", f"`{name}` has shape {shape}, expected {want} with D={D}, H={H}")
    eye = np.eye(H)
    right = _floats_of(W_hh)
    if not agree(right, eye):
        off = right - np.diag(np.diag(right))
        middle = float(np.mean(np.diag(right)))
        line = f"`W_hh` has {middle:.6g} on its diagonal on average, and up to {np.abs(off).max():.6g} beside"
        raise Wrong("not_identity", f"{line}; expected 1 and 0")
    if _floats_of(b_h).any():
        raise Wrong("bias", f"`b_h` reaches from {b_h.min():.6g} to {b_h.max():.6g}, expected 0")
    W = _floats_of(W_xh)
    if not np.isfinite(W).all():
        raise Wrong("nan", "`W_xh` holds NaN or infinity")
    if len(np.unique(np.round(W / spread, 9))) < D * H / 2:
        values = len(np.unique(np.round(W / spread, 9)))
        raise Wrong("no_noise", f"`W_xh` holds only {values} different numbers in {D * H} places")
    middle, wide = float(W.mean()), float(W.std())
    if abs(middle) > 6 * wide / np.sqrt(D * H):
        raise Wrong("one_sign", f"the mean of `W_xh` is {middle:.3g} with a spread of {wide:.3g}, expected 0")
    if np.abs(W).max() < 2.05 * wide:
        line = f"the largest entry of `W_xh` is {np.abs(W).max() / wide:.2f} standard deviations from 0"
        raise Wrong("uniform", f"{line}, and of {D * H} normal numbers some are more than 3")
    if not 0.88 < wide / spread < 1.12:
        line = f"the entries of `W_xh` have the standard deviation {wide:.3g}"
        raise Wrong("variance", f"{line}, expected about {spread:.3g}")
    if not agree(_floats_of(again[0]), W):
        raise Wrong("not_repeatable", f"{called} gives two different `W_xh`")
    other = parts(s.identity_start(D, H, spread, seed + 1), *names)
    if agree(_floats_of(other[0]), W):
        raise Wrong("not_random", f"`W_xh` is the same for the seeds {seed} and {seed + 1}")


def _floats_of(value: Any) -> np.ndarray:
    array = as_numbers(value, "the result")
    return array.real.astype(float)


# --- q6 -----------------------------------------------------------------------------------------------------


@question(
    "A report that is wrong three times",
    points=3,
    asks=["train(X, Y, weights, c, rate, updates)"],
    hints={
        "not_zeroed": (
            "From the second update on your gradients hold those of earlier updates as well.",
            "`backward` *adds* to the arrays in `grads`. Give it arrays of zeros at every update: make them "
            "inside the loop.",
        ),
        "unclipped": (
            "The weights move as if nothing were clipped: the step is longer than c allows.",
            "Clip after `backward` has filled `grads`, and before the weights use them. In any other place "
            "it is too early or too late.",
        ),
        "elementwise": (
            "Your clipping turns the gradient: each entry, or each array, is cut by itself.",
            "One factor for all three arrays: min(1, c / ‖g‖), with ‖g‖ over all of them.",
        ),
        "norm_after": (
            "`norms` was measured after clipping: no number in it can be above c.",
            "To see an explosion, measure the gradient as `backward` left it, and clip after that.",
        ),
        "far_whole": (
            "`far` is the length of all of `deltas`. What is near the end drowns what came from afar.",
            "The long-range term is what arrives at the *first* state: `deltas[0]`.",
        ),
        "far_near": (
            "`far` is what arrives at the last state, where nothing has travelled yet.",
            "`deltas[t]` is ∂L/∂h_t, and the loss stands at the end: the first state, `deltas[0]`, is the "
            "far one.",
        ),
        "far_total": (
            "`far` holds the norm of the whole gradient, the one of the weights.",
            "That one sums over all steps, and the near ones are in it. Take `deltas[0]`.",
        ),
        "far_before": (
            "`far` is measured one step before the first state, or behind the tanh of the first.",
            "`deltas[0]` is ∂L/∂h_0 as it stands: no further product.",
        ),
        "far_mean": (
            "`far` divides by a number of entries or of cases.",
            "The length of `deltas[0]`: the root of the sum of squares over all (B, H) entries.",
        ),
        "late": (
            "The numbers of an update were measured after its step: they belong to the next one.",
            "Measure before the weights move. The first entry belongs to the weights as they were given.",
        ),
        "squared": (
            "`norms` or `far` holds squares.",
            "A length is the root of the sum of squares.",
        ),
        "uphill": (
            "The weights move the wrong way: the loss grows.",
            "A gradient points uphill. `W -= rate * g`.",
        ),
        "all_arrays": (
            "`norms` measures one of the three arrays only, or adds their norms up.",
            "One norm for all entries of all three gradients: `length(grads)`.",
        ),
        "shape": (
            "`norms` and `far` hold one number for each update; `weights` are three arrays.",
            "Make two lists before the loop, and append one number to each at every update.",
        ),
        "type": (
            "Three things come back: the weights, `norms` and `far`.",
            "`return weights, norms, far`, where `weights` is a list of three arrays.",
        ),
        "not_moved": (
            "The weights came back as they were.",
            "At the end of every update `W -= rate * g`, for each of the three.",
        ),
        "mutated": (
            "Your program moves the weights of whoever called it.",
            "Begin with copies, as the program does: `weights = [W.copy() for W in weights]`.",
        ),
        "values": (
            "Something else than the three mistakes has changed. Compare with the program, line by line.",
            "Take updates=1 first: the three results then depend on one gradient only. Then take 2.",
        ),
    },
)
def q6(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H, Q = (int(n) for n in rng.permutation([3, 4, 5, 6, 7]))
    updates = 4
    X, Y = rng.standard_normal((T, B, D)), 2 * rng.standard_normal((B, Q))
    weights = [
        0.6 * rng.standard_normal((D, H)) / np.sqrt(D),
        0.9 * rng.standard_normal((H, H)) / np.sqrt(H),
        rng.standard_normal((H, Q)) / np.sqrt(H),
    ]
    rate = 0.1
    free = trained(X, Y, weights, np.inf, rate, updates)[1]
    c = float(free[0] * rng.uniform(0.05, 0.08))  # below the largest entry
    names = ("weights", "norms", "far")
    for most in (c, 1e6):  # with clipping at work, and with nothing to clip
        got = parts(s.train(X, Y, weights, most, rate, updates), *names)
        _report(got, X, Y, weights, most, rate, updates)


def _report(
    got: list[Any],
    X: np.ndarray,
    Y: np.ndarray,
    weights: list[np.ndarray],
    c: float,
    rate: float,
    updates: int,
) -> None:
    moved = parts(got[0], "W_xh", "W_hh", "W_hq")

    def wrong(**mistakes: Any) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
        return trained(X, Y, weights, c, rate, updates, **mistakes)

    right = wrong()
    if any(_agrees([*moved, *got[1:]], wrong(tiny=tiny)) for tiny in (0.0, 1e-12, 1e-8, 1e-6)):
        return

    # several mistakes at once are told together; the first of them is the one to begin with
    for zero, clip, far in product((True, False), ("right", "early", "none"), ("first", "whole")):
        faults = [] if zero else ["not_zeroed"]
        faults += [] if clip == "right" else ["unclipped"]
        faults += [] if far == "first" else ["far_whole"]
        if len(faults) > 1 and _agrees([*moved, *got[1:]], wrong(zero=zero, clip=clip, far=far)):
            at = 1 if np.ndim(got[1]) and not agree(_floats_of(got[1]), right[1]) else 2
            name = ("norms", "far")[at - 1]
            values = _floats_of(got[at])
            first = int(np.argmax(~np.isclose(values, right[at], rtol=1e-9)))
            numbers = f"`{name}`[{first}] is {values[first]:.6g}, expected {right[at][first]:.6g}"
            raise Wrong(faults[0], f"{len(faults)} of the three mistakes left; {numbers}")

    for value, name in zip(got[1:], ("norms", "far"), strict=True):
        if as_numbers(value, name).shape != (updates,):
            line = f"`{name}` has shape {np.shape(value)}, expected ({updates},)"
            raise Wrong("shape", line)
    squares = {"squared": [right[1] ** 2]}
    later = trained(X, Y, weights, c, rate, updates + 1)
    several: dict[str, list[dict[str, Any]]] = {
        "not_zeroed": [{"zero": False}, {"zero": False, "clip": "early"}, {"zero": False, "clip": "none"}],
        "unclipped": [{"clip": "early"}, {"clip": "none"}],
        "elementwise": [{"clip": "elementwise"}, {"clip": "per_array"}],
        "uphill": [{"sign": 1.0}],
    }
    foreseen = {code: [wrong(**mistakes) for mistakes in cases] for code, cases in several.items()}
    norms = {code: [run[1] for run in runs] for code, runs in foreseen.items()}
    own = {
        "norm_after": [np.minimum(right[1], c)],
        "late": [later[1][1:]],
        "all_arrays": [wrong(norm=norm)[1] for norm in ("W_xh", "W_hh", "W_hq", "sum")],
    }
    same(
        got[1],
        right[1],
        "norms",
        axes="updates",
        letters={"updates": updates},
        mistakes=_unlike({**own, **norms, **squares}, right[1]),
    )
    fars = {code: [run[2] for run in runs] for code, runs in foreseen.items()}
    B = X.shape[1]
    entries = B * len(weights[1])
    own = {
        "far_whole": [wrong(far="whole")[2]],
        "far_near": [wrong(far="last")[2]],
        "far_total": [right[1], np.minimum(right[1], c)],
        "far_before": [wrong(far=far)[2] for far in ("before", "slope", "input")],
        "far_mean": [right[2] / n for n in (B, entries, np.sqrt(entries), np.sqrt(B))]
        + [wrong(far="mean")[2]],
        "late": [later[2][1:]],
        "squared": [right[2] ** 2, wrong(far="whole")[2] ** 2],
    }
    same(
        got[2],
        right[2],
        "far",
        axes="updates",
        letters={"updates": updates},
        mistakes=_unlike({**own, **fars}, right[2]),
    )
    for k, (value, name) in enumerate(zip(moved, ("W_xh", "W_hh", "W_hq"), strict=True)):
        told: dict[str, list[np.ndarray]] = {
            code: [run[0][k] for run in runs] for code, runs in foreseen.items()
        }
        told["not_moved"] = [weights[k]]
        same(value, right[0][k], name, mistakes=_unlike(told, right[0][k]))


def _unlike(mistakes: dict[str, list[np.ndarray]], right: np.ndarray) -> dict[str, list[np.ndarray]]:
    """The foreseen mistakes that can be told from what is right."""
    return {code: [v for v in values if not agree(v, right)] for code, values in mistakes.items()}


def _agrees(got: list[Any], want: tuple[list[np.ndarray], np.ndarray, np.ndarray]) -> bool:
    try:
        return all(agree(_floats_of(g), w) for g, w in zip(got, (*want[0], *want[1:]), strict=True))
    except (Wrong, ValueError):
        return False


def trained(
    X: np.ndarray,
    Y: np.ndarray,
    weights: list[np.ndarray],
    c: float,
    rate: float,
    updates: int,
    *,
    zero: bool = True,
    clip: str = "right",
    far: str = "first",
    norm: str = "all",
    sign: float = -1.0,
    tiny: float = 0.0,
) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Weights after some updates, the gradient's norm and what arrives at the first state, for each update.

    What stands behind the star errs: gradients never set to zero; clipped too ``early``, not at all or in
    another way; another thing taken for the long-range term or for the norm; uphill; ``tiny`` added to the
    norm, as PyTorch does, is right.
    """
    weights = [W.copy() for W in weights]
    grads = [np.zeros(W.shape) for W in weights]
    norms, fars = [], []
    for _ in range(updates):
        if zero:
            grads = [np.zeros(W.shape) for W in weights]
        if clip == "early":
            grads = _by_norm(grads, c, tiny)
        deltas, slopes = backward(X, Y, weights, grads)
        sizes = {"all": length(grads), "sum": sum(np.linalg.norm(g) for g in grads)}
        sizes |= {
            name: float(np.linalg.norm(g)) for name, g in zip(("W_xh", "W_hh", "W_hq"), grads, strict=True)
        }
        first = deltas[0] * slopes[0]
        reach = {
            "first": deltas[0],
            "whole": deltas,
            "last": deltas[-1],
            "slope": first,
            "before": first @ weights[1].T,
            "input": X[0].T @ first,
            "mean": deltas[0].mean(0),
        }
        norms.append(sizes[norm])
        fars.append(length([reach[far]]))
        if clip == "right":
            grads = _by_norm(grads, c, tiny)
        steps = {
            "elementwise": [np.clip(g, -c, c) for g in grads],
            "per_array": [_by_norm([g], c, 0.0)[0] for g in grads],
        }.get(clip, grads)
        weights = [W + sign * rate * g for W, g in zip(weights, steps, strict=True)]
    return weights, np.array(norms), np.array(fars)


def _by_norm(grads: list[np.ndarray], c: float, tiny: float) -> list[np.ndarray]:
    n = length(grads)
    return [g * min(1.0, c / (n + tiny)) if n else g for g in grads]


def backward(
    X: np.ndarray, Y: np.ndarray, weights: list[np.ndarray], grads: list[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Add a network's gradients to ``grads``; return ∂L/∂h_t for all t, (T, B, H), and the slopes 1 - h²."""
    W_xh, W_hh, W_hq = weights
    h, states = np.zeros((X.shape[1], len(W_hh))), []
    for x_t in X:
        h = np.tanh(x_t @ W_xh + h @ W_hh)
        states.append(h)
    e = (h @ W_hq - Y) / len(Y)
    grads[2] += h.T @ e
    delta, deltas = e @ W_hq.T, []
    for t in range(len(X) - 1, -1, -1):
        deltas.append(delta)
        a = delta * (1 - states[t] ** 2)
        grads[0] += X[t].T @ a
        if t > 0:
            grads[1] += states[t - 1].T @ a
        delta = a @ W_hh.T
    return np.array(deltas[::-1]), 1 - np.array(states) ** 2
