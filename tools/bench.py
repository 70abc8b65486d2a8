"""Measure what the book costs on this machine, and compare it with what was measured last.

    python tools/bench.py                 measure everything, print a table, write book/measured.json
    python tools/bench.py notebooks site  only these parts; the others stay as they were

Parts: ``notebooks`` (each one's seconds, two at a time), ``site`` (building it, the weight of its pages),
``grader`` (submissions a minute), ``lstm`` (chapter 7's NumPy LSTM against ``nn.LSTM``). Nothing else should
run meanwhile. The status page shows what stands in the file, and a test holds what the chapters say to it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any

from build import ROOT, SITE

from course_utils.grading.report import write_whole

TARGET = ROOT / "book" / "measured.json"
AT_A_TIME = 2
BUDGET = 180  # seconds that a notebook may take, and what a page may weigh
PAGE_BUDGET = 1_200_000
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
COPIES = 24  # submissions that the grader is timed with
FIXED_WORK = """
import torch
torch.manual_seed(0)
X, net = torch.randn(50, 32, 16).double(), torch.nn.LSTM(16, 64).double()
for _ in range(300):
    net(X)[0].sum().backward()
"""


def run(command: list[str | Path], **options: Any) -> float:
    """Run a command to its end; return its seconds.

    Raises:
        SystemExit: it failed.
    """
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - start


def versions() -> str:
    """Return with what was measured, in a line."""
    packages = ", ".join(f"{name} {metadata.version(name)}" for name in ("numpy", "torch"))
    return f"Python {platform.python_version()}, {packages}"


# --- the parts ----------------------------------------------------------------------------------------------


def fixed_work() -> float:
    """Return the seconds of a piece of work that never changes: on a slower day all else is slower, too."""
    command = [sys.executable, "-c", FIXED_WORK]
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return max(pool.map(lambda _: run(command, env={**os.environ, **ONE_THREAD}), range(AT_A_TIME)))


def notebooks() -> dict[str, Any]:
    """Run all chapters, the longest first, two at a time, each on one thread."""
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    before = last().get("notebooks", {})
    paths.sort(key=lambda path: -before.get(path.relative_to(ROOT).as_posix(), {}).get("seconds", 1e9))
    command = [sys.executable, ROOT / "tools" / "run_notebooks.py", "--no-store"]

    def seconds(path: Path) -> float:
        return run([*command, path.relative_to(ROOT).as_posix()], env={**os.environ, **ONE_THREAD})

    before_all, start = fixed_work(), time.perf_counter()
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        measured = dict(zip(paths, pool.map(seconds, paths), strict=True))
    rows = {
        path.relative_to(ROOT).as_posix(): {"seconds": round(measured[path]), "verified": versions()}
        for path in sorted(paths)
    }
    total = round(time.perf_counter() - start)
    work = round((before_all + fixed_work()) / 2, 1)
    return {
        "notebooks": rows,
        "all notebooks, two at a time, s": total,
        "the same work before and after them, s": work,
    }


def site() -> dict[str, Any]:
    """Build the site in a folder where nothing was built before, and weigh the chapters' pages."""
    import chromium
    from playwright.sync_api import sync_playwright
    from weighing import host, weigh

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "book")
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("_build", ".venv", ".git"))
        fresh = run([sys.executable, copy / "tools" / "build.py"])
    again = run([sys.executable, ROOT / "tools" / "build.py"])
    pages = {}
    with sync_playwright() as play, host(SITE) as address:
        browser = play.chromium.launch(executable_path=chromium.executable(), args=chromium.FLAGS)
        for path in sorted((SITE / "notebooks").glob("*.html")):
            page = weigh(browser, address, SITE, f"notebooks/{path.stem}")
            pages[f"notebooks/{path.stem}"] = {
                "kB": round(page.total / 1000),
                "of which frames": round(page.frames / 1000),
                "largest paint at 10 Mbit/s, s": round(page.largest_paint, 2),
            }
        browser.close()
    total = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    return {
        "pages": pages,
        "building the site, s": round(fresh),
        "building it again, s": round(again),
        "site, MB": round(total / 1e6, 1),
    }


