"""Files that are written whole or not at all, and read only where reading them comes to an end."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sim.errors import OutputError, UsageError

MARK = b"switchrisk"
"""The name that this program leaves in pictures, so that it knows them for its own."""

_OWN_DESCRIPTOR = re.compile(r"/dev/(stdin|fd/[0-9]+)|/proc/(self|[0-9]+)/fd/[0-9]+")


@contextlib.contextmanager
def whole(file: str, *, replace: bool = True) -> Iterator[BinaryIO]:
    """Give an open file that takes its name when all of it is on disk; whatever was there of that name stays till then.

    Parameters
    ----------
    file
        The name.
    replace
        Whether it may take the place of another file.

    Raises
    ------
    OutputError
        Where it cannot be written; nothing is left behind. A device or a pipe is not written to: to rename a file over
        one would take it away.
    UsageError
        Where a file of that name came to be and is not to be replaced.
    """
    path = Path(file)
    if path.exists() and not path.is_file():
        raise OutputError(f"{file}: {_kind(path)}")
    # Named before it is made: whatever interrupts, and wherever, finds the name to remove.
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        with open(part, "xb") as opened:
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
        if not replace and os.path.lexists(path):
            raise UsageError(f"{file}: is there already")
        os.replace(part, path)
    except OSError as error:
        raise OutputError(f"{file}: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(part)


def read_ordinary(file: str | os.PathLike[str], most: int) -> bytes:
    """Read a file, or what this process was given open under such a name (``/dev/stdin``, a shell's ``<(…)``).

    Parameters
    ----------
    file
        The name.
    most
        Bytes to read at most.

    Raises
    ------
    OSError
        Where it cannot be read.
    ValueError
        Where no file can have that name.
    UsageError
        Where it is a pipe, a device or a socket, which may have no end, or nobody at the other.
    """
    path = os.fspath(file)
    own = _OWN_DESCRIPTOR.fullmatch(path) is not None
    if not own:
        _refuse_strange(path, os.stat(path).st_mode)
    # Without waiting: between the look and the opening a pipe may have taken the file's place.
    handle = os.open(path, os.O_RDONLY | (0 if own else getattr(os, "O_NONBLOCK", 0)) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as opened:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(21, "Is a directory")
        if not own:
            _refuse_strange(path, mode)
        return opened.read(most)


def _refuse_strange(path: str, mode: int) -> None:
    kinds = ((stat.S_ISFIFO, "pipe"), (stat.S_ISCHR, "device"), (stat.S_ISBLK, "device"), (stat.S_ISSOCK, "socket"))
    kind = next((name for is_one, name in kinds if is_one(mode)), None)
    if kind is not None:
        raise UsageError(f"{path}: is a {kind}, not a file", help="- stands for standard input")


def _kind(path: Path) -> str:
    return "is a folder" if path.is_dir() else "is a device or a pipe, which a file cannot take the place of"
