"""Which of a scenario's choices is the better one over doubt, how sure that is, and what would be regretted."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, final

from sim.answers import door
from sim.answers.answer import FORMAT, Answer
from sim.answers.asked_measure import Condition, condition
from sim.answers.doubt import told
from sim.answers.frames import frame_of
from sim.answers.options import Objective, UnderChoices, objective_of, objectives_of, under_doubt, with_choices
from sim.errors import UsageError
from sim.estimates.bands import OfDraws, ends_of
from sim.estimates.estimate import Estimate
from sim.estimates.regrets import Worths, share
from sim.simulation.pool import Progress
from sim.words import card
from sim.words.decided import cell, chosen_headline, few_draws, redrawn
from sim.words.labels import measure_caption, unit_and_discounting
from sim.words.numbers import Scale, scale_for

if TYPE_CHECKING:
    import pandas as pd

    from sim.plots import ChoicePlots
    from sim.scenario.choices import Alternative

HEAD: dict[str, type] = {"choice": str, "of": str, "to": str, "value": float, "low": float, "high": float}


def choose(
    source: Any,
    *,
    set: Mapping[str, Any] | None = None,
    objective: str | None = None,
    require: str | Sequence[str] = (),
    draws: int | None = None,
    paths: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Decision:
    """Hold the choices of a scenario against each other, over doubt about its numbers.

    Parameters
    ----------
    source
        A file, the name of a bundled scenario, a mapping in the scenario language, or a Scenario; with the blocks
        ``doubt`` and ``choices``.
    set
        Overrides by dotted path. A number that is set is in doubt no more.
    objective
        A measure's name, such as ``revenue_at_risk.0.95``, to hold them against each other by; None: the revenue that
        is expected in the window less what is lost once, discounted, less the cost of the choice. Costs are in nothing
        else.
    require
        Conditions on measures of a draw, such as ``"revenue_at_risk.0.95 < 1200"``: told is in which share of draws
        each choice meets them.
    draws
        Draws of the numbers in doubt; None: the scenario's own. They are rounded up to 16 times a power of two.
    paths
        Quasi-random paths of each draw, the same for all draws and choices, rounded up likewise; None: 1,024.
    seed
        Instead of the scenario's own.
    workers
        Threads; None: one a core. Results do not depend on it.
    progress
        Called with the work done and all of it.

    Returns
    -------
    Decision

    Raises
    ------
    ScenarioError, UsageError
        The scenario or an argument is refused; also where it has no choices, or no number in doubt.
    TooLarge
        It would not fit into memory; nothing was allocated.
    """
    started = time.perf_counter()
    scenario = with_choices(source, set)
    wanted = objective_of(objective, scenario)
    texts = [require] if isinstance(require, str) else list(require)
    conditions = [condition(text, objectives_of(scenario), "require") for text in texts]
    also = [one.name for one in conditions]
    under = under_doubt(scenario, wanted, also, draws=draws, paths=paths, seed=seed, workers=workers, progress=progress)
    worths = under.worths(wanted)
    return Decision(
        scenario=scenario,
        objective=wanted,
        rows=tuple(_row(under, worths, wanted, conditions, number) for number in range(len(under.choices))),
        under=under,
        worths=worths,
        sampled=under.sampled,
        seconds=time.perf_counter() - started,
    )


@dataclass(frozen=True, slots=True)
class OfChoice:
    """What is told of a choice.

    Attributes
    ----------
    choice
        Which.
    mean, p5, p95
        The objective over doubt: its mean, and the quantiles that one draw of twenty is below, or above.
    gain
        What the choice is worth more than the first on average: of losses, by how much it has less.
    mean_regret, far_regret, largest_regret
        What the best choice of a draw is worth more than this one: on average, the 95 % quantile, the largest.
    best
        Share of draws in which no other choice is worth more.
    not_worse
        Share of draws in which it is worth as much as another, or more; by the other's id.
    never_worse
        Ids of others than which it is worse in no draw.
    required
        Share of draws in which it meets each condition, by the condition's text.
    """

    choice: Alternative
    mean: Estimate
    p5: Estimate
    p95: Estimate
    gain: Estimate
    mean_regret: Estimate
    far_regret: Estimate
    largest_regret: Estimate
    best: Estimate
    not_worse: Mapping[str, Estimate]
    never_worse: tuple[str, ...]
    required: Mapping[str, Estimate]

    def told(self) -> Iterator[tuple[str, str, Estimate]]:
        """All values: of what kind, to which other choice or condition, and what it is."""
        yield "mean", "", self.mean
        yield "p5", "", self.p5
        yield "p95", "", self.p95
        yield "gain", "", self.gain
        yield "mean_regret", "", self.mean_regret
        yield "p95_regret", "", self.far_regret
        yield "largest_regret", "", self.largest_regret
        yield "share_best", "", self.best
        for other, one in self.not_worse.items():
            yield "share_not_worse", other, one
        for text, one in self.required.items():
            yield "share_required", text, one


def _row(
    under: UnderChoices, worths: Worths, objective: Objective, conditions: Sequence[Condition], number: int
) -> OfChoice:
    found = under.of(objective)
    own = OfDraws(found.values[number], found.low[number], found.high[number])
    mean = worths.mean(number)
    others = [n for n in range(len(under.choices)) if n != number]
    names = {n: one.id for n, one in enumerate(under.choices)}
    values = worths.values
    return OfChoice(
        choice=under.choices[number],
        mean=mean if objective.more_is_better else turned(mean),
        p5=own.quantile(0.05),
        p95=own.quantile(0.95),
        gain=worths.gain(number),
        mean_regret=worths.mean_regret(number),
        far_regret=worths.far_regret(number),
        largest_regret=worths.largest_regret(number),
        best=worths.share_best(number),
        not_worse={names[n]: worths.share_not_worse(number, n) for n in others},
        never_worse=tuple(names[n] for n in others if bool((values[number] >= values[n]).all())),
        required={one.text: _meets(under, one, number) for one in conditions},
    )


def _meets(under: UnderChoices, wanted: Condition, number: int) -> Estimate:
    """Share of draws in which a choice meets a condition."""
    told = under.of(objective_of(wanted.name, under.scenario))
    return share(wanted.of(told.values[number]), wanted.of(told.without[:, number]))


def turned(one: Estimate) -> Estimate:
    """An estimate of the same with the other sign."""
    low, high = (None if end is None else -end for end in (one.high, one.low))
    return Estimate(0.0 - one.value, one.standard_error, low, high)


@final
@dataclass(frozen=True, kw_only=True, repr=False)
class Decision(Answer):
    """Choices held against each other over doubt; frozen.

    Attributes
    ----------
    objective
        What they are held against each other by.
    rows
        What is told of each, in the order of the file.
    under
        The draws under each choice, and what each says.
    worths
        What each choice is worth in each draw; more is better.
    """

    objective: Objective
    rows: tuple[OfChoice, ...]
    under: UnderChoices = field(repr=False)
    worths: Worths = field(repr=False)

    @property
    def draws(self) -> int:
        """Draws of the numbers in doubt."""
        return self.worths.draws

    @property
    def best(self) -> OfChoice:
        """The choice that is worth most on average; of several the first."""
        means = [float(one.mean()) for one in self.worths.values]
        return self.rows[means.index(max(means))]

    @property
    def headline(self) -> str:
        """Which choice is the better one, in plain words."""
        return chosen_headline(self)

    def __repr__(self) -> str:
        """One line: the headline."""
        return f"<Decision of {self.scenario.name!r}: {self.headline} ({self.draws:,} draws of {self.paths:,} paths)>"

    @property
    def plot(self) -> ChoicePlots:
        """Pictures: ``choices``."""
        pictures: ChoicePlots = door.plots().ChoicePlots(self)
        return pictures

    def row(self, choice: str) -> OfChoice:
        """What is told of a choice, by its id.

        Raises
        ------
        UsageError
            Where there is no such choice.
        """
        for one in self.rows:
            if one.choice.id == choice:
                return one
        known = ", ".join(one.choice.id for one in self.rows)
        raise UsageError(f"choice: found {choice!r}, allowed are {known}")

    @property
    def scale(self) -> Scale:
        """The one unit of the table's amounts."""
        told = [one.value for row in self.rows for one in (row.mean, row.p5, row.p95)]
        return scale_for([] if self.objective.is_share else told, self.scenario.money)

    @property
    def regret_scale(self) -> Scale:
        """The one unit of the table of regrets."""
        told = [one.value for row in self.rows for one in (row.gain, row.largest_regret)]
        return scale_for([] if self.objective.is_share else told, self.scenario.money)

    @property
    def caption(self) -> str:
        """What choices are held against each other by, for readers."""
        measure = self.objective.measure
        if measure is None:
            return "Expected revenue less one-off losses and cost"
        return measure_caption(measure, self.objective.level)

    def notes(self) -> list[str]:
        """What a reader of the numbers has to know, a sentence each."""
        said = []
        if few := few_draws(self.draws):
            said.append(few)
        if self.objective.measure is not None and any(one.cost for one in self.under.choices):
            said.append(f"What the choices cost is not in the {self.caption[:1].lower()}{self.caption[1:]}.")
        for one in self.under.choices:
            if one.dropped:
                paths = ", ".join(out.path for out in one.dropped)
                said.append(f"In no doubt under {one.name}, which sets or removes it: {paths}.")
        refused = self.under.ensemble.refused
        if note := redrawn(refused.count, refused.share, refused.why):
            said.append(note)
        return said

    def card(self) -> str:
        """A small card for a notebook: what each choice is worth, and what is regretted of it."""
        scale, regrets, is_share = self.scale, self.regret_scale, self.objective.is_share
        rows = [
            (
                row.choice.name,
                cell(row.mean, scale, is_share)[0],
                cell(row.gain, regrets, is_share)[0],
                cell(row.mean_regret, regrets, is_share)[0],
                cell(row.largest_regret, regrets, is_share)[0],
                cell(row.best, scale, True)[0],
            )
            for row in self.rows
        ]
        first = self.rows[0].choice.name
        made = (
            f"{self.caption} · {self.draws:,} draws of {len(self.under.ensemble.doubts):,} numbers on {self.paths:,} "
            f"quasi-random paths · seed {self.seed} · {unit_and_discounting(self.scenario, scale)}"
        )
        head = ("Choice", "Mean", f"More than {first}", "Mean regret", "Largest regret", "Best in")
        return card.card(self.scenario.name, f"{self.headline}.", rows, made, head=head)

    def to_frame(self) -> pd.DataFrame:
        """All values as a tidy table: a row for each choice and kind of value, and other choice or condition."""
        rows = [
            [row.choice.id, of, to, float(one.value), *ends_of(one)] for row in self.rows for of, to, one in row.told()
        ]
        return frame_of(rows, HEAD)

    @property
    def by_draw(self) -> pd.DataFrame:
        """The draws: a row each, with what was drawn for each number in doubt, and the objective under each choice.

        Returns
        -------
        DataFrame
            Index ``draw``; columns are dotted paths of the numbers in doubt, then ``choices.`` with each choice's id.
        """
        import pandas as pd

        drawn = self.under.ensemble
        columns = zip(*drawn.values, strict=True)
        frame = {one.path: list(values) for one, values in zip(drawn.doubts, columns, strict=True)}
        found = self.under.of(self.objective).values
        frame |= {f"choices.{one.id}": row for one, row in zip(self.under.choices, found, strict=True)}
        return pd.DataFrame(frame).rename_axis("draw")

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, ready for JSON."""
        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "run": {"draws": self.draws, **self.run_record()},
            "objective": {"measure": self.objective.name, "more_is_better": self.objective.more_is_better},
            "best_on_average": self.best.choice.id,
            "choices": {row.choice.id: _record(row) for row in self.rows},
            "refused": {"share": self.under.ensemble.refused.share, "why": self.under.ensemble.refused.why},
        }


def _record(row: OfChoice) -> dict[str, Any]:
    return {
        "name": row.choice.name,
        "cost": row.choice.cost,
        "mean": told(row.mean),
        "p5": told(row.p5),
        "p95": told(row.p95),
        "gain": told(row.gain),
        "mean_regret": told(row.mean_regret),
        "p95_regret": told(row.far_regret),
        "largest_regret": told(row.largest_regret),
        "share_best": told(row.best),
        "share_not_worse": {other: told(one) for other, one in row.not_worse.items()},
        "never_worse_than": list(row.never_worse),
        "require": {text: told(one) for text, one in row.required.items()},
        "not_in_doubt": [one.path for one in row.choice.dropped],
    }
