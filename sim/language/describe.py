"""What a scenario says, in plain words that a risk analyst reads before trusting a number that comes out of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.language import choice_words, doubt_words, together
from sim.language.clauses import contract_in_words, life_in_words, of_an_event
from sim.language.figures import MONTHS, months_in_words, notice_in_words, percent, plain, rough
from sim.scenario import rules
from sim.scenario.laws import AtRenewal, Hazard, Law, month_weights
from sim.scenario.parts import AtMonth, Delay, Effect, Event, Scenario, Stream
from sim.scenario.terms import occasions

_SHAPES = {
    "step": "at once",
    "linear": "evenly",
    "s_curve": "slowly at first and at the end",
    "exponential": "fast at first",
}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What is said about one side of a scenario; one sentence or more an item."""

    about: str
    lines: tuple[str, ...]


def describe(scenario: Scenario) -> tuple[Paragraph, ...]:
    """Say in plain words what a scenario says.

    Returns
    -------
    tuple of Paragraph
        Period, customers, capacity, events, sets of them, levers, what is measured, the sweep, what is in doubt and
        what can be done; a paragraph with nothing to say is left out. Texts hold the scenario's names as they are: make
        them inert before showing them.
    """
    paragraphs = (
        Paragraph("Period", tuple(_period(scenario))),
        Paragraph("Customers", tuple(_customers(scenario))),
        Paragraph("Capacity", tuple(_capacity(scenario))),
        Paragraph("Events", tuple(_events(scenario))),
        Paragraph("Together", tuple(together.in_words(scenario, rough))),
        Paragraph("Offers", tuple(_levers(scenario))),
        Paragraph("Measured", tuple(_measured(scenario))),
        Paragraph("Sweep", tuple(f"{axis.path}: {len(axis.values)} values" for axis in scenario.axes)),
        Paragraph("In doubt", tuple(doubt_words.paragraph(scenario.doubt))),
        Paragraph("Choices", tuple(choice_words.paragraph(scenario))),
    )
    return tuple(paragraph for paragraph in paragraphs if paragraph.lines)


def _listed(names: Iterable[str], before_last: str = "and") -> str:
    *first, last = names
    return f"{', '.join(first)} {before_last} {last}" if first else last


def law_in_words(law: Law, share: bool = False) -> str:
    """A law of a duration in months, or of a share, in words."""

    def amount(value: float) -> str:
        return percent(value) if share else months_in_words(value)

    def bare(value: float) -> str:
        return percent(value) if share else plain(value)

    return law.in_words(amount, bare)


# Paragraphs


def _period(scenario: Scenario) -> Iterable[str]:
    first, last = scenario.month_label(0), scenario.month_label(scenario.months - 1)
    span = first if scenario.months == 1 else f"{first} … {last}"
    yield f"{months_in_words(scenario.months)}, {span}; amounts in {scenario.money}, revenue a month."
    if any(isinstance(event.timing, Delay) for event in scenario.events):
        known = scenario.month_label(scenario.known)
        yield f"Events whose month is left to chance come after {known}: none had happened by then, so much is known."


def _growth(growth: tuple[float, ...], scenario: Scenario) -> str:
    """A monthly series of yearly growth as its steps."""
    steps = [m for m in range(len(growth)) if m == 0 or growth[m] != growth[m - 1]]
    if len(steps) == 1 and growth[0] == 0:
        return "does not grow"
    shown = []
    for before, m in pairwise(steps[:6]):
        # The verb is said once as long as it is the same.
        turned = (growth[m] < 0) != (growth[before] < 0)
        rate = _rate(growth[m]) if turned else f"by {percent(abs(growth[m]))}"
        shown.append(f"{rate} from {scenario.month_label(m)}")
    more = f", and {len(steps) - 6} more steps" if len(steps) > 6 else ""
    return f"{', '.join([f'{_rate(growth[0])} a year', *shown])}{more}"


def _rate(rate: float) -> str:
    return f"{'shrinks' if rate < 0 else 'grows'} by {percent(abs(rate))}"


def _customers(scenario: Scenario) -> Iterable[str]:
    total = sum(stream.revenue for stream in scenario.streams)
    vendor = f" of {scenario.vendor}" if scenario.vendor else ""
    count = len(scenario.streams)
    who = f"{count} customer{'s' if count > 1 else ''}{vendor}"
    yield f"{who}, together {plain(total)} a month at list price in {scenario.month_label(0)}."
    for stream in scenario.streams:
        yield _customer(stream, total, scenario)


