"""What is in doubt in a scenario: the block ``doubt`` made into laws of numbers, or refused with its place.

It is read twice, when a scenario is checked and when it is compiled, by the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from pydantic_core import PydanticCustomError

from sim.errors import inert
from sim.language.document import Document, Steps, child, resolve
from sim.language.evidence_checks import no_such_path
from sim.language.leaves import covering, entries, leaves, number_of, value_of
from sim.language.noting import Noting
from sim.language.part import LARGEST_RATE
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
    Even,
    Form,
    LeftOut,
    Percentiles,
    Pert,
    Weighted,
    rounded_draws,
)

SECTIONS = ("vendor", "customers", "events", "levers")
TARGET = ("risk", "target")

Add = Callable[..., None]
"""Notes a problem, as :meth:`Noting.add` does."""

_ALLOWED = "a number, month, word or truth value under vendor, customers, events or levers, or risk.target"
_WHOLE = ("values", "shift")
_PERCENT = {"p10-p90": 10, "p5-p95": 5}


@dataclass(frozen=True)
class Span:
    """The range that a number can have: both ends, of percentiles beyond reach; None where there is none."""

    least: float | None
    most: float | None
    leaf: Number
    off: float = 0.0

    def beyond(self, x: float) -> bool:
        """Whether a number lies outside the range, or outside what its place takes at all."""
        number, leaf = x + self.off, self.leaf
        lower = leaf.ge if leaf.ge is not None else leaf.gt
        upper = leaf.le if leaf.le is not None else leaf.lt
        outside = (self.least is not None and x < self.least) or (self.most is not None and x > self.most)
        return outside or (lower is not None and number < lower) or (upper is not None and number > upper)

    def reached(self, x: float) -> bool:
        """Whether a number lies on an end of the range."""
        return x in (self.least, self.most)


def span_of(leaf: Number, steps: Steps, numbers: Sequence[float]) -> Span:
    """The range that a number at a path can have.

    Parameters
    ----------
    leaf
        What its place takes.
    steps
        Where it stands.
    numbers
        All that a doubt says of it, and the file's own: a share that is left, of which all are at most 1, stays there.
    """
    lower = leaf.ge if leaf.ge is not None else leaf.gt
    upper = leaf.le if leaf.le is not None else leaf.lt
    if steps[-1] == "to":
        upper = 1.0 if max(numbers, default=0.0) <= 1 else None
    elif upper is not None and upper > 1:
        upper = None  # a bound beyond all sense, not one of what is measured
    if lower is not None and leaf.whole:
        lower -= 0.5
    elif lower is not None and lower > 0:
        lower = 0.0
    return Span(lower, upper, leaf)


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


class _Refused(Exception):
    """One doubt that is refused; the problem has been noted."""


class _Reader:
    """One scenario whose doubts are read."""

    def __init__(self, noting: Noting, add: Add) -> None:
        assert noting.part.doubt is not None
        self.document: Document = noting.document
        self.noting = noting
        self.given = noting.part.doubt
        self.events = noting.part.events or {}
        self.add = add
        self.taken: dict[Steps, str] = {}

    def everything(self) -> Doubtful:
        numbers = []
        for key, form in (self.given.numbers or {}).items():
            if self.noting.validated.is_damaged(("doubt", "numbers", key)):
                continue  # told already
            with suppress(_Refused):
                numbers.append(self.one(key, form))
        left_out: list[LeftOut] = []
        if self.given.ranges is not None:
            found, left_out = self.ranged(self.given.ranges)
            numbers += found
        draws = rounded_draws(self.given.draws)
        return Doubtful(tuple(numbers), draws, self.given.ranges, tuple(left_out), tuple(dropped(self.document)))

    def refuse(self, path: Steps, found: str, allowed: str, help: str | None = None, *, key: bool = False) -> _Refused:
        self.add(path, found, allowed, help=help, key=key)
        return _Refused()

    # What is stated itself

    def one(self, key: str, form: Mapping[str, Any]) -> Doubt:
        """One doubt that is stated itself."""
        path = ("doubt", "numbers", key)
        steps = self.where(path, key)
        node = self.document.node(steps)
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
        if steps[0] in root.entries and steps[0] not in SECTIONS and steps != TARGET:
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
            raise _Refused
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
                raise _Refused from None  # told where it stands
        above = find(steps[:-1])
        field = None if above is None else above.keys[steps[-1]]
        return None if field is None or field.is_required() else field.get_default()

    def never_by_itself(self, steps: Steps) -> bool:
        """Whether an event can arise only where another sets it off."""
        event = self.events.get(steps[1])
        return event is not None and event.timing is None

    def several(self, path: Steps, steps: Steps, node: Table) -> _Refused:
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

    # Forms

    def law(self, path: Steps, form: Mapping[str, Any], leaf: Kind, steps: Steps, base: Any) -> Form:
        """The law that a form says of a single value."""
        self.one_form(path, form)
        if "values" in form:
            return self.weighted(path, form["values"], leaf)
        if not isinstance(leaf, Number):
            what = {Month: "a month", Flag: "a truth value"}.get(type(leaf), "a word")
            help = "write {values: {…: 2, …: 1}}, each with its weight"
            raise self.refuse(
                (*path, next(iter(form))), f"a law of numbers for {what}", "values with weights", help, key=True
            )
        numbers = self.numbers(path, form, leaf)
        span = span_of(leaf, steps, [*numbers.values(), *([base] if base is not None else [])])
        return self.spread(path, numbers, span, base, "the number in the scenario")

    def one_form(self, path: Steps, form: Mapping[str, Any], of: str = "") -> None:
        """Refuse keys of several forms, and a number where a mapping is due or the other way round."""
        groups: dict[str, str] = {}
        for key, value in form.items():
            kind = "percentiles" if key[0] == "p" else key if key in _WHOLE else "ends"
            groups.setdefault(kind, key)
            if of and key in _WHOLE:
                raise self.refuse((*path, key), f"{key} in a shift", "percentiles, or low and high", key=True)
            if isinstance(value, Mapping) != (key in _WHOLE):
                allowed = f"a mapping, {key}: {{…}}" if key in _WHOLE else "a number"
                raise self.refuse(
                    (*path, key),
                    f"{key}, which is {'a mapping' if isinstance(value, Mapping) else 'a number'}",
                    allowed,
                )
        if len(groups) > 1:
            one, other, *_ = groups.values()
            allowed = "percentiles, low and high with a mode or without, values, or a shift: one of them"
            raise self.refuse((*path, other), f"{other} beside {one}", allowed, key=True)

    def numbers(self, path: Steps, form: Mapping[str, float], leaf: Number) -> dict[str, float]:
        """The numbers of a form, whole where the number is."""
        for key, value in form.items():
            if leaf.whole and not float(value).is_integer():
                raise self.refuse((*path, key), f"{value:.12g} for a whole number", "a whole number")
        return dict(form)

    def spread(self, path: Steps, numbers: Mapping[str, float], span: Span, median: float | None, what: str) -> Form:
        """The law by percentiles or by ends."""
        for key, value in numbers.items():
            if abs(value) > LARGEST_RATE:
                raise self.refuse((*path, key), f"{key}: {value:.12g}", f"a number up to {LARGEST_RATE:g}")
            if span.beyond(value):
                raise self.refuse((*path, key), f"{key}: {value:.12g}", _bounds(span))
        return (self.ends if {"low", "mode", "high"} & numbers.keys() else self.percentiles)(
            path, numbers, span, median, what
        )

    def ends(self, path: Steps, numbers: Mapping[str, float], span: Span, _: float | None, __: str) -> Form:
        """The uniform law, or the PERT one."""
        lacking = [key for key in ("low", "high") if key not in numbers]
        if lacking:
            found = f"{' and '.join(numbers)} without {' and '.join(lacking)}"
            raise self.refuse((*path, next(iter(numbers))), found, "low and high, with a mode or without", key=True)
        low, high = numbers["low"], numbers["high"]
        mode = numbers.get("mode")
        if not low <= (low if mode is None else mode) <= high:
            self.out_of_order(path, {key: numbers[key] for key in ("low", "mode", "high") if key in numbers}, "<=")
        return Even(low, high) if mode is None else Pert(low, mode, high)

    def percentiles(
        self, path: Steps, numbers: Mapping[str, float], span: Span, median: float | None, what: str
    ) -> Form:
        """The law by percentiles."""
        given = {int(key[1:]): value for key, value in sorted(numbers.items(), key=lambda item: int(item[0][1:]))}
        sides = [percent for percent in given if percent != 50]
        if len(sides) != 2 or sum(sides) != 100:
            found = ", ".join(f"p{percent}" for percent in given)
            allowed = "two that lie alike on either side, such as p10 and p90, and p50 or none"
            raise self.refuse((*path, f"p{sides[-1] if sides else 50}"), found, allowed, key=True)
        a, b = sides
        low, high = given[a], given[b]
        if 50 in given and not low < given[50] < high:
            self.out_of_order(path, {f"p{percent}": value for percent, value in given.items()}, "<")
        if not low < high:
            self.out_of_order(path, {f"p{a}": low, f"p{b}": high}, "<")
        for key, value in ((f"p{percent}", value) for percent, value in given.items()):
            if span.reached(value):
                found = f"{key}: {value:.12g}, on the bound of what the number can be"
                help = "give its ends, which may lie there: {low: …, mode: …, high: …}"
                raise self.refuse((*path, key), found, f"a percentile within {_range(span)}", help)
        middle = given.get(50, median)
        if middle is None:
            help = "give p50"
            raise self.refuse(
                path, "no median: none is given, and the scenario has no number there", "p50", help, key=True
            )
        if not low < middle < high:
            found = f"{what}, {middle:.12g}, not between p{a} ({low:.12g}) and p{b} ({high:.12g})"
            help = "it is the median where p50 is left out: give p50, or other percentiles"
            raise self.refuse(path, found, f"p{a} < median < p{b}", help, key=True)
        law = Percentiles(a, low, middle, high, span.least, span.most)
        if not law.is_sound:
            raise self.beyond_numbers(path, f"p{a} {low:.12g}, median {middle:.12g}, p{b} {high:.12g}")
        return law

    def beyond_numbers(self, path: Steps, found: str) -> _Refused:
        """Refuse a law that no floating-point numbers can tell."""
        allowed = "numbers that are further apart, and less out of proportion"
        return self.refuse(path, f"{found}, beyond what a law can be told by", allowed, key=True)

    def out_of_order(self, path: Steps, numbers: Mapping[str, float], sign: str) -> None:
        """Refuse numbers that do not rise; the last of them that lies below the one before gets the caret."""
        keys = list(numbers)
        wrong = next(
            b for a, b in pairwise(keys) if not (numbers[a] < numbers[b] or (sign == "<=" and numbers[a] == numbers[b]))
        )
        found = ", ".join(f"{key} {value:.12g}" for key, value in numbers.items())
        raise self.refuse((*path, wrong), found, f" {sign} ".join(keys))

    def weighted(self, path: Steps, weights: Mapping[str, float], leaf: Kind) -> Weighted:
        """The law by values with weights."""
        table = self.document.node((*path, "values"))
        assert isinstance(table, Table)
        found: dict[Drawn, float] = {}
        for key, weight in weights.items():
            here = (*path, "values", key)
            # A key is text in JSON, and in Python where it comes from there; a number is meant all the same.
            written = replace(table.keys[key], plain=True)
            try:
                value: Drawn = leaf.parse(written)
            except PydanticCustomError as error:
                context = error.context or {}
                raise self.refuse(
                    here, str(context["found"]), str(context["allowed"]), context.get("help"), key=True
                ) from None
            if weight < 0:
                raise self.refuse(here, f"the weight {weight:.12g}", "a weight of at least 0")
            if value in found:
                raise self.refuse(here, f"{key}, which stands there already", "each value once", key=True)
            found[value] = weight
        if not any(found.values()):
            raise self.refuse((*path, "values"), "weights that are all 0", "a weight above 0", key=True)
        order = sorted(found) if isinstance(leaf, Number | Month) else list(found)
        return Weighted(tuple(order), tuple(found[value] for value in order))

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
        whole = span_of(leaf, targets[0], [*numbers, 2.0])
        least = None if whole.least is None else whole.least - min(numbers)
        most = None if whole.most is None else whole.most - max(numbers)
        span = Span(least, most, Number(whole=leaf.whole))
        law = self.spread(inner, self.numbers(inner, form["shift"], leaf), span, 0.0, "a shift of nothing")
        self.take(path, targets)
        dotted = ".".join(steps)
        return Doubt(dotted, steps, law, 0 if leaf.whole else 0.0, leaf.whole, True, moved, **self.place(path))

    def keys_of(self, path: Steps, form: Mapping[str, Any]) -> Mapping[str, Any]:
        """A shift's form, each of whose keys is one that a form has."""
        from sim.language.doubt_parts import FormKey

        for key in form:
            try:
                FormKey().parse(key)
            except PydanticCustomError as error:
                context = error.context or {}
                raise self.refuse(
                    (*path, key), str(context["found"]), str(context["allowed"]), context.get("help"), key=True
                ) from None
        return form

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


def _range(span: Span) -> str:
    """The range of a number, its ends beyond reach."""
    least, most = span.least, span.most
    if most is None:
        return "any number" if least is None else f"what is above {least:.12g}"
    return f"what is above {least:.12g} and below {most:.12g}" if least is not None else f"what is below {most:.12g}"


def _bounds(span: Span) -> str:
    """The range of a number, its ends included."""
    leaf = span.leaf
    lower = [x for x in (leaf.ge, leaf.gt, span.least) if x is not None]
    upper = [x for x in (leaf.le, leaf.lt, span.most) if x is not None]
    what = "a whole number" if leaf.whole else "a number"
    least, most = max(lower, default=None), min(upper, default=None)
    if leaf.whole and least is not None:
        least += least % 1  # half a step below a whole number
    if least is None:
        return what if most is None else f"{what} of at most {most:.12g}"
    return f"{what} of at least {least:.12g}" if most is None else f"{what} from {least:.12g} to {most:.12g}"
