"""What a scenario says, in plain words that a risk analyst reads before trusting a number that comes out of it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.language import together
from sim.scenario.laws import Hazard, Law, month_weights
from sim.scenario.parts import AtMonth, Contract, Delay, Effect, Event, Scenario, Stream

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
        Period, customers, capacity, events, sets of them, levers, what is measured, and the sweep; a paragraph with
        nothing to say is left out. Texts hold the scenario's names as they are: make them inert before showing them.
    """
    paragraphs = (
        Paragraph("Period", tuple(_period(scenario))),
        Paragraph("Customers", tuple(_customers(scenario))),
        Paragraph("Capacity", tuple(_capacity(scenario))),
        Paragraph("Events", tuple(_events(scenario))),
        Paragraph("Together", tuple(together.in_words(scenario, _rough))),
        Paragraph("Offers", tuple(_levers(scenario))),
        Paragraph("Measured", tuple(_measured(scenario))),
        Paragraph("Sweep", tuple(f"{axis.path}: {len(axis.values)} values" for axis in scenario.axes)),
    )
    return tuple(paragraph for paragraph in paragraphs if paragraph.lines)


# Numbers as people write them


def plain(value: float) -> str:
    """A number of the scenario in at most four significant digits (whole ones in full), thousands apart."""
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if not -5 < size < 15:
        return f"{value:.4g}".replace("-", "−")
    text = f"{value:,.{max(0, 3 - size)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{plain(100 * share)} %"


def _rough(share: float) -> str:
    """A chance that was worked out, as a percentage."""
    if 0 < share < 0.001:
        return "under 0.1 %"
    return "over 99.9 %" if 0.999 < share < 1 - 1e-9 else f"{plain(round(100 * share, 1))} %"


def _months(count: float) -> str:
    return f"{plain(count)} month" + ("" if count == 1 else "s")


def _notice(months: int) -> str:
    return "1 month's notice" if months == 1 else f"{months} months' notice"


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def law_in_words(law: Law, share: bool = False) -> str:
    """A law of a duration in months, or of a share, in words."""

    def amount(value: float) -> str:
        return percent(value) if share else _months(value)

    def bare(value: float) -> str:
        return percent(value) if share else plain(value)

    return law.in_words(amount, bare)


# Paragraphs


def _period(scenario: Scenario) -> Iterable[str]:
    first, last = scenario.month_label(0), scenario.month_label(scenario.months - 1)
    span = first if scenario.months == 1 else f"{first} … {last}"
    yield f"{_months(scenario.months)}, {span}; amounts in {scenario.money}, revenue a month."
    if any(isinstance(event.timing, Delay) for event in scenario.events):
        known = scenario.month_label(scenario.known)
        yield f"Events whose month is left to chance come after {known}: none had happened by then, so much is known."


def _growth(growth: tuple[float, ...], scenario: Scenario) -> str:
    """A monthly series of yearly growth as its steps."""
    steps = [m for m in range(len(growth)) if m == 0 or growth[m] != growth[m - 1]]
    if len(steps) == 1 and growth[0] == 0:
        return "does not grow"
    shown = [f"{_rate(growth[m])} from {scenario.month_label(m)}" for m in steps[1:6]]
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
    of_total = f" ({_rough(stream.revenue / total)})" if total > 0 else ""
    said = [f"{stream.name}: {plain(stream.revenue)}{of_total}", _growth(stream.growth, scenario)]
    if stream.volatility:
        said.append(f"varies by {percent(stream.volatility)} a year")
        if stream.market:
            said.append(f"follows the market with a correlation of {plain(stream.market)}")
    if stream.pool:
        said.append("a pool of many customers")
    return f"{', '.join(said)}.{_contract(stream.contract, scenario)}"


