"""``evidence``: where each number comes from, for readers and as data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.by_hand import sourced
from tests.command import Run


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A scenario in a folder, its facts beside that folder."""
    return sourced(tmp_path)


def test_each_number_with_where_it_comes_from(cli: Run, case: Path) -> None:
    done = cli("evidence", "cases/case.yaml", "--json")
    assert done.returncode == 0
    data = json.loads(done.stdout)
    numbers = {number["path"]: number for number in data["numbers"]}
    assert {path: number["status"] for path, number in numbers.items()} == {
        "customers.one.revenue": "fact",
        "customers.one.growth": "derived",
        "customers.rest.revenue": "assumption",
        "customers.rest.growth": "assumption",
        "events.leaves.timing.month": "fact",
        "events.leaves.usage.to": "unsourced",
    }
    assert data["counts"] == {"numbers": 6, "fact": 2, "derived": 1, "assumption": 2, "unsourced": 1}
    fact = numbers["customers.one.revenue"]["fact"]
    assert (fact["id"], fact["value"], fact["source"]["publisher"]) == ("spend-of-one", 10.0, "A paper")
    assert numbers["customers.one.growth"]["fact"]["value"] == [0.0, 0.1]
    # The closest entry counts: the one on the mapping covers the rest of it.
    assert numbers["customers.rest.revenue"]["reason"] == "another reason"
    rest = numbers["customers.rest.growth"]
    assert (rest["reason"], rest["low"], rest["high"], rest["entry"]) == ("made up", 0.0, 50.0, "customers.rest")
    lines = case.read_text().splitlines()
    here = numbers["events.leaves.usage.to"]
    assert lines[here["line"] - 1][here["column"] - 1 :].startswith("0}")


def test_the_same_for_a_reader(inside: Run, case: Path) -> None:
    done = inside("evidence", "cases/case.yaml")
    text = " ".join(done.stdout.split())
    assert "6 numbers: 2 from facts, 1 derived from facts, 2 assumed, 1 unsourced." in text
    assert "One pays ten. (10 USD million a month, as of 2025-01, reputable report)" in text
    assert "source: A title, A paper, https://example.org/a; seeds/facts.yaml" in text
    assert (
        "derived from a fact: the lower end · growth-seen Growth was seen. (0 to 0.1 a year, no confidence stated)"
        in text
    )
    assert "assumption: made up. Plausible: 0 to 50." in text
    assert "events.leaves.usage.to = 0 UNSOURCED · cases/case.yaml:" in text
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_one_kind_alone(inside: Run, case: Path) -> None:
    data = json.loads(inside("evidence", "cases/case.yaml", "--only", "unsourced", "--json").stdout)
    assert [number["path"] for number in data["numbers"]] == ["events.leaves.usage.to"]
    assert data["counts"]["numbers"] == 6


def test_an_id_that_no_fact_has(inside: Run, case: Path) -> None:
    case.write_text(case.read_text().replace("revenue: spend-of-one", "revenue: spend-of-on"))
    done = inside("check", "cases/case.yaml")
    assert done.returncode == 2
    line = case.read_text().splitlines().index("  customers.one.revenue: spend-of-on") + 1
    assert done.stderr.startswith(f"cases/case.yaml:{line}:26: evidence.customers.one.revenue: ")
    assert "nearest: spend-of-one" in done.stderr
