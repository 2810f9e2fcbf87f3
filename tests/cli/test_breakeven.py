"""``breakeven`` on the command line."""

from __future__ import annotations

import json

import pytest

from tests.by_hand import EVEN, PROBABILITY
from tests.command import Run


def test_a_scenario_of_one_level_has_a_default_measure(inside: Run, tmp_path) -> None:
    (tmp_path / "ninety.yaml").write_text(f"{EVEN}risk: {{levels: [0.9]}}\n")
    done = inside("breakeven", "ninety.yaml", "--axis", PROBABILITY, "--threshold", "30")
    assert done.returncode == 0, done.stderr
    # Nothing is lost on 1 - p of the paths: the quantile at 90 % is 0 up to p = 0.1.
    assert "Revenue at risk 90 % reaches USD 30.00 million at 0.1 " in " ".join(done.stdout.split())


def test_a_number_that_is_simulated_value_by_value(inside: Run, tmp_path) -> None:
    (tmp_path / "one.yaml").write_text(EVEN.replace("probability: 0.5", "probability: 1"))
    arguments = ("--axis", "customers.one.revenue", "--measure", "expected_loss", "--threshold", "90")
    done = inside("breakeven", "one.yaml", *arguments)
    assert done.returncode == 0, done.stderr
    # Six months of the revenue are lost.
    assert "Expected loss reaches USD 90.00 million at 15 (" in " ".join(done.stdout.split())


def test_the_command_in_words_and_as_json(cli: Run, inside: Run, even: str) -> None:
    arguments = ("breakeven", even, "--axis", PROBABILITY, "--measure", "expected_loss", "--threshold")
    done = cli(*arguments, "24", "--json")
    assert done.returncode == 0
    assert done.stderr == ""
    data = json.loads(done.stdout)
    assert (data["axis"], data["measure"], data["threshold"], data["base"]) == (PROBABILITY, "expected_loss", 24.0, 0.5)
    assert data["value"] == pytest.approx(0.4)
    assert set(data["crossings"][0]) == {
        *("value", "low", "high", "rising", "before", "after", "rests_from", "rests_to")
    }
    assert data["range"]["to"]["value"] == pytest.approx(60)
    text = " ".join(inside(*arguments, "24").stdout.split())
    assert "Expected loss reaches USD 24.00 million at 0.4 " in text
    assert "the scenario stands at 0.5" in text
    never = inside(*arguments, "61")
    assert never.returncode == 0
    assert "Expected loss stays below USD 61.00 million over the whole range: no breakeven." in " ".join(
        never.stdout.split()
    )
    leap = " ".join(inside("breakeven", even, "--axis", PROBABILITY, "--threshold", "30").stdout.split())
    assert "leaping from USD 0 million to USD 60.00 million" in leap
