"""What a month brings: the accounts of all streams settled in money, by month and path (``docs/model.md``, section 5).

The kernel, the strata and the report's fan come to the accounts by ways of their own; what these bring is told here,
once, by the rules that the SimPy model bills by.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sim.scenario import rules
from sim.scenario.parts import Scenario, Stream


class Account(Protocol):
    """Of one stream, or of several together: the volume that takes up capacity, and what it brings."""

    @property
    def volume(self) -> np.ndarray:
        """Volume at list price, whether served or not; shape (months, paths or 1)."""

    def brings(self, served: np.ndarray | float) -> np.ndarray:
        """Revenue by month and path where this share of the volume is served."""


@dataclass(frozen=True, slots=True)
class Book:
    """One stream's account, each array of shape (months, paths or 1).

    Attributes
    ----------
    stream
        Whose.
    volume
        What takes up capacity.
    price
        Factor on the list price; None: 1.
    floor
        Volume that is paid for at least in each month; None: none.
    dues
        What is billed beside use: shortfalls where a period is settled, and buyouts; None: nothing.
    """

    stream: Stream
    volume: np.ndarray
    price: np.ndarray | None
    floor: np.ndarray | None
    dues: np.ndarray | None = None

    def brings(self, served: np.ndarray | float) -> np.ndarray:
        """Revenue by month and path at the served share."""
        if self.floor is None and self.price is None and isinstance(served, float):
            return self.volume if self.dues is None else self.volume + self.dues
        unused = None if self.floor is None else rules.shortfall(self.floor, self.volume)
        amount: np.ndarray = rules.revenue(self.price, served, self.volume, unused)
        return amount if self.dues is None else amount + self.dues


def served_of(scenario: Scenario, accounts: Sequence[Account], since: int = 0) -> np.ndarray | float:
    """Share of the volume of all accounts that is served, by month and path; 1 where nothing limits it.

    Parameters
    ----------
    accounts
        Of all streams, in the scenario's order or put together.
    since
        Month of their first row.
    """
    if scenario.capacity is None:
        return 1.0
    capacity = rules.compounded(scenario.capacity.initial, scenario.capacity.growth)[since:, np.newaxis]
    volume = accounts[0].volume
    for account in accounts[1:]:
        volume = volume + account.volume
    served: np.ndarray = rules.served_share(capacity, volume)
    return served


def takings(scenario: Scenario, accounts: Sequence[Account], since: int = 0) -> Iterator[np.ndarray]:
    """Revenue of each account by month and path, all of them sharing the capacity.

    Parameters
    ----------
    accounts
        Of all streams, in the scenario's order or put together.
    since
        Month of their first row.

    Yields
    ------
    ndarray, shape (months, paths or 1)
    """
    served = served_of(scenario, accounts, since)
    for account in accounts:
        yield account.brings(served)


def brought(scenario: Scenario, accounts: Sequence[Account], paths: int) -> np.ndarray:
    """The vendor's revenue: what all accounts bring together; shape (months, paths)."""
    total: np.ndarray | None = None
    for amount in takings(scenario, accounts):
        if total is None:
            # An account that nothing touches is its volume itself, and no place to add others in.
            total = np.array(np.broadcast_to(amount, (scenario.months, paths)))
        else:
            total += amount
    assert total is not None, "a scenario has customers"
    return total
