"""Wrong answers to exercise 08, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

from functools import cache

import numpy as np
from catalogue import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def sums(x_t, h, W_xh, W_hh, b_x, b_h):
    """Both products with their biases, each cut in three."""
    return np.split(x_t @ W_xh + b_x, 3, axis=1), np.split(h @ W_hh + b_h, 3, axis=1)


# --- q1 -----------------------------------------------------------------------------------------------------


@wrong("q1", "reset_before")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    H = h_before.shape[1]
    (a_r, a_z, a_n), (m_r, m_z, _) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    n = np.tanh(a_n + (r * h_before) @ W_hh[:, 2 * H :] + b_h[2 * H :])
    return (1 - z) * n + z * h_before


@wrong("q1", "other_z")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return z * np.tanh(a_n + r * m_n) + (1 - z) * h_before


@wrong("q1", "swapped")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_z, a_r, a_n), (m_z, m_r, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + r * m_n) + z * h_before


@wrong("q1", "order")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_n, a_r, a_z), (m_n, m_r, m_z) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + r * m_n) + z * h_before


@wrong("q1", "order")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_n, a_z), (m_r, m_n, m_z) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + r * m_n) + z * h_before


@wrong("q1", "interleaved")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    a, m = x_t @ W_xh + b_x, h_before @ W_hh + b_h
    r, z = sigmoid((a + m)[:, 0::3]), sigmoid((a + m)[:, 1::3])
    return (1 - z) * np.tanh(a[:, 2::3] + r * m[:, 2::3]) + z * h_before


@wrong("q1", "bias_outside")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):  # one bias, as an LSTM has it
    a, m = x_t @ W_xh + b_x + b_h, h_before @ W_hh
    (a_r, a_z, a_n), (m_r, m_z, m_n) = np.split(a, 3, axis=1), np.split(m, 3, axis=1)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + r * m_n) + z * h_before


@wrong("q1", "no_reset")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (_, a_z, a_n), (_, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    z = sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + m_n) + z * h_before


@wrong("q1", "reset_x")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(r * (a_n + m_n)) + z * h_before


@wrong("q1", "reset_x")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(r * a_n + m_n) + z * h_before


@wrong("q1", "wrong_gate")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (_, a_z, a_n), (_, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    z = sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + z * m_n) + z * h_before


@wrong("q1", "wrong_gate")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + (1 - r) * m_n) + z * h_before


@wrong("q1", "no_bias")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, 0 * b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + r * m_n) + z * h_before


@wrong("q1", "no_bias")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, 0 * b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + r * m_n) + z * h_before


@wrong("q1", "one_bias_twice")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, 2 * b_x, 0 * b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + r * m_n) + z * h_before


@wrong("q1", "no_bend")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * (a_n + r * m_n) + z * h_before


@wrong("q1", "other_bend")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * sigmoid(a_n + r * m_n) + z * h_before


@wrong("q1", "other_bend")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = np.tanh(a_r + m_r), np.tanh(a_z + m_z)
    return (1 - z) * np.tanh(a_n + r * m_n) + z * h_before


@wrong("q1", "gate_line")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = a_r + m_r, a_z + m_z
    return (1 - z) * np.tanh(a_n + r * m_n) + z * h_before


@wrong("q1", "no_old")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + r * m_n)


@wrong("q1", "no_old")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, _, a_n), (m_r, _, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    return np.tanh(a_n + sigmoid(a_r + m_r) * m_n)


@wrong("q1", "no_blend")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return np.tanh(a_n + r * m_n) + z * h_before


@wrong("q1", "old_lost")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    h = r * h_before
    return (1 - z) * np.tanh(a_n + r * m_n) + z * h


@wrong("q1", "type")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    return (1 - z) * np.tanh(a_n + r * m_n) + z * h_before, (r, z)


@wrong("q1", "shape")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    return np.tanh(x_t @ W_xh + h_before @ W_hh + b_x + b_h)


@wrong("q1", "raised")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    return np.tanh(x_t @ W_xh.T + h_before @ W_hh.T + b_x + b_h)


@wrong("q1", "mutated")
def gru_step(x_t, h_before, W_xh, W_hh, b_x, b_h):
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    h_before *= z
    h_before += (1 - z) * np.tanh(a_n + r * m_n)
    return h_before


# --- q2 -----------------------------------------------------------------------------------------------------


def any_gru(x_t, h, W_xh, W_hh, b_x, b_h, reset, z_keeps, before=None, blend=None):
    """All four, with another inside of the tanh for a reset before the product, or another blend."""
    H = h.shape[1]
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h, W_xh, W_hh, b_x, b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    W, b = W_hh[:, 2 * H :], b_h[2 * H :]
    if reset == "after":
        n = np.tanh(a_n + r * m_n)
    elif before is not None:
        n = np.tanh(a_n + before(r, h, W, b))
    else:
        n = np.tanh(a_n + (r * h) @ W + b)
    old = z if z_keeps else 1 - z
    return (1 - old) * n + old * h if blend is None else blend(n, old, h, r)


@wrong("q2", "reset_ignored")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):
    return any_gru(x_t, h_before, W_xh, W_hh, b_x, b_h, "after", z_keeps)


@wrong("q2", "reset_ignored")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):  # a text is true, whatever it says
    return any_gru(x_t, h_before, W_xh, W_hh, b_x, b_h, "before" if reset else "after", z_keeps)


@wrong("q2", "reset_turned")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):
    turned = {"after": "before", "before": "after"}[reset]
    return any_gru(x_t, h_before, W_xh, W_hh, b_x, b_h, turned, z_keeps)


@wrong("q2", "z_ignored")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):
    return any_gru(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, True)


@wrong("q2", "z_ignored")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):
    return any_gru(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, False)


@wrong("q2", "z_turned")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):
    return any_gru(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, not z_keeps)


@wrong("q2", "reset_turned")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):  # and z as well
    turned = {"after": "before", "before": "after"}[reset]
    return any_gru(x_t, h_before, W_xh, W_hh, b_x, b_h, turned, not z_keeps)


@wrong("q2", "product")
def gru_variant(*args):
    return any_gru(*args, before=lambda r, h, W, b: r * (h @ W) + b)


@wrong("q2", "product")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):  # two mistakes at once
    args = x_t, h_before, W_xh, W_hh, b_x, b_h, reset, not z_keeps
    return any_gru(*args, before=lambda r, h, W, b: r * (h @ W) + b)


@wrong("q2", "bias_reset")
def gru_variant(*args):
    return any_gru(*args, before=lambda r, h, W, b: (r * h) @ W + r * b)


@wrong("q2", "twice")
def gru_variant(*args):
    return any_gru(*args, before=lambda r, h, W, b: r * ((r * h) @ W + b))


@wrong("q2", "in_gates")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):
    if reset == "after":
        return any_gru(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps)
    (a_r, a_z, a_n), (m_r, _, _) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    r = sigmoid(a_r + m_r)
    _, (_, m_z, m_n) = sums(x_t, r * h_before, W_xh, W_hh, b_x, b_h)
    z, n = sigmoid(a_z + m_z), np.tanh(a_n + m_n)
    old = z if z_keeps else 1 - z
    return (1 - old) * n + old * h_before


@wrong("q2", "old_lost")
def gru_variant(*args):
    return any_gru(*args, blend=lambda n, old, h, r: (1 - old) * n + old * (r * h))


@wrong("q2", "no_old")
def gru_variant(*args):
    return any_gru(*args, blend=lambda n, old, h, r: (1 - old) * n)


@wrong("q2", "no_blend")
def gru_variant(*args):
    return any_gru(*args, blend=lambda n, old, h, r: n + old * h)


def reordered(columns):
    """All four with the columns of another order."""

    def variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):
        k = columns(h_before.shape[1])
        return any_gru(x_t, h_before, W_xh[:, k], W_hh[:, k], b_x[k], b_h[k], reset, z_keeps)

    return variant


@wrong("q2", "swapped")
def gru_variant(*args):
    return reordered(lambda H: np.r_[H : 2 * H, :H, 2 * H : 3 * H])(*args)


@wrong("q2", "order")
def gru_variant(*args):
    return reordered(lambda H: np.r_[2 * H : 3 * H, :H, H : 2 * H])(*args)


@wrong("q2", "interleaved")
def gru_variant(*args):
    return reordered(lambda H: np.r_[0 : 3 * H : 3, 1 : 3 * H : 3, 2 : 3 * H : 3])(*args)


@wrong("q2", "no_bias")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):
    return any_gru(x_t, h_before, W_xh, W_hh, b_x, 0 * b_h, reset, z_keeps)


@wrong("q2", "one_bias_twice")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):
    return any_gru(x_t, h_before, W_xh, W_hh, 2 * b_x, 0 * b_h, reset, z_keeps)


def open_gru(gate=sigmoid, bend=np.tanh, inside=None):
    """All four with other activations, or another inside of the tanh in all of them."""

    def variant(x_t, h, W_xh, W_hh, b_x, b_h, reset, z_keeps):
        H = h.shape[1]
        (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h, W_xh, W_hh, b_x, b_h)
        r, z = gate(a_r + m_r), gate(a_z + m_z)
        if inside is not None:
            n = bend(inside(a_n, m_n, r, z))
        elif reset == "after":
            n = bend(a_n + r * m_n)
        else:
            n = bend(a_n + (r * h) @ W_hh[:, 2 * H :] + b_h[2 * H :])
        old = z if z_keeps else 1 - z
        return (1 - old) * n + old * h

    return variant


@wrong("q2", "no_bend")
def gru_variant(*args):
    return open_gru(bend=lambda a: a)(*args)


@wrong("q2", "other_bend")
def gru_variant(*args):
    return open_gru(bend=sigmoid)(*args)


@wrong("q2", "gate_line")
def gru_variant(*args):
    return open_gru(gate=lambda a: a)(*args)


@wrong("q2", "no_reset")
def gru_variant(*args):
    return open_gru(inside=lambda a, m, r, z: a + m)(*args)


@wrong("q2", "reset_x")
def gru_variant(*args):
    return open_gru(inside=lambda a, m, r, z: r * (a + m))(*args)


@wrong("q2", "wrong_gate")
def gru_variant(*args):
    return open_gru(inside=lambda a, m, r, z: a + z * m)(*args)


@wrong("q2", "bias_outside")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):  # the bias was added to the other one
    H = h_before.shape[1]
    (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h_before, W_xh, W_hh, b_x + b_h, 0 * b_h)
    r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
    n = np.tanh(a_n + (r * m_n if reset == "after" else (r * h_before) @ W_hh[:, 2 * H :]))
    old = z if z_keeps else 1 - z
    return (1 - old) * n + old * h_before


@wrong("q2", "raised")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):
    (a_r, _, a_n), (m_r, _, _) = sums(x_t, h_before, W_xh, W_hh, b_x, b_h)
    return np.tanh(a_n + (sigmoid(a_r + m_r) * h_before) @ W_hh + b_h)


@wrong("q2", "mutated")
def gru_variant(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps):
    out = any_gru(x_t, h_before, W_xh, W_hh, b_x, b_h, reset, z_keeps)
    h_before[:] = out
    return h_before


# --- q3 -----------------------------------------------------------------------------------------------------


def moved(A, order="rzn", flipped="z"):
    z, r, n = np.split(A, 3, axis=-1)
    blocks = {"z": z, "r": r, "n": n}
    return np.concatenate([-blocks[g] if g in flipped else blocks[g] for g in order], axis=-1).T


def all_moved(W, U, b, c, **how):
    return tuple(moved(A, **how) for A in (W, U, b, c))


@wrong("q3", "untransposed")
def to_torch(W, U, b, c):
    return tuple(moved(A).T for A in (W, U, b, c))


@wrong("q3", "reshaped")
def to_torch(W, U, b, c):
    return tuple(moved(A).T.reshape(A.shape[::-1]) for A in (W, U, b, c))


@wrong("q3", "order")
def to_torch(W, U, b, c):
    return all_moved(W, U, b, c, order="zrn")


@wrong("q3", "order")
def to_torch(W, U, b, c):  # nothing is done but turned
    return W.T, U.T, b.copy(), c.copy()


@wrong("q3", "order")
def to_torch(W, U, b, c):  # the first block is taken for r, the second for z
    return all_moved(W, U, b, c, order="zrn", flipped="r")


@wrong("q3", "order")
def to_torch(W, U, b, c):  # and the biases are left as they came
    return moved(W), moved(U), b.copy(), c.copy()


@wrong("q3", "no_flip")
def to_torch(W, U, b, c):
    return all_moved(W, U, b, c, flipped="")


@wrong("q3", "wrong_flip")
def to_torch(W, U, b, c):
    return all_moved(W, U, b, c, flipped="r")


@wrong("q3", "wrong_flip")
def to_torch(W, U, b, c):
    return all_moved(W, U, b, c, flipped="rz")


@wrong("q3", "wrong_flip")
def to_torch(W, U, b, c):
    return all_moved(W, U, b, c, flipped="rzn")


@wrong("q3", "half_flip")
def to_torch(W, U, b, c):
    return moved(W), moved(U), moved(b, flipped=""), moved(c, flipped="")


@wrong("q3", "half_flip")
def to_torch(W, U, b, c):
    return moved(W, flipped=""), moved(U), moved(b, flipped=""), moved(c)


@wrong("q3", "half_flip")
def to_torch(W, U, b, c):
    return moved(W), moved(U), moved(b), moved(c, flipped="")


def one_minus(A):
    z, r, n = np.split(A, 3, axis=-1)
    return np.concatenate([r, 1 - z, n], axis=-1).T


@wrong("q3", "one_minus")
def to_torch(W, U, b, c):
    return one_minus(W), one_minus(U), one_minus(b), one_minus(c)


@wrong("q3", "bias_sum")
def to_torch(W, U, b, c):
    return moved(W), moved(U), moved(b + c), np.zeros(c.shape)


@wrong("q3", "bias_sum")
def to_torch(W, U, b, c):
    return moved(W), moved(U), moved(b + c) / 2, moved(b + c) / 2


@wrong("q3", "bias_swapped")
def to_torch(W, U, b, c):
    return moved(W), moved(U), moved(c), moved(b)


@wrong("q3", "no_bias")
def to_torch(W, U, b, c):
    return moved(W), moved(U), moved(b), np.zeros(c.shape)


@wrong("q3", "type")
def to_torch(W, U, b, c):
    return moved(W), moved(U), moved(b)


@wrong("q3", "raised")
def to_torch(W, U, b, c):
    return tuple(np.hstack([A[:, 2:], -A[:, :2]]).T for A in (W, U, b, c))


@wrong("q3", "mutated")
def to_torch(W, U, b, c):
    for A in (W, U, b, c):
        np.split(A, 3, axis=-1)[0][...] *= -1
    return all_moved(W, U, b, c, flipped="")


# --- q4 -----------------------------------------------------------------------------------------------------


def back(
    dh,
    x_t,
    h_before,
    r,
    z,
    n,
    m,
    W_xh,
    W_hh,
    at_n=lambda dh, z, n: dh * (1 - z) * (1 - n**2),
    at_r=lambda a, m, r, h, n: a * m * r * (1 - r),
    at_z=lambda dh, h, n, z: dh * (h - n) * z * (1 - z),
    by=lambda a, r: (a, a * r),
    kept=lambda dh, z: dh * z,
    order=(0, 1, 2),
):
    """The right way back, with one of its lines exchanged."""
    a_n = at_n(dh, z, n)
    a_r, a_z = at_r(a_n, m, r, h_before, n), at_z(dh, h_before, n, z)
    beside_x, beside_h = by(a_n, r)
    by_x = np.hstack([(a_r, a_z, beside_x)[k] for k in order])
    by_h = np.hstack([(a_r, a_z, beside_h)[k] for k in order])
    dh_before = kept(dh, z) + by_h @ W_hh.T
    return x_t.T @ by_x, h_before.T @ by_h, by_x.sum(0), by_h.sum(0), by_x @ W_xh.T, dh_before


@wrong("q4", "no_kept")
def gru_back(*args):
    return back(*args, kept=lambda dh, z: 0)


@wrong("q4", "only_kept")
def gru_back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh):
    return *back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh)[:5], dh * z


@wrong("q4", "blend")
def gru_back(*args):
    return back(*args, at_n=lambda dh, z, n: dh * z * (1 - n**2), kept=lambda dh, z: dh * (1 - z))


@wrong("q4", "blend")
def gru_back(*args):
    return back(*args, at_n=lambda dh, z, n: dh * (1 - n**2))


@wrong("q4", "blend")
def gru_back(*args):
    return back(*args, kept=lambda dh, z: dh * (1 - z))


@wrong("q4", "dz_sign")
def gru_back(*args):
    return back(*args, at_z=lambda dh, h, n, z: dh * (n - h) * z * (1 - z))


@wrong("q4", "dz_half")
def gru_back(*args):
    return back(*args, at_z=lambda dh, h, n, z: dh * h * z * (1 - z))


@wrong("q4", "dz_half")
def gru_back(*args):
    return back(*args, at_z=lambda dh, h, n, z: -dh * n * z * (1 - z))


@wrong("q4", "no_slope")
def gru_back(*args):
    return back(*args, at_n=lambda dh, z, n: dh * (1 - z))


@wrong("q4", "no_slope")
def gru_back(*args):
    return back(*args, at_r=lambda a, m, r, h, n: a * m)


@wrong("q4", "no_slope")
def gru_back(*args):
    return back(*args, at_r=lambda a, m, r, h, n: a * m, at_z=lambda dh, h, n, z: dh * (h - n))


@wrong("q4", "wrong_slope")
def gru_back(*args):
    return back(
        *args,
        at_r=lambda a, m, r, h, n: a * m * (1 - r**2),
        at_z=lambda dh, h, n, z: dh * (h - n) * (1 - z**2),
    )


@wrong("q4", "wrong_slope")
def gru_back(*args):
    return back(*args, at_n=lambda dh, z, n: dh * (1 - z) * (1 - np.tanh(n) ** 2))


@wrong("q4", "wrong_slope")
def gru_back(*args):
    return back(*args, at_n=lambda dh, z, n: dh * (1 - z) * n * (1 - n))


@wrong("q4", "no_reset")
def gru_back(*args):
    return back(*args, by=lambda a, r: (a, a))


@wrong("q4", "reset_x")
def gru_back(*args):
    return back(*args, by=lambda a, r: (a * r, a * r))


@wrong("q4", "dr_of")
def gru_back(*args):
    return back(*args, at_r=lambda a, m, r, h, n: a * h * r * (1 - r))


@wrong("q4", "dr_of")
def gru_back(*args):
    return back(*args, at_r=lambda a, m, r, h, n: a * n * r * (1 - r))


@wrong("q4", "no_dr")
def gru_back(*args):
    return back(*args, at_r=lambda a, m, r, h, n: 0 * a)


@wrong("q4", "dr_late")
def gru_back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh):
    args = dh, x_t, h_before, r, z, n, m, W_xh, W_hh
    return back(*args, at_r=lambda a, m, r, h, n: dh * (1 - z) * m * r * (1 - r))


@wrong("q4", "untransposed")
def gru_back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh):
    *five, _ = back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh)
    a_n = dh * (1 - z) * (1 - n**2)
    a_r, a_z = a_n * m * r * (1 - r), dh * (h_before - n) * z * (1 - z)
    W_r, W_z, W_n = np.split(W_hh, 3, axis=1)
    return *five, dh * z + a_r @ W_r + a_z @ W_z + (a_n * r) @ W_n


@wrong("q4", "untransposed")
def gru_back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh):  # the roads through the two gates are forgotten
    *five, _ = back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh)
    a_n = dh * (1 - z) * (1 - n**2)
    return *five, dh * z + (a_n * r) @ np.split(W_hh, 3, axis=1)[2].T


@wrong("q4", "order")
def gru_back(*args):
    return back(*args, order=(1, 0, 2))


@wrong("q4", "averaged")
def gru_back(*args):
    return tuple(g / len(args[0]) for g in back(*args))


@wrong("q4", "averaged")
def gru_back(*args):
    dW_xh, dW_hh, db_x, db_h, dx_t, dh_before = back(*args)
    B = len(args[0])
    return dW_xh, dW_hh, db_x / B, db_h / B, dx_t, dh_before


@wrong("q4", "one_bias")
def gru_back(*args):
    dW_xh, dW_hh, db_x, _, dx_t, dh_before = back(*args)
    return dW_xh, dW_hh, db_x, db_x, dx_t, dh_before


@wrong("q4", "exchanged")
def gru_back(*args):
    dW_xh, dW_hh, db_x, db_h, dx_t, dh_before = back(*args)
    return dx_t, dh_before, dW_xh, dW_hh, db_x, db_h


@wrong("q4", "type")
def gru_back(*args):
    return back(*args)[:5]


@wrong("q4", "not_summed")
def gru_back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh):
    dW_xh, dW_hh, _, _, dx_t, dh_before = back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh)
    a_n = dh * (1 - z) * (1 - n**2)
    gates = [a_n * m * r * (1 - r), dh * (h_before - n) * z * (1 - z)]
    by_x, by_h = np.hstack([*gates, a_n]), np.hstack([*gates, a_n * r])
    return dW_xh, dW_hh, by_x, by_h, dx_t, dh_before


@wrong("q4", "raised")
def gru_back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh):
    a_n = dh * (1 - z) * (1 - n**2)
    return a_n @ W_hh.T


@wrong("q4", "mutated")
def gru_back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh):
    found = back(dh, x_t, h_before, r, z, n, m, W_xh, W_hh)
    dh *= z
    return found


# --- q5 -----------------------------------------------------------------------------------------------------

BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}


def most(count, budget):
    H = 0
    while H < 10_000 and count(H + 1) <= budget:
        H += 1
    return H


def right_count(kind, D, H, Q):
    return BLOCKS[kind] * (D * H + H * H + 2 * H) + H * Q + Q


@wrong("q5", "one_bias")
def parameters(kind, D, H, Q):
    return BLOCKS[kind] * (D * H + H * H + H) + H * Q + Q


@wrong("q5", "no_bias")
def parameters(kind, D, H, Q):
    return BLOCKS[kind] * (D * H + H * H) + H * Q + Q


@wrong("q5", "no_output")
def parameters(kind, D, H, Q):
    return BLOCKS[kind] * (D * H + H * H + 2 * H)


@wrong("q5", "no_output")
def parameters(kind, D, H, Q):
    return BLOCKS[kind] * (D * H + H * H + 2 * H) + H * Q


@wrong("q5", "blocks")
def parameters(kind, D, H, Q):
    return {"RNN": 1, "GRU": 2, "LSTM": 3}[kind] * (D * H + H * H + 2 * H) + H * Q + Q


@wrong("q5", "blocks")
def parameters(kind, D, H, Q):
    return {"RNN": 1, "GRU": 3, "LSTM": 3}[kind] * (D * H + H * H + 2 * H) + H * Q + Q


@wrong("q5", "once")
def parameters(kind, D, H, Q):  # the biases
    return BLOCKS[kind] * (D * H + H * H) + 2 * H + H * Q + Q


@wrong("q5", "once")
def parameters(kind, D, H, Q):  # the recurrent weights
    return BLOCKS[kind] * (D * H + 2 * H) + H * H + H * Q + Q


@wrong("q5", "no_recurrent")
def parameters(kind, D, H, Q):
    return BLOCKS[kind] * (D * H + 2 * H) + H * Q + Q


@wrong("q5", "exchanged")
def parameters(kind, D, H, Q):
    return BLOCKS[kind] * (D * H + D * D + 2 * D) + D * Q + Q


@wrong("q5", "type")
def parameters(kind, D, H, Q):
    return f"{right_count(kind, D, H, Q):,}"


@wrong("q5", "over")
def largest(kind, D, Q, budget):
    return most(lambda H: right_count(kind, D, H, Q), budget) + 1


@wrong("q5", "under")
def largest(kind, D, Q, budget):  # exactly the budget is not taken
    return most(lambda H: right_count(kind, D, H, Q), budget - 1)


@wrong("q5", "under")
def largest(kind, D, Q, budget):
    return max(most(lambda H: right_count(kind, D, H, Q), budget) - 1, 0)


@wrong("q5", "over")
def largest(kind, D, Q, budget):  # with one bias only
    return most(lambda H: right_count(kind, D, H, Q) - BLOCKS[kind] * H, budget)


@wrong("q5", "mistaken_count")
def largest(kind, D, Q, budget):
    return most(lambda H: BLOCKS[kind] * (D * H + 2 * H) + H * Q + Q, budget)


@wrong("q5", "mistaken_count")
def largest(kind, D, Q, budget):  # an LSTM, whatever it is
    return most(lambda H: right_count("LSTM", D, H, Q), budget)


@wrong("q5", "fraction")
def largest(kind, D, Q, budget):
    g = BLOCKS[kind]
    half = (g * (D + 2) + Q) / (2 * g)
    return np.sqrt(half**2 + (budget - Q) / g) - half


@wrong("q5", "over")
def largest(kind, D, Q, budget):  # to the nearest
    g = BLOCKS[kind]
    half = (g * (D + 2) + Q) / (2 * g)
    return max(round(np.sqrt(max(half**2 + (budget - Q) / g, 0)) - half + 0.3), 0)


@wrong("q5", "nothing_fits")
def largest(kind, D, Q, budget):
    return max(most(lambda H: right_count(kind, D, H, Q), budget), 1)


@wrong("q5", "nothing_fits")
def largest(kind, D, Q, budget):
    return most(lambda H: right_count(kind, D, H, Q), budget) or None


@wrong("q5", "nothing_fits")
def largest(kind, D, Q, budget):
    return most(lambda H: right_count(kind, D, H, Q), budget) or -1


# --- q6 -----------------------------------------------------------------------------------------------------


def reader(new_in_z=False, old_lost=False, reset_x=False, step=None, end=None, carry=True):
    """The program of the question with some of its mistakes, or the right one with another of one's own."""

    def classify(X, W_xh, W_hh, b_x, b_h, W_hq, b_q):
        h, states = np.zeros((X.shape[1], len(W_hq))), []
        for x_t in X:
            (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h, W_xh, W_hh, b_x, b_h)
            r = sigmoid(a_r + m_r)
            n = np.tanh(r * (a_n + m_n) if reset_x else a_n + r * m_n)
            if new_in_z:
                m_z = np.split(n @ W_hh + b_h, 3, axis=1)[1]
            z = sigmoid(a_z + m_z)
            old = r * h if old_lost else h
            if step is not None:
                states.append(step(a_n, m_n, r, z, h))
            else:
                states.append((1 - z) * n + z * old)
            h = states[-1] if carry else h
        return end(states, W_hq, b_q) if end else states[-1] @ W_hq + b_q

    return classify


