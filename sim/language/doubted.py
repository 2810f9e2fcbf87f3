"""What is in doubt in a scenario: the block ``doubt`` made into laws of numbers, or refused with its place.

It is read twice, when a scenario is checked and when it is compiled, by the same code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from pydantic_core import PydanticCustomError

from sim.errors import inert
from sim.language.document import Steps, child, resolve
from sim.language.doubt_forms import Add, Forms, Refused, Span, span_of
from sim.language.evidence_checks import no_such_path
from sim.language.leaves import covering, entries, leaves, number_of, value_of
from sim.language.noting import Noting
from sim.language.places import find
from sim.language.plausible import trouble
from sim.language.reader import Node, Scalar, Table
from sim.language.reader import Sequence as Items
from sim.language.undoubted import dropped
from sim.language.values import Choice, Flag, Identifier, Kind, Month, MonthOfTheYear, Number
from sim.scenario.doubts import (
    Doubt,
    Doubtful,
    Drawn,
    Form,
    LeftOut,
    Percentiles,
    Pert,
    rounded_draws,
)

SECTIONS = ("vendor", "customers", "events", "levers")
TARGET = ("risk", "target")

_ALLOWED = "a number, month, word or truth value under vendor, customers, events or levers, or risk.target"
_PERCENT = {"p10-p90": 10, "p5-p95": 5}


def in_doubt(noting: Noting, add: Add) -> Doubtful | None:
    """Read what is in doubt.

    Parameters
    ----------
    noting
        The scenario under check, its document and what the schema made of it.
    add
        Notes a problem.

    Returns
    -------
    Doubtful or None
        None without the block. Where problems were noted it is not whole.
    """
    return None if noting.part.doubt is None else _Reader(noting, add).everything()


class _Reader(Forms):
    """One scenario whose doubts are read."""

    def __init__(self, noting: Noting, add: Add) -> None:
        assert noting.part.doubt is not None
        super().__init__(noting.document, add)
        self.noting = noting
        self.given = noting.part.doubt
        self.events = noting.part.events or {}
        self.taken: dict[Steps, str] = {}

    def everything(self) -> Doubtful:
        numbers = []
        for key, form in (self.given.numbers or {}).items():
            if self.noting.validated.is_damaged(("doubt", "numbers", key)):
                continue  # told already
            with suppress(Refused):
                numbers.append(self.one(key, form))
        left_out: list[LeftOut] = []
        if self.given.ranges is not None:
            found, left_out = self.ranged(self.given.ranges)
            numbers += found
        draws = rounded_draws(self.given.draws)
        return Doubtful(tuple(numbers), draws, self.given.ranges, tuple(left_out), tuple(dropped(self.document)))

    # What is stated itself

    def one(self, key: str, form: Mapping[str, Any]) -> Doubt:
        """One doubt that is stated itself."""
        path = ("doubt", "numbers", key)
        steps = self.where(path, key)
        node = self.document.node(steps)
        if self.noting.validated.is_damaged(steps):
            raise Refused  # told where it stands
        if "shift" in form:
            return self.shift(path, steps, node, form)
        place = find(steps)
        leaf = None if place is None else place.leaf
        if isinstance(node, Table):
            raise self.several(path, steps, node)
        if isinstance(node, Items):
            raise self.refuse(path, "a list", "a single value", key=True)
        if not isinstance(leaf, Number | Month | Choice | Flag | Identifier):
            raise self.refuse(path, "a doubt about a label", _ALLOWED, "a label changes no number", key=True)
        base = self.base(steps, node, leaf)
        if steps[0] == "events" and steps[2:] == ("probability",) and self.never_by_itself(steps):
            found = f"a doubt about the chance of {steps[1]}, which has no timing"
            raise self.refuse(path, found, "a timing, or no doubt", key=True)
        law = self.law(path, form, leaf, steps, base)
        self.take(path, [steps])
        whole = isinstance(leaf, Number) and leaf.whole
        return Doubt(".".join(steps), steps, law, base, whole, **self.place(path))

    def where(self, path: Steps, key: str) -> Steps:
        """The steps that a doubt's path means; refused where nothing stands there or could."""
        root = self.document.root
        steps = resolve(root, key) or tuple(key.split("."))
        if steps[0] not in SECTIONS and steps != TARGET and find(steps[:1]) is not None:
            raise self.refuse(path, f"a doubt about {inert(key, 80)}", _ALLOWED, key=True)
        node, place = self.document.node(steps), find(steps)
        for length in range(1, len(steps)):
            if isinstance(self.document.node(steps[:length]), Items):
                raise self.refuse(path, "a doubt about what stands in a list", _ALLOWED, key=True)
        above = find(steps[:-1])
        holder = self.document.node(steps[:-1])
        by_default = isinstance(holder, Table) and above is not None and steps[-1] in above.keys
        if place is None or (node is None and not by_default):
            no_such_path(
                self.document, self.add, path, key, "a doubt stands on what a scenario says, or has by default"
            )
            raise Refused
        if node is None and place.leaf is None and place.part is not None:
            raise self.refuse(
                path, f"no {steps[-1]} in {'.'.join(steps[:-1])}", _ALLOWED, "write it out first", key=True
            )
        number = place.part.number_is if place.part is not None else ""
        return (*steps, number) if number and child(node, number) is not None else steps

    def base(self, steps: Steps, node: Node | None, leaf: Kind) -> Any:
        """What the scenario has at a path, by its file or by default; None where it has nothing."""
        if isinstance(node, Scalar):
            try:
                return leaf.parse(node)
            except PydanticCustomError:
                raise Refused from None  # told where it stands
        above = find(steps[:-1])
        field = None if above is None else above.keys[steps[-1]]
        return None if field is None or field.is_required() else field.get_default()

    def never_by_itself(self, steps: Steps) -> bool:
        """Whether an event can arise only where another sets it off."""
        event = self.events.get(steps[1])
        return event is not None and event.timing is None

    def several(self, path: Steps, steps: Steps, node: Table) -> Refused:
        """Refuse a doubt about a mapping, and say what may be meant."""
        below = f"{'.'.join(steps)}.{next(iter(node.entries), '…')}"
        if self.schedule(steps, node):
            help = f"name one of its numbers, {below}, or move all of them: {{shift: {{p10: …, p90: …}}}}"
            return self.refuse(path, "a doubt about a schedule", "a single number, or a shift", help, key=True)
        help = f"name one of its numbers, such as {below}"
        return self.refuse(path, "a doubt about a mapping", "a single value", help, key=True)

    def schedule(self, steps: Steps, node: Table) -> list[tuple[str, float]]:
        """The numbers of a schedule by their months; none where it is no schedule, or not all of it is valid."""
        place = find(steps)
        if place is None or not isinstance(place.keyed, Month | MonthOfTheYear):
            return []
        found = [(key, number_of(below)) for key, below in node.entries.items()]
        known = [(key, number) for key, number in found if number is not None]
        return known if len(known) == len(found) else []

    def take(self, path: Steps, numbers: Sequence[Steps]) -> None:
        """Note which numbers a doubt is about; one that is about a number twice is refused."""
        for steps in numbers:
            other = self.taken.get(steps)
            if other is not None:
                found = f"a second doubt about {'.'.join(steps)}, which {inert(other, 80)} is about too"
                raise self.refuse(path, found, "one doubt about each number", key=True)
        self.taken |= dict.fromkeys(numbers, path[-1])

    def place(self, path: Steps, key: bool = True) -> dict[str, Any]:
        """Where a doubt stands."""
        mark = self.document.mark(path, key=key)
        return {"file": mark.source.name, "line": mark.line, "column": mark.column}

    def shift(self, path: Steps, steps: Steps, node: Node | None, form: Mapping[str, Any]) -> Doubt:
        """A doubt that is added to a number, or to each number of a schedule."""
        self.one_form(path, form)
        inner = (*path, "shift")
        self.one_form(inner, self.keys_of(inner, form["shift"]), "shift")
        if isinstance(node, Table):
            moved: Any = tuple(self.schedule(steps, node))
            if not moved:
                help = f"name one of its numbers, such as {'.'.join(steps)}.{next(iter(node.entries), '…')}"
                raise self.refuse(path, "a shift of a mapping", "a number, or a schedule of numbers", help, key=True)
            targets = [(*steps, key) for key, _ in moved]
            numbers = [number for _, number in moved]
        else:
            place = find(steps)
            leaf = None if place is None else place.leaf
            base = self.base(steps, node, leaf) if isinstance(leaf, Number) else None
            if base is None:
                raise self.refuse(path, "a shift of what is no number", "a number, or a schedule of numbers", key=True)
            moved, targets, numbers = base, [steps], [base]
        leaf = getattr(find(targets[0]), "leaf", None)
        assert isinstance(leaf, Number)
        shifts = self.numbers(inner, form["shift"], leaf)
        shifted = span_of(leaf, targets[0], [number + shift for number in numbers for shift in (0, *shifts.values())])
        least = None if shifted.least is None else shifted.least - min(numbers)
        most = None if shifted.most is None else shifted.most - max(numbers)
        law = self.spread(inner, shifts, Span(least, most, Number(whole=leaf.whole)), 0.0, "a shift of nothing")
        self.take(path, targets)
        dotted = ".".join(steps)
        return Doubt(dotted, steps, law, 0 if leaf.whole else 0.0, leaf.whole, True, moved, **self.place(path))

    # What has a plausible range

    def ranged(self, ranges: str) -> tuple[list[Doubt], list[LeftOut]]:
        """Numbers in doubt by the plausible ranges of assumptions, and ranges that can't be meant so."""
        given = entries(self.document)
        covered: dict[Steps, list[tuple[Steps, Scalar]]] = {}
        for steps, leaf in leaves(self.document):
            entry = covering(steps, given)
            if entry is not None and _has_range(given[entry]):
                covered.setdefault(entry, []).append((steps, leaf))
        found, left_out = [], []
        for entry, numbers in covered.items():
            own = [(steps, leaf) for steps, leaf in numbers if steps not in self.taken]
            if not own:
                continue
            made = self.of_range(entry, own, given[entry], ranges)
            if isinstance(made, Doubt):
                found.append(made)
            else:
                at = self.place(("evidence", ".".join(entry), "low"))
                left_out.append(LeftOut(".".join(own[0][0] if len(own) == 1 else entry), made, **at))
        return found, left_out

    def of_range(self, entry: Steps, numbers: list[tuple[Steps, Scalar]], given: Node, ranges: str) -> Doubt | str:
        """The doubt that a plausible range makes, or why it can't be one."""
        assert isinstance(given, Table)
        low, high = (float(number_of(given.entries[end]) or 0.0) for end in ("low", "high"))
        values = [(".".join(steps), value_of(leaf)) for steps, leaf in numbers]
        why = trouble(".".join(entry), values, low, high)
        if why is not None:
            return "; allowed: ".join(filter(None, why))
        steps = numbers[0][0]
        if steps[0] not in (*SECTIONS, "risk") or self.in_a_list(steps):
            return "a number in a list"
        if len({value for _, value in values}) > 1:
            said = ", ".join(f"{value:.12g}" for value in dict.fromkeys(value for _, value in values))
            return f"one range for numbers that differ: {said}"
        leaf, base = getattr(find(steps), "leaf", None), values[0][1]
        assert isinstance(leaf, Number)
        assert isinstance(base, float)
        span = span_of(leaf, steps, [low, high, base])
        inner = span.least is None or low > span.least, span.most is None or high < span.most
        if ranges in _PERCENT and all(inner) and low < base < high:
            by_percentiles = Percentiles(_PERCENT[ranges], low, base, high, span.least, span.most)
            if not by_percentiles.is_sound:
                return "numbers beyond what a law can be told by"
            law: Form = by_percentiles
        else:
            law = Pert(low, base, high)
        moved = None if len(numbers) == 1 else tuple((one[-1], base) for one, _ in numbers)
        path = steps if moved is None else entry
        number: Drawn = int(base) if leaf.whole else base
        at = self.place(("evidence", ".".join(entry), "low"))
        return Doubt(".".join(path), path, law, number, leaf.whole, False, moved, ".".join(entry), **at)

    def in_a_list(self, steps: Steps) -> bool:
        return any(isinstance(self.document.node(steps[:n]), Items) for n in range(1, len(steps)))


def _has_range(entry: Node) -> bool:
    """Whether an entry of evidence is an assumption with a plausible range."""
    return isinstance(entry, Table) and all(number_of(entry.entries.get(end)) is not None for end in ("low", "high"))
