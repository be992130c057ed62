"""The input of a measure (raw responses or `Protected`), and its rows for hidden groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toolkit.core.errors import ResponsesError, ToolkitError
from toolkit.core.i18n import load_text
from toolkit.instrument.arguments import as_checklist, as_number, as_responses, explained
from toolkit.instrument.model import Instrument
from toolkit.privacy import Protected
from toolkit.responses import GROUP_COLUMNS, UNIT_COLUMNS, Counts, HasResponses, count_answers, step_matrix


@dataclass(frozen=True, slots=True)
class Counted:
    """Answers counted once, to take several measures from.

    Attributes
    ----------
    counts
        Of the answers that may be seen.
    protected
        What is hidden, which the measures' tables must say; None in a researcher's own table.
    """

    counts: Counts
    protected: Protected | None

    def table(self, of_part: Callable[[Counts], pd.DataFrame]) -> pd.DataFrame:
        """What `of_part` makes of some units at a time, stacked: the parts bound the memory."""
        parts = [of_part(part) for part in self.counts.parts()]
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)


@explained
def counted(data: pd.DataFrame | HasResponses | Protected | Counted, checklist: Instrument | None = None) -> Counted:
    """Count the answers that may be seen, for every measure that follows.

    Parameters
    ----------
    data
        Responses or an `Intake`, or `Protected`; a school of which everything is hidden keeps its place.

    Examples
    --------
    >>> import toolkit as tk
    >>> checklist = tk.load_instrument()
    >>> once = tk.counted(tk.samples.responses(checklist, schools=2, seed=1), checklist)
    >>> len(tk.levels(once, checklist)), len(tk.agreement(once, checklist))
    (60, 20)
    """
    checklist = as_checklist(checklist)
    if isinstance(data, Counted):
        return data
    if isinstance(data, Protected) and data.policy.audience == "cohort":
        raise ToolkitError(load_text().say("cohort.no_single_school"))
    if isinstance(data, Protected):
        counts = count_answers(data.responses, checklist, units=data.hidden[UNIT_COLUMNS])
        return Counted(counts, None) if data.is_raw else Counted(_without_forms(counts, checklist), data)
    table = as_responses(data)
    if missing := [column for column in (*GROUP_COLUMNS, *checklist.item_ids) if column not in table]:
        raise ResponsesError(load_text().say("argument.missing_columns", wanted=", ".join(missing[:10])))
    return Counted(count_answers(table, checklist), None)


def _without_forms(counts: Counts, checklist: Instrument) -> Counts:
    """The counts per item alone, from which no figure can tell which answers were given by one person.

    Of a group the respondents of a step are the most that answered one of its items: how many answered any of them
    tells who left items blank together.
    """
    n = np.stack([counts.per_item[..., items].max(axis=-1) for items in step_matrix(checklist).T.astype(bool)], -1)
    is_person = np.isin(counts.roles, checklist.known_role_ids)[:, None]
    no_forms = {name: getattr(counts, name)[:0] for name in ("codes", "form_unit", "form_role")}
    return replace(counts, respondents=np.where(is_person, counts.respondents, n), **no_forms)


TeamSize = int | pd.DataFrame | None
"""How many people a sampled role has: a number, a table, or None where it is not known."""


def team_size_of(
    team_size: TeamSize, counts: Counts, role: NDArray[np.int64], checklist: Instrument
) -> NDArray[np.float64]:
    """How many people there are per unit of the role with that index; NaN where it is not known.

    Parameters
    ----------
    team_size
        A number, which goes for every sampled role (for one school); or a table with columns `school, wave, role` and
        `team_size` (or `invited`). Of a team it is the sum over its roles, where all are known.

    Raises
    ------
    ToolkitError
        A column is missing, or a role of a school and wave has two numbers.
    """
    if team_size is None:
        return np.full(len(counts.units), np.nan)
    if not isinstance(team_size, pd.DataFrame):
        return np.full(len(counts.units), as_number(team_size, "team_size", 1))
    sizes = _size_per_role(team_size, checklist).reindex(pd.MultiIndex.from_frame(counts.units))
    return sizes[counts.roles].to_numpy(dtype=np.float64)[np.arange(len(role)), role]


def known_size(team_size: NDArray[np.float64], n: NDArray[np.int64]) -> NDArray[np.float64]:
    """Team size per unit and group where it can be right; shape of `n` (units, groups)."""
    return np.where(team_size[:, None] >= n, team_size[:, None], np.nan)


def one_team_size(team_size: TeamSize, invited: pd.DataFrame | None) -> TeamSize:
    """Either of the two names for the same thing; raises `ToolkitError` where both are given."""
    if team_size is not None and invited is not None:
        raise ToolkitError(load_text().say("argument.team_size"))
    if isinstance(invited, str):  # a number as text; the name is that of the argument
        return as_number(invited, "invited", 1)
    return invited if team_size is None else team_size


def _size_per_role(table: pd.DataFrame, checklist: Instrument) -> pd.DataFrame:
    """One row per school and wave, a column for each role and for the team."""
    column = "team_size" if "team_size" in table else "invited"
    if missing := {*GROUP_COLUMNS, column} - set(table.columns):
        raise ToolkitError(
            f"{column}: kolom {', '.join(sorted(missing))} ontbreekt; nodig zijn school, wave, role, {column}."
        )
    if table.duplicated(GROUP_COLUMNS).any():
        raise ToolkitError(
            f"{column}: van een rol staan er twee aantallen bij dezelfde school en hetzelfde meetmoment."
        )
    numbers = pd.to_numeric(table[column]).to_numpy(dtype=np.float64, na_value=np.nan)
    long = pd.Series(numbers, pd.MultiIndex.from_frame(table[GROUP_COLUMNS].astype({"role": "str"})))
    sizes = long.unstack("role").reindex(columns=checklist.shown_role_ids)
    team = checklist.team
    return sizes.assign(**{team.id: sizes[team.id].fillna(sizes[team.roles].sum(axis=1, skipna=False))})


def take_text(values: Sequence[str | None] | pd.Series, indices: NDArray[np.int64]) -> pd.Series:
    """The texts at those places, without a detour over Python's strings."""
    return pd.Series(values, dtype="str").take(indices).reset_index(drop=True)


