"""A scenario as it is set, written as a file: what differs from the base beside it, or the whole of it elsewhere."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sim.errors import OutputError, UsageError, inert
from sim.files import whole
from sim.language import bundled_folder, load, load_text
from sim.language.document import Document
from sim.language.writing import write_yaml
from sim.scenario.parts import Scenario

_NAME = re.compile(r"[^\W_][\w .-]{0,99}")
_SUFFIXES = (".yaml", ".yml")
_BESIDE = ("name", "evidence")  # the name is the file's own; changed numbers lose their evidence by themselves


def save(
    base: Scenario,
    scenario: Scenario,
    name: str,
    *,
    title: str | None,
    folder: str | os.PathLike[str] | None,
    overwrite: bool,
) -> Path:
    """Write a scenario that was made of another; see :meth:`sim.explorer.Explorer.save`."""
    stem, suffix = os.path.splitext(name) if isinstance(name, str) else ("", "")
    if suffix not in _SUFFIXES:
        stem, suffix = (name if isinstance(name, str) else ""), ".yaml"
    if not _NAME.fullmatch(stem) or stem.endswith((" ", ".")):
        help = "letters, digits, spaces, dots, - and _; the folder is given by folder="
        raise UsageError(f"name: found {inert(repr(name), 80)}, allowed is the name of a file", help=help)
    origin = _file_of(base)
    place = Path(folder) if folder is not None else Path() if origin is None else origin.parent
    file = place / f"{stem}{suffix}"
    if not place.is_dir():
        raise OutputError(f"{place}: is no folder")
    if origin is not None and _is_same_file(file, origin):
        raise UsageError(f"{file}: is the base itself", help="give another name")
    if not overwrite and os.path.lexists(file):
        raise UsageError(f"{file}: is there already", help="give another name, or overwrite=True")
    if file.is_dir():
        raise OutputError(f"{file}: is a folder")
    title = f"{base.name} ({stem})" if title is None else title
    text = next(text for text in _texts(scenario, origin, place, title) if _says(text, scenario, file))
    with whole(str(file), replace=overwrite) as out:
        out.write(text.encode())
    return file


def _file_of(base: Scenario) -> Path | None:
    """The file that a scenario was read from; None for a bundled one, whose folder is not its user's, and for data."""
    files = base.source.files if isinstance(base.source, Document) else ()
    if not files:
        return None
    file: Path = files[0]
    return None if _is_same_file(file.parent, bundled_folder()) else file


def _is_same_file(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _texts(scenario: Scenario, origin: Path | None, place: Path, title: str) -> Iterator[str]:
    """What could be written, the shortest first: what differs, without and with what was removed; then everything."""
    if origin is not None:
        inside = os.path.relpath(os.path.realpath(origin), os.path.realpath(place)).replace(os.sep, "/")
        if not inside.startswith("../") and "\\" not in inside:
            before, after = (
                {k: v for k, v in one.document.items() if k not in _BESIDE} for one in (load(origin), scenario)
            )
            head = {"extends": inside, "name": title}
            for with_removed in (False, True):
                changed = _changed(before, after, with_removed=with_removed)
                yield write_yaml({**head, **changed}, [f"What differs from {inside}."])
    yield write_yaml({**scenario.document, "name": title})


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], *, with_removed: bool) -> dict[str, Any]:
    """What a file has to say over another: values that are new or others, and null for what is gone."""
    tree: dict[str, Any] = {}
    for key, value in after.items():
        was = before.get(key)
        if isinstance(value, Mapping) and isinstance(was, Mapping):
            below = _changed(was, value, with_removed=with_removed)
            if below:
                tree[key] = below
        elif value != was or isinstance(value, bool) != isinstance(was, bool):
            tree[key] = value
    if with_removed:
        tree.update(dict.fromkeys(key for key in before if key not in after))
    return tree


def _says(text: str, scenario: Scenario, file: Path) -> bool:
    """Whether a text, read as the file that it will be, is the scenario: whatever is refused is told now."""
    read = load_text(text, str(file), folder=file.parent)
    return _tidy(read.document) == _tidy(scenario.document)


def _tidy(document: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """What must be the same: all but the name, and the order of ids, which draws' names and ties go by."""
    ids = {key: list(document.get(key) or ()) for key in ("customers", "events", "levers")}
    return {key: value for key, value in document.items() if key not in _BESIDE}, json.dumps(ids)
