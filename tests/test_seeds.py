"""The facts in ``seeds/`` and the numbers that the bundled scenarios take from them.

Every formula of a derived fact is computed anew from the facts that it names, and every number that a scenario derives
from a fact likewise. What nobody could verify is not cited, and nothing after the cut-off calibrates anything.
"""

from __future__ import annotations

import ast
import datetime
import operator
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim.errors import ScenarioError
from sim.language import load
from sim.language.evidence import evidence as trace_evidence
from sim.language.reader import Node, Scalar, Table, read_file

ROOT = Path(__file__).parents[1]
SEEDS = sorted((ROOT / "seeds").glob("*.yaml"))
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))
CUT_OFF = "2024-08-01"
RANGE_ONLY = "range only"
LABELS = {
    "primary filing",
    "primary filing (mirror copy)",
    "reputable report",
    "reputable report (seen through a repost or summary)",
    "secondary",
    "derived",
}
REQUIRED = {"statement", "value", "unit", "confidence", "source"}
OPTIONAL = {"as_of", "published", "reference", "formula", "use"}
ID = re.compile(r"[a-z][a-z0-9-]*")
DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?")
NUMBER = re.compile(r"-?\d+(\.\d+)?")

Value = float | str | list[float]


def plain(node: Node) -> Any:
    """A tree as plain data; a plain scalar that is a decimal number becomes one."""
    if isinstance(node, Table):
        return {key: plain(value) for key, value in node.entries.items()}
    if isinstance(node, Scalar):
        text = str(node.value)
        return float(text) if node.plain and NUMBER.fullmatch(text) else text
    return [plain(item) for item in node.items]


def read(path: Path) -> Any:
    reading = read_file(path)
    assert reading.problems == []
    return plain(reading.root)


def all_facts() -> dict[str, dict[str, Any]]:
    facts: dict[str, dict[str, Any]] = {}
    for path in SEEDS:
        facts |= read(path)["facts"]
    return facts


def written_value(fact_id: str) -> str:
    """The value of a fact as it stands in its file, digits and all."""
    for path in SEEDS:
        root = read_file(path).root
        assert isinstance(root, Table)
        facts = root.entries["facts"]
        assert isinstance(facts, Table)
        if fact_id in facts.entries:
            fact = facts.entries[fact_id]
            assert isinstance(fact, Table)
            value = fact.entries["value"]
            assert isinstance(value, Scalar)
            return str(value.value)
    raise AssertionError(fact_id)


# --- a calculator for formulas: numbers, + - * / **, four functions, ids of facts; nothing else is evaluated ---------

OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def months_between(first: str, last: str) -> float:
    def month(date: str) -> int:
        return int(date[:4]) * 12 + int(date[5:7])

    return month(last) - month(first)


def days_after(date: str, days: float) -> str:
    return (datetime.date.fromisoformat(date) + datetime.timedelta(days=days)).isoformat()


def mean(span: list[float]) -> float:
    return sum(span) / len(span)


def upper(span: list[float]) -> float:
    return span[1]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "months_between": months_between,
    "days_after": days_after,
    "mean": mean,
    "upper": upper,
}


def calculate(formula: str, values: dict[str, Value]) -> Any:
    """Compute a formula; ``values`` are those of the ids that it may name."""
    names: dict[str, Value] = {}

    def name(match: re.Match[str]) -> str:
        word = match.group()
        if word in FUNCTIONS:
            return word
        names[f"fact_{len(names)}"] = values[word]
        return f"fact_{len(names) - 1}"

    def evaluate(node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=int() | float() as value):
                return value
            case ast.Name(id=id):
                return names[id]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -evaluate(operand)
            case ast.BinOp(left=left, op=op, right=right):
                return OPERATORS[type(op)](evaluate(left), evaluate(right))
            case ast.Call(func=ast.Name(id=id), args=args, keywords=[]):
                return FUNCTIONS[id](*map(evaluate, args))
        raise ValueError(f"not arithmetic: {ast.dump(node)}")

    return evaluate(ast.parse(re.sub(r"[a-z][a-z0-9_-]*", name, formula), mode="eval").body)


