"""The manifest of a folder of results: what was run, on what, and the SHA-256 of each file; and whether they are so."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any

from sim.answers.run import Result
from sim.archives.findings import whole_json
from sim.archives.folders import names_below, set_aside
from sim.chance.draws import VERSIONS
from sim.chance.joint import Order
from sim.chance.sobol import sobol_paths
from sim.errors import ScenarioError, UsageError, inert
from sim.language import bundled_folder
from sim.language.document import Document
from sim.language.reader import Node, Table, decode, split_lines
from sim.language.reader import Sequence as Items
from sim.machine import available_workers
from sim.scenario.parts import Scenario

NAME = "manifest.json"
FORMAT = 1
"""Version of what a folder of results holds; a later one is refused."""

KIND, KIND_OF_DOUBT = "switchrisk run", "switchrisk doubt"
"""Of a run alone; and of one with draws of the numbers in doubt beside it."""

LIBRARIES = ("numpy", "scipy", "simpy", "pandas", "matplotlib")

MAX_BYTES = 2**20
MAX_FILES = 1000
_LONGEST = 1e12  # seconds, and more than anybody waits

_FILE = re.compile(r"([A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+(\.[a-z]+)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not as the manifest says: ``missing``, ``changed``, or ``no ordinary file``."""

    file: str
    what: str


@dataclass(frozen=True)
class Manifest:
    """What a manifest says, checked for its form.

    Attributes
    ----------
    data
        All of it.
    engine, paths, seed, sampling, streams, seconds, processes
        Of the run; ``streams`` is the version of its draws, ``processes`` how many of the user's own it had.
    order
        Of its quasi-random draws, where another scenario, with which it was compared, had a say in it.
    files
        Size and SHA-256 of each file, by name.
    doubt
        How the numbers in doubt were drawn; None where a run alone is kept.
    """

    data: Mapping[str, Any]
    engine: str
    paths: int
    seed: int
    sampling: str
    streams: int
    seconds: float
    processes: int
    files: Mapping[str, tuple[int, str]]
    order: Order | None
    doubt: OfDoubt | None = None


@dataclass(frozen=True)
class OfDoubt:
    """How the numbers in doubt were drawn.

    Attributes
    ----------
    draws, paths
        How many draws, and paths of each.
    refused
        Draws that were refused at first.
    why
        What was said of the first of these.
    seconds
        Time that it took, the run with it.
    order
        Of the paths' quasi-random draws.
    """

    draws: int
    paths: int
    refused: int
    why: str | None
    seconds: float
    order: Order

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {**{name: getattr(self, name) for name in self.__dataclass_fields__}, "order": self.order.to_list()}

    @classmethod
    def from_dict(cls, data: Any) -> OfDoubt:
        """What :meth:`to_dict` has told.

        Raises
        ------
        ValueError
            It has not.
        """
        if not isinstance(data, dict) or data.keys() != set(cls.__dataclass_fields__):
            raise ValueError("no record of draws")
        wholes, why, seconds = [data[key] for key in ("draws", "paths", "refused")], data["why"], data["seconds"]
        if any(type(value) is not int or value < 0 for value in wholes) or wholes[2] > wholes[0]:
            raise ValueError("no numbers of draws and paths")
        if any(value != sobol_paths(max(1, value)) for value in wholes[:2]):
            raise ValueError("draws and paths are 16 times a power of two")
        if not (why is None or isinstance(why, str)) or not _is_time(seconds):
            raise ValueError("no record of draws")
        draws, paths, refused = wholes
        return cls(draws, paths, refused, why, float(seconds), Order.from_list(data["order"]))


