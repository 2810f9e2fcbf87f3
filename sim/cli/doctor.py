"""``doctor``: what is installed and where, and whether it works."""

from __future__ import annotations

import os
import platform
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import click

from sim.cli.options import output_options
from sim.cli.terminal import Column, Terminal, one_line

DISTRIBUTION = "switchrisk"
EXTRAS = {"doubt": ("scikit-learn", "SALib")}
"""What only some commands and methods ask for, by the extra that brings it."""

NEEDED = ("click", "matplotlib", "numpy", "pandas", "pydantic", "PyYAML", "rich", "scipy", "simpy")

_TINY: dict[str, Any] = {
    "scenario": 1,
    "name": "A self-check",
    "start": "2025-01",
    "months": 24,
    "money": "USD million",
    "vendor": {"name": "A vendor", "capacity": {"initial": 100, "growth": 0.05}},
    "customers": {
        "one": {
            "revenue": 40,
            "growth": 0.1,
            "volatility": 0.2,
            "contract": {"term": 12, "renews": "2025-07", "notice": 2, "commitment": 0.5},
        },
        "rest": {"revenue": 60, "growth": 0.1, "pool": True},
    },
    "events": {
        "leaves": {
            "hits": "one",
            "choice": True,
            "probability": 0.5,
            "timing": {"lognormal": {"median": 12, "sigma": 0.5}},
            "usage": {"to": 0.1, "over": 3},
        }
    },
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was found, whether it is good, and what to do about it where it is not."""

    what: str
    found: str
    good: bool = True
    help: str | None = None


@click.command("doctor")
@output_options
def command(terminal: Terminal) -> int:
    """Look at the installation and try it: versions, folders, machine, a small run on both engines.

    Exit code 1 where something does not work as it should.
    """
    findings = [*_programs(), *_places(), *_machine(terminal), *_files(), *_trial()]
    good = all(finding.good for finding in findings)
    if terminal.json:
        looked_at = [{"what": f.what, "found": f.found, "good": f.good, "help": f.help} for f in findings]
        terminal.document({"format": 1, "good": good, "findings": looked_at})
        return 0 if good else 1
    shown = [finding for finding in findings if not (terminal.quiet and finding.good)]
    rows = [
        ["ok" if f.good else "!!", f.what, one_line(f.found) + (f" ({one_line(f.help)})" if f.help else "")]
        for f in shown
    ]
    if rows:
        terminal.say(*terminal.table((Column(""), Column("what"), Column("found", wraps=True)), rows))
    if not terminal.quiet:
        terminal.say("", *_completion())
    terminal.say(terminal.verdict("all is well" if good else "something is wrong: see the lines with !!", good=good))
    return 0 if good else 1


def _programs() -> Iterator[Finding]:
    from sim import __version__

    yield Finding(DISTRIBUTION, __version__)
    version = platform.python_version()
    yield Finding("Python", f"{version}, {sys.executable}", sys.version_info >= (3, 11), None)
    least = _least_versions()
    for name in NEEDED:
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield Finding(name, "missing", False, f"pip install {name}")
            continue
        low = least.get(name.lower())
        good = low is None or _release(found) >= _release(low)
        yield Finding(name, found, good, None if good else f"at least {low} is needed: pip install --upgrade {name}")
    for extra, names in EXTRAS.items():
        for name in names:
            try:
                yield Finding(name, metadata.version(name))
            except metadata.PackageNotFoundError:
                yield Finding(name, f"not installed; `pip install 'switchrisk[{extra}]'` brings it")


def _least_versions() -> dict[str, str]:
    """Lowest versions that the installed distribution asks for; empty where it runs from its sources."""
    try:
        needs = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return {}
    found = (re.match(r"([A-Za-z0-9_.-]+)\s*>=\s*([0-9.]+)", need) for need in needs)
    return {match[1].lower(): match[2] for match in found if match}


def _release(version: str) -> tuple[int, ...]:
    """Numbers of a version, as far as they go."""
    match = re.match(r"[0-9]+(\.[0-9]+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()


def _places() -> Iterator[Finding]:
    import sim

    home = Path(sim.__file__).resolve().parent
    yield Finding("sim is loaded from", str(home))
    strangers = [
        here for here in (Path.cwd() / "sim", Path.cwd() / "sim.py") if here.exists() and here.resolve() != home
    ]
    if strangers and _sources(strangers[0]) == _sources(home):
        yield Finding("another sim", f"{strangers[0]}, with the same sources")
    elif strangers:
        help = "`python -m sim` would run it instead, the command `switchrisk` would not: go to another folder"
        yield Finding("another sim", str(strangers[0]), False, help)


def _sources(folder: Path) -> dict[str, bytes]:
    """Contents of a package's source files; a checkout beside the installed package has the same."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*.py"))}


def _machine(terminal: Terminal) -> Iterator[Finding]:
    from sim.machine import available_workers, free_memory

    yield Finding("system", f"{platform.system()} {platform.machine()}")
    yield Finding("cores", str(available_workers()))
    free = free_memory()
    yield Finding("free memory", "unknown" if free is None else f"{free / 2**30:.1f} GiB")
    kind = "a terminal" if sys.stdout.isatty() else "no terminal"
    colors = "off by NO_COLOR" if os.environ.get("NO_COLOR") else os.environ.get("TERM", "unknown type")
    yield Finding("output", f"{kind}, {terminal.width} columns, {sys.stdout.encoding}, {colors}")


def _files() -> Iterator[Finding]:
    from sim.errors import SimError
    from sim.language.evidence import read_facts, seed_folders
    from sim.language.load import bundled_folder, bundled_scenarios
    from sim.language.reader import has_fast_parser

    names = list(bundled_scenarios())
    yield Finding(
        "bundled scenarios", f"{len(names)} in {bundled_folder()}", bool(names), None if names else "install again"
    )
    try:
        facts = sum(len(read_facts(folder)) for folder in seed_folders(None))
    except SimError as error:
        yield Finding("bundled facts", str(error), False, "install again")
    else:
        yield Finding("bundled facts", str(facts), facts > 0, None if facts else "install again")
    if has_fast_parser():
        yield Finding("YAML parser", "libyaml, in C")
    else:
        yield Finding("YAML parser", "in Python: reading a scenario takes some ten times as long", True)


def _trial() -> Iterator[Finding]:
    from sim.answers.run import run
    from sim.answers.verify import verify
    from sim.estimates.measures import EXPECTED_LOSS

    since = time.perf_counter()
    result = run(_TINY, paths=5000, seed=1)
    value = result.estimates.of(EXPECTED_LOSS).value
    yield Finding("a small run", f"{result.paths:,} paths in {time.perf_counter() - since:.2f} s", value > 0)
    agreement = verify(_TINY, paths=50, seed=1)
    yield Finding(
        "both engines", f"{'agree' if agreement else 'differ'} on {agreement.paths} paths", agreement.agree,
        None if agreement else "please report this, with the versions above",
    )  # fmt: skip


def _completion() -> list[str]:
    shells = {
        "bash": 'eval "$(_SWITCHRISK_COMPLETE=bash_source switchrisk)"     in ~/.bashrc',
        "zsh": 'eval "$(_SWITCHRISK_COMPLETE=zsh_source switchrisk)"      in ~/.zshrc',
        "fish": "_SWITCHRISK_COMPLETE=fish_source switchrisk | source      in ~/.config/fish/config.fish",
    }
    mine = os.path.basename(os.environ.get("SHELL", ""))
    lines = [shells[mine]] if mine in shells else list(shells.values())
    return ["Completion by the Tab key is switched on by the line", *(f"  {line}" for line in lines), ""]
