"""A network with a memory of its own: what enters the memory, and that it is drawn as fixed."""

import re

import pytest

from course_utils import diagrams, figures
from course_utils.palette import LIGHT

pytestmark = pytest.mark.usefixtures("style")


def into_memory(diagram):
    return {(a.tail, a.head) for a in diagram.arrows if a.head.startswith("m")}


def test_elmans_memory_is_made_from_the_hidden_layer_alone():
    assert into_memory(diagrams.context(3, "h")) == {("h0", "m1"), ("h1", "m2")}


def test_jordans_memory_is_made_from_the_output_and_from_itself():
    assert into_memory(diagrams.context(2, "ym")) == {("y0", "m1"), ("m0", "m1")}


def test_at_each_step_the_memory_and_the_input_enter_the_hidden_layer_and_nothing_else_does():
    arrows = {(a.tail, a.head) for a in diagrams.context(4).arrows if a.head.startswith("h")}
    assert arrows == {(f"{kind}{t}", f"h{t}") for kind in "xm" for t in range(4)}


def test_what_is_fixed_is_dashed_and_what_is_learned_is_not():
    for arrow in diagrams.context(3).arrows:
        assert arrow.dashed == arrow.head.startswith("m")


def test_a_context_diagram_repeats_and_uses_the_palette_only():
    first, second = (figures.svg(diagrams.context(3, "yhm").draw()) for _ in range(2))
    assert first == second
    assert set(re.findall(r"#[0-9a-f]{6}\b", first)) <= set(LIGHT.values())


@pytest.mark.parametrize(
    ("steps", "sources", "said"), [(0, "h", "one step or more"), (2, "hz", "y, h and m")]
)
def test_what_cannot_be_drawn_is_refused(steps, sources, said):
    with pytest.raises(ValueError, match=said):
        diagrams.context(steps, sources)
