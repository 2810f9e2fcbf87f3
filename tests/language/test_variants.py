"""A variant is made of what its scenario was made of: no digit and no word differs from reading it all anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import sim
from sim.errors import SimError
from sim.language.turning import bare
from sim.scenario.parts import Scenario
from tests.scenarios import scenarios

EXAMPLES = 60
VALUES = (0, 0.25, 1, 3, -0.5, 7.5, 90, "2024-07", "1990-01", "soon", None, True, {"lognormal": {"median": 3}}, [1])
"""Most of which most places refuse."""


def paths_in(data: Any, path: tuple[str, ...] = (), *, numbers: bool = False) -> Iterator[str]:
    """Dotted paths of all that stands in a scenario, or of its numbers alone."""
    if path and (not numbers or (isinstance(data, int | float) and not isinstance(data, bool))):
        yield ".".join(path)
    for key, value in data.items() if isinstance(data, dict) else ():
        yield from paths_in(value, (*path, str(key)), numbers=numbers)


def made(make: Any) -> tuple[Scenario | None, str]:
    try:
        return make(), ""
    except SimError as error:
        return None, f"{type(error).__name__}: {error}"


def assert_same(one: Scenario, other: Scenario) -> None:
    for field in fields(Scenario):
        if field.name != "source":
            assert getattr(one, field.name) == getattr(other, field.name), field.name
    assert list(paths_in(one.document)) == list(paths_in(other.document))  # dicts are equal in any order


def test_variants_are_what_is_read_anew() -> None:
    """The whole language: what is set, valid or not, comes to the same scenario or to the same refusal."""
    seen: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=scenarios(), pick=st.data())
    def agree(data: dict[str, Any], pick: st.DataObject) -> None:
        scenario = sim.load(data)
        for numbers in (True, False) * 3:
            paths = list(paths_in(data, numbers=numbers))
            chosen = pick.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3, unique=True))
            changes = {path: pick.draw(st.sampled_from(VALUES[1:4] if numbers else VALUES)) for path in chosen}
            variant, refused = made(lambda changes=changes: scenario.with_(changes))
            anew, refused_anew = made(lambda changes=changes: sim.load(data, set=changes))
            assert refused == refused_anew
            if variant is not None and anew is not None:
                assert_same(variant, anew)
            seen["refused" if variant is None else "valid"] += 1

    agree()
    print(dict(seen))
    assert min(seen["valid"], seen["refused"]) > EXAMPLES


@pytest.mark.parametrize("name", ["tiktok-all-risks", "five-customers"])
def test_variants_of_a_case(name: str) -> None:
    """With axes, evidence and all: a variant, a variant of a variant, and the way back."""
    scenario = sim.load(name)
    customer = scenario.streams[0].id
    first = {f"customers.{customer}.revenue": 21.5}
    second = {"months": 72, f"customers.{customer}.volatility": 0.5}
    again = scenario.with_(first).with_(second)
    assert_same(again, sim.load(name, set={**first, **second}))
    back = again.with_({path: scenario.document["customers"][customer][path.rpartition(".")[2]] for path in first})
    assert back.streams[0].revenue == scenario.streams[0].revenue
    plain = bare(scenario)
    assert_same(plain.with_(first), sim.load(name, set={"sweep": None, "evidence": None, **first}))


def test_what_is_not_touched_is_taken_over() -> None:
    scenario = sim.load("tiktok-all-risks")
    variant = scenario.with_({"customers.tiktok.revenue": 21.5})
    before, after = scenario.source.valid.part, variant.source.valid.part
    assert after.customers["tiktok"] is not before.customers["tiktok"]
    assert after.customers["others"] is before.customers["others"]
    assert after.events["suspension"] is before.events["suspension"]


def test_a_number_that_does_not_go_with_others_is_refused_in_its_place() -> None:
    """Cross-checks are made of the whole: a later `known` leaves nothing of a law that is not touched."""
    data = {
        "scenario": 1,
        "name": "Two",
        "start": "2024-01",
        "months": 24,
        "money": "USD",
        "customers": {"a": {"revenue": 1}},
        "events": {"e": {"hits": "a", "usage": {"to": 0}, "timing": {"uniform": {"low": 0, "high": 6}}}},
    }
    with pytest.raises(sim.ScenarioError) as refused:
        sim.load(data).with_({"known": "2024-09"})
    (problem,) = refused.value.problems
    assert "set={'known': '2024-09'}" in problem.file
    assert "nothing is left after 2024-09" in problem.found
