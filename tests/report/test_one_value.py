"""One page, one value: parts and changes come from fewer paths and are put to the values that the headline tells."""

from __future__ import annotations

import re
from html import unescape

import pytest

import sim
from sim.estimates.estimate import Estimate
from sim.estimates.measures import EXPECTED_LOSS, EXPECTED_SHORTFALL, REVENUE_AT_RISK, Estimates
from sim.report import Report
from sim.report import make_report as report
from sim.report.headed import to_the_headline
from sim.words import labels, numbers
from tests.report.conftest import EVEN, PATHS, changed

NUMBER = r"[0-9][0-9,]*(?:\.[0-9]+)?"


def read(html: str) -> str:
    """What a reader sees before the scripts run, on one line."""
    main = html[html.index("<main>") : html.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def amount(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


def test_no_other_value_of_a_measure_stands_on_the_page(reference: Report) -> None:
    """Paths of the tornado and the attribution alone give other values, which the page must not tell."""
    page = read(reference.html)
    at_risk = labels.measure_texts(REVENUE_AT_RISK, reference.estimates.of(REVENUE_AT_RISK))[0]
    assert f"Revenue at risk 95 % {at_risk} " in page
    told = re.findall(rf"\(base ({NUMBER})\)|the headline’s ({NUMBER})", page)
    assert [one or other for one, other in told] == [at_risk, at_risk]
    paths = re.search(r"Changes are from ([0-9,]+) quasi-random paths, seed 1, added to the headline’s value", page)
    assert paths is not None
    alone = sim.run("tiktok", paths=int(amount(paths[1])), sampling="sobol")
    assert re.search(r"Shares are from ([0-9,]+) quasi-random paths, seed 1, and are parts of the headline’s", page)
    for measure in (REVENUE_AT_RISK, EXPECTED_LOSS, EXPECTED_SHORTFALL):
        own, shown = (labels.measure_texts(measure, found.estimates.of(measure))[0] for found in (alone, reference))
        assert own != shown  # or this says nothing
        assert not re.search(rf"(?<![0-9,.+−]){re.escape(own)}(?![0-9,.])", page)


def test_the_tornado_leads_from_the_headline_s_value(reference: Report) -> None:
    page = read(reference.html)
    found = re.search(rf"moves from USD ({NUMBER}) to ({NUMBER}) million \(base ({NUMBER})\)", page)
    assert found is not None
    low, high, base = map(amount, found.groups())
    row = re.search(rf"At its low At its high .*?: ([+−]{NUMBER}) ± {NUMBER} .*?: ([+−]{NUMBER}) ± {NUMBER} ", page)
    assert row is not None
    assert [low - base, high - base] == pytest.approx([amount(row[1]), amount(row[2])], abs=1)


def test_parts_make_up_the_headline_s_totals_in_the_shares_that_were_found() -> None:
    """Two certain events on flat revenue: 40 and 30 of 70; put to 140 and to 35 they are 80 and 60, 20 and 15."""
    data = changed("events", {
        "a": {"hits": "one", "timing": {"month": "2025-09"}, "usage": {"to": 0}},
        "b": {"hits": "rest", "timing": {"month": "2025-12"}, "usage": {"to": 0}},
    })  # fmt: skip
    found = sim.attribute(data, paths=64)
    own = [part.to("expected_loss", None).value for part in found.contributions]
    assert own == pytest.approx([40, 30])
    better = Estimates.gathered([
        (EXPECTED_LOSS, None, Estimate(140.0, 2.0)),
        *((EXPECTED_SHORTFALL, level, Estimate(35.0, 1.0)) for level in found.scenario.risk.levels),
    ])  # fmt: skip
    put = to_the_headline(found, better)
    assert [part.to("expected_loss", None).value for part in put.contributions] == pytest.approx([80, 60])
    assert put.total("expected_loss") == Estimate(140.0, 2.0)
    assert [part.to("expected_shortfall", "0.95").value for part in put.contributions] == pytest.approx([20, 15])
    assert [put.share(part) for part in put.contributions] == pytest.approx([4 / 7, 3 / 7])


def test_what_has_no_shares_stays_and_says_what_it_comes_from() -> None:
    """Where nothing is lost there is nothing to be a share of: the section tells its own base."""
    found = report(changed("events.leaves.usage.to", 1), paths=1024)
    page = read(found.html)
    assert "Base: expected loss USD 0 million (1,024 quasi-random paths, seed 1)." in page


def test_the_table_of_parts_adds_up_to_the_measure_s_row() -> None:
    several = report("tiktok-all-risks", paths=PATHS)
    page, events = read(several.html), len(several.scenario.events)
    assert events > 1
    for measure in (EXPECTED_LOSS, EXPECTED_SHORTFALL):
        total = numbers.with_error(several.estimates.of(measure))[0]
        rows = re.findall(rf"({NUMBER}) ± {NUMBER} ([0-9]+) %", page[: page.index("All events " + total)])[-events:]
        assert len(rows) == events
        assert sum(amount(value) for value, _ in rows) == pytest.approx(amount(total), abs=3)
        assert sum(int(share) for _, share in rows) == pytest.approx(100, abs=3)


def test_one_event_makes_up_all() -> None:
    """The whole of 60 at even odds, 30, whatever the paths of the attribution say."""
    found = report(EVEN, paths=1024)
    assert re.search(r"One leaves [^%]*30[^%]* 100 % All events 30", read(found.html))


def test_the_one_part_is_the_total_with_its_error(reference: Report) -> None:
    """What makes up all of a total cannot be less well known than that."""
    page = read(reference.html)
    name = reference.scenario.events[0].name
    for measure in (EXPECTED_LOSS, EXPECTED_SHORTFALL):
        rows = re.findall(rf"{re.escape(name)} ({NUMBER} ± {NUMBER}) 100 % All events ({NUMBER} ± {NUMBER}) ", page)
        total = numbers.with_error(reference.estimates.of(measure))[0]
        assert [part for part, whole in rows if part == whole and whole.startswith(f"{total} ")]
