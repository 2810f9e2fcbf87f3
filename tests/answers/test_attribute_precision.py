"""Attributions stop at a precision: earlier where that allows, no sooner than errors are known, and they say where."""

from __future__ import annotations

import math
from typing import Any

import pytest

import sim
from sim.answers import coalitions
from sim.answers.coalitions import FIRST, until_precise
from sim.answers.contributions import Attributed
from sim.errors import UsageError
from sim.estimates.estimate import Estimate
from sim.estimates.measures import MEASURES
from tests.answers.worlds import Data, values, world

MANY: Data = world(
    {f"e{k}": {"probability": 0.3, "usage": {"to": 0.9}} for k in range(9)}, risk={"levels": [0.9, 0.99]}
)
"""More events than have all their orders taken; each coalition's tail at 90 % is known on few paths."""


def largest(found: sim.Attribution) -> float:
    """The largest error of a contribution, as a part of the total."""
    return max(
        part.to(measure, level).standard_error / found.total(measure, level).value
        for part in found.contributions
        for measure, level in (("expected_loss", None), *(("expected_shortfall", k) for k in found.expected_shortfall))
        if part.to(measure, level).standard_error is not None
    )


def test_many_events_take_few_paths_where_these_are_enough() -> None:
    found = sim.attribute(MANY, precision=0.03)
    assert found.paths == FIRST
    assert found.precision is not None
    told = dict(found.precision)
    assert told["asked"] == 0.03
    assert told["met"]
    # The errors that are told have those of the sampled orders besides.
    assert 0 < told["reached"] <= min(0.03, largest(found))
    assert told["worst"].keys() <= {"measure", "level", "event"}
    # 2,048 paths have 20 beyond 99 %.
    assert "beyond 99 %" in told["note"]
    assert found.contributions[0].expected_shortfall["0.99"].standard_error is None
    assert found.to_dict()["run"]["precision"] == told
    assert str(found.stopped).startswith("2,048 paths leave errors of up to ")
    same = sim.attribute(MANY, paths=FIRST)
    assert same.precision is None
    assert same.stopped is None
    for measure, level in (("expected_loss", None), ("expected_shortfall", "0.9"), ("expected_shortfall", "0.99")):
        assert values(found, measure, level) == values(same, measure, level)


def test_more_paths_where_they_are_not_and_those_before_are_kept() -> None:
    finer = sim.attribute(MANY, precision=0.004, paths=16_384)
    assert FIRST < finer.paths <= 16_384
    assert finer.precision is not None
    assert finer.precision["reached"] <= 0.004
    # Round by round or at once: the same paths, the same digits.
    at_once = sim.attribute(MANY, paths=finer.paths)
    assert values(finer) == values(at_once)
    assert finer.expected_baseline == at_once.expected_baseline
    assert finer.expected_revenue == at_once.expected_revenue


def test_a_number_of_paths_is_honoured() -> None:
    assert sim.attribute(MANY, paths=4096).paths == 4096
    short = sim.attribute(MANY, paths=2048, precision=1e-6)
    assert short.paths == 2048
    assert short.precision is not None
    assert not short.precision["met"]
    assert "more than 2,048 paths would be needed" in short.precision["note"]
    plain = sim.attribute(MANY, paths=3000, precision=1e-6, sampling="plain")
    assert plain.paths == 3000


def test_few_events_have_the_errors_of_all_tails() -> None:
    few = world({"a": {"probability": 0.3, "usage": {"to": 0.5}}}, risk={"levels": [0.95, 0.99]})
    found = sim.attribute(few)
    assert found.paths == 16_384
    assert found.contributions[0].expected_shortfall["0.99"].standard_error is not None
    assert sim.attribute({**few, "run": {"paths": 1000}}).paths == 1024  # as many as the scenario wants


def test_no_events_and_nothing_to_lose() -> None:
    none = sim.attribute(world({}))
    assert none.contributions == ()
    assert none.stopped is None
    idle = sim.attribute(world({"a": {"usage": {"to": 0}}}, customers={"one": {"revenue": 0}}))
    assert idle.precision is not None
    assert idle.precision["reached"] == 0
    assert idle.precision["met"]


@pytest.mark.parametrize("wrong", [0, 1, -0.1, True, "1%", math.nan])
def test_what_is_no_precision_is_refused(wrong: Any) -> None:
    with pytest.raises(UsageError, match=r"precision: found .* allowed is a number above 0 and below 1"):
        sim.attribute(MANY, precision=wrong)


def rounds(
    errors: dict[int, float],
    most: int,
    levels: tuple[float, ...] = (0.9,),
    coalitions: int = 500,
    chance: float = 0.5,
) -> Any:
    """Which rounds are made where the paths leave such errors of a total of 1; and what is told."""
    made: list[int] = []

    def found_on(paths: int) -> list[Attributed]:
        made.append(paths)
        error = errors[paths]
        one = Estimate(1.0, error)
        return [Attributed(MEASURES["expected_loss"], None, one, (one,), (error,), (round(chance * paths),))]

    _, paths, told = until_precise(
        found_on,
        0.01,
        players=["a"],
        may_arise=[chance > 0],
        coalitions=coalitions,
        levels=levels,
        most=most,
        baseline=lambda: 10.0,
    )
    assert paths == made[-1]
    return made, told


def test_a_round_that_just_meets_it_is_confirmed() -> None:
    # Beyond doubt below 0.6 of what was asked.
    assert rounds({2048: 0.0059}, 16_384)[0] == [2048]
    made, told = rounds({2048: 0.0099, 4096: 0.0098}, 16_384)
    assert made == [2048, 4096]
    assert (told["met"], told["reached"], told["note"]) == (True, 0.0098, None)
    assert told["worst"] == {"measure": "expected_loss", "event": "a"}
    # One that met it by chance is not confirmed by the next.
    assert rounds({2048: 0.0099, 4096: 0.0101, 8192: 0.008, 16_384: 0.004}, 16_384)[0] == [2048, 4096, 8192, 16_384]
    made, told = rounds({2048: 0.02, 4096: 0.0099}, 4096)
    assert made == [2048, 4096]
    assert told["met"]
    assert told["note"].startswith("met in the last round, which no further one confirmed")


def test_a_rare_event_is_waited_for() -> None:
    """One in a hundred makes a difference on 20 paths of 2,048, and on a hundred of 16,384."""
    errors = {2048: 0.001, 4096: 0.001, 8192: 0.001, 16_384: 0.001, 32_768: 0.001}
    assert rounds(errors, 32_768, chance=0.01)[0] == [2048, 4096, 8192, 16_384]
    made, told = rounds(errors, 4096, chance=0.01)
    assert made == [2048, 4096]
    assert told["met"]
    assert rounds(errors, 32_768, chance=0.0)[0] == [2048]  # it never arises
    rare = world({**MANY["events"], "rare": {"probability": 0.002, "usage": {"to": 0}}}, risk={"levels": [0.9]})
    assert sim.attribute(rare, precision=0.5, paths=8192).paths == 8192


def test_tails_are_told_where_that_is_affordable() -> None:
    # 16,384 paths have 163 beyond 99 %, 8,192 have 81: too few for an error.
    affordable = coalitions.WORK // 16_384
    assert rounds({16_384: 0.001}, 16_384, (0.9, 0.99), affordable)[0] == [16_384]
    made, told = rounds({2048: 0.001}, 16_384, (0.9, 0.99), affordable + 1)
    assert made == [2048]
    assert "too few paths are beyond 99 %" in told["note"]
