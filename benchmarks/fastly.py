"""The forecast of ``scenarios/fastly-2020-08.yaml`` beside the quarters that followed: ``docs/fastly.md``, its picture.

Run it from the project's folder: ``python benchmarks/fastly.py`` prints the page's figures (two seconds), ``--write``
puts them on the page and draws the picture anew. What came is read from ``seeds/fastly.yaml``, by the ids of facts.
"""

from __future__ import annotations

import argparse
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import sim
from sim.chance.draws import Draws
from sim.engines import kernel
from sim.engines.settling import settle
from sim.language.evidence import Fact, read_facts
from sim.plots.style import LINES, headline, own_axes, save, styled, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "scenarios" / "fastly-2020-08.yaml"
PAGE = ROOT / "docs" / "fastly.md"
PICTURE = ROOT / "docs" / "pictures" / "fastly.svg"
MARKERS = ("<!-- benchmarks/fastly.py -->", "<!-- end -->")

PATHS, SEED = 50_000, 1
QUARTER = 3
QUARTERS = ("q3-2020", "q4-2020", "q1-2021", "q2-2021", "q3-2021", "q4-2021", "q1-2022", "q2-2022")
BEFORE_ACQUISITION = 1
"""Quarters that hold nothing of the business bought on 1 October 2020."""
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
GONE_BY = 3
"""The month after which most of ByteDance's traffic was gone: 2020-10, three months after the start."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the scenario gave.

    Attributes
    ----------
    revenue, baseline, bytedance
        Of each quarter, with all events, without any, and of ByteDance alone; shape (paths, quarters).
    left
        Share of ByteDance's usage that its events leave, by month; shape (paths, months).
    half_year
        Revenue of the window that the guidance covered, a path each.
    target
        Its guided low end.
    """

    revenue: np.ndarray
    baseline: np.ndarray
    bytedance: np.ndarray
    left: np.ndarray
    half_year: np.ndarray
    target: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came, by quarter: as reported, and without the business bought on 1 October 2020."""

    reported: np.ndarray
    comparable: np.ndarray
    facts: dict[str, Fact]

    def value(self, fact: str) -> float:
        """The number of a fact."""
        return float(self.facts[fact].value)


def by_quarter(monthly: np.ndarray) -> np.ndarray:
    """Sums over quarters of monthly amounts of shape (paths, months)."""
    sums: np.ndarray = monthly.reshape(len(monthly), -1, QUARTER).sum(axis=2)
    return sums


def forecast(paths: int = PATHS, seed: int = SEED) -> Forecast:
    """Run the scenario on the kernel, plain sampling."""
    scenario = sim.load(SCENARIO)
    draws = Draws(scenario, seed, 0, paths)
    valuation = kernel.value(scenario, draws)
    # One customer's account: demand, and what is left of it.
    number = [stream.id for stream in scenario.streams].index("bytedance")
    demand = kernel.demand_of(scenario, draws, number)
    book = kernel.book_of(scenario, draws, number, demand, settle(scenario, draws))
    risk = scenario.risk
    assert risk.target is not None
    return Forecast(
        revenue=by_quarter(valuation.revenue),
        baseline=by_quarter(valuation.baseline),
        bytedance=by_quarter(book.brings(1.0).T),
        left=(book.volume / demand).T,
        half_year=valuation.revenue[:, risk.first : risk.last + 1].sum(axis=1),
        target=risk.target,
    )


def outcome() -> Outcome:
    """Read what came from the facts."""
    facts = read_facts(ROOT / "seeds")

    def row(ids: list[str]) -> np.ndarray:
        return np.array([float(facts[id].value) for id in ids])

    reported = [f"fastly-revenue-{quarter}" for quarter in QUARTERS]
    without = [f"fastly-without-acquisition-{quarter}" for quarter in QUARTERS]
    comparable = reported[:BEFORE_ACQUISITION] + without[BEFORE_ACQUISITION:]
    return Outcome(row(reported), row(comparable), facts)


def percentiles(made: np.ndarray, came: np.ndarray) -> np.ndarray:
    """Share of the paths at or below what came, by quarter."""
    shares: np.ndarray = (made <= came).mean(axis=0)
    return shares


def bands(made: np.ndarray) -> np.ndarray:
    """Quantiles at ``LEVELS`` by quarter, order statistics; shape (levels, quarters)."""
    ordered = np.sort(made, axis=0)
    # Levels are decimals of at most two digits: whole arithmetic, no rounding errors in the rank.
    ranks = [math.ceil(round(100 * level) * len(made) / 100) for level in LEVELS]
    return ordered[[rank - 1 for rank in ranks]]


def inside(band: np.ndarray, came: np.ndarray, width: int) -> np.ndarray:
    """Number of quarters between the ``width``-th level from either end, for one row of quarters or many."""
    count: np.ndarray = ((band[width] <= came) & (came <= band[-1 - width])).sum(axis=-1)
    return count


def title(quarter: str) -> str:
    name, year = quarter.split("-")
    return f"{year} {name.upper()}"


def percent(share: float) -> str:
    """A share in per cent, with the decimal that small ones need."""
    return f"{100 * share:.1f} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"


def table(made: Forecast, came: Outcome) -> str:
    """The page's first table: the forecast by quarter, what came, and where in the forecast it fell."""
    band = bands(made.revenue)
    reported, comparable = (percentiles(made.revenue, row) for row in (came.reported, came.comparable))
    lines = [
        "| quarter | baseline, mean | forecast, mean | 25–75 % | 5–95 % | reported | percentile | without acquisition "
        "| percentile |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for q, quarter in enumerate(QUARTERS):
        bought = q >= BEFORE_ACQUISITION
        lines.append(
            f"| {title(quarter)} | {made.baseline[:, q].mean():.1f} | {made.revenue[:, q].mean():.1f} "
            f"| {band[1, q]:.1f}–{band[3, q]:.1f} | {band[0, q]:.1f}–{band[4, q]:.1f} "
            f"| {came.reported[q]:.1f} | {percent(reported[q])} "
            f"| {f'{came.comparable[q]:.1f}' if bought else 'the same'} "
            f"| {percent(comparable[q]) if bought else ''} |"
        )
    return "\n".join(lines)


def coverage(made: Forecast, came: Outcome) -> str:
    """The page's second table: quarters inside the bands, and how often a path of the forecast's own has as few.

    The last two columns allow for what the quarters have in common: a path that starts low stays low.
    """
    band = bands(made.revenue)
    count = len(QUARTERS)
    lines = [
        f"| of {count} quarters inside the band of | as reported | without acquisition | expected "
        "| own paths with as few (as reported) | own paths with as few (without acquisition) |",
        "|---|---|---|---|---|---|",
    ]
    for share, width in ((50, 1), (90, 0)):
        own = inside(band, made.revenue, width)
        hits = [int(inside(band, row, width)) for row in (came.reported, came.comparable)]
        as_few = [percent(float((own <= hit).mean())) for hit in hits]
        lines.append(f"| {share} % | {hits[0]} | {hits[1]} | {share * count / 100:.1f} | {as_few[0]} | {as_few[1]} |")
    return "\n".join(lines)


def single_questions(made: Forecast, came: Outcome) -> str:
    """The page's third table: single questions, the chance that the scenario gave, and what came."""
    q3 = came.value("bytedance-fastly-revenue-q3-2020")
    low = came.facts["fastly-guidance-q3-2020"].value[0]
    fall = came.value("bytedance-fastly-change-q3-2020")
    rows = [
        (f"revenue of 2020 Q3 is below the guided {low:.1f}", made.revenue[:, 0] < low, f"{came.reported[0]:.1f}"),
        (
            f"ByteDance brings {q3:.1f} or less in 2020 Q3, {-fall:.0f} % below the quarter before",
            made.bytedance[:, 0] <= q3,
            f"{q3:.1f}",
        ),
        (
            "all other customers bring what they brought in 2020 Q3, or less",
            made.revenue[:, 0] - made.bytedance[:, 0] <= came.value("fastly-others-q3-2020"),
            f"{came.value('fastly-others-q3-2020'):.1f}",
        ),
        ("half or more of ByteDance's usage is gone in 2020-10", made.left[:, GONE_BY] <= 0.5, "gone"),
        ("none of ByteDance's usage is gone within two years", made.left.min(axis=1) >= 1, "gone"),
        (
            f"revenue of the second half of 2020 is below the guided {made.target:.1f}",
            made.half_year < made.target,
            f"{came.comparable[:2].sum():.1f} without acquisition",
        ),
    ]
    lines = ["| what could happen | chance in the scenario | what came |", "|---|---|---|"]
    lines += [f"| {what} | {percent(float(happens.mean()))} | {event} |" for what, happens, event in rows]
    return "\n".join(lines)


def figures(made: Forecast, came: Outcome) -> str:
    """What stands between the page's markers."""
    said = (
        f"USD million a quarter; {len(made.revenue):,} independent paths, seed {SEED}. A percentile is the share of "
        "the forecast's paths at or below what came."
    )
    return "\n\n".join((said, table(made, came), coverage(made, came), single_questions(made, came)))


def draw(made: Forecast, came: Outcome) -> Axes:
    """The fan of quarterly revenue with what came as points."""
    band = bands(made.revenue)
    x = np.arange(len(QUARTERS))
    hits = int(inside(band, came.comparable, 0))
    with styled():
        ax = own_axes(7.2, 4.4)
        fan, event = LINES[0][0], LINES[1][0]
        ax.fill_between(x, band[0], band[4], color="#D0E3F0", linewidth=0, label="forecast, 5–95 %")
        ax.fill_between(x, band[1], band[3], color="#8DBEDD", linewidth=0, label="forecast, 25–75 %")
        ax.plot(x, band[2], color=fan, label="forecast, median")
        ax.plot(x, made.baseline.mean(axis=0), color="#444444", linestyle="--", linewidth=1.2, label="baseline, mean")
        ax.plot(x, came.reported, "o", color=event, markersize=6, label="reported")
        later = slice(BEFORE_ACQUISITION, None)
        ax.plot(
            x[later],
            came.comparable[later],
            "D",
            markerfacecolor="white",
            markeredgecolor=event,
            markersize=6,
            label="without the business bought in 2020 Q4",
        )
        ax.set_xticks(x, [title(quarter) for quarter in QUARTERS])
        write(ax.yaxis.label, "revenue, USD million a quarter")
        ax.legend(loc="upper left", frameon=False, ncols=2)
        headline(
            ax,
            f"{hits} of {len(QUARTERS)} quarters inside the 90 % band once the business bought is left out",
            "Fastly's quarterly revenue: the forecast of August 2020 and what came",
        )
    return ax


def on_page(page: str, part: str) -> str:
    """The page with what stands between its markers replaced."""
    head, _, rest = page.partition(MARKERS[0])
    _, _, tail = rest.partition(MARKERS[1])
    return f"{head}{MARKERS[0]}\n\n{part}\n\n{MARKERS[1]}{tail}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the figures on the page and draw the picture")
    made, came = forecast(), outcome()
    part = figures(made, came)
    print(part)
    if parser.parse_args().write:
        PAGE.write_text(on_page(PAGE.read_text(encoding="utf-8"), part), encoding="utf-8")
        picture = io.BytesIO()
        save(draw(made, came), picture, "svg")
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_bytes(picture.getvalue())


if __name__ == "__main__":
    main()
