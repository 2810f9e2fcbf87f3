"""``sweep``: what is at risk over a grid of probabilities, timings and whatever else, each cell with its error."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import click

from sim.cli import in_doubt
from sim.cli.options import force_option, output_options, paths_option, sampling_option, scenario_options, seed_option
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Terminal

if TYPE_CHECKING:
    from sim.answers.sweep import Sweep

MOST_DRAWN = 3  # axes


@click.command("sweep")
@scenario_options
@click.option("--axis", "axes", multiple=True, metavar="PATH=VALUES",
              help="An axis instead of the scenario's own: v1,v2,… or from:to:count; may be repeated.")  # fmt: skip
@paths_option("the scenario's own")
@seed_option
@sampling_option
@click.option("--precision", metavar="SHARE",
              help="Run until all measures have this standard error: 0.5% (of the value, or of 1 % of the baseline); "
              "--paths is then the limit.")  # fmt: skip
@click.option("--explain", is_flag=True, help="Say how the sweep was planned, and why.")
@click.option("--csv", "csv", metavar="FILE", help="Write all cells as a table; - for standard output.")
@click.option("--npz", "npz", metavar="FILE", help="Write all cells as NumPy arrays.")
@click.option("--parquet", "parquet", metavar="FILE", help="Write all cells as a Parquet table (extra `data`).")
@click.option("--plot", "plot", metavar="FILE", help="Draw the surface: FILE.svg or FILE.png.")
@force_option("table, picture or file of arrays")
@output_options
def command(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    axes: tuple[str, ...],
    paths: int | None,
    seed: int | None,
    sampling: str,
    precision: str | None,
    explain: bool,
    csv: str | None,
    npz: str | None,
    parquet: str | None,
    plot: str | None,
    force: bool,
) -> int:
    """Sweep SCENARIO over its axes and show what is at risk in each cell.

    The probability and the timing of one event are weights over strata that are simulated once: any number of such
    cells costs little more than one. Other axes are simulated value by value, on common draws.
    """
    from sim.answers.sweep import sweep
    from sim.cli.axes import axes_of, share_of
    from sim.cli.files import STANDARD_OUTPUT, arrays, check_outputs, parquet_table, picture, table

    wanted = axes_of(axes) if axes else None
    share = None if precision is None else share_of(precision)
    if parquet is not None and importlib.util.find_spec("pyarrow") is None:
        raise click.UsageError("--parquet needs pyarrow: install switchrisk[data]")
    scenario = scenario_of(source, overrides, own_axes=wanted is None)
    outputs = [table("--csv", csv), arrays("--npz", npz), parquet_table("--parquet", parquet), picture("--plot", plot)]
    check_outputs(terminal, outputs, [scenario], force=force)
    if plot is not None and len(wanted or scenario.axes) > MOST_DRAWN:
        raise click.UsageError(f"--plot: {len(wanted or scenario.axes)} axes are too many for a picture; at most three")
    with terminal.progress("sweeping") as progress:
        found = sweep(
            scenario, axes=wanted, paths=paths, seed=seed, sampling=sampling, precision=share, progress=progress
        )
    _write(terminal, found, csv, npz, parquet, plot)
    if found.precision is not None and found.precision["note"] is not None:
        met = "met" if found.precision["met"] else "not met"
        terminal.note(*terminal.wrap(f"note: precision {met}: {found.precision['note']}"))
    if terminal.json:
        document = found.to_dict()
        if explain:
            document["plan"] = found.explain()
        terminal.document(document)
    elif csv != STANDARD_OUTPUT:
        from sim.cli.surface import report

        varied = [axis.path for axis in found.plan.axes]
        terminal.say(*report(terminal, found, explain), *in_doubt.held(terminal, [scenario], varied))
    return 0


def _write(
    terminal: Terminal, found: Sweep, csv: str | None, npz: str | None, parquet: str | None, plot: str | None
) -> None:
    """Write the files that were asked for, each whole or not at all."""
    from sim.cli.files import whole, write_picture, write_table

    if csv is not None:
        write_table(terminal, found.frame, csv)
    if npz is not None:
        import numpy as np

        with whole(npz) as file:
            np.savez(file, allow_pickle=False, **found.to_arrays())
    if parquet is not None:
        with whole(parquet) as file:
            file.write(found.frame.to_parquet(index=False))
    if plot is not None:
        write_picture(terminal, found.plot.draw(), plot)
