"""Wrong answers to exercise 05, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

from functools import cache

import numpy as np
from catalogue import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


# --- q1 -----------------------------------------------------------------------------------------------------


@wrong("q1", "sign")
def error_squared(y_hat, y):
    return (y - y_hat) / y.shape[1]


@wrong("q1", "no_mean")
def error_squared(y_hat, y):
    return y_hat - y


@wrong("q1", "by_time")
def error_squared(y_hat, y):
    return (y_hat - y) / len(y)


@wrong("q1", "by_all")
def error_squared(y_hat, y):
    return (y_hat - y) / y.size


@wrong("q1", "doubled")
def error_squared(y_hat, y):
    return 2 * (y_hat - y) / y.shape[1]


@wrong("q1", "doubled")
def error_squared(y_hat, y):
    return 2 * (y_hat - y) / y.size


@wrong("q1", "halved")
def error_squared(y_hat, y):
    return (y_hat - y) / (2 * y.shape[1])


@wrong("q1", "loss")
def error_squared(y_hat, y):
    return (y_hat - y) ** 2 / (2 * y.shape[1])


@wrong("q1", "shape")
def error_squared(y_hat, y):
    return (y_hat - y).mean(axis=1)


@wrong("q1", "shape")
def error_squared(y_hat, y):
    return ((y_hat - y) ** 2).sum() / 2 / y.shape[1]


@wrong("q1", "mutated")
def error_squared(y_hat, y):
    y_hat -= y
    return y_hat / y.shape[1]


def softmax(z, axis=-1):
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def one_hot(z, y):
    return np.eye(z.shape[-1])[y]


@wrong("q1", "sign")
def error_cross_entropy(z, y):
    return (one_hot(z, y) - softmax(z)) / z.shape[1]


@wrong("q1", "no_mean")
def error_cross_entropy(z, y):
    return softmax(z) - one_hot(z, y)


@wrong("q1", "by_time")
def error_cross_entropy(z, y):
    return (softmax(z) - one_hot(z, y)) / len(z)


@wrong("q1", "by_all")
def error_cross_entropy(z, y):
    return (softmax(z) - one_hot(z, y)) / y.size


@wrong("q1", "no_softmax")
def error_cross_entropy(z, y):
    return (z - one_hot(z, y)) / z.shape[1]


@wrong("q1", "logistic")
def error_cross_entropy(z, y):
    with np.errstate(over="ignore"):
        return (1 / (1 + np.exp(-z)) - one_hot(z, y)) / z.shape[1]


@wrong("q1", "axis")
def error_cross_entropy(z, y):
    return (softmax(z, axis=1) - one_hot(z, y)) / z.shape[1]


@wrong("q1", "axis")
def error_cross_entropy(z, y):
    powers = np.exp(z)
    return (powers / powers.sum() - one_hot(z, y)) / z.shape[1]


@wrong("q1", "no_target")
def error_cross_entropy(z, y):
    return softmax(z) / z.shape[1]


@wrong("q1", "everywhere")
def error_cross_entropy(z, y):
    p = softmax(z)
    p[:, :, y] -= 1
    return p / z.shape[1]


@wrong("q1", "target_only")
def error_cross_entropy(z, y):
    return (softmax(z) - 1) * one_hot(z, y) / z.shape[1]


@wrong("q1", "by_probability")
def error_cross_entropy(z, y):
    return -one_hot(z, y) / softmax(z) / z.shape[1]


@wrong("q1", "softmax_twice")
def error_cross_entropy(z, y):
    p = softmax(z)
    return (p - one_hot(z, y)) * p * (1 - p) / z.shape[1]


@wrong("q1", "loss")
def error_cross_entropy(z, y):
    return -np.log(softmax(z)) * one_hot(z, y) / z.shape[1]


@wrong("q1", "overflow")
def error_cross_entropy(z, y):
    with np.errstate(all="ignore"):
        powers = np.exp(z)
        p = powers / powers.sum(axis=-1, keepdims=True)
    return (p - one_hot(z, y)) / z.shape[1]


@wrong("q1", "overflow")
def error_cross_entropy(z, y):
    with np.errstate(all="ignore"):
        powers = np.exp(z)
        p = np.nan_to_num(powers / powers.sum(axis=-1, keepdims=True))
    return (p - one_hot(z, y)) / z.shape[1]


@wrong("q1", "one_maximum")
def error_cross_entropy(z, y):
    with np.errstate(all="ignore"):
        powers = np.exp(z - z.max())
        p = powers / powers.sum(axis=-1, keepdims=True)
    return (p - one_hot(z, y)) / z.shape[1]


@wrong("q1", "clipped")
def error_cross_entropy(z, y):
    powers = np.exp(np.clip(z, -500, 500))
    return (powers / powers.sum(axis=-1, keepdims=True) - one_hot(z, y)) / z.shape[1]


@wrong("q1", "raised")
def error_cross_entropy(z, y):
    return (softmax(z) - y) / z.shape[1]


@wrong("q1", "mutated")
def error_cross_entropy(z, y):
    z -= z.max(axis=-1, keepdims=True)
    return (softmax(z) - one_hot(z, y)) / z.shape[1]


# --- q2 -----------------------------------------------------------------------------------------------------


@wrong("q2", "no_slope")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq.T + delta_next @ W_hh.T


@wrong("q2", "wrong_step")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq.T + (delta_next * (1 - h_t**2)) @ W_hh.T


@wrong("q2", "wrong_step")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq.T + delta_next @ W_hh.T * (1 - h_t**2)


@wrong("q2", "slope_after")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq.T + (delta_next @ W_hh.T) * (1 - h_next**2)


@wrong("q2", "too_far")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return (e_t @ W_hq.T + delta_next @ W_hh.T) * (1 - h_t**2)


@wrong("q2", "too_far")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return (e_t @ W_hq.T + (delta_next * (1 - h_next**2)) @ W_hh.T) * (1 - h_t**2)


@wrong("q2", "own_slope")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq.T * (1 - h_t**2) + (delta_next * (1 - h_next**2)) @ W_hh.T


@wrong("q2", "untransposed")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq.T + (delta_next * (1 - h_next**2)) @ W_hh


@wrong("q2", "no_own_error")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return (delta_next * (1 - h_next**2)) @ W_hh.T


@wrong("q2", "no_later")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq.T


@wrong("q2", "other_slope")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq.T + (delta_next * (1 - h_next)) @ W_hh.T


@wrong("q2", "other_slope")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq.T + (delta_next * h_next * (1 - h_next)) @ W_hh.T


@wrong("q2", "other_slope")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq.T + (delta_next * (1 - np.tanh(h_next) ** 2)) @ W_hh.T


@wrong("q2", "elementwise")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq.T + delta_next * (1 - h_next**2) * np.diag(W_hh)


@wrong("q2", "added")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return delta_next + e_t @ W_hq.T + (delta_next * (1 - h_next**2)) @ W_hh.T


@wrong("q2", "shared")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return (e_t @ W_hq.T + (delta_next * (1 - h_next**2)) @ W_hh.T).sum(axis=0)


@wrong("q2", "shared")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t.sum(axis=0) @ W_hq.T + (delta_next * (1 - h_next**2)) @ W_hh.T


@wrong("q2", "raised")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return e_t @ W_hq + (delta_next * (1 - h_next**2)) @ W_hh.T


@wrong("q2", "transposed")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    return W_hq @ e_t.T + W_hh @ (delta_next * (1 - h_next**2)).T


@wrong("q2", "mutated")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    delta_next *= 1 - h_next**2
    return e_t @ W_hq.T + delta_next @ W_hh.T


@wrong("q2", "nothing")
def step_back(e_t, delta_next, h_t, h_next, W_hh, W_hq):
    _ = e_t @ W_hq.T + (delta_next * (1 - h_next**2)) @ W_hh.T


# --- q3 -----------------------------------------------------------------------------------------------------


def way_back(X, E, states, h_before, W_hh, W_hq):
    """The right six."""
    earlier, back = np.concatenate([h_before[None], states[:-1]]), 0.0
    a = np.zeros_like(states)
    for t in reversed(range(len(X))):
        a[t] = (E[t] @ W_hq.T + back) * (1 - states[t] ** 2)
        back = a[t] @ W_hh.T
    return *from_inside(X, E, states, earlier, a), back


def from_inside(X, E, states, earlier, a):
    """Five gradients from the errors inside the tanh."""
    pairs = (X, a), (earlier, a), (states, E)
    dW_xh, dW_hh, dW_hq = (np.einsum("tbi,tbj->ij", *pair) for pair in pairs)
    return dW_xh, dW_hh, a.sum((0, 1)), dW_hq, E.sum((0, 1))


@wrong("q3", "one_step")
def bptt(X, E, states, h_before, W_hh, W_hq):
    back, earlier = 0.0, [h_before, *states]
    for t in reversed(range(len(X))):
        a = (E[t] @ W_hq.T + back) * (1 - states[t] ** 2)
        dW_xh, dW_hh, db_h = X[t].T @ a, earlier[t].T @ a, a.sum(0)
        dW_hq, db_q = states[t].T @ E[t], E[t].sum(0)
        back = a @ W_hh.T
    return dW_xh, dW_hh, db_h, dW_hq, db_q, back


@wrong("q3", "one_step")
def bptt(X, E, states, h_before, W_hh, W_hq):
    dW_xh, _, *others = way_back(X, E, states, h_before, W_hh, W_hq)
    back = way_back(X[1:], E[1:], states[1:], states[0], W_hh, W_hq)[-1]
    a = (E[0] @ W_hq.T + back) * (1 - states[0] ** 2)
    return dW_xh, h_before.T @ a, *others  # `=` where the others have `+=`


@wrong("q3", "one_step")
def bptt(X, E, states, h_before, W_hh, W_hq):
    found = way_back(X, E, states, h_before, W_hh, W_hq)
    return *found[:3], states[-1].T @ E[-1], *found[4:]


@wrong("q3", "no_slope")
def bptt(X, E, states, h_before, W_hh, W_hq):
    back, a = 0.0, np.zeros_like(states)
    for t in reversed(range(len(X))):
        a[t] = E[t] @ W_hq.T + back
        back = a[t] @ W_hh.T
    return *from_inside(X, E, states, np.concatenate([h_before[None], states[:-1]]), a), back


@wrong("q3", "no_slope")  # the slope enters the weights, but not the way back
def bptt(X, E, states, h_before, W_hh, W_hq):
    delta, deltas = 0.0, np.zeros_like(states)
    for t in reversed(range(len(X))):
        deltas[t] = E[t] @ W_hq.T + delta
        delta = deltas[t] @ W_hh.T
    a = deltas * (1 - states**2)
    return *from_inside(X, E, states, np.concatenate([h_before[None], states[:-1]]), a), delta


@wrong("q3", "no_slope")  # the bias is not inside the tanh
def bptt(X, E, states, h_before, W_hh, W_hq):
    found, back, db_h = way_back(X, E, states, h_before, W_hh, W_hq), 0.0, 0.0
    for t in reversed(range(len(X))):
        delta = E[t] @ W_hq.T + back
        db_h += delta.sum(0)
        back = (delta * (1 - states[t] ** 2)) @ W_hh.T
    return *found[:2], db_h, *found[3:]


@wrong("q3", "wrong_step")
def bptt(X, E, states, h_before, W_hh, W_hq):
    earlier, back = np.concatenate([h_before[None], states[:-1]]), 0.0
    a = np.zeros_like(states)
    for t in reversed(range(len(X))):
        a[t] = (E[t] @ W_hq.T + back) * (1 - earlier[t] ** 2)
        back = a[t] @ W_hh.T
    return *from_inside(X, E, states, earlier, a), back


@wrong("q3", "untransposed")
def bptt(X, E, states, h_before, W_hh, W_hq):
    return way_back(X, E, states, h_before, W_hh.T, W_hq)


@wrong("q3", "no_past")
def bptt(X, E, states, h_before, W_hh, W_hq):
    a = E @ W_hq.T * (1 - states**2)
    earlier = np.concatenate([h_before[None], states[:-1]])
    return *from_inside(X, E, states, earlier, a), a[0] @ W_hh.T


@wrong("q3", "no_past")
def bptt(X, E, states, h_before, W_hh, W_hq):
    a = E @ W_hq.T * (1 - states**2)
    earlier = np.concatenate([h_before[None], states[:-1]])
    return *from_inside(X, E, states, earlier, a), np.zeros_like(h_before)


@wrong("q3", "piled_up")
def bptt(X, E, states, h_before, W_hh, W_hq):
    earlier, back = np.concatenate([h_before[None], states[:-1]]), 0.0
    a = np.zeros_like(states)
    for t in reversed(range(len(X))):
        a[t] = (E[t] @ W_hq.T + back) * (1 - states[t] ** 2)
        back = back + a[t] @ W_hh.T
    return *from_inside(X, E, states, earlier, a), back


@wrong("q3", "shifted")
def bptt(X, E, states, h_before, W_hh, W_hq):
    back, a = 0.0, np.zeros_like(states)
    for t in reversed(range(len(X))):
        a[t] = (E[t] @ W_hq.T + back) * (1 - states[t] ** 2)
        back = a[t] @ W_hh.T
    return *from_inside(X, E, states, states, a), back


@wrong("q3", "shifted")
def bptt(X, E, states, h_before, W_hh, W_hq):
    found = way_back(X, E, states, h_before, W_hh, W_hq)
    earlier = np.concatenate([h_before[None], states[:-1]])
    return *found[:3], np.einsum("tbi,tbj->ij", earlier, E), *found[4:]


@wrong("q3", "no_start")
def bptt(X, E, states, h_before, W_hh, W_hq):
    dW_xh, _, *others = way_back(X, E, states, h_before, W_hh, W_hq)
    at_zero = way_back(X, E, states, 0 * h_before, W_hh, W_hq)[1]
    return dW_xh, at_zero, *others


@wrong("q3", "forwards")
def bptt(X, E, states, h_before, W_hh, W_hq):
    earlier, back = np.concatenate([h_before[None], states[:-1]]), 0.0
    a = np.zeros_like(states)
    for t in range(len(X)):
        a[t] = (E[t] @ W_hq.T + back) * (1 - states[t] ** 2)
        back = a[t] @ W_hh.T
    return *from_inside(X, E, states, earlier, a), back


@wrong("q3", "last_loss")
def bptt(X, E, states, h_before, W_hh, W_hq):
    last = np.zeros_like(E)
    last[-1] = E[-1]
    return way_back(X, last, states, h_before, W_hh, W_hq)


@wrong("q3", "averaged")
def bptt(X, E, states, h_before, W_hh, W_hq):
    *five, dh = way_back(X, E, states, h_before, W_hh, W_hq)
    return *(g / len(X) for g in five), dh


@wrong("q3", "averaged")
def bptt(X, E, states, h_before, W_hh, W_hq):
    return tuple(g / len(X) for g in way_back(X, E, states, h_before, W_hh, W_hq))


@wrong("q3", "batch_twice")
def bptt(X, E, states, h_before, W_hh, W_hq):
    return way_back(X, E / X.shape[1], states, h_before, W_hh, W_hq)


@wrong("q3", "batch_twice")
def bptt(X, E, states, h_before, W_hh, W_hq):
    found = way_back(X, E, states, h_before, W_hh, W_hq)
    return *found[:2], found[2] / X.shape[1], *found[3:]  # `a.mean(axis=0)` for the bias


@wrong("q3", "not_summed")
def bptt(X, E, states, h_before, W_hh, W_hq):
    found = way_back(X, E, states, h_before, W_hh, W_hq)
    return *found[:4], E.sum(axis=1), found[5]


@wrong("q3", "exchanged")
def bptt(X, E, states, h_before, W_hh, W_hq):
    dW_xh, dW_hh, db_h, dW_hq, db_q, dh = way_back(X, E, states, h_before, W_hh, W_hq)
    return dW_xh, dW_hh, db_q, dW_hq, db_h, dh


@wrong("q3", "exchanged")
def bptt(X, E, states, h_before, W_hh, W_hq):
    dW_xh, dW_hh, db_h, dW_hq, db_q, dh = way_back(X, E, states, h_before, W_hh, W_hq)
    return dW_xh, dW_hh, dW_hq, db_h, db_q, dh


@wrong("q3", "start")
def bptt(X, E, states, h_before, W_hh, W_hq):
    *five, _ = way_back(X, E, states, h_before, W_hh, W_hq)
    back = way_back(X[1:], E[1:], states[1:], states[0], W_hh, W_hq)[-1]
    return *five, E[0] @ W_hq.T + back


@wrong("q3", "start")
def bptt(X, E, states, h_before, W_hh, W_hq):
    *five, _ = way_back(X, E, states, h_before, W_hh, W_hq)
    back = way_back(X[1:], E[1:], states[1:], states[0], W_hh, W_hq)[-1]
    return *five, (E[0] @ W_hq.T + back) @ W_hh.T


@wrong("q3", "start_shape")
def bptt(X, E, states, h_before, W_hh, W_hq):
    *five, dh = way_back(X, E, states, h_before, W_hh, W_hq)
    return *five, dh.sum(axis=0)


@wrong("q3", "sign")
def bptt(X, E, states, h_before, W_hh, W_hq):
    return tuple(-g for g in way_back(X, E, states, h_before, W_hh, W_hq))


@wrong("q3", "transposed")
def bptt(X, E, states, h_before, W_hh, W_hq):
    dW_xh, dW_hh, *others = way_back(X, E, states, h_before, W_hh, W_hq)
    return dW_xh, dW_hh.T, *others


@wrong("q3", "transposed")
def bptt(X, E, states, h_before, W_hh, W_hq):
    dW_xh, *others = way_back(X, E, states, h_before, W_hh, W_hq)
    return dW_xh.T, *others


@wrong("q3", "type")
def bptt(X, E, states, h_before, W_hh, W_hq):
    return way_back(X, E, states, h_before, W_hh, W_hq)[:5]


@wrong("q3", "raised")
def bptt(X, E, states, h_before, W_hh, W_hq):
    return way_back(X, E, states, h_before, W_hh, W_hq.T)


@wrong("q3", "mutated")
def bptt(X, E, states, h_before, W_hh, W_hq):
    E /= X.shape[1]
    return way_back(X, E * X.shape[1], states, h_before, W_hh, W_hq)


@wrong("q3", "mutated")
def bptt(X, E, states, h_before, W_hh, W_hq):
    found = way_back(X, E, states, h_before, W_hh, W_hq)
    h_before[:] = found[-1]
    return found


@wrong("q3", "zeros")
def bptt(X, E, states, h_before, W_hh, W_hq):
    return tuple(np.zeros_like(g) for g in way_back(X, E, states, h_before, W_hh, W_hq))


# --- q4 -----------------------------------------------------------------------------------------------------


def forward(X, h, W_xh, W_hh, b_h, W_hq, b_q):
    """The right states and outputs."""
    states = []
    for x in X:
        h = np.tanh(x @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.array(states), np.array(states) @ W_hq + b_q


def pieces(X, Y, h, weights, starts, start=None):
    """The right six of each piece; `start` takes the place of the state that is carried."""
    found, ends = [], [*starts[1:], len(X)]
    for first, end in zip(starts, ends, strict=True):
        states, outputs = forward(X[first:end], h, *weights)
        E = (outputs - Y[first:end]) / X.shape[1]
        found.append(way_back(X[first:end], E, states, h, weights[1], weights[3]))
        h = states[-1] if start is None else start
    return found


def together(found):
    return *(sum(piece[i] for piece in found) for i in range(5)), found[0][5]


def cut(X, Y, h_before, weights, k):
    """The right answer."""
    return together(pieces(X, Y, h_before, weights, range(0, len(X), k)))


@wrong("q4", "leaks")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    return cut(X, Y, h_before, (W_xh, W_hh, b_h, W_hq, b_q), len(X))


@wrong("q4", "reset")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    weights = W_xh, W_hh, b_h, W_hq, b_q
    return together(pieces(X, Y, h_before, weights, range(0, len(X), k), np.zeros_like(h_before)))


@wrong("q4", "reset")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    weights = W_xh, W_hh, b_h, W_hq, b_q
    found = pieces(X, Y, h_before, weights, range(0, len(X), k), h_before)
    return tuple(sum(piece[i] for piece in found) for i in range(6))


@wrong("q4", "one_more")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    return cut(X, Y, h_before, (W_xh, W_hh, b_h, W_hq, b_q), k + 1)


@wrong("q4", "one_less")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    return cut(X, Y, h_before, (W_xh, W_hh, b_h, W_hq, b_q), max(1, k - 1))


@wrong("q4", "from_the_end")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    starts = sorted({0, *range(max(len(X) - k, 0), 0, -k)})
    return together(pieces(X, Y, h_before, (W_xh, W_hh, b_h, W_hq, b_q), starts))


@wrong("q4", "sliding")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    states, outputs = forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q)
    E, earlier = (outputs - Y) / X.shape[1], [h_before, *states]
    total = [np.zeros_like(W) for W in (W_xh, W_hh, b_h, W_hq, b_q, h_before)]
    for t in range(len(X)):
        blame = E[t] @ W_hq.T
        total[3] += states[t].T @ E[t]
        total[4] += E[t].sum(0)
        for i in range(t, max(-1, t - k), -1):
            a = blame * (1 - states[i] ** 2)
            blame = a @ W_hh.T
            for W, share in zip(total[:3], (X[i].T @ a, earlier[i].T @ a, a.sum(0)), strict=True):
                W += share
            if i == 0:
                total[5] += blame
    return tuple(total)


@wrong("q4", "one_piece")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    return pieces(X, Y, h_before, (W_xh, W_hh, b_h, W_hq, b_q), range(0, len(X), k))[-1]


@wrong("q4", "one_piece")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    return cut(X[:k], Y[:k], h_before, (W_xh, W_hh, b_h, W_hq, b_q), k)


@wrong("q4", "dropped")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    whole = max(len(X) // k * k, min(k, len(X)))
    return cut(X[:whole], Y[:whole], h_before, (W_xh, W_hh, b_h, W_hq, b_q), k)


@wrong("q4", "divided")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    found = pieces(X, Y, h_before, (W_xh, W_hh, b_h, W_hq, b_q), range(0, len(X), k))
    *five, dh = together(found)
    return *(g / len(found) for g in five), dh


@wrong("q4", "divided")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    return tuple(g / len(X) for g in cut(X, Y, h_before, (W_xh, W_hh, b_h, W_hq, b_q), k))


@wrong("q4", "start")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    found = pieces(X, Y, h_before, (W_xh, W_hh, b_h, W_hq, b_q), range(0, len(X), k))
    return tuple(sum(piece[i] for piece in found) for i in range(6))


@wrong("q4", "start")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    found = pieces(X, Y, h_before, (W_xh, W_hh, b_h, W_hq, b_q), range(0, len(X), k))
    return *together(found)[:5], found[-1][5]


@wrong("q4", "no_start")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    h, total = h_before, 0.0
    weights = W_xh, W_hh, b_h, W_hq, b_q
    for first in range(0, len(X), k):
        x, y = X[first : first + k], Y[first : first + k]
        states, outputs = forward(x, h, *weights)
        E = (outputs - y) / X.shape[1]
        total += way_back(x, E, states, 0 * h, W_hh, W_hq)[1]
        h = states[-1]
    dW_xh, _, *others = cut(X, Y, h_before, weights, k)
    return dW_xh, total, *others


@wrong("q4", "no_mean")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    return tuple(g * X.shape[1] for g in cut(X, Y, h_before, (W_xh, W_hh, b_h, W_hq, b_q), k))


@wrong("q4", "doubled")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    return tuple(2 * g for g in cut(X, Y, h_before, (W_xh, W_hh, b_h, W_hq, b_q), k))


@wrong("q4", "raised")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    _, outputs = forward(X[:k], h_before, W_xh, W_hh, b_h, W_hq, b_q)
    return (outputs - Y) / X.shape[1]


@wrong("q4", "mutated")
def truncated_bptt(X, Y, h_before, W_xh, W_hh, b_h, W_hq, b_q, k):
    weights = W_xh, W_hh, b_h, W_hq, b_q
    found = cut(X, Y, h_before, weights, k)
    h_before[:] = forward(X, h_before, *weights)[0][-1]
    return found


# --- q5 -----------------------------------------------------------------------------------------------------


def go(batches, weights, rate, leak=False, gradients=None, step=None):
    """The right training, or one with a state, a gradient or a step of another kind."""
    h = None
    for X, Y in batches:
        if h is None or not leak:
            h = np.zeros((X.shape[1], len(weights[2])))
        states, outputs = forward(X, h, *weights)
        E = (outputs - Y) / X.shape[1]
        found = (gradients or way_back)(X, E, states, h, weights[1], weights[3])[:5]
        h = states[-1]
        weights = (step or downhill)(weights, found, rate)
    return tuple(weights)


def downhill(weights, gradients, rate):
    return [W - rate * dW for W, dW in zip(weights, gradients, strict=True)]


def first_share(*which):
    """Gradients of which some hold the share of t = 0 only."""

    def gradients(X, E, states, h, W_hh, W_hq):
        found = list(way_back(X, E, states, h, W_hh, W_hq))
        back = way_back(X[1:], E[1:], states[1:], states[0], W_hh, W_hq)[-1]
        a = (E[0] @ W_hq.T + back) * (1 - states[0] ** 2)
        alone = X[0].T @ a, h.T @ a, a.sum(0), states[0].T @ E[0], E[0].sum(0)
        for k in which:
            found[k] = alone[k]
        return found

    return gradients


@wrong("q5", "as_it_was")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate, leak=True, gradients=first_share(1))


@wrong("q5", "leak")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate, leak=True)


@wrong("q5", "one_share")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate, gradients=first_share(1))


@wrong("q5", "one_share_all")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate, gradients=first_share(0, 1, 2, 3, 4))


@wrong("q5", "one_share_all")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate, gradients=first_share(0, 1, 2))


@wrong("q5", "carried_gradient")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    so_far = [0.0] * 5

    def gradients(*given):
        so_far[:] = [old + new for old, new in zip(so_far, way_back(*given)[:5], strict=True)]
        return so_far

    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate, gradients=gradients)


@wrong("q5", "averaged")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    def gradients(X, *others):
        return [g / len(X) for g in way_back(X, *others)]

    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate, gradients=gradients)


@wrong("q5", "reset")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    for X, Y in batches:
        states = []
        for x in X:
            h = np.zeros((X.shape[1], len(b_h)))
            h = np.tanh(x @ W_xh + h @ W_hh + b_h)
            states.append(h)
        E = (np.array(states) @ W_hq + b_q - Y) / X.shape[1]
        a = E @ W_hq.T * (1 - np.array(states) ** 2)
        dW_xh, _, db_h, dW_hq, db_q = from_inside(X, E, np.array(states), np.array(states), a)
        W_xh, b_h, W_hq, b_q = downhill((W_xh, b_h, W_hq, b_q), (dW_xh, db_h, dW_hq, db_q), rate)
    return W_xh, W_hh, b_h, W_hq, b_q


@wrong("q5", "no_past")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    def gradients(X, E, states, h, W_hh, W_hq):
        a = E @ W_hq.T * (1 - states**2)
        return from_inside(X, E, states, np.concatenate([h[None], states[:-1]]), a)

    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate, gradients=gradients)


@wrong("q5", "every_step")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    for X, Y in batches:
        h = np.zeros((X.shape[1], len(b_h)))
        states, outputs = forward(X, h, W_xh, W_hh, b_h, W_hq, b_q)
        E, earlier, back = (outputs - Y) / X.shape[1], [h, *states], 0.0
        for t in reversed(range(len(X))):
            a = (E[t] @ W_hq.T + back) * (1 - states[t] ** 2)
            back = a @ W_hh.T
            W_xh = W_xh - rate * X[t].T @ a
            W_hh = W_hh - rate * earlier[t].T @ a
            b_h = b_h - rate * a.sum(0)
            W_hq, b_q = W_hq - rate * states[t].T @ E[t], b_q - rate * E[t].sum(0)
    return W_xh, W_hh, b_h, W_hq, b_q


@wrong("q5", "all_at_once")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    total, weights = [0.0] * 5, (W_xh, W_hh, b_h, W_hq, b_q)
    for X, Y in batches:
        found = pieces(X, Y, np.zeros((X.shape[1], len(b_h))), weights, [0])[0]
        total = [old + new for old, new in zip(total, found[:5], strict=True)]
    return tuple(downhill(weights, total, rate))


@wrong("q5", "last_batch")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    first = W_xh, W_hh, b_h, W_hq, b_q
    for X, Y in batches:
        found = pieces(X, Y, np.zeros((X.shape[1], len(b_h))), first, [0])[0]
        new = downhill(first, found[:5], rate)
    return tuple(new)


@wrong("q5", "uphill")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), -rate)


@wrong("q5", "frozen")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate)
    return W_xh, W_hh, b_h, W_hq, b_q


@wrong("q5", "frozen")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    def step(weights, gradients, rate):
        return [*downhill(weights, gradients, rate)[:4], weights[4]]

    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate, step=step)


@wrong("q5", "batch_size")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    def gradients(X, *others):
        return [g / X.shape[1] for g in way_back(X, *others)]

    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate, gradients=gradients)


@wrong("q5", "raised")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    for X, _ in batches:
        h = np.zeros((len(X), len(b_h)))  # (T, H)
        h = np.tanh(X[0] @ W_xh + h @ W_hh + b_h)
    return W_xh, W_hh, b_h, W_hq, b_q


@wrong("q5", "mutated")
def train(batches, W_xh, W_hh, b_h, W_hq, b_q, rate):
    def step(weights, gradients, rate):
        for W, dW in zip(weights, gradients, strict=True):
            W -= rate * dW
        return weights

    return go(batches, (W_xh, W_hh, b_h, W_hq, b_q), rate, step=step)


# --- q6, q7, q8 ---------------------------------------------------------------------------------------------


def every(code, *questions):
    """An answer that is wrong in all three steps of question 6, or in those that are named."""

    def add(function):
        for name in questions or ("q6", "q7", "q8"):
            wrong(name, code)(function)
        return function

    return add


def wired(gain=6.0, lean=0.0, start=1.0):
    """A network that subtracts, made by hand.

    Three units say whether a - b - borrow is at least -1, at least 0, at least 1, and the middle one keeps
    the borrow: it is up while none is owed. The digit is odd or even, one of up - up + up.
    With a lean the middle unit is unsure, and the less so the larger the gain.
    """
    W_xh = gain * np.array([[1.0] * 3, [-1.0] * 3])
    W_hh, b_h = np.zeros((3, 3)), gain * np.array([1.0, lean, -1.0])
    W_hh[1] = gain / 2
    odd = np.array([[1.0], [-1.0], [1.0]]) / 2
    return [W_xh, W_hh, b_h, np.hstack([-odd, odd]), np.zeros(2), start * np.array([0.0, 1.0, 0.0])]


@every("one_output")
def subtractor():
    W_xh, W_hh, b_h, W_hq, b_q, h_before = wired()
    return W_xh, W_hh, b_h, W_hq[:, 1:], b_q[1:], h_before


@every("transposed")
def subtractor():
    W_xh, W_hh, b_h, W_hq, b_q, h_before = wired()
    return W_xh.T, W_hh.T, b_h, W_hq.T, b_q, h_before


@every("transposed")
def subtractor():
    W_xh, W_hh, b_h, W_hq, b_q, h_before = wired()
    return W_xh, W_hh, b_h, W_hq.T, b_q, h_before


@every("too_large")
def subtractor():
    draw = np.random.default_rng(0).standard_normal
    return draw((2, 500)), draw((500, 500)), draw(500), draw((500, 2)), draw(2), draw(500)


@every("nan")
def subtractor():
    W_xh, W_hh, *others = wired()
    return W_xh, W_hh * np.nan, *others


@every("constant")
def subtractor():
    net = wired()
    net[3] = 0 * net[3]
    return tuple(net)


@every("adds")  # three units for a + b + carry: at least 1, at least 2, at least 3
def subtractor():
    net = wired()
    net[0] = np.abs(net[0])
    net[2] = 6 * (np.array([-0.5, -1.5, -2.5]) + 0.5)
    net[5] = -net[5]
    return tuple(net)


@every("no_borrow")
def subtractor():
    net = wired()
    net[1], net[2] = 0 * net[1], net[2] + net[1][1]  # as if nothing were ever owed
    return tuple(net)


@every("no_chain")  # a fourth unit compares the two bits of this place only, and is what the next one hears
def subtractor():
    net = wired()
    W_hh = np.zeros((4, 4))
    W_hh[3, :3] = 3.0
    W_xh, b_h = np.hstack([net[0], [[6.0], [-6.0]]]), np.append(net[2], 3.0)
    return W_xh, W_hh, b_h, np.vstack([net[3], [[0.0, 0.0]]]), net[4], np.array([0.0, 0.0, 0.0, 1.0])


@every("swapped")
def subtractor():
    net = wired()
    net[0] = net[0][::-1]
    return tuple(net)


@every("inverted")
def subtractor():
    net = wired()
    net[3] = net[3][:, ::-1]
    return tuple(net)


@every("late")  # three more units repeat what the first three said a step ago
def subtractor():
    net, H = wired(), 6
    W_hh = np.zeros((H, H))
    W_hh[:3, :3], W_hh[:3, 3:] = net[1], 6 * np.eye(3)
    W_xh, b_h = np.hstack([net[0], np.zeros((2, 3))]), np.append(net[2], np.zeros(3))
    return W_xh, W_hh, b_h, np.vstack([0 * net[3], net[3]]), net[4], np.append(net[5], np.zeros(3))


@every("start")
def subtractor():
    return tuple(wired(start=-1.0))


@every("other_phi")  # right with a logistic function, whose units run from 0 to 1
def subtractor():
    net = wired(12.0)
    net[1], net[2], net[5] = 2 * net[1], net[2] - net[1][1], (net[5] + 1) / 2
    odd = np.array([[1.0], [-1.0], [1.0]])
    net[3], net[4] = np.hstack([-odd, odd]), np.array([0.5, -0.5])
    return tuple(net)


@cache
def trained_on_turned_bits():
    """A network that was given the highest place first."""
    rng, H, shift = np.random.default_rng(0), 8, np.arange(7, -1, -1)[:, None]
    shapes = (2, H), (H, H), (H,), (H, 2), (2,), (H,)
    net = [rng.standard_normal(s) / np.sqrt(s[0]) * (len(s) == 2) for s in shapes]
    for _ in range(300):
        b, a = np.sort(rng.integers(0, 256, (2, 32)), axis=0)
        X = np.stack([a >> shift & 1, b >> shift & 1], axis=2).astype(float)
        states, z = forward(X, np.tile(net[5], (32, 1)), *net[:5])
        E = (softmax(z) - np.eye(2)[a - b >> shift & 1]) / 32
        found = way_back(X, E, states, np.tile(net[5], (32, 1)), net[1], net[3])
        net = [*downhill(net[:5], found[:5], 0.3), net[5]]
    return tuple(net)


@every("most_first")
def subtractor():
    return trained_on_turned_bits()


@every("type")
def subtractor():
    return tuple(wired()[:5])


@every("type")
def subtractor():
    return np.arange(256)[:, None] - np.arange(256)  # no network at all, but all answers


@every("shape")
def subtractor():
    net = wired()
    net[5] = np.zeros((32, 3))  # one state for each sequence of a batch
    return tuple(net)


@every("raised")
def subtractor():
    net = wired()
    net[3] = net[3] @ net[1]
    return tuple(net)


@every("not_yet")
def subtractor():
    return tuple(wired(6.0, lean=0.4))


@every("not_yet")
def subtractor():
    draw = np.random.default_rng(0).standard_normal
    return draw((2, 8)), draw((8, 8)), draw(8), draw((8, 2)), draw(2), draw(8)


@every("almost", "q7")
@every("not_yet", "q8")
def subtractor():
    return tuple(wired(2.5, lean=0.1))


@every("fades", "q8")
def subtractor():
    return tuple(wired(3.0, lean=0.1))


@every("fades", "q8")
def subtractor():
    return tuple(wired(2.1, lean=0.02))
