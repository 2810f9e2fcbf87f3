"""Mutants that one engine alone sees, and how many of them a comparison with the other engine notices.

Run it from the project's folder to measure all there are, which takes some minutes::

    python -m tests.engines.mutants
"""

from __future__ import annotations

import importlib
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any

from sim.answers.verify import compare
from sim.chance.draws import Draws
from sim.engines import kernel, model
from sim.engines.valuation import Valuation
from sim.language import load
from sim.scenario.parts import Scenario
from tests.command import ROOT
from tests.engines.cases import SCENARIOS
from tests.scripts import script

PATHS = 16
FIRST = 64  # of the paths' numbers; what a path is must not depend on where one begins
SEED = 7
SECONDS = 2.0
"""Of processor time, after which a mutant is taken to hang; others take a twentieth."""

ENGINES = {"kernel": kernel, "model": model}

SEEN = {
    "kernel": ("kernel", "money", "rules", "terms", "draws"),
    "model": ("model", "rules", "draws", "path"),
}
"""What is mutated as one engine alone sees it, by the names that ``benchmarks/mutation.py`` has for modules."""

APART = ("sim.engines.", "sim.chance.", "sim.scenario.rules", "sim.scenario.terms")
"""What each engine gets a copy of: modules whose names begin so."""


def mutants(module: str) -> list[Any]:
    """All mutants of a module."""
    found: list[Any] = script("mutation").mutants(ROOT, [module])
    return found


def planted(mutant: Any) -> MetaPathFinder:
    """What imports a mutant in place of its module."""
    finder: MetaPathFinder = script("mutation").Planted(ROOT, mutant)
    return finder


def _take_out() -> dict[str, ModuleType]:
    """Take copied modules out of where an import looks for them: among the loaded, and in their packages."""
    taken = {name: module for name, module in sys.modules.items() if name.startswith(APART)}
    for name in taken:
        del sys.modules[name]
        package, _, child = name.rpartition(".")
        vars(sys.modules[package]).pop(child, None)
    return taken


@contextmanager
def _anew(*finders: MetaPathFinder) -> Iterator[None]:
    """Within, an engine and what it is made of are imported anew, by these finders first; then all is as it was."""
    honest = _take_out()
    sys.meta_path[:0] = finders
    try:
        yield
    finally:
        for finder in finders:
            sys.meta_path.remove(finder)
        _take_out()
        for name, module in honest.items():
            sys.modules[name] = module
            package, _, child = name.rpartition(".")
            setattr(sys.modules[package], child, module)


@cache
def _scenario(name: str) -> Scenario:
    return load(SCENARIOS[name])


@cache
def _honest(engine: str, name: str) -> Valuation:
    scenario = _scenario(name)
    valuation: Valuation = ENGINES[engine].value(scenario, Draws(scenario, SEED, FIRST, PATHS))
    return valuation


def differs(engine: str, *finders: MetaPathFinder, spoil: Callable[[], None] = lambda: None) -> bool:
    """Whether a copy of an engine differs from the honest other one on any path of any of the five scenarios.

    Whatever a mutant may raise is raised.

    Parameters
    ----------
    spoil
        Puts a defect into the copy that is no single mutant, once it is imported.
    """
    with _anew(*finders):
        importlib.import_module(f"sim.engines.{engine}")
        spoil()
        value = importlib.import_module(f"sim.engines.{engine}").value
        make_draws = importlib.import_module("sim.chance.draws").Draws
    for name in SCENARIOS:
        scenario = _scenario(name)
        found = value(scenario, make_draws(scenario, SEED, FIRST, PATHS))
        pair = (found, _honest("model", name)) if engine == "kernel" else (_honest("kernel", name), found)
        if compare(scenario, *pair).different_paths > 0:
            return True
    return False


def _hangs(*_: Any) -> None:
    raise TimeoutError


def counted(engine: str, some: Sequence[Any]) -> tuple[int, int]:
    """How many mutants run to the end, and how many of these differ.

    One that fails or hangs is noticed by whoever runs the engine: it says nothing of the comparison.
    """
    for name in SCENARIOS:
        _honest("model", name), _honest("kernel", name)
    ran = differing = 0
    before = signal.signal(signal.SIGVTALRM, _hangs)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for mutant in some:
                # Again and again: what raises it may stand where an exception is swallowed.
                signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS, SECONDS)
                try:
                    differing += differs(engine, planted(mutant))
                except Exception:
                    continue
                finally:
                    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
                ran += 1
    finally:
        signal.signal(signal.SIGVTALRM, before)
    return ran, differing


if __name__ == "__main__":
    for engine, modules in SEEN.items():
        for module in modules:
            every = mutants(module)
            ran, differing = counted(engine, every)
            print(f"{engine} {module}: of {len(every)} mutants {ran} run to the end, of which {differing} differ")
