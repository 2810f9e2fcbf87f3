"""Contracts as they are written: worked examples of ``docs/model.md`` section 5, and relations between contracts.

The examples are held against both engines, the strata and the oracle; the relations hold path by path, on generated
scenarios where they can.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

import sim
from sim.answers.verify import verify
from sim.chance.draws import Draws
from sim.engines import kernel
from sim.language import load
from sim.scenario.parts import Scenario
from tests.scenarios import one_agreement
from tests.truth.oracle import value
from tests.truth.test_paths import assert_as_the_oracle, chances_of

Data = dict[str, Any]
ENGINES = ("kernel", "model")


def case(months: int, contract: Data | None, start: str = "2025-01", revenue: float = 100, **events: Data) -> Data:
    """One customer of flat demand."""
    customers = {"one": {"revenue": revenue, **({} if contract is None else {"contract": contract})}}
    head = {"scenario": 1, "name": "case", "start": start, "months": months, "money": "m"}
    return {**head, "customers": customers, "events": events}


def choice(month: str, to: float, **more: Any) -> Data:
    return {"hits": "one", "choice": True, "timing": {"month": month}, "usage": {"to": to}, **more}


def two_years(commitment: Any) -> Data:
    return {"term": 24, "renews": "2025-01", "commitment": commitment}


LEAVES = choice("2025-07", 0)
CHEAPER = {"hits": "one", "timing": {"month": "2025-01"}, "price": {"to": 0.7}}
DOWN_AND_UP = {"down": choice("2025-03", 0.5, lasts={"fixed": 2}), "up": choice("2025-09", 1.5, lasts={"fixed": 2})}
YEAR = {"term": 12, "renews": "2025-01", "commitment": 1}
NOTICE = {**YEAR, "notice": 3}
ONE_YEAR = {"first": {"begins": "2025-01", "months": 12}}
TRIM, GONE = choice("2025-04", 0.9), choice("2026-04", 0)

EXAMPLES: dict[str, tuple[Data, float]] = {
    "leaves, trued up by the year": (case(24, two_years({"share": 0.8, "per": "year"}), leave=LEAVES), 480),
    "leaves, by the month": (case(24, two_years(0.8), leave=LEAVES), 360),
    "leaves, and buys itself out": (
        case(24, two_years({"share": 0.8, "per": "year", "buyout": 0.5}), leave=LEAVES),
        1140,
    ),
    "cheaper, an amount of money": (
        case(24, two_years({"amount": 1200, "of": "money", "per": "year"}), cut=CHEAPER),
        0,
    ),
    "cheaper, a share of money": (case(24, two_years({"share": 1, "of": "money", "per": "year"}), cut=CHEAPER), 720),
    "less and more within a year": (
        case(12, {"term": 12, "renews": "2025-01", "commitment": {"share": 1, "per": "year"}}, **DOWN_AND_UP),
        0,
    ),
    "less and more by the month": (case(12, YEAR, **DOWN_AND_UP), -100),
    "periods from a renewal before the start": (
        case(22, two_years({"share": 0.8, "per": "year"}), "2025-03", leave=choice("2026-01", 0)),
        240,
    ),
    "a rising total of the term": (
        case(
            36,
            {"term": 36, "renews": "2025-01", "commitment": {"share": 1, "rises": 0.1, "per": "term"}},
            leave=LEAVES,
        ),
        0,
    ),
    "notice too late": (case(30, {**NOTICE, "auto_renews": True}, leave=choice("2025-11", 0)), 600),
    "notice, without auto-renewal": (case(30, NOTICE, leave=choice("2025-11", 0)), 1700),
    "notice too late, leaving at a renewal": (
        case(30, {**NOTICE, "auto_renews": True}, leave=choice("2025-11", 0, leaves="at_renewal")),
        600,
    ),
    "a trim that renews": (case(24, YEAR, trim={**TRIM, "recommits": True}, leave=GONE), 120),
    "a year that is not renewed": (
        case(24, {**ONE_YEAR, "commitment": {"share": 0.8, "per": "year"}}, leave=choice("2025-07", 0.5)),
        840,
    ),
    # Bought out in month 6 of what is left, 0.5 · (960 − 600); one that leaves after the end owes nothing.
    "a year bought out of": (
        case(24, {**ONE_YEAR, "commitment": {"share": 0.8, "per": "year", "buyout": 0.5}}, leave=LEAVES),
        2400 - 600 - 180,
    ),
    "leaving once it is over": (
        case(24, {**ONE_YEAR, "commitment": {"share": 0.8, "per": "year", "buyout": 0.5}}, leave=GONE),
        900,
    ),
    # Minima of 40, 60 and, for the two months of the last quarter, 80: paid used or not; then 10 a month are lost.
    "a short one by a schedule": (
        case(
            12,
            {
                "first": {"begins": "2025-01", "months": 8},
                "commitment": {"amount": {"2025-01": 40, "2025-04": 60, "2025-07": 120}, "per": "quarter"},
            },
            revenue=10,
            leave=choice("2025-02", 0),
        ),
        40,
    ),
    "a trim that does not": (case(24, YEAR, trim=TRIM, leave=GONE), 930),
}


@pytest.mark.parametrize(("data", "loss"), EXAMPLES.values(), ids=EXAMPLES)
def test_example(data: Data, loss: float) -> None:
    scenario = load(data)
    draws = Draws(scenario, 1, 0, 1)
    assert value(scenario, chances_of(scenario, draws, 0)).loss == pytest.approx(loss, abs=1e-9)
    assert_as_the_oracle(scenario, draws)
    assert verify(scenario, paths=2).agree


def test_where_the_examples_money_falls_due() -> None:
    data, _ = EXAMPLES["leaves, trued up by the year"]
    billed = sim.run(data, paths=1).monthly[("revenue", "mean")].to_numpy()
    assert billed == pytest.approx([100] * 6 + [0] * 5 + [360] + [0] * 11 + [960])
    data, _ = EXAMPLES["leaves, and buys itself out"]
    billed = sim.run(data, paths=1).monthly[("revenue", "mean")].to_numpy()
    assert billed == pytest.approx([100] * 6 + [660] + [0] * 17)
    data, _ = EXAMPLES["a rising total of the term"]
    found = sim.run(data, paths=1).monthly
    # 1,200 + 1,320 + 1,452 = 3,972; of it 600 is used, by the twin 3,600.
    assert found[("revenue", "mean")].to_numpy() == pytest.approx([100] * 6 + [0] * 29 + [3372])
    assert found[("baseline", "mean")].to_numpy() == pytest.approx([100] * 35 + [472])


def test_chances_at_renewals_add_up() -> None:
    """P(a = 12, 24, 36) = 0.1, 0.09, 0.081, losses 25, 13, 1: the mean is 3.751."""
    leave = {"hits": "one", "choice": True, "timing": {"at_renewal": 0.1}, "usage": {"to": 0}}
    data = case(37, {"term": 12, "renews": "2026-01"}, revenue=1, leave=leave)
    table = {**leave, "timing": {"table": {12: 0.1, 24: 0.09, 36: 0.081, 99: 0.729}}}
    one, other = (sim.run(each, paths=4000) for each in (data, case(37, None, revenue=1, leave=table)))
    assert np.array_equal(one.loss, other.loss)
    assert set(np.unique(one.loss)) == {0.0, 1.0, 13.0, 25.0}
    # In a sweep the weights are exact: 0.1 as above, and 0.2 · 25 + 0.16 · 13 + 0.128 · 1.
    swept = sim.sweep(data, axes={"events.leave.timing.at_renewal": [0.1, 0.2]}, paths=64)
    assert swept.cells["expected_loss"] == pytest.approx(np.array([3.751, 7.208]))


# ---------------------------------------------------------------------------------------------------------------------
# Relations between contracts
# ---------------------------------------------------------------------------------------------------------------------

PATHS = 16
ROUNDING = {"rtol": 1e-9, "atol": 1e-9}

generated = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)


def revenues(data: Data, seed: int = 3, paths: int = PATHS) -> tuple[np.ndarray, np.ndarray]:
    """Revenue and baseline by path and month, as the kernel has them."""
    scenario: Scenario = load(data)
    found = kernel.value(scenario, Draws(scenario, seed, 0, paths))
    return found.revenue, found.baseline


def with_contract(data: Data, **changes: Any) -> Data:
    """The same with some keys of the first customer's contract changed, or left out where None."""
    changed = copy.deepcopy(data)
    customer = next(iter(changed["customers"].values()))
    contract = {**customer["contract"], **changes}
    customer["contract"] = {key: value for key, value in contract.items() if value is not None}
    return changed


