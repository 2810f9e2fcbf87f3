"""A stream's own quasi-random sequence: nets that are evenly spread, scrambled so that each point alone is uniform.

Those that streams have jointly are tried in ``test_joint.py``.

Statistical tests have fixed seeds; each states its chance of a false alarm for a correct program.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2, qmc

from sim.chance import sobol
from sim.chance.draws import Draws
from sim.chance.joint import Order
from sim.chance.sobol import SCRAMBLINGS, bridged, scrambled, sobol_paths
from sim.language import load
from tests.answers.sweep.grids import EVERYTHING, SMALL, changed


def keys(name: str = "", count: int = SCRAMBLINGS) -> tuple[bytes, ...]:
    return tuple(f"{name:.10}{k:06d}".rjust(16, ".").encode() for k in range(count))


def one_scrambling(dimensions: int, first: int, count: int, name: str = "") -> np.ndarray:
    """Points of one scrambling, in its order; shape (dimensions, count)."""
    return scrambled(keys(name, 1), dimensions, first, count)


# Evenly spread


@pytest.mark.parametrize("k", range(1, 15))
def test_every_aligned_block_is_stratified_in_each_coordinate(k: int) -> None:
    """Of 2^k points in a row, from a multiple of 2^k on, each interval of length 2^-k holds one, in every dimension."""
    size = 1 << k
    for block in (0, 1, 5):
        cells = one_scrambling(70, block * size, size) >> np.uint32(32 - k)
        assert (np.sort(cells, axis=1) == np.arange(size)).all()


@pytest.mark.parametrize("k", range(1, 15))
def test_the_first_two_dimensions_are_a_net(k: int) -> None:
    """A (0, k, 2)-net: every box of 2^-a by 2^-(k-a) holds exactly one of the 2^k points."""
    for block, a in itertools.product((0, 3), range(k + 1)):
        x, y = one_scrambling(2, block << k, 1 << k).astype(np.int64)
        boxes = ((x >> (32 - a)) << (k - a)) | (y >> (32 - k + a))
        assert (np.bincount(boxes, minlength=1 << k) == 1).all()


def balanced(first: np.ndarray, second: np.ndarray, a: int, b: int) -> bool:
    """Whether all boxes of 2^-a by 2^-b hold as many points; coordinates are integers below 2^32."""
    boxes = ((first.astype(np.int64) >> (32 - a)) << b) | (second.astype(np.int64) >> (32 - b))
    count = np.bincount(boxes, minlength=1 << (a + b))
    return bool((count == count[0]).all())


def test_pairs_of_dimensions_are_spread_as_those_of_another_sobol_sequence() -> None:
    """Which boxes hold as many points does not depend on the scrambling: the same as in SciPy's plain sequence."""
    k, dimensions = 8, 8
    ours = one_scrambling(dimensions, 3 << k, 1 << k)
    sequence = qmc.Sobol(dimensions, scramble=False, bits=32)
    sequence.fast_forward(3 << k)
    theirs = (sequence.random(1 << k) * 2.0**32).astype(np.uint32).T
    found = []
    for i, j in itertools.combinations(range(dimensions), 2):
        for a in range(k + 1):
            for b in range(k + 1 - a):
                found.append(balanced(ours[i], ours[j], a, b))
                assert found[-1] == balanced(theirs[i], theirs[j], a, b)
    # Both answers occur, or nothing would have been compared; 28 pairs of 45 boxes each.
    assert len(found) == 28 * 45
    assert 0.5 < np.mean(found) < 1


def test_plain_random_points_are_no_net() -> None:
    """The same question asked of independent points, to show that it can be answered with no."""
    x = np.random.default_rng(1).integers(0, 1 << 32, (2, 256), dtype=np.uint32)
    assert not balanced(x[0], x[1], 4, 4)


def test_the_last_dimension_has_direction_numbers() -> None:
    cells = np.sort(one_scrambling(sobol.DIMENSIONS, 0, 64)[-1] >> np.uint32(26))
    assert (cells == np.arange(64)).all()


# Scrambled


def uniform_statistic(cells: np.ndarray, bins: int) -> float:
    """Upper tail probability of chi-square for uniform integers below ``bins``."""
    count = np.bincount(cells, minlength=bins)
    expected = len(cells) / bins
    return float(chi2.sf(((count - expected) ** 2 / expected).sum(), bins - 1))


def test_each_point_alone_is_uniform() -> None:
    """Leading, middle and last bits of given points over 20,000 scramblings; each of 27 chi-squares above 1e-6."""
    drawn = scrambled(keys("u", 20_000), 40, 0, 3 * 20_000).reshape(40, 3, 20_000)
    for dimension, index, shift in itertools.product((0, 1, 39), range(3), (26, 13, 0)):
        cells = (drawn[dimension, index] >> np.uint32(shift)) & np.uint32(63)
        assert 1e-6 < uniform_statistic(cells.astype(np.int64), 64) < 1 - 1e-6


