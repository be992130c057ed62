"""Audit of figures over schools.

How far a single school's level can be pinned down from everything that is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from toolkit.cohorts.changes import ALL, cohort_changes
from toolkit.cohorts.compare import compare_cohorts
from toolkit.cohorts.disclosure import Bools
from toolkit.cohorts.equations import Lookup, level_equations, shown_table_lookup
from toolkit.cohorts.model import Cohorts
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.progress import track
from toolkit.instrument.arguments import explained
from toolkit.responses import GROUP_COLUMNS

AUDIT = [*GROUP_COLUMNS, "step", "item", "value", "least", "most", "room"]


@explained
def audit_cohorts(
    cohorts: Cohorts,
    means: pd.DataFrame | None = None,
    changes: pd.DataFrame | None = None,
    *,
    per: str = "step",
    schools: Sequence[str] | None = None,
    progress: bool = False,
) -> pd.DataFrame:
    """Least and most that each school's level can be, given everything that is shown.

    The attacker knows which schools are in which group, who took part and who answered what, and combines all shown
    means, gaps and changes of a step or item over all groupings and waves, each known to within its rounding: a linear
    program for each end (`scipy.optimize.milp`, HiGHS). The answers of directors to an item are whole numbers.

    Parameters
    ----------
    cohorts
        From `prepare_cohorts`, not a researcher's own.
    means, changes
        What is shown: from `compare_cohorts` and `cohort_changes` (steps, items, or both under each other). All of it
        where none are given.
    per
        `"step"`, or `"item"` for the items of directors.
    schools
        Only these schools (two programs per school, role, step and wave take long for thousands).
    progress
        Show a bar in a terminal or notebook.

    Returns
    -------
    Columns `school, wave, role, step, item, value, least, most, room`: `value` is the true level, between `least` and
    `most` (0..100); `room` is their difference, 0 where the level follows from what is shown.
    """
    if not isinstance(cohorts, Cohorts):
        raise ToolkitError(load_text().say("cohort.not_prepared", found=type(cohorts).__name__))
    if means is None:
        means, changes = compare_cohorts(cohorts, per=per), cohort_changes(cohorts, per=per, waves=ALL)
    lookup = shown_table_lookup(means, changes, cohorts)
    table = cohorts.figures.iloc[cohorts.select(per)]
    known = set(cohorts.checklist.known_role_ids)
    keys = table[["step", "item"]].drop_duplicates()
    roles = known if per == "item" else set(cohorts.checklist.role_ids)
    chosen = cohorts.schools.isin(list(schools)) if schools is not None else np.ones(len(cohorts.schools), dtype=bool)
    rows: list[tuple[object, ...]] = []
    for row in track(list(keys.itertuples(index=False)), "step", progress, long=1):
        rows += _reaches(cohorts, int(str(row.step)), str(row.item), roles, chosen, lookup)
    audit = pd.DataFrame(rows, columns=AUDIT[:-1])
    return audit.assign(room=audit["most"] - audit["least"])[AUDIT]


def _reaches(
    cohorts: Cohorts, step: int, item: str, roles: set[str], chosen: np.ndarray, lookup: Lookup
) -> Iterator[tuple[object, ...]]:
    equations = level_equations(cohorts, step, item, lookup)
    in_a_cell: Bools = np.asarray(cohorts.member.any(axis=0))
    for unknown, (wave, role, school) in enumerate(zip(equations.wave, equations.role, equations.school, strict=True)):
        if role in roles and chosen[school] and in_a_cell[school]:
            name = (cohorts.schools[school], cohorts.waves[wave], str(role), step, item)
            yield (*name, equations.truth[unknown], *equations.reach(unknown))
