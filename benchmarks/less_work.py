"""Processor time of what people ask of variants, sweeps and attributions, beside that of another checkout.

Run it from the project's folder: ``python benchmarks/less_work.py --against DIR`` (an hour with all rounds; ``--only``
names rows), ``--markdown`` for the table of ``docs/benchmarks.md``. DIR is another checkout of the project; both are
imported by this interpreter, so that only the code differs. Work that runs within a process is done in one of its own,
once to warm up and then so many times; checkouts take turns, and medians count. Processor time is that of all threads.
"""

from __future__ import annotations

import argparse
import copy
import math
import os
import platform
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from turns import FILES, ROOT, SCENARIOS, alone, medians, processor_time, told

VARIANTS, VARIANT_PATHS = 1_000, 4_096
EVENTS = 14
SEEDS = 16
"""Seeds over which the error of quasi-random paths is taken."""


# The work. It knows nothing but what both checkouts have.


def tiktok() -> Any:
    """The reference case; the same file for both checkouts."""
    import sim

    return sim.load(SCENARIOS / "tiktok.yaml")


def run_once() -> None:
    """A run of the reference case."""
    import sim

    sim.run(tiktok(), paths=100_000, sampling="plain")


def tornado() -> None:
    """All assumptions of the reference case, each on its own."""
    import sim

    sim.tornado(tiktok())


def variants() -> None:
    """So many scenarios, all assumptions with a range drawn at once, on shared draws; made and valued."""
    from sim.answers.ranges import ranges_of
    from sim.answers.tornado import evidence
    from sim.chance.sampling import Sampling
    from sim.language.turning import bare, turn_at
    from sim.simulation import common_draws

    scenario = tiktok()
    ranges, _ = ranges_of(scenario, evidence(scenario).of("assumption"))
    chance = np.random.default_rng(1)
    base, made = bare(scenario), []
    for _ in range(VARIANTS):
        drawn: dict[str, float] = {}
        for one in ranges:
            value = float(chance.uniform(one.low, one.high))
            for number in one.numbers:
                turn = turn_at(scenario, number.path)
                drawn[number.path] = round(value) if turn is not None and turn.kind == "whole" else value
        made.append(base.with_(drawn))
    common_draws.losses(made, Sampling.of(scenario, paths=VARIANT_PATHS, method="sobol"))


def many_events() -> Any:
    """The book of five customers, its events repeated under other ids until there are fourteen."""
    import yaml

    data = yaml.safe_load((SCENARIOS / "five-customers.yaml").read_text())
    del data["evidence"], data["sweep"]
    events = list(data["events"])
    for k in range(EVENTS - len(events)):
        again = copy.deepcopy(data["events"][events[k % len(events)]])
        again.pop("triggers", None)
        data["events"][f"again_{k}"] = again
    return data


def attribute() -> None:
    """What each of many events contributes, at the answer's own number of paths."""
    import sim

    sim.attribute(many_events())


def grid() -> None:
    """W2: 441 cells of the reference work on 16,384 paths, with errors in every cell."""
    import sim

    axes = {
        "events.in_house_llm.probability": {"from": 0, "to": 1, "count": 21},
        "events.in_house_llm.timing.lognormal.median": {"from": 3, "to": 60, "count": 21},
    }
    work = sim.load(SCENARIOS / "reference-work.yaml", set={"sweep": axes, "risk": {"levels": [0.95]}})
    sim.sweep(work, paths=10_000)


def plain_grid() -> None:
    """Some cells of the same in plain numpy, one by one; all cells are the same work."""
    import plain_numpy

    for seed in range(9):
        plain_numpy.run(10_000, seed)


PLAIN_CELLS, CELLS = 9, 441


def expected_loss() -> list[float]:
    """Expected loss of the reference case on 16,384 quasi-random paths, over some seeds."""
    import sim

    scenario = tiktok()
    found = (sim.run(scenario, paths=16_384, sampling="sobol", seed=seed) for seed in range(1, SEEDS + 1))
    return [one.measures["expected_loss"]["value"] for one in found]


WORK: dict[str, Callable[[], Any]] = {
    "run": run_once,
    "tornado": tornado,
    "variants": variants,
    "attribute": attribute,
    "grid": grid,
    "plain grid": plain_grid,
    "expected loss": expected_loss,
}

COMMANDS: dict[str, list[str]] = {
    "whole sweep": ["sweep", "tiktok.yaml"],
    "help": ["--help"],
    "check": ["check", "tiktok.yaml"],
    "whole run": ["run", "tiktok.yaml"],
}


# What is timed


@dataclass(frozen=True)
class Row:
    """A line of the table: which work, what the ratio is to be, and what it should be."""

    name: str
    said: str
    required: float
    aim: float | None = None
    rounds: int = 5


