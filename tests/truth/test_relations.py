"""Relations that hold between runs, whatever their numbers: scaling, order, monotony, the size of the error."""

from __future__ import annotations

import copy
import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import f as f_distribution

import sim

ENGINES = (pytest.param("kernel", 2_000, id="kernel"), pytest.param("model", 60, id="model"))


def rich() -> dict[str, Any]:
    """Three customers, capacity below demand, a floor, a retention offer, a trigger, an ending, `each`, a target."""
    return {
        "scenario": 1,
        "name": "Relations",
        "start": "2024-01",
        "months": 36,
        "money": "unit",
        "vendor": {"name": "Vendor", "discount_rate": 0.08, "capacity": {"initial": 150, "growth": 0.1}},
        "customers": {
            "alpha": {
                "name": "Alpha",
                "revenue": 80,
                "growth": 0.1,
                "volatility": 0.2,
                "market": 0.4,
                "contract": {"term": 12, "renews": "2024-06", "notice": 3, "commitment": 0.6},
            },
            "beta": {"name": "Beta", "revenue": 40, "growth": {"2024-01": 0.3, "2025-01": -0.1}, "volatility": 0.3},
            "others": {"name": "Others", "revenue": 45, "growth": 0, "volatility": 0.1, "market": -0.3, "pool": True},
        },
        "events": {
            "outage": {
                "hits": "alpha",
                "probability": 0.6,
                "timing": {"exponential": {"mean": 12}},
                "usage": {"to": {"uniform": {"low": 0, "high": 0.5}}},
                "lasts": {"lognormal": {"median": 3, "p90": 8}},
                "permanent": 0.2,
                "triggers": {"own_model": {"probability": 0.5, "after": {"gamma": {"mean": 4, "sd": 2}}}},
            },
            "own_model": {
                "hits": "alpha",
                "choice": True,
                "probability": 0.5,
                "timing": {"lognormal": {"median": 14, "sigma": 0.5}},
                "usage": {"to": 0.1, "over": 6, "shape": "s_curve"},
            },
            "departures": {
                "hits": ["alpha", "beta"],
                "each": True,
                "choice": True,
                "probability": 0.4,
                "timing": {"weibull": {"shape": 1.5, "scale": 20}},
                "usage": {"to": 0.3},
                "price": {"to": 0.9, "over": 3},
            },
        },
        "levers": {"offer": {"against": "own_model", "discount": 0.15, "months": 9, "acceptance": 0.5}},
        "risk": {"window": {"first": "2024-04", "last": "2026-09"}, "target": 4200},
    }


def exit_scenario(**event: Any) -> dict[str, Any]:
    """One unit a month over 48 months, gone for good from the settled month a: the loss 48 - a shows a."""
    return {
        "scenario": 1,
        "name": "Exit",
        "start": "2024-01",
        "months": 48,
        "money": "unit",
        "vendor": {"name": "Vendor"},
        "customers": {"alpha": {"revenue": 1, "growth": 0}},
        "events": {"leave": {"hits": "alpha", "usage": {"to": 0}, **event}},
    }


def months_of_exit(document: dict[str, Any], engine: str, paths: int) -> np.ndarray:
    months = 48 - np.rint(sim.run(document, paths=paths, seed=21, engine=engine, sampling="plain").loss).astype(int)
    assert 0 <= months.min() <= months.max() <= 48
    return months


def assert_same_losses(left: Any, right: Any) -> None:
    np.testing.assert_allclose(left.loss, right.loss, rtol=1e-12, atol=1e-12 * float(np.max(np.abs(right.loss))))
    assert left.events == right.events


@pytest.mark.parametrize(("engine", "paths"), ENGINES)
def test_money_in_thousandths(engine: str, paths: int) -> None:
    """Amounts 1,000 times as large: losses and revenue are, chances, months and concentration are not."""
    document, scaled = rich(), rich()
    for customer in scaled["customers"].values():
        customer["revenue"] *= 1000
    scaled["vendor"]["capacity"]["initial"] *= 1000
    scaled["risk"]["target"] *= 1000
    small, large = (sim.run(each, paths=paths, seed=2, engine=engine, sampling="plain") for each in (document, scaled))
    scale = float(np.max(np.abs(small.loss)))
    assert scale > 0.0
    np.testing.assert_allclose(large.loss, 1000.0 * small.loss, rtol=1e-12, atol=1e-9 * scale)
    assert large.events == small.events
    assert large.measures["probability_of_loss"] == small.measures["probability_of_loss"]
    assert large.measures["probability_below_target"] == small.measures["probability_below_target"]
    assert 0.0 < small.measures["probability_below_target"]["value"] < 1.0
    for measure in ("expected_loss", "expected_revenue", "expected_baseline"):
        for key in ("value", "standard_error"):
            assert large.measures[measure][key] == pytest.approx(1000.0 * small.measures[measure][key], rel=1e-9)
    for name in ("hhi", "largest_share"):
        np.testing.assert_allclose(large.monthly[name], small.monthly[name], rtol=1e-9)


