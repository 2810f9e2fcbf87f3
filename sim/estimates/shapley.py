"""Coalitions of players and their weights in the Shapley value: over all orders of the players, or over sampled ones.

The Shapley value of a player is the mean, over all orders in which the players may join, of what the player adds to
those who came before (Shapley 1953, A value for n-person games): a weighted sum over coalitions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sim.chance import draws

MOST_EXACT = 8
"""Players up to which every coalition is valued; beyond, orders are sampled."""

MOST_COALITIONS = 384
"""Coalitions that sampled orders may need; each is valued once, however many orders pass through it."""

LEAST_PAIRS = 2
"""Pairs of an order and its reverse, at least, so that their spread tells an error."""

ORDERS = "*attribution*"
"""Name of the sampled orders among the entities that draws belong to; no id may contain an asterisk."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """Which coalitions are valued, and how they weigh in each player's contribution.

    Attributes
    ----------
    coalitions
        Distinct sets of players as the bits of a number; not the empty one, which loses nothing.
    weights
        Shape (samples, players, coalitions): a contribution is the mean over samples of the weighted sums.
    whole
        Place of the coalition of all players.
    orders
        How many orders were sampled; None where the weights hold all.
    """

    coalitions: tuple[int, ...]
    weights: np.ndarray
    whole: int
    orders: int | None


def weigh(players: int, seed: int) -> Weighing:
    """The coalitions that have to be valued for so many players: all of them, or those that sampled orders meet."""
    return all_orders(players) if players <= MOST_EXACT else some_orders(players, seed)


def all_orders(players: int) -> Weighing:
    """All coalitions, weighed as all orders of the players do."""
    coalitions = tuple(range(1, 1 << players)) or (0,)
    weights = np.zeros((1, players, len(coalitions)))
    for column, coalition in enumerate(coalitions):
        size = coalition.bit_count()
        for player in range(players):
            # Of all orders, that many have just this coalition come first, with the player or before the player.
            joins = coalition >> player & 1
            weights[0, player, column] = (
                1 / (players * math.comb(players - 1, size - 1))
                if joins
                else -1 / (players * math.comb(players - 1, size))
            )
    return Weighing(coalitions, weights, len(coalitions) - 1, None)


def some_orders(players: int, seed: int) -> Weighing:
    """Random orders and their reverses, as many pairs as pass through no more coalitions than may be valued.

    Where sampling stops is a matter of how orders overlap, not of who is who: with other names for the players all that
    happens would be as likely, so every order is, and the mean over the sample is the Shapley value on average.
    """
    whole = (1 << players) - 1
    columns: dict[int, int] = {whole: 0}
    samples: list[list[tuple[int, int, float]]] = []
    while True:
        words = draws.words(seed, ORDERS, "order", players, len(samples), 1)[0]
        order = [int(player) for player in np.argsort(words, kind="stable")]
        steps = [step for one in (order, order[::-1]) for step in _steps(one)]
        fresh = {coalition for _, coalition, _ in steps} - columns.keys()
        if len(samples) >= LEAST_PAIRS and len(columns) + len(fresh) > MOST_COALITIONS:
            break
        for _, coalition, _ in steps:
            columns.setdefault(coalition, len(columns))
        samples.append(steps)
    weights = np.zeros((len(samples), players, len(columns)))
    for sample, steps in zip(weights, samples, strict=True):
        for player, coalition, sign in steps:
            sample[player, columns[coalition]] += sign / 2
    return Weighing(tuple(columns), weights, 0, 2 * len(samples))


def _steps(order: list[int]) -> list[tuple[int, int, float]]:
    """Player, coalition and sign of all that an order adds and takes: each player's coalition less the one before."""
    steps, before = [], 0
    for player in order:
        after = before | 1 << player
        steps.append((player, after, 1.0))
        if before:
            steps.append((player, before, -1.0))
        before = after
    return steps
