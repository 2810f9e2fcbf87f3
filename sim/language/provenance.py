"""Evidence through inheritance: a number that is changed loses what spoke for the old one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.language.document import Steps, child, resolve
from sim.language.places import find
from sim.language.reader import Node, Scalar, Table
from sim.language.reader import Sequence as Items
from sim.language.values import MONTH, NUMERAL, Month, Number

SOURCED = ("vendor", "customers", "events", "together", "levers", "risk")
"""Sections whose numbers need evidence (of ``risk`` the target)."""

_STATEMENTS = {"fact", "assumption"}


def changed_amounts(before: Node | None, after: Node | None, path: Steps = ()) -> Iterator[Steps]:
    """Paths of the numbers and months that may carry evidence and were not there before, or were others.

    Trees that were merged share all nodes below which nothing has changed: those are not looked through.
    """
    if after is None or after is before:
        return
    if isinstance(after, Table):
        for key in after.entries if path else SOURCED:
            yield from changed_amounts(_below(before, key), after.entries.get(key), (*path, key))
    elif isinstance(after, Items):
        for number, item in enumerate(after.items):
            yield from changed_amounts(_below(before, str(number)), item, (*path, str(number)))
    elif isinstance(after, Scalar) and (amount := _amount(after, path)) is not None:
        was = _amount(before, path) if isinstance(before, Scalar) else None
        if was is None or was != amount:
            yield path


def _below(node: Node | None, key: str) -> Node | None:
    if isinstance(node, Items):
        return node.items[int(key)] if int(key) < len(node.items) else None
    return node.entries.get(key) if isinstance(node, Table) else None


def _amount(scalar: Scalar, path: Steps) -> float | str | None:
    """Give a scalar's value where it is a number or a month, and the schema wants one there."""
    raw = scalar.value
    if raw is None or isinstance(raw, bool):
        return None
    is_month = isinstance(raw, str) and MONTH.fullmatch(raw) is not None
    if isinstance(raw, str) and not is_month and not (scalar.plain and NUMERAL.fullmatch(raw)):
        return None
    place = find(path)
    leaf = None if place is None else place.leaf
    if is_month:
        return str(raw) if isinstance(leaf, Month) else None
    if not isinstance(leaf, Number):
        return None
    try:
        return float(raw)
    except OverflowError:
        return None


def lose_evidence(base: Table, overs: Iterable[Table], merged: Table) -> Table:
    """Drop from a merged tree the inherited evidence of numbers that were changed without evidence of their own.

    Where the evidence stood on a mapping, it goes on to hold for all other numbers below it: their entries are written
    out.

    Parameters
    ----------
    base, merged : Table
        Before and after.
    overs : iterable of Table
        What was merged over the base; their own evidence counts.
    """
    inherited, evidence = base.entries.get("evidence"), merged.entries.get("evidence")
    if not isinstance(inherited, Table) or not isinstance(evidence, Table):
        return merged
    changed = list(changed_amounts(base, merged))
    own: dict[str, Node] = {}
    for over in overs:
        given = over.entries.get("evidence")
        own |= given.entries if isinstance(given, Table) else {}
    own_keys = set(own)
    book = _Book(merged, evidence, own_keys)
    for key, entry in own.items():
        path = resolve(merged, key)
        if path is not None and any(one[: len(path)] == path for one in changed):
            book.stand_alone(key, entry)
    for key in inherited.entries:
        if key not in own_keys and resolve(merged, key) is None and resolve(base, key) is not None:
            book.drop(key)  # what it spoke for was replaced or removed
    for path in changed:
        book.unsettle(path)
    table = Table(book.entries, book.keys, evidence.source, evidence.line, evidence.column)
    entries = {key: table if key == "evidence" else value for key, value in merged.entries.items()}
    keys = dict(merged.keys)
    if not table.entries:
        del entries["evidence"], keys["evidence"]
    return Table(entries, keys, merged.source, merged.line, merged.column)


class _Book:
    """Evidence entries by path, those of the later layer told apart."""

    def __init__(self, tree: Table, evidence: Table, own_keys: set[str]) -> None:
        self.tree = tree
        self.entries = dict(evidence.entries)
        self.keys = dict(evidence.keys)
        self.own: set[Steps] = set()
        self.inherited: dict[Steps, str] = {}
        for key in self.entries:
            path = resolve(tree, key)
            if path is not None and key in own_keys:
                self.own.add(path)
            elif path is not None:
                self.inherited[path] = key

    def drop(self, key: str) -> None:
        self.entries.pop(key, None)
        self.keys.pop(key, None)

    def stand_alone(self, key: str, entry: Node) -> None:
        """Take from an entry that says why the new number is right what it inherited about the old one."""
        if key in self.entries and isinstance(entry, Table) and not _STATEMENTS.isdisjoint(entry.entries):
            said = {part: value for part, value in entry.entries.items() if not _is_null(value)}
            written = {part: scalar for part, scalar in entry.keys.items() if part in said}
            self.entries[key] = Table(said, written, entry.source, entry.line, entry.column)

    def unsettle(self, path: Steps) -> None:
        """Take from one number what it inherited, unless evidence of its own covers it more closely."""
        for length in range(len(path), 0, -1):
            above = path[:length]
            if above in self.own:
                return
            key = self.inherited.pop(above, None)
            if key is not None:
                entry, written = self.entries[key], self.keys[key]
                self.drop(key)
                self._hand_down(above, path, entry, written)

    def _hand_down(self, above: Steps, path: Steps, entry: Node, written: Scalar) -> None:
        """Write an entry out for all numbers below ``above`` but the one at ``path``."""
        node: Node | None = self.tree
        for step in above:
            node = child(node, step)
        for length in range(len(above), len(path)):
            siblings = node.entries if isinstance(node, Table) else {}
            for key, value in siblings.items():
                beside = (*path[:length], key)
                settled = beside in self.own or beside in self.inherited
                if key != path[length] and not settled and _holds_amounts(value, beside):
                    name = ".".join(beside)
                    self.entries[name], self.keys[name] = entry, written
                    self.inherited[beside] = name
            node = child(node, path[length])


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null


def _holds_amounts(node: Node, path: Steps) -> bool:
    if isinstance(node, Table):
        return any(_holds_amounts(value, (*path, key)) for key, value in node.entries.items())
    return isinstance(node, Scalar) and _amount(node, path) is not None
