"""Contributions against values derived by hand, and against all orders of the events run one by one.

In a world of one month and 100 of revenue an event that leaves the share x of usage loses 100 (1 - x); two that leave
x and y lose 100 (1 - xy). With two events a and b the Shapley value of a is (v(a) + v(ab) - v(b)) / 2.
"""

from __future__ import annotations

import copy
import itertools
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import sim
from sim.answers.run import run_sampled
from sim.errors import ScenarioError, UsageError
from sim.simulation import common_draws
from tests.answers.worlds import Data, reference_case, values, world
from tests.by_hand import EVEN
from tests.scenarios import scenarios

EACH = {
    "one": {"name": "Customer One", "revenue": 100, "growth": 0},
    "two": {"name": "Customer Two", "revenue": 50, "growth": 0},
}

# Everything that an event may be tied to: triggers, an offer, copies, capacity, a commitment, fluctuating demand.
TIED: Data = {
    "scenario": 1,
    "name": "Three events",
    "start": "2025-01",
    "months": 18,
    "money": "USD million",
    "vendor": {"name": "vendor", "discount_rate": 0.1, "capacity": {"initial": 28, "growth": 0.1}},
    "customers": {
        "one": {
            "revenue": 20,
            "growth": 0.3,
            "volatility": 0.3,
            "market": 0.5,
            "contract": {"term": 12, "renews": "2025-05", "notice": 2, "commitment": 0.6},
        },
        "two": {"revenue": 10, "growth": 0.2, "volatility": 0.2, "market": 0.4},
    },
    "events": {
        "own_model": {
            "hits": "one",
            "choice": True,
            "probability": 0.5,
            "timing": {"lognormal": {"median": 6, "sigma": 0.5}},
            "usage": {"to": 0.1, "over": 4},
        },
        "price_war": {
            "hits": "all",
            "each": True,
            "probability": 0.4,
            "timing": {"exponential": {"mean": 9}},
            "price": {"to": 0.8},
        },
        "ban": {
            "hits": "one",
            "probability": 0.3,
            "timing": {"exponential": {"mean": 8}},
            "usage": {"to": 0.3},
            "lasts": {"gamma": {"mean": 5, "sd": 2}},
            "triggers": {
                "own_model": {"probability": 0.7, "after": {"fixed": 2}},
                "price_war": {"probability": 0.4},
            },
        },
    },
    "levers": {"offer": {"against": "own_model", "discount": 0.2, "months": 4, "acceptance": 0.5}},
    "risk": {"levels": [0.8, 0.95]},
}


def test_two_independent_events_on_one_customer() -> None:
    found = sim.attribute(world({"a": {"usage": {"to": 0.6}}, "b": {"usage": {"to": 0.5}}}), paths=32)
    # v(a) = 40, v(b) = 50, v(ab) = 100 (1 - 0.6 * 0.5) = 70: a has (40 + 70 - 50) / 2, b (50 + 70 - 40) / 2.
    assert values(found) == pytest.approx({"a": 30, "b": 40})
    assert values(found, "expected_shortfall", "0.9") == pytest.approx({"a": 30, "b": 40})
    assert found.expected_loss.value == pytest.approx(70)
    assert found.expected_baseline.value == pytest.approx(100)
    assert found.expected_revenue.value == pytest.approx(30)
    assert [found.share(part) for part in found.contributions] == pytest.approx([3 / 7, 4 / 7])
    assert found.exact
    assert found.note is None
    assert found.coalitions == 3
    assert found.contributions[0].expected_loss.standard_error == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_the_same_where_each_arises_with_an_even_chance(sampling: str) -> None:
    events = {"a": {"probability": 0.5, "usage": {"to": 0.6}}, "b": {"probability": 0.5, "usage": {"to": 0.5}}}
    found = sim.attribute(world(events), paths=4096, sampling=sampling)
    # Both arise: 30 and 40 as above; one alone: 40 or 50. So 30/4 + 40/4 and 40/4 + 50/4.
    for part, truth in zip(found.contributions, (17.5, 22.5), strict=True):
        error = part.expected_loss.standard_error
        assert error is not None
        assert 0 < error < 1
        # Five standard errors: a false alarm in 5,000 at 15 degrees of freedom, in 1.7 million at 4,095.
        assert abs(part.expected_loss.value - truth) < 5 * error
    # More than a tenth of the paths have a, b and both: the shortfalls at 90 % are 40, 50 and 70 as if all had.
    assert values(found, "expected_shortfall", "0.9") == pytest.approx({"a": 30, "b": 40})


