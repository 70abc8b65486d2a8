"""Grading: one notebook, or a folder of them, in parallel, going on where it stopped."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import queue
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from course_utils.grading import report
from course_utils.grading.process import Limits
from course_utils.grading.questions import Case, Verdict, exercise_names, load, printable
from course_utils.grading.report import Outcome
from course_utils.grading.sandbox import PACKAGE, Sandbox, SandboxError
from course_utils.grading.submission import Unreadable, exercises_in, mark_exercise, read

Further = dict[str, list[tuple[str, Case]]]  # exercise → (question, case)


@dataclass(frozen=True)
class Plan:
    """What to grade with.

    Attributes:
        further: the teacher's own cases, see :func:`cases_from`.
        exercise: the exercise all submissions are for; None finds it in each notebook.
        seed: draw these inputs; None draws others for every submission.
        limits: for every submission.
    """

    further: Further = field(default_factory=dict)
    exercise: str | None = None
    seed: str | None = None
    limits: Limits = field(default_factory=Limits)


def grade_one(path: Path, name: str, sandbox: Sandbox, plan: Plan, slot: int = 0, key: str = "") -> Outcome:
    """Grade one notebook. Whatever is wrong with it is said in the outcome; nothing is raised for it."""
    start = time.perf_counter()
    seed = plan.seed or os.urandom(16).hex()
    name = os.fsencode(name).decode("utf-8", "replace")  # a file's name may be any bytes
    known = {"submission": name, "key": key, "seed": seed}
    known |= {"isolated": sandbox.isolated, "walls": sandbox.walls}
    try:
        cells = read(path)
    except (Unreadable, OSError) as problem:
        return Outcome(status=printable(f"unreadable: {problem}"), **known)
    try:
        named = [plan.exercise] if plan.exercise else exercises_in(cells)
        exercises = [load(exercise) for exercise in named if exercise in exercise_names()]
        if not exercises:
            said = f"it checks {', '.join(named[:3])}, which does not exist" if named else "it calls no check"
            return Outcome(status=f"no exercise: {said}", **known)
        missing = sorted({package for exercise in exercises for package in exercise.missing()})
        if missing:  # right answers would fail, and nobody would know why
            said = f"not installed where this is graded; run: pip install {' '.join(missing)}"
            return Outcome(status=f"failed: {', '.join(missing)} {said}", **known)
        verdicts: list[Verdict] = []
        for exercise in exercises:
            further = plan.further.get(exercise.name, ())
            verdicts += mark_exercise(cells, exercise, sandbox, slot, int(seed, 16), further)
    except Exception as problem:  # the grader's own fault stops nobody else, and is marked again next time
        return Outcome(status=printable(f"failed: {type(problem).__name__}: {problem}"[:300]), **known)
    return Outcome(status="marked", verdicts=tuple(verdicts), seconds=time.perf_counter() - start, **known)


def grade_folder(
    folder: Path,
    out: Path,
    sandbox: Sandbox,
    plan: Plan,
    jobs: int,
    tell: Callable[[int, int, str], None] = lambda done, total, name: None,
) -> list[Outcome]:
    """Grade all submissions in a folder, and write each report as soon as it is there.

    Args:
        out: gets ``scores.csv``, ``summary.txt`` and for each submission a folder with its reports. What it
            already holds for an unchanged file is not marked again.
        jobs: how many at a time.
        tell: is called with the number done, the number of all, and a name.

    Raises:
        KeyboardInterrupt: after what is done has been written, and all sandboxes are gone.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = submissions(folder, out)
    fingerprint = _fingerprint(plan)
    outcomes: dict[Path, Outcome] = {}
    keys: dict[Path, str] = {}
    for path in paths:
        keys[path] = _key(path, fingerprint)
        before = report.read(out / path.relative_to(folder))
        if before and keys[path] and before.key == keys[path] and not before.status.startswith("failed"):
            outcomes[path] = before

    slots: queue.SimpleQueue[int] = queue.SimpleQueue()
    for slot in range(jobs):
        slots.put(slot)

    def work(path: Path) -> Outcome:
        slot = slots.get()
        try:
            name = path.relative_to(folder).as_posix()
            outcome = grade_one(path, name, sandbox, plan, slot, keys[path])
            if not sandbox.stopped:
                report.write(outcome, out / path.relative_to(folder))
            return outcome
        finally:
            slots.put(slot)

    pool = ThreadPoolExecutor(jobs)
    try:
        waiting = {pool.submit(work, path): path for path in paths if path not in outcomes}
        tell(len(outcomes), len(paths), "")
        for done in as_completed(waiting):
            outcomes[waiting[done]] = done.result()
            tell(len(outcomes), len(paths), waiting[done].name)
    except BaseException:
        sandbox.stop_all()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        known = [outcomes[path] for path in paths if path in outcomes]
        report.write_whole(out / "scores.csv", report.scores(known))
        report.write_whole(out / "summary.txt", report.summary(known) + "\n")
    return known


