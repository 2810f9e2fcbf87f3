"""``init``: a commented scenario to start from, or a copy of a bundled one; a list of those."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.options import output_options
from sim.cli.terminal import Column, Terminal, one_line

if TYPE_CHECKING:
    from sim.language.reader import Node

STARTER = Path(__file__).with_name("starter.yaml")
CONTRACTS = Path(__file__).with_name("contracts")
LIST = "list"
SCHEMA_FILE = "scenario.schema.json"
TO_STANDARD_OUTPUT = "-"


@click.command("init")
@click.argument("name", required=False)
@click.option("--from", "bundled", metavar="SCENARIO", help="Copy a bundled scenario, with all that it extends.")
@click.option("--contract", metavar="KIND",
              help="Start from a kind of contract, a clause beside each key; `list` names the kinds.")  # fmt: skip
@click.option("--list", "listing", is_flag=True, help="List the bundled scenarios.")
@output_options
def command(terminal: Terminal, name: str | None, bundled: str | None, contract: str | None, listing: bool) -> int:
    """Write a commented scenario to the file NAME, to start from.

    Beside it goes the JSON Schema by which an editor completes and checks it. Nothing is overwritten. With - as NAME
    the scenario goes to standard output.
    """
    if listing:
        _list(terminal)
        return 0
    if contract == LIST:
        _list_contracts(terminal)
        return 0
    if contract is not None and bundled is not None:
        raise click.UsageError("--contract does not go with --from: each is a scenario to start from")
    if contract is not None:
        texts = {f"{contract}.yaml": _contract(contract)}
    else:
        texts = {"scenario.yaml": STARTER.read_text(encoding="utf-8")} if bundled is None else _bundled(bundled)
    first = next(iter(texts))
    if name == TO_STANDARD_OUTPUT:
        if terminal.json:
            terminal.document({"format": 1, "files": [{"name": key, "text": text} for key, text in texts.items()]})
            return 0
        terminal.say(texts[first].rstrip("\n"))
        if len(texts) > 1:
            terminal.note(f"it extends {', '.join(list(texts)[1:])}, which must lie beside it")
        return 0
    target = Path(first if name is None else name)
    if target.suffix not in (".yaml", ".yml"):
        target = target.with_name(f"{target.name}.yaml")
    files = {target: texts.pop(first)} | {target.parent / other: text for other, text in texts.items()}
    _write(files)
    written = [str(file) for file in files]
    if _write_schema(target.parent):
        written.append(str(target.parent / SCHEMA_FILE))
    if terminal.json:
        terminal.document({"format": 1, "written": written})
    elif not terminal.quiet:
        terminal.say(
            *(f"written: {one_line(file)}" for file in written), f"next: switchrisk check {one_line(str(target))}"
        )
    return 0


def _list(terminal: Terminal) -> None:
    from sim.language.load import bundled_folder, bundled_scenarios
    from sim.language.reader import read_file

    titles = {}
    for name in bundled_scenarios():
        titles[name] = _text(read_file(bundled_folder() / f"{name}.yaml").root, "name") or name
    if terminal.json:
        terminal.document(
            {"format": 1, "scenarios": [{"name": name, "title": title} for name, title in titles.items()]}
        )
        return
    rows = [[name, one_line(title)] for name, title in titles.items()]
    terminal.say(*terminal.table((Column("scenario"), Column("what it is", wraps=True)), rows))


def _contracts() -> dict[str, str]:
    """What each kind of contract is, in a line, by its name."""
    titles = {}
    for file in sorted(CONTRACTS.glob("*.yaml")):
        title = file.read_text(encoding="utf-8").splitlines()[2]
        titles[file.stem] = title.removeprefix("# ")
    return titles


def _list_contracts(terminal: Terminal) -> None:
    titles = _contracts()
    if terminal.json:
        terminal.document({"format": 1, "contracts": [{"name": name, "title": it} for name, it in titles.items()]})
        return
    rows = [[name, title] for name, title in titles.items()]
    terminal.say(*terminal.table((Column("contract"), Column("what is signed", wraps=True)), rows))


def _contract(name: str) -> str:
    """Text of the scenario for a kind of contract."""
    from difflib import get_close_matches

    from sim.errors import UsageError, inert

    titles = _contracts()
    if name not in titles:
        near = get_close_matches(name, titles, n=1)
        help = f"nearest: {near[0]}" if near else f"there are {', '.join(titles)}"
        raise UsageError(f"--contract: there is no kind {inert(name, 60)!r}", help=help)
    return (CONTRACTS / f"{name}.yaml").read_text(encoding="utf-8")


def _bundled(name: str) -> dict[str, str]:
    """Texts of a bundled scenario and of what it extends, by file name; its own first."""
    from difflib import get_close_matches

    from sim.errors import UsageError
    from sim.language.load import bundled_folder, bundled_scenarios
    from sim.language.reader import read_text

    names = list(bundled_scenarios())
    if name not in names:
        near = get_close_matches(name, names, n=1)
        help = f"nearest: {near[0]}" if near else f"there are {', '.join(names)}"
        raise UsageError(f"--from: there is no bundled scenario {name!r}", help=help)
    texts: dict[str, str] = {}
    wanted: str | None = f"{name}.yaml"
    while wanted is not None and wanted not in texts:
        texts[wanted] = (bundled_folder() / wanted).read_text(encoding="utf-8")
        wanted = _text(read_text(texts[wanted], wanted).root, "extends")
    return texts


def _text(root: Node, key: str) -> str | None:
    from sim.language.reader import Scalar, Table

    value = root.entries.get(key) if isinstance(root, Table) else None
    return str(value.value) if isinstance(value, Scalar) else None


def _write(files: dict[Path, str]) -> None:
    """Write files whole or not at all, none of them over another."""
    from sim.errors import UsageError

    there = [str(file) for file in files if os.path.lexists(file)]
    if there:
        raise UsageError(
            f"{', '.join(there)}: there already, and not overwritten", help="give another NAME, in a folder without it"
        )
    for file, text in files.items():
        _write_one(file, text)


def _write_schema(folder: Path) -> bool:
    from sim.language.reference import schema_text

    file = folder / SCHEMA_FILE
    if os.path.lexists(file):
        return False
    _write_one(file, schema_text())
    return True


def _write_one(file: Path, text: str) -> None:
    from sim.files import whole

    with whole(str(file), replace=False) as out:
        out.write(text.encode())