def test_dimensions_and_points_are_scrambled_apart() -> None:
    """Two coordinates of a point, and one of two points that no stratum ties, are independent: 64 by 64 boxes.

    Of one dimension the first bits of points 0 and 1 always differ (they are a net of two), and the bits below are
    independent. Each of three chi-squares above 1e-6.
    """
    drawn = scrambled(keys("p", 40_000), 3, 0, 2 * 40_000).reshape(3, 2, 40_000).astype(np.int64)
    first, second = drawn[0, 0] >> 26, drawn[1, 0] >> 26
    assert uniform_statistic(first * 64 + second, 4096) > 1e-6
    first, second = drawn[0, 0] >> 26, drawn[2, 1] >> 26
    assert uniform_statistic(first * 64 + second, 4096) > 1e-6
    assert ((drawn[0, 0] >> 31) != (drawn[0, 1] >> 31)).all()
    first, second = (drawn[0, 0] >> 25) & 63, (drawn[0, 1] >> 25) & 63
    assert uniform_statistic(first * 64 + second, 4096) > 1e-6


@pytest.mark.parametrize("k", [0, 2, 4, 7])
def test_means_vary_over_scramblings_as_theory_says(k: int) -> None:
    """Var of the mean of x over n = 2^k points is 1/(12 n^3): a uniform point in each of n intervals, independently.

    Over 8,000 scramblings the ratio of variances, roughly chi-square / 8,000, has a standard error of at most 1.6 %;
    beyond 4.5 of them by chance: 6.8e-6. A scrambling by one random shift would give n times the variance.
    """
    n, repeats = 1 << k, 8_000
    drawn = scrambled(keys(f"v{k}", repeats), 2, 0, n * repeats).reshape(2, n, repeats)
    means = ((drawn + 0.5) * 2.0**-32).mean(axis=1)
    ratio = ((means - 0.5) ** 2).mean(axis=1) * 12 * n**3
    assert ratio == pytest.approx(1.0, abs=4.5 * 0.016)


def test_a_scramblings_index_is_shuffled() -> None:
    """Two streams are paired at random: which halves their points lie in averages as for independent pairs.

    With s = 1 in the upper half and -1 in the lower, each two points 2j and 2j + 1 of a stream lie in different halves,
    so that they share the product s s' of two streams; whether it is 1 or -1 the two shuffles decide, for each j apart.
    So the mean of s s' over 64 points has mean 0 and variance 1/32. Of 8,000 scramblings the mean is tried at 4.5
    standard errors, as is the variance, of a relative error of 1.6 %: 6.8e-6 each. Without shuffling it would be 1.
    """
    repeats = 8_000
    left, right = (scrambled(keys(name, repeats), 1, 0, 64 * repeats)[0] >> 31 for name in ("left", "right"))
    means = np.where(left == right, 1, -1).reshape(64, repeats).mean(axis=0)
    assert abs(means.mean()) < 4.5 * np.sqrt(1 / 32 / repeats)
    assert means.var() * 32 == pytest.approx(1.0, abs=4.5 * 0.016)


# Streams


def test_path_i_is_a_point_of_scrambling_i_mod_16() -> None:
    all_ = scrambled(keys(), 5, 0, 640)
    for scrambling in range(SCRAMBLINGS):
        alone = scrambled(keys()[scrambling : scrambling + 1], 5, 0, 40)
        assert (all_[:, scrambling::SCRAMBLINGS] == alone).all()


@pytest.mark.parametrize(("first", "count"), [(0, 64), (3, 1), (17, 200), (4096, 96), (70_000, 33)])
def test_points_do_not_depend_on_which_are_asked_for(first: int, count: int) -> None:
    whole = scrambled(keys(), 4, 0, 70_100)
    assert (scrambled(keys(), 4, first, count) == whole[:, first : first + count]).all()


def test_more_dimensions_keep_the_first_ones() -> None:
    assert (scrambled(keys(), 3, 0, 100) == scrambled(keys(), 30, 0, 100)[:3]).all()


