"""Boxes by peeling: known boxes are found, by hand a single step, words, whole numbers, limits that are rounded."""

from __future__ import annotations

import numpy as np
import pytest

from sim.estimates.peeling import Column, Counted, Side, best_box, boxes, counted, inside, rounded, with_side


def even(draws: int, low: float, high: float, seed: int) -> np.ndarray:
    points: np.ndarray = low + (high - low) * np.random.default_rng(seed).permutation((np.arange(draws) + 0.5) / draws)
    return points


def test_a_known_box() -> None:
    p, to = even(1024, 0, 0.2, 1), even(1024, 0, 0.5, 2)
    event = (p > 0.05) & (to < 0.2)
    columns = [Column(p), Column(to), Column(even(1024, 0, 1, 3))]
    box = best_box(columns, event)
    assert [(side.column, side.low is None, side.high is None) for side in box] == [(0, False, True), (1, True, False)]
    assert box[0].low == pytest.approx(0.05, abs=0.004)
    assert box[1].high == pytest.approx(0.2, abs=0.01)
    found = counted(columns, event, box)
    assert min(found.density, found.coverage) > 0.95
    assert found.mass == pytest.approx(0.3, abs=0.02)


def test_the_first_peel_by_hand() -> None:
    # 40 draws: 2 are peeled. Of the first column the two lowest hold no event, of all other ends some do.
    a = np.arange(40.0)
    event = np.ones(40, dtype=bool)
    event[[0, 1, 20, 38]] = False
    first = next(iter(boxes([Column(a)], event)))
    assert first == (Side(0, low=1.5),)
    assert next(iter(boxes([Column(a, whole=True)], event))) == (Side(0, low=2.0),)
    # Ties go whole: five draws have the lowest value, two of them without the event.
    tied = np.maximum(a, 4)
    event = a > 1
    assert next(iter(boxes([Column(tied, whole=True)], event))) == (Side(0, low=5.0),)


def test_what_costs_fewer_draws_for_the_same_gain_goes_first() -> None:
    # The two lowest of one number and a tie of several of another hold no event: what counts is the gain by draw.
    random = np.random.default_rng(1)
    order = random.permutation(40)
    a, b = np.arange(40.0), np.empty(40)
    event = np.ones(40, dtype=bool)
    event[:2] = False
    b[order] = np.arange(40.0)
    low = np.array([0, 1, *np.setdiff1d(np.arange(40), [0, 1])[-5:]])
    event[low[2:]] = False
    b[low[2:]] = -1.0
    first = next(iter(boxes([Column(a, whole=True), Column(b, whole=True)], event)))
    gains = {}
    for j, column in enumerate((a, b)):
        for way in (1, -1):
            edge = np.sort(way * column)[1]
            off = way * column <= edge
            gains[j, way] = (event[~off].mean() - event.mean()) / off.sum()
    best = max(gains, key=lambda key: gains[key])
    assert (first[0].column, first[0].low is not None) == (best[0], best[1] == 1)


def test_a_box_has_four_sides_at_most_and_keeps_a_twentieth_of_the_draws() -> None:
    random = np.random.default_rng(4)
    columns = [Column(random.random(1024)) for _ in range(6)]
    event = np.all([column.values > 0.4 for column in columns], axis=0)
    for box in boxes(columns, event):
        assert sum((side.low is not None) + (side.high is not None) for side in box) <= 4
        assert inside(columns, box).sum() >= 0.05 * 1024


def test_words_are_left_out_one_by_one() -> None:
    words = np.tile([0.0, 1.0, 2.0, 3.0], 64)
    event = (words == 1) | (words == 3)
    found = best_box([Column(words, unordered=True)], event)
    assert found == (Side(0, without=frozenset((0.0, 2.0))),)


def test_without_anything_better_than_all_there_is_no_box() -> None:
    event = np.random.default_rng(5).random(512) < 0.9
    assert best_box([Column(np.random.default_rng(6).random(512))], event) == ()
    assert best_box([], event) == ()


def test_merit_weighs_density_and_coverage_alike() -> None:
    assert Counted(inside=50, hits=40, events=80, draws=200).merit == pytest.approx(2 * 0.8 * 0.5 / 1.3)
    assert Counted(0, 0, 0, 0).merit == 0


@pytest.mark.parametrize(
    ("limit", "values", "expected"),
    [
        (0.0512345, np.linspace(0, 0.2, 101), 0.0512),
        (1234.56, np.linspace(0, 5000, 101), 1230.0),
        (20.0512, np.linspace(20, 20.2, 101), 20.05),  # 20.1 is further than a hundredth of the middle nine tenths
        (-0.0123456, np.linspace(-1, 1, 101), -0.0123),
        (0.0, np.linspace(-1, 1, 101), 0.0),
    ],
)
def test_limits_have_three_digits_and_more_where_these_would_move_them_far(
    limit: float, values: np.ndarray, expected: float
) -> None:
    assert rounded(limit, values) == expected


def test_of_two_sides_on_a_number_both_hold() -> None:
    both = with_side(with_side((Side(1, low=3.0),), Side(0, high=5.0)), Side(1, low=2.0, high=9.0))
    assert both == (Side(0, high=5.0), Side(1, low=3.0, high=9.0))
