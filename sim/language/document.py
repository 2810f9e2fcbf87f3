"""A scenario's tree of nodes after extends and overrides, looked up by path; and what is found wrong in it."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.errors import Problem, ScenarioError
from sim.language.reader import MAX_PROBLEMS, Node, Scalar, Source, Table
from sim.language.reader import Sequence as Items

Steps = tuple[str, ...]

_NEAREST = 25  # problems of a file for which the nearest name is looked up; more than are shown
_CANDIDATES = 2000


@dataclass(frozen=True)
class Position:
    """Where a value stands: the file's name (or the override's), line and column from 1, None in Python data."""

    file: str
    line: int | None
    column: int | None


def child(node: Node | None, step: str) -> Node | None:
    """Descend from a node by a key or by an item's number; None where there is nothing."""
    if isinstance(node, Table):
        return node.entries.get(step)
    if isinstance(node, Items) and step.isdecimal() and len(step) < 7 and int(step) < len(node.items):
        return node.items[int(step)]
    return None


def resolve(root: Node, dotted: str) -> Steps | None:
    """Find the steps that a dotted path means; keys that hold dots themselves are found too. None: no such path."""

    def search(node: Node, parts: list[str]) -> Steps | None:
        if not parts:
            return ()
        for count in range(1, len(parts) + 1):
            step = ".".join(parts[:count])
            below = child(node, step)
            if below is not None and (rest := search(below, parts[count:])) is not None:
                return (step, *rest)
        return None

    return search(root, dotted.split(".")) if dotted and dotted.count(".") <= 40 else None


@dataclass(frozen=True, eq=False)
class Valid:
    """A tree that was found valid, with what it became; nodes that stand in another tree too are valid there.

    Attributes
    ----------
    root : Table
        The tree.
    part : ScenarioPart
        What the schema made of it.
    data : dict
        The same as plain data; empty where that was not asked for.
    """

    root: Table
    part: Any
    data: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Document:
    """A merged scenario as nodes, each of which knows its file and position.

    Attributes
    ----------
    root : Table
        The tree.
    name : str
        Name of the file that was asked for.
    folder : Path
        Its folder; what it extends lies there or below.
    files : tuple of Path
        The files that were read, the one asked for first; empty for text and Python data.
    earlier : tuple of Table
        The tree as it was before each later file, and each set of overrides, was merged over it; the oldest first.
    overrides : tuple of str
        What was set over the files, as ``path=value``, in order.
    dropped : tuple of Scalar
        Axes of the sweep that were left out, since what they are about was removed: their keys, where they stand.
    valid : Valid or None
        A tree that came before this one, or this one itself, once it was found valid.
    change, doubt : callable or None
        Make a changed copy of the scenario that was compiled from it, and say what is doubtful in that; None before.
    """

    root: Table
    name: str
    folder: Path
    files: tuple[Path, ...] = ()
    earlier: tuple[Table, ...] = ()
    overrides: tuple[str, ...] = ()
    dropped: tuple[Scalar, ...] = ()
    valid: Valid | None = None
    change: Callable[..., Any] | None = None
    doubt: Callable[..., Any] | None = None

    def node(self, path: str | Iterable[str]) -> Node | None:
        """Look a node up by dotted path or steps; None where nothing stands there."""
        steps = resolve(self.root, path) if isinstance(path, str) else tuple(path)
        node: Node | None = None if steps is None else self.root
        for step in steps or ():
            node = child(node, step)
        return node

    def without(self, *keys: str) -> Document:
        """The same scenario without some of its outermost keys."""

        def kept(root: Table) -> Table:
            entries = {key: value for key, value in root.entries.items() if key not in keys}
            written = {key: value for key, value in root.keys.items() if key in entries}
            return Table(entries, written, root.source, root.line, root.column)

        return replace(self, root=kept(self.root), earlier=tuple(map(kept, self.earlier)))

    def without_axes(self, axes: Sequence[str]) -> Document:
        """The same scenario without some axes of its sweep, which are noted as dropped."""
        sweep = self.root.entries["sweep"]
        assert isinstance(sweep, Table)
        kept = {key: value for key, value in sweep.entries.items() if key not in axes}
        if not kept:
            left = self.without("sweep").root
        else:
            keys = {key: sweep.keys[key] for key in kept}
            table = Table(kept, keys, sweep.source, sweep.line, sweep.column)
            entries = {key: table if key == "sweep" else value for key, value in self.root.entries.items()}
            left = Table(entries, dict(self.root.keys), self.root.source, self.root.line, self.root.column)
        return replace(self, root=left, dropped=(*self.dropped, *(sweep.keys[axis] for axis in axes)))

    def position(self, path: str | Iterable[str]) -> Position | None:
        """Tell where the value at a path stands; None where there is none (a default)."""
        node = self.node(path)
        return None if node is None else Position(node.source.name, node.line, node.column)

    def mark(self, path: Steps, *, key: bool = False) -> Node:
        """Find the node to point at for a path: a value, or a mapping's key; what is above where nothing stands."""
        node: Node = self.root
        mark: Node = self.root
        for step in path:
            below = child(node, step)
            if below is None:
                return mark
            written = node.keys.get(step) if isinstance(node, Table) else None
            mark = below if written is None or (isinstance(below, Scalar) and not key) else written
            node = below
        return mark

    def latest(self, path: Steps, *, key: bool = False) -> Node:
        """Find the node to point at for what stands at a path as a whole.

        That is its mark, unless a later file or an override wrote something below it: then the last of these.
        """
        mark = self.mark(path, key=key)
        below = [node for node in _scalars(self.node(path)) if node.source.layer > mark.source.layer]
        return below[written_last(below)] if below else mark


