"""What a teacher gets: a report each, one table of scores, a summary, and what Gradescope reads."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from course_utils.grading.questions import Verdict, printable
from course_utils.grading.show import Report, as_html, as_text, table

COLUMNS = ("submission", "exercise", "score", "max_score", "status")


@dataclass(frozen=True)
class Outcome:
    """What became of one submission.

    Attributes:
        submission: its path in the folder of submissions.
        status: "marked", or why there are no marks: "unreadable: …", "no exercise: …", "failed: …".
        verdicts: of all its questions; those of several exercises one after the other.
        key: changes with the file, the cases and the grader. Equal keys: need not be marked again.
        seed: draws the same inputs once more, where a mark is in doubt.
        isolated: whether the submission was kept apart from this machine.
        walls: how: "bubblewrap", "user" or "none", see ``sandbox.Sandbox``.
        seconds: how long it took.
    """

    submission: str
    status: str
    verdicts: tuple[Verdict, ...] = ()
    key: str = ""
    seed: str = ""
    isolated: bool = True
    walls: str = "bubblewrap"
    seconds: float = field(default=0.0, compare=False)

    @property
    def exercises(self) -> dict[str, tuple[Verdict, ...]]:
        names = dict.fromkeys(v.exercise for v in self.verdicts)
        return {name: tuple(v for v in self.verdicts if v.exercise == name) for name in names}


def rows(outcome: Outcome) -> list[tuple[str, str, int, int, str]]:
    """Return the outcome's rows of scores.csv: one an exercise, or one that says why there is none."""
    name = outcome.submission
    if name[:1] in "=+-@\t\r":  # a spreadsheet would take it for a formula
        name = f"./{name}"
    if not outcome.verdicts:
        return [(name, "", 0, 0, outcome.status)]
    return [
        (name, exercise, sum(v.points for v in verdicts), sum(v.max_points for v in verdicts), outcome.status)
        for exercise, verdicts in outcome.exercises.items()
    ]


def scores(outcomes: Sequence[Outcome]) -> str:
    """Return the text of scores.csv."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(row for outcome in outcomes for row in rows(outcome))
    return text.getvalue()


def write(outcome: Outcome, folder: Path) -> None:
    """Write report.json, report.html and results.json (Gradescope's) into a folder. report.json comes last:
    where it stands, the other two are whole."""
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "report.html", page(outcome))
    write_whole(folder / "results.json", json.dumps(gradescope([outcome]), indent=1) + "\n")
    write_whole(folder / "report.json", json.dumps(asdict(outcome), indent=1, ensure_ascii=False) + "\n")


def read(folder: Path) -> Outcome | None:
    """Return the outcome that was written into a folder, None where there is none that is whole."""
    try:
        data = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        return Outcome(**{**data, "verdicts": tuple(Verdict(**v) for v in data["verdicts"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader finds the old one or the new one, and never half of it.

    Whatever stops the writing, an interruption or a full disk, the old file stays and nothing lies beside it.
    """
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def text(outcome: Outcome, colour: bool = False) -> str:
    """Return an outcome for a terminal: the table, and below it what is to be said of each question."""
    lines = []
    for name, verdicts in outcome.exercises.items():
        lines += [name, as_text(table(verdicts), colour), ""]
        missed = [v for v in verdicts if not v.passed]
        lines += [as_text(Report(tuple(missed)), colour), ""] if missed else []
    if outcome.status != "marked":
        lines.append(f"{printable(outcome.submission)}: {outcome.status}")
    lines.append(
        f"isolated: {str(outcome.isolated).lower()}" + (" (as a user of its own)" * (outcome.walls == "user"))
    )
    if not outcome.isolated:
        lines.append("This ran as a plain process: good for a look at one's own work, not for marks.")
    return "\n".join(lines)


def page(outcome: Outcome) -> str:
    """Return an outcome as one HTML page that needs nothing else: no script, no style sheet, no picture."""
    name = escape(printable(outcome.submission))
    body = "".join(
        f"<h2>{escape(exercise)}</h2>{as_html(table(verdicts))}"
        + "".join(as_html(Report((v,))) for v in verdicts if not v.passed)
        for exercise, verdicts in outcome.exercises.items()
    )
    how = {"bubblewrap": "in a sandbox", "user": "as a user of its own"}.get(outcome.walls, "isolated: false")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name}</title><style>:root{{color-scheme:light dark}}"
        "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "table{border-collapse:collapse}td,th{border-bottom:1px solid #8888}</style></head>"
        f"<body><main><h1>{name}</h1>{body}"
        f"<p>{escape(outcome.status)}; {how}, {outcome.seconds:.1f} s.</p></main></body></html>\n"
    )


def gradescope(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the results of one person's submission in the format of Gradescope's results.json.

    An exercise that was handed in twice counts once, with the better of the two.
    """
    best: dict[str, tuple[Verdict, ...]] = {}
    for exercise, found in (pair for outcome in outcomes for pair in outcome.exercises.items()):
        best[exercise] = max(best.get(exercise, found), found, key=lambda vs: sum(v.points for v in vs))
    verdicts = [v for found in best.values() for v in found]
    unmarked = [f"{printable(o.submission)}: {o.status}" for o in outcomes if o.status != "marked"]
    return {
        "score": sum(v.points for v in verdicts),
        "output": "\n".join(unmarked) or ("Marked." if outcomes else "No notebook was handed in."),
        "output_format": "text",
        "visibility": "visible",
        "tests": [
            {
                "name": f"{v.exercise} {v.question} · {v.title}",
                "score": v.points,
                "max_score": v.max_points,
                "status": "passed" if v.passed else "failed",
                "output": printable("\n".join(x for x in (v.line, v.hint and f"Hint: {v.hint}") if x)),
                "output_format": "text",
                "visibility": "visible",
            }
            for v in verdicts
        ],
    }


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return the end of a run in words: how many were marked, each question's share and commonest error."""
    marked = [o for o in outcomes if o.status == "marked"]
    lines = [f"{len(marked)} of {len(outcomes)} submissions marked"]
    lines += [f"  {printable(o.submission)}: {o.status}" for o in outcomes if o.status != "marked"]
    verdicts = [v for o in marked for v in o.verdicts]
    for exercise, question in dict.fromkeys((v.exercise, v.question) for v in verdicts):
        here = [v for v in verdicts if (v.exercise, v.question) == (exercise, question)]
        share = {code: count / len(here) for code, count in Counter(v.code for v in here).items()}
        not_begun = share.pop("unwritten", 0) + share.pop("missing", 0)
        line = f"  {exercise} {question:<4}{here[0].title:<36} {share.pop('right', 0):>4.0%} right"
        line += f", {not_begun:.0%} not begun" if not_begun else ""
        if share:
            code = max(share, key=share.get)
            line += f", most common error: {code} ({share[code]:.0%})"
        lines.append(line)
    return "\n".join(lines)
