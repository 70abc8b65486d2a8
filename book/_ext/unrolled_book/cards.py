"""Preview pictures: what other sites show of a page when somebody links to it.

The extension ``sphinxext.opengraph`` writes the pages' titles and descriptions on them and puts the tags into
the pages. From here come the address, the book's typeface and colours, and its emblem: a network, unrolled.
"""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes
from matplotlib import font_manager
from matplotlib.figure import Figure
from PIL import Image
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinxext import opengraph

from .fonts import FACES, source
from .themed import palette

FAMILY = "Source Serif 4"
EMBLEM = "_build/preview/emblem.png"  # from the root of the repository, as the name of a card depends on it
NOTHING = "_build/preview/nothing.png"  # in the place of a second emblem


def emblem() -> Figure:
    """Return three steps of a network, in a square."""
    colour = palette().LIGHT
    figure = Figure(figsize=(3, 3), dpi=100)
    figure.patch.set_alpha(0)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(-0.6, 2.6), ylim=(-0.6, 2.6))
    ax.axis("off")
    for t in range(3):
        ax.plot([t, t], [0, 2], color=colour["muted"], linewidth=4, zorder=1)
        for row, role in enumerate(("input", "hidden", "output")):
            marker = "o" if role == "hidden" else "D" if role == "output" else "s"
            ax.scatter(
                t, row, 900, colour[f"{role}_fill"], marker, edgecolors=colour[role], linewidths=4, zorder=2
            )
    ax.plot([0, 2], [1, 1], color=colour["hidden"], linewidth=4, zorder=1)
    return figure


def first_sentences(doctree: nodes.document, length: int, titles: object = ()) -> str:
    """Return as many whole sentences of a page's first paragraph as fit in so many letters, one at least."""
    paragraph = next(iter(doctree.findall(nodes.paragraph)), None)
    words = " ".join(paragraph.astext().split()) if paragraph else ""
    kept = ""
    for sentence in re.split(r"(?<=[.!?])\s+", words):
        if kept and len(f"{kept} {sentence}") > length:
            break
        kept = f"{kept} {sentence}".strip()
    return kept


def prepare(app: Sphinx, config: Config) -> None:
    """Draw the emblem, and tell the extension where the site is and what a card looks like."""
    colour = palette().LIGHT
    folder = Path(app.srcdir, EMBLEM).parent
    folder.mkdir(parents=True, exist_ok=True)
    emblem().savefig(Path(app.srcdir, EMBLEM), metadata={"Software": None})
    nothing = Figure(figsize=(0.1, 0.1))
    nothing.patch.set_alpha(0)
    nothing.savefig(Path(app.srcdir, NOTHING), metadata={"Software": None})
    font_manager.fontManager.addfont(source() / FACES["serif.woff2"])
    config.ogp_site_url = config.html_baseurl
    config.ogp_site_name = config.html_title or config.project
    config.ogp_social_cards = {
        "image": EMBLEM,
        "image_mini": NOTHING,
        "font": FAMILY,
        "line_color": colour["hidden"],
        "background_color": colour["surface"],
    }


def lighten(app: Sphinx, error: Exception | None) -> None:
    """Store the cards with a palette: a third of the size, and nobody sees it."""
    for path in Path(app.outdir, "_images", "social_previews").glob("*.png"):
        with Image.open(path) as card:
            if card.mode != "P":
                card.convert("RGB").quantize(32).save(path, optimize=True)


def setup(app: Sphinx) -> None:
    app.connect("build-finished", lighten)
    opengraph.get_description = first_sentences  # its own stops in the middle of a word
    app.connect("config-inited", prepare)
