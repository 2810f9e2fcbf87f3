"""One measure, one value: whatever a command prints of the base case, its own base line says what it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.command import Run

PROBABILITY = "events.in_house_llm.probability"
MEDIAN = "events.in_house_llm.timing.lognormal.median"
BASE = re.compile(
    r"Base(?: \([^)]*\)| “[^”]*”)?: ([^()]*) \(([0-9,]+) (independent|quasi-random) paths, seed ([0-9]+)\)"
)


def amount(text: str) -> float:
    return float(text.replace(",", ""))


def same(printed: str, value: float) -> bool:
    """Whether a printed number is a value, rounded to the digits that it has."""
    decimals = len(printed.partition(".")[2])
    return abs(amount(printed) - value) <= 0.5 * 10**-decimals + 1e-9


def of_tornado(data: dict[str, Any]) -> dict[str, float]:
    return {"revenue at risk 95 %": data["base"]["revenue_at_risk"]["value"],
            "expected loss": data["base"]["expected_loss"]["value"]}  # fmt: skip


def of_attribution(data: dict[str, Any]) -> dict[str, float]:
    total = data["total"]
    return {"expected loss": total["expected_loss"]["value"],
            "expected shortfall 95 %": total["expected_shortfall"]["0.95"]["value"]}  # fmt: skip


def of_comparison(data: dict[str, Any]) -> dict[str, float]:
    measures = data["scenarios"][0]["measures"]
    return {"expected loss": measures["expected_loss"]["value"],
            "revenue at risk 95 %": measures["revenue_at_risk"]["0.95"]["value"]}  # fmt: skip


def of_sweep(data: dict[str, Any]) -> dict[str, float]:
    return {"revenue at risk 95 %": data["at_base"]["revenue_at_risk"]["0.95"]["value"]}


def of_breakeven(data: dict[str, Any]) -> dict[str, float]:
    return {"revenue at risk 95 %": data["at_base"]["value"]}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["tornado", "tiktok"], of_tornado),
        (["attribute", "tiktok"], of_attribution),
        (["compare", "tiktok", "tiktok-no-commitment"], of_comparison),
        (["compare", "tiktok", "tiktok-no-commitment", "--sampling", "sobol"], of_comparison),
        (["sweep", "tiktok", "--axis", f"{PROBABILITY}=0,0.6,1", "--axis", f"{MEDIAN}=18,30"], of_sweep),
        (["sweep", "tiktok", "--axis", f"{MEDIAN}=18,30", "--sampling", "plain"], of_sweep),
        (["breakeven", "tiktok", "--axis", PROBABILITY, "--threshold", "1700"], of_breakeven),
    ],
    ids=lambda given: " ".join(given[:1] + given[2:3]) if isinstance(given, list) else "",
)
def test_a_command_says_once_what_it_starts_from(
    inside: Run, words: list[str], told: Callable[[dict[str, Any]], dict[str, float]]
) -> None:
    text = " ".join(inside(*words, "--paths", "512", COLUMNS="80").stdout.split())
    data = json.loads(inside(*words, "--paths", "512", "--json").stdout)
    found = BASE.findall(text)
    assert len(found) == 1, text
    said, paths, kind, seed = found[0]
    run = data["run"]
    assert (amount(paths), int(seed)) == (run["paths"], run["seed"])
    assert kind == {"plain": "independent", "sobol": "quasi-random"}[run["sampling"]]
    wanted = told(data)
    printed = dict(re.findall(r"([a-z][a-z ]+(?: 95 %)?) USD ([0-9,.]+)", said))
    assert list(printed) == list(wanted)
    for name, value in wanted.items():
        assert same(printed[name], value)
    # What else is printed of the base case is the same: in a sentence, in the marked cell, in the first column.
    for other in re.findall(r"\(base ([0-9,.]+[0-9])", text) + re.findall(r"([0-9,.]+)\*", text):
        if other != "30":  # the marked value of an axis
            assert same(other, wanted["revenue at risk 95 %"])
    if words[0] == "compare":
        for name, value in wanted.items():
            row = re.search(rf" {name} ([0-9,.]+) ", text[text.index("B − A") :])
            assert row is not None
            assert same(row[1], value)


@pytest.mark.parametrize(("sampling", "kind"), [("plain", "independent"), ("sobol", "quasi-random")])
def test_a_run_says_which_paths_its_values_come_from(inside: Run, sampling: str, kind: str) -> None:
    words = ["run", "tiktok", "--paths", "512", "--sampling", sampling]
    text = " ".join(inside(*words).stdout.split())
    at_risk = json.loads(inside(*words, "--json").stdout)["measures"]["revenue_at_risk"]["0.95"]["value"]
    row = re.search(r"revenue at risk 95 % ([0-9,.]+) ", text)
    assert row is not None
    assert same(row[1], at_risk)
    assert f"512 {kind} paths, seed 1" in text
