"""Networks drawn from a small grammar: nodes of a few kinds on a grid, and arrows between them.

A kind has one colour and one shape throughout the book, so that a drawing can be read without its colours:
inputs are squares, hidden units circles, outputs diamonds, memories rounded boxes. What is not part of the
story of a drawing is *dimmed*: grey outline, no fill.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch, Patch, Polygon, Rectangle

from course_utils.palette import LIGHT

KINDS = {  # kind: (palette role, shape)
    "input": ("input", "square"),
    "hidden": ("hidden", "circle"),
    "output": ("output", "diamond"),
    "memory": ("cell", "box"),
    "baseline": ("baseline", "circle"),
}
SIZE = 0.36  # a node's measure, in grid units
HALF = {  # shape: half its width and half its height, in grid units
    "square": (0.9 * SIZE, 0.9 * SIZE),
    "circle": (SIZE, SIZE),
    "diamond": (1.25 * SIZE, 1.25 * SIZE),
    "box": (1.2 * SIZE, 0.9 * SIZE),
}


@dataclass(frozen=True)
class Node:
    """One unit: where it stands (grid units), what kind it is, what is written in it."""

    x: float
    y: float
    kind: str
    text: str = ""
    dim: bool = False


@dataclass(frozen=True)
class Arrow:
    """A connection between two named nodes; ``bend`` curves it (+ to the left of its direction)."""

    tail: str
    head: str
    role: str = "muted"
    dim: bool = False
    bend: float = 0.0
    dashed: bool = False


@dataclass
class Diagram:
    """Nodes by name, arrows between them, and notes; ``draw`` makes the figure."""

    nodes: dict[str, Node] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    notes: list[tuple[float, float, str, str]] = field(default_factory=list)
    panels: list[tuple[float, float, float, float]] = field(default_factory=list)

    def node(self, name: str, x: float, y: float, kind: str, text: str = "", dim: bool = False) -> Diagram:
        """Add a node; kinds are those of ``KINDS``.

        Raises:
            ValueError: an unknown kind, or a name that is already there.
        """
        if kind not in KINDS:
            raise ValueError(f"no kind {kind!r}; there are: {', '.join(KINDS)}")
        if name in self.nodes:
            raise ValueError(f"there is a node {name!r} already")
        self.nodes[name] = Node(x, y, kind, text, dim)
        return self

    def arrow(self, tail: str, head: str, **how: object) -> Diagram:
        """Add an arrow between two nodes; ``how`` are the fields of :class:`Arrow`.

        Raises:
            KeyError: one of the nodes is not there yet.
        """
        for name in (tail, head):
            if name not in self.nodes:
                raise KeyError(f"no node {name!r}; there are: {', '.join(self.nodes)}")
        self.arrows.append(Arrow(tail, head, **how))  # type: ignore[arg-type]
        return self

    def note(self, x: float, y: float, text: str, align: str = "center") -> Diagram:
        """Write a short note at a place of the grid; ``align`` is left, center or right."""
        self.notes.append((x, y, text, align))
        return self

    def panel(self, left: float, bottom: float, right: float, top: float) -> Diagram:
        """Shade an area behind the nodes: the window, one time step, one layer."""
        self.panels.append((left, bottom, right, top))
        return self

    def draw(self, scale: float = 0.55) -> Figure:
        """Return the figure; ``scale`` is inches a grid unit."""
        xs = [n.x for n in self.nodes.values()] + [x for x, *_ in self.notes]
        ys = [n.y for n in self.nodes.values()] + [y for _, y, *_ in self.notes]
        left, right = min(xs) - 0.8, max(xs) + 0.8
        bottom, top = min(ys) - 0.7, max(ys) + 0.7
        figure, ax = plt.subplots(figsize=((right - left) * scale, (top - bottom) * scale))
        ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
        ax.axis("off")
        for area in self.panels:
            ax.add_patch(shaded(*area))
        outlines = {name: _draw_node(ax, node) for name, node in self.nodes.items()}
        for arrow in self.arrows:
            _draw_arrow(ax, arrow, *((self.nodes[n], outlines[n]) for n in (arrow.tail, arrow.head)))
        for x, y, text, align in self.notes:
            ax.text(x, y, text, ha=align, va="center", color=LIGHT["muted"], fontsize=9.5)
        return figure


def shaded(left: float, bottom: float, right: float, top: float, rounding: float = 0.25) -> Patch:
    """Return a panel behind nodes; ``rounding`` is the radius of its corners."""
    return FancyBboxPatch(
        (left, bottom), right - left, top - bottom, boxstyle=f"round,pad=0,rounding_size={rounding}",
        facecolor=LIGHT["panel"], edgecolor=LIGHT["grid"], linewidth=1, zorder=0,
    )  # fmt: skip


def _draw_node(ax: Axes, node: Node) -> Patch:
    role, shape = KINDS[node.kind]
    look = {
        "facecolor": LIGHT["surface"] if node.dim else LIGHT.get(f"{role}_fill", LIGHT["panel"]),
        "edgecolor": LIGHT["grid"] if node.dim else LIGHT[role],
        "linewidth": 1.0 if node.dim else 1.6,
        "zorder": 3,
    }
    outline = ax.add_patch(outlined(shape, node.x, node.y, HALF[shape], look))
    ink = LIGHT["muted"] if node.dim else LIGHT["ink"]
    ax.text(node.x, node.y, node.text, ha="center", va="center", color=ink, fontsize=10, zorder=4)
    return outline


def outlined(
    shape: str, x: float, y: float, half: tuple[float, float], look: dict[str, object], rounding: float = 0.15
) -> Patch:
    """Return a shape of ``HALF`` around (x, y), in any size; ``rounding`` rounds a box's corners."""
    width, height = half
    corner = (x - width, y - height)
    if shape == "circle":
        return Circle((x, y), width, **look)
    if shape == "square":
        return Rectangle(corner, 2 * width, 2 * height, **look)
    if shape == "diamond":
        points = [(x - width, y), (x, y + height), (x + width, y), (x, y - height)]
        return Polygon(points, closed=True, **look)
    style = f"round,pad=0,rounding_size={rounding}"
    return FancyBboxPatch(corner, 2 * width, 2 * height, boxstyle=style, **look)


