"""The ensemble that commands on doubt share: drawn anew, kept in a folder, or taken from one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sim.cli.options import paths_option, seed_option
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Terminal

if TYPE_CHECKING:
    from sim.answers.doubt import Doubted
    from sim.answers.simulated import Simulated
    from sim.cli.files import Output
    from sim.scenario.parts import Scenario

Command = TypeVar("Command", bound=Callable[..., Any])


def drawing_options(command: Command) -> Command:
    """``--set``, ``--draws``, ``--paths``, ``--seed``, ``--out`` and ``--from``."""
    for option in (
        click.option("--from", "kept", metavar="DIR", type=click.Path(),
                     help="Use the draws that --out has kept in this folder; SCENARIO may be left out."),
        click.option("--out", metavar="DIR", type=click.Path(),
                     help="Keep the draws in this folder, for --from: whole or not at all. Earlier results in it are "
                     "replaced, nothing else is."),
        seed_option,
        paths_option("1,024 for each draw"),
        click.option("--draws", type=click.IntRange(min=1), metavar="N",
                     help="Draws of the numbers in doubt, 256 at least, rounded up to 16 times a power of two. "
                     "[default: the scenario's own, 1,024]"),
        click.option("--set", "overrides", multiple=True, metavar="PATH=VALUE",
                     help="Override a value of the scenario by its dotted path; may be repeated."),
    ):  # fmt: skip
        command = option(command)
    return command


def ensemble_options(command: Command) -> Command:
    """SCENARIO, which may be left out where draws are taken from a folder; and how they are drawn or kept."""
    return click.argument("source", metavar="SCENARIO", required=False)(drawing_options(command))


def found_in(
    terminal: Terminal,
    source: str | None,
    overrides: tuple[str, ...],
    draws: int | None,
    paths: int | None,
    seed: int | None,
    out: str | None,
    kept: str | None,
    outputs: Sequence[Output] = (),
    *,
    whole: bool = False,
    force: bool = False,
    check: Callable[[Scenario], Any] = lambda scenario: None,
) -> Simulated | Doubted:
    """Draw an ensemble, or take it from a folder; keep it where that is asked for.

    Parameters
    ----------
    outputs
        Files that the command writes.
    whole
        Whether what doubt does to the measures is wanted, and not the draws alone.
    check
        Looks at the scenario before long work is begun.

    Raises
    ------
    click.UsageError
        Where options do not go together.
    SimError
        Where the scenario is refused, the folder does not hold draws of it, or a file can't be written.
    """
    from sim.cli.files import check_folder, check_outputs

    if kept is not None:
        given = {"--draws": draws, "--paths": paths, "--seed": seed, "--out": out}
        if asked := [option for option, value in given.items() if value is not None]:
            raise click.UsageError(f"{', '.join(asked)}: the draws in {kept} have their own")
        if source is None and overrides:
            raise click.UsageError("--set: without SCENARIO there is nothing to set")
        return _taken(terminal, source, overrides, kept, outputs, whole=whole, force=force, check=check)
    if source is None:
        raise click.UsageError("Missing argument 'SCENARIO'.")
    scenario = scenario_of(source, overrides)
    check(scenario)
    check_outputs(terminal, outputs, [scenario], force=force)
    if out is not None:
        check_folder("--out", out, [scenario])
    with terminal.progress("simulating") as progress:
        if not whole and out is None:
            from sim.answers.simulated import simulated

            return simulated(scenario, draws=draws, paths=paths, seed=seed, progress=progress)
        from sim.answers.doubt import doubt

        found = doubt(scenario, draws=draws, paths=paths, seed=seed, progress=progress)
    if out is not None:
        from sim.archives import files_of
        from sim.cli.files import boxes_told

        with boxes_told(terminal):
            count = len(files_of(found.save(out)))
        terminal.note(*terminal.wrap(f"Written to {out}: {count} files."))
    return found


def _taken(
    terminal: Terminal,
    source: str | None,
    overrides: tuple[str, ...],
    kept: str,
    outputs: Sequence[Output],
    *,
    whole: bool,
    force: bool,
    check: Callable[[Scenario], Any],
) -> Simulated | Doubted:
    """Draws from a folder."""
    from sim import archives
    from sim.cli.files import check_outputs
    from sim.errors import UsageError

    found = archives.open_doubt(kept) if whole else archives.open_draws(kept)
    scenarios = [found.scenario]
    if source is not None:
        scenarios.append(scenario_of(source, overrides))
        if scenarios[1].sha256 != found.scenario.sha256:
            raise UsageError(
                f"{kept}: holds draws of another scenario, {found.scenario.name!r}, sha256 "
                f"{found.scenario.sha256[:12]}; that of {source} is {scenarios[1].sha256[:12]}",
                help="leave SCENARIO out to take what was kept, or draw anew with --out",
            )
    check(found.scenario)
    check_outputs(terminal, outputs, scenarios, force=force)
    return found
