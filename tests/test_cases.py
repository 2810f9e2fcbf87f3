"""The bundled cases beside the reference case: what may calibrate them, what they say, and the page that judges one.

``tests/test_seeds.py`` holds every bundled scenario to its facts; this is what is particular to Fastly and to the book
of five customers.
"""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import sim
from sim.chance.draws import Draws
from sim.engines import kernel
from sim.language.evidence import Fact, read_facts
from sim.scenario.parts import Commitment
from tests.scripts import script

ROOT = Path(__file__).parents[1]
FASTLY = ROOT / "scenarios" / "fastly-2020-08.yaml"
FIVE = ROOT / "scenarios" / "five-customers.yaml"
LAST_DAY = "2020-08-10"
REPEATED_LATER = {"bytedance-fastly-share-q2-2020", "fastly-guidance-q3-2020", "fastly-guidance-status-quo"}
"""Said or filed by that day, but cited from an article of October 2020 that repeats it."""


@pytest.fixture(scope="module")
def facts() -> dict[str, Fact]:
    return read_facts(ROOT / "seeds")


@pytest.fixture(scope="module")
def fastly() -> ModuleType:
    """The script behind the page."""
    return script("fastly")


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z][a-z0-9-]*", text))


def calibrating(document: Any, facts: dict[str, Fact]) -> set[str]:
    """Facts that a scenario cites or names in a reason, and those that they are derived from."""
    entries = document["evidence"].values()
    waiting = set()
    for entry in entries:
        waiting |= (
            {entry} if isinstance(entry, str) else words(f"{entry.get('fact', '')} {entry.get('assumption', '')}")
        )
    found: set[str] = set()
    while waiting:
        waiting &= set(facts) - found
        found |= waiting
        waiting = set().union(*(words(facts[id].details.get("formula", "")) for id in waiting))
    return found


def known_too_late(ids: set[str], facts: dict[str, Fact]) -> set[str]:
    """Those about a time after the last day, and those that were published after it and not before."""
    late = set()
    for id in ids:
        details = facts[id].details
        published = "" if id in REPEATED_LATER else details.get("published", "")
        if max(details["as_of"], published) > LAST_DAY:
            late.add(id)
    return late


# --- Fastly -----------------------------------------------------------------------------------------------------------


def test_nothing_after_10_august_2020_calibrates_the_fastly_case(facts: dict[str, Fact]) -> None:
    used = calibrating(sim.load(FASTLY).document, facts)
    assert {
        "fastly-guidance-q3-2020",
        "fastly-growth-q1-2019",
        "tiktok-order-signed",
    } <= used  # derived facts are opened
    assert known_too_late(used, facts) == set()
    assert used >= REPEATED_LATER  # no exception is there in vain
    assert all(facts[id].details["as_of"] <= "2020-08-05" for id in REPEATED_LATER)


def test_a_fact_of_the_outcome_would_be_noticed(facts: dict[str, Fact]) -> None:
    for reason in (
        "as it came (bytedance-fastly-removed)",
        "as it came (fastly-revenue-q3-2020)",
        "as it came (fastly-others-q3-2020)",
    ):
        changed = {"evidence": {"events.moves_away.probability": {"assumption": reason}}}
        assert known_too_late(calibrating(changed, facts), facts)
    every = {id for id, fact in facts.items() if fact.file.endswith("fastly.yaml")}
    outcome = {id for id in every if facts[id].details["as_of"] > LAST_DAY}
    assert known_too_late(every, facts) == outcome
    assert len(outcome) >= 20


def test_the_fastly_baseline_is_the_guidance_by_hand() -> None:
    """Without chance and events the third quarter is the middle of its guidance, the half year that of the year.

    One month's factor is 1.533^(1/12) = 1.036248. July is 3.1135 + 20.8365 = 23.95; the quarter is
    23.95·(1 + 1.036248 + 1.073810) = 74.486 (guided: 74.5), the next one 1.036248³ = 1.112722 times as much, 82.882,
    and the half year 157.368, against a guided 295 - 62.9 - 74.7 = 157.4.
    """
    steady = {f"customers.{id}.volatility": 0 for id in ("bytedance", "others")}
    scenario = sim.load(FASTLY, set=steady)
    baseline = kernel.value(scenario, Draws(scenario, 1, 0, 1)).baseline[0]
    assert baseline[0] == pytest.approx(23.95, rel=1e-12)
    assert baseline[:3].sum() == pytest.approx(74.486, abs=1e-3)
    assert baseline[3:6].sum() == pytest.approx(82.882, abs=2e-3)
    assert baseline[:6].sum() == pytest.approx((290 + 300) / 2 - 62.9 - 74.7, rel=3e-4)


