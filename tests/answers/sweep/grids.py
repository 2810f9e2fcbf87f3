"""Scenarios with a sweep, as plain data, and the cells of a grid one by one."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from sim.answers.sweep import Sweep

PROBABILITY = "events.leave.probability"
MEDIAN = "events.leave.timing.lognormal.median"

SMALL: dict[str, Any] = {
    "scenario": 1,
    "name": "one customer beside a book",
    "start": "2024-03",
    "months": 18,
    "money": "USD million",
    "vendor": {"name": "vendor"},
    "customers": {
        "tiktok": {"revenue": 20, "growth": 0.1, "volatility": 0.2, "market": 0.3},
        "others": {"revenue": 60, "growth": 0.4, "volatility": 0.1, "market": 0.6, "pool": True},
    },
    "events": {
        "leave": {
            "hits": "tiktok",
            "choice": True,
            "probability": 0.6,
            "timing": {"lognormal": {"median": 9, "sigma": 0.5}},
            "usage": {"to": 0.1, "over": 3},
        },
        "cut": {
            "hits": "all",
            "probability": 0.3,
            "timing": {"exponential": {"mean": 12}},
            "price": {"to": 0.9, "over": 4},
        },
    },
    "risk": {"levels": [0.9, 0.95], "target": 1500},
    "run": {"paths": 1024, "seed": 1},
}
"""Linear in the effect of ``leave``."""

EVERYTHING: dict[str, Any] = {
    **SMALL,
    "name": "everything at once",
    "vendor": {"name": "vendor", "discount_rate": 0.09, "capacity": {"initial": 82, "growth": 0.25}},
    "customers": {
        "tiktok": {
            **SMALL["customers"]["tiktok"],
            "contract": {"term": 6, "renews": "2024-07", "notice": 2, "commitment": 0.6},
        },
        "rival": {"revenue": 5, "growth": 0.2, "volatility": 0.3, "contract": {"notice": 1}},
        "others": SMALL["customers"]["others"],
    },
    "events": {
        "leave": {
            **SMALL["events"]["leave"],
            "usage": {"to": {"uniform": {"low": 0, "high": 0.3}}, "over": {"table": {2: 0.5, 5: 0.5}}},
            "triggers": {"cut": {"probability": 0.4, "after": {"uniform": {"low": 1, "high": 6}}}},
        },
        "suspension": {
            "hits": "tiktok",
            "probability": 0.3,
            "timing": {"exponential": {"mean": 15}},
            "usage": {"to": 0},
            "lasts": {"lognormal": {"median": 3, "p90": 9}},
            "permanent": 0.2,
            "triggers": {"leave": {"probability": 0.5, "after": {"gamma": {"mean": 6, "sd": 2}}}},
        },
        "cut": SMALL["events"]["cut"],
        "departures": {
            "hits": ["tiktok", "rival"],
            "each": True,
            "choice": True,
            "probability": 0.2,
            "timing": {"hazard": {"2024-03": 0.3}},
            "usage": {"to": 0.5, "over": 2},
        },
    },
    "levers": {"offer": {"against": "leave", "discount": 0.15, "months": 4, "acceptance": 0.4}},
    "risk": {"levels": [0.9, 0.95], "window": {"first": "2024-05", "last": "2025-08"}, "target": 1390},
}
"""Capacity, contracts, triggers, an offer, endings, laws of level and duration, an event for each of two customers."""


def changed(data: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A deep copy with values set; ``__`` in a name goes one level down."""
    data = copy.deepcopy(data)
    for name, value in values.items():
        *steps, last = name.split("__")
        node = data
        for step in steps:
            node = node.setdefault(step, {})
        node[last] = copy.deepcopy(value)
    return data


def cells_of(sweep: Sweep) -> Iterator[tuple[tuple[int, ...], dict[str, Any]]]:
    """Place on the grid and values by path of each cell."""
    axes = sweep.plan.axes
    for place in itertools.product(*(range(len(axis.values)) for axis in axes)):
        yield place, {axis.path: axis.values[i] for axis, i in zip(axes, place, strict=True)}


def leaves(tree: Any, name: str = "") -> dict[str, np.ndarray]:
    """Arrays of a nested mapping by joined names."""
    if not isinstance(tree, dict):
        return {name: np.asarray(tree)}
    found: dict[str, np.ndarray] = {}
    for key, value in tree.items():
        found |= leaves(value, f"{name}/{key}" if name else key)
    return found


def everything_in(sweep: Sweep) -> dict[str, np.ndarray]:
    """All arrays of a sweep by name: measures, errors, ends of intervals."""
    return leaves({"cells": sweep.cells, "error": sweep.standard_error, "interval": sweep.interval})
