"""Tables keep the types of their columns however little is known, and levels are found by number and by name."""

from __future__ import annotations

import copy
import io
import json
import pickle
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import sim
from sim.answers.answer import Answer
from sim.answers.verify_sampling import verify_sampling
from sim.estimates.measures import ByLevel
from sim.language import load_text
from tests.by_hand import CERTAIN, EVEN, MONTH, PROBABILITY

if TYPE_CHECKING:
    import pandas as pd

EVIDENCE = f"evidence:\n  {PROBABILITY}: {{assumption: a guess, low: 0.2, high: 0.8}}\n"
NOTICE = "customers.one.contract.notice"
CONTRACT = {"term": 12, "renews": "2025-01"}
CHOICES = {"choices": {"as_it_is": {}, "more": {"set": {"customers.one.revenue": 11}, "cost": 30}}}
AXES = {PROBABILITY: [0.2, 0.4], MONTH: ["2025-03", "2025-04"]}


@cache
def even() -> sim.Scenario:
    return load_text(EVEN + EVIDENCE + "doubt: {ranges: p10-p90}\n")


def certain() -> sim.Scenario:
    return load_text(CERTAIN.replace("hits: one\n", "hits: one\n    choice: true\n"))


def crossed(paths: int, axis: str = PROBABILITY, threshold: float = 30, **more: Any) -> pd.DataFrame:
    return sim.breakeven(even(), axis=axis, threshold=threshold, paths=paths, sampling="plain", **more).to_frame()


FRAMES: dict[str, Callable[[int], Any]] = {
    "run": lambda paths: sim.run(even(), paths=paths).to_frame(),
    "months of a run": lambda paths: sim.run(even(), paths=paths).monthly,
    "sweep": lambda paths: sim.sweep(even(), axes=AXES, paths=paths, sampling="plain").to_frame(),
    "compare": lambda paths: sim.compare(even(), certain(), paths=paths).to_frame(),
    "tornado": lambda paths: sim.tornado(even(), paths=paths, sampling="plain").to_frame(),
    "tornado without ranges": lambda paths: sim.tornado(certain(), paths=paths, sampling="plain").to_frame(),
    "doubt": lambda paths: sim.doubt(even(), draws=256, paths=paths).to_frame(),
    "curves of doubt": lambda paths: sim.doubt(even(), draws=256, paths=paths).curves,
    "draws of doubt": lambda paths: sim.doubt(even(), draws=256, paths=paths).by_draw,
    "drivers": lambda paths: sim.drivers(even(), measure="expected_loss", draws=256, paths=paths).to_frame(),
    "where": lambda paths: sim.where(even(), "expected_loss > 30", draws=256, paths=paths).to_frame(),
    "choose": lambda paths: sim.choose(even(), set=CHOICES, draws=256, paths=paths).to_frame(),
    "worth": lambda paths: sim.worth(even(), set=CHOICES, draws=256, paths=paths).to_frame(),
    "attribute": lambda paths: sim.attribute(even(), paths=paths, sampling="plain").to_frame(),
    "attribute without events": lambda paths: sim.attribute(
        even(), set={"events": None, "evidence": None}, paths=paths, sampling="plain"
    ).to_frame(),
    "breakeven": crossed,
    "breakeven without a crossing": lambda paths: crossed(paths, threshold=1e9),
    "breakeven of a month": lambda paths: crossed(paths, MONTH, 35, measure="expected_loss", set={PROBABILITY: 1}),
    "breakeven of a month without a crossing": lambda paths: crossed(paths, MONTH, 1e9),
    "breakeven of a whole number": lambda paths: sim.breakeven(
        certain(), axis=NOTICE, threshold=35, paths=paths, sampling="plain", set={"customers.one.contract": CONTRACT}
    ).to_frame(),
    "verify": lambda paths: sim.verify(even(), paths=paths).to_frame(),
    "verify samplings": lambda paths: verify_sampling(even(), paths=paths).to_frame(),
    "trace": lambda paths: sim.trace(even(), path=paths - 1),
    "explore": lambda paths: sim.explore(even(), paths=paths).to_frame(),
    "report": lambda paths: sim.make_report(even(), paths=paths).to_frame(),
}


def types(frame: pd.DataFrame) -> dict[Any, str]:
    """Types of the index and of the columns."""
    index = {("index", name): str(frame.index.get_level_values(k).dtype) for k, name in enumerate(frame.index.names)}
    return {**index, **{name: str(dtype) for name, dtype in frame.dtypes.items()}}


