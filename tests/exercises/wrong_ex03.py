"""Wrong answers to exercise 03, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

import numpy as np
from catalogue import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


def sigma(z):
    return 1 / (1 + np.exp(-z))


# --- q1 -----------------------------------------------------------------------------------------------------


@wrong("q1", "not_copied")
def copy_of_hidden(y, h, m):
    return m


@wrong("q1", "not_copied")
def copy_of_hidden(y, h, m):
    return np.tanh(h)


@wrong("q1", "not_copied")
def copy_of_hidden(y, h, m):
    return y


@wrong("q1", "not_copied")
def copy_of_hidden(y, h, m):
    return (m + h) / 2


@wrong("q1", "mutated")
def copy_of_hidden(y, h, m):
    m[:] = h
    return m


@wrong("q1", "nothing")
def copy_of_hidden(y, h, m):
    m = h  # noqa: F841


@wrong("q1", "swapped")
def running_average(y, h, m, mu):
    return (1 - mu) * m + mu * y


@wrong("q1", "unweighted")
def running_average(y, h, m, mu):  # Jordan's own rule of 1986
    return mu * m + y


@wrong("q1", "unweighted")
def running_average(y, h, m, mu):
    return m + (1 - mu) * y


@wrong("q1", "no_old")
def running_average(y, h, m, mu):
    return (1 - mu) * y


@wrong("q1", "half")
def running_average(y, h, m, mu):
    return np.mean([m, y], axis=0)


@wrong("q1", "mutated")
def running_average(y, h, m, mu):
    m *= mu
    m += (1 - mu) * y
    return m


@wrong("q1", "raised")
def running_average(y, h, m, mu):
    return mu * m + (1 - mu) * h


@wrong("q1", "one_more")
def mean_of_all(y, h, m, t):
    return m + (y - m) / (t + 1)


@wrong("q1", "one_more")
def mean_of_all(y, h, m, t):
    return (t * m + y) / (t + 1)


@wrong("q1", "one_less")
def mean_of_all(y, h, m, t):
    return m + (y - m) / (t - 1) if t > 1 else y


@wrong("q1", "sum")
def mean_of_all(y, h, m, t):
    return m + y


@wrong("q1", "mean_lost")
def mean_of_all(y, h, m, t):
    return (m + y) / t


@wrong("q1", "half")
def mean_of_all(y, h, m, t):
    return (m + y) / 2


@wrong("q1", "no_old")
def mean_of_all(y, h, m, t):
    return y / t


@wrong("q1", "stuck")
def mean_of_all(y, h, m, t):
    return m if t > 1 else y


@wrong("q1", "over_batch")
def mean_of_all(y, h, m, t):
    return y.mean(axis=0)


@wrong("q1", "mutated")
def mean_of_all(y, h, m, t):
    m += (y - m) / t
    return m


@wrong("q1", "share")
def weights_for_sum(W_mh, mu):
    return W_mh / (1 - mu)


@wrong("q1", "share")
def weights_for_sum(W_mh, mu):
    return mu * W_mh


@wrong("q1", "share")
def weights_for_sum(W_mh, mu):
    return W_mh


@wrong("q1", "mutated")
def weights_for_sum(W_mh, mu):
    W_mh *= 1 - mu
    return W_mh


# --- q2 -----------------------------------------------------------------------------------------------------


def passed(X, m, W_xh, W_mh, b_h, W_hq, b_q, back=lambda m, h, y: h, phi=np.tanh, out=sigma):
    """The right pass, or one with another function in one place."""
    y_hat, states = [], []
    for x_t in X:
        h = phi(x_t @ W_xh + m @ W_mh + b_h)
        y = out(h @ W_hq + b_q)
        m = back(m, h, y)
        y_hat.append(y)
        states.append(h)
    return np.array(y_hat), np.array(states)


def start(X, b_h, m_0):
    return np.zeros((X.shape[1], len(b_h))) if m_0 is None else m_0


@wrong("q2", "stuck")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    m = start(X, b_h, m_0)
    h = np.array([np.tanh(x_t @ W_xh + m @ W_mh + b_h) for x_t in X])
    return sigma(h @ W_hq + b_q), h


@wrong("q2", "early")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    h, y_hat, states = start(X, b_h, m_0), [], []
    for x_t in X:
        m = np.tanh(x_t @ W_xh + h @ W_mh + b_h)
        h = np.tanh(x_t @ W_xh + m @ W_mh + b_h)
        y_hat.append(sigma(h @ W_hq + b_q))
        states.append(h)
    return np.array(y_hat), np.array(states)


@wrong("q2", "late")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    m = h = start(X, b_h, m_0)
    y_hat, states = [], []
    for x_t in X:
        before = h
        h = np.tanh(x_t @ W_xh + m @ W_mh + b_h)
        y_hat.append(sigma(h @ W_hq + b_q))
        states.append(h)
        m = before
    return np.array(y_hat), np.array(states)


@wrong("q2", "not_copied")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    m = start(X, b_h, m_0)
    return passed(X, m, W_xh, W_mh, b_h, W_hq, b_q, back=lambda m, h, y: (m + h) / 2)


@wrong("q2", "not_copied")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    m, y_hat, states = start(X, b_h, m_0), [], []
    for x_t in X:
        m = x_t @ W_xh + m @ W_mh + b_h  # copied before the tanh
        states.append(np.tanh(m))
        y_hat.append(sigma(states[-1] @ W_hq + b_q))
    return np.array(y_hat), np.array(states)


@wrong("q2", "from_context")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    m, y_hat, states = start(X, b_h, m_0), [], []
    for x_t in X:
        h = np.tanh(x_t @ W_xh + m @ W_mh + b_h)
        y_hat.append(sigma(m @ W_hq + b_q))
        states.append(h)
        m = h
    return np.array(y_hat), np.array(states)


@wrong("q2", "contexts")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    m, y_hat, contexts = start(X, b_h, m_0), [], []
    for x_t in X:
        contexts.append(m)
        m = np.tanh(x_t @ W_xh + m @ W_mh + b_h)
        y_hat.append(sigma(m @ W_hq + b_q))
    return np.array(y_hat), np.array(contexts)


@wrong("q2", "contexts")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    states = [start(X, b_h, m_0)]
    for x_t in X:
        states.append(np.tanh(x_t @ W_xh + states[-1] @ W_mh + b_h))
    return sigma(np.array(states[1:]) @ W_hq + b_q), np.array(states)


@wrong("q2", "one_buffer")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    m = start(X, b_h, m_0).copy()
    y_hat, states = [], []
    for x_t in X:
        m[:] = np.tanh(x_t @ W_xh + m @ W_mh + b_h)
        y_hat.append(sigma(m @ W_hq + b_q))
        states.append(m)
    return np.array(y_hat), np.array(states)


@wrong("q2", "mutated")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    m, y_hat, states = start(X, b_h, m_0), [], []
    for x_t in X:
        m[:] = np.tanh(x_t @ W_xh + m @ W_mh + b_h)
        y_hat.append(sigma(m @ W_hq + b_q))
        states.append(m.copy())
    return np.array(y_hat), np.array(states)


@wrong("q2", "no_tanh")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    return passed(X, start(X, b_h, m_0), W_xh, W_mh, b_h, W_hq, b_q, phi=sigma)


@wrong("q2", "no_tanh")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    return passed(X, start(X, b_h, m_0), W_xh, W_mh, b_h, W_hq, b_q, phi=lambda a: a)


@wrong("q2", "no_sigma")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    return passed(X, start(X, b_h, m_0), W_xh, W_mh, b_h, W_hq, b_q, out=lambda z: z)


@wrong("q2", "no_sigma")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    def softmax(z):
        return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

    return passed(X, start(X, b_h, m_0), W_xh, W_mh, b_h, W_hq, b_q, out=softmax)


@wrong("q2", "bias")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    return passed(X, start(X, b_h, m_0), W_xh, W_mh, 0 * b_h, W_hq, b_q)


@wrong("q2", "bias")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    return passed(X, start(X, b_h, m_0), W_xh, W_mh, b_h, W_hq, 0)


@wrong("q2", "bias")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    def phi(a):
        return np.tanh(a - b_h) + b_h

    return passed(X, start(X, b_h, m_0), W_xh, W_mh, b_h, W_hq, b_q, phi=phi)


@wrong("q2", "raised")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):  # b_q in place of b_h, and the other way round
    return passed(X, start(X, b_h, m_0), W_xh, W_mh, b_q, W_hq, b_h)


@wrong("q2", "turned")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    return passed(X, start(X, b_h, m_0), W_xh, W_mh.T, b_h, W_hq, b_q)


@wrong("q2", "no_start")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    return passed(X, start(X, b_h, None), W_xh, W_mh, b_h, W_hq, b_q)


@wrong("q2", "leak")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    T, B, _ = X.shape
    y_hat, h = np.zeros((T, B, len(b_q))), np.zeros((T, B, len(b_h)))
    m = start(X, b_h, m_0)[0]
    for b in range(B):
        for t in range(T):
            m = np.tanh(X[t, b] @ W_xh + m @ W_mh + b_h)
            y_hat[t, b], h[t, b] = sigma(m @ W_hq + b_q), m
    return y_hat, h


@wrong("q2", "axes")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    T, B, _ = X.shape
    y_hat, h = np.zeros((T, B, len(b_q))), np.zeros((T, B, len(b_h)))
    m = np.zeros((T, len(b_h)))
    for b in range(B):
        m = np.tanh(X[:, b] @ W_xh + m @ W_mh + b_h)
        y_hat[:, b], h[:, b] = sigma(m @ W_hq + b_q), m
    return y_hat, h


kept = {}


@wrong("q2", "carried")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    m = kept.get(X.shape, start(X, b_h, m_0))
    if m.shape != (X.shape[1], len(b_h)):
        m = start(X, b_h, m_0)
    y_hat, h = passed(X, m, W_xh, W_mh, b_h, W_hq, b_q)
    kept[X.shape] = h[-1]
    return y_hat, h


@wrong("q2", "type")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    return passed(X, start(X, b_h, m_0), W_xh, W_mh, b_h, W_hq, b_q)[0]


@wrong("q2", "shape")
def elman(X, W_xh, W_mh, b_h, W_hq, b_q, m_0=None):
    y_hat, h = passed(X, start(X, b_h, m_0), W_xh, W_mh, b_h, W_hq, b_q)
    return y_hat, h[-1]  # the last state only


# --- q3 -----------------------------------------------------------------------------------------------------


def turned_back(X, m_0, h, dz, W_hq, slope=None, m=None):
    """The right gradients, or with another derivative or context."""
    slope = 1 - h**2 if slope is None else slope
    m = np.concatenate([m_0[None], h[:-1]]) if m is None else m
    da = dz @ W_hq.T * slope
    dW_xh, dW_mh, dW_hq = (
        sum(a_t.T @ b_t for a_t, b_t in zip(a, b, strict=True)) for a, b in ((X, da), (m, da), (h, dz))
    )
    return dW_xh, dW_mh, da.sum((0, 1)), dW_hq, dz.sum((0, 1))


@wrong("q3", "order")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    dW_xh, dW_mh, db_h, dW_hq, db_q = turned_back(X, m_0, h, (y_hat - Y) / X.shape[1], W_hq)
    return dW_hq, db_q, dW_xh, dW_mh, db_h


@wrong("q3", "order")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    dW_xh, dW_mh, db_h, dW_hq, db_q = turned_back(X, m_0, h, (y_hat - Y) / X.shape[1], W_hq)
    return dW_xh, dW_mh, dW_hq, db_h, db_q


@wrong("q3", "sign")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, (Y - y_hat) / X.shape[1], W_hq)


@wrong("q3", "batch_sum")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, y_hat - Y, W_hq)


@wrong("q3", "time_mean")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, (y_hat - Y) / (X.shape[0] * X.shape[1]), W_hq)


@wrong("q3", "time_mean")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, (y_hat - Y) / len(X), W_hq)


@wrong("q3", "squared")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, (y_hat - Y) * y_hat * (1 - y_hat) / X.shape[1], W_hq)


@wrong("q3", "squared")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, 2 * (y_hat - Y) * y_hat * (1 - y_hat) / X.shape[1], W_hq)


@wrong("q3", "doubled")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, 2 * (y_hat - Y) / X.shape[1], W_hq)


@wrong("q3", "no_derivative")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, (y_hat - Y) / X.shape[1], W_hq, slope=1)


@wrong("q3", "no_derivative")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, (y_hat - Y) / X.shape[1], W_hq, slope=1 - np.tanh(h) ** 2)


@wrong("q3", "no_derivative")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, (y_hat - Y) / X.shape[1], W_hq, slope=h * (1 - h))


@wrong("q3", "last_step")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    m = h[-2]
    dz = (y_hat[-1] - Y[-1]) / X.shape[1]
    da = dz @ W_hq.T * (1 - h[-1] ** 2)
    return X[-1].T @ da, m.T @ da, da.sum(0), h[-1].T @ dz, dz.sum(0)


@wrong("q3", "not_stopped")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    m = np.concatenate([m_0[None], h[:-1]])
    dz = (y_hat - Y) / X.shape[1]
    dW_xh, dW_mh, db_h = np.zeros((X.shape[2], h.shape[2])), np.zeros_like(W_mh), np.zeros(h.shape[2])
    dh_next = 0
    for t in reversed(range(len(X))):
        da = (dz[t] @ W_hq.T + dh_next) * (1 - h[t] ** 2)
        dW_xh += X[t].T @ da
        dW_mh += m[t].T @ da
        db_h += da.sum(0)
        dh_next = da @ W_mh.T
    return dW_xh, dW_mh, db_h, np.einsum("tbh,tbq->hq", h, dz), dz.sum((0, 1))


@wrong("q3", "now")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, (y_hat - Y) / X.shape[1], W_hq, m=h)


@wrong("q3", "no_start")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, 0 * m_0, h, (y_hat - Y) / X.shape[1], W_hq)


@wrong("q3", "no_start")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    m = np.stack([h[t - 1] for t in range(len(h))])  # h[-1] at t = 0
    return turned_back(X, m_0, h, (y_hat - Y) / X.shape[1], W_hq, m=m)


@wrong("q3", "not_summed")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    dz = (y_hat - Y) / X.shape[1]
    dW_xh, dW_mh, db_h, dW_hq, _ = turned_back(X, m_0, h, dz, W_hq)
    return dW_xh, dW_mh, db_h, dW_hq, dz.sum(0)


@wrong("q3", "not_summed")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    dz = (y_hat - Y) / X.shape[1]
    dW_xh, dW_mh, db_h, _, db_q = turned_back(X, m_0, h, dz, W_hq)
    return dW_xh, dW_mh, db_h, h.transpose(0, 2, 1) @ dz, db_q


@wrong("q3", "transposed")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    dW_xh, dW_mh, db_h, dW_hq, db_q = turned_back(X, m_0, h, (y_hat - Y) / X.shape[1], W_hq)
    return dW_xh.T, dW_mh.T, db_h, dW_hq.T, db_q


@wrong("q3", "transposed")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    dW_xh, dW_mh, db_h, dW_hq, db_q = turned_back(X, m_0, h, (y_hat - Y) / X.shape[1], W_hq)
    return dW_xh, dW_mh.T, db_h, dW_hq, db_q


@wrong("q3", "mutated")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    y_hat -= Y
    y_hat /= X.shape[1]
    return turned_back(X, m_0, h, y_hat, W_hq)


@wrong("q3", "shape")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    dW_xh, dW_mh, db_h, dW_hq, db_q = turned_back(X, m_0, h, (y_hat - Y) / X.shape[1], W_hq)
    return dW_xh, dW_mh, db_h[None], dW_hq, db_q[None]


@wrong("q3", "type")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):
    return turned_back(X, m_0, h, (y_hat - Y) / X.shape[1], W_hq)[:3]


@wrong("q3", "scaled")
def elman_gradients(X, Y, m_0, h, y_hat, W_mh, W_hq):  # averaged over the outputs too
    return turned_back(X, m_0, h, (y_hat - Y) / (X.shape[1] * Y.shape[2]), W_hq)


# --- q4 -----------------------------------------------------------------------------------------------------


@wrong("q4", "sees_target")
def jordan(X, Y, W_xh, W_mh, b_h, W_hq, b_q):  # the program as it was
    T, B, Q = Y.shape
    y_hat = Y.copy()
    m, n = np.zeros(Q), 0
    for b in range(B):
        for t in range(T):
            n += 1
            m = m + (y_hat[t, b] - m) / n
            h = np.tanh(X[t, b] @ W_xh + m @ W_mh + b_h)
            y_hat[t, b] = sigma(h @ W_hq + b_q)
    return y_hat


@wrong("q4", "sees_target")
def jordan(X, Y, W_xh, W_mh, b_h, W_hq, b_q):  # a new count for each sequence, and no more
    T, B, Q = Y.shape
    y_hat = Y.copy()
    for b in range(B):
        m = np.zeros(Q)
        for t, n in enumerate(range(1, T + 1)):
            m = m + (y_hat[t, b] - m) / n
            h = np.tanh(X[t, b] @ W_xh + m @ W_mh + b_h)
            y_hat[t, b] = sigma(h @ W_hq + b_q)
    return y_hat


@wrong("q4", "own_output")
def jordan(X, Y, W_xh, W_mh, b_h, W_hq, b_q):  # the line moved, and no more
    T, B, Q = Y.shape
    y_hat = Y.copy()
    m, n = np.zeros(Q), 0
    for b in range(B):
        for t in range(T):
            h = np.tanh(X[t, b] @ W_xh + m @ W_mh + b_h)
            y_hat[t, b] = sigma(h @ W_hq + b_q)
            n += 1
            m = m + (y_hat[t, b] - m) / n
    return y_hat


def played(X, Y, weights, enter, start=0.0):
    """The right program for all sequences at once, with another way for outputs to enter the context."""
    W_xh, W_mh, b_h, W_hq, b_q = weights
    m, y_hat = np.full(Y.shape[1:], start), np.zeros(Y.shape)
    for t in range(len(X)):
        y_hat[t] = sigma(np.tanh(X[t] @ W_xh + m @ W_mh + b_h) @ W_hq + b_q)
        m = enter(m, t, y_hat[t])
    return y_hat


@wrong("q4", "own_output")
def jordan(X, Y, *weights):
    return played(X, Y, weights, lambda m, t, y: m + (y - m) / (t + 1))


@wrong("q4", "own_output")
def jordan(X, Y, *weights):
    return played(X, Y, weights, lambda m, t, y: m + ((y > 0.5) - m) / (t + 1))


@wrong("q4", "carried")
def jordan(X, Y, W_xh, W_mh, b_h, W_hq, b_q):  # the true output after the call, but one count for all
    T, B, Q = Y.shape
    y_hat = np.zeros(Y.shape)
    m, n = np.zeros(Q), 0
    for b in range(B):
        for t in range(T):
            h = np.tanh(X[t, b] @ W_xh + m @ W_mh + b_h)
            y_hat[t, b] = sigma(h @ W_hq + b_q)
            n += 1
            m = m + (Y[t, b] - m) / n
    return y_hat


@wrong("q4", "carried")
def jordan(X, Y, W_xh, W_mh, b_h, W_hq, b_q):  # a new mean, and the old number
    y_hat, n = np.zeros(Y.shape), 0
    for b in range(Y.shape[1]):
        m = np.zeros(Y.shape[2])
        for t in range(len(Y)):
            y_hat[t, b] = sigma(np.tanh(X[t, b] @ W_xh + m @ W_mh + b_h) @ W_hq + b_q)
            n += 1
            m = m + (Y[t, b] - m) / n
    return y_hat


@wrong("q4", "carried")
def jordan(X, Y, W_xh, W_mh, b_h, W_hq, b_q):  # a new number, and the old mean
    y_hat, m = np.zeros(Y.shape), np.zeros(Y.shape[2])
    for b in range(Y.shape[1]):
        for t in range(len(Y)):
            y_hat[t, b] = sigma(np.tanh(X[t, b] @ W_xh + m @ W_mh + b_h) @ W_hq + b_q)
            m = m + (Y[t, b] - m) / (t + 1)
    return y_hat


@wrong("q4", "future")
def jordan(X, Y, W_xh, W_mh, b_h, W_hq, b_q):
    return sigma(np.tanh(X @ W_xh + Y.mean(axis=0) @ W_mh + b_h) @ W_hq + b_q)


@wrong("q4", "late")
def jordan(X, Y, *weights):
    return played(X, Y, weights, lambda m, t, y: Y[:t].mean(axis=0) if t else m)


@wrong("q4", "no_context")
def jordan(X, Y, *weights):
    return played(X, Y, weights, lambda m, t, y: m)


@wrong("q4", "count")
def jordan(X, Y, *weights):
    return played(X, Y, weights, lambda m, t, y: m + (Y[t] - m) / (t + 2))


@wrong("q4", "sum")
def jordan(X, Y, *weights):
    return played(X, Y, weights, lambda m, t, y: m + Y[t])


@wrong("q4", "last")
def jordan(X, Y, *weights):
    return played(X, Y, weights, lambda m, t, y: Y[t])


@wrong("q4", "shared")
def jordan(X, Y, *weights):
    return played(X, Y, weights, lambda m, t, y: m + (Y[t].mean(axis=0) - m) / (t + 1))


@wrong("q4", "start")
def jordan(X, Y, *weights):
    return played(X, Y, weights, lambda m, t, y: m + (Y[t] - m) / (t + 1), start=0.5)


@wrong("q4", "network")
def jordan(X, Y, W_xh, W_mh, b_h, W_hq, b_q):
    y_hat = played(X, Y, (W_xh, W_mh, b_h, W_hq, b_q), lambda m, t, y: m + (Y[t] - m) / (t + 1))
    return np.log(y_hat / (1 - y_hat))  # as it was before σ


@wrong("q4", "shape")
def jordan(X, Y, *weights):
    return played(X, Y, weights, lambda m, t, y: m + (Y[t] - m) / (t + 1)).swapaxes(0, 1)


@wrong("q4", "mutated")
def jordan(X, Y, W_xh, W_mh, b_h, W_hq, b_q):
    y_hat, m = Y, np.zeros(Y.shape[1:])
    for t in range(len(X)):
        true = Y[t].copy()
        y_hat[t] = sigma(np.tanh(X[t] @ W_xh + m @ W_mh + b_h) @ W_hq + b_q)
        m = m + (true - m) / (t + 1)
    return y_hat


# --- q5 -----------------------------------------------------------------------------------------------------

SET, RESET, WAIT, ASK = range(4)


@wrong("q5", "symbols")
def two_stories(L):
    return ["on", "off", *["wait"] * L, "ask"], ["off", "on", *["wait"] * L, "ask"]


@wrong("q5", "symbols")
def two_stories(L):
    end = [WAIT] * L + [ASK]
    return np.eye(4)[[RESET, SET, *end]], np.eye(4)[[SET, RESET, *end]]


@wrong("q5", "lengths")
def two_stories(L):
    end = [WAIT] * L + [ASK]
    return [RESET, SET, *end], [SET, *end]


@wrong("q5", "counts")
def two_stories(L):  # the chapter's own pair
    return [SET, *[WAIT] * L, ASK], [RESET, *[WAIT] * L, ASK]


@wrong("q5", "last_inputs")
def two_stories(L):
    return [RESET, SET, ASK], [SET, RESET, ASK]


@wrong("q5", "last_inputs")
def two_stories(L):  # one step short
    end = [*[WAIT] * (L - 2), ASK]
    return [RESET, SET, *end], [SET, RESET, *end]


@wrong("q5", "last_inputs")
def two_stories(L):
    return [*[WAIT] * L, RESET, SET, ASK], [*[WAIT] * L, SET, RESET, ASK]


@wrong("q5", "outputs_tell")
def two_stories(L):
    return [RESET, SET, *[ASK] * (L + 1)], [SET, RESET, *[ASK] * (L + 1)]


@wrong("q5", "outputs_tell")
def two_stories(L):
    return [SET, ASK, RESET, *[WAIT] * L, ASK], [SET, RESET, ASK, *[WAIT] * L, ASK]


@wrong("q5", "same_answer")
def two_stories(L):
    return [RESET, SET, *[WAIT] * L], [SET, RESET, *[WAIT] * L]  # nobody asks


@wrong("q5", "same_answer")
def two_stories(L):
    return [SET, WAIT, *[WAIT] * L, ASK], [WAIT, SET, *[WAIT] * L, ASK]  # on in both


@wrong("q5", "same_answer")
def two_stories(L):
    return [SET, *[WAIT] * L, ASK], [SET, *[WAIT] * L, ASK]


@wrong("q5", "type")
def two_stories(L):
    return [SET, RESET, *[WAIT] * L, ASK]


def made(bit=(5.0, -5.0, 0.0, 0.0), yes=(0.0, 0.0, 0.0, 5.0), hold=2.0, up=5.0, biases=(0, -7.5), out=5.0):
    """The right latch, or one with other numbers in one place."""
    W_mh = np.array([[hold, up], [0.0, 0.0]])
    return np.array([bit, yes]).T, W_mh, np.array(biases) * 1.0, np.array([[0.0], [out]]), np.zeros(1)


@wrong("q5", "numbers")
def latch():
    W_xh, *rest = made()
    return W_xh.T, *rest


@wrong("q5", "numbers")
def latch():
    *rest, W_hq, b_q = made()
    return *rest, W_hq[:, 0], b_q


@wrong("q5", "silent")
def latch():
    return made(biases=(0, -12))


@wrong("q5", "inverted")
def latch():
    return made(out=-5.0)


@wrong("q5", "silent")
def latch():  # the bit as row, not as column: it reaches nobody
    W_xh, W_mh, *rest = made()
    return W_xh, W_mh.T, *rest


@wrong("q5", "constant")
def latch():
    return tuple(np.zeros(shape) for shape in ((4, 2), (2, 2), (2,), (2, 1), (1,)))


@wrong("q5", "start")
def latch():
    return made(biases=(0, -2.5))


@wrong("q5", "unasked")
def latch():
    W_xh, W_mh, b_h, _, b_q = made()
    return W_xh, W_mh, b_h, np.array([[5.0], [0.0]]), b_q  # reads the bit itself


@wrong("q5", "unasked")
def latch():
    return made(up=20.0)


@wrong("q5", "forgets")
def latch():
    return made(hold=0.9, up=7.0, biases=(0, -8))


@wrong("q5", "forgets")
def latch():
    return made(hold=0.0, up=5.0)


@wrong("q5", "drifts")
def latch():
    return made(biases=(0.1, -7.5))


@wrong("q5", "not_reset")
def latch():
    return made(bit=(5.0, 0.0, 0.0, 0.0))


@wrong("q5", "not_reset")
def latch():
    return made(bit=(5.0, -1.0, 0.0, 0.0))


@wrong("q5", "stiff")
def latch():
    return made(bit=(5.0, -5.0, 0.0, 0.0), hold=4.9)


@wrong("q5", "asking")
def latch():
    return made(bit=(5.0, -5.0, 0.0, -5.0))


@wrong("q5", "asking")
def latch():
    return made(bit=(5.0, -5.0, 0.0, 3.0))


@wrong("q5", "unsure")
def latch():
    return made(out=1.5)
