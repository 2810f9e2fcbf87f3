"""What the schema allows at a dotted path: its leaf, its keys, its items."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from sim.language.hints import SYNONYMS
from sim.language.part import Part
from sim.language.schema import ScenarioPart
from sim.language.values import Kind

Path = tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """What may stand at one place: a leaf, a mapping of known keys or of free keys, a list; several, in a union.

    Free keys are of the kind ``keyed``, and have ``values``.
    """

    leaf: Kind | None = None
    part: type[Part] | None = None
    values: Any = None
    items: Any = None
    keyed: Kind | None = None

    @property
    def keys(self) -> dict[str, FieldInfo]:
        """The known keys, as written in a file."""
        return {} if self.part is None else _keys_of(self.part)

    def below(self, key: str) -> Place | None:
        """Descend by a key or an item's number; None where the schema knows nothing there."""
        if self.part is not None and (place := _places_of(self.part).get(key)) is not None:
            return place
        if self.values is not None:
            return _of(self.values)
        return _of(self.items) if self.items is not None and key.isdecimal() else None


@lru_cache(maxsize=64)
def _keys_of(part: type[Part]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in part.model_fields.items()}


@lru_cache(maxsize=64)
def _places_of(part: type[Part]) -> dict[str, Place]:
    return {key: _of_field(field) for key, field in _keys_of(part).items()}


def _of_field(field: FieldInfo) -> Place:
    for mark in field.metadata:
        if isinstance(mark, Kind):
            return Place(leaf=mark)
    annotation: Any = field.annotation
    return _of(annotation)


@lru_cache(maxsize=256)
def _of(annotation: Any) -> Place:
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *marks = get_args(annotation)
        kind = next((mark for mark in marks if isinstance(mark, Kind)), None)
        return _of(base) if kind is None else Place(leaf=kind)
    if origin in (Union, types.UnionType):
        found = [_of(branch) for branch in get_args(annotation) if branch is not type(None)]
        return Place(
            leaf=next((place.leaf for place in found if place.leaf is not None), None),
            part=next((place.part for place in found if place.part is not None), None),
            values=next((place.values for place in found if place.values is not None), None),
            items=next((place.items for place in found if place.items is not None), None),
            keyed=next((place.keyed for place in found if place.keyed is not None), None),
        )
    if origin is dict:
        key, values = get_args(annotation)
        return Place(values=values, keyed=_of(key).leaf)
    if origin is list:
        return Place(items=get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return Place(part=annotation)
    return Place()


ROOT = Place(part=ScenarioPart)


def find(path: Iterable[str]) -> Place | None:
    """Look up what the schema allows at a path; None where nothing."""
    return _find(tuple(path))


@lru_cache(maxsize=4096)
def _find(path: Path) -> Place | None:
    place: Place | None = ROOT
    for step in path:
        place = None if place is None else place.below(step)
    return place


def meant_by(name: str, paths: Iterable[str]) -> list[str]:
    """Find the paths that a short name may stand for.

    Those that end with it; where none does, those of the number that its mapping may be written as: ``commitment``
    stands for ``customers.one.contract.commitment.share``.
    """
    several = list(paths)
    return [path for path in several if path.endswith(f".{name}")] or [
        path for path in several if path.endswith(f".{name}.{_number_of_mapping(path)}")
    ]


def _number_of_mapping(path: str) -> str:
    """The key of a path's mapping for which a number may stand in its place; none where there is no such key."""
    place = find(path.split(".")[:-1])
    return "" if place is None or place.part is None else place.part.number_is


def walk(place: Place, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every key that may stand below a place, after the path to it; free keys are ``<id>``."""
    for key in place.keys:
        yield path, key
        below = place.below(key)
        if below is not None:
            yield from walk(below, (*path, key))
    if place.values is not None:
        yield from walk(_of(place.values), (*path, "<id>"))


@lru_cache(maxsize=1)
def _homes() -> dict[str, list[str]]:
    homes: dict[str, list[str]] = {}
    for path, key in walk(ROOT):
        homes.setdefault(key, []).append(".".join(path) or "the top level")
    return homes


def homes(key: str) -> list[str]:
    """List where in a scenario a key is at home, the shortest paths first."""
    return sorted(_homes().get(key, []), key=lambda home: home.count("."))


def where_at_home(key: str) -> str | None:
    """Say where in a scenario a key is at home; None where nowhere."""
    at_home = homes(key) if len(key) <= 64 else []
    if not at_home:
        return None
    return f"{key} belongs under {', '.join(at_home[:3])}" + (" and others" if len(at_home) > 3 else "")


def synonym_of(key: str, place: Place) -> str | None:
    """The key that is known by another name, or another spelling, to who wrote ``key``; None where there is none."""
    lower = key.lower().replace("-", "_")
    if key != lower and lower in place.keys:
        return lower
    return None if place.part is None else SYNONYMS.get(place.part.__name__, {}).get(lower)
