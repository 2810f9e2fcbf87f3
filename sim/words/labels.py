"""Words for what a sweep varies and measures: axes with their units, measures with their level, values for readers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from unicodedata import east_asian_width

from sim.errors import inert
from sim.estimates.estimate import Estimate
from sim.estimates.measures import CHANCE_TO_MISS, EXPECTED_PLAIN_REVENUE, Estimates, Measure
from sim.language.figures import MONTHS
from sim.language.turning import number_path
from sim.scenario.laws import LAWS
from sim.scenario.parts import Delay, Event, Scenario
from sim.words import numbers

LONGEST_NAME = 48
"""Characters of a name that are shown; the rest is cut."""

OF_EVENTS = {
    "notice": "Notice, months",
    "permanent": "Probability that it stays for good",
    "usage.to": "Share of usage left in the end",
    "usage.over": "Months in which usage changes",
    "price.to": "Share of the price left in the end",
    "price.over": "Months in which the price changes",
    "timing.month": "Month of the event",
    "timing.from": "Month from which the delay counts",
}

OF_CUSTOMERS = {
    "revenue": "Revenue in the first month, {money}",
    "growth": "Growth a year",
    "volatility": "Volatility a year",
    "market": "Correlation with the market",
    "contract.term": "Term of the contract, months",
    "contract.renews": "Month of the contract’s renewal",
    "contract.notice": "Notice in the contract, months",
    "contract.commitment": "Share of usage committed to",
    "contract.commitment.share": "Share committed to",
    "contract.commitment.amount": "Amount committed to, {money}",
    "contract.commitment.running": "Minimum of a month in the running term, {money}",
    "contract.commitment.rises": "Rise of the commitment a year",
    "contract.commitment.buyout": "Price of a buyout, as a share of what is still committed",
    "contract.first.begins": "Month in which the contract begins",
    "contract.first.months": "Months of the first term",
    "starts": "First month of the customer",
    "ends": "Last month of the customer",
    "season": "Season",
}

SEASON_KEYS = tuple(str(month) for month in range(1, 13))

OF_LEVERS = {
    "discount": "Discount that is offered",
    "months": "Months that the offer holds",
    "acceptance": "Probability that the offer is accepted",
}

OF_THE_REST = {
    "vendor.discount_rate": "Discount rate a year",
    "vendor.capacity.initial": "Capacity in the first month, {money} a month",
    "vendor.capacity.growth": "Growth of the capacity a year",
    "risk.target": "Revenue that the plan asks for, {money}",
    "risk.year_starts": "Calendar month in which years begin",
    "months": "Months of the horizon",
    "start": "First month",
    "known": "Month up to which is known what had not happened",
    "risk.window.first": "First month of the risk window",
    "risk.window.last": "Last month of the risk window",
}


def axis_caption(scenario: Scenario, path: str) -> str:
    """What an axis varies, in words with its unit: ``Median delay from 2024-03, months (“The customer leaves”)``.

    A delay says from which month it counts, and by when the event is known not to have arisen, where that cuts its law;
    a probability says that it is not one to arise within the period.

    Parameters
    ----------
    scenario
        The scenario that is swept.
    path
        Dotted path of the axis.

    Returns
    -------
    str
        One line without control characters; the path itself where there are no words for it.
    """
    path = number_path(scenario, path)
    section, _, rest = path.partition(".")
    id, _, key = rest.partition(".")
    if section == "events" and id in (scenario.document.get("events") or {}):
        name = _quoted(_event_name(scenario, id))
        if key == "probability":
            return f"Probability that {name} ever arises{' by itself' if may_be_set_off(scenario, id) else ''}"
        return _with(_of_event(scenario, id, key), name).format(money=_unit(scenario)) or path
    if section == "customers" and key:
        streams = {stream.id: stream.name for stream in scenario.streams}
        return _with(_dated(OF_CUSTOMERS, key), _quoted(streams.get(id, id))).format(money=_unit(scenario)) or path
    if section == "together" and key == "correlation" and int(id) < len(scenario.together):
        names = [_quoted(_event_name(scenario, one)) for one in scenario.together[int(id)].events]
        return f"Correlation of {', '.join(names[:-1])}{' and ' if names[1:] else ''}{names[-1]}"
    if section == "levers" and key:
        levers = {lever.id: lever.name for lever in scenario.levers}
        return _with(_dated(OF_LEVERS, key), _quoted(levers.get(id) or id)) or path
    return _dated(OF_THE_REST, path).format(money=_unit(scenario)) or inert(path, LONGEST_NAME)


def measure_caption(measure: Measure, level: str | None = None) -> str:
    """Name of a measure, with its level: ``Revenue at risk 95 %``."""
    return measure.caption if level is None else f"{measure.caption} {100 * float(level):g} %"


def share(chance: Estimate) -> str:
    """A probability in per cent, rounded by its error."""
    return numbers.share_with_interval(chance)[0]


def futures(level: str | float) -> str:
    """So many of so many futures, for a level: ``19 of 20 futures``."""
    part = Fraction(str(level))
    if part.denominator > 10_000:
        return f"{100 * float(level):g} % of futures"
    return f"{part.numerator:,} of {part.denominator:,} futures"


def discounting(scenario: Scenario) -> str:
    """To which month money is discounted, and at what rate; nothing where it is not."""
    rate = scenario.discount_rate
    return f"discounted to {scenario.month_label(0)} at {100 * rate:g} % a year" if rate else ""


def unit_and_discounting(scenario: Scenario, scale: numbers.Scale | None = None) -> str:
    """What amounts are in: their unit, and to which month they are discounted, if they are."""
    how = discounting(scenario)
    return f"{short((scale or numbers.Scale(scenario.money)).unit)}{f', {how}' if how else ''}"


def scale_of(scenario: Scenario, *tables: Estimates) -> numbers.Scale:
    """The unit for tables of measures that a reader compares."""
    amounts = [one.value for estimates in tables for measure, _, one in estimates.rows() if not measure.is_share]
    return numbers.scale_for(amounts, scenario.money)


def measure_texts(measure: Measure, estimate: Estimate, scale: numbers.Scale | None = None) -> tuple[str, str]:
    """A measure's value and its error as texts, in the way in which its error is told; money by the table's unit."""
    if measure.is_share:
        return numbers.share_with_interval(estimate)
    estimate = estimate.times(1.0 if scale is None else scale.factor)
    return numbers.with_interval(estimate) if measure.told_by_interval else numbers.with_error(estimate)


def told(scenario: Scenario, estimates: Estimates) -> list[tuple[Measure, str | None, Estimate]]:
    """The measures that a table has for readers: what is not discounted only beside what is."""
    return [row for row in estimates.rows() if row[0] is not EXPECTED_PLAIN_REVENUE or scenario.discount_rate]


def measure_rows(
    scenario: Scenario, estimates: Estimates, scale: numbers.Scale | None = None
) -> list[tuple[str, str, str]]:
    """Measures for readers: name, value and error, as texts rounded by their error, a row each.

    Parameters
    ----------
    scale
        The unit of the amounts; None: as :func:`scale_of` finds it.
    """
    scale = scale or scale_of(scenario, estimates)
    return [
        (row_caption(scenario, measure, level, scale), *measure_texts(measure, one, scale))
        for measure, level, one in told(scenario, estimates)
    ]


def row_caption(
    scenario: Scenario, measure: Measure, level: str | None, scale: numbers.Scale, *others: Scenario
) -> str:
    """Name of a measure in a table, with its level, or with the target if it is about one that all scenarios share."""
    if measure is not CHANCE_TO_MISS or scenario.risk.target is None:
        return measure_caption(measure, level)
    if any(other.risk.target != scenario.risk.target for other in others):
        return measure.caption
    not_ = ", not discounted" if scenario.discount_rate else ""
    return f"{measure.caption} of {scale.of(scenario.risk.target)}{not_}"


def value_caption(value: float | str) -> str:
    """A value on an axis: a month as it is, a number in at most four significant digits."""
    return value if isinstance(value, str) else f"{value:.4g}".replace("-", "−")


def short(name: str, limit: int = LONGEST_NAME) -> str:
    """A name on one line, harmless to show, cut where it is long; a letter as wide as two counts as two."""
    text = " ".join(name.split())
    if not text.isascii():
        ends = accumulate(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
        limit = next((max(n, 1) for n, end in enumerate(ends) if end > limit), len(text))
    return inert(text, limit)


def period(scenario: Scenario) -> str:
    """Months of the risk window, first and last."""
    first, last = (scenario.month_label(month) for month in (scenario.risk.first, scenario.risk.last))
    return first if first == last else f"{first} … {last}"


def places_of(count: int, most: int, always: Sequence[int] = ()) -> list[int]:
    """Places out of ``count``, in even steps and both ends, at most ``most``; those of ``always`` take the nearest's.

    Returns
    -------
    list of int
        Rising; all of them where they fit.
    """
    if count <= most:
        return list(range(count))
    step = -(-(count - 1) // max(1, most - 1))
    spread = [*range(0, count - 1, step), count - 1]
    for wanted in always:
        nearest = min(range(1, len(spread) - 1), key=lambda k: abs(spread[k] - wanted), default=None)
        if nearest is not None and wanted not in spread:
            spread[nearest] = wanted
    return sorted({*spread})


def event_label(event: Event) -> str:
    """An event's name in a table, which says of what is planned that it is."""
    return f"{event.name} (planned)" if event.planned else event.name


