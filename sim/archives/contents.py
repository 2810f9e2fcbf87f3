"""What a folder of results holds: scenario, measures, tables, arrays, pictures, and where all of it comes from."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sim.answers.run import Result
from sim.archives.folders import Draft, whole_folder
from sim.archives.manifest import (
    NAME,
    OfDoubt,
    command_of,
    command_of_doubt,
    is_replaceable,
    manifest_of,
    shown_file,
)
from sim.archives.places import ARRAYS, DOUBT, DRAWS, ENSEMBLE, FACTS, MEASURES_FILE, README, SCENARIO
from sim.archives.tables import csv_tables, parquet_tables
from sim.errors import OutputError, ScenarioError, SimError, UsageError, inert
from sim.estimates.measures import EXPECTED_PLAIN_REVENUE
from sim.language import load_text
from sim.language.evidence import Evidence, Fact, evidence
from sim.language.writing import write_yaml
from sim.scenario.parts import Scenario
from sim.simulation.shards import BINNED
from sim.words import labels


def save(result: Result, folder: str | os.PathLike[str], *, pictures: bool = True) -> Path:
    """Write a result to a folder, whole or not at all.

    Parameters
    ----------
    result
        Of a scenario that was loaded.
    folder
        Missing, empty, or with earlier results in it, which are replaced if nothing else is among them. The folder
        above it must be there.
    pictures
        Whether it gets the plots too.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    OutputError
        Where it cannot be written; what was there stays.
    UsageError
        For a scenario that was built from parts, which has no text.
    """
    text = scenario_text(result.scenario)
    with whole_folder(folder, is_replaceable) as draft:
        write_run(draft, result, text, pictures=pictures)
    return Path(folder)


def write_run(
    draft: Draft,
    result: Result,
    text: bytes,
    *,
    pictures: bool,
    beside: Mapping[str, bytes] | None = None,
    doubt: OfDoubt | None = None,
) -> None:
    """Write the files of a run, and last the manifest.

    Parameters
    ----------
    text
        The scenario's.
    beside
        Files beside those of a run, by name.
    doubt
        How the numbers in doubt were drawn, whose draws these files hold.
    """
    draft.write(SCENARIO, text)
    found = evidence_of(result.scenario)
    facts = [] if found is None else cited_facts(found)
    if facts:
        draft.write(FACTS, facts_text(facts).encode())
    draft.write(MEASURES_FILE, _measures_text(result))
    draft.write(ARRAYS, _arrays(result))
    for name, data in {**csv_tables(result, found), **parquet_tables(result)}.items():
        draft.write(name, data)
    sample = None
    if pictures:
        from sim.plots.sample import fingerprint

        sample = fingerprint()
        for name, data in drawn(result):
            draft.write(name, data)
    for name, data in (beside or {}).items():
        draft.write(name, data)
    draft.write(README, readme(result, list(draft.files), doubt).encode())
    draft.write(NAME, manifest_of(result, draft.files, sample, doubt))


def scenario_text(scenario: Scenario) -> bytes:
    """The scenario after extends and overrides as YAML that reads back with the same hash.

    Raises
    ------
    UsageError
        For a scenario that was built from parts.
    OutputError
        Where its text would be larger than what is read.
    """
    if not scenario.document:
        raise UsageError("a scenario that was not loaded has no text", help="load it from a file or a dict")
    head = (f"The scenario of these results, after extends and overrides; from {shown_file(scenario)}", "")
    text = write_yaml(scenario.document, head).encode()
    try:
        same = load_text(text, SCENARIO).sha256 == scenario.sha256
    except ScenarioError as error:
        raise OutputError(f"the scenario cannot be written so that it is read again:\n{error}") from None
    if not same:
        raise OutputError("the scenario cannot be written so that it is read again as the same")
    return text


def facts_text(facts: Sequence[Fact]) -> str:
    """Facts as a file of seeds."""
    entries = {
        fact.id: {
            "statement": fact.statement,
            "value": _tidy(fact.value),
            **fact.details,
            "source": dict(fact.source),
        }
        for fact in facts
    }
    return write_yaml({"about": "The facts that the scenario beside this folder cites.", "facts": entries})


def _tidy(value: Any) -> Any:
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def evidence_of(scenario: Scenario) -> Evidence | None:
    """What speaks for the scenario's numbers; None where that is refused, which no run waits for."""
    try:
        return evidence(scenario)
    except SimError:
        return None


def cited_facts(found: Evidence) -> list[Fact]:
    """The facts that a scenario cites, by id."""
    facts = {number.fact.id: number.fact for number in found.numbers if number.fact is not None}
    return [facts[id] for id in sorted(facts)]


