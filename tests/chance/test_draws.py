"""Randomness as an input: which numbers a path gets depends on seed, stream's name and path number, on nothing else.

Statistical tests state their tolerance and their chance of a false alarm; their seeds are fixed, so that a correct
program fails them once and for all or never.
"""

from __future__ import annotations

import copy
import hashlib
import itertools
from typing import Any

import numpy as np
import pytest

import sim
from sim.answers.run import Result
from sim.chance import draws as drawing
from sim.chance.draws import NORMAL_BITS, Draws, normals, own_month_thresholds, stream_key, words
from sim.engines import kernel, model
from sim.engines.valuation import Valuation, window_sums
from sim.language import load
from sim.scenario.laws import NEVER

DATA: dict[str, Any] = {
    "scenario": 1,
    "name": "everything at once",
    "start": "2024-03",
    "months": 30,
    "money": "USD million",
    "vendor": {"name": "vendor", "discount_rate": 0.09, "capacity": {"initial": 80, "growth": 0.3}},
    "customers": {
        "tiktok": {
            "revenue": 20,
            "growth": {"2024-03": 0.1, "2025-01": 0.3},
            "volatility": 0.25,
            "market": 0.3,
            "contract": {"term": 12, "renews": "2025-01", "notice": 3, "commitment": 0.5},
        },
        "rival": {"revenue": 5, "growth": 0, "volatility": 0.1, "contract": {"notice": 1}},
        "others": {"revenue": 60, "growth": 0.4, "volatility": 0.15, "market": 0.6, "pool": True},
    },
    "events": {
        "own_model": {
            "hits": "tiktok",
            "choice": True,
            "probability": 0.6,
            "timing": {"from": "2023-08", "lognormal": {"median": 18, "sigma": 0.5}},
            "usage": {"to": {"uniform": {"low": 0, "high": 0.3}}, "over": {"table": {2: 0.5, 6: 0.5}}},
        },
        "suspension": {
            "hits": "tiktok",
            "probability": 0.3,
            "timing": {"exponential": {"mean": 15}},
            "notice": {"uniform": {"low": 0, "high": 3}},
            "usage": {"to": 0},
            "lasts": {"lognormal": {"median": 3, "p90": 9}},
            "permanent": 0.2,
            "triggers": {"own_model": {"probability": 0.5, "after": {"gamma": {"mean": 6, "sd": 2}}}},
        },
        "departures": {
            "hits": ["tiktok", "rival"],
            "each": True,
            "choice": True,
            "timing": {"hazard": {"2024-03": 0.2}},
            "usage": {"to": 0.8},
            "price": {"to": {"uniform": {"low": 0.8, "high": 1}}, "over": 4},
        },
    },
    "levers": {"offer": {"against": "own_model", "discount": 0.15, "months": 6, "acceptance": 0.4}},
    "risk": {"levels": [0.9], "target": 2400},
}
STANDARD_ERRORS = 4.5  # a normal deviate lies beyond them with a chance of 6.8e-6


def _changed(**parts: Any) -> dict[str, Any]:
    """The scenario with further customers, events and levers, or other numbers."""
    data = copy.deepcopy(DATA)
    for part, entries in parts.items():
        if isinstance(entries, dict):
            data.setdefault(part, {}).update(entries)
        else:
            data[part] = entries
    return data


def _value(data: dict[str, Any], paths: int = 200, seed: int = 1, first: int = 0) -> Valuation:
    scenario = load(data)
    return kernel.value(scenario, Draws(scenario, seed, first, paths))


def _what_is_drawn(data: dict[str, Any], paths: int = 200) -> dict[str, Any]:
    """Every draw that a scenario can ask for, by the ids in its name."""
    scenario = load(data)
    draws = Draws(scenario, 1, 0, paths)
    drawn: dict[str, Any] = {}
    for i, stream in enumerate(scenario.streams):
        drawn[f"{stream.id}: market"], drawn[f"{stream.id}: own"] = draws.shocks(i)
    for event in scenario.events:
        drawn[f"{event.id}: arises"] = draws.own_month(event)
        drawn[f"{event.id}: notice"] = draws.notice(event)
        drawn[f"{event.id}: lasts"] = draws.lasts(event)
        drawn[f"{event.id}: permanent"] = draws.permanent(event)
        for kind, effect in (("usage", event.usage), ("price", event.price)):
            if effect is not None:
                drawn[f"{event.id}: {kind}.to"] = draws.level(event, kind, effect)
                drawn[f"{event.id}: {kind}.over"] = draws.over(event, kind, effect)
        for trigger in event.triggers:
            drawn[f"{event.id}>{trigger.target}: fires"] = draws.sets_off(event, trigger)
            drawn[f"{event.id}>{trigger.target}: after"] = draws.trigger_delay(event, trigger)
        if event.id in scenario.lever_against:
            drawn[f"{event.id}: accepts"] = draws.accepts(event)
    return drawn


