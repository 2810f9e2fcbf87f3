"""The process of a command: signals, closed streams, faults, little memory, and files that are none."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.cli.process import shortage
from sim.errors import inert
from tests.by_hand import CERTAIN
from tests.cli.test_watch import save, watching
from tests.command import Run, command, environment

LONG = ("--paths", "30000000")


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [(signal.SIGTERM, 143, b"terminated"), (signal.SIGHUP, 129, b"hung up"), (signal.SIGINT, 130, b"interrupted")],
)
def test_signals_end_a_command_in_one_line(
    tmp_path: Path, certain: str, number: signal.Signals, code: int, word: bytes
) -> None:
    process = subprocess.Popen(
        command("run", certain, *LONG), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment()
    )
    time.sleep(2)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.strip()) == (code, b"", word)


@pytest.mark.parametrize("words", [("tornado", "--csv", "t.csv"), ("run", "--out", "kept")])
def test_a_signal_while_results_are_written_leaves_no_part(
    tmp_path: Path, certain: str, words: tuple[str, ...]
) -> None:
    # Writing is held up where the part is synced to the disk, so that the signal surely falls into it.
    (tmp_path / "held.py").write_text(
        "import os, sys, time\nhonest = os.fsync\n"
        "def fsync(handle):\n    print('syncing', flush=True)\n    time.sleep(30)\n"
        "os.fsync = fsync\nfrom sim.cli import main\nsys.exit(main(sys.argv[1:]))\n"
    )
    written = ("--paths", "64")
    before = {"held.py", certain}
    process = subprocess.Popen(
        [*command()[:1], "held.py", words[0], certain, *words[1:], *written],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment(),
    )  # fmt: skip
    assert process.stdout is not None
    assert any(line == b"syncing\n" for line in process.stdout)
    assert {file.name for file in tmp_path.iterdir()} > before  # the part
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGTERM)  # whoever is impatient must not break into the tidying up
    assert process.wait(30) == 143
    assert {file.name for file in tmp_path.iterdir()} == before
    process.communicate()


def test_a_signal_that_the_caller_ignores_is_ignored(tmp_path: Path, certain: str) -> None:
    process = subprocess.Popen(
        command("run", certain, "--paths", "3000000"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    time.sleep(1)
    process.send_signal(signal.SIGHUP)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")


@pytest.mark.parametrize(
    ("closed", "words", "code"),
    [
        ((1,), ("run", "certain.yaml"), 4),
        ((1,), ("run", "certain.yaml", "--json"), 4),
        ((1,), ("--help",), 4),
        ((1,), ("check", "nowhere.yaml"), 2),
        ((2,), ("run", "certain.yaml"), 0),
        ((2,), ("run", "certain.yaml", "--fail-if", "expected_loss > 1"), 1),
        ((2,), ("check", "nowhere.yaml"), 2),
        ((2,), ("run", "--pahts"), 2),
        ((1, 2), ("run", "certain.yaml"), 4),
        ((0,), ("run", "certain.yaml"), 0),
        ((0,), ("run", "-"), 2),
        ((0, 1, 2), ("run", "certain.yaml", "--out", "kept"), 4),
    ],
)
def test_closed_streams_have_their_codes_and_no_traceback(
    tmp_path: Path, certain: str, closed: tuple[int, ...], words: tuple[str, ...], code: int
) -> None:
    given = {0: subprocess.DEVNULL, 1: subprocess.PIPE, 2: subprocess.PIPE}
    done = subprocess.run(
        command(*words), stdin=given[0], stdout=given[1], stderr=given[2], cwd=tmp_path, env=environment(), check=False,
        preexec_fn=lambda: [os.close(handle) for handle in closed],
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr and b"Exception" not in done.stderr
    if closed == (1,) and code == 4:
        assert done.stderr.endswith(b": Bad file descriptor\n")


@pytest.mark.parametrize("words", [("run", "certain.yaml", "--pahts"), ("check", "nowhere.yaml"), ("run", "--watch")])
def test_a_listener_on_standard_error_who_left_changes_no_code(
    tmp_path: Path, certain: str, words: tuple[str, ...]
) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        command(*words), stdout=subprocess.PIPE, stderr=write, cwd=tmp_path, env=environment(), check=False
    )
    os.close(write)
    assert (done.returncode, done.stdout) == (2, b"")


class TestFaults:
    """Exceptions that nobody foresaw, planted into the work of a command."""

    @pytest.fixture(autouse=True)
    def _planted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: object, **__: object) -> None:
            raise KeyError("no such thing\nin here")

        monkeypatch.setattr("sim.answers.run.totals_of", broken)

    def test_one_line_with_its_place_that_asks_for_a_report(self, inside: Run, certain: str) -> None:
        done = inside("run", certain)
        assert (done.returncode, done.stdout) == (70, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith("error: a fault of this program; please report it, with what --debug shows: KeyError: ")
        assert "no such thing" in line and "(answers/run.py:" in line

    def test_the_traceback_is_behind_a_flag(self, inside: Run, certain: str) -> None:
        done = inside("run", certain, "--debug")
        assert done.returncode == 70
        assert "Traceback" in done.stderr and "raise KeyError" in done.stderr

    def test_json_has_it_too(self, inside: Run, certain: str) -> None:
        done = inside("run", certain, "--json")
        assert (done.returncode, done.stderr) == (70, "")
        error = json.loads(done.stdout)["error"]
        assert (error["error"], error["exit_code"]) == ("InternalError", 70)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (MemoryError(), 3, "the memory of this machine is used up"),
        (RuntimeError("can't start new thread"), 3, "the system has no thread to give"),
        (ImportError("x.so: failed to map segment from shared object"), 3, "the memory of this machine is used up"),
        (OSError(12, "Cannot allocate memory"), 3, "the memory of this machine is used up"),
        (EOFError(), 70, "a fault of this program"),
        (RecursionError("too deep"), 70, "a fault of this program"),
    ],
)
def test_what_runs_short_is_no_fault(
    inside: Run, certain: str, monkeypatch: pytest.MonkeyPatch, error: Exception, code: int, said: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("sim.answers.run.totals_of", broken)
    done = inside("run", certain)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr and "Traceback" not in done.stderr


def test_a_shortage_is_found_behind_other_errors() -> None:
    behind = ValueError("numpy could not be loaded")
    behind.__cause__ = ImportError("x.so: failed to map segment from shared object")
    assert shortage(behind) is not None
    assert shortage(ValueError("memory")) is None


@pytest.mark.parametrize("megabytes", [48, 240, 420])
@pytest.mark.parametrize(
    "words",
    [("run",), ("sweep", "--axis", "events.leaves.probability=0,1"), ("plot", "--out", "p.svg"), ("--help",)],
)
def test_a_low_address_space_never_ends_in_a_traceback(
    tmp_path: Path, certain: str, words: tuple[str, ...], megabytes: int
) -> None:
    limit = (megabytes * 2**20,) * 2
    given = [certain] if words[0] != "--help" else []
    done = subprocess.run(
        command(words[0], *given, *words[1:]), capture_output=True, text=True, cwd=tmp_path, check=False,
        env=environment(PYTHONDONTWRITEBYTECODE="1"), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, limit),
    )  # fmt: skip
    assert done.returncode in (0, 3), done.stderr
    assert "Traceback" not in done.stderr
    assert (done.returncode == 3) == done.stderr.startswith("error: ")
    assert sorted(item.name for item in tmp_path.iterdir() if item.name != "p.svg") == [certain]


@pytest.fixture
def strange(tmp_path: Path) -> dict[str, str]:
    """Names of what is no file, by what it is."""
    os.mkfifo(tmp_path / "pipe.yaml")
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.open(".", os.O_RDONLY)
        os.chdir(tmp_path)  # a socket's whole name must be short
        try:
            listening.bind("socket.yaml")
        finally:
            os.fchdir(here)
            os.close(here)
    (tmp_path / "folder").mkdir()
    return {"pipe": "pipe.yaml", "socket": "socket.yaml", "device": "/dev/zero", "folder": "folder"}


@pytest.mark.parametrize("what", ["pipe", "socket", "device", "folder"])
def test_what_is_no_file_is_refused_at_once(cli: Run, strange: dict[str, str], what: str) -> None:
    for words in (["check"], ["run", "--paths", "10"], ["compare", "--with", "months=3"]):
        done = cli(words[0], strange[what], *words[1:])
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: {strange[what]}: is a {what}, ")


def test_facts_that_are_no_file_are_not_waited_for(inside: Run, certain: str, tmp_path: Path) -> None:
    (tmp_path / "seeds").mkdir()
    os.mkfifo(tmp_path / "seeds" / "facts.yaml")
    assert inside("check", certain).returncode == 0


def test_what_the_shell_gave_open_is_read_by_its_name(tmp_path: Path, certain: str, cli: Run) -> None:
    assert cli("run", "/dev/stdin", "--paths", "10", stdin=CERTAIN).returncode == 0
    done = subprocess.run(
        ["bash", "-c", f'"$@" <(cat {certain})', "bash", *command("check", "-q")],
        capture_output=True, text=True, cwd=tmp_path, env=environment(), timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_watching_recovers_from_a_pipe_and_a_folder(tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    os.mkfifo(file)
    with watching(tmp_path, "one.yaml") as seen:
        assert "one.yaml: is a pipe, not a file" in seen.until("Ctrl-C ends.")
        save(file, CERTAIN)
        assert "expected baseline" in seen.until("scenario sha256")
        file.unlink()
        file.mkdir()
        assert "one.yaml: is a folder" in seen.until("Ctrl-C ends.")
        file.rmdir()
        os.mkfifo(file)
        assert "one.yaml: is a pipe" in seen.until("Ctrl-C ends.")
        save(file, CERTAIN.replace("2025-07}", "2025-10}"))
        assert "2025-07 → 2025-10" in seen.until("the same for both")


IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
"""Default_Ignorable_Code_Point of Unicode's DerivedCoreProperties.txt: what a reader does not see."""


