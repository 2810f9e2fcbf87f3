"""The page as a file: its policy, its hashes, what it may contain; no text of a scenario is anything but text."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

import sim
from sim.language.evidence import Evidence, Fact, Sourced
from sim.report import Report
from sim.report import make_report as report
from sim.report.contents import command, facts
from sim.report.page import MARK, as_data
from tests.report.conftest import EVEN, changed, demanding

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    '" onload="alert(4)',
    "' autofocus onfocus='alert(5)",
    "$x$ ${7*7} {{7*7}} {% raw %}",
    "A" * 300,
    "right to left: \u05e9\u05dc\u05d5\u05dd",
    "&lt;b&gt; &amp; <!-- --> ]]>",
]


def hostile(text: str) -> dict[str, Any]:
    data = demanding()
    data["name"] = data["about"] = data["vendor"]["name"] = text
    data["money"] = text[:40]
    for group in ("customers", "events"):
        for part in data[group].values():
            part["name"] = text
    data["levers"]["offer"]["name"] = text
    data["evidence"]["customers.one.revenue"]["assumption"] = text
    return data


class Reader(HTMLParser):
    """Tags, attributes, texts and scripts of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.texts: list[str] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": [], "title": []}
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self._open = tag
        if tag in self.inside:
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open in self.inside:
            self.inside[self._open][-1] += data
        else:
            self.texts.append(data)


def policy_of(page: Reader) -> str:
    return next(value for tag, name, value in page.attributes if (tag, name) == ("meta", "content") and "src" in value)  # type: ignore[operator, return-value]


