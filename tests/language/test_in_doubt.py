"""The block ``doubt``: what is in doubt by it, what is refused, what becomes of it through inheritance."""

from __future__ import annotations

from typing import Any

import pytest

import sim
from sim.errors import ScenarioError
from sim.language import load, load_text
from sim.language.turning import bare
from sim.scenario.doubts import Doubt, Even, Percentiles, Pert, Weighted
from sim.scenario.parts import Scenario
from tests.language.cases import BASE, FILE, Files, problems_of, unmark, variant
from tests.language.doubts_refused import BLOCKS, NUMBERS

PLAIN = BASE[: BASE.index("evidence:")]


def stated(numbers: str, more: str = "") -> Scenario:
    """The base with some doubts, written in one line."""
    return load_text(f"{PLAIN}doubt: {{numbers: {{{numbers}}}{more}}}\n", FILE)


def the(scenario: Scenario) -> Doubt:
    assert scenario.doubt is not None
    (one,) = scenario.doubt.numbers
    return one


def paths(scenario: Scenario) -> list[str]:
    return [] if scenario.doubt is None else [one.path for one in scenario.doubt.numbers]


def told(scenario: Scenario) -> dict[str, str]:
    """Doubts that are gone, with the file and line where."""
    assert scenario.doubt is not None
    return {one.path: one.place for one in scenario.doubt.dropped}


# What is meant

FORMS: list[tuple[str, Any]] = [
    ("customers.alpha.revenue: {p10: 8, p50: 9, p90: 12}", Percentiles(10, 8, 9, 12, 0, None)),
    ("customers.alpha.revenue: {p5: 8, p95: 12}", Percentiles(5, 8, 10, 12, 0, None)),  # the file's number
    ("customers.alpha.growth: {p49: 0, p51: 0.2}", Percentiles(49, 0, 0.1, 0.2, -1, None)),
    ("customers.beta.growth.2025-03: {p1: -0.2, p99: 0.4}", Percentiles(1, -0.2, 0.1, 0.4, -1, None)),
    ("customers.alpha.market: {p10: 0.1, p90: 0.8}", Percentiles(10, 0.1, 0.5, 0.8, -1, 1)),
    ("customers.alpha.volatility: {p10: 0.1, p50: 0.2, p90: 0.4}", Percentiles(10, 0.1, 0.2, 0.4, 0, None)),
    ("vendor.discount_rate: {p10: 0.05, p90: 0.12}", Percentiles(10, 0.05, 0.09, 0.12, -1, None)),
    ("vendor.capacity.initial: {p10: 50, p90: 80}", Percentiles(10, 50, 60, 80, 0, None)),
    ("events.leave.probability: {p10: 0.2, p90: 0.6}", Percentiles(10, 0.2, 0.5, 0.6, 0, 1)),
    ("events.ban.permanent: {low: 0, mode: 0.1, high: 1}", Pert(0, 0.1, 1)),
    ("events.ban.triggers.leave.probability: {low: 0, high: 1}", Even(0, 1)),
    ("events.leave.timing.lognormal.median: {p10: 6, p90: 20}", Percentiles(10, 6, 12, 20, 0, None)),
    ("customers.alpha.contract.commitment: {low: 0, high: 1}", Even(0, 1)),
    ("customers.alpha.contract.notice: {p10: 0, p90: 6}", Percentiles(10, 0, 3, 6, -0.5, None)),
    ("customers.alpha.contract.term: {p10: 1, p90: 24}", Percentiles(10, 1, 12, 24, 0.5, None)),
    ("customers.alpha.contract.renews: {values: {2025-03: 1, 2024-09: 3}}", Weighted(("2024-09", "2025-03"), (3, 1))),
    ("events.leave.usage.shape: {values: {s_curve: 1, linear: 2}}", Weighted(("s_curve", "linear"), (1, 2))),
    ("events.leave.choice: {values: {true: 1, false: 2}}", Weighted((True, False), (1, 2))),
    ("levers.offer.months: {values: {24: 1, 6: 1}}", Weighted((6, 24), (1, 1))),
    ("levers.offer.against: {values: {leave: 1}}", Weighted(("leave",), (1,))),
    ("risk.target: {p10: 80, p90: 120}", Percentiles(10, 80, 100, 120, 0, None)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "form"), FORMS, ids=[text for text, _ in FORMS])
