"""The language's reference page and the JSON Schema for editors, both written from the one schema."""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.language import schema
from sim.language.choice_reference import CHOICES
from sim.language.doubt_parts import FormKey
from sim.language.doubt_reference import NUMBERS_IN_DOUBT
from sim.language.values import Identifier, Key, Kind, Month, Number

_TITLES = {"ScenarioPart": "The file", "RangePart": "A range of a sweep", "LawPart": "Laws", "TimingPart": "Timing"}

_BEGINNING = """\
# The scenario language, version 1.2

This page is written from the schema by `switchrisk schema --markdown`; a test holds the two together. What a scenario
*means* is in [model.md](model.md); this is what may stand in a file. Editors that know JSON Schema complete and check
a scenario that begins with the line

```yaml
# yaml-language-server: $schema=scenario.schema.json
```

with the schema beside it (`switchrisk schema > scenario.schema.json`). `switchrisk init` writes a commented scenario
together with the schema, `switchrisk check` says in words what one says.

## How a file is read

- A file is one YAML 1.2 document of plain data, in UTF-8, of at most 1 MiB. Anchors, aliases, tags, merge keys and a
  second document are refused, and so is a key that stands twice.
- A number is decimal and plain: `0.5`, `1e-3`. These are none: `50%`, `1_000`, `010`, `0x1F`, `1:30`, a number in
  quotes, `.nan`, `.inf`.
- `true` and `false` are the only truth values. `no`, `yes`, `on` and `off` are refused where a text is due, unless
  they stand in quotes.
- A month is `YYYY-MM`. Ids of customers, events and levers: a letter from a to z, then letters, digits and `_`.
- Rates and volatilities are per year, amounts per month in the unit `money`, shares between 0 and 1.
- A scenario that is valid stays valid, and keeps its meaning, in every later version 1.x (`scenario: 1` stays). Only
  numbers far beyond sense may be refused later, where they end in no number. Version 1.1, of switchrisk 0.4, added what
  contracts hold beside a monthly floor, groups, and what events may do besides; version 1.2, of switchrisk 0.5, added
  `doubt` and `choices`, and `first` without `term`, a contract that ends. An older one answers keys that it does not
  know as unknown.

## Building on another file

`extends: base.yaml` takes over another scenario and changes what this file says itself. The path is relative to the
file in which it stands, and may not leave the folder of the scenario that was asked for. Mappings are merged key by
key; a list or a single value replaces what was there; `null` removes it. An inherited axis of `sweep` over what was
removed goes with it, which `check` tells. A law by another name replaces the whole law,
and so do `month` and a law each other, `sigma` and `p90` likewise. `from` stays beside a new law, and goes when `month`
or `hazard` comes in. No file may extend itself, by whatever detour.

On the command line `--set events.ban.probability=0.8` overrides a value by its dotted path, read as YAML; in Python
`sim.load(file, set={"events.ban.probability": 0.8})` does. A key that contains a dot cannot be addressed. A number
that changes loses the evidence it had, unless the changing file gives its own. To move a law later or sooner and keep
its shape, give its spread by `sigma` (or `shape`) and change its median (or `scale`).
"""

_LAW_NOTE = """\
A law stands wherever a delay, a duration or a share may be uncertain: as timing, `after`, `lasts`, `notice`, `over` or
`to`. Its numbers are months, or shares for `to`; durations are rounded up to whole months. A timing and an `after` must
be positive, without any probability at 0.
"""