def add_reader(code, **how):
    catalogue.answers.append(type(catalogue.answers[0])("q6", code, {"classify": reader(**how)}))


add_reader("new_in_z", new_in_z=True, old_lost=True, reset_x=True)  # the program as it was
add_reader("new_in_z", new_in_z=True)
add_reader("new_in_z", new_in_z=True, old_lost=True)
add_reader("new_in_z", new_in_z=True, reset_x=True)
add_reader("old_lost", old_lost=True)
add_reader("old_lost", old_lost=True, reset_x=True)
add_reader("reset_x", reset_x=True)
add_reader("reset_x", step=lambda a, m, r, z, h: (1 - z) * np.tanh(r * a + m) + z * h)
add_reader("no_reset", step=lambda a, m, r, z, h: (1 - z) * np.tanh(a + m) + z * h)
add_reader("other_z", step=lambda a, m, r, z, h: z * np.tanh(a + r * m) + (1 - z) * h)
add_reader("no_blend", step=lambda a, m, r, z, h: np.tanh(a + r * m) + z * h)
add_reader("no_blend", step=lambda a, m, r, z, h: (1 - z) * np.tanh(a + r * m))
add_reader("not_carried", carry=False)
add_reader("one_early", end=lambda S, W, b: S[-2] @ W + b)
add_reader("mean_read", end=lambda S, W, b: np.mean(S, axis=0) @ W + b)
add_reader("all_steps", end=lambda S, W, b: np.array(S) @ W + b)


