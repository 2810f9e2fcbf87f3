"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sim.errors import OutputError, UsageError


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
        if not replace and os.path.lexists(path):
            raise UsageError(f"{file}: is there already")
        os.replace(name, path)
    except OSError as error:
        raise OutputError(f"{file}: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(name)


def _kind(path: Path) -> str:
    return "is a folder" if path.is_dir() else "is a device or a pipe, which a file cannot take the place of"


def _umask() -> int:
    """The process's mask of permissions, which can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