def test_calculator_knows_arithmetic_and_nothing_else() -> None:
    facts: dict[str, Value] = {"a-b": 6.0, "b": 2.0, "day": "2024-04-24", "span": [28.0, 29.0]}
    assert calculate("a-b - b * 2 ** 2 / 4", facts) == 4  # 6 - 2·4/4
    assert calculate("-b", facts) == -2
    assert calculate("mean(span) / 100", facts) == 0.285
    assert calculate("upper(span) - 1", facts) == 28
    assert calculate("days_after(day, 270)", facts) == "2025-01-19"  # 6 days of April, then 31+30+31+31+30+31+30+31+19
    assert calculate("months_between(day, day)", facts) == 0
    for refused in ("open(b)", "b.real", "(lambda: 1)()", "[1]", "'text'", "unknown-id"):
        with pytest.raises((ValueError, KeyError)):
            calculate(refused, facts)


# --- the files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_a_file_is_plain_and_complete(path: Path) -> None:
    data = read(path)
    assert set(data) == {"about", "facts"}
    assert data["about"]
    assert data["facts"]
    for fact_id, fact in data["facts"].items():
        assert ID.fullmatch(fact_id)
        assert set(fact) >= REQUIRED, fact_id
        assert set(fact) <= REQUIRED | OPTIONAL, fact_id
        assert all(fact[key] not in ("", [], {}) for key in fact), fact_id
        assert fact["confidence"] in LABELS, fact_id
        # The documents state no date of their own: only what they say of a time has one.
        assert "document" in fact["source"] or DATE.fullmatch(fact["as_of"]), fact_id
        assert DATE.fullmatch(fact.get("as_of", "2024")), fact_id
        assert DATE.fullmatch(fact.get("published", "2024")), fact_id
        assert ("formula" in fact) == (fact["confidence"] == "derived"), fact_id
        source = set(fact["source"])
        assert source == {"document", "language", "retells"} or {"title", "publisher"} <= source <= {
            "title",
            "publisher",
            "url",
        }, fact_id
        if isinstance(fact["value"], list):
            low, high = fact["value"]
            assert low < high, fact_id


NEARLY = re.compile(r"\b(nearly|almost|close to|a little under)\b[^.]*?\b(\d+ million dollars|quarter)")


def test_nearly_is_a_range() -> None:
    said = {id_: fact for id_, fact in all_facts().items() if NEARLY.search(fact["statement"])}
    assert len(said) > 5
    for fact_id, fact in said.items():
        low, high = fact["value"]
        assert (high - low, high) in ((1, 20), (1, 25)), fact_id


def test_documents_say_no_more_of_time_than_their_text() -> None:
    # "L'anno scorso" of the report of 2024, and Microsoft's fourth quarter of 2024; nothing else is dated.
    dated = {fact_id: f["as_of"] for fact_id, f in all_facts().items() if "document" in f["source"] and "as_of" in f}
    assert dated == {
        "bytedance-account-suspended": "2023",
        "azure-growth-reported": "2024-06",
        "azure-growth-expected-before": "2024-06",
        "azure-growth-reported-thai": "2024-06",
    }


def test_ids_are_unique_over_all_files() -> None:
    ids = [fact_id for path in SEEDS for fact_id in read(path)["facts"]]
    assert len(ids) == len(set(ids)) > 100


def test_each_source_document_has_a_file_that_cites_it_alone() -> None:
    documents: list[str] = []
    for path in SEEDS:
        if path.name.startswith("document-"):
            cited = {f["source"].get("document") for f in read(path)["facts"].values() if f["confidence"] != "derived"}
            assert len(cited) == 1
            documents += cited
    assert documents == ["000_c3427eb554d3f4bc.txt", "001_a084b950261eefa2.txt", "004_a381d4b8d372ed31.txt"]


def test_nothing_from_after_the_cut_off_is_more_than_a_range() -> None:
    for fact_id, fact in all_facts().items():
        as_of = fact.get("as_of", "2024")
        later = as_of > CUT_OFF and fact.get("published", as_of) > CUT_OFF
        assert fact.get("use") == (RANGE_ONLY if later else None), fact_id


DERIVED = {fact_id: fact for fact_id, fact in all_facts().items() if "formula" in fact}


@pytest.mark.parametrize("fact_id", DERIVED)
def test_a_derived_fact_is_what_its_formula_gives(fact_id: str) -> None:
    fact = DERIVED[fact_id]
    computed = calculate(fact["formula"], {key: other["value"] for key, other in all_facts().items()})
    if isinstance(fact["value"], list):  # whole months between dates of which one is known to the month only
        assert fact["value"][0] <= computed <= fact["value"][1]
    elif isinstance(fact["value"], str):
        assert computed == fact["value"]
    else:  # to the digits that the file gives
        digits = len(written_value(fact_id).partition(".")[2])
        assert abs(computed - fact["value"]) <= 0.5 * 10**-digits * (1 + 1e-9)