def _customer(stream: Stream, total: float, scenario: Scenario) -> str:
    of_total = f" ({rough(stream.revenue / total)})" if total > 0 else ""
    said = [f"{stream.name}: {plain(stream.revenue)}{of_total}", _growth(stream.growth, scenario)]
    if stream.volatility:
        said.append(f"varies by {percent(stream.volatility)} a year")
        if stream.market:
            said.append(f"follows the market with a correlation of {plain(stream.market)}")
    said += life_in_words(stream, scenario)
    if stream.group is not None:
        said.append(f"an agreement of {stream.group.name}")
    if stream.pool:
        said.append("a pool of many customers")
    return f"{', '.join(said)}.{contract_in_words(stream, scenario)}"


def _capacity(scenario: Scenario) -> Iterable[str]:
    capacity = scenario.capacity
    if capacity is None:
        return
    growth = _growth(capacity.growth, scenario)
    start = scenario.month_label(0)
    yield f"{plain(capacity.initial)} a month at list price in {start}, {growth}; volume above it goes unserved."
    demand = math.fsum(stream.revenue for stream in scenario.streams)
    # A last digit that was rounded away is no shortage.
    if capacity.initial < demand * (1 - 1e-9):
        yield (
            f"It is below the {plain(demand)} that customers want in {start}: {rough(capacity.initial / demand)} of "
            f"that is served, so the month's revenue is {plain(capacity.initial)}, less than the customers' sum."
        )


def _events(scenario: Scenario) -> Iterable[str]:
    told = set()
    for event in scenario.events:
        if event.origin not in told:
            told.add(event.origin)
            copies = [other for other in scenario.events if other.origin == event.origin and other.outcome_of is None]
            yield _event(event, copies, scenario)


def _event(event: Event, copies: list[Event], scenario: Scenario) -> str:
    customers = [scenario.streams[i] for copy in copies for i in copy.hits]
    # A copy is called after its event and its customer.
    label = event.name.removesuffix(f": {_whose(event, customers[0])}") if event.id != event.origin else event.name
    name = f"{label} ({event.origin})" if label != event.origin else event.origin
    each = ", each independently" if event.id != event.origin else ""
    everyone = len(customers) > 1 and len(customers) == len(scenario.streams)
    whom = "all customers" if everyone else _listed(_parties(customers, scenario))
    whose = f"the choice of {whom}" if event.choice else f"befalls {whom}"
    sentences = [f"{name}: {_chance(event, scenario)}; {whose}{each}."]
    if event.planned:
        sentences.append("It is planned: in the baseline too, so that it is no loss.")
    if event.outcomes:
        sentences.append("One of these comes of it:")
        for outcome in event.outcomes:
            fate = scenario.events[scenario.event_index[outcome.target]]
            called = fate.name.removeprefix(f"{event.name}: ")
            does = " ".join(_consequences(fate, copies, customers, scenario))
            sentences.append(f"{called} ({percent(outcome.weight)}): {does}")
        return " ".join([*sentences, *(_again_with_outcomes(event, scenario) if event.repeats else ())])
    return " ".join(dict.fromkeys([*sentences, *_consequences(event, copies, customers, scenario)]))


def _whose(event: Event, stream: Stream) -> str:
    """Whose copy of an event one is: a customer's, or a group's."""
    group = stream.group
    return stream.name if group is None or not event.id.endswith(f".{group.id}") else group.name


def _parties(customers: list[Stream], scenario: Scenario) -> Iterable[str]:
    """Names of customers; of a group with all its agreements one."""
    for stream in customers:
        all_of_it = [one for one in scenario.streams if one.group is not None and one.group == stream.group]
        if stream.group is None or any(one not in customers for one in all_of_it):
            yield stream.name
        elif stream == all_of_it[0]:
            yield f"{stream.group.name} ({len(all_of_it)} agreements)" if len(all_of_it) > 1 else stream.group.name


def _consequences(event: Event, copies: list[Event], customers: list[Stream], scenario: Scenario) -> list[str]:
    sentences = []
    effects = [
        f"{kind} {_effect(effect)}" for kind, effect in (("usage", event.usage), ("price", event.price)) if effect
    ]
    if effects:
        sentences.append(
            f"{_from_when(event, copies, scenario)} {_listed(effects)}, {_how_long(event)}."
            f"{of_an_event(event, customers)}"
        )
    else:
        sentences.append("By itself it changes no revenue.")
    if event.once is not None:
        sentences.append(_once(event.once, "each time" if event.repeats else "once"))
    if event.repeats and event.outcome_of is None:
        sentences.append(_again(event))
    for trigger in event.triggers:
        target = scenario.events[scenario.event_index[trigger.target]]
        which = target.origin if target.id == target.origin else f"each {target.origin}"
        sentences.append(_trigger(which, trigger.probability, trigger.after))
    return list(dict.fromkeys(sentences))


