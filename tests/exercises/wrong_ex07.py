"""Wrong answers to exercise 07, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import permutations

import numpy as np
import torch
from catalogue import Catalogue
from torch import nn

catalogue = Catalogue()
wrong = catalogue.wrong


# --- q1, and the same mistakes in q5 ------------------------------------------------------------------------


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def split(x_t, h, W_xh, W_hh, b):
    """What stands before the four activations."""
    return np.split(x_t @ W_xh + h @ W_hh + b, 4, axis=1)


def opened(x_t, h, W_xh, W_hh, b):
    """The four gates, right."""
    i, f, g, o = split(x_t, h, W_xh, W_hh, b)
    return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)


def right_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = opened(x_t, h, W_xh, W_hh, b)
    c = f * c + i * g
    return o * np.tanh(c), c


def wrong_step(code: str) -> Callable[[Callable], Callable]:
    """A wrong step is a wrong answer to question 1, and with the two matrices in one to question 5."""

    def add(lstm_step: Callable) -> Callable:
        def joined_step(x_t, h, c, W, b):
            D = x_t.shape[1]
            return lstm_step(x_t, h, c, W[:D], W[D:], b)

        wrong("q1", code)(lstm_step)
        wrong("q5", code)(joined_step)
        return lstm_step

    return add


@wrong_step("order")
def lstm_step(x_t, h, c, W_xh, W_hh, b):  # the output gate before the candidate
    i, f, o, g = split(x_t, h, W_xh, W_hh, b)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@wrong_step("order")
def lstm_step(x_t, h, c, W_xh, W_hh, b):  # forget first
    f, i, g, o = split(x_t, h, W_xh, W_hh, b)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@wrong_step("order")
def lstm_step(x_t, h, c, W_xh, W_hh, b):  # as the lectures name them
    g, i, f, o = split(x_t, h, W_xh, W_hh, b)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@wrong_step("interleaved")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    a = (x_t @ W_xh + h @ W_hh + b).reshape(*h.shape, 4)
    i, f, g, o = (a[:, :, k] for k in range(4))
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@wrong_step("candidate")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = map(sigmoid, split(x_t, h, W_xh, W_hh, b))
    c = f * c + i * g
    return o * np.tanh(c), c


@wrong_step("candidate")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = split(x_t, h, W_xh, W_hh, b)
    c = sigmoid(f) * c + sigmoid(i) * g
    return sigmoid(o) * np.tanh(c), c


@wrong_step("gate_bend")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = map(np.tanh, split(x_t, h, W_xh, W_hh, b))
    c = f * c + i * g
    return o * np.tanh(c), c


@wrong_step("gate_bend")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = split(x_t, h, W_xh, W_hh, b)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return np.tanh(o) * np.tanh(c), c


@wrong_step("no_bend")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = split(x_t, h, W_xh, W_hh, b)
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


@wrong_step("no_bend")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = split(x_t, h, W_xh, W_hh, b)
    c = f * c + i * g
    return o * np.tanh(c), c


@wrong_step("no_bias")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    return right_step(x_t, h, c, W_xh, W_hh, 0 * b)


@wrong_step("no_bias")
def lstm_step(x_t, h, c, W_xh, W_hh, b):  # PyTorch's two biases, from one
    return right_step(x_t, h, c, W_xh, W_hh, 2 * b)


@wrong_step("no_state")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    return right_step(x_t, 0 * h, c, W_xh, W_hh, b)


@wrong_step("cell_in")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = opened(x_t, c, W_xh, W_hh, b)
    c = f * c + i * g
    return o * np.tanh(c), c


@wrong_step("no_forget")
def lstm_step(x_t, h, c, W_xh, W_hh, b):  # the cell of 1997
    i, _, g, o = opened(x_t, h, W_xh, W_hh, b)
    c = c + i * g
    return o * np.tanh(c), c


@wrong_step("no_forget")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, _, g, o = opened(x_t, h, W_xh, W_hh, b)
    c = i * g
    return o * np.tanh(c), c


@wrong_step("no_write")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    _, f, g, o = opened(x_t, h, W_xh, W_hh, b)
    c = f * c + g
    return o * np.tanh(c), c


@wrong_step("coupled")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    _, f, g, o = opened(x_t, h, W_xh, W_hh, b)
    c = f * c + (1 - f) * g
    return o * np.tanh(c), c


@wrong_step("state_kept")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = opened(x_t, h, W_xh, W_hh, b)
    c = f * h + i * g
    return o * np.tanh(c), c


@wrong_step("old_cell")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = opened(x_t, h, W_xh, W_hh, b)
    return o * np.tanh(c), f * c + i * g


@wrong_step("no_tanh")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = opened(x_t, h, W_xh, W_hh, b)
    c = f * c + i * g
    return o * c, c


@wrong_step("no_tanh")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = opened(x_t, h, W_xh, W_hh, b)
    c = f * c + i * g
    return o * sigmoid(c), c


@wrong_step("no_output")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, _ = opened(x_t, h, W_xh, W_hh, b)
    c = f * c + i * g
    return np.tanh(c), c


@wrong_step("no_output")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = opened(x_t, h, W_xh, W_hh, b)
    c = f * c + i * g
    return np.tanh(o * c), c


@wrong_step("tanh_kept")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = opened(x_t, h, W_xh, W_hh, b)
    c = np.tanh(f * c + i * g)
    return o * c, c


@wrong_step("exchanged")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    return right_step(x_t, h, c, W_xh, W_hh, b)[::-1]


@wrong_step("type")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    return right_step(x_t, h, c, W_xh, W_hh, b)[0]


@wrong_step("mutated")
def lstm_step(x_t, h, c, W_xh, W_hh, b):
    i, f, g, o = opened(x_t, h, W_xh, W_hh, b)
    c *= f
    c += i * g
    return o * np.tanh(c), c


# --- q2 -----------------------------------------------------------------------------------------------------


def back(
    dh,
    dc,
    cache,
    W_xh,
    W_hh,
    inner=lambda dh, dc, o, c, c_before: dc + dh * o * (1 - np.tanh(c) ** 2),
    parts=lambda dh, d, i, f, g, o, c, c_before: (d * g, d * c_before, d * i, dh * np.tanh(c)),
    bend=lambda di, df, dg, do, i, f, g, o: (
        di * i * (1 - i),
        df * f * (1 - f),
        dg * (1 - g**2),
        do * o * (1 - o),
    ),
    carry=lambda d, f, dc: d * f,
):
    """The right step back, with one of its lines exchanged."""
    x_t, h_before, c_before, i, f, g, o, c = cache
    d = inner(dh, dc, o, c, c_before)
    da = np.concatenate(bend(*parts(dh, d, i, f, g, o, c, c_before), i, f, g, o), axis=1)
    rest = x_t.T @ da, h_before.T @ da, da.sum(axis=0)
    return da @ W_xh.T, da @ W_hh.T, carry(d, f, dc), *rest


@wrong("q2", "no_way_through_h")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    return back(dh, dc, cache, W_xh, W_hh, inner=lambda dh, dc, o, c, before: dc)


@wrong("q2", "no_later")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    return back(dh, 0 * dc, cache, W_xh, W_hh)


@wrong("q2", "partly_total")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    return back(dh, dc, cache, W_xh, W_hh, carry=lambda d, f, dc: dc * f)


@wrong("q2", "partly_total")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    def parts(dh, d, i, f, g, o, c, c_before):
        return d * g, dc * c_before, d * i, dh * np.tanh(c)

    return back(dh, dc, cache, W_xh, W_hh, parts=parts)


@wrong("q2", "cell_slope")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    return back(dh, dc, cache, W_xh, W_hh, inner=lambda dh, dc, o, c, before: dc + dh * o * (1 - c**2))


@wrong("q2", "cell_slope")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    return back(dh, dc, cache, W_xh, W_hh, inner=lambda dh, dc, o, c, before: dc + dh * o)


@wrong("q2", "no_output_gate")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    return back(dh, dc, cache, W_xh, W_hh, inner=lambda dh, dc, o, c, _: dc + dh * (1 - np.tanh(c) ** 2))


@wrong("q2", "old_for_new")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    def parts(dh, d, i, f, g, o, c, c_before):
        return d * g, d * c_before, d * i, dh * np.tanh(c_before)

    def inner(dh, dc, o, c, c_before):
        return dc + dh * o * (1 - np.tanh(c_before) ** 2)

    return back(dh, dc, cache, W_xh, W_hh, inner=inner, parts=parts)


@wrong("q2", "new_for_old")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    def parts(dh, d, i, f, g, o, c, c_before):
        return d * g, d * c, d * i, dh * np.tanh(c)

    return back(dh, dc, cache, W_xh, W_hh, parts=parts)


@wrong("q2", "output_slope")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    def parts(dh, d, i, f, g, o, c, c_before):
        return d * g, d * c_before, d * i, dh * c

    return back(dh, dc, cache, W_xh, W_hh, parts=parts)


@wrong("q2", "output_slope")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    def parts(dh, d, i, f, g, o, c, c_before):
        return d * g, d * c_before, d * i, d * np.tanh(c)

    return back(dh, dc, cache, W_xh, W_hh, parts=parts)


@wrong("q2", "swapped")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    def parts(dh, d, i, f, g, o, c, c_before):
        return d * i, d * c_before, d * g, dh * np.tanh(c)

    return back(dh, dc, cache, W_xh, W_hh, parts=parts)


@wrong("q2", "no_slopes")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    return back(dh, dc, cache, W_xh, W_hh, bend=lambda di, df, dg, do, *_: (di, df, dg, do))


@wrong("q2", "gate_slopes")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):  # all four as logistic
    def bend(di, df, dg, do, i, f, g, o):
        return di * i * (1 - i), df * f * (1 - f), dg * g * (1 - g), do * o * (1 - o)

    return back(dh, dc, cache, W_xh, W_hh, bend=bend)


@wrong("q2", "gate_slopes")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):  # the activations once more
    def again(s):
        return sigmoid(s) * (1 - sigmoid(s))

    def bend(di, df, dg, do, i, f, g, o):
        return di * again(i), df * again(f), dg * (1 - np.tanh(g) ** 2), do * again(o)

    return back(dh, dc, cache, W_xh, W_hh, bend=bend)


@wrong("q2", "order")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    def bend(di, df, dg, do, i, f, g, o):
        return di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g**2)

    return back(dh, dc, cache, W_xh, W_hh, bend=bend)


@wrong("q2", "no_forget")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    return back(dh, dc, cache, W_xh, W_hh, carry=lambda d, f, dc: d)


@wrong("q2", "added")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    dx, dh_before, *rest = back(dh, dc, cache, W_xh, W_hh)
    return dx, dh_before + dh, *rest


@wrong("q2", "added")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    return back(dh, dc, cache, W_xh, W_hh, carry=lambda d, f, dc: d * f + dc)


@wrong("q2", "new_state")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    *_, o, c = cache
    right = back(dh, dc, cache, W_xh, W_hh)
    return *right[:4], back(dh, dc, (cache[0], o * np.tanh(c), *cache[2:]), W_xh, W_hh)[4], right[5]


@wrong("q2", "averaged")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    *three, dW_xh, dW_hh, db = back(dh, dc, cache, W_xh, W_hh)
    return *three, dW_xh / len(dh), dW_hh / len(dh), db / len(dh)


@wrong("q2", "averaged")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    *five, db = back(dh, dc, cache, W_xh, W_hh)
    return *five, db / len(dh)


@wrong("q2", "not_summed")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    *five, _ = back(dh, dc, cache, W_xh, W_hh)
    each = [
        back(*(a[k : k + 1] for a in (dh, dc)), [a[k : k + 1] for a in cache], W_xh, W_hh)
        for k in range(len(dh))
    ]
    return *five, np.array([row[5] for row in each])


@wrong("q2", "transposed")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    *three, dW_xh, dW_hh, db = back(dh, dc, cache, W_xh, W_hh)
    return *three, dW_xh.T, dW_hh.T, db


@wrong("q2", "type")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    return back(dh, dc, cache, W_xh, W_hh)[:3]


@wrong("q2", "raised")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    return back(dh, dc, cache, W_xh.T, W_hh.T)


@wrong("q2", "mutated")
def lstm_step_back(dh, dc, cache, W_xh, W_hh):
    *_, o, c = cache
    dc += dh * o * (1 - np.tanh(c) ** 2)
    return back(dh, dc, cache, W_xh, W_hh, inner=lambda dh, dc, o, c, before: dc)


# --- q3 -----------------------------------------------------------------------------------------------------


def gate_for(half_life):
    return 0.5 ** (1 / half_life)


def opens(f):
    return np.log(f / (1 - f))


@wrong("q3", "the_gate")
def bias_for(half_life):
    return gate_for(half_life)


@wrong("q3", "closed")
def bias_for(half_life):
    return -opens(gate_for(half_life))


@wrong("q3", "logarithm")
def bias_for(half_life):
    f = gate_for(half_life)
    return np.log2(f / (1 - f))


@wrong("q3", "other_gate")
def bias_for(half_life):
    return np.arctanh(gate_for(half_life))


@wrong("q3", "life")
def bias_for(half_life):  # what is left is 1/e
    return opens(np.exp(-1 / half_life))


@wrong("q3", "life")
def bias_for(half_life):  # a time constant
    return opens(half_life / (half_life + 1))


@wrong("q3", "life")
def bias_for(half_life):
    return opens(1 - 0.5 / half_life)


@wrong("q3", "one_more")
def kept(F, k, t):
    return F[k : t + 1].prod(axis=0) if t > k else np.ones(F.shape[1:])


@wrong("q3", "empty")
def kept(F, k, t):
    share = F[t].copy()
    for i in range(k + 1, t):
        share *= F[i]
    return share


@wrong("q3", "one_less")
def kept(F, k, t):
    return F[k + 1 : t].prod(axis=0)


@wrong("q3", "early")
def kept(F, k, t):
    return F[k:t].prod(axis=0)


@wrong("q3", "not_multiplied")
def kept(F, k, t):
    return F[k + 1 : t + 1].sum(axis=0)


@wrong("q3", "not_multiplied")
def kept(F, k, t):
    return F[t] ** (t - k)


@wrong("q3", "over_batch")
def kept(F, k, t):
    return F[k + 1 : t + 1].prod(axis=0).mean(axis=0)


@wrong("q3", "all_times")
def kept(F, k, t):
    return F[: t + 1].prod(axis=0)


@wrong("q3", "all_times")
def kept(F, k, t):
    return np.prod(F, axis=0)


@wrong("q3", "empty")
def kept(F, k, t):
    return F[k + 1 : t + 1].prod(axis=0) if t > k else np.zeros(F.shape[1:])


@wrong("q3", "mutated")
def kept(F, k, t):
    share = F[t]
    for i in range(k + 1, t):
        share *= F[i]
    return share if t > k else np.ones(F.shape[1:])


@wrong("q3", "shape")
def kept(F, k, t):
    return F[k + 1 : t + 1].prod(axis=0)[None]


def measured(X, W_xh, W_hh, b, forget, without=1.0, size=lambda h, c: np.abs(c).max(), carry=(1, 1)):
    """The right run, with something else in place of f, measured or carried."""
    h = c = np.zeros((X.shape[1], len(W_hh)))
    found = []
    for x_t in X:
        i, f, g, o = opened(x_t, carry[0] * h, W_xh, W_hh, b)
        c = (f if forget else without) * (carry[1] * c) + i * g
        h = o * np.tanh(c)
        found.append(size(h, c))
    return np.array(found)


@wrong("q3", "shut")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, forget, without=0.0)


@wrong("q3", "always")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, True)


@wrong("q3", "always")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, False)


@wrong("q3", "inverted")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, not forget)


@wrong("q3", "signed")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, forget, size=lambda h, c: c.max())


@wrong("q3", "not_largest")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, forget, size=lambda h, c: np.abs(c).mean())


@wrong("q3", "not_largest")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, forget, size=lambda h, c: np.linalg.norm(c))


@wrong("q3", "the_state")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, forget, size=lambda h, c: np.abs(h).max())


@wrong("q3", "so_far")
def largest_cell(X, W_xh, W_hh, b, forget):
    return np.maximum.accumulate(measured(X, W_xh, W_hh, b, forget))


@wrong("q3", "so_far")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, forget).max()


@wrong("q3", "no_carry")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, forget, carry=(0, 1))


@wrong("q3", "no_carry")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, forget, carry=(1, 0))


@wrong("q3", "start")
def largest_cell(X, W_xh, W_hh, b, forget):
    return np.append(0.0, measured(X, W_xh, W_hh, b, forget))


@wrong("q3", "shape")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, forget)[-1]


@wrong("q3", "order")
def largest_cell(X, W_xh, W_hh, b, forget):
    W_xh, W_hh, b = (np.concatenate(np.split(W, 4, -1)[::-1], -1) for W in (W_xh, W_hh, b))
    return measured(X, W_xh, W_hh, b, forget)


@wrong("q3", "shape")
def largest_cell(X, W_xh, W_hh, b, forget):
    return measured(X, W_xh, W_hh, b, forget, size=lambda h, c: np.abs(c).max(axis=0))


# --- q4 -----------------------------------------------------------------------------------------------------


def new(W, **settings):
    H, both = W.shape
    return nn.LSTM(both - H, H, dtype=torch.float64, **settings)


def fill(layer, **values):
    """Put arrays in the place of parameters; nothing else is touched."""
    for name, value in values.items():
        setattr(layer, f"{name}_l0", nn.Parameter(torch.tensor(np.array(value))))
    return layer


def rows(W, W_i, W_f, W_o):
    return np.concatenate([W_i, W_f, W, W_o])


def biases(b, b_i, b_f, b_o):
    return rows(b, b_i, b_f, b_o).ravel()


def layer_of(Ws, bs, order=rows, **settings):
    """The right layer, with the blocks in some order."""
    D = Ws[0].shape[1] - len(Ws[0])
    weight, bias = order(*Ws), order(*bs).ravel()
    return fill(
        new(Ws[0], **settings),
        weight_ih=weight[:, :D],
        weight_hh=weight[:, D:],
        bias_ih=bias,
        bias_hh=0 * bias,
    )


@wrong("q4", "kind")
def lstm_layer(*given):
    layer_of(given[:4], given[4:])  # and no return


@wrong("q4", "kind")
def lstm_layer(*given):
    H, both = given[0].shape
    return nn.LSTMCell(both - H, H, dtype=torch.float64)


@wrong("q4", "kind")
def lstm_layer(*given):
    H, both = given[0].shape
    return nn.GRU(both - H, H, dtype=torch.float64)


@wrong("q4", "layers")
def lstm_layer(*given):
    return layer_of(given[:4], given[4:], num_layers=2)


@wrong("q4", "batch_first")
def lstm_layer(*given):
    return layer_of(given[:4], given[4:], batch_first=True)


@wrong("q4", "source_order")
def lstm_layer(*given):
    return layer_of(given[:4], given[4:], lambda z, i, f, o: np.concatenate([z, i, f, o]))


@wrong("q4", "order")
def lstm_layer(*given):  # the candidate last
    return layer_of(given[:4], given[4:], lambda z, i, f, o: np.concatenate([i, f, o, z]))


@wrong("q4", "order")
def lstm_layer(*given):
    return layer_of(given[:4], given[4:], lambda z, i, f, o: np.concatenate([f, i, z, o]))


@wrong("q4", "bias_order")
def lstm_layer(*given):
    layer, bias = layer_of(given[:4], given[4:]), np.concatenate(given[4:]).ravel()
    return fill(layer, bias_ih=bias, bias_hh=0 * bias)


@wrong("q4", "interleaved")
def lstm_layer(*given):
    def mixed(z, i, f, o):
        return np.stack([i, f, z, o], axis=1).reshape(-1, z.shape[1])

    return layer_of(given[:4], given[4:], mixed)


@wrong("q4", "halves")
def lstm_layer(*given):
    H = len(given[0])
    turned = [np.concatenate([W[:, H:], W[:, :H]], axis=1) for W in given[:4]]  # as if h came first
    return layer_of(turned, given[4:])


@wrong("q4", "transposed")
def lstm_layer(*given):
    layer, D = layer_of(given[:4], given[4:]), given[0].shape[1] - len(given[0])
    return fill(layer, weight_ih=rows(*given[:4])[:, :D].T)


@wrong("q4", "transposed")
def lstm_layer(*given):
    layer, D = layer_of(given[:4], given[4:]), given[0].shape[1] - len(given[0])
    weight = rows(*given[:4])[:, :D]
    return fill(layer, weight_ih=weight.T.reshape(weight.shape))


@wrong("q4", "bias_twice")
def lstm_layer(*given):
    return fill(layer_of(given[:4], given[4:]), bias_hh=biases(*given[4:]))


@wrong("q4", "random")
def lstm_layer(*given):
    layer, right = new(given[0]), layer_of(given[:4], given[4:])
    return fill(
        layer,
        weight_ih=right.weight_ih_l0.detach(),
        weight_hh=right.weight_hh_l0.detach(),
        bias_ih=biases(*given[4:]),
    )


@wrong("q4", "random")
def lstm_layer(*given):
    return new(given[0])


@wrong("q4", "no_bias")
def lstm_layer(*given):
    D, weight = given[0].shape[1] - len(given[0]), rows(*given[:4])
    return fill(new(given[0], bias=False), weight_ih=weight[:, :D], weight_hh=weight[:, D:])


@wrong("q4", "shape")
def lstm_layer(*given):
    return fill(layer_of(given[:4], given[4:]), bias_ih=rows(*given[4:]))


@wrong("q4", "shape")
def lstm_layer(*given):
    return fill(layer_of(given[:4], given[4:]), weight_ih=rows(*given[:4]))


@wrong("q4", "dtype")
def lstm_layer(*given):
    return layer_of(given[:4], given[4:]).float()


@wrong("q4", "raised")
def lstm_layer(*given):
    layer = new(given[0])
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.tensor(rows(*given[:4])))
    return layer


# --- q5 -----------------------------------------------------------------------------------------------------


@wrong("q5", "stacked")
def joined_step(x_t, h, c, W, b):  # the program as it was
    i, f, g, o = np.split((np.stack([x_t, h]) @ W).sum(axis=0) + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@wrong("q5", "added")
def joined_step(x_t, h, c, W, b):  # and cut to fit
    v = np.stack([x_t, h])
    i, f, g, o = np.split((v @ W[: x_t.shape[1]]).sum(axis=0) + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@wrong("q5", "added")
def joined_step(x_t, h, c, W, b):
    D = x_t.shape[1]
    H = h.shape[1]
    return right_step(x_t, h, c, W[:D], W[:D] if D == H else W[D:], b)


@wrong("q5", "stacked")
def joined_step(x_t, h, c, W, b):
    i, f, g, o = np.split(np.vstack([x_t, h]) @ W + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@wrong("q5", "h_first")
def joined_step(x_t, h, c, W, b):
    i, f, g, o = np.split(np.concatenate([h, x_t], axis=1) @ W + b, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


@wrong("q5", "raised")
def joined_step(x_t, h, c, W, b):
    a = np.concatenate([x_t, h], axis=1) @ W + b
    i, f, g, o = a  # a row for each gate?
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


# --- q6 -----------------------------------------------------------------------------------------------------


def arranged(W, order, to="ifgo"):
    blocks = np.split(W, 4, axis=-1)
    return np.concatenate([blocks[order.index(k)] for k in to], axis=-1)


@wrong("q6", "inverse")
def to_ifgo(W, order):  # the program as it was
    return arranged(W, "ifgo", order)


@wrong("q6", "untouched")
def to_ifgo(W, order):
    return W


@wrong("q6", "fixed")
def to_ifgo(W, order):  # right for one order only
    return arranged(W, "fiog")


@wrong("q6", "within")
def to_ifgo(W, order):
    return np.concatenate([W[..., order.index(k) :: 4] for k in "ifgo"], axis=-1)


@wrong("q6", "within")
def to_ifgo(W, order):
    right = np.split(arranged(W, order), 4, axis=-1)
    return np.stack(right, axis=-1).reshape(W.shape)


@wrong("q6", "one_axis")
def to_ifgo(W, order):
    blocks = np.split(W, 4, axis=1)
    return np.concatenate([blocks[order.index(k)] for k in "ifgo"], axis=1)


@wrong("q6", "rows")
def to_ifgo(W, order):
    blocks = np.split(W, 4)
    return np.concatenate([blocks[order.index(k)] for k in "ifgo"])


@wrong("q6", "mutated")
def to_ifgo(W, order):
    W[...] = arranged(W, order)
    return W


def found_order(x_t, h, c, W_xh, W_hh, b, h_next, c_next):
    for order in map("".join, permutations("ifgo")):
        h_new, c_new = right_step(x_t, h, c, *(arranged(W, order) for W in (W_xh, W_hh, b)))
        if np.allclose(h_new, h_next) and np.allclose(c_new, c_next):
            return order
    return None


@wrong("q6", "looked_up_backwards")
def gate_order(*given):
    order = found_order(*given)
    return "".join("ifgo"[order.index(k)] for k in "ifgo")


@wrong("q6", "not_searched")
def gate_order(*given):
    return "iofg"


@wrong("q6", "not_searched")
def gate_order(*given):
    return "ifgo"


@wrong("q6", "no_text")
def gate_order(*given):
    return list(found_order(*given))


@wrong("q6", "no_text")
def gate_order(*given):
    return ["ifgo".index(k) for k in found_order(*given)]


@wrong("q6", "nothing")
def gate_order(*given):
    found_order(*given)


# --- q7 -----------------------------------------------------------------------------------------------------


def kept_run(X, W_xh, W_hh, b):
    """Gates of each step, states and cell states with zeros in front."""
    h = c = np.zeros((X.shape[1], len(W_hh)))
    gates, states, cells = [], [h], [c]
    for x_t in X:
        i, f, g, o = opened(x_t, h, W_xh, W_hh, b)
        c = f * c + i * g
        h = o * np.tanh(c)
        gates.append((i, f, g, o))
        states.append(h)
        cells.append(c)
    return gates, states, cells


def bias_back(
    dh,
    X,
    W_xh,
    W_hh,
    b,
    old=lambda cells, states, t: cells[t],
    new=lambda cells, t: cells[t + 1],
    order=lambda i, f, g, o: (i, f, g, o),
    pass_on=lambda dh, dc: (dh, dc),
    shares=lambda each: sum(each),
    forgets=lambda df, f: df * f * (1 - f),
):
    """The right gradient, with one of its lines exchanged."""
    gates, states, cells = kept_run(X, W_xh, W_hh, b)
    dc, each = np.zeros_like(dh), []
    for t in reversed(range(len(X))):
        i, f, g, o = gates[t]
        shown = np.tanh(new(cells, t))
        dc = dc + dh * o * (1 - shown**2)
        da_i, da_f = dc * g * i * (1 - i), forgets(dc * old(cells, states, t), f)
        da_g, da_o = dc * i * (1 - g**2), dh * shown * o * (1 - o)
        da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
        each.append(np.concatenate(order(*np.split(da, 4, axis=1)), axis=1).sum(axis=0))
        dh, dc = pass_on(da @ W_hh.T, dc * f)
    return shares(each)


@wrong("q7", "as_it_was")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, old=lambda cells, states, t: cells[t + 1])


@wrong("q7", "old_for_new")
def bias_gradient(dh, X, *net):  # the index mended in both places
    return bias_back(dh, X, *net, new=lambda cells, t: cells[t])


@wrong("q7", "exchanged_cells")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, old=lambda cells, states, t: cells[t + 1], new=lambda cells, t: cells[t])


@wrong("q7", "aliased")
def bias_gradient(dh, X, *net):  # c *= f; c += i * g: one array in all places of the list
    return bias_back(dh, X, *net, old=lambda cells, _, t: cells[-1], new=lambda cells, t: cells[-1])


@wrong("q7", "aliased")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, old=lambda cells, _, t: cells[-1])


@wrong("q7", "too_old")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, old=lambda cells, _, t: cells[max(t - 1, 0)])


@wrong("q7", "states")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, old=lambda cells, states, t: states[t])


@wrong("q7", "no_old")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, old=lambda cells, states, t: 0 * cells[t])


@wrong("q7", "no_old")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, forgets=lambda df, f: df)


@wrong("q7", "dh_again")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, pass_on=lambda back, dc: (back + dh, dc))


@wrong("q7", "no_way_back")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, pass_on=lambda back, dc: (0 * back, dc))


@wrong("q7", "no_way_back")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, pass_on=lambda back, dc: (back, 0 * dc))


@wrong("q7", "one_step")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, shares=lambda each: each[0])


@wrong("q7", "one_step")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, shares=lambda each: each[-1])


@wrong("q7", "order")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net, order=lambda i, f, g, o: (i, f, o, g))


@wrong("q7", "averaged")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net) / len(X)


@wrong("q7", "averaged")
def bias_gradient(dh, X, *net):
    return bias_back(dh, X, *net) / len(dh)


@wrong("q7", "mutated")
def bias_gradient(dh, X, *net):
    right = bias_back(dh, X, *net)
    dh *= 0.5
    return right


# --- q8, q9 -------------------------------------------------------------------------------------------------

F64 = {"dtype": torch.float64}


def reader(code: str, scores: Callable, **settings) -> None:
    """A reader that is right but for what it makes of the LSTM's results."""

    class Reader(nn.Module):
        def __init__(self, D, H, Q):
            super().__init__()
            self.lstm, self.head = nn.LSTM(D, H, **F64, **settings), nn.Linear(H, Q, **F64)

        def forward(self, X):
            out, (h, c) = self.lstm(torch.as_tensor(X))
            return scores(self.head, out, h, c)

    wrong("q8", code)(Reader)


