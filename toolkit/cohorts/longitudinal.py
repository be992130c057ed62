"""Years of groups of schools: trends, changes compared, and panel next to cross-section.

All are made of means and changes as they are shown, so they disclose nothing more than these do.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.cohorts.changes import SUCCESSIVE, select_changes
from toolkit.cohorts.compare import pairwise_differences, without_spread
from toolkit.cohorts.disclosure import Texts, is_shown
from toolkit.cohorts.model import CELL, Cohorts, WaveChange, change_reasons, figure_bounds
from toolkit.cohorts.moments import half_width
from toolkit.cohorts.table import finish_table, to_long
from toolkit.instrument.arguments import check_type, explained
from toolkit.measures.array_math import Floats, Ints, ratio

MIN_WAVES = 3
"""Waves that a trend needs."""


@explained
def cohort_trends(cohorts: Cohorts, *, per: str = "step") -> pd.DataFrame:
    """Linear trend over three or more waves of each group: change of its mean per wave.

    Parameters
    ----------
    cohorts
        From `prepare_cohorts`.
    per
        `"step"` or `"item"`.

    Returns
    -------
    One row per group × measure × role × step (or item): `grouping, group, wave_a, wave_b, measure, role, step, (item),
    trend, low, high, n_waves, n_schools, rounded_to, reason`, and unless it is a researcher's own `suppressed, why`.
    `trend` is the slope of the least-squares line through the means of all schools in each wave, in points (shares) per
    wave, with its 95% interval; `wave_a` and `wave_b` are the first and last wave of the cohort, `n_waves` the waves
    with a figure that may be shown, `n_schools` the fewest schools in one of them. Hidden below three such waves, with
    the reason of the hidden wave; an empty table where the cohort has fewer than three.

    Notes
    -----
    Waves count as equally far apart. With weights w_t of the slope, its variance is the sum over t and u of w_t w_u
    n_tu / (n_t n_u) times the covariance over the n_tu schools in both, so that schools that take part each year count
    as the same schools; the t quantile has the fewest schools less one degrees of freedom.

    Examples
    --------
    >>> from toolkit import prepare_cohorts, samples
    >>> responses, schools = samples.cohort(schools=60, waves=3)
    >>> table = cohort_trends(prepare_cohorts(responses, None, schools, "programme"))
    >>> row = table.query("group == 'met programma' and measure == 'level' and role == 'teacher' and step == 2").iloc[0]
    >>> bool(row.low < row.trend < row.high), int(row.n_waves)
    (True, 3)
    """
    check_type(cohorts, "cohorts", Cohorts, "tk.prepare_cohorts(...)")
    if len(cohorts.waves) < MIN_WAVES:
        return pd.DataFrame()
    columns = cohorts.select(per)
    why = np.stack([shown.why[:, columns] for shown in cohorts.shown])
    n = np.stack([shown.moments.n[:, columns] for shown in cohorts.shown])
    base = np.stack([shown.base[:, columns] for shown in cohorts.shown])
    used = is_shown(why) & (n > 0)
    time = np.where(used, np.arange(len(used))[:, None, None], np.nan)
    distance = np.nan_to_num(time - ratio(np.nansum(time, axis=0), used.sum(axis=0)))
    weights = ratio(distance, (distance**2).sum(axis=0))
    means = np.stack([shown.estimate[:, columns] for shown in cohorts.shown])
    trend = np.where(used, weights * np.nan_to_num(means), 0.0).sum(axis=0)
    step = base.max(axis=0) / (len(used) - 1)
    fewest = np.where(used, n, np.inf).min(axis=0)
    enough = used.sum(axis=0) >= MIN_WAVES
    half = half_width(_variance(cohorts, columns, weights), np.where(enough, fewest - 1, 0), step)
    span = np.diff(figure_bounds(cohorts.figures.iloc[columns]), axis=0)[0]
    single = without_spread(cohorts, columns)
    values = {
        "trend": np.where(enough, trend, np.nan),
        "low": np.where(single, np.nan, np.clip(trend - half, -span, span)),
        "high": np.where(single, np.nan, np.clip(trend + half, -span, span)),
        "n_waves": used.sum(axis=0).astype(float),
        "n_schools": np.where(enough & ~single, fewest, np.nan),
        "rounded_to": step,
    }
    reasons: Texts = np.full(enough.shape, None, dtype=object)
    for reason in why:
        reasons = np.where(~enough & is_shown(reasons), reason, reasons)
    table = to_long(cohorts.cells, cohorts, columns, values, reasons)
    return finish_table(table.assign(wave_a=cohorts.waves[0], wave_b=cohorts.waves[-1]), cohorts, per)


def _variance(cohorts: Cohorts, columns: Ints, weights: Floats) -> Floats:
    """Variance of a weighted sum of the waves' means, where waves share schools."""
    cells = cohorts.member.astype(float)
    values = [value[:, columns] for value in cohorts.value]
    present = [~np.isnan(value) for value in values]
    middle = ratio(np.nansum(np.concatenate(values), axis=0), np.concatenate(present).sum(axis=0))
    centred = [np.where(is_present, value - middle, 0.0) for value, is_present in zip(values, present, strict=True)]
    n = [cells @ is_present.astype(float) for is_present in present]
    total = np.zeros(weights.shape[1:])
    for a in range(len(values)):
        for b in range(len(values)):
            overlap = (present[a] & present[b]).astype(float)
            common = cells @ overlap
            products = cells @ (centred[a] * centred[b])
            products = products - ratio((cells @ (centred[a] * overlap)) * (cells @ (centred[b] * overlap)), common)
            covariance = np.nan_to_num(ratio(products, common - 1)) * common
            total += weights[a] * weights[b] * np.nan_to_num(ratio(covariance, n[a] * n[b]))
    return np.where(total > 1e-9, total, 0.0)


