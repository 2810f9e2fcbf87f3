"""What ``verify`` of a folder cannot check, and why: the one list that readers are told and that a test holds it to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True, slots=True)
class Unchecked:
    """Something in a folder of results that nothing else in it tells.

    Attributes
    ----------
    what, why
        In words.
    places
        Where it stands: ``file: dotted.key``, as patterns of a shell.
    """

    what: str
    why: str
    places: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data."""
        return {"what": self.what, "why": self.why}


NOT_CHECKED = (
    Unchecked(
        "whether the scenario is the one that was meant",
        "all is derived from scenario.yaml as it is kept; of another one, run anew, all would follow as well",
    ),
    Unchecked(
        "where the scenario came from (its files, their SHA-256, overrides)",
        "the folder holds what came of them",
        (
            "manifest.json: scenario.file",
            "manifest.json: scenario.sources*",
            "manifest.json: scenario.overrides*",
            "measures.json: scenario.file",
            "doubt.json: scenario.file",
            "doubt.json: left_out.*.file",
            "doubt.json: left_out.*.line",
            "doubt.json: left_out.*.column",
        ),
    ),
    Unchecked(
        "what the cited facts say",
        "their sources are not in the folder",
        ("seeds/facts.yaml: facts.*.*",),
    ),
    Unchecked(
        "how long the run took, and on what machine",
        "another run takes another time",
        (
            *("manifest.json: run.seconds", "measures.json: run.seconds", "manifest.json: machine.*"),
            *("manifest.json: doubt.seconds", "doubt.json: run.seconds"),
        ),
    ),
    Unchecked(
        "the versions that made it",
        "the numbers are the same with others",
        (
            "manifest.json: versions.*",
            "manifest.json: sample_picture",
            "measures.json: run.version",
            "doubt.json: run.version",
        ),
    ),
    Unchecked(
        "which engine ran, where both find the same digits",
        "each confirms the other",
        ("manifest.json: run.engine", "measures.json: run.engine"),
    ),
    Unchecked(
        "whether there were pictures or Parquet tables that are gone now",
        "a run may be kept without them",
    ),
)
"""What no folder can prove. Where it stands twice, both must say the same, which is checked."""


def is_unchecked(place: str, among: Iterable[Unchecked] = NOT_CHECKED) -> bool:
    """Whether a place, ``file: dotted.key``, is one of those."""
    return any(fnmatchcase(place, pattern) for one in among for pattern in one.places)