def last(head, out, h, c):
    return head(out[-1])


reader("first_step", lambda head, out, h, c: head(out[0]))
reader("other_axis", lambda head, out, h, c: head(out[:, -1]))
reader("other_axis", lambda head, out, h, c: head(out[:, -1]), batch_first=True)
reader("other_axis", lambda head, out, h, c: head(h[0]), batch_first=True)
reader("other_axis", last, batch_first=True)
reader("cell", lambda head, out, h, c: head(c[0]))
reader("mean", lambda head, out, h, c: head(out.mean(0)))
reader("mean", lambda head, out, h, c: head(out).sum(0))
reader("every_step", lambda head, out, h, c: head(out))
reader("every_step", lambda head, out, h, c: head(h))
reader("bent", lambda head, out, h, c: head(h[0]).softmax(-1))
reader("bent", lambda head, out, h, c: head(h[0]).log_softmax(-1))
reader("bent", lambda head, out, h, c: head(torch.relu(h[0])))
reader("chosen", lambda head, out, h, c: head(h[0]).argmax(-1))
reader("layers", last, num_layers=2)
reader("layers", lambda head, out, h, c: head(h[0]), bidirectional=False, proj_size=2)
reader("raised", lambda head, out, h, c: head((h, c)))


@wrong("q8", "kind")
class Reader(nn.Module):
    def __init__(self, D, H, Q):
        super().__init__()
        self.rnn, self.linear = nn.LSTM(D, H, **F64), nn.Linear(H, Q, **F64)

    def forward(self, X):
        return self.linear(self.rnn(torch.as_tensor(X))[0][-1])