def _contract(contract: Contract | None, scenario: Scenario) -> str:
    if contract is None:
        return " No contract."
    said = []
    if contract.term is not None and contract.renews is not None:
        said.append(f"{_months(contract.term)} at a time, renewed in {scenario.month_label(contract.renews)}")
    if contract.commitment:
        said.append(f"a commitment to pay for {percent(contract.commitment)} of the volume at the last renewal")
    said.append(_notice(contract.notice) if contract.notice else "no notice")
    return f" Contract: {', '.join(said)}."


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
            f"It is below the {plain(demand)} that customers want in {start}: {_rough(capacity.initial / demand)} of "
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
    label = event.name.removesuffix(f": {customers[0].name}") if event.id != event.origin else event.name
    name = f"{label} ({event.origin})" if label != event.origin else event.origin
    each = ", each independently" if event.id != event.origin else ""
    everyone = len(customers) > 1 and len(customers) == len(scenario.streams)
    whom = "all customers" if everyone else _listed(stream.name for stream in customers)
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
        return " ".join(sentences)
    return " ".join(dict.fromkeys([*sentences, *_consequences(event, copies, customers, scenario)]))


def _consequences(event: Event, copies: list[Event], customers: list[Stream], scenario: Scenario) -> list[str]:
    sentences = []
    effects = [
        f"{kind} {_effect(effect)}" for kind, effect in (("usage", event.usage), ("price", event.price)) if effect
    ]
    if effects:
        sentences.append(
            f"{_from_when(copies, scenario)} {_listed(effects)}, {_how_long(event)}.{_commitment(event, customers)}"
        )
    else:
        sentences.append("By itself it changes no revenue.")
    if event.once is not None:
        sentences.append(_once(event.once))
    for trigger in event.triggers:
        target = scenario.events[scenario.event_index[trigger.target]]
        which = target.origin if target.id == target.origin else f"each {target.origin}"
        sentences.append(_trigger(which, trigger.probability, trigger.after))
    return list(dict.fromkeys(sentences))


def _once(amount: float | Law) -> str:
    if isinstance(amount, Law):
        words = amount.in_words(plain, plain)
        return f"In the month in which it takes effect it costs, once and beside revenue, {words}."
    verb = "costs" if amount >= 0 else "brings"
    return f"In the month in which it takes effect it {verb} {plain(abs(amount))}, once and beside revenue."


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
        reach = f"{_rough(within)} by {last}, {halfway}"
    if isinstance(timing.law, Hazard):
        steps = [f"{percent(h)} from {scenario.month_label(m)}" for m, h in timing.law.steps]
        often = "" if p == 1 else f", times {percent(p)}"
        return f"a yearly chance of {', '.join(steps)}{often} to arise{by_itself}: {reach}"
    since = scenario.month_label(timing.counted_from)
    return f"{certain}{by_itself}, after {law_in_words(timing.law)}, counted from {since}; that is {reach}"


def _from_when(copies: list[Event], scenario: Scenario) -> str:
    notices = list(dict.fromkeys(scenario.notice(copy) for copy in copies))
    if len(notices) > 1:
        return "After the notice of each contract"
    (notice,) = notices
    if isinstance(notice, Law):
        return f"After a notice of {law_in_words(notice)}"
    return f"After {_notice(notice)}" if notice else "At once"


def _effect(effect: Effect) -> str:
    over = effect.over
    way = (
        ""
        if effect.shape == "step" or over == 0
        else f" over {law_in_words(over) if isinstance(over, Law) else _months(over)}"
    )
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


def _commitment(event: Event, customers: list[Stream]) -> str:
    """What becomes of a commitment, where there is one and usage can fall (``docs/model.md`` section 5)."""
    if not any(stream.contract is not None and stream.contract.commitment for stream in customers):
        return ""
    falls = event.usage is not None and (isinstance(event.usage.to, Law) or event.usage.to < 1)
    voids = event.voids if event.voids is not None else falls and not event.choice
    if voids:
        return " Meanwhile the commitment is void."
    return " The commitment stands until the next renewal, which then carries none." if falls else ""


def _levers(scenario: Scenario) -> Iterable[str]:
    for lever in scenario.levers:
        name = f"{lever.name} ({lever.id})" if lever.name and lever.name != lever.id else lever.id
        terms = f"{percent(lever.discount)} off for {_months(lever.months)}"
        yield (
            f"{name}, against {lever.against}: {terms}, accepted with a chance of {percent(lever.acceptance)}; "
            f"the event then arises {_months(lever.months)} later."
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
    count = f"{scenario.paths:,} path{'s' if scenario.paths > 1 else ''}"
    yield f"{count}, seed {scenario.seed}, where the command does not say otherwise."
