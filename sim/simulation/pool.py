"""Work on threads: never more of it under way than there are workers, in turn where no thread can be had."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]
"""Called with the number of paths done and of all paths."""
