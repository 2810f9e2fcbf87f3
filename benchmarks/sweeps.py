"""Speed of sweeps beside other ways of doing the same work, against the targets that the project has set itself.

Run it from the project's folder: ``python benchmarks/sweeps.py`` (a few minutes), ``--markdown`` for the table of
``docs/benchmarks.md``. Methods that are compared take turns; the median of their times counts, after one run to warm
up. The work: 21 probabilities by 21 medians of the reference work, mean loss, revenue at risk and expected shortfall at
95 % in each of the 441 cells. Ours gives errors in every cell besides.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import plain_numpy
import speed

import sim

SCENARIOS = Path(__file__).resolve().parent.parent / "scenarios"
PROBABILITY = "events.in_house_llm.probability"
MEDIAN = "events.in_house_llm.timing.lognormal.median"
GRID = {PROBABILITY: {"from": 0, "to": 1, "count": 21}, MEDIAN: {"from": 3, "to": 60, "count": 21}}
PLAIN_PATHS_FOR_A_PERMILLE = 461_000
"""Paths a cell that plain Monte Carlo needs for a standard error of 0.1 % of RaR95 in the mid cell."""
MID = (10, 10)


def reference_work(axes: dict[str, Any], levels: tuple[float, ...] = (0.95,)) -> sim.Scenario:
    """The reference work with axes of a grid."""
    return sim.load(SCENARIOS / "reference-work.yaml", set={"sweep": axes, "risk": {"levels": list(levels)}})


def cell_by_cell(paths: int, cells: int = 441) -> list[plain_numpy.Answer]:
    """Plain numpy, a cell at a time; the cells differ in numbers only, which do not change the work."""
    return [plain_numpy.run(paths, seed) for seed in range(cells)]


def shared_paths(paths: int) -> np.ndarray:
    """Numpy with the paths shared by all cells: each path's loss by exit month, gathered for the month of each cell."""
    rng = np.random.default_rng(1)
    months = plain_numpy.MONTHS
    steps = plain_numpy.CUSTOMER_DRIFT - plain_numpy.CUSTOMER_SPREAD**2 / 2
    steps = steps + plain_numpy.CUSTOMER_SPREAD * rng.standard_normal((paths, months - 1))
    demand = 20 * np.exp(np.concatenate([np.zeros((paths, 1)), np.cumsum(steps, axis=1)], axis=1))
    elapsed = np.arange(months)[:, None] - np.arange(months + 1)
    gone = np.where(elapsed >= 0, np.minimum(elapsed + 1, 6) / 6, 0) * 0.9
    gone[:, months] = 0
    by_exit = demand @ gone
    uniform, shock = rng.random(paths), rng.standard_normal(paths)
    answers = []
    for median in np.linspace(3, 60, 21):
        leaves = np.minimum(np.ceil(median * np.exp(0.5 * shock)), months).astype(int)
        loss = by_exit[np.arange(paths), leaves]
        for probability in np.linspace(0, 1, 21):
            ordered = np.sort(np.where(uniform < probability, loss, 0.0))
            rank = math.ceil(paths * 0.95)
            answers.append((ordered.mean(), ordered[rank - 1], ordered[rank - 1 :].mean()))
    return np.array(answers)