def manifest_of(
    result: Result, files: Mapping[str, Any], sample: str | None = None, doubt: OfDoubt | None = None
) -> bytes:
    """Write the manifest of a result's folder.

    Parameters
    ----------
    files
        Size and SHA-256 of each file, by name.
    sample
        SHA-256 of the picture that tells how pictures are drawn here; None where there are none.
    doubt
        How the numbers in doubt were drawn, where their draws are kept with the run.
    """
    scenario = result.scenario
    data = {
        "format": FORMAT,
        "kind": KIND if doubt is None else KIND_OF_DOUBT,
        "scenario": {
            "name": scenario.name,
            "file": shown_file(scenario),
            "sha256": scenario.sha256,
            "sources": sources_of(scenario),
            "overrides": list(scenario.source.overrides) if isinstance(scenario.source, Document) else [],
        },
        "run": {
            "engine": result.engine,
            "paths": result.paths,
            "seed": result.seed,
            "sampling": result.sampling,
            "streams": result.streams,
            **({} if (order := another_order(result)) is None else {"order": order.to_list()}),
            "seconds": result.seconds,
            "processes": result.processes,
        },
        **({} if doubt is None else {"doubt": doubt.to_dict()}),
        "versions": {"switchrisk": result.version, "python": platform.python_version(), **library_versions()},
        "machine": {
            "system": platform.system(),
            "architecture": platform.machine(),
            "cores": available_workers(),
        },
        "command": command_of(result) if doubt is None else command_of_doubt(result, doubt),
        "sample_picture": sample,
        "files": dict(sorted(files.items())),
    }
    return (json.dumps({**data, "sha256": _own_digest(data)}, ensure_ascii=False, indent=1) + "\n").encode()


@functools.cache
def library_versions() -> dict[str, str]:
    """The versions of the libraries that a run is made with here."""
    return {name: metadata.version(name) for name in LIBRARIES}


def command_of(result: Result) -> str | None:
    """The command that makes the result again, from within its folder.

    None where there is none: for processes of the user's own, and for draws whose order was that of a comparison.
    """
    if result.processes or another_order(result) is not None:
        return None
    options = f"--paths {result.paths} --seed {result.seed} --sampling {result.sampling} --engine {result.engine}"
    return f"switchrisk run scenario.yaml {options}"


def command_of_doubt(result: Result, doubt: OfDoubt) -> str:
    """The command that makes draws of the numbers in doubt again, from within their folder."""
    return f"switchrisk doubt scenario.yaml --draws {doubt.draws} --paths {doubt.paths} --seed {result.seed}"


def another_order(result: Result) -> Order | None:
    """The order of a run's quasi-random draws where it is not the one that its scenario has by itself."""
    if not result.sampled.scrambled or result.streams != VERSIONS[result.sampling]:
        return None
    order, own = result.sampled.order, Order.of(result.scenario)
    # What only others have comes after all of a scenario's own and changes nothing for it.
    return None if order is None or order.groups[: len(own.groups)] == own.groups else order


def shown_file(scenario: Scenario) -> str:
    """Name of a scenario's file as its user gave it; of a bundled one without the place of the installation."""
    file = Path(scenario.file)
    return file.name if file.is_absolute() and file.parent == bundled_folder() else scenario.file


def sources_of(scenario: Scenario) -> list[dict[str, str | None]]:
    """The files that a scenario was read from, named from its folder on, each with its SHA-256.

    It is None where the file is no longer what was read: a run may take long enough for its file to be edited.
    """
    document = scenario.source
    found: list[dict[str, str | None]] = []
    if isinstance(document, Document):
        read = {node.source.lines for root in (document.root, *document.earlier) for node in _nodes(root)}
        for file in document.files:
            name = os.path.relpath(file, document.folder).replace(os.sep, "/")
            try:
                data = file.read_bytes()
                same = split_lines(decode(data, name)) in read
            except (OSError, ScenarioError):
                same = False
            found.append({"name": name, "sha256": hashlib.sha256(data).hexdigest() if same else None})
    return found


def read_manifest(folder: str | os.PathLike[str]) -> Manifest:
    """Read and check the manifest of a folder of results.

    Raises
    ------
    UsageError
        Where there is none, it is damaged, or it is of a later version.
    """
    shown = inert(os.fspath(folder), 200)
    path = Path(folder)
    try:
        if not path.is_dir():
            raise UsageError(f"{shown}: no folder of results", help=_left_aside(path))
        with ordinary_file(path, NAME).open("rb") as file:
            text = file.read(MAX_BYTES)  # a longer one is cut, and so no JSON
    except (OSError, ValueError):
        raise UsageError(
            f"{shown}: holds no {NAME}: not the results of a run, or not all of them",
            help="a run writes them with --out; the manifest comes last",
        ) from None
    try:
        data = whole_json(text)
    except (ValueError, RecursionError):
        raise _damaged(shown) from None
    version = data.get("format") if isinstance(data, dict) else None
    if type(version) is int and version > FORMAT:
        raise UsageError(
            f"{shown}: results of format {version}; this version reads format {FORMAT}",
            help="open them with a later version of switchrisk",
        )
    if type(version) is not int or version != FORMAT or data.get("kind") not in (KIND, KIND_OF_DOUBT):
        raise _damaged(shown)
    rest = {key: value for key, value in data.items() if key != "sha256"}
    if data.get("sha256") != _own_digest(rest):
        raise _damaged(shown)
    found = _checked(data)
    if found is None:
        raise _damaged(shown)
    return found


