"""Merging a later file, or overrides, over an earlier tree; each value keeps the file and position where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.errors import ScenarioError, UsageError, inert
from sim.language.calendar import month_of
from sim.language.document import Findings, Steps, child, nearest
from sim.language.places import ROOT, Place, synonym_of, where_at_home
from sim.language.provenance import lose_evidence
from sim.language.reader import Budget, Node, Scalar, Source, Table, from_python, read_text
from sim.language.reader import Sequence as Items
from sim.language.undoubted import lose_doubts

Overrides = Mapping[str, Any] | Iterable[str]

_IDS = ("customers", "groups", "events", "levers", "choices")
_ANY = "*"
_WITH_DOTS = (("evidence",), ("sweep",), ("doubt", "numbers"), ("choices", _ANY, "set"))
"""Mappings whose keys are dotted paths."""


def merge(base: Node, over: Node, findings: Findings, place: Place | None = ROOT, path: Steps = ()) -> Node:
    """Merge one tree over another; neither is changed.

    Mappings merge key by key, those in a list by their number; a list, text or number replaces; null removes. Of keys
    that exclude each other (laws, ``sigma`` and ``p90``, ``fact`` and ``assumption``, ``from`` beside ``month``) the
    later one stays. A form of a doubt is replaced whole.

    Parameters
    ----------
    base, over : Node
        The earlier and the later tree.
    findings : Findings
        Takes a null that has nothing to remove.
    place : Place, optional
        What the schema allows here.
    path : tuple of str
        Where the two stand.
    """
    if _replaces_whole(place):
        return over
    if isinstance(base, Table) != isinstance(over, Table):
        _refuse_lone(base, over, findings, place, path)
        base, over = _in_full(base, place), _in_full(over, place)
    if isinstance(base, Items) and isinstance(over, Table) and _are_of(base, over, place):
        items = list(base.items)
        for number, value in over.entries.items():
            below = None if place is None else place.below(number)
            items[int(number)] = merge(items[int(number)], value, findings, below, (*path, number))
        return Items(items, base.source, base.line, base.column)
    if not (isinstance(base, Table) and isinstance(over, Table)):
        return over
    entries, keys = dict(base.entries), dict(base.keys)
    given = [key for key, value in over.entries.items() if not (isinstance(value, Scalar) and value.is_null)]
    for key in over.entries.keys() - set(given):
        if key in entries:
            del entries[key], keys[key]
        else:
            allowed = "null only where an earlier file gives something"
            found = f"null for {inert(key, 60)}, which has nothing to remove"
            findings.add(over.keys[key], (*path, key), found, allowed, misspelt=key, known=base.entries)
    for key in _replaced(place, entries, given):
        del entries[key], keys[key]
    for key in given:
        below = None if place is None else place.below(key)
        if key in entries:
            entries[key] = merge(entries[key], over.entries[key], findings, below, (*path, key))
            if not isinstance(entries[key], Table) or _replaces_whole(below):
                keys[key] = over.keys[key]
        else:
            entries[key], keys[key] = over.entries[key], over.keys[key]
    return Table(entries, keys, base.source, base.line, base.column)


def _replaces_whole(place: Place | None) -> bool:
    """Whether a later mapping replaces an earlier one, instead of being merged over it key by key."""
    return place is not None and place.keyed is not None and not place.keyed.merges


def _refuse_lone(base: Node, over: Node, findings: Findings, place: Place | None, path: Steps) -> None:
    """Refuse a lone number over a mapping that says another thing than the number would set."""
    if place is None or place.part is None or not place.part.number_is or not isinstance(base, Table):
        return
    key = place.part.number_is
    others = [other for group in place.part.exactly_one if key in group for other in group if other in base.entries]
    if key not in others and others and isinstance(over, Scalar) and not over.is_null:
        other = ", ".join(others)
        help = f"set {'.'.join((*path, others[0]))}, or write {{{key}: {inert(str(over.value), 40)}}} to replace it"
        findings.add(
            over, path, f"a lone number over a mapping with {other}", f"a mapping with {other} or {key}", help=help
        )


def _in_full(node: Node, place: Place | None) -> Node:
    """Write a lone number out as the key that it sets, where it may stand in place of a mapping."""
    key = "" if place is None or place.part is None else place.part.number_is
    if not key or not isinstance(node, Scalar) or node.is_null:
        return node
    return Table({key: node}, {key: node}, node.source, node.line, node.column)


def _are_of(base: Items, over: Table, place: Place | None) -> bool:
    """Whether the keys of a mapping are numbers of a list's items, which are mappings themselves."""
    item = None if place is None else place.below("0")
    there = all(isinstance(child(base, key), Table) for key in over.entries)
    return item is not None and item.part is not None and bool(over.entries) and there


