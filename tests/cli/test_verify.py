from __future__ import annotations

import json

import pytest

from sim.cli import main
from sim.scenario import rules
from tests.command import Run


def test_the_engines_agree(cli: Run, even: str) -> None:
    done = cli("verify", even, "--paths", "50")
    assert done.returncode == 0
    assert "The SimPy model and the kernel agree on 50 paths." in done.stdout
    assert "a temporary event ended" in done.stdout


def test_a_planted_difference_is_the_answer_no(
    even: str, tmp_path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from sim.engines import kernel

    assert kernel.rules is rules
    honest = kernel.value

    def off_by_a_bit(scenario, draws):
        found = honest(scenario, draws)
        found.revenue[0, 3] *= 1 + 1e-6
        return found

    monkeypatch.setattr(kernel, "value", off_by_a_bit)
    assert main(["verify", str(tmp_path / even), "--paths", "5", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert data["agree"] is False
    assert data["different_paths"] == 1
    assert data["largest_relative_difference"] == pytest.approx(1e-6, rel=1e-3)
    assert data["differences"][0]["month"] == "2025-04"
    assert main(["verify", str(tmp_path / even), "--paths", "5"]) == 1
    shown = capsys.readouterr().out
    assert "differ on 1 of 5 paths" in shown
    assert "2025-04" in shown
