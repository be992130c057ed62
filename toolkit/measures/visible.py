"""What a measure is given (raw responses or `Protected`), and the rows it owes for what is hidden."""

from __future__ import annotations

import pandas as pd

from toolkit.instrument import Instrument
from toolkit.privacy import Protected
from toolkit.responses import Counts, count_answers

Measurable = pd.DataFrame | Protected
"""A responses table (raw: for a researcher's own eyes) or what came through `toolkit.privacy.protect`."""


def visible_counts(data: Measurable, checklist: Instrument) -> Counts:
    """Count the answers that may be seen; a school of which everything is hidden keeps its place."""
    if isinstance(data, Protected):
        return count_answers(data.responses, checklist, units=data.hidden[["school", "wave"]])
    return count_answers(data, checklist)


def marks_hidden(data: Measurable) -> bool:
    """Whether the measure's table must say what is hidden: always, but in a researcher's own table."""
    return isinstance(data, Protected) and not data.is_raw


def hidden_groups(data: Protected) -> pd.DataFrame:
    """The groups that are not shown at all: columns `school, wave, role, why`."""
    return data.hidden[data.hidden["item"].isna()].drop(columns="item")


def hidden_items(data: Protected, checklist: Instrument) -> pd.DataFrame:
    """The items not shown of a group that is: columns `school, wave, role, step, item, why`."""
    items = data.hidden.dropna(subset="item")
    step = dict(zip(checklist.item_ids, checklist.item_steps, strict=True))
    return items.assign(step=items["item"].map(step).astype("int64"))


def in_role_order(table: pd.DataFrame, keys: list[str], counts: Counts) -> pd.DataFrame:
    """Sort by `keys`, roles in the instrument's order and the team last."""
    order = {role: place for place, role in enumerate(counts.roles)}
    return table.sort_values(
        keys, key=lambda column: column.map(order) if column.name == "role" else column, ignore_index=True
    )