def _draw_arrow(ax: Axes, arrow: Arrow, tail: tuple[Node, Patch], head: tuple[Node, Patch]) -> None:
    ax.add_patch(
        FancyArrowPatch(
            (tail[0].x, tail[0].y), (head[0].x, head[0].y), connectionstyle=f"arc3,rad={arrow.bend}",
            arrowstyle="-|>", mutation_scale=9, shrinkA=0, shrinkB=0,
            patchA=tail[1], patchB=head[1],
            color=LIGHT["grid"] if arrow.dim else LIGHT[arrow.role],
            linewidth=0.9 if arrow.dim else 1.5, linestyle="--" if arrow.dashed else "-",
            zorder=1 if arrow.dim else 3.5,  # what is lit lies over what is dimmed
        )
    )  # fmt: skip


def unrolled(
    steps: int,
    now: int | None = None,
    lit: Iterable[int] = (),
    inputs: str = "x",
    states: str = "h",
    outputs: str = "\\hat{y}",
) -> Diagram:
    """Return a recurrent network unrolled over time: one column a step, the state carried to the right.

    Args:
        steps: how many columns, one or more.
        now: columns after this one are dimmed (they have not happened yet); all have by default.
        lit: columns whose state holds what the drawing is about; their states are filled.
        inputs, states, outputs: LaTeX letters of the three rows.
    """
    if steps < 1:
        raise ValueError(f"expected one step or more, got {steps}")
    now = steps - 1 if now is None else now
    lit = set(lit)
    diagram = Diagram()
    for t in range(steps):
        future = t > now
        diagram.node(f"x{t}", 1.5 * t, 0, "input", f"${inputs}_{{{t}}}$", dim=future)
        diagram.node(f"h{t}", 1.5 * t, 1.5, "hidden" if t in lit or not lit else "baseline",
                     f"${states}_{{{t}}}$", dim=future)  # fmt: skip
        diagram.node(f"y{t}", 1.5 * t, 3, "output", f"${outputs}_{{{t}}}$", dim=future)
        diagram.arrow(f"x{t}", f"h{t}", dim=future).arrow(f"h{t}", f"y{t}", dim=future)
        if t:
            carries = {t - 1, t} <= lit or not lit
            diagram.arrow(f"h{t - 1}", f"h{t}", dim=future, role="hidden" if carries else "muted")
    return diagram


