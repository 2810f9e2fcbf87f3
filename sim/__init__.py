"""Revenue at risk when a large customer may leave: scenarios in YAML, valued by two engines that agree path by path.

The names below are the public interface; each is loaded when it is first used, so that importing ``sim`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from sim.version import __version__

if TYPE_CHECKING:
    from sim.agreement import Agreement, verify
    from sim.archives import open
    from sim.attributions import Attribution, attribute
    from sim.breakevens import Breakeven, breakeven
    from sim.comparisons import Comparison, compare
    from sim.errors import OutputError, ScenarioError, SimError, TooLarge, UsageError
    from sim.explorer import Explorer, explore
    from sim.report import Report, make_report
    from sim.results import Result
    from sim.runs import run
    from sim.samplings import SamplingAgreement, verify_sampling
    from sim.scenario import Scenario, load
    from sim.stories import trace
    from sim.surfaces import Sweep
    from sim.sweeps import sweep
    from sim.tornados import Tornado, tornado

_HOMES = {
    "Agreement": "sim.agreement",
    "Attribution": "sim.attributions",
    "Breakeven": "sim.breakevens",
    "Comparison": "sim.comparisons",
    "Explorer": "sim.explorer",
    "OutputError": "sim.errors",
    "Report": "sim.report",
    "Result": "sim.results",
    "SamplingAgreement": "sim.samplings",
    "Scenario": "sim.scenario",
    "ScenarioError": "sim.errors",
    "SimError": "sim.errors",
    "Sweep": "sim.surfaces",
    "TooLarge": "sim.errors",
    "Tornado": "sim.tornados",
    "UsageError": "sim.errors",
    "attribute": "sim.attributions",
    "breakeven": "sim.breakevens",
    "compare": "sim.comparisons",
    "explore": "sim.explorer",
    "load": "sim.scenario",
    "make_report": "sim.report",
    "open": "sim.archives",
    "run": "sim.runs",
    "sweep": "sim.sweeps",
    "tornado": "sim.tornados",
    "trace": "sim.stories",
    "verify": "sim.agreement",
    "verify_sampling": "sim.samplings",
}

__all__ = [
    "Agreement",
    "Attribution",
    "Breakeven",
    "Comparison",
    "Explorer",
    "OutputError",
    "Report",
    "Result",
    "SamplingAgreement",
    "Scenario",
    "ScenarioError",
    "SimError",
    "Sweep",
    "TooLarge",
    "Tornado",
    "UsageError",
    "__version__",
    "attribute",
    "breakeven",
    "compare",
    "explore",
    "load",
    "make_report",
    "open",
    "run",
    "sweep",
    "tornado",
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
