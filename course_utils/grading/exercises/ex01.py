"""Exercise 01, sliding predictors: windows, convolutions, receptive fields, free runs, leaks, pulses."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from course_utils.grading.compare import Wrong, parts, same
from course_utils.grading.questions import Names, question

TITLE = "Sliding predictors"


def windows(x: np.ndarray, N: int) -> np.ndarray:
    """All windows of N values, oldest first: (T,) → (T - N + 1, N)."""
    return np.stack([x[i : i + N] for i in range(len(x) - N + 1)])


def from_silence(x: np.ndarray, N: int) -> np.ndarray:
    """One window a step, zeros before the series begins: (T,) → (T, N)."""
    return windows(np.concatenate([np.zeros(N - 1), x]), N)


@question(
    "Cut a series into windows",
    points=2,
    asks=["make_windows(x, N, k)"],
    hints={
        "newest_first": (
            "A window runs oldest first, most recent last.",
            "Row i is `x[i : i + N]`, as it stands in the series; nothing is turned round.",
        ),
        "in_window": (
            "The target is a value the window has already seen.",
            "Row i ends with `x[i + N - 1]`. Its target lies k steps after that: `x[i + N - 1 + k]`.",
        ),
        "late_target": (
            "The target lies one step too far ahead.",
            "Row i ends with `x[i + N - 1]`, not with `x[i + N]`. Its target is `x[i + N - 1 + k]`.",
        ),
        "one_step": (
            "Your targets do not depend on k: they are always one step ahead.",
            "k = 1 asks for the next value, k = 3 for the third one after the window: `x[i + N - 1 + k]`.",
        ),
        "apart": (
            "Your windows do not overlap.",
            "The window slides by one step a row, so two neighbouring rows share N - 1 values.",
        ),
        "off_by_one": (
            "One pair too few or too many.",
            "The last target is the last value of the series, so there are T - N - k + 1 pairs.",
        ),
        "mutated": "Do not change `x`: whoever called you still needs it.",
    },
)
def q1(s: Names, rng: np.random.Generator) -> None:
    for k in (1, int(rng.integers(2, 5))):
        T, N = int(rng.integers(23, 30)), int(rng.integers(5, 9))
        x = rng.standard_normal(T)
        letters = {"T": T, "N": N, "k": k}
        count = T - N - k + 1
        inputs, targets = parts(s.make_windows(x, N, k), "inputs", "targets")
        same(
            inputs,
            windows(x, N)[:count],
            "inputs",
            axes="T - N - k + 1, N",
            letters=letters,
            mistakes={
                "newest_first": windows(x, N)[:count, ::-1],
                "off_by_one": windows(x, N)[: count - 1],
                "apart": [x[: m * N].reshape(-1, N) for m in range(1, T // N + 1)],
            },
        )
        same(
            targets,
            x[N - 1 + k :],
            "targets",
            axes="T - N - k + 1",
            letters=letters,
            mistakes={
                "one_step": x[N : N + count],
                "in_window": x[N - 2 + k : -1],
                "late_target": np.roll(x, -1)[N - 1 + k :],
            },
        )


@question(
    "A window is a convolution",
    points=3,
    asks=["conv1d_kernel(W)", "slide(x, W, b)"],
    hints={
        "reshape": (
            "The shape is right, the weights are not in their places.",
            "`reshape` re-reads the numbers row by row; you want the axes exchanged: `W.T`, and a new axis.",
        ),
        "flipped": (
            "Your kernel meets the series the wrong way round.",
            "`Conv1d` multiplies without turning the kernel, K[h, 0, n] = W[n, h]. `np.convolve` turns it: "
            "turn it once more, `W[::-1, h]`, to undo that.",
        ),
        "centred": (
            "Output t sees values after t: the window is centred on t and should end there.",
            '`mode="same"` pads on both sides. Put N - 1 zeros in front and none behind.',
        ),
        "future": (
            "Output t sees values after t: the zeros stand behind the series.",
            "Put the N - 1 zeros in front: `np.concatenate([np.zeros(N - 1), x])`.",
        ),
        "no_bias": (
            "The bias is missing.",
            "Add `b` of shape (H,) to the (T, H) array: one number for each column.",
        ),
        "short": (
            "The first N - 1 outputs are missing: there the window reaches back before the series began.",
            "Put N - 1 zeros in front of x. Then each of the T values has a whole window that ends with it.",
        ),
        "transposed": "Time comes first in this book: the result is (T, H), one row a step.",
    },
)
def q2(s: Names, rng: np.random.Generator) -> None:
    T, N, H = int(rng.integers(17, 23)), int(rng.integers(6, 9)), int(rng.integers(3, 5))
    x, W, b = rng.standard_normal(T), rng.standard_normal((N, H)), rng.standard_normal(H)
    letters = {"T": T, "N": N, "H": H}

    same(
        s.conv1d_kernel(W),
        W.T[:, None, :],
        "conv1d_kernel(W)",
        axes="H, 1, N",
        letters={"N": N, "H": H},
        mistakes={"flipped": W[::-1].T[:, None, :], "reshape": W.reshape(H, 1, N)},
    )

    right = from_silence(x, N) @ W + b
    both_sides = np.concatenate([np.zeros(N // 2), x, np.zeros((N - 1) // 2)])
    other_sides = np.concatenate([np.zeros((N - 1) // 2), x, np.zeros(N // 2)])
    behind = windows(np.concatenate([x, np.zeros(N - 1)]), N)
    same(
        s.slide(x, W, b),
        right,
        "slide(x, W, b)",
        axes="T, H",
        letters=letters,
        mistakes={
            "flipped": from_silence(x, N) @ W[::-1] + b,
            "no_bias": right - b,
            "centred": [windows(p, N) @ V + b for p in (both_sides, other_sides) for V in (W, W[::-1])],
            "future": behind @ W + b,
            "short": windows(x, N) @ W + b,
        },
    )


@question(
    "How far a stack can see",
    points=2,
    asks=["receptive_field(kernels, dilations)", "layers_to_see(steps, kernel)"],
    hints={
        "no_present": (
            "One step is missing.",
            "With no layer at all the output still sees one value, the present one: start from 1.",
        ),
        "whole_kernels": (
            "A kernel of n values reaches n - 1 steps back, not n.",
            "Each layer adds (kernel - 1) · dilation; the present value is counted once, at the start.",
        ),
        "no_dilation": (
            "The dilations play no part in your answer.",
            "With dilation d the n values of a kernel stand d steps apart: the layer adds (n - 1) · d.",
        ),
        "product": (
            "Reaches of stacked layers add up; they do not multiply.",
            "The second layer looks at outputs of the first, and each of those already looks back: add.",
        ),
        "one_layer": (
            "Only one of the layers is counted.",
            "Every layer adds its own (kernel - 1) · dilation.",
        ),
        "one_layer_short": (
            "Your stack does not see that far.",
            "L layers see 1 + (kernel - 1) · (2**L - 1) values. Round up, so that this reaches `steps`.",
        ),
        "one_layer_more": (
            "One layer fewer already sees that far.",
            "When L layers see exactly `steps` values, L is enough: compare with `>=`.",
        ),
        "plain_stack": (
            "That many layers would be needed without dilation.",
            "The dilations double: 1, 2, 4, … Layer number l (from 0) adds (kernel - 1) · 2**l.",
        ),
        "kernel_two": (
            "Your answer fits a kernel of 2 only.",
            "Layer number l (from 0) adds (kernel - 1) · 2**l steps.",
        ),
    },
)
def q3(s: Names, rng: np.random.Generator) -> None:
    for layers in (3, 4, 1):
        kernels = [int(n) for n in rng.integers(3, 8, layers)]
        dilations = [int(d) for d in rng.choice(np.arange(2, 9), layers, replace=False)]
        reaches = [(n - 1) * d for n, d in zip(kernels, dilations, strict=True)]
        whole = sum(n * d for n, d in zip(kernels, dilations, strict=True))
        same(
            s.receptive_field(kernels, dilations),
            1 + sum(reaches),
            f"receptive_field({kernels}, {dilations})",
            mistakes={
                "no_present": sum(reaches),
                "whole_kernels": [whole, whole + 1],
                "no_dilation": [1 + sum(n - 1 for n in kernels), sum(kernels)],
                "one_layer": [1 + reaches[-1], 1 + max(reaches)],
                "product": [np.prod(kernels), np.prod(kernels) * np.prod(dilations), np.prod(reaches)],
            },
        )
    for kernel in (2, int(rng.integers(3, 6))):
        deep = int(rng.integers(4, 8))
        exactly = 1 + (kernel - 1) * (2**deep - 1)
        for steps, layers in ((exactly, deep), (exactly + 1, deep + 1), (1, 0)):
            same(
                s.layers_to_see(steps, kernel),
                layers,
                f"layers_to_see({steps}, {kernel})",
                mistakes={
                    "one_layer_short": layers - 1,
                    "one_layer_more": layers + 1,
                    "plain_stack": int(np.ceil((steps - 1) / (kernel - 1))),
                    "kernel_two": int(np.ceil(np.log2(steps))),
                },
            )


@question(
    "Let it run on its own",
    points=3,
    asks=["free_run(window, w, b, steps)"],
    hints={
        "no_feedback": (
            "Every step sees the same window: the forecasts are never fed back.",
            "After each forecast drop the oldest value of the window and append the forecast at its end.",
        ),
        "not_written_back": (
            "The window turns round and round without taking in a forecast.",
            "`np.roll` brings the oldest value to the end: overwrite it, `window[-1] = forecast`.",
        ),
        "wrong_end": (
            "The forecast enters the window at the wrong end.",
            "Most recent last: `window = np.append(window[1:], forecast)`.",
        ),
        "newest_first": (
            "The weights meet the window the wrong way round.",
            "`w[-1]` belongs to the most recent value, which is `window[-1]`: no turning, `w @ window + b`.",
        ),
        "no_bias": (
            "The bias b is missing.",
            "Each forecast is `w @ window + b`, and it is this number that is fed back.",
        ),
        "bias_outside": (
            "The bias is added to what you return, but not to what is fed back.",
            "The window must take in the very number you return: `w @ window + b`.",
        ),
        "last_known": (
            "Your first entry is the last known value; the first forecast comes after it.",
            "Append to the result after forecasting, and return forecasts only: steps of them.",
        ),
        "mutated": (
            "You write into the caller's window.",
            "Start with `window = window.copy()`: otherwise a second run starts where this one ended.",
        ),
    },
)
def q4(s: Names, rng: np.random.Generator) -> None:
    N, steps = int(rng.integers(4, 7)), int(rng.integers(11, 15))
    window, b = rng.standard_normal(N), float(rng.uniform(0.3, 0.9))
    w = rng.uniform(0.5, 1, N) * rng.choice([-1.0, 1.0], N)
    w *= 0.9 / np.abs(w).sum()  # so that no run grows without bound
    letters = {"N": N, "steps": steps}

    def run(step, window: np.ndarray = window, b: float = b) -> np.ndarray:
        out = []
        for _ in range(steps):
            out.append(float(w @ window + b))
            window = step(window, out[-1])
        return np.array(out)

    right = run(lambda window, y: np.append(window[1:], y))
    w_turned = np.array(_turned(w, window, b, steps))
    same(
        s.free_run(window, w, b, steps),
        right,
        "free_run(window, w, b, steps)",
        axes="steps",
        letters=letters,
        mistakes={
            "no_feedback": run(lambda window, y: window),
            "not_written_back": run(lambda window, y: np.roll(window, -1)),
            "wrong_end": [
                run(lambda window, y: np.append(y, window[:-1])),
                run(lambda window, y: np.append(y, window[1:])),
            ],
            "newest_first": w_turned,
            "no_bias": run(lambda window, y: np.append(window[1:], y), b=0.0),
            "bias_outside": run(lambda window, y: np.append(window[1:], y), b=0.0) + b,
            "last_known": [np.append(window[-1], right[:-1]), np.append(window[-1], right)],
        },
    )


def _turned(w: np.ndarray, window: np.ndarray, b: float, steps: int) -> list[float]:
    history = list(window)
    for _ in range(steps):
        history.append(float(w[::-1] @ np.array(history[-len(w) :]) + b))
    return history[len(w) :]


@question(
    "Find the leaks",
    points=3,
    asks=["prepare(x, N, k, n_train)"],
    hints={
        "smoothing": (
            "The smoothed value at time t still knows a value measured after t.",
            "The mean of x[t-2], x[t-1], x[t] belongs to t: `smooth[2:] = (x[:-2] + x[1:-1] + x[2:]) / 3`.",
        ),
        "scaling": (
            "The scale still knows the test part.",
            "Take mean and standard deviation of `x[:n_train]` only, and use them for everything.",
        ),
        "split": (
            "Some training targets still lie in the test part.",
            "Pair i has its target at time i + N - 1 + k. It is a training pair while that is below n_train.",
        ),
        "scaled_apart": (
            "The test part has a scale of its own.",
            "The predictor was fitted in the training part's units: give it the test part in the same ones.",
        ),
        "no_smoothing": (
            "The inputs are not smoothed at all: honest, but not what was asked.",
            "Keep the smoothing and let it look back only: `smooth[2:] = (x[:-2] + x[1:-1] + x[2:]) / 3`.",
        ),
        "smooth_targets": (
            "The targets are smoothed too. What is to be forecast is the series itself.",
            "Cut the inputs from the smoothed series, the targets from the plain one (both scaled).",
        ),
        "cut_apart": (
            "Test pairs are missing: those whose window begins in the training part.",
            "A forecaster may look at the past, also at the training part. Only the target must be new.",
        ),
    },
)
def q5(s: Names, rng: np.random.Generator) -> None:
    T, N, k = int(rng.integers(47, 60)), int(rng.integers(4, 8)), int(rng.integers(1, 4))
    n_train = int(rng.integers(27, 33))
    x = rng.standard_normal(T) + np.linspace(1, 4, T)
    names = ("train_inputs", "train_targets", "test_inputs", "test_targets")
    got = parts(s.prepare(x, N, k, n_train), *names)

    right = prepare(x, N, k, n_train)
    leaks = ("smoothing", "scaling", "split")
    foreseen = {
        f"{left[0]}: {len(left)} of the three leaks left": prepare(x, N, k, n_train, left)
        for number in (3, 2, 1)
        for left in combinations(leaks, number)
    }
    foreseen["scaled_apart"] = prepare(x, N, k, n_train, ("scaled_apart",))
    foreseen["no_smoothing"] = prepare(x, N, k, n_train, ("no_smoothing",))
    foreseen["smooth_targets"] = prepare(x, N, k, n_train, ("smooth_targets",))
    apart = n_train - (n_train - N - k + 1)
    foreseen["cut_apart"] = (*right[:2], right[2][apart:], right[3][apart:])
    for told, values in foreseen.items():
        if all(_is(g, v) for g, v in zip(got, values, strict=True)):
            code, _, line = told.partition(": ")
            raise Wrong(code, line or f"test_inputs has shape {np.shape(got[2])}, expected {right[2].shape}")

    for g, want, name in zip(got, right, names, strict=True):
        axes = "pairs, N" if want.ndim == 2 else "pairs"
        same(g, want, name, axes=axes, letters={"T": T, "N": N, "k": k, "n_train": n_train})


def prepare(
    x: np.ndarray, N: int, k: int, n_train: int, mistakes: tuple[str, ...] = ()
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The honest preparation, or the one with the mistakes that are named."""
    three = (x[:-2] + x[1:-1] + x[2:]) / 3
    smooth = x.copy()
    if "no_smoothing" not in mistakes:
        smooth[(slice(1, -1) if "smoothing" in mistakes else slice(2, None))] = three
    known = x if "scaling" in mistakes else x[:n_train]

    def scaled(series: np.ndarray) -> np.ndarray:
        out = (series - known.mean()) / known.std()
        if "scaled_apart" in mistakes:
            out[n_train:] = (series[n_train:] - x[n_train:].mean()) / x[n_train:].std()
        return out

    inputs = windows(scaled(smooth), N)[: len(x) - N - k + 1]
    targets = scaled(smooth if "smooth_targets" in mistakes else x)[N - 1 + k :]
    m = n_train if "split" in mistakes else n_train - (N - 1 + k)
    return inputs[:m], targets[:m], inputs[m:], targets[m:]


