"""What is saved is opened as it was; what is not as it was written is noticed."""

from __future__ import annotations

import io
import json
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.answers.run import Result
from sim.archives import check
from sim.archives.manifest import read_manifest
from sim.language.evidence import evidence
from tests.archives.conftest import forge
from tests.by_hand import EVEN

TARGET = EVEN.replace("run:", "risk: {levels: [0.9], window: {first: 2025-03, last: 2025-10}, target: 400}\nrun:")
NO_EVENTS = EVEN.split("events:")[0]


def same(again: Result, result: Result) -> None:
    """All of one result is the other's."""
    for name in (
        "engine",
        "paths",
        "seed",
        "sampling",
        "seconds",
        "measures",
        "events",
        "series",
        "periods",
        "processes",
    ):
        assert getattr(again, name) == getattr(result, name), name
    assert again.scenario.sha256 == result.scenario.sha256
    assert again.scenario == replace(result.scenario, file=again.scenario.file)
    for found, kept in ((again.loss, result.loss), (again.event_months, result.event_months)):
        assert found.dtype == kept.dtype and found.shape == kept.shape and found.tobytes() == kept.tobytes()
    for name in ("revenue", "baseline"):
        assert np.array_equal(again.quantiles[name], result.quantiles[name])
        assert np.array_equal(again.samples[name], result.samples[name])
    assert not again.loss.flags.writeable


