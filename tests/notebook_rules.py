"""What must be true of a notebook of this book. Each rule takes a notebook and returns its faults in words.

A rule about numbering takes the chapter's number too; `faults` runs those that apply to a kind of notebook.
"""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import run_notebooks
import sync
from nbformat import NotebookNode
from unrolled_book import numbered, themed
from unrolled_book.numbered import Label
from unrolled_book.status import READING

BYTES = 2_500_000
MEDIAN_LINES, MOST_LINES, ALL_LINES = 6, 20, 40
TAGS = {"setup", "hide-input", "remove-output", "then-and-now", "same-form", "ungraded", "keep-output"}
CELL_METADATA = {"tags", "mystnb"}
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MADE_UP_ID = re.compile(r"(?=.*\d)[0-9a-f]{8}(-[0-9a-f-]+)?")  # what an editor gives a new cell
PICTURE_CAPTION = re.compile(rf"> \*\*Figure {numbered.NUMBER}\.\*\* \S")
TABLE_CAPTION = re.compile(rf"^\*\*Table {numbered.NUMBER}\.\*\* \S", re.M)
TABLE_HEADER = re.compile(r"^(\|.*\|)[ ]*\n\|[-: |]+\|[ ]*$", re.M)
MACHINE_PATH = re.compile(r"/home/|/root/|/Users/|/tmp/|/work/|/content/|[A-Z]:\\\\?Users|site-packages")
INTERACT = re.compile(r"\binteract(ive|_manual|ive_output)?\b\s*\(|import\s+.*\binteract")
MYST = re.compile(r"^(`{3,}|~{3,}|:{3,})\{|\{[a-z][\w:+.-]*\}`|^\([\w-]+\)=$|^:{3,}\s*$", re.M)
YEAR = re.compile(r"\b(1[89]|20)\d\d[a-z]?\)?$")
HEX = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b(?=[;\"])")


# --- looking into a notebook --------------------------------------------------------------------------------


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def outputs(cell: NotebookNode) -> Iterator[dict[str, object]]:
    """Yield what a cell shows, by mime type."""
    for output in cell.get("outputs", []):
        yield output.get("data", {})


def pictures(cell: NotebookNode) -> Iterator[str]:
    """Yield the mime types under which a cell shows a picture: images, and HTML that holds one."""
    for data in outputs(cell):
        image = next((mime for mime in data if mime.startswith("image/")), None)
        if image or "<img" in data.get("text/html", "") or "<svg" in data.get("text/html", ""):
            yield image or "text/html"


def prose(cell: NotebookNode) -> str:
    """Return a text cell without its code and its mathematics."""
    text = re.sub(r"^(```|~~~).*?^\1", " ", cell.source, flags=re.S | re.M)
    text = re.sub(r"`+[^`]*`+", " ", text)
    return re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " ", text, flags=re.S)


def equation_tags(notebook: NotebookNode) -> Iterator[Label]:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for match in numbered.TAG.finditer(cell.source):
                yield Label("Equation", match[1], int(match[2]))


def captions(notebook: NotebookNode) -> Iterator[Label]:
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for kind, pattern in (("Figure", PICTURE_CAPTION), ("Table", TABLE_CAPTION)):
                for match in pattern.finditer(cell.source):
                    yield Label(kind, match[1], int(match[2]))


# --- rules of every notebook --------------------------------------------------------------------------------


def stored_outputs(notebook: NotebookNode) -> list[str]:
    cells = code_cells(notebook)
    if cells and not any(cell.outputs for cell in cells):
        return ["it is stored without outputs: nothing would be compared and nothing shown (make run)"]
    counts = [cell.execution_count for cell in cells]
    if counts != list(range(1, len(cells) + 1)):
        return [f"its cells were not run in order from a fresh kernel: {counts} (make run)"]
    return []


def no_errors(notebook: NotebookNode) -> list[str]:
    return [
        f"{cell.id}: shows an error, {output.ename}: {output.evalue}"
        for cell in code_cells(notebook)
        for output in cell.outputs
        if output.output_type == "error"
    ]


def no_widget_state(notebook: NotebookNode) -> list[str]:
    found = ["the notebook stores widget state (make run)"] if "widgets" in notebook.metadata else []
    return found + [
        f"{cell.id}: stores a view of a widget, which is dead without a kernel (make run)"
        for cell in code_cells(notebook)
        if any(run_notebooks.WIDGET_VIEW in data for data in outputs(cell))
    ]


