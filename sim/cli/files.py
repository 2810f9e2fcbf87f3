"""Files that a command writes: where they can be, and whole or not at all."""

from __future__ import annotations

from pathlib import Path

from sim.errors import OutputError
from sim.files import whole

__all__ = ["check_place", "whole"]


def check_place(file: str) -> None:
    """See that a file can be written where it is to be, before long work is begun.

    Raises
    ------
    OutputError
        Where its folder is missing, or there is a folder of its name.
    """
    path = Path(file)
    if not path.parent.is_dir():
        raise OutputError(f"{file}: there is no folder {path.parent}")
    if path.is_dir():
        raise OutputError(f"{file}: is a folder")
