"""Figures, tables and equations: numbered in the text, linked in the book.

The chapters are plain Markdown that reads well in any notebook, so a number is typed where the thing stands:

- a quote that starts ``**Figure 1.4.**`` directly below a picture is its caption;
- a paragraph that starts ``**Table 1.2.**`` directly above a table, or above the code cell that prints one,
  is the table's;
- ``\\tag{1.3}`` at the end of displayed mathematics numbers the equation.

Here each of these becomes a target (``fig-1-4``, ``table-1-2``, ``eq-1-3``), the caption a real
``<figcaption>``, and every mention in running text ("Figure 1.4", "Figures 1.3 and 1.4", "(1.3)") a link. A
mention of something that is not there is a warning, when its chapter is part of the book.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

log = logging.getLogger(__name__)


class Label(NamedTuple):
    """What a numbered thing is called: ``Label("Figure", "1", 4)``; a split chapter's halves are 4 and 4b."""

    kind: str
    chapter: str
    number: int

    @property
    def id(self) -> str:
        prefix = {"Figure": "fig", "Table": "table", "Equation": "eq"}[self.kind]
        return f"{prefix}-{self.chapter}-{self.number}"

    def __str__(self) -> str:
        number = f"{self.chapter}.{self.number}"
        return f"equation ({number})" if self.kind == "Equation" else f"{self.kind} {number}"


class numbered_figure(nodes.container):
    """A picture or a table with its caption: ``<figure>``."""


class numbered_caption(nodes.container):
    """``<figcaption>``."""


# --- reading: captions, targets -----------------------------------------------------------------------------

CHAPTER = r"(?:[1-9]\d*[a-z]?|[A-Z])"  # 4, 4b; appendix A
NUMBER = rf"({CHAPTER})\.([1-9]\d*)"
CAPTION_LABEL = re.compile(rf"(Figure|Table) {NUMBER}\.")
TAG = re.compile(rf"\\tag\{{{NUMBER}\}}")


def chapter_of(docname: str) -> str | None:
    """Return what a page's file name starts with: ``"1"`` for ``notebooks/01_sliding_predictors``."""
    match = re.match(rf"0*({CHAPTER})_", docname.rsplit("/", 1)[-1])
    return match[1] if match else None


def caption_label(paragraph: nodes.Node, kind: str) -> Label | None:
    """Return the label that a paragraph starts with in bold, if it is one of this kind."""
    start = _first_words(paragraph)
    match = CAPTION_LABEL.fullmatch(start.astext().strip()) if isinstance(start, nodes.strong) else None
    return Label(match[1], match[2], int(match[3])) if match and match[1] == kind else None


def _first_words(paragraph: nodes.Node) -> nodes.Node | None:
    """Return the first inline node that holds text; the Markdown parser leaves empty ones before it."""
    if not isinstance(paragraph, nodes.paragraph):
        return None
    return next((node for node in paragraph.children if node.astext()), None)


def label_page(app: Sphinx, doctree: nodes.document) -> None:
    """Give every numbered thing of a page its target, and remember them for the links."""
    docname = app.env.docname
    found: list[tuple[Label, nodes.Node]] = [
        *_caption_figures(doctree),
        *_caption_tables(doctree),
        *_label_equations(doctree),
    ]
    labels = targets(app.env).setdefault(docname, {})
    labels.clear()
    for label, node in found:
        if label in labels:
            log.warning("%s is numbered twice", label, location=node, type="unrolled")
        if label.chapter != chapter_of(docname):
            log.warning("%s does not carry the number of its chapter", label, location=node, type="unrolled")
        labels[label] = label.id


def _captioned(
    kind: str, captions: Iterable[tuple[nodes.Element, nodes.Node]], find: Callable, wanted: str
) -> Iterator[tuple[Label, nodes.Node]]:
    """Put each thing of one kind and its caption into a figure.

    Args:
        kind: "Figure" or "Table".
        captions: the elements that may be captions, each with the paragraph that would hold the label.
        find: returns what a caption belongs to, or None.
        wanted: what is missing when there is nothing.
    """
    for caption, paragraph in captions:
        label = caption_label(paragraph, kind)
        if label is None:
            continue
        _first_words(paragraph)["classes"].append("u-label")  # it names the thing, and does not mention it
        body = find(caption)
        if body is None:
            log.warning("%s: %s its caption", label, wanted, location=caption, type="unrolled")
            continue
        caption.parent.remove(caption)
        quoted = isinstance(caption, nodes.block_quote)
        _wrap(body, label, caption.children if quoted else [caption], caption_first=kind == "Table")
        yield label, caption