def test_a_law_and_the_range_of_its_number(text: str, form: Any) -> None:
    one = the(stated(text))
    assert one.form == form
    assert one.path == text.partition(":")[0]
    assert one.whole is (one.path.rpartition(".")[2] in ("notice", "term", "months"))


@pytest.mark.parametrize(
    ("law", "most"),
    [
        ("{p10: 0.05, p90: 0.5}", 1),  # all it says, and the file's 0.1, are at most 1: usage does not rise
        ("{p10: 0.05, p50: 0.5, p90: 1.5}", None),
        ("{p10: 0.9, p50: 1.1, p90: 1.4}", None),
    ],
)
def test_a_share_that_is_left_stays_a_share_where_all_of_it_is(law: str, most: float | None) -> None:
    form = the(stated(f"events.leave.usage.to: {law}")).form
    assert isinstance(form, Percentiles)
    assert (form.least, form.most) == (0, most)


def test_the_files_own_number_counts_too() -> None:
    text = PLAIN.replace("usage: {to: 0.1, over: 6, shape: linear}", "usage: {to: 1.2, over: 6, shape: linear}")
    doubt = "doubt: {numbers: {events.leave.usage.to: {p10: 0.5, p50: 0.7, p90: 0.9}}}\n"
    form = the(load_text(text + doubt, FILE)).form
    assert isinstance(form, Percentiles)
    assert form.most is None


def test_a_one_off_has_no_range() -> None:
    text = PLAIN.replace("    lasts: {fixed: 3}\n", "    lasts: {fixed: 3}\n    once: {amount: 1}\n")
    one = the(load_text(text + "doubt: {numbers: {events.ban.once.amount: {p10: -2, p90: 10}}}\n", FILE))
    assert one.form == Percentiles(10, -2, 1, 10)


def test_a_shift_keeps_all_numbers_of_a_schedule_within_their_range() -> None:
    """Growth is above −1: with 0.1 the least of the schedule, a shift is above −1.1."""
    one = the(stated("customers.beta.growth: {shift: {p10: -0.15, p90: 0.2}}"))
    assert one.form == Percentiles(10, -0.15, 0, 0.2, -1.1, None)
    assert one.moved == (("2024-03", 0.2), ("2025-03", 0.1))
    assert (one.base, one.shift) == (0, True)
    share = the(stated("events.leave.usage.to: {shift: {low: -0.1, high: 0.9}}"))  # 0.1 now: from 0 to 1
    assert share.form == Even(-0.1, 0.9)
    with pytest.raises(ScenarioError, match=r"a number from -0\.1 to 0\.9"):
        stated("events.leave.usage.to: {shift: {low: -0.2, high: 0.9}}")
    alone = the(stated("customers.alpha.contract.notice: {shift: {low: -2, high: 2}}"))
    assert (alone.moved, alone.whole, alone.form) == (3, True, Even(-2, 2))


def test_a_default_is_the_base_of_what_is_not_written() -> None:
    one = the(stated("customers.beta.volatility: {low: 0, high: 0.3}"))
    assert one.base == 0
    assert the(stated("events.ban.probability: {low: 0.5, high: 1}")).base == 1
    text = PLAIN.replace("target: 100\n", "year_starts: 7\n")
    nothing = load_text(text + "doubt: {numbers: {risk.target: {p10: 80, p50: 90, p90: 120}}}\n", FILE)
    assert the(nothing).base is None


def test_the_share_of_a_commitment_in_full_is_meant_by_a_lone_number() -> None:
    text = PLAIN.replace("commitment: 0.5", "commitment: {share: 0.5, per: year}")
    one = the(load_text(text + "doubt: {numbers: {customers.alpha.contract.commitment: {p10: 0.2, p90: 0.7}}}\n", FILE))
    assert one.path == "customers.alpha.contract.commitment.share"
    assert one.base == 0.5


