"""The machine that a question is asked on: its cores, its memory, and the refusal of what would not fit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sim.errors import TooLarge

ASSUMED_MEMORY = 16 * 2**30
"""Bytes that count as the machine's where the system does not tell."""

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")


def available_workers() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads(workers: int | None) -> int:
    """Threads to work on: as many as were asked for, one at least; None: one a core."""
    return available_workers() if workers is None else max(1, workers)


def memory() -> int:
    """Bytes of memory that this process could ever have: the machine's, or what its container or its limits allow."""
    limits = [_installed() or ASSUMED_MEMORY, *(limit for limit, _ in _containers())]
    address_space = _address_space()
    return min(limits if address_space is None else [*limits, address_space])


def free_memory() -> int | None:
    """Bytes of memory that are free for use, None where the system does not say.

    Notes
    -----
    The least of what the machine has left, what each container around the process has (cgroups, version 2 and 1;
    what the kernel can take back of files it keeps counts as free), and what its limit of address space leaves
    (``RLIMIT_AS``).
    """
    free = [limit - used for limit, used in _containers()]
    available = _proc("meminfo", "MemAvailable:")
    if available is None:
        available = _installed()
    free += [] if available is None else [available]
    address_space, taken = _address_space(), _proc("self/status", "VmSize:")
    if address_space is not None and taken is not None:
        free.append(address_space - taken)
    return max(0, min(free)) if free else None


def _installed() -> int | None:
    try:
        return int(os.sysconf("SC_PHYS_PAGES")) * int(os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return None


def _proc(file: str, name: str) -> int | None:
    """Bytes that a line of a file below ``/proc`` tells in kB; None where there is no such line."""
    try:
        with open(_PROC / file, encoding="ascii", errors="replace") as lines:
            return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), None)
    except (OSError, ValueError, IndexError):
        return None


def _address_space() -> int | None:
    try:
        import resource  # not on Windows, nor in a browser
    except ImportError:
        return None
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def _containers() -> Iterator[tuple[int, int]]:
    """Limit and use, in bytes, of each container (cgroup) around this process that has a limit."""
    try:
        lines = (_PROC / "self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = ["0::/"]
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers == "":
            yield from _of_cgroup(_CGROUPS, path, "memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            names = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
            yield from _of_cgroup(_CGROUPS / "memory", path, *names)


def _of_cgroup(root: Path, path: str, limit: str, used: str, spare: str) -> Iterator[tuple[int, int]]:
    """Limits from a process's own cgroup up to the root; within a container, the root is its own."""
    places = [root.joinpath(*path.strip("/").split("/")[:n]) for n in range(path.count("/") + 1, 0, -1)]
    for place in dict.fromkeys([*places, root]):
        try:
            most = int((place / limit).read_text(encoding="ascii"))
            taken = int((place / used).read_text(encoding="ascii"))
            stat = dict(line.split() for line in (place / "memory.stat").read_text(encoding="ascii").splitlines())
        except (OSError, ValueError):  # no limit reads "max"
            continue
        yield most, max(0, taken - int(stat.get(spare, 0)))


def in_bytes(size: float) -> str:
    """Write a number of bytes for a reader."""
    if size >= 2**70:
        return "more than a billion TiB"
    for unit, power in (("TiB", 40), ("GiB", 30), ("MiB", 20)):
        if size >= 2**power:
            return f"{size / 2**power:,.1f} {unit}"
    return f"{size / 1024:,.1f} KiB"


def refuse_beyond_memory(needed: float, what: str, help: str | None = None) -> None:
    """Refuse what would not fit into free memory, before anything is allocated.

    Parameters
    ----------
    needed
        Bytes.
    what
        What needs them, as the subject of a sentence: ``10,000 cells``.
    help
        What to do about it.

    Raises
    ------
    TooLarge
    """
    free = free_memory()
    if free is not None and needed > free:
        gigabytes = f"about {needed / 2**30:,.1f} GiB; {free / 2**30:,.1f} GiB are free"
        raise TooLarge(f"{what} would need {gigabytes}", help=help)


def keep_freed_memory() -> None:
    """Let the C library keep what a block frees for the next one, instead of giving it back page by page.

    glibc keeps up to twice the size of the largest mapped piece that was ever freed, if that is below 32 MiB (mallopt,
    ``M_TRIM_THRESHOLD``). The piece is never touched, so it costs nothing; other C libraries take no notice.
    """
    np.empty(31 * 2**20, dtype=np.uint8)