def commitment_of(data: Data) -> Data:
    commitment: Data = next(iter(data["customers"].values()))["contract"]["commitment"]
    return commitment


def with_commitment(data: Data, **changes: Any) -> Data:
    """The same with some keys of the first customer's commitment changed, or left out where None."""
    commitment = {**commitment_of(data), **changes}
    return with_contract(data, commitment={key: value for key, value in commitment.items() if value is not None})


def assert_equal(one: Data, other: Data, seed: int = 3) -> None:
    for found, expected in zip(revenues(one, seed), revenues(other, seed), strict=True):
        np.testing.assert_allclose(found, expected, **ROUNDING)


@generated
@given(data=one_agreement(), share=st.integers(1, 20), seed=st.integers(0, 2**32))
def test_a_share_by_the_month_is_the_floor(data: Data, share: int, seed: int) -> None:
    """Alone, in full, or by way of the machinery for the rest: a first term that is like the others."""
    customer = next(iter(data["customers"].values()))
    assume("first" not in customer["contract"])
    floor = with_contract(data, commitment=share / 20)
    assert_equal(with_contract(data, commitment={"share": share / 20, "per": "month"}), floor, seed)
    assert_equal(with_contract(data, commitment={"share": share / 20, "of": "volume", "rises": 0}), floor, seed)
    # From years before the start on its terms are the same.
    contract = customer["contract"]
    year, month = contract["renews"].split("-")
    begins = f"{int(year) - 5 * contract['term']:04d}-{month}"
    as_first = {"first": {"begins": begins, "months": contract["term"]}, "renews": None}
    assert_equal(with_contract(floor, **as_first), floor, seed)


