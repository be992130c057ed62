"""Response rates: how many of those invited filled in, per school and per group of schools."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from toolkit.core.errors import MissingReason, ToolkitError
from toolkit.core.i18n import load_text
from toolkit.instrument.arguments import as_checklist, check_columns, explained
from toolkit.instrument.model import Instrument
from toolkit.privacy import Policy
from toolkit.responses import GROUP_COLUMNS, UNIT_COLUMNS, check_responses

SIZE = "size"
"""Name of the grouping by number of people invited."""

SIZE_CLASSES = ((0, "1-10"), (11, "11-25"), (26, "26+"))
"""Least number of people invited of each class of `SIZE`, and its name."""


@explained
def response_rates(responses: pd.DataFrame, invited: pd.DataFrame, checklist: Instrument | None = None) -> pd.DataFrame:
    """Response of each school, wave and role: a researcher's own table.

    Parameters
    ----------
    responses
        A form counts when at least one item was answered.
    invited
        Columns `school, wave, role, invited`: how many people were asked, also of schools that sent nothing back. See
        `toolkit.schools.school_register.read_invited`.

    Returns
    -------
    Columns `school, wave, role, invited, n, rate, reason`; `rate` 0..1. It is missing where nobody knows how many were
    invited (`not known`) and where more answered than were invited (`more than invited`): then the number is wrong.

    Raises
    ------
    ToolkitError
        `invited` has no such columns, or a school, wave and role twice.

    Examples
    --------
    >>> from toolkit import load_instrument, samples
    >>> checklist = load_instrument()
    >>> responses = samples.responses(checklist, schools=1, waves=1, teachers=(10, 10))
    >>> asked = pd.DataFrame({"school": ["98CA00"], "wave": ["2024-2025"], "role": ["teacher"], "invited": [16]})
    >>> response_rates(responses, asked, checklist).query("role == 'teacher'")["rate"].item()
    0.625
    """
    keys, checklist = GROUP_COLUMNS, as_checklist(checklist)
    if missing := {*keys, "invited"} - set(getattr(invited, "columns", ())):
        raise ToolkitError(load_text().say("cohort.no_invited", missing=", ".join(sorted(missing))))
    invited_people = invited[[*keys, "invited"]].dropna().astype({"school": "str", "wave": "str", "role": "str"})
    if (repeated := invited_people.duplicated(keys)).any():
        school = invited_people.loc[repeated, "school"].iloc[0]
        raise ToolkitError(load_text().say("cohort.invited_twice", school=school))
    placed = check_responses(responses, checklist).dropna(subset=GROUP_COLUMNS)
    answered = placed[placed[checklist.item_ids].notna().any(axis=1)].astype({"role": "str"})
    counts = answered.groupby(keys).size().rename("n").reset_index()
    table = invited_people.merge(counts, on=keys, how="outer").sort_values(keys, ignore_index=True)
    table = table.astype({"invited": "Int64"}).assign(n=table["n"].fillna(0).astype("Int64"))
    wrong = table["n"].gt(table["invited"]).fillna(False)
    table["rate"] = (
        (table["n"] / table["invited"]).where(~wrong).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    )
    reason = np.select([table["invited"].isna(), wrong], [MissingReason.NOT_KNOWN, MissingReason.MORE_THAN_INVITED], "")
    return table.assign(reason=pd.Series(reason, dtype="str").replace("", None))


@explained
def group_response(
    rates: pd.DataFrame,
    schools: pd.DataFrame,
    checklist: Instrument | None = None,
    by: str | Sequence[str] | None = None,
    *,
    policy: Policy | None = None,
) -> pd.DataFrame:
    """Response per group of schools, wave and role: who took part, and who did not.

    Parameters
    ----------
    rates
        From `response_rates`.
    schools
        Table with `school` and a column per grouping. `by` may also name `size`: the schools by the number of people
        invited of all roles together.
    policy
        `Policy(audience="cohort")` where none is given; a researcher's shows everything.

    Returns
    -------
    Columns `grouping, group, wave, role, n_asked, n_schools, invited, n, rate, share_asked, share_schools`, and unless
    it is a researcher's own `suppressed, why`. `n_asked` counts the schools of which the number invited is known,
    `n_schools` those of them with at least one answer of the role; `rate` is `n / invited` over all of these, schools
    without any answer included. `share_asked` and `share_schools` are the group's part of the schools asked and of the
    schools that took part: a group with more of the first than of the second is under-represented.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> invited = responses.groupby(["school", "wave", "role"], observed=True).size().rename("invited").reset_index()
    >>> rates = tk.response_rates(responses, invited, tk.load_instrument())
    >>> table = tk.group_response(rates, schools, tk.load_instrument(), "sector")
    >>> sorted(set(table["group"]))
    ['po', 'vo']
    """
    check_columns(rates, "rates", ["school", "wave", "role", "rate"], "tk.response_rates(...)")
    check_columns(schools, "schools", ["school"], "tk.read_register(...)")
    policy, checklist = policy or Policy(audience="cohort"), as_checklist(checklist)
    usable = rates[rates["rate"].notna()]
    names = (
        [by]
        if isinstance(by, str)
        else list(by or [c for c in schools.columns if c not in ("school", "name", "match")])
    )
    table = schools.drop_duplicates("school")
    if SIZE in names and SIZE not in table.columns:
        table = table.merge(size_classes(rates), on="school", how="left")
    long = table.astype(dict.fromkeys(names, "str")).melt("school", names, "grouping", "group").dropna(subset="group")
    long["grouping"] = pd.Categorical(long["grouping"], categories=names)
    keys = ["grouping", "group", "wave", "role"]
    joined = long.merge(usable, on="school")
    result = (
        joined.assign(took_part=joined["n"].gt(0))
        .groupby(keys, observed=True)
        .agg(n_asked=("school", "size"), n_schools=("took_part", "sum"), invited=("invited", "sum"), n=("n", "sum"))
        .reset_index()
        .astype({"grouping": "str", "n_schools": "Int64", "n_asked": "Int64"})
    )
    result["rate"] = (result["n"] / result["invited"]).astype("float64")
    for share, count in (("share_asked", "n_asked"), ("share_schools", "n_schools")):
        total = result.groupby(["grouping", "wave", "role"])[count].transform("sum")
        result[share] = (result[count] / total).astype("float64")
    return result if policy.audience == "researcher" else _protect(result, checklist, policy)


def size_classes(rates: pd.DataFrame) -> pd.DataFrame:
    """Return `school, size`: the size class of each school.

    It follows the most people invited in any wave, all roles together.
    """
    people = rates.groupby(UNIT_COLUMNS)["invited"].sum(min_count=1).groupby("school").max().dropna()
    starts, labels = [start for start, _ in SIZE_CLASSES], [label for _, label in SIZE_CLASSES]
    index = np.searchsorted(starts, people.to_numpy(dtype=float), side="right") - 1
    return pd.DataFrame({"school": people.index, SIZE: [labels[one] for one in index]}).astype("str")


@explained
def participation(responses: pd.DataFrame, schools: pd.DataFrame, by: str | Sequence[str]) -> pd.DataFrame:
    """Schools that took part per group and wave, and how many joined and left since.

    Returns
    -------
    Columns `grouping, group, wave, n_schools, n_joined, n_left`; the last two missing in the first wave. No figure of
    answers is in it.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> bool(tk.participation(responses, schools, "sector")["n_schools"].max() <= 20)
    True
    """
    names = [by] if isinstance(by, str) else list(by)
    present = responses[UNIT_COLUMNS].dropna().drop_duplicates()
    waves, rows = sorted(present["wave"].unique()), []
    for name in names:
        for group in sorted(schools[name].dropna().astype("str").unique()):
            members = set(schools.loc[schools[name].astype("str") == group, "school"])
            before: set[str] | None = None
            for wave in waves:
                current = members & set(present.loc[present["wave"] == wave, "school"])
                n_joined, n_left = (None, None) if before is None else (len(current - before), len(before - current))
                rows.append((name, group, wave, len(current), n_joined, n_left))
                before = current
    table = pd.DataFrame(rows, columns=["grouping", "group", "wave", "n_schools", "n_joined", "n_left"])
    return table.astype({"n_schools": "Int64", "n_joined": "Int64", "n_left": "Int64"})


def _protect(table: pd.DataFrame, checklist: Instrument, policy: Policy) -> pd.DataFrame:
    """Hide figures of too few schools or respondents; rates and shares in whole per cents."""
    grouped = table["role"].isin(checklist.grouped_role_ids)
    few_schools, few_people = table["n_schools"].lt(policy.schools), table["n"].lt(policy.respondents) & grouped
    hidden = (few_schools | few_people).to_numpy(dtype=bool)
    why = np.where(few_schools, MissingReason.TOO_FEW_SCHOOLS, MissingReason.TOO_FEW_RESPONDENTS)
    shares, counts = ["rate", "share_asked", "share_schools"], ["n_asked", "n_schools", "invited", "n"]
    shown = table.assign(**{name: table[name].round(2).mask(hidden) for name in shares})
    shown = shown.assign(**{name: table[name].mask(hidden) for name in counts})
    return shown.assign(suppressed=hidden, why=pd.Series(why, index=table.index, dtype="str").where(hidden))