_END = """\
## What is refused

Beside wrong keys, types and ranges:

- ids that do not exist, triggers in a circle, an event that triggers itself;
- months where none makes sense: `known` before `start` or beyond the horizon, a `month` timing before `start`, a window
  outside the period, a growth schedule that begins after `start`;
- an event without `timing` that has a probability, or that no event sets off;
- a law of which nothing is left after `known`, a table that does not sum to 1, probability at 0 in a timing;
- a commitment on a pool, or without term and renewal or a first term; `amount` beside `share`; `rises` beside a
  schedule of amounts, or with an amount per term; `first` and `renews` that disagree; `renews` or
  `auto_renews` of a contract that has a first term and no `term`, and so is not renewed;
- `at_renewal`, of a timing or of `leaves`, for a customer whose contract does not renew; `leaves` where it is no
  choice;
- `starts` after `ends` or outside the horizon; a season of months that there are not;
- a group of which no customer is, of a pool, or called as a customer is;
- a lever against what is not the choice of a single customer, and a second lever against the same event;
- `repeats` of an event without a timing, with `month`, `at_renewal` or `permanent`, of which nothing that comes of it
  `lasts` for a time, or with a lever against it;
- one `choice` event of several customers, without `each` and without a `notice` of its own, whose contracts differ in
  notice; agreements of one group are one customer's, each with its own notice;
- a sweep over something that is neither a number nor a month, or with a cell that is not valid by itself;
- a doubt about what is not there, in a list, or a label; a second doubt about a number; a law whose numbers do not
  rise, or lie outside the range of the number or, being percentiles, on its bound; a median, which without `p50` is the
  file's number, outside its percentiles; weights that are negative or all 0;
- a single choice; one that sets what no choice may, or another discount rate, or with which the scenario is not valid;
- anything that needs more memory than the machine has; that is said before the work begins;
- numbers far beyond sense: an amount that may grow beyond 1e60, a rate above 1e60, a number of a law above 1e15, a
  `sigma` above 100, a Weibull `shape` below 0.01, a law of levels that may go beyond 1e30.

Every refusal names file, line, column and path, says what was found and what is allowed, and gives the nearest name
where a key or an id is misspelt.

## What is doubted

A scenario may be valid and probably not meant. It runs as it stands, and `check`, `run` and the report say so, with
file, line and column, and with what may be meant:

- growth of 200 % a year or more, a discount rate above 100 %, a volatility above 300 %, usage or a price that goes to
  300 % or more: rates are shares, `0.285` is 28.5 %; a `sigma` above 5;
- an event with a `month` at or before a `known` that stands in the file: it happens all the same;
- an inherited axis of a sweep over what was removed: the sweep goes without it;
- a month in a schedule of amounts in which no period begins, or of chances at renewals that is none: it counts from
  the next that is; a probability below 1 beside a chance of 1 at each renewal, which falls at the first as a whole;
- a target above twice, or below half, of what its window brings without events;
- a plausible range that does not hold its value, is a point, or stands on a mapping of different numbers; a tornado
  leaves it out.

## Where numbers come from

Every number under `vendor`, `customers`, `events` and `levers`, and `risk.target`, needs a source under `evidence`: the
id of a fact in a folder `seeds` beside the scenario's folder (or in the bundled one), or an assumption that says why,
with a plausible range where there is one. An entry on a mapping covers the numbers below it that have none of their
own. `switchrisk evidence` lists them all.
"""


def reference_page() -> str:
    """The language's reference page, as Markdown."""
    homes = _homes(schema.ScenarioPart)
    parts = list(homes)
    titles = {part: _TITLES.get(part.__name__, part.__name__.removesuffix("Part")) for part in parts}
    blocks = [_BEGINNING]
    laws = [part for part in parts if part.__name__ == "LawPart" or _is_a_law(part, parts)]
    for part in [part for part in parts if part not in laws] + laws:
        depth = "##" if part not in laws or part.__name__ == "LawPart" else "###"
        note = f"{_LAW_NOTE}\n" if part.__name__ == "LawPart" else ""
        where = "" if part in laws else _where(homes[part])
        blocks.append(f"{depth} {titles[part]}\n\n{where}{_about(part)}\n\n{note}{_key_table(part, titles)}")
    return "\n".join([*blocks, NUMBERS_IN_DOUBT, CHOICES, _END])


def schema_text() -> str:
    """The JSON Schema as text, the way it stands in a file."""
    return json.dumps(schema.json_schema(), indent=2, ensure_ascii=False) + "\n"


def _where(homes: list[str]) -> str:
    """Say under which paths a part stands."""
    return f"Under {' and '.join(f'`{home}`' for home in homes)}. " if homes[0] else ""


def _about(part: type[BaseModel]) -> str:
    lines = " ".join((inspect.getdoc(part) or "").split())
    groups: tuple[tuple[str, ...], ...] = getattr(part, "exactly_one", ())
    told = "".join(f" Exactly one of {', '.join(f'`{key}`' for key in group)}." for group in groups if len(group) < 4)
    return lines + told


