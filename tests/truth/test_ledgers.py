"""Ledgers worked out by hand from ``docs/model.md``, against both engines.

Every file in ``ledgers/`` is one deterministic scenario with the arithmetic beside each number: two paths are the same
path twice. Money is compared to 1e-9 relative.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

import sim

LEDGERS = sorted((Path(__file__).parent / "ledgers").glob("*.yaml"))
ENGINES = ("kernel", "model")
PATHS = 2
RULES = {
    "notice_own",
    "notice_contract_for_choice",
    "notice_none_for_befalling",
    "renewal",
    "take_or_pay",
    "renewal_without_commitment",
    "floor_voided",
    "floor_stands_again",
    "month_0_renewal",
    "event_in_month_0_at_renewal",
    "renewals_before_month_0",
    "capacity_freed",
    "price_cut_frees_none",
    "unserved_counts_as_used",
    "capacity_growth",
    "month_0_below_demand",
    "trigger_with_delay",
    "trigger_without_delay",
    "trigger_chain",
    "trigger_min_of_own_and_triggered",
    "trigger_copy_of_each",
    "retention_accepted",
    "retention_rejected",
    "retention_postpones_event_and_triggered",
    "retention_discount_months",
    "retention_once_despite_later_trigger",
    "temporary",
    "lasts_rounds_up",
    "lasts_below_one_month",
    "permanent",
    "ramp_step",
    "ramp_linear",
    "ramp_s_curve",
    "ramp_exponential",
    "ramp_over_0",
    "usage_above_1",
    "price_effect",
    "overlapping_events_multiply",
    "known",
    "from_before_start",
    "one_off",
    "outcome",
    "outcome_replaces_whole",
    "planned",
    "repeats",
    "planned_refuses_renewal_in_both",
    "each",
    "window",
    "discounting",
    "growth_by_date",
    "table_weight_1",
    "probability_0",
    "true_up_of_a_year",
    "true_up_of_a_term",
    "cut_by_the_horizon",
    "cut_by_its_end",
    "amount_of_money",
    "carried_over",
    "buyout",
    "buyout_of_what_is_void",
    "auto_renewal_in_time",
    "auto_renewal_missed",
    "leaves_at_renewal",
    "churn_at_a_renewal",
    "churn_at_a_renewal_by_date",
    "churn_at_a_renewal_put_off",
    "recommits",
    "recommits_and_voids",
    "season",
    "starts",
    "first_term",
    "not_renewed",
}


def read(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as stream:
        ledger: dict[str, Any] = yaml.safe_load(stream)
    return ledger


def month_labels(scenario: dict[str, Any]) -> list[str]:
    year, month = (int(part) for part in scenario["start"].split("-"))
    first = 12 * year + month - 1
    return [f"{m // 12:04d}-{m % 12 + 1:02d}" for m in range(first, first + scenario["months"])]


@pytest.fixture(scope="module", params=LEDGERS, ids=lambda path: path.stem)
def ledger(request: pytest.FixtureRequest) -> dict[str, Any]:
    return read(request.param)


@pytest.fixture(scope="module", params=ENGINES)
def result(request: pytest.FixtureRequest, ledger: dict[str, Any]) -> Any:
    return sim.run(ledger["scenario"], paths=PATHS, engine=request.param, sampling="plain")


def assert_money(actual: Any, expected: Any) -> None:
    """Equal to 1e-9 of each value; where a zero is expected, to 1e-9 of the largest."""
    expected = np.asarray(expected, dtype=float)
    np.testing.assert_allclose(
        np.asarray(actual, dtype=float), expected, rtol=1e-9, atol=1e-9 * float(np.max(np.abs(expected), initial=0.0))
    )


def test_settled_months(ledger: dict[str, Any], result: Any) -> None:
    labels = month_labels(ledger["scenario"])
    assert set(result.events) == set(ledger["expected"]["events"])
    for event, month in ledger["expected"]["events"].items():
        found = result.events[event]
        assert (found["probability"], found["median_month"]) == (
            (0.0, None) if month == "never" else (1.0, labels[month])
        ), event
    told = {id_: one["expected_times"]["value"] for id_, one in result.events.items() if "expected_times" in one}
    assert told == ledger["expected"].get("times", {})


def test_revenue_by_month(ledger: dict[str, Any], result: Any) -> None:
    assert [str(label) for label in result.monthly.index] == month_labels(ledger["scenario"])
    assert_money(result.monthly[("revenue", "mean")], ledger["expected"]["revenue"])


def test_baseline_by_month(ledger: dict[str, Any], result: Any) -> None:
    assert_money(result.monthly[("baseline", "mean")], ledger["expected"]["baseline"])


def test_loss(ledger: dict[str, Any], result: Any) -> None:
    assert_money(result.loss, [ledger["expected"]["loss"]] * PATHS)


def test_concentration_by_customer(ledger: dict[str, Any], result: Any) -> None:
    """The revenue by customer shows in the largest share and the Herfindahl-Hirschman index (section 7)."""
    revenue = np.asarray(ledger["expected"]["revenue"], dtype=float)
    customers = ledger["scenario"]["customers"]
    by_customer = ledger["expected"].get("customers") or dict.fromkeys(customers, revenue)
    billed = revenue > 0.0
    named = [by_customer[name] for name in customers if not customers[name].get("pool", False)]
    shares = np.array(named, dtype=float)[:, billed] / revenue[billed]
    assert_money(np.ravel(result.monthly["largest_share"].to_numpy())[billed], shares.max(axis=0))
    assert_money(np.ravel(result.monthly["hhi"].to_numpy())[billed], (shares**2).sum(axis=0))


@pytest.mark.parametrize("path", LEDGERS, ids=lambda path: path.stem)
def test_ledger_is_consistent_in_itself(path: Path) -> None:
    """Lengths, the sum over customers, and the loss of the window from the two series."""
    ledger = read(path)
    scenario, expected = ledger["scenario"], ledger["expected"]
    labels = month_labels(scenario)
    revenue, baseline = np.array(expected["revenue"], dtype=float), np.array(expected["baseline"], dtype=float)
    assert len(revenue) == len(baseline) == scenario["months"]
    assert len(scenario["customers"]) == 1 or "customers" in expected
    if "customers" in expected:
        assert set(expected["customers"]) == set(scenario["customers"])
        assert_money(np.sum(list(expected["customers"].values()), axis=0), revenue)
    window = scenario.get("risk", {}).get("window", {"first": labels[0], "last": labels[-1]})
    inside = slice(labels.index(window["first"]), labels.index(window["last"]) + 1)
    rate = scenario.get("vendor", {}).get("discount_rate", 0.0)
    discount = (1.0 + rate) ** (-np.arange(len(labels)) / 12.0)
    # What is lost once is no revenue: an amount in the month in which its event takes effect.
    one_off = np.zeros(len(labels))
    for month, amount in expected.get("one_offs", {}).items():
        one_off[month] = amount
    assert_money(np.sum((discount * (baseline - revenue + one_off))[inside]), expected["loss"])


def test_ledgers_cover_the_rules() -> None:
    assert len(LEDGERS) >= 10
    covered: set[str] = set().union(*(read(path)["covers"] for path in LEDGERS))
    assert covered == RULES
