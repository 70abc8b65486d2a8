"""Score tables line up, and say the spread."""

import pytest

from course_utils.tables import Table, spread


def test_numbers_go_right_and_words_go_left():
    table = Table(
        ["name", "n", "error", "note"], [["a", 1, "0.12 (0.11–0.13)", "good"], ["bb", "1,024", "", ""]]
    )
    assert table._repr_markdown_().splitlines() == [
        "| name | n | error | note |",
        "| --- | ---: | ---: | --- |",
        "| a | 1 | 0.12 (0.11–0.13) | good |",
        "| bb | 1,024 |  |  |",
    ]


def test_the_plain_text_lines_up():
    assert repr(Table(["name", "n"], [["a", 1], ["bb", 100]])) == "name    n\na       1\nbb    100"


def test_a_short_row_is_refused():
    with pytest.raises(ValueError, match=r"expected 2 cells a row \(name, n\), got 1: \['a'\]"):
        Table(["name", "n"], [["a"]])


@pytest.mark.parametrize(
    ("values", "text"),
    [([0.3, 0.1, 0.2], "0.20 (0.10–0.30)"), ([0.1, 0.4], "0.25 (0.10–0.40)"), ([0.5], "0.50")],
)
def test_the_spread_is_median_smallest_and_largest(values, text):
    assert spread(values) == text
