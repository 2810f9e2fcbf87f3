"""What ``check`` says and doubts of contracts that end, that renew, or that are dated beside their renewals."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from sim.language import load
from sim.language.describe import describe
from tests.command import Run

LEAVES = {"hits": "one", "choice": True, "timing": {"month": "2026-07"}, "usage": {"to": 0}}
FIRST = {"first": {"begins": "2026-01", "months": 24}}
YEARS = {"term": 12, "renews": "2026-01"}
AMOUNT = {"amount": 12, "per": "year"}


def book(contract: Mapping[str, Any], events: Mapping[str, Any] | None = None, **customer: Any) -> dict[str, Any]:
    """One customer with a contract, over five years from January 2026 on."""
    return {
        "scenario": 1,
        "name": "book",
        "start": "2026-01",
        "months": 60,
        "money": "USD million",
        "customers": {"one": {"revenue": 1, "contract": contract, **customer}},
        "events": {"leaves": LEAVES} if events is None else events,
    }


def said(data: Mapping[str, Any]) -> str:
    return " ".join(line for paragraph in describe(load(data)) for line in paragraph.lines)


AGREED = "A renewal is taken to be agreed unless an event keeps the customer from it."
NO_END = "auto_renews: false does not let it lapse: a contract that ends has a `first` term and no `term`."


@pytest.mark.parametrize(
    ("contract", "words"),
    [
        ({**FIRST, "commitment": AMOUNT}, "From 2028-01 on nothing is committed, and use goes on by the month."),
        ({**FIRST, "term": 12, "commitment": AMOUNT}, "It renews in 2028-01 and every 12 months from there, for 12 a"),
        (
            {**FIRST, "term": 36, "commitment": AMOUNT},
            f"It renews in 2028-01 for 36 months, for 12 a year again. {AGREED}",
        ),
        (
            {**FIRST, "term": 36, "commitment": {**AMOUNT, "rises": 0.1}},
            "It renews in 2028-01 for 36 months, for 12 a year again, from which it rises anew.",
        ),
        ({**FIRST, "term": 36, "commitment": {**AMOUNT, "rises": 0.1}}, "rising by 10 % a year (12, 13.2)"),
        (
            {**FIRST, "term": 36, "commitment": {"amount": {"2026-01": 9, "2027-01": 10.5}, "per": "year"}},
            "for the last amount of the schedule, 10.5 a year.",
        ),
        (
            {**FIRST, "term": 36, "commitment": {"amount": {"2026-01": 9, "2029-01": 10.5}, "per": "year"}},
            "It renews in 2028-01 for 36 months, for what the schedule has then.",
        ),
        ({**FIRST, "term": 36, "commitment": 0.8}, "It renews in 2028-01 for 36 months, for 80 % of the volume then."),
        ({**YEARS, "commitment": AMOUNT, "auto_renews": False}, f"{AGREED} {NO_END}"),
        ({**YEARS, "commitment": AMOUNT}, "What is short of it is billed each December, from 2026-12 to 2030-12."),
        (
            {**FIRST, "commitment": {"amount": 3, "per": "quarter"}},
            "What is short of it is billed each March, June, September and December, from 2026-03 to 2027-12.",
        ),
        (
            {"first": {"begins": "2026-01", "months": 72}, "commitment": AMOUNT},
            "It is over after 2031-12, which lies beyond",
        ),
        (
            {"first": {"begins": "2024-01", "months": 24}, "commitment": AMOUNT},
            "It was over before the customer's first",
        ),
        ({**YEARS, "renews": "2026-07", "commitment": AMOUNT}, "renewed in 2026-07, under way since 2025-07, a commit"),
        (
            {**FIRST, "notice": 1, "commitment": {**AMOUNT, "buyout": 1, "per": "term"}},
            "of what is left of the term's minimum, in",
        ),
    ],
)
def test_what_is_said_of_a_contract(contract: dict[str, Any], words: str) -> None:
    assert words in said(book(contract))


@pytest.mark.parametrize(
    ("contract", "words"),
    [
        ({**YEARS, "commitment": AMOUNT}, NO_END),
        ({**YEARS, "commitment": AMOUNT, "auto_renews": True, "notice": 1}, AGREED),
        ({**FIRST, "commitment": AMOUNT}, AGREED),
        ({**FIRST, "commitment": {**AMOUNT, "carry": True}}, "does not count towards later ones"),
        ({**FIRST, "commitment": {**AMOUNT, "per": "term"}}, "does not count towards later ones"),
        ({**FIRST, "commitment": {**AMOUNT, "per": "term", "carry": True}}, "counting towards"),
    ],
)
def test_what_is_not_said_of_a_contract(contract: dict[str, Any], words: str) -> None:
    assert words not in said(book(contract))


BAN = {"hits": "one", "timing": {"month": "2026-07"}, "usage": {"to": 0}}


@pytest.mark.parametrize(
    ("contract", "event", "customer", "words"),
    [
        (
            {**YEARS, "commitment": 0.5},
            LEAVES,
            {},
            "The commitment stands until the next renewal, which then carries none.",
        ),
        ({**YEARS, "commitment": 0.5}, LEAVES, {"ends": "2026-12"}, "The commitment stands until it ends."),
        ({**FIRST, "commitment": 0.5}, LEAVES, {}, "The commitment stands until it ends."),
        (
            {**YEARS, "notice": 2, "commitment": 0.5},
            BAN,
            {},
            "the commitment is void meanwhile, and notice plays no part.",
        ),
        (
            {**YEARS, "notice": 2, "commitment": {**AMOUNT, "buyout": 0.5}},
            {**BAN, "voids_commitment": False},
            {},
            "It is no choice: notice and a buyout play no part.",
        ),
        ({"notice": 2}, BAN, {}, "It is no choice: notice plays no part."),
        ({"notice": 2}, BAN, {}, "At once usage falls to nothing, for good."),
        (
            {"notice": 2},
            {**BAN, "usage": {"to": 0, "over": 3}},
            {},
            "From then on usage falls to nothing over 3 months",
        ),
        (
            {**YEARS, "commitment": 1},
            {**LEAVES, "usage": {"to": 0, "over": 3}},
            {},
            "Without notice usage falls to nothing",
        ),
        # Half a year's notice of what comes by then is over after the last month: 54 of 60 months.
        (
            {"notice": 6},
            {**LEAVES, "timing": {"uniform": {"low": 0, "high": 60}}},
            {},
            "98.3 % by 2030-12 (month 60, 2031-01, lies beyond it), half of that by "
            "2028-07; 88.3 % to take effect by 2030-12",
        ),
    ],
)
def test_what_is_said_of_an_event(
    contract: dict[str, Any], event: dict[str, Any], customer: dict[str, Any], words: str
) -> None:
    assert words in said(book(contract, {"it": event}, **customer))


def written(folder: Path, data: Mapping[str, Any]) -> str:
    file = folder / "book.yaml"
    file.write_text(json.dumps(data), encoding="utf-8")
    return str(file)


CHURN = {"hits": "one", "choice": True, "usage": {"to": 0}}


@pytest.mark.parametrize(
    ("contract", "event", "path", "message"),
    [
        (
            {**YEARS, "commitment": {"amount": {"2026-01": 9, "2027-04": 10.5}, "per": "year"}},
            LEAVES,
            "customers.one.contract.commitment.amount.2027-04",
            "2027-04, in which no period begins: 10.5 counts from 2028-01 on",
        ),
        (
            {**FIRST, "commitment": {"amount": {"2026-01": 9, "2028-01": 10.5}, "per": "year"}},
            LEAVES,
            "customers.one.contract.commitment.amount.2028-01",
            "2028-01, in which no period begins, nor later: 10.5 counts for none",
        ),
        (
            YEARS,
            {**CHURN, "timing": {"at_renewal": {"2026-01": 0.1, "2028-06": 0.2}}},
            "events.it.timing.at_renewal.2028-06",
            "2028-06, which is no renewal: 20 % is the chance from the one in 2029-01 on",
        ),
        (
            YEARS,
            {**CHURN, "timing": {"at_renewal": {"2026-01": 0.1, "2030-06": 0.2}}},
            "events.it.timing.at_renewal.2030-06",
            "2030-06, which is no renewal, nor is there a later one: 20 % is the chance at none",
        ),
        (
            YEARS,
            {**CHURN, "probability": 0.2, "timing": {"at_renewal": 1}},
            "events.it.probability",
            "a probability of 20 % beside a chance of 100 % at each renewal: all of it falls at the first, 2027-01",
        ),
    ],
)
def test_dates_that_count_from_elsewhere_are_doubted(
    cli: Run, tmp_path: Path, contract: dict[str, Any], event: dict[str, Any], path: str, message: str
) -> None:
    done = cli("check", written(tmp_path, book(contract, {"it": event})), "--json")
    (doubt,) = json.loads(done.stdout)["doubts"]
    assert (doubt["path"], doubt["message"]) == (path, message)


@pytest.mark.parametrize(
    ("contract", "event"),
    [
        # What is in force as the first period begins may have been long before; each later date begins one.
        ({**YEARS, "commitment": {"amount": {"2020-05": 9, "2027-01": 10, "2031-05": 11}, "per": "year"}}, LEAVES),
        ({**YEARS, "commitment": {"amount": {"2026-02": 1, "2026-05": 2}}}, LEAVES),
        (YEARS, {**CHURN, "timing": {"at_renewal": {"2026-05": 0.1, "2028-01": 0.2, "2040-02": 0.3}}}),
        # 20 % of what may come at the first of several, and surely at one of them.
        (YEARS, {**CHURN, "probability": 0.2, "timing": {"at_renewal": 0.5}}),
        (YEARS, {**CHURN, "timing": {"at_renewal": 1}}),
        ({**YEARS, "term": 48}, {**CHURN, "probability": 0.2, "timing": {"at_renewal": 1}}),
    ],
)
def test_dates_that_are_met_are_not_doubted(contract: dict[str, Any], event: dict[str, Any]) -> None:
    assert load(book(contract, {"it": event})).doubts() == ()


def refused(cli: Run, tmp_path: Path, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    done = cli("check", written(tmp_path, data), "--json")
    assert done.returncode == 2
    return [(problem["path"], problem["help"] or "") for problem in json.loads(done.stdout)["error"]["problems"]]


def test_what_renews_is_asked_of_a_contract_that_ends(cli: Run, tmp_path: Path) -> None:
    events = {
        "at_renewals": {**CHURN, "timing": {"month": "2026-07"}, "leaves": "at_renewal"},
        "for_renewals": {**CHURN, "timing": {"at_renewal": 0.1}},
    }
    found = refused(cli, tmp_path, book({**FIRST, "commitment": AMOUNT}, events))
    assert [path for path, _ in found] == ["events.at_renewals.leaves", "events.for_renewals.timing.at_renewal"]
    assert all(help.startswith("customers.one.contract has a first term and no other") for _, help in found)


def test_a_contract_that_was_refused_is_not_told_to_renew(cli: Run, tmp_path: Path) -> None:
    events = {"churn": {**CHURN, "timing": {"at_renewal": 0.1}}}
    found = refused(cli, tmp_path, book({"term": 12, "renews": "never", "commitment": AMOUNT}, events))
    assert [path for path, _ in found] == ["customers.one.contract.renews"]
    found = refused(cli, tmp_path, book({"term": 12, "commitment": AMOUNT}, events))
    assert [path for path, _ in found] == ["customers.one.contract.commitment"]


def test_renewals_of_what_repeats_are_refused_once(cli: Run, tmp_path: Path) -> None:
    again = {**CHURN, "timing": {"at_renewal": 0.1}, "lasts": {"fixed": 3}, "repeats": True}
    for contract in (FIRST, YEARS):
        ((path, help),) = refused(cli, tmp_path, book(contract, {"outage": again}))
        assert path == "events.outage.timing.at_renewal"
        assert help.startswith("leave repeats out: it has a chance at each renewal until it comes, once")
