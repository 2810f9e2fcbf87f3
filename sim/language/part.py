"""What every mapping of the language shares, and the leaves that stand in many of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from sim.language.hints import numeral, numerals, under
from sim.language.values import Flag, Identifier, Month, Number, Text, refusal, show


def _say_in_json(schema: dict[str, Any], part: type[BaseModel]) -> None:
    """Say in the JSON Schema which keys go together."""
    if not issubclass(part, Part):
        return
    rules: list[dict[str, Any]] = [{"oneOf": [{"required": [key]} for key in group]} for group in part.exactly_one]
    rules += [{"not": {"required": list(pair)}} for pair in part.excludes]
    rules += part.more_rules
    if part.needs:
        schema["dependentRequired"] = {key: list(others) for key, others in part.needs.items()}
    if len(rules) == 1:
        schema.update(rules[0])
    elif rules:
        schema["allOf"] = rules


LARGEST_RATE = 1e60
"""A yearly rate beyond all sense; a step of growth in one month, which is a rate a year, must have room below it."""


class Part(BaseModel):
    """What every mapping of the language shares: no other keys than these, and nothing is converted silently."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, defer_build=True, json_schema_extra=_say_in_json
    )

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of keys of which exactly one must be given. Validation, merging and JSON Schema go by these three."""
    needs: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Keys that may be given only together with others."""
    excludes: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of keys that must not be given together; when the second is merged in, an inherited first goes."""
    more_rules: ClassVar[tuple[dict[str, Any], ...]] = ()
    """What JSON Schema says of keys that go together and a part's own validator checks."""
    alone: ClassVar[str] = ""
    """The key that a lone number stands for, where one was written in place of the mapping."""
    number_is: ClassVar[str] = ""
    """The key that a lone number sets, where one may stand in place of the mapping."""
    in_order: ClassVar[tuple[str, ...]] = ()
    """The keys that a list of as many numbers stands for."""

    @model_validator(mode="before")
    @classmethod
    def _is_a_mapping(cls, data: Any) -> Any:
        if isinstance(data, cls):
            return data  # a part of a scenario that was valid before, and has not changed
        if not isinstance(data, dict):
            keys = [field.alias or name for name, field in cls.model_fields.items()]
            raise refusal(show(data), f"a mapping with {', '.join(keys)}", cls.meant(data))
        return data

    @classmethod
    def meant(cls, data: Any) -> str | None:
        """Say what was probably meant by something that is no mapping."""
        number, several = numeral(data), numerals(data)
        if number is not None and cls.alone:
            return f"write {under((cls.alone,), (number,))}"
        if several is not None and len(several) == len(cls.in_order):
            return f"write {under(cls.in_order, several)}"
        return None

    def lacks(self, key: str, lacking: Sequence[str], others: Sequence[str]) -> PydanticCustomError:
        """Say that a key is given without all the others that it needs."""
        found, allowed = f"{key} without {' and '.join(lacking)}", f"{key} only with {' and '.join(others)}"
        return refusal(found, allowed, f"add {' and '.join(lacking)}, or leave {key} out", at=key)

    @model_validator(mode="after")
    def _keys_fit_together(self) -> Part:
        given = given_keys(self)
        for group in self.exactly_one:
            chosen = [key for key in group if key in given]
            if len(chosen) != 1:
                found = f"{' and '.join(chosen)} together" if chosen else f"none of {', '.join(group)}"
                raise refusal(found, f"exactly one of {', '.join(group)}", at=",".join(chosen))
        for key, others in self.needs.items():
            lacking = [other for other in others if other not in given]
            if key in given and lacking:
                raise self.lacks(key, lacking, others)
        for first, second in self.excludes:
            if first in given and second in given:
                raise refusal(f"{first} beside {second}", f"one of {first}, {second}", at=f"{first},{second}")
        return self


def given_keys(part: BaseModel) -> set[str]:
    """Give the keys that stand in the file, as they are written there."""
    fields = type(part).model_fields
    return {fields[name].alias or name for name in part.model_fields_set}


def mapping_or_scalar(value: Any) -> str:
    """Tell the branches of a union apart by the shape of what stands there, so that only one of them answers."""
    return "<mapping>" if isinstance(value, dict | Part) else "<scalar>"


Share = Annotated[float, Number(ge=0, le=1)]
NotNegative = Annotated[float, Number(ge=0)]
Positive = Annotated[float, Number(gt=0)]
Whole = Annotated[int, Number(ge=0, whole=True)]
Rate = Annotated[float, Number(gt=-1, le=LARGEST_RATE)]
YearMonth = Annotated[str, Month()]
Line = Annotated[str, Text("a text")]
Name = Annotated[str, Text("a name")]
Truth = Annotated[bool, Flag()]
Id = Annotated[str, Identifier()]
