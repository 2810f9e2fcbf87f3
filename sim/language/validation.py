"""From nodes to the schema's parts: pydantic's errors become problems with a position and the nearest name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from sim.errors import inert
from sim.language.document import Document, Findings, Steps, Valid, child, nearest, written_last
from sim.language.doubt_parts import A_LAW, FormKey
from sim.language.hints import NOT_YET, OTHERWISE, numeral
from sim.language.part import Part
from sim.language.places import Place, find, homes, synonym_of, where_at_home
from sim.language.reader import Node, Scalar, Table
from sim.language.reader import Sequence as Items
from sim.language.schema import ScenarioPart
from sim.language.values import IDENTIFIER, MONTH, Identifier, Kind, Month, show

_TAGS = ("<mapping>", "<scalar>", "<list>")
_ROUNDS = 6  # of removing what is refused, until the rest can be checked
_MOST_ERRORS = 1000  # more are counted, and the rest is not worth checking
_STAND_INS = ("name", "money")
_NAMED = 25  # unknown keys beside a missing one that are looked at


@dataclass(frozen=True)
class Validated:
    """What the schema makes of a tree.

    ``part`` is None where too little is left to check; ``refused`` holds the paths that were refused and removed.
    """

    part: ScenarioPart | None
    refused: frozenset[Steps]

    def is_damaged(self, path: Steps) -> bool:
        """Whether something at this path or below it was refused, so that what is missing there is no news."""
        return any(gone[: len(path)] == path for gone in self.refused)


def plain(node: Node) -> Any:
    """Unwrap mappings and lists; the leaves stay scalars of the reader, which the schema takes."""
    if isinstance(node, Table):
        return {key: plain(value) for key, value in node.entries.items()}
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return node


def validate(document: Document, findings: Findings) -> Validated:
    """Validate a tree by the schema; what is wrong goes to the findings, the rest comes back as parts.

    What stands as it is in a tree that was found valid before is taken over as the parts that it became.
    """
    if document.valid is not None:
        try:
            return Validated(
                ScenarioPart.model_validate(_with_what_is_valid(document.root, document.valid)), frozenset()
            )
        except ValidationError:
            pass  # told below, of the whole tree
    data = plain(document.root)
    refused: set[Steps] = set()
    for round_ in range(_ROUNDS):
        try:
            return Validated(ScenarioPart.model_validate(data), frozenset(refused))
        except ValidationError as error:
            errors = error.errors(include_url=False, include_input=False)
        if round_ == 0:
            for entry in errors[:_MOST_ERRORS]:
                _tell(document, entry, findings)
            findings.count_only(max(0, len(errors) - _MOST_ERRORS))
        if len(errors) > _MOST_ERRORS or not _remove(data, document, errors, refused):
            break
    return Validated(None, frozenset(refused))


def _with_what_is_valid(root: Table, valid: Valid) -> dict[str, Any]:
    """Unwrap a tree, with parts in place of the mappings that it shares with one that was found valid."""
    data: dict[str, Any] = {}
    for key, node in root.entries.items():
        before, part = valid.root.entries.get(key), getattr(valid.part, key, None)
        if node is before and isinstance(part, Part):
            data[key] = part
        elif isinstance(node, Table) and isinstance(before, Table) and isinstance(part, dict):
            data[key] = {
                id_: known
                if before.entries.get(id_) is entry and isinstance(known := part.get(id_), Part)
                else plain(entry)
                for id_, entry in node.entries.items()
            }
        else:
            data[key] = plain(node)
    return data


def _steps(document: Document, location: Iterable[str | int]) -> Steps:
    """Turn pydantic's location, which names branches of unions too, into the path in the file."""
    steps: list[str] = []
    node: Node | None = document.root
    for item in location:
        step = str(item)
        if step == "[key]":
            break
        below = child(node, step)
        if below is None and step in _TAGS:
            continue
        steps.append(step)
        node = below
    return tuple(steps)


def _tell(document: Document, entry: Any, findings: Findings) -> None:
    path = _steps(document, entry["loc"])
    context: dict[str, Any] = entry.get("ctx") or {}
    node = document.node(path)
    if entry["type"] == "extra_forbidden":
        _unknown_key(document, path, findings)
    elif entry["type"] == "missing":
        place = find(path)
        words = _words(place.leaf if place else None, bool(place and (place.part or place.values)))
        mark = document.mark(path[:-1])
        called = _called(document, path)
        add = f"add the key {path[-1]}; it is required" if called is None else f"call {called} {path[-1]}"
        findings.add(mark, path, f"no {path[-1]}", words, help=add)
    elif entry["type"] == "refused":
        key = "[key]" in entry["loc"]
        path = _closest(document, path, str(context["at"]))
        mark = document.mark(path, key=key)
        help: str | None = context["help"]
        if help is None and isinstance(node, Scalar) and node.is_null:
            help = "give a value, or leave the key out"
        misspelt, known = _misspelt(node, path, context)
        findings.add(
            mark, path, str(context["found"]), str(context["allowed"]), help=help, misspelt=misspelt, known=known
        )
    else:
        place = find(path)
        found = "nothing (null)" if node is None else show(plain(node))
        allowed = _words(
            place.leaf if place else None, bool(place and (place.part or place.values)), bool(place and place.items)
        )
        if entry["type"] == "too_short":
            allowed = "at least one entry"
        help = (
            "give a value, or leave the key out"
            if isinstance(node, Scalar) and node.is_null
            else _by_key(document, path)
        )
        findings.add(document.mark(path), path, found, allowed, help=help)