@generated
@given(data=one_agreement(), amount=st.booleans())
def test_a_commitment_of_nothing_is_none(data: Data, amount: bool) -> None:
    nothing = {"amount": 0, "share": None, "running": None} if amount else {"share": 0, "amount": None, "running": None}
    if amount:
        nothing["rises"] = None  # an amount for the whole term has no years to rise in
    assert_equal(with_commitment(data, **nothing), with_contract(data, commitment=None))


@generated
@given(data=one_agreement(), seed=st.integers(0, 2**32))
def test_carrying_over_never_costs_the_customer_more(data: Data, seed: int) -> None:
    carried, plain = (revenues(with_commitment(data, carry=carry), seed) for carry in (True, False))
    for found, most in zip(carried, plain, strict=True):
        assert np.all(found <= most + 1e-9 * np.maximum(1.0, most))


@generated
@given(data=one_agreement(), seed=st.integers(0, 2**32))
def test_renewing_by_itself_never_loses_more(data: Data, seed: int) -> None:
    """Whoever gave notice in time had decided before: each month's revenue is no less, and the twin is the same."""
    assume("term" in next(iter(data["customers"].values()))["contract"])
    by_itself, plain = (revenues(with_contract(data, auto_renews=auto), seed) for auto in (True, False))
    np.testing.assert_array_equal(by_itself[1], plain[1])
    assert np.all(by_itself[0] >= plain[0] - 1e-9 * np.maximum(1.0, plain[0]))


@generated
@given(data=one_agreement(), begins=st.integers(-14, 6), months=st.integers(1, 40), seed=st.integers(0, 2**32))
def test_a_contract_that_ends_is_one_that_renews_until_its_end(data: Data, begins: int, months: int, seed: int) -> None:
    """To the month before its end; from then on it is as one that commits to nothing, whatever happened."""
    for event in data.get("events", {}).values():
        assume("leaves" not in event and "at_renewal" not in event.get("timing", {}))
    year, month = (int(part) for part in data["start"].split("-"))
    first = 12 * year + month - 1 + begins
    as_first = {"first": {"begins": f"{first // 12:04d}-{first % 12 + 1:02d}", "months": months}, "renews": None}
    as_first |= {"auto_renews": None}
    renewed, ends, bare = (
        revenues(with_contract(data, **as_first, **more), seed)
        for more in ({"term": 12}, {"term": None}, {"term": 12, "commitment": None})
    )
    over = max(0, begins + months)
    for one, other, free in zip(renewed, ends, bare, strict=True):
        np.testing.assert_array_equal(one[:, :over], other[:, :over])
        np.testing.assert_allclose(other[:, over:], free[:, over:], **ROUNDING)


