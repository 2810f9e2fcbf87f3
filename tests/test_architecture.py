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


def test_no_room_is_missing_and_nothing_lies_flat_but_the_ground() -> None:
    files = {path.stem for path in (ROOT / "sim").glob("*.py")} - {"__init__", "__main__"}
    rooms = {path.parent.name for path in (ROOT / "sim").glob("*/__init__.py")}
    assert files | rooms == set().union(*layers_of_the_contract())
    assert files == {"errors", "files", "machine", "version"}


def test_the_layers_are_few_and_the_way_up_is_one_door() -> None:
    assert len(CONTRACT["layers"]) <= 13
    assert {ignored.split(" -> ")[0] for ignored in CONTRACT["ignore_imports"]} == {"sim.answers.door"}


def test_no_file_imports_one_that_imports_it() -> None:
    """By whatever way, lazily too; the door's way up is the one that is declared."""
    grimp = pytest.importorskip("grimp", reason="grimp comes with import-linter, of the extra `dev`")
    graph = grimp.build_graph("sim", exclude_type_checking_imports=True, cache_dir=None)
    for ignored in CONTRACT["ignore_imports"]:
        importer, imported = ignored.split(" -> ")
        graph.remove_import(importer=importer, imported=imported)
    circles = {
        module
        for module in graph.modules
        if any(
            graph.chain_exists(importer=imported, imported=module)
            for imported in graph.find_modules_directly_imported_by(module)
        )
    }
    assert circles == set()


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


def loaded_by(statement: str) -> set[str]:
    """Modules that a fresh interpreter has loaded after a statement."""
    script = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_loading_a_scenario_waits_for_nothing_heavy() -> None:
    loaded = loaded_by("import sim; sim.load('tiktok')")
    assert "sim.language.load" in loaded
    assert loaded & {"pandas", "scipy", "simpy", "matplotlib", "rich"} == set()


@pytest.mark.parametrize("engine", ["kernel", "model", "strata"])
def test_importing_an_engine_loads_no_language(engine: str) -> None:
    loaded = loaded_by(f"import sim.engines.{engine}")
    assert f"sim.engines.{engine}" in loaded
    assert loaded & {"pydantic", "yaml", "sim.language"} == set()
