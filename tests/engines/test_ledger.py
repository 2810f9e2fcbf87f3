"""What the model's ledger holds: facts of each kind, worked out by hand, and as the ledger's own table lists them."""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml
from hypothesis import given, settings

import sim
from sim.answers.story import Story
from sim.engines import ledger, model
from sim.engines.ledger import Entry
from sim.errors import UsageError
from tests.scenarios import scenarios

ROOT = Path(__file__).resolve().parents[2]
BY_HAND = sorted((ROOT / "tests" / "truth" / "ledgers").glob("*.yaml"))


def listed() -> dict[str, set[str]]:
    """Facts by kind, as the table in the ledger's docstring has them."""
    assert ledger.__doc__ is not None
    _, _, body, _ = re.split(r"^=[= ]+$", ledger.__doc__, flags=re.MULTILINE)
    found: dict[str, set[str]] = {}
    for line in body.strip("\n").splitlines():
        if not line.startswith(" "):
            kind = line.split()[0]
            found[kind] = set()
        found[kind].add(line[18:].split()[0])
    return found


TABLE = listed()


def scenario_by_hand(path: Path) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))["scenario"]
    return data


def book(**parts: Any) -> dict[str, Any]:
    """Of alpha's 20 a month a half is committed in months 0, 3 and 6; it may leave with a month's notice."""
    return {
        "scenario": 1,
        "name": "a book",
        "start": "2025-01",
        "months": 8,
        "money": "USD",
        "vendor": {"name": "The vendor"},
        "customers": {
            "alpha": {
                "revenue": 20,
                "growth": 0,
                "contract": {"term": 3, "renews": "2025-01", "notice": 1, "commitment": 0.5},
            },
            "others": {"revenue": 60, "growth": 0, "pool": True},
        },
        **parts,
    }


LEAVE = {
    "hits": "alpha",
    "choice": True,
    "timing": {"month": "2025-02"},
    "usage": {"to": 0.4},
    "lasts": {"fixed": 3},
    "triggers": {"follow": {"probability": 1, "after": {"fixed": 2}}},
}
FOLLOW = {
    "hits": "others",
    "probability": 0,
    "timing": {"month": "2025-01"},
    "price": {"to": 0.9, "over": 2},
}
EVENTS = {"leave": LEAVE, "follow": FOLLOW}
CAPACITY = {"name": "The vendor", "capacity": {"initial": 70, "growth": 0}}


def offer(acceptance: int) -> dict[str, Any]:
    return {"offer": {"against": "leave", "discount": 0.1, "months": 2, "acceptance": acceptance}}


def of(entries: Iterable[Entry], kind: str, subject: str | None = None) -> list[tuple[int, dict[str, Any]]]:
    """Months and facts of a kind's entries."""
    return [(e.month, dict(e.facts)) for e in entries if e.kind == kind and subject in (None, e.subject)]


@pytest.fixture(scope="module")
def declined() -> tuple[Entry, ...]:
    """The offer is declined in month 1; leave holds from month 2 to 4, follow from month 3 on."""
    return sim.trace(book(vendor=CAPACITY, events=EVENTS, levers=offer(0))).entries


@pytest.fixture(scope="module")
def accepted() -> tuple[Entry, ...]:
    """The offer is accepted in month 1 and postpones all by two months."""
    return sim.trace(book(vendor=CAPACITY, events=EVENTS, levers=offer(1))).entries


# Each kind, by hand


def test_an_offer(declined: tuple[Entry, ...], accepted: tuple[Entry, ...]) -> None:
    terms = {"lever": "offer", "event": "leave", "discount": 0.1, "months": 2}
    why = {"cause": "itself", "by": None, "said": None}
    assert of(declined, "offer") == [(1, {**terms, "accepted": False, **why})]
    assert of(accepted, "offer") == [(1, {**terms, "accepted": True, **why})]
    assert {entry.subject for entry in declined if entry.kind == "offer"} == {"alpha"}


