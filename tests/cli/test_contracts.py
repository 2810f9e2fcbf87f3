"""``init --contract``: each kind of contract as a scenario that runs, whose words say its clauses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sim
from sim.cli.init import CONTRACTS
from tests.command import Run

KINDS = sorted(file.stem for file in CONTRACTS.glob("*.yaml"))

SAID = {
    "annual-commit": (
        "one term of 36 months from 2024-07, which is not renewed",
        "80 % of the volume at the last renewal, held against use by the year",
        "What is short of it is billed in 2025-06, 2026-06 and 2027-06.",
        "From 2027-07 on nothing is committed, and use goes on by the month.",
        "The commitment stands until it ends.",
    ),
    "term-commit-money": (
        "36 months at a time, under way since 2024-07, a commitment to 900 for a term in money",
        "What is short of it is billed in 2027-06.",
        "Who leaves for good by its own choice pays 70 % of what is left of the term's minimum",
        "It renews in 2027-07 for 36 months, for 900 a term again.",
        "A renewal is taken to be agreed unless an event keeps the customer from it.",
    ),
    "seats-auto-renew": (
        "12 months at a time",
        "renewed by itself unless notice is given 3 months before",
        "a chance of 10 % at each renewal from 2026-04 on to arise, 3 months before it, at most once",
        "The commitment stands, and is renewed for what is left.",
    ),
    "ramp": (
        "one term of 36 months from 2025-04, which is not renewed",
        "a commitment to 120 from 2025-04, 200 from 2026-04, 280 from 2027-04 a year in money",
        "What is above a minimum does not count towards later ones.",
    ),
    "take-or-pay": (
        "12 months at a time from 2025-01",
        "held against use by the quarter, use above it counting towards all later ones of the term",
        "What is short of it is billed each March, June, September and December, from 2025-03 to 2028-12.",
    ),
    "pay-as-you-go": ("Contract: 1 month's notice.",),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_runs_and_says_its_clauses(cli: Run, kind: str) -> None:
    done = cli("init", "mine.yaml", "--contract", kind)
    assert (done.returncode, done.stderr) == (0, "")
    checked = " ".join(cli("check", "mine.yaml").stdout.split())
    assert "valid" in checked
    for words in SAID[kind]:
        assert words in checked
    assert "0 unsourced" in checked
    assert cli("run", "mine.yaml", "--paths", "256", "--quiet").returncode == 0


def test_the_kinds_differ_as_their_contracts_do() -> None:
    """A minimum lessens what a leaving customer takes away: whoever pays as it goes takes all of it."""

    def lost(kind: str) -> float:
        # Price cuts and force majeure apart, all have the same customer leave at the same time.
        scenario = sim.load(CONTRACTS / f"{kind}.yaml")
        others = {f"events.{event.id}": None for event in scenario.events if event.id != "leaves"}
        return float(sim.run(scenario.with_(others) if others else scenario, paths=1024).loss.mean())

    bare = lost("pay-as-you-go")
    assert all(lost(kind) < bare for kind in ("annual-commit", "term-commit-money", "take-or-pay"))


def test_they_are_listed(cli: Run) -> None:
    listed = cli("init", "--contract", "list").stdout
    assert all(kind in listed for kind in KINDS)
    data = json.loads(cli("init", "--contract", "list", "--json").stdout)
    assert [one["name"] for one in data["contracts"]] == KINDS


def test_another_kind_is_refused_with_the_nearest(cli: Run, tmp_path: Path) -> None:
    done = cli("init", "mine.yaml", "--contract", "anual-commit")
    assert done.returncode == 2
    assert "there is no kind 'anual-commit'" in done.stderr
    assert "nearest: annual-commit" in done.stderr
    assert not (tmp_path / "mine.yaml").exists()
