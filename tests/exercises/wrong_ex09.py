"""Wrong answers to exercise 09, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

from functools import cache

import numpy as np
from catalogue import Catalogue, WrongAnswer

catalogue = Catalogue()
wrong = catalogue.wrong


def add(question, code, **names):
    catalogue.answers.append(WrongAnswer(question, code, names))


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


# --- q1 -----------------------------------------------------------------------------------------------------


def rnn_step(x_t, state, W_xh, W_hh, b_x, b_h):
    return (np.tanh(x_t @ W_xh + b_x + state[0] @ W_hh + b_h),)


def gru_step(x_t, state, W_xh, W_hh, b_x, b_h):
    x_r, x_z, x_n = np.split(x_t @ W_xh + b_x, 3, axis=1)
    h_r, h_z, h_n = np.split(state[0] @ W_hh + b_h, 3, axis=1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    return ((1 - z) * np.tanh(x_n + r * h_n) + z * state[0],)


def lstm_step(x_t, state, W_xh, W_hh, b_x, b_h):
    h, c = state
    i, f, g, o = np.split(x_t @ W_xh + b_x + h @ W_hh + b_h, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


STEPS = {"RNN": rnn_step, "GRU": gru_step, "LSTM": lstm_step}


def right_stack(kinds, X, states, layers):
    last = []
    for kind, state, weights in zip(kinds, states, layers, strict=True):
        found = []
        for x_t in X:
            state = STEPS[kind](x_t, state, *weights)
            found.append(state[0])
        X = np.array(found)
        last.append(state)
    return X, last


@wrong("q1", "cell_up")
def stack(kinds, X, states, layers):
    last = []
    for kind, state, weights in zip(kinds, states, layers, strict=True):
        found = []
        for x_t in X:
            state = STEPS[kind](x_t, state, *weights)
            found.append(state[-1])
        X = np.array(found)
        last.append(state)
    return X, last


@wrong("q1", "cell_up")
def stack(kinds, X, states, layers):  # at the top only
    below, _ = right_stack(kinds[:-1], X, states[:-1], layers[:-1])
    state, found = states[-1], []
    for x_t in below:
        state = STEPS[kinds[-1]](x_t, state, *layers[-1])
        found.append(state[-1])
    return np.array(found), right_stack(kinds, X, states, layers)[1]


@wrong("q1", "zeros_start")
def stack(kinds, X, states, layers):
    zeros = [[np.zeros_like(part) for part in state] for state in states]
    return right_stack(kinds, X, zeros, layers)


@wrong("q1", "first_start")
def stack(kinds, X, states, layers):
    return right_stack(kinds, X, [states[0]] * len(kinds), layers)


@wrong("q1", "carried_up")
def stack(kinds, X, states, layers):
    state, last = states[0], []  # and never again
    for kind, weights in zip(kinds, layers, strict=True):
        found = []
        for x_t in X:
            state = STEPS[kind](x_t, state, *weights)
            found.append(state[0])
        X = np.array(found)
        last.append(state)
    return X, last


@wrong("q1", "not_carried")
def stack(kinds, X, states, layers):
    last = []
    for kind, state, weights in zip(kinds, states, layers, strict=True):
        found = [STEPS[kind](x_t, state, *weights) for x_t in X]
        X = np.array([new[0] for new in found])
        last.append(found[-1])
    return X, last


@wrong("q1", "shared")
def stack(kinds, X, states, layers):
    return right_stack(kinds, X, states, [layers[0]] + [layers[1]] * (len(kinds) - 1))


def by_steps(kinds, X, states, layers, late):
    states, found = list(states), []
    for x_t in X:
        old = list(states)
        for level, kind in enumerate(kinds):
            below = x_t if not level else (old if late else states)[level - 1][0]
            states[level] = STEPS[kind](below, states[level], *layers[level])
        found.append(states[-1][0])
    return np.array(found), states


@wrong("q1", "late")
def stack(kinds, X, states, layers):
    return by_steps(kinds, X, states, layers, late=True)


@wrong("q1", "late")
def stack(kinds, X, states, layers):  # from the top down
    states, found = list(states), []
    for x_t in X:
        for level in reversed(range(len(kinds))):
            below = states[level - 1][0] if level else x_t
            states[level] = STEPS[kinds[level]](below, states[level], *layers[level])
        found.append(states[-1][0])
    return np.array(found), states


@wrong("q1", "lowest")
def stack(kinds, X, states, layers):
    low, _ = right_stack(kinds[:1], X, states[:1], layers[:1])
    return low, right_stack(kinds, X, states, layers)[1]


@wrong("q1", "all_layers")
def stack(kinds, X, states, layers):
    found = [right_stack(kinds[:n], X, states[:n], layers[:n])[0] for n in range(1, len(kinds) + 1)]
    return np.array(found), right_stack(kinds, X, states, layers)[1]


@wrong("q1", "last_only")
def stack(kinds, X, states, layers):
    out, last = right_stack(kinds, X, states, layers)
    return out[-1], last


@wrong("q1", "last_only")
def stack(kinds, X, states, layers):
    _, last = right_stack(kinds, X, states, layers)
    return last[-1][0], last


@wrong("q1", "batch_first")
def stack(kinds, X, states, layers):
    out, last = right_stack(kinds, X, states, layers)
    return out.swapaxes(0, 1), last


@wrong("q1", "upside_down")
def stack(kinds, X, states, layers):
    out, last = right_stack(kinds, X, states, layers)
    return out, last[::-1]


@wrong("q1", "not_updated")
def stack(kinds, X, states, layers):
    out, _ = right_stack(kinds, X, states, layers)
    return out, states


@wrong("q1", "type")
def stack(kinds, X, states, layers):
    return right_stack(kinds, X, states, layers)[0]


@wrong("q1", "type")
def stack(kinds, X, states, layers):  # h alone
    out, last = right_stack(kinds, X, states, layers)
    return out, [state[0] for state in last]


@wrong("q1", "type")
def stack(kinds, X, states, layers):  # the top layer's only
    out, last = right_stack(kinds, X, states, layers)
    return out, last[-1]


@wrong("q1", "type")
def stack(kinds, X, states, layers):  # as nn.LSTM returns them
    out, last = right_stack(kinds, X, states, layers)
    return out, [[state[0] for state in last], [state[-1] for state in last]]


@wrong("q1", "raised")
def stack(kinds, X, states, layers):  # every layer reads X
    for kind, state, weights in zip(kinds, states, layers, strict=True):
        out, last = right_stack([kind], X, [state], [weights])
    return out, last


@wrong("q1", "raised")
def stack(kinds, X, states, layers):  # one kind for all
    return right_stack([kinds[0]] * len(kinds), X, states, layers)


@wrong("q1", "mutated")
def stack(kinds, X, states, layers):
    out, last = right_stack(kinds, X, states, layers)
    for level, state in enumerate(last):
        states[level] = list(state)
    return out, states


@wrong("q1", "mutated")
def stack(kinds, X, states, layers):
    out, last = right_stack(kinds, X, states, layers)
    for old, new in zip(states, last, strict=True):
        for part, value in zip(old, new, strict=True):
            part[:] = value
    return out, states


# --- q2 -----------------------------------------------------------------------------------------------------


def drawers(layers, change=None, first=0, name="{}_l{}"):
    """The right dictionary, or with each layer's four arrays changed."""
    found = {}
    for level, (W_xh, W_hh, b_x, b_h) in enumerate(layers, start=first):
        four = (W_xh.T, W_hh.T, b_x, b_h) if change is None else change(W_xh, W_hh, b_x, b_h)
        for part, value in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), four, strict=True):
            found[name.format(part, level)] = value
    return found


