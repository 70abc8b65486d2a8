"""Each wiring has the arrows that its equation has, and a way through it is as long as it should be."""

import pytest

from course_utils.wirings import ways, wiring


def edges(diagram):
    return {(arrow.tail, arrow.head) for arrow in diagram.arrows}


def added(**how):
    """The arrows of a wiring that a plain stack does not have."""
    return edges(wiring(4, 3, **how)) - edges(wiring(4, 3))


def test_a_stack_hands_states_up_and_on_and_writes_from_the_top():
    drawn = edges(wiring(2, 2))
    assert drawn == {
        ("x0", "h1,0"), ("h1,0", "h2,0"), ("h2,0", "y0"), ("h1,0", "h1,1"), ("h2,0", "h2,1"),
        ("x1", "h1,1"), ("h1,1", "h2,1"), ("h2,1", "y1"),
    }  # fmt: skip


def test_a_skip_from_the_input_enters_every_layer_but_the_first():
    assert added(skip_input=True) == {(f"x{t}", f"h{layer},{t}") for t in range(4) for layer in (2, 3)}


def test_a_skip_to_the_output_leaves_every_layer_but_the_last():
    assert added(skip_output=True) == {(f"h{layer},{t}", f"y{t}") for t in range(4) for layer in (1, 2)}


def test_delays_add_arrows_from_earlier_states_of_the_same_layer():
    assert added(delays=(1, 3)) == {(f"h{layer},0", f"h{layer},3") for layer in (1, 2, 3)}


def test_a_residual_connection_goes_round_each_layer_from_the_second_on():
    drawn = edges(wiring(1, 3, residual=True))
    assert {("h1,0", "+2,0"), ("h2,0", "+2,0"), ("+2,0", "h3,0"), ("+2,0", "+3,0"), ("+3,0", "y0")} <= drawn
    assert ("h3,0", "y0") not in drawn


def test_a_deep_transition_is_entered_before_the_state():
    drawn = edges(wiring(2, 1, transition=2))
    assert {("x1", "u1,1,1"), ("h1,0", "u1,1,1"), ("u1,1,1", "h1,1")} <= drawn
    assert ("h1,0", "h1,1") not in drawn


@pytest.mark.parametrize(
    ("how", "now", "from_three_back"),
    [
        ({}, (3, 3), (6, 6)),
        ({"skip_input": True}, (1, 3), (4, 6)),
        ({"skip_output": True}, (1, 3), (4, 6)),
        ({"skip_input": True, "skip_output": True}, (1, 3), (4, 6)),
        ({"residual": True}, (1, 3), (4, 6)),
        ({"layers": 1}, (1, 1), (4, 4)),
        ({"layers": 1, "delays": (1, 3)}, (1, 1), (2, 4)),
        ({"layers": 1, "transition": 2}, (2, 2), (8, 8)),
    ],
)
def test_the_fewest_and_the_most_layers_on_a_way_are_counted(how, now, from_three_back):
    diagram = wiring(4, **how)
    assert ways(diagram, "x3", "y3") == now
    assert ways(diagram, "x0", "y3") == from_three_back


def test_nothing_leads_back_in_time():
    with pytest.raises(ValueError, match="no way leads from 'x1' to 'y0'"):
        ways(wiring(2, 2), "x1", "y0")


def test_what_is_not_done_is_dimmed():
    diagram = wiring(2, 2, done={(1, 0), (2, 0), (1, 1)})
    assert [name for name, node in diagram.nodes.items() if node.dim] == ["h2,1", "y1"]
    assert {(a.tail, a.head) for a in diagram.arrows if a.dim} == {
        ("h1,1", "h2,1"), ("h2,0", "h2,1"), ("h2,1", "y1")
    }  # fmt: skip


@pytest.mark.parametrize(
    "how", [{"steps": 0}, {"layers": 0}, {"delays": ()}, {"delays": (0,)}, {"transition": 0}]
)
def test_a_wiring_without_any_of_something_says_so(how):
    with pytest.raises(ValueError, match="expected one or more of each"):
        wiring(**how)
