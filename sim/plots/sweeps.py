"""The pictures of a sweep: heat map, lines, small multiples, tolerance curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.answers.sweep import Sweep
from sim.errors import UsageError
from sim.estimates.measures import REVENUE_AT_RISK
from sim.plots import maps
from sim.plots.grids import Shown, Side, about
from sim.plots.style import LINES, folded, headline, own_axes, scale_formatter, styled, write
from sim.words.labels import places_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_PANELS = 9
HATCHED = "hatched: 95 % interval beyond ±5 %"
BAND = "band: 95 % interval"


class SweepPlots:
    """Pictures of a sweep; ``sweep.plot`` is one."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep

    def draw(self) -> Axes | np.ndarray:
        """Draw the revenue at risk in the way that suits the number of axes: lines, heat map, or small multiples.

        Raises
        ------
        UsageError
            For more than three axes.
        """
        count = len(self._sweep.plan.axes)
        if count == 1:
            return self.lines()
        return self.heatmap() if count == 2 else self.multiples()

    def heatmap(
        self, ax: Axes | None = None, measure: str = REVENUE_AT_RISK.name, level: float | str | None = None
    ) -> Axes:
        """Draw a measure over two axes: colours, contours at round values, a cross where the scenario stands.

        Parameters
        ----------
        ax
            Where to draw; None: on a figure of its own.
        measure
            One of the sweep's.
        level
            For a measure with levels; None: the first.

        Returns
        -------
        Axes
            The first axis of the sweep stands upright, the second lies. Cells whose 95 % interval reaches further than
            5 % of the value to either side are hatched.

        Raises
        ------
        UsageError
            For a sweep of another number of axes, or a measure that it does not have.
        """
        sweep = self._sweep
        self._check_axes("heatmap", 2)
        shown = Shown.of(sweep, measure, level)
        upright, lying = Side.of(sweep, 0), Side.of(sweep, 1)
        large = shown.large_errors
        with styled():
            ax = own_axes(7.2, 4.8) if ax is None else ax
            mesh = maps.heatmap(ax, shown, upright, lying, shown.value, large)
            maps.color_scale(mesh, shown, ax)
            headline(ax, shown.finding, about(sweep, shown, HATCHED if large.any() else ""))
        return ax

    def lines(
        self, ax: Axes | None = None, measure: str = REVENUE_AT_RISK.name, level: float | str | None = None
    ) -> Axes:
        """Draw a measure along the first axis with its 95 % band; a line for each value of a second axis.

        Parameters
        ----------
        ax, measure, level
            As for :meth:`heatmap`.

        Returns
        -------
        Axes
            Of a second axis with many values six are drawn, the base case's among them.

        Raises
        ------
        UsageError
            For a sweep of more than two axes, or a measure that it does not have.
        """
        self._check_axes("lines", 1, 2)
        shown = Shown.of(self._sweep, measure, level)
        sides = [Side.of(self._sweep, k) for k in range(len(self._sweep.plan.axes))]
        return _lines(ax, self._sweep, shown, sides)

    def multiples(
        self, figure: Figure | None = None, measure: str = REVENUE_AT_RISK.name, level: float | str | None = None
    ) -> np.ndarray:
        """Draw a measure over three axes: small heat maps with one scale, one for each value of the shortest axis.

        Parameters
        ----------
        figure
            Where to draw; None: a figure of its own.
        measure, level
            As for :meth:`heatmap`.

        Returns
        -------
        ndarray of Axes
            One a panel, at most nine, the base case's among them.

        Raises
        ------
        UsageError
            For a sweep of another number of axes, or a measure that it does not have.
        """
        from matplotlib.figure import Figure

        sweep = self._sweep
        self._check_axes("multiples", 3)
        shown = Shown.of(sweep, measure, level)
        by = min((2, 1, 0), key=lambda k: sweep.plan.shape[k])
        panels, (upright, lying) = Side.of(sweep, by), [Side.of(sweep, k) for k in range(3) if k != by]
        place = panels.base_place
        chosen = places_of(len(panels.numbers), MOST_PANELS, () if place is None else (place,))
        wide = int(np.ceil(np.sqrt(len(chosen))))
        high = -(-len(chosen) // wide)
        large = shown.large_errors
        with styled():
            size = (3.0 * wide + 1.4, 2.5 * high + 1.4)
            figure = Figure(figsize=size, layout="constrained") if figure is None else figure
            grid = figure.subplots(high, wide, squeeze=False, sharex=True, sharey=True)
            for n, (ax, k) in enumerate(zip(grid.flat, chosen, strict=False)):
                values, errors = (np.moveaxis(whole, by, 0)[panels.order[k]] for whole in (shown.value, large))
                here = panels.base is not None and bool(np.isclose(panels.numbers[k], panels.base, atol=0))
                mesh = maps.heatmap(ax, shown, upright, lying, values, errors, small=True, base=here)
                ax.set_title(panels.label(panels.numbers[k]), loc="left", parse_math=False)
                ax.tick_params(which="both", labelbottom=n + wide >= len(chosen), labelleft=n % wide == 0)
            for ax in grid.flat[len(chosen) :]:
                ax.set_axis_off()
            write(figure.supxlabel("", fontsize=9), folded(lying.caption, 34 * wide))
            write(figure.supylabel("", fontsize=9), folded(upright.caption, 30 * high))
            maps.color_scale(mesh, shown, grid)
            some = "" if len(chosen) == len(panels.numbers) else f" ({len(chosen)} of {len(panels.numbers)} values)"
            room = 30 * wide + 14
            said = (
                shown.finding,
                about(sweep, shown, HATCHED if large.any() else ""),
                f"Panels: {panels.caption}{some}",
            )
            title = "\n".join(folded(text, room) for text in said)
            figure.suptitle(title, x=0.02, ha="left", fontsize=9.5, parse_math=False)
        drawn = np.empty(len(chosen), dtype=object)
        drawn[:] = grid.flat[: len(chosen)]
        return drawn

    def tolerance(self, ax: Axes | None = None, probability: float = 0.05) -> Axes:
        """Draw the tolerance curve: for each probability of the event the loss that is exceeded with a given chance.

        Parameters
        ----------
        ax
            As for :meth:`heatmap`.
        probability
            Chance with which the loss is exceeded.

        Returns
        -------
        Axes
            The axis over a probability lies (the first axis where there is none); a line for each value of another.

        Raises
        ------
        UsageError
            For a sweep of more than two axes, or a probability that is none.
        """
        axes = self._sweep.plan.axes
        self._check_axes("tolerance", 1, 2)
        if not 0 < probability < 1:
            raise UsageError(f"probability: found {probability!r}, allowed is a number above 0 and below 1")
        lying = next((k for k, axis in enumerate(axes) if axis.path.endswith(".probability")), 0)
        order = [lying, *(k for k in range(len(axes)) if k != lying)]
        shown = Shown.quantile(self._sweep, probability, order)
        return _lines(ax, self._sweep, shown, [Side.of(self._sweep, k) for k in order])

    def _check_axes(self, name: str, *wanted: int) -> None:
        count = len(self._sweep.plan.axes)
        if count not in wanted:
            help = {1: "use lines", 2: "use heatmap", 3: "use multiples"}.get(count, "sweep over fewer axes")
            allowed = " or ".join(map(str, wanted))
            raise UsageError(f"{name}: found a sweep of {count} axes, allowed are {allowed}", help=help)


def _lines(ax: Axes | None, sweep: Sweep, shown: Shown, sides: Sequence[Side]) -> Axes:
    """Lines with bands along the first side, one for each value of the second."""
    along, *others = sides
    values, lows, highs = (
        (whole if whole.ndim == 2 else whole[:, np.newaxis])[along.order]
        for whole in (shown.value, shown.low, shown.high)
    )
    names, columns, some = [shown.caption], [0], ""
    if others:
        place = others[0].base_place
        chosen = places_of(len(others[0].numbers), len(LINES), () if place is None else (place,))
        names = [others[0].label(others[0].numbers[k]) for k in chosen]
        columns = [int(others[0].order[k]) for k in chosen]
        some = "" if len(chosen) == len(others[0].numbers) else f"{len(chosen)} of {len(others[0].numbers)} values"
    with styled():
        ax = own_axes(7.2, 4.6) if ax is None else ax
        every = max(1, len(along.numbers) // 12)
        for (color, dash, mark), name, k in zip(LINES, names, columns, strict=False):
            ax.fill_between(along.numbers, lows[:, k], highs[:, k], color=color, alpha=0.25, linewidth=0)
            if len(along.numbers) == 1:
                ax.vlines(along.numbers, lows[:, k], highs[:, k], color=color)
            look = {"color": color, "linestyle": dash, "marker": mark, "markevery": every, "markersize": 4.5}
            ax.plot(along.numbers, values[:, k], label=name, clip_on=False, zorder=3, **look)
        if along.base is not None and along.shows_base:
            _base_line(ax, along.base, right=along.base <= (along.numbers[0] + along.numbers[-1]) / 2)
        ax.set_xscale("log" if along.logarithmic else "linear")
        ticks = along.ticks(7 if along.months else 11)
        ax.set_xticks(ticks, [along.bare(tick) for tick in ticks], parse_math=False)
        ax.minorticks_off()
        maps.meanings_below(ax, along, 4.0 if others else 6.0)
        ax.yaxis.set_major_formatter(scale_formatter(shown.shares, shown.scale.factor))
        _from_zero(ax, values[:, columns], lows[:, columns], highs[:, columns])
        ax.grid(axis="y", color="#dddddd", linewidth=0.6)
        ax.set_axisbelow(True)
        write(ax.xaxis.label, folded(along.caption, 70))
        write(ax.yaxis.label, folded(shown.label, 50))
        if others:
            title = folded(others[0].caption, 26)
            legend = ax.legend(
                title=title, loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, alignment="left"
            )
            for text in (legend.get_title(), *legend.get_texts()):
                text.set_parse_math(False)
        headline(ax, shown.finding, about(sweep, shown, BAND, some))
    return ax


def _base_line(ax: Axes, x: float, *, right: bool) -> None:
    ax.axvline(x, color="#777777", linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
    ax.annotate(
        "base case",
        (x, 0.0),
        xycoords=("data", "axes fraction"),
        xytext=(4 if right else -4, 4),
        textcoords="offset points",
        ha="left" if right else "right",
        color="#555555",
    )


def _from_zero(ax: Axes, *ends: np.ndarray) -> None:
    """Let the scale begin at zero, where that does not squeeze the lines into the upper half."""
    known = np.concatenate([end[np.isfinite(end)] for end in ends])
    if len(known) == 0 or known.min() < 0:
        return
    top = float(known.max())
    if known.min() <= top / 2:
        ax.set_ylim(0, 1.05 * top if top > 0 else 1.0)
