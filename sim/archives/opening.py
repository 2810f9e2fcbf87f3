"""The result that a folder gives back, of which nothing is executed and nothing is believed unseen."""

from __future__ import annotations

import math
import os
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np

from sim.answers import by_period
from sim.answers.answer import FORMAT
from sim.answers.run import QUANTILE_STEPS, QUANTILES, Result
from sim.archives.findings import whole_json
from sim.archives.manifest import NAME, Manifest, damages, read_manifest
from sim.archives.places import ARRAYS, MEASURES_FILE, SCENARIO
from sim.chance.joint import Order
from sim.chance.sampling import Sampling
from sim.chance.sobol import sobol_paths
from sim.errors import ScenarioError, UsageError, inert
from sim.estimates.estimate import Estimate
from sim.estimates.measures import ByLevel, Estimates, Measure, level_name, measures_of, with_levels
from sim.language import load
from sim.machine import refuse_beyond_memory
from sim.scenario.parts import Scenario
from sim.scenario.periods import YEAR
from sim.simulation.periods import AMOUNTS
from sim.simulation.shards import BINNED
from sim.version import __version__

NEEDED = (SCENARIO, MEASURES_FILE, ARRAYS)
"""What a result is made of again; all else is for readers and other programs."""

JOINT_SINCE = 2
"""Version of quasi-random draws since which there is a joint sequence; before, each stream had one of its own."""

FIRST_MEASURES = frozenset(
    {
        "expected_loss",
        "probability_of_loss",
        "revenue_at_risk",
        "expected_shortfall",
        "expected_revenue",
        "expected_baseline",
        "probability_below_target",
    }
)
"""Those that every version has told of the scenarios that have them; others have come since."""

_UNREADABLE = (OSError, EOFError, ValueError, KeyError, RuntimeError, struct.error, zlib.error, zipfile.BadZipFile)
"""What libraries raise on files that somebody has bent: nesting without end, archives of unknown kinds."""

_HEADER = 4096  # bytes that the head of an array takes at most
_MAGIC = b"\x93NUMPY\x01\x00"
_HEAD = re.compile(
    rb"\{'descr': '(?P<kind><[fi]8)', 'fortran_order': (?P<order>True|False), "
    rb"'shape': \((?P<shape>\d{1,18},|\d{1,18}(, \d{1,18})+)\), \} *\n"
)
_MOST_JSON = 64 * 2**20
_MOST_SAMPLES = 1000

Made = TypeVar("Made")

_NUMBER, _NUMBER_OR_NONE, _TEXT_OR_NONE = "number", "number or null", "text or null"


def run_of(folder: str | os.PathLike[str]) -> Result:
    """Give back the run that a folder holds, draws of numbers in doubt beside it or not; nothing in it is executed.

    Parameters
    ----------
    folder
        As :func:`save` wrote it, or a copy.

    Raises
    ------
    UsageError
        Where the manifest is missing, a file is missing or is not what the manifest says, or it is of a later version.
    """
    return whole(folder, NEEDED, _result)


def whole(folder: str | os.PathLike[str], needed: Sequence[str], read: Callable[[Path, Manifest], Made]) -> Made:
    """Read something from a folder of results whose files are as its manifest says.

    Parameters
    ----------
    needed
        Files without which it can't be read.
    read
        Reads it; what libraries raise on files that somebody has bent becomes an error of the folder.

    Raises
    ------
    UsageError
    """
    manifest = read_manifest(folder)
    shown = inert(os.fspath(folder), 200)
    damaged = damages(folder, manifest)
    if damaged:
        more = f", and {len(damaged) - 3} more" if len(damaged) > 3 else ""
        listed = ", ".join(f"{damage.file} ({damage.what})" for damage in damaged[:3])
        raise UsageError(f"{shown}: not as it was written: {listed}{more}")
    missing = [name for name in needed if name not in manifest.files]
    if missing:
        raise UsageError(f"{shown}: its manifest names no {missing[0]}")
    try:
        return read(Path(folder), manifest)
    except ScenarioError as error:
        raise UsageError(f"{shown}: its scenario is refused:\n{error}") from None
    except _UNREADABLE as error:
        raise UsageError(f"{shown}: cannot be read: {inert(str(error), 200)}") from None


