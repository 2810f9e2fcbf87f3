"""Where values stand after extends and overrides, what they were, and which of them differ between scenarios."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.errors import UsageError
from sim.language import load, load_text
from sim.language.differing import differing
from sim.language.origins import Origin, origins
from tests.by_hand import CERTAIN, EVEN, LATER, LATEST, MONTH, PROBABILITY, line_of


def by_path(scenario: sim.Scenario) -> dict[str, Origin]:
    found = origins(scenario)
    return {origin.path: origin for origin in found}


def told(*scenarios: sim.Scenario) -> dict[str, tuple[Any, ...]]:
    """Values by path, a dash where nothing stands."""
    return {
        one.path: tuple("-" if value is None else value.value for value in one.values) for one in differing(scenarios)
    }


def test_every_value_knows_its_file_and_line(chain: Path) -> None:
    found = by_path(load(chain / "latest.yaml"))
    files = {"certain.yaml": CERTAIN, "later.yaml": LATER, "latest.yaml": LATEST}
    for path, value, file, beginning in (
        ("name", "A half exit", "latest.yaml", "name: A half exit"),
        ("months", 12, "certain.yaml", "months"),
        ("customers.one.revenue", 10, "certain.yaml", "one:"),
        ("customers.rest.volatility", 0, "latest.yaml", "customers:"),
        ("events.leaves.timing.exponential.mean", 12, "latest.yaml", "leaves:"),
        ("events.cut.price.to", 0.9, "latest.yaml", "price:"),
    ):
        now = found[path].now
        assert now is not None
        line = line_of(files[file], beginning)
        assert (now.value, Path(str(now.file)).name, now.line) == (value, file, line), path
        assert now.column is not None
        text = files[file].splitlines()[line - 1][now.column - 1 :]
        assert text.startswith(str(value).removesuffix("0") if path.endswith("volatility") else str(value))


def test_what_was_changed_says_what_it_was_just_before(chain: Path) -> None:
    found = by_path(load(chain / "latest.yaml", set={"customers.rest.volatility": 0.3, PROBABILITY: 0.5, "months": 12}))
    volatility, to, name = (found[path] for path in ("customers.rest.volatility", "events.leaves.usage.to", "name"))
    assert volatility.now is not None
    assert volatility.was is not None
    assert (volatility.now.file, volatility.now.line) == ("set={'customers.rest.volatility': 0.3}", None)
    assert volatility.now.overrides
    # Of three layers the one before counts: 0.0 in latest.yaml, not 0.2 in later.yaml.
    assert (volatility.was.value, Path(str(volatility.was.file)).name) == (0, "latest.yaml")
    assert to.was is not None
    assert (to.was.value, to.was.line) == (0, line_of(CERTAIN, "usage:"))
    assert name.was is not None
    assert name.was.value == "A later exit"
    # What was not there before, or says the same, was not changed.
    assert found[PROBABILITY].was is None
    assert found["months"].was is None
    assert found["events.cut.price.to"].was is None


def test_what_was_removed_is_told_as_a_whole(chain: Path) -> None:
    removed = {origin.path: origin.was for origin in origins(load(chain / "latest.yaml")) if origin.now is None}
    assert set(removed) == {"customers.one.contract", "events.leaves.timing.month"}
    contract, month = removed["customers.one.contract"], removed["events.leaves.timing.month"]
    assert contract is not None
    assert month is not None
    assert contract.value == {"term": 12, "renews": "2025-06"}
    assert (Path(str(contract.file)).name, contract.line) == ("later.yaml", line_of(LATER, "contract:"))
    assert month.value == "2025-10"


def test_one_value_gives_way_to_several_and_back() -> None:
    schedule = load_text(CERTAIN, set={"customers.one.growth": {"2025-01": 0.1, "2025-07": 0.2}})
    gone = [origin for origin in origins(schedule) if origin.now is None]
    assert [(origin.path, origin.was.value) for origin in gone if origin.was] == [("customers.one.growth", 0)]
    back = by_path(schedule.with_({"customers.one.growth": 0.3}))["customers.one.growth"]
    assert back.was is not None
    assert back.was.value == {"2025-01": 0.1, "2025-07": 0.2}


def test_defaults_that_hold_are_among_them() -> None:
    found = by_path(load_text(CERTAIN))
    defaults = {path: origin.now.value for path, origin in found.items() if origin.is_default and origin.now}
    assert defaults == {
        "known": "2025-01",
        "customers.one.volatility": 0,
        "customers.one.pool": False,
        "customers.rest.volatility": 0,
        "events.leaves.choice": False,
        "events.leaves.planned": False,
        "events.leaves.probability": 1,
        "events.leaves.usage.over": 0,
        "risk.levels": [0.95, 0.99],
        "risk.window": {"first": "2025-01", "last": "2025-12"},
        "risk.year_starts": 1,
    }
    # A change that takes time has a shape, a contract with a term a commitment, a pool's has none; one who has a term
    # may renew it for less.
    gentle = load_text(
        CERTAIN,
        set={
            "events.leaves.usage.over": 3,
            "customers.one.contract": {"term": 12, "renews": "2025-03"},
            "customers.rest.contract": {"notice": 2},
        },
    )
    more = {path for path, origin in by_path(gentle).items() if origin.is_default} - set(defaults)
    of_the_contract = {f"customers.one.contract.{key}" for key in ("notice", "auto_renews", "commitment")}
    assert more == {"events.leaves.usage.shape", "events.leaves.recommits", *of_the_contract}


def test_only_what_means_another_thing_differs(chain: Path) -> None:
    certain = load(chain / "certain.yaml")
    same = certain.with_(
        {
            "name": "Another name",
            "customers.one.name": "Another label",
            "customers.one.volatility": 0.0,
            "customers.one.revenue": 1e1,
            "risk": {"levels": [0.95, 0.99]},
            "run": {"paths": 7},
            "about": "Words.",
        }
    )
    assert told(certain, same) == {}


def test_through_a_chain_of_files(chain: Path) -> None:
    scenarios = [load(chain / f"{name}.yaml") for name in ("certain", "later", "latest")]
    cut = {
        "hits": "all",
        "probability": 0.25,
        "timing": {"month": "2025-07"},
        "price": {"to": 0.9},
    }
    assert told(*scenarios) == {
        "customers.one.contract": ("-", {"term": 12, "renews": "2025-06"}, "-"),
        "customers.rest.volatility": (0, 0.2, 0),
        "events.leaves.timing.month": ("2025-07", "2025-10", "-"),
        "events.leaves.timing.exponential": ("-", "-", {"mean": 12}),
        "events.leaves.usage.to": (0, 0, 0.5),
        "events.cut": ("-", "-", cut),
    }
    one = next(one for one in differing(scenarios) if one.path == "customers.one.contract")
    value = one.values[1]
    assert value is not None
    assert (Path(str(value.file)).name, value.line, value.column) == ("later.yaml", line_of(LATER, "contract:"), 5)
    volatility = next(one for one in differing(scenarios) if one.path == "customers.rest.volatility")
    assert volatility.values[0] is not None
    assert volatility.values[0].file is None  # a default


def test_overrides_and_whole_branches() -> None:
    even = load_text(EVEN)
    assert told(even, even.with_({PROBABILITY: 0.25, MONTH: "2025-09"})) == {
        PROBABILITY: (0.5, 0.25),
        MONTH: ("2025-07", "2025-09"),
    }
    assert told(even, even.with_(["events=null"])) == {
        "events": (
            {"leaves": {"hits": "one", "probability": 0.5, "timing": {"month": "2025-07"}, "usage": {"to": 0}}},
            "-",
        )
    }
    assert told(even, even.with_({"customers.one.growth": {"2025-01": 0.1}})) == {
        "customers.one.growth": (0, {"2025-01": 0.1})
    }
    assert told(even, even.with_({"risk": {"target": 5}})) == {"risk.target": ("-", 5)}
    window = {"first": "2025-02", "last": "2025-12"}
    assert told(even, even.with_({"risk": {"window": window}})) == {
        "risk.window": ({"first": "2025-01", "last": "2025-12"}, window)
    }


def test_order_is_the_firsts() -> None:
    even = load_text(EVEN)
    other = even.with_({"risk": {"target": 5}, PROBABILITY: 0.1, "customers.one.revenue": 3, "start": "2024-12"})
    assert list(told(even, other)) == ["start", "customers.one.revenue", PROBABILITY, "risk.target"]


def test_what_was_built_from_parts_stands_nowhere() -> None:
    with pytest.raises(UsageError, match="stands in no file"):
        origins(replace(load_text(EVEN), source=None))


def test_leaving_out_sweeps_leaves_no_trace_of_a_removal() -> None:
    scenario = sim.load("tiktok-no-offer", own_axes=False)
    gone = {origin.path for origin in origins(scenario) if origin.now is None}
    assert {path for path in gone if not path.startswith("evidence.levers.")} == {"levers"}


def test_a_branch_with_nothing_but_a_label_is_there() -> None:
    # The vendor has a name only, which is no difference; the rate is one, and stands where it was set.
    base = load_text(CERTAIN)
    (one,) = differing([base, base.with_({"vendor.discount_rate": 0.5})])
    assert one.path == "vendor.discount_rate"
    assert one.values[0] is None
    assert one.values[1] is not None
    assert (one.values[1].value, one.values[1].overrides) == (0.5, True)


def defaults_at(path: str, overrides: dict[str, Any]) -> dict[str, Any]:
    """Defaults that are shown directly below a path."""
    found = by_path(load_text(CERTAIN, set=overrides)).values()
    return {
        one.steps[-1]: one.now.value for one in found if one.is_default and one.now and ".".join(one.steps[:-1]) == path
    }


TERM = {"term": 12, "renews": "2025-03"}
MINIMUM = "customers.one.contract.commitment"


@pytest.mark.parametrize(
    ("commitment", "shown"),
    [
        ({"share": 0.5}, {"of": "volume", "per": "month", "rises": 0, "carry": False}),
        ({"share": 0.5, "of": "money"}, {"per": "month", "rises": 0, "carry": False}),
        ({"amount": 60, "per": "year"}, {"of": "money", "rises": 0, "carry": False}),
        # A term has no next one within it, and an amount for all of it no years to rise in.
        ({"amount": 60, "per": "term"}, {"of": "money"}),
        ({"share": 0.5, "per": "term"}, {"of": "volume", "rises": 0}),
        # A schedule rises by itself.
        ({"amount": {"2025-03": 60, "2026-03": 70}}, {"of": "money", "per": "month", "carry": False}),
    ],
)
def test_defaults_of_a_commitment_are_those_that_act(commitment: dict[str, Any], shown: dict[str, Any]) -> None:
    assert defaults_at(MINIMUM, {"customers.one.contract": {**TERM, "commitment": commitment}}) == shown


def test_defaults_of_events_are_those_that_act() -> None:
    def shown(more: dict[str, Any], customer: dict[str, Any] | None = None) -> dict[str, Any]:
        return defaults_at("events.other", {"events": {"other": {"hits": "one", **more}}, **(customer or {})})

    usage, timing = {"usage": {"to": 0}}, {"timing": {"month": "2025-07"}}
    always = {"choice": False, "planned": False}
    contract = {"customers.one.contract": TERM}
    assert shown({**usage, **timing}) == {**always, "probability": 1}
    # Only a choice waits for notice or renewal; only who has a contract may renew it for less.
    assert shown({**usage, **timing, "choice": True}, contract) == {
        "planned": False, "probability": 1, "leaves": "after_notice", "recommits": False,
    }  # fmt: skip
    assert shown({"price": {"to": 0.5}, **timing}, contract) == {**always, "probability": 1}
    assert shown({**usage, **timing, "hits": "all"}) == {**always, "probability": 1, "each": False}
    # What is over can come again after a delay, not in a month that is given, nor where it may be for good.
    ends = {"lasts": {"fixed": 2}}
    assert shown({**usage, **timing, **ends}) == {**always, "probability": 1, "permanent": 0}
    delay = {"timing": {"exponential": {"mean": 12}}}
    assert shown({**usage, **delay, **ends}) == {**always, "probability": 1, "permanent": 0, "repeats": False}
    assert shown({**usage, **delay, **ends, "permanent": 0.5}) == {**always, "probability": 1}
    # Of several outcomes one that is over is enough; written without any the key would be refused.
    fates = {"a": {"weight": 0.5, **ends}, "b": {}}
    assert shown({**usage, **delay, "outcomes": fates}) == {**always, "probability": 1, "repeats": False}
    assert shown({**usage, **delay, "outcomes": {"a": {}}}) == {**always, "probability": 1}
    lasting = {"a": {"weight": 0.5, **ends, "permanent": 0.5}, "b": {}}
    assert shown({**usage, **delay, "outcomes": lasting}) == {**always, "probability": 1}


def test_a_group_that_is_hit_is_its_agreements() -> None:
    """One customer with two agreements is still two streams, which `each` could tell apart; one of them renews."""
    customers = {
        "one": {"revenue": 10, "growth": 0, "group": "both", "contract": TERM},
        "two": {"revenue": 5, "group": "both"},
    }
    event = {"hits": "both", "timing": {"month": "2025-07"}, "usage": {"to": 0}}
    group = {"groups": {"both": {}}, "customers": customers, "events": {"leaves": event}}
    shown = defaults_at("events.leaves", group)
    assert {"each", "recommits"} <= set(shown)


def test_an_event_that_only_another_sets_off_has_no_probability_of_its_own() -> None:
    """The default of 1 would be refused where it was written, so it is none."""
    leaves = {"hits": "one", "timing": {"month": "2025-07"}, "usage": {"to": 0}, "triggers": {"follows": {}}}
    by_other = {"events": {"leaves": leaves, "follows": {"hits": "rest", "usage": {"to": 0.5}}}}
    assert "probability" not in defaults_at("events.follows", by_other)


def test_an_outcome_has_what_the_event_has_and_no_defaults_of_its_own() -> None:
    event = {
        "hits": "one",
        "timing": {"month": "2025-07"},
        "usage": {"to": 0},
        "lasts": {"fixed": 3},
        "permanent": 0.5,
        "recommits": True,
        "outcomes": {"most": {"weight": 0.5}, "some": {"usage": {"to": 0.5}, "lasts": {"fixed": 2}}},
    }
    contract = {**TERM, "commitment": 0.5}
    overrides = {"events.leaves": event, "customers.one.contract": contract}
    assert defaults_at("events.leaves.outcomes.most", overrides) == {}
    assert defaults_at("events.leaves.outcomes.some", overrides) == {}
    # Of the event's own chance of lasting there is none here, so the outcome's is the default.
    event.pop("permanent")
    assert defaults_at("events.leaves.outcomes.some", overrides) == {"permanent": 0}


def test_what_does_nothing_is_no_difference_to_one_who_left_it_out() -> None:
    plain = load_text(CERTAIN)
    spelt_out = {
        "events.leaves.each": False,
        "events.leaves.recommits": False,
        "events.leaves.usage.shape": "linear",
        "customers.one.market": 0,
    }
    assert told(plain, plain.with_(spelt_out)) == {}
    assert told(plain.with_(spelt_out), plain) == {}
