"""Write what is said in one place to every place that repeats it.

    python tools/sync.py                        write
    python tools/sync.py --check                write nothing; exit 1 when something would change
    python tools/sync.py --address https://...  change the repository's address first

The repository's address stands in pyproject.toml; the data packages in requirements-data.txt; the
literature in book/references.bib. From them follow the setup cell of every notebook, the address in
`_config.yml`, `CITATION.cff` and in the pages, and the list of references that closes each chapter.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import nbformat
import yaml
from nbformat import NotebookNode
from pybtex.database import Entry, Person, parse_string
from pybtex.richtext import Text
from run_notebooks import write

from course_utils.grading.report import write_whole

ROOT = Path(__file__).resolve().parents[1]
ON_COLAB = {"scikit-learn", "statsmodels"}  # there already, and not to be replaced
PAGES = ("_config.yml", "CITATION.cff", "README.md", "CONTRIBUTING.md", "index.md", "book/*.md")
LINK = re.compile(r"\[(?P<text>[^\]\[]+)\]\((?P<url>https?://[^\s)]+)\)")

SETUP_CELL = """\
# On Colab this fetches the book's helpers, and never touches numpy or torch. Elsewhere it does nothing.
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("course_utils") is None:
    packages = [
        "{address}/archive/{branch}.zip",
        {data},
    ]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *packages], check=True)"""


# --- the places where things stand once ---------------------------------------------------------------------


def address(root: Path = ROOT) -> str:
    """Return the repository's address."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"][
        "Repository"
    ]


def site(repository: str) -> str:
    """Return where the repository's pages are served: ``https://owner.github.io/name/``."""
    owner, name = urlsplit(repository).path.strip("/").split("/")
    return f"https://{owner.lower()}.github.io/{name}/"


def setup_cell(root: Path = ROOT) -> str:
    """Return the source of the first code cell of every notebook."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    pinned = (root / "requirements-data.txt").read_text(encoding="utf-8")
    wanted = [p for p in re.findall(r"^[\w.-]+==[\w.]+", pinned, re.M) if p.split("==")[0] not in ON_COLAB]
    data = ",\n        ".join(f'"{package}"' for package in wanted)
    return SETUP_CELL.format(address=address(root), branch=config["repository"]["branch"], data=data)


def literature(root: Path = ROOT) -> dict[str, Entry]:
    """Return the entries of the bibliography by the addresses under which they can be cited."""
    text = (root / "book" / "references.bib").read_text(encoding="utf-8")
    return {
        plain(url): entry for entry in parse_string(text, "bibtex").entries.values() for url in urls(entry)
    }


def urls(entry: Entry) -> list[str]:
    """Return the addresses of an entry, the DOI first."""
    doi, url = entry.fields.get("doi"), entry.fields.get("url")
    return [f"https://doi.org/{doi}"] * bool(doi) + [url] * bool(url)


def plain(url: str) -> str:
    """Return an address without what does not distinguish it."""
    return re.sub(r"^https?://(dx\.|www\.)?", "", url.rstrip("/")).casefold()


# --- the list of references ---------------------------------------------------------------------------------


def references(notebook: NotebookNode, known: dict[str, Entry]) -> str:
    """Return the closing list of a chapter: the entries that its text links to, by author and year."""
    cited = {id(e): e for url in cited_urls(notebook) if (e := known.get(plain(url))) is not None}
    lines = sorted((reference(entry) for entry in cited.values()), key=str.casefold)
    return "\n".join(["## References", "", *(f"- {line}" for line in lines)])


def cited_urls(notebook: NotebookNode) -> Iterator[str]:
    """Yield every address that the text of a notebook links to, its list of references left out."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and not is_reference_list(cell):
            yield from (match["url"] for match in LINK.finditer(cell.source))


