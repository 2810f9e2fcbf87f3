"""The block ``choices`` as it is written: what each sets, and what it costs.

What is set is whatever stands in a scenario, so that only the scenario with it can be checked
(:mod:`sim.language.choices`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import Field, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from sim.errors import inert
from sim.language.part import Name, Part
from sim.language.reader import Scalar
from sim.language.values import NUMERAL, Kind, Number, refusal

LARGEST_COST = 1e60


@dataclass(frozen=True)
class SetPath(Kind):
    """The dotted path of what a choice sets."""

    words: ClassVar[str] = "a dotted path"
    merges: ClassVar[bool] = False

    def parse(self, value: Any) -> str:
        """Take a path; whether it leads anywhere is told where the scenario is known."""
        text = str(value)
        if not text or not all(text.split(".")):
            raise refusal(f"the path `{inert(text, 60)}`", "a dotted path, such as levers.an_offer.acceptance")
        return text

    def json(self) -> CoreSchema:
        """Text."""
        return core_schema.str_schema(strict=True, min_length=1)


@dataclass(frozen=True)
class Anything(Kind):
    """Whatever may stand somewhere in a scenario: a single value, a list or a mapping of such; null removes."""

    words: ClassVar[str] = "what may stand at that path, or null to remove what does"

    def parse(self, value: Any) -> Any:
        """Take it as plain data: numbers and truth values where the text is one and stood without quotes."""
        if isinstance(value, dict):
            return {str(key): self.parse(below) for key, below in value.items()}
        if isinstance(value, list):
            return [self.parse(item) for item in value]
        if not isinstance(value, Scalar):
            return value
        raw = value.value
        if value.is_null:
            return None
        if isinstance(raw, str) and value.plain:
            if raw in ("true", "false"):
                return raw == "true"
            if NUMERAL.fullmatch(raw):
                return float(raw)
        return raw

    def json(self) -> CoreSchema:
        """Anything."""
        return core_schema.any_schema()


class ChoicePart(Part):
    """Something that can be done, held against the others: what it sets, and what it costs."""

    name: Name | None = Field(None, description="Label for readers; default: the id.")
    set: Annotated[
        dict[Annotated[str, SetPath()], Annotated[Any, Anything()]] | None,
        WithJsonSchema({"type": "object", "propertyNames": {"minLength": 1}}),
    ] = Field(None, description="What it changes in the scenario, by dotted path, as `--set` does; null removes.")
    cost: Annotated[float, Number(ge=-LARGEST_COST, le=LARGEST_COST)] = Field(
        0.0, description="Present value of what it costs, in the scenario's unit; below 0 it brings money in."
    )
