"""``verify`` of engines and of samplings: yes and no."""

from __future__ import annotations

import dataclasses
import json

import pytest

from sim.answers import verify_sampling
from sim.cli import main
from sim.estimates.measures import Estimates
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


def test_samplings_agree_and_the_command_says_so(inside: Run, even: str) -> None:
    done = inside("verify", "tiktok-all-risks", "--sampling", "--paths", "4000", "--json")
    assert done.returncode == 0
    data = json.loads(done.stdout)
    assert data["agree"] is True
    assert data["paths"] == 4096
    assert data["largest_z"] <= data["bound"] == verify_sampling.BOUND
    assert {"expected_loss", "revenue_at_risk.0.95", "events.suspension.probability"} <= {
        measure["measure"] for measure in data["measures"]
    }
    text = inside("verify", even, "--sampling", "--paths", "500").stdout
    assert "Plain and quasi-random paths agree: 512 of each." in text


def test_a_planted_difference_of_the_samplings_is_the_answer_no(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = verify_sampling.run

    def off(scenario, *, sampling, **options):
        found = honest(scenario, sampling=sampling, **options)
        if sampling == "sobol":
            known = found.estimates["expected_loss"]
            wrong = dataclasses.replace(known, value=2 * known.value)
            found = dataclasses.replace(found, estimates=Estimates({**found.estimates, "expected_loss": wrong}))
        return found

    monkeypatch.setattr(verify_sampling, "run", off)
    done = inside("verify", "reference-work", "--sampling", "--paths", "1000")
    assert done.returncode == 1
    assert "differ" in done.stdout
