"""Where newcomers are refused, they are told what to write instead, at the very place."""

from __future__ import annotations

import pytest

import sim
from sim.errors import SHOWN, Problem, ScenarioError
from sim.language import load_text
from sim.scenario.rules import compounded
from tests.language.cases import FILE, changed, problems_of, unmark

LAW = "{from: 2024-01, lognormal: {median: 12, p90: 30}}"
USAGE = "{to: 0.1, over: 6, shape: linear}"


def only(text: str, path: str, **options: object) -> Problem:
    """The one problem at a path."""
    (found,) = [problem for problem in problems_of(text, **options) if problem.path == path]
    return found


@pytest.mark.parametrize(
    ("old", "new", "path", "help"),
    [
        (USAGE, "^|0", "events.leave.usage", "write {to: 0}"),
        (f"usage: {USAGE}", "^|usage: [0.1, 6]", "events.leave.usage", "write {to: 0.1, over: 6}"),
        (LAW, "^|2027", "events.leave.timing", "write {month: 2027-01}"),
        (LAW, "^|2027-05", "events.leave.timing", "write {month: 2027-05}"),
        (LAW, "^|12", "events.leave.timing", "write {fixed: 12}"),
        (f"timing: {LAW}", "^|timing: [3, 18]", "events.leave.timing", "write {uniform: {low: 3, high: 18}}"),
        (f"timing: {LAW}", "^|timing: [3, 6, 18]", "events.leave.timing",
         "write {triangular: {low: 3, mode: 6, high: 18}}"),
        (LAW, "{^|uniform: [3, 18]}", "events.leave.timing.uniform", "write {low: 3, high: 18}"),
        (LAW, "{^|triangular: [3, 6, 18]}", "events.leave.timing.triangular", "write {low: 3, mode: 6, high: 18}"),
        (LAW, "{^|lognormal: [12, 0.5]}", "events.leave.timing.lognormal", "write {median: 12, sigma: 0.5}"),
        (LAW, "{^|gamma: [12, 6]}", "events.leave.timing.gamma", "write {mean: 12, sd: 6}"),
        (LAW, "{^|weibull: [2, 9]}", "events.leave.timing.weibull", "write {shape: 2, scale: 9}"),
        (LAW, "{exponential: ^|12}", "events.leave.timing.exponential", "write {mean: 12}"),
        (LAW, "{hazard: ^|0.1}", "events.leave.timing.hazard", "write it by month: {2024-03: 0.1}"),
        ("lasts: {fixed: 3}", "lasts: ^|3", "events.ban.lasts", "write {fixed: 3}"),
        ("{to: 0.1,", "{^|to: [0, 0.4],", "events.leave.usage.to", "write {uniform: {low: 0, high: 0.4}}"),
        ("over: 6,", "^|over: [3, 9],", "events.leave.usage.over", "write {uniform: {low: 3, high: 9}}"),
        ("notice: 3", "notice: ^|90 days", "customers.alpha.contract.notice", "write it in months: 3"),
        ("notice: 3", "notice: ^|'90 days'", "customers.alpha.contract.notice", "write it in months: 3"),
        ("notice: 3", "notice: ^|3 months", "customers.alpha.contract.notice", "write it in months: 3"),
        ("notice: 3", "notice: ^|2 weeks", "customers.alpha.contract.notice", "write it in months: 1"),
        ("term: 12", "term: ^|3 years", "customers.alpha.contract.term", "write it in months: 36"),
        ("median: 12,", "median: ^|1.5y,", "events.leave.timing.lognormal.median", "write it in months: 18"),
        ("revenue: 10\n", "revenue: ^|10 million\n", "customers.alpha.revenue", "write the number alone: 10"),
        ("capacity: {initial: 60, growth: 0.2}", "capacity: ^|60", "vendor.capacity", "write {initial: 60}"),
        ("{first: 2024-06, last: 2025-05}", "[2024-06, 2025-05]", "risk.window",
         "write {first: 2024-06, last: 2025-05}"),
        ("triggers: {leave: {probability: 0.5, after: {gamma: {mean: 4, sd: 2}}}}", "triggers: ^|leave",
         "events.ban.triggers", "write it by id: {leave: {…}}"),
        ("{leave: {probability: 0.5, after: {gamma: {mean: 4, sd: 2}}}}", "{leave: ^|0.5}", "events.ban.triggers.leave",
         "write {probability: 0.5}"),
        ("run: {paths: 1000, seed: 1}", "run: ^|1000", "run", "write {paths: 1000}"),
        ("revenue: 10\n", "revenue: 10\n    ^|price_tiers: {}\n", "customers.alpha.price_tiers",
         "there are no prices in tiers yet: an event's price for the average that a customer pays is nearest"),
        ("revenue: 10\n", "revenue: 10\n    ^|currency: EUR\n", "customers.alpha.currency",
         "there is one unit for all amounts, `money`: convert what is in another currency at a rate of your plan"),
        ("    hits: alpha\n", "    ^|customer: alpha\n", "events.leave.customer", "write hits"),
        ("levels: [0.95, 0.99]", "levels: [0.95, 0.99]\n  ^|fiscal_year: 7", "risk.fiscal_year", "write year_starts"),
        ("    probability: 0.5\n", "    ^|chance: 0.5\n", "events.leave.chance", "write probability"),
        ("revenue: 10\n", "^|sales: 10\n", "customers.alpha.sales", "write revenue"),
        ("against: leave", "^|event: leave", "levers.offer.event", "write against"),
        (f"timing: {LAW}", "^|hazard: {2024-03: 0.1}", "events.leave.hazard",
         "hazard belongs under events.<id>.timing"),
        ("run: {paths: 1000, seed: 1}", "^|hazard: {2024-03: 0.1}", "hazard",
         "hazard belongs under events.<id>.timing"),
        # Two years of 2,500 % reach beyond any amount: they are refused before they could be doubted.
        ("    market: 0.5\n", "    market: 0.5\n    volatility: 25\n", "customers.alpha",
         "volatility is a rate a year: 0.25 is 25 %"),
    ],
)  # fmt: skip
def test_what_to_write_instead(old: str, new: str, path: str, help: str) -> None:
    marked = unmark(changed((old, new)))
    problem = only(marked.text, path)
    assert problem.help == help
    assert not marked.marks or ((problem.line, problem.column),) == marked.marks, problem.render()


