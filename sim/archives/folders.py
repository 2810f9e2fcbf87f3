"""A folder of results appears whole or not at all, whatever happens on the way to it.

All files are written into a hidden folder beside the one that is asked for, each synced to disk; only then it takes its
name. What stood there of that name is moved aside first and removed last, and only if it was results of ours.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from sim.errors import OutputError, UsageError, inert

JUNK = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))
"""Files that a system's file browser leaves in any folder."""

_OURS = re.compile(
    r"manifest\.json|measures\.json|doubt\.json|scenario\.yaml|README\.txt|[a-z_]+\.(csv|npz|parquet)|"
    r"plots/[a-z0-9_-]+\.(svg|png)|seeds/facts\.yaml"
)

Owner = Callable[[Path], None]
"""Raises UsageError where a folder is not, or not only, what may be replaced."""


class Draft:
    """A folder that is being written; ``files`` has size and SHA-256 of each file so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, dict[str, int | str]] = {}

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole and to disk; ``name`` may have one folder before it."""
        path = self.folder / name
        if path.parent != self.folder and not path.parent.exists():
            path.parent.mkdir()
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self.files[name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def names_below(folder: Path) -> Iterator[str]:
    """Names of all that is in a folder and the folders in it, ``/`` between them; links are named, never followed."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            below = list(names_below(Path(entry.path)))
            yield from (f"{entry.name}/{name}" for name in below)
            if not below:
                yield f"{entry.name}/"
        elif entry.name not in JUNK:
            yield entry.name


def check_place(folder: str | os.PathLike[str], owner: Owner) -> Path:
    """See that results can be written to a folder, before long work is begun.

    Parameters
    ----------
    folder
        It may be missing, empty, or hold what ``owner`` lets be replaced.
    owner
        Looks at a folder that is not empty.

    Returns
    -------
    Path
        The folder, absolute.

    Raises
    ------
    OutputError
        Where they can't.
    """
    shown = os.fspath(folder)
    try:
        path = Path(os.path.abspath(shown))
        here = Path.cwd()
        if not shown or path == here or path in here.parents:
            raise OutputError(f"{shown or 'a folder without a name'}: cannot be replaced from within",
                              help="name a folder for the results alone")  # fmt: skip
        if path.is_symlink():
            raise OutputError(f"{shown}: is a link", help="name the folder that it leads to")
        if not path.parent.is_dir():
            raise OutputError(f"{shown}: there is no folder {path.parent}")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise OutputError(f"{shown}: {path.parent} cannot be written to")
        if os.path.lexists(path):
            if not path.is_dir():
                raise OutputError(f"{shown}: is a file")
            if any(path.iterdir()):
                owner(path)
        else:
            path.lstat()
    except FileNotFoundError:
        return path
    except ValueError:
        raise OutputError(f"{inert(shown, 80)}: not a name that a folder can have") from None
    except OSError as error:
        raise OutputError(f"{inert(shown, 200)}: {error.strerror or error}") from None
    except UsageError as error:
        raise OutputError(f"{shown}: is not empty and is not replaced: {error.summary}",
                          help="name another folder, or remove what is in this one") from None  # fmt: skip
    return path


@contextlib.contextmanager
def whole_folder(folder: str | os.PathLike[str], owner: Owner) -> Iterator[Draft]:
    """Give a draft that takes the folder's name when all of it is on disk.

    Parameters
    ----------
    folder, owner
        As for :func:`check_place`.

    Raises
    ------
    OutputError
        Where it cannot be written; nothing is left behind, and what was there stays.
    """
    path = check_place(folder, owner)
    try:
        part = _beside(path, "part")
        try:
            part.mkdir()
            with _held(part):
                draft = Draft(part)
                yield draft
                for name in {os.path.dirname(name) for name in draft.files}:
                    _sync(part / name)
                _take_place(part, path, owner)
        finally:
            if part.exists():
                shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise OutputError(f"{os.fspath(folder)}: {error.strerror or error}") from None
    _clear(path)


def _take_place(part: Path, path: Path, owner: Owner) -> None:
    """Give a finished folder its name; what has it now is moved aside, then removed."""
    check_place(path, owner)
    if not path.exists():
        os.rename(part, path)
        _sync(path.parent)
        return
    aside = _beside(path, "old")
    with _held(path):
        os.rename(path, aside)
        try:
            os.rename(part, path)
        except BaseException:
            os.rename(aside, path)
            raise
        _sync(path.parent)
        shutil.rmtree(aside, ignore_errors=True)


def set_aside(path: Path) -> list[Path]:
    """Folders that a killed process left beside ``path``: results on their way in, or on their way out."""
    pattern = re.compile(rf"\.{re.escape(path.name[:100])}\.[0-9a-f]{{8}}\.(part|old)")
    try:
        return [
            Path(entry.path)
            for entry in os.scandir(path.parent)
            if pattern.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
        ]
    except OSError:
        return []


def _clear(path: Path) -> None:
    """Remove what killed processes left beside a folder, if it is ours and nobody is at work on it."""
    for left in set_aside(path):
        with contextlib.suppress(OSError), _held(left) as mine:
            if mine and all(_OURS.fullmatch(name) or name.endswith("/") for name in names_below(left)):
                shutil.rmtree(left, ignore_errors=True)


def _beside(path: Path, kind: str) -> Path:
    return path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.{kind}")


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder's lock, which ends with the process; False where another has it or the system knows none."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield False
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = True
        except OSError:
            mine = False
        yield mine
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    """Have a folder's list of names on disk, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
