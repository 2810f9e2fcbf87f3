"""``show``: a scenario as it is after extends and overrides, each value with the place where it stands."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import output_options, scenario_options
from sim.cli.scenarios import scenario_of
from sim.cli.terminal import Terminal, columns, one_line, wrapped

if TYPE_CHECKING:
    from sim.language.origins import Origin, Value
    from sim.scenario.choices import Alternative
    from sim.scenario.doubts import Doubt
    from sim.scenario.parts import Scenario

FOLDED = "evidence"
"""The section that is only counted, unless it is asked for: ``switchrisk evidence`` tells it better."""

LONGEST_FILE = 28
LONGEST_VALUE = 40
GAP = 2


@click.command("show")
@scenario_options
@click.argument("path", required=False)
@output_options
def command(terminal: Terminal, source: str, overrides: tuple[str, ...], path: str | None) -> int:
    """Show SCENARIO after extends and overrides, each value with its file and line.

    With PATH, as in events.in_house_llm, only that branch. A changed value says what it was before, and where; values
    that nobody wrote, but that hold, are defaults. What is in doubt, and what can be done, is told in
    words. What is printed is YAML.
    """
    from sim.language import choice_words, doubt_words
    from sim.language.origins import origins

    scenario = scenario_of(source, overrides)
    every = origins(scenario)
    chosen = every if path is None else _branch(every, path)
    doubtful = _in_doubt(scenario, path)
    choices = _choices(scenario, path)
    if terminal.json:
        terminal.document(
            {
                "format": 1,
                "scenario": scenario.record,
                "files": list(_files(scenario)),
                "overrides": list(_overrides(scenario)),
                "values": [origin.to_dict() for origin in chosen if origin.now is not None],
                "removed": [
                    {"path": origin.path, **origin.was.to_dict()}
                    for origin in chosen
                    if origin.now is None and origin.was is not None
                ],
                **({"in_doubt": [doubt_words.record(one) for one in doubtful]} if doubtful else {}),
                **({"choices": [choice_words.record(one) for one in choices]} if choices else {}),
            }
        )
        return 0
    lines = [] if terminal.quiet else [terminal.dim(line) for line in _head(terminal, scenario)]
    counted = 0
    if path is None:
        counted = len({origin.steps[:2] for origin in chosen if origin.steps[0] == FOLDED and origin.now is not None})
        chosen = [origin for origin in chosen if origin.steps[0] != FOLDED]
    lines += _tree(terminal, chosen, Places(scenario))
    in_words = [
        line for one in doubtful for line in terminal.wrap(f"# {one_line(doubt_words.in_words(one))}", "", "#   ")
    ]
    if in_words:
        lines += ["", *map(terminal.dim, ["# In doubt, in words:", *in_words])]
    said = [
        line
        for one in choices
        for line in terminal.wrap(f"# {one_line(choice_words.in_words(scenario, one))}", "", "#   ")
    ]
    if said:
        lines += ["", *map(terminal.dim, ["# Choices, in words:", *said])]
    if counted:
        text = f"# {FOLDED}: {counted} entries, left out here; `switchrisk evidence` tells them"
        lines += [terminal.dim(line) for line in terminal.wrap(text, "", "# ")]
    terminal.say(*lines)
    return 0


class Places:
    """Short words for where values stand: a file's own name where no other has it, and the line."""

    def __init__(self, *scenarios: Scenario) -> None:
        names = {name for scenario in scenarios for name in _files(scenario)}
        ends = [os.path.basename(name) for name in names]
        self._short = {name: end for name in names if ends.count(end := os.path.basename(name)) == 1}

    def name(self, file: str) -> str:
        """A file's name, cut in front where it is long."""
        name = one_line(self._short.get(file, file))
        return name if columns(name) <= LONGEST_FILE else f"…{name[-LONGEST_FILE + 1 :]}"

    def of(self, value: Value) -> str:
        """``tiktok.yaml:41``, ``--set`` for an override, ``default`` for what stands nowhere."""
        if value.file is None:
            return "default"
        if value.overrides:
            return "--set"
        return self.name(value.file) if value.line is None else f"{self.name(value.file)}:{value.line}"