def _misspelt(node: Node | None, path: Steps, context: dict[str, Any]) -> tuple[str | None, tuple[str, ...]]:
    """Tell the word and the words it may have meant, where only a few are allowed."""
    place = find(path)
    options = getattr(place.leaf, "options", ()) if place is not None else ()
    if options and isinstance(node, Scalar) and isinstance(node.value, str):
        return node.value, tuple(options)
    return None, ()


def _closest(document: Document, path: Steps, at: str) -> Steps:
    """Point, among the keys that a refusal is about, at the one that was written last."""
    paths = [(*path, key) for key in at.split(",") if key and document.node((*path, key)) is not None]
    if not paths:
        return path
    return paths[written_last([document.mark(candidate) for candidate in paths])]


def _words(leaf: Kind | None, mapping: bool, sequence: bool = False) -> str:
    if leaf is not None:
        return leaf.allowed
    return "a mapping" if mapping else "a list" if sequence else "a value"


def _by_key(document: Document, path: Steps) -> str | None:
    """Say how what stands in place of a mapping with free keys is written."""
    node, place = document.node(path), find(path)
    if place is None or place.values is None:
        return None
    number = numeral(None if node is None else plain(node))
    if isinstance(place.keyed, Month):
        start = document.node(("start",))
        month = str(start.value) if isinstance(start, Scalar) and MONTH.fullmatch(str(start.value)) else "2024-03"
        return f"write it by month: {{{month}: {number or '…'}}}"
    if isinstance(place.keyed, FormKey):
        return f"write its law: {A_LAW}"
    if isinstance(place.keyed, Identifier):
        one = str(node.value) if isinstance(node, Scalar) and IDENTIFIER.fullmatch(str(node.value)) else None
        return f"write it by id: {{{one or 'an_id'}: {{…}}}}"
    return None


def _called(document: Document, path: Steps) -> str | None:
    """The unknown key beside a missing one that was probably meant to be it."""
    beside, place = document.node(path[:-1]), find(path[:-1])
    if not isinstance(beside, Table) or place is None or place.part is None:
        return None
    unknown = [key for key in beside.entries if key not in place.keys]
    return next((key for key in unknown[:_NAMED] if _meant(key, place) == path[-1]), None)


def _meant(key: str, place: Place) -> str | None:
    """The known key that an unknown one was probably meant to be."""
    return synonym_of(key, place) or nearest(key, place.keys, 0.8 if homes(key) else 0.6)


def _unknown_key(document: Document, path: Steps, findings: Findings) -> None:
    key = path[-1]
    place = find(path[:-1])
    known = tuple(place.keys) if place is not None else ()
    at_home = homes(key) if len(key) <= 64 else []
    synonym = None if place is None else synonym_of(key, place)
    not_yet = None if place is None or place.part is None else NOT_YET.get(place.part.__name__, {}).get(key.lower())
    said = None if place is None or place.part is None else OTHERWISE.get(place.part.__name__, {}).get(key.lower())
    help = not_yet or said or (f"write {synonym}" if synonym is not None else where_at_home(key))
    if not_yet is not None:
        found = f"the key {inert(key, 60)}, which is of what can't be said yet"
        findings.add(document.mark(path, key=True), path, found, ", ".join(known), help=help)
        return
    mark = document.mark(path, key=True)
    found = f"the unknown key {inert(key, 60)}"
    cutoff = 0.8 if at_home else 0.6  # a key that exists elsewhere is more likely misplaced than misspelt
    misspelt = None if said else key
    findings.add(mark, path, found, ", ".join(known), help=help, misspelt=misspelt, known=known, cutoff=cutoff)


def _remove(data: Any, document: Document, errors: list[Any], refused: set[Steps]) -> bool:
    """Remove what was refused, so that the rest can be checked; False where too little would be left."""
    paths = set()
    for entry in errors:
        path = _steps(document, entry["loc"])
        if entry["type"] != "missing":
            paths.add(path)
        elif len(path) > 1:
            paths.add(path[:-1])
        elif path[0] in _STAND_INS:
            data[path[0]] = Scalar("?", False, document.root.source)
        elif path[0] == "scenario":
            data["scenario"] = Scalar(1, False, document.root.source)
        else:
            return False
    for path in sorted(paths, key=lambda steps: (len(steps), _numbers(steps)), reverse=True):
        if not path:
            return False
        parent = data
        for step in path[:-1]:
            parent = (
                parent.get(step)
                if isinstance(parent, dict)
                else parent[int(step)]
                if isinstance(parent, list)
                else None
            )
        if isinstance(parent, dict):
            parent.pop(path[-1], None)
        elif isinstance(parent, list) and path[-1].isdecimal() and int(path[-1]) < len(parent):
            del parent[int(path[-1])]
        refused.add(path)
    return True


def _numbers(steps: Steps) -> tuple[int, ...]:
    return tuple(int(step) if step.isdecimal() else 0 for step in steps)