def _is(got: object, want: np.ndarray) -> bool:
    try:
        same(got, want, "")
    except Wrong:
        return False
    return True


@question(
    "A pulse, and how long it is heard",
    points=2,
    asks=["impulse_response(W, b, v, c, T)"],
    hints={
        "rest": (
            "Your response never dies out: it still holds what the network says in silence.",
            "Run it twice, with the pulse and with zeros only, and subtract.",
        ),
        "turned": (
            "The response runs backwards: the pulse meets the window's weights in the wrong order.",
            "At time 0 the pulse is the most recent value and meets W[N - 1]; at time t, W[N - 1 - t].",
        ),
        "linear": (
            "The tanh is missing.",
            "Each window goes through `v @ tanh(window @ W + b) + c`.",
        ),
        "no_bias": (
            "Without the bias b the hidden units sit at another place of their tanh.",
            "b does not cancel when you subtract, because tanh is not linear: keep it in both runs.",
        ),
        "late": (
            "Your pulse is heard one step late.",
            "The pulse is x[0] = 1, and the window that ends at time 0 already holds it.",
        ),
        "short": (
            "After N steps you stop: the silence belongs to the answer.",
            "Return T values. Those from N on are zero, and that is the point of the picture.",
        ),
        "no_silence": (
            "Your first window ends at time N - 1: the pulse has been in it for N steps already.",
            "Put N - 1 zeros in front of the pulse, so that there is a window that ends at time 0.",
        ),
    },
)
def q6(s: Names, rng: np.random.Generator) -> None:
    N, H, T = int(rng.integers(6, 9)), int(rng.integers(3, 6)), int(rng.integers(14, 19))
    W, b = rng.standard_normal((N, H)), rng.uniform(0.5, 1.5, H) * rng.choice([-1.0, 1.0], H)
    v, c = rng.standard_normal(H), float(rng.uniform(0.5, 1.5))
    pulse = np.eye(T)[0]

    def out(x: np.ndarray, W: np.ndarray = W, b: np.ndarray = b) -> np.ndarray:
        return np.tanh(from_silence(x, N) @ W + b) @ v + c

    rest = float(np.tanh(b) @ v + c)
    right = out(pulse) - rest
    linear = from_silence(pulse, N) @ W @ v
    no_silence = np.tanh(windows(np.eye(T + N - 1)[0], N) @ W + b) @ v + c - rest
    same(
        s.impulse_response(W, b, v, c, T),
        right,
        "impulse_response(W, b, v, c, T)",
        axes="T",
        letters={"N": N, "H": H, "T": T},
        mistakes={
            "rest": [out(pulse), out(pulse) - c],
            "turned": out(pulse, W[::-1]) - rest,
            "linear": linear,
            "no_bias": out(pulse, b=np.zeros(H)) - c,
            "late": np.append(0.0, right[:-1]),
            "short": right[:N],
            "no_silence": [no_silence, no_silence[: T - N + 1]],
        },
    )
