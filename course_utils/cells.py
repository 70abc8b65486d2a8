"""The inside of one recurrent cell, drawn from a small grammar: parts on a grid, and wires between them.

Parts are of few kinds, and each kind has one shape throughout the book:

- *values* come in or go out, in the shapes and colours of :mod:`course_utils.diagrams`: input squares, hidden
  circles, memory boxes, output diamonds;
- a *layer* is a sharp box: weights, a bias, and the function written in it (σ or tanh);
- a *function* is a pill: a function of each number, without weights;
- an *operation* is a small circle with its sign: × multiplies entry by entry, + adds, 1− takes from one;
- a *dot* is where a wire forks or where two come together side by side, as in [x, h].

Wires run along the grid, from part to part, by way of corners. What is ``fresh``, new in a picture that
grows, is filled; what was there before is drawn in outline.

To draw another cell, write a function like :func:`lstm`: start with ``Cell()``, set parts, lay wires::

    cell = Cell(fresh={"r"})                        # or Cell(): everything is filled
    cell.value("h", 0, 0, "hidden", "$h_{t-1}$").value("x", 1, -1.5, "input", "$x_t$")
    cell.dot("join", 1, 0).layer("r", 2.2, 1.1, "σ").operation("times", 3.4, 2.4, "×")
    cell.wire("h", "join", "hidden", arrow=False).wire("x", "join", "input", arrow=False)
    cell.wire("join", "r", corners=[(2.2, 0)])      # right, then up
    cell.wire("r", "times", corners=[(2.2, 2.4)]).note(2.35, 1.75, "$r_t$", "left")
    cell.panel(0.6, -0.6, 4.2, 3.0).draw()

A wire leaves its first part towards its first corner and reaches its last part from its last corner; those
two pieces must be horizontal or vertical where a part has width, so that the ends meet the outlines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch
from matplotlib.path import Path

from course_utils import diagrams
from course_utils.diagrams import KINDS
from course_utils.palette import LIGHT

Point = tuple[float, float]

HALF = {  # kind of part: half its width and half its height, in grid units
    **diagrams.HALF,
    "layer": (0.46, 0.3),
    "function": (0.46, 0.24),
    "operation": (0.21, 0.21),
    "dot": (0.0, 0.0),
}
FORM = {"layer": "square", "function": "box", "operation": "circle"}  # drawn like these, in their own size
BEND = 0.18  # radius of a wire's corners


@dataclass(frozen=True)
class Part:
    """One part: where its middle stands (grid units), its shape (a key of ``HALF``), its colour and text."""

    x: float
    y: float
    shape: str
    role: str
    text: str = ""


@dataclass(frozen=True)
class Wire:
    """A line between two named parts by way of corners, with an arrow at its end unless two wires join."""

    tail: str
    head: str
    role: str = "muted"
    corners: Sequence[Point] = ()
    arrow: bool = True
    dashed: bool = False


@dataclass
class Cell:
    """Parts by name, wires between them, and notes; ``draw`` makes the figure.

    Args:
        fresh: names of the parts that are new in this picture and filled; every part when left out.
    """

    fresh: Iterable[str] | None = None
    parts: dict[str, Part] = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)
    notes: list[tuple[float, float, str, str, str]] = field(default_factory=list)
    area: tuple[float, float, float, float] | None = None

    def value(self, name: str, x: float, y: float, kind: str, text: str = "") -> Cell:
        """Add a value that comes in or goes out; kinds are those of ``diagrams.KINDS``.

        Raises:
            ValueError: an unknown kind, or a name that is already there.
        """
        if kind not in KINDS:
            raise ValueError(f"no kind {kind!r}; there are: {', '.join(KINDS)}")
        role, shape = KINDS[kind]
        return self._add(name, Part(x, y, shape, role, text))

    def layer(self, name: str, x: float, y: float, text: str, role: str = "ink") -> Cell:
        """Add a layer: weights, a bias and the function named by ``text``."""
        return self._add(name, Part(x, y, "layer", role, text))

    def function(self, name: str, x: float, y: float, text: str, role: str = "ink") -> Cell:
        """Add a function of each number, without weights."""
        return self._add(name, Part(x, y, "function", role, text))

    def operation(self, name: str, x: float, y: float, text: str, role: str = "cell") -> Cell:
        """Add an operation entry by entry, with its sign: ×, + or 1−."""
        return self._add(name, Part(x, y, "operation", role, text))

    def dot(self, name: str, x: float, y: float, role: str = "muted") -> Cell:
        """Add a place where wires fork or come together."""
        return self._add(name, Part(x, y, "dot", role))

    def wire(self, tail: str, head: str, role: str = "muted", **how: object) -> Cell:
        """Lay a wire between two parts; ``how`` are the fields of :class:`Wire`.

        Raises:
            KeyError: one of the parts is not there yet.
            ValueError: the wire leaves or reaches a part with width at a slant.
        """
        for name in (tail, head):
            if name not in self.parts:
                raise KeyError(f"no part {name!r}; there are: {', '.join(self.parts)}")
        wire = Wire(tail, head, role, **how)  # type: ignore[arg-type]
        _route(self.parts[tail], wire.corners, self.parts[head])
        self.wires.append(wire)
        return self

    def note(self, x: float, y: float, text: str, align: str = "center", role: str = "muted") -> Cell:
        """Write beside a wire what it carries; ``align`` is left, center or right."""
        self.notes.append((x, y, text, align, role))
        return self

    def panel(self, left: float, bottom: float, right: float, top: float) -> Cell:
        """Shade the inside of the cell."""
        self.area = (left, bottom, right, top)
        return self

    def _add(self, name: str, part: Part) -> Cell:
        if name in self.parts:
            raise ValueError(f"there is a part {name!r} already")
        self.parts[name] = part
        return self

    def draw(self, scale: float = 0.62) -> Figure:
        """Return the figure; ``scale`` is inches a grid unit.

        Raises:
            KeyError: ``fresh`` names a part that is not there.
        """
        fresh = set(self.parts) if self.fresh is None else set(self.fresh)
        if missing := fresh - set(self.parts):
            raise KeyError(f"no part {', '.join(sorted(missing))}; there are: {', '.join(self.parts)}")
        left, bottom, right, top = self._bounds()
        figure, ax = plt.subplots(figsize=((right - left) * scale, (top - bottom) * scale))
        ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
        ax.axis("off")
        if self.area:
            ax.add_patch(diagrams.shaded(*self.area, rounding=0.3))
        for wire in self.wires:
            _draw_wire(ax, wire, self.parts)
        for name, part in self.parts.items():
            _draw_part(ax, part, name in fresh)
        for x, y, text, align, role in self.notes:
            ax.text(x, y, text, ha=align, va="center", color=LIGHT[role], fontsize=10)
        return figure

    def _bounds(self) -> tuple[float, float, float, float]:
        places = [(p.x, p.y) for p in self.parts.values()]
        places += [corner for wire in self.wires for corner in wire.corners]
        if self.area:
            places += [self.area[:2], self.area[2:]]
        xs, ys = zip(*places, strict=True)
        return min(xs) - 0.6, min(ys) - 0.5, max(xs) + 0.6, max(ys) + 0.5


def _draw_part(ax: Axes, part: Part, fresh: bool) -> None:
    if part.shape == "dot":
        ax.add_patch(Circle((part.x, part.y), 0.06, color=LIGHT[part.role], linewidth=0, zorder=3))
        return
    fill = LIGHT.get(f"{part.role}_fill", LIGHT["grid"])
    look = {
        "facecolor": fill if fresh else LIGHT["surface"],
        "edgecolor": LIGHT[part.role],
        "linewidth": 1.6 if fresh else 1.1,
        "zorder": 3,
    }
    shape, rounding = FORM.get(part.shape, part.shape), 0.24 if part.shape == "function" else 0.15
    ax.add_patch(diagrams.outlined(shape, part.x, part.y, HALF[part.shape], look, rounding))
    size = 12 if part.shape == "operation" and len(part.text) == 1 else 8 if part.shape == "operation" else 10
    ax.text(
        part.x, part.y, part.text, ha="center", va="center_baseline" if size == 12 else "center",
        color=LIGHT["ink"], fontsize=size, zorder=4,
    )  # fmt: skip


def _route(tail: Part, corners: Sequence[Point], head: Part) -> list[Point]:
    """Return the points of a wire, its ends moved from the middles of its two parts to their outlines."""
    points = [(tail.x, tail.y), *corners, (head.x, head.y)]
    return [_leave(tail, points[1]), *corners, _leave(head, points[-2])]


def _leave(part: Part, towards: Point) -> Point:
    width, height = HALF[part.shape]
    across, up = towards[0] - part.x, towards[1] - part.y
    if part.shape == "dot":
        return part.x, part.y
    if abs(up) < 1e-9:
        return part.x + (width if across > 0 else -width), part.y
    if abs(across) < 1e-9:
        return part.x, part.y + (height if up > 0 else -height)
    raise ValueError(
        f"the wire between ({part.x:g}, {part.y:g}) and ({towards[0]:g}, {towards[1]:g}) is slanted; "
        "add a corner so that it leaves and reaches its parts along the grid"
    )


def _draw_wire(ax: Axes, wire: Wire, parts: dict[str, Part]) -> None:
    points = _route(parts[wire.tail], wire.corners, parts[wire.head])
    ax.add_patch(
        FancyArrowPatch(
            path=_rounded(points), arrowstyle="-|>" if wire.arrow else "-", mutation_scale=9,
            shrinkA=0, shrinkB=0, color=LIGHT[wire.role], fill=wire.arrow, linewidth=1.5,
            linestyle="--" if wire.dashed else "-", zorder=2, capstyle="butt",
        )
    )  # fmt: skip


def _rounded(points: Sequence[Point]) -> Path:
    """Return a path through the points whose corners are rounded."""
    vertices, codes = [points[0]], [Path.MOVETO]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        vertices += [_near(corner, before), corner, _near(corner, after)]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*vertices, points[-1]], [*codes, Path.LINETO])


def _near(corner: Point, other: Point) -> Point:
    across, up = other[0] - corner[0], other[1] - corner[1]
    length = (across**2 + up**2) ** 0.5
    part = min(BEND, length / 2) / length
    return corner[0] + part * across, corner[1] + part * up


# --- the LSTM, grown in four pictures -----------------------------------------------------------------------

BUS, GATES, WRITE, CELL = 0.0, 1.15, 2.5, 3.7  # heights: what comes in, the layers, what is written, the cell
FORGET, INPUT, CANDIDATE, OUTPUT, END = 1.8, 3.2, 4.5, 5.8, 7.2  # places of the layers, and of the way out


def _inside(fresh: Iterable[str] | None, role: str = "cell") -> Cell:
    """Return what all four pictures share: the state and the input come together, a layer reads both."""
    cell = Cell(fresh).panel(0.55, -0.5, 8.0, 4.25)
    cell.value("h_before", -0.2, BUS, "hidden", "$h_{t-1}$").value("x", 1.0, -1.35, "input", "$x_t$")
    cell.value("h", 8.75, BUS, "hidden", "$h_t$").dot("join", 1.0, BUS)
    cell.wire("h_before", "join", "hidden", arrow=False).wire("x", "join", "input", arrow=False)
    return cell.layer("g", CANDIDATE, GATES, "tanh", role)


def _reads(cell: Cell, *layers: str) -> Cell:
    """Wire the joined [x, h] to layers, from left to right."""
    before = "join"
    for name in layers[:-1]:
        fork = f"to {name}"
        cell.dot(fork, cell.parts[name].x, BUS).wire(before, fork, arrow=False).wire(fork, name)
        before = fork
    last = layers[-1]
    return cell.wire(before, last, corners=[(cell.parts[last].x, BUS)])


def plain() -> Cell:
    """Return the cell of chapter 4: one tanh layer reads [x, h], and what it says is the new state."""
    cell = _inside(None, "hidden")
    cell.wire("g", "h", "hidden", corners=[(CANDIDATE, WRITE), (END, WRITE), (END, BUS)])
    return _reads(cell, "g").note(CANDIDATE + 0.15, 1.9, "$h_t$", "left")


def _cell_line(cell: Cell, peepholes: bool = False) -> Cell:
    """Draw the cell state's line, through all that stands on it, and from it by way of tanh to the state."""
    cell.value("c_before", -0.2, CELL, "memory", "$c_{t-1}$").value("c", 8.75, CELL, "memory", "$c_t$")
    cell.dot("fork", END, CELL, "cell").function("squash", END, 2.75, "tanh", role="hidden")
    if peepholes:
        cell.dot("old", 1.1, CELL, "cell").dot("new", 6.55, CELL, "cell")
    way = sorted((n for n, part in cell.parts.items() if part.y == CELL), key=lambda n: cell.parts[n].x)
    for tail, head in pairwise(way):
        cell.wire(tail, head, "cell", arrow=cell.parts[head].shape != "dot")
    return cell.wire("fork", "squash", "cell")