def _scalars(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif node is not None:
        for below in node.entries.values() if isinstance(node, Table) else node.items:
            yield from _scalars(below)


def written_last(nodes: Sequence[Node]) -> int:
    """Tell which of some nodes was written last: in the highest layer, there furthest down."""
    return max(range(len(nodes)), key=lambda i: (nodes[i].source.layer, nodes[i].line or 0, nodes[i].column or 0, i))


def nearest(name: str, names: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Find the known name that comes nearest to a misspelt one; None where none is near."""
    known = list(names)[:_CANDIDATES]
    if not known or len(name) > 64:
        return None
    found = difflib.get_close_matches(name, known, n=1, cutoff=cutoff)
    if not found:
        found = difflib.get_close_matches(name.lower(), known, n=1, cutoff=cutoff)
    return found[0] if found else None


@dataclass(frozen=True)
class _Finding:
    mark: Node | Source
    path: Steps
    found: str
    allowed: str
    help: str | None
    misspelt: str | None
    known: Collection[str]
    cutoff: float

    @property
    def order(self) -> tuple[str, int, int]:
        """Position in the file."""
        if isinstance(self.mark, Source):
            return (self.mark.name, 0, 0)
        return (self.mark.source.name, self.mark.line or 0, self.mark.column or 0)

    def problem(self, with_nearest: bool) -> Problem:
        near = nearest(self.misspelt, self.known, self.cutoff) if with_nearest and self.misspelt is not None else None
        source, line, column = (
            (self.mark, None, None)
            if isinstance(self.mark, Source)
            else (self.mark.source, self.mark.line, self.mark.column)
        )
        path = ".".join(self.path)
        return Problem(source.name, line, column, path, self.found, self.allowed, near, self.help, source.line(line))


class Findings:
    """Collects what is wrong with a scenario, so that all of it is told at once."""

    def __init__(self, problems: Iterable[Problem] = ()) -> None:
        self._read = list(problems)
        self._refused_at = {(p.file, p.line, p.column) for p in self._read if p.line is not None}
        self._found: list[_Finding] = []
        self._only_counted = 0

    def __len__(self) -> int:
        return len(self._read) + len(self._found) + self._only_counted

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
        """Note a problem at a node; not where reading already refused what stands there.

        ``misspelt`` is looked up among ``known`` when the problem is shown; it is kept as it is, not copied, since
        each of thousands of problems may name the same thousands of ids.
        """
        finding = _Finding(mark, tuple(path), found, allowed, help, misspelt, known, cutoff)
        if finding.order not in self._refused_at:
            self._found.append(finding)

    def count_only(self, number: int) -> None:
        """Count problems beyond those that are told."""
        self._only_counted += number

    def also(self, others: Findings) -> None:
        """Note what others hold too."""
        self._read += others._read
        self._found += others._found
        self._only_counted += others._only_counted

    def take(self, error: ScenarioError) -> None:
        """Take over the problems of an error."""
        self._read.extend(error.problems)

    def error(self) -> ScenarioError:
        """Make one error of all, the first hundred in full."""
        self._found.sort(key=lambda finding: finding.order)
        problems = self._read + [finding.problem(i < _NEAREST) for i, finding in enumerate(self._found[:MAX_PROBLEMS])]
        return ScenarioError(problems, total=len(self))

    def raise_if_any(self) -> None:
        """Raise what was found.

        Raises
        ------
        ScenarioError
        """
        if len(self):
            raise self.error()
