"""What moved in the reference case, a change at a time: from the case as it was until 0.3.0 to the one that stands.

    python benchmarks/reference_case.py [--markdown]

Each row is valued on as many quasi-random paths; its errors are those that any run has.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Iterator
from typing import Any

import sim

PATHS = 131_072
OTHERS = ("suspension", "divest_or_ban", "exclusivity_ends", "price_cut")


def as_it_was() -> dict[str, Any]:
    """The case until 0.3.0, from the one with all risks that stands now."""
    case: dict[str, Any] = copy.deepcopy(dict(sim.load("tiktok-all-risks").document))
    for key in ("evidence", "sweep"):
        del case[key]
    case.update(start="2024-03", months=60)
    case["risk"] = {"levels": [0.95, 0.99]}
    case["vendor"]["capacity"]["growth"] = {"2024-03": 0.741, "2025-07": 0.60, "2026-07": 0.285, "2028-07": 0.15}
    customers = case["customers"]
    customers["tiktok"]["growth"] = {"2024-03": 0.285, "2026-07": 0.15}
    customers["tiktok"]["contract"]["commitment"] = 0.5
    customers["others"]["growth"] = {"2024-03": 1.0, "2025-07": 0.40, "2026-07": 0.285, "2028-07": 0.15}
    case["events"]["exclusivity_ends"]["timing"] = {"hazard": {"2024-03": 0.05, "2026-03": 0.10}}
    return case


def steps() -> Iterator[tuple[str, Any]]:
    """The cases, each with what moved since the one before."""
    now: dict[str, Any] = dict(sim.load("tiktok").document)
    case = as_it_was()
    yield "as it was until 0.3.0, five events", copy.deepcopy(case)
    for event in OTHERS:
        del case["events"][event]
    yield "TikTok's own model alone", copy.deepcopy(case)
    case.update(start=now["start"], months=57)
    case["vendor"]["capacity"]["growth"] = now["vendor"]["capacity"]["growth"]
    for customer in ("tiktok", "others"):
        case["customers"][customer]["growth"] = now["customers"][customer]["growth"]
    yield "from June 2024, growth and capacity on one clock, to February 2029", copy.deepcopy(case)
    case.update(months=now["months"], risk=now["risk"])
    yield "five years from August 2024, no past month", copy.deepcopy(case)
    case["customers"]["tiktok"]["contract"]["commitment"] = {"share": 0.5, "per": "term"}
    yield "the commitment a total for the term", copy.deepcopy(case)
    yield "in money: `tiktok.yaml`", "tiktok"
    yield "with what else may happen: `tiktok-all-risks.yaml`", "tiktok-all-risks"


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--markdown", action="store_true")
    markdown = arguments.parse_args().markdown
    if markdown:
        print("| the case | expected loss | RaR 95 % | expected baseline |\n|---|---|---|---|")
    for name, case in steps():
        found = sim.run(case, paths=PATHS).measures
        loss, at_risk, baseline = (found[key] for key in ("expected_loss", "revenue_at_risk", "expected_baseline"))
        one = at_risk["0.95"]
        cells = [
            name,
            f"{loss['value']:,.1f} ± {loss['standard_error']:.1f}",
            f"{one['value']:,.0f} ({one['low']:,.0f} to {one['high']:,.0f})",
            f"{baseline['value']:,.0f}",
        ]
        print(f"| {' | '.join(cells)} |" if markdown else "  ".join(cells), flush=True)


if __name__ == "__main__":
    main()
