"""Numbers and money for readers: rounded by their error, with the unit where the language puts it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.estimates.estimate import Estimate

ROUNDING = 1e-12
"""Part of a value below which its error is that of adding numbers up, and says nothing of paths."""

DIGITS = 3
"""Digits of an amount in a sentence, at most."""

SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}

WRITTEN_OUT = 10_000
"""Below this an amount is written out, and not as so many thousand."""


MOST_BEFORE_THE_POINT, LEAST = 1e6, 0.01
"""Amounts of a table from which on, and below which, another unit is taken for all of it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The one unit of a table's amounts.

    Attributes
    ----------
    unit
        As readers see it: ``JPY billion``.
    factor
        What an amount in the scenario's unit is multiplied with.
    """

    unit: str
    factor: float = 1.0

    def number(self, amount: float, error: float | None = None) -> str:
        """An amount in this unit, rounded by its error."""
        return number(amount * self.factor, None if error is None else error * self.factor)

    def money(self, amount: float, error: float | None = None) -> str:
        """The same with the unit."""
        return with_unit(self.number(amount, error), self.unit)

    def of(self, amount: float) -> str:
        """An amount that is known to the digit, in this unit."""
        value = amount * self.factor
        return f"{round(value, 9) if abs(value) < 1 else value:,.12g}".replace("-", "−")


def beyond_rounding(amount: float, among: float) -> float:
    """An amount, or 0 where it is no more than what adding up amounts of such a size leaves over."""
    return amount if abs(amount) > ROUNDING * abs(among) else 0.0


def scale_for(amounts: Iterable[float | None], unit: str) -> Scale:
    """The unit for a table of amounts, by the largest: the scenario's own as long as that is readable.

    Where the largest has more than six digits before the point, or is below a hundredth, the unit is the power of a
    thousand that leaves it two to four digits there, so that smaller amounts have some too.
    """
    largest = max((abs(amount) for amount in amounts if amount is not None and math.isfinite(amount)), default=0.0)
    if largest == 0 or LEAST <= largest < MOST_BEFORE_THE_POINT:
        return Scale(unit)
    name, scale = scale_of(unit)
    word, size = next(((w, s) for w, s in reversed(SCALES.items()) if largest * scale >= 10 * s), ("", 1.0))
    return Scale(unit_with(name, word), scale / size)


def unit_with(name: str, word: str) -> str:
    """A unit with the word for a power of a thousand where the language puts it; none for one."""
    return " ".join(filter(None, (name, word) if is_code(name) else (word, name)))


def decimals_for(value: float, error: float | None) -> int:
    """Decimals worth showing: two digits of the error; without one, four digits of the value."""
    if error is not None and math.isfinite(error) and _tells(value, error):
        return max(0, 1 - math.floor(math.log10(error)))
    if value == 0 or not math.isfinite(value):
        return 1
    return max(0, min(6, 3 - math.floor(math.log10(abs(value)))))


def _tells(value: float, error: float) -> bool:
    """Whether an error is more than rounding."""
    return error > ROUNDING * abs(value)


def number(value: float | None, error: float | None = None) -> str:
    """A number for a reader, rounded by its error, thousands apart; a dash for None."""
    if value is None:
        return "–"
    text = f"{value:,.{min(9, decimals_for(value, error))}f}"
    return text.replace("-", "−") if float(text.replace(",", "")) != 0 else text.replace("-", "")


def percent(value: float | None, digits: int = 1) -> str:
    """A share as a percentage."""
    return "–" if value is None else f"{100 * value:.{digits}f} %"


def money(value: float | None, unit: str, error: float | None = None) -> str:
    """An amount with its unit: ``USD 1,032 million`` for ``USD million``, ``1,032 kEUR`` for ``kEUR``.

    Where it would have more than six digits before its point, or be below a hundredth, the unit is another power of a
    thousand.
    """
    return with_unit("–", unit) if value is None else scale_for([value], unit).money(value, error)


def with_unit(amount: str, unit: str) -> str:
    """An amount that is written already, with its unit."""
    currency, _, scale = unit.partition(" ")
    if is_code(currency):
        return f"{currency} {amount} {scale}".rstrip()
    return f"{amount} {unit}".rstrip()


def sized(value: float, unit: str, error: float | None = None, digits: int = DIGITS) -> str:
    """An amount in a sentence: by its size, in three digits, or as few as its error leaves: ``USD 1.83 billion``.

    Parameters
    ----------
    unit
        As scenarios have it: ``USD million``, ``EUR``, ``credits``. What stands for a power of a thousand is changed
        for another where that makes the number one from 1 to 999; amounts below ten thousand are written out.
    error
        Half the width of its interval, or what else it may be off by; None where that is unknown.
    digits
        At most.
    """
    if not math.isfinite(abs(value) * scale_of(unit)[1]):
        return with_unit(number(value, error), unit)
    found = sentence_scale(value, unit, digits)
    shown = value * found.factor
    decimals = _decimals(float(f"{abs(shown):.{digits - 1}e}"), digits)
    if error and math.isfinite(error) and error > 0:
        decimals = min(decimals, max(0, -math.floor(math.log10(error * found.factor))))
    text = f"{round(shown, decimals) or 0.0:,.{decimals}f}".replace("-", "−")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return with_unit(text, found.unit)


def sized_between(low: float, high: float, unit: str, digits: int = DIGITS) -> str:
    """An amount that lies between two, in a sentence: ``USD 513 to 533 million``; one where both read the same."""
    scale = sentence_scale(high, unit, digits).factor
    if not math.isfinite(abs(high) * scale):
        return f"{sized(low, unit)} to {sized(high, unit)}"
    decimals = _decimals(float(f"{abs(high * scale):.{digits - 1}e}"), digits)
    ends = [f"{round(end * scale, decimals) or 0.0:,.{decimals}f}".replace("-", "−") for end in (low, high)]
    if len(set(ends)) == 1:
        return sized(high, unit, digits=digits)
    return with_unit(" to ".join(ends), sentence_scale(high, unit, digits).unit)


def sentence_scale(value: float, unit: str, digits: int = DIGITS) -> Scale:
    """The unit in which :func:`sized` tells an amount, be it alone or the largest of some."""
    name, scale = scale_of(unit)
    rounded = float(f"{abs(value) * scale:.{digits - 1}e}")  # 999.9 million are a billion
    word, size = next(((w, s) for w, s in reversed(SCALES.items()) if rounded >= max(s, WRITTEN_OUT)), ("", 1.0))
    return Scale(unit_with(name, word), scale / size)


def is_code(unit: str) -> bool:
    """Whether a unit is the code of a currency, which stands before its amount."""
    return len(unit) == 3 and unit.isupper()


def scale_of(unit: str) -> tuple[str, float]:
    """A unit without the word in it that stands for a power of a thousand, and that power; 1 where there is none."""
    name, _, word = unit.rpartition(" ")
    return (name, SCALES[word]) if name and word in SCALES else (unit, 1.0)


def _decimals(value: float, digits: int) -> int:
    """Decimals of a number of so many digits; none of nothing."""
    return max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0


def with_interval(estimate: Estimate) -> tuple[str, str]:
    """A value and the ends of its interval as texts."""
    width = estimate.half_width
    low, high = ("?" if end is None else number(end, width) for end in (estimate.low, estimate.high))
    few = "" if estimate.low is not None and estimate.high is not None else ": too few paths to tell"
    return number(estimate.value, width), f"{low} … {high}{few}"


def with_error(estimate: Estimate) -> tuple[str, str]:
    """A value and its standard error after ± as texts."""
    value, error = estimate.value, estimate.standard_error
    if error is None:
        return number(value), estimate.note or "no error from one path"
    note = f"; {estimate.note}" if estimate.note else ""
    return number(value, error), f"± {number(error, error) if _tells(value, error) else '0'}{note}"


def signed(value: float, error: float | None) -> str:
    """A difference with its sign and its standard error: ``+120 ± 4``; None: an error that is not known."""
    if value == 0 and not error:
        return "no change"
    text = number(value, error)
    text = text if text.startswith("−") else f"+{text}"
    return text if error is None else f"{text} ± {number(error, error) if error > 0 else '0'}"


def to_add_up(estimates: Sequence[Estimate]) -> list[tuple[str, str]]:
    """Values and standard errors as texts with the same decimals, so that readers can add them; no error: no text."""
    values = [estimate.value for estimate in estimates]
    largest = max(map(abs, values))
    rounding = ROUNDING * largest
    errors = [error if (error := estimate.standard_error or 0.0) > rounding else 0.0 for estimate in estimates]
    decimals = decimals_for(largest, max(errors))
    if max(errors) == 0 and all(value == round(value) for value in values):
        decimals = 0
    found = []
    for estimate, error in zip(estimates, errors, strict=True):
        value = f"{round(estimate.value, decimals) or 0.0:,.{decimals}f}".replace("-", "−")
        told = number(error, error) if 0 < error < 10**-decimals else f"{error:,.{decimals}f}"
        found.append((value, "" if estimate.standard_error is None else told if error else "0"))
    return found


def whole_percent(share: float) -> str:
    """A share in whole per cent; contributions below zero have shares below zero."""
    return percent(round(share, 2) or 0.0, 0).replace("-", "−")


def share_with_interval(estimate: Estimate, *, certain: bool = False) -> tuple[str, str]:
    """A probability and the ends of its interval as texts, in per cent; what is certain has no interval."""
    if certain:
        return percent(estimate.value, 0), "certain"
    if estimate.low is None or estimate.high is None:
        return percent(estimate.value), "too few paths to tell"
    value, low, high = (100 * end for end in (estimate.value, estimate.low, estimate.high))
    digits = min(4 if value < 1 else 2, decimals_for(value, (high - low) / 2))
    return f"{value:.{digits}f} %", f"{low:.{digits}f} … {high:.{digits}f} %"