def window(steps: int, length: int, end: int, inputs: str = "x", target: str = "\\hat{x}") -> Diagram:
    """Return a window predictor at work: the ``length`` inputs that end at ``end`` reach the output.

    Raises:
        ValueError: the window does not fit: it needs ``length - 1 <= end < steps``.
    """
    if not length - 1 <= end < steps:
        raise ValueError(f"a window of {length} that ends at {end} does not fit into {steps} steps")
    start = end - length + 1
    middle = (start + end) / 2
    diagram = Diagram().panel(start - 0.5, -0.5, end + 0.5, 0.5)
    for t in range(steps):
        diagram.node(f"x{t}", t, 0, "input", f"${inputs}_{{{t}}}$", dim=not start <= t <= end)
    diagram.node("h", middle, 1.5, "hidden", "$f$").node(
        "y", middle, 3, "output", f"${target}_{{{end + 1}}}$"
    )
    for t in range(start, end + 1):
        diagram.arrow(f"x{t}", "h", role="input")
    return diagram.arrow("h", "y", role="hidden")


def stacked_convolution(steps: int, kernel: int, dilations: Iterable[int]) -> Diagram:
    """Return a stack of causal convolutions over time; what reaches the last output is lit.

    Args:
        steps: inputs drawn.
        kernel: values each unit reads in the layer below.
        dilations: distance between those values, one a layer from the bottom up.
    """
    dilations = list(dilations)
    reached = [{steps - 1}]  # per layer from the top down: the columns that the last output depends on
    for gap in reversed(dilations):
        reached.insert(0, {t - k * gap for t in reached[0] for k in range(kernel)})
    diagram = Diagram()
    for layer, columns in enumerate(reached):
        kind = "input" if layer == 0 else "output" if layer == len(dilations) else "hidden"
        for t in range(steps):
            diagram.node(f"{layer},{t}", 0.95 * t, 1.6 * layer, kind, dim=t not in columns)
    for layer, gap in enumerate(dilations, start=1):
        for t in range(steps):
            for k in range(kernel):
                if t - k * gap >= 0:
                    lit = t in reached[layer]
                    role = "input" if layer == 1 else "hidden"
                    diagram.arrow(f"{layer - 1},{t - k * gap}", f"{layer},{t}", role=role, dim=not lit)
    return diagram


def output_feedback(steps: int, inputs: str = "x", outputs: str = "y") -> Diagram:
    """Return a network whose output is its only memory: each output enters the next step.

    Args:
        steps: how many columns, one or more.
        inputs, outputs: LaTeX letters of the two rows.
    """
    if steps < 1:
        raise ValueError(f"expected one step or more, got {steps}")
    diagram = Diagram()
    for t in range(steps):
        diagram.node(f"x{t}", 2 * t, 0, "input", f"${inputs}_{{{t}}}$")
        diagram.node(f"f{t}", 2 * t, 1.5, "hidden", "$f$")
        diagram.node(f"y{t}", 2 * t, 3, "output", f"${outputs}_{{{t}}}$")
        diagram.arrow(f"x{t}", f"f{t}", role="input").arrow(f"f{t}", f"y{t}", role="hidden")
        if t:
            diagram.arrow(f"y{t - 1}", f"f{t}", role="output")
    return diagram


