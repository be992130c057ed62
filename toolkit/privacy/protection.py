"""Whose answers may be seen, decided once per school and wave, before anything is computed.

Directors are known persons and the form tells them so. Teachers and care professionals are shown as a group, from a
minimum number of respondents; where both are too small they may be shown together as the team. What may not be seen is
taken out of the table of forms itself, so every figure, text and export made from it agrees. The minimum is our own
choice, not a norm.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.core.errors import MissingReason, UnprotectedError
from toolkit.core.i18n import Text, load_text
from toolkit.instrument.arguments import as_checklist, as_choice, as_whole, check_type, explained
from toolkit.instrument.model import Instrument
from toolkit.responses import ACTION_COLUMNS, GROUP_COLUMNS, UNIT_COLUMNS, HasResponses, check_responses

AUDIENCES = ("school", "cohort", "researcher")
LOWEST_MINIMUM = 3
"""No policy shows a group smaller than this."""

MIN_SCHOOLS, MIN_RESPONDENTS = 5, 10
"""No figure over schools is of fewer schools, or of fewer teachers or care professionals, than this."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be shown to whom.

    Attributes
    ----------
    minimum
        Respondents a group needs (and answers an item of a group needs) to be shown; 3 is the floor.
    audience
        `school`: the school's own figures. `researcher`: a researcher's own table, in which nothing is hidden and which
        no chart, report or dashboard takes. `cohort`: figures over schools, and no figure of a school.
    schools, respondents
        Schools a figure over schools needs, and the respondents it needs of roles that are shown as a group.

    Examples
    --------
    >>> import toolkit as tk
    >>> tk.Policy(minimum=8).minimum
    8
    """

    minimum: int = 5
    audience: str = "school"
    schools: int = MIN_SCHOOLS
    respondents: int = MIN_RESPONDENTS

    def __post_init__(self) -> None:
        as_choice(self.audience, "audience", AUDIENCES)
        for name, low in {"minimum": LOWEST_MINIMUM, "schools": MIN_SCHOOLS, "respondents": MIN_RESPONDENTS}.items():
            object.__setattr__(self, name, as_whole(getattr(self, name), name, low))


@dataclass(frozen=True, slots=True, repr=False)
class Protected:
    """Responses from which everything that may not be seen is gone.

    Attributes
    ----------
    responses
        As in `toolkit.responses`, with hidden groups gone, merged groups under the role `team`, items with too few
        answers emptied, and respondents without pseudonym or order.
    hidden
        Columns `school, wave, role, item, why`: a hidden group (`item` missing) or item of a shown group.
    actions
        Columns `school, wave, role, step, text`: action points that may be shown, in an order that says nothing.
    policy
        The policy it was made with.

    Examples
    --------
    >>> import toolkit as tk
    >>> tk.protect(tk.samples.responses(schools=2)).is_raw
    False
    """

    responses: pd.DataFrame
    hidden: pd.DataFrame
    actions: pd.DataFrame
    policy: Policy

    def __repr__(self) -> str:
        """Return the counts only, so that an accidental display shows no answers."""
        return f"Protected(forms={len(self.responses)}, schools={self.responses['school'].nunique()}, {self.policy})"

    @property
    def is_raw(self) -> bool:
        """Whether nothing was hidden because it is a researcher's own table."""
        return self.policy.audience == "researcher"


@explained
def protect(
    responses: pd.DataFrame | HasResponses,
    checklist: Instrument | None = None,
    policy: Policy | None = None,
    actions: pd.DataFrame | None = None,
) -> Protected:
    """Take out of the responses (and action points) what may not be seen.

    Parameters
    ----------
    responses
        One row per form; forms without a school, wave or role are left out. Of an `Intake` its action points come too.
    checklist
        The built-in one where none is given.
    policy
        `Policy()` where none is given: groups from 5 respondents, for the school itself.
    actions
        Columns `school, wave, role, respondent, step, text`, as in `Intake.actions`.

    Notes
    -----
    For `audience="cohort"` all forms stay, without pseudonyms or texts: which figures over schools may be shown is
    decided where the groups are known (`toolkit.compare_cohorts`), and no measure gives a figure of one school.
    A respondent counts for a group with at least one answer. A group that is not shown gets a row in `hidden` whether
    it has one respondent, four or none: how many there are is hidden too.

    Examples
    --------
    >>> import toolkit as tk
    >>> safe = tk.protect(tk.samples.responses(schools=2))
    >>> sorted(set(safe.responses["respondent"]))
    ['']
    """
    policy, checklist = Policy() if policy is None else policy, as_checklist(checklist)
    check_type(policy, "policy", Policy, "tk.Policy()")
    if actions is None and not isinstance(responses, pd.DataFrame):
        actions = getattr(responses, "actions", None)
    placed = check_responses(responses, checklist).dropna(subset=GROUP_COLUMNS)
    texts = _without_respondent(actions)
    no_hidden = pd.DataFrame(columns=[*GROUP_COLUMNS, "item", "why"], dtype="str")
    if policy.audience == "researcher":
        return Protected(placed, no_hidden, texts, policy)
    if policy.audience == "cohort":
        return Protected(placed.assign(respondent=""), no_hidden, texts.iloc[:0], policy)
    answered = placed[placed[checklist.item_ids].notna().any(axis=1)]
    shown_as = shown_roles(answered, checklist, policy)
    visible = _assign_shown_roles(answered, shown_as, checklist)
    masked, hidden_items = _mask_sparse_items(visible, checklist, policy)
    hidden = pd.concat([_hidden_groups(placed, shown_as, checklist), hidden_items], ignore_index=True)
    points = _shown_actions(texts, shown_as)
    points.attrs["schools"] = sorted(placed["school"].unique())
    return Protected(_anonymous(masked, checklist), hidden, points, policy)


