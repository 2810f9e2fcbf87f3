"""``trace``: one path's story as a table, for a person who does not know the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import output_options, paths_option, sampling_option, scenario_options, seed_option
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Column, Terminal, one_line

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.parts import Scenario

_STORY = ("event", "offer", "effect", "ending", "renewal")
_BREAK = 3  # months with enough capacity that do not end a spell without
_MOST_NAMES = 3  # customers named in one sentence
_TOO_LONG = 1e12  # amounts from which on a column would not fit

_WHERE_IDS_STAND = re.compile(
    r"(?P<before>^|as |set off by |once )(?P<id>[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?)"
    r"(?P<after> takes effect| is over| is declined| is accepted| would arise| has run out| has arisen|$)"
)


@click.command("trace")
@scenario_options
@click.option("--path", "path", type=click.IntRange(min=0), metavar="N", help="Number of the path. [default: 0]")
@click.option("--percentile", type=click.FloatRange(0, 100, min_open=True, max_open=True), metavar="P",
              help="The path whose loss is this percentile of all losses: 99 is a bad one.")  # fmt: skip
@paths_option("the scenario's own; only with --percentile")
@seed_option
@sampling_option("plain")
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
        terminal.say("", *_totals(terminal, scenario, story, standing))
    else:
        terminal.say(*_heading(terminal, scenario, story), "", *_story(terminal, scenario, story))
        terminal.say("", *_totals(terminal, scenario, story, standing))
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


def _document(scenario: Scenario, story: pd.DataFrame, standing: dict[str, Any]) -> dict[str, Any]:
    lines = [
        {key: None if value != value else value for key, value in row.items()}  # NaN is what differs from itself
        for row in story.to_dict(orient="records")
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


def _heading(terminal: Terminal, scenario: Scenario, story: pd.DataFrame) -> list[str]:
    about = f"path {story.attrs['path']:,} · seed {story.attrs['seed']} · {one_line(scenario.money)} a month"
    title = [terminal.title(line) for line in terminal.wrap(one_line(scenario.name))]
    return [*title, *(terminal.dim(line) for line in terminal.wrap(about))]


def _story(terminal: Terminal, scenario: Scenario, story: pd.DataFrame) -> list[str]:
    """Tell what happened, with the money of the month beside it; nothing where nothing happened."""
    money = story[story["kind"] == "month"].set_index("month")[["money", "lost"]]
    written = {column: _alike(money[column]) for column in money}
    rows, before = [], None
    for month, text in _told(scenario, story, list(money.index)):
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


def _alike(amounts: Any) -> dict[Any, str]:
    """Amounts of a column, all to the same decimals: four digits of the largest."""
    from sim.words.numbers import decimals_for

    largest = float(amounts.abs().max())
    form = ".4g" if largest >= _TOO_LONG else f",.{decimals_for(largest, None)}f"
    shown = {key: f"{value:{form}}" for key, value in amounts.items()}
    return {key: text.lstrip("-") if not text.strip("-0.,") else text.replace("-", "−") for key, text in shown.items()}


def _ledger(terminal: Terminal, scenario: Scenario, story: pd.DataFrame) -> list[str]:
    from sim.words.numbers import number

    rows = []
    for row in story.itertuples():
        text = _sentence(scenario, [str(row.who)], str(row.what), str(row.why))
        rows.append([str(row.month), str(row.kind), text, number(_known(row.money)), number(_known(row.lost))])
    shape = (
        Column("month"),
        Column("kind"),
        Column("what happens", wraps=True),
        Column("money", right=True),
        Column("lost", right=True),
    )
    return terminal.table(shape, rows)


def _told(scenario: Scenario, story: pd.DataFrame, months: list[str]) -> Iterator[tuple[str, str]]:
    """Month and text of the lines that tell the story; spells of scarce capacity in one line each."""
    spells = _spells(story[story["kind"] == "capacity"], months)
    renewed: dict[str, str] = {}
    for month in months:
        texts = []
        lines = story[(story["month"] == month) & story["kind"].isin(_STORY)]
        for (kind, what, why), alike in lines.groupby(["kind", "what", "why"], sort=False):
            who = list(alike["who"])
            if kind == "renewal":
                # A renewal that only repeats the one before tells nothing new.
                who = [customer for customer in who if renewed.get(customer) != f"{what} {why}"]
                renewed.update(dict.fromkeys(who, f"{what} {why}"))
            if who:
                texts.append(_sentence(scenario, who, str(what), str(why)))
        texts += [spells[month]] if month in spells else []
        if not texts and month == months[0]:
            texts = ["the period begins"]
        if month == months[-1]:
            texts.append("the period ends")
        for text in texts:
            yield month, text


def _spells(capacity: pd.DataFrame, months: list[str]) -> dict[str, str]:
    """A sentence on each spell of scarce capacity, by its first month; breaks of up to three months do not end one."""
    number = {month: m for m, month in enumerate(months)}
    spells: list[list[Any]] = []
    for row in capacity.itertuples():
        m, served = number[str(row.month)], str(row.what)
        if spells and m - spells[-1][1] <= _BREAK + 1:
            spells[-1][1:] = [m, spells[-1][2] + 1, spells[-1][3]]
        else:
            spells.append([m, m, 1, served])
    told = {}
    for first, last, count, served in spells:
        whole = count == last - first + 1
        until = "" if first == last else f" until {months[last]}" if whole else f", on and off until {months[last]}"
        told[months[first]] = f"capacity is short{until}: at first the vendor {served}"
    return told


def _totals(terminal: Terminal, scenario: Scenario, story: pd.DataFrame, standing: dict[str, Any]) -> list[str]:
    from sim.words import numbers

    months = story[story["kind"] == "month"]
    by_year = months.groupby(months["month"].str[:4])[["money", "lost"]].sum()
    revenue, lost = (_alike(by_year[column]) for column in ("money", "lost"))
    rows = [[year, revenue[year], lost[year]] for year in by_year.index]
    lines = [] if terminal.quiet else [
        *terminal.table((Column("year"), Column("revenue", right=True), Column("lost", right=True)), rows), ""
    ]  # fmt: skip
    risk = scenario.risk
    first, last = scenario.month_label(risk.first), scenario.month_label(risk.last)
    window = first if first == last else f"{first} … {last}"
    rate = scenario.discount_rate
    how = f", discounted at {100 * rate:g} % a year" if rate else ""
    loss = numbers.money(story.attrs["loss"], one_line(scenario.money))
    lines += terminal.wrap(f"Loss over {window}{how}: {loss}.")
    if standing:
        less, more = (f"{standing[key]:,}" for key in ("paths_with_less", "paths_with_more"))
        lines += terminal.wrap(
            f"Of {standing['paths']:,} paths {less} lose less and {more} lose more: percentile "
            f"{standing['percentile']:g} of the loss."
        )
    return lines


def _sentence(scenario: Scenario, who: list[str], what: str, why: str) -> str:
    """Lines of the ledger that differ in whom they are about as one sentence, with names in place of ids."""
    names = {event.id: event.name for event in scenario.events}
    names |= {lever.id: lever.name for lever in scenario.levers if lever.name}
    streams = {stream.id: stream.name for stream in scenario.streams}
    subjects = [names.get(id) or streams.get(id) or (scenario.vendor if id == "vendor" else id) for id in who]
    subject = ", ".join(subjects) if len(subjects) <= _MOST_NAMES else f"{len(subjects)} customers"
    what, why = (_with_names(text, names) for text in (what, why))
    return one_line(f"{subject}: {what}" + (f" ({why})" if why else ""))


def _with_names(text: str, names: dict[str, str]) -> str:
    def name(match: re.Match[str]) -> str:
        known = names.get(match["id"])
        return match[0] if known is None else f"{match['before']}“{known}”{match['after']}"

    return ", ".join(
        ";".join(_WHERE_IDS_STAND.sub(name, part) for part in piece.split(";")) for piece in text.split(", ")
    )


def _known(value: Any) -> float | None:
    return None if value is None or value != value else float(value)
