"""Draws of what is in doubt in a scenario: each is the scenario with other numbers, and a scenario of its own.

A draw goes through all checks of a file, under each of the scenario's choices too. One that is refused, such as a
percentile below its median, is drawn anew, all of its numbers; so what is drawn has the stated laws *given* that the
scenario is valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import overload

import numpy as np

from sim.chance import doubted
from sim.chance.sampling import whole_number
from sim.errors import ScenarioError, UsageError, inert
from sim.language.choices import kept
from sim.language.chosen import chosen
from sim.language.load import put
from sim.language.turning import bare
from sim.scenario.doubts import Doubt, Drawn, rounded_draws
from sim.scenario.parts import Scenario
from sim.simulation.pool import Progress

LEAST_DRAWS = 256

MOST_REFUSED = 0.1
"""Share of draws that may be refused at first: of more, what is left says little of the stated laws."""

MOST_ATTEMPTS = 100
"""How often a draw is drawn anew at most."""


@dataclass(frozen=True)
class RefusedDraws:
    """Draws that the language refused at first, and that were drawn anew.

    Attributes
    ----------
    count, share
        How many, and of all.
    why
        What was said of the first of them; None where none was refused.
    """

    count: int
    share: float
    why: str | None


@dataclass(frozen=True, eq=False)
class Ensemble:
    """A scenario's numbers in doubt, drawn together.

    Attributes
    ----------
    scenario
        The scenario as its file has it.
    seed
        Of the draws.
    doubts
        What is in doubt, J of them.
    scores
        Standard normal scores that decide the values, shape (K, J).
    values
        What was drawn, K rows of J: numbers, months or words; of a shift what is added.
    variants
        The scenario with each draw's numbers, without axes, evidence and doubts; K of them.
    refused
        What was drawn anew.
    under
        The same under each of the scenario's choices, by id: K scenarios each, whose source is not kept. What a choice
        sets is no draw's.
    """

    scenario: Scenario
    seed: int
    doubts: tuple[Doubt, ...]
    scores: np.ndarray
    values: list[tuple[Drawn, ...]]
    variants: Sequence[Scenario]
    refused: RefusedDraws
    under: Mapping[str, Sequence[Scenario]] = field(default_factory=dict)

    @property
    def draws(self) -> int:
        """How many draws there are."""
        return len(self.variants)


def ensemble(
    scenario: Scenario, draws: int | None = None, seed: int | None = None, progress: Progress | None = None
) -> Ensemble:
    """Draw a scenario's numbers in doubt.

    Parameters
    ----------
    scenario
        One with a block ``doubt``.
    draws
        How many; None: as its file says. Rounded up to 16 times a power of two.
    seed
        Instead of the scenario's own.
    progress
        Called with the draws made and all of them.

    Returns
    -------
    Ensemble

    Raises
    ------
    UsageError
        Where nothing is in doubt, or what is contradicts the rest of the scenario in more than a tenth of the draws, or
        in one of them again and again.
    """
    doubt = scenario.doubt
    if doubt is None or not doubt.numbers:
        raise UsageError("nothing is in doubt in this scenario", help=how_to_doubt(scenario))
    count = doubt.draws if draws is None else rounded_draws(whole_number("draws", draws, LEAST_DRAWS))
    seed = whole_number("seed", scenario.seed if seed is None else seed, 0)
    return _Drawing(scenario, doubt.numbers, seed).of(count, progress)


def ensemble_of(scenario: Scenario, seed: int, scores: np.ndarray, refused: RefusedDraws) -> Ensemble:
    """The ensemble that was drawn with these scores; its variants are made one by one when they are asked for."""
    assert scenario.doubt is not None
    drawing = _Drawing(scenario, scenario.doubt.numbers, seed)
    values = drawing.values(scores)
    variants = _Variants(drawing.variant, values)
    under = {choice[0]: _Variants(partial(drawing.under, choice=choice), values) for choice in drawing.choices}
    every = {one.id: under.get(one.id, variants) for one in scenario.choices}
    return Ensemble(scenario, seed, drawing.doubts, scores, values, variants, refused, every)


class _Variants(Sequence[Scenario]):
    """The scenario with each draw's numbers, made when it is asked for."""

    def __init__(self, make: Callable[[tuple[Drawn, ...]], Scenario], values: Sequence[tuple[Drawn, ...]]) -> None:
        self._make, self._values = make, values

    def __len__(self) -> int:
        return len(self._values)

    @overload
    def __getitem__(self, k: int) -> Scenario: ...

    @overload
    def __getitem__(self, k: slice) -> Sequence[Scenario]: ...

    def __getitem__(self, k: int | slice) -> Scenario | Sequence[Scenario]:
        if isinstance(k, slice):
            return _Variants(self._make, self._values[k])
        return self._make(self._values[k])


def how_to_doubt(scenario: Scenario) -> str:
    """How something comes to be in doubt."""
    left_out = () if scenario.doubt is None else scenario.doubt.left_out
    if left_out:
        one = left_out[0]
        return f"{len(left_out)} plausible ranges can't be in doubt as they stand; the first, {one.path}: {one.why}"
    return "let its file say what: doubt: {ranges: p10-p90} takes the plausible ranges of its assumptions"