def _caption_figures(doctree: nodes.document) -> Iterator[tuple[Label, nodes.Node]]:
    quotes = [(quote, quote.children[0]) for quote in doctree.findall(nodes.block_quote) if quote.children]
    return _captioned("Figure", quotes, _picture_before, "no picture stands directly above")


def _caption_tables(doctree: nodes.document) -> Iterator[tuple[Label, nodes.Node]]:
    paragraphs = [(paragraph, paragraph) for paragraph in doctree.findall(nodes.paragraph)]
    return _captioned("Table", paragraphs, _table_after, "no table stands directly below")


def _label_equations(doctree: nodes.document) -> Iterator[tuple[Label, nodes.Node]]:
    for block in doctree.findall(nodes.math_block):
        content = block.astext()
        if not block.get("nowrap"):
            # Sphinx would wrap lines that hold \\ in `split`, inside which \tag is an error, and lines after
            # a blank one in `align`. The chapters write `aligned` themselves, as a notebook needs it anyway.
            block.children = [nodes.Text(f"\\[{content.strip()}\\]")]
            block.children[0].parent = block
            block["nowrap"] = True
        if match := TAG.search(content):
            label = Label("Equation", match[1], int(match[2]))
            block["ids"].append(label.id)
            yield label, block


def _wrap(body: nodes.Element, label: Label, caption: list[nodes.Node], caption_first: bool) -> None:
    """Put ``body`` and its caption into a figure, where ``body`` stands."""
    figure = numbered_figure(ids=[label.id], classes=["u-figure", f"u-{label.kind.lower()}"])
    text = numbered_caption("", *caption)
    body.parent[body.parent.index(body)] = figure  # replace_self would hand the body's classes over
    figure.extend([text, body] if caption_first else [body, text])


def _sibling(node: nodes.Node, step: int) -> nodes.Node | None:
    siblings = [n for n in node.parent.children if not isinstance(n, nodes.comment) and not _is_cell_break(n)]
    place = siblings.index(node) + step
    return siblings[place] if 0 <= place < len(siblings) else None


def _is_cell_break(node: nodes.Node) -> bool:
    return isinstance(node, nodes.target)


def _output(cell: nodes.Node | None) -> nodes.Element | None:
    """Return what a code cell shows, or None when it is no code cell or shows nothing."""
    if not isinstance(cell, nodes.Element) or cell.get("nb_element") != "cell_code":
        return None
    return next((n for n in cell.children if n.get("nb_element") == "cell_code_output" and n.children), None)


def _picture_before(quote: nodes.Node) -> nodes.Element | None:
    before = _sibling(quote, -1)
    if (output := _output(before)) is not None:
        shown = [n for n in output.children if _holds_picture(n)]
        return shown[-1] if shown else None
    return before if isinstance(before, nodes.Element) and _holds_picture(before) else None


def _holds_picture(node: nodes.Node) -> bool:
    if any(True for _ in node.findall(nodes.image)):
        return True
    return any("<img" in raw.astext() or "<svg" in raw.astext() for raw in node.findall(nodes.raw))


def _table_after(paragraph: nodes.Node) -> nodes.Element | None:
    after = _sibling(paragraph, +1)
    if (output := _output(after)) is not None:
        return output.children[-1]
    return after if isinstance(after, nodes.table) else None


# --- the whole book's targets -------------------------------------------------------------------------------


def targets(env: BuildEnvironment) -> dict[str, dict[Label, str]]:
    """Return the labels of every page, by page name."""
    if not hasattr(env, "unrolled_targets"):
        env.unrolled_targets = {}
    return env.unrolled_targets