def keeping() -> Cell:
    """Return a cell that keeps by construction: what the layer says is added to the old cell state."""
    cell = _inside({"c_before", "c", "plus", "squash"})
    cell.operation("plus", CANDIDATE, CELL, "+")
    _cell_line(cell).wire("g", "plus", "cell").note(CANDIDATE + 0.15, 1.9, "$g_t$", "left")
    return _reads(cell.wire("squash", "h", "hidden", corners=[(END, BUS)]), "g")


def _gated(fresh: Iterable[str] | None, forgets: bool = False, peepholes: bool = False) -> Cell:
    cell = _inside(fresh).layer("i", INPUT, GATES, "σ").layer("o", OUTPUT, GATES, "σ")
    cell.operation("plus", CANDIDATE, CELL, "+").operation("write", CANDIDATE, WRITE, "×")
    cell.operation("show", END, 1.85, "×", role="hidden")
    if forgets:
        cell.operation("keep", FORGET, CELL, "×")
    _cell_line(cell, peepholes).wire("write", "plus", "cell").wire("g", "write", "cell")
    cell.wire("i", "write", corners=[(INPUT, WRITE)]).wire("o", "show", corners=[(OUTPUT, 1.85)])
    cell.wire("squash", "show", "hidden").wire("show", "h", "hidden", corners=[(END, BUS)])
    cell.note(INPUT + 0.15, 1.9, "$i_t$", "left").note(CANDIDATE + 0.15, 1.9, "$g_t$", "left")
    return cell.note(OUTPUT + 0.2, 2.1, "$o_t$", "left")


