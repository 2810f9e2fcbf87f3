"""Differences on common draws whose values and errors are known by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.answers.run import run_sampled
from sim.chance.sampling import Sampling
from sim.errors import UsageError
from sim.estimates.estimate import Estimate
from sim.estimates.measures import Estimates
from sim.language import load_text
from tests.by_hand import CERTAIN, EVEN, MONTH, PROBABILITY

HALF, QUARTER = load_text(EVEN), load_text(EVEN, set={PROBABILITY: 0.25})


def test_half_against_a_quarter_differs_on_the_paths_that_only_the_half_loses() -> None:
    """A path loses 60 where its uniform lies below the probability, so from 0.5 to 0.25 a quarter of the paths differs.

    Each by -60: mean -15, variance 60^2 * 0.25 * 0.75 = 675, standard error sqrt(675 / 4000) = 0.41. Within 5 of them:
    a false alarm in 1.7 million; the seed is fixed anyway.
    """
    found = sim.compare(HALF, QUARTER, paths=4000, seed=5, sampling="plain")
    base, other = (result.loss for result in found.results)
    assert set(np.unique(other - base)) == {-60.0, 0.0}
    k = int((other != base).sum())
    loss = found.difference("expected_loss")
    assert loss.value == pytest.approx(-60 * k / 4000)
    assert abs(loss.value + 15) < 5 * (675 / 4000) ** 0.5
    assert loss.standard_error == pytest.approx((3600 * k / 4000 * (1 - k / 4000) * 4000 / 3999 / 4000) ** 0.5)
    # Independent runs would have 3600 * (0.25 + 0.1875) = 1575, more than twice the variance.
    assert loss.standard_error < 0.7 * (1575 / 4000) ** 0.5
    assert loss.low is not None
    assert loss.high is not None
    assert loss.high - loss.value == pytest.approx(1.96 * loss.standard_error, rel=2e-3)  # Student's 3,999 degrees
    share = found.difference("probability_of_loss")
    assert share.value == pytest.approx(-k / 4000)
    assert share.standard_error == pytest.approx(loss.standard_error / 60)
    # Demand is certain: the baseline is 480 on every path, so revenue is more by what is lost less.
    assert found.difference("expected_baseline").to_dict() == {"value": 0, "standard_error": 0, "low": 0, "high": 0}
    assert found.difference("expected_revenue").value == pytest.approx(-loss.value)
    assert found.difference("expected_revenue").standard_error == pytest.approx(loss.standard_error)
    # More than a twentieth of the paths loses 60 either way.
    assert found.difference("revenue_at_risk", 0.95).to_dict() == {"value": 0, "standard_error": 0, "low": 0, "high": 0}
    assert found.difference("expected_shortfall", 0.95).value == 0


def test_scramblings_that_agree_on_the_mean_say_nothing_of_the_quantiles() -> None:
    """With chances of 1/2 and 3/4 every scrambling of 256 quasi-random paths has exactly 128 and 192 that lose 60.

    So the expected losses, 30 and 45, would seem to have no error left; but replications that agree are no proof. A
    path more or less is worth 60: were one scrambling off by 1.5 of them, the error would be 1.5 * 60 / 256 over the
    root of 15 * 16. The quantile at 0.6 is 60 in both, at 0.4 it goes from 0 to 60, and the shortfall at 0.6 is 60 in
    both.
    """
    base = load_text(EVEN, set={PROBABILITY: 0.5, "risk.levels": [0.4, 0.6]})
    found = sim.compare(base, base.with_({PROBABILITY: 0.75}), paths=4096, sampling="sobol")
    loss = found.difference("expected_loss")
    error = 1.5 * 60 / 256 / 240**0.5
    assert (loss.value, loss.standard_error) == (15.0, pytest.approx(error))
    assert (loss.low, loss.high) == (pytest.approx(15 - 2.1314 * error), pytest.approx(15 + 2.1314 * error))
    assert found.difference("revenue_at_risk", 0.6) == Estimate(0.0, 0.0, 0.0, 0.0)
    assert found.difference("revenue_at_risk", 0.4) == Estimate(60.0, 0.0, 60.0, 60.0)
    assert found.difference("expected_shortfall", 0.6) == Estimate(0.0, 0.0, 0.0, 0.0)


def test_horizons_have_no_quasi_random_demand_in_common() -> None:
    """The first year of a scenario of one and of two: the same losses on plain paths, others on quasi-random ones."""
    short = load_text(
        EVEN, set={"customers.one.volatility": 0.3, "risk.window": {"first": "2025-01", "last": "2025-12"}}
    )
    long = short.with_({"months": 24})
    for sampling, common in (("plain", True), ("sobol", False)):
        found = sim.compare(short, long, paths=256, sampling=sampling)
        assert (found.results[0].loss == found.results[1].loss).all() == common
        assert any("plain sampling has them in common" in note for note in found.notes) == (not common)


def test_what_is_certain_differs_by_a_number_without_an_error() -> None:
    # Three months of 10 less are lost: 30 instead of 60; with the rest at 40 the baseline is 480 + 12 * 10 = 600.
    later = {MONTH: "2025-10"}
    base = load_text(CERTAIN, set={"risk": {"target": 450}})
    found = sim.compare(
        base, base.with_(later), base.with_({"customers.rest.revenue": 40}), paths=3200, sampling="plain"
    )
    exact = {"standard_error": 0.0}
    for of, measure, value in (
        (1, "expected_loss", -30),
        (1, "revenue_at_risk", -30),
        (1, "expected_shortfall", -30),
        (1, "expected_revenue", 30),
        (1, "expected_baseline", 0),
        (1, "probability_of_loss", 0),
        (1, "probability_below_target", -1),  # 420 is below 450, 450 is not
        (2, "expected_loss", 0),
        (2, "expected_revenue", 120),
        (2, "expected_baseline", 120),
        (2, "probability_below_target", -1),
    ):
        estimate = found.difference(measure, of=of)
        assert estimate.to_dict() == {"value": value, **exact, "low": value, "high": value}, (of, measure)
    one, two = found.headlines
    assert "expected loss is USD 30.00 million lower (± 0)" in one
    assert one.endswith("Both are distinguishable from 0.")
    assert "expected loss is the same and the revenue at risk 95 % is the same" in two
    assert two.endswith("No difference shows on 3,200 paths.")


def test_discounting_and_the_baseline_enter_the_difference_of_revenues() -> None:
    found = sim.compare("tiktok", sim.load("tiktok").with_({"customers.others.growth": 0.2}), paths=640, seed=3)
    expected = {
        name: found.results[1].measures[name]["value"] - found.results[0].measures[name]["value"]
        for name in ("expected_loss", "expected_revenue", "expected_baseline")
    }
    for name, value in expected.items():
        assert found.difference(name).value == pytest.approx(value, rel=1e-9)
    assert expected["expected_baseline"] < -1
    assert found.difference("expected_baseline").value == pytest.approx(
        found.difference("expected_revenue").value + found.difference("expected_loss").value
    )


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_each_is_the_run_of_its_own(sampling: str) -> None:
    """Of quasi-random ones the first; the others have its order of dimensions, where their own would be another."""
    found = sim.compare("tiktok", "tiktok-no-offer", paths=1024, seed=4, sampling=sampling, workers=2)
    order = found.sampled.order
    for result, name in zip(found.results, ("tiktok", "tiktok-no-offer"), strict=True):
        alone = run_sampled(sim.load(name), Sampling(1024, 4, sampling, order))
        if sampling == "plain" or name == "tiktok":
            assert (alone.loss == sim.run(name, paths=1024, seed=4, sampling=sampling).loss).all()
        assert (result.loss == alone.loss).all()
        assert result.measures == alone.measures
        assert (result.sampling, result.seed) == (sampling, 4)
    assert found.difference().value == pytest.approx(
        float(found.results[1].loss.mean() - found.results[0].loss.mean()), rel=1e-9
    )


def test_paths_and_seed_are_the_firsts() -> None:
    one = load_text(EVEN, set={"run": {"paths": 128, "seed": 9}})
    found = sim.compare(one, HALF)
    assert [(result.paths, result.seed) for result in found.results] == [(128, 9)] * 2
    assert found.difference().value == 0
    assert found.differing == ()


def test_a_set_is_of_all(tmp_path) -> None:  # type: ignore[no-untyped-def]
    found = sim.compare(CERTAIN_FILE(tmp_path), EVEN_DICT, set={"months": 6, MONTH: "2025-01"}, paths=64)
    assert [scenario.months for scenario in found.scenarios] == [6, 6]
    assert found.results[0].measures["expected_loss"]["value"] == pytest.approx(60)
    assert found.labels == ("certain", "An even chance")


def CERTAIN_FILE(folder) -> str:  # type: ignore[no-untyped-def]
    (folder / "certain.yaml").write_text(CERTAIN)
    return str(folder / "certain.yaml")


EVEN_DICT = dict(HALF.document)


def test_names() -> None:
    base = sim.load("tiktok", set={"months": 74})
    change = base.with_({PROBABILITY.replace("leaves", "in_house_llm"): 0.8}).with_(["levers=null"])
    short = base.with_({"months": 72})
    found = sim.compare(base, change, short, base, HALF, paths=2)
    assert found.labels == (
        "tiktok",
        "events.in_house_llm.probability=0.8, levers=null",
        "months=72",
        "tiktok (2)",
        "An even chance",
    )
    assert sim.compare(base, short, paths=2, labels=["a", "b"]).labels == ("a", "b")


def test_levels_that_all_have_are_compared() -> None:
    one, two, three = (HALF.with_({"risk": {"levels": levels}}) for levels in ([0.9, 0.95], [0.95, 0.99], [0.5]))
    found = sim.compare(one, two, paths=64)
    assert list(found.differences[0]["revenue_at_risk"]) == ["0.95"]
    assert found.notes == ("Their levels differ; compared at 95 %.",)
    none = sim.compare(one, three, paths=64)
    assert none.differences[0]["expected_shortfall"] == {}
    assert none.notes == ("Their levels differ; they have none in common.",)
    assert "revenue at risk" not in none.headlines[0]
    with pytest.raises(UsageError, match="no level in common"):
        none.difference("revenue_at_risk")


def test_what_cannot_be_compared_in_full_is_said() -> None:
    window = HALF.with_({"risk": {"window": {"first": "2025-07", "last": "2025-12"}}})
    later = HALF.with_({"start": "2024-12", "known": "2025-01"})
    dearer = HALF.with_({"vendor.discount_rate": 0.1})
    longer = HALF.with_({"months": 24, "risk": {"window": {"first": "2025-01", "last": "2025-12"}}})
    said = {
        name: sim.compare(HALF, other, paths=2).notes
        for name, other in (("window", window), ("later", later), ("dearer", dearer), ("longer", longer))
    }
    assert said["window"][:-1] == ("The losses are of different periods: 2025-01 … 2025-12, 2025-07 … 2025-12.",)
    # Half of the year brings half of 480, on every path.
    assert "is USD 240.0 million lower (± 0) than that of" in said["window"][-1]
    assert [note.split()[:4] for note in said["later"]] == [
        ["The", "losses", "are", "of"],
        ["They", "start", "in", "different"],
    ]
    assert [note.split()[1] for note in said["dearer"]] == ["discount", "baseline"]
    assert said["longer"] == ("Their horizons differ; the months that the losses are of are the same.",)
    assert sim.compare(HALF, QUARTER, paths=2).notes == ()


def test_a_baseline_that_moves_is_said_with_amount_and_error() -> None:
    """Customer One twice as large: 120 more to expect, and on the half of the paths that lose, 60 more is lost."""
    larger = HALF.with_({"customers.one.revenue": 20})
    found = sim.compare(HALF, larger, QUARTER, paths=4000, labels=["small", "large", "rare"], sampling="plain")
    (note,) = found.notes
    base, other = (result.loss for result in found.results[:2])
    lost = float((other - base).mean())
    revenue = found.differences[0]["expected_revenue"]
    assert revenue.value == pytest.approx(120 - lost)
    assert note == (
        "The baseline moves: without any event the revenue of “large” is USD 120.0 million higher (± 0) than that of "
        f"“small”. So the difference in loss is not the whole story: the expected revenue is USD {120 - lost:.2f} "
        f"million higher (± {revenue.standard_error:.2f})."
    )
    assert found.to_dict()["notes"] == [note]


def test_a_baseline_that_may_differ_by_chance_is_not_said_to_move() -> None:
    """Demand that varies more expects the same; its paths' mean misses that by chance."""
    found = sim.compare(HALF, HALF.with_({"customers.rest.volatility": 0.2}), paths=400)
    assert found.differences[0]["expected_baseline"].standard_error > 0
    assert found.notes == ()


