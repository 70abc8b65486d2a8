"""Exercise 03, Jordan and Elman: three memories, a pass and its stopped gradient, a card counter, a latch."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np

from course_utils.grading.activations import relu, sigmoid, softmax
from course_utils.grading.compare import Wrong, agree, as_numbers, parts, same
from course_utils.grading.questions import Names, question

TITLE = "Jordan and Elman: memory of its own"


# --- q1 -----------------------------------------------------------------------------------------------------


@question(
    "Three memories",
    points=2,
    asks=[
        "copy_of_hidden(y, h, m)",
        "running_average(y, h, m, mu)",
        "mean_of_all(y, h, m, t)",
        "weights_for_sum(W_mh, mu)",
    ],
    hints={
        "not_copied": (
            "Elman's context is the hidden layer of the step before, as it was.",
            "No average, no tanh, nothing of y or m: the next context is h.",
        ),
        "stuck": (
            "The context stays what it was: nothing new enters.",
            "The next context is made from the old one, m, *and* from the output y.",
        ),
        "swapped": (
            "μ and 1 - μ have changed places.",
            "In (3.3) μ says how much of the *old context* is kept. The new output gets the rest, 1 - μ.",
        ),
        "no_old": (
            "Only the last output is left: what the context held before is gone.",
            "It is the old context, m, that carries the outputs before the last one. Keep its share.",
        ),
        "unweighted": (
            "The new output enters with its full weight, so this is a sum that leaks, not an average.",
            "The two weights of an average add up to 1: μ for the old context, 1 - μ for the output.",
        ),
        "half": (
            "Old context and new output share half and half, whatever the last argument says.",
            "In an average of t outputs the newest is one of t. With μ given, it has the share 1 - μ.",
        ),
        "one_more": (
            "You count one output more than there is.",
            "At time t the outputs 0, …, t - 1 have been: t of them. m stands for t - 1 of those, y for one.",
        ),
        "one_less": (
            "You count one output less than there is.",
            "At time t the outputs 0, …, t - 1 have been: t of them. m stands for t - 1 of those, y for one.",
        ),
        "sum": (
            "That is the sum of the outputs, not their mean.",
            "With every output a sum grows; a mean moves towards the new output, by a t-th of the way.",
        ),
        "mean_lost": (
            "m is a mean already; you treat it as a sum.",
            "Make a sum of it first: (t - 1) * m. Then add y, and divide by the number of outputs, t.",
        ),
        "over_batch": (
            "You averaged over the batch: the sequences now share one memory.",
            "Each row of the batch is a sequence of its own. The mean runs over *time*, and m carries it.",
        ),
        "share": (
            "With these weights the two networks do not have the same hidden layer.",
            "Write both contexts down after one output y: one is y, the other (1 - μ) y. So it stays, at "
            "every step. Which weights make the two products with W_mh equal?",
        ),
        "mutated": (
            "Your function writes into an array that was handed to it.",
            "`m += …` changes the caller's context. `m = m + …`, or simply `return …`, makes a new one.",
        ),
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    B, Q, H = (int(n) for n in rng.permutation([3, 4, 5]))
    y, h, m_h, m = (rng.standard_normal(shape) for shape in ((B, Q), (B, H), (B, H), (B, Q)))
    letters = {"B": B, "Q": Q, "H": H}

    same(
        s.copy_of_hidden(y, h, m_h),
        h,
        "copy_of_hidden(y, h, m)",
        axes="B, H",
        letters=letters,
        mistakes={"not_copied": [m_h, y, (h + m_h) / 2, h + m_h, np.tanh(h), h - m_h]},
    )

    mu = float(rng.uniform(0.6, 0.9))
    same(
        s.running_average(y, h, m, mu),
        mu * m + (1 - mu) * y,
        f"running_average(y, h, m, mu={mu:.2f})",
        axes="B, Q",
        letters=letters,
        mistakes={
            "stuck": m,
            "swapped": (1 - mu) * m + mu * y,
            "no_old": [y, mu * y, (1 - mu) * y],
            "unweighted": [mu * m + y, m + (1 - mu) * y, m + mu * y, m + y],
            "half": (m + y) / 2,
            "over_batch": [np.mean(mu * m + (1 - mu) * y, 0), mu * m + (1 - mu) * y.mean(0)],
        },
    )

    for t in (int(rng.integers(5, 9)), int(rng.integers(20, 40))):
        one_less = m + (y - m) / (t - 1)
        same(
            s.mean_of_all(y, h, m, t),
            m + (y - m) / t,
            f"mean_of_all(y, h, m, t={t})",
            axes="B, Q",
            letters=letters,
            mistakes={
                "one_more": [m + (y - m) / (t + 1), (t * m + y) / t, ((t - 1) * m + y) / (t + 1)],
                "one_less": [one_less, ((t - 1) * m + y) / (t - 1)],
                "sum": m + y,
                "mean_lost": [(m + y) / t, m + y / t],
                "half": (m + y) / 2,
                "stuck": m,
                "no_old": [y, y / t],
                "over_batch": [y.mean(0), m + (y.mean(0) - m) / t, np.mean(m + (y - m) / t, 0)],
            },
        )

    nothing = np.zeros((B, Q))
    first = s.mean_of_all(y, h, nothing, 1)
    same(first, y, "mean_of_all(y, h, zeros, t=1), the first mean,", mistakes={"one_more": [y / 2]})

    W_mh = rng.standard_normal((Q, H))
    same(
        s.weights_for_sum(W_mh, mu),
        (1 - mu) * W_mh,
        f"weights_for_sum(W_mh, mu={mu:.2f})",
        axes="Q, H",
        letters=letters,
        mistakes={"share": [W_mh * share for share in (1 / (1 - mu), mu, 1 / mu, 1.0, 1 + mu)]},
    )


# --- q2 -----------------------------------------------------------------------------------------------------


@question(
    "Elman's pass through time",
    points=2,
    asks=["elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None)"],
    hints={
        "stuck": (
            "The context never changes: every step sees the same one.",
            "At the end of each step copy the hidden state into the context, `m = h_t`; fill it with the "
            "initial context once, before the loop.",
        ),
        "early": (
            "The context has been renewed before it was used: at time t it already knows x_t.",
            "First h_t from the old context, then the copy. One tanh a step, not two.",
        ),
        "late": (
            "The context is one step too old: it holds h_{t-2}.",
            "The context of time t is h_{t-1}, the hidden state that you have just computed.",
        ),
        "not_copied": (
            "What comes back is not the hidden state of the step before.",
            "The context is a plain copy of h_t, *after* the tanh. Nothing is averaged or added up.",
        ),
        "from_context": (
            "The outputs are computed from the context: they lag one step behind.",
            "By (3.4) the output at time t comes from h_t, which has seen x_t: `h_t @ W_hq + b_q`.",
        ),
        "contexts": (
            "Your second result holds the contexts, not the hidden states.",
            "Collect h_t *after* it is computed. Row 0 has seen x_0; m_0 is none of the rows.",
        ),
        "one_buffer": (
            "All rows hold the hidden state of the last step.",
            "A list of one array, T times: each step writes into the array that is already in the list. "
            "Let each step make a new one.",
        ),
        "no_tanh": (
            "The hidden units have lost their tanh, or have another function in its place.",
            "The hidden layer is a tanh in (3.4); σ stands at the output only.",
        ),
        "no_sigma": (
            "The outputs do not go through σ.",
            "σ(z) = 1 / (1 + exp(-z)), for each output by itself: no tanh, no softmax.",
        ),
        "bias": (
            "A bias is missing, or stands in the wrong place.",
            "b_h is added inside the tanh, b_q inside σ, both at every step.",
        ),
        "turned": (
            "W_mh is used the other way round.",
            "Row vectors: `m @ W_mh`. Rows belong to the context, columns to the hidden units.",
        ),
        "no_start": (
            "The given initial context is not used.",
            "With `m_0` given, the context of time 0 is `m_0`; zeros only where it is None.",
        ),
        "leak": (
            "A sequence of the batch begins with what the one before it left in the context.",
            "Every sequence starts from its own row of m_0. Best, step all B of them together: m is (B, H).",
        ),
        "axes": (
            "Your loop runs along the batch, as if it were time.",
            "Time comes first: `for x_t in X` gives x_t of shape (B, D), one row for each sequence.",
        ),
        "shape": (
            "Something is missing, or stands in another order: time first, then the batch, then the units.",
            "Write the shape behind each line, `# (B, H)`, and collect one array for each of the T steps.",
        ),
        "carried": (
            "Called twice with the same numbers, your function gives two answers: it remembers.",
            "Make the first context inside the function, in every call: `np.zeros((B, H))`.",
        ),
        "mutated": (
            "Your function writes into an array that was handed to it.",
            "`m = m_0` gives one array a second name. Then `m[:] = h_t` or `m += …` overwrites m_0.",
        ),
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H, Q = (int(n) for n in rng.permutation([3, 4, 5, 6, 7]))
    X, m_0 = rng.standard_normal((T, B, D)), rng.uniform(-0.9, 0.9, (B, H))
    weights = elman_weights(D, H, Q, rng)
    letters = {"T": T, "B": B, "D": D, "H": H, "Q": Q}
    names = ("y_hat", "h")

    for start in (None, m_0):
        zeros = np.zeros((B, H))
        called = "elman(X, …)" if start is None else "elman(X, …, m_0)"
        m = zeros if start is None else start
        given = weights if start is None else (*weights, start)
        got, again = (parts(s.elman(X, *given), *names) for _ in range(2))
        for first, second, name in zip(got, again, names, strict=True):
            first, second = as_numbers(first, name), as_numbers(second, name)
            if np.isfinite(first).all() and not agree(second, first):
                told = {"carried": second}
                same(second, first, f"{name} of the second call of {called}", mistakes=told)

        right = run(X, m, *weights)
        wrong: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {
            "no_start": [run(X, zeros, *weights)] if start is not None else [],
            "leak": [_one_by_one(X, m, *weights)],
            "axes": [_exchanged(X, np.zeros((T, H)), *weights)] if start is None else [],
            "turned": [run(X, m, weights[0], weights[1].T, *weights[2:])],
            "stuck": [run(X, m, *weights, back=lambda m, a, h, y: m)],
            "early": [run(X, m, *weights, early=True), run(X, m, *weights, early=True, keep=True)],
            "late": [run(X, m, *weights, late=True)],
            "not_copied": [
                run(X, m, *weights, back=lambda m, a, h, y: a),
                run(X, m, *weights, back=lambda m, a, h, y: (m + h) / 2),
                run(X, m, *weights, back=lambda m, a, h, y: m + h),
            ],
            "no_tanh": [run(X, m, *weights, phi=phi) for phi in (_same, sigmoid, relu)],
            "bias": [run(X, m, *w) for w in _without_a_bias(*weights)] + _bias_misplaced(X, m, *weights),
        }
        outputs: dict[str, list[np.ndarray]] = {
            "from_context": [sigmoid(np.concatenate([m[None], right[1][:-1]]) @ weights[3] + weights[4])],
            "no_sigma": [run(X, m, *weights, out=out)[0] for out in (_same, np.tanh, softmax, relu)],
        }
        states: dict[str, list[np.ndarray]] = {
            "contexts": [
                np.concatenate([m[None], right[1][:-1]]),
                np.concatenate([m[None], right[1]]),
            ],
            "one_buffer": [np.repeat(right[1][-1:], T, axis=0)],
        }
        # what is wrong in the hidden states is wrong in the outputs too: look at the states first
        for k, name, axes, own in ((1, names[1], "T, B, H", states), (0, names[0], "T, B, Q", outputs)):
            told = {**own, **{code: [pair[k] for pair in pairs] for code, pairs in wrong.items()}}
            where = f"{name} of {called}"
            same(got[k], right[k], where, axes=axes, letters=letters, mistakes=told)


def elman_weights(D: int, H: int, Q: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """W_xh, W_mh, b_h, W_hq, b_q of moderate size, all biases well away from zero."""

    def bias(n: int) -> np.ndarray:
        return rng.uniform(0.3, 0.8, n) * rng.choice([-1.0, 1.0], n)

    W_xh, W_mh = rng.standard_normal((D, H)) / np.sqrt(D), rng.standard_normal((H, H)) / np.sqrt(H)
    return W_xh, W_mh, bias(H), rng.standard_normal((H, Q)), bias(Q)


def _same(z: np.ndarray) -> np.ndarray:
    return z


def run(
    X: np.ndarray,
    m: np.ndarray,
    W_xh: np.ndarray,
    W_mh: np.ndarray,
    b_h: np.ndarray,
    W_hq: np.ndarray,
    b_q: np.ndarray,
    *,
    back: Callable[..., np.ndarray] = lambda m, a, h, y: h,
    phi: Callable[[np.ndarray], np.ndarray] = np.tanh,
    out: Callable[[np.ndarray], np.ndarray] = sigmoid,
    early: bool = False,
    keep: bool = False,
    late: bool = False,
) -> tuple[np.ndarray, np.ndarray]:
    """Elman's pass (3.4): outputs (T, B, Q) and hidden states (T, B, H). What stands behind the star errs.

    ``early`` renews the context before it is used (and with ``keep`` that context is the one that stays);
    ``late`` uses the context of the step before.
    """
    y_hat, states, older = [], [], m
    for x_t in X:
        context = older if late else m
        if early:
            context = phi(x_t @ W_xh + m @ W_mh + b_h)
        a = x_t @ W_xh + context @ W_mh + b_h
        h = phi(a)
        y = out(h @ W_hq + b_q)
        y_hat.append(y)
        states.append(h)
        older, m = m, context if keep else back(m, a, h, y)
    return np.array(y_hat), np.array(states)


def _one_by_one(X: np.ndarray, m: np.ndarray, *weights: np.ndarray) -> Any:
    """One sequence after the other, each from the context that the last one left."""
    runs: list[tuple[np.ndarray, np.ndarray]] = []
    for b in range(X.shape[1]):
        start = runs[-1][1][-1] if runs else m[:1]
        runs.append(run(X[:, b : b + 1], start, *weights))
    return tuple(np.concatenate(part, axis=1) for part in zip(*runs, strict=True))


def _exchanged(X: np.ndarray, m: np.ndarray, *weights: np.ndarray) -> Any:
    """A pass along the batch, the time taken for the batch."""
    return tuple(part.swapaxes(0, 1) for part in run(X.swapaxes(0, 1), m, *weights))


def _without_a_bias(
    W_xh: np.ndarray, W_mh: np.ndarray, b_h: np.ndarray, W_hq: np.ndarray, b_q: np.ndarray
) -> list[tuple[np.ndarray, ...]]:
    """The weights with b_h, b_q or both set to zero."""
    biases = (0 * b_h, b_q), (b_h, 0 * b_q), (0 * b_h, 0 * b_q)
    return [(W_xh, W_mh, first, W_hq, second) for first, second in biases]


def _bias_misplaced(
    X: np.ndarray, m: np.ndarray, *weights: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """The passes in which b_h stands behind the tanh, or b_q behind σ."""
    W_xh, W_mh, b_h, W_hq, b_q = weights
    return [
        run(X, m, W_xh, W_mh, 0 * b_h, W_hq, b_q, phi=lambda a: np.tanh(a) + b_h),
        run(X, m, W_xh, W_mh, b_h, W_hq, 0 * b_q, out=lambda z: sigmoid(z) + b_q),
    ]


# --- q3 -----------------------------------------------------------------------------------------------------


@question(
    "The gradient stops here",
    points=3,
    asks=["elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq)"],
    hints={
        "order": (
            "The right gradients, in another order.",
            "Return them as the question names them: dW_xh, dW_mh, db_h, dW_hq, db_q.",
        ),
        "sign": (
            "Every entry has the wrong sign.",
            "A gradient points to where the loss *grows*: ŷ - y, not y - ŷ. The minus comes in training.",
        ),
        "batch_sum": (
            "Summed over the batch where the loss takes a mean: every entry is too large by the factor B.",
            "There is 1/B in front of the loss, so it stands in front of every gradient.",
        ),
        "time_mean": (
            "You take a mean over time. The loss is a *sum* over time.",
            "Divide by B only. A longer sequence has a larger gradient, and that is meant.",
        ),
        "squared": (
            "The derivative of σ stands in it once too often.",
            "Cross-entropy divides by exactly what the derivative of σ multiplies with; ŷ - y is left.",
        ),
        "doubled": (
            "Every entry is twice the right one: a factor 2 of some squared error.",
            "The loss here is a cross-entropy. Behind σ it leaves ŷ - y, without a 2.",
        ),
        "no_derivative": (
            "On its way through the hidden units the gradient has not met the right derivative of tanh.",
            "h is already tanh(a). The derivative of tanh at a is 1 - h²: multiply by it, entry by entry.",
        ),
        "last_step": (
            "Only one step counts: that of the last time, or of the first.",
            "Every step uses the same weights, so each adds its own part. Sum over all T of them.",
        ),
        "not_stopped": (
            "Your gradient runs on through the context to earlier steps. That is more than Elman did.",
            "Treat m_t as an input that came from outside, like x_t: nothing flows through W_mh. Every step "
            "is a small network by itself.",
        ),
        "now": (
            "dW_mh was made with h_t, the state after the weights, not with what they were multiplied with.",
            "W_mh meets the context m_t, which is h_{t-1}; at t = 0 it is m_0.",
        ),
        "no_start": (
            "In dW_mh the first step is missing, or the wrong context stands there.",
            "The contexts are m_0, h_0, …, h_{T-2}. The last h is the context of no step.",
        ),
        "not_summed": (
            "One axis is left over: the gradient of a weight has the shape of that weight.",
            "Sum over time *and* over the batch. `np.einsum('tbd,tbh->dh', X, a)` does both at once.",
        ),
        "shape": (
            "The gradient of a weight has the shape of that weight, no axis more and none less.",
            "Write the shape behind each line. Sums over time and batch leave (D, H), (H, H), (H,), …",
        ),
        "transposed": (
            "Rows and columns are exchanged.",
            "dW_xh has the shape of W_xh: inputs down, hidden units across. `x_t.T @ a_t` gives that.",
        ),
        "mutated": (
            "Your function writes into an array that was handed to it.",
            "`h *= …` and `y_hat -= …` overwrite the caller's array: make a new one, `e = y_hat - Y`.",
        ),
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H, Q = (int(n) for n in rng.permutation([3, 4, 5, 6, 7]))
    X, Y = rng.standard_normal((T, B, D)), rng.integers(0, 2, (T, B, Q)).astype(float)
    m_0 = rng.uniform(-0.9, 0.9, (B, H))
    weights = elman_weights(D, H, Q, rng)
    W_mh, W_hq = weights[1], weights[3]
    y_hat, h = run(X, m_0, *weights)
    letters = {"T": T, "B": B, "D": D, "H": H, "Q": Q}
    names = {"dW_xh": "D, H", "dW_mh": "H, H", "db_h": "H", "dW_hq": "H, Q", "db_q": "Q"}

    def back(dz: np.ndarray = (y_hat - Y) / B, **mistakes: Any) -> tuple[np.ndarray, ...]:
        return gradients(X, m_0, h, dz, W_mh, W_hq, **mistakes)

    right = back()
    early, late = np.zeros((T, 1, 1)), np.zeros((T, 1, 1))
    early[0] = late[-1] = 1
    squared = y_hat * (1 - y_hat)
    foreseen = {
        "sign": [back((Y - y_hat) / B), back(Y - y_hat)],
        "batch_sum": [back(y_hat - Y)],
        "time_mean": [back((y_hat - Y) / n) for n in (B * T, T)],
        "squared": [back((y_hat - Y) * squared / n) for n in (B, 1, B / 2, 0.5, B * T)],
        "doubled": [back(2 * (y_hat - Y) / n) for n in (B, 1, B * T)],
        "no_derivative": [
            back(slope=slope)
            for slope in (np.ones_like(h), 1 - np.tanh(h) ** 2, 1 - h, h * (1 - h), 1 + h**2)
        ],
        "last_step": [back(late * (y_hat - Y) / B), back(early * (y_hat - Y) / B)],
        "not_stopped": [back(stopped=False), back(one_more=True)],
        "now": [back(contexts=h)],
        "no_start": [
            back(contexts=np.concatenate([other[None], h[:-1]])) for other in (np.zeros((B, H)), h[-1])
        ],
    }
    got = parts(s.elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq), *names)
    for k in (3, 4, 0, 1, 2):  # from the output backwards, as the gradient goes
        name, axes = list(names.items())[k]
        told = {code: [values[k] for values in wrong] for code, wrong in foreseen.items()}
        told["order"] = [values for j, values in enumerate(right) if j != k]
        told = {code: [v for v in values if not agree(v, right[k])] for code, values in told.items()}
        same(got[k], right[k], name, axes=axes, letters=letters, mistakes=told)


def gradients(
    X: np.ndarray,
    m_0: np.ndarray,
    h: np.ndarray,
    dz: np.ndarray,
    W_mh: np.ndarray,
    W_hq: np.ndarray,
    *,
    slope: np.ndarray | None = None,
    contexts: np.ndarray | None = None,
    stopped: bool = True,
    one_more: bool = False,
) -> tuple[np.ndarray, ...]:
    """dW_xh, dW_mh, db_h, dW_hq, db_q from dz, the loss by the number that goes into σ.

    What stands behind the star errs. Not ``stopped``, the gradient runs through all earlier steps; with
    ``one_more``, through one of them.
    """
    slope = 1 - h**2 if slope is None else slope
    contexts = np.concatenate([m_0[None], h[:-1]]) if contexts is None else contexts
    direct = dz @ W_hq.T
    da = direct * slope
    if one_more:
        da[:-1] += (direct[1:] * slope[1:]) @ W_mh.T * slope[:-1]
    if not stopped:
        for t in range(len(X) - 2, -1, -1):
            da[t] += da[t + 1] @ W_mh.T * slope[t]

    def summed(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.einsum("tbi,tbj->ij", a, b)

    return summed(X, da), summed(contexts, da), da.sum((0, 1)), summed(h, dz), dz.sum((0, 1))


# --- q4 -----------------------------------------------------------------------------------------------------


@question(
    "The card counter who loses",
    points=3,
    asks=["jordan(X, Y, W_xh, W_mh, b_h, W_hq, b_q)"],
    hints={
        "mutated": (
            "Your program writes into an array that was handed to it.",
            "`y_hat = Y` gives one array two names. Make a new one: `np.zeros(Y.shape)`.",
        ),
        "sees_target": (
            "When it calls card t, the context already holds card t. Counting a card before it is called "
            "makes its colour look *less* likely.",
            "First the output at time t, from the context of the cards before. Then the card enters: move "
            "the line.",
        ),
        "own_output": (
            "What comes back is the network's own output, not the card that fell.",
            "By the time the line is reached, `y_hat[t, b]` has been overwritten. In training, and at the "
            "table, what comes back is the true output: `Y[t, b]`.",
        ),
        "carried": (
            "A sequence begins with what the one before it left in the context.",
            "A new deck, a new count: *both*, the context and the number of outputs in it, begin again at 0 "
            "for each b.",
        ),
        "future": (
            "The context knows the whole sequence, the outputs after time t too.",
            "At time t it is the mean of `Y[:t, b]`: those before t.",
        ),
        "late": (
            "The newest output is missing from the context.",
            "At time t the context is the mean of `Y[:t, b]`, and the last of these is the one at t - 1.",
        ),
        "no_context": (
            "The context stays where it began: nothing comes back.",
            "After each output let the true one enter the mean, m + (Y[t, b] - m) / n.",
        ),
        "count": (
            "The number you divide by is not the number of outputs in the context.",
            "When the first output enters, n is 1: raise n, then m + (Y[t, b] - m) / n.",
        ),
        "sum": (
            "The context holds the sum of the outputs, not their mean.",
            "By (3.2) it is the mean of all outputs so far: m + (Y[t, b] - m) / n.",
        ),
        "last": (
            "The context holds the last output only.",
            "By (3.2) it is the mean of *all* outputs before time t.",
        ),
        "shared": (
            "All sequences share one context: the mean ran over the batch too.",
            "Each sequence counts its own outputs. With all of them stepped together, m is (B, Q).",
        ),
        "start": (
            "The context does not begin at zero.",
            "Before the first output there is nothing to average: m is 0 at t = 0, in every sequence.",
        ),
        "shape": (
            "The outputs stand in another order, or some are missing.",
            "Time first, then the batch: `y_hat[t, b]` is the output of sequence b at time t.",
        ),
        "network": (
            "The context is right; what the network makes of it is not.",
            "Leave that line as it was: tanh(x W_xh + m W_mh + b_h), then σ(h W_hq + b_q).",
        ),
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    T, B, D, H, Q = (int(n) for n in rng.permutation([3, 4, 5, 6, 7]))
    X = rng.standard_normal((T, B, D))
    Y = rng.uniform(0.05, 0.95, (T, B, Q))
    W_xh, _, b_h, W_hq, b_q = elman_weights(D, H, Q, rng)
    weights = W_xh, rng.uniform(0.5, 1.5, (Q, H)) * rng.choice([-1.0, 1.0], (Q, H)), b_h, W_hq, b_q

    def wrong(**mistakes: Any) -> np.ndarray:
        return counted(X, Y, weights, **mistakes)

    right = wrong()
    means = np.array([Y[:t].mean(0) if t else np.zeros((B, Q)) for t in range(T)])
    sums = np.cumsum(Y, axis=0) - Y
    number = np.arange(T)[:, None, None]
    resets = ("", "m", "n", "mn")  # what is set to zero at the beginning of a sequence

    def told(contexts: np.ndarray, **other: Any) -> np.ndarray:
        return network(X, contexts, weights, **other)

    before = np.concatenate([np.zeros((1, B, Q)), Y[:-1]])
    same(
        s.jordan(X, Y, *weights),
        right,
        "jordan(X, Y, …)",
        axes="T, B, Q",
        letters={"T": T, "B": B, "D": D, "H": H, "Q": Q},
        mistakes={
            "sees_target": [wrong(early=True, reset=r) for r in resets],
            "own_output": [wrong(comes=c, reset=r) for c, r in product(("own", "called"), resets)],
            "carried": [wrong(reset=r) for r in resets[:-1]],
            "future": [told(np.broadcast_to(Y.mean(0), Y.shape)), told(Y[::-1].cumsum(0)[::-1])],
            "late": [told(np.concatenate([0 * means[:1], means[:-1]]))],
            "no_context": [told(0 * means)],
            "count": [told(sums / (number + 1)), told(sums / T)],
            "sum": [told(sums)],
            "last": [told(before)],
            "shared": [told(np.broadcast_to(part.mean(1, keepdims=True), Y.shape)) for part in (means, Y)],
            "start": [
                told(np.where(number == 0, other, means)) for other in (0.5, 1.0, Y[:1], Y[-1:], Y.mean(0))
            ],
            "network": [
                told(means, out=_same),
                told(means, out=np.tanh),
                told(means, phi=sigmoid),
                told(means, phi=_same),
                network(X, means, (W_xh, weights[1], 0 * b_h, W_hq, b_q)),
                network(X, means, (W_xh, weights[1], b_h, W_hq, 0 * b_q)),
                network(0 * X, means, weights),
            ],
        },
    )


def network(
    X: np.ndarray,
    m: np.ndarray,
    weights: tuple[np.ndarray, ...],
    phi: Callable[[np.ndarray], np.ndarray] = np.tanh,
    out: Callable[[np.ndarray], np.ndarray] = sigmoid,
) -> np.ndarray:
    """What the network makes of inputs (…, D) and contexts (…, M)."""
    W_xh, W_mh, b_h, W_hq, b_q = weights
    return out(phi(X @ W_xh + m @ W_mh + b_h) @ W_hq + b_q)


def counted(
    X: np.ndarray,
    Y: np.ndarray,
    weights: tuple[np.ndarray, ...],
    *,
    early: bool = False,
    comes: str = "true",
    reset: str = "mn",
) -> np.ndarray:
    """Jordan's network with the mean (3.2) of the true outputs, one sequence after the other: (T, B, Q).

    What stands behind the star errs: the output enters ``early``; the network's ``own`` one comes back, or
    the one it ``called``; not both, the mean m and the count n, are ``reset`` between sequences.
    """
    T, B, Q = Y.shape
    y_hat = np.zeros((T, B, Q))
    m, n = np.zeros(Q), 0
    for b in range(B):
        m = np.zeros(Q) if "m" in reset else m
        n = 0 if "n" in reset else n
        for t in range(T):
            n += 1
            if early:
                m = m + (Y[t, b] - m) / n
            y_hat[t, b] = network(X[t, b], m, weights)
            if not early:
                own = {"true": Y[t, b], "own": y_hat[t, b], "called": (y_hat[t, b] > 0.5) * 1.0}
                m = m + (own[comes] - m) / n
    return y_hat


# --- q5 -----------------------------------------------------------------------------------------------------

SET, RESET, WAIT, ASK = range(4)
WORDS = ("SET", "RESET", "WAIT", "ASK")


@question(
    "What the output does not say",
    points=3,
    asks=["two_stories(L)", "latch()"],
    hints={
        "symbols": (
            "A story is a list of symbols, each of them SET, RESET, WAIT or ASK.",
            "Those names stand for 0, 1, 2 and 3: return two lists of such numbers, of one length.",
        ),
        "lengths": (
            "One story is longer than the other. Both must be at the same time when they are compared.",
            "Fill the shorter one up with WAIT.",
        ),
        "counts": (
            "The stories are not made of the same symbols: whoever counts them can tell the two apart.",
            "Let both hold a SET and a RESET. What is left to differ is their order.",
        ),
        "last_inputs": (
            "A window of the last L inputs would know which story it is in: they must be the same in both.",
            "What tells the two apart must stand in front of the last L symbols.",
        ),
        "outputs_tell": (
            "An output before the end differs, so the contexts differ from there on: they hold it.",
            "No ASK may come between what tells the two stories apart and the end.",
        ),
        "same_answer": (
            "At the end the right answers are the same: then there is nothing that had to be remembered.",
            "End both with ASK. The last SET or RESET is a SET in one story and a RESET in the other.",
        ),
        "numbers": (
            "The weights do not fit together as (3.4) has them, or are no finite numbers.",
            "W_xh (4, H), W_mh (H, H), b_h (H,), W_hq (H, 1), b_q (1,), with H at most 8.",
        ),
        "inverted": (
            "Yes and no have changed places.",
            "Look at the signs of W_hq and b_q: the unit that answers must push the output *up*.",
        ),
        "silent": (
            "Either the bit does not come on at SET, or the answer does not rise at ASK.",
            "Let one unit hold the bit. Let another one rise only when the bit is on in the context *and* "
            "ASK comes in: both terms together must exceed its threshold, neither may alone.",
        ),
        "start": (
            "Asked before anything was set, it says yes, or hesitates.",
            "The context starts at 0, halfway between on and off. For the unit that answers, 0 must count "
            "as off: ask, and an empty context, stay below its threshold.",
        ),
        "unasked": (
            "It says yes, or hesitates, where nobody asked.",
            "The bit alone must not raise the answer: lower the bias of the unit that answers, until the "
            "bit *and* ASK are needed.",
        ),
        "not_reset": (
            "RESET does not put the bit out.",
            "The weight from RESET to the bit's unit must be negative, and larger than what the unit sends "
            "itself when it is on.",
        ),
        "stiff": (
            "Once it has been cleared, SET no longer puts the bit on.",
            "The weight from SET must be larger than what the unit sends itself when it is off.",
        ),
        "asking": (
            "After an ASK the bit is no longer what it was: asking has written it.",
            "ASK must not move the unit that holds the bit: its weight to that unit is 0, or small.",
        ),
        "forgets": (
            "It was set and should be on, but after many steps it no longer is.",
            "The unit must hold itself up: with a weight to itself above 1, tanh has two resting places.",
        ),
        "drifts": (
            "It should be off, but after many steps it says yes, or hesitates.",
            "Look at what the unit of the bit does at WAIT, from off and from 0: it must not climb.",
        ),
        "unsure": (
            "Right side, too timid: where yes is right more than 0.9 is asked for, where no, below 0.1.",
            "Make the weights larger, all of W_hq and b_q first.",
        ),
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    for L in (1, int(rng.integers(5, 9)), int(rng.integers(20, 40))):
        _two_stories(s.two_stories(L), L)
    weights = _weights_that_fit(parts(s.latch(), "W_xh", "W_mh", "b_h", "W_hq", "b_q"))
    _must_answer(weights, rng)


def answers_to(symbols: np.ndarray) -> np.ndarray:
    """The right answer at every step: 1 at an ASK whose last SET or RESET was a SET, else 0."""
    out, on = np.zeros(len(symbols)), False
    for t, symbol in enumerate(symbols):
        on = symbol == SET or (on and symbol != RESET)
        out[t] = float(symbol == ASK and on)
    return out


def _two_stories(got: Any, L: int) -> None:
    stories = []
    called = f"two_stories({L})"
    if isinstance(got, np.ndarray) and got.ndim == 2 and len(got) == 2:
        got = list(got)
    for story, which in zip(parts(got, "first", "second"), ("first", "second"), strict=True):
        if isinstance(story, list):  # the words themselves are as good as their numbers
            story = [WORDS.index(symbol) if symbol in WORDS else symbol for symbol in story]
        try:
            story = as_numbers(story, "")
        except Wrong:
            shown = f"the {which} story of {called} is no list of symbols"
            raise Wrong("symbols", f"{shown}; expected numbers from 0 to 3") from None
        if story.ndim != 1 or not story.size or not np.isin(story, range(4)).all():
            shown = f"has shape {story.shape}" if story.ndim != 1 else f"holds {story[:6]}"
            raise Wrong("symbols", f"the {which} story of {called} {shown}; expected symbols from 0 to 3")
        stories.append(story.astype(int))
    first, second = stories
    if len(first) != len(second):
        raise Wrong("lengths", f"{called}: the stories have {len(first)} and {len(second)} symbols")
    counts = [np.bincount(story, minlength=4) for story in stories]
    if (counts[0] != counts[1]).any():
        k = int(np.argmax(counts[0] != counts[1]))
        line = f"{called}: {WORDS[k]} comes {counts[0][k]} times in one and {counts[1][k]} times in the other"
        raise Wrong("counts", line)
    if len(first) <= L:
        raise Wrong("last_inputs", f"{called}: {len(first)} symbols each, none before the last {L}")
    if (first[-L:] != second[-L:]).any():
        t = len(first) - L + int(np.argmax(first[-L:] != second[-L:]))
        differ = f"{WORDS[first[t]]} in one and {WORDS[second[t]]} in the other"
        raise Wrong("last_inputs", f"{called}: symbol {t} of 0 to {len(first) - 1} is {differ}")
    right = [answers_to(story) for story in stories]
    apart = np.flatnonzero(right[0] != right[1])
    if apart.size and apart[0] < len(first) - 1:
        t = apart[0]
        said = f"{right[0][t]:.0f} in one and {right[1][t]:.0f} in the other story"
        raise Wrong("outputs_tell", f"{called}: at step {t} the right output is {said}")
    if not apart.size:
        raise Wrong("same_answer", f"{called}: both stories end with the right answer {right[0][-1]:.0f}")


def _told(story: np.ndarray) -> str:
    return "…" * (len(story) > 6) + " ".join(WORDS[symbol] for symbol in story[-6:])


def _weights_that_fit(got: list[Any]) -> list[np.ndarray]:
    names = ("W_xh", "W_mh", "b_h", "W_hq", "b_q")
    weights = [as_numbers(value, name).astype(float) for value, name in zip(got, names, strict=True)]
    H = weights[2].size
    shapes = ((4, H), (H, H), (H,), (H, 1), (1,))
    for value, name, shape in zip(weights, names, shapes, strict=True):
        if value.shape != shape:
            raise Wrong("numbers", f"`{name}` has shape {value.shape}, expected {shape} with H = {H}")
        if not np.isfinite(value).all():
            raise Wrong("numbers", f"`{name}` holds NaN or infinity")
    if not 1 <= H <= 8:
        raise Wrong("numbers", f"there are {H} hidden units, expected 1 to 8")
    return weights


def _must_answer(weights: list[np.ndarray], rng: np.random.Generator) -> None:
    """Ask the latch ever harder questions; each of the first ones is there for one mistake."""
    long = [WAIT] * int(rng.integers(60, 80))
    mixed = [rng.choice(4, 90, p=p).tolist() for p in ([0.1, 0.1, 0.2, 0.6], [0.25] * 4) * 10]
    told = {
        "silent": [[SET, ASK]],
        "start": [[ASK]],
        "unasked": [[SET, WAIT], [RESET, WAIT], [WAIT, WAIT]],
        "forgets": [[SET, *long, ASK]],
        "drifts": [[RESET, *long, ASK], [*long, ASK]],
        "not_reset": [[SET, RESET, ASK], [SET, WAIT, WAIT, RESET, WAIT, ASK]],
        "stiff": [[RESET, SET, ASK], [RESET, WAIT, WAIT, SET, WAIT, ASK]],
        "asking": [[SET, *[ASK] * 6], [RESET, *[ASK] * 6], [ASK] * 6],
        "values": mixed,
    }
    if np.ptp(_said(weights, mixed[0])) < 1e-9:
        level = _said(weights, mixed[0])[0]
        raise Wrong("constant", f"your network says {level:.3f} at every step, whatever comes in")
    unsure = ""
    for code, stories in told.items():
        for story in stories:
            symbols = np.array(story)
            right = answers_to(symbols) > 0.5
            said = _said(weights, story)
            off = np.flatnonzero(~np.where(right, said > 0.5, said < 0.5))
            timid = np.flatnonzero(~np.where(right, said > 0.9, said < 0.1))
            if off.size:
                t = int(off[0])
                if code == "silent" and off.size == len(story):
                    code = "inverted"
                elif symbols[t] != ASK:
                    code = "unasked"
                raise Wrong(code, _answer(symbols, said, right, t))
            if timid.size and not unsure:
                unsure = _answer(symbols, said, right, int(timid[0]))
    if unsure:
        raise Wrong("unsure", unsure)


def _said(weights: list[np.ndarray], story: list[int]) -> np.ndarray:
    """The network's output at every step of a story: (T,)."""
    return run(np.eye(4)[story][:, None], np.zeros((1, weights[2].size)), *weights)[0][:, 0, 0]


def _answer(symbols: np.ndarray, said: np.ndarray, right: np.ndarray, t: int) -> str:
    expected = "more than 0.9" if right[t] else "less than 0.1"
    return f"after {_told(symbols[: t + 1])} your network says {said[t]:.3f}, expected {expected}"
