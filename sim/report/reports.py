"""Making a report: the simulation, what stands beside it, and the page that holds both."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from sim.answers.answer import FORMAT, Answer
from sim.answers.attribute import attribute
from sim.answers.chief import Chief, chief_of
from sim.answers.run import run
from sim.answers.tornado import tornado
from sim.engines.strata import is_linear
from sim.errors import ScenarioError, TooLarge, UsageError, inert
from sim.estimates.measures import EXPECTED_BASELINE, Estimates
from sim.files import whole
from sim.language import load
from sim.language.differing import differing
from sim.language.evidence import evidence
from sim.report import contents
from sim.report.dials import Dials, dials_of
from sim.report.fans import PATHS, fan_of
from sim.report.live import base_place, base_weights, estimates_at, payload, renewals
from sim.report.losses import Losses, sampling_for
from sim.report.page import rendered
from sim.report.years import years
from sim.scenario.parts import Event, Scenario
from sim.simulation.pool import Progress, part_of
from sim.simulation.stratified import stratify
from sim.version import __version__
from sim.words import card, labels
from sim.words.bases import sampled_in_words
from sim.words.headline import chief_cause, headline

if TYPE_CHECKING:
    import pandas as pd

ATTRIBUTED, VARIED = 8192, 4096
"""Paths of the attribution and of the tornado, at most: what they compare is on common draws."""

TOLD = 2**16
"""So many paths a report counts for when the chief cause is looked for, however many it has."""

WORK = 2.0**30
"""Paths times months times arrays a customer that either takes on; with more, fewer paths."""

STRATUM, LINEAR_STRATUM, VARIANT, RUN = 0.4, 0.13, 2.2, 2.0
"""What valuing a path in a stratum costs, in one where the losses of all are one product, in a variant of the
scenario, and in a run or a fan; in valuations of a path with half of the events, as an attribution does them."""


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Report(Answer):
    """A report; frozen.

    Attributes
    ----------
    html
        The whole page.
    estimates
        The measures where the scenario itself stands.
    dials
        What the reader may turn.
    losses
        The losses by stratum that the page carries.
    chief
        The event without which least would be lost on average.
    """

    html: str
    estimates: Estimates
    dials: Dials
    losses: Losses
    chief: Chief | None

    @property
    def headline(self) -> str:
        """What is at risk where the scenario itself stands, in one line."""
        return headline(self.scenario, self.estimates, self.chief)

    @property
    def measures(self) -> dict[str, Any]:
        """Where the scenario itself stands, in the shape of a run's; of the baseline the value alone."""
        return {**self.estimates.to_dict(), EXPECTED_BASELINE.name: {"value": self.losses.expected_baseline}}

    def __repr__(self) -> str:
        """One line: what it is about, its headline and its size."""
        size = f"{len(self.html.encode()) / 1e6:.1f} MB"
        return inert(f"<Report on {self.scenario.name!r}: {self.headline} ({self.paths:,} paths, {size})>")

    def card(self) -> str:
        """A small card for a notebook: the measures where the scenario itself stands."""
        scale = labels.scale_of(self.scenario, self.estimates)
        rows = labels.measure_rows(self.scenario, self.estimates, scale)
        unit = labels.unit_and_discounting(self.scenario, scale)
        made = f"{sampled_in_words(self.sampled)} · {unit}"
        return card.card(self.scenario.name, f"{self.headline}.", rows, made, head=("Measure", "Value", "Error"))

    def to_frame(self) -> pd.DataFrame:
        """The measures as a tidy table: one row a measure and level, columns value, standard_error, low, high."""
        return self.estimates.to_frame()

    def to_dict(self) -> dict[str, Any]:
        """Scenario, sampling and measures as plain data, ready for JSON; the page is ``html``."""
        run = {"paths": self.paths, "seed": self.seed, "sampling": self.sampling, "seconds": self.seconds}
        return {"format": FORMAT, "scenario": self.scenario.record, "run": run, "measures": self.measures}

    def save(self, file: str | os.PathLike[str]) -> Path:
        """Write the page to a file, whole or not at all.

        Raises
        ------
        OutputError
            Where it cannot be written.
        """
        with whole(os.fspath(file)) as out:
            out.write(self.html.encode())
        return Path(file)


