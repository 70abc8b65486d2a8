"""A small book, built with the real settings: what the build makes of figures, tables and mentions."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import run_notebooks
from bs4 import BeautifulSoup, Tag
from docutils.core import publish_doctree
from fontTools.ttLib import TTFont
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from unrolled_book import cards, numbered, styles, themed
from unrolled_book.numbered import Label

ROOT = Path(__file__).resolve().parents[1]
PALETTE = themed.palette()
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="72pt" height="36pt" viewBox="0 0 72 36">'
    f'<rect width="72" height="36" fill="{PALETTE.LIGHT["surface"]}"/>'
    f'<path d="M0 0L72 36" stroke="{PALETTE.LIGHT["ink"]}"/></svg>'
)
FRAMES = {name: [f"{name} {k}" for k in range(9)] for name in ("alts", "labels")} | {"frames": [SVG] * 9}
SLIDER = (
    '<div class="u-slider"><img class="u-slider-frame" src="data:," alt="A wall after 7 steps.">'
    '<label class="u-slider-control"><span>N</span><input type="range" min="0" max="8" value="0"></label>'
    f'<script type="application/json" class="u-slider-data">{json.dumps(FRAMES)}</script></div>'
)


@dataclass
class Book:
    """A built book: where it is, whether the build succeeded, what it warned of."""

    site: Path
    status: int
    warnings: list[str]

    def page(self, name: str) -> BeautifulSoup:
        return BeautifulSoup((self.site / name).read_text(encoding="utf-8"), "html.parser")


def text(source: str) -> NotebookNode:
    return new_markdown_cell(source)


def shows(alt: str | None = None, **data: str) -> NotebookNode:
    """Return a code cell that was run and shows this."""
    output = new_output(
        "display_data", {mime.replace("__", "/").replace("_xml", "+xml"): v for mime, v in data.items()}
    )
    metadata = {"mystnb": {"image": {"alt": alt}}} if alt else {}
    return new_code_cell("show()", outputs=[output], metadata=metadata, execution_count=1)


def prints(words: str) -> NotebookNode:
    return new_code_cell(
        "print(words)", id="prints", outputs=[new_output("stream", text=words)], execution_count=1
    )


def build(folder: Path, pages: dict[str, str | list[NotebookNode]], builder: str = "html") -> Book:
    """Build a book of these pages with the settings of the real one."""
    source = folder / "source"
    shutil.rmtree(source, ignore_errors=True)
    for name, content in {"index.md": "# Small\n\nA book.", **pages}.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list):
            notebook = new_notebook(cells=content, metadata=run_notebooks.METADATA)
            content = run_notebooks.write(notebook)
        path.write_text(content, encoding="utf-8")
    (source / "book").mkdir(exist_ok=True)
    (source / "book" / "references.bib").write_text(
        "@misc{a, author={A, B}, title={C}, year={1990}, doi={10.1/2}}"
    )
    (source / "book" / "assets").mkdir()
    shutil.copy(ROOT / "book" / "assets" / "favicon.svg", source / "book" / "assets")
    chapters = "".join(f"- file: {name.rsplit('.', 1)[0]}\n" for name in pages)
    (source / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{chapters}")
    if (fonts := ROOT / "_build" / "fonts").is_dir():  # cut once already
        shutil.copytree(fonts, folder / "_build" / "fonts", dirs_exist_ok=True)
    command = [
        Path(sys.executable).with_name("jupyter-book"),
        "build",
        source,
        "--path-output",
        folder,
        "--all",
    ]
    command += ["--config", ROOT / "_config.yml", "--toc", source / "_toc.yml", "-W", "--keep-going"]
    command += ["--builder", builder]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).splitlines()
    return Book(folder / "_build" / builder, done.returncode, [line for line in lines if "WARNING" in line])


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """Return a book with one of everything, and nothing wrong."""
    chapter = [
        text(
            "# 1 · Walls\n\nSee Figures 1.1 and 1.2, Table 1.1, Table 1.2, Table 1.3, (1.1), Figure 2.1 "
            "and Figure 3.1."
        ),
        text(
            "$$ a = b \\tag{1.1} $$\n\n"
            "$$\n\\begin{aligned} c &= d \\\\ e &= f \\end{aligned} \\tag{1.2}\n$$\n\nNot `(1.2)`."
        ),
        shows("A line that ends at a wall.", image__svg_xml=SVG),
        text(
            "> **Figure 1.1.** A *wall* of $N$ steps, as (1.2) says ([A (1990)](https://doi.org/10.1/2))."
            "\n\nAfter it."
        ),
        shows(text__html=SLIDER),
        text("> **Figure 1.2.** A wall that moves."),
        text("**Table 1.1.** Errors.\n\n| model | error |\n| --- | ---: |\n| AR | 0.13 |\n\nAfter it."),
        text("**Table 1.2.** Scores."),
        shows(text__markdown="| model | score |\n| --- | ---: |\n| MLP | 0.11 |"),
        text("**Table 1.3.** Printed."),
        prints("a  b\n1  2"),
        text("> A quotation, and no caption."),
        text("Many **walls**, one **wall**, and **more**."),
        text("<details><summary>Answer</summary>\n\nSeven: $5 + 3 - 1$.\n\n</details>"),
    ]
    second = [
        text("# 2 · Rings\n\nUnlike Figure 1.1 and (1.1), this."),
        shows("A ring.", image__svg_xml=SVG),
        text("> **Figure 2.1.** R."),
    ]
    return build(
        tmp_path_factory.mktemp("book"),
        {
            "notebooks/01_walls.ipynb": chapter,
            "notebooks/02_rings.ipynb": second,
            "book/notation.md": "# Notation\n\nAs Table 1.1 has it.\n\n"
            "See {cell}`01_sliding_predictors#conv-same`.",
            "book/map.md": "# Map\n\n```{chapters}\nI · Finite memory\n"
            "01_sliding_predictors: What leaves the window is gone.\n```",
            "notebooks/01_sliding_predictors.ipynb": [text("# 1 · Sliding predictors")],
            "book/glossary.md": '# Glossary\n\nWall (W) <span lang="zh">墙</span>\n: Where memory ends.',
        },
    )


@pytest.fixture(scope="module")
def walls(book: Book) -> BeautifulSoup:
    return book.page("notebooks/01_walls.html")


def words(tag: Tag) -> str:
    return " ".join(tag.get_text().split())


def test_the_book_builds_without_a_warning(book: Book) -> None:
    assert (book.status, book.warnings) == (0, [])


def test_a_quote_below_a_figure_is_its_caption(walls: BeautifulSoup) -> None:
    figure = walls.find("figure", id="fig-1-1")
    assert [child.name for child in figure.find_all(recursive=False)] == ["span", "figcaption"]
    assert words(figure.figcaption).startswith("Figure 1.1. A wall of")
    assert figure.figcaption.em.get_text() == "wall"
    assert figure.figcaption.find("span", class_="math").get_text() == r"\(N\)"
    assert figure.figcaption.find("a", href="https://doi.org/10.1/2")
    assert words(figure.find_parent(class_="cell").find_next_sibling("p")) == "After it."


def test_a_quote_below_a_slider_is_its_caption(walls: BeautifulSoup) -> None:
    figure = walls.find("figure", id="fig-1-2")
    assert figure.find("input", type="range")
    assert words(figure.figcaption) == "Figure 1.2. A wall that moves."


def test_another_quote_stays_a_quote(walls: BeautifulSoup) -> None:
    assert [words(quote) for quote in walls.find_all("blockquote")] == ["A quotation, and no caption."]


@pytest.mark.parametrize(
    ("number", "caption", "holds"), [(1, "Errors.", "0.13"), (2, "Scores.", "0.11"), (3, "Printed.", "a  b")]
)
def test_a_table_has_its_caption_above(walls: BeautifulSoup, number: int, caption: str, holds: str) -> None:
    figure = walls.find("figure", id=f"table-1-{number}")
    assert words(figure.figcaption) == f"Table 1.{number}. {caption}"
    assert figure.find(True) == figure.figcaption
    assert holds in figure.get_text()
    assert bool(figure.table) == (number < 3)


def test_an_equation_with_several_lines_keeps_its_tag(walls: BeautifulSoup) -> None:
    block = walls.find("div", id="eq-1-2").get_text().strip()
    assert block.startswith(r"\[\begin{aligned} c &= d \\ e &= f \end{aligned} \tag{1.2}")
    assert "split" not in walls.get_text()


def test_mentions_are_links(walls: BeautifulSoup) -> None:
    links = {words(a): a["href"] for a in walls.find_all("a", class_="u-mention")}
    assert links == {
        "Figures 1.1": "#fig-1-1",
        "1.2": "#fig-1-2",
        "Table 1.1": "#table-1-1",
        "Table 1.2": "#table-1-2",
        "Table 1.3": "#table-1-3",
        "(1.1)": "#eq-1-1",
        "(1.2)": "#eq-1-2",
        "Figure 2.1": "02_rings.html#fig-2-1",
    }
    assert not any(a.find_parent("code") for a in walls.find_all("a", class_="u-mention"))


def test_mentions_on_other_pages_are_links_to_this_one(book: Book) -> None:
    rings, notation = book.page("notebooks/02_rings.html"), book.page("book/notation.html")
    assert [a["href"] for a in rings.find_all("a", class_="u-mention")] == [
        "01_walls.html#fig-1-1",
        "01_walls.html#eq-1-1",
    ]
    assert notation.find("a", class_="u-mention")["href"] == "../notebooks/01_walls.html#table-1-1"


def test_a_drawing_has_a_dark_twin(book: Book, walls: BeautifulSoup) -> None:
    light, dark = walls.find("figure", id="fig-1-1").find_all("img")
    assert (light["class"], dark["class"]) == (["only-light"], ["only-dark"])
    assert light["alt"] == dark["alt"] == "A line that ends at a wall."
    assert (light["width"], light["height"], light["loading"]) == ("96", "48", "lazy")
    drawn = {img: (book.site / "notebooks" / img["src"]).read_text() for img in (light, dark)}
    assert PALETTE.LIGHT["ink"] in drawn[light]
    assert PALETTE.DARK["ink"] in drawn[dark]
    assert PALETTE.LIGHT["ink"] not in drawn[dark]


def test_colours_are_exchanged_all_at_once() -> None:
    swapped = themed.recolour(
        "#aaaaaa #BBBBBB", {"a": "#aaaaaa", "b": "#bbbbbb"}, {"a": "#bbbbbb", "b": "#aaaaaa"}
    )
    assert swapped == "#bbbbbb #aaaaaa"


def test_the_page_shares_the_palette(book: Book) -> None:
    style = (book.site / "_static" / "palette.css").read_text()
    assert f"--u-input-fill: {PALETTE.LIGHT['input_fill']};" in style
    assert f"--u-input-fill: {PALETTE.DARK['input_fill']};" in style


@pytest.mark.parametrize(
    ("svg", "pixels"),
    [
        ('<svg width="72pt" height="36pt">', (96, 48)),
        ('<svg width="300" height="200px">', (300, 200)),
        ('<svg width="100%" height="100%" viewBox="0 0 640 480">', (640, 480)),
        ("<svg>", None),
    ],
)
def test_the_size_of_a_drawing(svg: str, pixels: tuple[int, int] | None) -> None:
    assert themed.size(svg) == pixels


def test_mathjax_and_the_typeface_are_part_of_the_site(book: Book, walls: BeautifulSoup) -> None:
    static = book.site / "_static"
    assert any(s.get("src", "").endswith("_static/mathjax/startup.js") for s in walls.find_all("script"))
    for part in ("core.js", "output/chtml.js", "output/chtml/fonts/woff-v2/MathJax_Main-Regular.woff"):
        assert (static / "mathjax" / part).is_file()
    assert 20_000 < (static / "fonts" / "serif.woff2").stat().st_size < 100_000
    assert "SIL OPEN FONT LICENSE" in (static / "fonts" / "LICENSE.txt").read_text().upper()


def test_the_icons_are_fonts_with_the_signs_in_use(book: Book, walls: BeautifulSoup) -> None:
    assert "fontawesome.js" not in str(walls)
    font = book.site / "_static/vendor/fontawesome/webfonts/fa-solid-900.woff2"
    signs = set(TTFont(font).getBestCmap())
    assert 0xF0C9 in signs  # fa-bars, the menu's button
    assert 0xF6D5 not in signs  # fa-dragon
    assert font.stat().st_size < 10_000


SHEET = """
.a, .b:hover { color: red } .gone { color: blue } .a:not(.gone, .also-gone) p { margin: 0 }
@media print { .gone .a { x: y } .a .made-by-script { x: y } } @media (max-width: 9px) { .gone { x: y } }
@font-face { font-family: F; src: url("f.woff2") } ul > li::before { content: ".gone" }
.bs-popover-top { x: y }
"""


def test_a_style_sheet_keeps_what_is_in_use() -> None:
    kept = re.sub(r"\s+", " ", styles.cut(SHEET, {"a", "made-by-script"}))
    assert kept == (
        '.a{color: red} .a:not(.gone, .also-gone) p{margin: 0} @media print{.a .made-by-script{x: y}} '
        '@font-face { font-family: F; src: url("f.woff2") } ul > li::before{content: ".gone"} '
        ".bs-popover-top{x: y}"
    )


def test_the_themes_style_is_cut(book: Book) -> None:
    sheet = book.site / "_static" / "styles" / "pydata-sphinx-theme.css"
    text = sheet.read_text(encoding="utf-8")
    assert len(text) < 150_000
    assert ".form-floating" not in text  # no page has one
    assert ".search-button-field" in text and ".show" in text  # a page; a script


def test_the_search_index_is_for_the_search_page_alone(book: Book, walls: BeautifulSoup) -> None:
    assert "searchindex.js" not in str(walls)
    assert "searchindex.js" in str(book.page("search.html"))


def test_a_word_in_bold_leads_to_the_glossary_once(book: Book, walls: BeautifulSoup) -> None:
    assert [(words(a), a["href"]) for a in walls.select("a.u-term")] == [
        ("walls", "../book/glossary.html#term-wall-w")
    ]
    assert words(book.page("book/glossary.html").find(id="term-wall-w")).startswith("Wall (W)")


def test_the_map_shows_every_chapter_in_its_order(book: Book) -> None:
    page = book.page("book/map.html")
    assert [words(part) for part in page.select(".u-map-part")] == ["I · Finite memory"]
    (chapter,) = page.select(".u-map-chapter")
    assert words(chapter.find("a")) == "1 · Sliding predictors"
    assert re.fullmatch(r"\d+ minutes to read, runs in [a-z ]+", words(chapter.select_one(".u-map-time")))
    assert words(chapter.select_one(".u-map-limit")) == "What leaves the window is gone."


def test_a_cell_that_proves_something_can_be_linked(book: Book, walls: BeautifulSoup) -> None:
    link = next(a for a in book.page("book/notation.html").find_all("a") if words(a) == "Section 1.6")
    assert link["href"] == "../notebooks/01_sliding_predictors.html#cell-conv-same"
    assert walls.find(id="cell-prints") is not None


def test_no_script_of_thebe(walls: BeautifulSoup) -> None:
    assert "thebe" not in str(walls).casefold()


def test_a_page_says_what_it_is_about(book: Book) -> None:
    description = book.page("book/notation.html").find("meta", attrs={"name": "description"})
    assert description["content"] == "As Table 1.1 has it."


def test_other_sites_can_show_a_page(book: Book, walls: BeautifulSoup) -> None:
    tags = {tag["property"]: tag["content"] for tag in walls.find_all("meta", property=True)}
    assert tags["og:title"] == "1 · Walls"
    assert tags["og:url"].endswith("/notebooks/01_walls.html")
    picture = book.site / "_images" / "social_previews" / tags["og:image"].rsplit("/", 1)[1]
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "og:title" not in str(book.page("search.html"))


def test_a_description_ends_with_a_sentence() -> None:
    page = publish_doctree("One two. Three four. Five six.\n\nSeven.")
    found = [cards.first_sentences(page, length) for length in (3, 19, 20, 99)]
    assert found == ["One two.", "One two.", "One two. Three four.", "One two. Three four. Five six."]


def test_the_site_lists_its_pages_and_each_names_its_licence(book: Book, walls: BeautifulSoup) -> None:
    pages = (book.site / "sitemap.xml").read_text(encoding="utf-8")
    assert "/unrolled/notebooks/01_walls.html</loc>" in pages and "search.html" not in pages
    assert "creativecommons.org/licenses/by/4.0" in walls.select_one(".extra_footer a")["href"]


def test_a_folded_answer_stays_folded(walls: BeautifulSoup) -> None:
    answer = next(d for d in walls.find_all("details") if words(d.summary) == "Answer")
    assert words(answer.p).startswith("Seven:")


# --- what is wrong is said ----------------------------------------------------------------------------------

FAULTS: list[tuple[str, list[NotebookNode], str]] = [
    ("missing-figure", [text("See Figure 1.4.")], "Figure 1.4 is mentioned, and does not exist"),
    ("missing-table", [text("See Tables 1.4 and 1.5.")], "Table 1.5 is mentioned, and does not exist"),
    ("missing-equation", [text("See (1.4).")], "equation (1.4) is mentioned, and does not exist"),
    (
        "no-picture",
        [text("> **Figure 1.5.** Nothing.")],
        "Figure 1.5: no picture stands directly above its caption",
    ),
    ("no-table", [text("**Table 1.6.** Nothing.")], "Table 1.6: no table stands directly below its caption"),
    ("twice", [text("$$ a \\tag{1.7} $$\n\n$$ b \\tag{1.7} $$")], "equation (1.7) is numbered twice"),
    (
        "other-chapter",
        [text("$$ a \\tag{9.8} $$")],
        "equation (9.8) does not carry the number of its chapter",
    ),
    (
        "no-cell",
        [text("{cell}`01_sliding_predictors#nowhere`")],
        "no cell nowhere in 01_sliding_predictors.ipynb",
    ),
    ("no-proof", [text("{cell}`01_sliding_predictors#imports`")], "cell imports of 01_sliding_predictors"),
    (
        "prints-only",
        [text("{cell}`01_sliding_predictors#windows-try`")],
        "cell windows-try of 01_sliding_predictors",
    ),
    ("no-alt", [shows(image__svg_xml=SVG)], "a picture has no alt text that says what it shows"),
    (
        "file-name",
        [shows("walls.png", image__svg_xml=SVG)],
        "a picture has no alt text that says what it shows",
    ),
    (
        "no-alt-in-html",
        [shows(text__html='<img src="data:,">')],
        "a picture has no alt text that says what it shows",
    ),
]


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """Return a book in which every page has one fault."""
    pages = {f"{name}/01_page.ipynb": [text("# Page"), *cells] for name, cells, _ in FAULTS}
    return build(tmp_path_factory.mktemp("faulty"), pages)


def test_a_faulty_book_is_not_built(faulty: Book) -> None:
    assert faulty.status != 0
    assert len(faulty.warnings) == len(FAULTS) + 1, faulty.warnings  # Tables 1.4 *and* 1.5


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, _, said in FAULTS])
def test_a_fault_is_said(faulty: Book, name: str, said: str) -> None:
    assert any(f"/{name}/" in line and said in line for line in faulty.warnings), faulty.warnings


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Figure 1.4 and Table 2.10", [Label("Figure", "1", 4), Label("Table", "2", 10)]),
        ("Figures 1.1, 1.2 and 1.3", [Label("Figure", "1", n) for n in (1, 2, 3)]),
        ("Figures 1.1–1.3", [Label("Figure", "1", 1), Label("Figure", "1", 3)]),
        ("Figure 1.1 and 1.2 % of it", [Label("Figure", "1", 1)]),
        ("by (1.3) and (1.4)", [Label("Equation", "1", 3), Label("Equation", "1", 4)]),
        ("Figure 4b.2 and (4b.1)", [Label("Figure", "4b", 2), Label("Equation", "4b", 1)]),
        ("an error (0.05) of (12)", []),
    ],
)
def test_what_counts_as_a_mention(sentence: str, found: list[Label]) -> None:
    assert [label for _, _, label in numbered.mentions(sentence)] == found


@pytest.mark.parametrize(
    ("page", "chapter"),
    [
        ("notebooks/01_sliding", "1"),
        ("notebooks/04b_language_model", "4b"),
        ("exercises/12_next", "12"),
        ("notebooks/A_field_guide", "A"),
        ("book/notation", None),
    ],
)
def test_the_chapter_of_a_page(page: str, chapter: str | None) -> None:
    assert numbered.chapter_of(page) == chapter


@pytest.mark.parametrize("missing", ["sphinx-mathjax-offline", "fontpkg-source-serif-4"])
def test_a_missing_package_is_named(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from sphinx.errors import ExtensionError
    from unrolled_book import fonts, site

    find: Callable[[], Path] = {site.MATHJAX_PACKAGE: site.mathjax_source, fonts.PACKAGE: fonts.source}[
        missing
    ]
    monkeypatch.setattr("importlib.metadata.files", lambda name: [])
    with pytest.raises(ExtensionError, match=rf"pip install -r requirements-book.txt.*\({missing}\)"):
        find()
