"""ARCHITECTURE.md says what may import what: hold it against the contract, the contract against code and tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.scripts import script

ROOT = Path(__file__).parent.parent
CONTRACT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][0]


def layers_of_the_page() -> list[set[str]]:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    listing = text.split("<!-- layers -->")[1].split("<!-- end of layers -->")[0]
    return [set(re.findall(r"`(\w+)`", line.split("—")[0])) for line in listing.splitlines() if line.startswith("- ")]


def layers_of_the_contract() -> list[set[str]]:
    return [{name.strip().removeprefix("sim.") for name in layer.split("|")} for layer in CONTRACT["layers"]]


def test_the_page_lists_the_layers_of_the_contract_in_order() -> None:
    assert layers_of_the_page() == layers_of_the_contract()


def test_no_module_is_missing() -> None:
    modules = {path.stem for path in (ROOT / "sim").glob("*.py")} | {
        path.parent.name for path in (ROOT / "sim").glob("*/__init__.py")
    }
    assert modules - {"__init__", "__main__"} == set().union(*layers_of_the_contract())


def test_the_code_keeps_the_contract() -> None:
    pytest.importorskip("importlinter", reason="import-linter is in the extra `dev`")
    script = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_tests_are_where_what_they_test_is() -> None:
    """A folder for each room, and ``truth``, which holds the whole against other means; a line in each file."""
    rooms = {path.parent.name for path in (ROOT / "sim").glob("*/__init__.py")}
    files = [path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("*.py")]
    assert {path.parts[0] for path in files if len(path.parts) > 1} == rooms | {"truth"}
    for path in files:
        assert ast.get_docstring(ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))), path


def test_mutants_are_made_of_files_and_tested_by_files_that_are_there() -> None:
    mutation = script("mutation")
    assert mutation.FILES.keys() == mutation.TESTS.keys()
    for module, files in mutation.FILES.items():
        for path in (*(f"sim/{file}.py" for file in files), *(f"tests/{file}" for file in mutation.TESTS[module])):
            assert (ROOT / path).is_file(), f"{module}: {path}"


@pytest.mark.parametrize(
    ("library", "door"),
    [
        ("simpy", "engines"),
        ("yaml", "language"),
        ("pydantic", "language"),
        ("click", "cli"),
        ("rich", "cli"),
        ("matplotlib", "plots"),
        ("ipywidgets", "explorer"),
        ("jinja2", "report"),
    ],
)
def test_each_heavy_library_has_one_door(library: str, door: str) -> None:
    importing = {
        path.relative_to(ROOT / "sim").parts[0].removesuffix(".py")
        for path in (ROOT / "sim").rglob("*.py")
        if re.search(rf"^\s*(import|from) {library}\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert importing == {door}


@pytest.mark.parametrize("heavy", ["pandas", "scipy", "simpy", "matplotlib", "rich"])
def test_loading_a_scenario_does_not_wait_for(heavy: str) -> None:
    script = f"import sim, sys; sim.load('tiktok'); assert {heavy!r} not in sys.modules"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
