"""Work done in two checkouts of the project that take turns, timed by the processor.

Both are imported by one interpreter, so that only the code differs. Work that runs within a process is done in one of
its own: the script that asks for it is called again with ``--work NAME`` and prints what :func:`alone` does.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FILES = "SWITCHRISK_BENCHMARK_SCENARIOS"
SCENARIOS = Path(os.environ.get(FILES, ROOT / "scenarios"))
"""Those of the other checkout, named to its processes and ours: a later version reads what an earlier one does."""


def processor_time(command: list[str], checkout: Path) -> tuple[float, str]:
    """Seconds that a process takes of the processor, with its threads, and what it says."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    path = {"PYTHONPATH": os.pathsep.join([str(checkout), str(HERE)])}
    done = subprocess.run(command, cwd=checkout, env={**os.environ, **path}, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def told(script: str, name: str, checkout: Path) -> dict[str, Any]:
    """What some work of a script tells, done in a checkout in a process of its own."""
    said: dict[str, Any] = json.loads(processor_time([sys.executable, script, "--work", name], checkout)[1])
    return said


def alone(work: Callable[[], Any], warm: Callable[[], Any] | None = None) -> None:
    """Do some work in this process, warm, and print what it took, and what came of it."""
    import sim

    (warm or work)()
    began = time.process_time()
    found = work()
    print(json.dumps({"seconds": time.process_time() - began, "found": found, "from": sim.__file__}))


def medians(once: Callable[[Path], float], checkouts: list[Path], rounds: int) -> list[float]:
    """Median of what is measured in each checkout, taking turns."""
    seen: dict[Path, list[float]] = {checkout: [] for checkout in checkouts}
    for turn in range(rounds):
        for checkout in checkouts if turn % 2 == 0 else reversed(checkouts):
            seen[checkout].append(once(checkout))
    return [statistics.median(times) for times in seen.values()]
