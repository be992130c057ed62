"""Two ways to do the same, timed in turn."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

REPEATS = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """Processor time, in seconds, of our way and of a peer's."""

    what: str
    ours: float
    peer: float

    @property
    def ratio(self) -> float:
        """How many times the peer's time ours is; below 1 we are faster."""
        return self.ours / self.peer


def best(work: Callable[[], object]) -> float:
    """Processor time of the fastest of some runs: what else the machine does only makes a run slower."""
    return min(_timed(work) for _ in range(REPEATS))


def _timed(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def as_table(comparisons: Sequence[Comparison]) -> str:
    """Write the comparisons for people, a line each."""
    wide = max(len(comparison.what) for comparison in comparisons)
    lines = [f"{c.what:<{wide}} | {c.ours:8.3f} s | {c.peer:8.3f} s | {c.ratio:6.3f}" for c in comparisons]
    heading = f"{'what':<{wide}} | {'ours':>10} | {'peer':>10} | {'ratio':>6}"
    return "\n".join([heading, "-" * len(heading), *lines])
