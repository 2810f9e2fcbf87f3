"""Losses given each own month, against both engines on the same draws with that month forced, path by path.

A stratum's losses are obtained by a short way: untouched streams once, a matrix product where the loss is linear. The
kernel and the SimPy model value the same paths from the beginning. Losses must be the same to 1e-9 of the baseline.
"""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import sim
from sim.chance.draws import Draws
from sim.engines import kernel, model
from sim.engines import strata as conditioning
from sim.engines.strata import StrataLosses, is_linear, losses_by_own_month
from sim.engines.valuation import Valuation, window_sums
from sim.language import load
from sim.scenario.laws import NEVER
from sim.scenario.parts import Event, Scenario
from tests.answers.sweep.grids import EVERYTHING, SMALL, changed
from tests.command import ROOT
from tests.scenarios import scenarios

TOLERANCE = 1e-9
FOLDER = ROOT / "scenarios"

EXAMPLES = 25
PATHS = 10


def assert_same(scenario: Scenario, losses: StrataLosses, k: int, valuation: Valuation) -> None:
    """Loss, baseline and undiscounted revenue of stratum k are those that an engine found."""
    sums = window_sums(scenario, valuation.revenue, valuation.baseline, valuation.one_off)
    allowed = TOLERANCE * sums.baseline + 1e-300
    assert (np.abs(losses.baseline - sums.baseline) <= allowed).all()
    assert (np.abs(losses.loss[k] - sums.loss) <= allowed).all(), (k, losses.loss[k], sums.loss)
    assert (losses.plain_revenue is None) == (scenario.risk.target is None)
    if losses.plain_revenue is not None:
        plain = valuation.baseline[:, scenario.risk.first : scenario.risk.last + 1].sum(axis=1)
        assert (np.abs(losses.plain_revenue[k] - sums.plain_revenue) <= TOLERANCE * plain + 1e-300).all()


def compare(scenario: Scenario, event: Event, draws: Draws, by_kernel: list[int], by_model: list[int]) -> StrataLosses:
    """Value all strata, and those of some own months by the engines too."""
    months = [*range(scenario.months), NEVER]
    losses = losses_by_own_month(scenario, draws, event, months)
    assert losses.loss.shape == (len(months), draws.count)
    for engine, chosen in ((kernel.value, by_kernel), (model.value, by_model)):
        for month in chosen:
            forced = draws.given(event.id, month)
            valuation = engine(scenario, forced)
            assert_same(scenario, losses, months.index(month), valuation)
    return losses


def every(scenario: Scenario) -> list[int]:
    return [*range(scenario.months), NEVER]


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
@pytest.mark.parametrize("event", range(5))
def test_the_reference_case(event: int, sampling: str) -> None:
    """Triggers, retention, capacity, commitments and a known month; each of its five events in turn."""
    scenario = load(FOLDER / "tiktok-all-risks.yaml")
    assert len(scenario.events) == 5
    draws = Draws(scenario, 1, 64, 48, sampling)
    chosen = scenario.events[event]
    assert not is_linear(scenario, chosen)
    losses = compare(scenario, chosen, draws, every(scenario), [])
    few = Draws(scenario, 1, 64, 10, sampling)
    compare(scenario, chosen, few, [], [0, 7, 31, 59, NEVER])
    # The month tells: on no path are all strata alike.
    assert (np.ptp(losses.loss, axis=0) > 0).all()


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_the_reference_work(sampling: str) -> None:
    scenario = load(FOLDER / "reference-work.yaml")
    (event,) = scenario.events
    assert is_linear(scenario, event)
    compare(scenario, event, Draws(scenario, 1, 0, 100, sampling), every(scenario), [])
    compare(scenario, event, Draws(scenario, 1, 0, 5, sampling), [], [0, 1, 30, 55, 59, NEVER])


@pytest.mark.parametrize("data", [SMALL, EVERYTHING], ids=["small", "everything"])
@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_the_scenarios_of_these_tests(data: dict[str, Any], sampling: str) -> None:
    scenario = load(data)
    for event in scenario.events:
        assert is_linear(scenario, event) == (data is SMALL)
        compare(scenario, event, Draws(scenario, 1, 0, 70, sampling), every(scenario), [])
        compare(scenario, event, Draws(scenario, 1, 0, 6, sampling), [], [0, 3, 11, 17, NEVER])