def require_protected(table: pd.DataFrame, text: Text | None = None) -> pd.DataFrame:
    """Return the table if it came through `protect`; raises `UnprotectedError` otherwise."""
    if not isinstance(table, pd.DataFrame) or not {"suppressed", "why"}.issubset(table.columns):
        raise UnprotectedError((text or load_text()).say("protection.unprotected"))
    return table


def shown_roles(answered: pd.DataFrame, checklist: Instrument, policy: Policy) -> pd.DataFrame:
    """The role under which each is shown: its own, `team`, or missing where it is hidden."""
    counts = answered.groupby(GROUP_COLUMNS, observed=False).size().unstack("role", fill_value=0)
    counts = counts.reindex(columns=checklist.role_ids, fill_value=0)
    known_roles = checklist.known_role_ids
    is_large = counts.ge(policy.minimum)
    is_large[known_roles] = True
    team = [role for role in checklist.team.roles if role not in known_roles]
    as_team = ~is_large[team].any(axis=1) & counts[team].sum(axis=1).ge(policy.minimum)
    shown = pd.DataFrame(None, index=counts.index, columns=counts.columns, dtype="object")
    for role in counts.columns:
        shown.loc[is_large[role], role] = role
        if role in team:
            shown.loc[as_team, role] = checklist.team.id
    return shown.reset_index().melt(UNIT_COLUMNS, var_name="role", value_name="shown")


def _assign_shown_roles(answered: pd.DataFrame, shown_as: pd.DataFrame, checklist: Instrument) -> pd.DataFrame:
    merged = answered.assign(role=answered["role"].astype("str")).merge(shown_as.dropna(), on=GROUP_COLUMNS)
    merged["role"] = pd.Categorical(merged["shown"], categories=checklist.shown_role_ids)
    return merged.drop(columns="shown")


def _mask_sparse_items(
    visible: pd.DataFrame, checklist: Instrument, policy: Policy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Empty, for a group, the items too few of it answered: shown, they would let the rest be subtracted."""
    items = checklist.item_ids
    known_roles = checklist.known_role_ids
    counts = visible[items].notna().groupby([visible[key] for key in GROUP_COLUMNS], observed=True).sum()
    sparse = counts.lt(policy.minimum).astype(bool)
    sparse.loc[sparse.index.get_level_values("role").isin(known_roles)] = False
    per_form = sparse.reindex(pd.MultiIndex.from_frame(visible[GROUP_COLUMNS].astype({"role": "str"})))
    masked = visible.copy()
    masked[items] = visible[items].mask(per_form.to_numpy(dtype=bool))
    by_item = sparse.rename_axis(columns="item").stack()
    hidden = by_item[by_item.to_numpy(dtype=bool)].index.to_frame(index=False).assign(why=MissingReason.TOO_FEW_ANSWERS)
    return masked, hidden.astype({"role": "str"})


def _hidden_groups(placed: pd.DataFrame, shown_as: pd.DataFrame, checklist: Instrument) -> pd.DataFrame:
    """One row per group that is not shown as itself; a school with no answers at all hides all its groups too."""
    units = placed[UNIT_COLUMNS].drop_duplicates()
    groups = units.merge(pd.DataFrame({"role": checklist.grouped_role_ids}), how="cross")
    groups = groups.merge(shown_as, on=GROUP_COLUMNS, how="left")
    hidden = groups[groups["shown"].isna() | (groups["shown"] != groups["role"])]
    why = np.where(hidden["shown"].isna(), MissingReason.TOO_FEW_RESPONDENTS, MissingReason.SHOWN_AS_TEAM)
    return hidden.assign(item=pd.Series(None, index=hidden.index, dtype="str"), why=why).drop(columns="shown")


def _anonymous(masked: pd.DataFrame, checklist: Instrument) -> pd.DataFrame:
    """Leave no pseudonym, no form without answers, and no order that tells who of a team is who."""
    forms = masked[masked[checklist.item_ids].notna().any(axis=1)]
    forms = forms.assign(respondent="", form=checklist.form)
    return forms.sort_values([*GROUP_COLUMNS, *checklist.item_ids], ignore_index=True)


def _without_respondent(actions: pd.DataFrame | None) -> pd.DataFrame:
    table = pd.DataFrame(columns=ACTION_COLUMNS) if actions is None else actions[ACTION_COLUMNS]
    return table.drop(columns="respondent").astype(dict.fromkeys([*GROUP_COLUMNS, "text"], "str"))


def _shown_actions(actions: pd.DataFrame, shown_as: pd.DataFrame) -> pd.DataFrame:
    """Texts under the role that is shown; ordered by their digest, random to a reader yet always the same."""
    texts = actions.merge(shown_as.dropna(), on=GROUP_COLUMNS)
    texts = texts.assign(
        role=texts["shown"].astype("str"), order=[hashlib.sha256(text.encode()).hexdigest() for text in texts["text"]]
    )
    texts = texts.sort_values([*GROUP_COLUMNS, "step", "order"], ignore_index=True)
    return texts[[*GROUP_COLUMNS, "step", "text"]]