def narx(past_inputs: int, past_outputs: int, inputs: str = "x", outputs: str = "y") -> Diagram:
    """Return one step of a NARX network: what it reads, and the way of its output back to where it is read.

    Args:
        past_inputs: inputs read, the present one among them: L, one or more.
        past_outputs: outputs read: K, one or more.
        inputs, outputs: LaTeX letters of the two series.
    """
    if past_inputs < 1 or past_outputs < 1:
        raise ValueError(f"expected one or more of each, got L = {past_inputs} and K = {past_outputs}")
    diagram = Diagram()
    gap, right = 1.35, 1.35 * (past_inputs + past_outputs)
    middle = (right - gap / 2) / 2
    diagram.node("f", middle, 1.7, "hidden", "$f$").node("y", middle, 3.3, "output", f"${outputs}_t$")
    for k in range(past_inputs):
        back = past_inputs - 1 - k
        when = f"t-{back}" if back else "t"
        diagram.node(f"x{back}", gap * k, 0, "input", f"${inputs}_{{{when}}}$").arrow(
            f"x{back}", "f", role="input"
        )
    for k in range(past_outputs):
        back = past_outputs - k
        diagram.node(f"y{back}", gap * (past_inputs + k + 0.5), 0, "output", f"${outputs}_{{t-{back}}}$")
        diagram.arrow(f"y{back}", "f", role="output")
    diagram.arrow("f", "y", role="hidden").arrow("y", "y1", role="output", bend=-0.45, dashed=True)
    return diagram.note(right - 0.6, 2.6, "one step later", align="left")


def folded() -> Diagram:
    """Return a recurrent network before it is unrolled: a loop, and in it a box that waits one step."""
    diagram = Diagram().node("x", 0, 0, "input", "$x_t$").node("h", 0, 1.5, "hidden", "$h_t$")
    diagram.node("y", 0, 3, "output", "$\\hat{y}_t$").node("wait", 2.2, 1.5, "memory", "$h_{t-1}$")
    diagram.arrow("x", "h", role="input").arrow("h", "y", role="hidden")
    diagram.arrow("h", "wait", role="hidden", bend=-0.4).arrow("wait", "h", role="hidden", bend=-0.4)
    return diagram.note(2.2, 2.4, "one step later")


@dataclass(frozen=True)
class Pattern:
    """Which steps of an unrolled network have an input and which an output.

    Attributes:
        name: written above it.
        steps: how many columns.
        reads: columns with an input.
        writes: columns with an output.
        carry: what reaches the next step: ``"hidden"`` (the state) or ``"output"``.
    """

    name: str
    steps: int
    reads: tuple[int, ...]
    writes: tuple[int, ...]
    carry: str = "hidden"


def patterns(rows: Iterable[Iterable[Pattern]], step: float = 1.25) -> Diagram:
    """Return unrolled networks beside and below each other, one for each pattern.

    Args:
        rows: the patterns of each row, from the top.
        step: distance between two columns of one network, in grid units.

    Raises:
        ValueError: a pattern names a column that it does not have, or carries something else.
    """
    diagram, rows = Diagram(), [list(row) for row in rows]
    lefts = [0.0]  # the patterns of all rows stand below each other; a row's last one may be wider
    for k in range(max(map(len, rows)) - 1):
        lefts.append(lefts[-1] + max(_width(row[k], step) for row in rows if len(row) > k + 1))
    for r, row in enumerate(rows):
        for k, pattern in enumerate(row):
            _add_pattern(diagram, f"{r},{k}", pattern, lefts[k], -5.2 * r, step)
    return diagram


def _width(p: Pattern, step: float) -> float:
    return max(step * (p.steps - 1), 0.19 * max(map(len, p.name.split("\n")))) + 1.9


def _add_pattern(diagram: Diagram, key: str, p: Pattern, left: float, bottom: float, step: float) -> None:
    if not set(p.reads) | set(p.writes) <= set(range(p.steps)):
        raise ValueError(f"{p.name}: expected columns 0 to {p.steps - 1}, got {p.reads} and {p.writes}")
    if p.carry not in ("hidden", "output"):
        raise ValueError(f"{p.name}: carry is 'hidden' or 'output', got {p.carry!r}")
    diagram.note(left - SIZE, bottom + 3.9, p.name, align="left")
    for t in range(p.steps):
        x, column = left + step * t, f"{key},{t}"
        diagram.node(f"h{column}", x, bottom + 1.4, "hidden")
        if t in p.reads:
            diagram.node(f"x{column}", x, bottom, "input").arrow(f"x{column}", f"h{column}", role="input")
        if t in p.writes:
            diagram.node(f"y{column}", x, bottom + 2.8, "output")
            diagram.arrow(f"h{column}", f"y{column}", role="hidden")
        if t:
            tail = {"hidden": "h", "output": "y"}[p.carry]
            diagram.arrow(f"{tail}{key},{t - 1}", f"h{column}", role=p.carry)


