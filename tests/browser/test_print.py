"""The book on paper: a small one, printed as `make pdf` prints the real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pdf
import pikepdf
import pytest
from playwright.sync_api import Browser, Page
from test_book import SLIDER, SVG, Book, build, prints, shows, text

TOC = {
    "parts": [
        {"caption": "Part I", "chapters": [{"file": "notebooks/01_walls"}, {"file": "notebooks/02_rings"}]},
        {"chapters": [{"file": "book/notation"}]},
    ]
}
LONG = "x = " + " + ".join(f"a[{k}]" for k in range(60))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    walls = [
        text("# 1 · Walls\n\nSee Figure 2.1, and [the notation](../book/notation.md)."),
        text("## Summary\n\nShort."),
        shows(text__html=SLIDER),
        text("> **Figure 1.1.** A wall that moves."),
        text(f"```python\n{LONG}\n```\n\n<details><summary>Answer</summary>\n\nSeven.\n\n</details>"),
    ]
    rings = [
        text("# 2 · Rings\n\nSee <a href=\"../notebooks/02_rings.html#summary\">its end</a>."),
        text("## Summary\n\nOf rings."),
        shows("A ring.", image__svg_xml=SVG),
        text("> **Figure 2.1.** R."),
        prints("done"),
    ]
    wide = "+".join(["\\text{an addend}"] * 40)
    pages = {
        "notebooks/01_walls.ipynb": walls,
        "notebooks/02_rings.ipynb": rings,
        "book/notation.md": "# Notation\n\nNo fault but two: {cell}`01_sliding_predictors#conv-same`.\n\n"
        f"$$ {wide} $$",
    }
    return build(tmp_path_factory.mktemp("paper"), pages, "singlehtml")


@pytest.fixture(scope="module")
def paper(browser: Browser, book: Book) -> Iterator[tuple[Page, list[str]]]:
    assert book.status == 0, book.warnings
    with pdf.laid_out(browser, book.site, TOC) as laid_out:
        yield laid_out


def words(page: Page, selector: str) -> list[str]:
    return [" ".join(found.split()) for found in page.locator(selector).all_inner_texts()]


def test_what_cannot_be_printed_is_said(paper: tuple[Page, list[str]]) -> None:
    link, formula = paper[1]
    assert link.startswith("a link leads nowhere: ") and link.endswith("#cell-conv-same (Section 1.6)")
    assert formula.startswith("cut by ")


def test_a_slider_becomes_four_of_its_positions(paper: tuple[Page, list[str]]) -> None:
    assert words(paper[0], ".p-frame p") == [f"N: labels {k}" for k in (0, 3, 5, 8)]
    assert paper[0].locator(".u-slider, button, .only-dark").count() == 0


def test_answers_stand_open_and_code_is_whole(paper: tuple[Page, list[str]]) -> None:
    assert words(paper[0], "details:has(summary)") == ["Answer Seven."]
    line = paper[0].locator("pre", has_text="a[59]").first
    assert line.evaluate("pre => pre.scrollWidth <= pre.clientWidth + 1 && pre.clientHeight > 30")


def test_links_stay_in_the_book(paper: tuple[Page, list[str]]) -> None:
    hashes = paper[0].eval_on_selector_all(".p-chapter a[href^='#']", "links => links.map(a => a.hash)")
    assert "#fig-2-1" in hashes and "#document-book/notation" in hashes
    assert "#notebooks/02_rings/summary" in hashes  # not the first one, which is of the walls
    assert "Of rings" in paper[0].locator("[id='notebooks/02_rings/summary']").inner_text()


def test_the_contents_say_where_a_chapter_begins(paper: tuple[Page, list[str]], tmp_path: Path) -> None:
    target = tmp_path / "book.pdf"
    assert pdf.write_numbers(paper[0], pdf.write(paper[0], target)) == []
    pdf.write(paper[0], target)
    titles = [*words(paper[0], ".p-contents a")]
    numbers = [int(number) for number in words(paper[0], ".p-contents li:has(a) b")]
    assert titles == ["1 · Walls", "2 · Rings", "Notation"]
    assert numbers == sorted(set(numbers)) and numbers[0] == 3  # after title and contents
    with pikepdf.open(target) as printed:
        assert len(printed.pages) >= numbers[-1]
        with printed.open_outline() as outline:
            assert [item.title for item in outline.root[0].children] == ["Contents", *titles]
