"""What a picture of a sweep shows: its sides in words, a measure with its errors, and what they say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.answers.sweep import Sweep
from sim.errors import UsageError
from sim.estimates.measures import REVENUE_AT_RISK, Measure, level_name, named
from sim.estimates.replications import student
from sim.language.turning import as_number
from sim.plots.wording import parts_of
from sim.scenario.months import format_month
from sim.words import numbers
from sim.words.bases import sampled_in_words
from sim.words.labels import axis_caption, futures, measure_caption, period, short, value_caption
from sim.words.stops import stop_meaning, stops_note

LARGE_ERROR = 0.05
"""Half-width of a 95 % interval, as a part of the value, from which on an error is large."""


@dataclass(frozen=True, slots=True)
class Side:
    """One axis of a grid as a side of a picture.

    Attributes
    ----------
    numbers
        Its values in rising order, each once; months counted from year 0.
    order
        Their places on the axis.
    caption
        What varies, in words with its unit.
    base
        Where the scenario stands, None where it gives no value there.
    months
        Whether the values are months.
    said
        What a value comes to, in words; nothing where there is nothing to say.
    """

    numbers: np.ndarray
    order: np.ndarray
    caption: str
    base: float | None
    months: bool
    said: Callable[[float], str]

    @classmethod
    def of(cls, sweep: Sweep, k: int) -> Side:
        """Axis number k of a sweep."""
        axis = sweep.plan.axes[k]
        numbers, order = np.unique([as_number(value) for value in axis.values], return_index=True)
        base = sweep.base[axis.path]
        caption, months = axis_caption(sweep.scenario, axis.path), isinstance(axis.values[0], str)
        beside = [other.path for other in sweep.plan.axes]
        if not months and (note := stops_note(sweep.scenario, axis.path, axis.values, beside)):
            caption += f"; {note}"

        def said(number: float) -> str:
            return "" if months else stop_meaning(sweep.scenario, axis.path, number, beside)

        return cls(numbers, order, caption, None if base is None else as_number(base), months, said)

    @property
    def edges(self) -> np.ndarray:
        """Borders of the cells, halfway between values; one more than there are values."""
        if len(self.numbers) == 1:
            reach = 0.5 if self.months or self.numbers[0] == 0 else abs(self.numbers[0]) / 2
            return np.array([self.numbers[0] - reach, self.numbers[0] + reach])
        scaled = np.log(self.numbers) if self.logarithmic else self.numbers
        inner = (scaled[1:] + scaled[:-1]) / 2
        edges = np.array([2 * scaled[0] - inner[0], *inner, 2 * scaled[-1] - inner[-1]])
        return np.exp(edges) if self.logarithmic else edges

    @property
    def logarithmic(self) -> bool:
        """Whether the values are spread more evenly by their ratios, over a factor of ten or more."""
        if self.months or len(self.numbers) < 3 or self.numbers[0] <= 0 or self.numbers[-1] < 10 * self.numbers[0]:
            return False
        gaps, ratios = np.diff(self.numbers), np.diff(np.log(self.numbers))
        return bool(ratios.max() / ratios.min() < gaps.max() / gaps.min())

    @property
    def shows_base(self) -> bool:
        """Whether the scenario stands within the cells."""
        return self.base is not None and bool(self.edges[0] <= self.base <= self.edges[-1])

    @property
    def base_place(self) -> int | None:
        """Number of the value nearest to where the scenario stands."""
        return None if self.base is None else int(np.argmin(np.abs(self.numbers - self.base)))

    def label(self, number: float) -> str:
        """A value on this side with what it comes to, for a reader."""
        said = self.said(number)
        return f"{self.bare(number)} ({said})" if said else self.bare(number)

    def bare(self, number: float) -> str:
        """A value on this side alone."""
        return format_month(round(number)) if self.months else value_caption(float(number))

    def meanings(self, ticks: Sequence[float], width: float) -> dict[float, str]:
        """What ticks of a side that lies come to, in brackets, as far as there is room on so many inches."""
        places = np.log(ticks) if self.logarithmic else np.asarray(ticks)
        ends = np.log(self.edges[[0, -1]]) if self.logarithmic else self.edges[[0, -1]]
        inches = (places - ends[0]) / (ends[1] - ends[0]) * width
        found, taken = {}, -np.inf
        for tick, at in zip(ticks, inches, strict=True):
            said = self.said(tick)
            reach = 0.04 * (len(said) + 2)  # half of what its letters take
            if said and at - reach > taken:
                taken = at + reach
                found[tick] = f"({said})"
        return found

    def ticks(self, most: int) -> list[float]:
        """Values that get a tick: all where they fit, else some of the months, or round numbers."""
        from matplotlib.ticker import MaxNLocator

        if self.months or self.logarithmic:
            every = -(-len(self.numbers) // most)
            return [float(number) for number in self.numbers[::every]]
        low, high = self.edges[0], self.edges[-1]
        # Few values may still stand too near each other for a tick each.
        if len(self.numbers) == 1 or np.diff(self.numbers).min() >= (high - low) / (1.8 * most):
            return [float(number) for number in self.numbers]
        rounded = MaxNLocator(nbins=most, steps=[1, 2, 2.5, 5, 10]).tick_values(self.numbers[0], self.numbers[-1])
        return [float(tick) for tick in rounded if low <= tick <= high]


@dataclass(frozen=True, slots=True)
class Shown:
    """One measure over a grid with the ends of its 95 % intervals, each of the grid's shape, and words.

    ``start`` begins the sentence on what it says; ``base`` is its value in the base case, None where that is unknown;
    ``measure`` is which it is, with its level, None where it is none of the scenario's.
    """

    caption: str
    unit: str
    shares: bool
    start: str
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    base: float | None
    measure: tuple[Measure, str | None] | None = None

    @classmethod
    def of(cls, sweep: Sweep, measure: str, level: float | str | None) -> Shown:
        """A measure of a sweep, at a level if it has any; None: the first."""
        asked, key = _chosen(sweep, measure, level)
        found = sweep.estimates[asked.name, key]
        value, low, high = found.value, found.low, found.high
        if low is None or high is None:
            reach = student(sweep.replications) * np.asarray(found.standard_error)
            low, high = value - reach, value + reach
        caption = measure_caption(asked, key)
        start = f"{caption}:"
        if asked is REVENUE_AT_RISK and key is not None:
            start = f"In {futures(key)} the loss does not exceed"
        base = sweep.estimates_at_base()
        unit = "" if asked.is_share else short(sweep.scenario.money)
        at_base = None if base is None else base.of(asked, key).value
        return cls(caption, unit, asked.is_share, start, value, low, high, at_base, (asked, key))

    @classmethod
    def quantile(cls, sweep: Sweep, probability: float, order: Sequence[int]) -> Shown:
        """The loss that is exceeded with a probability, the axes in another order."""
        ends = {name: np.transpose(found, order) for name, found in sweep.quantile(1 - probability).items()}
        chance = f"{100 * probability:g} %"
        return cls(
            caption=f"Loss exceeded with a chance of {chance}",
            unit=short(sweep.scenario.money),
            shares=False,
            start=f"The loss that is exceeded with a chance of {chance}:",
            value=ends["value"],
            low=ends["low"],
            high=ends["high"],
            base=None,
        )

    @property
    def label(self) -> str:
        """What a scale of it is called."""
        return f"{self.caption}, {self.scale.unit}" if self.unit else self.caption

    @property
    def scale(self) -> numbers.Scale:
        """The unit of its amounts, by the largest."""
        if self.shares or not np.isfinite(self.value).any():
            return numbers.Scale(self.unit)
        return numbers.scale_for([float(np.nanmin(self.value)), float(np.nanmax(self.value))], self.unit)

    @property
    def limits(self) -> tuple[float, float]:
        """Smallest and largest value, apart."""
        if not np.isfinite(self.value).any():
            return 0.0, 1.0
        low, high = float(np.nanmin(self.value)), float(np.nanmax(self.value))
        return (low, high) if high > low else (low, low + (abs(low) or 1.0))

    @property
    def large_errors(self) -> np.ndarray:
        """Cells whose error is large beside the value, or unknown."""
        reach = (self.high - self.low) / 2
        large: np.ndarray = np.isnan(reach) | (reach > LARGE_ERROR * np.abs(self.value))
        return large

    @property
    def finding(self) -> str:
        """What it says, in a sentence."""
        if not np.isfinite(self.value).any():
            return f"{self.start} nothing, for it cannot be estimated"
        low, high = (float(end(self.value)) for end in (np.nanmin, np.nanmax))
        amounts = {"low": low, "high": high} | ({} if self.base is None or low == high else {"base": self.base})
        most = 0.0 if self.shares else max(map(abs, amounts.values()))
        unit = numbers.sentence_scale(most, self.unit) if most else numbers.Scale(self.unit)
        said = self._alike(amounts, unit.factor)

        def with_unit(amount: str) -> str:
            return amount if self.shares else numbers.with_unit(amount, unit.unit).replace(" ", "\u00a0")

        if "base" in said:
            base, ends = with_unit(said["base"]), f"{said['low']} to {said['high']}"
            return f"{self.start} {base} in the base case, {ends} over the grid"
        if said["low"] == said["high"]:
            everywhere = "every cell" if self.value.size > 1 else "the one cell"
            return f"{self.start} {with_unit(said['low'])} in {everywhere}"
        ends = with_unit(f"{said['low']} to {said['high']}")
        return f"{self.start} {ends} over the grid"

    def _alike(self, amounts: dict[str, float], factor: float) -> dict[str, str]:
        """Amounts with the same decimals: four digits of the largest, fewer where the errors say so."""
        if self.shares:
            return {key: numbers.percent(value) for key, value in amounts.items()}
        amounts = {key: value * factor for key, value in amounts.items()}
        reach = factor * (self.high - self.low) / 2
        error = float(np.nanmax(reach)) if np.isfinite(reach).any() else 0.0
        largest = max(abs(value) for value in amounts.values())
        digits = numbers.decimals_for(largest, None) if largest else 0
        if all(value == round(value) for value in amounts.values()):
            digits = 0
        if error > 0:
            digits = min(digits, numbers.decimals_for(largest, error))
        rounded = {key: round(value, digits) or 0.0 for key, value in amounts.items()}
        said = {key: f"{value:,.{digits}f}".replace("-", "−") for key, value in rounded.items()}
        return {key: text if amounts[key] else "0" for key, text in said.items()}


def about(sweep: Sweep, shown: Shown, *more: str) -> str:
    """Scenario, months, what else a reader of the picture needs, and what its base case is."""
    base = sampled_in_words(sweep.sampled) if shown.measure is None else sweep.base_line(*shown.measure)
    return parts_of(short(sweep.scenario.name, 60), period(sweep.scenario), *more, base)


def _chosen(sweep: Sweep, measure: str, level: float | str | None) -> tuple[Measure, str | None]:
    """A measure of the sweep, and its level."""
    asked, inside = named(measure)
    if asked is None or asked.name not in sweep.cells:
        raise UsageError(f"measure: found {measure!r}, allowed are {', '.join(sweep.cells)}")
    if not asked.by_level:
        return asked, None
    levels = list(sweep.cells[asked.name])
    key = level_name(float(level)) if level is not None else inside or levels[0]
    if key not in levels:
        raise UsageError(f"level: found {key}, allowed are {', '.join(levels)}")
    return asked, key
