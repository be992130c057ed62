"""How far a school's level can be pinned down from all shown figures over schools."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from toolkit.cohorts.model import Cohorts
from toolkit.cohorts.sums import make_program, published, published_tables, shown_sums
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.progress import track
from toolkit.instrument.arguments import check_type, explained
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

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> cohorts = tk.prepare_cohorts(responses, groups=schools, by="sector")
    >>> audit = tk.audit_cohorts(cohorts, schools=schools["school"][:1])
    >>> bool(audit["room"].min() > 0)
    True
    """
    check_type(cohorts, "cohorts", Cohorts, "tk.prepare_cohorts(...)")
    if means is None and changes is not None:
        raise ToolkitError(load_text().say("cohort.audit_without_means"))
    shown = published(cohorts) if means is None else published_tables(cohorts, means, changes)
    known_roles = cohorts.checklist.known_role_ids
    sums = shown_sums(cohorts, per, shown, set(cohorts.checklist.role_ids))
    keys = cohorts.figures.iloc[cohorts.select(per)][["step", "item"]].drop_duplicates()
    chosen = cohorts.schools if schools is None else list(schools)
    is_audited = cohorts.schools.isin(chosen) & cohorts.member.any(axis=0)
    rows: list[tuple[object, ...]] = []
    for column, (step, item) in enumerate(track(list(keys.itertuples(index=False)), "step", progress, long=1)):
        program = make_program(sums, column, np.arange(len(cohorts.schools)))
        for unknown, (block, school) in enumerate(zip(program.block, program.school, strict=True)):
            role, wave = sums.blocks[block]
            if is_audited[school] and (per == "step" or role in known_roles):
                name = (cohorts.schools[school], cohorts.waves[wave], role, step, item)
                down, up = program.reach(unknown)
                value = float(program.truth[unknown])
                rows.append((*name, value, value - down, value + up))
    audit = pd.DataFrame(rows, columns=AUDIT[:-1])
    return audit.assign(room=audit["most"] - audit["least"])[AUDIT]
