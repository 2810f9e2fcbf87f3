"""Whatever a law of a doubt says, it is refused with its place, or numbers and words come of it."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import given as having
from hypothesis import strategies as st

import sim
from sim.errors import SimError
from sim.language.describe import describe
from tests.language.test_extremes import BASE, EDGES, HUGE, LEAVES, NO_NUMBER, TINY

PLAIN = {key: value for key, value in BASE.items() if key != "doubt"}
PATHS = [".".join(path) for path in LEAVES if path[0] in ("vendor", "customers", "events", "levers")]

extremes = st.sampled_from([*HUGE, *TINY, *EDGES, -1e60, -0.5, 0.5, 3])
numbers = st.one_of(extremes, st.floats(-1, 20), st.integers(0, 40))
keys = st.sampled_from([("p10", "p90"), ("p1", "p50", "p99"), ("p49", "p50", "p51"), ("low", "high"),
                        ("low", "mode", "high")])  # fmt: skip


@st.composite
def laws(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(keys)
    drawn = draw(st.lists(numbers, min_size=len(names), max_size=len(names)))
    in_order = sorted(drawn) if draw(st.integers(0, 9)) else drawn
    law = dict(zip(names, in_order, strict=True))
    return {"shift": law} if draw(st.integers(0, 4)) == 4 else law


def at(path: str) -> Any:
    node: Any = PLAIN
    for step in path.split("."):
        node = node[step]
    return node


def test_a_law_at_its_extremes() -> None:
    seen = {"refused": 0, "taken": 0}

    @settings(max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @having(path=st.sampled_from(PATHS), law=laws())
    def tried(path: str, law: dict[str, Any]) -> None:
        try:
            scenario = sim.load(PLAIN, set={"doubt": {"numbers": {path: law}}})
        except SimError as error:
            problems = error.problems
        else:
            problems = ()
        seen["refused" if problems else "taken"] += 1
        assert all(problem.path.startswith(f"doubt.numbers.{path}") for problem in problems)
        if problems:
            return
        assert scenario.doubt is not None
        (one,) = scenario.doubt.numbers
        base = at(path)
        for p in (0.01, 0.1, 0.5, 0.9, 0.99):
            value = one.quantile(p)
            assert isinstance(value, int | float)
            assert math.isfinite(value)
            assert type(value) is int or not isinstance(base, int) or not one.whole
        said = " ".join(line for paragraph in describe(scenario) for line in paragraph.lines)
        assert NO_NUMBER.search(said) is None, said
        assert sim.load(scenario.document).doubt == scenario.doubt

    tried()
    assert min(seen.values()) > 30, seen