@wrong("q8", "layers")
class Reader(nn.Module):
    def __init__(self, D, H, Q):
        super().__init__()
        self.lstm, self.head, self.more = nn.LSTM(D, H, **F64), nn.Linear(H, Q, **F64), nn.Linear(H, H, **F64)

    def forward(self, X):
        return self.head(self.more(self.lstm(torch.as_tensor(X))[0][-1]))


@wrong("q8", "sizes")
class Reader(nn.Module):
    def __init__(self, D, H, Q):
        super().__init__()
        self.lstm, self.head = nn.LSTM(H, D, **F64), nn.Linear(D, Q, **F64)

    def forward(self, X):
        return self.head(self.lstm(torch.as_tensor(X))[0][-1])


@wrong("q8", "dtype")
class Reader(nn.Module):
    def __init__(self, D, H, Q):
        super().__init__()
        self.lstm, self.head = nn.LSTM(D, H), nn.Linear(H, Q)

    def forward(self, X):
        return self.head(self.lstm(torch.as_tensor(X))[0][-1])


@wrong("q8", "stateful")
class Reader(nn.Module):
    def __init__(self, D, H, Q):
        super().__init__()
        self.lstm, self.head, self.kept = nn.LSTM(D, H, **F64), nn.Linear(H, Q, **F64), None

    def forward(self, X):
        out, self.kept = self.lstm(torch.as_tensor(X), self.kept)
        return self.head(out[-1])


