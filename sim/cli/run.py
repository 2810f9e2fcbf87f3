"""``run``: what is at risk, as a table with errors or as JSON, or kept in a folder; a yes or no for a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import click

from sim.cli import doubts, in_doubt
from sim.cli.options import (
    FROM_STANDARD_INPUT,
    output_options,
    paths_option,
    sampling_option,
    scenario_options,
    seed_option,
)
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Column, Terminal, one_line

if TYPE_CHECKING:
    from sim.answers.run import Result
    from sim.scenario.parts import Scenario
    from sim.words.numbers import Scale


@click.command("run")
@scenario_options
@paths_option("the scenario's own")
@seed_option
@sampling_option
@click.option("--engine", type=click.Choice(["kernel", "model"]), default="kernel", show_default=True,
              help="All paths at once, or one by one in the SimPy model.")  # fmt: skip
@click.option("--fail-if", "conditions", multiple=True, metavar="CONDITION",
              help='Exit with 1 where this holds: "revenue_at_risk.0.95 > 1000"; may be repeated.')  # fmt: skip
@click.option("--out", metavar="DIR", type=click.Path(),
              help="Keep the results in this folder: measures, tables, arrays, plots; whole or not at all. Earlier "
              "results in it are replaced, nothing else is.")  # fmt: skip
@click.option("--watch", "watching", is_flag=True,
              help="Run again on the same draws when the scenario's file is saved; tell what an edit did.")  # fmt: skip
@output_options
def command(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    paths: int | None,
    seed: int | None,
    sampling: str,
    engine: str,
    conditions: tuple[str, ...],
    out: str | None,
    watching: bool,
) -> int:
    """Run SCENARIO and show what is at risk.

    Values come with their error: a standard error after ±, or the two ends of a 95 % confidence interval.
    """
    from sim.answers.run import run
    from sim.cli.thresholds import threshold

    if watching:
        _watch(terminal, source, overrides, paths, seed, sampling, engine, conditions, out)
    scenario = scenario_of(source, overrides)
    thresholds = [threshold(text, scenario) for text in conditions]
    if out is not None:
        from sim.cli.files import check_folder

        check_folder("--out", out, [scenario])
    with terminal.progress("simulating") as progress:
        result = run(scenario, paths=paths, seed=seed, sampling=sampling, engine=engine, progress=progress)
    verdicts = [(condition, condition.found(result), condition.holds(result)) for condition in thresholds]
    if terminal.json:
        document = doubts.beside(result.to_dict(), scenario.doubts())
        if verdicts:
            document["fail_if"] = [
                {"condition": condition.text, "value": value, "holds": holds} for condition, value, holds in verdicts
            ]
        if out is not None:
            document["out"] = {"folder": out, "files": _keep(terminal, result, out)}
        terminal.document(document)
    else:
        terminal.say(*_report(terminal, result))
        for condition, value, holds in verdicts:
            from sim.words.numbers import number

            said = f"fail if {condition.text}: {'yes' if holds else 'no'}, it is {number(value)}"
            terminal.say(terminal.verdict(said, good=not holds))
        if out is not None:
            files = _keep(terminal, result, out)
            if not terminal.quiet:
                terminal.say("", *terminal.wrap(f"Written to {one_line(out)}: {files} files."))
    return 1 if any(holds for _, _, holds in verdicts) else 0


def _watch(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    paths: int | None,
    seed: int | None,
    sampling: str,
    engine: str,
    conditions: tuple[str, ...],
    out: str | None,
) -> NoReturn:
    from dataclasses import replace

    from sim.answers.run import run_sampled
    from sim.chance.sampling import Sampling
    from sim.cli.watch import watch
    from sim.errors import UsageError

    given = {"-": source == FROM_STANDARD_INPUT, "--json": terminal.json, "--fail-if": conditions, "--out": out}
    for option, is_given in given.items():
        if is_given:
            what = "standard input" if option == "-" else option
            raise UsageError(f"--watch does not go with {what}", help="it ends only when it is interrupted")

    def again(scenario: Scenario, latest: Result | None) -> Result:
        chosen = Sampling.of(scenario, paths=paths, seed=seed, method=sampling)
        if latest is not None and latest.sampled.order is not None:
            # What an edit leaves as it is keeps its points; by itself the scenario may have others.
            chosen = replace(chosen, order=latest.sampled.order.beside(scenario))
        with terminal.progress("simulating") as progress:
            return run_sampled(scenario, chosen, engine=engine, progress=progress)

    watch(terminal, source, overrides, again, lambda result: _report(terminal, result))


def _keep(terminal: Terminal, result: Result, out: str) -> int:
    """Save the result; how many files it takes."""
    from sim.archives import files_of
    from sim.cli.files import boxes_told

    with boxes_told(terminal):
        return len(files_of(result.save(out)))


def _report(terminal: Terminal, result: Result) -> list[str]:
    from sim.words.labels import scale_of, unit_and_discounting

    headline = [*terminal.wrap(one_line(result.headline) + "."), *doubts.briefly(terminal, result.scenario.doubts())]
    if terminal.quiet:
        return headline
    scenario = result.scenario
    scale = scale_of(scenario, result.estimates)
    unit = one_line(unit_and_discounting(scenario, scale))
    about = f"{scenario.month_label(0)} … {scenario.month_label(scenario.months - 1)} · {unit}"
    lines = [
        *(terminal.title(line) for line in terminal.wrap(one_line(scenario.name))),
        *(terminal.dim(line) for line in terminal.wrap(about)),
        "",
        *headline,
        "",
        *terminal.table(
            (Column("measure"), Column("value", right=True), Column("error", wraps=True)), _measures(result, scale)
        ),
    ]
    if result.events:
        shape = [Column("event", wraps=True), Column("chance", right=True), Column("95 % interval"), Column("median")]
        if any(event.repeats for event in scenario.events):
            shape.append(Column("times", right=True))
        lines += ["", *terminal.table(shape, _events(result))]
    lines += [*_years(terminal, result), *in_doubt.held(terminal, [scenario])]
    return [*lines, "", *(terminal.dim(line) for line in _how_made(terminal, result))]


def _years(terminal: Terminal, result: Result) -> list[str]:
    """The years as a table, where the horizon has more than one."""
    from sim.answers.by_period import BELOW_ZERO, any_below_zero, of_kind, rows, scale

    scenario, years = result.scenario, of_kind(result.periods, "year")
    if len(years) < 2:
        return []
    level, unit = scenario.risk.levels[0], scale(years, scenario.money)
    shape = (
        Column("year"),
        *(Column(name, right=True, wraps=True) for name in ("revenue", "baseline", "loss")),
        Column(f"RaR {100 * level:g} %", wraps=True),
    )
    found = [
        [
            row.name if row.complete else f"{row.name} ({row.months} mo.)",
            *(row.revenue, row.baseline, row.loss),
            f"{row.at_risk} ({row.interval})" if row.interval else row.at_risk,
        ]
        for row in rows(years, level, unit)
    ]
    part = "" if all(row["complete"] for row in years) else "; mo.: as many months of it as are simulated"
    unit_told = f"{one_line(unit.unit)}, not discounted"
    means = "Means of a year, good to the last digit where no ± says otherwise, and revenue at risk of its own loss"
    said = f"{means}; {unit_told}{part}." + (f" {BELOW_ZERO}" if any_below_zero(years) else "")
    return ["", *terminal.table(shape, found), *(terminal.dim(line) for line in terminal.wrap(said))]


def _measures(result: Result, scale: Scale) -> list[list[str]]:
    from sim.words.labels import measure_rows

    return [
        [name[:1].lower() + name[1:], *texts] for name, *texts in measure_rows(result.scenario, result.estimates, scale)
    ]


def _events(result: Result) -> list[list[str]]:
    from sim.words.labels import event_label

    repeats = any(event.repeats for event in result.scenario.events)
    return [
        [
            one_line(event_label(event)),
            *result.chance_of(event),
            result.events[event.id]["median_month"] or "–",
            *([result.times_of(event)] if repeats else []),
        ]
        for event in result.scenario.events
    ]


def _how_made(terminal: Terminal, result: Result) -> list[str]:
    from sim.words.bases import sampled_in_words

    engine = "all paths at once" if result.engine == "kernel" else "the SimPy model"
    text = (
        f"{sampled_in_words(result.sampled)} · engine: {result.engine} ({engine}) · {result.seconds:.1f} s · "
        f"scenario sha256 {result.scenario.sha256[:12]}"
    )
    legend = (
        "± one standard error; from … to: a 95 % confidence interval. An event's chance: to arise within the period."
    )
    if any(event.repeats for event in result.scenario.events):
        text_of_times = " Times: how often one that repeats comes, on average; chance and median are of the first time."
        legend += text_of_times
    return [*terminal.wrap(legend), *terminal.wrap(text)]