@pytest.mark.parametrize(
    ("old", "new", "path", "help"),
    [
        ("^|customers:\n  alpha".replace("^|", ""), "customer:\n  alpha", "customers", "call customer customers"),
        ("    hits: alpha\n", "    customer: alpha\n", "events.leave.hits", "call customer hits"),
        ("revenue: 10\n", "sales: 10\n", "customers.alpha.revenue", "call sales revenue"),
        ("    revenue: 10\n", "", "customers.alpha.revenue", "add the key revenue; it is required"),
    ],
)
def test_a_key_by_another_name_is_not_called_missing_alone(old: str, new: str, path: str, help: str) -> None:
    assert only(changed((old, new)), path).help == help


@pytest.mark.parametrize(
    ("override", "path", "help"),
    [
        ("^|leave.probability=0.3", "leave", "write events.leave.probability"),
        ("^|leaves.probability=0.3", "leaves", "write events.leave.probability"),
        ("^|alpha.contract.notice=1", "alpha", "write customers.alpha.contract.notice"),
        ("^|offer.discount=0", "offer", "write levers.offer.discount"),
        ("events.leave.^|hazard={2024-03: 0.1}", "events.leave.hazard", "hazard belongs under events.<id>.timing"),
        ("events.leave.^|chance=0.1", "events.leave.chance", "write events.leave.probability"),
        ("levers.^|o={against: ban, discount: 0, months: 1, acceptance: 1}", "levers.o",
         "to add one, set levers as a whole: levers={o: {…}}"),
        ("events.leave.usage=^|0", "events.leave.usage", "write {to: 0}"),
    ],
)  # fmt: skip
def test_what_to_set_instead(override: str, path: str, help: str) -> None:
    marked = unmark(f"--set {override}")
    problem = only(changed(), path, set=[marked.text.removeprefix("--set ")])
    assert (problem.help, ((problem.line, problem.column),)) == (help, marked.marks)


def test_a_lever_where_there_are_none() -> None:
    text = changed(("levers:\n  offer: {against: leave, discount: 0.1, months: 12, acceptance: 0.4}\n", ""))
    offer = "{against: leave, discount: 0.1, months: 12, acceptance: 0.4}"
    problem = only(text, "levers.o", set=[f"levers.o={offer}"])
    assert (problem.allowed, problem.help) == ("none yet", "to add one, set levers as a whole: levers={o: {…}}")
    assert [lever.id for lever in load_text(text, FILE, set=[f"levers={{o: {offer}}}"]).levers] == ["o"]


def test_a_path_without_its_section_on_an_axis_and_under_evidence() -> None:
    axis = only(changed(("events.leave.probability: {", "leave.probability: {")), "sweep.leave.probability")
    assert axis.help == "write events.leave.probability"
    entry = only(changed(("customers.alpha.revenue: some", "alpha.revenue: some")), "evidence.alpha.revenue")
    assert entry.help == "write customers.alpha.revenue"


def test_without_axes_the_option_is_named() -> None:
    text = changed(("sweep:\n  events.leave.probability: {from: 0, to: 1, count: 5}\n", ""))
    with pytest.raises(sim.UsageError, match="no axes to sweep") as told:
        sim.sweep(load_text(text, FILE))
    assert told.value.help is not None
    assert "--axis events.leave.probability=0:1:21 (in Python axes={…})" in told.value.help


@pytest.mark.parametrize(("count", "shown"), [(SHOWN, SHOWN), (SHOWN + 1, SHOWN + 1), (SHOWN + 2, SHOWN)])
def test_one_more_is_shown_rather_than_counted(count: int, shown: int) -> None:
    error = ScenarioError([Problem(FILE, line, 1, "a", "b") for line in range(1, count + 1)])
    lines = str(error).splitlines()
    assert [line for line in lines if line.startswith(FILE)] == lines[:shown]
    assert lines[shown:] == ([f"and {count - shown} more"] if count > shown else [])
    assert (len(error.to_dict()["problems"]), error.to_dict()["total"]) == (shown, count)