def add_drawers(code, change):
    add("q2", code, to_torch=lambda layers: drawers(layers, change))


def reshaped(A):
    return A.reshape(A.shape[::-1])


def swapped(A, order=(1, 0, 2, 3)):
    blocks = np.split(A, 4, axis=-1)
    return np.concatenate([blocks[k] for k in order], axis=-1)


add_drawers("untransposed", lambda W, U, b, c: (W, U, b, c))
add_drawers("untransposed", lambda W, U, b, c: (W.T, U, b, c))
add_drawers("untransposed", lambda W, U, b, c: (W, U.T, b, c))
add_drawers("reshaped", lambda W, U, b, c: (reshaped(W), reshaped(U), b, c))
add_drawers("exchanged", lambda W, U, b, c: (U.T, W.T, b, c))
add_drawers("no_bias", lambda W, U, b, c: (W.T, U.T, b, 0 * b))
add_drawers("no_bias", lambda W, U, b, c: (W.T, U.T, 0 * c, c))
add_drawers("no_bias", lambda W, U, b, c: (W.T, U.T, b, b))
add_drawers("no_bias", lambda W, U, b, c: (W.T, U.T, b + c, b + c))
add_drawers("no_bias", lambda W, U, b, c: (W.T, U.T, 0.0, 0.0))
add_drawers("gates", lambda W, U, b, c: (swapped(W).T, swapped(U).T, swapped(b), swapped(c)))
add_drawers(
    "gates",
    lambda *four: [swapped(A, (0, 1, 3, 2)).T for A in four],  # i, f, o, g
)


