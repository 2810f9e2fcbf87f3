"""Scores of numbers in doubt: pure functions of seed, path and number; evenly spread, independent of each other."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from sim.chance import sobol
from sim.chance.doubted import again, scores
from sim.chance.draws import scrambling_keys, words

PATHS = ("customers.tiktok.revenue", "events.ban.probability", "vendor.discount_rate")


def test_a_draw_is_a_point_of_its_own_stream() -> None:
    """Draw k is point k // 16 of scrambling k % 16 of the stream `*doubt*.<path>`, purpose `value`."""
    keys = scrambling_keys(7, "*doubt*.a.b", "value")
    found = scores(7, "a.b", 64)
    for k in (0, 1, 15, 16, 63):
        (word,) = sobol.scrambled(keys, 1, k, 1)[0]
        assert found[k] == ndtri((int(word) + 0.5) / 2**32)


def test_more_draws_keep_the_first_ones() -> None:
    for path in PATHS:
        assert np.array_equal(scores(1, path, 4096)[:1024], scores(1, path, 1024))


def test_streams_are_of_seed_and_path_alone() -> None:
    distinct = {scores(seed, path, 16).tobytes() for seed in (0, 1, 2**70) for path in PATHS}
    assert len(distinct) == 9


def test_each_scrambling_has_one_draw_in_each_cell() -> None:
    """Of 64 points of a scrambling one lies in each 64th of the unit interval: that is what quasi-random means."""
    uniform = ndtr(scores(3, PATHS[0], 16 * 64))
    for scrambling in range(16):
        cells = np.floor(64 * uniform[scrambling::16]).astype(int)
        assert sorted(cells) == list(range(64))


def test_doubts_are_paired_at_random() -> None:
    """Correlations of pairs are as those of independent draws, but for what evenness adds.

    Of K independent pairs they have a standard deviation of 1/√K. Neighbouring points lie on either side of each
    other's middle, so that on the first digit two draws speak with one voice: √2 times as much where that is all.
    """
    draws = 1024
    table = np.array([scores(1, f"events.e{i}.probability", draws) for i in range(64)])
    correlations = np.corrcoef(table)[np.triu_indices(64, 1)] * np.sqrt(draws)
    assert 0.9 < np.std(correlations) < np.sqrt(2)
    assert abs(np.mean(correlations)) < 4 * np.sqrt(2 / correlations.size)
    assert np.abs(correlations).max() < 4.5 * np.sqrt(2)


def test_what_is_drawn_anew_is_the_plain_word_of_its_draw() -> None:
    word = int(words(5, "*doubt*.a.b", "again.2", 1, 37, 1, 32)[0, 0])
    assert again(5, "a.b", 37, 2) == ndtri((word + 0.5) / 2**32)
    found = {again(5, "a.b", draw, attempt) for draw in range(20) for attempt in range(1, 6)}
    assert len(found) == 100
