"""Where a submission runs: under bubblewrap, without the book's answers, without a network.

A :class:`Sandbox` is made and tried once, before anyone is marked; each submission then gets workers of its
own from it, one after another. A worker that dies or hangs is ended and replaced.
"""

from __future__ import annotations

import compileall
import json
import os
import py_compile
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
import weakref
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import course_utils
from course_utils.grading import wire

PACKAGE = Path(course_utils.__file__).resolve().parent
INSIDE = "/unrolled"  # where the worker and the harmless part of course_utils are, inside
STUB = '''"""Checks do nothing where a notebook is being graded."""


def check(*_args, **_kwargs):
    return None


def score(*_args, **_kwargs):
    return None
'''


class SandboxError(Exception):
    """No sandbox can be had here. The message says why, and what to install or to set."""


class Stopped(Exception):
    """A worker is no more. ``kind`` is "timeout" or "died"; the message completes "`f` …"."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Limits:
    """What a submission may use. Seconds are of the clock on the wall."""

    call_seconds: float = 5.0
    cell_seconds: float = 20.0
    total_seconds: float = 60.0
    memory: int = 2 << 30  # address space of a process, and memory of all its processes together
    processes: int = 16
    disk: int = 64 << 20  # each of the two folders it may write to, and each file


class Sandbox:
    """The place where workers run.

    Args:
        isolated: under bubblewrap; else as a plain child process, good only for one's own notebook.
        limits: for every worker.

    Raises:
        SandboxError: ``isolated`` was asked for and cannot be had; the message says what to do.
    """

    def __init__(self, isolated: bool = True, limits: Limits | None = None) -> None:
        self.isolated = isolated
        self.limits = limits or Limits()
        self.stopped = False
        self._workers: weakref.WeakSet[Worker] = weakref.WeakSet()
        self._folder = tempfile.TemporaryDirectory(prefix="unrolled-")
        try:
            self.library = _make_library(Path(self._folder.name))
            self._bwrap = _find_bwrap() if isolated else ""
            self._trial()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._folder.cleanup()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, slot: int, limits: Limits) -> Worker:
        """Start a worker.

        Args:
            slot: a number that no other running worker has: as root, it decides which user it becomes.
        """
        if self.stopped:
            raise Stopped("died", "was not reached: the grading was stopped")
        environment = None if self.isolated else {**os.environ, **ENVIRONMENT, "HOME": self._folder.name}
        worker = Worker(self.command(slot, limits), limits, self.isolated, environment, self._folder.name)
        self._workers.add(worker)
        return worker

    def stop_all(self) -> None:
        """End all workers, and start no more."""
        self.stopped = True
        for worker in list(self._workers):
            worker.kill()

    def command(self, slot: int, limits: Limits) -> list[str]:
        """Return the command line of a worker."""
        uid = _spare_user(slot) if self.isolated else None
        here = INSIDE if self.isolated else str(self.library)
        config = {
            "paths": [here, *_site_folders()],
            "uid": uid,
            "limits": {
                "AS": limits.memory,
                "FSIZE": limits.disk,
                "NOFILE": 128,
                "CORE": 0,
                **({"NPROC": limits.processes} if self.isolated else {}),
            },
        }
        start = f"import sys; sys.path.insert(0, {here!r}); import worker; worker.main()"
        python = [sys.executable, "-I", "-S", "-c", start, json.dumps(config)]
        return [*self._walls(uid, limits), "--", *python] if self.isolated else python

    def _walls(self, uid: int | None, limits: Limits) -> list[str]:
        if uid is None:  # a plain user: a user namespace makes the others possible
            who = ["--unshare-user", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL"]
        else:  # root: the worker becomes a plain user itself, which is all it can do with these two
            who = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        small = ["--perms", "1777", "--size", str(limits.disk), "--tmpfs"]
        return [
            self._bwrap,
            *who,
            *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
            *("--die-with-parent", "--new-session", "--hostname", "sandbox", "--clearenv"),
            *(word for name, value in ENVIRONMENT.items() for word in ("--setenv", name, value)),
            *(*small, "/tmp", "--proc", "/proc", "--dev", "/dev", *small, "/dev/shm"),
            *_read_only(),
            *("--ro-bind", str(self.library), INSIDE, "--chdir", "/tmp"),
            *("--remount-ro", "/dev", "--remount-ro", "/"),
        ]

    def _trial(self) -> None:
        """Start a worker, and see from inside that the walls stand."""
        worker = self.start(0, self.limits)
        try:
            worker.send({"do": "cell", "number": 0, "source": PROBE % {"hidden": _hidden()}}, 30)
            seen = worker.send({"do": "ask", "request": {"op": "read", "on": None, "name": "seen"}}, 30)
        except Stopped as stopped:
            raise SandboxError(_why(stopped, worker.complaint, self.isolated)) from None
        finally:
            worker.stop()
        if not isinstance(seen.get("value"), list):
            raise SandboxError(f"the sandbox was tried and did not answer as it should: {seen}")
        if self.isolated and seen["value"]:
            raise SandboxError(f"the sandbox was tried and is open: {'; '.join(map(str, seen['value']))}")


class Worker:
    """One process that runs a submission, and the wire to it."""

    def __init__(
        self,
        command: list[str],
        limits: Limits,
        isolated: bool,
        environment: dict[str, str] | None,
        folder: str,
    ) -> None:
        self.limits = limits
        self.isolated = isolated
        self.complaint = ""
        self._id = 0
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=folder,
            bufsize=0,
            start_new_session=True,
        )
        if hasattr(os, "set_blocking") and os.name == "posix":
            os.set_blocking(self._process.stdin.fileno(), False)

    def send(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a message and return the reply.

        Args:
            message: plain values.
            seconds: after these the worker interrupts what it runs; a second later it is ended.

        Raises:
            Stopped: it died, hung, or sent something that is no reply. It cannot be used again.
        """
        self._id += 1
        deadline = time.monotonic() + seconds + 1
        try:
            self._write(wire.pack({**message, "id": self._id, "seconds": seconds}), deadline)
            reply = wire.unpack(lambda count: self._read(count, deadline))
        except wire.Garbled as problem:
            self.stop()
            raise Stopped("died", f"sent something that is no reply: {problem}") from None
        except Stopped:
            self.stop()
            raise
        if not isinstance(reply, dict) or reply.get("id") != self._id:
            self.stop()
            raise Stopped("died", "sent a reply to a question that was not asked")
        return reply

    def kill(self) -> None:
        """End the process and all it started."""
        for pid in _children(
            self._process.pid
        ):  # the first process of the namespace: it takes all others along
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop(self) -> None:
        """End the process and all it started, and wait until all is gone."""
        if self._process.poll() is None:
            self.kill()
            try:
                self._process.wait(2)  # bubblewrap sees its child off, and ends
            except subprocess.TimeoutExpired:
                self._process.kill()  # then the kernel ends the child
                self._process.wait()
        if not self._process.stderr.closed and _ready(self._process.stderr, 0, False):
            self.complaint = self._process.stderr.read(2000).decode(errors="replace").strip()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            stream.close()

    def _write(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._process.stdin, deadline, writing=True)
            try:
                view = view[os.write(self._process.stdin.fileno(), view[: 1 << 16]) :]
            except BlockingIOError:
                continue
            except OSError:
                raise Stopped("died", "ended the Python that ran it") from None

    def _read(self, count: int, deadline: float) -> bytes:
        parts = []
        while count:
            self._wait(self._process.stdout, deadline, writing=False)
            part = os.read(self._process.stdout.fileno(), min(count, 1 << 20))
            if not part:
                raise Stopped("died", "ended the Python that ran it")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _wait(self, stream: Any, deadline: float, writing: bool) -> None:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Stopped("timeout", "took too long and could not be interrupted")
            if _ready(stream, min(left, 0.2), writing):
                return
            if _memory(self._process.pid) > self.limits.memory * 1.25:
                raise Stopped("died", "took more memory than there is for it")


