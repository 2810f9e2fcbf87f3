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


def shard_paths(scenario: Scenario) -> int:
    """Paths of a shard; a matter of the scenario alone, so that results are."""
    return max(16 * GROUP, min(SHARD, 2**20 // scenario.months // GROUP * GROUP))


def block_paths(scenario: Scenario) -> int:
    """Paths of a block, so that its arrays keep within their memory; a multiple of the group."""
    arrays = 3 * len(scenario.streams) + 8
    rows = BLOCK_BYTES // (8 * scenario.months * arrays)
    return max(GROUP, min(SHARD, rows // GROUP * GROUP))


def under_way(scenario: Scenario, paths: int) -> int:
    """Bytes of the arrays of one thread: a block's streams and what is held of a shard's months."""
    shard = min(paths, shard_paths(scenario))
    block = min(shard, block_paths(scenario) if shard > GROUP else GROUP)
    return 8 * scenario.months * (block * (6 * len(scenario.streams) + 16) + 6 * shard)


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
