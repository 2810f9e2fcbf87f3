"""``breakeven``: the probability, or the timing, at which a measure crosses a threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import output_options, paths_option, sampling_option, scenario_options, seed_option
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Terminal, one_line

if TYPE_CHECKING:
    from sim.answers.breakeven import Breakeven, Crossing


@click.command("breakeven")
@scenario_options
@click.option("--axis", required=True, metavar="PATH",
              help="What varies: an event's probability, or a number or month of its timing.")  # fmt: skip
@click.option("--measure", default="revenue_at_risk.0.95", show_default=True, metavar="NAME",
              help="The measure that is to cross the threshold.")  # fmt: skip
@click.option("--threshold", required=True, type=float, metavar="X", help="In the scenario's unit, or a share.")
@click.option("--from", "low", metavar="VALUE",
              help="Start of the range. [default: 0, the first month, a tenth of the scenario's value]")  # fmt: skip
@click.option("--to", "high", metavar="VALUE",
              help="End of the range. [default: 1, the last month, ten times the scenario's value]")  # fmt: skip
@paths_option("the scenario's own")
@seed_option
@sampling_option("sobol")
@output_options
def command(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    axis: str,
    measure: str,
    threshold: float,
    low: str | None,
    high: str | None,
    paths: int | None,
    seed: int | None,
    sampling: str,
) -> int:
    """Find where a measure of SCENARIO crosses a threshold as one event's probability or timing varies.

    One simulation serves all values. The answer's interval holds all values at which the measure's own 95 % interval
    holds the threshold.
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
        terminal.say(*_report(terminal, found))
    return 0


def _report(terminal: Terminal, found: Breakeven) -> list[str]:
    from sim.estimates.measures import named
    from sim.words.labels import axis_caption, measure_caption, value_caption

    measure, level = named(found.measure)
    assert measure is not None
    caption = measure_caption(measure, level)
    varied = axis_caption(found.scenario, found.axis)
    first, last = found.ends
    answer = []
    for crossing in found.crossings:
        answer += terminal.wrap(one_line(_sentence(found, crossing, caption)))
    if not found.crossings:
        side = "at or above" if first["value"] is not None and first["value"] >= found.threshold else "below"
        text = f"{caption} stays {side} {_amount(found, found.threshold)} over the whole range: no breakeven."
        answer = terminal.wrap(one_line(text))
    if terminal.quiet:
        return answer
    base = found.sweep.base[found.axis]
    ends = [f"at {value_caption(end['at'])} it is {_amount(found, end['value'], end)}" for end in (first, last)]
    stands = "" if base is None else f"; the scenario stands at {value_caption(base)}"
    kind = "quasi-random" if found.sweep.sampling == "sobol" else "plain"
    made = f"{found.sweep.paths:,} {kind} paths · seed {found.sweep.seed} · {found.seconds:.2f} s"
    return [
        *(terminal.title(line) for line in terminal.wrap(one_line(found.scenario.name))),
        *(terminal.dim(line) for line in terminal.wrap(one_line(varied))),
        "",
        *answer,
        *terminal.wrap(one_line(f"Range: {', '.join(ends)}{stands}.")),
        "",
        *(terminal.dim(line) for line in terminal.wrap(made)),
    ]


def _sentence(found: Breakeven, crossing: Crossing, caption: str) -> str:
    verb = "reaches" if crossing.rising else "falls below"
    low, high = crossing.low, crossing.high
    width = None
    if isinstance(low, float) and isinstance(high, float):
        width = (high - low) / 2
    value = _on_axis(crossing.value, width)
    ends = [
        "the range’s " + edge if end is None else _on_axis(end, width)
        for end, edge in ((low, "beginning"), (high, "end"))
    ]
    unknown = found.ends[0]["low"] is None
    interval = "so few paths tell no error" if unknown else f"{ends[0]} … {ends[1]}"
    text = f"{caption} {verb} {_amount(found, found.threshold)} at {value} ({interval})"
    if crossing.jumps and not isinstance(crossing.value, str):
        text += f", leaping from {_amount(found, crossing.before)} to {_amount(found, crossing.after)}"
    return f"{text}."


def _on_axis(value: float | str, width: float | None) -> str:
    from sim.words.numbers import number

    if isinstance(value, str):
        return value
    return number(value, width if width and width > 1e-6 * abs(value) else abs(value) * 1e-4 or None)


def _amount(found: Breakeven, value: float | None, end: dict[str, Any] | None = None) -> str:
    from sim.estimates.measures import named
    from sim.words.numbers import money, percent, with_unit

    if value is None:
        return "unknown"
    measure, _ = named(found.measure)
    if measure is not None and measure.is_share:
        return percent(value)
    width = None
    if end is not None and end["low"] is not None and end["high"] is not None:
        width = (end["high"] - end["low"]) / 2
    if value == 0:
        return with_unit("0", found.scenario.money)
    return money(value, found.scenario.money, width or None)
