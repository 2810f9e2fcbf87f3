"""Six clauses as they stand in contracts: what ``check`` says beside each, and a loss worked out by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.command import Run

CLAUSES = Path(__file__).parent / "clauses"


@dataclass(frozen=True)
class Clause:
    """What is said of a clause, and what is lost where an event comes in a month that is given.

    Attributes
    ----------
    said
        Sentences that ``check`` must say.
    unsaid
        Words that it must not say.
    set
        What is changed so that the loss can be worked out by hand.
    loss
        The loss then.
    """

    said: tuple[str, ...]
    set: Mapping[str, str]
    loss: float
    unsaid: tuple[str, ...] = field(default=())


SIX = {
    "a_shortfall": Clause(
        said=(
            "Contract: one term of 36 months from 2026-04, which is not renewed, a commitment to 12 a year in money, "
            "rising by 10 % a year (12, 13.2, 14.52), needs no notice.",
            "What is short of it is billed in 2027-03, 2028-03 and 2029-03.",
            "What is above a minimum does not count towards later ones.",
            "From 2029-04 on nothing is committed, and use goes on by the month.",
            "29.5 % by 2031-03 (month 60, 2031-04, lies beyond it)",
            "Without notice usage falls to nothing over 12 months (evenly), for good.",
            "The commitment stands until it ends.",
        ),
        unsaid=("At once", "It renews", "next renewal"),
        # Flat use of 15.6 a year for five years. From the second year on it fades within one: 1.3 · (12 − 78/12) = 7.15
        # of 13.2, which is paid, and so is the third year's 14.52; then nothing. 5 · 15.6 − 15.6 − 13.2 − 14.52.
        set={
            "customers.big.growth": "0",
            "customers.big.volatility": "0",
            "events.leaves.probability": "1",
            "events.leaves.timing": "{month: 2027-04}",
        },
        loss=34.68,
    ),
    "an_objection": Clause(
        said=(
            "Contract: 12 months at a time, under way since 2025-10, renewed by itself unless notice is given 3 months "
            "before, a commitment to pay for 100 % of the volume at the last renewal.",
            "It renews in 2026-10 and every 12 months from there, for 100 % of the volume then.",
            "a chance of 7.17 % at each renewal from 2026-10 on to arise, 3 months before it, at most once: 20 % by "
            "2028-12",
            "The commitment stands until the first renewal for which notice is in time, which then carries none.",
        ),
        unsaid=("taken to be agreed", "to take effect by"),
        # In 2026-08 ninety days are over: the fee is owed until 2027-09, and lost for the 15 months from then on.
        set={"events.cancels.timing": "{month: 2026-08}"},
        loss=15 * 0.2,
    ),
    "a_ramp_credited": Clause(
        said=(
            "a commitment to 3 from 2026-07, 5 from 2027-07, 8 from 2028-07 a year in money, use above it counting "
            "towards all later ones of the term, 2 months' notice.",
            "What is short of it is billed in 2027-06, 2028-06 and 2029-06.",
            "Who leaves for good by its own choice pays 50 % of what is left of the year's and all later minima of the "
            "term, in the month in which that takes effect, and is bound no longer.",
            "From 2029-07 on nothing is committed, and use goes on by the month.",
            "The customer buys itself out of what is still committed.",
        ),
        unsaid=("does not count towards later ones", "It renews"),
        # Flat use of 2.4 a year. In 2027-09 it goes: 0.4 of that year's 5 are used, and (4.6 + 8)/2 is paid. Baseline 3
        # + 5 + 8 + 2.4; revenue 3 + 0.4 + 6.3.
        set={
            "customers.big.growth": "0",
            "events.acquired.probability": "1",
            "events.acquired.timing": "{month: 2027-07}",
        },
        loss=18.4 - 9.7,
    ),
    "calendar_years": Clause(
        said=(
            "one term of 36 months from 2026-01, which is not renewed, a commitment to 6 a year in money",
            "What is short of it is billed in 2026-12, 2027-12 and 2028-12.",
            "From 2029-01 on nothing is committed, and use goes on by the month.",
            "a chance of 40 % to arise, after 0 to 47 months, evenly, counted from 2026-01; that is 40 % by 2029-12",
        ),
        unsaid=("lies beyond it",),
        # 6.6 a year. From 2027 on it fades within nine months; 6 are paid in 2027 and in 2028, nothing in 2029.
        set={
            "customers.client.volatility": "0",
            "events.own_system.probability": "1",
            "events.own_system.timing": "{month: 2027-01}",
        },
        loss=3 * 6.6 - 2 * 6,
    ),
    "seats": Clause(
        said=(
            "Contract: 12 months at a time from 2026-03, renewed by itself unless notice is given 3 months before",
            # 1 − 0.85^4 is 47.8 %, 1 − 0.85^3 38.6 %; for leaving 10 % and 7.6 %: the fourth renewal lies beyond.
            "a chance of 15 % at each renewal from 2027-03 on to arise, 3 months before it, at most once: 47.8 % by "
            "2030-02, half of that by 2027-12; 38.6 % to take effect by 2030-02",
            "10 % by 2030-02, half of that by 2027-12; 7.6 % to take effect by 2030-02",
            "The commitment stands, and is renewed for what is left.",
        ),
        unsaid=("renewed in 2026-03",),
        # Half of the seats are lost for 36 months.
        set={"events.halves.timing": "{at_renewal: 1}", "events.leaves.timing": "{at_renewal: 0}"},
        loss=36 * 0.051 / 2,
    ),
    "a_ramp_that_ends": Clause(
        said=(
            "one term of 36 months from 2026-09, which is not renewed, a commitment to 1.2 from 2026-09, 2.4 from "
            "2027-09, 3.6 from 2028-09 a year in money",
            "What is short of it is billed in 2027-08, 2028-08 and 2029-08.",
            "From 2029-09 on nothing is committed, and use goes on by the month.",
        ),
        # 1.44 a year: the second and third year's amounts are owed anyway, and the fourth year's 1.44 are lost.
        set={
            "customers.client.growth": "0",
            "events.in_house.probability": "1",
            "events.in_house.timing": "{month: 2027-09}",
        },
        loss=1.44,
    ),
}


def test_there_are_six() -> None:
    assert {file.stem for file in CLAUSES.glob("*.yaml")} == SIX.keys()


@pytest.mark.parametrize("name", SIX)
def test_what_check_says_beside_a_clause(cli: Run, name: str) -> None:
    done = cli("check", str(CLAUSES / f"{name}.yaml"))
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert "doubt" not in text
    for sentence in SIX[name].said:
        assert sentence in text
    for words in SIX[name].unsaid:
        assert words not in text


@pytest.mark.parametrize("name", SIX)
def test_a_loss_worked_out_by_hand(cli: Run, name: str) -> None:
    changes = [part for path, value in SIX[name].set.items() for part in ("--set", f"{path}={value}")]
    done = cli("run", str(CLAUSES / f"{name}.yaml"), "--paths", "16", "--json", *changes)
    assert json.loads(done.stdout)["measures"]["expected_loss"]["value"] == pytest.approx(SIX[name].loss, abs=1e-9)


def test_a_year_that_is_paid_early_is_said_to_be_no_loss(cli: Run) -> None:
    """Bought out in 2027, which pays for what is missed later: a word beside the number, and none without a buyout."""
    file = str(CLAUSES / "a_ramp_credited.yaml")
    done = cli("run", file, "--paths", "256", "--set", "events.acquired.probability=1")
    assert "A loss below 0: the year brings more than without events" in " ".join(done.stdout.split())
    plain = cli("run", file, "--paths", "256", "--set", "customers.big.contract.commitment.buyout=0")
    assert "A loss below 0" not in " ".join(plain.stdout.split())
