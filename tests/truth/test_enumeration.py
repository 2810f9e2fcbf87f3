"""Both engines against exact distributions, and the oracle behind those against hand calculation.

Each of the scenarios in :mod:`tests.truth.cases` has finitely many paths; :mod:`tests.truth.enumeration` goes through
all of them. What the engines estimate must then lie within the sampling error that N independent paths leave: a mean
within 4.5 standard errors, a share or an order statistic within its exact binomial interval, atoms of the loss by
chi-square, each with a chance of a false alarm of 6.8e-6. The expected shortfall, of few paths and skewed, has 5
standard errors: of 10⁶ resampled runs of 1,500 paths for each scenario and level, a share of 3e-5 fell outside in the
worst case, 5e-5 over all of them together. With 14 scenarios, two engines and about 17 comparisons each, correct
engines fail with a chance below 0.4 %; the seeds are fixed, so that it happens once or never.
"""

from __future__ import annotations

import copy
import math
import random
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from scipy.stats import binom, chi2

import sim
from sim.language import load
from sim.scenario.laws import Hazard, Table
from sim.scenario.parts import (
    AtMonth,
    Capacity,
    Commitment,
    Contract,
    Delay,
    Effect,
    Event,
    Lever,
    Risk,
    Scenario,
    Shape,
    Stream,
    Trigger,
)
from tests.scenarios import one_agreement, scenarios
from tests.truth import agreements, calendar, oracle, settling
from tests.truth.acting import RARER, RULES, acted, draw
from tests.truth.cases import ENUMERATED, LEVELS
from tests.truth.enumeration import SAME, Exact, TooManyCombinationsError, enumerate_scenario
from tests.truth.oracle import value
from tests.truth.settling import Chances, Level, expected_demand

FALSE_ALARM = 6.8e-6
STANDARD_ERRORS = 4.5
STANDARD_ERRORS_OF_SHORTFALL = 5.0
PATHS = {"kernel": 40_000, "model": 1_500}

# ---------------------------------------------------------------------------------------------------------------------
# The oracle by hand
# ---------------------------------------------------------------------------------------------------------------------


def _stream(name: str, revenue: float, months: int, growth: float = 0.0, contract: Contract | None = None) -> Stream:
    return Stream(name, name, revenue, (growth,) * months, contract=contract)


def _event(name: str, hits: tuple[int, ...], month: int, **fields: Any) -> Event:
    fields = {"choice": False, "probability": 1.0, **fields}
    return Event(name, name, name, hits, timing=AtMonth(month), **fields)


def _scenario(months: int, streams: tuple[Stream, ...], events: tuple[Event, ...], **fields: Any) -> Scenario:
    fields = {"risk": Risk(first=0, last=months - 1), **fields}
    return Scenario("by hand", 2024 * 12, months, "USD", "vendor", streams, events, **fields)


def _own(scenario: Scenario, **chances: Any) -> Chances:
    demand = [expected_demand(stream, scenario.months) for stream in scenario.streams]
    months = {event.id: event.timing.month for event in scenario.events if isinstance(event.timing, AtMonth)}
    return Chances(**{"own": months, "demand": demand, **chances})


def test_take_or_pay_by_hand() -> None:
    contract = Contract(notice=3, term=12, renews=6, commitment=Commitment(0.6))
    leave = _event("leave", (0,), 8, choice=True, usage=Effect(0.1, 4))
    scenario = _scenario(30, (_stream("a", 100.0, 30, 0.2, contract),), (leave,))
    valuation = value(scenario, _own(scenario))
    # Notice until month 11, then 77.5, 55, 32.5 and 10 % of demand. The renewal of month 6 commits 0.6 · D[6] until the
    # renewal of month 18, which commits nothing, as the customer is leaving since month 8.
    demand = [100 * 1.2 ** (m / 12) for m in range(30)]
    kept = {11: 0.775, 12: 0.55, 13: 0.325}
    loss = 0.0
    for m in range(11, 30):
        pays = kept.get(m, 0.1) * demand[m]
        loss += demand[m] - (max(pays, 0.6 * demand[6]) if m < 18 else pays)
    assert valuation.loss == pytest.approx(loss, rel=1e-12)
    assert valuation.loss == pytest.approx(1925.639472590299, rel=1e-12)
    assert valuation.months == {"leave": 8}