def forget_page(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    targets(env).pop(docname, None)


def rewrite_all(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Write every page again when one was read: its numbers may be mentioned anywhere, and pages are few."""
    return sorted(env.found_docs) if getattr(env, "unrolled_read", False) else []


def note_reading(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    env.unrolled_read = bool(docnames)


# --- writing: mentions become links -------------------------------------------------------------------------

MENTION = re.compile(
    rf"(?P<kind>Figure|Table)s?[ \u00a0\n]{NUMBER}|\((?P<chapter>{CHAPTER})\.(?P<number>[1-9]\d*)\)"
)
MORE = re.compile(rf"(?:, and |, or |, | and | or | to |–){NUMBER}")
NOT_RUNNING_TEXT = (
    nodes.literal,
    nodes.literal_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.reference,
    nodes.title,
    nodes.FixedTextElement,
)


def link_mentions(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make every mention of a numbered thing in running text a link to it."""
    for text in list(doctree.findall(nodes.Text)):
        if _in_running_text(text):
            pieces = list(_linked(app, docname, text))
            if len(pieces) > 1 or not isinstance(pieces[0], nodes.Text):
                text.parent.replace(text, pieces)


def _in_running_text(node: nodes.Node) -> bool:
    while (node := node.parent) is not None:
        if isinstance(node, NOT_RUNNING_TEXT) or "u-label" in node.get("classes", ()):
            return False
    return True


def _linked(app: Sphinx, docname: str, text: nodes.Text) -> Iterator[nodes.Node]:
    content, done = text.astext(), 0
    for start, end, label in mentions(content):
        uri = _find(app, docname, label, text)
        if uri is None:
            continue
        yield nodes.Text(content[done:start])
        link = nodes.reference("", content[start:end], internal=True, refuri=uri, classes=["u-mention"])
        yield link
        done = end
    yield nodes.Text(content[done:])


def mentions(content: str) -> Iterator[tuple[int, int, Label]]:
    """Yield where each mention starts and ends, and what it names: "Figures 1.3 and 1.4" are two."""
    for match in MENTION.finditer(content):
        if match["kind"] is None:
            yield match.start(), match.end(), Label("Equation", match["chapter"], int(match["number"]))
            continue
        yield match.start(), match.end(), Label(match["kind"], match[2], int(match[3]))
        plural = content[match.start() + len(match["kind"])] == "s"
        more = MORE.match(content, match.end()) if plural else None
        while more:
            yield more.start(1), more.end(), Label(match["kind"], more[1], int(more[2]))
            more = MORE.match(content, more.end())


def _find(app: Sphinx, docname: str, label: Label, text: nodes.Text) -> str | None:
    """Return the address of a label as seen from a page; its own labels come first."""
    everywhere = targets(app.env)
    if label in everywhere.get(docname, {}):
        return f"#{label.id}"
    for other in sorted(everywhere):
        if label in everywhere[other]:
            return f"{app.builder.get_relative_uri(docname, other)}#{label.id}"
    if any(chapter_of(other) == label.chapter for other in app.env.found_docs):
        log.warning("%s is mentioned, and does not exist", label, location=text.parent, type="unrolled")
    return None


# --- HTML ---------------------------------------------------------------------------------------------------


def visit_figure(self: HTML5Translator, node: numbered_figure) -> None:
    self.body.append(self.starttag(node, "figure"))


def depart_figure(self: HTML5Translator, node: numbered_figure) -> None:
    self.body.append("</figure>\n")


def visit_caption(self: HTML5Translator, node: numbered_caption) -> None:
    self.body.append(self.starttag(node, "figcaption"))


def depart_caption(self: HTML5Translator, node: numbered_caption) -> None:
    self.body.append("</figcaption>\n")


def setup(app: Sphinx) -> None:
    app.add_node(numbered_figure, html=(visit_figure, depart_figure))
    app.add_node(numbered_caption, html=(visit_caption, depart_caption))
    app.connect("env-before-read-docs", note_reading)
    app.connect("env-purge-doc", forget_page)
    app.connect("doctree-read", label_page)
    app.connect("env-updated", rewrite_all)
    app.connect("doctree-resolved", link_mentions)
