"""What a scenario means once it is loaded: months, schedules, copies, defaults, laws; and the ranges at both sides."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from sim.errors import SimError, UsageError
from sim.language import bundled_scenarios, load, load_text
from sim.language.limits import estimate, too_large
from sim.machine import in_bytes
from sim.scenario.axis import Axis
from sim.scenario.laws import Exponential, Fixed, Gamma, Hazard, Lognormal, Table, Triangular, Uniform, Weibull
from sim.scenario.parts import AtMonth, Commitment, Contract, Delay, Effect, Lever, Scenario, Trigger
from tests.language.cases import FILE, changed, load_changed
from tests.scenarios import scenarios

EXAMPLE = Path(__file__).parent / "example.yaml"


@pytest.fixture(scope="module")
def example() -> Scenario:
    return load(EXAMPLE)


def test_months_count_from_the_start(example: Scenario):
    assert example.start == 2024 * 12 + 2  # March is the third month, 2 when counted from 0
    assert example.known == 4  # July
    assert (example.risk.first, example.risk.last) == (4, 15)  # July 2024; June 2025 is a year and three months on
    january = Contract(notice=3, term=12, renews=10, commitment=Commitment(share=0.5))  # 2025
    assert example.streams[0].contract == january
    assert [event.timing for event in example.events[:3]] == [
        Delay(Lognormal(18.0, 0.5), counted_from=-7, known=4),  # August 2023
        Delay(Exponential(30.0), counted_from=0, known=4),
        AtMonth(10),
    ]
    assert example.month_label(10) == "2025-01"


def test_schedules_hold_from_their_month_on(example: Scenario):
    others = example.streams[3]
    assert others.growth == (0.6,) * 12 + (0.4,) * 12 + (0.25,) * 36
    assert example.streams[0].growth == (0.1,) * 60
    assert example.capacity is not None
    assert (example.capacity.initial, example.capacity.growth) == (95.0, (0.4,) * 60)


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("{2023-01: 0.3, 2024-01: 0.2, 2024-05: 0.1}", (0.2,) * 2 + (0.1,) * 22),  # the first is over before the start
        ("{2024-03: 0.3, 2026-03: 0.2}", (0.3,) * 24),  # the second begins after the horizon
        ("{2026-02: 0.1, 2024-03: 0.3}", (0.3,) * 23 + (0.1,)),  # in any order; the last month
    ],
)
def test_schedules_before_and_after_the_horizon(schedule: str, rates: tuple[float, ...]):
    assert load_changed(("{2024-03: 0.2, 2025-03: 0.1}", schedule)).streams[1].growth == rates


def test_an_each_event_becomes_one_for_each_customer(example: Scenario):
    copies = example.events[4:]
    assert [(event.id, event.origin, event.hits) for event in copies] == [
        ("departures.alpha", "departures", (1,)),
        ("departures.beta", "departures", (2,)),
    ]
    assert copies[0].name == "departures: alpha"
    assert [example.notice(event) for event in copies] == [2, 0]  # alpha's contract; beta has none


def test_triggers_reach_every_copy_and_every_copy_triggers():
    scenario = load_changed(
        ("    hits: alpha\n", "    hits: [alpha, beta]\n    each: true\n"),
        ("    hits: [alpha, beta]\n    timing: {month", "    hits: [beta, alpha]\n    each: true\n    timing: {month"),
        ("levers:\n  offer: {against: leave, discount: 0.1, months: 12, acceptance: 0.4}\n", ""),
    )
    to_each = tuple(Trigger(f"leave.{customer}", 0.5, Gamma(4.0, 2.0)) for customer in ("alpha", "beta"))
    assert {event.id: event.triggers for event in scenario.events} == {
        "leave.alpha": (),
        "leave.beta": (),
        "ban.beta": to_each,
        "ban.alpha": to_each,
    }


def test_a_lever_against_an_each_event_of_one_customer_means_its_copy():
    scenario = load_changed(("    hits: alpha\n", "    hits: [alpha]\n    each: true\n"))
    assert scenario.levers == (Lever("offer", "leave.alpha", 0.1, 12, 0.4),)


def test_hits_all_means_every_customer_in_order():
    assert load_changed(("hits: [alpha, beta]", "hits: all")).events[1].hits == (0, 1, 2)


def test_the_rest_of_the_example(example: Scenario):
    assert (example.name, example.vendor, example.money) == (
        "ByteDance builds its own model",
        "Microsoft AI cloud",
        "USD million",
    )
    assert example.about == "Two lines\nof free text.\n"
    assert example.discount_rate == 0.09
    assert [stream.name for stream in example.streams] == ["TikTok (ByteDance)", "alpha", "365", "All other customers"]
    assert [stream.pool for stream in example.streams] == [False, False, False, True]
    suspension = example.events[1]
    assert suspension.usage == Effect(0.0, 0, "linear")
    assert suspension.lasts == Lognormal.from_p90(2.0, 6.0)
    assert (suspension.permanent, suspension.voids) == (0.2, True)
    assert suspension.triggers == (Trigger("in_house_llm", 0.5, Gamma(12.0, 4.0)),)
    assert example.events[3].price == Effect(0.8)
    assert example.events[3].usage is None
    assert example.levers == (Lever("retention_offer", "in_house_llm", 0.15, 24, 0.4),)
    assert (example.risk.levels, example.risk.target) == ((0.95, 0.99), 3200.0)
    assert (example.paths, example.seed) == (100_000, 1)
    assert example.folder == EXAMPLE.parent
    assert example.axes == (
        Axis("events.in_house_llm.probability", tuple(i / 20 for i in range(21))),
        Axis("events.in_house_llm.timing.lognormal.median", (6.0, 12.0, 18.0, 24.0, 36.0, 48.0, 60.0)),
    )


def test_defaults():
    text = (
        "scenario: 1\nname: n\nstart: 2024-03\nmonths: 12\nmoney: USD\nvendor: {name: v}\n"
        "customers: {a: {revenue: 1, growth: 0}}\n"
        "events: {e: {hits: a, timing: {fixed: 2}, usage: {to: 0}, triggers: {f: {}}}, "
        "f: {hits: a, timing: {fixed: 2}, price: {to: 2}}}\n"
    )
    scenario = load_text(text, FILE)
    stream, event = scenario.streams[0], scenario.events[0]
    assert (stream.name, stream.volatility, stream.market, stream.pool, stream.contract) == ("a", 0.0, 0.0, False, None)
    assert (event.name, event.choice, event.probability, event.notice, event.permanent) == ("e", False, 1.0, None, 0.0)
    assert event.usage == Effect(0.0, 0, "linear")
    assert event.triggers == (Trigger("f", 1.0, None),)
    assert (event.lasts, event.voids, event.timing) == (None, None, Delay(Fixed(2.0), 0, 0))
    assert (scenario.known, scenario.discount_rate, scenario.capacity) == (0, None, None)
    assert (scenario.risk.levels, scenario.risk.first, scenario.risk.last, scenario.risk.target) == (
        (0.95, 0.99),
        0,
        11,
        None,
    )
    assert (scenario.paths, scenario.seed, scenario.axes, scenario.levers) == (100_000, 1, (), ())


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("exponential: {mean: 20}", Exponential(20.0)),
        ("lognormal: {median: 12, sigma: 0.7}", Lognormal(12.0, 0.7)),
        # the standard normal's quantile at 0.9 is 1.2815515655446004
        ("lognormal: {median: 10, p90: 20}", Lognormal(10.0, math.log(2) / 1.2815515655446004)),
        ("gamma: {mean: 12, sd: 4}", Gamma(12.0, 4.0)),
        ("weibull: {shape: 2, scale: 12}", Weibull(2.0, 12.0)),
        ("uniform: {low: 0, high: 8}", Uniform(0.0, 8.0)),
        ("triangular: {low: 0, mode: 2, high: 8}", Triangular(0.0, 2.0, 8.0)),
        ("fixed: 7.5", Fixed(7.5)),
        ("table: {24: 0.3, 6: 0.2, 12.5: 0.5}", Table((6.0, 12.5, 24.0), (0.2, 0.5, 0.3))),
        ("hazard: {2025-03: 0.3, 2024-01: 0.1}", Hazard(((-2, 0.1), (12, 0.3)))),
    ],
)  # fmt: skip
def test_laws(text: str, law: object):
    timing = load_changed(("from: 2024-01, lognormal: {median: 12, p90: 30}", text)).events[0].timing
    assert isinstance(timing, Delay)
    if isinstance(law, Lognormal):
        assert isinstance(timing.law, Lognormal)
        assert (timing.law.median, timing.law.sigma) == pytest.approx((law.median, law.sigma), rel=1e-15)
    else:
        assert timing.law == law


def test_numbers_or_laws():
    scenario = load_changed(
        (
            "usage: {to: 0.1, over: 6, shape: linear}",
            "usage: {to: {uniform: {low: 0, high: 0.4}}, over: {fixed: 2}, shape: s_curve}",
        ),
        ("    choice: true\n", "    choice: true\n    notice: {triangular: {low: 0, mode: 1, high: 4}}\n"),
    )
    leave = scenario.events[0]
    assert leave.usage == Effect(Uniform(0.0, 0.4), Fixed(2.0), "s_curve")
    assert leave.notice == Triangular(0.0, 1.0, 4.0)


@pytest.mark.parametrize("text", ["1000", "1e3", "1000.0", "1.0E+3", "+1000", "10000e-1", "1000."])
def test_whole_numbers_may_be_written_in_any_decimal_way(text: str):
    scenario = load_changed(("paths: 1000", f"paths: {text}"))
    assert (scenario.paths, type(scenario.paths)) == (1000, int)


@pytest.mark.parametrize(
    ("text", "value"), [(".5", 0.5), ("0.5", 0.5), ("5e-1", 0.5), ("0", 0.0), ("-0", 0.0), ("1", 1.0)]
)
def test_decimal_numbers(text: str, value: float):
    event = load_changed(("probability: 0.5\n", f"probability: {text}\n")).events[0]
    assert event.probability == value
    assert math.copysign(1, event.probability) == 1  # no negative zero


def test_large_seeds_are_exact():
    assert load_changed(("seed: 1}", f"seed: {2**200 + 1}}}")).seed == 2**200 + 1


@pytest.mark.parametrize(
    ("text", "name"),
    [("365", "365"), ("1e3", "1e3"), ("0x1F", "0x1F"), ("2024-03", "2024-03"), ("'no'", "no"), ("12:30", "12:30"),
         ("y", "y"), ("50%", "50%")],
)  # fmt: skip
def test_a_name_may_look_like_a_number(text: str, name: str):
    assert load_changed(("name: Vendor", f"name: {text}")).vendor == name


# Path of the number (as it stands in the base or is added), values that are just allowed, values that are just not.
RANGES = {
    # The window's last month is number 14, so 15 months are the fewest.
    "months": ("months: 24", "months: {}", (15, 1200), (14, 0, 1201, -1, 15.5)),
    "revenue": ("revenue: 10", "revenue: {}", (0, 1e40), (-1e-12,)),
    "initial": ("initial: 60", "initial: {}", (0,), (-1e-12,)),
    "growth": ("growth: 0.1\n    market", "growth: {}\n    market", (-0.999999, 1000), (-1, -1.5)),
    "growth in a schedule": ("2025-03: 0.1", "2025-03: {}", (-0.999999,), (-1,)),
    "volatility": ("market: 0.5", "volatility: {}", (0, 3), (-1e-12,)),
    "market": ("market: 0.5", "market: {}", (-1, 1), (-1.000000000001, 1.000000000001)),
    "discount rate": ("discount_rate: 0.09", "discount_rate: {}", (-0.999999, 2), (-1,)),
    "probability": ("probability: 0.5\n", "probability: {}\n", (0, 1), (-1e-12, 1.000000000001)),
    "probability of a trigger": ("{probability: 0.5, after", "{{probability: {}, after", (0, 1), (-1e-12,
         1.000000000001)),
    "acceptance": ("acceptance: 0.4", "acceptance: {}", (0, 1), (-1e-12, 1.000000000001)),
    "discount": ("discount: 0.1", "discount: {}", (0, 1), (-1e-12, 1.000000000001)),
    "months of a lever": ("months: 12", "months: {}", (0, 10**12), (-1, 0.5)),
    "permanent": ("permanent: 0.2", "permanent: {}", (0, 1), (-1e-12, 1.000000000001)),
    "commitment": ("commitment: 0.5", "commitment: {}", (0, 1), (-1e-12, 1.000000000001)),
    "term": ("term: 12", "term: {}", (1, 10**12), (0, 0.5)),
    "notice": ("notice: 3", "notice: {}", (0, 10**12), (-1, 0.5)),
    "to": ("to: 0.1", "to: {}", (0, 100), (-1e-12, 100.000001)),
    "over": ("over: 6", "over: {}", (0, 10**12), (-1, 0.5)),
    "paths": ("paths: 1000", "paths: {}", (1,), (0, -1, 0.5)),
    "seed": ("seed: 1}", "seed: {}}}", (0,), (-1, 0.5)),
    "level": ("levels: [0.95, 0.99]", "levels: [{}]", (1e-9, 0.999999), (0, 1)),
    "target": ("target: 100", "target: {}", (0,), (-1e-12,)),
    "hazard": ("{from: 2024-01, lognormal: {median: 12, p90: 30}}", "{{hazard: {{2024-03: {}}}}}", (0, 0.999), (1,
         -1e-12)),
    "mean": ("{from: 2024-01, lognormal: {median: 12, p90: 30}}", "{{exponential: {{mean: {}}}}}", (1e-2,), (0, -1)),
    "sigma": ("p90: 30", "sigma: {}", (0, 5), (-1e-12,)),
    "p90": ("p90: 30", "p90: {}", (12, 1000), (11.999,)),
    "probability in a table": ("{fixed: 3}", "{{table: {{1: {}, 2: 0}}}}", (1, 1 - 9e-10), (1.000000000001, 1 - 2e-9)),
}  # fmt: skip


@pytest.mark.parametrize("name", RANGES)
def test_ranges_at_their_edges(name: str):
    old, new, allowed, refused = RANGES[name]
    for value in allowed:
        assert load_text(changed((old, new.format(value))), FILE)
    for value in refused:
        with pytest.raises(SimError):
            load_text(changed((old, new.format(value))), FILE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("known: 2024-04", "known: 2024-03"),
        ("known: 2024-04", "known: 2026-02"),  # the last month: the law can only arise later
        ("first: 2024-06, last: 2025-05", "first: 2024-03, last: 2026-02"),
        ("first: 2024-06, last: 2025-05", "first: 2024-06, last: 2024-06"),
        ("month: 2024-10", "month: 2024-03"),
        ("month: 2024-10", "month: 2030-01"),
        ("renews: 2024-09", "renews: 2019-09"),
        ("from: 2024-01, lognormal: {median: 12, p90: 30}", "from: 2024-01, fixed: 3.000001"),  # known is 3 months on
        ("from: 2024-01, lognormal: {median: 12, p90: 30}", "from: 2030-01, fixed: 1"),
        ("from: 2024-01, lognormal: {median: 12, p90: 30}", "hazard: {2024-03: 0}"),
        ("from: 2024-01, lognormal: {median: 12, p90: 30}", "table: {0: 0, 6: 1}"),  # no atom at 0 after all
        ("    contract: {term: 12, renews: 2024-09, notice: 3, commitment: 0.5}\n", "    contract: {notice: 3}\n"),
        ("    contract: {term: 12, renews: 2024-09, notice: 3, commitment: 0.5}\n", ""),
        ("    pool: true", "    pool: true\n    contract: {term: 12, renews: 2024-09, notice: 1}"),
        ("  ban:\n    hits: [alpha, beta]", "  ban:\n    hits: [alpha, beta]\n    choice: true\n    notice: 0"),
        ("  ban:\n    hits: [alpha, beta]", "  ban:\n    hits: [alpha, beta]\n    choice: true\n    each: true"),
        ("  ban:\n    hits: [alpha, beta]", "  ban:\n    hits: [beta, others]\n    choice: true"),
             # neither has a contract
        ("    usage: {to: 0}\n", ""),  # it still triggers
    ],
)  # fmt: skip
def test_allowed_at_the_edge(old: str, new: str):
    assert load_text(changed((old, new)), FILE)


def test_a_document_loads_to_the_same_scenario(example: Scenario):
    again = load(example.document)
    assert again.sha256 == example.sha256
    named = {"file", "source", "folder", "document"}
    for field in fields(Scenario):
        if field.name not in named:
            assert getattr(again, field.name) == getattr(example, field.name), field.name
    assert again.document == example.document


def test_the_hash_is_of_the_meaning():
    plain = load_changed()
    assert load_changed(("revenue: 10", "revenue: 1.0e1 # ten")).sha256 == plain.sha256
    assert load_changed(("revenue: 10", "revenue: 11")).sha256 != plain.sha256


def test_positions_of_values(example: Scenario):
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for path, text in (
        ("customers.tiktok.market", "0.3"),
        ("events.suspension.lasts.lognormal.p90", "6"),
        ("risk.target", "3200"),
    ):
        position = example.source.position(path)
        assert position.file == str(EXAMPLE)
        assert lines[position.line - 1][position.column - 1 :].startswith(text)
    assert example.source.position("customers.alpha.market") is None  # a default stands nowhere


@settings(max_examples=60, deadline=None)
@given(scenarios())
def test_generated_scenarios_load_and_load_again(data: dict[str, object]):
    scenario = load(data)
    assert load(scenario.document).sha256 == scenario.sha256


def test_python_data_with_numpy_numbers():
    data = dict(load_changed().document)
    data["months"] = np.int64(24)
    data["vendor"] = {"name": "v", "discount_rate": np.float64(0.5)}
    data["risk"] = {"levels": np.array([0.9, 0.95])}
    scenario = load(data)
    assert (scenario.months, scenario.discount_rate, scenario.risk.levels) == (24, 0.5, (0.9, 0.95))


@pytest.mark.parametrize(
    ("key", "value", "path", "words"),
    [
        ("months", True, "months", "`True`"),
        ("months", "24", "months", "'24' (a text)"),
        ("months", float("nan"), "months", "`nan`"),
        ("months", None, "months", "nothing (null)"),
        ("name", None, "name", "nothing (null)"),
        ("name", False, "name", "`False`"),
        ("name", "a\x1bb", "name", "control character U+001B"),
        ("vendor", object(), "vendor", "a value of type object"),
        ("vendor", {"name": "v", 1.5: 2}, "vendor.1.5", "unknown key 1.5"),
        ("vendor", {"name": "v", None: 2}, "vendor", "a key of type NoneType"),
        ("customers", [], "customers", "a list of 0"),
        ("seed", 10**400, "seed", "unknown key"),
    ],
)  # fmt: skip
def test_python_data_is_refused_by_path(key: str, value: object, path: str, words: str):
    data = {**load_changed().document, key: value}
    with pytest.raises(SimError) as caught:
        load(data)
    problem = caught.value.problems[0]
    assert (problem.file, problem.line, problem.path) == ("<dict>", None, path)
    assert words in problem.message
    assert problem.message.startswith(f"<dict>: {path}: ")


def test_python_data_that_contains_itself_is_refused():
    data: dict[str, object] = dict(load_changed().document)
    data["vendor"] = data
    with pytest.raises(SimError, match="levels of nesting"):
        load(data)


def test_files_and_names(tmp_path: Path):
    for missing in (tmp_path / "nothing.yaml", tmp_path / "a\0b", "no-such-scenario"):
        with pytest.raises(UsageError) as caught:
            load(missing)
        assert caught.value.exit_code == 2
    with pytest.raises(UsageError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(UsageError, match="type int"):
        load(3)  # type: ignore[arg-type]
    (tmp_path / "case.yaml").write_text(changed(), encoding="utf-8")
    with pytest.raises(UsageError, match=r"did you mean .*case\.yaml"):
        load(tmp_path / "csae.yaml")


@pytest.mark.parametrize("name", bundled_scenarios())
def test_bundled_scenarios_load_by_name(name: str):
    assert load(name).name


def test_a_file_goes_before_a_bundled_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    name = bundled_scenarios()[0]
    (tmp_path / name).write_text(changed(), encoding="utf-8")
    assert load(name).name == "Case"


def test_loading_imports_nothing_heavy():
    code = (
        f"import sys; from sim.language import load; load({str(EXAMPLE)!r}); "
        "print([m for m in ('scipy', 'pandas', 'matplotlib', 'simpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_memory_is_estimated_from_numbers_alone():
    assert estimate(months=60, paths=1000) == 8000  # one loss of 8 bytes a path
    assert estimate(months=60, cells=10) == 10 * (4096 + 8 * 61)
    assert too_large("this", 100, memory=100) is None
    message = too_large("this", 2**30 + 1, memory=2**30)
    assert message == "this, which would need about 1.0 GiB of memory; this machine has 1.0 GiB"
    assert [in_bytes(size) for size in (1536, 3 * 2**20, 10**300)] == ["1.5 KiB", "3.0 MiB", "more than a billion TiB"]
