"""What changed between two moments of a school: level now minus before, with interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from toolkit.measures.array_math import Floats
from toolkit.measures.shown_figures import round_points
from toolkit.responses import UNIT_COLUMNS

KEYS = ["school", "role", "step"]
KEPT = ["level", "level_low", "level_high", "n"]


def change(levels: pd.DataFrame) -> pd.DataFrame:
    """Level of each moment compared with the school's moment before it.

    Parameters
    ----------
    levels
        From `toolkit.measures.levels`, protected or raw.

    Returns
    -------
    One row per school × wave × role × step that has a level at that moment and at the one before: `school, wave,
    before, role, step, level_before, level, change, change_low, change_high, n_before, n`; from a protected table also
    `suppressed, why`, never suppressed: a group that is hidden at one of the two has no row. A role and the team are
    not compared: they are other groups.

    Notes
    -----
    The interval comes from the two intervals by Zou and Donner's method of variance estimates recovery (2008), as
    Newcombe (1998) does for two shares. It takes the moments as independent; where the same people answered twice it
    is rather too wide. A role without an interval has none here.

    Examples
    --------
    >>> from toolkit import load_instrument, levels, make_responses
    >>> checklist = load_instrument()
    >>> forms = [{"school": "99AA00", "wave": wave, "role": "teacher", "1.1": answer, "1.2": answer}
    ...          for wave, answers in [("2024-2025", [0, 1, 1, 2]), ("2025-2026", [1, 2, 2, 2])] for answer in answers]
    >>> row = change(levels(make_responses(forms, checklist), checklist)).iloc[0]
    >>> row["before"], float(row["change"])
    ('2024-2025', 37.5)
    """
    shown = levels[levels["level"].notna()].astype({"role": "str"})
    before = shown[[*KEYS, "wave", *KEPT]].rename(columns={"wave": "before"} | {key: f"{key}_before" for key in KEPT})
    pairs = shown.assign(before=_wave_before(levels, shown)).merge(before, on=[*KEYS, "before"])
    pairs["change"] = pairs["level"] - pairs["level_before"]
    pairs["change_low"], pairs["change_high"] = _interval(pairs)
    columns = [*UNIT_COLUMNS, "before", "role", "step", "level_before", "level", "change", "change_low",
               "change_high", "n_before", "n"]  # fmt: skip
    if "suppressed" in levels:
        columns += ["suppressed", "why"]
        pairs = round_points(pairs, ["change"])
    return pairs[columns].sort_values([*UNIT_COLUMNS, "step"], kind="stable", ignore_index=True)


def _wave_before(levels: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """Of each row the school's moment before it, whether or not anything could be shown there."""
    waves = levels[UNIT_COLUMNS].drop_duplicates().sort_values(UNIT_COLUMNS)
    waves["before"] = waves.groupby("school")["wave"].shift()
    previous = waves.set_index(UNIT_COLUMNS)["before"]
    matches = previous.reindex(pd.MultiIndex.from_frame(rows[UNIT_COLUMNS]))
    return pd.Series(matches.to_numpy(), index=rows.index, dtype="str")


def _interval(pairs: pd.DataFrame) -> tuple[Floats, Floats]:
    level, before = (pairs[name].to_numpy(dtype=float) for name in ("level", "level_before"))
    level_low, level_high = (pairs[f"level_{end}"].to_numpy(dtype=float) for end in ("low", "high"))
    before_low, before_high = (pairs[f"level_{end}_before"].to_numpy(dtype=float) for end in ("low", "high"))
    low = level - before - np.hypot(level - level_low, before_high - before)
    high = level - before + np.hypot(level_high - level, before - before_low)
    return low, high
