"""``compare`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli.terminal import columns
from tests.by_hand import CERTAIN, EVEN, MONTH, PROBABILITY, line_of
from tests.command import Run


@pytest.fixture
def two(tmp_path: Path) -> None:
    (tmp_path / "certain.yaml").write_text(CERTAIN)
    (tmp_path / "later.yaml").write_text(
        "scenario: 1\nextends: certain.yaml\nname: Later\nevents: {leaves: {timing: {month: 2025-10}}}\n"
    )


@pytest.mark.usefixtures("two")
def test_two_files(cli: Run) -> None:
    done = cli("compare", "certain.yaml", "later.yaml", "--paths", "3200")
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert text.startswith(
        "With “later” the expected loss is USD 30.00 million lower (± 0) and the revenue at risk 95 % is USD 30.00 "
        "million lower (± 0), compared with “certain”. Both are distinguishable from 0."
    )
    assert "A certain: A certain exit B later: Later" in text
    rows = {line[:24].strip(): line.split()[-5:] for line in done.stdout.splitlines()}
    assert rows["expected loss"] == ["60.00", "30.00", "−30.00", "±", "0"]
    assert rows["expected baseline"][-3:] == ["480.0", "480.0", "0"]
    assert f"{MONTH} A 2025-07 certain.yaml:{line_of(CERTAIN, 'timing')} B 2025-10 later.yaml:4" in text


def test_one_change_in_one_line(inside: Run, even: str) -> None:
    done = inside("compare", even, "--with", f"{PROBABILITY}=0.25", "--paths", "4000", "--sampling", "plain", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    assert [one["label"] for one in data["scenarios"]] == ["even", f"{PROBABILITY}=0.25"]
    loss = data["differences"][0]["measures"]["expected_loss"]
    # Mean -15, standard error sqrt(675 / 4000) = 0.41: five of them, a false alarm in 1.7 million.
    assert abs(loss["value"] + 15) < 2.1
    assert loss["standard_error"] == pytest.approx(0.41, rel=0.1)
    (one,) = data["differing"]
    assert one["path"] == PROBABILITY
    assert [value["value"] for value in one["values"]] == [0.5, 0.25]
    shown = inside("compare", even, "--with", f"{PROBABILITY}=0.25", "--with", "name=Other", "--paths", "64").stdout
    assert "B  0.25  --with" in shown
    assert "95 % interval" in shown


def test_set_is_of_all_and_not_what_differs(inside: Run, even: str) -> None:
    done = inside(
        "compare", even, "--set", "months=6", "--set", f"{MONTH}=2025-01", "--with", f"{PROBABILITY}=1", "--json"
    )
    data = json.loads(done.stdout)
    assert [one["scenario"]["months"] for one in data["scenarios"]] == [6, 6]
    assert [one["path"] for one in data["differing"]] == [PROBABILITY]
    assert data["run"]["paths"] == 512  # the scenario's own 400, rounded up to 16 times 32
    assert data["scenarios"][1]["measures"]["expected_loss"]["value"] == pytest.approx(60)


def test_tables_of_several_fit(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in ("80", "60"):
        monkeypatch.setenv("COLUMNS", width)
        done = inside(
            "compare", "tiktok", "tiktok-no-offer", "tiktok-sudden-loss", "tiktok-no-commitment", "--paths", "2000"
        )
        lines = done.stdout.splitlines()
        assert max(map(columns, lines)) <= int(width)
        assert "\x1b" not in done.stdout
        heads = [line.split() for line in lines if "B − A" in line or "D − A" in line]
        assert " ".join(" ".join(head) for head in heads) == "B − A C − A D − A"
    monkeypatch.setenv("COLUMNS", "80")
    (two,) = [line for line in inside("compare", "tiktok", "tiktok-no-offer", "--paths", "2000").stdout.splitlines()
              if "B − A" in line]  # fmt: skip
    assert two.split() == ["A", "B", "B", "−", "A", "95", "%", "interval"]


def test_quiet_is_the_headline(inside: Run, even: str) -> None:
    done = inside("compare", even, "--with", f"{PROBABILITY}=0", "--quiet", "--paths", "64")
    assert " ".join(done.stdout.split()).startswith(f"With “{PROBABILITY}=0” the expected loss is USD")
    assert "What differs" not in done.stdout


def test_a_note_where_periods_differ(inside: Run, even: str) -> None:
    done = inside("compare", even, "--with", "months=6", "--paths", "64")
    assert "note: The losses are of different periods: 2025-01 … 2025-12, 2025-01 … 2025-06." in " ".join(
        done.stdout.split()
    )


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["certain.yaml"], 2, "two scenarios, or one and --with"),
        ([], 2, "Missing argument 'SCENARIO...'"),
        (["certain.yaml", "latr.yaml"], 2, "did you mean later.yaml?"),
        (["certain.yaml", "--with", "events.leave.probability=0"], 2, "--with events.leave.probability=0:1:15"),
        (["certain.yaml", "--with", "months=0"], 2, "--with months=0:1:15: months"),
        (["certain.yaml", "--with", "months"], 2, "allowed is path=value"),
        (["certain.yaml", "--set", "months=0", "--with", "months=1"], 2, "--set months=0:1:14: months"),
        (["certain.yaml", "--with", "money=EUR"], 2, "cannot be compared"),
        (["-", "-"], 2, "standard input can be one of the scenarios only"),
        (["certain.yaml", "later.yaml", "--paths", "1000000000000"], 3, "GiB"),
        (["certain.yaml", "later.yaml", "--plot", "a.pdf"], 2, "ends in .svg or .png"),
        (["certain.yaml", "later.yaml", "--plot", "no/a.svg"], 4, "there is no folder no"),
    ],
)
def test_what_is_refused(inside: Run, words: list[str], code: int, said: str) -> None:
    done = inside("compare", *words)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    as_data = inside("compare", *words, "--json")
    assert as_data.returncode == code
    assert said in str(json.loads(as_data.stdout)["error"])


def test_a_picture_and_standard_input(cli: Run, even: str, tmp_path: Path) -> None:
    done = cli("compare", "-", even, "--paths", "64", "--plot", "both.svg", stdin=EVEN)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "both.svg").read_bytes().startswith(b"<?xml")
    assert "No numbers differ." in done.stdout
    assert "No difference shows on 64 paths." in " ".join(done.stdout.split())
