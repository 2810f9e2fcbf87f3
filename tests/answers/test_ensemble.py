"""Draws of what is in doubt: values by their scores, variants by all checks, what is refused drawn anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.answers.ensemble import Ensemble, ensemble
from sim.chance.doubted import again, scores
from sim.errors import UsageError
from sim.scenario.parts import Scenario

BASE: dict[str, Any] = {
    "scenario": 1,
    "name": "Two",
    "start": "2024-01",
    "months": 24,
    "money": "USD",
    "vendor": {"discount_rate": 0.05},
    "customers": {
        "a": {"revenue": 10, "growth": {"2024-01": 0.2, "2025-01": 0.1}, "contract": {"notice": 3}},
        "b": {"revenue": 30, "pool": True},
    },
    "events": {
        "leave": {
            "hits": "a",
            "choice": True,
            "probability": 0.5,
            "usage": {"to": 0, "shape": "linear"},
            "timing": {"lognormal": {"median": 6, "p90": 18}},
        }
    },
    "risk": {"target": 400},
    "sweep": {"events.leave.probability": [0.2, 0.8]},
    "evidence": {"customers.a.revenue": {"assumption": "a guess", "low": 5, "high": 20}},
}

NUMBERS: dict[str, Any] = {
    "customers.a.revenue": {"p10": 8, "p90": 14},
    "customers.a.growth": {"shift": {"low": -0.1, "high": 0.1}},
    "customers.a.contract.notice": {"low": 0, "high": 6},
    "customers.b.volatility": {"low": 0, "high": 0.3},
    "vendor.discount_rate": {"p5": 0.02, "p95": 0.1},
    "events.leave.probability": {"low": 0.2, "mode": 0.5, "high": 0.9},
    "events.leave.usage.shape": {"values": {"linear": 1, "s_curve": 3}},
    "risk.target": {"p10": 300, "p90": 500},
}


def in_doubt(numbers: dict[str, Any], **more: Any) -> Scenario:
    return sim.load({**BASE, "doubt": {"numbers": numbers, "draws": 256, **more}})


@pytest.fixture(scope="module")
def drawn() -> Ensemble:
    return ensemble(in_doubt(NUMBERS))


def test_each_value_is_its_laws_at_its_score(drawn: Ensemble) -> None:
    assert drawn.draws == 256
    assert [doubt.path for doubt in drawn.doubts] == list(NUMBERS)
    for j, doubt in enumerate(drawn.doubts):
        assert np.array_equal(drawn.scores[:, j], scores(drawn.scenario.seed, doubt.path, 256))
        assert [row[j] for row in drawn.values] == doubt.drawn(drawn.scores[:, j])


def test_each_variant_is_the_file_with_the_draws_numbers(drawn: Ensemble) -> None:
    for row, variant in list(zip(drawn.values, drawn.variants, strict=True))[::50]:
        revenue, shift, notice, volatility, rate, probability, shape, target = row
        document = {key: value for key, value in BASE.items() if key not in ("sweep", "evidence")}
        anew = sim.load(
            document,
            set={
                "customers.a.revenue": revenue,
                "customers.a.growth.2024-01": 0.2 + shift,
                "customers.a.growth.2025-01": 0.1 + shift,
                "customers.a.contract.notice": notice,
                "customers.b.volatility": volatility,
                "vendor.discount_rate": rate,
                "events.leave.probability": probability,
                "events.leave.usage.shape": shape,
                "risk.target": target,
            },
        )
        assert variant == anew
        assert variant.sha256 == anew.sha256
        assert (variant.doubt, variant.axes) == (None, ())


def test_adding_and_reordering_doubts_moves_no_other_draw(drawn: Ensemble) -> None:
    fewer = ensemble(in_doubt({path: NUMBERS[path] for path in list(NUMBERS)[::-2]}))
    for j, doubt in enumerate(fewer.doubts):
        i = list(NUMBERS).index(doubt.path)
        assert [row[j] for row in fewer.values] == [row[i] for row in drawn.values]


def test_more_draws_keep_the_first_and_another_seed_none(drawn: Ensemble) -> None:
    more = ensemble(drawn.scenario, draws=300)
    assert more.draws == 512
    assert more.values[:256] == drawn.values
    assert more.variants[:256] == drawn.variants
    other = ensemble(drawn.scenario, seed=2)
    assert not np.any(other.scores == drawn.scores)


def test_a_draw_that_is_refused_is_drawn_anew_all_of_it() -> None:
    """A law's p90 must not lie below its median, and about one draw in twenty puts it there."""
    numbers = {
        "events.leave.timing.lognormal.median": {"p10": 4, "p90": 11},
        "events.leave.timing.lognormal.p90": {"p10": 12, "p90": 24},
        "customers.a.revenue": {"p10": 8, "p90": 14},
    }
    found = ensemble(in_doubt(numbers))
    first = [scores(1, path, 256) for path in numbers]
    laws = found.doubts
    crossed = [k for k in range(256) if laws[0].drawn(first[0])[k] > laws[1].drawn(first[1])[k]]
    assert 0 < len(crossed) < 26
    assert (found.refused.count, found.refused.share) == (len(crossed), len(crossed) / 256)
    assert found.refused.why is not None
    assert "below the median" in found.refused.why
    assert all(median <= p90 for median, p90, _ in found.values)
    anew = np.array([[again(1, path, k, 1) for path in numbers] for k in crossed])
    valid = [laws[0].drawn(row)[0] <= laws[1].drawn(row[1:])[0] for row in anew]
    assert np.array_equal(found.scores[[k for k, ok in zip(crossed, valid, strict=True) if ok]], anew[valid])
    kept = [k for k in range(256) if k not in crossed]
    assert np.array_equal(found.scores[kept], np.column_stack(first)[kept])


