"""What leads an answer, as it is told to a board: how much, of what, on average, against the plan, and why."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from sim.estimates.estimate import Estimate
from sim.estimates.measures import (
    CHANCE_OF_LOSS,
    CHANCE_TO_MISS,
    EXPECTED_BASELINE,
    EXPECTED_LOSS,
    EXPECTED_ONE_OFF,
    EXPECTED_PLAIN_REVENUE,
    EXPECTED_REVENUE,
    EXPECTED_SHORTFALL,
    REVENUE_AT_RISK,
    Estimates,
)
from sim.scenario import rules
from sim.scenario.parts import Scenario
from sim.words import numbers
from sim.words.labels import futures, period, share, short

WIDE = 0.1
"""Half of an interval, as a part of its value, from which both its ends are told."""


class Cause(Protocol):
    """The chief cause: its name, and what part of the average loss would be left without it."""

    @property
    def name(self) -> str:
        """The event's name."""

    @property
    def left(self) -> float:
        """Part of the average loss."""

    @property
    def half_width(self) -> float | None:
        """Half of the 95 % interval of that part; None where it is not known."""


def headline(scenario: Scenario, estimates: Estimates, chief: Cause | None = None) -> str:
    """What is at risk in plain words, at the lowest level asked for; sentences, the last without its full stop.

    Parameters
    ----------
    chief
        The event without which least would be lost on average, where it is known.

    Notes
    -----
    Where nothing is at risk at that level, a loss is rarer than the level says: then how rare, and how large it is. The
    mean of the losses beyond a quantile of 0 is the expected shortfall times the part of futures that it is about
    (``docs/model.md``, section 7).
    """
    if not scenario.at_risk:
        events = "events but planned ones" if scenario.events else "events"
        return f"The scenario has no {events}, so that nothing could be lost over {period(scenario)}"
    parts = [_at_risk(scenario, estimates), _average(scenario, estimates), _plan(scenario, estimates)]
    parts.append(chief_cause(scenario, estimates, chief))
    return ". ".join(part for part in parts if part)


def baseline_of(estimates: Estimates) -> float:
    """Revenue that is expected if no event arises; in cells, which do not tell it, what is billed and what is lost."""
    known = estimates.get_of(EXPECTED_BASELINE)
    if known:
        return known.value
    once = estimates.get_of(EXPECTED_ONE_OFF)
    lost = estimates.of(EXPECTED_LOSS).value - (once.value if once else 0.0)
    return estimates.of(EXPECTED_REVENUE).value + lost


def is_at_risk(estimates: Estimates) -> bool:
    """Whether anything is at risk at the lowest level, be it a gain."""
    return not 0 <= estimates.of(REVENUE_AT_RISK).value <= rules.NO_LOSS * baseline_of(estimates)


def _at_risk(scenario: Scenario, estimates: Estimates) -> str:
    span, level = period(scenario), estimates.levels(REVENUE_AT_RISK)[0]
    if is_at_risk(estimates):
        at_risk, baseline = estimates.of(REVENUE_AT_RISK, level), baseline_of(estimates)
        amount = numbers.sized(at_risk.value, scenario.money, at_risk.half_width)
        of = f" of the {numbers.sized(baseline, scenario.money)} expected without events" if baseline else ""
        part = f" ({_part(at_risk.value / baseline)})" if baseline else ""
        return f"In {futures(level)} the loss over {span} does not exceed {amount}{_ends(scenario, at_risk)}{of}{part}"
    chance = estimates.of(CHANCE_OF_LOSS)
    if chance.value == 0:
        may = f", whose chance is below {numbers.percent(chance.high, 2)}" if chance.high else ""
        return f"In no future that was simulated is anything lost over {span}{may}"
    shortfall = estimates.of(EXPECTED_SHORTFALL, level)
    times = (1 - float(level)) / chance.value
    error = None if shortfall.standard_error is None else 2 * times * shortfall.standard_error
    amount = numbers.sized(times * shortfall.value, scenario.money, error)
    return f"In {share(chance)} of futures there is a loss over {span}, of {amount} on average; in the others none"


def _ends(scenario: Scenario, at_risk: Estimate) -> str:
    """Both ends of the interval where it is wide, or that it is not known how wide it is."""
    if at_risk.low is None or at_risk.high is None:
        return " (so few paths do not tell how sure that is)"
    if (at_risk.high - at_risk.low) / 2 <= WIDE * abs(at_risk.value):
        return ""
    low, high = (numbers.sized(end, scenario.money, digits=2) for end in (at_risk.low, at_risk.high))
    return f" (it may be from {low} to {high}: more paths would tell)"


def _average(scenario: Scenario, estimates: Estimates) -> str:
    loss = estimates.of(EXPECTED_LOSS)
    if loss.value == 0:
        return ""
    what = "lost" if loss.value > 0 else "gained"
    return f"On average {numbers.sized(abs(loss.value), scenario.money, loss.half_width)} is {what}"


def _plan(scenario: Scenario, estimates: Estimates) -> str:
    missed = estimates.get_of(CHANCE_TO_MISS)
    if missed is None or scenario.risk.target is None:
        return ""
    plan, expected = numbers.sized(scenario.risk.target, scenario.money), ""
    known = estimates.get_of(EXPECTED_PLAIN_REVENUE)
    if known is not None:  # an earlier version's results do not tell it
        expected = f" (expected: {numbers.sized(known.value, scenario.money, known.half_width)})"
    how, end = (", not discounted", ",") if scenario.discount_rate else ("", "")
    return f"The plan of {plan}{how}{expected}{end} is missed in {_part(missed.value)} of futures"


def chief_cause(scenario: Scenario, estimates: Estimates, chief: Cause | None) -> str:
    """What would be lost on average without the event that is worth most; nothing where there is none."""
    if chief is None:
        return ""
    loss = estimates.of(EXPECTED_LOSS)
    left, error = chief.left * loss.value, (chief.half_width or 0.0) * abs(loss.value)
    if loss.half_width is not None:
        error = math.hypot(error, chief.left * loss.half_width)
    # A few paths tell which event it is; of what would be left their digits need not hold.
    amount = numbers.sized_between(max(0.0, left - error), left + error, scenario.money, digits=2)
    if left <= error:
        amount = f"at most {numbers.sized(left + error, scenario.money, digits=2)}" if left + error else amount
    return f"Chief cause: “{short(chief.name)}”; without it, {amount} would be lost on average"


_BEYOND = 10**9
"""Per cent from which on a part is not told in digits."""


def _part(share: float) -> str:
    """A part in per cent, in two digits; never a zero that is none."""
    per_cent = Decimal(abs(100 * share))
    if per_cent >= _BEYOND:  # what is lost once need not be a part of anything
        return f"{'−' if share < 0 else ''}over {_BEYOND:,} %"
    # A half is rounded up, as the report's script does.
    text = str(per_cent.quantize(Decimal(1) if per_cent >= 10 else Decimal("0.1"), ROUND_HALF_UP))
    return "less than 0.1 %" if text == "0.0" else f"{'−' if share < 0 else ''}{text} %"