def _measures_text(result: Result) -> bytes:
    document = result.to_dict()
    document["scenario"]["file"] = shown_file(result.scenario)
    try:
        lines = [f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False, allow_nan=False)}" for k, v in document.items()]
    except ValueError:
        raise OutputError("the results hold what is no finite number") from None
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _arrays(result: Result) -> bytes:
    file = io.BytesIO()
    arrays = {"loss": result.loss, "event_months": result.event_months}
    for kind in _BY_SERIES:
        arrays.update({f"{kind}_{name}": values for name, values in getattr(result, kind).items()})
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def names_of_arrays() -> list[str]:
    """Names of the arrays that are kept."""
    return ["loss", "event_months", *(f"{kind}_{name}" for kind in _BY_SERIES for name in BINNED)]


def drawn(result: Result) -> Iterator[tuple[str, bytes]]:
    """Each picture as SVG and as PNG."""
    from sim import plots

    for name, draw in plots.pictures(result).items():
        drawn = draw()
        for format in ("svg", "png"):
            file = io.BytesIO()
            plots.save(drawn, file, format)
            yield f"plots/{name}.{format}", file.getvalue()


_BY_SERIES = ("quantiles", "samples")

_ABOUT = {
    NAME: "what was run, on what, and the SHA-256 of each file",
    SCENARIO: "the scenario after extends and overrides; runs alone",
    FACTS: "the facts that the scenario cites",
    MEASURES_FILE: "all measures with their errors, and the months",
    "measures.csv": "the measures as a table",
    "events.csv": "how likely each event is, and when",
    "monthly.csv": "revenue and baseline by month, undiscounted",
    "periods.csv": "revenue, baseline and loss by year and quarter, undiscounted",
    "event_months.csv": "on how many paths each event arises, by month",
    "evidence.csv": "where each number of the scenario comes from",
    ARRAYS: "the loss of each path and more, for NumPy",
    "loss.parquet": "the loss of each path",
    "monthly.parquet": "as monthly.csv",
    DOUBT: "what doubt about the numbers does to each measure, with errors",
    DRAWS: "the draws of the numbers in doubt, and each measure of each",
    ENSEMBLE: "the draws' scores, and the loss of each draw on each path, for NumPy",
}


_ON_TABLES = (
    "In the CSV tables nothing stands for a value that there is none of; a name may well be null, NA or None,",
    'so that pandas wants keep_default_na=False, na_values=[""]. An apostrophe stands before a text that a',
    "spreadsheet would take for a formula (it begins with = + - @ or a tab), and is not part of it. All are",
    "in UTF-8; one with more than ASCII in it begins with the mark (BOM) by which Excel knows that, so that",
    'Python wants encoding="utf-8-sig".',
)


def _on_money(result: Result) -> list[str]:
    """In what amounts are, and which are discounted; an earlier version's folders do not tell both kinds of revenue."""
    scenario, plain = result.scenario, EXPECTED_PLAIN_REVENUE
    if not scenario.discount_rate or (scenario.risk.target is not None and plain.name not in result.estimates):
        return []
    target = () if scenario.risk.target is None else (plain.name, "the target")
    all_else = "all amounts by month, year and quarter" if result.periods else "all amounts by month"
    return [
        f"Amounts are in {inert(labels.unit_and_discounting(scenario))};",
        f"not discounted: {', '.join((*target, all_else))}.",
        "",
    ]


def readme(result: Result, names: list[str], doubt: OfDoubt | None = None) -> str:
    """What lies in the folder and how to use it, for whoever opens it; ``names`` are those of its files."""
    listed = [name for name in _ABOUT if name in names or name == NAME]
    lines = [
        inert(result.scenario.name),
        f"{inert(result.headline)}.",
        "",
        *_on_money(result),
        f"{result.paths:,} paths, seed {result.seed}, {result.sampling} sampling, engine: {result.engine}.",
        "",
        *(f"{name:<18}{_ABOUT[name]}" for name in listed),
    ]
    if any(name.startswith("plots/") for name in names):
        lines.append(f"{'plots/':<18}pictures, as SVG and PNG")
    lines += ["", *_ON_TABLES, "", "To check it:      switchrisk verify FOLDER"]
    command = command_of(result)
    if command is not None:
        lines.append(f"To run it again:  {command}")
    if doubt is not None:
        lines.append(f"To draw again:    {command_of_doubt(result, doubt)}")
        lines.append("To ask the draws: switchrisk drivers --from FOLDER")
    return "\n".join([*lines, "In Python:        sim.open(FOLDER)", ""])
