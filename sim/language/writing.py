"""Plain data as YAML that our own reader reads back as the same: scenarios and facts that are kept with results."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.errors import inert, is_seen
from sim.language.values import LOOKS_LIKE_BOOL, LOOKS_LIKE_NULL

WIDTH = 100
"""Columns that a line keeps to, where its words allow."""

_LONGEST_KEY = 900  # characters; a parser looks no further than 1,024 for the colon after a key
_WORD = re.compile(r"[^\W\d_](?:[\w.()/’–-]| (?=\S))*")
_MONTH_OR_DAY = re.compile(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def write_yaml(data: Mapping[str, Any], comment: Iterable[str] = ()) -> str:
    """Write plain data as a YAML document.

    Parameters
    ----------
    data : mapping
        Dicts with text as keys, lists, text, numbers, truth values and None, as in ``Scenario.document``.
    comment : iterable of str
        Lines to stand above it.

    Returns
    -------
    str
        Mappings in blocks, short ones in one line. What is text in the data is text to the reader, numbers are
        numbers: nothing depends on how another reader of YAML would guess.
    """
    lines = [f"# {inert(line)}".rstrip() for line in comment]
    for i, (key, value) in enumerate(data.items()):
        block = _entry(key, value, 0)
        if len(block) > 1 or (i > 0 and lines and lines[-1].startswith(" ")):
            lines.append("")
        lines += block
    return "\n".join(lines if data else [*lines, "{}"]) + "\n"


def _entry(key: str, value: Any, indent: int) -> list[str]:
    """Lines of a key with its value within a block."""
    margin, name = " " * indent, _scalar(key)
    if len(name) > _LONGEST_KEY:
        return [f"{margin}? {name}", *_after(f"{margin}:", value, indent)]
    return _after(f"{margin}{name}:", value, indent)


def _after(head: str, value: Any, indent: int) -> list[str]:
    """Lines of a value that follows a colon or a dash: beside it where it is short, else below."""
    if isinstance(value, str) and (block := _text_block(value, indent + 2, len(head))) is not None:
        return [f"{head} {block[0]}", *block[1:]]
    if not isinstance(value, Mapping | Sequence) or isinstance(value, str):
        return [f"{head} {_scalar(value)}"]
    flow = _flow(value)
    if not value or (len(head) + 1 + len(flow) <= WIDTH and _is_simple(value, indent) and _keys_fit(value)):
        return [f"{head} {flow}"]
    lines = [head]
    if isinstance(value, Mapping):
        for key, item in value.items():
            lines += _entry(key, item, indent + 2)
    else:
        for item in value:
            lines += _after(" " * (indent + 2) + "-", item, indent + 2)
    return lines


def _is_simple(value: Mapping[str, Any] | Sequence[Any], indent: int) -> bool:
    """Whether a list or mapping is worth one line: what stands outermost keeps its mappings in blocks."""
    items = list(value.values()) if isinstance(value, Mapping) else list(value)
    nested = [item for item in items if isinstance(item, Mapping | list)]
    return not nested or (indent > 0 and all(_is_simple(item, indent) for item in nested))


def _keys_fit(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(len(_scalar(key)) <= _LONGEST_KEY and _keys_fit(item) for key, item in value.items())
    return not isinstance(value, list) or all(map(_keys_fit, value))


def _flow(value: Any) -> str:
    """A value in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return repr(value)
    is_word = _WORD.fullmatch(value) is not None and is_seen(value)
    if (is_word and value not in LOOKS_LIKE_BOOL | LOOKS_LIKE_NULL) or _MONTH_OR_DAY.fullmatch(value):
        return value
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if is_seen(character):
        return character
    code = ord(character)
    return f"\\x{code:02X}" if code < 0x100 else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def _text_block(text: str, indent: int, beside: int) -> list[str] | None:
    """A long text as a folded block, one of several lines as a literal block; None where neither would be exact."""
    margin = " " * indent
    if "\n" in text:
        lines = text.removesuffix("\n").split("\n")
        exact = all(is_seen(line) and line == line.rstrip() for line in lines)
        if not exact or not lines[0].strip() or lines[0][0] == " " or not lines[-1].strip():
            return None
        head = "|" if text.endswith("\n") else "|-"
        return [head, *((margin + line) if line else "" for line in lines)]
    words = text.split(" ")
    if beside + len(text) + 3 <= WIDTH or len(words) < 2 or not is_seen(text) or not all(words):
        return None
    lines = []
    for word in words:
        if lines and len(margin) + len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [">-", *(margin + line for line in lines)]