def _result(folder: Path, manifest: Manifest) -> Result:
    recorded = manifest.data["scenario"]
    scenario = load(folder / SCENARIO)
    if scenario.sha256 != recorded["sha256"]:
        raise ValueError(f"{SCENARIO} is another scenario than the manifest's")
    if manifest.sampling == "sobol" and manifest.paths != sobol_paths(manifest.paths):
        raise ValueError(f"{NAME} names {manifest.paths:,} quasi-random paths, which are 16 times a power of two")
    scenario = replace(scenario, file=recorded["file"])
    version = str(manifest.data["versions"]["switchrisk"])
    document, measures = _document(folder / MEASURES_FILE, scenario, earlier=version != __version__)
    arrays = _read_arrays(folder / ARRAYS, scenario, manifest.paths)
    return Result(
        scenario=scenario,
        engine=manifest.engine,
        sampled=_sampled(manifest, scenario),
        seconds=manifest.seconds,
        estimates=Estimates.from_dict(document["measures"], measures),
        events=document["events"],
        loss=arrays["loss"],
        series={name: ByLevel(one) if isinstance(one, dict) else one for name, one in document["monthly"].items()},
        event_months=arrays["event_months"],
        quantiles={name: arrays[f"quantiles_{name}"] for name in BINNED},
        samples={name: arrays[f"samples_{name}"] for name in BINNED},
        periods=by_period.with_levels(document["periods"]) if "periods" in document else [],
        processes=manifest.processes,
        streams=manifest.streams,
        version=inert(version, 40),
    )


def _sampled(manifest: Manifest, scenario: Scenario) -> Sampling:
    if manifest.sampling == "plain":
        return Sampling(manifest.paths, manifest.seed)
    order = Order() if manifest.streams < JOINT_SINCE else manifest.order or Order.of(scenario)
    return Sampling(manifest.paths, manifest.seed, manifest.sampling, order)


def _document(file: Path, scenario: Scenario, *, earlier: bool) -> tuple[dict[str, Any], list[Measure]]:
    """The measures, events and months, each with all that a result has; and which measures these are.

    An earlier version did not know those that have come since.
    """
    if file.stat().st_size > _MOST_JSON:
        raise ValueError(f"{MEASURES_FILE} is too large")
    document = whole_json(file.read_bytes())
    written = document.get("measures") if isinstance(document, dict) else None
    least = {*FIRST_MEASURES, *(written if isinstance(written, dict) else ())}
    known = [measure for measure in measures_of(scenario) if not earlier or measure.name in least]
    measures: dict[str, Any] = {}
    for measure, level in with_levels(known, scenario.risk.levels):
        shape = _shape(measure)
        if level is None:
            measures[measure.name] = shape
        else:
            measures.setdefault(measure.name, {})[level] = shape
    of_once = {"probability": _NUMBER, "low": _NUMBER, "high": _NUMBER, "median_month": _TEXT_OR_NONE}
    of_again = {"expected_times": {"value": _NUMBER, "standard_error": _NUMBER_OR_NONE}}
    months = [_NUMBER] * scenario.months
    by_statistic = {"mean": months, **{level_name(level): months for level in QUANTILES}}
    whole = {
        "measures": measures,
        "events": {event.id: of_once | (of_again if event.repeats else {}) for event in scenario.events},
        "monthly": {**dict.fromkeys(BINNED, by_statistic), "hhi": months, "largest_share": months},
    }
    if not isinstance(document, dict) or document.get("format") != FORMAT or not _fits(document, whole):
        raise ValueError(f"{MEASURES_FILE} does not hold the measures of its scenario")
    for measure in known:
        found = document["measures"][measure.name]
        if measure.by_level and found.keys() != measures[measure.name].keys():
            raise ValueError(f"{MEASURES_FILE} holds {measure.name} at other levels than its scenario has")
        if not all(map(_is_estimate, found.values() if measure.by_level else [found])):
            raise ValueError(f"{MEASURES_FILE} does not tell {measure.name} by numbers")
    # Versions before 0.4.0 told none.
    if ("periods" in document or not earlier) and not _are_periods(document.get("periods"), scenario):
        raise ValueError(f"{MEASURES_FILE} does not hold the years and quarters of its scenario")
    if document["monthly"].get("month") != [scenario.month_label(month) for month in range(scenario.months)]:
        raise ValueError(f"{MEASURES_FILE} does not hold the months of its scenario")
    return document, known


