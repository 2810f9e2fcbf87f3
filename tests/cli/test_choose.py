"""``choose`` and ``worth`` as commands: what they say, fit and write, and how they refuse."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.answers.choosing import OFFER, SOON
from tests.command import Run


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "case.yaml").write_text(json.dumps(SOON), encoding="utf-8")
    return "case.yaml"


def flat(text: str) -> str:
    return " ".join(text.split())


def test_choose_fits_and_says_which_is_better(cli: Run, file: str) -> None:
    done = cli("choose", file, "--require", "probability_of_loss < 0.5", COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    said, lines = flat(done.stdout), done.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert "An offer On average over doubt “The offer” has USD 5" in said
    assert "million more revenue, net of cost, than “as_it_is”. It is the best one in 6" in said
    assert "is regretted of it, of “as_it_is” USD 20" in said
    worth, regret = (
        next(line.split() for line in lines[k:] if line.startswith("The offer"))[2:]
        for k in (lines.index(next(line for line in lines if line.startswith(head))) for head in ("over", "regret"))
    )
    # 339.6 - 189 p on average, at p = 0.77 and 0.23, and 51 p - 20.4 more.
    assert [float(cell) for cell in worth] == pytest.approx([245.1, 194.1, 296.1, 5.1], abs=2)
    assert [float(cell) for cell in regret[:4]] == pytest.approx([1.7, 8.7, 10.2, 67], abs=2)
    assert "required as_it_is The offer probability_of_loss < 0.5" in said
    assert "The 5 and 95 % points rest on few draws: 13 lie beyond each." in said
    assert "256 draws of 1 number in doubt under 2 choices on 1,024 quasi-random paths each · seed 1" in said


def test_worth_fits_and_says_what_is_worth_knowing(cli: Run, tmp_path: Path) -> None:
    source = json.loads(json.dumps(SOON))
    source["customers"]["other"] = {"revenue": 100}
    source["doubt"]["numbers"]["customers.other.revenue"] = {"p10": 80, "p90": 130}
    (tmp_path / "case.yaml").write_text(json.dumps(source), encoding="utf-8")
    done = cli("worth", "case.yaml", COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    said, lines = flat(done.stdout), done.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert "Knowing all 2 numbers in doubt before choosing is worth USD 1." in said
    assert "Worth most alone: events.leaves.probability (USD 1." in said
    rows = {line.split("  ")[0]: line.split("  ")[1:] for line in lines}
    assert "–" in "".join(rows["customers.other.revenue"])
    assert float("".join(rows["events.leaves.probability"]).split("±")[0]) == pytest.approx(1.7, abs=0.2)
    assert "–: not above" in said


def test_quiet_says_the_answer_alone(inside: Run, file: str) -> None:
    for command, begins in (("choose", "On average over doubt"), ("worth", "Knowing the one number in doubt")):
        done = inside(command, file, "-q", "--paths", "64")
        assert flat(done.stdout).startswith(begins)
        assert "seed" not in done.stdout


def test_options_reach_the_question(inside: Run, file: str) -> None:
    words = ("--draws", "300", "--paths", "100", "--seed", "7", "--json")
    for command in ("choose", "worth"):
        told = json.loads(inside(command, file, *words).stdout)
        assert {key: told["run"][key] for key in ("draws", "paths", "seed")} == {"draws": 512, "paths": 128, "seed": 7}
    told = json.loads(inside("choose", file, *words, "--objective", "revenue_at_risk.0.950", "--paths", "512").stdout)
    assert told["objective"] == {"measure": "revenue_at_risk.0.95", "more_is_better": False}
    changed = json.loads(inside("choose", file, *words, "--set", "choices.offer.cost=100").stdout)
    assert changed["best_on_average"] == "as_it_is"
    assert changed["choices"]["offer"]["cost"] == 100


def test_tables_and_a_picture_are_written(inside: Run, file: str, tmp_path: Path) -> None:
    done = inside("choose", file, "--paths", "64", "--csv", "all.csv", "--plot", "all.svg", "--require",
                  "net_revenue > 250")  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(io.StringIO((tmp_path / "all.csv").read_text(encoding="utf-8"))))
    assert {row["choice"] for row in rows} == {"as_it_is", "offer"}
    assert {row["of"] for row in rows} == {
        "mean", "p5", "p95", "gain", "mean_regret", "p95_regret", "largest_regret", "share_best", "share_not_worse",
        "share_required",
    }  # fmt: skip
    assert {row["to"] for row in rows if row["of"] == "share_required"} == {"net_revenue > 250"}
    assert (tmp_path / "all.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert inside("worth", file, "--paths", "64", "--csv", "worth.csv").returncode == 0
    (whole, one) = csv.DictReader(io.StringIO((tmp_path / "worth.csv").read_text(encoding="utf-8")))
    assert (whole["path"], one["path"]) == ("", "events.leaves.probability")


@pytest.mark.parametrize("command", ["choose", "worth"])
def test_what_can_not_be_asked_is_refused(inside: Run, file: str, command: str, tmp_path: Path) -> None:
    for change, words in (("choices=null", "it names no choices"), ("doubt=null", "no number of it is in doubt")):
        done = inside(command, file, "--set", change)
        assert done.returncode == 2
        assert words in done.stderr
        assert "help:" in done.stderr
    wild = json.loads(json.dumps(OFFER))
    wild["doubt"] = {"numbers": {"customers.one.revenue": {"p10": 1e-50, "p50": 10, "p90": 1e59}}, "draws": 256}
    (tmp_path / "wild.yaml").write_text(json.dumps(wild), encoding="utf-8")
    done = inside(command, "wild.yaml", "--paths", "16")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_measures_and_conditions_that_are_none_are_refused(inside: Run, file: str) -> None:
    for words, found in (
        (("--objective", "revenu"), "nearest: net_revenue"),
        (("--objective", "probability_below_target"), "allowed are"),
        (("--objective", "expected_shortfall.0.97"), "expected_shortfall.0.95"),
        (("--objective", "revenue_at_risk.0.99"), "10.2 of 1,024 paths lie beyond 99 %"),
        (("--require", "revenue_at_risk.0.99 < 5"), "10.2 of 1,024 paths lie beyond 99 %"),
        (("--require", "net_revenue is 5"), "which is no condition"),
        (("--require", "net_revenu < 5"), "nearest: net_revenue"),
        (("--draws", "100"), "256"),
    ):
        done = inside("choose", file, *words)
        assert done.returncode == 2, words
        assert found in done.stderr, done.stderr


def test_the_bundled_case_has_choices(inside: Run) -> None:
    told = json.loads(inside("choose", "tiktok-choices", "--draws", "256", "--paths", "64", "--json").stdout)
    assert list(told["choices"]) == ["with_offer", "no_offer", "more_committed"]
    assert told["choices"]["no_offer"]["not_in_doubt"] == [
        "levers.retention_offer.discount", "levers.retention_offer.months", "levers.retention_offer.acceptance"
    ]  # fmt: skip
    shares = [one["share_best"]["value"] for one in told["choices"].values()]
    assert sum(shares) >= 1