def test_an_event_that_arises_by_itself_once_an_offer_has_run_out_or_set_off(
    declined: tuple[Entry, ...], accepted: tuple[Entry, ...]
) -> None:
    itself = {"cause": "itself", "by": None, "said": None, "notice": 1}
    run_out = {"cause": "offer", "by": "offer", "said": None, "notice": 1}
    set_off = {"cause": "trigger", "by": "leave", "said": None, "notice": 0}
    assert of(declined, "event", "leave") == [(1, itself)]
    assert of(declined, "event", "follow") == [(3, set_off)]
    assert of(accepted, "event", "leave") == [(3, run_out)]
    assert of(accepted, "event", "follow") == [(5, set_off)]


def test_an_event_that_a_process_causes() -> None:
    def scandal(world: Any) -> Any:
        yield world.until(4)
        world.cause("follow", "a scandal")

    said = {"cause": "process", "by": None, "said": "a scandal", "notice": 0}
    assert of(sim.trace(book(events={"follow": FOLLOW}), processes=[scandal]).entries, "event") == [(4, said)]


def test_an_effect_and_its_ending(declined: tuple[Entry, ...]) -> None:
    leave = {"event": "leave", "change": None}
    usage = {"usage": 0.4, "usage_over": 0, "price": None, "price_over": None}
    # Who leaves by choice keeps the commitment of 10 until the renewal of month 3.
    assert of(declined, "effect", "alpha") == [(2, {**leave, **usage, "voids": False, "floor": 10})]
    assert of(declined, "ending") == [(5, {**leave, "lasted": 3, "floor_stands_again": False})]
    price = {"usage": None, "usage_over": None, "price": 0.9, "price_over": 2}
    follow = {"event": "follow", "change": None, **price, "voids": False, "floor": 0}
    assert of(declined, "effect", "others") == [(3, follow)]


def test_a_step_takes_no_time_and_what_lasts_no_time_lasts_a_month() -> None:
    step = {"to": 1.5, "over": 3, "shape": "step"}
    blip = {"hits": "others", "timing": {"month": "2025-06"}, "usage": step, "lasts": {"fixed": 0}}
    entries = sim.trace(book(events={"blip": blip})).entries
    assert [(facts["usage"], facts["usage_over"]) for _, facts in of(entries, "effect")] == [(1.5, 0)]
    assert [(month, facts["lasted"]) for month, facts in of(entries, "ending")] == [(6, 1)]


def test_floors_that_are_voided_and_stand_again() -> None:
    """Of 100 a half is committed; the file has the arithmetic. Who is gone for good at month 12 commits to nothing."""
    entries = sim.trace(scenario_by_hand(next(path for path in BY_HAND if path.stem.startswith("04_")))).entries
    assert [(month, f["event"], f["voids"], f["floor"]) for month, f in of(entries, "effect")] == [
        (2, "drift", False, 50),
        (5, "suspension", True, 50),
        (8, "blackout", False, 50),
        (9, "exit_clause", True, 50),
    ]
    assert [(month, f["event"], f["lasted"], f["floor_stands_again"]) for month, f in of(entries, "ending")] == [
        (7, "suspension", 2, True),
        (9, "blackout", 1, False),
        (11, "exit_clause", 2, True),
    ]
    half = {"commitment": 0.5, "per": "month", "of": "volume"}
    assert of(entries, "renewal") == [
        (0, {"commits": True, "floor": 50, **half, "volume": 100, "refused_by": []}),
        (12, {"commits": False, "floor": 0, **half, "volume": pytest.approx(20), "refused_by": ["drift"]}),
    ]


def test_a_renewal(declined: tuple[Entry, ...]) -> None:
    half = {"commitment": 0.5, "per": "month", "of": "volume"}
    commits = {"commits": True, "floor": 10, **half, "volume": 20, "refused_by": []}
    refuses = {"commits": False, "floor": 0, **half, "volume": 8, "refused_by": ["leave"]}
    assert of(declined, "renewal") == [(0, commits), (3, refuses), (6, commits)]


