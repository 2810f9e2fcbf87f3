"""The domain's formulas, each written once, for scalars and arrays alike.

Both engines call these functions: the SimPy model month by month with plain numbers, the kernel with whole arrays. They
know nothing of paths, clocks or draws. Section numbers refer to ``docs/model.md``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

MONTHS_A_YEAR = 12
NO_LOSS = 1e-9
"""Share of a path's baseline below which a loss counts as rounding (section 7)."""

# A number or an array of numbers; numpy's own types are too narrow for "takes both, gives back alike".
Amount = Any


def demand_exponent(growth: Amount, volatility: Amount, shock: Amount) -> Amount:
    """Logarithm of D[m] / D[m-1] (section 2).

    Parameters
    ----------
    growth
        Yearly growth in force in month m, above -1.
    volatility
        Yearly volatility, not negative.
    shock
        The month's standard normal shock.
    """
    return np.log1p(growth) / MONTHS_A_YEAR - volatility**2 / 24 + volatility / math.sqrt(MONTHS_A_YEAR) * shock


def blended_shock(market: Amount, market_shock: Amount, own_shock: Amount) -> Amount:
    """A stream's shock from the market's and its own, with correlation ``market`` to the former (section 2)."""
    return market * market_shock + math.sqrt(1 - market**2) * own_shock


def taking_effect(arises: Amount, notice: Amount) -> Amount:
    """Month in which an event takes effect: where it arises, and its notice later (section 3)."""
    return arises + notice


def ending(begins: Amount, lasts: Amount) -> Amount:
    """First month in which a temporary event's effect is over; it holds for a month at least (section 3)."""
    return begins + np.maximum(1, lasts)


def last_in_effect(ends: Amount) -> Amount:
    """Last month in which an event that is over was in effect: from it on its next coming is counted (section 3)."""
    return ends - 1


def is_in_effect(month: Amount, begins: Amount, ends: Amount) -> Amount:
    """Whether an event is in effect in a month (section 3)."""
    return (begins <= month) & (month < ends)


def progress(elapsed: Amount, over: Amount, shape: str) -> Amount:
    """How far an effect has come ``elapsed`` months (0, 1, ...) after it began, as a share of the way (section 3).

    Parameters
    ----------
    elapsed
        Whole months since the effect began, not negative.
    over
        Whole months that the way takes; with 0 it is gone at once, whatever the shape.
    shape
        ``step``, ``linear``, ``s_curve`` or ``exponential``.
    """
    if shape == "step":
        return np.ones_like(elapsed, dtype=float) if isinstance(elapsed, np.ndarray) else 1.0
    span = np.maximum(over, 1)
    if shape == "exponential":
        way = 1 - np.exp(-3 * (elapsed + 1) / span)
        # 0 months is "at once": here alone a span of 1 would leave 5 % of the way.
        return np.where(np.equal(over, 0), 1.0, way)
    t = np.minimum(elapsed + 1, span) / span
    return t if shape == "linear" else t * t * (3 - 2 * t)


def effect_factor(to: Amount, way: Amount) -> Amount:
    """Factor of an effect towards level ``to`` that has come ``way`` of its way, from :func:`progress` (section 3)."""
    return 1 + (to - 1) * way


def lowers_usage(to: Amount) -> Amount:
    """Whether a usage level means that the customer uses less (section 5)."""
    return to < 1


def voids_by_default(to: Amount, choice: bool) -> Amount:
    """Whether an event voids commitments where the scenario does not say (section 5)."""
    return lowers_usage(to) & (not choice)


def postponed(month: Amount, months: Amount) -> Amount:
    """Month in which an event arises after an accepted offer (section 4)."""
    return month + months


def offer_price(discount: Amount) -> Amount:
    """Price factor while an accepted offer holds (section 4)."""
    return 1 - discount


def next_occasion(month: Amount, occasions: tuple[int, ...], never: int) -> Amount:
    """First of the months in which a customer can leave that is not before ``month``, else ``never`` (section 5)."""
    return np.array((*occasions, never))[np.searchsorted(occasions, month)]


def refuses_renewal(renewal: Amount, since: Amount, ends: Amount, lowers: Amount) -> Amount:
    """Whether an event keeps a customer from committing anew: it lowers usage, and is not over (section 5).

    Parameters
    ----------
    renewal
        Month in which it would commit.
    since
        Month from which the event does so: where it arises, or by when notice of it was given in time.
    ends
        First month in which it is over.
    lowers
        Whether it lowers usage.
    """
    return lowers & (since <= renewal) & (renewal < ends)


