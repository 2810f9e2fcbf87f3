"""The measures: the one list of what is asked of a scenario, and what an answer knows of each.

An entry says what a measure is called and how it is estimated. Whatever lists measures (runs, sweeps, comparisons,
tables, cards, thresholds, the report) reads them from here, by what they are and not by their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

from sim.estimates.estimate import Estimate
from sim.estimates.estimators import (
    CellEstimates,
    Cells,
    Estimator,
    MeanOf,
    Pair,
    Quantile,
    ShareOf,
    Shortfall,
    Totals,
    baseline_of,
    has_a_loss,
    loss_of,
    misses_the_target,
    one_off_of,
    plain_revenue_of,
    revenue_of,
)
from sim.scenario.parts import Scenario

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[str, str | None]
"""Name of a measure, and of its level where it has levels."""


def level_name(level: float) -> str:
    """Name of a level or quantile in results: ``0.95``."""
    return repr(float(level))


class ByLevel(dict[str, Any]):
    """By level, under its name as results write it (``"0.95"``); the number finds the same (``0.95``)."""

    def __missing__(self, key: Any) -> Any:
        name = _name_of_level(key)
        if isinstance(name, str) and name in self and name != key:
            return self[name]
        raise KeyError(f"no level {key!r}; there are {', '.join(self) or 'none'}")

    def __contains__(self, key: object) -> bool:
        return super().__contains__(_name_of_level(key))

    def get(self, key: Any, default: Any = None) -> Any:
        """What is there at a level; the default where nothing is."""
        return super().get(_name_of_level(key), default)


def _name_of_level(key: object) -> Any:
    """The name of a level that is given as a number; anything else as it is."""
    return level_name(float(key)) if isinstance(key, Real) and not isinstance(key, bool) else key


@dataclass(frozen=True, slots=True)
class Measure:
    """One entry of the list.

    Attributes
    ----------
    name
        What it is called in results.
    caption
        What it is called for readers.
    estimator
        How it is estimated.
    needs_target
        Whether only a scenario with a target has it; only then is a path's undiscounted revenue known everywhere.
    needs_one_offs
        Whether only a scenario in which an event costs something once has it.
    by_cell
        Whether sweeps, reports and explorers tell it; what no event changes they leave out.
    """

    name: str
    caption: str
    estimator: Estimator
    needs_target: bool = False
    needs_one_offs: bool = False
    by_cell: bool = True

    @property
    def by_level(self) -> bool:
        """Whether it is told at each of the scenario's levels."""
        return self.estimator.by_level

    @property
    def is_share(self) -> bool:
        """Whether it is a share of paths, from 0 to 1; else it is money."""
        return self.estimator.is_share

    @property
    def told_by_interval(self) -> bool:
        """Whether its error is told by the ends of a 95 % interval; else by a standard error."""
        return self.estimator.told_by_interval

    @property
    def is_loss(self) -> bool:
        """Whether it is money, and made of the losses alone."""
        return self.estimator.of_loss and not self.is_share

    @property
    def adds_up(self) -> bool:
        """Whether it is the mean over paths of something made of the loss, so that contributions to it add up."""
        return self.is_loss and isinstance(self.estimator, MeanOf | Shortfall)

    def of_run(self, totals: Totals, level: float | None = None) -> Estimate:
        """Estimate it from a run."""
        return self.estimator.of_run(self.name, totals, level)

    def difference(self, pair: Pair, level: float | None = None) -> Estimate:
        """By how much it is more for the other scenario of a pair than for the base."""
        return self.estimator.difference(pair, level)

    def of_cells(self, cells: Cells, level: float | None = None) -> CellEstimates:
        """Estimate it in every cell."""
        return self.estimator.of_cells(self.name, cells, level)

    def told(self, estimate: Estimate) -> dict[str, Any]:
        """An estimate as plain data, with its error in the way in which this measure's is told."""
        if self.told_by_interval:
            return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
        record: dict[str, Any] = {"value": estimate.value, "standard_error": estimate.standard_error}
        if estimate.tail_paths is not None:
            record["tail_paths"] = estimate.tail_paths
        if estimate.note is not None:
            record["note"] = estimate.note
        return record


EXPECTED_LOSS = Measure("expected_loss", "Expected loss", MeanOf(loss_of, of_loss=True, linear=True))
CHANCE_OF_LOSS = Measure("probability_of_loss", "Chance of a loss", ShareOf(has_a_loss))
REVENUE_AT_RISK = Measure("revenue_at_risk", "Revenue at risk", Quantile())
EXPECTED_SHORTFALL = Measure("expected_shortfall", "Expected shortfall", Shortfall())
EXPECTED_REVENUE = Measure("expected_revenue", "Expected revenue", MeanOf(revenue_of, linear=True))
EXPECTED_BASELINE = Measure(
    "expected_baseline", "Expected baseline", MeanOf(baseline_of, linear=True, of_events=False), by_cell=False
)
EXPECTED_ONE_OFF = Measure(
    "expected_one_off", "Expected one-off losses, beside revenue", MeanOf(one_off_of), needs_one_offs=True
)
EXPECTED_PLAIN_REVENUE = Measure(
    "expected_plain_revenue", "Expected revenue, not discounted", MeanOf(plain_revenue_of), needs_target=True
)
CHANCE_TO_MISS = Measure(
    "probability_below_target", "Chance to miss the target", ShareOf(misses_the_target), needs_target=True
)

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        EXPECTED_LOSS,
        CHANCE_OF_LOSS,
        REVENUE_AT_RISK,
        EXPECTED_SHORTFALL,
        EXPECTED_REVENUE,
        EXPECTED_BASELINE,
        EXPECTED_ONE_OFF,
        EXPECTED_PLAIN_REVENUE,
        CHANCE_TO_MISS,
    )
}
"""All measures by name, in the order in which results list them. A new one is a line here."""


