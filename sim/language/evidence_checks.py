"""What is refused of a scenario's evidence: entries that stand on nothing, ranges that could not stand there."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sim.errors import inert
from sim.language.document import Document, Steps, child, resolve
from sim.language.merge import section_of
from sim.language.noting import Noting, names_of
from sim.language.places import find
from sim.language.provenance import SOURCED
from sim.language.reader import Table
from sim.language.values import Number


class EvidenceCheck(Noting):
    """The evidence of one scenario under check."""

    def everything(self) -> None:
        """Check that entries stand on something, and that a plausible range could stand in its place."""
        node = self.document.root.entries.get("evidence")
        for key, entry in (self.part.evidence or {}).items():
            assert isinstance(node, Table)
            steps = resolve(self.document.root, key)
            if steps is None:
                help = "evidence stands on what is written out in a scenario"
                no_such_path(self.document, self.add, ("evidence", key), key, help)
                continue
            place = find(steps)
            leaf = None if place is None else place.leaf
            if isinstance(entry, str) or not isinstance(leaf, Number) or steps[0] not in SOURCED:
                continue
            for bound in ("low", "high"):
                scalar = child(node.entries[key], bound)
                if scalar is not None and self.never_by_itself(steps) and bound == "high":
                    found = f"a range of the chance of {steps[1]}, which has no timing"
                    self.add(("evidence", key, bound), found, "a timing, or no range")
                if scalar is not None and (trouble := _not_allowed(leaf, scalar)) is not None:
                    self.add(("evidence", key, bound), trouble, leaf.allowed)

    def never_by_itself(self, steps: Steps) -> bool:
        """Whether a path is that of the probability of an event without timing, which can only be 0."""
        event = (
            (self.part.events or {}).get(steps[1]) if steps[0] == "events" and steps[2:] == ("probability",) else None
        )
        return event is not None and event.timing is None


def no_such_path(document: Document, add: Callable[..., None], path: Steps, dotted: str, help: str) -> None:
    """Refuse a dotted path, naming what comes nearest to the first step that leads nowhere."""
    parts = dotted.split(".")
    there = next((n for n in range(len(parts), 0, -1) if resolve(document.root, ".".join(parts[:n]))), 0)
    node = document.node(".".join(parts[:there])) if there else document.root
    step = parts[there] if there < len(parts) else parts[-1]
    known: Collection[str] = node.entries if isinstance(node, Table) else ()
    before = ".".join(parts[:there])
    found = f"no {inert(step, 60)} under {inert(before, 100)}" if before else f"no {inert(step, 60)} in this scenario"
    section = section_of(document.root, step) if there == 0 else None
    if section is not None:
        help = f"write {inert('.'.join((*section, *parts[1:])), 200)}"
    allowed = names_of("", known) if known else "the path of a number or a mapping"
    add(path, found, allowed, help=help, key=True, misspelt=step, known=known)


def _not_allowed(leaf: Number, scalar: object) -> str | None:
    from pydantic_core import PydanticCustomError

    try:
        leaf.parse(scalar)
    except PydanticCustomError as error:
        return str((error.context or {})["found"])
    return None