def may_be_set_off(scenario: Scenario, id: str) -> bool:
    """Whether another event may set an event off, so that it need not arise by itself."""
    own = {event.id for event in scenario.events if event.origin == id}
    return any(trigger.target in own for event in scenario.events for trigger in event.triggers)


def _event_name(scenario: Scenario, id: str) -> str:
    return next((event.name for event in scenario.events if event.origin == id), id)


def _outcome_name(scenario: Scenario, id: str, outcome: str) -> str:
    """Name of an event's outcome, without the event's."""
    event = next((event for event in scenario.events if event.origin == id and event.outcomes), None)
    found = None if event is None else scenario.events[scenario.event_index[f"{event.id}.{outcome}"]]
    return outcome if event is None or found is None else found.name.removeprefix(f"{event.name}: ")


def _of_event(scenario: Scenario, id: str, key: str) -> str:
    if key == "timing.from":
        return OF_EVENTS[key] + _cut(scenario, id)
    if key in OF_EVENTS:
        return OF_EVENTS[key]
    place, _, rest = key.partition(".")
    if place == "outcomes":
        outcome, _, what = rest.partition(".")
        called = _quoted(_outcome_name(scenario, id, outcome))
        if what == "weight":
            return f"Chance of {called} where the event arises"
        words = _of_event(scenario, id, what)
        return words and f"{words}, if {called}"
    if place == "triggers":
        target, _, what = rest.partition(".")
        other = _quoted(_event_name(scenario, target))
        if what == "probability":
            return f"Probability to set off {other}"
        return _of_law(what.removeprefix("after."), f"delay until {other}")
    if place == "timing":
        words = _of_law(rest, f"delay{_since(scenario, id)}")
        return words and words + _cut(scenario, id)
    if place == "once":
        return "One-off loss, {money}" if rest == "amount" else _of_law(rest, "one-off loss", share=True)
    if place in ("lasts", "notice"):
        return _of_law(rest, {"lasts": "duration", "notice": "notice"}[place])
    if place in ("usage", "price"):
        side, _, law = rest.partition(".")
        if side == "over":
            return _of_law(law, f"time in which {'usage' if place == 'usage' else 'the price'} changes")
        return _of_law(law, f"share of {place if place == 'usage' else 'the price'} left", share=True)
    return ""


