"""The commands by name. A command's module is imported when it is used, so that ``--help`` waits for nothing."""

from __future__ import annotations

import importlib
from difflib import get_close_matches

import click

from sim import __version__

COMMANDS = {
    "init": "Write a commented scenario to start from; list the bundled ones.",
    "check": "Check a scenario, and say in plain words what it says.",
    "show": "Show a scenario after extends and overrides, each value with its file and line.",
    "run": "Run a scenario: what is at risk, with errors.",
    "sweep": "Sweep a scenario over probabilities, timings and more: a surface, with errors.",
    "breakeven": "Find the value of a number at which a measure crosses a threshold.",
    "compare": "Compare scenarios on common draws: differences with errors, and what differs.",
    "tornado": "Show which assumptions would change the answer, each at its low and high.",
    "doubt": "Say what doubt about the numbers does to the answer: bands, chance and doubt together.",
    "drivers": "Say which numbers in doubt move a measure: alone, with others, in its tail.",
    "where": "Say in which region of the numbers in doubt a condition on a measure holds.",
    "choose": "Hold the choices of a scenario against each other over doubt: worth, regret, how sure.",
    "worth": "Say what knowing the numbers in doubt is worth before a choice is taken.",
    "attribute": "Split the expected loss and the shortfall among the events.",
    "backlog": "Show what is committed and not used yet, by year and customer.",
    "trace": "Tell one path: what happened, when, why, and the money.",
    "plot": "Draw a run: its fan, loss exceedance, events, one path's story.",
    "report": "Write one HTML file to read and to try other values in.",
    "verify": "Hold the two engines against each other, path by path.",
    "evidence": "Show where each number comes from.",
    "schema": "Print the language's JSON Schema, or its reference page.",
    "doctor": "Look at the installation, and try it.",
}
"""One line on each command, in the order of ``--help``; the module of the same name holds it as ``command``."""


class Commands(click.Group):
    """A group that imports a command when it is asked for by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and give a command, None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"sim.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first word names, or say which name comes nearest."""
        if args[0] not in COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            near = get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(f"No such command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="SCENARIO is a file, the name of a bundled scenario (see `init --list`), or - for standard input. "
    "Start with: run tiktok",
)
@click.version_option(__version__, prog_name="switchrisk")
def group() -> None:
    """Revenue at risk when a large customer may leave: simulate a scenario, and check what comes out."""
