"""The comparison of the engines notices small defects in what one engine alone sees.

A sample of mutants, made as ``benchmarks/mutation.py`` makes them, is planted in a copy of one engine and of what it
stands on (:mod:`tests.engines.mutants`); the other engine stays honest. Not every mutant can be noticed: many change
what the comparison does not look at (a ledger's words, quasi-random points, processes of one's own), some nothing.

So the share that is noticed was measured on all of them, and a sample must not fall below what chance allows: of n
mutants that run to the end, drawn where a share p differs, fewer than the binomial law's quantile at ``CHANCE`` differ
with at most that chance. Drawing without replacement from parts with different shares varies less than that law.
The seed was chosen once and is kept, so on unchanged code there is no false alarm; where a change of the code draws
another sample, there is one with a chance of 1 % at most for the ten bounds together.
"""

from __future__ import annotations

import inspect
import random
import signal
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from scipy.stats import binom

from sim.answers.verify import RULES, verify
from sim.scenario import rules
from tests.engines.cases import SCENARIOS
from tests.engines.mutants import SEEN, counted, differs, mutants

CHANCE = 1e-3
SAMPLE_SEED = 1

# Of each part: mutants that differ of those that run to the end, among all there are, and how many are sampled. It is
# what ``python -m tests.engines.mutants`` printed on 28 November 2026: 799 of 1,503 in all.
MEASURED = {
    ("kernel", "kernel"): (206, 286, 20),
    ("kernel", "money"): (15, 16, 12),
    ("kernel", "rules"): (99, 136, 18),
    ("kernel", "terms"): (44, 147, 28),
    ("kernel", "draws"): (87, 181, 20),
    ("model", "model"): (180, 401, 28),
    ("model", "rules"): (86, 135, 14),
    ("model", "draws"): (75, 188, 20),
    ("model", "path"): (7, 13, 17),
}

OF_BOTH = (rules.owed, rules.carried_over, rules.still_committed, rules.buyout_price, rules.risen)
OF_CONTRACTS = [*((rule, engine) for rule in OF_BOTH for engine in SEEN), (rules.refuses_renewal, "kernel")]

PATHS = 100
LEAST_RATE = 0.2


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="a mutant that hangs could not be stopped")
# What stops a mutant that hangs may be raised where Python can only warn of it, as in the end of an object.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_as_many_mutants_are_noticed_as_should_be() -> None:
    assert set(MEASURED) == {(engine, module) for engine, modules in SEEN.items() for module in modules}
    noticed = {}
    in_all = expected = 0.0
    for (engine, module), (differing, running, size) in MEASURED.items():
        every = mutants(module)
        some = random.Random(f"{SAMPLE_SEED} {engine} {module}").sample(every, min(size, len(every)))
        ran, found = counted(engine, some)
        least = binom.ppf(CHANCE, ran, differing / running)
        assert least >= 1, f"{module}, seen by the {engine}: {ran} mutants that run are too few to say anything"
        noticed[engine, module] = (found, int(least))
        in_all += ran
        expected += ran * differing / running
    print("\nmutants noticed, and the least that should be:", noticed)
    assert {part: counts for part, counts in noticed.items() if counts[0] < counts[1]} == {}
    assert sum(found for found, _ in noticed.values()) >= binom.ppf(CHANCE, in_all, expected / in_all)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="a mutant that hangs could not be stopped")
@pytest.mark.parametrize(("rule", "engine"), OF_CONTRACTS)
def test_a_defect_in_each_rule_of_contracts_is_noticed(rule: Callable[..., Any], engine: str) -> None:
    """Of up to four mutants within its lines one differs at least, or fails."""
    lines, first = inspect.getsourcelines(rule)
    within = [mutant for mutant in mutants("rules") if first < mutant.line < first + len(lines)]
    some = random.Random(f"{SAMPLE_SEED} {rule.__name__}").sample(within, min(4, len(within)))
    ran, differing = counted(engine, some)
    assert differing > 0 or ran < len(some)


def _the_first_outcome_each_time() -> None:
    draws = import_module("sim.chance.draws").Draws
    outcome = draws.outcome
    draws.outcome = lambda self, event: outcome(self, replace(event, id=event.first))


def _outcomes_draw_once_in_the_kernel() -> None:
    settling = import_module("sim.engines.settling")
    arisen = settling._arisen
    settling._arisen = lambda scenario, draws, event, *more: arisen(
        scenario, draws, replace(event, id=event.first) if event.outcome_of else event, *more
    )


def _outcomes_draw_once_in_the_model() -> None:
    world = import_module("sim.engines.model").World
    coming = world._coming

    def named_as_the_first(self: Any, called: str, number: int) -> Any:
        found = coming(self, called, number)
        return replace(found, id=called) if found.outcome_of else found

    world._coming = named_as_the_first


def _an_event_with_outcomes_comes_once_in_the_kernel() -> None:
    settling = import_module("sim.engines.settling")
    again = settling._coming_again

    def once(scenario: Any, draws: Any, first: Any) -> Any:
        found = again(scenario, draws, first)
        return {id: replace(one, again=None) if first.event.outcomes else one for id, one in found.items()}

    settling._coming_again = once


def _an_event_with_outcomes_comes_once_in_the_model() -> None:
    world = import_module("sim.engines.model").World
    again = world._again

    def once(self: Any, before: Any, begun: int) -> Any:
        if before.outcome_of is None:
            yield from again(self, before, begun)

    world._again = once


OF_REPEATS = {
    "kernel: the first outcome each time": ("kernel", _the_first_outcome_each_time),
    "model: the first outcome each time": ("model", _the_first_outcome_each_time),
    "kernel: outcomes draw once": ("kernel", _outcomes_draw_once_in_the_kernel),
    "model: outcomes draw once": ("model", _outcomes_draw_once_in_the_model),
    "kernel: with outcomes it comes once": ("kernel", _an_event_with_outcomes_comes_once_in_the_kernel),
    "model: with outcomes it comes once": ("model", _an_event_with_outcomes_comes_once_in_the_model),
}


@pytest.mark.parametrize("defect", OF_REPEATS)
def test_a_defect_in_what_comes_of_an_event_that_repeats_is_noticed(defect: str) -> None:
    engine, spoil = OF_REPEATS[defect]
    assert differs(engine, spoil=spoil)


@pytest.mark.parametrize("engine", SEEN)
def test_a_copy_without_a_mutant_agrees(engine: str) -> None:
    """The negative control: it is the mutants that are noticed, not the copying."""
    assert not differs(engine)


def test_every_rule_acts_on_these_scenarios() -> None:
    """In one of them at least on a fifth of its paths, so that the engines differ where one lacks the rule."""
    rates = dict.fromkeys(RULES, 0.0)
    for data in SCENARIOS.values():
        agreement = verify(data, paths=PATHS, seed=1)
        assert agreement.agree, agreement.differences
        rates = {rule: max(rate, agreement.acted[rule] / PATHS) for rule, rate in rates.items()}
    print("\nrules at work, by the scenario where most:", rates)
    assert {rule: rate for rule, rate in rates.items() if rate < LEAST_RATE} == {}