def _again(event: Event, what: str = "it") -> str:
    """How an event that repeats comes again, once ``what`` is over."""
    again = f"Once {what} is over it may come again,"
    if isinstance(event.timing, Delay) and isinstance(event.timing.law, Hazard):
        return f"{again} by the same yearly chances."
    return f"{again} after another such delay, counted from its last month."


def _again_with_outcomes(event: Event, scenario: Scenario) -> Iterable[str]:
    """How an event that repeats comes again where it has outcomes, and after which of them it does not."""
    fates = [scenario.events[scenario.event_index[outcome.target]] for outcome in event.outcomes]
    last = [fate.name.removeprefix(f"{event.name}: ") for fate in fates if fate.lasts is None]
    yield _again(event, f"what came of {event.origin}")
    if len(fates) > 1:
        yield "What comes of it is drawn anew each time."
    if last:
        yield f"After {_listed(last, 'or')}, which {'are' if len(last) > 1 else 'is'} for good, it does not."


def _once(amount: float | Law, how_often: str) -> str:
    if isinstance(amount, Law):
        words = amount.in_words(plain, plain)
        return f"In the month in which it takes effect it costs, {how_often} and beside revenue, {words}."
    verb = "costs" if amount >= 0 else "brings"
    return f"In the month in which it takes effect it {verb} {plain(abs(amount))}, {how_often} and beside revenue."


def _trigger(target: str, probability: float, after: Law | None) -> str:
    chance = f" with a chance of {percent(probability)}" if probability < 1 else ""
    delay = f" after {law_in_words(after)}" if after is not None else " at once"
    return f"It sets off {target}{chance},{delay}."


def _chance(event: Event, scenario: Scenario) -> str:
    timing, p = event.timing, event.probability
    by_itself = " by itself" if any(t.target == event.id for other in scenario.events for t in other.triggers) else ""
    if timing is None and by_itself:
        return "arises only where another event sets it off"
    if timing is None or p == 0:
        return f"does not arise{by_itself}"
    certain = "certain to arise" if p == 1 else f"a chance of {percent(p)} to arise"
    if isinstance(timing, AtMonth):
        beyond = ", after the last month" if timing.month >= scenario.months else ""
        return f"{certain}{by_itself} in {scenario.month_label(timing.month)}{beyond}"
    last = scenario.month_label(scenario.months - 1)
    weights = month_weights(timing.law, timing.counted_from, timing.known, scenario.months, p)[:-1]
    within = float(weights.sum())
    if within <= 0:
        reach = f"not before the end of {last}"
    else:
        # A last bit of rounding must not push the median a month on.
        median = int(np.searchsorted(np.cumsum(weights), within / 2 * (1 - 1e-12)))
        halfway = f"half of that by {scenario.month_label(median)}"
        reach = (
            f"{rough(within)} by {last}{_cut_off(timing, scenario)}, {halfway}{_in_effect(event, weights, scenario)}"
        )
    if isinstance(timing.law, Hazard):
        steps = [f"{percent(h)} from {scenario.month_label(m)}" for m, h in timing.law.steps]
        often = "" if p == 1 else f", times {percent(p)}"
        return f"a yearly chance of {', '.join(steps)}{often} to arise{by_itself}: {reach}"
    if isinstance(timing.law, AtRenewal):
        return f"{_at_renewals(event, timing.law, scenario)}{by_itself}: {reach}"
    since = scenario.month_label(timing.counted_from)
    return f"{certain}{by_itself}, after {law_in_words(timing.law)}, counted from {since}; that is {reach}"


def _cut_off(timing: Delay, scenario: Scenario) -> str:
    """Say that a law's very last month lies beyond the horizon, where it is meant to fill it."""
    highest = timing.law.highest
    if isinstance(timing.law, AtRenewal) or timing.counted_from + highest != scenario.months:
        return ""
    return f" (month {plain(highest)}, {scenario.month_label(scenario.months)}, lies beyond it)"


def _in_effect(event: Event, weights: np.ndarray, scenario: Scenario) -> str:
    """The chance that an event takes effect within the horizon, where notice takes some of it beyond."""
    notices = [scenario.notice(event, i) for i in event.hits]
    begins = np.full(len(weights), scenario.months)
    for i, notice in zip(event.hits, notices, strict=True):
        if isinstance(notice, Law):
            return ""
        months = np.arange(len(weights)) + min(notice, scenario.months)
        if event.leaves == "at_renewal":
            months = rules.next_occasion(months, occasions(scenario.streams[i], scenario.months), scenario.months)
        begins = np.minimum(begins, months)
    in_effect, last = float(weights[begins < scenario.months].sum()), scenario.month_label(scenario.months - 1)
    if rough(in_effect) == rough(float(weights.sum())):
        return ""
    if in_effect <= 0:
        return f"; not to take effect by {last}"
    return f"; {rough(in_effect)} to take effect by {last}"