def median_times(methods: dict[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Median seconds of each method, the methods taking turns; the first round warms up."""
    seen: dict[str, list[float]] = {name: [] for name in methods}
    for turn in range(rounds + 1):
        for name, method in methods.items():
            started = time.perf_counter()
            method()
            if turn:
                seen[name].append(time.perf_counter() - started)
    return {name: statistics.median(times) for name, times in seen.items()}


def relative_error(sweep: sim.Sweep, place: tuple[int, ...]) -> float:
    """Standard error of RaR95 in a cell relative to its value, from its interval."""
    ends = sweep.interval["revenue_at_risk"]["0.95"]
    half = (ends["high"][place] - ends["low"][place]) / 2
    return float(half / 2.131 / sweep.cells["revenue_at_risk"]["0.95"][place])


def paths_for(scenario: sim.Scenario, place: tuple[int, ...], wanted: float, seeds: int) -> int:
    """Fewest paths (a power of two) whose error in a cell is as wanted, in the root mean square over some seeds."""
    paths = 256
    while True:
        errors = [relative_error(sim.sweep(scenario, paths=paths, seed=seed), place) for seed in range(1, seeds + 1)]
        if math.sqrt(statistics.fmean(error**2 for error in errors)) <= wanted:
            return paths
        paths *= 2


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    rows: list[tuple[str, str, str]] = []

    work = reference_work(GRID)
    times = median_times(
        {
            "ours": lambda: sim.sweep(work, paths=10_000),
            "plain": lambda: cell_by_cell(10_000, 9),
            "shared": lambda: shared_paths(10_000),
            "model": lambda: sim.run(work, paths=100, engine="model"),
        },
        options.rounds,
    )
    plain = times["plain"] / 9 * 441
    cells = sim.sweep(work, paths=10_000).cells
    mid = [f"{cells['expected_loss'][MID]:.3f}"]
    mid += [f"{cells[name]['0.95'][MID]:.1f}" for name in ("revenue_at_risk", "expected_shortfall")]
    rows.append(
        ("W2, 10,000 paths (16,384 of ours), errors in every cell", "≤ 100 ms, aim 40", f"{times['ours'] * 1e3:.0f} ms")
    )
    rows.append(
        (
            "… plain numpy, a cell at a time (9 cells, scaled to 441)",
            "ratio ≥ 200",
            f"{plain:.1f} s, ratio {plain / times['ours']:,.0f}",
        )
    )
    rows.append(("… numpy with shared paths and a gather, no errors", "", f"{times['shared'] * 1e3:.0f} ms"))
    simpy = times["model"] / 100 * 10_000 * 441
    rows.append(("… the SimPy model (100 paths, scaled)", "", f"{simpy:,.0f} s, ratio {simpy / times['ours']:,.0f}"))
    rows.append(
        (
            "mid cell: mean 327.655, RaR95 1139.3, ES95 1290.0",
            "",
            ", ".join(mid),
        )
    )

    enough = paths_for(work, MID, 0.001, seeds=20)
    precise = sim.sweep(work, paths=enough)
    risky = precise.cells["revenue_at_risk"]["0.95"] > 0.01 * precise.cells["expected_revenue"].max()
    worst = max(relative_error(precise, tuple(place)) for place in np.argwhere(risky))
    times = median_times(
        {
            "ours": lambda: sim.sweep(work, paths=enough),
            "plain": lambda: plain_numpy.run(PLAIN_PATHS_FOR_A_PERMILLE),
        },
        max(3, options.rounds // 3),
    )
    rows.append(
        (
            f"all 441 cells, 0.1 % error of RaR95 in the mid cell ({enough:,} paths; worst cell {worst:.2%})",
            "≤ 60 ms",
            f"{times['ours'] * 1e3:.0f} ms",
        )
    )
    rows.append(
        (
            "… plain numpy with 461,000 paths a cell (one cell, scaled)",
            "ratio ≥ 10,000, aim 20,000",
            f"{times['plain'] * 441:,.0f} s, ratio {times['plain'] * 441 / times['ours']:,.0f}",
        )
    )

    many = reference_work(
        {PROBABILITY: {"from": 0, "to": 1, "count": 100}, MEDIAN: {"from": 3, "to": 60, "count": 100}}
    )
    times = median_times(
        {"441": lambda: sim.sweep(work, paths=10_000), "10,000": lambda: sim.sweep(many, paths=10_000)},
        max(3, options.rounds // 3),
    )
    more = (times["10,000"] - times["441"]) / (10_000 - 441)
    rows.append(
        ("10,000 cells", "≤ 10 × the 441", f"{times['10,000'] * 1e3:.0f} ms, {times['10,000'] / times['441']:.1f} ×")
    )
    rows.append(("a cell more", "≤ 20 µs", f"{more * 1e6:.0f} µs"))

    case = sim.load(
        SCENARIOS / "tiktok.yaml",
        set={"sweep": {PROBABILITY: {"from": 0, "to": 1, "count": 21}, MEDIAN: {"from": 6, "to": 66, "count": 21}}},
    )
    enough = paths_for(case, MID, 0.005, seeds=3)
    seconds = median_times({"case": lambda: sim.sweep(case, paths=enough)}, 3)["case"]
    rows.append(
        (f"the reference case, 441 cells, 0.5 % in the mid cell ({enough:,} paths)", "≤ 2 s", f"{seconds:.2f} s")
    )

    for work, said in (
        ("long sweep", "441 cells over 360 months"),
        ("large sweep", "21 cells of 100 customers and 50 events over 60 months"),
    ):
        alone = speed.in_own_process(work, 2_048)
        told = f"{alone['seconds']:.1f} s, peak of the process {alone['peak'] / 2**20:,.0f} MiB"
        rows.append((f"{said} (2,048 paths)", "", told))

    command = [
        sys.executable,
        "-m",
        "sim",
        "sweep",
        str(SCENARIOS / "reference-work.yaml"),
        "--paths",
        "10000",
        "--json",
    ]
    whole = median_times({"command": lambda: subprocess.run(command, check=True, capture_output=True)}, 5)["command"]
    rows.append(("`switchrisk sweep` on W2 as a whole process", "≤ 1.2 s", f"{whole:.2f} s"))

    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"
    if options.markdown:
        print(f"{machine}; `python benchmarks/sweeps.py`\n\n| work | target | seen |\n|---|---|---|")
        for row in rows:
            print(f"| {' | '.join(row)} |")
    else:
        print(machine)
        for row in rows:
            print(f"{row[0]:<95} {row[1]:<28} {row[2]}")


if __name__ == "__main__":
    main()
