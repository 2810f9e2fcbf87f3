"""``run``: the table, the JSON document, conditions on measures, colours."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path

import pytest

from sim.answers.run import run
from sim.cli.thresholds import threshold
from sim.errors import UsageError
from sim.estimates.estimate import Estimate
from sim.estimates.measures import Estimates
from sim.language import load_text
from tests.by_hand import CERTAIN, EVEN
from tests.command import Run


def test_a_table_for_a_reader(cli: Run, certain: str) -> None:
    done = cli("run", certain)
    assert done.returncode == 0
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == "A certain exit"
    text = " ".join(done.stdout.split())
    # RaR95 = 60 = 12.5 % of a baseline of 12 * 40 = 480.
    assert (
        "In 19 of 20 futures the loss over 2025-01 … 2025-12 does not exceed USD 60 million of the USD 480 million "
        "expected without events (13 %). On average USD 60 million is lost."
    ) in text
    rows = {line[:22].strip(): line[22:].split() for line in lines}
    assert rows["expected loss"][:3] == ["60.00", "±", "0"]
    assert rows["revenue at risk 95 %"] == ["60.00", "60.00", "…", "60.00"]
    assert rows["expected revenue"][0] == "420.0"
    assert rows["expected baseline"][0] == "480.0"
    # Its chance is 1 and its month within the horizon: no interval of a share of paths.
    assert re.search(r"One leaves +100 % +certain +2025-07$", done.stdout, re.MULTILINE)
    assert "512 quasi-random paths, seed 1 · engine: kernel" in text
    # Clean when piped: no colours, no lines drawn, nothing wider than a terminal.
    assert "\x1b" not in done.stdout
    assert not re.search("[\u2500-\u257f]", done.stdout)
    assert max(map(len, lines)) <= 80


def test_two_kinds_of_money_are_told_apart(cli: Run, certain: str) -> None:
    done = cli("run", certain, "--set", "vendor.discount_rate=0.21", "--set", "risk.target=450")
    text = " ".join(done.stdout.split())
    assert text.count("discounted to 2025-01 at 21 % a year") == 1
    # Billed are 40 a month for 6 months and 30 for 6: 420, and less with each month's discount.
    assert "The plan of USD 450 million, not discounted (expected: USD 420 million), is missed in 100 % of" in text
    discounted = sum((40 if m < 6 else 30) * 1.21 ** (-m / 12) for m in range(12))
    assert f"expected revenue {discounted:.1f} ± 0 " in text
    assert "expected revenue, not discounted 420.0 ± 0 " in text
    assert "chance to miss the target of 450, not discounted 100" in text
    # Without a discount there is one kind, and nothing is said of it.
    plain = cli("run", certain, "--set", "risk.target=450").stdout
    assert "discounted" not in plain
    assert "chance to miss the target of 450 " in plain


@pytest.mark.parametrize(
    ("unit", "times", "named", "factor"),
    [
        ("JPY", 1e10, "JPY billion", 10.0),  # a baseline of 4.8e12: 4,800 billion
        ("JPY", 1e3, "JPY", 1e3),  # of 480,000: six digits
        ("USD million", 1e4, "USD billion", 10.0),  # 4.8e6 million are 4,800 billion
        ("USD million", 1e-5, "USD", 10.0),  # 0.0048 million are 4,800 dollars
        ("credits", 1e9, "billion credits", 1.0),  # 480 billion
    ],
)
def test_amounts_of_any_size_are_readable(
    cli: Run, certain: str, unit: str, times: float, named: str, factor: float
) -> None:
    changed = {"money": unit, "customers.one.revenue": 10 * times, "customers.rest.revenue": 30 * times}
    done = cli("run", certain, *(part for key, value in changed.items() for part in ("--set", f"{key}={value}")))
    lines = done.stdout.splitlines()
    assert lines[1].endswith(f" · {named}")
    rows = {line[:22].strip(): line[22:].split() for line in lines}
    assert float(rows["expected baseline"][0].replace(",", "")) == pytest.approx(480 * factor)
    assert float(rows["expected loss"][0].replace(",", "")) == pytest.approx(60 * factor)


def test_one_json_document_in_the_documented_shape(cli: Run, even: str) -> None:
    done = cli("run", "--json", even, "--paths", "2000", "--seed", "7", "--set", "risk.target=450")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
    data = json.loads(done.stdout)
    assert data["format"] == 1
    scenario = data["scenario"]
    assert {k: scenario[k] for k in ("name", "file", "start", "months", "money")} == {
        "name": "An even chance",
        "file": "even.yaml",
        "start": "2025-01",
        "months": 12,
        "money": "USD million",
    }
    assert re.fullmatch("[0-9a-f]{64}", scenario["sha256"])
    made = data["run"]
    assert (made["engine"], made["paths"], made["seed"], made["sampling"]) == ("kernel", 2048, 7, "sobol")
    assert made["version"]
    assert made["seconds"] >= 0
    measures = data["measures"]
    assert set(measures) == {
        "expected_loss",
        "probability_of_loss",
        "revenue_at_risk",
        "expected_shortfall",
        "expected_revenue",
        "expected_baseline",
        "expected_plain_revenue",
        "probability_below_target",
    }
    assert set(measures["expected_loss"]) >= {"value", "standard_error"}
    assert set(measures["probability_of_loss"]) >= {"value", "low", "high"}
    for level in ("0.95", "0.99"):
        assert measures["revenue_at_risk"][level]["value"] == 60.0
        assert set(measures["revenue_at_risk"][level]) >= {"value", "low", "high"}
        assert set(measures["expected_shortfall"][level]) >= {"value", "standard_error", "tail_paths"}
    # Each path loses 60 or nothing: the mean is 60 times the share that loses, and revenue is below 450 where it does.
    share = measures["probability_of_loss"]["value"]
    assert measures["expected_loss"]["value"] == pytest.approx(60 * share, rel=1e-12)
    assert measures["probability_below_target"]["value"] == share
    # Nothing is discounted here, so that the two kinds of revenue are one.
    assert measures["expected_plain_revenue"]["value"] == pytest.approx(480 - 60 * share, rel=1e-12)
    # 5 standard errors of a share of 1/2 from 2000 paths: 5 * sqrt(0.25 / 2000) = 0.056; a false alarm in 1.7 million.
    assert abs(share - 0.5) < 0.056
    assert data["events"]["leaves"]["median_month"] == "2025-07"
    monthly = data["monthly"]
    assert monthly["month"][0] == "2025-01"
    assert len(monthly["month"]) == 12
    assert set(monthly["revenue"]) == {"mean", "0.05", "0.25", "0.5", "0.75", "0.95"} == set(monthly["baseline"])
    assert monthly["baseline"]["mean"] == [40.0] * 12
    assert len(monthly["hhi"]) == len(monthly["largest_share"]) == 12


def test_options_before_and_after_the_scenario_and_both_engines(inside: Run, even: str) -> None:
    before = json.loads(inside("run", "--paths", "300", "--seed", "3", "--json", even).stdout)
    after = json.loads(inside("run", even, "--json", "--engine", "model", "--seed", "3", "--paths", "300").stdout)
    assert after["run"]["engine"] == "model"
    for data in (before, after):
        del data["run"]
    assert before == after


def test_standard_input_and_overrides(cli: Run) -> None:
    # From 2025-10 on 3 months of 10 are lost.
    done = cli("run", "-", "--json", "--set", "events.leaves.timing.month=2025-10", "--paths", "100", stdin=CERTAIN)
    data = json.loads(done.stdout)
    assert data["measures"]["expected_loss"]["value"] == 30.0
    assert data["scenario"]["file"] == "<stdin>"


def test_quiet_is_the_headline_alone(inside: Run, certain: str) -> None:
    done = inside("run", certain, "--quiet")
    words = " ".join(done.stdout.split())
    assert words.startswith("In 19 of 20 futures")
    assert words.endswith("(13 %). On average USD 60 million is lost.")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("condition", "code"),
    [("revenue_at_risk.0.95 > 59", 1), ("revenue_at_risk.0.950 > 61", 0), ("expected_loss<=6e1", 1)],
)
def test_fail_if_decides_the_exit_code(inside: Run, certain: str, condition: str, code: int) -> None:
    done = inside("run", certain, "--fail-if", condition, "--json")
    assert done.returncode == code
    (verdict,) = json.loads(done.stdout)["fail_if"]
    assert verdict == {"condition": condition, "value": 60.0, "holds": code == 1}


def test_any_of_several_conditions_is_enough(inside: Run, certain: str) -> None:
    done = inside(
        "run", certain, "-q", "--fail-if", "expected_loss > 100", "--fail-if", "events.leaves.probability >= 1"
    )
    assert done.returncode == 1
    assert "fail if expected_loss > 100: no, it is 60.00" in done.stdout
    assert "fail if events.leaves.probability >= 1: yes" in done.stdout


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("revenue_at_rsk.0.95 > 1", "revenue_at_risk.0.95"),
        ("revenue_at_risk.0.9 > 1", "revenue_at_risk.0.95"),
        ("probability_below_target > 0.1", "probability_of_loss"),
        ("events.leave.probability > 0.1", "events.leaves.probability"),
        ("probability_of_loss > 50%", "0.5 for 50 %"),
        ("__import__('os').system('true') > 1", "no condition"),
        ("expected_loss > 1 or True", "no condition"),
        ("expected_loss > 1.2.3", "no number"),
        ("expected_loss == 60", "no condition"),
    ],
)
def test_a_condition_that_is_none(condition: str, told: str) -> None:
    with pytest.raises(UsageError) as refusal:
        threshold(condition, load_text(EVEN))
    assert told in str(refusal.value)


def test_a_condition_on_what_cannot_be_estimated_is_no_yes() -> None:
    condition, result = threshold("expected_shortfall.0.95 > 1", load_text(EVEN)), run(load_text(EVEN), paths=16)
    with pytest.raises(UsageError, match="cannot be estimated"):
        condition.holds(replace(result, estimates=Estimates({"expected_shortfall": {"0.95": Estimate(math.nan)}})))


def test_no_color_and_a_terminal_that_shows_them(tmp_path: Path, certain: str) -> None:
    pty = pytest.importorskip("pty")
    import os
    import subprocess

    from tests.command import command, environment

    def shown(*words: str, **environ: str) -> str:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            command("run", certain, *words),
            cwd=tmp_path,
            stdout=slave,
            stdin=slave,
            stderr=slave,
            env=environment(**environ),
        )
        os.close(slave)
        text = b""
        try:
            while piece := os.read(master, 4096):
                text += piece
        except OSError:  # the end, on Linux
            pass
        os.close(master)
        assert process.wait(30) == 0
        return text.decode()

    assert "\x1b[1m" in shown()
    assert "\x1b" not in shown(NO_COLOR="1")
    assert "\x1b" not in shown("--no-color")


def test_a_run_on_request(inside: Run, even: str) -> None:
    done = inside("run", even, "--sampling", "sobol", "--paths", "1000")
    assert done.returncode == 0
    assert "1,024 quasi-random paths, seed 1" in " ".join(done.stdout.split())
    # One stratified draw decides: half of every power of two of paths, so that the mean is 30.
    assert json.loads(inside("run", even, "--sampling", "sobol", "--json").stdout)["measures"]["expected_loss"][
        "value"
    ] == pytest.approx(30, abs=1.5)


BY_YEAR = CERTAIN.replace("start: 2025-01", "start: 2025-03") + "risk: {year_starts: 7}\n"
"""March 2025 to February 2026, 40 a month; One's 10 are gone from July on, so that FY2025 loses nothing, FY2026 80."""


