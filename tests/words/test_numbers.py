"""Numbers rounded by what of their error says something."""

from __future__ import annotations

from sim.estimates.estimate import Estimate
from sim.words import numbers


def test_what_comes_of_adding_up_is_no_error() -> None:
    # A sum of 120 amounts is right to about 1e-14 of it; a standard error of that size says nothing of paths.
    assert numbers.with_error(Estimate(100.328190749, 1.3e-15)) == ("100.3", "± 0")
    assert numbers.with_error(Estimate(100.328190749, 1.3e-4)) == ("100.32819", "± 0.00013")


def test_what_adding_up_leaves_over_is_nothing() -> None:
    """0.1 + 0.2 - 0.3 is 5.6e-17; a loss of a billionth of the revenue is one."""
    assert numbers.beyond_rounding(0.1 + 0.2 - 0.3, 0.3) == 0
    assert numbers.beyond_rounding(-3e-9, 3) == -3e-9
    assert numbers.beyond_rounding(0.0, 0.0) == 0
