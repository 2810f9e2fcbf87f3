"""The parts of a report that stay as they are: words, tables and bars, ready for the page to lay out.

All texts are plain; the page escapes them.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.answers.attribute import Attribution
from sim.answers.bars import Bar, End
from sim.answers.run import Result
from sim.answers.tornado import Tornado, with_error
from sim.chance.sobol import SCRAMBLINGS
from sim.errors import inert
from sim.estimates.estimate import Estimate
from sim.estimates.measures import MEASURES, Estimates, name_of
from sim.language.describe import describe
from sim.language.evidence import Evidence, Fact, Sourced
from sim.language.load import bundled_folder
from sim.report.fans import Fan
from sim.report.headed import base_of, to_the_headline, without_shares
from sim.report.losses import Losses
from sim.scenario.parts import AtMonth, Scenario
from sim.version import __version__
from sim.words import labels, numbers
from sim.words.bases import sampled_in_words
from sim.words.spaces import together

LONGEST = 2000
"""Characters of a text that are shown."""

MOST_DOUBTS = 100

MANY = 12
"""Rows of a table of numbers or events up to which it stands open."""

MOST_BARS = 12
"""Assumptions of a tornado that are drawn."""

Row = dict[str, Any]


def text(words: object, limit: int = LONGEST) -> str:
    """A text of a scenario on one line, with all that could act spelt out; amounts stay on a line of the page."""
    return together(inert(" ".join(str(words).split()), limit)).replace(" %", "\u00a0%")


def saying(scenario: Scenario) -> list[Row]:
    """The scenario in words, a paragraph an item."""
    return [
        {"about": paragraph.about, "lines": [text(line) for line in paragraph.lines]}
        for paragraph in describe(scenario)
    ]


def doubtful(scenario: Scenario) -> list[Row]:
    """What is valid in the scenario and probably not meant: its place, what it says, what to do."""
    return [
        {"place": text(doubt.place, 300), "said": text(doubt.said), "help": text(doubt.help)}
        for doubt in scenario.doubts()[:MOST_DOUBTS]
    ]


def measured(scenario: Scenario, estimates: Estimates, scale: numbers.Scale) -> list[Row]:
    """Measures as rows: a key for the script, and texts."""
    rows = zip(labels.told(scenario, estimates), labels.measure_rows(scenario, estimates, scale), strict=True)
    return [
        {"key": name_of(measure, level), "caption": text(caption), "value": text(value), "error": text(error)}
        for (measure, level, _), (caption, value, error) in rows
    ]


# How likely each event is


def arrivals(found: Result) -> Row:
    """How likely each event is to arise, when, and in the risk window where that is not the whole horizon."""
    scenario, risk = found.scenario, found.scenario.risk
    whole = risk.first == 0 and risk.last == scenario.months - 1
    rows = []
    for event, counts in zip(scenario.events, found.event_months, strict=True):
        told = found.events[event.id]
        chance, interval = found.chance_of(event)
        reach = (told["high"] - told["low"]) / 2
        within = float(counts[risk.first : risk.last + 1].sum()) / found.paths
        in_window, _ = numbers.share_with_interval(
            Estimate(within, low=max(0.0, within - reach), high=min(1.0, within + reach)),
            certain=interval == "certain" and within in (0, 1) and isinstance(event.timing, AtMonth),
        )
        rows.append(
            {
                "name": text(labels.event_label(event), 300),
                "chance": text(chance),
                "interval": text(interval),
                "window": None if whole else text(in_window),
                "median": told["median_month"] or "–",
                "times": text(found.times_of(event)),
            }
        )
    last = scenario.month_label(scenario.months - 1)
    return {
        "rows": rows,
        "window": None if whole else labels.period(scenario),
        "last": last,
        "paths": found.paths,
        "repeats": any(event.repeats for event in scenario.events),
    }


# What each event contributes


def contributions(own: Attribution, estimates: Estimates) -> list[Row]:
    """A section for each measure that is attributed, at its first level: rows with bars from 0 to 100.

    Parts make up the values of ``estimates``, those of the headline, in the shares that the attribution found.
    """
    found, bare = to_the_headline(own, estimates), without_shares(own)
    return [_contributed(found, *found.chosen(name), found.chosen(name) in bare) for name in found.totals]


def _contributed(found: Attribution, measure: str, level: str | None, bare: bool) -> Row:
    ranked = found.ranked(measure, level)
    estimates = [contribution.to(measure, level) for contribution in ranked]
    total, scale = found.total(measure, level), labels.scale_of(found.scenario, found.totals)
    values = [estimate.value for estimate in estimates]
    low, high = min([0.0, *values]), max([0.0, *values])
    span = high - low or 1.0
    rows = []
    for contribution, estimate, (value, error) in zip(
        ranked, estimates, numbers.to_add_up([one.times(scale.factor) for one in (*estimates, total)]), strict=False
    ):
        share = found.share(contribution, measure, level)
        ends = sorted((-low, estimate.value - low))
        rows.append(
            {
                "name": text(contribution.name, 300),
                "value": value,
                "error": error,
                "share": "" if share is None else numbers.whole_percent(share),
                "from": f"{100 * ends[0] / span:.2f}",
                "wide": f"{100 * (ends[1] - ends[0]) / span:.2f}",
                "less": estimate.value < 0,
            }
        )
    value, error = numbers.to_add_up([one.times(scale.factor) for one in (*estimates, total)])[-1]
    return {
        "caption": labels.measure_caption(MEASURES[measure], level),
        "finding": f"{text(found.finding(measure, level))}.",
        "unit": scale.unit,
        "rows": rows,
        "zero": f"{-100 * low / span:.2f}",
        "total": {"value": value, "error": error},
        "own": f"{text(found.base_line(level, measure))}." if bare else None,
    }


# What would change the answer


def changes(found: Tornado, estimates: Estimates) -> Row:
    """The bars of a tornado, the largest first, drawn between 0 and 100: changes of the headline's value."""
    bars = found.top(MOST_BARS)
    values = [end.change.of(found.measure).value for bar in bars for end in bar.ends.values()]
    low, high = min([0.0, *values]), max([0.0, *values])
    span = high - low or 1.0
    base = base_of(found, estimates)
    return {
        "finding": f"{text(found.finding(found.measure, base))}.",
        "caption": found.caption(found.measure),
        "unit": found.scale.unit,
        "base": found.scale.number(base.value, base.half_width),
        "zero": f"{-100 * low / span:.2f}",
        "rows": [_bar(bar, found.measure, low, span, found.scale.factor) for bar in bars],
        "more": len(found.bars) - len(bars),
        "refused": sum(refused.side is not None for refused in found.refused),
        "left_out": [
            {"path": text(refused.path, 300), "why": text(refused.why)}
            for refused in found.refused
            if refused.side is None
        ],
        "sampled": sampled_in_words(found.sampled),
    }