@wrong("q2", "names")
def to_torch(layers):
    return drawers(layers, name="{}_{}")


@wrong("q2", "names")
def to_torch(layers):
    return {f"lstm.{name}": value for name, value in drawers(layers).items()}


@wrong("q2", "names")
def to_torch(layers):  # each layer writes over the one before
    return {name.replace("l1", "l0").replace("l2", "l0"): value for name, value in drawers(layers).items()}


@wrong("q2", "names")
def to_torch(layers):  # one bias
    return {name: value for name, value in drawers(layers).items() if "bias_hh" not in name}


@wrong("q2", "from_one")
def to_torch(layers):
    return drawers(layers, first=1)


@wrong("q2", "upside_down")
def to_torch(layers):
    return drawers(layers[::-1])


@wrong("q2", "one_layer")
def to_torch(layers):
    return drawers([layers[0], layers[1], layers[1]])


@wrong("q2", "one_layer")
def to_torch(layers):
    return drawers([layers[0]] * len(layers))


@wrong("q2", "type")
def to_torch(layers):
    return list(drawers(layers).values())


@wrong("q2", "raised")
def to_torch(layers):
    return drawers(layers, lambda W, U, b, c: (np.vstack([W.T, U.T]), U.T, b, c))


def add_carried(code, function):
    add("q2", code, carried=function)


def kept(new):
    return (new == 0)[:, None]


add_carried("ignored", lambda h, c, new: list(zip(h, c, strict=True)))
add_carried(
    "turned", lambda h, c, new: [(a * new[:, None], b * new[:, None]) for a, b in zip(h, c, strict=True)]
)
add_carried("half_cleared", lambda h, c, new: [(a * kept(new), b) for a, b in zip(h, c, strict=True)])
add_carried("half_cleared", lambda h, c, new: [(a, b * kept(new)) for a, b in zip(h, c, strict=True)])
add_carried("all_cleared", lambda h, c, new: [(0 * a, 0 * b) for a, b in zip(h, c, strict=True)])
add_carried("c_first", lambda h, c, new: [(b * kept(new), a * kept(new)) for a, b in zip(h, c, strict=True)])
add_carried("upside_down", lambda h, c, new: list(zip(h * kept(new), c * kept(new), strict=True))[::-1])
add_carried("unsplit", lambda h, c, new: (h * kept(new), c * kept(new)))
add_carried("dropped", lambda h, c, new: list(zip(h[:, new == 0], c[:, new == 0], strict=True)))
add_carried("not_bitwise", lambda h, c, new: list(zip(h * ~new[:, None], c * ~new[:, None], strict=True)))
add_carried("type", lambda h, c, new: (h * kept(new))[-1])
add_carried("type", lambda h, c, new: list(h * kept(new)))
add_carried("raised", lambda h, c, new: list(zip(h * (1 - new), c * (1 - new), strict=True)))


@wrong("q2", "one_cleared")
def carried(h_n, c_n, new):
    h, c = h_n.copy(), c_n.copy()
    h[0, new == 1] = c[0, new == 1] = 0
    return list(zip(h, c, strict=True))


@wrong("q2", "one_cleared")
def carried(h_n, c_n, new):
    h, c = h_n.copy(), c_n.copy()
    h[-1, new == 1] = c[-1, new == 1] = 0
    return list(zip(h, c, strict=True))


@wrong("q2", "as_index")
def carried(h_n, c_n, new):
    h, c = h_n.copy(), c_n.copy()
    h[:, new] = c[:, new] = 0
    return list(zip(h, c, strict=True))


@wrong("q2", "mutated")
def carried(h_n, c_n, new):
    h_n[:, new == 1] = 0
    c_n[:, new == 1] = 0
    return list(zip(h_n, c_n, strict=True))


@wrong("q2", "mutated")
def carried(h_n, c_n, new):
    for h, c in zip(h_n, c_n, strict=True):
        h *= kept(new)
        c *= kept(new)
    return list(zip(h_n, c_n, strict=True))


# --- q3 -----------------------------------------------------------------------------------------------------


def run(X, W_xh, W_hh, b, start=None, carry=True, step=None):
    first = np.zeros((X.shape[1], len(W_hh))) if start is None else start
    h, found = first, []
    for x_t in X:
        a = x_t @ W_xh + (h if carry else first) @ W_hh + b
        h = np.tanh(a) if step is None else step(a, x_t)
        found.append(h)
    return np.array(found)


