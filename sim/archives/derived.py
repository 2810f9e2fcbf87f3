"""Files of a folder of results, each held against what is written of the same result now."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.answers.run import Result
from sim.archives.contents import cited_facts, drawn, evidence_of, facts_text, names_of_arrays, readme, scenario_text
from sim.archives.findings import MISSING, Deviation, is_same, told
from sim.archives.manifest import Manifest, library_versions
from sim.archives.places import ARRAYS, FACTS, MEASURES_FILE, OF_DOUBT, README, SCENARIO
from sim.archives.tables import PARQUET, csv_tables, parquet_columns, parquet_tables
from sim.archives.unchecked import Unchecked
from sim.errors import inert
from sim.version import __version__

THE_FILE, THE_PICTURE = WHOLE = ("the file", "the picture")
"""What a deviation is about that is about all of a file."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?")
_SPARE = 2**16
_MOST_ROWS = 50

Part = Iterator[Deviation | Unchecked]


class Derived:
    """What is found in a folder's files beside the document of measures and the arrays.

    Parameters
    ----------
    folder, manifest
        The folder, whose files are as its manifest says.
    result
        What the files are to tell of.
    redraws
        Whether pictures are drawn again, which needs the run's paths.
    beside
        Tables that the folder has beside a run's, by name.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        result: Result,
        *,
        redraws: bool,
        beside: Mapping[str, bytes] | None = None,
    ) -> None:
        self._folder, self._manifest, self._result = folder, manifest, result
        self._evidence = evidence_of(result.scenario)
        self._facts = [] if self._evidence is None else cited_facts(self._evidence)
        self._is_other = result.version != __version__
        self.deviations: list[Deviation] = []
        self.unchecked: list[Unchecked] = []
        self.held: list[str] = [MEASURES_FILE, ARRAYS]
        """Names of the files that were looked through."""
        self._sort(self._names())
        self._sort(self._arrays())
        tables = {**csv_tables(result, self._evidence), **(beside or {})}
        for name, data in tables.items():
            self._of(name, self._table, data)
        texts = {
            SCENARIO: scenario_text(result.scenario),
            README: readme(result, list(manifest.files), manifest.doubt).encode(),
        }
        if self._facts:
            texts[FACTS] = facts_text(self._facts).encode()
        for name, data in texts.items():
            self._of(name, self._text, data)
        parquet = parquet_tables(result) if any(name in manifest.files for name in PARQUET) else {}
        for name in PARQUET:
            self._of(name, self._parquet, parquet.get(name, b""))
        self._pictures(redraws)

    def _of(self, name: str, look: Callable[[str, bytes], Part], expected: bytes) -> None:
        if name in self._manifest.files and self._sort(look(name, expected)):
            self.held.append(name)

    def _sort(self, found: Part) -> bool:
        """Put what was found where it belongs; whether the part was looked through."""
        whole = True
        for one in found:
            if isinstance(one, Unchecked):
                self.unchecked.append(one)
                whole = False
            else:
                self.deviations.append(one)
        return whole

    def _read(self, name: str, expected: int) -> bytes | None:
        """A file's content; None where it is far longer than what is expected of it."""
        most = 4 * expected + _SPARE
        with (self._folder / name).open("rb") as file:
            data = file.read(most + 1)
        return data if len(data) <= most else None

    def _names(self) -> Part:
        """The files that there must be, and those that no run writes."""
        needed = {SCENARIO, README, *csv_tables(self._result, self._evidence), *([FACTS] if self._facts else [])}
        if self._manifest.doubt is not None:
            needed |= {*OF_DOUBT}
        for name in sorted(needed - self._manifest.files.keys()):
            yield Deviation(THE_FILE, MISSING, "written by every run", file=name)
        known = {*needed, MEASURES_FILE, ARRAYS, *PARQUET}
        for name in sorted(self._manifest.files.keys() - known):
            if not name.startswith("plots/"):
                yield Deviation(THE_FILE, "a file that no run writes", MISSING, file=name)
        tables = [name for name in PARQUET if name in self._manifest.files]
        if len(tables) == 1:
            lacking = next(name for name in PARQUET if name not in tables)
            yield Deviation(THE_FILE, MISSING, f"written where {tables[0]} is", file=lacking)

    def _arrays(self) -> Part:
        with zipfile.ZipFile(self._folder / ARRAYS) as archive:
            kept = sorted(archive.namelist())
        expected = sorted(f"{name}.npy" for name in names_of_arrays())
        if kept != expected:
            beside = [name for name in kept if name not in expected] or ["an array twice"]
            yield Deviation("arrays", told(", ".join(beside)), MISSING, file=ARRAYS)

    def _table(self, name: str, expected: bytes) -> Part:
        data = self._read(name, len(expected))
        try:
            kept = None if data is None else list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        except (ValueError, csv.Error):
            kept = None
        if kept is None:
            yield Deviation("the table", "cannot be read", f"{len(expected):,} bytes of CSV", file=name)
            return
        found = list(csv.reader(io.StringIO(expected.decode("utf-8-sig"), newline="")))
        heads = [rows[0] if rows else [] for rows in (kept, found)]
        if heads[0] != heads[1]:
            more = [column for column in heads[0] if column not in heads[1]]
            if not self._is_other or len(heads[0]) != len(heads[1]) + len(more) or not {*heads[1]} <= {*heads[0]}:
                before, after = (told(", ".join(head)) for head in heads)
                yield Deviation("names of the columns", before, after, file=name)
                return
            why = f"version {self._result.version} writes them, and this version, {__version__}, does not"
            yield Unchecked(f"{name}: columns {inert(', '.join(more), 200)}", why)
            kept = _of_columns(kept, found[0])
        if len(kept) != len(found):
            yield Deviation("number of rows", float(len(kept)), float(len(found)), file=name)
        if name == "evidence.csv":  # in the order of the scenario's file, which its kept text does not have
            kept, found = (rows[:1] + sorted(rows[1:]) for rows in (kept, found))
        head, off = found[0], 0
        for i, (mine, now) in enumerate(zip(kept[1:], found[1:], strict=False), 2):
            if len(mine) != len(now):
                yield Deviation(f"cells of row {i}", float(len(mine)), float(len(now)), file=name)
                continue
            for column, before, after in zip(head, mine, now, strict=True):
                if not _same_cell(before, after):
                    off += 1
                    if off <= _MOST_ROWS:
                        yield Deviation(f"{column} in row {i} ({now[0]})", told(before), told(after), file=name)

    def _text(self, name: str, expected: bytes) -> Part:
        data = self._read(name, len(expected))
        if data == expected:
            return
        if self._is_other:
            yield Unchecked(
                f"the words of {name}",
                f"they are others than those of this version, {__version__}; it was written by {self._result.version}",
            )
            return
        kept, found = ((data or b"").decode("utf-8", "replace").split("\n"), expected.decode().split("\n"))
        for i in range(max(len(kept), len(found))):
            before, after = (lines[i] if i < len(lines) else MISSING for lines in (kept, found))
            if before != after:
                yield Deviation(f"line {i + 1}", told(before), told(after), file=name)
                return
        yield Deviation("the text", "other bytes", "those of the same text", file=name)

    def _parquet(self, name: str, expected: bytes) -> Part:
        if not expected:
            yield Unchecked(name, "pyarrow is not installed here")
            return
        if self._read(name, len(expected)) == expected:
            return  # another version of pyarrow writes the same table otherwise
        import pyarrow
        from pyarrow import parquet

        columns = parquet_columns(self._result)[name]
        try:
            with parquet.ParquetFile(self._folder / name) as file:
                rows, names = file.metadata.num_rows, file.schema_arrow.names
                count = len(next(iter(columns.values())))
                if names != list(columns) or rows != count:
                    yield Deviation(
                        "columns and rows",
                        told(f"{', '.join(names)}: {rows}"),
                        told(f"{', '.join(columns)}: {count}"),
                        file=name,
                    )
                    return
                kept = {column: file.read([column]).column(0).to_pylist() for column in names}
                if any(len(values) != rows for values in kept.values()):
                    raise ValueError("a column is cut")
        except (pyarrow.ArrowException, OSError, ValueError):
            yield Deviation("the table", "cannot be read", "a table of Parquet", file=name)
            return
        for column, values in columns.items():
            off = (
                row
                for row, (before, after) in enumerate(zip(kept[column], _plain(values), strict=True))
                if not is_same(before, after, abs(after) if isinstance(after, float) else 0.0)
            )
            row = next(off, None)
            if row is not None:
                yield Deviation(
                    f"{column} in row {row + 1}", told(kept[column][row]), told(_plain(values)[row]), file=name
                )

    def _pictures(self, redraws: bool) -> None:
        kept = sorted(name for name in self._manifest.files if name.startswith("plots/"))
        if not kept:
            return
        if not redraws:
            self.unchecked.append(Unchecked("pictures", "they are drawn again where paths can be valued again"))
            return
        from sim.plots import sample

        now = dict(drawn(self._result))
        others = []
        for name in sorted(now.keys() | kept):
            if name not in self._manifest.files:
                self.deviations.append(Deviation(THE_PICTURE, MISSING, "drawn wherever others are", file=name))
            elif name not in now:
                self.deviations.append(Deviation(THE_PICTURE, "a picture that no run draws", MISSING, file=name))
            elif self._read(name, len(now[name])) == now[name]:
                self.held.append(name)
            else:
                others.append(name)
        if not others:
            return
        recorded = self._manifest.data.get("sample_picture")
        if recorded == sample.fingerprint() and not self._is_other:
            self.deviations += [
                Deviation(THE_PICTURE, "another picture", "what is drawn of these results", file=name)
                for name in others
            ]
        else:
            self.unchecked.append(Unchecked(f"pictures ({len(others)} of {len(kept)} differ)", self._why_not(recorded)))

    def _why_not(self, recorded: Any) -> str:
        """Why pictures that differ say nothing."""
        versions = self._manifest.data["versions"]
        made, here = inert(str(versions.get("matplotlib")), 20), library_versions()["matplotlib"]
        if self._is_other:
            return f"they were drawn by version {self._result.version}, this is {__version__}: not compared"
        if made != here:
            return f"they were drawn with matplotlib {made}, here is {here}: not compared"
        if recorded is None:
            return "the folder does not say with what fonts and settings they were drawn: not compared"
        return f"fonts, settings or libraries here draw otherwise, with the same matplotlib {here}: not compared"


def _plain(values: Any) -> Sequence[Any]:
    found: Sequence[Any] = values.tolist() if hasattr(values, "tolist") else values
    return found


def _of_columns(rows: list[list[str]], columns: list[str]) -> list[list[str]]:
    """A table's columns of some names; rows that lack one are left as they are."""
    places = [rows[0].index(column) for column in columns]
    return [[row[at] for at in places] if len(row) == len(rows[0]) else row for row in rows]


def _same_cell(kept: str, found: str) -> bool:
    if kept == found:
        return True
    if not (_NUMBER.fullmatch(kept) and _NUMBER.fullmatch(found)):
        return False
    number = float(found)
    return is_same(float(kept), number, abs(number))
