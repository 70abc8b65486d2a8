"""Runs a command as a plain user, for tests that root runs: as one that has no rights on this machine."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from class_folder import ROOT

UID = 12_345
BECOME = (
    "import os, sys; os.setgroups([]); os.setgid({0}); os.setuid({0}); os.execv(sys.argv[1], sys.argv[1:])"
)


def as_plain_user(command: list[str]) -> list[str]:
    """Return the command that runs another as a plain user; for one who is no root already, that itself.

    Where Python or the book lies in a folder that only root may enter (/root is one), a view of the file
    system is made in which others may: everything is as it is, but of such a folder nothing else is there.
    """
    if os.geteuid() != 0:
        return command
    view = ["bwrap", "--dev-bind", "/", "/", *opened_view(ROOT)]
    become = [str(Path(sys.executable).resolve()), "-I", "-S", "-c", BECOME.format(UID)]
    return [*view, "--", *become, *command]


def opened_view(*more: Path) -> list[str]:
    """Return the arguments that open the way to Python (and more) through folders closed to others."""
    view = []
    needed = {Path(sys.base_prefix), Path(sys.prefix), *more}
    for closed in {folder for path in needed for folder in path.parents if _is_closed(folder)}:
        if not any(_is_closed(above) for above in closed.parents):
            view += ["--perms", "0755", "--tmpfs", str(closed)]
            for path in sorted(path for path in needed if closed in path.parents):
                for folder in reversed(path.parents[: path.parents.index(closed)]):
                    view += ["--perms", "0755", "--dir", str(folder)]
                view += ["--bind", str(path), str(path)]
    return view


def _is_closed(folder: Path) -> bool:
    return not folder.stat().st_mode & stat.S_IXOTH
