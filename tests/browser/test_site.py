"""The built book as a reader meets it: in a real browser, with a keyboard, on a phone, in the dark."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote, urldefrag, urljoin

import pytest
import sync
import yaml
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from known_axe import KNOWN
from playwright.sync_api import Browser, Page, expect
from unrolled_book import themed
from weighing import host, weigh
from windows import SITE, Visit

ROOT = Path(__file__).resolve().parents[2]
FONTS = SITE / "_static" / "vendor" / "fontawesome" / "webfonts"
CHAPTER = "notebooks/01_sliding_predictors"
EXERCISE = "exercises/01_sliding_predictors"
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
PAGES = [TOC["root"], *(chapter["file"] for part in TOC["parts"] for chapter in part["chapters"]), "search"]
PALETTE = themed.palette()
Opener = Callable[..., Visit]


def soup(path: str) -> BeautifulSoup:
    """Return a built page as it lies on the disk."""
    return BeautifulSoup((SITE / path).read_text(encoding="utf-8"), "html.parser")


# --- every page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_nobody_else_and_complains_of_nothing(visit: Opener, name: str) -> None:
    opened = visit()
    page = opened.open(f"{name}.html")
    page.wait_for_load_state("networkidle")
    page.mouse.wheel(0, 20_000)  # lazy pictures
    page.wait_for_load_state("networkidle")
    assert opened.foreign == []
    assert opened.complaints == []
    # what MathJax cannot read it marks as an error, paints red (an unknown macro) or leaves as it is
    assert page.locator("mjx-merror, mjx-mtext[style*=red]").all_inner_texts() == []
    assert page.locator("article .math:not(:has(mjx-container))").all_inner_texts() == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_not_scroll_sideways_on_a_phone(visit: Opener, name: str) -> None:
    page = visit(width=390).open(f"{name}.html")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# axe looks at the contrast of each of a chapter's thousands of coloured words of code: half a minute a page.
# So one word of each kind stays (same letters, same ground), and the others become plain text.
ONE_OF_EACH = """() => {
    const seen = new Set(), again = [];
    for (const word of document.querySelectorAll(".highlight pre span")) {
        const {color, fontSize, fontWeight, fontStyle, opacity} = getComputedStyle(word);
        const kind = [color, fontSize, fontWeight, fontStyle, opacity];
        for (let part = word; part; part = part.parentElement) {
            const {backgroundColor, backgroundImage, opacity} = getComputedStyle(part);
            kind.push(backgroundColor, backgroundImage, opacity);
        }
        if (seen.has(kind.join())) again.push(word);
        seen.add(kind.join());
    }
    for (const word of again) word.replaceWith(...word.childNodes);
    return again.length;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_new(visit: Opener, name: str, scheme: str) -> None:
    page = visit(scheme=scheme).open(f"{name}.html")
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    page.evaluate(ONE_OF_EACH)
    found = [
        f"{violation['id']}: {violation['help']}: {node['target']} {node['html'][:120]}"
        for violation in Axe().run(page).response["violations"]
        for node in violation["nodes"]
        if not any(rule == violation["id"] and part in str(node["target"]) for rule, part in KNOWN)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", PAGES)
def test_every_link_and_picture_of_a_page_is_there(name: str) -> None:
    page, missing = soup(f"{name}.html"), []
    here = f"/{name}.html"
    for tag, attribute in (("a", "href"), ("img", "src"), ("script", "src"), ("link", "href")):
        for element in page.find_all(tag, attrs={attribute: True}):
            target, anchor = urldefrag(urljoin(here, element[attribute].split("?")[0]))
            if re.match(r"[a-z]+:", target):
                continue
            file = SITE / unquote(target).lstrip("/")
            file = file / "index.html" if file.is_dir() else file
            inside = anchor and file.suffix == ".html"
            if not file.is_file() or (inside and not _has_id(file, unquote(anchor))):
                missing.append(element[attribute])
    assert missing == []


def _has_id(file: Path, name: str) -> bool:
    return re.search(rf'\bid="{re.escape(name)}"', file.read_text(encoding="utf-8")) is not None


CHAPTERS = [name for name in PAGES if name.startswith("notebooks/")]


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_light(browser: Browser, name: str) -> None:
    with host(SITE) as address:
        weight = weigh(browser, address, SITE, name)
    assert weight.total <= 1_200_000
    assert weight.total - weight.frames <= 600_000


@pytest.mark.parametrize("name", [TOC["root"], CHAPTER])
def test_every_icon_is_drawn(visit: Opener, name: str) -> None:
    """The site's icon fonts hold the signs in use and no others: a missing one would be an empty box."""
    page = visit().open(f"{name}.html")
    page.evaluate("document.fonts.ready")
    icons = page.evaluate(
        """() => [...document.querySelectorAll("i[class*=fa-], span[class*=fa-]")].map(icon => {
            const style = getComputedStyle(icon, "::before");
            return [icon.className, style.content, style.fontFamily]; })"""
    )
    assert len(icons) > 5
    signs = {chr(sign) for font in FONTS.glob("*.woff2") for sign in TTFont(font).getBestCmap()}
    empty = [
        name for name, content, family in icons if content.strip('"') not in signs or "Awesome" not in family
    ]
    assert empty == []


def test_axe_still_sees_a_pale_word_of_code(visit: Opener) -> None:
    """Among the words that are left, one of each kind, there is one of a kind that only one word has."""
    page = visit().open(f"{CHAPTER}.html")
    page.evaluate("""() => {
        const words = [...document.querySelectorAll(".highlight pre span.n")];
        words[Math.floor(words.length / 2)].style.color = "#dddddd"; }""")
    assert page.evaluate(ONE_OF_EACH) > 1000
    found = [violation["id"] for violation in Axe().run(page).response["violations"]]
    assert found == ["color-contrast"]


# --- the slider ---------------------------------------------------------------------------------------------


def slider_state(page: Page) -> tuple[str, str, str, str]:
    """Return the picture, its description, and what the control says to the eye and to a screen reader."""
    slider = page.locator(".u-slider").first
    image, control = slider.locator("img"), slider.locator("input[type=range]")
    return (
        image.get_attribute("src"),
        image.get_attribute("alt"),
        slider.locator("output").inner_text(),
        control.get_attribute("aria-valuetext"),
    )


def test_the_slider_moves_by_keyboard(visit: Opener) -> None:
    page = visit().open(f"{CHAPTER}.html")
    control = page.locator(".u-slider input[type=range]").first
    control.focus()
    states = {}
    for key in ("Home", "ArrowRight", "End"):
        control.press(key)
        states[key] = slider_state(page)
    for seen in zip(*states.values(), strict=True):
        assert len(set(seen)) == 3, seen
    last = control.get_attribute("max")
    assert control.input_value() == last
    control.press("Home")
    assert slider_state(page) == states["Home"]


def test_every_frame_of_the_slider_is_a_picture(visit: Opener) -> None:
    page = visit().open(f"{CHAPTER}.html")
    for slider in page.locator(".u-slider").all():
        control, image = slider.locator("input[type=range]"), slider.locator("img")
        for position in (control.get_attribute("min"), control.get_attribute("max")):
            control.fill(position)
            image.evaluate("image => image.decode()")
            assert image.evaluate("image => image.naturalWidth") > 200


def test_the_slider_shows_where_the_keyboard_is(visit: Opener) -> None:
    page = visit().open(f"{CHAPTER}.html")
    page.locator(".u-slider input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def choose(page: Page, theme: str) -> None:
    """Press the colour button until the page is light or dark."""
    for _ in range(3):
        if page.locator("html").get_attribute("data-theme") == theme:
            return
        page.locator("button.theme-switch-button").first.click()
    expect(page.locator("html")).to_have_attribute("data-theme", theme)


def test_the_colour_button_changes_the_slider_and_the_drawings(visit: Opener) -> None:
    page = visit(scheme="light").open(f"{CHAPTER}.html")
    image = page.locator(".u-slider img").first
    for theme, mine, other in (("dark", PALETTE.DARK, PALETTE.LIGHT), ("light", PALETTE.LIGHT, PALETTE.DARK)):
        choose(page, theme)
        page.wait_for_function(
            "c => document.querySelector('.u-slider img').src.includes(c)", arg=quote(mine["surface"])
        )
        assert quote(other["surface"]) not in image.get_attribute("src")
        shown = page.locator("figure.u-figure .u-pair img:visible")
        assert shown.count() > 0
        assert {tag.get_attribute("class") for tag in shown.all()} == {f"only-{theme}"}


def test_a_dark_page_leaves_the_drawings_as_they_were_drawn(visit: Opener) -> None:
    page = visit(scheme="dark").open(f"{CHAPTER}.html")
    for image in page.locator("figure.u-figure img:visible").all():
        style = image.evaluate(
            "i => { const s = getComputedStyle(i); return [s.filter, s.backgroundColor, s.padding] }"
        )
        assert style == ["none", "rgba(0, 0, 0, 0)", "0px"]


# --- finding one's way --------------------------------------------------------------------------------------


def test_the_menu_opens_on_a_phone(visit: Opener) -> None:
    page = visit(width=390).open("index.html")
    link = page.locator(f"nav.bd-docs-nav a[href$='{CHAPTER}.html']").first
    expect(link).not_to_be_visible()
    page.locator("button.primary-toggle:visible").click()
    expect(link).to_be_visible()
    link.click()
    expect(page).to_have_url(re.compile(f"{CHAPTER}.html$"))


def test_there_is_one_header_and_one_search_field_in_sight(visit: Opener) -> None:
    page = visit(width=390).open(f"{CHAPTER}.html")
    assert page.locator("header.bd-header .search-button:visible").count() == 0
    assert page.locator("button.primary-toggle:visible").count() == 1


def test_search_finds_a_word_of_the_chapter(visit: Opener) -> None:
    opened = visit()
    page = opened.open("index.html")
    page.locator("button.search-button__button:visible").first.click()
    page.keyboard.type("persistence")
    page.keyboard.press("Enter")
    result = page.locator(f"#search-results a[href*='{CHAPTER}.html']").first
    expect(result).to_be_visible()
    assert opened.foreign == []
    result.click()
    expect(page.locator("h1").first).to_contain_text("Sliding predictors")


def test_mentions_lead_to_figures_tables_and_equations() -> None:
    page = soup(f"{CHAPTER}.html")
    kinds = set()
    for link in page.find_all("a", class_="u-mention"):
        file, anchor = urldefrag(urljoin(f"/{CHAPTER}.html", link["href"]))
        assert _has_id(SITE / file.lstrip("/"), anchor), link["href"]
        kinds.add(anchor.split("-")[0])
    assert kinds == {"fig", "table", "eq"}
    for figure in page.find_all("figure", class_="u-figure"):
        kind, chapter, number = figure["id"].split("-")
        name = {"fig": "Figure", "table": "Table"}[kind]
        assert figure.figcaption.get_text().strip().startswith(f"{name} {chapter}.{number}.")


def test_the_status_page_shows_every_result_that_was_run_again() -> None:
    rows = sum(
        "".join(output.get("data", {}).get("text/markdown", "")).count("\n") - 1
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if "then-and-now" in cell["metadata"].get("tags", [])
        for output in cell["outputs"]
    )
    tables = soup("book/status.html").find_all("table")
    assert [len(table.tbody.find_all("tr")) for table in tables] == [len(CHAPTERS), rows]


# --- the buttons over a page --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [CHAPTER, EXERCISE])
def test_the_buttons_lead_to_colab_the_source_and_the_issues(name: str) -> None:
    links = {a["href"] for a in soup(f"{name}.html").select(".article-header-buttons a[href]")}
    repository = sync.address()
    path = repository.split("github.com/", 1)[1]
    assert f"https://colab.research.google.com/github/{path}/blob/main/{name}.ipynb" in links
    assert f"{repository}/edit/main/{name}.ipynb" in links
    assert any(link.startswith(f"{repository}/issues/new") for link in links)


@pytest.mark.parametrize("name", [CHAPTER, EXERCISE])
def test_the_download_is_the_notebook(name: str) -> None:
    link = soup(f"{name}.html").select_one(".article-header-buttons a[href*='_sources']")
    file = SITE / urljoin(f"/{name}.html", link["href"]).lstrip("/")
    assert file.read_bytes() == (ROOT / f"{name}.ipynb").read_bytes()


def test_a_page_without_code_has_no_colab_button() -> None:
    assert not soup("book/glossary.html").select(".article-header-buttons a[href*='colab']")
