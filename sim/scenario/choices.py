"""What can be done: alternatives that a scenario names, each with what it changes and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.scenario.doubts import LeftOut


@dataclass(frozen=True)
class Alternative:
    """One of the choices of a scenario.

    Attributes
    ----------
    id, name
        Its id, and what readers call it.
    set
        What it changes, by dotted path, as plain data; None where something is removed.
    cost
        Present value of what it costs, in the scenario's unit of money; below 0 it brings money in.
    dropped
        Numbers in doubt that are not under it, since it sets them.
    file, line, column
        Where it stands.
    """

    id: str
    name: str
    set: Mapping[str, Any] = field(default_factory=dict)
    cost: float = 0.0
    dropped: tuple[LeftOut, ...] = ()
    file: str = field(default="", compare=False)
    line: int | None = field(default=None, compare=False)
    column: int | None = field(default=None, compare=False)
