"""What a process gives up before it touches hostile bytes: more memory, time, files, sockets and privileges.

Everything that the work needs must be imported and opened before. Limits hold for the process's whole life: it cannot
raise them again.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from pathlib import Path
from typing import Final

PR_SET_DUMPABLE: Final = 4
PR_SET_NO_NEW_PRIVS: Final = 38
NOBODY: Final = 65_534
CLONE_NEWNET: Final = 0x40000000
CLONE_NEWUSER: Final = 0x10000000


def confine(*, memory_bytes: int, cpu_seconds: int) -> None:
    """Bounds this process, in this order.

    1. Memory: `memory_bytes` of address space beyond what is mapped now.
    2. Processor time, in seconds from the process's start; the kernel kills what goes beyond.
    3. No core dumps, no growing files.
    4. No new descriptors: neither a file nor a socket can be opened any more.
    5. Where the kernel is Linux: no new privileges, no tracing by others, a network namespace of its own; root becomes
       nobody, so that limits hold for it too.
    """
    _limit(resource.RLIMIT_AS, _mapped() + memory_bytes)
    _limit(resource.RLIMIT_CPU, max(1, cpu_seconds))
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, _descriptors())
    if sys.platform == "linux":
        _lose_privileges()


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(ValueError, OSError):  # a system without this limit keeps the others
        resource.setrlimit(kind, (value, value))


def _mapped() -> int:
    """Bytes of address space in use."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (OSError, ValueError):
        return 1 << 30
    return pages * os.sysconf("SC_PAGE_SIZE")


def _descriptors() -> int:
    """One more than the highest descriptor that is open: the limit under which no other can be."""
    try:
        return max(int(one.name) for one in Path("/dev/fd").iterdir() if _is_open(int(one.name))) + 1
    except (OSError, ValueError):
        return 3


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _lose_privileges() -> None:
    """Each step alone is worth having: a kernel that refuses one (containers do) still gets the others."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if libc.unshare(CLONE_NEWNET) != 0:
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
    if os.geteuid() == 0:  # a limit does not hold for who may raise it
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