def guarded() -> Cell:
    """Return the cell of 1997: an input gate guards what is written, an output gate what is shown."""
    return _reads(_gated({"i", "o", "write", "show"}), "i", "g", "o")


def lstm(peepholes: bool = False, fresh: Iterable[str] | None = ("f", "keep")) -> Cell:
    """Return the LSTM with forget gate (2000).

    Args:
        peepholes: draw also the dashed wires by which the gates see the cell state.
        fresh: parts that are filled; the forget gate by default, ``None`` for all.
    """
    cell = _gated(fresh, True, peepholes).layer("f", FORGET, GATES, "σ")
    cell.wire("f", "keep").note(FORGET + 0.15, 1.9, "$f_t$", "left")
    if peepholes:
        cell.dot("over", 1.1, 3.05, "cell").wire("old", "over", "cell", dashed=True, arrow=False)
        cell.wire("over", "f", "cell", corners=[(1.1, GATES)], dashed=True)
        cell.wire("over", "i", "cell", corners=[(2.45, 3.05), (2.45, GATES)], dashed=True)
        cell.wire("new", "o", "cell", corners=[(6.55, GATES)], dashed=True)
    return _reads(cell, "f", "i", "g", "o")


# --- the GRU, with the reset after the product with the state's weights or before it ------------------------

