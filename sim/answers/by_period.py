"""A run by year and quarter: what its JSON, its tables and its pictures tell of each, and its rows for readers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.estimates.estimate import Estimate
from sim.estimates.measures import EXPECTED_SHORTFALL, REVENUE_AT_RISK, ByLevel, level_name
from sim.scenario.parts import Scenario
from sim.scenario.periods import QUARTER, YEAR, Period, periods_of
from sim.simulation.periods import AMOUNTS, PeriodTotals, YearTotals
from sim.words.numbers import Scale, number, scale_for, with_error, with_interval

if TYPE_CHECKING:
    import pandas as pd

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of a period's sums."""

TAILS = (REVENUE_AT_RISK, EXPECTED_SHORTFALL)
"""Measures of a year's loss, at each of the scenario's levels. Of quarters none is told: nobody plans by them."""

Record = dict[str, Any]


def records(totals: PeriodTotals) -> list[Record]:
    """What is told of each year and after them of each quarter, as plain data."""
    found = heads(totals.scenario)
    years = [totals.year(y) for y in range(len(totals.calendar.years))]
    for name, measure in AMOUNTS.items():
        means = [measure.of_run(year) for year in years]
        values = [*(mean.value for mean in means), *totals.mean(name)]
        quantiles = totals.quantiles(name, list(QUANTILES))
        for p, (record, value, levels) in enumerate(zip(found, values, quantiles, strict=True)):
            told = record[name] = ByLevel({"mean": value})
            if p < len(years):
                told["standard_error"] = means[p].standard_error
            told.update(zip(map(level_name, QUANTILES), levels, strict=True))
    for record, year in zip(found, years, strict=False):
        record["loss"].update(_tails(year))
    # Where not all paths are kept by period, it is said from how many of the first quantiles and tails are.
    for p, record in enumerate(found):
        for name in AMOUNTS:
            of = totals.losses if name == "loss" and p < len(years) else totals.sums[name]
            if of.shape[1] < totals.sampling.paths:
                record[name]["paths"] = of.shape[1]
    return found


def _head(period: Period, scenario: Scenario) -> Record:
    return {
        "kind": period.kind,
        "name": period.name,
        "first": scenario.month_label(period.first),
        "months": period.months,
        "complete": period.complete,
    }


def _tails(year: YearTotals) -> Record:
    kept = year.of_those_kept()
    return {
        measure.name: ByLevel(
            {level_name(level): measure.told(measure.of_run(kept, level)) for level in year.scenario.risk.levels}
        )
        for measure in TAILS
    }


def heads(scenario: Scenario) -> list[Record]:
    """What is told of each period beside its amounts."""
    return [_head(period, scenario) for kind in (YEAR, QUARTER) for period in periods_of(scenario, kind)]


def with_levels(periods: Sequence[Mapping[str, Any]]) -> list[Record]:
    """The same records with what stands by level found by the number too, as it is where they are made."""
    found = []
    for record in periods:
        told: Record = {**record, **{name: ByLevel(record[name]) for name in AMOUNTS}}
        for measure in TAILS:
            if measure.name in told["loss"]:
                told["loss"][measure.name] = ByLevel(told["loss"][measure.name])
        found.append(told)
    return found


def mean_of(record: Mapping[str, Any], name: str) -> Estimate:
    """Mean of a year's amount with its error."""
    return Estimate(record[name]["mean"], record[name]["standard_error"])


def at_risk(record: Mapping[str, Any], level: float) -> Estimate:
    """Revenue at risk of a year."""
    found = record["loss"][REVENUE_AT_RISK.name][level_name(level)]
    return Estimate(found["value"], low=found["low"], high=found["high"])


def label(record: Mapping[str, Any]) -> str:
    """Name of a period for readers, with its months where the horizon cuts it."""
    return Period(record["kind"], record["name"], 0, record["months"]).label


