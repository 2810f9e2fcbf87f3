"""``drivers`` and ``where`` as commands, and draws that are kept: what they say, fit, write, and how they refuse."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.by_hand import EVEN
from tests.command import Run

DOUBT = (
    "doubt: {numbers: {events.leaves.probability: {low: 0, high: 0.2}, events.leaves.usage.to: {low: 0, high: 0.5}}, "
    "draws: 256}\n"
)
ASKED = "revenue_at_risk.0.95 > 48"
SHORT = ("--paths", "512")


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "case.yaml").write_text(EVEN.replace("probability: 0.5", "probability: 0.1") + DOUBT)
    return "case.yaml"


def flat(text: str) -> str:
    return " ".join(text.split())


def test_drivers_fit_and_say_what_moves_it(cli: Run, file: str) -> None:
    done = cli("drivers", file, "--measure", "expected_loss", *SHORT, COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    said = flat(done.stdout)
    # 60 p (1 - to): of p 0 to 0.2 and to 0 to 0.5 nearly all is p's.
    assert "An even chance What moves expected loss most over doubt, by the share of its variance that goes" in said
    assert "Probability that" in said
    lines = done.stdout.splitlines()
    assert all(len(line) <= 80 for line in lines)
    head = next(k for k, line in enumerate(lines) if line.startswith("number in doubt"))
    assert lines[head].split() == ["number", "in", "doubt", "alone", "with", "others", "in", "the", "tail", "direction"]
    assert "others, and what no pair explains" in done.stdout
    assert "256 draws of 2 numbers in doubt on 512 quasi-random paths each · seed 1" in said


def test_drivers_as_json_table_and_picture(inside: Run, file: str, tmp_path: Path) -> None:
    done = inside("drivers", file, *SHORT, "--json", "--plot", "d.svg", "--csv", "d.csv")
    told = json.loads(done.stdout)
    assert list(told) == [
        "format", "scenario", "run", "measure", "beyond", "drivers", "others", "floor", "tail_floor", "why"
    ]  # fmt: skip
    assert [row["path"] for row in told["drivers"]] == ["events.leaves.probability", "events.leaves.usage.to"]
    for row in told["drivers"]:
        for index in ("first_order", "direction"):
            assert row[index]["low"] <= row[index]["value"] <= row[index]["high"]
    assert (told["run"]["draws"], told["run"]["paths"], told["measure"]) == (256, 512, "revenue_at_risk.0.95")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "d.csv").read_text(encoding="utf-8-sig"))))
    assert float(rows[0]["value"]) == told["drivers"][0]["first_order"]["value"]
    assert "<svg" in (tmp_path / "d.svg").read_text(encoding="utf-8")
    again = inside("drivers", file, *SHORT, "-q", "--csv", "d.csv", "--plot", "d.svg")
    assert again.returncode == 0  # files of ours are replaced


def test_where_fits_and_tells_the_box(cli: Run, file: str, tmp_path: Path) -> None:
    done = cli("where", file, ASKED, "--paths", "1024", "--plot", "w.png", "--csv", "w.csv", COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    said = flat(done.stdout)
    assert f"{ASKED} holds in " in said
    assert "- Probability that “One leaves” ever arises: 0.0" in said
    assert "density" in said
    assert (tmp_path / "w.png").read_bytes().startswith(b"\x89PNG")
    assert "box, held out,density," in (tmp_path / "w.csv").read_text(encoding="utf-8-sig").replace('"', "")
    told = json.loads(cli("where", file, ASKED, "--json").stdout)
    assert list(told) == [
        "format", "scenario", "run", "condition", "share", "outside", "box", "density", "coverage", "mass", "held_out",
        "tree", "why",
    ]  # fmt: skip
    assert [side["path"] for side in told["box"]] == ["events.leaves.probability", "events.leaves.usage.to"]
    assert min(told["density"]["value"], told["held_out"]["coverage"]["value"]) > 0.9


def test_a_tree_is_grown(inside: Run, file: str) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is in the extra `doubt`")
    done = inside("where", file, ASKED, *SHORT, "--tree")
    assert "leaf of the tree" in done.stdout
    assert "of the leaves above half" in done.stdout


def test_without_scikit_learn_a_tree_is_refused_before_any_work(
    inside: Run, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    known = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *_: None if name == "sklearn" else known(name))
    monkeypatch.setattr("sim.answers.simulated.ensemble", lambda *_, **__: pytest.fail("drawn"))
    done = inside("where", file, ASKED, "--tree")
    assert done.returncode == 2
    assert "pip install 'switchrisk[doubt]'" in done.stderr


def test_draws_are_kept_and_used_again(cli: Run, inside: Run, file: str, tmp_path: Path) -> None:
    kept = cli("doubt", file, *SHORT, "--out", "kept", "--json")
    assert kept.returncode == 0, kept.stderr
    assert "Written to kept: " in kept.stderr
    for words in (("drivers", "--measure", "expected_loss"), ("where", ASKED), ("doubt",)):
        name, *rest = words
        anew = json.loads(inside(name, file, *rest, *SHORT, "--json").stdout)
        again = json.loads(inside(name, *rest, "--from", "kept", "--json").stdout)
        for record in (anew, again):
            del record["run"]["seconds"]
        assert again == anew, name
    # With the scenario named it must be the same; another one is refused.
    assert cli("drivers", file, "--from", "kept", "-q").returncode == 0
    other = cli("drivers", file, "--from", "kept", "--set", "customers.one.revenue=20")
    assert other.returncode == 2
    assert "kept: holds draws of another scenario, 'An even chance'" in flat(other.stderr)
    assert cli("verify", "kept").returncode == 0
    # The scenario is gone, what was kept is enough.
    (tmp_path / file).unlink()
    assert cli("doubt", "--from", "kept", "-q").stdout.startswith("At the file’s numbers")


def test_drivers_and_where_keep_draws_too(inside: Run, file: str) -> None:
    first = inside("drivers", file, *SHORT, "--out", "kept", "--json")
    assert (
        json.loads(first.stdout)["drivers"]
        == json.loads(inside("drivers", "--from", "kept", "--json").stdout)["drivers"]
    )
    assert inside("where", file, ASKED, *SHORT, "--out", "kept", "-q").returncode == 0  # results of ours are replaced


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["drivers", "{file}", "--measure", "loss"], "measure: found the measure 'loss'; allowed are expected_loss"),
        (["drivers", "{file}", "--beyond", "2"], "beyond: found 2.0, allowed is a share above 0 and below 1"),
        (["drivers", "{file}", "--draws", "100"], "draws: found 100, allowed is a whole number from 256 on"),
        (["drivers"], "Missing argument 'SCENARIO'"),
        (["drivers", "--from", "nowhere"], "nowhere: no folder of results"),
        (["drivers", "--from", "nowhere", "--seed", "3"], "--seed: the draws in nowhere have their own"),
        (["drivers", "--from", "nowhere", "--set", "a=1"], "--set: without SCENARIO there is nothing to set"),
        (["where", "{file}"], "Missing argument 'CONDITION'"),
        (["where", "{file}", "revenue_at_risk.0.95", ">", "3"], "a condition with spaces wants quotes"),
        (["where", "{file}", "revenue_at_risk > 3"], "CONDITION: found the measure 'revenue_at_risk'"),
        (["where", "{file}", "expected_loss >"], "CONDITION: found 'expected_loss >', which is no condition"),
        (["drivers", "{file}", "--out", "case.yaml"], "case.yaml: is a file"),
        (["drivers", "{file}", "--plot", "d.pdf"], "a picture's name ends in .svg or .png"),
    ],
)
def test_what_can_t_be_is_refused_with_a_reason(
    inside: Run, file: str, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = inside(*(word.format(file=file) for word in words))
    assert done.returncode in (2, 4)
    assert said in flat(done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_folder_with_a_run_has_no_draws(inside: Run, file: str) -> None:
    assert inside("run", file, "--paths", "64", "--out", "kept").returncode == 0
    done = inside("drivers", "--from", "kept")
    assert done.returncode == 2
    assert "kept: holds a run, and no draws of numbers in doubt" in flat(done.stderr)
    assert "switchrisk doubt SCENARIO --out DIR" in done.stderr


@pytest.mark.parametrize("name", ["drivers", "where"])
def test_the_help_waits_for_nothing_heavy(name: str) -> None:
    program = (
        "import sys; from sim.cli import main\n"
        f"try: main(['{name}', '--help'])\n"
        "except SystemExit: pass\n"
        "print(*{'numpy', 'scipy', 'pandas', 'matplotlib', 'yaml', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == ""