def no_interact(notebook: NotebookNode) -> list[str]:
    return [
        f"{cell.id}: uses interact, which does not move on a page; use course_utils.sliders"
        for cell in code_cells(notebook)
        if INTERACT.search(cell.source)
    ]


def described_pictures(notebook: NotebookNode) -> list[str]:
    found = []
    for cell in code_cells(notebook):
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt")
        if any(mime.startswith("image/") for mime in pictures(cell)) and themed.says_nothing(alt):
            found.append(f"{cell.id}: its figure has no alt text (cell metadata mystnb.image.alt)")
        for html in (data["text/html"] for data in outputs(cell) if "text/html" in data):
            found += [f"{cell.id}: {fault}" for fault in _undescribed(html)]
    return found


def _undescribed(html: str) -> Iterator[str]:
    for tag in themed.IMG_TAG.findall(html):
        alt = themed.ALT.search(tag)
        if alt is None or themed.says_nothing(alt[1] or alt[2]):
            yield "an <img> of its output has no alt text"
    for data in re.findall(r'<script[^>]*class="u-slider-data"[^>]*>(.*?)</script>', html, flags=re.S):
        slider = json.loads(data)
        if len(slider["alts"]) != len(slider["frames"]) or any(map(themed.says_nothing, slider["alts"])):
            yield "a frame of its slider has no alt text"


def one_setup_cell(notebook: NotebookNode) -> list[str]:
    first = next(iter(code_cells(notebook)), None)
    if first is None or first.id != "setup":
        return ["its first code cell is not the setup cell (id 'setup')"]
    found = (
        [] if first.source == sync.setup_cell() else ["its setup cell differs from the others' (make sync)"]
    )
    if first.metadata.get("tags") != ["setup", "hide-input"]:
        found.append('its setup cell must have the tags ["setup", "hide-input"]')
    return found


def plain_metadata(notebook: NotebookNode) -> list[str]:
    found = []
    if json.loads(json.dumps(notebook.metadata)) != run_notebooks.METADATA:
        found.append("the notebook's metadata is not the one all notebooks have (make run)")
    if (notebook.nbformat, notebook.nbformat_minor) != (4, 5):
        found.append(f"its format is {notebook.nbformat}.{notebook.nbformat_minor}, not 4.5")
    for cell in notebook.cells:
        if extra := set(cell.metadata) - CELL_METADATA:
            found.append(f"{cell.id}: has metadata nobody needs: {', '.join(sorted(extra))}")
        if extra := set(cell.metadata.get("tags", [])) - TAGS:  # none that switches a comparison off
            found.append(f"{cell.id}: has tags that this book does not use: {', '.join(sorted(extra))}")
    return found


def readable_ids(notebook: NotebookNode) -> list[str]:
    ids = [cell.id for cell in notebook.cells]
    found = [f"{name}: two cells have this id" for name in sorted({n for n in ids if ids.count(n) > 1})]
    for name in ids:
        if not SLUG.fullmatch(name) or MADE_UP_ID.fullmatch(name):
            found.append(f"{name}: a cell's id should be a readable slug, like 'impulse-response'")
    return found


def no_machine_paths(notebook: NotebookNode) -> list[str]:
    found = []
    for cell in code_cells(notebook):
        shown = json.dumps([dict(o) for o in cell.outputs], ensure_ascii=False)
        if match := MACHINE_PATH.search(re.sub(r"data:image/[^\"]*", "", shown)):
            found.append(f"{cell.id}: its output names a folder of one machine: {match[0]}")
    return found


def plain_markdown(notebook: NotebookNode) -> list[str]:
    return [
        f"{cell.id}: uses MyST mark-up, which Colab and GitHub show as it is: {match[0]!r}"
        for cell in notebook.cells
        if cell.cell_type == "markdown" and (match := MYST.search(re.sub(r"\$[^$]*\$", "", cell.source)))
    ]


def palette_colours(notebook: NotebookNode) -> list[str]:
    allowed = {colour.lower() for colour in themed.palette().LIGHT.values()}
    found = []
    for cell in code_cells(notebook):
        svgs = [data["image/svg+xml"] for data in outputs(cell) if "image/svg+xml" in data]
        used = {
            colour.lower()
            for svg in svgs
            for colour in HEX.findall(re.sub(r'(href|id)="[^"]*"|url\([^)]*\)', "", svg))
        }
        if strange := used - allowed:
            found.append(
                f"{cell.id}: draws in colours with no dark twin in the palette: {', '.join(sorted(strange))}"
            )
    return found


