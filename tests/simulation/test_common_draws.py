"""Losses of several scenarios on the same draws: those of a run of each, in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

import sim
from sim.chance.sampling import Sampling
from sim.engines.valuation import WindowSums
from sim.simulation import common_draws
from tests.by_hand import EVEN


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_variants_lose_on_every_path_what_a_run_of_each_does(sampling: str) -> None:
    base = sim.load("tiktok-all-risks")
    other = base.with_({"events.price_cut.price.to": 0.7, "customers.tiktok.growth": 0.5})
    found = common_draws.losses([base, other], Sampling(4096, 3, sampling), workers=2)
    for row, scenario in zip(found, (base, other), strict=True):
        assert (row == sim.run(scenario, paths=4096, seed=3, sampling=sampling).loss).all()


@pytest.mark.parametrize("paths", [512, 4096])
def test_blocks_of_variants_bring_what_blocks_of_paths_do(paths: int, monkeypatch: pytest.MonkeyPatch) -> None:
    base = sim.load("tiktok-all-risks")
    variants = [
        base.with_({"events.price_cut.price.to": 0.5 + k / 20, "customers.tiktok.growth": k % 3}) for k in range(7)
    ]
    sampling = Sampling.of(base, paths=paths, seed=3, method="sobol")
    monkeypatch.setattr(common_draws, "MOST_AT_A_TIME", 3)
    told: list[tuple[int, int]] = []

    def in_blocks(workers: int) -> tuple[list[list[int]], np.ndarray]:
        losses = np.full((7, paths), np.nan)

        def work(numbers: Sequence[int], found: Sequence[WindowSums]) -> list[int]:
            for k, sums in zip(numbers, found, strict=True):
                losses[k] = sums.loss
                assert np.asarray(sums.one_off).shape in ((), (paths,))
                assert len(sums.revenue) == len(sums.baseline) == len(sums.plain_revenue) == paths
            return list(numbers)

        def progress(done: int, total: int) -> None:
            told.append((done, total))

        blocks = list(common_draws.in_blocks(variants, work, sampling, workers=workers, progress=progress))
        return blocks, losses

    (blocks, found), (again, _) = in_blocks(1), in_blocks(3)
    assert (found == common_draws.losses(variants, sampling)).all()
    # Blocks of three, in an order that does not depend on threads; each variant once.
    assert blocks == again
    assert [len(block) for block in blocks] == [3, 3, 1]
    assert sorted(k for block in blocks for k in block) == list(range(7))
    assert told[-1] == (7 * paths, 7 * paths)


def test_sums_of_a_block_keep_within_their_memory() -> None:
    for paths in (16, 1024, 2**17, 2**24):
        size = common_draws.variants_at_a_time(paths)
        assert size == 1 or size * paths * 8 * 5 <= common_draws.SUMS_BYTES
    assert common_draws.variants_at_a_time(1024) == common_draws.MOST_AT_A_TIME
    assert common_draws.variants_at_a_time(2**24) == 1


def test_progress_and_refusal(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "even.yaml"
    file.write_text(EVEN)
    scenario = sim.load(file)
    seen: list[tuple[int, int]] = []
    found = common_draws.losses([scenario], Sampling(6000, 1), progress=lambda *done: seen.append(done))
    assert seen[-1] == (6000, 6000)
    assert set(np.unique(found)) == {0.0, 60.0}
    with pytest.raises(sim.TooLarge):
        common_draws.losses([scenario] * 1000, Sampling(10**9, 1))


def test_many_customers_over_a_long_horizon_take_few_paths_at_a_time() -> None:
    """A thread holds some arrays of paths x months x customers: with 2,560 paths each of them would take 0.7 GiB."""
    streams = {f"c{k}": {"revenue": 1, "growth": 0.0} for k in range(100)}
    head = {"scenario": 1, "name": "Many", "start": "2025-01", "months": 360, "money": "USD", "vendor": {"name": "V"}}
    wide = sim.load({**head, "customers": streams, "events": {}})
    sizes: list[int] = []
    common_draws.each_window([wide], lambda _, where, __: sizes.append(where.stop - where.start), Sampling(512, 1))
    assert sum(sizes) == 512
    assert max(sizes) * 360 * 100 * 8 <= 2**27
