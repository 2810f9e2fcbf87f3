"""What Python's and its libraries' own numbers and dates are in a scenario, and how Python is spoken to."""

from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.errors import ScenarioError
from tests.language.cases import FILE, load_changed
from tests.language.cases import changed as changed_text

DATES = [
    pd.Period("2024-10", "M"),
    pd.Period("2024-10-05", "D"),
    pd.Timestamp("2024-10-31 12:00", tz="Asia/Tokyo"),
    datetime.date(2024, 10, 1),
    datetime.datetime(2024, 10, 31, tzinfo=datetime.UTC),
    np.datetime64("2024-10"),
    np.datetime64("2024-10-05"),
    np.datetime64("2024-10-05T12:00:00.000000001"),
    np.array("2024-10-05", dtype="datetime64[ns]"),
]

NO_MONTHS = [
    pd.NaT,
    np.datetime64("NaT"),
    np.datetime64("2024"),
    pd.Period("2024", "Y"),
    pd.Period("2024Q4", "Q"),
    datetime.timedelta(days=30),
    np.timedelta64(1, "M"),
    datetime.time(12),
]


def base() -> dict[str, Any]:
    data: dict[str, Any] = load_changed().document  # type: ignore[assignment]
    return data


def of_numpy(value: Any) -> Any:
    """The same data with every number as one of numpy."""
    if isinstance(value, dict):
        return {key: of_numpy(item) for key, item in value.items()}
    if isinstance(value, list):
        return np.array(value)
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int):
        return np.array(value) if value % 2 else np.int32(value)
    return np.float64(value) if isinstance(value, float) else value


def test_numbers_of_numpy_are_numbers() -> None:
    data = base()
    assert sim.load(of_numpy(data)).sha256 == sim.load(data).sha256
    changed = {
        "months": np.int64(30),
        "customers.alpha.revenue": np.float32(0.5),
        "events.leave.choice": np.bool_(True),
    }
    scenario = sim.load(data, set={**changed, "run.seed": np.array(3, dtype=np.uint8)})
    assert (scenario.months, scenario.streams[0].revenue, scenario.seed) == (30, 0.5, 3)


@pytest.mark.parametrize("date", DATES, ids=repr)
def test_dates_are_months(date: Any) -> None:
    as_data = base()
    as_data["events"]["ban"]["timing"] = {"month": date}
    for scenario in (sim.load(as_data), sim.load(base(), set={"events.ban.timing.month": date})):
        assert scenario.document["events"]["ban"]["timing"] == {"month": "2024-10"}
        assert scenario.sha256 == load_changed().sha256


def test_dates_are_keys_and_values_of_an_axis() -> None:
    growth = {pd.Period("2024-03", "M"): 0.2, datetime.date(2025, 3, 1): 0.1}
    assert sim.load(base(), set={"customers.beta.growth": growth}).sha256 == load_changed().sha256
    months = ["2024-10", "2024-11", "2024-12"]
    for values in (
        pd.period_range("2024-10", "2024-12", freq="M"),
        pd.date_range("2024-10-01", periods=3, freq="MS"),
        np.arange("2024-10", "2025-01", dtype="datetime64[M]"),
        [np.datetime64(month) for month in months],
    ):
        scenario = sim.load(base(), set={"sweep": {"events.ban.timing.month": values}})
        assert scenario.axes[-1].values == tuple(months)


@pytest.mark.parametrize("value", NO_MONTHS, ids=repr)
def test_what_is_no_month_is_refused_with_its_place(value: Any) -> None:
    with pytest.raises(ScenarioError) as told:
        sim.load(base(), set={"events.ban.timing.month": value})
    (problem,) = told.value.problems
    assert problem.found == f"a value of type {type(value).__name__}"
    assert problem.file.startswith("set={'events.ban.timing.month': ")


def test_python_is_told_what_python_wrote() -> None:
    with pytest.raises(ScenarioError) as told:
        sim.load(
            base(), set={"months": "24", "events.leave.choice": "yes", "start": 2024, "vendor.discount_rate": 2e60}
        )
    found = {problem.path: problem for problem in told.value.problems}
    assert {path: problem.file for path, problem in found.items()} == {
        "months": "set={'months': '24'}",
        "events.leave.choice": "set={'events.leave.choice': 'yes'}",
        "start": "set={'start': 2024}",
        "vendor.discount_rate": "set={'vendor.discount_rate': 2e+60}",
    }
    helps = {path: problem.help for path, problem in found.items()}
    assert helps == {
        "months": "give a number: 24",
        "events.leave.choice": "give True",
        "start": 'give a text, with the month: "2024-01"',
        "vendor.discount_rate": None,
    }
    assert not any("--set" in problem.message or "quote" in problem.render() for problem in found.values())


def test_a_file_is_still_told_of_its_quotes() -> None:
    with pytest.raises(ScenarioError, match="write the number without quotes"):
        sim.language.load_text(changed_text(("months: 24", 'months: "24"')), FILE)


@pytest.mark.parametrize("whole", [np.int64, np.uint8, np.int32, lambda n: np.array(n)])
def test_numpy_integers_are_whole_numbers(whole: Any) -> None:
    scenario = load_changed()
    plain = sim.run(scenario, paths=64, seed=3)
    run = sim.run(scenario, paths=whole(64), seed=whole(3))
    assert (run.paths, run.seed, run.loss.tolist()) == (64, 3, plain.loss.tolist())
    assert json.dumps(run.to_dict())
    story = sim.trace(scenario, path=whole(5), seed=whole(3))
    assert story.attrs["loss"] == pytest.approx(plain.loss[5], rel=1e-9)


@pytest.mark.parametrize("value", [np.bool_(True), np.float64(64), np.array([64]), np.int64(0), True, 64.0, "64"])
def test_anything_else_is_not(value: Any) -> None:
    with pytest.raises(sim.UsageError, match="a whole number from 1 on"):
        sim.run(load_changed(), paths=value)


def test_a_scenario_is_shown_in_a_line() -> None:
    scenario = load_changed()
    assert repr(scenario) == (
        f"<Scenario 'Case': 24 months from 2024-03, 3 customers, 2 events, case.yaml, sha256 {scenario.sha256[:12]}>"
    )
    hostile = scenario.with_({"name": "a\u202fb", "months": 16})
    assert "\n" not in repr(hostile)
    assert repr(sim.Scenario("n", 24288, 1, "USD", "V", ())) == (
        "<Scenario 'n': 1 month from 2024-01, 0 customers, 0 events>"
    )