def _replaced(place: Place | None, inherited: Mapping[str, Node], given: Sequence[str]) -> set[str]:
    """Tell which inherited keys go because of keys that are given now."""
    if place is None or place.part is None:
        return set()
    gone: set[str] = set()
    for group in place.part.exactly_one:
        if any(key in group for key in given):
            gone |= {key for key in group if key in inherited and key not in given}
    for first, second in place.part.excludes:
        if second in given and first in inherited and first not in given:
            gone.add(first)
    for key, others in place.part.needs.items():
        if key in inherited and key not in given and any(other in gone for other in others):
            gone.add(key)
    return gone


def apply_file(base: Table, over: Table, findings: Findings) -> Table:
    """Merge a file over what it extends; numbers that it changes lose the evidence that they inherited."""
    merged = merge(base, over, findings)
    assert isinstance(merged, Table)
    return lose_doubts(base, [over], lose_evidence(base, [over], merged))


def apply_overrides(base: Table, overrides: Overrides | None, findings: Findings) -> Table:
    """Merge overrides over a tree, one after the other.

    Parameters
    ----------
    base : Table
        The scenario's tree.
    overrides : mapping or iterable of str
        Python values by dotted path, or texts ``path=value`` with the value in YAML.
    findings : Findings
        Takes paths that do not exist and values that are no YAML.

    Raises
    ------
    UsageError
        Where an override is no ``path=value``.
    """
    return apply_layers(base, _layers(overrides, highest_layer(base) + 1, findings), findings)


def apply_layers(base: Table, values: Iterable[tuple[Steps, Table]], findings: Findings) -> Table:
    """Merge trees with a single value each over a tree, one after the other; each with the steps to its value."""
    layers: list[Table] = []
    merged = base
    for path, layer in values:
        if _exists(merged, layer, path, findings):
            layers.append(layer)
            result = merge(merged, layer, findings)
            assert isinstance(result, Table)
            merged = result
    return lose_doubts(base, layers, lose_evidence(base, layers, merged)) if layers else base


def in_words(overrides: Overrides) -> tuple[str, ...]:
    """Overrides as texts ``path=value``, each on one line, long values cut."""
    if not isinstance(overrides, Mapping):
        return tuple(inert(" ".join(text.split()), 200) for text in overrides)
    said = {path: "null" if value is None else month_of(value) or value for path, value in overrides.items()}
    return tuple(inert(f"{path}={value}", 200) for path, value in said.items())


def highest_layer(node: Node) -> int:
    """The highest layer that something of a tree was written in."""
    below = [highest_layer(value) for value in node.entries.values()] if isinstance(node, Table) else []
    return max([node.source.layer, *below])


def _layers(overrides: Overrides | None, layer: int, findings: Findings) -> Iterable[tuple[Steps, Table]]:
    if overrides is None:
        return
    if isinstance(overrides, str | bytes):
        raise UsageError("overrides as one text", help="give a mapping of paths to values, or a list of path=value")
    budget = Budget()
    given = overrides.items() if isinstance(overrides, Mapping) else ((None, text) for text in overrides)
    for path, value in given:
        try:
            yield _of_text(value, layer, budget) if path is None else _of_python(path, value, layer, budget)
        except ScenarioError as error:
            findings.take(error)


def _of_python(path: Any, value: Any, layer: int, budget: Budget) -> tuple[Steps, Table]:
    """Turn a path and a Python value into a tree with that one value."""
    if not isinstance(path, str) or not path:
        raise UsageError(f"the override's path {inert(repr(path), 60)}: allowed is a dotted path as text")
    steps = tuple(path.split("."))
    shown = inert(repr(value) if isinstance(value, str) else month_of(value) or str(value), 60)
    reading = from_python(value, f"set={{{path!r}: {shown}}}", layer=layer, budget=budget)
    return steps, nested(steps, reading.root, [None] * len(steps))


def _of_text(text: Any, layer: int, budget: Budget) -> tuple[Steps, Table]:
    """Turn ``path=value`` into a tree with that one value, positions counted in ``--set path=value``."""
    path, equals, value = text.partition("=") if isinstance(text, str) else ("", "", "")
    path = path.strip()
    if not equals or not path:
        raise UsageError(f"the override {inert(str(text), 80)}: allowed is path=value")
    if not value.strip():
        raise UsageError(f"the override {inert(text, 80)} has no value", help="write null to remove something")
    steps = tuple(path.split("."))
    prefix = f"--set {path}="
    reading = read_text(value, prefix + value, budget=budget, layer=layer, prefix=prefix)
    if reading.problems:
        raise ScenarioError(reading.problems)
    columns: list[int | None] = []
    column = len("--set ") + 1
    for step in steps:
        columns.append(column)
        column += len(step) + 1
    return steps, nested(steps, reading.root, columns)


def nested(steps: Steps, value: Node, columns: Sequence[int | None], line: int | None = 1) -> Table:
    """Build a tree with one value at some steps, each of which stands in a column of a line."""
    source = value.source
    node = value
    for step, column in zip(reversed(steps), reversed(columns), strict=True):
        line = None if column is None else line
        node = Table({step: node}, {step: Scalar(step, False, source, line, column)}, source, line, column)
    assert isinstance(node, Table)
    return node


