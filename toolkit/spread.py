"""Do the same to many files, here, in processes or on a cluster; whoever dies takes no more than one file along."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

_A = TypeVar("_A")
_B = TypeVar("_B")
CHUNK, AHEAD = 16, 12
"""Files that go over together, and how many such lots wait their turn: memory stays the same however many there are."""


def mapped(
    work: Callable[[_A], _B],
    items: Sequence[_A],
    lost: Callable[[_A, BaseException], _B],
    workers: int | None = None,
    executor: Executor | None = None,
) -> Iterator[_B]:
    """Do `work` to each item, in order.

    Parameters
    ----------
    lost
        What to make of an item during which its process died, twice.
    workers
        Processes; 1 or None works in this one.
    executor
        Where to work instead. It stays open.
    """
    if executor is not None:
        yield from _over(work, items, lost, executor)
    elif workers is not None and workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            yield from _over(work, items, lost, pool)
    else:
        yield from map(work, items)


def _over(
    work: Callable[[_A], _B], items: Sequence[_A], lost: Callable[[_A, BaseException], _B], executor: Executor
) -> Iterator[_B]:
    lots = iter([items[place : place + CHUNK] for place in range(0, len(items), CHUNK)])
    waiting = deque((lot, _submit(executor, work, lot)) for lot in islice(lots, AHEAD))
    while waiting:
        lot, future = waiting.popleft()
        yield from _outcome(work, lot, lost, future)
        for more in islice(lots, 1):
            waiting.append((more, _submit(executor, work, more)))


def _submit(executor: Executor, work: Callable[[_A], _B], lot: Sequence[_A]) -> Future[list[_B]] | None:
    try:
        return executor.submit(_do, work, list(lot))
    except RuntimeError:  # a pool of which a process died takes nothing more
        return None


def _do(work: Callable[[_A], _B], lot: Sequence[_A]) -> list[_B]:
    return [work(item) for item in lot]


def _outcome(
    work: Callable[[_A], _B],
    lot: Sequence[_A],
    lost: Callable[[_A, BaseException], _B],
    future: Future[list[_B]] | None,
) -> list[_B]:
    if future is not None:
        try:
            return future.result()
        except Exception:  # whatever an executor raises for a worker that died: each has its own
            pass
    return _one_by_one(work, lot, lost)


def _one_by_one(work: Callable[[_A], _B], lot: Sequence[_A], lost: Callable[[_A, BaseException], _B]) -> list[_B]:
    """Each item in a process of its own, so that it is known which one kills."""
    done, pool = [], ProcessPoolExecutor(1)
    for item in lot:
        try:
            done.append(pool.submit(work, item).result())
        except Exception as error:
            done.append(lost(item, error))
            pool.shutdown()
            pool = ProcessPoolExecutor(1)
    pool.shutdown()
    return done
