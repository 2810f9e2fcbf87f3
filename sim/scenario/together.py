"""Events that tend to come together: the chance that several do, exactly (``docs/model.md`` section 3)."""

from __future__ import annotations

import math
from collections.abc import Sequence

_FAR = 9.0
"""Standard deviations beyond which a normal has no weight in double precision."""


def chance_of_all(chances: Sequence[float], correlation: float) -> float:
    """Chance that all of several events of a set arise.

    Parameters
    ----------
    chances
        Each event's own chance.
    correlation
        Of the scores, from 0 to below 1.

    Returns
    -------
    float
        Given the common factor z the events are independent, each with Φ((Φ⁻¹(p) − √ρ·z)/√(1−ρ)): integrated over z.
        For two events it is Φ₂(Φ⁻¹(p), Φ⁻¹(q); ρ).
    """
    if correlation == 0 or min(chances) <= 0:
        return math.prod(chances) if min(chances) > 0 else 0.0
    from scipy.integrate import quad
    from scipy.special import ndtr, ndtri

    scores = [float(ndtri(chance)) for chance in chances if chance < 1]
    if len(scores) < 2:
        return math.prod(chances)
    common, own = math.sqrt(correlation), math.sqrt(1 - correlation)

    def given(z: float) -> float:
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return density * math.prod(float(ndtr((score - common * z) / own)) for score in scores)

    # Near a correlation of 1 the integrand falls off within a small stretch about each score.
    steps = sorted({score / common for score in scores if abs(score / common) < _FAR})
    found, _ = quad(given, -_FAR, _FAR, points=steps or None, limit=500, epsabs=1e-13, epsrel=1e-11)
    return min(max(float(found), 0.0), min(chances))
