"""No command may write over what it reads, nor over a stranger's file unasked, whichever option names it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import sim
from sim.cli.commands import COMMANDS
from tests.by_hand import EVEN
from tests.command import Run

PROBABILITY = "events.leaves.probability"
CITED = """
evidence:
  customers.one.revenue: {fact: one-revenue}
  events.leaves.probability: {assumption: A guess., low: 0.2, high: 0.8}
doubt: {ranges: p10-p90, draws: 256}
choices: {as_it_is: {}, other: {cost: 1}}
"""
FACTS = """\
facts:
  one-revenue:
    statement: One pays ten a month.
    value: 10
    unit: USD million
    source: {title: A report, publisher: A publisher}
"""
SUFFIXES = ("", ".yaml", ".svg", ".png", ".html", ".csv", ".npz", ".parquet")
NEEDED = {
    "sweep": ["--axis", f"{PROBABILITY}=0,1"],
    "breakeven": ["--axis", PROBABILITY, "--threshold", "10"],
    "compare": ["--with", f"{PROBABILITY}=1"],
    "where": ["expected_loss > 1"],
}
"""Words without which a command does not begin."""


def command_of(name: str) -> click.Command:
    command: click.Command = importlib.import_module(f"sim.cli.{name}").command
    return command


def texts() -> Iterator[tuple[str, str]]:
    """Every option of every command that takes a text: a file's name may be one."""
    for name in COMMANDS:
        for option in command_of(name).params:
            if isinstance(option, click.Option) and isinstance(option.type, click.types.StringParamType | click.Path):
                yield name, option.opts[0]


def writing() -> list[tuple[str, str]]:
    return [(name, option) for name, option in texts() if option in ("--csv", "--npz", "--parquet", "--plot", "--out")]