def make_report(
    source: Any,
    *,
    set: Mapping[str, Any] | Iterable[str] | None = None,
    paths: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    file: str = "report.html",
    overrides: Iterable[str] = (),
    again: bool = True,
) -> Report:
    """Make a report of a scenario: one page that answers for any probability and timing of one event.

    Parameters
    ----------
    source, set
        As for :func:`sim.run`.
    paths
        Paths of the simulation, rounded up to 16 times a power of two; None: the scenario's, at most 32,768, and
        fewer where that would take long.
    seed
        Instead of the scenario's own.
    workers
        Threads; None: one a core. Results do not depend on it.
    progress
        Called with the parts of the work done and of all.
    file
        Name of the file that the page says it was written to.
    overrides
        Texts ``path=value`` that were applied to the source already, for the command that the page shows.
    again
        Whether the page shows the command that makes it again, where the scenario is a file.

    Returns
    -------
    Report

    Raises
    ------
    ScenarioError, UsageError
        The scenario or an argument is refused.
    TooLarge
        It would not fit into memory.
    """
    overrides = list(overrides)
    if set is not None and not isinstance(set, Mapping):
        set = list(set)
    scenario = load(source, set=set)
    started = time.perf_counter()
    chief = chief_of(scenario, TOLD, scenario.seed if seed is None else seed)
    dials = dials_of(scenario, None if chief is None else chief.event)
    sampling = sampling_for(scenario, dials, paths, seed)
    paths, seed = sampling.paths, sampling.seed
    sources = evidence(scenario)
    ranges = [number for number in sources.of("assumption") if number.low is not None]
    origins = len({event.origin for event in scenario.at_risk})
    attributed = min(ATTRIBUTED, paths, _affordable(scenario, 2 ** min(8, origins))) if origins else 0
    arising = min(paths, _affordable(scenario, 1))
    varied = min(VARIED, paths, _affordable(scenario, 2 * len(ranges))) if ranges else 0
    part = _Parts(
        progress,
        stratify=paths * max(1, len(dials.months)) * _cost_of_stratum(scenario, dials.event),
        fan=RUN * min(PATHS, paths) * max(1, len(dials.months)),
        events=RUN * arising,
        attribute=attributed * 2 ** min(8, origins),
        tornado=VARIANT * varied * (1 + 2 * len(ranges)),
    )
    counted = stratify(scenario, dials.event, dials.months, sampling, workers=workers, progress=part.of("stratify"))
    losses = Losses(counted, counted.weighed(base_weights(dials)), paths)
    fan = fan_of(scenario, dials.event, dials.months, sampling, workers=workers, progress=part.of("fan"))
    estimates = estimates_at(losses.mixtures, base_weights(dials), scenario.risk.levels)
    attribution = found = None
    # Independent paths, whose shares have intervals that hold however few they are.
    told = part.of("events")
    as_it_is = run(scenario, paths=arising, seed=seed, sampling="plain", workers=workers, progress=told)
    if attributed:
        told = part.of("attribute")
        attribution = attribute(scenario, paths=attributed, seed=seed, workers=workers, progress=told)
    if varied:
        found = tornado(scenario, paths=varied, seed=seed, workers=workers, progress=part.of("tornado"))
        found = found if found.bars else None
    chance, stop = base_place(dials)
    scale = labels.scale_of(scenario, estimates)
    parts = {
        "title": contents.text(scenario.name, 300),
        "version": __version__,
        "about": contents.text(scenario.about),
        "scenario": scenario,
        "doubts": contents.doubtful(scenario),
        "vendor": contents.text(scenario.vendor, 300),
        "unit": labels.short(scenario.money),
        "amounts_in": labels.short(scale.unit),
        "table_unit": labels.unit_and_discounting(scenario, scale),
        "period": labels.period(scenario),
        "headline": f"{contents.text(headline(scenario, estimates, chief))}.",
        "measures": contents.measured(scenario, estimates, scale),
        "dials": dials,
        "event": None if dials.event is None else contents.text(dials.event.name, 300),
        "base": {"probability": chance, "stop": stop},
        "saying": contents.saying(scenario),
        "arrivals": contents.arrivals(as_it_is) if scenario.events else None,
        "years": years(as_it_is),
        "many": contents.MANY,
        "contributions": None if attribution is None else contents.contributions(attribution, estimates),
        "attribution": attribution,
        "attributed": "" if attribution is None else sampled_in_words(attribution.sampled),
        "changes": None if found is None else contents.changes(found, estimates),
        "assumptions": contents.assumptions(scenario, sources),
        "facts": contents.facts(scenario, sources),
        "counts": sources.counts,
        "made": contents.made(scenario, losses, fan, seed, {"attribution": attribution, "tornado": found}),
        "renewals": bool(renewals(scenario)),
        "command": _command(scenario, [*_texts(set), *overrides], paths, seed, file) if again else None,
    }
    part.end()
    html = rendered(parts, payload(scenario, dials, losses, fan, estimates, chief_cause(scenario, estimates, chief)))
    return Report(
        scenario=scenario,
        sampled=sampling,
        seconds=time.perf_counter() - started,
        html=html,
        estimates=estimates,
        dials=dials,
        losses=losses,
        chief=chief,
    )


