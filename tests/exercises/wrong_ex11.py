"""Wrong answers to exercise 11, as people write them."""
# ruff: noqa: F811  (each function takes the place of the same right one)

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
from catalogue import Catalogue, WrongAnswer

catalogue = Catalogue()
wrong = catalogue.wrong


def add(question, code, **names):
    """A wrong answer that is made by a function of its mistakes."""
    catalogue.answers.append(WrongAnswer(question, code, names))


# --- q1 -----------------------------------------------------------------------------------------------------


def columns(rows, front=False):
    """Rows of different lengths as the columns of one array, filled up with 0."""
    made = np.zeros((max(map(len, rows)), len(rows)), dtype=int)
    for b, row in enumerate(rows):
        begin = len(made) - len(row) if front else 0
        made[begin : begin + len(row), b] = row
    return made


def forced(sounds, bos, eos):
    """The right three."""
    read, asked = columns([[bos, *row] for row in sounds]), columns([[*row, eos] for row in sounds])
    return read, asked, (asked != 0) * 1.0


def but(change):
    return lambda sounds, bos, eos: change(*forced(sounds, bos, eos), bos, eos)


add("q1", "exchanged", forcing=but(lambda read, asked, mask, bos, eos: (asked, read, mask)))
add("q1", "not_shifted", forcing=but(lambda read, asked, mask, bos, eos: (asked, asked, mask)))
add("q1", "not_shifted", forcing=but(lambda read, asked, mask, bos, eos: (read, read, mask)))
add("q1", "batch_first", forcing=but(lambda read, asked, mask, bos, eos: (read.T, asked.T, mask.T)))
add("q1", "mask_long", forcing=but(lambda read, asked, mask, bos, eos: (read, asked, np.ones(mask.shape))))
add("q1", "mask_turned", forcing=but(lambda read, asked, mask, bos, eos: (read, asked, 1 - mask)))
add(
    "q1",
    "eos_unmasked",
    forcing=but(lambda read, asked, mask, bos, eos: (read, asked, mask * (asked != eos))),
)
add("q1", "no_eos", forcing=but(lambda read, asked, mask, bos, eos: (read, asked * (asked != eos), mask)))
add("q1", "type", forcing=but(lambda read, asked, mask, bos, eos: (read, asked)))


@wrong("q1", "mask_long")
def forcing(sounds, bos, eos):  # made from what is read, whose shorter columns hold eos
    y = columns([[bos, *row, eos] for row in sounds])
    return y[:-1], y[1:], (y[:-1] != 0) * 1.0


@wrong("q1", "eos_late")
def forcing(sounds, bos, eos):
    filled = columns(sounds)
    marks = np.ones((1, len(sounds)), dtype=int)
    read, asked = np.concatenate([bos * marks, filled]), np.concatenate([filled, eos * marks])
    return read, asked, (asked != 0) * 1.0


@wrong("q1", "no_eos")
def forcing(sounds, bos, eos):  # two columns of equal length, the last sound is never read
    y = columns([[bos, *row] for row in sounds])
    return y[:-1], y[1:], (y[1:] != 0) * 1.0


@wrong("q1", "no_bos")
def forcing(sounds, bos, eos):
    _, asked, mask = forced(sounds, bos, eos)
    return columns([[0, *row] for row in sounds]), asked, mask


@wrong("q1", "no_bos")
def forcing(sounds, bos, eos):  # the marks exchanged on the reader's side
    _, asked, mask = forced(sounds, bos, eos)
    return columns([[eos, *row] for row in sounds]), asked, mask


@wrong("q1", "padded_front")
def forcing(sounds, bos, eos):
    read = columns([[bos, *row] for row in sounds], front=True)
    asked = columns([[*row, eos] for row in sounds], front=True)
    return read, asked, (asked != 0) * 1.0


@wrong("q1", "too_long")
def forcing(sounds, bos, eos):
    y = columns([[bos, *row, eos] for row in sounds])
    return y, y, (y != 0) * 1.0


@wrong("q1", "too_long")
def forcing(sounds, bos, eos):
    y = columns([[bos, *row, eos] for row in sounds])
    asked = np.concatenate([y[1:], 0 * y[:1]])
    return y, asked, (asked != 0) * 1.0


