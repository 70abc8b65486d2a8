"""Cells are compared with what they show in a notebook, where a closing semicolon hides a value.

IPython looks for that semicolon in its history, and nbval runs cells without one.
"""

from __future__ import annotations

from nbval.kernel import RunningKernel


def execute_with_history(self: RunningKernel, cell_input: str, allow_stdin: bool | None = None) -> str:
    """Ask the kernel to run a cell as a notebook does; return the message's id."""
    return self.kc.execute(cell_input, allow_stdin=allow_stdin, stop_on_error=False)


RunningKernel.execute_cell_input = execute_with_history
