"""One path's story as a picture: what was in force as swim lanes, the money below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.plots.calendars import across, mark_window, month_axis, width_of
from sim.plots.fans import BASELINE, MEDIAN
from sim.plots.lanes import (
    ARISES,
    BUYOUT,
    COMMITMENT,
    COSTS,
    DECLINED,
    EFFECT,
    NO_COMMITMENT,
    NOTED,
    OFFER,
    SHORTAGE,
    TRUE_UP,
    Bar,
    Lane,
    lanes,
)
from sim.plots.style import folded, headline, pictured, scale_formatter, styled, write
from sim.plots.wording import about, legend_beside, scale, sized, two_lines, window
from sim.words.labels import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.answers.story import Story
    from sim.engines.ledger import Entry
    from sim.scenario.parts import Scenario

MOST_LANES = 14
LOOKS: dict[str, dict[str, Any]] = {
    EFFECT: {"facecolor": "#8FC1E0", "edgecolor": "#00324F", "label": "in effect"},
    OFFER: {"facecolor": "#F6D9A8", "edgecolor": "#8A5A00", "hatch": "..", "label": "offer accepted"},
    COMMITMENT: {"facecolor": "#9FD8C4", "edgecolor": "#00553D", "label": "commitment"},
    NO_COMMITMENT: {"facecolor": "white", "edgecolor": "#777777", "hatch": "////", "label": "no commitment"},
    SHORTAGE: {"facecolor": "#999999", "edgecolor": "#444444", "label": "capacity is short"},
}
MARKS: dict[str, dict[str, Any]] = {
    ARISES: {"marker": "D", "color": "#D55E00", "label": "arises"},
    COSTS: {"marker": "o", "color": "#882255", "fillstyle": "none", "markersize": 11, "label": "costs once"},
    DECLINED: {"marker": "X", "color": "black", "label": "offer declined"},
    NOTED: {"marker": "s", "color": "black", "label": "noted"},
    TRUE_UP: {"marker": "^", "color": "#00324F", "label": "shortfall is billed"},
    BUYOUT: {"marker": "P", "color": "#8A5A00", "label": "bought out"},
}
LOST: dict[str, Any] = {"facecolor": "#F3C6A5", "edgecolor": "#D55E00", "hatch": "\\\\\\\\", "linewidth": 0}
THICK = 0.62


def draw_story(story: Story, ax: Axes | None = None, standing: str = "") -> Axes:
    """Draw a path's ledger.

    Parameters
    ----------
    story
        A whole ledger, as :func:`sim.trace` gives it.
    ax
        Where to draw, in two panels within it; None: on a figure of its own.
    standing
        Words on where the path stands among all.

    Returns
    -------
    Axes
        What was given, or the upper panel.
    """
    scenario = story.scenario
    assert scenario is not None
    story = story.sort_index()  # what follows what is told by the order of the rows
    found = lanes(story, scenario)
    shown = found[:MOST_LANES]
    with styled():
        upper, lower = _panels(ax, max(3, len(shown)))
        _lanes(upper, shown, scenario)
        _money(lower, story, scenario)
        parts = [f"seed {story.attrs['seed']}"]
        if len(shown) < len(found):
            parts.append(f"{len(shown)} of {len(found)} lanes")
        headline(upper, finding(story, standing), about(scenario, window(scenario), *parts))
    return upper if ax is None else ax


def finding(story: Story, standing: str = "") -> str:
    """What the picture says: the path's loss, and where it stands."""
    scenario = story.scenario
    assert scenario is not None
    loss, path = story.attrs["loss"], f"Path {story.attrs['path']:,}"
    baseline = sum(entry.facts["baseline"] for entry in _months(story))
    rate = ", discounted" if scenario.discount_rate else ""
    if abs(loss) <= 1e-9 * baseline:
        said = f"{path} loses nothing"
    else:
        said = f"{path} {'loses' if loss > 0 else 'gains'} {sized(abs(loss), scenario)} over {window(scenario)}{rate}"
    return f"{said}; {standing}" if standing else said


def _panels(ax: Axes | None, rows: int) -> tuple[Axes, Axes]:
    """Upper and lower panel, with one lower side."""
    if ax is not None:
        ax.set_axis_off()
        share = rows / (rows + 5)
        lower = ax.inset_axes((0, 0, 1, 0.95 - share))
        upper = ax.inset_axes((0, 1 - share, 1, share), sharex=lower)
        return upper, lower
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.2, 3.2 + 0.36 * rows), layout="constrained")
    upper, lower = figure.subplots(
        2, 1, sharex=True, gridspec_kw={"height_ratios": [rows, 5]}, subplot_kw={"axes_class": pictured()}
    )
    return upper, lower


