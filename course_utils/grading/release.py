"""The exercise notebooks, made from the solutions: the same bytes every time.

An answer stands in the solution between ``### BEGIN SOLUTION`` and ``### END SOLUTION``, inside a function.
In the exercise a line that raises NotImplementedError stands in its place. Outputs are dropped, except those
of cells tagged ``keep-output``, which the statement of a question shows.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
KEEP_OUTPUT = "keep-output"


class ReleaseError(Exception):
    """A solution from which no exercise can be made; the message names the cell and what to do."""


def release(solutions: Path, exercises: Path, check: bool = False) -> list[str]:
    """Write each solution's exercise, or with ``check`` only compare.

    Returns:
        The names of the exercises that were written, or would have been because they differ.

    Raises:
        ReleaseError: there are no solutions, or the markers in one of them do not fit.
    """
    sources = sorted(solutions.glob("*.ipynb"))
    if not sources:
        raise ReleaseError(f"expected solutions in {solutions}/, found none; run this in the book's folder")
    wanted = {source.name: exercise_text(source) for source in sources}
    changed = [
        name
        for name, text in wanted.items()
        if not (exercises / name).exists() or (exercises / name).read_bytes() != text.encode()
    ]
    stray = sorted(path.name for path in exercises.glob("*.ipynb") if path.name not in wanted)
    if stray:
        raise ReleaseError(f"exercises without a solution: {', '.join(stray)}; remove them or write theirs")
    if not check:
        exercises.mkdir(exist_ok=True)
        for name in changed:
            (exercises / name).write_bytes(wanted[name].encode())
    return changed


def exercise_text(solution: Path) -> str:
    """Return the text of the exercise notebook that belongs to a solution."""
    notebook = json.loads(solution.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        cell["source"] = without_answers(_text(cell["source"]), f"{solution.name}, cell {cell['id']}")
        tags = cell["metadata"].get("tags", [])
        cell["execution_count"] = None
        if KEEP_OUTPUT in tags:
            for output in cell["outputs"]:
                if "execution_count" in output:
                    output["execution_count"] = None
        else:
            cell["outputs"] = []
    for cell in notebook["cells"]:
        cell["source"] = _lines(_text(cell["source"]))
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def without_answers(source: str, where: str) -> str:
    """Return a cell's source with every marked answer replaced by a line that says it is to be written.

    Raises:
        ReleaseError: a marker without its partner, or an answer that is in no function.
    """
    lines: list[str] = []
    indent: str | None = None  # of the answer we are in
    function = ""
    for line in source.split("\n"):
        mark = line.strip()
        if mark == BEGIN:
            if indent is not None:
                raise ReleaseError(f"{where}: {BEGIN} twice without {END} between them")
            indent = line[: len(line) - len(line.lstrip())]
            if not indent:
                raise ReleaseError(
                    f"{where}: an answer must stand inside a function, so that it can be asked for"
                )
            lines.append(f'{indent}raise NotImplementedError("{function} is not written yet")')
        elif mark == END:
            if indent is None:
                raise ReleaseError(f"{where}: {END} without {BEGIN}")
            indent = None
        elif indent is None:
            lines.append(line)
            if found := re.match(r"\s*def (\w+)", line):
                function = found[1]
    if indent is not None:
        raise ReleaseError(f"{where}: {BEGIN} without {END}")
    return "\n".join(lines)


def _text(source: Any) -> str:
    return source if isinstance(source, str) else "".join(source)


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
