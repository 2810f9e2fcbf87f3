"""What takes more than one place of a scenario to judge: ids that exist, dates within the horizon, laws that fit."""

from __future__ import annotations

import math

from sim.language import agreements, planned, repeats, together
from sim.language.document import Document, Findings, Steps
from sim.language.doubted import in_doubt
from sim.language.evidence_checks import EvidenceCheck
from sim.language.figures import months_in_words
from sim.language.laws import LawPlace, laws_in
from sim.language.noting import Noting, names_of
from sim.language.outcomes import fates
from sim.language.parties import ALL, Parties
from sim.language.reader import Table
from sim.language.schema import NO_VENDOR, EventPart, OncePart, ScenarioPart
from sim.language.validation import Validated
from sim.language.values import LOOKS_LIKE_BOOL, LOOKS_LIKE_NULL, month_number
from sim.scenario.laws import is_exhausted

TABLE_SUM_TOLERANCE = 1e-9

LARGEST_AMOUNT = 1e60
"""What no amount may come near within the horizon: squares and products of amounts must stay floating-point numbers."""

LARGEST_LEVEL = 1e30
"""What no draw of a level may reach: a law without an upper end must be as good as sure to stay below."""

LARGEST_ONCE = 1e30
"""What nothing lost once may go beyond, so that a page's numbers of single precision hold it."""

_NEVER_DRAWN = 2.0**-54  # half of the smallest chance that a draw can tell
_WIDE = 10  # standard deviations that a demand is taken to reach


def check(document: Document, validated: Validated, findings: Findings) -> None:
    """Check what the schema cannot; of what was refused before, nothing is said twice."""
    if validated.part is not None:
        _Check(document, validated, validated.part, findings).everything()


def does_something(event: EventPart) -> bool:
    """Whether an event does anything where it arises."""
    return any(any((fate.usage, fate.price, fate.triggers, fate.once)) for _, fate in fates(event))


def _targets(event: EventPart) -> list[tuple[Steps, str]]:
    """Events that an event or one of its outcomes sets off, each with the path of that below the event."""
    found: list[tuple[Steps, str]] = [(("triggers", target), target) for target in event.triggers or {}]
    for id_, outcome in (event.outcomes or {}).items():
        found += [(("outcomes", id_, "triggers", target), target) for target in outcome.triggers or {}]
    return found


