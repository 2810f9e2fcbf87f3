"""``doubt``: what doubt about the numbers does to the answer, as a table with errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.ensembles import ensemble_options, found_in
from sim.cli.options import force_option, output_options
from sim.cli.terminal import Column, Terminal, one_line

if TYPE_CHECKING:
    from sim.answers.doubt import Doubted

MOST_NAMED = 8


@click.command("doubt")
@ensemble_options
@click.option("--plot", "plot", metavar="FILE", help="Draw loss exceedance with its band: FILE.svg or FILE.png.")
@click.option("--csv", "csv", metavar="FILE", help="Write all measures as a table; - for standard output.")
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
    plot: str | None,
    csv: str | None,
    force: bool,
) -> int:
    """Say what doubt about the numbers of SCENARIO does to the answer.

    The numbers under `doubt` are drawn anew, many times; each draw is a scenario of its own, on the same paths. So each
    measure has a band over doubt, and one of chance and doubt together, beside what `run` tells at the file's numbers.
    """
    from sim.answers.doubt import Doubted
    from sim.cli.files import STANDARD_OUTPUT, picture, table, write_picture, write_table

    outputs = [table("--csv", csv), picture("--plot", plot)]
    found = found_in(terminal, source, overrides, draws, paths, seed, out, kept, outputs, whole=True, force=force)
    assert isinstance(found, Doubted)
    if csv is not None:
        write_table(terminal, found.to_frame(), csv)
    if plot is not None:
        write_picture(terminal, found.plot.exceedance(), plot)
    if terminal.json:
        terminal.document(found.to_dict())
    elif csv != STANDARD_OUTPUT:
        terminal.say(*_report(terminal, found))
    return 0


def _report(terminal: Terminal, found: Doubted) -> list[str]:
    answer = terminal.wrap(one_line(f"{found.headline}."))
    if terminal.quiet:
        return answer
    lines = [*(terminal.title(line) for line in terminal.wrap(one_line(found.scenario.name))), "", *answer]
    lines += ["", *_table(terminal, found)]
    for text in [*found.notes(), *_left_out(found)]:
        lines += ["", *terminal.wrap(one_line(text))]
    return [*lines, "", *(terminal.dim(line) for line in _how_made(terminal, found))]


def _table(terminal: Terminal, found: Doubted) -> list[str]:
    """Two lines a measure: values, and half of their 95 % intervals."""
    from sim.words.doubted import cells
    from sim.words.labels import row_caption

    shape = (
        Column("measure", wraps=True),
        Column("file", right=True),
        *(Column(name, right=True) for name in ("5 %", "median", "95 %")),
        Column("with chance", right=True),
    )
    scale, rows = found.scale, []
    for row in found.shown:
        name = row_caption(found.scenario, row.measure, row.level, scale)
        told = cells(row, scale)
        rows.append([name, *(value for value, _ in told)])
        rows.append(["", *(error for _, error in told)])
    return terminal.table(shape, rows)


def _left_out(found: Doubted) -> list[str]:
    """What is not in doubt and might be taken for it: ranges that can't be, and numbers that were set since."""
    told = {
        "Ranges that can’t be in doubt": [f"{one.path} ({one.place}: {one.why})" for one in found.left_out],
        "In doubt no longer": [one.path for one in found.dropped],
    }
    said = []
    for what, those in told.items():
        more = f"; and {len(those) - MOST_NAMED} more" if len(those) > MOST_NAMED else ""
        said += [f"{what}: {'; '.join(those[:MOST_NAMED])}{more}."] if those else []
    return said


def _how_made(terminal: Terminal, found: Doubted) -> list[str]:
    from sim.words.labels import unit_and_discounting

    legend = (
        f"Amounts in {unit_and_discounting(found.scenario, found.scale)}. File: at the file’s numbers, as `run` gives "
        "it. 5 %, median, 95 %: over the draws of the numbers in doubt. With chance: of chance and doubt together. ± "
        "half of the 95 % interval of that number."
    )
    made = (
        f"{found.draws:,} draws of {len(found.doubts):,} number{'s' if len(found.doubts) > 1 else ''} in doubt on "
        f"{found.paths:,} quasi-random paths each, the file’s numbers on {found.base.paths:,} · seed "
        f"{found.seed} · {found.seconds:.1f} s · scenario sha256 {found.scenario.sha256[:12]}"
    )
    return [*terminal.wrap(one_line(legend)), *terminal.wrap(made)]