def wiring_of(below=None, plus=None, read=None, layer=run, joined=None):
    """All four wirings with one line exchanged."""

    def wired(X, layers, wiring):
        found = [run(X, *layers[0]) if layer is run else layer(X, *layers[0])]
        S = found[0]
        for weights in layers[1:]:
            under = S
            if wiring == "input":
                under = np.concatenate([S, X], axis=-1) if below is None else below(S, X)
            found.append(layer(under, *weights))
            if wiring == "residual" and plus is not None:
                S = plus(S, found)
            elif wiring == "residual":
                S = S + found[-1]
            else:
                S = found[-1]
        if read is not None:
            return read(found, S)
        if wiring == "output":
            return np.concatenate(found, axis=-1) if joined is None else joined(found, X)
        return S

    return wired


def add_wired(code, **how):
    add("q3", code, wired=wiring_of(**how))


add_wired("not_carried", layer=lambda X, *w: run(X, *w, carry=False))
add_wired("no_bias", layer=lambda X, W, U, b: run(X, W, U, 0 * b))
add_wired("lowest", read=lambda found, S: found[0])
add_wired("last_only", read=lambda found, S: S[-1])
add_wired("ignored", joined=lambda found, X: found[-1])
add_wired("ignored", plus=lambda S, found: found[-1])
add_wired("top_first", joined=lambda found, X: np.concatenate(found[::-1], axis=-1))
add_wired("summed", joined=lambda found, X: sum(found))
add_wired("interleaved", joined=lambda found, X: np.stack(found, -1).reshape(*found[0].shape[:2], -1))
add_wired("not_joined", joined=lambda found, X: np.stack(found))
add_wired("not_joined", joined=lambda found, X: np.stack(found, axis=2))
add_wired("not_joined", joined=lambda found, X: np.concatenate(found))
add_wired("not_joined", joined=lambda found, X: np.concatenate(found, axis=1))
add_wired("without_top", joined=lambda found, X: np.concatenate(found[:-1], axis=-1))
add_wired("with_input", joined=lambda found, X: np.concatenate([X, *found], axis=-1))
add_wired("one_back", plus=lambda S, found: found[-2] + found[-1])
add_wired("halved", plus=lambda S, found: (S + found[-1]) / 2)
add_wired("top_alone", plus=lambda S, found: S + found[-1] if len(found) < 3 else found[-1])
add_wired("input_first", below=lambda S, X: np.concatenate([X, S], axis=-1))
add_wired(
    "input_late",
    below=lambda S, X: np.concatenate([S, np.concatenate([0 * X[:1], X[:-1]])], axis=-1),
)
add_wired("raised", below=lambda S, X: S)
add_wired("raised", below=lambda S, X: S + X)
add_wired("type", read=lambda found, S: tuple(h[: 2 + k] for k, h in enumerate(found)))


def add_residual(code, residual):
    """Only the wiring "residual" errs."""
    others = wiring_of()
    add(
        "q3",
        code,
        wired=lambda X, layers, w: residual(X, layers) if w == "residual" else others(X, layers, w),
    )


def plain_layers(X, layers):
    found = [X]
    for weights in layers:
        found.append(run(found[-1], *weights))
    return found[1:]


def with_step(step):
    def residual(X, layers):
        S = run(X, *layers[0])
        for weights in layers[1:]:
            S = run(S, *weights, step=step)
        return S

    return residual


add_residual("late_sum", lambda X, layers: sum(plain_layers(X, layers)))
add_residual("fed_back", with_step(lambda a, x: np.tanh(a) + x))
add_residual("inside", with_step(lambda a, x: np.tanh(a + x)))


@wrong("q3", "carried_up")
def wired(X, layers, wiring):
    h, S, found = np.zeros((X.shape[1], len(layers[0][1]))), None, []
    for weights in layers:
        below = X if S is None else np.concatenate([S, X], axis=-1) if wiring == "input" else S
        found.append(run(below, *weights, start=h))
        h = found[-1][-1]
        S = S + found[-1] if wiring == "residual" and S is not None else found[-1]
    return np.concatenate(found, axis=-1) if wiring == "output" else S


@wrong("q3", "all_joined")
def wired(X, layers, wiring):  # both kinds of skips at once
    if wiring != "input":
        return wiring_of()(X, layers, wiring)
    found = [run(X, *layers[0])]
    for weights in layers[1:]:
        found.append(run(np.concatenate([found[-1], X], axis=-1), *weights))
    return np.concatenate(found, axis=-1)


@wrong("q3", "mutated")
def wired(X, layers, wiring):
    out = wiring_of()(X, layers, wiring)
    X *= 0
    return out


