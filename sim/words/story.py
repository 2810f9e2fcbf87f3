"""A path's ledger in words: the one place where what an entry holds becomes what happened, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from sim.engines.ledger import VENDOR
from sim.language.figures import months_in_words, notice_in_words

if TYPE_CHECKING:
    from sim.engines.ledger import Entry
    from sim.scenario.parts import Scenario

Facts = Mapping[str, Any]
NameOf = Callable[[str, str], str]
"""What an ``event`` or a ``lever`` is called in a sentence, by its id."""


def by_id(what: str, id: str) -> str:
    """Call everything by its id."""
    return id


def by_name(scenario: Scenario) -> NameOf:
    """Call what has a name of its own by it, in quotation marks, and the rest by its id."""
    names = {("event", event.id): event.name for event in scenario.events}
    names |= {("lever", lever.id): lever.name for lever in scenario.levers if lever.name}

    def name_of(what: str, id: str) -> str:
        name = names.get((what, id))
        return id if name is None else f"“{name}”"

    return name_of


def told(entry: Entry, name_of: NameOf = by_id) -> tuple[str, str]:
    """What happened, and why: two parts of a sentence whose subject is whom the entry is about.

    Parameters
    ----------
    entry
        Of the model's, or a user's own note, whose words are told as they are.
    name_of
        What events and levers are called.
    """
    if entry.own:
        return entry.facts["said"], entry.facts["why"]
    return SENTENCES[entry.kind](entry.facts, name_of)


def subject(entry: Entry, scenario: Scenario) -> str:
    """Name of whom or what an entry is about, its id where it has none."""
    if not entry.own and entry.kind == "event":
        names = {event.id: event.name for event in scenario.events}
    elif not entry.own and entry.subject == VENDOR and entry.kind in ("capacity", "month", "one_off"):
        names = {VENDOR: scenario.vendor or "the vendor"}
    else:
        names = {stream.id: stream.name for stream in scenario.streams}
        names |= {stream.group.id: stream.group.name for stream in scenario.streams if stream.group is not None}
    return names.get(entry.subject) or entry.subject


def changes(facts: Facts) -> str:
    """Levels that an effect leads to, and within how many months where it is an event's; empty where it has none."""
    said = []
    for kind in ("usage", "price"):
        if facts[kind] is not None:
            over = facts[f"{kind}_over"] if facts["event"] is not None else 0
            said.append(f"{kind} to {facts[kind]:.0%}" + (f" over {months_in_words(over)}" if over else ""))
    return ", ".join(said)


def _reason(facts: Facts, name_of: NameOf) -> str:
    cause, by = facts["cause"], facts["by"]
    if cause == "trigger":
        return f"set off by {name_of('event', by)}"
    if cause == "outcome":
        return f"as the outcome of {name_of('event', by)}"
    if cause == "offer":
        return f"once {name_of('lever', by)} has run out"
    return "by itself" if cause in ("itself", "again") else facts["said"]


def _event(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    notice = facts["notice"]
    what = "arises again" if facts["cause"] == "again" else "arises"
    return what, _reason(facts, name_of) + (f"; takes effect after {notice_in_words(notice)}" if notice else "")


def _offer(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    answer = "accepted" if facts["accepted"] else "declined"
    terms = f"{facts['discount']:.0%} off for {months_in_words(facts['months'])}"
    when = f"as {name_of('event', facts['event'])} would arise {_reason(facts, name_of)}"
    return f"{name_of('lever', facts['lever'])} is {answer}", f"{terms}, {when}"


def _effect(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    if facts["event"] is None:
        return f"{facts['change']} takes effect", changes(facts) or "no change of usage or price"
    void = "its commitment is void" if facts["voids"] and facts["floor"] > 0 else ""
    said = ", ".join(part for part in (changes(facts), void) if part)
    return f"{name_of('event', facts['event'])} takes effect", said or "it only sets off others"


def _ending(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    if facts["event"] is None:
        return f"{facts['change']} is over", "restored"
    floor = ", its floor stands again" if facts["floor_stands_again"] else ""
    return f"{name_of('event', facts['event'])} is over{floor}", f"it lasted {months_in_words(facts['lasted'])}"


def _one_off(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    return "has a one-off", f"{name_of('event', facts['event'])} takes effect; it is no revenue"


def _renewal(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    if not facts["commits"]:
        events = ", ".join(name_of("event", id) for id in facts["refused_by"])
        return "renews without commitment", f"{events} {'has' if len(facts['refused_by']) == 1 else 'have'} arisen"
    what = "" if facts["of"] == "volume" else " of its bills"
    period = "its term" if facts["per"] == "term" else f"a {facts['per']}"
    commits = f"commits to {facts['floor']:,.1f} {'for ' if facts['per'] == 'term' else ''}{period}"
    if facts["commitment"] is None:
        return commits, "the amount agreed"
    volume = f"a volume of {facts['volume']:,.1f}"
    return commits, f"{facts['commitment']:.0%}{what or ' of ' + volume}{' a month' if facts['per'] != 'month' else ''}"


def _expiry(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    return "is under contract no longer", f"it is over after {months_in_words(facts['months'])} and not renewed"


def _held(facts: Facts) -> tuple[str, str]:
    """What counts against a minimum, and at which price, where that is not the list's."""
    carried = f" and {facts['carried']:,.1f} carried over" if facts["carried"] > 0 else ""
    at = f", at {facts['price']:.0%} of the list price" if facts["of"] == "volume" and facts["price"] != 1 else ""
    return f"{'billed' if facts['of'] == 'money' else 'used'} {facts['used']:,.1f}{carried}", at


def _true_up(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    use, at = _held(facts)
    return "is billed what it did not use", f"{use} of a minimum of {facts['minimum']:,.1f}{at}"


def _buyout(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    _, at = _held(facts)
    return "buys itself out", f"{facts['minimum']:,.1f} was still committed{at}"


def _capacity(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    return f"serves {facts['served']:.1%} of the volume", "capacity is scarce"


def _bill(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    unused = f" and {facts['unused']:,.1f} of the commitment unused" if facts["unused"] > 0 else ""
    at = f" at {facts['price']:.0%} of the list price" if facts["price"] != 1 else ""
    return "is billed", f"{facts['used']:,.1f} used{unused}{at}"


def _month(facts: Facts, name_of: NameOf) -> tuple[str, str]:
    return "takes in", "all customers' bills"


SENTENCES: dict[str, Callable[[Facts, NameOf], tuple[str, str]]] = {
    "event": _event,
    "offer": _offer,
    "effect": _effect,
    "ending": _ending,
    "one_off": _one_off,
    "renewal": _renewal,
    "expiry": _expiry,
    "true_up": _true_up,
    "buyout": _buyout,
    "capacity": _capacity,
    "bill": _bill,
    "month": _month,
}
"""What is said of each kind of the model's entries."""
