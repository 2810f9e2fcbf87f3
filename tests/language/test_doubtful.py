"""What is valid and probably not meant is told with its place, and nothing else is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.language import bundled_scenarios, load_text
from sim.scenario.expectation import expected_revenue
from sim.scenario.parts import Scenario
from tests.language.cases import FILE, changed, unmark

# The base without its doubtful numbers: a target of 100 for a year that brings some 700, and a date that is no fact.
SOUND = (("  target: 100\n", "  target: 700\n"), ("  customers.alpha.revenue: some-fact\n", ""))


def told(*changes: tuple[str, str], **options: Any) -> list[tuple[str, str, str]]:
    """Paths, messages and helps of the doubts; each must stand at the mark of its change."""
    marked = unmark(changed(*changes, base=changed(*SOUND)))
    found = load_text(marked.text, FILE, **options).doubts()
    assert [(doubt.line, doubt.column) for doubt in found] == list(marked.marks)
    assert all(doubt.place == f"{FILE}:{doubt.line}:{doubt.column}" for doubt in found)
    return [(doubt.path, doubt.message, doubt.help) for doubt in found]


@pytest.mark.parametrize("name", bundled_scenarios())
def test_bundled_scenarios_are_beyond_doubt(name: str) -> None:
    assert sim.load(name).doubts() == ()


def test_a_sound_scenario_raises_no_doubt() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("old", "new", "path", "says"),
    [
        ("revenue: 10\n    growth: 0.1", "revenue: 10\n    growth: ^|28.5", "customers.alpha.growth",
         "2,850 % a year; 0.285 would be 28.5 %"),
        ("revenue: 10\n    growth: 0.1", "revenue: 10\n    growth: ^|2", "customers.alpha.growth",
         "200 % a year; 0.02 would be 2 %"),
        ("2025-03: 0.1}", "2025-03: ^|10}", "customers.beta.growth.2025-03", "1,000 % a year; 0.1 would be 10 %"),
        ("initial: 60, growth: 0.2", "initial: 60, growth: ^|20", "vendor.capacity.growth",
         "2,000 % a year; 0.2 would be 20 %"),
        ("initial: 60, growth: 0.2", "initial: 60, growth: {2024-03: ^|20}", "vendor.capacity.growth.2024-03",
         "2,000 % a year; 0.2 would be 20 %"),
        ("discount_rate: 0.09", "discount_rate: ^|9", "vendor.discount_rate", "900 % a year; 0.09 would be 9 %"),
        ("market: 0.5", "market: 0.5\n    volatility: ^|3.5", "customers.alpha.volatility",
         "350 % a year; 0.035 would be 3.5 %"),
        ("to: 0.1,", "to: ^|10,", "events.leave.usage.to", "1,000 % of what it would be; 0.1 would be 10 %"),
        ("usage: {to: 0}", "price: {to: ^|3}", "events.ban.price.to", "300 % of what it would be; 0.03 would be 3 %"),
        ("to: 0.1,", "^|to: {uniform: {low: 5, high: 40}},", "events.leave.usage.to",
         "up to 4,000 % of what it would be; 0.4 would be 40 %"),
        ("to: 0.1,", "^|to: {table: {0: 0.5, 30: 0.5}},", "events.leave.usage.to",
         "up to 3,000 % of what it would be; 0.3 would be 30 %"),
        # Half of this law, which has no upper end, lies above 10.
        ("to: 0.1,", "^|to: {lognormal: {median: 10, sigma: 0.3}},", "events.leave.usage.to",
         "up to 300 % of what it would be; 0.03 would be 3 %"),
        ("{from: 0, to: 1, count: 5}", "{from: 0, to: 1, count: 5}\n  ^|customers.alpha.growth: [0.1, 10, 20]",
         "sweep.customers.alpha.growth", "up to 2,000 % a year; 0.2 would be 20 %"),
        # e^(1.28 · 50) = e^64 is the 90th percentile of a logarithm with standard deviation 50, in medians.
        ("p90: 30}", "sigma: ^|50}", "events.leave.timing.lognormal.sigma",
         "a standard deviation of the logarithm of 50: one value in ten lies more than e^64 times above the median"),
    ],
)  # fmt: skip
def test_rates_typed_as_per_cent(old: str, new: str, path: str, says: str) -> None:
    # Levels of 300 % and more change nothing of the window without events; growth does, so no target is asked for.
    ((found, message, help),) = told((old, new), ("  target: 700\n", ""))
    assert (found, message) == (path, says)
    assert help.startswith("write 0.")
    assert help.split()[1] in says or path.endswith("sigma")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("revenue: 10\n    growth: 0.1", "revenue: 10\n    growth: 1.99"),
        ("initial: 60, growth: 0.2", "initial: 60, growth: {2024-03: 1.99}"),
        ("discount_rate: 0.09", "discount_rate: 1"),
        ("market: 0.5", "market: 0.5\n    volatility: 3"),
        ("to: 0.1,", "to: 2.99,"),
        ("to: 0.1,", "to: {uniform: {low: 0, high: 2.99}},"),
        # ln(3/1.5) / 0.5 = 1.386 standard deviations: 8.3 % lie above 3
        ("to: 0.1,", "to: {lognormal: {median: 1.5, sigma: 0.5}},"),
        ("p90: 30}", "sigma: 5}"),
    ],
)
def test_just_below_they_are_taken_as_they_stand(old: str, new: str) -> None:
    assert told((old, new), ("  target: 700\n", "")) == []


def test_a_copied_event_is_told_once() -> None:
    assert [path for path, _, _ in told(("hits: [alpha, beta]", "hits: all\n    each: true"),
                                        ("usage: {to: 0}", "usage: {to: ^|5}"),
                                        ("triggers: {leave: {probability: 0.5, after: {gamma: {mean: 4, sd: 2}}}}",
                                         "name: Ban"))] == ["events.ban.usage.to"]  # fmt: skip


def test_an_event_by_known() -> None:
    for date, when in (("2024-03", "before the month"), ("2024-04", "the month")):
        ((path, message, help),) = told(("month: 2024-10", f"month: ^|{date}"))
        assert path == "events.ban.timing.month"
        assert message == (
            f"{date}, {when} of `known` (2024-04), by which nothing had happened; it happens all the same, for certain"
        )
        assert help == "give it a later month, remove the event, or let `known` be an earlier month"
    assert told(("month: 2024-10", "month: 2024-05")) == []


def test_without_known_in_the_file_the_start_is_no_doubt() -> None:
    assert told(("month: 2024-10", "month: 2024-03"), ("known: 2024-04\n", "")) == []


def test_an_event_by_known_that_can_only_be_set_off_is_no_doubt() -> None:
    assert told(("month: 2024-10}", "month: 2024-04}\n    probability: 0")) == []


def test_a_chance_of_a_past_event_is_told() -> None:
    ((_, message, _),) = told(("month: 2024-10}", "month: ^|2024-04}\n    probability: 0.3"))
    assert message.endswith("it happens all the same, with a chance of 30 %")


# Without events: 60 a month at first, growing by 20 % a year, serve less than the 65 that are wanted.
EVIDENCE = "  events.leave: {assumption: nothing is known}\n"


@pytest.mark.parametrize(
    ("entry", "path", "says"),
    [
        ("customers.alpha.growth: {assumption: a, low: 0.2, high: ^|0.4}", "customers.alpha.growth",
         "a range from 0.2 to 0.4, without the value 0.1"),
        ("customers.alpha.growth: {assumption: a, low: 5, high: ^|15}", "customers.alpha.growth",
         "a range from 5 to 15, without the value 0.1"),
        ("customers.alpha.growth: {assumption: a, low: 0.1, high: ^|0.1}", "customers.alpha.growth",
         "a range that is a point: low and high are both 0.1"),
        ("customers.beta.growth: {assumption: a, high: 0.15, low: ^|0}",
         "customers.beta.growth", "a range from 0 to 0.15, without the value 0.2 of customers.beta.growth.2024-03"),
        ("customers.alpha.contract: {assumption: a, low: 0, high: ^|12}", "customers.alpha.contract",
         "a range of numbers, but customers.alpha.contract.renews is a month"),
        ("levers.offer: {assumption: a, low: 0, high: ^|12}", "levers.offer", "one range for 3 different numbers"),
    ],
)  # fmt: skip
def test_ranges_that_cannot_be_meant(entry: str, path: str, says: str) -> None:
    given = (EVIDENCE, f"  {entry}\n")
    ((found, message, help),) = told(given)
    assert (found, message) == (f"evidence.{path}", says)
    assert help.endswith("a tornado leaves this range out")
    refused = sim.tornado(load_text(unmark(changed(given, *SOUND)).text, FILE), paths=16).refused
    assert [(one.path, one.side, one.why.split("; allowed")[0]) for one in refused] == [(path, None, says)]


def test_ranges_that_hold_their_value() -> None:
    for entry in (
        "customers.alpha.growth: {assumption: a, low: 0.1, high: 0.4}",
        "customers.beta.growth: {assumption: a, low: 0.1, high: 0.2}",
        "customers.alpha.growth: {assumption: a}",
    ):
        assert told((EVIDENCE, f"  {entry}\n")) == []


def test_an_override_takes_the_range_with_it() -> None:
    entry = "  customers.alpha.growth: {assumption: a, low: 0.1, high: 0.4}\n"
    assert told((EVIDENCE, entry), set={"customers.alpha.growth": 0.6}) == []


def test_a_doubt_of_an_override_stands_in_the_override() -> None:
    text = changed(*SOUND)
    (doubt,) = load_text(text, FILE, set=["vendor.discount_rate=9"]).doubts()
    assert (doubt.file, doubt.line, doubt.column) == ("--set vendor.discount_rate=9", 1, 28)
    (doubt,) = sim.load({**load_text(text, FILE).document, "vendor": {"name": "V", "discount_rate": 9}}).doubts()
    assert (doubt.place, doubt.line) == ("<dict>", None)
    assert doubt.to_dict() == {
        "path": "vendor.discount_rate",
        "file": "<dict>",
        "line": None,
        "column": None,
        "message": "900 % a year; 0.09 would be 9 %",
        "help": "write 0.09 if 9 % is meant",
    }


FLAT = """\
scenario: 1
name: Flat
start: 2024-01
months: 60
money: USD
vendor: {name: Vendor}
customers:
  one: {revenue: 10, growth: 0}
