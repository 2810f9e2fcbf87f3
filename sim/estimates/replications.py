"""Risk measures of a quasi-random run: errors from how far its independent scramblings lie apart (``docs/trust.md``).

Path i belongs to replication i modulo their number, and every replication has as many paths. Points of one scrambling
depend on each other, so that nothing but the spread of whole replications says how good a value is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import independent
from sim.estimates.independent import CONFIDENCE, LEAST_TAIL, Moments, Tail, cautious, quantile_rank, share_interval

MISSED = 1.5
"""Paths that one replication is taken to have met or missed by chance.

Sixteen replications that agree leave, with 95 % confidence, a chance of up to 1 - 0.025^(1/16) = 0.206 that another
would count one path more; with 1.5 paths the interval by Student's law is as wide: 2.131 · 1.5 / sqrt(15 · 16) = 0.206.
"""


ROUNDING = 1e-12
"""Part of what replications say up to which they say the same."""


def student(replications: int) -> float:
    """Two-sided quantile of Student's law for the published intervals: half-width over standard error."""
    from scipy.special import stdtrit

    return float(stdtrit(max(1, replications - 1), (1 + CONFIDENCE) / 2))


def standard_error(replications: np.ndarray, path: float = 0.0) -> float | None:
    """Standard error of the mean of independent replications; None for a single one.

    Parameters
    ----------
    replications
        What each says, shape (replications,).
    path
        What one path more or less would add to a replication.

    Notes
    -----
    Quasi-random points are spread so evenly that all replications may count the same, and none of them a path as rare
    as decides the value: their spread would then say that there is no error. So where they agree, one of them is taken
    to have met or missed :data:`MISSED` paths by chance; where more than half of them agree, as much as the others lie
    off. For counts that are one of two neighbours, whatever the chance of the upper one, 16 scramblings then hold the
    true value in 93 to 100 % of cases (by the binomial law), and in 58 % of the range in less without.
    """
    if len(replications) < 2:
        return None
    return float(standard_errors(replications[:, np.newaxis], np.array([path]))[0])


