"""Time and memory of ``doubt`` on the reference case, beside as many calls of ``sim.run``.

Run it from the project's folder: ``python benchmarks/doubt.py`` (some five minutes), ``--rounds 1`` for a quick look.
Both take turns, each in a process of its own that has warmed up; medians count. Processor time is that of all threads.
``sim.run`` is called with each of the first draws' numbers by ``set``, as one would without ``doubt``, and its time is
scaled to all draws; the losses of these are held against those of ``doubt``.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

CASE = "tiktok-in-doubt"
DRAWS, PATHS = 1024, 1024
CALLS = 64
"""Calls of ``sim.run`` that are timed, of as many as there are draws."""


def measured(work: Any) -> dict[str, float]:
    """Processor and wall time of something, and the process's peak of memory after it."""
    started, clock = time.process_time(), time.perf_counter()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {"cpu": time.process_time() - started, "wall": time.perf_counter() - clock, "peak": peak / 1e6}


def doubt() -> dict[str, float]:
    """The question, and its parts."""
    import sim
    from sim.answers.ensemble import ensemble

    sim.doubt(CASE, draws=256, paths=16).to_dict()
    found = measured(lambda: sim.doubt(CASE, draws=DRAWS, paths=PATHS).to_dict())
    scenario = sim.load(CASE)
    found["drawing"] = measured(lambda: ensemble(scenario, draws=DRAWS))["cpu"]
    found["base"] = measured(lambda: sim.run(scenario))["cpu"]
    return found


def runs() -> dict[str, float]:
    """The same by calls of ``sim.run``, scaled."""
    import numpy as np

    import sim

    few = sim.doubt(CASE, draws=256, paths=PATHS)
    numbers = [
        {doubt.path: doubt.placed(value) for doubt, value in zip(few.doubts, row, strict=True)}
        for row in few.ensemble.values[:CALLS]
    ]
    sim.run(CASE, set=numbers[0], paths=PATHS)
    losses = []
    found = measured(lambda: losses.extend(sim.run(CASE, set=one, paths=PATHS).loss for one in numbers))
    np.testing.assert_array_equal(np.array(losses), few.losses[:CALLS])
    return {name: value * DRAWS / CALLS if name != "peak" else value for name, value in found.items()}


WORK = {"doubt": doubt, "runs": runs}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--work", choices=WORK)
    asked = parser.parse_args()
    if asked.work:
        print(json.dumps(WORK[asked.work]()))
        return
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in WORK}
    for _ in range(asked.rounds):
        for name in WORK:
            done = subprocess.run(
                [sys.executable, str(Path(__file__).resolve()), "--work", name],
                capture_output=True,
                text=True,
                check=True,
            )
            rounds[name].append(json.loads(done.stdout))
    own, others = ({key: statistics.median(one[key] for one in found) for key in found[0]} for found in rounds.values())
    print("| work | seen |\n|---|---|")
    print(
        f"| `doubt {CASE}`, {DRAWS:,} draws of {PATHS:,} paths | {own['cpu']:.1f} s of processor time, "
        f"{own['wall']:.1f} s |"
    )
    print(f"| … of it drawing and compiling | {own['drawing']:.1f} s |")
    print(f"| … of it the run at the file's numbers | {own['base']:.1f} s |")
    print(
        f"| {DRAWS:,} calls of `sim.run(…, set=…, paths={PATHS})`, scaled from {CALLS} | "
        f"{others['cpu']:.1f} s of processor time |"
    )
    print(f"| ratio | {others['cpu'] / own['cpu']:.1f} |")
    print(f"| memory | {own['peak']:.0f} MB |")


if __name__ == "__main__":
    main()
