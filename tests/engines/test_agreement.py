"""The two engines held against each other path by path, on every bundled scenario and on generated ones.

``test_mutants.py`` shows that the comparison can fail, ``tests/answers/test_verify.py`` what it compares.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.answers.verify import RULES, TOLERANCE, verify
from tests.command import ROOT
from tests.scenarios import one_agreement, scenarios

BUNDLED = sorted((ROOT / "scenarios").glob("*.yaml"))
BUNDLED_PATHS = 300

EXAMPLES = 240
PATHS = 20
LEAST_RATE = 0.05
RARER = {"buyout", "carried over", "notice too late", "not renewed", "floor", "another outcome"}
"""What takes several things at once; a floor on each month and an only term are one form of many."""

LEAST_OF_RARER = 0.01


@pytest.mark.parametrize("file", BUNDLED, ids=lambda file: file.stem)
def test_engines_agree_on_a_bundled_scenario(file: Path) -> None:
    agreement = verify(file, paths=BUNDLED_PATHS)
    assert agreement.paths == BUNDLED_PATHS
    assert agreement.agree, agreement.differences
    assert agreement.largest <= TOLERANCE


def test_there_are_bundled_scenarios() -> None:
    assert len(BUNDLED) >= 2


def test_engines_agree_on_generated_scenarios() -> None:
    """On scenarios from the whole language; each rule must have had its say on enough of the paths."""
    acted: Counter[str] = Counter()
    paths = 0

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=scenarios() | one_agreement(), seed=st.integers(0, 2**64))
    def agree(data: dict[str, Any], seed: int) -> None:
        nonlocal paths
        agreement = verify(data, paths=PATHS, seed=seed)
        assert agreement.agree, agreement.differences
        acted.update(agreement.acted)
        paths += PATHS

    agree()
    rates = {rule: acted[rule] / paths for rule in RULES}
    print(f"\nrules at work, in % of {paths:,} generated paths:")
    for rule, rate in rates.items():
        print(f"  {rule:18} {100 * rate:5.1f}")
    assert paths >= EXAMPLES * PATHS
    least = {rule: LEAST_OF_RARER if rule in RARER else LEAST_RATE for rule in RULES}
    assert {rule: rate for rule, rate in rates.items() if rate < least[rule]} == {}
