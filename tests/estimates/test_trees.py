"""Trees of decisions: leaves that part the draws, a known box, words; what is said without scikit-learn."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

import sim
from sim.estimates import trees
from sim.estimates.peeling import Column, inside
from tests.estimates.test_peeling import even


def test_leaves_part_the_draws_and_find_a_known_box() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is in the extra `doubt`")
    p, to = even(1024, 0, 0.2, 1), even(1024, 0, 0.5, 2)
    event = (p > 0.05) & (to < 0.2)
    columns = [Column(p), Column(to)]
    leaves = trees.leaves(columns, event)
    assert np.sum([inside(columns, leaf) for leaf in leaves], axis=0).tolist() == [1] * 1024
    (low,) = [side.low for side in leaves[0] if side.column == 0]
    (high,) = [side.high for side in leaves[0] if side.column == 1]
    assert low == pytest.approx(0.05, abs=0.004)
    assert high == pytest.approx(0.2, abs=0.01)


def test_whole_numbers_and_words_part_at_values() -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is in the extra `doubt`")
    random = np.random.default_rng(3)
    months, words = random.integers(0, 24, 512).astype(float), random.integers(0, 3, 512).astype(float)
    event = (months >= 12) & (words == 1)
    columns = [Column(months, whole=True), Column(words, unordered=True)]
    leaves = trees.leaves(columns, event)
    assert np.sum([inside(columns, leaf) for leaf in leaves], axis=0).tolist() == [1] * 512
    assert [(side.low, side.without) for side in leaves[0]] == [(12.0, frozenset()), (None, frozenset((0.0, 2.0)))]


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(sim.UsageError, match="needs scikit-learn") as caught:
        trees.leaves([], np.empty(0, dtype=bool))
    assert "pip install 'switchrisk[doubt]'" in str(caught.value)