def _at_renewals(event: Event, law: AtRenewal, scenario: Scenario) -> str:
    notice = scenario.notice(event)
    ahead = notice if isinstance(notice, int) else 0
    steps: list[str] = []
    last = None
    for month, chance in law.chances:
        if chance != last:
            steps.append(f"{percent(chance)} at each renewal from {scenario.month_label(month + ahead)} on")
        last = chance
    often = "" if event.probability == 1 else f", times {percent(event.probability)}"
    due = f", {months_in_words(ahead)} before it" if ahead else ""
    more = f", and {len(steps) - 5} more steps" if len(steps) > 5 else ""
    once = ", at most once" if len(law.chances) > 1 else ""
    return f"a chance of {', '.join(steps[:5])}{more}{often} to arise{due}{once}"


def _from_when(event: Event, copies: list[Event], scenario: Scenario) -> str:
    notices = list(dict.fromkeys(scenario.notice(copy, i) for copy in copies for i in copy.hits))
    if len(notices) > 1:
        return "After the notice of each contract"
    (notice,) = notices
    if copies[0].leaves == "at_renewal":
        if isinstance(notice, Law):
            return f"At the first renewal after a notice of {law_in_words(notice)}"
        return f"At the first renewal after {notice_in_words(notice)}" if notice else "At the next renewal"
    if isinstance(notice, Law):
        return f"After a notice of {law_in_words(notice)}"
    if notice:
        return f"After {notice_in_words(notice)}"
    if not any(effect is not None and _takes_months(effect) for effect in (event.usage, event.price)):
        return "At once"
    return "Without notice" if event.choice else "From then on"


def _takes_months(effect: Effect) -> bool:
    """Whether an effect is months on its way."""
    return effect.shape != "step" and effect.over != 0


def _effect(effect: Effect) -> str:
    over = effect.over
    way = ""
    if _takes_months(effect):
        way = f" over {law_in_words(over) if isinstance(over, Law) else months_in_words(over)}"
    shape = f" ({_SHAPES[effect.shape]})" if way else ""
    if isinstance(effect.to, Law):
        return f"goes to {law_in_words(effect.to, share=True)}, of what it would be{way}{shape}"
    if effect.to == 0:
        return f"falls to nothing{way}{shape}"
    direction = "falls to" if effect.to < 1 else "rises to" if effect.to > 1 else "stays at"
    return f"{direction} {percent(effect.to)} of what it would be{way}{shape}"


def _how_long(event: Event) -> str:
    if event.lasts is None or event.permanent == 1:
        return "for good"
    permanent = f"; with a chance of {percent(event.permanent)} for good" if event.permanent else ""
    return f"for {law_in_words(event.lasts)}{permanent}"


def _levers(scenario: Scenario) -> Iterable[str]:
    for lever in scenario.levers:
        name = f"{lever.name} ({lever.id})" if lever.name and lever.name != lever.id else lever.id
        terms = f"{percent(lever.discount)} off for {months_in_words(lever.months)}"
        yield (
            f"{name}, against {lever.against}: {terms}, accepted with a chance of {percent(lever.acceptance)}; "
            f"the event then arises {months_in_words(lever.months)} later."
        )


def _measured(scenario: Scenario) -> Iterable[str]:
    risk = scenario.risk
    whole = risk.first == 0 and risk.last == scenario.months - 1
    first, last = scenario.month_label(risk.first), scenario.month_label(risk.last)
    window = "the whole period" if whole else first if first == last else f"{first} … {last}"
    rate = scenario.discount_rate
    discounted = f"discounted at {percent(rate)} a year to {scenario.month_label(0)}" if rate else "not discounted"
    levels = _listed(percent(level) for level in risk.levels)
    yield f"Loss against a baseline without events, over {window}, {discounted}."
    yield f"Its mean, its chance to be above zero, revenue at risk and expected shortfall at {levels}."
    if risk.target is not None:
        yield f"The chance that revenue over {window} (not discounted) falls short of {plain(risk.target)}."
    if risk.year_starts != 1:
        named = "a fiscal year is called after the calendar year in which it ends"
        yield f"By year and quarter too, years that begin in {MONTHS[risk.year_starts - 1]}: {named}."
    count = f"{scenario.paths:,} path{'s' if scenario.paths > 1 else ''}"
    yield f"{count}, seed {scenario.seed}, where the command does not say otherwise."