def submissions(folder: Path, out: Path | None = None) -> list[Path]:
    """Return the files in a folder that are submissions: no hidden ones, no links, nothing grading wrote."""
    found = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if (
            path.is_symlink()
            or not path.is_file()
            or any(part.startswith((".", "__")) for part in inside.parts)
        ):
            continue
        if out is not None and path.is_relative_to(out):
            continue
        if path.suffix.lower() == ".ipynb" or _looks_like_a_notebook(path):
            found.append(path)
    return found


def _looks_like_a_notebook(path: Path) -> bool:
    """Return whether a file of another name may be one: learning platforms like to rename."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError:
        return False
    return start.lstrip()[:1] == b"{" and b'"cells"' in start


def cases_from(folder: Path) -> Further:
    """Return a teacher's further cases: functions ``q2…(s, rng)`` in files ``ex01….py``.

    Raises:
        SystemExit: there are none, or one is for a question that does not exist.
    """
    further: Further = {}
    for path in sorted(folder.glob("ex*.py")):
        name = path.stem.partition("_")[0]
        spec = importlib.util.spec_from_file_location(f"further_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        try:
            exercise = load(name)
            for function in vars(module).values():
                if getattr(function, "__module__", "") == module.__name__ and function.__name__.startswith(
                    "q"
                ):
                    question = exercise.question(function.__name__.partition("_")[0]).name
                    further.setdefault(name, []).append((question, function))
        except ValueError as problem:
            raise SystemExit(f"{path}: {problem}") from None
    if not further:
        raise SystemExit(f"expected ex01.py with functions q2…(s, rng) in {folder}, found none")
    return further


def _key(path: Path, fingerprint: bytes) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.sha256(fingerprint + hashlib.file_digest(file, "sha256").digest()).hexdigest()
    except OSError:
        return ""


def _fingerprint(plan: Plan) -> bytes:
    """Return a hash of all that a mark depends on besides the submission."""
    files = sorted(path for path in (PACKAGE / "grading").rglob("*.py"))
    sources = {function.__code__.co_filename for cases in plan.further.values() for _, function in cases}
    parts: Iterable[bytes] = [
        *(path.read_bytes() for path in files),
        *(Path(source).read_bytes() for source in sorted(sources)),
        repr((plan.exercise, plan.seed, plan.limits)).encode(),
    ]
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).digest()


def progress(done: int, total: int, name: str) -> None:
    """Show a bar on the terminal, or nothing where standard error is none."""
    if not sys.stderr.isatty():
        return
    filled = 30 * done // max(total, 1)
    line = f"{done}/{total} [{'█' * filled}{'·' * (30 - filled)}] {printable(name)}"
    width = shutil.get_terminal_size().columns - 1
    print(f"\r\033[K{line[:width]}", end="\n" if done == total else "", file=sys.stderr, flush=True)


def open_sandbox(own_work: bool, walls: str, limits: Limits) -> Sandbox:
    """Return a sandbox; for one's own work, where none can be had, a plain process.

    Raises:
        SandboxError: others' work is to be graded, and there is no sandbox; or nothing runs at all.
    """
    try:
        return Sandbox(walls, limits)
    except SandboxError as problem:
        if not own_work:
            raise
        print(f"No sandbox: {problem}\n", file=sys.stderr)
        return Sandbox("none", limits)