def _same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(np.asarray(a), np.asarray(b)))


# The stream by an independent formula


def _philox(counter: int, key: tuple[int, int]) -> list[int]:
    """Philox-4x64 with ten rounds (Salmon et al. 2011, section 3.3 and table 2), on Python's own integers."""
    mask = 2**64 - 1
    x = [counter >> (64 * word) & mask for word in range(4)]
    k0, k1 = key
    for _ in range(10):
        a, b = 0xD2E7470EE14C6C93 * x[0], 0xCA5A826395121157 * x[2]
        x = [(b >> 64) ^ x[1] ^ k0, b & mask, (a >> 64) ^ x[3] ^ k1, a & mask]
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) & mask, (k1 + 0xBB67AE8584CAA73B) & mask
    return x


def _key(seed: int, entity: str, purpose: str) -> tuple[int, int]:
    parts = [b"switchrisk draws", b"1", str(seed).encode(), entity.encode(), purpose.encode()]
    text = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    digest = hashlib.blake2b(text, digest_size=16).digest()
    return int.from_bytes(digest[:8], "little"), int.from_bytes(digest[8:], "little")


def test_philox_by_its_published_vectors() -> None:
    """Known answers of the generator's authors (Random123's kat_vectors, philox4x64 10): the formula is theirs."""
    assert _philox(0, (0, 0)) == [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]
    ones = 2**64 - 1
    assert _philox(2**256 - 1, (ones, ones)) == [
        0x87B092C3013FE90B,
        0x438C3C67BE8D0224,
        0x9CC7D7C69CD777B6,
        0xA09CAEBF594F0BA0,
    ]


@pytest.mark.parametrize("draws", [1, 4, 5, 12])
@pytest.mark.parametrize("first", [0, 1, 8731, 2**40])
def test_words_of_a_stream_by_formula(draws: int, first: int) -> None:
    """numpy counts up before it draws: path i of B counters a path holds the words of counters i·B + 1 to (i + 1)·B."""
    found = words(20240801, "tiktok", "demand.3", draws, first, 3)
    assert found.shape == (3, draws)
    key = _key(20240801, "tiktok", "demand.3")
    counters = {1: 1, 4: 1, 5: 2, 12: 3}[draws]
    for row in range(3):
        start = (first + row) * counters + 1
        raw = [word for counter in range(start, start + counters) for word in _philox(counter, key)]
        # The upper 53 of a word's 64 bits.
        assert found[row].tolist() == [word >> 11 for word in raw[:draws]]


def test_key_of_a_stream_by_formula() -> None:
    assert tuple(stream_key(7, "in_house_llm", "arises").tolist()) == _key(7, "in_house_llm", "arises")


def test_names_do_not_run_together() -> None:
    names = [("ab", "c"), ("a", "bc"), ("abc", ""), ("", "abc"), ("1ab", "c"), ("c", "ab")]
    keys = {tuple(stream_key(seed, *name).tolist()) for seed in (1, 11) for name in names}
    assert len(keys) == 2 * len(names)


# Seeds


@pytest.mark.parametrize("seed", [0, 2**32, 2**64, 2**64 + 1, 2**200])
def test_seeds_may_be_of_any_size(seed: int) -> None:
    valuation = _value(DATA, 20, seed)
    assert np.isfinite(valuation.revenue).all()
    assert not _same(valuation.revenue, _value(DATA, 20, seed + 1).revenue)


def test_large_seeds_are_not_cut_off() -> None:
    keys = {tuple(stream_key(seed, "a", "b").tolist()) for seed in (1, 1 + 2**32, 1 + 2**64, 1 + 2**128)}
    assert len(keys) == 4


def test_adjacent_seeds_share_no_paths() -> None:
    """Were path numbers added to seeds, path i + 1 of one seed would be path i of the next."""
    losses = [sim.run(DATA, paths=500, seed=seed, workers=1).loss for seed in (1, 2, 3)]
    for a, b in itertools.combinations(losses, 2):
        # Paths on which nothing happens lose nothing, or next to it by rounding.
        assert not set(a[abs(a) > 1e-6].tolist()) & set(b[abs(b) > 1e-6].tolist())
        assert (abs(a) > 1e-6).sum() > 250
    a, b = (words(seed, "tiktok", "arises", 1, 0, 5000)[:, 0] for seed in (1, 2))
    # 25 million pairs of 53 bits: one coincidence has a chance of 2.8e-9.
    assert not set(a.tolist()) & set(b.tolist())


