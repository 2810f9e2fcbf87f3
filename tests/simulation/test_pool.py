"""Work on threads: in order, bounded, and in turn where no thread can be had."""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import sim
from sim.simulation.pool import Crew, in_order
from tests.chance.test_sampling import QUESTIONS, SMALL


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_results_come_in_the_order_of_the_items(workers: int) -> None:
    def slow_at_first(item: int) -> int:
        time.sleep(0.02 if item % 5 == 0 else 0.0)
        return item * item

    assert list(in_order(slow_at_first, range(40), workers)) == [item * item for item in range(40)]


def test_no_more_is_under_way_than_there_are_workers_and_results_that_wait_are_few() -> None:
    """Items are taken as they are needed: of endlessly many, twice the workers and those whose results were given."""
    taken = itertools.count()
    seen: list[int] = []

    def items() -> Any:
        while True:
            seen.append(next(taken))
            yield seen[-1]

    running, most, lock = 0, 0, threading.Lock()

    def work(item: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.002)
        with lock:
            running -= 1
        return item

    for result in in_order(work, items(), 3):
        assert len(seen) <= result + 1 + 2 * 3
        if result == 20:
            break
    assert 1 < most <= 3


def test_an_error_comes_through_and_nothing_more_is_begun() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        if item == 3:
            raise ValueError("three")
        return item

    with pytest.raises(ValueError, match="three"):
        list(in_order(work, range(1000), 2))
    assert len(begun) < 20


def test_a_question_has_one_crew_however_many_kinds_of_work_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that are started anew for each kind of work fault their memory in again: a sweep was 5 % slower."""
    made: list[int] = []

    class Counted(ThreadPoolExecutor):
        def __init__(self, workers: int) -> None:
            made.append(workers)
            super().__init__(workers)

    monkeypatch.setattr("sim.simulation.pool.ThreadPoolExecutor", Counted)
    sim.sweep("reference-work", paths=4096, workers=2)
    assert made == [2]


def test_a_crew_takes_on_further_work_after_a_caller_stopped_listening() -> None:
    with Crew(2) as crew:
        for result in crew.in_order(lambda item: item, itertools.count()):
            if result == 3:
                break
        assert list(crew.in_order(lambda item: item + 1, range(5))) == [1, 2, 3, 4, 5]


@pytest.fixture
def no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python that can't start threads, as a browser's."""

    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


@pytest.fixture(scope="module")
def with_threads() -> dict[str, Any]:
    return {question: _answer(question) for question in QUESTIONS}


def _answer(question: str) -> Any:
    given = {} if question == "trace" else {"paths": 64}
    workers = {} if question in ("trace", "verify", "explore") else {"workers": 3}
    found = QUESTIONS[question](SMALL, **given, **workers)
    if question == "trace":
        return found.to_csv()
    if question == "explore":
        return found.measures
    if question == "report":
        return found.measures
    told = found.to_dict()
    told.get("run", {}).pop("seconds", None)
    return told


@pytest.mark.parametrize("question", QUESTIONS)
def test_where_no_thread_can_be_had_every_question_is_answered_alike(
    question: str, with_threads: dict[str, Any], no_threads: None
) -> None:
    assert _answer(question) == with_threads[question]


def test_where_threads_run_out_the_rest_is_done_by_those_that_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start
    left = [1]

    def one_only(self: threading.Thread) -> None:
        if not left:
            raise RuntimeError("can't start new thread")
        left.pop()
        start(self)

    monkeypatch.setattr(threading.Thread, "start", one_only)
    assert list(in_order(lambda item: item + 1, range(50), 8)) == list(range(1, 51))


def test_a_run_on_threads_is_one_in_turn() -> None:
    one, three = (sim.run("tiktok", paths=8000, workers=workers) for workers in (1, 3))
    assert (one.loss == three.loss).all()
    assert one.measures == three.measures
