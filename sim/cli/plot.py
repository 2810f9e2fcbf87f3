"""``plot``: the pictures of a run as files, one of them or all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import (
    ask_about_share,
    force_option,
    output_options,
    paths_option,
    sampling_option,
    scenario_options,
    seed_option,
)
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Terminal, one_line

if TYPE_CHECKING:
    from sim.answers.run import Result

KINDS = {
    "fan": "fan",
    "exceedance": "exceedance",
    "events": "event_months",
    "concentration": "concentration",
    "story": "story",
}
"""Pictures by what they are called on the command line; the value is the name in Python, and of the file."""

ALL = "all"
MISSING = {
    "event_months": "the scenario has no events",
    "concentration": "no customer is named, so nothing is concentrated",
}


@click.command("plot")
@scenario_options
@click.option("--kind", "kinds", multiple=True, type=click.Choice([*KINDS, ALL]), metavar="KIND",
              help=f"{', '.join(KINDS)}, or {ALL}; may be repeated. [default: fan]")  # fmt: skip
@click.option("--by", type=click.Choice(["month", "quarter", "year"]), default="month", show_default=True,
              help="Of what the fan's revenue is the sum; years begin as risk.year_starts says.")  # fmt: skip
@click.option("--path", "path", type=click.IntRange(min=0), metavar="N", help="The path that `story` tells.")
@click.option("--percentile", type=click.FloatRange(0, 100, min_open=True, max_open=True), metavar="P",
              help="It tells the path whose loss is this percentile. [default: the first risk level]")  # fmt: skip
@click.option("--out", "out", metavar="PLACE",
              help="FILE.svg or FILE.png for one picture, else a folder, made if missing. [default: here]")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["svg", "png"]), help="Of files in a folder. [default: svg]")
@paths_option("the scenario's own")
@seed_option
@sampling_option
@force_option("picture")
@output_options
def command(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    kinds: tuple[str, ...],
    by: str,
    path: int | None,
    percentile: float | None,
    out: str | None,
    form: str | None,
    paths: int | None,
    seed: int | None,
    sampling: str,
    force: bool,
) -> int:
    """Draw a run of SCENARIO: write its pictures as SVG or PNG, and say what they show."""
    from sim.answers.run import run
    from sim.chance.sampling import Sampling
    from sim.cli.files import boxes_told, check_outputs, picture

    names = list(KINDS.values()) if ALL in kinds else [KINDS[kind] for kind in dict.fromkeys(kinds or ("fan",))]
    if by != "month":
        if "fan" not in names:
            raise click.UsageError("--by: only with --kind fan or all")
        names[names.index("fan")] = f"fan_by_{by}"
    if path is not None and percentile is not None:
        raise click.UsageError("--path and --percentile: choose one of the two")
    if "story" not in names and (path, percentile) != (None, None):
        raise click.UsageError("--path and --percentile: only with --kind story or all")
    if percentile is not None:
        ask_about_share(terminal, percentile)
    scenario = scenario_of(source, overrides)
    if path is not None and path >= (most := Sampling.of(scenario, paths=paths, method=sampling).paths):
        raise click.UsageError(f"--path: there are {most:,} paths, counted from 0; --paths asks for more")
    files = _files(names, out, form)
    # A folder that is yet to be made holds nothing that could be lost.
    places = [file for file in files.values() if file.parent.is_dir() or (out is not None and file == Path(out))]
    check_outputs(terminal, [picture("--out", str(file)) for file in places], [scenario], force=force)
    with terminal.progress("simulating") as progress:
        result = run(scenario, paths=paths, seed=seed, sampling=sampling, progress=progress)
    drawings = _drawings(result, names, by, path, percentile)
    if not drawings:
        raise click.UsageError(f"--kind: {MISSING[names[0]]}")
    with boxes_told(terminal):
        written = [(name, str(files[name]), _write(draw, files[name])) for name, draw in drawings.items()]
    for name in names:
        if name not in drawings:
            terminal.note(*terminal.wrap(f"note: no {name.replace('_', ' ')}: {MISSING[name]}"))
    if terminal.json:
        pictures = [{"kind": name, "file": file, "title": title} for name, file, title in written]
        terminal.document({"format": 1, "scenario": scenario.record, "pictures": pictures})
    else:
        for _, file, title in written:
            terminal.say(one_line(file))
            if not terminal.quiet:
                terminal.say(*(terminal.dim(line) for line in terminal.wrap(one_line(title), "  ")))
    return 0


def _files(names: list[str], out: str | None, form: str | None) -> dict[str, Path]:
    """Where each picture goes, seen to be possible before long work is begun."""
    from sim.archives import holds_results
    from sim.errors import OutputError
    from sim.plots import format_of

    place = Path(out) if out is not None else Path()
    is_folder = out is None or place.is_dir() or not place.suffix or out.endswith((os.sep, "/"))
    if not is_folder:
        suffix = format_of(place)
        if len(names) > 1:
            raise click.UsageError(f"--out: {len(names)} pictures need a folder, not the file {out}")
        if form not in (None, suffix):
            raise click.UsageError(f"--format: {form} does not fit the file {out}")
        return {names[0]: place}
    if place.exists() and not place.is_dir():
        raise OutputError(f"{out}: is a file; a picture's name ends in .svg or .png")
    if place.is_dir() and holds_results(place):
        raise OutputError(
            f"{out or '.'}: holds the results of a run, which would no longer be as they were written",
            help="its pictures are in plots/ within it; name another folder",
        )
    nearest = next(folder for folder in (place, *place.absolute().parents) if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise OutputError(f"{out or '.'}: {nearest} cannot be written to")
    return {name: place / f"{name}.{form or 'svg'}" for name in names}


def _drawings(
    result: Result, names: list[str], by: str, path: int | None, percentile: float | None
) -> dict[str, Callable[[], Any]]:
    from decimal import Decimal

    from sim.plots import pictures

    found: dict[str, Any] = {name: draw for name, draw in pictures(result).items() if name in names}
    if f"fan_by_{by}" in names:
        found[f"fan_by_{by}"] = lambda: result.plot.fan(by=by)
    if path is not None:
        found["story"] = lambda: result.plot.story(path)
    elif percentile is not None:
        # Shifting the decimal point by hand keeps 99.9 from becoming 0.9990000000000001.
        level = float(Decimal(repr(percentile)).scaleb(-2))
        found["story"] = lambda: result.plot.story(level=level)
    return {name: found[name] for name in names if name in found}


def _write(draw: Callable[[], Any], file: Path) -> str:
    """Draw and write one picture, whole or not at all; gives its title."""
    from sim.cli.files import whole
    from sim.errors import OutputError
    from sim.plots import format_of, save

    drawn = draw()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{file.parent}: {error.strerror or error}") from None
    with whole(str(file)) as opened:
        save(drawn, opened, format_of(file))
    return " ".join(drawn.get_title(loc="left").split())
