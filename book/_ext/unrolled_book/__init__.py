"""What this book asks of Sphinx beyond Jupyter Book: one small module for each job.

``cards``
    The pictures by which other sites show a page.
``chapters``
    The map of chapters on the home page.
``cells``
    Links from a page to the cell that proves what the page says.
``numbered``
    Figures, tables and equations that are numbered in the text become targets, their mentions links.
``themed``
    Every drawing gets a twin in the dark palette; a picture without a description is a warning.
``home``
    The slider on the home page, drawn when the book is built.
``fonts``
    The book's typeface, cut from an installed package.
``icons``
    The theme's icons, cut down to those in use.
``status``
    The status page, collected from the notebooks.
``styles``
    The theme's style sheets, cut down to what is used.
``terms``
    Words in bold lead to the glossary.
``site``
    The site asks no other host for anything: MathJax is served from the site, the rest is left out.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from . import cards, cells, chapters, fonts, home, icons, numbered, site, status, styles, terms, themed

ROOT = Path(__file__).resolve().parents[3]
DRAWN_FROM = ("book/_ext/unrolled_book/*.py", "book/assets/*", "course_utils/*.py")


def setup(app: Sphinx) -> dict[str, Any]:
    sys.path.append(str(ROOT))  # the home page draws with course_utils, which building does not install
    cards.setup(app)
    cells.setup(app)
    chapters.setup(app)
    numbered.setup(app)
    themed.setup(app)
    fonts.setup(app)
    home.setup(app)
    icons.setup(app)
    site.setup(app)
    status.setup(app)
    styles.setup(app)
    terms.setup(app)
    return {
        "version": "1.0",
        # Sphinx reads every page again when this number changes: a change in here must not leave stale pages.
        "env_version": _fingerprint(sorted(path for pattern in DRAWN_FROM for path in ROOT.glob(pattern))),
        "parallel_read_safe": False,
        "parallel_write_safe": True,
    }


def _fingerprint(paths: list[Path]) -> int:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return int.from_bytes(digest.digest()[:4], "big")
