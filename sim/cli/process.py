"""The process that a command runs in: its streams, its signals, and what it runs short of."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType

INTERRUPTED = 130
SIGNALS = {"SIGTERM": "terminated", "SIGHUP": "hung up"}
"""Signals that end a command as Ctrl-C does, and the word that it leaves."""

ROOM = 96 * 2**20
"""Bytes of addresses that a command needs beside its first libraries: for further ones, and the stacks of threads."""

PATIENCE = 20.0
"""Seconds that the libraries may take to load."""


def open_streams() -> None:
    """Put something in the place of each standard stream that was closed before the start.

    What is written to a closed standard output fails, as for any program; to a closed standard error, it goes to
    nowhere. Otherwise the next file to be opened would take the place, and get what was meant for a reader.
    """
    for handle, mode in ((0, os.O_WRONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(handle)
        except OSError:
            os.open(os.devnull, mode)  # the lowest handle that is free: those below are open by now
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


@contextlib.contextmanager
def interruptible() -> Iterator[list[str]]:
    """Let the signals that ask a process to end raise KeyboardInterrupt, so that nothing half done is left.

    Yields the name of the signal that came, if one did. Signals that the caller ignores or handles stay as they are.
    """
    came: list[str] = []

    def end(number: int, _: FrameType | None) -> None:
        if not came:  # another one must not interrupt the tidying up
            came.append(signal.Signals(number).name)
            raise KeyboardInterrupt

    taken = []
    if threading.current_thread() is threading.main_thread():
        for name in SIGNALS:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                signal.signal(number, end)
                taken.append(number)
    try:
        yield came
    finally:
        for number in taken:
            # Once one has come the process is about to end with its code, which another must not change.
            signal.signal(number, signal.SIG_IGN if came else signal.SIG_DFL)


def end_of(came: list[str]) -> tuple[str, int]:
    """The word and the exit code of an interrupted command."""
    if not came:
        return "interrupted", INTERRUPTED
    return SIGNALS[came[0]], 128 + int(signal.Signals[came[0]])


def shortage(error: BaseException) -> str | None:
    """What the system had no more of, where that is behind an error; None where it is something else."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        text = str(cause).lower()
        if isinstance(cause, MemoryError) or (
            isinstance(cause, ImportError | OSError)
            and any(sign in text for sign in ("failed to map segment", "cannot allocate memory"))
        ):
            return "the memory of this machine is used up"
        if isinstance(cause, RuntimeError) and "can't start new thread" in text:
            return "the system has no thread to give"
        cause = cause.__cause__ or cause.__context__
    return None


def refuse_without_room() -> None:
    """Refuse to begin where the libraries cannot be loaded, tried in a child process if the address space is limited.

    Where there is no room for its buffers, OpenBLAS ends the process by itself, with the exit code of an answer.

    Raises
    ------
    TooLarge
    """
    from sim.errors import TooLarge

    try:
        import resource  # not on Windows
    except ImportError:
        return
    if resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        return
    child = os.fork()
    if child == 0:
        code = 1
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            import numpy
            import scipy.special

            room = numpy.empty(ROOM, dtype=numpy.uint8)  # of addresses; no memory is touched
            code = int(numpy.ones((64, 64)) @ numpy.ones(64) @ numpy.ones(64) != 4096 or scipy.special.ndtr(0.0) != 0.5)
            del room
        finally:
            os._exit(code)
    if not _ends_well(child):
        raise TooLarge("the libraries do not fit into this process's address space", help="raise the limit: ulimit -v")
    # Loaded while there is room: OpenBLAS waits for ever where a thread of its own finds none.
    import scipy.special


def _ends_well(child: int) -> bool:
    """Whether a child process ends with 0, in time: a library that lacks room for its threads may wait for ever."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False