# Blocks, workers, replays, more paths, longer horizons


def _assert_same_result(a: Result, b: Result) -> None:
    assert _same(a.loss, b.loss)
    assert a.measures == b.measures
    assert a.events == b.events
    assert a.series == b.series
    assert _same(a.event_months, b.event_months)


@pytest.fixture(scope="module")
def plain() -> Result:
    return sim.run(DATA, paths=20_001, seed=3, workers=1, sampling="plain")


@pytest.mark.parametrize(
    ("block", "workers"), [(1, 1), (63, 2), (65, 3), (1000, 2), (4097, 1), (4097, 3), (10**6, 2), (None, 3)]
)
def test_results_do_not_depend_on_blocks_and_workers(plain: Result, block: int | None, workers: int) -> None:
    _assert_same_result(sim.run(DATA, paths=20_001, seed=3, workers=workers, block=block, sampling="plain"), plain)


@pytest.mark.parametrize("months", [1, 2, 3])
def test_results_of_short_horizons_do_not_depend_on_blocks_and_workers(months: int) -> None:
    """Few months, that is short rows: where a library would most likely add up in another order."""
    data = _changed(months=months)
    whole = sim.run(data, paths=9001, workers=1)
    for block, workers in ((1, 2), (65, 1), (999, 2)):
        _assert_same_result(sim.run(data, paths=9001, workers=workers, block=block), whole)


def test_results_of_the_model_do_not_depend_on_blocks_and_workers() -> None:
    whole = sim.run(DATA, paths=150, engine="model", workers=1)
    for block, workers in ((1, 2), (65, 1)):
        _assert_same_result(sim.run(DATA, paths=150, engine="model", workers=workers, block=block), whole)


@pytest.mark.parametrize("cut", [1, 7, 64, 199])
def test_blocks_of_any_size_hold_the_same_paths(cut: int) -> None:
    """Down to single paths, which a run's blocks, rounded up to groups of 64, don't reach."""
    whole = _value(DATA, 200)
    for first in range(0, 200, cut):
        part = _value(DATA, min(cut, 200 - first), first=first)
        for name in ("revenue", "baseline", "largest_share", "hhi"):
            assert _same(getattr(part, name), getattr(whole, name)[first : first + cut])
        assert _same(part.arises, whole.arises[:, first : first + cut])
        assert _same(part.offered, whole.offered[:, first : first + cut])


def test_a_path_replayed_alone_is_the_same_path(plain: Result) -> None:
    scenario = load(DATA)
    slow = sim.run(DATA, paths=80, seed=3, engine="model", workers=1, sampling="plain")
    for path in (0, 1, 63, 64, 79, 8191, 8192, 20_000):
        valuation = kernel.value(scenario, Draws(scenario, 3, path, 1))
        alone = window_sums(scenario, valuation.revenue, valuation.baseline, valuation.one_off)
        # One engine on the same draws: bit for bit.
        assert alone.loss[0] == plain.loss[path]
        told = sim.trace(DATA, path=path, seed=3, sampling="plain").attrs["loss"]
        if path < len(slow.loss):
            assert told == slow.loss[path]
        # The ledger comes from the other engine, whose demand grows month by month where the kernel's is the
        # exponential of a sum: some 60 roundings of 1.1e-16 apart in amounts of the baseline's size.
        assert told == pytest.approx(plain.loss[path], rel=0, abs=1e-13 * alone.baseline[0])


def test_more_paths_keep_the_first_ones(plain: Result) -> None:
    for paths in (1, 100, 8192, 8193):
        assert _same(sim.run(DATA, paths=paths, seed=3, sampling="plain").loss, plain.loss[:paths])


def test_a_longer_horizon_keeps_the_earlier_months() -> None:
    whole = _value(_changed(months=50))
    for months in (1, 12, 13, 14, 25, 30, 49):
        short = _value(_changed(months=months))
        for name in ("revenue", "baseline"):
            assert _same(getattr(short, name), getattr(whole, name)[:, :months])
        assert _same(short.arises, np.where(whole.arises < months, whole.arises, NEVER))
        assert _same(short.offered, np.where(whole.offered < months, whole.offered, NEVER))