def test_capacity_by_hand() -> None:
    streams = (_stream("a", 6.0, 3), _stream("b", 6.0, 3))
    capacity = Capacity(10.0, (0.0, 0.0, 0.0))
    leave = _scenario(3, streams, (_event("leave", (0,), 1, usage=Effect(0.0)),), capacity=capacity)
    # Of 12 only 10 is served, 5 for each. Once a is gone b gets all of its 6: 4 a month is lost, not 5; 2 months.
    assert value(leave, _own(leave)).loss == pytest.approx(8.0)
    cheaper = _scenario(3, streams, (_event("cut", (0,), 1, price=Effect(0.5)),), capacity=capacity)
    # Half the price of a's served 5: 2.5 a month, and nobody is served more.
    assert value(cheaper, _own(cheaper)).loss == pytest.approx(5.0)


def test_retention_and_what_it_triggers_by_hand() -> None:
    streams = (_stream("a", 10.0, 6), _stream("b", 1.0, 6))
    leave = _event("leave", (0,), 2, choice=True, usage=Effect(0.0), triggers=(Trigger("follow", 1.0),))
    follow = _event("follow", (1,), 9, probability=0.0, usage=Effect(0.0))
    lever = Lever("offer", "leave", discount=0.1, months=3, acceptance=0.4)
    scenario = _scenario(6, streams, (leave, follow), levers=(lever,))
    own = {"leave": 2, "follow": None}
    fires = {("leave", "follow"): True}
    accepted = value(scenario, _own(scenario, own=own, fires=fires, accepted={"leave": True}))
    # Months 2, 3 and 4 at 9 instead of 10, then month 5 without a and b: 3 · 1 + 10 + 1.
    assert accepted.loss == pytest.approx(14.0)
    assert accepted.months == {"leave": 5, "follow": 5}
    declined = value(scenario, _own(scenario, own=own, fires=fires, accepted={"leave": False}))
    # Both gone in months 2 to 5: 4 · 11.
    assert declined.loss == pytest.approx(44.0)


@pytest.mark.parametrize(
    ("voids", "choice", "loss"),
    [
        # Months 1 and 2 at usage 5; the floor is 0.8 · 10 = 8. Voided, 5 is lost twice; otherwise 2 twice.
        (None, False, 10.0),
        (False, False, 4.0),
        (None, True, 4.0),
        (True, True, 10.0),
    ],
)
def test_temporary_and_voiding_by_hand(voids: bool | None, choice: bool, loss: float) -> None:
    streams = (_stream("a", 10.0, 6, contract=Contract(0, 12, 0, Commitment(0.8))),)
    lasts = Table((1.5,), (1.0,))
    ban = _event("ban", (0,), 1, choice=choice, usage=Effect(0.5), lasts=lasts, voids=voids)
    scenario = _scenario(6, streams, (ban,))
    # A month and a half ends after two: c = 1 + ⌈1.5⌉ = 3.
    assert value(scenario, _own(scenario, lasts={"ban": 1.5})).loss == pytest.approx(loss)


def test_renewals_by_hand() -> None:
    contract = Contract(notice=0, term=3, renews=-1, commitment=Commitment(0.5))
    streams = (_stream("a", 10.0, 8, contract=contract),)
    slump = _event("slump", (0,), 3, usage=Effect(0.2), lasts=Table((2.0,), (1.0,)), voids=False, choice=True)
    scenario = _scenario(8, streams, (slump,))
    # Renewals in months 0 (for −1), 2 and 5. Over in month 5, when the commitment is renewed: floor 5 in months 3, 4.
    assert value(scenario, _own(scenario, lasts={"slump": 2.0})).loss == pytest.approx(2 * 5.0)
    # Until month 6 it stands in the way of the renewal of month 5: 5 in months 3 and 4, 2 in month 5: 5 + 5 + 8.
    assert value(scenario, _own(scenario, lasts={"slump": 3.0})).loss == pytest.approx(18.0)
    first = _scenario(2, streams, (_event("slump", (0,), 0, usage=Effect(0.2), voids=False),))
    # Arisen in month 0, which counts as a renewal: no floor, 8 lost in both months.
    assert value(first, _own(first)).loss == pytest.approx(16.0)