def test_what_is_refused() -> None:
    with pytest.raises(UsageError, match="found 1, allowed are 2 to 26"):
        sim.compare(HALF, sampling="plain")
    with pytest.raises(UsageError, match=r"'EUR' \(Other\) and in 'USD million' \(An even chance\)"):
        sim.compare(HALF, QUARTER, HALF.with_({"money": "EUR", "name": "Other"}), sampling="plain")
    for labels in (["a"], ["a", "a"], "ab", ["a", ""]):
        with pytest.raises(UsageError, match="labels"):
            sim.compare(HALF, QUARTER, labels=labels, sampling="plain")
    with pytest.raises(UsageError, match="paths: found 0"):
        sim.compare(HALF, QUARTER, paths=0, sampling="plain")
    with pytest.raises(UsageError, match="sampling: found 'fine'"):
        sim.compare(HALF, QUARTER, sampling="fine")
    with pytest.raises(UsageError, match="no such file"):
        sim.compare(HALF, "tiktokk", sampling="plain")
    with pytest.raises(sim.TooLarge, match="2 scenarios on 1,000,000,000,000 paths"):
        sim.compare(HALF, QUARTER, paths=10**12, sampling="plain")
    found = sim.compare(HALF, QUARTER, paths=4, sampling="plain")
    for wrong in ({"measure": "hhi"}, {"measure": "revenue_at_risk", "level": 0.5}, {"of": 0}, {"of": 2}):
        with pytest.raises(UsageError, match="allowed"):
            found.difference(**wrong)  # type: ignore[arg-type]


