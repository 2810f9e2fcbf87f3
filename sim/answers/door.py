"""The one way up: how an answer finds its pictures and its folder, which are above it and heavy to load."""

from __future__ import annotations

from types import ModuleType


def plots() -> ModuleType:
    """The pictures."""
    from sim import plots

    return plots


def archives() -> ModuleType:
    """The folders in which results are kept."""
    from sim import archives

    return archives
