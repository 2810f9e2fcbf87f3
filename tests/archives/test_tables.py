"""The CSV tables of a folder, read as its README says."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

import sim
from sim.language import load_text
from tests.by_hand import EVEN
from tests.command import Run


@pytest.mark.parametrize("name", ["null", "NA", "None", "nan", "=1+1", "-2", "@x", "顧客が離れる", "Ä"])
def test_a_name_comes_back_as_it_was(tmp_path: Path, name: str) -> None:
    scenario = load_text(EVEN.replace("One leaves", f'"{name}"'))
    folder = sim.run(scenario, paths=32).save(tmp_path / "kept", pictures=False)
    frame = pd.read_csv(folder / "events.csv", keep_default_na=False, na_values=[""])
    (read,) = frame["name"]
    assert read.removeprefix("'") == name
    assert read.startswith("'") == (name[0] in "=+-@")
    assert frame.columns[0] == "event"
    readme = " ".join((folder / "README.txt").read_text(encoding="utf-8").split())
    assert 'keep_default_na=False, na_values=[""]' in readme and "apostrophe" in readme and "utf-8-sig" in readme


def test_only_what_is_more_than_ascii_has_the_mark(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    for name, marked in (("One leaves", False), ("Größe", True)):
        scenario = load_text(EVEN.replace("One leaves", name))
        folder = sim.run(scenario, paths=32).save(tmp_path / "kept", pictures=False)
        found = {file.name: file.read_bytes() for file in folder.glob("*.csv")}
        assert {file for file, data in found.items() if data.startswith(mark)} == ({"events.csv"} if marked else set())
        for file, data in found.items():
            assert data.isascii() or data.startswith(mark), file
        with (folder / "events.csv").open(encoding="utf-8-sig", newline="") as table:
            assert [row["name"] for row in csv.DictReader(table)] == [name]
    assert sim.open(folder).events == sim.run(scenario, paths=32).events


def test_a_table_on_standard_output_has_no_mark(inside: Run, tmp_path: Path) -> None:
    (tmp_path / "even.yaml").write_text(EVEN.replace("One leaves", "Größe"), encoding="utf-8")
    said = inside("attribute", "even.yaml", "--paths", "32", "--csv", "-").stdout
    assert said.startswith("event,name,") and "Größe" in said
    assert inside("attribute", "even.yaml", "--paths", "32", "--csv", "t.csv").returncode == 0
    assert (tmp_path / "t.csv").read_bytes() == b"\xef\xbb\xbf" + said.encode()
    assert inside("attribute", "even.yaml", "--paths", "32", "--csv", "t.csv").returncode == 0  # known for its own