def test_draws_are_rounded_up_and_the_place_is_kept() -> None:
    scenario = stated("customers.alpha.revenue: {p10: 8, p90: 12}", ", draws: 500")
    assert scenario.doubt is not None
    assert scenario.doubt.draws == 512
    one, lines = the(scenario), PLAIN.count("\n")
    assert (one.file, one.line, one.column) == (FILE, lines + 1, len("doubt: {numbers: {") + 1)
    assert (
        load_text(PLAIN + "doubt: {}\n", FILE).doubt
        == sim.load(scenario, set={"doubt.numbers": None}).doubt.__class__()
    )


def test_without_the_block_nothing_is_in_doubt_and_nothing_has_changed() -> None:
    scenario = load_text(PLAIN, FILE)
    assert scenario.doubt is None
    assert "in_doubt" not in scenario.record
    with_one = stated("customers.alpha.revenue: {p10: 8, p90: 12}")
    assert with_one.sha256 != scenario.sha256
    assert with_one.record["in_doubt"] == 1
    without = with_one.with_({"doubt": None})
    assert without.sha256 == scenario.sha256
    assert without.doubt is None
    assert bare(with_one).doubt is None


def test_what_is_written_is_read_as_the_same() -> None:
    by_path = {text.partition(":")[0]: text for text, _ in FORMS}
    several = ", ".join(by_path.values())
    scenario = stated(several, ", ranges: utmost")
    again = load(scenario.document)
    assert again.doubt == scenario.doubt
    assert again.sha256 == scenario.sha256


# What is refused

WITH_ANOTHER = PLAIN.replace("levers:", "  sue: {hits: alpha, usage: {to: 0}}\nlevers:").replace(
    "triggers: {leave:", "triggers: {sue: {}, leave:"
)


@pytest.mark.parametrize("name", NUMBERS)
def test_refused(name: str) -> None:
    numbers, below, words, help = NUMBERS[name]
    marked = unmark(f"{WITH_ANOTHER}doubt:\n  numbers: {{{numbers}}}\n")
    (problem,) = problems_of(marked.text)
    assert ((problem.line, problem.column),) == marked.marks, problem.render()
    assert words in problem.message
    assert help in (problem.help or "")
    assert problem.path.startswith("doubt.numbers.")
    assert problem.path.endswith(below)


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_that_is_refused(name: str) -> None:
    text, words, help = BLOCKS[name]
    marked = unmark(f"{PLAIN}doubt: {text}\n")
    (problem,) = problems_of(marked.text)
    if "a list" not in name:
        assert ((problem.line, problem.column),) == marked.marks
    assert words in problem.message
    assert help in (problem.help or "")


def test_a_number_that_is_not_there_is_no_median() -> None:
    text = PLAIN.replace("target: 100\n", "year_starts: 7\n")
    (problem,) = problems_of(text + "doubt: {numbers: {risk.target: {p10: 80, p90: 120}}}\n")
    assert "no median: none is given, and the scenario has no number there" in problem.found
    assert problem.help == "give p50"


def test_all_that_is_wrong_is_told_at_once() -> None:
    text = (
        "customers.alpha.revenue: {p10: 8, p95: 12}, customers.alpha.growth: {p10: x, p90: 1}, "
        "months: {low: 1, high: 2}"
    )
    found = {problem.path for problem in problems_of(f"{PLAIN}doubt: {{numbers: {{{text}}}}}\n")}
    assert found == {
        "doubt.numbers.customers.alpha.revenue.p95",
        "doubt.numbers.customers.alpha.growth.p10",
        "doubt.numbers.months",
    }


# Plausible ranges


def ranged(evidence: str, ranges: str = "p10-p90", numbers: str = "", change: tuple[str, str] = ("", "")) -> Scenario:
    text = PLAIN.replace(*change) if change[0] else PLAIN
    return load_text(f"{text}evidence: {{{evidence}}}\ndoubt: {{ranges: {ranges}, numbers: {{{numbers}}}}}\n", FILE)


