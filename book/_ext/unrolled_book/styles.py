"""The theme's style sheets, cut down to what the site uses.

The theme brings all of Bootstrap, three quarters of it for things that no page has. A selector is kept when
each class in it stands in some page, or as a word in some script, which may give it to an element later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tinycss2
from sphinx.application import Sphinx

SHEETS = (
    "styles/pydata-sphinx-theme.css",
    "styles/sphinx-book-theme.css",
    "sphinx-design.min.css",
    "mystnb.*.css",
)
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
WORD = re.compile(r"[A-Za-z_][\w-]*")
IN_PAGE = re.compile(r"""\bclass=(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
CONDITION = re.compile(r":[\w-]+\([^()]*(?:\([^()]*\)[^()]*)*\)")  # :not(.a, .b) asks for no class
MADE_UP = ("bs-", "tooltip")  # Bootstrap's scripts put these names together from pieces


def used_words(site: Path) -> set[str]:
    """Return the classes of all pages, and all words of all scripts."""
    found: set[str] = set()
    for page in site.rglob("*.html"):
        for match in IN_PAGE.finditer(page.read_text("utf-8")):
            found.update((match[1] or match[2] or match[3] or "").split())
    for script in site.glob("_static/**/*.js"):
        found.update(WORD.findall(script.read_text("utf-8")))
    return found


def cut(css: str, words: set[str]) -> str:
    """Return a style sheet without the selectors that ask for a class that is in no page and no script."""
    return _serialised(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), words)


def _serialised(rules: Iterable[Any], words: set[str]) -> str:
    parts = []
    for rule in rules:
        if rule.type == "qualified-rule":
            kept = [s for s in _selectors(rule.prelude) if _in_use(s, words)]
            if kept:
                parts.append(f"{','.join(kept)}{{{tinycss2.serialize(rule.content).strip()}}}")
        elif rule.type == "at-rule" and rule.at_keyword in ("media", "supports", "layer") and rule.content:
            inside = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if text := _serialised(inside, words):
                parts.append(f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude).rstrip()}{{{text}}}")
        else:
            parts.append(rule.serialize())
    return "\n".join(parts)


def _selectors(prelude: list[Any]) -> list[str]:
    """Return the selectors of a rule, which commas part (those inside of brackets do not)."""
    selectors, current = [], []
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            selectors.append(current)
            current = []
        else:
            current.append(token)
    return [tinycss2.serialize(tokens).strip() for tokens in [*selectors, current]]


def _in_use(selector: str, words: set[str]) -> bool:
    names = CLASS.findall(CONDITION.sub("", selector))
    return all(name in words or name.startswith(MADE_UP) for name in names)


def cut_sheets(app: Sphinx, error: Exception | None) -> None:
    """Write the theme's style sheets anew."""
    if error is not None or app.builder.name != "html":
        return
    static = Path(app.outdir, "_static")
    words = used_words(Path(app.outdir))
    for pattern in SHEETS:
        for sheet in static.glob(pattern):
            sheet.write_text(cut(sheet.read_text("utf-8"), words), encoding="utf-8")


def setup(app: Sphinx) -> None:
    app.connect("build-finished", cut_sheets)
