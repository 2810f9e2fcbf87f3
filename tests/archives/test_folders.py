"""Results are there whole or not at all, and nothing else is ever replaced."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from itertools import groupby
from pathlib import Path

import pytest

import sim
from sim.archives import folders
from sim.archives.folders import set_aside
from sim.language import load_text
from tests.archives.conftest import forge
from tests.by_hand import EVEN
from tests.command import ROOT, Run, command, environment

SAVED = {"manifest.json", "scenario.yaml", "measures.json", "arrays.npz", "README.txt", "measures.csv", "events.csv",
         "monthly.csv", "event_months.csv"}  # fmt: skip


def test_death_at_any_write_leaves_all_or_nothing(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    script = ROOT / "tests" / "archives" / "killed.py"
    done = subprocess.run(
        [sys.executable, str(script), str(place / "kept")],
        capture_output=True, text=True, env=environment(), timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    # Each file is opened and synced, then folders are synced and renamed.
    assert len(outcomes["fresh"]) > 2 * len(SAVED)
    assert [seed for seed, _ in groupby(outcomes["fresh"])] == ["none", "2"]
    # In between the old results are aside and the new ones not yet in place, at one operation at most.
    assert [seed for seed, _ in groupby(outcomes["replacing"])] == ["1", "none", "2"]
    assert outcomes["replacing"].count("none") == 1


def test_a_run_that_is_killed_leaves_all_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "even.yaml").write_text(EVEN)
    folder = tmp_path / "out"
    words = command("run", "even.yaml", "--out", "out", "--paths", "64")
    seen = set()
    for seed, delay in enumerate((0.0, 0.02, 0.3, 1.0)):
        child = subprocess.Popen(
            [*words, "--seed", str(seed)],
            cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        while not set_aside(folder) and child.poll() is None:
            time.sleep(0.005)
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
        child.wait(timeout=60)
        seen.add(child.returncode)
        if folder.exists():
            assert sim.open(folder).seed <= seed
    assert -signal.SIGKILL in seen
    done = subprocess.run([*words, "--seed", "9"], cwd=tmp_path, env=environment(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sim.open(folder).seed == 9
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["even.yaml", "out"]


def test_a_run_keeps_what_it_says(cli: Run, even: str, tmp_path: Path) -> None:
    done = cli("run", even, "--out", "out", "--set", "customers.one.name==cmd()")
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "out"
    found = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
    assert found >= SAVED
    pictures = {Path(name).stem for name in found if name.startswith("plots/")}
    assert pictures >= {"fan", "exceedance", "event_months"}
    assert {f"plots/{name}.{kind}" for name in pictures for kind in ("svg", "png")} <= found
    assert done.stdout.rstrip().endswith(f"Written to out: {len(found)} files.")
    assert sim.open(folder).scenario.streams[0].name == "=cmd()"
    assert sim.open(folder).to_dict()["measures"] == json.loads((folder / "measures.json").read_text())["measures"]
    assert "An even chance" in (folder / "README.txt").read_text()
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["scenario"]["overrides"] == ["customers.one.name==cmd()"]
    assert manifest["scenario"]["file"] == "even.yaml"
    assert str(tmp_path) not in (folder / "manifest.json").read_text()
    # The command that the manifest names makes the same files again, but for the time that it took.
    words = manifest["command"].replace("scenario.yaml", "out/scenario.yaml").split()[1:]
    again = cli(*words, "--out", "again", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["out"] == {"folder": "again", "files": len(found)}
    second = json.loads((tmp_path / "again" / "manifest.json").read_text())
    changed = {name for name, entry in manifest["files"].items() if second["files"][name] != entry}
    # These name the file they come from.
    assert changed <= {"measures.json", "scenario.yaml"}


def test_cells_of_tables_are_values(tmp_path: Path) -> None:
    # each of the signs by which a spreadsheet knows a formula
    for sign in "=+-@":
        result = sim.run(load_text(EVEN), set={"events.leaves.name": f"{sign}cmd()"}, paths=10)
        folder = result.save(tmp_path / "kept", pictures=False)
        line = (folder / "events.csv").read_text().splitlines()[1]
        assert line.startswith(f"leaves,'{sign}cmd(),")
        # a number stays one, also below 0
        lines = (folder / "measures.csv").read_text().splitlines()
        assert "'" not in "".join(lines)


def test_results_are_replaced_and_nothing_else(results: Path) -> None:
    result = sim.open(results)
    other = sim.run(result.scenario, seed=2)
    (results / ".DS_Store").write_text("a file browser was here")
    assert sim.open(other.save(results, pictures=False)).seed == 2

    (results / "mine.txt").write_text("precious")
    with pytest.raises(sim.OutputError, match=r"mine\.txt"):
        result.save(results, pictures=False)
    (results / "mine.txt").unlink()

    (results / "mine").mkdir()
    with pytest.raises(sim.OutputError, match="mine/"):
        result.save(results, pictures=False)
    (results / "mine").rmdir()

    table = (results / "measures.csv").read_text()
    (results / "measures.csv").write_text(table + "a note,,\n")
    with pytest.raises(sim.OutputError, match=r"measures\.csv was changed"):
        result.save(results, pictures=False)
    assert sim.archives.check(results)[0].file == "measures.csv"
    (results / "measures.csv").write_text(table)

    forge(results, format=2)
    with pytest.raises(sim.OutputError, match="format 2"):
        result.save(results, pictures=False)


def test_what_is_no_place_for_results_is_refused_at_once(cli: Run, inside: Run, even: str, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "full")
    for out, said in (
        ("full", "not replaced"),
        ("link", "is a link"),
        ("nowhere/out", "no folder"),
        (even, "is a file"),
        (".", "from within"),
        ("..", "from within"),
        ("x" * 300, "too long"),
    ):
        # Nothing is simulated: in the process, which has a limit of time, that would take longer.
        run, paths = (cli, "100000000") if out == "full" else (inside, "10000")
        done = run("run", even, "--paths", paths, "--out", out)
        assert done.returncode == 4, done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr
        assert done.stdout == ""
    assert (tmp_path / "full" / "mine.txt").read_text() == "precious"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [even, "full", "link"]


def test_an_empty_folder_is_a_place(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    result = sim.run(load_text(EVEN), paths=10, sampling="plain")
    assert sim.open(result.save(folder, pictures=False)).paths == 10


@pytest.mark.parametrize("room", [0, 500, 5000])
def test_a_disk_that_takes_no_more_is_told(even: str, tmp_path: Path, room: int) -> None:
    words = command("run", even, "--paths", "2000", "--out", "out")
    limited = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))  # noqa: E731
    done = subprocess.run(
        words, cwd=tmp_path, env=environment(PYTHONDONTWRITEBYTECODE="1"), capture_output=True, text=True,
        preexec_fn=limited, check=False,
    )  # fmt: skip
    assert done.returncode == 4, done.stderr
    assert "error: out: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert [entry.name for entry in tmp_path.iterdir()] == [even]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_to_is_told(cli: Run, even: str, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    done = cli("run", even, "--out", "locked/out")
    assert done.returncode == 4
    assert "cannot be written to" in done.stderr


def test_only_what_killed_runs_left_is_cleared_away(results: Path, tmp_path: Path) -> None:
    result = sim.open(results)
    left = tmp_path / ".kept.0123abcd.part"
    (left / "plots").mkdir(parents=True)
    (left / "plots" / "fan.svg").write_text("half")
    mine = tmp_path / ".kept.0123abcf.part"
    mine.mkdir()
    (mine / "mine.txt").write_text("precious")
    held = tmp_path / ".kept.0123abce.part"
    held.mkdir()
    other = tmp_path / ".other.0123abce.part"
    other.mkdir()
    with folders._held(held) as ours:  # another process is at work on it
        assert ours
        result.save(results, pictures=False)
    assert not left.exists()
    assert mine.exists() and held.exists() and other.exists()
    result.save(results, pictures=False)
    assert not held.exists()


def test_results_set_aside_are_named(results: Path, tmp_path: Path) -> None:
    results.rename(tmp_path / ".kept.0123abcd.old")
    with pytest.raises(sim.UsageError, match=r"\.kept\.0123abcd\.old"):
        sim.open(results)


def test_a_failed_swap_puts_the_old_results_back(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = sim.open(results)
    honest = os.rename

    def rename(source: Path, target: Path) -> None:
        if str(source).endswith(".part"):
            raise PermissionError(13, "Permission denied")
        honest(source, target)

    monkeypatch.setattr(folders.os, "rename", rename)
    with pytest.raises(sim.OutputError, match="Permission denied"):
        sim.run(result.scenario, seed=2).save(results, pictures=False)
    assert sim.open(results).seed == 1
    assert set_aside(results) == []


def test_an_interruption_leaves_nothing(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> bytes:
        raise KeyboardInterrupt

    result = sim.open(results)
    monkeypatch.setattr("sim.archives.contents._arrays", interrupted)
    with pytest.raises(KeyboardInterrupt):
        result.save(results, pictures=False)
    assert sim.open(results).seed == 1
    assert set_aside(results) == []
