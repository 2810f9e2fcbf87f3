"""Doubts through inheritance: a number that is set is in doubt no longer; what is removed takes its doubts along.

As with evidence, a value that is written again as it was counts as not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

from sim.language.document import Document, Steps, child, resolve
from sim.language.leaves import covering, entries, is_numeral, number_of
from sim.language.places import find
from sim.language.provenance import changed_amounts
from sim.language.reader import Node, Scalar, Table
from sim.scenario.doubts import LeftOut

SET, GONE = "set since, so that it is in doubt no longer", "removed since, and its doubt with it"


def lose_doubts(base: Table, overs: Iterable[Table], merged: Table) -> Table:
    """Drop from a merged tree the inherited doubts about values that were set or removed.

    Parameters
    ----------
    base, merged : Table
        Before and after.
    overs : iterable of Table
        What was merged over the base; doubts that it states itself stay.
    """
    inherited, numbers = _numbers(base), _numbers(merged)
    if inherited is None or numbers is None:
        return merged
    own = {key for over in overs for key in _keys(over)}
    kept = inherited.entries.keys() & numbers.entries.keys() - own
    gone = {key for key in kept if _touched(base, merged, key)}
    if not gone:
        return merged
    doubt = merged.entries["doubt"]
    assert isinstance(doubt, Table)
    return _with(merged, "doubt", _with(doubt, "numbers", _without(numbers, gone)))


def dropped(document: Document) -> Iterator[LeftOut]:
    """Doubts that were inherited and are none any more, each with the place where its number was set.

    Of a number that was removed it is the place where its doubt had been stated.
    """
    trees = (*document.earlier, document.root)
    now = _keys(document.root)
    seen: set[str] = set()
    for before, after in pairwise(trees):
        inherited = _keys(before)
        for key in inherited:
            if key not in _keys(after) and key not in now and key not in seen and (why := _touched(before, after, key)):
                seen.add(key)
                mark: Node = inherited[key] if why == GONE else document.latest(_steps(document.root, key))
                yield LeftOut(key, why, mark.source.name, mark.line, mark.column)
        if child(child(before, "doubt"), "ranges") is not None:
            for steps in _out_of_range(before, after):
                key = ".".join(steps)
                known = any(f"{key}.".startswith(f"{one}.") for one in (*inherited, *now, *seen))
                if not known and document.node(steps) is not None:
                    seen.add(key)
                    mark = document.latest(steps)
                    yield LeftOut(key, SET, mark.source.name, mark.line, mark.column)


def _out_of_range(before: Table, after: Table) -> Iterator[Steps]:
    """Numbers that were set, and had a plausible range before and have none now."""
    then, since = (entries(Document(tree, "", Path())) for tree in (before, after))
    for steps in changed_amounts(before, after):
        if _has_range(then, steps) and not _has_range(since, steps):
            yield steps


def _has_range(given: Mapping[Steps, Node], steps: Steps) -> bool:
    entry = covering(steps, given)
    return entry is not None and all(child(given[entry], end) is not None for end in ("low", "high"))


def _numbers(tree: Table) -> Table | None:
    """The doubts that a tree states, by dotted path."""
    found = child(child(tree, "doubt"), "numbers")
    return found if isinstance(found, Table) else None


def _keys(tree: Table) -> dict[str, Scalar]:
    numbers = _numbers(tree)
    return {} if numbers is None else dict(numbers.keys)


def _touched(before: Table, after: Table, key: str) -> str:
    """Whether what a doubt is about was set or removed, in words; empty where it stands as it stood."""
    steps = _steps(before, key)
    was, now = _value(before, steps), _value(after, steps)
    if was is None:
        return SET if now is not None else GONE if _depth(after, steps) < _depth(before, steps) else ""
    if now is None:
        return GONE
    return "" if _same(was, now) else SET


def _steps(tree: Table, key: str) -> Steps:
    return resolve(tree, key) or tuple(key.split("."))


def _value(tree: Table, steps: Steps) -> Node | None:
    """What stands at a path; of a mapping that a lone number may stand for, that number."""
    node: Node | None = tree
    for step in steps:
        node = child(node, step)
    place = find(steps)
    number = child(node, place.part.number_is) if place is not None and place.part is not None else None
    return node if number is None else number


def _depth(tree: Table, steps: Steps) -> int:
    """How many steps of a path lead to something that is there."""
    node: Node | None = tree
    for depth, step in enumerate(steps):
        node = child(node, step)
        if node is None:
            return depth
    return len(steps)


def _same(one: Node, other: Node) -> bool:
    if one is other:
        return True
    if isinstance(one, Table) and isinstance(other, Table):
        there = one.entries.keys() == other.entries.keys()
        return there and all(_same(value, other.entries[key]) for key, value in one.entries.items())
    if not (isinstance(one, Scalar) and isinstance(other, Scalar)):
        return False
    if is_numeral(one) and is_numeral(other):
        return number_of(one) == number_of(other)
    return str(one.value).lower() == str(other.value).lower()


def _with(table: Table, key: str, value: Table) -> Table:
    entries = {name: value if name == key else node for name, node in table.entries.items()}
    return Table(entries, dict(table.keys), table.source, table.line, table.column)


def _without(table: Table, gone: set[str]) -> Table:
    kept = {key: node for key, node in table.entries.items() if key not in gone}
    keys = {key: table.keys[key] for key in kept}
    return Table(kept, keys, table.source, table.line, table.column)
