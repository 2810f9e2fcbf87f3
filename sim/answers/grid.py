"""Cells on a grid: from variants to the scenario's axes, from tables by measure and level to lists and names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sim.answers.plan import Plan
from sim.estimates.estimators import CellEstimates
from sim.estimates.measures import ByLevel, Key


def on_grid(plan: Plan, by_variant: Sequence[np.ndarray]) -> np.ndarray:
    """Values of the variants' cells as an array of the grid's shape."""
    outer = [plan.shape[k] for k in plan.outer]
    inner = [plan.shape[k] for k in plan.inner]
    # Axes come out with the simulated ones first; put them back into the scenario's order.
    order = np.argsort([*plan.outer, *plan.inner])
    return np.transpose(np.array(by_variant, dtype=float).reshape(*outer, *inner), order)


def laid_out(plan: Plan, by_variant: Sequence[Mapping[Key, CellEstimates]]) -> dict[Key, CellEstimates]:
    """The measures of the variants' cells, by measure and level, each on the grid."""

    def one(key: Key) -> CellEstimates:
        parts = [measures[key] for measures in by_variant]
        known = [name for name in CellEstimates.__dataclass_fields__ if getattr(parts[0], name) is not None]
        return CellEstimates(**{name: on_grid(plan, [getattr(part, name) for part in parts]) for name in known})

    return {key: one(key) for key in by_variant[0]}


def nested(found: Iterable[tuple[Key, Any]]) -> dict[str, Any]:
    """By measure, and by level where it has levels."""
    tree: dict[str, Any] = {}
    for (name, level), values in found:
        if level is None:
            tree[name] = values
        else:
            tree.setdefault(name, ByLevel())[level] = values
    return tree


def flat(tree: Mapping[str, Any], prefix: str = "", between: str = "_") -> list[tuple[str, np.ndarray]]:
    """The arrays of a tree, each with the names on the way to it."""
    found: list[tuple[str, np.ndarray]] = []
    for name, value in tree.items():
        whole = f"{prefix}{between}{name}" if prefix else name
        found += flat(value, whole, between) if isinstance(value, Mapping) else [(whole, value)]
    return found


def plain(tree: Any) -> Any:
    """Arrays as nested lists with None for NaN."""
    if isinstance(tree, Mapping):
        of_all = {name: plain(value) for name, value in tree.items()}
        return ByLevel(of_all) if isinstance(tree, ByLevel) else of_all
    values = np.asarray(tree, dtype=float)
    whole = values.astype(object)
    whole[~np.isfinite(values)] = None
    return whole.tolist()