def test_agreements_of_one_customer_with_notices_of_their_own() -> None:
    """Both agreements bring 1 a month; one is gone at once, the other two months later: 2 · 8 − 2 in 8 of 12 months."""
    agreements = {
        id_: {"revenue": 1, "contract": {"notice": notice}, "group": "firm"} for id_, notice in (("a", 0), ("b", 2))
    }
    leave = {"hits": "firm", "choice": True, "timing": {"month": "2025-05"}, "usage": {"to": 0}}
    head = {"scenario": 1, "name": "notices", "start": "2025-01", "months": 12, "money": "m", "groups": {"firm": {}}}
    scenario = load({**head, "customers": agreements, "events": {"leave": leave}})
    (event,) = scenario.events
    losses = compare(scenario, event, Draws(scenario, 1, 0, 4), every(scenario), [0, 4, 10, 11, NEVER])
    assert losses.loss[4].tolist() == [14] * 4
    # A sweep over its chance goes that way.
    swept = sim.sweep(scenario, axes={"events.leave.probability": [0.5, 1]}, paths=16)
    assert swept.cells["expected_loss"].tolist() == pytest.approx([7, 14])


def test_own_months_may_be_a_choice_of_all() -> None:
    scenario = load(EVERYTHING)
    event = scenario.events[0]
    draws = Draws(scenario, 1, 0, 64)
    all_ = losses_by_own_month(scenario, draws, event, every(scenario))
    some = losses_by_own_month(scenario, draws, event, [4, 9, NEVER])
    assert some.loss == pytest.approx(all_.loss[[4, 9, -1]], rel=1e-12)
    without = losses_by_own_month(scenario, draws, None, [])
    found = kernel.value(scenario, draws)
    sums = window_sums(scenario, found.revenue, found.baseline, found.one_off)
    assert without.loss == pytest.approx(sums.loss[np.newaxis], rel=1e-9)


def test_a_given_month_moves_that_event_alone() -> None:
    scenario = load(EVERYTHING)
    event = scenario.events[0]
    draws = Draws(scenario, 1, 0, 64)
    forced = draws.given(event.id, 5)
    assert (forced.own_month(event) == 5).all()
    assert (forced.own_month(scenario.events[1]) == draws.own_month(scenario.events[1])).all()
    # The original is as it was, and a second month may be given on top.
    assert len(set(draws.own_month(event).tolist())) > 3
    twice = forced.given(scenario.events[1].id, NEVER)
    assert (twice.own_month(event) == 5).all()
    assert (twice.own_month(scenario.events[1]) == NEVER).all()


def plainer(data: dict[str, Any]) -> dict[str, Any]:
    """The same scenario with next to all removed that keeps a loss from being linear in an event's effect."""
    data = copy.deepcopy(data)
    data.get("vendor", {}).pop("capacity", None)
    data.pop("levers", None)
    for customer in data["customers"].values():
        customer.get("contract", {}).pop("commitment", None)
    for event in data.get("events", {}).values():
        if event.keys() & {"usage", "price"}:
            event.pop("triggers", None)
        event.setdefault("timing", {"month": data["start"]})  # what had set it off may be gone
        for kind in ("usage", "price"):
            if isinstance(event.get(kind, {}).get("over"), dict):
                event[kind]["over"] = 3
        event.pop("permanent", None)
        event.pop("outcomes", None)
        event.pop("planned", None)
        if "lasts" in event:
            event["lasts"] = {"fixed": 3}
        else:
            event.pop("repeats", None)
    return data


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
@pytest.mark.parametrize("bare", [True, False], ids=["plainer", "as generated"])
def test_generated_scenarios(bare: bool, sampling: str) -> None:
    """The whole language, every event of each scenario in turn; both ways to value strata are reached."""
    seen: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=scenarios(), seed=st.integers(0, 2**64))
    def agree(data: dict[str, Any], seed: int) -> None:
        scenario = load(plainer(data) if bare else data)
        months = every(scenario)
        for e, event in enumerate(scenario.events):
            # The baseline moves with what is planned, and what comes of a later time has no own month.
            if event.planned or (event.repeats and event.outcome_of is not None):
                continue
            chosen = [*months[e % 4 :: 4], NEVER]
            losses = compare(scenario, event, Draws(scenario, seed, 3, PATHS, sampling), chosen, [])
            compare(scenario, event, Draws(scenario, seed, 3, 1, sampling), [], [months[(7 * e + 3) % len(months)]])
            way = "linear" if is_linear(scenario, event) else "revalued"
            seen.update(["events", way])
            seen[f"{way}, and the month matters"] += bool((np.ptp(losses.loss, axis=0) > 0).any())
            seen["triggered too"] += any(t.target == event.id for other in scenario.events for t in other.triggers)
            seen["each"] += event.origin != event.id
            seen["with an offer"] += event.id in scenario.lever_against

    agree()
    print(dict(seen))
    assert seen["events"] > 1.5 * EXAMPLES
    way = "linear" if bare else "revalued"
    assert min(seen[way], seen[f"{way}, and the month matters"]) > 0.3 * seen["events"]
    assert seen["each"] > 0
    if not bare:
        assert min(seen["triggered too"], seen["with an offer"]) > 0.1 * seen["events"]


