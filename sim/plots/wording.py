"""What the pictures of a run say in words: amounts beside each other, shares, and what a picture is about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.plots.style import broken, figure_of, folded
from sim.words import numbers
from sim.words.labels import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.answers.run import Result
    from sim.scenario.parts import Scenario

LETTERS_BELOW = 84
"""What a line of a legend holds, a picture's width."""

LONGEST_PART = 60
"""Letters of a part of the line below a title up to which it stays whole."""

TOO_LONG = 1e12
"""Amounts from which on digits are counted by a power of ten."""


def range_of(amounts: Sequence[float], scenario: Scenario, digits: int = 3) -> tuple[list[str], str]:
    """Amounts of a sentence alike, and the unit that they are in, with which a headline would tell the largest."""
    unit = numbers.sentence_scale(max(map(abs, amounts)), short(scenario.money), digits)
    return alike([amount * unit.factor for amount in amounts], digits), unit.unit


def alike(amounts: Sequence[float], digits: int = 3) -> list[str]:
    """Amounts with the same decimals: so many digits of the largest, none where all are whole."""
    largest = max(abs(amount) for amount in amounts)
    if largest >= TOO_LONG:
        return [f"{amount:.{digits}g}".replace("-", "−") for amount in amounts]
    decimals = 0
    if largest > 0 and any(amount != round(amount) for amount in amounts):
        decimals = min(9, max(0, digits - 1 - math.floor(math.log10(largest))))
    rounded = [round(amount, decimals) or 0.0 for amount in amounts]
    return [f"{amount:,.{decimals}f}".replace("-", "−") for amount in rounded]


def money(amount: str, unit: str) -> str:
    """An amount that is written already, with its unit, on one line."""
    return numbers.with_unit(amount, unit).replace(" ", "\u00a0")


def sized(amount: float, scenario: Scenario, error: float | None = None) -> str:
    """An amount by its size, as a headline has it, on one line."""
    return numbers.sized(amount, short(scenario.money), error).replace(" ", "\u00a0")


def scale(scenario: Scenario, *amounts: float | None) -> numbers.Scale:
    """The unit of an axis that reaches so far."""
    return numbers.scale_for(amounts, short(scenario.money))


def share(value: float, error: float | None = None) -> str:
    """A share in per cent: to one digit of its error, else of two digits; never nothing or all where it is neither."""
    if value in (0, 1):
        return f"{100 * value:.0f}\u00a0%"
    rest = 100 * min(value, 1 - value)
    decimals = max(0, -math.floor(math.log10(100 * error if error else rest / 10)))
    # What is left to nothing or to all keeps a digit.
    decimals = min(9, max(decimals, -math.floor(math.log10(rest))))
    text = f"{100 * value:.{decimals}f}"
    return f"{text if error or not decimals else text.rstrip('0').rstrip('.')}\u00a0%"


def two_lines(name: str, width: int) -> str:
    """A name in two lines at most, of so many characters each; the rest is cut."""
    lines = folded(name, width)
    return lines if lines.count("\n") < 2 else "\n".join(broken(name, width, max_lines=2, placeholder="…"))


def paths_of(result: Result) -> str:
    """How many paths a picture rests on."""
    return f"{result.paths:,} path{'s' if result.paths > 1 else ''}"


def about(scenario: Scenario, months: str, *more: str) -> str:
    """Scenario, the months that a picture is about, and what else its reader needs."""
    return parts_of(short(scenario.name, 60), months, *more)


def parts_of(first: str, *more: str) -> str:
    """What stands below a title, part by part: each stays on a line as far as it fits, a dot at the end of its line."""
    kept = [part.replace(" ", "\u00a0") if len(part) <= LONGEST_PART else part for part in more if part]
    return "\u00a0· ".join([first, *kept] if first else kept)


def horizon(scenario: Scenario) -> str:
    """Months that are simulated, first and last, on one line."""
    return span(scenario, 0, scenario.months - 1)


def window(scenario: Scenario) -> str:
    """Months of the risk window, first and last, on one line."""
    return span(scenario, scenario.risk.first, scenario.risk.last)


def span(scenario: Scenario, first: int, last: int) -> str:
    """Two months with what lies between, on one line."""
    ends = [scenario.month_label(month) for month in (first, last)]
    return ends[0] if first == last else "\u00a0…\u00a0".join(ends)


def legend_beside(ax: Axes, **options: Any) -> None:
    """A legend to the right of the axes; its texts are text and nothing else."""
    legend = ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, alignment="left", **options)
    for text in legend.get_texts():
        text.set_parse_math(False)


def legend_below(ax: Axes, columns: Sequence[Sequence[Any]]) -> None:
    """A legend under the axes and what their lower side is called, however high they are; one column where it is wide.

    Parameters
    ----------
    columns
        What it names, column by column, each as long as the others.
    """
    from matplotlib.transforms import ScaledTranslation

    under = ax.transAxes + ScaledTranslation(0, -36 / 72, figure_of(ax).dpi_scale_trans)
    letters = sum(max(len(str(handle.get_label())) for handle in column) for column in columns)
    legend = ax.legend(
        handles=[handle for column in columns for handle in column],
        loc="upper left",
        bbox_to_anchor=(0, 0),
        bbox_transform=under,
        ncols=len(columns) if letters <= LETTERS_BELOW else 1,
        frameon=False,
        borderaxespad=0,
        fontsize=8,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
