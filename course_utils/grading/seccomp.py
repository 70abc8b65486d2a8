"""The system calls that a submission cannot make, as a filter that bubblewrap hands to the kernel.

Memory limits do not count what is kept in shared memory segments, in files without a name or in file systems
of a process's own; so these cannot be made. Nor can namespaces, and nothing looks into another process.
Numbers of the calls: the kernel's tables for each kind of processor.
"""

from __future__ import annotations

import platform
import struct

# name: (x86_64, aarch64)
REFUSED = {
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "msgget": (68, 186),
    "semget": (64, 190), "mq_open": (240, 180), "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40),
    "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "open_tree": (428, 428),
    "move_mount": (429, 429), "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432),
    "mount_setattr": (442, 442), "open_by_handle_at": (304, 265), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219),
}  # fmt: skip
CLONE, CLONE3 = (56, 220), (435, 435)
NEW_NAMESPACES = 0x7E02_0000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
ARCHITECTURES = {"x86_64": (0, 0xC000_003E), "aarch64": (1, 0xC000_00B7)}

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # of the kernel's small filter language
ALLOW, KILL, FAIL = 0x7FFF_0000, 0x8000_0000, 0x0005_0000
EPERM, ENOSYS = 1, 38


class UnknownProcessor(Exception):
    """There is no table of system calls for this kind of processor."""


def program(machine: str | None = None) -> bytes:
    """Return the filter for this kind of processor.

    Raises:
        UnknownProcessor: neither x86_64 nor aarch64.
    """
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        raise UnknownProcessor(f"expected x86_64 or aarch64, got {machine}")
    which, architecture = ARCHITECTURES[machine]
    steps = [
        (LOAD, 0, 0, 4),  # which table of calls
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, 0),  # the number of the call
        *_refuse(AT_LEAST, 0x4000_0000, ENOSYS),  # x32, a second table on x86_64
        *_refuse(EQUAL, CLONE3[which], ENOSYS),  # its flags cannot be seen; the C library then uses clone
    ]
    for numbers in REFUSED.values():
        steps += _refuse(EQUAL, numbers[which], EPERM)
    steps += [
        (EQUAL, 0, 3, CLONE[which]),
        (LOAD, 0, 0, 16),  # the flags, its first argument
        *_refuse(ANY_BIT, NEW_NAMESPACES, EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _refuse(test: int, value: int, error: int) -> list[tuple[int, int, int, int]]:
    return [(test, 0, 1, value), (RETURN, 0, 0, FAIL | error)]
