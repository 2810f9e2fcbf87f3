"""Several scenarios on common draws: their measures, what differs between them, and the differences with errors."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

import numpy as np

from sim.answers import door
from sim.answers.answer import FORMAT, Answer
from sim.answers.run import Result, result_of
from sim.chance.sampling import Sampling
from sim.engines import kernel
from sim.engines.valuation import WindowSums
from sim.errors import UsageError, inert
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import Pair
from sim.estimates.measures import (
    EXPECTED_BASELINE,
    EXPECTED_LOSS,
    EXPECTED_REVENUE,
    REVENUE_AT_RISK,
    ByLevel,
    Estimates,
    Measure,
    level_name,
    measures_of,
)
from sim.language import load
from sim.language.comparable import common_levels, names_of, notes_on, refuse_other_money
from sim.language.differing import Differing, differing
from sim.language.document import Document
from sim.scenario import rules
from sim.scenario.parts import Scenario
from sim.simulation.memory import refuse_too_large
from sim.simulation.periods import bytes_kept
from sim.simulation.pool import Progress
from sim.simulation.shards import totals_of
from sim.words import bases, card, labels, numbers

if TYPE_CHECKING:
    import pandas as pd

    from sim.plots import ComparisonPlots

MOST = 26
"""Scenarios of a comparison, at most."""

ROUNDING = 1e-12
"""Part of the expected baseline below which a difference is rounding."""

KEPT = ("baseline", "plain_revenue")
"""What a difference needs of each path beside its loss."""


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Comparison(Answer):
    """Scenarios compared; frozen.

    Attributes
    ----------
    labels
        Short names of the scenarios.
    results
        A run of each, on the same seed, paths and sampling.
    differences
        For each scenario but the first what its measures are more than the first's: by measure (and level, as far as
        all scenarios have it) a paired estimate with its standard error and 95 % interval.
    differing
        Where the scenarios differ.
    notes
        What keeps them from being comparable in full, in words.
    """

    labels: tuple[str, ...]
    results: tuple[Result, ...]
    differences: tuple[Estimates, ...]
    differing: tuple[Differing, ...]
    notes: tuple[str, ...]

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios; the first is what the others are held against."""
        return tuple(result.scenario for result in self.results)

    @property
    def plot(self) -> ComparisonPlots:
        """Pictures: ``losses``, ``difference``."""
        pictures: ComparisonPlots = door.plots().ComparisonPlots(self)
        return pictures

    @property
    def headline(self) -> str:
        """What the second scenario changes, in plain words; ``headlines`` say it of all."""
        return self.headlines[0]

    @property
    def headlines(self) -> tuple[str, ...]:
        """What each scenario but the first changes, in plain words."""
        return tuple(self._headline(k) for k in range(len(self.differences)))

    def base_line(self) -> str:
        """What differences are against, the first scenario's measures, with paths and sampling."""
        first = self.results[0].estimates
        level = first.levels(REVENUE_AT_RISK)[0]
        told: list[bases.Measured] = [
            (EXPECTED_LOSS, None, first.of(EXPECTED_LOSS)),
            (REVENUE_AT_RISK, level, first.of(REVENUE_AT_RISK, level)),
        ]
        return bases.base_line(self.scenarios[0], self.sampled, told, of=f"“{labels.short(self.labels[0], 60)}”")

    def difference(self, measure: str = "expected_loss", level: float | str | None = None, of: int = 1) -> Estimate:
        """By how much a measure of one scenario is more than the first's.

        Parameters
        ----------
        measure
            One that runs have: ``expected_loss``, ``probability_of_loss``, ``revenue_at_risk``,
            ``expected_shortfall``, ``expected_revenue``, ``expected_baseline`` and so on;
            ``probability_below_target`` where all have a target.
        level
            For a measure with levels; None: the first that all scenarios have.
        of
            Number of the scenario, counted from 0.

        Raises
        ------
        UsageError
            For a measure, a level or a scenario that there is not.
        """
        if not 0 < of < len(self.results):
            raise UsageError(f"of: found {of!r}, allowed is a whole number from 1 to {len(self.results) - 1}")
        measures = self.differences[of - 1]
        if measure not in measures:
            raise UsageError(f"measure: found {measure!r}, allowed are {', '.join(measures)}")
        found = measures[measure]
        if isinstance(found, Estimate):
            return found
        name = next(iter(found), None) if level is None else level_name(float(level))
        if name not in found:
            common = ", ".join(found) or "none: the scenarios have no level in common"
            raise UsageError(f"level: found {level!r}, allowed are {common}")
        estimate: Estimate = found[name]
        return estimate

    def __repr__(self) -> str:
        """One line: the first difference with its error."""
        found = self.differences[0].of(EXPECTED_LOSS)
        money = self.scenarios[0].money
        label = inert(self.labels[1], 60)
        if found.value == 0 and not found.standard_error:
            said = f"the same expected loss with “{label}”"
        else:
            scale = numbers.scale_for([found.value], money)
            amount = scale.money(abs(found.value), found.standard_error)
            error = "" if found.standard_error is None else f" ± {_error(found.times(scale.factor))}"
            said = f"expected loss {amount} {'less' if found.value < 0 else 'more'}{error} with “{label}”"
        more = f", and {len(self.differences) - 1} more" if len(self.differences) > 1 else ""
        paths = f"{self.paths:,} path{'s' if self.paths > 1 else ''}"
        return f"<Comparison with “{inert(self.labels[0], 60)}”: {said}{more} ({paths})>"

    def card(self) -> str:
        """A small card for a notebook: the measures of each scenario."""
        names = [labels.short(label, 30) for label in self.labels]
        first, scale = self.scenarios[0], labels.scale_of(self.scenarios[0], *(one.estimates for one in self.results))
        rows = [
            [
                labels.row_caption(first, measure, level, scale, *self.scenarios),
                *(
                    "–" if one is None else labels.measure_texts(measure, one, scale)[0]
                    for one in (result.estimates.get_of(measure, level) for result in self.results)
                ),
            ]
            for measure, level, _ in labels.told(first, self.results[0].estimates)
        ]
        unit = labels.unit_and_discounting(first, scale)
        made = f"{self.base_line()} · the same draws for all · {unit}"
        return card.card("Scenarios compared", self.headlines[0], rows, made, head=("Measure", *names))

    def to_frame(self) -> pd.DataFrame:
        """Measures and differences as a tidy table, one row a scenario, measure and level.

        Returns
        -------
        DataFrame
            Index ``scenario`` (its label), ``measure``, ``level``; columns ``value``, ``standard_error``, ``low``,
            ``high``, and ``difference``, ``difference_standard_error``, ``difference_low``, ``difference_high`` to
            the first scenario.
        """
        import pandas as pd

        rows = []
        for k, (label, result) in enumerate(zip(self.labels, self.results, strict=True)):
            for measure, level, found in result.estimates.rows():
                row = {
                    "scenario": label,
                    "measure": measure.name,
                    "level": None if level is None else float(level),
                    **measure.told(found),
                }
                estimate = self.differences[k - 1].get_of(measure, level) if k else None
                if estimate is not None:
                    row["difference"] = estimate.value
                    for end in ("standard_error", "low", "high"):
                        row[f"difference_{end}"] = getattr(estimate, end)
                rows.append(row)
        plain = ["value", "standard_error", "low", "high"]
        differences = ["difference", *(f"difference_{end}" for end in plain[1:])]
        frame = pd.DataFrame(rows).set_index(["scenario", "measure", "level"])
        return frame.reindex(columns=[*plain, *differences]).astype(float)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data, ready for JSON; None where something can't be estimated."""
        return {
            "format": FORMAT,
            "run": self.run_record(engine=self.results[0].engine),
            "scenarios": [
                {"label": label, "scenario": result.scenario.record, "measures": result.estimates.to_dict()}
                for label, result in zip(self.labels, self.results, strict=True)
            ],
            "differences": [
                {"of": label, "to": self.labels[0], "measures": measures.to_dict(whole=True)}
                for label, measures in zip(self.labels[1:], self.differences, strict=True)
            ],
            "differing": [one.to_dict() for one in self.differing],
            "notes": list(self.notes),
            "headlines": list(self.headlines),
        }

    def _headline(self, k: int) -> str:
        measures, money = self.differences[k], labels.short(self.scenarios[0].money)
        told = [
            ("expected loss", measures.of(EXPECTED_LOSS)),
            *(
                (f"revenue at risk {100 * float(level):g} %", measures.of(REVENUE_AT_RISK, level))
                for level in measures.levels(REVENUE_AT_RISK)[:1]
            ),
        ]
        said = " and ".join(f"the {name} {_change(one, money, first=n == 0)}" for n, (name, one) in enumerate(told))
        base, other = (f"“{labels.short(self.labels[n], 90)}”" for n in (0, k + 1))
        return f"With {other} {said}, compared with {base}. {_told_from_nothing(told, self.paths)}"


