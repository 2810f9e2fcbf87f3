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
from sim.answers.tornado import tornado
from sim.errors import ScenarioError, TooLarge, UsageError, inert
from sim.estimates.measures import EXPECTED_BASELINE, Estimates
from sim.files import whole
from sim.language import load
from sim.language.differing import differing
from sim.language.evidence import evidence
from sim.report import contents
from sim.report.dials import Dials, dials_of
from sim.report.fans import fan_of
from sim.report.live import base_place, base_weights, estimates_at, payload, renewals
from sim.report.losses import Losses, sampling_for
from sim.report.page import rendered
from sim.scenario.parts import Scenario
from sim.simulation.pool import Progress
from sim.simulation.stratified import stratify
from sim.version import __version__
from sim.words import card, labels

if TYPE_CHECKING:
    import pandas as pd

ATTRIBUTED, VARIED = 8192, 4096
"""Paths of the attribution and of the tornado, at most: what they compare is on common draws."""

WORK = 2.0**30
"""Paths times months times arrays a customer that either takes on; with more, fewer paths."""


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
    """

    html: str
    estimates: Estimates
    dials: Dials
    losses: Losses

    @property
    def headline(self) -> str:
        """What is at risk where the scenario itself stands, in one line."""
        return labels.headline(self.scenario, self.estimates, self.losses.expected_baseline)

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
        rows = labels.measure_rows(self.estimates)
        made = f"{self.paths:,} quasi-random paths · seed {self.seed} · {self.scenario.money}"
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
    dials = dials_of(scenario)
    sampling = sampling_for(scenario, dials, paths, seed)
    paths, seed = sampling.paths, sampling.seed
    sources = evidence(scenario)
    counted = stratify(
        scenario, dials.event, dials.months, sampling, workers=workers, progress=_scaled(progress, 0, 50)
    )
    losses = Losses(counted, counted.weighed(base_weights(dials)), paths)
    fan = fan_of(scenario, dials.event, dials.months, sampling, workers=workers)
    estimates = estimates_at(losses.mixtures, base_weights(dials), scenario.risk.levels)
    attribution = None
    if scenario.events:
        count = min(ATTRIBUTED, paths, _affordable(scenario, 2 ** min(8, len({e.origin for e in scenario.events}))))
        attribution = attribute(scenario, paths=count, seed=seed, workers=workers, progress=_scaled(progress, 50, 70))
    ranges = [number for number in sources.of("assumption") if number.low is not None]
    found = None
    if ranges:
        count = min(VARIED, paths, _affordable(scenario, 2 * len(ranges)))
        found = tornado(scenario, paths=count, seed=seed, workers=workers, progress=_scaled(progress, 70, 100))
        found = found if found.bars else None
    chance, stop = base_place(dials)
    parts = {
        "title": contents.text(scenario.name, 300),
        "version": __version__,
        "about": contents.text(scenario.about),
        "scenario": scenario,
        "doubts": contents.doubtful(scenario),
        "vendor": contents.text(scenario.vendor, 300),
        "unit": labels.short(scenario.money),
        "period": labels.period(scenario),
        "headline": f"{contents.text(labels.headline(scenario, estimates, losses.expected_baseline))}.",
        "measures": contents.measured(estimates),
        "dials": dials,
        "event": None if dials.event is None else contents.text(dials.event.name, 300),
        "base": {"probability": chance, "stop": stop},
        "saying": contents.saying(scenario),
        "contributions": None if attribution is None else contents.contributions(attribution),
        "attribution": attribution,
        "changes": None if found is None else contents.changes(found),
        "assumptions": contents.assumptions(scenario, sources),
        "facts": contents.facts(scenario, sources),
        "counts": sources.counts,
        "made": contents.made(scenario, losses, fan, seed, {"attribution": attribution, "tornado": found}),
        "renewals": bool(renewals(scenario)),
        "command": _command(scenario, [*_texts(set), *overrides], paths, seed, file) if again else None,
    }
    html = rendered(parts, payload(scenario, dials, losses, fan, estimates))
    return Report(
        scenario=scenario,
        sampled=sampling,
        seconds=time.perf_counter() - started,
        html=html,
        estimates=estimates,
        dials=dials,
        losses=losses,
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


def _scaled(progress: Progress | None, first: int, last: int) -> Progress | None:
    """Progress of one part of the work as that of the whole, in hundredths."""
    if progress is None:
        return None
    return lambda done, total: progress(first + round((last - first) * done / max(1, total)), 100)
