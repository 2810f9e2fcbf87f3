"""Files that a command writes: declared before any work, held against what it reads, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.errors import MissingGlyphs, OutputError, inert
from sim.files import MARK, whole

if TYPE_CHECKING:
    import pandas as pd

    from sim.cli.terminal import Terminal
    from sim.scenario.parts import Scenario

__all__ = [
    "Output",
    "arrays",
    "boxes_told",
    "check_folder",
    "check_outputs",
    "parquet_table",
    "picture",
    "report_page",
    "table",
    "whole",
    "write_picture",
    "write_table",
]

STANDARD_OUTPUT = "-"

_HEAD, _TAIL = 4096, 65_536  # bytes of a file that are looked at


@dataclass(frozen=True, slots=True)
class Output:
    """A file that an option names; None where the option was not given, ``-`` for standard output.

    ``what`` it is called where another file stands in its place, ``is_ours`` tells such a file from one of its kind.
    """

    option: str
    file: str | None
    what: str
    is_ours: Callable[[Path], bool]


def table(option: str, file: str | None) -> Output:
    """A table as CSV."""
    return Output(option, file, "table", _is_table)


def parquet_table(option: str, file: str | None) -> Output:
    """A table as Parquet."""
    return Output(option, file, "table", _is_parquet)


def arrays(option: str, file: str | None) -> Output:
    """Cells as NumPy arrays."""
    return Output(option, file, "file of arrays", _is_arrays)


def picture(option: str, file: str | None) -> Output:
    """A picture as SVG or PNG."""
    return Output(option, file, "picture", lambda path: MARK in _part(path, first=True))


def report_page(option: str, file: str | None) -> Output:
    """A report as one HTML file."""
    from sim.report.page import MARK as GENERATOR

    return Output(option, file, "report", lambda path: GENERATOR.encode() in _part(path, first=True))


def check_outputs(
    terminal: Terminal, outputs: Sequence[Output], scenarios: Sequence[Scenario], *, force: bool = False
) -> None:
    """See that all files that a command is to write can be, and that none is lost by it, before long work is begun.

    Parameters
    ----------
    outputs
        All of them.
    scenarios
        Those that the command has loaded.
    force
        Whether a file of the user's may be replaced; one that the command reads may not even so.

    Raises
    ------
    OutputError
        Where a file's folder is missing or holds results, or there is something of its name that is no file.
    click.UsageError
        Where two options name one file, an option names a file that the command reads, or one that this program has
        not written.
    UsageError
        Where a picture's name has no format.
    """
    files = [one for one in outputs if one.file is not None and one.file != STANDARD_OUTPUT]
    if terminal.json and len(files) < sum(one.file is not None for one in outputs):
        option = next(one.option for one in outputs if one.file == STANDARD_OUTPUT)
        raise click.UsageError(f"{option} - and --json: both are for standard output; choose one of the two")
    for one in files:
        if one.what == "picture":
            from sim.plots import format_of

            format_of(str(one.file))
        _check_place(str(one.file))
    for k, one in enumerate(files):
        for other in files[:k]:
            if _are_same(str(other.file), str(one.file)):
                raise click.UsageError(f"{other.option} and {one.option}: both name {one.file}")
    read = list(_read(scenarios))
    for one in files:
        _check_read(one.option, str(one.file), read)
        _check_results(str(one.file))
        if not force and _is_foreign(one):
            raise click.UsageError(
                f"{one.option} {one.file}: there is a file of that name that is no {one.what}; --force replaces it"
            )


def check_folder(option: str, folder: str, scenarios: Sequence[Scenario]) -> None:
    """See that a folder of results can be written, and that nothing that the command reads is lost with it.

    Raises
    ------
    OutputError
        Where it cannot be written, or holds what is no results.
    click.UsageError
        Where it holds a file that the command reads.
    """
    from sim.archives import check_place

    check_place(folder)
    inside = os.path.realpath(folder)
    for file, _, what in _read(scenarios):
        if inside in map(str, Path(os.path.realpath(file)).parents):
            raise click.UsageError(f"{option}: {folder} holds {what}")


def write_table(terminal: Terminal, frame: pd.DataFrame, csv: str) -> None:
    """Write a table as CSV to a file, or to standard output for ``-``."""
    from sim.words.csv import csv_of_frame, marked

    data = csv_of_frame(frame)
    if csv == STANDARD_OUTPUT:
        terminal.say(data.decode().rstrip("\n"))
        return
    with whole(csv) as file:
        file.write(marked(data))


def write_picture(terminal: Terminal, drawn: Any, plot: str) -> None:
    """Write a picture as its file's name says."""
    from sim.plots import format_of, save

    with boxes_told(terminal), whole(plot) as file:
        save(drawn, file, format_of(plot))