@wrong("q6", "probabilities")
def classify(*args):
    powers = np.exp(reader()(*args))
    return powers / powers.sum(axis=1, keepdims=True)


@wrong("q6", "bias_outside")
def classify(X, W_xh, W_hh, b_x, b_h, W_hq, b_q):
    return reader()(X, W_xh, W_hh, b_x + b_h, 0 * b_h, W_hq, b_q)


@wrong("q6", "no_bias")
def classify(X, W_xh, W_hh, b_x, b_h, W_hq, b_q):
    return reader()(X, W_xh, W_hh, b_x, 0 * b_h, W_hq, b_q)


@wrong("q6", "order")
def classify(X, W_xh, W_hh, b_x, b_h, W_hq, b_q):
    H = len(W_hq)
    k = np.r_[H : 2 * H, :H, 2 * H : 3 * H]
    return reader()(X, W_xh[:, k], W_hh[:, k], b_x[k], b_h[k], W_hq, b_q)


@wrong("q6", "raised")
def classify(X, W_xh, W_hh, b_x, b_h, W_hq, b_q):
    return reader()(X, W_xh.T, W_hh.T, b_x, b_h, W_hq, b_q)


@wrong("q6", "mutated")
def classify(X, W_xh, W_hh, b_x, b_h, W_hq, b_q):
    b_x += b_h
    return reader()(X, W_xh, W_hh, b_x, 0 * b_h, W_hq, b_q)