KEPT = 4.9  # height of the state's line
RESET, UPDATE, FROM_H, FROM_X = 1.9, 3.2, 4.7, 6.0  # places of the layers


def gru(reset: str = "after") -> Cell:
    """Return the GRU; only the place of the product with the reset gate differs between its two forms.

    Args:
        reset: ``"after"`` the product of the old state with its weights (PyTorch), or ``"before"`` it.

    Raises:
        ValueError: another place.
    """
    if reset not in ("after", "before"):
        raise ValueError(f"reset is 'after' or 'before' the product, got {reset!r}")
    cell = Cell().panel(0.55, -0.85, 6.75, 5.45)
    cell.value("h_before", -0.2, KEPT, "hidden", "$h_{t-1}$").value("x", 1.0, -1.65, "input", "$x_t$")
    cell.value("h", 7.5, KEPT, "hidden", "$h_t$").dot("old", 1.0, KEPT, "hidden").dot("join", 1.0, 0.0)
    cell.dot("x fork", 1.0, -0.5, "input").layer("r", RESET, GATES, "σ").layer("z", UPDATE, GATES, "σ")
    cell.layer("from h", FROM_H, GATES, "$W_{hn}$").layer("from x", FROM_X, GATES, "$W_{xn}$")
    cell.operation("sum", FROM_H, 2.7, "+", "hidden").function("n", FROM_H, 3.4, "tanh", role="hidden")
    cell.operation("keep", UPDATE, KEPT, "×", "hidden").operation("plus", FROM_H, KEPT, "+", "hidden")
    cell.operation("write", FROM_H, 4.15, "×", "hidden").operation("rest", 3.95, 4.15, "1−", "ink")
    cell.dot("z fork", UPDATE, 4.15)
    _kept_line(cell)
    _reset(cell, after=reset == "after")
    cell.wire("x", "x fork", "input", arrow=False).wire("x fork", "join", "input", arrow=False)
    cell.wire("x fork", "from x", "input", corners=[(FROM_X, -0.5)])
    cell.wire("from x", "sum", corners=[(FROM_X, 2.7)]).wire("sum", "n", "hidden")
    cell.wire("n", "write", "hidden").wire("write", "plus", "hidden")
    cell.wire("z", "z fork", arrow=False).wire("z fork", "keep")
    cell.wire("z fork", "rest").wire("rest", "write")
    cell.note(RESET + 0.15, 1.72, "$r_t$", "left").note(UPDATE + 0.15, 3.1, "$z_t$", "left")
    return _reads(cell.note(FROM_H + 0.2, 3.8, "$n_t$", "left"), "r", "z")


def _kept_line(cell: Cell) -> None:
    """Wire the state from left to right: kept by the update gate, added to, passed on."""
    for tail, head in pairwise(["h_before", "old", "keep", "plus", "h"]):
        cell.wire(tail, head, "hidden", arrow=head != "old")


def _reset(cell: Cell, after: bool) -> None:
    """Wire the old state down to the gates and, by way of the reset gate, to the candidate."""
    level = 0.5 if after else 2.05
    cell.dot("h fork", 1.0, level, "hidden").wire("old", "h fork", "hidden", arrow=False)
    cell.wire("h fork", "join", "hidden", arrow=False)
    if after:
        cell.operation("reset", FROM_H, 2.05, "×", "hidden")
        cell.wire("h fork", "from h", "hidden", corners=[(FROM_H, level)]).wire("from h", "reset")
        cell.wire("r", "reset", corners=[(RESET, 2.05)]).wire("reset", "sum")
    else:
        cell.operation("reset", RESET, level, "×", "hidden").wire("r", "reset")
        aside = [(3.95, level), (3.95, 0.5), (FROM_H, 0.5)]
        cell.wire("h fork", "reset", "hidden").wire("reset", "from h", "hidden", corners=aside)
        cell.wire("from h", "sum")