ROWS = (
    Row("run", "tiktok, 100,000 paths", 0.85, 0.77, 9),
    Row("tornado", "tornado of tiktok", 0.85, 0.77),
    Row(
        "variants",
        f"{VARIANTS:,} variants of tiktok × {VARIANT_PATHS:,} paths on shared draws, set-up included",
        0.8,
        0.65,
        3,
    ),
    Row("attribute", f"`attribute` with {EVENTS} events", 0.1, 0.05, 3),
    Row("whole sweep", "`sweep tiktok` as a whole process", 0.75, 0.6),
    Row("grid", "W2, 441 cells × 16,384 paths", 1.0, None, 9),
    Row("help", "`--help` as a whole process", 1.0, None, 9),
    Row("check", "`check tiktok` as a whole process", 1.0, None, 9),
    Row("whole run", "`run tiktok` as a whole process", 1.0, None, 9),
)


def once(name: str, checkout: Path) -> float:
    """Seconds of processor time of some work in a checkout."""
    if name in COMMANDS:
        words = [str(Path(os.environ[FILES]) / word) if word.endswith(".yaml") else word for word in COMMANDS[name]]
        return processor_time([sys.executable, "-m", "sim", *words], checkout)[0]
    return float(told(__file__, name, checkout)["seconds"])


def timed(name: str, checkouts: list[Path], rounds: int) -> list[float]:
    """Median processor time of some work in each checkout, taking turns."""
    return medians(lambda checkout: once(name, checkout), checkouts, rounds)


def warmed_up(name: str) -> None:
    """Do some work in this process, and print what it took; what is long is warmed up by less."""
    import sim

    long = name in ("variants", "attribute", "expected loss")
    alone(WORK[name], (lambda: sim.run(tiktok(), paths=2_048)) if long else None)


def error_of_the_mean(checkouts: list[Path]) -> list[tuple[float, float]]:
    """Spread of the expected loss over seeds, and processor time, in each checkout."""
    found = []
    for checkout in checkouts:
        said = told(__file__, "expected loss", checkout)
        found.append((statistics.stdev(said["found"]), float(said["seconds"])))
    return found


def verdict(ratio: float, row: Row) -> str:
    """Whether a ratio is as wanted."""
    if row.aim is not None and ratio <= row.aim:
        return "aim"
    # What is to be no slower is so within what repeated measurements differ by.
    return "yes" if ratio <= row.required + (0.03 if row.required == 1.0 else 0.0) else "no"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--against", type=Path, help="another checkout")
    parser.add_argument("--rounds", type=int, default=None, help="instead of each row's own")
    parser.add_argument("--only", action="append", default=[], help="rows by name; may be repeated")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work is not None:
        warmed_up(options.work)
        return
    if options.against is None:
        parser.error("--against DIR: which checkout to compare with")
    checkouts = [options.against.resolve(), ROOT]
    os.environ[FILES] = str(checkouts[0] / "scenarios")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}\n")
    if options.markdown:
        print("| work | ratio required, aimed at | before | now | ratio | |\n|---|---|---|---|---|---|")
    for row in ROWS:
        if options.only and row.name not in options.only:
            continue
        before, now = timed(row.name, checkouts, options.rounds or row.rounds)
        wanted = f"{row.required:g}" + ("" if row.aim is None else f", {row.aim:g}")
        ratio = now / before
        line = (row.said, wanted, f"{before:.2f} s", f"{now:.2f} s", f"{ratio:.2f}", verdict(ratio, row))
        print(_line(line, options.markdown), flush=True)
        if row.name == "grid":
            plain = timed("plain grid", [ROOT], options.rounds or row.rounds)[0] / PLAIN_CELLS * CELLS
            line = (
                "… plain numpy, a cell at a time",
                "200, 260 times",
                f"{plain:.1f} s",
                "",
                f"{plain / now:,.0f}",
                "",
            )
            print(_line(line, options.markdown), flush=True)
    if not options.only or "expected loss" in options.only:
        (error, took), (now_error, now_took) = error_of_the_mean(checkouts)
        # Errors at equal time, if they fall with the root of it: no better than they do.
        ratio = now_error / error * math.sqrt(now_took / took)
        said = f"error of tiktok's expected loss, 16,384 quasi-random paths, {SEEDS} seeds"
        line = (said, "0.5, 0.33", f"{error:.3g}", f"{now_error:.3g}", f"{ratio:.2f}", "")
        print(_line(line, options.markdown), flush=True)


def _line(cells: tuple[str, ...], markdown: bool) -> str:
    if markdown:
        return f"| {' | '.join(cells)} |"
    return f"{cells[0]:<85} {cells[1]:<14} {cells[2]:>9} {cells[3]:>9} {cells[4]:>6} {cells[5]}"


if __name__ == "__main__":
    main()
