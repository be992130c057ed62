"""Sums over items and steps that several measures share; plain NumPy, no table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def ratio(above: NDArray[np.generic], below: NDArray[np.generic]) -> Floats:
    """Divide; NaN, without a warning, where there is nothing to divide by."""
    shape = np.broadcast_shapes(np.shape(above), np.shape(below))
    return np.asarray(np.divide(above, below, out=np.full(shape, np.nan), where=below != 0))


def group_mean(value: Floats, groups: NDArray[np.generic]) -> Floats:
    """Mean over the items (last axis) of each group that have a value; NaN where none has."""
    weights = groups.astype(float)
    return ratio(np.nan_to_num(value) @ weights, (~np.isnan(value)).astype(float) @ weights)


def shares(counts: Ints) -> Floats:
    """Shares of the answers (last axis); NaN where nobody answered."""
    return ratio(counts, total(counts)[..., None])


def total(counts: Ints) -> Ints:
    """Sum over the answers (last axis), for so few much quicker than `sum`."""
    return np.asarray(np.einsum("...k->...", counts))


def scores(answers: int, partly: float = 0.5) -> Floats:
    """What each answer counts for, 0 (lowest) to 1; of three the middle counts `partly`.

    Examples
    --------
    >>> scores(3, 0.25).tolist()
    [0.0, 0.25, 1.0]
    """
    even = np.arange(answers) / (answers - 1)
    return np.array([0.0, partly, 1.0]) if answers == 3 else even


def mean_score(counts: Ints, partly: float = 0.5) -> Floats:
    """Mean score (0..1) over the respondents, per item; NaN where nobody answered."""
    return ratio(counts @ scores(counts.shape[-1], partly), total(counts))
