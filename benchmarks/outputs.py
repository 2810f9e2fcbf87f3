"""Time of what comes out of the reference case: folder, pictures, tornado, attribution, report, explorer.

Run it from the project's folder: ``python benchmarks/outputs.py`` (some two minutes), ``--markdown`` for the table of
``docs/benchmarks.md``. Commands are timed as whole processes, start-up and all, the median of three after one to warm
up; pictures are drawn and saved as SVG, the median of five after a first. How fast the report's sliders answer is
measured in a browser by ``tests/report/test_browser.py``, which prints it.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib
import numpy as np
from speed import whole_process

import sim
from sim.plots import pictures, save

PATHS = 100_000
ROUNDS = 3

Row = tuple[str, str, str]


def median(action: Callable[[], object], rounds: int) -> float:
    """Median seconds of an action, after one to warm up."""
    action()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def commands(folder: Path) -> Iterator[Row]:
    """Whole processes that write something."""
    report = folder / "report.html"
    for said, target, words in (
        (f"`run --out`, {PATHS:,} paths, all pictures as SVG and PNG", "≤ 10 s",
         ["run", "tiktok", "--paths", str(PATHS), "--out", str(folder / "results")]),
        ("`verify` of that folder, 200 paths", "", ["verify", str(folder / "results")]),
        ("`tornado`, 46 assumptions, at its own 16,384 paths", "≤ 20 s", ["tornado", "tiktok-all-risks"]),
        ("`attribute`, 5 events (32 sets), at its own 16,384 paths", "", ["attribute", "tiktok-all-risks"]),
        (f"`compare` of two scenarios, {PATHS:,} paths each", "", ["compare", "tiktok", "tiktok-no-offer"]),
        ("`report`", "≤ 8 s", ["report", "tiktok", "--out", str(report)]),
    ):  # fmt: skip
        yield said, target, f"{whole_process(words, ROUNDS):.1f} s"
    yield "size of the report", "< 5 MB", f"{report.stat().st_size / 1e6:.1f} MB"


def drawings() -> Iterator[Row]:
    """Pictures, each drawn and saved."""
    result = sim.run("tiktok", paths=PATHS)
    drawers: dict[str, Callable[[], object]] = dict(pictures(result))
    sweep = sim.sweep("tiktok", paths=2_048)
    drawers["heatmap"] = sweep.plot.heatmap
    comparison = sim.compare("tiktok", "tiktok-no-offer", paths=20_000)
    drawers["comparison.losses"], drawers["comparison.difference"] = comparison.plot.losses, comparison.plot.difference
    drawers["tornado"] = sim.tornado("tiktok", paths=1_024).plot
    drawers["waterfall"] = sim.attribute("tiktok-all-risks", paths=1_024).plot.waterfall
    seconds = {
        name: median(lambda draw=draw: save(draw(), io.BytesIO(), "svg"), 5)  # type: ignore[misc]
        for name, draw in drawers.items()
    }
    slowest = max(seconds, key=lambda name: seconds[name])
    each = ", ".join(f"{name} {value:.2f}" for name, value in seconds.items())
    yield f"a picture after the first, as SVG; seconds: {each}", "≤ 0.5 s each", f"{seconds[slowest]:.2f} s ({slowest})"


def knobs() -> Iterator[Row]:
    """The explorer's answers, picture included."""
    explorer = sim.explore("tiktok")
    explorer.picture()
    medians, shares = iter(np.linspace(20, 60, 40)), iter(np.linspace(0.1, 0.9, 40))

    def by_weight() -> None:
        explorer.set(median=float(next(medians)))
        explorer.picture()

    def by_simulation() -> None:
        explorer.set(commitment=float(next(shares)))
        explorer.picture()

    yield "explorer: another median, and its picture", "≤ 0.1 s", f"{median(by_weight, 9):.3f} s"
    yield "explorer: another commitment, and its picture", "≤ 1 s", f"{median(by_simulation, 9):.2f} s"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    print(
        f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}, "
        f"matplotlib {matplotlib.__version__}; load {os.getloadavg()[0]:.1f}\n"
    )
    if options.markdown:
        print("| work | target | seen |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for rows in (commands(Path(folder)), drawings(), knobs()):
            for row in rows:
                print(
                    f"| {' | '.join(row)} |" if options.markdown else f"{row[0]:<70} {row[1]:<14} {row[2]}", flush=True
                )


if __name__ == "__main__":
    main()
