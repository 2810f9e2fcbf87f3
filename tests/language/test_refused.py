"""What is refused, and in which words: where the caret stands, the path, what was found, what is allowed, the help."""

from __future__ import annotations

import pytest

from sim.errors import ScenarioError, TooLarge
from sim.language import load_text
from tests.language.cases import BASE, FILE, changed, problems_of, unmark
from tests.language.refusals import AXIS, CASES, Case


def test_the_base_is_valid():
    assert load_text(BASE, FILE).name == "Case"


def test_there_are_enough_cases_and_each_has_a_name_of_its_own():
    assert len(CASES) >= 60
    assert len({item.id for item in CASES}) == len(CASES)


@pytest.mark.parametrize("item", CASES, ids=lambda item: item.id)
def test_refused(item: Case):
    marked = unmark(changed((item.old, item.new)))
    # The sweep and the evidence of the base stand on what some cases change; what is said of them is not in question.
    found = [p for p in problems_of(marked.text) if p.path == item.path]
    assert len(found) == 1, [p.message for p in problems_of(marked.text)]
    problem = found[0]
    assert problem.file == FILE
    if marked.marks:
        assert ((problem.line, problem.column),) == marked.marks, problem.render()
    assert problem.line is not None
    assert problem.message.startswith(f"{FILE}:{problem.line}:{problem.column}: {problem.path}: ")
    for word in item.words:
        assert word in problem.message
    assert problem.nearest == item.nearest or item.nearest is None
    assert item.help is None or item.help in (problem.help or "")
    lines = problem.render().splitlines()
    assert lines[2].endswith("^")
    assert lines[1].strip()


RAW = {
    "an empty file": ("", 1, 1, "", "an empty file"),
    "comments only": ("# nothing\n", 1, 1, "", "an empty file"),
    "one value": ("hello", 1, 1, "", "one value; allowed: a mapping"),
    "a list": ("- 1\n- 2\n", 1, 1, "", "a list; allowed: a mapping"),
    "two documents": ("name: a\n---\nname: b\n", 2, 1, "", "a second YAML document"),
    "a tab as indentation": ("vendor:\n\tname: x\n", 2, 1, "vendor", "a tab in the indentation"),
    "a tab after spaces": (
        "vendor:\n  capacity:\n  \tinitial: 1\n",
        3,
        3,
        "vendor.capacity",
        "a tab in the indentation",
    ),
    "a control character": ("name: a\x07b\n", 1, 8, "", "the control character U+0007"),
    "a line end of YAML 1.1": ("name: a\u2028b\n", 1, 8, "", "the control character U+2028"),
    "a bracket left open": ("risk: [1, 2\n", 1, 7, "risk", "text that is not YAML"),
    "a colon too many": ("name: a: b\n", 1, 8, "", "mapping values are not allowed"),
    "100,000 brackets": ("[" * 100_000, 1, 33, ".".join("0" * 31), "more than 32 levels of nesting"),
    "100,000 braces": ("{" * 100_000, 1, 2, "", "a list or a mapping as key"),
    "a list as key": ("? [a]\n: 1\n", 1, 3, "", "a list or a mapping as key"),
    # The mapping, its key and the list are three values; the number one too many is the 99,998th: 4 + 2 * 99,997 + 1.
    "100,001 values": ("a: [" + "1," * 100_001 + "]", 1, 199_999, "a", "more than 100,000 values"),
    "a text of 10,001 characters": ("a: " + "x" * 10_001, 1, 4, "a", "a text of 10001 characters"),
    "directives by the thousand": ("%TAG !a! x:y\n" * 60_000, 1, 1, "", "YAML directives"),
}


@pytest.mark.parametrize("name", RAW)
def test_refused_as_text(name: str):
    text, line, column, path, words = RAW[name]
    problem = problems_of(text)[0]
    assert (problem.line, problem.column) == (line, column), problem.render()
    assert words in problem.message
    if path:
        assert problem.path == path


def test_aliases_are_refused_beside_their_anchors():
    marked = unmark(changed(("about: A case", "about: ^|&about A case"), ("money: USD million", "money: ^|*about")))
    found = problems_of(marked.text)
    assert tuple((p.line, p.column) for p in found) == marked.marks
    assert [p.found for p in found] == ["the anchor &about", "the alias *about"]


