"""``report``: one HTML file to read, to try other values in, and to send on."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.options import (
    FROM_STANDARD_INPUT,
    force_option,
    output_options,
    paths_option,
    scenario_options,
    seed_option,
)
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Terminal, one_line

FILE = "report.html"
SUFFIXES = (".html", ".htm")

LARGE = 5_000_000
"""Bytes above which a report is told to be large."""


@click.command("report")
@scenario_options
@click.option("--out", "out", default=FILE, show_default=True, metavar="FILE", help="Where to write it: FILE.html.")
@force_option("report")
@paths_option("the scenario's own, at most 32,768")
@seed_option
@output_options
def command(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    out: str,
    force: bool,
    paths: int | None,
    seed: int | None,
) -> int:
    """Write a report of SCENARIO: one HTML file that opens anywhere and needs no network.

    In it the probability and the timing of one event can be moved, and all that is at risk follows at once. Paths are
    quasi-random.
    """
    from sim.cli.files import check_outputs, report_page, whole
    from sim.report import make_report

    if Path(out).suffix.lower() not in SUFFIXES:
        raise click.UsageError(f"--out {out}: a report's name ends in .html")
    scenario = scenario_of(source, overrides)
    check_outputs(terminal, [report_page("--out", out)], [scenario], force=force)
    with terminal.progress("making the report") as progress:
        found = make_report(
            scenario,
            paths=paths,
            seed=seed,
            progress=progress,
            file=out,
            overrides=overrides,
            again=source != FROM_STANDARD_INPUT,
        )
    content = found.html.encode("utf-8")
    with whole(out) as file:
        file.write(content)
    size = len(content)
    if size > LARGE:
        told = f"note: {size / 1e6:.1f} MB is much for a mail; a shorter horizon makes it smaller"
        terminal.note(*terminal.wrap(told))
    if terminal.json:
        terminal.document({**found.to_dict(), "file": out, "bytes": size})
        return 0
    wrote = f"{one_line(out)}: {size / 1e6:.1f} MB, {found.paths:,} paths, {found.seconds:.1f} s"
    lines = [] if terminal.quiet else terminal.wrap(f"{one_line(found.headline)}.")
    terminal.say(*lines, *terminal.wrap(wrote))
    return 0