@wrong("q1", "raised")
def forcing(sounds, bos, eos):
    y = np.array([[bos, *row, eos] for row in sounds]).T
    return y[:-1], y[1:], np.ones(y[1:].shape)


@wrong("q1", "mutated")
def forcing(sounds, bos, eos):
    for row in sounds:
        row.insert(0, bos)
        row.append(eos)
    y = columns(sounds)
    return y[:-1], y[1:], (y[1:] != 0) * 1.0


# --- q2 -----------------------------------------------------------------------------------------------------


def log_softmax(z, axis=-1):
    z = z - z.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def loss_by(
    mask=lambda asked: asked != 0,
    share=lambda mask: mask.sum(),
    axis=2,
    off=lambda p, one_hot: p - one_hot,
    sign=-1,
    slope_mask=None,
    slope_share=None,
):
    """The right loss with one of its parts exchanged."""

    def loss_and_slopes(logits, asked):
        log_p, one_hot, m = log_softmax(logits, axis), np.eye(logits.shape[2])[asked], mask(asked) * 1.0
        loss = sign * ((log_p * one_hot).sum(axis=2) * m / share(m)).sum()
        on = m if slope_mask is None else slope_mask(asked) * 1.0
        slopes = off(np.exp(log_p), one_hot) * (on / (slope_share or share)(m))[:, :, None]
        return loss, slopes

    return loss_and_slopes


def everywhere(asked):
    return np.ones(asked.shape)


def of_places(mask):
    return mask.size


def of_batch(mask):
    return mask.shape[1]


def of_each(mask):
    return mask.sum(axis=0) * mask.shape[1]


add("q2", "padding_counted", loss_and_slopes=loss_by(mask=everywhere))
add("q2", "all_places", loss_and_slopes=loss_by(share=of_places))
add("q2", "each_alone", loss_and_slopes=loss_by(share=of_each))
add("q2", "over_batch", loss_and_slopes=loss_by(share=of_batch))
add("q2", "over_batch", loss_and_slopes=loss_by(share=len))
add("q2", "summed", loss_and_slopes=loss_by(share=lambda mask: 1))
add("q2", "padding_slope", loss_and_slopes=loss_by(slope_mask=everywhere))
add("q2", "slope_share", loss_and_slopes=loss_by(slope_share=lambda mask: 1))
add("q2", "slope_share", loss_and_slopes=loss_by(slope_share=of_places))
add("q2", "slope_share", loss_and_slopes=loss_by(slope_share=of_each))
add("q2", "no_one_hot", loss_and_slopes=loss_by(off=lambda p, one_hot: p))
add("q2", "slope_sign", loss_and_slopes=loss_by(off=lambda p, one_hot: one_hot - p))
add("q2", "sign", loss_and_slopes=loss_by(sign=1))
add("q2", "sign", loss_and_slopes=loss_by(sign=1, off=lambda p, one_hot: one_hot - p))
add("q2", "other_axis", loss_and_slopes=loss_by(axis=0))
add("q2", "other_axis", loss_and_slopes=loss_by(axis=1))


@wrong("q2", "overflow")
def loss_and_slopes(logits, asked):
    with np.errstate(all="ignore"):
        p = np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True)
        one_hot, mask = np.eye(logits.shape[2])[asked], asked != 0
        loss = -np.log((p * one_hot).sum(axis=2))[mask].mean()
    return loss, (p - one_hot) * mask[:, :, None] / mask.sum()


@wrong("q2", "overflow")
def loss_and_slopes(logits, asked):  # the logarithm of what has become 0, propped up
    right = loss_by()(logits, asked)
    with np.errstate(all="ignore"):
        p = np.nan_to_num(np.exp(logits) / np.exp(logits).sum(axis=2, keepdims=True))
        one_hot, mask = np.eye(logits.shape[2])[asked], asked != 0
        loss = -np.log((p * one_hot).sum(axis=2) + 1e-300)[mask].mean()
    return loss, right[1]


@wrong("q2", "type")
def loss_and_slopes(logits, asked):
    return loss_by()(logits, asked)[0]


@wrong("q2", "type")
def loss_and_slopes(logits, asked):
    log_p = log_softmax(logits)
    ell = -np.take_along_axis(log_p, asked[:, :, None], axis=2)[:, :, 0] * (asked != 0)
    return ell, loss_by()(logits, asked)[1]


