"""``check``: whether a scenario is valid, and what it says in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli import doubts
from sim.cli.options import output_options, scenario_options
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Terminal, columns, one_line

if TYPE_CHECKING:
    from sim.errors import Doubt
    from sim.language.describe import Paragraph
    from sim.language.evidence import Evidence
    from sim.scenario.parts import Scenario


@click.command("check")
@scenario_options
@output_options
def command(terminal: Terminal, source: str, overrides: tuple[str, ...]) -> int:
    """Check SCENARIO and say in plain words what it says.

    Nothing is simulated. What is wrong is told with file, line and column; then the exit code is 2. What is valid but
    probably not meant is told too.
    """
    from sim.language.describe import describe
    from sim.language.evidence import evidence

    scenario = scenario_of(source, overrides)
    sources = evidence(scenario)
    found = scenario.doubts()
    if terminal.json:
        terminal.document(doubts.beside(_document(scenario, describe(scenario), sources), found))
    elif not terminal.quiet:
        terminal.say(*_report(terminal, scenario, describe(scenario), sources, found))
    elif found:
        terminal.say(*doubts.briefly(terminal, found))
    return 0


def _document(scenario: Scenario, paragraphs: tuple[Paragraph, ...], sources: Evidence) -> dict[str, Any]:
    from sim.language import doubt_words

    in_doubt = {} if scenario.doubt is None else {"in_doubt": doubt_words.block(scenario.doubt)}
    return {
        "format": 1,
        "valid": True,
        "scenario": scenario.record,
        "says": [{"about": paragraph.about.lower(), "lines": list(paragraph.lines)} for paragraph in paragraphs],
        **in_doubt,
        "evidence": {"numbers": len(sources.numbers), **sources.counts},
    }


def _report(
    terminal: Terminal,
    scenario: Scenario,
    paragraphs: tuple[Paragraph, ...],
    sources: Evidence,
    found: tuple[Doubt, ...],
) -> list[str]:
    lines = [terminal.title(line) for line in terminal.wrap(one_line(scenario.name))]
    lines += [terminal.verdict("valid", good=True) + f" · {one_line(scenario.file)}"]
    told = doubts.in_full(terminal, found)
    lines += ["", *told] if told else []
    said = [(paragraph.about, list(paragraph.lines)) for paragraph in paragraphs]
    said.append(("Evidence", [in_words(sources)]))
    margin = max(columns(about) for about, _ in said) + 2
    for about, sentences in said:
        lines.append("")
        for i, sentence in enumerate(sentences):
            block = terminal.wrap(one_line(sentence), " " * margin, " " * (margin + (2 if len(sentences) > 1 else 0)))
            if i == 0:
                block[0] = terminal.title(about) + block[0][columns(about) :]
            lines += block
    return lines


def in_words(sources: Evidence) -> str:
    """How many numbers have which kind of evidence, in one sentence."""
    counts = sources.counts
    total = len(sources.numbers)
    said = [
        f"{counts['fact']} from facts",
        f"{counts['derived']} derived from facts",
        f"{counts['assumption']} assumed",
        f"{counts['unsourced']} unsourced",
    ]
    return f"{total} number{'s' if total != 1 else ''}: {', '.join(said)}."
