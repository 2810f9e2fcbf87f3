"""A region of the numbers in doubt, as readers are told it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.words.driven import per_cent


def headline(found: Any) -> str:
    """Where a condition holds, in a sentence or two, the last without its full stop."""
    share, asked = per_cent(found.share.value), found.condition.text
    if found.region is None:
        return f"{asked} holds in {share} of draws; where can’t be told: {found.why}"
    shares, held = found.region.shares, found.region.held_out
    what = "does not hold" if found.outside else "holds"
    head = f"{asked} holds in {share} of draws. Where it {what}: {found.box_in_words()}"
    density = "none" if held.density is None else per_cent(held.density.value)
    return (
        f"{head}. Of the draws there {per_cent(shares.density.value)} are such ({density} of draws held out), and they "
        f"are {per_cent(shares.coverage.value)} of all such draws ({per_cent(held.coverage.value)} held out)"
    )


def box_in_words(sides: Sequence[str]) -> str:
    """A box in words."""
    return sides[0] if len(sides) == 1 else f"{'; '.join(sides[:-1])}; and {sides[-1]}"


def side_in_words(name: str, side: Mapping[str, Any]) -> str:
    """One side of a box: what it is a side of, and which values lie there."""
    if "values" in side:
        return f"{name}: {' or '.join(map(_said, side['values']))}"
    low, high = side["low"], side["high"]
    month = isinstance(low if low is not None else high, str)
    if low is not None and high is not None:
        return f"{name}: {_said(low)}" if low == high else f"{name}: {_said(low)} to {_said(high)}"
    if low is not None:
        return f"{name}: {_said(low)} or {'later' if month else 'more'}"
    return f"{name}: {_said(high)} or {'earlier' if month else 'less'}"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return f"{value:,.6g}".replace("-", "−")


def shares_in_cells(shares: Any, held_out: Any) -> list[list[str]]:
    """Density, coverage and mass with their errors, on the draws that made a region and held out."""
    from sim.words.driven import share_with_error

    rows = []
    for name in ("density", "coverage", "mass"):
        cells = [share_with_error(getattr(one, name)) for one in (shares, held_out)]
        rows += [[name, *(value for value, _ in cells)], ["", *(error for _, error in cells)]]
    return rows
