"""A twin in the dark palette for every drawing, and a description for every picture.

The chapters' figures are stored as SVG in the light colours of ``course_utils/palette.py``. On a dark page
each of these colours is exchanged for its dark twin. Both pictures stand in the page, marked ``only-light``
and ``only-dark``; the theme hides one, and a hidden lazy picture is never fetched.
"""

from __future__ import annotations

import importlib.util
import os
import re
from pathlib import Path
from types import ModuleType

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

log = logging.getLogger(__name__)

PALETTE = Path(__file__).parents[3] / "course_utils" / "palette.py"
PIXELS_PER = {"": 1.0, "px": 1.0, "pt": 4 / 3, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
FILE_NAME = re.compile(r"\S+\.(png|jpe?g|gif|svg|webp)", re.IGNORECASE)
IMG_TAG = re.compile(r"<img\b[^>]*>", re.IGNORECASE | re.DOTALL)
ALT = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)


class sized_image(nodes.image):
    """A picture that keeps its place on the page before it is loaded."""


def palette() -> ModuleType:
    """Load the palette alone: the rest of course_utils needs numpy, and building the book does not."""
    spec = importlib.util.spec_from_file_location("unrolled_palette", PALETTE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recolour(svg: str, light: dict[str, str], dark: dict[str, str]) -> str:
    """Exchange every light colour for its dark twin, all at once: no exchanged colour is exchanged again."""
    twin = {light[role].lower(): dark[role] for role in light}
    return re.sub(
        "|".join(map(re.escape, twin)), lambda match: twin[match[0].lower()], svg, flags=re.IGNORECASE
    )


def size(svg: str) -> tuple[int, int] | None:
    """Return the width and height of a drawing in CSS pixels, if it states them."""
    root = re.search(r"<svg\b[^>]*>", svg)
    found = (
        [re.search(rf'\s{side}="([\d.]+)([a-z]*)"', root[0]) for side in ("width", "height")]
        if root
        else [None]
    )
    if all(found) and all(match[2] in PIXELS_PER for match in found):
        width, height = (round(float(match[1]) * PIXELS_PER[match[2]]) for match in found)
        return width, height
    box = re.search(r'\sviewBox="[\d.-]+[ ,]+[\d.-]+[ ,]+([\d.]+)[ ,]+([\d.]+)"', root[0]) if root else None
    return (round(float(box[1])), round(float(box[2]))) if box else None


def says_nothing(alt: str | None) -> bool:
    """Tell whether a description is missing, or is only the name of a file."""
    return not (alt or "").strip() or FILE_NAME.fullmatch(alt.strip()) is not None


def theme_images(app: Sphinx, doctree: nodes.document) -> None:
    """Pair every drawing of a page with its dark twin; warn of every picture that nobody described."""
    colours = palette()
    for image in list(doctree.findall(nodes.image)):
        if says_nothing(image.get("alt")):
            log.warning("a picture has no alt text that says what it shows", location=image, type="unrolled")
        source = Path(app.srcdir, image["uri"].lstrip("/"))
        if source.suffix != ".svg" or not source.is_file():
            continue
        svg = source.read_text(encoding="utf-8")
        light = sized_image("", **image.attributes)
        light["pixels"] = size(svg)
        image.replace_self(light)
        dark_svg = recolour(svg, colours.LIGHT, colours.DARK)
        if dark_svg == svg:
            continue
        twin = Path(app.outdir).parent / "dark" / source.name
        twin.parent.mkdir(parents=True, exist_ok=True)
        twin.write_text(dark_svg, encoding="utf-8")
        dark = light.deepcopy()
        dark["uri"] = Path(os.path.relpath(twin, app.srcdir)).as_posix()
        dark["candidates"] = {"*": dark["uri"]}
        app.env.images.add_file(app.env.docname, dark["uri"])
        light["classes"] = [*light["classes"], "only-light"]
        dark["classes"] = [*dark["classes"], "only-dark"]
        # in a box of their own, because the theme hides a caption together with the picture beside it
        pair = nodes.inline(classes=["u-pair"])
        light.parent[light.parent.index(light)] = pair
        pair += [light, dark]
    for raw in doctree.findall(nodes.raw):
        for tag in IMG_TAG.findall(raw.astext()):
            alt = ALT.search(tag)
            if alt is None or says_nothing(alt[1] or alt[2]):
                log.warning(
                    "a picture has no alt text that says what it shows", location=raw, type="unrolled"
                )


def visit_sized_image(self: HTML5Translator, node: sized_image) -> None:
    uri = self.builder.images.get(node["uri"])
    src = f"{self.builder.imgpath}/{uri}" if uri else node["uri"]
    attributes = {"src": src, "alt": node.get("alt", ""), "loading": "lazy", "decoding": "async"}
    if node["pixels"]:
        attributes["width"], attributes["height"] = map(str, node["pixels"])
        attributes["style"] = f"--u-width: {node['pixels'][0]}px"  # a phone may not shrink it much
    self.body.append(self.emptytag(node, "img", "\n", **attributes))


def depart_sized_image(self: HTML5Translator, node: sized_image) -> None:
    pass


def write_colours(app: Sphinx, error: Exception | None) -> None:
    """Hand the palette to the style sheet, so that page and figures share it: ``var(--u-ink)``."""
    if error is not None or app.builder.format != "html":
        return
    colours = palette()
    Path(app.outdir, "_static", "palette.css").write_text(
        _rules("html", colours.LIGHT) + _rules("html[data-theme=dark]", colours.DARK), encoding="utf-8"
    )


def _rules(selector: str, colours: dict[str, str]) -> str:
    lines = [f"  --u-{role.replace('_', '-')}: {colour};" for role, colour in colours.items()]
    return "\n".join([f"{selector} {{", *lines, "}\n"])


def setup(app: Sphinx) -> None:
    app.add_css_file("palette.css", priority=890)
    app.connect("build-finished", write_colours)
    app.add_node(sized_image, html=(visit_sized_image, depart_sized_image))
    # after Sphinx has collected the page's pictures, which happens at the default priority
    app.connect("doctree-read", theme_images, priority=600)
