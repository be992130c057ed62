"""Reliability over schools: ICC(1), ICC(2) and alpha per step, and each item with its step.

None of it is about one school: a step of one school has 3 to 8 items and a few people, which is far too little.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from toolkit.core.errors import MissingReason
from toolkit.instrument.arguments import as_checklist, explained
from toolkit.instrument.model import Instrument, Step
from toolkit.measures.array_math import Floats
from toolkit.measures.intervals import CONFIDENCE
from toolkit.responses import GROUP_COLUMNS, HasResponses, check_responses

MIN_FOR_ICC, MIN_FOR_ALPHA = 2, 3
"""Below these there is nothing to compute a reliability from."""

RELIABILITY = ["icc1", "icc1_low", "icc1_high", "icc2", "icc2_low", "icc2_high", "alpha", "alpha_low", "alpha_high"]


@explained
def reliability(responses: pd.DataFrame | HasResponses, checklist: Instrument | None = None) -> pd.DataFrame:
    """Reliability per wave, role and step, over all schools together: a researcher's own table.

    Parameters
    ----------
    responses
        Of all schools. A person counts for a step when at least half of its items were answered.

    Returns
    -------
    Columns `wave, role, step, n, n_schools, group_size, icc1, icc1_low, icc1_high, icc2, icc2_low, icc2_high, alpha,
    alpha_low, alpha_high, reason`. `icc1` is how much two people of one school are alike (the part of the differences
    between people that lies between schools), `icc2` how well the mean of `group_size` people tells schools apart,
    `alpha` how much the items of the step go together over people. All 0..1; what comes out below 0 is 0. The
    intervals are 95%. `group_size` is the mean number of people of a school, corrected for unequal schools.

    Notes
    -----
    One-way analysis of variance (Shrout & Fleiss, 1979; Bliese, 2000): F = MSB / MSW, ICC(1) = (F - 1) / (F + k - 1),
    ICC(2) = 1 - 1 / F, k = (N - sum n² / N) / (S - 1). Alpha (Cronbach, 1951) on pairwise covariances, with Feldt's
    (1965) interval. Alpha mixes differences within and between schools.

    Examples
    --------
    >>> from toolkit import load_instrument, samples
    >>> table = reliability(samples.responses(schools=40, waves=1), load_instrument())
    >>> row = table.query("role == 'teacher' and step == 2").iloc[0]
    >>> bool(0 < row.icc1 < row.icc2 < 1)
    True
    """
    checklist = as_checklist(checklist)
    rows = [
        {"wave": wave, "role": role, "step": step.number, **_of_step(people, step)}
        for wave, role, people in _people(responses, checklist)
        for step in checklist.steps
    ]
    names = ["wave", "role", "step", "n", "n_schools", "group_size", *RELIABILITY, "reason"]
    table = pd.DataFrame(rows, columns=names)
    return table.astype({"wave": "str", "role": "str", "reason": "str", "n": "Int64", "n_schools": "Int64"})


@explained
def item_total(responses: pd.DataFrame | HasResponses, checklist: Instrument | None = None) -> pd.DataFrame:
    """How each item goes with the rest of its step, per role: a researcher's own table.

    Returns
    -------
    Columns `wave, role, step, item, n, mean, sd, item_rest, alpha_without`: the mean (0..2) and its spread,
    `item_rest` the correlation with the mean of the other answered items of the step (-1..1), `alpha_without` the alpha
    of the step without this item. Missing where nobody differs, and `alpha_without` for a step of two items.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> list(tk.item_total(responses).columns[:4])
    ['wave', 'role', 'step', 'item']
    """
    checklist = as_checklist(checklist)
    rows = [
        {"wave": wave, "role": role, "step": step.number, "item": item, **_of_item(answers, index)}
        for wave, role, people in _people(responses, checklist)
        for step in checklist.steps
        for answers in [_answers(people, step)[0]]
        for index, item in enumerate(item.id for item in step.items)
    ]
    names = ["wave", "role", "step", "item", "n", "mean", "sd", "item_rest", "alpha_without"]
    return pd.DataFrame(rows, columns=names).astype({"wave": "str", "role": "str", "item": "str", "n": "Int64"})


def intraclass_correlation(score: Floats, group: NDArray[Any]) -> dict[str, float]:
    """ICC(1) and ICC(2) of scores in groups of any size, with their 95% intervals.

    Parameters
    ----------
    score, group
        One entry per person; scores without a value are left out.

    Returns
    -------
    `icc1, icc1_low, icc1_high, icc2, icc2_low, icc2_high, group_size`, as the formula gives them: below 0 where groups
    are more alike than chance has it. NaN below two groups, or where nobody differs from their own group.

    Examples
    --------
    Shrout & Fleiss (1979), six targets and four judges:

    >>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> result = intraclass_correlation(np.ravel(ratings).astype(float), np.repeat(range(6), 4))
    >>> round(result["icc1"], 2), round(result["icc2"], 2)
    (0.17, 0.44)
    """
    present = ~np.isnan(score)
    score, group = score[present], group[present]
    codes, size = np.unique(group, return_inverse=True)[1], np.unique(group, return_counts=True)[1]
    total, groups = len(score), len(size)
    missing = dict.fromkeys(["icc1", "icc1_low", "icc1_high", "icc2", "icc2_low", "icc2_high", "group_size"], np.nan)
    if groups < 2 or total <= groups:
        return missing
    mean = np.bincount(codes, score) / size
    within = ((score - mean[codes]) ** 2).sum() / (total - groups)
    if within == 0:
        return missing
    k = (total - (size**2).sum() / total) / (groups - 1)
    f = (size * (mean - score.mean()) ** 2).sum() / (groups - 1) / within
    ends = [f / stats.f.ppf(part, groups - 1, total - groups) for part in ((1 + CONFIDENCE) / 2, (1 - CONFIDENCE) / 2)]
    result = {"": f, "_low": ends[0], "_high": ends[1]}
    icc1 = {f"icc1{name}": float((value - 1) / (value + k - 1)) for name, value in result.items()}
    return icc1 | {f"icc2{name}": float(1 - 1 / value) for name, value in result.items()} | {"group_size": float(k)}


def cronbach_alpha(answers: Floats) -> tuple[float, float, float]:
    """Cronbach's alpha of people × items on pairwise covariances, with Feldt's 95% interval.

    Returns
    -------
    Alpha and the ends of its interval; NaN for one item, or where nobody differs. The interval counts the fewest
    people that any two items share.

    Examples
    --------
    Shrout & Fleiss's (1979) judges as items: their ICC(3, 4).

    >>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> [round(value, 2) for value in cronbach_alpha(np.array(ratings, dtype=float))]
    [0.91, 0.68, 0.99]
    """
    items = answers.shape[1]
    covariance, people = _pairwise_covariance(answers)
    total_variance = covariance.sum()
    if items < 2 or people < MIN_FOR_ALPHA or np.isnan(total_variance) or total_variance <= 0:
        return np.nan, np.nan, np.nan
    alpha = items / (items - 1) * (1 - np.trace(covariance) / total_variance)
    df = (people - 1, (people - 1) * (items - 1))
    ends = [1 - (1 - alpha) * stats.f.ppf(part, *df) for part in ((1 + CONFIDENCE) / 2, (1 - CONFIDENCE) / 2)]
    return float(alpha), float(ends[0]), float(ends[1])


def _people(responses: pd.DataFrame | HasResponses, checklist: Instrument) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Every wave and role with its people."""
    placed = check_responses(responses, checklist).dropna(subset=GROUP_COLUMNS)
    for (wave, role), people in placed.groupby(["wave", "role"], observed=True):
        yield str(wave), str(role), people


