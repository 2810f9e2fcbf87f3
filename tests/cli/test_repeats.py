"""An event that repeats as a reader meets it: in tables, JSON, a path's story and words, kept and reported."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from tests.command import Run

OUTAGE = """\
scenario: 1
name: An outage that recurs
start: 2025-01
months: 12
money: USD
customers:
  alpha: {revenue: 10}
  beta: {revenue: 10}
events:
  outage:
    name: Outage
    hits: alpha
    timing: {fixed: 3}
    lasts: {fixed: 2}
    repeats: true
    usage: {to: 0}
  sale: {hits: beta, probability: 0.5, timing: {fixed: 6}, usage: {to: 0}}
"""
# Counted from month 0, arises in month 3, over in 5; then 4 + 3 = 7, over in 9; then 8 + 3 = 11: three times.


@pytest.fixture
def outage(tmp_path: Path) -> str:
    file = tmp_path / "outage.yaml"
    file.write_text(OUTAGE, encoding="utf-8")
    return str(file)


def test_the_table_says_how_often_it_comes(cli: Run, outage: str) -> None:
    done = cli("run", outage, "--paths", "64")
    assert done.returncode == 0
    assert re.search(r"^Outage +100 % +certain +2025-04 +3\.000$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^sale .* +2025-07 +–$", done.stdout, re.MULTILINE), done.stdout
    assert "Times: how often one that repeats comes, on average" in " ".join(done.stdout.split())
    once = cli("run", outage, "--paths", "64", "--set", "events.outage.repeats=false")
    assert "Times" not in once.stdout
    assert " times" not in once.stdout


def test_json_has_the_times_of_what_repeats_alone(cli: Run, outage: str) -> None:
    events = json.loads(cli("run", outage, "--paths", "64", "--json").stdout)["events"]
    assert events["outage"]["expected_times"] == {"value": 3, "standard_error": 0}
    assert "expected_times" not in events["sale"]


def test_the_story_tells_each_time(cli: Run, outage: str) -> None:
    told = cli("trace", outage, "--set", "events.sale.probability=0").stdout
    lines = [line for line in told.splitlines() if "arises" in line]
    assert [line[:7] for line in lines] == ["2025-04", "2025-08", "2025-12"]
    assert ["arises again" in line for line in lines] == [False, True, True]
    assert "#" not in told


def test_words_and_plans_say_that_it_may_come_again(cli: Run, outage: str) -> None:
    assert "Once it is over it may come again" in " ".join(cli("check", outage).stdout.split())
    asked = ("sweep", outage, "--axis", "events.outage.probability=0.1,0.9", "--explain", "--paths", "64")
    explained = " ".join(cli(*asked).stdout.split())
    assert "outage comes again, by the same probability and timing" in explained
    assert "simulated value by value" in explained


def test_it_is_kept_and_verified(cli: Run, outage: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert cli("run", outage, "--paths", "64", "--out", str(kept)).returncode == 0
    with (kept / "events.csv").open(encoding="utf-8") as file:
        rows = {row["event"]: (row["expected_times"], row["expected_times_error"]) for row in csv.DictReader(file)}
    assert rows == {"outage": ("3.0", "0.0"), "sale": ("", "")}
    verified = cli("verify", str(kept))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "the SimPy model finds the same losses" in " ".join(verified.stdout.split())


def test_the_report_says_how_often_it_comes(cli: Run, outage: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert cli("report", outage, "--paths", "256", "--out", str(page)).returncode == 0
    text = page.read_text(encoding="utf-8")
    assert "Expected times" in text
    assert '<td class="times">3.000</td>' in text


# As above, but a coming is brief or long by a draw of its own.
OUTCOMES = OUTAGE.replace(
    "    usage: {to: 0}\n  sale",
    "    usage: {to: 0}\n    outcomes: {brief: {weight: 0.5, lasts: {fixed: 1}}, long: {name: Long one}}\n  sale",
)


@pytest.fixture
def either(tmp_path: Path) -> str:
    assert OUTCOMES != OUTAGE
    file = tmp_path / "either.yaml"
    file.write_text(OUTCOMES, encoding="utf-8")
    return str(file)


def test_outcomes_of_each_time_are_counted(cli: Run, either: str, tmp_path: Path) -> None:
    """It comes in 3, in 6 or 7 and from 9 to 11: three times, each half the time brief; once at least in 7 of 8."""
    page = tmp_path / "page.html"
    done = cli("run", either, "--paths", "4096", "--json")
    assert done.returncode == 0, done.stderr
    events = json.loads(done.stdout)["events"]
    assert events["outage"]["expected_times"]["value"] == 3
    times = [events[f"outage.{which}"]["expected_times"]["value"] for which in ("brief", "long")]
    assert sum(times) == 3
    assert times == pytest.approx([1.5, 1.5], abs=0.05)
    for which in ("brief", "long"):
        assert events[f"outage.{which}"]["probability"] == pytest.approx(7 / 8, abs=0.02)
    table = cli("run", either, "--paths", "4096").stdout
    assert re.search(r"^Outage: brief +8[678]\.\d* % .* 2025-04 +1\.\d+ ± ", table, re.MULTILINE), table
    assert cli("report", either, "--paths", "256", "--out", str(page)).returncode == 0
    assert page.read_text(encoding="utf-8").count('<td class="times">1.') == 2


def test_the_story_tells_what_came_of_it_each_time(cli: Run, either: str) -> None:
    told = " ".join(cli("trace", either, "--set", "events.sale.probability=0").stdout.split())
    assert told.count("Outage: arises again (by itself)") == 2
    assert told.count("arises (as the outcome of “Outage”)") == 3
    assert "#" not in told


def test_a_refusal_names_the_place(cli: Run, outage: str) -> None:
    done = cli("check", outage, "--set", "events.outage.permanent=0.5")
    assert done.returncode == 2
    assert "events.outage.permanent" in done.stderr
    assert "leave permanent out, or repeats" in " ".join(done.stderr.split())