@wrong("q2", "raised")
def loss_and_slopes(logits, asked):
    mask = asked != 0
    return 0.0, np.exp(log_softmax(logits)) * mask


@wrong("q2", "mutated")
def loss_and_slopes(logits, asked):
    logits -= logits.max(axis=2, keepdims=True)
    return loss_by()(logits, asked)


# --- q3 -----------------------------------------------------------------------------------------------------


def back_by(
    scores=lambda alpha, dalpha: alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True)),
    state=lambda mean, score: mean + score,
    beside=lambda q, dc: q,
    out=lambda ds, dstates, dW_a: (ds, dstates, dW_a),
):
    """The right way back with one of its parts exchanged."""

    def attention_back(dc, s, states, alpha, W_a):
        de = scores(alpha, np.einsum("tbc,bc->bt", states, dc))
        dq = np.einsum("bt,tbc->bc", de, states)
        mean = np.einsum("bt,bc->tbc", alpha, dc)
        dstates = state(mean, np.einsum("bt,bc->tbc", de, beside(s @ W_a, dc)))
        return out(dq @ W_a.T, dstates, s.T @ dq)

    return attention_back


add("q3", "no_softmax", attention_back=back_by(lambda a, d: d))
add("q3", "elementwise", attention_back=back_by(lambda a, d: a * d))
add("q3", "elementwise", attention_back=back_by(lambda a, d: a * (1 - a) * d))
add("q3", "wrong_mean", attention_back=back_by(lambda a, d: a * d - (a * d).sum(axis=1, keepdims=True)))
add("q3", "wrong_mean", attention_back=back_by(lambda a, d: a * (d - d.mean(axis=1, keepdims=True))))
add("q3", "wrong_mean", attention_back=back_by(lambda a, d: a * (d - (a * d).sum())))
add("q3", "over_batch", attention_back=back_by(lambda a, d: a * (d - (a * d).sum(axis=0))))
add("q3", "softmax_sign", attention_back=back_by(lambda a, d: a * ((a * d).sum(axis=1, keepdims=True) - d)))
add("q3", "only_mean", attention_back=back_by(state=lambda mean, score: mean))
add("q3", "only_score", attention_back=back_by(state=lambda mean, score: score))
add("q3", "not_the_query", attention_back=back_by(beside=lambda q, dc: dc))
add("q3", "exchanged", attention_back=back_by(out=lambda ds, dstates, dW_a: (dstates, ds, dW_a)))
add("q3", "exchanged", attention_back=back_by(out=lambda ds, dstates, dW_a: (ds, dW_a, dstates)))
add("q3", "type", attention_back=back_by(out=lambda ds, dstates, dW_a: (ds, dstates)))


@wrong("q3", "averaged")
def attention_back(dc, s, *others):
    ds, dstates, dW_a = back_by()(dc, s, *others)
    return ds, dstates, dW_a / len(s)


@wrong("q3", "not_summed")
def attention_back(dc, s, states, alpha, W_a):
    ds, dstates, _ = back_by()(dc, s, states, alpha, W_a)
    dq = ds @ np.linalg.pinv(W_a.T) if W_a.shape[0] >= W_a.shape[1] else None
    if dq is None:
        dalpha = np.einsum("tbc,bc->bt", states, dc)
        dq = np.einsum("bt,tbc->bc", alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True)), states)
    return ds, dstates, np.einsum("bf,bc->bfc", s, dq)


@wrong("q3", "query_slope")
def attention_back(dc, s, states, alpha, W_a):
    found = back_by()(dc, s, states, alpha, W_a)
    dalpha = np.einsum("tbc,bc->bt", states, dc)
    de = alpha * (dalpha - (alpha * dalpha).sum(axis=1, keepdims=True))
    return np.einsum("bt,tbc->bc", de, states), *found[1:]


@wrong("q3", "raised")
def attention_back(dc, s, states, alpha, W_a):
    return states @ dc.T, alpha * states, s.T @ dc


@wrong("q3", "mutated")
def attention_back(dc, s, states, alpha, W_a):
    found = back_by()(dc, s, states, alpha, W_a)
    alpha *= np.einsum("tbc,bc->bt", states, dc)
    return found


# --- q4 -----------------------------------------------------------------------------------------------------


