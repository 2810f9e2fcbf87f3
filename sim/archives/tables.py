"""Tables of a result as CSV for spreadsheets, and as Parquet where pyarrow is there."""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from sim.answers import by_period
from sim.answers.run import Result
from sim.language.evidence import Evidence
from sim.words.csv import csv_of, marked

Row = Sequence[Any]

PARQUET = ("monthly.parquet", "loss.parquet")


def csv_tables(result: Result, evidence: Evidence | None) -> dict[str, bytes]:
    """The result's tables by file name; numbers in full."""
    tables = {
        "measures.csv": csv_of(_measures(result)),
        "monthly.csv": csv_of(_transposed(_monthly(result))),
        "event_months.csv": csv_of(_transposed(_event_months(result))),
        "events.csv": csv_of(_events(result)),
    }
    if result.periods:
        tables["periods.csv"] = csv_of(_periods(result))
    if evidence is not None and evidence.numbers:
        tables["evidence.csv"] = csv_of(_evidence(evidence))
    return {name: marked(data) for name, data in tables.items()}


def parquet_tables(result: Result) -> dict[str, bytes]:
    """Revenue by month and loss by path as Parquet tables; none where pyarrow is missing."""
    if importlib.util.find_spec("pyarrow") is None:
        return {}
    import pyarrow
    from pyarrow import parquet

    found = {}
    for name, columns in parquet_columns(result).items():
        file = io.BytesIO()
        parquet.write_table(pyarrow.table(columns), file)
        found[name] = file.getvalue()
    return found


def parquet_columns(result: Result) -> dict[str, dict[str, Sequence[Any]]]:
    """The columns of each Parquet table, by the name of its file."""
    loss: dict[str, Any] = {"path": np.arange(result.paths), "loss": result.loss}
    return dict(zip(PARQUET, (_monthly(result), loss), strict=True))


def _transposed(columns: dict[str, Sequence[Any]]) -> Iterable[Row]:
    yield list(columns)
    yield from zip(*columns.values(), strict=True)


def _measures(result: Result) -> Iterable[Row]:
    fields = ("value", "standard_error", "low", "high", "tail_paths", "note")
    yield ("measure", "level", *fields)
    for measure, level, estimate in result.estimates.rows():
        found = measure.told(estimate)
        yield (measure.name, float(level) if level else None, *(found.get(field) for field in fields))


def _events(result: Result) -> Iterable[Row]:
    fields = ("probability", "low", "high", "median_month")
    times = ("value", "standard_error")
    repeats = any(event.repeats for event in result.scenario.events)
    yield ("event", "name", *fields, *(("expected_times", "expected_times_error") if repeats else ()))
    for event in result.scenario.events:
        found = result.events[event.id]
        comings = found.get("expected_times", {})
        yield (event.id, event.name, *(found[f] for f in fields), *(comings.get(f) for f in times if repeats))


def _monthly(result: Result) -> dict[str, Sequence[Any]]:
    columns: dict[str, Sequence[Any]] = {"month": result.series["month"]}
    for name in ("revenue", "baseline"):
        columns.update({f"{name}_{statistic}": values for statistic, values in result.series[name].items()})
    return {**columns, "hhi": result.series["hhi"], "largest_share": result.series["largest_share"]}


def _periods(result: Result) -> Iterable[Row]:
    heads = ("kind", "name", "first", "months", "complete")
    rows = [
        ({key: record[key] for key in heads}, dict(by_period.columns(record, result.scenario.risk.levels)))
        for record in result.periods
    ]
    yield [*heads, *("_".join(name) for name in rows[0][1])]
    for head, amounts in rows:
        yield [*head.values(), *amounts.values()]


def _event_months(result: Result) -> dict[str, Sequence[Any]]:
    counts = {event.id: row.tolist() for event, row in zip(result.scenario.events, result.event_months, strict=True)}
    return {"month": [*result.series["month"], "never"], **counts}


def _evidence(evidence: Evidence) -> Iterable[Row]:
    yield ("path", "value", "status", "fact", "derived", "reason", "low", "high")
    for n in evidence.numbers:
        fact = None if n.fact is None else n.fact.id
        yield (n.path, n.value, n.status, fact, n.derived, n.reason, n.low, n.high)
