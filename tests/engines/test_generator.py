"""The generator of scenarios draws every field of the language, so that no rule escapes what is held against it.

A field that a generated scenario never has is one that no comparison of engines ever sees. So whoever adds one to the
schema has to draw it in ``tests/scenarios.py``, or say here why not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from sim.language.law_parts import LawPart
from sim.language.places import ROOT, Place, walk
from tests.scenarios import scenarios

EXAMPLES = 250
LEAST = 3
"""Scenarios of which a field must be part at least; the rarest, of those drawn, is in about one of forty."""

OF_THE_READER = "a matter of the reader: nothing of it reaches an engine"
FOR_READERS = "a label for readers"
OF_THE_QUESTION = "says how a question is put, not what a scenario means"
NOT_DRAWN = {
    "extends": OF_THE_READER,
    "about": FOR_READERS,
    "customers.<id>.name": FOR_READERS,
    "events.<id>.name": FOR_READERS,
    "events.<id>.outcomes.<id>.name": FOR_READERS,
    "levers.<id>.name": FOR_READERS,
    "groups.<id>.name": FOR_READERS,
    "run": OF_THE_QUESTION,
    "run.paths": OF_THE_QUESTION,
    "run.seed": OF_THE_QUESTION,
    "sweep": OF_THE_QUESTION,
    "sweep.<id>.from": OF_THE_QUESTION,
    "sweep.<id>.to": OF_THE_QUESTION,
    "sweep.<id>.count": OF_THE_QUESTION,
    "doubt": OF_THE_QUESTION,
    "doubt.numbers": OF_THE_QUESTION,
    "doubt.ranges": OF_THE_QUESTION,
    "doubt.draws": OF_THE_QUESTION,
    "evidence": OF_THE_READER,
    "evidence.<id>.fact": OF_THE_READER,
    "evidence.<id>.derived": OF_THE_READER,
    "evidence.<id>.assumption": OF_THE_READER,
    "evidence.<id>.low": OF_THE_READER,
    "evidence.<id>.high": OF_THE_READER,
    "choices": OF_THE_QUESTION,
    "choices.<id>.name": FOR_READERS,
    "choices.<id>.set": OF_THE_QUESTION,
    "choices.<id>.cost": OF_THE_QUESTION,
}

LAW = "<law>"
"""Stands for the path of any law: to the engines one is as good as another, wherever it stands."""


def named(path: tuple[str, ...], key: str) -> str:
    """A field by its path; one of a law by the law alone."""
    steps = (*path, key)
    laws = [k for k, step in enumerate(steps) if step in LawPart.model_fields]
    return ".".join((LAW, *steps[laws[0] :])) if laws else ".".join(steps)


FIELDS = {named(path, key) for path, key in walk(ROOT)}


def used(data: Any, place: Place | None, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Fields of the language that a scenario has."""
    if not isinstance(data, dict) or place is None:
        return
    for key, value in data.items():
        known = str(key) in place.keys
        if not known and place.values is None:
            continue
        steps = (*path, str(key) if known else "<id>")
        if known:
            yield named(path, str(key))
        yield from used(value, place.below(str(key)), steps)


def drawn() -> Counter[str]:
    """How many of the generated scenarios have each field."""
    found: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=scenarios())
    def count(data: dict[str, Any]) -> None:
        found.update(set(used(data, ROOT)))

    count()
    return found


def test_every_field_of_the_language_is_drawn_or_named_with_a_reason() -> None:
    counts = drawn()
    rare = {field: counts[field] for field in FIELDS - NOT_DRAWN.keys() if counts[field] < LEAST}
    assert rare == {}, "draw them in tests/scenarios.py, or say in NOT_DRAWN why not"


def test_reasons_are_of_fields_that_there_are_and_that_are_not_drawn() -> None:
    assert NOT_DRAWN.keys() <= FIELDS
    assert NOT_DRAWN.keys() & drawn().keys() == set()


def test_a_field_that_is_not_drawn_would_be_noticed() -> None:
    """The negative control: what the schema allows and no scenario has is among the fields, and among none used."""
    data = {"customers": {"a": {"revenue": 1, "contract": {"term": 12}}}}
    assert set(used(data, ROOT)) == {"customers", "customers.<id>.revenue", "customers.<id>.contract"} | {
        "customers.<id>.contract.term"
    }
    assert "customers.<id>.contract.commitment" in FIELDS