class Plain(nn.Module):
    """A right reader."""

    def __init__(self, D=8, H=32, Q=10, bias=3.0):
        super().__init__()
        self.lstm, self.head = nn.LSTM(D, H, **F64), nn.Linear(H, Q, **F64)
        with torch.no_grad():
            self.lstm.bias_ih_l0[H : 2 * H] = bias
            self.lstm.bias_hh_l0[H : 2 * H] = 0

    def forward(self, X):
        return self.head(self.lstm(torch.as_tensor(X))[0][-1])


def taught(X, y, updates=200, rate=0.03, bias=3.0, H=32, columns=None):
    """A reader after some updates."""
    torch.manual_seed(0)
    made = Plain(X.shape[2], H, 10, bias)
    X, y = torch.tensor(X if columns is None else X[:, :, columns]), torch.tensor(y)
    adam = torch.optim.Adam(made.parameters(), rate)
    falling = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.05, updates)
    for _ in range(updates):
        i = torch.randint(len(y), (64,))
        loss = nn.functional.cross_entropy(made(X[:, i]), y[i])
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(made.parameters(), 1.0)
        adam.step()
        falling.step()
    return made


@wrong("q9", "chance")
def train(X, y):  # the loop is missing, or moves other weights
    torch.manual_seed(1)
    made = Plain()
    with torch.no_grad():
        made.lstm.weight_hh_l0 *= 3
        made.head.weight *= 5
    return made


