"""Wrong answers: plain functions, each with the hint that it must trigger, kept beside the tests.

    @wrong("q1", "newest_first")
    def make_windows(x, N, k): ...

The function takes the place of the right one of the same name; all others stay right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class WrongAnswer:
    """One plausible wrong answer: which question it is for, the code of its hint, what it defines.

    ``points`` are what it is worth all the same, in a question that has grades.
    """

    question: str
    code: str
    names: dict[str, Callable]
    points: int = 0


@dataclass
class Catalogue:
    """The wrong answers of one exercise, in the order in which they stand in its file."""

    answers: list[WrongAnswer] = field(default_factory=list)

    def wrong(self, question: str, code: str, points: int = 0) -> Callable[[Callable], Callable]:
        def add(function: Callable) -> Callable:
            self.answers.append(WrongAnswer(question, code, {function.__name__: function}, points))
            return function

        return add

    def of(self, question: str) -> list[WrongAnswer]:
        return [answer for answer in self.answers if answer.question == question]
