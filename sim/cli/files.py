"""Files that a command writes: whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sim.errors import OutputError


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


@contextlib.contextmanager
def whole(file: str) -> Iterator[BinaryIO]:
    """Give an open file that takes its name when all of it is on disk; whatever was there of that name stays till then.

    Raises
    ------
    OutputError
        Where it cannot be written; nothing is left behind.
    """
    path = Path(file)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise OutputError(f"{file}: {error.strerror or error}") from None
    try:
        with os.fdopen(handle, "wb") as part:
            yield part
            part.flush()
            os.fsync(part.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except OSError as error:
        raise OutputError(f"{file}: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)


def _umask() -> int:
    """The process's mask of permissions, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
