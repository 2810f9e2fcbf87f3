"""``tornado``: what would change the answer, each assumption at its low and at its high, as a table with errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.options import force_option, output_options, paths_option, sampling_option, scenario_options, seed_option
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Column, Terminal, columns, one_line, wrapped
from sim.estimates.measures import EXPECTED_LOSS, REVENUE_AT_RISK, loss_measures

if TYPE_CHECKING:
    from sim.answers.bars import Bar
    from sim.answers.ranges import Refused
    from sim.answers.tornado import Tornado

MOST_DRAWN = 15
MOST_NAMED = 12
NARROWEST_NAME = 16  # columns


@click.command("tornado")
@scenario_options
@click.option("--level", type=float, metavar="SHARE", help="Level of the measures. [default: the scenario's first]")
@click.option("--measure", type=click.Choice([one.name for one in loss_measures(at_risk_first=True)]),
              default=REVENUE_AT_RISK.name, show_default=True, help="What assumptions are sorted by.")  # fmt: skip
@click.option("--top", type=click.IntRange(min=1), default=12, show_default=True, metavar="N",
              help="Assumptions to show.")  # fmt: skip
@click.option("--plot", "plot", metavar="FILE", help="Draw them, 15 at most: FILE.svg or FILE.png.")
@click.option("--csv", "csv", metavar="FILE", help="Write all as a table; - for standard output.")
@paths_option("the scenario's own, at most 16,384")
@seed_option
@sampling_option
@force_option("table or picture")
@output_options
def command(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    level: float | None,
    measure: str,
    top: int,
    plot: str | None,
    csv: str | None,
    paths: int | None,
    seed: int | None,
    sampling: str,
    force: bool,
) -> int:
    """Show which assumptions of SCENARIO would change the answer.

    Each assumption goes to its low and to its high (from `evidence`), one at a time and on common draws; changes are
    against the base case, each with its standard error.
    """
    from sim.answers.tornado import tornado
    from sim.cli.files import STANDARD_OUTPUT, check_outputs, picture, table, write_picture, write_table

    scenario = scenario_of(source, overrides)
    check_outputs(terminal, [table("--csv", csv), picture("--plot", plot)], [scenario], force=force)
    with terminal.progress("simulating") as progress:
        found = tornado(
            scenario, paths=paths, seed=seed, sampling=sampling, level=level, measure=measure, progress=progress
        )
    if csv is not None:
        write_table(terminal, found.to_frame(), csv)
    if plot is not None:
        write_picture(terminal, found.plot(most=min(top, MOST_DRAWN)), plot)
    if terminal.json:
        terminal.document(found.to_dict())
    elif csv != STANDARD_OUTPUT:
        terminal.say(*_report(terminal, found, top))
    return 0


def _report(terminal: Terminal, found: Tornado, top: int) -> list[str]:
    answer = terminal.wrap(one_line(f"{found.headline}."))
    other = _other(found)
    # Where something else drives the other measure, the reader should know.
    if found.largest(found.measure) != found.largest(other):
        answer += terminal.wrap(one_line(f"{found.finding(other)}."))
    if terminal.quiet:
        return answer
    lines = [*(terminal.title(line) for line in terminal.wrap(one_line(found.scenario.name))), "", *answer]
    if found.bars:
        lines += ["", *_table(terminal, found, found.top(top), other)]
    for text in _rest(found, top):
        lines += ["", *terminal.wrap(one_line(text))]
    return [*lines, "", *(terminal.dim(line) for line in _how_made(terminal, found, other))]


def _other(found: Tornado) -> str:
    """The measure that is shown beside the one that bars are sorted by."""
    return (REVENUE_AT_RISK if found.measure == EXPECTED_LOSS.name else EXPECTED_LOSS).name


def _table(terminal: Terminal, found: Tornado, bars: tuple[Bar, ...], other: str) -> list[str]:
    """A line for each end of each bar, beside what the assumption is in words."""
    from sim.answers.tornado import with_error
    from sim.words.labels import value_caption

    shape = (
        Column("", right=True),
        Column("assumption"),
        Column("at", right=True),
        Column(found.caption(found.measure), right=True),
        Column(found.caption(other), right=True),
    )
    cells, factor = [], found.scale.factor
    for bar in bars:
        ends = [
            [
                value_caption(end.value),
                *(with_error(end.change.of(measure).times(factor)) for measure in (found.measure, other)),
            ]
            for end in bar.ends.values()
        ]
        cells.append(ends)
    taken = [
        max(columns(column.title), *(columns(end[k]) for ends in cells for end in ends))
        for k, column in enumerate(shape[2:])
    ]
    room = max(NARROWEST_NAME, terminal.width - sum(taken) - len(str(len(bars))) - 2 * (len(shape) - 1))
    rows = []
    for rank, (bar, ends) in enumerate(zip(bars, cells, strict=True), 1):
        base = "" if bar.base is None else f": {value_caption(bar.base)}"
        name = wrapped(one_line(f"{bar.caption}{base}"), room)
        for k in range(max(len(name), len(ends))):
            said = ends[k] if k < len(ends) else ["", "", ""]
            rows.append([str(rank) if k == 0 else "", name[k] if k < len(name) else "", *said])
    return terminal.table(shape, rows)


def _rest(found: Tornado, top: int) -> list[str]:
    """What the table does not show: smaller ones, those within the error, what can't be set, what has no range."""
    said = []
    if len(found.bars) > top:
        said.append(f"{len(found.bars) - top} smaller ones are not shown; --top {len(found.bars)} and --csv give all.")
    caption = found.caption(found.measure)
    if found.bars and found.base.of(found.measure).standard_error is None:
        said.append(f"Too few paths to tell the errors of changes of {caption}; ask for more --paths.")
    elif silent := [bar.path for bar in found.bars if not bar.tells(found.measure)]:
        said.append(f"Changes of {caption} that can’t be told from 0 (95 % interval): {_named(silent)}.")
    said += [_refusal(refused) for refused in found.refused]
    if found.without_range:
        few = len(found.without_range)
        said.append(f"No range is given for {few} assumption{'s' if few > 1 else ''}: {_named(found.without_range)}.")
    if found.unsourced:
        few = len(found.unsourced)
        said.append(
            f"No evidence at all is given for {few} number{'s' if few > 1 else ''}: {_named(found.unsourced)}. To vary "
            "one, write an assumption with low and high under `evidence`."
        )
    return said


def _refusal(refused: Refused) -> str:
    from sim.words.labels import value_caption

    end = "" if refused.value is None else f" at its {refused.side} of {value_caption(refused.value)}"
    return f"Refused: {refused.path}{end}: {refused.why}."


def _named(paths: list[str] | tuple[str, ...]) -> str:
    more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
    return f"{', '.join(paths[:MOST_NAMED])}{more}"


def _how_made(terminal: Terminal, found: Tornado, other: str) -> list[str]:
    from sim.estimates.independent import thin_tail

    legend = f"Changes in {found.scale.unit} against the base case; ± one standard error, on common draws."
    made = f"{found.seconds:.1f} s · scenario sha256 {found.scenario.sha256[:12]}"
    thin = thin_tail(found.paths, [found.level]) or ""
    base = found.base_line(found.measure, other)
    doubt = found.scenario.doubt
    if doubt is not None and doubt.numbers:
        legend += " A number in doubt stands at the 10 % and the 90 % point of its law."
    return [
        *terminal.wrap(one_line(f"{base}.")),
        *terminal.wrap(f"{one_line(legend)} {thin}"),
        *terminal.wrap(made),
    ]
