"""``python -m course_utils.grading``: make the exercises, grade one notebook or a folder of them."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path

from course_utils.grading.grade import Plan, cases_from, grade_folder, grade_one, open_sandbox, progress
from course_utils.grading.questions import exercise_names
from course_utils.grading.release import ReleaseError, release
from course_utils.grading.report import gradescope, summary, text, write_whole
from course_utils.grading.sandbox import Sandbox, SandboxError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m course_utils.grading", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("release", help="write exercises/ from solutions/")
    command.add_argument("--check", action="store_true", help="write nothing; fail when one differs")
    command.add_argument("--solutions", type=Path, default=Path("solutions"), metavar="FOLDER")
    command.add_argument("--exercises", type=Path, default=Path("exercises"), metavar="FOLDER")
    command.set_defaults(run=_release)

    command = commands.add_parser("grade", help="grade one notebook, or a folder of submissions")
    command.add_argument("what", type=Path, metavar="NOTEBOOK|FOLDER")
    command.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where scores and reports go; goes on there"
    )
    command.add_argument("--cases", type=Path, metavar="FOLDER", help="further cases of your own: ex01.py, …")
    command.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="how many at a time"
    )
    command.add_argument("--exercise", metavar="EX", help="what all are for; else found in each notebook")
    command.add_argument("--seed", metavar="HEX", help="draw the inputs of an earlier report again")
    command.add_argument(
        "--walls",
        choices=["bubblewrap", "user"],
        default="bubblewrap",
        help="user: only as another user of this machine; for a container that holds one submission",
    )
    command.add_argument("--gradescope", type=Path, metavar="FILE", help="write all into one results.json")
    command.set_defaults(run=_grade)

    options = parser.parse_args(arguments)
    return options.run(options)


def _release(options: argparse.Namespace) -> int:
    try:
        changed = release(options.solutions, options.exercises, check=options.check)
    except ReleaseError as problem:
        print(problem, file=sys.stderr)
        return 1
    for name in changed:
        print(f"{options.exercises / name}: {'differs from its solution' if options.check else 'written'}")
    if options.check and changed:
        print("run: python -m course_utils.grading release", file=sys.stderr)
        return 1
    if not changed:
        print("every exercise is what its solution gives")
    return 0


def _grade(options: argparse.Namespace) -> int:
    problem = _bad_options(options)
    if problem:
        print(problem, file=sys.stderr)
        return 2
    plan = Plan(cases_from(options.cases) if options.cases else {}, options.exercise, options.seed)
    one = options.what.is_file() and not options.out
    try:
        own_work = one and not options.gradescope and options.walls == "bubblewrap"
        with open_sandbox(own_work, options.walls, plan.limits) as sandbox:
            if one:
                return _grade_own(options, sandbox, plan)
            return _grade_all(options, sandbox, plan)
    except SandboxError as problem:
        print(f"Nobody was graded. {problem}", file=sys.stderr)
        return 3
    except OSError as problem:
        print(f"The scores cannot be written: {problem}", file=sys.stderr)
        return 4


def _grade_own(options: argparse.Namespace, sandbox: Sandbox, plan: Plan) -> int:
    outcome = grade_one(options.what, options.what.name, sandbox, plan)
    if options.gradescope:
        write_whole(options.gradescope, json.dumps(gradescope([outcome]), indent=1) + "\n")
    print(text(outcome, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    return 0 if outcome.status == "marked" else 1


def _grade_all(options: argparse.Namespace, sandbox: Sandbox, plan: Plan) -> int:
    folder, out = options.what.resolve(), options.out.resolve()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        outcomes = grade_folder(folder, out, sandbox, plan, max(1, options.jobs), progress)
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    if options.gradescope:
        write_whole(options.gradescope, json.dumps(gradescope(outcomes), indent=1) + "\n")
    print(summary(outcomes))
    print(f"scores: {out / 'scores.csv'}")
    return 0


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _bad_options(options: argparse.Namespace) -> str:
    if not options.what.exists():
        return f"there is no {options.what}"
    if options.what.is_dir() and not options.out:
        return f"{options.what} is a folder: say where the scores go, --out scores/"
    if options.what.is_file() and options.out:
        return "--out is for a folder of submissions; for one notebook the report is printed"
    if options.out and options.what.resolve().is_relative_to(options.out.resolve()):
        return f"--out {options.out} holds the submissions: name another folder for the scores"
    if options.exercise and options.exercise not in exercise_names():
        return f"there is no exercise {options.exercise!r}; there are: {', '.join(exercise_names())}"
    if options.seed and not all(c in "0123456789abcdef" for c in options.seed):
        return f"expected a seed as it stands in a report.json (hexadecimal), got {options.seed!r}"
    if options.cases and not options.cases.is_dir():
        return f"there is no folder {options.cases}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
