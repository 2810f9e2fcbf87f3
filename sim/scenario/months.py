"""Months as they are written."""

from __future__ import annotations


def format_month(absolute: int) -> str:
    """``YYYY-MM`` of a month counted from year 0."""
    return f"{absolute // 12:04d}-{absolute % 12 + 1:02d}"
