"""Revenue at risk when a large customer may leave: scenarios in YAML, valued by two engines that agree path by path.

>>> import sim
>>> scenario = sim.load("tiktok", set={"events.in_house_llm.probability": 0.8})
>>> result = sim.run(scenario, paths=20_000)
>>> print(result.headline)
>>> result.measures["revenue_at_risk"]["0.95"]
>>> result.plot.exceedance()

A scenario is a file, the name of a bundled one, or a mapping in the scenario language (``docs/scenario-language.md``);
``docs/python.md`` shows the rest. The public interface is what ``__init__.pyi`` beside this file lists, for readers of
types and for this module alike; each name is loaded when it is first used, so that importing ``sim`` costs nothing.
"""

from __future__ import annotations

import builtins
import importlib
from typing import Any


def _homes() -> dict[str, str]:
    """Module of each public name, from lines like ``from sim.answers.run import run as run``."""
    with builtins.open(f"{__file__}i", encoding="utf-8") as file:
        lines = [line.split() for line in file if line.startswith("from sim.")]
    return {name: module for _, module, _, name, _, _ in lines}


_HOMES = _homes()

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