@wrong("q3", "mutated")
def wired(X, layers, wiring):
    out = wiring_of()(X, layers, wiring)
    layers.pop()
    return out


# --- q4 -----------------------------------------------------------------------------------------------------


def deep(
    reach=lambda past, k: past[-k], pairs=None, share=lambda K: 1, inner=np.tanh, outer=np.tanh, b=(1, 1)
):
    """The right program with one of its lines exchanged."""

    def recur(X, before, delays, W_xu, W_hu, b_u, W_uh, b_h):
        m, past = len(before), list(before)
        for x_t in X:
            a = x_t @ W_xu + b[0] * b_u
            for k, W in zip(delays, W_hu, strict=True) if pairs is None else pairs(delays, W_hu):
                a = a + share(len(delays)) * reach(past, k) @ W
            past.append(outer(inner(a) @ W_uh + b[1] * b_h))
        return np.array(past[m:]), np.array(past[-m:])

    return recur


def line(a):
    return a


right_recur = deep()


def add_recur(code, **how):
    add("q4", code, recur=deep(**how))


def add_after(code, change):
    """The states are right, what is handed on is not."""
    add("q4", code, recur=lambda X, before, *net: change(*right_recur(X, before, *net), before, net[0]))


add_recur("one_off", reach=lambda past, k: past[-k - 1])
add_recur("newest_first", reach=lambda past, k: past[k - 1])
add_recur("first_delay", pairs=lambda K, W: list(zip(K, W, strict=True))[:1])
add_recur("first_delay", pairs=lambda K, W: list(zip(K, W, strict=True))[-1:])
add_recur("sorted", pairs=lambda K, W: zip(sorted(K), W, strict=True))
add_recur("sorted", pairs=lambda K, W: zip(K, W[np.argsort(K)], strict=True))
add_recur("sorted", pairs=lambda K, W: zip(K, W[::-1], strict=True))
add_recur("mean", share=lambda K: 1 / K)
add_recur("always_one", reach=lambda past, k: past[-1])
add_recur("no_bias", b=(0, 1))
add_recur("no_bias", b=(1, 0))
add_recur("no_bias", b=(0, 0))
add_recur("no_bend", inner=line)
add_recur("no_bend", outer=line)
add_after("after_given", lambda states, after, before, K: (states, before))
add_after("after_reversed", lambda states, after, before, K: (states, after[::-1]))
add_after("after_short", lambda states, after, before, K: (states, states[-max(K) :]))
add_after("after_short", lambda states, after, before, K: (states, after[1:]))
add_after("all_states", lambda states, after, before, K: (np.concatenate([before, states]), after))
add_after("type", lambda states, after, before, K: states)


@wrong("q4", "after_short")
def recur(X, before, *net):
    states, _ = right_recur(X, before, *net)
    return states, states[-len(before) :]


@wrong("q4", "newest_first")
def recur(X, before, *net):
    return right_recur(X, before[::-1], *net)


@wrong("q4", "zeros")
def recur(X, before, *net):
    return right_recur(X, 0 * before, *net)


@wrong("q4", "zeros")
def recur(X, before, delays, W_xu, W_hu, b_u, W_uh, b_h):  # as in the chapter
    states = []
    for t, x_t in enumerate(X):
        past = sum(states[t - k] @ W for k, W in zip(delays, W_hu, strict=True) if k <= t)
        states.append(np.tanh(np.tanh(x_t @ W_xu + past + b_u) @ W_uh + b_h))
    return np.array(states), np.concatenate([0 * before, states])[-len(before) :]


@wrong("q4", "no_bias")
def recur(X, before, delays, W_xu, W_hu, b_u, W_uh, b_h):  # the bias once for each delay
    return right_recur(X, before, delays, W_xu, W_hu, len(delays) * b_u, W_uh, b_h)


@wrong("q4", "raised")
def recur(X, before, delays, W_xu, W_hu, b_u, W_uh, b_h):  # u remembers
    past = list(before)
    for x_t in X:
        u = np.tanh(x_t @ W_xu + sum(past[-k] @ W for k, W in zip(delays, W_hu, strict=True)) + b_u)
        past.append(u)
    return np.array(past) @ W_uh + b_h, past


@wrong("q4", "raised")
def recur(X, before, delays, W_xu, W_hu, b_u, W_uh, b_h):
    return right_recur(X, before, delays, W_xu, W_hu.swapaxes(1, 2), b_u, W_uh, b_h)


@wrong("q4", "mutated")
def recur(X, before, *net):
    states, after = right_recur(X, before, *net)
    before[:] = after
    return states, before


