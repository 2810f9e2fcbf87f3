"""What customers have committed to and not used yet, by year: to be held against a filing's remaining obligations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.answers.answer import FORMAT
from sim.answers.frames import frame_of
from sim.errors import UsageError, inert
from sim.language import load
from sim.language.evidence import Fact, facts_for
from sim.scenario import rules
from sim.scenario.expectation import volumes_of
from sim.scenario.parts import Scenario, Stream
from sim.scenario.periods import year_of
from sim.scenario.terms import Term, signed_term
from sim.words import card, numbers

if TYPE_CHECKING:
    import pandas as pd


def backlog(source: Any, *, set: Mapping[str, Any] | None = None, against: str | None = None) -> Backlog:
    """What is committed at the scenario's ``known``, by year and customer.

    Of each customer the term under way counts, or the first one where it begins later; what renews after it is not
    signed yet. Of each of its periods that is the minimum less the use before ``known``, not below 0, spread evenly
    over the months that are left of it; beyond the horizon too. Not discounted, at mean demand and without events
    (``docs/model.md``, section 5).

    Parameters
    ----------
    source, set
        As for :func:`sim.run`.
    against
        Id of a fact that a filing gives, such as remaining performance obligations; it is told beside the total.

    Returns
    -------
    Backlog

    Raises
    ------
    ScenarioError
        The scenario is refused.
    UsageError
        There is no fact of this id.
    """
    scenario = load(source, set=set)
    fact = None if against is None else _fact(scenario, against)
    return Backlog(scenario, {s.id: _committed(scenario, s) for s in scenario.streams}, fact)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Committed revenue by customer and month, not discounted.

    Attributes
    ----------
    scenario
        The scenario.
    by_month
        By customer's id, amounts by month number, in the scenario's unit; months may lie beyond the horizon.
    against
        The fact to hold it against; None without one.
    """

    scenario: Scenario
    by_month: Mapping[str, Mapping[int, float]]
    against: Fact | None = None

    @property
    def total(self) -> float:
        """All of it."""
        return math.fsum(amount for months in self.by_month.values() for amount in months.values())

    @property
    def years(self) -> list[str]:
        """Names of the years in which something is committed, as periods have them: ``2025``, ``FY2026``."""
        found = [m for months in self.by_month.values() for m, amount in months.items() if amount]
        months = range(min(found), max(found) + 1) if found else ()
        return list(dict.fromkeys(year_of(self.scenario, m) for m in months))

    def of(self, customer: str, year: str) -> float:
        """Committed by a customer in a year, by its name."""
        months = self.by_month[customer]
        return math.fsum(amount for m, amount in months.items() if year_of(self.scenario, m) == year)

    @property
    def headline(self) -> str:
        """The answer in a line."""
        known = self.scenario.month_label(self.scenario.known)
        if not self.total:
            return f"In {known} nothing is committed"
        said = numbers.sized(self.total, self.scenario.money)
        return f"In {known} {said} is committed by terms under way or signed, and not used yet"

    @property
    def part(self) -> float | None:
        """What part of the fact it is; None without one, or where the two are not in one currency."""
        if self.against is None or not isinstance(self.against.value, int | float) or not self.against.value:
            return None
        currency, scale = numbers.scale_of(self.scenario.money)
        other, other_scale = numbers.scale_of(str(self.against.details.get("unit", "")))
        return self.total * scale / (self.against.value * other_scale) if currency == other else None

    def rows(self) -> list[tuple[str, list[float]]]:
        """Customers that have committed to something, by name, each with its amounts by year."""
        named = [(s.name, [self.of(s.id, year) for year in self.years]) for s in self.scenario.streams]
        return [(name, amounts) for name, amounts in named if any(amounts)]

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data."""
        return {
            "format": FORMAT,
            "scenario": self.scenario.record,
            "known": self.scenario.month_label(self.scenario.known),
            "total": self.total,
            "years": self.years,
            "customers": {
                s.id: {
                    "total": math.fsum(self.by_month[s.id].values()),
                    "by_year": [self.of(s.id, y) for y in self.years],
                }
                for s in self.scenario.streams
                if self.by_month[s.id]
            },
            **({} if self.against is None else {"against": self.against.to_dict()}),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a customer and year."""
        rows = [(s.id, year, self.of(s.id, year)) for s in self.scenario.streams for year in self.years]
        return frame_of(rows, {"customer": str, "year": str, "committed": float})

    def card(self) -> str:
        """A small card for a notebook."""
        scale = numbers.scale_for([amount for _, amounts in self.rows() for amount in amounts], self.scenario.money)
        rows = [(name, *(scale.of(amount) for amount in amounts)) for name, amounts in self.rows()]
        made = f"not discounted · {scale.unit} · sha256 {self.scenario.sha256[:12]}"
        head = ("Customer", *self.years)
        return card.card(self.scenario.name, f"{self.headline}.", rows, made, head=head)

    def _repr_html_(self) -> str:
        return self.card()


def _committed(scenario: Scenario, stream: Stream) -> dict[int, float]:
    """What a customer has committed to from ``known`` on, by month."""
    known = scenario.known
    term = signed_term(stream, known)
    if term is None:
        return {}
    contract = stream.contract
    assert contract is not None
    assert contract.commitment is not None
    level, volume = volumes_of(stream, scenario.months)
    unit = _unit(stream, term, level)
    found: dict[int, float] = {}
    spare = 0.0
    for period in term.periods:
        used = math.fsum(volume[m] for m in range(period.first, min(period.last + 1, known)))
        minimum = unit * period.minimum
        if period.last < known:  # it is settled
            spare = float(rules.carried_over(minimum, used, spare)) if contract.commitment.carry else 0.0
            continue
        left = float(rules.owed(minimum, used, spare))
        spare = float(rules.carried_over(minimum, used, spare)) if contract.commitment.carry else 0.0
        months = range(max(period.first, known), period.last + 1)
        found.update({month: left / len(months) for month in months})
    return found


def _unit(stream: Stream, term: Term, level: Any) -> float:
    """What the term's renewal commits to, at mean demand."""
    assert stream.contract is not None
    commitment = stream.contract.commitment
    assert commitment is not None
    if commitment.share is None:
        return 1.0
    if commitment.running is not None and term.renewal <= stream.starts:
        return commitment.running
    if term.fixed >= len(level):  # it begins beyond the horizon: at the level of its last month
        return float(rules.committed_volume(commitment.share, level[-1]))
    return float(rules.committed_volume(commitment.share, level[term.fixed]))


def _fact(scenario: Scenario, id: str) -> Fact:
    facts = facts_for(scenario)
    if id not in facts:
        from difflib import get_close_matches

        near = get_close_matches(id, facts, n=1)
        help = f"did you mean {near[0]}?" if near else "`switchrisk evidence` lists the facts that a scenario cites"
        raise UsageError(f"against: found {inert(id, 60)}, which is no fact", help=help)
    return facts[id]