def grader() -> dict[str, Any]:
    """Grade a class of the first exercise, as many at a time as there are processors."""
    sys.path.append(str(ROOT / "tests" / "grading"))
    from benchmark import measure

    speed = measure(COPIES, os.cpu_count() or 1)
    return {"submissions graded in a minute": round(60 * speed.a_second)}


def lstm() -> dict[str, Any]:
    """Return how much longer chapter 7's NumPy takes than ``nn.LSTM``, forward and backward, one thread."""
    import numpy as np
    import torch

    from course_utils import timings

    cells = json.loads((ROOT / "notebooks" / "07_lstm.ipynb").read_text("utf-8"))["cells"]
    source = {cell["id"]: "".join(cell["source"]) for cell in cells}
    numpy: dict[str, Any] = {"np": np, "sigmoid": lambda a: 1 / (1 + np.exp(-a))}
    for name in ("forward-step", "forward", "backward-step", "backward"):
        exec(source[name], numpy)
    T, B, D, H = 50, 32, 16, 64
    rng = np.random.default_rng(0)
    X, W_xh, W_hh = (rng.standard_normal(s) / 8 for s in ((T, B, D), (D, 4 * H), (H, 4 * H)))
    h, b = np.zeros((B, H)), np.zeros(4 * H)
    net, x = torch.nn.LSTM(D, H).double(), torch.from_numpy(X)

    def ours() -> None:
        hs, cs, gates = numpy["lstm_forward"](X, h, h, W_xh, W_hh, b)
        numpy["lstm_backward"](X, h, h, hs, cs, gates, np.ones_like(hs), W_xh, W_hh, b)

    def theirs() -> None:
        net.zero_grad()
        net(x)[0].sum().backward()

    return {"NumPy LSTM / nn.LSTM, time": round(timings.measure(theirs, ours)[0], 2)}


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "notebooks": notebooks,
    "site": site,
    "grader": grader,
    "lstm": lstm,
}


# --- telling ------------------------------------------------------------------------------------------------


def last() -> dict[str, Any]:
    """Return what was measured last."""
    return json.loads(TARGET.read_text("utf-8")) if TARGET.is_file() else {}


def flat(measured: dict[str, Any], before: str = "") -> dict[str, float]:
    """Return the numbers of a nested table, each under its path."""
    found: dict[str, float] = {}
    for key, value in measured.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            found |= flat(value, f"{name}: ")
        elif isinstance(value, int | float):
            found[name] = value
    return found


def table(now: dict[str, Any], then: dict[str, Any]) -> str:
    """Return both measurements side by side."""
    new, old = flat(now), flat(then)
    width = max(map(len, new))
    lines = [f"{'':{width}}  {'now':>8}  {'last':>8}  change"]
    for name, value in new.items():
        change = f"{value / old[name] - 1:+.0%}" if old.get(name) else ""
        lines.append(f"{name:{width}}  {value:8g}  {old.get(name, ''):>8}  {change:>6}{over(name, value)}")
    return "\n".join(lines)


def over(name: str, value: float) -> str:
    """Return a mark when a number is beyond its budget."""
    budget = BUDGET if name.endswith(": seconds") else PAGE_BUDGET / 1000 if name.endswith(": kB") else None
    return f"  over {budget:g}" if budget is not None and value > budget else ""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure what the book costs on this machine.")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="leave out to measure everything")
    parts = parser.parse_args(arguments).parts or list(PARTS)
    then = last()
    now = dict(then)
    for name in parts:
        print(f"{name} ...", file=sys.stderr, flush=True)
        now |= PARTS[name]()
        write_whole(TARGET, json.dumps(now, indent=1, ensure_ascii=False) + "\n")  # what follows may fail
    print(table(now, then))
    return 0


if __name__ == "__main__":
    sys.exit(main())