@wrong("q4", "mutated")
def recur(X, before, delays, *net):
    delays.sort()
    return right_recur(X, before, delays, *net)


# --- q5 -----------------------------------------------------------------------------------------------------


def dropping(up=None, use=None, pick=lambda masks, k: masks[k], carry=None, end=None, bias=None):
    """The right program with one of its lines exchanged."""

    def dropped(X, layers, masks, p):
        for level, (W_xh, W_hh, b) in enumerate(layers):
            if level and masks is None and use is not None:
                X = use(X, p)
            if level and masks is not None:
                M = pick(masks, level - 1)
                X = X * M / (1 - p) if up is None else up(X, M, p)
                b = b if bias is None else bias(b, p)
            h, found = np.zeros((X.shape[1], len(W_hh))), []
            for t, x_t in enumerate(X):
                if carry is not None and masks is not None and level < len(masks):
                    h = carry(h, masks[level][t], p)
                h = np.tanh(x_t @ W_xh + h @ W_hh + b)
                found.append(h)
            X = np.array(found)
        return X if end is None else end(X, masks, p)

    return dropped


def add_dropped(code, **how):
    add("q5", code, dropped=dropping(**how))


def nothing(X, M, p):
    return X


add_dropped("in_use", use=lambda X, p: X * (1 - p))
add_dropped("in_use", use=lambda X, p: X / (1 - p))
add_dropped("never_dropped", up=nothing)
add_dropped("no_scale", up=lambda X, M, p: X * M)
add_dropped("other_scale", up=lambda X, M, p: X * M * (1 - p))
add_dropped("other_scale", up=lambda X, M, p: X * M / p)
add_dropped("other_scale", up=lambda X, M, p: X * M * p)
add_dropped("turned", up=lambda X, M, p: X * (1 - M) / (1 - p))
add_dropped("turned", up=lambda X, M, p: np.where(M, 0, X))
add_dropped("over_time", carry=lambda h, M, p: h * M / (1 - p))
add_dropped("only_time", up=nothing, carry=lambda h, M, p: h * M / (1 - p))
add_dropped("only_time", up=nothing, carry=lambda h, M, p: h * M)
add_dropped("same_mask", pick=lambda masks, k: masks[0])
add_dropped("one_mask", pick=lambda masks, k: masks[k][0])
add_dropped("one_mask", pick=lambda masks, k: masks[k][:, :1])
add_dropped("upside_down", pick=lambda masks, k: masks[-1 - k])
add_dropped("scaled_bias", bias=lambda b, p: b / (1 - p))
add_dropped("last_only", end=lambda X, masks, p: X[-1])
add_dropped("type", end=lambda X, masks, p: (X, "masks"))
add_dropped("raised", pick=lambda masks, k: masks[k + 1])


def state_dropped(scale):
    """What goes on and what goes up have one name."""

    def dropped(X, layers, masks, p):
        for level, (W_xh, W_hh, b) in enumerate(layers):
            h, found = np.zeros((X.shape[1], len(W_hh))), []
            for t, x_t in enumerate(X):
                h = np.tanh(x_t @ W_xh + h @ W_hh + b)
                if masks is not None and level < len(masks):
                    h = h * masks[level][t] * (1 / (1 - p) if scale else 1)
                found.append(h)
            X = np.array(found)
        return X

    return dropped


add("q5", "over_time", dropped=state_dropped(True))
add("q5", "over_time", dropped=state_dropped(False))


@wrong("q5", "one_up")
def dropped(X, layers, masks, p):
    for level, weights in enumerate(layers):
        X = run(X, *weights)
        if level and masks is not None:
            X = X * masks[level - 1] / (1 - p)
    return X


@wrong("q5", "not_carried")
def dropped(X, layers, masks, p):
    for level, weights in enumerate(layers):
        if level and masks is not None:
            X = X * masks[level - 1] / (1 - p)
        X = run(X, *weights, carry=False)
    return X


@wrong("q5", "raised")
def dropped(X, layers, masks, p):  # None is not expected
    return dropping()(X, layers, masks * 1.0, p)


@wrong("q5", "raised")
def dropped(X, layers, masks, p):  # the input is dropped, too
    return dropping()(X if masks is None else X * masks[0], layers, masks, p)


@wrong("q5", "mutated")
def dropped(X, layers, masks, p):
    if masks is not None:
        masks /= 1 - p
    return dropping(up=lambda X, M, p: X * M)(X, layers, masks, p)


# --- q6 -----------------------------------------------------------------------------------------------------

