"""Ratios of time are measured in turns, kept in a table with their machine, and never made up."""

from time import sleep

import pytest

from course_utils import timings
from course_utils.timings import Ratio


@pytest.fixture
def empty_table(tmp_path, monkeypatch):
    monkeypatch.delenv("UNROLLED_MEASURE", raising=False)
    monkeypatch.setattr(timings, "TABLE", tmp_path / "timings.csv")
    monkeypatch.setattr(timings, "ROUNDS", 3)
    monkeypatch.setattr(timings, "TURNS", 2)
    return tmp_path / "timings.csv"


def waits(seconds):
    return lambda: sleep(seconds)


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the pieces move, so that no test depends on how busy the machine is."""
    now = [0.0]
    monkeypatch.setattr(timings, "perf_counter", lambda: now[0])

    def takes(seconds):
        return lambda: now.__setitem__(0, now[0] + seconds)

    return takes


def test_the_ratio_is_the_second_pieces_time_over_the_firsts(clock):
    assert timings.measure(clock(0.002), clock(0.006)) == pytest.approx((3, 3, 3))


def test_short_pieces_are_called_often_and_long_ones_once_a_timing(clock):
    assert timings._calls(clock(1e-5)) == 50
    assert timings._calls(clock(2.0)) == 1


def test_long_pieces_are_timed_less_often(clock, monkeypatch):
    monkeypatch.setattr(timings, "TURNS", 40)
    calls = []

    def long_one():
        calls.append(1)
        clock(0.5)()

    timings.measure(clock(0.5), long_one)
    assert len(calls) < timings.ROUNDS * (timings.FEWEST + 1) + 10


def test_what_else_the_machine_does_in_between_does_not_count(clock):
    calls = iter(range(10_000))

    def disturbed():
        clock(0.001 if next(calls) % 3 else 0.050)()

    assert timings.measure(clock(0.001), disturbed) == pytest.approx((1, 1, 1))


def test_a_machine_that_slows_down_slows_both_pieces(clock, monkeypatch):
    monkeypatch.setattr(timings, "TURNS", 14)
    calls = iter(range(1, 10_000))

    def slower_and_slower():
        clock(0.001 * (1 + next(calls) / 1000))()

    middle, lowest, highest = timings.measure(slower_and_slower, slower_and_slower)
    assert lowest <= middle <= highest
    assert middle == pytest.approx(1, abs=0.02)


def test_a_written_table_is_read_back_and_not_measured_again(empty_table, monkeypatch, clock):
    monkeypatch.setenv("UNROLLED_MEASURE", "1")
    measured = timings.ratios("99 waiting", {"short": (clock(0.001), clock(0.004))})
    monkeypatch.delenv("UNROLLED_MEASURE")
    shown = timings.ratios("99 waiting", {"short": (clock(0.001), clock(0.001))})
    assert shown == measured
    assert str(shown["short"]) == "4.00 (4.00–4.00)"
    assert "numpy" in shown["short"].machine


def test_writing_one_name_leaves_the_others_alone(empty_table, monkeypatch, clock):
    monkeypatch.setenv("UNROLLED_MEASURE", "1")
    timings.ratios("98 other", {"a": (clock(0.001), clock(0.002))})
    timings.ratios("99 waiting", {"a": (clock(0.001), clock(0.003)), "b": (clock(0.001), clock(0.004))})
    timings.ratios("99 waiting", {"b": (clock(0.001), clock(0.005))})
    assert [(name, case, round(r.median)) for name, case, r in timings.read()] == [
        ("98 other", "a", 2),
        ("99 waiting", "b", 5),
    ]


def test_fresh_measures_and_leaves_the_table_alone(empty_table, clock):
    fresh = timings.ratios("99 waiting", {"short": (clock(0.001), clock(0.002))}, fresh=True)
    assert fresh["short"].median == pytest.approx(2)
    assert not empty_table.exists()


def test_a_case_that_was_never_measured_is_refused(empty_table):
    with pytest.raises(KeyError, match=r"no row '99 waiting' for 'short'; run: make timings"):
        timings.ratios("99 waiting", {"short": (waits(0), waits(0))})


def test_code_that_fails_cannot_show_ratios(empty_table):
    with pytest.raises(ZeroDivisionError):
        timings.ratios("99 waiting", {"short": (waits(0), lambda: 1 / 0)})


def test_the_committed_table_is_whole():
    rows = timings.read()
    assert len({(name, case) for name, case, _ in rows}) == len(rows)
    for name, case, ratio in rows:
        assert 0 < ratio.lowest <= ratio.median <= ratio.highest, (name, case)
        assert "torch" in ratio.machine


def test_a_ratio_says_its_spread():
    assert str(Ratio(1.234, 1.1, 1.5, "a machine")) == "1.23 (1.10–1.50)"
