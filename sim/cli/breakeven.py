"""``breakeven``: the value of a number of the scenario at which a measure crosses a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli import in_doubt
from sim.cli.options import output_options, paths_option, sampling_option, scenario_options, seed_option
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Terminal, one_line

if TYPE_CHECKING:
    from sim.answers.breakeven import Breakeven


@click.command("breakeven")
@scenario_options
@click.option("--axis", required=True, metavar="PATH",
              help="What varies: a number or a month of the scenario.")  # fmt: skip
@click.option("--measure", metavar="NAME",
              help="The measure that is to cross the threshold. "
              "[default: revenue_at_risk at 0.95, or at the scenario's first level]")  # fmt: skip
@click.option("--threshold", required=True, type=float, metavar="X", help="In the scenario's unit, or a share.")
@click.option("--from", "low", metavar="VALUE",
              help="Start of the range. [default: 0 of a share, the first month of an event's, a tenth of a timing's "
              "number, the plausible range of any other]")  # fmt: skip
@click.option("--to", "high", metavar="VALUE",
              help="End of the range. [default: 1 of a share, the last month of an event's, ten times a timing's "
              "number, the plausible range of any other]")  # fmt: skip
@paths_option("the scenario's own")
@seed_option
@sampling_option
@output_options
def command(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    axis: str,
    measure: str | None,
    threshold: float,
    low: str | None,
    high: str | None,
    paths: int | None,
    seed: int | None,
    sampling: str,
) -> int:
    """Find where a measure of SCENARIO crosses a threshold as one of its numbers varies.

    For one event's probability or timing one simulation serves all values; for anything else, such as a commitment or
    the acceptance of an offer, each value is simulated, on common draws. The answer's interval holds all values at
    which the measure's own 95 % interval holds the threshold.
    """
    from sim.answers.breakeven import breakeven
    from sim.cli.axes import value_of

    scenario = scenario_of(source, overrides, own_axes=False)
    with terminal.progress("simulating") as progress:
        found = breakeven(
            scenario,
            axis=axis,
            measure=measure,
            threshold=threshold,
            low=None if low is None else value_of(low),
            high=None if high is None else value_of(high),
            paths=paths,
            seed=seed,
            sampling=sampling,
            progress=progress,
        )
    if terminal.json:
        terminal.document(found.to_dict())
    else:
        terminal.say(*_report(terminal, found), *in_doubt.held(terminal, [scenario], [found.axis]))
    return 0


def _report(terminal: Terminal, found: Breakeven) -> list[str]:
    from sim.words.labels import axis_caption
    from sim.words.stops import stops_note

    answer = [line for finding in found.findings for line in terminal.wrap(one_line(f"{finding}."))]
    if terminal.quiet:
        return answer
    varied = axis_caption(found.scenario, found.axis)
    if note := stops_note(found.scenario, found.axis, [end["at"] for end in found.ends]):
        varied += f"; {note}"
    return [
        *(terminal.title(line) for line in terminal.wrap(one_line(found.scenario.name))),
        *(terminal.dim(line) for line in terminal.wrap(one_line(varied))),
        "",
        *answer,
        *terminal.wrap(one_line(f"Range: {found.range_in_words}.")),
        "",
        *(terminal.dim(line) for line in terminal.wrap(one_line(f"{found.base_line()}."))),
        *(terminal.dim(line) for line in terminal.wrap(f"{found.seconds:.2f} s")),
    ]
