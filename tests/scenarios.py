"""A Hypothesis strategy for whole scenarios, as the plain data that a file holds.

What it generates is valid by construction and leans towards scenarios in which the rules have something to do: likely
events with delays inside the horizon, customers who committed to a volume, capacity near demand, effects that end.
``tests/truth/test_enumeration.py`` measures how often each rule acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

Data = dict[str, Any]

STARTS = ("2024-03", "2023-12", "2025-01", "1999-10")
CUSTOMERS = ("alpha", "beta", "gamma", "delta")
GROUP = "megacorp"
EVENTS = ("own_model", "ban", "suspension", "merger", "rival")
SHAPES = ("step", "linear", "s_curve", "exponential")
WEIGHTS = ((1.0,), (0.5, 0.5), (0.2, 0.8), (0.25, 0.25, 0.5), (0.2, 0.5, 0.3), (0.1, 0.2, 0.3, 0.4))
LAWS = ("fixed", "table", "uniform", "triangular", "exponential", "lognormal", "gamma", "weibull")


def _chance(draw: DrawFn, percent: int) -> bool:
    """True in about so many of a hundred draws; shrinks to False."""
    return draw(st.integers(0, 99)) >= 100 - percent


def _one_of(draw: DrawFn, *options: Any) -> Any:
    return draw(st.sampled_from(options))


def _number(draw: DrawFn, low: float, high: float) -> float:
    """A multiple of 0.05, both ends included."""
    return draw(st.integers(round(low * 20), round(high * 20))) / 20


def _date(start: str, month: int) -> str:
    absolute = int(start[:4]) * 12 + int(start[5:]) - 1 + month
    return f"{absolute // 12:04d}-{absolute % 12 + 1:02d}"


@st.composite
def scenarios(draw: DrawFn) -> Data:
    """Generate a valid scenario of the language, version 1.1, as nested dicts, lists and plain values."""
    return _scenario(draw, CUSTOMERS[: _one_of(draw, 2, 1, 2, 3, 4)], bound=False)


@st.composite
def one_agreement(draw: DrawFn) -> Data:
    """Generate a scenario of one customer with a commitment in full: what is rare among all scenarios is usual here."""
    return _scenario(draw, CUSTOMERS[:1], bound=True)


def _scenario(draw: DrawFn, ids: Sequence[str], bound: bool) -> Data:
    start = _one_of(draw, *STARTS)
    months = _one_of(draw, 24, 12, 18, 24, 30, 36, 36, 48) if not _chance(draw, 8) else draw(st.integers(1, 48))
    known = draw(st.integers(0, min(months - 1, months // 3 + 1))) if _chance(draw, 25) else None
    customers = {customer: _customer(draw, start, months, bound) for customer in ids}
    named = [customer for customer, data in customers.items() if not data.get("pool")]
    grouped = len(named) > 1 and _chance(draw, 25)
    for customer in named[:2] if grouped else ():
        customers[customer]["group"] = GROUP
    scenario: Data = {
        "scenario": 1,
        "name": "generated",
        "start": start,
        "months": months,
        "money": "USD million",
        "customers": customers,
    }
    vendor = _vendor(draw, start, months, sum(customer["revenue"] for customer in customers.values()))
    if vendor or _chance(draw, 50):
        scenario["vendor"] = vendor
    if grouped:
        scenario["groups"] = {GROUP: {}}
    if known is not None:
        scenario["known"] = _date(start, known)
    events = _events(draw, start, months, known or 0, customers)
    if events:
        scenario["events"] = events
        together = _together(draw, events)
        if together:
            scenario["together"] = together
        levers = _levers(draw, events)
        if levers:
            scenario["levers"] = levers
    risk = _risk(draw, start, months, sum(customer["revenue"] for customer in customers.values()))
    if risk:
        scenario["risk"] = risk
    return scenario


def _growth(draw: DrawFn, start: str, months: int) -> float | Data:
    if not _chance(draw, 40):
        return _number(draw, -0.3, 0.6)
    first = draw(st.integers(-8, 0))
    later = draw(st.lists(st.integers(1, months + 2), max_size=2, unique=True))
    return {_date(start, m): _number(draw, -0.3, 0.8) for m in sorted([first, *later])}


def _customer(draw: DrawFn, start: str, months: int, bound: bool) -> Data:
    customer: Data = {"revenue": 0 if _chance(draw, 3) else draw(st.integers(2, 60)) / 2}
    if not _chance(draw, 15):
        customer["growth"] = _growth(draw, start, months)
    elif _chance(draw, 50):
        customer["growth"] = 0
    if _chance(draw, 50):
        customer["volatility"] = _number(draw, 0, 0.4)
    if _chance(draw, 40):
        customer["market"] = _number(draw, -1, 1)
    pool = not bound and _chance(draw, 12)
    if pool or _chance(draw, 10):
        customer["pool"] = pool
    if _chance(draw, 40):
        found = draw(st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True))
        customer["season"] = {month: _number(draw, 0.2, 2.5) for month in found}
    first = draw(st.integers(0, max(0, months // 3))) if _chance(draw, 12) else 0
    if first or _chance(draw, 3):
        customer["starts"] = _date(start, first)
    if _chance(draw, 10):
        customer["ends"] = _date(start, draw(st.integers(max(first, months // 2), months + 1)))
    if bound or _chance(draw, 85):
        customer["contract"] = _contract(draw, start, months, customer, bound)
    return customer


def _contract(draw: DrawFn, start: str, months: int, customer: Data, bound: bool) -> Data:
    contract: Data = {}
    if bound or _chance(draw, 90):
        term = _one_of(draw, 12, 6, 9, 12, 24) if _chance(draw, 80) else draw(st.integers(1, 40))
        contract["term"] = term
        renews = draw(st.integers(-14, min(months, 14) + 4))
        if _chance(draw, 25):
            length, begins = draw(st.integers(1, 30)), draw(st.integers(-14, max(0, months // 3)))
            contract["first"] = {"begins": _date(start, begins), "months": length}
            renews = begins + _one_of(draw, 0, length, length + term)
        if "first" in contract and _chance(draw, 45):
            del contract["term"]  # nothing renews
        elif "first" not in contract or _chance(draw, 30):
            contract["renews"] = _date(start, renews)
        if "term" in contract and _chance(draw, 80):
            contract["auto_renews"] = _chance(draw, 85)
        if bound or (not customer.get("pool", False) and _chance(draw, 90)):
            full, revenue = bound or _chance(draw, 45), customer["revenue"]
            contract["commitment"] = _commitment(draw, start, months, revenue, term) if full else _floor(draw)
    # Notice in time matters where a contract renews by itself.
    if not contract or _chance(draw, 85 if contract.get("auto_renews") else 50):
        contract["notice"] = draw(st.integers(1 if contract.get("auto_renews") else 0, 6))
    return contract


def _floor(draw: DrawFn) -> float:
    return _number(draw, 0.5, 1) if _chance(draw, 90) else _number(draw, 0, 0.5)


def _commitment(draw: DrawFn, start: str, months: int, revenue: float, term: int) -> Data:
    """A commitment in full, of about what the customer uses in a period."""
    per = _one_of(draw, "year", "quarter", "month", "term")
    commitment: Data = {"per": per} if per != "month" or _chance(draw, 50) else {}
    if _chance(draw, 65):
        commitment["share"] = _floor(draw)
        if _chance(draw, 60):
            commitment["running"] = revenue * _number(draw, 0.4, 1.3)
    else:
        length = {"month": 1, "quarter": 3, "year": 12, "term": term}[per]
        commitment["amount"] = revenue * length * _number(draw, 0.4, 1.3)
        if _chance(draw, 30):
            dates = draw(st.lists(st.integers(-14, months), min_size=1, max_size=3, unique=True))
            commitment["amount"] = {_date(start, m): revenue * length * _number(draw, 0.4, 1.3) for m in sorted(dates)}
    if _chance(draw, 40):
        commitment["of"] = _one_of(draw, "volume", "money")
    may_rise = not isinstance(commitment.get("amount"), dict) and ("share" in commitment or per != "term")
    if may_rise and _chance(draw, 95):
        commitment["rises"] = _number(draw, -0.2, 0.3)
    if _chance(draw, 70):
        commitment["carry"] = _chance(draw, 85)
    if _chance(draw, 75):
        commitment["buyout"] = _number(draw, 0.2, 1) if _chance(draw, 85) else 0
    return commitment


def _vendor(draw: DrawFn, start: str, months: int, demand: float) -> Data:
    vendor: Data = {"name": "The vendor"} if _chance(draw, 85) else {}
    if _chance(draw, 40):
        vendor["discount_rate"] = _number(draw, -0.05, 0.2)
    if _chance(draw, 55):
        initial = demand * _one_of(draw, 1, 0.5, 0.8, 0.9, 0.95, 1.05, 1.1, 1.3, 3)
        vendor["capacity"] = {"initial": initial}
        if not _chance(draw, 10):
            vendor["capacity"]["growth"] = _growth(draw, start, months)
    return vendor


def _risk(draw: DrawFn, start: str, months: int, demand: float) -> Data:
    risk: Data = {}
    first, last = 0, months - 1
    if _chance(draw, 40):
        first = draw(st.integers(0, months - 1))
        last = draw(st.integers(first, months - 1))
        risk["window"] = {"first": _date(start, first), "last": _date(start, last)}
    if _chance(draw, 50):
        risk["levels"] = _one_of(draw, [0.9], [0.5, 0.9], [0.75, 0.95, 0.99])
    if _chance(draw, 25):
        risk["year_starts"] = draw(st.integers(1, 12))
    if _chance(draw, 50):
        risk["target"] = demand * (last - first + 1) * _number(draw, 0.4, 1.3)
    return risk


def _table(draw: DrawFn, low: int, high: int, divisor: int = 1) -> Data:
    """A table of whole numbers from low to high, over the divisor, the highest always among them."""
    weights = [w for w in WEIGHTS if len(w) <= high - low + 1]
    chosen = _one_of(draw, *weights)
    others = draw(
        st.lists(st.integers(low, high - 1), min_size=len(chosen) - 1, max_size=len(chosen) - 1, unique=True)
        if len(chosen) > 1
        else st.just([])
    )
    values: list[Any] = [value if divisor == 1 else value / divisor for value in [*sorted(others), high]]
    return dict(zip(values, chosen, strict=True))


def _law(draw: DrawFn, past: int, typical: int, lowest: int = 1) -> Data:
    """A law in months of which a good part lies within ``typical`` months after ``past``, none of it all before.

    ``lowest`` is the lowest value of the laws of few values: 0 only where an atom at 0 is allowed.
    """
    kind = _one_of(draw, *LAWS)
    ahead = past + draw(st.integers(1, max(1, typical)))
    if kind == "fixed":
        zero = past == 0 and lowest == 0 and _chance(draw, 10)
        return {"fixed": 0 if zero else ahead - (0.5 if _chance(draw, 10) else 0)}
    if kind == "table":
        return {"table": _table(draw, lowest, ahead + 2) if past == 0 else _table(draw, past + lowest, ahead + 2)}
    if kind == "uniform":
        return {"uniform": {"low": draw(st.integers(0, ahead)), "high": ahead + draw(st.integers(1, 8))}}
    if kind == "triangular":
        low = draw(st.integers(0, ahead))
        return {"triangular": {"low": low, "mode": draw(st.integers(low, ahead)), "high": ahead + 2}}
    if kind == "exponential":
        return {"exponential": {"mean": ahead}}
    if kind == "lognormal":
        spread = {"sigma": _number(draw, 0.2, 1)} if _chance(draw, 50) else {"p90": ahead * _number(draw, 1.1, 3)}
        return {"lognormal": {"median": ahead, **spread}}
    if kind == "gamma":
        return {"gamma": {"mean": ahead, "sd": ahead * _number(draw, 0.2, 1.2)}}
    return {"weibull": {"shape": _number(draw, 0.7, 3), "scale": ahead}}


def _share(draw: DrawFn, low: int, high: int) -> Data:
    """A law of a level, low and high in twentieths; now and then one without an upper end."""
    kind = _one_of(draw, "uniform", "table", "triangular", "fixed", "unbounded")
    if kind == "uniform":
        return {"uniform": {"low": low / 20, "high": high / 20}}
    if kind == "table":
        return {"table": _table(draw, low, high, divisor=20)}
    if kind == "triangular":
        return {"triangular": {"low": low / 20, "mode": draw(st.integers(low, high)) / 20, "high": high / 20}}
    if kind == "fixed":
        return {"fixed": draw(st.integers(low, high)) / 20}
    unbounded: Data = _one_of(draw, {"lognormal": {"median": 0.4, "sigma": 0.5}}, {"gamma": {"mean": 0.5, "sd": 0.2}})
    return unbounded


def _effect(draw: DrawFn, months: int, ordinary: tuple[int, int]) -> Data:
    """An effect with a level mostly in the ordinary range (twentieths), else anywhere from 0 to 2."""
    low, high = ordinary if _chance(draw, 85) else (0, 40)
    effect: Data = {"to": _share(draw, low, high) if _chance(draw, 35) else draw(st.integers(low, high)) / 20}
    if _chance(draw, 65):
        longest = max(1, min(8, months // 3))
        effect["over"] = _law(draw, 0, longest, 0) if _chance(draw, 30) else draw(st.integers(0, longest))
    if _chance(draw, 60):
        effect["shape"] = _one_of(draw, *SHAPES)
    return effect


def _timing(draw: DrawFn, start: str, months: int, known: int) -> Data:
    if _chance(draw, 20):
        late = 4 if _chance(draw, 10) else 0
        return {"month": _date(start, draw(st.integers(0, months - 1 + late)))}
    if _chance(draw, 15):
        dates = draw(st.lists(st.integers(-6, max(1, months // 2)), min_size=1, max_size=3, unique=True))
        return {"hazard": {_date(start, m): _number(draw, 0.2, 0.95) for m in sorted(dates)}}
    counted_from = 0
    timing: Data = {}
    if _chance(draw, 40):
        counted_from = draw(st.integers(-14, months // 3))
        timing["from"] = _date(start, counted_from)
    return {**timing, **_law(draw, max(0, known - counted_from), max(1, months // 3))}


def _at_renewal(draw: DrawFn, start: str, months: int) -> float | Data:
    if not _chance(draw, 30):
        return _number(draw, 0.2, 0.9)
    dates = draw(st.lists(st.integers(-14, months), min_size=1, max_size=3, unique=True))
    return {_date(start, m): _number(draw, 0, 0.9) for m in sorted(dates)}


def _hits(draw: DrawFn, ids: list[str]) -> str | list[str]:
    # Events that meet on the same customer are what the rules for several events need.
    if len(ids) == 1 or _chance(draw, 60):
        one = _one_of(draw, ids[0], ids[0], *ids)
        return [one] if _chance(draw, 10) else one
    if _chance(draw, 40):
        return "all"
    return draw(st.lists(st.sampled_from(ids), min_size=1, unique=True))


def _events(draw: DrawFn, start: str, months: int, known: int, customers: Data) -> Data:
    count = _one_of(draw, 2, 1, 2, 3, 3, 4, 5) if not _chance(draw, 4) else 0
    ids = EVENTS[:count]
    events = {event: _event(draw, start, months, known, customers) for event in ids}
    for e, event in enumerate(ids):
        targets = [target for target in ids[e + 1 :] if _chance(draw, 40)]
        if targets:
            events[event]["triggers"] = {target: _trigger(draw, months) for target in targets}
        if _chance(draw, 70 if events[event].get("repeats") else 25):
            events[event]["outcomes"] = _outcomes(draw, months, targets, events[event])
        bare = events[event].keys() & {"usage", "price"} and targets and _chance(draw, 12)
        if bare:
            events[event].pop("usage", None)
            events[event].pop("price", None)
    fates = [fate for event in events.values() for fate in (event, *event.get("outcomes", {}).values())]
    set_off = {target for fate in fates for target in fate.get("triggers", {})}
    for target in ids:
        if target in set_off and not events[target].get("repeats") and _chance(draw, 25):
            _only_set_off(draw, events[target])
    _plan(draw, events)
    order = draw(st.permutations(ids)) if count else []
    return {event: events[event] for event in order}


def _plan(draw: DrawFn, events: Data) -> None:
    """Let some events be planned: of those that cost nothing once and that nothing else sets off."""
    for id_, event in events.items():
        fates = (event, *event.get("outcomes", {}).values())
        sources = [
            other
            for other in events.values()
            if any(id_ in fate.get("triggers", {}) for fate in (other, *other.get("outcomes", {}).values()))
        ]
        free = not any("once" in fate for fate in fates) and all(source.get("planned") for source in sources)
        if free and _chance(draw, 8 if event.get("choice") else 30):
            event["planned"] = True


def _outcomes(draw: DrawFn, months: int, targets: list[str], event: Data) -> Data:
    """Two or three outcomes, of which one may have the rest of the weights; of what repeats one may be for good."""
    weights = _one_of(draw, (0.5, 0.5), (0.3, 0.7), (0.2, 0.5, 0.3))
    outcomes: Data = {}
    for k, weight in enumerate(weights):
        fate: Data = {"weight": weight}
        if _chance(draw, 60):
            fate["usage"] = _effect(draw, months, (0, 16))
        if _chance(draw, 25):
            fate["price"] = _effect(draw, months, (10, 24))
        if _chance(draw, 35):
            fate["lasts"] = _law(draw, 0, max(2, months // 4), 0)
            if not event.get("repeats") and _chance(draw, 40):
                fate["permanent"] = _number(draw, 0, 0.6)
        if _chance(draw, 25):
            fate["voids_commitment"] = _chance(draw, 50)
        if _chance(draw, 25):
            fate["once"] = _once(draw)
        if _chance(draw, 25):
            fate["recommits"] = _chance(draw, 80)
        chosen = [target for target in targets if _chance(draw, 50)]
        if chosen:
            fate["triggers"] = {target: _trigger(draw, months) for target in chosen}
        outcomes[f"fate_{k}"] = fate
    if event.get("repeats") and _chance(draw, 30):
        lasts = event.pop("lasts")
        for k in range(1, len(outcomes)):
            outcomes[f"fate_{k}"].setdefault("lasts", lasts)
    if _chance(draw, 40):
        del outcomes["fate_0"]["weight"]
    return outcomes


def _only_set_off(draw: DrawFn, event: Data) -> None:
    """Let an event arise only where another sets it off."""
    del event["timing"]
    event.pop("probability", None)
    if _chance(draw, 30):
        event["probability"] = 0


def _trigger(draw: DrawFn, months: int) -> Data:
    trigger: Data = {"probability": _number(draw, 0.5, 1) if _chance(draw, 90) else _number(draw, 0, 0.5)}
    if _chance(draw, 65):
        trigger["after"] = _law(draw, 0, max(1, min(6, months // 4)))
    return trigger


def _event(draw: DrawFn, start: str, months: int, known: int, customers: Data) -> Data:
    hits = _hits(draw, list(customers))
    committed = [id_ for id_, customer in customers.items() if customer.get("contract", {}).get("commitment")]
    # One who committed and goes for good: the one whom most of a contract's rules are about.
    quits = bool(committed) and _chance(draw, 35)
    if quits:
        full = [id_ for id_ in committed if isinstance(customers[id_]["contract"]["commitment"], dict)]
        bought_out = [id_ for id_ in full if "buyout" in customers[id_]["contract"]["commitment"]]
        hits = _one_of(draw, *committed, *full, *bought_out)
    members = [customer for customer, data in customers.items() if "group" in data]
    if hits in members and _chance(draw, 60):
        hits = GROUP
    event: Data = {"hits": hits}
    hit = list(customers) if hits == "all" else members if hits == GROUP else [hits] if isinstance(hits, str) else hits
    choice = quits or _chance(draw, 55)
    if choice or _chance(draw, 20):
        event["choice"] = choice
    each = len(hit) > 1 and _chance(draw, 65)
    if each or (len(hit) > 1 and _chance(draw, 10)):
        event["each"] = each
    if quits and _chance(draw, 60):
        event["notice"] = draw(st.integers(0, 1))
    elif _chance(draw, 25):
        event["notice"] = _law(draw, 0, min(6, max(1, months // 4)), 0)
    elif _chance(draw, 20):
        event["notice"] = draw(st.integers(0, 6))
    notices = {customers[customer].get("contract", {}).get("notice", 0) for customer in hit}
    if choice and not each and len(notices) > 1 and hits != GROUP:
        event.setdefault("notice", draw(st.integers(0, 6)))
    if _chance(draw, 70):
        event["probability"] = _number(draw, 0.5, 1) if _chance(draw, 90) else _number(draw, 0, 0.5)
    renewing = all("term" in customers[customer].get("contract", {}) for customer in hit)
    if renewing and choice and _chance(draw, 15 if quits else 30):
        event["leaves"] = "at_renewal"
    elif choice and _chance(draw, 5):
        event["leaves"] = "after_notice"
    several = bool(members) and hits in ("all", GROUP)  # agreements of a group renew each at its own time
    if (
        renewing
        and not several
        and (each or len(hit) == 1)
        and not isinstance(event.get("notice"), dict)
        and _chance(draw, 20)
    ):
        event["timing"] = {"at_renewal": _at_renewal(draw, start, months)}
    else:
        event["timing"] = _timing(draw, start, months, known)
    usage = quits or _chance(draw, 80)
    if usage:
        event["usage"] = _effect(draw, months, (0, 16))
    if not usage or _chance(draw, 25):
        event["price"] = _effect(draw, months, (10, 24))
    if not quits and _chance(draw, 50):
        event["lasts"] = _law(draw, 0, max(2, months // 4), 0)
        timing = event["timing"].keys()
        if not timing & {"month", "at_renewal"} and _chance(draw, 65):
            event["repeats"] = _chance(draw, 90)
        elif _chance(draw, 40):
            event["permanent"] = _number(draw, 0, 0.6)
    if _chance(draw, 40):
        event["voids_commitment"] = _chance(draw, 15 if quits else 60)
    if _chance(draw, 20):
        event["once"] = _once(draw)
    if not quits and _chance(draw, 35):
        event["recommits"] = _chance(draw, 85)
    return event


def _once(draw: DrawFn) -> Data:
    """What is lost once: an amount, now and then a gain, or a law of it."""
    if _chance(draw, 40):
        return {"uniform": {"low": draw(st.integers(0, 20)), "high": draw(st.integers(21, 60))}}
    return {"amount": draw(st.integers(-10, 60))}


def _together(draw: DrawFn, events: Data) -> list[Data]:
    """Now and then a set of events that tend to come together, or two."""
    free = [event for event, data in events.items() if "timing" in data]
    if not _chance(draw, 35):
        return []
    alone = [event for event in free if events[event].get("each") and _chance(draw, 40)][:1]
    sets = [alone] if alone else []
    rest = [event for event in free if event not in alone]
    if len(rest) > 1:
        sets.append(rest[: draw(st.integers(2, len(rest)))])
    return [{"events": one, "correlation": draw(st.integers(0, 19)) / 20} for one in sets]


def _levers(draw: DrawFn, events: Data) -> Data:
    levers: Data = {}
    for event, data in events.items():
        one = data["hits"] != "all" and (isinstance(data["hits"], str) or len(data["hits"]) == 1)
        free = not data.get("planned") and not data.get("repeats")
        if one and data.get("choice", False) and free and _chance(draw, 85):
            levers[f"offer_{event}"] = {
                "against": event,
                "discount": _number(draw, 0, 0.5),
                "months": draw(st.integers(1, 10)) if _chance(draw, 95) else 0,
                "acceptance": _number(draw, 0.4, 1) if _chance(draw, 90) else _number(draw, 0, 0.4),
            }
    return levers
