"""Files that commands are told to write: what is refused before any work, so that nothing is lost by it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

import sim
from sim.language import load_text
from tests.by_hand import CERTAIN
from tests.command import Run

RANGE = "evidence:\n  customers.one.revenue: {assumption: a guess, low: 5, high: 20}\n"
SWEEP = ["--axis", "customers.one.revenue=5:20:2"]


@pytest.fixture
def case(tmp_path: Path) -> str:
    (tmp_path / "case.yaml").write_text(CERTAIN + RANGE)
    return "case.yaml"


@pytest.mark.parametrize("command", [["tornado"], ["attribute"], ["sweep", *SWEEP]], ids=lambda words: words[0])
def test_two_options_do_not_name_one_file(inside: Run, case: str, tmp_path: Path, command: list[str]) -> None:
    done = inside(command[0], case, *command[1:], "--paths", "32", "--csv", "both.svg", "--plot", "./both.svg")
    assert done.returncode == 2
    assert "--csv and --plot: both name ./both.svg" in done.stderr
    assert not (tmp_path / "both.svg").exists()


@pytest.mark.parametrize("command", [["tornado"], ["attribute"], ["sweep", *SWEEP]], ids=lambda words: words[0])
def test_a_table_does_not_take_the_scenarios_place(inside: Run, case: str, tmp_path: Path, command: list[str]) -> None:
    done = inside(command[0], f"./{case}", *command[1:], "--paths", "32", "--csv", case, "--json")
    assert done.returncode == 2
    assert "--csv: case.yaml is the scenario itself" in json.loads(done.stdout)["error"]["message"]
    assert (tmp_path / case).read_text() == CERTAIN + RANGE


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_or_a_device_stays_what_it_is(cli: Run, case: str, tmp_path: Path) -> None:
    # A device such as /dev/null would be renamed away where one may write to its folder; a pipe stands for it.
    pipe = tmp_path / "pipe.svg"
    os.mkfifo(pipe)
    for words in (["tornado", case, "--csv", "pipe.svg"], ["plot", case, "--out", "pipe.svg"]):
        done = cli(*words, "--paths", "32")
        assert (done.returncode, done.stdout) == (4, "")
        assert "pipe.svg: is a device or a pipe" in done.stderr
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case.yaml", "pipe.svg"]


def test_a_folder_of_results_names_its_scenario(inside: Run, tmp_path: Path) -> None:
    sim.run(load_text(CERTAIN), paths=16).save(tmp_path / "kept")
    for command in ("run", "plot", "show", "evidence"):
        done = inside(command, "kept")
        assert (done.returncode, done.stdout) == (2, "")
        assert "kept: is a folder, a scenario is a file" in done.stderr
        assert f"{Path('kept') / 'scenario.yaml'} is their scenario" in done.stderr


def test_a_folder_with_one_scenario_names_it(inside: Run, tmp_path: Path) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    assert "help" not in inside("check", "cases").stderr
    (folder / "one.yaml").write_text(CERTAIN)
    assert f"did you mean {Path('cases') / 'one.yaml'}?" in inside("check", "cases").stderr
    (folder / "two.yaml").write_text(CERTAIN)
    assert "did you mean" not in inside("check", "cases").stderr
