"""The same process and folder as for the other commands; scenarios in files that extend each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import CERTAIN, certain, cli, even, inside

__all__ = ["certain", "cli", "even", "inside"]

LEAVES = "events.leaves.probability"
MONTH = "events.leaves.timing.month"

# Extends the certain exit: One leaves three months later, with a contract; The rest varies.
LATER = """\
scenario: 1
extends: certain.yaml
name: A later exit
customers:
  one:
    contract: {term: 12, renews: 2025-06}
  rest: {volatility: 0.2}
events:
  leaves:
    timing: {month: 2025-10}
"""

# Extends that: no contract after all, half of the usage stays, and another event.
LATEST = """\
scenario: 1
extends: later.yaml
name: A half exit
customers: {one: {contract: null}, rest: {volatility: 0.0}}
events:
  leaves: {usage: {to: 0.5}, timing: {exponential: {mean: 12}}}
  cut:
    hits: all
    probability: 0.25
    timing: {month: 2025-07}
    price: {to: 0.9}
"""


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """Folder of ``certain.yaml``, ``later.yaml`` and ``latest.yaml``, each of which extends the one before."""
    for name, text in (("certain", CERTAIN), ("later", LATER), ("latest", LATEST)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def line_of(text: str, beginning: str) -> int:
    """Number of the one line of a text that begins so, spaces aside."""
    (found,) = [n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith(beginning)]
    return found
