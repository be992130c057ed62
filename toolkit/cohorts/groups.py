"""Groupings of schools: a column each, and which columns of a register serve as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from toolkit.cohorts.disclosure import Bools
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.instrument.arguments import check_type

Groups = Mapping[str, str] | pd.Series | pd.DataFrame

NO_GROUPING = ["school", "name", "wave", "match"]
"""Columns of a table of schools that are no grouping."""

MAX_GROUPS, MAX_MISSING, MAX_GROUPINGS = 20, 0.2, 4
"""Groups and part of the schools without one that a column may have to be taken unasked, and columns at most."""

TAKEN, TOO_MANY_GROUPS, TOO_MUCH_MISSING, ONE_GROUP_EACH, TOO_MANY_GROUPINGS = (
    "", "too many groups", "too much missing", "no group of five", "too many groupings",
)  # fmt: skip


def group_table(groups: Groups, by: str | Sequence[str] | None, schools: pd.Index) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Groups per school, and which columns were taken as groupings.

    Parameters
    ----------
    groups, by
        See `toolkit.prepare_cohorts`.
    schools
        Schools of the responses.

    Returns
    -------
    One row per school (index) and one column per grouping, missing where a school has no group; and a table with
    columns `grouping, taken, groups, missing, why`, one row per column that could be a grouping. Where none is taken,
    all schools are one group.
    """
    say = load_text().say
    check_type(groups, "groups", (Mapping, pd.Series, pd.DataFrame), 'tk.read_register("scholen.csv")')
    if isinstance(groups, pd.DataFrame):
        table = groups.set_index("school") if "school" in groups.columns else groups
        columns = [by] if isinstance(by, str) else list(by or [c for c in table.columns if c not in NO_GROUPING])
        if missing := [column for column in columns if column not in table.columns]:
            raise ToolkitError(
                say(
                    "cohort.no_column",
                    missing=", ".join(missing),
                    there=", ".join(c for c in table.columns if c not in NO_GROUPING),
                )
            )
        table = table[columns]
    else:
        series = groups if isinstance(groups, pd.Series) else pd.Series(dict(groups), dtype="object")
        table = series.to_frame(by if isinstance(by, str) else str(series.name or "group"))
        by = table.columns[0]
    text = _one_row_per_school(table, schools)
    if text.isna().all(axis=None):
        raise ToolkitError(say("cohort.no_grouping"))
    report = _report(text.reindex(schools), chosen=bool(by) or text.shape[1] == 1)
    if not report["taken"].any():
        everyone = say("cohort_report.everyone").lower()
        all_schools = pd.DataFrame([(everyone, True, 1, 0.0, TAKEN)], columns=report.columns)
        return pd.DataFrame({everyone: everyone}, index=schools, dtype="object"), pd.concat([all_schools, report])
    return text[report.loc[report["taken"], "grouping"].tolist()], report


def membership(table: pd.DataFrame, cells: list[tuple[str, str]], schools: pd.Index) -> Bools:
    """Which schools are in a cell (one group of one grouping): shape (cells, schools)."""
    groups_of_schools = table.reindex(schools)
    columns = {name: groups_of_schools[name].to_numpy(dtype=object) for name in table.columns}
    member = [columns[name] == group for name, group in cells]
    return np.array(member, dtype=bool).reshape(len(cells), len(schools))


def _one_row_per_school(table: pd.DataFrame, schools: pd.Index) -> pd.DataFrame:
    say = load_text().say
    table = table.set_axis(table.index.astype("str"), axis=0)
    table = table[~table.reset_index().duplicated().to_numpy()]
    if table.index.has_duplicates:
        double = ", ".join(table.index[table.index.duplicated()].unique()[:20])
        raise ToolkitError(say("cohort.twice", schools=double))
    if not table.index.isin(schools).any():
        raise ToolkitError(say("cohort.no_school", found=", ".join(table.index[:5]), there=", ".join(schools[:5])))
    text = table.astype("object").where(table.notna(), None)
    return text.map(lambda value: None if value is None or not str(value).strip() else str(value).strip())


def _report(table: pd.DataFrame, chosen: bool) -> pd.DataFrame:
    """Of each column: its groups, the part of the schools without one, and whether it is taken, or why not."""
    rows = []
    for name in table.columns:
        counts = table[name].value_counts()
        why = TAKEN if chosen else _why_not(counts, table[name].isna().mean(), len(table))
        rows.append((name, why == TAKEN, len(counts), float(table[name].isna().mean()), why))
    report = pd.DataFrame(rows, columns=["grouping", "taken", "groups", "missing", "why"])
    if not chosen:  # each grouping more that crosses the others makes small groups easier to derive
        extra = report[report["taken"]].sort_values("groups", kind="stable").index[MAX_GROUPINGS:]
        report.loc[extra, "why"] = TOO_MANY_GROUPINGS
        report["taken"] = report["why"].eq(TAKEN)
    return report


def _why_not(counts: pd.Series, missing: float, schools: int) -> str:
    if counts.empty or counts.max() < 5:
        return ONE_GROUP_EACH
    if missing > MAX_MISSING:
        return TOO_MUCH_MISSING
    return TOO_MANY_GROUPS if len(counts) > min(MAX_GROUPS, max(schools // 5, 2)) else TAKEN
