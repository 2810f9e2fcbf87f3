"""Work on threads, never more of it under way than there are workers; in turn where no thread can be had."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Progress = Callable[[int, int], None]
"""Called with the number of paths done and of all paths."""

Item = TypeVar("Item")
Done = TypeVar("Done")


def in_order(work: Callable[[Item], Done], items: Iterable[Item], workers: int) -> Iterator[Done]:
    """Do a piece of work for each item, and give back what comes of each, in the order of the items.

    Parameters
    ----------
    work
        Called on several threads at a time. It must do no harm if it is done twice.
    items
        Taken as they are needed: there may be any number of them.
    workers
        Threads. With one, and where the system has no thread to give (a browser's Python), the caller's own is used.

    Notes
    -----
    As many results as there are workers may wait for an earlier one, so that memory stays bounded. Whoever stops
    listening, by an error or an interrupt, does not wait for what is under way.
    """
    waiting = iter(items)
    pool = _pool(workers)
    if pool is None:
        yield from map(work, waiting)
        return
    try:
        under_way = deque(_submitted(pool, work, item) for item in islice(waiting, 2 * workers))
        while under_way:
            result = under_way.popleft().result()
            under_way.extend(_submitted(pool, work, item) for item in islice(waiting, 1))
            yield result
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


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