def test_no_answer_is_left_out() -> None:
    """Whoever adds a question adds its table here."""
    assert all(getattr(sim, name) for name in sim.__all__)  # each is loaded when it is asked for
    answers = {kind.__name__ for kind in _all_below(Answer) if kind.__module__.startswith("sim.")}
    walked = {"Result", "Sweep", "Comparison", "Tornado", "Doubted", "Attribution", "Breakeven", "Agreement", "Report"}
    walked |= {"Drivers", "Where", "Decision", "Worth"}
    assert answers <= walked | {"SamplingAgreement", "Explorer"}


def _all_below(kind: type) -> set[type]:
    below = set(kind.__subclasses__())
    return below.union(*(_all_below(one) for one in below))


@pytest.mark.parametrize("name", list(FRAMES))
def test_types_do_not_depend_on_what_is_known(name: str) -> None:
    few, many = (FRAMES[name](paths) for paths in (1, 128))
    told = types(few)
    assert told == types(many)
    # Nothing is left to a guess at what stands in a column, which has nothing to go by where all is unknown.
    assert "object" not in told.values()
    parquet = pytest.importorskip("pyarrow.parquet")
    file = io.BytesIO()
    few.to_parquet(file)
    assert "null" not in {str(field.type) for field in parquet.read_schema(file)}


def test_the_tornado_of_a_single_path_tells_no_errors_as_numbers() -> None:
    frame = FRAMES["tornado"](1)
    assert frame["expected_loss_change_standard_error"].dtype == np.float64
    assert frame["expected_loss_change_standard_error"].isna().all()


# --- levels ----------------------------------------------------------------------------------------------------------


def by_level(tree: Any) -> list[Mapping[Any, Any]]:
    """Mappings within a tree that have a level among their keys."""
    if not isinstance(tree, Mapping):
        return []
    here = [tree] if "0.95" in set(tree) else []
    return here + [one for name in tree for one in by_level(tree[name])]


def test_a_level_is_found_by_number_and_by_name(tmp_path: Path) -> None:
    run = sim.run(even(), paths=64)
    run.save(tmp_path / "kept", pictures=False)
    kept = sim.open(tmp_path / "kept")
    assert isinstance(kept, sim.Result)
    swept = sim.sweep(even(), axes=AXES, paths=64)
    compared = sim.compare(even(), certain(), paths=64)
    attributed = sim.attribute(even(), paths=64)
    doubted = sim.doubt(even(), draws=256, paths=1024)
    explorer = sim.explore(even(), paths=64)
    trees: dict[str, tuple[Any, int]] = {
        "measures of a run": (run.measures, 2),
        "its estimates": (run.estimates, 2),
        "its document": (run.to_dict(), 4),
        "its months": (run.series, 2),
        "an opened run": ({"measures": kept.measures, "series": kept.series}, 4),
        "cells": (swept.cells, 2),
        "their errors": (swept.standard_error, 1),
        "their intervals": (swept.interval, 1),
        "their tails": ({"tail_paths": swept.tail_paths}, 1),
        "a sweep's document": (swept.to_dict(), 5),
        "a point of the surface": (swept.at({"probability": 0.3, "month": "2025-03"}), 2),
        "differences": (compared.differences[0], 2),
        "totals of an attribution": (attributed.totals, 1),
        "an attribution's document": (attributed.to_dict(), 1),
        "what doubt does": (doubted.to_dict(), 5),
        "a band": ({"band": doubted.row("expected_loss").band}, 1),
        "an explorer": (explorer.measures, 2),
        "a report": (sim.make_report(even(), paths=64).measures, 2),
    }
    for name, (tree, least) in trees.items():
        found = by_level(tree)
        assert len(found) >= least, name
        for one in found:
            assert isinstance(one, ByLevel), name
            assert one[0.95] is one["0.95"], name


def test_what_is_not_there_is_said() -> None:
    measures = sim.run(even(), paths=64).measures["revenue_at_risk"]
    assert measures[np.float64(0.95)] == measures["0.95"]
    assert 0.99 in measures
    assert 0.9 not in measures
    assert measures.get(0.9) is None
    assert measures.get(0.99) == measures["0.99"]
    for missing in (0.9, "0.9", True, None):
        with pytest.raises(KeyError, match=r"there are 0\.95, 0\.99"):
            measures[missing]
    with pytest.raises(KeyError, match="there are none"):
        ByLevel()[0.95]


def test_it_is_a_plain_mapping_to_whoever_writes_or_copies_it() -> None:
    levels = ByLevel({"0.95": 1, "0.99": 2})
    assert json.loads(json.dumps(levels)) == levels == {"0.95": 1, "0.99": 2}
    for copied in (copy.deepcopy(levels), pickle.loads(pickle.dumps(levels))):
        assert copied[0.99] == 2
