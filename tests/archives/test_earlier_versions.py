"""Folders that earlier versions wrote still open, verify, and hold the digits that a run of their scenario gives.

``kept/`` holds what ``sim.run("kept.yaml", sampling=…).save(folder, pictures=False)`` of the version in the folder's
name wrote, of the scenario that lies in each as ``scenario.yaml``. Draws that runs make no longer are made for them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import sim
from sim.archives import replay
from sim.archives.again import valued_again
from sim.estimates import measures
from sim.language import load_text
from tests.archives.conftest import forge
from tests.by_hand import EVEN

KEPT = sorted(path for path in (Path(__file__).parent / "kept").iterdir() if path.is_dir())


WITHOUT_YEARS = ("0.1.0", "0.2.0")
"""Versions that told no years and quarters."""

OWN_SEQUENCES = ("0.1.0", "0.2.0")
"""Versions whose quasi-random draws were of one sequence for each stream."""


def test_there_are_folders_of_earlier_versions() -> None:
    versions = ("0.1.0", "0.2.0", "0.4.0")
    assert {folder.name for folder in KEPT} >= {f"{v}-{s}" for v in versions for s in ("plain", "sobol")}


@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: folder.name)
def test_it_opens_and_says_what_made_it(folder: Path) -> None:
    found = sim.open(folder)
    version, _, sampling = folder.name.partition("-")
    assert (found.version, found.sampling) == (version, sampling)
    written = json.loads((folder / "measures.json").read_text(encoding="utf-8"))
    assert found.to_dict()["measures"] == written["measures"]
    assert found.to_dict()["events"] == written["events"]
    if version in WITHOUT_YEARS:
        assert found.periods == []
        assert found.by_period.empty
    else:
        assert found.periods == written["periods"] != []
    assert ("periods.csv" in {path.name for path in folder.iterdir()}) == (version not in WITHOUT_YEARS)


@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: folder.name)
def test_it_verifies(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim", "verify", str(folder), "--json"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["agree"] is True


@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: folder.name)
def test_its_draws_give_the_same_digits(folder: Path) -> None:
    kept = sim.open(folder)
    again = valued_again(kept).result
    assert (again.loss == kept.loss).all()
    # Measures have come since, none has gone.
    found, before = again.to_dict()["measures"], kept.to_dict()["measures"]
    assert {name: told for name, told in found.items() if name in before} == before
    assert again.to_dict()["monthly"] == kept.to_dict()["monthly"]


@pytest.mark.parametrize("folder", KEPT, ids=lambda folder: folder.name)
def test_a_run_of_its_scenario_gives_the_same_digits_where_draws_are_of_the_same_version(folder: Path) -> None:
    """Independent paths have stayed as they were. Quasi-random ones are points of a joint sequence since version 2."""
    kept = sim.open(folder)
    now = sim.run(folder / "scenario.yaml", paths=kept.paths, seed=kept.seed, sampling=kept.sampling)
    now_streams = 1 if kept.sampling == "plain" else 2
    assert (kept.streams, now.streams) == (1 if kept.version in OWN_SEQUENCES else now_streams, now_streams)
    assert (now.loss == kept.loss).all() == (kept.streams == now.streams)


@pytest.mark.parametrize("path", [0, 17])
def test_its_paths_are_told_as_they_were_drawn(path: int) -> None:
    """A story of other draws would be refused, since its loss is not the path's."""
    for folder in KEPT:
        assert sim.open(folder).plot.story(path)


def test_a_measure_that_has_come_since_is_not_asked_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of this version that lacks one is refused, for it can't have been written so."""
    kept = sim.run(KEPT[0] / "scenario.yaml", paths=64).save(tmp_path / "now", pictures=False)
    new = replace(measures.MEASURES["probability_of_loss"], name="probability_of_another")
    monkeypatch.setitem(measures.MEASURES, new.name, new)
    for folder in KEPT:
        if folder.name.partition("-")[0] == sim.__version__:
            continue
        assert new.name not in sim.open(folder).measures
    with pytest.raises(sim.SimError, match="does not hold the measures of its scenario"):
        sim.open(kept)


@pytest.mark.parametrize(("version", "agree"), [("0.2.0", True), (sim.__version__, False)])
def test_errors_that_an_earlier_version_told_by_other_rules(
    version: str, agree: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where replications agree, 0.2.0 told an error of nothing; its folder verifies and says so, one of today does not.

    Half of the paths lose 60, by every scrambling's count.
    """
    monkeypatch.setattr("sim.estimates.replications.MISSED", 0.0)
    result = sim.run(load_text(EVEN), paths=256, sampling="sobol")
    assert result.measures["expected_loss"]["standard_error"] == 0
    folder = replace(result, version=version).save(tmp_path / "kept", pictures=False)
    forge(folder, versions__switchrisk=version)
    monkeypatch.undo()
    found = replay(folder, paths=2)
    assert found.agree is agree
    assert any(one.what == "the errors of the measures" for one in found.not_checked) is agree