def drawn(data: dict[str, Any], first: int = 0, count: int = 64, order: Order | None = None) -> dict[str, np.ndarray]:
    """All that a scenario draws, by name."""
    scenario = load(data)
    draws = Draws(scenario, 1, first, count, "sobol", order=order)
    found: dict[str, Any] = {}
    for i, stream in enumerate(scenario.streams):
        market, own = draws.shocks(i)
        found["market"], found[stream.id] = market, own
    for event in scenario.events:
        found[f"{event.id} arises"] = draws.own_month(event)
        found[f"{event.id} lasts"] = draws.lasts(event)
        found[f"{event.id} permanent"] = draws.permanent(event)
        found[f"{event.id} notice"] = draws.notice(event)
        for trigger in event.triggers:
            found[f"{event.id} {trigger.target} fires"] = draws.sets_off(event, trigger)
            found[f"{event.id} {trigger.target} after"] = draws.trigger_delay(event, trigger)
        if event.usage is not None:
            found[f"{event.id} to"] = draws.level(event, "usage", event.usage)
            found[f"{event.id} over"] = draws.over(event, "usage", event.usage)
        if event.id in scenario.lever_against:
            found[f"{event.id} accepts"] = draws.accepts(event)
    return {name: value for name, value in found.items() if isinstance(value, np.ndarray)}


def same(some: dict[str, np.ndarray], others: dict[str, np.ndarray]) -> bool:
    return some.keys() <= others.keys() and all((some[name] == others[name]).all() for name in some)


def test_more_paths_keep_the_first_ones() -> None:
    few, many = drawn(EVERYTHING, count=48), drawn(EVERYTHING, count=500)
    assert len(few) > 15
    assert same(few, {name: value[:48] for name, value in many.items()})
    assert same(drawn(EVERYTHING, first=37, count=100), {name: value[37:137] for name, value in many.items()})


@pytest.mark.parametrize("order", [Order(), Order.of(load(EVERYTHING))], ids=["alone", "in one order"])
def test_a_streams_points_do_not_depend_on_other_streams(order: Order) -> None:
    """Neither in a sequence of its own nor jointly, where the order of dimensions is one."""
    fewer = changed(EVERYTHING)
    del fewer["customers"]["rival"], fewer["events"]["departures"], fewer["events"]["suspension"], fewer["levers"]
    some = drawn(fewer, order=order)
    assert {"market", "tiktok", "others", "leave arises", "cut arises"} <= some.keys()
    assert same(some, drawn(EVERYTHING, order=order))
    assert not (some["tiktok"] == some["others"]).any()
    assert not same(drawn(SMALL), drawn(changed(SMALL, events__leave__probability=0.5)))


def test_seeds_give_other_points() -> None:
    scenario = load(SMALL)
    one, other = (Draws(scenario, seed, 0, 16, "sobol").shocks(0)[1] for seed in (1, 2))
    assert one is not None
    assert other is not None
    assert not (one == other).any()


def test_own_months_have_the_law_of_the_event() -> None:
    """Of the 2^k points of each scrambling so many lie below any threshold as 2^k times its probability, to one."""
    scenario = load(SMALL)
    leave = scenario.events[0]
    months = Draws(scenario, 1, 0, 16 * 256, "sobol").own_month(leave).reshape(256, 16)
    law = leave.timing.law  # type: ignore[union-attr]
    for month in range(18):
        count = (months <= month).sum(axis=0)
        assert (np.abs(count - 256 * 0.6 * law.cdf(month)) <= 1).all()


# The bridge


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8, 17, 59, 60, 359])
def test_the_bridge_gives_independent_standard_normals(steps: int) -> None:
    """It is linear, so that its matrix is what it makes of unit vectors; orthogonal means it keeps the normal law."""
    matrix = bridged(np.eye(steps))
    assert matrix @ matrix.T == pytest.approx(np.eye(steps), abs=1e-12)
    # It is linear, indeed.
    x = np.random.default_rng(steps).standard_normal((steps, 3))
    assert bridged(x) == pytest.approx(matrix @ x, abs=1e-12)


def test_the_first_normals_decide_the_coarse_course() -> None:
    steps = 60
    walk = np.cumsum(bridged(np.eye(steps)), axis=0)
    # The end depends on the first alone; the middle on the first two, and so on with four quarters.
    assert walk[-1] == pytest.approx(np.sqrt(steps) * np.eye(steps)[0], abs=1e-12)
    assert walk[29, 2:] == pytest.approx(np.zeros(58), abs=1e-12)
    assert walk[[14, 44], 4:] == pytest.approx(np.zeros((2, 56)), abs=1e-12)
    # Given its end, a walk's middle has a variance of 60/4: the second normal times that root.
    assert walk[29, 1] == pytest.approx(np.sqrt(steps / 4), abs=1e-12)


@pytest.mark.parametrize(
    ("asked", "paths"), [(1, 16), (16, 16), (17, 32), (1_000, 1_024), (1_024, 1_024), (1_025, 2_048), (10_000, 16_384)]
)
def test_quasi_random_paths_are_a_power_of_two_of_each_scrambling(asked: int, paths: int) -> None:
    assert sobol_paths(asked) == paths
