"""Tables as CSV that a spreadsheet reads as what they are: no text of a scenario is taken for a formula."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_ACTS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows as CSV in UTF-8: numbers in full, None as nothing, an apostrophe before a text that might be a formula."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue().encode()


def csv_of_frame(frame: pd.DataFrame) -> bytes:
    """A table as CSV without its index, its names first; what is missing as nothing."""
    known = frame.astype(object).where(frame.notna(), None)
    return csv_of([list(frame.columns), *known.itertuples(index=False, name=None)])


def marked(data: bytes) -> bytes:
    """CSV for a file: with the mark by which Excel knows UTF-8 where there is more than ASCII in it."""
    return data if data.isascii() else codecs.BOM_UTF8 + data


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # A carriage return would end the row for some readers, quoted or not.
    return ("'" if value.startswith(_ACTS) else "") + value.replace("\r", " ")
