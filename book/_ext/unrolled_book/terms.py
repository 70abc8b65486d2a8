"""Where a chapter introduces a word in bold, the word leads to its entry in the glossary.

An entry of ``book/glossary.md`` is known by its name without the Chinese: "Gated recurrent unit (GRU)" by
*gated recurrent unit* and by *GRU*, "Query, key and value" by each of the three.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx

GLOSSARY = "book/glossary"


def slug(name: str) -> str:
    """Return an entry's anchor."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def names(entry: str) -> list[str]:
    """Return what an entry is known by, in small letters."""
    plain, abbreviations = re.sub(r"\([^)]*\)", "", entry), re.findall(r"\(([^)]*)\)", entry)
    parts = [plain, *re.split(r",| and ", plain), *abbreviations]
    return [" ".join(part.lower().split()) for part in parts if part.strip()]


def name_entries(app: Sphinx, doctree: nodes.document) -> None:
    """Make every entry of the glossary a target, and remember its names."""
    if app.env.docname != GLOSSARY:
        return
    known: dict[str, str] = {}
    for term in doctree.findall(nodes.term):
        entry = next((child.astext() for child in term.findall(nodes.Text)), "").strip()
        term["ids"].append(slug(entry))
        for name in names(entry):
            known.setdefault(name, slug(entry))
    app.env.unrolled_terms = known  # type: ignore[attr-defined]


def link_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link the words in bold of a chapter's text, each once."""
    known, seen = getattr(app.env, "unrolled_terms", {}), set()
    if not docname.startswith("notebooks/"):
        return
    for strong in list(doctree.findall(nodes.strong)):
        word = " ".join(strong.astext().lower().split())
        anchor = known.get(word) or known.get(word.removesuffix("s"))
        if anchor is None or anchor in seen or isinstance(strong.parent, nodes.reference):
            continue
        seen.add(anchor)
        where = app.builder.get_relative_uri(docname, GLOSSARY)
        link = nodes.reference("", "", internal=True, refuri=f"{where}#{anchor}", classes=["u-term"])
        strong.replace_self(link)
        link += strong


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", name_entries)
    app.connect("doctree-resolved", link_terms)
