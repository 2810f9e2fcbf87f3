"""Numbers as people write them: amounts, shares, months."""

from __future__ import annotations

import math

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def plain(value: float) -> str:
    """A number of the scenario in at most four significant digits (whole ones in full), thousands apart."""
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if not -5 < size < 15:
        return f"{value:.4g}".replace("-", "−")
    text = f"{value:,.{max(0, 3 - size)}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def percent(share: float) -> str:
    """A share as a percentage."""
    return f"{plain(100 * share)} %"


def rough(share: float) -> str:
    """A chance that was worked out, as a percentage."""
    if 0 < share < 0.001:
        return "under 0.1 %"
    return "over 99.9 %" if 0.999 < share < 1 - 1e-9 else f"{plain(round(100 * share, 1))} %"


def months_in_words(count: float) -> str:
    """A number of months with its unit."""
    return f"{plain(count)} month" + ("" if count == 1 else "s")


def notice_in_words(months: int) -> str:
    """So many months' notice."""
    return "1 month's notice" if months == 1 else f"{months} months' notice"
