"""What holds across files: one address, pinned packages, names that agree, exercises from solutions."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest
import sync
import yaml
from unrolled_book.status import RUNNING, measured_runs

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
REQUIREMENTS = ("requirements-book.txt", "requirements-data.txt", "requirements.txt")
PIN = re.compile(r"[A-Za-z0-9._-]+==\d[\w.]*")


def lines(name: str) -> list[str]:
    """Return the lines of a requirements file without comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in (re.sub(r"\s*#.*", "", raw).strip() for raw in text.splitlines()) if line]


# --- what was measured --------------------------------------------------------------------------------------

IN_WORDS = {
    "a few seconds": 4,
    "half a minute": 30,
    "about a minute": 60,
    "about a minute and a half": 90,
    "about two minutes": 120,
}


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_chapter_runs_about_as_long_as_it_says(path: Path) -> None:
    """Within a factor of 2.5: one chapter took 97 s in one hour and 43 s in another, on like machines."""
    said = RUNNING.search(nbformat.read(path, as_version=4).cells[0].source)
    assert said is not None, "its first cell does not say how long it takes to run"
    seconds = measured_runs()[f"notebooks/{path.name}"]["seconds"]
    assert 1 / 2.5 < IN_WORDS[said[1]] / seconds < 2.5, f"it says {said[1]}; make bench measured {seconds} s"


# --- the address --------------------------------------------------------------------------------------------


def test_the_address_is_the_same_everywhere() -> None:
    address = sync.address()
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert config["repository"]["url"] == address
    assert config["html"]["baseurl"] == sync.site(address)
    assert f"git clone {address}" in (ROOT / "README.md").read_text(encoding="utf-8")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["repository-code"], citation["url"]) == (address, sync.site(address))
    for path in ROOT.glob("*/[0-9A-Z]*_*.ipynb"):
        setup = next(cell for cell in nbformat.read(path, as_version=4).cells if cell.id == "setup")
        assert f'"{address}/archive/' in setup.source, path


def test_the_citation_is_of_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == project["version"]
    assert citation["authors"] == project["authors"]
    assert project["license"] in citation["license"]
    assert {"cff-version", "message", "title"} <= set(citation)


@pytest.mark.parametrize("path", sorted((ROOT / ".github" / "workflows").iterdir()), ids=lambda p: p.name)
def test_a_workflow_runs_the_projects_own_commands_and_names_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    owner = sync.address().split("/")[-2]
    assert owner not in text  # a fork changes its address and nothing here
    commands = {line.split()[-1] for line in re.findall(r"run:.*?\bmake [a-z]+", text)}
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert commands <= targets
    for job in yaml.safe_load(text)["jobs"].values():
        assert job["runs-on"] and job["steps"]
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step)
            assert re.fullmatch(r"actions/[a-z-]+@v\d+", step.get("uses", "actions/checkout@v5"))


