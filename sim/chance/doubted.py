"""Scores of numbers in doubt: a draw is a pure function of (seed, dotted path, number of the draw).

Each doubt has a quasi-random sequence of its own, of one dimension, as a draw of chance has that is not in the joint
sequence: draw k is point k // 16 of scrambling k % 16. So adding, removing or reordering doubts, or anything else of a
scenario, moves no other doubt's draws, and more draws keep the first ones. (A joint sequence would be spread more
evenly, but ties what should be independent: with it, first-order indices come out wrong by factors.)
"""

from __future__ import annotations

import numpy as np

from sim.chance import sobol
from sim.chance.draws import scrambling_keys, words

VALUE = "value"


def entity(path: str) -> str:
    """Name of a doubt among the streams; no id may contain an asterisk."""
    return f"*doubt*.{path}"


def scores(seed: int, path: str, draws: int) -> np.ndarray:
    """Standard normal scores of a doubt.

    Parameters
    ----------
    seed
        The scenario's seed.
    path
        Dotted path of the number in doubt.
    draws
        How many, from the first on.

    Returns
    -------
    ndarray, shape (draws,)
    """
    points = sobol.scrambled(scrambling_keys(seed, entity(path), VALUE), 1, 0, draws)[0]
    return _scores(points)


def again(seed: int, path: str, draw: int, attempt: int) -> float:
    """The score of one draw that is drawn anew, for the ``attempt``-th time, independent of all others."""
    word = words(seed, entity(path), f"again.{attempt}", 1, draw, 1, sobol.BITS)[0]
    return float(_scores(word)[0])


def _scores(words: np.ndarray) -> np.ndarray:
    """Standard normal scores of 32-bit words; with half a step added they are never infinite."""
    from scipy.special import ndtri

    found: np.ndarray = ndtri((words.astype(float) + 0.5) * 2.0**-sobol.BITS)
    return found
