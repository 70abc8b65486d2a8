"""One style for every plot of the book, and plots stored as small SVG files that repeat byte for byte."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_utils.palette import LIGHT

STYLE = {
    "figure.figsize": (7.0, 3.0),
    "figure.facecolor": LIGHT["surface"],
    "figure.constrained_layout.use": True,
    "savefig.facecolor": LIGHT["surface"],
    "axes.facecolor": LIGHT["surface"],
    "axes.edgecolor": LIGHT["muted"],
    "axes.labelcolor": LIGHT["muted"],
    "axes.titlecolor": LIGHT["ink"],
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.prop_cycle": mpl.cycler(
        color=[LIGHT[r] for r in ("input", "output", "hidden", "cell", "gradient")]
    ),
    "grid.color": LIGHT["grid"],
    "grid.linewidth": 0.6,
    "text.color": LIGHT["ink"],
    "xtick.color": LIGHT["muted"],
    "ytick.color": LIGHT["muted"],
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.solid_capstyle": "round",
    "font.size": 10,
    "font.family": "DejaVu Sans",  # comes with matplotlib, so every machine draws the same letters
    "svg.fonttype": "path",
    "svg.hashsalt": "unrolled",  # without it, ids inside the SVG change at every run
}


def use_style() -> None:
    """Draw in the book's style from here on; in a notebook, show and store figures as repeatable SVG."""
    mpl.rcParams.update(STYLE)
    try:
        from IPython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return
    from matplotlib_inline import backend_inline

    plt.switch_backend("module://matplotlib_inline.backend_inline")
    backend_inline.set_matplotlib_formats("svg")  # takes the PNG away
    mpl.rcParams.update(STYLE)  # the line above resets some of it
    shell.display_formatter.formatters["image/svg+xml"].for_type(Figure, svg)


def svg(figure: Figure) -> str:
    """Return a figure as SVG text that is the same bytes at every run.

    No date, no random ids, and coordinates rounded to a hundredth of a point: finer than the eye, coarser
    than the last bits in which two processors differ.
    """
    buffer = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": STYLE["svg.hashsalt"], "svg.fonttype": STYLE["svg.fonttype"]}):
        undated = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(buffer, format="svg", metadata=undated)
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"\s*<!--.*?-->", "", text, flags=re.S)
    text = _number_ids(text)
    text = re.sub(r'(?<= )(d|x|y|points|transform)="([^"]*)"', _round_attribute, text)
    text = re.sub(r">\s+<", "><", re.sub(r"\s*\n\s*", " ", text)).strip()
    # some notebooks put all figures into one document, where a clip path of one must not be another's
    return text.replace(_OWN, hashlib.sha256(text.encode()).hexdigest()[:8])


_OWN = "unique-to-this-figure"


def _number_ids(text: str) -> str:
    # matplotlib names clip paths and markers by a hash of unrounded coordinates: the last bit would show
    for k, name in enumerate(dict.fromkeys(re.findall(r'id="((?:\w+_)*[a-zA-Z]+[0-9a-f]{10})"', text))):
        text = re.sub(rf"(?<=[\"#]){name}(?=[\")])", f"i{k}-{_OWN}", text)
    return text


def _round_attribute(match: re.Match[str]) -> str:
    name, value = match.groups()
    if name == "transform":  # a scale must keep its digits; a translation need not
        rounded = re.sub(r"translate\([^)]*\)", lambda m: _round_numbers(m.group()), value)
    else:
        rounded = _round_numbers(value)
    return f'{name}="{" ".join(rounded.split())}"'


def _round_numbers(text: str) -> str:
    def shorten(match: re.Match[str]) -> str:
        short = f"{float(match.group()):.2f}".rstrip("0").rstrip(".")
        return "0" if short == "-0" else short

    return re.sub(r"-?\d+\.\d+(?:e-?\d+)?", shorten, text)


def label(
    ax: Axes,
    x: str | None = None,
    y: str | None = None,
    title: str | None = None,
    legend: bool | str = False,
) -> None:
    """Name the axes (with their units) and the panel; ``legend`` may be a matplotlib location."""
    if x is not None:
        ax.set_xlabel(x)
    if y is not None:
        ax.set_ylabel(y)
    if title is not None:
        ax.set_title(title)
    if legend:
        ax.legend(loc=legend if isinstance(legend, str) else "best")


def stems(ax: Axes, values: Sequence[float], role: str = "output", name: str | None = None) -> None:
    """Draw a short sequence as stems, one a time step, in the colour of its role."""
    colour = LIGHT[role]
    steps = range(len(values))
    ax.vlines(steps, 0, values, color=colour, linewidth=2)
    ax.plot(steps, values, "o", color=colour, markersize=4, label=name)
    ax.axhline(0, color=LIGHT["muted"], linewidth=0.8)