def _lanes(ax: Axes, shown: list[Lane], scenario: Scenario) -> None:
    ax.set_xlim(-0.5, scenario.months - 0.5)
    ax.set_ylim(max(len(shown), 1) - 0.4, -0.6)
    # A letter of 7.5 points is about 4.2 points wide; names and legend take a third of the width.
    letter = 1.5 * 4.2 / 72 / max(width_of(ax), 0.5) * scenario.months
    known: set[str] = set()
    for row, lane in enumerate(shown):
        ax.axhline(row, color="#e4e4e4", linewidth=0.7, zorder=0.5)
        for bar in lane.bars:
            look = LOOKS[bar.kind] | ({"label": "_"} if bar.kind in known else {})
            known.add(bar.kind)
            ax.barh(row, bar.end - bar.first, THICK, bar.first - 0.5, linewidth=0.8, zorder=2, **look)
        for bar in lane.bars:
            _words(ax, row, bar, lane, letter, scenario.months)
        if lane.note:
            background = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
            ax.text(0, row, lane.note, va="center", fontsize=7.5, color="#555555", zorder=5, bbox=background)
        for first, end in lane.waits:
            label = "_" if "notice" in known else "notice"
            known.add("notice")
            ax.plot([first, end - 0.5], [row, row], color="black", linestyle=(0, (1, 1.2)), linewidth=1.6, label=label)
        for month, kind in lane.marks:
            look = MARKS[kind] | ({"label": "_"} if kind in known else {})
            known.add(kind)
            ax.plot([month], [row], **{"linestyle": "none", "markersize": 6.5, "zorder": 4, **_edge(look), **look})
    if not shown:  # neither an event nor a contract
        ax.text(0.5, 0.5, "nothing happens on this path", transform=ax.transAxes, ha="center", va="center")
    ax.set_yticks(range(len(shown)), [two_lines(lane.name, 27) for lane in shown], parse_math=False)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", labelbottom=False)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color="#e4e4e4", linewidth=0.6)
    ax.set_axisbelow(True)
    if known:
        legend_beside(ax, fontsize=8, labelspacing=0.35)


def _edge(look: dict[str, Any]) -> dict[str, Any]:
    """A mark's edge: white, but for a ring, which is all edge."""
    return {"markeredgewidth": 1.6} if look.get("fillstyle") == "none" else {"markeredgecolor": "white"}


def _words(ax: Axes, row: int, bar: Bar, lane: Lane, letter: float, months: int) -> None:
    """Write on a bar, or beside it where nothing stands; nothing where there is no room."""
    words = short(bar.words, 48)
    need = (len(words) + 1) * letter
    marked = 0.5 + letter if any(month == bar.first for month, _ in lane.marks) else 0.0
    others = [other for other in lane.bars if other is not bar]
    within = [o.first for o in others if bar.first <= o.first < bar.end]
    right = min([o.first for o in others if o.first > bar.first], default=months)
    left = max([o.end for o in others if o.end <= bar.first] + [m + 1 for m, _ in lane.marks], default=0)
    if not words:
        return
    within_bar = need + marked <= min([bar.end, *within]) - bar.first
    if within_bar:
        place, side = bar.first - 0.5 + letter / 2 + marked, "left"
    elif need <= right - bar.end and not within:
        place, side = bar.end - 0.5 + letter / 2, "left"
    elif need <= bar.first - left and not within:
        place, side = bar.first - 0.5 - letter / 2, "right"
    else:
        return
    background = {"facecolor": LOOKS[bar.kind]["facecolor"], "edgecolor": "none", "pad": 1.0}
    ax.text(
        place,
        row,
        words,
        ha=side,
        va="center",
        fontsize=7.5,
        zorder=5,
        parse_math=False,
        bbox=background if within_bar and "hatch" in LOOKS[bar.kind] else None,
    )


def _money(ax: Axes, story: Story, scenario: Scenario) -> None:
    months = _months(story)
    x, actual = across(np.array([entry.money for entry in months]), scenario)
    without = across(np.array([entry.facts["baseline"] for entry in months]), scenario)[1]
    if (without > actual).any():
        ax.fill_between(x, actual, without, where=without >= actual, label="lost", zorder=1, **LOST)
    ax.plot(x, without, label="baseline without\nevents", zorder=3.2, **BASELINE)
    ax.plot(x, actual, label="revenue", zorder=3.1, **MEDIAN)
    top = float(max(actual.max(), without.max()))
    ax.set_ylim(0, 1.06 * top if top > 0 else 1.0)
    unit = scale(scenario, top)
    ax.yaxis.set_major_formatter(scale_formatter(False, unit.factor))
    ax.grid(color="#e4e4e4", linewidth=0.6)
    ax.set_axisbelow(True)
    month_axis(ax, scenario)
    mark_window(ax, scenario)
    write(ax.yaxis.label, folded(f"Revenue a month, {unit.unit}", 30))
    legend_beside(ax)


def _months(story: Story) -> list[Entry]:
    """What the vendor takes in, month by month."""
    return [entry for entry in story.entries if entry.kind == "month" and not entry.own]