def test_latin_1_is_one_clear_message():
    with pytest.raises(ScenarioError) as caught:
        load_text("name: caf\u00e9\n".encode("latin-1"), FILE)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (1, 10)
    assert "0xE9" in problem.found
    assert "UTF-8" in problem.allowed
    assert "Latin-1" in (problem.help or "")


def test_utf_16_and_files_of_more_than_a_mebibyte_are_refused():
    with pytest.raises(ScenarioError, match="UTF-16"):
        load_text(BASE.encode("utf-16"), FILE)
    with pytest.raises(ScenarioError, match="more than 1 MiB"):
        load_text(b"#" * (2**20 + 1), FILE)


def test_a_byte_order_mark_shifts_nothing():
    marked = unmark(changed(("scenario: 1", "scenario: ^|2")))
    for text in ("\ufeff" + marked.text, marked.text.encode("utf-8-sig")):
        (problem,) = problems_of(text)
        assert ((problem.line, problem.column),) == marked.marks


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("paths: 1000", "paths: ^|1e12", "run.paths", "1,000,000,000,000 paths"),
        ("paths: 1000", "paths: ^|1e300", "run.paths", "over 1e15 paths"),
        ("sweep:\n", "^|sweep:\n  customers.alpha.revenue: {from: 0, to: 1, count: 1e6}\n"
         "  customers.beta.revenue: {from: 0, to: 1, count: 1000000}\n", "sweep",
         "a grid of 1,000,000 x 1,000,000 x 5"),
        (AXIS, "customers.alpha.revenue: {from: 0, to: 1, count: 1e300}", "sweep", "a grid of over 1e15"),
    ],
)  # fmt: skip
def test_too_large_is_said_before_memory_is_taken(old: str, new: str, path: str, words: str):
    marked = unmark(changed((old, new)))
    with pytest.raises(TooLarge) as caught:
        load_text(marked.text, FILE)
    (problem,) = caught.value.problems
    assert caught.value.exit_code == 3
    assert problem.path == path
    assert words in problem.found
    assert "memory" in problem.found
    if marked.marks:
        assert ((problem.line, problem.column),) == marked.marks


def test_too_many_copies_are_too_large():
    customers = "".join(f"  c{i}: {{revenue: 1, growth: 0}}\n" for i in range(5000))
    events = "".join(
        f"  e{i}: {{hits: all, each: true, timing: {{fixed: 1}}, usage: {{to: 0}}}}\n" for i in range(3000)
    )
    head = "scenario: 1\nname: x\nstart: 2024-03\nmonths: 1200\nmoney: USD\nvendor: {name: v}\n"
    with pytest.raises(TooLarge, match="15,000,000 events"):  # 5,000 customers times 3,000 events
        load_text(f"{head}customers:\n{customers}events:\n{events}", FILE)


def test_all_errors_of_a_file_come_at_once_and_sorted():
    marked = unmark(
        changed(
            ("money: USD million", "money: ^|no"),
            ("term: 12", "^|tern: 12"),
            ("hits: alpha", "hits: ^|alhpa"),
            ("probability: 0.5\n", "probability: ^|50%\n"),
            ("triggers: {leave:", "triggers: {^|leve:"),
            ("last: 2025-05", "last: ^|2024-05"),
        )
    )
    found = problems_of(marked.text)
    assert tuple((p.line, p.column) for p in found) == marked.marks


def test_what_is_missing_because_it_was_refused_is_not_told_twice():
    marked = unmark(changed(("    lasts: {fixed: 3}", "    ^|last: {fixed: 3}")))  # permanent needs lasts
    assert tuple((p.line, p.column) for p in problems_of(marked.text)) == marked.marks


def test_a_duplicate_key_does_not_hide_other_errors():
    marked = unmark(changed(("known: 2024-04", "known: 2024-04\n^|start: 2024-03"), ("revenue: 10", "revenue: ^|-1")))
    assert tuple((p.line, p.column) for p in problems_of(marked.text)) == marked.marks


def test_at_most_twenty_problems_are_shown():
    keys = "".join(f"key{i}: 1\n" for i in range(35))
    with pytest.raises(ScenarioError) as caught:
        load_text(BASE + keys, FILE)
    text = str(caught.value)
    assert text.count("unknown key") == 20
    assert text.endswith("and 15 more")  # 35 - 20
    assert caught.value.to_dict()["total"] == 35
