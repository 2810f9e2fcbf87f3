"""Every answer can be asked the same: who knows one knows the next."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pandas as pd
import pytest

import sim
from sim.answers.answer import Answer
from sim.answers.verify_sampling import SamplingAgreement, verify_sampling
from sim.chance.sampling import Sampling
from tests.command import Run
from tests.report.conftest import EVEN

CHANCE = "events.leaves.probability"
RANGED = {
    **EVEN,
    "evidence": {CHANCE: {"assumption": "made up", "low": 0.2, "high": 0.8}},
    "doubt": {"ranges": "p10-p90"},
    "choices": {"as_it_is": {}, "other": {"name": "<b>Other</b>", "cost": 1}},
}

ASKED: dict[str, Callable[[Any], Answer]] = {
    "run": lambda source: sim.run(source, paths=400),
    "sweep": lambda source: sim.sweep(source, axes={CHANCE: [0.2, 0.5]}, paths=256),
    "compare": lambda source: sim.compare(source, sim.load(source).with_({CHANCE: 0.3}), paths=400),
    "tornado": lambda source: sim.tornado(source, paths=256),
    "doubt": lambda source: sim.doubt(source, draws=256, paths=64),
    "choose": lambda source: sim.choose(source, draws=256, paths=64),
    "worth": lambda source: sim.worth(source, draws=256, paths=64),
    "attribute": lambda source: sim.attribute(source, paths=256),
    "breakeven": lambda source: sim.breakeven(source, axis=CHANCE, measure="expected_loss", threshold=15, paths=256),
    "verify": lambda source: sim.verify(source, paths=20),
    "verify_sampling": lambda source: verify_sampling(source, paths=256),
    "report": lambda source: sim.make_report(source, paths=256),
}


@pytest.mark.parametrize("question", ASKED)
def test_every_answer_has_the_same_doors(question: str) -> None:
    found = ASKED[question](RANGED)
    assert isinstance(found, Answer)
    assert isinstance(found.scenario, sim.Scenario)
    assert isinstance(found.sampled, Sampling)
    assert (found.paths, found.seed, found.sampling) == (found.sampled.paths, found.sampled.seed, found.sampled.method)
    assert found.seconds > 0
    assert "\n" not in found.headline
    assert len(found.headline) > 20
    assert json.loads(found.to_json()) == json.loads(json.dumps(found.to_dict()))
    assert found.to_dict()["format"] == 1
    assert isinstance(found.to_frame(), pd.DataFrame)
    assert found._repr_html_() == found.card()
    assert repr(found).startswith(f"<{type(found).__name__}")
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.seconds = 1.0  # type: ignore[misc]


@pytest.mark.parametrize("question", ASKED)
def test_no_text_of_a_scenario_acts_in_a_card(question: str) -> None:
    hostile = {**RANGED, "name": "<img src=x onerror=alert(1)>", "money": "<b>USD</b>"}
    card = ASKED[question](hostile).card()
    assert "<img" not in card
    assert "<b>" not in card
    assert card.startswith("<div")


def test_answers_are_final_and_override_nothing() -> None:
    asked = {type(ask(RANGED)) for ask in ASKED.values()}
    kinds = Answer.__subclasses__()
    assert asked <= {*kinds}
    done = {name for name, value in vars(Answer).items() if not getattr(value, "__isabstractmethod__", False)}
    done -= {name for name in done if name.startswith("__") or name == "_abc_impl"}
    assert {"to_json", "run_record", "paths", "_repr_html_"} <= done
    for kind in kinds:
        assert getattr(kind, "__final__", False), kind
        assert not done & set(vars(kind)), kind
        assert not inspect.isabstract(kind), kind


# An even chance to lose 60: the expected loss is 60 p, which is 15 at a quarter.


def test_a_breakeven_in_a_sentence_a_table_and_a_card(inside: Run, even: str) -> None:
    found = sim.breakeven(EVEN, axis=CHANCE, measure="expected_loss", threshold=15, paths=256)
    # What has no error to speak of is not padded with noughts.
    assert found.headline == "Expected loss reaches USD 15.00 million at 0.25 (0.25 … 0.25)"
    frame = found.to_frame()
    assert frame["value"].tolist() == pytest.approx([0.25])
    assert frame["rising"].tolist() == [True]
    assert f"{found.headline}." in unescape(found.card()).replace("<span>", "").replace("</span>", "")
    options = ("--axis", CHANCE, "--measure", "expected_loss", "--threshold", "15", "--paths", "256")
    shown = " ".join(inside("breakeven", even, *options).stdout.split())
    assert f"{found.headline}." in shown
    assert f"Range: {found.range_in_words}." in shown


def test_no_breakeven_is_told_too() -> None:
    found = sim.breakeven(EVEN, axis=CHANCE, measure="expected_loss", threshold=61, paths=256)
    said = "Expected loss stays below USD 61.00 million over the whole range: no breakeven"
    assert found.headline == said
    assert found.to_frame().empty
    columns = ["value", "low", "high", "rising", "before", "after", "rests_from", "rests_to"]
    assert list(found.to_frame().columns) == columns


def test_a_share_breaks_even_in_per_cent() -> None:
    found = sim.breakeven(EVEN, axis=CHANCE, measure="probability_of_loss", threshold=0.4, paths=256)
    assert "Chance of a loss reaches 40.0 % at 0.4 (" in found.headline


def test_engines_that_agree_and_that_do_not() -> None:
    found = sim.verify(EVEN, paths=20)
    assert found.headline == "The SimPy model and the kernel agree on 20 paths"
    assert found.to_frame().empty
    other = dataclasses.replace(found, different_paths=3)
    assert other.headline == "The SimPy model and the kernel differ on 3 of 20 paths"
    one = sim.verify(EVEN, paths=1)
    assert one.headline.endswith("on 1 path")


def test_samplings_that_agree_and_that_do_not() -> None:
    found = verify_sampling(EVEN, paths=256)
    assert found.headline == "Plain and quasi-random paths agree: 256 of each"
    frame = found.to_frame()
    assert frame["measure"].tolist()[0] == "expected_loss"
    (first, *rest) = found.comparisons
    off: SamplingAgreement = dataclasses.replace(found, comparisons=(dataclasses.replace(first, z=9.0), *rest))
    assert off.headline == "Plain and quasi-random paths differ: 256 of each"


def test_a_sweep_says_its_range_and_gives_its_frame() -> None:
    # With 0.2 and 0.5 nothing is lost in 95 of 100 cases at neither: the 95 % quantile is 60 for both.
    found = sim.sweep(EVEN, axes={CHANCE: [0.01, 0.5]}, paths=256)
    assert found.to_frame() is found.frame
    assert re.fullmatch(r"Revenue at risk 95 % over 2 cells: USD 0\S* to 60\S* million", found.headline)


def test_the_public_names_are_those_of_the_stub() -> None:
    assert not {"SamplingAgreement", "verify_sampling"} & set(dir(sim))
    assert sim.__all__ == sorted(sim.__all__)
    for name in sim.__all__:
        assert getattr(sim, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = sim.nothing  # type: ignore[attr-defined]