def test_a_shortfall_counts_an_atom_with_its_excess_share() -> None:
    data = world({"a": {"probability": 0.05, "usage": {"to": 0.6}}, "b": {"usage": {"to": 0.5}}})
    found = sim.attribute(data, paths=2000, sampling="plain")
    share = sim.run(data, paths=2000, sampling="plain").events["a"]["probability"]
    assert 0.03 < share < 0.07
    # v(a) = 40 f / 0.1, v(b) = 50, v(ab) = 50 + 20 f / 0.1 with f the share of paths that have a, below a tenth. So a
    # has (400 f + 200 f) / 2 and b (100 + 200 f - 400 f) / 2.
    truth = {"a": 300 * share, "b": 50 - 100 * share}
    assert values(found, "expected_shortfall", "0.9") == pytest.approx(truth, rel=1e-9)


def test_an_event_shares_what_it_sets_off() -> None:
    events = {
        "a": {"usage": {"to": 0.9}, "triggers": {"b": {"probability": 1}}},
        "b": {"probability": 0, "usage": {"to": 0.5}},
    }
    # v(a) = 10, v(b) = 0 for nothing sets it off, v(ab) = 100 (1 - 0.45) = 55: (10 + 55) / 2 and (55 - 10) / 2.
    assert values(sim.attribute(world(events), paths=32)) == pytest.approx({"a": 32.5, "b": 22.5})


def test_a_chain_of_triggers_counts_only_where_it_is_whole() -> None:
    events = {
        "a": {"triggers": {"b": {"probability": 1}}},
        "b": {"probability": 0, "triggers": {"c": {"probability": 1}}},
        "c": {"probability": 0, "usage": {"to": 0.4}},
    }
    # 60 is lost with all three and nothing with any two: each is needed alike, 60 / 3.
    assert values(sim.attribute(world(events), paths=32)) == pytest.approx({"a": 20, "b": 20, "c": 20})


def test_like_events_get_the_same_and_events_without_effect_nothing() -> None:
    events = {
        "a": {"usage": {"to": 0.5}},
        "b": {"usage": {"to": 0.5}},
        "never": {"probability": 0, "usage": {"to": 0}},
        "idle": {"usage": {"to": 1}},
    }
    found = values(sim.attribute(world(events), paths=32))
    # 100 (1 - 1/4) = 75 in halves.
    assert found == pytest.approx({"a": 37.5, "b": 37.5, "never": 0, "idle": 0}, abs=1e-12)
    assert found["a"] == pytest.approx(found["b"], rel=1e-14)


def test_an_event_that_makes_losses_smaller_has_a_contribution_below_zero() -> None:
    events = {"grows": {"usage": {"to": 1.2}}, "leaves": {"usage": {"to": 0.5}}}
    found = sim.attribute(world(events), paths=32)
    # v(grows) = -20, v(leaves) = 50, both 100 (1 - 0.6) = 40: (-20 + 40 - 50) / 2 and (50 + 40 + 20) / 2.
    assert values(found) == pytest.approx({"grows": -15, "leaves": 55})
    assert [part.event for part in found.ranked()] == ["leaves", "grows"]
    assert found.headline == (
        "Of the expected loss of USD 40 million, 55 (138 %) come from “leaves” and −15 (−38 %) from “grows”"
    )
    gain = sim.attribute(world({"grows": {"usage": {"to": 1.2}}}), paths=32)
    assert values(gain) == pytest.approx({"grows": -20})
    assert gain.share(gain.contributions[0]) is None
    assert gain.headline == "The events together come to an expected loss of USD −20 million"


def test_copies_of_an_event_are_one() -> None:
    events = {
        "leaves": {"name": "Leaves", "hits": "all", "each": True, "usage": {"to": 0.5}},
        "ban": {"hits": "one", "usage": {"to": 0.2}},
    }
    found = sim.attribute(world(events, customers=EACH), paths=32)
    # v(leaves) = 50 + 25, v(ban) = 80, both 90 + 25: (75 + 115 - 80) / 2 and (80 + 115 - 75) / 2.
    assert values(found) == pytest.approx({"leaves": 55, "ban": 60})
    assert [part.name for part in found.contributions] == ["Leaves", "ban"]
    assert found.coalitions == 3