def _texts(set: Mapping[str, Any] | list[str] | None) -> list[str]:
    if set is None:
        return []
    return [f"{key}={_text(value)}" for key, value in set.items()] if isinstance(set, Mapping) else list(set)


def _text(value: Any) -> str:
    """A value as ``--set`` reads it."""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _command(scenario: Scenario, overrides: list[str], paths: int, seed: int, file: str) -> str | None:
    """The command that makes the report again; None where none is known to make the same scenario.

    A scenario that was changed in Python before it came here has more overrides than those given.
    """
    if not scenario.file or scenario.file.startswith("<"):
        return None
    try:
        base = load(scenario.file)
        changes = [
            f"{change.path}={_text(change.values[1] and change.values[1].value)}"
            for change in differing([base, scenario])
        ]
        for pairs in (overrides, changes):
            with contextlib.suppress(ScenarioError, UsageError):
                if load(scenario.file, set=pairs).sha256 == scenario.sha256:
                    return contents.command(scenario, pairs, paths, seed, file)
    except (ScenarioError, UsageError, TooLarge):
        return None  # the file is another now
    return None


def _affordable(scenario: Scenario, variants: int) -> int:
    """Paths of each of so many variants that take a second or two altogether."""
    return max(1024, int(WORK / (scenario.months * (len(scenario.streams) + 4) * variants)))


def _cost_of_stratum(scenario: Scenario, event: Event | None) -> float:
    if event is None:
        return 1.0
    return LINEAR_STRATUM if is_linear(scenario, event) else STRATUM


class _Parts:
    """Progress over the parts of the work, each with what it costs, in the order in which they are done."""

    def __init__(self, progress: Progress | None, **costs: float) -> None:
        self._progress = progress
        self._costs = {name: round(cost) for name, cost in costs.items()}
        self._whole = max(1, sum(self._costs.values()))

    def of(self, name: str) -> Progress | None:
        """What a part is to call."""
        names = list(self._costs)
        before = sum(self._costs[one] for one in names[: names.index(name)])
        return part_of(self._progress, before, self._costs[name], self._whole)

    def end(self) -> None:
        """Say that all is done: a part may have come out smaller than it looked."""
        if self._progress is not None:
            self._progress(self._whole, self._whole)