class _Check(Noting):
    """One scenario under check."""

    def __init__(self, document: Document, validated: Validated, part: ScenarioPart, findings: Findings) -> None:
        super().__init__(document, validated, part, findings)
        self.start = month_number(part.start)
        self.vendor = part.vendor or NO_VENDOR
        self.events = part.events or {}
        self.set_off = {target for event in self.events.values() for _, target in _targets(event)}
        root = document.root
        self.customer_ids = self._ids(root, "customers")
        self.group_ids = self._ids(root, "groups")
        self.event_ids = self._ids(root, "events")
        self.hit_names = (*self.customer_ids, *self.group_ids, ALL)
        self.parties = Parties(part.customers)
        self.known = 0

    @staticmethod
    def _ids(root: Table, section: str) -> tuple[str, ...]:
        """List the ids that stand in the file, those of refused entries too."""
        node = root.entries.get(section)
        return tuple(node.entries) if isinstance(node, Table) else ()

    def everything(self) -> None:
        self.ids()
        self.dates()
        self.customers()
        for id_, event in self.events.items():
            self.event(id_, event)
        self.amounts()
        self.cycles()
        together.refuse(self.part, self.event_ids, self.add)
        planned.refuse(self.part, self.add)
        repeats.refuse(self.part, self.add)
        self.levers()
        self.risk()
        EvidenceCheck(self.document, self.validated, self.part, self.findings).everything()
        in_doubt(self, self.add)

    def month(self, date: str) -> int:
        return month_number(date) - self.start

    def end(self) -> str:
        absolute = self.start + self.part.months - 1
        return f"{absolute // 12:04d}-{absolute % 12 + 1:02d}"

    def ids(self) -> None:
        """Refuse ids that other readers of YAML would not take as text, and the one that means everybody."""
        for section in ("customers", "groups", "events", "levers"):
            node = self.document.root.entries.get(section)
            for id_, written in node.keys.items() if isinstance(node, Table) else ():
                if written.plain and (id_ in LOOKS_LIKE_BOOL or id_ in LOOKS_LIKE_NULL):
                    help = f'in quotes it is a text: "{id_}"'
                    self.add((section, id_), f"`{id_}` as id", "an id that is text", help=help, key=True)
        for section, names in (("customers", self.customer_ids), ("groups", self.group_ids)):
            if ALL in names:
                self.add((section, ALL), "`all` as id", "another id: `hits: all` means every customer", key=True)
        self.groups()

    def groups(self) -> None:
        """Refuse groups that are called as a customer is, or that no customer is of, and customers of others."""
        for id_ in self.group_ids:
            if id_ in self.customer_ids:
                self.add(("groups", id_), f"{id_}, which is a customer's id too", "an id of its own", key=True)
            elif id_ not in self.parties.groups and not self.validated.is_damaged(("customers",)):
                help = f"let its agreements say so: customers.<id>.group: {id_}"
                found = f"{id_}, of which no customer is"
                self.add(("groups", id_), found, "a group with agreements", help=help, key=True)
        for id_, customer in self.part.customers.items():
            path = ("customers", id_, "group")
            if customer.group is not None and customer.group not in self.group_ids:
                known, found = self.group_ids, f"no group {customer.group}"
                help = "" if known else f"add it at the top level: groups: {{{customer.group}: {{}}}}"
                allowed = names_of("a group's id", known)
                self.add(path, found, allowed, help=help or None, misspelt=customer.group, known=known)
            elif customer.group is not None and customer.pool:
                self.add(path, "a group of a pool", "a group only of a named customer")

    def dates(self) -> None:
        if self.part.known is not None:
            self.known = self.month(self.part.known)
            if not 0 <= self.known < self.part.months:
                found = f"{self.part.known}, {'before the start' if self.known < 0 else 'after the horizon'}"
                self.add(("known",), found, f"a month from {self.part.start} to {self.end()}")
                self.known = 0
        capacity = self.vendor.capacity
        if capacity is not None:
            self.growth(("vendor", "capacity", "growth"), capacity.growth)

    def growth(self, path: Steps, growth: float | dict[str, float]) -> None:
        if isinstance(growth, dict) and min(growth) > self.part.start and not self.validated.is_damaged(path):
            first = min(growth)
            found = f"a schedule that begins in {first}, after the start"
            self.add((*path, first), found, f"a first month of at most {self.part.start}", key=True)

    def amounts(self) -> None:
        """Refuse amounts that may outgrow what a floating-point number holds; without noise of rounding, by far."""
        years = self.part.months / 12
        most = math.log(LARGEST_AMOUNT)
        span = months_in_words(self.part.months)
        allowed = f"revenue, growth and volatility that keep it below {LARGEST_AMOUNT:g} over {span}"
        grown: list[tuple[Steps, float, float | dict[str, float], float]] = [
            (("customers", id_), customer.revenue, customer.growth, customer.volatility)
            for id_, customer in self.part.customers.items()
        ]
        vendor = self.vendor
        if vendor.capacity is not None:
            grown.append((("vendor", "capacity"), vendor.capacity.initial, vendor.capacity.growth, 0.0))
        for path, amount, growth, volatility in grown:
            grown_to = math.log(amount) + self.highest(growth) if amount > 0 else -math.inf
            customer = self.part.customers.get(path[1]) if path[0] == "customers" else None
            grown_to += 0.0 if customer is None else agreements.highest(customer, years)
            reach = max(0.0, grown_to) + _WIDE * volatility * years**0.5
            if reach > most:
                help = _as_per_cent(growth, volatility)
                found = f"an amount that may grow beyond {LARGEST_AMOUNT:g}"
                self.add(path, found, allowed, help=help, key=True, whole=True)
        if vendor.discount_rate is not None and -math.log1p(vendor.discount_rate) * years > most:
            path = ("vendor", "discount_rate")
            self.add(
                path,
                f"{vendor.discount_rate:g}, which makes present values grow beyond {LARGEST_AMOUNT:g}",
                "a rate above -1 by more",
            )
        if self.part.risk is not None and (self.part.risk.target or 0) > LARGEST_AMOUNT:
            self.add(("risk", "target"), f"{self.part.risk.target:g}", f"an amount up to {LARGEST_AMOUNT:g}")

    def highest(self, growth: float | dict[str, float]) -> float:
        """Logarithm of the highest factor that growth reaches within the horizon; the first month counts as 0."""
        steps = {self.part.start: growth} if not isinstance(growth, dict) else growth
        begins = sorted((max(self.month(date), 0), rate) for date, rate in steps.items())
        ends = [*(month for month, _ in begins[1:]), self.part.months]
        level = highest = 0.0
        for (first, rate), end in zip(begins, ends, strict=True):
            # Growth acts from the month after the first on: month 0 is where it starts from.
            level += math.log1p(rate) / 12 * max(0, min(end, self.part.months) - max(first, 1))
            highest = max(highest, level)
        return highest

    def customers(self) -> None:
        for id_, customer in self.part.customers.items():
            path = ("customers", id_)
            self.growth((*path, "growth"), customer.growth)
            contract = customer.contract
            if customer.pool and contract is not None and "commitment" in contract.model_fields_set:
                where = (*path, "contract", "commitment")
                self.add(where, "a commitment of a pool", "a commitment only of a named customer")
            for refusal in agreements.of_customer(customer, self.part.start, self.end()):
                self.add((*path, *refusal.path), refusal.found, refusal.allowed, help=refusal.help)

    def event(self, id_: str, event: EventPart) -> None:
        path = ("events", id_)
        hit = self.hits((*path, "hits"), event)
        damaged = self.validated.is_damaged(path)
        if not damaged and not does_something(event):
            allowed = "usage, price or both; neither only where it triggers or costs something once"
            self.add(path, "an event without usage, price and triggers", allowed, help="say what it changes")
        costs: list[tuple[Steps, OncePart | None]] = [((), event.once)]
        costs += [(("outcomes", k), outcome.once) for k, outcome in (event.outcomes or {}).items()]
        for below, once in costs:
            amount = 0.0 if once is None else once.amount or 0.0
            if abs(amount) > LARGEST_ONCE:
                self.add((*path, *below, "once", "amount"), f"{amount:g}", f"an amount up to {LARGEST_ONCE:g}")
        if event.choice and not event.each and event.notice is None and self.parties.count(hit) > 1 and not damaged:
            self.notices(path, hit)
        if event.timing is None and "probability" not in event.model_fields_set and not damaged:
            self.set_off_by_others(id_, path)
        if event.timing is not None and event.timing.month is not None and self.month(event.timing.month) < 0:
            where = (*path, "timing", "month")
            self.add(where, f"{event.timing.month}, before the start", f"a month from {self.part.start} on")
        if not damaged:
            # Whether a contract renews that was refused itself is not known.
            whole = [one for one in hit if not self.validated.is_damaged(("customers", one, "contract"))]
            for refusal in agreements.of_event(event, hit, whole, self.part.customers):
                self.add((*path, *refusal.path), refusal.found, refusal.allowed, help=refusal.help)
            by_renewal = event.each and event.timing is not None and event.timing.at_renewal is not None
            for group, those in self.parties.each(event.hits) if by_renewal else ():
                if len(those) > 1:
                    found, help = (
                        f"the renewals of the {len(those)} agreements of {group}",
                        "name its agreements one by one",
                    )
                    self.add((*path, "timing", "at_renewal"), found, "those of one agreement", help=help)
        for place in laws_in(event):
            self.law((*path, *place.path), place)
        if event.outcomes and not damaged:
            self.outcomes(path, event)
        for steps, target in _targets(event):
            if target not in self.event_ids:
                known = self.event_ids
                self.add(
                    (*path, *steps),
                    f"no event {target}",
                    names_of("an event's id", known),
                    key=True,
                    misspelt=target,
                    known=known,
                )

    def outcomes(self, path: Steps, event: EventPart) -> None:
        """Check that the weights of an event's outcomes are those of one that happens, and that each is whole."""
        given = [outcome.weight for outcome in (event.outcomes or {}).values() if outcome.weight is not None]
        open_, total = len(event.outcomes or {}) - len(given), math.fsum(given)
        help = "let one outcome leave its weight out: it has the rest"
        if open_ > 1:
            allowed = "a weight for each but one of them"
            self.add((*path, "outcomes"), f"{open_} outcomes without a weight", allowed, whole=True)
        elif total > 1 + TABLE_SUM_TOLERANCE or (open_ == 0 and total < 1 - TABLE_SUM_TOLERANCE):
            found = f"weights that sum to {total:.12g}"
            self.add((*path, "outcomes"), found, "weights that sum to 1", help=help, whole=True)
        for steps, fate in fates(event):
            if fate.permanent > 0 and fate.lasts is None:
                where = (*path, *steps, "permanent")
                self.add(where, "permanent without lasts", "permanent only with lasts", help="add lasts")

    def set_off_by_others(self, id_: str, path: Steps) -> None:
        """Refuse an event without timing that nothing sets off: it could never arise."""
        # What another event lost with a mistake of its own may have been the trigger.
        if id_ in self.set_off or self.validated.is_damaged(("events",)):
            return
        help = f"say when it arises, or let another event set it off: triggers: {{{id_}: {{}}}}"
        self.add(path, "an event without timing that no event sets off", "a timing, or a trigger", help=help)

    def hits(self, path: Steps, event: EventPart) -> list[str]:
        """Check the customers that an event hits; give those that exist."""
        if event.hits == ALL:
            return list(self.part.customers)
        ids = [event.hits] if isinstance(event.hits, str) else event.hits
        seen: set[str] = set()
        for i, id_ in enumerate(ids):
            where = path if isinstance(event.hits, str) else (*path, str(i))
            if id_ in self.group_ids and id_ not in self.customer_ids:
                twice = next((one for one in self.parties.groups.get(id_, []) if one in seen), None)
                if twice is not None or id_ in seen:
                    found = f"{twice or id_} twice" + (f", by itself and in {id_}" if twice else "")
                    self.add(where, found, "each customer once")
                seen |= {id_, *self.parties.groups.get(id_, [])}
                continue
            if id_ not in self.customer_ids:
                known = self.hit_names
                self.add(where, f"no customer {id_}", names_of("a customer's id", known), misspelt=id_, known=known)
            elif id_ in seen:
                self.add(where, f"{id_} twice", "each customer once")
            seen.add(id_)
        return self.parties.hit(ids)

    def notices(self, path: Steps, hit: list[str]) -> None:
        by_notice: dict[int, str] = {}
        for id_ in hit:
            contract = self.part.customers[id_].contract
            by_notice.setdefault(0 if contract is None else contract.notice, id_)
        if len(by_notice) > 1 and not any(self.validated.is_damaged(("customers", id_)) for id_ in hit):
            shown = ", ".join(f"{id_} {notice}" for notice, id_ in list(by_notice.items())[:4])
            found = f"a choice of several customers whose contracts' notices differ ({shown})"
            help = "give the event a notice of its own, or each: true"
            self.add((*path, "hits"), found, "one notice for the event", help=help)

    def law(self, path: Steps, place: LawPlace) -> None:
        part = place.part
        if part.table is not None and not self.table((*path, "table"), part.table):
            return
        law = part.law(self.start)
        where = (*path, part.key)
        if place.positive and not law.positive:
            self.add(where, "a delay that can be 0", "a law of delays above 0", whole=True)
            return
        if place.is_level and 100 < law.highest < math.inf:
            self.add(where, f"a level of up to {law.highest:g}", "levels from 0 to 100", whole=True)
        if place.is_level and law.highest == math.inf and law.survival(LARGEST_LEVEL) > _NEVER_DRAWN:
            self.add(where, f"levels that may go beyond {LARGEST_LEVEL:g}", "a law of less spread", whole=True)
        if place.is_amount and law.highest == math.inf and law.survival(LARGEST_ONCE) > _NEVER_DRAWN:
            self.add(where, f"amounts that may go beyond {LARGEST_ONCE:g}", "a law of less spread", whole=True)
        if path[2:] == ("timing",):
            since = getattr(part, "from_", None)
            counted_from = 0 if since is None else self.month(since)
            if is_exhausted(law, counted_from, self.known):
                date = self.part.known or self.part.start
                found = f"a law of which nothing is left after {date}, by when the event is known not to have arisen"
                help = "let it reach further, count it from a later month, or remove the event"
                self.exhausted(path, found, help)

    def exhausted(self, path: Steps, found: str, help: str) -> None:
        """Refuse a law of which nothing is left, at the law or at `known`, whichever was written later."""
        law, known = self.document.latest(path), self.document.node(("known",))
        marks = [law, *([] if known is None or known.source.layer <= law.source.layer else [known])]
        self.findings.add(marks[-1], path, found, "a law that can still happen", help=help)

    def table(self, path: Steps, table: dict[str, float]) -> bool:
        """Check a table's probabilities and that no value stands there twice; whether a law can be made of it."""
        seen: dict[float, str] = {}
        for key in table:
            value = float(key)
            if value in seen:
                self.add((*path, key), f"{key}, the same value as {seen[value]}", "each value once", key=True)
            seen.setdefault(value, key)
        total = math.fsum(table.values())
        is_whole = abs(total - 1) <= TABLE_SUM_TOLERANCE
        if not is_whole and not self.validated.is_damaged(path):
            self.add(path, f"probabilities that sum to {total:.12g}", "probabilities that sum to 1", whole=True)
        return is_whole and len(seen) == len(table)

    def cycles(self) -> None:
        """Walk the triggers; each one that leads back to where the walk came from is refused."""
        places = {(id_, t): steps for id_, event in self.events.items() for steps, t in _targets(event)}
        targets = {id_: [t for _, t in _targets(event) if t in self.events] for id_, event in self.events.items()}
        done: set[str] = set()
        for first in targets:
            if first in done:
                continue
            way, on_way = [first], {first}
            ahead = [iter(targets[first])]
            while ahead:
                target = next(ahead[-1], None)
                if target is None:
                    ahead.pop()
                    on_way.discard(way[-1])
                    done.add(way.pop())
                elif target in on_way:
                    cycle = [*way[way.index(target) :], target]
                    shown = " → ".join(cycle if len(cycle) < 9 else [*cycle[:6], "…", cycle[-1]])
                    where = ("events", way[-1], *places[way[-1], target])
                    self.add(where, f"a cycle of triggers: {shown}", "triggers without a cycle", key=True)
                elif target not in done:
                    way.append(target)
                    on_way.add(target)
                    ahead.append(iter(targets[target]))

    def levers(self) -> None:
        against: dict[str, str] = {}
        for id_, lever in (self.part.levers or {}).items():
            path = ("levers", id_, "against")
            target = lever.against
            if target not in self.event_ids:
                self.add(
                    path,
                    f"no event {target}",
                    names_of("an event's id", self.event_ids),
                    misspelt=target,
                    known=self.event_ids,
                )
                continue
            if target in against:
                self.add(path, f"a second lever against {target}, beside {against[target]}", "one lever an event")
            against.setdefault(target, id_)
            event = self.events.get(target)
            if event is None or self.validated.is_damaged(("events", target)):
                continue
            count = self.parties.count(self.parties.hit(event.hits))
            if not event.choice:
                help = f"events.{target} has no `choice: true`: there is nobody to make the offer to"
                self.add(path, f"{target}, which is not the customer's choice", "the choice of one customer", help=help)
            elif count > 1:
                self.add(path, f"{target}, the choice of {count} customers", "the choice of one customer")

    def risk(self) -> None:
        risk = self.part.risk
        if risk is None:
            return
        seen: set[float] = set()
        for i, level in enumerate(risk.levels):
            if level in seen and not self.validated.is_damaged(("risk", "levels")):
                self.add(("risk", "levels", str(i)), f"the level {level:g} twice", "each level once")
            seen.add(level)
        if risk.window is None:
            return
        inside = True
        for key, date in (("first", risk.window.first), ("last", risk.window.last)):
            if not 0 <= self.month(date) < self.part.months:
                inside = False
                found = f"{date}, {'before the start' if self.month(date) < 0 else 'after the horizon'}"
                self.add(("risk", "window", key), found, f"a month from {self.part.start} to {self.end()}")
        if inside and risk.window.last < risk.window.first:
            found = f"{risk.window.last}, before the window's first month"
            self.add(("risk", "window", "last"), found, f"a month from {risk.window.first} to {self.end()}")


def _as_per_cent(growth: float | dict[str, float], volatility: float) -> str | None:
    """Say what a rate would be, had it been typed as per cent."""
    rate = max(growth.values()) if isinstance(growth, dict) else growth
    for what, value, sensible in (("volatility", volatility, 3.0), ("growth", rate, 2.0)):
        if value >= sensible:
            return f"{what} is a rate a year: {value / 100:.12g} is {value:.12g} %"
    return None