# --- q7 -----------------------------------------------------------------------------------------------------


def company(
    steps=lambda X: X.swapaxes(0, 1),
    biases=lambda b, c: (b, c),
    end=lambda S, lengths: S[lengths - 1, np.arange(len(lengths))],
):
    """The right program with one of its lines exchanged."""

    def read(X, lengths, weight_ih, weight_hh, bias_ih, bias_hh, W_hq, b_q):
        one, two = biases(bias_ih, bias_hh)
        x = steps(X)
        h, states = np.zeros((x.shape[1], len(W_hq))), []
        for x_t in x:
            (a_r, a_z, a_n), (m_r, m_z, m_n) = sums(x_t, h, weight_ih.T, weight_hh.T, one, two)
            r, z = sigmoid(a_r + m_r), sigmoid(a_z + m_z)
            h = (1 - z) * np.tanh(a_n + r * m_n) + z * h
            states.append(h)
        return end(np.array(states), lengths) @ W_hq + b_q

    return read


def reshaped(X):
    return X.reshape(X.shape[1], X.shape[0], -1)


def summed(b, c):
    return b + c, 0 * c


def last(S, lengths):
    return S[-1]


def add_company(code, **how):
    catalogue.answers.append(type(catalogue.answers[0])("q7", code, {"read": company(**how)}))


