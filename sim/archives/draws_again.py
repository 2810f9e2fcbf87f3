"""Draws of the numbers in doubt drawn and valued again, and what was kept of them held against what comes out."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from sim.answers.doubt import Doubted, doubted
from sim.answers.run import Result
from sim.answers.simulated import simulated
from sim.archives.ensembles import drawn_table, open_draws, plain, record_of, tables
from sim.archives.findings import TOLERANCE, Deviation, differing, told, whole_json
from sim.archives.manifest import NAME, Manifest
from sim.archives.places import DOUBT, DRAWS, ENSEMBLE
from sim.estimates.measures import EXPECTED_BASELINE, MEASURES
from sim.simulation.pool import Progress

_MOST = 20


def drawn_again(manifest: Manifest, result: Result, progress: Progress | None = None) -> Doubted:
    """The draws of a folder made again, of its scenario and seed, and what doubt does by them.

    Raises
    ------
    UsageError
        Where the scenario's draws are refused.
    TooLarge
        Where they would not fit into memory.
    """
    kept = manifest.doubt
    assert kept is not None
    found = simulated(result.scenario, draws=kept.draws, paths=kept.paths, seed=manifest.seed, progress=progress)
    return doubted(result, found, kept.seconds)


def of_draws(folder: Path, manifest: Manifest, again: Doubted) -> Iterator[Deviation]:
    """Where what a folder has of its draws is not what comes out: of the manifest, the arrays, document and table."""
    kept = manifest.doubt
    assert kept is not None
    for place, mine, now in differing(kept.to_dict(), record_of(again).to_dict()):
        yield Deviation(".".join(("doubt", *place)), told(mine), told(now), file=NAME)
    yield from _of_arrays(folder, again)
    document = whole_json((folder / DOUBT).read_bytes())
    found = plain(again)
    # What no folder can prove, time and version, stands in the manifest too, and is to be the same in both.
    found["run"]["seconds"] = round(kept.seconds, 3)
    found["run"]["version"] = manifest.data["versions"]["switchrisk"]
    if isinstance(document, dict):  # places of the file that was read, and not of the one that is kept
        found["left_out"] = _with_places(document.get("left_out"), found["left_out"])
    for at, mine, now in differing(document, found, lambda at, number: _unit(again, at, number)):
        yield Deviation(".".join(at), told(mine), told(now), file=DOUBT)


def table_of(again: Doubted) -> tuple[str, bytes]:
    """The table of the draws, by the name of its file."""
    return DRAWS, drawn_table(again)


def _of_arrays(folder: Path, again: Doubted) -> Iterator[Deviation]:
    kept, found = tables(open_draws(folder)), tables(again.simulated)
    baseline = np.abs(again.measured[EXPECTED_BASELINE.name, None].values)
    with zipfile.ZipFile(folder / ENSEMBLE) as archive:
        twice = len(archive.namelist()) != len(set(archive.namelist()))
    if twice or kept.keys() != found.keys():
        yield Deviation("arrays", "others", ", ".join(found), file=ENSEMBLE)
        return
    for name, values in found.items():
        if kept[name].shape != values.shape:
            yield Deviation(f"shape of {name}", told(str(kept[name].shape)), told(str(values.shape)), file=ENSEMBLE)
            continue
        with np.errstate(all="ignore"):
            off = ~(np.abs(kept[name] - values) <= TOLERANCE * _units(name, values, baseline))
        off &= kept[name] != values
        for at in np.argwhere(off)[:_MOST].tolist():
            place = f"{name} [{', '.join(map(str, at))}]"
            yield Deviation(place, float(kept[name][tuple(at)]), float(values[tuple(at)]), file=ENSEMBLE)


def _units(name: str, values: np.ndarray, baseline: np.ndarray) -> Any:
    """In what the numbers of an array may be off by the tolerance; scores are to be the same to the digit."""
    if name == "scores":
        return 0.0
    if name == "losses":
        return baseline[:, np.newaxis]
    kind, _, measure = name.partition("_")
    is_share = MEASURES[next(one for one in MEASURES if measure.startswith(one))].is_share
    unit = 1.0 if is_share else baseline
    if kind == "measure":
        return np.broadcast_to(unit, values.shape)
    return np.abs(values) + (1.0 if is_share else float(baseline.mean()))


def _unit(again: Doubted, at: tuple[str, ...], number: float) -> float:
    """In what a number of the document may be off by the tolerance."""
    baseline = abs(again.base.expected_baseline)
    if at[0] == "variance" and at[1:2] != ("share",):
        return max(abs(number), baseline**2)
    if at[0] == "exceedance" and at[1] != "amounts":
        return 1.0
    if at[0] in ("measures", "exceedance"):
        return max(abs(number), 1.0 if MEASURES.get(at[1]) and MEASURES[at[1]].is_share else baseline)
    return abs(number)


def _with_places(kept: Any, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is not in doubt, with the places that were kept."""
    if not isinstance(kept, list) or len(kept) != len(found) or not all(isinstance(one, dict) for one in kept):
        return found
    places = ("file", "line", "column")
    return [{**now, **{key: one[key] for key in places if key in one}} for one, now in zip(kept, found, strict=True)]