def step(y, s, weights):
    E, W_ss, b_s, W_sq, b_q = weights
    s = np.tanh(E[y] + s @ W_ss + b_s)
    return s @ W_sq + b_q, s


def probable_by(
    asked=lambda answer, eos: [*answer, eos],
    read=lambda answer, bos, eos: [bos, *answer],
    rate=log_softmax,
    row=lambda s, b: s[b : b + 1],
    carry=True,
    own=False,
    out=lambda total, n: total,
):
    """The right program with one of its parts exchanged."""

    def log_probs(answers, s, weights, bos, eos):
        found = []
        for b, answer in enumerate(answers):
            total, state, said = 0.0, row(s, b), bos
            for before, after in zip(read(answer, bos, eos), asked(answer, eos), strict=False):
                logits, new = step(np.array([said if own else before]), state, weights)
                state = new if carry else state
                total += rate(logits[0])[after]
                said = int(logits[0].argmax())
            found.append(out(total, len(answer)))
        return np.array(found)

    return log_probs


add("q4", "no_eos", log_probs=probable_by(asked=lambda answer, eos: answer))
add("q4", "reads_itself", log_probs=probable_by(read=lambda answer, bos, eos: [*answer, eos]))
add("q4", "own_symbols", log_probs=probable_by(own=True))
add("q4", "no_bos", log_probs=probable_by(read=lambda answer, bos, eos: [0, *answer]))
add("q4", "frozen", log_probs=probable_by(carry=False))
add("q4", "shared", log_probs=probable_by(row=lambda s, b: s[:1]))
add("q4", "logits", log_probs=probable_by(rate=lambda z: z))
add("q4", "probabilities", log_probs=probable_by(rate=lambda z: np.exp(log_softmax(z))))
add("q4", "averaged", log_probs=probable_by(out=lambda total, n: total / (n + 1)))
add("q4", "averaged", log_probs=probable_by(out=lambda total, n: total / max(n, 1)))
add("q4", "product", log_probs=probable_by(out=lambda total, n: np.exp(total)))
add("q4", "one_number", log_probs=lambda *args: probable_by()(*args).sum())
add("q4", "one_number", log_probs=lambda *args: probable_by()(*args).mean())


def padded(answers, s, weights, bos, eos):
    """Log P of every place of a padded batch, (T', B)."""
    y = columns([[bos, *answer, eos] for answer in answers])
    found = []
    for before, after in pairwise(y):
        logits, s = step(before, s, weights)
        found.append(np.take_along_axis(log_softmax(logits), after[:, None], axis=1)[:, 0])
    return np.array(found)


add("q4", "padding_counted", log_probs=lambda *args: padded(*args).sum(axis=0))
add("q4", "each_step", log_probs=padded)


@wrong("q4", "each_step")
def log_probs(answers, s, weights, bos, eos):
    places = padded(answers, s, weights, bos, eos)
    return [places[: len(answer) + 1, b] for b, answer in enumerate(answers)]


@wrong("q4", "raised")
def log_probs(answers, s, weights, bos, eos):
    y = np.array([[bos, *answer, eos] for answer in answers])
    return step(y, s, weights)


@wrong("q4", "mutated")
def log_probs(answers, s, weights, bos, eos):
    found = probable_by()(answers, s, weights, bos, eos)
    for answer in answers:
        answer.append(eos)
    return found


# --- q5 -----------------------------------------------------------------------------------------------------


def beam_by(
    begin=lambda k: 1,
    follow=lambda s, rows: s[rows],
    keep=lambda k, done: k - len(done),
    each=None,
    rate=log_softmax,
    before=lambda total: total,
    stop=lambda done, beam: False,
    choose=lambda done, beam: done or beam,
    length=len,
    out=lambda total, symbols, gamma, eos: ([y for y in symbols if y != eos], total),
    aside=True,
):
    """The right search with one of its parts exchanged."""

    def beam_search(s, weights, k, gamma, bos, eos, most):
        beam, done = [(0.0, []) for _ in range(begin(k))], []
        s = np.repeat(s, len(beam), axis=0)
        for _ in range(most):
            last = [symbols[-1] if symbols else bos for _, symbols in beam]
            logits, s = step(np.array(last), s, weights)
            sums = rate(logits) + np.array([[before(total)] for total, _ in beam])
            if each is not None:
                sums = each(sums)
            best = np.argsort(-sums, axis=None, kind="stable")[: keep(k, done)]
            new, rows = [], []
            for i in best:
                row, symbol = divmod(int(i), sums.shape[1])
                if np.isinf(sums[row, symbol]):
                    continue
                found = float(sums[row, symbol]), [*beam[row][1], symbol]
                if symbol == eos and aside:
                    done.append(found)
                else:
                    new.append(found)
                    rows.append(row)
            if not new:
                beam = new
                break
            beam, s = new, follow(s, rows)
            if stop(done, beam):
                break
        total, symbols = max(choose(done, beam), key=lambda found: found[0] / length(found[1]) ** gamma)
        return out(total, symbols, gamma, eos)

    return beam_search


