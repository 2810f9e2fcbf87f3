"""Work on threads, never more of it under way than there are workers; in turn where no thread can be had."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

Progress = Callable[[int, int], None]
"""Called with the work done and all of it, in units that take alike long: paths valued, for most questions."""

LOOKS = 0.1
"""Seconds after which a caller who waits for a piece of work is told how far it is."""

Item = TypeVar("Item")
Done = TypeVar("Done")


class Meter:
    """Work done, counted on any thread, and told on the one that made the meter, whose function may not bear others.

    Parameters
    ----------
    progress
        What is told; None: nothing.
    total
        All the work.
    """

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total = progress, total
        self._lock, self._owner = threading.Lock(), threading.get_ident()
        self._done = self._told = 0

    def add(self, units: int) -> None:
        """Count work that was done."""
        with self._lock:
            self._done += units
        if threading.get_ident() == self._owner:
            self.tell()

    def tell(self) -> None:
        """Say how far the work is, if there is anything new."""
        done = self._done
        if self._progress is not None and done != self._told:
            self._told = done
            self._progress(done, self._total)


def part_of(progress: Progress | None, before: int, part: int, whole: int) -> Progress | None:
    """Progress of a part of the work as that of the whole, of which so much was done before."""
    if progress is None:
        return None
    return lambda done, total: progress(before + round(part * done / max(1, total)), whole)


class Crew:
    """Threads that one question uses from its first piece of work to its last; a context manager.

    Parameters
    ----------
    workers
        Threads. With one, and where the system has no thread to give (a browser's Python), the caller's own is used.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: ThreadPoolExecutor | None = None

    def __enter__(self) -> Crew:
        self._pool = _pool(self._workers)
        return self

    def __exit__(self, *raised: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def in_order(
        self, work: Callable[[Item], Done], items: Iterable[Item], meter: Meter | None = None
    ) -> Iterator[Done]:
        """Do a piece of work for each item, and give back what comes of each, in the order of the items.

        Parameters
        ----------
        work
            Called on several threads at a time. It must do no harm if it is done twice.
        items
            Taken as they are needed: there may be any number of them.
        meter
            Tells the caller how far the work is while waiting for a piece of it.

        Notes
        -----
        As many results as there are workers may wait for an earlier one, so that memory stays bounded. Whoever stops
        listening, by an error or an interrupt, does not wait for what is under way.
        """
        waiting, pool = iter(items), self._pool
        if pool is None:
            yield from map(work, waiting)
            return
        under_way = deque(_submitted(pool, work, item) for item in islice(waiting, 2 * self._workers))
        try:
            while under_way:
                first = under_way.popleft()
                while meter is not None and not wait([first], LOOKS).done:
                    meter.tell()
                result = first.result()
                under_way.extend(_submitted(pool, work, item) for item in islice(waiting, 1))
                if meter is not None:
                    meter.tell()
                yield result
        finally:
            for future in under_way:
                future.cancel()


def in_order(
    work: Callable[[Item], Done], items: Iterable[Item], workers: int, meter: Meter | None = None
) -> Iterator[Done]:
    """Do all of a question's work, where it is of one kind only, with threads of its own; see :meth:`Crew.in_order`."""
    with Crew(workers) as crew:
        yield from crew.in_order(work, items, meter)


def _pool(workers: int) -> ThreadPoolExecutor | None:
    """A pool with a thread that runs; None where one is enough, or none can be had."""
    if workers == 1:
        return None
    pool = ThreadPoolExecutor(workers)
    try:
        pool.submit(int).result()
    except RuntimeError:
        return None
    return pool


def _submitted(pool: ThreadPoolExecutor, work: Callable[[Item], Done], item: Item) -> Future[Done]:
    try:
        return pool.submit(work, item)
    except RuntimeError:  # no further thread: those that there are have enough to do
        done: Future[Done] = Future()
        done.set_result(work(item))
        return done