ASSUMED = "assumption: a guess, low: {}, high: {}"


@pytest.mark.parametrize(
    ("path", "low", "high", "ranges", "form"),
    [
        ("customers.alpha.revenue", 8, 14, "p10-p90", Percentiles(10, 8, 10, 14, 0, None)),
        ("customers.alpha.revenue", 8, 14, "p5-p95", Percentiles(5, 8, 10, 14, 0, None)),
        ("customers.alpha.revenue", 8, 14, "utmost", Pert(8, 10, 14)),
        ("customers.alpha.revenue", 0, 14, "p10-p90", Pert(0, 10, 14)),  # an end on the bound
        ("customers.alpha.revenue", 10, 14, "p10-p90", Pert(10, 10, 14)),  # the number at an end
        ("events.leave.probability", 0.2, 1, "p5-p95", Pert(0.2, 0.5, 1)),
        ("customers.alpha.contract.notice", 0, 6, "p10-p90", Percentiles(10, 0, 3, 6, -0.5, None)),
        ("events.leave.usage.to", 0.05, 1, "p10-p90", Pert(0.05, 0.1, 1)),
        ("events.leave.usage.to", 0.05, 1.1, "p10-p90", Percentiles(10, 0.05, 0.1, 1.1, 0, None)),
    ],
)
def test_a_plausible_range_is_taken_for_percentiles(path: str, low: float, high: float, ranges: str, form: Any) -> None:
    scenario = ranged(f"{path}: {{{ASSUMED.format(low, high)}}}", ranges)
    one = the(scenario)
    assert (one.path, one.form, one.entry) == (path, form, path)
    assert scenario.doubt is not None
    assert scenario.doubt.left_out == ()


def test_a_range_on_a_schedule_moves_its_numbers_together_where_they_are_equal() -> None:
    equal = ("growth: {2024-03: 0.2, 2025-03: 0.1}", "growth: {2024-03: 0.2, 2025-03: 0.2}")
    one = the(ranged(f"customers.beta.growth: {{{ASSUMED.format(0, 0.4)}}}", change=equal))
    assert one.path == "customers.beta.growth"
    assert one.form == Percentiles(10, 0, 0.2, 0.4, -1, None)
    assert one.of_scores([0.0]) == [{"2024-03": pytest.approx(0.2), "2025-03": pytest.approx(0.2)}]


def test_what_is_stated_goes_before_its_range() -> None:
    evidence = f"customers.alpha: {{{ASSUMED.format(0, 20)}}}, customers.alpha.growth: {{{ASSUMED.format(0, 0.3)}}}"
    scenario = ranged(
        evidence.replace("customers.alpha:", "customers.alpha.revenue:"),
        numbers="customers.alpha.growth: {low: 0, high: 1}",
    )
    assert [(one.path, one.entry) for one in scenario.doubt.numbers] == [  # type: ignore[union-attr]
        ("customers.alpha.growth", None),
        ("customers.alpha.revenue", "customers.alpha.revenue"),
    ]


def test_of_a_schedule_the_range_moves_what_is_not_stated_itself() -> None:
    equal = ("growth: {2024-03: 0.2, 2025-03: 0.1}", "growth: {2024-03: 0.2, 2024-09: 0.2, 2025-03: 0.2}")
    own = "customers.beta.growth.2024-09: {low: 0, high: 1}"
    scenario = ranged(f"customers.beta.growth: {{{ASSUMED.format(0, 0.4)}}}", numbers=own, change=equal)
    assert scenario.doubt is not None
    stated_itself, by_range = scenario.doubt.numbers
    assert (stated_itself.path, stated_itself.moved) == ("customers.beta.growth.2024-09", None)
    assert by_range.moved == (("2024-03", 0.2), ("2025-03", 0.2))
    assert scenario.doubt.of("customers.beta.growth.2025-03") is by_range
    assert scenario.doubt.of("customers.beta.growth.2024-09") is stated_itself
    assert scenario.doubt.of("customers.alpha.growth") is None


