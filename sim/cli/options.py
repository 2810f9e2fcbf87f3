"""Arguments and options that commands share, so that they look and work alike everywhere."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from sim.cli.process import refuse_without_room
from sim.cli.terminal import Terminal

Command = TypeVar("Command", bound=Callable[..., Any])

FROM_STANDARD_INPUT = "-"


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names of bundled scenarios, and files, for the shell."""
    from sim.language.load import bundled_scenarios

    names = [CompletionItem(name) for name in bundled_scenarios() if name.startswith(incomplete)]
    return [*names, CompletionItem(incomplete, type="file")]


def scenario_options(command: Command) -> Command:
    """SCENARIO and ``--set``."""
    command = click.option(
        "--set", "overrides", multiple=True, metavar="PATH=VALUE",
        help="Override a value of the scenario by its dotted path; may be repeated.",
    )(command)  # fmt: skip
    return click.argument("source", metavar="SCENARIO", shell_complete=_complete)(command)


def sources_argument(command: Command) -> Command:
    """SCENARIO, one or more."""
    return click.argument("sources", metavar="SCENARIO...", nargs=-1, required=True, shell_complete=_complete)(command)


def paths_option(default: str) -> Callable[[Command], Command]:
    """``--paths``, with what holds without it."""
    return click.option(
        "--paths", type=click.IntRange(min=1), metavar="N", help=f"Paths to simulate. [default: {default}]"
    )


def seed_option(command: Command) -> Command:
    """``--seed``."""
    return click.option(
        "--seed", type=click.IntRange(min=0), metavar="N", help="Master seed. [default: the scenario's own]"
    )(command)


def sampling_option(command: Command) -> Command:
    """``--sampling``: quasi-random or independent paths."""
    return click.option(
        "--sampling", type=click.Choice(["sobol", "plain"]), default="sobol", show_default=True,
        help="Quasi-random paths (rounded up to 16 times a power of two), or independent ones.",
    )(command)  # fmt: skip


def ask_about_share(terminal: Terminal, percentile: float) -> None:
    """Ask whether a percentile below 1 was meant as a share; it is taken as it stands, and as per cent."""
    if percentile < 1:
        from decimal import Decimal

        meant = f"{Decimal(repr(percentile)).scaleb(2).normalize():f}"
        text = (
            f"note: --percentile {percentile:g} is taken on a scale of 100, so that hardly a path loses less; "
            f"did you mean {meant}?"
        )
        terminal.note(*terminal.wrap(text))


def force_option(what: str) -> Callable[[Command], Command]:
    """``--force``, for a command that writes files where its user says."""
    return click.option("--force", is_flag=True, help=f"Replace a file that is no {what} of this program.")


def output_options(command: Command) -> Callable[..., Any]:
    """``--json``, ``--quiet``, ``--no-color`` and ``--debug``; the command gets a Terminal as its first argument."""

    @functools.wraps(command)
    def with_terminal(*args: Any, json: bool, quiet: bool, no_color: bool, debug: bool, **options: Any) -> Any:
        refuse_without_room()
        return command(Terminal(json=json, quiet=quiet, color=False if no_color else None), *args, **options)

    wrapped: Callable[..., Any] = with_terminal
    for option in (
        click.option("--debug", is_flag=True, help="Show the traceback of an error."),
        click.option("--no-color", is_flag=True, help="No colours (also by the variable NO_COLOR)."),
        click.option("-q", "--quiet", is_flag=True, help="Only the essential lines, no progress."),
        click.option("--json", is_flag=True, help="One JSON document on standard output, all else on standard error."),
    ):
        wrapped = option(wrapped)
    return wrapped
