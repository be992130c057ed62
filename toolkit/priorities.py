"""What respondents would take up first: counts per group, of groups that may be shown."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.chosen import Chosen, InWords, choose
from toolkit.instrument import Instrument
from toolkit.privacy import SHOWN_AS_TEAM, TOO_FEW_ANSWERS, Protected
from toolkit.word_table import WordTable

COLUMNS = ["school", "wave", "role", "step", "item", "n", "of", "suppressed", "why"]


def priorities(marked: pd.DataFrame, safe: Protected, checklist: Instrument) -> pd.DataFrame:
    """Count per group which items were marked as the one to take up first.

    Parameters
    ----------
    marked
        Columns `school, wave, role, respondent, item`, as `Intake.priorities`.
    safe
        The same intake, protected: whose marks may be seen follows from it.

    Returns
    -------
    Columns `school, wave, role, step, item, n, of, suppressed, why`: `n` of the `of` members of the group that marked
    an item of the step marked this one. A step in which fewer than the minimum of a group marked anything has one row,
    without counts. A group that is not shown has none.
    """
    shown = _as_shown(marked, safe, checklist.team.id)
    shown["step"] = shown["item"].map(dict(zip(checklist.item_ids, checklist.item_steps, strict=True)))
    place = ["school", "wave", "role", "step"]
    counted = shown.groupby([*place, "item"]).size().rename("n").reset_index()
    of = shown.groupby(place)["respondent"].nunique().rename("of").reset_index()
    table = counted.merge(of, on=place)
    known = [role.id for role in checklist.roles if role.known]
    thin = table["of"].lt(safe.policy.minimum) & ~table["role"].isin(known) & (not safe.is_raw)
    hidden = table.loc[thin, place].drop_duplicates().assign(suppressed=True, why=TOO_FEW_ANSWERS)
    table = pd.concat([table[~thin].assign(suppressed=False), hidden], ignore_index=True).reindex(columns=COLUMNS)
    types = {"step": "int64", "n": "Int64", "of": "Int64", "suppressed": "bool"}
    texts = dict.fromkeys(("school", "wave", "role", "item", "why"), "str")
    order = {name: number for number, name in enumerate([*checklist.shown_role_ids, *checklist.item_ids])}
    return table.astype(types | texts).sort_values(
        [*place, "item"], key=lambda c: c.map(order) if c.name in ("role", "item") else c, ignore_index=True
    )


def summarise_priorities(
    table: pd.DataFrame, school: str | None = None, wave: str | None = None, **words: Unpack[InWords]
) -> WordTable:
    """Say per step and group which items come first for how many.

    Parameters
    ----------
    table
        From `priorities`.
    school, wave
        See `toolkit.chosen.choose`, also for what it raises.
    words
        See `toolkit.chosen.InWords`.
    """
    chosen = choose(table, school, wave, **words)
    columns = tuple(chosen.text.say(f"first.{name}") for name in ("item", "role", "words"))
    rows = tuple(_row(chosen, row) for _, row in chosen.rows.sort_values("step", kind="stable").iterrows())
    return WordTable(chosen.caption, columns, rows)


def _as_shown(marked: pd.DataFrame, safe: Protected, team: str) -> pd.DataFrame:
    """The marks under the role that is shown; those of groups that are not shown are gone."""
    texts = marked.astype("str").copy()
    if safe.is_raw:
        return texts
    place = ["school", "wave", "role"]
    hidden = safe.hidden[safe.hidden["item"].isna()].set_index(place)["why"]
    why = hidden.reindex(pd.MultiIndex.from_frame(texts[place])).to_numpy()
    answered = safe.responses[["school", "wave"]].drop_duplicates().astype("str")
    texts["role"] = texts["role"].where(why != SHOWN_AS_TEAM, team)
    visible: pd.DataFrame = texts[pd.isna(why) | (why == SHOWN_AS_TEAM)]
    return visible.merge(answered, on=["school", "wave"])


def _row(chosen: Chosen, row: pd.Series) -> tuple[str, str, str]:
    role = chosen.role(str(row["role"]))
    if row["suppressed"]:
        return chosen.step(int(row["step"])), role, chosen.reason(str(row["why"]))
    return chosen.item(str(row["item"])), role, chosen.text.say("first.count", n=row["n"], of=row["of"])