def standard_errors(replications: np.ndarray, path: np.ndarray, at_least: np.ndarray | float = 0.0) -> np.ndarray:
    """The same of several means at a time; NaN for a single replication.

    Parameters
    ----------
    replications
        Shape (replications, means).
    path
        Shape (means,).
    at_least
        What is granted where the replications do not agree; shape (means,).
    """
    count = len(replications)
    if count < 2:
        return np.full(replications.shape[1:], np.nan)
    ordered = np.sort(replications, axis=0)
    # Sorted, more than half of them agree only with the one in the middle.
    common = ordered[count // 2]
    off = np.abs(ordered - common)
    alike = (off <= ROUNDING * np.abs(ordered[[0, -1]]).max(axis=0)).sum(axis=0)
    some = np.where(alike > count / 2, np.maximum(off.max(axis=0), at_least), at_least)
    granted = np.where(alike == count, MISSED * path, some)
    errors: np.ndarray = np.sqrt((replications.var(axis=0) * count + granted**2) / ((count - 1) * count))
    return errors


def tails(values: np.ndarray, levels: Sequence[float], replications: int, *, least: int = LEAST_TAIL) -> list[Tail]:
    """Revenue at risk and expected shortfall at each level, exact order statistics of all values.

    Parameters
    ----------
    values
        Losses, shape (paths,); the number of paths is a multiple of that of the replications.
    levels
        Levels in (0, 1).
    replications
        How many there are.
    least
        Paths in the tail below which the shortfall has no standard error.

    Returns
    -------
    list of Tail
        ``low`` and ``high`` are the order statistics at the level less or plus what the share of losses up to the
        quantile may be off by: Student's quantile times its standard error among the replications. Where the losses
        have an atom, the share below it bounds the low end, the share with it the high one. The shortfall's standard
        error is that of its influence function, by replication.
    """
    count = len(values)
    ordered = np.sort(values)
    table = values.reshape(-1, replications)
    result = []
    for level in levels:
        rank = quantile_rank(count, level)
        at_risk = float(ordered[rank - 1])
        low, high = _ends(ordered, level, *quantile_reach(table, at_risk))
        terms = [np.maximum(table - end, 0.0) for end in (at_risk, low, high) if end is not None]
        excess = terms[0].mean(axis=0) / (1 - level)
        result.append(
            Tail(
                level=level,
                revenue_at_risk=at_risk,
                low=low,
                high=high,
                expected_shortfall=at_risk + float(excess.mean()),
                standard_error=cautious([(error_of_mean(part) or 0.0) / (1 - level) for part in terms])
                if count - rank >= least and replications > 1
                else None,
                paths=count - rank,
            )
        )
    return result


def quantile(values: np.ndarray, level: float, replications: int) -> tuple[float, float | None, float | None]:
    """A quantile of any values with the ends of its interval, as :func:`tails` tells that of losses.

    Parameters
    ----------
    values
        Shape (count,), value i of replication i modulo their number.
    """
    ordered = np.sort(values)
    found = float(ordered[quantile_rank(len(values), level) - 1])
    return (found, *_ends(ordered, level, *quantile_reach(values.reshape(-1, replications), found)))


def tails_of(losses: np.ndarray, levels: Sequence[float], *, scrambled: bool) -> list[Tail]:
    """Revenue at risk and expected shortfall of plain or of quasi-random paths, at each level."""
    return tails(losses, levels, SCRAMBLINGS) if scrambled else independent.tails(losses, levels)


def quantile_reach(table: np.ndarray, at_risk: float) -> tuple[float, float]:
    """How far the level of a quantile may be off, down and up: Student's quantile times the error of a share.

    Parameters
    ----------
    table
        Values, shape (paths of a replication, replications).
    at_risk
        The quantile of all of them; where it is an atom, the share below it counts down, the share with it up.
    """
    times = student(table.shape[1])
    return _reach(table < at_risk, times), _reach(table <= at_risk, times)


def share(hits: np.ndarray, paths: int) -> tuple[float, float, float]:
    """A probability with the ends of its 95 % interval.

    Parameters
    ----------
    hits
        Count by replication, shape (replications,).
    paths
        Of all replications together.

    Returns
    -------
    value, low, high
        Where no path hits, or every one does, the replications do not differ; the interval is then that of as many
        independent paths (:func:`sim.estimates.independent.share_interval`).
    """
    (value,), (low,), (high,) = shares(hits[:, np.newaxis], paths)
    return float(value), float(low), float(high)


def shares(hits: np.ndarray, paths: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same of several probabilities at a time; counts of shape (replications, probabilities)."""
    count, total = len(hits), hits.sum(axis=0)
    values = total / paths
    one = count / paths
    reach = student(count) * np.nan_to_num(standard_errors(hits * one, np.full(len(values), one)))
    low, high = np.maximum(0.0, values - reach), np.minimum(1.0, values + reach)
    for extreme in (0, paths):
        low[total == extreme], high[total == extreme] = share_interval(extreme, paths)
    return values, low, high


def error_of_mean(table: np.ndarray) -> float | None:
    """Standard error of the mean of values by path of a replication and replication, one path more or less granted."""
    return standard_error(table.mean(axis=0), Moments.of(table.ravel()).worth / len(table))


def _reach(hits: np.ndarray, times: float) -> float:
    # Where no path, or every one, lies there, the order statistics say it: there is none further out.
    path = 0.0 if hits.all() or not hits.any() else 1 / len(hits)
    return times * (standard_error(hits.mean(axis=0), path) or 0.0)


def _ends(ordered: np.ndarray, level: float, down: float, up: float) -> tuple[float | None, float | None]:
    """Quantiles of sorted values at a level less and plus what it may be off by."""
    return _order_statistic(ordered, level - down), _order_statistic(ordered, level + up)


def _order_statistic(ordered: np.ndarray, level: float) -> float | None:
    """Quantile of sorted values at a level; None where no value bounds it."""
    return float(ordered[quantile_rank(len(ordered), level) - 1]) if 0 < level < 1 else None
