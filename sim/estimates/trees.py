"""A tree of decisions that tells where an event is among the numbers in doubt (CART, by scikit-learn)."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from math import floor
from typing import Any

import numpy as np

from sim.errors import UsageError
from sim.estimates.peeling import LEAST_MASS, Box, Column, Side, counted, rounded, with_side

DEPTH = 3


def check() -> None:
    """See that scikit-learn is installed.

    Raises
    ------
    UsageError
        Where it is not.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise UsageError("a tree needs scikit-learn, which is not installed", help="pip install 'switchrisk[doubt]'")


def leaves(columns: Sequence[Column], event: np.ndarray) -> list[Box]:
    """Grow a tree, and give its leaves as boxes that share no draw, the densest first.

    Parameters
    ----------
    columns
        Of the numbers in doubt.
    event
        Whether the event is, by draw.
    """
    check()
    from sklearn.tree import DecisionTreeClassifier

    features = list(_features(columns))
    table = np.column_stack([values for _, _, values in features])
    grower = DecisionTreeClassifier(max_depth=DEPTH, min_samples_leaf=LEAST_MASS, random_state=0)
    tree = grower.fit(table, event).tree_
    found: list[Box] = []
    _grow(tree, 0, (), columns, [(j, word) for j, word, _ in features], found)
    return sorted(found, key=lambda box: -counted(columns, event, box).density)


def _features(columns: Sequence[Column]) -> list[tuple[int, float | None, np.ndarray]]:
    """What a tree may part draws by: values, and whether it is some word."""
    found: list[tuple[int, float | None, np.ndarray]] = []
    for j, column in enumerate(columns):
        if column.unordered:
            found += [(j, float(word), (column.values == word).astype(float)) for word in np.unique(column.values)]
        else:
            found.append((j, None, column.values))
    return found


def _grow(
    tree: Any,
    node: int,
    box: Box,
    columns: Sequence[Column],
    features: Sequence[tuple[int, float | None]],
    found: list[Box],
) -> None:
    """Go down from a node, with the box of what comes to it."""
    lower, upper = tree.children_left[node], tree.children_right[node]
    if lower == upper:
        found.append(box)
        return
    j, word = features[tree.feature[node]]
    column, limit = columns[j], float(tree.threshold[node])
    if word is not None:
        others = frozenset(np.unique(column.values).tolist()) - {word}
        sides = Side(j, without=frozenset((word,))), Side(j, without=others)
    elif column.whole:
        sides = Side(j, high=float(floor(limit))), Side(j, low=float(floor(limit)) + 1)
    else:
        limit = rounded(limit, column.values)
        beyond = float(np.nextafter(limit, np.inf)) if (column.values == limit).any() else limit
        sides = Side(j, high=limit), Side(j, low=beyond)
    for child, side in zip((lower, upper), sides, strict=True):
        _grow(tree, child, with_side(box, side), columns, features, found)