def test_scarce_capacity(declined: tuple[Entry, ...]) -> None:
    # 70 of 80, but of 8 + 60 all while leave is in effect.
    assert of(declined, "capacity", "vendor") == [(month, {"served": 0.875}) for month in (0, 1, 5, 6, 7)]


def test_bills(declined: tuple[Entry, ...]) -> None:
    bills = {(e.month, e.subject): (e.facts["used"], e.facts["unused"], e.facts["price"], e.money) for e in declined
             if e.kind == "bill"}  # fmt: skip
    assert len(bills) == 2 * 8
    assert bills[1, "alpha"] == pytest.approx((0.875 * 20, 0, 1, 17.5))
    # A volume of 8 under the floor of 10, which the renewal of month 3 takes away.
    assert bills[2, "alpha"] == pytest.approx((8, 2, 1, 10))
    assert bills[3, "alpha"] == pytest.approx((8, 0, 1, 8))
    # Half the way to a price of 0.9, then all of it.
    assert bills[3, "others"] == pytest.approx((60, 0, 0.95, 57))
    assert bills[5, "others"] == pytest.approx((0.875 * 60, 0, 0.9, 47.25))


def test_months(declined: tuple[Entry, ...]) -> None:
    months = [entry for entry in declined if entry.kind == "month"]
    assert [entry.month for entry in months] == list(range(8))
    assert {entry.subject for entry in months} == {"vendor"}
    # Without any event 70 of 80 are served.
    assert [entry.facts["baseline"] for entry in months] == pytest.approx([70] * 8)
    alpha, others = [17.5, 17.5, 10, 8, 8, 17.5, 17.5, 17.5], [52.5, 52.5, 60, 57, 54, 47.25, 47.25, 47.25]
    assert [entry.money for entry in months] == pytest.approx([a + b for a, b in zip(alpha, others, strict=True)])
    for month in range(8):
        assert [entry.kind for entry in declined if entry.month == month][-1] == "month"


def test_changes_of_a_process() -> None:
    def outage(world: Any) -> Any:
        yield world.until(1)
        world.change("alpha", "outage", usage=0, over=2, voids_commitment=True)
        yield world.wait(1)
        world.change("alpha", "outage", usage=0.5, price=0.9, over=4, shape="step")
        yield world.wait(2)
        world.restore("alpha", "outage")
        world.change("others", "nothing")

    entries = sim.trace(book(), processes=[outage]).entries
    change = {"event": None, "change": "outage"}
    first = {"usage": 0, "usage_over": 2, "price": None, "price_over": None, "voids": True, "floor": 10}
    second = {"usage": 0.5, "usage_over": 0, "price": 0.9, "price_over": 0, "voids": False, "floor": 10}
    assert of(entries, "effect", "alpha") == [(1, {**change, **first}), (2, {**change, **second})]
    assert of(entries, "ending") == [(4, {**change, "lasted": None, "floor_stands_again": False})]
    assert [f["change"] for _, f in of(entries, "effect", "others")] == ["nothing"]
    assert not any(entry.own for entry in entries)


def test_a_floor_that_a_change_has_voided_stands_again() -> None:
    def voided(world: Any) -> Any:
        yield world.until(1)
        world.change("alpha", "dispute", voids_commitment=True)
        yield world.wait(1)
        world.restore("alpha", "dispute")

    entries = sim.trace(book(), processes=[voided]).entries
    assert [facts["floor_stands_again"] for _, facts in of(entries, "ending")] == [True]


@pytest.mark.parametrize("kind", [*TABLE, "visit"])
def test_a_note_is_the_users_own_whatever_kind_it_names(kind: str) -> None:
    def diary(world: Any) -> Any:
        yield world.until(5)
        world.note(kind, "alpha", "complains", "prices", money=1.5)

    entries = sim.trace(book(), processes=[diary]).entries
    assert [entry for entry in entries if entry.own] == [
        Entry(5, kind, "alpha", {"said": "complains", "why": "prices"}, 1.5, own=True)
    ]


