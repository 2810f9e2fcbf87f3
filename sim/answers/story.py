"""A path's ledger as a table that can draw itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sim.answers import door
from sim.engines.ledger import Entry
from sim.errors import UsageError
from sim.scenario.parts import Scenario
from sim.words.story import told

COLUMNS = ("month", "kind", "who", "what", "why", "money", "lost")


class Story(pd.DataFrame):
    """One path's ledger: a DataFrame, one row a line, that keeps the scenario it is about.

    What pandas makes of it is a Story too; :func:`sim.trace` says what its columns and its ``attrs`` hold. ``plot``
    draws the path and takes the place of pandas' own plots, which ``pandas.DataFrame(story).plot`` still gives.

    Attributes
    ----------
    scenario
        The scenario of the path.
    entries
        What the rows say as facts, from which their words are made.
    """

    _metadata = ["scenario", "_ledger"]  # noqa: RUF012 - pandas reads it from the class
    scenario: Scenario | None = None
    _ledger: Mapping[int, Entry] = {}

    @classmethod
    def of(cls, scenario: Scenario, entries: Sequence[Entry]) -> Story:
        """Lay a path's ledger out."""
        rows = [(scenario.month_label(e.month), e.kind, e.subject, *told(e), e.money, _lost(e)) for e in entries]
        story = cls(rows, columns=list(COLUMNS)).astype({"money": float, "lost": float})
        story.scenario = scenario
        story._ledger = dict(enumerate(entries))
        return story

    @property
    def _constructor(self) -> type[Story]:
        return Story

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Entries of the ledger with their facts (see :mod:`sim.engines.ledger`), one a row.

        A row is known by its label in the index, so a selection of rows, sorted or not, has the entries of these.

        Raises
        ------
        UsageError
            Where the rows have lost the labels that the story gave them.
        """
        found = [self._ledger.get(label) for label in self.index]
        known = tuple(entry for entry in found if entry is not None)
        kinds = [entry.kind for entry in known]
        if len(known) < len(self) or ("kind" in self and kinds != self["kind"].tolist()):
            raise UsageError(
                "entries: found rows without the labels of their story", help="keep the index that `sim.trace` gave"
            )
        return known

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
        over = sum(entry.kind == "month" and not entry.own for entry in self.entries) if months else 0
        if not set(COLUMNS) <= set(self.columns) or over != months or not months:
            raise UsageError(
                "plot: found a part of a story, allowed is a whole one", help="pandas.DataFrame(story).plot draws parts"
            )
        return door.plots().draw_story(self, ax)


def _lost(entry: Entry) -> float | None:
    if entry.kind != "month" or entry.own or entry.money is None:
        return None
    return float(entry.facts["baseline"] - entry.money)
