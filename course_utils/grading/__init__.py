"""Checks for the graded exercises: ``check("ex01", "q2")`` after a question, ``score("ex01")`` at the end.

A question's cases compute the right values themselves and compare them with what the learner's functions
return. The same cases run in two places:

``exercises``  one module an exercise: its questions, their cases, their hints
``questions``  what a question is; marking one question
``compare``    is it right, and if not, what went wrong, worked out from the values
``answers``    the learner's side of a call: plain values in, plain values out
``notebook``   ``check`` and ``score`` in a notebook or a terminal
``show``       verdicts as text and as HTML
``release``    the exercise notebooks, made from the solutions
``grade``      a folder of submissions, one sandbox each (``sandbox``, ``worker``, ``wire``, ``report``)
"""

from course_utils.grading.notebook import check, score

__all__ = ["check", "score"]
