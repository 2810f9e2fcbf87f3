"""What commands say of numbers in doubt: what they may be, and that an answer takes them as they stand."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.by_hand import CERTAIN, EVEN, PROBABILITY, line_of
from tests.command import Run

DOUBT = """\
doubt:
  numbers:
    customers.one.revenue: {p10: 9, p50: 10, p90: 11.5}
    events.leaves.probability: {low: 0.2, high: 0.7}
    customers.rest.growth: {shift: {p10: -0.1, p90: 0.1}}
    events.leaves.timing.month: {values: {2025-07: 3, 2025-08: 1}}
    customers.rest.volatility: {low: 0, mode: 0.1, high: 0.3}
  ranges: p10-p90
  draws: 500
evidence:
  events.leaves.usage.to: {assumption: nothing stays, low: 0.1, high: 0.2}
  customers.one.revenue: {assumption: from talks, low: 5, high: 20}
"""
TEXT = EVEN + DOUBT
PLAIN = EVEN + DOUBT[DOUBT.index("evidence:") :]
CHILD = "scenario: 1\nextends: case.yaml\ncustomers: {one: {revenue: 12}}\n"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "case.yaml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "case.yaml").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "child.yaml").write_text(CHILD, encoding="utf-8")
    return tmp_path


def flat(text: str) -> str:
    return " ".join(text.split())


def test_check_says_each_doubt_with_three_points_of_its_law(case: Path, cli: Run) -> None:
    """J-QPD's above 0 knows no unit: half of 18, 20, 23, whose 1 and 99 % points are 16.825118 and 26.254400."""
    done = cli("check", "case.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    text = flat(done.stdout)
    assert "In doubt 5 numbers in doubt, 512 draws; each moves by itself" in text
    assert (
        "customers.one.revenue, 10 in the scenario: 10 % below 9, half below 10, 10 % above 11.5 "
        "(1 %: 8.413, 50 %: 10, 99 %: 13.13)." in text
    )
    assert (
        "events.leaves.probability, 0.5 in the scenario: from 0.2 to 0.7, each value as likely as another "
        "(1 %: 0.205, 50 %: 0.45, 99 %: 0.695)." in text
    )
    assert "customers.rest.growth, 0 in the scenario, shifted: 10 % below −0.1, half below 0, 10 % above +0.1 (" in text
    assert "events.leaves.timing.month, 2025-07 in the scenario: 2025-07 (75 %), 2025-08 (25 %)." in text
    assert "customers.rest.volatility, 0 in the scenario: from 0 to 0.3, most likely 0.1 (" in text
    left_out = f"case.yaml:{line_of(TEXT, 'events.leaves.usage.to')}:"
    assert "Not in doubt: events.leaves.usage.to, a range from 0.1 to 0.2, without the value 0" in text
    assert left_out in text


def test_check_says_it_as_data_too(case: Path, inside: Run) -> None:
    found = json.loads(inside("check", "case.yaml", "--json").stdout)["in_doubt"]
    assert found["draws"] == 512
    revenue, chance, *_ = found["numbers"]
    assert (revenue["path"], revenue["form"], revenue["base"]) == ("customers.one.revenue", "percentiles", 10)
    assert (revenue["file"], revenue["line"]) == ("case.yaml", line_of(TEXT, "customers.one.revenue: {p10"))
    assert chance["points"] == {p: pytest.approx(0.2 + 0.5 * float(p)) for p in ("0.01", "0.5", "0.99")}
    assert [one["path"] for one in found["left_out"]] == ["events.leaves.usage.to"]
    assert found["dropped"] == []
    assert "in_doubt" not in json.loads(inside("check", "plain/case.yaml", "--json").stdout)


def test_a_number_that_is_set_is_noted(case: Path, inside: Run) -> None:
    place = f"child.yaml:3:{CHILD.splitlines()[2].index('12') + 1}"
    said = f"customers.one.revenue: set since, so that it is in doubt no longer ({place})."
    assert said in flat(inside("check", "child.yaml").stdout)
    found = json.loads(inside("check", "child.yaml", "--json").stdout)["in_doubt"]
    assert [(one["path"], one["line"]) for one in found["dropped"]] == [("customers.one.revenue", 3)]
    by_option = flat(inside("check", "case.yaml", "--set", f"{PROBABILITY}=0.4").stdout)
    assert f"{PROBABILITY}: set since, so that it is in doubt no longer (--set {PROBABILITY}=0.4:1:" in by_option
    run = flat(inside("run", "child.yaml", "--paths", "20").stdout)
    assert "4 numbers are in doubt, and taken here as they stand; `switchrisk doubt` tells what that does." in run
    assert "customers.one.revenue: is set, and so in doubt no longer." in run


def test_show_says_it_of_what_it_shows(case: Path, inside: Run) -> None:
    done = inside("show", "case.yaml", "customers.one")
    lines = [line for line in done.stdout.splitlines() if line.startswith("#")]
    assert "# In doubt, in words:" in lines
    assert "# customers.one.revenue, 10 in the scenario: 10 % below 9" in flat(done.stdout)
    assert "events.leaves.probability" not in done.stdout
    every = inside("show", "case.yaml").stdout
    assert flat(every).count(" in the scenario") == 5
    assert yaml.safe_load(every)["doubt"]["draws"] == 500  # what is printed is YAML
    found = json.loads(inside("show", "case.yaml", "events", "--json").stdout)["in_doubt"]
    assert [one["path"] for one in found] == [PROBABILITY, "events.leaves.timing.month"]
    assert "In doubt" not in inside("show", "plain/case.yaml").stdout


def test_evidence_says_it_of_each_number(case: Path, inside: Run) -> None:
    text = flat(inside("evidence", "case.yaml").stdout)
    assert "customers.one.revenue = 10 assumption: from talks. Plausible: 5 to 20. in doubt: 10 % below 9," in text
    assert f"{PROBABILITY} = 0.5" in text
    numbers = json.loads(inside("evidence", "case.yaml", "--json").stdout)["numbers"]
    said = {one["path"]: one["in_doubt"] for one in numbers if "in_doubt" in one}
    assert set(said) == {"customers.one.revenue", "customers.rest.growth", PROBABILITY}
    assert said["customers.rest.growth"].startswith("shifted, 10 % below −0.1")


HELD = {
    "run": ("run", "--paths", "64"),
    "trace": ("trace", "--path", "3"),
    "verify": ("verify", "--paths", "20"),
    "verify --sampling": ("verify", "--sampling", "--paths", "256"),
    "compare": ("compare", "--with", "customers.one.growth=0.1", "--paths", "64"),
    "attribute": ("attribute", "--paths", "64"),
    "breakeven": ("breakeven", "--axis", PROBABILITY, "--threshold", "20", "--paths", "64"),
    "sweep": ("sweep", "--axis", "customers.rest.growth=0,0.1", "--paths", "64"),
}


def answer(text: str) -> Any:
    """An answer as data, without what tells of the file and of time."""

    def bare(data: Any) -> Any:
        if isinstance(data, dict):
            of_the_file = ("scenario", "seconds", "file", "line", "column")
            return {key: bare(value) for key, value in data.items() if key not in of_the_file}
        return [bare(item) for item in data] if isinstance(data, list) else data

    return bare(json.loads(text))


@pytest.mark.parametrize("name", HELD)
def test_an_answer_is_the_same_to_the_digit_and_says_what_it_takes_as_it_stands(
    name: str, case: Path, inside: Run
) -> None:
    command, *options = HELD[name]
    data = [inside(command, file, *options, "--json").stdout for file in ("plain/case.yaml", "case.yaml")]
    assert answer(data[0]) == answer(data[1])
    shown = flat(inside(command, "case.yaml", *options).stdout)
    assert "5 numbers are in doubt, and taken here as they stand; `switchrisk doubt` tells what that does." in shown
    assert "in doubt" not in inside(command, "plain/case.yaml", *options).stdout
    assert "in doubt" not in inside(command, "case.yaml", *options, "-q").stdout
    if name in ("breakeven", "sweep"):
        varied = PROBABILITY if name == "breakeven" else "customers.rest.growth"
        assert f"{varied}: varied here, whatever is in doubt." in shown


def test_data_say_how_many_numbers_are_in_doubt(case: Path, inside: Run) -> None:
    counts = [
        json.loads(inside("run", file, "--paths", "20", "--json").stdout)["scenario"].get("in_doubt")
        for file in ("plain/case.yaml", "case.yaml")
    ]
    assert counts == [None, 5]


def test_one_number_is_told_as_one(tmp_path: Path, inside: Run) -> None:
    text = CERTAIN + "doubt: {numbers: {customers.one.revenue: {p10: 8, p90: 13}}}\n"
    (tmp_path / "one.yaml").write_text(text, encoding="utf-8")
    assert "1 number is in doubt, and taken here as it stands;" in flat(inside("run", "one.yaml").stdout)
    assert "In doubt 1 number in doubt, 1,024 draws" in flat(inside("check", "one.yaml").stdout)


def test_a_tornado_sets_what_is_in_doubt_to_its_10_and_90_percent_points(case: Path, inside: Run) -> None:
    """Of a uniform law these are a tenth of the way from either end: 0.25 and 0.65, where the loss is 60 times it."""
    found = json.loads(inside("tornado", "case.yaml", "--paths", "4096", "--json").stdout)
    bars = {bar["path"]: bar for bar in found["bars"]}
    assert set(bars) == {"customers.one.revenue", PROBABILITY, "customers.rest.growth", "customers.rest.volatility"}
    ends = {path: (bar["low"]["value"], bar["high"]["value"]) for path, bar in bars.items()}
    assert ends["customers.one.revenue"] == (9, 11.5)  # not 5 and 20, which the evidence has
    assert ends[PROBABILITY] == (pytest.approx(0.25), pytest.approx(0.65))
    assert ends["customers.rest.growth"] == (-0.1, 0.1)
    assert bars["customers.rest.growth"]["base"] == 0
    assert bars["customers.rest.growth"]["caption"].endswith(", shifted")
    loss = bars[PROBABILITY]["low"]["change"]["expected_loss"]
    assert loss["value"] == pytest.approx(60 * (0.25 - 0.5), abs=4 * loss["standard_error"] + 1e-9)
    shown = flat(inside("tornado", "case.yaml", "--paths", "256").stdout)
    assert "A number in doubt stands at the 10 % and the 90 % point of its law." in shown


def test_the_report_says_what_is_in_doubt(case: Path, inside: Run) -> None:
    assert inside("report", "case.yaml", "--paths", "64", "--out", "page.html").returncode == 0
    page = html.unescape((case / "page.html").read_text(encoding="utf-8"))
    assert "events.leaves.probability, 0.5 in the scenario: from 0.2 to 0.7, each value as likely as another" in page
