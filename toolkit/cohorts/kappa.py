"""Agreement of two roles over a cohort of schools."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Ints, group_mean, ratio
from toolkit.measures.kappa import COHORT, disagreement, expected_disagreement, schools_with_both
from toolkit.responses import Counts, count_answers, step_matrix

COHORT_KAPPA = ["wave", "step", "role_a", "role_b", "kappa", "d_o", "d_e", "n_schools"]


def reference_table(
    responses: pd.DataFrame, checklist: Instrument, a: str = "director", b: str = "teacher", version: str = ""
) -> pd.DataFrame:
    """Expected disagreement per item of a cohort, to keep and to hold later schools against.

    Parameters
    ----------
    version
        How the table is called in the `reference` column of figures made with it; its waves and the number of schools
        where none is given.

    Returns
    -------
    Columns `item, role_a, role_b, d_e, n_schools, version`; `d_e` missing below two schools. Over several waves the
    mean over waves, weighted by schools, so that a school is never held against itself in another year.
    """
    counts = count_answers(responses, checklist)
    waves, parts = sorted(counts.units["wave"].unique()), []
    for wave in waves:
        sides = _sides_of(counts, wave, a, b)
        facts = {
            "item": checklist.item_ids,
            "d_e": expected_disagreement(*sides),
            "n_schools": schools_with_both(*sides),
        }
        parts.append(pd.DataFrame(facts))
    table = pd.concat(parts) if parts else pd.DataFrame({"item": checklist.item_ids, "d_e": np.nan, "n_schools": 0})
    known = table.dropna(subset="d_e").assign(weighted=lambda t: t["d_e"] * t["n_schools"])
    summed = known.groupby("item")[["weighted", "n_schools"]].sum().reindex(checklist.item_ids, fill_value=0)
    d_e = ratio(summed["weighted"].to_numpy(), summed["n_schools"].to_numpy())
    facts = {"item": checklist.item_ids, "role_a": a, "role_b": b, "d_e": d_e}
    name = version or f"{COHORT} {', '.join(waves)} ({counts.units['school'].nunique()})"
    return pd.DataFrame(facts | {"n_schools": summed["n_schools"].to_numpy(), "version": name})


def cohort_kappa(
    responses: pd.DataFrame, checklist: Instrument, a: str = "director", b: str = "teacher"
) -> pd.DataFrame:
    """Agreement of two roles over all schools together, per wave and step: one figure for a cohort.

    Parameters
    ----------
    responses
        Of all schools; an item counts for the schools in which both roles answered it.

    Returns
    -------
    Columns `wave, step, role_a, role_b, kappa, d_o, d_e, n_schools`: kappa = 1 - sum_i mean_s D_o / sum_i D_e, over the
    items with a `d_e` (two schools or more), `d_o` and `d_e` means over these items, `n_schools` the most schools of
    any of them; missing where there is none, and where everyone everywhere answers alike.
    """
    counts, steps = count_answers(responses, checklist), step_matrix(checklist)
    parts = []
    for wave in sorted(counts.units["wave"].unique()):
        first, second = _sides_of(counts, wave, a, b)
        d_e, schools = expected_disagreement(first, second), schools_with_both(first, second)
        d_o = np.where(np.isnan(d_e), np.nan, ratio(np.nan_to_num(disagreement(first, second)).sum(axis=0), schools))
        observed, expected = group_mean(d_o, steps), group_mean(d_e, steps)
        figures = {"kappa": 1 - ratio(observed, np.round(expected, 15)), "d_o": observed, "d_e": expected}
        n_schools = (schools[:, None] * steps).max(axis=0)
        facts = {"wave": wave, "step": [step.number for step in checklist.steps], "role_a": a, "role_b": b}
        parts.append(pd.DataFrame(facts | figures | {"n_schools": n_schools}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COHORT_KAPPA)


def _sides_of(counts: Counts, wave: str, a: str, b: str) -> tuple[Ints, Ints]:
    here = counts.answers[(counts.units["wave"] == wave).to_numpy()]
    return here[:, counts.roles.index(a)], here[:, counts.roles.index(b)]
