"""Numbers and money for readers: rounded by their error, with the unit where the language puts it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

ROUNDING = 1e-12
"""Part of a value below which its error is that of adding numbers up, and says nothing of paths."""


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
    """An amount with its unit: ``USD 1,032 million`` for ``USD million``, ``1,032 kEUR`` for ``kEUR``."""
    return with_unit(number(value, error), unit)


def with_unit(amount: str, unit: str) -> str:
    """An amount that is written already, with its unit."""
    currency, _, scale = unit.partition(" ")
    if len(currency) == 3 and currency.isupper():
        return f"{currency} {amount} {scale}".rstrip()
    return f"{amount} {unit}".rstrip()


def half_width(measure: Mapping[str, Any]) -> float | None:
    """Half the width of a measure's 95 % interval, or of two standard errors; None where it has neither."""
    if measure.get("standard_error") is not None:
        return 2 * float(measure["standard_error"])
    if measure.get("low") is not None and measure.get("high") is not None:
        return (float(measure["high"]) - float(measure["low"])) / 2
    return None


def with_error(measure: Mapping[str, Any]) -> tuple[str, str]:
    """A measure's value and its error as texts: a standard error after ±, or the ends of an interval."""
    value, error = measure["value"], measure.get("standard_error")
    if "low" in measure:
        low, high = measure["low"], measure["high"]
        width = half_width(measure)
        ends = [number(low, width) if low is not None else "?", number(high, width) if high is not None else "?"]
        few = "" if low is not None and high is not None else ": too few paths to tell"
        return number(value, width), " … ".join(ends) + few
    note = f"; {measure['note']}" if measure.get("note") else ""
    if error is None:
        return number(value), measure.get("note") or "no error from one path"
    return number(value, error), f"± {number(error, error) if _tells(value, error) else '0'}{note}"


def signed(value: float, error: float | None) -> str:
    """A difference with its sign and its standard error: ``+120 ± 4``; None: an error that is not known."""
    if value == 0 and not error:
        return "no change"
    text = number(value, error)
    text = text if text.startswith("−") else f"+{text}"
    return text if error is None else f"{text} ± {number(error, error) if error > 0 else '0'}"


def share_with_error(measure: Mapping[str, Any]) -> tuple[str, str]:
    """A probability and the ends of its interval as texts, in per cent."""
    value, low, high = (100 * measure[key] for key in ("value", "low", "high"))
    digits = min(4, decimals_for(value, (high - low) / 2))
    return f"{value:.{digits}f} %", f"{low:.{digits}f} … {high:.{digits}f} %"
