"""``drivers``: which numbers in doubt move a measure, as a table with errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.ensembles import ensemble_options, found_in
from sim.cli.options import force_option, output_options
from sim.cli.terminal import Column, Terminal, one_line

if TYPE_CHECKING:
    from sim.answers.drivers import Drivers


@click.command("drivers")
@ensemble_options
@click.option("--measure", metavar="NAME",
              help="What is asked about, by its name in JSON: expected_loss, revenue_at_risk.0.99. [default: revenue "
              "at risk at the first level]")  # fmt: skip
@click.option("--beyond", type=float, default=0.9, show_default=True, metavar="SHARE",
              help="Level of the measure over doubt beyond which a draw is in its tail.")  # fmt: skip
@click.option("--plot", "plot", metavar="FILE", help="Draw the leading numbers: FILE.svg or FILE.png.")
@click.option("--csv", "csv", metavar="FILE", help="Write all numbers as a table; - for standard output.")
@force_option("table or picture")
@output_options
def command(
    terminal: Terminal,
    source: str | None,
    overrides: tuple[str, ...],
    draws: int | None,
    paths: int | None,
    seed: int | None,
    out: str | None,
    kept: str | None,
    measure: str | None,
    beyond: float,
    plot: str | None,
    csv: str | None,
    force: bool,
) -> int:
    """Say which of the numbers in doubt of SCENARIO move a measure.

    Alone: the share of the measure's variance over doubt that goes with the number by itself. With others: its Shapley
    effect, what it does together with others split evenly. In the tail: the share of the variance of whether a draw is
    beyond the tail's level. Direction: rank correlation, from −1 to 1. What noise alone may do is a dash.
    """
    from sim.answers.drivers import check_asked, drivers
    from sim.cli.files import STANDARD_OUTPUT, picture, table, write_picture, write_table

    outputs = [table("--csv", csv), picture("--plot", plot)]
    ready = found_in(
        terminal, source, overrides, draws, paths, seed, out, kept, outputs, force=force,
        check=lambda scenario: check_asked(scenario, measure, beyond),
    )  # fmt: skip
    found = drivers(ready, measure=measure, beyond=beyond)
    if csv is not None:
        write_table(terminal, found.to_frame(), csv)
    if plot is not None:
        write_picture(terminal, found.plot.drivers(), plot)
    if terminal.json:
        terminal.document(found.to_dict())
    elif csv != STANDARD_OUTPUT:
        terminal.say(*_report(terminal, found))
    return 0


def _report(terminal: Terminal, found: Drivers) -> list[str]:
    answer = terminal.wrap(one_line(f"{found.headline}."))
    if terminal.quiet:
        return answer
    lines = [*(terminal.title(line) for line in terminal.wrap(one_line(found.scenario.name))), "", *answer]
    if found.leading:
        lines += ["", *_table(terminal, found)]
    for text in found.notes():
        lines += ["", *terminal.wrap(one_line(text))]
    return [*lines, "", *(terminal.dim(line) for line in _how_made(terminal, found))]


def _table(terminal: Terminal, found: Drivers) -> list[str]:
    """Two lines a number: shares, and half of their 95 % intervals."""
    from sim.words.driven import CELLS, cells, share_with_error

    shape = (Column("number in doubt", wraps=True), *(Column(name.lower(), right=True) for name in CELLS))
    rows = []
    for row in found.leading:
        told = cells(row)
        rows.append([one_line(row.caption), *(value for value, _ in told)])
        rows.append(["", *(error for _, error in told)])
    if found.others is not None and any(row.shapley is not None for row in found.rows):
        value, error = share_with_error(found.others)
        rows += [["others, and what no pair explains", "", value, "", ""], ["", "", error, "", ""]]
    return terminal.table(shape, rows)


def _how_made(terminal: Terminal, found: Drivers) -> list[str]:
    from sim.words.driven import drawn_by

    legend = (
        "Alone, with others (Shapley effect): share of the measure’s variance over doubt. In the tail: the same of "
        f"whether a draw lies beyond its {100 * found.beyond:g} % point. Direction: rank correlation; above 0 more of "
        "the number makes more. ± half of the 95 % interval; –: below the noise floor."
    )
    made = f"{drawn_by(found)} · {found.seconds:.1f} s · scenario sha256 {found.scenario.sha256[:12]}"
    return [*terminal.wrap(one_line(legend)), *terminal.wrap(made)]
