"""What the tests that draw have in common."""

from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

from course_utils import figures


@pytest.fixture
def style() -> Iterator[None]:
    """Draw in the book's style, without a screen, and close what was drawn."""
    mpl.use("agg")
    figures.use_style()
    yield
    plt.close("all")
