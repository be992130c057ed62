"""Groups of schools beside each other, and over the years: means over schools, differences and changes.

The school is the unit: every school weighs the same, and an interval says how a mean would move had other schools of
the same kind taken part. Nothing here is about one school, and nothing is put in order of height.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from toolkit.cohorts.disclosure import Bools, Contributions, Texts, why_change_hidden, why_hidden
from toolkit.cohorts.school_values import MEASURES, Pair, SchoolValues, school_values
from toolkit.cohorts.shrinkage import empirical_bayes, school_variance
from toolkit.core.errors import MissingReason, ToolkitError
from toolkit.core.i18n import load_text
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats, Ints, ratio
from toolkit.measures.intervals import CONFIDENCE, PERSON_CORRELATION
from toolkit.privacy import Policy, Protected
from toolkit.responses import check_responses

Groups = Mapping[str, str] | pd.Series | pd.DataFrame
QUANTILES = {"p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90}
COARSE_BELOW, COARSE = 20, 0.05
"""Below so many schools quantiles are rounded to this part of the measure's greatest value."""

CELL = ["grouping", "group"]
BEFORE = chr(31)
"""Behind the name of a grouping as it was shown before."""

NO_GROUPING = ["school", "name", "wave", "match"]
"""Columns of a table of schools that are no grouping."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Number of schools, mean and variance; shape (cells, figures)."""

    n: Floats
    mean: Floats
    variance: Floats

    def only(self, chosen: Ints) -> Moments:
        """Those of some figures."""
        return Moments(self.n[:, chosen], self.mean[:, chosen], self.variance[:, chosen])


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Everything figures over schools are made of, prepared once: the values of schools, the groups, what is hidden.

    Attributes
    ----------
    cells
        Columns `grouping, group`; row c belongs to row c of the arrays.
    waves
        The waves, in order; `rows`, `member` and `why` have one entry for each.
    rows
        Which rows of `values` are of the wave.
    member
        Shape (cells, schools of the wave).
    why
        Why a figure is hidden, shape (cells, figures).
    moments
        Number, mean and variance over the schools of each cell.
    settled
        So many of the first cells are those of figures that were shown before; no table has them.
    decided
        The same of changes, by the place of the earlier wave, once it was asked for.
    """

    responses: pd.DataFrame
    checklist: Instrument
    values: SchoolValues
    policy: Policy
    cells: pd.DataFrame
    waves: list[str]
    rows: list[Ints]
    member: list[Bools]
    why: list[Texts]
    moments: list[Moments]
    settled: int = 0
    decided: dict[int, Texts] = field(default_factory=dict)

    @property
    def is_raw(self) -> bool:
        """Whether nothing is hidden: a researcher's own tables."""
        return self.policy.audience == "researcher"


