"""What all tests share: the command, files of small scenarios, and settings.

In continuous integration Hypothesis tries the same examples each time.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from sim.cli import main
from tests.browser import browser, opened
from tests.by_hand import CERTAIN, EVEN, LATER, LATEST
from tests.command import Run, command, environment
from tests.firefox import firefox
from tests.webkit import webkit

__all__ = ["browser", "firefox", "opened", "webkit"]
"""Fixtures that stand elsewhere."""

# Some hundred processes are begun: each reads what an earlier one has compiled, whatever the environment says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

settings.register_profile("ci", derandomize=True, database=None, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture
def cli(tmp_path: Path) -> Run:
    """Run the command in an empty folder."""

    def run(*words: str, stdin: str | bytes = "", **environ: str) -> subprocess.CompletedProcess[str]:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            command(*words),
            input=data,
            capture_output=True,
            cwd=tmp_path,
            env=environment(**environ),
            timeout=60,
            check=False,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        )

    return run


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command within this process, in the same empty folder: faster, where one of its own adds nothing."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def run(*words: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
            for name, value in environ.items():
                patch.setenv(name, value)
            code = main(list(words))
        shown = capsys.readouterr()
        return subprocess.CompletedProcess(list(words), code, shown.out, shown.err)

    return run


@pytest.fixture
def certain(tmp_path: Path) -> str:
    """Name of a file with the certain exit, in the folder where the command runs."""
    (tmp_path / "certain.yaml").write_text(CERTAIN)
    return "certain.yaml"


@pytest.fixture
def even(tmp_path: Path) -> str:
    """Name of a file with the even chance."""
    (tmp_path / "even.yaml").write_text(EVEN)
    return "even.yaml"


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """Folder of ``certain.yaml``, ``later.yaml`` and ``latest.yaml``, each of which extends the one before."""
    for name, text in (("certain", CERTAIN), ("later", LATER), ("latest", LATEST)):
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path
