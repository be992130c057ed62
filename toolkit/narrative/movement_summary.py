"""Changes of items, in words."""

from __future__ import annotations

from typing import Unpack

import pandas as pd

from toolkit.core.i18n import load_text
from toolkit.core.text_table import TextTable
from toolkit.instrument.arguments import check_kind, explained
from toolkit.measures.item_change import OTHER_TEAM, UNSURE
from toolkit.narrative.selection import DisplayOptions, Selection, select


@explained
def summarise_movement(table: pd.DataFrame, school: str | None = None, **display: Unpack[DisplayOptions]) -> TextTable:
    """Compare the answers then and now per item and role, and say how sure the change is.

    Parameters
    ----------
    table
        From `movement`.
    school
        None takes the first, by id.
    display
        `name` (the school's), `checklist` and `language` (`nl` or `en`).

    Returns
    -------
    One row per item × role; below it always that other people may have answered.

    Examples
    --------
    >>> import toolkit as tk
    >>> items = tk.item_table(tk.protect(tk.samples.responses(schools=2)))
    >>> tk.summarise_movement(tk.movement(items, "1.2")).columns[:2]
    ('Uitspraak', 'Rol')
    """
    say = load_text(display.get("language", "nl")).say
    columns = tuple(say(f"movement.{column}") for column in ("item", "role", "then", "now", "words"))
    check_kind(table, ["movement"])
    if table.empty:
        return TextTable(say("movement.nothing"), columns, ())
    selection = select(table, school, None, ("movement",), **display)
    before = str(selection.rows["before"].iloc[0])
    caption = say("movement.caption", name=selection.name, before=before, after=selection.wave)
    rows = tuple(_row(selection, row) for _, row in selection.rows.iterrows())
    return TextTable(caption, columns, (*rows, (say("movement.mind"), "", "", "", say("movement.caveat"))))


def _row(selection: Selection, row: pd.Series) -> tuple[str, ...]:
    before, after = (_level(selection, row, end) for end in ("_before", ""))
    return selection.item(str(row["item"])), selection.role(str(row["role"])), before, after, _sentence(selection, row)


def _level(selection: Selection, row: pd.Series, end: str) -> str:
    if pd.isna(row[f"level{end}"]):
        return ""
    return selection.text.say("movement.level", level=selection.text.number(row[f"level{end}"]), n=int(row[f"n{end}"]))


def _sentence(selection: Selection, row: pd.Series) -> str:
    say = selection.text.say
    if pd.notna(row["why"]):  # an item that is shown at neither moment has no row
        return say("movement.not_both")
    if pd.isna(row["change_low"]):
        sentences = [say(f"movement.said_{row['moved'] if row['moved'] != UNSURE else 'same'}")]
    else:
        ends = {end: f"{row[f'change_{end}']:+.0f}" for end in ("low", "high")}
        sentences = [say(f"movement.{row['moved']}", **ends)]
    smaller, larger = sorted([row["n_before"], row["n"]])
    if (larger - smaller) > OTHER_TEAM * larger:
        sentences.append(say("movement.other_team", before=int(row["n_before"]), after=int(row["n"])))
    return " ".join(sentences)