def only_best(sums):
    """Nothing but each row's best symbol is left; a single row may keep all."""
    if len(sums) == 1:
        return sums
    return np.where(sums == sums.max(axis=1, keepdims=True), sums, -np.inf)


def cut(total, symbols, gamma, eos):
    return symbols[: symbols.index(eos)] if eos in symbols else symbols, total


add("q5", "greedy", beam_search=lambda s, weights, k, *rest: beam_by()(s, weights, 1, *rest))
add("q5", "greedy", beam_search=beam_by(begin=lambda k: k))  # k times the same
add(
    "q5",
    "not_followed",
    beam_search=beam_by(follow=lambda s, rows: s[np.minimum(range(len(rows)), len(s) - 1)]),
)
add("q5", "one_each", beam_search=beam_by(each=only_best))
add("q5", "refilled", beam_search=beam_by(keep=lambda k, done: k))
add("q5", "eos_continued", beam_search=beam_by(aside=False, out=cut, length=lambda symbols: 1))
add("q5", "first_complete", beam_search=beam_by(stop=lambda done, beam: done, choose=lambda d, b: d[:1] or b))
add("q5", "complete_lost", beam_search=beam_by(choose=lambda done, beam: beam or done))
add("q5", "incomplete", beam_search=beam_by(choose=lambda done, beam: done + beam))
add("q5", "no_gamma", beam_search=beam_by(length=lambda symbols: 1))
add("q5", "eos_not_counted", beam_search=beam_by(length=lambda symbols: max(len(symbols) - 1, 1)))
add("q5", "logits", beam_search=beam_by(rate=lambda z: z))
add("q5", "probabilities", beam_search=beam_by(rate=lambda z: np.exp(log_softmax(z))))
add("q5", "forgets", beam_search=beam_by(before=lambda total: 0.0))
add("q5", "marks", beam_search=beam_by(out=lambda total, symbols, gamma, eos: (symbols, total)))
add("q5", "type", beam_search=beam_by(out=lambda total, symbols, gamma, eos: symbols))
add("q5", "type", beam_search=beam_by(out=lambda total, symbols, gamma, eos: ([symbols], total)))


def shorter(total, symbols, gamma, eos):
    return [y for y in symbols if y != eos], total / len(symbols) ** gamma


def by_length(total, symbols, gamma, eos):
    return [y for y in symbols if y != eos], total / len(symbols)


def early(done, beam):
    return done and max(done)[0] >= beam[0][0]


add("q5", "normalised", beam_search=beam_by(out=shorter))
add("q5", "sum", beam_search=beam_by(out=by_length))
add("q5", "stopped_early", beam_search=beam_by(stop=early))


@wrong("q5", "marks")
def beam_search(s, weights, k, gamma, bos, eos, most):
    answer, total = beam_by()(s, weights, k, gamma, bos, eos, most)
    return [bos, *answer], total


@wrong("q5", "refilled")
def beam_search(s, weights, k, gamma, bos, eos, most):  # k beginnings at all times
    beam, done = [(0.0, [])], []
    for _ in range(most):
        last = [symbols[-1] if symbols else bos for _, symbols in beam]
        logits, s = step(np.array(last), s, weights)
        sums = log_softmax(logits) + np.array([[total] for total, _ in beam])
        new, rows = [], []
        for i in np.argsort(-sums, axis=None):
            row, symbol = divmod(int(i), sums.shape[1])
            found = float(sums[row, symbol]), [*beam[row][1], symbol]
            if len(new) == k:
                break
            if symbol == eos:
                done.append(found)
            else:
                new.append(found)
                rows.append(row)
        beam, s = new, s[rows]
    total, symbols = max(done or beam, key=lambda found: found[0] / len(found[1]) ** gamma)
    return [y for y in symbols if y != eos], total


