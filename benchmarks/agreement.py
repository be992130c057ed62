"""Agreement with intervals against what a researcher would loop over: `python -m benchmarks.agreement`.

1,000 schools of one director and 29 teachers, 33 items, 3% blanks. Ours: `levels`, `agreement` and `consensus`, every
figure per step with its interval, from the responses table to the finished tables. The others, where installed, run per
school and step on the same answers; a small part is timed and scaled, and what is printed says so. None of them is a
dependency of what users get (krippendorff's licence, GPL-3, wouldn't allow it). Wall time is what one waits; processor
time is what the ratios can be trusted in while the machine does other work too.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import time
import tracemalloc
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import toolkit as tk
from toolkit.responses import answer_matrix

Floats = NDArray[np.float64]

SCHOOLS, TEACHERS, REPLICATES = 1_000, 29, 1_000
ROUNDS, CALLS, MANY = 3, 200, 10_000
GOAL = 2_000
SEED = 7


@dataclass(frozen=True, slots=True)
class Seconds:
    """What some work took, by the clock on the wall and of the processor."""

    wall: float
    processor: float

    @classmethod
    def of(cls, work: Callable[[], object]) -> Seconds:
        wall, processor = time.perf_counter(), time.process_time()
        work()
        return cls(time.perf_counter() - wall, time.process_time() - processor)


@dataclass(frozen=True, slots=True)
class Peer:
    """What another library would take for all schools: some timed calls, scaled to how many there would be."""

    name: str
    timed: Seconds
    timed_calls: int
    calls: int

    @property
    def scaled(self) -> Seconds:
        times = self.calls / self.timed_calls
        return Seconds(self.timed.wall * times, self.timed.processor * times)


def draw_schools(number: int, checklist: tk.Instrument) -> pd.DataFrame:
    """One director and 29 teachers per school."""
    table = tk.samples.responses(checklist, schools=number, waves=1, teachers=(TEACHERS, TEACHERS), seed=SEED)
    directors = table["role"] == "director"
    first = directors & ~table[directors].duplicated(["school", "wave"]).reindex(table.index, fill_value=True)
    return table[first | (table["role"] == "teacher")].reset_index(drop=True)


def all_measures(table: pd.DataFrame, checklist: tk.Instrument) -> None:
    once = tk.counted(table, checklist)
    tk.levels(once, checklist)
    tk.agreement(once, checklist)
    tk.consensus(once, checklist)


def best_of(rounds: int, work: Callable[[], object]) -> Seconds:
    """The fastest round, by either clock."""
    all_rounds = [Seconds.of(work) for _ in range(rounds)]
    return Seconds(min(one.wall for one in all_rounds), min(one.processor for one in all_rounds))


def peak_memory(work: Callable[[], object]) -> float:
    """Peak memory above the start, in MB (2**20 bytes)."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


# --- the other libraries ---


def school_steps(table: pd.DataFrame, checklist: tk.Instrument) -> Iterator[Floats]:
    """Answers of one school to one step, persons × items, the director first; NaN for a blank."""
    values = answer_matrix(table, checklist).astype(float)
    values[values < 0] = np.nan
    step = np.array(checklist.item_steps)
    for rows in table.groupby("school", observed=True).indices.values():
        ordered = rows[np.argsort(table["role"].to_numpy()[rows] != "director", kind="stable")]
        for number in np.unique(step):
            yield values[ordered][:, step == number]


