"""Agreement of two roles over a cohort of schools."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.cohorts.disclosure import LEVEL_BASES, RULE, round_to, rounding_base
from toolkit.cohorts.prepare import responses_and_policy
from toolkit.core.errors import MissingReason, ToolkitError
from toolkit.core.i18n import load_text
from toolkit.instrument.arguments import as_checklist, as_role, explained
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Ints, group_mean, ratio
from toolkit.measures.kappa import COHORT, disagreement, expected_disagreement, schools_with_both
from toolkit.privacy import MIN_SCHOOLS, Policy, Protected
from toolkit.responses import Counts, HasResponses, count_answers, step_matrix

COHORT_KAPPA = ["wave", "step", "role_a", "role_b", "kappa", "d_o", "d_e", "n_schools"]


@explained
def reference_table(
    data: pd.DataFrame | HasResponses | Protected,
    checklist: Instrument | None = None,
    a: str = "director",
    b: str = "teacher",
    version: str = "",
    policy: Policy | None = None,
) -> pd.DataFrame:
    """Expected disagreement per item of a cohort, to store and to compare later schools with.

    Parameters
    ----------
    data
        Responses, or what came through `protect` for a cohort or researcher.
    version
        Name of the table in the `reference` column of figures made with it; its waves and the number of schools where
        none is given.
    policy
        `Policy(audience="cohort")` where none is given. `Policy(audience="researcher")` takes any number of schools and
        rounds nothing: such a table is a researcher's own.

    Returns
    -------
    Columns `item, role_a, role_b, d_e, n_schools, version`; `d_e` (0..2) missing below five schools in a wave (a
    researcher's: below two), and rounded to 0.01. Over several waves the mean over waves, weighted by schools, so that
    a school is never compared with itself in another year.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> len(tk.reference_table(responses, version="2026"))
    33
    """
    checklist = as_checklist(checklist)
    a, b = as_role(a, checklist), as_role(b, checklist)
    responses, policy = responses_and_policy(data, checklist, policy)
    counts = count_answers(responses, checklist)
    waves, parts = sorted(counts.units["wave"].unique()), []
    for wave in waves:
        sides = _sides_of(counts, wave, a, b)
        schools = schools_with_both(*sides)
        d_e = np.where(schools >= _fewest(policy), expected_disagreement(*sides), np.nan)
        parts.append(pd.DataFrame({"item": checklist.item_ids, "d_e": d_e, "n_schools": schools}))
    table = pd.concat(parts) if parts else pd.DataFrame({"item": checklist.item_ids, "d_e": np.nan, "n_schools": 0})
    weighted = table.dropna(subset="d_e").assign(weighted=lambda t: t["d_e"] * t["n_schools"])
    summed = weighted.groupby("item")[["weighted", "n_schools"]].sum().reindex(checklist.item_ids, fill_value=0)
    d_e = ratio(summed["weighted"].to_numpy(), summed["n_schools"].to_numpy())
    if policy.audience != "researcher":
        d_e = round_to(d_e, 2 * rounding_base(summed["n_schools"].to_numpy(), LEVEL_BASES) / 100)
    facts = {"item": checklist.item_ids, "role_a": a, "role_b": b, "d_e": d_e}
    name = version or f"{COHORT} {', '.join(waves)} ({counts.units['school'].nunique()})"
    return pd.DataFrame(facts | {"n_schools": summed["n_schools"].to_numpy(), "version": name})


@explained
def cohort_kappa(
    data: pd.DataFrame | HasResponses | Protected,
    checklist: Instrument | None = None,
    a: str = "director",
    b: str = "teacher",
    policy: Policy | None = None,
) -> pd.DataFrame:
    """Agreement of two roles over all schools together: one figure per wave and step.

    Parameters
    ----------
    data
        Responses of all schools, or what came through `protect` for a cohort or researcher; an item counts for the
        schools in which both roles answered it.
    policy
        `Policy(audience="cohort")` where none is given; `Policy(audience="researcher")` hides and rounds nothing.

    Returns
    -------
    Columns `wave, step, role_a, role_b, kappa, d_o, d_e, n_schools`: kappa = 1 - sum_i mean_s D_o / sum_i D_e, over the
    items with a `d_e`, `d_o` and `d_e` means over these items, `n_schools` the most schools of any of them; missing
    where everyone everywhere answers alike. Unless it is a researcher's own also `rounded_to, suppressed, why`: a step
    needs 5 schools (policy.schools) and, of roles shown as a group, 10 respondents; all three are rounded to multiples
    of `rounded_to` (`d_o` and `d_e` to twice that), by the number of schools as in `compare_cohorts`.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> bool(tk.cohort_kappa(responses)["n_schools"].max() <= 20)
    True
    """
    checklist = as_checklist(checklist)
    a, b = as_role(a, checklist), as_role(b, checklist)
    responses, policy = responses_and_policy(data, checklist, policy)
    counts, steps = count_answers(responses, checklist), step_matrix(checklist)
    parts = []
    for wave in sorted(counts.units["wave"].unique()):
        first, second = _sides_of(counts, wave, a, b)
        schools = schools_with_both(first, second)
        enough = schools >= _fewest(policy)
        d_e = np.where(enough, expected_disagreement(first, second), np.nan)
        d_o = np.where(np.isnan(d_e), np.nan, ratio(np.nan_to_num(disagreement(first, second)).sum(axis=0), schools))
        observed, expected = group_mean(d_o, steps), group_mean(d_e, steps)
        figures = {"kappa": 1 - ratio(observed, np.round(expected, 15)), "d_o": observed, "d_e": expected}
        n_schools = (schools[:, None] * steps).max(axis=0)
        facts = {"wave": wave, "step": [step.number for step in checklist.steps], "role_a": a, "role_b": b}
        people = _respondents(counts, wave, (a, b), checklist)
        parts.append(pd.DataFrame(facts | figures | {"n_schools": n_schools, "people": people}))
    empty = pd.DataFrame(columns=[*COHORT_KAPPA, "people"])
    table = pd.concat(parts, ignore_index=True) if parts else empty
    return table[COHORT_KAPPA] if policy.audience == "researcher" else _as_shown(table, policy)


def _fewest(policy: Policy) -> int:
    return 2 if policy.audience == "researcher" else max(MIN_SCHOOLS, policy.schools)


def _as_shown(table: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Hide steps of few schools or respondents, and round the others by the number of schools."""
    n = table["n_schools"].to_numpy(dtype=float)
    base = rounding_base(n) / 100
    for name, factor in (("kappa", 1), ("d_o", 2), ("d_e", 2)):
        table[name] = round_to(table[name].to_numpy(dtype=float), factor * base)
    why = pd.Series(None, index=table.index, dtype="str")
    why[table["people"] < policy.respondents] = MissingReason.TOO_FEW_RESPONDENTS
    why[n < _fewest(policy)] = MissingReason.TOO_FEW_SCHOOLS
    table = table.assign(rounded_to=base, suppressed=why.notna(), why=why)
    table = table.astype({"n_schools": "Int64"})
    table.loc[table["suppressed"], ["kappa", "d_o", "d_e", "n_schools", "rounded_to"]] = np.nan
    table.attrs["disclosure_rule"] = RULE
    return table.drop(columns="people")


def _respondents(counts: Counts, wave: str, roles: tuple[str, str], checklist: Instrument) -> Ints:
    """Fewest respondents per step of the roles that are shown as a group; no limit where both are known persons."""
    rows = (counts.units["wave"] == wave).to_numpy()
    grouped = [counts.roles.index(role.id) for role in checklist.roles if role.id in roles and not role.known]
    n = counts.respondents[rows][:, grouped].sum(axis=0)
    return np.asarray(n.min(axis=0, initial=np.iinfo(np.int64).max))


def _sides_of(counts: Counts, wave: str, a: str, b: str) -> tuple[Ints, Ints]:
    roles = []
    for role in (a, b):
        if role not in counts.roles:
            raise ToolkitError(load_text().say("cohort.no_role", role=role, there=", ".join(counts.roles)))
        roles.append(counts.roles.index(role))
    rows = counts.answers[(counts.units["wave"] == wave).to_numpy()]
    return rows[:, roles[0]], rows[:, roles[1]]
