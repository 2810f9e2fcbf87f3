"""Numbers and months of a scenario that evidence may be about, and what an entry of evidence covers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.language.document import Document, Steps, resolve
from sim.language.places import find
from sim.language.reader import Node, Scalar, Table
from sim.language.reader import Sequence as Items
from sim.language.values import NUMERAL, Month, Number

_SECTIONS = ("vendor", "customers", "events", "together", "levers")


def kind_of(path: Steps) -> Any:
    """What the schema wants at a path; None where no single value stands."""
    place = find(path)
    return None if place is None else place.leaf


def leaves(document: Document) -> Iterator[tuple[Steps, Scalar]]:
    """Numbers and months that evidence may be about, in the order of the file."""

    def walk(path: Steps, node: Node | None) -> Iterator[tuple[Steps, Scalar]]:
        if isinstance(node, Table):
            for key, below in node.entries.items():
                yield from walk((*path, key), below)
        elif isinstance(node, Items):
            for number, below in enumerate(node.items):
                yield from walk((*path, str(number)), below)
        elif isinstance(node, Scalar) and not node.is_null and isinstance(kind_of(path), Number | Month):
            yield path, node

    for section in _SECTIONS:
        yield from walk((section,), document.node((section,)))
    yield from walk(("risk", "target"), document.node(("risk", "target")))


def entries(document: Document) -> dict[Steps, Node]:
    """Entries under ``evidence`` by the steps of what they are about; one for a path that is not there is left out."""
    table = document.node(("evidence",))
    found: dict[Steps, Node] = {}
    if isinstance(table, Table):
        for dotted, node in table.entries.items():
            steps = resolve(document.root, dotted)
            if steps is not None:
                found[steps] = node
    return found


def covering(path: Steps, given: Mapping[Steps, Node]) -> Steps | None:
    """The entry that speaks for a value: its own, else the nearest above."""
    return next((path[:n] for n in range(len(path), 0, -1) if path[:n] in given), None)


def value_of(node: Node | None) -> Any:
    """A value as plain data: a number, a text, a list of them."""
    if isinstance(node, Items):
        return [value_of(item) for item in node.items]
    if isinstance(node, Scalar):
        return number_of(node) if is_numeral(node) else str(node.value)
    return None


def number_of(node: Node | None) -> float | None:
    """The number that stands in a node; None where none does."""
    return float(node.value) if isinstance(node, Scalar) and is_numeral(node) and node.value is not None else None


def is_numeral(node: Scalar) -> bool:
    """Whether a scalar is a number as the language writes it, or one of Python."""
    if isinstance(node.value, str):
        return node.plain and NUMERAL.fullmatch(node.value) is not None
    return node.value is not None and not isinstance(node.value, bool)
