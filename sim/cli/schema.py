"""``schema``: the JSON Schema of the language for editors, or its reference page."""

from __future__ import annotations

import click

from sim.cli.options import output_options
from sim.cli.terminal import Terminal


@click.command("schema")
@click.option("--markdown", is_flag=True, help="The language's reference page instead.")
@output_options
def command(terminal: Terminal, markdown: bool) -> int:
    """Print the JSON Schema of the scenario language.

    Editors complete and check a scenario that begins with `# yaml-language-server: $schema=scenario.schema.json`.
    """
    from sim.language.reference import reference_page, schema_text

    if markdown and terminal.json:
        raise click.UsageError("--markdown and --json: choose one of the two")
    terminal.say((reference_page() if markdown else schema_text()).rstrip("\n"))
    return 0
