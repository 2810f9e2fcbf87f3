"""Progress is honest: from a tenth on, the time so far over the share done is the whole time within a factor of two.

Time is the processor's, all threads together, so that other work on the machine does not count. Once before, each
question is asked in small, since what is loaded at its first use is no part of the work.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from sim.answers.attribute import attribute
from sim.answers.breakeven import breakeven
from sim.answers.compare import compare
from sim.answers.doubt import doubt
from sim.answers.run import run
from sim.answers.sweep import sweep
from sim.answers.tornado import tornado
from sim.answers.verify_sampling import verify_sampling
from sim.report import make_report
from sim.simulation.pool import Meter, in_order, part_of

FACTOR = 2.0
CHANCE = "events.in_house_llm.probability"

QUESTIONS: dict[str, tuple[Callable[..., Any], tuple[int, int]]] = {
    "run": (lambda **how: run("tiktok", **how), (1024, 70_000)),
    "run --engine model": (lambda **how: run("tiktok", engine="model", **how), (16, 700)),
    "attribute": (lambda **how: attribute("five-customers", **how), (256, 8192)),
    "tornado": (lambda **how: tornado("tiktok", **how), (64, 2048)),
    "doubt": (lambda **how: doubt("tiktok-in-doubt", draws=256, **how), (16, 2048)),
    "report": (lambda **how: make_report("tiktok", **how), (64, 16_384)),
    "sweep": (lambda **how: sweep("tiktok", **how), (64, 32_768)),
    "sweep by value": (
        lambda **how: sweep("tiktok", axes={CHANCE: [0.2, 0.8], "customers.tiktok.growth": [0.0, 0.1, 0.2]}, **how),
        (64, 8192),
    ),
    "breakeven": (lambda **how: breakeven("tiktok", axis=CHANCE, threshold=1500, **how), (64, 32_768)),
    "compare": (lambda **how: compare("tiktok", "tiktok-no-offer", **how), (1024, 40_000)),
    "verify --sampling": (lambda **how: verify_sampling("tiktok", **how), (1024, 40_000)),
}
"""Questions with the paths of the asking in small and of the one that is timed, which takes a second and more."""


TRIES = 3
"""A machine that changes its pace midway is no fault of the progress: one try of three has to be honest."""


@pytest.mark.parametrize("name", QUESTIONS)
def test_progress_tells_the_whole_time_within_a_factor_of_two(name: str) -> None:
    ask, (few, paths) = QUESTIONS[name]
    ask(paths=few)
    far: list[tuple[float, float]] = []
    for _ in range(TRIES):
        far = astray(ask, paths)
        if not far:
            break
    assert not far, far[:5]


def astray(ask: Callable[..., Any], paths: int) -> list[tuple[float, float]]:
    """Share of the time and share of the work, wherever one is not within the factor of the other."""
    told: list[tuple[float, float]] = []
    here = threading.get_ident()
    began = time.process_time()

    def progress(done: int, total: int) -> None:
        assert threading.get_ident() == here  # a caller's function need not bear other threads
        assert 0 < done <= total
        told.append((time.process_time() - began, done / total))

    ask(paths=paths, progress=progress)
    took = time.process_time() - began
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) >= 8 and shares[0] < 0.15
    return [(at / took, share) for at, share in told if share >= 0.1 and not 1 / FACTOR <= at / share / took <= FACTOR]


def test_a_question_that_tells_too_much_too_soon_is_noticed() -> None:
    """The negative control: half of the work that is told at once is astray."""

    def ask(paths: int, progress: Callable[[int, int], None] | None = None) -> None:
        for done in range(1, paths + 1):
            until = time.process_time() + 0.01
            while time.process_time() < until:
                pass
            if progress is not None:
                progress(min(paths, done + paths // 2) if done > 1 else 1, paths)

    assert astray(ask, 20)


def test_a_waiting_caller_is_told_what_other_threads_have_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.simulation.pool.LOOKS", 0.01)
    told: list[tuple[int, int]] = []
    here = threading.get_ident()
    seen = threading.Event()

    def progress(done: int, total: int) -> None:
        assert threading.get_ident() == here
        told.append((done, total))
        seen.set()

    meter = Meter(progress, 10)

    def work(item: int) -> int:
        meter.add(2)
        assert seen.wait(30)  # the caller hears of it while the piece is still under way
        meter.add(3)
        return item

    assert list(in_order(work, [1, 2], 2, meter)) == [1, 2]
    assert told[-1] == (10, 10)
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_one_thread_tells_at_once() -> None:
    told: list[tuple[int, int]] = []
    meter = Meter(lambda done, total: told.append((done, total)), 3)
    assert list(in_order(lambda item: meter.add(item), [1, 2], 1, meter)) == [None, None]
    assert told == [(1, 3), (3, 3)]
    Meter(None, 3).add(1)  # nobody listens


def test_a_part_stands_for_its_share_of_the_whole() -> None:
    told: list[tuple[int, int]] = []
    part = part_of(lambda done, total: told.append((done, total)), 30, 50, 100)
    assert part is not None
    part(1, 2)
    part(2, 2)
    assert told == [(55, 100), (80, 100)]
    assert part_of(None, 0, 1, 2) is None


def test_counting_changes_no_digit() -> None:
    silent = attribute("five-customers", paths=256, workers=2)
    loud = attribute("five-customers", paths=256, workers=1, progress=lambda done, total: None)
    assert silent.to_dict()["events"] == loud.to_dict()["events"]
