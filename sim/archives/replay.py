"""Results looked through again: whether files are as they were written, and whether all that they tell follows.

A path is a function of scenario, seed and number. So all of them can be valued again, by the kernel, and some by the
engine that the run did not use; and what was kept can be held against what comes out.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.answers.run import Result
from sim.archives.again import Again, valued_again
from sim.archives.derived import WHOLE, Derived
from sim.archives.draws_again import drawn_again, of_draws, table_of
from sim.archives.findings import MISSING, TOLERANCE, Deviation, Findings, whole_json
from sim.archives.folders import names_below
from sim.archives.follows import of_arrays
from sim.archives.manifest import NAME, Damage, Manifest, damages, read_manifest
from sim.archives.opening import run_of
from sim.archives.others import by_the_model, chosen_paths
from sim.archives.places import DOUBT, ENSEMBLE, MEASURES_FILE
from sim.archives.records import of_document, of_manifest
from sim.archives.unchecked import NOT_CHECKED, Unchecked
from sim.chance.draws import VERSIONS
from sim.chance.sampling import whole_number
from sim.errors import UsageError, inert
from sim.simulation.pool import Progress, part_of
from sim.version import __version__

PATHS = 200
"""Paths that the other engine values again unless more are asked for."""

MOST_SHOWN = 10

ERRORS_SINCE = (0, 3, 0)
"""Version since which errors allow for one path more or less where replications agree."""

_ERRORS = (", standard error", ", low", ", high")

_OF_MODEL = 300
"""Paths of the kernel that take as long as one of the SimPy model, about."""


@dataclass(frozen=True)
class Replay:
    """What came of looking through a folder of results.

    Attributes
    ----------
    folder, manifest
        What was looked through.
    damaged
        Files that are not as the manifest says; nothing is derived where there are any.
    result
        The result that the folder gives back; None where files are damaged.
    engine
        The engine that replayed, the one that the run did not use.
    paths
        How many paths it replayed.
    again
        How many paths were valued again by the kernel: all, where the folder holds what that takes.
    derived
        Names of the files whose content was derived again.
    deviations
        The first places where they differ, at most ten, of each file some.
    by_file
        How many such places were found, by the file's name.
    different_paths
        How many paths differ.
    largest
        Largest difference of a loss, relative to the path's baseline.
    not_checked
        What was not checked, and why.
    """

    folder: str
    manifest: Manifest = field(repr=False)
    damaged: tuple[Damage, ...]
    result: Result | None = field(default=None, repr=False)
    engine: str | None = None
    paths: int = 0
    again: int = 0
    derived: tuple[str, ...] = ()
    deviations: tuple[Deviation, ...] = ()
    by_file: Mapping[str, int] = field(default_factory=dict)
    different_paths: int = 0
    largest: float = 0.0
    not_checked: tuple[Unchecked, ...] = field(default=NOT_CHECKED, repr=False)

    @property
    def agree(self) -> bool:
        """Whether all files are whole and all that was derived again is as it was kept."""
        return not self.damaged and not self.deviations

    def __bool__(self) -> bool:
        """Whether it agrees."""
        return self.agree

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data, ready for JSON."""
        return {
            "format": 1,
            "folder": self.folder,
            "scenario": {key: self.manifest.data["scenario"].get(key) for key in ("name", "file", "sha256")},
            "run": dict(self.manifest.data["run"]),
            "files": len(self.manifest.files),
            "damaged": [{"file": damage.file, "what": damage.what} for damage in self.damaged],
            "engine": self.engine,
            "paths": self.paths,
            "again": self.again,
            "derived": list(self.derived),
            "agree": self.agree,
            "different_paths": self.different_paths,
            "largest_relative_difference": self.largest,
            "tolerance": TOLERANCE,
            "by_file": dict(self.by_file),
            "differences": [deviation.to_dict() for deviation in self.deviations],
            "not_checked": [one.to_dict() for one in self.not_checked],
        }


