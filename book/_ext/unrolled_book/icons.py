"""The theme's icons, cut down to those that the site shows.

The theme brings every icon twice: as a font, and as a script of a megabyte and a half that replaces the
font's signs by drawings. The site keeps the font alone, and of its signs those that a page, a script or a
style sheet asks for.
"""

from __future__ import annotations

import re
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

STYLES = "_static/styles/pydata-sphinx-theme.css"
FONTS = "_static/vendor/fontawesome/webfonts"
# .fa-gear:before,.fa-cog:before{content:"\\f013"}
RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:{1,2}before,?)+)\{content:"\\([0-9a-f]+)"\}')
SIGN = re.compile(r"\\(f[0-9a-f]{3}|e[0-9a-f]{3})\b")  # fonts of icons use these private places


def cut_fonts(app: Sphinx, error: Exception | None) -> None:
    """Write the fonts anew with the signs in use.

    Raises:
        ExtensionError: the theme writes its icons in another way than it did.
    """
    if error is not None or app.builder.format != "html":
        return
    site = Path(app.outdir)
    signs = used_signs(site)
    for file in sorted((site / FONTS).glob("fa-*")):
        font = TTFont(file)
        subsetter = subset.Subsetter(subset.Options())
        subsetter.populate(unicodes=signs)
        subsetter.subset(font)
        font.save(file)


def used_signs(site: Path) -> set[int]:
    """Return the code points of all icons that the site's pages, scripts and style sheets name."""
    style = (site / STYLES).read_text("utf-8")
    code = {name: int(rule[2], 16) for rule in RULE.finditer(style) for name in _classes(rule[1])}
    if not code:
        raise ExtensionError(f"{STYLES} names no icons in the way that this book knows")
    pages = [*site.rglob("*.html"), *site.glob("_static/**/*.js")]
    named = {name for page in pages for name in _classes(page.read_text("utf-8"))}
    others = [RULE.sub("", sheet.read_text("utf-8")) for sheet in site.glob("_static/**/*.css")]
    return {code[name] for name in named & code.keys()} | {
        int(sign, 16) for sheet in others for sign in SIGN.findall(sheet)
    }


def _classes(text: str) -> list[str]:
    return re.findall(r"\bfa-[a-z0-9-]+", text)


def setup(app: Sphinx) -> None:
    app.connect("build-finished", cut_fonts)
