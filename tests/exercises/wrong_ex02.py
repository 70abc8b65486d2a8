"""Wrong answers to exercise 02, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

import numpy as np
from catalogue import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong
view = np.lib.stride_tricks.sliding_window_view


# --- q1 -----------------------------------------------------------------------------------------------------


def fed_back(x, w, y_before):
    """The right outputs."""
    y = []
    for x_t in x:
        y_before = x_t + w * y_before
        y.append(y_before)
    return np.array(y)


@wrong("q1", "no_start")
def feed_back(x, w, y_before):
    y = np.zeros(len(x))
    for t in range(len(x)):
        y[t] = x[t] + w * y[t - 1]  # y[-1] is the last entry, still zero
    return y


@wrong("q1", "start_returned")
def feed_back(x, w, y_before):
    y = np.full(len(x), y_before)
    for t in range(1, len(x)):
        y[t] = x[t] + w * y[t - 1]
    return y


@wrong("q1", "start_returned")
def feed_back(x, w, y_before):
    y = [y_before]
    for x_t in x:
        y.append(x_t + w * y[-1])
    return np.array(y)


@wrong("q1", "start_returned")
def feed_back(x, w, y_before):
    y = np.zeros(len(x))
    for t in range(len(x)):
        y[t] = y_before
        y_before = x[t] + w * y_before
    return y


@wrong("q1", "start_unweighted")
def feed_back(x, w, y_before):
    y = [x[0] + y_before]
    for x_t in x[1:]:
        y.append(x_t + w * y[-1])
    return np.array(y)


@wrong("q1", "start_unweighted")
def feed_back(x, w, y_before):
    return fed_back(x, w, 0.0) + w ** np.arange(len(x)) * y_before


@wrong("q1", "start_twice")
def feed_back(x, w, y_before):
    return fed_back(x, w, y_before) + w ** np.arange(1, len(x) + 1) * y_before


@wrong("q1", "start_twice")
def feed_back(x, w, y_before):
    y = [x[0] + w * y_before]
    for x_t in x[1:]:
        y.append(x_t + w * y[-1] + w * y_before)
    return np.array(y)


@wrong("q1", "no_feedback")
def feed_back(x, w, y_before):
    return x + w * y_before


@wrong("q1", "no_feedback")
def feed_back(x, w, y_before):
    return x + w * np.concatenate([[y_before], x[:-1]])


@wrong("q1", "minus")
def feed_back(x, w, y_before):
    return fed_back(x, -w, y_before)


@wrong("q1", "input_weighted")
def feed_back(x, w, y_before):
    return fed_back(w * x, w, y_before)


@wrong("q1", "input_weighted")
def feed_back(x, w, y_before):
    return fed_back((1 - w) * x, w, y_before)


@wrong("q1", "mutated")
def feed_back(x, w, y_before):
    for t in range(len(x)):
        x[t] += w * (x[t - 1] if t else y_before)
    return x


@wrong("q1", "off_by_one")
def feed_back(x, w, y_before):
    return fed_back(x[:-1], w, y_before)


@wrong("q1", "shape")
def feed_back(x, w, y_before):
    return fed_back(x, w, y_before)[-1]


@wrong("q1", "dtype")
def feed_back(x, w, y_before):
    return fed_back(x, w, y_before).astype(np.float32)


@wrong("q1", "nothing")
def feed_back(x, w, y_before):
    fed_back(x, w, y_before)


# --- q2 -----------------------------------------------------------------------------------------------------


def respond(a, x):
    """The right outputs to a series x, zeros before it."""
    y = np.zeros(len(x))
    for t in range(len(x)):
        y[t] = x[t] + sum(a[k - 1] * y[t - k] for k in range(1, min(len(a), t) + 1))
    return y


@wrong("q2", "late")
def pulse_response(a, T):
    return respond(a, np.eye(T)[1])


@wrong("q2", "early")
def pulse_response(a, T):
    y = [*np.zeros(len(a) - 1), 1.0]  # the pulse as an output before the start
    for _ in range(T):
        y.append(a @ y[: -len(a) - 1 : -1])
    return np.array(y[len(a) :])


@wrong("q2", "no_feedback")
def pulse_response(a, T):
    pulse = np.eye(T)[0]
    return pulse + sum(a[k - 1] * np.eye(T)[k] for k in range(1, len(a) + 1))


@wrong("q2", "only_one")
def pulse_response(a, T):
    return a[0] ** np.arange(T)


@wrong("q2", "turned")
def pulse_response(a, T):
    y = np.zeros(len(a) + T)
    for t in range(T):
        y[len(a) + t] = (t == 0) + a @ y[t : t + len(a)]  # a window, oldest first
    return y[len(a) :]


@wrong("q2", "minus")
def pulse_response(a, T):
    return respond(-a, np.eye(T)[0])


@wrong("q2", "step")
def pulse_response(a, T):
    return respond(a, np.ones(T))


@wrong("q2", "off_by_one")
def pulse_response(a, T):
    return respond(a, np.eye(T + 1)[0])


@wrong("q2", "shape")
def pulse_response(a, T):
    return respond(a, np.eye(T)[0])[len(a) :]


@wrong("q2", "zeros")
def pulse_response(a, T):
    return respond(a, np.zeros(T))


@wrong("q2", "mutated")
def pulse_response(a, T):
    a *= -1
    return respond(-a, np.eye(T)[0])


def of_largest(coefficients):
    """Size and angle of the largest root of a polynomial, highest power first."""
    z = max(np.roots(coefficients), key=abs)
    return abs(z), abs(np.angle(z))


@wrong("q2", "minus")
def growth_and_omega(a):
    return of_largest([1, *a])


@wrong("q2", "no_one")
def growth_and_omega(a):
    return of_largest(a)


@wrong("q2", "no_one")
def growth_and_omega(a):
    return of_largest(-a)


@wrong("q2", "inside_out")
def growth_and_omega(a):
    return of_largest([*-a[::-1], 1])


@wrong("q2", "inside_out")
def growth_and_omega(a):
    g, omega = of_largest(np.append(1, -a))
    return 1 / g, omega


@wrong("q2", "turned")
def growth_and_omega(a):
    return of_largest([1, *-a[::-1]])


@wrong("q2", "no_abs")
def growth_and_omega(a):
    z = max(np.roots([1, *-a]), key=abs)
    return z, abs(np.angle(z))


@wrong("q2", "no_abs")
def growth_and_omega(a):
    z = max(np.roots([1, *-a]), key=lambda z: z.real)
    return z.real, abs(np.angle(z))


@wrong("q2", "other_root")
def growth_and_omega(a):
    z = min(np.roots([1, *-a]), key=abs)
    return abs(z), abs(np.angle(z))


@wrong("q2", "other_root")
def growth_and_omega(a):
    roots = np.roots([1, *-a])
    return max(abs(roots)), np.angle(min(roots, key=abs))


@wrong("q2", "other_root")
def growth_and_omega(a):
    roots = np.roots([1, *-a])
    return max(abs(roots)), max(abs(np.angle(roots)))


@wrong("q2", "only_two")
def growth_and_omega(a):
    g = np.sqrt(-a[1])
    return g, np.arccos(a[0] / (2 * g))


@wrong("q2", "squared")
def growth_and_omega(a):
    g, omega = of_largest([1, *-a])
    return g**2, omega


@wrong("q2", "negative")
def growth_and_omega(a):
    z = sorted(np.roots([1, *-a]), key=lambda z: (-round(abs(z), 9), z.imag))[0]
    return abs(z), np.angle(z)


@wrong("q2", "unit")
def growth_and_omega(a):
    g, omega = of_largest([1, *-a])
    return g, 2 * np.pi / omega if omega else np.inf


@wrong("q2", "unit")
def growth_and_omega(a):
    g, omega = of_largest([1, *-a])
    return g, np.degrees(omega)


@wrong("q2", "quadrant")
def growth_and_omega(a):
    z = max(np.roots([1, *-a]), key=lambda z: (round(abs(z), 9), z.imag))
    return abs(z), np.arctan(z.imag / z.real)


@wrong("q2", "quadrant")
def growth_and_omega(a):
    z = max(np.roots([1, *-a]), key=abs)
    return abs(z), abs(np.angle(z)) if z.imag else 0.0


@wrong("q2", "type")
def growth_and_omega(a):
    return max(abs(np.roots([1, *-a])))


# --- q3 -----------------------------------------------------------------------------------------------------


@wrong("q3", "no_bias")
def narx_step(x_recent, y_recent, W_x, W_y, b, v, c):
    return np.tanh(x_recent @ W_x + y_recent @ W_y) @ v + c


@wrong("q3", "no_c")
def narx_step(x_recent, y_recent, W_x, W_y, b, v, c):
    return np.tanh(x_recent @ W_x + y_recent @ W_y + b) @ v


@wrong("q3", "no_tanh")
def narx_step(x_recent, y_recent, W_x, W_y, b, v, c):
    return (x_recent @ W_x + y_recent @ W_y + b) @ v + c


@wrong("q3", "tanh_twice")
def narx_step(x_recent, y_recent, W_x, W_y, b, v, c):
    return np.tanh(np.tanh(x_recent @ W_x + y_recent @ W_y + b) @ v + c)


@wrong("q3", "two_layers")
def narx_step(x_recent, y_recent, W_x, W_y, b, v, c):
    return (np.tanh(x_recent @ W_x + b) + np.tanh(y_recent @ W_y)) @ v + c


@wrong("q3", "newest_first")
def narx_step(x_recent, y_recent, W_x, W_y, b, v, c):
    return np.tanh(x_recent @ W_x + y_recent[:, ::-1] @ W_y + b) @ v + c


@wrong("q3", "inputs_only")
def narx_step(x_recent, y_recent, W_x, W_y, b, v, c):
    return np.tanh(x_recent @ W_x + b) @ v + c


@wrong("q3", "not_summed")
def narx_step(x_recent, y_recent, W_x, W_y, b, v, c):
    return np.tanh(x_recent @ W_x + y_recent @ W_y + b) * v + c / len(v)


@wrong("q3", "shape")
def narx_step(x_recent, y_recent, W_x, W_y, b, v, c):
    return np.tanh(x_recent @ W_x + y_recent @ W_y + b) @ v[:, None] + c


@wrong("q3", "sign")
def narx_step(x_recent, y_recent, W_x, W_y, b, v, c):
    return -(np.tanh(x_recent @ W_x + y_recent @ W_y + b) @ v + c)


@wrong("q3", "raised")
def narx_step(x_recent, y_recent, W_x, W_y, b, v, c):
    return np.tanh(W_x @ x_recent + W_y @ y_recent + b) @ v + c


def run(x, y, x_rows, W_x, W_y, b, v, c):
    """Fill y[K:], K outputs before it given, from the rows (…, L) of inputs: the right loop."""
    K = len(W_y)
    for t, x_recent in enumerate(x_rows):
        y[K + t] = np.tanh(x_recent @ W_x + y[t : t + K] @ W_y + b) @ v + c
    return y


@wrong("q3", "raised")
def narx(x, K, W_x, W_y, b, v, c):
    y = [0.0] * K
    for t in range(len(x)):
        x_recent = x[t - len(W_x) + 1 : t + 1]  # empty at t = 0
        y.append(np.tanh(x_recent @ W_x + np.array(y[-K:]) @ W_y + b) @ v + c)
    return np.array(y[K:])


@wrong("q3", "inputs_only")
def narx(x, K, W_x, W_y, b, v, c):
    x_rows = view(np.append(np.zeros(len(W_x) - 1), x), len(W_x))
    return np.tanh(x_rows @ W_x + np.zeros(K) @ W_y + b) @ v + c


@wrong("q3", "late_input")
def narx(x, K, W_x, W_y, b, v, c):
    x_rows = view(np.append(np.zeros(len(W_x)), x), len(W_x))[:-1]
    return run(x, np.zeros(K + len(x)), x_rows, W_x, W_y, b, v, c)[K:]


@wrong("q3", "future")
def narx(x, K, W_x, W_y, b, v, c):
    x_rows = view(np.append(x, np.zeros(len(W_x) - 1)), len(W_x))
    return run(x, np.zeros(K + len(x)), x_rows, W_x, W_y, b, v, c)[K:]


@wrong("q3", "short")
def narx(x, K, W_x, W_y, b, v, c):
    x_rows = view(x, len(W_x))
    return run(x, np.zeros(K + len(x_rows)), x_rows, W_x, W_y, b, v, c)[K:]


@wrong("q3", "late_output")
def narx(x, K, W_x, W_y, b, v, c):
    x_padded, y = np.append(np.zeros(len(W_x) - 1), x), np.zeros(K + 1 + len(x))
    for t in range(len(x)):
        y[K + 1 + t] = np.tanh(x_padded[t : t + len(W_x)] @ W_x + y[t : t + K] @ W_y + b) @ v + c
    return y[K + 1 :]


@wrong("q3", "newest_first")
def narx(x, K, W_x, W_y, b, v, c):
    x_padded, y_recent, y = np.append(np.zeros(len(W_x) - 1), x), np.zeros(K), []
    for t in range(len(x)):
        y.append(np.tanh(x_padded[t : t + len(W_x)] @ W_x + y_recent @ W_y + b) @ v + c)
        y_recent = np.append(y[-1], y_recent[:-1])
    return np.array(y)


@wrong("q3", "newest_first")
def narx(x, K, W_x, W_y, b, v, c):
    x_rows = view(np.append(np.zeros(len(W_x) - 1), x), len(W_x))[:, ::-1]
    return run(x, np.zeros(K + len(x)), x_rows, W_x, W_y, b, v, c)[K:]


@wrong("q3", "start_returned")
def narx(x, K, W_x, W_y, b, v, c):
    x_rows = view(np.append(np.zeros(len(W_x) - 1), x), len(W_x))
    return run(x, np.zeros(K + len(x)), x_rows, W_x, W_y, b, v, c)


@wrong("q3", "start_returned")
def narx(x, K, W_x, W_y, b, v, c):
    x_rows = view(np.append(np.zeros(len(W_x) - 1), x), len(W_x))
    return run(x, np.zeros(K + len(x)), x_rows, W_x, W_y, b, v, c)[: len(x)]


@wrong("q3", "no_c")
def narx(x, K, W_x, W_y, b, v, c):
    x_rows = view(np.append(np.zeros(len(W_x) - 1), x), len(W_x))
    return run(x, np.zeros(K + len(x)), x_rows, W_x, W_y, b, v, 0.0)[K:] + c


@wrong("q3", "no_bias")
def narx(x, K, W_x, W_y, b, v, c):
    x_rows = view(np.append(np.zeros(len(W_x) - 1), x), len(W_x))
    return run(x, np.zeros(K + len(x)), x_rows, W_x, W_y, 0.0, v, c)[K:]


@wrong("q3", "tanh_twice")
def narx(x, K, W_x, W_y, b, v, c):
    x_padded, y = np.append(np.zeros(len(W_x) - 1), x), np.zeros(K + len(x))
    for t in range(len(x)):
        y[K + t] = np.tanh(np.tanh(x_padded[t : t + len(W_x)] @ W_x + y[t : t + K] @ W_y + b) @ v + c)
    return y[K:]


y_so_far = [0.0, 0.0, 0.0]


@wrong("q3", "carried")
def narx(x, K, W_x, W_y, b, v, c):
    x_padded = np.append(np.zeros(len(W_x) - 1), x)
    for t in range(len(x)):
        x_recent, y_recent = x_padded[t : t + len(W_x)], np.array(y_so_far[-K:])
        y_so_far.append(np.tanh(x_recent @ W_x + y_recent @ W_y + b) @ v + c)
    return np.array(y_so_far[-len(x) :])


@wrong("q3", "mutated")
def narx(x, K, W_x, W_y, b, v, c):
    x_padded = np.append(np.zeros(len(W_x) - 1), x)
    y = np.zeros(K)
    for t in range(len(x)):
        x[t] = np.tanh(x_padded[t : t + len(W_x)] @ W_x + y @ W_y + b) @ v + c
        y = np.append(y[1:], x[t])
    return x


# --- q4 -----------------------------------------------------------------------------------------------------


def cut(u, y, K, L, end_u=0, end_y=0, ahead=1):
    """Rows of inputs that end with u[t + end_u], of outputs with y[t + end_y]; targets y[t + ahead]."""
    times = range(max(K, L) - 1, len(u) - max(1, ahead, end_u))
    return (
        np.array([u[t + end_u + 1 - L : t + end_u + 1] for t in times]),
        np.array([y[t + end_y + 1 - K : t + end_y + 1] for t in times]),
        np.array([y[t + ahead] for t in times]),
    )


@wrong("q4", "newest_first")
def pairs(u, y, K, L):
    past_inputs, past_outputs, targets = cut(u, y, K, L)
    return past_inputs[:, ::-1], past_outputs[:, ::-1], targets


@wrong("q4", "newest_first")
def pairs(u, y, K, L):
    past_inputs, past_outputs, targets = cut(u, y, K, L)
    return past_inputs, past_outputs[:, ::-1], targets


@wrong("q4", "unaligned")
def pairs(u, y, K, L):
    n = len(u) - max(K, L)
    return view(u, L)[:n], view(y, K)[:n], y[max(K, L) :]


@wrong("q4", "unaligned")
def pairs(u, y, K, L):
    return view(u, L)[:-1], view(y, K)[:-1], y[K:]  # the chapter's, where K = L


@wrong("q4", "exchanged")
def pairs(u, y, K, L):
    return cut(u, y, L, K)


@wrong("q4", "exchanged")
def pairs(u, y, K, L):
    past_inputs, past_outputs, targets = cut(u, y, K, L)
    return past_outputs, past_inputs, targets


@wrong("q4", "seen_target")
def pairs(u, y, K, L):
    return cut(u, y, K, L, ahead=0)


@wrong("q4", "late_target")
def pairs(u, y, K, L):
    past_inputs, past_outputs, targets = cut(u, y, K, L)
    return past_inputs, past_outputs, targets[1:]


@wrong("q4", "late_target")
def pairs(u, y, K, L):
    past_inputs, past_outputs, targets = cut(u, y, K, L)
    return past_inputs, past_outputs, np.append(targets[1:], y[0])


@wrong("q4", "off_by_one")
def pairs(u, y, K, L):
    return cut(u, y, K, L, ahead=2)


@wrong("q4", "off_by_one")
def pairs(u, y, K, L):
    M = max(K, L)
    return view(u, L)[M - L :], view(y, K)[M - K :], y[M:]


@wrong("q4", "off_by_one")
def pairs(u, y, K, L):
    return tuple(part[1:] for part in cut(u, y, K, L))


@wrong("q4", "input_target")
def pairs(u, y, K, L):
    past_inputs, past_outputs, _ = cut(u, y, K, L)
    return past_inputs, past_outputs, u[max(K, L) :]


@wrong("q4", "new_input")
def pairs(u, y, K, L):
    return cut(u, y, K, L, end_u=1)


@wrong("q4", "old_input")
def pairs(u, y, K, L):
    return cut(u, y, K, L, end_u=-1)


@wrong("q4", "raised")
def pairs(u, y, K, L):
    times = range(min(K, L) - 1, len(u) - 1)
    past_inputs = np.stack([u[t - L + 1 : t + 1] for t in times])
    past_outputs = np.stack([y[t - K + 1 : t + 1] for t in times])
    return past_inputs, past_outputs, y[min(K, L) :]


@wrong("q4", "transposed")
def pairs(u, y, K, L):
    past_inputs, past_outputs, targets = cut(u, y, K, L)
    return past_inputs.T, past_outputs.T, targets


@wrong("q4", "mutated")
def pairs(u, y, K, L):
    y -= y.mean()
    return cut(u, y, K, L)


@wrong("q4", "type")
def pairs(u, y, K, L):
    past_inputs, past_outputs, targets = cut(u, y, K, L)
    return np.hstack([past_inputs, past_outputs]), targets


# --- q5 -----------------------------------------------------------------------------------------------------


@wrong("q5", "mutated")
def run_alone(U, Y, w_u, w_y, c):  # the program as it was
    B, S, K = Y.shape
    U_rows, Y_rows = U.reshape(B * S, -1), Y.reshape(B * S, K)
    y_hat = np.zeros(B * S)
    for i in range(B * S):
        y_hat[i] = U_rows[i] @ w_u + Y_rows[i] @ w_y + c
        if i + 1 < B * S:
            Y_rows[i + 1, -1] = y_hat[i]
    return y_hat.reshape(B, S)


@wrong("q5", "measured")
def run_alone(U, Y, w_u, w_y, c):  # the same on a copy
    B, S, K = Y.shape
    U_rows, Y_rows = U.reshape(B * S, -1), Y.copy().reshape(B * S, K)
    y_hat = np.zeros(B * S)
    for i in range(B * S):
        y_hat[i] = U_rows[i] @ w_u + Y_rows[i] @ w_y + c
        if i + 1 < B * S:
            Y_rows[i + 1, -1] = y_hat[i]
    return y_hat.reshape(B, S)


@wrong("q5", "measured")
def run_alone(U, Y, w_u, w_y, c):  # the same within each piece
    Y, y_hat = Y.copy(), np.zeros(U.shape[:2])
    for s in range(U.shape[1]):
        y_hat[:, s] = U[:, s] @ w_u + Y[:, s] @ w_y + c
        Y[:, s + 1 : s + 2, -1] = y_hat[:, s, None]
    return y_hat


@wrong("q5", "open_loop")
def run_alone(U, Y, w_u, w_y, c):
    return U @ w_u + Y @ w_y + c


def free(U, y_recent, w_u, w_y, c, turn=lambda y_recent, y: np.column_stack([y_recent[:, 1:], y])):
    """The right run of all pieces from the outputs before them (B, K), or one that feeds back otherwise."""
    y_hat = []
    for s in range(U.shape[1]):
        y_hat.append(U[:, s] @ w_u + y_recent @ w_y + c)
        y_recent = turn(y_recent, y_hat[-1])
    return np.array(y_hat).T


@wrong("q5", "border")
def run_alone(U, Y, w_u, w_y, c):
    y_recent, y_hat = Y[0, 0], np.zeros(U.shape[:2])
    for p in range(U.shape[0]):
        for s in range(U.shape[1]):
            y_hat[p, s] = U[p, s] @ w_u + y_recent @ w_y + c
            y_recent = np.append(y_recent[1:], y_hat[p, s])
    return y_hat


@wrong("q5", "border")
def run_alone(U, Y, w_u, w_y, c):
    B, S, L = U.shape
    return free(U.reshape(1, B * S, L), Y[:1, 0], w_u, w_y, c).reshape(B, S)


@wrong("q5", "one_start")
def run_alone(U, Y, w_u, w_y, c):
    return free(U, np.tile(Y[0, 0], (len(U), 1)), w_u, w_y, c)


@wrong("q5", "no_start")
def run_alone(U, Y, w_u, w_y, c):
    return free(U, np.zeros((len(U), len(w_y))), w_u, w_y, c)


@wrong("q5", "wrong_end")
def run_alone(U, Y, w_u, w_y, c):
    return free(U, Y[:, 0], w_u, w_y, c, lambda y_recent, y: np.column_stack([y, y_recent[:, :-1]]))


@wrong("q5", "same_input")
def run_alone(U, Y, w_u, w_y, c):
    return free(np.repeat(U[:, :1], U.shape[1], axis=1), Y[:, 0], w_u, w_y, c)


@wrong("q5", "no_c")
def run_alone(U, Y, w_u, w_y, c):
    return free(U, Y[:, 0], w_u, w_y, 0.0) + c


@wrong("q5", "transposed")
def run_alone(U, Y, w_u, w_y, c):
    return free(U, Y[:, 0], w_u, w_y, c).T


@wrong("q5", "mutated")
def run_alone(U, Y, w_u, w_y, c):
    y_recent, y_hat = Y[:, 0], np.zeros(U.shape[:2])
    for s in range(U.shape[1]):
        y_hat[:, s] = U[:, s] @ w_u + y_recent @ w_y + c
        y_recent[:, :-1] = y_recent[:, 1:]
        y_recent[:, -1] = y_hat[:, s]
    return y_hat


@wrong("q5", "late")
def run_alone(U, Y, w_u, w_y, c):
    y_hat = free(U, Y[:, 0], w_u, w_y, c)
    return np.column_stack([Y[:, 0, -1], y_hat[:, :-1]])


@wrong("q5", "shape")
def run_alone(U, Y, w_u, w_y, c):
    return free(U, Y[:, 0], w_u, w_y, c).ravel()


@wrong("q5", "type")
def run_alone(U, Y, w_u, w_y, c):
    y_hat = free(U, Y[:, 0], w_u, w_y, c)
    return y_hat, np.mean((y_hat - Y[:, :, -1]) ** 2)
