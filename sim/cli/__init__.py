"""The command line: a scenario in, an answer for a reader or for a script out.

Exit codes: 0 done, 1 done and the answer is no, 2 usage or scenario, 3 refused as too large, 4 the results could not
be written, 70 a fault of the program, 129 hung up, 130 interrupted, 143 terminated.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.errors import SimError


def main(args: Sequence[str] | None = None, prog: str = "switchrisk") -> int:
    """Run a command and give back its exit code.

    Parameters
    ----------
    args
        The words after the command's name; None: those of this process.
    prog
        Name that usage lines show.
    """
    from sim.cli.process import end_of, interruptible, open_streams
    from sim.errors import SimError

    words = list(sys.argv[1:] if args is None else args)
    # Pydantic would look through all installed packages for plugins: a tenth of the time that `check` takes.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    open_streams()
    came: list[str] = []
    try:
        with interruptible() as came:
            try:
                return _answer(words, prog)
            except SimError as error:
                _tell(error, words)
                return error.exit_code
    except KeyboardInterrupt:
        word, code = end_of(came)
        _last_word(word)
        if threading.active_count() > 1:  # whoever interrupts will not wait for threads to finish their work
            os._exit(code)
        return code


def _answer(words: list[str], prog: str) -> int:
    """Run a command; all that goes wrong becomes a SimError or an interrupt.

    Raises
    ------
    SimError, KeyboardInterrupt
    """
    from sim.cli.process import shortage
    from sim.errors import InternalError, OutputError, SimError, TooLarge, UsageError

    try:
        return _invoked(words, prog)
    except SimError:
        raise
    except BrokenPipeError:  # a reader who has seen enough of a help text
        from sim.cli.terminal import silence

        silence(sys.stdout)
        return 0
    except Exception as error:
        import click

        if isinstance(error, click.Abort) and not isinstance(error.__cause__, EOFError):
            raise KeyboardInterrupt from error
        if isinstance(error, click.ClickException):
            raise UsageError(error.format_message()) from error
        short = shortage(error)
        if short is not None:
            raise TooLarge(short, help="ask for fewer --paths") from error
        if isinstance(error, OSError):
            if error.filename is None:
                from sim.cli.terminal import silence

                silence(sys.stdout)
            raise OutputError(f"{error.filename or 'output'}: {error.strerror or error}") from error
        raise InternalError(_fault(error)) from error


def _invoked(words: list[str], prog: str) -> int:
    import click

    from sim.cli.commands import group

    try:
        code = group.main(words, prog_name=prog, standalone_mode=False)
    except click.UsageError as error:
        if _as_json(words):
            raise
        with contextlib.suppress(OSError):
            error.show()
        return error.exit_code
    return code if isinstance(code, int) else 0


def _fault(error: BaseException) -> str:
    """One line on what nobody foresaw: what it was, and where."""
    frames = traceback.extract_tb((error.__cause__ or error).__traceback__)
    home = str(Path(__file__).parents[1])
    ours = [frame for frame in frames if frame.filename.startswith(home)] or frames
    where = f" ({os.path.relpath(ours[-1].filename, home)}:{ours[-1].lineno})" if ours else ""
    text = " ".join(str(error).split())[:200]
    return f"a fault of this program; please report it, with what --debug shows: {type(error).__name__}: {text}{where}"


def _before_end_of_options(words: list[str]) -> list[str]:
    return words[: words.index("--")] if "--" in words else words


def _as_json(words: list[str]) -> bool:
    return "--json" in _before_end_of_options(words)


def _tell(error: SimError, words: list[str]) -> None:
    """Say what went wrong; what stands in the way of that is passed over, for what went wrong first counts."""
    try:
        from sim.cli.terminal import Terminal
        from sim.errors import OutputError

        options = _before_end_of_options(words)
        if "--debug" in options:
            _last_word("".join(traceback.format_exception(error)))
        terminal = Terminal(json=_as_json(words), color=None if "--no-color" not in options else False)
        if terminal.json:
            with contextlib.suppress(OutputError):
                terminal.document({"format": 1, "error": error.to_dict()})
        if not terminal.json or isinstance(error, OutputError):
            with contextlib.suppress(OutputError):
                terminal.complain(str(error), has_place=bool(error.problems))
    except (MemoryError, ImportError, RuntimeError):
        _last_word(f"error: {error.summary}")


def _last_word(text: str) -> None:
    """A line on standard error, by the shortest way there is."""
    with contextlib.suppress(OSError, ValueError, MemoryError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
