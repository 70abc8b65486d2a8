"""The series and texts are the ones the book describes."""

import numpy as np
import pytest

from course_utils import data

SERIES = {  # name: (values, first value, last value, unit must mention)
    "sunspots": (309, 5.0, 2.9, "sunspot"),
    "santa_fe_laser": (10_093, 86.0, 100.0, "counts"),
    "AAPL": (3270, 4.1867, 56.1, "dollars"),
    "MSFT": (3270, 30.2257, None, "dollars"),
    "IBM": (3270, 73.6677, None, "dollars"),
    "GOOG": (2148, 50.3228, None, "dollars"),
}


@pytest.mark.parametrize("name", SERIES)
def test_a_series_has_its_known_length_and_first_values(name):
    number, first, last, unit = SERIES[name]
    series = data.load(name)
    assert series.values.shape == series.times.shape == (number,)
    assert series.values.dtype == np.float64
    assert series.values[0] == pytest.approx(first, abs=1e-3)
    if last is not None:
        assert series.values[-1] == pytest.approx(last, abs=0.1)
    assert unit in series.unit


@pytest.mark.parametrize("name", SERIES)
def test_a_series_has_no_gaps_and_runs_forward_in_time(name):
    series = data.load(name)
    assert np.isfinite(series.values).all()
    assert (np.diff(series.times).astype(int) > 0).all()


@pytest.mark.parametrize("name", data.names())
def test_everything_says_where_it_comes_from_and_under_which_licence(name):
    shown = repr(data.load(name))
    assert "source" in shown
    assert "licence" in shown
    assert max(map(len, shown.splitlines())) <= 78


def test_sunspot_years_run_from_1700_to_2008():
    years = data.load("sunspots").times
    assert (years[0], years[-1]) == (1700, 2008)


def test_the_tragedies_hold_spoken_words_only():
    text = data.load("tragedies")
    assert text.text.startswith("Who's there?\n\nNay, answer me: stand, and unfold yourself.")
    assert not set("#*_\\") & set(text.text)
    assert "Enter Ghost" not in text.text
    words = text.words()
    assert words[:5] == ["who's", "there", "nay", "answer", "me"]
    assert len(words) == pytest.approx(140_000, rel=0.01)


def test_the_digits_are_1797_pictures_of_ten_classes():
    digits = data.load("digits")
    assert digits.images.shape == (1797, 8, 8)
    assert (digits.images.min(), digits.images.max()) == (0, 1)
    assert digits.labels[:5].tolist() == [0, 1, 2, 3, 4]
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_dictionary_speaks_in_39_phonemes():
    words = data.load("cmudict")
    assert (len(words.spoken), len(words.phonemes), len(words.vowels)) == (117_493, 39, 15)
    assert sum(map(len, words.spoken.values())) == 125_855
    assert words.spoken["table"] == (("T", "EY1", "B", "AH0", "L"),)
    assert words.spoken["read"] == (("R", "EH1", "D"), ("R", "IY1", "D"))
    heard = {phoneme for ways in words.spoken.values() for way in ways for phoneme in way}
    assert {phoneme.rstrip("012") for phoneme in heard} == set(words.phonemes)
    assert {phoneme[:-1] for phoneme in heard if phoneme[-1] in "012"} == words.vowels


def test_a_remark_behind_a_word_is_no_phoneme():
    assert data.load("cmudict").spoken["aalto"] == (("AA1", "L", "T", "OW2"),)


def test_a_wrong_name_lists_the_right_ones():
    with pytest.raises(
        ValueError, match=r"'sunspot'; there are: AAPL, cmudict, digits, GOOG, IBM, MSFT, .*sunspots"
    ):
        data.load("sunspot")


def test_a_missing_package_is_named_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setattr(data.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install --no-deps reservoirpy==0\.4\.2"):
        data.load("santa_fe_laser")
