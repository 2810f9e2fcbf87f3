"""``check``: a valid scenario in words and as data."""

from __future__ import annotations

import json
from pathlib import Path

from tests.by_hand import CERTAIN
from tests.command import Run

CAPACITY = CERTAIN.replace("{name: The vendor}", "{name: The vendor, capacity: {initial: 30, growth: 0.1}}")


def test_a_valid_scenario_in_words(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(CAPACITY)
    done = cli("check", "case.yaml")
    assert done.returncode == 0
    assert done.stderr == ""
    text = " ".join(done.stdout.split())
    assert "valid · case.yaml" in text
    assert "12 months, 2025-01 … 2025-12" in text
    assert "2 customers of The vendor, together 40 a month" in text
    assert "Customer One: 10 (25 %), does not grow. No contract." in text
    assert "certain to arise in 2025-07; befalls Customer One. At once usage falls to nothing, for good." in text
    # Capacity 30 of a demand of 40: three quarters are served.
    assert "below the 40 that customers want in 2025-01: 75 % of that is served" in text
    assert "revenue is 30, less than the customers' sum" in text
    # Numbers: capacity 2, customers 2 each, the event's `to`: 7 without a word on where they come from.
    assert "7 numbers: 0 from facts, 0 derived from facts, 0 assumed, 7 unsourced." in text
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_same_as_json(inside: Run, certain: str) -> None:
    data = json.loads(inside("check", certain, "--json", "--set", "run.seed=5").stdout)
    assert data["valid"] is True
    assert data["scenario"]["start"] == "2025-01"
    about = [paragraph["about"] for paragraph in data["says"]]
    assert about == ["period", "customers", "events", "measured"]
    assert data["evidence"] == {"numbers": 5, "fact": 0, "derived": 0, "assumption": 0, "unsourced": 5}
    assert "seed 5" in data["says"][-1]["lines"][-1]


def test_quiet_says_nothing_of_a_valid_scenario(inside: Run, certain: str) -> None:
    done = inside("check", certain, "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
