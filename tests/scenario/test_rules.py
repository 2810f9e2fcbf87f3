"""The domain's rules at their ends; what they do to a path is in ``tests/engines`` and ``tests/truth``."""

from __future__ import annotations

import numpy as np

from sim.scenario import rules


def test_without_a_rate_money_keeps_its_worth() -> None:
    assert rules.present_value(None, np.arange(30)).tolist() == [1.0] * 30


def test_a_loss_is_told_from_rounding_by_the_baseline() -> None:
    # A billionth of 1,000 is 1e-6.
    assert not rules.is_a_loss(0.9e-6, 1000.0)
    assert rules.is_a_loss(1.1e-6, 1000.0)
