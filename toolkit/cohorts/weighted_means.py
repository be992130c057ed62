"""Weighted means over schools: next to the unweighted ones, and never finer than these."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from toolkit.cohorts.disclosure import has_group_role, round_to, rounding_base
from toolkit.cohorts.model import figure_bounds
from toolkit.cohorts.school_values import Pair, school_values
from toolkit.cohorts.weights import Weights
from toolkit.core.errors import MissingReason
from toolkit.instrument.arguments import explained
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats
from toolkit.measures.intervals import CONFIDENCE
from toolkit.privacy import Policy
from toolkit.responses import UNIT_COLUMNS, check_responses


@explained
def weighted_means(
    responses: pd.DataFrame,
    checklist: Instrument,
    schools: pd.DataFrame,
    weights: Weights,
    by: str | Sequence[str],
    *,
    pairs: Sequence[Pair] = (("director", "teacher"),),
    policy: Policy | None = None,
) -> pd.DataFrame:
    """Weighted means over the schools of each group and wave, per step.

    Parameters
    ----------
    schools
        Columns `school` and those of `by`.
    weights
        From `size_weights` or `population_weights`; schools without a weight do not count.
    policy
        `Policy(audience="cohort")` where none is given; a researcher's shows everything, unrounded.

    Returns
    -------
    Columns `grouping, group, wave, measure, role, step, estimate, low, high, n_schools, n_effective, weighting,
    reason`, and unless it is a researcher's own `suppressed, why`. Measures as in `compare_cohorts`. `n_effective` is
    Kish's (sum w)² / sum w², `weighting` the kind of weights.

    Notes
    -----
    The interval is a t interval with the linearised variance of a ratio, n / (n - 1) · sum w² (y - mean)² / (sum w)².
    One school may not dominate: with m the sum of the weights over the largest, a mean needs m of 5 and is rounded as
    one over m schools.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> invited = responses.groupby(["school", "wave", "role"], observed=True).size().rename("invited").reset_index()
    >>> weights = tk.size_weights(responses, invited)
    >>> table = tk.weighted_means(responses, tk.load_instrument(), schools, weights, "sector")
    >>> sorted(set(table["group"]))
    ['po', 'vo']
    """
    policy = policy or Policy(audience="cohort")
    values = school_values(check_responses(responses, checklist), checklist, pairs)
    names = [by] if isinstance(by, str) else list(by)
    groups = schools.drop_duplicates("school").melt("school", names, "grouping", "group").dropna(subset="group")
    columns = np.flatnonzero(values.is_step)
    figures = values.figures.iloc[columns].reset_index(drop=True)
    units = values.units.merge(weights.table, on=UNIT_COLUMNS, how="left")
    weight = units["weight"].to_numpy(dtype=float)
    parts = []
    cells = ["grouping", "group", "wave"]
    for names_of_cell, rows in groups.merge(units.reset_index(), on="school").groupby(cells, sort=True):
        cell = dict(zip(cells, map(str, names_of_cell), strict=True))
        index = rows["index"].to_numpy()[~np.isnan(weight[rows["index"]])]
        facts = _means(values.value[index][:, columns], weight[index], values.n[index][:, columns], figures)
        parts.append(figures.drop(columns="item").assign(**cell, **facts))
    keys = ["grouping", "group", "wave", "measure", "role", "step"]
    numbers = ["estimate", "low", "high", "n_schools", "n_effective"]
    table = pd.concat(parts, ignore_index=True)[[*keys, *numbers, "n", "m"]].assign(weighting=weights.kind)
    table["n_schools"] = table["n_schools"].astype("Int64")
    reason = np.where(table["n_schools"] < 2, MissingReason.TOO_FEW_SCHOOLS, MissingReason.NO_SPREAD)
    table["reason"] = pd.Series(reason, dtype="str").where(table["low"].isna())
    if policy.audience == "researcher":
        return table.drop(columns=["n", "m"])
    return _protect(table, checklist, policy)


def _means(value: Floats, weight: Floats, n: Floats, figures: pd.DataFrame) -> dict[str, Floats]:
    """Mean, interval and number of schools per figure; `m` is the sum of weights over the largest."""
    present = ~np.isnan(value)
    w = np.where(present, weight[:, None], 0.0)
    total = np.where(present.any(axis=0), w.sum(axis=0), np.nan)
    filled = np.where(present, value, 0.0)
    mean = (w * filled).sum(axis=0) / total
    schools = present.sum(axis=0).astype(float)
    squares = (w**2 * np.where(present, filled - mean, 0.0) ** 2).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt(schools / (schools - 1) * squares) / total
        half = stats.t.ppf((1 + CONFIDENCE) / 2, np.maximum(schools - 1, 1)) * np.where(error > 0, error, np.nan)
        effective, m = total**2 / (w**2).sum(axis=0), total / w.max(axis=0, initial=0.0)
    low, high = (np.clip(end, *figure_bounds(figures)) for end in (mean - half, mean + half))
    people = (n * present).sum(axis=0).astype(float)
    return {
        "estimate": mean, "low": low, "high": high, "n_schools": schools, "n_effective": effective, "n": people, "m": m,
    }  # fmt: skip


def _protect(table: pd.DataFrame, checklist: Instrument, policy: Policy) -> pd.DataFrame:
    """Hide what rests on few schools or respondents, or on one large school; round the rest."""
    m = table["m"].to_numpy(dtype=float)
    few = ~(m >= policy.schools - 1e-9)
    hidden = few | (has_group_role(table, checklist) & table["n"].lt(policy.respondents).to_numpy(dtype=bool))
    base = rounding_base(m) / 100 * figure_bounds(table)[1]
    rounded = {name: round_to(table[name].to_numpy(dtype=float), base) for name in ("estimate", "low", "high")}
    shown = table.assign(**rounded, n_effective=table["n_effective"].round())
    shown.loc[hidden, [*rounded, "n_schools", "n_effective", "reason"]] = np.nan
    why = np.where(few, MissingReason.TOO_FEW_SCHOOLS, MissingReason.TOO_FEW_RESPONDENTS)
    shown = shown.assign(suppressed=hidden, why=pd.Series(why, index=table.index, dtype="str").where(hidden))
    return shown.drop(columns=["n", "m"])
