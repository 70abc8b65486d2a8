"""One module an exercise. A module has a TITLE and, for each question, one case with its hints.

It may have LIMITS where the usual ones (``process.Limits``) are too narrow. torch, for example, needs
``LIMITS = {"memory": 8 << 30, "processes": 64}``; and NEEDS, packages without which right answers would fail:
``NEEDS = ("torch",)``.

None of this is ever present where submissions run: see ``sandbox``.
"""
