"""What a sweep goes along."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a sweep: a dotted path and the values it takes (numbers, or months as YYYY-MM)."""

    path: str
    values: tuple[float | str, ...]
