"""Plain against quasi-random paths on a user's scenario: both must give the same measures within their errors."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, final

from sim.answers.answer import FORMAT, Answer
from sim.answers.frames import frame_of
from sim.answers.run import Result, run
from sim.chance.sampling import Sampling
from sim.chance.sobol import SCRAMBLINGS
from sim.errors import inert
from sim.estimates.estimate import Estimate
from sim.estimates.measures import name_of
from sim.estimates.replications import student
from sim.language import load
from sim.simulation.pool import Progress, part_of
from sim.words import card
from sim.words.numbers import number

if TYPE_CHECKING:
    import pandas as pd

PATHS = 32_768
"""Paths of either run, unless another number is given."""

BOUND = 5.0
"""Standard errors that two values of a measure may lie apart.

Chance of a false alarm: the error of a quasi-random value is known from 16 scramblings, so its distance follows at
worst Student's law with 15 degrees of freedom, of which 1.6 in 10,000 lie beyond 5; of ten measures, one in 600
comparisons at most, far fewer where the plain run's error is the larger one.
"""

NORMAL = 1.959963984540054
"""Half-width over standard error of a plain run's 95 % intervals."""

ROUNDING = 1e-9
"""Relative difference below which two values are the same."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure by both samplings; ``z`` is their distance in standard errors, None where no error is known."""

    measure: str
    plain: float
    plain_error: float | None
    sobol: float
    sobol_error: float | None
    z: float | None

    @property
    def agrees(self) -> bool:
        """Whether the two are as near as their errors say."""
        return self.z is None or abs(self.z) <= BOUND


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class SamplingAgreement(Answer):
    """What came of comparing the two samplings; ``sampled`` is how the quasi-random run was."""

    comparisons: tuple[Comparison, ...]

    @property
    def agree(self) -> bool:
        """Whether no measure differs by more than its errors allow."""
        return all(comparison.agrees for comparison in self.comparisons)

    @property
    def largest(self) -> float:
        """Largest distance of a measure, in standard errors."""
        return max((abs(c.z) for c in self.comparisons if c.z is not None), default=0.0)

    def __bool__(self) -> bool:
        """Whether they agree."""
        return self.agree

    @property
    def headline(self) -> str:
        """Whether the samplings agree, in plain words."""
        said = "agree" if self.agree else "differ"
        return f"Plain and quasi-random paths {said}: {self.paths:,} of each"

    def __repr__(self) -> str:
        """One line: the headline."""
        return inert(f"<SamplingAgreement on {self.scenario.name!r}: {self.headline}>")

    def rows(self) -> list[tuple[str, str, str, str]]:
        """A row a measure, as texts: its name, its value by either sampling, their distance in standard errors."""
        return [
            (
                c.measure,
                number(c.plain, c.plain_error),
                number(c.sobol, c.sobol_error or c.plain_error),
                "–" if c.z is None else f"{c.z:+.1f}".replace("-", "−"),
            )
            for c in self.comparisons
        ]

    def card(self) -> str:
        """A small card for a notebook: the verdict, and each measure by both samplings."""
        head = ("Measure", "Plain", "Quasi-random", "Distance")
        note = f"distance in standard errors of both together · seed {self.seed} · {self.scenario.money}"
        return card.card(self.scenario.name, f"{self.headline}.", self.rows(), note, head=head)

    def to_frame(self) -> pd.DataFrame:
        """Measures by both samplings as a table.

        Returns
        -------
        DataFrame
            A row a measure; columns ``measure``, ``plain``, ``plain_error``, ``sobol``, ``sobol_error``, ``z``.
        """
        fields = dict.fromkeys(Comparison.__dataclass_fields__, float)
        return frame_of((asdict(comparison) for comparison in self.comparisons), {**fields, "measure": str})

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data, ready for JSON."""
        return {
            "format": FORMAT,
            "scenario": {"name": self.scenario.name, "file": self.scenario.file, "sha256": self.scenario.sha256},
            "paths": self.paths,
            "seed": self.seed,
            "agree": self.agree,
            "largest_z": self.largest if math.isfinite(self.largest) else None,
            "bound": BOUND,
            "measures": [
                {
                    "measure": c.measure,
                    "plain": {"value": c.plain, "standard_error": c.plain_error},
                    "sobol": {"value": c.sobol, "standard_error": c.sobol_error},
                    "z": None if c.z is None or not math.isfinite(c.z) else c.z,
                    "agrees": c.agrees,
                }
                for c in self.comparisons
            ],
        }


def verify_sampling(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    paths: int = PATHS,
    seed: int | None = None,
    progress: Progress | None = None,
) -> SamplingAgreement:
    """Run a scenario by plain and by quasi-random paths, and compare their measures.

    Parameters
    ----------
    source, set, seed
        As for :func:`sim.run`.
    paths
        Of either run; rounded up to 16 times a power of two.
    progress
        Called as paths of a run are done.

    Returns
    -------
    SamplingAgreement
        Measures agree where they lie at most 5 standard errors apart, those of both runs together.
    """
    scenario = load(source, set=set)
    started = time.perf_counter()
    paths = Sampling.of(scenario, paths=paths, seed=seed, method="sobol").paths
    plain = run(scenario, paths=paths, seed=seed, sampling="plain", progress=part_of(progress, 0, paths, 2 * paths))
    sobol = run(scenario, paths=paths, seed=seed, sampling="sobol", progress=part_of(progress, paths, paths, 2 * paths))
    compared = tuple(_compared(plain, sobol))
    took = time.perf_counter() - started
    return SamplingAgreement(scenario=scenario, sampled=sobol.sampled, seconds=took, comparisons=compared)


def _compared(plain: Result, sobol: Result) -> Iterator[Comparison]:
    others = {name: other for name, _, other in _rows(sobol)}
    for name, by_interval, one in _rows(plain):
        other = others[name]
        # An interval need not reach as far on either side: what counts is the side on which the other value lies.
        sign = 1 if other.value > one.value else -1
        errors = _error(one, by_interval, sign, NORMAL), _error(other, by_interval, -sign, student(SCRAMBLINGS))
        yield Comparison(name, one.value, errors[0], other.value, errors[1], _distance(one.value, other.value, *errors))


def _distance(one: float, other: float, *errors: float | None) -> float | None:
    if abs(one - other) <= ROUNDING * max(abs(one), abs(other)):
        return 0.0
    if any(error is None for error in errors):
        return None
    together = math.hypot(*(error for error in errors if error is not None))
    return math.copysign(abs(other - one) / together if together > 0 else math.inf, other - one)


def _rows(result: Result) -> Iterator[tuple[str, bool, Estimate]]:
    """Name, whether its error is told by an interval, and estimate of each measure and each event's chance."""
    for measure, level, estimate in result.estimates.rows():
        yield name_of(measure, level), measure.told_by_interval, estimate
    for event, found in result.events.items():
        chance = Estimate(found["probability"], low=found["low"], high=found["high"])
        yield f"events.{event}.probability", True, chance


def _error(estimate: Estimate, by_interval: bool, sign: int, times: float) -> float | None:
    """Standard error of a measure towards one side, from its interval where it is told by one; None without either."""
    if not by_interval:
        return estimate.standard_error
    end = estimate.high if sign > 0 else estimate.low
    return None if end is None else abs(end - estimate.value) / times
