"""``run --watch``: after each save of a scenario, run it again on the same draws and say what the edit did."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Column, Terminal, one_line
from sim.errors import SimError

if TYPE_CHECKING:
    from sim.answers.run import Result
    from sim.scenario.parts import Scenario

LOOKS = 0.2
"""Seconds from one look at the files to the next; two must find the same, so that a half-written file is let be."""

MOST_EDITS = 12
"""Changed values that are listed; the rest is counted."""

_LONGEST = 60  # characters of a value

Look = tuple[tuple[int, int, int] | None, ...]
"""Time of change, size and inode of each file; None where there is none."""


def watch(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    run: Callable[[Scenario, Result | None], Result],
    report: Callable[[Result], list[str]],
) -> NoReturn:
    """Run a scenario, and again whenever its file or one that it extends is saved; an interrupt ends it.

    Parameters
    ----------
    terminal
        Where the answers go.
    source, overrides
        As for ``run``.
    run
        Runs a scenario with the command's options, on the draws of the latest result.
    report
        Lines on a first result.

    Raises
    ------
    UsageError
        Where there is no such file and no such bundled scenario.
    """
    from sim.language.load import find_file

    file = find_file(source)
    latest: Result | None = None
    told = ""
    while True:
        files = files_of(file)
        seen = look(files)
        try:
            latest = _again(terminal, scenario_of(source, overrides), latest, run, report)
        except SimError as error:
            terminal.complain(str(error), has_place=bool(error.problems))
            told = ""  # after an error it is worth saying that more may come
        others = f" and {len(files) - 1} more that it extends" if len(files) > 1 else ""
        watching = f"Watching {one_line(str(file))}{others}; Ctrl-C ends."
        if watching != told:
            terminal.note(terminal.dim(watching))
            told = watching
        _wait(terminal, files, seen)


def files_of(file: Path) -> list[Path]:
    """A scenario's file and those that it extends, as far as they can be followed; the last may be missing."""
    from sim.language.document import child
    from sim.language.inheritance import MOST_FILES
    from sim.language.reader import Scalar, read_file

    found = [file]
    while len(found) < MOST_FILES:
        try:
            if not stat.S_ISREG(found[-1].stat().st_mode):
                return found
            extends = child(read_file(found[-1], str(found[-1])).root, "extends")
        except (OSError, ValueError, SimError):
            return found
        if not isinstance(extends, Scalar) or not isinstance(extends.value, str) or "\0" in extends.value:
            return found
        base = Path(os.path.normpath(found[-1].parent / extends.value))
        if base in found or os.path.relpath(base, file.parent).startswith(".."):
            return found
        found.append(base)
    return found


def look(files: Sequence[Path]) -> Look:
    """See what the files are now, as far as can be told without reading them."""
    found: list[tuple[int, int, int] | None] = []
    for file in files:
        try:
            status = file.stat()
            found.append((status.st_mtime_ns, status.st_size, status.st_ino))
        except OSError:
            found.append(None)
    return tuple(found)


def _wait(terminal: Terminal, files: Sequence[Path], seen: Look) -> None:
    """Wait until the files are others than they were, keep still, and the scenario's own is there."""
    before, told = look(files), False
    while True:
        time.sleep(LOOKS)
        now = look(files)
        if now == before and now != seen:
            if now[0] is not None:
                return
            if not told:
                terminal.note(f"{one_line(str(files[0]))} is gone; waiting for it to come back.")
                told = True
        before = now


def _again(
    terminal: Terminal,
    scenario: Scenario,
    latest: Result | None,
    run: Callable[[Scenario, Result | None], Result],
    report: Callable[[Result], list[str]],
) -> Result:
    """Run a scenario where it needs running; say how it stands against the latest."""
    from sim.language.differing import differing

    if latest is None:
        result = run(scenario, None)
        terminal.say(*report(result))
        return result
    at = time.strftime("%H:%M:%S")
    edits = differing([latest.scenario, scenario])
    was = latest.scenario
    if not edits and (was.money, was.paths, was.seed) == (scenario.money, scenario.paths, scenario.seed):
        terminal.say(f"{at} saved; nothing that a run depends on has changed.")
        return latest
    result = run(scenario, latest)
    lines = [_edit(edit.path, *(None if one is None else one.value for one in edit.values)) for edit in edits]
    if len(lines) > MOST_EDITS:
        lines[MOST_EDITS:] = [f"and {len(lines) - MOST_EDITS} more"]
    for path, what in (("money", "money"), ("run.paths", "paths"), ("run.seed", "seed")):
        before, after = getattr(was, what), getattr(scenario, what)
        if before != after:
            lines.append(_edit(path, before, after))
    said = ["", *(line for text in lines for line in terminal.wrap(f"{at} {text}", hanging=" " * 9))]
    terminal.say(*(terminal.title(line) for line in said), *_change(terminal, latest, result))
    return result


def _edit(path: str, before: Any, after: Any) -> str:
    return f"{one_line(path)}: {_value(before)} → {_value(after)}"


def _value(value: Any) -> str:
    """A value on one line, as a file has it."""
    from json import dumps

    from sim.errors import inert

    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else dumps(value, ensure_ascii=False)
    return inert(" ".join(text.split()), _LONGEST)


def _change(terminal: Terminal, latest: Result, result: Result) -> list[str]:
    """Headline and its numbers, each with how far it moved on the same draws."""
    headline = terminal.wrap(one_line(result.headline) + ".")
    if latest.scenario.money != result.scenario.money:
        return [*headline, *terminal.wrap("In another unit of money, so there is nothing to compare it with.")]
    if (latest.paths, latest.seed) != (result.paths, result.seed):
        return [*headline, *terminal.wrap("On other draws, so what moved is not the edit's doing alone.")]
    rows = [list(row) for row in _moved(latest, result)]
    if terminal.quiet:
        return [*headline, *(f"{name}: {change}" for name, _, change in rows)]
    shape = (Column("measure"), Column("value", right=True), Column("change", wraps=True))
    how = f"± one standard error of the change, {result.paths:,} paths, the same for both; {result.seconds:.1f} s"
    return [*headline, "", *terminal.table(shape, rows), "", *(terminal.dim(line) for line in terminal.wrap(how))]


def _moved(latest: Result, result: Result) -> list[tuple[str, str, str]]:
    """Expected loss and revenue at risk at the first level: name, value, change from the latest."""
    from sim.estimates.estimators import Pair, losses_alone
    from sim.estimates.measures import EXPECTED_LOSS, REVENUE_AT_RISK
    from sim.words import numbers
    from sim.words.labels import measure_caption, measure_texts

    level = result.estimates.levels(REVENUE_AT_RISK)[0]
    told = [(EXPECTED_LOSS, None), (REVENUE_AT_RISK, level)]
    bare = [losses_alone(one.loss) for one in (latest, result)]
    pair = Pair(bare[0], bare[1], latest.scenario, result.scenario, result.sampling == "sobol")
    changes = [measure.difference(pair, None if at is None else float(at)) for measure, at in told]
    few = " (too few paths to tell its error)"
    return [
        (
            _lower(measure_caption(measure, at)),
            measure_texts(measure, result.estimates.of(measure, at))[0],
            numbers.signed(change.value, change.standard_error) + (few if change.standard_error is None else ""),
        )
        for (measure, at), change in zip(told, changes, strict=True)
    ]


def _lower(caption: str) -> str:
    return caption[:1].lower() + caption[1:]