def replay(folder: str | os.PathLike[str], *, paths: int = PATHS, progress: Progress | None = None) -> Replay:
    """Check the files of a folder of results, and derive all that follows from scenario, seed and sampling again.

    Parameters
    ----------
    folder
        As ``Result.save`` or ``run --out`` wrote it.
    paths
        How many paths the SimPy model values again, beside the kernel, which values all of them: the first and the
        last, those with the largest losses, others by chance.
    progress
        Called as paths are done.

    Returns
    -------
    Replay
        Losses are compared to 1e-9 of the path's baseline; so are the months of the paths that were kept with theirs.
        All else that the folder tells is compared with what it would tell of these paths, file by file; what is not
        stands under ``not_checked``.

    Raises
    ------
    UsageError
        Where the folder holds no results, or those of a run that cannot be replayed: one with processes of the user's
        own, or on draws of another version. What follows from the losses that are kept is checked before.
    TooLarge
        Where all paths would not fit into memory.
    """
    whole_number("paths", paths, 1)
    shown = inert(os.fspath(folder), 200)
    manifest = read_manifest(folder)
    damaged = damages(folder, manifest)
    if damaged:
        return Replay(shown, manifest, damaged)
    result = run_of(folder)
    document = whole_json((Path(folder) / MEASURES_FILE).read_bytes())
    found = Findings()
    found.add(of_manifest(manifest, result))
    found.add(of_document(document, result))
    why = _why_not(shown, manifest)
    of_run = progress if manifest.doubt is None else part_of(progress, 0, 500, 1000)
    replayed = None if why else _replayed(result, document, paths, of_run)
    truth = result
    if replayed is not None:
        found.add(replayed.deviations)
    older = _version(result.version) < ERRORS_SINCE
    told_otherwise = older and found.without(_is_an_error)
    if not found or replayed is None:  # else the kept numbers that are wrong would speak against the right ones
        found.add(of_arrays(result))
        told_otherwise |= older and found.without(_is_an_error)
    if replayed is not None:
        # Numbers that are wrong are no measure of the tables beside them.
        truth = replayed.again.result if _sorted(found, result)[0] else result
    beside = {}
    if manifest.doubt is not None:
        # Of the run that was kept: what is wrong of it is told of it, and not of the draws again.
        of_doubt = drawn_again(manifest, result, part_of(progress, 500, 500, 1000))
        found.add(of_draws(Path(folder), manifest, of_doubt))
        beside = dict([table_of(of_doubt)])
    files = Derived(Path(folder), manifest, truth, redraws=replayed is not None, beside=beside)
    found.add(files.deviations)
    deviations, unknown = _sorted(found, result)
    if why and not deviations:
        raise why
    unchecked = [*NOT_CHECKED, *files.unchecked, *unknown, *_beside(Path(folder), manifest)]
    if manifest.doubt is not None:
        unchecked.append(_BY_ONE_ENGINE)
    if told_otherwise:
        rules = f"version {result.version}, which wrote the folder, told some of them by other rules"
        unchecked.append(Unchecked("the errors of the measures", rules))
    if replayed is None:
        unchecked.append(
            Unchecked(
                "the paths themselves", "the run had processes of its user's own, or other draws than this version has"
            )
        )
        about = Replay(shown, manifest, damaged, result)
    else:
        if not replayed.again.is_exact:
            unchecked.append(_ROUNDED)
        about = Replay(
            shown, manifest, damaged, result, replayed.engine, replayed.paths, result.paths,
            different_paths=int(replayed.off.sum()), largest=replayed.largest,
        )  # fmt: skip
    return replace(
        about,
        derived=tuple(sorted([*files.held, *(() if manifest.doubt is None else (DOUBT, ENSEMBLE))])),
        deviations=_of_each_file(deviations),
        by_file=Counter(one.file for one in deviations if one.file is not None),
        not_checked=tuple(unchecked),
    )


def _is_an_error(one: Deviation) -> bool:
    return one.file == MEASURES_FILE and one.what.endswith(_ERRORS)


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


_ROUNDED = Unchecked(
    "amounts closer than rounding, monthly quantiles within 0.2 %",
    "losses come out with other last digits here than were kept, and quantiles are read off bins",
)


_BY_ONE_ENGINE = Unchecked(
    "the paths of the draws by the other engine",
    "draws of the numbers in doubt are valued again by the kernel alone; the run beside them by both",
)


