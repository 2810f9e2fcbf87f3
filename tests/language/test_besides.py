"""What an event may do besides (once, outcomes): what is refused, with place and help, and what is said of it."""

from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.language import load_text
from sim.language.describe import describe

HEAD = """\
scenario: 1
name: Besides
start: 2025-01
months: 24
money: USD
customers:
  a: {revenue: 100}
  b: {revenue: 50}
events:
"""
EVENT = "  law: {hits: a, probability: 0.5, timing: {fixed: 3}, "


@pytest.mark.parametrize(
    ("events", "path", "words"),
    [
        (f"{EVENT}once: 12}}", "events.law.once", ["write {amount: 12}"]),
        (f"{EVENT}once: [1, 9]}}", "events.law.once", ["write {uniform: {low: 1, high: 9}}"]),
        (f"{EVENT}once: {{}}}}", "events.law.once", ["none of amount, exponential", "exactly one of"]),
        (f"{EVENT}once: {{amount: 1, fixed: 2}}}}", "events.law.once.fixed", ["amount and fixed together"]),
        (f"{EVENT}once: {{amount: 1e31}}}}", "events.law.once.amount", ["1e+31", "an amount up to 1e+30"]),
        (
            f"{EVENT}usage: {{to: 0}}, outcomes: {{x: {{weight: 0.5}}, y: {{weight: 0.4}}}}}}",
            "events.law.outcomes",
            ["weights that sum to 0.9", "weights that sum to 1", "let one outcome leave its weight out"],
        ),
        (
            f"{EVENT}usage: {{to: 0}}, outcomes: {{x: {{weight: 0.8}}, y: {{weight: 0.4}}, z: {{}}}}}}",
            "events.law.outcomes",
            ["weights that sum to 1.2"],
        ),
        (
            f"{EVENT}usage: {{to: 0}}, outcomes: {{x: {{}}, y: {{}}, z: {{weight: 0.4}}}}}}",
            "events.law.outcomes",
            ["2 outcomes without a weight", "a weight for each but one of them"],
        ),
        (f"{EVENT}outcomes: {{x: {{}}}}}}", "events.law", ["without usage, price and triggers"]),
        (
            f"{EVENT}usage: {{to: 0}}, outcomes: {{x: {{permanent: 0.5}}}}}}",
            "events.law.outcomes.x.permanent",
            ["permanent without lasts", "permanent only with lasts"],
        ),
        (
            f"{EVENT}outcomes: {{x: {{triggers: {{gone: {{}}}}}}}}}}",
            "events.law.outcomes.x.triggers.gone",
            ["no event gone"],
        ),
        (
            f"{EVENT}outcomes: {{x: {{triggers: {{law: {{}}}}}}}}}}",
            "events.law.outcomes.x.triggers.law",
            ["a cycle of triggers: law → law"],
        ),
        (
            f"{EVENT}outcomes: {{x: {{once: {{amount: -1e31}}}}}}}}",
            "events.law.outcomes.x.once.amount",
            ["an amount up to 1e+30"],
        ),
        (
            f"{EVENT}outcomes: {{x: {{usage: {{to: {{lognormal: {{median: 1, sigma: 90}}}}}}}}}}}}",
            "events.law.outcomes.x.usage.to.lognormal",
            ["levels that may go beyond"],
        ),
        (
            f"{EVENT}outcomes: {{x: {{usage: {{to: 0}}, hits: b}}}}}}",
            "events.law.outcomes.x.hits",
            ["unknown key hits"],
        ),
    ],
)  # fmt: skip
def test_it_is_refused(events: str, path: str, words: list[str]) -> None:
    with pytest.raises(ScenarioError) as refused:
        load_text(f"{HEAD}{events}\n")
    (problem,) = refused.value.problems
    assert problem.path == path
    assert problem.line == 10
    told = f"{problem.found}; allowed: {problem.allowed}; {problem.help}"
    assert all(word in told for word in words), told


PAIR = f"{EVENT}usage: {{to: 0}}}}\n  other: {{hits: b, timing: {{fixed: 3}}, usage: {{to: 0}}}}\n"
SET_OFF = "  third: {hits: b, usage: {to: 0}}\n  spark: {hits: a, timing: {fixed: 1}, triggers: {third: {}}}\n"


