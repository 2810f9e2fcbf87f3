"""Draws of the numbers in doubt, each valued on the same paths: what is asked of doubt is asked of these."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.answers.asked_measure import measure_of
from sim.answers.ensemble import LEAST_DRAWS, Ensemble, ensemble, how_to_doubt
from sim.chance.sampling import Sampling, whole_number
from sim.chance.sobol import sobol_paths
from sim.errors import UsageError
from sim.estimates.bands import too_few
from sim.estimates.first_order import Binned, floor
from sim.estimates.measures import EXPECTED_LOSS, MEASURES, Measure, level_name, name_of
from sim.estimates.of_each_draw import OfEachDraw
from sim.estimates.predictive import Mixture
from sim.language.values import month_number
from sim.scenario.doubts import Doubt, Drawn, Weighted, rounded_draws
from sim.scenario.parts import Scenario
from sim.simulation.ensembles import mixture_of, refuse_too_many
from sim.simulation.pool import Progress, part_of
from sim.words.driven import caption, most_of_it

if TYPE_CHECKING:
    import pandas as pd

_MONTH = re.compile(r"\d{4}-\d{2}")

PATHS = 1024
"""Paths of each draw, unless others are asked for."""

COMPILED = 160
"""What drawing and compiling takes, in paths of a draw: progress counts it."""


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

    @property
    def chief(self) -> str | None:
        """What makes most of the variance that doubt makes of the expected loss, as the end of a sentence.

        None where that can't be told from noise, and where but one number is in doubt.
        """
        values = self.mixture.measured[EXPECTED_LOSS.name, None].values
        if len(self.doubts) < 2 or values.min() == values.max():
            return None
        shares = Binned(self.ensemble.scores).shares(values[np.newaxis])[0]
        first = int(shares.argmax())
        if shares[first] <= floor(values, len(self.doubts)).value:
            return None
        return most_of_it(caption(self.scenario, self.doubts[first]), float(shares[first]))

    def to_salib(self, measure: str) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
        """The draws as SALib's methods for given data take them (``delta``, ``pawn``, ``rbd_fast``, ``hdmr``).

        Parameters
        ----------
        measure
            By its name in JSON.

        Returns
        -------
        problem, X, Y
            Of ``problem`` the names are dotted paths. X are numbers, months counted from year 0, words by their place
            among those that there are; shape (draws, doubts). Y is the measure of each draw.

        Raises
        ------
        UsageError
            Where a draw does not have the measure: of one that is no number SALib makes every index 0, without a word.
        """
        of, level = measure_of(self.scenario, measure, "measure")
        y = self.of_each_draw(of, level).values
        x = np.column_stack([as_numbers(doubt, column) for doubt, column in self._drawn()])
        bounds = [[float(low), float(high)] for low, high in zip(x.min(axis=0), x.max(axis=0), strict=True)]
        return {"num_vars": x.shape[1], "names": [one.path for one in self.doubts], "bounds": bounds}, x, y

    def to_ema(self) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
        """The draws as the EMA Workbench takes them: a frame of experiments, and outcomes by name.

        Returns
        -------
        experiments, outcomes
            A row a draw, a column a number in doubt, by its dotted path; and each measure of each draw by its name,
            with its level.

        Raises
        ------
        UsageError
            Where a draw does not have a measure.
        """
        outcomes = self.outcomes
        for name, values in outcomes.items():
            if not np.isfinite(values).all():
                raise _without(name, f"draw {np.flatnonzero(~np.isfinite(values))[0]} does not have it")
        return self.experiments(), outcomes

    def experiments(self) -> pd.DataFrame:
        """What was drawn: a row a draw, a column a number in doubt, by its dotted path."""
        import pandas as pd

        return pd.DataFrame({doubt.path: list(column) for doubt, column in self._drawn()})

    @property
    def outcomes(self) -> dict[str, np.ndarray]:
        """Each measure of each draw, by its name with its level."""
        return {name_of(MEASURES[name], level): one.values for (name, level), one in self.mixture.measured.items()}

    def _drawn(self) -> list[tuple[Doubt, tuple[Drawn, ...]]]:
        """Each number in doubt with what was drawn of it."""
        return list(zip(self.doubts, zip(*self.ensemble.values, strict=True), strict=True))

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
            raise _without(name, str(error)) from None


def as_numbers(doubt: Doubt, drawn: Sequence[Drawn]) -> np.ndarray:
    """What was drawn of a number in doubt as numbers in its order: months counted, words by their place."""
    form = doubt.form
    if not isinstance(form, Weighted) or doubt.numeric:
        return np.array(drawn, dtype=float)
    if are_months(doubt):
        return np.array([float(month_number(str(value))) for value in drawn])
    places = {value: float(place) for place, value in enumerate(form.values)}
    return np.array([places[value] for value in drawn])


def are_months(doubt: Doubt) -> bool:
    """Whether months are drawn."""
    form = doubt.form
    return isinstance(form, Weighted) and all(isinstance(one, str) and _MONTH.fullmatch(one) for one in form.values)


def _without(name: str, why: str) -> UsageError:
    help = "keep the numbers in doubt within what may happen: a form with `low` and `high` has ends"
    return UsageError(f"{name}: {why}", help=help)


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
        raise UsageError(f"{scenario.file or scenario.name}: no number of it is in doubt", help=how_to_doubt(scenario))
    count = own.draws if draws is None else rounded_draws(whole_number("draws", draws, LEAST_DRAWS))
    return count, sobol_paths(whole_number("paths", PATHS if paths is None else paths, 1))
