"""What the manifest and the document of measures say of a run, held against each other and against the run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from sim.answers.run import Result
from sim.archives.findings import MISSING, Deviation, differing, told
from sim.archives.manifest import NAME, Manifest, manifest_of, shown_file
from sim.archives.places import MEASURES_FILE
from sim.archives.unchecked import is_unchecked
from sim.errors import inert

_VERSION = re.compile(r"[0-9][0-9A-Za-z.+!_-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OF_FILES = ("files", "sha256")


def of_manifest(manifest: Manifest, result: Result) -> Iterator[Deviation]:
    """What the manifest says otherwise than that of the same result written now; of what is free its form alone."""
    now = json.loads(manifest_of(result, {}, doubt=manifest.doubt))
    kept = {key: value for key, value in manifest.data.items() if key not in _OF_FILES}
    found = {key: value for key, value in now.items() if key not in _OF_FILES}
    kept.setdefault("sample_picture", None)  # earlier versions had none
    for place, mine, other in differing(kept, found):
        dotted = ".".join(place)
        if not (is_unchecked(f"{NAME}: {dotted}") and _is_known(found, place) and _has_form(place, kept)):
            yield Deviation(dotted, told(mine), told(other), file=NAME)
    for name, entry in manifest.data["files"].items():
        for key in entry.keys() - {"bytes", "sha256"}:
            yield Deviation(f"files.{name}.{inert(key, 80)}", told(entry[key]), MISSING, file=NAME)


def _is_known(found: dict[str, Any], place: tuple[str, ...]) -> bool:
    """Whether a manifest has such a key at all."""
    at: Any = found
    for step in place:
        if isinstance(at, list):
            return True
        if not isinstance(at, dict) or step not in at:
            return False
        at = at[step]
    return True


def _has_form(place: tuple[str, ...], kept: dict[str, Any]) -> bool:
    """Whether what is free at a place is of the kind that stands there."""
    section, name = kept[place[0]], place[1] if len(place) > 1 else None
    if not isinstance(section, dict):
        return section is None or (isinstance(section, str) and _SHA256.fullmatch(section) is not None)
    value = section.get(name)
    if name == "sources":
        return isinstance(value, list) and all(map(_is_source, value))
    if name == "overrides":
        return isinstance(value, list) and all(isinstance(one, str) and "=" in one for one in value)
    if name == "cores":
        return type(value) is int and value > 0
    if place[0] == "versions":
        return isinstance(value, str) and _VERSION.fullmatch(value) is not None
    return isinstance(value, str) or name == "seconds"


def _is_source(one: Any) -> bool:
    if not isinstance(one, dict) or one.keys() != {"name", "sha256"} or not isinstance(one["name"], str):
        return False
    return one["sha256"] is None or (isinstance(one["sha256"], str) and bool(_SHA256.fullmatch(one["sha256"])))


def of_document(document: dict[str, Any], result: Result) -> Iterator[Deviation]:
    """What the document of measures says of its scenario and run otherwise than the manifest."""
    found = result.to_dict()
    found["scenario"]["file"] = shown_file(result.scenario)
    for part in ("measures", "events", "monthly", "periods"):
        found[part] = document.get(part)
    if "periods" not in document and not result.periods:  # earlier versions told none
        del found["periods"]
    for place, mine, other in differing(document, found):
        yield Deviation(".".join(place), told(mine), told(other), file=MEASURES_FILE)
