"""Draws of the numbers in doubt kept with the run of the file's numbers, and given back.

A folder is that of a run with three files more. Values and variants follow from scenario and scores; losses and
measures of the draws are kept, since these take the time.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.answers.doubt import Doubted, doubted
from sim.answers.ensemble import RefusedDraws, ensemble_of
from sim.answers.run import Result
from sim.answers.simulated import Simulated
from sim.archives.contents import scenario_text, write_run
from sim.archives.folders import whole_folder
from sim.archives.manifest import Manifest, OfDoubt, is_replaceable, read_manifest, shown_file
from sim.archives.opening import NEEDED, array_of, run_of, whole
from sim.archives.places import DOUBT, DRAWS, ENSEMBLE, OF_DOUBT, SCENARIO
from sim.chance.sampling import Sampling
from sim.chance.sobol import SCRAMBLINGS
from sim.errors import OutputError, UsageError, inert
from sim.estimates.bands import OfDraws
from sim.estimates.estimators import OfPaths
from sim.estimates.measures import Key, level_name, levels_of, measures_of
from sim.estimates.predictive import Means, Mixture
from sim.language import load
from sim.machine import refuse_beyond_memory
from sim.scenario.parts import Scenario
from sim.words.csv import csv_of_frame, marked

FIELDS = ("values", "low", "high")
UNKNOWN = np.finfo(float).max
"""Stands for an end of an interval that is not known, which is infinite; no other number in a file is as large."""


def save_doubt(found: Doubted, folder: str | os.PathLike[str], *, pictures: bool = True) -> Path:
    """Write draws of the numbers in doubt to a folder, with the run of the file's numbers; whole or not at all.

    Parameters, return value and errors are those of :func:`sim.archives.contents.save`.
    """
    text = scenario_text(found.scenario)
    beside = {
        DOUBT: document(found),
        DRAWS: marked(csv_of_frame(found.by_draw.reset_index())),
        ENSEMBLE: arrays(found.simulated),
    }
    with whole_folder(folder, is_replaceable) as draft:
        write_run(draft, found.base, text, pictures=pictures, beside=beside, doubt=record_of(found))
    return Path(folder)


def record_of(found: Doubted) -> OfDoubt:
    """How the numbers in doubt were drawn."""
    refused, order = found.ensemble.refused, found.sampled.order
    assert order is not None
    return OfDoubt(found.draws, found.paths, refused.count, refused.why, found.seconds, order)


def drawn_table(found: Doubted) -> bytes:
    """The draws as a table, with each measure of each."""
    return marked(csv_of_frame(found.by_draw.reset_index()))


def document(found: Doubted) -> bytes:
    """What doubt does to each measure, as JSON with a line for each part."""
    data = plain(found)
    try:
        lines = [f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False, allow_nan=False)}" for k, v in data.items()]
    except ValueError:
        raise OutputError("the results hold what is no finite number") from None
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def plain(found: Doubted) -> dict[str, Any]:
    """The answer as plain data, with the scenario's file named as the manifest does."""
    data = found.to_dict()
    data["scenario"]["file"] = shown_file(found.scenario)
    return data