def test_scenarios_built_from_parts_are_compared_but_not_told_apart() -> None:
    built = replace(HALF, events=(), source=None, document={})
    found = sim.compare(HALF, built, paths=3200)
    assert found.difference().value == pytest.approx(-float(found.results[0].loss.mean()))
    assert found.differing == ()
    assert "built from parts" in found.notes[0]


def test_as_data_and_as_a_table() -> None:
    found = sim.compare(HALF, QUARTER, load_text(CERTAIN), paths=640, sampling="plain")
    data = json.loads(found.to_json())
    assert [one["label"] for one in data["scenarios"]] == list(found.labels)
    assert [(one["of"], one["to"]) for one in data["differences"]] == [
        (label, found.labels[0]) for label in found.labels[1:]
    ]
    measures = data["differences"][0]["measures"]
    assert measures["expected_loss"] == found.difference().to_dict()
    assert set(measures["revenue_at_risk"]) == {"0.95", "0.99"}
    assert measures["revenue_at_risk"]["0.95"]["standard_error"] is None  # 20 paths a section tell no error at 95 %
    assert data["run"]["paths"] == 640
    assert data["headlines"] == list(found.headlines)
    frame = found.to_frame()
    assert len(frame) == 3 * 8
    row = frame.xs((found.labels[2], "expected_loss"), level=("scenario", "measure")).iloc[0]
    assert row["value"] == 60
    assert row["difference"] == pytest.approx(60 - found.results[0].measures["expected_loss"]["value"])
    assert frame.loc[found.labels[0]]["difference"].isna().all()


