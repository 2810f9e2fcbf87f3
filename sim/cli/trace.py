"""``trace``: one path's story as a table, for a person who does not know the code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from sim.cli import in_doubt
from sim.cli.options import (
    ask_about_share,
    output_options,
    paths_option,
    sampling_option,
    scenario_options,
    seed_option,
)
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Column, Terminal, one_line

if TYPE_CHECKING:
    import pandas as pd

    from sim.answers.story import Story
    from sim.engines.ledger import Entry
    from sim.scenario.parts import Scenario
    from sim.words.numbers import Scale

_STORY = ("event", "offer", "effect", "ending", "renewal", "true_up", "buyout")
_BREAK = 3  # months with enough capacity that do not end a spell without
_MOST_NAMES = 3  # customers named in one sentence
_TOO_LONG = 1e12  # amounts from which on a column would not fit


@click.command("trace")
@scenario_options
@click.option("--path", "path", type=click.IntRange(min=0), metavar="N", help="Number of the path. [default: 0]")
@click.option("--percentile", type=click.FloatRange(0, 100, min_open=True, max_open=True), metavar="P",
              help="The path whose loss is this percentile of all losses: 99 is a bad one.")  # fmt: skip
@paths_option("the scenario's own; only with --percentile")
@seed_option
@sampling_option
@click.option("--all", "everything", is_flag=True, help="Every line of the ledger, all bills too.")
@output_options
def command(
    terminal: Terminal,
    source: str,
    overrides: tuple[str, ...],
    path: int | None,
    percentile: float | None,
    paths: int | None,
    seed: int | None,
    sampling: str,
    everything: bool,
) -> int:
    """Tell one path of SCENARIO: what happened in which month, why, and what it did to the money."""
    from sim.answers.trace import trace

    if path is not None and percentile is not None:
        raise click.UsageError("--path and --percentile: choose one of the two")
    if paths is not None and percentile is None:
        raise click.UsageError("--paths: only with --percentile; a path alone is the same among however many")
    if percentile is not None:
        ask_about_share(terminal, percentile)
    scenario = scenario_of(source, overrides)
    standing: dict[str, Any] = {}
    if percentile is not None:
        standing = _standing(terminal, scenario, percentile, paths, seed, sampling)
        path = standing["path"]
    story = trace(scenario, path=path or 0, seed=seed, sampling=sampling)
    if terminal.json:
        terminal.document(_document(scenario, story, standing))
    elif everything:
        terminal.say(*_heading(terminal, scenario, story), "", *_ledger(terminal, scenario, story))
        terminal.say("", *_totals(terminal, scenario, story, standing), *in_doubt.held(terminal, [scenario]))
    else:
        terminal.say(*_heading(terminal, scenario, story), "", *_story(terminal, scenario, story))
        terminal.say("", *_totals(terminal, scenario, story, standing), *in_doubt.held(terminal, [scenario]))
    return 0


def _standing(
    terminal: Terminal, scenario: Scenario, percentile: float, paths: int | None, seed: int | None, sampling: str
) -> dict[str, Any]:
    """Find the path at a percentile of the losses, and where it stands among all."""
    from decimal import Decimal

    from sim.answers.run import run

    with terminal.progress("simulating") as progress:
        result = run(scenario, paths=paths, seed=seed, sampling=sampling, progress=progress)
    # Shifting the decimal point by hand keeps 99.9 from becoming 0.9990000000000001.
    found = result.path_at(float(Decimal(repr(percentile)).scaleb(-2)))
    loss = float(result.loss[found])
    return {
        "path": found,
        "percentile": percentile,
        "paths": result.paths,
        "paths_with_less": int((result.loss < loss).sum()),
        "paths_with_more": int((result.loss > loss).sum()),
    }


def _document(scenario: Scenario, story: Story, standing: dict[str, Any]) -> dict[str, Any]:
    lines = [
        # NaN is what differs from itself.
        {key: None if value != value else value for key, value in row.items()} | {"facts": dict(entry.facts)}
        for row, entry in zip(story.to_dict(orient="records"), story.entries, strict=True)
    ]
    document = {
        "format": 1,
        "scenario": scenario.record,
        "path": story.attrs["path"],
        "seed": story.attrs["seed"],
        "loss": story.attrs["loss"],
        "ledger": lines,
    }
    if standing:
        document["standing"] = {key: value for key, value in standing.items() if key != "path"}
    return document


def _heading(terminal: Terminal, scenario: Scenario, story: Story) -> list[str]:
    about = (
        f"path {story.attrs['path']:,} · seed {story.attrs['seed']} · {one_line(_scale(scenario, story).unit)} a month"
    )
    title = [terminal.title(line) for line in terminal.wrap(one_line(scenario.name))]
    return [*title, *(terminal.dim(line) for line in terminal.wrap(about))]


def _story(terminal: Terminal, scenario: Scenario, story: Story) -> list[str]:
    """Tell what happened, with the money of the month beside it; nothing where nothing happened."""
    money = _months(story).set_index("month")[["money", "lost"]]
    factor = _scale(scenario, story).factor
    written = {column: _alike(factor * money[column]) for column in money}
    rows, before = [], None
    for month, text in _told(scenario, story.entries):
        new = month != before
        rows.append([month if new else "", text, *(written[column][month] if new else "" for column in money)])
        before = month
    shape = (
        Column("month"),
        Column("what happens", wraps=True),
        Column("revenue", right=True),
        Column("lost", right=True),
    )
    if terminal.quiet:
        return terminal.table(shape, rows)
    legend = "revenue: the vendor's in that month; lost: what it would be without any event, less that."
    return [*terminal.table(shape, rows), "", *(terminal.dim(text) for text in terminal.wrap(legend))]


def _months(story: Story) -> pd.DataFrame:
    """The vendor's lines, one a month; what differences of large amounts leave over is not lost."""
    from sim.words.numbers import beyond_rounding

    months = story[[entry.kind == "month" and not entry.own for entry in story.entries]]
    lost = [beyond_rounding(lost, money) for lost, money in zip(months["lost"], months["money"], strict=True)]
    return months.assign(lost=lost)


