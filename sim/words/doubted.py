"""What doubt does to the answer, as it is told to a board: the file's number, its band, chance and doubt together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

from sim.estimates.bands import ends_of
from sim.estimates.estimate import Estimate
from sim.estimates.measures import CHANCE_TO_MISS, EXPECTED_BASELINE, EXPECTED_LOSS, REVENUE_AT_RISK, Measure
from sim.scenario import rules
from sim.scenario.parts import Scenario
from sim.words import numbers
from sim.words.labels import period, short


@dataclass(frozen=True, slots=True)
class InDoubt:
    """A measure under doubt.

    Attributes
    ----------
    measure, level
        Which.
    base
        At the file's numbers, as a run tells it.
    base_same_paths
        The same on the paths of the draws.
    predictive
        Of chance and doubt together.
    band
        Its quantiles over doubt, by number or name (``0.05``); None where there is none.
    why
        Why there is none.
    """

    measure: Measure
    level: str | None
    base: Estimate
    base_same_paths: Estimate
    predictive: Estimate
    band: Mapping[Any, Estimate] | None
    why: str | None = None

    @property
    def differs(self) -> bool:
        """Whether the draws' paths tell another base case than a run does, by more than both may be off."""
        gap = self.base_same_paths.value - self.base.value
        (low, high), (same_low, same_high) = ends_of(self.base), ends_of(self.base_same_paths)
        if gap > 0:
            reach = (high - self.base.value) ** 2 + (self.base_same_paths.value - same_low) ** 2
        else:
            reach = (self.base.value - low) ** 2 + (same_high - self.base_same_paths.value) ** 2
        return gap * gap > reach  # not where an end is unknown: a comparison with NaN is false


def headline(
    scenario: Scenario, rows: Sequence[InDoubt], share: Estimate | None, doubts: int, chief: str | None = None
) -> str:
    """What doubt does, in a few sentences, the last without its full stop.

    Parameters
    ----------
    share
        Doubt's part of the loss's variance; None where nothing varies.
    doubts
        How many numbers are in doubt.
    chief
        What makes most of doubt's part, as the end of a sentence; None where that can't be told.
    """
    if not scenario.at_risk:
        return f"The scenario has no events, so that nothing could be lost over {period(scenario)}"
    row = _leading(rows)
    assert row.band is not None
    base, predictive, low, high = (
        _amount(scenario, one) for one in (row.base, row.predictive, row.band[0.05], row.band[0.95])
    )
    if row.level is None:
        first, that = f"the loss is {base} on average", "that average"
    else:
        first, that = f"the loss does not exceed {base} with {100 * float(row.level):g} % confidence", "that limit"
    numbers_ = f"{doubts:,} numbers" if doubts != 1 else "one number"
    between = f"between {low} and {high} in nine cases of ten" if low != high else f"{low} in nine cases of ten too"
    parts = [
        f"At the file’s numbers {first}",
        f"Over what is plausible for {numbers_} {that} is {between}; chance and doubt together: {predictive}",
        *_plan(rows),
    ]
    if share is not None:
        what = f"; {chief}" if chief and share.value > 0 else ""
        parts.append(f"Doubt makes {_per_cent(share.value)} of the loss’s variance{what}")
    return ". ".join(parts)


def _leading(rows: Sequence[InDoubt]) -> InDoubt:
    """The measure that is told first: the revenue at risk that has a band and is more than rounding, or the average."""
    for row in rows:
        if row.measure is REVENUE_AT_RISK and row.band is not None:
            most = max(abs(one.value) for one in (row.base, row.predictive, *row.band.values()))
            if most > rules.NO_LOSS * abs(_of(rows, EXPECTED_BASELINE).base.value):
                return row
    return _of(rows, EXPECTED_LOSS)


def _of(rows: Sequence[InDoubt], measure: Measure) -> InDoubt:
    return next(row for row in rows if row.measure is measure)


def _plan(rows: Sequence[InDoubt]) -> list[str]:
    row = next((row for row in rows if row.measure is CHANCE_TO_MISS), None)
    if row is None or row.band is None:
        return []
    low, high = (_per_cent(row.band[end].value) for end in (0.05, 0.95))
    between = f"{low} to {high}" if low != high else low
    return [
        f"The plan is missed in {_per_cent(row.base.value)} of futures at the file’s numbers, in {between} over doubt, "
        f"in {_per_cent(row.predictive.value)} of chance and doubt together"
    ]


def _per_cent(share: float) -> str:
    if 0 < share < 0.01:
        return "less than 1 %"
    return f"{100 * share:.0f} %"


WIDE = 0.25
"""Half of an interval, as a part of its value, from which it stands beside an amount in a sentence."""


def _amount(scenario: Scenario, estimate: Estimate) -> str:
    unit = short(scenario.money)
    low, high = ends_of(estimate)
    reach = (high - low) / 2
    amount = numbers.sized(estimate.value, unit, reach)
    return f"{amount} (± {numbers.sized(reach, unit, digits=2)})" if reach > WIDE * abs(estimate.value) else amount


def few_draws(draws: int) -> str | None:
    """Say where a band's ends rest on few draws; None where they do not."""
    below = 0.05 * draws
    return f"The band’s ends rest on few draws: {below:.0f} lie beyond each." if below < 20 else None


SHOWN = (0.05, 0.5, 0.95)
"""Quantiles of the band that tables for readers have."""


def cells(row: InDoubt, scale: numbers.Scale) -> list[tuple[str, str]]:
    """A measure's values for a table, each with half of its 95 % interval after ±: file, band, chance and doubt."""
    band = [None] * len(SHOWN) if row.band is None else [row.band[at] for at in SHOWN]
    return [_cell(row.measure, one, scale) for one in (row.base, *band, row.predictive)]


def _cell(measure: Measure, estimate: Estimate | None, scale: numbers.Scale) -> tuple[str, str]:
    if estimate is None:
        return "–", ""
    low, high = ends_of(estimate)
    reach = (high - low) / 2
    factor = 100 if measure.is_share else scale.factor
    value, known = estimate.value * factor, None if isnan(reach) else reach * factor
    unit = " %" if measure.is_share else ""
    error = "±?" if known is None else f"± {numbers.number(known, known) if known > 0 else '0'}"
    return f"{numbers.number(value, known)}{unit}", error