def test_no_character_that_is_not_seen_is_shown_as_it_is() -> None:
    unseen = [chr(code) for low, high in IGNORABLE for code in range(low, high + 1)]
    for character in unseen:
        shown = inert(f"a{character}b")
        assert character not in shown and shown.isprintable() and "\\" in shown
    for code in range(0x110000):
        character = chr(code)
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            assert character not in inert(f"a{character}b")
    assert inert("☁\ufe0f cloud") == "☁\ufe0f cloud"  # what says that a symbol is drawn in colours
    assert inert("a\ufe0f ☁\ufe0f\ufe0f") == "a\\ufe0f ☁\ufe0f\\ufe0f"  # elsewhere it is hidden text
    for name in ("顧客", "Ünïcødé", "مشتری", "고객", "ग्राहक"):
        assert inert(name) == name


@pytest.mark.parametrize("character", ["\u200b", "\U000e0041", "\u3164", "\U000e0100", "\u034f", "\u115f"])
def test_unseen_characters_stand_in_no_id_and_are_spelt_out_in_names(
    inside: Run, tmp_path: Path, character: str
) -> None:
    for text in (CERTAIN.replace("leaves:", f"le{character}aves:"), CERTAIN.replace("rest:", f"re{character}st:")):
        (tmp_path / "id.yaml").write_text(text, encoding="utf-8")
        done = inside("check", "id.yaml")
        assert done.returncode == 2
        assert character not in done.stderr and inert(character) in done.stderr
    named = CERTAIN.replace("A certain", f"A{character} certain").replace("One leaves", f"One{character} leaves")
    (tmp_path / "name.yaml").write_text(named, encoding="utf-8")
    for word in ("run", "check", "trace", "show", "attribute"):
        done = inside(word, "name.yaml")
        assert done.returncode == 0
        assert character not in done.stdout
        # YAML has its own way to spell a character out.
        assert inert(character).lower() in done.stdout.lower()