@pytest.mark.parametrize(
    ("together", "path", "words"),
    [
        ("[{events: [law, othr], correlation: 0.5}]", "together.0.events.1", ["no event othr", "other"]),
        ("[{events: [law, law], correlation: 0.5}]", "together.0.events.1", ["law twice", "each event once"]),
        (
            "[{events: [law, other], correlation: 0.5}, {events: [spark, law], correlation: 0.1}]",
            "together.1.events.1",
            ["law, which is in another set too", "make one set of the two"],
        ),
        ("[{events: [law, third], correlation: 0.5}]", "together.0.events.1", ["third, which has no timing"]),
        ("[{events: [law], correlation: 0.5}]", "together.0.events", ["a set of one event", "each: true"]),
        ("[{events: [law, other], correlation: 1}]", "together.0.correlation", ["below 1"]),
        ("[{events: [law, other], correlation: -0.1}]", "together.0.correlation", ["a number from 0 and below 1"]),
        ("[{events: [law, other]}]", "together.0.correlation", ["no correlation"]),
        ("{events: [law, other], correlation: 0.5}", "together", ["a list"]),
    ],
)
def test_a_set_is_refused(together: str, path: str, words: list[str]) -> None:
    with pytest.raises(ScenarioError) as refused:
        load_text(f"{HEAD}{PAIR}{SET_OFF}together: {together}\n")
    (problem,) = refused.value.problems
    assert problem.path == path
    told = f"{problem.found}; allowed: {problem.allowed}; {problem.help}; {problem}"
    assert all(word in told for word in words), told


@pytest.mark.parametrize(
    ("events", "more", "path", "words"),
    [
        (f"{EVENT}planned: true, once: {{amount: 1}}}}\n", "", "events.law.once", ["once of a planned event"]),
        (
            f"{EVENT}planned: true, usage: {{to: 0}}, outcomes: {{x: {{once: {{amount: 1}}}}}}}}\n",
            "",
            "events.law.outcomes.x.once",
            ["leave once out"],
        ),
        (
            f"{EVENT}triggers: {{sale: {{}}}}}}\n  sale: {{hits: b, planned: true, usage: {{to: 0}}}}\n",
            "",
            "events.law.triggers.sale",
            ["sale, which is planned, set off by what is not", "let law be planned too"],
        ),
        (
            f"{EVENT}planned: true, choice: true, usage: {{to: 0}}}}\n",
            "levers: {stay: {against: law, discount: 0.1, months: 3, acceptance: 0.5}}\n",
            "levers.stay.against",
            ["law, which is planned", "an event that is in no plan"],
        ),
    ],
)
def test_a_plan_is_refused(events: str, more: str, path: str, words: list[str]) -> None:
    with pytest.raises(ScenarioError) as refused:
        load_text(f"{HEAD}{events}{more}")
    (problem,) = refused.value.problems
    assert problem.path == path
    told = f"{problem.found}; allowed: {problem.allowed}; {problem.help}"
    assert all(word in told for word in words), told


AGAIN = "lasts: {fixed: 2}, repeats: true, usage: {to: 0}"


@pytest.mark.parametrize(
    ("events", "more", "path", "words"),
    [
        (f"{EVENT}repeats: true, usage: {{to: 0}}}}\n", "", "events.law.repeats", ["lasts"]),
        (f"{EVENT}permanent: 0.1, {AGAIN}}}\n", "", "events.law.permanent", ["leave permanent out, or repeats"]),
        (
            f"  law: {{hits: a, timing: {{month: 2025-03}}, {AGAIN}}}\n",
            "",
            "events.law.timing.month",
            ["a month of an event that repeats", "exponential: {mean: 12}"],
        ),
        (
            f"{EVENT.replace('{fixed: 3}', '{at_renewal: 0.1}').replace('hits: a', 'hits: c')}{AGAIN}}}\n",
            "",
            "events.law.timing.at_renewal",
            ["at_renewal of an event that repeats", "leave repeats out"],
        ),
        (
            f"{EVENT}choice: true, {AGAIN}}}\n",
            "levers: {stay: {against: law, discount: 0.1, months: 3, acceptance: 0.5}}\n",
            "levers.stay.against",
            ["law, which repeats", "leave events.law.repeats out"],
        ),
        (
            f"{EVENT}{AGAIN}, outcomes: {{x: {{lasts: {{fixed: 3}}, permanent: 0.1}}}}}}\n",
            "",
            "events.law.outcomes.x.permanent",
            ["leave permanent out, or repeats", "an outcome without lasts is for good, and the last"],
        ),
        (
            f"{EVENT}repeats: true, outcomes: {{x: {{weight: 0.5, usage: {{to: 0}}}}, y: {{}}}}}}\n",
            "",
            "events.law.repeats",
            ["repeats without lasts", "add lasts, to the event or to an outcome"],
        ),
        (
            f"  law: {{hits: a, {AGAIN}}}\n  spark: {{hits: b, timing: {{fixed: 1}}, triggers: {{law: {{}}}}}}\n",
            "",
            "events.law.repeats",
            ["an event without timing", "say when it arises by itself"],
        ),
        (f"{EVENT}{AGAIN.replace('true', '3')}}}\n", "", "events.law.repeats", ["true or false"]),
    ],
)
def test_repeats_is_refused(events: str, more: str, path: str, words: list[str]) -> None:
    customers = "  b: {revenue: 50}\n  c: {revenue: 5, contract: {term: 12, renews: 2025-01}}\n"
    with pytest.raises(ScenarioError) as refused:
        load_text(f"{HEAD.replace('  b: {revenue: 50}' + chr(10), customers)}{events}{more}")
    (problem,) = refused.value.problems
    assert problem.path == path
    told = f"{problem.found}; allowed: {problem.allowed}; {problem.help}"
    assert all(word in told for word in words), told


