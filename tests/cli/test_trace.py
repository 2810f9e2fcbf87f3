"""``trace``: the story of one path as a table and as data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sim
from tests.command import Run


def test_one_path_as_a_table(cli: Run, certain: str) -> None:
    done = cli("trace", certain)
    assert done.returncode == 0
    assert done.stderr == ""
    rows = [line.split() for line in done.stdout.splitlines()]
    # 40 a month before, 30 from 2025-07 on, when 10 are lost.
    assert ["2025-01", "the", "period", "begins", "40.00", "0.00"] in rows
    assert ["2025-07", "One", "leaves:", "arises", "(by", "itself)", "30.00", "10.00"] in rows
    assert "Customer One: “One leaves” takes effect (usage to 0%)" in done.stdout
    assert ["2025", "420.0", "60.00"] in rows  # 6 * 40 + 6 * 30
    assert "Loss over 2025-01 … 2025-12: USD 60.00 million." in done.stdout
    assert "bill" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_every_line_of_the_ledger(inside: Run, certain: str) -> None:
    done = inside("trace", "--all", certain)
    # Twelve months, two customers: 24 bills.
    assert done.stdout.count(" bill ") == 24


def test_the_path_at_a_percentile(inside: Run, even: str) -> None:
    done = inside("trace", even, "--percentile", "99", "--paths", "500", "--json")
    data = json.loads(done.stdout)
    assert data["format"] == 1
    assert data["loss"] == 60.0
    standing = data["standing"]
    assert standing["percentile"] == 99.0
    assert standing["paths"] == 512
    assert standing["paths_with_more"] == 0
    # The others lose nothing. Of each scrambling's 32 points 16 lie below one half.
    assert standing["paths_with_less"] == 256
    assert {"month", "kind", "who", "what", "why", "money", "lost", "facts"} == set(data["ledger"][0])
    assert sum(line["lost"] for line in data["ledger"] if line["kind"] == "month") == 60.0
    assert all(line["lost"] is None for line in data["ledger"] if line["kind"] == "bill")
    again = json.loads(inside("trace", even, "--path", str(data["path"]), "--json").stdout)
    assert again["ledger"] == data["ledger"]
    assert "standing" not in again


def test_where_the_path_stands_is_told(inside: Run, even: str) -> None:
    done = inside("trace", even, "--percentile", "99.9", "--paths", "200")
    assert "percentile 99.9 of the loss" in " ".join(done.stdout.split())


@pytest.mark.parametrize("words", [("--path", "1", "--percentile", "99"), ("--paths", "10"), ("--percentile", "100")])
def test_options_that_do_not_fit(inside: Run, certain: str, words: tuple[str, ...]) -> None:
    done = inside("trace", certain, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Error:" in done.stderr


def test_a_story_with_contract_offer_and_short_capacity(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "full.yaml").write_text(
        """\
scenario: 1
name: A full story
start: 2025-01
months: 12
money: kEUR
vendor: {name: V, capacity: {initial: 38, growth: 0}}
customers:
  one: {name: Customer One, revenue: 10, growth: 0, contract: {term: 6, renews: 2025-04, notice: 1, commitment: 0.5}}
  rest: {name: The rest, revenue: 30, growth: 0, pool: true}
events:
  leaves: {name: An own model, hits: one, choice: true, timing: {month: 2025-03}, usage: {to: 0}}
  cut: {name: A price cut, hits: all, timing: {month: 2025-11}, price: {to: 0.9}}
levers:
  stay: {name: A discount, against: leaves, discount: 0.1, months: 3, acceptance: 1}
"""
    )
    lines = inside("trace", "full.yaml").stdout.splitlines()
    # The text stands between the month and the two amounts, which take 16 columns.
    text = " ".join(" ".join(line[9:64].split()) for line in lines)
    # Demand 40 against 38 until the customer leaves in March + 3 months of the offer + 1 of notice: 38/40 = 95 %.
    assert "capacity is short until 2025-06: at first the vendor serves 95.0% of the volume" in text
    assert "Customer One: commits to 5.0 a month" in text
    assert "“A discount” is accepted (10% off for 3 months, as “An own model” would arise by itself)" in text
    assert "An own model: arises (once “A discount” has run out; takes effect after 1 month's notice)" in text
    assert "renews without commitment (“An own model” has arisen)" in text
    assert "Customer One, The rest: “A price cut” takes effect (price to 90%)" in text
    # Renewals in January (the one before), April and October; April repeats the commitment of January.
    assert text.count("commits to") == 1


def test_a_path_of_quasi_random_sampling_is_told_with_the_loss_that_its_run_has(inside: Run) -> None:
    told = inside("trace", "tiktok", "--path", "37", "--sampling", "sobol", "--json")
    assert told.returncode == 0, told.stderr
    loss = sim.run("tiktok", paths=256, sampling="sobol").loss[37]
    assert json.loads(told.stdout)["loss"] == pytest.approx(loss, rel=1e-9)


@pytest.mark.parametrize(
    ("start", "months", "years"),
    [
        # 40 a month; 30 from 2025-07 on, where the horizon holds it.
        ("2025-01", 12, {"2025": "420.0"}),
        ("2025-03", 12, {"2025 (10 months)": "340.0", "2026 (2 months)": "60.0"}),
        ("2025-06", 8, {"2025 (7 months)": "220.0", "2026 (1 month)": "30.0"}),
    ],
)
def test_years_of_which_a_part_is_told_say_so(
    inside: Run, certain: str, start: str, months: int, years: dict[str, str]
) -> None:
    done = inside("trace", certain, "--set", f"start={start}", "--set", f"months={months}")
    lines = done.stdout.splitlines()
    first = next(k for k, line in enumerate(lines) if line.startswith("year "))
    rows = [line.rsplit(maxsplit=2) for line in lines[first + 1 : first + 1 + len(years)]]
    assert {row[0]: float(row[1]) for row in rows} == {year: float(revenue) for year, revenue in years.items()}


@pytest.mark.parametrize(("given", "meant"), [("0.95", "95"), ("0.999", "99.9"), ("0.5", "50")])
@pytest.mark.parametrize("words", [("trace",), ("plot", "--kind", "story")])
def test_a_percentile_that_looks_like_a_share_is_asked_about(
    inside: Run, even: str, words: tuple[str, ...], given: str, meant: str
) -> None:
    done = inside(*words, even, "--percentile", given, "--paths", "100")
    assert done.returncode == 0
    assert f"did you mean {meant}?" in " ".join(done.stderr.split())
    assert inside(*words, even, "--percentile", meant, "--paths", "100").stderr == ""


def test_years_are_fiscal_where_results_are(inside: Run, certain: str) -> None:
    """40 a month, 30 from July on, when the second of two fiscal years begins."""
    lines = inside("trace", certain, "--set", "risk.year_starts=7").stdout.splitlines()
    rows = [line.rsplit(maxsplit=2)[:2] for line in lines if line.startswith("FY")]
    assert [(name, float(revenue)) for name, revenue in rows] == [
        ("FY2025 (6 months)", 240),
        ("FY2026 (6 months)", 180),
    ]


def test_what_adding_up_leaves_over_is_not_lost(inside: Run) -> None:
    """Capacity is short in an outage: as much is served, and what differs is in the sixteenth digit."""
    told = inside("trace", "five-customers", "--path", "0").stdout
    assert abs(sim.trace("five-customers", path=0).attrs["loss"]) < 1e-9
    assert "0.000000" not in told
    assert told.rstrip().endswith("USD 0.0 million.") or "USD 0.0\nmillion." in told