def _bar(bar: Bar, measure: str, low: float, span: float, factor: float) -> Row:
    def drawn(end: End | None) -> Row | None:
        if end is None:
            return None
        change = end.change.of(measure)
        ends = sorted((-low, change.value - low))
        return {
            "at": labels.value_caption(end.value),
            "change": with_error(change.times(factor)),
            "from": f"{100 * ends[0] / span:.2f}",
            "wide": f"{100 * (ends[1] - ends[0]) / span:.2f}",
        }

    return {
        "name": text(bar.caption, 300),
        "path": text(bar.path, 300),
        "base": "by date" if bar.base is None else labels.value_caption(bar.base),
        "low": drawn(bar.low),
        "high": drawn(bar.high),
    }


# Where the numbers come from


def assumptions(scenario: Scenario, sources: Evidence) -> list[Row]:
    """Assumptions with their reason and range, and after them the numbers of which nothing is said."""
    rows = []
    for number in (*sources.of("assumption"), *sources.of("unsourced")):
        ends = (number.low, number.high)
        known = number.low is not None and number.high is not None
        rows.append(
            {
                **_number(scenario, number),
                "reason": None if number.status == "unsourced" else text(number.reason or "no reason given"),
                "range": " to ".join(value(end) for end in ends) if known else None,
            }
        )
    return rows


def facts(scenario: Scenario, sources: Evidence) -> list[Row]:
    """Numbers that are facts or follow from one, each with the fact and its source."""
    return [
        {**_number(scenario, number), "derived": None if number.derived is None else text(number.derived)}
        | _fact(number.fact)
        for number in (*sources.of("fact"), *sources.of("derived"))
        if number.fact is not None
    ]


def _number(scenario: Scenario, number: Sourced) -> Row:
    caption = labels.axis_caption(scenario, number.path)
    path = text(number.path, 300)
    return {"path": path, "caption": caption if caption != number.path else path, "value": value(number.value)}


