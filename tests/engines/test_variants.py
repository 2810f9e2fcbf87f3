"""Variants on common draws are worth what the kernel makes of each, to the digit, whatever of others is kept."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import sim
from sim.chance.sampling import Sampling
from sim.engines import kernel, variants
from sim.engines.valuation import WindowSums, window_sums
from sim.engines.variants import Known, Numbers, alike_together, sums_of, uses_of
from sim.errors import SimError
from sim.scenario.parts import Scenario
from sim.simulation.common_draws import only
from tests.scenarios import scenarios

PATHS = 48


def by_the_kernel(scenario: Scenario, sampling: Sampling) -> WindowSums:
    found = kernel.value(scenario, sampling.draws(scenario, 0, PATHS))
    return window_sums(scenario, found.revenue, found.baseline, found.one_off)


def variants_of(scenario: Scenario, pick: Any) -> Iterator[Scenario]:
    """The scenario without events, with some, with another number here or there, and itself again."""
    origins = list(dict.fromkeys(event.origin for event in scenario.events))
    yield scenario
    for _ in range(4):
        yield only(scenario, {origin for origin in origins if pick(2)})
    paths = [f"customers.{stream.id}.revenue" for stream in scenario.streams]
    paths += [f"events.{origin}.probability" for origin in origins]
    paths += [
        f"events.{event.origin}.outcomes.{event.id.rpartition('.')[2]}.lasts"
        for event in scenario.events
        if event.outcome_of is not None and event.repeats
    ]
    paths += ["months"] if scenario.months > 1 else []
    for path in paths:
        value = {"revenue": 7.5, "probability": 0.25, "lasts": {"fixed": 2}, "months": scenario.months - 1}[
            path.rpartition(".")[2]
        ]
        try:
            yield scenario.with_({path: value})
        except SimError:
            continue  # another number of the scenario does not go with it
    for capacity in (None, scenario.capacity and replace(scenario.capacity, initial=scenario.capacity.initial / 2)):
        yield replace(scenario, capacity=capacity)
    yield scenario


@pytest.mark.parametrize("most", [variants.KEPT, 40_000, 0], ids=["all kept", "some kept", "none kept"])
def test_what_is_kept_of_others_changes_no_digit(most: int) -> None:
    kept, examples = 0, 0

    @settings(
        max_examples=40,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=scenarios(), choices=st.lists(st.integers(0, 1), min_size=40, max_size=40))
    def test(data: dict[str, Any], choices: list[int]) -> None:
        nonlocal kept, examples
        examples += 1
        scenario = sim.load(data)
        waiting = iter(choices * 10)
        sampling = Sampling(PATHS, 1, "plain")
        numbers, known, shared = Numbers(), Known(most), {}
        for one in variants_of(scenario, lambda _: next(waiting)):
            variant = numbers.variant(one)
            kept += sum(number in known._kept for number in variant.books)
            found = sums_of(variant, sampling.draws(one, 0, PATHS, shared), known)
            expected = by_the_kernel(one, sampling)
            for name in ("loss", "revenue", "baseline", "plain_revenue"):
                np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), strict=True)

    test()
    # Accounts of some streams of a dozen variants of each scenario are there already, unless there is no room.
    print(f"{kept:,} accounts of {examples} scenarios were there")
    assert examples >= 40
    assert kept > 100 if most == variants.KEPT else kept < 2000


def test_an_account_is_shared_where_nothing_bears_on_it_otherwise() -> None:
    numbers = Numbers()
    base = sim.load("tiktok-all-risks")
    tiktok, others = (base.streams.index(one) for one in base.streams)

    def same(variant: Scenario) -> tuple[bool, bool]:
        mine, its = numbers.variant(base), numbers.variant(variant)
        return mine.books[tiktok] == its.books[tiktok], mine.books[others] == its.books[others]

    assert same(base.with_({"name": "another", "run.paths": 5, "risk.levels": [0.5]})) == (True, True)
    assert same(base.with_({"events.in_house_llm.probability": 0.1})) == (False, True)
    # The suspension sets off the own model, which hits TikTok alone.
    assert same(base.with_({"events.suspension.triggers.in_house_llm.probability": 0.1})) == (False, True)
    # The end of exclusivity hits all; what it sets off does too.
    assert same(base.with_({"events.exclusivity_ends.triggers.price_cut.probability": 0.1})) == (False, False)
    assert same(base.with_({"levers.retention_offer.acceptance": 0.1})) == (False, True)
    assert same(base.with_({"customers.tiktok.contract.notice": 1})) == (False, True)
    assert same(base.with_({"customers.others.growth.2024-06": 0.5})) == (True, False)
    assert same(base.with_({"vendor.capacity.initial": 100})) == (True, True)
    assert numbers.variant(base).baseline != numbers.variant(base.with_({"vendor.capacity.initial": 100})).baseline
    assert same(base.with_({"months": 70})) == (False, False)


def test_months_of_an_event_are_shared_where_nothing_that_may_set_it_off_is_otherwise() -> None:
    numbers = Numbers()
    base = sim.load("tiktok-all-risks")

    def same(variant: Scenario) -> set[str]:
        mine, its = numbers.variant(base), numbers.variant(variant)
        both = zip(base.events, mine.settled, its.settled, strict=True)
        return {event.id for event, one, other in both if one == other}

    every = {event.id for event in base.events}
    assert same(base.with_({"customers.others.growth.2024-06": 0.5, "risk.levels": [0.5]})) == every
    # Its own trigger is a matter of the event itself, and of what it sets off.
    changed = base.with_({"events.suspension.triggers.in_house_llm.probability": 0.1})
    assert same(changed) == every - {"suspension", "in_house_llm"}
    assert same(base.with_({"levers.retention_offer.acceptance": 0.1})) == every - {"in_house_llm"}
    assert same(base.with_({"customers.tiktok.contract.notice": 1})) == every - {"in_house_llm"}
    assert same(base.with_({"events.price_cut.price.over": 5})) == every - {"price_cut"}
    assert same(base.with_({"months": 70})) == set()


def test_what_comes_of_an_event_that_repeats_bears_on_all_that_does() -> None:
    """How long one outcome holds decides when the event comes again, and so what its other outcome sets off, and when.

    With both outcomes longer each account was there, of other comings, if it were told by its own outcome alone.
    """
    outcomes = {
        "brief": {"weight": 0.5, "usage": {"to": 0}, "lasts": {"fixed": 1}},
        "grave": {"usage": {"to": 0.5}, "lasts": {"fixed": 2}, "triggers": {"follow": {}}},
    }
    outage = {"hits": "alpha", "timing": {"exponential": {"mean": 3}}, "repeats": True, "outcomes": outcomes}
    follow = {"hits": "beta", "usage": {"to": 0.5}, "lasts": {"fixed": 1}}
    data = {"scenario": 1, "name": "shared", "start": "2025-01", "months": 24, "money": "USD"}
    data |= {"customers": {"alpha": {"revenue": 5}, "beta": {"revenue": 3}}, "events": {"outage": outage}}
    base = sim.load({**data, "events": {"outage": outage, "follow": follow}})
    brief, grave = (f"events.outage.outcomes.{which}.lasts.fixed" for which in ("brief", "grave"))
    sampling = Sampling(PATHS, 1, "plain")
    numbers, known, shared = Numbers(), Known(), {}
    losses = []
    for change in ({}, {brief: 7}, {grave: 7}, {brief: 7, grave: 7}):
        one = base.with_(change)
        found = sums_of(numbers.variant(one), sampling.draws(one, 0, PATHS, shared), known)
        np.testing.assert_array_equal(found.loss, by_the_kernel(one, sampling).loss)
        losses.append(found.loss)
    assert all((one != other).any() for one, other in itertools.combinations(losses, 2))


def test_variants_that_share_accounts_stand_together() -> None:
    base = sim.load("tiktok-all-risks")
    # The first hits TikTok alone, the last all customers.
    worlds = [only(base, kept) for kept in ([], ["price_cut"], ["suspension"], ["suspension", "price_cut"]) * 2]
    numbers = Numbers()
    variants_ = [numbers.variant(world) for world in worlds]
    order = alike_together(variants_)
    assert sorted(order) == list(range(8))
    books = [variants_[k].books for k in order]
    for accounts in (books, [of[1] for of in books]):  # of all streams, and of the others: each in one stretch
        stretches = sum(one != other for one, other in itertools.pairwise(accounts))
        assert stretches == len(set(accounts)) - 1
    assert alike_together([]) == []


def test_factors_that_an_event_will_keep_are_counted() -> None:
    base = sim.load("tiktok-all-risks")
    sampling = Sampling(PATHS, 1, "plain")
    known = Known()
    sums_of(Numbers().variant(base), sampling.draws(base, 0, PATHS), known)
    held = 0
    for kept, _ in known._kept.values():
        if isinstance(kept, kernel.Settled):
            held += sum(factor.nbytes for factor in kept.factors.values())
        held += variants._size(kept)
    assert held > 8 * base.months * PATHS * 5  # five events, an effect each
    assert known._bytes == held


def test_what_no_variant_is_to_come_for_is_let_go() -> None:
    base = sim.load("tiktok-all-risks")
    worlds = [base, only(base, ["suspension"]), only(base, [])]
    numbers = Numbers()
    made = [numbers.variant(world) for world in worlds]
    known = Known(uses=uses_of(made))
    sampling = Sampling(PATHS, 1, "plain")
    for k, variant in enumerate(made):
        found = sums_of(variant, sampling.draws(variant.scenario, 0, PATHS), known)
        np.testing.assert_array_equal(found.loss, by_the_kernel(variant.scenario, sampling).loss)
        assert known._kept.keys() <= {number for later in made[k + 1 :] for number in later.numbers}
        # The demand of both customers serves all three worlds.
        assert k == 2 or known._kept.keys() >= set(variant.demands)
    assert known._bytes == 0


def test_no_more_is_kept_than_there_is_room_for() -> None:
    known = Known(most=1000)
    made: list[int] = []

    def make(number: int) -> np.ndarray:
        made.append(number)
        return np.zeros(50)  # 400 bytes

    for number in (1, 2, 1, 3, 1, 2):
        known.get(number, lambda number=number: make(number))  # type: ignore[misc]
    # The third takes the place of 2, which was not asked for since; 1 was.
    assert made == [1, 2, 3, 2]