def test_in_one_line_and_as_a_card() -> None:
    found = sim.compare(
        load_text(CERTAIN), load_text(CERTAIN, set={MONTH: "2025-10", "name": "<b>"}), paths=3200, sampling="plain"
    )
    assert repr(found) == (
        "<Comparison with “A certain exit”: expected loss USD 30.00 million less ± 0 with "
        f"“{found.labels[1]}” (3,200 paths)>"
    )
    card = found._repr_html_()
    assert "Revenue at risk 95 %" in card
    assert "<b>" not in card.replace("<b>Scenarios", "")
    same = sim.compare(HALF, HALF, paths=64, sampling="plain")
    assert "the same expected loss with “An even chance (2)”" in repr(same)


def test_too_few_paths_claim_nothing() -> None:
    one = sim.compare(HALF, QUARTER, paths=1, seed=2, sampling="plain")
    assert one.difference().standard_error is None
    assert one.headlines[0].endswith("So few paths do not tell whether that is chance.")
    # Of 640 paths the revenue at risk has no error yet, the expected loss has.
    few = sim.compare(HALF, load_text(CERTAIN), paths=640, sampling="plain")
    assert few.headlines[0].endswith(
        "The difference in expected loss is distinguishable from 0; so few paths tell nothing of the other."
    )


