"""``where``: in which region of the numbers in doubt a condition on a measure holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli.ensembles import drawing_options, found_in
from sim.cli.options import force_option, output_options
from sim.cli.terminal import Column, Terminal, one_line

if TYPE_CHECKING:
    from sim.answers.where import Where


@click.command("where")
@click.argument("words", metavar="SCENARIO CONDITION", nargs=-1, required=True)
@drawing_options
@click.option("--tree", is_flag=True, help="Grow a tree of decisions too, of depth three; needs scikit-learn.")
@click.option("--plot", "plot", metavar="FILE", help="Draw the draws and the box: FILE.svg or FILE.png.")
@click.option("--csv", "csv", metavar="FILE", help="Write how good the region is as a table; - for standard output.")
@force_option("table or picture")
@output_options
def command(
    terminal: Terminal,
    words: tuple[str, ...],
    overrides: tuple[str, ...],
    draws: int | None,
    paths: int | None,
    seed: int | None,
    out: str | None,
    kept: str | None,
    tree: bool,
    plot: str | None,
    csv: str | None,
    force: bool,
) -> int:
    """Say where among the numbers in doubt of SCENARIO a CONDITION holds: "revenue_at_risk.0.95 > 1200".

    A condition is a measure by its name in JSON, one of > >= < <=, and a number. The answer is a box of at most four
    sides. Density: share of the draws in the box in which it holds. Coverage: share of those in which it holds that the
    box has. Held out: the same on draws that had no say in the box. Where it holds in over half of the draws, it is
    told where it does not.
    """
    from sim.answers.asked_measure import condition, names_of
    from sim.answers.where import where
    from sim.cli.files import STANDARD_OUTPUT, picture, table, write_picture, write_table
    from sim.estimates import trees

    source, asked = _parted(words, kept)
    if tree:
        trees.check()
    outputs = [table("--csv", csv), picture("--plot", plot)]
    ready = found_in(
        terminal, source, overrides, draws, paths, seed, out, kept, outputs, force=force,
        check=lambda scenario: condition(asked, names_of(scenario), "CONDITION"),
    )  # fmt: skip
    found = where(ready, asked, tree=tree)
    if csv is not None:
        write_table(terminal, found.to_frame(), csv)
    if plot is not None:
        write_picture(terminal, found.plot.boxes(), plot)
    if terminal.json:
        terminal.document(found.to_dict())
    elif csv != STANDARD_OUTPUT:
        terminal.say(*_report(terminal, found))
    return 0


def _parted(words: tuple[str, ...], kept: str | None) -> tuple[str | None, str]:
    """Scenario and condition; with --from the scenario may be left out."""
    if len(words) == 2:
        return words
    if len(words) == 1 and kept is not None:
        return None, words[0]
    if len(words) == 1:
        raise click.UsageError("Missing argument 'CONDITION', such as \"revenue_at_risk.0.95 > 1200\".")
    raise click.UsageError("Found more than SCENARIO and CONDITION; a condition with spaces wants quotes.")


def _report(terminal: Terminal, found: Where) -> list[str]:
    answer = terminal.wrap(one_line(f"{found.headline}."))
    if terminal.quiet:
        return answer
    lines = [*(terminal.title(line) for line in terminal.wrap(one_line(found.scenario.name))), "", *answer]
    if found.region is not None:
        lines += ["", *_box(terminal, found)]
    if found.tree is not None:
        lines += ["", *_tree(terminal, found)]
    return [*lines, "", *(terminal.dim(line) for line in _how_made(terminal, found))]


def _box(terminal: Terminal, found: Where) -> list[str]:
    from sim.words.boxed import shares_in_cells

    assert found.region is not None
    lines = [line for side in found.sides(found.region.box) for line in terminal.wrap(f"- {one_line(side)}", "", "  ")]
    shape = (Column("of the box", wraps=True), Column("these draws", right=True), Column("held out", right=True))
    return [*lines, "", *terminal.table(shape, shares_in_cells(found.region.shares, found.region.held_out))]


def _tree(terminal: Terminal, found: Where) -> list[str]:
    from sim.words.boxed import shares_in_cells
    from sim.words.driven import per_cent

    assert found.tree is not None
    shape = (Column("leaf of the tree", wraps=True), Column("density", right=True), Column("mass", right=True))
    rows = [
        [one_line("; ".join(found.sides(leaf.box))), per_cent(leaf.counted.density), per_cent(leaf.counted.mass)]
        for leaf in found.tree.leaves
    ]
    columns = (Column("of the leaves above half", wraps=True), Column("these draws", right=True),
               Column("held out", right=True))  # fmt: skip
    cells = shares_in_cells(found.tree.shares, found.tree.held_out)
    return [*terminal.table(shape, rows), "", *terminal.table(columns, cells)]


def _how_made(terminal: Terminal, found: Where) -> list[str]:
    from sim.words.driven import drawn_by

    legend = (
        "Density: share of the draws there that are such; coverage: share of all such draws that lie there; mass: "
        "share of all draws. Held out: on quarters of the draws, with boxes made of the other three. ± half of the "
        "95 % interval."
    )
    made = f"{drawn_by(found)} · {found.seconds:.1f} s · scenario sha256 {found.scenario.sha256[:12]}"
    return [*terminal.wrap(one_line(legend)), *terminal.wrap(made)]
