"""``extends``: the files that a scenario starts from, none of them outside the folder of the one asked for."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from sim.errors import Problem, ScenarioError, UsageError, inert
from sim.language.document import Document, Findings
from sim.language.merge import apply_file
from sim.language.reader import Budget, Node, Reading, Scalar, Table, problem_at, read_file

MOST_FILES = 32


def assemble(
    reading: Reading, folder: Path, name: str, budget: Budget, file: Path | None = None
) -> tuple[Document, Findings]:
    """Read what a scenario extends, and what that extends, and merge it all.

    Parameters
    ----------
    reading : Reading
        The scenario that was asked for.
    folder : Path
        Its folder: nothing outside is read.
    name : str
        What problems call it.
    budget : Budget
        Values that may still be read, in all files together.
    file : Path, optional
        The file that was read; None for text and Python data.

    Returns
    -------
    Document, Findings
        The merged tree, and what reading it brought up that still lets it be checked.

    Raises
    ------
    ScenarioError
        Where a file is no YAML, or ``extends`` leads where it must not.
    """
    problems = list(reading.problems)
    layers = [_mapping(reading.root, problems)]
    files = [] if file is None else [file]
    seen = {os.path.realpath(item) for item in files}
    here = Path()  # the folder of the file at hand, relative to the one asked for
    while (extends := layers[-1].entries.get("extends")) is not None:
        path = _target(extends, folder, here, seen, problems)
        seen.add(os.path.realpath(path))
        if len(seen) > MOST_FILES:
            raise _refused(extends, f"more than {MOST_FILES} files", f"at most {MOST_FILES} in a chain", problems)
        here = Path(os.path.relpath(path, folder)).parent
        shown = os.path.normpath(
            os.path.join(os.path.dirname(name) if file is not None else "", os.path.relpath(path, folder))
        )
        try:
            reading = read_file(path, shown, budget=budget, layer=-len(layers))
        except ScenarioError as error:
            raise ScenarioError([*problems, *error.problems]) from None
        except UsageError as error:
            raise _refused(extends, error.summary, "a scenario file", problems) from None
        problems += reading.problems
        layers.append(_mapping(reading.root, problems))
        files.append(path)
    findings = Findings(problems)
    for layer in layers:
        for book in (layer.entries, layer.keys):
            book.pop("extends", None)
    tree = layers[-1]
    earlier = []
    for layer in reversed(layers[:-1]):
        earlier.append(tree)
        tree = apply_file(tree, layer, findings)
    return Document(tree, name, folder, tuple(files), tuple(earlier)), findings


def _mapping(root: Node, problems: list[Problem]) -> Table:
    if isinstance(root, Table):
        return root
    found = "one value" if isinstance(root, Scalar) else "a list"
    help = "begin with `scenario: 1`; `switchrisk init` writes an example"
    raise ScenarioError([*problems, problem_at(root, (), found, "a mapping: the keys of a scenario", help=help)])


def _refused(node: Node, found: str, allowed: str, problems: list[Problem], help: str | None = None) -> ScenarioError:
    return ScenarioError([*problems, problem_at(node, ("extends",), found, allowed, help=help)])


def _target(extends: Node, folder: Path, here: Path, seen: set[str], problems: list[Problem]) -> Path:
    """Find the file that ``extends`` names, or refuse."""
    allowed = "the path of a scenario file, relative to this one, in the folder of the scenario asked for or below"
    if (
        not isinstance(extends, Scalar)
        or not isinstance(extends.value, str)
        or not extends.value.strip()
        or extends.is_null
    ):
        raise _refused(extends, "no path", allowed, problems)
    text = extends.value
    if "\0" in text or "\\" in text or re.match(r"[A-Za-z]:", text) or text.startswith("~") or os.path.isabs(text):
        help = "write it relative to this file, with / between folders"
        raise _refused(extends, f"`{inert(text, 80)}`, not a relative path", allowed, problems, help)
    relative = os.path.normpath(os.path.join(here, text))
    if relative == ".." or relative.startswith(f"..{os.sep}"):
        raise _refused(extends, f"`{inert(text, 80)}`, outside the folder", allowed, problems)
    path = folder / relative
    real, inside = os.path.realpath(path), os.path.realpath(folder)
    if os.path.commonpath([real, inside]) != inside:
        raise _refused(extends, f"`{inert(text, 80)}`, a link to outside the folder", allowed, problems)
    try:
        status = os.stat(real)
    except OSError:
        beside = folder / os.path.dirname(relative)
        there = sorted(item.name for item in beside.glob("*.y*ml"))[:20] if beside.is_dir() else []
        hint = f"there are: {', '.join(there)}" if there else None
        raise _refused(extends, f"`{inert(text, 80)}`, which does not exist", allowed, problems, hint) from None
    if stat.S_ISDIR(status.st_mode):
        raise _refused(extends, f"`{inert(text, 80)}`, a folder", allowed, problems)
    if not stat.S_ISREG(status.st_mode):
        raise _refused(extends, f"`{inert(text, 80)}`, which is no ordinary file", allowed, problems)
    if real in seen:
        raise _refused(extends, f"`{inert(text, 80)}`, a cycle: it was read already", allowed, problems)
    return path