def measures_of(scenario: Scenario) -> list[Measure]:
    """Measures that a scenario has."""
    has_target, has_one_offs = scenario.risk.target is not None, scenario.has_one_offs
    return [
        measure
        for measure in MEASURES.values()
        if (has_target or not measure.needs_target) and (has_one_offs or not measure.needs_one_offs)
    ]


def cell_measures(scenario: Scenario) -> list[Measure]:
    """Measures that each cell of a sweep of a scenario has: what is lost first, as in results beyond that."""
    return sorted((m for m in measures_of(scenario) if m.by_cell), key=lambda measure: not measure.is_loss)


def loss_measures(*, at_risk_first: bool = False) -> list[Measure]:
    """Measures of the loss in money, which every scenario has."""
    found = [measure for measure in MEASURES.values() if measure.is_loss]
    return sorted(found, key=lambda measure: measure is not REVENUE_AT_RISK) if at_risk_first else found


def named(key: str) -> tuple[Measure | None, str | None]:
    """Measure and level of a name like ``revenue_at_risk.0.95``; None where there is no such."""
    name, _, level = key.partition(".")
    return MEASURES.get(name), level or None


def name_of(measure: Measure, level: str | None = None) -> str:
    """Name of a measure with its level: ``revenue_at_risk.0.95``."""
    return measure.name if level is None else f"{measure.name}.{level}"


def levels_of(measure: Measure, levels: Iterable[float]) -> list[float | None]:
    """The levels at which a measure is told: those given, or None where it has none."""
    return list(levels) if measure.by_level else [None]


def with_levels(measures: Iterable[Measure], levels: Iterable[float]) -> list[tuple[Measure, str | None]]:
    """Each measure, at each level where it has levels."""
    levels = list(levels)
    return [
        (measure, None if level is None else level_name(level))
        for measure in measures
        for level in levels_of(measure, levels)
    ]


class Estimates(Mapping[str, Any]):
    """What an answer knows of its measures.

    By name an estimate; for measures with levels a mapping of estimates by level.
    """

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._found = found

    @classmethod
    def gathered(cls, pairs: Iterable[tuple[Measure, float | None, Estimate]]) -> Estimates:
        """Gather estimates, level by level where measures have them."""
        found: dict[str, Any] = {}
        for measure, level, estimate in pairs:
            if level is None:
                found[measure.name] = estimate
            else:
                found.setdefault(measure.name, ByLevel())[level_name(level)] = estimate
        return cls(found)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], measures: Iterable[Measure]) -> Estimates:
        """Estimates of some measures from what :meth:`to_dict` made."""

        def one(found: Mapping[str, Any]) -> Estimate:
            return Estimate(**{field: found[field] for field in Estimate.__dataclass_fields__ if field in found})

        return cls(
            {
                measure.name: ByLevel({level: one(found) for level, found in data[measure.name].items()})
                if measure.by_level
                else one(data[measure.name])
                for measure in measures
            }
        )

    @classmethod
    def of_cell(cls, found: Mapping[Key, CellEstimates], k: int = 0) -> Estimates:
        """Estimates of one cell, by its flat number."""
        return cls.gathered(
            (measure, None if level is None else float(level), found[name, level].of_cell(k))
            for measure in MEASURES.values()
            for name, level in found
            if name == measure.name
        )

    def __getitem__(self, name: str) -> Any:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return f"Estimates({self._found!r})"

    def of(self, measure: Measure, level: str | None = None) -> Estimate:
        """The estimate of a measure; at a level where it has levels, None for the first.

        Raises
        ------
        KeyError
        """
        found = self._found[measure.name]
        if measure.by_level:
            found = next(iter(found.values())) if level is None else found[level]
        estimate: Estimate = found
        return estimate

    def get_of(self, measure: Measure, level: str | None = None) -> Estimate | None:
        """The same; None where it is not known."""
        try:
            return self.of(measure, level)
        except (KeyError, StopIteration):
            return None

    def levels(self, measure: Measure) -> list[str]:
        """Levels at which a measure is known."""
        return list(self._found.get(measure.name, ()))

    def rows(self) -> Iterator[tuple[Measure, str | None, Estimate]]:
        """All of them, one by one."""
        for name, found in self._found.items():
            measure = MEASURES[name]
            for level, estimate in found.items() if measure.by_level else ((None, found),):
                yield measure, level, estimate

    def to_frame(self) -> pd.DataFrame:
        """The estimates as a tidy table.

        Returns
        -------
        DataFrame
            Index measure and level; columns value, standard_error, low, high.
        """
        import pandas as pd

        rows = [
            {"measure": measure.name, "level": None if level is None else float(level), **measure.told(found)}
            for measure, level, found in self.rows()
        ]
        frame = pd.DataFrame(rows).set_index(["measure", "level"])
        return frame.reindex(columns=["value", "standard_error", "low", "high"]).astype(float)

    def to_dict(self, *, whole: bool = False) -> dict[str, Any]:
        """The estimates as plain data: by measure, then level, then value and error.

        Parameters
        ----------
        whole
            Whether each has standard error and interval, as differences have; else the error in the measure's way.
        """
        record: dict[str, Any] = {
            name: ByLevel() if MEASURES[name].by_level else None for name in self._found
        }  # also what is known at no level
        for measure, level, estimate in self.rows():
            said = estimate.to_dict() if whole else measure.told(estimate)
            if level is None:
                record[measure.name] = said
            else:
                record[measure.name][level] = said
        return record
