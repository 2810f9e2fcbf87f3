"""The command line: a scenario in, an answer for a reader or for a script out.

Exit codes: 0 done, 1 done and the answer is no, 2 usage or scenario, 3 refused as too large, 4 the results could not
be written, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Any

import click

INTERRUPTED = 130


def main(args: Sequence[str] | None = None, prog: str = "switchrisk") -> int:
    """Run a command and give back its exit code.

    Parameters
    ----------
    args
        The words after the command's name; None: those of this process.
    prog
        Name that usage lines show.
    """
    from sim.cli.commands import group
    from sim.cli.terminal import silence
    from sim.errors import OutputError, SimError, TooLarge, UsageError

    words = list(sys.argv[1:] if args is None else args)
    # Pydantic would look through all installed packages for plugins: a tenth of the time that `check` takes.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            code: Any = group.main(words, prog_name=prog, standalone_mode=False)
        except click.UsageError as error:
            if not _as_json(words):
                error.show()
                return error.exit_code
            raise UsageError(error.format_message()) from error
        except MemoryError:
            raise TooLarge("the memory of this machine is used up", help="ask for fewer --paths") from None
        except BrokenPipeError:  # a reader who has seen enough of a help text
            silence(sys.stdout)
            return 0
        except OSError as error:
            raise OutputError(f"{error.filename or 'output'}: {error.strerror or error}") from error
        return code if isinstance(code, int) else 0
    except SimError as error:
        with contextlib.suppress(OutputError):  # what went wrong first counts
            _tell(error, words)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted", err=True)
        if threading.active_count() > 1:  # whoever interrupts will not wait for threads to finish their work
            os._exit(INTERRUPTED)
        return INTERRUPTED


def _before_end_of_options(words: list[str]) -> list[str]:
    return words[: words.index("--")] if "--" in words else words


def _as_json(words: list[str]) -> bool:
    return "--json" in _before_end_of_options(words)


def _tell(error: Any, words: list[str]) -> None:
    from sim.cli.terminal import Terminal
    from sim.errors import OutputError

    options = _before_end_of_options(words)
    if "--debug" in options:
        click.echo("".join(traceback.format_exception(error)), err=True)
    terminal = Terminal(json=_as_json(words), color=None if "--no-color" not in options else False)
    if terminal.json:
        terminal.document({"format": 1, "error": error.to_dict()})
    if not terminal.json or isinstance(error, OutputError):
        terminal.complain(str(error), has_place=bool(error.problems))
