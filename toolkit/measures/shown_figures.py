"""Rounding of what leaves protection: whole points and whole per cents.

A mean over a few people with many decimals tells more than the mean: together with the counts, which answers were
given by one person. So figures from `Protected` are rounded in the table itself, and every chart, sentence and file
made of it agrees. A researcher's own table is exact.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from toolkit.measures.array_math import Floats

ENDS = ("low", "high")


def round_points(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Round figures of 0..100, and their ends where there are any, to whole points."""
    return _rounded(table, names, 0)


def round_shares(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Round figures of 0..1, and their ends where there are any, to hundredths."""
    return _rounded(table, names, 2)


def round_split(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Round shares that add to 1 to hundredths that add to 1, by largest remainder.

    Their ends stay on either side.
    """
    exact = 100 * table[list(names)].to_numpy(dtype=float)
    complete = ~np.isnan(exact).any(axis=1)
    parts = np.floor(exact[complete] + 1e-9)
    short = np.round(100 - parts.sum(axis=1)).astype(int)
    rank = np.argsort(np.argsort(parts - exact[complete], axis=1, kind="stable"), axis=1)
    exact[complete] = parts + (rank < short[:, None])
    rounded = table.assign(**dict(zip(names, (exact / 100).T, strict=True)))
    for name in names:
        low, high = (f"{name}_{end}" for end in ENDS)
        rounded = _rounded(rounded, [low, high], 2)
        rounded[low], rounded[high] = (
            rounded[[low, name]].min(axis=1).where(rounded[low].notna()),
            rounded[[high, name]].max(axis=1).where(rounded[high].notna()),
        )
    return rounded


def _rounded(table: pd.DataFrame, names: Sequence[str], decimals: int) -> pd.DataFrame:
    columns = [column for name in names for column in (name, *(f"{name}_{end}" for end in ENDS)) if column in table]

    def whole(column: str) -> Floats:
        values: Floats = table[column].to_numpy(dtype=float, na_value=np.nan)
        return np.round(values, decimals) + 0.0

    return table.assign(**{column: whole(column) for column in columns})
