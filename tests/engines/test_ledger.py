"""What no other test would notice: gaps between the tests, found by planting defects (``benchmarks/mutation.py``)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import sim
from sim.chance.draws import Draws
from sim.chance.path import Fate
from sim.engines import kernel, model
from sim.engines.model import World
from sim.estimates.independent import Moments, quantile_interval_ranks, tails
from sim.language import load
from sim.scenario import rules
from sim.scenario.laws import Exponential, Gamma, Hazard, Table, month_weights

# Rules at their ends


def test_without_a_rate_money_keeps_its_worth() -> None:
    assert rules.present_value(None, np.arange(30)).tolist() == [1.0] * 30


@pytest.mark.parametrize(("renews", "term"), [(None, None), (None, 12), (4, None)])
def test_without_term_or_date_only_month_0_renews(renews: int | None, term: int | None) -> None:
    assert rules.renewal_months(renews, term, 30) == (0,)


def test_a_loss_is_told_from_rounding_by_the_baseline() -> None:
    # A billionth of 1,000 is 1e-6.
    assert not rules.is_a_loss(0.9e-6, 1000.0)
    assert rules.is_a_loss(1.1e-6, 1000.0)


# Laws


def test_mean_of_a_hazard_in_three_pieces() -> None:
    """Of yearly chances 1/2, 3/4 and 1/2: left after a year is 1/2, after two 1/8; rates ln 2/12, ln 4/12, ln 2/12."""
    law = Hazard(((0, 0.5), (12, 0.75), (24, 0.5)))
    # Each piece adds (what is left at its start − at its end)/rate: (1/2)/r, (3/8)/2r, (1/8)/r with r = ln 2/12.
    assert law.mean() == pytest.approx((0.5 + 0.1875 + 0.125) * 12 / math.log(2), rel=1e-14)


def test_the_level_reached_when_a_hazard_pauses_belongs_to_the_start_of_the_pause() -> None:
    """The smallest x with F(x) ≥ u, where F stands still for a year from x on."""
    exact = 0
    for percent in range(1, 100):
        law = Hazard(((0, percent / 100), (12, 0.0), (24, 0.5)))
        u = law.cdf(12)
        if -np.log1p(-u) == -math.log1p(-percent / 100) / 12 * 12:  # else rounding puts the level beside the pause
            exact += 1
            assert law.quantile(u) == pytest.approx(12, rel=1e-12)
    assert exact > 20


def test_weights_of_a_table_count_in_proportion() -> None:
    law = Table((1.0, 2.0, 5.0), (1.0, 2.0, 5.0))
    assert [law.cdf(x) for x in (0, 1, 2, 5)] == [0, 1 / 8, 3 / 8, 1]
    assert [law.survival(x) for x in (0, 1, 2, 5)] == [1, 7 / 8, 5 / 8, 0]
    assert law.mean() == 30 / 8


def test_no_probability_of_a_gamma_is_above_1() -> None:
    """Where the shape is next to nothing a library's incomplete gamma function overshoots by last bits."""
    spreads, months = np.geomspace(1e7, 3e7, 60).tolist(), np.geomspace(1e13, 1e15, 60).tolist()
    chances = [Gamma(1.0, sd).cdf(x) for sd in spreads for x in months]
    # A shape of 1e-14 or less leaves about shape · E1(x · shape) above x, and E1 is at most 6.4 for 0.001.
    assert min(chances) > 1 - 1e-13
    assert max(chances) <= 1


def test_known_to_the_end_of_the_horizon_leaves_never_alone() -> None:
    assert month_weights(Exponential(10), 0, 12, 12, probability=0.4).tolist() == [0] * 12 + [1]


# Measures


def test_the_smallest_of_few_values_may_bound_a_low_quantile_from_above() -> None:
    # With chance 0.99² = 0.9801 > 0.975 neither of two values is below the quantile at 0.01; none bounds it from below.
    assert quantile_interval_ranks(2, 0.01) == (None, 1)
    # At 0.02 it is 0.9604, and it takes the larger one: both are below with chance 0.0004 < 0.025.
    assert quantile_interval_ranks(2, 0.02) == (None, 2)


def test_two_values_have_a_standard_error() -> None:
    # Deviations of −1 and 1: √(2/1/2).
    assert Moments.of(np.array([1.0, 3.0])).standard_error == 1


