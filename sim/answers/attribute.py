"""What each event contributes to the loss: Shapley values over the events of a scenario, on common draws.

Which event did how much has no answer of its own where events meet: on one customer their effects multiply, and one
may set off another. The Shapley value takes the average over all orders in which the events may be added to a world
without any. It is the one rule that adds up to the total, treats like events alike, gives nothing to an event that
changes nothing, and is linear in the measure.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np

from sim.answers import door
from sim.answers.answer import FORMAT, Answer
from sim.answers.chief import name_of_origin
from sim.answers.coalitions import Coalitions, until_precise
from sim.answers.contributions import Attributed, attributed
from sim.answers.frames import frame_of
from sim.chance.sampling import Sampling
from sim.errors import UsageError
from sim.estimates import differences
from sim.estimates.estimate import Estimate
from sim.estimates.measures import (
    EXPECTED_BASELINE,
    EXPECTED_LOSS,
    EXPECTED_ONE_OFF,
    EXPECTED_REVENUE,
    MEASURES,
    Estimates,
    level_name,
    levels_of,
    named,
)
from sim.estimates.shapley import weigh
from sim.language import load
from sim.scenario import rules
from sim.simulation.pool import Progress
from sim.words import bases, card, numbers
from sim.words.labels import measure_caption, scale_of, short

if TYPE_CHECKING:
    import pandas as pd

    from sim.plots import AttributionPlots

PATHS = 16_384
"""Paths at most, unless more are asked for, or the scenario wants fewer: each is valued once for every coalition."""

PRECISION = 0.01
"""The error that paths may leave in a contribution, as a part of the total: readers are told whole per cent."""

ROUNDING = 1e-9
"""Part of the baseline below which a total is nothing that shares could be taken of."""

NAMED = 3
"""Events that a headline names; the rest is summed."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one event, with all its copies, contributes; below zero where it makes losses smaller.

    ``event`` is its id in the file; ``estimates`` are its contributions to the measures that add up, also by attribute:
    ``expected_loss``, ``expected_shortfall`` by level.
    """

    event: str
    name: str
    estimates: Estimates = field(repr=False)

    def to(self, measure: str, level: str | None) -> Estimate:
        """The contribution to a measure."""
        return self.estimates.of(MEASURES[measure], level)

    def __getattr__(self, name: str) -> Any:
        if name in MEASURES and name in self.estimates:
            return self.estimates[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Attribution(Answer):
    """Contributions of all events; frozen.

    Attributes
    ----------
    contributions
        One for each event as written, in the order of the file. They add up to the totals.
    totals
        What they add up to; also by attribute: ``expected_loss``, ``expected_shortfall`` by level.
    expected_baseline, expected_revenue
        Without any event and with all of them, discounted like the loss, so that they subtract to its expectation.
    expected_one_off
        What all events cost once, beside revenue, which is in the loss too; None where none does.
    coalitions
        How many sets of events were valued.
    orders
        How many orders of the events were sampled; None where all of them are in the values.
    precision
        Where paths were valued until errors are small enough: the error ``asked``, the one ``reached``, whether it was
        ``met``, the ``worst`` contribution, and a ``note``; None where a number of paths was asked for.
    """

    contributions: tuple[Contribution, ...]
    totals: Estimates
    expected_baseline: Estimate
    expected_revenue: Estimate
    coalitions: int
    orders: int | None
    expected_one_off: Estimate | None = None
    precision: Mapping[str, Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if name in MEASURES and name in self.totals:
            return self.totals[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def exact(self) -> bool:
        """Whether all orders of the events are in the values, so that only the paths are a sample."""
        return self.orders is None

    @property
    def note(self) -> str | None:
        """What a reader of sampled contributions has to know; None where they are exact."""
        if self.orders is None:
            return None
        return (
            f"{len(self.contributions)} events may come in too many orders to take all: {self.orders} were sampled, "
            f"{self.coalitions} sets of events valued. The contributions still add up to the total; their errors "
            "include that of the sampled orders."
        )

    @property
    def stopped(self) -> str | None:
        """Which error the paths leave, where they were valued until it is small enough; None where it was not asked."""
        if self.precision is None or self.precision["reached"] is None:
            return None
        reached, asked = (f"{100 * self.precision[key]:.2g} %" for key in ("reached", "asked"))
        note = "" if self.precision["note"] is None else f"; {self.precision['note']}"
        return (
            f"{self.paths:,} paths leave errors of up to {reached} of the total in its parts ({asked} was asked){note}."
        )

    @property
    def plot(self) -> AttributionPlots:
        """Pictures of the attribution: ``waterfall``."""
        pictures: AttributionPlots = door.plots().AttributionPlots(self)
        return pictures

    def total(self, measure: str = EXPECTED_LOSS.name, level: float | str | None = None) -> Estimate:
        """The measure with all events.

        Parameters
        ----------
        measure
            ``expected_loss`` or ``expected_shortfall``.
        level
            For the latter; None: the first.

        Raises
        ------
        UsageError
            For another measure or level.
        """
        name, key = self.chosen(measure, level)
        return self.totals.of(MEASURES[name], key)

    def share(
        self, contribution: Contribution, measure: str = EXPECTED_LOSS.name, level: float | str | None = None
    ) -> float | None:
        """Part of the total that a contribution makes up; None where the total is not above zero."""
        name, key = self.chosen(measure, level)
        total = self.total(name, key).value
        if total <= ROUNDING * abs(self.expected_baseline.value):
            return None
        return contribution.to(name, key).value / total

    def ranked(self, measure: str = EXPECTED_LOSS.name, level: float | str | None = None) -> list[Contribution]:
        """Contributions to a measure, the largest first."""
        name, key = self.chosen(measure, level)
        return sorted(self.contributions, key=lambda contribution: -contribution.to(name, key).value)

    def base_line(self, level: float | str | None = None, *measures: str) -> str:
        """Totals that contributions add up to, all or some, with paths and sampling; the shortfall at one level."""
        told: list[bases.Measured] = []
        for name in measures or self.totals:
            _, key = self.chosen(name, level)
            told.append((MEASURES[name], key, self.total(name, key)))
        return bases.base_line(self.scenario, self.sampled, told)

    @property
    def headline(self) -> str:
        """What makes up the expected loss, in one line of plain words."""
        return self.finding()

    def finding(
        self, measure: str = EXPECTED_LOSS.name, level: float | str | None = None, *, named: int = NAMED
    ) -> str:
        """What makes up a measure, in one line: the events that contribute most by name, the rest summed."""
        name, key = self.chosen(measure, level)
        caption, total, ranked = (
            measure_caption(MEASURES[name], key).lower(),
            self.total(name, key),
            self.ranked(name, key),
        )
        if not ranked:
            return "The scenario has no events, so nothing is lost"
        if len(ranked) <= named + 1:
            named = len(ranked)
        estimates = [contribution.to(name, key) for contribution in ranked[:named]]
        whom = [f"“{short(contribution.name)}”" for contribution in ranked[:named]]
        if named < len(ranked):
            rest = math.fsum(contribution.to(name, key).value for contribution in ranked[named:])
            estimates.append(Estimate.of(rest, None, 1))
            whom.append(f"{len(ranked) - named} others")
        scale = numbers.scale_for([total.value], short(self.scenario.money))
        (whole, _), *amounts = numbers.to_add_up([one.times(scale.factor) for one in (total, *estimates)])
        whole = numbers.with_unit(whole, scale.unit)
        if self.share(ranked[0], name, key) is None:
            return f"The events together come to an {caption} of {whole}"
        verbs = ["come ", *[""] * (len(whom) - 1)]
        parts = [
            f"{amount} ({numbers.whole_percent(estimate.value / total.value)}) {verb}from {who}"
            for (amount, _), estimate, who, verb in zip(amounts, estimates, whom, verbs, strict=True)
        ]
        return f"Of the {caption} of {whole}, {' and '.join(filter(None, (', '.join(parts[:-1]), parts[-1])))}"

    def __repr__(self) -> str:
        """One line: what the events contribute to the expected loss."""
        how = "exact" if self.exact else f"{self.orders} orders sampled"
        return f"<Attribution of {self.scenario.name!r}: {self.headline} ({how}; {self.paths:,} paths)>"

    def card(self) -> str:
        """A small card for a notebook."""
        scale = scale_of(self.scenario, self.totals)
        by_measure = []
        for measure, level in self._asked:
            estimates = [*(part.to(measure, level) for part in self.ranked()), self.total(measure, level)]
            by_measure.append((measure, level, numbers.to_add_up([one.times(scale.factor) for one in estimates])))
        names = [part.name for part in self.ranked()] + ["All events"]
        rows = [
            (name, *(" ± ".join(filter(None, column[k])) for _, _, column in by_measure))
            for k, name in enumerate(names)
        ]
        head = ("Event", *(measure_caption(MEASURES[measure], level) for measure, level, _ in by_measure))
        how = "exact over the events" if self.exact else f"{self.orders} orders of the events sampled"
        made = f"Shapley values, {how} · {self.base_line()} · {scale.unit}"
        return card.card(self.scenario.name, f"{self.headline}.", rows, made, head=head)

    def to_frame(self) -> pd.DataFrame:
        """Contributions as a tidy table, without the totals that they add up to.

        Returns
        -------
        DataFrame
            One row an event, measure and level; columns event, name, measure, level, value, standard_error, low, high,
            share.
        """
        rows = [
            {
                "event": contribution.event,
                "name": contribution.name,
                "measure": measure,
                "level": None if level is None else float(level),
                **contribution.to(measure, level).to_dict(),
                "share": self.share(contribution, measure, level),
            }
            for contribution in self.contributions
            for measure, level in self._asked
        ]
        numbers = ("level", "value", "standard_error", "low", "high", "share")
        return frame_of(rows, {**dict.fromkeys(("event", "name", "measure"), str), **dict.fromkeys(numbers, float)})

    def to_dict(self) -> dict[str, Any]:
        """The attribution as plain data, ready for JSON."""

        def told(contribution: Contribution) -> dict[str, Any]:
            record = contribution.estimates.to_dict(whole=True)
            for measure, level in self._asked:
                one = record[measure] if level is None else record[measure][level]
                one["share"] = self.share(contribution, measure, level)
            return record

        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "run": {
                **self.run_record(),
                **({} if self.precision is None else {"precision": dict(self.precision)}),
            },
            "exact": self.exact,
            "coalitions": self.coalitions,
            "orders": self.orders,
            "note": self.note,
            "total": {
                **self.totals.to_dict(whole=True),
                EXPECTED_BASELINE.name: self.expected_baseline.to_dict(),
                EXPECTED_REVENUE.name: self.expected_revenue.to_dict(),
                **({EXPECTED_ONE_OFF.name: self.expected_one_off.to_dict()} if self.expected_one_off else {}),
            },
            "events": {
                contribution.event: {"name": contribution.name, **told(contribution)}
                for contribution in self.contributions
            },
        }

    def chosen(self, measure: str, level: float | str | None = None) -> tuple[str, str | None]:
        """Name of a measure and of its level (None for the expected loss), as they stand in results.

        Raises
        ------
        UsageError
            For a measure or a level that the attribution does not have.
        """
        asked, inside = named(measure)
        if asked is None or asked.name not in self.totals:
            raise UsageError(f"measure: found {measure!r}, allowed are {' and '.join(self.totals)}")
        if not asked.by_level:
            return asked.name, None
        levels = self.totals.levels(asked)
        key = str(inside or levels[0] if level is None else level)
        with contextlib.suppress(ValueError):
            key = level_name(float(key))
        if key not in levels:
            allowed = ", ".join(levels)
            raise UsageError(
                f"level: found {key}, allowed are {allowed}", help=f"other levels: --set risk.levels=[{key}]"
            )
        return asked.name, key

    @property
    def _asked(self) -> list[tuple[str, str | None]]:
        return [(measure.name, level) for measure, level, _ in self.totals.rows()]


def attribute(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    paths: int | None = None,
    seed: int | None = None,
    sampling: str = "sobol",
    precision: float | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """Attribute the expected loss, and the expected shortfall at each level, to the events of a scenario.

    Parameters
    ----------
    source, set
        As for :func:`sim.run`.
    paths
        That many, or with a precision at most; quasi-random ones are rounded up. None: as many as the precision needs,
        at most as many as the scenario wants, and at most 16,384.
    precision
        Standard error that the paths may leave in each contribution, as a part of the total (see
        :func:`sim.answers.coalitions.until_precise`). None: 1 %, unless a number of paths is asked for.
    seed, sampling, workers, progress
        As for :func:`sim.run`.

    Returns
    -------
    Attribution

    Raises
    ------
    ScenarioError, UsageError
        The scenario or an argument is refused.
    TooLarge
        The losses of all coalitions, 8 bytes for each and path, would not fit into memory; nothing was allocated.

    Notes
    -----
    With v(S) the measure of the loss (``docs/model.md``, sections 6 and 7) in a world that has the events S alone, an
    event e among n contributes (Shapley 1953, A value for n-person games)

        c(e) = sum over S without e of  |S|! (n - |S| - 1)! / n!  ·  ( v(S + e) - v(S) )

    Out of S an event neither arises nor is set off, and nothing is offered against it; all else sees the same draws.
    Without events nothing is lost. For the shortfall the contributions are an allocation of risk capital (Denault 2001,
    Coherent allocation of risk capital). All copies of an ``each`` event are one. Contributions may be negative:
    a renegotiated price that another event would have cut anyway, or a departure that frees capacity that is short.
    A lever is no event: what it saves is within the contribution of the event that it is against.

    The value is linear in v, so it is a mean over paths of weighted sums of what each path adds to each v(S), and its
    error is that of this mean; a shortfall's terms are those of
    :func:`sim.estimates.differences.shortfall_terms`. Beyond eight events random orders and their reverses stand for
    all orders (Castro, Gómez and Tejada 2009, Polynomial calculation of the Shapley value based on sampling), the same
    for the same seed; what each adds along an order still makes up the total, and the spread of the pairs goes into the
    error.
    """
    scenario = load(source, set=set)
    chosen = Sampling.of(scenario, paths=paths, seed=seed, method=sampling, most=PATHS)
    if precision is None and paths is None:
        precision = PRECISION
    started = time.perf_counter()
    players = tuple(dict.fromkeys(event.origin for event in scenario.at_risk))
    weighing = weigh(len(players), chosen.seed)
    coalitions = Coalitions(scenario, players, weighing, chosen, workers=workers, progress=progress)
    losses = baseline = np.empty(0)

    def found_on(paths: int) -> list[Attributed]:
        nonlocal losses, baseline
        losses, baseline = coalitions.on(paths)
        return [
            attributed(measure, at, scenario, weighing, losses, scrambled=chosen.scrambled)
            for measure in MEASURES.values()
            if measure.adds_up
            for at in levels_of(measure, scenario.risk.levels)
        ]

    told = None
    if precision is None:
        found = found_on(chosen.paths)
    else:
        found, enough, told = until_precise(
            found_on,
            precision,
            players=players,
            may_arise=[
                any(scenario.certain(event) is not False for event in scenario.events if event.origin == player)
                for player in players
            ],
            coalitions=len(coalitions.worlds),
            levels=scenario.risk.levels,
            most=chosen.paths,
            baseline=lambda: float(baseline.mean()),
        )
        chosen = replace(chosen, paths=enough)
        coalitions.enough()
    one_off = coalitions.one_off(chosen.paths)

    def gathered(estimates: Iterable[Estimate]) -> Estimates:
        return Estimates.gathered(
            [(one.measure, one.level, estimate) for one, estimate in zip(found, estimates, strict=True)]
        )

    return Attribution(
        scenario=scenario,
        sampled=chosen,
        seconds=time.perf_counter() - started,
        contributions=tuple(
            Contribution(event, name_of_origin(scenario, event), gathered(one.contributions[k] for one in found))
            for k, event in enumerate(players)
        ),
        totals=gathered(one.total for one in found),
        expected_baseline=differences.mean(baseline, scrambled=chosen.scrambled),
        expected_revenue=differences.mean(
            rules.revenue_of(baseline, losses[weighing.whole], one_off), scrambled=chosen.scrambled
        ),
        expected_one_off=differences.mean(one_off, scrambled=chosen.scrambled) if scenario.has_one_offs else None,
        coalitions=len(coalitions.worlds) if players else 0,
        orders=weighing.orders,
        precision=told,
    )
