"""Wrong answers to exercise 01, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

import math

import numpy as np
from catalogue import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong
view = np.lib.stride_tricks.sliding_window_view


# --- q1 -----------------------------------------------------------------------------------------------------


@wrong("q1", "newest_first")
def make_windows(x, N, k):
    pairs = len(x) - N - k + 1
    return np.stack([x[i : i + N][::-1] for i in range(pairs)]), x[N - 1 + k :]


@wrong("q1", "in_window")
def make_windows(x, N, k):
    pairs = len(x) - N - k + 1
    return view(x, N)[:pairs], np.array([x[i + N - 2 + k] for i in range(pairs)])


@wrong("q1", "one_step")
def make_windows(x, N, k):
    pairs = len(x) - N - k + 1
    return view(x, N)[:pairs], x[N : N + pairs]


@wrong("q1", "off_by_one")
def make_windows(x, N, k):
    pairs = len(x) - N - k
    return view(x, N)[:pairs], x[N - 1 + k : -1]


@wrong("q1", "off_by_one")
def make_windows(x, N, k):
    return view(x, N)[: len(x) - N - k + 2], x[N - 2 + k :]


@wrong("q1", "late_target")
def make_windows(x, N, k):
    pairs = len(x) - N - k + 1
    wrapped = np.append(x, x)
    return view(x, N)[:pairs], np.array([wrapped[i + N + k] for i in range(pairs)])


@wrong("q1", "apart")
def make_windows(x, N, k):
    rows = range(0, len(x) - N - k + 1, N)
    return np.stack([x[i : i + N] for i in rows]), np.array([x[i + N - 1 + k] for i in rows])


@wrong("q1", "transposed")
def make_windows(x, N, k):
    pairs = len(x) - N - k + 1
    return np.stack([x[j : j + pairs] for j in range(N)]), x[N - 1 + k :]


@wrong("q1", "mutated")
def make_windows(x, N, k):
    x -= x.mean()
    x += 1e-3
    return view(x, N)[: len(x) - N - k + 1], x[N - 1 + k :]


@wrong("q1", "type")
def make_windows(x, N, k):
    return view(x, N)[: len(x) - N - k + 1]


@wrong("q1", "nothing")
def make_windows(x, N, k):
    _ = view(x, N)[: len(x) - N - k + 1], x[N - 1 + k :]


@wrong("q1", "zeros")
def make_windows(x, N, k):
    pairs = len(x) - N - k + 1
    return np.zeros((pairs, N)), np.zeros(pairs)


@wrong("q1", "shape")
def make_windows(x, N, k):
    return view(x, N)[: len(x) - N - k + 1], x[N - 1 + k :, None]


@wrong("q1", "dtype")
def make_windows(x, N, k):
    pairs = len(x) - N - k + 1
    inputs = np.zeros((pairs, N), dtype=int)
    for i in range(pairs):
        inputs[i] = 10 * x[i : i + N]
    return inputs, x[N - 1 + k :]


@wrong("q1", "raised")
def make_windows(x, N, k):
    return view(x, N), np.array([x[i + N - 1 + k] for i in range(len(x))])


# --- q2 -----------------------------------------------------------------------------------------------------


@wrong("q2", "reshape")
def conv1d_kernel(W):
    return W.reshape(W.shape[1], 1, W.shape[0])


@wrong("q2", "flipped")
def conv1d_kernel(W):
    return W[::-1].T[:, None, :]


@wrong("q2", "shape")
def conv1d_kernel(W):
    return W.T


@wrong("q2", "transposed")
def conv1d_kernel(W):
    return W[:, None, :]


@wrong("q2", "flipped")
def slide(x, W, b):
    padded = np.concatenate([np.zeros(len(W) - 1), x])
    return np.stack([np.convolve(padded, w, mode="valid") for w in W.T], axis=1) + b


@wrong("q2", "centred")
def slide(x, W, b):
    return np.stack([np.convolve(x, w[::-1], mode="same") for w in W.T], axis=1) + b


@wrong("q2", "centred")
def slide(x, W, b):
    return np.stack([np.convolve(x, w, mode="same") for w in W.T], axis=1) + b


@wrong("q2", "future")
def slide(x, W, b):
    return view(np.concatenate([x, np.zeros(len(W) - 1)]), len(W)) @ W + b


@wrong("q2", "no_bias")
def slide(x, W, b):
    return view(np.concatenate([np.zeros(len(W) - 1), x]), len(W)) @ W


@wrong("q2", "short")
def slide(x, W, b):
    return view(x, len(W)) @ W + b


@wrong("q2", "transposed")
def slide(x, W, b):
    return (view(np.concatenate([np.zeros(len(W) - 1), x]), len(W)) @ W + b).T


@wrong("q2", "sign")
def slide(x, W, b):
    return -(view(np.concatenate([np.zeros(len(W) - 1), x]), len(W)) @ W + b)


@wrong("q2", "scaled")
def slide(x, W, b):
    return (view(np.concatenate([np.zeros(len(W) - 1), x]), len(W)) @ W + b) / len(W)


@wrong("q2", "not_summed")
def slide(x, W, b):
    windows = view(np.concatenate([np.zeros(len(W) - 1), x]), len(W))
    return windows[:, :, None] * W + b / len(W)


@wrong("q2", "off_by_one")
def slide(x, W, b):
    return view(np.concatenate([np.zeros(len(W)), x]), len(W))[:-1] @ W + b


@wrong("q2", "off_by_one")
def slide(x, W, b):
    return view(np.concatenate([np.zeros(len(W)), x]), len(W)) @ W + b


@wrong("q2", "dtype")
def slide(x, W, b):
    windows = view(np.concatenate([np.zeros(len(W) - 1), x]), len(W))
    return (windows @ W + b).astype(np.float32)


@wrong("q2", "nan")
def slide(x, W, b):
    return view(np.concatenate([np.full(len(W) - 1, np.nan), x]), len(W)) @ W + b


# --- q3 -----------------------------------------------------------------------------------------------------


@wrong("q3", "no_present")
def receptive_field(kernels, dilations):
    return sum((n - 1) * d for n, d in zip(kernels, dilations, strict=True))


@wrong("q3", "whole_kernels")
def receptive_field(kernels, dilations):
    return sum(n * d for n, d in zip(kernels, dilations, strict=True))


@wrong("q3", "whole_kernels")
def receptive_field(kernels, dilations):
    return 1 + sum(n * d for n, d in zip(kernels, dilations, strict=True))


@wrong("q3", "no_dilation")
def receptive_field(kernels, dilations):
    return 1 + sum(n - 1 for n in kernels)


@wrong("q3", "product")
def receptive_field(kernels, dilations):
    return math.prod(n * d for n, d in zip(kernels, dilations, strict=True))


@wrong("q3", "one_layer")
def receptive_field(kernels, dilations):
    return max((n - 1) * d + 1 for n, d in zip(kernels, dilations, strict=True))


@wrong("q3", "zeros")
def receptive_field(kernels, dilations):
    return 0


@wrong("q3", "mutated")
def receptive_field(kernels, dilations):
    reach = 1
    while kernels:
        reach += (kernels.pop() - 1) * dilations.pop()
    return reach


@wrong("q3", "one_layer_short")
def layers_to_see(steps, kernel):
    return math.floor(math.log2((steps - 1) / (kernel - 1) + 1))


@wrong("q3", "one_layer_more")
def layers_to_see(steps, kernel):
    layers = 0
    while 1 + (kernel - 1) * (2**layers - 1) <= steps:
        layers += 1
    return layers


@wrong("q3", "plain_stack")
def layers_to_see(steps, kernel):
    return math.ceil((steps - 1) / (kernel - 1))


@wrong("q3", "kernel_two")
def layers_to_see(steps, kernel):
    return math.ceil(math.log2(steps))


# --- q4 -----------------------------------------------------------------------------------------------------


@wrong("q4", "no_feedback")
def free_run(window, w, b, steps):
    return np.array([w @ window + b for _ in range(steps)])


@wrong("q4", "not_written_back")
def free_run(window, w, b, steps):
    out = np.zeros(steps)
    for t in range(steps):
        out[t] = w @ window + b
        window = np.roll(window, -1)
    return out


@wrong("q4", "wrong_end")
def free_run(window, w, b, steps):
    out = np.zeros(steps)
    for t in range(steps):
        out[t] = w @ window + b
        window = np.concatenate([out[t : t + 1], window[:-1]])
    return out


@wrong("q4", "newest_first")
def free_run(window, w, b, steps):
    history = list(window)
    for _ in range(steps):
        history.append(sum(w[n] * history[-1 - n] for n in range(len(w))) + b)
    return np.array(history[len(w) :])


@wrong("q4", "no_bias")
def free_run(window, w, b, steps):
    out = []
    for _ in range(steps):
        out.append(w @ window)
        window = np.append(window[1:], out[-1])
    return np.array(out)


@wrong("q4", "bias_outside")
def free_run(window, w, b, steps):
    out = []
    for _ in range(steps):
        forecast = w @ window
        window = np.append(window[1:], forecast)
        out.append(forecast + b)
    return np.array(out)


@wrong("q4", "last_known")
def free_run(window, w, b, steps):
    out = []
    for _ in range(steps):
        out.append(window[-1])
        window = np.append(window[1:], w @ window + b)
    return np.array(out)


@wrong("q4", "mutated")
def free_run(window, w, b, steps):
    out = np.zeros(steps)
    for t in range(steps):
        out[t] = w @ window + b
        window[:-1] = window[1:]
        window[-1] = out[t]
    return out


@wrong("q4", "off_by_one")
def free_run(window, w, b, steps):
    out = []
    for _ in range(steps - 1):
        out.append(w @ window + b)
        window = np.append(window[1:], out[-1])
    return np.array(out)


@wrong("q4", "shape")
def free_run(window, w, b, steps):
    history = list(window)
    for _ in range(steps):
        history.append(w @ np.array(history[-len(w) :]) + b)
    return np.array(history)


@wrong("q4", "dtype")
def free_run(window, w, b, steps):
    out = np.zeros(steps, dtype=int)
    for t in range(steps):
        out[t] = 100 * (w @ window + b)
        window = np.append(window[1:], out[t] / 100)
    return out


# --- q5 -----------------------------------------------------------------------------------------------------


def prepared(x, N, k, n_train, smooth_slice=slice(2, None), known=None, m=None, smooth_targets=False):
    """The right preparation, with one step of it exchanged."""
    smooth = x.copy()
    smooth[smooth_slice] = (x[:-2] + x[1:-1] + x[2:]) / 3
    known = x[:n_train] if known is None else known
    pairs = len(x) - N - k + 1
    inputs = (view(smooth, N)[:pairs] - known.mean()) / known.std()
    targets = ((smooth if smooth_targets else x)[N - 1 + k :] - known.mean()) / known.std()
    m = n_train - (N - 1 + k) if m is None else m
    return inputs[:m], targets[:m], inputs[m:], targets[m:]


@wrong("q5", "smoothing")
def prepare(x, N, k, n_train):  # the leaky program as it was
    return prepared(x, N, k, n_train, slice(1, -1), known=x, m=n_train)


@wrong("q5", "smoothing")
def prepare(x, N, k, n_train):
    return prepared(x, N, k, n_train, slice(1, -1))


@wrong("q5", "scaling")
def prepare(x, N, k, n_train):
    return prepared(x, N, k, n_train, known=x)


@wrong("q5", "split")
def prepare(x, N, k, n_train):
    return prepared(x, N, k, n_train, m=n_train)


@wrong("q5", "scaling")
def prepare(x, N, k, n_train):
    return prepared(x, N, k, n_train, known=x, m=n_train)


@wrong("q5", "smooth_targets")
def prepare(x, N, k, n_train):
    return prepared(x, N, k, n_train, smooth_targets=True)


@wrong("q5", "no_smoothing")
def prepare(x, N, k, n_train):
    known, m = x[:n_train], n_train - (N - 1 + k)
    z = (x - known.mean()) / known.std()
    inputs, targets = view(z, N)[: len(x) - N - k + 1], z[N - 1 + k :]
    return inputs[:m], targets[:m], inputs[m:], targets[m:]


@wrong("q5", "scaled_apart")
def prepare(x, N, k, n_train):
    smooth = x.copy()
    smooth[2:] = (x[:-2] + x[1:-1] + x[2:]) / 3
    x = x.copy()
    for part in (slice(None, n_train), slice(n_train, None)):
        mean, std = x[part].mean(), x[part].std()
        smooth[part] = (smooth[part] - mean) / std
        x[part] = (x[part] - mean) / std
    m = n_train - (N - 1 + k)
    inputs, targets = view(smooth, N)[: len(x) - N - k + 1], x[N - 1 + k :]
    return inputs[:m], targets[:m], inputs[m:], targets[m:]


@wrong("q5", "cut_apart")
def prepare(x, N, k, n_train):
    inputs, targets, later_inputs, later_targets = prepared(x, N, k, n_train)
    return inputs, targets, later_inputs[N - 1 + k :], later_targets[N - 1 + k :]


@wrong("q5", "mutated")
def prepare(x, N, k, n_train):
    x[2:] = (x[:-2] + x[1:-1] + x[2:]) / 3
    return prepared(x, N, k, n_train)


@wrong("q5", "type")
def prepare(x, N, k, n_train):
    inputs, targets, later_inputs, later_targets = prepared(x, N, k, n_train)
    return (inputs, targets), (later_inputs, later_targets)


# --- q6 -----------------------------------------------------------------------------------------------------


def response(W, b, v, c, x):
    """The right outputs to a series x, zeros before it."""
    return np.tanh(view(np.concatenate([np.zeros(len(W) - 1), x]), len(W)) @ W + b) @ v + c


@wrong("q6", "rest")
def impulse_response(W, b, v, c, T):
    return response(W, b, v, c, np.eye(T)[0])


@wrong("q6", "rest")
def impulse_response(W, b, v, c, T):
    return response(W, b, v, 0.0, np.eye(T)[0])


@wrong("q6", "turned")
def impulse_response(W, b, v, c, T):
    return response(W[::-1], b, v, c, np.eye(T)[0]) - response(W, b, v, c, np.zeros(T))


@wrong("q6", "linear")
def impulse_response(W, b, v, c, T):
    return view(np.concatenate([np.zeros(len(W) - 1), np.eye(T)[0]]), len(W)) @ W @ v


@wrong("q6", "no_bias")
def impulse_response(W, b, v, c, T):
    return response(W, 0 * b, v, c, np.eye(T)[0]) - response(W, 0 * b, v, c, np.zeros(T))


@wrong("q6", "late")
def impulse_response(W, b, v, c, T):
    return response(W, b, v, c, np.eye(T)[1]) - response(W, b, v, c, np.zeros(T))


@wrong("q6", "short")
def impulse_response(W, b, v, c, T):
    return (response(W, b, v, c, np.eye(T)[0]) - response(W, b, v, c, np.zeros(T)))[: len(W)]


@wrong("q6", "no_silence")
def impulse_response(W, b, v, c, T):
    windows = view(np.eye(T)[0], len(W))
    return np.tanh(windows @ W + b) @ v - np.tanh(b) @ v


@wrong("q6", "sign")
def impulse_response(W, b, v, c, T):
    return response(W, b, v, c, np.zeros(T)) - response(W, b, v, c, np.eye(T)[0])


@wrong("q6", "not_summed")
def impulse_response(W, b, v, c, T):
    windows = view(np.concatenate([np.zeros(len(W) - 1), np.eye(T)[0]]), len(W))
    return (np.tanh(windows @ W + b) - np.tanh(b)) * v