# What makes it no comparison of a thing with itself


def test_the_short_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loss that is linear is never valued stratum by stratum; one that is not, is."""

    def refused(*_: Any) -> None:
        raise AssertionError("valued again")

    monkeypatch.setattr(conditioning, "_revalued", refused)
    scenario = load(SMALL)
    losses_by_own_month(scenario, Draws(scenario, 1, 0, 8), scenario.events[0], [2, NEVER])
    scenario = load(changed(SMALL, vendor__capacity={"initial": 80, "growth": 0}))
    with pytest.raises(AssertionError, match="valued again"):
        losses_by_own_month(scenario, Draws(scenario, 1, 0, 8), scenario.events[0], [2, NEVER])


@pytest.mark.parametrize(
    "change",
    [
        {"vendor__capacity": {"initial": 80, "growth": 0}},
        {"customers__tiktok__contract": {"term": 6, "renews": "2024-05", "commitment": 0.8}},
        {"levers": {"offer": {"against": "leave", "discount": 0.3, "months": 6, "acceptance": 0.9}}},
        {"events__leave__triggers": {"cut": {"probability": 0.9}}},
        {"events__leave__outcomes": {"gone": {"weight": 0.5}, "half": {"usage": {"to": 0.5}}}},
        {"events__leave__usage__over": {"table": {1: 0.5, 9: 0.5}}},
        {"events__leave__lasts": {"table": {2: 0.5, 9: 0.5}}},
        {"events__leave__price": {"to": {"table": {0.5: 0.5, 1.5: 0.5}}}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_where_a_loss_is_not_linear_the_short_way_would_be_wrong(
    change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken all the same, it misses what the engines find: so each condition on it is needed, and would be missed."""
    scenario = load(changed(SMALL, **change))
    draws = Draws(scenario, 1, 0, 40)
    event = scenario.events[0]
    assert not is_linear(scenario, event)
    compare(scenario, event, draws, every(scenario), [])
    monkeypatch.setattr(conditioning, "is_linear", lambda *_: True)
    try:
        losses = losses_by_own_month(scenario, draws, event, every(scenario))
    except (ValueError, TypeError, IndexError):
        return  # it can't even be written as a matrix
    wrong = 0
    for k, month in enumerate(every(scenario)):
        valuation = kernel.value(scenario, draws.given(event.id, month))
        sums = window_sums(scenario, valuation.revenue, valuation.baseline, valuation.one_off)
        wrong += int((np.abs(losses.loss[k] - sums.loss) > 1e-6 * sums.baseline).any())
    assert wrong > 2


def test_a_boost_before_the_own_month_raises_what_a_renewal_commits_to() -> None:
    """A campaign sets off a boom, which may come by itself too; the volume that is committed to is the boosted one.

    Until the boom's own month a path goes as if it never came by itself, boosted all the same where it was set off. A
    renewal in that time must see the boosted volume, and an exit after it pays for that much.
    """
    scenario = load(
        {
            "scenario": 1, "name": "A boom", "start": "2025-01", "months": 24, "money": "EUR", "vendor": {"name": "V"},
            "customers": {
                "one": {
                    "revenue": 10, "growth": 0.1, "volatility": 0.2,
                    "contract": {"term": 6, "renews": "2025-07", "commitment": 0.8},
                }
            },
            "events": {
                "campaign": {
                    "hits": "one", "timing": {"uniform": {"low": 1, "high": 8}}, "usage": {"to": 1.1},
                    "triggers": {"boom": {"probability": 0.7}},
                },
                "boom": {
                    "hits": "one", "probability": 0.5, "timing": {"exponential": {"mean": 12}}, "usage": {"to": 2},
                },
                "exit": {
                    "hits": "one", "choice": True, "timing": {"uniform": {"low": 10, "high": 20}}, "usage": {"to": 0}
                },
            },
        }
    )  # fmt: skip
    draws = Draws(scenario, 1, 0, 60)
    for event in scenario.events:
        compare(scenario, event, draws, every(scenario), [])
