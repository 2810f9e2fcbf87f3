"""The pictures of a run."""

from __future__ import annotations

from sim.results import Result


class ResultPlots:
    """Pictures of a run's result; ``result.plot`` is one."""

    def __init__(self, result: Result) -> None:
        self._result = result