# The table of kinds and their facts


def checked(entries: Iterable[Entry]) -> set[str]:
    """Kinds of the model's entries, each of which has its facts, as JSON can hold them."""
    kinds = set()
    for entry in entries:
        if not entry.own:
            assert set(entry.facts) == TABLE[entry.kind], entry
            # Numbers of NumPy would not come back as they were.
            assert repr(json.loads(json.dumps(entry.facts, allow_nan=False))) == repr(entry.facts)
            assert type(entry.month) is int
            kinds.add(entry.kind)
    return kinds


def test_the_table_is_what_the_model_writes_of_scenarios_by_hand() -> None:
    def own(world: Any) -> Any:
        yield world.until(1)
        customer = next(iter(world.customers))
        world.change(customer, "mine", usage=0, price=2, voids_commitment=True)
        yield world.wait(0)
        world.restore(customer, "mine")

    kinds = [checked(sim.trace(scenario_by_hand(path), processes=[own]).entries) for path in BY_HAND]
    assert set().union(*kinds) == set(TABLE)


@given(data=scenarios())
@settings(max_examples=40, deadline=None)
def test_the_table_is_what_the_model_writes_of_any_scenario(data: dict[str, Any]) -> None:
    assert checked(sim.trace(data).entries) <= set(TABLE)


def test_the_page_has_the_same_table() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    body = page.split("| kind | about | facts |\n")[1].split("\n\n")[0].splitlines()[1:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in body]
    assert {kind: set(re.findall(r"`(\w+)`", facts)) for kind, _, facts in rows} == TABLE


# The ledger in a table


def test_entries_go_with_the_rows() -> None:
    story = sim.trace(book(vendor=CAPACITY, events=EVENTS, levers=offer(1)))
    assert len(story.entries) == len(story)
    rows = story[["month", "kind", "who"]].itertuples(index=False, name=None)
    assert [(f"2025-{e.month + 1:02d}", e.kind, e.subject) for e in story.entries] == list(rows)
    for part in (
        story[story["kind"] == "renewal"],
        story.iloc[3:9],
        story[["month", "money"]].head(4),
        story.sort_values("money"),
        story.sample(frac=0.5, random_state=1),
        story.copy(),
        pickle.loads(pickle.dumps(story)),
    ):
        assert isinstance(part, Story)
        assert part.entries == tuple(story.entries[label] for label in part.index)
    assert [entry.facts["commits"] for entry in story[story["kind"] == "renewal"].entries] == [True, False, False]


def test_facts_are_no_column() -> None:
    story = sim.trace(book())
    assert story.to_csv(index=False).splitlines()[0] == "month,kind,who,what,why,money,lost"
    pd.testing.assert_frame_equal(pd.DataFrame(story), pd.DataFrame(story.to_dict("list")))


def test_rows_that_have_lost_their_labels_have_no_entries() -> None:
    story = sim.trace(book())
    with pytest.raises(UsageError, match="without the labels"):
        _ = story[story["kind"] == "bill"].reset_index(drop=True).entries
    with pytest.raises(UsageError, match="without the labels"):
        _ = story.set_index("month").entries
    with pytest.raises(UsageError, match="without the labels"):
        _ = Story({"kind": ["bill"]}).entries


# What costs nothing


def test_no_facts_are_made_without_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise AssertionError("an entry was made")

    def own(world: Any) -> Any:
        yield world.until(1)
        world.change("alpha", "mine", usage=0)
        world.note("mine", "alpha", "a remark", "of mine")
        world.restore("alpha", "mine")

    data = book(vendor=CAPACITY, events=EVENTS, levers=offer(1))
    for name in ("Entry", "note", "level_facts"):
        monkeypatch.setattr(model, name, refused)
    assert sim.run(data, engine="model", paths=2, processes=[own], sampling="plain").paths == 2
    with pytest.raises(AssertionError, match="an entry was made"):
        sim.trace(data, sampling="plain")
