"""Where each number of a scenario comes from: a fact with its source, an assumption with its reason, or nothing.

What needs evidence is each number under ``vendor``, ``customers``, ``events`` and ``levers``, and ``risk.target``.
Facts stand in the files of a folder ``seeds`` (``seeds/README.md`` describes them): in the scenario's folder, beside
it, or in the bundled one; the first that knows an id counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from sim.language.document import Document, Findings, Steps, child, resolve
from sim.language.leaves import covering, kind_of, leaves, number_of, value_of
from sim.language.load import bundled_folder
from sim.language.reader import Budget, Node, Scalar, Table, read_file
from sim.language.reader import Sequence as Items
from sim.language.values import Month
from sim.scenario.parts import Scenario

Status = Literal["fact", "derived", "assumption", "unsourced"]
STATUSES: tuple[Status, ...] = ("fact", "derived", "assumption", "unsourced")

MOST_FILES = 500

_ID = re.compile(r"[a-z][a-z0-9-]*")
_TEXTS = ("unit", "as_of", "published", "confidence", "reference", "formula", "use")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of the seeds.

    Attributes
    ----------
    id, statement
        Its name, and what it says.
    value
        A number, a text (dates too), or a list of them for a range.
    details
        ``unit``, ``as_of``, ``published``, ``confidence``, ``reference``, ``formula``, ``use``, as far as given.
    source
        ``title``, ``publisher``, ``url``, or ``document`` and what it retells.
    file
        The file in which it stands.
    """

    id: str
    statement: str
    value: Any
    details: Mapping[str, str]
    source: Mapping[str, str]
    file: str

    def to_dict(self) -> dict[str, Any]:
        """The fact as plain data."""
        head = {"id": self.id, "statement": self.statement, "value": self.value}
        return {**head, **self.details, "source": dict(self.source), "file": self.file}


@dataclass(frozen=True, slots=True)
class Sourced:
    """A number of a scenario (or a month that cites something), and where it comes from.

    Attributes
    ----------
    path, value
        Dotted path, and the value as it stands there.
    status
        ``fact``, ``derived`` from one, ``assumption``, or ``unsourced``.
    fact, derived
        The fact, and how the number follows from it.
    reason, low, high
        Of an assumption: why, and its plausible range where one is given.
    entry
        Path of the entry under ``evidence`` that covers it; None where there is none.
    file, line, column
        Where the value stands; None for line and column in Python data.
    """

    path: str
    value: float | str
    status: Status
    fact: Fact | None = None
    derived: str | None = None
    reason: str | None = None
    low: float | None = None
    high: float | None = None
    entry: str | None = None
    file: str = ""
    line: int | None = None
    column: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data; what does not apply is left out."""
        place = {"file": self.file, "line": self.line, "column": self.column}
        data: dict[str, Any] = {"path": self.path, "value": self.value, "status": self.status, **place}
        if self.fact is not None:
            data["fact"] = self.fact.to_dict()
        rest = {"derived": self.derived, "reason": self.reason, "low": self.low, "high": self.high, "entry": self.entry}
        return {**data, **{key: value for key, value in rest.items() if value is not None}}


@dataclass(frozen=True, slots=True)
class Evidence:
    """All numbers of a scenario that need evidence, in the order of the file."""

    numbers: tuple[Sourced, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each status."""
        found = Counter(number.status for number in self.numbers)
        return {status: found[status] for status in STATUSES}

    def of(self, status: Status) -> tuple[Sourced, ...]:
        """Those of one status."""
        return tuple(number for number in self.numbers if number.status == status)


def evidence(scenario: Scenario) -> Evidence:
    """Find out where each number of a scenario comes from.

    Raises
    ------
    ScenarioError
        An id that no fact has, an entry for a path that is not there, a file of facts that is none.
    """
    document = scenario.source
    if not isinstance(document, Document):
        return Evidence(())
    findings = Findings()
    entries = _entries(document, findings)
    cited = {found[1] for entry in entries.values() if (found := _cited(entry)) is not None}
    facts = _facts(seed_folders(document.folder), cited)
    for path, entry in entries.items():
        found = _cited(entry)
        if found is not None and found[1] not in facts:
            node, id = found
            findings.add(
                node,
                ("evidence", ".".join(path)),
                f"the fact {id!r}, which no file of facts holds",
                "the id of a fact",
                help="facts stand in a folder seeds beside the scenario's folder or in it, or in the bundled one",
                misspelt=id,
                known=sorted(facts),
            )
    findings.raise_if_any()
    numbers = []
    for path, leaf in leaves(document):
        entry_of = covering(path, entries)
        if entry_of is None and isinstance(kind_of(path), Month):
            continue  # a month is no number, but may say where it comes from
        numbers.append(_sourced(path, leaf, entry_of, entries, facts))
    return Evidence(tuple(numbers))


def seed_folders(folder: Path | None) -> list[Path]:
    """Folders in which facts are looked up, in order: in the scenario's folder, beside it, the bundled one."""
    bundled = bundled_folder().resolve().parent / "seeds"
    folders = [bundled] if folder is None else [folder.resolve() / "seeds", folder.resolve().parent / "seeds", bundled]
    return [one for one in dict.fromkeys(folders) if one.is_dir()]


