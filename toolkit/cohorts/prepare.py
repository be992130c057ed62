"""Figures over schools, prepared once: values, groups, means as shown, and what is hidden."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from itertools import combinations

import numpy as np
import pandas as pd

from toolkit.cohorts.disclosure import Bools, has_group_role, minima_reasons
from toolkit.cohorts.groups import Groups, group_table, membership
from toolkit.cohorts.model import CELL, CellFigures, Cohorts, WaveChange, is_director_item, mean_base
from toolkit.cohorts.moments import cell_moments, count_per_cell
from toolkit.cohorts.room import hide_without_room
from toolkit.cohorts.school_values import Pair, SchoolValues, school_values
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.instrument.arguments import as_checklist, explained
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats, Ints
from toolkit.privacy import Policy, Protected
from toolkit.responses import HasResponses, check_responses


@explained
def prepare_cohorts(
    data: pd.DataFrame | HasResponses | Protected,
    checklist: Instrument | None = None,
    groups: Groups | None = None,
    by: str | Sequence[str] | None = None,
    *,
    policy: Policy | None = None,
    pairs: Sequence[Pair] = (("director", "teacher"),),
    executor: Executor | None = None,
    workers: int | None = None,
    progress: bool = False,
) -> Cohorts:
    """Compute the figures of every school once, and decide which may be shown.

    Parameters
    ----------
    data
        Responses, or what came through `protect` for a cohort or researcher.
    groups
        School to group (a dict, or a Series with schools as its index), or a table with `school` and a column per
        grouping. Schools without a group are in no cell.
    by
        Which columns of that table. Where none are given: at most four columns with few groups and few schools without
        one; `Cohorts.summary` names them and the others with the reason.
    policy
        `Policy(audience="cohort")` where none is given; `Policy(audience="researcher")` hides nothing, and no chart
        takes what comes of it.
    pairs
        Pairs of roles that are compared within each school; the first is the reference.
    executor, workers
        Where to compute; the figures are the same.
    progress
        Show a bar in a terminal or notebook.

    Raises
    ------
    ToolkitError
        The groups name no school of the responses, or one school twice; or the data were protected for a school.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> cohorts = tk.prepare_cohorts(responses, groups=schools, by="sector")
    >>> print(cohorts.summary())
    20 scholen; schooljaren: 2024-2025 en 2025-2026.
    Indeling sector: 2 groepen.
    """
    checklist = as_checklist(checklist)
    if groups is None:
        raise ToolkitError(load_text().say("cohort.no_groups"))
    responses, policy = responses_and_policy(data, checklist, policy)
    values = school_values(responses, checklist, pairs, executor, workers)
    schools = pd.Index(sorted(values.units["school"].unique()), dtype="str")
    table, report = group_table(groups, by, schools)
    cells = [(name, str(group)) for name in table.columns for group in sorted(table[name].dropna().unique())]
    member = membership(table, cells, schools)
    waves = sorted(values.units["wave"].unique())
    aligned = [_align(values, wave, schools) for wave in waves]
    shown = [_cell_figures(values.figures, value, n, member, checklist, policy) for value, n in aligned]
    value, n = [part[0] for part in aligned], [part[1] for part in aligned]
    frame = pd.DataFrame(cells, columns=CELL, dtype="str")
    cohorts = Cohorts(responses, checklist, values, policy, frame, report, waves, schools, member, value, n, shown, [])
    cohorts.changes.extend(_wave_change(cohorts, pair) for pair in combinations(range(len(waves)), 2))
    if not cohorts.is_raw:
        hide_without_room(cohorts, progress)
    return cohorts


def cohorts_of(
    data: pd.DataFrame | HasResponses | Protected | Cohorts,
    checklist: Instrument | None,
    groups: Groups | None,
    by: str | Sequence[str] | None,
    policy: Policy | None,
    executor: Executor | None,
    workers: int | None,
) -> Cohorts:
    """Prepared cohorts as they are; or prepare them from the other arguments."""
    if isinstance(data, Cohorts):
        ignored = {"checklist": checklist, "groups": groups, "by": by, "policy": policy}
        if names := [name for name, value in ignored.items() if value is not None]:
            raise ToolkitError(load_text().say("cohort.prepared", names=", ".join(names)))
        return data
    return prepare_cohorts(data, checklist, groups, by, policy=policy, executor=executor, workers=workers)


def responses_and_policy(
    data: pd.DataFrame | HasResponses | Protected, checklist: Instrument, policy: Policy | None
) -> tuple[pd.DataFrame, Policy]:
    """Responses to make figures over schools of, and the policy for it."""
    policy = data.policy if isinstance(data, Protected) else policy or Policy(audience="cohort")
    if policy.audience == "school":
        raise ToolkitError(load_text().say("cohort.for_a_school"))
    return data.responses if isinstance(data, Protected) else check_responses(data, checklist), policy


def _align(values: SchoolValues, wave: str, schools: pd.Index) -> tuple[Floats, Ints]:
    """Values and respondents of one wave, a row for each school."""
    rows = np.flatnonzero(values.units["wave"] == wave)
    index = pd.Index(values.units["school"].iloc[rows]).get_indexer(schools)
    present = (index >= 0)[:, None]
    return np.where(present, values.value[rows][index], np.nan), np.where(present, values.n[rows][index], 0)


def _cell_figures(
    figures: pd.DataFrame, value: Floats, n: Ints, member: Bools, checklist: Instrument, policy: Policy
) -> CellFigures:
    moments = cell_moments(value, member)
    if policy.audience == "researcher":
        return CellFigures(moments, np.zeros(moments.n.shape), np.full(moments.n.shape, None, dtype=object))
    people = count_per_cell(np.where(np.isnan(value), 0, n), member)
    why = minima_reasons(
        moments.n, people, is_director_item(figures, checklist), has_group_role(figures, checklist), policy
    )
    return CellFigures(moments, mean_base(figures, moments.n, checklist), why)


def _wave_change(cohorts: Cohorts, waves: tuple[int, int]) -> WaveChange:
    a, b = waves
    shared = _shared_items(cohorts, waves)
    before, after = cohorts.value[a], cohorts.value[b]
    if not shared.all():
        values = _over_shared_items(cohorts, waves, shared)
        before, after = (_align(values, cohorts.waves[wave], cohorts.schools)[0] for wave in waves)
    n = np.minimum(cohorts.n[a], cohorts.n[b])
    parts = (cohorts.figures, after - before, n, cohorts.member, cohorts.checklist, cohorts.policy)
    return WaveChange(waves, shared, before, after, _cell_figures(*parts))


def _shared_items(cohorts: Cohorts, waves: tuple[int, int]) -> Bools:
    """Which items the forms of both waves have: of every form version someone answered it."""
    items = cohorts.checklist.item_ids
    names = [cohorts.waves[wave] for wave in waves]
    rows = cohorts.responses[cohorts.responses["wave"].isin(names)]
    answered = rows[items].notna().groupby([rows["wave"], rows["form"]]).any()
    return answered[answered.any(axis=1)].all(axis=0).to_numpy(dtype=bool)


def _over_shared_items(cohorts: Cohorts, waves: tuple[int, int], shared: Bools) -> SchoolValues:
    """School values of two waves over the items that both have."""
    names = [cohorts.waves[wave] for wave in waves]
    rows = cohorts.responses[cohorts.responses["wave"].isin(names)].copy()
    items = zip(cohorts.checklist.item_ids, shared, strict=True)
    rows[[item for item, is_shared in items if not is_shared]] = pd.NA
    roles = [str(role).split("-") for role in cohorts.figures["role"].unique() if "-" in str(role)]
    pairs = [(role[0], role[1]) for role in roles]
    return school_values(check_responses(rows, cohorts.checklist), cohorts.checklist, pairs)
