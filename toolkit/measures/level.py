"""Level per role and step, and the answers per item."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toolkit.core.errors import MissingReason
from toolkit.instrument.arguments import as_checklist, as_number, explained
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats, Ints, group_mean, mean_score, scores
from toolkit.measures.counts import (
    Counted,
    TeamSize,
    counted,
    hidden_groups,
    hidden_items,
    known_size,
    one_team_size,
    reason_if,
    take_text,
    team_size_of,
    to_nullable_int,
    with_hidden_rows,
)
from toolkit.measures.intervals import Sampled, added_colleague, squared_error, without_one
from toolkit.measures.shown_figures import round_points
from toolkit.privacy import Protected
from toolkit.responses import GROUP_COLUMNS, Counts, HasResponses, step_matrix

COUNT_NAMES = ["no", "partly", "yes"]
GIVEN = ["level", "level_low", "level_high", "n", "n_items", "team_size", "reason"]


@explained
def levels(
    data: pd.DataFrame | HasResponses | Protected | Counted,
    checklist: Instrument | None = None,
    invited: pd.DataFrame | None = None,
    partly: float = 0.5,
    *,
    team_size: TeamSize = None,
) -> pd.DataFrame:
    """Level per school, wave, role and step.

    Every item weighs the same: answers are averaged per item first, then over the answered items, and scaled so that 0
    is all Nee and 100 all Ja. A step of which fewer than half of the items were answered has no level.

    Parameters
    ----------
    data
        Responses or an `Intake` (raw: for a researcher's own eyes), `Protected`, or one of these `counted`.
    team_size, invited
        How many people a sampled role has, where that is known; narrows the interval. `team_size` is a number (of the
        teachers, or of the team where that is shown) or a table with columns `school, wave, role, team_size`; `invited`
        is the same table with a column `invited`. A number below the respondents counts as not known.
    partly
        What Beetje counts for, 0..1: a choice, see `toolkit.measures.sensitivity`.

    Returns
    -------
    Columns `school, wave, role, step, level, level_low, level_high, n, n_items, team_size, reason`, a row for each
    role that returned a form; `level` in 0..100 with its 95% interval (of sampled roles only: the others are a census),
    `n` respondents who answered at least one item of the step, `n_items` items with an answer, `team_size` where the
    interval took it. From `Protected` whole points, `n` of a group the most that answered one item, and also
    `suppressed, why`, with a row for each hidden group and no value in it.

    Examples
    --------
    >>> from toolkit import load_instrument, make_responses
    >>> checklist = load_instrument()
    >>> form = {"school": "99AA00", "wave": "2025-2026", "role": "director", "1.1": 2, "1.2": 1}
    >>> table = levels(make_responses([form], checklist), checklist)
    >>> table.loc[table.step == 1, ["level", "n", "n_items"]].to_dict("records")
    [{'level': 75.0, 'n': 1, 'n_items': 2}]
    """
    checklist, partly = as_checklist(checklist), as_number(partly, "partly", 0, 1)
    source = counted(data, checklist)
    size = one_team_size(team_size, invited)
    table = source.table(lambda counts: _levels_of(counts, checklist, size, partly))
    if source.protected is None:
        return table
    return round_points(_with_hidden_steps(table, source.protected, checklist), ["level"])


@explained
def item_table(
    data: pd.DataFrame | HasResponses | Protected | Counted, checklist: Instrument | None = None
) -> pd.DataFrame:
    """Answers per school, wave, role and item.

    Returns
    -------
    Columns `school, wave, role, step, item, n, no, partly, yes, level, reason`: counts of respondents, and the item's
    level (0..100; missing where nobody answered). From `Protected` also `suppressed, why`; of a hidden group or item
    no value is given, the counts included.

    Examples
    --------
    >>> import toolkit as tk
    >>> items = tk.item_table(tk.protect(tk.samples.responses(schools=2)))
    >>> items.loc[items["item"] == "1.1", "role"].unique().tolist()
    ['director', 'teacher', 'care']
    """
    checklist = as_checklist(checklist)
    source = counted(data, checklist)
    table = source.table(lambda counts: _items_of(counts, checklist))
    if source.protected is None:
        return table
    return round_points(_with_hidden_items(table, source.protected, checklist), ["level"])


def step_rows(counts: Counts, checklist: Instrument) -> tuple[tuple[Ints, Ints, Ints], pd.DataFrame]:
    """Cells (unit, role, step) of the roles with a form, and the columns that name them."""
    unit, role, step = np.nonzero(np.broadcast_to(counts.forms[:, :, None] > 0, counts.respondents.shape))
    columns = {
        "school": take_text(counts.units["school"], unit),
        "wave": take_text(counts.units["wave"], unit),
        "role": take_text(counts.roles, role),
        "step": np.array([s.number for s in checklist.steps])[step],
    }
    return (unit, role, step), pd.DataFrame(columns)


def enough_items(n_items: Ints, checklist: Instrument) -> NDArray[np.bool_]:
    """Whether at least half of a step's items (last axis: steps) take part."""
    return np.asarray(2 * n_items >= step_matrix(checklist).sum(axis=0))


def score_interval(
    sampled: Sampled, counts: Ints, per_item: Floats, mean: Floats, team_size: Floats, partly: float = 0.5
) -> tuple[Floats, Floats]:
    """Interval of a mean score (0..1).

    Shapes (units, items, answers), (units, items) and (units, groups).
    """
    terms = np.broadcast_to(scores(counts.shape[-1], partly), counts.shape)[..., None]
    error = squared_error(sampled, counts, per_item[..., None], without_one(counts, per_item[..., None], terms))
    return added_colleague(mean, error[..., 0], sampled.n, sampled.size, team_size[:, None], sampled.measured)


def _levels_of(counts: Counts, checklist: Instrument, team_size: TeamSize, partly: float) -> pd.DataFrame:
    steps = step_matrix(checklist)
    per_item = mean_score(counts.answers, partly)
    n_items = ~np.isnan(per_item) @ steps
    level = np.where(enough_items(n_items, checklist), group_mean(per_item, steps), np.nan)
    low, high, size = _intervals(counts, checklist, level, team_size, partly)
    cell, names = step_rows(counts, checklist)
    census = reason_if(np.isnan(low[cell]), MissingReason.CENSUS)
    return names.assign(
        level=100 * level[cell],
        level_low=100 * low[cell],
        level_high=100 * high[cell],
        n=to_nullable_int(counts.respondents[cell]),
        n_items=to_nullable_int(n_items[cell]),
        team_size=to_nullable_int(size[cell]),
        reason=reason_if(np.isnan(level[cell]), MissingReason.TOO_FEW_ITEMS).fillna(census),
    )


def _items_of(counts: Counts, checklist: Instrument) -> pd.DataFrame:
    unit, role, item = np.nonzero(np.broadcast_to(counts.forms[:, :, None] > 0, counts.per_item.shape))
    answers = counts.answers[unit, role, item]
    n = answers.sum(axis=1)
    return pd.DataFrame(
        {
            "school": take_text(counts.units["school"], unit),
            "wave": take_text(counts.units["wave"], unit),
            "role": take_text(counts.roles, role),
            "step": np.array(checklist.item_steps)[item],
            "item": take_text(checklist.item_ids, item),
            "n": to_nullable_int(n),
            **{name: to_nullable_int(count) for name, count in zip(COUNT_NAMES, answers.T, strict=True)},
            "level": 100 * mean_score(answers),
            "reason": reason_if(n == 0, MissingReason.NO_ANSWERS),
        }
    )


def _intervals(
    counts: Counts, checklist: Instrument, level: Floats, team_size: TeamSize, partly: float
) -> tuple[Floats, Floats, Floats]:
    """Interval and team size per unit, role and step; NaN for roles that are a census."""
    low, high, size = np.full((3, *level.shape), np.nan)
    for role in sampled_roles(counts, checklist):
        everyone = np.full(len(counts.units), role)
        sampled = sampled_forms(counts, everyone, step_matrix(checklist), counts.respondents[:, role])
        answers = counts.answers[:, role]
        people = team_size_of(team_size, counts, everyone, checklist)
        low[:, role], high[:, role] = score_interval(
            sampled, answers, mean_score(answers, partly), level[:, role], people, partly
        )
        size[:, role] = known_size(people, sampled.n)
    return low, high, size


def sampled_roles(counts: Counts, checklist: Instrument) -> list[int]:
    """Index of each sampled role that has a form."""
    return [role for role in map(counts.roles.index, checklist.sampled_role_ids) if counts.forms[:, role].any()]


def sampled_forms(counts: Counts, role: Ints, groups: Ints, n: Ints) -> Sampled:
    """The forms of one role per unit, `role` being its index; `groups` and `n` as in `Sampled`."""
    mine = counts.form_role == role[counts.form_unit]
    return Sampled(counts.form_unit[mine], counts.codes[mine], groups, n)


def _with_hidden_steps(table: pd.DataFrame, data: Protected, checklist: Instrument) -> pd.DataFrame:
    steps = pd.DataFrame({"step": [step.number for step in checklist.steps]})
    keys = [*GROUP_COLUMNS, "step"]
    thin = pd.MultiIndex.from_frame(hidden_items(data, checklist)[keys])
    thinned = pd.MultiIndex.from_frame(table[keys]).isin(thin)
    lost = table["level"].isna() & thinned
    shown = table.assign(suppressed=lost, why=reason_if(lost, MissingReason.TOO_FEW_ANSWERS))
    shown.loc[lost, GIVEN] = pd.NA
    return with_hidden_rows(shown, hidden_groups(data).merge(steps, how="cross"), keys, checklist.shown_role_ids)


def _with_hidden_items(table: pd.DataFrame, data: Protected, checklist: Instrument) -> pd.DataFrame:
    items = pd.DataFrame({"step": checklist.item_steps, "item": checklist.item_ids})
    marked = table.merge(data.hidden.dropna(subset="item"), on=[*GROUP_COLUMNS, "item"], how="left")
    marked.insert(len(marked.columns) - 1, "suppressed", marked["why"].notna())
    marked.loc[marked["suppressed"], ["n", *COUNT_NAMES, "level", "reason"]] = pd.NA
    keys = [*GROUP_COLUMNS, "item"]
    return with_hidden_rows(marked, hidden_groups(data).merge(items, how="cross"), keys, checklist.shown_role_ids)
