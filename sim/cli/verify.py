"""``verify``: the two engines on the same paths, or on paths of results that were kept; no where they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli import in_doubt
from sim.cli.options import output_options, paths_option, scenario_options, seed_option
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Column, Terminal, one_line

if TYPE_CHECKING:
    from sim.answers.verify import Agreement
    from sim.answers.verify_sampling import SamplingAgreement
    from sim.archives import Deviation, Replay
    from sim.scenario.parts import Scenario

_ENGINES = {"kernel": "the kernel", "model": "the SimPy model"}


@click.command("verify")
@scenario_options
@paths_option("1000; 32768 with --sampling; 200 of kept results")
@seed_option
@click.option("--sampling", is_flag=True, help="Compare plain and quasi-random paths instead, measure by measure.")
@output_options
def command(
    terminal: Terminal, source: str, overrides: tuple[str, ...], paths: int | None, seed: int | None, sampling: bool
) -> int:
    """Value paths of SCENARIO by both engines and compare them, path by path.

    Months of events must be the same, money to one part in a thousand million. With --sampling plain and quasi-random
    runs are compared: their measures must agree within their errors. Exit code 1 where they differ.

    Where SCENARIO is a folder that `run --out` has written, its files are checked against their hashes, all paths are
    valued again, and what the folder tells is held against what follows: numbers, tables, texts, pictures. Paths are
    valued by the other engine too: the first and the last, the largest losses, others by chance. What can't be checked
    is told.
    """
    from sim.answers.verify import verify
    from sim.archives import holds_results

    if holds_results(source) or _is_folder(source):
        if overrides or seed is not None or sampling:
            raise click.UsageError("--set, --seed and --sampling: kept results have their own")
        return _kept(terminal, source, paths)
    scenario = scenario_of(source, overrides)
    if sampling:
        return _samplings(terminal, scenario, paths, seed)
    with terminal.progress("comparing") as progress:
        agreement = verify(scenario, paths=1000 if paths is None else paths, seed=seed, progress=progress)
    if terminal.json:
        terminal.document(agreement.to_dict())
    else:
        terminal.say(*_report(terminal, agreement), *in_doubt.held(terminal, [scenario]))
    return 0 if agreement.agree else 1


def _is_folder(source: str) -> bool:
    """Whether a word names a folder, and no bundled scenario."""
    from pathlib import Path

    from sim.language.load import bundled_scenarios

    try:
        return Path(source).is_dir() and source not in bundled_scenarios()
    except (OSError, ValueError):
        return False


def _kept(terminal: Terminal, folder: str, paths: int | None) -> int:
    from sim.archives import replay

    with terminal.progress("replaying") as progress:
        found = replay(folder, progress=progress) if paths is None else replay(folder, paths=paths, progress=progress)
    if terminal.json:
        terminal.document(found.to_dict())
    else:
        terminal.say(*_kept_report(terminal, found))
    return 0 if found.agree else 1


def _kept_report(terminal: Terminal, found: Replay) -> list[str]:
    shown, count = one_line(found.folder), len(found.damaged)
    if found.damaged or found.result is None:
        files = f"{count} file{'s' if count > 1 else ''}"
        verdict = f"{shown}: {files} of {len(found.manifest.files)} {'are' if count > 1 else 'is'} not as written."
        rows = [[one_line(damage.file), damage.what] for damage in found.damaged]
        table = terminal.table((Column("file", wraps=True), Column("found")), rows)
        said = [terminal.verdict(line, good=False) for line in terminal.wrap(verdict)]
        return said if terminal.quiet else [*said, "", *table, "", "No path was replayed."]
    result = found.result
    if found.agree and found.engine is not None:
        engine, all_of = _ENGINES[found.engine], found.paths == result.paths
        replayed = f"{found.paths:,} paths" if all_of else f"{found.paths:,} of {result.paths:,} paths"
        verdict = f"{shown}: all {len(found.manifest.files)} files are as written, and {engine} finds the same losses"
        verdict += f" on {replayed}."
    elif found.different_paths:
        verdict = f"{shown}: other money is found on {found.different_paths:,} of {found.again:,} paths."
    else:
        verdict = f"{shown}: what was kept does not fit together."
    lines = [terminal.verdict(line, good=found.agree) for line in terminal.wrap(verdict)]
    if terminal.quiet:
        return lines
    size = "none" if found.largest == 0 else f"{found.largest:.1e}"
    how = f"seed {result.seed} · {result.sampling} sampling · run by {_ENGINES[result.engine]}"
    if found.agree:
        derived = ", ".join(name for name in found.derived if not name.startswith("plots/"))
        count = sum(name.startswith("plots/") for name in found.derived)
        drawn = f", {count} picture{'s' if count > 1 else ''}" if count else ""
        head = f"Derived again from scenario, seed and sampling, all {found.again:,} paths, and the same: "
        lines += terminal.wrap(f"{head}{derived}{drawn}.")
    if found.again:
        lines += terminal.wrap(f"Largest difference of a loss, in its path's baseline: {size} (allowed: 1e-9).")
    lines += terminal.wrap(f"{one_line(result.scenario.name)} · {how}")
    return [*lines, *_differences(terminal, found), *_not_checked(terminal, found)]


def _differences(terminal: Terminal, found: Replay) -> list[str]:
    if not found.deviations:
        return []
    rows = [_deviation(deviation) for deviation in found.deviations]
    count = sum(found.by_file.values())
    which = f"The first {len(rows)} of {count:,} differences" if count > len(rows) else f"{count} differences"
    where = ", ".join(f"{one_line(name)} ({number:,})" for name, number in found.by_file.items())
    head = f"{'1 difference' if count == 1 else which}, in {where}:"
    return ["", *terminal.wrap(head), *_listed(terminal, rows)]


def _not_checked(terminal: Terminal, found: Replay) -> list[str]:
    """What the verdict does not speak of."""
    said = [f"{one_line(one.what)}: {one_line(one.why)}" for one in found.not_checked]
    return ["", "Not checked:", *_listed(terminal, said)]


def _listed(terminal: Terminal, texts: list[str]) -> list[str]:
    return [line for text in texts for line in terminal.wrap(f"- {text}", hanging="  ")]


def _deviation(deviation: Deviation) -> str:
    path = None if deviation.path is None else f"path {deviation.path:,}"
    place = (deviation.file, one_line(deviation.what), path, deviation.month)
    words = ", ".join(part for part in place if part is not None)
    if deviation.kept is None and deviation.found is None:
        return words
    return f"{words}: kept {_told(deviation.kept)}, found {_told(deviation.found)}"


def _told(value: float | str | None) -> str:
    if value is None:
        return "none"
    return one_line(value) if isinstance(value, str) else f"{value:.12g}"


def _report(terminal: Terminal, agreement: Agreement) -> list[str]:
    from sim.answers.verify import RULES

    size = "none" if agreement.largest == 0 else f"{agreement.largest:.1e}"
    lines = [terminal.verdict(f"{agreement.headline}.", good=agreement.agree)]
    if terminal.quiet:
        return lines
    lines.append(f"Largest relative difference of money: {size} (allowed: 1e-9).")
    if agreement.event is not None:
        strata = f"{agreement.strata} strata" if agreement.strata > 1 else "1 stratum"
        said = f"Each path's loss was also valued in the stratum of its own month: {strata} of {agreement.event}."
        lines += terminal.wrap(one_line(said))
    lines.append(f"{one_line(agreement.scenario.name)} · seed {agreement.seed}")
    if agreement.differences:
        rows = [
            [f"{d.path:,}", one_line(d.what), d.month, _exact(d.kernel), _exact(d.model)] for d in agreement.differences
        ]
        differences = (
            Column("path", right=True),
            Column("what", wraps=True),
            Column("month"),
            Column("kernel", right=True),
            Column("model", right=True),
        )
        lines += ["", "The first differences:", *terminal.table(differences, rows)]
    rows = [
        [RULES.get(rule, rule), f"{n:,}", f"{100 * n / agreement.paths:.1f} %"] for rule, n in agreement.acted.items()
    ]
    shape = (
        Column("a rule of the model that acted", wraps=True),
        Column("paths", right=True),
        Column("share", right=True),
    )
    return [*lines, "", *terminal.table(shape, rows)]


def _samplings(terminal: Terminal, scenario: Scenario, paths: int | None, seed: int | None) -> int:
    from sim.answers.verify_sampling import PATHS, verify_sampling

    with terminal.progress("comparing") as progress:
        agreement = verify_sampling(scenario, paths=PATHS if paths is None else paths, seed=seed, progress=progress)
    if terminal.json:
        terminal.document(agreement.to_dict())
    else:
        terminal.say(*_sampling_report(terminal, agreement), *in_doubt.held(terminal, [scenario]))
    return 0 if agreement.agree else 1


def _sampling_report(terminal: Terminal, agreement: SamplingAgreement) -> list[str]:
    from sim.answers.verify_sampling import BOUND

    lines = [terminal.verdict(f"{agreement.headline}.", good=agreement.agree)]
    if terminal.quiet:
        return lines
    distance = f"{agreement.largest:.1f} standard errors of both together (allowed: {BOUND:g})."
    lines += terminal.wrap(f"Largest distance of a measure: {distance}")
    lines += terminal.wrap(f"{one_line(agreement.scenario.name)} · seed {agreement.seed}")
    shape = (
        Column("measure", wraps=True),
        Column("plain", right=True),
        Column("quasi-random", right=True),
        Column("distance", right=True),
    )
    return [*lines, "", *terminal.table(shape, [list(row) for row in agreement.rows()])]


def _exact(value: float | None) -> str:
    return "never" if value is None else f"{value:.12g}"
