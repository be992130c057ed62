"""Where two roles see a school the same or differently."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toolkit.errors import ToolkitError
from toolkit.instrument import Instrument
from toolkit.measures.level import TOO_FEW_ITEMS, enough_items, item_levels, ratio
from toolkit.measures.visible import Measurable, hidden_groups, hidden_items, marks_hidden, visible_counts
from toolkit.privacy import TOO_FEW_ANSWERS, Protected
from toolkit.responses import Counts, step_matrix

NO_SHARED_ITEMS = "no shared items"
VALUES = ["same", "lower", "higher", "opposite", "linear", "gap", "yardstick", "n_a", "n_b", "n_items"]
Floats = NDArray[np.float64]


def agreement(
    data: Measurable, checklist: Instrument, a: str = "director", b: str = "teacher", per: str = "step"
) -> pd.DataFrame:
    """Split, gap and yardstick of two roles, per step or per item.

    With p the shares of the answers k within a role, per item that both roles answered: `same` = sum_k p_a p_b, `lower`
    and `higher` the chance that a random respondent of b answers lower or higher than one of a; `opposite` Nee against
    Ja, `linear` = same + (1 - same - opposite) / 2; each averaged over the shared items. `gap` is a's level minus b's
    over the shared items. `yardstick` is how often two respondents of b agree among themselves
    (sum_k c (c - 1) / (n (n - 1)), over items with n of at least 2): were a just one more of b, `same` would be it.

    Parameters
    ----------
    data
        Responses, or `Protected`; there a role that is shown as part of the team is compared as `team`.
    a, b
        Role ids; a is the reference.
    per
        `"step"` or `"item"`.

    Returns
    -------
    One row per school × wave × step (or item): `school, wave, step, (item,) role_a, role_b, same, lower, higher,
    opposite, linear, gap, yardstick, n_a, n_b, n_items, reason`. Shares in 0..1, `gap` in -100..100 (positive: a more
    positive) and missing below half of the items; `n_a, n_b` respondents with an answer in the step (item); `reason`
    where a value is missing. From `Protected` also `suppressed, why`.

    Raises
    ------
    ToolkitError
        An unknown role, twice the same role, or `per` is neither.

    Examples
    --------
    >>> from toolkit import load_instrument, make_responses
    >>> checklist = load_instrument()
    >>> forms = [{"school": "99AA00", "wave": "2025-2026", "role": role, "1.1": answer, "1.2": answer}
    ...          for role, answer in [("director", 2), ("teacher", 2), ("teacher", 1), ("teacher", 0), ("teacher", 0)]]
    >>> row = agreement(make_responses(forms, checklist), checklist).iloc[0]
    >>> [float(row[name]) for name in ("same", "lower", "higher", "gap")]
    [0.25, 0.75, 0.0, 62.5]
    """
    _check_arguments(checklist, a, b, per)
    counts = visible_counts(data, checklist)
    first, second = _shown_role(data, counts, checklist, a), _shown_role(data, counts, checklist, b)
    pair = _pair(counts, first, second)
    table = _table(counts, pair, checklist, per)
    table["reason"] = _reasons(table, a, b)
    if marks_hidden(data):
        assert isinstance(data, Protected)
        table = _with_hidden(table, data, checklist, a, b)
    return table


@dataclass(frozen=True, slots=True)
class _Pair:
    """Answers of two roles side by side: counts (units, items, answers), respondents (units, steps), levels, names."""

    a: NDArray[np.int64]
    b: NDArray[np.int64]
    respondents_a: NDArray[np.int64]
    respondents_b: NDArray[np.int64]
    level_a: Floats
    level_b: Floats
    role_a: list[str]
    role_b: list[str]


def _check_arguments(checklist: Instrument, a: str, b: str, per: str) -> None:
    known = checklist.shown_role_ids
    for role in (a, b):
        if role not in known:
            raise ToolkitError(f"rol {role!r} is er niet; kies uit {', '.join(known)}.")
    if a == b:
        raise ToolkitError(f"rol {a!r} kan niet met zichzelf worden vergeleken.")
    if per not in ("step", "item"):
        raise ToolkitError(f"per={per!r}: kies step of item.")


def _shown_role(data: Measurable, counts: Counts, checklist: Instrument, role: str) -> NDArray[np.int64]:
    """Per unit the index of the role, or of the team where that is what may be shown of it."""
    index = np.full(len(counts.units), counts.roles.index(role))
    if isinstance(data, Protected) and role in checklist.team.roles:
        team = counts.roles.index(checklist.team.id)
        index[counts.forms[:, team] > 0] = team
    return index


def _pair(counts: Counts, first: NDArray[np.int64], second: NDArray[np.int64]) -> _Pair:
    unit = np.arange(len(counts.units))
    level = item_levels(counts)
    return _Pair(
        counts.answers[unit, first],
        counts.answers[unit, second],
        counts.respondents[unit, first],
        counts.respondents[unit, second],
        level[unit, first],
        level[unit, second],
        [counts.roles[role] for role in first],
        [counts.roles[role] for role in second],
    )


def _table(counts: Counts, pair: _Pair, checklist: Instrument, per: str) -> pd.DataFrame:
    values = per_item_values(pair.a, pair.b) | {
        "gap": pair.level_a - pair.level_b,
        "yardstick": yardstick(pair.b),
    }
    n_a, n_b = pair.a.sum(axis=-1), pair.b.sum(axis=-1)
    if per == "step":
        steps = step_matrix(checklist)
        n_items = ((n_a > 0) & (n_b > 0)) @ steps
        values = {name: _mean_over_step(value, steps) for name, value in values.items()}
        values["gap"] = np.where(enough_items(n_items, checklist), values["gap"], np.nan)
        n_a, n_b = pair.respondents_a, pair.respondents_b
        columns: dict[str, list[object]] = {"step": [step.number for step in checklist.steps]}
    else:
        n_items = ((n_a > 0) & (n_b > 0)).astype(np.int64)
        columns = {"step": [*checklist.item_steps], "item": [*checklist.item_ids]}
    return _long(counts, pair, columns, values | {"n_a": n_a, "n_b": n_b, "n_items": n_items})


def _long(
    counts: Counts, pair: _Pair, columns: dict[str, list[object]], values: dict[str, NDArray[np.generic]]
) -> pd.DataFrame:
    units, width = len(counts.units), len(columns["step"])
    table = pd.DataFrame(
        {
            "school": np.repeat(counts.units["school"].to_numpy(), width),
            "wave": np.repeat(counts.units["wave"].to_numpy(), width),
            **{name: np.tile(np.array(column), units) for name, column in columns.items()},
            "role_a": np.repeat(np.array(pair.role_a, dtype=object), width),
            "role_b": np.repeat(np.array(pair.role_b, dtype=object), width),
            **{name: values[name].reshape(-1) for name in VALUES},
        }
    )
    texts = [name for name in ("school", "wave", "item", "role_a", "role_b") if name in table]
    return table.astype(dict.fromkeys(texts, "str") | dict.fromkeys(("n_a", "n_b", "n_items"), "Int64"))


def per_item_values(a: NDArray[np.int64], b: NDArray[np.int64]) -> dict[str, Floats]:
    """Split of two roles' counts (…, items, answers), per item; NaN where one of them gave no answer."""
    p_a, p_b = shares(a), shares(b)
    joint = p_a[..., :, None] * p_b[..., None, :]
    k = np.arange(a.shape[-1])
    same = joint[..., k, k].sum(axis=-1)
    opposite = joint[..., 0, -1] + joint[..., -1, 0]
    return {
        "same": same,
        "lower": (joint * (k[None, :] < k[:, None])).sum(axis=(-2, -1)),
        "higher": (joint * (k[None, :] > k[:, None])).sum(axis=(-2, -1)),
        "opposite": opposite,
        "linear": same + (1 - same - opposite) / 2,
    }


