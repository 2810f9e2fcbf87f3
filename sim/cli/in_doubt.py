"""What commands say of numbers in doubt that they take as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.cli.terminal import Terminal, one_line

if TYPE_CHECKING:
    from sim.scenario.parts import Scenario

_BRIEFLY = 3


def held(terminal: Terminal, scenarios: Sequence[Scenario], varied: Sequence[str] = ()) -> list[str]:
    """How many numbers are in doubt, and that they are not here; nothing where none is, or where few words are wanted.

    Parameters
    ----------
    scenarios
        What the answer is about; of several the one with most in doubt speaks.
    varied
        Dotted paths that the answer varies itself.
    """
    found = [scenario.doubt for scenario in scenarios if scenario.doubt is not None]
    if terminal.quiet or not found:
        return []
    doubt = max(found, key=lambda one: len(one.numbers))
    count, lines = len(doubt.numbers), []
    if count:
        are, they = ("number is", "it stands") if count == 1 else ("numbers are", "they stand")
        text = f"{count} {are} in doubt, and taken here as {they}; `switchrisk doubt` tells what that does."
        lines += terminal.wrap(text)
    own = [one.path for path in varied if (one := doubt.of(path)) is not None]
    if own:
        lines += terminal.wrap(one_line(f"{_few(own)}: varied here, whatever is in doubt."))
    gone = [one for one in doubt.dropped if one.why.startswith("set")]
    if gone:
        be = "is" if len(gone) == 1 else "are"
        lines += terminal.wrap(one_line(f"{_few([one.path for one in gone])}: {be} set, and so in doubt no longer."))
    return ["", *map(terminal.dim, lines)] if lines else []


def _few(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _BRIEFLY} more" if len(paths) > _BRIEFLY else ""
    return f"{', '.join(paths[:_BRIEFLY])}{more}"