risk: {window: {first: 2024-01, last: 2024-12}, target: TARGET}
"""


@pytest.mark.parametrize("target", [60, 120, 240])
def test_a_target_that_may_be_of_the_window(target: int) -> None:
    assert load_text(FLAT.replace("TARGET", str(target))).doubts() == ()


@pytest.mark.parametrize(("target", "shown"), [(600, "600"), (59.9, "59.9"), (0, "0"), (241, "241")])
def test_a_target_of_another_span(target: float, shown: str) -> None:
    # 12 months of 10; 600 is the target of all five years.
    (doubt,) = load_text(FLAT.replace("TARGET", str(target)), FILE).doubts()
    assert (doubt.line, doubt.column, doubt.path) == (9, FLAT.splitlines()[8].index("TARGET") + 1, "risk.target")
    assert doubt.message == (
        f"a target of {shown} for a window that brings about 120 without events (2024-01 … 2024-12, 12 months, not "
        "discounted)"
    )


@pytest.mark.parametrize(
    ("customer", "vendor", "expected"),
    [
        ("{revenue: 10, growth: 0}", "{name: V}", [10.0] * 60),
        # 100 % a year: a factor of 2^(1/12) a month
        ("{revenue: 10, growth: 1}", "{name: V}", [10 * 2 ** (m / 12) for m in range(60)]),
        ("{revenue: 10, growth: 0}", "{name: V, capacity: {initial: 7, growth: 0}}", [7.0] * 60),
        # Demand halves each year; 80 % of the volume at the renewals in months 0, 12, … is paid for.
        (
            "{revenue: 10, growth: -0.5, contract: {term: 12, renews: 2024-01, commitment: 0.8}}",
            "{name: V}",
            [max(10 * 0.5 ** (m / 12), 8 * 0.5 ** (m // 12)) for m in range(60)],
        ),
    ],
)
def test_what_is_expected_is_what_a_run_without_swings_has(customer: str, vendor: str, expected: list[float]) -> None:
    text = FLAT.replace("{revenue: 10, growth: 0}", customer).replace("{name: Vendor}", vendor)
    scenario = load_text(text.replace("TARGET", "100"))
    np.testing.assert_allclose(expected_revenue(scenario), expected, rtol=1e-12)
    run = sim.run(scenario, paths=2)
    np.testing.assert_allclose(run.series["revenue"]["mean"], expected, rtol=1e-9)


def test_parts_that_were_not_loaded_raise_none() -> None:
    scenario = Scenario("n", 24288, 1, "USD", "V", ())
    assert scenario.doubts() == ()


def test_evidence_of_a_new_number_does_not_keep_the_range_of_the_old(tmp_path: Any) -> None:
    base = changed(*SOUND, (EVIDENCE, "  vendor.discount_rate: {assumption: usual, low: 0.05, high: 0.12}\n"))
    (tmp_path / "base.yaml").write_text(base)
    child = "extends: base.yaml\nvendor: {discount_rate: 0.2}\nevidence: {vendor.discount_rate: {assumption: asked}}\n"
    (tmp_path / "child.yaml").write_text(child)
    scenario = sim.load(tmp_path / "child.yaml")
    assert scenario.document["evidence"] == {"vendor.discount_rate": {"assumption": "asked"}}
    assert scenario.doubts() == ()
    # A word on the range alone goes on with what was said.
    (tmp_path / "child.yaml").write_text(child.replace("{assumption: asked}", "{low: 0.1, high: 0.3}"))
    assert sim.load(tmp_path / "child.yaml").document["evidence"] == {
        "vendor.discount_rate": {"assumption": "usual", "low": 0.1, "high": 0.3}
    }
