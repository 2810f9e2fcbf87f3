"""The block ``doubt`` as it is written: which numbers are in doubt, by which law, and how many draws there are to be.

Which keys of a form go together, and whether its numbers could stand where it is about, is told where the rest of the
scenario is known (:mod:`sim.language.doubted`): that depends on the number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

from sim.errors import inert
from sim.language.part import Part, mapping_or_scalar
from sim.language.values import Choice, Kind, Number, refusal

A_LAW = "{p10: …, p90: …} by percentiles, {low: …, high: …} by its ends"
"""How a law is written, in short."""

LEAST_DRAWS, MOST_DRAWS = 256, 2**19

_PERCENTILE = r"p[1-9][0-9]?"
_OTHERS = ("low", "mode", "high", "values", "shift")
_WITH = "drivers that move several doubts are not there yet: leave `with` out"


@dataclass(frozen=True)
class FormKey(Kind):
    """A key of a form: a percentile, an end, a mode, values with weights, a shift."""

    words: ClassVar[str] = "p1 to p99, low, mode, high, values or shift as key"
    merges: ClassVar[bool] = False

    def parse(self, value: Any) -> str:
        """Keep a key that is one of these."""
        text = str(value)
        if re.fullmatch(_PERCENTILE, text) or text in _OTHERS:
            return text
        raise refusal(f"the key {inert(text, 60)}", self.words, _meant(text))

    def json(self) -> CoreSchema:
        """Text by pattern."""
        return core_schema.str_schema(strict=True, pattern=f"^({_PERCENTILE}|{'|'.join(_OTHERS)})$")


def _meant(text: str) -> str | None:
    """Say what was probably meant by a key that is none."""
    lower = text.lower()
    if lower == "with":
        return _WITH
    if lower in ("median", "mean"):
        return "write p50" if lower == "median" else "give the median, p50"
    if lower in ("min", "max", "from", "to", "lowest", "highest"):
        return f"write {'low' if lower in ('min', 'from', 'lowest') else 'high'}"
    if lower in ("uniform", "triangular", "pert", "lognormal", "normal", "beta"):
        return f"write {A_LAW}"
    if found := re.fullmatch(r"[pq]?0?\.?([1-9][0-9]?)( ?%)?", lower):
        return f"write p{found.group(1)}"
    near = get_close_matches(lower[:60], ("p10", "p50", "p90", *_OTHERS), n=1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else None


_NUMBER = {"type": "number"}
_LAW: dict[str, Any] = {
    "low": {**_NUMBER, "description": "Lowest value."},
    "mode": {**_NUMBER, "description": "Most likely value, of a PERT law; without it all values are equally likely."},
    "high": {**_NUMBER, "description": "Highest value."},
    "p50": {**_NUMBER, "description": "Median; default: the number in the file, of a shift 0."},
}
_PERCENTILES = {
    f"^{_PERCENTILE}$": {
        **_NUMBER,
        "description": "Percentile: with p10 goes p90, with p5 p95, and p50 or none.",
    }
}
_IN_JSON: dict[str, Any] = {
    "type": "object",
    "minProperties": 1,
    "properties": {
        **_LAW,
        "values": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"type": "number", "minimum": 0},
            "description": "Values with their weights: numbers, months, words, true and false.",
        },
        "shift": {
            "type": "object",
            "minProperties": 1,
            "properties": _LAW,
            "patternProperties": _PERCENTILES,
            "additionalProperties": False,
            "description": "What is added to a number, or to each number of a schedule, by one of the other forms.",
        },
    },
    "patternProperties": _PERCENTILES,
    "additionalProperties": False,
}

DoubtForm = Annotated[
    dict[
        Annotated[str, FormKey()],
        Annotated[
            Annotated[float, Number(), Tag("<scalar>")]
            | Annotated[dict[str, Annotated[float, Number()]], Field(min_length=1), Tag("<mapping>")],
            Discriminator(mapping_or_scalar),
        ],
    ],
    Field(min_length=1),
    WithJsonSchema(_IN_JSON),
]

RANGES = ("p10-p90", "p5-p95", "utmost")


class DoubtPart(Part):
    """What is in doubt: numbers of the scenario that may be others, each by a law of its own."""

    numbers: dict[str, DoubtForm] | None = Field(
        None, description="Numbers, months, words and truth values in doubt, by dotted path, each with its law."
    )
    ranges: Annotated[Literal["p10-p90", "p5-p95", "utmost"], Choice(RANGES)] | None = Field(
        None,
        description="What `low` and `high` of assumptions are taken for; each number that has them and stands nowhere "
        "above is in doubt too.",
    )
    draws: Annotated[int, Number(ge=LEAST_DRAWS, le=MOST_DRAWS, whole=True)] = Field(
        1024, description="Number of draws of what is in doubt; rounded up to 16 times a power of two."
    )
