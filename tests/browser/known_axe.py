"""The one place for findings of axe that stay, each with its reason. Anything else fails the tests.

A finding is known by its rule and by a part of the selector that axe reports for the element:

    ("region", ".navbar-brand"): "why this one cannot be repaired here",

The theme's own faults (the book's name outside of every landmark, an outdated role in the bibliography) are
repaired in book/_templates and book/_ext, so that nothing is left to excuse.
"""

KNOWN: dict[tuple[str, str], str] = {}
