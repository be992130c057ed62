"""Do the same to many files, here, in processes or on a cluster; whoever dies takes no more than one file along."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from typing import TypeVar

import msgspec

_A = TypeVar("_A")
_B = TypeVar("_B")
CHUNK, AHEAD = 50, 8
"""Files that go over together, and how many such lots wait their turn: memory stays the same however many there are."""

PATIENCE, EACH = 10.0, 2.0
"""Seconds a process may take over a lot, and more for each file in it; longer, and it hangs."""


def mapped(
    work: Callable[[_A], _B],
    items: Sequence[_A],
    lost: Callable[[_A, BaseException], _B],
    kind: type[_B],
    workers: int | None = None,
    executor: Executor | None = None,
) -> Iterator[_B]:
    """Do `work` to each item, in order.

    Parameters
    ----------
    lost
        What to make of an item during which its process died or hung, twice.
    kind
        What `work` gives: it comes from another process packed, since pickling takes as long as reading a form.
    workers
        Processes; 1 or None works in this one.
    executor
        Where to work instead. It stays open.
    """
    if executor is not None:
        yield from _over(work, items, lost, kind, executor)
    elif workers is not None and workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            yield from _over(work, items, lost, kind, pool)
    else:
        yield from map(work, items)


def _over(
    work: Callable[[_A], _B],
    items: Sequence[_A],
    lost: Callable[[_A, BaseException], _B],
    kind: type[_B],
    executor: Executor,
) -> Iterator[_B]:
    do = partial(_do, work, watched=not isinstance(executor, ThreadPoolExecutor))
    alone = partial(_do, work, watched=True)
    unpack = msgspec.msgpack.Decoder(list[kind]).decode  # type: ignore[valid-type]
    lots = iter([list(items[place : place + CHUNK]) for place in range(0, len(items), CHUNK)])
    waiting = deque((lot, _submit(executor, do, lot)) for lot in islice(lots, AHEAD))
    while waiting:
        lot, future = waiting.popleft()
        packed = _result(future)
        for more in islice(lots, 1):
            waiting.append((more, _submit(executor, do, more)))
        yield from unpack(packed) if packed is not None else _one_by_one(alone, lot, unpack, lost)


def _submit(executor: Executor, do: Callable[[list[_A]], bytes], lot: list[_A]) -> Future[bytes] | None:
    try:
        return executor.submit(do, lot)
    except RuntimeError:  # a pool of which a process died takes nothing more
        return None


def _do(work: Callable[[_A], _B], lot: list[_A], watched: bool) -> bytes:
    if not watched or multiprocessing.parent_process() is None:
        return msgspec.msgpack.encode([work(item) for item in lot])
    with open(os.devnull, "w") as nowhere:
        # a process that hangs ends itself: then it is one that died
        faulthandler.dump_traceback_later(PATIENCE + EACH * len(lot), exit=True, file=nowhere)
        try:
            return msgspec.msgpack.encode([work(item) for item in lot])
        finally:
            faulthandler.cancel_dump_traceback_later()


def _result(future: Future[bytes] | None) -> bytes | None:
    """What a lot gave; None where its process died."""
    try:
        return future.result() if future is not None else None
    except Exception:  # whatever an executor raises for a worker that died: each has its own
        return None


def _one_by_one(
    do: Callable[[list[_A]], bytes],
    lot: list[_A],
    unpack: Callable[[bytes], list[_B]],
    lost: Callable[[_A, BaseException], _B],
) -> list[_B]:
    """Each item in a process of its own, so that it is known which one kills; what else goes wrong is raised."""
    done, pool = list[_B](), ProcessPoolExecutor(1)
    for item in lot:
        try:
            done += unpack(pool.submit(do, [item]).result())
        except BrokenProcessPool as died:
            done.append(lost(item, died))
            pool.shutdown()
            pool = ProcessPoolExecutor(1)
    pool.shutdown()
    return done