def installed(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def timed(name: str, calls: int, works: list[Callable[[], object]]) -> Peer:
    """Time the works, best of some rounds as ours is; a library may refuse answers that are all equal."""

    def every_work() -> None:
        for work in works:
            with contextlib.suppress(ValueError):
                work()

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return Peer(name, best_of(ROUNDS, every_work), len(works), calls)


def krippendorff_alpha(answers: list[Floats], calls: int) -> Peer | None:
    """Ordinal alpha per school and step, with a percentile bootstrap over persons."""
    library = installed("krippendorff")
    if library is None:
        return None
    rng = np.random.default_rng(SEED)

    def work(block: Floats) -> Callable[[], object]:
        def replicate() -> object:
            drawn = block[rng.integers(len(block), size=len(block))]
            return library.alpha(reliability_data=drawn, level_of_measurement="ordinal")

        return replicate

    name = f"krippendorff.alpha per school and step, {REPLICATES:,} replicates"
    return timed(name, SCHOOLS * 5 * (REPLICATES + 1), [work(block) for block in _repeated(answers, calls)])


def statsmodels_kappa(answers: list[Floats], calls: int) -> Peer | None:
    """Linear kappa of the director with each teacher over a step's items, with the formula's own standard error."""
    library = installed("statsmodels.stats.inter_rater")
    if library is None:
        return None

    def work(pair: Floats) -> Callable[[], object]:
        def kappa() -> object:
            table = np.zeros((3, 3))
            np.add.at(table, tuple(pair.astype(int)), 1)
            return library.cohens_kappa(table, wt="linear")

        return kappa

    name = "statsmodels cohens_kappa per director-teacher pair and step, no replicates"
    return timed(name, SCHOOLS * 5 * TEACHERS, [work(pair) for pair in _pairs(answers, calls)])


def sklearn_kappa(answers: list[Floats], calls: int) -> Peer | None:
    """Linear kappa of the director with each teacher over a step's items, without any interval."""
    library = installed("sklearn.metrics")
    if library is None:
        return None

    def work(pair: Floats) -> Callable[[], object]:
        return lambda: library.cohen_kappa_score(*pair.astype(int), labels=[0, 1, 2], weights="linear")

    name = "scikit-learn cohen_kappa_score per director-teacher pair and step, no interval"
    return timed(name, SCHOOLS * 5 * TEACHERS, [work(pair) for pair in _pairs(answers, calls)])


def _repeated(answers: list[Floats], number: int) -> list[Floats]:
    return [answers[index % len(answers)] for index in range(number)]


def _pairs(answers: list[Floats], number: int) -> list[Floats]:
    """Director and one teacher on the items both answered: these libraries take no blanks."""
    pairs = []
    for index, block in enumerate(_repeated(answers, number)):
        pair = block[[0, 1 + index % TEACHERS]]
        pairs.append(pair[:, ~np.isnan(pair).any(axis=0)])
    return [pair for pair in pairs if pair.size]


PEERS = {"krippendorff": krippendorff_alpha, "statsmodels": statsmodels_kappa, "scikit-learn": sklearn_kappa}


# --- what is printed ---


def show_peers(table: pd.DataFrame, checklist: tk.Instrument, ours: Seconds, calls: int) -> bool:
    """Print each peer's time and the ratio; false when krippendorff's is measured and below the goal."""
    few = table[table["school"].isin(table["school"].unique()[:40])]
    answers = list(school_steps(few.reset_index(drop=True), checklist))
    reached = True
    for library, measure in PEERS.items():
        peer = measure(answers, calls)
        if peer is None:
            print(f"  {library}: not installed")
            continue
        wall, ratio = peer.scaled.wall, peer.scaled.processor / ours.processor
        print(f"  {peer.name}: {wall:,.0f} s = {wall / ours.wall:,.0f} × ours; by processor time {ratio:,.0f} ×")
        milliseconds = 1e3 * peer.timed.wall / peer.timed_calls
        print(f"    scaled from {peer.timed_calls} timed calls of {milliseconds:.3f} ms to {peer.calls:,}")
        reached &= library != "krippendorff" or ratio >= GOAL
    return reached


def show_growth(checklist: tk.Instrument, table: pd.DataFrame, ours: Seconds) -> None:
    """Print time and memory at ten times as many schools."""
    many = draw_schools(MANY, checklist)
    large = best_of(2, lambda: all_measures(many, checklist))
    base, peak = (peak_memory(lambda t=t: all_measures(t, checklist)) for t in (table, many))
    per_school = large.processor / ours.processor * SCHOOLS / MANY
    print(f"  {MANY:,} schools: {_times(large)}; per school {per_school:.2f} × that of {SCHOOLS:,} schools")
    print(f"  peak memory beside the responses: {base:,.0f} MB at {SCHOOLS:,}, {peak:,.0f} MB at {MANY:,} schools")


def _times(seconds: Seconds) -> str:
    return f"{seconds.wall:.3f} s (processor {seconds.processor:.3f} s)"


def main(arguments: list[str] | None = None) -> int:
    """Time ours and the others, and print the ratios; 1 when krippendorff's is below the goal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agreement", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer timed calls, and no 10,000 schools")
    options = parser.parse_args(arguments)
    checklist = tk.load_instrument()
    table = draw_schools(SCHOOLS, checklist)
    ours = best_of(ROUNDS, lambda: all_measures(table, checklist))
    print(f"{SCHOOLS:,} schools × {TEACHERS} teachers and a director × {len(checklist.item_ids)} items")
    for name, measure in (("levels", tk.levels), ("agreement", tk.agreement), ("consensus", tk.consensus)):
        print(f"  {name}: {_times(best_of(ROUNDS, lambda m=measure: m(table, checklist)))}")
    print(f"  all measures with intervals, best of {ROUNDS}: {_times(ours)}")
    reached = show_peers(table, checklist, ours, CALLS // 4 if options.quick else CALLS)
    if not options.quick:
        show_growth(checklist, table, ours)
    return int(not reached)


if __name__ == "__main__":
    raise SystemExit(main())
