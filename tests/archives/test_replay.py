"""`verify` of a folder: hashes, and paths valued again by the engine that the run did not use."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.archives import replay
from sim.archives.replay import chosen_paths
from sim.cli import main
from sim.language import load_text
from tests.archives.conftest import forge
from tests.by_hand import EVEN
from tests.command import Run


def with_arrays(folder: Path, **changes: Any) -> None:
    """Put other arrays among the results, with all hashes right."""
    with np.load(folder / "arrays.npz") as kept:
        found = {**kept, **changes}
    file = io.BytesIO()
    np.savez(file, **found)
    forge(folder, {"arrays.npz": file.getvalue()})


def test_kept_results_are_verified(cli: Run, inside: Run, even: str) -> None:
    kept = inside("run", even, "--out", "out", "--paths", "1000")
    assert kept.returncode == 0, kept.stderr
    done = cli("verify", "out")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "files are as written, and the SimPy model finds the same losses on 200 of 1,024 paths." in said
    assert "seed 1 · sobol sampling · run by the kernel" in said
    data = json.loads(inside("verify", "out/", "--paths", "5", "--json").stdout)
    assert data["agree"] is True
    assert (data["paths"], data["engine"], data["damaged"]) == (5, "model", [])
    assert data["largest_relative_difference"] <= 1e-9


@pytest.mark.parametrize(
    "options",
    [
        {"engine": "model", "paths": 30},
        {"paths": 256},
        {"paths": 1, "sampling": "plain"},
        {"sampling": "plain", "paths": 300, "seed": 7},
    ],
    ids=str,
)
def test_the_other_engine_replays(options: dict[str, Any], tmp_path: Path) -> None:
    result = sim.run("tiktok", **options)
    found = replay(result.save(tmp_path / "kept", pictures=False), paths=40)
    assert found.agree, found.deviations
    assert found.engine == {"kernel": "model", "model": "kernel"}[result.engine]
    assert found.paths == min(40, result.paths)
    assert found.largest <= 1e-9


def test_a_tail_without_spread_is_verified(tmp_path: Path) -> None:
    """Where all losses of a tail are one, the error of their mean is bounded by the baseline, which is no loss."""
    leaves = {"hits": "one", "probability": 0.5, "timing": {"month": "2025-03"}, "usage": {"to": 0}}
    data = {"scenario": 1, "name": "one or nothing", "start": "2025-01", "months": 6, "money": "USD"}
    data |= {"customers": {"one": {"revenue": 10}}, "events": {"leaves": leaves}}
    for sampling in ("plain", "sobol"):
        result = sim.run(data, paths=4096, sampling=sampling)
        assert result.measures["expected_shortfall"]["0.95"]["standard_error"] > 0
        found = replay(result.save(tmp_path / sampling, pictures=False), paths=10)
        assert found.agree, found.deviations


def test_what_came_of_an_event_each_time_is_verified(tmp_path: Path) -> None:
    outcomes = {
        "brief": {"weight": 0.5, "lasts": {"fixed": 1}},
        "lost": {"weight": 0.1},
        "long": {"lasts": {"fixed": 3}},
    }
    outage = {"hits": "one", "timing": {"exponential": {"mean": 4}}, "repeats": True, "usage": {"to": 0}}
    data = {"scenario": 1, "name": "an outage", "start": "2025-01", "months": 24, "money": "USD"}
    data |= {"customers": {"one": {"revenue": 10}}, "events": {"outage": {**outage, "outcomes": outcomes}}}
    folder = sim.run(data, paths=512).save(tmp_path / "kept", pictures=False)
    found = replay(folder, paths=100)
    assert found.agree, found.deviations
    with (folder / "events.csv").open(encoding="utf-8") as file:
        told = {row["event"]: float(row["expected_times"]) for row in csv.DictReader(file)}
    assert told["outage"] == pytest.approx(sum(told[f"outage.{which}"] for which in outcomes))


def test_a_loss_that_is_another_is_found(results: Path, inside: Run, tmp_path: Path) -> None:
    # The loss of the last path, 0 or 60, is put off by a millionth of the baseline, 480.
    result = sim.open(results)
    loss = result.loss.copy()
    loss[-1] += 480e-6
    with_arrays(results, loss=loss)
    found = replay(results, paths=2)
    assert found.different_paths == 1
    assert [(d.file, d.path, d.what, d.kept) for d in found.deviations] == [("arrays.npz", 399, "loss", loss[-1])]
    assert found.largest == pytest.approx(1e-6, rel=1e-6)
    done = inside("verify", "kept", "--paths", "2")
    assert done.returncode == 1
    assert "kept: other money is found on 1 of 400 paths." in done.stdout
    assert (
        "- arrays.npz, loss, path 399: kept 60.00048, found 60" in done.stdout or "kept 0.00048, found 0" in done.stdout
    )


def test_what_is_within_rounding_is_none(results: Path) -> None:
    # As another processor might have reckoned: all of the folder is of these losses.
    result = sim.open(results)
    replace(result, loss=result.loss + 480e-12).save(results, pictures=False)
    found = replay(results, paths=400)
    assert found.agree, found.deviations
    assert any("rounding" in one.what for one in found.not_checked)


def test_another_seed_is_found(results: Path) -> None:
    forge(results, run__seed=2)
    found = replay(results)
    assert not found.agree
    # Half of the paths lose 60, so two seeds differ on about half: 200 of 400, with a standard deviation of 10.
    assert 140 < found.different_paths < 260


def test_months_of_the_first_paths_are_compared(results: Path) -> None:
    revenue = sim.open(results).samples["revenue"].copy()
    revenue[3, 5] *= 1 + 1e-6
    with_arrays(results, samples_revenue=revenue)
    (found,) = replay(results, paths=50).deviations
    assert (found.path, found.what, found.month) == (3, "revenue", "2025-06")


def test_counts_and_measures_must_fit(results: Path) -> None:
    result = sim.open(results)
    counts = result.event_months.copy()
    counts[0, 6], counts[0, 12] = counts[0, 6] - 1, counts[0, 12] + 1
    with_arrays(results, event_months=counts)
    found = {(d.what, d.month) for d in replay(results, paths=400).deviations}
    assert found == {("paths on which leaves arises", "2025-07"), ("paths on which leaves arises", "never")}
    document = json.loads((results / "measures.json").read_text())
    document["measures"]["revenue_at_risk"]["0.95"]["value"] = 1.0
    with_arrays(results, event_months=result.event_months)
    forge(results, {"measures.json": json.dumps(document).encode()})
    (found,) = replay(results).deviations
    assert (found.what, found.kept, found.found) == ("revenue_at_risk.0.95", 1.0, 60.0)


def test_what_follows_from_the_arrays_is_checked_of_any_run(results: Path, inside: Run) -> None:
    """Paths of a run with processes of its user's own can't be valued again; what it kept must still fit together."""
    result = sim.open(results)
    loss, counts = result.loss.copy(), result.event_months.copy()
    loss[-1] += 480e-6
    counts[0, 6], counts[0, 12] = counts[0, 6] - 1, counts[0, 12] + 1
    replace(result, engine="model", processes=2).save(results, pictures=False)
    with_arrays(results, loss=loss, event_months=counts)
    found = replay(results)
    assert (found.again, found.engine, found.paths) == (0, None, 0)
    of_measures = {d.what for d in found.deviations if d.file == "measures.json"}
    # The mean is off by 480e-6 / 400 = 1.2e-6, more than 1e-9 of the baseline of 480.
    assert of_measures >= {"expected_loss", "probability of leaves", "probability of leaves, low"}
    assert found.by_file["event_months.csv"] == 2
    assert [one.what for one in found.not_checked][-1] == "the paths themselves"
    done = inside("verify", "kept")
    assert done.returncode == 1
    assert "what was kept does not fit together" in done.stdout


def _no_error(document: dict[str, Any]) -> None:
    document["measures"]["expected_loss"]["standard_error"] = 1e-6


def _narrow(document: dict[str, Any]) -> None:
    document["measures"]["revenue_at_risk"]["0.6"]["high"] = 0.0


def _exact(document: dict[str, Any]) -> None:
    document["measures"]["expected_shortfall"]["0.6"]["standard_error"] = 0.0


def _rich(document: dict[str, Any]) -> None:
    document["measures"]["expected_revenue"]["value"] += 1


def _sooner(document: dict[str, Any]) -> None:
    document["events"]["leaves"]["median_month"] = "2025-01"


def _higher(document: dict[str, Any]) -> None:
    document["monthly"]["revenue"]["0.5"][2] += 1


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (_no_error, ["expected_loss, standard error"]),
        (_narrow, ["revenue_at_risk.0.6, high"]),
        (_exact, ["expected_shortfall.0.6, standard error"]),
        (_rich, ["expected_revenue"]),
        (_sooner, ["median month of leaves"]),
        (_higher, ["revenue.0.5"]),
    ],
)
def test_what_is_said_of_the_paths_must_follow_from_them(
    sampling: str, change: Any, what: list[str], tmp_path: Path
) -> None:
    # A varying demand, so that no error is zero; all hashes fit, only the figure does not.
    given = load_text(EVEN, set={"customers.one.volatility": 0.2, "risk.levels": [0.6]})
    kept = sim.run(given, sampling=sampling, paths=1024).save(tmp_path / "kept", pictures=False)
    assert replay(kept, paths=20).agree
    document = json.loads((kept / "measures.json").read_text())
    change(document)
    forge(kept, {"measures.json": json.dumps(document).encode()})
    assert [deviation.what for deviation in replay(kept, paths=20).deviations] == what


def test_damage_is_the_answer_no(results: Path, inside: Run) -> None:
    data = bytearray((results / "monthly.csv").read_bytes())
    data[100] ^= 1
    (results / "monthly.csv").write_bytes(data)
    (results / "events.csv").unlink()
    done = inside("verify", "kept")
    assert done.returncode == 1
    assert "2 files of" in done.stdout
    assert [line.split() for line in done.stdout.splitlines()[3:5]] == [
        ["events.csv", "missing"],
        ["monthly.csv", "changed"],
    ]
    data = json.loads(inside("verify", "kept", "--json").stdout)
    assert data["agree"] is False
    assert data["damaged"] == [
        {"file": "events.csv", "what": "missing"},
        {"file": "monthly.csv", "what": "changed"},
    ]
    assert data["paths"] == 0


def test_what_holds_no_results_is_refused(inside: Run, tmp_path: Path, results: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = inside("verify", "empty")
    assert done.returncode == 2
    assert "holds no manifest.json" in done.stderr
    (results / "manifest.json").write_text("{")
    done = inside("verify", "kept")
    assert done.returncode == 2
    assert "manifest.json is damaged" in done.stderr


@pytest.mark.parametrize("option", [("--seed", "1"), ("--sampling",), ("--set", "months=3")])
def test_kept_results_have_their_own_options(inside: Run, results: Path, option: tuple[str, ...]) -> None:
    done = inside("verify", "kept", *option)
    assert done.returncode == 2
    assert "kept results have their own" in done.stderr


def test_what_cannot_be_replayed_is_told(results: Path, inside: Run) -> None:
    result = replace(sim.open(results), engine="model", processes=2)
    result.save(results, pictures=False)
    assert json.loads((results / "manifest.json").read_text())["command"] is None
    assert sim.open(results).processes == 2
    done = inside("verify", "kept")
    assert done.returncode == 2
    assert "2 processes of its user's own" in done.stderr
    forge(results, run__processes=0, run__streams=99)
    assert "run.streams: kept 1, found 99" in inside("verify", "kept").stdout
    document = json.loads((results / "measures.json").read_text())
    document["run"]["streams"] = 99
    manifest = json.loads((results / "manifest.json").read_text())
    command = "switchrisk run scenario.yaml --paths 400 --seed 1 --sampling plain --engine model"
    readme = (results / "README.txt").read_text().replace("In Python:  ", f"To run it again:  {command}\nIn Python:  ")
    changed = {"measures.json": json.dumps(document).encode(), "README.txt": readme.encode()}
    forge(results, changed, command=command)
    assert manifest["run"]["engine"] == "model"
    done = inside("verify", "kept")
    assert done.returncode == 2
    assert "draws of version 99" in done.stderr


def test_a_bundled_name_is_a_scenario_unless_results_are_called_so(inside: Run, results: Path, tmp_path: Path) -> None:
    (tmp_path / "tiktok").mkdir()
    assert "agree on 2 paths" in inside("verify", "tiktok", "--paths", "2").stdout
    (tmp_path / "tiktok").rmdir()
    results.rename(tmp_path / "tiktok")
    assert "files are as written" in " ".join(inside("verify", "tiktok").stdout.split())


def test_a_planted_difference_of_the_engines_is_found(
    results: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from sim.engines import model

    honest = model.value

    def off_by_a_bit(*args: Any) -> Any:
        found = honest(*args)
        found.revenue[:, 3] *= 1 + 1e-6
        return found

    monkeypatch.setattr(model, "value", off_by_a_bit)
    assert main(["verify", str(results), "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["different_paths"] == data["paths"] == 200
    # April brings 40 of 480 in all: 1e-6 of it is 8.3e-8 of the baseline
    assert data["largest_relative_difference"] == pytest.approx(40e-6 / 480, rel=1e-3)
    assert len(data["differences"]) == 10


def test_paths_are_chosen_all_over(tmp_path: Path) -> None:
    result = sim.run(EVEN_LAW, paths=5000, sampling="plain")
    chosen = chosen_paths(result, 200)
    assert len(set(chosen)) == 200 and chosen == sorted(chosen)
    assert {0, 1, 2, 3, 4, 5, 6, 7, 4999} <= set(chosen)
    assert set(np.argsort(result.loss)[-50:].tolist()) <= set(chosen)
    # The rest by chance: about 28 in each fifth of the numbers; fewer than 10 there has a chance below 1e-5.
    assert min(np.histogram(chosen, 5, (0, 5000))[0]) >= 10
    assert chosen_paths(result, 200) == chosen
    assert chosen_paths(result, 1) == [0]
    assert chosen_paths(result, 5000) == list(range(5000))
    assert len(chosen_paths(result, 4999)) == 4999


EVEN_LAW = {
    "scenario": 1, "name": "A law", "start": "2025-01", "months": 24, "money": "EUR", "vendor": {"name": "v"},
    "customers": {"one": {"revenue": 10, "growth": 0, "volatility": 0.2}},
    "events": {"leaves": {"hits": "one", "timing": {"exponential": {"mean": 12}}, "usage": {"to": 0}}},
}  # fmt: skip
