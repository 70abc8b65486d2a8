"""A page's score from one seed stands beside stored ones, and must agree with its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from course_utils import seeds


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(seeds, "TABLE", tmp_path / "seeds.csv")
    monkeypatch.delenv("UNROLLED_WRITE_SEEDS", raising=False)
    return seeds.TABLE


def never(seed: int) -> float:
    raise AssertionError(f"seed {seed} was trained although its score is stored")


def write(monkeypatch: pytest.MonkeyPatch, chapter: str, scores: dict[int, float]) -> None:
    monkeypatch.setenv("UNROLLED_WRITE_SEEDS", "1")
    seeds.scores(chapter, list(scores), scores[0], scores.__getitem__, slack=0.01)
    monkeypatch.delenv("UNROLLED_WRITE_SEEDS")


def test_scores_are_written_once_and_read_from_then_on(table, monkeypatch, capsys) -> None:
    write(monkeypatch, "04b", {0: 2.31, 1: 2.29, 2: 2.30})
    capsys.readouterr()
    assert seeds.scores("04b", range(3), 2.314, never, slack=0.01) == [2.314, 2.29, 2.30]
    assert capsys.readouterr().out == "seed 0 agrees with its stored score, 2 other seeds read\n"


def test_another_chapters_rows_stay(table, monkeypatch) -> None:
    write(monkeypatch, "07", {0: 0.5, 1: 0.4})
    write(monkeypatch, "04b", {0: 2.31, 1: 2.29})
    assert table.read_text(encoding="utf-8").splitlines()[1:] == [
        "04b,0,2.31",
        "04b,1,2.29",
        "07,0,0.5",
        "07,1,0.4",
    ]


def test_zero_switches_the_writing_off(table, monkeypatch) -> None:
    write(monkeypatch, "04b", {0: 2.31, 1: 2.29})
    monkeypatch.setenv("UNROLLED_WRITE_SEEDS", "0")
    assert seeds.scores("04b", range(2), 2.31, never, slack=0.01) == [2.31, 2.29]


def test_only_the_rows_that_are_asked_for_are_written_anew(table, monkeypatch) -> None:
    write(monkeypatch, "07 a", {0: 0.5, 1: 0.4})
    monkeypatch.setenv("UNROLLED_WRITE_SEEDS", "04b")
    assert seeds.scores("07 a", range(2), 0.5, never, slack=0.01) == [0.5, 0.4]
    seeds.scores("04b", range(2), 2.3, {1: 2.2}.__getitem__, slack=0.01)
    assert seeds.stored("04b", range(2)) == [2.3, 2.2]


@pytest.mark.parametrize("measured", [2.33, 2.29, float("nan")])
def test_a_page_that_measures_something_else_is_stopped(table, monkeypatch, measured) -> None:
    write(monkeypatch, "04b", {0: 2.31, 1: 2.29})
    with pytest.raises(AssertionError, match=r"04b, seed 0: measured .*stored 2.3100"):
        seeds.scores("04b", range(2), measured, never, slack=0.01)


def test_a_seed_without_a_row_says_how_to_write_it(table, monkeypatch) -> None:
    write(monkeypatch, "04b", {0: 2.31, 1: 2.29})
    with pytest.raises(KeyError, match=r"for seed 2; run the notebook with UNROLLED_WRITE_SEEDS=1"):
        seeds.scores("04b", range(3), 2.31, never, slack=0.01)


def test_several_scores_a_seed_keep_their_shape(table, monkeypatch, capsys) -> None:
    of_seed = {0: np.array([[0.5, 2.0], [1.0, 3.0]]), 1: np.array([[0.25, 4.0], [8.0, 5.0]])}
    monkeypatch.setenv("UNROLLED_WRITE_SEEDS", "1")
    seeds.arrays("02", range(2), of_seed[0], of_seed.__getitem__, slack=0.01)
    monkeypatch.delenv("UNROLLED_WRITE_SEEDS")
    assert table.read_text(encoding="utf-8").splitlines()[-1] == "02,1,0.25 4 8 5"
    found = seeds.arrays("02", range(2), of_seed[0] + 0.001, never, slack=0.01)
    assert found.shape == (2, 2, 2)
    assert (found[0] == of_seed[0] + 0.001).all()
    assert (found[1] == of_seed[1]).all()
    with pytest.raises(AssertionError, match=r"02, seed 0: measured 1\.0200, stored 1\.0000"):
        seeds.arrays("02", range(2), of_seed[0] + [[0, 0], [0.02, 0]], never, slack=0.01)
    seeds.arrays("02", range(2), of_seed[0] + [[0, 0], [0.02, 0]], never, slack=[0.05, 0.01])
    with pytest.raises(AssertionError, match=r"measured 2\.0200, stored 2\.0000, more than 0\.01 apart"):
        seeds.arrays("02", range(2), of_seed[0] + [[0, 0.02], [0, 0]], never, slack=[0.05, 0.01])
    with pytest.raises(AssertionError, match="02: expected 1 scores a seed, the table has 4; if"):
        seeds.scores("02", range(2), 0.5, never, slack=0.01)


def test_what_a_page_does_not_train_is_read(table, monkeypatch, capsys) -> None:
    monkeypatch.setenv("UNROLLED_WRITE_SEEDS", "1")
    seeds.read("06", range(2), {0: [0.5, 2.0], 1: [0.25, 4.0]}.__getitem__)
    seeds.read("07", range(2), {0: 0.5, 1: 0.25}.__getitem__)
    monkeypatch.delenv("UNROLLED_WRITE_SEEDS")
    capsys.readouterr()
    assert seeds.read("06", range(2), never).tolist() == [[0.5, 2.0], [0.25, 4.0]]
    assert seeds.read("07", [1], never).tolist() == [0.25]
    assert capsys.readouterr().out == "stored results read: 2\nstored results read: 1\n"
    with pytest.raises(KeyError, match="for seed 2; run the notebook with UNROLLED_WRITE_SEEDS=1"):
        seeds.read("07", range(3), never)


def test_a_page_that_speaks_for_itself_asks_for_silence(table, monkeypatch, capsys) -> None:
    write(monkeypatch, "04b", {0: 2.31, 1: 2.29})
    capsys.readouterr()
    assert seeds.scores("04b", range(2), 2.31, never, slack=0.01, quiet=True) == [2.31, 2.29]
    assert seeds.arrays("04b", range(2), 2.31, never, slack=0.01, quiet=True).tolist() == [2.31, 2.29]
    assert seeds.read("04b", range(2), never, quiet=True).tolist() == [2.31, 2.29]
    assert capsys.readouterr().out == ""
    with pytest.raises(AssertionError, match="04b, seed 0"):
        seeds.scores("04b", range(2), 2.9, never, slack=0.01, quiet=True)
