"""``choose``: the choices of a scenario against each other over doubt, as tables with errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.options import force_option, output_options, paths_option, scenario_options, seed_option
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Column, Terminal, one_line
from sim.words.decided import cell, how_made

if TYPE_CHECKING:
    from sim.answers.choose import Decision


@click.command("choose")
@scenario_options
@click.option("--objective", metavar="MEASURE", help="A measure by its name in JSON, such as revenue_at_risk.0.95, to "
              "hold them against each other by. [default: net_revenue, expected revenue less one-off losses and "
              "cost]")  # fmt: skip
@click.option("--require", "require", multiple=True, metavar="CONDITION", help='A condition on a measure of a draw, '
              'such as "revenue_at_risk.0.95 < 1200": tell in which share of draws each choice meets it; may be '
              "repeated.")  # fmt: skip
@click.option("--draws", type=click.IntRange(min=1), metavar="N",
              help="Draws of the numbers in doubt, 256 at least, rounded up to 16 times a power of two. [default: the "
              "scenario's own, 1,024]")  # fmt: skip
@paths_option("1,024 for each draw and choice")
@seed_option
@click.option(
    "--plot", "plot", metavar="FILE", help="Draw the draws of each choice against the first: FILE.svg or FILE.png."
)
@click.option("--csv", "csv", metavar="FILE", help="Write all values as a table; - for standard output.")
@force_option("table or picture")
@output_options
def command(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    objective: str | None,
    require: tuple[str, ...],
    draws: int | None,
    paths: int | None,
    seed: int | None,
    plot: str | None,
    csv: str | None,
    force: bool,
) -> int:
    """Hold the choices of SCENARIO against each other over doubt.

    Each choice under `choices` is tried in every draw of the numbers under `doubt`, on the same paths: what it is worth
    on average and at worst, how often no other is better, and what is regretted of it, which is what the best choice of
    a draw is worth more.
    """
    from sim.answers.choose import choose
    from sim.cli.files import STANDARD_OUTPUT, check_outputs, picture, table, write_picture, write_table

    scenario = scenario_of(source, overrides)
    check_outputs(terminal, [table("--csv", csv), picture("--plot", plot)], [scenario], force=force)
    with terminal.progress("simulating") as progress:
        found = choose(
            scenario, objective=objective, require=require, draws=draws, paths=paths, seed=seed, progress=progress
        )
    if csv is not None:
        write_table(terminal, found.to_frame(), csv)
    if plot is not None:
        write_picture(terminal, found.plot.choices(), plot)
    if terminal.json:
        terminal.document(found.to_dict())
    elif csv != STANDARD_OUTPUT:
        terminal.say(*_report(terminal, found))
    return 0


def _report(terminal: Terminal, found: Decision) -> list[str]:
    answer = terminal.wrap(one_line(f"{found.headline}."))
    if terminal.quiet:
        return answer
    lines = [*(terminal.title(line) for line in terminal.wrap(one_line(found.scenario.name))), "", *answer]
    lines += ["", *_worths(terminal, found), "", *_regrets(terminal, found)]
    required = _required(terminal, found)
    lines += ["", *required] if required else []
    for text in [*_never_worse(found), *found.notes()]:
        lines += ["", *terminal.wrap(one_line(text))]
    return [*lines, "", *(terminal.dim(line) for line in _how_made(terminal, found))]


def _worths(terminal: Terminal, found: Decision) -> list[str]:
    """What each is worth, and what more than the first."""
    own, other, is_share = found.scale, found.regret_scale, found.objective.is_share
    more = "more" if found.objective.more_is_better else "less"
    titles = ("mean", "5 %", "95 %", f"{more} than the first")
    rows = [
        (row.choice.name, [*(cell(one, own, is_share) for one in (row.mean, row.p5, row.p95)),
                           cell(row.gain, other, is_share)])
        for row in found.rows
    ]  # fmt: skip
    return _table(terminal, "over doubt", titles, rows)


def _regrets(terminal: Terminal, found: Decision) -> list[str]:
    """What is regretted of each, and how often it is the best one."""
    scale, is_share = found.regret_scale, found.objective.is_share
    rows = [
        (row.choice.name, [*(cell(one, scale, is_share) for one in (row.mean_regret, row.far_regret,
                                                                    row.largest_regret)),
                           cell(row.best, scale, True)])
        for row in found.rows
    ]  # fmt: skip
    return _table(terminal, "regret", ("mean", "95 %", "largest", "best in"), rows)


def _required(terminal: Terminal, found: Decision) -> list[str]:
    """In which share of draws each meets what is required."""
    texts = list(found.rows[0].required)
    if not texts:
        return []
    rows = [(text, [cell(row.required[text], found.scale, True) for row in found.rows]) for text in texts]
    return _table(terminal, "required", tuple(_short(one_line(row.choice.name)) for row in found.rows), rows)


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _table(
    terminal: Terminal, title: str, titles: tuple[str, ...], rows: list[tuple[str, list[tuple[str, str]]]]
) -> list[str]:
    """Two lines a row: values, and half of their 95 % intervals."""
    lines = []
    for name, cells in rows:
        lines += [[one_line(name), *(value for value, _ in cells)], ["", *(error for _, error in cells)]]
    return terminal.table((Column(title, wraps=True), *(Column(one, right=True) for one in titles)), lines)


def _never_worse(found: Decision) -> list[str]:
    names = {row.choice.id: row.choice.name for row in found.rows}
    told = [
        f"“{row.choice.name}” is never worse than {', '.join(f'“{names[other]}”' for other in row.never_worse)}"
        for row in found.rows
        if row.never_worse
    ]
    return [f"{'; '.join(told)}, in any draw."] if told else []


def _how_made(terminal: Terminal, found: Decision) -> list[str]:
    from sim.words.labels import unit_and_discounting

    measured = found.caption[:1].lower() + found.caption[1:]
    others = "" if found.scale == found.regret_scale else f", regrets and differences in {found.regret_scale.unit}"
    amounts = (
        "" if found.objective.is_share else f"Amounts in {unit_and_discounting(found.scenario, found.scale)}{others}. "
    )
    legend = (
        f"{amounts}Told of each draw: {measured}. 5 %, 95 %: one draw of twenty is below, above. Regret: what the best "
        "choice of a draw is worth more. Best in: the share of draws in which no other is worth more. ± half of the "
        "95 % interval of that number."
    )
    return [*terminal.wrap(one_line(legend)), *terminal.wrap(how_made(found))]