# --- rules of a chapter -------------------------------------------------------------------------------------


def small_cells(notebook: NotebookNode) -> list[str]:
    sizes = {cell.id: len(cell.source.splitlines()) for cell in code_cells(notebook) if cell.id != "setup"}
    if len(sizes) < 2:
        return []
    found = [
        f"{name}: has {lines} lines, more than {ALL_LINES}"
        for name, lines in sizes.items()
        if lines > ALL_LINES
    ]
    median, most = statistics.median(sizes.values()), statistics.quantiles(sizes.values(), n=10)[-1]
    if median > MEDIAN_LINES:
        found.append(f"half of its code cells are longer than {median:g} lines; at most {MEDIAN_LINES}")
    if most > MOST_LINES:
        found.append(f"a tenth of its code cells are longer than {most:g} lines; at most {MOST_LINES}")
    return found


def captioned_pictures(notebook: NotebookNode) -> list[str]:
    found = []
    for cell, after in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        shown = list(pictures(cell)) if cell.cell_type == "code" else []
        if len(shown) > 1:
            found.append(f"{cell.id}: shows {len(shown)} pictures; one a cell, each with its caption")
        has_caption = (
            after is not None and after.cell_type == "markdown" and PICTURE_CAPTION.match(after.source)
        )
        if shown and not has_caption:
            found.append(f"{cell.id}: the cell after its picture must start with '> **Figure 1.2.** …'")
    return found


def captioned_tables(notebook: NotebookNode) -> list[str]:
    found = []
    for cell, after in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if cell.cell_type != "markdown":
            continue
        blocks = re.split(r"\n\s*\n", cell.source.strip())
        for block, below in zip(blocks, [*blocks[1:], None], strict=True):
            if TABLE_CAPTION.match(block) and not (below or _shown_markdown(after)).startswith("|"):
                found.append(f"{cell.id}: no table stands directly below its caption {block[:20]!r}")
    return found


def _shown_markdown(cell: NotebookNode | None) -> str:
    shown = [data.get("text/markdown") for data in outputs(cell)] if cell is not None else []
    return shown[0] if shown and shown[0] else ""


def named_columns(notebook: NotebookNode) -> list[str]:
    found = []
    for cell in notebook.cells:
        text = cell.source if cell.cell_type == "markdown" else _shown_markdown(cell)
        for header in TABLE_HEADER.findall(text):
            words = re.sub(r"\$[^$]*\$", "", header).strip("|").split("|")
            if not all(map(str.strip, words)):
                found.append(f"{cell.id}: a screen reader has no word for a column of its table: {header}")
    return found


def consecutive_numbers(notebook: NotebookNode, chapter: str) -> list[str]:
    found = []
    labels = [*captions(notebook), *equation_tags(notebook)]
    for kind in ("Figure", "Table", "Equation"):
        here = [label for label in labels if label.kind == kind]
        wanted = [Label(kind, chapter, n) for n in range(1, len(here) + 1)]
        found += [
            f"{is_} stands where {should} should"
            for is_, should in zip(here, wanted, strict=True)
            if is_ != should
        ][:1]
    return found


def resolved_mentions(notebook: NotebookNode, chapter: str) -> list[str]:
    there = {*captions(notebook), *equation_tags(notebook)}
    return [
        f"{cell.id}: mentions {label}, which does not exist"
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for _, _, label in numbered.mentions(prose(cell))
        if label.chapter == chapter and label not in there
    ]


def known_citations(notebook: NotebookNode) -> list[str]:
    known = sync.literature()
    links = (m for c in notebook.cells if c.cell_type == "markdown" for m in sync.LINK.finditer(c.source))
    return [
        f"[{link['text']}]({link['url']}) is a citation and not in book/references.bib"
        for link in links
        if ("doi.org/" in link["url"] or YEAR.search(link["text"])) and sync.plain(link["url"]) not in known
    ]


def listed_references(notebook: NotebookNode) -> list[str]:
    lists = [cell.source for cell in notebook.cells if sync.is_reference_list(cell)]
    wanted = sync.references(notebook, sync.literature())
    if "\n- " not in wanted:  # an appendix may cite nobody
        return ["it cites nobody, and has a list of references"] if lists else []
    if len(lists) != 1:
        return [f"it should have one cell that starts with '## References', it has {len(lists)}"]
    return ["its list of references is old (make sync)"] if lists[0] != wanted else []


