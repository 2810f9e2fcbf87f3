"""The reader of YAML, and files of strangers: whatever they hold, there is a scenario or a clear refusal, soon."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import SimError
from sim.language import load, load_text
from sim.language.reader import Scalar, Table, read_text
from tests.language.cases import BASE, FILE, changed, problems_of, unmark

SECONDS = 10.0  # generous: these machines are shared; the point is that nothing hangs


# --- the reader -----------------------------------------------------------------------------------------------------


def test_scalars_stay_text_and_know_whether_they_were_plain():
    root = read_text("a: no\nb: '0.5'\nc: 1:30\nd: |\n  x\ne:\n", "f").root
    assert isinstance(root, Table)
    found = {key: (node.value, node.plain) for key, node in root.entries.items() if isinstance(node, Scalar)}
    assert found == {"a": ("no", True), "b": ("0.5", False), "c": ("1:30", True), "d": ("x\n", False), "e": ("", True)}


def test_positions_count_characters():
    root = read_text("é日: {x: 1}\r\nb:   2\n", "f").root
    assert isinstance(root, Table)
    inner = root.entries["é日"]
    assert isinstance(inner, Table)
    assert [(node.line, node.column) for node in (root.keys["é日"], inner, inner.keys["x"], inner.entries["x"])] == [
        (1, 1),
        (1, 5),
        (1, 6),
        (1, 9),
    ]
    assert (root.entries["b"].line, root.entries["b"].column) == (2, 6)


def test_both_parsers_agree(monkeypatch: pytest.MonkeyPatch):
    import sys

    fast = load_text(BASE, FILE)
    wrong = unmark(changed(("hits: alpha", "hits: ^|alhpa")))
    monkeypatch.setitem(sys.modules, "yaml._yaml", None)
    slow = load_text(BASE, FILE)
    assert slow.sha256 == fast.sha256
    (problem,) = problems_of(wrong.text)
    assert ((problem.line, problem.column),) == wrong.marks


# --- strangers' files -----------------------------------------------------------------------------------------------


def bounded(text: str | bytes) -> None:
    """Load what may be anything: a scenario or a SimError, soon."""
    began = time.perf_counter()
    error = refusal_of(lambda: load_text(text, FILE))
    assert time.perf_counter() - began < SECONDS
    for problem in () if error is None else error.problems:
        assert problem.found
        assert all(unicodedata.category(c) != "Cc" for c in problem.render().replace("\n", ""))


def refusal_of(attempt: Callable[[], object]) -> SimError | None:
    """Try something that may be refused, but only in one way."""
    try:
        attempt()
    except SimError as error:
        refused = error
    else:
        return None
    assert refused.exit_code in (2, 3)
    assert str(refused)
    json.dumps(refused.to_dict()).encode("utf-8")
    return refused


ODD = ["no", "~", "1e400", "-1", "0x1F", "{}", "[]", "[[]]", "{a: {b: c}}", "&a 1", "*a", "!!x y", "2024-13",
     "2030-01", '"', "'", ":",
       "\t", "\x00", "日", "\u202e", "%", "@", "- ", "? ", "---", "...", "<<: x", "all", "alpha", "leave",
            "99999999999999999999", ".5", "\ufeff"]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300))
def test_random_bytes(data: bytes):
    bounded(data)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab01:-?[]{},&*!|>'\"%@#\n \t\\~<.eE+é日"), max_size=200))
def test_random_yaml(text: str):
    bounded(text)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """The base with a few lines cut, doubled, swapped, or their values replaced by odd ones."""
    lines = BASE.splitlines()
    for _ in range(draw(st.integers(1, 4))):
        i = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(["cut", "double", "swap", "value", "insert", "indent"]))
        if kind == "cut" and len(lines) > 1:
            del lines[i]
        elif kind == "double":
            lines.insert(i, lines[i])
        elif kind == "swap":
            j = draw(st.integers(0, len(lines) - 1))
            lines[i], lines[j] = lines[j], lines[i]
        elif kind == "value":
            lines[i] = f"{lines[i].split(':')[0]}: {draw(st.sampled_from(ODD))}"
        elif kind == "insert":
            at = draw(st.integers(0, len(lines[i])))
            lines[i] = lines[i][:at] + draw(st.sampled_from(ODD)) + lines[i][at:]
        else:
            lines[i] = " " * draw(st.integers(0, 8)) + lines[i].lstrip()
    return "\n".join(lines)


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_mutated_scenarios(text: str):
    bounded(text)


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.sampled_from(["2024-03", "all",
         "alpha"]), st.binary(max_size=2)
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mutated_python_data(data: st.DataObject):
    document: dict[str, Any] = json.loads(json.dumps(load_text(BASE, FILE).document))
    node: Any = document
    while True:
        key = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[key], dict | list) or not node[key] or data.draw(st.integers(0, 2)) == 0:
            break
        node = node[key]
    node[key] = data.draw(
        st.recursive(
            LEAVES,
            lambda s: st.lists(s, max_size=2) | st.dictionaries(st.text(max_size=4), s, max_size=2),
            max_leaves=4,
        )
    )
    error = refusal_of(lambda: load(document))
    assert error is None or all(problem.line is None for problem in error.problems)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["events.leave.probability", "customers.alpha", "known", "events", "sweep", "a.b", "..", ".",
         "evidence", "run.seed"]),
    st.sampled_from(ODD) | st.text(max_size=8),
)  # fmt: skip
def test_odd_overrides(path: str, value: str):
    for given_ in ([f"{path}={value}"], {path: value}):
        refusal_of(lambda given_=given_: load_text(BASE, FILE, set=given_))


HEAD = "scenario: 1\nname: x\nstart: 2024-01\nmonths: 1200\nmoney: USD\nvendor: {name: v}\n"
LARGE = {
    "unknown keys": "".join(f"k{i}: 1\n" for i in range(49_000)),
    "misplaced keys": "customers:\n"
         + "".join(f"  c{i}: {{revenue: 1, growth: 0, probability: 1}}\n" for i in range(12_000)),
    "customers": "customers:\n" + "".join(f"  c{i}: {{revenue: 1, growth: 0}}\n" for i in range(16_000)),
    "unknown ids": "customers:\n" + "".join(f"  c{i}: {{revenue: 1, growth: 0}}\n" for i in range(5_000)) + "events:\n"
    + "".join(f"  e{i}: {{hits: x{i}, timing: {{fixed: 1}}, usage: {{to: 0}}}}\n" for i in range(5_000)),
    "a chain of triggers": "customers: {a: {revenue: 1, growth: 0}}\nevents:\n"
    + "".join(
        f"  e{i}: {{hits: a, timing: {{fixed: 1}}, usage: {{to: 0}}, triggers: {{e{i + 1}: {{}}}}}}\n"
        for i in range(4_000)
    ),
    "axes": "customers:\n" + "".join(f"  c{i}: {{revenue: 1, growth: 0}}\n" for i in range(14_000)) + "sweep:\n"
    + "".join(f"  customers.c{i}.revenue: [1, 2]\n" for i in range(20)),
    "unknown axes": "customers: {a: {revenue: 1, growth: 0}}\nsweep:\n"
         + "".join(f"  customers.c{i}.revenue: [1]\n" for i in range(9_000)),
    "unknown evidence": "customers: {a: {revenue: 1, growth: 0}}\nevidence:\n"
         + "".join(f"  customers.a.rev{i}: x\n" for i in range(25_000)),
    "levels": "customers: {a: {revenue: 1, growth: 0}}\nrisk: {levels: ["
         + ", ".join(f"0.{i:05d}1" for i in range(90_000)) + "]}\n",
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_large_files_are_answered_soon(name: str):
    text = HEAD + LARGE[name]
    assert len(text) < 2**20
    bounded(text)
