"""A scenario in plain words, as ``check`` tells it."""

from __future__ import annotations

import pytest

import sim
from sim.language import load_text
from sim.language.describe import describe, law_in_words, percent, plain
from tests.by_hand import CERTAIN
from tests.command import ROOT


def said(text: str) -> dict[str, str]:
    return {paragraph.about: " ".join(paragraph.lines) for paragraph in describe(load_text(text))}


def with_event(event: str, head: str = "") -> str:
    """Replace the event of the certain exit; `head` goes before the customers."""
    before, _, rest = CERTAIN.partition("events:")
    run = rest[rest.index("run:") :]
    return f"{before.replace('vendor:', f'{head}vendor:')}events:\n  e: {{hits: one, {event}}}\n{run}"


@pytest.mark.parametrize("name", [file.stem for file in sorted((ROOT / "scenarios").glob("*.yaml"))])
def test_bundled_scenarios_can_be_told(name: str) -> None:
    from sim.language import load

    scenario = load(name)
    paragraphs = {paragraph.about: paragraph.lines for paragraph in describe(scenario)}
    assert len(paragraphs["Customers"]) == 1 + len(scenario.streams)
    assert len(paragraphs["Events"]) == len({event.origin for event in scenario.events})


def test_the_median_month_is_of_the_conditioned_law_within_the_horizon() -> None:
    # Uniform on (0, 10] months, known by month 2: months 3 … 10 have 1/8 each. Within 8 months (0 … 7) that is 5/8;
    # half of it, 5/16, is passed in month 5 (3/8). With a chance of 0.4: 0.4 * 5/8 = 25 %.
    head = "known: 2025-03\n"
    event = "probability: 0.4, timing: {uniform: {low: 0, high: 10}}, usage: {to: 0.5}"
    text = with_event(event, head).replace("months: 12", "months: 8")
    assert "that is 25 % by 2025-08, half of that by 2025-06;" in said(text)["Events"]


def test_a_median_that_falls_on_a_month_exactly() -> None:
    # Ten months of 1/10 each: after month 5 the half is reached.
    text = with_event("timing: {uniform: {low: 0, high: 10}}, usage: {to: 0.5}")
    assert "100 % by 2025-12, half of that by 2025-06;" in said(text)["Events"]


def test_an_event_that_cannot_come_within_the_horizon() -> None:
    text = with_event("timing: {fixed: 40}, usage: {to: 0.5}")
    assert "not before the end of 2025-12" in said(text)["Events"]


def test_notice_duration_triggers_and_commitment() -> None:
    text = CERTAIN.replace(
        "{name: Customer One, revenue: 10, growth: 0}",
        "{revenue: 10, growth: -0.2, contract: {term: 6, renews: 2025-04, notice: 2, commitment: 0.5}}",
    ).replace(
        "    usage: {to: 0}\n",
        "    choice: true\n    usage: {to: 0.2, over: 4, shape: s_curve}\n    price: {to: 1.1}\n"
        "    lasts: {lognormal: {median: 2, p90: 6}}\n    permanent: 0.25\n"
        "    triggers: {ban: {probability: 0.5, after: {gamma: {mean: 8, sd: 4}}}}\n"
        "  ban: {hits: [one, rest], each: true, probability: 0, timing: {fixed: 1}, usage: {to: 0.5}}\n",
    )
    words = said(text)
    assert "one: 10 (25 %), shrinks by 20 % a year." in words["Customers"]
    assert (
        "Contract: 6 months at a time, renewed in 2025-04, under way since 2024-10, a commitment to pay for 50 %"
        in words["Customers"]
    )
    events = words["Events"]
    assert "the choice of one. After 2 months' notice usage falls to 20 % of what it would be over 4 months" in events
    assert "and price rises to 110 % of what it would be, for a median of 2 months, one time in ten above 6" in events
    assert "with a chance of 25 % for good. The commitment stands until the next renewal" in events
    assert "It sets off each ban with a chance of 50 %, after 8 months on average" in events
    assert events.count("sets off") == 1
    assert "ban: does not arise by itself; befalls all customers, each independently." in events
    assert "Not the customer's own choice, so the commitment is void meanwhile, and notice plays no part." in events


def test_fiscal_years_in_words() -> None:
    said = {p.about: " ".join(p.lines) for p in describe(sim.load("tiktok", set={"risk.year_starts": 7}))}["Measured"]
    assert "years that begin in July: a fiscal year is called after the calendar year in which it ends." in said
    assert "fiscal" not in {p.about: " ".join(p.lines) for p in describe(sim.load("five-customers"))}["Measured"]


def test_numbers_in_words() -> None:
    assert [plain(x) for x in (0, 20, 63.3333333, 1234567, 0.00012346, -0.5)] == [
        "0", "20", "63.33", "1,234,567", "0.0001235", "−0.5",
    ]  # fmt: skip
    assert [percent(x) for x in (0.741, 0.0005, 1)] == ["74.1 %", "0.05 %", "100 %"]


def test_laws_in_words() -> None:
    from sim.scenario.laws import Table, Triangular, Weibull

    # Weibull with shape 1 and scale 10: median 10 ln 2 = 6.93, nine tenths below 10 ln 10 = 23.0.
    assert law_in_words(Weibull(1, 10)) == "a median of 6.93 months, one time in ten above 23 (Weibull)"
    # 0.25 * 2 + 0.75 * 6 = 5.
    assert law_in_words(Table((2.0, 6.0), (0.25, 0.75))) == "2 to 6 months, 5 on average (by a table)"
    assert law_in_words(Triangular(0.1, 0.2, 0.5), share=True) == "10 % to 50 %, most likely 20 %"


def test_growth_says_its_verb_once_as_long_as_it_is_the_same() -> None:
    growth = "{2025-01: 0.1, 2025-04: 0.05, 2025-07: -0.05, 2025-10: -0.02}"
    one = said(CERTAIN.replace("revenue: 10, growth: 0", f"revenue: 10, growth: {growth}"))["Customers"]
    assert "grows by 10 % a year, by 5 % from 2025-04, shrinks by 5 % from 2025-07, by 2 % from 2025-10" in one
