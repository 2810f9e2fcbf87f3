"""What a question needs of memory, estimated from its numbers alone: the one estimate that every question asks."""

from __future__ import annotations

from collections.abc import Sequence

from sim.language.limits import BYTES_PER_PATH
from sim.machine import refuse_beyond_memory, threads
from sim.scenario.parts import Scenario

GROUP = 64
"""Blocks and shards are multiples of so many paths."""

SHARD = 2560
"""Paths of a shard, at most: a month of them is worth a call of numpy, an array of theirs fits a core's cache."""

BLOCK_BYTES = 64 * 2**20
"""Memory that the arrays of one block may take."""


EVENT_NUMBERS = 12
"""Numbers that are held of each event on a path."""


def shard_paths(scenario: Scenario) -> int:
    """Paths of a shard; a matter of the scenario alone, so that results are."""
    return max(16 * GROUP, min(SHARD, 2**20 // scenario.months // GROUP * GROUP))


def block_paths(scenario: Scenario, *, side_by_side: bool = False) -> int:
    """Paths of a block, so that its arrays keep within their memory; a multiple of the group.

    Parameters
    ----------
    side_by_side
        Whether the accounts of all streams are held together, as for variants; by itself so where capacity is short.
    """
    rows = BLOCK_BYTES // (8 * (scenario.months * (_arrays(scenario, side_by_side) + 8) + _words(scenario)))
    return max(GROUP, min(SHARD, rows // GROUP * GROUP))


def _arrays(scenario: Scenario, side_by_side: bool = False) -> int:
    """Months by paths that are held of streams at a time: of all where they are side by side, else of one."""
    hit = {i for event in scenario.events for i in event.hits}
    of_each = [
        4 if i in hit or (stream.contract is not None and stream.contract.commitment is not None) else 1
        for i, stream in enumerate(scenario.streams)
    ]
    if side_by_side or scenario.capacity is not None:
        return sum(of_each)
    return max(of_each) + len({stream.group for stream in scenario.streams if stream.group is not None})


def _words(scenario: Scenario) -> int:
    """Numbers that are held of a path's events: words, months, levels."""
    return EVENT_NUMBERS * len(scenario.events)


def under_way(scenario: Scenario, paths: int) -> int:
    """Bytes of the arrays of one thread: a block's streams and what is held of a shard's months."""
    shard = min(paths, shard_paths(scenario))
    block = min(shard, block_paths(scenario) if shard > GROUP else GROUP)
    block_numbers = block * (scenario.months * (2 * _arrays(scenario) + 16) + 2 * _words(scenario))
    return 8 * (block_numbers + 6 * scenario.months * shard)


def refuse_too_large(
    scenarios: Sequence[Scenario],
    paths: int,
    workers: int | None,
    *,
    kept: int = 1,
    beside: float = 0,
    what: str | None = None,
    help: str | None = None,
) -> None:
    """Refuse what would not fit into free memory, before anything is allocated.

    Parameters
    ----------
    scenarios
        The scenarios that are valued.
    paths, workers
        Paths of each; threads, None: one a core.
    kept
        Numbers that are kept of each path, all scenarios together. One counts at least: what needs none of them would
        still be a question without an end.
    beside
        Bytes of tables that do not grow with paths.
    what, help
        The subject of the refusal, and what to do about it.

    Raises
    ------
    TooLarge
    """
    needed = BYTES_PER_PATH * max(1, kept) * paths + beside
    needed += threads(workers) * max(under_way(scenario, paths) for scenario in scenarios)
    scenario = scenarios[0]
    usual = f"{paths:,} paths of {scenario.months} months and {len(scenario.streams)} customers"
    refuse_beyond_memory(needed, what or usual, help)