@wrong("q9", "constant")
def train(X, y):  # half of the cell is left after each step
    return taught(X, y, updates=6, bias=0.0)


@wrong("q9", "forgets")
def train(X, y):  # it was taught without the pause
    return taught(X[:8], y, updates=150)


@wrong("q9", "relabelled")
def train(X, y):
    return taught(X, (y + 1) % 10)


@cache
def stored():
    """A network that was trained at home, on the pictures as the package has them."""
    from course_utils.data import load

    digits = load("digits")
    X = (digits.images - digits.images.mean(0)) / digits.images.std()
    X = np.concatenate([X.transpose(1, 0, 2), np.zeros((10, *X.shape[::2]))])
    return taught(X, digits.labels)


@wrong("q9", "elsewhere")
def train(X, y):
    return stored()


@wrong("q9", "by_heart")
def train(X, y):
    return taught(X[:, :64], y[:64], updates=120)


@wrong("q9", "not_yet")
def train(X, y):
    return taught(X, y, updates=60, rate=0.02)


@wrong("q9", "too_large")
def train(X, y):
    return Plain(H=200)


@wrong("q9", "kind")
def train(X, y):
    return nn.LSTM(8, 32, **F64)


@wrong("q9", "kind")
def train(X, y):
    Plain()  # and no return


@wrong("q9", "sizes")
def train(X, y):  # the batch taken for the inputs
    return Plain(D=18)


@wrong("q9", "dtype")
def train(X, y):
    return Plain().float()


@wrong("q9", "layers")
def train(X, y):
    made = Plain()
    made.lstm = nn.LSTM(8, 32, num_layers=2, **F64)
    return made


@wrong("q9", "nan")
def train(X, y):
    made = Plain()
    with torch.no_grad():
        made.head.weight[0, 0] = float("nan")
    return made


@wrong("q9", "raised")
def train(X, y):
    made = Plain()
    return nn.functional.cross_entropy(made(X), y)  # y is no tensor yet


@wrong("q9", "mutated")
def train(X, y):
    X *= 2
    return Plain()
