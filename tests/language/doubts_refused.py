"""What is refused of the block ``doubt``: ``^|`` marks where the caret must stand."""

from __future__ import annotations

NUMBERS: dict[str, tuple[str, str, str, str]] = {
    "no such number": ("^|customers.alpha.revenu: {p10: 1, p90: 20}", "", "no revenu under customers.alpha", ""),
    "no such customer": ("^|customers.gamma.revenue: {p10: 1, p90: 20}", "", "no gamma under customers", ""),
    "a path without its section": ("^|alpha.revenue: {p10: 1, p90: 20}", "", "no alpha", "customers.alpha.revenue"),
    "no such date": ("^|customers.beta.growth.2024-04: {p10: 0, p90: 0.3}", "", "no 2024-04 under", ""),
    "what no customer has": ("^|customers.alpha.contract.first.months: {low: 1, high: 9}", "", "no first under", ""),
    "the horizon": ("^|months: {p10: 12, p90: 30}", "", "a doubt about months", ""),
    "what is not written at the top": ("^|run.paths: {low: 100, high: 200}", "", "a doubt about run.paths", ""),
    "the groups": ("^|groups.g.name: {values: {a: 1}}", "", "a doubt about groups.g.name", ""),
    "a level": ("^|risk.levels.0: {p10: 0.9, p90: 0.96}", "", "a doubt about risk.levels.0", ""),
    "a list": ("^|events.ban.hits: {values: {alpha: 1}}", "", "a list", ""),
    "in a list": ("^|events.ban.hits.0: {values: {alpha: 1}}", "", "in a list", ""),
    "a label": ("^|customers.beta.name: {values: {a: 1}}", "", "a label", ""),
    "a mapping": ("^|events.leave.usage: {p10: 0.1, p90: 0.3}", "", "about a mapping", "events.leave.usage.to"),
    "a schedule": ("^|customers.beta.growth: {p10: 0, p90: 0.3}", "", "about a schedule", "shift"),
    "a chance without timing": ("^|events.sue.probability: {low: 0, high: 0.3}", "", "which has no timing", ""),
    "a second doubt about a number": (
        "customers.beta.growth: {shift: {p10: -0.1, p90: 0.1}}, ^|customers.beta.growth.2024-03: {p10: 0, p90: 0.3}",
        "", "which customers.beta.growth is about too", "",
    ),
    "one percentile": ("customers.alpha.revenue: {^|p10: 8}", "p10", "p10; allowed: two that lie alike", ""),
    "the median alone": ("customers.alpha.revenue: {^|p50: 8}", "p50", "two that lie alike", ""),
    "percentiles that do not match": ("customers.alpha.revenue: {p10: 8, ^|p95: 12}", "p95", "p10, p95", ""),
    "three percentiles": ("customers.alpha.revenue: {p5: 7, p10: 8, ^|p90: 12}", "p90", "p5, p10, p90", ""),
    "percentiles that fall": (
        "customers.alpha.revenue: {p10: 12, p90: ^|8}", "p90", "p10 12, p90 8; allowed: p10 < p90", "",
    ),
    "a median outside": ("customers.alpha.revenue: {p10: 8, p50: ^|7, p90: 12}", "p50", "p10 < p50 < p90", ""),
    "a median at an end": ("customers.alpha.revenue: {p10: 8, p50: ^|8, p90: 12}", "p50", "p10 < p50 < p90", ""),
    "the file's number outside": (
        "^|customers.alpha.revenue: {p10: 11, p90: 12}", "",
        "the number in the scenario, 10, not between p10 (11) and p90 (12)", "p50",
    ),
    "the default outside": (
        "^|customers.alpha.volatility: {p10: 0.1, p90: 0.2}", "", "the number in the scenario, 0, not", "p50",
    ),
    "a percentile outside the range": (
        "customers.alpha.revenue: {p10: ^|-1, p90: 20}", "p10", "a number of at least 0", "",
    ),
    "a percentile on the bound": (
        "customers.alpha.revenue: {p10: ^|0, p90: 20}", "p10", "on the bound", "{low: …, mode: …, high: …}",
    ),
    "a share of 1": ("events.leave.probability: {p10: 0.1, p90: ^|1}", "p90", "on the bound", "low"),
    "a term of none": ("customers.alpha.contract.term: {p10: ^|0, p90: 24}", "p10", "a whole number of at least 1", ""),
    "an end outside the range": (
        "events.leave.probability: {low: 0.1, high: ^|1.2}", "high", "a number from 0 to 1", "",
    ),
    "a mode outside": (
        "events.leave.probability: {low: 0.1, mode: 0.9, high: ^|0.8}", "high", "low <= mode <= high", "",
    ),
    "one end": ("events.leave.probability: {^|low: 0.1, mode: 0.9}", "low", "low and mode without high", ""),
    "two laws at once": ("events.leave.probability: {low: 0.1, ^|p90: 0.9}", "p90", "p90 beside low", ""),
    "a lone number": ("events.leave.probability: ^|0.3", "", "`0.3`; allowed: a mapping", "{p10: …, p90: …}"),
    "half a month": ("customers.alpha.contract.notice: {low: ^|0.5, high: 3}", "low", "0.5 for a whole number", ""),
    "beyond all sense": ("customers.alpha.revenue: {p10: 1, p90: ^|1e70}", "p90", "a number up to 1e+60", ""),
    "too close to be told apart": (
        "^|customers.alpha.revenue: {p10: 999999999999999.9, p50: 1000000000000000, p90: 1000000000000000.1}", "",
        "beyond what a law can be told by", "",
    ),
    "percentiles of a word": (
        "events.leave.usage.shape: {^|p10: 1, p90: 2}", "p10", "a law of numbers for a word", "values",
    ),
    "percentiles of a month": ("customers.alpha.contract.renews: {^|p10: 1, p90: 2}", "p10", "for a month", "values"),
    "percentiles of a truth value": ("events.leave.choice: {^|low: 0, high: 1}", "low", "for a truth value", "values"),
    "a value that cannot stand there": (
        "events.leave.probability: {values: {0.1: 1, ^|2: 1}}", "values.2", "a number from 0 to 1", "",
    ),
    "a word that there is not": (
        "events.leave.usage.shape: {values: {^|bent: 1}}", "values.bent", "one of step, linear", "",
    ),
    "a year for a month": (
        "customers.alpha.contract.renews: {values: {^|2024: 1}}", "values.2024", "a month as YYYY-MM", "2024-01",
    ),
    "a value twice": (
        "events.leave.probability: {values: {0.1: 1, ^|1e-1: 1}}", "values.1e-1", "stands there already", "",
    ),
    "a negative weight": ("events.leave.probability: {values: {0.1: ^|-1, 0.2: 2}}", "values.0.1", "the weight -1", ""),
    "no weight": ("events.leave.probability: {^|values: {0.1: 0, 0.2: 0}}", "values", "weights that are all 0", ""),
    "values that are a number": ("events.leave.probability: {values: ^|1}", "values", "which is a number", ""),
    "a shift that leads out of the range": (
        "customers.beta.growth: {shift: {p10: ^|-1.2, p90: 0.3}}", "shift.p10", "at least -1.1", "",
    ),
    "a shift that leaves nothing as it is": (
        "customers.beta.growth: {^|shift: {p10: 0.1, p90: 0.3}}", "shift", "a shift of nothing, 0, not between", "p50",
    ),
    "a shift of a law": (
        "^|events.leave.timing: {shift: {low: 0, high: 3}}", "", "a shift of a mapping", "events.leave.timing.from",
    ),
    "a shift of a word": (
        "^|events.leave.usage.shape: {shift: {low: 0, high: 3}}", "", "a shift of what is no number", "",
    ),
    "an unknown key of a shift": ("customers.beta.growth: {shift: {^|mid: 1}}", "shift.mid", "the key mid", ""),
    "an unknown key": ("customers.alpha.revenue: {^|median: 10, p10: 8, p90: 12}", "median", "the key median", "p50"),
    "a percentage": ("customers.alpha.growth: {p10: ^|5 %, p90: 0.2}", "p10", "`5 %`", "0.05"),
    "nothing": ("customers.alpha.growth: ^|null", "", "nothing (null)", ""),
    "a driver": (
        "customers.alpha.revenue: {p10: 8, p90: 12, ^|with: {a: 1}}", "with", "the key with",
        "drivers that move several doubts are not there yet",
    ),
}  # fmt: skip
"""A doubt under ``numbers``, the end of the path of the problem, words of it, and of the help."""

BLOCKS: dict[str, tuple[str, str, str]] = {
    "drivers": ("{^|drivers: {a: b}}", "which is of what can't be said yet", "not there yet"),
    "ranks": ("{^|ranks: []}", "which is of what can't be said yet", "not there yet"),
    "samples": ("{^|samples: draws.csv}", "which is of what can't be said yet", "not there yet"),
    "too few draws": ("{draws: ^|100}", "a whole number from 256 to", ""),
    "a range that there is not": ("{ranges: ^|p20-p80}", "one of p10-p90, p5-p95, utmost", ""),
    "a misspelt key": ("{^|number: {}}", "the unknown key number", "write numbers"),
    "a list": ("^|[1]", "a mapping with numbers, ranges, draws", ""),
}  # fmt: skip
"""The whole block, words of the problem, and of the help."""