@explained
def change_differences(cohorts: Cohorts, *, per: str = "step", waves: str = SUCCESSIVE) -> pd.DataFrame:
    """Difference in differences of two waves: how much more one group changed.

    Parameters
    ----------
    cohorts, per
        As in `cohort_trends`.
    waves
        `"successive"` waves, or `"all"` pairs of waves.

    Returns
    -------
    One row per two groups × two waves × measure × role × step (or item): `grouping, group_a, group_b, wave_a, wave_b,
    measure, role, step, (item), difference, low, high, effect, p, n_schools_a, n_schools_b, rounded_to, reason`, and
    unless it is a researcher's own `suppressed, why`. `difference` is a's change minus b's, both of the schools present
    in both waves and as shown (`cohort_changes`), with Welch's 95% interval over schools; `effect` is in standard
    deviations of the change between schools. It says nothing about the cause: groups may differ in more than a
    programme.

    Examples
    --------
    >>> from toolkit import prepare_cohorts, samples
    >>> responses, schools = samples.cohort(schools=60, waves=2)
    >>> table = change_differences(prepare_cohorts(responses, None, schools, "programme"))
    >>> row = table.query("measure == 'level' and role == 'teacher' and step == 2").iloc[0]
    >>> row.group_a, row.group_b, bool(row.low < row.difference < row.high)
    ('met programma', 'zonder programma', True)
    """
    check_type(cohorts, "cohorts", Cohorts, "tk.prepare_cohorts(...)")
    columns = cohorts.select(per)
    parts = [_change_difference(cohorts, change, columns) for change in select_changes(cohorts, waves)]
    return finish_table(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(), cohorts, per)


def _change_difference(cohorts: Cohorts, change: WaveChange, columns: Ints) -> pd.DataFrame:
    single, n = without_spread(cohorts, columns), change.figures.moments.n[:, columns]
    why, numbers = change_reasons(cohorts, change)[:, columns], np.where(single, np.nan, n)
    table = pairwise_differences(cohorts, change.figures, columns, why, numbers, is_change=True)
    a, b = change.waves
    return table.assign(wave_a=cohorts.waves[a], wave_b=cohorts.waves[b])


@explained
def panel_and_cross_section(means: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Change of the same schools next to that of all schools, between two waves.

    Where the two are far apart, schools that joined or left make the difference, and not schools that changed.

    Parameters
    ----------
    means, changes
        From `compare_cohorts` and `cohort_changes`, per step or both per item.

    Returns
    -------
    One row per row of `changes`: its keys (`grouping, group, wave_a, wave_b, measure, role, step, (item)`), `panel`,
    `low`, `high` and `n_panel` (the change of the schools in both waves, its 95% interval and their number), and
    `cross_section`, `n_a`, `n_b` (the later minus the earlier mean of all schools, and their numbers), `composition`
    (`cross_section` - `panel`), and unless the tables are a researcher's own `suppressed, why`. All in the unit of the
    measure, as shown; missing where one of the figures is hidden.

    Examples
    --------
    >>> from toolkit import cohort_changes, compare_cohorts, prepare_cohorts, samples
    >>> responses, schools = samples.cohort(schools=60, waves=2)
    >>> cohorts = prepare_cohorts(responses, None, schools, "sector")
    >>> table = panel_and_cross_section(compare_cohorts(cohorts), cohort_changes(cohorts))
    >>> bool((table["composition"] == table["cross_section"] - table["panel"]).all())
    True
    """
    keys = [name for name in [*CELL, "measure", "role", "step", "item"] if name in changes.columns]
    table = changes.rename(columns={"change": "panel", "n_schools": "n_panel"}).drop(columns=["n_a", "n_b"])
    for wave, suffix in (("wave_a", "a"), ("wave_b", "b")):
        names = {"wave": wave, "estimate": f"mean_{suffix}", "n_schools": f"n_{suffix}"}
        table = table.merge(means[[*keys, *names]].rename(columns=names), on=[*keys, wave], how="left")
    cross = (table["mean_b"] - table["mean_a"]).where(table["panel"].notna())
    table = table.assign(cross_section=cross, composition=cross - table["panel"])
    marks = [name for name in ("suppressed", "why") if name in table.columns]
    figures = ["panel", "low", "high", "n_panel", "cross_section", "n_a", "n_b", "composition"]
    result = table[[*CELL, "wave_a", "wave_b", *keys[2:], *figures, *marks]]
    result.attrs.update(changes.attrs)
    return result