def _delay(scenario: Scenario, id: str) -> Delay | None:
    """Timing of an event by a law; None where its month is given."""
    timing = next((event.timing for event in scenario.events if event.origin == id), None)
    return timing if isinstance(timing, Delay) else None


def _since(scenario: Scenario, id: str) -> str:
    """From which month a delay counts."""
    timing = _delay(scenario, id)
    return "" if timing is None else f" from {scenario.month_label(timing.counted_from)}"


def _cut(scenario: Scenario, id: str) -> str:
    """By when an event is known not to have arisen, where its law alone would have let it."""
    timing = _delay(scenario, id)
    if timing is None or timing.law.survival(timing.known - timing.counted_from) == 1:
        return ""
    return f"; not arisen by {scenario.month_label(timing.known)}"


def _of_law(key: str, what: str, share: bool = False) -> str:
    """Words for a number of a law of a delay or duration, or of a share."""
    law, _, number = key.partition(".")
    captions = LAWS[law].captions if law in LAWS else {}
    words = captions.get(number) or captions.get("*") or ("", "")
    return _capital(words[share].format(what, number))


def _dated(words: dict[str, str], key: str) -> str:
    """Words for a key, or for a number of the schedule that stands there."""
    if key in words:
        return words[key]
    before, _, date = key.rpartition(".")
    if before == "season" and before in words:
        return f"Factor on usage each {MONTHS[int(date) - 1]}" if date in SEASON_KEYS else ""
    return f"{words[before]} from {date} on" if before in words else ""


def _with(words: str, name: str) -> str:
    return f"{words} ({name})" if words else ""


def _quoted(name: str) -> str:
    # Braces are taken out of the way of a later format.
    return f"“{short(name).replace('{', '(').replace('}', ')')}”"


def _unit(scenario: Scenario) -> str:
    return short(scenario.money).replace("{", "(").replace("}", ")")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