@contextlib.contextmanager
def boxes_told(terminal: Terminal) -> Iterator[None]:
    """Tell of letters that pictures have as boxes in a note, once for all pictures that are written within."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", MissingGlyphs)
        yield
    told = [str(one.message) for one in caught if issubclass(one.category, MissingGlyphs)]
    for words in dict.fromkeys(told):
        terminal.note(*terminal.wrap(f"note: {words}"))
    for one in caught:
        if not issubclass(one.category, MissingGlyphs):
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)


def _check_place(file: str) -> None:
    """Refuse what cannot be a file's name and place."""
    path = Path(file)
    try:
        if not path.parent.is_dir():
            raise OutputError(f"{file}: there is no folder {path.parent}")
        if path.is_dir():
            raise OutputError(f"{file}: is a folder")
        if path.exists() and not path.is_file():
            raise OutputError(f"{file}: is a device or a pipe", help="name a file")
    except (OSError, ValueError):  # too long, or with a character that no name has
        raise OutputError(f"{inert(file, 80)}: not a name that a file can have") from None


def _read(scenarios: Sequence[Scenario]) -> Iterator[tuple[str, os.stat_result, str]]:
    """Files that scenarios come from, and those of facts beside them: name, identity, what each is to the user."""
    from sim.language.document import Document
    from sim.language.evidence import fact_files

    for scenario in scenarios:
        document = scenario.source
        if not isinstance(document, Document):
            continue
        own = "the scenario itself"
        found = [(file, "a file that the scenario extends" if k else own) for k, file in enumerate(document.files)]
        if not document.files:  # of standard input, which may be a file all the same
            with contextlib.suppress(OSError):
                status = os.fstat(0)
                if stat.S_ISREG(status.st_mode):
                    yield "", status, own
        found += [(file, "a file of facts that the scenario may cite") for file in fact_files(document.folder)]
        for file, what in found:
            with contextlib.suppress(OSError, ValueError):
                yield str(file), os.stat(file), what


def _check_read(option: str, file: str, read: Sequence[tuple[str, os.stat_result, str]]) -> None:
    with contextlib.suppress(OSError, ValueError):
        status = os.stat(file)
        for _, other, what in read:
            if os.path.samestat(status, other):
                raise click.UsageError(f"{option}: {file} is {what}")


def _check_results(file: str) -> None:
    """Refuse to put a file among results that were kept, which are what was written or nothing."""
    above = Path(os.path.abspath(file)).parent
    for folder in (above, above.parent):
        if (folder / "manifest.json").is_file():
            from sim.archives import holds_results

            if holds_results(folder) and (folder == above or above.name in ("plots", "seeds")):
                raise OutputError(
                    f"{os.path.dirname(file) or '.'}: holds the results of a run, which would no longer be as they "
                    "were written",
                    help="name another folder",
                )


def _are_same(a: str, b: str) -> bool:
    if os.path.realpath(a) == os.path.realpath(b):
        return True
    try:
        return os.path.samefile(a, b)
    except OSError:
        return False


def _is_foreign(output: Output) -> bool:
    """Whether a file stands there that this program has not written; nothing is lost with an empty one."""
    path = Path(str(output.file))
    try:
        return path.stat().st_size > 0 and not output.is_ours(path)
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return os.path.lexists(path)


def _part(path: Path, *, first: bool) -> bytes:
    """The beginning of a file, or its end."""
    with path.open("rb") as file:
        if not first:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
        return file.read(_HEAD if first else _TAIL)


_HEADS = (
    ("event", "name", "measure", "level"),
    ("rank", "path", "assumption", "base"),
    ("measure", "level", "of", "quantile"),
    ("path", "caption", "index", "value"),
    ("of", "share", "value", "low"),
)
"""With which the tables of answers begin that are not about measures alone."""


def _is_table(path: Path) -> bool:
    """Whether a file begins with the names of the columns that all tables of answers have."""
    names = _part(path, first=True).split(b"\n")[0].decode("utf-8-sig", "replace").split(",")
    swept = {"expected_loss", "expected_revenue", "probability_of_loss"} <= {*names}
    return swept or tuple(names[:4]) in _HEADS


def _is_parquet(path: Path) -> bool:
    end = _part(path, first=False)
    return end.endswith(b"PAR1") and b"expected_loss" in end and b"expected_revenue" in end


def _is_arrays(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return {"about.npy", "expected_loss.npy"} <= {*archive.namelist()}
    except zipfile.BadZipFile:
        return False