@dataclass(frozen=True)
class _Replayed:
    """Paths valued again, by the kernel all of them, by the SimPy model some; and what came of it."""

    again: Again
    engine: str
    paths: int
    off: np.ndarray
    largest: float
    deviations: tuple[Deviation, ...]


def _replayed(result: Result, document: dict[str, Any], paths: int, progress: Progress | None) -> _Replayed:
    chosen = chosen_paths(result, paths)
    whole = result.paths + _OF_MODEL * len(chosen)
    again = valued_again(result, part_of(progress, 0, result.paths, whole))
    found = list(again.deviations(document))
    off, largest = again.other_losses, again.largest
    by_kernel = result.engine == "kernel"
    # Of a run by the SimPy model, its engine's name is all that is in doubt once the kernel agrees.
    if by_kernel or again.is_exact:
        model = by_the_model(result, chosen, part_of(progress, result.paths, whole - result.paths, whole))
        others_engine = model.is_exact and not again.is_exact if by_kernel else not model.is_exact
        if others_engine:
            name = "model" if by_kernel else "kernel"
            found.insert(0, Deviation("run.engine", result.engine, name, file=NAME))
        if by_kernel:
            found += model.deviations
            off[list(model.different)] = True
            largest = max(largest, model.largest)
    if by_kernel:
        return _Replayed(again, "model", len(chosen), off, largest, tuple(found))
    return _Replayed(again, "kernel", result.paths, off, largest, tuple(found))


def _sorted(found: Findings, result: Result) -> tuple[list[Deviation], list[Unchecked]]:
    """What does not hold; and what a folder that another version wrote tells beyond what this one knows."""
    is_other = result.version != __version__
    alone = [one for one in found if is_other and one.found == MISSING and _may_grow(one)]
    deviations = [one for one in found if one not in alone]
    if not alone:
        return deviations, []
    listed = ", ".join(f"{one.file}: {one.what}" for one in alone[:3])
    more = f" and {len(alone) - 3} more" if len(alone) > 3 else ""
    why = f"version {result.version}, which wrote the folder, tells it, and this version, {__version__}, does not"
    return deviations, [Unchecked(f"{listed}{more}", why)]


def _of_each_file(deviations: Sequence[Deviation]) -> tuple[Deviation, ...]:
    """The first few, in their order: of each file its first, then of each its second, as far as there is room."""
    turns: Counter[str | None] = Counter()
    ranked = []
    for i, one in enumerate(deviations):
        ranked.append((turns[one.file], i))
        turns[one.file] += 1
    return tuple(deviations[i] for i in sorted(i for _, i in sorted(ranked)[:MOST_SHOWN]))


def _may_grow(one: Deviation) -> bool:
    """Whether another version may tell more at a place: a key of a mapping, a whole file."""
    return one.file in (NAME, MEASURES_FILE) or one.what in WHOLE


def _beside(folder: Path, manifest: Manifest) -> Iterator[Unchecked]:
    """What lies in the folder and is none of its results."""
    foreign = [name for name in names_below(folder) if name != NAME and name not in manifest.files]
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        listed = ", ".join(inert(name, 80) for name in foreign[:3])
        yield Unchecked(f"{listed}{more}", "no part of the results: the manifest does not name it")


def _why_not(shown: str, manifest: Manifest) -> UsageError | None:
    """Why paths can't be valued again; None where they can."""
    if manifest.processes:
        return UsageError(
            f"{shown}: the files are as they were written and fit together, but the run had {manifest.processes} "
            "processes of its user's own, without which its paths cannot be replayed"
        )
    known = VERSIONS[manifest.sampling]
    # Quasi-random draws of earlier versions are drawn as they were; of independent ones there has been one version.
    if not 1 <= manifest.streams <= known:
        return UsageError(
            f"{shown}: the files are as they were written and fit together, but the run was made with draws of version "
            f"{manifest.streams}, this version draws by {known}",
            help=f"replay it with switchrisk {inert(str(manifest.data['versions']['switchrisk']), 20)}",
        )
    return None