def arrays(found: Simulated) -> bytes:
    """Scores, losses and measures of the draws, for NumPy."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **tables(found))
    return file.getvalue()


def tables(found: Simulated) -> dict[str, np.ndarray]:
    """The arrays by name."""
    mixture = found.mixture
    kept = {"scores": np.ascontiguousarray(found.ensemble.scores), "losses": mixture.losses}
    for (name, level), one in mixture.measured.items():
        table = np.array([getattr(one, field) for field in FIELDS])
        kept[array_name(name, level)] = np.clip(table, -UNKNOWN, UNKNOWN)
    for name in mixture.sums:
        kept[f"sums_{name}"] = mixture.sums[name]
        kept[f"paths_{name}"] = mixture.means[name].by_path
    return kept


def array_name(name: str, level: str | None) -> str:
    """Name of the array of a measure."""
    return f"measure_{name}" if level is None else f"measure_{name}_{level}"


def keys_of(scenario: Scenario) -> list[Key]:
    """The measures that each draw has, with their levels."""
    return [
        (measure.name, None if level is None else level_name(level))
        for measure in measures_of(scenario)
        for level in levels_of(measure, scenario.risk.levels)
    ]


def shapes_of(scenario: Scenario, kept: OfDoubt) -> dict[str, tuple[int, ...]]:
    """What the arrays are to be, by name."""
    assert scenario.doubt is not None
    draws, paths = kept.draws, kept.paths
    by_path = [one.name for one in measures_of(scenario) if isinstance(one.estimator, OfPaths)]
    return {
        "scores": (draws, len(scenario.doubt.numbers)),
        "losses": (draws, paths),
        **{array_name(name, level): (len(FIELDS), draws) for name, level in keys_of(scenario)},
        **{f"sums_{name}": (draws, SCRAMBLINGS) for name in by_path},
        **{f"paths_{name}": (paths,) for name in by_path},
    }


def open_draws(folder: str | os.PathLike[str]) -> Simulated:
    """Give back the draws that a folder holds; nothing in it is executed.

    Raises
    ------
    UsageError
        Where it holds none, or they are damaged.
    """
    _refuse_others(folder)
    return whole(folder, (*NEEDED, *OF_DOUBT), _draws)


def open_doubt(folder: str | os.PathLike[str]) -> Doubted:
    """Give back what doubt does, by the draws and the run that a folder holds; nothing in it is executed.

    Raises
    ------
    UsageError
        As for :func:`open_draws`.
    """
    found = open_draws(folder)
    return doubted(run_of(folder), found, found.seconds)


def open_folder(folder: str | os.PathLike[str]) -> Result | Doubted:
    """Give back what a folder holds: a run, or what doubt does by the draws kept with it; nothing in it is executed.

    Raises
    ------
    UsageError
        Where the manifest is missing, a file is missing or is not what the manifest says, or it is of a later version.
    """
    return run_of(folder) if read_manifest(folder).doubt is None else open_doubt(folder)


def _refuse_others(folder: str | os.PathLike[str]) -> None:
    manifest = read_manifest(folder)
    if manifest.doubt is None:
        raise UsageError(
            f"{inert(os.fspath(folder), 200)}: holds a run, and no draws of numbers in doubt",
            help="keep them with: switchrisk doubt SCENARIO --out DIR",
        )


def _draws(folder: Path, manifest: Manifest) -> Simulated:
    from dataclasses import replace

    recorded, kept = manifest.data["scenario"], manifest.doubt
    assert kept is not None
    scenario = load(folder / SCENARIO)
    if scenario.sha256 != recorded["sha256"]:
        raise ValueError(f"{SCENARIO} is another scenario than the manifest's")
    if scenario.doubt is None or not scenario.doubt.numbers:
        raise ValueError(f"no number of {SCENARIO} is in doubt")
    scenario = replace(scenario, file=recorded["file"])
    found = _read(folder / ENSEMBLE, shapes_of(scenario, kept))
    refused = RefusedDraws(kept.refused, kept.refused / kept.draws, kept.why)
    drawn = ensemble_of(scenario, manifest.seed, found["scores"], refused)
    measured: dict[Key, OfDraws] = {}
    for name, level in keys_of(scenario):
        values, *ends = found[array_name(name, level)]
        measured[name, level] = OfDraws(values, *(_with_unknown(one) for one in ends))
    sums = {name.removeprefix("sums_"): table for name, table in found.items() if name.startswith("sums_")}
    means = {name: Means(measured[name, None].values, found[f"paths_{name}"]) for name in sums}
    sampled = Sampling(kept.paths, manifest.seed, "sobol", kept.order)
    return Simulated(drawn, Mixture(found["losses"], means, measured, sums), sampled, kept.seconds)


def _with_unknown(ends: np.ndarray) -> np.ndarray:
    return np.where(np.abs(ends) >= UNKNOWN, np.copysign(np.inf, ends), ends)


def _read(file: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    refuse_beyond_memory(2 * file.stat().st_size, ENSEMBLE)
    with zipfile.ZipFile(file) as archive:
        if sorted(archive.namelist()) != sorted(f"{name}.npy" for name in shapes):
            raise ValueError(f"{ENSEMBLE} does not hold what the scenario's draws have")
        return {name: array_of(archive, name, np.dtype("<f8"), shape, ENSEMBLE) for name, shape in shapes.items()}