@pytest.mark.parametrize("per", ["month", "quarter", "year", "term"])
@pytest.mark.parametrize("of", ["volume", "money"])
@pytest.mark.parametrize("more", [{}, {"carry": True}, {"buyout": 0.7}, {"carry": True, "buyout": 0.4}])
def test_an_amount_is_the_share_of_a_flat_demand(per: str, of: str, more: Data) -> None:
    """Of 100 a month 80 are 80, 240, 960 and, in a term of 24 months, 1,920."""
    months = {"month": 1, "quarter": 3, "year": 12, "term": 24}[per]
    events = {
        "up": choice("2025-03", 1.5, lasts={"fixed": 2}),
        "cut": {"hits": "one", "timing": {"month": "2025-05"}, "price": {"to": 0.7}},
        "leave": choice("2025-12", 0.2),
    }
    same = {"of": of, "per": per, **more}
    share = case(22, {"term": 24, "renews": "2025-01", "commitment": {"share": 0.8, **same}}, **events)
    amount = case(22, {"term": 24, "renews": "2025-01", "commitment": {"amount": 80 * months, **same}}, **events)
    running = case(22, {"term": 24, "renews": "2025-01", "commitment": {"share": 0.3, "running": 80, **same}}, **events)
    assert_equal(amount, share)
    assert_equal(running, share)


@generated
@given(
    per=st.sampled_from(["month", "quarter", "year", "term"]),
    month=st.integers(1, 11),
    share=st.integers(10, 20),
    carry=st.booleans(),
)
def test_who_buys_itself_out_in_full_pays_what_it_would_have_owed(
    per: str, month: int, share: int, carry: bool
) -> None:
    """Gone altogether, at an unchanged price and undiscounted: only the months differ in which it is paid."""
    commitment = {"share": share / 20, "per": per, "carry": carry}
    leave = choice(f"2025-{month + 1:02d}", 0)
    bound, bought_out = (
        case(24, {"term": 24, "renews": "2025-01", "commitment": {**commitment, **more}}, leave=leave)
        for more in ({}, {"buyout": 1})
    )
    one, other = revenues(bound, paths=1)[0], revenues(bought_out, paths=1)[0]
    assert one.sum() == pytest.approx(other.sum())
    assert not np.array_equal(one, other)
    # Free of charge it is as if nothing had been committed from then on.
    free = revenues(with_commitment(bought_out, buyout=0), paths=1)[0]
    assert free[0].tolist() == [100.0] * month + [0.0] * (24 - month)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_customer_that_starts_later_is_one_of_a_scenario_that_does(engine: str) -> None:
    """Month by month the same, five months later, by the same contract; and what comes after its end is not seen."""
    contract = {
        "term": 12,
        "renews": "2025-03",
        "notice": 1,
        "commitment": {"share": 0.9, "running": 88, "per": "year", "rises": 0.1, "buyout": 0.5},
    }
    customer = {"revenue": 100, "growth": 0.2, "season": {7: 1.5, 12: 0.5}, "contract": contract}
    events = {"trim": choice("2025-09", 0.6, recommits=True), "leave": choice("2026-05", 0.1)}

    def found(start: str, months: int, **more: Any) -> tuple[np.ndarray, np.ndarray]:
        data = case(months, None, start, **events)
        data["customers"]["one"] = {**customer, **more}
        monthly = sim.run(data, paths=1, engine=engine).monthly
        return monthly[("revenue", "mean")].to_numpy(), monthly[("baseline", "mean")].to_numpy()

    late = found("2025-01", 29, starts="2025-06", ends="2027-03")
    own = found("2025-06", 22)
    for one, other in zip(late, own, strict=True):
        assert one[:5].tolist() == [0.0] * 5
        assert one[5:27] == pytest.approx(other)
        assert one[27:].tolist() == [0.0] * 2
    assert late[0].sum() < late[1].sum()