def test_a_longer_horizon_keeps_the_shocks() -> None:
    long = normals(1, "tiktok", 40, 0, 100)
    for months in (1, 11, 12, 13, 24, 39):
        assert _same(normals(1, "tiktok", months, 0, 100), long[:, :months])


# Names, not positions


NEW_CUSTOMER = {"revenue": 3, "growth": 0.2, "volatility": 0.3, "market": 0.5}
NEW_EVENT = {
    "hits": "others",
    "probability": 0.5,
    "timing": {"exponential": {"mean": 9}},
    "usage": {"to": {"uniform": {"low": 0, "high": 1}}},
    "triggers": {"suspension": {"probability": 0.5}},
}
NEW_LEVER = {"against": "leaves", "discount": 0.1, "months": 3, "acceptance": 0.5}


@pytest.mark.parametrize(
    "changed",
    [
        {"customers": {"newcomer": NEW_CUSTOMER}},
        {"events": {"merger": NEW_EVENT}},
        {
            "events": {"leaves": {**NEW_EVENT, "hits": "rival", "choice": True, "triggers": {}}},
            "levers": {"second_offer": NEW_LEVER},
        },
        {"events": {"departures": {**DATA["events"]["departures"], "hits": "all"}}},
        {"vendor": {"capacity": {"initial": 10, "growth": 0}}},
    ],
    ids=["customer", "event", "lever", "copy", "capacity"],
)
def test_whatever_else_is_there_leaves_all_other_draws_as_they_were(changed: dict[str, Any]) -> None:
    before, after = _what_is_drawn(DATA), _what_is_drawn(_changed(**changed))
    assert len(before) >= 25
    assert [name for name in before if not _same(before[name], after[name])] == []


def test_the_order_of_customers_and_events_does_not_matter() -> None:
    data = copy.deepcopy(DATA)
    for part in ("customers", "events"):
        data[part] = dict(reversed(data[part].items()))
    data["events"]["departures"]["hits"].reverse()
    before, after = _what_is_drawn(DATA), _what_is_drawn(data)
    assert before.keys() == after.keys()
    assert [name for name in before if not _same(before[name], after[name])] == []
    # Customers' bills are added up in another order.
    np.testing.assert_allclose(
        sim.run(data, paths=500, sampling="plain").loss,
        sim.run(DATA, paths=500, sampling="plain").loss,
        rtol=1e-12,
        atol=1e-10,
    )


def test_each_draw_has_a_stream_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []
    honest = drawing.words

    def listening(seed: int, entity: str, purpose: str, *rest: int) -> np.ndarray:
        asked.append((entity, purpose))
        return honest(seed, entity, purpose, *rest)

    monkeypatch.setattr(drawing, "words", listening)
    _what_is_drawn(DATA, 2)
    assert len(asked) == len(set(asked))
    # 29 months of shocks are three purposes of twelve: of the market, and of each of the three customers.
    assert sum(purpose.startswith("demand.") for _, purpose in asked) == 4 * 3
    assert {(e, p) for e, p in asked if not p.startswith("demand.")} == {
        ("own_model", "arises"),
        ("own_model", "usage.to"),
        ("own_model", "usage.over"),
        ("suspension", "arises"),
        ("suspension", "notice"),
        ("suspension", "lasts"),
        ("suspension", "permanent"),
        ("suspension>own_model", "fires"),
        ("suspension>own_model", "after"),
        ("departures.tiktok", "arises"),
        ("departures.tiktok", "price.to"),
        ("departures.rival", "arises"),
        ("departures.rival", "price.to"),
        ("offer", "accepts"),
    }


def test_both_engines_may_share_one_set_of_draws() -> None:
    scenario = load(DATA)
    shared = Draws(scenario, 1, 0, 30)
    slow, fast = model.value(scenario, shared), kernel.value(scenario, shared)
    assert _same(fast.revenue, _value(DATA, 30).revenue)
    assert _same(slow.revenue, model.value(scenario, Draws(scenario, 1, 0, 30)).revenue)


# Chances at their ends


def test_certain_and_impossible_need_no_draw() -> None:
    data = _changed()
    data["events"]["suspension"].update(probability=0, permanent=1)
    data["events"]["suspension"]["triggers"]["own_model"]["probability"] = 0
    data["levers"]["offer"]["acceptance"] = 1
    drawn = _what_is_drawn(data)
    assert (drawn["suspension: arises"] == NEVER).all()
    assert drawn["suspension: permanent"] is True
    assert drawn["suspension>own_model: fires"] is False
    assert drawn["own_model: accepts"] is True