def test_a_thousand_paths_in_the_tail_are_enough() -> None:
    for paths, tail in ((10_000, 1000), (9_990, 999)):
        (found,) = tails(np.arange(paths, dtype=float), [0.9])
        assert (found.paths, found.approximate) == (tail, tail < 1000)


# Shocks


def _one(**customer: Any) -> dict[str, Any]:
    return {
        "scenario": 1,
        "name": "one",
        "start": "2025-01",
        "months": customer.pop("months", 14),
        "money": "USD",
        "vendor": {"name": "vendor"},
        "customers": {"alpha": {"revenue": 20, "growth": 0.1, **customer}},
    }


def _steps(engine: Any, paths: int, **customer: Any) -> np.ndarray:
    scenario = load(_one(**customer))
    return np.diff(np.log(engine.value(scenario, Draws(scenario, 1, 0, paths)).baseline), axis=1)


@pytest.mark.parametrize("engine", [kernel, model])
def test_wholly_with_the_market_and_wholly_against_it(engine: Any) -> None:
    """At ±1 only the market's shock counts: it cancels in the sum, which leaves 2·(ln 1.1/12 − 0.3²/24)."""
    along, against = (_steps(engine, 50, volatility=0.3, market=market) for market in (1, -1))
    np.testing.assert_allclose(along + against, 2 * (math.log(1.1) / 12 - 0.09 / 24), rtol=0, atol=1e-12)
    # 650 steps of standard deviation 0.3/√12 = 0.0866; its standard error is 0.0866/√1300 = 0.0024.
    assert abs(along.std() - 0.3 / math.sqrt(12)) < 4.5 * 0.0024


@pytest.mark.parametrize(("months", "volatility"), [(2, 0.3), (3, 1)])
def test_a_single_shock_and_a_volatility_of_1(months: int, volatility: float) -> None:
    """Mean and standard deviation of the steps within 4.5 standard errors: false alarm 1.4e-5 each."""
    steps = _steps(kernel, 20_000, months=months, volatility=volatility)
    n, sd = steps.size, volatility / math.sqrt(12)
    assert n == 20_000 * (months - 1)
    assert abs(steps.mean() - (math.log(1.1) / 12 - volatility**2 / 24)) < 4.5 * sd / math.sqrt(n)
    assert abs(steps.std() - sd) < 4.5 * sd / math.sqrt(2 * n)


# The ledger's lines and the names of the rules that acted, by hand


def _contract(**parts: Any) -> dict[str, Any]:
    """Of alpha's 20 a month a half is committed in months 0, 3 and 6; it may leave with a month's notice."""
    data = _one(months=8, growth=0, contract={"term": 3, "renews": "2025-01", "notice": 1, "commitment": 0.5})
    data["customers"]["others"] = {"revenue": 60, "growth": 0, "pool": True}
    return {**data, **parts}


def _told(data: dict[str, Any], *hidden: str) -> list[list[str]]:
    story = sim.trace(data)
    shown = story[~story.kind.isin(["month", *hidden])]
    return shown[["month", "kind", "who", "what", "why"]].to_numpy().tolist()


def _acted(data: dict[str, Any]) -> set[str]:
    scenario = load(data)
    return World(scenario, Fate(Draws(scenario, 1, 0, 1), 0)).play().acted


LEAVE = {"hits": "alpha", "choice": True, "timing": {"month": "2025-02"}, "usage": {"to": 0.4}}
OFFER = {"against": "leave", "discount": 0.1, "months": 2}
COMMITS = ["renewal", "alpha", "commits to 10.0 a month", "50% of a volume of 20.0"]


