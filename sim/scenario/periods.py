"""Years and quarters of a horizon, as a business plans by them (``docs/model.md``, section 7)."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.months import format_month
from sim.scenario.parts import Scenario

YEAR, QUARTER = "year", "quarter"
LENGTHS = {YEAR: 12, QUARTER: 3}
"""Months of a whole period, by its kind."""


@dataclass(frozen=True, slots=True)
class Period:
    """A year or a quarter, as far as the horizon has it.

    Attributes
    ----------
    kind
        ``year`` or ``quarter``.
    name
        Calendar years by their number, ``2025`` and ``2025 Q1``; fiscal years by that of the calendar year in which
        they end, ``FY2026`` and ``FY2026 Q1``.
    first, months
        Its first month in the horizon, and how many the horizon has of it.
    """

    kind: str
    name: str
    first: int
    months: int

    @property
    def complete(self) -> bool:
        """Whether the horizon has all of it."""
        return self.months == LENGTHS[self.kind]

    @property
    def label(self) -> str:
        """Its name for readers; one that the horizon cuts says how much of it there is: ``FY2026 (8 months)``."""
        if self.complete:
            return self.name
        return f"{self.name} ({self.months} month{'s' if self.months > 1 else ''})"


def periods_of(scenario: Scenario, kind: str) -> tuple[Period, ...]:
    """The periods of a kind, in their order: every month of the horizon lies in one.

    Parameters
    ----------
    kind
        ``year`` or ``quarter``.
    """
    length, firsts = LENGTHS[kind], [0]
    # Counted from the months in which years begin.
    offset = scenario.start - (scenario.risk.year_starts - 1)
    firsts += [m for m in range(1, scenario.months) if (offset + m) % length == 0]
    ends = [*firsts[1:], scenario.months]
    return tuple(
        Period(kind, _name(offset + first, kind, scenario.risk.year_starts), first, end - first)
        for first, end in zip(firsts, ends, strict=True)
    )


def year_of(scenario: Scenario, month: int) -> str:
    """Name of the year in which a month lies, be it beyond the horizon."""
    year_starts = scenario.risk.year_starts
    return _name(scenario.start - (year_starts - 1) + month, YEAR, year_starts)


def _name(month: int, kind: str, year_starts: int) -> str:
    """Name of the period in which a month lies that is counted from the beginning of year 0."""
    year, within = divmod(month, 12)
    named = format_month(12 * year)[:4] if year_starts == 1 else f"FY{year + 1:04d}"
    return named if kind == YEAR else f"{named} Q{within // 3 + 1}"