def test_a_higher_probability_never_makes_it_later() -> None:
    months = []
    for probability in (0.1, 0.5, 0.500001, 0.9, 1):
        data = _changed()
        data["events"]["own_model"]["probability"] = probability
        months.append(_what_is_drawn(data, 3000)["own_model: arises"])
    for less, more in itertools.pairwise(months):
        assert (more <= less).all()
    assert (months[0] > months[-1]).any()


@pytest.mark.parametrize("event", ["own_model", "suspension"])
def test_an_event_arises_in_the_first_month_whose_entry_exceeds_the_word(event: str) -> None:
    scenario = load(DATA)
    found = scenario.events[scenario.event_index[event]]
    thresholds = own_month_thresholds(found, scenario.months).tolist()
    drawn = words(1, event, "arises", 1, 0, 400)[:, 0].tolist()
    expected = [next((s for s, entry in enumerate(thresholds) if word < entry), NEVER) for word in drawn]
    assert Draws(scenario, 1, 0, 400).own_month(found).tolist() == expected
    assert NEVER in expected


# Normals


def test_normals_are_finite_at_the_extreme_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a step above word 0 and above the last one: ±8.2095, the normal quantiles of 2⁻⁵³ and 1 − 2⁻⁵³."""
    last = 2**NORMAL_BITS - 1

    def extremes(*_: Any) -> np.ndarray:
        return np.resize(
            np.array([0, last, 2 ** (NORMAL_BITS - 1) - 1, 2 ** (NORMAL_BITS - 1)], dtype=np.int64), (1, 12)
        )

    monkeypatch.setattr(drawing, "words", extremes)
    low, high, below, above = normals(1, "a", 4, 0, 1)[0]
    # Φ(x) = 2⁻⁵³ at x = −8.2095361516013870 (Mills' ratio: φ(x)/|x|·(1 − 1/x² + 3/x⁴ − …) = 1.1102e-16).
    assert low == pytest.approx(-8.2095361516, abs=1e-9)
    assert high == -low
    # Next to the middle: ∓2⁻⁵³·√(2π).
    assert below == pytest.approx(-(2.0**-53) * np.sqrt(2 * np.pi), rel=1e-6)
    assert above == -below


def test_normals_have_the_moments_of_normals() -> None:
    """The means of Z, Z², Z³ and Z⁴ within 4.5 standard errors; false alarm 2.7e-5 in all."""
    found = normals(1, "tiktok", 24, 0, 20_000).ravel()
    n = len(found)
    for power, expected, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        # Var(Zᵏ) = E[Z²ᵏ] − E[Zᵏ]²: 1, 3 − 1, 15, 105 − 9.
        assert abs((found**power).mean() - expected) < STANDARD_ERRORS * np.sqrt(variance / n)


# Uniform, independent


@pytest.mark.parametrize("name", [("tiktok", "demand.0"), ("in_house_llm", "arises"), ("a>b", "fires")])
@pytest.mark.parametrize("low_bits", [False, True])
def test_words_are_uniform(name: tuple[str, str], low_bits: bool) -> None:
    """Chi-square over 256 bins, of the leading and of the last bits; false alarm 1e-6 a case, 6e-6 in all."""
    from scipy.stats import chi2

    found = words(1, *name, 12, 0, 20_000).ravel()
    bins = found & 255 if low_bits else found >> 45
    counts = np.bincount(bins, minlength=256)
    assert len(counts) == 256
    expected = len(found) / 256
    assert ((counts - expected) ** 2 / expected).sum() < chi2.isf(1e-6, 255)


def test_streams_are_independent() -> None:
    """Correlations over paths within 4.5 standard errors (1/√n): of streams, purposes, seeds, words, neighbours.

    28 pairs: false alarm 1.9e-4 in all.
    """
    n = 40_000
    columns = [
        words(1, "tiktok", "arises", 1, 0, n)[:, 0],
        words(1, "tiktok", "lasts", 1, 0, n)[:, 0],
        words(1, "tiktok2", "arises", 1, 0, n)[:, 0],
        words(2, "tiktok", "arises", 1, 0, n)[:, 0],
        words(1, "tiktok", "arises", 1, 1, n)[:, 0],
        words(1, "tiktok", "demand.0", 12, 0, n)[:, 0],
        words(1, "tiktok", "demand.0", 12, 0, n)[:, 11],
        words(1, "tiktok", "demand.1", 12, 0, n)[:, 0],
    ]
    correlations = np.corrcoef(np.array(columns, dtype=float))
    off = correlations[np.triu_indices(len(columns), 1)]
    assert len(off) == 28
    assert np.abs(off).max() < STANDARD_ERRORS / np.sqrt(n)
