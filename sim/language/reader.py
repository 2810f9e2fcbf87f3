"""The door for YAML: text to a tree of nodes with positions, safely.

Only the parser's events are used, never a loader: nothing is constructed, resolved or expanded, so a scalar stays the
text that it is until the schema asks for a number. What YAML offers beyond plain data is refused (anchors, aliases,
tags, merge keys, several documents), and the size of what is read is bounded.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import yaml

from sim.errors import Problem, ScenarioError, UsageError, inert
from sim.files import read_ordinary
from sim.language.calendar import listed, month_of

MAX_BYTES = 2**20
MAX_DEPTH = 32
MAX_NODES = 100_000
MAX_SCALAR = 10_000
MAX_PROBLEMS = 100  # kept of one reading; a file that is not meant for us is told so without 100,000 objects

# C0 and C1 controls but tab and line ends, surrogates, non-characters, the line ends that only YAML 1.1 knows, and the
# marks that turn the direction of the text around them.
REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LINE_END = re.compile("\r\n|\r|\n")
_NULLS = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where nodes come from: a name to show, the lines of its text (None for Python data), its place among layers."""

    name: str
    lines: tuple[str, ...] | None = None
    layer: int = 0
    offset: int = 0  # characters of the first line before the YAML: what `--set path=` takes

    def line(self, number: int | None) -> str | None:
        """The text of a line, counted from 1."""
        if self.lines is None or number is None or not 0 < number <= len(self.lines):
            return None
        return self.lines[number - 1]


@dataclass(slots=True, eq=False)
class Scalar:
    """A value without parts: text as written, and whether it stood plain, without quotes; or a Python value."""

    value: str | int | float | bool | None
    plain: bool
    source: Source
    line: int | None = None
    column: int | None = None

    @property
    def is_null(self) -> bool:
        """Whether this is YAML's null, or None."""
        return self.value is None or (self.plain and self.value in _NULLS)


@dataclass(slots=True, eq=False)
class Sequence:
    """A list of nodes."""

    items: list[Node]
    source: Source
    line: int | None = None
    column: int | None = None


@dataclass(slots=True, eq=False)
class Table:
    """A mapping: values by key, and the scalar each key was written as."""

    entries: dict[str, Node]
    keys: dict[str, Scalar]
    source: Source
    line: int | None = None
    column: int | None = None


Node = Scalar | Sequence | Table


@dataclass(slots=True)
class Budget:
    """How many nodes may still be read; shared by a file and what it extends."""

    nodes: int = MAX_NODES


@dataclass(slots=True)
class Reading:
    """What came of reading: the tree, and the problems that did not stop the reading."""

    root: Node
    problems: list[Problem] = field(default_factory=list)


def problem_at(
    node: Node | Source,
    path: Iterable[str],
    found: str,
    allowed: str = "",
    *,
    nearest: str | None = None,
    help: str | None = None,
    line: int | None = None,
    column: int | None = None,
) -> Problem:
    """A problem at a node, or at a line and column of a source."""
    source = node if isinstance(node, Source) else node.source
    if not isinstance(node, Source):
        line, column = node.line, node.column
    return Problem(source.name, line, column, ".".join(path), found, allowed, nearest, help, source.line(line))


def split_lines(text: str) -> tuple[str, ...]:
    """Lines as YAML 1.2 counts them."""
    return tuple(_LINE_END.split(text))


