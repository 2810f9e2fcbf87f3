"""Tables of losses by draw and path whose measures are known by formula."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

SCRAMBLINGS = 16


def uniforms(count: int, seed: int) -> np.ndarray:
    """Points of (0, 1), one in each of many even parts in every replication, replication k % 16 that of point k."""
    generator = np.random.default_rng(seed)
    each = count // SCRAMBLINGS
    order = generator.permuted(np.tile(np.arange(each), (SCRAMBLINGS, 1)), axis=1)
    points: np.ndarray = ((order + generator.random(order.shape)) / each).T.ravel()
    return points


def one_date(draws: int, paths: int, seed: int) -> np.ndarray:
    """Loss 60 with probability p, else 0; p uniform from 0.02 to 0.12."""
    p = 0.02 + 0.1 * uniforms(draws, seed)
    return np.where(uniforms(paths, seed + 1) < p[:, np.newaxis], 60.0, 0.0)


def grown(draws: int, paths: int, seed: int) -> np.ndarray:
    """Revenue of 10 after two years of growth g and volatility 0.3, all of it lost; ln(1 + g) normal(ln 1.2, 0.1)."""
    growth = np.log(1.2) + 0.1 * ndtri(uniforms(draws, seed))
    walk = 0.3 * np.sqrt(2) * ndtri(uniforms(paths, seed + 1)) - 0.3**2
    losses: np.ndarray = 10 * np.exp(2 * growth[:, np.newaxis] + walk)
    return losses