def test_ledger_of_an_offer_declined() -> None:
    """Arises in month 1, holds from month 2 to 4; then 8 + 60 is below the capacity of 70, else 80 is above it."""
    data = _contract(
        vendor={"name": "vendor", "capacity": {"initial": 70, "growth": 0}},
        events={
            "leave": {
                **LEAVE,
                "lasts": {"fixed": 3},
                "triggers": {"follow": {"probability": 1, "after": {"fixed": 2}}},
            },
            "follow": {
                "hits": "others",
                "probability": 0,
                "timing": {"month": "2025-01"},
                "price": {"to": 0.9, "over": 2},
            },
        },
        levers={"offer": {**OFFER, "acceptance": 0}},
    )
    scarce = ["capacity", "vendor", "serves 87.5% of the volume", "capacity is scarce"]
    terms = "10% off for 2 months, as leave would arise by itself"
    assert _told(data, "bill") == [
        ["2025-01", *COMMITS],
        ["2025-01", *scarce],
        ["2025-02", "offer", "alpha", "offer is declined", terms],
        ["2025-02", "event", "leave", "arises", "by itself; takes effect after 1 months' notice"],
        ["2025-02", *scarce],
        ["2025-03", "effect", "alpha", "leave takes effect", "usage to 40%"],
        ["2025-04", "event", "follow", "arises", "set off by leave"],
        ["2025-04", "effect", "others", "follow takes effect", "price to 90% over 2 months"],
        ["2025-04", "renewal", "alpha", "renews without commitment", "leave has arisen"],
        ["2025-06", "ending", "alpha", "leave is over", "it lasted 3 months"],
        ["2025-06", *scarce],
        ["2025-07", *COMMITS],
        ["2025-07", *scarce],
        ["2025-08", *scarce],
    ]
    story = sim.trace(data)
    bills = story[(story.kind == "bill") & (story.who == "alpha")]
    assert bills.what.unique().tolist() == ["is billed"]
    # 0.875 · 20; in month 2 a volume of 8 under the floor of 10, which the renewal of month 3 takes away.
    assert bills.money.tolist() == pytest.approx([17.5, 17.5, 10, 8, 8, 17.5, 17.5, 17.5])
    assert bills.why.tolist() == [
        *["17.5 used"] * 2,
        "8.0 used and 2.0 of the commitment unused",
        *["8.0 used"] * 2,
        *["17.5 used"] * 3,
    ]
    others = story[(story.kind == "bill") & (story.who == "others")]
    # Half the way in month 3, then 0.9.
    assert others.why.tolist()[2:6] == [
        "60.0 used",
        "60.0 used at 95% of the list price",
        "60.0 used at 90% of the list price",
        "52.5 used at 90% of the list price",
    ]
    assert _acted(data) == {"capacity", "trigger", "refused renewal", "floor", "ending"}


def test_ledger_of_an_offer_accepted() -> None:
    """Offered in month 1, arises in month 3, takes effect in month 4; the floor of 10 ends in month 3."""
    blip = {"hits": "others", "timing": {"month": "2025-06"}, "usage": {"to": 0.5}, "lasts": {"fixed": 0}}
    data = _contract(events={"leave": LEAVE, "blip": blip}, levers={"offer": {**OFFER, "acceptance": 1}})
    terms = "10% off for 2 months, as leave would arise by itself"
    assert _told(data, "bill") == [
        ["2025-01", *COMMITS],
        ["2025-02", "offer", "alpha", "offer is accepted", terms],
        ["2025-04", "event", "leave", "arises", "once offer has run out; takes effect after 1 months' notice"],
        ["2025-04", "renewal", "alpha", "renews without commitment", "leave has arisen"],
        ["2025-05", "effect", "alpha", "leave takes effect", "usage to 40%"],
        ["2025-06", "event", "blip", "arises", "by itself"],
        ["2025-06", "effect", "others", "blip takes effect", "usage to 50%"],
        # What has an effect has it for a month at least.
        ["2025-07", "ending", "others", "blip is over", "it lasted 1 months"],
        ["2025-07", "renewal", "alpha", "renews without commitment", "leave has arisen"],
    ]
    assert _acted(data) == {"offer", "refused renewal", "ending"}