def hashed(content: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def test_the_policy_lets_in_what_the_page_holds_and_nothing_else(reference: Report) -> None:
    page = Reader(reference.html)
    data, *scripts = page.inside["script"]
    (style,) = page.inside["style"]
    policy = dict(part.split(" ", 1) for part in policy_of(page).split("; "))
    assert policy == {
        "default-src": "'none'",
        "style-src": hashed(style),
        "script-src": " ".join(map(hashed, scripts)),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    assert json.loads(data)["format"] == 1
    # The policy comes before all that it is about.
    assert reference.html.index("Content-Security-Policy") < reference.html.index("<style>")


def test_nothing_in_the_page_acts_or_loads_by_an_attribute(reference: Report) -> None:
    page = Reader(reference.html)
    assert not [
        entry for entry in page.attributes if entry[1].startswith("on") or entry[1] in ("style", "src", "srcset")
    ]
    links = [value for tag, name, value in page.attributes if name == "href"]
    assert links
    assert all(link and re.match(r"https?://", link) for link in links)
    assert {"iframe", "object", "embed", "form", "base", "link", "img"}.isdisjoint(page.tags)
    anchors = page.tags.count("a")
    assert (
        sum(1 for tag, name, value in page.attributes if (tag, name) == ("a", "rel") and "noopener" in value) == anchors
    )  # type: ignore[operator]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_of_a_scenario_is_anything_but_text(text: str) -> None:
    plain = Reader(report(hostile("plain"), paths=64).html)
    found = report(hostile(text), paths=64)
    page = Reader(found.html)
    assert page.tags == plain.tags
    assert [entry[:2] for entry in page.attributes] == [entry[:2] for entry in plain.attributes]
    assert page.inside["script"][1:] == plain.inside["script"][1:]
    json.loads(page.inside["script"][0])
    if "<" in text:
        assert text not in found.html.replace("\u00a0", " ")
        assert any(text in words for words in page.texts)


def test_data_cannot_end_the_element_that_it_stands_in() -> None:
    text = as_data({"name": "</script><!--<script>&\u2028"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"name": "</script><!--<script>&\u2028"}


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://example.org/a?b=c", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("//example.org", False),
        ("https://example.org/\u202egnp", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_addresses_of_the_web_become_links(url: str, is_link: bool) -> None:
    fact = Fact("a-fact", "Something is so.", 1.0, {}, {"title": "A page", "url": url}, "facts.yaml")
    number = Sourced("customers.one.revenue", 10.0, "fact", fact=fact)
    (row,) = facts(sim.load(EVEN), Evidence((number,)))
    assert (row["link"] == url) is is_link
    assert row["url"]


def test_sections_come_in_the_order_in_which_one_reads(reference: Report) -> None:
    titles = re.findall(r"<h2[^>]*>([^<]*)</h2>", reference.html)
    assert titles == [
        "What is at risk",
        "Try other values",
        "Revenue a month",
        "Loss exceedance",
        "Probability and timing together",
        "Measures",
        "How likely each event is",
        "By fiscal year",
        "What each event contributes",
        "What would change the answer",
        "The scenario in words",
        "What is assumed",
        "What is known",
        "How the numbers were made",
    ]


def test_the_page_says_how_it_was_made(reference: Report) -> None:
    html = reference.html
    scenario = reference.scenario
    assert MARK in html[:2000]
    assert scenario.sha256 in html
    assert sim.__version__ in html
    assert "4,096 quasi-random paths in 16 independent scramblings, seed 1" in html
    assert "switchrisk report tiktok --paths 4096 --seed 1 --out report.html" in html
    # Where it was made is nobody's business.
    assert scenario.file not in html


def test_the_command_holds_overrides_as_a_shell_reads_them() -> None:
    scenario = sim.load("tiktok")
    line = command(scenario, ["risk.levels=[0.9, 0.95]"], 64, 7, "a file.html")
    assert line == "switchrisk report tiktok --set 'risk.levels=[0.9, 0.95]' --paths 64 --seed 7 --out 'a file.html'"
    assert command(sim.load(EVEN), [], 64, 7, "a.html") is None


def shown_command(found: Report) -> str | None:
    shown = re.search(r'id="command">([^<]*)<', found.html)
    return None if shown is None else unescape(shown[1])


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("events.in_house_llm.probability", 0.2, "events.in_house_llm.probability=0.2"),
        ("customers.tiktok.growth", {"2024-03": 0.1}, "'customers.tiktok.growth={\"2024-03\": 0.1}'"),
    ],
)
def test_the_command_makes_the_scenario_that_the_page_is_about(path: str, value: Any, words: str) -> None:
    line = f"switchrisk report tiktok-mission --set {words} --paths 64 --seed 1 --out report.html"
    assert shown_command(report("tiktok-mission", set={path: value}, paths=64)) == line
    # Changed before it came here.
    assert shown_command(report(sim.load("tiktok-mission").with_({path: value}), paths=64)) == line


def test_no_command_is_shown_rather_than_a_wrong_one() -> None:
    # A name is in the scenario's hash, but no difference that a command would tell.
    assert shown_command(report(sim.load("tiktok-mission").with_({"name": "Another"}), paths=64)) is None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (changed("events"), "The scenario has no events, so there is nothing to try"),
        (changed("events.leaves.each", True), "come once for each customer with the same numbers"),
    ],
    ids=["no events", "copies only"],
)
def test_without_an_event_to_turn_the_report_says_so(data: dict[str, Any], says: str) -> None:
    found = report(data, paths=64)
    assert found.dials.event is None
    assert says in found.html
    assert 'type="range"' not in found.html
    assert "How the numbers were made" in found.html


def test_what_has_no_evidence_is_called_so() -> None:
    html = report(EVEN, paths=64).html
    # Revenue and growth of two customers, probability and level of the event.
    assert "6 without any source or reason" in html
    assert html.count("nothing is said of it") == 6
    assert "from facts" not in html


def test_the_reference_case_is_small(reference: Report) -> None:
    assert len(reference.html.encode()) < 2e6


@pytest.mark.parametrize("months", [120, 360])
def test_long_horizons_keep_below_five_megabytes(months: int) -> None:
    data = demanding()
    data["months"] = months
    data["events"]["leaves"]["timing"] = {"lognormal": {"median": 60, "sigma": 0.8}}
    del data["vendor"]["capacity"], data["levers"], data["customers"]["one"]["contract"], data["evidence"]
    data["run"]["paths"] = 4096
    found = report(data)
    size = len(found.html.encode())
    print(f"{months} months, {found.paths:,} paths: {size / 1e6:.2f} MB")
    assert size < 5e6
    assert ("quarter" in found.html) is (months > 120)
