"""Wrong answers to exercise 10, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

import numpy as np
from catalogue import Catalogue, WrongAnswer

catalogue = Catalogue()
wrong = catalogue.wrong


def add(question, code, **names):
    """A wrong answer that is made by a function of its mistakes."""
    catalogue.answers.append(WrongAnswer(question, code, names))


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


# --- q1 -----------------------------------------------------------------------------------------------------


def run(X, h, W_xh, W_hh, b_h, bend=np.tanh):
    """States in the order of reading, a list."""
    states = []
    for x_t in X:
        h = bend(x_t @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return states


def reader(turn=lambda X: X[::-1], back=lambda S: S[::-1], start=lambda h: h, bend=np.tanh, weights=None):
    """The right reader with one of its parts exchanged."""

    def read_backward(X, h_end, W_xh, W_hh, b_h):
        net = (W_xh, W_hh, b_h) if weights is None else weights(W_xh, W_hh, b_h)
        return back(np.array(run(turn(X), start(h_end), *net, bend=bend)))

    return read_backward


def same_as_it_is(A):
    return A


add("q1", "forward", read_backward=reader(turn=same_as_it_is, back=same_as_it_is))
add("q1", "forward", read_backward=reader(same_as_it_is, same_as_it_is, start=np.zeros_like))
add("q1", "as_read", read_backward=reader(back=same_as_it_is))
add("q1", "as_read", read_backward=reader(turn=same_as_it_is))
add("q1", "wrong_axis", read_backward=reader(lambda X: X[:, ::-1], lambda S: S[:, ::-1]))
add("q1", "wrong_axis", read_backward=reader(lambda X: X[:, ::-1], same_as_it_is))
add("q1", "wrong_axis", read_backward=reader(back=lambda S: S[:, ::-1]))
add("q1", "wrong_axis", read_backward=reader(np.flip, np.flip))
add("q1", "wrong_axis", read_backward=reader(back=np.flip))
add("q1", "start_ignored", read_backward=reader(start=np.zeros_like))
add("q1", "no_bias", read_backward=reader(weights=lambda W, U, b: (W, U, 0 * b)))
add("q1", "no_bend", read_backward=reader(bend=same_as_it_is))
add("q1", "other_bend", read_backward=reader(bend=sigmoid))
add("q1", "other_bend", read_backward=reader(bend=lambda a: np.maximum(a, 0)))
add("q1", "untransposed", read_backward=reader(weights=lambda W, U, b: (W, U.T, b)))
add("q1", "raised", read_backward=reader(weights=lambda W, U, b: (W.T, U, b)))
add("q1", "last_only", read_backward=reader(back=lambda S: S[-1]))
add("q1", "last_only", read_backward=reader(back=lambda S: S[0]))


@wrong("q1", "start_late")
def read_backward(X, h_end, W_xh, W_hh, b_h):
    T, h, states = len(X), np.zeros(h_end.shape), np.zeros((len(X), *h_end.shape))
    for t in reversed(range(T)):
        h = h_end if t == 0 else h
        h = states[t] = np.tanh(X[t] @ W_xh + h @ W_hh + b_h)
    return states


@wrong("q1", "one_off")
def read_backward(X, h_end, W_xh, W_hh, b_h):
    h, states = h_end, np.zeros((len(X), *h_end.shape))
    for t in reversed(range(len(X))):
        states[t] = h
        h = np.tanh(X[t] @ W_xh + h @ W_hh + b_h)
    return states


@wrong("q1", "with_start")
def read_backward(X, h_end, W_xh, W_hh, b_h):
    states = np.zeros((len(X) + 1, *h_end.shape))
    states[-1] = h_end
    for t in reversed(range(len(X))):
        states[t] = np.tanh(X[t] @ W_xh + states[t + 1] @ W_hh + b_h)
    return states


@wrong("q1", "with_start")
def read_backward(X, h_end, *net):
    return np.array([h_end, *run(X[::-1], h_end, *net)])


@wrong("q1", "not_carried")
def read_backward(X, h_end, W_xh, W_hh, b_h):
    return np.tanh(X @ W_xh + h_end @ W_hh + b_h)


@wrong("q1", "not_carried")
def read_backward(X, h_end, W_xh, W_hh, b_h):
    return np.tanh(X @ W_xh + b_h)


@wrong("q1", "mutated")
def read_backward(X, h_end, *net):
    X[:] = X[::-1].copy()
    return np.array(run(X, h_end, *net)[::-1])


@wrong("q1", "mutated")
def read_backward(X, h_end, W_xh, W_hh, b_h):
    states = []
    for x_t in X[::-1]:
        h_end[:] = np.tanh(x_t @ W_xh + h_end @ W_hh + b_h)
        states.append(h_end.copy())
    return np.array(states[::-1])


# --- q2 -----------------------------------------------------------------------------------------------------


def stack(
    turn=lambda X: X[::-1],
    back=lambda S: S[::-1],
    join=lambda left, right: [left, right],
    weights=None,
    bend=np.tanh,
    out=lambda H, W, b: (H, H @ W + b),
    layers_of=lambda layers: layers,
):
    """The right network with one of its parts exchanged."""

    def deep_readers(X, layers, W_hq, b_q):
        for pair in layers_of(layers):
            forward, backward = pair if weights is None else [weights(*net) for net in pair]
            left = np.array(run(X, np.zeros((X.shape[1], len(forward[1]))), *forward, bend=bend))
            right = np.array(run(turn(X), np.zeros((X.shape[1], len(backward[1]))), *backward, bend=bend))
            X = np.concatenate(join(left, back(right)), axis=2)
        return out(X, W_hq, b_q)

    return deep_readers


add("q2", "unturned", deep_readers=stack(back=same_as_it_is))
add("q2", "forward_twice", deep_readers=stack(same_as_it_is, same_as_it_is))
add("q2", "forward_twice", deep_readers=stack(same_as_it_is))
add("q2", "forward_twice", deep_readers=stack(lambda X: X[:, ::-1], lambda S: S[:, ::-1]))
add("q2", "wrong_axis", deep_readers=stack(back=lambda S: S[:, ::-1]))
add("q2", "wrong_axis", deep_readers=stack(lambda X: X[:, ::-1]))
add("q2", "wrong_axis", deep_readers=stack(lambda X: X[:, ::-1], same_as_it_is))
add("q2", "swapped", deep_readers=stack(join=lambda left, right: [right, left]))
add("q2", "no_bias", deep_readers=stack(weights=lambda W, U, b: (W, U, 0 * b)))
add("q2", "untransposed", deep_readers=stack(weights=lambda W, U, b: (W, U.T, b)))
add("q2", "no_bend", deep_readers=stack(bend=same_as_it_is))
add("q2", "other_bend", deep_readers=stack(bend=sigmoid))
add("q2", "no_output_bias", deep_readers=stack(out=lambda H, W, b: (H, H @ W)))
add("q2", "last_row", deep_readers=stack(out=lambda H, W, b: (H, H[-1] @ W + b)))
add("q2", "exchanged", deep_readers=stack(out=lambda H, W, b: (H @ W + b, H)))
add("q2", "type", deep_readers=stack(out=lambda H, W, b: H @ W + b))
add("q2", "raised", deep_readers=stack(layers_of=lambda layers: layers[::-1]))
add("q2", "raised", deep_readers=stack(join=lambda left, right: [left]))


def shares(z):
    return np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)


add("q2", "probabilities", deep_readers=stack(out=lambda H, W, b: (H, shares(H @ W + b))))


def later(left, right):
    return [
        np.concatenate([0 * left[:1], left[:-1]]),
        np.concatenate([right[1:], 0 * right[:1]]),
    ]


add("q2", "gap", deep_readers=stack(join=later))


@wrong("q2", "too_few")
def deep_readers(X, layers, W_hq, b_q):  # the rows of the layer below, the outputs of the last
    lower, _ = stack(out=lambda H, W, b: (H, 0))(X, layers[:-1], W_hq, b_q)
    return lower, stack()(X, layers, W_hq, b_q)[1]


@wrong("q2", "unturned")
def deep_readers(X, layers, W_hq, b_q):  # in the last layer only
    lower, _ = stack(out=lambda H, W, b: (H, 0))(X, layers[:-1], W_hq, b_q)
    return stack(back=same_as_it_is)(lower, layers[-1:], W_hq, b_q)


@wrong("q2", "swapped")
def deep_readers(X, layers, W_hq, b_q):  # in the last layer only
    lower, _ = stack(out=lambda H, W, b: (H, 0))(X, layers[:-1], W_hq, b_q)
    return stack(join=lambda left, right: [right, left])(lower, layers[-1:], W_hq, b_q)


@wrong("q2", "not_carried")
def deep_readers(X, layers, W_hq, b_q):
    for pair in layers:
        X = np.concatenate([np.tanh(X @ W_xh + b_h) for W_xh, _, b_h in pair], axis=2)
    return X, X @ W_hq + b_q


@wrong("q2", "mutated")
def deep_readers(X, layers, W_hq, b_q):
    found = stack()(X, layers, W_hq, b_q)
    X[:] = X[::-1].copy()
    return found


# --- q3 -----------------------------------------------------------------------------------------------------


def taken(
    ends=("", "_reverse"), turn=np.transpose, bias=lambda b, c: b + c, names=("ih", "hh"), number=lambda k: k
):
    """The right weights with one of the lines exchanged."""

    def directions(held, layer):
        found = []
        for end in ends:
            tail = f"_l{number(layer)}{end}"
            W, U = (turn(held[f"weight_{name}{tail}"]) for name in names)
            found.append((W, U, bias(held[f"bias_ih{tail}"], held[f"bias_hh{tail}"])))
        return tuple(found)

    return directions


add("q3", "untransposed", directions=taken(turn=same_as_it_is))
add("q3", "reshaped", directions=taken(turn=lambda A: A.reshape(A.shape[::-1])))
add("q3", "one_bias", directions=taken(bias=lambda b, c: b))
add("q3", "one_bias", directions=taken(bias=lambda b, c: c))
add("q3", "one_bias", directions=taken(bias=lambda b, c: 0 * b))
add("q3", "bias_scaled", directions=taken(bias=lambda b, c: (b + c) / 2))
add("q3", "bias_scaled", directions=taken(bias=lambda b, c: 2 * b))
add("q3", "directions_exchanged", directions=taken(ends=("_reverse", "")))
add("q3", "one_direction", directions=taken(ends=("", "")))
add("q3", "one_direction", directions=taken(ends=("_reverse", "_reverse")))
add("q3", "other_layer", directions=taken(number=lambda k: 0))
add("q3", "other_layer", directions=taken(number=lambda k: max(k - 1, 0)))
add("q3", "other_layer", directions=taken(number=lambda k: 1))
add("q3", "parts_exchanged", directions=taken(names=("hh", "ih")))
add("q3", "raised", directions=taken(ends=("", "_backward")))


@wrong("q3", "type")
def directions(held, layer):
    forward, backward = taken()(held, layer)
    return *forward, *backward


@wrong("q3", "type")
def directions(held, layer):
    return tuple((W_xh, W_hh) for W_xh, W_hh, _ in taken()(held, layer))


@wrong("q3", "mutated")
def directions(held, layer):
    for end in ("", "_reverse"):
        held[f"bias_ih_l{layer}{end}"] += held[f"bias_hh_l{layer}{end}"]
    return taken(bias=lambda b, c: b)(held, layer)


def side_by_side(one, two):
    return np.concatenate([one, two], axis=1)


add("q3", "lowest", summary=lambda h_n: side_by_side(h_n[0], h_n[1]))
add("q3", "by_direction", summary=lambda h_n: side_by_side(h_n[len(h_n) // 2 - 1], h_n[-1]))
add("q3", "by_direction", summary=lambda h_n: side_by_side(h_n[0], h_n[-1]))
add("q3", "halves_swapped", summary=lambda h_n: side_by_side(h_n[-1], h_n[-2]))
add("q3", "mixed", summary=lambda h_n: h_n[-2:].reshape(h_n.shape[1], -1))
add("q3", "mixed", summary=lambda h_n: h_n[:2].reshape(h_n.shape[1], -1))
add("q3", "all_layers", summary=lambda h_n: np.concatenate([*h_n], axis=1))
add("q3", "all_layers", summary=lambda h_n: h_n.reshape(h_n.shape[1], -1))
add("q3", "one_half", summary=lambda h_n: h_n[-1])
add("q3", "one_half", summary=lambda h_n: h_n[-2] + h_n[-1])
add("q3", "one_half", summary=lambda h_n: h_n.mean(axis=0))
add("q3", "not_joined", summary=lambda h_n: h_n[-2:])
add("q3", "not_joined", summary=lambda h_n: np.concatenate([h_n[-2], h_n[-1]]))
add("q3", "raised", summary=lambda h_n: np.concatenate([h_n[-2], h_n[-1]], axis=2))


# --- q4 -----------------------------------------------------------------------------------------------------


def turned_by(source):
    """A turn whose row t comes from the row that ``source`` names, from t (T, 1) and lengths (B,)."""

    def turn(X, lengths):
        rows = source(np.arange(len(X))[:, None], lengths, len(X))
        return X[rows, np.arange(X.shape[1])]

    return turn


def right_turn(X, lengths):
    return turned_by(lambda t, n, T: np.where(t < n, n - 1 - t, t))(X, lengths)


add("q4", "filling_first", turn=lambda X, lengths: X[::-1])
add("q4", "filling_turned", turn=turned_by(lambda t, n, T: n - 1 - t))  # a negative index
add("q4", "filling_turned", turn=turned_by(lambda t, n, T: np.where(t < n, n - 1 - t, T + n - 1 - t)))
add("q4", "filling_lost", turn=turned_by(lambda t, n, T: np.maximum(n - 1 - t, 0)))
add("q4", "one_off", turn=turned_by(lambda t, n, T: np.where(t < n, (n - t) % T, t)))
add("q4", "one_off", turn=turned_by(lambda t, n, T: np.where(t < n - 1, n - 2 - t, t)))
add("q4", "one_length", turn=lambda X, n: np.concatenate([X[: min(n)][::-1], X[min(n) :]]))
add("q4", "one_length", turn=lambda X, n: np.concatenate([X[: n[-1]][::-1], X[n[-1] :]]))
add("q4", "unturned", turn=lambda X, lengths: X.copy())
add("q4", "wrong_axis", turn=lambda X, lengths: X[:, ::-1])


@wrong("q4", "filling_lost")
def turn(X, lengths):
    Y = np.zeros(X.shape)
    for k, n in enumerate(lengths):
        Y[:n, k] = X[:n, k][::-1]
    return Y


@wrong("q4", "filling_turned")
def turn(X, lengths):
    Y = X[::-1].copy()
    for k, n in enumerate(lengths):
        Y[:, k] = np.roll(Y[:, k], n, axis=0)
    return Y


@wrong("q4", "crossed")
def turn(X, lengths):
    t = np.arange(len(X))[:, None]
    return X[np.where(t < lengths, lengths - 1 - t, t)]


@wrong("q4", "one_off")
def turn(X, lengths):
    Y = X.copy()
    for k, n in enumerate(lengths):
        for t in range(n - 1):
            Y[t, k] = X[n - 2 - t, k]
    return Y


@wrong("q4", "mutated")
def turn(X, lengths):
    for k, n in enumerate(lengths):
        X[:n, k] = X[:n, k][::-1].copy()
    return X


@wrong("q4", "raised")
def turn(X, lengths):
    return np.concatenate([X[:lengths][::-1], X[lengths:]])


def at(forward, backward):
    """Ends whose halves are taken at the rows named, from lengths (B,) and T."""

    def ends(out, lengths):
        H, each = out.shape[2] // 2, np.arange(out.shape[1])
        rows = [which(lengths, len(out)) + 0 * each for which in (forward, backward)]
        return side_by_side(out[rows[0], each, :H], out[rows[1], each, H:])

    return ends


def own(n, T):
    return n - 1


def first(n, T):
    return 0


def last(n, T):
    return T - 1


add("q4", "last_row", ends=lambda out, lengths: out[-1])
add("q4", "backward_at_end", ends=at(own, own))
add("q4", "backward_at_end", ends=at(own, last))
add("q4", "forward_at_start", ends=lambda out, lengths: out[0])
add("q4", "ends_exchanged", ends=at(first, own))
add("q4", "ends_exchanged", ends=at(first, last))
add("q4", "filling_read", ends=at(last, first))
add("q4", "late_or_early", ends=at(lambda n, T: np.minimum(n, T - 1), first))
add("q4", "late_or_early", ends=at(lambda n, T: n - 2, first))
add("q4", "one_end", ends=at(lambda n, T: min(n) - 1, first))
add("q4", "ends_crossed", ends=lambda out, lengths: out[lengths - 1])
add("q4", "mean", ends=lambda out, lengths: out.mean(axis=0))


@wrong("q4", "halves_swapped")
def ends(out, lengths):
    H = out.shape[2] // 2
    return side_by_side(out[0, :, H:], out[lengths - 1, np.arange(out.shape[1]), :H])


@wrong("q4", "mean")
def ends(out, lengths):
    return np.array([out[:n, k].mean(axis=0) for k, n in enumerate(lengths)])


@wrong("q4", "mutated")
def ends(out, lengths):
    lengths -= 1
    return at(lambda n, T: n, first)(out, lengths)


# --- q5 -----------------------------------------------------------------------------------------------------


def slopes_by(
    steps=range,
    carry=lambda da, W_hh, dh: da @ W_hh.T,
    bent=lambda h: 1 - h**2,
    beside=lambda S, h_end: np.concatenate([S[1:], h_end[None]]),
    direct=lambda d: d,
    end=lambda da, arriving, W_hh: arriving,
    weigh=lambda found, T, B: found,
):
    """The right way back with one of its parts exchanged."""

    def slopes(X, h_end, states, d_states, W_xh, W_hh):
        T, B, _ = X.shape
        d_states = direct(d_states)
        da, arriving = np.zeros(states.shape), np.zeros(h_end.shape)
        for t in steps(T):
            dh = d_states[t] + arriving
            da[t] = dh * bent(states[t])
            arriving = carry(da[t], W_hh, dh)
        found = (
            da @ W_xh.T,
            end(da, arriving, W_hh),
            np.einsum("tbd,tbh->dh", X, da),
            np.einsum("tbg,tbh->gh", beside(states, h_end), da),
            da.sum(axis=(0, 1)),
        )
        return weigh(found, T, B)

    return slopes


def down(T):
    return range(T - 1, -1, -1)


def to_the_left(S, h_end):
    return np.concatenate([h_end[None], S[:-1]])


def only(t):
    def kept(d):
        found = np.zeros(d.shape)
        found[t] = d[t]
        return found

    return kept


add("q5", "leftwards", slopes=slopes_by(steps=down, beside=to_the_left))  # as chapter 5 has it
add("q5", "leftwards", slopes=slopes_by(steps=down))
add("q5", "leftwards", slopes=slopes_by(steps=down, end=lambda da, a, W: da[-1] @ W.T))
add("q5", "wrong_neighbour", slopes=slopes_by(beside=to_the_left))
add("q5", "wrong_neighbour", slopes=slopes_by(beside=to_the_left, end=lambda da, a, W: da[0] @ W.T))
add("q5", "own_state", slopes=slopes_by(beside=lambda S, h_end: S))
add("q5", "no_end", slopes=slopes_by(beside=lambda S, h_end: np.concatenate([S[1:], 0 * S[:1]])))
add("q5", "end_slope", slopes=slopes_by(end=lambda da, a, W: 0 * a))
add("q5", "end_slope", slopes=slopes_by(end=lambda da, a, W: da[-1]))
add("q5", "end_slope", slopes=slopes_by(end=lambda da, a, W: da[0] @ W.T))
add("q5", "not_carried", slopes=slopes_by(carry=lambda da, W, dh: 0 * da))
add(
    "q5",
    "not_carried",
    slopes=slopes_by(carry=lambda da, W, dh: 0 * da, end=lambda da, a, W: da[-1] @ W.T),
)
add("q5", "untransposed", slopes=slopes_by(carry=lambda da, W, dh: da @ W))
add("q5", "no_matrix", slopes=slopes_by(carry=lambda da, W, dh: da))
add("q5", "no_slope", slopes=slopes_by(bent=np.ones_like))
add("q5", "carried_unbent", slopes=slopes_by(carry=lambda da, W, dh: dh @ W.T))
add("q5", "wrong_slope", slopes=slopes_by(bent=lambda h: 1 - np.tanh(h) ** 2))
add("q5", "wrong_slope", slopes=slopes_by(bent=lambda h: h * (1 - h)))
add("q5", "one_loss", slopes=slopes_by(direct=only(0)))
add("q5", "one_loss", slopes=slopes_by(direct=only(-1)))
add("q5", "averaged", slopes=slopes_by(weigh=lambda f, T, B: (*f[:2], *(g / B for g in f[2:]))))
add("q5", "averaged", slopes=slopes_by(weigh=lambda f, T, B: (*f[:4], f[4] / (T * B))))
add("q5", "exchanged", slopes=slopes_by(weigh=lambda f, T, B: (f[0], *f[2:], f[1])))
add("q5", "type", slopes=slopes_by(weigh=lambda f, T, B: f[2:]))


@wrong("q5", "one_step")
def slopes(X, h_end, states, d_states, W_xh, W_hh):
    da, arriving = np.zeros(states.shape), np.zeros(h_end.shape)
    for t in range(len(X)):
        da[t] = (d_states[t] + arriving) * (1 - states[t] ** 2)
        arriving = (d_states[t] * (1 - states[t] ** 2)) @ W_hh.T
    before = np.concatenate([states[1:], h_end[None]])
    dW_xh, dW_hh = np.einsum("tbd,tbh->dh", X, da), np.einsum("tbg,tbh->gh", before, da)
    return da @ W_xh.T, arriving, dW_xh, dW_hh, da.sum(axis=(0, 1))


def summed_over(axis):
    def slopes(X, h_end, states, d_states, W_xh, W_hh):
        found = {}
        right = slopes_by(carry=lambda da, W, dh: found.setdefault(len(found), da) @ W.T)
        five = right(X, h_end, states, d_states, W_xh, W_hh)
        return *five[:4], np.array([found[t] for t in range(len(X))]).sum(axis=axis)

    return slopes


add("q5", "summed_once", slopes=summed_over(0))
add("q5", "summed_once", slopes=summed_over(1))


@wrong("q5", "raised")
def slopes(X, h_end, states, d_states, W_xh, W_hh):
    dW_hh = sum(states[t + 1].T @ d_states[t] for t in range(len(X)))
    return X, h_end, W_xh, dW_hh, states[0, 0]


@wrong("q5", "mutated")
def slopes(X, h_end, states, d_states, W_xh, W_hh):
    for t in range(len(X) - 1):
        d_states[t + 1] += (d_states[t] * (1 - states[t] ** 2)) @ W_hh.T
    found = slopes_by(carry=lambda da, W, dh: 0 * da)(X, h_end, states, d_states, W_xh, W_hh)
    return found[0], (d_states[-1] * (1 - states[-1] ** 2)) @ W_hh.T, *found[2:]


# --- q6 -----------------------------------------------------------------------------------------------------


def one_at_a_time(X, steps=None, change=lambda row: row + 1):
    sent = [X.copy()]
    for t in range(len(X)) if steps is None else steps:
        sent.append(X.copy())
        sent[-1][t] = change(X[t])
    return np.array(sent)


def by_probe(sent, Y, count, moved=lambda one, two: (one != two).any(axis=-1), none=0):
    """What ``count(s, t)`` makes of all pairs of a changed step and an output that moved."""
    found = []
    for x, y in zip(sent[1:], Y[1:], strict=True):
        (s, *_), t = np.flatnonzero((x != sent[0]).any(axis=1)), np.flatnonzero(moved(y, Y[0]))
        found += [count(s, k) for k in t]
    return found or [none]


def counted(count=lambda s, t: s - t, take=lambda found: max(0, *found, 0), **how):
    return lambda sent, Y: int(take(by_probe(sent, Y, count, **how)))


def first_input(row):
    return np.concatenate([row[:1] + 1, row[1:]])


add("q6", "past_counted", steps_ahead=counted(lambda s, t: abs(s - t)))
add("q6", "past_counted", steps_ahead=counted(lambda s, t: t - s))
add("q6", "itself", steps_ahead=counted(lambda s, t: s - t + 1))
add("q6", "yes_no", steps_ahead=lambda sent, Y: bool(max(by_probe(sent, Y, lambda s, t: s > t))))
add("q6", "not_largest", steps_ahead=lambda sent, Y: int(max(by_probe(sent, Y, lambda s, t: s > t))))
add(
    "q6",
    "not_largest",
    steps_ahead=lambda sent, Y: int(np.mean(by_probe(sent, Y, lambda s, t: max(s - t, 0)))),
)
add("q6", "sign", steps_ahead=lambda sent, Y: int(min(by_probe(sent, Y, lambda s, t: t - s))))


def clearly(one, two):
    return (abs(one - two) > 1e-3).any(axis=-1)


def closely(one, two):
    return ~np.isclose(one, two, atol=1e-4).all(axis=-1)


add("q6", "tolerance", steps_ahead=counted(moved=clearly))
add("q6", "tolerance", steps_ahead=counted(moved=closely))
add("q6", "type", steps_ahead=lambda sent, Y: np.array(by_probe(sent, Y, lambda s, t: s - t)))
add("q6", "type", steps_ahead=lambda sent, Y: "all of them")
add("q6", "raised", steps_ahead=lambda sent, Y: max(s for s in () if s > 0))
add("q6", "probe_shape", probes=lambda X: X)
add("q6", "probe_shape", probes=lambda X: one_at_a_time(X).swapaxes(0, 1))
add("q6", "probe_shape", probes=lambda X: one_at_a_time(X)[:, :, 0])
add("q6", "not_finite", probes=lambda X: one_at_a_time(X, change=lambda row: row * np.nan))
add("q6", "no_change", probes=lambda X: np.array([X, X, X]))
add("q6", "one_input", probes=lambda X: one_at_a_time(X, change=first_input))
add("q6", "one_input", probes=lambda X: one_at_a_time(X, change=lambda row: first_input(row[::-1])[::-1]))
add("q6", "all_at_once", probes=lambda X: np.array([X, X + 1]))
add("q6", "all_at_once", probes=lambda X: np.array([X, np.random.default_rng(0).standard_normal(X.shape)]))
add("q6", "not_every_step", probes=lambda X: one_at_a_time(X, [len(X) - 1]))
add("q6", "not_every_step", probes=lambda X: one_at_a_time(X, [len(X) // 2]))
add("q6", "not_every_step", probes=lambda X: one_at_a_time(X, range(len(X) - 1)))


@wrong("q6", "mutated")
def probes(X):
    sent = [X]
    for t in range(len(X)):
        Z = X
        Z[t] += 1
        sent.append(Z)
    return np.array(sent)


@wrong("q6", "no_change")
def probes(X):
    sent = []
    for t in range(len(X)):
        Z = X.copy()
        Z[t] + 1
        sent.append(Z)
    return np.array(sent)
