"""Speed and memory of the simulator beside plain vectorised numpy, against the targets that the project has set itself.

Run it from the project's folder: ``python benchmarks/speed.py`` (some minutes), ``--quick`` for smaller work, and
``--markdown`` for the table of ``docs/benchmarks.md``. Methods that are compared take turns, and the median of their
times counts, after one run to warm up. Peak memory is that of a process of its own. The simulator runs in threads, so
that one process is all of it.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import plain_numpy
import scipy

import sim

HERE = Path(__file__).resolve().parent
SCENARIOS = HERE.parent / "scenarios"
REFERENCE_WORK = SCENARIOS / "reference-work.yaml"
REFERENCE_CASE = SCENARIOS / "tiktok.yaml"

W1_PATHS, W3_PATHS, MANY_PATHS, LARGE_PATHS = 10_000, 1_000_000, 10_000_000, 100_000
MODEL_PATHS = 1_000
MEAN_LOSS = 327.655
"""Exact mean loss of the reference work: the sum over exit months of their probability and expected demand lost."""


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    work: str
    target: str
    seen: str
    ratio: str
    met: bool | None


# The work


@cache
def reference_work() -> sim.Scenario:
    """The reference work, read once: what is timed is the run."""
    return sim.load(REFERENCE_WORK)


def ours(paths: int) -> Any:
    """The reference work through the public function."""
    return sim.run(reference_work(), paths=paths, sampling="plain")


def plain(paths: int) -> Any:
    """The reference work in plain numpy."""
    return plain_numpy.run(paths)


def large(paths: int) -> Any:
    """A run of a scenario of 100 customers and 50 events."""
    return sim.run(large_scenario(), paths=paths, sampling="plain")


def model(paths: int) -> Any:
    """The reference work, path by path in the SimPy model."""
    return sim.run(reference_work(), paths=paths, engine="model", sampling="plain")


def long_sweep(paths: int) -> Any:
    """441 cells of the reference work over 360 months."""
    axes = {
        "events.in_house_llm.probability": {"from": 0, "to": 1, "count": 21},
        "events.in_house_llm.timing.lognormal.median": {"from": 6, "to": 240, "count": 21},
    }
    return sim.sweep(REFERENCE_WORK, set={"months": 360}, axes=axes, paths=paths)


def large_sweep(paths: int) -> Any:
    """21 cells of the scenario of 100 customers and 50 events."""
    return sim.sweep(large_scenario(), axes={"events.e1.probability": {"from": 0, "to": 1, "count": 21}}, paths=paths)


WORK: dict[str, Callable[[int], Any]] = {
    "ours": ours,
    "plain": plain,
    "large": large,
    "model": model,
    "long sweep": long_sweep,
    "large sweep": large_sweep,
}
"""Work that a process of its own can do."""


def large_scenario(customers: int = 100, events: int = 50, months: int = 60) -> dict[str, Any]:
    """A scenario that uses every rule: contracts, capacity, triggers, offers, endings, laws of all kinds.

    Event e hits customer 2·e, every fifth also the next one, so that three customers in five are touched.
    """
    laws: list[dict[str, Any]] = [
        {"exponential": {"mean": 40}},
        {"lognormal": {"median": 30, "p90": 60}},
        {"gamma": {"mean": 36, "sd": 18}},
        {"weibull": {"shape": 1.5, "scale": 40}},
        {"uniform": {"low": 3, "high": 70}},
        {"triangular": {"low": 1, "mode": 20, "high": 80}},
        {"hazard": {"2024-01": 0.1, "2026-01": 0.3}},
        {"table": {6: 0.2, 18: 0.5, 45: 0.3}},
        {"month": "2026-06"},
    ]
    shapes = ["linear", "step", "s_curve", "exponential"]
    book: dict[str, Any] = {}
    for c in range(customers):
        book[f"c{c}"] = {
            "revenue": 1 + 50 / (1 + c),
            "growth": 0.05 + 0.002 * c if c % 2 else {"2024-01": 0.4, "2025-06": 0.2, "2027-01": 0.1},
            "volatility": 0.1 + 0.002 * c,
            "market": round(0.6 - 0.01 * c, 2),
        }
        if c % 3:
            contract = {"term": 12 + c % 24, "renews": f"2024-{1 + c % 12:02d}", "notice": c % 7, "commitment": 0.6}
            book[f"c{c}"]["contract"] = contract
    happenings: dict[str, Any] = {}
    levers: dict[str, Any] = {}
    for e in range(events):
        event: dict[str, Any] = {
            "hits": f"c{2 * e}" if e % 5 else [f"c{2 * e}", f"c{2 * e + 1}"],
            "choice": bool(e % 5) and e % 3 == 0,
            "probability": 0.2 + 0.01 * e,
            "timing": laws[e % len(laws)],
            "usage": {"to": 0.1, "over": e % 9, "shape": shapes[e % 4]},
        }
        if e % 4 == 1:
            event["lasts"] = {"lognormal": {"median": 6, "p90": 18}}
            event["permanent"] = 0.2
        if e % 6 == 2:
            event["usage"]["to"] = {"uniform": {"low": 0, "high": 0.8}}
        if e % 7 == 3:
            event["price"] = {"to": 0.8, "over": 3}
        if e % 8 == 4 and e + 1 < events:
            event["triggers"] = {f"e{e + 1}": {"probability": 0.5, "after": {"gamma": {"mean": 6, "sd": 3}}}}
        if event["choice"]:
            levers[f"offer{e}"] = {"against": f"e{e}", "discount": 0.15, "months": 12, "acceptance": 0.4}
        happenings[f"e{e}"] = event
    demand = sum(customer["revenue"] for customer in book.values())
    return {
        "scenario": 1,
        "name": "A large book",
        "start": "2024-01",
        "months": months,
        "money": "USD million",
        "vendor": {"name": "A vendor", "discount_rate": 0.08, "capacity": {"initial": demand, "growth": 0.2}},
        "customers": book,
        "events": happenings,
        "levers": levers,
    }


# Measuring


@dataclass(frozen=True)
class Times:
    """Median seconds of a method: on the clock, and of processor time over all threads."""

    clock: float
    processor: float


def alternating(methods: dict[str, Callable[[], Any]], repetitions: int) -> dict[str, Times]:
    """Times of each method, the methods taking turns."""
    for method in methods.values():
        method()
    clock: dict[str, list[float]] = {name: [] for name in methods}
    processor: dict[str, list[float]] = {name: [] for name in methods}
    for _ in range(repetitions):
        for name, method in methods.items():
            started, used = time.perf_counter(), time.process_time()
            method()
            clock[name].append(time.perf_counter() - started)
            processor[name].append(time.process_time() - used)
    return {name: Times(statistics.median(clock[name]), statistics.median(processor[name])) for name in methods}


def in_own_process(work: str, paths: int) -> dict[str, float]:
    """Seconds without start-up and peak memory (bytes) of a process that does a piece of work once."""
    command = [sys.executable, __file__, "--child", work, "--paths", str(paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def child(work: str, paths: int) -> None:
    """What such a process does."""
    started = time.perf_counter()
    WORK[work](paths)
    print(json.dumps({"seconds": time.perf_counter() - started, "peak": peak_memory()}))


def peak_memory() -> int:
    """Most memory that this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike getrusage, this does not remember the process that this one was started from.
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def whole_process(arguments: list[str], repetitions: int) -> float:
    """Median seconds of a command of the simulator, from start to end."""
    command = [sys.executable, "-m", "sim", *arguments]
    times = []
    for _ in range(repetitions + 1):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


