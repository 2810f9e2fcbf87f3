"""``evidence``: where each number of a scenario comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli import doubts
from sim.cli.check import in_words
from sim.cli.options import output_options, scenario_options
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Terminal, one_line

if TYPE_CHECKING:
    from sim.language.evidence import Fact, Sourced
    from sim.scenario.parts import Scenario

_STATUS = {"fact": "fact", "derived": "derived from a fact", "assumption": "assumption", "unsourced": "UNSOURCED"}


@click.command("evidence")
@scenario_options
@click.option("--only", type=click.Choice(["fact", "derived", "assumption", "unsourced"]), multiple=True,
              help="Only numbers of this kind; may be repeated.")  # fmt: skip
@output_options
def command(terminal: Terminal, source: str, overrides: tuple[str, ...], only: tuple[str, ...]) -> int:
    """Show where each number of SCENARIO comes from.

    A fact with its source, an assumption with its reason and range, or nothing.
    """
    from sim.language.doubtful import about_evidence
    from sim.language.evidence import evidence

    scenario = scenario_of(source, overrides)
    doubtful = about_evidence(scenario)
    sources = evidence(scenario)
    shown = [number for number in sources.numbers if not only or number.status in only]
    if terminal.json:
        document = {
            "format": 1,
            "scenario": scenario.record,
            "counts": {"numbers": len(sources.numbers), **sources.counts},
            "numbers": [
                {**number.to_dict(), **_in_doubt(scenario, number), **_set_by(scenario, number)} for number in shown
            ],
        }
        terminal.document(doubts.beside(document, doubtful))
        return 0
    lines = [*(terminal.title(line) for line in terminal.wrap(one_line(scenario.name))), in_words(sources)]
    if terminal.quiet:
        lines += doubts.briefly(terminal, doubtful)
    else:
        told = doubts.in_full(terminal, doubtful)
        lines += ["", *told] if told else []
        for number in shown:
            lines += ["", *_entry(terminal, number)]
            for said in _in_doubt(scenario, number).values():
                lines += terminal.wrap(f"in doubt: {one_line(said)}", "  ")
            for chosen in _set_by(scenario, number).get("choices", []):
                lines += terminal.wrap(f"choices: {one_line(chosen)}", "  ")
    terminal.say(*lines)
    return 0


def _entry(terminal: Terminal, number: Sourced) -> list[str]:
    value = _value(number.value)
    lines = terminal.wrap(f"{one_line(number.path)} = {one_line(value)}")
    lines[0] = lines[0].replace(number.path, terminal.title(number.path), 1)
    status = _STATUS[number.status]
    if number.status == "unsourced":
        status = terminal.verdict(status, good=False)
        where = f"{one_line(number.file)}:{number.line}:{number.column}" if number.line else one_line(number.file)
        return [*lines, f"  {status} · {where}"]
    if number.fact is None:
        spread = (
            f" Plausible: {_value(number.low)} to {_value(number.high)}."
            if number.low is not None and number.high is not None
            else ""
        )
        return [*lines, *terminal.wrap(f"{status}: {_sentence(one_line(number.reason or ''))}{spread}", "  ")]
    how = f": {one_line(number.derived)}" if number.derived else ""
    return [
        *lines,
        *terminal.wrap(f"{status}{how} · {number.fact.id}", "  "),
        *terminal.wrap(_told(number.fact), "  "),
        *(terminal.dim(line) for line in terminal.wrap(_origin(number.fact), "  ")),
    ]


def _in_doubt(scenario: Scenario, number: Sourced) -> dict[str, str]:
    """What a number may be that is in doubt, in words; nothing of one that is not."""
    from sim.language.doubt_words import law_in_words

    doubt = None if scenario.doubt is None else scenario.doubt.of(number.path)
    if doubt is None:
        return {}
    how = "shifted" if doubt.shift else "moved" if doubt.moved else ""
    together = f" together with the rest of {doubt.path}" if isinstance(doubt.moved, tuple) else ""
    return {"in_doubt": f"{how}{together}{', ' if how else ''}{law_in_words(doubt)}"}


def _set_by(scenario: Scenario, number: Sourced) -> dict[str, list[str]]:
    """What choices set a number to, in words; nothing of one that none sets."""
    from sim.language.choice_words import set_by

    found = list(set_by(scenario, number.path))
    return {"choices": found} if found else {}


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _told(fact: Fact) -> str:
    unit = fact.details.get("unit", "")
    value = _value(fact.value)
    amount = "" if value == "yes" else f"{value}{f' {unit}' if unit not in ('date', 'qualitative') else ''}, "
    as_of = f"as of {fact.details['as_of']}, " if "as_of" in fact.details else ""
    return one_line(
        f"{_sentence(fact.statement)} ({amount}{as_of}{fact.details.get('confidence', 'no confidence stated')})"
    )


def _origin(fact: Fact) -> str:
    source = fact.source
    if "document" in source:
        retold = f", which retells {source['retells']}" if "retells" in source else ""
        said = f"source document {source['document']}{retold}"
    else:
        said = ", ".join(source[key] for key in ("title", "publisher", "url") if key in source) or "no source stated"
    return one_line(f"source: {said}; {fact.file}")


def _value(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(map(_value, value))
    return f"{value:.12g}" if isinstance(value, float | int) else str(value)
