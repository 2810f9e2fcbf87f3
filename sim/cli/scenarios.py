"""The scenario that a command line names: a file, a bundled scenario, or standard input; with its overrides."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sim.cli.options import FROM_STANDARD_INPUT

if TYPE_CHECKING:
    from sim.scenario.parts import Scenario

STANDARD_INPUT = "<stdin>"


def scenario_of(source: str, overrides: tuple[str, ...] = (), *, own_axes: bool = True) -> Scenario:
    """Load the scenario that a command line names.

    Parameters
    ----------
    source
        A file, the name of a bundled scenario, or ``-`` for standard input.
    overrides
        Texts ``path=value``, the value in YAML.
    own_axes
        Whether it keeps its own ``sweep``.

    Raises
    ------
    SimError
        Where there is none, or it is refused.
    """
    from sim.errors import UsageError
    from sim.language.load import load, load_text
    from sim.language.reader import MAX_BYTES, decode

    if source == FROM_STANDARD_INPUT:
        try:
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        except OSError as error:
            raise UsageError(f"standard input: cannot be read: {error.strerror or error}") from None
        text = decode(data, STANDARD_INPUT)
        return load_text(text, STANDARD_INPUT, set=overrides, own_axes=own_axes)
    return load(source, set=overrides, own_axes=own_axes)
