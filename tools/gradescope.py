"""Write the autograder bundle for Gradescope: one zip, the same bytes every time.

    python tools/gradescope.py                       _build/gradescope.zip
    python tools/gradescope.py autograder.zip

Upload it as the autograder of a programming assignment. It holds the grader with its checks, and the two
scripts that the service runs: ``setup.sh`` once, ``run_autograder`` for each submission.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ("setup.sh", "run_autograder")
NEEDED = ("numpy", "matplotlib", "torch")  # what a submission's cells may import
DATA = "requirements-data.txt"  # what the checks read: the packages of data
DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can name


def files(root: Path = ROOT) -> dict[str, bytes]:
    """Return the bundle's files by their path in it."""
    found = {name: (root / "tools" / "gradescope" / name).read_bytes() for name in SCRIPTS}
    found["requirements.txt"] = "".join(f"{line}\n" for line in requirements(root)).encode()
    found[DATA] = (root / DATA).read_bytes()
    for path in sorted((root / "course_utils").rglob("*")):
        if path.suffix in (".py", ".csv"):
            found[path.relative_to(root).as_posix()] = path.read_bytes()
    return found


def requirements(root: Path = ROOT) -> list[str]:
    """Return the pinned lines of the book's requirements that the bundle needs.

    Raises:
        SystemExit: one of them is not pinned there.
    """
    lists = (root / name for name in ("requirements-book.txt", "requirements.txt"))
    lines = [line for path in lists for line in path.read_text().splitlines()]
    pinned = {line.partition("==")[0]: line.partition(" ")[0] for line in lines if "==" in line}
    missing = [name for name in NEEDED if name not in pinned]
    if missing:
        raise SystemExit(f"expected {', '.join(missing)} in the requirements, pinned with ==")
    return [pinned[name] for name in NEEDED]


def write(target: Path, root: Path = ROOT) -> None:
    """Write the bundle."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files(root).items():
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o755 if name in SCRIPTS else 0o644) << 16
            bundle.writestr(info, data)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "_build" / "gradescope.zip"
    write(target)
    print(f"{target}: {target.stat().st_size / 1024:.0f} kB")