def fact_files(folder: Path | None) -> list[Path]:
    """Files in which facts are looked up for a scenario in a folder."""
    return [file for place in seed_folders(folder) for file in _files(place)]


def _files(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.glob("*.yaml"))[:MOST_FILES] if file.is_file()]


def read_facts(folder: Path, shown: str | None = None) -> dict[str, Fact]:
    """Read all facts of a folder, by id.

    Raises
    ------
    ScenarioError
        Where a file is no file of facts, or an id stands twice.
    """
    budget = Budget()
    facts: dict[str, Fact] = {}
    for file in _files(folder):
        reading = read_file(file, f"{shown or folder}/{file.name}", budget=budget)
        findings = Findings(reading.problems)
        table = child(reading.root, "facts")
        if not isinstance(table, Table):
            findings.add(reading.root, ("facts",), "no facts", "a mapping `facts` of facts by id")
            raise findings.error()
        for id, node in table.entries.items():
            fact = _fact(id, node, findings)
            if not _ID.fullmatch(id):
                findings.add(
                    table.keys[id], ("facts", id), f"the id {id!r}", "a letter a to z, then letters, digits and -"
                )
            elif id in facts:
                findings.add(
                    table.keys[id], ("facts", id), f"the id {id!r}, which {facts[id].file} has too", "each id once"
                )
            elif fact is not None:
                facts[id] = fact
        findings.raise_if_any()
    return facts


def facts_for(scenario: Scenario) -> dict[str, Fact]:
    """All facts that a scenario may cite, by id; those beside it win over the bundled ones."""
    facts: dict[str, Fact] = {}
    for folder in seed_folders(scenario.folder):
        facts = {**read_facts(folder, _shown(folder)), **facts}
    return facts


def _facts(folders: Sequence[Path], cited: set[str]) -> dict[str, Fact]:
    """Facts of as many folders as are needed to find all that is cited; earlier folders win."""
    facts: dict[str, Fact] = {}
    for folder in folders:
        if cited <= facts.keys():
            break
        facts = {**read_facts(folder, _shown(folder)), **facts}
    return facts


def _shown(folder: Path) -> str:
    try:
        return str(folder.relative_to(Path.cwd()))
    except ValueError:
        return str(folder)


def _fact(id: str, node: Node, findings: Findings) -> Fact | None:
    path = ("facts", id)
    if not isinstance(node, Table):
        findings.add(node, path, "no mapping", "a mapping with statement, value, unit, source")
        return None
    statement, value, source = (node.entries.get(key) for key in ("statement", "value", "source"))
    for key, part, kind in (
        ("statement", statement, Scalar),
        ("value", value, Scalar | Items),
        ("source", source, Table),
    ):
        if not isinstance(part, kind):
            found = f"no {key}" if part is None else f"a {key} of another kind"
            findings.add(
                node if part is None else part,
                (*path, key),
                found,
                "a statement (text), a value and a source (mapping)",
            )
            return None
    assert isinstance(statement, Scalar)
    assert isinstance(source, Table)
    details = {key: str(part.value) for key in _TEXTS if isinstance(part := node.entries.get(key), Scalar)}
    origin = {key: str(part.value) for key, part in source.entries.items() if isinstance(part, Scalar)}
    return Fact(id, str(statement.value), value_of(value), details, origin, node.source.name)


def _entries(document: Document, findings: Findings) -> dict[Steps, Node]:
    """Entries under ``evidence`` by the steps of the path that they are about."""
    table = document.node(("evidence",))
    entries: dict[Steps, Node] = {}
    if isinstance(table, Table):
        for dotted, node in table.entries.items():
            steps = resolve(document.root, dotted)
            if steps is None:
                known = [".".join(path) for path, _ in leaves(document)]
                findings.add(
                    table.keys[dotted],
                    ("evidence",),
                    f"evidence for {dotted}, which is not there",
                    "the dotted path of a value or a mapping",
                    misspelt=dotted,
                    known=known,
                )
            else:
                entries[steps] = node
    return entries


def _cited(entry: Node) -> tuple[Node, str] | None:
    """The id of a fact that an entry cites, and the node in which it stands."""
    node = entry.entries.get("fact") if isinstance(entry, Table) else entry
    return (node, str(node.value)) if isinstance(node, Scalar) else None


def _sourced(
    path: Steps, leaf: Scalar, entry_of: Steps | None, entries: Mapping[Steps, Node], facts: Mapping[str, Fact]
) -> Sourced:
    name, value = ".".join(path), value_of(leaf)
    here = Sourced(name, value, "unsourced", file=leaf.source.name, line=leaf.line, column=leaf.column)
    if entry_of is None:
        return here
    here = replace(here, entry=".".join(entry_of))
    entry = entries[entry_of]
    cited = _cited(entry)
    said = entry.entries if isinstance(entry, Table) else {}
    if cited is not None:
        derived = _text(said.get("derived"))
        return replace(here, status="fact" if derived is None else "derived", fact=facts[cited[1]], derived=derived)
    low, high = (number_of(said.get(end)) for end in ("low", "high"))
    return replace(here, status="assumption", reason=_text(said.get("assumption")), low=low, high=high)


def _text(node: Node | None) -> str | None:
    return str(node.value) if isinstance(node, Scalar) and not node.is_null else None