# --- laws and amounts point at what was written last ---------------------------------------------------------------

EXHAUSTED = "a law of which nothing is left after 2024-04"


@pytest.mark.parametrize(
    ("law", "override", "says"),
    [
        # Counted from 2024-01, nothing of these is left by 2024-04, three months later.
        ("{from: 2024-01, uniform: {low: 1, high: 9}}", "events.leave.timing.uniform.high=^|2", EXHAUSTED),
        ("{from: 2024-01, triangular: {low: 1, mode: 1, high: 9}}", "events.leave.timing.triangular.high=^|2",
         EXHAUSTED),
        ("{from: 2024-01, fixed: 9}", "events.leave.timing.fixed=^|2", EXHAUSTED),
        ("{from: 2024-01, table: {1: 0.5, 9: 0.5}}", "events.leave.timing={fixed: ^|2}", EXHAUSTED),
        ("{from: 2024-01, lognormal: {median: 9, sigma: 0}}", "events.leave.timing.lognormal.median=^|2", EXHAUSTED),
        ("{from: 2024-01, gamma: {mean: 9, sd: 0}}", "events.leave.timing.gamma.mean=^|2", EXHAUSTED),
        ("{from: 2024-01, weibull: {shape: 50, scale: 9}}", "events.leave.timing.weibull.scale=^|1", EXHAUSTED),
        ("{from: 2024-01, exponential: {mean: 9}}", "events.leave.timing.exponential.mean=^|0.001", EXHAUSTED),
        ("{uniform: {low: 1, high: 9}}", "events.leave.timing.from=^|2023-01", EXHAUSTED),
        ("{uniform: {low: 1, high: 9}}", "known=^|2025-01", "a law of which nothing is left after 2025-01"),
        ("{table: {1: 0.5, 9: 0.5}}", "events.leave.timing.table.9=^|0.4", "probabilities that sum to 0.9"),
        ("{table: {0.1: 0.5, 9: 0.5}}", "events.leave.timing.table={0: 0.5, 0.1: 0.5, 9: ^|0}",
         "a delay that can be 0"),
    ],
)  # fmt: skip
def test_the_refusal_of_a_law_points_at_the_override(law: str, override: str, says: str) -> None:
    marked = unmark(f"--set {override}")
    text = changed((LAW, law))
    load_text(text, FILE)
    problems = problems_of(text, set=[marked.text.removeprefix("--set ")])
    (problem,) = [one for one in problems if one.path.startswith("events.leave.timing")]
    assert problem.found.startswith(says)
    assert (problem.file, ((problem.line, problem.column),)) == (marked.text, marked.marks)


def test_within_one_file_it_points_at_the_law() -> None:
    marked = unmark(changed((f"timing: {LAW}", "^|timing: {from: 2024-01, uniform: {low: 1, high: 2}}")))
    problem = only(marked.text, "events.leave.timing")
    assert ((problem.line, problem.column),) == marked.marks


def test_a_level_points_at_the_override_too() -> None:
    text = changed(("{to: 0.1,", "{to: {uniform: {low: 0, high: 1}},"))
    problem = only(text, "events.leave.usage.to.uniform", set=["events.leave.usage.to.uniform.high=101"])
    assert (problem.file, problem.line) == ("--set events.leave.usage.to.uniform.high=101", 1)


def test_an_amount_points_at_the_override_too() -> None:
    marked = unmark("--set customers.alpha.revenue=^|1e61")
    problem = only(changed(), "customers.alpha", set=["customers.alpha.revenue=1e61"])
    assert (problem.file, ((problem.line, problem.column),)) == (marked.text, marked.marks)


def test_a_step_of_growth_from_a_small_start() -> None:
    # In July 2024 1e-3 is multiplied by 20,000 and reaches 20: for a month, a rate of 20,000^12 − 1 a year.
    rate = 20_000.0**12 - 1
    schedule = f"{{2024-03: 0, 2024-07: {rate!r}, 2024-08: 0}}"
    stream = load_text(changed(("revenue: 10\n    growth: 0.1", f"revenue: 1e-3\n    growth: {schedule}"))).streams[0]
    assert compounded(stream.revenue, stream.growth)[[3, 4, 23]] == pytest.approx([1e-3, 20, 20], rel=1e-9)


def test_growth_is_held_for_the_months_for_which_it_is_in_force() -> None:
    # ln 1e60 = 138.16; 10 a month grow by ln(1 + g) a year over 23 months of the 24: g = 1e30 reaches 10 · 1e57.5.
    assert load_text(changed(("revenue: 10\n    growth: 0.1", "revenue: 10\n    growth: 1e30")), FILE)
    problem = only(changed(("revenue: 10\n    growth: 0.1", "revenue: 10\n    growth: 1e31")), "customers.alpha")
    assert problem.found == "an amount that may grow beyond 1e+60"
    assert problem.help == "growth is a rate a year: 1e+29 is 1e+31 %"
