"""``doubt`` as a command: what it says, fits and writes, and how it refuses."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.by_hand import CERTAIN, EVEN
from tests.command import Run

DOUBT = "doubt: {numbers: {events.leaves.probability: {low: 0.02, high: 0.12}}, draws: 256}\n"


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "case.yaml").write_text(EVEN.replace("probability: 0.5", "probability: 0.07") + DOUBT)
    return "case.yaml"


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_answer_fits_and_says_what_doubt_does(cli: Run, file: str) -> None:
    done = cli("doubt", file, COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    said = flat(done.stdout)
    # 60 is lost with a chance of 0.07; over doubt that is 0.02 to 0.12, and 60 is lost in 5 % of futures or is not.
    assert "An even chance At the file’s numbers the loss does not exceed USD 60 million with 95 % confidence. " in said
    assert "Over what is plausible for one number that limit is between USD 0 and USD 60 million" in said
    assert "in nine cases of ten; chance and doubt together: USD 60 million. Doubt makes 1 % of the loss’s" in said
    lines = done.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    head = next(k for k, line in enumerate(lines) if line.startswith("measure"))
    assert lines[head].split() == ["measure", "file", "5", "%", "median", "95", "%", "with", "chance"]
    mean = next(line.split() for line in lines if line.startswith("Expected loss"))
    assert [float(cell) for cell in mean[2:]] == pytest.approx([4.2, 1.5, 4.2, 6.9, 4.2], abs=0.5)
    below = lines[next(k for k, line in enumerate(lines) if line.startswith("Expected loss")) + 1].split()
    assert below[::2] == ["±"] * 5
    assert "No band at 99 %: 10.2 of 1,024 paths lie beyond 99 %, and a band needs 20: 2,000 paths or more." in said
    assert "The band’s ends rest on few draws: 13 lie beyond each." in said
    assert "256 draws of 1 number in doubt on 1,024 quasi-random paths each, the file’s numbers on 512 · seed 1" in said


def test_quiet_says_the_answer_alone(inside: Run, file: str) -> None:
    done = inside("doubt", file, "-q", "--paths", "64")
    assert flat(done.stdout).startswith("At the file’s numbers")
    assert flat(done.stdout).endswith("of the loss’s variance.")


def test_options_reach_the_question(inside: Run, file: str) -> None:
    done = inside("doubt", file, "--draws", "300", "--paths", "100", "--seed", "7", "--json")
    told = json.loads(done.stdout)
    assert {key: told["run"][key] for key in ("draws", "paths", "seed", "base_paths")} == {
        "draws": 512, "paths": 128, "seed": 7, "base_paths": 512
    }  # fmt: skip
    assert list(told) == [
        "format", "scenario", "run", "doubts", "measures", "variance", "exceedance", "refused", "left_out", "dropped"
    ]  # fmt: skip
    assert told["doubts"] == [
        {
            "path": "events.leaves.probability", "form": "uniform", "base": 0.07,
            "p5": pytest.approx(0.025), "p50": pytest.approx(0.07), "p95": pytest.approx(0.115),
        }
    ]  # fmt: skip


def test_what_the_file_says_can_be_changed(inside: Run, file: str, tmp_path: Path) -> None:
    changed = inside("doubt", file, "--paths", "64", "--json", "--set", "customers.one.revenue=20")
    # At twice the revenue 120 is lost.
    assert json.loads(changed.stdout)["measures"]["revenue_at_risk"]["0.95"]["base"]["value"] == 120
    assert json.loads(changed.stdout)["dropped"] == []
    child = (
        "scenario: 1\nextends: case.yaml\nname: A child\ndoubt:\n  numbers:\n"
        "    customers.one.revenue: {low: 8, high: 12}\n"
    )
    (tmp_path / "child.yaml").write_text(child)
    held = inside("doubt", "child.yaml", "--paths", "64", "--set", "events.leaves.probability=0.3")
    assert "In doubt no longer: events.leaves.probability. " in flat(held.stdout)
    assert "1 number in doubt" in flat(held.stdout)
    settled = inside("doubt", file, "--set", "events.leaves.probability=0.3")
    assert settled.returncode == 2
    assert "no number of it is in doubt" in settled.stderr


def test_files_are_written(inside: Run, file: str, tmp_path: Path) -> None:
    done = inside("doubt", file, "--paths", "64", "--plot", "d.png", "--csv", "d.csv", "--quiet")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "d.png").read_bytes().startswith(b"\x89PNG")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "d.csv").read_text(encoding="utf-8"))))
    mean = next(row for row in rows if row["measure"] == "expected_loss" and row["quantile"] == "0.95")
    assert float(mean["value"]) == pytest.approx(6.9, abs=1)
    # One of ours is replaced, what is none of ours is left alone.
    assert inside("doubt", file, "--paths", "64", "--plot", "d.png", "--quiet").returncode == 0
    assert inside("doubt", file, "--paths", "64", "--csv", "case.yaml", "--quiet").returncode != 0
    assert (tmp_path / "case.yaml").read_text().endswith(DOUBT)


def test_the_table_on_standard_output(inside: Run, file: str) -> None:
    done = inside("doubt", file, "--paths", "64", "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["of"] for row in rows} == {"base", "base_same_paths", "predictive", "band"}


def test_ranges_that_can_t_be_in_doubt_are_listed_with_their_place(inside: Run, tmp_path: Path) -> None:
    evidence = (
        "evidence:\n"
        "  events.leaves.probability: {assumption: a guess, low: 0.1, high: 0.9}\n"
        "  customers.one.revenue: {assumption: talks, low: 20, high: 30}\n"
    )
    (tmp_path / "ranges.yaml").write_text(EVEN + evidence + "doubt: {ranges: p10-p90, draws: 256}\n")
    done = inside("doubt", "ranges.yaml", "--paths", "64")
    line = (EVEN + evidence).splitlines().index("  customers.one.revenue: {assumption: talks, low: 20, high: 30}") + 1
    assert f"Ranges that can’t be in doubt: customers.one.revenue (ranges.yaml:{line}:" in flat(done.stdout)
    (left,) = json.loads(inside("doubt", "ranges.yaml", "--paths", "64", "--json").stdout)["left_out"]
    assert (left["path"], left["file"], left["line"]) == ("customers.one.revenue", "ranges.yaml", line)
    assert left["why"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--draws", "255"], "draws: found 255, allowed is a whole number from 256 on"),
        (["--paths", "0"], "0 is not in the range"),
        (["--draws", "1048576", "--paths", "1048576"], "1,048,576 draws on 1,048,576 paths would need"),
        (["--plot", "d.pdf"], "a picture's name ends in .svg or .png"),
    ],
)
def test_what_can_t_be_is_refused_with_a_reason(inside: Run, file: str, words: list[str], said: str) -> None:
    done = inside("doubt", file, *words)
    assert done.returncode in (2, 3)
    assert said in flat(done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_without_a_block_it_says_how_to_write_one(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "sure.yaml").write_text(CERTAIN)
    done = inside("doubt", "sure.yaml")
    assert done.returncode == 2
    assert "sure.yaml: no number of it is in doubt" in flat(done.stderr)
    assert "doubt: {ranges: p10-p90}" in done.stderr


def test_the_help_waits_for_nothing_heavy() -> None:
    program = (
        "import sys; from sim.cli import main\n"
        "try: main(['doubt', '--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'numpy', 'pandas', 'scipy', 'pydantic', 'matplotlib'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "--draws" in done.stdout
    assert done.stderr.strip() == "[]"


def test_the_reference_case_in_doubt(cli: Run) -> None:
    done = cli("doubt", "tiktok-in-doubt", "--draws", "256", "--paths", "64", "--json")
    told = json.loads(done.stdout)
    at_risk = told["measures"]["revenue_at_risk"]["0.95"]
    # The numbers stay those of the reference case, and doubt is no small thing: both ends lie far from them.
    assert at_risk["base"] == json.loads(cli("run", "tiktok", "--json").stdout)["measures"]["revenue_at_risk"]["0.95"]
    assert at_risk["band"] is None
    mean = told["measures"]["expected_loss"]
    assert mean["band"]["0.05"]["high"] < mean["base"]["value"] / 4
    assert mean["band"]["0.95"]["low"] > mean["base"]["value"] * 1.5
    assert len(told["doubts"]) > 20
