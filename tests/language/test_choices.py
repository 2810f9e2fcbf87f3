"""The block ``choices``: what a scenario is under each, what is refused, what becomes of it through inheritance."""

from __future__ import annotations

import json
from typing import Any

import pytest

import sim
from sim.language import load, load_text
from sim.language.chosen import chosen
from sim.language.turning import bare
from sim.scenario.parts import Scenario
from tests.command import Run
from tests.language.cases import BASE, FILE, Files, problems_of, unmark, variant

TWO = """\
choices:
  as_it_is: {}
  offer:
    name: A better offer
    set:
      levers.offer.acceptance: 0.6
      customers.alpha.contract.renews: 2024-12
      events.ban: null
    cost: 3
"""
ALPHA = "customers.alpha.revenue: {p10: 8, p90: 12}"
ACCEPTANCE = "levers.offer.acceptance: {low: 0, high: 0.9}"
IN_DOUBT = f"doubt: {{numbers: {{{ALPHA}, {ACCEPTANCE}}}}}\n"


def two(more: str = "", text: str = TWO) -> Scenario:
    return load_text(f"{BASE}{text}{more}", FILE)


def doubts(scenario: Scenario) -> list[str]:
    return [] if scenario.doubt is None else [one.path for one in scenario.doubt.numbers]


# What is meant


def test_each_choice_says_what_it_sets_and_costs() -> None:
    first, second = two().choices
    assert (first.id, first.name, dict(first.set), first.cost) == ("as_it_is", "as_it_is", {}, 0)
    assert (second.id, second.name, second.cost) == ("offer", "A better offer", 3)
    assert dict(second.set) == {
        "levers.offer.acceptance": 0.6, "customers.alpha.contract.renews": "2024-12", "events.ban": None
    }  # fmt: skip
    line = BASE.count("\n") + TWO[: TWO.index("  offer:")].count("\n") + 1
    assert (second.file, second.line, second.column) == (FILE, line, 3)


def test_under_a_choice_the_scenario_is_one_that_says_the_same() -> None:
    scenario = two()
    under = chosen(scenario, "offer")
    told = {"levers.offer.acceptance": 0.6, "customers.alpha.contract.renews": "2024-12", "events.ban": None}
    same = load_text(BASE, FILE, set=told, own_axes=False)
    assert under.events == same.events != scenario.events
    assert under.levers == same.levers != scenario.levers
    assert under.streams == same.streams != scenario.streams
    assert under.sha256 == same.sha256
    assert chosen(scenario, "as_it_is").sha256 == load_text(BASE, FILE, own_axes=False).sha256
    with pytest.raises(sim.UsageError, match="allowed are as_it_is, offer"):
        chosen(scenario, "other")


def test_without_the_block_nothing_has_changed() -> None:
    scenario, plain = two(), load_text(BASE, FILE)
    assert plain.choices == ()
    assert scenario.sha256 != plain.sha256
    assert scenario.with_({"choices": None}).sha256 == plain.sha256
    assert bare(scenario).choices == ()
    assert bare(scenario).sha256 == bare(plain).sha256


def test_what_is_written_is_read_as_the_same() -> None:
    text = """\
choices:
  one: {}
  two:
    set:
      customers: {gamma: {revenue: 3, pool: true, name: "2024"}}
      events.leave.usage: {to: {uniform: {low: 0, high: 0.5}}}
      together: [{events: [leave, ban], correlation: 0.2}]
      events.leave.choice: true
"""
    scenario = two(text=text)
    for again in (load(scenario.document), load(json.loads(json.dumps(scenario.document)))):
        assert again.sha256 == scenario.sha256
        assert chosen(again, "two").streams == chosen(scenario, "two").streams
    gamma = chosen(scenario, "two").streams[-1]
    assert (gamma.id, gamma.name, gamma.revenue, gamma.pool) == ("gamma", "2024", 3, True)


# Doubt


def test_what_a_choice_sets_is_in_doubt_under_the_others_only() -> None:
    scenario = two(IN_DOUBT)
    assert doubts(scenario) == ["customers.alpha.revenue", "levers.offer.acceptance"]
    assert doubts(chosen(scenario, "as_it_is")) == doubts(scenario)
    assert doubts(chosen(scenario, "offer")) == ["customers.alpha.revenue"]
    first, second = scenario.choices
    assert first.dropped == ()
    (gone,) = second.dropped
    line = BASE.count("\n") + TWO[: TWO.index("      levers.offer")].count("\n") + 1
    assert (gone.path, gone.line) == ("levers.offer.acceptance", line)
    assert gone.why == "set by this choice, so that it is in no doubt under it"


