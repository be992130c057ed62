"""Level per role and step, and the answers per item."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toolkit.instrument import Instrument
from toolkit.measures.visible import (
    Measurable,
    hidden_groups,
    hidden_items,
    in_role_order,
    marks_hidden,
    visible_counts,
)
from toolkit.privacy import TOO_FEW_ANSWERS, Protected
from toolkit.responses import Counts, step_matrix

TOO_FEW_ITEMS = "too few items"
COUNT_NAMES = ["no", "partly", "yes"]


def levels(data: Measurable, checklist: Instrument) -> pd.DataFrame:
    """Level per school, wave, role and step.

    Every item weighs the same: answers are averaged per item first, then over the answered items, and scaled so that 0
    is all Nee and 100 all Ja. A step of which fewer than half of the items were answered has no level.

    Parameters
    ----------
    data
        Responses (see `toolkit.responses`), or `Protected`.

    Returns
    -------
    Columns `school, wave, role, step, level, n, n_items, reason`, a row for each role that returned a form; `level` in
    0..100, `n` respondents who answered at least one item of the step, `n_items` items with an answer. From `Protected`
    also `suppressed, why`, with a row for each hidden group and no value in it.

    Examples
    --------
    >>> from toolkit import load_instrument, make_responses
    >>> checklist = load_instrument()
    >>> form = {"school": "99AA00", "wave": "2025-2026", "role": "director", "1.1": 2, "1.2": 1}
    >>> table = levels(make_responses([form], checklist), checklist)
    >>> table.loc[table.step == 1, ["level", "n", "n_items"]].to_dict("records")
    [{'level': 75.0, 'n': 1, 'n_items': 2}]
    """
    counts = visible_counts(data, checklist)
    level, n_items = step_levels(item_levels(counts), checklist)
    unit, role, step = np.nonzero(np.broadcast_to(counts.forms[:, :, None] > 0, level.shape))
    table = pd.DataFrame(
        {
            "school": counts.units["school"].to_numpy()[unit],
            "wave": counts.units["wave"].to_numpy()[unit],
            "role": np.array(counts.roles)[role],
            "step": np.array([s.number for s in checklist.steps])[step],
            "level": level[unit, role, step],
            "n": counts.respondents[unit, role, step],
            "n_items": n_items[unit, role, step],
        }
    ).astype({"school": "str", "wave": "str", "role": "str", "n": "Int64", "n_items": "Int64"})
    table["reason"] = reason_where(table["level"].isna(), TOO_FEW_ITEMS)
    if marks_hidden(data):
        assert isinstance(data, Protected)
        table = _with_hidden_steps(table, data, checklist)
    return in_role_order(table, ["school", "wave", "role", "step"], counts)


def item_table(data: Measurable, checklist: Instrument) -> pd.DataFrame:
    """Answers per school, wave, role and item.

    Returns
    -------
    Columns `school, wave, role, step, item, n, no, partly, yes, level, reason`: counts of respondents, and the item's
    level (0..100; missing where nobody answered). From `Protected` also `suppressed, why`; of a hidden group or item
    no value is given, the counts included.
    """
    counts = visible_counts(data, checklist)
    unit, role, item = np.nonzero(np.broadcast_to(counts.forms[:, :, None] > 0, counts.per_item.shape))
    answers = counts.answers[unit, role, item]
    table = pd.DataFrame(
        {
            "school": counts.units["school"].to_numpy()[unit],
            "wave": counts.units["wave"].to_numpy()[unit],
            "role": np.array(counts.roles)[role],
            "step": np.array(checklist.item_steps)[item],
            "item": np.array(checklist.item_ids)[item],
            "n": answers.sum(axis=1),
            **dict(zip(COUNT_NAMES, answers.T, strict=True)),
            "level": item_levels(counts)[unit, role, item],
        }
    ).astype(dict.fromkeys(("school", "wave", "role", "item"), "str") | dict.fromkeys(("n", *COUNT_NAMES), "Int64"))
    table["reason"] = reason_where(table["n"].eq(0), "no answers")
    if marks_hidden(data):
        assert isinstance(data, Protected)
        table = _with_hidden_items(table, data, checklist)
    return in_role_order(table, ["school", "wave", "role", "item"], counts)


def item_levels(counts: Counts) -> NDArray[np.float64]:
    """Level per item, shape (units, roles, items), 0..100; NaN where nobody answered."""
    values = np.arange(counts.answers.shape[-1])
    n = counts.per_item
    return ratio(100 * (counts.answers @ values), n * values[-1])


def step_levels(per_item: NDArray[np.float64], checklist: Instrument) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Mean of item levels per step (last axis) and how many items were in it; NaN below half of the items."""
    steps = step_matrix(checklist)
    n_items = ~np.isnan(per_item) @ steps
    mean = ratio(np.nan_to_num(per_item) @ steps, n_items)
    return np.where(enough_items(n_items, checklist), mean, np.nan), n_items


def ratio(above: NDArray[np.generic], below: NDArray[np.generic]) -> NDArray[np.float64]:
    """Divide; NaN, without a warning, where there is nothing to divide by."""
    result: NDArray[np.float64] = np.divide(above, below, out=np.full(np.shape(below), np.nan), where=below != 0)
    return result


def enough_items(n_items: NDArray[np.int64], checklist: Instrument) -> NDArray[np.bool_]:
    """Whether at least half of a step's items (last axis: steps) take part."""
    enough: NDArray[np.bool_] = 2 * n_items >= step_matrix(checklist).sum(axis=0)
    return enough


def reason_where(missing: pd.Series, reason: str) -> pd.Series:
    """The reason where something is missing, and missing where nothing is."""
    return pd.Series([reason if is_missing else None for is_missing in missing], index=missing.index, dtype="str")


def _with_hidden_steps(table: pd.DataFrame, data: Protected, checklist: Instrument) -> pd.DataFrame:
    steps = pd.DataFrame({"step": [step.number for step in checklist.steps]})
    keys = ["school", "wave", "role", "step"]
    thin = pd.MultiIndex.from_frame(hidden_items(data, checklist)[keys])
    thinned = pd.MultiIndex.from_frame(table[keys]).isin(thin)
    lost = table["level"].isna() & thinned
    shown = table.assign(suppressed=lost, why=reason_where(lost, TOO_FEW_ANSWERS))
    shown.loc[lost, ["n", "n_items", "reason"]] = pd.NA
    return _append_hidden(shown, hidden_groups(data).merge(steps, how="cross"))


def _with_hidden_items(table: pd.DataFrame, data: Protected, checklist: Instrument) -> pd.DataFrame:
    items = pd.DataFrame({"step": checklist.item_steps, "item": checklist.item_ids})
    marked = table.merge(data.hidden.dropna(subset="item"), on=["school", "wave", "role", "item"], how="left")
    marked.insert(len(marked.columns) - 1, "suppressed", marked["why"].notna())
    marked.loc[marked["suppressed"], ["n", *COUNT_NAMES, "level", "reason"]] = pd.NA
    return _append_hidden(marked, hidden_groups(data).merge(items, how="cross"))


def _append_hidden(shown: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    """Put rows without any value under the table, in its own column types."""
    rows = hidden.assign(suppressed=True).reindex(columns=shown.columns).astype(shown.dtypes.to_dict())
    return pd.concat([shown, rows], ignore_index=True)
