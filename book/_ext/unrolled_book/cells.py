"""Links from a page to the cell of a notebook that proves what the page says.

    {cell}`04_recurrent_network#late`

names a chapter and a cell's id. It becomes "Section 4.3", a link to that cell. A cell that is not there, or
that asserts nothing, is a warning.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from sphinx.application import Sphinx
from sphinx.util import logging

ROOT = Path(__file__).resolve().parents[3]
SECTION = re.compile(r"^## (\d+[a-z]?\.\d+|[A-Z]\.\d+) ", re.M)
# What makes a cell a proof: it stops when its claim does not hold. The status page counts the same.
ASSERTS = re.compile(
    r"^\s*assert\b|\bassert_(?:same|differ)\(|\bverdict\(|\bagree\(|\braise AssertionError\b", re.M
)
log = logging.getLogger(__name__)


def anchor(cell_id: str) -> str:
    return f"cell-{cell_id}"


@cache
def sections(notebook: Path) -> dict[str, tuple[str, str]]:
    """Return, for each code cell of a notebook, the number of its section and its source."""
    found, section = {}, ""
    for cell in json.loads(notebook.read_text("utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            section = (SECTION.findall(source) or [section])[-1]
        elif cell["cell_type"] == "code":
            found[cell["id"]] = section, source
    return found


def cell_role(
    name: str,
    rawtext: str,
    text: str,
    lineno: int,
    inliner: Inliner,
    options: object = None,
    content: object = (),
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """``{cell}`chapter#id```"""
    chapter, _, cell_id = text.partition("#")
    notebook = ROOT / "notebooks" / f"{chapter}.ipynb"
    known = sections(notebook) if notebook.is_file() else {}
    if cell_id not in known:
        log.warning("no cell %s in %s", cell_id, notebook.name, location=inliner.document.get("source"))
        return [nodes.Text(text)], []
    section, source = known[cell_id]
    if not ASSERTS.search(source):
        log.warning(
            "cell %s of %s asserts nothing", cell_id, notebook.name, location=inliner.document.get("source")
        )
    here = inliner.document.settings.env.docname
    up = "../" * here.count("/")
    link = nodes.reference(
        "", f"Section {section}", refuri=f"{up}notebooks/{chapter}.html#{anchor(cell_id)}", internal=True
    )
    return [link], []


def name_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Make every code cell of a notebook a target of links."""
    page = Path(app.env.doc2path(app.env.docname))
    if page.suffix != ".ipynb":
        return
    cells = json.loads(page.read_text("utf-8"))["cells"]
    for node in doctree.findall(nodes.container):
        if node.get("nb_element") == "cell_code":
            node["ids"].append(anchor(cells[node["cell_index"]]["id"]))


def setup(app: Sphinx) -> None:
    app.add_role("cell", cell_role)
    app.connect("doctree-read", name_cells)
