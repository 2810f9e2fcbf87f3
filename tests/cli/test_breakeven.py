"""``breakeven`` on the command line."""

from __future__ import annotations

import json

import pytest

from tests.by_hand import EVEN, PROBABILITY
from tests.command import Run


def test_each_copy_of_an_event_needs_simulations_of_its_own(inside: Run, tmp_path) -> None:
    text = EVEN.replace("    hits: one\n", "    hits: all\n    each: true\n")
    (tmp_path / "copies.yaml").write_text(text)
    done = inside("breakeven", "copies.yaml", "--axis", PROBABILITY, "--threshold", "10")
    assert done.returncode == 2
    assert "needs a simulation for each of its values" in done.stderr


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
