"""Wrong answers to exercise 13, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

import time
from functools import cache

import numpy as np
from catalogue import Catalogue

from course_utils.grading.exercises import ex13

catalogue = Catalogue()
wrong = catalogue.wrong


# --- q1 -----------------------------------------------------------------------------------------------------


def filled(rows, pad=0, front=False):
    """The rows as columns of one array."""
    array = np.full((max(map(len, rows)), len(rows)), pad)
    for b, row in enumerate(rows):
        array[len(array) - len(row) if front else 0 :, b][: len(row)] = row
    return array


def counted(words):
    return np.array([len(word) for word in words])


@wrong("q1", "no_eos")
def collate(words, sounds, bos, eos):
    return filled(words), counted(words), filled([[bos, *row] for row in sounds])


@wrong("q1", "no_bos")
def collate(words, sounds, bos, eos):
    return filled(words), counted(words), filled([[*row, eos] for row in sounds])


@wrong("q1", "unmarked")
def collate(words, sounds, bos, eos):
    return filled(words), counted(words), filled(sounds)


@wrong("q1", "swapped")
def collate(words, sounds, bos, eos):
    return filled(words), counted(words), filled([[eos, *row, bos] for row in sounds])


@wrong("q1", "late")
def collate(words, sounds, bos, eos):
    y = filled([[bos, *row] for row in sounds])
    return filled(words), counted(words), np.vstack([y, np.full(len(words), eos)])


@wrong("q1", "source")
def collate(words, sounds, bos, eos):
    marked = [[bos, *word, eos] for word in words]
    return filled(marked), counted(marked), filled([[bos, *row, eos] for row in sounds])


@wrong("q1", "source")
def collate(words, sounds, bos, eos):
    marked = [[bos, *word, eos] for word in words]
    return filled(marked), counted(words), filled([[bos, *row, eos] for row in sounds])


@wrong("q1", "front")
def collate(words, sounds, bos, eos):
    y = filled([[bos, *row, eos] for row in sounds], front=True)
    return filled(words, front=True), counted(words), y


@wrong("q1", "padding")
def collate(words, sounds, bos, eos):
    return filled(words, -1), counted(words), filled([[bos, *row, eos] for row in sounds], -1)


@wrong("q1", "common")
def collate(words, sounds, bos, eos):
    x, y = filled(words), filled([[bos, *row, eos] for row in sounds])
    high = max(len(x), len(y))
    x, y = (np.vstack([a, np.zeros((high - len(a), len(words)), int)]) for a in (x, y))
    return x, counted(words), y


@wrong("q1", "ordered")
def collate(words, sounds, bos, eos):  # as `pack_padded_sequence` used to want it
    order = sorted(range(len(words)), key=lambda k: len(words[k]), reverse=True)
    words, sounds = [words[k] for k in order], [sounds[k] for k in order]
    return filled(words), counted(words), filled([[bos, *row, eos] for row in sounds])


@wrong("q1", "counted")
def collate(words, sounds, bos, eos):
    return filled(words), counted(sounds), filled([[bos, *row, eos] for row in sounds])


@wrong("q1", "counted")
def collate(words, sounds, bos, eos):
    x = filled(words)
    return x, np.full(len(words), len(x)), filled([[bos, *row, eos] for row in sounds])


@wrong("q1", "transposed")
def collate(words, sounds, bos, eos):
    return filled(words).T, counted(words), filled([[bos, *row, eos] for row in sounds]).T


@wrong("q1", "type")
def collate(words, sounds, bos, eos):
    return filled(words), filled([[bos, *row, eos] for row in sounds])


@wrong("q1", "raised")
def collate(words, sounds, bos, eos):
    return np.array(words), counted(words), np.array([[bos, *row, eos] for row in sounds])


@wrong("q1", "mutated")
def collate(words, sounds, bos, eos):
    for row in sounds:
        row.insert(0, bos)
        row.append(eos)
    return filled(words), counted(words), filled(sounds)


# --- q2 -----------------------------------------------------------------------------------------------------


def log_softmax(logits, axis=2):
    return logits - np.log(np.exp(logits).sum(axis, keepdims=True))


def picked(log_p, y):
    return -np.take_along_axis(log_p, y[:, :, None], 2)[:, :, 0]


@wrong("q2", "over_padding")
def masked_loss(logits, y):
    return picked(log_softmax(logits), y[1:]).mean()


@wrong("q2", "half_masked")
def masked_loss(logits, y):
    return (picked(log_softmax(logits), y[1:]) * (y[1:] != 0)).mean()


@wrong("q2", "not_divided")
def masked_loss(logits, y):
    return (picked(log_softmax(logits), y[1:]) * (y[1:] != 0)).sum()


@wrong("q2", "not_divided")
def masked_loss(logits, y):  # by the words
    return (picked(log_softmax(logits), y[1:]) * (y[1:] != 0)).sum() / y.shape[1]


@wrong("q2", "per_word")
def masked_loss(logits, y):
    m = y[1:] != 0
    return ((picked(log_softmax(logits), y[1:]) * m).sum(0) / m.sum(0)).mean()


@wrong("q2", "per_step")
def masked_loss(logits, y):
    m = y[1:] != 0
    return ((picked(log_softmax(logits), y[1:]) * m).sum(1) / m.sum(1)).mean()


@wrong("q2", "not_shifted")
def masked_loss(logits, y):
    m = y[:-1] != 0
    return (picked(log_softmax(logits), y[:-1]) * m).sum() / m.sum()


@wrong("q2", "end_lost")
def masked_loss(logits, y):
    m = (y[1:] != 0) & (y[1:] != y.max())
    return (picked(log_softmax(logits), y[1:]) * m).sum() / m.sum()


@wrong("q2", "mask_late")
def masked_loss(logits, y):
    m = y[:-1] != 0
    return (picked(log_softmax(logits), y[1:]) * m).sum() / m.sum()


@wrong("q2", "wrong_axis")
def masked_loss(logits, y):
    m = y[1:] != 0
    return (picked(log_softmax(logits, 1), y[1:]) * m).sum() / m.sum()


@wrong("q2", "no_softmax")
def masked_loss(logits, y):
    m = y[1:] != 0
    return (picked(logits, y[1:]) * m).sum() / m.sum()


@wrong("q2", "no_log")
def masked_loss(logits, y):
    m = y[1:] != 0
    return (np.exp(-picked(log_softmax(logits), y[1:])) * m).sum() / m.sum()


@wrong("q2", "type")
def masked_loss(logits, y):
    return "small"


@wrong("q2", "raised")
def masked_loss(logits, y):
    return (picked(log_softmax(logits), y) * (y != 0)).sum() / (y != 0).sum()


@wrong("q2", "mutated")
def masked_loss(logits, y):
    logits -= logits.max(2, keepdims=True)
    m = y[1:] != 0
    return (picked(log_softmax(logits), y[1:]) * m).sum() / m.sum()


# --- q3 -----------------------------------------------------------------------------------------------------


def scores(s, states, W_a):
    return np.einsum("ubc,tbc->ubt", s @ W_a, states)


def softmax(e, axis=2):
    p = np.exp(e - e.max(axis, keepdims=True))
    return p / p.sum(axis, keepdims=True)


def found(alpha, states):
    return np.einsum("ubt,tbc->ubc", alpha, states), alpha


def behind(states, lengths):
    return np.arange(len(states)) >= lengths[:, None]


@wrong("q3", "no_mask")
def attend(s, states, lengths, W_a):
    return found(softmax(scores(s, states, W_a)), states)


@wrong("q3", "zero_mask")
def attend(s, states, lengths, W_a):
    return found(softmax(scores(s, states, W_a) * ~behind(states, lengths)), states)


@wrong("q3", "mask_after")
def attend(s, states, lengths, W_a):
    return found(softmax(scores(s, states, W_a)) * ~behind(states, lengths), states)


@wrong("q3", "one_more")
def attend(s, states, lengths, W_a):
    e = np.where(np.arange(len(states)) > lengths[:, None], -np.inf, scores(s, states, W_a))
    return found(softmax(e), states)


@wrong("q3", "one_less")
def attend(s, states, lengths, W_a):
    e = np.where(behind(states, lengths - 1), -np.inf, scores(s, states, W_a))
    return found(softmax(e), states)


@wrong("q3", "over_words")
def attend(s, states, lengths, W_a):
    return found(softmax(scores(s, states, W_a), 1) * ~behind(states, lengths), states)


@wrong("q3", "over_steps")
def attend(s, states, lengths, W_a):
    return found(softmax(scores(s, states, W_a), 0), states)


@wrong("q3", "no_softmax")
def attend(s, states, lengths, W_a):
    return found(scores(s, states, W_a) * ~behind(states, lengths), states)


@wrong("q3", "scaled")
def attend(s, states, lengths, W_a):
    e = scores(s, states, W_a) / np.sqrt(states.shape[2])
    return found(softmax(np.where(behind(states, lengths), -np.inf, e)), states)


@wrong("q3", "exchanged")
def attend(s, states, lengths, W_a):
    e = np.where(behind(states, lengths), -np.inf, scores(s, states, W_a))
    return found(softmax(e), states)[::-1]


@wrong("q3", "type")
def attend(s, states, lengths, W_a):
    e = np.where(behind(states, lengths), -np.inf, scores(s, states, W_a))
    return found(softmax(e), states)[0]


@wrong("q3", "raised")
def attend(s, states, lengths, W_a):
    return found(softmax(np.einsum("ubf,tbc->ubt", s @ W_a.T, states)), states)


@wrong("q3", "mutated")
def attend(s, states, lengths, W_a):
    states[behind(states, lengths).T] = 0
    e = np.where(behind(states, lengths), -np.inf, scores(s, states, W_a))
    return found(softmax(e), states)


# --- q4 -----------------------------------------------------------------------------------------------------


def rows(s, weights, bos, most, reads="own", passes=True):
    y, said = np.full(len(s), bos), []
    for _ in range(most):
        logits, new = ex13.step(y, s, weights)
        s = new if passes else s
        said.append(logits.argmax(1))
        y = said[-1] if reads == "own" else y
    return np.stack(said, 1).tolist()


def cut(said, eos):
    return [row[: row.index(eos)] if eos in row else row for row in said]


@wrong("q4", "not_fed_back")
def greedy(s, weights, bos, eos, most):
    return cut(rows(s, weights, bos, most, reads="bos"), eos)


@wrong("q4", "state_lost")
def greedy(s, weights, bos, eos, most):
    return cut(rows(s, weights, bos, most, passes=False), eos)


@wrong("q4", "eos_kept")
def greedy(s, weights, bos, eos, most):
    return [row[: row.index(eos) + 1] if eos in row else row for row in rows(s, weights, bos, most)]


@wrong("q4", "goes_on")
def greedy(s, weights, bos, eos, most):
    return rows(s, weights, bos, most)


@wrong("q4", "filtered")
def greedy(s, weights, bos, eos, most):
    return [[n for n in row if n != eos] for row in rows(s, weights, bos, most)]


@wrong("q4", "stops_all")
def greedy(s, weights, bos, eos, most):
    said = rows(s, weights, bos, most)
    first = min(row.index(eos) for row in said if eos in row)
    return [row[:first] for row in said]


@wrong("q4", "bos_kept")
def greedy(s, weights, bos, eos, most):
    return [[bos, *row] for row in cut(rows(s, weights, bos, most), eos)]


@wrong("q4", "first_word")
def greedy(s, weights, bos, eos, most):
    y, said = np.full(len(s), bos), []
    for _ in range(most):
        logits, s = ex13.step(y, s, weights)
        said.append(logits.argmax(1))
        y = np.full(len(s), logits.argmax() % logits.shape[1] if len(s) == 1 else said[-1][0])
    return cut(np.stack(said, 1).tolist(), eos)


@wrong("q4", "one_more")
def greedy(s, weights, bos, eos, most):
    return cut(rows(s, weights, bos, most + 1), eos)


@wrong("q4", "one_less")
def greedy(s, weights, bos, eos, most):
    return cut(rows(s, weights, bos, most - 1), eos)


@wrong("q4", "transposed")
def greedy(s, weights, bos, eos, most):
    return np.array(rows(s, weights, bos, most)).T.tolist()


@wrong("q4", "count")
def greedy(s, weights, bos, eos, most):
    return cut(rows(s[:1], weights, bos, most), eos)


@wrong("q4", "type")
def greedy(s, weights, bos, eos, most):
    return "AA B K"


@wrong("q4", "raised")
def greedy(s, weights, bos, eos, most):
    logits, s = ex13.step(np.full(len(s), bos), s, weights)
    return ex13.step(logits.argmax(0), s, weights)[0].argmax(0).tolist()


@wrong("q4", "mutated")
def greedy(s, weights, bos, eos, most):
    y, said = np.full(len(s), bos), []
    for _ in range(most):
        logits, s[:] = ex13.step(y, s, weights)
        y = logits.argmax(1)
        said.append(y)
    return cut(np.stack(said, 1).tolist(), eos)


# --- q5 -----------------------------------------------------------------------------------------------------

distance = ex13.distance


def near(answer, of):
    return min((distance(answer, p), len(p)) for p in of)


def total(pairs):
    pairs = list(pairs)
    return sum(d for d, _ in pairs) / sum(n for _, n in pairs)


@wrong("q5", "per_word")
def error_rate(said, listed):
    return float(np.mean([d / n for d, n in map(near, said, listed)]))


@wrong("q5", "first_only")
def error_rate(said, listed):
    return total((distance(a, of[0]), len(of[0])) for a, of in zip(said, listed, strict=True))


@wrong("q5", "every")
def error_rate(said, listed):
    return total((distance(a, p), len(p)) for a, of in zip(said, listed, strict=True) for p in of)


@wrong("q5", "by_place")
def error_rate(said, listed):
    def apart(a, b):
        return sum(u != v for u, v in zip(a, b, strict=False)) + abs(len(a) - len(b))

    return total(min((apart(a, p), len(p)) for p in of) for a, of in zip(said, listed, strict=True))


@wrong("q5", "by_said")
def error_rate(said, listed):
    return sum(d for d, _ in map(near, said, listed)) / sum(map(len, said))


@wrong("q5", "double")
def error_rate(said, listed):
    return total(min((distance(a, p, 2), len(p)) for p in of) for a, of in zip(said, listed, strict=True))


@wrong("q5", "words")
def error_rate(said, listed):
    return float(np.mean([a not in of for a, of in zip(said, listed, strict=True)]))


@wrong("q5", "not_divided")
def error_rate(said, listed):
    return sum(d for d, _ in map(near, said, listed))


@wrong("q5", "right")
def error_rate(said, listed):
    return 1 - total(map(near, said, listed))


@wrong("q5", "percent")
def error_rate(said, listed):
    return 100 * total(map(near, said, listed))


@wrong("q5", "type")
def error_rate(said, listed):
    return f"{total(map(near, said, listed)):.0%}"


@wrong("q5", "raised")
def error_rate(said, listed):
    return total((distance(a, of), len(of[5])) for a, of in zip(said, listed, strict=True))


@wrong("q5", "mutated")
def error_rate(said, listed):
    rate = total(map(near, said, listed))
    listed[0].sort()
    said[-1].append(0)
    return rate


# --- q6: nothing is trained here; the answers are those of a network that has made just this mistake --------


@cache
def truths():
    """The splits of the draws that the tests make, by the words asked for."""
    splits = [ex13.split(np.random.default_rng(seed)) for seed in range(3)]
    return {data.X_new.tobytes(): data for data in splits}


def right(X_new):
    """What a network would say that knows everything."""
    return [list(listed[0]) for listed in truths()[X_new.tobytes()].listed]


def erring(X_new, share, seen=None):
    """What a network says that errs in this share of the sounds; of words in X in another share."""
    data, rng = truths()[X_new.tobytes()], np.random.default_rng(0)
    new = set(data.kept.tolist())
    said = []
    for k, row in enumerate(right(X_new)):
        p = share if k in new or seen is None else seen
        said.append([1 + n % 39 if rng.random() < p else n for n in row])
    return said


@wrong("q6", "not_yet")
def learn(X, Y, X_new, seed):
    return erring(X_new, 0.5)


@wrong("q6", "by_heart")
def learn(X, Y, X_new, seed):
    return erring(X_new, 0.6, 0.05)


@wrong("q6", "by_heart")
def learn(X, Y, X_new, seed):  # a table: the sounds of the words in X; for others those of one that begins so
    table = {row[:n].tobytes(): y for n in (1, 2, 3, 16) for row, y in zip(X, Y, strict=True)}
    said = [
        next(table[row[:n].tobytes()] for n in (16, 3, 2, 1) if row[:n].tobytes() in table) for row in X_new
    ]
    return np.array(said)


@wrong("q6", "chance")
def learn(X, Y, X_new, seed):  # the letters themselves
    return [row[row > 0].tolist() for row in X_new]


@wrong("q6", "constant")
def learn(X, Y, X_new, seed):
    return [Y[0][Y[0] > 0].tolist()] * len(X_new)


@wrong("q6", "order")
def learn(X, Y, X_new, seed):
    said, lengths = erring(X_new, 0.1), (X_new > 0).sum(1)
    return [said[k] for k in np.argsort(-lengths, kind="stable")]


@wrong("q6", "order")
def learn(X, Y, X_new, seed):
    said, lengths = erring(X_new, 0.2), (X_new > 0).sum(1)
    return [said[k] for k in sorted(range(len(said)), key=lambda k: lengths[k])]


@wrong("q6", "reversed")
def learn(X, Y, X_new, seed):
    return [row[::-1] for row in erring(X_new, 0.1)]


@wrong("q6", "first_lost")
def learn(X, Y, X_new, seed):
    return [row[1:] for row in erring(X_new, 0.1)]


@wrong("q6", "last_lost")
def learn(X, Y, X_new, seed):
    return [row[:-1] for row in erring(X_new, 0.1)]


@wrong("q6", "marks")
def learn(X, Y, X_new, seed):
    return [[40, *row, 41] for row in erring(X_new, 0.1)]


@wrong("q6", "marks")
def learn(X, Y, X_new, seed):
    said = np.full((len(X_new), 20), 41)
    for to, row in zip(said, erring(X_new, 0.1), strict=True):
        to[: len(row)] = row
    return said


@wrong("q6", "endless")
def learn(X, Y, X_new, seed):
    return [(row * 20)[:25] for row in erring(X_new, 0.1)]


@wrong("q6", "empty")
def learn(X, Y, X_new, seed):
    return np.zeros((len(X_new), 17), int)


@wrong("q6", "count")
def learn(X, Y, X_new, seed):
    return erring(X_new, 0.1)[:1000]


@wrong("q6", "type")
def learn(X, Y, X_new, seed):
    return "AH N R OW L D"


@wrong("q6", "type")
def learn(X, Y, X_new, seed):
    return [np.array(row) for row in right(X_new)]


@wrong("q6", "raised")
def learn(X, Y, X_new, seed):
    return X_new @ Y


@wrong("q6", "mutated")
def learn(X, Y, X_new, seed):
    said = right(X_new)
    X -= 1
    return said


late = [0.0]  # seconds by which the clock has been put forward
ex13.clock = lambda: time.monotonic() + sum(late)


@wrong("q6", "timeout")
def learn(X, Y, X_new, seed):
    late.append(301)
    return right(X_new)


@wrong("q6", "good", points=4)
def learn(X, Y, X_new, seed):
    return erring(X_new, 0.21, 0.14)


@wrong("q6", "begun", points=2)
def learn(X, Y, X_new, seed):
    return erring(X_new, 0.31, 0.25)
