"""What stays of an output when a network's numbers and letters are others."""

from __future__ import annotations

import re
from urllib.parse import unquote

TAG = "same-form"  # of a cell whose numbers may differ on another processor
STYLES = re.compile(r"(?:fill|stroke|stroke-width|stroke-dasharray|stroke-linecap): ([^;\"\\}]+)")


def form(shown: str) -> str:
    """Return the form of an output, by which cells with the tag are compared.

    Of a drawing: which kinds of things are drawn, in which colours and lines. Of text: how many lines, and
    what in them ends with a colon. So a figure that its cell no longer draws is noticed wherever it is drawn.
    """
    drawn = unquote(shown)
    if "<svg" not in drawn:
        return "\n".join(" ".join(re.findall(r"\w+:", line)) for line in shown.splitlines())
    kinds = re.findall(r"<([a-z]\w*)", drawn, re.I)
    groups = re.findall(r'id=\\?"([a-z]+[\dA-Za-z]*)_\d+', drawn)
    return "\n".join(sorted({*kinds, *groups, *STYLES.findall(drawn)}))
