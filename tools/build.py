"""Build the book into _build/html; any warning is a failure. Quiet unless something is wrong."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "_build" / "html"
COMMAND = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "-W", "--keep-going"]


def faults(report: str) -> list[str]:
    """Return what the builder's report says is wrong: its warnings, else the error that stopped it."""
    report = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", report)
    found = [line for line in report.splitlines() if re.search(r"WARNING|ERROR|CRITICAL", line)]
    if not found:  # something broke before a page was read: say what, without the way that led there
        error = re.search(r"^(Extension error.*?|\w*Error: .*?)(?=^Traceback|^\s*$|\Z)", report, re.M | re.S)
        found = [error[0].strip() if error else report.strip()]
    return list(dict.fromkeys(found))


def main() -> int:
    start = time.perf_counter()
    done = subprocess.run(COMMAND, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        # Sphinx warns of a page only when it reads it: forget what was read, so that the next build warns.
        shutil.rmtree(ROOT / "_build" / ".doctrees", ignore_errors=True)
        found = faults(done.stdout)
        print("\n".join(found), file=sys.stderr)
        print(f"The book was not built: {len(found)} fault(s).", file=sys.stderr)
        return 1
    pages = sum(1 for _ in SITE.rglob("*.html"))
    print(f"{pages} pages in {SITE.relative_to(ROOT)}, {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
