"""What is valid in a scenario and probably not meant, as commands show it beside their answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.cli.terminal import Terminal, one_line

if TYPE_CHECKING:
    from sim.errors import Doubt

SHOWN = 20  # in full; the rest is counted
_BRIEFLY = 3


def in_full(terminal: Terminal, doubts: Sequence[Doubt]) -> list[str]:
    """Each doubt with its place, what it says and what to do; nothing where there are none."""
    if not doubts:
        return []
    count = len(doubts)
    title = f"{count} doubt{'s' if count > 1 else ''}: valid, but probably not what is meant"
    lines = [terminal.title(line) for line in terminal.wrap(title)]
    shown = count if count == SHOWN + 1 else SHOWN
    for doubt in doubts[:shown]:
        lines += terminal.wrap(one_line(f"{doubt.place}: {doubt.said}"), "  ", "    ")
        lines += terminal.wrap(one_line(f"help: {doubt.help}"), "    ")
    return [*lines, f"  and {count - shown} more"] if count > shown else lines


def briefly(terminal: Terminal, doubts: Sequence[Doubt]) -> list[str]:
    """The first doubts in one sentence; nothing where there are none."""
    if not doubts:
        return []
    few = 1 if terminal.quiet else _BRIEFLY
    shown = len(doubts) if len(doubts) == few + 1 else few
    said = "; ".join(one_line(f"{doubt.said} ({doubt.place})") for doubt in doubts[:shown])
    more = f"; and {len(doubts) - shown} more, which `switchrisk check` tells" if len(doubts) > shown else ""
    return terminal.wrap(f"doubtful: {said}{more}.")


def beside(document: dict[str, Any], doubts: Sequence[Doubt]) -> dict[str, Any]:
    """A document with the doubts beside its scenario; as it is where there are none."""
    if not doubts:
        return document
    told = {"doubts": [doubt.to_dict() for doubt in doubts]}
    with_doubts: dict[str, Any] = {}
    for key, value in document.items():
        with_doubts |= {key: value, **(told if key == "scenario" else {})}
    return with_doubts
