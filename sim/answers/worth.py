"""What knowing the numbers in doubt is worth before one of the choices is taken."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from sim.answers.answer import FORMAT, Answer
from sim.answers.doubt import told
from sim.answers.frames import frame_of
from sim.answers.options import NET_REVENUE, UnderChoices, objective_of, under_doubt, with_choices
from sim.estimates.bands import ends_of
from sim.estimates.estimate import Estimate
from sim.estimates.regrets import Worths
from sim.estimates.worth_of_knowing import Knowing
from sim.simulation.pool import Progress
from sim.words import card
from sim.words.decided import cell, redrawn, worth_headline
from sim.words.labels import unit_and_discounting
from sim.words.numbers import Scale, scale_for

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.choices import Alternative
    from sim.scenario.doubts import Doubt

HEAD: dict[str, type] = {"path": str, "value": float, "low": float, "high": float, "above_floor": bool}


def worth(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    draws: int | None = None,
    paths: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Worth:
    """Say what knowing the numbers in doubt is worth, before one of the choices of a scenario is taken.

    Parameters
    ----------
    source, set, draws, paths, seed, workers, progress
        As for :func:`sim.choose`.

    Returns
    -------
    Worth

    Raises
    ------
    ScenarioError, UsageError
        The scenario or an argument is refused; also where it has no choices, or no number in doubt.
    TooLarge
        It would not fit into memory; nothing was allocated.
    """
    started = time.perf_counter()
    scenario = with_choices(source, set)
    objective = objective_of(None, scenario)
    under = under_doubt(scenario, objective, draws=draws, paths=paths, seed=seed, workers=workers, progress=progress)
    worths = under.worths(objective)
    return Worth(
        scenario=scenario,
        knowing=Knowing.of(worths, under.ensemble.scores),
        under=under,
        worths=worths,
        sampled=under.sampled,
        seconds=time.perf_counter() - started,
    )


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Worth(Answer):
    """What knowing the numbers in doubt is worth; frozen.

    Attributes
    ----------
    knowing
        Of all of them, of each, and the floor.
    under
        The draws under each choice, and what each says.
    worths
        What each choice is worth in each draw: expected revenue less one-off losses and cost.
    """

    knowing: Knowing
    under: UnderChoices = field(repr=False)
    worths: Worths = field(repr=False)

    @property
    def draws(self) -> int:
        """Draws of the numbers in doubt."""
        return self.worths.draws

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """The numbers in doubt."""
        return self.under.ensemble.doubts

    @property
    def best(self) -> Alternative:
        """The choice that is worth most on average, taken where nothing more is known."""
        return self.under.choices[int(self.worths.values.mean(axis=1).argmax())]

    @property
    def ranked(self) -> list[tuple[Doubt, Estimate]]:
        """The numbers that are worth knowing by more than the floor, most first."""
        floor = self.knowing.floor.value
        above = [(one, of) for one, of in zip(self.doubts, self.knowing.each, strict=True) if of.value > floor]
        return sorted(above, key=lambda pair: -pair[1].value)

    @property
    def below(self) -> list[Doubt]:
        """The numbers that are not: these can't be told from such that tell nothing."""
        above = {one.path for one, _ in self.ranked}
        return [one for one in self.doubts if one.path not in above]

    @property
    def headline(self) -> str:
        """What knowing is worth, in plain words."""
        return worth_headline(self)

    def __repr__(self) -> str:
        """One line: the headline."""
        return f"<Worth of {self.scenario.name!r}: {self.headline} ({self.draws:,} draws of {self.paths:,} paths)>"

    @property
    def scale(self) -> Scale:
        """The one unit of a table of amounts."""
        return scale_for([self.knowing.everything.value], self.scenario.money)

    def notes(self) -> list[str]:
        """What a reader of the numbers has to know, a sentence each."""
        refused = self.under.ensemble.refused
        note = redrawn(refused.count, refused.share, refused.why)
        return [] if note is None else [note]

    def card(self) -> str:
        """A small card for a notebook: what knowing everything is worth, and each number above the floor."""
        scale = self.scale
        pairs = [("All of them", self.knowing.everything), *((one.path, worth) for one, worth in self.ranked)]
        rows = [(name, " ".join(cell(worth, scale, False))) for name, worth in pairs]
        made = (
            f"{self.draws:,} draws of {len(self.doubts):,} numbers on {self.paths:,} quasi-random paths · seed "
            f"{self.seed} · {unit_and_discounting(self.scenario, scale)} · floor "
            f"{cell(self.knowing.floor, scale, False)[0]}"
        )
        return card.card(self.scenario.name, f"{self.headline}.", rows, made, head=("Known before choosing", "Worth"))

    def to_frame(self) -> pd.DataFrame:
        """What knowing each number is worth as a tidy table; of all of them together ``path`` is empty."""
        floor = self.knowing.floor.value
        pairs = [("", self.knowing.everything)]
        pairs += [(one.path, worth) for one, worth in zip(self.doubts, self.knowing.each, strict=True)]
        rows = [[path, float(one.value), *ends_of(one), bool(one.value > floor)] for path, one in pairs]
        return frame_of(rows, HEAD)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, ready for JSON."""
        floor = self.knowing.floor.value
        refused = self.under.ensemble.refused
        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "run": {"draws": self.draws, **self.run_record()},
            "objective": {"measure": NET_REVENUE, "more_is_better": True},
            "best_on_average": self.best.id,
            "evpi": told(self.knowing.everything),
            "evppi": [
                {"path": one.path, **told(worth), "above_floor": bool(worth.value > floor)}
                for one, worth in zip(self.doubts, self.knowing.each, strict=True)
            ],
            "floor": told(self.knowing.floor),
            "refused": {"share": refused.share, "why": refused.why},
        }