def decode(data: bytes, name: str) -> str:
    """Bytes of a file as text, without its byte-order mark.

    Raises
    ------
    ScenarioError
        Where they are too many, or not UTF-8.
    """
    if len(data) > MAX_BYTES:
        raise ScenarioError([Problem(name, None, None, "", "a file of more than 1 MiB", "at most 1 MiB")])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ScenarioError([Problem(name, 1, 1, "", "text in UTF-16", "UTF-8", help="save the file as UTF-8")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        lines = split_lines(data[: error.start].decode("utf-8-sig", errors="replace"))
        rest = data[error.start : error.start + 200].split(b"\n")[0]
        problem = Problem(
            name,
            len(lines),
            len(lines[-1]) + 1,
            "",
            f"the byte 0x{data[error.start]:02X}, which is not UTF-8",
            "text in UTF-8",
            help="save the file as UTF-8; it may be Latin-1 (Windows-1252)",
            source_line=lines[-1] + rest.decode("latin-1").rstrip("\r"),
        )
        raise ScenarioError([problem]) from None


def read_file(
    path: str | os.PathLike[str], name: str | None = None, *, budget: Budget | None = None, layer: int = 0
) -> Reading:
    """Read a file; see :func:`read_text`.

    Raises
    ------
    UsageError
        Where there is nothing that could be read.
    ScenarioError
        Where what was read is refused.
    """
    shown = str(path) if name is None else name
    try:
        data = read_ordinary(path, MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{shown}: cannot be read: {error.strerror or error}") from None
    except ValueError:
        raise UsageError(f"{shown}: not a name that a file can have") from None
    return read_text(decode(data, shown), shown, budget=budget, layer=layer)


def read_text(text: str, name: str, *, budget: Budget | None = None, layer: int = 0, prefix: str = "") -> Reading:
    """Read one YAML document.

    Parameters
    ----------
    text : str
        The document.
    name : str
        What problems call it.
    budget : Budget, optional
        Nodes that may still be read.
    layer : int
        The rank of its values when they are merged; a later layer is higher.
    prefix : str
        What stands before the document on its first line, where that is not part of it.

    Raises
    ------
    ScenarioError
        Where the text is no YAML or is refused at once. What does not stop the reading is in ``Reading.problems``.
    """
    text = text.removeprefix("\ufeff")
    source = Source(name, split_lines(prefix + text), layer, len(prefix))
    if len(text) > MAX_BYTES:
        raise ScenarioError([Problem(name, None, None, "", "a file of more than 1 MiB", "at most 1 MiB")])
    if refused := REFUSED.search(text):
        before = split_lines(text[: refused.start()])
        problem = problem_at(
            source,
            (),
            f"the control character U+{ord(refused.group()):04X}",
            "printable text, tabs and line ends",
            line=len(before),
            column=len(before[-1]) + 1 + (len(prefix) if len(before) == 1 else 0),
        )
        raise ScenarioError([problem])
    return _Builder(source, budget or Budget()).build(text)


def has_fast_parser() -> bool:
    """Whether PyYAML was built with libyaml, which reads some ten times as fast."""
    return bool(yaml.__with_libyaml__)


def _parser(text: str) -> Any:
    """The parser of libyaml; PyYAML's own where that was not built in."""
    try:
        from yaml._yaml import CParser
    except ImportError:
        from yaml import parser, reader, scanner

        class PureParser(reader.Reader, scanner.Scanner, parser.Parser):
            def __init__(self, stream: str) -> None:
                reader.Reader.__init__(self, stream)
                scanner.Scanner.__init__(self)
                parser.Parser.__init__(self)

        return PureParser(text)
    return CParser(text)


@dataclass(slots=True)
class _Level:
    """A list or mapping that is being read: the node, its name within what holds it, the key that waits for a value."""

    node: Table | Sequence
    name: str | None
    key: Scalar | None = None


class _Builder:
    """One pass over the events of one document."""

    def __init__(self, source: Source, budget: Budget) -> None:
        self.source = source
        self.budget = budget
        self.problems: list[Problem] = []
        self.levels: list[_Level] = []
        self.root: Node | None = None

    def build(self, text: str) -> Reading:
        # Many of them would cost the parser time that grows with the square of their number.
        if len(re.findall(r"^%", text, re.MULTILINE)) > 1:
            raise self.stop("YAML directives", "plain data", help="leave out the lines that begin with %")
        parser = _parser(text)
        documents = 0
        try:
            while parser.check_event():
                event = parser.get_event()
                if isinstance(event, yaml.NodeEvent):
                    self.begin(event)
                elif isinstance(event, yaml.CollectionEndEvent):
                    self.levels.pop()
                elif isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        raise self.stop("a second YAML document", "one document a file", event.start_mark)
                    if event.tags:
                        self.refuse("a %TAG directive", "plain data", event.start_mark)
        except yaml.MarkedYAMLError as error:
            raise self.not_yaml(error) from None
        except yaml.YAMLError as error:
            raise self.stop(f"text that is not YAML ({error})", "YAML") from None
        if self.root is None:
            help = "begin with `scenario: 1`; `switchrisk init` writes an example"
            raise self.stop("an empty file", "a scenario", help=help)
        return Reading(self.root, self.problems)

    def begin(self, event: Any) -> None:
        """A scalar, or the beginning of a list or mapping."""
        mark = event.start_mark
        position = self.position(mark)
        node: Node
        if isinstance(event, yaml.AliasEvent):
            self.refuse(f"the alias *{event.anchor}", "plain data", mark, help="write the value out")
            node = Scalar(None, False, self.source, *position)
        elif isinstance(event, yaml.ScalarEvent):
            plain = event.style in (None, "") and event.tag is None
            if len(event.value) > MAX_SCALAR:
                raise self.stop(f"a text of {len(event.value)} characters", f"at most {MAX_SCALAR:,}", mark)
            if control := REFUSED.search(event.value):
                self.refuse(f"the control character U+{ord(control.group()):04X}", "printable text", mark)
            node = Scalar(event.value, plain, self.source, *position)
        elif isinstance(event, yaml.MappingStartEvent):
            node = Table({}, {}, self.source, *position)
        else:
            node = Sequence([], self.source, *position)
        if not isinstance(event, yaml.AliasEvent):
            if event.anchor is not None:
                self.refuse(f"the anchor &{event.anchor}", "plain data", mark, help="write values out each time")
            if event.tag is not None:
                self.refuse(f"the tag {event.tag}", "plain data", mark, help="leave out what begins with !")
        name = self.place(node, mark)
        if not isinstance(node, Scalar):
            if len(self.levels) == MAX_DEPTH:
                raise self.stop(f"more than {MAX_DEPTH} levels of nesting", f"at most {MAX_DEPTH}", mark)
            self.levels.append(_Level(node, name))

    def place(self, node: Node, mark: Any) -> str | None:
        """Put a node where it belongs (root, item, key, or value of the key before) and return its name there."""
        self.budget.nodes -= 1
        if self.budget.nodes < 0:
            raise self.stop(f"more than {MAX_NODES:,} values", f"at most {MAX_NODES:,}", mark)
        if not self.levels:
            self.root = node
            return None
        level = self.levels[-1]
        if isinstance(level.node, Sequence):
            level.node.items.append(node)
            return str(len(level.node.items) - 1)
        if level.key is None:
            if not isinstance(node, Scalar):
                raise self.stop("a list or a mapping as key", "a name as key", mark)
            if node.plain and node.value == "<<":
                help = "use `extends`, or write the values out"
                self.note(problem_at(node, self.path("<<"), "the merge key <<", "plain data", help=help))
            level.key = node
            return None
        key, level.key = level.key, None
        name = str(key.value)
        if name not in level.node.entries:
            level.node.entries[name] = node
            level.node.keys[name] = key
        else:  # the second value is read on, for what is wrong inside, but stands nowhere in the tree
            first = level.node.keys[name].line
            found = f"the key `{inert(name, 60)}` twice, on line {first} and on line {key.line}"
            self.note(problem_at(key, self.path(name), found, "each key once", help="remove one of the two"))
        return name

    def position(self, mark: Any) -> tuple[int, int]:
        return mark.line + 1, mark.column + 1 + (self.source.offset if mark.line == 0 else 0)

    def path(self, *last: str) -> list[str]:
        """The path of what is being read."""
        steps = [level.name for level in self.levels if level.name is not None]
        if not last and self.levels and self.levels[-1].key is not None:
            steps.append(str(self.levels[-1].key.value))
        return [*steps, *last]

    def refuse(self, found: str, allowed: str, mark: Any, *, help: str | None = None) -> None:
        line, column = self.position(mark)
        self.note(problem_at(self.source, self.path(), found, allowed, help=help, line=line, column=column))

    def note(self, problem: Problem) -> None:
        self.problems.append(problem)
        if len(self.problems) >= MAX_PROBLEMS:
            raise ScenarioError(self.problems)

    def stop(self, found: str, allowed: str, mark: Any = None, *, help: str | None = None) -> ScenarioError:
        """The error that ends the reading, with all problems met before."""
        line, column = (1, 1 + self.source.offset) if mark is None else self.position(mark)
        problem = problem_at(self.source, self.path(), found, allowed, help=help, line=line, column=column)
        return ScenarioError([*self.problems, problem])

    def not_yaml(self, error: yaml.MarkedYAMLError) -> ScenarioError:
        """What the parser could not read; a tab in the indentation, which beginners meet, in plain words."""
        mark = error.problem_mark or error.context_mark
        if mark is not None and error.context_mark and not (self.source.line(mark.line + 1) or "").strip():
            mark = error.context_mark  # at the end of the file; what was left open tells more
        trouble = (error.problem or error.context or "unreadable").replace("found ", "", 1)
        if mark is not None:
            text = self.source.line(mark.line + 1) or ""
            indent = text[: len(text) - len(text.lstrip(" \t"))]
            if "\t" in indent and not self.source.offset:
                problem = problem_at(
                    self.source,
                    self.path(),
                    "a tab in the indentation",
                    "spaces",
                    help="indent by two spaces for each level",
                    line=mark.line + 1,
                    column=indent.index("\t") + 1,
                )
                return ScenarioError([*self.problems, problem])
        help = "put text with `: `, ` #` or a special character at its beginning in quotes"
        return self.stop(f"text that is not YAML ({trouble})", "YAML", mark, help=help)


def from_python(data: object, name: str = "<dict>", *, layer: int = 0, budget: Budget | None = None) -> Reading:
    """Plain Python data as a tree without positions: dicts, lists, text, numbers, truth values, None, dates.

    Numbers and arrays of numpy are such data too; a date, of pandas too, stands for its month.

    Raises
    ------
    ScenarioError
        Where something else is among it, or it is too deep or too large.
    """
    source = Source(name, None, layer)
    left = budget or Budget()

    def stop(path: tuple[str, ...], found: str, allowed: str, help: str | None = None) -> ScenarioError:
        return ScenarioError([problem_at(source, path, found, allowed, help=help)])

    def node(value: object, path: tuple[str, ...]) -> Node:
        left.nodes -= 1
        if left.nodes < 0:
            raise stop(path, f"more than {MAX_NODES:,} values", f"at most {MAX_NODES:,}")
        if len(path) > MAX_DEPTH:
            raise stop(path, f"more than {MAX_DEPTH} levels of nesting", f"at most {MAX_DEPTH}")
        if isinstance(value, np.ndarray) and value.size > MAX_NODES:
            raise stop(path, f"more than {MAX_NODES:,} values", f"at most {MAX_NODES:,}")
        if isinstance(value, np.ndarray) and value.ndim == 0:
            value = value[()]
        if (month := month_of(value)) is not None:
            return Scalar(month, False, source)
        if (items := listed(value)) is not None:
            value = items
        elif isinstance(value, np.generic) and value.dtype.kind not in "mM":
            value = value.item()
        if isinstance(value, str):
            if len(value) > MAX_SCALAR:
                raise stop(path, f"a text of {len(value)} characters", f"at most {MAX_SCALAR}")
            if control := REFUSED.search(value):
                raise stop(path, f"the control character U+{ord(control.group()):04X}", "printable text")
            return Scalar(str(value), False, source)
        if value is None or isinstance(value, bool | int | float):
            return Scalar(value, False, source)
        if isinstance(value, Mapping):
            table = Table({}, {}, source)
            for key, item in value.items():
                text = _key(key)
                if text is None:
                    raise stop(path, f"a key of type {type(key).__name__}", "text, or a number in a table")
                if text in table.entries:
                    raise stop((*path, text), f"the key {text!r} twice", "each key once")
                table.keys[text] = Scalar(text, False, source)
                table.entries[text] = node(item, (*path, text))
            return table
        if isinstance(value, list | tuple):
            return Sequence([node(item, (*path, str(i))) for i, item in enumerate(value)], source)
        raise stop(path, f"a value of type {type(value).__name__}", "dict, list, text, number, date, bool or None")

    return Reading(node(data, ()))


def _key(key: object) -> str | None:
    """A Python key as the text it would be in a file; None where it would be none."""
    if (month := month_of(key)) is not None:
        return month
    if isinstance(key, np.generic):
        key = key.item()
    if isinstance(key, str):
        return str(key) if len(key) <= MAX_SCALAR and not REFUSED.search(key) else None
    if isinstance(key, bool) or not isinstance(key, int | float) or not abs(key) < 1e15:
        return None
    return str(int(key)) if key == int(key) else repr(key)
