"""A small valid scenario that the tests change, and how a change is written.

In a change, ``^`` followed by ``|`` (together ``^|``) marks the place where a caret must stand: line and column that a
test expects are counted from that mark, never written down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.errors import Problem, SimError
from sim.language import load, load_text
from sim.scenario.parts import Scenario

MARK = "^|"

Files = Callable[..., Path]
"""The fixture that writes files beside the base."""

BASE = """\
scenario: 1
name: Case
about: A case for tests
start: 2024-03
known: 2024-04
months: 24
money: USD million
vendor:
  name: Vendor
  discount_rate: 0.09
  capacity: {initial: 60, growth: 0.2}
customers:
  alpha:
    revenue: 10
    growth: 0.1
    market: 0.5
    contract: {term: 12, renews: 2024-09, notice: 3, commitment: 0.5}
  beta:
    revenue: 5
    growth: {2024-03: 0.2, 2025-03: 0.1}
  others:
    revenue: 50
    growth: 0.1
    pool: true
events:
  leave:
    hits: alpha
    choice: true
    probability: 0.5
    timing: {from: 2024-01, lognormal: {median: 12, p90: 30}}
    usage: {to: 0.1, over: 6, shape: linear}
  ban:
    hits: [alpha, beta]
    timing: {month: 2024-10}
    usage: {to: 0}
    lasts: {fixed: 3}
    permanent: 0.2
    triggers: {leave: {probability: 0.5, after: {gamma: {mean: 4, sd: 2}}}}
levers:
  offer: {against: leave, discount: 0.1, months: 12, acceptance: 0.4}
risk:
  levels: [0.95, 0.99]
  window: {first: 2024-06, last: 2025-05}
  target: 100
sweep:
  events.leave.probability: {from: 0, to: 1, count: 5}
run: {paths: 1000, seed: 1}
evidence:
  customers.alpha.revenue: some-fact
  events.leave: {assumption: nothing is known}
"""

FILE = "case.yaml"


@dataclass(frozen=True)
class Marked:
    """A text without its marks, and where they stood: (line, column) from 1, in order."""

    text: str
    marks: tuple[tuple[int, int], ...]


def unmark(text: str) -> Marked:
    """Take the marks out of a text."""
    marks, plain = [], ""
    pieces = text.split(MARK)
    for piece in pieces[:-1]:
        plain += piece
        marks.append((plain.count("\n") + 1, len(plain) - (plain.rfind("\n") + 1) + 1))
    return Marked(plain + pieces[-1], tuple(marks))


def changed(*changes: tuple[str, str], base: str = BASE) -> str:
    """Replace parts of the base, each of which must stand there exactly once."""
    text = base
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the base"
        text = text.replace(old, new)
    return text


def problems_of(text: str, **options: object) -> tuple[Problem, ...]:
    """Load a text that must be refused; give its problems."""
    try:
        load_text(text, FILE, **options)  # type: ignore[arg-type]
    except SimError as error:
        return error.problems
    raise AssertionError("this was not refused")


def load_changed(*changes: tuple[str, str]) -> Scenario:
    """Load the base with changes."""
    return load_text(changed(*changes), FILE)


def variant(files: Files, text: str, *, base: str = BASE) -> Scenario:
    """Load a file that extends the base."""
    files(base, variant=f"extends: base.yaml\n{text}")
    return load("variant.yaml")
