"""The explorer's picture: loss exceedance of the base and of what is set, drawn again and again on one figure."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.estimates.measures import REVENUE_AT_RISK, Estimates
from sim.plots import fonts
from sim.plots.style import quiet, scale_formatter, styled, write
from sim.scenario.parts import Scenario
from sim.words.labels import short
from sim.words.numbers import scale_for

if TYPE_CHECKING:
    from matplotlib.artist import Artist

DPI = 96
SIZE = (6.6, 3.7)  # inches
LOWEST = 1e-3
"""Probability at which the scale ends."""

_BASE, _NOW = "#6b6b6b", "#0072B2"
_CROWDED = 0.16  # decades of probability: names of levels that are closer would be written over each other

Curve = tuple[np.ndarray, np.ndarray]
"""Losses, rising, and the probability to lose more than each."""


class LivePicture:
    """Loss exceedance on axes that stay, so that only what changed moves.

    Parameters
    ----------
    scenario
        Gives the unit of money.
    """

    def __init__(self, scenario: Scenario) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import FixedLocator, NullLocator

        with styled():
            self._figure = Figure(figsize=SIZE, dpi=DPI)
            self._canvas: Any = FigureCanvasAgg(self._figure)
            self._figure.subplots_adjust(left=0.125, right=0.96, bottom=0.145, top=0.9)
            self.axes = ax = self._figure.add_subplot()
            look: dict[str, Any] = {"drawstyle": "steps-post", "zorder": 3}
            (self.base,) = ax.plot([], [], color=_BASE, linewidth=1.4, linestyle=(0, (5, 2)), label="base", **look)
            (self.now,) = ax.plot([], [], color=_NOW, linewidth=2.0, label="as set", **look)
            marks: dict[str, Any] = {"linestyle": "none", "zorder": 4, "clip_on": False}
            (self._base_marks,) = ax.plot([], [], marker="o", markersize=5, color="white", mec=_BASE, **marks)
            (self._marks,) = ax.plot([], [], marker="o", markersize=6, color=_NOW, mec="white", **marks)
            ax.set_yscale("log")
            ax.set_ylim(LOWEST, 1.15)
            ax.yaxis.set_major_locator(FixedLocator([1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]))
            ax.yaxis.set_minor_locator(NullLocator())
            ax.yaxis.set_major_formatter(scale_formatter(shares=True))
            ax.grid(axis="y", color="#e3e3e3", linewidth=0.6)
            ax.set_axisbelow(True)
            self._money = short(scenario.money)
            self._name_unit(1.0)
            write(ax.yaxis.label, "Probability to lose more")
            ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, frameon=False, borderaxespad=0.2)
            fonts.fit(self._figure, isolate=fonts.knows_isolates())
            for artist in (self.base, self.now, self._base_marks, self._marks):
                artist.set_animated(True)  # drawn over all else, which is drawn once
        self._reach = (0.0, 0.0)
        self._still: Any = None

    def png(self, base: Curve, now: Curve, base_estimates: Estimates, estimates: Estimates) -> bytes:
        """Draw both curves with their revenue at risk marked.

        Parameters
        ----------
        base, now
            The curves.
        base_estimates, estimates
            Measures of both.

        Returns
        -------
        bytes
            A PNG.
        """
        from PIL import Image

        with styled(), quiet():
            self.base.set_data(*_from_the_left(base))
            self.now.set_data(*_from_the_left(now))
            self._base_marks.set_data(*_marks(base_estimates))
            self._marks.set_data(*_marks(estimates))
            if self._scale(base, now) or self._still is None:
                self._canvas.draw()
                self._still = self._canvas.copy_from_bbox(self._figure.bbox)
            self._canvas.restore_region(self._still)
            for artist in (
                self.base,
                self.now,
                self._base_marks,
                self._marks,
                *self._labels(base_estimates, estimates),
            ):
                self.axes.draw_artist(artist)
        file = io.BytesIO()
        # Few colours and little effort to compress: a tenth of the time, and still a small file.
        Image.fromarray(np.asarray(self._canvas.buffer_rgba())[..., :3]).save(file, "png", compress_level=1)
        return file.getvalue()

    def _scale(self, *curves: Curve) -> bool:
        """Let the scale of losses reach as far as either curve does; whether it had to move. It never shrinks."""
        low, high = self._reach
        for loss, beyond in curves:
            inner = loss[(beyond >= LOWEST) & (beyond <= 1 - LOWEST)]
            if len(inner):
                low, high = min(low, float(inner[0])), max(high, float(inner[-1]))
            elif beyond[0] < LOWEST:  # one loss for all
                low, high = min(low, float(loss[0])), max(high, float(loss[0]))
            else:
                low, high = min(low, float(loss[0])), max(high, float(loss[-1]))
        if (low, high) != self._reach or high == 0:
            self._reach = (low, high)
            ends = (-_round_up(-low) if low < 0 else 0.0, _round_up(high) if high > 0 else 1.0)
            if ends != self.axes.get_xlim():
                self.axes.set_xlim(*ends)
                self._name_unit(max(map(abs, ends)))
                return True
        return False

    def _name_unit(self, reach: float) -> None:
        """Let the scale be in a unit in which amounts that reach so far are readable."""
        unit = scale_for([reach], self._money)
        self.axes.xaxis.set_major_formatter(scale_formatter(False, unit.factor))
        write(self.axes.xaxis.label, f"Loss over the window, {unit.unit}")

    def _labels(self, base_estimates: Estimates, estimates: Estimates) -> list[Artist]:
        """Names of the levels beside their marks, where there is room."""
        from matplotlib.text import Annotation

        left, right = self.axes.get_xlim()
        labels: list[Artist] = []
        taken = math.inf
        for level in estimates.levels(REVENUE_AT_RISK):
            x, beyond = estimates.of(REVENUE_AT_RISK, level).value, 1 - float(level)
            height = math.log10(beyond)
            if beyond < LOWEST or abs(taken - height) < _CROWDED:
                continue
            taken = height
            # On the side away from the base's curve; but never out of the picture.
            before = base_estimates.get_of(REVENUE_AT_RISK, level)
            beside = 1 if before is None or x >= before.value else -1
            if not 0.2 < (x - left) / (right - left) < 0.8:
                beside = 1 if x < (left + right) / 2 else -1
            label = Annotation(
                f"RaR {100 * float(level):g} %",
                (x, beyond),
                xytext=(8 * beside, 3 if beside > 0 else -10),
                textcoords="offset points",
                ha="left" if beside > 0 else "right",
                fontsize=8,
                color=_NOW,
                bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.5},
            )
            label.set_figure(self._figure)
            label.axes = self.axes
            labels.append(label)
        return labels


def _from_the_left(curve: Curve) -> Curve:
    """The curve with all of the probability at its left end, where nothing was lost yet."""
    loss, beyond = curve
    return np.concatenate([[min(0.0, loss[0]), loss[0]], loss]), np.concatenate([[1.0, 1.0], beyond])


def _marks(estimates: Estimates) -> tuple[list[float], list[float]]:
    levels = estimates.levels(REVENUE_AT_RISK)
    found = [(estimates.of(REVENUE_AT_RISK, level).value, 1 - float(level)) for level in levels]
    seen = [(x, y) for x, y in found if y >= LOWEST]
    return [x for x, _ in seen], [y for _, y in seen]


def _round_up(amount: float) -> float:
    """The least of some round numbers times a power of ten that is above an amount."""
    size = 10.0 ** math.floor(math.log10(amount))
    return next(size * times for times in (1, 1.2, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10, 12) if size * times > amount)
