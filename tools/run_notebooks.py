"""Execute notebooks in place, and store them so that running them again changes no byte.

    python tools/run_notebooks.py                        all of notebooks/ and solutions/
    python tools/run_notebooks.py 01_sliding_predictors  those whose path contains a given word
    python tools/run_notebooks.py --no-store             run, and leave the files as they are

A notebook that fails is left as it was; the others are still run, and the exit status is 1. Ctrl-C stops
at once, and leaves the notebook that was running as it was.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import re
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from tqdm import tqdm

from course_utils.grading.report import write_whole

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("notebooks", "solutions")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WRITES = any(os.environ.get(f"UNROLLED_WRITE_{table}", "0") not in ("", "0") for table in ("RULER", "SEEDS"))
CELL_SECONDS = None if WRITES else 600  # to write a table, cells train much more


class NotebookFailedError(Exception):
    """A cell of a notebook did not run to its end."""


def find(words: list[str], root: Path = ROOT) -> list[Path]:
    """Return the notebooks whose path contains one of the words; all of them when there is no word.

    Raises:
        SystemExit: a word that no notebook's path contains.
    """
    paths = sorted(path for folder in FOLDERS for path in (root / folder).glob("*.ipynb"))
    for word in words:
        if not any(word in path.relative_to(root).as_posix() for path in paths):
            names = ", ".join(path.relative_to(root).as_posix() for path in paths)
            raise SystemExit(f"no notebook is called {word!r}; there are: {names}")
    return [path for path in paths if not words or any(w in path.relative_to(root).as_posix() for w in words)]


def execute(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run a copy of the notebook from a fresh kernel, as if opened in ``folder``, and return the clean copy.

    Raises:
        NotebookFailedError: which cell failed, and with what error.
    """
    notebook = copy.deepcopy(notebook)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        record_timing=False,
        store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
    )
    try:
        _watched(client)
    except CellExecutionError as error:
        raise NotebookFailedError(f"cell {_failed_cell(notebook)}: {error.ename}: {error.evalue}") from None
    except CellTimeoutError:
        raise NotebookFailedError(f"a cell took longer than {CELL_SECONDS} s") from None
    except DeadKernelError:
        raise NotebookFailedError("the kernel died (out of memory?)") from None
    return clean(notebook)


def _watched(client: NotebookClient) -> None:
    """Execute in another thread. In this one nbclient would take Ctrl-C for itself, and stumble over it."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(client.execute)
        try:
            running.result()
        except KeyboardInterrupt:
            if client.km is not None and client.km.has_kernel:
                os.kill(client.km.provisioner.pid, signal.SIGKILL)
            raise


def _failed_cell(notebook: NotebookNode) -> str:
    for cell in notebook.cells:
        if cell.cell_type == "code" and any(o.output_type == "error" for o in cell.outputs):
            return repr(cell.id)
    return "unknown"


def clean(notebook: NotebookNode) -> NotebookNode:
    """Keep what a reader sees, and drop what differs between two runs or belongs to a running kernel."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = _merge_streams([_clean_output(output) for output in cell.outputs])
    return notebook


def _clean_output(output: NotebookNode) -> NotebookNode:
    if "data" in output:
        output.data.pop(WIDGET_VIEW, None)
    return output


def _merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join what was printed in several pieces: where it was cut depends on the moment."""
    merged: list[NotebookNode] = []
    for output in outputs:
        last = merged[-1] if merged else None
        if (
            output.output_type == "stream"
            and last
            and last.output_type == "stream"
            and last.name == output.name
        ):
            last.text += output.text
        else:
            merged.append(output)
    return merged


def write(notebook: NotebookNode) -> str:
    """Return the one way in which this book writes a notebook."""
    plain = json.loads(nbformat.writes(notebook, version=4))
    return json.dumps(plain, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def run(path: Path, store: bool) -> bool:
    """Execute one notebook; return whether its file was changed.

    Raises:
        NotebookFailedError: see `execute`.
    """
    before = path.read_text(encoding="utf-8")
    after = write(execute(nbformat.reads(before, as_version=4), path.parent))
    if not store or after == before:
        return False
    write_whole(path, after)
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Execute the book's notebooks in place.")
    parser.add_argument("words", nargs="*", help="run only notebooks whose path contains one of these")
    parser.add_argument("--no-store", action="store_true", help="leave the files as they are")
    options = parser.parse_args(arguments)
    failed = 0
    paths = find(options.words)
    # the bar only where someone looks at it; the lines that it leaves are printed everywhere
    with tqdm(paths, disable=None, bar_format="{n}/{total} {bar:20} {desc}") as bar:
        for path in bar:
            name = path.relative_to(ROOT).as_posix()
            bar.set_description_str(name)
            start = time.perf_counter()
            try:
                verdict = "changed" if run(path, store=not options.no_store) else "unchanged"
            except (NotebookFailedError, OSError) as error:  # OSError: it ran, and cannot be stored
                failed += 1
                verdict = "FAILED: " + re.sub(r"\s+", " ", str(error))
            except KeyboardInterrupt:
                bar.write(f"{name}: interrupted; nothing of it was stored", file=sys.stdout)
                return 130
            bar.write(f"{name}: {time.perf_counter() - start:.1f} s, {verdict}", file=sys.stdout)
        bar.set_description_str("done")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
