"""``--axis path=0,0.5,1`` and ``--axis path=0:1:21``: the axes of a sweep on a command line."""

from __future__ import annotations

from typing import Any

import click

_EXAMPLE = "for example events.exit.probability=0,0.5,1 or events.exit.probability=0:1:21"


def axes_of(texts: tuple[str, ...]) -> dict[str, Any]:
    """Read axes as the scenario's ``sweep`` has them: lists of values, or ``{from, to, count}``, by path.

    Raises
    ------
    click.UsageError
        Where one is not of either form, or a path stands twice.
    """
    axes: dict[str, Any] = {}
    for text in texts:
        path, sign, values = (part.strip() for part in text.partition("="))
        if not path or not sign or not values:
            raise click.UsageError(f"--axis: found {text!r}, which is no path=values; {_EXAMPLE}")
        if path in axes:
            raise click.UsageError(f"--axis: {path} stands twice")
        if ":" in values:
            ends = [value.strip() for value in values.split(":")]
            if len(ends) != 3 or not ends[2].isascii() or not ends[2].isdecimal():
                raise click.UsageError(f"--axis: found {text!r}, allowed is path=from:to:count; {_EXAMPLE}")
            axes[path] = {"from": value_of(ends[0]), "to": value_of(ends[1]), "count": int(ends[2])}
        else:
            axes[path] = [value_of(value.strip()) for value in values.split(",")]
    return axes


def value_of(text: str) -> int | float | str:
    """A number where a text is one, else the text: a month."""
    for kind in (int, float):
        try:
            return kind(text) if "_" not in text else text
        except ValueError:
            continue
    return text


def share_of(text: str) -> float:
    """A part of a value: ``0.5%`` or ``0.005``.

    Raises
    ------
    click.UsageError
        Where it is neither.
    """
    number, percent = (text.strip()[:-1], 100.0) if text.strip().endswith("%") else (text, 1.0)
    try:
        share = float(number) / percent
    except ValueError:
        share = 0.0
    if not 0 < share < 1:
        raise click.UsageError(f"--precision: found {text!r}, allowed is a part of the value: 0.5% or 0.005")
    return share
