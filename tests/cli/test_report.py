"""``report`` as a process: what it writes, what it says, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import Run


def test_it_writes_one_file_and_says_so(cli: Run, even: str, tmp_path: Path) -> None:
    done = cli("report", even)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    # An even chance to lose 60 of 480.
    words = " ".join(done.stdout.split())
    assert "does not exceed USD 60 million of the USD 480 million expected without events (13 %)." in words
    assert "On average USD 30 million is lost." in words
    assert "report.html: 0." in done.stdout
    assert " MB, 512 paths" in done.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["even.yaml", "report.html"]


def test_options_go_into_the_page_and_its_command(inside: Run, even: str, tmp_path: Path) -> None:
    done = inside(
        "report",
        even,
        "--set",
        "events.leaves.probability=0.2",
        "--paths",
        "60",
        "--seed",
        "9",
        "--out",
        "a.html",
        "-q",
    )
    assert done.returncode == 0
    assert done.stdout.startswith("a.html: ")
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    wanted = "switchrisk report even.yaml --set events.leaves.probability=0.2 --paths 64 --seed 9 --out a.html"
    assert f">{wanted}<" in page


def test_as_json_it_tells_what_stands_in_the_headline(inside: Run, even: str) -> None:
    done = inside("report", even, "--json")
    found = json.loads(done.stdout)
    assert found["file"] == "report.html"
    assert found["run"]["paths"] == 512
    assert found["measures"]["expected_loss"]["value"] == 30
    assert found["bytes"] > 50_000


def test_a_report_replaces_a_report_and_nothing_else(inside: Run, even: str, tmp_path: Path) -> None:
    assert inside("report", even, "--paths", "16").returncode == 0
    assert inside("report", even, "--paths", "16").returncode == 0
    (tmp_path / "mine.html").write_text("<p>my own page</p>")
    done = inside("report", even, "--out", "mine.html")
    assert done.returncode == 2
    assert "--force replaces it" in done.stderr
    assert (tmp_path / "mine.html").read_text() == "<p>my own page</p>"
    assert inside("report", even, "--paths", "16", "--out", "mine.html", "--force").returncode == 0
    assert "switchrisk" in (tmp_path / "mine.html").read_text()


def test_from_standard_input_there_is_no_command_to_show(inside: Run, even: str, tmp_path: Path) -> None:
    text = (tmp_path / even).read_text()
    done = inside("report", "-", "--paths", "16", stdin=text)
    assert done.returncode == 0
    assert "Made again by" not in (tmp_path / "report.html").read_text()


def test_what_cannot_be_written_is_told_before_the_work(inside: Run, even: str, tmp_path: Path) -> None:
    assert inside("report", even, "--out", "none/report.html").returncode == 4
    done = inside("report", even, "--out", "report.pdf")
    assert done.returncode == 2
    assert "ends in .html" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["even.yaml"]


def test_a_report_too_large_for_a_mail_is_told_to_be(inside: Run, even: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "much for a mail" not in inside("report", even, "--paths", "16").stderr
    monkeypatch.setattr("sim.cli.report.LARGE", 1000)
    done = inside("report", even, "--paths", "16")
    assert done.returncode == 0
    assert "note: 0.1 MB is much for a mail" in done.stderr or "note: 0.2 MB is much for a mail" in done.stderr
