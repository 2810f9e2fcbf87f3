"""Both engines against the oracle, path by path, on generated scenarios of the whole language.

The oracle gets each path's chances as the engines draw them, and values them by itself: months must agree exactly, and
revenue and baseline of each month to a part in 10⁹.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.chance.draws import Draws
from sim.chance.path import Fate
from sim.engines import kernel, model
from sim.language import load
from sim.scenario.laws import NEVER
from sim.scenario.parts import Event, Scenario
from tests.scenarios import one_agreement, scenarios
from tests.truth.oracle import value
from tests.truth.settling import Chances, each_coming, random_demand

EXAMPLES = 160
PATHS = 3
TOLERANCE = 1e-9


def chances_of(scenario: Scenario, draws: Draws, row: int) -> Chances:
    """What chance holds for one of the engines' paths; months come rounded up, which changes nothing."""
    fate = Fate(draws, row)
    events = scenario.events
    own = {event.id: fate.own_month(event) for event in events}
    first = {event.id: event for event in events}
    events = tuple(
        first[id_].again(int(number)) if number else first[id_]
        for id_, _, number in (event.id.partition("#") for event in each_coming(scenario))
    )
    pairs = [(event, trigger) for event in events for trigger in event.triggers]
    lasting = {event.id: fate.lasts(event) for event in events if event.lasts is not None}
    return Chances(
        own={id_: None if month >= NEVER else month for id_, month in own.items()},
        demand=[_demand(scenario, draws, row, i) for i in range(len(scenario.streams))],
        fires={(event.id, trigger.target): fate.sets_off(event, trigger) for event, trigger in pairs},
        delay={(event.id, trigger.target): fate.trigger_delay(event, trigger) for event, trigger in pairs},
        notice={event.id: fate.notice(event) for event in events if event.notice is not None},
        usage_to={event.id: fate.level(event, "usage", event.usage) for event in events if event.usage is not None},
        usage_over={event.id: fate.over(event, "usage", event.usage) for event in events if event.usage is not None},
        price_to={event.id: fate.level(event, "price", event.price) for event in events if event.price is not None},
        price_over={event.id: fate.over(event, "price", event.price) for event in events if event.price is not None},
        lasts={id_: months for id_, months in lasting.items() if months is not None},
        permanent={id_: months is None for id_, months in lasting.items()},
        once={event.id: fate.once(event) for event in events if event.once is not None},
        outcome={event.id: fate.outcome(event) for event in events if event.outcomes},
        accepted={lever.against: fate.accepts(first[lever.against]) for lever in scenario.levers},
        again={event.id: _again(fate, event) for event in events if event.coming > 1 and event.outcome_of is None},
    )


def _again(fate: Fate, event: Event) -> Callable[[int], int | None]:
    def month(since: int) -> int | None:
        found = fate.month_again(event, since)
        return None if found >= NEVER else found

    return month


def _demand(scenario: Scenario, draws: Draws, row: int, i: int) -> list[float]:
    nothing = [0.0] * scenario.months
    market, own = ([0.0, *z[row]] if z is not None else nothing for z in draws.shocks_once(i))
    return random_demand(scenario.streams[i], market, own)


def assert_as_the_oracle(scenario: Scenario, draws: Draws) -> None:
    """Hold all paths of both engines against the oracle."""
    valued = [value(scenario, chances_of(scenario, draws, row)) for row in range(draws.count)]
    revenue = np.array([np.sum(path.revenue, axis=0) for path in valued])
    baseline = np.array([np.sum(path.baseline, axis=0) for path in valued])
    arises = [[path.months[event.id] for path in valued] for event in scenario.events]
    for engine in (kernel, model):
        found = engine.value(scenario, draws)
        months = [[None if month >= NEVER else month for month in event.tolist()] for event in found.arises]
        assert months == arises, engine.__name__
        for what, one, other in (("revenue", found.revenue, revenue), ("baseline", found.baseline, baseline)):
            np.testing.assert_allclose(
                one, other, rtol=TOLERANCE, atol=1e-12 * max(1.0, baseline.max()), err_msg=f"{engine.__name__} {what}"
            )


@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(data=scenarios() | one_agreement(), seed=st.integers(0, 2**64))
def test_generated_paths(data: dict[str, Any], seed: int) -> None:
    scenario = load(data)
    assert_as_the_oracle(scenario, Draws(scenario, seed, 0, PATHS))
