"""Draws of the numbers in doubt kept in a folder: given back to the digit, and found out where they are bent."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim import archives
from sim.archives.places import OF_DOUBT
from tests.answers.in_doubt import CHANCE, likely
from tests.archives.conftest import forge

NUMBERS: dict[str, Any] = {
    CHANCE: {"low": 0.0, "high": 0.2},
    "events.leaves.usage.to": {"low": 0, "high": 0.5},
    "events.leaves.timing.month": {"values": {"2025-05": 1, "2025-07": 2}},
}


def source() -> dict[str, Any]:
    return {
        **likely(0.1),
        "doubt": {"numbers": NUMBERS, "draws": 256},
        "evidence": {"customers.one.revenue": {"assumption": "a guess", "low": 10, "high": 10}},
    }


@pytest.fixture(scope="module")
def found() -> sim.Doubted:
    return sim.doubt(source(), paths=64)


@pytest.fixture(scope="module")
def whole(found: sim.Doubted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return found.save(tmp_path_factory.mktemp("kept") / "draws", pictures=False)


@pytest.fixture
def kept(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "kept"))


def test_it_is_given_back_to_the_digit(found: sim.Doubted, whole: Path) -> None:
    again = sim.open(whole)
    assert isinstance(again, sim.Doubted)
    assert again.to_json() == found.to_json()
    assert (again.losses == found.losses).all()
    assert (again.ensemble.scores == found.ensemble.scores).all()
    assert again.ensemble.values == found.ensemble.values
    assert again.by_draw.equals(found.by_draw)
    assert again.headline == found.headline
    assert [again.ensemble.variants[k].sha256 for k in (0, 17)] == [found.ensemble.variants[k].sha256 for k in (0, 17)]
    assert len(again.ensemble.variants[2:5]) == 3
    for key, one in found.measured.items():
        for field in ("values", "low", "high"):
            assert (getattr(again.measured[key], field) == getattr(one, field)).all(), key


def test_the_run_beside_them_is_one(found: sim.Doubted, whole: Path) -> None:
    again = sim.open(whole)
    assert isinstance(again, sim.Doubted)
    assert again.base.to_json() == found.base.to_json()
    manifest = json.loads((whole / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["kind"] == "switchrisk doubt"
    assert set(OF_DOUBT) < set(manifest["files"])
    assert manifest["command"] == "switchrisk doubt scenario.yaml --draws 256 --paths 64 --seed 1"
    assert "switchrisk drivers --from FOLDER" in (whole / "README.txt").read_text(encoding="utf-8")


def test_it_is_as_it_was_written_and_all_of_it_follows(whole: Path) -> None:
    verdict = archives.replay(whole, paths=4)
    assert verdict.agree, verdict.deviations
    assert set(OF_DOUBT) <= set(verdict.derived)
    assert "the paths of the draws by the other engine" in [one.what for one in verdict.not_checked]


def arrays(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "ensemble.npz") as file:
        return {name: file[name] for name in file.files}


def with_arrays(change: Callable[[dict[str, np.ndarray]], Any]) -> Callable[[Path], None]:
    def bend(folder: Path) -> None:
        held = arrays(folder)
        change(held)
        file = io.BytesIO()
        np.savez(file, allow_pickle=False, **held)
        forge(folder, {"ensemble.npz": file.getvalue()})

    return bend


def add(name: str, at: Any, much: float) -> Callable[[dict[str, np.ndarray]], None]:
    def change(held: dict[str, np.ndarray]) -> None:
        held[name] = held[name].copy()
        held[name][at] += much

    return change


def in_document(*place: Any) -> Callable[[Path], None]:
    def bend(folder: Path) -> None:
        data = json.loads((folder / "doubt.json").read_text(encoding="utf-8"))
        at = data
        for step in place[:-1]:
            at = at[step]
        at[place[-1]] = 0.123
        forge(folder, {"doubt.json": json.dumps(data).encode()})

    return bend


def in_table(folder: Path) -> None:
    text = (folder / "draws.csv").read_text(encoding="utf-8").split("\n")
    cells = text[5].split(",")
    cells[1] = "0.123"
    forge(folder, {"draws.csv": "\n".join([*text[:5], ",".join(cells), *text[6:]]).encode()})


def in_manifest(**changes: Any) -> Callable[[Path], None]:
    return lambda folder: forge(folder, **{f"doubt__{name}": value for name, value in changes.items()})


BENT: dict[str, Callable[[Path], None]] = {
    "a score": with_arrays(add("scores", (7, 1), 1e-9)),
    "a loss": with_arrays(add("losses", (7, 3), 1.0)),
    "a measure": with_arrays(add("measure_expected_loss", (0, 9), 0.5)),
    "an end of an interval": with_arrays(add("measure_probability_of_loss", (2, 9), 0.01)),
    "a sum": with_arrays(add("sums_expected_loss", (9, 2), 1.0)),
    "a mean by path": with_arrays(add("paths_expected_revenue", 5, 1.0)),
    "a band": in_document("measures", "expected_loss", "band", "0.5", "value"),
    "a share of variance": in_document("variance", "doubt", "value"),
    "a point of the curve": in_document("exceedance", "predictive", 3, "value"),
    "a law": in_document("doubts", 0, "p50"),
    "a drawn number": in_table,
    "how many were refused": in_manifest(refused=1),
    "how long it took, in one of two places": in_manifest(seconds=9.5),
}


@pytest.mark.parametrize("what", BENT)
def test_what_is_bent_is_found_out(kept: Path, what: str) -> None:
    BENT[what](kept)
    verdict = archives.replay(kept, paths=2)
    assert not verdict.agree
    assert {one.file for one in verdict.deviations} & {*OF_DOUBT, "manifest.json"}


UNREADABLE: dict[str, Callable[[Path], None]] = {
    "an array that is missing": with_arrays(lambda held: held.pop("losses")),
    "an array too many": with_arrays(lambda held: held.update(more=np.zeros(3))),
    "another shape": with_arrays(lambda held: held.update(scores=held["scores"][:, :1])),
    "another type": with_arrays(lambda held: held.update(losses=held["losses"].astype("<f4"))),
    "what is no number": with_arrays(add("losses", (0, 0), np.nan)),
    "no arrays": lambda folder: forge(folder, {"ensemble.npz": b"PK"}),
    "a file that is gone": lambda folder: forge(folder, {"ensemble.npz": None}),
    "more draws": in_manifest(draws=512),
    "draws of no such number": in_manifest(draws=255),
    "draws in words": in_manifest(draws="many"),
    "an order that is none": in_manifest(order="first"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_can_t_be_read_is_refused_in_words(kept: Path, what: str) -> None:
    UNREADABLE[what](kept)
    for ask in (archives.open_draws, sim.open):
        with pytest.raises(sim.UsageError, match="kept"):
            ask(kept)


def test_a_damaged_file_is_named(kept: Path) -> None:
    (kept / "ensemble.npz").write_bytes(b"")
    with pytest.raises(sim.UsageError, match=r"ensemble.npz \(changed\)"):
        archives.open_draws(kept)
    assert [one.file for one in archives.replay(kept).damaged] == ["ensemble.npz"]


def test_results_of_ours_are_replaced_and_nothing_else(found: sim.Doubted, kept: Path) -> None:
    found.save(kept, pictures=False)
    found.base.save(kept, pictures=False)
    assert isinstance(sim.open(kept), sim.Result)
    (kept / "mine.txt").write_text("mine")
    with pytest.raises(sim.OutputError, match=r"mine.txt"):
        found.save(kept, pictures=False)
