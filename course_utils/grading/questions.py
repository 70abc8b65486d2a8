"""What a question is, what a case is given, and how one question is marked.

A case is a plain function ``case(s, rng)``: it draws inputs from ``rng``, asks the learner's functions
through ``s`` and compares what comes back (``compare.same``). It passes by returning.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from course_utils.grading import answers
from course_utils.grading.compare import Wrong

Case = Callable[["Names", np.random.Generator], None]
Ask = Callable[[dict[str, Any]], dict[str, Any]]  # carries a request to the learner's side, returns the reply


@dataclass(frozen=True)
class Training:
    """What a question needs whose function learns from data, and is then asked about data kept back.

    The answers lie in a package of data: it is asked where the sandbox hides these, or by a learner at work.

    Attributes:
        seconds: a call may take, by the clock on the wall.
        most_code: bytes that all code cells together may have. What has been learned elsewhere is long.
    """

    seconds: float
    most_code: int


@dataclass(frozen=True)
class Question:
    """One question of an exercise.

    Attributes:
        name: "q1", as in ``check("ex01", "q1")``.
        title: a few words for the table of scores.
        points: what it is worth. Less is given only where the case says so, see ``Wrong.points``.
        asks: the functions to write, as calls: ``"make_windows(x, N, k)"``.
        case: what must hold.
        hints: code of a mistake → a hint, or a pair of hints of which the second is shown from the second
            failure on. The code "values" holds for every mistake without a hint of its own.
        training: for a question whose function is trained while it is marked.
    """

    name: str
    title: str
    points: int
    asks: tuple[str, ...]
    case: Case
    hints: Mapping[str, str | tuple[str, str]] = field(default_factory=dict)
    training: Training | None = None

    def hint(self, code: str, again: bool = False) -> str:
        """Return the hint for a mistake; ``again`` asks for the stronger one, where there is one."""
        hint = self.hints.get(code) or HINTS.get(code) or self.hints.get("values") or HINTS["values"]
        return hint if isinstance(hint, str) else hint[1 if again else 0]


def question(
    title: str,
    points: int,
    asks: Sequence[str],
    hints: Mapping[str, str | tuple[str, str]],
    training: Training | None = None,
) -> Callable[[Case], Question]:
    """Turn a case into a question of the same name: ``@question("Windows", 2, ["make_windows(x)"], {…})``."""

    def make(case: Case) -> Question:
        return Question(case.__name__, title, points, tuple(asks), case, hints, training)

    return make


@dataclass(frozen=True)
class Verdict:
    """What became of one question. ``code`` is "right" or the kind of mistake."""

    exercise: str
    question: str
    title: str
    points: int
    max_points: int
    code: str
    line: str = ""
    hint: str = ""

    @property
    def passed(self) -> bool:
        return self.code == "right"


@dataclass(frozen=True)
class Exercise:
    """An exercise's questions, in order.

    Attributes:
        limits: those it needs, where the usual ones are too narrow.
        needs: packages, by the names they are imported by, without which right answers would fail.
    """

    name: str
    title: str
    questions: tuple[Question, ...]
    limits: Mapping[str, float] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    def missing(self) -> list[str]:
        """Return those of the packages it needs that are not installed here."""
        return [name for name in self.needs if importlib.util.find_spec(name) is None]

    def question(self, name: str) -> Question:
        """Return a question by its name; a wrong name raises ValueError and lists the right ones."""
        for q in self.questions:
            if q.name == name:
                return q
        known = ", ".join(q.name for q in self.questions)
        raise ValueError(f"{self.name} has no question {name!r}; it has {known}")


def exercise_names() -> list[str]:
    """Return the names of all exercises: ex01, …"""
    from course_utils.grading import exercises

    return sorted(module.name for module in pkgutil.iter_modules(exercises.__path__))


def load(name: str) -> Exercise:
    """Return an exercise by its name; a wrong name raises ValueError and lists the right ones."""
    if name not in exercise_names():
        raise ValueError(f"there is no exercise {name!r}; there are: {', '.join(exercise_names())}")
    module = importlib.import_module(f"course_utils.grading.exercises.{name}")
    limits, needs = getattr(module, "LIMITS", {}), getattr(module, "NEEDS", ())
    return Exercise(name, module.TITLE, questions_of(module), limits, needs)


def questions_of(module: ModuleType) -> tuple[Question, ...]:
    return tuple(value for value in vars(module).values() if isinstance(value, Question))


def mark(
    exercise: str,
    question: Question,
    s: Names,
    rng: np.random.Generator,
    further: Sequence[Case] = (),
    again: bool = False,
) -> Verdict:
    """Mark one question: its own case first, then the teacher's further ones. The worst of them counts."""
    points, worst = question.points, None
    try:
        for case in (question.case, *further):
            try:
                case(s, rng)
            except Wrong as wrong:
                if wrong.points <= 0:
                    raise
                if wrong.points < points:  # a grade: further cases may still take it away
                    points, worst = wrong.points, wrong
        if worst is not None:
            raise worst
    except Wrong as wrong:
        points, code, line = max(wrong.points, 0), wrong.code, printable(wrong.line[:500])
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError) as problem:
        # A case met something it did not foresee in what came back. That never earns points.
        points, code = 0, "values"
        line = f"what came back could not be compared ({type(problem).__name__})"
    else:
        return Verdict(exercise, question.name, question.title, question.points, question.points, "right")
    hint = question.hint(code, again)
    return Verdict(exercise, question.name, question.title, points, question.points, code, line, hint)