def scale(periods: Sequence[Mapping[str, Any]], money: str) -> Scale:
    """The unit for a table of periods."""
    return scale_for([record[name]["mean"] for record in periods for name in AMOUNTS], money)


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year as texts for readers; means with a standard error after ±, revenue at risk with its interval."""

    name: str
    months: int
    complete: bool
    label: str
    revenue: str
    baseline: str
    loss: str
    at_risk: str
    interval: str


def rows(periods: Sequence[Record], level: float, unit: Scale) -> list[YearRow]:
    """The years as texts, revenue at risk at a level."""
    found = []
    for record in of_kind(periods, YEAR):
        means = {name: _with_error(mean_of(record, name).times(unit.factor)) for name in AMOUNTS}
        value, interval = _with_interval(at_risk(record, level).times(unit.factor))
        name, months, complete = record["name"], record["months"], record["complete"]
        found.append(YearRow(name, months, complete, label(record), **means, at_risk=value, interval=interval))
    return found


BELOW_ZERO = (
    "A loss below 0: the year brings more than without events, as where a customer buys itself out, or is billed what "
    "it did not use, before it is missed, or where an event brings more."
)
"""What stands under a table with a year that loses less than nothing."""


def any_below_zero(periods: Iterable[Record]) -> bool:
    """Whether a year's loss is below zero, beyond its error."""
    losses = [mean_of(record, "loss") for record in of_kind(periods, YEAR)]
    return any(loss.value + 2 * (loss.standard_error or 0.0) < 0 for loss in losses)


def _with_error(mean: Estimate) -> str:
    """A mean with its standard error; without, where one path has none, which the table of measures says in words.

    A mean whose error is below half of its fourth digit is written in four, or to two decimals, with no error.
    """
    if not mean.standard_error:
        return number(mean.value) if mean.standard_error is None else " ".join(with_error(mean))
    step = 10.0 ** (math.floor(math.log10(abs(mean.value))) - 3) if mean.value else 0.0
    step = min(max(step, 0.01), 1.0)
    if 2 * mean.standard_error <= step:
        # Rounded as if the error were a step: two digits of it are shown.
        return number(mean.value, 10 * step)
    # One digit of the error: a table of years has four amounts a row.
    return f"{number(mean.value, 10 * mean.standard_error)} ± {number(mean.standard_error, 10 * mean.standard_error)}"


def _with_interval(found: Estimate) -> tuple[str, str]:
    """A value and its interval, a question mark for an end that too few paths leave open; nothing where both are."""
    value, interval = with_interval(found)
    return value, "" if found.low is found.high is None else interval.partition(":")[0]


def of_kind(periods: Iterable[Record], kind: str) -> list[Record]:
    """The years, or the quarters."""
    return [record for record in periods if record["kind"] == kind]


def columns(record: Mapping[str, Any], levels: Iterable[float]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Amounts of a period in one row: the name of each column in two parts, and its value; None where there is none."""
    for name in AMOUNTS:
        for statistic in ("mean", "standard_error", *map(level_name, QUANTILES)):
            yield (name, statistic), record[name].get(statistic)
    tails = [(measure, level_name(level)) for measure in TAILS for level in levels]
    for measure, level in tails:
        found = record["loss"].get(measure.name, {}).get(level, {})
        for field in ("value", "low", "high") if measure.told_by_interval else ("value", "standard_error"):
            yield (f"{measure.name}_{level}", field), found.get(field)


def frame(periods: Sequence[Record], levels: Iterable[float]) -> pd.DataFrame:
    """Periods as a table: index kind and name; columns first, months, complete, and those of :func:`columns`."""
    import pandas as pd

    levels = list(levels)
    heads = [{(key, ""): record[key] for key in ("first", "months", "complete")} for record in periods]
    rows = [{**head, **dict(columns(record, levels))} for head, record in zip(heads, periods, strict=True)]
    index = pd.MultiIndex.from_tuples([(record["kind"], record["name"]) for record in periods], names=["kind", "name"])
    return pd.DataFrame(rows, index=index, columns=pd.MultiIndex.from_tuples(list(rows[0])) if rows else None)
