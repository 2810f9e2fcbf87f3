"""An event's timing with some of its numbers set anew, without compiling the scenario again: for a sweep's cells."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from sim.errors import UsageError
from sim.language.compile import timing_of
from sim.language.document import Document, Findings
from sim.language.law_parts import TimingPart
from sim.language.merge import merge, single
from sim.language.reader import Source, Table
from sim.language.validation import plain
from sim.scenario.laws import is_exhausted
from sim.scenario.parts import AtMonth, Delay, Scenario
from sim.scenario.terms import occasions


def timing_with(scenario: Scenario, event: str, values: Mapping[str, float | str]) -> AtMonth | Delay:
    """An event's timing with values set at dotted paths below ``events.<event>.timing``.

    Raises
    ------
    UsageError
        Where the values are not valid together, or leave the event nothing of its law.
    """
    document = scenario.source
    assert isinstance(document, Document)
    cell = ", ".join(f"{path} = {value}" for path, value in values.items())
    root = document.root
    for path, value in values.items():
        changed = merge(
            root, single(tuple(path.split(".")), value, Source(f"--set {path}={value}", None, 10**6)), Findings()
        )
        assert isinstance(changed, Table)
        root = changed
    node = Document(root, document.name, document.folder).node(("events", event, "timing"))
    assert node is not None
    try:
        part = TimingPart.model_validate(plain(node))
    except ValidationError as error:
        said = error.errors(include_url=False, include_input=False)[0]
        found = (said.get("ctx") or {}).get("found", said["msg"])
        raise UsageError(f"the cell {cell}: {found}") from None
    timing = timing_of(part, scenario.start, scenario.known, *_renewals_of(scenario, event))
    if isinstance(timing, Delay) and is_exhausted(timing.law, timing.counted_from, timing.known):
        raise UsageError(f"the cell {cell}: the event would surely have arisen by {scenario.month_label(timing.known)}")
    return timing


def _renewals_of(scenario: Scenario, event: str) -> tuple[tuple[int, ...], int]:
    """Months in which the customer whom an event hits can leave at a renewal, and its notice in months."""
    of_it = next(one for one in scenario.events if one.origin == event)
    notice = scenario.notice(of_it)
    months = notice if isinstance(notice, int) else 0
    return occasions(scenario.streams[of_it.hits[0]], scenario.months, months), months
