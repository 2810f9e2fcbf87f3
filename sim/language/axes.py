"""The axes of a sweep: what they set, their values, and whether each value is valid by itself.

What is valid for one number of a scenario, all others as they are, is always an interval: bounds are intervals, and so
are the orders between parameters, dates within the horizon, and what is left of a law. So an axis is checked in full at
its lowest and highest value, and each value by its place's own bounds; values are looked at one by one only where an
end fails, to name them.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic_core import PydanticCustomError

from sim.errors import Problem, inert
from sim.language.checks import check
from sim.language.document import Document, Findings, Steps, child
from sim.language.merge import merge, section_of, single
from sim.language.places import ROOT, Place
from sim.language.reader import Node, Scalar, Source, Table
from sim.language.reader import Sequence as Items
from sim.language.schema import RangePart
from sim.language.validation import Validated, validate
from sim.language.values import Month, Number, month_number
from sim.scenario.axis import Axis
from sim.scenario.months import format_month

MOST_AXES = 64
_NAMED = 50  # values of an axis that are looked at one by one to name those that fail
_MOST_WORK = 100_000  # values of the scenario times values of the axes, for checks in full
_UNSWEPT = ("scenario", "sweep", "evidence", "doubt", "choices", "extends", "run")
_IDS = ("customers", "groups", "events", "levers")

Value = float | str


@dataclass(frozen=True)
class _Span:
    """Evenly spaced values, both ends included; whole numbers (months counted from year 0) where ``whole``."""

    first: float
    last: float
    count: int
    whole: bool
    months: bool

    def written_out(self) -> list[Value]:
        gaps = self.count - 1
        if not self.whole:
            inner = [self.first + (self.last - self.first) * (i / gaps) for i in range(gaps)]
            return [*inner, self.last]
        step = (int(self.last) - int(self.first)) // gaps
        numbers = [int(self.first) + step * i for i in range(self.count)]
        return [format_month(number) for number in numbers] if self.months else list(numbers)


@dataclass(frozen=True)
class _Line:
    """One axis before its values are written out."""

    key: str
    steps: Steps
    values: list[Value] | _Span

    @property
    def count(self) -> int:
        return self.values.count if isinstance(self.values, _Span) else len(self.values)


@dataclass(frozen=True)
class Grid:
    """The axes of a sweep, known by their paths and counts; values are written out only when asked for."""

    lines: tuple[_Line, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, ...]:
        """Number of values on each axis."""
        return tuple(line.count for line in self.lines)

    def axes(self, document: Document, findings: Findings) -> tuple[tuple[Axis, ...], tuple[str, ...]]:
        """Write out the values and check the cells; what is not valid goes to the findings.

        Returns
        -------
        tuple of Axis, tuple of str
            The axes, and the paths of those that are left out, inherited as they are and over what was removed.
        """
        if not self.lines:
            return (), self.lost
        trial = document.without("sweep", "evidence", "doubt", "choices")
        affordable = len(self.lines) * _size(trial.root) <= _MOST_WORK
        axes, lines, lost = [], [], list(self.lost)
        for line in self.lines:
            values = line.values.written_out() if isinstance(line.values, _Span) else line.values
            own = Findings()
            if affordable:
                _check_cells(document, trial, line, values, own)
            if len(own) and _is_over_what_was_removed(document, line.key):
                lost.append(line.key)
                continue
            findings.also(own)
            axes.append(Axis(line.key, tuple(values)))
            lines.append(line)
        if len(axes) > 1 and not len(findings):
            _check_together(document, trial, lines, axes, findings)
        return tuple(axes), tuple(lost)


def grid_of(document: Document, validated: Validated, findings: Findings) -> Grid:
    """Find what the axes of a sweep set, and to which values; what cannot be set goes to the findings."""
    part = validated.part
    if part is None or not part.sweep:
        return Grid()
    if len(part.sweep) > MOST_AXES:
        findings.add(document.mark(("sweep",)), ("sweep",), f"{len(part.sweep)} axes", f"at most {MOST_AXES}")
        return Grid()
    lines: list[_Line] = []
    lost: list[str] = []
    taken: dict[Steps, str] = {}
    for key, values in part.sweep.items():
        path = ("sweep", key)
        steps = tuple(key.split("."))
        own = Findings()
        leaf = _leaf(document, steps, path, own)
        if leaf is None and _is_over_what_was_removed(document, key):
            lost.append(key)
            continue
        findings.also(own)
        if leaf is None:
            continue
        overlap = next((taken[steps[:n]] for n in range(1, len(steps) + 1) if steps[:n] in taken), None)
        overlap = overlap or next((other for done, other in taken.items() if done[: len(steps)] == steps), None)
        if overlap is not None:
            mark = document.mark(path, key=True)
            findings.add(mark, path, f"an axis over what {overlap} sets too", "axes that do not overlap")
            continue
        taken[steps] = key
        if isinstance(values, RangePart):
            accepted: list[Value] | _Span | None = _span(document, key, leaf, values, findings)
        else:
            node = document.node(path)
            items = node.items if isinstance(node, Items) else []
            accepted = _accepted(
                document, key, leaf, [(item, (*path, str(i))) for i, item in enumerate(items)], findings
            )
        if accepted is not None:
            lines.append(_Line(key, steps, accepted))
    return Grid(tuple(lines), tuple(lost))


def _is_over_what_was_removed(document: Document, key: str) -> bool:
    """Whether an axis was written when more of its path was there, and has only been inherited since."""
    steps, written = key.split("."), document.node(("sweep", key))
    return any(
        child(child(tree, "sweep"), key) is written and _depth(tree, steps) > _depth(document.root, steps)
        for tree in document.earlier
    )


def _depth(root: Node, steps: list[str]) -> int:
    """How many steps of a path lead to something that is there."""
    node: Node | None = root
    for depth, step in enumerate(steps):
        node = child(node, step)
        if node is None:
            return depth
    return len(steps)


def _leaf(document: Document, steps: Steps, path: Steps, findings: Findings) -> Number | Month | None:
    """Find the number or month that an axis sets, or say why there is none."""
    mark = document.mark(path, key=True)
    node: Node | None = document.root
    place: Place | None = ROOT
    for i, step in enumerate(steps):
        below = child(node, step) if isinstance(node, Table) else None
        allowed = None if place is None else place.below(step)
        if below is None and (allowed is None or (i == 1 and steps[0] in _IDS)):
            known = sorted(
                {*(node.entries if isinstance(node, Table) else ()), *(place.keys if place is not None else ())}
            )
            before = ".".join(steps[:i])
            found = f"no {inert(step, 60)} under {before}" if before else f"no {inert(step, 60)} in a scenario"
            words = ", ".join(known[:30]) or "the path of a number or a month"
            section = section_of(document.root, step) if i == 0 else None
            help = None if section is None else f"write {inert('.'.join((*section, *steps[1:])), 200)}"
            findings.add(mark, path, found, words, help=help, misspelt=step, known=known)
            return None
        node, place = below, allowed
    leaf = None if place is None else place.leaf
    if steps[0] == "events" and steps[2:3] == ("timing",) and document.node(steps[:3]) is None:
        help = f"give {steps[1]} a timing, or sweep over what sets it off"
        findings.add(mark, path, f"an axis over the timing of {steps[1]}, which has none", "what is there", help=help)
        return None
    if isinstance(leaf, Number | Month) and steps[0] not in _UNSWEPT:
        return leaf
    findings.add(mark, path, "an axis over what is neither a number nor a month", "the path of a number or a month")
    return None


def _span(document: Document, key: str, leaf: Number | Month, values: RangePart, findings: Findings) -> _Span | None:
    """Take a range as its place takes it; None where it refuses."""
    path = ("sweep", key)
    ends: list[tuple[Node | None, Steps]] = [(document.node((*path, end)), (*path, end)) for end in ("from", "to")]
    accepted = _accepted(document, key, leaf, ends, findings)
    if accepted is None:
        return None
    months = isinstance(leaf, Month)
    first, last = (month_number(end) if isinstance(end, str) else end for end in accepted)
    whole = months or (isinstance(leaf, Number) and leaf.whole)
    if whole and (int(last) - int(first)) % (values.count - 1):
        what = "months" if months else "whole numbers"
        found = f"{values.count} values from {accepted[0]} to {accepted[1]}, which are not all {what}"
        findings.add(document.mark((*path, "count")), (*path, "count"), found, f"a count that gives {what}")
        return None
    return _Span(first, last, values.count, whole, months)


def _accepted(
    document: Document,
    key: str,
    leaf: Number | Month,
    nodes: list[tuple[Node | None, Steps]],
    findings: Findings,
) -> list[Value] | None:
    """Take values as their place takes them; each that it refuses goes to the findings."""
    values: list[Value] = []
    for node, path in nodes:
        try:
            values.append(leaf.parse(node))
        except PydanticCustomError as error:
            context = error.context or {}
            found, allowed = str(context["found"]), f"for {key}: {context['allowed']}"
            findings.add(document.mark(path), path, found, allowed, help=context.get("help"))
    return values if len(values) == len(nodes) else None


def _size(node: Node) -> int:
    if isinstance(node, Table):
        return 1 + sum(_size(value) for value in node.entries.values())
    return 1 + len(node.items) if isinstance(node, Items) else 1


def _check_cells(document: Document, trial: Document, line: _Line, values: list[Value], findings: Findings) -> None:
    """Check an axis at its ends, and where one fails, value by value."""
    order = [values.index(min(values)), values.index(max(values))]  # all numbers, or all months
    if not any(_trouble(trial, line, values[i]) for i in order):
        return
    named = order if len(values) > _NAMED else range(len(values))
    for i in dict.fromkeys(named):
        trouble = _trouble(trial, line, values[i])
        if trouble is None:
            continue
        path: Steps = ("sweep", line.key)
        if not isinstance(line.values, _Span):
            path = (*path, str(i))
        elif i in (0, len(values) - 1):
            path = (*path, "from" if i == 0 else "to")
        value = values[i]
        shown = value if isinstance(value, str) else f"{value:.12g}"
        where = "" if trouble.path == line.key else f"{trouble.path}: "
        found = f"the cell {line.key} = {shown}, which is not valid by itself: {where}{trouble.found}"
        findings.add(document.mark(path), path, found, trouble.allowed)


def _trouble(trial: Document, line: _Line, value: Value) -> Problem | None:
    """Tell the first thing that is wrong with the scenario when one value is set; None where nothing is."""
    findings = Findings()
    source = Source(f"--set {line.key}={value}", None, 10**6)
    root = merge(trial.root, single(line.steps, value, source), findings)
    assert isinstance(root, Table)
    changed = Document(root, trial.name, trial.folder, valid=trial.valid)
    check(changed, validate(changed, findings), findings)
    return findings.error().problems[0] if len(findings) else None


def _check_together(
    document: Document, trial: Document, lines: list[_Line], axes: list[Axis], findings: Findings
) -> None:
    """See whether every axis still sets something once all are set: laws replace each other."""
    root: Node = trial.root
    for line, axis in zip(lines, axes, strict=True):
        source = Source(f"--set {line.key}", None, 10**6)
        root = merge(root, single(line.steps, axis.values[0], source), Findings())
    assert isinstance(root, Table)
    cell = Document(root, trial.name, trial.folder)
    for line in lines:
        node = cell.node(line.steps)
        if not isinstance(node, Scalar):
            path = ("sweep", line.key)
            found = "an axis that another axis replaces, so that it would set nothing"
            findings.add(document.mark(path, key=True), path, found, "axes that can all be set at once")
