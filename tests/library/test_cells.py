"""The inside of a cell: what is wired to what, what is new in a picture that grows, what cannot be drawn."""

import re
from functools import partial
from itertools import pairwise

import pytest

from course_utils import cells, figures
from course_utils.palette import LIGHT

pytestmark = pytest.mark.usefixtures("style")

GROWING = [cells.plain, cells.keeping, cells.guarded, cells.lstm]


def reaches(cell, start, goal):
    """Whether some way along the wires leads from one part to another."""
    seen, todo = set(), [start]
    while todo:
        part = todo.pop()
        seen.add(part)
        todo += [w.head for w in cell.wires if w.tail == part and w.head not in seen]
    return goal in seen


def on_the_cell_line(cell):
    """The parts that the old cell state meets on its way to the new one, in order."""
    part, met = "c_before", []
    while part != "c":
        part = next(w.head for w in cell.wires if w.tail == part and cell.parts[w.head].y == cells.CELL)
        met.append(part)
    return [name for name in met[:-1] if cell.parts[name].shape == "operation"]


def test_the_pictures_only_grow():
    sizes = [len(draw().parts) for draw in GROWING]
    assert sizes == sorted(set(sizes))
    for before, after in pairwise(GROWING[1:]):
        assert set(before().parts) <= set(after().parts)


def test_a_part_stays_in_its_place_while_the_picture_grows():
    for before, after in pairwise(GROWING):
        for name, part in before().parts.items():
            if name in after().parts:
                assert (part.x, part.y) == (after().parts[name].x, after().parts[name].y)


def test_what_is_fresh_was_not_there_before():
    for before, after in pairwise(GROWING):
        assert set(after().fresh).isdisjoint(before().parts)


@pytest.mark.parametrize(
    ("draw", "operations"),
    [(cells.keeping, ["plus"]), (cells.guarded, ["plus"]), (cells.lstm, ["keep", "plus"])],
)
def test_the_old_cell_state_meets_a_product_only_where_there_is_a_forget_gate(draw, operations):
    assert on_the_cell_line(draw()) == operations


def test_every_layer_reads_both_the_input_and_the_old_state():
    for draw in GROWING:
        cell = draw()
        for name, part in cell.parts.items():
            if part.shape == "layer":
                assert reaches(cell, "x", name) and reaches(cell, "h_before", name)


def test_the_new_state_comes_from_the_cell_state_and_the_output_gate():
    assert not reaches(cells.plain(), "c_before", "h")
    cell = cells.lstm()
    assert all(reaches(cell, name, "h") for name in ("c_before", "o", "f", "i", "g"))
    assert not reaches(cell, "o", "c")


def test_only_peepholes_let_the_gates_see_the_cell_state():
    assert not any(reaches(cells.lstm(), "c_before", gate) for gate in "ifgo")
    with_peepholes = cells.lstm(peepholes=True)
    assert [reaches(with_peepholes, "c_before", gate) for gate in "ifgo"] == [True, True, False, True]
    assert {w.head for w in with_peepholes.wires if w.dashed and w.arrow} == set("ifo")


def test_the_output_peephole_sees_the_new_cell_state_and_the_others_the_old():
    cell = cells.lstm(peepholes=True)
    assert reaches(cell, "plus", "o")
    assert not reaches(cell, "plus", "i") and not reaches(cell, "plus", "f")


def test_a_drawing_repeats_and_uses_the_palette_only():
    for draw in (*GROWING, cells.gru, partial(cells.gru, "before")):
        first, second = (figures.svg(draw().draw()) for _ in range(2))
        assert first == second
        assert set(re.findall(r"#[0-9a-f]{6}\b", first)) <= set(LIGHT.values())


def test_what_is_fresh_is_filled_and_the_rest_is_not():
    fill = LIGHT["cell_fill"]
    cell = cells.Cell(fresh={"a"}).function("a", 0, 0, "tanh", "cell")
    assert fill in figures.svg(cell.draw())
    cell = cells.Cell(fresh=()).function("a", 0, 0, "tanh", "cell")
    assert fill not in figures.svg(cell.draw())


def test_a_wire_ends_at_the_outlines_of_its_parts():
    left, right = cells.Part(0, 0, "layer", "ink"), cells.Part(3, 2, "operation", "cell")
    width, radius = cells.HALF["layer"][0], cells.HALF["operation"][1]
    assert cells._route(left, [(3, 0)], right) == [(width, 0), (3, 0), (3, 2 - radius)]


def test_a_slanted_wire_is_refused_unless_it_starts_at_a_dot():
    cell = cells.Cell().layer("a", 0, 0, "σ").layer("b", 2, 1, "σ").dot("d", 1, 1)
    with pytest.raises(ValueError, match="slanted"):
        cell.wire("a", "b")
    cell.wire("d", "b")


def test_names_are_checked():
    cell = cells.Cell(fresh={"nobody"}).layer("a", 0, 0, "σ")
    with pytest.raises(ValueError, match="already"):
        cell.layer("a", 1, 0, "σ")
    with pytest.raises(ValueError, match="no kind 'gate'"):
        cell.value("b", 1, 0, "gate")
    with pytest.raises(KeyError, match="no part 'b'; there are: a"):
        cell.wire("a", "b")
    with pytest.raises(KeyError, match="nobody"):
        cell.draw()


# --- the GRU ------------------------------------------------------------------------------------------------

RESETS = ["after", "before"]


@pytest.mark.parametrize("reset", RESETS)
def test_the_grus_state_meets_the_update_gate_and_then_the_candidate(reset):
    cell = cells.gru(reset)
    assert [w.head for w in cell.wires if cell.parts[w.tail].y == cell.parts[w.head].y == cells.KEPT] == [
        "old", "keep", "plus", "h",
    ]  # fmt: skip
    assert reaches(cell, "z", "keep") and reaches(cell, "z", "write")
    assert reaches(cell, "n", "plus") and not reaches(cell, "n", "keep")


@pytest.mark.parametrize("reset", RESETS)
def test_both_gates_of_the_gru_read_the_input_and_the_old_state(reset):
    cell = cells.gru(reset)
    for gate in "rz":
        assert reaches(cell, "x", gate) and reaches(cell, "h_before", gate)
    assert not reaches(cell, "x", "from h") or reset == "before"  # by way of r only
    assert not reaches(cell, "h_before", "from x")


def test_the_reset_gate_acts_after_the_product_or_before_it():
    after, before = cells.gru("after"), cells.gru("before")
    assert reaches(after, "from h", "reset") and not reaches(after, "reset", "from h")
    assert reaches(before, "reset", "from h") and not reaches(before, "from h", "reset")


def test_only_the_reset_moves_between_the_two_forms_of_the_gru():
    places = [{n: (p.x, p.y) for n, p in cells.gru(r).parts.items()} for r in RESETS]
    moved = {name for name in places[0] if places[0][name] != places[1][name]}
    assert moved == {"reset", "h fork"}  # and where its wire leaves the state's


def test_another_place_of_the_reset_is_refused():
    with pytest.raises(ValueError, match="'after' or 'before'"):
        cells.gru("between")
