"""Which numbers of several scenarios differ: path, the value in each, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.language.document import Document, Steps
from sim.language.origins import Origin, Value, origins
from sim.language.places import find
from sim.language.values import Text
from sim.scenario.parts import Scenario

PASSED_OVER = ("scenario", "about", "money", "evidence", "doubt", "choices", "sweep", "run")
"""Sections that move no measure on common draws."""


@dataclass(frozen=True, slots=True)
class Differing:
    """A place at which scenarios differ.

    Attributes
    ----------
    path
        Dotted path; of a whole branch, where not all of them have it.
    values
        One a scenario; None where nothing stands there and no default holds.
    """

    path: str
    values: tuple[Value | None, ...]

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"path": self.path, "values": [None if one is None else one.to_dict() for one in self.values]}


def differing(scenarios: Sequence[Scenario]) -> tuple[Differing, ...]:
    """Find the places at which scenarios differ, names and other labels aside.

    Parameters
    ----------
    scenarios
        Loaded ones; two or more.

    Returns
    -------
    tuple of Differing
        In the order of the first scenario, then of the others. Values are compared as they were understood: ``1e3`` is
        ``1000``, and what one scenario leaves to a default differs only from another value.

    Raises
    ------
    UsageError
        For a scenario that was built from parts.
    """
    trees = [_tree(scenario) for scenario in scenarios]
    return tuple(_compared((), trees, scenarios))


def _tree(scenario: Scenario) -> dict[str, Any]:
    """Values in nested mappings, each leaf an origin."""
    tree: dict[str, Any] = {}
    for origin in origins(scenario, idle=True):
        if origin.now is None or origin.steps[0] in PASSED_OVER:
            continue
        below = tree
        for step in origin.steps[:-1]:
            below = below.setdefault(step, {})
        if _is_label(origin.steps):  # what has nothing but a label is there all the same
            continue
        below[origin.steps[-1]] = {} if origin.now.value == {} else origin
    return tree


def _is_label(steps: Steps) -> bool:
    if steps[-1] != "name":
        return False
    place = find(steps)
    return place is not None and isinstance(place.leaf, Text)


def _compared(steps: Steps, trees: Sequence[Any], scenarios: Sequence[Scenario]) -> Iterator[Differing]:
    """Differences at and below a path; ``trees`` is what the scenarios have there."""
    if all(isinstance(tree, Mapping) for tree in trees):
        for key in dict.fromkeys(key for tree in trees for key in tree):
            yield from _compared((*steps, key), [tree.get(key) for tree in trees], scenarios)
        return
    values = tuple(_value(steps, tree, scenario) for tree, scenario in zip(trees, scenarios, strict=True))
    written = any(value is not None and value.file is not None for value in values)
    first = values[0]
    if written and any(
        (value is None) != (first is None) or (value is not None and first is not None and value.value != first.value)
        for value in values
    ):
        yield Differing(".".join(steps), values)


def _value(steps: Steps, tree: Any, scenario: Scenario) -> Value | None:
    if tree is None:
        return None
    if isinstance(tree, Origin):
        return tree.now
    document = scenario.source
    assert isinstance(document, Document)
    mark, node = document.mark(steps, key=True), document.node(steps)
    if node is None:  # nothing but defaults
        return Value(_plain(tree))
    return Value(_plain(tree), mark.source.name, mark.line, mark.column, mark.source.layer > 0)


def _plain(tree: Any) -> Any:
    """What is written in a branch, without the defaults beside it."""
    if isinstance(tree, Origin):
        return None if tree.now is None else tree.now.value
    kept = {key: value for key, value in tree.items() if not (isinstance(value, Origin) and value.is_default)}
    return {key: _plain(value) for key, value in kept.items()}