@pytest.mark.parametrize(
    ("shape", "over", "k", "factor"),
    [
        ("step", 5, 0, 0.2),
        ("linear", 0, 0, 0.2),
        ("linear", 4, 0, 0.8),  # 1 − 0.8 · 1/4
        ("linear", 4, 7, 0.2),
        ("s_curve", 4, 0, 0.875),  # t = 1/4: 3/16 − 2/64 = 5/32; 1 − 0.8 · 5/32
        ("s_curve", 2, 0, 0.6),  # t = 1/2: 3/4 − 1/4 = 1/2
        ("exponential", 3, 2, 1 - 0.8 * (1 - math.exp(-3))),
    ],
)
def test_shapes_by_hand(shape: Shape, over: int, k: int, factor: float) -> None:
    assert Level(0.2, over, shape).factor(k) == pytest.approx(factor, rel=1e-14)


def test_enumerated_independent_losses() -> None:
    """Three one-shot losses of 50, 30 and 20 with probabilities 0.1, 0.2 and 0.3."""
    streams = tuple(_stream(name, revenue, 2) for name, revenue in (("a", 50.0), ("b", 30.0), ("c", 20.0)))
    events = tuple(
        _event(f"exit_{i}", (i,), 1, probability=p, usage=Effect(0.0)) for i, p in enumerate((0.1, 0.2, 0.3))
    )
    exact = enumerate_scenario(_scenario(2, streams, events))
    assert exact.mean == pytest.approx(0.1 * 50 + 0.2 * 30 + 0.3 * 20)
    assert exact.sd == pytest.approx(math.sqrt(0.09 * 2500 + 0.16 * 900 + 0.21 * 400))
    # P(L ≥ 50) = 0.1 + 0.9·0.2·0.3 = 0.154; P(L > 50) = 0.1·(1 − 0.8·0.7) = 0.044; P(100) = 0.006, P(80) = 0.014.
    assert exact.probability_of_loss == pytest.approx(1 - 0.9 * 0.8 * 0.7)
    assert exact.revenue_at_risk(0.95) == pytest.approx(50)
    # (0.024·70 + 0.014·80 + 0.006·100 + 0.006·50)/0.05 = (1.68 + 1.12 + 0.6 + 0.3)/0.05
    assert exact.expected_shortfall(0.95) == pytest.approx(74)
    assert exact.revenue_at_risk(0.99) == pytest.approx(80)
    assert exact.expected_shortfall(0.99) == pytest.approx((0.006 * 100 + 0.004 * 80) / 0.01)


def test_enumerated_constant_hazard() -> None:
    """A chance of 0.03 in each of months 1 to 36, and one unit lost in each month from then on."""
    law = Hazard(((0, 1 - 0.97**12),))
    event = Event("exit", "exit", "exit", (0,), False, 1.0, Delay(law, 0, 0), usage=Effect(0.0))
    exact = enumerate_scenario(_scenario(37, (_stream("a", 1.0, 37),), (event,)))
    # Lost is 37 − s with probability 0.03 · 0.97^(s−1); the sum of the geometric series by hand:
    # Σ (37 − s)·p·q^(s−1) = 36 − q(1 − q^36)/p.
    assert exact.mean == pytest.approx(36 - 0.97 * (1 - 0.97**36) / 0.03)
    assert exact.probability_of_loss == pytest.approx(1 - 0.97**36)
    # P(L = 36) = 0.03 and P(L = 35) = 0.0291: the quantile at 0.95 is 35, with 0.02 of its atom in the tail.
    assert exact.revenue_at_risk(0.95) == pytest.approx(35)
    assert exact.expected_shortfall(0.95) == pytest.approx((0.03 * 36 + 0.02 * 35) / 0.05)