@wrong("q5", "sum")
def beam_search(s, weights, k, gamma, bos, eos, most):
    answer, _ = beam_by()(s, weights, k, gamma, bos, eos, most)
    return answer, float(probable_by(asked=lambda a, eos: a)([answer], s, weights, bos, eos)[0])


@wrong("q5", "raised")
def beam_search(s, weights, k, gamma, bos, eos, most):
    logits, s = step(bos, s, weights)
    best = np.argsort(-log_softmax(logits)[0])[:k]
    return step(best, s[best], weights)


@wrong("q5", "mutated")
def beam_search(s, weights, k, gamma, bos, eos, most):
    found = beam_by()(s, weights, k, gamma, bos, eos, most)
    s[:] = 0
    return found


# --- q6 -----------------------------------------------------------------------------------------------------


def aligned(a, b, replace=1, corner=None, keep_order=False):
    """The right alignment; a replacement may cost something else."""
    table = np.zeros((len(a) + 1, len(b) + 1))
    table[:, 0], table[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
    for i, u in enumerate(a, 1):
        for j, v in enumerate(b, 1):
            corner_move = table[i - 1, j - 1] + replace * (u != v)
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, corner_move)
    i, j, pairs = len(a), len(b), []
    while i or j:
        if i and j and table[i, j] == table[i - 1, j - 1] + replace * (a[i - 1] != b[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((a[i], b[j]))
        elif i and table[i, j] == table[i - 1, j] + 1:
            i -= 1
            pairs.append((a[i], 0))
        else:
            j -= 1
            pairs.append((0, b[j]))
    pairs = pairs if keep_order else pairs[::-1]
    return [u for u, _ in pairs], [v for _, v in pairs]


def filled(row, n):
    return [*row, *[0] * (n - len(row))]


add("q6", "reversed", align=lambda a, b: aligned(a, b, keep_order=True))
add("q6", "exchanged", align=lambda a, b: aligned(a, b)[::-1])
add("q6", "no_pairs", align=lambda a, b: aligned(a, b, replace=3))
add(
    "q6",
    "place_by_place",
    align=lambda a, b: (filled(a, max(len(a), len(b))), filled(b, max(len(a), len(b)))),
)
add("q6", "no_pairs", align=lambda a, b: (a + [0] * len(b), [0] * len(a) + b))
add("q6", "both_empty", align=lambda a, b: tuple([*row, 0] for row in aligned(a, b)))
add("q6", "lengths", align=lambda a, b: (a, b))
add("q6", "lost", align=lambda a, b: tuple(row[1:] for row in aligned(a, b)) if a and b else aligned(a, b))
add("q6", "lost", align=lambda a, b: (a[: len(b)], b[: len(a)]))
add("q6", "empty", align=lambda a, b: aligned(a, b) if a and b else ([], []))
add("q6", "type", align=lambda a, b: list(zip(*aligned(a, b), strict=True)))
add("q6", "type", align=lambda a, b: sum(u != v for u, v in zip(*aligned(a, b), strict=True)))


@wrong("q6", "too_many")
def align(a, b):  # filled up in front
    n = max(len(a), len(b))
    return filled(a[::-1], n)[::-1], filled(b[::-1], n)[::-1]


@wrong("q6", "too_many")
def align(a, b):  # the longest common piece first, then what is left of it and right of it
    one, two = [], []
    for _, i, k, j, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        n = max(k - i, m - j)
        one += filled(a[i:k], n)
        two += filled(b[j:m], n)
    return one, two


@wrong("q6", "lost")
def align(a, b):  # ends as soon as one of the lists is used up
    one, two = aligned(a, b)
    while one and two and not (one[0] and two[0]) and a and b:
        one, two = one[1:], two[1:]
    return one, two


@wrong("q6", "raised")
def align(a, b):
    return aligned(a, [*b, b[len(a)]])


@wrong("q6", "mutated")
def align(a, b):
    while len(a) < len(b):
        a.append(0)
    while len(b) < len(a):
        b.append(0)
    return a, b