def test_what_repeats_is_told() -> None:
    told = said(f"{EVENT}{AGAIN}, once: {{amount: 4}}}}")
    assert "Once it is over it may come again, after another such delay, counted from its last month." in told
    assert "it costs 4, each time and beside revenue." in told
    by_date = said(f"{EVENT.replace('{fixed: 3}', '{hazard: {2025-01: 0.2}}')}{AGAIN}}}")
    assert "Once it is over it may come again, by the same yearly chances." in by_date


def test_what_repeats_with_outcomes_is_told_once() -> None:
    outcomes = "outcomes: {brief: {weight: 0.7, lasts: {fixed: 2}}, lost: {name: The end}, gone: {weight: 0.1}}"
    told = said(f"{EVENT}repeats: true, usage: {{to: 0}}, {outcomes}}}")
    assert told.count("again") == 1
    assert told.count("drawn anew") == 1
    assert (
        "Once what came of law is over it may come again, after another such delay, counted from its last month. "
        "What comes of it is drawn anew each time. After The end or gone, which are for good, it does not." in told
    )
    # Where all are over in time, and where there is but one.
    told = said(f"{EVENT}{AGAIN}, outcomes: {{brief: {{}}}}}}")
    assert "for good" not in told
    assert "drawn anew" not in told
    assert "Once what came of law is over it may come again" in told


def test_a_plan_is_told() -> None:
    assert "It is planned: in the baseline too, so that it is no loss." in said(
        f"{EVENT}planned: true, usage: {{to: 0}}}}"
    )


def test_a_set_is_told_with_the_chance_of_both() -> None:
    text = PAIR.replace("{hits: b, timing", "{hits: b, probability: 0.5, timing")
    scenario = load_text(f"{HEAD}{text}together: [{{events: [law, other], correlation: 0.5}}]\n")
    (lines,) = (paragraph.lines for paragraph in describe(scenario) if paragraph.about == "Together")
    # Two even chances, Sheppard: 1/4 + asin(0.5)/2π = 1/3.
    assert "law and other both arise within the period with a chance of 33.3 %; without it, of 25 %" in lines[0]


def said(events: str) -> str:
    paragraphs = {paragraph.about: " ".join(paragraph.lines) for paragraph in describe(load_text(f"{HEAD}{events}\n"))}
    return paragraphs["Events"]


def test_it_is_told_in_words() -> None:
    text = said(
        f"{EVENT}usage: {{to: 0}}, outcomes: {{sold: {{weight: 0.6, name: Sold off, usage: {{to: 0.7}}}}, "
        "banned: {once: {amount: 12}}, settled: {weight: 0.1, usage: {to: 1}, once: {amount: -5}}}}"
    )
    assert (
        "One of these comes of it: Sold off (60 %): At once usage falls to 70 % of what it would be, for good." in text
    )
    assert (
        "banned (30 %): At once usage falls to nothing, for good. In the month in which it takes effect it costs 12"
        in text
    )
    assert "it brings 5, once and beside revenue." in text
    text = said(f"{EVENT}once: {{uniform: {{low: 10, high: 90}}}}}}")
    assert "it costs, once and beside revenue, 10 to 90, evenly." in text