def prepare_cohorts(
    data: pd.DataFrame | Protected,
    checklist: Instrument,
    groups: Groups,
    by: str | Sequence[str] | None = None,
    *,
    policy: Policy | None = None,
    pairs: Sequence[Pair] = (("director", "teacher"),),
    shown_before: pd.DataFrame | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
) -> Cohorts:
    """Compute the figures of every school once, and decide which figures over schools may be shown.

    Give all groupings that will ever be shown together in one go: what may be shown of one depends on the others.

    Parameters
    ----------
    data
        Responses, or what came through `protect` for a cohort or researcher.
    groups
        School to group (a dict, or a Series with schools as its index), or a table with `school` and a column per
        grouping. Schools without a group are in no cell.
    by
        Which columns of that table; all of them but the name, the wave and `match` where none are given.
    policy
        `Policy(audience="cohort")` where none is given; `Policy(audience="researcher")` hides nothing, and no chart
        takes what comes of it.
    pairs
        Pairs of roles that are compared within each school; the first is the reference.
    shown_before
        Where figures of these groups were shown when fewer schools had taken part: the responses of that time (columns
        `school, wave`). What together with those figures would give the few that came since is not shown now.
    executor, workers
        Where to compute; the figures are the same.

    Raises
    ------
    ToolkitError
        The groups name no school of the responses, or one school twice; or the data were protected for a school.
    """
    responses, policy = _given(data, checklist, policy)
    values = school_values(responses, checklist, pairs, executor, workers)
    table = _group_table(groups, by, values.units["school"])
    cells = [(name, str(group)) for name in table.columns for group in sorted(table[name].dropna().unique())]
    waves = sorted(values.units["wave"].unique())
    rows = [np.flatnonzero(values.units["wave"] == wave) for wave in waves]
    member = [_member(values.units["school"].iloc[here], table, cells) for here in rows]
    settled = 0
    if shown_before is not None:
        then = pd.MultiIndex.from_frame(shown_before[["school", "wave"]])
        was_there = pd.MultiIndex.from_frame(values.units[["school", "wave"]]).isin(then)
        member = [np.concatenate([m & was_there[here], m]) for m, here in zip(member, rows, strict=True)]
        settled, cells = len(cells), [*((name + BEFORE, group) for name, group in cells), *cells]
    grouped = _grouped(values.figures, checklist)
    if policy.audience == "researcher":
        why = [np.full((len(cells), len(values.figures)), None, dtype=object) for _ in waves]
    else:
        why = [
            why_hidden(
                Contributions(m, values.figures, ~np.isnan(values.value[r]), values.n[r], grouped, settled),
                policy,
            )
            for m, r in zip(member, rows, strict=True)
        ]
    moments = [_moments(values.value[here], inside) for here, inside in zip(rows, member, strict=True)]
    frame = pd.DataFrame(cells, columns=CELL, dtype="str")
    return Cohorts(responses, checklist, values, policy, frame, waves, rows, member, why, moments, settled)


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
    estimate, low, high, sd, p10, p25, p50, p75, p90, n_schools, n, reason`, and unless it is a researcher's own
    `suppressed, why`. Measures: `level` (0..100, per role), `gap` (a minus b, -100..100), and `same, lower, higher,
    linear` (0..1), the last five of `role` `a-b`; see `levels` and `agreement`. `estimate` is the mean over schools,
    each weighing the same, with its 95% t interval over schools (none where all schools are equal: reason `no spread`);
    `sd` the spread between schools and `p10`..`p90` its quantiles (steps only); `n` respondents (of levels).

    Notes
    -----
    Quantiles are Harrell & Davis's (1982), a weighted mean of all schools, so that no figure is that of one school;
    below 20 schools they are rounded to whole twentieths of the scale.

    Examples
    --------
    >>> from toolkit import load_instrument, samples
    >>> checklist = load_instrument()
    >>> responses = samples.responses(checklist, schools=30, waves=1)
    >>> sector = {school: "po" if number < 15 else "vo" for number, school in enumerate(responses["school"].unique())}
    >>> table = compare_cohorts(responses, checklist, sector)
    >>> row = table.query("group == 'po' and measure == 'level' and role == 'teacher' and step == 1").iloc[0]
    >>> int(row.n_schools), bool(row.low < row.estimate < row.high)
    (15, True)
    """
    cohorts = _prepared(data, checklist, groups, by, policy, executor, workers)
    chosen = _chosen(cohorts, per)
    parts = [_of_wave(cohorts, place, chosen) for place in range(len(cohorts.waves))]
    return _finished(pd.concat(parts, ignore_index=True), cohorts, per)


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
    """How two groups of a grouping differ, for every two of them, within a wave.

    Returns
    -------
    One row per two groups × wave × measure × role × step (or item): `grouping, group_a, group_b, wave, measure, role,
    step, (item), difference, low, high, effect, p, q, n_schools_a, n_schools_b, reason`, and unless it is a
    researcher's own `suppressed, why`. `difference` is a's mean minus b's with Welch's 95% interval over schools;
    `effect` the same in standard deviations between schools (Hedges' g); `q` is p after Benjamini & Hochberg (1995)
    over the items of a measure and role in a wave: of the differences with q below .05 some 5% at most are none.

    Notes
    -----
    Parameters as in `compare_cohorts`. Both groups' own figures must be shown.
    """
    cohorts = _prepared(data, checklist, groups, by, policy, executor, workers)
    chosen = _chosen(cohorts, per)
    parts = [_differences(cohorts, place, chosen) for place in range(len(cohorts.waves))]
    table = pd.concat(parts, ignore_index=True)
    return _finished(_with_q(table, per, len(cohorts.checklist.items)), cohorts, per)


def cohort_changes(
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
    """How the schools that took part in two successive waves changed, and what changed in who took part.

    Returns
    -------
    One row per group × two waves × measure × role × step (or item): `grouping, group, wave_a, wave_b, measure, role,
    step, (item), change, low, high, effect, p, q, n_schools, n_left, n_joined, n_a, n_b, n_items, n_items_left_out,
    reason`, and unless it is a researcher's own `suppressed, why`. `change` is the mean over the `n_schools` present in
    both waves of the later minus the earlier value, with a paired 95% t interval over schools; `effect` in standard
    deviations between all the group's schools in the earlier wave; `q` as in `cohort_differences`. `n_left` and
    `n_joined` count the schools that have the figure in the earlier or the later wave only; `n_a` and `n_b` are the
    mean numbers of respondents in the schools of both (of levels, in whole numbers). Only items that the forms of both
    waves hold count (`n_items` of the step; `n_items_left_out` are not in both).

    Notes
    -----
    Parameters as in `compare_cohorts`. Where a few schools came or went, means and change would give these away: then
    the change is not shown.
    """
    cohorts = _prepared(data, checklist, groups, by, policy, executor, workers)
    chosen = _chosen(cohorts, per)
    parts = [_change(cohorts, place, chosen) for place in range(len(cohorts.waves) - 1)]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return _finished(_with_q(table, per, len(cohorts.checklist.items)), cohorts, per)


def cohort_map(responses: pd.DataFrame, checklist: Instrument, role: str = "teacher") -> pd.DataFrame:
    """Levels of schools, pulled towards their mean as far as each is uncertain: for a researcher's map of a cohort.

    A small school is by chance more often at the edge of a map than a large one; shrinking mends that. It is a table of
    single schools: a researcher's own, that no chart, report or dashboard takes.

    Returns
    -------
    Columns `school, wave, role, step, level, shrunk, shrunk_sd, n`; 0..100. `shrunk` is the empirical Bayes posterior
    mean within the wave (see `toolkit.cohorts.shrinkage.empirical_bayes`).
    """
    values = school_values(check_responses(responses, checklist), checklist, pairs=())
    parts = []
    for column in np.flatnonzero(values.is_step & values.figures["role"].eq(role).to_numpy(dtype=bool)):
        step = int(values.figures["step"].iloc[column])
        items = len(checklist.step(step).items)
        for wave in sorted(values.units["wave"].unique()):
            here = values.units["wave"].eq(wave).to_numpy(dtype=bool) & ~np.isnan(values.value[:, column])
            part = values.units[here].assign(role=role, step=step, level=values.value[here, column])
            share, n = values.value[here, column] / 100, values.n[here, column]
            part = part.assign(shrunk=part["level"], shrunk_sd=np.nan, n=n)
            if len(part) > 1:
                design = np.full(len(n), (1 + PERSON_CORRELATION * (items - 1)) / items)
                pulled = empirical_bayes(share, np.maximum(school_variance(share, n.astype(float), design), 1e-9))
                part = part.assign(shrunk=100 * pulled.posterior_mean, shrunk_sd=100 * pulled.posterior_sd)
            parts.append(part)
    return pd.concat(parts).sort_values(["school", "wave", "step"], ignore_index=True)


# --- what is compared ---


def _prepared(
    data: pd.DataFrame | Protected | Cohorts,
    checklist: Instrument | None,
    groups: Groups | None,
    by: str | Sequence[str] | None,
    policy: Policy | None,
    executor: Executor | None,
    workers: int | None,
) -> Cohorts:
    if isinstance(data, Cohorts):
        return data
    if checklist is None or groups is None:
        raise ToolkitError(load_text().say("cohort.no_groups"))
    return prepare_cohorts(data, checklist, groups, by, policy=policy, executor=executor, workers=workers)


def _given(data: pd.DataFrame | Protected, checklist: Instrument, policy: Policy | None) -> tuple[pd.DataFrame, Policy]:
    if isinstance(data, Protected):
        if data.policy.audience == "school":
            raise ToolkitError(load_text().say("cohort.for_a_school"))
        return data.responses, data.policy
    policy = policy or Policy(audience="cohort")
    if policy.audience == "school":
        raise ToolkitError(load_text().say("cohort.for_a_school"))
    return check_responses(data, checklist), policy


def _group_table(groups: Groups, by: str | Sequence[str] | None, schools: pd.Series) -> pd.DataFrame:
    """One row per school (index), one column per grouping; what is no group is missing."""
    say = load_text().say
    if isinstance(groups, pd.DataFrame):
        table = groups.set_index("school") if "school" in groups.columns else groups
        columns = [by] if isinstance(by, str) else list(by or [c for c in table.columns if c not in NO_GROUPING])
        if missing := [column for column in columns if column not in table.columns]:
            raise ToolkitError(say("cohort.no_column", missing=", ".join(missing), there=", ".join(table.columns)))
        table = table[columns]
    else:
        series = groups if isinstance(groups, pd.Series) else pd.Series(dict(groups), dtype="object")
        table = series.to_frame(by if isinstance(by, str) else str(series.name or "group"))
    table = table.set_axis(table.index.astype("str"), axis=0)
    table = table[~table.reset_index().duplicated().to_numpy()]
    if table.index.has_duplicates:
        double = ", ".join(table.index[table.index.duplicated()].unique()[:20])
        raise ToolkitError(say("cohort.twice", schools=double))
    if not table.index.isin(schools.unique()).any():
        raise ToolkitError(say("cohort.no_school", found=", ".join(table.index[:5]), there=", ".join(schools[:5])))
    text = table.astype("object").where(table.notna(), None)
    named = text.map(lambda value: None if value is None or not str(value).strip() else str(value).strip())
    if named.isna().all(axis=None):
        raise ToolkitError(say("cohort.no_grouping"))
    return named


def _member(schools: pd.Series, table: pd.DataFrame, cells: list[tuple[str, str]]) -> Bools:
    mine = table.reindex(schools)
    columns = {name: mine[name].to_numpy(dtype=object) for name in table.columns}
    member = [columns[name] == group for name, group in cells]
    return np.array(member, dtype=bool).reshape(len(cells), len(schools))


def _grouped(figures: pd.DataFrame, checklist: Instrument) -> Bools:
    """Whether a figure has a side that is shown only as a group."""
    known = {role.id for role in checklist.roles if role.known}
    return np.array([not set(str(role).split("-")) <= known for role in figures["role"]], dtype=bool)


def _chosen(cohorts: Cohorts, per: str) -> Ints:
    if per not in ("step", "item"):
        raise ToolkitError(f"per={per!r}: kies step of item.")
    steps = cohorts.values.is_step
    return np.flatnonzero(steps if per == "step" else ~steps)


# --- means ---


def _moments(value: Floats, member: Bools) -> Moments:
    """Means over the schools of each cell; about the overall mean first, so that the squares stay small."""
    there = ~np.isnan(value)
    middle = ratio(np.nansum(value, axis=0), there.sum(axis=0))
    centred = np.where(there, value - middle, 0.0)
    weights = member.astype(float)
    n = weights @ there.astype(float)
    mean = ratio(weights @ centred, n)
    squares = weights @ centred**2 - n * mean**2
    spread = np.where(squares < 1e-9 * np.maximum(n, 1), 0.0, squares)
    return Moments(n, mean + middle, ratio(spread, np.maximum(n - 1, 0)))


def _of_wave(cohorts: Cohorts, place: int, chosen: Ints) -> pd.DataFrame:
    rows, member = cohorts.rows[place], cohorts.member[place]
    value = cohorts.values.value[rows][:, chosen]
    of_cells = cohorts.moments[place].only(chosen)
    bounds = _bounds(cohorts, chosen)
    low, high = _t_interval(of_cells.mean, ratio(of_cells.variance, of_cells.n), of_cells.n - 1, bounds)
    columns = {
        "estimate": of_cells.mean,
        "low": low,
        "high": high,
        "sd": np.sqrt(of_cells.variance),
        **_quantiles(value, member, cohorts, chosen),
        "n_schools": of_cells.n,
        "n": member.astype(float) @ np.where(np.isnan(value), 0, cohorts.values.n[rows][:, chosen]),
    }
    columns["n"][:, _without_n(cohorts, chosen)] = np.nan
    table = _long(cohorts.cells, cohorts, chosen, columns, cohorts.why[place][:, chosen])
    return table.assign(wave=cohorts.waves[place])


def _without_n(cohorts: Cohorts, chosen: Ints) -> Bools:
    """Figures of which the number of respondents is not shown: a pair's, beside the level's, is that of few schools."""
    pair: Bools = cohorts.values.figures["measure"].iloc[chosen].ne("level").to_numpy(dtype=bool)
    return pair & (not cohorts.is_raw)


def _t_interval(mean: Floats, squared_error: Floats, df: Floats, bounds: Floats) -> tuple[Floats, Floats]:
    """A t interval within the measure's range; none where there is no spread to base one on."""
    known = (squared_error > 0) & (df > 0)
    half = _t_quantile(np.where(known, df, 1.0)) * np.sqrt(np.where(known, squared_error, np.nan))
    return np.clip(mean - half, bounds[0], bounds[1]), np.clip(mean + half, bounds[0], bounds[1])


def _t_quantile(df: Floats) -> Floats:
    """Each number of degrees of freedom is looked up once."""
    there, place = np.unique(df, return_inverse=True)
    quantiles: Floats = np.asarray(stats.t.ppf((1 + CONFIDENCE) / 2, there))
    return quantiles[place].reshape(df.shape)


def _bounds(cohorts: Cohorts, chosen: Ints) -> Floats:
    ranges = [MEASURES[measure] for measure in cohorts.values.figures["measure"].iloc[chosen]]
    return np.array(ranges, dtype=float).T


def _quantiles(value: Floats, member: Bools, cohorts: Cohorts, chosen: Ints) -> dict[str, Floats]:
    result = np.full((len(QUANTILES), len(member), value.shape[1]), np.nan)
    of_steps = cohorts.values.is_step[chosen]
    if of_steps.all():
        for cell, inside in enumerate(member):
            result[:, cell] = _harrell_davis(np.sort(value[inside], axis=0))
        if not cohorts.is_raw:
            few = member.astype(float) @ (~np.isnan(value)) < COARSE_BELOW
            coarse = COARSE * _bounds(cohorts, chosen)[1]
            result = np.where(few, np.round(result / coarse) * coarse, result)
    return dict(zip(QUANTILES, result, strict=True))


def _harrell_davis(ordered: Floats) -> Floats:
    """Quantiles per column of sorted values (missing last), shape (quantiles, columns)."""
    n = (~np.isnan(ordered)).sum(axis=0)
    result = np.full((len(QUANTILES), ordered.shape[1]), np.nan)
    for size in np.unique(n[n > 0]):
        columns = n == size
        edges = np.arange(size + 1) / size
        shares = np.array(list(QUANTILES.values()))[:, None]
        weights = np.diff(stats.beta.cdf(edges, (size + 1) * shares, (size + 1) * (1 - shares)), axis=1)
        result[:, columns] = weights @ ordered[:size, columns]
    return result


# --- differences ---


def _pairs_of_cells(cells: pd.DataFrame) -> Ints:
    """Every two groups of a grouping, shape (2, pairs)."""
    of_groupings = cells.groupby("grouping", sort=False).indices.values()
    pairs = [pair for rows in of_groupings for pair in combinations(rows, 2)]
    return np.array(pairs, dtype=int).reshape(-1, 2).T


def _differences(cohorts: Cohorts, place: int, chosen: Ints) -> pd.DataFrame:
    """Welch (1947), and Hedges' g with its correction for small groups."""
    of_cells = cohorts.moments[place].only(chosen)
    one, other = _pairs_of_cells(cohorts.cells)
    n = np.stack([of_cells.n[one], of_cells.n[other]])
    variance = np.stack([of_cells.variance[one], of_cells.variance[other]])
    difference = of_cells.mean[one] - of_cells.mean[other]
    errors = ratio(variance, n)
    squared_error = errors.sum(axis=0)
    df = ratio(squared_error**2, ratio(errors**2, n - 1).sum(axis=0))
    within = ratio(((n - 1) * variance).sum(axis=0), n.sum(axis=0) - 2)
    span = np.diff(_bounds(cohorts, chosen), axis=0)[0]
    low, high = _t_interval(difference, squared_error, np.nan_to_num(df), np.array([-span, span]))
    columns = {
        "difference": difference,
        "low": low,
        "high": high,
        "effect": _small_sample(n) * ratio(difference, np.sqrt(within)),
        "p": _p(difference, squared_error, df),
        "n_schools_a": n[0],
        "n_schools_b": n[1],
    }
    groups = cohorts.cells["group"].to_numpy()
    names = pd.DataFrame(
        {"grouping": cohorts.cells["grouping"].to_numpy()[one], "group_a": groups[one], "group_b": groups[other]}
    )
    hidden = cohorts.why[place][:, chosen]
    why = np.where(pd.isna(hidden[one]), hidden[other], hidden[one])
    return _long(names, cohorts, chosen, columns, why).assign(wave=cohorts.waves[place])


def _small_sample(n: Floats) -> Floats:
    """Hedges's (1981) correction of a standardised difference."""
    return np.asarray(1 - 3 / np.maximum(4 * (n.sum(axis=0) - 2) - 1, 1), dtype=np.float64)


def _p(difference: Floats, squared_error: Floats, df: Floats) -> Floats:
    return np.asarray(2 * stats.t.sf(np.abs(ratio(difference, np.sqrt(squared_error))), df), dtype=np.float64)


def _with_q(table: pd.DataFrame, per: str, items: int) -> pd.DataFrame:
    """Benjamini & Hochberg over the items that have a figure and may be shown; items of a measure and role adjoin."""
    if per == "step" or table.empty:
        return table
    p = table["p"].where(table["why"].isna()).to_numpy(dtype=float).reshape(-1, items)
    q, whole = np.full(p.shape, np.nan), ~np.isnan(p).any(axis=1)
    if whole.any():
        q[whole] = stats.false_discovery_control(p[whole], axis=1)
    for row in np.flatnonzero(~whole & ~np.isnan(p).all(axis=1)):
        known = ~np.isnan(p[row])
        q[row, known] = stats.false_discovery_control(p[row, known])
    table.insert(list(table.columns).index("p") + 1, "q", q.reshape(-1))
    return table


# --- changes ---


def _change(cohorts: Cohorts, place: int, chosen: Ints) -> pd.DataFrame:
    """The later minus the earlier value of the schools present in both."""
    shared = _shared_items(cohorts, place)
    both = _of_both(cohorts, place, shared)
    why = _why_change(cohorts, place, both)[:, chosen]
    before, after = (part[:, chosen] for part in both.value)
    n_before, n_after = (part[:, chosen] for part in both.n)
    there = ~np.isnan(before) & ~np.isnan(after)
    moments = _moments(after - before, both.member)
    base = _moments(before, both.member)  # of all schools there: of those of both, it would give away the few that left
    squared_error = ratio(moments.variance, moments.n)
    low, high = _t_interval(moments.mean, squared_error, moments.n - 1, np.array([[-200], [200]]))
    cells = both.member.astype(float)
    n_items, left_out = (np.broadcast_to(part[chosen], moments.n.shape) for part in _items(cohorts, shared))
    columns = {
        "change": moments.mean,
        "low": low,
        "high": high,
        "effect": ratio(moments.mean, np.sqrt(base.variance)),
        "p": _p(moments.mean, squared_error, moments.n - 1),
        "n_schools": moments.n,
        "n_left": cells @ (~np.isnan(before) & np.isnan(after)),
        "n_joined": cells @ (np.isnan(before) & ~np.isnan(after)),
        **_respondents(cohorts, chosen, cells, (n_before * there, n_after * there), moments.n),
        "n_items": n_items,
        "n_items_left_out": left_out,
    }
    table = _long(cohorts.cells, cohorts, chosen, columns, why)
    return table.assign(wave_a=cohorts.waves[place], wave_b=cohorts.waves[place + 1])


def _respondents(
    cohorts: Cohorts, chosen: Ints, cells: Floats, n: tuple[Ints, Ints], schools: Floats
) -> dict[str, Floats]:
    """Mean numbers of respondents per school; whole ones, or with the wave's total they give those of who left."""
    means = [ratio(cells @ of_wave, schools) for of_wave in n]
    if not cohorts.is_raw:
        means = [np.where(_without_n(cohorts, chosen), np.nan, np.round(mean)) for mean in means]
    return {"n_a": means[0], "n_b": means[1]}


@dataclass(frozen=True, slots=True)
class _Both:
    """Earlier and later values and respondents of the schools of two waves, and their cells."""

    member: Bools
    value: tuple[Floats, Floats]
    n: tuple[Ints, Ints]


def _of_both(cohorts: Cohorts, place: int, shared: Bools) -> _Both:
    values = _over_shared(cohorts, place, shared)
    waves = cohorts.waves[place : place + 2]
    rows = [np.flatnonzero(values.units["wave"] == wave) for wave in waves]
    codes = [pd.Index(values.units["school"].iloc[here]) for here in rows]
    schools = codes[0].union(codes[1])
    at = [code.get_indexer(schools) for code in codes]
    member = np.zeros((len(cohorts.cells), len(schools)), dtype=bool)
    for wave, there in enumerate(at):
        member[:, there >= 0] |= cohorts.member[place + wave][:, there[there >= 0]]
    value = [np.where((t >= 0)[:, None], values.value[r][t], np.nan) for r, t in zip(rows, at, strict=True)]
    n = [np.where((t >= 0)[:, None], values.n[r][t], 0) for r, t in zip(rows, at, strict=True)]
    return _Both(member, (value[0], value[1]), (n[0], n[1]))


def _shared_items(cohorts: Cohorts, place: int) -> Bools:
    """Which items the forms of both waves hold: of every form version someone answered it."""
    items = cohorts.checklist.item_ids
    here = cohorts.responses[cohorts.responses["wave"].isin(cohorts.waves[place : place + 2])]
    answered = here[items].notna().groupby([here["wave"], here["form"]]).any()
    shared: Bools = answered[answered.any(axis=1)].all(axis=0).to_numpy(dtype=bool)
    return shared


def _over_shared(cohorts: Cohorts, place: int, shared: Bools) -> SchoolValues:
    """The values of schools over the shared items only; those there are where all are shared."""
    if shared.all():
        return cohorts.values
    here = cohorts.responses[cohorts.responses["wave"].isin(cohorts.waves[place : place + 2])].copy()
    left_out = [item for item, is_shared in zip(cohorts.checklist.item_ids, shared, strict=True) if not is_shared]
    here[left_out] = pd.NA
    roles = cohorts.values.figures["role"].unique()
    pairs = [(str(role).split("-")[0], str(role).split("-")[1]) for role in roles if "-" in str(role)]
    return school_values(check_responses(here, cohorts.checklist), cohorts.checklist, pairs)


def _items(cohorts: Cohorts, shared: Bools) -> tuple[Floats, Floats]:
    """Per figure the number of its items that are shared, and that are not."""
    figures, checklist = cohorts.values.figures, cohorts.checklist
    by_item = dict(zip(checklist.item_ids, shared.astype(float), strict=True))
    by_step = {s.number: sum(by_item[item.id] for item in s.items) for s in checklist.steps}
    size = {s.number: len(s.items) for s in checklist.steps}
    pairs = list(zip(figures["step"], figures["item"], strict=True))
    there = np.array([by_item[item] if item else by_step[step] for step, item in pairs])
    every = np.array([1 if item else size[step] for step, item in pairs])
    return there, every - there


def _why_change(cohorts: Cohorts, place: int, both: _Both) -> Texts:
    """Decided once for the two waves, for steps and items together."""
    if cohorts.is_raw:
        return np.full((len(both.member), len(cohorts.values.figures)), None, dtype=object)
    if place not in cohorts.decided:
        before, after = (~np.isnan(part) for part in both.value)
        grouped = _grouped(cohorts.values.figures, cohorts.checklist)
        change = Contributions(
            both.member, cohorts.values.figures, before & after, np.minimum(*both.n), grouped, cohorts.settled
        )
        earlier, later = (before, both.n[0], cohorts.why[place]), (after, both.n[1], cohorts.why[place + 1])
        cohorts.decided[place] = why_change_hidden(change, earlier, later, cohorts.policy)
    return cohorts.decided[place]


# --- the table ---


def _long(
    cells: pd.DataFrame, cohorts: Cohorts, chosen: Ints, columns: Mapping[str, Floats], why: Texts
) -> pd.DataFrame:
    """One row per cell and figure."""
    figures = cohorts.values.figures.iloc[chosen]
    names = {name: np.repeat(cells[name].to_numpy(), len(chosen)) for name in cells.columns}
    what = {name: np.tile(figures[name].to_numpy(), len(cells)) for name in figures.columns}
    values = {name: np.asarray(part, dtype=float).reshape(-1) for name, part in columns.items()}
    return pd.DataFrame({**names, **what, **values, "why": why.reshape(-1)})


FIRST = [*CELL, "group_a", "group_b", "wave", "wave_a", "wave_b", "measure", "role", "step", "item"]


def _finished(table: pd.DataFrame, cohorts: Cohorts, per: str) -> pd.DataFrame:
    """Empty what is hidden, give the reasons of what is missing, and put the columns in order."""
    if table.empty:
        return table
    table = table[~table["grouping"].str.endswith(BEFORE)] if cohorts.settled else table
    counts = [name for name in table.columns if name in ("n", "step") or name.startswith(("n_schools", "n_items"))]
    counts += [name for name in ("n_left", "n_joined") if name in table.columns]
    table = table.astype(dict.fromkeys(counts, "Int64"))
    table["step"] = table["step"].astype("int64")
    schools = table[[name for name in table.columns if name.startswith("n_schools")]].min(axis=1)
    table["reason"] = np.where(
        schools < 2, MissingReason.TOO_FEW_SCHOOLS, np.where(table["low"].isna(), MissingReason.NO_SPREAD, "")
    )
    hidden = table["why"].notna()
    keys = [name for name in FIRST if name in table.columns and (name != "item" or per == "item")]
    values = [name for name in table.columns if name not in (*FIRST, "why", "reason")]
    table.loc[hidden, values] = np.nan
    table.loc[hidden, "reason"] = ""
    table["reason"] = table["reason"].astype("str").replace("", None)
    texts = dict.fromkeys([name for name in keys if name != "step"], "str")
    table = table.assign(suppressed=hidden, why=table["why"].astype("str")).astype(texts)
    last = ["reason"] if cohorts.is_raw else ["reason", "suppressed", "why"]
    return table[[*keys, *values, *last]]
