"""``attribute``: what each event contributes to the expected loss and to the expected shortfall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli import in_doubt
from sim.cli.options import force_option, output_options, paths_option, sampling_option, scenario_options, seed_option
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Column, Terminal, one_line

if TYPE_CHECKING:
    from sim.answers.attribute import Attribution
    from sim.estimates.measures import Measure
    from sim.words.numbers import Scale


@click.command("attribute")
@scenario_options
@click.option("--level", type=float, metavar="P",
              help="Level of the expected shortfall, of the scenario's own. [default: the first]")  # fmt: skip
@paths_option("as many as the precision needs, at most the scenario's own and 16,384")
@seed_option
@click.option("--precision", metavar="SHARE",
              help="Standard error that the paths may leave in each contribution, of the total; --paths is then the "
              "limit. [default: 1 %, unless --paths is given]")  # fmt: skip
@sampling_option
@click.option("--csv", "csv", metavar="FILE", help="Write all contributions as a table; - for standard output.")
@click.option("--plot", "plot", metavar="FILE",
              help="Draw a waterfall: FILE.svg or FILE.png. From the baseline to the revenue; with --level up to the "
              "expected shortfall.")  # fmt: skip
@force_option("table or picture")
@output_options
def command(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    level: float | None,
    paths: int | None,
    seed: int | None,
    sampling: str,
    precision: str | None,
    csv: str | None,
    plot: str | None,
    force: bool,
) -> int:
    """Say what each event of SCENARIO contributes to the expected loss, and to the mean of the worst cases.

    Shapley values over the events, on common draws: each event's contribution is averaged over all orders in which the
    events may be added, and the contributions add up to the total. Beyond eight events orders are sampled.
    """
    from sim.answers.attribute import attribute
    from sim.cli.axes import share_of
    from sim.cli.files import STANDARD_OUTPUT, check_outputs, picture, table, write_picture, write_table
    from sim.estimates.measures import EXPECTED_LOSS, EXPECTED_SHORTFALL, level_name

    share = None if precision is None else share_of(precision)
    scenario = scenario_of(source, overrides)
    check_outputs(terminal, [table("--csv", csv), picture("--plot", plot)], [scenario], force=force)
    if level is not None and level not in scenario.risk.levels:
        allowed = ", ".join(map(level_name, scenario.risk.levels))
        raise click.UsageError(f"--level: found {level:g}, allowed are {allowed}; others by --set risk.levels=[…]")
    with terminal.progress("simulating") as progress:
        found = attribute(scenario, paths=paths, seed=seed, sampling=sampling, precision=share, progress=progress)
    if csv is not None:
        write_table(terminal, found.to_frame(), csv)
    if plot is not None:
        measure = EXPECTED_LOSS if level is None else EXPECTED_SHORTFALL
        write_picture(terminal, found.plot.waterfall(measure=measure.name, level=level), plot)
    if terminal.json:
        terminal.document(found.to_dict())
    elif csv != STANDARD_OUTPUT:
        terminal.say(*_report(terminal, found, level), *in_doubt.held(terminal, [scenario]))
    return 0


def _report(terminal: Terminal, found: Attribution, level: float | None) -> list[str]:
    from sim.words.labels import unit_and_discounting

    headline = terminal.wrap(one_line(found.finding()) + ".")
    if terminal.quiet:
        return headline
    scenario = found.scenario
    risk = scenario.risk
    unit = one_line(unit_and_discounting(scenario, _scale(found)))
    about = f"{scenario.month_label(risk.first)} … {scenario.month_label(risk.last)} · {unit}"
    lines = [
        *(terminal.title(line) for line in terminal.wrap(one_line(scenario.name))),
        *(terminal.dim(line) for line in terminal.wrap(about)),
        "",
        *headline,
    ]
    if found.contributions:
        lines += ["", *_table(terminal, found, level), ""]
        lines += [terminal.dim(line) for line in _legend(terminal, found, level)]
    return lines


def _scale(found: Attribution) -> Scale:
    """The one unit of its amounts."""
    from sim.words.labels import scale_of

    return scale_of(found.scenario, found.totals)


def _table(terminal: Terminal, found: Attribution, level: float | None) -> list[str]:
    from sim.estimates.measures import MEASURES
    from sim.words.numbers import to_add_up, whole_percent

    shape = [Column("event", wraps=True)]
    ranked, factor = found.ranked(), _scale(found).factor
    cells = [[one_line(contribution.name)] for contribution in ranked] + [["all events"]]
    for measure in (MEASURES[name] for name in found.totals):
        _, at = found.chosen(measure.name, level)
        title = measure.caption.lower() if at is None else f"{_initials(measure)} {100 * float(at):g} %"
        shape += [Column(title, right=True), Column("error", right=True), Column("share", right=True)]
        total = found.total(measure.name, at)
        shares = [found.share(contribution, measure.name, at) for contribution in ranked]
        shares.append(None if None in shares else 1.0)
        estimates = [*(contribution.to(measure.name, at) for contribution in ranked), total]
        said = to_add_up([one.times(factor) for one in estimates])
        for row, (value, error), share in zip(cells, said, shares, strict=True):
            row += [value, f"± {error}" if error else "", "–" if share is None else whole_percent(share)]
    return terminal.table(shape, cells)


def _initials(measure: Measure) -> str:
    """``ES`` for the expected shortfall, as the legend says."""
    return "".join(word[0] for word in measure.caption.split()).upper()


def _legend(terminal: Terminal, found: Attribution, level: float | None) -> list[str]:
    from sim.estimates.independent import thin_tail

    what = (
        "Shapley values: what an event adds, averaged over all orders in which events may be added; below zero where "
        "it makes the loss smaller. They add up to the total, but for rounding. ± one standard error"
    )
    few, tail = "", [one for measure, _, one in found.totals.rows() if measure.by_level]
    if any(estimate.standard_error is None for estimate in tail):
        few = ", none where too few paths tell"
    thin = thin_tail(found.paths, found.scenario.risk.levels) or ""
    lines = terminal.wrap(f"{what}{few}. ES: expected shortfall, the mean of the worst cases. {thin}")
    for note in (found.stopped, found.note):
        lines += [] if note is None else terminal.wrap(note)
    counted = f"{found.coalitions:,} set{'' if found.coalitions == 1 else 's'} of events"
    return [
        *terminal.wrap(one_line(f"{found.base_line(level)}.")),
        *lines,
        *terminal.wrap(f"{counted} · {found.seconds:.1f} s"),
    ]
