"""``attribute`` on the command line."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from tests.command import Run

# v(a) = 40, v(b) = 50 and v(ab) = 70 on 100 a month, so a has 30 and b 40.
TWO = """\
scenario: 1
name: Two events
start: 2025-01
months: 1
money: USD million
vendor: {name: The vendor}
customers:
  one: {name: Customer One, revenue: 100, growth: 0}
events:
  a: {name: "An exit [red]of a $x^2$ kind", hits: one, timing: {month: 2025-01}, usage: {to: 0.6}}
  b: {name: A ban, hits: one, timing: {month: 2025-01}, usage: {to: 0.5}}
risk: {levels: [0.9, 0.95]}
run: {paths: 64, seed: 1}
"""


@pytest.fixture
def two(tmp_path: Path) -> str:
    (tmp_path / "two.yaml").write_text(TWO)
    return "two.yaml"


def test_a_table_whose_last_row_is_the_sum(cli: Run, two: str) -> None:
    done = cli("attribute", two, COLUMNS="80")
    assert done.returncode == 0
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    text = " ".join(done.stdout.split())
    assert "Of the expected loss of USD 70 million, 40 (57 %) come from “A ban” and 30 (43 %) from “An exit" in text
    assert "[red]of a $x^2$ kind”" in text
    # Sixty-four paths have six beyond the 90 % quantile: no error of a shortfall.
    rows = [line.split() for line in lines if line.startswith(("A ban", "all events"))]
    assert rows == [
        ["A", "ban", "40", "±", "0", "57", "%", "40", "57", "%"],
        ["all", "events", "70", "±", "0", "100", "%", "70", "100", "%"],
    ]
    assert "none where too few paths tell" in text
    assert "Base: expected loss USD 70 million, expected shortfall" in text
    assert "(64 quasi-random paths, seed 1)" in text


def test_quiet_and_level(inside: Run, two: str) -> None:
    quiet = inside("attribute", two, "--quiet")
    assert quiet.stdout.startswith("Of the expected loss of USD 70 million")
    assert "all events" not in quiet.stdout
    assert "ES 95 %" in inside("attribute", two, "--level", "0.95").stdout
    assert "ES 90 %" in inside("attribute", two).stdout
    wrong = inside("attribute", two, "--level", "0.99")
    assert wrong.returncode == 2
    assert "--level: found 0.99, allowed are 0.9, 0.95" in wrong.stderr


def test_json_adds_up(inside: Run, two: str) -> None:
    done = inside("attribute", two, "--json", "--paths", "2000", "--seed", "7", "--sampling", "plain")
    assert done.returncode == 0
    assert done.stderr == ""
    data = json.loads(done.stdout)
    assert data["exact"] is True
    assert data["run"]["paths"] == 2000
    assert data["run"]["seed"] == 7
    assert {id: event["expected_loss"]["value"] for id, event in data["events"].items()} == pytest.approx(
        {"a": 30, "b": 40}
    )
    for level in ("0.9", "0.95"):
        parts = [event["expected_shortfall"][level]["value"] for event in data["events"].values()]
        assert sum(parts) == pytest.approx(data["total"]["expected_shortfall"][level]["value"], rel=1e-9)


def test_csv_to_a_file_and_to_standard_output(inside: Run, two: str, tmp_path: Path) -> None:
    done = inside("attribute", two, "--csv", "-")
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["event"], row["measure"], row["level"]) for row in rows[:3]] == [
        ("a", "expected_loss", ""),
        ("a", "expected_shortfall", "0.9"),
        ("a", "expected_shortfall", "0.95"),
    ]
    assert float(rows[0]["value"]) == pytest.approx(30)
    beside = inside("attribute", two, "--csv", "parts.csv")
    assert "all events" in beside.stdout
    assert (tmp_path / "parts.csv").read_text(encoding="utf-8") == done.stdout
    both = inside("attribute", two, "--csv", "-", "--json")
    assert both.returncode == 2
    assert "choose one of the two" in both.stdout


def test_a_waterfall_in_a_file(inside: Run, two: str, tmp_path: Path) -> None:
    assert inside("attribute", two, "--plot", "loss.png").returncode == 0
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
    assert inside("attribute", two, "--plot", "tail.svg", "--level", "0.95").returncode == 0
    assert ElementTree.parse(tmp_path / "tail.svg").getroot().tag.endswith("svg")
    assert inside("attribute", two, "--plot", "loss.pdf").returncode == 2
    assert inside("attribute", two, "--plot", "nowhere/loss.png").returncode == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["loss.png", "tail.svg", "two.yaml"]


def test_sampled_orders_and_no_events_are_said(inside: Run, two: str, tmp_path: Path) -> None:
    event = "  e{}: {{hits: one, probability: 0.5, timing: {{month: 2025-01}}, usage: {{to: 0.9}}}}\n"
    many = TWO.partition("  a:")[0] + "".join(event.format(k) for k in range(9)) + "run: {paths: 64}\n"
    (tmp_path / "nine.yaml").write_text(many)
    text = " ".join(inside("attribute", "nine.yaml").stdout.split())
    assert "9 events may come in too many orders to take all" in text
    (tmp_path / "none.yaml").write_text(TWO.partition("events:")[0] + "run: {paths: 64}\n")
    none = inside("attribute", "none.yaml")
    assert none.returncode == 0
    assert "The scenario has no events, so nothing is lost." in none.stdout


def test_it_is_among_the_commands(inside: Run) -> None:
    assert "Split the expected loss and the shortfall among the events." in " ".join(inside("--help").stdout.split())
    assert "--level" in inside("attribute", "--help").stdout
