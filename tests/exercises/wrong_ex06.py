"""Wrong answers to exercise 06, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

import math

import numpy as np
from catalogue import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


# --- q1 -----------------------------------------------------------------------------------------------------


@wrong("q1", "order")
def jacobian(states, W_hh, k, t):
    J = np.eye(len(W_hh))
    for i in range(k + 1, t + 1):
        J = J @ np.diag(1 - states[i] ** 2) @ W_hh.T
    return J


@wrong("q1", "not_transposed")
def jacobian(states, W_hh, k, t):
    J = np.eye(len(W_hh))
    for i in range(k + 1, t + 1):
        J = np.diag(1 - states[i] ** 2) @ W_hh @ J
    return J


@wrong("q1", "not_transposed")
def jacobian(states, W_hh, k, t):
    J = np.eye(len(W_hh))
    for i in range(k + 1, t + 1):
        J = J @ np.diag(1 - states[i] ** 2) @ W_hh
    return J


@wrong("q1", "layout")
def jacobian(states, W_hh, k, t):  # the gradient's direction: rows for the earlier unit
    J = np.eye(len(W_hh))
    for i in range(k + 1, t + 1):
        J = J @ W_hh @ np.diag(1 - states[i] ** 2)
    return J


@wrong("q1", "slope_place")
def jacobian(states, W_hh, k, t):  # broadcasting scales columns
    J = np.eye(len(W_hh))
    for i in range(k + 1, t + 1):
        J = ((1 - states[i] ** 2) * W_hh.T) @ J
    return J


@wrong("q1", "slope_place")
def jacobian(states, W_hh, k, t):
    J = np.linalg.matrix_power(W_hh.T, t - k)
    for i in range(k + 1, t + 1):
        J = (1 - states[i] ** 2)[:, None] * J
    return J


@wrong("q1", "slope_step")
def jacobian(states, W_hh, k, t):
    J = np.eye(len(W_hh))
    for i in range(k, t):
        J = np.diag(1 - states[i] ** 2) @ W_hh.T @ J
    return J


@wrong("q1", "no_slope")
def jacobian(states, W_hh, k, t):
    return np.linalg.matrix_power(W_hh.T, t - k)


@wrong("q1", "slope")
def jacobian(states, W_hh, k, t):
    J = np.eye(len(W_hh))
    for i in range(k + 1, t + 1):
        J = np.diag(1 - np.tanh(states[i]) ** 2) @ W_hh.T @ J
    return J


@wrong("q1", "slope")
def jacobian(states, W_hh, k, t):
    J = np.eye(len(W_hh))
    for i in range(k + 1, t + 1):
        J = np.diag(states[i] * (1 - states[i])) @ W_hh.T @ J
    return J


@wrong("q1", "one_more")
def jacobian(states, W_hh, k, t):
    J = np.eye(len(W_hh))
    for i in range(k, t + 1):
        J = np.diag(1 - states[i] ** 2) @ W_hh.T @ J
    return J


@wrong("q1", "one_less")
def jacobian(states, W_hh, k, t):
    J = np.eye(len(W_hh))
    for i in range(k + 1, t):
        J = np.diag(1 - states[i] ** 2) @ W_hh.T @ J
    return J


@wrong("q1", "elementwise")
def jacobian(states, W_hh, k, t):
    J = np.ones(W_hh.shape)
    for i in range(k + 1, t + 1):
        J = J * (np.diag(1 - states[i] ** 2) @ W_hh.T)
    return J


@wrong("q1", "lag_zero")
def jacobian(states, W_hh, k, t):
    if t == k:
        return np.zeros(W_hh.shape)
    J = np.eye(len(W_hh))
    for i in range(k + 1, t + 1):
        J = np.diag(1 - states[i] ** 2) @ W_hh.T @ J
    return J


@wrong("q1", "lag_zero")
def jacobian(states, W_hh, k, t):
    J = np.diag(1 - states[t] ** 2) @ W_hh.T
    for i in range(t - 1, k, -1):
        J = J @ np.diag(1 - states[i] ** 2) @ W_hh.T
    return J


@wrong("q1", "not_transposed")
def carried_back(e, states, W_hh):
    rows = [e]
    for h in states[:0:-1]:
        rows.append((rows[-1] * (1 - h**2)) @ W_hh)
    return np.stack(rows[::-1])


@wrong("q1", "slope_step")
def carried_back(e, states, W_hh):
    rows = [e]
    for h in states[-2::-1]:
        rows.append((rows[-1] * (1 - h**2)) @ W_hh.T)
    return np.stack(rows[::-1])


@wrong("q1", "slope_place")
def carried_back(e, states, W_hh):
    rows = [e]
    for h in states[:0:-1]:
        rows.append((rows[-1] @ W_hh.T) * (1 - h**2))
    return np.stack(rows[::-1])


@wrong("q1", "slope_place")
def carried_back(e, states, W_hh):
    rows = [e]
    for h in states[-2::-1]:
        rows.append((rows[-1] @ W_hh.T) * (1 - h**2))
    return np.stack(rows[::-1])


@wrong("q1", "no_slope")
def carried_back(e, states, W_hh):
    rows = [e]
    for _ in states[1:]:
        rows.append(rows[-1] @ W_hh.T)
    return np.stack(rows[::-1])


@wrong("q1", "one_more")
def carried_back(e, states, W_hh):
    rows = []
    for h in states[::-1]:
        e = (e * (1 - h**2)) @ W_hh.T
        rows.append(e)
    return np.stack(rows[::-1])


@wrong("q1", "lag_order")
def carried_back(e, states, W_hh):
    rows = [e]
    for h in states[:0:-1]:
        rows.append((rows[-1] * (1 - h**2)) @ W_hh.T)
    return np.stack(rows)


@wrong("q1", "added")
def carried_back(e, states, W_hh):
    rows = [e]
    for h in states[:0:-1]:
        rows.append(e + (rows[-1] * (1 - h**2)) @ W_hh.T)
    return np.stack(rows[::-1])


@wrong("q1", "one_buffer")
def carried_back(e, states, W_hh):
    delta = e.copy()
    rows = [delta]
    for h in states[:0:-1]:
        delta[:] = (delta * (1 - h**2)) @ W_hh.T
        rows.append(delta)
    return np.stack(rows[::-1])


@wrong("q1", "over_batch")
def carried_back(e, states, W_hh):
    rows = [e]
    for h in states[:0:-1]:
        rows.append((rows[-1] * (1 - h.mean(axis=0) ** 2)) @ W_hh.T)
    return np.stack(rows[::-1])


@wrong("q1", "mutated")
def carried_back(e, states, W_hh):
    out = np.zeros(states.shape)
    for k in range(len(states) - 1, -1, -1):
        out[k] = e
        e *= 1 - states[k] ** 2
        e[:] = e @ W_hh.T
    return out


@wrong("q1", "off_by_one")
def carried_back(e, states, W_hh):
    rows = []
    for h in states[:0:-1]:
        e = (e * (1 - h**2)) @ W_hh.T
        rows.append(e)
    return np.stack(rows[::-1])


# --- q2 -----------------------------------------------------------------------------------------------------

BETA = {"tanh": 1.0, "logistic": 0.25, "relu": 1.0, "lecun": 1.7159 * 2 / 3}


def norm(W):
    return np.linalg.norm(W, 2)


@wrong("q2", "logistic")
def beta_f(phi):
    return 1.0 if phi == "logistic" else BETA[phi]


@wrong("q2", "logistic")
def beta_f(phi):
    return 0.5 if phi == "logistic" else BETA[phi]


@wrong("q2", "lecun")
def beta_f(phi):
    return 1.0 if phi == "lecun" else BETA[phi]


@wrong("q2", "value_bound")
def beta_f(phi):
    return 1.7159 if phi == "lecun" else BETA[phi]


@wrong("q2", "lecun")
def beta_f(phi):
    return 2 / 3 if phi == "lecun" else BETA[phi]


@wrong("q2", "value_bound")
def beta_f(phi):
    return {"tanh": 1.0, "logistic": 0.25, "relu": np.inf, "lecun": 1.7159}[phi]


@wrong("q2", "radius")
def beta_W(W_hh):
    return np.abs(np.linalg.eigvals(W_hh)).max()


@wrong("q2", "frobenius")
def beta_W(W_hh):
    return np.linalg.norm(W_hh)


@wrong("q2", "smallest")
def beta_W(W_hh):
    return np.linalg.svd(W_hh)[1][-1]


@wrong("q2", "entries")
def beta_W(W_hh):
    return np.abs(W_hh).max()


@wrong("q2", "entries")
def beta_W(W_hh):
    return np.linalg.norm(W_hh, 1)


@wrong("q2", "squared")
def beta_W(W_hh):
    return np.linalg.eigvalsh(W_hh.T @ W_hh).max()


@wrong("q2", "radius")
def bound(W_hh, phi, lag):
    return (BETA[phi] * np.abs(np.linalg.eigvals(W_hh)).max()) ** lag


@wrong("q2", "frobenius")
def bound(W_hh, phi, lag):
    return (BETA[phi] * np.linalg.norm(W_hh)) ** lag


@wrong("q2", "once")
def bound(W_hh, phi, lag):
    return BETA[phi] * norm(W_hh) ** lag


@wrong("q2", "no_beta_f")
def bound(W_hh, phi, lag):
    return norm(W_hh) ** lag


@wrong("q2", "exponent")
def bound(W_hh, phi, lag):
    return (BETA[phi] * norm(W_hh)) ** (lag + 1)


@wrong("q2", "exponent")
def bound(W_hh, phi, lag):
    return (BETA[phi] * norm(W_hh)) ** (lag - 1)


@wrong("q2", "linear")
def bound(W_hh, phi, lag):
    return BETA[phi] * norm(W_hh) * lag


def first_lag(beta, size):
    """The right lag for a β of whatever kind."""
    if size > 1:
        return 0
    return np.inf if beta >= 1 else math.ceil(math.log(size) / math.log(beta))


@wrong("q2", "frobenius")
def lag_below(W_hh, phi, size):
    return first_lag(BETA[phi] * np.linalg.norm(W_hh), size)


@wrong("q2", "radius")
def lag_below(W_hh, phi, size):
    return first_lag(BETA[phi] * np.abs(np.linalg.eigvals(W_hh)).max(), size)


@wrong("q2", "too_early")
def lag_below(W_hh, phi, size):
    return max(first_lag(BETA[phi] * norm(W_hh), size) - 1, 0)


@wrong("q2", "too_late")
def lag_below(W_hh, phi, size):
    return first_lag(BETA[phi] * norm(W_hh), size) + 1


@wrong("q2", "fraction")
def lag_below(W_hh, phi, size):
    beta = BETA[phi] * norm(W_hh)
    return np.inf if beta >= 1 else math.log(size) / math.log(beta)


@wrong("q2", "no_beta_f")
def lag_below(W_hh, phi, size):
    return first_lag(norm(W_hh), size)


@wrong("q2", "never")
def lag_below(W_hh, phi, size):
    return max(math.ceil(math.log(size) / math.log(BETA[phi] * norm(W_hh))), 0)


@wrong("q2", "never")
def lag_below(W_hh, phi, size):
    beta = BETA[phi] * norm(W_hh)
    return first_lag(beta, size) if beta < 1 else None


@wrong("q2", "never")
def lag_below(W_hh, phi, size):
    beta, lag = BETA[phi] * norm(W_hh), 0
    while beta**lag >= size and lag < 1000:
        lag += 1
    return lag


@wrong("q2", "at_once")
def lag_below(W_hh, phi, size):
    beta = BETA[phi] * norm(W_hh)
    return np.inf if beta >= 1 else math.floor(math.log(size) / math.log(beta)) + (size < 1)


# --- q3 -----------------------------------------------------------------------------------------------------


@wrong("q3", "largest_real")
def spectral_radius(A):
    return np.linalg.eigvals(A).max()


@wrong("q3", "largest_real")
def spectral_radius(A):
    return np.abs(np.linalg.eigvals(A).real).max()


@wrong("q3", "singular")
def spectral_radius(A):
    return np.linalg.norm(A, 2)


@wrong("q3", "singular")
def spectral_radius(A):
    return np.linalg.norm(A)


@wrong("q3", "symmetric")
def spectral_radius(A):
    return np.abs(np.linalg.eigvalsh(A)).max()


def norms(A, N):
    return [np.linalg.norm(np.linalg.matrix_power(A, n), 2) for n in range(N + 1)]


def top(values, first=0):
    n = int(np.argmax(values))
    return n + first, values[n]


@wrong("q3", "entrywise")
def highest(A, N):
    return top([np.linalg.norm(A**n, 2) for n in range(N + 1)])


@wrong("q3", "frobenius")
def highest(A, N):
    return top([np.linalg.norm(np.linalg.matrix_power(A, n)) for n in range(N + 1)])


@wrong("q3", "bound")
def highest(A, N):
    return top([np.linalg.norm(A, 2) ** n for n in range(N + 1)])


@wrong("q3", "of_radius")
def highest(A, N):
    radius = np.abs(np.linalg.eigvals(A)).max()
    return top([radius**n for n in range(N + 1)])


@wrong("q3", "exchanged")
def highest(A, N):
    return top(norms(A, N))[::-1]


@wrong("q3", "power_zero")
def highest(A, N):
    return top(norms(A, N)[1:], first=1)


@wrong("q3", "off_by_one")
def highest(A, N):
    return top(norms(A, N)[1:])


@wrong("q3", "off_by_one")
def highest(A, N):
    return top(norms(A, N), first=1)


@wrong("q3", "stops_early")
def highest(A, N):
    n, height, P = 0, 1.0, A
    while n < N and np.linalg.norm(P, 2) > height:
        n, height, P = n + 1, np.linalg.norm(P, 2), P @ A
    return n, height


@wrong("q3", "stops_early")
def highest(A, N):
    return top(norms(A, N - 1))


@wrong("q3", "normal")
def steep(radius, norm):
    return np.diag([radius / 2, 2 * norm])


@wrong("q3", "normal")
def steep(radius, norm):  # a turn, made as long as the norm
    return np.array([[0.0, -2 * norm], [2 * norm, 0.0]])


@wrong("q3", "at_the_limit")
def steep(radius, norm):
    return np.array([[radius, 2 * norm], [0, radius]])


@wrong("q3", "radius_large")
def steep(radius, norm):
    return np.array([[radius / 2, 2 * norm], [1.0, radius / 2]])


@wrong("q3", "norm_small")
def steep(radius, norm):
    return np.array([[radius / 2, norm / 2], [0, radius / 2]])


@wrong("q3", "hard_wired")
def steep(radius, norm):
    return np.array([[0.4, 4.0], [0, 0.4]])


@wrong("q3", "size")
def steep(radius, norm):
    return np.array([[radius / 2, norm, norm], [0, radius / 2, norm], [0, 0, radius / 2]])


@wrong("q3", "unstable")
def rising(n):
    return np.array([[1.0, 1.0], [0.0, 1.0]])


@wrong("q3", "unstable")
def rising(n):
    return 1.1 * np.eye(2)


@wrong("q3", "falls")
def rising(n):
    return np.array([[0.5, 1000.0], [0.0, 0.5]])


@wrong("q3", "falls")
def rising(n):
    return 0.999 * np.eye(2)


@wrong("q3", "falls")
def rising(n):
    a = 1 - 2 / n
    return np.array([[a, 1000.0], [0.0, a]])


@wrong("q3", "size")
def rising(n):
    return np.array([0.9, 10.0, 0.0, 0.9])


@wrong("q3", "nothing")
def rising(n):
    np.array([[n / (n + 1), 100], [0, n / (n + 1)]])


# --- q4 -----------------------------------------------------------------------------------------------------


def length(grads):
    return np.sqrt(sum(np.sum(g**2) for g in grads))


def scaled(grads, factor):
    return [g * factor for g in grads]


@wrong("q4", "elementwise")
def clip_by_norm(grads, c):
    return [np.clip(g, -c, c) for g in grads]


@wrong("q4", "per_array")
def clip_by_norm(grads, c):
    return [g * min(1, c / np.linalg.norm(g)) if g.any() else g for g in grads]


@wrong("q4", "sum_of_norms")
def clip_by_norm(grads, c):
    total = sum(np.linalg.norm(g) for g in grads)
    return scaled(grads, min(1, c / total) if total else 1)


@wrong("q4", "squared")
def clip_by_norm(grads, c):
    total = sum(np.sum(g**2) for g in grads)
    return scaled(grads, min(1, c / total) if total else 1)


@wrong("q4", "squared")
def clip_by_norm(grads, c):  # a unit vector first, then the norm once more
    n = length(grads)
    return scaled(grads, c / n / n if n > c else 1)


@wrong("q4", "mean")
def clip_by_norm(grads, c):
    n = np.sqrt(np.mean(np.concatenate([g.ravel() for g in grads]) ** 2))
    return scaled(grads, min(1, c / n) if n else 1)


@wrong("q4", "largest")
def clip_by_norm(grads, c):
    n = max(np.abs(g).max() for g in grads)
    return scaled(grads, min(1, c / n) if n else 1)


@wrong("q4", "matrix_norm")
def clip_by_norm(grads, c):
    n = np.sqrt(sum(np.linalg.norm(g, 2) ** 2 for g in grads))
    return scaled(grads, min(1, c / n) if n else 1)


@wrong("q4", "to_one")
def clip_by_norm(grads, c):
    n = length(grads)
    return scaled(grads, 1 / n if n > c else 1)


@wrong("q4", "not_clipped")
def clip_by_norm(grads, c):
    n = length(grads)
    return scaled(grads, max(1, c / n) if n else 1)


@wrong("q4", "scales_up")
def clip_by_norm(grads, c):
    n = length(grads)
    return scaled(grads, c / n if n else 1)


@wrong("q4", "nan")
def clip_by_norm(grads, c):
    n = length(grads)
    with np.errstate(all="ignore"):  # a direction first, then a length
        return [g / n * min(n, c) for g in grads]


@wrong("q4", "mutated")
def clip_by_norm(grads, c):
    n = length(grads)
    for g in grads:
        g *= min(1, c / n) if n else 1
    return grads


@wrong("q4", "type")
def clip_by_norm(grads, c):
    g = np.concatenate([g.ravel() for g in grads])
    n = np.linalg.norm(g)
    return g * min(1, c / n) if n else g


@wrong("q4", "shape")
def clip_by_norm(grads, c):
    n = length(grads)
    return [g.ravel() * (min(1, c / n) if n else 1) for g in grads]


def flat(grads):
    return np.concatenate([g.ravel() for g in grads])


def cosine(a, b):
    return min(1.0, a @ b / np.sqrt((a @ a) * (b @ b)))


@wrong("q4", "radians")
def turned_by(grads, c):
    g = flat(grads)
    return np.arccos(cosine(g, np.clip(g, -c, c)))


@wrong("q4", "cosine")
def turned_by(grads, c):
    g = flat(grads)
    return cosine(g, np.clip(g, -c, c))


@wrong("q4", "cosine")
def turned_by(grads, c):
    g = flat(grads)
    return np.degrees(np.arcsin(cosine(g, np.clip(g, -c, c))))


@wrong("q4", "one_sided")
def turned_by(grads, c):
    g = flat(grads)
    return np.degrees(np.arccos(cosine(g, np.minimum(g, c))))


@wrong("q4", "difference")
def turned_by(grads, c):
    g = flat(grads)
    return np.degrees(np.arccos(cosine(g, g - np.clip(g, -c, c) + 1e-300)))


@wrong("q4", "no_turn")
def turned_by(grads, c):
    g = flat(grads)
    return np.degrees(np.arccos(cosine(g, g * min(1, c / np.linalg.norm(g)))))


@wrong("q4", "each_by_itself")
def turned_by(grads, c):
    angles = [np.degrees(np.arccos(cosine(g.ravel(), np.clip(g.ravel(), -c, c)))) for g in grads]
    return np.mean(angles)


@wrong("q4", "each_by_itself")
def turned_by(grads, c):
    return [np.degrees(np.arccos(cosine(g.ravel(), np.clip(g.ravel(), -c, c)))) for g in grads]


@wrong("q4", "nan")
def turned_by(grads, c):
    g = flat(grads)
    cut = np.clip(g, -c, c)
    with np.errstate(all="ignore"):
        return np.degrees(np.arccos(g @ cut / (np.linalg.norm(g) * np.linalg.norm(cut))))


# --- q5 -----------------------------------------------------------------------------------------------------


def drawn(H, seed):
    return np.random.default_rng(seed).standard_normal((H, H))


def even(H, seed):
    Q, R = np.linalg.qr(drawn(H, seed))
    return Q * np.sign(np.diag(R))


@wrong("q5", "lopsided")
def orthogonal(H, seed):
    return np.linalg.qr(drawn(H, seed))[0]


@wrong("q5", "lopsided")
def orthogonal(H, seed):  # a mirror
    v = np.random.default_rng(seed).standard_normal(H)
    return np.eye(H) - 2 * np.outer(v, v) / (v @ v)


@wrong("q5", "gaussian")
def orthogonal(H, seed):
    return drawn(H, seed) / np.sqrt(H)


@wrong("q5", "columns")
def orthogonal(H, seed):
    G = drawn(H, seed)
    return G / np.linalg.norm(G, axis=0)


@wrong("q5", "columns")
def orthogonal(H, seed):
    G = drawn(H, seed)
    return G / np.linalg.norm(G, axis=1, keepdims=True)


@wrong("q5", "scaled")
def orthogonal(H, seed):
    return even(H, seed) / np.sqrt(H)


@wrong("q5", "triangle")
def orthogonal(H, seed):
    return np.linalg.qr(drawn(H, seed))[1]


@wrong("q5", "not_orthogonal")
def orthogonal(H, seed):
    G = drawn(H, seed)
    return (G + G.T) / np.sqrt(2 * H)


@wrong("q5", "not_random")
def orthogonal(H, seed):
    return even(H, 0)


@wrong("q5", "not_random")
def orthogonal(H, seed):
    return np.eye(H)


noise = np.random.default_rng(0)


@wrong("q5", "not_repeatable")
def orthogonal(H, seed):
    Q, R = np.linalg.qr(noise.standard_normal((H, H)))
    return Q * np.sign(np.diag(R))


@wrong("q5", "dtype")
def orthogonal(H, seed):
    return even(H, seed).astype(np.float32)


@wrong("q5", "shape")
def orthogonal(H, seed):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((H, H - 1)))[0]


@wrong("q5", "shape")
def orthogonal(H, seed):  # both parts
    return np.linalg.qr(drawn(H, seed))


@wrong("q5", "exchanged")
def identity_start(D, H, spread, seed):
    return np.eye(H), spread * np.random.default_rng(seed).standard_normal((D, H)), np.zeros(H)


@wrong("q5", "not_identity")
def identity_start(D, H, spread, seed):
    rng = np.random.default_rng(seed)
    W_hh = np.eye(H) + spread * rng.standard_normal((H, H))
    return spread * rng.standard_normal((D, H)), W_hh, np.zeros(H)


@wrong("q5", "not_identity")
def identity_start(D, H, spread, seed):
    rng = np.random.default_rng(seed)
    return spread * rng.standard_normal((D, H)), np.ones((H, H)), np.zeros(H)


@wrong("q5", "bias")
def identity_start(D, H, spread, seed):
    rng = np.random.default_rng(seed)
    return spread * rng.standard_normal((D, H)), np.eye(H), spread * rng.standard_normal(H)


@wrong("q5", "no_noise")
def identity_start(D, H, spread, seed):
    return spread * np.eye(D, H), np.eye(H), np.zeros(H)


@wrong("q5", "no_noise")
def identity_start(D, H, spread, seed):
    return np.full((D, H), spread), np.eye(H), np.zeros(H)


@wrong("q5", "no_noise")
def identity_start(D, H, spread, seed):
    row = np.random.default_rng(seed).normal(0, spread, H)
    return np.tile(row, (D, 1)), np.eye(H), np.zeros(H)


@wrong("q5", "variance")
def identity_start(D, H, spread, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(0, spread**2, (D, H)), np.eye(H), np.zeros(H)


@wrong("q5", "variance")
def identity_start(D, H, spread, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(0, spread / np.sqrt(H), (D, H)), np.eye(H), np.zeros(H)


@wrong("q5", "uniform")
def identity_start(D, H, spread, seed):
    rng = np.random.default_rng(seed)
    return rng.uniform(-spread, spread, (D, H)), np.eye(H), np.zeros(H)


@wrong("q5", "one_sign")
def identity_start(D, H, spread, seed):
    rng = np.random.default_rng(seed)
    return spread * rng.uniform(0, 1, (D, H)), np.eye(H), np.zeros(H)


@wrong("q5", "shape")
def identity_start(D, H, spread, seed):
    rng = np.random.default_rng(seed)
    return spread * rng.standard_normal((H, D)), np.eye(H), np.zeros(H)


@wrong("q5", "not_random")
def identity_start(D, H, spread, seed):
    rng = np.random.default_rng(0)
    return spread * rng.standard_normal((D, H)), np.eye(H), np.zeros(H)


@wrong("q5", "not_repeatable")
def identity_start(D, H, spread, seed):
    return spread * noise.standard_normal((D, H)), np.eye(H), np.zeros(H)


# --- q6 -----------------------------------------------------------------------------------------------------


def backward(X, Y, weights, grads):
    """The tool of the question: adds the gradients, returns deltas (T, B, H)."""
    W_xh, W_hh, W_hq = weights
    states = [np.zeros((X.shape[1], len(W_hh)))]
    for x_t in X:
        states.append(np.tanh(x_t @ W_xh + states[-1] @ W_hh))
    e = (states[-1] @ W_hq - Y) / len(Y)
    grads[2] += states[-1].T @ e
    delta, deltas = e @ W_hq.T, np.zeros((len(X), *states[0].shape))
    for t in reversed(range(len(X))):
        deltas[t] = delta
        a = delta * (1 - states[t + 1] ** 2)
        grads[0] += X[t].T @ a
        grads[1] += states[t].T @ a
        delta = a @ W_hh.T
    return deltas


def clipped(grads, c):
    n = length(grads)
    return [g * min(1, c / n) if n else g for g in grads]


def zeros(weights):
    return [np.zeros(W.shape) for W in weights]


def moved(weights, grads, rate):
    return [W - rate * g for W, g in zip(weights, grads, strict=True)]


@wrong("q6", "not_zeroed")
def train(X, Y, weights, c, rate, updates):  # the program as it was
    weights = [W.copy() for W in weights]
    grads, norms, far = zeros(weights), [], []
    for _ in range(updates):
        norm = length(grads)
        if norm > c:
            grads = [g * c / norm for g in grads]
        deltas = backward(X, Y, weights, grads)
        norms.append(length(grads))
        far.append(length(deltas))
        for W, g in zip(weights, grads, strict=True):
            W -= rate * g
    return weights, np.array(norms), np.array(far)


def run(X, Y, weights, c, rate, updates, clip=clipped, measure=lambda deltas, grads: length(deltas[:1])):
    """The right program, with another clip or another thing measured."""
    norms, far = [], []
    for _ in range(updates):
        grads = zeros(weights)
        deltas = backward(X, Y, weights, grads)
        norms.append(length(grads))
        far.append(measure(deltas, grads))
        weights = moved(weights, clip(grads, c), rate)
    return weights, np.array(norms), np.array(far)


@wrong("q6", "not_zeroed")
def train(X, Y, weights, c, rate, updates):
    grads, norms, far = zeros(weights), [], []
    for _ in range(updates):
        deltas = backward(X, Y, weights, grads)
        norms.append(length(grads))
        far.append(length(deltas[:1]))
        grads = clipped(grads, c)
        weights = moved(weights, grads, rate)
    return weights, np.array(norms), np.array(far)


@wrong("q6", "not_zeroed")
def train(X, Y, weights, c, rate, updates):  # two mistakes are left
    grads, norms, far = zeros(weights), [], []
    for _ in range(updates):
        deltas = backward(X, Y, weights, grads)
        norms.append(length(grads))
        far.append(length(deltas))
        grads = clipped(grads, c)
        weights = moved(weights, grads, rate)
    return weights, np.array(norms), np.array(far)


@wrong("q6", "unclipped")
def train(X, Y, weights, c, rate, updates):  # zeroed, and the zeros clipped
    norms, far = [], []
    for _ in range(updates):
        grads = clipped(zeros(weights), c)
        deltas = backward(X, Y, weights, grads)
        norms.append(length(grads))
        far.append(length(deltas[:1]))
        weights = moved(weights, grads, rate)
    return weights, np.array(norms), np.array(far)


@wrong("q6", "unclipped")
def train(X, Y, weights, c, rate, updates):  # clipped after the step, and the whole of deltas measured
    norms, far = [], []
    for _ in range(updates):
        grads = zeros(weights)
        deltas = backward(X, Y, weights, grads)
        norms.append(length(grads))
        far.append(length(deltas))
        weights = moved(weights, grads, rate)
        grads = clipped(grads, c)
    return weights, np.array(norms), np.array(far)


@wrong("q6", "elementwise")
def train(X, Y, weights, c, rate, updates):
    return run(X, Y, weights, c, rate, updates, lambda grads, c: [np.clip(g, -c, c) for g in grads])


@wrong("q6", "elementwise")
def train(X, Y, weights, c, rate, updates):
    return run(X, Y, weights, c, rate, updates, lambda grads, c: [clipped([g], c)[0] for g in grads])


@wrong("q6", "norm_after")
def train(X, Y, weights, c, rate, updates):
    norms, far = [], []
    for _ in range(updates):
        grads = zeros(weights)
        deltas = backward(X, Y, weights, grads)
        grads = clipped(grads, c)
        norms.append(length(grads))
        far.append(length(deltas[:1]))
        weights = moved(weights, grads, rate)
    return weights, np.array(norms), np.array(far)


@wrong("q6", "far_whole")
def train(X, Y, weights, c, rate, updates):
    return run(X, Y, weights, c, rate, updates, measure=lambda deltas, grads: length(deltas))


@wrong("q6", "far_near")
def train(X, Y, weights, c, rate, updates):
    return run(X, Y, weights, c, rate, updates, measure=lambda deltas, grads: length(deltas[-1:]))


@wrong("q6", "far_total")
def train(X, Y, weights, c, rate, updates):
    return run(X, Y, weights, c, rate, updates, measure=lambda deltas, grads: length(grads))


@wrong("q6", "far_mean")
def train(X, Y, weights, c, rate, updates):
    root = np.sqrt
    return run(X, Y, weights, c, rate, updates, measure=lambda deltas, grads: root(np.mean(deltas[0] ** 2)))


@wrong("q6", "far_before")
def train(X, Y, weights, c, rate, updates):
    norms, far = [], []
    for _ in range(updates):
        grads = zeros(weights)
        deltas = backward(X, Y, weights, grads)
        h = np.tanh(X[0] @ weights[0])
        norms.append(length(grads))
        far.append(np.linalg.norm(X[0].T @ (deltas[0] * (1 - h**2))))
        weights = moved(weights, clipped(grads, c), rate)
    return weights, np.array(norms), np.array(far)


@wrong("q6", "far_before")
def train(X, Y, weights, c, rate, updates):
    norms, far = [], []
    for _ in range(updates):
        grads = zeros(weights)
        deltas = backward(X, Y, weights, grads)
        h = np.tanh(X[0] @ weights[0])
        norms.append(length(grads))
        far.append(np.linalg.norm((deltas[0] * (1 - h**2)) @ weights[1].T))
        weights = moved(weights, clipped(grads, c), rate)
    return weights, np.array(norms), np.array(far)


@wrong("q6", "squared")
def train(X, Y, weights, c, rate, updates):
    return run(X, Y, weights, c, rate, updates, measure=lambda deltas, grads: np.sum(deltas[0] ** 2))


@wrong("q6", "late")
def train(X, Y, weights, c, rate, updates):
    norms, far = [], []
    for _ in range(updates):
        grads = zeros(weights)
        backward(X, Y, weights, grads)
        weights = moved(weights, clipped(grads, c), rate)
        grads = zeros(weights)
        deltas = backward(X, Y, weights, grads)
        norms.append(length(grads))
        far.append(length(deltas[:1]))
    return weights, np.array(norms), np.array(far)


@wrong("q6", "uphill")
def train(X, Y, weights, c, rate, updates):
    return run(X, Y, weights, c, -rate, updates)


@wrong("q6", "all_arrays")
def train(X, Y, weights, c, rate, updates):
    norms, far = [], []
    for _ in range(updates):
        grads = zeros(weights)
        deltas = backward(X, Y, weights, grads)
        norms.append(np.linalg.norm(grads[1]))
        far.append(length(deltas[:1]))
        weights = moved(weights, clipped(grads, c), rate)
    return weights, np.array(norms), np.array(far)


@wrong("q6", "shape")
def train(X, Y, weights, c, rate, updates):
    weights, norms, far = run(X, Y, weights, c, rate, updates)
    return weights, norms[-1], far[-1]


@wrong("q6", "not_moved")
def train(X, Y, weights, c, rate, updates):
    _, norms, far = run(X, Y, weights, c, rate, updates)
    return weights, norms, far


@wrong("q6", "mutated")
def train(X, Y, weights, c, rate, updates):
    norms, far = [], []
    for _ in range(updates):
        grads = zeros(weights)
        deltas = backward(X, Y, weights, grads)
        norms.append(length(grads))
        far.append(length(deltas[:1]))
        for W, g in zip(weights, clipped(grads, c), strict=True):
            W -= rate * g
    return weights, np.array(norms), np.array(far)


@wrong("q6", "type")
def train(X, Y, weights, c, rate, updates):
    return run(X, Y, weights, c, rate, updates)[1:]
