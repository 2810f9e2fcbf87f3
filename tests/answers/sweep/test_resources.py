"""A sweep's results depend on scenario, seed, paths and sampling alone; memory is bounded; arguments are checked."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import numpy as np
import pytest

import sim
from sim import machine
from sim.answers.sweep import Sweep
from sim.errors import ScenarioError, TooLarge, UsageError
from sim.simulation import stratified
from tests.answers.sweep.grids import EVERYTHING, MEDIAN, PROBABILITY, SMALL, everything_in

AXES: dict[str, Any] = {PROBABILITY: [0.1, 0.5, 1], MEDIAN: [4, 9, 20]}
MIB = 2**20


def identical(one: Sweep, other: Sweep) -> bool:
    a, b = everything_in(one), everything_in(other)
    return a.keys() == b.keys() and all(np.array_equal(a[part], b[part]) for part in a)


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
@pytest.mark.parametrize("data", [SMALL, EVERYTHING], ids=["small", "everything"])
def test_results_do_not_depend_on_the_number_of_workers(data: dict[str, Any], sampling: str) -> None:
    one, two, five = (sim.sweep(data, axes=AXES, paths=16_384, sampling=sampling, workers=n) for n in (1, 2, 5))
    assert identical(one, two)
    assert identical(one, five)
    assert not identical(one, sim.sweep(data, axes=AXES, paths=16_384, sampling=sampling, seed=2))


@pytest.mark.parametrize("data", [SMALL, EVERYTHING], ids=["small", "everything"])
def test_a_sweep_may_be_repeated(data: dict[str, Any]) -> None:
    assert identical(sim.sweep(data, axes=AXES, paths=64), sim.sweep(data, axes=AXES, paths=64))


@pytest.mark.parametrize("first_wave", [1, 7 * 8 * 18 * 128])
def test_losses_beyond_the_bins_of_the_first_wave_are_counted(first_wave: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where losses are not all kept, bins are laid by the first of them, with room beyond; each path counts once."""
    monkeypatch.setattr(stratified, "SHARD", 128)
    kept = sim.sweep(EVERYTHING, axes=AXES, paths=4_096, workers=2)
    monkeypatch.setattr(stratified, "FIRST_WAVE", first_wave)
    waves = sim.sweep(EVERYTHING, axes=AXES, paths=4_096, workers=2)
    assert waves.bin_width > kept.bin_width
    for measure in ("expected_loss", "expected_revenue", "probability_of_loss", "probability_below_target"):
        assert waves.cells[measure] == pytest.approx(kept.cells[measure], rel=1e-12)
    for measure in ("revenue_at_risk", "expected_shortfall"):
        for level in ("0.9", "0.95"):
            allowed = kept.bin_width + waves.bin_width
            assert waves.cells[measure][level] == pytest.approx(kept.cells[measure][level], abs=allowed)
    assert identical(waves, sim.sweep(EVERYTHING, axes=AXES, paths=4_096, workers=1))


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_memory_does_not_grow(sampling: str) -> None:
    """Ten sweeps in a row leave nothing behind, after a first one that fills tables; ten more with new seeds, little.

    A sweep's own tables take megabytes (counted here too, to show that growth would be seen); what may stay is small:
    0.25 MiB, and for seeds, whose hashes are kept for some hundred streams, 2 MiB.
    """

    def swept(seed: int) -> None:
        sim.sweep(EVERYTHING, axes=AXES, paths=128, sampling=sampling, seed=seed, workers=1)

    tracemalloc.start()
    try:
        swept(1)
        swept(1)
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(10):
            swept(1)
        gc.collect()
        after, peak = tracemalloc.get_traced_memory()
        assert after - before < MIB / 4
        assert peak - before > 4 * MIB
        assert peak - before < 200 * MIB
        for seed in range(2, 12):
            swept(seed)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] - after < 2 * MIB
    finally:
        tracemalloc.stop()


def test_the_number_of_paths_is_reported() -> None:
    assert sim.sweep(SMALL, axes=AXES, paths=100).paths == 128
    assert sim.sweep(SMALL, axes=AXES, paths=100).to_dict()["run"]["paths"] == 128
    assert sim.sweep(SMALL, axes=AXES, paths=100, sampling="plain").paths == 100
    # The scenario's own where none are asked for.
    assert sim.sweep(SMALL, axes=AXES).paths == 1_024


def test_progress_is_reported() -> None:
    done: list[tuple[int, int]] = []
    axes = {PROBABILITY: [0, 1], "customers.others.growth": [0, 0.1, 0.2]}
    sim.sweep(SMALL, axes=axes, paths=16, progress=lambda n, of: done.append((n, of)))
    assert done[-1][0] == done[-1][1]
    assert [n for n, _ in done] == sorted({n for n, _ in done})


@pytest.mark.parametrize("count", [300, 100_000])
def test_too_large_is_refused_before_anything_is_allocated(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the estimate, and with next to nothing of what it speaks of taken."""
    monkeypatch.setattr(machine, "free_memory", lambda: 2**30)
    axes = {f"customers.{id_}.growth": {"from": 0, "to": 1, "count": count} for id_ in ("tiktok", "others")}
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match=r"would need about [\d,.]+ [GT]iB"):
            sim.sweep(SMALL, axes=axes)
        assert tracemalloc.get_traced_memory()[1] < 64 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"paths": 0}, "paths: found 0"),
        ({"paths": True}, "paths: found True"),
        ({"paths": 2.5}, "paths: found 2.5"),
        ({"seed": -1}, "seed: found -1"),
        ({"sampling": "halton"}, "sampling: found 'halton', allowed are plain and sobol"),
    ],
)
def test_arguments_are_checked(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        sim.sweep(SMALL, axes=AXES, **arguments)


def test_a_scenario_without_axes_is_refused() -> None:
    with pytest.raises(UsageError, match="no axes to sweep"):
        sim.sweep(SMALL)


@pytest.mark.parametrize(
    "axes",
    [
        {"events.leave.probabilty": [0, 1]},
        {PROBABILITY: [0, 1.5]},
        {"customers.tiktok.name": ["a", "b"]},
        {"events.leave": [1]},
        {PROBABILITY: []},
    ],
)
def test_axes_that_cannot_be_are_refused(axes: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError):
        sim.sweep(SMALL, axes=axes)