# The table


def check_answers() -> str:
    """Both methods against the exact mean loss, which they miss by chance alone: four standard errors at most."""
    result, answer = ours(200_000), plain(200_000)
    loss = result.measures["expected_loss"]
    for name, mean in (("the simulator", loss["value"]), ("plain numpy", answer.mean_loss)):
        if abs(mean - MEAN_LOSS) > 4 * loss["standard_error"]:
            raise SystemExit(f"{name} finds a mean loss of {mean:.3f}, not {MEAN_LOSS} as it should")
    return (
        f"Mean loss, exactly {MEAN_LOSS}, from 200,000 paths: simulator {loss['value']:.3f}, plain numpy "
        f"{answer.mean_loss:.3f}, standard error {loss['standard_error']:.3f}."
    )


def rows(quick: bool) -> Iterator[Row]:
    """Measure everything, line by line."""
    repetitions = 7 if quick else 25
    seen = alternating({"ours": lambda: ours(W1_PATHS), "plain": lambda: plain(W1_PATHS)}, repetitions)
    yield _faster(f"W1: {W1_PATHS:,} paths", seen, 1.0)

    paths = W3_PATHS // 5 if quick else W3_PATHS
    seen = alternating({"ours": lambda: ours(paths), "plain": lambda: plain(paths)}, 3)
    yield _faster(f"W3: {paths:,} paths", seen, 2.0)
    yield _memory(f"W3: memory of {paths:,} paths", in_own_process("ours", paths)["peak"], 300)
    other = in_own_process("plain", paths)["peak"]
    yield Row("W3: memory of plain numpy", "", f"{other / 2**20:,.0f} MiB", "", None)

    paths = MANY_PATHS // 10 if quick else MANY_PATHS
    found = in_own_process("ours", paths)
    yield _memory(f"{paths:,} paths: memory", found["peak"], 500)
    yield Row(f"{paths:,} paths: time", "", f"{found['seconds']:.1f} s", "", None)

    paths = LARGE_PATHS // 20 if quick else LARGE_PATHS
    found = in_own_process("large", paths)
    what = f"100 customers, 50 events, 60 months, {paths:,} paths"
    yield _at_most(f"{what}: time", found["seconds"], 120 * paths / LARGE_PATHS)
    yield _memory(f"{what}: memory", found["peak"], 1024)

    speed = MODEL_PATHS / alternating({"model": lambda: model(MODEL_PATHS)}, 3)["model"].clock
    yield Row("SimPy model on W1", "≥ 400 paths/s", f"{speed:,.0f} paths/s", f"{speed / 400:.2f}", speed >= 400)

    if importlib.util.find_spec("sim.cli") is None:
        print("The command line is not there; its times are left out.", file=sys.stderr)
        return
    yield _at_most("`--help`, whole process", whole_process(["--help"], 7), 0.2)
    yield _at_most("`check`, whole process", whole_process(["check", str(REFERENCE_CASE)], 7), 0.6)