def _are_periods(found: Any, scenario: Scenario) -> bool:
    """Whether these are records of the scenario's years and quarters."""
    heads = by_period.heads(scenario)
    amount = {"mean": _NUMBER, **{level_name(level): _NUMBER for level in by_period.QUANTILES}}
    if not isinstance(found, list) or len(found) != len(heads):
        return False
    for record, head in zip(found, heads, strict=True):
        tails = {}
        of_year: dict[str, Any] = {}
        if head["kind"] == YEAR:
            of_year = {"standard_error": _NUMBER_OR_NONE}
            tails = {
                one.name: dict.fromkeys(map(level_name, scenario.risk.levels), _shape(one)) for one in by_period.TAILS
            }
        shape = {name: {**amount, **of_year} for name in AMOUNTS}
        if not _fits(record, {**shape, "loss": {**shape["loss"], **tails}}):
            return False
        if any(type(record.get(key)) is not type(told) or record[key] != told for key, told in head.items()):
            return False
        # At these levels and no others.
        if any(record["loss"][name].keys() != by_level.keys() for name, by_level in tails.items()):
            return False
        if not all(_is_estimate(one) for name in tails for one in record["loss"][name].values()):
            return False
    return True


def _shape(measure: Measure) -> dict[str, str]:
    """What is kept of a measure: its value, and its error in the way in which that is told."""
    if measure.is_share:
        return {"value": _NUMBER, "low": _NUMBER, "high": _NUMBER}
    if measure.told_by_interval:
        return {"value": _NUMBER, "low": _NUMBER_OR_NONE, "high": _NUMBER_OR_NONE}
    tail = {"tail_paths": _NUMBER} if measure.by_level else {}
    return {"value": _NUMBER, "standard_error": _NUMBER_OR_NONE, **tail}


def _is_estimate(found: dict[str, Any]) -> bool:
    """Whether all that an estimate may say beside its shape is of its kind too."""
    fields = dict.fromkeys(Estimate.__dataclass_fields__, _NUMBER_OR_NONE) | {"note": _TEXT_OR_NONE}
    return all(_fits(found[field], kind) for field, kind in fields.items() if field in found)


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
    # An integer may be larger than any number of the processor's.
    return type(data) in (int, float) and abs(data) <= sys.float_info.max


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
            found[name] = array_of(archive, name, np.dtype(kind), shape)
    return found


def _head_of(member: IO[bytes]) -> bytes:
    """The head of an array in numpy's format 1.0: a mapping as text, to be matched and not evaluated."""
    magic = member.read(len(_MAGIC) + 2)
    length = int.from_bytes(magic[-2:], "little")
    return member.read(length) if magic.startswith(_MAGIC) and length <= _HEADER else b""


def array_of(
    archive: zipfile.ZipFile, name: str, kind: np.dtype[Any], shape: tuple[int | None, ...], file: str = ARRAYS
) -> np.ndarray:
    """An array of a type and shape, all of whose numbers are finite.

    Raises
    ------
    ValueError
        Where it is another.
    """
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{file} is compressed")
    with archive.open(info) as member:
        head = _HEAD.fullmatch(_head_of(member))
        if head is None:
            raise ValueError(f"{name} in {file} is of an unknown format")
        found = tuple(int(size) for size in head["shape"].split(b",") if size.strip())
        by_columns, dtype = head["order"] == b"True", np.dtype(head["kind"].decode())
        fits = len(found) == len(shape) and all(
            f == s or (s is None and f <= _MOST_SAMPLES) for f, s in zip(found, shape, strict=True)
        )
        count = math.prod(found)
        if not fits or dtype != kind:
            raise ValueError(f"{name} in {file} is not what the scenario has")
        data = member.read(count * kind.itemsize)
    if len(data) != count * kind.itemsize:
        raise ValueError(f"{name} in {file} is cut")
    values = np.frombuffer(data, kind).reshape(found, order="F" if by_columns else "C")
    if kind.kind == "f" and not np.isfinite(values).all():
        raise ValueError(f"{name} in {file} holds what is no number")
    return values