_Made = tuple[Scenario, list[Scenario]]
"""The scenario with a draw's numbers, and under each choice that sets something."""


class _Contradiction(Exception):
    """A draw goes against the rest of the scenario; said is how."""


class _Drawing:
    """Draws of one scenario under way."""

    def __init__(self, scenario: Scenario, doubts: Sequence[Doubt], seed: int) -> None:
        self.scenario = scenario
        self.doubts = tuple(doubts)
        self.seed = seed
        self.bare = bare(scenario)
        self.choices = [self.choice(one.id) for one in scenario.choices if one.set]

    def choice(self, id_: str) -> tuple[str, Scenario, list[int]]:
        """A choice: the scenario under it, and which of the doubts are doubts there too."""
        under = chosen(self.scenario, id_)
        left = kept(self.doubts, under.doubt)
        return id_, bare(under), [j for j, doubt in enumerate(self.doubts) if doubt in left]

    def of(self, count: int, progress: Progress | None = None) -> Ensemble:
        scores = np.column_stack([doubted.scores(self.seed, doubt.path, count) for doubt in self.doubts])
        values = self.values(scores)
        made: list[_Made | None] = [None] * count
        refused, why = [], None
        for k, row in enumerate(values):
            try:
                made[k] = self.made(row)
            except _Contradiction as error:
                why = why or str(error)
                refused.append(k)
                if len(refused) > MOST_REFUSED * count:
                    raise self.too_many(len(refused), k + 1, why) from None
            if progress is not None:
                progress(k + 1, count)
        for k in refused:
            scores[k], values[k], made[k] = self.anew(k)
        told = RefusedDraws(len(refused), len(refused) / count, why)
        whole = [one for one in made if one is not None]
        variants = [one[0] for one in whole]
        places = {id_: n for n, (id_, _, _) in enumerate(self.choices)}
        under = {
            one.id: [row[1][places[one.id]] for row in whole] if one.id in places else variants
            for one in self.scenario.choices
        }
        return Ensemble(self.scenario, self.seed, self.doubts, scores, values, variants, told, under)

    def made(self, row: Sequence[Drawn]) -> _Made:
        """The scenario with the numbers of one draw, and under each choice that sets something."""
        return self.variant(row), [self.under(row, choice) for choice in self.choices]

    def values(self, scores: np.ndarray) -> list[tuple[Drawn, ...]]:
        """What is drawn at some scores, a row a draw."""
        columns = [doubt.drawn(scores[:, j]) for j, doubt in enumerate(self.doubts)]
        return list(zip(*columns, strict=True))

    def variant(self, row: Sequence[Drawn]) -> Scenario:
        """The scenario with the numbers of one draw."""
        return self.put(self.bare, range(len(self.doubts)), row)

    def under(self, row: Sequence[Drawn], choice: tuple[str, Scenario, list[int]]) -> Scenario:
        """The same under a choice; of it the parts will do, which take little memory."""
        id_, scenario, places = choice
        return replace(self.put(scenario, places, row, f", under the choice {id_}"), source=None, document={})

    def put(self, scenario: Scenario, places: Iterable[int], row: Sequence[Drawn], under: str = "") -> Scenario:
        placed = ((doubt.steps, doubt.placed(row[j])) for j in places for doubt in (self.doubts[j],))
        try:
            return put(scenario, placed, "a draw of what is in doubt")
        except ScenarioError as error:
            raise _Contradiction(f"{_why(error)}{under}") from None

    def anew(self, k: int) -> tuple[np.ndarray, tuple[Drawn, ...], _Made]:
        """A draw that was refused, drawn until it is not."""
        why = ""
        for attempt in range(1, MOST_ATTEMPTS + 1):
            scores = np.array([doubted.again(self.seed, doubt.path, k, attempt) for doubt in self.doubts])
            row = tuple(doubt.drawn(scores[j : j + 1])[0] for j, doubt in enumerate(self.doubts))
            try:
                return scores, row, self.made(row)
            except _Contradiction as error:
                why = str(error)
        raise UsageError(
            f"draw {k} of what is in doubt is refused {MOST_ATTEMPTS} times over; the last time: {why}",
            help="let what is in doubt go with the rest of the scenario: narrower laws, or fewer of them",
        )

    def too_many(self, refused: int, tried: int, why: str) -> UsageError:
        """What is said where too many draws are refused."""
        return UsageError(
            f"more than {MOST_REFUSED:.0%} of the draws of what is in doubt contradict the rest of the scenario "
            f"({refused} of the first {tried}); the first: {why}".replace("%", " %"),
            help="let what is in doubt go with the rest of the scenario: narrower laws, or fewer of them",
        )


def _why(error: ScenarioError) -> str:
    problem = error.problems[0]
    allowed = f"; allowed: {problem.allowed}" if problem.allowed else ""
    return inert(f"{problem.path}: {problem.found}{allowed}", 400)
