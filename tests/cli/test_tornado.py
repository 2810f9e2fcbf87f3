"""``tornado`` as a command: what it says, fits and writes, and how it refuses."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.answers.ranges import RANGES
from tests.by_hand import CERTAIN
from tests.command import Run


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "case.yaml").write_text(CERTAIN + RANGES)
    return "case.yaml"


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_table_says_what_each_end_does(cli: Run, file: str) -> None:
    done = cli("tornado", file, "--paths", "1600", COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    said = flat(done.stdout)
    assert "What matters most: Revenue in the first month, USD million (“Customer One”)." in said
    assert "Between 5 and 20, revenue at risk 95 % moves from USD 30 to 120 million (base 60)." in said
    lines = done.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    first = next(k for k, line in enumerate(lines) if line.startswith("1 "))
    # At 5 the loss is 30 less, at 20 it is 60 more, of both measures and certainly so.
    assert lines[first].split()[-7:] == ["5", "−30", "±", "0", "−30", "±", "0"]
    assert lines[first + 1].split()[-7:] == ["20", "+60", "±", "0", "+60", "±", "0"]
    assert "can’t be told from 0 (95 % interval): customers.rest.revenue." in said
    assert "No range is given for 1 assumption: customers.one.growth." in said
    assert "No evidence at all is given for 1 number: customers.rest.growth." in said
    assert "Changes in USD million against the base case" in said


def test_one_json_document(inside: Run, file: str) -> None:
    done = inside("tornado", file, "--paths", "1600", "--json", "--level", "0.5", "--measure", "expected_loss")
    data = json.loads(done.stdout)
    assert (data["format"], data["level"], data["measure"]) == (1, 0.5, "expected_loss")
    assert [bar["path"] for bar in data["bars"]] == [
        "customers.one.revenue",
        "events.leaves.usage.to",
        "customers.rest.revenue",
    ]
    high = data["bars"][0]["high"]
    assert high["value"] == 20
    assert high["change"]["revenue_at_risk"]["value"] == pytest.approx(60)
    assert data["bars"][0]["file"] == "case.yaml"
    assert data["bars"][0]["line"] == 1 + CERTAIN[: CERTAIN.index("revenue: 10")].count("\n")


def test_files_are_written(cli: Run, file: str, tmp_path: Path) -> None:
    done = cli("tornado", file, "--paths", "160", "--plot", "t.png", "--csv", "t.csv", "--quiet")
    assert done.returncode == 0, done.stderr
    assert flat(done.stdout).startswith("What matters most")
    assert len(done.stdout.splitlines()) <= 3
    assert (tmp_path / "t.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8"))))
    assert [float(row["expected_loss_change"]) for row in rows][:2] == pytest.approx([-30, 60])
    assert {path.name for path in tmp_path.iterdir()} == {"case.yaml", "t.png", "t.csv"}


def test_the_table_on_standard_output(inside: Run, file: str) -> None:
    done = inside("tornado", file, "--paths", "16", "--csv", "-")
    assert len(list(csv.DictReader(io.StringIO(done.stdout)))) == 6


def test_the_reference_case_names_its_assumptions(inside: Run) -> None:
    done = inside("tornado", "tiktok-all-risks", "--paths", "1024", "--top", "3", COLUMNS="80")
    said = flat(done.stdout)
    assert done.returncode == 0, done.stderr
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert "43 smaller ones are not shown; --top 46 and --csv give all." in said
    assert "No range is given for 2 assumptions: customers.tiktok.contract.renews, events.suspension.usage.to." in said


def test_without_ranges_it_says_how_to_give_them(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "bare.yaml").write_text(CERTAIN)
    done = inside("tornado", "bare.yaml", "--plot", "none.svg")
    assert done.returncode == 0, done.stderr
    said = flat(done.stdout)
    assert "No assumption has a range: there is nothing to vary." in said
    assert "write an assumption with low and high under `evidence`" in said
    assert (tmp_path / "none.svg").exists()


def test_an_end_that_is_refused_is_in_the_answer(inside: Run, tmp_path: Path) -> None:
    text = CERTAIN.replace("{month: 2025-07}", "{uniform: {low: 3, high: 9}}")
    ranges = "evidence:\n  events.leaves.timing.uniform.low: {assumption: soon, low: 1, high: 20}\n"
    (tmp_path / "odd.yaml").write_text(text + ranges)
    done = inside("tornado", "odd.yaml", "--paths", "256")
    assert done.returncode == 0, done.stderr
    assert "Refused: events.leaves.timing.uniform.low at its high of 20:" in flat(done.stdout)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--level", "95"], "level: found 95"),
        (["--measure", "mean"], "'mean' is not one of"),
        (["--plot", "t.pdf"], "a picture's name ends in .svg or .png"),
        (["--csv", "-", "--json"], "both are for standard output"),
        (["--top", "0"], "--top"),
    ],
)
def test_what_makes_no_sense_is_refused(inside: Run, file: str, words: list[str], said: str) -> None:
    done = inside("tornado", file, *words)
    assert done.returncode == 2
    assert said in flat(done.stderr) + flat(done.stdout)
    assert "Traceback" not in done.stderr


def test_a_place_that_can_not_be_written_is_said_before_the_work(cli: Run) -> None:
    done = cli("tornado", "tiktok-all-risks", "--paths", "1000000", "--plot", "missing/t.png")
    assert done.returncode == 4
    assert "there is no folder missing" in done.stderr


def test_names_are_text_on_a_terminal(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "hostile.yaml").write_text(CERTAIN.replace("name: Customer One", 'name: "[red]{0} %s $(id)"') + RANGES)
    done = inside("tornado", "hostile.yaml", "--paths", "160")
    assert "“[red](0) %s $(id)”" in flat(done.stdout)


def test_few_paths_tell_no_errors(inside: Run, file: str) -> None:
    # Of 160 paths 8 lie beyond the 95 % level, and an error needs more: nothing is called indistinguishable for it.
    said = flat(inside("tornado", file, "--paths", "160").stdout)
    assert "What matters most: Revenue in the first month, USD million (“Customer One”)." in said
    assert "Too few paths to tell the errors of changes of revenue at risk 95 %; ask for more --paths." in said
    assert "can’t be told from 0" not in said


def test_what_moves_nothing_does_not_matter_most(inside: Run, tmp_path: Path) -> None:
    # Without revenue nothing can be lost, whatever the share that is left.
    text = CERTAIN.replace("revenue: 10", "revenue: 0").replace("revenue: 30", "revenue: 0")
    range_ = "evidence:\n  events.leaves.usage.to: {assumption: a guess, low: 0, high: 0.5}\n"
    (tmp_path / "nothing.yaml").write_text(text + range_)
    for paths, said in (("160", "as far as so few paths tell"), ("4096", "by more than its error")):
        done = inside("tornado", "nothing.yaml", "--paths", paths, "--quiet")
        assert f"No assumption changes revenue at risk 95 %{',' if paths == '160' else ''} {said}." in flat(done.stdout)
        assert "matters most" not in done.stdout