def _key_table(part: type[BaseModel], titles: dict[type[BaseModel], str]) -> str:
    rows = ["| key | what it is | allowed | default |", "|---|---|---|---|"]
    for name, field in part.model_fields.items():
        key = field.alias or name
        allowed = _cell(_allowed(field, titles))
        rows.append(f"| `{key}` | {_cell(field.description or '')} | {allowed} | {_default(field)} |")
    return "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    if field.default is None or field.default == "":
        return ""
    default = f"{field.default:g}" if isinstance(field.default, float) else json.dumps(field.default).strip('"')
    return f"`{default}`"


def _allowed(field: FieldInfo, titles: dict[type[BaseModel], str]) -> str:
    for mark in field.metadata:
        if isinstance(mark, Kind):
            return mark.allowed
    return _words(field.annotation, titles)


def _words(annotation: Any, titles: dict[type[BaseModel], str]) -> str:
    """What an annotation of the schema allows, in words."""
    origin = get_origin(annotation)
    if origin is Annotated:
        base, *marks = get_args(annotation)
        kind = next((mark for mark in marks if isinstance(mark, Kind)), None)
        return _words(base, titles) if kind is None else kind.allowed
    if origin in (Union, types.UnionType):
        branches = [branch for branch in get_args(annotation) if branch is not type(None)]
        said = [_words(branch, titles) for branch in branches]
        # A leaf that names its alternative ("a number, or a law such as ...") speaks for the other branch too.
        spoken = [text for branch, text in zip(branches, said, strict=True) if _names_alternative(branch)]
        return spoken[0] if spoken else "; or ".join(said)
    if origin is dict:
        key, value = get_args(annotation)
        if any(isinstance(mark, FormKey) for mark in get_args(key)[1:]):
            return "a law of [numbers in doubt](#numbers-in-doubt)"
        return f"by {_key_words(key)}: {_words(value, titles)}"
    if origin is list:
        return f"a list, each {_words(get_args(annotation)[0], titles)}"
    if isinstance(annotation, type) and annotation in titles:
        title = titles[annotation]
        return f"[{title}](#{title.lower().replace(' ', '-')})"
    return getattr(annotation, "__name__", str(annotation))


def _names_alternative(annotation: Any) -> bool:
    marks = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return any(
        (isinstance(mark, Number) and mark.alternative) or (isinstance(mark, Identifier) and "," in mark.what)
        for mark in marks
    )


def _key_words(annotation: Any) -> str:
    marks = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    for mark in marks:
        if isinstance(mark, Identifier):
            return "id"
        if isinstance(mark, Month):
            return "month"
        if isinstance(mark, Key):
            return "value"
    return "dotted path"


def _homes(root: type[BaseModel]) -> dict[type[BaseModel], list[str]]:
    """The parts of the schema in the order in which a reader meets them, each with the dotted paths where it stands."""
    homes: dict[type[BaseModel], list[str]] = {}

    def visit(part: type[BaseModel], path: str) -> None:
        first = part not in homes
        homes.setdefault(part, []).append(path)
        if not first:
            return
        for name, field in part.model_fields.items():
            for below, step in _parts_in(field.annotation):
                visit(below, f"{path}.{field.alias or name}{step}".lstrip("."))

    visit(root, "")
    return homes


def _parts_in(annotation: Any, step: str = "") -> Iterator[tuple[type[BaseModel], str]]:
    """Parts that an annotation holds, each with the step that leads to it: none, or that of a mapping by id."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, step
    by_key = step
    if get_origin(annotation) is dict:
        by_key = ".<id>" if _key_words(get_args(annotation)[0]) == "id" else ".<path>"
    for argument in get_args(annotation):
        if isinstance(argument, type) or get_origin(argument) is not None:
            yield from _parts_in(argument, by_key)


def _is_a_law(part: type[BaseModel], parts: list[type[BaseModel]]) -> bool:
    """Whether a part holds the parameters of a law."""
    laws = next(one for one in parts if one.__name__ == "LawPart")
    return any(part is one for field in laws.model_fields.values() for one, _ in _parts_in(field.annotation))
