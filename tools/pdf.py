"""Print the whole book into _build/unrolled.pdf: title, contents with page numbers, outline, every chapter.

The book is built as one long page, which Chromium prints. Folded answers stand open, and a slider becomes a
few of its positions, one below the other. It is printed twice: the first printing tells on which page a
chapter begins.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromium
import pikepdf
import serve
import yaml
from build import COMMAND, ROOT, faults
from playwright.sync_api import Browser, Page, sync_playwright

LOOK = Path(__file__).with_suffix("")  # the style sheet and the script of the printed page
PAGE = ROOT / "_build" / "singlehtml"
TARGET = ROOT / "_build" / "unrolled.pdf"
COLUMN = 658  # pixels between the margins of an A4 page, as print.css sets them
FOOTER = """<div style="font: 8px serif; color: #555; width: 100%; text-align: center">
<span class="pageNumber"></span></div>"""


def parts(toc: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parts of a table of contents: each a caption and its pages."""
    return [
        {"caption": part.get("caption", ""), "pages": [chapter["file"] for chapter in part["chapters"]]}
        for part in toc["parts"]
    ]


@contextmanager
def laid_out(browser: Browser, folder: Path, toc: dict[str, Any]) -> Iterator[tuple[Page, list[str]]]:
    """Open the one-page book of a folder as it will be printed; yield it with what is wrong with it."""
    with serve.served(folder) as address:
        page = browser.new_page(viewport={"width": COLUMN, "height": 900})
        page.set_default_timeout(900_000)
        page.emulate_media(media="print", color_scheme="light")
        page.goto(f"{address}index.html")
        page.evaluate("window.MathJax.startup.promise")
        page.add_style_tag(path=str(LOOK / "print.css"))
        yield page, page.evaluate((LOOK / "print.js").read_text("utf-8"), parts(toc))
        page.close()


def write(page: Page, target: Path) -> dict[str, int]:
    """Print a page into a file; return on which of its pages, counted from 1, each link's target stands."""
    page.pdf(
        path=str(target),
        prefer_css_page_size=True,
        print_background=True,
        outline=True,
        tagged=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
    )
    with pikepdf.open(target, allow_overwriting_input=True) as pdf:
        number = {page.objgen: k for k, page in enumerate(pdf.pages, 1)}
        found = {name.removeprefix("/"): number[place[0].objgen] for name, place in pdf.Root.Dests.items()}
        # the marks for screen readers are a quarter of a million small objects: packed, a third of the size
        pdf.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return found


def write_numbers(page: Page, pages: dict[str, int]) -> list[str]:
    """Write the page numbers into the contents; return the titles that have none."""
    return page.evaluate(
        """pages => [...document.querySelectorAll(".p-contents li:has(a)")].filter(line => {
            const number = pages[line.querySelector("a").hash.slice(1)];
            line.querySelector("b").textContent = number ?? "";
            return number === undefined;
        }).map(line => "no page number in the contents: " + line.textContent)""",
        pages,
    )


def print_book(folder: Path, toc: dict[str, Any], target: Path) -> list[str]:
    """Print the one-page book of a folder; return what is wrong with it."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium.executable(), args=chromium.FLAGS)
        with laid_out(browser, folder, toc) as (page, wrong):
            wrong += write_numbers(page, write(page, target))
            write(page, target)
        browser.close()
    return wrong


def main() -> int:
    start = time.perf_counter()
    try:
        chromium.executable()  # say so before minutes have gone by
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    build = [*COMMAND, "--builder", "singlehtml"]
    done = subprocess.run(build, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        print("\n".join(faults(done.stdout)), file=sys.stderr)
        return 1
    wrong = print_book(PAGE, yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8")), TARGET)
    if wrong:
        print("The printed book has faults:", *dict.fromkeys(wrong), sep="\n  ", file=sys.stderr)
        return 1
    with pikepdf.open(TARGET) as pdf:
        count = len(pdf.pages)
    size, seconds = TARGET.stat().st_size / 1e6, time.perf_counter() - start
    print(f"{TARGET.relative_to(ROOT)}: {count} pages, {size:.0f} MB, {seconds:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