def test_an_enforced_order_costs_what_the_hand_says() -> None:
    """The order for certain, to nothing, for good, alone: what is lost is ByteDance's October to December.

    July's 3.1135 times 1.036248³ + 1.036248⁴ + 1.036248⁵ = 1.112722·(1 + 1.036248 + 1.073810) = 3.460630 is 10.7747.
    """
    scenario = sim.load(
        FASTLY,
        set={
            "customers.bytedance.volatility": 0,
            "customers.others.volatility": 0,
            "events.order_enforced.probability": 1,
            "events.order_enforced.usage.to": 0,
            "events.order_enforced.lasts": None,
            "events.order_enforced.permanent": None,
            "events.order_enforced.triggers": None,
            "events.moves_away.probability": 0,
            "events.buyer_moves.probability": 0,
        },
    )
    result = sim.run(scenario, paths=100)
    assert np.ptp(result.loss) == 0
    assert result.loss[0] == pytest.approx(10.7747, abs=1e-3)


def test_the_fastly_page_holds_what_its_script_gives(fastly: ModuleType) -> None:
    page = fastly.PAGE.read_text(encoding="utf-8")
    part = fastly.figures(fastly.forecast(), fastly.outcome())
    assert fastly.on_page(page, part) == page
    assert fastly.on_page(page, part.replace("70.6", "74.6")) != page


def test_the_fastly_page_says_of_its_figures_what_they_are(fastly: ModuleType) -> None:
    """The words around the tables: each claim, and the figure that it rests on."""
    made, came = fastly.forecast(), fastly.outcome()
    band = fastly.bands(made.revenue)
    comparable = fastly.percentiles(made.revenue, came.comparable)
    assert comparable[0] < 0.05  # the quarter of the departure lies below the 90 % band
    assert comparable.max() < 1 / 6  # all of them in the lower sixth
    assert fastly.inside(band, came.comparable, 0) == 4  # half of the eight outside
    q3 = came.value("bytedance-fastly-revenue-q3-2020")
    assert 0.0003 < (made.bytedance[:, 0] <= q3).mean() < 0.002  # about one in a thousand
    assert 0.17 < (made.left[:, fastly.GONE_BY] <= 0.5).mean() < 0.25  # about one in five
    assert 1 / 3 < (made.half_year < made.target).mean() < 0.4  # more than one in three
    assert came.comparable[:2].sum() < made.target  # and it fell short
    assert came.comparable[5] / came.comparable[1] == pytest.approx(1.2, abs=0.01)  # about a fifth above
    few = (fastly.inside(band, made.revenue, 0) <= 4).mean()
    assert 1 / 14 < few < 1 / 10  # about one in twelve


def test_bands_and_counts_by_hand(fastly: ModuleType) -> None:
    """1, 2, … 100 in one quarter: the levels are ranks 5, 25, 50, 75, 95; 60 lies at or above 60 of the paths."""
    made = np.arange(1.0, 101.0)[:, np.newaxis]
    assert fastly.bands(made)[:, 0].tolist() == [5, 25, 50, 75, 95]
    assert fastly.percentiles(made, np.array([60.0])).tolist() == [0.6]
    band = fastly.bands(made)
    assert [int(fastly.inside(band, np.array([x]), 0)) for x in (4.0, 5.0, 95.0, 96.0)] == [0, 1, 1, 0]
    assert [int(fastly.inside(band, np.array([x]), 1)) for x in (24.0, 25.0, 75.0, 76.0)] == [0, 1, 1, 0]
    assert fastly.by_quarter(np.arange(6.0)[np.newaxis]).tolist() == [[3, 12]]  # 0+1+2, 3+4+5


def test_what_came_is_read_from_the_facts(fastly: ModuleType, facts: dict[str, Fact]) -> None:
    came = fastly.outcome()
    assert came.reported[0] == came.comparable[0] == facts["fastly-revenue-q3-2020"].value
    # reported less the 8 expected of the business bought, as the facts round it
    assert came.reported[1:] - came.comparable[1:] == pytest.approx(np.full(7, 8.0), abs=0.051)


def test_the_customers_of_a_quarter_add_up(fastly: ModuleType) -> None:
    """ByteDance alone never exceeds the whole; without its events it is 13 % of it in the mean of a first quarter."""
    made = fastly.forecast(paths=2_000)
    assert (made.bytedance <= made.revenue).all()
    # both streams grow alike, so the share of the means stays; 4 standard errors of a mean of 2,000 with a relative
    # spread below 0.4 are 3.6 %, and departures before October lower it by less than 1 %: they are rare
    assert made.bytedance[:, 0].mean() / made.revenue[:, 0].mean() == pytest.approx(0.13, rel=0.05)


def test_the_fastly_picture_shows_what_came(fastly: ModuleType) -> None:
    made, came = fastly.forecast(paths=500), fastly.outcome()
    ax = fastly.draw(made, came)
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert lines["reported"].get_ydata() == pytest.approx(came.reported)
    assert lines["without the business bought in 2020 Q4"].get_ydata() == pytest.approx(came.comparable[1:])
    assert lines["forecast, median"].get_ydata() == pytest.approx(fastly.bands(made.revenue)[2])
    assert [text.get_text() for text in ax.get_xticklabels()][::7] == ["2020 Q3", "2022 Q2"]
    assert "USD million" in ax.get_ylabel()
    assert fastly.PICTURE.stat().st_size < 300_000


