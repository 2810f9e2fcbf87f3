"""The command as a process: how tests start it, and in what environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

Run = Callable[..., "subprocess.CompletedProcess[str]"]
"""The fixtures ``cli``, a process of its own, and ``inside``, this one."""


def environment(**changes: str) -> dict[str, str]:
    """Give the environment of a child: the package of this checkout, no colours asked for or forbidden."""
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **changes}


def command(*words: str) -> list[str]:
    """Give the words that start the command."""
    return [sys.executable, "-m", "sim", *words]