def to_nullable_int(values: NDArray[np.generic]) -> pd.Series:
    """Counts as a column that can also be missing."""
    return pd.Series(values.ravel()).astype("Int64")


def reason_if(missing: NDArray[np.bool_] | pd.Series, reason: str) -> pd.Series:
    """The reason where something is missing, and missing where nothing is."""
    return take_text([None, reason], np.asarray(missing, dtype=np.int64))


def first_reason(cases: dict[str, NDArray[np.bool_]]) -> pd.Series:
    """The first reason that applies to each row; missing where none does."""
    case = np.select(list(cases.values()), np.arange(len(cases)).tolist(), default=len(cases))
    return take_text([*cases, None], case)


def hidden_groups(data: Protected) -> pd.DataFrame:
    """The groups that are not shown at all: columns `school, wave, role, why`."""
    return data.hidden[data.hidden["item"].isna()].drop(columns="item")


def hidden_items(data: Protected, checklist: Instrument) -> pd.DataFrame:
    """The items not shown of a group that is: columns `school, wave, role, step, item, why`."""
    items = data.hidden.dropna(subset="item")
    step = dict(zip(checklist.item_ids, checklist.item_steps, strict=True))
    return items.assign(step=items["item"].map(step).astype("int64"))


def with_hidden_rows(shown: pd.DataFrame, hidden: pd.DataFrame, keys: list[str], roles: list[str]) -> pd.DataFrame:
    """Put rows without any value among the others, in the order of `keys`, roles as given."""
    rows = hidden.assign(suppressed=True).reindex(columns=shown.columns).astype(shown.dtypes.to_dict())
    order = {role: rank for rank, role in enumerate(roles)}
    return pd.concat([shown, rows], ignore_index=True).sort_values(
        keys, key=lambda column: column.map(order) if column.name == "role" else column, ignore_index=True
    )