def test_what_a_choice_removes_is_in_doubt_no_longer() -> None:
    text = "choices: {a: {}, b: {set: {levers: null}}}\n"
    (gone,) = two(IN_DOUBT, text).choices[1].dropped
    assert gone.path == "levers.offer.acceptance"
    assert gone.why == "removed by this choice, and its doubt with it"
    assert (gone.line, gone.column) == (BASE.count("\n") + 1, text.index("b:") + 1)


def test_a_value_that_is_set_as_it_was_stays_in_doubt() -> None:
    text = "choices: {a: {}, b: {set: {levers.offer.acceptance: 0.40}}}\n"
    assert two(IN_DOUBT, text).choices[1].dropped == ()


def test_a_date_of_a_shifted_schedule_takes_the_whole_doubt() -> None:
    shift = "doubt: {numbers: {customers.beta.growth: {shift: {p10: -0.1, p90: 0.1}}}}\n"
    text = "choices: {a: {}, b: {set: {customers.beta.growth.2025-03: 0.3}}}\n"
    (gone,) = two(shift, text).choices[1].dropped
    assert gone.path == "customers.beta.growth"


def test_a_range_of_what_a_choice_sets_goes_too() -> None:
    ranged = BASE.replace(
        "events.leave: {assumption: nothing is known}",
        "levers.offer.acceptance: {assumption: none, low: 0.1, high: 0.7}\n"
        "  levers.offer.discount: {assumption: none, low: 0.05, high: 0.3}",
    )
    scenario = load_text(f"{ranged}{TWO}doubt: {{ranges: p10-p90}}\n", FILE)
    assert doubts(scenario) == ["levers.offer.discount", "levers.offer.acceptance"]
    assert [one.path for one in scenario.choices[1].dropped] == ["levers.offer.acceptance"]


# What is refused

