"""What a full commitment makes a customer pay beside its use: shortfalls where a period ends, and buyouts (section 5).

On arrays of all paths at once, for the kernel and the strata. The calendar is :mod:`sim.scenario.terms`, the formulas
are :mod:`sim.scenario.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sim.scenario import rules
from sim.scenario.laws import NEVER
from sim.scenario.parts import Commitment
from sim.scenario.terms import Period, Term

Commits = Callable[[Term], "bool | np.ndarray"]
"""Whether a term's renewal commits; shape (paths,)."""

Voids = Callable[[Term], "np.ndarray | None"]
"""Whether a term's commitment is void, from its ``fixed`` month to its ``last``; shape (months, paths), or None."""

Leaves = Callable[[Term], "np.ndarray | None"]
"""First month in a term in which the customer leaves for good and may buy itself out; (paths,), NEVER for none."""


def dues_of(
    commitment: Commitment,
    terms: Sequence[Term],
    *,
    starts: int,
    level: np.ndarray,
    volume: np.ndarray,
    price: np.ndarray | None,
    commits: Commits,
    voids: Voids,
    leaves: Leaves,
) -> np.ndarray:
    """What is billed beside use, by month and path.

    Parameters
    ----------
    commitment
        The commitment.
    terms
        Of its contract, in order: all, or those from one on.
    starts
        The customer's first month: a term that was under way then may have a minimum of its own.
    level, volume
        Volume without and with the season; shape (months, paths or 1).
    price
        Factor on the list price, alike; None: 1.
    commits, voids, leaves
        What the events do to a term.

    Returns
    -------
    ndarray, shape (months, paths or 1)
        In the scenario's unit; 0 before the first of the terms.
    """
    money = commitment.of == "money"
    used = volume if price is None or not money else price * volume
    rows: dict[int, np.ndarray] = {}

    def bill(month: int, amount: np.ndarray) -> None:
        if not money and price is not None:
            amount = price[month] * amount
        rows[month] = rows[month] + amount if month in rows else amount

    for term in terms:
        if not term.periods:
            continue
        unit = _unit(commitment, term, starts, level, price if money else None) * commits(term)
        void = voids(term)
        leaving = leaves(term) if commitment.buyout is not None else None
        if leaving is not None:
            # Who has nothing committed has nothing to buy itself out of.
            leaving = np.where(np.greater(unit, 0), leaving, NEVER)
        carried: np.ndarray | float = 0.0
        for k, period in enumerate(term.periods):
            kept = None if void is None else ~void[period.first - term.fixed : period.last + 1 - term.fixed]
            use = used[period.first : period.last + 1]
            minimum, use_of_it = _minimum(period, unit, kept), _use(use, kept)
            short: np.ndarray = rules.owed(minimum, use_of_it, carried)
            if leaving is not None:
                if ((leaving >= period.first) & (leaving <= period.last)).any():
                    later: np.ndarray | float = unit * sum(other.minimum for other in term.periods[k + 1 :])
                    for month, amount in _buyouts(commitment, period, unit, use, kept, carried, later, leaving):
                        bill(month, amount)
                short = np.where(leaving <= period.last, 0.0, short)
            bill(period.last, short)
            if commitment.carry:
                carried = rules.carried_over(minimum, use_of_it, carried)
    width = max([1, *(row.shape[-1] for row in rows.values() if row.ndim)])
    dues = np.zeros((len(volume), width))
    for month, row in rows.items():
        dues[month] = row
    return dues


def _unit(
    commitment: Commitment, term: Term, starts: int, level: np.ndarray, price: np.ndarray | None
) -> np.ndarray | float:
    """What the term's renewal commits to, of which a period's minima are multiples."""
    if commitment.share is None:
        return 1.0
    if commitment.running is not None and term.renewal <= starts:
        return commitment.running
    at_renewal = level[term.fixed] if price is None else price[term.fixed] * level[term.fixed]
    unit: np.ndarray = rules.committed_volume(commitment.share, at_renewal)
    return unit


def _minimum(period: Period, unit: np.ndarray | float, kept: np.ndarray | None) -> np.ndarray:
    return np.asarray(unit * (period.minimum if kept is None else np.array(period.minima) @ kept))


def _use(use: np.ndarray, kept: np.ndarray | None) -> np.ndarray:
    total: np.ndarray = use.sum(axis=0) if kept is None else np.einsum("mp,mp->p", *np.broadcast_arrays(use, kept))
    return total


def _buyouts(
    commitment: Commitment,
    period: Period,
    unit: np.ndarray | float,
    use: np.ndarray,
    kept: np.ndarray | None,
    carried: np.ndarray | float,
    later: np.ndarray | float,
    leaving: np.ndarray,
) -> list[tuple[int, np.ndarray]]:
    """What is paid in each month of a period by those who leave in it."""
    assert commitment.buyout is not None
    found = []
    spent = np.zeros(use.shape[1:])
    # Months void before it are no part of what is bought out; later ones are not foreseen.
    gone: np.ndarray | float = 0.0
    for m, month in enumerate(range(period.first, period.last + 1)):
        now = leaving == month
        if now.any():
            under_way = unit * (period.minimum - gone) - spent - carried
            paid = rules.buyout_price(commitment.buyout, rules.still_committed(under_way, later, commitment.carry))
            stands = True if kept is None else kept[m]
            found.append((month, np.where(now & stands, paid, 0.0)))
        counts = 1.0 if kept is None else kept[m].astype(float)
        spent = spent + counts * use[m]
        gone = gone + (1.0 - counts) * period.minima[m]
    return found