def is_reference_list(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and cell.source.startswith("## References")


def reference(entry: Entry) -> str:
    """Return an entry as a line of Markdown: authors (year). Title. *Venue*, volume, pages. link."""
    people = [author(person) for person in entry.persons.get("author", entry.persons.get("editor", []))]
    names = (
        people[0]
        if len(people) == 1
        else ", ".join(people[:-1]) + " & " + people[-1]
        if people
        else "Anonymous"
    )
    title = field(entry, "title")
    venue = next(
        (
            f"*{v}*"
            for name in ("journal", "booktitle", "publisher", "institution", "school", "howpublished")
            if (v := field(entry, name))
        ),
        "",
    )
    volume = field(entry, "volume") + (f"({n})" if (n := field(entry, "number")) else "")
    pages = field(entry, "pages").replace("--", "–")
    where = ", ".join(part for part in (venue, volume, pages) if part)
    link = next((f"[{url.split('://', 1)[1]}]({url})" for url in urls(entry)), "")
    year = field(entry, "year")
    sentences = [f"{names} ({year})", title, where, link]
    return " ".join(
        s if s.endswith((".", "?", "!", ")")) and s != sentences[0] else f"{s}." for s in sentences if s
    )


def author(person: Person) -> str:
    """Return a name as a list of references has it: ``Hinton, G. E.``"""
    last = " ".join(str(part) for part in [*person.rich_prelast_names, *person.rich_last_names])
    given = [str(part) for part in [*person.rich_first_names, *person.rich_middle_names]]
    initials = " ".join("-".join(f"{piece[0]}." for piece in name.split("-") if piece) for name in given)
    return f"{last}, {initials}" if initials else last


def field(entry: Entry, name: str) -> str:
    """Return a field as plain text, without TeX's braces and accents."""
    return str(Text.from_latex(entry.fields.get(name, ""))).strip()


# --- writing ------------------------------------------------------------------------------------------------


def changes(root: Path = ROOT) -> dict[Path, str]:
    """Return the files that do not say what they should, each with the text that it should have."""
    new, config = address(root), root / "_config.yml"
    old = yaml.safe_load(config.read_text(encoding="utf-8"))["repository"]["url"]

    def move(text: str) -> str:
        if old == new:
            return text
        pairs = [(old, new), (site(old), site(new))]
        for before, after in [*pairs, *((quote(a, safe=""), quote(b, safe="")) for a, b in pairs)]:
            text = text.replace(before, after)
        return text

    texts = {
        path: path.read_text(encoding="utf-8") for pattern in PAGES for path in sorted(root.glob(pattern))
    }
    wanted = {path: move(text) for path, text in texts.items()}
    setup, known = setup_cell(root), literature(root)
    for folder in ("notebooks", "solutions"):
        for path in sorted((root / folder).glob("*.ipynb")):
            texts[path] = path.read_text(encoding="utf-8")
            notebook = nbformat.reads(texts[path], as_version=4)
            for cell in notebook.cells:
                if cell.id == "setup":
                    cell.source = setup
                elif folder == "notebooks" and is_reference_list(cell):
                    cell.source = references(notebook, known)
                else:
                    cell.source = move(cell.source)
            wanted[path] = write(notebook)
    return {path: text for path, text in wanted.items() if text != texts[path]}


def change_address(new: str, root: Path = ROOT) -> None:
    """Write another address into pyproject.toml.

    Raises:
        SystemExit: it is not the address of a repository.
    """
    new = new.rstrip("/").removesuffix(".git")
    if not re.fullmatch(r"https://[\w.-]+/[\w.-]+/[\w.-]+", new):
        raise SystemExit(
            f"expected an address like https://github.com/you/unrolled, got {new!r}: "
            "make address REPO=https://github.com/you/unrolled"
        )
    path = root / "pyproject.toml"
    write_whole(path, path.read_text(encoding="utf-8").replace(address(root), new))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Write what is said in one place to every place that repeats it."
    )
    parser.add_argument("--check", action="store_true", help="write nothing, only tell")
    parser.add_argument("--address", metavar="URL", help="the repository's new address")
    options = parser.parse_args(arguments)
    if options.address is not None:
        change_address(options.address)
    differing = changes()
    for path, text in differing.items():
        print(f"{path.relative_to(ROOT)}: {'differs' if options.check else 'written'}")
        if not options.check:
            write_whole(path, text)
    return 1 if options.check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