def pixels(ax: Axes, image: Sequence[Sequence[float]], title: str = "") -> None:
    """Draw a small picture as dots on its grid: the darker a pixel (0 to 1), the larger its dot."""
    height, width = len(image), len(image[0])
    places = [(i, j) for i in range(height) for j in range(width) if image[i][j] > 0]
    x, y = [j for _, j in places], [-i for i, _ in places]
    sizes = [22 * image[i][j] for i, j in places]
    ax.scatter(x, y, s=sizes, marker="s", color=LIGHT["ink"], linewidths=0)
    ax.set(xlim=(-0.7, width - 0.3), ylim=(0.7 - height, 0.7), aspect="equal", title=title)
    ax.axis("off")


def context(steps: int, sources: Iterable[str] = "yhm", outputs: str = "y") -> Diagram:
    """Return a network with a memory of its own, m, drawn over time: m and x enter h, h leads to y.

    What enters the memory is fixed, not learned, and drawn dashed.

    Args:
        steps: how many columns, one or more.
        sources: what the next memory is made from: ``"y"`` the output, ``"h"`` the hidden layer, ``"m"``
            the memory itself; any of them together.
        outputs: LaTeX letter of the top row.

    Raises:
        ValueError: no step, or a source other than these three.
    """
    sources = list(sources)
    if steps < 1:
        raise ValueError(f"expected one step or more, got {steps}")
    if not set(sources) <= set("yhm"):
        raise ValueError(f"a memory is made from y, h and m, got {', '.join(sources)}")
    how = {"y": ("output", 0.0), "h": ("hidden", 0.0), "m": ("cell", 0.35)}
    diagram = Diagram()
    for t in range(steps):
        x = 3.4 * t
        diagram.node(f"m{t}", x, 0, "memory", f"$m_{{{t}}}$")
        diagram.node(f"x{t}", x + 1.3, 0, "input", f"$x_{{{t}}}$")
        diagram.node(f"h{t}", x + 1.3, 1.5, "hidden", f"$h_{{{t}}}$")
        diagram.node(f"y{t}", x + 1.3, 3, "output", f"${outputs}_{{{t}}}$")
        diagram.arrow(f"x{t}", f"h{t}", role="input").arrow(f"m{t}", f"h{t}", role="cell")
        diagram.arrow(f"h{t}", f"y{t}", role="hidden")
        if t:
            for source in sources:
                role, bend = how[source]
                diagram.arrow(f"{source}{t - 1}", f"m{t}", role=role, bend=bend, dashed=True)
    return diagram


def backward_path(steps: int, start: int, end: int) -> Diagram:
    """Return an unrolled network with one way of the gradient lit: from an output back to an earlier state.

    Args:
        steps: how many columns, one or more.
        start: the column whose output has the error.
        end: the column of the state that is reached, not later than ``start``.

    Raises:
        ValueError: the two columns are not in this order, or outside the drawing.
    """
    if not 0 <= end <= start < steps:
        raise ValueError(f"expected 0 <= end <= start < {steps}, got start {start} and end {end}")
    diagram = unrolled(steps, now=-1)
    for name in (f"y{start}", *(f"h{t}" for t in range(end, start + 1))):
        diagram.nodes[name] = replace(diagram.nodes[name], dim=False)
    ways = [(f"y{start}", f"h{start}"), *((f"h{t}", f"h{t - 1}") for t in range(start, end, -1))]
    diagram.arrows = [a for a in diagram.arrows if (a.head, a.tail) not in ways]
    for tail, head in ways:
        diagram.arrow(tail, head, role="gradient")
    return diagram