def _fact(fact: Fact) -> Row:
    source = fact.source
    url = source.get("url", "")
    unit = fact.details.get("unit", "")
    told = [value(fact.value)] if unit not in ("date", "qualitative") else []
    said = [source[key] for key in ("title", "publisher") if key in source]
    if "document" in source:
        said.append(f"source document {source['document']}")
    if "retells" in source:
        said.append(f"which retells {source['retells']}")
    about = [f"as of {fact.details['as_of']}"] if "as_of" in fact.details else []
    about += [f"confidence: {fact.details['confidence']}"] if "confidence" in fact.details else []
    return {
        "id": text(fact.id, 100),
        "statement": text(fact.statement),
        "amount": text(" ".join([*told, unit] if told else []), 200),
        "about": text(", ".join(about), 300),
        "source": text(", ".join(said) or ("" if url else "no source stated"), 500),
        "url": text(url, 1000),
        # Only what a browser fetches from the web becomes a link; all else stays text.
        "link": url if url.startswith(("https://", "http://")) and len(url) <= 1000 and url.isprintable() else None,
    }


def value(found: object) -> str:
    """A value for a reader."""
    if isinstance(found, list):
        return " to ".join(map(value, found))
    if isinstance(found, float | int):
        return f"{found:.12g}".replace("-", "−")
    return text(found, 200)


# How the number was made


def command(
    scenario: Scenario, overrides: Sequence[str] | Mapping[str, Any], paths: int, seed: int, file: str
) -> str | None:
    """The command that makes the report again; None where the scenario is no file."""
    if scenario.file.startswith("<") or not scenario.file:
        return None
    name = scenario.file
    if Path(name).resolve().parent == bundled_folder().resolve():
        name = Path(name).stem
    pairs = [f"{key}={given}" for key, given in overrides.items()] if isinstance(overrides, Mapping) else overrides
    words = ["switchrisk", "report", name]
    for pair in pairs:
        words += ["--set", pair]
    words += ["--paths", str(paths), "--seed", str(seed), "--out", file]
    return inert(shlex.join(words))


def made(scenario: Scenario, losses: Losses, fan: Fan, seed: int, parts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How the numbers were made: names and what there is to say of each."""
    strata = losses.strata.count.shape[1]
    widths = [losses.mixtures.quantile_at(level).bin_width for level in scenario.risk.levels]
    width = max(float(wide.max()) for wide in widths if wide is not None)
    unit = labels.short(scenario.money)
    column = {1: "month", 3: "quarter", 12: "year"}[fan.by]
    by = column if fan.by == 1 else f"{column}; own months within a {column} are taken as its middle month"
    said = [
        (
            "Method",
            "Each path is valued once for every month in which the event may arise by itself, and once for never "
            f"({strata} strata), on common draws. A probability and a timing weigh these strata; so one simulation "
            "answers for every position of the sliders, and none is repeated in the page."
            if strata > 1
            else "Each path is valued with all events and once more without any, on the same draws.",
        ),
        (
            "Paths",
            f"{losses.paths:,} quasi-random paths in {min(losses.paths, SCRAMBLINGS)} independent scramblings, "
            f"seed {seed}",
        ),
        (
            "Errors",
            "Intervals hold 95 % confidence and come from how far the scramblings lie apart; ± is one standard error.",
        ),
        (
            "Bins",
            f"Losses are counted in {8192 // losses.merged:,} bins; near revenue at risk one is at most "
            f"{numbers.money(width * losses.merged, unit)} wide.",
        ),
        (
            "Fan",
            f"By {by}; from {fan.paths:,} of the paths, read to within {numbers.money(fan.error, unit)} a month.",
        ),
    ]
    attribution, tornado = parts.get("attribution"), parts.get("tornado")
    if attribution is not None:
        orders = "all orders" if attribution.exact else f"{attribution.orders} sampled orders"
        said.append(
            (
                "Contributions",
                f"Shapley values over {orders} of the events: {attribution.coalitions} sets of events on "
                f"{attribution.paths:,} paths each; shown as shares of the headline's values.",
            )
        )
    if tornado is not None:
        said.append(
            (
                "Changes",
                f"One assumption at a time at its low and at its high, {tornado.paths:,} paths each, on common draws; "
                "changes are added to the headline's value.",
            )
        )
    return [*said, ("Version", f"switchrisk {__version__}"), ("Scenario", f"sha256 {scenario.sha256}")]
