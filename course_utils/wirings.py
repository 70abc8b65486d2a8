"""How the layers of a deep recurrent network are joined: small unrolled diagrams, one function for all.

The grammar is that of ``diagrams``: one column a time step, inputs are squares, hidden units circles, outputs
diamonds. Layers stand on top of each other, the lowest nearest to the input. A grey circle with a plus adds.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from course_utils.diagrams import Diagram

ROW = 1.5  # from one layer to the next, in grid units
COLUMN = 2.1  # from one step to the next
OWN_WAY = 0.34  # how much an arrow bends that passes by a node


def wiring(
    steps: int = 3,
    layers: int = 3,
    *,
    skip_input: bool = False,
    skip_output: bool = False,
    residual: bool = False,
    delays: Collection[int] = (1,),
    transition: int = 1,
    done: Collection[tuple[int, int]] | None = None,
) -> Diagram:
    """Return layers over time; without any keyword a plain stack, equation (9.1).

    Node names: ``x{t}``, ``h{layer},{t}`` with layers from 1 and steps from 0, ``y{t}``; with a residual
    connection ``+{layer},{t}``, with a deep transition ``u{layer},{t},{k}`` for what stands before ``h``.

    Args:
        steps: how many columns, one or more.
        layers: how many hidden layers, one or more.
        skip_input: every layer reads the input, too (9.3).
        skip_output: the output reads every layer (9.4).
        residual: from the second layer on, what goes into a layer is added to what comes out of it.
        delays: the earlier states that a layer reads, in steps (9.5).
        transition: layers of computation from one state to the next (9.6); 1 is the usual recurrence.
        done: (layer, step) of the states that are computed already, the others are dimmed; all, if None.

    Raises:
        ValueError: fewer than one step, layer, delay or transition.
    """
    if not delays or min(steps, layers, transition, *delays) < 1:
        raise ValueError(
            f"expected one or more of each, got {steps} steps, {layers} layers, delays {tuple(delays)}, "
            f"transition {transition}"
        )
    height = 2 * ROW if residual else ROW
    width = COLUMN + 1.2 * (transition - 1)
    diagram, top = Diagram(), 0.0
    for t in range(steps):
        x = width * t
        diagram.node(f"x{t}", x, 0, "input", f"$x_{{{t}}}$")
        below = f"x{t}"
        for layer in range(1, layers + 1):
            y = ROW + (layer - 1) * height - (ROW if residual and layer > 1 else 0)
            below = _add_layer(diagram, layer, t, (x, y), below, layers, transition)
            if residual and layer > 1:
                below = _add_sum(diagram, layer, t, (x, y + ROW))
            top = y + (ROW if residual and layer > 1 else 0)
        end = diagram.nodes[below].x
        diagram.node(f"y{t}", end, top + ROW, "output", f"$\\hat{{y}}_{{{t}}}$")
        diagram.arrow(below, f"y{t}", role="hidden")
        for layer in range(2, layers + 1):
            if skip_input:
                diagram.arrow(f"x{t}", _entry(layer, t, transition), role="input", bend=OWN_WAY)
            if skip_output:
                diagram.arrow(f"h{layer - 1},{t}", f"y{t}", role="output", bend=-OWN_WAY)
        for layer in range(1, layers + 1):
            for back in (back for back in delays if back <= t):
                diagram.arrow(
                    f"h{layer},{t - back}", _entry(layer, t, transition), role="hidden",
                    bend=0.0 if back == 1 else OWN_WAY,
                )  # fmt: skip
    return diagram if done is None else _dimmed(diagram, layers, set(done))


def _entry(layer: int, t: int, transition: int) -> str:
    """Return the node by which a layer is entered at a step."""
    return f"h{layer},{t}" if transition == 1 else f"u{layer},{t},1"


def _letter(name: str, layer: int, t: int, layers: int) -> str:
    return f"${name}_{{{t}}}$" if layers == 1 else f"${name}^{{({layer})}}_{{{t}}}$"


def _add_layer(
    diagram: Diagram, layer: int, t: int, at: tuple[float, float], below: str, layers: int, transition: int
) -> str:
    """Add a layer's units of one step and the arrow that enters from below; return the name of its state."""
    x, y = at
    before = below
    for k in range(1, transition):
        name = f"u{layer},{t},{k}"
        diagram.node(name, x + 1.2 * (k - 1), y, "hidden", _letter("u", layer, t, layers))
        diagram.arrow(before, name, role="input" if before[0] == "x" else "hidden")
        before = name
    name = f"h{layer},{t}"
    diagram.node(name, x + 1.2 * (transition - 1), y, "hidden", _letter("h", layer, t, layers))
    diagram.arrow(before, name, role="input" if before[0] == "x" else "hidden")
    return name


def _add_sum(diagram: Diagram, layer: int, t: int, at: tuple[float, float]) -> str:
    """Add the plus over a layer: what came out of the layer and what had come in."""
    came_in = f"+{layer - 1},{t}" if layer > 2 else f"h1,{t}"
    diagram.node(f"+{layer},{t}", *at, "baseline", "+").arrow(f"h{layer},{t}", f"+{layer},{t}", role="hidden")
    diagram.arrow(came_in, f"+{layer},{t}", bend=-OWN_WAY)
    return f"+{layer},{t}"


def _dimmed(diagram: Diagram, layers: int, done: set[tuple[int, int]]) -> Diagram:
    def waits(name: str) -> bool:
        where = name[1:].split(",")
        if name[0] == "x":
            return (1, int(where[0])) not in done
        return ((layers, int(where[0])) if name[0] == "y" else (int(where[0]), int(where[1]))) not in done

    for name, node in diagram.nodes.items():
        diagram.nodes[name] = replace(node, dim=waits(name))
    diagram.arrows = [replace(arrow, dim=waits(arrow.head) or waits(arrow.tail)) for arrow in diagram.arrows]
    return diagram


def ways(diagram: Diagram, start: str, end: str) -> tuple[int, int]:
    """Return the fewest and the most hidden units on a way along the arrows between two nodes.

    A unit is a layer of computation, so the two numbers say how shallow and how deep a wiring is between
    the two places. A sum is none.

    Raises:
        ValueError: there is no way.
    """
    heads: dict[str, list[str]] = {}
    for arrow in diagram.arrows:
        heads.setdefault(arrow.tail, []).append(arrow.head)

    def onward(name: str) -> tuple[int, int] | None:
        """Fewest and most units after this node; None when the end is not reached from it."""
        if name == end:
            return 0, 0
        if name not in found:
            after = [(head[0] in "hu", onward(head)) for head in heads.get(name, [])]
            counts = [(unit + way[0], unit + way[1]) for unit, way in after if way]
            found[name] = (min(a for a, _ in counts), max(b for _, b in counts)) if counts else None
        return found[name]

    found: dict[str, tuple[int, int] | None] = {}
    way = onward(start)
    if way is None:
        raise ValueError(f"no way leads from {start!r} to {end!r}")
    return way
