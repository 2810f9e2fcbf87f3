"""``verify``: what counts as a difference of the engines, and what is reported of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from sim.answers.verify import RULES, compare, verify
from sim.chance.draws import Draws
from sim.engines import kernel
from sim.engines.valuation import Valuation
from sim.errors import UsageError
from sim.language import load
from sim.scenario.laws import NEVER

TWO_CUSTOMERS: dict[str, Any] = {
    "scenario": 1,
    "name": "two customers",
    "start": "2024-03",
    "months": 12,
    "money": "USD million",
    "vendor": {"name": "vendor"},
    "customers": {
        "tiktok": {"revenue": 20, "growth": 0.1, "volatility": 0.2},
        "others": {"revenue": 60, "growth": 0.4, "pool": True},
    },
    "events": {
        "leave": {
            "hits": "tiktok",
            "choice": True,
            "probability": 0.7,
            "timing": {"uniform": {"low": 1, "high": 9}},
            "usage": {"to": 0.1, "over": 2},
        }
    },
    "levers": {"offer": {"against": "leave", "discount": 0.1, "months": 2, "acceptance": 0.5}},
}


def _valuation(paths: int = 16) -> tuple[Any, Valuation]:
    scenario = load(TWO_CUSTOMERS)
    return scenario, kernel.value(scenario, Draws(scenario, 1, 0, paths))


def _nudged(valuation: Valuation, name: str, row: int, month: int, factor: float) -> Valuation:
    values = getattr(valuation, name).copy()
    values[row, month] *= factor
    return dataclasses.replace(valuation, **{name: values})


def test_the_same_is_the_same() -> None:
    scenario, valuation = _valuation()
    found = compare(scenario, valuation, valuation)
    assert (found.differences, found.different_paths, found.largest) == ([], 0, 0.0)


@pytest.mark.parametrize("name", ["revenue", "baseline", "largest_share", "hhi"])
def test_money_may_differ_by_one_part_in_a_billion(name: str) -> None:
    scenario, valuation = _valuation()
    found = compare(scenario, _nudged(valuation, name, 3, 5, 1 + 5e-10), valuation)
    differences, paths, largest = found.differences, found.different_paths, found.largest
    # 1e-12 of the baseline (of 1 for shares) is not counted, which takes at most some 1e-11 off.
    assert (differences, paths) == ([], 0)
    assert 4.8e-10 < largest <= 5.0001e-10
    found = compare(scenario, _nudged(valuation, name, 3, 5, 1 + 2e-9), valuation)
    differences, paths, largest = found.differences, found.different_paths, found.largest
    assert paths == 1
    assert 1.9e-9 < largest <= 2.0001e-9
    assert [(d.path, d.what, d.month) for d in differences] == [(3, name, "2024-08")]
    assert differences[0].kernel == pytest.approx(getattr(valuation, name)[3, 5], rel=1e-8)


@pytest.mark.parametrize("name", ["revenue", "baseline", "largest_share", "hhi"])
def test_what_is_no_number_differs(name: str) -> None:
    scenario, valuation = _valuation()
    for wrong in (np.nan, np.inf):
        found = compare(scenario, _nudged(valuation, name, 0, 0, wrong), valuation)
        paths, largest = found.different_paths, found.largest
        assert (paths, largest) == (1, np.inf)


@pytest.mark.parametrize("name", ["arises", "offered"])
def test_months_must_be_the_same(name: str) -> None:
    scenario, valuation = _valuation(64)
    months = getattr(valuation, name).copy()
    happens = np.flatnonzero(months[0] != NEVER)
    never = np.flatnonzero(months[0] == NEVER)
    assert len(happens) > 0
    assert len(never) > 0
    month = int(months[0, happens[0]])
    months[0, happens[0]] += 1
    months[0, never[0]] = 7
    found = compare(scenario, dataclasses.replace(valuation, **{name: months}), valuation)
    differences, paths, largest = found.differences, found.different_paths, found.largest
    assert (paths, largest) == (2, 0.0)
    assert {(d.path, d.what, d.kernel, d.model) for d in differences} == {
        (happens[0], f"leave {name}", month + 1.0, float(month)),
        (never[0], f"leave {name}", 7.0, None),
    }


def test_a_path_that_differs_in_several_ways_is_one_path() -> None:
    scenario, valuation = _valuation()
    wrong = _nudged(_nudged(_nudged(valuation, "revenue", 3, 5, 2.0), "revenue", 3, 6, 2.0), "baseline", 3, 0, 2.0)
    found = compare(scenario, _nudged(wrong, "revenue", 1, 0, 2.0), valuation)
    differences, paths = found.differences, found.different_paths
    assert paths == 2
    assert [d.path for d in differences] == [1, 3, 3]


def test_verify_reports_what_it_did() -> None:
    done: list[tuple[int, int]] = []
    agreement = verify(TWO_CUSTOMERS, paths=300, seed=5, progress=lambda n, of: done.append((n, of)))
    assert bool(agreement)
    assert done == [(256, 300), (300, 300)]
    found = agreement.to_dict()
    assert (found["paths"], found["seed"], found["agree"], found["different_paths"]) == (300, 5, True, 0)
    assert found["differences"] == []
    assert set(found["acted"]) == set(RULES)
    # 0.7 · 0.5 of 300 paths take the offer: 105, with a standard error of 8.3; beyond 4.5 of them by chance: 6.8e-6.
    assert abs(found["acted"]["offer"] - 105) < 4.5 * 8.3
    assert found["acted"]["capacity"] == found["acted"]["floor"] == 0


@pytest.mark.parametrize("paths", [0, -1, True, 1.5, "10"])
def test_verify_refuses_what_is_no_number_of_paths(paths: Any) -> None:
    with pytest.raises(UsageError, match="paths"):
        verify(TWO_CUSTOMERS, paths=paths)


def test_verify_reports_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = kernel.value

    def off_by_a_little(scenario: Any, draws: Draws) -> Valuation:
        return _nudged(honest(scenario, draws), "revenue", 2, 4, 1.01)

    monkeypatch.setattr(kernel, "value", off_by_a_little)
    agreement = verify(TWO_CUSTOMERS, paths=20)
    assert not agreement
    assert agreement.different_paths == 1
    assert [(d.path, d.what, d.month) for d in agreement.differences] == [(2, "revenue", "2024-07")]
    assert agreement.largest == pytest.approx(0.01 / 1.01, rel=1e-9)
    assert agreement.to_dict()["differences"][0]["path"] == 2