def _faster(work: str, seen: dict[str, Times], target: float) -> Row:
    ours, other = seen["ours"], seen["plain"]
    ratio = other.clock / ours.clock
    both = " to ".join(f"{times.clock:.3f} s ({times.processor:.3f} s of processor time)" for times in (ours, other))
    return Row(work, f"≥ {target:g} times as fast as plain numpy", both, f"{ratio:.2f}", ratio >= target)


def _at_most(work: str, seconds: float, target: float) -> Row:
    return Row(work, f"≤ {target:g} s", f"{seconds:.2f} s", f"{target / seconds:.2f}", seconds <= target)


def _memory(work: str, peak: float, target: float) -> Row:
    mib = peak / 2**20
    return Row(work, f"< {target:,} MiB", f"{mib:,.0f} MiB", f"{target / mib:.2f}", mib < target)


def machine() -> str:
    """What the figures were taken on."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        processor = names[0] if names else processor
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, SciPy {scipy.__version__}"
    return f"{cores} cores ({processor}), {platform.system()}, {versions}"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="smaller work: a first impression in under a minute")
    parser.add_argument("--markdown", action="store_true", help="the table for docs/benchmarks.md")
    parser.add_argument("--child", choices=WORK, help=argparse.SUPPRESS)
    parser.add_argument("--paths", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.paths)
        return
    print(machine())
    print(check_answers(), end="\n\n")
    layout = "| {} | {} | {} | {} | {} |" if options.markdown else "{:64} {:36} {:84} {:>8}  {}"
    print(layout.format("work", "target", "seen", "ratio", "met"))
    if options.markdown:
        print("|---|---|---|---|---|")
    for row in rows(options.quick):
        met = {True: "yes", False: "no", None: ""}[row.met]
        print(layout.format(row.work, row.target, row.seen, row.ratio, met), flush=True)


if __name__ == "__main__":
    main()
