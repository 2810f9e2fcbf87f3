"""The result that a folder gives back, of which nothing is executed and nothing is believed unseen."""

from __future__ import annotations

import json
import math
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.answers.answer import FORMAT
from sim.answers.run import QUANTILE_STEPS, QUANTILES, Result
from sim.archives.contents import ARRAYS, MEASURES, SCENARIO
from sim.archives.manifest import Manifest, damages, read_manifest
from sim.chance.sampling import Sampling
from sim.errors import ScenarioError, UsageError, inert
from sim.estimates.measures import ByLevel, Estimates, Measure, level_name, measures_of, with_levels
from sim.language import load
from sim.machine import refuse_beyond_memory
from sim.scenario.parts import Scenario
from sim.simulation.shards import BINNED
from sim.version import __version__

NEEDED = (SCENARIO, MEASURES, ARRAYS)
"""What a result is made of again; all else is for readers and other programs."""

_HEADER = 4096  # bytes that the head of an array takes at most
_MOST_JSON = 64 * 2**20
_MOST_SAMPLES = 1000

_NUMBER, _NUMBER_OR_NONE, _TEXT_OR_NONE = "number", "number or null", "text or null"


def open_folder(folder: str | os.PathLike[str]) -> Result:
    """Give back the result that a folder holds; nothing in it is executed.

    Parameters
    ----------
    folder
        As :func:`save` wrote it, or a copy.

    Raises
    ------
    UsageError
        Where the manifest is missing, a file is missing or is not what the manifest says, or it is of a later version.
    """
    manifest = read_manifest(folder)
    shown = inert(os.fspath(folder), 200)
    damaged = damages(folder, manifest)
    if damaged:
        more = f", and {len(damaged) - 3} more" if len(damaged) > 3 else ""
        listed = ", ".join(f"{damage.file} ({damage.what})" for damage in damaged[:3])
        raise UsageError(f"{shown}: not as it was written: {listed}{more}")
    missing = [name for name in NEEDED if name not in manifest.files]
    if missing:
        raise UsageError(f"{shown}: its manifest names no {missing[0]}")
    try:
        return _result(Path(folder), manifest)
    except ScenarioError as error:
        raise UsageError(f"{shown}: its scenario is refused:\n{error}") from None
    except (OSError, ValueError, KeyError, RecursionError, zipfile.BadZipFile) as error:
        raise UsageError(f"{shown}: cannot be read: {inert(str(error), 200)}") from None


def _result(folder: Path, manifest: Manifest) -> Result:
    recorded = manifest.data["scenario"]
    scenario = load(folder / SCENARIO)
    if scenario.sha256 != recorded["sha256"]:
        raise ValueError(f"{SCENARIO} is another scenario than the manifest's")
    scenario = replace(scenario, file=recorded["file"])
    version = str(manifest.data["versions"]["switchrisk"])
    document, measures = _document(folder / MEASURES, scenario, earlier=version != __version__)
    arrays = _read_arrays(folder / ARRAYS, scenario, manifest.paths)
    return Result(
        scenario=scenario,
        engine=manifest.engine,
        sampled=Sampling(manifest.paths, manifest.seed, manifest.sampling),
        seconds=manifest.seconds,
        estimates=Estimates.from_dict(document["measures"], measures),
        events=document["events"],
        loss=arrays["loss"],
        series={name: ByLevel(one) if isinstance(one, dict) else one for name, one in document["monthly"].items()},
        event_months=arrays["event_months"],
        quantiles={name: arrays[f"quantiles_{name}"] for name in BINNED},
        samples={name: arrays[f"samples_{name}"] for name in BINNED},
        processes=manifest.processes,
        streams=manifest.streams,
        version=inert(version, 40),
    )


