"""What is saved can be loaded, says the same, and holds only what changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

import sim
from sim.language.writing import write_yaml


@pytest.fixture
def base(full: dict[str, Any], tmp_path: Path) -> Path:
    """A file of the scenario, in a folder of its own."""
    folder = tmp_path / "cases"
    folder.mkdir()
    (folder / "base.yaml").write_text(write_yaml(full), encoding="utf-8")
    return folder / "base.yaml"


def said(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def test_only_what_changed_stands_in_it(base: Path) -> None:
    explorer = sim.explore(base, paths=64).set(probability=0.8, commitment=0.75)
    file = explorer.save("later")
    assert file == base.parent / "later.yaml"
    assert said(file) == {
        "extends": "base.yaml",
        "name": "Something to turn (later)",
        "customers": {"one": {"contract": {"commitment": 0.75}}},
        "events": {"leaves": {"probability": 0.8}},
    }
    assert sim.explore(file, paths=64).measures == explorer.measures
    # The number that changed has lost its evidence, the other has kept it.
    assert list(sim.load(file).document["evidence"]) == ["events.leaves.timing.lognormal.median"]


def test_a_law_in_the_place_of_another_and_what_is_gone(base: Path) -> None:
    explorer = sim.explore(base, paths=64)
    explorer.set({"events.leaves.timing": {"month": "2025-09"}, "vendor.capacity.growth": 0.4, "levers": None})
    file = explorer.save("other.yaml", title="Another law")
    assert said(file) == {
        "extends": "base.yaml",
        "name": "Another law",
        "events": {"leaves": {"timing": {"month": "2025-09", "lognormal": None}}},
        "vendor": {"capacity": {"growth": 0.4}},
        "levers": None,
    }
    # Without the offer quasi-random draws have another order by themselves; compared, they share it.
    found = sim.compare(explorer.scenario, file, paths=64)
    assert (found.results[0].loss == found.results[1].loss).all()
    plain = [sim.run(one, paths=64, sampling="plain").measures for one in (explorer.scenario, file)]
    assert plain[0] == plain[1]


def test_nothing_is_removed_that_goes_by_itself(base: Path) -> None:
    file = sim.explore(base, paths=64).set({"events.leaves.timing": {"month": "2025-09"}}).save("month")
    assert said(file)["events"] == {"leaves": {"timing": {"month": "2025-09"}}}


def test_what_was_set_before_it_was_explored_counts(base: Path) -> None:
    explorer = sim.explore(base, set={"run": {"seed": 7}, "events.leaves.probability": 0.9}, paths=64).set(notice=5)
    file = explorer.save("set")
    assert {key: value for key, value in said(file).items() if key not in ("extends", "name")} == {
        "run": {"seed": 7},
        "events": {"leaves": {"probability": 0.9}},
        "customers": {"one": {"contract": {"notice": 5}}},
    }


def test_of_data_and_of_a_bundled_scenario_the_whole_is_written(
    full: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for source, set in (
        (full, {"events.leaves.probability": 0.8}),
        ("tiktok", {"customers.tiktok.contract.commitment": 0.8}),
    ):
        explorer = sim.explore(source, paths=16).set(set)
        file = explorer.save("whole", overwrite=True)
        assert file == Path("whole.yaml")
        loaded = sim.load(file)
        assert "extends" not in said(file)
        assert loaded.name == f"{explorer.base.name} (whole)"
        assert {**loaded.document, "name": ""} == {**explorer.scenario.document, "name": ""}
        assert sim.explore(file, paths=16).measures == explorer.measures


def test_in_another_folder_the_whole_is_written_above_the_base_a_way_to_it(base: Path, tmp_path: Path) -> None:
    explorer = sim.explore(base, paths=64).set(probability=1)
    assert said(explorer.save("above", folder=tmp_path))["extends"] == "cases/base.yaml"
    (tmp_path / "elsewhere").mkdir()
    file = explorer.save("far", folder=tmp_path / "elsewhere")
    assert "extends" not in said(file)
    assert sim.load(file).document["events"]["leaves"]["probability"] == 1


def test_a_file_is_replaced_only_when_asked_and_never_the_base(base: Path) -> None:
    explorer = sim.explore(base, paths=64).set(probability=0.8)
    file = explorer.save("one")
    before = file.read_bytes()
    with pytest.raises(sim.UsageError, match="is there already"):
        explorer.set(probability=0.9).save("one")
    assert file.read_bytes() == before
    explorer.save("one", overwrite=True)
    assert said(file)["events"]["leaves"]["probability"] == 0.9
    for name in ("base", "base.yaml"):
        with pytest.raises(sim.UsageError, match="is the base itself"):
            explorer.save(name, overwrite=True)


NO_NAMES = ("", ".yaml", "../up", "a/b", "/elsewhere/x", ".hidden", "a\\b", "a\nb", "x" * 200, "dot.", "c:x", None)


@pytest.mark.parametrize("name", NO_NAMES)
def test_names_that_are_no_file_here(base: Path, name: Any) -> None:
    with pytest.raises(sim.UsageError, match="allowed is the name of a file"):
        sim.explore(base, paths=64).save(name)
    assert os.listdir(base.parent) == ["base.yaml"]


def test_what_cannot_be_loaded_is_not_written(base: Path) -> None:
    text = base.read_text(encoding="utf-8") + "sweep: {events.leaves.timing.lognormal.median: [5, 15]}\n"
    base.write_text(text, encoding="utf-8")
    explorer = sim.explore(base, paths=64).set(median=6, p90=12)  # the axis now has a median beyond the 90th percentile
    with pytest.raises(sim.ScenarioError, match="p90 12 below the median 15"):
        explorer.save("broken")
    assert os.listdir(base.parent) == ["base.yaml"]


def test_a_folder_that_cannot_be_written(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    explorer = sim.explore(base, paths=64).set(probability=1)
    with pytest.raises(sim.OutputError, match="is no folder"):
        explorer.save("x", folder=base.parent / "nowhere")

    def full_disk(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(sim.OutputError, match="No space left"):
        explorer.save("x")
    assert os.listdir(base.parent) == ["base.yaml"]