def test_no_event_and_one_event() -> None:
    none = sim.attribute(world({}), paths=32)
    assert none.contributions == ()
    assert none.coalitions == 0
    assert none.expected_loss.value == 0
    assert none.expected_baseline.value == pytest.approx(100)
    assert none.headline == "The scenario has no events, so nothing is lost"
    assert len(none.to_frame()) == 0
    alone = sim.attribute(world({"a": {"usage": {"to": 0.25}}}), paths=32)
    assert values(alone) == pytest.approx({"a": 75})
    assert alone.headline == "Of the expected loss of USD 75 million, 75 (100 %) come from “a”"


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_all_orders_run_one_by_one_give_the_same(sampling: str) -> None:
    found = sim.attribute(TIED, paths=512, seed=5, sampling=sampling)
    measured = {
        subset: run_sampled(sim.load(without_others(TIED, subset)), found.sampled).measures
        for size in range(4)
        for subset in map(frozenset, itertools.combinations(TIED["events"], size))
    }

    def shapley(pick: Any) -> dict[str, float]:
        orders = list(itertools.permutations(TIED["events"]))
        added: dict[str, float] = dict.fromkeys(TIED["events"], 0.0)
        for order in orders:
            for k, event in enumerate(order):
                before, after = frozenset(order[:k]), frozenset(order[: k + 1])
                added[event] += (pick(measured[after]) - pick(measured[before])) / len(orders)
        return added

    assert measured[frozenset()]["expected_loss"]["value"] == 0
    assert values(found) == pytest.approx(shapley(lambda m: m["expected_loss"]["value"]), rel=1e-9)
    for level in ("0.8", "0.95"):
        truth = shapley(lambda m, level=level: m["expected_shortfall"][level]["value"])
        assert values(found, "expected_shortfall", level) == pytest.approx(truth, rel=1e-9)
    whole = measured[frozenset(TIED["events"])]
    assert found.expected_revenue.value == pytest.approx(whole["expected_revenue"]["value"], rel=1e-12)
    assert found.expected_baseline.value == pytest.approx(whole["expected_baseline"]["value"], rel=1e-12)
    assert found.expected_loss.standard_error == pytest.approx(whole["expected_loss"]["standard_error"], rel=1e-6)


def without_others(data: Data, events: frozenset[str]) -> Data:
    """The file with the other events struck out, and what mentions them."""
    data = copy.deepcopy(data)
    data["events"] = {id: event for id, event in data["events"].items() if id in events}
    for event in data["events"].values():
        triggers = {id: trigger for id, trigger in event.pop("triggers", {}).items() if id in events}
        event.update({"triggers": triggers} if triggers else {})
    levers = {id: lever for id, lever in data.pop("levers", {}).items() if lever["against"] in events}
    data.update({"levers": levers} if levers else {})
    if not data["events"]:
        del data["events"]
    return data


def test_a_world_with_some_of_the_events_is_the_file_without_the_others() -> None:
    scenario = sim.load(TIED)
    for kept in (frozenset({"ban"}), frozenset({"own_model", "price_war"}), frozenset({"ban", "price_war"})):
        written = sim.load(without_others(TIED, kept))
        made = common_draws.only(scenario, kept)
        assert (made.events, made.levers, made.streams) == (written.events, written.levers, written.streams)
        assert made.event_index == written.event_index
        assert made.settling_order == written.settling_order
        assert made.lever_against == written.lever_against
    assert len(scenario.events) == 4  # as it was


def adds_up(found: sim.Attribution) -> None:
    scale = abs(found.expected_baseline.value)
    for measure, level in (("expected_loss", None), *(("expected_shortfall", k) for k in found.expected_shortfall)):
        total = found.total(measure, level).value
        together = math.fsum(values(found, measure, level).values())
        assert together == pytest.approx(total, rel=1e-9, abs=1e-12 * scale)