def _scale(scenario: Scenario, story: Story) -> Scale:
    """The one unit of a path's amounts by month and by year."""
    from sim.words.numbers import scale_for

    months = _months(story)
    return scale_for([float(months[column].abs().max()) for column in ("money", "lost")], scenario.money)


def _alike(amounts: Any) -> dict[Any, str]:
    """Amounts of a column, all to the same decimals: four digits of the largest."""
    from sim.words.numbers import decimals_for

    largest = float(amounts.abs().max())
    form = ".4g" if largest >= _TOO_LONG else f",.{decimals_for(largest, None)}f"
    shown = {key: f"{value:{form}}" for key, value in amounts.items()}
    return {key: text.lstrip("-") if not text.strip("-0.,") else text.replace("-", "−") for key, text in shown.items()}


def _ledger(terminal: Terminal, scenario: Scenario, story: Story) -> list[str]:
    from sim.words.numbers import number

    tell, factor = _teller(scenario), _scale(scenario, story).factor

    def shown(amount: Any) -> str:
        known = _known(amount)
        return number(None if known is None else factor * known)

    rows = [
        [str(row.month), str(row.kind), tell([entry]), shown(row.money), shown(row.lost)]
        for row, entry in zip(story.itertuples(), story.entries, strict=True)
    ]
    shape = (
        Column("month"),
        Column("kind"),
        Column("what happens", wraps=True),
        Column("money", right=True),
        Column("lost", right=True),
    )
    return terminal.table(shape, rows)