def test_enumerated_months_are_conditioned_on_what_is_known() -> None:
    law = Table((2.0, 4.5, 6.0, 30.0), (0.4, 0.3, 0.2, 0.1))
    event = Event("late", "late", "late", (0,), False, 0.8, Delay(law, -1, 2), usage=Effect(0.0))
    exact = enumerate_scenario(_scenario(12, (_stream("a", 1.0, 12),), (event,)))
    # From month −1: months 1, ⌈3.5⌉ = 4, 5 and 29. Month 1 is past by month 2, which leaves 0.6; 29 is beyond.
    expected = [0.0] * 12
    expected[4], expected[5] = 0.8 * 0.3 / 0.6, 0.8 * 0.2 / 0.6
    assert exact.months["late"] == pytest.approx(expected)
    assert exact.mean == pytest.approx(0.4 * 8 + 0.8 / 3 * 7)


def test_enumeration_refuses_what_it_cannot_do() -> None:
    events = tuple(_event(f"e{i}", (0,), 1, probability=0.5, usage=Effect(0.9)) for i in range(19))
    with pytest.raises(TooManyCombinationsError):
        enumerate_scenario(_scenario(2, (_stream("a", 1.0, 2),), events))


# ---------------------------------------------------------------------------------------------------------------------
# The engines against exact distributions
# ---------------------------------------------------------------------------------------------------------------------


@cache
def _exact(name: str) -> Exact:
    return enumerate_scenario(load(ENUMERATED[name]))


@cache
def _run(name: str, engine: str) -> Any:
    seed = 1000 + list(ENUMERATED).index(name)
    if engine == "kernel":
        return sim.run(ENUMERATED[name], paths=PATHS[engine], seed=seed, sampling="plain")
    return sim.run(ENUMERATED[name], paths=PATHS[engine], seed=seed, engine="model", sampling="plain")


def _share_fits(found: float, n: int, p: float) -> bool:
    """Whether a share of n independent paths lies in the binomial interval of its probability."""
    count = round(found * n)
    if p < 1e-12 or p > 1 - 1e-12:
        return count == round(p) * n
    return bool(min(binom.cdf(count, n, p), binom.sf(count - 1, n, p)) > FALSE_ALARM / 2)


def _possible_quantiles(weights: list[float], level: float, n: int) -> range:
    """Which of ascending atoms the ⌈n·level⌉-th of n independent draws may fall on."""
    at_most = np.minimum(np.cumsum(weights) / math.fsum(weights), 1.0)
    at_most[-1] = 1.0
    needed = math.ceil(n * level - 1e-9)
    reached = binom.sf(needed - 1, n, at_most)
    return range(int(np.argmax(reached > FALSE_ALARM / 2)), int(np.argmax(reached > 1 - FALSE_ALARM / 2)) + 1)


def _shortfall_interval(exact: Exact, level: float, n: int) -> tuple[float, float]:
    """Where the expected shortfall of n independent paths may lie, also if the level is at the edge of an atom.

    A sample's shortfall is the mean of its tail costs at the sample's own quantile, and their least over all
    thresholds. So it is at most their mean at the exact quantile, and at least their least over possible quantiles.
    """
    mean, sd = exact.tail_cost(level, exact.revenue_at_risk(level))
    high = mean + STANDARD_ERRORS_OF_SHORTFALL * sd / math.sqrt(n)
    low = math.inf
    for i in _possible_quantiles([p for _, p in exact.atoms], level, n):
        mean, sd = exact.tail_cost(level, exact.atoms[i][0])
        low = min(low, mean - STANDARD_ERRORS_OF_SHORTFALL * sd / math.sqrt(n))
    return low, high


cases = pytest.mark.parametrize("name", ENUMERATED)
engines = pytest.mark.parametrize("engine", PATHS)