@pytest.mark.parametrize(
    ("path", "low", "high", "why"),
    [
        ("customers.alpha.revenue", 11, 14, "without the value 10"),
        ("customers.alpha.revenue", 10, 10, "a range that is a point"),
        ("customers.beta.growth", 0, 0.4, "one range for numbers that differ: 0.2, 0.1"),
        ("customers.alpha.contract.renews", 0, 6, "customers.alpha.contract.renews is a month"),
        ("events.leave.usage", 0, 10, "one range for 2 different numbers"),
    ],
)
def test_what_can_not_be_meant_is_left_out_and_listed(path: str, low: float, high: float, why: str) -> None:
    scenario = ranged(f"{path}: {{{ASSUMED.format(low, high)}}}")
    assert scenario.doubt is not None
    assert scenario.doubt.numbers == ()
    (one,) = scenario.doubt.left_out
    assert why in one.why
    assert (one.path, one.file, one.line) == (path, FILE, PLAIN.count("\n") + 1)


def test_a_range_of_a_number_in_a_list_is_left_out() -> None:
    together = ("levers:", "together: [{events: [leave, ban], correlation: 0.3}]\nlevers:")
    scenario = ranged(f"together.0.correlation: {{{ASSUMED.format(0.1, 0.5)}}}", change=together)
    assert scenario.doubt is not None
    assert [(one.path, one.why) for one in scenario.doubt.left_out] == [
        ("together.0.correlation", "a number in a list")
    ]


# Inheritance

DOUBT = """\
doubt:
  numbers:
    customers.alpha.revenue: {p10: 8, p50: 10, p90: 12}
    customers.beta.growth: {shift: {p10: -0.1, p90: 0.1}}
    events.leave.probability: {p10: 0.2, p90: 0.6}
    customers.alpha.volatility: {low: 0, high: 0.3}
"""
WITH_DOUBT = PLAIN + DOUBT
ALL = ["customers.alpha.revenue", "customers.beta.growth", "events.leave.probability", "customers.alpha.volatility"]


def test_doubts_merge_by_path_and_a_law_is_replaced_whole(files: Files) -> None:
    text = (
        "doubt: {draws: 256, numbers: {customers.alpha.revenue: {low: 5, high: 15}, "
        "vendor.discount_rate: {low: 0, high: 1}}}"
    )
    scenario = variant(files, text, base=WITH_DOUBT)
    assert paths(scenario) == [*ALL, "vendor.discount_rate"]
    assert scenario.doubt is not None
    assert scenario.doubt.numbers[0].form == Even(5, 15)
    assert (scenario.doubt.numbers[0].file, scenario.doubt.numbers[0].line) == ("variant.yaml", 2)
    assert scenario.doubt.draws == 256


def test_null_removes_a_doubt_or_all_of_them(files: Files) -> None:
    scenario = variant(files, "doubt: {numbers: {customers.alpha.revenue: null}}", base=WITH_DOUBT)
    assert paths(scenario) == ALL[1:]
    assert told(scenario) == {}
    assert variant(files, "doubt: null", base=WITH_DOUBT).doubt is None
    with pytest.raises(ScenarioError, match=r"null for vendor\.discount_rate, which has nothing to remove"):
        variant(files, "doubt: {numbers: {vendor.discount_rate: null}}", base=WITH_DOUBT)


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        ("customers: {alpha: {revenue: ^|11}}", "customers.alpha.revenue"),
        ("customers: {alpha: {volatility: ^|0.1}}", "customers.alpha.volatility"),  # it was a default before
        ("customers: {beta: {growth: {2025-03: ^|0.3}}}", "customers.beta.growth"),  # one date of it
        ("customers: {beta: {growth: {2025-09: ^|0.3}}}", "customers.beta.growth"),  # one more
        ("customers: {beta: {growth: ^|0.3}}", "customers.beta.growth"),
        ("customers: {beta: {growth: null}}", "customers.beta.growth"),
        ("events: {leave: {probability: ^|0.4}}", "events.leave.probability"),
    ],
)
def test_a_number_that_is_set_or_removed_is_in_doubt_no_longer(files: Files, change: str, gone: str) -> None:
    marked = unmark(f"extends: base.yaml\n{change}")
    files(WITH_DOUBT, variant=marked.text)
    scenario = load("variant.yaml")
    assert paths(scenario) == [path for path in ALL if path != gone]
    places = [f"variant.yaml:{line}:{column}" for line, column in marked.marks]
    stated = WITH_DOUBT[: WITH_DOUBT.index(f"    {gone}: ")].count("\n") + 1
    assert told(scenario) == {gone: places[0] if places else f"base.yaml:{stated}:5"}


