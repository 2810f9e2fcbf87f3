"""``compare``: scenarios side by side on common draws, their differences with errors, and which numbers differ."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from sim.cli import in_doubt
from sim.cli.options import (
    FROM_STANDARD_INPUT,
    force_option,
    output_options,
    paths_option,
    sampling_option,
    seed_option,
    sources_argument,
)
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Column, Terminal, columns, one_line

if TYPE_CHECKING:
    from sim.answers.compare import Comparison
    from sim.estimates.measures import Measure
    from sim.language.origins import Value
    from sim.scenario.parts import Scenario
    from sim.words.numbers import Scale

MOST_DIFFERING = 20
LONGEST_PLACE = 33


@click.command("compare")
@sources_argument
@click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE",
              help="Override a value of every scenario by its dotted path; may be repeated.")  # fmt: skip
@click.option("--with", "changes", multiple=True, metavar="PATH=VALUE",
              help="One more scenario: the first with this change; repeated, with all of them.")  # fmt: skip
@paths_option("the first scenario's own")
@seed_option
@sampling_option
@click.option("--plot", "plot", metavar="FILE", help="Draw losses and differences: FILE.svg or FILE.png.")
@force_option("picture")
@output_options
def command(
    terminal: Terminal,
    sources: tuple[str, ...],
    overrides: tuple[str, ...],
    changes: tuple[str, ...],
    paths: int | None,
    seed: int | None,
    sampling: str,
    plot: str | None,
    force: bool,
) -> int:
    """Compare SCENARIOS on common draws: what the others lose more or less than the first.

    By how much does one change help? Name one scenario and the change:

    switchrisk compare tiktok --with levers.retention_offer.acceptance=0
    """
    from sim.answers.compare import compare
    from sim.cli.files import check_outputs, picture, write_picture

    if len(sources) + bool(changes) < 2:
        raise click.UsageError("compare needs two scenarios, or one and --with PATH=VALUE")
    if sources.count(FROM_STANDARD_INPUT) > 1:
        raise click.UsageError("standard input can be one of the scenarios only")
    scenarios = [scenario_of(source, overrides, own_axes=False) for source in sources]
    check_outputs(terminal, [picture("--plot", plot)], scenarios, force=force)
    if changes:
        scenarios.append(_changed(scenarios[0], changes))
    with terminal.progress("comparing") as progress:
        found = compare(*scenarios, paths=paths, seed=seed, sampling=sampling, progress=progress)
    if plot is not None:
        write_picture(terminal, found.plot.draw(), plot)
    if terminal.json:
        terminal.document(found.to_dict())
    else:
        terminal.say(*_report(terminal, found, bool(changes)), *in_doubt.held(terminal, scenarios))
    return 0


def _changed(scenario: Scenario, changes: tuple[str, ...]) -> Scenario:
    """The scenario with changes; what is wrong with them is told of ``--with``."""
    from sim.errors import ScenarioError

    try:
        return scenario.with_(changes)
    except ScenarioError as error:
        problems = []
        for problem in error.problems:
            if problem.file.startswith("--set ") and problem.file.removeprefix("--set ") in changes:
                line = problem.source_line
                problem = replace(
                    problem,
                    file=f"--with {problem.file.removeprefix('--set ')}",
                    column=None if problem.column is None else problem.column + 1,
                    source_line=None if line is None else f"--with {line.removeprefix('--set ')}",
                )
            problems.append(problem)
        raise ScenarioError(problems, total=error.total) from None


def _report(terminal: Terminal, found: Comparison, varied: bool) -> list[str]:
    headlines = [line for text in found.headlines for line in terminal.wrap(one_line(text), "", "  ")]
    if len(found.headlines) == 1:
        headlines = terminal.wrap(one_line(found.headlines[0]))
    if terminal.quiet:
        return headlines
    notes = [line for note in found.notes for line in terminal.wrap(f"note: {one_line(note)}", "", "  ")]
    return [
        *headlines,
        "",
        *_who_is_who(terminal, found),
        "",
        *(_two(terminal, found) if len(found.results) == 2 else _several(terminal, found)),
        *(["", *notes] if notes else []),
        "",
        *_differing(terminal, found, varied),
        "",
        *(terminal.dim(line) for line in _how_made(terminal, found)),
    ]


def _letter(k: int) -> str:
    return chr(ord("A") + k)


def _who_is_who(terminal: Terminal, found: Comparison) -> list[str]:
    """Letters, labels, names, and what is measured."""
    from sim.words.labels import period, short, unit_and_discounting

    lines, first = [], found.scenarios[0]
    for k, (label, scenario) in enumerate(zip(found.labels, found.scenarios, strict=True)):
        name = one_line(scenario.name)
        more = "" if name == label or (k and scenario.name == first.name) else f": {name}"
        text = terminal.wrap(f"{short(label, 200)}{more}", "   ")
        lines += [f"{terminal.title(_letter(k))}  {text[0].strip()}", *text[1:]]
    about = f"{period(first)} · {one_line(unit_and_discounting(first, _scale(found)))}"
    return [*lines, *(terminal.dim(line) for line in terminal.wrap(about))]


Row = tuple[str, "Measure", str | None]


def _rows(found: Comparison) -> list[Row]:
    """Measures that the first scenario has: name, measure, level."""
    from sim.words.labels import row_caption, told

    rows: list[Row] = []
    first, scale = found.scenarios[0], _scale(found)
    for measure, level, _ in told(first, found.results[0].estimates):
        caption = row_caption(first, measure, level, scale, *found.scenarios)
        rows.append((caption[:1].lower() + caption[1:], measure, level))
    return rows


def _scale(found: Comparison) -> Scale:
    """The one unit of all its amounts."""
    from sim.words.labels import scale_of

    return scale_of(found.scenarios[0], *(result.estimates for result in found.results))


def _value(found: Comparison, k: int, measure: Measure, level: str | None) -> str:
    from sim.words.labels import measure_texts

    one = found.results[k].estimates.get_of(measure, level)
    return "–" if one is None else measure_texts(measure, one, _scale(found))[0]


def _texts(found: Comparison, k: int, measure: Measure, level: str | None) -> tuple[str, str]:
    """A difference with its error, and its interval; shares in points of per cent."""
    from sim.words.numbers import number

    one = found.differences[k - 1].get_of(measure, level)
    if one is None:
        return "–", ""
    times = 100.0 if measure.is_share else _scale(found).factor
    error = None if one.standard_error is None else times * one.standard_error
    value = number(times * one.value, error)
    sign = "+" if one.value > 0 and value.strip("0.,") else ""
    if error is None or one.low is None or one.high is None:
        return f"{sign}{value} ± ?", "too few paths"
    if error == 0 and one.value == 0:
        return "0", ""
    if error == 0:
        return f"{sign}{value} ± 0", ""
    ends = " … ".join(number(times * end, error) for end in (one.low, one.high))
    return f"{sign}{value} ± {number(error, error)}", ends


def _two(terminal: Terminal, found: Comparison) -> list[str]:
    """One table: a row a measure, both values, the difference and its interval."""
    rows = []
    for name, measure, level in _rows(found):
        values = [_value(found, k, measure, level) for k in (0, 1)]
        rows.append([name, *values, *_texts(found, 1, measure, level)])
    shape = (
        Column("", wraps=True),
        Column("A", right=True),
        Column("B", right=True),
        Column("B − A", right=True),
        Column("95 % interval", right=True),
    )
    return terminal.table(shape, rows)


def _several(terminal: Terminal, found: Comparison) -> list[str]:
    """The values side by side, then the differences to the first, in as many tables as the width asks for."""
    count = len(found.results)
    values = [[_value(found, k, measure, level) for k in range(count)] for _, measure, level in _rows(found)]
    heads = [_letter(k) for k in range(count)]
    differences = [[_texts(found, k, measure, level)[0] for k in range(1, count)] for _, measure, level in _rows(found)]
    between = [f"{letter} − A" for letter in heads[1:]]
    return [*_tables(terminal, found, heads, values), "", *_tables(terminal, found, between, differences)]


def _tables(terminal: Terminal, found: Comparison, heads: list[str], cells: list[list[str]]) -> list[str]:
    names = [name for name, _, _ in _rows(found)]
    widths = [max(columns(text) for text in (head, *column)) + 2 for head, *column in zip(heads, *cells, strict=True)]
    lines: list[str] = []
    first = 0
    while first < len(heads):
        last, room = first + 1, terminal.width - max(map(columns, names)) - widths[first]
        while last < len(heads) and widths[last] <= room:
            room -= widths[last]
            last += 1
        shape = (Column("", wraps=True), *(Column(head, right=True) for head in heads[first:last]))
        rows = [[name, *row[first:last]] for name, row in zip(names, cells, strict=True)]
        lines += [*([""] if lines else []), *terminal.table(shape, rows)]
        first = last
    return lines


def _differing(terminal: Terminal, found: Comparison, varied: bool) -> list[str]:
    """Which numbers differ: path, the first scenario's value, and those that are not the same, with their places."""
    from sim.cli.show import Places, compact

    if not found.differing:
        return terminal.wrap("No numbers differ.") if all(one.source for one in found.scenarios) else []
    places, last = Places(*found.scenarios), len(found.results) - 1
    lines: list[str] = [terminal.title("What differs")]
    shown, room = found.differing[:MOST_DIFFERING], terminal.width - LONGEST_PLACE - len("  A    ")
    rows = []
    for one in shown:
        for k, value in enumerate(one.values):
            if k and _same(value, one.values[0]):
                continue
            place = "" if value is None else places.of(value)
            if varied and k == last and value is not None and value.overrides:
                place = "--with"
            text = "not there" if value is None else compact(value.value, room)
            rows.append([_letter(k), text, place])
    table = iter(terminal.table((Column(""), Column(""), Column("")), rows)[1:])
    for one in shown:
        lines += terminal.wrap(one_line(one.path))
        lines += [f"  {next(table)}" for k, value in enumerate(one.values) if not k or not _same(value, one.values[0])]
    if len(found.differing) > len(shown):
        lines += terminal.wrap(f"… and {len(found.differing) - len(shown)} more; --json gives all.")
    return lines


def _same(value: Value | None, base: Value | None) -> bool:
    if value is None or base is None:
        return value is base
    return bool(value.value == base.value)


def _how_made(terminal: Terminal, found: Comparison) -> list[str]:
    from sim.estimates.independent import thin_tail
    from sim.estimates.measures import REVENUE_AT_RISK

    first = found.results[0]
    shares = any(measure.is_share for measure, _, _ in first.estimates.rows())
    legend = "Differences are taken path by path on the same draws; ± one standard error" + (
        "; of chances in points." if shares else "."
    )
    thin = thin_tail(found.paths, map(float, first.estimates.levels(REVENUE_AT_RISK))) or ""
    return [
        *terminal.wrap(one_line(f"{found.base_line()}.")),
        *terminal.wrap(f"{legend} {thin}"),
        *terminal.wrap(f"{found.seconds:.1f} s"),
    ]
