"""Where each value of a scenario stands after extends and overrides, what it was before, and which defaults hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.errors import UsageError
from sim.language.document import Document, Steps, child
from sim.language.places import ROOT, Place
from sim.language.reader import Node, Scalar, Table
from sim.language.reader import Sequence as Items
from sim.language.values import NUMERAL, Flag, Text
from sim.scenario.parts import Scenario

_ALWAYS = ("risk", "run")
"""Sections whose defaults hold where the whole section is left out."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value and where it stands.

    Attributes
    ----------
    value
        Number, text, truth value, None, or a list or mapping of them.
    file, line, column
        Name of the file (``--set path=value`` or ``set={path: value}`` for an override), line and column from 1, None
        in Python data; all None for a default, which stands nowhere.
    overrides
        Whether it was set over the files.
    """

    value: Any
    file: str | None = None
    line: int | None = None
    column: int | None = None
    overrides: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"value": self.value, "file": self.file, "line": self.line, "column": self.column}


@dataclass(frozen=True, slots=True)
class Origin:
    """One value of a scenario: what holds now (None where it was removed), and what it was before it was changed."""

    steps: Steps
    now: Value | None
    was: Value | None = None

    @property
    def path(self) -> str:
        """Dotted path."""
        return ".".join(self.steps)

    @property
    def is_default(self) -> bool:
        """Whether nobody wrote it."""
        return self.now is not None and self.now.file is None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data; ``was`` only where it was changed."""
        place = Value(None) if self.now is None else self.now
        data: dict[str, Any] = {"path": self.path, **place.to_dict()}
        if self.is_default:
            data["default"] = True
        if self.was is not None:
            data["was"] = self.was.to_dict()
        return data


def origins(scenario: Scenario) -> tuple[Origin, ...]:
    """List every value of a scenario with the place where it stands.

    Parameters
    ----------
    scenario
        One that was loaded from a file, a text or Python data.

    Returns
    -------
    tuple of Origin
        In the order in which the scenario is written; within each mapping first what is written there, then the
        defaults that hold, then what a later file or an override removed (a whole branch as one). A list is one value.

    Raises
    ------
    UsageError
        For a scenario that was built from parts.
    """
    document = scenario.source
    if not isinstance(document, Document):
        raise UsageError(
            "a scenario that was not loaded stands in no file", help="load it from a file, a text or a dict"
        )
    found = list(_walk((), document.root, scenario.document, ROOT, document.earlier[::-1], scenario))
    for key in _ALWAYS:
        below = ROOT.below(key)
        if key not in document.root.entries and below is not None:
            found += _defaults((key,), Table({}, {}, document.root.source), below, scenario)
    return tuple(found)


def plain_value(node: Node, place: Place | None = None) -> Any:
    """What stands at a node as plain data, unchecked: numbers and truth values where the text is one."""
    if isinstance(node, Table):
        below = {key: None if place is None else place.below(key) for key in node.entries}
        return {key: plain_value(value, below[key]) for key, value in node.entries.items()}
    if isinstance(node, Items):
        return [plain_value(item, None if place is None else place.below("0")) for item in node.items]
    leaf, raw = None if place is None else place.leaf, node.value
    if node.is_null:
        return None
    if isinstance(raw, str) and node.plain and not isinstance(leaf, Text) and NUMERAL.fullmatch(raw):
        raw = float(raw)
    elif isinstance(leaf, Flag) and raw in ("true", "false"):
        return raw == "true"
    return _tidy(raw)


def _tidy(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _walk(
    steps: Steps, node: Node, data: Any, place: Place | None, earlier: Sequence[Node | None], scenario: Scenario
) -> Iterator[Origin]:
    """Values at and below a node; ``earlier`` is what stood there before, the latest first."""
    if not isinstance(node, Table) or not node.entries:
        now = _value(node, place, data)
        yield Origin(steps, now, _before(node, now.value, place, earlier))
    if not isinstance(node, Table):
        return
    replaced = _before(node, None, place, [other for other in earlier if not isinstance(other, Table)])
    if node.entries and replaced is not None:
        yield Origin(steps, None, replaced)  # one value gave way to several
    for key, below in node.entries.items():
        given = data.get(key) if isinstance(data, Mapping) else None
        before = [None if other is None else child(other, key) for other in earlier]
        yield from _walk((*steps, key), below, given, None if place is None else place.below(key), before, scenario)
    if node.entries and place is not None:
        yield from _defaults(steps, node, place, scenario)
    gone: set[str] = set()
    for other in earlier:
        for key, removed in other.entries.items() if isinstance(other, Table) else ():
            if key not in node.entries and key not in gone:
                gone.add(key)
                assert isinstance(other, Table)
                was = _value(removed, None if place is None else place.below(key), mark=other.keys.get(key))
                yield Origin((*steps, key), None, was)


def _before(node: Node, value: Any, place: Place | None, earlier: Sequence[Node | None]) -> Value | None:
    """What stood here before the value that stands here now, where it was another."""
    for other in earlier:
        if other is not node:
            before = None if other is None else _value(other, place)
            return None if before is None or before.value == value else before
    return None


def _value(node: Node, place: Place | None, data: Any = None, mark: Scalar | None = None) -> Value:
    """A node's value, as the checked scenario has it where that is known, and its position or that of its key."""
    at = mark if mark is not None and not isinstance(node, Scalar) else node
    value = plain_value(node, place) if data is None else data
    return Value(value, node.source.name, at.line, at.column, node.source.layer > 0)


def _defaults(steps: Steps, node: Table, place: Place, scenario: Scenario) -> Iterator[Origin]:
    """Defaults that hold in a mapping, as far as they say something."""
    if place.part is None:
        return
    for key, field in place.keys.items():
        path = (*steps, key)
        default = _derived(path, scenario) if field.default is None else field.default
        if field.is_required() or default is None or default == "" or key in node.entries:
            continue
        if all(other in node.entries for other in place.part.needs.get(key, ())) and _matters(path, node, scenario):
            yield Origin(path, Value(_tidy(default)))


def _matters(path: Steps, node: Table, scenario: Scenario) -> bool:
    """Whether a default acts, and may be written out: a shape only of what takes time, a commitment only of a term."""
    if path[-1] == "shape":
        return "over" in node.entries
    if path[-1] == "commitment":
        bound = "term" in node.entries and bool({"renews", "first"} & node.entries.keys())
        return bound and not scenario.document["customers"][path[1]].get("pool", False)
    if path[-1] == "leaves" and path[0] == "events":
        return bool(scenario.document["events"][path[1]].get("choice", False))
    return True


def _derived(path: Steps, scenario: Scenario) -> Any:
    """Defaults that follow from the rest of the scenario."""
    if path == ("known",):
        return scenario.month_label(scenario.known)
    if path == ("risk", "window"):
        return {"first": scenario.month_label(scenario.risk.first), "last": scenario.month_label(scenario.risk.last)}
    return None