def _document(file: Path, scenario: Scenario, *, earlier: bool) -> tuple[dict[str, Any], list[Measure]]:
    """The measures, events and months, each with all that a result has; and which measures these are.

    An earlier version did not know those that have come since.
    """
    if file.stat().st_size > _MOST_JSON:
        raise ValueError(f"{MEASURES} is too large")
    document = json.loads(file.read_bytes(), parse_constant=_no_number)
    written = document.get("measures") if isinstance(document, dict) else None
    known = [m for m in measures_of(scenario) if not earlier or not isinstance(written, dict) or m.name in written]
    measures: dict[str, Any] = {}
    for measure, level in with_levels(known, scenario.risk.levels):
        shape = _shape(measure)
        if level is None:
            measures[measure.name] = shape
        else:
            measures.setdefault(measure.name, {})[level] = shape
    event = {"probability": _NUMBER, "low": _NUMBER, "high": _NUMBER, "median_month": _TEXT_OR_NONE}
    months = [_NUMBER] * scenario.months
    by_statistic = {"mean": months, **{level_name(level): months for level in QUANTILES}}
    whole = {
        "measures": measures,
        "events": {event_.id: event for event_ in scenario.events},
        "monthly": {**dict.fromkeys(BINNED, by_statistic), "hhi": months, "largest_share": months},
    }
    if not isinstance(document, dict) or document.get("format") != FORMAT or not _fits(document, whole):
        raise ValueError(f"{MEASURES} does not hold the measures of its scenario")
    if document["monthly"].get("month") != [scenario.month_label(month) for month in range(scenario.months)]:
        raise ValueError(f"{MEASURES} does not hold the months of its scenario")
    return document, known


def _shape(measure: Measure) -> dict[str, str]:
    """What is kept of a measure: its value, and its error in the way in which that is told."""
    if measure.is_share:
        return {"value": _NUMBER, "low": _NUMBER, "high": _NUMBER}
    if measure.told_by_interval:
        return {"value": _NUMBER, "low": _NUMBER_OR_NONE, "high": _NUMBER_OR_NONE}
    tail = {"tail_paths": _NUMBER} if measure.by_level else {}
    return {"value": _NUMBER, "standard_error": _NUMBER_OR_NONE, **tail}


def _fits(data: Any, shape: Any) -> bool:
    """Whether data has all that a shape asks for; more is welcome in mappings."""
    if isinstance(shape, dict):
        return isinstance(data, dict) and all(key in data and _fits(data[key], below) for key, below in shape.items())
    if isinstance(shape, list):
        return isinstance(data, list) and len(data) == len(shape) and all(map(_fits, data, shape))
    if data is None:
        return bool(shape != _NUMBER)
    if shape == _TEXT_OR_NONE:
        return isinstance(data, str)
    return type(data) in (int, float) and math.isfinite(data)


def _read_arrays(file: Path, scenario: Scenario, paths: int) -> dict[str, np.ndarray]:
    """The arrays, of the types and shapes that they must have, and no larger."""
    months, events = scenario.months, len(scenario.events)
    shapes: dict[str, tuple[str, tuple[int | None, ...]]] = {
        "loss": ("<f8", (paths,)),
        "event_months": ("<i8", (events, months + 1)),
        **{f"quantiles_{name}": ("<f8", (QUANTILE_STEPS - 1, months)) for name in BINNED},
        **{f"samples_{name}": ("<f8", (None, months)) for name in BINNED},
    }
    refuse_beyond_memory(2 * file.stat().st_size, ARRAYS)
    found = {}
    with zipfile.ZipFile(file) as archive:
        for name, (kind, shape) in shapes.items():
            found[name] = _array(archive, name, np.dtype(kind), shape)
    return found


def _array(archive: zipfile.ZipFile, name: str, kind: np.dtype[Any], shape: tuple[int | None, ...]) -> np.ndarray:
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{ARRAYS} is compressed")
    with archive.open(info) as member:
        version = np.lib.format.read_magic(member)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        if version not in read_header:
            raise ValueError(f"{name} in {ARRAYS} is of an unknown format")
        found, by_columns, dtype = read_header[version](member, max_header_size=_HEADER)
        fits = len(found) == len(shape) and all(
            f == s or (s is None and f <= _MOST_SAMPLES) for f, s in zip(found, shape, strict=True)
        )
        count = math.prod(found)
        if not fits or dtype != kind:
            raise ValueError(f"{name} in {ARRAYS} is not what the scenario has")
        data = member.read(count * kind.itemsize)
    if len(data) != count * kind.itemsize:
        raise ValueError(f"{name} in {ARRAYS} is cut")
    values = np.frombuffer(data, kind).reshape(found, order="F" if by_columns else "C")
    if kind.kind == "f" and not np.isfinite(values).all():
        raise ValueError(f"{name} in {ARRAYS} holds what is no number")
    return values


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")