def _answers(people: pd.DataFrame, step: Step) -> tuple[Floats, NDArray[np.bool_]]:
    """People × items, of those who answered at least half of the step, and who they are."""
    answers = people[[item.id for item in step.items]].to_numpy(dtype=float, na_value=np.nan)
    enough = 2 * (~np.isnan(answers)).sum(axis=1) >= answers.shape[1]
    return answers[enough], enough


def _of_step(people: pd.DataFrame, step: Step) -> dict[str, object]:
    answers, enough = _answers(people, step)
    school = people["school"].to_numpy(dtype=object)[enough].astype(str)
    counts = {"n": len(answers), "n_schools": len(np.unique(school))}
    if counts["n_schools"] < MIN_FOR_ICC:
        return counts | {"reason": MissingReason.TOO_FEW_SCHOOLS}
    if len(answers) < MIN_FOR_ALPHA:
        return counts | {"reason": MissingReason.TOO_FEW_RESPONDENTS}
    result = intraclass_correlation(np.nanmean(answers, axis=1), school)
    result |= dict(zip(("alpha", "alpha_low", "alpha_high"), cronbach_alpha(answers), strict=True))
    shown = {name: value if np.isnan(value) else max(value, 0.0) for name, value in result.items()}
    missing = np.isnan(result["icc1"]) or np.isnan(result["alpha"])
    return counts | shown | {"reason": MissingReason.NO_SPREAD if missing else None}


def _of_item(answers: Floats, index: int) -> dict[str, object]:
    item, other_items = answers[:, index], np.delete(answers, index, axis=1)
    present = ~np.isnan(item) & ~np.isnan(other_items).all(axis=1)
    n = int((~np.isnan(item)).sum())
    facts: dict[str, object] = {"n": n, "mean": np.nan, "sd": np.nan, "item_rest": np.nan}
    if n > 1:
        facts |= {"mean": float(np.nanmean(item)), "sd": float(np.nanstd(item, ddof=1))}
    if present.sum() >= MIN_FOR_ALPHA:
        item_answers, others = item[present], np.nanmean(other_items[present], axis=1)
        if item_answers.std() > 0 and others.std() > 0:
            facts["item_rest"] = float(np.corrcoef(item_answers, others)[0, 1])
    return facts | {"alpha_without": cronbach_alpha(other_items)[0] if other_items.shape[1] > 1 else np.nan}


def _pairwise_covariance(answers: Floats) -> tuple[Floats, int]:
    """Covariances over the people that two items share, and the fewest people of any two."""
    present = (~np.isnan(answers)).astype(float)
    people = int((present.T @ present).min())
    covariance = pd.DataFrame(answers).cov().to_numpy(dtype=float)
    return covariance, people