BLOCKS = {"RNN": 1, "GRU": 3, "LSTM": 4}


def counting(
    biases=2,
    rows=None,
    square=lambda H, below: H * H,
    skip_in=True,
    skip_out=True,
    weight=1,
    bias=1,
    k=BLOCKS,
):
    """The right count with one of its terms exchanged."""

    def parameters(kind, D, widths, Q, skips):
        total, below = 0, D
        for level, H in enumerate(widths):
            read = below if rows is None else rows(D, H, below, level, skips)
            total += k[kind] * (read * H + square(H, below if level else H) + biases * H)
            below = H + D if skips and skip_in else H
        heard = sum(widths) if skips and skip_out else widths[-1]
        return total + weight * heard * Q + bias * Q

    return parameters


right_count = counting()


def add_count(code, **how):
    add("q6", code, parameters=counting(**how))


add_count("one_bias", biases=1)
add_count("no_bias", biases=0)
add_count("no_output", weight=0, bias=0)
add_count("no_output", bias=0)
add_count("no_recurrent", square=lambda H, below: 0)
add_count("below", rows=lambda D, H, below, level, skips: (H + D * skips) if level else D)
add_count("below", rows=lambda D, H, below, level, skips: D + D * skips * (level > 0))
add_count("no_skips", skip_in=False, skip_out=False)
add_count("no_skips", skip_in=False)
add_count("no_skips", skip_out=False)
add_count("first_too", rows=lambda D, H, below, level, skips: below + D * skips * (level == 0))
add_count("blocks", k={"RNN": 1, "GRU": 2, "LSTM": 4})
add_count("blocks", k={"RNN": 1, "GRU": 3, "LSTM": 3})


@wrong("q6", "below")
def parameters(kind, D, widths, Q, skips):  # W_hh from the layer below
    total, below, old = 0, D, widths[0]
    for H in widths:
        total += BLOCKS[kind] * (below * H + old * H + 2 * H)
        below, old = H + D if skips else H, H
    return total + (sum(widths) if skips else widths[-1]) * Q + Q


@wrong("q6", "all_read")
def parameters(kind, D, widths, Q, skips):
    return right_count(kind, D, widths, Q, skips) + (0 if skips else sum(widths[:-1]) * Q)


@wrong("q6", "type")
def parameters(*given):
    return f"{right_count(*given):,}"


@wrong("q6", "raised")
def parameters(kind, D, widths, Q, skips):
    return BLOCKS[kind] * (D * widths + widths**2 + 2 * widths)


def search(count, kind, D, L, Q, skips, budget):
    H = 0
    while H < 3000 and count(kind, D, [H + 1] * L, Q, skips) <= budget:
        H += 1
    return H


def add_widest(code, change):
    add("q6", code, widest=lambda *given: change(search(right_count, *given), *given))


add_widest("over", lambda H, *given: H + 1)
add_widest("over", lambda H, *given: H + 1 if H else 0)
add_widest("under", lambda H, *given: max(H - 1, 0))
add_widest("under", lambda H, *given: search(right_count, *given[:-1], given[-1] - 1))
add_widest("nothing_fits", lambda H, *given: max(H, 1))
add_widest("nothing_fits", lambda H, *given: H or None)
add_widest("fraction", lambda H, *given: H + 0.37)
add_widest(
    "mistaken_count",
    lambda H, kind, D, L, Q, skips, budget: search(right_count, kind, D, 1, Q, skips, budget),
)
add_widest("mistaken_count", lambda H, *given: search(counting(square=lambda H, below: 0), *given))
add_widest("type", lambda H, kind, D, L, *rest: [H] * L)


# --- q7 -----------------------------------------------------------------------------------------------------


@cache
def trained(X, y, widths=(40, 40), updates=500):
    """The dictionaries, as arrays, of a plain stack that has learned from rows given as bytes."""
    import torch

    X, y = np.frombuffer(X).reshape(8, -1, 64), np.frombuffer(y, dtype=int).reshape(8, -1)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    layers = [torch.nn.RNN(D, H) for D, H in zip((64, *widths), widths, strict=False)]
    readout = torch.nn.Linear(widths[-1], 10)
    weights = [p for part in (*layers, readout) for p in part.parameters()]
    adam = torch.optim.Adam(weights, lr=0.01)
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
    for _ in range(updates):
        i = torch.randint(X.shape[1], (32,))
        h = X[:, i]
        for layer in layers:
            h, _ = layer(h)
        loss = torch.nn.functional.cross_entropy(readout(h).flatten(0, 1), y[:, i].flatten())
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        adam.step()
    held = [{name: A.numpy().astype(float) for name, A in layer.state_dict().items()} for layer in layers]
    return held, {name: A.numpy().astype(float) for name, A in readout.state_dict().items()}


