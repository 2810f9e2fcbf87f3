"""Revenue at risk when a large customer may leave: scenarios in YAML, valued by two engines that agree path by path.

The names below are the public interface; each is loaded when it is first used, so that importing ``sim`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from sim.version import __version__

if TYPE_CHECKING:
    from sim.agreement import Agreement, verify
    from sim.breakevens import Breakeven, breakeven
    from sim.errors import OutputError, ScenarioError, SimError, TooLarge, UsageError
    from sim.results import Result
    from sim.runs import run
    from sim.samplings import SamplingAgreement, verify_sampling
    from sim.scenario import Scenario, load
    from sim.stories import trace
    from sim.surfaces import Sweep
    from sim.sweeps import sweep

_HOMES = {
    "Agreement": "sim.agreement",
    "Breakeven": "sim.breakevens",
    "OutputError": "sim.errors",
    "Result": "sim.results",
    "SamplingAgreement": "sim.samplings",
    "Scenario": "sim.scenario",
    "ScenarioError": "sim.errors",
    "SimError": "sim.errors",
    "Sweep": "sim.surfaces",
    "TooLarge": "sim.errors",
    "UsageError": "sim.errors",
    "breakeven": "sim.breakevens",
    "load": "sim.scenario",
    "run": "sim.runs",
    "sweep": "sim.sweeps",
    "trace": "sim.stories",
    "verify": "sim.agreement",
    "verify_sampling": "sim.samplings",
}

__all__ = [
    "Agreement",
    "Breakeven",
    "OutputError",
    "Result",
    "SamplingAgreement",
    "Scenario",
    "ScenarioError",
    "SimError",
    "Sweep",
    "TooLarge",
    "UsageError",
    "__version__",
    "breakeven",
    "load",
    "run",
    "sweep",
    "trace",
    "verify",
    "verify_sampling",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
