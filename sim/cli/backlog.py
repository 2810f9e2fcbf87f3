"""``backlog``: what customers have committed to and not used yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.options import force_option, output_options, scenario_options
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Column, Terminal, one_line

if TYPE_CHECKING:
    from sim.answers.backlog import Backlog


@click.command("backlog")
@scenario_options
@click.option("--against", metavar="FACT", help="Id of a fact to hold it against, such as remaining obligations.")
@click.option("--csv", "csv", metavar="FILE", help="Write it as a table; - for standard output.")
@force_option("table")
@output_options
def command(
    terminal: Terminal, source: str, overrides: tuple[str, ...], against: str | None, csv: str | None, force: bool
) -> int:
    """Show what SCENARIO has committed and not used yet, by year and customer.

    Of each customer the term under way at the month of `known`, or signed and to begin later: what its minimum leaves
    after the use before, evenly over the months that are left, beyond the horizon too. Without events, at mean demand,
    not discounted: what a filing has as remaining performance obligations.
    """
    from sim.answers.backlog import backlog
    from sim.cli.files import STANDARD_OUTPUT, check_outputs, table, write_table

    scenario = scenario_of(source, overrides)
    check_outputs(terminal, [table("--csv", csv)], [scenario], force=force)
    found = backlog(scenario, against=against)
    if csv is not None:
        write_table(terminal, found.to_frame(), csv)
    if terminal.json:
        terminal.document(found.to_dict())
    elif csv != STANDARD_OUTPUT:
        terminal.say(*_report(terminal, found))
    return 0


def _report(terminal: Terminal, found: Backlog) -> list[str]:
    answer = terminal.wrap(one_line(f"{found.headline}."))
    if found.against is not None:
        answer += ["", *terminal.wrap(one_line(_held_against(found)))]
    if terminal.quiet:
        return answer
    lines = [*(terminal.title(line) for line in terminal.wrap(one_line(found.scenario.name))), "", *answer]
    if found.rows():
        lines += ["", *_table(terminal, found)]
    said = (
        "Terms under way or signed; what renews after them is not. Each period's minimum less its use before, evenly "
        "over the months that are left of it; without events, at mean demand, not discounted."
    )
    return [*lines, "", *(terminal.dim(line) for line in terminal.wrap(said))]


def _table(terminal: Terminal, found: Backlog) -> list[str]:
    from sim.words.numbers import scale_for

    rows = found.rows()
    totals = [sum(column) for column in zip(*(amounts for _, amounts in rows), strict=True)]
    scale = scale_for([*totals, found.total], found.scenario.money)
    years = found.years[:MOST_YEARS]
    shape = [Column(f"customer, {one_line(scale.unit)}", wraps=True)]
    shape += [Column(year, right=True) for year in years]
    if len(years) < len(found.years):
        shape.append(Column(f"{found.years[len(years)]} on", right=True))
    shape.append(Column("all", right=True))

    def row(name: str, amounts: list[float]) -> list[str]:
        later = [sum(amounts[len(years) :])] if len(years) < len(amounts) else []
        return [
            one_line(name),
            *(scale.number(a) if a else "–" for a in [*amounts[: len(years)], *later, sum(amounts)]),
        ]

    told = [row(name, amounts) for name, amounts in rows]
    return terminal.table(shape, [*told, row("all customers", totals)] if len(told) > 1 else told)


def _held_against(found: Backlog) -> str:
    from sim.words.numbers import with_unit

    fact = found.against
    assert fact is not None
    unit = str(fact.details.get("unit", ""))
    as_of = f", as of {fact.details['as_of']}" if "as_of" in fact.details else ""
    statement = fact.statement if fact.statement.endswith(".") else f"{fact.statement}."
    value = f"{fact.value:.12g}" if isinstance(fact.value, float | int) else str(fact.value)
    said = f"{statement} ({with_unit(value, unit)}{as_of})"
    if found.part is None:
        return f"{said} The two are not in one currency and can't be divided."
    return f"{said} The backlog is {100 * found.part:.3g} % of that."


MOST_YEARS = 6
"""Years with a column of their own; later ones share one."""