def reading_minutes(notebook: NotebookNode) -> float:
    """Return how long a notebook takes to read, at 200 words and 20 lines of code a minute."""
    text = " ".join(re.sub(r"\$[^$]*\$", "x", c.source) for c in notebook.cells if c.cell_type == "markdown")
    code = "\n".join(cell.source for cell in code_cells(notebook))
    return len(text.split()) / 200 + sum(1 for line in code.splitlines() if line.strip()) / 20


def honest_reading_time(notebook: NotebookNode) -> list[str]:
    stated, counted = READING.search(notebook.cells[0].source), reading_minutes(notebook)
    if stated is None:
        return ["its first cell does not say how many minutes it takes to read"]
    wrong = abs(int(stated[1]) - counted) > 4
    return [f"it takes about {counted:.0f} minutes to read, and says {stated[1]}"] if wrong else []


QUESTION = re.compile(r"^\*\*(\d+)\.\*\* \S", re.M)
CHOICE = re.compile(r"^- \*\*([A-D])\.\*\* \S", re.M)
ANSWER = re.compile(
    r"<details><summary>(\d+) ([A-D])</summary>\n\n(Right\.|No\.) \S.*?\n\n</details>(?:\n\n|\Z)", re.S
)


def quiz_explains_every_choice(notebook: NotebookNode, chapter: str) -> list[str]:
    if not chapter[0].isdigit():  # an appendix asks nothing
        return []
    quiz = next((c.source for c in notebook.cells if c.id == "quiz" and c.cell_type == "markdown"), "")
    found, parts = [], QUESTION.split(quiz)
    questions = list(zip(parts[1::2], parts[2::2], strict=True))
    if [int(number) for number, _ in questions] != list(range(1, len(questions) + 1)) or len(questions) < 5:
        found.append("its quiz (cell 'quiz') should ask five questions or more, numbered from 1")
    for number, text in questions:
        choices, answers = CHOICE.findall(text), ANSWER.findall(text)
        if len(choices) < 3 or [(number, choice) for choice in choices] != [a[:2] for a in answers]:
            found.append(f"quiz, question {number}: each of three or four choices needs its own answer")
        if [verdict for *_, verdict in answers].count("Right.") != 1:
            found.append(f"quiz, question {number}: one choice should be right")
    return found


def numbered_title(notebook: NotebookNode, chapter: str) -> list[str]:
    title = notebook.cells[0].source.splitlines()[0] if notebook.cells and notebook.cells[0].source else ""
    return (
        []
        if re.match(rf"# {chapter} · \S", title)
        else [f"its title should read '# {chapter} · …', it reads {title!r}"]
    )


# --- all together -------------------------------------------------------------------------------------------

Rule = Callable[[NotebookNode], list[str]]
EVERY_NOTEBOOK: tuple[Rule, ...] = (
    no_errors,
    no_widget_state,
    no_interact,
    described_pictures,
    one_setup_cell,
    plain_metadata,
    readable_ids,
    no_machine_paths,
    plain_markdown,
    palette_colours,
)
EVERY_CHAPTER: tuple[Rule, ...] = (
    small_cells,
    captioned_pictures,
    captioned_tables,
    named_columns,
    known_citations,
    listed_references,
    honest_reading_time,
)
EVERY_CHAPTER_BY_NUMBER = (numbered_title, consecutive_numbers, resolved_mentions, quiz_explains_every_choice)


def faults(notebook: NotebookNode, folder: str, chapter: str) -> list[str]:
    """Return every fault of a notebook of ``notebooks``, ``solutions`` or ``exercises``."""
    rules = list(EVERY_NOTEBOOK)
    if folder != "exercises":  # an exercise is stored as the learner gets it: not run
        rules.append(stored_outputs)
    if folder == "notebooks":
        rules += EVERY_CHAPTER
    found = [fault for rule in rules for fault in rule(notebook)]
    if folder == "notebooks":
        found += [fault for rule in EVERY_CHAPTER_BY_NUMBER for fault in rule(notebook, chapter)]
    return found


def file_faults(path: Path) -> list[str]:
    """Return what is wrong with a notebook's file: its size, and the way in which it is written."""
    text = path.read_text(encoding="utf-8")
    found = (
        [f"it is {len(text.encode()) / 1e6:.1f} MB, more than {BYTES / 1e6}"]
        if len(text.encode()) > BYTES
        else []
    )
    if text != run_notebooks.write(nbformat.reads(text, as_version=4)):
        found.append("it is not written as `make run` writes it")
    return found