def _losses_fit(exact: Exact, loss: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    """Whether every simulated loss is an atom, and the atoms come as often as they should (chi-square)."""
    atoms = np.array([x for x, _ in exact.atoms])
    nearest = np.searchsorted((atoms[1:] + atoms[:-1]) / 2, loss)
    if np.max(np.abs(loss - atoms[nearest])) > 2 * SAME * exact.baseline:
        return False
    observed, expected, waiting = [], [], (0, 0.0)
    for count, (_, p) in zip(np.bincount(nearest, minlength=len(atoms)), exact.atoms, strict=True):
        waiting = (waiting[0] + int(count), waiting[1] + p * len(loss))
        if waiting[1] >= 10:
            observed.append(waiting[0])
            expected.append(waiting[1])
            waiting = (0, 0.0)
    # What is left over at the end, of too small an expected count, goes to the last class.
    observed[-1] += waiting[0]
    expected[-1] += waiting[1]
    statistic = sum((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True))
    assert len(expected) > 2
    return bool(chi2.sf(statistic, len(expected) - 1) > FALSE_ALARM)


@cases
@engines
def test_losses_are_those_that_can_happen(name: str, engine: str) -> None:
    assert _losses_fit(_exact(name), _run(name, engine).loss)


@engines
@pytest.mark.parametrize(
    ("name", "module", "rule", "instead"),
    [
        ("contracts", agreements, "dues", lambda *_: 0.0),
        ("contracts", agreements, "commits", lambda *_: True),
        ("contracts", agreements, "is_voided", lambda *_: False),
        ("contracts", calendar, "last_renewal", lambda _, m: m),
        ("capacity", oracle, "served_share", lambda *_: 1.0),
        ("two events on one customer", settling, "price_factor", lambda *_: 1.0),
        ("an offer that a contract outlasts", calendar, "is_renewal", lambda _, m: m % 48 == 0),
    ],
)
def test_a_rule_left_out_is_noticed(
    name: str, module: Any, rule: str, instead: Any, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: an exact distribution of another model does not fit."""
    monkeypatch.setattr(module, rule, instead)
    assert not _losses_fit(enumerate_scenario(load(ENUMERATED[name])), _run(name, engine).loss)


@pytest.mark.parametrize(
    ("name", "module", "rule", "instead"),
    [
        ("a commitment by the quarter", agreements, "carried", lambda *_: 0.0),
        ("a commitment by the quarter", agreements, "buyout_of", lambda *_: 0.0),
        ("a commitment by the quarter", agreements, "bought_out", lambda *_: None),
        ("a commitment by the quarter", agreements, "growth_of_minimum", lambda *_: 1.0),
        ("a commitment by the quarter", agreements, "weight", lambda *_: 1.0),
        ("a commitment by the quarter", agreements, "worth", lambda account, m: account.plain[m]),
        ("a commitment by the quarter", calendar, "period_of", lambda _, __, m: range(m, m + 1)),
        ("a commitment by the quarter", calendar, "season", lambda *_: 1.0),
        ("a commitment by the quarter", calendar, "exists", lambda stream, m: stream.starts <= m),
        ("notice for a renewal", agreements, "in_time", lambda _, event, __, term: event.arises <= term.fixed),
        ("notice for a renewal", agreements, "in_force", lambda steps, _: steps[0][1]),
        ("notice for a renewal", calendar, "first_occasion", lambda _, month: month),
        ("notice for a renewal", agreements, "commits", lambda *_: True),
        ("notice for a renewal", calendar, "is_over", lambda contract, m: contract.term is None and m >= 26),
    ],
)
def test_a_rule_of_contracts_left_out_is_noticed(
    name: str, module: Any, rule: str, instead: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for the rules of commitments in full, of notice and of seasons."""
    monkeypatch.setattr(module, rule, instead)
    assert not _losses_fit(enumerate_scenario(load(ENUMERATED[name])), _run(name, "kernel").loss)


@engines
@pytest.mark.parametrize(
    ("name", "path", "changed"),
    [
        ("a chain of triggers", "events.first.triggers.second.probability", 0.2),
        ("an offer against an event that is also triggered", "levers.offer.acceptance", 0.6),
        ("temporary events", "events.suspension.permanent", 0.4),
        ("what is known", "known", "2024-04"),
    ],
)
def test_another_probability_is_noticed(name: str, path: str, changed: Any, engine: str) -> None:
    """Negative control: the same losses with other probabilities do not fit."""
    data = copy.deepcopy(ENUMERATED[name])
    *parents, last = path.split(".")
    place = data
    for key in parents:
        place = place[key]
    place[last] = changed
    assert not _losses_fit(enumerate_scenario(load(data)), _run(name, engine).loss)


@cases
@engines
def test_measures(name: str, engine: str) -> None:
    exact, measures, n = _exact(name), _run(name, engine).measures, PATHS[engine]
    error = exact.sd / math.sqrt(n)
    assert abs(measures["expected_loss"]["value"] - exact.mean) <= STANDARD_ERRORS * error
    assert abs(measures["expected_revenue"]["value"] - exact.revenue) <= STANDARD_ERRORS * error
    assert measures["expected_baseline"]["value"] == pytest.approx(exact.baseline, rel=1e-9)
    one_off = measures.get("expected_one_off", {"value": 0.0, "standard_error": 0.0})
    assert abs(one_off["value"] - exact.one_off) <= STANDARD_ERRORS * one_off["standard_error"]
    lost = exact.baseline - measures["expected_revenue"]["value"] + one_off["value"]
    assert measures["expected_loss"]["value"] == pytest.approx(lost, rel=1e-9, abs=1e-9)
    assert _share_fits(measures["probability_of_loss"]["value"], n, exact.probability_of_loss)
    for level in LEVELS:
        possible = [exact.atoms[i][0] for i in _possible_quantiles([p for _, p in exact.atoms], level, n)]
        rounding = 2 * SAME * exact.baseline
        assert possible[0] - rounding <= measures["revenue_at_risk"][str(level)]["value"] <= possible[-1] + rounding
        low, high = _shortfall_interval(exact, level, n)
        assert low - rounding <= measures["expected_shortfall"][str(level)]["value"] <= high + rounding
    assert ("probability_below_target" in measures) == (exact.below_target is not None)
    if exact.below_target is not None:
        assert _share_fits(measures["probability_below_target"]["value"], n, exact.below_target)


@cases
@engines
def test_events(name: str, engine: str) -> None:
    exact, events, n = _exact(name), _run(name, engine).events, PATHS[engine]
    assert set(events) == set(exact.months)
    for event, months in exact.months.items():
        probability = events[event]["probability"]
        assert _share_fits(probability, n, math.fsum(months)), event
        possible = _possible_quantiles(months, 0.5, round(probability * n))
        year, month = events[event]["median_month"].split("-")
        assert int(year) * 12 + int(month) - (2024 * 12 + 3) in possible, event


# ---------------------------------------------------------------------------------------------------------------------
# What the generator's scenarios exercise
# ---------------------------------------------------------------------------------------------------------------------


def test_every_rule_acts_in_generated_scenarios() -> None:
    """Each rule acts in enough of the paths of generated scenarios; the rates are printed (``pytest -s``)."""
    found: Counter[str] = Counter()
    paths = 0

    @settings(
        max_examples=300,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(scenarios() | one_agreement())
    def look(data: dict[str, Any]) -> None:
        nonlocal paths
        scenario = load(data)
        chance = random.Random(paths)
        for _ in range(4):
            found.update(acted(scenario, draw(scenario, chance)))
            paths += 1

    look()
    rates = {rule: found[rule] / paths for rule in RULES}
    print(f"\nof {paths} paths:", ", ".join(f"{rule} {rate:.0%}" for rule, rate in rates.items()))
    assert {rule: rate for rule, rate in rates.items() if rate < (0.01 if rule in RARER else 0.05)} == {}
