"""YAML that we write is read by our own reader as what was written."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import sim
from sim.language import bundled_scenarios, load_text
from sim.language.reader import REFUSED, Node, Scalar, Table, read_text
from sim.language.values import NUMERAL
from sim.language.writing import WIDTH, write_yaml
from tests.by_hand import EVEN

# What YAML, or a reader of it, would take for something else than text.
NASTY = [
    "", " ", "~", "null", "yes", "No", "on", "true", "1", "1e3", "0x10", "010", "1_000", "12:30", ".5", "+1", "-",
    "- a", "<<", "=", "?", "? a", ":", "a: b", "a:", ":a", "a #b", "# a", "&a", "*a", "!a", "!!python/object:os.system",
    "%YAML", "@a", "`a", "|", ">", ">-", "{", "}", "{a: 1}", "[", "[1]", ",", "a, b", "'", '"', "\\", "\\n", "---",
    "...", "a\tb",
    "\ta", "a\n", "\na", "a\nb", "a\r\nb", "a\n\n b\n", "a \nb", "  a", "a  ", "a  b", "2024-03", "2024-04-24",
    "\u00a0a", "\u3000", "\ufeffa", "a\u200bb", "é", "名前", "\U0001f600", "\u0301a", "=cmd()", "$$", "{0.__class__}",
    "word " * 60, "x" * 300, "word " * 60 + "end", "one\ntwo words\n\nthree", "# not\n# a comment",
]  # fmt: skip

TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=40).filter(lambda text: not REFUSED.search(text)),
    st.lists(st.sampled_from(["a", "of", "#x", "- y", "long", "ü", "x: y"]), min_size=20, max_size=60).map(" ".join),
)
SCALARS = st.one_of(TEXTS, st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False),
                    st.booleans(), st.none())  # fmt: skip
KEYS = st.one_of(TEXTS, st.just("k" * 2000))
DATA = st.dictionaries(
    KEYS,
    st.recursive(
        SCALARS,
        lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(KEYS, below, max_size=4)),
        max_leaves=12,
    ),
    max_size=5,
)


def as_read(node: Node) -> Any:
    """What the language takes nodes for: a plain numeral is a number, a quoted text is a text."""
    if isinstance(node, Table):
        return {key: as_read(below) for key, below in node.entries.items()}
    if not isinstance(node, Scalar):
        return [as_read(item) for item in node.items]
    if node.is_null:
        return None
    if node.plain and node.value in ("true", "false"):
        return node.value == "true"
    if node.plain and NUMERAL.fullmatch(str(node.value)):
        return float(str(node.value)) if set(str(node.value)) & set(".eE") else int(str(node.value))
    return node.value


def typed(data: Any) -> Any:
    """Data of which True is not 1."""
    if isinstance(data, dict):
        return [(key, typed(value)) for key, value in data.items()]
    return list(map(typed, data)) if isinstance(data, list) else (type(data), data)


@given(DATA)
@example({text: text for text in NASTY})
@example({"list": [{"a": text, "b": [text, [text]]} for text in NASTY]})
@example({"a": {"b": {}}, "c": [], "d": [[]], "e": [{}]})
def test_what_is_written_is_read(data: dict[str, Any]) -> None:
    reading = read_text(write_yaml(data, ["a comment", "", "with\nits lines"]), "written")
    assert reading.problems == []
    assert typed(as_read(reading.root)) == typed(data)


@pytest.mark.parametrize("name", [*bundled_scenarios(), "tests/language/example.yaml"])
def test_scenarios_keep_their_hash(name: str) -> None:
    scenario = sim.load(name)
    text = write_yaml(scenario.document)
    again = load_text(text)
    assert again.sha256 == scenario.sha256
    assert again.document == scenario.document
    assert max(map(len, text.splitlines())) <= WIDTH + 40  # a word, or a quoted text, may be longer than a line


@pytest.mark.parametrize("text", [text for text in NASTY if text.strip() and not set(text) & set("\n\r\t")])
def test_a_name_stays_the_name(text: str) -> None:
    scenario = sim.load(load_text(EVEN), set={"name": text, "customers.one.name": text})
    again = load_text(write_yaml(scenario.document))
    assert again.name == text
    assert again.sha256 == scenario.sha256


def test_it_is_meant_to_be_read() -> None:
    scenario = sim.load("tiktok")
    text = write_yaml(scenario.document)
    assert "\nstart: 2024-06\n" in text
    assert "\n    growth: {2024-06: 0.285, 2026-06: 0.15}\n" in text
    assert "\n    usage: {to: 0.1, over: 12, shape: s_curve}\n" in text
    assert "\nabout: >-\n  What Microsoft" in text
