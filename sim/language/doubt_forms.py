"""Laws of numbers in doubt as they are written: by percentiles, by ends, by values; each refusal has its place.

What a number can be is told by its place in the schema: percentiles lie within that range, ends may lie on its bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic_core import PydanticCustomError

from sim.language.document import Document, Steps
from sim.language.doubt_parts import FormKey
from sim.language.part import LARGEST_RATE
from sim.language.reader import Scalar, Table
from sim.language.values import Flag, Kind, Month, Number
from sim.scenario.doubts import Drawn, Even, Form, Percentiles, Pert, Weighted

Add = Callable[..., None]
"""Notes a problem, as :meth:`Noting.add` does."""

_WHOLE = ("values", "shift")


@dataclass(frozen=True)
class Span:
    """The range that a number can have: both ends, of percentiles beyond reach; None where there is none."""

    least: float | None
    most: float | None
    leaf: Number

    def beyond(self, x: float) -> bool:
        """Whether a number lies outside the range, or outside what its place takes at all."""
        leaf = self.leaf
        lower = leaf.ge if leaf.ge is not None else leaf.gt
        upper = leaf.le if leaf.le is not None else leaf.lt
        outside = (self.least is not None and x < self.least) or (self.most is not None and x > self.most)
        return outside or (lower is not None and x < lower) or (upper is not None and x > upper)

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


class Refused(Exception):
    """One doubt that is refused; the problem has been noted."""


class Forms:
    """Reads the forms of one scenario's doubts.

    Parameters
    ----------
    document
        The scenario.
    add
        Notes a problem.
    """

    def __init__(self, document: Document, add: Add) -> None:
        self.document = document
        self.add = add

    def refuse(self, path: Steps, found: str, allowed: str, help: str | None = None, *, key: bool = False) -> Refused:
        """Note a problem; what comes back is to be raised."""
        self.add(path, found, allowed, help=help, key=key)
        return Refused()

    def law(self, path: Steps, form: Mapping[str, Any], leaf: Kind, steps: Steps, base: Any) -> Form:
        """The law that a form says of a single value."""
        self.one_form(path, form)
        if "values" in form:
            return self.weighted(path, form["values"], leaf)
        if not isinstance(leaf, Number):
            what = "a month" if isinstance(leaf, Month) else "a truth value" if isinstance(leaf, Flag) else "a word"
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

    def beyond_numbers(self, path: Steps, found: str) -> Refused:
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
            written = table.keys[key]
            try:
                # What stands as a key is text, whether it was written as a number or not.
                value: Drawn = leaf.parse(Scalar(key, True, written.source, written.line, written.column))
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

    def keys_of(self, path: Steps, form: Mapping[str, Any]) -> Mapping[str, Any]:
        """A shift's form, each of whose keys is one that a form has."""
        for key in form:
            try:
                FormKey().parse(key)
            except PydanticCustomError as error:
                context = error.context or {}
                raise self.refuse(
                    (*path, key), str(context["found"]), str(context["allowed"]), context.get("help"), key=True
                ) from None
        return form


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
