"""Small scenarios whose losses are known by hand, and the names of what is turned in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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

PROBABILITY = "events.leaves.probability"
MONTH = "events.leaves.timing.month"


def months_of_2025() -> list[Any]:
    """All months of the horizon of the scenarios above."""
    return [f"2025-{month:02d}" for month in range(1, 13)]


# Extends the certain exit: One leaves three months later, with a contract; The rest varies.
LATER = """\
scenario: 1
extends: certain.yaml
name: A later exit
customers:
  one:
    contract: {term: 12, renews: 2025-06}
  rest: {volatility: 0.2}
events:
  leaves:
    timing: {month: 2025-10}
"""

# Extends that: no contract after all, half of the usage stays, and another event.
LATEST = """\
scenario: 1
extends: later.yaml
name: A half exit
customers: {one: {contract: null}, rest: {volatility: 0.0}}
events:
  leaves: {usage: {to: 0.5}, timing: {exponential: {mean: 12}}}
  cut:
    hits: all
    probability: 0.25
    timing: {month: 2025-07}
    price: {to: 0.9}
"""


def line_of(text: str, beginning: str) -> int:
    """Number of the one line of a text that begins so, spaces aside."""
    (found,) = [n for n, line in enumerate(text.splitlines(), 1) if line.strip().startswith(beginning)]
    return found


# The axes of the bundled `reference-work`, whose mean loss has a closed form.
LEAVES = "events.in_house_llm.probability"
MEDIAN = "events.in_house_llm.timing.lognormal.median"

# Facts, and what the certain exit may say of where its numbers come from: each way once.
FACTS = """\
facts:
  spend-of-one:
    statement: One pays ten.
    value: 10
    unit: USD million a month
    as_of: 2025-01
    confidence: reputable report
    source: {title: A title, publisher: A paper, url: "https://example.org/a"}
  growth-seen: {statement: Growth was seen, value: [0, 0.1], unit: a year, source: {document: d.txt, retells: a report}}
"""

EVIDENCE = """\
evidence:
  customers.one.revenue: spend-of-one
  customers.one.growth: {fact: growth-seen, derived: the lower end}
  customers.rest: {assumption: made up, low: 0, high: 50}
  customers.rest.revenue: {assumption: another reason}
  events.leaves.timing.month: spend-of-one
"""


def sourced(folder: Path) -> Path:
    """Write the certain exit with its evidence in ``cases/`` of a folder, the facts in ``seeds/`` beside that."""
    (folder / "cases").mkdir()
    (folder / "seeds").mkdir()
    (folder / "seeds" / "facts.yaml").write_text(FACTS)
    file = folder / "cases" / "case.yaml"
    file.write_text(CERTAIN + EVIDENCE)
    return file
