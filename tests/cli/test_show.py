"""``show``: the scenario as a tree with sources, for readers and as data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.cli.terminal import columns
from sim.language import load, load_text
from tests.by_hand import CERTAIN, LATER, LATEST, line_of
from tests.command import ROOT, Run

PARTS = (
    "streams",
    "events",
    "levers",
    "risk",
    "capacity",
    "start",
    "months",
    "known",
    "discount_rate",
    "axes",
    "money",
)


def values(done) -> dict[str, dict]:  # type: ignore[no-untyped-def, type-arg]
    return {one["path"]: one for one in json.loads(done.stdout)["values"]}


def test_as_a_reader_sees_it(chain: Path, cli: Run) -> None:
    done = cli("show", "latest.yaml", "--set", "events.cut.probability=0.5")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "# latest.yaml, which extends later.yaml, which extends certain.yaml"
    assert lines[1] == "# --set events.cut.probability=0.5"
    by_text = {text.strip(): place for text, mark, place in (line.rpartition(" # ") for line in lines) if mark}
    assert by_text["months: 12"] == f"certain.yaml:{line_of(CERTAIN, 'months')}"
    assert by_text["probability: 0.5"] == f"--set (was 0.25, latest.yaml:{line_of(LATEST, 'probability')})"
    # Where there is no room beside it, what was stands below.
    here, before = line_of(LATEST, "leaves:"), line_of(CERTAIN, "usage:")
    assert by_text["to: 0.5"] == f"latest.yaml:{here}"
    (at,) = [n for n, line in enumerate(lines) if line.strip().startswith("to: 0.5")]
    assert lines[at + 1].strip() == f"# was 0, certain.yaml:{before}"
    assert by_text["# contract: removed"] == f"was later.yaml:{line_of(LATER, 'contract:')}"
    assert by_text["levels: [0.95, 0.99]"] == "default"
    # In its own order, with each branch once.
    heads = [line.strip() for line in lines if line.endswith(":") and not line.startswith("#")]
    assert heads[:4] == ["vendor:", "customers:", "one:", "rest:"]
    assert heads.count("customers:") == 1


@pytest.mark.parametrize(
    ("source", "overrides"),
    [
        ("tiktok-all-risks", ()),
        ("tiktok-no-offer", ("events.in_house_llm.probability=0.8", "customers.tiktok.growth=0.1")),
        ("tiktok-all-risks", ("events.suspension.timing={gamma: {mean: 12, sd: 3}}", "levers=null")),
        ("tiktok-fy2025-plan", ("months=48",)),
        (str(ROOT / "tests" / "language" / "example.yaml"), ()),
    ],
)
@pytest.mark.parametrize("width", ["80", "100"])
def test_what_is_printed_is_the_scenario_and_fits(
    inside: Run, monkeypatch: pytest.MonkeyPatch, source: str, overrides: tuple[str, ...], width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    done = inside("show", source, *(word for text in overrides for word in ("--set", text)))
    assert done.returncode == 0, done.stderr
    assert max(map(columns, done.stdout.splitlines())) <= int(width)
    assert "\x1b" not in done.stdout
    again, asked = load_text(done.stdout), load(source, set=overrides)
    for part in PARTS:
        assert getattr(again, part) == getattr(asked, part), part


def test_as_data(chain: Path, inside: Run) -> None:
    done = inside("show", "latest.yaml", "--set", "customers.rest.volatility=0.3", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    data, found = json.loads(done.stdout), values(done)
    assert data["files"] == ["latest.yaml", "later.yaml", "certain.yaml"]
    assert data["overrides"] == ["customers.rest.volatility=0.3"]
    assert found["months"] == {
        "path": "months",
        "value": 12,
        "file": "certain.yaml",
        "line": line_of(CERTAIN, "months"),
        "column": 9,
    }
    volatility = found["customers.rest.volatility"]
    assert (volatility["file"], volatility["line"]) == ("--set customers.rest.volatility=0.3", 1)
    assert (volatility["was"]["value"], volatility["was"]["file"]) == (0, "latest.yaml")
    assert found["events.leaves.probability"] == {
        "path": "events.leaves.probability", "value": 1, "file": None, "line": None, "column": None, "default": True,
    }  # fmt: skip
    assert [one["path"] for one in data["removed"]] == ["customers.one.contract", "events.leaves.timing.month"]
    assert data["removed"][0]["value"] == {"term": 12, "renews": "2025-06"}


def test_one_branch(chain: Path, inside: Run) -> None:
    done = inside("show", "latest.yaml", "events.cut", "--quiet")
    assert done.stdout.splitlines()[:2] == ["events:", "  cut:"]
    assert done.stdout.splitlines()[2].split() == ["hits:", "all", "#", f"latest.yaml:{line_of(LATEST, 'hits')}"]
    assert "leaves" not in done.stdout
    assert list(values(inside("show", "latest.yaml", "events.cut.price", "--json"))) == [
        "events.cut.price.to",
        "events.cut.price.over",
    ]
    assert "customers.one.contract" in inside("show", "latest.yaml", "customers.one.contract", "--json").stdout
    wrong = inside("show", "latest.yaml", "events.cut.prise")
    assert wrong.returncode == 2
    assert "events.cut.prise: nothing stands there" in wrong.stderr
    assert "did you mean events.cut.price?" in wrong.stderr
    assert inside("show", "latest.yaml", "").returncode == 2


def test_evidence_is_counted_unless_asked_for(inside: Run) -> None:
    whole = inside("show", "tiktok-all-risks").stdout
    assert "# evidence: " in whole
    assert "assumption:" not in whole
    assert "assumption: >-" in inside("show", "tiktok-all-risks", "evidence.events.price_cut").stdout
    paths = {one["path"] for one in json.loads(inside("show", "tiktok-all-risks", "--json").stdout)["values"]}
    assert "evidence.events.price_cut.probability.low" in paths


def test_names_are_nothing_but_text(inside: Run, tmp_path: Path) -> None:
    name = "\\u200b\\u00ad # no: [comment] " + "会社 long " * 20
    (tmp_path / "odd.yaml").write_text(CERTAIN.replace("Customer One", f'"{name}"'))
    done = inside("show", "odd.yaml", "--set", 'customers.one.name="\'{x}: | \\U000E0001"')
    assert done.returncode == 0
    assert all(line.isprintable() for line in done.stdout.splitlines())
    assert max(map(columns, done.stdout.splitlines())) <= 80
    assert load_text(done.stdout).events == load_text(CERTAIN).events


def test_from_standard_input_and_errors(cli: Run, inside: Run, certain: str) -> None:
    done = cli("show", "-", "months", stdin=CERTAIN)
    assert f"months: 12  # <stdin>:{line_of(CERTAIN, 'months')}" in done.stdout
    wrong = inside("show", certain, "--set", "months=0", "--json")
    assert wrong.returncode == 2
    assert json.loads(wrong.stdout)["error"]["problems"][0]["path"] == "months"
    assert inside("show", "certan.yaml").returncode == 2
