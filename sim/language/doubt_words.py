"""What is in doubt in a scenario, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from sim.language.figures import percent, plain
from sim.scenario.doubts import Doubt, Doubtful, Drawn, Even, LeftOut, Percentiles, Pert, Weighted

POINTS = (0.01, 0.5, 0.99)
"""Probabilities at which a law is told."""

_MOST_VALUES = 12


def paragraph(doubt: Doubtful | None) -> Iterable[str]:
    """What is in doubt, a sentence or two each; then what could be and is not."""
    if doubt is None:
        return
    count = len(doubt.numbers)
    if count:
        yield f"{_count(count)}, {doubt.draws:,} draws; each moves by itself, and what contradicts the rest is redrawn."
    else:
        yield "No number is in doubt."
    for one in doubt.numbers:
        yield in_words(one)
    for out in doubt.left_out:
        yield f"Not in doubt: {out.path}, {out.why} ({out.place})."
    for gone in doubt.dropped:
        yield f"{said(gone)}."


def _count(count: int) -> str:
    return "1 number in doubt" if count == 1 else f"{count} numbers in doubt"


def said(gone: LeftOut) -> str:
    """What became of a doubt that was inherited."""
    return f"{gone.path}: {gone.why} ({gone.place})"


def in_words(doubt: Doubt) -> str:
    """One doubt: what it is about, what it is in the scenario, and what it may be."""
    return f"{doubt.path}, {_now(doubt)}: {law_in_words(doubt)}."


def law_in_words(doubt: Doubt) -> str:
    """What a number may be, with its 1, 50 and 99 % points."""
    form = doubt.form
    law = _law(doubt, form)
    if isinstance(form, Weighted):
        return law
    points = ", ".join(f"{percent(p)}: {_value(doubt, doubt.quantile(p))}" for p in POINTS)
    return f"{law} ({points})"


def record(doubt: Doubt) -> dict[str, Any]:
    """One doubt as plain data: where it stands, what it is about, what it may be in words, and three points of it."""
    place = {"file": doubt.file, "line": doubt.line, "column": doubt.column}
    head = {"path": doubt.path, "form": doubt.form.kind, "shift": doubt.shift, "base": doubt.base}
    return {**head, "says": law_in_words(doubt), "points": points(doubt), "range_of": doubt.entry, **place}


def block(doubt: Doubtful) -> dict[str, Any]:
    """All that is in doubt as plain data, and what could be and is not."""

    def told(those: Iterable[LeftOut]) -> list[dict[str, Any]]:
        return [asdict(one) for one in those]

    numbers = [record(one) for one in doubt.numbers]
    return {"draws": doubt.draws, "numbers": numbers, "left_out": told(doubt.left_out), "dropped": told(doubt.dropped)}


def points(doubt: Doubt) -> dict[str, Drawn]:
    """The 1, 50 and 99 % points."""
    return {f"{p:g}": doubt.quantile(p) for p in POINTS}


def _now(doubt: Doubt) -> str:
    """What a doubt's number is in the scenario."""
    moved = doubt.moved
    if isinstance(moved, tuple):
        count = f"{len(moved)} number{'s' if len(moved) > 1 else ''} of its schedule"
        return f"{count} shifted together" if doubt.shift else f"{count}, all {_plain(doubt.base)}, moved together"
    if doubt.shift:
        return f"{_plain(moved)} in the scenario, shifted"
    return "nothing in the scenario" if doubt.base is None else f"{_plain(doubt.base)} in the scenario"


def _law(doubt: Doubt, form: object) -> str:
    if isinstance(form, Percentiles):
        low, median, high = (_value(doubt, x) for x in (form.low, form.median, form.high))
        return f"{form.percent} % below {low}, half below {median}, {form.percent} % above {high}"
    if isinstance(form, Pert):
        return f"from {_value(doubt, form.low)} to {_value(doubt, form.high)}, most likely {_value(doubt, form.mode)}"
    if isinstance(form, Even):
        alike = "each whole number" if doubt.whole else "each value"
        return f"from {_value(doubt, form.low)} to {_value(doubt, form.high)}, {alike} as likely as another"
    assert isinstance(form, Weighted)
    shares = zip(form.values, form.shares, strict=True)
    told = [f"{_plain(value)} ({percent(share)})" for value, share in shares if share > 0]
    more = f", and {len(told) - _MOST_VALUES} more" if len(told) > _MOST_VALUES else ""
    return f"{', '.join(told[:_MOST_VALUES])}{more}"


def _value(doubt: Doubt, value: Drawn) -> str:
    """A value of a law; of a shift with its sign."""
    text = _plain(value)
    positive = doubt.shift and not isinstance(value, str) and value > 0
    return f"+{text}" if positive else text


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(float(value)) if isinstance(value, int | float) else str(value)
