"""How a role rates its own tasks, compared with how the other roles rate them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.core.errors import MissingReason, no_role
from toolkit.instrument.arguments import as_checklist, explained
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Ints, group_mean, mean_score
from toolkit.measures.counts import (
    Counted,
    counted,
    first_reason,
    hidden_groups,
    hidden_items,
    take_text,
    to_nullable_int,
)
from toolkit.measures.shown_figures import round_points
from toolkit.privacy import Protected
from toolkit.responses import UNIT_COLUMNS, HasResponses, step_matrix

VALUES = ["self_level", "other_level", "gap", "n_self", "n_other", "n_items", "reason"]


@explained
def self_other(
    data: pd.DataFrame | HasResponses | Protected | Counted, checklist: Instrument | None = None
) -> pd.DataFrame:
    """Level of the items about a role, as that role sees it and as each other role does.

    Parameters
    ----------
    data
        Responses or an `Intake`, or `Protected`; roles shown as a team have no figures of their own here, since a
        team is about no items of its own: the team takes part as the other.

    Returns
    -------
    One row per school × wave × actor × other × step: `school, wave, actor, other, step, self_level, other_level, gap,
    n_self, n_other, n_items, reason`. Levels (0..100) over the items about the actor that both answered, `gap` self
    minus other; missing below half of the items about the actor, or where there are none (step 4 has none about
    directors). From `Protected` also `suppressed, why`.

    Examples
    --------
    >>> import toolkit as tk
    >>> safe = tk.protect(tk.samples.responses(schools=2))
    >>> tk.self_other(safe)["actor"].unique().tolist()
    ['director', 'teacher', 'care']
    """
    checklist = as_checklist(checklist)
    source = counted(data, checklist)
    parts = [
        _pair(source, checklist, actor, other)
        for actor in checklist.role_ids
        for other in checklist.role_ids
        if actor != other
    ]
    table = pd.concat(parts, ignore_index=True)
    if source.protected is not None:
        table = round_points(_with_hidden(table, source.protected, checklist), ["self_level", "other_level"])
        table = table.assign(gap=table["self_level"] - table["other_level"])
    # two others that are shown as one team are one other
    single = table.drop(columns="asked").drop_duplicates([*UNIT_COLUMNS, "actor", "other", "step"])
    return single.sort_values(UNIT_COLUMNS, kind="stable", ignore_index=True)


def _pair(source: Counted, checklist: Instrument, actor: str, other: str) -> pd.DataFrame:
    counts = source.counts
    shown = _shown_other(source, checklist, actor, other)
    unit = np.arange(len(counts.units))
    about = _about(checklist, actor)
    self_answers, others = counts.answers[:, counts.roles.index(actor)], counts.answers[unit, shown]
    shared = (self_answers.sum(axis=-1) > 0) & (others.sum(axis=-1) > 0)
    n_items = shared @ about
    enough = (2 * n_items >= about.sum(axis=0)) & (n_items > 0)
    levels = [
        np.where(enough, 100 * group_mean(np.where(shared, mean_score(c), np.nan), about), np.nan)
        for c in (self_answers, others)
    ]
    unit_index = np.repeat(unit, about.shape[1])
    table = pd.DataFrame(
        {
            "school": take_text(counts.units["school"], unit_index),
            "wave": take_text(counts.units["wave"], unit_index),
            "actor": take_text([actor], np.zeros_like(unit_index)),
            "other": take_text(counts.roles, shown[unit_index]),
            "step": np.tile([step.number for step in checklist.steps], len(unit)),
            "self_level": levels[0].reshape(-1),
            "other_level": levels[1].reshape(-1),
            "gap": (levels[0] - levels[1]).reshape(-1),
            "n_self": to_nullable_int(counts.respondents[:, counts.roles.index(actor)].reshape(-1)),
            "n_other": to_nullable_int(counts.respondents[unit, shown].reshape(-1)),
            "n_items": to_nullable_int(n_items.reshape(-1)),
        }
    )
    reason = _reasons(table, np.tile(about.sum(axis=0), len(unit)), actor, other)
    return table.assign(reason=reason, asked=take_text([other], np.zeros_like(unit_index)))


def _about(checklist: Instrument, actor: str) -> Ints:
    """Which items of each step are about the actor, items × steps."""
    mine = np.array([actor in item.actors for item in checklist.items])
    return np.asarray(step_matrix(checklist) * mine[:, None])


def _shown_other(source: Counted, checklist: Instrument, actor: str, other: str) -> Ints:
    """Per unit the index of the other role, or of the team it is shown in; an actor never faces its own team."""
    counts = source.counts
    index = np.full(len(counts.units), counts.roles.index(other))
    if source.protected is not None and other in checklist.team.roles and actor not in checklist.team.roles:
        team = counts.roles.index(checklist.team.id)
        index[counts.forms[:, team] > 0] = team
    return index


def _reasons(table: pd.DataFrame, own_items: Ints, actor: str, other: str) -> pd.Series:
    cases = {
        MissingReason.NO_ITEMS_ABOUT_THIS_ROLE: own_items == 0,
        no_role(actor): table["n_self"].eq(0).to_numpy(dtype=bool),
        no_role(other): table["n_other"].eq(0).to_numpy(dtype=bool),
        MissingReason.TOO_FEW_ITEMS: table["gap"].isna().to_numpy(),
    }
    return first_reason(cases)


def _with_hidden(table: pd.DataFrame, data: Protected, checklist: Instrument) -> pd.DataFrame:
    """Empty the rows of which one side is hidden, and say why; `asked` is the other before it became a team."""
    keys = UNIT_COLUMNS
    groups = hidden_groups(data).set_index([*keys, "role"])["why"]
    why = pd.Series(None, index=table.index, dtype="str")
    for role, side in (("actor", "actor"), ("asked", "other")):
        reasons = groups.reindex(pd.MultiIndex.from_frame(table[[*keys, role]])).to_numpy()
        as_itself = table[side].eq(table[role])
        why = why.where(why.notna() | ~as_itself, pd.Series(reasons, index=table.index, dtype="str"))
    thin = pd.MultiIndex.from_frame(hidden_items(data, checklist)[[*keys, "step", "role"]])
    for side in ("actor", "other"):
        hit = pd.MultiIndex.from_frame(table[[*keys, "step", side]]).isin(thin)
        unknown = table["reason"].eq(MissingReason.TOO_FEW_ITEMS) | table["reason"].eq(table[side].map(no_role))
        why = why.mask(why.isna() & hit & unknown, MissingReason.TOO_FEW_ANSWERS)
    emptied = table.copy()
    emptied.loc[why.notna(), VALUES] = pd.NA
    return emptied.assign(suppressed=why.notna(), why=why)