def test_sync_would_change_nothing() -> None:
    assert [path.relative_to(ROOT).as_posix() for path in sync.changes()] == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the files that hold the address."""
    for name in (
        "pyproject.toml",
        "_config.yml",
        "CITATION.cff",
        "requirements-data.txt",
        "README.md",
        "index.md",
    ):
        shutil.copy(ROOT / name, tmp_path / name)
    for folder in ("notebooks", "solutions"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "book").mkdir()
    for name in ("references.bib", "for_teachers.md"):
        shutil.copy(ROOT / "book" / name, tmp_path / "book")
    return tmp_path


def test_one_command_changes_the_address_everywhere(copy: Path) -> None:
    owner = sync.address().split("/")[-2]
    sync.change_address("https://github.com/ada/walls.git", copy)
    for path, text in sync.changes(copy).items():
        path.write_text(text, encoding="utf-8")
    assert sync.changes(copy) == {}
    assert [
        path
        for path in copy.rglob("*.*")
        if path.is_file() and re.search(rf"\b{owner}[/%]", path.read_text(encoding="utf-8"))
    ] == []
    config = yaml.safe_load((copy / "_config.yml").read_text(encoding="utf-8"))
    assert config["html"]["baseurl"] == "https://ada.github.io/walls/"
    assert "https://github.com/ada/walls/archive/main.zip" in sync.setup_cell(copy)


@pytest.mark.parametrize("wrong", ["", "github.com/ada/walls", "https://github.com/ada"])
def test_a_wrong_address_is_refused(wrong: str) -> None:
    with pytest.raises(SystemExit, match=r"expected an address like https://github.com/you/unrolled"):
        sync.change_address(wrong)


# --- references ---------------------------------------------------------------------------------------------


def test_a_reference_reads_as_in_a_printed_list() -> None:
    entry = sync.parse_string(
        r"""@article{w, author = {Waibel, Alexander and M{\"u}ller, Kevin J. and Schmidhuber, J{\"u}rgen},
        title = {The {TDNN}}, journal = {IEEE Trans.}, volume = 37, number = 3, pages = {328--339},
        year = 1989, doi = {10.1109/29.21701}}""",
        "bibtex",
    ).entries["w"]
    assert sync.reference(entry) == (
        "Waibel, A., Müller, K. J. & Schmidhuber, J. (1989). The TDNN. *IEEE Trans.*, 37(3), 328–339. "
        "[doi.org/10.1109/29.21701](https://doi.org/10.1109/29.21701)"
    )


def test_every_entry_of_the_bibliography_can_be_found() -> None:
    for url, entry in sync.literature().items():
        assert sync.field(entry, "title") and sync.field(entry, "year"), url


# --- packages -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_package_is_pinned(name: str) -> None:
    loose = [line for line in lines(name) if not PIN.fullmatch(line)]
    assert loose == (["-r requirements-book.txt", "-e ."] if name == "requirements.txt" else [])


def test_a_package_is_pinned_once() -> None:
    names = [re.split("==", line)[0].lower() for f in REQUIREMENTS for line in lines(f)]
    assert sorted(names) == sorted(set(names))


def test_course_utils_asks_for_no_more_than_it_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {re.split("==", line)[0].lower() for f in REQUIREMENTS for line in lines(f)}
    wanted = [
        *project["dependencies"],
        *(p for extra in project["optional-dependencies"].values() for p in extra),
    ]
    assert {re.match(r"[\w-]+", package)[0].lower() for package in wanted} <= pinned
    assert not any("==" in package for package in wanted)


def test_building_the_book_needs_no_torch() -> None:
    assert not any(line.startswith("torch") for line in lines("requirements-book.txt"))


# --- files --------------------------------------------------------------------------------------------------


def test_chapter_solution_and_exercise_have_the_same_name() -> None:
    chapters, solutions, exercises = (
        {path.name for path in (ROOT / folder).glob("*.ipynb")}
        for folder in ("notebooks", "solutions", "exercises")
    )
    chapters = {name for name in chapters if name[0].isdigit()}  # an appendix has no exercise
    later_halves = {name for name in chapters if re.match(r"\d+[b-z]_", name)}  # 04b shares 04's exercise
    assert {name[:2] for name in later_halves} <= {name[:2] for name in chapters - later_halves}
    assert (chapters - later_halves) | {"13_capstone.ipynb"} == solutions == exercises  # of all chapters


def test_every_chapter_and_exercise_is_in_the_book() -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = {chapter["file"] for part in toc["parts"] for chapter in part["chapters"]}
    wanted = {
        p.relative_to(ROOT).with_suffix("").as_posix()
        for f in ("notebooks", "exercises")
        for p in (ROOT / f).glob("*.ipynb")
    }
    assert wanted <= files


def test_the_exercises_are_what_the_solutions_give() -> None:
    command = [sys.executable, "-m", "course_utils.grading", "release", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_of_another_maker_is_committed() -> None:
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    foreign = re.compile(
        r"\.(woff2?|ttf|otf|eot|min\.js|min\.css)$|mathjax|katex|(^|/)vendor/", re.IGNORECASE
    )
    assert [name for name in files if foreign.search(name)] == []


# --- the site -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages() -> list[Path]:
    found = [path for path in sorted(SITE.rglob("*.html")) if "_static" not in path.parts]
    assert found, f"there is no book in {SITE}: run `make book` first"
    return found


def test_no_page_names_a_host_that_serves_scripts_styles_or_fonts(pages: list[Path]) -> None:
    loads = re.compile(
        r'<(?:script|img|iframe|source)\b[^>]*\ssrc="https?:[^"]*|<link\b[^>]*(?:stylesheet|preload|icon)[^>]*https?:'
    )
    hosts = re.compile(r"cdn\.|cdnjs|unpkg\.com|jsdelivr|googleapis|gstatic|polyfill")
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert not loads.search(text), path
        assert not hosts.search(text), path


def test_no_style_sheet_of_the_site_loads_from_another_host() -> None:
    for path in sorted((SITE / "_static").rglob("*.css")):
        assert not re.search(
            r"@import\s+(url\()?[\"']?https?:|url\([\"']?https?:", path.read_text(encoding="utf-8")
        ), path


def test_the_site_is_small(pages: list[Path]) -> None:
    total = sum(path.stat().st_size for path in SITE.rglob("*") if path.is_file())
    assert total < 40_000_000


def test_the_style_is_kept() -> None:
    command = [sys.executable, "-m", "ruff", "check", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
