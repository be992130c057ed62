"""The figures of every school, as one matrix: what figures over schools are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from toolkit.instrument.model import Instrument
from toolkit.measures.agreement import split_of
from toolkit.measures.array_math import Floats, Ints, group_mean, mean_score
from toolkit.measures.level import enough_items
from toolkit.responses import GROUP_COLUMNS, Counts, count_answers, step_matrix

MEASURES = {"level": (0, 100), "gap": (-100, 100), "same": (0, 1), "lower": (0, 1), "higher": (0, 1), "linear": (0, 1)}
"""What is compared over schools, and the range of each."""

SCHOOLS_AT_A_TIME = 1_000
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class SchoolValues:
    """Every figure of every school and wave.

    Attributes
    ----------
    units
        Columns `school, wave`; row u belongs to row u of the matrices.
    figures
        Columns `measure, role, step, item`; row f belongs to column f of the matrices. `role` of a figure of two roles
        is `a-b`; `item` is empty for a step's own figure.
    value
        Shape (units, figures); NaN where a school has no such figure.
    n
        Respondents behind each: of the role, and of two roles of the one that is shown as a group.
    """

    units: pd.DataFrame
    figures: pd.DataFrame
    value: Floats
    n: Ints

    @property
    def is_step(self) -> np.ndarray:
        """Which figures are of a whole step."""
        return self.figures["item"].eq("").to_numpy(dtype=bool)


def school_values(
    responses: pd.DataFrame,
    checklist: Instrument,
    pairs: Sequence[Pair] = (("director", "teacher"),),
    executor: Executor | None = None,
    workers: int | None = None,
) -> SchoolValues:
    """Level per role, gap and split per pair of roles: of each school, wave, step and item.

    Parameters
    ----------
    responses
        A responses table that was checked.
    pairs
        Pairs of role ids; the first is the reference.
    executor, workers
        Where to compute chunks of a thousand schools; in this process where neither is given. The figures are the same.
    """
    work = partial(_values_of_chunk, checklist=checklist, pairs=tuple(pairs))
    if executor is not None:
        parts = _parts(work, responses, executor)
    elif workers is not None and workers > 1:
        with ProcessPoolExecutor(workers) as pool:
            parts = _parts(work, responses, pool)
    else:
        parts = [work(responses)]
    return SchoolValues(
        pd.concat([part.units for part in parts], ignore_index=True),
        parts[0].figures,
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.n for part in parts]),
    )


def _parts(
    work: Callable[[pd.DataFrame], SchoolValues], responses: pd.DataFrame, executor: Executor
) -> list[SchoolValues]:
    """Yield the values of some schools at a time, in the order of their ids."""
    schools = np.sort(responses["school"].dropna().unique())
    chunk = pd.Index(schools).get_indexer(pd.Index(responses["school"])) // SCHOOLS_AT_A_TIME
    number = max(-(-len(schools) // SCHOOLS_AT_A_TIME), 1)
    in_flight = [executor.submit(work, responses[chunk == index]) for index in range(number)]
    return [future.result() for future in in_flight]


def _values_of_chunk(responses: pd.DataFrame, checklist: Instrument, pairs: Sequence[Pair]) -> SchoolValues:
    counts = count_answers(responses.dropna(subset=GROUP_COLUMNS), checklist)
    columns: list[tuple[str, str, Floats, Floats, Ints, Ints]] = []
    for role in checklist.role_ids:
        columns.append(("level", role, *_level(counts, checklist, role), *_n(counts, role)))
    for a, b in pairs:
        grouped = b if not checklist.role(b).known else a  # type: ignore[union-attr]  # a team is no pair here
        for measure, per_step, per_item in _pair(counts, checklist, a, b):
            columns.append((measure, f"{a}-{b}", per_step, per_item, *_n(counts, grouped)))
    names = [_figures(measure, role, checklist) for measure, role, *_ in columns]
    value = np.concatenate(
        [part for _, _, per_step, per_item, _, _ in columns for part in (per_step, per_item)], axis=1
    )
    n = np.concatenate([part for *_, step_n, item_n in columns for part in (step_n, item_n)], axis=1)
    return SchoolValues(counts.units, pd.concat(names, ignore_index=True), value, n)


def _figures(measure: str, role: str, checklist: Instrument) -> pd.DataFrame:
    steps = [step.number for step in checklist.steps]
    columns = {"step": [*steps, *checklist.item_steps], "item": [*([""] * len(steps)), *checklist.item_ids]}
    return pd.DataFrame({"measure": measure, "role": role, **columns})


def _n(counts: Counts, role: str) -> tuple[Ints, Ints]:
    index = counts.roles.index(role)
    return counts.respondents[:, index], counts.per_item[:, index]


def _level(counts: Counts, checklist: Instrument, role: str) -> tuple[Floats, Floats]:
    """As `toolkit.levels` and `toolkit.item_table` have it."""
    steps = step_matrix(checklist)
    per_item = mean_score(counts.answers[:, counts.roles.index(role)])
    enough = enough_items((~np.isnan(per_item)).astype(np.int64) @ steps, checklist)
    return 100 * np.where(enough, group_mean(per_item, steps), np.nan), 100 * per_item


def _pair(counts: Counts, checklist: Instrument, a: str, b: str) -> Iterator[tuple[str, Floats, Floats]]:
    """As `toolkit.agreement` has it."""
    steps = step_matrix(checklist)
    first, second = (counts.answers[:, counts.roles.index(role)] for role in (a, b))
    gap = 100 * (mean_score(first) - mean_score(second))
    enough = enough_items((~np.isnan(gap)).astype(np.int64) @ steps, checklist)
    yield "gap", np.where(enough, group_mean(gap, steps), np.nan), gap
    split = split_of(first, second)
    for name in ("same", "lower", "higher", "linear"):
        yield name, np.where(enough, group_mean(split[name], steps), np.nan), split[name]
