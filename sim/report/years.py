"""The years of a report: a row each, with bars of what it loses on average and at risk."""

from __future__ import annotations

from typing import Any

from sim.answers import by_period
from sim.answers.run import Result
from sim.report.contents import text
from sim.scenario.periods import YEAR
from sim.words import labels

Row = dict[str, Any]


def years(found: Result) -> Row | None:
    """The years as rows, amounts as texts, bars from 0 to 100; None where the horizon has but one."""
    scenario = found.scenario
    records = by_period.of_kind(found.periods, YEAR)
    if len(records) < 2:
        return None
    level, unit = scenario.risk.levels[0], by_period.scale(records, scenario.money)
    amounts = [(record["loss"]["mean"], by_period.at_risk(record, level).value) for record in records]
    low, high = (end(0.0, *(amount for pair in amounts for amount in pair)) for end in (min, max))
    span = high - low or 1.0

    def bar(amount: float) -> Row:
        ends = sorted((-low, amount - low))
        return {"from": f"{100 * ends[0] / span:.2f}", "wide": f"{100 * (ends[1] - ends[0]) / span:.2f}"}

    rows = [
        {
            "name": text(row.label),
            "complete": row.complete,
            "revenue": text(row.revenue),
            "baseline": text(row.baseline),
            "loss": text(row.loss),
            "at_risk": text(row.at_risk),
            "interval": text(row.interval),
            "bars": [bar(amount) for amount in pair],
        }
        for row, pair in zip(by_period.rows(records, level, unit), amounts, strict=True)
    ]
    return {
        "rows": rows,
        "zero": f"{-100 * low / span:.2f}",
        "at_risk": f"Revenue at risk {100 * level:g}\u00a0%",
        "unit": labels.short(unit.unit),
        "fiscal": scenario.risk.year_starts != 1,
        "cut": not all(row["complete"] for row in rows),
        "below_zero": by_period.BELOW_ZERO if by_period.any_below_zero(records) else "",
        "paths": found.paths,
    }
