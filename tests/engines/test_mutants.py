"""Defects planted in one engine, one for each rule and more: the comparison with the other engine must notice each.

A defect is a line of source changed in a copy of a module that only one of the engines then uses: the engine itself, or
its own copy of the formulas (``rules``), of the draws or of a path's fate. Were the comparison blind to a rule, or the
scenarios without use for it, the defect would pass and its test fail.
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable
from functools import cache

import pytest

from sim.answers.verify import compare
from sim.chance import draws, path
from sim.engines import kernel, model
from sim.engines.valuation import Valuation
from sim.language import load
from sim.scenario import rules
from sim.scenario.parts import Scenario
from tests.engines.cases import DEFECTS, RULES, SCENARIOS, Defect

PATHS = 48
SEED = 7
MODULES = {"kernel": kernel, "model": model, "rules": rules, "fate": path, "draws": draws}


def _copy(name: str, defect: Defect | None = None) -> types.ModuleType:
    """A fresh copy of a module of ``sim``, with its source changed where there is a defect."""
    source = inspect.getsource(MODULES[name])
    if defect is not None:
        found = source.count(defect.old)
        assert found == defect.times, f"sim/{name}.py holds {defect.old!r} {found} times, not {defect.times}"
        source = source.replace(defect.old, defect.new)
    copy = types.ModuleType(f"planted_{name}")
    # Dataclasses look their module up while it is being made.
    sys.modules[copy.__name__] = copy
    try:
        exec(compile(source, f"planted {name}", "exec"), copy.__dict__)
    finally:
        del sys.modules[copy.__name__]
    return copy


def _valued(engine: str, module: str, defect: Defect | None = None) -> Callable[[Scenario], Valuation]:
    """How ``engine`` values a scenario's paths when what it sees of ``module`` is a copy, changed by the defect."""
    copy = _copy(module, defect)
    value = MODULES[engine].value
    make_draws = draws.Draws
    if module == engine:
        value = copy.value
    elif module in ("rules", "fate"):
        fresh, fresh_fate = _copy(engine), copy
        if module == "rules":
            fresh_fate = _copy("fate")
            fresh.__dict__["rules"] = fresh_fate.__dict__["rules"] = copy
        fresh.__dict__["Fate"] = fresh_fate.Fate  # which the kernel does not look at
        value = fresh.value
    else:
        make_draws = copy.Draws
    return lambda scenario: value(scenario, make_draws(scenario, SEED, 0, PATHS))


@cache
def _scenario(name: str) -> Scenario:
    return load(SCENARIOS[name])


@cache
def _honest(engine: str, name: str) -> Valuation:
    scenario = _scenario(name)
    return MODULES[engine].value(scenario, draws.Draws(scenario, SEED, 0, PATHS))


def _differing(engine: str, name: str, valued: Callable[[Scenario], Valuation]) -> int:
    """On how many paths of a scenario a changed engine differs from the honest other one."""
    scenario = _scenario(name)
    if engine == "kernel":
        return compare(scenario, valued(scenario), _honest("model", name))[1]
    return compare(scenario, _honest("kernel", name), valued(scenario))[1]


@pytest.mark.parametrize(
    "defect", DEFECTS, ids=[f"{d.engine}-{d.rule}-{k}".replace(" ", "_") for k, d in enumerate(DEFECTS)]
)
def test_a_planted_defect_is_noticed(defect: Defect) -> None:
    valued = _valued(defect.engine, defect.module, defect)
    assert any(_differing(defect.engine, name, valued) > 0 for name in SCENARIOS)


@pytest.mark.parametrize("engine", ["kernel", "model"])
@pytest.mark.parametrize("module", ["itself", "rules", "fate", "draws"])
def test_a_copy_without_defect_agrees(engine: str, module: str) -> None:
    """The negative control: it is the defects that are noticed, not the copying."""
    module = engine if module == "itself" else module
    valued = _valued(engine, module)
    assert {name: _differing(engine, name, valued) for name in SCENARIOS} == dict.fromkeys(SCENARIOS, 0)


def test_each_rule_has_a_defect_in_each_engine() -> None:
    planted = {(defect.rule, defect.engine) for defect in DEFECTS}
    assert planted == {(rule, engine) for rule in RULES for engine in ("kernel", "model")}