def test_a_table_by_year(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "by_year.yaml").write_text(BY_YEAR, encoding="utf-8")
    done = cli("run", "by_year.yaml")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("year"))
    assert lines[at].split("  ")[-1] == "RaR 95 %"
    assert " ".join(lines[at + 1].split()) == "FY2025 (4 mo.) 160.0 ± 0 160.0 ± 0 0.0 ± 0 0.0 (0.0 … 0.0)"
    assert " ".join(lines[at + 2].split()) == "FY2026 (8 mo.) 240.0 ± 0 320.0 ± 0 80.00 ± 0 80.00 (80.00 … 80.00)"
    assert all(len(line) <= 80 for line in lines)
    found = json.loads(cli("run", "by_year.yaml", "--json").stdout)["periods"]
    assert [(one["name"], one["first"], one["months"], one["complete"]) for one in found if one["kind"] == "year"] == [
        ("FY2025", "2025-03", 4, False), ("FY2026", "2025-07", 8, False),
    ]  # fmt: skip


def test_one_year_has_no_table(cli: Run, certain: str) -> None:
    assert not [line for line in cli("run", certain).stdout.splitlines() if line.startswith("year")]


def test_a_table_by_year_of_few_paths(inside: Run, tmp_path: Path) -> None:
    """One independent path has no errors, 40 no upper end; the table of measures says why, that of years has none."""
    (tmp_path / "by_year.yaml").write_text(
        BY_YEAR.replace("timing:", "probability: 0.5\n    timing:"), encoding="utf-8"
    )
    for paths, shape in (("1", r"FY2026 \(8 mo\.\) +\S+ +320\.0 +\S+ +\S+"), ("40", r"FY2026 .*\(\S+ … \?\)")):
        lines = inside("run", "by_year.yaml", "--paths", paths, "--sampling", "plain").stdout.splitlines()
        assert [line for line in lines if re.fullmatch(shape, line)]