def own(S, at):
    return S[at, np.arange(len(at))]


add_company("reshaped", steps=reshaped, biases=summed, end=last)  # the program as it was
add_company("reshaped", steps=reshaped)
add_company("reshaped", steps=reshaped, biases=summed)
add_company("reshaped", steps=reshaped, end=last)
add_company("biases_summed", biases=summed)
add_company("biases_summed", biases=summed, end=last)
add_company("padding_read", end=last)
add_company("no_bias", biases=lambda b, c: (b, 0 * c))
add_company("no_bias", biases=lambda b, c: (0 * b, c))
add_company("batch_as_time", steps=lambda X: X, end=last)
add_company("one_late", end=lambda S, n: own(S, np.minimum(n, len(S) - 1)))
add_company("one_early", end=lambda S, n: own(S, n - 2))
add_company("mean_read", end=lambda S, n: S.mean(0))
add_company("mean_read", end=lambda S, n: np.array([S[:k, i].mean(0) for i, k in enumerate(n)]))
add_company("sorted", end=lambda S, n: own(S, n - 1)[np.argsort(-n, kind="stable")])
add_company("sorted", end=lambda S, n: own(S, n - 1)[np.argsort(n, kind="stable")])
add_company("one_length", end=lambda S, n: S[n[0] - 1])
add_company("indexing", end=lambda S, n: S[n - 1])
add_company("all_steps", end=lambda S, n: S)


