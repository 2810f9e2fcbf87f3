"""From the schema's laws to those of ``sim.scenario.laws``, and every place of an event where one may stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.language.document import Steps
from sim.language.schema import EventPart, LawPart, TimingPart
from sim.language.values import month_number
from sim.scenario.laws import (
    NEVER,
    Exponential,
    Fixed,
    Gamma,
    Hazard,
    Law,
    Lognormal,
    Table,
    Triangular,
    Uniform,
    Weibull,
)


def law_of(part: LawPart, start: int = 0) -> Law:
    """Build the law that a part describes; ``start`` is the scenario's, for the dates of a hazard."""
    if part.exponential is not None:
        return Exponential(part.exponential.mean)
    if part.lognormal is not None:
        median, sigma, p90 = part.lognormal.median, part.lognormal.sigma, part.lognormal.p90
        return Lognormal(median, sigma) if sigma is not None else Lognormal.from_p90(median, p90 or median)
    if part.gamma is not None:
        return Gamma(part.gamma.mean, part.gamma.sd)
    if part.weibull is not None:
        return Weibull(part.weibull.shape, part.weibull.scale)
    if part.uniform is not None:
        return Uniform(part.uniform.low, part.uniform.high)
    if part.triangular is not None:
        return Triangular(part.triangular.low, part.triangular.mode, part.triangular.high)
    if part.table is not None:
        atoms = sorted((float(value), weight) for value, weight in part.table.items())
        return Table(tuple(value for value, _ in atoms), tuple(weight for _, weight in atoms))
    if isinstance(part, TimingPart) and part.hazard is not None:
        return Hazard(tuple(sorted((month_number(date) - start, h) for date, h in part.hazard.items())))
    assert part.fixed is not None
    return Fixed(part.fixed)


def whole_or_law(value: int | LawPart) -> int | Law:
    """Build whole months, no later than never, or a law."""
    return law_of(value) if isinstance(value, LawPart) else min(value, NEVER)


def level_or_law(value: float | LawPart) -> float | Law:
    """Build a level or a law of it."""
    return law_of(value) if isinstance(value, LawPart) else value


@dataclass(frozen=True)
class LawPlace:
    """A law within an event: its path below the event, and what holds for it there."""

    path: Steps
    part: LawPart
    positive: bool = False
    is_level: bool = False


def laws_in(event: EventPart) -> Iterator[LawPlace]:
    """List the laws of an event."""
    if event.timing.month is None:
        yield LawPlace(("timing",), event.timing, positive=True)
    if isinstance(event.notice, LawPart):
        yield LawPlace(("notice",), event.notice)
    if event.lasts is not None:
        yield LawPlace(("lasts",), event.lasts)
    for name, effect in (("usage", event.usage), ("price", event.price)):
        if effect is not None and isinstance(effect.to, LawPart):
            yield LawPlace((name, "to"), effect.to, is_level=True)
        if effect is not None and isinstance(effect.over, LawPart):
            yield LawPlace((name, "over"), effect.over)
    for target, trigger in (event.triggers or {}).items():
        if trigger.after is not None:
            yield LawPlace(("triggers", target, "after"), trigger.after, positive=True)