def test_too_many_refused_draws_are_an_error_that_says_why() -> None:
    """The p90 of the file is 18: a median that is above it in a quarter of the draws is out of the question."""
    with pytest.raises(UsageError) as refused:
        ensemble(in_doubt({"events.leave.timing.lognormal.median": {"p25": 4, "p50": 6, "p75": 18}}))
    assert "more than 10 % of the draws" in refused.value.summary
    assert "events.leave.timing.lognormal" in refused.value.summary
    assert "below the median" in refused.value.summary


def test_nothing_in_doubt_says_how_to_doubt() -> None:
    with pytest.raises(UsageError) as refused:
        ensemble(sim.load(BASE))
    assert "doubt: {ranges: p10-p90}" in (refused.value.help or "")
    left_out = sim.load({**BASE, "doubt": {"ranges": "p10-p90"}}, set={"customers.a.revenue": 30})
    with pytest.raises(UsageError, match="nothing is in doubt"):
        ensemble(left_out)


def test_too_few_draws_are_refused() -> None:
    with pytest.raises(UsageError, match="draws: found 100"):
        ensemble(in_doubt(NUMBERS), draws=100)


def test_doubts_that_are_points_are_the_scenario_itself() -> None:
    """Every variant is then the scenario as its file has it."""
    points = {
        "customers.a.revenue": {"low": 10, "high": 10},
        "events.leave.probability": {"values": {0.5: 1}},
        "customers.a.growth": {"shift": {"low": 0, "high": 0}},
        "customers.a.contract.notice": {"low": 3, "mode": 3, "high": 3},
    }
    scenario = in_doubt(points)
    plain = sim.load({key: value for key, value in BASE.items() if key not in ("sweep", "evidence")})
    assert all(variant == plain for variant in ensemble(scenario).variants)


# Under choices

CHOICES: dict[str, Any] = {
    "as_it_is": {},
    "sure": {"set": {"customers.a.contract.notice": 1, "customers.a.growth.2025-01": 0.3}, "cost": 2},
    "bound": {"set": {"customers.a.contract": {"term": 12, "renews": "2024-06"}}},
}


def test_each_draw_is_a_scenario_under_each_choice() -> None:
    scenario = sim.load({**in_doubt(NUMBERS).document, "choices": CHOICES})
    found = ensemble(scenario, 256)
    assert list(found.under) == list(CHOICES)
    assert found.under["as_it_is"] is found.variants
    for k in range(0, 256, 60):
        row = dict(zip(NUMBERS, found.values[k], strict=True))
        variant, sure, bound = found.variants[k], found.under["sure"][k], found.under["bound"][k]
        # What a choice sets is no draw's: a date of a shifted schedule takes the whole shift along.
        a, b = sure.streams
        assert a.contract is not None
        assert a.contract.notice == 1
        assert (a.growth[0], a.growth[12], a.revenue) == (0.2, 0.3, row["customers.a.revenue"])
        assert b == variant.streams[1]
        assert (sure.events, sure.risk, sure.discount_rate) == (variant.events, variant.risk, variant.discount_rate)
        (kept,), (plain,) = [bound.streams[0].contract], [variant.streams[0].contract]
        assert kept is not None
        assert plain is not None
        assert (kept.term, kept.notice, plain.term) == (12, row["customers.a.contract.notice"], None)
        assert bound.streams[0].growth == variant.streams[0].growth


def test_choices_move_no_draw(drawn: Ensemble) -> None:
    found = ensemble(sim.load({**in_doubt(NUMBERS).document, "choices": CHOICES}), 256)
    assert found.values == drawn.values
    assert [one.streams for one in found.variants] == [one.streams for one in drawn.variants]


def test_a_draw_that_goes_against_a_choice_is_drawn_anew_for_all() -> None:
    # Under the choice p90 is 20, so that a median of 20 or more is refused: one draw of twenty.
    numbers = {"events.leave.timing.lognormal.median": {"low": 1, "high": 21}}
    against = {"a": {}, "b": {"set": {"events.leave.timing.lognormal.p90": 20}}}
    source = {**in_doubt(numbers).document, "choices": against}
    source["events"]["leave"]["timing"] = {"lognormal": {"median": 6, "p90": 40}}
    found, plain = (
        ensemble(sim.load(source)),
        ensemble(sim.load({key: source[key] for key in source if key != "choices"})),
    )
    assert plain.refused.count == 0
    assert 0.03 < found.refused.share < 0.07
    assert found.refused.why is not None
    assert found.refused.why.endswith(", under the choice b")
    medians = [row[0] for row in found.values]
    assert max(medians) < 20 < max(row[0] for row in plain.values)
    same = [one == other for one, other in zip(found.values, plain.values, strict=True)]
    assert sum(same) == 256 - found.refused.count


def test_choices_that_most_draws_go_against_are_refused() -> None:
    numbers = {"events.leave.timing.lognormal.median": {"low": 1, "high": 30}}
    source = {
        **in_doubt(numbers).document,
        "choices": {"a": {}, "b": {"set": {"events.leave.timing.lognormal.p90": 9}}},
    }
    source["events"]["leave"]["timing"] = {"lognormal": {"median": 6, "p90": 40}}
    with pytest.raises(UsageError, match=r"more than 10 % .* under the choice b"):
        ensemble(sim.load(source))