def _told(scenario: Scenario, entries: Sequence[Entry]) -> Iterator[tuple[str, str]]:
    """Month and text of the lines that tell the story; spells of scarce capacity in one line each."""
    from sim.words.story import told

    tell = _teller(scenario)
    spells = _spells(scenario, [entry for entry in entries if entry.kind == "capacity" and not entry.own])
    renewed: dict[str, tuple[str, str]] = {}
    last = scenario.months - 1
    for month in range(scenario.months):
        alike: dict[tuple[str, str, str], list[Entry]] = {}
        for entry in entries:
            if entry.month == month and entry.kind in _STORY and not entry.own:
                said = told(entry)
                those = alike.setdefault((entry.kind, *said), [])
                # A renewal that only repeats the one before tells nothing new.
                if entry.kind != "renewal" or renewed.get(entry.subject) != said:
                    those.append(entry)
                if entry.kind == "renewal":
                    renewed[entry.subject] = said
        texts = [tell(those) for those in alike.values() if those]
        texts += [spells[month]] if month in spells else []
        if not texts and month == 0:
            texts = ["the period begins"]
        if month == last:
            texts.append("the period ends")
        for text in texts:
            yield scenario.month_label(month), text


def _spells(scenario: Scenario, capacity: Sequence[Entry]) -> dict[int, str]:
    """A sentence on each spell of scarce capacity, by its first month; breaks of up to three months do not end one."""
    from sim.words.story import told

    spells: list[list[Entry]] = []
    for entry in capacity:
        if spells and entry.month - spells[-1][-1].month <= _BREAK + 1:
            spells[-1].append(entry)
        else:
            spells.append([entry])
    texts = {}
    for spell in spells:
        first, last = spell[0].month, spell[-1].month
        label = scenario.month_label(last)
        whole = len(spell) == last - first + 1
        until = "" if first == last else f" until {label}" if whole else f", on and off until {label}"
        texts[first] = f"capacity is short{until}: at first the vendor {told(spell[0])[0]}"
    return texts


def _totals(terminal: Terminal, scenario: Scenario, story: Story, standing: dict[str, Any]) -> list[str]:
    from sim.scenario.periods import YEAR, periods_of
    from sim.words import numbers
    from sim.words.labels import discounting

    months, factor = _months(story), _scale(scenario, story).factor
    years = periods_of(scenario, YEAR)
    by_year = months.groupby([year.label for year in years for _ in range(year.months)], sort=False)
    amounts = by_year[["money", "lost"]].sum()
    revenue, lost = (_alike(factor * amounts[column]) for column in ("money", "lost"))
    rows = [[year.label, revenue[year.label], lost[year.label]] for year in years]
    lines = [] if terminal.quiet else [
        *terminal.table((Column("year"), Column("revenue", right=True), Column("lost", right=True)), rows), ""
    ]  # fmt: skip
    risk = scenario.risk
    first, last = scenario.month_label(risk.first), scenario.month_label(risk.last)
    window = first if first == last else f"{first} … {last}"
    how = f", {discounted}" if (discounted := discounting(scenario)) else ""
    loss = numbers.beyond_rounding(story.attrs["loss"], float(months["money"].sum()))
    lines += terminal.wrap(f"Loss over {window}{how}: {numbers.money(loss, one_line(scenario.money))}.")
    if standing:
        less, more = (f"{standing[key]:,}" for key in ("paths_with_less", "paths_with_more"))
        lines += terminal.wrap(
            f"Of {standing['paths']:,} paths {less} lose less and {more} lose more: percentile "
            f"{standing['percentile']:g} of the loss."
        )
    return lines


def _teller(scenario: Scenario) -> Callable[[Sequence[Entry]], str]:
    """What makes a sentence of entries that differ in whom they are about, with names in place of ids."""
    from sim.words.story import by_name, subject, told

    name_of = by_name(scenario)

    def tell(those: Sequence[Entry]) -> str:
        names = [subject(entry, scenario) for entry in those]
        who = ", ".join(names) if len(names) <= _MOST_NAMES else f"{len(names)} customers"
        what, why = told(those[0], name_of)
        return one_line(f"{who}: {what}" + (f" ({why})" if why else ""))

    return tell


def _known(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
