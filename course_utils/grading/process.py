"""A worker process as the grader holds it: started, spoken to, and ended with all it has started."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_utils.grading import wire


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


class Worker:
    """One process that runs a submission, and the wire to it."""

    def __init__(
        self,
        command: list[str],
        limits: Limits,
        environment: dict[str, str],
        fds: Sequence[int] = (),
        uid: int | None = None,
    ) -> None:
        """Start it.

        Args:
            command: what to run.
            limits: for the memory of all its processes together.
            environment: all its environment variables.
            fds: open files that it keeps.
            uid: a user whose every process is this worker's, and ends with it.
        """
        self.limits = limits
        self._uid = uid
        self.complaint = ""
        self._id = 0
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd="/tmp" if os.name == "posix" else None,
            bufsize=0,
            start_new_session=True,
            pass_fds=fds,
        )
        if hasattr(os, "set_blocking") and os.name == "posix":
            os.set_blocking(self._process.stdin.fileno(), False)

    def send(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a message and return the reply.

        Args:
            message: plain values.
            seconds: after these the worker interrupts what it runs; a second later it is ended.

        Raises:
            Garbled: the message is too large to be sent.
            Stopped: it died, hung, or sent something that is no reply. It cannot be used again.
        """
        self._id += 1
        packed = wire.pack({**message, "id": self._id, "seconds": seconds})
        deadline = time.monotonic() + seconds + 1
        try:
            self._write(packed, deadline)
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
        if self._process.poll() is not None:
            return
        below = _children(self._process.pid)
        for pid in below:  # bubblewrap's child, the first of its namespace: it takes all others along
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not below:
            self._process.kill()

    def stop(self) -> None:
        """End the process and all it started, and wait until all is gone."""
        if self._process.poll() is None:
            self.kill()
            try:
                self._process.wait(2)  # bubblewrap sees its child off, and ends
            except subprocess.TimeoutExpired:
                self._process.kill()  # then the kernel ends the child
                self._process.wait()
        _end_all_of(self._uid)
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


def _end_all_of(uid: int | None) -> None:
    """End every process of a user, until there is none."""
    found = uid is not None
    while found:
        found = False
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if place.stat().st_uid == uid and "\nState:\tZ" not in (place / "status").read_text():
                    os.kill(int(place.name), signal.SIGKILL)
                    found = True


def _memory(pid: int) -> int:
    """Return the bytes of memory that a process and all below it hold, 0 where that cannot be read."""
    total, waiting = 0, [pid]
    page = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    while waiting:
        pid = waiting.pop()
        waiting += _children(pid)
        try:
            total += page * int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (OSError, ValueError, IndexError):
            continue
    return total