def yardstick(counts: NDArray[np.int64]) -> Floats:
    """How often two respondents of one role agree, per item; NaN below two respondents."""
    n = counts.sum(axis=-1)
    pairs = n * (n - 1)
    agreeing = (counts * (counts - 1)).sum(axis=-1)
    return ratio(agreeing, pairs)


def shares(counts: NDArray[np.int64]) -> Floats:
    """Shares of the answers (last axis); NaN where nobody answered."""
    n = counts.sum(axis=-1, keepdims=True)
    return ratio(counts, np.broadcast_to(n, counts.shape))


def _mean_over_step(value: Floats, steps: NDArray[np.int64]) -> Floats:
    """Mean over the items of each step that have a value; NaN where none has."""
    n = ~np.isnan(value) @ steps
    return ratio(np.nan_to_num(value) @ steps, n)


def _reasons(table: pd.DataFrame, a: str, b: str) -> pd.Series:
    """The first reason that applies to a row in which something is missing."""
    incomplete = table[["same", "gap"]].isna().any(axis=1)
    cases = [table["n_a"].eq(0), table["n_b"].eq(0), table["n_items"].eq(0), incomplete]
    names = [f"no {a}", f"no {b}", NO_SHARED_ITEMS, TOO_FEW_ITEMS]
    lonely = table["yardstick"].isna()
    chosen = np.select([*cases, lonely], [*names, "too few respondents"], default="")
    return pd.Series(chosen, index=table.index, dtype="str").replace("", None)


def _with_hidden(table: pd.DataFrame, data: Protected, checklist: Instrument, a: str, b: str) -> pd.DataFrame:
    """Empty the rows of which one side is hidden, and say why."""
    why = _why_hidden(table, data, a, b)
    keys = ["school", "wave", "item" if "item" in table else "step"]
    thin = hidden_items(data, checklist)
    for side in ("role_a", "role_b"):
        hit = pd.MultiIndex.from_frame(table[[*keys, side]]).isin(pd.MultiIndex.from_frame(thin[[*keys, "role"]]))
        why = why.mask(why.isna() & hit & table["n_items"].eq(0), TOO_FEW_ANSWERS)
    hidden = why.notna()
    emptied = table.copy()
    emptied.loc[hidden, [*VALUES, "reason"]] = pd.NA
    return emptied.assign(suppressed=hidden, why=why)


def _why_hidden(table: pd.DataFrame, data: Protected, a: str, b: str) -> pd.Series:
    """Why a row has nothing to compare: a group is hidden, or both roles are one team."""
    groups = hidden_groups(data).set_index(["school", "wave", "role"])["why"]
    why = pd.Series(None, index=table.index, dtype="str")
    both = table["role_a"].eq(table["role_b"])
    for asked, side in ((a, "role_a"), (b, "role_b")):
        found = groups.reindex(pd.MultiIndex.from_frame(table[["school", "wave"]].assign(role=asked))).to_numpy()
        as_itself = table[side].eq(asked)
        why = why.where(why.notna() | ~(as_itself | both), pd.Series(found, index=table.index, dtype="str"))
    return why
