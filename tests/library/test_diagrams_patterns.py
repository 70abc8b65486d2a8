"""The patterns of input and output are drawn as they are described, and a folded network has its loop."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import diagrams
from course_utils.diagrams import Pattern


def edges(diagram):
    return {(arrow.tail, arrow.head) for arrow in diagram.arrows}


def test_the_folded_network_comes_back_to_itself_through_one_step():
    drawn = edges(diagrams.folded())
    assert {("h", "wait"), ("wait", "h")} <= drawn
    assert ("h", "y") in drawn
    assert ("wait", "y") not in drawn  # the output is read from h_t, not from h_{t-1}


def test_many_to_one_reads_at_each_step_and_writes_at_the_last():
    drawn = edges(diagrams.patterns([[Pattern("many to one", 3, (0, 1, 2), (2,))]]))
    assert {("x0,0,0", "h0,0,0"), ("x0,0,1", "h0,0,1"), ("x0,0,2", "h0,0,2")} <= drawn
    assert [edge for edge in drawn if edge[1].startswith("y")] == [("h0,0,2", "y0,0,2")]
    assert ("h0,0,0", "h0,0,1") in drawn


def test_output_recurrence_has_no_arrow_between_hidden_units():
    drawn = edges(diagrams.patterns([[Pattern("output to hidden", 3, (0, 1, 2), (0, 1, 2), "output")]]))
    assert ("y0,0,0", "h0,0,1") in drawn
    assert not [edge for edge in drawn if edge[0][0] == edge[1][0] == "h"]


def test_patterns_do_not_overlap():
    row = [Pattern("one to one", 1, (0,), (0,)), Pattern("one to many", 4, (0,), (0, 1, 2, 3))]
    diagram = diagrams.patterns([row, row])
    places = np.array([(node.x, node.y) for node in diagram.nodes.values()])
    apart = np.abs(places[:, None] - places[None]).max(axis=2) + np.eye(len(places)) * 9
    assert apart.min() > 2 * diagrams.SIZE


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (Pattern("too far", 2, (0, 2), (1,)), "expected columns 0 to 1"),
        (Pattern("other", 2, (0,), (1,), "input"), "carry is 'hidden' or 'output', got 'input'"),
    ],
)
def test_a_pattern_that_cannot_be_drawn_says_why(pattern, said):
    with pytest.raises(ValueError, match=said):
        diagrams.patterns([[pattern]])


def test_dark_pixels_are_large_dots_and_empty_ones_none():
    figure, ax = plt.subplots()
    diagrams.pixels(ax, [[0, 1], [0.5, 0]])
    dots = ax.collections[0]
    assert dots.get_offsets().tolist() == [[1, 0], [0, -1]]
    assert dots.get_sizes().tolist() == [22, 11]
    plt.close(figure)