def test_ledger_of_a_voided_floor() -> None:
    """A ban in months 1 and 2, and from month 2 on another event: their effects on usage overlap in month 2."""
    data = _contract(
        events={
            "ban": {
                "hits": "alpha",
                "timing": {"month": "2025-02"},
                "usage": {"to": 0, "over": 4},
                "lasts": {"fixed": 2},
            },
            "boom": {
                "hits": "alpha",
                "timing": {"month": "2025-02"},
                "notice": {"table": {1: 1}},
                "usage": {"to": {"table": {1.5: 1}}, "over": 3, "shape": "step"},
                "lasts": {"table": {1.5: 1}},
            },
            "rumour": {"hits": "others", "timing": {"month": "2025-08"}, "triggers": {"boom": {"probability": 0}}},
        }
    )
    assert _told(data, "bill") == [
        ["2025-01", *COMMITS],
        ["2025-02", "event", "ban", "arises", "by itself"],
        ["2025-02", "event", "boom", "arises", "by itself; takes effect after 1 months' notice"],
        ["2025-02", "effect", "alpha", "ban takes effect", "usage to 0% over 4 months, its commitment is void"],
        ["2025-03", "effect", "alpha", "boom takes effect", "usage to 150%"],
        ["2025-04", "ending", "alpha", "ban is over, its floor stands again", "it lasted 2 months"],
        # 0.5 · 1.5 · 20.
        ["2025-04", "renewal", "alpha", "commits to 15.0 a month", "50% of a volume of 30.0"],
        ["2025-05", "ending", "alpha", "boom is over", "it lasted 2 months"],
        ["2025-07", *COMMITS],
        ["2025-08", "event", "rumour", "arises", "by itself"],
        ["2025-08", "effect", "others", "rumour takes effect", "it only sets off others"],
    ]
    assert _acted(data) == {"ending", "voided floor", "overlap", "notice law", "severity law"}


@pytest.mark.parametrize(("second", "acted"), [("alpha", {"overlap"}), ("others", set())])
def test_price_cuts_overlap_on_one_customer_only(second: str, acted: set[str]) -> None:
    cut = {"timing": {"month": "2025-03"}, "price": {"to": 0.9}}
    data = _contract(events={"first": {**cut, "hits": "alpha"}, "second": {**cut, "hits": second}})
    assert _acted(data) == acted


@pytest.mark.parametrize(("voids", "effect"), [(False, "usage to 0%"), (True, "usage to 0%, its commitment is void")])
def test_ledger_of_a_small_floor(voids: bool, effect: str) -> None:
    """Half of a revenue of 1 is committed, less than a unit of money."""
    leave = {"hits": "alpha", "timing": {"month": "2025-02"}, "usage": {"to": 0}, "voids_commitment": voids}
    contract = {"term": 12, "renews": "2025-01", "commitment": 0.5}
    data = {**_one(months=3, growth=0, revenue=1, contract=contract), "events": {"leave": leave}}
    told = _told(data)
    assert [effect] == [why for _, kind, _, _, why in told if kind == "effect"]
    bill = "0.0 used" if voids else "0.0 used and 0.5 of the commitment unused"
    assert [why for _, kind, _, _, why in told if kind == "bill"] == ["1.0 used", bill, bill]


def test_a_contract_without_commitment_has_no_renewals_to_tell() -> None:
    data = _one(months=8, growth=0, contract={"term": 3, "renews": "2025-01", "notice": 1, "commitment": 0})
    data["events"] = {"leave": {"hits": "alpha", "timing": {"month": "2025-02"}, "usage": {"to": 0.4}}}
    assert [line[1] for line in _told(data, "bill")] == ["event", "effect"]
    assert _acted(data) == set()


def test_no_floor_acts_on_a_customer_without_contract_who_is_gone() -> None:
    leave = {"hits": "alpha", "timing": {"month": "2025-02"}, "usage": {"to": 0}}
    assert _acted({**_one(months=4, growth=0), "events": {"leave": leave}}) == set()


# Processes of one's own


def test_a_process_is_told_its_path() -> None:
    seen: list[int] = []

    def look(world: World) -> Any:
        seen.append(world.path)
        yield world.wait(0)

    sim.run(_contract(events={"leave": LEAVE}), paths=70, engine="model", workers=1, processes=[look])
    assert sorted(seen) == list(range(70))


def test_a_change_leaves_the_commitment_alone_unless_told() -> None:
    def cut(world: World) -> Any:
        yield world.until("2025-05")
        world.change("alpha", "cut", usage=0.4)

    # Committed are 10 until the renewal in month 6, 0.5 · 8 from then on: 10 lost in months 4 and 5, 12 in 6 and 7.
    assert sim.trace(_contract(), processes=[cut]).attrs["loss"] == pytest.approx(2 * 10 + 2 * 12)
