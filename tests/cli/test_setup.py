"""`init`, `schema`, `doctor`, `--help`: what a newcomer meets first."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim import __version__
from sim.cli import doctor, main
from sim.cli.commands import COMMANDS, group
from sim.language import bundled_scenarios, load_text
from sim.language.reference import reference_page, schema_text
from tests.command import ROOT, Run, environment


def test_a_new_scenario_is_valid_and_sourced(cli: Run, inside: Run, tmp_path: Path) -> None:
    done = cli("init", "mine")
    assert done.returncode == 0
    assert "next: switchrisk check mine.yaml" in done.stdout
    text = (tmp_path / "mine.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=scenario.schema.json\n")
    assert (tmp_path / "scenario.schema.json").read_text() == schema_text()
    checked = json.loads(inside("check", "mine.yaml", "--json").stdout)
    assert checked["evidence"]["unsourced"] == 0
    assert checked["evidence"]["assumption"] > 20
    again = inside("init", "mine.yaml")
    assert again.returncode == 2
    assert "not overwritten" in again.stderr
    assert (tmp_path / "mine.yaml").read_text() == text
    assert inside("init", "-").stdout == text


def test_what_the_starter_says_of_doubt_is_valid_once_it_counts(inside: Run, tmp_path: Path) -> None:
    """The block stands there as a comment, after its own line of explanation."""
    assert inside("init", "mine.yaml").returncode == 0
    text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    before, mark, block = text.partition("# doubt:\n")
    assert mark
    written = "\n".join(line.removeprefix("# ") for line in (mark + block).splitlines())
    scenario = load_text(before + written + "\n", "mine.yaml")
    assert scenario.doubt is not None
    assert [one.path for one in scenario.doubt.numbers] == [
        "customers.big.revenue",
        "customers.big.contract.notice",
        "events.leaves.probability",
    ]


def test_a_bundled_scenario_is_copied_with_what_it_extends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--from", "tiktok-no-offer", "case.yaml", "--json"]) == 0
    written = json.loads(capsys.readouterr().out)["written"]
    assert written == ["case.yaml", "tiktok.yaml", "scenario.schema.json"]
    assert (tmp_path / "tiktok.yaml").read_bytes() == (ROOT / "scenarios" / "tiktok.yaml").read_bytes()
    assert main(["check", "case.yaml"]) == 0
    # Its base is there already: nothing is written, not even in part.
    assert main(["init", "--from", "tiktok-no-offer", "other.yaml"]) == 2
    assert not (tmp_path / "other.yaml").exists()
    assert main(["init", "--from", "tiktok-no-offr"]) == 2
    assert "nearest: tiktok-no-offer" in capsys.readouterr().err
    assert main(["init", "no/such/folder/x.yaml"]) == 4


def test_bundled_names_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == bundled_scenarios()
    assert "tiktok" in bundled_scenarios()


def test_the_schema_and_the_page_in_the_tree_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    again = "write it again: switchrisk schema"
    assert (ROOT / "scenarios" / "scenario.schema.json").read_text(encoding="utf-8") == schema_text(), again
    assert (ROOT / "docs" / "scenario-language.md").read_text(encoding="utf-8") == reference_page(), (
        f"{again} --markdown"
    )
    assert main(["schema"]) == 0
    assert capsys.readouterr().out == schema_text()
    assert main(["schema", "--markdown"]) == 0
    assert capsys.readouterr().out.rstrip("\n") == reference_page().rstrip("\n")


def test_bundled_scenarios_and_the_starter_fit_the_json_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from sim.cli.init import STARTER
    from sim.language import load
    from sim.language.reader import read_file

    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    for file in [STARTER, *sorted((ROOT / "scenarios").glob("*.yaml"))]:
        assert read_file(file).root is not None
        assert list(validator.iter_errors(dict(load(file).document))) == []
    wrong = {**load(STARTER).document, "mnths": 3}
    assert list(validator.iter_errors(wrong)) != []


def test_help_waits_for_nothing_heavy() -> None:
    code = (
        "import sys; from sim.cli import main; main(['--help']); print(sorted(m for m in sys.modules if '.' not in m))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    for module in ("numpy", "pydantic", "yaml", "rich", "pandas", "scipy", "simpy"):
        assert f"'{module}'" not in done.stdout
    assert "'click'" in done.stdout


def test_check_waits_for_no_engine() -> None:
    code = "import sys; from sim.cli import main; main(['check', 'tiktok-mission']); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    for module in (
        "pandas",
        "scipy.stats",
        "simpy",
        "rich.console",
        "sim.engines.kernel",
        "sim.engines.model",
        "sim.chance.draws",
    ):
        assert f"'{module}'" not in done.stdout
    assert "'sim.language.describe'" in done.stdout


def test_every_command_is_there_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    for name in COMMANDS:
        command = group.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert command.name == name
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"--json", "--quiet", "--no-color", "--debug"} <= options
        assert main([name, "-h"]) == 0
        assert "Usage:" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert __version__ in capsys.readouterr().out


def test_doctor_finds_all_well(cli: Run) -> None:
    done = cli("doctor", "--json")
    assert done.returncode == 0, done.stdout
    data = json.loads(done.stdout)
    assert data["good"] is True
    found = {finding["what"]: finding["found"] for finding in data["findings"]}
    assert found["sim is loaded from"] == str(ROOT / "sim")
    assert found["both engines"] == "agree on 50 paths"
    assert found["bundled scenarios"].startswith(f"{len(bundled_scenarios())} in ")
    assert int(found["bundled facts"]) > 100


def test_doctor_warns_of_a_stranger_named_sim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sim").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "\n!!  another sim " in shown
    assert "_SWITCHRISK_COMPLETE" in shown


def test_doctor_finds_nothing_wrong_with_a_checkout_of_what_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a clone after the README's install, where the folder ``sim`` holds the same sources."""
    shutil.copytree(ROOT / "sim", tmp_path / "sim", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    assert main(["doctor"]) == 0
    assert "with the same sources" in capsys.readouterr().out
    (tmp_path / "sim" / "rules.py").write_text("changed = True\n")
    assert main(["doctor"]) == 1


def test_doctor_sees_an_old_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: ["numpy>=99.1", 'pytest>=8; extra == "dev"'])
    found = {finding.what: finding for finding in doctor._programs()}
    assert not found["numpy"].good
    assert found["click"].good


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_for_shells(shell: str) -> None:
    code = "import sys; from sim.cli import main; sys.exit(main())"
    environ = environment(_SWITCHRISK_COMPLETE=f"{shell}_source")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=False)
    assert done.returncode == 0, done.stderr
    assert "_SWITCHRISK_COMPLETE" in done.stdout
