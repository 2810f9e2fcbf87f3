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
# what ``python -m tests.engines.mutants`` printed on 28 November 2026: 722 of 1,346 in all.
MEASURED = {
    ("kernel", "kernel"): (165, 217, 20),
    ("kernel", "money"): (15, 16, 12),
    ("kernel", "rules"): (98, 135, 18),
    ("kernel", "terms"): (44, 147, 28),
    ("kernel", "draws"): (74, 160, 20),
    ("model", "model"): (165, 374, 28),
    ("model", "rules"): (84, 133, 14),
    ("model", "draws"): (72, 155, 20),
    ("model", "path"): (5, 9, 17),
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