def half_way(X, y, **how):
    held, readout = trained(X.tobytes(), y.tobytes(), **how)
    return [dict(one) for one in held], dict(readout)


def fresh(*layers, read=None, classes=10):
    """A network that was never trained; layers are pairs (inputs, units)."""
    import torch

    torch.manual_seed(0)
    made = [torch.nn.RNN(D, H) for D, H in layers]
    return made, torch.nn.Linear(read or layers[-1][1], classes)


def held(layers, readout):
    return [layer.state_dict() for layer in layers], readout.state_dict()


@wrong("q7", "not_yet")
def adder(X, y):
    return half_way(X, y)


@wrong("q7", "not_yet")
def adder(X, y):  # with room for both kinds of skips
    (low, high), readout = half_way(X, y)
    high["weight_ih_l0"] = np.hstack([high["weight_ih_l0"], np.zeros((40, 64))])
    readout["weight"] = np.hstack([np.zeros((10, 40)), readout["weight"]])
    return [low, high], readout


@wrong("q7", "one_layer")
def adder(X, y):
    return half_way(X, y, widths=(60,), updates=450)


@wrong("q7", "late")
def adder(X, y):  # a third layer hands on what the others said a step ago
    (low, high), readout = half_way(X, y)
    W_ih, W_hh = np.zeros((20, 40)), np.zeros((20, 20))
    W_ih[:10], W_hh[10:, :10] = readout["weight"] / 1000, np.eye(10)
    bias = np.concatenate([readout["bias"] / 1000, np.zeros(10)])
    late = {"weight_ih_l0": W_ih, "weight_hh_l0": W_hh, "bias_ih_l0": bias, "bias_hh_l0": 0 * bias}
    return [low, high, late], {"weight": np.eye(10, 20, 10), "bias": np.zeros(10)}


@wrong("q7", "one_way")
def adder(X, y):  # nothing is handed on
    layers, readout = half_way(X, y)
    return [{**one, "weight_hh_l0": 0 * one["weight_hh_l0"]} for one in layers], readout


@wrong("q7", "chance")
def adder(X, y):  # the classes got mixed up
    layers, readout = half_way(X, y)
    return layers, {"weight": np.roll(readout["weight"], 1, axis=0), "bias": np.roll(readout["bias"], 1)}


@wrong("q7", "constant")
def adder(X, y):
    layers, readout = half_way(X, y)
    return layers, {"weight": 0 * readout["weight"], "bias": readout["bias"]}


@wrong("q7", "nan")
def adder(X, y):
    layers, readout = half_way(X, y)
    return [{name: A * np.nan for name, A in one.items()} for one in layers], readout


@wrong("q7", "type")
def adder(X, y):
    return fresh((64, 40), (40, 40))


@wrong("q7", "type")
def adder(X, y):
    return held(*fresh((64, 40), (40, 40)))[0]


@wrong("q7", "kind")
def adder(X, y):
    import torch

    return held([torch.nn.GRU(64, 40)], torch.nn.Linear(40, 10))


@wrong("q7", "kind")
def adder(X, y):
    import torch

    return held([torch.nn.RNN(64, 40, bidirectional=True)], torch.nn.Linear(80, 10))


@wrong("q7", "kind")
def adder(X, y):  # a linear layer among them
    import torch

    return held([torch.nn.Linear(64, 40), torch.nn.RNN(40, 40)], torch.nn.Linear(40, 10))


@wrong("q7", "num_layers")
def adder(X, y):
    import torch

    return held([torch.nn.RNN(64, 40, num_layers=2)], torch.nn.Linear(40, 10))


@wrong("q7", "sizes")
def adder(X, y):
    return held(*fresh((64, 40), (64, 40)))


@wrong("q7", "sizes")
def adder(X, y):
    return held(*fresh((8, 40), (40, 40)))


@wrong("q7", "sizes")
def adder(X, y):
    return held(*fresh((64, 40), (40, 40), read=104))


@wrong("q7", "sizes")
def adder(X, y):
    return held(*fresh((64, 40), (40, 40), classes=19))


@wrong("q7", "too_large")
def adder(X, y):
    return held(*fresh((64, 100), (100, 100)))


@wrong("q7", "raised")
def adder(X, y):
    layers, _ = fresh((64, 40))
    return layers[0](X)


@wrong("q7", "mutated")
def adder(X, y):
    found = half_way(X, y)
    y[0] = 0
    return found