def test_contributions_add_up_to_what_a_run_measures() -> None:
    reference = reference_case()
    adds_up(reference)
    run = sim.run("tiktok-all-risks", paths=2048, sampling="sobol")
    assert reference.expected_loss.value == pytest.approx(run.measures["expected_loss"]["value"], rel=1e-12)
    for level, found in reference.expected_shortfall.items():
        assert found.value == pytest.approx(run.measures["expected_shortfall"][level]["value"], rel=1e-9)
    # 2,048 paths have 102 beyond the 95 % quantile, and 20 beyond that of 99 %, too few for an error.
    assert reference.expected_shortfall["0.95"].standard_error is not None
    assert reference.expected_shortfall["0.99"].standard_error is None
    assert reference.contributions[0].expected_shortfall["0.99"].low is None


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenarios())
def test_contributions_add_up_whatever_the_scenario(data: Data) -> None:
    adds_up(sim.attribute(data, paths=48))


def test_paths_seed_and_workers() -> None:
    scenario = sim.load(TIED)
    first = sim.attribute(scenario, paths=100, workers=1)
    assert first.paths == 128  # the next of 16 times a power of two
    again = sim.attribute(scenario, paths=100, workers=3)
    assert values(again) == values(first)
    assert values(sim.attribute(scenario, paths=100, seed=2)) != values(first)
    assert sim.attribute({**world({"a": {"usage": {"to": 0}}}), "run": {"paths": 60}}).paths == 64
    # One path tells no error.
    lone = sim.attribute(scenario, paths=1, sampling="plain")
    assert lone.contributions[0].expected_loss.standard_error is None


def test_what_is_refused() -> None:
    reference = reference_case()
    one = world({"a": {"usage": {"to": 0}}})
    for changes, told in (
        ({"paths": 0}, "paths: found 0"),
        ({"paths": True}, "paths: found True"),
        ({"seed": -1}, "seed: found -1"),
        ({"sampling": "halton"}, "sampling: found 'halton'"),
    ):
        with pytest.raises(UsageError, match=told):
            sim.attribute(one, **changes)  # type: ignore[arg-type]
    with pytest.raises(sim.TooLarge):
        sim.attribute(one, paths=10**12, sampling="plain")
    with pytest.raises(ScenarioError):
        sim.attribute({**one, "months": 0})
    with pytest.raises(UsageError, match="allowed are expected_loss and expected_shortfall"):
        reference.total("revenue_at_risk")
    with pytest.raises(UsageError, match=r"level: found 0\.9, allowed are 0\.95, 0\.99"):
        reference.total("expected_shortfall", 0.9)
    with pytest.raises(UsageError, match="level: found high"):
        reference.total("expected_shortfall.high")


def test_as_table_as_data_and_in_a_line() -> None:
    reference = reference_case()
    frame = reference.to_frame()
    assert list(frame.columns) == [
        "event", "name", "measure", "level", "value", "standard_error", "low", "high", "share",
    ]  # fmt: skip
    assert len(frame) == 5 * 3
    assert frame[frame["measure"] == "expected_loss"]["share"].sum() == pytest.approx(1)
    data = reference.to_dict()
    assert set(data) == {
        "format", "scenario", "run", "exact", "coalitions", "orders", "note", "total", "events",
    }  # fmt: skip
    assert list(data["events"]) == [part.event for part in reference.contributions]
    shares = [event["expected_shortfall"]["0.95"]["share"] for event in data["events"].values()]
    assert sum(shares) == pytest.approx(1)
    assert reference.to_json().startswith('{"format": 1')
    assert repr(reference).startswith(f'<Attribution of "{reference.scenario.name}": Of the expected')
    assert repr(reference).endswith("(exact; 2,048 paths)>")
    assert "\n" not in repr(reference)
    card = reference._repr_html_()
    assert card.count("<tr>") == 1 + 5 + 1
    assert "ByteDance&#x27;s own model" in card
    assert reference.total("expected_shortfall.0.99") is reference.total("expected_shortfall", 0.99)


def test_columns_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "even.yaml").write_text(EVEN)
    found = sim.attribute(tmp_path / "even.yaml", paths=256)
    columns = ["event", "name", "measure", "level", "value", "standard_error", "low", "high", "share"]
    frame = found.to_frame()
    assert list(frame.columns) == columns
    assert set(frame["name"]) == {"One leaves"}
    assert [level for level in frame["level"] if not math.isnan(level)] == [0.95, 0.99]
