"""The way of a gradient through an unrolled network: what is lit, and in which direction."""

import pytest

from course_utils import diagrams, figures
from course_utils.palette import LIGHT

pytestmark = pytest.mark.usefixtures("style")


def lit(diagram):
    return {name for name, node in diagram.nodes.items() if not node.dim}


def backwards(diagram):
    return [(a.tail, a.head) for a in diagram.arrows if a.role == "gradient"]


def test_a_path_runs_from_the_error_through_each_state_between():
    path = diagrams.backward_path(6, start=4, end=2)
    assert lit(path) == {"y4", "h4", "h3", "h2"}
    assert backwards(path) == [("y4", "h4"), ("h4", "h3"), ("h3", "h2")]


def test_the_shortest_path_has_one_arrow():
    assert backwards(diagrams.backward_path(3, start=1, end=1)) == [("y1", "h1")]


def test_a_lit_arrow_takes_the_place_of_the_forward_one():
    path = diagrams.backward_path(3, start=2, end=0)
    assert not [a for a in path.arrows if (a.tail, a.head) in [("h0", "h1"), ("h1", "h2"), ("h2", "y2")]]


def test_it_is_drawn_in_the_colour_of_gradients():
    assert LIGHT["gradient"] in figures.svg(diagrams.backward_path(3, start=2, end=1).draw())


@pytest.mark.parametrize(("start", "end"), [(1, 2), (3, 0), (1, -1)])
def test_a_path_that_runs_forward_or_leaves_the_drawing_is_refused(start, end):
    with pytest.raises(ValueError, match=r"expected 0 <= end <= start < 3"):
        diagrams.backward_path(3, start, end)