def compare(
    *sources: Any,
    labels: Sequence[str] | None = None,
    set: Mapping[str, Any] | None = None,
    paths: int | None = None,
    seed: int | None = None,
    sampling: str = "sobol",
    workers: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Run several scenarios on common draws, and measure by how much each differs from the first.

    Parameters
    ----------
    sources
        Two or more scenarios, each as for :func:`sim.run`: a file, a bundled name, a mapping, a Scenario.
    labels
        Short names for them; None: from their files and overrides.
    set
        Overrides by dotted path, of all of them.
    paths, seed
        Of every run; None: the first scenario's own.
    sampling, workers, progress
        As for :func:`sim.run`.

    Returns
    -------
    Comparison
        Differences are paired path by path: what two scenarios share cancels (``docs/model.md``, section 8).

    Raises
    ------
    ScenarioError, TooLarge
        As for :func:`sim.run`.
    UsageError
        For fewer than two scenarios, for scenarios in different units of money, or for labels that do not fit.
    """
    if not 2 <= len(sources) <= MOST:
        raise UsageError(
            f"scenarios to compare: found {len(sources)}, allowed are 2 to {MOST}",
            help="a copy with one change is another: scenario.with_({path: value})",
        )
    scenarios = [load(source, set=set) for source in sources]
    refuse_other_money(scenarios)
    names = names_of(scenarios) if labels is None else _given(labels, len(scenarios))
    chosen = Sampling.of(scenarios[0], paths=paths, seed=seed, method=sampling, others=scenarios[1:])
    # Beside its own three arrays by path the comparison keeps three of each scenario.
    what = f"{len(scenarios)} scenarios on {chosen.paths:,} paths"
    kept = 3 + 4 * len(scenarios)
    beside = max(bytes_kept(scenario, chosen) for scenario in scenarios)
    refuse_too_large(scenarios, chosen.paths, workers, kept=kept, beside=beside, what=what, help="ask for fewer paths")
    started = time.perf_counter()
    results, sums = [], []
    for k, scenario in enumerate(scenarios):
        begun = time.perf_counter()
        reported = None if progress is None else _part(progress, k, len(scenarios))
        keep = (*KEPT, "one_off") if scenario.has_one_offs else KEPT
        # By period too: each result can be asked, drawn and kept like that of a run.
        totals = totals_of(
            scenario, kernel.value, chosen, workers=workers, keep=keep, by_period=True, progress=reported
        )
        took = time.perf_counter() - begun
        results.append(result_of(totals, engine="kernel", sampling=chosen, seconds=took))
        baseline = totals.kept["baseline"]
        one_off = totals.kept.get("one_off", 0.0)
        revenue = rules.revenue_of(baseline, totals.loss, one_off)
        sums.append(WindowSums(totals.loss, revenue, baseline, totals.kept["plain_revenue"], one_off))
    loaded = all(isinstance(scenario.source, Document) for scenario in scenarios)
    differences = tuple(
        _differences(sums[0], sums[k], scenarios[0], scenarios[k], common_levels(scenarios), chosen.scrambled)
        for k in range(1, len(scenarios))
    )
    return Comparison(
        scenario=scenarios[0],
        sampled=chosen,
        labels=names,
        results=tuple(results),
        differences=differences,
        differing=differing(scenarios) if loaded else (),
        notes=(
            *notes_on(scenarios),
            *_notes_on_shocks(scenarios, sampling),
            *_notes_on_baselines(names, differences, scenarios[0].money),
        ),
        seconds=time.perf_counter() - started,
    )


def _notes_on_shocks(scenarios: Sequence[Scenario], sampling: str) -> tuple[str, ...]:
    """Whether paths of demand are not common after all: quasi-random ones are drawn over a horizon as a whole."""
    varying = any(stream.volatility > 0 for scenario in scenarios for stream in scenario.streams)
    if sampling == "sobol" and varying and len({scenario.months for scenario in scenarios}) > 1:
        return (
            "Quasi-random demand is drawn over the horizon as a whole, so horizons that differ see other shocks: "
            "plain sampling has them in common.",
        )
    return ()


def _notes_on_baselines(names: Sequence[str], differences: Sequence[Estimates], money: str) -> tuple[str, ...]:
    """Where there is more or less to lose than in the first scenario: a loss is told against a baseline of its own."""
    said, unit = [], labels.short(money)
    base, *others = (f"“{labels.short(name, 90)}”" for name in names)
    for other, measures in zip(others, differences, strict=True):
        baseline, revenue = measures.of(EXPECTED_BASELINE), measures.of(EXPECTED_REVENUE)
        # An interval that holds 0 may be chance: only demand varies otherwise.
        if baseline.value != 0 and is_clear(baseline) is not False:
            said.append(
                f"The baseline moves: without any event the revenue of {other} {_change(baseline, unit, first=True)} "
                f"than that of {base}. So the difference in loss is not the whole story: the expected revenue "
                f"{_change(revenue, unit, first=True)}."
            )
    return tuple(said)


def _differences(
    base: WindowSums,
    other: WindowSums,
    base_scenario: Scenario,
    other_scenario: Scenario,
    levels: Sequence[float],
    scrambled: bool,
) -> Estimates:
    """Every measure of the other less that of the base, path by path, as far as both have it."""
    scale = max(abs(float(sums.baseline.mean())) for sums in (base, other))
    certain = all(np.ptp(sums.loss) <= rules.NO_LOSS * scale for sums in (base, other))
    pair = Pair(base, other, base_scenario, other_scenario, scrambled, certain)

    def difference(measure: Measure, level: float | None) -> Estimate:
        found = measure.difference(pair, level)
        return found if measure.is_share else _without_rounding(found, ROUNDING * scale)

    total = difference(EXPECTED_LOSS, None)
    # Scramblings may agree on the mean of what paths lose more where the paths themselves do not.
    alike = total.standard_error == 0 and np.ptp(other.loss - base.loss) <= rules.NO_LOSS * scale
    known = measures_of(other_scenario)
    found: dict[str, Any] = {}
    for measure in measures_of(base_scenario):
        if measure not in known:
            continue
        if measure.by_level:  # where all paths lose as much more, so do their quantiles
            found[measure.name] = ByLevel(
                {level_name(level): total if alike else difference(measure, level) for level in levels}
            )
        else:
            found[measure.name] = difference(measure, None)
    return Estimates(found)


def _without_rounding(found: Estimate, tiny: float) -> Estimate:
    """The same, with 0 for a value or an error that is nothing but rounding."""
    value = 0.0 if abs(found.value) <= tiny else found.value
    if found.standard_error is None or found.standard_error > tiny:
        return replace(found, value=value)
    return Estimate(value, 0.0, value, value)


def _part(progress: Progress, k: int, count: int) -> Progress:
    return lambda done, total: progress(k * total + done, count * total)


def _given(labels: Sequence[str], count: int) -> tuple[str, ...]:
    names = tuple(labels)
    if isinstance(labels, str) or len(names) != count or not all(isinstance(one, str) and one for one in names):
        raise UsageError(f"labels: found {labels!r}, allowed are {count} texts, one a scenario")
    if len({*names}) < count:
        raise UsageError("labels: found one twice, allowed are different ones")
    return names


def _error(estimate: Estimate) -> str:
    error = estimate.standard_error
    return "0" if not error else numbers.number(error, error)


def _change(found: Estimate, money: str, first: bool) -> str:
    """``is USD 23.1 million lower (± 1.0)``; after the first with the 95 % interval instead of the error."""
    error = found.standard_error
    if found.value == 0 and error == 0:
        return "is the same"
    sign = -1 if found.value < 0 else 1
    scale = numbers.scale_for([found.value], money)
    amount = f"is {scale.money(abs(found.value), error)} {'lower' if sign < 0 else 'higher'}"
    if found.value == 0:
        amount = "is the same"
    if error is None or found.low is None or found.high is None:
        return f"{amount} (too few paths to tell the error)"
    if first or error == 0:
        return f"{amount} (± {_error(found.times(scale.factor))})"
    ends = sorted((sign * found.low, sign * found.high))
    return f"{amount} (95 % interval {' … '.join(scale.number(end, error) for end in ends)})"


def is_clear(found: Estimate) -> bool | None:
    """Whether a difference is distinguishable from 0: its 95 % interval leaves 0 out. None where that is unknown."""
    if found.low is None or found.high is None:
        return None
    return not found.low <= 0 <= found.high


def _told_from_nothing(told: Sequence[tuple[str, Estimate]], paths: int) -> str:
    """Whether the differences that were told are distinguishable from 0."""
    on = f"on {paths:,} paths" if paths > 1 else "on one path"
    if all(one.value == 0 and one.standard_error == 0 for _, one in told):
        return f"No difference shows {on}."
    names = {verdict: [name for name, one in told if is_clear(one) is verdict] for verdict in (True, False, None)}
    clear, unclear = names[True], names[False]
    if names[None] and not (clear or unclear):
        return "So few paths do not tell whether that is chance."
    if clear and unclear:
        return f"The difference in {clear[0]} is distinguishable from 0, that in {unclear[0]} is not {on}."
    if names[None]:
        verdict = f"is {'' if clear else 'not '}distinguishable from 0{'' if clear else f' {on}'}"
        return f"The difference in {(clear or unclear)[0]} {verdict}; so few paths tell nothing of the other."
    if clear:
        return f"{'Both are' if len(told) > 1 else 'It is'} distinguishable from 0."
    return f"{'Neither difference is' if len(told) > 1 else 'It is not'} distinguishable from 0 {on}."
