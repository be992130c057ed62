"""Change of the items that a team worked on, between two moments, with its interval."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from toolkit.core.errors import SelectionError
from toolkit.core.i18n import load_text
from toolkit.core.normalize import read_wave
from toolkit.instrument.arguments import as_checklist, as_items, check_kind, explained, match_school
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats, scores
from toolkit.measures.intervals import added_colleague
from toolkit.measures.level import COUNT_NAMES
from toolkit.measures.shown_figures import round_points
from toolkit.privacy import require_protected

COLUMNS = [
    "school", "wave", "before", "step", "item", "role", "level_before", "level", "n_before", "n",
    "change", "change_low", "change_high", "moved", "suppressed", "why",
]  # fmt: skip
UP, DOWN, UNSURE = "up", "down", "unsure"
NOT_BOTH = "not at both moments"
OTHER_TEAM = 0.25
"""A group whose size changed by more than this share of the larger certainly has other members."""


@explained
def movement(
    items: pd.DataFrame,
    chosen_items: str | Iterable[str],
    school: str | None = None,
    before: str | None = None,
    after: str | None = None,
    checklist: Instrument | None = None,
) -> pd.DataFrame:
    """Compare two moments of some items.

    Parameters
    ----------
    items
        From `item_table` on `Protected`, with both moments.
    chosen_items
        Item ids, as `ActionPlan.items`.
    school
        None takes the first, by id.
    before, after
        Moments; None takes the last two of the school (the last twice, where it has only one).

    Returns
    -------
    One row per item × role: `school, wave, before, step, item, role, level_before, level, n_before, n, change,
    change_low, change_high, moved, suppressed, why`. `change` is in points, positive: more Ja than before. Its 95%
    interval is there for groups; `moved` is `up` or `down` where the interval leaves out 0, else `unsure`, and for
    directors, who are known persons, what they say themselves. `why` says what can't be compared: a role not shown at
    one of the moments, or shown then as itself and now as part of the team, is not.

    Notes
    -----
    Interval: MOVER (Zou & Donner, 2008) over the two moments' intervals per item (the added colleague), as if nobody
    answered at both: rather too wide than too narrow. Who answered twice is unknown.

    Examples
    --------
    >>> import toolkit as tk
    >>> items = tk.item_table(tk.protect(tk.samples.responses(schools=2)))
    >>> tk.movement(items, "1.2")["item"].unique().tolist()
    ['1.2']
    """
    require_protected(items)
    checklist = as_checklist(checklist)
    check_kind(items, ["item_table"])
    item_ids = as_items(chosen_items, checklist)
    school = school or str(items["school"].min())
    school = match_school(school, items["school"].unique(), items.attrs.get("names")) or school
    school_items = items[(items["school"] == school) & items["item"].isin(item_ids)]
    waves = sorted(items.loc[items["school"] == school, "wave"].unique())
    if not waves:
        options = ", ".join(sorted(items["school"].unique())[:20])
        raise SelectionError(load_text().say("select.school", wanted=school, there=options))
    after = read_wave(after or "") or after or str(waves[-1])
    before = read_wave(before or "") or before or str(([wave for wave in waves if wave < after] or [after])[-1])
    if unknown := [wave for wave in (before, after) if wave not in waves]:
        raise SelectionError(load_text().say("select.wave", wanted=unknown[0], there=", ".join(waves)))
    keys = ["school", "step", "item", "role"]
    rows_before, rows_after = school_items[school_items["wave"] == before], school_items[school_items["wave"] == after]
    pairs = rows_before.merge(rows_after, on=keys, how="outer", suffixes=("_before", ""))
    pairs = pairs.assign(before=before, wave=after)
    why = pairs["why"].fillna(pairs["why_before"])
    why = why.where(why.notna() | pairs[["level", "level_before"]].notna().all(axis=1), NOT_BOTH)
    pairs = pairs.assign(why=why, suppressed=why.notna())
    pairs = pairs[pairs["level"].notna() | pairs["level_before"].notna()]
    pairs.loc[pairs["suppressed"], ["level", "level_before", "n", "n_before"]] = pd.NA
    table = _in_order(_with_change(pairs, checklist), checklist)[COLUMNS]
    table.attrs["names"] = items.attrs.get("names", {})
    return table


def _with_change(pairs: pd.DataFrame, checklist: Instrument) -> pd.DataFrame:
    old, new = (pairs[name].to_numpy(dtype=float, na_value=np.nan) / 100 for name in ("level_before", "level"))
    (low_old, high_old), (low_new, high_new) = _interval(pairs, old, "_before"), _interval(pairs, new, "")
    change = new - old
    low = change - np.sqrt((new - low_new) ** 2 + (high_old - old) ** 2)
    high = change + np.sqrt((high_new - new) ** 2 + (old - low_old) ** 2)
    is_person = pairs["role"].isin(checklist.known_role_ids).to_numpy()
    low, high = (np.where(is_person, np.nan, end) for end in (low, high))
    sure_low, sure_high = np.where(is_person, change, low), np.where(is_person, change, high)
    moved = np.select([np.isnan(change), sure_low > 0, sure_high < 0], ["", UP, DOWN], UNSURE)
    table = round_points(pairs.assign(change=100 * change, change_low=100 * low, change_high=100 * high), ["change"])
    return table.assign(moved=pd.Series(moved, index=pairs.index, dtype="str").replace("", None))


def _interval(pairs: pd.DataFrame, level: Floats, moment: str) -> tuple[Floats, Floats]:
    """Interval of one item at one moment, from the counts of its answers."""
    counts = pairs[[f"{name}{moment}" for name in COUNT_NAMES]].to_numpy(dtype=np.float64, na_value=np.nan)
    n = np.nan_to_num(counts.sum(axis=1)).astype(np.int64)
    variance = counts @ scores(len(COUNT_NAMES)) ** 2 / np.maximum(n, 1) - level**2
    return added_colleague(level, variance.clip(min=0) / np.maximum(n - 1, 1), n, np.array(1))


def _in_order(table: pd.DataFrame, checklist: Instrument) -> pd.DataFrame:
    ranks = {name: rank for rank, name in enumerate([*checklist.item_ids, *checklist.shown_role_ids])}
    return table.sort_values(["item", "role"], key=lambda column: column.map(ranks), ignore_index=True)
