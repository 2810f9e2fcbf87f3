"""One path valued a third time, straight from the equations of ``docs/model.md``.

Plain Python numbers, one loop for each index of a formula, nothing remembered from one month to the next and nothing
shared with the engines but the compiled scenario and its laws. It is slow on purpose: each line should be checkable
against the page with a finger on the equation. Here are the money and the twin; events are settled in
:mod:`tests.truth.settling`, and commitments are in :mod:`tests.truth.agreements`.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.parts import Scenario
from tests.truth import agreements
from tests.truth.agreements import Account, account_of
from tests.truth.settling import Chances, History, settle


@dataclass(frozen=True)
class Valuation:
    """One path's money: by stream and month, and over the window (sections 5 and 6)."""

    months: dict[str, int | None]
    revenue: list[list[float]]
    baseline: list[list[float]]
    loss: float
    window_revenue: float
    """Undiscounted, as the target is compared with it."""
    discounted_revenue: float
    discounted_baseline: float
    one_off: float
    """What is lost once in the window, discounted."""


def value(scenario: Scenario, chances: Chances) -> Valuation:
    """Value one path and its twin without events but the planned (sections 3 to 6)."""
    return value_history(scenario, settle(scenario, chances), chances.demand)


def value_history(scenario: Scenario, history: History, demand: list[list[float]]) -> Valuation:
    """Value a path whose events are settled."""
    pairs = zip(scenario.events, history.events, strict=True)
    plan = History(tuple(settled if event.planned else None for event, settled in pairs), ())
    revenue = _revenue(scenario, accounts_of(scenario, history, demand))
    baseline = _revenue(scenario, accounts_of(scenario, plan, demand))
    loss = earned = earned_discounted = due_discounted = one_off = 0.0
    for m in range(scenario.risk.first, scenario.risk.last + 1):
        v = 1.0 if scenario.discount_rate is None else (1 + scenario.discount_rate) ** (-m / 12)
        a = sum(revenue[i][m] for i in range(len(scenario.streams)))
        b = sum(baseline[i][m] for i in range(len(scenario.streams)))
        once = sum(one.once for e in history.events if e is not None for one in (e, *e.again) if one.begins == m)
        loss += v * (b - a) + v * once
        one_off += v * once
        earned += a
        earned_discounted += v * a
        due_discounted += v * b
    months = {
        event.id: None if settled is None else settled.arises
        for event, settled in zip(scenario.events, history.events, strict=True)
    }
    return Valuation(months, revenue, baseline, loss, earned, earned_discounted, due_discounted, one_off)


def accounts_of(scenario: Scenario, history: History, demand: list[list[float]]) -> list[Account]:
    """Volumes and prices of all streams."""
    return [account_of(scenario, history, demand, i) for i in range(len(scenario.streams))]


def _revenue(scenario: Scenario, accounts: list[Account]) -> list[list[float]]:
    revenue: list[list[float]] = [[] for _ in accounts]
    for m in range(scenario.months):
        share = served_share(scenario, accounts, m)
        for account, billed in zip(accounts, revenue, strict=True):
            billed.append(account.price[m] * share * account.volume[m] + agreements.dues(account, m))
    return revenue


def served_share(scenario: Scenario, accounts: list[Account], m: int) -> float:
    """φ: the share of all volume that the vendor's capacity can serve (section 5)."""
    if scenario.capacity is None:
        return 1.0
    capacity = scenario.capacity.initial
    for k in range(1, m + 1):
        capacity *= (1 + scenario.capacity.growth[k]) ** (1 / 12)
    total = sum(account.volume[m] for account in accounts)
    return 1.0 if total == 0 else min(1.0, capacity / total)