def test_what_is_written_again_as_it_was_is_not_touched(files: Files) -> None:
    scenario = variant(files, "customers: {alpha: {revenue: 1.0e1, growth: 0.5}}", base=WITH_DOUBT)
    assert paths(scenario) == ALL
    assert told(scenario) == {}


def test_a_doubt_of_the_same_file_stays(files: Files) -> None:
    text = "customers: {alpha: {revenue: 11}}\ndoubt: {numbers: {customers.alpha.revenue: {p10: 9, p90: 14}}}"
    scenario = variant(files, text, base=WITH_DOUBT)
    assert paths(scenario) == ALL
    assert scenario.doubt is not None
    assert scenario.doubt.numbers[0].form == Percentiles(10, 9, 11, 14, 0, None)
    assert told(scenario) == {}


def test_what_is_removed_takes_its_doubts_along(files: Files) -> None:
    text = "events: {leave: null, ban: {triggers: null}}\nlevers: null\nsweep: null"
    scenario = variant(files, text, base=WITH_DOUBT)
    assert paths(scenario) == [path for path in ALL if path != "events.leave.probability"]
    assert list(told(scenario)) == ["events.leave.probability"]


def test_an_override_drops_a_doubt_and_may_state_one() -> None:
    base = load_text(WITH_DOUBT, FILE)
    scenario = base.with_({"customers.alpha.revenue": 11})
    assert paths(scenario) == ALL[1:]
    assert list(told(scenario)) == ["customers.alpha.revenue"]
    assert scenario.sha256 == load_text(WITH_DOUBT, FILE, set=["customers.alpha.revenue=11"]).sha256
    own = {"customers.alpha.revenue": {"p10": 10, "p90": 12}}
    again = base.with_({"customers.alpha.revenue": 11, "doubt.numbers": own})
    assert paths(again) == ALL
    assert base.with_(["doubt.draws=300"]).doubt.draws == 512  # type: ignore[union-attr]
    assert load_text(PLAIN, FILE, set=["doubt.ranges=p10-p90"]).doubt is not None
    with pytest.raises(ScenarioError) as refused:
        base.with_(["doubt.numbers.customers.alpha.revenue={p10: 1, p90: 20}"])
    assert refused.value.problems[0].help == "set doubt.numbers as a whole: doubt.numbers={…}"


def test_a_range_goes_with_the_evidence_of_its_number(files: Files) -> None:
    evidence = f"evidence: {{customers.alpha.revenue: {{{ASSUMED.format(8, 12)}}}}}\ndoubt: {{ranges: p10-p90}}\n"
    scenario = variant(files, "customers: {alpha: {revenue: 11}}", base=PLAIN + evidence)
    assert paths(scenario) == []
    assert told(scenario) == {"customers.alpha.revenue": f"variant.yaml:2:{len('customers: {alpha: {revenue: ') + 1}"}


def test_axes_and_their_cells_know_of_no_doubt() -> None:
    """A cell sets numbers that may be in doubt: neither is in the way of the other."""
    scenario = load_text(WITH_DOUBT, FILE, set={"sweep": {"customers.alpha.revenue": [5, 30]}})
    assert paths(scenario) == ALL
    assert [axis.path for axis in scenario.axes] == ["events.leave.probability", "customers.alpha.revenue"]
