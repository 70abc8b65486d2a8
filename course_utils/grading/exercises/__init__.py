"""One module an exercise. A module has a TITLE and, for each question, one case with its hints.

None of this is ever present where submissions run: see ``sandbox``.
"""
