"""How problems are shown, how the reader treats strangers' files, and the schema that editors get."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import OutputError, Problem, ScenarioError, SimError, TooLarge, UsageError, excerpt, inert
from sim.language import bundled_folder, json_schema, load, load_text
from sim.language.reader import Scalar, Table, read_text
from tests.language.cases import BASE, FILE, changed, problems_of, unmark

SECONDS = 10.0  # generous: these machines are shared; the point is that nothing hangs


# --- problems -------------------------------------------------------------------------------------------------------


def test_a_problem_in_full():
    problem = Problem("a.yaml", 3, 9, "risk.target", "`x`", "a number", "y", "write one", "target: x")
    assert problem.render() == (
        "a.yaml:3:9: risk.target: `x`; allowed: a number; nearest: y\n    target: x\n            ^\n    help: write one"
    )
    assert problem.to_dict() == {
        "file": "a.yaml",
        "line": 3,
        "column": 9,
        "path": "risk.target",
        "found": "`x`",
        "allowed": "a number",
        "nearest": "y",
        "help": "write one",
        "source_line": "target: x",
        "message": "a.yaml:3:9: risk.target: `x`; allowed: a number; nearest: y",
    }


@pytest.mark.parametrize(
    ("line", "column", "width"),
    [
        ("name: x", 7, 6),
        ("日本: x", 5, 6),  # two characters of two columns, a colon and a space
        ("e\u0301a: x", 6, 4),  # an accent takes none
        ("\tx", 2, 2),  # a tab is shown as \t
        ("a\x1b[31m: x", 9, 11),  # an escape is shown as \x1b: four columns for one character
        ("a\u202eb: x", 6, 10),  # \u202e: six
    ],
)
def test_the_caret_stands_under_the_value(line: str, column: int, width: int):
    shown, caret = excerpt(line, column)
    assert caret == " " * width + "^"
    assert all(unicodedata.category(character) not in ("Cc", "Cf") for character in shown)


@pytest.mark.parametrize("column", [1, 50, 5_000, 9_990, 10_000])
def test_long_lines_are_cut_around_the_caret(column: int):
    line = "".join(chr(ord("a") + i % 26) for i in range(10_000))
    shown, caret = excerpt(line, column)
    assert len(shown) <= 123
    assert shown[len(caret) - 1] == line[column - 1]
    assert shown.startswith("…") == (column > 61)
    assert shown.endswith("…") == (column < 9_900)


def test_the_caret_of_wide_text_in_a_long_line():
    line = "日" * 200 + "x" + "本" * 200
    shown, caret = excerpt(line, 201)
    before = shown[: shown.index("x")]
    assert len(caret) - 1 == 1 + 2 * (len(before) - 1)  # the sign for the cut, and characters of two columns


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=cmd()", "$$", "_x", "../../x", "{0.__class__}", "%s %(x)s"]
)
def test_names_are_inert(name: str):
    assert load_text(changed(("name: Vendor", f"name: {json.dumps(name)}")), FILE).vendor == name
    marked = unmark(changed(("hits: alpha", f"hits: ^|{json.dumps(name)}")))
    (problem,) = problems_of(marked.text)
    assert name in problem.found
    assert ((problem.line, problem.column),) == marked.marks


def test_control_characters_are_spelt_out():
    assert inert("a\x1b\n\u202e\ud800b") == r"a\x1b\n\u202e\ud800b"
    assert inert("x" * 50, 10) == "x" * 9 + "…"
    json.dumps(Problem("\ud800", None, None, "\x00", "\x07").to_dict()).encode("utf-8")


def test_errors_have_exit_codes_and_say_everything_as_data():
    assert [kind.exit_code for kind in (ScenarioError, UsageError, TooLarge, OutputError)] == [2, 2, 3, 4]
    with pytest.raises(SimError) as caught:
        load_text(changed(("months: 24", "months: no")), FILE)
    data = caught.value.to_dict()
    assert (data["error"], data["exit_code"], data["total"]) == ("ScenarioError", 2, len(data["problems"]))
    assert data["problems"][0]["path"] == "months"
    assert str(UsageError("no such thing", help="try another")) == "no such thing\n    help: try another"


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


# --- the schema for editors -----------------------------------------------------------------------------------------


def test_the_json_schema_is_one_and_says_what_editors_need():
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    text = json.dumps(schema)
    assert '"type": "null"' not in json.dumps({k: v for k, v in schema["$defs"].items() if not k.endswith("Change")})
    assert '"title"' not in json.dumps(schema["$defs"])
    assert "Part" not in text
    whole = schema["$defs"]["Event"]
    assert whole["properties"]["probability"] == {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "default": 1.0,
        "description": whole["properties"]["probability"]["description"],
    }
    assert {"required": ["lognormal"]} in schema["$defs"]["Law"]["oneOf"]
    assert whole["dependentRequired"] == {"permanent": ["lasts"]}
    assert schema["$defs"]["Customer"]["properties"]["growth"]["oneOf"][0] == {
        "type": "number",
        "exclusiveMinimum": -1,
        "maximum": 1e60,
    }


def test_every_key_is_described():
    for name, part in json_schema()["$defs"].items():
        assert part.get("description"), name
        for key, place in part["properties"].items():
            assert place.get("description"), f"{name}.{key}"


def test_the_json_schema_agrees_with_the_language():
    jsonschema = pytest.importorskip("jsonschema")
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    example = load(Path(__file__).parent / "example.yaml")
    for scenario in (example, load_text(BASE, FILE), *(load(file) for file in sorted(bundled_folder().glob("*.yaml")))):
        assert not list(validator.iter_errors(scenario.document))
    document = load_text(BASE, FILE).document
    for key, value in (
        ("months", 1201),
        ("months", None),
        ("rsik", {}),
        ("vendor", {}),
        ("customers", {"a": {"revenue": 1}}),
        ("customers", {"A": {"revenue": 1, "growth": 0}}),
        ("events", {"e": {"hits": "alpha", "usage": {"to": 0}, "timing": {"fixed": 1, "month": "2024-09"}}}),
        ("events", {"e": {"hits": "alpha", "usage": {"to": 0}, "timing": {"from": "2024-09"}}}),
        ("start", "2024-13"),
    ):
        assert list(validator.iter_errors({**document, key: value})), (key, value)
    variant = {"extends": "base.yaml", "known": None, "events": {"leave": {"timing": {"lognormal": {"median": 3}}}}}
    assert not list(validator.iter_errors(variant))
    assert list(validator.iter_errors({**variant, "events": {"leave": {"timng": {}}}}))