class Names:
    """What the learner's notebook defines, as a case sees it.

    ``s.f(x)`` calls a function, ``s["a"]`` reads a value, ``s.Net.keep(3)`` makes an object and keeps it on
    the learner's side: ``net.step(x)`` calls its method, ``net["h"]`` reads its attribute.
    Arguments are copied before the call and compared after it, so changes in place show.
    """

    def __init__(self, ask: Ask, on: int | None = None) -> None:
        self._ask = ask
        self._on = on

    def __getattr__(self, name: str) -> Asked:
        return Asked(self._ask, self._on, name)

    def __getitem__(self, name: str) -> Any:
        return _value(self._ask({"op": "read", "on": self._on, "name": name}), name)


@dataclass(frozen=True)
class Asked:
    """One of the learner's functions, ready to be called."""

    _ask: Ask
    _on: int | None
    _name: str

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(args, kwargs, keep=False)

    def keep(self, *args: Any, **kwargs: Any) -> Names:
        """Call it, keep the result on the learner's side and return it as a new set of names."""
        number = self._call(args, kwargs, keep=True)
        if type(number) is not int:
            raise Wrong("type", f"`{self._name}` gave no object")
        return Names(self._ask, number)

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any], keep: bool) -> Any:
        before = {"args": answers.plain(args), "kwargs": answers.plain(kwargs)}
        request = {"op": "call", "on": self._on, "name": self._name, "keep": keep}
        reply = self._ask({**request, **answers.plain(before)})
        value = _value(reply, self._name)
        for place, old in [*enumerate(before["args"]), *before["kwargs"].items()]:
            after = reply.get("args" if isinstance(place, int) else "kwargs")
            try:
                changed = not _equal(old, after[place])
            except (TypeError, LookupError):
                changed = True
            if changed:
                which = f"argument {place + 1}" if isinstance(place, int) else f"`{place}`"
                raise Wrong("mutated", f"`{self._name}` changed its input in place: {which}")
        return value


def printable(text: str) -> str:
    """Return the text without what steers a terminal, turns the reading direction or cannot be encoded."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(_equal(a[k], b[k]) for k in a)
    if isinstance(a, np.ndarray):
        exact = isinstance(b, np.ndarray) and a.dtype == b.dtype
        return exact and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")
    return type(a) is type(b) and a == b


def _value(reply: dict[str, Any], name: str) -> Any:
    """Return a reply's value, or raise the mistake it tells of."""
    kind = reply.get("error")
    if kind is None:
        return reply.get("value")
    message = str(reply.get("message", ""))[:300]  # what comes from a sandbox may be anything
    if kind == "missing":
        raise Wrong("missing", message or f"there is no `{name}` yet: has its cell been run?")
    if kind == "unwritten":
        which = re.match(r"(\w+) is not written yet$", message)  # it may be another one that this one calls
        raise Wrong("unwritten", f"`{which[1] if which else name}` is not written yet")
    if kind == "raised":
        raise Wrong("raised", f"`{name}` raised {_exception(reply)}")
    if kind == "syntax":
        raise Wrong("syntax", f"the cell of `{name}` did not run: {_exception(reply)}")
    if kind == "cell":
        raise Wrong("cell", f"the cell of `{name}` stopped before it got there: {_exception(reply)}")
    if kind in ("timeout", "died", "too_long", "readable"):
        raise Wrong(str(kind), f"`{name}` {message}")
    raise Wrong("type", f"`{name}` {message}")


def _exception(reply: dict[str, Any]) -> str:
    kind, message, line, text = (
        str(reply.get(key) or "")[:300] for key in ("type", "message", "line", "text")
    )
    told = kind or "an exception"
    if message:
        told += f": {message}"
    if line:
        told += f", in line {line} of the cell"
        if text:
            told += f", `{text}`"
    return told


HINTS: dict[str, str] = {
    "missing": "Run the cell that defines the function, then this one. Its name must stay as it was given.",
    "unwritten": "Replace `raise NotImplementedError(…)` with your answer, run that cell, then this one.",
    "syntax": "Python could not read the cell. Look at the line named, and at the one before it.",
    "cell": "Restart the kernel and run all cells: each must run in a notebook that begins fresh.",
    "raised": "Call the function yourself on a small input in a new cell, and print the shapes on the way.",
    "nothing": "The function computes something but does not hand it back: end it with `return …`.",
    "type": "Compare what the function returns with what the question asks for, one value at a time.",
    "shape": "Write the shape behind each line, `# (T - N + 1, N)`, and find the first that is off.",
    "transposed": "Rows and columns are exchanged. Which axis counts time, which the window or the units?",
    "not_summed": "One axis is left over: the question asks for the sum over it.",
    "broadcast": "Look for an array of shape (n, 1) where one of shape (n,) was meant.",
    "off_by_one": "Take a series of six values and write down the indices of the first and the last entry.",
    "nan": "A division by zero, a logarithm or root of a negative number? Print the values before it.",
    "zeros": "Is the result array created and never filled?",
    "constant": "The result does not depend on the input where it should.",
    "sign": "Look for the one minus that is missing, or too many.",
    "scaled": "Look for a factor: a mean where a sum is asked for, a half, a division by the number of rows.",
    "offset": "The same number is missing everywhere: a bias, or a mean that was or was not taken away.",
    "reversed": "The book's windows run oldest first, most recent last.",
    "order": "The right values stand in the wrong places: look at the reshape or the sort.",
    "dtype": "Keep float64 throughout: no integer arrays to write into, no float32.",
    "mutated": "Start with `x = x.copy()`, or build a new array instead of assigning into this one.",
    "timeout": "It takes too long: look for a loop whose end is never reached.",
    "died": "The Python that ran it ended. Look for `exit()`, or for an array larger than the memory.",
    "too_long": "Tag cells that no answer needs `ungraded`, or remove them. Data has no place in code.",
    "readable": "Your teacher can mark this question where bubblewrap is permitted.",
    "values": "Work the smallest case out by hand and compare it with yours, entry by entry.",
}
