"""Figures repeat byte for byte, use the palette only, and turn dark completely."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import diagrams, figures
from course_utils.palette import DARK, LIGHT, darken

pytestmark = pytest.mark.usefixtures("style")


def line_plot():
    fig, ax = plt.subplots()
    ax.plot(np.sin(np.arange(50.0)), label="sine")
    ax.plot(np.cos(np.arange(50.0)))
    figures.stems(ax, [0.5, -0.5, 0.0])
    figures.label(ax, x="step", y="value", title="A title", legend=True)
    return fig


DRAWINGS = {
    "plot": line_plot,
    "window": lambda: diagrams.window(9, 4, 6).draw(),
    "unrolled": lambda: diagrams.unrolled(4, now=2, lit=[1, 2]).draw(),
    "output feedback": lambda: diagrams.output_feedback(3).draw(),
    "narx": lambda: diagrams.narx(3, 2).draw(),
    "stack": lambda: diagrams.stacked_convolution(8, 2, [1, 2, 4]).draw(),
}


def test_figures_in_one_document_do_not_share_what_their_ids_point_to():
    """An editor that shows all pictures of a notebook in one page would clip one by another's frame."""
    drawn = [figures.svg(draw()) for draw in DRAWINGS.values()]
    clips = [set(re.findall(r"url\(#([\w-]+)", text)) for text in drawn]  # a letter's outline may be shared
    together = [name for names in clips for name in names]
    assert together
    assert len(together) == len(set(together))


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_drawn_twice_is_the_same_text(name):
    assert figures.svg(DRAWINGS[name]()) == figures.svg(DRAWINGS[name]())


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_uses_no_colour_outside_the_palette(name):
    assert set(re.findall(r"#[0-9a-f]{6}\b", figures.svg(DRAWINGS[name]()))) <= set(LIGHT.values())


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_dark_figure_keeps_no_light_colour(name):
    dark = darken(figures.svg(DRAWINGS[name]()))
    assert set(re.findall(r"#[0-9a-f]{6}\b", dark)) <= set(DARK.values())


def test_a_stored_figure_holds_no_date_and_no_long_decimals():
    text = figures.svg(line_plot())
    assert "<dc:date>" not in text
    assert text.startswith("<svg")
    paths = " ".join(re.findall(r' d="([^"]*)"', text))
    assert not re.search(r"\d\.\d{3,}", paths)


def test_rounding_moves_nothing_by_more_than_a_hundredth_of_a_point():
    assert figures._round_numbers("M 1.23456 -0.0001 L 100.5 7e-7") == "M 1.23 0 L 100.5 7e-7"


def luminance(colour):
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    dark, light = sorted([luminance(a), luminance(b)])
    return (light + 0.05) / (dark + 0.05)


LINES = ["ink", "muted", "input", "hidden", "cell", "output", "gradient", "baseline"]


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    "role", ["ink", "muted", "input", "hidden", "cell", "output", "gradient", "baseline"]
)
def test_every_line_and_letter_stands_out_from_its_page(palette, role):
    assert contrast(palette[role], palette["surface"]) >= 4.5


def test_no_two_roles_share_a_colour_so_that_exchanging_them_is_exact():
    assert LIGHT.keys() == DARK.keys()
    assert len(set(LIGHT.values())) == len(LIGHT)
    assert not set(LIGHT.values()) & set(DARK.values())


def test_the_window_diagram_lights_exactly_the_inputs_in_the_window():
    diagram = diagrams.window(steps=9, length=4, end=6)
    lit = [name for name, node in diagram.nodes.items() if node.kind == "input" and not node.dim]
    assert lit == ["x3", "x4", "x5", "x6"]
    assert [a.tail for a in diagram.arrows if a.head == "h"] == lit


def test_a_window_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="window of 4 that ends at 2 does not fit into 9 steps"):
        diagrams.window(steps=9, length=4, end=2)


def test_three_layers_with_doubling_dilation_reach_eight_inputs():
    diagram = diagrams.stacked_convolution(steps=12, kernel=2, dilations=[1, 2, 4])
    inputs = [name for name, node in diagram.nodes.items() if node.kind == "input" and not node.dim]
    assert inputs == [f"0,{t}" for t in range(4, 12)]


def test_with_output_feedback_the_past_comes_in_through_outputs_only():
    arrows = {(a.tail, a.head) for a in diagrams.output_feedback(steps=3).arrows}
    assert {("y0", "f1"), ("y1", "f2")} <= arrows
    assert {head for tail, head in arrows if tail == "x0"} == {"f0"}


def test_a_narx_step_reads_the_inputs_and_outputs_asked_for():
    diagram = diagrams.narx(past_inputs=3, past_outputs=2)
    assert {a.tail for a in diagram.arrows if a.head == "f"} == {"x0", "x1", "x2", "y1", "y2"}
    assert ("y", "y1") in {(a.tail, a.head) for a in diagram.arrows}  # the output comes back
    with pytest.raises(ValueError, match="L = 3 and K = 0"):
        diagrams.narx(3, 0)


def test_the_unrolled_graph_carries_the_state_forward_only():
    diagram = diagrams.unrolled(steps=4)
    carried = [(a.tail, a.head) for a in diagram.arrows if a.tail[0] == a.head[0] == "h"]
    assert carried == [("h0", "h1"), ("h1", "h2"), ("h2", "h3")]


def test_the_grammar_refuses_unknown_kinds_and_missing_nodes():
    with pytest.raises(ValueError, match="there are: input, hidden, output, memory, baseline"):
        diagrams.Diagram().node("a", 0, 0, "neuron")
    with pytest.raises(KeyError, match="no node 'b'"):
        diagrams.Diagram().node("a", 0, 0, "input").arrow("a", "b")
