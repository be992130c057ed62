"""Whether a conclusion depends on what Beetje counts for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.instrument.arguments import explained
from toolkit.instrument.model import Instrument
from toolkit.measures.agreement import agreement
from toolkit.measures.counts import Counted, counted
from toolkit.measures.level import levels
from toolkit.privacy import Protected
from toolkit.responses import UNIT_COLUMNS, HasResponses

PARTLY = (0.25, 0.5, 0.75)
NAMES = ["at_25", "at_50", "at_75"]


@explained
def sensitivity(
    data: pd.DataFrame | HasResponses | Protected | Counted,
    checklist: Instrument | None = None,
    a: str = "director",
    b: str = "teacher",
) -> pd.DataFrame:
    """Levels and gaps with Beetje at 0.25, 0.5 and 0.75 of the way from Nee to Ja.

    Parameters
    ----------
    data
        Responses or an `Intake`, or `Protected`.
    a, b
        Roles of the gap.

    Returns
    -------
    One row per school × wave × measure × role × step: `school, wave, measure` (`level` or `gap`), `role` (of a gap:
    `a-b`), `step, at_25, at_50, at_75, changes`. `changes` says for a level that the step's place in the order of the
    five changes, for a gap that its sign does; missing where a value is. From `Protected` also `suppressed, why`.

    Examples
    --------
    >>> import toolkit as tk
    >>> safe = tk.protect(tk.samples.responses(schools=2))
    >>> tk.sensitivity(safe)["measure"].unique().tolist()
    ['level', 'gap']
    """
    source = counted(data, checklist)
    per_role = _side_by_side([levels(source, checklist, partly=p) for p in PARTLY], "level", ["role"])
    per_role["changes"] = _order_changes(per_role)
    pairs = [agreement(source, checklist, a, b, partly=p) for p in PARTLY]
    gaps = _side_by_side([pair.assign(role=pair["role_a"] + "-" + pair["role_b"]) for pair in pairs], "gap", ["role"])
    gaps["changes"] = _sign_changes(gaps)
    table = pd.concat([per_role, gaps], ignore_index=True)
    order = [*UNIT_COLUMNS, "measure", "role", "step", *NAMES, "changes"]
    return table[[*order, *(name for name in ("suppressed", "why") if name in table)]]


def _side_by_side(tables: list[pd.DataFrame], measure: str, keys: list[str]) -> pd.DataFrame:
    protection = [name for name in ("suppressed", "why") if name in tables[0]]
    base = tables[0][[*UNIT_COLUMNS, *keys, "step", *protection]].assign(measure=measure)
    # the rows of the three tables are the same: only what Beetje counts for differs
    return base.assign(**{name: table[measure].to_numpy() for name, table in zip(NAMES, tables, strict=True)})


def _order_changes(table: pd.DataFrame) -> pd.Series:
    """Whether a step's rank among the steps of its role changes; missing where the step has no level."""
    groups = [table["school"], table["wave"], table["role"]]
    ranks = pd.DataFrame({name: table[name].round(9).groupby(groups).rank(method="min") for name in NAMES})
    changes: pd.Series = ranks.nunique(axis=1).gt(1).astype("boolean")
    return changes.mask(table[NAMES].isna().any(axis=1))


def _sign_changes(table: pd.DataFrame) -> pd.Series:
    signs = pd.DataFrame({name: np.sign(table[name].round(9)) for name in NAMES})
    changes: pd.Series = signs.nunique(axis=1).gt(1).astype("boolean")
    return changes.mask(table[NAMES].isna().any(axis=1))
