"""What respondents would take up first: counts per group, of groups that may be shown."""

from __future__ import annotations

import pandas as pd

from toolkit.core.errors import MissingReason, ToolkitError
from toolkit.core.i18n import load_text
from toolkit.instrument.arguments import as_checklist, explained
from toolkit.instrument.model import Instrument
from toolkit.privacy import Protected
from toolkit.responses import GROUP_COLUMNS, UNIT_COLUMNS

COLUMNS = [*GROUP_COLUMNS, "step", "item", "n", "of", "suppressed", "why"]


@explained
def priorities(marked: pd.DataFrame, safe: Protected, checklist: Instrument | None = None) -> pd.DataFrame:
    """Count per group which items were marked as the one to take up first.

    Parameters
    ----------
    marked
        Columns `school, wave, role, respondent, item`, as `Intake.priorities`.
    safe
        The same intake, protected: whose marks may be shown follows from it.

    Returns
    -------
    Columns `school, wave, role, step, item, n, of, suppressed, why`: `n` of the `of` members of the group that marked
    an item of the step marked this one. A step in which fewer than the minimum of a group marked anything has one row,
    without counts, also where nobody did. A group that is not shown has no rows, and a school whose form didn't ask
    has none either.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> intake = tk.read_folder(folder)
    >>> safe = tk.protect(intake)
    >>> list(tk.priorities(intake.priorities, safe).columns[3:7])
    ['step', 'item', 'n', 'of']
    """
    checklist = as_checklist(checklist)
    if "item" not in marked or "respondent" not in marked:
        raise ToolkitError(load_text().say("argument.marked"))
    shown = _as_shown(marked, safe, checklist.team.id, checklist.known_role_ids)
    steps = dict(zip(checklist.item_ids, checklist.item_steps, strict=True))
    shown["step"] = shown["item"].map(steps).astype("int64")
    keys = [*GROUP_COLUMNS, "step"]
    counted = shown.groupby([*keys, "item"]).size().rename("n").reset_index()
    of = shown.groupby(keys)["respondent"].nunique().rename("of").reset_index()
    hidden = _thin_steps(of, safe, checklist)
    table = counted.merge(of, on=keys).merge(hidden[keys], on=keys, how="left", indicator=True)
    shown_steps = table[table["_merge"].eq("left_only")].assign(suppressed=False)
    table = pd.concat([shown_steps, hidden], ignore_index=True).reindex(columns=COLUMNS)
    types = {"step": "int64", "n": "Int64", "of": "Int64", "suppressed": "bool"}
    texts = dict.fromkeys(("school", "wave", "role", "item", "why"), "str")
    order = {name: number for number, name in enumerate([*checklist.shown_role_ids, *checklist.item_ids])}
    return table.astype(types | texts).sort_values(
        [*keys, "item"], key=lambda c: c.map(order) if c.name in ("role", "item") else c, ignore_index=True
    )


def _as_shown(marked: pd.DataFrame, safe: Protected, team: str, known_roles: list[str]) -> pd.DataFrame:
    """The marks under the role that is shown; those of groups that are not shown are gone."""
    texts = marked.astype("str").copy()
    if safe.is_raw:
        return texts
    keys = GROUP_COLUMNS
    hidden = safe.hidden[safe.hidden["item"].isna()].set_index(keys)["why"]
    why = hidden.reindex(pd.MultiIndex.from_frame(texts[keys])).to_numpy()
    answered = safe.responses[UNIT_COLUMNS].drop_duplicates().astype("str")
    texts["role"] = texts["role"].where(why != MissingReason.SHOWN_AS_TEAM, team)
    visible: pd.DataFrame = texts[pd.isna(why) | (why == MissingReason.SHOWN_AS_TEAM)]
    visible = visible.merge(answered, on=UNIT_COLUMNS)
    # a group of which every item is hidden has no answers left: nothing else of it is shown either
    answers = pd.MultiIndex.from_frame(safe.responses[keys].drop_duplicates().astype("str"))
    has_answers = pd.MultiIndex.from_frame(visible[keys]).isin(answers)
    return visible[has_answers | visible["role"].isin(known_roles)]


def _thin_steps(of: pd.DataFrame, safe: Protected, checklist: Instrument) -> pd.DataFrame:
    """Steps in which too few of a shown group marked anything, of the schools whose form asked it."""
    groups = safe.responses[GROUP_COLUMNS].drop_duplicates().astype("str")
    sampled = groups[~groups["role"].isin(checklist.known_role_ids)]
    of_form = sampled.merge(of[UNIT_COLUMNS].drop_duplicates())
    steps = of_form.merge(pd.DataFrame({"step": [step.number for step in checklist.steps]}), how="cross")
    thin = steps.merge(of, how="left")["of"].fillna(0).lt(0 if safe.is_raw else safe.policy.minimum)
    return steps[thin].assign(suppressed=True, why=MissingReason.TOO_FEW_ANSWERS)