@pytest.mark.parametrize(("engine", "paths"), ENGINES)
def test_customer_without_revenue(engine: str, paths: int) -> None:
    """Neither a customer of no revenue nor what happens to it alone changes a path."""
    document = rich()
    document["customers"]["empty"] = {
        "revenue": 0,
        "growth": 0.5,
        "volatility": 0.4,
        "market": 0.9,
        "contract": {"term": 6, "renews": "2024-02", "commitment": 1},
    }
    document["events"]["closure"] = {"hits": "empty", "timing": {"exponential": {"mean": 5}}, "usage": {"to": 0}}
    with_it = sim.run(document, paths=paths, seed=4, engine=engine, sampling="plain")
    without = sim.run(rich(), paths=paths, seed=4, engine=engine, sampling="plain")
    np.testing.assert_allclose(with_it.loss, without.loss, rtol=1e-12, atol=1e-12 * float(np.max(without.loss)))
    for event, found in without.events.items():
        assert with_it.events[event] == found
    np.testing.assert_allclose(with_it.monthly["hhi"], without.monthly["hhi"], rtol=1e-9)


@pytest.mark.parametrize(("engine", "paths"), ENGINES)
def test_order_of_customers_and_events(engine: str, paths: int) -> None:
    document = rich()
    for part in ("customers", "events"):
        document[part] = dict(reversed(document[part].items()))
    document["events"]["departures"]["hits"].reverse()
    reordered, plain = (
        sim.run(each, paths=paths, seed=6, engine=engine, sampling="plain") for each in (document, rich())
    )
    assert_same_losses(reordered, plain)


@pytest.mark.parametrize(("engine", "paths"), ENGINES)
def test_labels_of_customers(engine: str, paths: int) -> None:
    """Names are labels: no draw and no amount depends on them."""
    document = rich()
    for name, customer in document["customers"].items():
        customer["name"] = f"Renamed, once {name}"
    del document["customers"]["beta"]["name"]
    renamed, plain = (
        sim.run(each, paths=paths, seed=6, engine=engine, sampling="plain") for each in (document, rich())
    )
    assert np.array_equal(renamed.loss, plain.loss)
    assert renamed.events == plain.events


@pytest.mark.parametrize(("engine", "paths"), ENGINES)
@pytest.mark.parametrize(
    "timing",
    [
        pytest.param({"lognormal": {"median": 18, "sigma": 0.6}}, id="lognormal"),
        pytest.param({"from": "2023-06", "gamma": {"mean": 24, "sd": 12}}, id="from before the start"),
        pytest.param({"hazard": {"2024-01": 0.2, "2025-06": 0.6}}, id="hazard"),
        pytest.param({"table": {6: 0.25, 12: 0.25, 24: 0.5}}, id="table"),
    ],
)
def test_higher_probability_never_delays(timing: dict[str, Any], engine: str, paths: int) -> None:
    previous = None
    for probability in (0.0, 0.1, 0.4, 0.7, 1.0):
        months = months_of_exit(exit_scenario(probability=probability, timing=timing), engine, paths)
        if previous is None:
            assert np.all(months == 48)  # probability 0: never
        else:
            assert np.all(months <= previous)
            assert np.any(months < previous)
        previous = months


@pytest.mark.parametrize(("engine", "paths"), ENGINES)
def test_higher_trigger_probability_never_delays(engine: str, paths: int) -> None:
    previous = None
    for probability in (0.0, 0.3, 0.6, 1.0):
        document = exit_scenario(probability=0.5, timing={"lognormal": {"median": 24, "sigma": 0.5}})
        document["events"]["spark"] = {
            "hits": "alpha",
            "timing": {"exponential": {"mean": 12}},
            "triggers": {"leave": {"probability": probability, "after": {"gamma": {"mean": 4, "sd": 2}}}},
        }
        months = months_of_exit(document, engine, paths)
        if previous is not None:
            assert np.all(months <= previous)
            assert np.any(months < previous)
        previous = months


