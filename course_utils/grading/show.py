"""Verdicts as plain text, as text with colour, and as HTML. Every one can be read without its colour."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from course_utils.grading.questions import Verdict, printable

PASS, PART, FAIL, TODO = "PASS", "PART", "FAIL", "TO DO"
_ANSI = {PASS: "\033[1;32m", PART: "\033[1;33m", FAIL: "\033[1;31m", TODO: "\033[1;33m"}
# white on each: contrast above 5 : 1
_BADGE = {PASS: "#1b6e3c", PART: "#7a5200", FAIL: "#a32018", TODO: "#5a6572"}


def word(verdict: Verdict) -> str:
    """Return PASS, FAIL, PART for some of the points or, for what is not written yet, TO DO."""
    if verdict.passed:
        return PASS
    if verdict.points:
        return PART
    return TODO if verdict.code == "unwritten" else FAIL


@dataclass(frozen=True)
class Report:
    """One verdict, or the table of an exercise. A notebook shows it as HTML, a terminal as text."""

    verdicts: tuple[Verdict, ...]
    table: bool = False

    @property
    def points(self) -> int:
        return sum(v.points for v in self.verdicts)

    @property
    def max_points(self) -> int:
        return sum(v.max_points for v in self.verdicts)

    def __repr__(self) -> str:
        return as_text(self, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ)

    def _repr_html_(self) -> str:
        return as_html(self)


def as_text(report: Report, colour: bool = False) -> str:
    """Return the report for a terminal."""
    lines = _table_lines(report) if report.table else [x for v in report.verdicts for x in _verdict_lines(v)]
    text = printable("\n".join(lines))
    if colour:
        text = re.sub(r"^(PASS|PART|FAIL|TO DO)\b", lambda m: f"{_ANSI[m[1]]}{m[1]}\033[0m", text, flags=re.M)
    return text


def _verdict_lines(v: Verdict) -> list[str]:
    head = f"{word(v):<5}  {v.question} · {v.title} · {_of(v.points, v.max_points)}"
    return [head, *([f"       {v.line}"] if v.line else []), *([f"       Hint: {v.hint}"] if v.hint else [])]


def _table_lines(report: Report) -> list[str]:
    wide = max(len(v.title) for v in report.verdicts)
    rows = [(word(v), v.question, v.title, v.points, v.max_points, _shorten(v.line)) for v in report.verdicts]
    rows.append(("", "", "total", report.points, report.max_points, ""))
    return [
        f"{w:<5}  {q:<3}  {title:<{wide}}  {p:>2} / {m:<2}  {line}".rstrip()
        for w, q, title, p, m, line in rows
    ]


def as_html(report: Report) -> str:
    """Return the report for a notebook: no script, no style sheet, colours of its own on any page."""
    return _table_html(report) if report.table else "".join(map(_verdict_html, report.verdicts))


def _verdict_html(v: Verdict) -> str:
    told = [_marked(v.line)] if v.line else []
    told += [f"<b>Hint.</b> {_marked(v.hint)}"] if v.hint else []
    style = f"border-left:4px solid {_BADGE[word(v)]};padding:0.35em 0.8em;margin:0.4em 0;text-align:left"
    return (
        f'<div style="{style}">{_badge(v)} <b>{escape(v.question)}</b> · {escape(v.title)} · '
        + _of(v.points, v.max_points)
        + "".join(f'<div style="margin-top:0.35em">{text}</div>' for text in told)
        + "</div>"
    )


def _table_html(report: Report) -> str:
    cell = '<td style="text-align:left;padding:0.25em 0.8em;vertical-align:top">'
    rows = "".join(
        f"<tr>{cell}{_badge(v)}</td>{cell}{escape(v.question)}</td>{cell}{escape(v.title)}</td>"
        f"{cell}{v.points} / {v.max_points}</td>{cell}{_marked(v.line)}</td></tr>"
        for v in report.verdicts
    )
    head = "".join(
        f'<th scope="col" style="text-align:left;padding:0.25em 0.8em">{name}</th>'
        for name in ("Result", "Question", "Topic", "Points", "What was seen")
    )
    points = f"{report.points} / {report.max_points}"
    total = f"<tr>{cell}</td>{cell}</td>{cell}<b>total</b></td>{cell}<b>{points}</b></td>{cell}</td></tr>"
    return f'<table style="color:inherit"><thead><tr>{head}</tr></thead><tbody>{rows}{total}</tbody></table>'


def _badge(v: Verdict) -> str:
    look = "color:#ffffff;padding:0.1em 0.5em;border-radius:3px;font-weight:bold;white-space:nowrap"
    return f'<span style="background:{_BADGE[word(v)]};{look}">{word(v)}</span>'


def _marked(text: str) -> str:
    """Return the text escaped, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(printable(text)))


def _of(points: int, most: int) -> str:
    return f"{points} of {most} point{'s' if most != 1 else ''}"


def _shorten(text: str, most: int = 70) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def table(verdicts: Sequence[Verdict]) -> Report:
    return Report(tuple(verdicts), table=True)
