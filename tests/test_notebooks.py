"""Every notebook keeps the rules of the book, and every rule sees the fault that it is there for."""

from __future__ import annotations

import copy
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import forms
import nbformat
import notebook_rules as rules
import pytest
import run_notebooks
import sync
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from unrolled_book.numbered import chapter_of

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(
    p for folder in ("notebooks", "solutions", "exercises") for p in (ROOT / folder).glob("*.ipynb")
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_notebook_keeps_the_rules(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    found = rules.file_faults(path) + rules.faults(notebook, path.parent.name, chapter_of(path.stem))
    assert not found, "\n".join([name(path), *found])


def test_there_is_a_chapter_a_solution_and_an_exercise() -> None:
    assert {path.parent.name for path in NOTEBOOKS} == {"notebooks", "solutions", "exercises"}


# --- each rule is broken once -------------------------------------------------------------------------------

YULE = "https://doi.org/10.1098/rsta.1927.0007"
SVG = '<svg width="72pt" height="36pt"><path style="fill: #ffffff; stroke: #1b232d"/></svg>'
TITLE = "# 1 · Sliding predictors\n\n*Reading:* about 2 minutes."
QUIZ = "## 1.2 Quiz\n\n" + "\n\n".join(
    f"**{k}.** Which?\n\n- **A.** this\n- **B.** that\n- **C.** none\n\n"
    + "\n\n".join(
        f"<details><summary>{k} {letter}</summary>\n\n{word} Because.\n\n</details>"
        for letter, word in (("A", "No."), ("B", "Right."), ("C", "No."))
    )
    for k in range(1, 6)
)
SLIDER = (
    '<div class="u-slider"><img src="data:," alt="a wall after 7 steps"><script type="application/json" '
    'class="u-slider-data">{"frames": ["", ""], "alts": ["a wall after 3 steps", "a wall after 7 steps"]}'
    "</script></div>"
)


def good() -> NotebookNode:
    """Return a small chapter without a fault."""

    def text(cell_id: str, source: str) -> NotebookNode:
        return new_markdown_cell(source, id=cell_id)

    def code(cell_id: str, source: str, *outputs: NotebookNode, **metadata: object) -> NotebookNode:
        return new_code_cell(source, id=cell_id, outputs=list(outputs), metadata=metadata)

    def show(**data: str) -> NotebookNode:
        return new_output(
            "display_data", {key.replace("__", "/").replace("_xml", "+xml"): v for key, v in data.items()}
        )

    figure = show(image__svg_xml=SVG)
    notebook = new_notebook(
        cells=[
            text("title", f"{TITLE} See Figures 1.1 and 1.2, Table 1.1, (1.1)."),
            code("setup", sync.setup_cell(), tags=["setup", "hide-input"]),
            text("equation", "$$ y = f(x) \\tag{1.1} $$\n\n$$ z = g(y) \\tag{1.2} $$"),
            code("draw", "draw()", figure, mystnb={"image": {"alt": "A line that ends at a wall."}}),
            text("draw-caption", f"> **Figure 1.1.** A wall.\n\nSo says [Yule 1927]({YULE})."),
            code("slide", "Slider(draw)", show(text__html=SLIDER)),
            text("slide-caption", "> **Figure 1.2.** A wall that moves."),
            text("scores-caption", "**Table 1.1.** Errors."),
            code("scores", "scores", show(text__markdown="| a |\n| --- |\n| 1 |")),
            text("quiz", QUIZ),
            text("references", "## References\n"),
        ]
    )
    notebook.metadata = nbformat.from_dict(run_notebooks.METADATA)
    for count, cell in enumerate(rules.code_cells(notebook), start=1):
        cell.execution_count = count
    notebook.cells[-1].source = sync.references(notebook, sync.literature())
    return notebook


def cell(notebook: NotebookNode, cell_id: str) -> NotebookNode:
    return next(c for c in notebook.cells if c.id == cell_id)


def say(cell_id: str, source: str) -> Callable[[NotebookNode], None]:
    """Return the fault of a cell that says something else."""
    return lambda notebook: cell(notebook, cell_id).update(source=source)


def add(cell_id: str, source: str) -> Callable[[NotebookNode], None]:
    def fault(notebook: NotebookNode) -> None:
        cell(notebook, cell_id).source += source

    return fault


def no_outputs(notebook: NotebookNode) -> None:
    for c in rules.code_cells(notebook):
        c.outputs = []


def twice_run(notebook: NotebookNode) -> None:
    cell(notebook, "draw").execution_count = 9


def error(notebook: NotebookNode) -> None:
    cell(notebook, "scores").outputs = [new_output("error", ename="NameError", evalue="no h", traceback=[])]


def widget_view(notebook: NotebookNode) -> None:
    cell(notebook, "slide").outputs[0].data[run_notebooks.WIDGET_VIEW] = {"model_id": "1"}


def widget_state(notebook: NotebookNode) -> None:
    notebook.metadata["widgets"] = {}


def no_alt(notebook: NotebookNode) -> None:
    cell(notebook, "draw").metadata = {}


def file_alt(notebook: NotebookNode) -> None:
    cell(notebook, "draw").metadata = {"mystnb": {"image": {"alt": "figure_1.svg"}}}


def slider_without_alt(notebook: NotebookNode) -> None:
    cell(notebook, "slide").outputs[0].data["text/html"] = SLIDER.replace("a wall after 3 steps", "")


def img_without_alt(notebook: NotebookNode) -> None:
    cell(notebook, "slide").outputs[0].data["text/html"] = SLIDER.replace(' alt="a wall after 7 steps"', "")


def extra_metadata(notebook: NotebookNode) -> None:
    cell(notebook, "draw").metadata["collapsed"] = True


def kernel(notebook: NotebookNode) -> None:
    notebook.metadata["kernelspec"]["display_name"] = "my environment"


def same_id(notebook: NotebookNode) -> None:
    cell(notebook, "draw").id = "slide"


def random_id(notebook: NotebookNode) -> None:
    cell(notebook, "draw").id = "3f6c1b2e"


def printed_path(notebook: NotebookNode) -> None:
    cell(notebook, "scores").outputs = [new_output("stream", text="saved in /home/ada/book")]


def black(notebook: NotebookNode) -> None:
    cell(notebook, "draw").outputs[0].data["image/svg+xml"] = SVG.replace("#1b232d", "#000000")


def two_pictures(notebook: NotebookNode) -> None:
    cell(notebook, "draw").outputs *= 2


def silent_column(notebook: NotebookNode) -> None:
    cell(notebook, "scores").outputs[0].data["text/markdown"] = "| | $x|y$ |\n| --- | ---: |\n| 1 | 2 |"


def long_cells(notebook: NotebookNode) -> None:
    for c in rules.code_cells(notebook)[1:]:
        c.source = "\n".join(["x = 1"] * 25)


def no_references(notebook: NotebookNode) -> None:
    notebook.cells.pop()


BROKEN = [
    (no_outputs, "stored without outputs"),
    (twice_run, "not run in order"),
    (error, "NameError: no h"),
    (widget_view, "view of a widget"),
    (widget_state, "widget state"),
    (say("slide", "interact(draw, n=(1, 9))"), "uses interact"),
    (say("slide", "from ipywidgets import interact"), "uses interact"),
    (no_alt, "no alt text"),
    (file_alt, "no alt text"),
    (slider_without_alt, "a frame of its slider"),
    (img_without_alt, "an <img> of its output"),
    (say("setup", "%pip install unrolled"), "setup cell differs"),
    (extra_metadata, "metadata nobody needs: collapsed"),
    (kernel, "metadata is not the one"),
    (same_id, "two cells have this id"),
    (random_id, "readable slug"),
    (printed_path, "names a folder of one machine: /home/"),
    (add("title", "\n\n```{note}\nx\n```"), "MyST"),
    (add("title", " See {numref}`fig-1`."), "MyST"),
    (black, "no dark twin in the palette: #000000"),
    (long_cells, "at most 6"),
    (say("draw", "\n".join(["x = 1"] * 41)), "has 41 lines"),
    (two_pictures, "shows 2 pictures"),
    (say("draw-caption", "A wall."), "the cell after its picture"),
    (add("scores-caption", "\n\nLower is better."), "no table stands directly below"),
    (say("scores-caption", "**Table 1.1.** Errors.\n\n- a list"), "no table stands directly below"),
    (silent_column, "no word for a column of its table: | | $x|y$ |"),
    (say("slide-caption", "> **Figure 1.3.** A wall."), "Figure 1.3 stands where Figure 1.2 should"),
    (say("scores-caption", "**Table 2.1.** Errors."), "Table 2.1 stands where Table 1.1 should"),
    (say("equation", "$$ y = f(x) \\tag{1.2} $$"), "equation (1.2) stands where equation (1.1) should"),
    (add("title", " And Figure 1.7."), "mentions Figure 1.7"),
    (add("title", " And Tables 1.1 and 1.2."), "mentions Table 1.2"),
    (add("title", " And (1.9)."), "mentions equation (1.9)"),
    (add("title", " [Nobody (1905)](https://example.org/x)"), "is a citation and not in"),
    (add("title", " [this](https://doi.org/10.0000/none)"), "is a citation and not in"),
    (say("references", "## References\n\n- Nobody (1905). Nothing."), "list of references is old"),
    (say("quiz", QUIZ.replace("**5.**", "**6.**")), "five questions or more, numbered from 1"),
    (say("quiz", QUIZ.replace("- **C.** none\n", "", 1)), "question 1: each of three or four choices"),
    (
        say("quiz", QUIZ.replace("<details><summary>2 A", "<details><summary>3 A")),
        "question 2: each of three",
    ),
    (say("quiz", QUIZ.replace("Right.", "No.", 1)), "question 1: one choice should be right"),
    (no_references, "one cell that starts with '## References'"),
    (say("draw-caption", "> **Figure 1.1.** A wall."), "cites nobody, and has a list"),
    (lambda n: cell(n, "draw").metadata.update(tags=["nbval-skip"]), "tags that this book does not use"),
    (say("title", "# Sliding predictors"), "its title should read"),
    (say("title", "# 1 · Sliding predictors"), "does not say how many minutes"),
    (say("title", "# 1 · Sliding predictors\n\n*Reading:* about 9 minutes."), "minutes to read, and says 9"),
]


def test_a_good_notebook_has_no_faults() -> None:
    assert rules.faults(good(), "notebooks", "1") == []


@pytest.mark.parametrize(
    ("break_it", "said"), BROKEN, ids=lambda value: str(getattr(value, "__name__", value))
)
def test_a_broken_notebook_is_seen(break_it: Callable[[NotebookNode], None], said: str) -> None:
    notebook = good()
    break_it(notebook)
    found = rules.faults(notebook, "notebooks", "1")
    assert any(said in fault for fault in found), found


def test_mathematics_and_code_are_no_mentions() -> None:
    notebook = good()
    cell(
        notebook, "title"
    ).source += " The interval $(1.5)$, the call `f(1.6)` and Figure 2.1 of another chapter."
    assert rules.faults(notebook, "notebooks", "1") == []


def test_a_file_that_was_written_otherwise_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "01_x.ipynb"
    path.write_text(run_notebooks.write(good()), encoding="utf-8")
    assert rules.file_faults(path) == []
    path.write_text(nbformat.writes(good(), indent=2), encoding="utf-8")
    assert rules.file_faults(path) == ["it is not written as `make run` writes it"]


def test_a_large_file_is_seen(tmp_path: Path) -> None:
    notebook = good()
    cell(notebook, "title").source += "x" * 2_600_000
    path = tmp_path / "01_x.ipynb"
    path.write_text(run_notebooks.write(notebook), encoding="utf-8")
    assert rules.file_faults(path) == ["it is 2.6 MB, more than 2.5"]


def test_the_comparison_knows_what_a_semicolon_hides(tmp_path: Path) -> None:
    """nbval alone would call a hidden value a difference."""
    notebook = runnable("x = 1;", "x + 1;", "x + 2")
    path = tmp_path / "01_x.ipynb"
    path.write_text(run_notebooks.write(run_notebooks.execute(notebook, tmp_path)), encoding="utf-8")
    options = [
        "--nbval",
        "--nbval-current-env",
        "-p",
        "no:cacheprovider",
        "-p",
        "conftest",
        "-c",
        "/dev/null",
    ]
    command = [sys.executable, "-m", "pytest", *options, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert "3 passed" in done.stdout, done.stdout


# --- running notebooks --------------------------------------------------------------------------------------


def runnable(*sources: str) -> NotebookNode:
    cells = [new_code_cell(source, id=f"cell-{k}") for k, source in enumerate(sources)]
    return new_notebook(cells=cells)


def test_running_twice_changes_no_byte(tmp_path: Path) -> None:
    path = tmp_path / "01_x.ipynb"
    path.write_text(
        run_notebooks.write(runnable("print('a')\nprint('b', flush=True)", "1 + 1")), encoding="utf-8"
    )
    assert run_notebooks.run(path, store=True)
    first = path.read_bytes()
    assert not run_notebooks.run(path, store=True)
    assert path.read_bytes() == first
    stored = nbformat.read(path, as_version=4)
    assert stored.cells[0].outputs == [{"name": "stdout", "output_type": "stream", "text": "a\nb\n"}]
    assert rules.stored_outputs(stored) == []


def test_a_failing_cell_is_named_and_its_file_is_left_alone(tmp_path: Path, monkeypatch, capsys) -> None:
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "01_x.ipynb"
    path.write_text(
        run_notebooks.write(runnable("x = 1", "raise ValueError('no such wall')")), encoding="utf-8"
    )
    before = path.read_bytes()
    monkeypatch.setattr(run_notebooks, "ROOT", tmp_path)
    monkeypatch.setattr(run_notebooks, "find", lambda words: [path])
    assert run_notebooks.main([]) == 1
    assert path.read_bytes() == before
    printed = capsys.readouterr().out
    assert "notebooks/01_x.ipynb" in printed
    assert "cell 'cell-1': ValueError: no such wall" in printed


def test_an_interrupted_run_stores_nothing_and_leaves_no_kernel(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    path = tmp_path / "notebooks" / "01_x.ipynb"
    begun = "import os, pathlib, time\npathlib.Path('begun').write_text(str(os.getpid()))\ntime.sleep(300)"
    path.write_text(run_notebooks.write(runnable("print('new')", begun)), encoding="utf-8")
    before = path.read_bytes()
    script = f"import pathlib, run_notebooks as r; r.ROOT = pathlib.Path({str(tmp_path)!r}); "
    script += "r.find = lambda words: sorted(r.ROOT.glob('*/*.ipynb')); raise SystemExit(r.main([]))"
    running = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT / "tools",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # tests that were started in the background hand on a SIGINT that is ignored; at a terminal it is not
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    waiting = path.with_name("begun")
    while not (waiting.exists() and waiting.read_text()):
        assert running.poll() is None, running.stdout.read()
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    said, _ = running.communicate(timeout=60)
    assert (running.returncode, said.split(": ")[-1].strip()) == (
        130,
        "interrupted; nothing of it was stored",
    ), said
    assert path.read_bytes() == before
    assert sorted(p.name for p in path.parent.iterdir()) == ["01_x.ipynb", "begun"]
    with pytest.raises(ProcessLookupError):
        os.kill(int(waiting.read_text()), 0)


def test_an_unknown_name_lists_the_notebooks() -> None:
    with pytest.raises(SystemExit, match="no notebook is called 'perceptron'; there are: notebooks/01_"):
        run_notebooks.find(["perceptron"])


def test_cleaning_drops_what_belongs_to_a_running_kernel() -> None:
    notebook = copy.deepcopy(good())
    widget_view(notebook)
    widget_state(notebook)
    cell(notebook, "draw").metadata["execution"] = {"iopub.execute_input": "2026-01-01"}
    assert rules.faults(run_notebooks.clean(notebook), "notebooks", "1") == []


# --- cells that are compared by their form ------------------------------------------------------------------

DRAWING = '<svg><g id="axes_1"><path d="M 1 2" style="stroke: #04785b; stroke-width: 1.6"/></g></svg>'


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (DRAWING.replace("M 1 2", "M 1 3 L 7 7"), True),
        (quote(DRAWING), True),
        (json.dumps([DRAWING]), True),
        (DRAWING.replace("#04785b", "#c04a00"), False),
        (DRAWING.replace("1.6", "0.8"), False),
        (DRAWING.replace("axes_1", "legend_1"), False),
        (DRAWING.replace("</g>", "</g><text/>"), False),
    ],
)
def test_the_form_of_a_drawing(other: str, same: bool) -> None:
    assert (forms.form(other) == forms.form(DRAWING)) is same


def test_the_form_of_what_is_printed() -> None:
    assert forms.form("cat: K AE T\nend") == forms.form("cat: K AH T\nends")
    assert forms.form("cat: K AE T\nend") != forms.form("cat K AE T\nend")
    assert forms.form("cat: K AE T\nend") != forms.form("cat: K AE T end")
