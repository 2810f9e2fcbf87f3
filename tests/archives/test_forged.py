"""Whoever changes a folder of results and makes its hashes anew is found out, or the reader is told where he is not.

Every leaf of every JSON file is changed, every column of every table, every line of every text, every array, every
picture. What passes stands in ``NOT_CHECKED``, which is what ``verify`` tells its reader; and what stands there passes.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.archives import NOT_CHECKED, replay
from sim.archives.manifest import _own_digest
from sim.archives.unchecked import is_unchecked
from tests.archives.conftest import forge
from tests.command import Run

SMALL = """\
scenario: 1
name: "Forgers' fare"
start: 2025-01
months: 3
money: EUR
vendor: {name: Vendor}
customers:
  one: {name: Ünal, revenue: 10, growth: 0.1, volatility: 0.3}
  rest: {revenue: 30, growth: 0, pool: true}
events:
  leaves: {name: =leaves, hits: one, probability: 0.5, timing: {uniform: {low: 1, high: 3}}, usage: {to: 0.2}}
risk: {levels: [0.5], target: 115}
run: {paths: 64, seed: 3}
evidence:
  customers.one.revenue: {fact: ten}
  customers.one.growth: {assumption: made up, low: 0, high: 0.2}
"""
FACTS = """\
facts:
  ten: {statement: It is ten., value: 10, unit: EUR, source: {title: A paper, publisher: A press, url: https://e.org}}
"""

Alter = Callable[[], None]


def folder_of(place: Path, sampling: str) -> Path:
    """A small folder without pictures, whose numbers all vary."""
    (place / "seeds").mkdir()
    (place / "seeds" / "facts.yaml").write_text(FACTS)
    (place / "small.yaml").write_text(SMALL, encoding="utf-8")
    return sim.run(place / "small.yaml", sampling=sampling).save(place / "kept", pictures=False)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of(tmp_path_factory.mktemp("forged"), "plain")


@pytest.fixture
def kept(whole: Path, tmp_path: Path) -> Path:
    """A copy of a folder of plain paths."""
    return Path(shutil.copytree(whole, tmp_path / "kept"))


def is_noticed(folder: Path) -> bool:
    """Whether the answer is no, or the folder is refused; anything else that is raised is a fault."""
    try:
        return not replay(folder, paths=2).agree
    except sim.SimError:
        return True


def those_that_pass(folder: Path, changes: Iterator[tuple[str, Alter]]) -> set[str]:
    """Places whose change is not noticed; each is undone before the next."""
    before = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    passed = set()
    for place, alter in changes:
        alter()
        if not is_noticed(folder):
            passed.add(place)
        for file, data in before.items():
            file.write_bytes(data)
    return passed


def others(value: Any) -> list[Any]:
    """What might stand in a value's place; a number's half more comes first."""
    if isinstance(value, int | float):
        more = value + 1 if value in (0, 1) else type(value)(1.5 * value)
        return [more, str(value), value > 0, None, [value], 10**400, -1 - value]
    if isinstance(value, str):
        return [value + "x" if not value.isdecimal() else value + "1", 1, None, True, {}, ""]
    return [0.5, "none", [], False]


def leaves(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Places of all values in plain data."""
    if isinstance(data, dict | list) and data:
        for key, below in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(below, (*place, key))
    else:
        yield place


def changed(data: Any, place: tuple[Any, ...], value: Any) -> Any:
    """A copy of plain data with another value at a place; with none there for ``...``."""
    copy = json.loads(json.dumps(data))
    *above, last = place
    at = copy
    for step in above:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return copy


def write_json(folder: Path, name: str, data: Any) -> None:
    if name == "manifest.json":
        text = json.dumps({**data, "sha256": _own_digest(data)})
        (folder / name).write_text(text, encoding="utf-8")
    else:
        forge(folder, {name: json.dumps(data).encode()})


def of_json(folder: Path, name: str) -> Iterator[tuple[str, Alter]]:
    """Each leaf with the likeliest forgery and another, in turn; each mapping with one key more."""
    data = json.loads((folder / name).read_text(encoding="utf-8"))
    data.pop("sha256", None)
    for i, place in enumerate(leaves(data)):
        at: Any = data
        for step in place:
            at = at[step]
        first, *more = [*others(at), ...]
        for value in (first, more[i % len(more)]):
            dotted = ".".join(map(str, place))
            yield f"{name}: {dotted}", partial(write_json, folder, name, changed(data, place, value))
    mappings = {place[:n] for place in leaves(data) for n in range(len(place)) if isinstance(place[n], str)}
    for place in sorted(mappings, key=str):
        new = (*place, "added")
        yield f"{name}: {'.'.join(map(str, new))}", partial(write_json, folder, name, changed(data, new, 1))


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
@pytest.mark.parametrize("name", ["measures.json", "manifest.json"])
def test_each_leaf_of_json(name: str, sampling: str, tmp_path: Path) -> None:
    kept = folder_of(tmp_path, sampling)
    assert not is_noticed(kept)
    passed = those_that_pass(kept, of_json(kept, name))
    assert {place for place in passed if not is_unchecked(place)} == set()


def test_a_key_that_stands_twice(kept: Path) -> None:
    text = (kept / "measures.json").read_text(encoding="utf-8")
    forge(kept, {"measures.json": text.replace('{"value":', '{"value": 1.0, "value":', 1).encode()})
    assert is_noticed(kept)


def of_tables(folder: Path) -> Iterator[tuple[str, Alter]]:
    """A cell of each column, of each kind; names; rows and cells too few and too many."""
    for file in sorted(folder.glob("*.csv")):
        rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        count = itertools.count()
        for column, name in enumerate(rows[0]):
            for kind in ("number", ("text", "nothing", "title")[column % 3]):
                copy = [row.copy() for row in rows]
                at = 0 if kind == "title" else 1 + next(count) % (len(rows) - 1)
                cell = copy[at][column]
                by_kind = {
                    "number": _half_more(cell), "text": cell + "x", "nothing": "" if cell else "1", "title": "other",
                }  # fmt: skip
                copy[at][column] = by_kind[kind]
                yield f"{file.name}: {name} {kind}", partial(write_csv, folder, file.name, copy)
        yield f"{file.name}: last row gone", partial(write_csv, folder, file.name, rows[:-1])
        yield f"{file.name}: one row more", partial(write_csv, folder, file.name, [*rows, rows[-1]])
        yield f"{file.name}: a cell more", partial(write_csv, folder, file.name, [*rows[:-1], [*rows[-1], "1"]])
        yield f"{file.name}: no table", partial(forge, folder, {file.name: b"\xff\x00"})
        yield f"{file.name}: gone", partial(forge, folder, {file.name: None})


def _half_more(cell: str) -> str:
    try:
        return str(1.5 * float(cell) or 1)
    except ValueError:
        return "7"


def write_csv(folder: Path, name: str, rows: list[list[str]]) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    forge(folder, {name: file.getvalue().encode()})


def test_each_column_of_each_table(kept: Path) -> None:
    tables = {file.name for file in kept.glob("*.csv")}
    assert tables == {
        f"{name}.csv" for name in ("measures", "events", "monthly", "periods", "event_months", "evidence")
    }
    assert those_that_pass(kept, of_tables(kept)) == set()


def test_the_mark_of_utf_8_is_no_matter(kept: Path) -> None:
    """Earlier versions wrote none, and a spreadsheet that saves a table may add or drop it."""
    data = (kept / "events.csv").read_bytes()
    other = data.removeprefix(b"\xef\xbb\xbf") if data.startswith(b"\xef\xbb\xbf") else b"\xef\xbb\xbf" + data
    forge(kept, {"events.csv": other, "measures.csv": b"\xef\xbb\xbf" + (kept / "measures.csv").read_bytes()})
    assert replay(kept, paths=2).agree


def of_texts(folder: Path) -> Iterator[tuple[str, Alter]]:
    for name in ("README.txt", "scenario.yaml"):
        lines = (folder / name).read_text(encoding="utf-8").split("\n")
        for i, line in enumerate(lines):
            other = ([f"{line}x"], [], [line, "# added"])[i % 3]
            text = "\n".join([*lines[:i], *other, *lines[i + 1 :]])
            yield f"{name}: {i}", partial(forge, folder, {name: text.encode()})


def test_each_line_of_the_texts(kept: Path) -> None:
    assert those_that_pass(kept, of_texts(kept)) == set()


def of_arrays(folder: Path) -> Iterator[tuple[str, Alter]]:
    with np.load(folder / "arrays.npz") as archive:
        arrays = dict(archive)
    for name, values in arrays.items():
        for at in {0, values.size // 2, values.size - 1}:
            other = values.copy()
            other.flat[at] = other.flat[at] * 1.5 if other.flat[at] else 1
            yield f"{name}: {at}", partial(write_arrays, folder, {**arrays, name: other})
        yield f"{name}: gone", partial(write_arrays, folder, {key: arrays[key] for key in arrays if key != name})
        yield f"{name}: cut", partial(write_arrays, folder, {**arrays, name: values[:-1]})
    yield "another", partial(write_arrays, folder, {**arrays, "audited": np.ones(1)})


def write_arrays(folder: Path, arrays: dict[str, np.ndarray]) -> None:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    forge(folder, {"arrays.npz": file.getvalue()})


def test_each_array(kept: Path) -> None:
    assert those_that_pass(kept, of_arrays(kept)) == set()


def of_parquet(folder: Path) -> Iterator[tuple[str, Alter]]:
    import pyarrow
    from pyarrow import parquet

    def write(name: str, columns: dict[str, Any]) -> None:
        file = io.BytesIO()
        parquet.write_table(pyarrow.table(columns), file)
        forge(folder, {name: file.getvalue()})

    for name in ("loss.parquet", "monthly.parquet"):
        columns = parquet.read_table(folder / name).to_pydict()
        for column, values in columns.items():
            other = [*values[:-1], others(values[-1])[0]]
            yield f"{name}: {column}", partial(write, name, {**columns, column: other})
        yield f"{name}: a row less", partial(write, name, {key: values[:-1] for key, values in columns.items()})
        yield f"{name}: a column more", partial(write, name, {**columns, "more": next(iter(columns.values()))})
        yield f"{name}: no table", partial(forge, folder, {name: b"PAR1 nothing PAR1"})
        yield f"{name}: gone", partial(forge, folder, {name: None})


def test_each_column_of_parquet(kept: Path) -> None:
    pytest.importorskip("pyarrow")
    assert those_that_pass(kept, of_parquet(kept)) == set()


def test_files_that_no_run_writes(kept: Path) -> None:
    (kept / "notes.txt").write_text("mine")
    found = replay(kept, paths=2)
    assert found.agree and [one.what for one in found.not_checked if "notes.txt" in one.what] == ["notes.txt"]
    forge(kept, {"notes.txt": b"mine"})
    assert is_noticed(kept)


def test_what_only_another_version_tells_is_named(kept: Path) -> None:
    """A file, a key and a column more, words of its own; numbers are held all the same, and none may lack."""
    document = json.loads((kept / "measures.json").read_text(encoding="utf-8"))
    manifest = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    document["run"] |= {"version": "0.0.9", "mood": "fair"}
    rows = list(csv.reader(io.StringIO((kept / "events.csv").read_text(encoding="utf-8-sig"))))
    write_csv(kept, "events.csv", [["more", *rows[0]], *(["1", *row] for row in rows[1:])])
    files = {"measures.json": json.dumps(document).encode(), "new.csv": b"a\n", "README.txt": b"Hi"}
    forge(kept, files, versions={**manifest["versions"], "switchrisk": "0.0.9"})
    found = replay(kept, paths=2)
    assert found.agree, found.deviations
    said = [one.what for one in found.not_checked[len(NOT_CHECKED) :]]
    assert said == [
        "events.csv: columns more",
        "the words of README.txt",
        "measures.json: run.mood, new.csv: the file",
    ]
    assert not {"README.txt", "events.csv", "new.csv"} & {*found.derived}
    right = rows[1][2]
    rows[1][2] = "0.99"
    write_csv(kept, "events.csv", rows)
    (deviation,) = replay(kept, paths=2).deviations
    assert (deviation.file, deviation.what, deviation.kept) == ("events.csv", "probability in row 2 (leaves)", "0.99")
    rows[1][2] = right
    write_csv(kept, "events.csv", [row[:-1] for row in rows])
    (deviation,) = replay(kept, paths=2).deviations
    assert (deviation.file, deviation.what) == ("events.csv", "names of the columns")
    write_csv(kept, "events.csv", rows)
    forge(kept, {"monthly.csv": None})
    (deviation,) = replay(kept, paths=2).deviations
    assert (deviation.file, deviation.what, deviation.kept) == ("monthly.csv", "the file", "missing")
    document["measures"].pop("expected_revenue")
    forge(kept, {"measures.json": json.dumps(document).encode()})
    with pytest.raises(sim.UsageError, match="does not hold the measures"):
        replay(kept)


def _twice(document: dict[str, Any], manifest: dict[str, Any], what: str) -> None:
    """Change in the document and the manifest what one of the entries of the list speaks of, to the same."""
    if what == "scenario":
        manifest["scenario"] |= {"file": "o.yaml", "sources": [{"name": "o", "sha256": None}], "overrides": ["a=1"]}
        document["scenario"]["file"] = "o.yaml"
    elif what == "time":
        manifest["run"]["seconds"], document["run"]["seconds"] = 7.0001, 7.0
        manifest["machine"] = {"system": "Plan 9", "architecture": "vax", "cores": 3}
    else:
        manifest["versions"] = dict.fromkeys(manifest["versions"], "99.1rc2")
        document["run"]["version"] = "99.1rc2"


@pytest.mark.parametrize("what", ["scenario", "time", "versions"])
def test_what_is_said_not_to_be_checked_is_not(kept: Path, what: str) -> None:
    """Changed wherever it stands; else readers would be told of less than they get."""
    manifest = json.loads((kept / "manifest.json").read_text(encoding="utf-8"))
    document = json.loads((kept / "measures.json").read_text(encoding="utf-8"))
    _twice(document, manifest, what)
    text = (kept / "scenario.yaml").read_text(encoding="utf-8").splitlines()
    if what == "scenario":
        text[0] = "# The scenario of these results, after extends and overrides; from o.yaml"
    files = {"measures.json": json.dumps(document).encode(), "scenario.yaml": ("\n".join(text) + "\n").encode()}
    forge(kept, **{key: value for key, value in manifest.items() if key not in ("files", "sha256")})
    forge(kept, files)
    found = replay(kept, paths=2)
    assert found.agree, found.deviations


def test_facts_are_free_in_what_they_say(kept: Path) -> None:
    text = (kept / "seeds" / "facts.yaml").read_text(encoding="utf-8")
    for old, new, passes in (
        ("It is ten.", "It is eleven.", True),
        ("A press", "Another press", True),
        ("ten:", "eleven:", False),
        ("scenario beside", "scenario besides", False),
    ):
        assert old in text
        forge(kept, {"seeds/facts.yaml": text.replace(old, new).encode()})
        assert is_noticed(kept) is not passes, old
    forge(kept, {"seeds/facts.yaml": None})
    assert is_noticed(kept)


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_the_engine_that_ran_is_known_by_its_digits(sampling: str, kept: Path) -> None:
    """Renamed wherever it stands. Demand varies, so that the engines differ in the last digits of some losses."""
    for name, other in (("kernel", "model"), ("model", "kernel")):
        files: dict[str, bytes | None] = {}
        result = sim.run(kept / "scenario.yaml", engine=name, sampling=sampling)
        folder = result.save(kept.parent / name, pictures=False)
        assert replay(folder, paths=64).agree
        document = json.loads((folder / "measures.json").read_text(encoding="utf-8"))
        document["run"]["engine"] = other
        files["measures.json"] = json.dumps(document).encode()
        readme = (folder / "README.txt").read_text(encoding="utf-8")
        readme = readme.replace(f"engine: {name}", f"engine: {other}").replace(f"--engine {name}", f"--engine {other}")
        files["README.txt"] = readme.encode()
        command = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["command"]
        forge(folder, files, run__engine=other, command=command.replace(f"--engine {name}", f"--engine {other}"))
        (found,) = replay(folder, paths=64).deviations
        assert (found.file, found.what, found.kept, found.found) == ("manifest.json", "run.engine", other, name)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("drawn")
    (place / "small.yaml").write_text(SMALL.split("evidence:")[0], encoding="utf-8")
    return sim.run(place / "small.yaml").save(place / "kept")


def test_pictures_are_drawn_again(drawn: Path, tmp_path: Path) -> None:
    kept = Path(shutil.copytree(drawn, tmp_path / "kept"))
    found = replay(kept, paths=2)
    assert found.agree, found.deviations
    assert sum(name.startswith("plots/") for name in found.derived) == 10
    other = (kept / "plots" / "fan.png").read_bytes()
    svg = (kept / "plots" / "fan.svg").read_bytes()
    forge(
        kept,
        {
            "plots/exceedance.png": other,
            "plots/fan.svg": svg.replace(b"</svg>", b"<!-- --></svg>"),
            "plots/story.svg": None,
            "plots/more.png": other,
        },
    )
    found = replay(kept, paths=2)
    assert {one.file: one.found for one in found.deviations} == {
        "plots/exceedance.png": "what is drawn of these results",
        "plots/fan.svg": "what is drawn of these results",
        "plots/story.svg": "drawn wherever others are",
        "plots/more.png": "missing",
    }


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"versions__matplotlib": "3.0.1"}, "they were drawn with matplotlib 3.0.1, here is"),
        ({}, "fonts, settings or libraries here draw otherwise"),
        ({"sample_picture": None}, "the folder does not say with what fonts and settings they were drawn"),
    ],
    ids=["matplotlib", "fonts", "an earlier folder"],
)
def test_pictures_that_another_place_drew_are_not_compared(
    drawn: Path, tmp_path: Path, changes: dict[str, Any], why: str
) -> None:
    kept = Path(shutil.copytree(drawn, tmp_path / "kept"))
    svg = (kept / "plots" / "fan.svg").read_bytes().replace(b"</svg>", b"<!-- --></svg>")
    forge(kept, {"plots/fan.svg": svg}, **{"sample_picture": "0" * 64, **changes})
    found = replay(kept, paths=2)
    assert found.agree, found.deviations
    (said,) = (one for one in found.not_checked if one.what.startswith("pictures"))
    assert said.what == "pictures (1 of 10 differ)"
    assert said.why.startswith(why) and said.why.endswith("not compared")


