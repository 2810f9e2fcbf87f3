"""Every number of the language at its extremes is refused with its place, or ends in numbers, never in inf or NaN."""

from __future__ import annotations

import contextlib
import html
import io
import json
import math
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

import sim
from sim.cli import main
from sim.errors import SimError
from sim.language.places import ROOT, find, walk
from sim.language.values import Number

BASE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "extremes.yaml").read_text(encoding="utf-8"))

HUGE = (1.7e308, 1e200, 1e100, 1e60, 1e30, 1e15, 1e9)
TINY = (5e-324, 1e-300, 1e-100, 1e-30)
EDGES = (0, 1, 1 - 1e-15, 1e-15, -1 + 1e-15, -1 + 1e-6, -1, 0.2, 12)

# inf and NaN as words; not in a name, a path or the middle of a word.
NO_NUMBER = re.compile(r"(?<![\w./-])[-−+]?(inf|nan|infinity)(?![\w/])", re.IGNORECASE)

NOT_TRIED = {"run.paths", "doubt.draws"}  # no amounts; too many of them are refused, see test_refused.py


def leaves(node: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all numbers, and of values of tables, under their keys."""
    if isinstance(node, dict):
        for key, below in node.items():
            yield from leaves(below, (*above, str(key)))
    elif isinstance(node, list) and any(isinstance(item, dict) for item in node):
        for number, item in enumerate(node):
            yield from leaves(item, (*above, str(number)))
    elif isinstance(node, int | float) and not isinstance(node, bool):
        yield above


LEAVES = [path for path in leaves(BASE) if path != ("scenario",) and "table" not in path]
TABLES = sorted({path[: path.index("table") + 1] for path in leaves(BASE) if "table" in path})


def plain(steps: tuple[str, ...]) -> tuple[str, ...]:
    """A path with free keys as ``<id>``."""
    found, place = [], ROOT
    for step in steps:
        found.append(step if step in place.keys else "<id>")
        below = place.below(step)
        assert below is not None
        place = below
    return tuple(found)


def test_every_number_of_the_language_stands_in_the_scenario() -> None:
    known = {
        (*above, key)
        for above, key in walk(ROOT)
        if above[:1] not in (("evidence",), ("sweep",)) and (place := find((*above, key))) is not None
        and isinstance(place.leaf, Number)
    } - {("scenario",)}  # fmt: skip
    # A law stands in several places; each of its numbers must stand in one of them, each law as delay, level, duration.
    ends = {path[-2:] for path in map(plain, LEAVES)} | {path[-1:] for path in map(plain, LEAVES)}
    assert {path for path in known if path[-2:] not in ends and path[-1:] not in ends} == set()
    for place in ("timing", "to", "lasts"):
        laws = {path[i + 1] for path in [*LEAVES, *TABLES] for i, step in enumerate(path[:-1]) if step == place}
        wanted = {"exponential", "lognormal", "gamma", "weibull"}
        assert wanted <= laws, place


def alone(path: tuple[str, ...]) -> dict[str, Any]:
    """The scenario with the event that holds a number, and no other: quicker, and nothing else is in the way."""
    event = path[1] if path[0] == "events" else "leave"
    kept = {event, *BASE["events"][event].get("triggers", {})}
    if path[0] == "together":
        kept = {*BASE["together"][int(path[1])]["events"]}
    data = {
        **BASE,
        "together": BASE["together"] if path[0] == "together" else [],
        "events": {key: value for key, value in BASE["events"].items() if key in kept},
    }
    for section in {"doubt", "choices"} - {path[0]}:  # what these say would refuse what does not go with it
        del data[section]
    return data if "leave" in kept else {key: value for key, value in data.items() if key != "levers"}


def loaded(path: tuple[str, ...], value: float) -> sim.Scenario | None:
    """The scenario with one number at a value; None where that is refused, as it must be, with its place."""
    data = deepcopy(alone(path))
    node = data
    for step in path[:-1]:
        node = node[int(step)] if isinstance(node, list) else node[step]
    node[path[-1]] = {repr(value): 1} if path[-1] == "table" else value
    try:
        return sim.load(data)
    except SimError as error:
        told = error
    assert told.problems
    assert all(problem.path and problem.found for problem in told.problems), str(told)
    return None


def numbers(node: Any) -> Iterator[float]:
    if isinstance(node, dict | list):
        for below in node.values() if isinstance(node, dict) else node:
            yield from numbers(below)
    elif isinstance(node, float):
        yield node


def said_of(scenario: sim.Scenario, folder: Path, commands: tuple[str, ...]) -> Iterator[str]:
    """What commands print of a scenario."""
    file = folder / "extreme.yaml"
    file.write_text(json.dumps(scenario.document), encoding="utf-8")
    words = {
        "check": ["check", str(file)],
        "run": ["run", str(file), "--paths", "32"],
        "json": ["run", str(file), "--paths", "32", "--json"],
        "sweep": ["sweep", str(file), "--paths", "32", "--axis", f"{swept(scenario)}=0.2,0.8"],
        "report": ["report", str(file), "--paths", "32", "--out", str(folder / "report.html")],
    }
    for command in commands:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main(words[command])
        assert code == 0, out.getvalue()
        yield out.getvalue()
        if command == "json":
            assert all(math.isfinite(number) for number in numbers(json.loads(out.getvalue())))
    if "report" in commands:
        page = (folder / "report.html").read_text(encoding="utf-8").split("<main>")[1]
        (data,) = re.findall('<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
        assert all(math.isfinite(number) for number in numbers(json.loads(data)))
        yield html.unescape(re.sub("<[^>]*>", " ", re.sub("<script.*?</script>", "", page, flags=re.DOTALL)))


def swept(scenario: sim.Scenario) -> str:
    return f"events.{scenario.events[0].origin}.probability"


@pytest.mark.parametrize("path", [*LEAVES, *TABLES], ids=".".join)
def test_a_number_at_its_extremes(path: tuple[str, ...], tmp_path: Path) -> None:
    if ".".join(path) in NOT_TRIED:
        return
    taken: list[sim.Scenario] = []
    for values in (HUGE, TINY, EDGES):
        accepted = [scenario for value in values if (scenario := loaded(path, value)) is not None]
        for i, scenario in enumerate(accepted):
            # The largest of the huge and the smallest of the tiny are asked everything.
            in_full = i == 0 and values is not EDGES
            commands = ("check", "run", "json", "sweep", "report") if in_full else ("check", "json")
            for text in said_of(scenario, tmp_path, commands):
                found = NO_NUMBER.search(text)
                assert found is None, text[max(0, found.start() - 200) : found.end() + 50]
        taken += accepted
    assert taken, "nothing was accepted, so that nothing was tried"
