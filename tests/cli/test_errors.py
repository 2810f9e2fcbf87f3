"""How commands fail: exit codes, places, and text that cannot act."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.by_hand import CERTAIN
from tests.command import Run, command, environment


def test_all_problems_of_a_file_with_places_and_the_nearest_name(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        CERTAIN.replace("growth: 0}", "grwth: 0}").replace("months: 12", "months: twelve")
    )
    done = cli("run", "bad.yaml")
    assert done.returncode == 2
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0].startswith("bad.yaml:4:9: months: ")
    column = "  one: {name: Customer One, revenue: 10, grwth: 0}".index("grwth") + 1
    assert f"bad.yaml:8:{column}: customers.one.grwth: " in done.stderr
    assert "nearest: growth" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_same_problems_as_json(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(CERTAIN.replace("months: 12", "months: twelve"))
    done = inside("check", "bad.yaml", "--json")
    assert done.returncode == 2
    assert done.stderr == ""
    data = json.loads(done.stdout)
    assert data["format"] == 1
    error = data["error"]
    assert (error["error"], error["exit_code"], error["total"]) == ("ScenarioError", 2, 1)
    (problem,) = error["problems"]
    assert (problem["file"], problem["line"], problem["column"], problem["path"]) == ("bad.yaml", 4, 9, "months")
    assert problem["source_line"] == "months: twelve"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["chekc", "x"], 2, "Did you mean 'check'?"),
        (["zzz"], 2, "No such command 'zzz'."),
        (["run", "tiktko"], 2, "tiktok"),
        (["run", "certain.yaml", "--pahts", "3"], 2, "--paths"),
        (["run", "certain.yaml", "--paths", "0"], 2, "--paths"),
        (["run", "certain.yaml", "--set", "months"], 2, "path=value"),
        (["run", "certain.yaml", "--set", "events.leaves.probabilty=1"], 2, "nearest: probability"),
        (["run", "certain.yaml", "--fail-if", "expected_los > 1"], 2, "expected_loss"),
        (["run", "certain.yaml", "--paths", "1000000000000"], 3, f"{2**40:,} paths"),
        (["run"], 2, "SCENARIO"),
    ],
)
def test_exit_codes_and_what_is_told(certain: str, inside: Run, words: list[str], code: int, told: str) -> None:
    done = inside(*words)
    assert done.returncode == code
    assert done.stdout == ""
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    if words[0] == "run":
        done = inside(*words, "--json")
        assert done.returncode == code
        assert done.stderr == ""
        error = json.loads(done.stdout)["error"]
        assert error["exit_code"] == code
        assert told in json.dumps(error, ensure_ascii=False)


def test_debug_shows_the_traceback(certain: str, inside: Run) -> None:
    done = inside("run", certain, "--set", "months=0", "--debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert "ScenarioError" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("words", [("run",), ("run", "--json")])
def test_an_answer_that_cannot_be_written(tmp_path: Path, certain: str, words: tuple[str, ...]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command(*words, certain), stdout=full, stderr=subprocess.PIPE, cwd=tmp_path, env=environment(), check=False
        )
    assert done.returncode == 4
    assert b"standard output cannot be written" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_reader_who_leaves_is_no_error(tmp_path: Path, certain: str) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        command("run", certain, "--fail-if", "expected_loss > 1"),
        stdout=write, stderr=subprocess.PIPE, cwd=tmp_path, env=environment(), check=False,
    )  # fmt: skip
    os.close(write)
    assert done.stderr == b""
    assert done.returncode == 1  # the answer to --fail-if all the same


def work_for(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait until a process has used so much processor time, twice what loading takes; where none tells, longer."""
    told = Path(f"/proc/{process.pid}/stat")
    if not told.exists():
        time.sleep(2 * seconds)
        return
    while process.poll() is None:
        user, system = told.read_text().rpartition(")")[2].split()[11:13]
        if int(user) + int(system) >= seconds * os.sysconf("SC_CLK_TCK"):
            return
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of another kind")
def test_ctrl_c_is_one_line(tmp_path: Path, certain: str) -> None:
    process = subprocess.Popen(
        command("run", certain, "--paths", "30000000"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment(),
    )  # fmt: skip
    work_for(process, 1.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == b""
    assert err.split() == [b"interrupted"]


def test_names_are_inert(inside: Run, tmp_path: Path) -> None:
    hostile = "<script>[red]x[/red] {0.__class__} =cmd() $$ %s ../../x \u200b\u00ad"
    text = (
        CERTAIN.replace("A certain exit", hostile).replace("One leaves", "'[bold]_y'").replace("Customer One", "'[/]'")
    )
    (tmp_path / "hostile.yaml").write_text(text, encoding="utf-8")
    for words in (("run",), ("check",), ("trace",), ("verify", "--paths", "3"), ("evidence",)):
        done = inside(*words, "hostile.yaml")
        assert done.returncode == 0, done.stderr
        title = next(line for line in done.stdout.splitlines() if "<script>" in line)
        assert "<script>[red]x[/red] {0.__class__} =cmd() $$ %s ../../x" in title
        assert not set("\u200b\u00ad\x1b") & set(done.stdout)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["hostile.yaml"]


def test_a_file_name_cannot_act_on_the_terminal(inside: Run) -> None:
    done = inside("run", "no\x1b[31mfile\n.yaml")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert r"no\x1b[31mfile\n.yaml" in done.stderr


def test_standard_input_that_is_no_scenario(cli: Run) -> None:
    done = cli("check", "-", stdin=b"\xff\xfe\x00")
    assert done.returncode == 2
    assert done.stderr.startswith("<stdin>:1:1: ")
    assert cli("check", "-", stdin="").returncode == 2


def test_ascii_output_where_nothing_else_can_be_shown(cli: Run, certain: str) -> None:
    done = cli("run", certain, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert "2025-01 ... 2025-12" in done.stdout
    data = json.loads(
        cli("run", "--json", "-", stdin=CERTAIN.replace("One leaves", "Ü"), PYTHONIOENCODING="ascii").stdout
    )
    assert data["events"]["leaves"]["probability"] == 1.0
