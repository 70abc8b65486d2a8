from __future__ import annotations

from collections.abc import Iterator

import pytest
from class_folder import files_left, processes_left

from course_utils.grading.process import Limits
from course_utils.grading.sandbox import Sandbox

QUICK = Limits(call_seconds=2, cell_seconds=3, total_seconds=20)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """A sandbox for all tests of a file. Without bubblewrap they fail: the marks rest on them."""
    with Sandbox(limits=QUICK) as box:
        yield box


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    """After every test: no process, no file of a submission's is left."""
    yield
    assert processes_left() == []
    assert files_left() == []
