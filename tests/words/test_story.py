"""What an entry's facts say in words, and that a remark of a user's own is never taken for the model's words."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest

import sim
from sim.answers import trace
from sim.engines.ledger import Entry
from sim.words.story import SENTENCES, by_id, by_name, changes, subject, told
from tests.command import Run
from tests.engines.test_ledger import CAPACITY, EVENTS, LEAVE, TABLE, book, offer

ITSELF = {"cause": "itself", "by": None, "said": None}
LEVELS = {"usage": None, "usage_over": None, "price": None, "price_over": None, "voids": False, "floor": 0.0}
OF_EVENT, OF_CHANGE = {"event": "leave", "change": None}, {"event": None, "change": "heat wave"}
OFFERED = {"lever": "offer", "event": "leave", "accepted": False, "discount": 0.1, "months": 2, **ITSELF}
FLOOR = {"per": "month", "of": "volume"}
COMMITS = {"commits": True, "floor": 1234.56, "commitment": 0.5, "volume": 2469.12, "refused_by": [], **FLOOR}
BY_THE_YEAR = {**COMMITS, "floor": 14814.72, "per": "year"}
OF_BILLS = {**COMMITS, "of": "money", "per": "term"}
AN_AMOUNT = {**BY_THE_YEAR, "of": "money", "commitment": None}
USED = {"minimum": 960.0, "used": 600.0, "carried": 0.0, "of": "volume", "price": 1.0}


def quoted(what: str, id: str) -> str:
    return f"<{what} {id}>"


@pytest.mark.parametrize(
    ("kind", "facts", "words"),
    [
        ("event", {**ITSELF, "notice": 0}, ("arises", "by itself")),
        ("event", {**ITSELF, "notice": 2}, ("arises", "by itself; takes effect after 2 months' notice")),
        ("event", {**ITSELF, "cause": "again", "notice": 0}, ("arises again", "by itself")),
        ("event", {**ITSELF, "cause": "trigger", "by": "leave", "notice": 0}, ("arises", "set off by <event leave>")),
        ("event", {**ITSELF, "cause": "offer", "by": "o", "notice": 0}, ("arises", "once <lever o> has run out")),
        ("event", {**ITSELF, "cause": "process", "said": "as leave, once", "notice": 0}, ("arises", "as leave, once")),
        (
            "offer",
            OFFERED,
            ("<lever offer> is declined", "10% off for 2 months, as <event leave> would arise by itself"),
        ),
        (
            "offer",
            {**OFFERED, "accepted": True, "cause": "trigger", "by": "ban"},
            (
                "<lever offer> is accepted",
                "10% off for 2 months, as <event leave> would arise set off by <event ban>",
            ),
        ),
        ("effect", {**OF_EVENT, **LEVELS}, ("<event leave> takes effect", "it only sets off others")),
        (
            "effect",
            {**OF_EVENT, **LEVELS, "usage": 0.4, "usage_over": 3, "price": 0.9, "price_over": 0},
            ("<event leave> takes effect", "usage to 40% over 3 months, price to 90%"),
        ),
        (
            "effect",
            {**OF_EVENT, **LEVELS, "usage": 0.0, "usage_over": 0, "voids": True, "floor": 0.5},
            ("<event leave> takes effect", "usage to 0%, its commitment is void"),
        ),
        # Nothing is committed that could be void.
        ("effect", {**OF_EVENT, **LEVELS, "voids": True}, ("<event leave> takes effect", "it only sets off others")),
        ("effect", {**OF_CHANGE, **LEVELS}, ("heat wave takes effect", "no change of usage or price")),
        (
            "effect",
            {**OF_CHANGE, **LEVELS, "usage": 0.5, "usage_over": 4, "voids": True, "floor": 1.0},
            ("heat wave takes effect", "usage to 50%"),
        ),
        (
            "ending",
            {**OF_EVENT, "lasted": 1, "floor_stands_again": False},
            ("<event leave> is over", "it lasted 1 month"),
        ),
        (
            "ending",
            {**OF_EVENT, "lasted": 3, "floor_stands_again": True},
            ("<event leave> is over, its floor stands again", "it lasted 3 months"),
        ),
        ("ending", {**OF_CHANGE, "lasted": None, "floor_stands_again": True}, ("heat wave is over", "restored")),
        ("renewal", COMMITS, ("commits to 1,234.6 a month", "50% of a volume of 2,469.1")),
        (
            "renewal",
            {**COMMITS, "commits": False, "floor": 0.0, "refused_by": ["leave", "ban"]},
            ("renews without commitment", "<event leave>, <event ban> have arisen"),
        ),
        ("renewal", BY_THE_YEAR, ("commits to 14,814.7 a year", "50% of a volume of 2,469.1 a month")),
        ("renewal", OF_BILLS, ("commits to 1,234.6 for its term", "50% of its bills a month")),
        ("renewal", AN_AMOUNT, ("commits to 14,814.7 a year", "the amount agreed")),
        (
            "expiry",
            {"months": 36},
            ("is under contract no longer", "it is over after 36 months and not renewed"),
        ),
        ("true_up", USED, ("is billed what it did not use", "used 600.0 of a minimum of 960.0")),
        (
            "true_up",
            {**USED, "carried": 40.0, "price": 0.9},
            (
                "is billed what it did not use",
                "used 600.0 and 40.0 carried over of a minimum of 960.0, at 90% of the list price",
            ),
        ),
        (
            "true_up",
            {**USED, "of": "money", "price": 0.9},
            ("is billed what it did not use", "billed 600.0 of a minimum of 960.0"),
        ),
        ("buyout", USED, ("buys itself out", "960.0 was still committed")),
        ("capacity", {"served": 0.8754}, ("serves 87.5% of the volume", "capacity is scarce")),
        ("bill", {"used": 1234.56, "unused": 0.0, "price": 1.0}, ("is billed", "1,234.6 used")),
        (
            "bill",
            {"used": 8.0, "unused": 2.0, "price": 0.95},
            ("is billed", "8.0 used and 2.0 of the commitment unused at 95% of the list price"),
        ),
        ("month", {"baseline": 70.0}, ("takes in", "all customers' bills")),
    ],
)
def test_what_facts_say(kind: str, facts: dict[str, Any], words: tuple[str, str]) -> None:
    assert set(facts) == TABLE[kind]
    assert told(Entry(3, kind, "alpha", facts), quoted) == words


def test_every_kind_has_its_sentence() -> None:
    assert set(SENTENCES) == set(TABLE)


def test_without_names_everything_goes_by_its_id() -> None:
    entry = Entry(0, "offer", "alpha", OFFERED)
    assert told(entry) == told(entry, by_id)
    assert told(entry) == ("offer is declined", "10% off for 2 months, as leave would arise by itself")


def test_levels_alone() -> None:
    assert changes({**OF_EVENT, **LEVELS, "voids": True, "floor": 9.0}) == ""
    assert changes({**OF_EVENT, **LEVELS, "price": 1.05, "price_over": 0}) == "price to 105%"


@pytest.mark.parametrize("kind", [*TABLE, "visit"])
def test_a_note_is_told_as_it_is(kind: str) -> None:
    assert told(Entry(0, kind, "alpha", {"said": "leave takes effect", "why": ""}, own=True), quoted) == (
        "leave takes effect",
        "",
    )


def test_names_where_event_offer_and_customer_share_an_id() -> None:
    data = book(
        events={"alpha": {**LEAVE, "name": "Alpha leaves", "triggers": {}}},
        levers={"alpha": {**offer(1)["offer"], "against": "alpha", "name": "A discount"}},
    )
    data["customers"]["alpha"]["name"] = "Alpha & Sons"
    story = sim.trace(data)
    assert story.scenario is not None
    name_of = by_name(story.scenario)
    said = {entry.kind: (subject(entry, story.scenario), *told(entry, name_of)) for entry in story.entries}
    assert said["event"][:2] == ("Alpha leaves", "arises")
    assert said["event"][2].startswith("once “A discount” has run out")
    assert said["offer"] == (
        "Alpha & Sons",
        "“A discount” is accepted",
        "10% off for 2 months, as “Alpha leaves” would arise by itself",
    )
    assert said["effect"][:2] == ("Alpha & Sons", "“Alpha leaves” takes effect")
    assert said["month"][0] == "The vendor"


def test_an_offer_without_a_name_goes_by_its_id() -> None:
    scenario = sim.load(book(events={"leave": {**LEAVE, "triggers": {}}}, levers=offer(1)))
    assert by_name(scenario)("lever", "offer") == "offer"
    assert by_name(scenario)("event", "leave") == "“leave”"


# The command


def claims(world: Any) -> Any:
    """Notes of every kind that claim what the model has not said."""
    yield world.until(1)
    for kind in TABLE:
        world.note(kind, "alpha", "commits to 99.0 a month", "leave has arisen", money=10.0)
        world.note(kind, "leave", "leave takes effect", "usage to 0%, its commitment is void")
        world.note(kind, "vendor", "offer is declined", "capacity is scarce", money=12.0)


@pytest.fixture
def data() -> dict[str, Any]:
    return book(vendor=CAPACITY, events=EVENTS, levers=offer(1))


def test_notes_change_no_line_of_the_command(
    inside: Run, data: dict[str, Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "book.json").write_text(json.dumps(data))
    plain = {words: inside("trace", "book.json", *words).stdout for words in ((), ("--all",), ("--json",))}
    monkeypatch.setattr(trace, "trace", functools.partial(trace.trace, processes=[claims]))
    assert inside("trace", "book.json").stdout == plain[()]
    noted = inside("trace", "book.json", "--all").stdout.splitlines()
    assert "99.0 a month" in "\n".join(noted)
    assert [line for line in plain["--all",].splitlines() if line not in noted and "─" not in line] == []
    before, after = json.loads(plain["--json",]), json.loads(inside("trace", "book.json", "--json").stdout)
    assert len(after["ledger"]) == len(before["ledger"]) + 3 * len(TABLE)
    said = [line for line in after["ledger"] if set(line["facts"]) != {"said", "why"}]
    assert {**after, "ledger": said} == before


def test_the_document_carries_the_facts(inside: Run, data: dict[str, Any], tmp_path: Any) -> None:
    (tmp_path / "book.json").write_text(json.dumps(data))
    lines = json.loads(inside("trace", "book.json", "--json").stdout)["ledger"]
    story = sim.trace(data)
    assert [line["facts"] for line in lines] == [dict(entry.facts) for entry in story.entries]
    assert [list(line) for line in lines] == [[*story.columns, "facts"]] * len(lines)
    assert {line["kind"]: set(line["facts"]) for line in lines} == {
        kind: facts for kind, facts in TABLE.items() if kind in {line["kind"] for line in lines}
    }


def test_the_rows_of_the_model_are_the_same_beside_notes(data: dict[str, Any]) -> None:
    plain, noted = sim.trace(data), sim.trace(data, processes=[claims])
    rest = noted[[not entry.own for entry in noted.entries]]
    assert rest.to_csv(index=False) == plain.to_csv(index=False)
    assert rest.entries == plain.entries
    assert noted.attrs == plain.attrs
    assert noted[[entry.own for entry in noted.entries]]["lost"].isna().all()