# --- the book of five customers ---------------------------------------------------------------------------------------


def test_the_book_has_the_kinds_of_contract_that_it_says() -> None:
    book = {stream.id: stream for stream in sim.load(FIVE).streams}
    named = [stream for stream in book.values() if not stream.pool]
    assert len(named) == 5
    assert [stream.id for stream in book.values() if stream.pool] == ["rest"]
    assert sum(stream.revenue for stream in book.values()) == 100
    assert sum(stream.revenue for stream in named) == 39
    contracts = {stream.id: stream.contract for stream in named}
    assert contracts["games"] is None  # pays as it goes
    files, social, bank, shop = (contracts[id] for id in ("files", "social", "bank", "shop"))
    assert files is not None
    assert social is not None
    assert bank is not None
    assert shop is not None
    take_or_pay = Commitment(share=0.85, of="money", per="year")
    assert (social.term, social.commitment) == (60, take_or_pay)
    assert (bank.term, bank.commitment, bank.notice) == (None, None, 6)  # notice only
    assert (shop.term, shop.commitment) == (12, Commitment(share=0.7, per="year"))  # a short term with a commitment
    assert (shop.auto_renews, shop.notice) == (True, 1)  # renewed unless notice comes in time
    assert (files.term, files.commitment, files.notice) == (36, Commitment(share=0.5, per="year"), 6)


def test_the_file_store_leaves_as_dropbox_did(facts: dict[str, Fact]) -> None:
    event = next(event for event in sim.load(FIVE).events if event.id == "own_centres")
    assert event.usage is not None
    assert event.choice
    assert event.usage.to == facts["dropbox-share-left"].value / 100
    assert event.usage.to == pytest.approx(1 - facts["dropbox-share-moved"].value / 100)
    assert event.usage.over == facts["dropbox-months-to-leave"].value


def test_the_book_uses_the_breadth_of_the_language() -> None:
    scenario = sim.load(FIVE)
    events = {event.id: event for event in scenario.events}
    assert {"second_cloud.social", "second_cloud.bank", "second_cloud.shop"} <= set(events)  # each
    assert events["own_machines"].lasts is not None
    assert events["price_war"].price is not None
    assert len(events["outage"].triggers) == 3  # each copy
    assert events["outage"].voids is False
    assert not isinstance(events["banned"].notice, int)  # a law
    assert scenario.capacity is not None
    assert len(scenario.levers) == 1
    assert len(scenario.axes) == 2


QUIET = {
    "customers.social.volatility": 0,
    "customers.social.growth": 0,
    "vendor.capacity": None,
    "vendor.discount_rate": None,
    "events.own_centres.probability": 0,
    "events.own_machines.probability": 0,
    "events.outage.timing.hazard": {"2025-01": 0},
    "events.price_war.timing.hazard": {"2025-01": 0, "2027-01": 0},
    "events.second_cloud.timing.hazard": {"2025-01": 0},
    "events.banned.probability": 0,
}
"""Murmur alone in a still world: 10 a month, and nothing happens."""


def test_a_still_book_loses_nothing() -> None:
    assert not sim.run(sim.load(FIVE, set=QUIET), paths=50).loss.any()


def test_a_ban_frees_the_social_network_from_what_it_signed() -> None:
    """From month 12, usage to 0.6 and the commitment void: 48 months · 10·(1 - 0.6) = 192."""
    ban = {
        "events.banned.probability": 1,
        "events.banned.timing": {"month": "2025-12"},
        "events.banned.notice": 1,
    }
    loss = sim.run(sim.load(FIVE, set=QUIET | ban), paths=20, sampling="plain").loss
    assert loss == pytest.approx(np.full(20, 192.0), rel=1e-12)


def test_a_second_cloud_of_its_own_choice_does_not() -> None:
    """From month 12 it uses 0.6 of 10; 0.85·120 = 102 are owed for each year until the renewal of 2027-02 (month 25).

    Years begin in February. Of months 1 to 12 the 110 paid before count towards the minimum, so that the last one costs
    10 - 6 = 4; months 13 to 24 bring 102 of 120, 18 less. From month 25 on 0.85 of the 6 then used is committed to:
    35·(10 - 6) = 140. Together 162.
    """
    choice = {
        "events.second_cloud.hits": ["social"],
        "events.second_cloud.timing": {"month": "2026-01"},
        "events.second_cloud.usage": {"to": 0.6, "over": 0},
    }
    loss = sim.run(sim.load(FIVE, set=QUIET | choice), paths=20, sampling="plain").loss
    assert loss == pytest.approx(np.full(20, 162.0), rel=1e-12)


@pytest.mark.parametrize("file", [FASTLY, FIVE], ids=lambda file: file.stem)
def test_the_cases_sweep_and_run(file: Path) -> None:
    scenario = sim.load(file)
    assert sim.run(scenario, paths=500).loss.max() > 0
    sweep = sim.sweep(scenario, paths=200)
    assert len(sweep.plan.axes) == 2
