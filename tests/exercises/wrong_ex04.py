"""Wrong answers to exercise 04, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from catalogue import Catalogue
from torch import nn

catalogue = Catalogue()
wrong = catalogue.wrong
any_state = np.random.default_rng(4)


# --- q1 -----------------------------------------------------------------------------------------------------


@wrong("q1", "no_tanh")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return x_t @ W_xh + h @ W_hh + b_h


@wrong("q1", "other_phi")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return 1 / (1 + np.exp(-(x_t @ W_xh + h @ W_hh + b_h)))


@wrong("q1", "other_phi")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.maximum(0, x_t @ W_xh + h @ W_hh + b_h)


@wrong("q1", "no_bias")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h @ W_hh)


@wrong("q1", "bias_outside")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h @ W_hh) + b_h


@wrong("q1", "two_tanh")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh) + np.tanh(h @ W_hh + b_h)


@wrong("q1", "two_tanh")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + b_h) + np.tanh(h @ W_hh)


@wrong("q1", "no_state")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + b_h)


@wrong("q1", "unweighted")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h + b_h)


@wrong("q1", "elementwise")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h * W_hh.diagonal() + b_h)


@wrong("q1", "elementwise")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + np.array([(row * W_hh).sum(0) for row in h]) + b_h)


@wrong("q1", "untransposed")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h @ W_hh.T + b_h)


@wrong("q1", "untransposed")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh((W_xh.T @ x_t.T + W_hh @ h.T).T + b_h)


@wrong("q1", "added")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return h + np.tanh(x_t @ W_xh + h @ W_hh + b_h)


@wrong("q1", "shared")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h[0] @ W_hh + b_h)


@wrong("q1", "shared")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h.mean(axis=0) @ W_hh + b_h)


@wrong("q1", "raised")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(W_xh @ x_t + W_hh @ h + b_h)


@wrong("q1", "raised")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_hh + h @ W_xh + b_h)


@wrong("q1", "mutated")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    h[:] = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
    return h


@wrong("q1", "transposed")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh + h @ W_hh + b_h).T


@wrong("q1", "shape")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    for x_b, h_b in zip(x_t, h, strict=True):
        new = np.tanh(x_b @ W_xh + h_b @ W_hh + b_h)
    return new


@wrong("q1", "nothing")
def rnn_step(x_t, h, W_xh, W_hh, b_h):
    np.tanh(x_t @ W_xh + h @ W_hh + b_h)


# --- q2 -----------------------------------------------------------------------------------------------------


def step(x, h, W_xh, W_hh, b_h):
    """The right step."""
    return np.tanh(x @ W_xh + h @ W_hh + b_h)


def states_of(X, h, W_xh, W_hh, b_h, step=step):
    """The right states, or those of another step."""
    states = []
    for x in X:
        h = step(x, h, W_xh, W_hh, b_h)
        states.append(h)
    return np.array(states)


@wrong("q2", "no_start")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, np.zeros_like(h_before), W_xh, W_hh, b_h)
    return states, states @ W_hq + b_q


@wrong("q2", "two_answers")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, any_state.standard_normal(h_before.shape), W_xh, W_hh, b_h)
    return states, states @ W_hq + b_q


left_over = {}


@wrong("q2", "two_answers")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, left_over.get(h_before.shape, h_before), W_xh, W_hh, b_h)
    left_over[h_before.shape] = states[-1]
    return states, states @ W_hq + b_q


@wrong("q2", "reset")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = np.array([step(x, h_before, W_xh, W_hh, b_h) for x in X])
    return states, states @ W_hq + b_q


@wrong("q2", "reset")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = []
    for x in X:
        h = np.zeros_like(h_before)
        h = step(x, h, W_xh, W_hh, b_h)
        states.append(h)
    return np.array(states), np.array(states) @ W_hq + b_q


@wrong("q2", "shared")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, h_before[0], W_xh, W_hh, b_h)
    return states, states @ W_hq + b_q


@wrong("q2", "shared")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    h, states = h_before[0], np.zeros((*X.shape[:2], len(b_h)))
    for t in range(len(X)):
        for b in range(X.shape[1]):
            h = step(X[t, b], h, W_xh, W_hh, b_h)
            states[t, b] = h
    return states, states @ W_hq + b_q


@wrong("q2", "carried_over")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    h, states = h_before[0], np.zeros((*X.shape[:2], len(b_h)))
    for b in range(X.shape[1]):
        for t in range(len(X)):
            h = step(X[t, b], h, W_xh, W_hh, b_h)
            states[t, b] = h
    return states, states @ W_hq + b_q


@wrong("q2", "late")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    h, states = h_before, []
    for x in X:
        states.append(h)
        h = step(x, h, W_xh, W_hh, b_h)
    return np.array(states), np.array(states) @ W_hq + b_q


@wrong("q2", "start_returned")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = [h_before]
    for x in X:
        states.append(step(x, states[-1], W_xh, W_hh, b_h))
    return np.array(states), np.array(states) @ W_hq + b_q


@wrong("q2", "aliased")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    h, states, outputs = h_before.copy(), [], []
    for x in X:
        h[:] = step(x, h, W_xh, W_hh, b_h)
        states.append(h)
        outputs.append(h @ W_hq + b_q)
    return np.array(states), np.array(outputs)


@wrong("q2", "batch_first")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = np.stack(list(states_of(X, h_before, W_xh, W_hh, b_h)), axis=1)
    return states, states @ W_hq + b_q


@wrong("q2", "last_only")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    h = states_of(X, h_before, W_xh, W_hh, b_h)[-1]
    return h, h @ W_hq + b_q


@wrong("q2", "last_only")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, h_before, W_xh, W_hh, b_h)
    return states, states[-1] @ W_hq + b_q


@wrong("q2", "no_bias")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, h_before, W_xh, W_hh, 0.0)
    return states, states @ W_hq + b_q


@wrong("q2", "no_bias")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, h_before, W_xh, W_hh, b_h)
    return states, states @ W_hq


@wrong("q2", "no_tanh")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, h_before, W_xh, W_hh, b_h, lambda x, h, U, W, b: x @ U + h @ W + b)
    return states, states @ W_hq + b_q


@wrong("q2", "two_tanh")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    two = lambda x, h, U, W, b: np.tanh(x @ U + b) + np.tanh(h @ W)  # noqa: E731
    states = states_of(X, h_before, W_xh, W_hh, b_h, two)
    return states, states @ W_hq + b_q


@wrong("q2", "untransposed")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, h_before, W_xh, W_hh.T, b_h)
    return states, states @ W_hq + b_q


@wrong("q2", "old_output")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    h, states, outputs = h_before, [], []
    for x in X:
        outputs.append(h @ W_hq + b_q)
        h = step(x, h, W_xh, W_hh, b_h)
        states.append(h)
    return np.array(states), np.array(outputs)


@wrong("q2", "bent_output")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, h_before, W_xh, W_hh, b_h)
    return states, np.tanh(states @ W_hq + b_q)


@wrong("q2", "bent_output")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, h_before, W_xh, W_hh, b_h)
    powers = np.exp(states @ W_hq + b_q)
    return states, powers / powers.sum(axis=-1, keepdims=True)


@wrong("q2", "from_x")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    return states_of(X, h_before, W_xh, W_hh, b_h), (X @ W_xh + b_h) @ W_hq + b_q


@wrong("q2", "raised")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, h_before, W_xh, W_hh, b_q)  # the hidden bias is b_h
    return states, states @ W_hq + b_h


@wrong("q2", "raised")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X.swapaxes(0, 1), h_before, W_xh, W_hh, b_h)
    return states, states @ W_hq + b_q


@wrong("q2", "mutated")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    h, states = h_before, []
    for x in X:
        h[:] = step(x, h, W_xh, W_hh, b_h)
        states.append(h.copy())
    return np.array(states), np.array(states) @ W_hq + b_q


@wrong("q2", "type")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    return states_of(X, h_before, W_xh, W_hh, b_h)


@wrong("q2", "dtype")
def rnn_forward(X, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    states = states_of(X, h_before, W_xh, W_hh, b_h).astype(np.float32)
    return states, states @ W_hq + b_q


# --- q3 -----------------------------------------------------------------------------------------------------


def filled(layer, W_xh=None, W_hh=None, b_ih=None, b_hh=None):
    """Write over what is given; nothing else is touched."""
    named = {"weight_ih_l0": W_xh, "weight_hh_l0": W_hh, "bias_ih_l0": b_ih, "bias_hh_l0": b_hh}
    for name, value in named.items():
        if value is not None:
            setattr(layer, name, nn.Parameter(torch.as_tensor(np.array(value))))
    return layer


def new(W_xh, **settings):
    return nn.RNN(*W_xh.shape, dtype=torch.float64, **settings)


@wrong("q3", "kind")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(nn.LSTM(*W_xh.shape, dtype=torch.float64))


@wrong("q3", "kind")
def rnn_layer(W_xh, W_hh, b_h):
    return nn.RNNCell(*W_xh.shape, dtype=torch.float64)


@wrong("q3", "kind")
def rnn_layer(W_xh, W_hh, b_h):
    filled(new(W_xh), W_xh.T, W_hh.T, b_h, 0 * b_h)  # and no return


@wrong("q3", "kind")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh.T, W_hh.T, b_h, 0 * b_h)(torch.zeros(5, 2, len(W_xh)).double())


@wrong("q3", "random")
def rnn_layer(W_xh, W_hh, b_h):
    return new(W_xh)


@wrong("q3", "random")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh.T, W_hh.T)


@wrong("q3", "random")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh.T, None, b_h, 0 * b_h)


@wrong("q3", "untransposed")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh, W_hh, b_h, 0 * b_h)


@wrong("q3", "untransposed")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh.T, W_hh, b_h, 0 * b_h)


@wrong("q3", "reshaped")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh.reshape(len(b_h), -1), W_hh.T, b_h, 0 * b_h)


@wrong("q3", "bias_twice")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh.T, W_hh.T, b_h, b_h)


@wrong("q3", "left_over")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh.T, W_hh.T, b_h)


@wrong("q3", "left_over")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh.T, W_hh.T, None, b_h)


@wrong("q3", "no_bias")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh, bias=False), W_xh.T, W_hh.T)


@wrong("q3", "no_bias")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh.T, W_hh.T, 0 * b_h, 0 * b_h)


@wrong("q3", "batch_first")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh, batch_first=True), W_xh.T, W_hh.T, b_h, 0 * b_h)


@wrong("q3", "other_phi")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh, nonlinearity="relu"), W_xh.T, W_hh.T, b_h, 0 * b_h)


@wrong("q3", "layers")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh, num_layers=2), W_xh.T, W_hh.T, b_h, 0 * b_h)


@wrong("q3", "layers")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh, bidirectional=True), W_xh.T, W_hh.T, b_h, 0 * b_h)


@wrong("q3", "dtype")
def rnn_layer(W_xh, W_hh, b_h):
    layer = nn.RNN(*W_xh.shape)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.tensor(W_xh.T))
        layer.weight_hh_l0.copy_(torch.tensor(W_hh.T))
        layer.bias_ih_l0.copy_(torch.tensor(b_h))
        layer.bias_hh_l0.zero_()
    return layer


@wrong("q3", "dtype")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), *(torch.FloatTensor(a) for a in (W_xh.T, W_hh.T, b_h, 0 * b_h))).double()


@wrong("q3", "raised")
def rnn_layer(W_xh, W_hh, b_h):
    layer = new(W_xh)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(torch.tensor(W_xh))  # (D, H) into (H, D)
    return layer


@wrong("q3", "raised")
def rnn_layer(W_xh, W_hh, b_h):
    layer = new(W_xh)
    layer.weight_ih_l0.copy_(torch.tensor(W_xh.T))  # without no_grad
    return layer


@wrong("q3", "raised")
def rnn_layer(W_xh, W_hh, b_h):
    layer = new(W_xh)
    layer.weight_ih_l0 = torch.tensor(W_xh.T)  # not a Parameter
    return layer


@wrong("q3", "shape")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh.T, W_hh.T, b_h[None], 0 * b_h[None])


def linear(W_hq, b_q=None, **settings):
    layer = nn.Linear(*W_hq.shape[::-1], dtype=torch.float64, **settings)
    layer.weight = nn.Parameter(torch.tensor(W_hq))
    if b_q is not None:
        layer.bias = nn.Parameter(torch.tensor(b_q))
    return layer


@wrong("q3", "untransposed")
def linear_layer(W_hq, b_q):
    return linear(W_hq, b_q)


@wrong("q3", "random")
def linear_layer(W_hq, b_q):
    return linear(W_hq.T)


@wrong("q3", "no_bias")
def linear_layer(W_hq, b_q):
    return linear(W_hq.T, bias=False)


@wrong("q3", "reshaped")
def linear_layer(W_hq, b_q):
    return linear(W_hq.reshape(len(b_q), -1), b_q)


@wrong("q3", "dtype")
def linear_layer(W_hq, b_q):
    return linear(W_hq.T, b_q).float()


@wrong("q3", "bias_twice")
def rnn_layer(W_xh, W_hh, b_h):
    return filled(new(W_xh), W_xh.T, W_hh.T, 2 * b_h, 0 * b_h)


@wrong("q3", "kind")
def linear_layer(W_hq, b_q):
    return torch.tensor(W_hq.T)


# --- q4 -----------------------------------------------------------------------------------------------------


@wrong("q4", "halves")
def stack(W_xh, W_hh):
    return np.concatenate([W_hh, W_xh])


@wrong("q4", "transposed")
def stack(W_xh, W_hh):
    return np.concatenate([W_xh.T, W_hh.T], axis=1)


@wrong("q4", "transposed")
def stack(W_xh, W_hh):
    return np.hstack([W_xh.T, W_hh])


@wrong("q4", "untransposed")
def stack(W_xh, W_hh):
    return np.concatenate([W_xh, W_hh.T])


@wrong("q4", "raised")
def stack(W_xh, W_hh):
    return np.stack([W_xh, W_hh])


@wrong("q4", "raised")
def stack(W_xh, W_hh):
    return np.concatenate([W_xh, W_hh], axis=1)


def stacked(X, h, W, b_h, phi=np.tanh):
    """The right states."""
    states = []
    for x in X:
        h = phi(np.concatenate([x, h], axis=1) @ W + b_h)
        states.append(h)
    return np.array(states)


@wrong("q4", "halves")
def states_stacked(X, h_before, W, b_h):
    h, states = h_before, []
    for x in X:
        h = np.tanh(np.concatenate([h, x], axis=1) @ W + b_h)
        states.append(h)
    return np.array(states)


@wrong("q4", "reset")
def states_stacked(X, h_before, W, b_h):
    joined = np.concatenate([X, np.repeat(h_before[None], len(X), axis=0)], axis=2)
    return np.tanh(joined @ W + b_h)


@wrong("q4", "no_start")
def states_stacked(X, h_before, W, b_h):
    return stacked(X, np.zeros_like(h_before), W, b_h)


@wrong("q4", "no_bias")
def states_stacked(X, h_before, W, b_h):
    return stacked(X, h_before, W, 0.0)


@wrong("q4", "bias_twice")
def states_stacked(X, h_before, W, b_h):
    return stacked(X, h_before, W, b_h + b_h)


@wrong("q4", "no_tanh")
def states_stacked(X, h_before, W, b_h):
    return stacked(X, h_before, W, b_h, lambda a: a)


@wrong("q4", "late")
def states_stacked(X, h_before, W, b_h):
    return np.concatenate([h_before[None], stacked(X, h_before, W, b_h)[:-1]])


@wrong("q4", "start_returned")
def states_stacked(X, h_before, W, b_h):
    states = [h_before]
    for x in X:
        states.append(np.tanh(np.concatenate([x, states[-1]], axis=1) @ W + b_h))
    return np.array(states)


@wrong("q4", "raised")
def states_stacked(X, h_before, W, b_h):
    h, states = h_before, []
    for x in X:
        h = np.tanh(np.concatenate([x, h]) @ W + b_h)  # along the batch
        states.append(h)
    return np.array(states)


@wrong("q4", "no_bias")
def hoist(X, W_xh, b_h):
    return X @ W_xh


@wrong("q4", "bias_twice")
def hoist(X, W_xh, b_h):
    return X @ W_xh + 2 * b_h


@wrong("q4", "early_tanh")
def hoist(X, W_xh, b_h):
    return np.tanh(X @ W_xh + b_h)


@wrong("q4", "summed")
def hoist(X, W_xh, b_h):
    return np.cumsum(X @ W_xh + b_h, axis=0)


@wrong("q4", "summed")
def hoist(X, W_xh, b_h):
    return X.sum(axis=0) @ W_xh + b_h


@wrong("q4", "shape")
def hoist(X, W_xh, b_h):
    return X.reshape(-1, X.shape[2]) @ W_xh + b_h


@wrong("q4", "batch_first")
def hoist(X, W_xh, b_h):
    return (X @ W_xh + b_h).swapaxes(0, 1)


def hoisted(A, h, W_hh, step=lambda a, c: np.tanh(a + c)):
    """The right states, or those of another step."""
    states = []
    for a in A:
        h = step(a, h @ W_hh)
        states.append(h)
    return np.array(states)


@wrong("q4", "reset")
def states_from(A, h_before, W_hh):
    return np.tanh(A + h_before @ W_hh)  # no loop at all


@wrong("q4", "no_start")
def states_from(A, h_before, W_hh):
    return hoisted(A, 0 * h_before, W_hh)


@wrong("q4", "no_tanh")
def states_from(A, h_before, W_hh):
    return hoisted(A, h_before, W_hh, np.add)


@wrong("q4", "early_tanh")
def states_from(A, h_before, W_hh):
    return hoisted(A, h_before, W_hh, lambda a, c: np.tanh(a) + np.tanh(c))


@wrong("q4", "early_tanh")
def states_from(A, h_before, W_hh):
    return hoisted(np.tanh(A), h_before, W_hh, np.add)


@wrong("q4", "untransposed")
def states_from(A, h_before, W_hh):
    return hoisted(A, h_before, W_hh.T)


@wrong("q4", "aliased")
def states_from(A, h_before, W_hh):
    h, states = h_before.copy(), []
    for a in A:
        h[:] = np.tanh(a + h @ W_hh)
        states.append(h)
    return np.array(states)


@wrong("q4", "last_only")
def states_from(A, h_before, W_hh):
    return hoisted(A, h_before, W_hh)[-1]


@wrong("q4", "batch_first")
def states_from(A, h_before, W_hh):
    return np.stack(list(hoisted(A, h_before, W_hh)), axis=1)


@wrong("q4", "mutated")
def states_from(A, h_before, W_hh):
    h = h_before
    for t in range(len(A)):
        A[t] = np.tanh(A[t] + h @ W_hh)
        h = A[t]
    return A


# --- q5 -----------------------------------------------------------------------------------------------------


@wrong("q5", "nats")
def bits_per_character(log_p):
    return -np.mean(log_p)


@wrong("q5", "wrong_way")
def bits_per_character(log_p):
    return -np.mean(log_p) * np.log(2)


@wrong("q5", "summed")
def bits_per_character(log_p):
    return -np.sum(log_p) / np.log(2)


@wrong("q5", "sign")
def bits_per_character(log_p):
    return np.mean(log_p) / np.log(2)


@wrong("q5", "mean_p")
def bits_per_character(log_p):
    return -np.log2(np.mean(np.exp(log_p)))


@wrong("q5", "mean_p")
def bits_per_character(log_p):
    p = np.exp(log_p)
    return -np.sum(p * np.log2(p))  # an entropy, of what is no distribution


@wrong("q5", "log_twice")
def bits_per_character(log_p):
    return np.mean(np.log2(-log_p))


@wrong("q5", "log_twice")
def bits_per_character(log_p):
    with np.errstate(all="ignore"):
        return -np.mean(np.log2(log_p))


@wrong("q5", "exchanged")
def bits_per_character(log_p):
    return np.exp(-np.mean(log_p))


@wrong("q5", "mixed_bases")
def perplexity(log_p):
    return np.exp(-np.mean(log_p) / np.log(2))


@wrong("q5", "mixed_bases")
def perplexity(log_p):
    return 2 ** -np.mean(log_p)


@wrong("q5", "summed")
def perplexity(log_p):
    return np.exp(-np.sum(log_p))


@wrong("q5", "sign")
def perplexity(log_p):
    return np.exp(np.mean(log_p))


@wrong("q5", "mean_p")
def perplexity(log_p):
    return np.mean(1 / np.exp(log_p))


@wrong("q5", "exchanged")
def perplexity(log_p):
    return -np.mean(log_p) / np.log(2)


def softmax(z, axis=1):
    powers = np.exp(z - z.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


@wrong("q5", "multiplied")
def at_temperature(z, tau):
    return softmax(z * tau)


@wrong("q5", "no_tau")
def at_temperature(z, tau):
    return softmax(z)


@wrong("q5", "late_tau")
def at_temperature(z, tau):
    return softmax(z) / tau


@wrong("q5", "not_one")
def at_temperature(z, tau):
    return np.exp(z / tau)


@wrong("q5", "not_one")
def at_temperature(z, tau):
    return softmax(z) ** (1 / tau)


@wrong("q5", "axis")
def at_temperature(z, tau):
    return softmax(z / tau, axis=0)


@wrong("q5", "axis")
def at_temperature(z, tau):
    powers = np.exp(z / tau)
    return powers / powers.sum()


@wrong("q5", "logarithm")
def at_temperature(z, tau):
    return np.log(softmax(z / tau))


@wrong("q5", "sharpest")
def at_temperature(z, tau):
    return np.eye(z.shape[1])[z.argmax(axis=1)]


@wrong("q5", "overflow")
def at_temperature(z, tau):
    with np.errstate(all="ignore"):
        powers = np.exp(z / tau)
        return powers / powers.sum(axis=1, keepdims=True)


@wrong("q5", "overflow")
def at_temperature(z, tau):
    with np.errstate(all="ignore"):
        powers = np.exp(z / tau)
        return np.nan_to_num(powers / powers.sum(axis=1, keepdims=True))


@wrong("q5", "overflow")
def at_temperature(z, tau):
    with np.errstate(all="ignore"):
        powers = np.exp((z - z.mean(axis=1, keepdims=True)) / tau)
        return powers / powers.sum(axis=1, keepdims=True)


@wrong("q5", "one_maximum")
def at_temperature(z, tau):
    with np.errstate(all="ignore"):
        powers = np.exp((z - z.max()) / tau)
        return powers / powers.sum(axis=1, keepdims=True)


@wrong("q5", "clipped")
def at_temperature(z, tau):
    powers = np.exp(np.clip(z / tau, -500, 500))
    return powers / powers.sum(axis=1, keepdims=True)


@wrong("q5", "underflow")
def at_temperature(z, tau):
    powers = softmax(z) ** (1 / tau)
    return powers / powers.sum(axis=1, keepdims=True)


@wrong("q5", "raised")
def at_temperature(z, tau):
    powers = np.exp((z - z.max(axis=1)) / tau)
    return powers / powers.sum(axis=1)


@wrong("q5", "mutated")
def at_temperature(z, tau):
    z -= z.max(axis=1, keepdims=True)
    return softmax(z / tau)


# --- q6 -----------------------------------------------------------------------------------------------------


def read(codes, h, W_xh, W_hh, b_h, W_hq, b_q):
    """ln P of what comes after each letter, (n, V), and the state at the end."""
    log_p = []
    for k in codes:
        h = np.tanh(W_xh[k] + h @ W_hh + b_h)
        z = h @ W_hq + b_q
        log_p.append(z - z.max() - np.log(np.exp(z - z.max()).sum()))
    return np.array(log_p).reshape(-1, len(b_q)), h


def surprise(log_p, targets):
    return -log_p[np.arange(len(targets)), targets] / np.log(2)


def pieces(codes, S):
    """Inputs and targets, shifted first and cut then."""
    for start in range(0, len(codes) - 1, S):
        yield codes[:-1][start : start + S], codes[1:][start : start + S]


@wrong("q6", "two_answers")
def text_bits(codes, S, h_before, *weights):
    h = any_state.standard_normal(len(h_before))
    return surprise(read(codes[:-1], h, *weights)[0], codes[1:]).mean()


state = []


@wrong("q6", "two_answers")
def text_bits(codes, S, h_before, *weights):
    h = state.pop() if state and len(state[0]) == len(h_before) else h_before
    log_p, h = read(codes[:-1], h, *weights)
    state.append(h)
    return surprise(log_p, codes[1:]).mean()


@wrong("q6", "border")  # the state is mended, nothing else
def text_bits(codes, S, h_before, *weights):
    h, scores = h_before, []
    for start in range(0, len(codes), S):
        piece = codes[start : start + S]
        log_p, h = read(piece[:-1], h, *weights)
        scores.append(surprise(log_p, piece[1:]).sum() / len(piece))
    return np.mean(scores)


@wrong("q6", "border")  # the last letter of a piece is read, the first of the next still not predicted
def text_bits(codes, S, h_before, *weights):
    h, bits = h_before, []
    for start in range(0, len(codes), S):
        piece = codes[start : start + S]
        log_p, h = read(piece, h, *weights)
        bits.extend(surprise(log_p, piece[1:]))
    return np.mean(bits)


@wrong("q6", "reset")  # the program as it was
def text_bits(codes, S, h_before, *weights):
    scores = []
    for start in range(0, len(codes), S):
        piece = codes[start : start + S]
        log_p, _ = read(piece[:-1], np.zeros(len(h_before)), *weights)
        scores.append(surprise(log_p, piece[1:]).sum() / len(piece))
    return np.mean(scores)


@wrong("q6", "reset")
def text_bits(codes, S, h_before, *weights):
    bits = [surprise(read(x, h_before, *weights)[0], y) for x, y in pieces(codes, S)]
    return np.concatenate(bits).mean()


@wrong("q6", "no_start")
def text_bits(codes, S, h_before, *weights):
    return surprise(read(codes[:-1], np.zeros(len(h_before)), *weights)[0], codes[1:]).mean()


@wrong("q6", "divided")
def text_bits(codes, S, h_before, *weights):
    return surprise(read(codes[:-1], h_before, *weights)[0], codes[1:]).sum() / len(codes)


@wrong("q6", "divided")  # the letters at the borders are counted twice
def text_bits(codes, S, h_before, *weights):
    total, count = surprise(read(codes[:-1], h_before, *weights)[0], codes[1:]).sum(), 0
    for start in range(0, len(codes), S):
        count += len(codes[start : start + S + 1])
    return total / count


@wrong("q6", "mean_of_means")
def text_bits(codes, S, h_before, *weights):
    h, scores = h_before, []
    for x, y in pieces(codes, S):
        log_p, h = read(x, h, *weights)
        scores.append(surprise(log_p, y).mean())
    return np.mean(scores)


@wrong("q6", "same_letter")
def text_bits(codes, S, h_before, *weights):
    return surprise(read(codes, h_before, *weights)[0], codes).mean()


@wrong("q6", "sees_it")
def text_bits(codes, S, h_before, *weights):
    h, bits = h_before, []
    log_p, h = read(codes[:1], h, *weights)
    for y in codes[1:]:
        log_p, h = read([y], h, *weights)
        bits.append(surprise(log_p, [y]))
    return np.mean(bits)


@wrong("q6", "stale")
def text_bits(codes, S, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    h, bits = h_before, []
    for x, y in pairwise(codes):
        z = h @ W_hq + b_q
        h = np.tanh(W_xh[x] + h @ W_hh + b_h)
        bits.append((np.log(np.exp(z).sum()) - z[y]) / np.log(2))
    return np.mean(bits)


@wrong("q6", "first_too")
def text_bits(codes, S, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    h, bits = h_before, []
    for y in codes:
        z = h @ W_hq + b_q
        bits.append((np.log(np.exp(z).sum()) - z[y]) / np.log(2))
        h = np.tanh(W_xh[y] + h @ W_hh + b_h)
    return np.mean(bits)


@wrong("q6", "dropped")
def text_bits(codes, S, h_before, *weights):
    whole = max((len(codes) - 1) // S * S, S)
    return surprise(read(codes[:-1], h_before, *weights)[0], codes[1:])[:whole].mean()


@wrong("q6", "nats")
def text_bits(codes, S, h_before, *weights):
    return surprise(read(codes[:-1], h_before, *weights)[0], codes[1:]).mean() * np.log(2)


@wrong("q6", "summed")
def text_bits(codes, S, h_before, *weights):
    return surprise(read(codes[:-1], h_before, *weights)[0], codes[1:]).sum()


@wrong("q6", "sign")
def text_bits(codes, S, h_before, *weights):
    return -surprise(read(codes[:-1], h_before, *weights)[0], codes[1:]).mean()


@wrong("q6", "perplexity")
def text_bits(codes, S, h_before, *weights):
    return 2 ** surprise(read(codes[:-1], h_before, *weights)[0], codes[1:]).mean()


@wrong("q6", "no_bias")
def text_bits(codes, S, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    log_p, _ = read(codes[:-1], h_before, W_xh, W_hh, b_h, W_hq, 0 * b_q)
    return surprise(log_p, codes[1:]).mean()


@wrong("q6", "shape")
def text_bits(codes, S, h_before, *weights):
    return surprise(read(codes[:-1], h_before, *weights)[0], codes[1:])


@wrong("q6", "mutated")
def text_bits(codes, S, h_before, W_xh, W_hh, b_h, W_hq, b_q):
    h, bits = h_before, 0.0
    for x, y in pairwise(codes):
        h[:] = np.tanh(W_xh[x] + h @ W_hh + b_h)
        z = h @ W_hq + b_q
        bits += np.log2(np.exp(z).sum()) - z[y] / np.log(2)
    return bits / (len(codes) - 1)