@pytest.mark.parametrize(
    ("loss", "at_risk", "ending"),
    [
        ((1.0, 1.0), (-2.0, 1.5), "Neither difference is distinguishable from 0 on 64 paths."),
        ((9.0, 1.0), (-9.0, 1.5), "Both are distinguishable from 0."),
        ((-9.0, 1.0), (2.0, 1.5), "The difference in expected loss is distinguishable from 0, that in revenue at risk "
                                  "95 % is not on 64 paths."),
        ((1.0, 1.0), (9.0, None), "The difference in expected loss is not distinguishable from 0 on 64 paths; so few "
                                  "paths tell nothing of the other."),
    ],
)  # fmt: skip
def test_chance_is_called_so(loss: tuple[float, float], at_risk: tuple[float, float | None], ending: str) -> None:
    # Intervals reach two errors to either side: 1 ± 2 holds 0, 9 ± 2 does not.
    estimates = [
        Estimate(value, error, *((None, None) if error is None else (value - 2 * error, value + 2 * error)))
        for value, error in (loss, at_risk)
    ]
    found = sim.compare(HALF, QUARTER, paths=64)
    measures = Estimates({"expected_loss": estimates[0], "revenue_at_risk": {"0.95": estimates[1]}})
    (said,) = replace(found, differences=(measures,)).headlines
    assert said.endswith(ending)
    assert f"USD {abs(loss[0]):.1f} million {'lower' if loss[0] < 0 else 'higher'} (± 1.0)" in said
    if at_risk == (-2.0, 1.5):
        # Turned about, as it is told as so much lower: from -1 to 5.
        assert "is USD 2.0 million lower (95 % interval −1.0 … 5.0)" in said


def test_progress_counts_all_runs() -> None:
    seen: list[tuple[int, int]] = []
    sim.compare(HALF, QUARTER, paths=3000, workers=1, progress=lambda *done: seen.append(done), sampling="plain")
    assert seen[-1] == (6000, 6000)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_that_no_path_differs_is_no_proof_that_none_does(tmp_path: Path) -> None:
    """Of 400 paths none tells two chances of a loss apart: at 97.5 % it may be 1 − 0.025^(1/400) = 0.0092."""
    file = tmp_path / "even.yaml"
    file.write_text(EVEN)
    found = sim.compare(file, sim.load(file).with_({"customers.one.revenue": 11}), sampling="plain").difference(
        "probability_of_loss"
    )
    assert found.value == 0
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 400))
    assert found.low == pytest.approx(-found.high)
    assert found.standard_error > 0


def test_each_result_tells_years_as_its_run_does() -> None:
    scenario = sim.load("five-customers")
    found = sim.compare(scenario, scenario.with_({"levers": None}), paths=512)
    run = sim.run(scenario, paths=512)
    assert found.results[0].periods == run.periods
    assert len(found.results[1].by_period) == 5 + 20  # five years and their quarters
