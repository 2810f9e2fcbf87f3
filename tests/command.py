"""The command as a process, and the small scenarios that it is given."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.cli import main

ROOT = Path(__file__).resolve().parents[2]

# Flat demand of 10 and 30 a month over 12 months, so a baseline of 480; `one` leaves for certain in 2025-07, at once
# and for good: 6 months of 10 are lost, 60 in all, 12.5 % of the baseline.
CERTAIN = """\
scenario: 1
name: A certain exit
start: 2025-01
months: 12
money: USD million
vendor: {name: The vendor}
customers:
  one: {name: Customer One, revenue: 10, growth: 0}
  rest: {name: The rest, revenue: 30, growth: 0, pool: true}
events:
  leaves:
    name: One leaves
    hits: one
    timing: {month: 2025-07}
    usage: {to: 0}
run: {paths: 400, seed: 1}
"""

# The same with an even chance, so half of the paths lose 60 and half nothing.
EVEN = CERTAIN.replace("    timing:", "    probability: 0.5\n    timing:").replace("A certain exit", "An even chance")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def environment(**changes: str) -> dict[str, str]:
    """Give the environment of a child: the package of this checkout, no colours asked for or forbidden."""
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **changes}


def command(*words: str) -> list[str]:
    """Give the words that start the command."""
    return [sys.executable, "-m", "sim", *words]


@pytest.fixture
def cli(tmp_path: Path) -> Run:
    """Run the command in an empty folder."""

    def run(*words: str, stdin: str | bytes = "", **environ: str) -> subprocess.CompletedProcess[str]:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            command(*words),
            input=data,
            capture_output=True,
            cwd=tmp_path,
            env=environment(**environ),
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        )

    return run


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command within this process, in the same empty folder: faster, where one of its own adds nothing."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        code = main(list(words))
        shown = capsys.readouterr()
        return subprocess.CompletedProcess(list(words), code, shown.out, shown.err)

    return run


@pytest.fixture
def certain(tmp_path: Path) -> str:
    """Name of a file with the certain exit, in the folder where the command runs."""
    (tmp_path / "certain.yaml").write_text(CERTAIN)
    return "certain.yaml"


@pytest.fixture
def even(tmp_path: Path) -> str:
    """Name of a file with the even chance."""
    (tmp_path / "even.yaml").write_text(EVEN)
    return "even.yaml"
