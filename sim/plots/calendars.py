"""Months along the lower side of a picture: round dates as ticks, renewals of contracts, the borders of the window."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, get_args

import numpy as np

from sim.plots.style import cells, figure_of, write
from sim.plots.wording import window
from sim.scenario.terms import Turn, turns_of
from sim.words.labels import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.scenario.parts import Scenario

STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240)
"""Months between ticks; each divides the next but for 24 and 60, and all from 12 on fall on Januaries."""

MONTH_INCHES, YEAR_INCHES = 0.78, 0.5
"""Room that a tick's label takes."""

QUIET = "#555555"
MOST_NAMED = 3
"""Customers whose renewals are marked, each by name."""

MOST_WIDE = 30
"""Marks that may be thick."""

LOW, ROW = 0.045, 10.5
"""Height of a mark as a part of the axes', and of a row of names above the marks in points."""

NAME_LENGTH = 22


def month_axis(ax: Axes, scenario: Scenario, *, labels: bool = True) -> None:
    """Let months, counted from the scenario's first, lie along the lower side: round dates get a tick.

    Parameters
    ----------
    labels
        Whether the ticks are named; else another panel below names them.
    """
    last = scenario.months - 1
    ax.set_xlim(-0.5, last + 0.5)
    places, yearly = ticks(scenario, width_of(ax))
    names = [scenario.month_label(month)[: 4 if yearly else 7] for month in places]
    ax.set_xticks(places, names, parse_math=False)
    ax.minorticks_off()
    ax.tick_params(labelbottom=labels)
    if labels:
        write(ax.xaxis.label, "Year, its tick at January" if yearly else "Month")


def ticks(scenario: Scenario, inches: float) -> tuple[list[int], bool]:
    """Months that get a tick on so many inches, and whether all are Januaries, to be called by their year."""
    found: list[int] = []
    for step in STEPS:
        found = [month for month in range(scenario.months) if (scenario.start + month) % step == 0]
        if len(found) <= max(2, inches / (YEAR_INCHES if step >= 12 else MONTH_INCHES)):
            return found, step >= 12
    return found, True


def width_of(ax: Axes) -> float:
    """Inches that axes take before texts beside them claim some."""
    return float(ax.get_window_extent().width / figure_of(ax).dpi)


def across(values: np.ndarray, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Where values by month stand and the values; a single month's reach over all its width, so that it is seen."""
    if scenario.months > 1:
        return np.arange(scenario.months), values
    return np.array([-0.4, 0.4]), np.repeat(values, 2)


def mark_renewals(ax: Axes, scenario: Scenario) -> None:
    """Mark the renewals of the largest named customers with short lines from below, the first of each by name.

    So are marked the month in which a first term begins and the one from which a contract is over and not renewed.
    """
    largest = sorted(scenario.streams, key=lambda stream: -stream.revenue)
    marks = {stream.id: (stream.name, turns) for stream in largest if (turns := turns_of(stream, scenario.months))}
    if not marks:
        return
    shown = sorted(list(marks.values())[:MOST_NAMED], key=lambda mark: mark[1][0])
    every = sorted({month for _, turns in shown for month, _ in turns})
    foot = ax.get_xaxis_transform()
    kinds = {kind for _, turns in shown for _, kind in turns}
    label = f"a contract {' or '.join(kind for kind in get_args(Turn) if kind in kinds)}"
    label += f"\n({MOST_NAMED} largest of {len(marks)})" if len(marks) > MOST_NAMED else ""
    thin = 1.2 if len(every) <= MOST_WIDE else 0.6
    strokes = ax.vlines(every, 0, LOW, transform=foot, color="black", linewidth=thin, label=label, zorder=6)
    strokes.set_snap(False)  # to the pixels, as the longer ones are not, which stand on some of them
    # A letter of 7.5 points is about 4.2 points wide; a legend beside the axes takes some of their width.
    letter = 1.25 * 4.2 / 72 / max(width_of(ax), 0.5) * scenario.months
    names = []
    for name, ((month, kind), *_) in shown:
        words = f"{short(name, NAME_LENGTH)}{' ' if kind == 'renews' else ': contract '}{kind}"
        room = (cells(words) + 1) * letter
        right = month + room > scenario.months - 0.5 and month - room >= -0.5
        names.append((words, month, right, (month - room, month) if right else (month, month + room)))
    rows = _rows([(month, ends) for _, month, _, ends in names])
    for (words, month, right, _), row in zip(names, rows, strict=True):
        _named(ax, words, month, row, right, thin)


def _rows(names: Sequence[tuple[int, tuple[float, float]]]) -> tuple[int, ...]:
    """Rows for names, the lowest in which none stands on another nor is struck through by another's mark.

    Parameters
    ----------
    names
        Of each the month of its mark, which reaches up to the name, and the months between which the name stands.
    """

    def struck(rows: tuple[int, ...]) -> int:
        found = 0
        for (_, (first, end)), row in zip(names, rows, strict=True):
            for (month, (begin, last)), other in zip(names, rows, strict=True):
                found += row == other and begin < end and first < last  # each on itself too, which counts alike
                found += other > row and first <= month <= end
        return found

    return min(product(range(len(names)), repeat=len(names)), key=lambda rows: (struck(rows), sum(rows)))


def _named(ax: Axes, words: str, month: int, row: int, right: bool, thin: float) -> None:
    """A mark that reaches up to a name, and the name beside its upper end, above the marks of all renewals."""
    from matplotlib.transforms import ScaledTranslation

    foot, middle = ax.get_xaxis_transform(), ROW * (row + 0.55)
    ax.annotate(
        "",
        (month, 0),
        xycoords=foot,
        xytext=(month, LOW),
        textcoords=foot + ScaledTranslation(0, (middle + 3) / 72, figure_of(ax).dpi_scale_trans),
        arrowprops={"arrowstyle": "-", "color": "black", "linewidth": thin, "shrinkA": 0, "shrinkB": 0},
        zorder=6,
    )
    ax.annotate(
        words,
        (month, LOW),
        xycoords=foot,
        xytext=(-3 if right else 3, middle),
        textcoords="offset points",
        fontsize=7.5,
        ha="right" if right else "left",
        va="center",
        parse_math=False,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0, "alpha": 0.7},
        zorder=6.5,
    )


def mark_window(ax: Axes, scenario: Scenario, *, named: bool = True) -> None:
    """Mark the borders of the risk window, unless that is the whole horizon."""
    risk = scenario.risk
    if risk.first == 0 and risk.last == scenario.months - 1:
        return
    head = ax.get_xaxis_transform()
    for border in (risk.first - 0.5, risk.last + 0.5):
        ax.axvline(border, color=QUIET, linewidth=0.9, linestyle=(0, (1, 2)), zorder=4)
    ax.plot(
        [risk.first - 0.5, risk.last + 0.5],
        [1, 1],
        transform=head,
        color="black",
        linewidth=3,
        solid_capstyle="butt",
        clip_on=False,
        zorder=6,
        label=f"risk window,\n{window(scenario)}" if named else "_window",
    )