@pytest.mark.parametrize(("engine", "paths"), ENGINES)
def test_earlier_law_never_delays(engine: str, paths: int) -> None:
    """A scaled-down lognormal counted from the start is earlier in stochastic order, and so is a higher hazard."""
    series = (
        [{"lognormal": {"median": median, "sigma": 0.5}} for median in (36, 24, 12, 6)],
        [{"hazard": {"2024-01": yearly}} for yearly in (0.1, 0.3, 0.6, 0.9)],
    )
    for timings in series:
        previous = None
        for timing in timings:
            months = months_of_exit(exit_scenario(probability=0.8, timing=timing), engine, paths)
            if previous is not None:
                assert np.all(months <= previous)
                assert np.any(months < previous)
            previous = months


@pytest.mark.parametrize(("engine", "paths"), [("kernel", 300), ("model", 10)])
@pytest.mark.parametrize("shape", ["step", "linear", "s_curve", "exponential"])
def test_permanent_cut_loses_less_the_later_it_comes(shape: str, engine: str, paths: int) -> None:
    """Without contract and capacity each month's loss is v D (1 - to) x(k), and x grows with k: path by path strict."""
    document: dict[str, Any] = {
        "scenario": 1,
        "name": "Later is better",
        "start": "2024-01",
        "months": 18,
        "money": "unit",
        "vendor": {"name": "Vendor", "discount_rate": 0.1},
        "customers": {"alpha": {"revenue": 10, "growth": 0.3, "volatility": 0.4}, "beta": {"revenue": 5, "growth": 0}},
        "events": {
            "cut": {"hits": "alpha", "notice": 2, "usage": {"to": 0.2, "over": 5, "shape": shape}},
        },
    }
    previous = None
    for month in range(16):  # notice 2: in effect from month + 2, within 18 months
        document["events"]["cut"]["timing"] = {"month": f"{2024 + month // 12}-{month % 12 + 1:02d}"}
        loss = sim.run(document, paths=paths, seed=8, engine=engine, sampling="plain").loss
        assert np.all(loss > 0.0)
        if previous is not None:
            assert np.all(loss < previous)
        previous = loss


def test_stated_error_shrinks_with_the_root_of_paths() -> None:
    """16 times the paths: a quarter of the standard error, within 4 standard errors of that ratio (chance 6e-5).

    The relative error of a standard deviation estimated from N paths is sqrt((kurtosis - 1) / (4 N)).
    """
    few, many = 2_000, 32_000
    results = {paths: sim.run(rich(), paths=paths, seed=9, sampling="plain") for paths in (few, many)}
    deviation = results[many].loss - results[many].loss.mean()
    kurtosis = float(np.mean(deviation**4) / np.mean(deviation**2) ** 2)
    tolerance = 4.0 * math.sqrt((kurtosis - 1.0) / 4.0 * (1.0 / few + 1.0 / many))
    errors = {paths: result.measures["expected_loss"]["standard_error"] for paths, result in results.items()}
    assert errors[few] / errors[many] == pytest.approx(4.0, rel=tolerance)


def test_actual_error_shrinks_with_the_root_of_paths() -> None:
    """Over 60 seeds the variance of the estimate falls 16-fold from 100 to 1,600 paths.

    The ratio of the two sample variances over 16 follows F(59, 59): outside its central 1 - 1e-4 with chance 1e-4. The
    variance with 1,600 paths also agrees with the stated errors: 59 s^2 / se^2 follows chi-square(59), here as F(59,
    infinity) with the same chance.
    """
    document = rich()
    estimates, stated = {}, 0.0
    for paths in (100, 1_600):
        runs = [
            sim.run(copy.deepcopy(document), paths=paths, seed=1_000 + k, sampling="plain").measures for k in range(60)
        ]
        estimates[paths] = np.array([measures["expected_loss"]["value"] for measures in runs])
        stated = float(np.mean([measures["expected_loss"]["standard_error"] ** 2 for measures in runs]))
    low, high = f_distribution.ppf([5e-5, 1.0 - 5e-5], 59, 59)
    ratio = float(np.var(estimates[100], ddof=1) / np.var(estimates[1_600], ddof=1))
    assert low < ratio / 16.0 < high
    low, high = f_distribution.ppf([5e-5, 1.0 - 5e-5], 59, 1e9)
    assert low < float(np.var(estimates[1_600], ddof=1)) / stated < high
