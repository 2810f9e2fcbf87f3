"""A scenario under one of its choices, as a scenario of its own."""

from __future__ import annotations

from sim.errors import UsageError
from sim.language.choices import under
from sim.language.compile import compile_document
from sim.language.document import Document, Findings
from sim.scenario.parts import Scenario


def chosen(scenario: Scenario, id_: str) -> Scenario:
    """The scenario as it is under one of its choices, without the choices and without axes.

    Parameters
    ----------
    scenario
        One with choices; it stays as it is.
    id_
        The choice's id.

    Raises
    ------
    UsageError
        Where it has no such choice.
    TooLarge
        Where what the choice adds needs more memory than the machine has.
    """
    if id_ not in {one.id for one in scenario.choices}:
        known = ", ".join(one.id for one in scenario.choices)
        raise UsageError(f"choice: found {id_!r}, allowed are {known or 'none: the scenario has no choices'}")
    document = scenario.source
    assert isinstance(document, Document)
    findings = Findings()
    changed = under(document, id_, findings)
    return compile_document(changed, findings)
