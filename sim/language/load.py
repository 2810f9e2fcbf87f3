"""The way in: a file, text, Python data, a bundled scenario or a Scenario becomes a checked, compiled scenario."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.errors import UsageError, inert
from sim.language.compile import compile_document
from sim.language.document import Document, Findings, Steps, nearest
from sim.language.doubtful import doubts
from sim.language.inheritance import assemble
from sim.language.merge import Overrides, apply_overrides, in_words, placed
from sim.language.reader import Budget, Reading, decode, from_python, read_file, read_text
from sim.scenario.parts import Scenario

SUFFIXES = (".yaml", ".yml")


def load(
    source: str | os.PathLike[str] | Mapping[str, Any] | Scenario,
    *,
    set: Overrides | None = None,
    own_axes: bool = True,
) -> Scenario:
    """Load a scenario.

    Parameters
    ----------
    source : path, str, mapping or Scenario
        A file; the name of a bundled scenario (a file of that name goes first); a scenario as Python data; or one that
        was loaded already.
    set : mapping or iterable of str, optional
        Overrides: Python values by dotted path, or texts ``path=value`` with the value in YAML.
    own_axes : bool
        Whether the scenario keeps its own ``sweep``; without it, one that is among the overrides stands alone.

    Returns
    -------
    Scenario
        Checked and complete.

    Raises
    ------
    ScenarioError
        Where anything in it is refused, with all of it.
    TooLarge
        Where it would need more memory than the machine has.
    UsageError
        Where there is no such file and no such bundled scenario.
    """
    if isinstance(source, Scenario):
        return source if set is None and own_axes else change(source, () if set is None else set, own_axes=own_axes)
    budget = Budget()
    if isinstance(source, Mapping):
        return _compiled(from_python(source, budget=budget), Path(), "<dict>", budget, None, set, own_axes)
    if not isinstance(source, str | os.PathLike):
        raise UsageError(f"a scenario of type {type(source).__name__}: allowed is a path, a name, a dict or a Scenario")
    path = find_file(source)
    return _compiled(read_file(path, str(path), budget=budget), path.parent, str(path), budget, path, set, own_axes)


def load_text(
    text: str | bytes,
    name: str = "<text>",
    *,
    set: Overrides | None = None,
    folder: Path | None = None,
    own_axes: bool = True,
) -> Scenario:
    """Load a scenario from the text of a file, as from standard input.

    Parameters
    ----------
    text : str or bytes
        YAML; bytes in UTF-8.
    name : str
        What problems call it.
    set : mapping or iterable of str, optional
        As in :func:`load`.
    folder : Path, optional
        Where ``extends`` looks; the current folder by default.
    own_axes : bool
        As in :func:`load`.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError, TooLarge, UsageError
        As in :func:`load`.
    """
    budget = Budget()
    reading = read_text(decode(text, name) if isinstance(text, bytes) else text, name, budget=budget)
    return _compiled(reading, folder or Path(), name, budget, None, set, own_axes)


def change(scenario: Scenario, set: Overrides, *, own_axes: bool = True) -> Scenario:
    """Apply overrides to a loaded scenario.

    Parameters
    ----------
    scenario : Scenario
        It stays as it is.
    set : mapping or iterable of str
        As in :func:`load`.
    own_axes : bool
        As in :func:`load`.

    Returns
    -------
    Scenario
        A changed copy.

    Raises
    ------
    ScenarioError, TooLarge, UsageError
        As in :func:`load`; UsageError also for a scenario that was built from parts and not loaded.
    """
    if not isinstance(scenario.source, Document):
        raise UsageError("a scenario that was not loaded cannot be overridden", help="change its parts directly")
    return _overridden(scenario.source, Findings(), set, own_axes)


def put(scenario: Scenario, values: Iterable[tuple[Steps, Any]], name: str) -> Scenario:
    """Put values where a scenario has others, many at once.

    As :meth:`Scenario.with_`, and quicker, for places that are known to be there: they are not looked for, and nothing
    is written down of what was set.

    Parameters
    ----------
    scenario : Scenario
        It stays as it is; one without evidence and doubts, of which nothing is dropped here.
    values : iterable of (tuple of str, value)
        The steps that lead to each place, and a number, text or truth value, or a mapping of these.
    name : str
        What problems call the place where they come from.

    Returns
    -------
    Scenario
        A changed copy, through all checks.

    Raises
    ------
    ScenarioError
        Where a value, or what comes of all of them, is refused.
    """
    document = scenario.source
    assert isinstance(document, Document)
    return compile_document(replace(document, root=placed(document.root, values, name)), Findings())


def _compiled(
    reading: Reading,
    folder: Path,
    name: str,
    budget: Budget,
    file: Path | None,
    overrides: Overrides | None,
    own_axes: bool,
) -> Scenario:
    document, findings = assemble(reading, folder, name, budget, file)
    return _overridden(document, findings, overrides, own_axes)


def _overridden(document: Document, findings: Findings, overrides: Overrides | None, own_axes: bool) -> Scenario:
    if not own_axes:
        document = document.without("sweep")
    if overrides is not None:
        if not isinstance(overrides, Mapping | str | bytes):
            overrides = tuple(overrides)
        root = apply_overrides(document.root, overrides, findings)
        if root is not document.root:
            earlier = (*document.earlier, document.root)
            document = replace(
                document, root=root, earlier=earlier, overrides=(*document.overrides, *in_words(overrides))
            )
    return compile_document(replace(document, change=change, doubt=doubts), findings)


def bundled_folder() -> Path:
    """Find the folder of the bundled scenarios: within the installed package, else beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "bundled" / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def bundled_scenarios() -> list[str]:
    """List the names of the bundled scenarios, sorted."""
    folder = bundled_folder()
    return sorted(file.stem for file in folder.glob("*") if file.suffix in SUFFIXES) if folder.is_dir() else []


def _within(folder: Path) -> str | None:
    """Which scenario a folder holds, where that is plain: that of results which were kept, or the only one."""
    kept = folder / "scenario.yaml"
    if (folder / "manifest.json").is_file() and kept.is_file():
        return f"it holds results: {kept} is their scenario, `switchrisk verify {folder}` looks through them"
    found = [item for item in sorted(folder.iterdir()) if item.suffix in SUFFIXES]
    return f"did you mean {found[0]}?" if len(found) == 1 else None


def find_file(source: str | os.PathLike[str]) -> Path:
    """Find the file of a scenario by path or by the name of a bundled one.

    Raises
    ------
    UsageError
        Where there is neither.
    """
    text = os.fspath(source)
    path = Path(text)
    names = bundled_scenarios()
    try:
        if path.is_dir() and text not in names:
            raise UsageError(f"{inert(text, 200)}: is a folder, a scenario is a file", help=_within(path))
        if path.exists() and not path.is_dir():
            return path
    except (OSError, ValueError):
        raise UsageError(f"{inert(text, 80)}: not a name that a file can have") from None
    if text in names:
        folder = bundled_folder()
        return next(file for suffix in SUFFIXES if (file := folder / f"{text}{suffix}").exists())
    near = nearest(text, names)
    if near is None and path.parent.is_dir():
        beside = [item.name for item in path.parent.iterdir() if item.suffix in SUFFIXES]
        found = nearest(path.name, beside)
        near = None if found is None else str(path.parent / found)
    help = f"did you mean {near}?" if near is not None else f"bundled are: {', '.join(names)}" if names else None
    raise UsageError(f"{inert(text, 200)}: no such file, and no bundled scenario of that name", help=help)
