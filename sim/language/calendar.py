"""Dates of Python and its libraries as the months that the language knows."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np

_COARSE = ("Y", "A", "Q", "W")  # periods that are no month and lie in none


def month_of(value: Any) -> str | None:
    """The month, as YYYY-MM, in which a date lies: of ``datetime``, numpy or pandas; None for anything else.

    pandas is not loaded for it: whoever has a period of it has it loaded.
    """
    if isinstance(value, np.datetime64):
        unit = np.datetime_data(value.dtype)[0]
        return None if np.isnat(value) or unit in _COARSE else str(value.astype("datetime64[M]"))
    if isinstance(value, datetime.date):
        found = (value.year, value.month)
    elif type(value).__name__ == "Period" and type(value).__module__.split(".")[0] == "pandas":
        if str(value.freqstr).lstrip("0123456789").startswith(_COARSE):
            return None
        found = (value.year, value.month)
    else:
        return None
    # pandas' NaT is a datetime without a year.
    return f"{found[0]:04d}-{found[1]:02d}" if all(isinstance(part, int) for part in found) else None


def listed(value: Any) -> list[Any] | None:
    """The items of an array or an index of numpy or pandas; None for anything else.

    Dates stay what they are, instead of becoming counts of nanoseconds.
    """
    if isinstance(value, np.ndarray) and value.ndim:
        return list(value) if value.dtype.kind in "M" or value.ndim > 1 else value.tolist()
    is_pandas = type(value).__module__.split(".")[0] == "pandas"
    return list(value) if is_pandas and type(value).__name__.endswith("Index") else None
