"""A path's ledger as a table that can draw itself."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sim.answers import door
from sim.errors import UsageError
from sim.scenario.parts import Scenario

COLUMNS = ("month", "kind", "who", "what", "why", "money", "lost")


class Story(pd.DataFrame):
    """One path's ledger: a DataFrame, one row a line, that keeps the scenario it is about.

    What pandas makes of it is a Story too; :func:`sim.trace` says what its columns and its ``attrs`` hold. ``plot``
    draws the path and takes the place of pandas' own plots, which ``pandas.DataFrame(story).plot`` still gives.

    Attributes
    ----------
    scenario
        The scenario of the path.
    """

    _metadata = ["scenario"]  # noqa: RUF012 - pandas reads it from the class
    scenario: Scenario | None = None

    @property
    def _constructor(self) -> type[Story]:
        return Story

    def plot(self, ax: Any = None) -> Any:  # type: ignore[override]
        """Draw the story: events, contracts and offers as swim lanes, the money below.

        Parameters
        ----------
        ax
            Axes of matplotlib to draw in, as two panels; None: on a figure of its own.

        Returns
        -------
        Axes
            What was given, or the upper panel.

        Raises
        ------
        UsageError
            For a part of a ledger, or one that has lost its columns.
        """
        months = 0 if self.scenario is None else self.scenario.months
        if not set(COLUMNS) <= set(self.columns) or int((self["kind"] == "month").sum()) != months or not months:
            raise UsageError(
                "plot: found a part of a story, allowed is a whole one", help="pandas.DataFrame(story).plot draws parts"
            )
        return door.plots().draw_story(self, ax)
