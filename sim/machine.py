"""The machine that a run is on: its cores, its memory, and the refusal of what would not fit."""

from __future__ import annotations

import os

import numpy as np

from sim.errors import TooLarge


def available_workers() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def threads(workers: int | None) -> int:
    """Threads to work on: as many as were asked for, one at least; None: one a core."""
    return available_workers() if workers is None else max(1, workers)


def free_memory() -> int | None:
    """Bytes of memory that are free for use, None where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            for line in lines:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        return int(os.sysconf("SC_PHYS_PAGES")) * int(os.sysconf("SC_PAGE_SIZE"))
    return None


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