def damages(folder: str | os.PathLike[str], manifest: Manifest) -> tuple[Damage, ...]:
    """List the files of a folder that are not as its manifest says."""
    found = []
    for name, (size, digest) in manifest.files.items():
        try:
            file = ordinary_file(Path(folder), name)
            with file.open("rb") as data:
                same = file.stat().st_size == size and hashlib.file_digest(data, "sha256").hexdigest() == digest
            what = None if same else "changed"
        except FileNotFoundError:
            what = "missing"
        except OSError:
            what = "no ordinary file"
        if what is not None:
            found.append(Damage(name, what))
    return tuple(found)


def is_replaceable(folder: Path) -> None:
    """See that a folder holds results of ours, as they were written, and nothing else.

    Raises
    ------
    UsageError
        Where that is not so.
    """
    manifest = read_manifest(folder)
    foreign = [name for name in names_below(folder) if name != NAME and name not in manifest.files]
    if foreign:
        raise UsageError(f"holds {inert(foreign[0], 80)}, which is not of its results")
    changed = [damage.file for damage in damages(folder, manifest) if damage.what != "missing"]
    if changed:
        raise UsageError(f"{inert(changed[0], 80)} was changed since it was written")


def ordinary_file(folder: Path, name: str) -> Path:
    """Find a file of a folder; not through links, and nothing that could make its reader wait.

    Raises
    ------
    OSError
        Where it is no ordinary file.
    """
    path = folder
    parts = PurePosixPath(name).parts
    for i, part in enumerate(parts):
        path = path / part
        mode = path.lstat().st_mode
        if not (stat.S_ISREG(mode) if i == len(parts) - 1 else stat.S_ISDIR(mode)):
            raise OSError(f"{name}: no ordinary file")
    return path


def _checked(data: Mapping[str, Any]) -> Manifest | None:
    """The manifest's parts, None where one is not of its kind."""
    run, files, scenario = (data.get(key) for key in ("run", "files", "scenario"))
    if not (isinstance(run, dict) and isinstance(files, dict) and isinstance(scenario, dict)):
        return None
    wholes = [run.get(key) for key in ("paths", "seed", "streams", "processes")]
    if any(type(value) is not int or value < 0 for value in wholes) or len(files) > MAX_FILES:
        return None
    if not (isinstance(scenario.get("file"), str) and isinstance(scenario.get("sha256"), str)):
        return None
    if run.get("engine") not in ("kernel", "model") or run.get("sampling") not in ("plain", "sobol"):
        return None
    if not _is_time(run.get("seconds")):
        return None
    listed = {}
    for name, entry in files.items():
        size, digest = (entry.get("bytes"), entry.get("sha256")) if isinstance(entry, dict) else (None, None)
        if not _FILE.fullmatch(name) or type(size) is not int or size < 0:
            return None
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            return None
        listed[name] = (size, digest)
    try:
        order = Order.from_list(run["order"]) if "order" in run else None
        doubt = OfDoubt.from_dict(data.get("doubt")) if data["kind"] == KIND_OF_DOUBT else None
    except ValueError:
        return None
    versions = data.get("versions")
    if run["paths"] == 0 or not (isinstance(versions, dict) and isinstance(versions.get("switchrisk"), str)):
        return None
    return Manifest(
        data, run["engine"], run["paths"], run["seed"], run["sampling"], run["streams"], float(run["seconds"]),
        run["processes"], listed, order, doubt,
    )  # fmt: skip


def _is_time(seconds: Any) -> bool:
    return not isinstance(seconds, bool) and isinstance(seconds, int | float) and 0 <= seconds <= _LONGEST


def _own_digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of the manifest's own content, in whatever order and spacing it stands."""
    text = json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for below in node.entries.values() if isinstance(node, Table) else node.items if isinstance(node, Items) else ():
        yield from _nodes(below)


def _left_aside(path: Path) -> str | None:
    """Where a process that was killed between two names has left the results."""
    left = [other.name for other in set_aside(path.absolute()) if (other / NAME).exists()]
    return f"a run that was killed has left results in {left[0]}" if left else None


def _damaged(shown: str) -> UsageError:
    return UsageError(f"{shown}: its {NAME} is damaged", help="run again with --out, or take an undamaged copy")
