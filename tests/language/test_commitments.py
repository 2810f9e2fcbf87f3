"""A commitment in short and in full: what a number set over either means, by override, inheritance and sweep."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.errors import SimError
from sim.language import load
from sim.scenario.laws import NEVER
from sim.scenario.parts import Commitment, Contract, FirstTerm, Scenario
from tests.language.cases import Files

PLACE = "customers.one.contract.commitment"
FULL = {"share": 0.8, "per": "year", "carry": True}
AMOUNT = {"amount": 40, "per": "year"}
EVERY_MONTH = -NEVER
"""From when on an amount without dates holds."""


def written(commitment: Any, **contract: Any) -> dict[str, Any]:
    """A scenario of one customer that may leave, with this commitment."""
    agreed = {"term": 12, "renews": "2024-09", "commitment": commitment, **contract}
    return {
        "scenario": 1,
        "name": "Forms",
        "start": "2024-03",
        "months": 24,
        "money": "USD million",
        "customers": {"one": {"revenue": 10, "contract": agreed}},
        "events": {"leave": {"hits": "one", "choice": True, "timing": {"fixed": 3}, "usage": {"to": 0}}},
    }


def contract_of(scenario: Scenario) -> Contract:
    contract = scenario.streams[0].contract
    assert contract is not None
    return contract


def committed(commitment: Any, **set: Any) -> Commitment | None:
    """What a commitment means, with changes at paths below it (``""`` the commitment itself)."""
    overrides = {f"{PLACE}.{key}" if key else PLACE: value for key, value in set.items()}
    return contract_of(load(written(commitment), set=overrides)).commitment


def test_a_lone_share_is_a_floor_on_each_month() -> None:
    assert committed(0.8) == Commitment(share=0.8)
    assert committed({"share": 0.8}) == committed(0.8)
    assert committed({"share": 0.8, "per": "month", "of": "volume", "rises": 0, "carry": False}) == committed(0.8)


def test_what_counts_follows_from_what_is_given() -> None:
    assert committed(FULL) == Commitment(share=0.8, of="volume", per="year", carry=True)
    assert committed(AMOUNT) == Commitment(amount=((EVERY_MONTH, 40.0),), of="money", per="year")
    assert committed({**AMOUNT, "of": "volume"}) == Commitment(amount=((EVERY_MONTH, 40.0),), of="volume", per="year")
    # Dates are months from the start, in order.
    dated = committed({"amount": {"2025-03": 12, "2024-01": 10}})
    assert dated == Commitment(amount=((-2, 10.0), (12, 12.0)), of="money")


@pytest.mark.parametrize("nothing", [0, {"share": 0}, {"amount": 0, "per": "year"}, {"amount": {"2024-01": 0}}])
def test_a_commitment_to_nothing_is_none(nothing: Any) -> None:
    assert committed(nothing) is None


def test_a_term_under_way_can_bind_where_later_ones_do_not() -> None:
    assert committed({"share": 0, "running": 5}) == Commitment(share=0.0, running=5.0)


def test_a_first_term_and_auto_renewal() -> None:
    contract = contract_of(load(written(0.5, first={"begins": "2024-01", "months": 8}, auto_renews=True)))
    assert contract.first == FirstTerm(-2, 8)
    assert contract.auto_renews
    assert contract.renews == 6


def test_a_number_set_over_the_full_form_sets_its_share() -> None:
    assert committed(FULL, **{"": 0.5}) == Commitment(share=0.5, per="year", carry=True)
    assert committed(FULL, share=0.5) == committed(FULL, **{"": 0.5})


def test_the_full_form_over_a_number_keeps_its_share() -> None:
    assert committed(0.6, **{"": {"per": "year"}}) == Commitment(share=0.6, per="year")
    assert committed(0.6, per="year") == Commitment(share=0.6, per="year")


def test_an_amount_replaces_a_share_and_what_needs_it() -> None:
    assert committed({"share": 0.8, "running": 7, "per": "year"}, amount=40) == Commitment(
        amount=((EVERY_MONTH, 40.0),), of="money", per="year"
    )
    assert committed(AMOUNT, share=0.5) == Commitment(share=0.5, per="year")


def test_a_number_set_over_an_amount_is_refused_with_help() -> None:
    with pytest.raises(SimError) as caught:
        committed(AMOUNT, **{"": 0.5})
    (problem,) = caught.value.problems
    assert problem.path == PLACE
    assert "a lone number over a mapping with amount" in problem.found
    assert f"set {PLACE}.amount, or write {{share: 0.5}} to replace it" in (problem.help or "")
    assert committed(AMOUNT, **{"": {"share": 0.5}}) == Commitment(share=0.5, per="year")


BASE = """\
scenario: 1
name: Base
start: 2024-03
months: 24
money: USD million
customers:
  one: {{revenue: 10, contract: {{term: 12, renews: 2024-09, commitment: {commitment}}}}}
events:
  leave: {{hits: one, choice: true, timing: {{fixed: 5}}, usage: {{to: 0}}}}
"""
CHILD = """\
scenario: 1
extends: base.yaml
name: Child
customers:
  one: {{contract: {{commitment: {commitment}}}}}
"""


@pytest.mark.parametrize(
    ("base", "child", "meant"),
    [
        ("{share: 0.8, per: year, carry: true}", "0.5", Commitment(share=0.5, per="year", carry=True)),
        ("0.6", "{per: term}", Commitment(share=0.6, per="term")),
        ("{share: 0.8, per: year}", "{amount: 40}", Commitment(amount=((EVERY_MONTH, 40.0),), of="money", per="year")),
        ("{amount: 40, per: year}", "{share: 0.5}", Commitment(share=0.5, per="year")),
    ],
)
def test_a_child_says_only_what_differs(files: Files, base: str, child: str, meant: Commitment) -> None:
    folder = files(BASE.format(commitment=base), child=CHILD.format(commitment=child))
    assert contract_of(load(folder / "child.yaml")).commitment == meant


def test_an_axis_over_the_commitment_moves_the_share_of_the_full_form() -> None:
    """As if each value had been written, with a commitment that outlasts the customer by more than a year."""
    swept = sim.sweep(written(FULL, term=36, renews="2024-02"), axes={PLACE: [0, 0.5, 0.8]}, paths=64)
    by_share = sim.sweep(written(FULL, term=36, renews="2024-02"), axes={f"{PLACE}.share": [0, 0.5, 0.8]}, paths=64)
    found = swept.cells["expected_loss"].tolist()
    assert found == by_share.cells["expected_loss"].tolist()
    for share, loss in zip([0, 0.5, 0.8], found, strict=True):
        run = sim.run(written({**FULL, "share": share}, term=36, renews="2024-02"), paths=2)
        assert loss == pytest.approx(run.measures["expected_loss"]["value"])
    assert found[0] > found[1] > found[2]


@pytest.mark.parametrize(("key", "values"), [("rises", [0.2, 0.4]), ("buyout", [0.2, 0.4]), ("running", [6, 9])])
def test_every_number_of_the_full_form_can_be_swept(key: str, values: list[float]) -> None:
    full = {**FULL, "rises": 0.1, "buyout": 0.5, "running": 8}
    swept = sim.sweep(written(full, term=36, renews="2024-02"), axes={f"{PLACE}.{key}": values}, paths=64)
    found = swept.cells["expected_loss"].tolist()
    for value, loss in zip(values, found, strict=True):
        run = sim.run(written({**full, key: value}, term=36, renews="2024-02"), paths=2)
        assert loss == pytest.approx(run.measures["expected_loss"]["value"])
    assert found[0] > found[1]
