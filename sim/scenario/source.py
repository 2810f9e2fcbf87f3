"""What a scenario was made of, as far as the scenario knows of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sim.errors import Doubt
    from sim.scenario.parts import Scenario


class Source(Protocol):
    """What a scenario was made of; it knows how to make it again with changes (see :func:`sim.language.change`)."""

    @property
    def change(self) -> Callable[[Scenario, Any], Scenario]:
        """Make a changed copy of a scenario."""

    @property
    def doubt(self) -> Callable[[Scenario], tuple[Doubt, ...]]:
        """Say what is doubtful in a scenario."""
