"""Files that a command writes: where they can be, and whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.errors import OutputError
from sim.files import whole

if TYPE_CHECKING:
    import pandas as pd

    from sim.cli.terminal import Terminal

__all__ = ["check_outputs", "check_place", "check_places", "whole", "write_picture", "write_table"]

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


def check_outputs(terminal: Terminal, files: Mapping[str, str | None], *sources: str) -> None:
    """See that a command's tables and pictures can be written, before long work is begun.

    Parameters
    ----------
    files
        Names by option, ``--csv`` and ``--plot`` among them; as for :func:`check_places`.

    Raises
    ------
    OutputError, UsageError, click.UsageError
        As for :func:`check_places`; where a picture's name has no format, or two outputs are for standard output.
    """
    if files.get("--csv") == STANDARD_OUTPUT and terminal.json:
        raise click.UsageError("--csv - and --json: both are for standard output; choose one of the two")
    plot = files.get("--plot")
    if plot is not None:
        from sim.plots import format_of

        format_of(plot)
    check_places(files, *sources)


def write_table(terminal: Terminal, frame: pd.DataFrame, csv: str) -> None:
    """Write a table as CSV to a file, or to standard output for ``-``."""
    from sim.words.csv import csv_of_frame

    data = csv_of_frame(frame)
    if csv == STANDARD_OUTPUT:
        terminal.say(data.decode().rstrip("\n"))
        return
    with whole(csv) as file:
        file.write(data)


def write_picture(drawn: Any, plot: str) -> None:
    """Write a picture as its file's name says."""
    from sim.plots import format_of, save

    with whole(plot) as file:
        save(drawn, file, format_of(plot))
