"""What would not fit into memory is refused before any is taken: by every question, within every limit."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

import sim
from sim import machine
from sim.errors import TooLarge
from tests.chance.test_sampling import CHANCE, QUESTIONS, SMALL

MIB, GIB = 2**20, 2**30


@pytest.mark.parametrize("question", sorted(QUESTIONS.keys() - {"trace"}))
def test_a_million_million_paths_are_refused(question: str) -> None:
    """A path leaves eight bytes at least: eight terabytes, of which not one is taken."""
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match=r"1,(000|099),\d{3},\d{3},\d{3} paths.* would need about [\d,]+\.\d GiB"):
            QUESTIONS[question](SMALL, paths=10**12)
        assert tracemalloc.get_traced_memory()[1] < 32 * MIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "command",
    [
        ["run", "tiktok"],
        ["sweep", "tiktok"],
        ["compare", "tiktok", "tiktok-no-offer"],
        ["tornado", "tiktok"],
        ["attribute", "tiktok"],
        ["breakeven", "tiktok", "--axis", "events.in_house_llm.probability", "--threshold", "100"],
        ["verify", "tiktok"],
        ["report", "tiktok", "--out", "report.html"],
        ["plot", "tiktok", "--out", "fan.svg"],
        ["trace", "tiktok", "--percentile", "99"],
    ],
    ids=lambda command: command[0],
)
def test_every_command_that_takes_paths_refuses_too_many(command: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sim", *command, "--paths", "1000000000000"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.returncode == 3, done.stderr
    assert "would need about" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def _cgroup(root: Path, path: str, **files: str) -> None:
    place = root / path
    place.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (place / name.replace("__", ".")).write_text(text)


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system of 8 GiB of which 6 are available, in which this process has no container around it."""
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "cgroup").mkdir()
    (tmp_path / "proc/meminfo").write_text(f"MemTotal: {8 * MIB} kB\nMemAvailable: {6 * MIB} kB\n")
    (tmp_path / "proc/self/status").write_text(f"Name:\tpython\nVmSize:\t{MIB} kB\n")
    monkeypatch.setattr(machine, "_PROC", tmp_path / "proc")
    monkeypatch.setattr(machine, "_CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(machine, "_installed", lambda: 8 * GIB)
    monkeypatch.setattr(machine, "_address_space", lambda: None)
    return tmp_path


def test_without_limits_what_is_available_is_free(system: Path) -> None:
    assert machine.free_memory() == 6 * GIB
    assert machine.memory() == 8 * GIB


def test_a_container_of_version_2_is_known(system: Path) -> None:
    """2 GiB allowed, 1.5 used, of which the kernel can take back half a GiB of files: 1 GiB is free."""
    (system / "proc/self/cgroup").write_text("0::/user/mine\n")
    stat = f"anon 5\ninactive_file {GIB // 2}\n"
    _cgroup(system / "cgroup", "user", memory__max="max\n", memory__current=str(5 * GIB), memory__stat="")
    used = str(3 * GIB // 2)
    _cgroup(system / "cgroup", "user/mine", memory__max=str(2 * GIB), memory__current=used, memory__stat=stat)
    assert machine.free_memory() == GIB
    assert machine.memory() == 2 * GIB


def test_a_container_above_counts_too(system: Path) -> None:
    (system / "proc/self/cgroup").write_text("0::/user/mine\n")
    _cgroup(system / "cgroup", "user", memory__max=str(3 * GIB), memory__current=str(2 * GIB), memory__stat="")
    _cgroup(system / "cgroup", "user/mine", memory__max=str(4 * GIB), memory__current="0", memory__stat="")
    assert machine.free_memory() == GIB
    assert machine.memory() == 3 * GIB


def test_a_container_of_version_1_is_known(system: Path) -> None:
    """Seen from within, its own cgroup stands at the root, whatever path the process is told."""
    (system / "proc/self/cgroup").write_text("5:cpu:/\n4:memory:/docker/123\n")
    files = {"memory__limit_in_bytes": str(2 * GIB), "memory__usage_in_bytes": str(GIB)}
    _cgroup(system / "cgroup", "memory", **files, memory__stat=f"total_inactive_file {GIB // 4}\n")
    assert machine.free_memory() == 5 * GIB // 4


def test_a_limit_of_address_space_is_known(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """4 GiB allowed, of which the process has mapped one."""
    monkeypatch.setattr(machine, "_address_space", lambda: 4 * GIB)
    assert machine.free_memory() == 3 * GIB
    assert machine.memory() == 4 * GIB


def test_a_system_that_does_not_tell_refuses_nothing(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (system / "proc/meminfo").unlink()
    monkeypatch.setattr(machine, "_installed", lambda: None)
    assert machine.free_memory() is None
    assert machine.memory() == machine.ASSUMED_MEMORY
    machine.refuse_beyond_memory(2**80, "anything")


def test_a_real_limit_of_address_space_refuses_a_run_that_would_fit_without() -> None:
    """200 million paths keep 4.5 GiB: exit code 3 where 4 GiB may be mapped, and no MemoryError."""
    resource = pytest.importorskip("resource", reason="no limits of address space on this system")

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (4 * GIB, 4 * GIB))

    done = subprocess.run(
        [sys.executable, "-m", "sim", "run", "tiktok", "--paths", "200000000", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=limited,
    )
    assert done.returncode == 3, done.stderr
    assert json.loads(done.stdout or done.stderr)["error"]["error"] == "TooLarge"


def test_what_fits_is_answered_within_the_estimate() -> None:
    """The negative control: a small question is not refused."""
    assert sim.run(SMALL, paths=128).paths == 128
    assert sim.breakeven(SMALL, axis=CHANCE, threshold=1, paths=16).sweep.paths == 16
