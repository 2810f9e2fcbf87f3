"""Weights of coalitions, and sampled orders against all of them."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest

import sim
from sim.estimates import replications, shapley
from tests.answers.worlds import reference_case, values, world


def worth(found: shapley.Weighing, strengths: np.ndarray) -> np.ndarray:
    """A game in which players multiply: a coalition is worth one less the product of what its players leave."""
    return np.array([1 - math.prod(1 - x for k, x in enumerate(strengths) if one >> k & 1) for one in found.coalitions])


def test_weights_of_three_players_are_those_of_the_six_orders() -> None:
    found = shapley.all_orders(3)
    truth = np.zeros((3, 7))
    for order in permutations(range(3)):
        before = 0
        for player in order:
            after = before | 1 << player
            truth[player, after - 1] += 1 / 6
            if before:
                truth[player, before - 1] -= 1 / 6
            before = after
    assert found.coalitions == tuple(range(1, 8))
    np.testing.assert_allclose(found.weights[0], truth, atol=1e-15)
    assert found.coalitions[found.whole] == 7
    assert found.orders is None


@pytest.mark.parametrize("players", [1, 2, 5, 8])
def test_weights_share_the_whole_and_nothing_else(players: int) -> None:
    found = shapley.weigh(players, seed=1)
    assert len(found.coalitions) == 2**players - 1
    # Over the players a coalition's weights cancel, but for the one of all, which is handed out once.
    together = found.weights[0].sum(axis=0)
    np.testing.assert_allclose(together, np.arange(1, 2**players) == 2**players - 1, atol=1e-12)


@pytest.mark.parametrize("players", [9, 12, 40, 300])
def test_sampled_orders_keep_to_their_number_of_coalitions_and_add_up(players: int) -> None:
    found = shapley.weigh(players, seed=3)
    assert found.orders is not None
    assert found.orders == 2 * len(found.weights) >= 2 * shapley.LEAST_PAIRS
    assert len(set(found.coalitions)) == len(found.coalitions)
    most = max(shapley.MOST_COALITIONS, 2 * shapley.LEAST_PAIRS * (players - 1) + 1)
    assert len(found.coalitions) <= most
    together = found.weights.sum(axis=1)
    whole = np.arange(len(found.coalitions)) == found.whole
    np.testing.assert_allclose(together, np.broadcast_to(whole, together.shape), atol=1e-12)
    assert found.coalitions[found.whole] == 2**players - 1
    again = shapley.weigh(players, seed=3)
    assert again.coalitions == found.coalitions
    assert shapley.weigh(players, seed=4).coalitions != found.coalitions


def test_sampled_orders_are_right_on_average_and_their_intervals_cover() -> None:
    """Nine players, 400 seeds: every order is as likely as its relabelling, so the mean is the Shapley value.

    The mean of a player's estimates is within 4.5 of its standard errors but for 1 in 150,000, of any of nine 1 in
    16,000. The share of 95 % intervals that cover has a standard error of 1.1 % at most, were all players alike; asked
    for are 90 % to 99 %, four of them: 1 in 20,000.
    """
    strengths = np.array([0.9, 0.6, 0.5, 0.4, 0.3, 0.3, 0.2, 0.1, 0.05])
    exact = shapley.all_orders(9)
    truth = exact.weights[0] @ worth(exact, strengths)
    estimates, covered = [], []
    for seed in range(400):
        found = shapley.some_orders(9, seed)
        by_pair = found.weights @ worth(found, strengths)
        estimates.append(by_pair.mean(axis=0))
        errors = np.array([replications.standard_error(pairs) for pairs in by_pair.T])
        covered.append(np.abs(estimates[-1] - truth) <= replications.student(len(by_pair)) * errors)
    mean, error = np.mean(estimates, axis=0), np.std(estimates, axis=0, ddof=1) / 20
    assert (np.abs(mean - truth) < 4.5 * error).all()
    assert 0.90 <= np.mean(covered) <= 0.99


def test_exact_and_sampled_agree_on_five_events(monkeypatch: pytest.MonkeyPatch) -> None:
    reference = reference_case()
    monkeypatch.setattr(shapley, "MOST_EXACT", 4)
    monkeypatch.setattr(shapley, "MOST_COALITIONS", 29)
    found = sim.attribute("tiktok-all-risks", paths=2048)
    assert not found.exact
    assert found.note is not None
    assert f"{found.orders} were sampled" in found.note
    assert found.orders is not None
    assert found.orders == 26
    for sampled, exact in zip(found.contributions, reference.contributions, strict=True):
        for measure, level in (("expected_loss", None), ("expected_shortfall", "0.95")):
            one, other = sampled.to(measure, level), exact.to(measure, level)
            assert one.standard_error is not None
            assert other.standard_error is not None
            # Both have the paths in common, whose error is in the sampled one's too: on the safe side. Ten comparisons
            # at six standard errors, with the 12 degrees of freedom of 13 pairs: a false alarm in 1,600.
            assert abs(one.value - other.value) < 6 * one.standard_error
            assert one.standard_error >= other.standard_error * 0.99
    assert math.fsum(values(found).values()) == pytest.approx(found.expected_loss.value, rel=1e-9)


def test_sampled_orders_put_their_spread_into_the_error() -> None:
    """Without chance in the paths all that is left of the error is that of the orders."""
    events = {f"e{k}": {"usage": {"to": 0.5 + 0.04 * k}} for k in range(10)}
    found = sim.attribute(world(events), paths=32)
    weighing = shapley.weigh(10, seed=1)
    left = [0.5 + 0.04 * k for k in range(10)]
    by_pair = 100 * (weighing.weights @ worth(weighing, 1 - np.array(left)))
    for k, part in enumerate(found.contributions):
        assert part.expected_loss.value == pytest.approx(by_pair[:, k].mean(), rel=1e-9)
        assert part.expected_loss.standard_error == pytest.approx(replications.standard_error(by_pair[:, k]), rel=1e-9)
        assert part.expected_loss.high is not None
        reach = part.expected_loss.high - part.expected_loss.value
        assert reach == pytest.approx(
            replications.student(len(by_pair)) * (part.expected_loss.standard_error or 0), rel=1e-9
        )
    # 1 less the product of what is left, on every path.
    assert found.expected_loss.value == pytest.approx(100 * (1 - math.prod(left)))
    assert repr(found).endswith(f"({found.orders} orders sampled; 32 paths)>")
