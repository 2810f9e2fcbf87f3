"""Files that a command writes: where they can be, and whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import click

from sim.errors import OutputError
from sim.files import whole

__all__ = ["check_place", "check_places", "whole"]

STANDARD_OUTPUT = "-"


def check_place(file: str) -> None:
    """See that a file can be written where it is to be, before long work is begun.

    Raises
    ------
    OutputError
        Where its folder is missing, or there is something of its name that is no file.
    """
    path = Path(file)
    if not path.parent.is_dir():
        raise OutputError(f"{file}: there is no folder {path.parent}")
    if path.is_dir():
        raise OutputError(f"{file}: is a folder")
    if path.exists() and not path.is_file():
        raise OutputError(f"{file}: is a device or a pipe", help="name a file")


def check_places(files: Mapping[str, str | None], *sources: str) -> None:
    """See that all files that a command is to write can be, and that none is lost by it.

    Parameters
    ----------
    files
        Names by option; None where the option was not given, ``-`` for standard output.
    sources
        The scenarios of the command line, as they were named.

    Raises
    ------
    OutputError
        As for :func:`check_place`.
    click.UsageError
        Where two options name one file, or an option names a scenario's.
    """
    seen: dict[str, str] = {}
    for option, file in files.items():
        if file is None or file == STANDARD_OUTPUT:
            continue
        check_place(file)
        other = seen.setdefault(os.path.realpath(file), option)
        if other != option:
            raise click.UsageError(f"{other} and {option}: both name {file}")
        for source in sources:
            with contextlib.suppress(OSError, ValueError):
                if os.path.samefile(file, source):
                    raise click.UsageError(f"{option}: {file} is the scenario itself")
