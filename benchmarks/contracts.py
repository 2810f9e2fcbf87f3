"""What contracts as they are written cost: beside a checkout from before them, and by the number of customers.

Run it from the project's folder: ``python benchmarks/contracts.py --against DIR`` (some minutes), ``--markdown`` for
the table of ``docs/benchmarks.md``. DIR is a checkout of the project that knows monthly floors alone; its scenarios are
what both value. Processor time of one thread, warm, medians of processes that take turns. "Paths valued" is what the
kernel and its totals take; a run tells years and quarters besides, which the other checkout does not.
"""

from __future__ import annotations

import argparse
import copy
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from turns import FILES, ROOT, SCENARIOS, alone, medians, told

PATHS = 100_000
MANY, FULL = (500, 1_000, 2_000), 0.1
"""Customers, and the share of them that have a contract in full."""

MANY_PATHS = 4_096
SHARE = 0.6
"""Of what a customer uses that is committed where its own contract says nothing."""


def valued(source: str | dict[str, Any], paths: int = PATHS) -> None:
    """The kernel's paths with their totals, on one thread, without years and quarters."""
    import sim
    from sim.chance.sampling import Sampling
    from sim.engines import kernel
    from sim.simulation.shards import totals_of

    scenario = sim.load(source)
    totals_of(scenario, kernel.value, Sampling.of(scenario, paths=paths, method="plain"), workers=1)


def run_of(file: str) -> None:
    """A run, with all that it tells."""
    import sim

    sim.run(sim.load(SCENARIOS / file), paths=PATHS, sampling="plain", workers=1)


def five(**contract: Any) -> dict[str, Any]:
    """The book of five customers, where each that has a commitment, or is given one, has it in this form."""
    import yaml

    data: dict[str, Any] = yaml.safe_load((SCENARIOS / "five-customers.yaml").read_text())
    del data["evidence"], data["sweep"]
    for customer in data["customers"].values():
        if contract and not customer.get("pool"):
            own = customer.setdefault("contract", {})
            own.setdefault("term", 12)
            own.setdefault("renews", "2025-07")
            own["commitment"] = {"share": own.get("commitment", SHARE), **contract}
    return data


def many(customers: int, full: float = FULL) -> dict[str, Any]:
    """A book of so many customers: one in ten has a contract in full, all of a tenth may leave."""
    book: dict[str, Any] = {}
    written = {
        "first": {"begins": "2025-04", "months": 24},
        "term": 12,
        "auto_renews": True,
        "notice": 3,
        "commitment": {
            "share": SHARE,
            "of": "money",
            "per": "year",
            "rises": 0.05,
            "carry": True,
            "buyout": 0.5,
        },
    }
    for k in range(customers):
        one: dict[str, Any] = {"name": f"Customer {k}", "revenue": 1 + k % 7, "growth": 0.05, "volatility": 0.2}
        one["market"] = 0.3
        if k < full * customers:
            one["contract"] = copy.deepcopy(written)
        book[f"c{k}"] = one
    events = {
        f"leaves_{k}": {
            "name": f"Customer {k} leaves",
            "hits": f"c{k}",
            "choice": True,
            "probability": 0.3,
            "timing": {"uniform": {"low": 0, "high": 35}},
            "usage": {"to": 0, "over": 3},
        }
        for k in range(0, customers, 10)
    }
    return {
        "scenario": 1,
        "name": "A book of many customers",
        "start": "2025-01",
        "months": 36,
        "money": "USD million",
        "vendor": {"name": "A vendor"},
        "customers": book,
        "events": events,
    }


WORK: dict[str, Callable[[], Any]] = {
    "tiktok": lambda: valued(str(SCENARIOS / "tiktok.yaml")),
    "five": lambda: valued(five()),
    "work": lambda: valued(str(SCENARIOS / "reference-work.yaml")),
    "run tiktok": lambda: run_of("tiktok.yaml"),
    "run five": lambda: run_of("five-customers.yaml"),
    "five by year": lambda: valued(five(per="year")),
    "five by year, money": lambda: valued(five(per="year", of="money")),
    **{f"{n} customers": lambda n=n: valued(many(n), MANY_PATHS) for n in MANY},  # type: ignore[misc]
    f"{MANY[-1]} customers, none in full": lambda: valued(many(MANY[-1], 0), MANY_PATHS),
}


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--against", type=Path, help="a checkout from before contracts as they are written")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work is not None:
        alone(WORK[options.work])
        return
    if options.against is None:
        parser.error("--against DIR: which checkout to compare with")
    before = options.against.resolve()
    os.environ[FILES] = str(before / "scenarios")
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}\n")
    if options.markdown:
        print("| work | required | before | now | ratio |\n|---|---|---|---|---|")

    def seconds(name: str) -> Callable[[Path], float]:
        return lambda checkout: float(told(__file__, name, checkout)["seconds"])

    def line(said: str, required: str, was: float, now: float) -> None:
        cells = (said, required, f"{was:.2f} s", f"{now:.2f} s", f"{now / was:.2f}")
        print(
            f"| {' | '.join(cells)} |"
            if options.markdown
            else f"{cells[0]:<74} {cells[1]:<7} " + " ".join(f"{cell:>8}" for cell in cells[2:]),
            flush=True,
        )

    for name, said in {
        "tiktok": "tiktok of before, paths valued",
        "five": "five-customers of before, paths valued",
        "work": "reference work, paths valued",
        "run tiktok": "tiktok of before, a run with years and quarters",
        "run five": "five-customers of before, a run with years and quarters",
    }.items():
        line(said, "1.03", *medians(seconds(name), [before, ROOT], options.rounds))
    floors, *yearly = ("five", "five by year", "five by year, money")
    was = medians(seconds(floors), [before], options.rounds)[0]
    for name, said in zip(yearly, ("in volume", "in money"), strict=True):
        now = medians(seconds(name), [ROOT], options.rounds)[0]
        line(f"five-customers, a yearly true-up {said} on every customer", "1.3", was, now)
    rounds = max(1, options.rounds // 2)
    times = [medians(seconds(f"{n} customers"), [ROOT], rounds)[0] for n in MANY]
    for n, took in zip(MANY[1:], times[1:], strict=True):
        required = f"{n / MANY[0]:g}"
        line(f"{n:,} customers, a tenth of them in full, beside {MANY[0]}", required, times[0], took)
    plain = medians(seconds(f"{MANY[-1]} customers, none in full"), [ROOT], rounds)[0]
    line(f"{MANY[-1]:,} customers, a tenth of them in full, beside none", "", plain, times[-1])


if __name__ == "__main__":
    sys.exit(main())