@wrong("q7", "dtype")
def read(*args):
    return company()(*args).astype(np.float32)


@wrong("q7", "raised")
def read(X, lengths, weight_ih, weight_hh, bias_ih, bias_hh, W_hq, b_q):
    return company()(X, lengths, weight_ih.T, weight_hh.T, bias_ih, bias_hh, W_hq, b_q)


@wrong("q7", "mutated")
def read(X, lengths, *args):
    lengths -= 1
    return company()(X, lengths + 1, *args)


# --- q8 -----------------------------------------------------------------------------------------------------


@cache
def trained(X, y, how="last"):
    """A training that stops too early: layer and readout for pictures and classes, given as bytes."""
    import torch

    X, y = np.frombuffer(X).reshape(-1, 64), np.frombuffer(y, dtype=int)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    layer, readout = torch.nn.LSTM(1, 32), torch.nn.Linear(32, 10)
    weights = [*layer.parameters(), *readout.parameters()]
    adam = torch.optim.Adam(weights, lr=0.02)
    steps = X.T[::-1].copy() if how == "reversed" else X.T
    pixels, y = torch.tensor(steps[:, :, None], dtype=torch.float32), torch.tensor(y)
    for _ in range(250):
        i = torch.randint(len(y), (64,))
        states, _ = layer(pixels[:, i])
        loss = torch.nn.functional.cross_entropy(readout(states[-1]), y[i])
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        adam.step()
    return layer.state_dict(), readout.state_dict()


