"""A page's score from one seed stands beside stored ones, and must agree with its own."""

from __future__ import annotations

from pathlib import Path

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
        "04b,0,2.3100",
        "04b,1,2.2900",
        "07,0,0.5000",
        "07,1,0.4000",
    ]


@pytest.mark.parametrize("measured", [2.33, 2.29, float("nan")])
def test_a_page_that_measures_something_else_is_stopped(table, monkeypatch, measured) -> None:
    write(monkeypatch, "04b", {0: 2.31, 1: 2.29})
    with pytest.raises(AssertionError, match=r"chapter 04b, seed 0: measured .*stored 2.3100"):
        seeds.scores("04b", range(2), measured, never, slack=0.01)


def test_a_seed_without_a_row_says_how_to_write_it(table, monkeypatch) -> None:
    write(monkeypatch, "04b", {0: 2.31, 1: 2.29})
    with pytest.raises(KeyError, match=r"for seed 2; run the notebook with UNROLLED_WRITE_SEEDS=1"):
        seeds.scores("04b", range(3), 2.31, never, slack=0.01)
