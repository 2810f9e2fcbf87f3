"""What can be done in a scenario, in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sim.language.figures import plain
from sim.language.turning import number_path, value_at
from sim.scenario.choices import Alternative
from sim.scenario.parts import Scenario

_MOST = 6
_LONGEST = 60


def paragraph(scenario: Scenario) -> Iterable[str]:
    """What can be done, a sentence or two each; then what is in doubt no longer under one of them."""
    for number, one in enumerate(scenario.choices):
        yield f"{in_words(scenario, one)}{' The others are held against it.' if number == 0 else ''}"
    for one in scenario.choices:
        if one.dropped:
            paths = ", ".join(gone.path for gone in one.dropped)
            yield f"In no doubt under {one.name}, which sets or removes it: {paths} ({one.dropped[0].place})."


def in_words(scenario: Scenario, one: Alternative) -> str:
    """One choice: what it sets, each with what it is in the scenario, and what it costs."""
    sets = [_set(scenario, path, value) for path, value in one.set.items()]
    said = "; ".join(sets[:_MOST]) or "everything as it stands"
    more = f"; and {len(sets) - _MOST} more" if len(sets) > _MOST else ""
    return f"{one.name}: {said}{more}{_cost(scenario, one)}."


def set_by(scenario: Scenario, path: str) -> Iterator[str]:
    """What choices set a number to, in words."""
    for one in scenario.choices:
        for own, value in one.set.items():
            if path in (own, number_path(scenario, own)):
                yield f"{one.name} sets it to {brief(value)}"


def record(one: Alternative) -> dict[str, Any]:
    """One choice as plain data: what it sets and costs, and which doubts it takes away."""
    gone = [{"path": out.path, "why": out.why, "file": out.file, "line": out.line} for out in one.dropped]
    place = {"file": one.file, "line": one.line, "column": one.column}
    return {"id": one.id, "name": one.name, "set": dict(one.set), "cost": one.cost, "not_in_doubt": gone, **place}


def brief(value: Any) -> str:
    """A value in a few words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return plain(float(value))
    if isinstance(value, Mapping):
        text = f"{{{', '.join(f'{key}: {brief(below)}' for key, below in value.items())}}}"
    elif isinstance(value, list):
        text = f"[{', '.join(map(brief, value))}]"
    else:
        text = "nothing" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _set(scenario: Scenario, path: str, value: Any) -> str:
    if value is None:
        return f"without {path}"
    before = value_at(scenario, number_path(scenario, path), default=True)
    was = "" if before is None or isinstance(before, Mapping | list) else f" instead of {brief(before)}"
    return f"{path} {brief(value)}{was}"


def _cost(scenario: Scenario, one: Alternative) -> str:
    if one.cost == 0:
        return ""
    what = "at a cost of" if one.cost > 0 else "and brings in"
    return f", {what} {plain(abs(one.cost))} {scenario.money}"
