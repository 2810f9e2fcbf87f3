"""Numbers and money for readers: rounded by their error, with the unit where the language puts it."""

from __future__ import annotations

import math


def decimals_for(value: float, error: float | None) -> int:
    """Decimals worth showing: two digits of the error; without one, four digits of the value."""
    if error is not None and error > 0 and math.isfinite(error):
        return max(0, 1 - math.floor(math.log10(error)))
    if value == 0 or not math.isfinite(value):
        return 1
    return max(0, min(6, 3 - math.floor(math.log10(abs(value)))))


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
    """An amount with its unit: ``USD 1,032 million`` for ``USD million``, ``1,032 kEUR`` for ``kEUR``."""
    return with_unit(number(value, error), unit)


def with_unit(amount: str, unit: str) -> str:
    """An amount that is written already, with its unit."""
    currency, _, scale = unit.partition(" ")
    if len(currency) == 3 and currency.isupper():
        return f"{currency} {amount} {scale}".rstrip()
    return f"{amount} {unit}".rstrip()