@pytest.mark.parametrize("text", [EVEN, TARGET, NO_EVENTS], ids=["even", "target", "no events"])
@pytest.mark.parametrize(
    "options",
    [{}, {"engine": "model", "paths": 20, "seed": 5}, {"sampling": "sobol", "paths": 256}, {"paths": 1}],
    ids=["kernel", "model", "sobol", "one path"],
)
def test_a_result_comes_back(text: str, options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(text)
    result = sim.run(tmp_path / "case.yaml", set={"customers.one.revenue": 12}, **options)
    folder = result.save(tmp_path / "kept", pictures=False)
    again = sim.open(folder)
    same(again, result)
    assert again.to_dict() == result.to_dict()
    assert repr(again) == repr(result)
    assert check(folder) == ()
    assert again.scenario.with_({"customers.one.revenue": 10}).streams[0].revenue == 10
    same(sim.open(again.save(tmp_path / "again", pictures=False)), result)


def test_the_scenario_runs_alone(tmp_path: Path) -> None:
    result = sim.run("tiktok-no-offer", set={"events.in_house_llm.probability": 0.8}, paths=300)
    folder = result.save(tmp_path / "kept", pictures=False)
    moved = tmp_path / "elsewhere" / "copy"
    moved.parent.mkdir()
    shutil.move(folder, moved)
    same(sim.open(moved), result)
    alone = sim.run(moved / "scenario.yaml", paths=300)
    assert alone.scenario.sha256 == result.scenario.sha256
    assert np.array_equal(alone.loss, result.loss)
    # The facts that are cited are in the folder, each as in the bundled seeds.
    assert (moved / "seeds" / "facts.yaml").exists()
    cited = {n.path: n.fact for n in evidence(result.scenario).numbers if n.fact is not None}
    found = {n.path: n.fact for n in evidence(alone.scenario).numbers if n.fact is not None}
    assert cited.keys() == found.keys()
    for path, fact in found.items():
        assert fact.file.endswith("seeds/facts.yaml")
        assert replace(fact, file="") == replace(cited[path], file="")
    manifest = read_manifest(moved).data
    assert [source["name"] for source in manifest["scenario"]["sources"]] == ["tiktok-no-offer.yaml", "tiktok.yaml"]
    assert manifest["scenario"]["overrides"] == ["events.in_house_llm.probability=0.8"]
    assert manifest["scenario"]["file"] == "tiktok-no-offer.yaml"  # not the folder of the installation
    assert str(Path(sim.__file__).parent.parent) not in (moved / "manifest.json").read_text()
    assert str(Path(sim.__file__).parent.parent) not in (moved / "measures.json").read_text()


def test_a_source_that_was_edited_meanwhile_has_no_hash(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text(EVEN)
    result = sim.run(tmp_path / "case.yaml")
    whole = read_manifest(result.save(tmp_path / "a", pictures=False)).data["scenario"]["sources"]
    assert len(whole[0]["sha256"]) == 64
    (tmp_path / "case.yaml").write_text(EVEN + "# edited\n")
    edited = read_manifest(result.save(tmp_path / "b", pictures=False)).data["scenario"]["sources"]
    assert edited == [{"name": "case.yaml", "sha256": None}]


def test_a_flipped_bit_is_noticed(results: Path) -> None:
    chance = np.random.default_rng(1)
    manifest = read_manifest(results)
    assert len(manifest.files) >= 8
    for name in manifest.files:
        file = results / name
        data = file.read_bytes()
        places = {0, len(data) - 1, *chance.integers(0, len(data), 12).tolist()}
        for place in places:
            flipped = bytearray(data)
            flipped[place] ^= 1 << int(chance.integers(8))
            file.write_bytes(flipped)
            assert [damage.file for damage in check(results)] == [name]
            with pytest.raises(sim.UsageError, match=f"{name} .changed."):
                sim.open(results)
        file.write_bytes(data)
    sim.open(results)


def test_a_flipped_bit_of_the_manifest_is_noticed_or_means_nothing(results: Path) -> None:
    result = sim.open(results)
    file = results / "manifest.json"
    data = file.read_bytes()
    noticed = 0
    for place in range(0, len(data), 5):
        flipped = bytearray(data)
        flipped[place] ^= 1 << (place // 5) % 8
        file.write_bytes(flipped)
        try:
            same(sim.open(results), result)
        except sim.UsageError:
            noticed += 1
    assert noticed > 0.8 * (len(data) // 5)  # the rest is white space


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.99])
def test_a_cut_manifest_is_refused(results: Path, part: float) -> None:
    file = results / "manifest.json"
    data = file.read_bytes()
    file.write_bytes(data[: int(part * len(data))])
    with pytest.raises(sim.UsageError, match=r"manifest\.json is damaged"):
        sim.open(results)


def test_what_is_missing_is_told(results: Path, tmp_path: Path) -> None:
    (results / "monthly.csv").unlink()
    with pytest.raises(sim.UsageError, match=r"monthly\.csv \(missing\)"):
        sim.open(results)
    (results / "manifest.json").unlink()
    with pytest.raises(sim.UsageError, match=r"holds no manifest\.json"):
        sim.open(results)
    with pytest.raises(sim.UsageError, match="no folder of results"):
        sim.open(tmp_path / "nowhere")
    with pytest.raises(sim.UsageError, match="no folder of results"):
        sim.open(tmp_path / "even.yaml")
    with pytest.raises(sim.UsageError):
        sim.open("a\0b")


def test_links_and_pipes_are_not_followed(results: Path, tmp_path: Path) -> None:
    shutil.move(results / "monthly.csv", tmp_path / "monthly.csv")
    os.symlink(tmp_path / "monthly.csv", results / "monthly.csv")
    with pytest.raises(sim.UsageError, match=r"monthly\.csv \(no ordinary file\)"):
        sim.open(results)
    (results / "monthly.csv").unlink()
    os.mkfifo(results / "monthly.csv")
    with pytest.raises(sim.UsageError, match=r"monthly\.csv \(no ordinary file\)"):
        sim.open(results)


def arrays(folder: Path, **changes: Any) -> bytes:
    with np.load(folder / "arrays.npz") as kept:
        found = {**kept, **changes}
    file = io.BytesIO()
    np.savez(file, **{name: values for name, values in found.items() if values is not None})
    return file.getvalue()


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("executed",))


def compressed(folder: Path) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(folder / "arrays.npz") as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return file.getvalue()


def with_header(folder: Path, header: str) -> bytes:
    """The arrays with another header for the loss."""
    file = io.BytesIO()
    with zipfile.ZipFile(folder / "arrays.npz") as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "loss.npy":
                text = header.ljust(117).encode() + b"\n"
                data = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data[128:]
            new.writestr(name, data)
    return file.getvalue()


ARRAYS = {
    "a pickle": lambda f: arrays(f, loss=np.array([Evil()] * 400, dtype=object)),
    "too few": lambda f: arrays(f, loss=np.zeros(399)),
    "too many": lambda f: arrays(f, loss=np.zeros(401)),
    "another type": lambda f: arrays(f, loss=np.zeros(400, dtype=np.float32)),
    "no number": lambda f: arrays(f, loss=np.full(400, np.nan)),
    "another shape": lambda f: arrays(f, loss=np.zeros((400, 1))),
    "one is missing": lambda f: arrays(f, samples_revenue=None),
    "too many samples": lambda f: arrays(f, samples_revenue=np.zeros((100_000, 12))),
    "compressed": compressed,
    "no archive": lambda f: b"PK nothing",
    "cut": lambda f: (f / "arrays.npz").read_bytes()[:-100],
    "huge": lambda f: with_header(f, "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }"),
    "code as header": lambda f: with_header(f, "{'descr': '<f8', 'fortran_order': False, 'shape': __import__('os')}"),
}


@pytest.mark.parametrize("kind", ARRAYS)
def test_arrays_that_deceive_are_refused(results: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(results.parent)
    forge(results, {"arrays.npz": ARRAYS[kind](results)})
    assert check(results) == ()
    with pytest.raises(sim.UsageError, match="cannot be read"):
        sim.open(results)
    assert not (results.parent / "executed").exists()


def measures(folder: Path, change: Any) -> bytes:
    document = json.loads((folder / "measures.json").read_text())
    change(document)
    return json.dumps(document).encode()


DOCUMENTS = {
    "a measure is missing": lambda d: d["measures"].pop("expected_loss"),
    "a level is missing": lambda d: d["measures"]["revenue_at_risk"].pop("0.99"),
    "text for a number": lambda d: d["measures"]["expected_loss"].update(value="<script>"),
    "truth for a number": lambda d: d["measures"]["expected_loss"].update(value=True),
    "no number": lambda d: d["measures"]["expected_loss"].update(value=float("nan")),
    "no event": lambda d: d["events"].clear(),
    "a month too few": lambda d: d["monthly"]["revenue"]["mean"].pop(),
    "other months": lambda d: d["monthly"]["month"].reverse(),
    "no years": lambda d: d.pop("periods"),
    "a year too few": lambda d: d["periods"].pop(0),
    "a year of another name": lambda d: d["periods"][0].update(name="FY2025"),
    "a part that is said to be a whole": lambda d: d["periods"][0].update(complete=1),
    "a year without its tail": lambda d: d["periods"][0]["loss"].pop("revenue_at_risk"),
    "a year's tail at another level": lambda d: d["periods"][0]["loss"]["revenue_at_risk"].update({"0.5": 1}),
    "text for a quarter's quantile": lambda d: d["periods"][1]["baseline"].update({"0.5": "1"}),
    "a list for a year": lambda d: d["periods"].__setitem__(0, []),
    "another format": lambda d: d.update(format=2),
    "a list for a mapping": lambda d: d.update(measures=[]),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_measures_that_do_not_fit_are_refused(results: Path, kind: str) -> None:
    forge(results, {"measures.json": measures(results, DOCUMENTS[kind])})
    with pytest.raises(sim.UsageError, match="cannot be read"):
        sim.open(results)


@pytest.mark.parametrize("text", [b"[" * 100_000, b"\xff", b"", b"[]", b'{"format": 1}'])
def test_measures_that_are_none_are_refused(results: Path, text: bytes) -> None:
    forge(results, {"measures.json": text})
    with pytest.raises(sim.UsageError, match="cannot be read"):
        sim.open(results)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "something else"},
        {"files": {}},
        {"files": {"../even.yaml": {"bytes": 1, "sha256": "0" * 64}}},
        {"files": {"/etc/hostname": {"bytes": 1, "sha256": "0" * 64}}},
        {"files": []},
        {"run__paths": 0},
        {"run__paths": 10**15},
        {"run__paths": True},
        {"run__seed": -1},
        {"run__seed": "1"},
        {"run__engine": "another"},
        {"run__sampling": None},
        {"run__seconds": "fast"},
        {"run": None},
        {"scenario__sha256": "0" * 64},
        {"scenario__file": None},
        {"format": 0},
        {"format": True},
        {"format": "1"},
    ],
    ids=str,
)
def test_manifests_that_deceive_are_refused(results: Path, changes: dict[str, Any]) -> None:
    forge(results, **changes)
    with pytest.raises(sim.UsageError):
        sim.open(results)


def test_a_later_format_is_told_as_such(results: Path) -> None:
    forge(results, format=2)
    with pytest.raises(sim.UsageError, match=r"results of format 2; this version reads format 1"):
        sim.open(results)


def test_a_scenario_that_deceives_is_refused(results: Path) -> None:
    forge(results, {"scenario.yaml": EVEN.replace("revenue: 10", "revenue: 11").encode()})
    with pytest.raises(sim.UsageError, match="another scenario"):
        sim.open(results)
    forge(results, {"scenario.yaml": b"extends: ../even.yaml\n"})
    with pytest.raises(sim.UsageError, match="outside the folder"):
        sim.open(results)


def test_a_scenario_without_text_is_not_saved(results: Path, tmp_path: Path) -> None:
    result = sim.open(results)
    with pytest.raises(sim.UsageError, match="not loaded"):
        replace(result, scenario=replace(result.scenario, document={})).save(tmp_path / "other", pictures=False)
    assert not (tmp_path / "other").exists()
