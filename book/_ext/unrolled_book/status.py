"""The status page: what the notebooks hold and what they claim, collected from their stored outputs.

``{status} notebooks``
    One row a notebook: its cells, how many of them assert something, how long it ran, and with what.
``{status} then-and-now``
    Every published result that a chapter ran again, from the cells tagged ``then-and-now``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .cells import ASSERTS
from .numbered import chapter_of

ROOT = Path(__file__).resolve().parents[3]
MEASURED = ROOT / "book" / "measured.json"  # written by `make bench`
READING = re.compile(r"\*Reading:\* (?:about )?(\d+) minutes")
RUNNING = re.compile(r"\*Running:\* ([a-z ]+)\.")


def measured_runs() -> dict[str, dict[str, Any]]:
    """Return the seconds and versions of each notebook's last measured run."""
    return json.loads(MEASURED.read_text("utf-8")).get("notebooks", {}) if MEASURED.is_file() else {}


def chapters(app: Sphinx) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the chapters in the book's order: their page and their notebook."""
    for page in app.env.found_docs and sorted(app.env.found_docs):
        path = ROOT / f"{page}.ipynb"
        if page.startswith("notebooks/") and path.is_file():
            yield page, json.loads(path.read_text("utf-8"))


def notebook_rows(app: Sphinx) -> list[list[str]]:
    """Return a row for each chapter, with the seconds and versions of its last measured run."""
    measured = measured_runs()
    rows = []
    for page, notebook in chapters(app):
        sources = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
        run = measured.get(f"{page}.ipynb", {})
        rows.append(
            [
                link(page, notebook),
                (READING.search("".join(notebook["cells"][0]["source"])) or ["", ""])[1],
                str(len(sources)),
                str(sum(len(ASSERTS.findall(source)) for source in sources)),
                f"{run['seconds']:.0f}" if run else "",
                run.get("verified", ""),
            ]
        )
    return rows


def then_and_now_rows(app: Sphinx) -> list[list[str]]:
    """Return every row of the chapters' tables of published results, with the chapter in front."""
    rows = []
    for page, notebook in chapters(app):
        for cell in notebook["cells"]:
            if "then-and-now" in cell["metadata"].get("tags", []):
                rows += [[link(page, notebook, short=True), *row] for row in shown_rows(cell)]
    return rows


def shown_rows(cell: dict[str, Any]) -> list[list[str]]:
    """Return the rows of the table that a cell shows, without its header."""
    for output in cell["outputs"]:
        if table := "".join(output.get("data", {}).get("text/markdown", "")):
            return [
                [field.strip() for field in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
                for line in table.splitlines()[2:]
            ]
    return []


def link(page: str, notebook: dict[str, Any], short: bool = False) -> str:
    """Return a link to a chapter, by its title or by its number."""
    title = "".join(notebook["cells"][0]["source"]).splitlines()[0].removeprefix("# ")
    return f"[{chapter_of(page) if short else title}](/{page}.ipynb)"


TABLES = {
    "notebooks": (
        [
            "chapter",
            "minutes to read",
            "code cells",
            "assertions",
            "seconds to run",
            "last measured with",
        ],
        notebook_rows,
    ),
    "then-and-now": (
        ["chapter", "result", "published", "ours", "criterion", "verdict"],
        then_and_now_rows,
    ),
}


class Status(SphinxDirective):
    """``{status} notebooks`` or ``{status} then-and-now``: a table made from the notebooks."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        header, rows = TABLES[self.arguments[0]]
        self.env.note_reread()  # its sources are other pages
        table = rows(self.env.app)
        shown = [
            k for k in range(len(header)) if any(row[k] for row in table)
        ]  # what was never measured is not
        lines = [[row[k] for k in shown] for row in (header, ["---"] * len(header), *table)]
        text = [f"| {' | '.join(line)} |" for line in lines]
        parent = nodes.container(classes=["u-status"])
        self.state.nested_parse(StringList(text, self.env.docname), 0, parent)
        return [parent]


def setup(app: Sphinx) -> None:
    app.add_directive("status", Status)