def test_the_command_tells_what_it_does_not_check(kept: Path, cli: Run) -> None:
    done = cli("verify", str(kept), "--paths", "2")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split("Not checked:")[1].split())
    assert said == " ".join(f"- {one.what}: {one.why}" for one in NOT_CHECKED)


def _no_measure(folder: Path) -> None:
    document = json.loads((folder / "measures.json").read_text(encoding="utf-8"))
    document["measures"]["probability_of_loss"]["value"] *= 1.5
    forge(folder, {"measures.json": json.dumps(document).encode()})


@pytest.mark.parametrize(
    ("alter", "code", "said"),
    [
        (_no_measure, 1, "measures.json, probability_of_loss: kept"),
        (partial(forge, run__sampling="sobol"), 1, "manifest.json, command: kept"),
        (partial(forge, run__sampling="latin"), 2, "damaged"),
        (partial(forge, run__sampling=None), 2, "damaged"),
        (partial(forge, run__sampling=3), 2, "damaged"),
        (partial(forge, run__paths=65, run__sampling="sobol"), 2, "65 quasi-random paths"),
        (partial(forge, run__engine="model"), 1, "run.engine"),
        (partial(forge, versions__numpy="the best"), 1, "manifest.json, versions.numpy: kept the best"),
    ],
    ids=["chance", "sobol", "latin", "null", "number", "sobol of 65", "engine", "version"],
)
def test_the_command_says_no(kept: Path, cli: Run, alter: Any, code: int, said: str) -> None:
    alter(kept)
    done = cli("verify", str(kept))
    assert done.returncode == code, done.stdout + done.stderr
    assert said in " ".join((done.stdout + done.stderr).split())
    assert "Traceback" not in done.stderr
