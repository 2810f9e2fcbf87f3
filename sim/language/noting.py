"""What all checks of a scenario share: how a problem is noted at its place."""

from __future__ import annotations

from collections.abc import Collection
from itertools import islice

from sim.language.document import Document, Findings, Steps
from sim.language.schema import ScenarioPart
from sim.language.validation import Validated


class Noting:
    """One scenario under check."""

    def __init__(self, document: Document, validated: Validated, part: ScenarioPart, findings: Findings) -> None:
        self.document = document
        self.validated = validated
        self.part = part
        self.findings = findings

    def add(
        self,
        path: Steps,
        found: str,
        allowed: str,
        *,
        help: str | None = None,
        key: bool = False,
        whole: bool = False,
        misspelt: str | None = None,
        known: Collection[str] = (),
    ) -> None:
        """Note a problem; of what stands at a path as a ``whole``, the place is what was written last of it."""
        mark = self.document.latest(path, key=key) if whole else self.document.mark(path, key=key)
        self.findings.add(mark, path, found, allowed, help=help, misspelt=misspelt, known=known)


def names_of(what: str, names: Collection[str]) -> str:
    """What is allowed, with the names that there are."""
    shown = ", ".join(islice(names, 12)) + (", …" if len(names) > 12 else "")
    return f"{what} ({shown})" if what and shown else shown or what
