"""Which choice is the better one, how sure that is, and what knowing more is worth, in plain words."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from sim.estimates.bands import ends_of
from sim.estimates.estimate import Estimate
from sim.words import numbers
from sim.words.labels import measure_caption, short
from sim.words.numbers import Scale

if TYPE_CHECKING:
    from sim.answers.choose import Decision, OfChoice
    from sim.answers.options import Objective
    from sim.answers.worth import Worth
    from sim.scenario.parts import Scenario

MOST_NAMED = 3


def cell(estimate: Estimate, scale: Scale, is_share: bool) -> tuple[str, str]:
    """A value for a table, and half of its 95 % interval after ±."""
    low, high = ends_of(estimate)
    reach = (high - low) / 2
    factor = 100 if is_share else scale.factor
    known = reach * factor if isfinite(reach) else None
    error = "±?" if known is None else f"± {numbers.number(known, known) if known > 0 else '0'}"
    return f"{numbers.number(estimate.value * factor, known)}{' %' if is_share else ''}", error


def chosen_headline(found: Decision) -> str:
    """Which choice is the better one on average, how often it is the best one, and what is regretted at most."""
    best = found.best
    others = [row for row in found.rows if row is not best]
    number = found.rows.index(best)
    means = {row.choice.id: found.worths.values[n].mean() for n, row in enumerate(found.rows)}
    against = found.rows[0] if found.rows[0] is not best else max(others, key=lambda row: means[row.choice.id])
    gain = found.worths.gain(number, found.rows.index(against))
    low, _ = ends_of(gain)
    names = _names(best, against)
    if gain.value == 0:
        first = f"On average over doubt {names[0]} and {names[1]} come to the same"
    elif low <= 0:
        first = (
            f"On average over doubt {names[0]} and {names[1]} can’t be told apart: "
            f"{more(found, gain)}, give or take {_reach(found, gain)}"
        )
    else:
        than = "the next best one, " if against is not found.rows[0] else ""
        first = f"On average over doubt {names[0]} has {more(found, gain)} than {than}{names[1]}"
    rest = [
        f"It is the best one in {numbers.percent(best.best.value, 0)} of the draws",
        f"At worst {_amount(found.objective, found.scenario, best.largest_regret)} is regretted of it"
        f", of {names[1]} {_amount(found.objective, found.scenario, against.largest_regret)}",
    ]
    return ". ".join([first, *rest])


def _names(*rows: OfChoice) -> list[str]:
    return [f"“{row.choice.name}”" for row in rows]


def more(found: Decision, gain: Estimate) -> str:
    """By how much a choice is worth more: more revenue, or less of a loss."""
    what = more_of(found.objective)
    return f"{_amount(found.objective, found.scenario, gain)} {what[:1].lower()}{what[1:]}"


def more_of(objective: Objective) -> str:
    """What a better choice has more of, or less."""
    if objective.measure is None:
        return "More revenue, net of cost,"
    caption = measure_caption(objective.measure, objective.level)
    return f"{'More' if objective.more_is_better else 'Less'} {caption[:1].lower()}{caption[1:]}"


def _amount(objective: Objective, scenario: Scenario, one: Estimate) -> str:
    low, high = ends_of(one)
    reach = (high - low) / 2
    if objective.is_share:
        return f"{numbers.number(100 * one.value, 100 * reach if isfinite(reach) else None)} percentage points"
    return numbers.sized(one.value, short(scenario.money), reach if isfinite(reach) else None)


def _reach(found: Decision, one: Estimate) -> str:
    low, high = ends_of(one)
    return _amount(found.objective, found.scenario, Estimate((high - low) / 2, low=0.0, high=high - low))


def worth_headline(found: Worth) -> str:
    """What knowing everything is worth, and which numbers are worth knowing."""
    scenario, knowing = found.scenario, found.knowing
    count = len(found.doubts)
    known = f"all {count} numbers in doubt" if count > 1 else "the one number in doubt"
    low, _ = ends_of(knowing.everything)
    if knowing.everything.value == 0:
        best = f"“{found.best.name}”"
        return f"No choice is better than {best} in any draw, so that knowing {known} is worth nothing"
    amount = _of_money(scenario, knowing.everything)
    first = f"Knowing {known} before choosing is worth {amount}" + (", if anything" if low <= 0 else "")
    above = found.ranked
    if count == 1:
        return first
    if not above:
        return f"{first}. Of no number alone can it be told that knowing it is worth anything"
    told = [f"{one.path} ({_of_money(scenario, worth)})" for one, worth in above[:MOST_NAMED]]
    more = f", and {len(above) - MOST_NAMED} more" if len(above) > MOST_NAMED else ""
    return f"{first}. Worth most alone: {', '.join(told)}{more}"


def _of_money(scenario: Scenario, one: Estimate) -> str:
    low, high = ends_of(one)
    return numbers.sized(one.value, short(scenario.money), (high - low) / 2)


def few_draws(draws: int) -> str | None:
    """Say where what is told of the worst cases rests on few draws; None where it does not."""
    beyond = 0.05 * draws
    return f"The 5 and 95 % points rest on few draws: {beyond:.0f} lie beyond each." if beyond < 20 else None


def redrawn(count: int, share: float, why: str | None) -> str | None:
    """Say how many draws were drawn anew; None where none was."""
    if not count:
        return None
    return (
        f"{count:,} of the draws ({numbers.percent(share)}) were refused at first and drawn anew (the first: {why}): "
        "the law of the numbers is the stated one, given that they go together."
    )


def how_made(found: Decision | Worth) -> str:
    """How the numbers were made, on a line."""
    count, under = len(found.under.ensemble.doubts), len(found.under.choices)
    doubts = f"{count:,} number{'s' if count > 1 else ''} in doubt"
    return (
        f"{found.draws:,} draws of {doubts} under {under} choices on {found.paths:,} quasi-random paths each · seed "
        f"{found.seed} · {found.seconds:.1f} s · scenario sha256 {found.scenario.sha256[:12]}"
    )