def _ready(stream: Any, seconds: float, writing: bool) -> bool:
    if os.name != "posix":  # Windows cannot wait for a pipe: a hung cell is then ended by hand
        return True
    streams = [stream]
    return bool(select.select([] if writing else streams, streams if writing else [], [], seconds)[writing])


def _children(pid: int) -> list[int]:
    """Return the processes that a process has started, none where that cannot be read."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _memory(pid: int) -> int:
    """Return the bytes of memory that a process and all below it hold, 0 where that cannot be read."""
    total, waiting = 0, [pid]
    page = 4096
    while waiting:
        pid = waiting.pop()
        waiting += _children(pid)
        try:
            total += page * int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return total


# --- what is inside -----------------------------------------------------------------------------------------

ENVIRONMENT = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "MPLCONFIGDIR": "/tmp",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


def _make_library(folder: Path) -> Path:
    """Write what the sandbox holds of the book: the worker, and course_utils without its checks."""
    library = folder / "library"
    inside = library / "course_utils"
    shutil.copytree(PACKAGE, inside, ignore=shutil.ignore_patterns("grading", "__pycache__"))
    (inside / "grading").mkdir()
    (inside / "grading" / "__init__.py").write_text(STUB)
    for name in ("worker.py", "answers.py", "wire.py"):
        shutil.copy(PACKAGE / "grading" / name, library)
    compileall.compile_dir(library, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return library


def _site_folders() -> list[str]:
    """Return the folders in which installed packages are found."""
    return [
        path for path in sys.path if path.endswith(("site-packages", "dist-packages")) and Path(path).is_dir()
    ]


def _read_only() -> list[str]:
    """Return the arguments that show the system's libraries and this Python, and hide the book."""
    shown: list[Path] = []
    arguments: list[str] = []
    for path in map(Path, ("/usr/lib", "/usr/lib32", "/usr/lib64", "/lib", "/lib32", "/lib64")):
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            shown.append(path)
    shown += map(Path, ("/etc/ld.so.cache", "/etc/alternatives"))
    for prefix in dict.fromkeys((sys.base_prefix, sys.prefix)):
        shown += [Path(prefix, name) for name in ("lib", "lib64", "pyvenv.cfg")]
    shown += [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")]
    shown += map(Path, _site_folders())
    python = Path(sys.executable)
    while True:  # a link to a link to the program
        shown.append(python.parent / python.name)
        if not python.is_symlink():
            break
        python = python.parent / python.readlink()

    shown = [path for path in dict.fromkeys(shown) if path.exists()]
    for path in shown:
        if any(other in path.parents for other in shown if other.is_dir() and not other.is_symlink()):
            continue  # already there, with the folder it is in
        for folder in reversed(path.parents[:-1]):  # the worker is no longer root by then
            arguments += ["--perms", "0755", "--dir", str(folder)]
        if path.is_symlink():
            arguments += ["--symlink", str(path.readlink()), str(path)]
        else:
            arguments += ["--ro-bind", str(path), str(path)]
    for path in _hidden():
        if any(Path(path).is_relative_to(other) for other in shown):
            arguments += ["--tmpfs", path]
    return arguments


def _hidden() -> list[str]:
    """Return the folders that hold the answers: every installed course_utils, and the solutions."""
    found = [PACKAGE, *(Path(path, "course_utils") for path in _site_folders())]
    if (PACKAGE.parent / "solutions").is_dir():
        found.append(PACKAGE.parent / "solutions")
    return list(dict.fromkeys(str(path.resolve()) for path in found if path.is_dir()))


PROBE = """
import os, socket
seen = []
if hasattr(os, "getuid") and os.getuid() == 0:
    seen.append("it runs as root")
for path in %(hidden)r:
    if os.path.exists(path) and os.listdir(path):
        seen.append("it can read " + path)
try:
    import course_utils.grading.exercises
    seen.append("it can import the answers")
except ImportError:
    pass
for folder in ("/", "/dev", "/unrolled", os.path.dirname(os.__file__)):
    try:
        open(os.path.join(folder, "unrolled-probe"), "w").close()
        seen.append("it can write to " + folder)
    except OSError:
        pass
if [name for _, name in socket.if_nameindex() if name != "lo"]:
    seen.append("it has a network")
import numpy
"""


# --- whether there is one -----------------------------------------------------------------------------------


def _find_bwrap() -> str:
    found = shutil.which("bwrap")
    if not found:
        raise SandboxError(
            "bubblewrap, which keeps submissions apart from this machine, is not installed. Install it: "
            "apt-get install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora). It needs Linux; "
            "on another system, grade inside a Linux virtual machine."
        )
    return found


def _spare_user(slot: int) -> int | None:
    """Return a user id for a worker to become, one that nobody has; None where we are no root who could."""
    if os.geteuid() != 0:
        return None
    for uid in (3_000_000_000 + os.getpid() % 4_000_000 * 256 + slot % 256, 60_000 + slot % 256):
        for line in Path("/proc/self/uid_map").read_text().splitlines():
            first, _, count = map(int, line.split())
            if first <= uid < first + count:
                return uid
    return None


def _why(stopped: Stopped, complaint: str, isolated: bool) -> str:
    if not isolated:
        return f"the Python that should run the notebook did not start: {complaint or stopped}"
    said = f"bubblewrap is installed but no sandbox can be made: {complaint or stopped}."
    if "Unknown option" in complaint:
        return f"{said} It is too old: version 0.7 or newer is needed (Debian 12, Ubuntu 24.04)."
    settings = {
        "kernel.apparmor_restrict_unprivileged_userns": "0",
        "kernel.unprivileged_userns_clone": "1",
    }
    for name, value in settings.items():
        path = Path("/proc/sys", *name.split("."))
        if os.geteuid() and path.exists() and path.read_text().strip() != value:
            return f"{said} This system keeps user namespaces from plain users: sysctl -w {name}={value}"
    if Path("/.dockerenv").exists() or Path("/run/.containerenv").exists():
        return (
            f"{said} This is a container; start it with --security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined --security-opt systempaths=unconfined --cap-add SYS_ADMIN."
        )
    return said
