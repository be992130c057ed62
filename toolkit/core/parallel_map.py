"""Parallel map that keeps order and survives crashed workers. A crash costs one item."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar

import msgspec

_A = TypeVar("_A")
_B = TypeVar("_B")
CHUNK_SIZE, MAX_IN_FLIGHT = 16, 12
"""Items that go to a worker at once, and chunks that wait for one: memory stays the same however many there are."""


def parallel_map(
    work: Callable[[_A], _B],
    items: Sequence[_A],
    on_crash: Callable[[_A, BaseException], _B],
    workers: int | None = None,
    executor: Executor | None = None,
    *,
    result_type: Any = None,
    chunk_size: int = CHUNK_SIZE,
) -> Iterator[_B]:
    """Yield the result of `work` for each item, in order.

    Parameters
    ----------
    on_crash
        Makes the result of an item during which its process died, twice.
    workers
        Processes; 1 or None works in this one.
    executor
        Where to work instead. It stays open.
    result_type
        The type of a result, where results come packed from another process: to pickle a form takes as long as to
        read it.
    chunk_size
        Items that go to a worker at once.
    """
    if executor is None and (workers is None or workers <= 1):
        yield from map(work, items)
        return
    task = _ChunkTask(work, result_type is not None)
    decode = msgspec.msgpack.Decoder(list[result_type]).decode if result_type is not None else None
    chunks = [list(items[start : start + chunk_size]) for start in range(0, len(items), chunk_size)]
    with contextlib.ExitStack() as stack:
        pool = executor or stack.enter_context(ProcessPoolExecutor(workers))
        for chunk, result in _in_flight(pool, task, chunks):
            done = result if result is not None else _one_by_one(task, chunk, on_crash)
            yield from decode(done) if decode is not None and isinstance(done, bytes) else done


@dataclass(frozen=True, slots=True)
class _ChunkTask:
    """The work on one chunk, as it goes to another process."""

    work: Callable[[Any], Any]
    packed: bool

    def __call__(self, chunk: list[Any]) -> Any:
        done = [self.work(item) for item in chunk]
        return msgspec.msgpack.encode(done) if self.packed else done


def _in_flight(executor: Executor, task: _ChunkTask, chunks: list[list[_A]]) -> Iterator[tuple[list[_A], Any]]:
    """Yield each chunk with its result; None where its process died."""
    remaining = iter(chunks)
    in_flight = deque((chunk, _submit(executor, task, chunk)) for chunk in islice(remaining, MAX_IN_FLIGHT))
    while in_flight:
        chunk, future = in_flight.popleft()
        result = _result(future)
        for following in islice(remaining, 1):
            in_flight.append((following, _submit(executor, task, following)))
        yield chunk, result


def _submit(executor: Executor, task: _ChunkTask, chunk: list[_A]) -> Future[Any] | None:
    try:
        return executor.submit(task, chunk)
    except RuntimeError:  # a pool of which a process died takes nothing more
        return None


def _result(future: Future[Any] | None) -> Any:
    try:
        return future.result() if future is not None else None
    except Exception:  # whatever an executor raises for a worker that died: each has its own
        return None


def _one_by_one(task: _ChunkTask, chunk: list[_A], on_crash: Callable[[_A, BaseException], _B]) -> list[_B]:
    """Work on each item in a process of its own, to find the one that kills; other exceptions are raised."""
    done, pool = list[_B](), ProcessPoolExecutor(1)
    single_task = replace(task, packed=False)
    for item in chunk:
        try:
            done += pool.submit(single_task, [item]).result()
        except BrokenProcessPool as died:
            done.append(on_crash(item, died))
            pool.shutdown()
            pool = ProcessPoolExecutor(1)
    pool.shutdown()
    return done
