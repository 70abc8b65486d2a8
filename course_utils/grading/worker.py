"""Runs a submission's cells and answers the grader's requests, inside the sandbox.

Started as ``worker.main()`` with one argument, a JSON object: ``paths`` (for ``sys.path``), ``limits``,
``uid`` (to become, or null). Messages (see ``wire``) come on standard input and go out on standard output;
both are moved away before any cell runs, so what cells print goes nowhere.
This file is copied into the sandbox beside ``answers`` and ``wire``. It guards nothing: the submission may do
to it what it likes. What protects the marks is around this process and on the other end of the wire.
"""

from __future__ import annotations

import builtins
import json
import linecache
import os
import re
import signal
import sys
import types
from typing import Any


class TimeUp(BaseException):
    """A cell or a call took too long. Not an Exception, so that ``except Exception`` lets it pass."""


def main() -> None:
    """Serve requests until the grader closes the wire."""
    config = json.loads(sys.argv[1])
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    _become(config["uid"])
    _limit(config["limits"])
    sys.path[:] = [*config["paths"], *sys.path]

    import answers
    import wire

    os.dup2(nowhere, 2)  # last, so that the grader hears why a worker could not start

    def read(count: int) -> bytes:
        data = reader.read(count)
        if len(data) < count:
            sys.exit()  # the grader has gone
        return data

    notebook = types.ModuleType("__main__")
    sys.modules["__main__"] = notebook
    notebook.__dict__.update(__builtins__=builtins, display=_nothing, get_ipython=_nothing)
    kept: dict[int, Any] = {}
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _time_up)
    while True:
        message = wire.unpack(read)
        reply = _serve(message, vars(notebook), kept, answers)
        try:
            packed = wire.pack({"id": message["id"], **reply})
        except wire.Garbled as problem:
            packed = wire.pack({"id": message["id"], "error": "type", "message": f"gives what {problem}"})
        writer.write(packed)
        writer.flush()


def _serve(
    message: dict[str, Any], names: dict[str, Any], kept: dict[int, Any], answers: Any
) -> dict[str, Any]:
    try:
        _alarm(message["seconds"])
        try:
            if message["do"] == "cell":
                run_cell(message["source"], message["number"], names)
                return {}
            return answers.answer(message["request"], names, kept)
        finally:
            _alarm(0)
    except TimeUp:
        return {"error": "timeout", "message": f"took more than {message['seconds']:g} s"}
    except BaseException as problem:  # a cell that failed; or sys.exit() and KeyboardInterrupt in a call
        return {"error": "raised", **answers.describe(problem)}


def run_cell(source: str, number: int, names: dict[str, Any]) -> None:
    """Run one cell as a notebook would, less the lines that only IPython understands."""
    name = f"<cell {number}>"
    try:
        code = compile(source, name, "exec")
    except SyntaxError:
        plain = re.sub(r"^%%(time|timeit|capture)\b.*$", "", source)
        plain = re.sub(r"^(\s*)[%!].*$", r"\1pass", plain, flags=re.M)
        if plain == source:
            raise
        source, code = plain, compile(plain, name, "exec")
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    exec(code, names)


def _limit(limits: dict[str, int]) -> None:
    try:
        import resource
    except ImportError:  # Windows, where only a learner's own report runs
        return
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is not None:
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))


def _become(uid: int | None) -> None:
    if uid is not None:  # leaves all capabilities behind
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def _alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _time_up(*_: object) -> None:
    raise TimeUp


def _nothing(*_: object, **__: object) -> None:
    return None
