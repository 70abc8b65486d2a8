"""The site asks no other host for anything, and says of itself what it is.

MathJax comes from an installed package, and only the parts of it that a page can ask for are copied into the
site.
"""

from __future__ import annotations

import re
import shutil
from importlib import metadata
from pathlib import Path
from typing import Any

from docutils import nodes
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

BOOK = Path(__file__).parents[2]
MATHJAX_PACKAGE = "sphinx-mathjax-offline"
MATHJAX_FOLDER = "mathjax"  # below the site's _static
MATHJAX_SCRIPT = "startup.js"
# Without its menu, which is more than a third of MathJax. Screen readers get MathML from assistive-mml.
# (The output loads its font itself; named here as well, the two wait for each other on some pages.)
MATHJAX_LOADS = ("input/tex", "output/chtml", "a11y/assistive-mml")
# the script itself, what it loads, the TeX packages that it loads when a page needs them, its fonts
MATHJAX_PARTS = (
    MATHJAX_SCRIPT,
    "core.js",
    *(f"{part}.js" for part in MATHJAX_LOADS),
    "output/chtml/fonts/tex.js",
    "input/tex/extensions/*.js",
    "output/chtml/fonts/woff-v2/*.woff",
)


def mathjax_source() -> Path:
    """Return the folder of the installed MathJax.

    Raises:
        ExtensionError: the package that brings it is not installed.
    """
    try:
        files = metadata.files(MATHJAX_PACKAGE) or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == MATHJAX_SCRIPT:
            return Path(file.locate()).parent
    raise ExtensionError(
        f"MathJax is missing: run `pip install -r requirements-book.txt` ({MATHJAX_PACKAGE})"
    )


def serve_everything(app: Sphinx, config: Config) -> None:
    config.mathjax_path = f"{MATHJAX_FOLDER}/{MATHJAX_SCRIPT}"
    config.mathjax3_config = {**(config.mathjax3_config or {}), "loader": {"load": list(MATHJAX_LOADS)}}
    config.html_static_path = [*config.html_static_path, str(BOOK / "assets")]
    config.templates_path = [str(BOOK / "_templates"), *config.templates_path]


def copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Copy the needed parts of MathJax into the site, unless they are there."""
    if error is not None or app.builder.format != "html":
        return
    source, target = mathjax_source(), Path(app.outdir, "_static", MATHJAX_FOLDER)
    for pattern in MATHJAX_PARTS:
        for file in sorted(source.glob(pattern)):
            copy = target / file.relative_to(source)
            if not copy.exists() or copy.stat().st_size != file.stat().st_size:
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)


def drop_source_maps(app: Sphinx, error: Exception | None) -> None:
    """Leave out what only somebody who debugs the theme's scripts would load: three megabytes."""
    if error is None and app.builder.format == "html":
        for file in Path(app.outdir, "_static").rglob("*.map"):
            file.unlink()


def without_scripts(html: Markup, *names: str) -> Markup:
    """Return a part of a page without the scripts of these names, for use in a template."""
    which = "|".join(map(re.escape, names))
    return Markup(re.sub(rf'<script[^>]*\bsrc="[^"]*?({which})\.js[^>]*></script>\s*', "", html))


def offer_to_templates(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], _: object
) -> None:
    context["without_scripts"] = without_scripts


def visit_citation(self: HTML5Translator, node: nodes.citation) -> None:
    """Mark an entry of the bibliography as a list item: the role that docutils gives it is out of use."""
    HTML5Translator.visit_citation(self, node)
    self.body[-1] = self.body[-1].replace('role="doc-biblioentry"', 'role="listitem"')


def depart_citation(self: HTML5Translator, node: nodes.citation) -> None:
    HTML5Translator.depart_citation(self, node)


def setup(app: Sphinx) -> None:
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    app.connect("config-inited", serve_everything)
    app.add_css_file("unrolled.css", priority=900)
    app.add_js_file("unrolled.js", defer="defer")
    app.connect("build-finished", copy_mathjax)
    app.connect("build-finished", drop_source_maps)
    app.connect("html-page-context", offer_to_templates)