def compact(value: Any, longest: int = LONGEST_VALUE) -> str:
    """A value in one short line, as YAML would have it."""
    if isinstance(value, dict):
        text = "{" + ", ".join(f"{key}: {compact(item)}" for key, item in value.items()) + "}"
    elif isinstance(value, list):
        text = f"[{', '.join(map(compact, value))}]"
    elif value is None or isinstance(value, bool):
        text = "null" if value is None else str(value).lower()
    else:
        text = f"{value:.12g}" if isinstance(value, float) else str(value)
    text = one_line(text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _files(scenario: Scenario) -> Iterator[str]:
    """Names of the files that were read, the one asked for first, as values name them."""
    document = scenario.source
    trees = [document.root, *document.earlier[::-1]]
    found = {document.name: 0}
    nodes = list(trees)
    while nodes:
        node = nodes.pop()
        if node.source.layer <= 0:
            found.setdefault(node.source.name, node.source.layer)
        nodes += getattr(node, "entries", {}).values()
    return iter(sorted(found, key=lambda name: -found[name]))


def _overrides(scenario: Scenario) -> Sequence[str]:
    found: Sequence[str] = scenario.source.overrides
    return found


def _branch(every: Sequence[Origin], path: str) -> list[Origin]:
    """What stands at a path and below.

    Raises
    ------
    UsageError
        Where nothing does.
    """
    from sim.errors import UsageError, inert

    chosen = [origin for origin in every if f"{origin.path}.".startswith(f"{path}.")]
    if chosen and path:
        return chosen
    known = list(dict.fromkeys(".".join(origin.steps[:n]) for origin in every for n in range(1, len(origin.steps) + 1)))
    near = get_close_matches(path[:200], known, n=1)
    help = f"did you mean {near[0]}?" if near else f"begin with one of {', '.join(k for k in known if '.' not in k)}"
    raise UsageError(f"{inert(path, 100)}: nothing stands there", help=help)


def _in_doubt(scenario: Scenario, path: str | None) -> list[Doubt]:
    """What is in doubt of what is shown: of a number or a branch, or of what the block ``doubt`` says of it."""
    numbers = () if scenario.doubt is None else scenario.doubt.numbers
    if path is None or path in ("doubt", "doubt.numbers"):
        return list(numbers)
    asked = f"{path.removeprefix('doubt.numbers.')}."
    ends = [(f"{one.path}.", one) for one in numbers]
    return [one for end, one in ends if end.startswith(asked) or asked.startswith(end)]


def _choices(scenario: Scenario, path: str | None) -> list[Alternative]:
    """The choices that are shown: all of them with the whole scenario, else those of the branch."""
    if path is None or path == "choices":
        return list(scenario.choices)
    return [one for one in scenario.choices if f"{path}.".startswith(f"choices.{one.id}.")]


def _head(terminal: Terminal, scenario: Scenario) -> list[str]:
    first, *extended = map(one_line, _files(scenario))
    lines = terminal.wrap(f"# {first}" + "".join(f", which extends {file}" for file in extended), "", "#   ")
    for text in _overrides(scenario):
        lines += terminal.wrap(f"# --set {one_line(text)}", "", "#   ")
    legend = "# At right where a value stands, and what it was where it was changed."
    return [*lines, *terminal.wrap(legend, "", "#   "), ""]


def _tree(terminal: Terminal, origins: Sequence[Origin], places: Places) -> list[str]:
    """The scenario as an indented tree, with comments at right."""
    entries = [(origin, _left(origin), _comment(origin, places)) for origin in origins]
    width = terminal.width - GAP
    room = width - max((columns(mark) for _, _, (mark, _) in entries), default=0)
    at = GAP + max((n for _, left, _ in entries if (n := columns(left)) <= room), default=room)
    lines: list[str] = []
    headed: set[tuple[str, ...]] = {()}
    for origin, left, (mark, was) in entries:
        for n in range(1, len(origin.steps)):
            heading = origin.steps[:n]
            if heading not in headed:
                headed.add(heading)
                if n == 1 and lines:
                    lines.append("")
                head = f"{'  ' * (n - 1)}{_key(heading[-1])}:"
                lines.append(terminal.dim(head) if origin.is_default else head)
        if len(origin.steps) == 1 and lines and lines[-1].startswith(" "):
            lines.append("")
        if origin.now is not None:
            headed.add(origin.steps)
        look = terminal.title if was else terminal.dim if origin.is_default or origin.now is None else str
        first, *rest = _fitted(origin, left, room, width)
        both = f"{mark} ({was})" if was else mark
        split = bool(was) and max(at, columns(first) + GAP) + columns(both) > terminal.width
        comment = mark if split else both
        in_block = first.endswith(">-") and bool(rest)
        if max(at, columns(first) + GAP) + columns(comment) > terminal.width and not in_block:
            lines.append(look(first))
            first = ""
        space = " " * max(GAP, at - columns(first)) if first else " " * at
        lines.append((look(first) if first else "") + space + terminal.dim(comment))
        lines += [look(line) for line in rest if in_block]
        if split:
            note = f"# {was}"
            # After a block of text a comment must stand further to the left than the text, or it would be part of it.
            start = 2 * len(origin.steps) - 2 if in_block else max(0, min(at, terminal.width - columns(note)))
            lines += [" " * start + terminal.dim(line) for line in wrapped(note, terminal.width - start)]
        lines += [look(line) for line in rest if not in_block]
    return lines


def _key(key: str) -> str:
    from sim.language.writing import write_yaml

    return write_yaml({key: 0}).rstrip("\n").rpartition(":")[0]


def _left(origin: Origin) -> str:
    """A key and its value in one line, as YAML; what was removed as a comment."""
    from sim.language.writing import write_yaml

    margin = "  " * (len(origin.steps) - 1)
    if origin.now is None:
        return f"{margin}# {one_line(origin.steps[-1])}: removed"
    value = origin.now.value
    if isinstance(value, str):
        value = " ".join(value.split())
        text = write_yaml({"x": value}).rstrip("\n")
        text = text.removeprefix("x:") if "\n" not in text else f" {one_line(value)}"
        return f"{margin}{_key(origin.steps[-1])}:{text}"
    return margin + " ".join(write_yaml({origin.steps[-1]: value}).split())


def _fitted(origin: Origin, left: str, room: int, width: int) -> list[str]:
    """A value that is too long for one line in several: a text as a folded block, a list below its key."""
    if columns(left) <= room:
        return [left]
    margin = "  " * len(origin.steps)
    now = None if origin.now is None else origin.now.value
    if isinstance(now, str):
        head = f"{margin[2:]}{_key(origin.steps[-1])}: >-"
        return [head, *(margin + line for line in wrapped(one_line(now), width - len(margin)))]
    key = f"{_key(origin.steps[-1])}:"
    if origin.now is None or not isinstance(now, list):
        return [left]
    return [margin[2:] + key, *(margin + line for line in wrapped(left.strip().removeprefix(key), width - len(margin)))]


def _comment(origin: Origin, places: Places) -> tuple[str, str]:
    """Where a value stands, and what it was before: both for a reader, the latter empty where it was not changed."""
    was = "" if origin.was is None else f"was {compact(origin.was.value)}, {places.of(origin.was)}"
    if origin.now is not None:
        return f"# {places.of(origin.now)}", was
    assert origin.was is not None
    large = isinstance(origin.was.value, dict | list)
    return f"# was {'' if large else compact(origin.was.value) + ', '}{places.of(origin.was)}", ""
