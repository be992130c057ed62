"""Groups of schools compared: means over schools, and differences between two groups.

The school is the unit: every school weighs the same, and an interval says how a mean would move had other schools of
the same kind taken part. Nothing here is about one school, and nothing is ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from toolkit.cohorts.disclosure import (
    SPREAD_BASES,
    Texts,
    is_shown,
    round_figures,
    round_to,
    rounding_base,
    shown_number,
)
from toolkit.cohorts.groups import Groups
from toolkit.cohorts.model import CellFigures, Cohorts, figure_bounds, is_director_item
from toolkit.cohorts.moments import QUANTILES, count_per_cell, half_width, harrell_davis, p_value
from toolkit.cohorts.prepare import cohorts_of
from toolkit.cohorts.table import finish_table, to_long
from toolkit.instrument.arguments import explained
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats, Ints, ratio
from toolkit.privacy import Policy, Protected

MAX_COMPARED = 50
"""Maximum number of groups to compare in pairs: more give millions of rows that nobody reads."""


@explained
def compare_cohorts(
    data: pd.DataFrame | Protected | Cohorts,
    checklist: Instrument | None = None,
    groups: Groups | None = None,
    by: str | Sequence[str] | None = None,
    *,
    per: str = "step",
    policy: Policy | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
) -> pd.DataFrame:
    """Means over the schools of each group and wave: levels per role, gap and agreement.

    Parameters
    ----------
    data, checklist, groups, by, policy, executor, workers
        See `prepare_cohorts`; or `data` is what that gave, and the others are left out.
    per
        `"step"` or `"item"`.

    Returns
    -------
    One row per group × wave × measure × role × step (or item): `grouping, group, wave, measure, role, step, (item),
    estimate, low, high, sd, p10, p25, p50, p75, p90, n_schools, n, rounded_to, reason`, and unless it is a researcher's
    own `suppressed, why`. Measures: `level` (0..100, per role), `gap` (a minus b, -100..100), and `same, lower, higher,
    linear` (0..1), the last five of `role` `a-b`; see `levels` and `agreement`. `estimate` is the mean over schools,
    each weighing the same, rounded to multiples of `rounded_to` (in the unit of the measure), with its 95% t interval
    over schools (none where all schools are equal: reason `no spread`); `sd` the spread between schools and
    `p10`..`p90` its quantiles (steps only); `n` respondents (of levels). Items that a director answered have a rounded
    mean only (reason `item of directors`). The attribute `disclosure_rule` names the rule and its version.

    Notes
    -----
    Quantiles are Harrell & Davis's (1982), a weighted mean of all schools. Rounding: see `toolkit.cohorts.disclosure`.

    Examples
    --------
    >>> from toolkit import load_instrument, samples
    >>> checklist = load_instrument()
    >>> responses = samples.responses(checklist, schools=30, waves=1)
    >>> sector = {school: "po" if number < 15 else "vo" for number, school in enumerate(responses["school"].unique())}
    >>> table = compare_cohorts(responses, checklist, sector)
    >>> row = table.query("group == 'po' and measure == 'level' and role == 'teacher' and step == 1").iloc[0]
    >>> int(row.n_schools), float(row.rounded_to), bool(row.low < row.estimate < row.high)
    (15, 2.0, True)
    """
    cohorts = cohorts_of(data, checklist, groups, by, policy, executor, workers)
    columns = cohorts.select(per)
    parts = [_means(cohorts, wave, columns) for wave in range(len(cohorts.waves))]
    return finish_table(pd.concat(parts, ignore_index=True), cohorts, per)


@explained
def cohort_differences(
    data: pd.DataFrame | Protected | Cohorts,
    checklist: Instrument | None = None,
    groups: Groups | None = None,
    by: str | Sequence[str] | None = None,
    *,
    per: str = "step",
    policy: Policy | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
) -> pd.DataFrame:
    """Differences between every two groups of a grouping, within a wave.

    Returns
    -------
    One row per two groups × wave × measure × role × step (or item): `grouping, group_a, group_b, wave, measure, role,
    step, (item), difference, low, high, effect, p, q, n_schools_a, n_schools_b, rounded_to, reason`, and unless it is a
    researcher's own `suppressed, why`. `difference` is a's mean minus b's, as shown, with Welch's 95% interval over
    schools; `effect` the same in standard deviations between schools (Hedges' g); `q` is p after Benjamini & Hochberg
    (1995) over the items of a measure and role in a wave: of the differences with q below .05 some 5% at most are none.

    Notes
    -----
    Parameters as in `compare_cohorts`. Both groups' own figures must be shown, and nothing more than these is used:
    a difference discloses no more than the two means do. A grouping of more than 50 groups is left out.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> cohorts = tk.prepare_cohorts(responses, groups=schools, by="sector")
    >>> table = tk.cohort_differences(cohorts)
    >>> table[["group_a", "group_b"]].drop_duplicates().to_numpy().tolist()
    [['po', 'vo']]
    """
    cohorts = cohorts_of(data, checklist, groups, by, policy, executor, workers)
    columns = cohorts.select(per)
    parts = [_differences(cohorts, wave, columns) for wave in range(len(cohorts.waves))]
    table = pd.concat(parts, ignore_index=True)
    return finish_table(with_q(table, per, len(cohorts.checklist.items)), cohorts, per)


def without_spread(cohorts: Cohorts, columns: Ints) -> np.ndarray:
    """Which figures have a rounded mean only: a spread would tell the directors' answers."""
    single: np.ndarray = is_director_item(cohorts.figures.iloc[columns], cohorts.checklist)
    return single & (not cohorts.is_raw)


def with_q(table: pd.DataFrame, per: str, items: int) -> pd.DataFrame:
    """Benjamini & Hochberg over the shown items of a measure and role, which adjoin."""
    if per == "step" or table.empty:
        return table
    p = table["p"].where(table["why"].isna()).to_numpy(dtype=float).reshape(-1, items)
    q, complete = np.full(p.shape, np.nan), ~np.isnan(p).any(axis=1)
    if complete.any():
        q[complete] = stats.false_discovery_control(p[complete], axis=1)
    for row in np.flatnonzero(~complete & ~np.isnan(p).all(axis=1)):
        has_p = ~np.isnan(p[row])
        q[row, has_p] = stats.false_discovery_control(p[row, has_p])
    table.insert(list(table.columns).index("p") + 1, "q", q.reshape(-1))
    if table["rounded_to"].gt(0).any():
        table["q"] = round_figures(table["q"].to_numpy(), 2)
    return table


def numbers_shown(cohorts: Cohorts, n: Floats, n_all: Floats, columns: Ints) -> Floats:
    """Numbers of schools to show; an item of directors with few blanks has its step's."""
    if cohorts.is_raw:
        return n
    figures = cohorts.figures
    steps = figures.reset_index().query("item == ''").set_index(["measure", "role", "step"])["index"]
    keys = pd.MultiIndex.from_frame(figures.iloc[columns][["measure", "role", "step"]])
    of_step = n_all[:, steps.reindex(keys).to_numpy()]
    return np.where(without_spread(cohorts, columns), shown_number(n, np.maximum(of_step, n)), n)


# --- means ---


def _means(cohorts: Cohorts, wave: int, columns: Ints) -> pd.DataFrame:
    shown, value = cohorts.shown[wave], cohorts.value[wave][:, columns]
    moments, base, estimate = shown.moments.select(columns), shown.base[:, columns], shown.estimate[:, columns]
    bounds = figure_bounds(cohorts.figures.iloc[columns])
    half = half_width(ratio(moments.variance, moments.n), moments.n - 1, base)
    spread_base = np.zeros(base.shape) if cohorts.is_raw else rounding_base(moments.n, SPREAD_BASES) / 100 * bounds[1]
    people = count_per_cell(np.where(np.isnan(value), 0, cohorts.n[wave][:, columns]), cohorts.member)
    pair = cohorts.figures["measure"].iloc[columns].ne("level").to_numpy() & (not cohorts.is_raw)
    spread = {
        "low": np.clip(estimate - half, bounds[0], bounds[1]),
        "high": np.clip(estimate + half, bounds[0], bounds[1]),
        "sd": round_to(np.sqrt(moments.variance), spread_base),
        **{name: round_to(part, spread_base) for name, part in _quantiles(value, cohorts, columns).items()},
    }
    single = without_spread(cohorts, columns)
    values = {
        "estimate": estimate,
        **{name: np.where(single, np.nan, part) for name, part in spread.items()},
        "n_schools": numbers_shown(cohorts, moments.n, shown.moments.n, columns),
        "n": np.where(pair, np.nan, people),
        "rounded_to": base,
    }
    table = to_long(cohorts.cells, cohorts, columns, values, shown.why[:, columns])
    return table.assign(wave=cohorts.waves[wave])


def _quantiles(value: Floats, cohorts: Cohorts, columns: Ints) -> dict[str, Floats]:
    result = np.full((len(QUANTILES), len(cohorts.member), value.shape[1]), np.nan)
    if cohorts.values.is_step[columns].all():
        for cell, inside in enumerate(cohorts.member):
            result[:, cell] = harrell_davis(np.sort(value[inside], axis=0))
    return dict(zip(QUANTILES, result, strict=True))


# --- differences ---


def pairs_of_cells(cells: pd.DataFrame) -> Ints:
    """Every two groups of a grouping without too many, shape (2, pairs)."""
    of_groupings = cells.groupby("grouping", sort=False).indices.values()
    pairs = [pair for rows in of_groupings if len(rows) <= MAX_COMPARED for pair in combinations(rows, 2)]
    return np.array(pairs, dtype=int).reshape(-1, 2).T


def _differences(cohorts: Cohorts, wave: int, columns: Ints) -> pd.DataFrame:
    """Welch (1947), and Hedges' g with its correction for small groups; made of the means as shown."""
    shown = cohorts.shown[wave]
    n = shown.moments.n[:, columns]
    numbers = numbers_shown(cohorts, n, shown.moments.n, columns)
    table = pairwise_differences(cohorts, shown, columns, shown.why[:, columns], numbers, is_change=False)
    return table.assign(wave=cohorts.waves[wave])


def pairwise_differences(
    cohorts: Cohorts, figures: CellFigures, columns: Ints, why: Texts, numbers: Floats, is_change: bool
) -> pd.DataFrame:
    """Differences between the means or changes of every two groups, with Welch's interval.

    Parameters
    ----------
    why, numbers
        Reasons to hide, and numbers of schools to show: shape (cells, figures of the columns).
    is_change
        Of changes the range is twice as large, and the effect has no correction for small groups.
    """
    pair, moments = pairs_of_cells(cohorts.cells), figures.moments.select(columns)
    n = np.where(without_spread(cohorts, columns), np.nan, moments.n)[pair]
    variance, base, mean = (
        part[pair] for part in (moments.variance, figures.base[:, columns], figures.estimate[:, columns])
    )
    difference = mean[0] - mean[1]
    half, df = welch(n, variance, base)
    within = ratio(((n - 1) * variance).sum(axis=0), n.sum(axis=0) - 2)
    span = (1 + is_change) * np.diff(figure_bounds(cohorts.figures.iloc[columns]), axis=0)[0]
    effect = (1.0 if is_change else _small_sample(n)) * ratio(difference, np.sqrt(within))
    values = {
        "difference": difference,
        "low": np.clip(difference - half, -span, span),
        "high": np.clip(difference + half, -span, span),
        **shown_statistics(cohorts, effect, p_value(difference, half, df)),
        "n_schools_a": numbers[pair[0]],
        "n_schools_b": numbers[pair[1]],
        "rounded_to": base.max(axis=0),
    }
    groups = cohorts.cells["group"].to_numpy()
    names = {"group_a": groups[pair[0]], "group_b": groups[pair[1]]}
    cells = pd.DataFrame({"grouping": cohorts.cells["grouping"].to_numpy()[pair[0]], **names})
    hidden: Texts = np.where(is_shown(why[pair[0]]), why[pair[1]], why[pair[0]])
    return to_long(cells, cohorts, columns, values, hidden)


def welch(n: Floats, variance: Floats, base: Floats) -> tuple[Floats, Floats]:
    """Half of Welch's interval of two rounded means (first axis), and degrees of freedom."""
    errors = ratio(variance, n)
    squared_error = errors.sum(axis=0)
    df = np.nan_to_num(ratio(squared_error**2, ratio(errors**2, n - 1).sum(axis=0)))
    error = np.where(squared_error > 0, squared_error + base.min(axis=0) ** 2 / 12, 0.0)  # of the other rounding too
    return half_width(error, df, base.max(axis=0)), df


def shown_statistics(cohorts: Cohorts, effect: Floats, p: Floats) -> dict[str, Floats]:
    """Effect to one decimal and p to two digits; exact in a researcher's own tables."""
    if cohorts.is_raw:
        return {"effect": effect, "p": p}
    return {"effect": np.round(effect, 1), "p": round_figures(p, 2)}


def _small_sample(n: Floats) -> Floats:
    """Hedges's (1981) correction of a standardised difference."""
    return np.asarray(1 - 3 / np.maximum(4 * (n.sum(axis=0) - 2) - 1, 1), dtype=np.float64)