class Desk:
    """A folder with a scenario of a suffix, what it extends, its facts, links to them, and a stranger's file."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self.scenario = f"top{suffix}"
        (folder / "seeds").mkdir()
        (folder / f"base{suffix}").write_text(EVEN + CITED)
        (folder / self.scenario).write_text(f"extends: base{suffix}\nname: On top\n")
        facts = folder / "seeds" / "facts.yaml"
        facts.write_text(FACTS)
        os.symlink(folder / f"base{suffix}", folder / f"symbolic{suffix}")
        os.link(folder / f"base{suffix}", folder / f"hard{suffix}")
        os.link(facts, folder / f"facts{suffix}")
        (folder / f"mine{suffix}").write_text("precious")
        self.targets = [self.scenario, *(f"{name}{suffix}" for name in ("base", "symbolic", "hard", "facts", "mine"))]
        self._folder = folder
        self._before = self._now()

    def _now(self) -> dict[str, bytes]:
        return {str(file): file.read_bytes() for file in sorted(self._folder.rglob("*")) if file.is_file()}

    def is_as_it_was(self) -> bool:
        """Whether all that was there still is; what came beside it is taken away."""
        now = self._now()
        for file in now.keys() - self._before.keys():
            os.unlink(file)
        return all(now.get(file) == data for file, data in self._before.items())


def words_of(name: str, option: str, target: str, scenario: str) -> list[str]:
    needed = NEEDED.get(name, [])
    others = [word for k, word in enumerate(needed) if option not in (word, needed[k - 1] if k % 2 else word)]
    takes_scenario = any(
        isinstance(param, click.Argument) and param.name != "name" for param in command_of(name).params
    )
    few = ["--paths", "32"] if any("--paths" in param.opts for param in command_of(name).params) else []
    return [name, *([scenario] if takes_scenario else []), *others, *few, option, target]


def test_the_options_that_write_are_among_those_that_are_walked() -> None:
    writers = {"run", "sweep", "compare", "tornado", "attribute", "backlog", "plot", "report"}
    writers |= {"doubt", "drivers", "where", "choose", "worth"}
    assert {name for name, _ in writing()} == writers
    assert len(list(texts())) > 30


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_option_of_any_command_costs_a_file(inside: Run, tmp_path: Path, suffix: str) -> None:
    desk = Desk(tmp_path, suffix)
    for name, option in texts():
        if option not in ("--csv", "--npz", "--parquet", "--plot", "--out") and suffix != ".yaml":
            continue
        for target in desk.targets:
            words = words_of(name, option, target, desk.scenario)
            done = inside(*words)
            assert desk.is_as_it_was(), words
            assert done.returncode in (0, 2, 4), (words, done.stderr)
            if (name, option) in writing():
                assert done.returncode in (2, 4), words
                assert done.stdout == "", words


@pytest.mark.parametrize(
    ("name", "option", "suffix", "what"),
    [
        ("tornado", "--csv", ".yaml", "table"),
        ("tornado", "--plot", ".svg", "picture"),
        ("attribute", "--csv", ".csv", "table"),
        ("attribute", "--plot", ".png", "picture"),
        ("sweep", "--csv", ".csv", "table"),
        ("sweep", "--npz", ".npz", "file of arrays"),
        ("sweep", "--parquet", ".parquet", "table"),
        ("sweep", "--plot", ".svg", "picture"),
        ("compare", "--plot", ".svg", "picture"),
        ("plot", "--out", ".svg", "picture"),
        ("report", "--out", ".html", "report"),
    ],
)
def test_force_replaces_a_strangers_file_and_never_what_is_read(
    inside: Run, tmp_path: Path, name: str, option: str, suffix: str, what: str
) -> None:
    desk = Desk(tmp_path, suffix)
    said = {
        desk.scenario: "is the scenario itself",
        f"base{suffix}": "is a file that the scenario extends",
        f"symbolic{suffix}": "is a file that the scenario extends",
        f"hard{suffix}": "is a file that the scenario extends",
        f"facts{suffix}": "is a file of facts that the scenario may cite",
    }
    for target, text in said.items():
        done = inside(*words_of(name, option, target, desk.scenario), "--force")
        assert (done.returncode, desk.is_as_it_was()) == (2, True)
        assert f"{option}: {target} {text}" in done.stderr
    words = words_of(name, option, f"mine{suffix}", desk.scenario)
    done = inside(*words)
    assert done.returncode == 2
    told = f"{option} mine{suffix}: there is a file of that name that is no {what}; --force replaces it"
    assert told in done.stderr
    mine = tmp_path / f"mine{suffix}"
    mine.write_bytes(b"")  # as mktemp makes it: nothing is lost
    assert inside(*words).returncode == 0
    first = mine.read_bytes()
    assert first
    assert inside(*words).returncode == 0  # its own, which it knows
    mine.write_text("precious")
    assert inside(*words, "--force").returncode == 0
    assert mine.read_bytes() != b"precious"


def test_several_pictures_ask_for_each_of_their_files(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "even.yaml").write_text(EVEN)
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "exceedance.svg").write_text("precious")
    done = inside("plot", "even.yaml", "--kind", "all", "--out", "there", "--paths", "32")
    assert done.returncode == 2
    assert "there/exceedance.svg: there is a file of that name that is no picture" in done.stderr
    assert [file.name for file in (tmp_path / "there").iterdir()] == ["exceedance.svg"]


@pytest.mark.parametrize("words", [w for w in writing() if w != ("run", "--out")])
def test_nothing_is_put_among_results(inside: Run, tmp_path: Path, words: tuple[str, str]) -> None:
    (tmp_path / "even.yaml").write_text(EVEN)
    assert inside("run", "even.yaml", "--paths", "32", "--out", "kept").returncode == 0
    before = {file: file.read_bytes() for file in (tmp_path / "kept").rglob("*") if file.is_file()}
    suffix = {"--csv": ".csv", "--npz": ".npz", "--parquet": ".parquet"}.get(words[1], ".svg")
    suffix = ".html" if words[0] == "report" else suffix
    for target in (f"kept/new{suffix}", f"kept/plots/fan{suffix}", "kept/measures.csv"):
        done = inside(*words_of(*words, target, "even.yaml"), "--force")
        assert done.returncode in (2, 4)
    assert {file: file.read_bytes() for file in (tmp_path / "kept").rglob("*") if file.is_file()} == before


def test_results_are_not_replaced_by_a_run_of_the_scenario_in_them(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "even.yaml").write_text(EVEN)
    assert inside("run", "even.yaml", "--paths", "32", "--out", "kept").returncode == 0
    done = inside("run", "kept/scenario.yaml", "--paths", "64", "--set", "months=10", "--out", "kept")
    assert done.returncode == 2
    assert "--out: kept holds the scenario itself" in done.stderr
    assert sim.open(tmp_path / "kept").paths == 32


def test_standard_input_from_a_file_is_read_too(cli: Run, tmp_path: Path) -> None:
    import subprocess

    from tests.command import command, environment

    (tmp_path / "even.csv").write_text(EVEN)
    with (tmp_path / "even.csv").open() as given:
        done = subprocess.run(
            command("attribute", "-", "--csv", "even.csv", "--force"),
            stdin=given, capture_output=True, text=True, cwd=tmp_path, env=environment(), check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "--csv: even.csv is the scenario itself" in done.stderr
    assert (tmp_path / "even.csv").read_text() == EVEN


def test_a_report_saved_in_python_is_whole_or_not_at_all(
    inside: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sim.language import load_text

    report = sim.make_report(load_text(EVEN), paths=64)
    place = tmp_path / "report.html"
    place.write_text("what was there")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(sim.OutputError, match="No space left"):
            report.save(place)
    assert place.read_text() == "what was there"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
    report.save(place)
    assert place.read_bytes().decode() == report.html
