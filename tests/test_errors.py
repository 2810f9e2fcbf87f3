"""Problems: how they are shown, with their caret, and as data; no text in them acts."""

from __future__ import annotations

import json
import unicodedata

import pytest

from sim.errors import OutputError, Problem, ScenarioError, SimError, TooLarge, UsageError, excerpt, inert
from sim.language import load_text
from tests.language.cases import FILE, changed, problems_of, unmark


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
