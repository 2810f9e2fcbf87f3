"""Risk measures of a quasi-random run: errors from how far its independent scramblings lie apart (``docs/trust.md``).

Path i belongs to replication i modulo their number, and every replication has as many paths. Points of one scrambling
depend on each other, so that nothing but the spread of whole replications says how good a value is.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import independent
from sim.estimates.independent import CONFIDENCE, LEAST_TAIL, Tail, cautious, quantile_rank, share_interval


def student(replications: int) -> float:
    """Two-sided quantile of Student's law for the published intervals: half-width over standard error."""
    from scipy.special import stdtrit

    return float(stdtrit(max(1, replications - 1), (1 + CONFIDENCE) / 2))


def standard_error(replications: np.ndarray) -> float | None:
    """Standard error of the mean of independent replications, shape (replications,); None for a single one."""
    if len(replications) < 2:
        return None
    return float(replications.std(ddof=1) / np.sqrt(len(replications)))


def tails(values: np.ndarray, levels: Sequence[float], replications: int) -> list[Tail]:
    """Revenue at risk and expected shortfall at each level, exact order statistics of all values.

    Parameters
    ----------
    values
        Losses, shape (paths,); the number of paths is a multiple of that of the replications.
    levels
        Levels in (0, 1).
    replications
        How many there are.

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
        below, at_most = quantile_reach(table, at_risk)
        low, high = _order_statistic(ordered, level - below), _order_statistic(ordered, level + at_most)
        excess, *others = (
            np.maximum(table - end, 0.0).mean(axis=0) / (1 - level) for end in (at_risk, low, high) if end is not None
        )
        result.append(
            Tail(
                level=level,
                revenue_at_risk=at_risk,
                low=low,
                high=high,
                expected_shortfall=at_risk + float(excess.mean()),
                standard_error=cautious([standard_error(part) or 0.0 for part in (excess, *others)])
                if count - rank >= LEAST_TAIL and replications > 1
                else None,
                paths=count - rank,
            )
        )
    return result


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
    total = int(hits.sum())
    value = total / paths
    if total in (0, paths):
        return (value, *share_interval(total, paths))
    reach = student(len(hits)) * (standard_error(hits * (len(hits) / paths)) or 0.0)
    return value, max(0.0, value - reach), min(1.0, value + reach)


def _reach(hits: np.ndarray, times: float) -> float:
    return times * (standard_error(hits.mean(axis=0)) or 0.0)


def _order_statistic(ordered: np.ndarray, level: float) -> float | None:
    """Quantile of sorted values at a level; None where no value bounds it."""
    return float(ordered[quantile_rank(len(ordered), level) - 1]) if 0 < level < 1 else None
