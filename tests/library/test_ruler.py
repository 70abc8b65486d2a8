"""The memory ruler measures what it says, and its table cannot drift from the models."""

import numpy as np
import pytest
import torch
from torch import nn

from course_utils import ruler


def test_a_sequence_is_a_symbol_then_distractors_then_the_cue():
    X, y = ruler.batch(lag=5, size=40, generator=torch.Generator().manual_seed(0))
    assert X.shape == (7, 40, ruler.D)
    assert (X.sum(dim=2) == 1).all()
    shown = X.argmax(dim=2)
    assert (shown[0] == y).all()
    assert ((shown[1:-1] >= ruler.SYMBOLS) & (shown[1:-1] < ruler.D - 1)).all()
    assert (shown[-1] == ruler.D - 1).all()


class Oracle(nn.Module):
    """Looks at the first step and names it: a perfect memory."""

    def __init__(self, first):
        super().__init__()
        self.first = first
        self.scale = nn.Parameter(torch.tensor(5.0))

    def forward(self, X):
        return self.scale * X[0 if self.first else 1, :, : ruler.Q]


def test_a_perfect_memory_scores_one_at_every_lag():
    assert (ruler.measure(lambda: Oracle(True), upto=2, seeds=[0]) == 1).all()


def test_a_model_that_sees_distractors_only_scores_chance():
    accuracy = ruler.measure(lambda: Oracle(False), upto=2, seeds=[0, 1])
    assert accuracy.mean() == pytest.approx(ruler.CHANCE, abs=0.04)


@pytest.fixture
def empty_table(tmp_path, monkeypatch):
    monkeypatch.setattr(ruler, "TABLE", tmp_path / "memory_ruler.csv")


ACCURACY = np.linspace(1, 0.3, len(ruler.LAGS))[:, None] * np.array([[0.98, 1.0, 1.0]])


def test_a_measurement_without_its_row_fails(empty_table):
    with pytest.raises(AssertionError, match="no complete rows for 'net' of chapter 99"):
        ruler.agree("99", "net", ACCURACY)


def test_a_written_row_agrees_with_its_own_measurement_and_not_with_another(empty_table, monkeypatch, capsys):
    monkeypatch.setenv("UNROLLED_WRITE_RULER", "1")
    ruler.agree("99", "net", ACCURACY)
    monkeypatch.delenv("UNROLLED_WRITE_RULER")
    ruler.agree("99", "net", ACCURACY)
    assert "'net': as in the table at 7 lags, 3 of 3 seeds" in capsys.readouterr().out
    with pytest.raises(AssertionError, match=r"net, lag 1, seed 0: measured 0\.880, .* says 0\.980"):
        ruler.agree("99", "net", ACCURACY - 0.1)


def test_a_slow_model_may_measure_the_short_lags_only_unless_it_writes_its_row(monkeypatch):
    assert ruler.measure(lambda: Oracle(True), upto=4).shape == (3, 1)
    monkeypatch.setattr(ruler, "UPDATES", 1)
    monkeypatch.setenv("UNROLLED_WRITE_RULER", "1")
    assert ruler.measure(lambda: Oracle(True), upto=4).shape == (len(ruler.LAGS), len(ruler.SEEDS))


def test_the_lags_that_were_measured_must_agree(empty_table, monkeypatch):
    monkeypatch.setenv("UNROLLED_WRITE_RULER", "1")
    ruler.agree("99", "net", ACCURACY)
    monkeypatch.delenv("UNROLLED_WRITE_RULER")
    ruler.agree("99", "net", ACCURACY[:3])
    with pytest.raises(AssertionError, match="lag 4"):
        ruler.agree("99", "net", ACCURACY[:3] - [[0], [0], [0.2]])


def test_a_page_that_trains_one_seed_is_held_to_that_seed_s_row(empty_table, monkeypatch, capsys):
    monkeypatch.setenv("UNROLLED_WRITE_RULER", "1")
    ruler.agree("99", "net", ACCURACY)
    monkeypatch.delenv("UNROLLED_WRITE_RULER")
    ruler.agree("99", "net", ACCURACY[:3, :1], tolerance=0.01)
    assert "at 3 lags, 1 of 3 seeds" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="lag 1, seed 0"):
        ruler.agree("99", "net", ACCURACY[:3, 1:], tolerance=0.01)  # seed 1 is not seed 0


def test_writing_a_row_keeps_the_others(empty_table, monkeypatch):
    monkeypatch.setenv("UNROLLED_WRITE_RULER", "1")
    ruler.agree("02", "first", ACCURACY)
    ruler.agree("01", "second", ACCURACY)
    ruler.agree("02", "first", ACCURACY)
    names = [(row["chapter"], row["model"]) for row in ruler.read()]
    assert names == [("01", "second")] * len(ruler.LAGS) + [("02", "first")] * len(ruler.LAGS)


def test_the_committed_table_has_every_lag_of_every_model_in_order():
    rows = ruler.read()
    assert rows, "the table is empty; run: make ruler"
    for model in {(row["chapter"], row["model"]) for row in rows}:
        own = [row for row in rows if (row["chapter"], row["model"]) == model]
        assert tuple(row["lag"] for row in own) == ruler.LAGS
        assert all(0 <= row["lowest"] <= row["median"] <= row["highest"] <= 1 for row in own)
        assert all(row["lowest"] in row["seeds"] and len(row["seeds"]) == len(ruler.SEEDS) for row in own)


def test_the_reach_ends_before_the_first_lag_that_falls_short(empty_table, monkeypatch):
    monkeypatch.setenv("UNROLLED_WRITE_RULER", "1")
    ruler.agree("99", "net", ACCURACY)  # medians 1, 0.883, 0.767, …
    assert ruler.stored("median")["net", 2] == pytest.approx(0.883)
    assert ruler.reach("net", "median", enough=0.88) == 2
    assert ruler.reach("net", enough=0.88) == 1  # the lowest at lag 2 is 0.866
    assert ruler.reach("net", enough=0.99) == 0
    with pytest.raises(ValueError, match=r"no model 'nut' in memory_ruler\.csv; there are: 'net'"):
        ruler.reach("nut")
