"""Tables of figures over schools, a row per cell and figure; missing ones have a reason."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from toolkit.cohorts.disclosure import RULE, Texts
from toolkit.cohorts.model import CELL, Cohorts, is_director_item
from toolkit.core.errors import MissingReason
from toolkit.measures.array_math import Floats, Ints

KEYS = [*CELL, "group_a", "group_b", "wave", "wave_a", "wave_b", "measure", "role", "step", "item"]


def to_long(
    cells: pd.DataFrame, cohorts: Cohorts, columns: Ints, values: Mapping[str, Floats], why: Texts
) -> pd.DataFrame:
    """One row per cell and figure."""
    figures = cohorts.figures.iloc[columns]
    cell, figure = np.divmod(np.arange(len(cells) * len(columns)), len(columns))
    names = {name: cells[name].array.take(cell) for name in cells.columns}
    what = {name: figures[name].array.take(figure) for name in figures.columns}
    flat = {name: np.asarray(part, dtype=float).reshape(-1) for name, part in values.items()}
    return pd.DataFrame({**names, **what, **flat, "why": why.reshape(-1)})


def finish_table(table: pd.DataFrame, cohorts: Cohorts, per: str) -> pd.DataFrame:
    """Clear hidden figures, add the reasons of missing values, and order the columns."""
    if table.empty:
        return table
    counts = [name for name in table.columns if name in ("n", "step", "n_left", "n_joined")]
    counts += [name for name in table.columns if name.startswith(("n_schools", "n_items"))]
    table = table.astype(dict.fromkeys(counts, "Int64"))
    table["step"] = table["step"].astype("int64")
    schools = table[[name for name in table.columns if name.startswith("n_schools")]].astype("Float64").min(axis=1)
    exact = table.get("low", pd.Series(np.nan, index=table.index)).isna()
    rounded_only = is_director_item(table, cohorts.checklist) & (not cohorts.is_raw)
    table["reason"] = np.select(
        [schools.lt(2).fillna(False).to_numpy(dtype=bool), rounded_only, exact],
        [MissingReason.TOO_FEW_SCHOOLS, MissingReason.ITEM_OF_DIRECTORS, MissingReason.NO_SPREAD],
        "",
    )
    hidden = table["why"].notna()
    keys = [name for name in KEYS if name in table.columns and (name != "item" or per == "item")]
    values = [name for name in table.columns if name not in (*KEYS, "why", "reason")]
    table.loc[hidden, values] = np.nan
    table.loc[hidden, "reason"] = ""
    table["reason"] = table["reason"].astype("str").replace("", None)
    texts = dict.fromkeys([name for name in keys if name != "step"], "str")
    table = table.assign(suppressed=hidden, why=table["why"].astype("str")).astype(texts)
    if cohorts.is_raw:
        return table[[*keys, *[name for name in values if name != "rounded_to"], "reason"]]
    table = table[[*keys, *values, "reason", "suppressed", "why"]]
    table.attrs["disclosure_rule"] = RULE
    return table
