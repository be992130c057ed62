"""Do the same to many files, here, in processes or on a cluster; whoever dies takes no more than one file along."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar

import msgspec

_A = TypeVar("_A")
_B = TypeVar("_B")
CHUNK, AHEAD = 16, 12
"""Items that go over together, and how many such lots wait their turn: memory stays the same however many there are."""

PATIENCE = 10.0
"""Seconds a process may take over a lot beside those for each item in it; longer, and it hangs."""


def parallel_map(
    work: Callable[[_A], _B],
    items: Sequence[_A],
    lost: Callable[[_A, BaseException], _B],
    workers: int | None = None,
    executor: Executor | None = None,
    *,
    kind: type[_B] | None = None,
    each: float | None = None,
    chunk: int = CHUNK,
) -> Iterator[_B]:
    """Do `work` to each item, in order.

    Parameters
    ----------
    lost
        What to make of an item during which its process died or hung, twice.
    workers
        Processes; 1 or None works in this one.
    executor
        Where to work instead. It stays open.
    kind
        What `work` gives, where that comes from another process packed: to pickle a form takes as long as to read it.
    each
        Seconds that an item may take in another process; None waits for ever.
    chunk
        Items that go over together.
    """
    if executor is None and (workers is None or workers <= 1):
        yield from map(work, items)
        return
    there = _There(work, kind, each)
    back = msgspec.msgpack.Decoder(list[kind]).decode if kind is not None else None  # type: ignore[valid-type]
    lots = [list(items[place : place + chunk]) for place in range(0, len(items), chunk)]
    with contextlib.ExitStack() as stack:
        pool = executor or stack.enter_context(ProcessPoolExecutor(workers))
        for lot, done in _over(pool, there, lots):
            given = done if done is not None else _one_by_one(there, lot, lost)
            yield from back(given) if back is not None and isinstance(given, bytes) else given


@dataclass(frozen=True, slots=True)
class _There:
    """What another process does to a lot."""

    work: Callable[[Any], Any]
    kind: type | None
    each: float | None
    watched: bool = True

    def __call__(self, lot: list[Any]) -> Any:
        if self.each is None or not self.watched or multiprocessing.parent_process() is None:
            return self._done(lot)
        with open(os.devnull, "w") as nowhere:
            # a process that hangs ends itself: then it is one that died
            faulthandler.dump_traceback_later(PATIENCE + self.each * len(lot), exit=True, file=nowhere)
            try:
                return self._done(lot)
            finally:
                faulthandler.cancel_dump_traceback_later()

    def _done(self, lot: list[Any]) -> Any:
        done = [self.work(item) for item in lot]
        return done if self.kind is None else msgspec.msgpack.encode(done)


def _over(executor: Executor, there: _There, lots: list[list[_A]]) -> Iterator[tuple[list[_A], Any]]:
    """Each lot with what it gave; None where its process died."""
    if isinstance(executor, ThreadPoolExecutor):
        there = replace(there, watched=False)
    coming = iter(lots)
    waiting = deque((lot, _submit(executor, there, lot)) for lot in islice(coming, AHEAD))
    while waiting:
        lot, future = waiting.popleft()
        done = _result(future)
        for more in islice(coming, 1):
            waiting.append((more, _submit(executor, there, more)))
        yield lot, done


def _submit(executor: Executor, there: _There, lot: list[_A]) -> Future[Any] | None:
    try:
        return executor.submit(there, lot)
    except RuntimeError:  # a pool of which a process died takes nothing more
        return None


def _result(future: Future[Any] | None) -> Any:
    try:
        return future.result() if future is not None else None
    except Exception:  # whatever an executor raises for a worker that died: each has its own
        return None


def _one_by_one(there: _There, lot: list[_A], lost: Callable[[_A, BaseException], _B]) -> list[_B]:
    """Each item in a process of its own, so that it is known which one kills; what else goes wrong is raised."""
    done, pool = list[_B](), ProcessPoolExecutor(1)
    alone = replace(there, kind=None)
    for item in lot:
        try:
            done += pool.submit(alone, [item]).result()
        except BrokenProcessPool as died:
            done.append(lost(item, died))
            pool.shutdown()
            pool = ProcessPoolExecutor(1)
    pool.shutdown()
    return done