def half_way(X, y, how="last"):
    """The network of a training that stops too early, as two dictionaries of arrays of one's own."""
    found = trained(X.tobytes(), y.tobytes(), how)
    return tuple({name: A.numpy().astype(float) for name, A in held.items()} for held in found)


def fresh(kind, *sizes, classes=10, **how):
    """A network that was never trained."""
    import torch

    torch.manual_seed(0)
    layer = getattr(torch.nn, kind)(*sizes, **how)
    return layer, torch.nn.Linear(sizes[1], classes)


def held(layer, readout):
    return layer.state_dict(), readout.state_dict()


@wrong("q8", "not_yet")
def classifier(X, y):
    return half_way(X, y)


@wrong("q8", "reversed")
def classifier(X, y):
    return half_way(X, y, "reversed")


@wrong("q8", "scaled")
def classifier(X, y):  # brightness from 0 to 16
    layer, readout = half_way(X, y)
    layer["weight_ih_l0"] = layer["weight_ih_l0"] / 16
    return layer, readout


@wrong("q8", "scaled")
def classifier(X, y):  # less the mean, by the standard deviation
    layer, readout = half_way(X, y)
    layer["bias_ih_l0"] = layer["bias_ih_l0"] + layer["weight_ih_l0"][:, 0] * X.mean()
    layer["weight_ih_l0"] = layer["weight_ih_l0"] * X.std()
    return layer, readout


