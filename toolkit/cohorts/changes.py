"""Changes between two waves, of the schools that took part in both."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

import numpy as np
import pandas as pd

from toolkit.cohorts.compare import numbers_shown, shown_statistics, with_q, without_spread
from toolkit.cohorts.groups import Groups
from toolkit.cohorts.model import Cohorts, WaveChange, change_reasons, figure_bounds
from toolkit.cohorts.moments import cell_moments, count_per_cell, half_width, p_value
from toolkit.cohorts.prepare import cohorts_of
from toolkit.cohorts.table import finish_table, to_long
from toolkit.instrument.arguments import as_choice, explained
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats, Ints, ratio
from toolkit.privacy import Policy, Protected

SUCCESSIVE, ALL = "successive", "all"


@explained
def cohort_changes(
    data: pd.DataFrame | Protected | Cohorts,
    checklist: Instrument | None = None,
    groups: Groups | None = None,
    by: str | Sequence[str] | None = None,
    *,
    per: str = "step",
    waves: str = SUCCESSIVE,
    policy: Policy | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
) -> pd.DataFrame:
    """Changes of the schools that took part in both of two waves, and who left and joined.

    Parameters
    ----------
    data, checklist, groups, by, per, policy, executor, workers
        See `compare_cohorts`.
    waves
        `"successive"` waves, or `"all"` pairs of waves.

    Returns
    -------
    One row per group × two waves × measure × role × step (or item): `grouping, group, wave_a, wave_b, measure, role,
    step, (item), change, low, high, effect, p, q, n_schools, n_left, n_joined, n_a, n_b, n_items, n_items_left_out,
    rounded_to, reason`, and unless it is a researcher's own `suppressed, why`. `change` is the mean over the
    `n_schools` present in both waves of the later minus the earlier value, rounded to multiples of `rounded_to`, with a
    paired 95% t interval over schools; `effect` in standard deviations between all the group's schools in the earlier
    wave; `q` as in `cohort_differences`. `n_left` and `n_joined` count the schools that have the figure in the earlier
    or the later wave only; `n_a` and `n_b` are the mean numbers of respondents in the schools of both (of levels, in
    whole numbers). Only items that the forms of both waves hold count (`n_items` of the step; `n_items_left_out` are
    not in both).

    Notes
    -----
    The figures of both waves must be shown too.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> cohorts = tk.prepare_cohorts(responses, groups=schools, by="sector")
    >>> changes = tk.cohort_changes(cohorts)
    >>> sorted(set(changes["group"]))
    ['po', 'vo']
    """
    cohorts = cohorts_of(data, checklist, groups, by, policy, executor, workers)
    columns = cohorts.select(per)
    parts = [_change(cohorts, change, columns) for change in select_changes(cohorts, waves)]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return finish_table(with_q(table, per, len(cohorts.checklist.items)), cohorts, per)


def select_changes(cohorts: Cohorts, waves: str) -> list[WaveChange]:
    """Changes of `successive` waves or `all` pairs; `ToolkitError` for another word."""
    waves = as_choice(waves, "waves", (SUCCESSIVE, ALL))
    return [change for change in cohorts.changes if waves == ALL or change.waves[1] == change.waves[0] + 1]


def _change(cohorts: Cohorts, change: WaveChange, columns: Ints) -> pd.DataFrame:
    figures = change.figures
    moments, base, estimate = figures.moments.select(columns), figures.base[:, columns], figures.estimate[:, columns]
    before, after = change.before[:, columns], change.after[:, columns]
    earlier = cell_moments(
        before, cohorts.member
    )  # of all schools: of those of both it would disclose the few that left
    half = half_width(ratio(moments.variance, moments.n), moments.n - 1, base)
    span = np.diff(figure_bounds(cohorts.figures.iloc[columns]), axis=0)[0]
    effect, p = ratio(estimate, np.sqrt(earlier.variance)), p_value(estimate, half, moments.n - 1)
    spread = {
        "low": np.clip(estimate - half, -span, span),
        "high": np.clip(estimate + half, -span, span),
        **shown_statistics(cohorts, effect, p),
    }
    single = without_spread(cohorts, columns)
    n_items, left_out = (np.broadcast_to(part[columns], base.shape) for part in _items(cohorts, change))
    values = {
        "change": estimate,
        **{name: np.where(single, np.nan, part) for name, part in spread.items()},
        "n_schools": numbers_shown(cohorts, moments.n, figures.moments.n, columns),
        **_turnover(cohorts, before, after, single),
        **_respondents(cohorts, change, columns, moments.n),
        "n_items": n_items,
        "n_items_left_out": left_out,
        "rounded_to": base,
    }
    table = to_long(cohorts.cells, cohorts, columns, values, change_reasons(cohorts, change)[:, columns])
    a, b = change.waves
    return table.assign(wave_a=cohorts.waves[a], wave_b=cohorts.waves[b])


def _turnover(cohorts: Cohorts, before: Floats, after: Floats, single: np.ndarray) -> dict[str, Floats]:
    """Numbers of schools with the figure in one wave only; of an item of directors it would tell who left it blank."""
    had, has = ~np.isnan(before), ~np.isnan(after)
    return {
        "n_left": np.where(single, np.nan, count_per_cell(had & ~has, cohorts.member)),
        "n_joined": np.where(single, np.nan, count_per_cell(has & ~had, cohorts.member)),
    }


def _respondents(cohorts: Cohorts, change: WaveChange, columns: Ints, schools: Floats) -> dict[str, Floats]:
    """Mean numbers of respondents per school; whole ones, or with the wave's total they give those of who left."""
    in_pair = ~np.isnan(change.before[:, columns]) & ~np.isnan(change.after[:, columns])
    n = [cohorts.n[wave][:, columns] * in_pair for wave in change.waves]
    means = [ratio(count_per_cell(of_wave, cohorts.member), schools) for of_wave in n]
    if not cohorts.is_raw:
        pair = cohorts.figures["measure"].iloc[columns].ne("level").to_numpy()
        means = [np.where(pair, np.nan, np.round(mean)) for mean in means]
    return {"n_a": means[0], "n_b": means[1]}


def _items(cohorts: Cohorts, change: WaveChange) -> tuple[Floats, Floats]:
    """Per figure the number of its items that both waves have, and that they have not."""
    figures, checklist = cohorts.figures, cohorts.checklist
    by_item = dict(zip(checklist.item_ids, change.shared.astype(float), strict=True))
    by_step = {s.number: sum(by_item[item.id] for item in s.items) for s in checklist.steps}
    size = {s.number: len(s.items) for s in checklist.steps}
    pairs = list(zip(figures["step"], figures["item"], strict=True))
    shared = np.array([by_item[item] if item else by_step[step] for step, item in pairs])
    every = np.array([1 if item else size[step] for step, item in pairs])
    return shared, every - shared
