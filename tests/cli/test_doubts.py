"""What is valid and probably not meant is said by check, run, evidence and the report, beside what they say anyway."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

import sim
from tests.by_hand import CERTAIN
from tests.command import Run

RATE = CERTAIN.replace("{name: The vendor}", "{name: The vendor, discount_rate: 9}")
COLUMN = next(line for line in RATE.splitlines() if "discount_rate" in line).index("9") + 1
SAID = "vendor.discount_rate: 900 % a year; 0.09 would be 9 %"
RANGES = RATE + "evidence: {customers.one.revenue: {assumption: talks, low: 20, high: 30}}\n"
HELD = "evidence.customers.one.revenue: a range from 20 to 30, without the value 10"


@pytest.fixture
def rate(tmp_path: Path) -> str:
    (tmp_path / "rate.yaml").write_text(RATE)
    return "rate.yaml"


def flat(text: str) -> str:
    return " ".join(text.split())


def test_check_says_it_with_its_place_and_what_to_do(inside: Run, rate: str) -> None:
    done = inside("check", rate)
    assert done.returncode == 0
    assert "valid · rate.yaml 1 doubt: valid, but probably not what is meant " in flat(done.stdout)
    assert f"rate.yaml:6:{COLUMN}: {SAID} help: write 0.09 if 9 % is meant" in flat(done.stdout)


def test_quiet_says_it_in_a_line(inside: Run, rate: str) -> None:
    for words in (("check", rate, "-q"), ("run", rate, "-q")):
        assert flat(inside(*words).stdout).endswith(f"doubtful: {SAID} (rate.yaml:6:{COLUMN}).")


def test_run_says_it_below_the_headline(inside: Run, rate: str) -> None:
    shown = flat(inside("run", rate).stdout)
    headline = flat(inside("run", rate, "-q").stdout).split(" doubtful: ")[0]
    assert f"{headline} doubtful: {SAID} (rate.yaml:6:{COLUMN}). measure" in shown


def test_the_rest_of_many_is_counted(inside: Run, tmp_path: Path) -> None:
    # The discount rate and growth of both customers: three in all.
    (tmp_path / "many.yaml").write_text(RATE.replace("growth: 0", "growth: 28.5"))
    quiet = flat(inside("run", "many.yaml", "-q").stdout)
    assert quiet.endswith("and 2 more, which `switchrisk check` tells.")
    assert "more, which" not in flat(inside("run", "many.yaml").stdout)
    assert "3 doubts:" in flat(inside("check", "many.yaml").stdout)


@pytest.mark.parametrize("command", ["check", "run"])
def test_as_json(inside: Run, rate: str, command: str) -> None:
    document = json.loads(inside(command, rate, "--json").stdout)
    assert document["doubts"] == [
        {
            "path": "vendor.discount_rate",
            "file": "rate.yaml",
            "message": "900 % a year; 0.09 would be 9 %",
            "help": "write 0.09 if 9 % is meant",
            "line": 6,
            "column": COLUMN,
        }
    ]
    keys = list(document)
    assert keys.index("doubts") == keys.index("scenario") + 1


@pytest.mark.parametrize("command", ["check", "run", "evidence"])
def test_without_doubts_nothing_is_said_of_them(inside: Run, certain: str, command: str) -> None:
    assert "doubt" not in inside(command, certain).stdout
    assert "doubts" not in json.loads(inside(command, certain, "--json").stdout)


def test_evidence_says_what_is_doubtful_of_ranges(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "ranges.yaml").write_text(RANGES)
    shown = flat(inside("evidence", "ranges.yaml").stdout)
    assert f"{HELD} help: give low <= value <= high; a tornado leaves this range out" in shown
    assert SAID not in shown
    assert f"doubtful: {HELD} (ranges.yaml:" in flat(inside("evidence", "ranges.yaml", "-q").stdout)
    (doubt,) = json.loads(inside("evidence", "ranges.yaml", "--json").stdout)["doubts"]
    line = len(RANGES.splitlines())
    assert (doubt["line"], doubt["column"]) == (line, RANGES.splitlines()[-1].index("30") + 1)
    assert "2 doubts" in inside("check", "ranges.yaml").stdout


def text_of(page: str) -> str:
    return flat(html.unescape(re.sub("<[^>]*>", " ", page.split("<main>")[1].split("</main>")[0]))).replace("\xa0", " ")


def test_the_report_says_it_in_its_head(tmp_path: Path) -> None:
    (tmp_path / "ranges.yaml").write_text(RANGES.replace("}}\n", "}, customers.rest.revenue: {assumption: a, low: 20, "
                                                         "high: 40}}\n"))  # fmt: skip
    report = sim.make_report(tmp_path / "ranges.yaml", paths=64)
    head = report.html.split("<header>")[1].split("</header>")[0]
    said = flat(html.unescape(re.sub("<[^>]*>", " ", head))).replace("\xa0", " ")
    assert "Valid, but probably not what is meant:" in said
    assert f"{SAID} ({tmp_path}/ranges.yaml:6:{COLUMN}; write 0.09 if 9 % is meant)" in said
    assert HELD in said
    below = text_of(report.html).split("What would change the answer")[1]
    assert (
        "Left out: customers.one.revenue, a range from 20 to 30, without the value 10; allowed: low <= value" in below
    )
    assert "contradict the rest of the scenario" not in below


def test_a_report_without_doubts_has_no_word_of_them(tmp_path: Path) -> None:
    (tmp_path / "certain.yaml").write_text(CERTAIN)
    page = sim.make_report(tmp_path / "certain.yaml", paths=16).html
    assert 'id="doubts"' not in page
    assert '<p class="about" dir="auto"></p>\n</header>' in page


def test_names_of_a_stranger_are_inert(inside: Run, tmp_path: Path) -> None:
    hostile = RATE.replace("discount_rate: 9", "capacity: {initial: 1, growth: {2025-01: 9}}")
    (tmp_path / "a\x1b[31m.yaml").write_text(hostile)
    shown = inside("check", "a\x1b[31m.yaml", "--no-color").stdout
    assert "900 % a year" in shown
    assert "\x1b" not in shown.replace("\x1b[1m", "").replace("\x1b[0m", "")
