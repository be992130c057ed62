"""What a measure is given (raw responses or `Protected`), and the rows it owes for what is hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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


def invited_of(invited: pd.DataFrame | None, counts: Counts, role: NDArray[np.int64]) -> NDArray[np.float64]:
    """How many were invited per unit, of the role with that index; NaN where it is not known.

    Parameters
    ----------
    invited
        Columns `school, wave, role, invited`, or None. A team was invited when all of its roles were.
    """
    if invited is None:
        return np.full(len(counts.units), np.nan)
    number = invited.set_index(["school", "wave", "role"])["invited"].astype(float)
    names = np.array(counts.roles, dtype=object)[role]
    places = pd.MultiIndex.from_frame(counts.units.assign(role=names))
    return np.asarray(number.reindex(places), dtype=np.float64)


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
