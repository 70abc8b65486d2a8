"""Score tables that a notebook shows as a table and a terminal as aligned text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# 12, 0.5, 1,024, 47 %, 10⁴, 0.12 (0.11–0.13), or nothing
NUMBER = re.compile(r"([-−+]?[\d,.]+[⁰¹²³⁴⁵⁶⁷⁸⁹]*( ?%)?( \([-−\d.,–]+\))?)?")


@dataclass(frozen=True)
class Table:
    """Rows of cells under a header. Cells are shown with ``str``: round numbers before they come here.

    Args:
        header: one name a column. Columns of numbers are aligned right, columns of words left.
        rows: one sequence a row, as long as the header.

    Raises:
        ValueError: a row is longer or shorter than the header.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[object]]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(
                    f"expected {len(self.header)} cells a row ({', '.join(self.header)}), "
                    f"got {len(row)}: {list(row)}"
                )

    def _repr_markdown_(self) -> str:
        rule = ["---:" if self._is_numeric(k) else "---" for k in range(len(self.header))]
        lines = [self.header, rule, *self.rows]
        return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)

    def __repr__(self) -> str:
        columns = []
        for k, name in enumerate(self.header):
            cells = [str(name), *(str(row[k]) for row in self.rows)]
            width = max(map(len, cells))
            columns.append([c.rjust(width) if self._is_numeric(k) else c.ljust(width) for c in cells])
        return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))

    def _is_numeric(self, column: int) -> bool:
        return all(NUMBER.fullmatch(str(row[column])) for row in self.rows)


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Return ``median (smallest–largest)`` of a score over seeds; of a single value, the value."""
    ordered = sorted(float(v) for v in values)
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    if len(ordered) == 1:
        return f"{median:.{digits}f}"
    return f"{median:.{digits}f} ({ordered[0]:.{digits}f}–{ordered[-1]:.{digits}f})"