# --- what the scenarios take from them --------------------------------------------------------------------------------


def value_at(data: Any, path: str) -> Any:
    for key in path.split("."):
        data = data[key]
    return data


def evidence() -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Every entry that a scenario's own file gives: file, dotted path, entry."""
    for path in SCENARIOS:
        for where, entry in read(path).get("evidence", {}).items():
            yield path, where, {"fact": entry} if isinstance(entry, str) else entry


def test_month_0_adds_up_to_the_facts() -> None:
    base = load(ROOT / "scenarios/tiktok.yaml")
    facts = all_facts()
    # 1.0 billion a year / 12 = 83.33 a month, of which 20 is 24 %, "nearly a quarter"
    total = 1000 * facts["azure-openai-run-rate-june"]["value"] / 12
    assert total == 1000 * facts["ai-cloud-run-rate"]["value"] / 12
    revenue = {stream.id: stream.revenue for stream in base.streams}
    assert sum(revenue.values()) == pytest.approx(total, rel=1e-9)
    low, high = facts["tiktok-monthly-spend"]["value"]
    assert low < revenue["tiktok"] <= high
    low, high = facts["tiktok-revenue-share"]["value"]
    assert low <= 100 * revenue["tiktok"] / total <= high
    assert base.capacity is not None
    assert base.capacity.initial >= sum(revenue.values())  # so all of it is served
    assert base.month_label(0) == facts["azure-openai-run-rate-june"]["as_of"]


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_no_number_of_a_bundled_scenario_is_unsourced(path: Path) -> None:
    found = trace_evidence(load(path))
    assert found.numbers
    assert [number.path for number in found.of("unsourced")] == []


def test_a_number_that_loses_its_evidence_is_noticed() -> None:
    changed = load(ROOT / "scenarios/tiktok.yaml", set={"customers.tiktok.revenue": 21})
    assert [number.path for number in trace_evidence(changed).of("unsourced")] == ["customers.tiktok.revenue"]


def test_cited_facts_exist_and_calibrate_only_from_before_the_cut_off() -> None:
    facts = all_facts()
    for path, where, entry in evidence():
        if "fact" in entry:
            assert entry["fact"] in facts, (path.name, where)
            assert "use" not in facts[entry["fact"]], (path.name, where)


def test_ids_named_in_the_reason_of_an_assumption_exist() -> None:
    facts = all_facts()
    for path, where, entry in evidence():
        for bracket in re.findall(r"\(([^)]*)\)", entry.get("assumption", "")):
            for word in re.split(r", | to ", bracket):
                assert word in facts, (path.name, where, word)


def test_a_number_derived_from_a_fact_is_what_its_formula_gives() -> None:
    checked = 0
    for path, where, entry in evidence():
        if "derived" in entry:
            number, exact = value_at(load(path).document, where), calculate(entry["derived"], {})
            digits = len(repr(number).partition(".")[2])  # as the file gives them, if that is at least to a thousandth
            allowed = min(0.5 * 10**-digits * (1 + 1e-9), 1e-3 * abs(exact))
            assert number == pytest.approx(exact, rel=0, abs=allowed), (path.name, where)
            checked += 1
    assert checked >= 5


def test_a_number_that_is_a_fact_equals_it() -> None:
    facts = all_facts()
    for path, where, entry in evidence():
        if set(entry) == {"fact"}:
            number, fact = value_at(load(path).document, where), facts[entry["fact"]]["value"]
            if isinstance(fact, list):  # one number has to be taken of a range
                assert fact[0] <= number <= fact[1], (path.name, where)
            else:  # a month of the scenario may come from a day
                assert number == (fact[:7] if isinstance(fact, str) else fact), (path.name, where)


def test_both_ends_of_every_range_are_valid_scenarios() -> None:
    loaded = cache(load)
    for path, where, entry in evidence():
        if "low" in entry:
            scenario = loaded(path)
            number = value_at(scenario.document, where)
            assert entry["low"] <= number <= entry["high"], (path.name, where)
            for end in (entry["low"], entry["high"]):
                value = int(end) if end == int(end) else end
                try:
                    scenario.with_({where: value})
                except ScenarioError as error:
                    raise AssertionError(f"{path.name} {where}={value}: {error}") from None
