"""Wrong answers to exercise 12, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

import numpy as np
from catalogue import Catalogue

catalogue = Catalogue()
wrong = catalogue.wrong


# --- q1 -----------------------------------------------------------------------------------------------------


@wrong("q1", "swapped")
def join(A1, b1, A2, b2):
    return A2 @ A1, b2 @ A1 + b1


@wrong("q1", "columns")
def join(A1, b1, A2, b2):
    return A2 @ A1, b1 @ A2 + b2


@wrong("q1", "entries")
def join(A1, b1, A2, b2):  # (12.3) as it stands there
    return A2 * A1, b1 @ A2 + b2


@wrong("q1", "added")
def join(A1, b1, A2, b2):
    return A1 + A2, b1 @ A2 + b2


@wrong("q1", "turned")
def join(A1, b1, A2, b2):
    return A1 @ A2, b1 @ A2.transpose(0, 2, 1) + b2


@wrong("q1", "turned")
def join(A1, b1, A2, b2):  # columns, everywhere
    A1, A2 = A1.transpose(0, 2, 1), A2.transpose(0, 2, 1)
    return A2 @ A1, b1 @ A2 + b2


@wrong("q1", "first_matrix")
def join(A1, b1, A2, b2):
    return A1 @ A2, b1 @ A1 + b2


@wrong("q1", "not_carried")
def join(A1, b1, A2, b2):
    return A1 @ A2, b1 + b2


@wrong("q1", "lost")
def join(A1, b1, A2, b2):
    return A1 @ A2, b1 @ A2


@wrong("q1", "lost")
def join(A1, b1, A2, b2):
    return A1 @ A2, b2.copy()


@wrong("q1", "wrong_row")
def join(A1, b1, A2, b2):
    return A1 @ A2, b1 + b2 @ A2


@wrong("q1", "type")
def join(A1, b1, A2, b2):
    return b1 @ A2 + b2


@wrong("q1", "shape")
def join(A1, b1, A2, b2):  # the pairs summed up
    return np.einsum("nij,njk->ik", A1, A2), np.einsum("nbi,nij->bj", b1, A2) + b2.sum(0)


@wrong("q1", "raised")
def join(A1, b1, A2, b2):
    return A2 @ A1, A2 @ b1 + b2


@wrong("q1", "mutated")
def join(A1, b1, A2, b2):
    b2 += b1 @ A2
    return A1 @ A2, b2


# --- q2 -----------------------------------------------------------------------------------------------------


def scan(a, b, rule=lambda a1, b1, a2, b2: (a1 * a2, a2 * b1 + b2), more=lambda k, T: k < T):
    """The scan from 0, with another rule to join by, or another end."""
    k, rounds = 1, []
    while more(k, len(a)):
        a_new, b_new = rule(a[:-k], b[:-k], a[k:], b[k:])
        a, b = np.concatenate([a[:k], a_new]), np.concatenate([b[:k], b_new])
        rounds.append(b)
        k *= 2
    return b, rounds


def begun(a, b, h):
    return np.concatenate([b[:1] + a[:1] * h, b[1:]])


@wrong("q2", "from_zero")
def scan_from(a, b, h):
    return scan(a, b)


@wrong("q2", "bare")
def scan_from(a, b, h):
    return scan(a, np.concatenate([b[:1] + h, b[1:]]))


@wrong("q2", "instead")
def scan_from(a, b, h):
    return scan(a, np.concatenate([h[None], b[1:]]))


@wrong("q2", "instead")
def scan_from(a, b, h):
    return scan(a, np.concatenate([a[:1] * h, b[1:]]))


@wrong("q2", "everywhere")
def scan_from(a, b, h):
    return scan(a, b + a * h)


@wrong("q2", "a_stays")
def scan_from(a, b, h):
    return scan(a, begun(a, b, h), lambda a1, b1, a2, b2: (a2, a2 * b1 + b2))


@wrong("q2", "stale")
def scan_from(a, b, h):  # in place, and a first
    a, b = a.copy(), begun(a, b, h)
    k, rounds = 1, []
    while k < len(a):
        a[k:] = a[k:] * a[:-k]
        b[k:] = a[k:] * b[:-k] + b[k:]
        rounds.append(b.copy())
        k *= 2
    return b, rounds


@wrong("q2", "turned")
def scan_from(a, b, h):
    return scan(a, begun(a, b, h), lambda a1, b1, a2, b2: (a1 * a2, a1 * b2 + b1))


@wrong("q2", "sum")
def scan_from(a, b, h):
    return scan(a, begun(a, b, h), lambda a1, b1, a2, b2: (a1 * a2, b1 + b2))


@wrong("q2", "neighbour")
def scan_from(a, b, h):
    return scan(a, begun(a, b, h), lambda a1, b1, a2, b2: (a1 * a2, a1 * b1 + b2))


@wrong("q2", "one_short")
def scan_from(a, b, h):
    return scan(a, begun(a, b, h), more=lambda k, T: 2 * k < T)


@wrong("q2", "one_short")
def scan_from(a, b, h):  # right for powers of two
    return scan(a, begun(a, b, h), more=lambda k, T: k < 2 ** int(np.log2(T)))


@wrong("q2", "batch")
def scan_from(a, b, h):
    states, rounds = scan(a.swapaxes(0, 1), begun(a, b, h).swapaxes(0, 1))
    return states.swapaxes(0, 1), [r.swapaxes(0, 1) for r in rounds]


@wrong("q2", "long")
def scan_from(a, b, h):
    return scan(a, begun(a, b, h), more=lambda k, T: k <= T)


@wrong("q2", "long")
def scan_from(a, b, h):  # once more, to be on the safe side
    states, rounds = scan(a, begun(a, b, h))
    return states, [*rounds, states]


@wrong("q2", "start_kept")
def scan_from(a, b, h):
    b = begun(a, b, h)
    states, rounds = scan(a, b)
    return states, [b, *rounds]


@wrong("q2", "start_kept")
def scan_from(a, b, h):
    states, rounds = scan(a, begun(a, b, h))
    return states, [b, *rounds]


@wrong("q2", "loop")
def scan_from(a, b, h):
    b, rounds = b.copy(), []
    for t in range(len(a)):
        h = b[t] = a[t] * h + b[t]
        rounds.append(b.copy())
    return b, rounds


@wrong("q2", "few")
def scan_from(a, b, h):
    states, rounds = scan(a, begun(a, b, h))
    return states, rounds[-1:]


@wrong("q2", "few")
def scan_from(a, b, h):  # a loop that claims no rounds at all
    states = []
    for a_t, b_t in zip(a, b, strict=True):
        h = a_t * h + b_t
        states.append(h)
    return np.stack(states), []


@wrong("q2", "aliased")
def scan_from(a, b, h):
    a, b = a.copy(), begun(a, b, h)
    k, rounds = 1, []
    while k < len(a):
        b[k:] = a[k:] * b[:-k] + b[k:]
        a[k:] = a[k:] * a[:-k]
        rounds.append(b)
        k *= 2
    return b, rounds


@wrong("q2", "rounds")
def scan_from(a, b, h):  # the factors, not the b
    states, _ = scan(a, begun(a, b, h))
    k, kept = 1, []
    while k < len(a):
        a = np.concatenate([a[:k], a[k:] * a[:-k]])
        kept.append(a)
        k *= 2
    return states, kept


@wrong("q2", "type")
def scan_from(a, b, h):
    return scan(a, begun(a, b, h))[0]


@wrong("q2", "type")
def scan_from(a, b, h):  # only the new ones
    states, rounds = scan(a, begun(a, b, h))
    return states, [r[2**k :] for k, r in enumerate(rounds)]


@wrong("q2", "type")
def scan_from(a, b, h):
    states, rounds = scan(a, begun(a, b, h))
    return states, len(rounds)


@wrong("q2", "off_by_one")
def scan_from(a, b, h):
    states, rounds = scan(a, begun(a, b, h))
    return np.concatenate([h[None], states]), rounds


@wrong("q2", "raised")
def scan_from(a, b, h):  # the first k steps forgotten
    b, k, rounds = begun(a, b, h), 1, []
    while k < len(b):
        b = a[k:] * b[:-k] + b[k:]
        rounds.append(b)
        k *= 2
    return b, rounds


@wrong("q2", "mutated")
def scan_from(a, b, h):
    b[0] += a[0] * h
    return scan(a, b)