def committed_volume(share: Amount, at_renewal: Amount) -> Amount:
    """Minimum of a month until the next renewal: a share of the volume, or of the bill, at the last (section 5)."""
    return share * at_renewal


def risen(rises: Amount, anniversaries: Amount) -> Amount:
    """Factor of a minimum that rises on each anniversary of its renewal (section 5)."""
    return (1 + rises) ** anniversaries


def owed(minimum: Amount, used: Amount, carried: Amount) -> Amount:
    """What a period's use falls short of its minimum, with what is carried over from the periods before (section 5)."""
    return np.maximum(0.0, minimum - used - carried)


def carried_over(minimum: Amount, used: Amount, carried: Amount) -> Amount:
    """What counts towards the next period of a term: use above the minimum so far (section 5)."""
    return np.maximum(0.0, used + carried - minimum)


def still_committed(under_way: Amount, later: Amount, carry: bool) -> Amount:
    """What a term still binds a customer to (section 5).

    Parameters
    ----------
    under_way
        The whole minimum of the period under way, less what was used of it and what is carried over; may be negative.
    later
        The minima of the term's later periods.
    carry
        Whether what is used above a minimum counts towards the next.
    """
    return np.maximum(0.0, under_way + later) if carry else np.maximum(0.0, under_way) + later


def buyout_price(share: Amount, committed: Amount) -> Amount:
    """What a customer that leaves pays to be free of :func:`still_committed` (section 5)."""
    return share * committed


def served_share(capacity: Amount, volume: Amount) -> Amount:
    """Share of the volume of all streams that the vendor's capacity serves (section 5)."""
    most = np.maximum(volume, capacity)
    # Where there is neither volume nor capacity, all of nothing is served.
    return np.divide(capacity, most) if np.all(capacity) else share_or(capacity, most, 1.0)


def shortfall(floor: Amount, volume: Amount) -> Amount:
    """Volume that is paid for without being used (section 5)."""
    return np.maximum(0.0, floor - volume)


def revenue(price: Amount | None, served: Amount, volume: Amount, unused: Amount | None) -> Amount:
    """Revenue of a stream in a month: served volume and ``unused`` of :func:`shortfall`, at its price (section 5).

    Parameters
    ----------
    price
        Factor on the list price; None: 1.
    served
        Share of the volume that is served.
    volume
        What takes up capacity.
    unused
        What is paid for without being used; None: nothing.
    """
    billed = served * volume
    if unused is not None:
        billed = billed + unused
    return billed if price is None else price * billed


def compounded(initial: float, growth: tuple[float, ...]) -> np.ndarray:
    """Deterministic monthly path from month 0 at yearly growth; ``growth[0]`` is not used (sections 2 and 5).

    Returns
    -------
    ndarray, shape (months,)
    """
    exponents = demand_exponent(np.asarray(growth[1:], dtype=float), 0.0, 0.0)
    path: np.ndarray = initial * np.exp(np.concatenate(([0.0], np.cumsum(exponents))))
    return path


def present_value(discount_rate: float | None, months: Amount) -> Amount:
    """Discount factor of a month, 1 without a rate (section 6)."""
    return (1 + (discount_rate or 0.0)) ** (-np.asarray(months) / MONTHS_A_YEAR)


def share(part: Amount, whole: Amount) -> Amount:
    """Share of a whole; a whole of zero has no shares, which counts as 0 (section 7)."""
    # Of most blocks of paths no month is without revenue: to look is cheaper than to choose.
    return part / whole if np.all(whole) else share_or(part, whole, 0.0)


def share_or(part: Amount, whole: Amount, otherwise: float) -> Amount:
    """Share of a whole, or another number where the whole is zero."""
    none = np.equal(whole, 0)
    return np.where(none, otherwise, part / np.where(none, 1.0, whole))


def lost(baseline: Amount, revenue: Amount, one_off: Amount = 0.0) -> Amount:
    """What a month loses: what the twin brings more, and what events cost once, which is no revenue (section 6)."""
    loss = baseline - revenue
    return loss + one_off if np.any(one_off) else loss


def revenue_of(baseline: Amount, loss: Amount, one_off: Amount = 0.0) -> Amount:
    """Revenue, from what would be there without events and what is lost of it: :func:`lost` the other way round."""
    revenue = baseline - loss
    return revenue + one_off if np.any(one_off) else revenue


def is_a_loss(loss: Amount, baseline: Amount) -> Amount:
    """Whether a path's loss is more than rounding (section 7)."""
    return loss > NO_LOSS * baseline
