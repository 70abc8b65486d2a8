"""Checks for the graded exercises: ``check("ex01", "q2")`` after a question, ``score("ex01")`` at the end.

A question's cases compute the right values themselves and compare them with what the learner's functions
return. The same cases run in two places, beside the learner and in a teacher's grader:

``exercises``   one module an exercise: its questions, their cases, their hints
``questions``   what a question is; marking one question
``activations`` the functions that several exercises' references share
``compare``     is it right, and if not, what went wrong, worked out from the values
``answers``     the learner's side of a call: plain values in, plain values out
``show``        verdicts as text and as HTML

``notebook``    ``check`` and ``score``, asking the names of the notebook they are called in

``grade``       one submission, or a folder of them
``submission``  a notebook's cells at work in a sandbox, run again when they kill their Python
``sandbox``     what is around a submission; ``seccomp``, the system calls it is refused
``process``     a worker process as the grader holds it; ``worker``, what runs in it; ``wire``, what passes
``report``      reports, scores.csv, the summary, Gradescope's format

``release``     the exercise notebooks, made from the solutions
"""

from course_utils.grading.notebook import check, score

__all__ = ["check", "score"]
