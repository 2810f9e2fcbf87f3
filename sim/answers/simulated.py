"""Draws of the numbers in doubt, each valued on the same paths: what is asked of doubt is asked of these."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from sim.answers.ensemble import LEAST_DRAWS, Ensemble, ensemble
from sim.chance.sampling import Sampling, whole_number
from sim.chance.sobol import sobol_paths
from sim.errors import UsageError
from sim.estimates.bands import too_few
from sim.estimates.measures import Measure, level_name, name_of
from sim.estimates.of_each_draw import OfEachDraw
from sim.estimates.predictive import Mixture
from sim.scenario.doubts import Doubt, rounded_draws
from sim.scenario.parts import Scenario
from sim.simulation.ensembles import mixture_of, refuse_too_many
from sim.simulation.pool import Progress, part_of

PATHS = 1024
"""Paths of each draw, unless others are asked for."""

COMPILED = 512
"""What drawing and compiling takes, in paths valued: progress counts it."""


@dataclass(frozen=True, eq=False)
class Simulated:
    """Draws of the numbers in doubt and what came of them on their paths.

    Attributes
    ----------
    ensemble
        The draws.
    mixture
        Losses and measures of each.
    sampled
        The paths, the same for all draws.
    seconds
        Time it took.
    """

    ensemble: Ensemble
    mixture: Mixture = field(repr=False)
    sampled: Sampling
    seconds: float

    @property
    def scenario(self) -> Scenario:
        """The scenario as its file has it."""
        return self.ensemble.scenario

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """The numbers in doubt."""
        return tuple(self.ensemble.doubts)

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.mixture.losses)

    def of_each_draw(self, measure: Measure, level: float | None = None) -> OfEachDraw:
        """A measure of each draw, by all paths and by all but each replication of them.

        Raises
        ------
        UsageError
            Where the paths are too few for it, or a draw does not have it.
        """
        name = name_of(measure, None if level is None else level_name(level))
        if level is not None and (why := too_few(self.sampled.paths, level)):
            raise UsageError(f"{name}: {why}", help="ask for more --paths, or for another measure")
        try:
            return OfEachDraw.of(self.mixture, measure, level)
        except ValueError as error:
            raise UsageError(
                f"{name}: {error}",
                help="keep the numbers in doubt within what may happen: a form with `low` and `high` has ends",
            ) from None


def simulated(
    scenario: Scenario,
    *,
    draws: int | None = None,
    paths: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Simulated:
    """Draw a scenario's numbers in doubt, and value each draw on the same paths.

    Parameters
    ----------
    scenario
        One with a block ``doubt``.
    draws, paths, seed, workers, progress
        As for :func:`sim.answers.doubt.doubt`.

    Raises
    ------
    UsageError
        Where no number is in doubt, or an argument is refused.
    TooLarge
        It would not fit into memory; nothing was allocated.
    """
    started = time.perf_counter()
    count, of_draws = sizes(scenario, draws, paths)
    refuse_too_many(scenario, count, of_draws, workers)
    whole = count * (COMPILED + of_draws)
    drawing = part_of(progress, 0, count * COMPILED, whole)
    simulating = part_of(progress, count * COMPILED, count * of_draws, whole)
    drawn = ensemble(scenario, draws=count, seed=seed, progress=drawing)
    sampled = Sampling.of(scenario, paths=of_draws, seed=seed, method="sobol", others=drawn.variants)
    mixture = mixture_of(drawn.variants, sampled, workers=workers, progress=simulating)
    return Simulated(drawn, mixture, sampled, time.perf_counter() - started)


def sizes(scenario: Scenario, draws: int | None, paths: int | None) -> tuple[int, int]:
    """How many draws there are to be, and how many paths of each.

    Raises
    ------
    UsageError
        Where no number is in doubt, or one of them is no such number.
    """
    own = scenario.doubt
    if own is None or not own.numbers:
        raise UsageError(
            f"{scenario.file or scenario.name}: no number of it is in doubt",
            help="write what else its numbers may be under `doubt`; `doubt: {ranges: p10-p90}` takes the ranges of the "
            "evidence (docs/doubt.md)",
        )
    count = own.draws if draws is None else rounded_draws(whole_number("draws", draws, LEAST_DRAWS))
    return count, sobol_paths(whole_number("paths", PATHS if paths is None else paths, 1))
