"""The map of chapters: what each leads to, how long it takes to read and to run.

``{chapters}``
    Its lines are captions of parts, and chapters with the limit they meet::

        I · Finite memory
        01_sliding_predictors: what leaves the window is gone

    Titles, reading and running times come from the notebooks.
"""

from __future__ import annotations

import json

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from .status import READING, ROOT, RUNNING, link


def step(name: str, limit: str) -> str:
    """Return a chapter of the map as Markdown.

    Raises:
        FileNotFoundError: there is no such chapter.
    """
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text("utf-8"))
    opening = "".join(notebook["cells"][0]["source"])
    reading, running = READING.search(opening), RUNNING.search(opening)
    times = [f"{reading[1]} minutes to read"] if reading else []
    times += [f"runs in {running[1]}"] if running else []
    return (
        f"{link(f'notebooks/{name}', notebook)}\n\n[{', '.join(times)}]{{.u-map-time}}\n\n"
        f"[{limit}]{{.u-map-limit}}"
    )


class Chapters(SphinxDirective):
    """``{chapters}``: the map."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the map as a list."""
        self.env.note_reread()  # its sources are other pages
        map_ = nodes.bullet_list(classes=["u-map"])
        for line in filter(None, map(str.strip, self.content)):
            name, _, limit = line.partition(": ")
            item = nodes.list_item(classes=["u-map-chapter" if limit else "u-map-part"])
            text = step(name, limit) if limit else line
            self.state.nested_parse(StringList(text.splitlines(), self.env.docname), 0, item)
            map_ += item
        return [map_]


def setup(app: Sphinx) -> None:
    app.add_directive("chapters", Chapters)