def _exists(base: Table, layer: Table, path: Steps, findings: Findings) -> bool:
    """Whether an override's path leads to something that is there, or that the language has a key for."""
    node: Node | None = base
    place: Place | None = ROOT
    over: Node = layer
    for i, step in enumerate(path):
        assert isinstance(over, Table)
        key, here = over.keys[step], path[: i + 1]
        below = child(node, step) if isinstance(node, Table) else None
        by_id = i == 1 and path[0] in _IDS
        of = next((path[: len(keys)] for keys in _WITH_DOTS if i >= len(keys) and _begins(path, keys)), None)
        if path[0] == "extends" or of is not None:
            if of is None:
                findings.add(key, here, "extends, which cannot be set", "what stands in a scenario, but extends")
            else:
                help = f"set {'.'.join(of)} as a whole: {'.'.join(of)}={{…}}"
                findings.add(key, here, "a key with dots, which cannot be addressed", "keys without a dot", help=help)
            return False
        allowed_below = None if place is None else place.below(step)
        if below is None and (allowed_below is None or by_id):
            kind = path[0].removesuffix("s") if by_id else "key"
            known = {*(node.entries if isinstance(node, Table) else ()), *(place.keys if place is not None else ())}
            names = sorted(known)
            allowed = ", ".join(names[:30]) or ("none yet" if by_id else "no keys: a single value stands here")
            hint = _hint(base, path, i, place)
            findings.add(key, here, f"no {kind} {inert(step, 60)}", allowed, help=hint, misspelt=step, known=names)
            return False
        node, place, over = below, allowed_below, over.entries[step]
    return True


def _begins(path: Steps, keys: Steps) -> bool:
    """Whether a path begins with some keys, of which one may be any."""
    return len(path) >= len(keys) and all(key in (_ANY, step) for key, step in zip(keys, path, strict=False))


def _hint(base: Table, path: Steps, at: int, place: Place | None) -> str | None:
    """What was probably meant by an override whose path ends nowhere at one of its steps."""
    step, rest = path[at], path[at + 1 :]
    if at == 1 and path[0] in _IDS:
        return None if rest else f"to add one, set {path[0]} as a whole: {path[0]}={{{inert(step, 60)}: {{…}}}}"
    if at == 0 and (section := section_of(base, step)) is not None:
        return f"write {inert('.'.join((section[0], section[1], *rest)), 200)}"
    synonym = None if place is None else synonym_of(step, place)
    if synonym is not None:
        return f"write {inert('.'.join((*path[:at], synonym, *rest)), 200)}"
    return where_at_home(step)


def section_of(base: Table, word: str) -> tuple[str, str] | None:
    """The section and id that a path without its section begins with; ids that come near count too."""
    ids = {section: list(node.entries) for section in _IDS if isinstance(node := base.entries.get(section), Table)}
    near = nearest(word, [*ROOT.keys, *(name for names in ids.values() for name in names)], 0.8)
    return None if near is None or near in ROOT.keys else next((of, near) for of, names in ids.items() if near in names)


def placed(root: Table, values: Iterable[tuple[Steps, Any]], name: str) -> Table:
    """Put some values where a tree has others, each at its steps; a mapping of values goes into what else is there.

    As a merge; where all of them stand in the place of a single value, there is nothing else to be looked at.
    """
    source = Source(name, None, 10**6)
    nested: dict[str, Any] = {}
    for steps, value in values:
        *above, last = steps
        holder = nested
        for step in above:
            holder = holder.setdefault(step, {})
        if isinstance(value, Mapping):
            holder.setdefault(last, {}).update(value)
        else:
            holder[last] = value
    found = _in_place(root, nested, source) or merge(root, _tree(nested, source), Findings())
    assert isinstance(found, Table)
    return found


def _in_place(node: Node | None, values: Mapping[str, Any], source: Source) -> Table | None:
    """The same tree with other values; None where one of them has no single value to take the place of."""
    if not isinstance(node, Table):
        return None
    entries = dict(node.entries)
    for key, value in values.items():
        if isinstance(value, Mapping):
            below = _in_place(entries.get(key), value, source)
            if below is None:
                return None
            entries[key] = below
        elif isinstance(entries.get(key), Scalar):
            entries[key] = Scalar(value, False, source)
        else:
            return None
    return Table(entries, node.keys, node.source, node.line, node.column)


def _tree(values: Mapping[str, Any], source: Source) -> Table:
    keys = {key: Scalar(key, False, source) for key in values}
    entries: dict[str, Node] = {
        key: _tree(value, source) if isinstance(value, Mapping) else Scalar(value, False, source)
        for key, value in values.items()
    }
    return Table(entries, keys, source)


def single(steps: Steps, value: float | str, source: Source) -> Table:
    """Build a tree with one value, as an axis of a sweep sets it."""
    return nested(steps, Scalar(value, False, source), [None] * len(steps))