REFUSED: dict[str, tuple[str, str, str]] = {
    "none": ("^|choices: {}", "no choice; allowed: two choices or more", ""),
    "one alone": ("choices: {^|a: {}}", "a single choice", "as_it_is: {}"),
    "no mapping": ("choices: {a: {}, b: ^|3}", "a mapping with name, set, cost", ""),
    "an unknown key": ("choices: {a: {}, b: {^|costs: 3}}", "the unknown key costs", "write cost"),
    "a cost that is no number": ("choices: {a: {}, b: {cost: ^|cheap}}", "cheap", ""),
    "an id that is none": ("choices: {a: {}, ^|B 2: {}}", "an id", "write b"),
    "no such number": (
        "choices: {a: {}, b: {set: {levers.offer.^|acceptence: 0.5}}}", "no key acceptence", "",
    ),
    "no such lever": ("choices: {a: {}, b: {set: {levers.^|ofer.acceptance: 0.5}}}", "no lever ofer", ""),
    "a path in quotes": ('choices: {a: {}, b: {set: {"levers.^|ofer.months": 5}}}', "no lever ofer", ""),
    "no path": ("choices: {a: {}, b: {set: {^|levers..months: 5}}}", "the path `levers..months`", ""),
    "the horizon": ("choices: {a: {}, b: {set: {^|months: 36}}}", "months, which no choice sets", ""),
    "the target": ("choices: {a: {}, b: {set: {^|risk.target: 36}}}", "risk, which no choice sets", ""),
    "what is in doubt": ("choices: {a: {}, b: {set: {^|doubt.draws: 512}}}", "doubt, which no choice sets", ""),
    "other choices": ("choices: {a: {}, b: {set: {^|choices: null}}}", "choices, which no choice sets", ""),
    "the discount rate": (
        "choices: {a: {}, b: {set: {vendor.discount_rate: ^|0.05}}}", "one discount rate for all choices", "",
    ),
    "a value out of range": (
        "choices: {a: {}, b: {set: {levers.offer.acceptance: ^|1.5}}}", "a number from 0 to 1", "",
    ),
    "a number in quotes": (
        'choices: {a: {}, b: {set: {levers.offer.months: ^|"6"}}}', "a whole number", "without quotes",
    ),
    "a value within a mapping": (
        "choices: {a: {}, b: {set: {levers.offer: {months: 6, acceptance: ^|2}}}}", "a number from 0 to 1", "",
    ),
    "nothing to remove": ("choices: {a: {}, b: {set: {levers.offer.^|name: null}}}", "nothing to remove", ""),
    "a customer that is hit": (
        "choices: {a: {}, ^|b: {set: {customers.beta: null}}}", "under it events.ban.hits.1: no customer beta", "",
    ),
    "a lever against nothing": (
        "choices: {a: {}, b: {set: {levers.offer.against: ^|lave}}}", "no event lave", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    text, words, help = REFUSED[name]
    marked = unmark(f"{BASE}{text}\n")
    (problem,) = problems_of(marked.text)
    assert ((problem.line, problem.column),) == marked.marks, problem.render()
    assert words in problem.message, problem.message
    assert help in (problem.help or "")
    assert problem.path.startswith("choices")


def test_all_choices_are_told_at_once() -> None:
    text = "choices: {a: {set: {levers.offer.months: -1}}, b: {set: {months: 3}}, c: {set: {events.leave: null}}}\n"
    assert [problem.path for problem in problems_of(BASE + text)] == [
        "choices.a.set.levers.offer.months", "choices.b.set.months", "choices.c", "choices.c"
    ]  # fmt: skip


def test_a_doubt_that_goes_against_a_choice_is_refused_at_the_choice() -> None:
    # The file's number is the median; under the choice its place is no single number any more.
    doubt = "doubt: {numbers: {events.leave.timing.lognormal.median: {p10: 6, p90: 20}}}\n"
    text = "choices: {a: {}, b: {set: {events.leave.timing: {exponential: {mean: 12}}}}}\n"
    (gone,) = two(doubt, text).choices[1].dropped
    assert gone.path == "events.leave.timing.lognormal.median"


# Inheritance


def names(scenario: Scenario) -> dict[str, Any]:
    return {one.id: (dict(one.set), one.cost) for one in scenario.choices}


BOTH = BASE + "choices: {a: {}, b: {set: {levers.offer.months: 6, levers.offer.discount: 0.2}, cost: 3}}\n"


def test_choices_merge_by_name_and_what_one_sets_is_replaced_whole(files: Files) -> None:
    found = variant(files, "choices: {b: {set: {levers.offer: null}}, c: {cost: 1}}\n", base=BOTH)
    assert names(found) == {"a": ({}, 0), "b": ({"levers.offer": None}, 3), "c": ({}, 1)}
    found = variant(files, "choices: {b: {cost: 5}}\n", base=BOTH)
    assert names(found)["b"] == ({"levers.offer.months": 6, "levers.offer.discount": 0.2}, 5)
    found = variant(files, "choices: {b: null, c: {}}\n", base=BOTH)
    assert list(names(found)) == ["a", "c"]
    assert variant(files, "choices: null\n", base=BOTH).choices == ()


def test_a_cost_can_be_set_and_a_path_within_a_choice_can_not() -> None:
    scenario = load_text(BOTH, FILE)
    assert scenario.with_({"choices.b.cost": 7}).choices[1].cost == 7
    with pytest.raises(sim.ScenarioError, match="a key with dots, which cannot be addressed") as found:
        scenario.with_({"choices.b.set.levers.offer.months": 9})
    assert found.value.problems[0].help == "set choices.b.set as a whole: choices.b.set={…}"
    with pytest.raises(sim.ScenarioError, match="no choice d"):
        scenario.with_({"choices.d.cost": 7})


def test_what_moves_no_measure_is_no_axis_and_no_difference() -> None:
    scenario = load_text(BOTH, FILE)
    with pytest.raises(sim.ScenarioError):
        scenario.with_({"sweep": {"choices.b.cost": [1, 2]}})
    same = sim.compare(scenario, scenario.with_({"choices.b.cost": 7}), paths=64)
    assert same.to_dict()["differing"] == []


# In words


@pytest.fixture
def file(files: Files) -> str:
    files(BASE[: BASE.index("evidence:")] + TWO + IN_DOUBT)
    return "base.yaml"


def flat(text: str) -> str:
    return " ".join(text.split())


def test_check_says_each_choice(inside: Run, file: str) -> None:
    done = inside("check", file)
    said = flat(done.stdout)
    assert "Choices as_it_is: everything as it stands. The others are held against it." in said
    assert "A better offer: levers.offer.acceptance 0.6 instead of 0.4; customers.alpha.contract.renews 2024-12" in said
    assert "without events.ban, at a cost of 3 USD million." in said
    assert "In no doubt under A better offer, which sets or removes it: levers.offer.acceptance (base.yaml:" in said


def test_show_says_them_in_words_and_as_data(inside: Run, file: str) -> None:
    said = flat(inside("show", file, "choices").stdout)
    assert "# A better offer: levers.offer.acceptance 0.6 instead of 0.4;" in said
    told = json.loads(inside("show", file, "choices.offer", "--json").stdout)["choices"]
    assert [one["id"] for one in told] == ["offer"]
    assert told[0]["set"] == {
        "levers.offer.acceptance": 0.6, "customers.alpha.contract.renews": "2024-12", "events.ban": None
    }  # fmt: skip
    assert [one["path"] for one in told[0]["not_in_doubt"]] == ["levers.offer.acceptance"]


def test_evidence_says_what_a_choice_sets_a_number_to(inside: Run, file: str) -> None:
    assert "choices: A better offer sets it to 0.6" in flat(inside("evidence", file).stdout)
    told = json.loads(inside("evidence", file, "--json").stdout)["numbers"]
    found = {one["path"]: one["choices"] for one in told if "choices" in one}
    assert found == {"levers.offer.acceptance": ["A better offer sets it to 0.6"]}
