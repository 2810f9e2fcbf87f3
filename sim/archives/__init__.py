"""Results kept: a folder that is written whole or not at all, says what it holds, and gives the result back.

The manifest has the SHA-256 of each file and is written last. What is opened is looked through before it is believed,
and none of it is executed.
"""

from __future__ import annotations

import os
from pathlib import Path

from sim.archives import folders, manifest
from sim.archives.contents import save
from sim.archives.ensembles import open_doubt, open_draws, save_doubt
from sim.archives.ensembles import open_folder as open
from sim.archives.findings import Deviation
from sim.archives.manifest import Damage, Manifest
from sim.archives.replay import Replay, replay
from sim.archives.unchecked import NOT_CHECKED, Unchecked

__all__ = [
    "NOT_CHECKED",
    "Damage",
    "Deviation",
    "Manifest",
    "Replay",
    "Unchecked",
    "check",
    "check_place",
    "files_of",
    "holds_results",
    "open",
    "open_doubt",
    "open_draws",
    "replay",
    "save",
    "save_doubt",
]


def check(folder: str | os.PathLike[str]) -> tuple[Damage, ...]:
    """List the files of a folder of results that are missing or not as they were written; empty where all are.

    Raises
    ------
    UsageError
        Where there is no folder, or its manifest is missing, damaged or of a later version.
    """
    return manifest.damages(folder, manifest.read_manifest(folder))


def files_of(folder: str | os.PathLike[str]) -> tuple[str, ...]:
    """Names of the files that a folder of results has, its manifest among them.

    Raises
    ------
    UsageError
        As for :func:`check`.
    """
    return (*manifest.read_manifest(folder).files, manifest.NAME)


def check_place(folder: str | os.PathLike[str]) -> None:
    """See that results can be saved to a folder, before long work is begun.

    Raises
    ------
    OutputError
        Where they cannot: no folder to put it in, or something in it that is not results of ours.
    """
    folders.check_place(folder, manifest.is_replaceable)


def holds_results(folder: str | os.PathLike[str]) -> bool:
    """Whether there is a folder with a manifest in it, whatever that says."""
    try:
        return (Path(folder) / manifest.NAME).is_file()
    except (OSError, ValueError):
        return False
