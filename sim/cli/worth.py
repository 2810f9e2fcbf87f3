"""``worth``: what knowing the numbers in doubt is worth before a choice is taken, as a table with errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.options import force_option, output_options, paths_option, scenario_options, seed_option
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Column, Terminal, one_line

if TYPE_CHECKING:
    from sim.answers.worth import Worth


@click.command("worth")
@scenario_options
@click.option("--draws", type=click.IntRange(min=1), metavar="N",
              help="Draws of the numbers in doubt, 256 at least, rounded up to 16 times a power of two. [default: the "
              "scenario's own, 1,024]")  # fmt: skip
@paths_option("1,024 for each draw and choice")
@seed_option
@click.option("--csv", "csv", metavar="FILE", help="Write all values as a table; - for standard output.")
@force_option("table")
@output_options
def command(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    draws: int | None,
    paths: int | None,
    seed: int | None,
    csv: str | None,
    force: bool,
) -> int:
    """Say what knowing the numbers in doubt of SCENARIO is worth.

    That is by how much more the better choice under `choices` would be worth on average, were it taken after the
    numbers are known: all of them, or one alone. No research into a number is worth more than that.
    """
    from sim.answers.worth import worth
    from sim.cli.files import STANDARD_OUTPUT, check_outputs, table, write_table

    scenario = scenario_of(source, overrides)
    check_outputs(terminal, [table("--csv", csv)], [scenario], force=force)
    with terminal.progress("simulating") as progress:
        found = worth(scenario, draws=draws, paths=paths, seed=seed, progress=progress)
    if csv is not None:
        write_table(terminal, found.to_frame(), csv)
    if terminal.json:
        terminal.document(found.to_dict())
    elif csv != STANDARD_OUTPUT:
        terminal.say(*_report(terminal, found))
    return 0


def _report(terminal: Terminal, found: Worth) -> list[str]:
    answer = terminal.wrap(one_line(f"{found.headline}."))
    if terminal.quiet:
        return answer
    lines = [*(terminal.title(line) for line in terminal.wrap(one_line(found.scenario.name))), "", *answer]
    lines += ["", *_table(terminal, found)]
    for text in found.notes():
        lines += ["", *terminal.wrap(one_line(text))]
    return [*lines, "", *(terminal.dim(line) for line in _how_made(terminal, found))]


def _table(terminal: Terminal, found: Worth) -> list[str]:
    """Knowing all of them, then each number, most first; those below the floor without a value."""
    from sim.words.decided import cell

    scale = found.scale
    rows = [["all of them", *cell(found.knowing.everything, scale, False)]]
    rows += [[one.path, *cell(worth, scale, False)] for one, worth in found.ranked]
    rows += [[one.path, "–", ""] for one in found.below]
    return terminal.table(
        (Column("known before choosing", wraps=True), Column("worth", right=True), Column("", right=True)), rows
    )


def _how_made(terminal: Terminal, found: Worth) -> list[str]:
    from sim.words.decided import cell, how_made
    from sim.words.labels import unit_and_discounting

    floor = cell(found.knowing.floor, found.scale, False)[0]
    legend = f"Amounts in {unit_and_discounting(found.scenario, found.scale)}. ± half of the 95 % interval."
    if found.below:
        legend += f" –: not above {floor}, which a number may read that tells nothing of the choice."
    if len(found.doubts) > 1:
        legend += (
            " What single numbers are worth does not add up: two of them may be worth something together, and nothing "
            "alone."
        )
    return [*terminal.wrap(one_line(legend)), *terminal.wrap(how_made(found))]
