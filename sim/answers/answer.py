"""What every answer has: who knows one knows the next."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.chance.draws import VERSIONS
from sim.chance.sampling import Sampling
from sim.scenario.parts import Scenario
from sim.version import __version__

if TYPE_CHECKING:
    import pandas as pd

FORMAT = 1
"""Version of the JSON that answers are written as."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Answer(ABC):
    """What came of a question; frozen.

    Attributes
    ----------
    scenario
        What the question was about; of several scenarios the first.
    sampled
        How it was sampled.
    seconds
        Time it took.
    """

    scenario: Scenario = field(repr=False)
    sampled: Sampling = field(repr=False)
    seconds: float = field(repr=False)

    @property
    def paths(self) -> int:
        """Paths of a simulation."""
        return self.sampled.paths

    @property
    def seed(self) -> int:
        """The seed."""
        return self.sampled.seed

    @property
    def sampling(self) -> str:
        """``plain`` for independent paths, ``sobol`` for scrambled quasi-random points."""
        return self.sampled.method

    @property
    @abstractmethod
    def headline(self) -> str:
        """The answer in a line of plain words; it may hold text of the scenario."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data, ready for JSON; None where something can't be estimated."""

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """The answer as a tidy table."""

    @abstractmethod
    def card(self) -> str:
        """The answer as a small card for a notebook: HTML without scripts, all text escaped."""

    def to_json(self) -> str:
        """:meth:`to_dict` as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def _repr_html_(self) -> str:
        return self.card()

    def run_record(
        self, *, engine: str = "kernel", streams: int | None = None, version: str = __version__
    ) -> dict[str, Any]:
        """How the numbers were made, as plain data."""
        return {
            "version": version,
            "engine": engine,
            "paths": self.paths,
            "seed": self.seed,
            "sampling": self.sampling,
            "streams": VERSIONS[self.sampling] if streams is None else streams,
            "seconds": round(self.seconds, 3),
        }