@wrong("q8", "scaled")
def classifier(X, y):  # black on white
    layer, readout = half_way(X, y)
    layer["bias_ih_l0"] = layer["bias_ih_l0"] + layer["weight_ih_l0"][:, 0]
    layer["weight_ih_l0"] = -layer["weight_ih_l0"]
    return layer, readout


@wrong("q8", "digits")
def classifier(X, y):  # trained on the package's own labels
    from course_utils.data import load

    digits = load("digits")
    label = {x.tobytes(): int(d) for x, d in zip(digits.images.reshape(-1, 64), digits.labels, strict=True)}
    number = {label[x.tobytes()]: int(c) for x, c in zip(X, y, strict=True)}
    layer, readout = half_way(X, y)
    order = [number[digit] for digit in range(10)]
    return layer, {"weight": readout["weight"][order], "bias": readout["bias"][order]}


@wrong("q8", "chance")
def classifier(X, y):  # the classes got mixed up
    layer, readout = half_way(X, y)
    return layer, {"weight": np.roll(readout["weight"], 1, axis=0), "bias": np.roll(readout["bias"], 1)}


@wrong("q8", "constant")
def classifier(X, y):
    layer, readout = half_way(X, y)
    return layer, {"weight": 0 * readout["weight"], "bias": readout["bias"]}


@wrong("q8", "nan")
def classifier(X, y):
    layer, readout = half_way(X, y)
    return {name: A * np.nan for name, A in layer.items()}, readout


@wrong("q8", "type")
def classifier(X, y):
    return fresh("GRU", 1, 32)


@wrong("q8", "type")
def classifier(X, y):
    return fresh("GRU", 1, 32)[0].state_dict()


@wrong("q8", "kind")
def classifier(X, y):
    return held(*fresh("RNN", 1, 32))


@wrong("q8", "kind")
def classifier(X, y):
    return held(*fresh("GRU", 1, 32))[::-1]


@wrong("q8", "layers")
def classifier(X, y):
    return held(*fresh("GRU", 1, 32, num_layers=2))


@wrong("q8", "layers")
def classifier(X, y):
    return held(*fresh("LSTM", 1, 32, bidirectional=True))


@wrong("q8", "rows")
def classifier(X, y):
    return held(*fresh("GRU", 8, 32))


@wrong("q8", "too_large")
def classifier(X, y):
    return held(*fresh("LSTM", 1, 100))


@wrong("q8", "readout")
def classifier(X, y):
    return held(*fresh("GRU", 1, 32, classes=1))


@wrong("q8", "raised")
def classifier(X, y):
    layer, _ = fresh("GRU", 1, 32)
    return layer(X)


@wrong("q8", "mutated")
def classifier(X, y):
    found = half_way(X, y)
    X -= X.mean()
    return found
