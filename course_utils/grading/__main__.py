"""``python -m course_utils.grading``: make the exercises, grade one notebook or a folder of them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from course_utils.grading.release import ReleaseError, release


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m course_utils.grading", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("release", help="write exercises/ from solutions/")
    command.add_argument("--check", action="store_true", help="write nothing; fail when one differs")
    command.add_argument("--solutions", type=Path, default=Path("solutions"), metavar="FOLDER")
    command.add_argument("--exercises", type=Path, default=Path("exercises"), metavar="FOLDER")
    command.set_defaults(run=_release)

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


if __name__ == "__main__":
    sys.exit(main())
