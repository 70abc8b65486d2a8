"""Score tables that a notebook shows as a table and a terminal as aligned text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Rows of cells under a header. Cells are shown with ``str``: round numbers before they come here.

    Args:
        header: one name a column; the first column is aligned left, the others right.
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
        rule = ["---", *["---:"] * (len(self.header) - 1)]
        lines = [self.header, rule, *self.rows]
        return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)

    def __repr__(self) -> str:
        lines = [[str(cell) for cell in line] for line in [self.header, *self.rows]]
        widths = [max(len(line[k]) for line in lines) for k in range(len(self.header))]
        return "\n".join(
            "  ".join(cell.ljust(w) if k == 0 else cell.rjust(w) for k, (cell, w) in enumerate(zip(line, widths)))
            for line in lines
        )


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Return ``median (smallest to largest)`` of a score over seeds."""
    ordered = sorted(float(v) for v in values)
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return f"{median:.{digits}f} ({ordered[0]:.{digits}f} to {ordered[-1]:.{digits}f})"
