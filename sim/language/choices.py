"""What a scenario becomes under each of its choices: set as by ``--set``, and checked as a file that says the same.

What is wrong with what a choice sets is told where the choice says it. What goes against the rest of the scenario is
told at the choice too, with the place in the scenario that it is about in words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sim.errors import inert
from sim.language.checks import check
from sim.language.choice_parts import ChoicePart
from sim.language.document import Document, Findings, Steps
from sim.language.doubted import in_doubt
from sim.language.merge import apply_layers, highest_layer, nested
from sim.language.noting import Noting, names_of
from sim.language.reader import Node, Scalar, Source, Table
from sim.language.reader import Sequence as Items
from sim.language.schema import NO_VENDOR, ScenarioPart
from sim.language.validation import validate
from sim.scenario.choices import Alternative
from sim.scenario.doubts import Doubt, Doubtful, LeftOut

SETTABLE = ("vendor", "customers", "groups", "events", "together", "levers")
"""Sections that a choice may set: what is measured, and how, stays the same for all."""

LEAST = 2

SET = "set by this choice, so that it is in no doubt under it"
GONE = "removed by this choice, and its doubt with it"


def choices_of(
    document: Document, part: ScenarioPart, doubt: Doubtful | None, findings: Findings
) -> tuple[Alternative, ...]:
    """Read what can be done, and check the scenario under each of it.

    Parameters
    ----------
    document, part
        The scenario, in which all else was found valid.
    doubt
        What is in doubt in it.
    findings
        Takes what is wrong.

    Returns
    -------
    tuple of Alternative
        Not whole where anything was found.
    """
    given = part.choices
    if not given:
        if given is not None:
            _add(document, findings, ("choices",), "no choice", _AT_LEAST)
        return ()
    if len(given) < LEAST:
        help = "add what it is held against, such as `as_it_is: {}`"
        _add(document, findings, ("choices", next(iter(given))), "a single choice", _AT_LEAST, help)
        return ()
    return tuple(_one(document, part, id_, choice, doubt, findings) for id_, choice in given.items())


_AT_LEAST = "two choices or more"


def _add(
    document: Document, findings: Findings, path: Steps, found: str, allowed: str, help: str | None = None
) -> None:
    findings.add(document.mark(path, key=True), path, found, allowed, help=help)


def _one(
    document: Document, part: ScenarioPart, id_: str, choice: ChoicePart, doubt: Doubtful | None, findings: Findings
) -> Alternative:
    path = ("choices", id_)
    mark = document.mark(path, key=True)
    plain = dict(choice.set or {})
    here = Alternative(id_, choice.name or id_, plain, choice.cost, (), mark.source.name, mark.line, mark.column)
    if not plain:
        return here
    found = _Under(findings, document, id_)
    changed = under(document, id_, found)
    if len(found):
        return here
    validated = validate(changed, found)
    check(changed, validated, found)
    if validated.part is not None:
        _same_discounting(part, validated.part, changed, found)
    if len(found) or validated.part is None or doubt is None:
        return here
    left = in_doubt(Noting(changed, validated, validated.part, found), _passed)
    return replace(here, dropped=tuple(_dropped(doubt.numbers, left, changed, mark)))


def _passed(*_: Any, **__: Any) -> None:
    """Nothing is noted twice."""


def _same_discounting(before: ScenarioPart, after: ScenarioPart, changed: Document, found: Findings) -> None:
    """Refuse another discount rate, by which what comes of a choice could not be held against the others."""
    rates = [(part.vendor or NO_VENDOR).discount_rate for part in (before, after)]
    if rates[0] != rates[1]:
        path = ("vendor", "discount_rate")
        found.add(changed.mark(path), path, "another discount rate", "one discount rate for all choices")


def kept(numbers: Iterable[Doubt], left: Doubtful | None) -> list[Doubt]:
    """What is in doubt under a choice too: what it leaves as it is."""
    still = set() if left is None else {(one.path, one.form, one.base, one.moved) for one in left.numbers}
    return [one for one in numbers if (one.path, one.form, one.base, one.moved) in still]


def _dropped(numbers: Sequence[Doubt], left: Doubtful | None, changed: Document, choice: Node) -> Iterator[LeftOut]:
    """What is in doubt no longer under a choice, with the place where it says so; of what it removes its own."""
    there = kept(numbers, left)
    for one in numbers:
        if one not in there:
            gone = changed.node(one.steps[:-1]) is None
            mark = choice if gone else changed.latest(one.steps)
            yield LeftOut(one.path, GONE if gone else SET, mark.source.name, mark.line, mark.column)


def under(document: Document, id_: str, findings: Findings) -> Document:
    """The scenario under one of its choices, without choices and axes.

    Parameters
    ----------
    findings
        Takes paths that lead nowhere, or to what no choice may set.
    """
    trimmed = document.without("choices", "sweep")
    table = document.node(("choices", id_, "set"))
    if not isinstance(table, Table):
        return trimmed
    layer = highest_layer(document.root) + 1
    layers = list(_layers(table, layer, findings))
    merged = apply_layers(trimmed.root, layers, findings)
    return replace(trimmed, root=merged, earlier=(*trimmed.earlier, trimmed.root))


def _layers(table: Table, layer: int, findings: Findings) -> Iterator[tuple[Steps, Table]]:
    """What a choice sets, each value as a tree of its own whose nodes know where they stand in the choice."""
    for dotted, node in table.entries.items():
        key = table.keys[dotted]
        source = replace(key.source, layer=layer)
        steps = tuple(dotted.split("."))
        if steps[0] not in SETTABLE:
            mark = Scalar(dotted, key.plain, source, key.line, key.column)
            findings.add(mark, steps, f"{inert(steps[0], 60)}, which no choice sets", names_of("", SETTABLE))
            continue
        yield steps, nested(steps, _moved(node, replace(node.source, layer=layer)), _columns(key, steps), key.line)


def _columns(key: Scalar, steps: Steps) -> list[int | None]:
    """Where each step of a dotted key stands; all at the key's own place where that can't be told."""
    if key.column is None:
        return [None] * len(steps)
    quote = 0 if key.plain else 1
    before = [sum(len(step) + 1 for step in steps[:n]) for n in range(len(steps))]
    return [key.column + quote + length for length in before]


def _moved(node: Node, source: Source) -> Node:
    """The same node as one of another layer."""
    if isinstance(node, Scalar):
        return Scalar(node.value, node.plain, source, node.line, node.column)
    if isinstance(node, Items):
        return Items([_moved(item, source) for item in node.items], source, node.line, node.column)
    entries = {key: _moved(value, source) for key, value in node.entries.items()}
    keys = {key: Scalar(one.value, one.plain, source, one.line, one.column) for key, one in node.keys.items()}
    return Table(entries, keys, source, node.line, node.column)


@dataclass(frozen=True)
class _Where:
    """What a choice set, told apart by the layer of its nodes."""

    document: Document
    id: str
    layer: int


class _Under(Findings):
    """What is found of a scenario under one of its choices, told at the choice."""

    def __init__(self, outer: Findings, document: Document, id_: str) -> None:
        super().__init__()
        self._outer = outer
        self._where = _Where(document, id_, highest_layer(document.root) + 1)

    def add(
        self,
        mark: Node | Source,
        path: Iterable[str],
        found: str,
        allowed: str = "",
        *,
        help: str | None = None,
        misspelt: str | None = None,
        known: Collection[str] = (),
        cutoff: float = 0.6,
    ) -> None:
        """Note a problem at what the choice sets; of what it does not set itself, at the choice, with the place."""
        where = self._where
        said = ".".join(path)
        source = mark if isinstance(mark, Source) else mark.source
        more: dict[str, Any] = {"help": help, "misspelt": misspelt, "known": known, "cutoff": cutoff}
        if source.layer < where.layer:
            mark, found = where.document.mark(("choices", where.id), key=True), f"under it {said}: {found}"
            self._outer.add(mark, ("choices", where.id), found, allowed, **more)
        else:
            self._outer.add(mark, ("choices", where.id, "set", said), found, allowed, **more)
        self.count_only(1)
