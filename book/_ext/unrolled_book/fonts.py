"""The book's typeface, cut from an installed package down to the letters that the book uses.

Source Serif 4 comes as two variable fonts of a megabyte each. Kept are the Latin and Greek letters, weights
from regular to bold and one optical size: 50 kB each. Cutting takes some seconds, so the result is kept
beside the site.
"""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

PACKAGE = "fontpkg-source-serif-4"
FACES = {
    "serif.woff2": "SourceSerif4[opsz,wght].ttf",
    "serif-italic.woff2": "SourceSerif4-Italic[opsz,wght].ttf",
}
LETTERS = [
    *range(0x20, 0x180),  # Latin
    *range(0x391, 0x3CA),  # Greek
    *range(0x2010, 0x2028),  # dashes, quotes, ellipsis
    *map(ord, "‰′″€←↑→↓−≈≠≤≥√∞"),
]
FEATURES = ["ccmp", "kern", "liga", "locl", "lnum", "mark", "mkmk", "tnum"]
AXES = {"opsz": 14, "wght": (400, 700)}


def source() -> Path:
    """Return the folder of the installed typeface.

    Raises:
        ExtensionError: the package that brings it is not installed.
    """
    try:
        for file in metadata.files(PACKAGE) or []:
            if file.name in FACES.values():
                return Path(file.locate()).parent
    except metadata.PackageNotFoundError:
        pass
    raise ExtensionError(f"the typeface is missing: run `pip install -r requirements-book.txt` ({PACKAGE})")


def cut(font_file: Path, target: Path) -> None:
    """Write the part of a variable font that the book uses as WOFF2."""
    font = TTFont(font_file)
    options = subset.Options(layout_features=FEATURES, name_IDs=["*"])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    font = instancer.instantiateVariableFont(font, AXES)
    font.flavor = "woff2"
    target.parent.mkdir(parents=True, exist_ok=True)
    font.save(target)


def copy_fonts(app: Sphinx, error: Exception | None) -> None:
    """Put the typeface and its licence into the site."""
    if error is not None or app.builder.format != "html":
        return
    folder, site = source(), Path(app.outdir, "_static", "fonts")
    kept = Path(app.outdir).parent / "fonts" / metadata.version(PACKAGE)
    site.mkdir(parents=True, exist_ok=True)
    for name, file in FACES.items():
        if not (kept / name).exists():
            cut(folder / file, kept / name)
        shutil.copyfile(kept / name, site / name)
    shutil.copyfile(folder.parent / "LICENSE", site / "LICENSE.txt")


def setup(app: Sphinx) -> None:
    app.connect("build-finished", copy_fonts)
