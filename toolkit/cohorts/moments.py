"""Number, mean and spread over the schools of each cell, and intervals made of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse, stats

from toolkit.cohorts.disclosure import Bools
from toolkit.measures.array_math import Floats, Ints, ratio
from toolkit.measures.intervals import CONFIDENCE

QUANTILES = {"p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90}


@dataclass(frozen=True, slots=True)
class Moments:
    """Number of schools, mean and variance; shape (cells, figures)."""

    n: Floats
    mean: Floats
    variance: Floats

    def select(self, columns: Ints) -> Moments:
        """Moments of some figures."""
        return Moments(self.n[:, columns], self.mean[:, columns], self.variance[:, columns])


def cell_moments(value: Floats, member: Bools) -> Moments:
    """Moments over the schools of each cell, about the overall mean: squares stay small."""
    present = ~np.isnan(value)
    middle = ratio(np.nansum(value, axis=0), present.sum(axis=0))
    centred = np.where(present, value - middle, 0.0)
    weights = member.astype(float)
    n = count_per_cell(present, member)
    mean = ratio(weights @ centred, n)
    squares = weights @ centred**2 - n * mean**2
    spread = np.where(squares < 1e-9 * np.maximum(n, 1), 0.0, squares)
    return Moments(n, mean + middle, ratio(spread, np.maximum(n - 1, 0)))


def count_per_cell(numbers: ArrayLike, member: Bools) -> Floats:
    """Sum of whole numbers over the schools of each cell, shape (cells, figures)."""
    return np.asarray(sparse.csr_array(member, dtype=float) @ np.asarray(numbers, dtype=float))


def t_quantile(df: Floats) -> Floats:
    """Two-sided t quantile; each number of degrees of freedom is looked up once."""
    distinct, index = np.unique(df, return_inverse=True)
    quantiles: Floats = np.asarray(stats.t.ppf((1 + CONFIDENCE) / 2, distinct))
    return quantiles[index].reshape(df.shape)


def half_width(squared_error: Floats, df: Floats, base: Floats) -> Floats:
    """Half of a 95% t interval, rounded to the base; NaN where there is no spread.

    The variance of the rounding, base² / 12, is part of it, and a rounded interval is never narrower than its base.
    """
    has_error = (squared_error > 0) & (df > 0)
    error = np.sqrt(np.where(has_error, squared_error + base**2 / 12, np.nan))
    half = t_quantile(np.where(has_error, df, 1.0)) * error
    step = np.where(base > 0, base, 1.0)
    return np.where(base > 0, np.maximum(np.round(half / step), 1.0) * step, half)


def p_value(difference: Floats, half: Floats, df: Floats) -> Floats:
    """Two-sided p for a half-width: below .05 exactly where the interval leaves 0 out."""
    error = ratio(half, t_quantile(np.where(df > 0, df, 1.0)))
    return np.asarray(2 * stats.t.sf(np.abs(ratio(difference, error)), df), dtype=np.float64)


def harrell_davis(ordered: Floats) -> Floats:
    """Harrell-Davis quantiles (quantiles, columns) of sorted values, missing ones last."""
    n = (~np.isnan(ordered)).sum(axis=0)
    result = np.full((len(QUANTILES), ordered.shape[1]), np.nan)
    for size in np.unique(n[n > 0]):
        columns = n == size
        result[:, columns] = _quantile_weights(int(size)) @ ordered[:size, columns]
    return result


@lru_cache(256)
def _quantile_weights(size: int) -> Floats:
    edges, shares = np.arange(size + 1) / size, np.array(list(QUANTILES.values()))[:, None]
    return np.diff(stats.beta.cdf(edges, (size + 1) * shares, (size + 1) * (1 - shares)), axis=1)
