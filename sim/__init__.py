"""Revenue at risk when a large customer may leave: scenarios in YAML, valued by two engines that agree path by path.

>>> import sim
>>> scenario = sim.load("tiktok", set={"events.in_house_llm.probability": 0.8})
>>> result = sim.run(scenario, paths=20_000)
>>> print(result.headline)
>>> result.measures["revenue_at_risk"]["0.95"]
>>> result.plot.exceedance()

A scenario is a file, the name of a bundled one, or a mapping in the scenario language (``docs/scenario-language.md``);
``docs/python.md`` shows the rest. The names below are the public interface; each is loaded when it is first used, so
that importing ``sim`` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from sim.version import __version__

if TYPE_CHECKING:
    from sim.answers.attribute import Attribution, attribute
    from sim.answers.breakeven import Breakeven, breakeven
    from sim.answers.compare import Comparison, compare
    from sim.answers.result import Result
    from sim.answers.run import run
    from sim.answers.surface import Sweep
    from sim.answers.sweep import sweep
    from sim.answers.tornado import Tornado, tornado
    from sim.answers.trace import trace
    from sim.answers.verify import Agreement, verify
    from sim.answers.verify_sampling import SamplingAgreement, verify_sampling
    from sim.archives import open
    from sim.errors import OutputError, ScenarioError, SimError, TooLarge, UsageError
    from sim.explorer import Explorer, explore
    from sim.language.load import load
    from sim.report import Report, make_report
    from sim.scenario.parts import Scenario

_HOMES = {
    "Agreement": "sim.answers.verify",
    "Attribution": "sim.answers.attribute",
    "Breakeven": "sim.answers.breakeven",
    "Comparison": "sim.answers.compare",
    "Explorer": "sim.explorer",
    "OutputError": "sim.errors",
    "Report": "sim.report",
    "Result": "sim.answers.result",
    "SamplingAgreement": "sim.answers.verify_sampling",
    "Scenario": "sim.language",
    "ScenarioError": "sim.errors",
    "SimError": "sim.errors",
    "Sweep": "sim.answers.surface",
    "TooLarge": "sim.errors",
    "Tornado": "sim.answers.tornado",
    "UsageError": "sim.errors",
    "attribute": "sim.answers.attribute",
    "breakeven": "sim.answers.breakeven",
    "compare": "sim.answers.compare",
    "explore": "sim.explorer",
    "load": "sim.language",
    "make_report": "sim.report",
    "open": "sim.archives",
    "run": "sim.answers.run",
    "sweep": "sim.answers.sweep",
    "tornado": "sim.answers.tornado",
    "trace": "sim.answers.trace",
    "verify": "sim.answers.verify",
    "verify_sampling": "sim.answers.verify_sampling",
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
