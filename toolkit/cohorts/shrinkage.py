"""Empirical Bayes: a school's value drawn towards the mean by its own uncertainty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from toolkit.measures.array_math import Floats, Ints, ratio


@dataclass(frozen=True, slots=True)
class Shrunk:
    """School values pulled towards their mean, as far as each is uncertain.

    Attributes
    ----------
    mean, tau2
        Mean over schools, and the variance between them.
    posterior_mean, posterior_sd
        Per school.
    """

    mean: float
    tau2: float
    posterior_mean: Floats
    posterior_sd: Floats


def school_variance(share: Floats, n: Ints, design: Floats) -> Floats:
    """Sampling variance of a school's mean share.

    P~ (1 - P~) D / n with P~ = (n P + 4 · mean) / (n + 4).

    Parameters
    ----------
    share, n
        The school's figure (0..1) and its respondents.
    design
        D, what one person's answers are worth together: 1/m (as good as independent) to 1 (all the same).
    """
    moved = (n * share + 4 * np.nanmean(share)) / (n + 4)
    return moved * (1 - moved) * design / n


def paule_mandel(y: ArrayLike, v: ArrayLike) -> float:
    """Paule & Mandel's (1982) tau² between schools: the weighted squares sum to S - 1.

    Parameters
    ----------
    y, v
        School values and their sampling variances (above 0); schools without a value are left out.

    Returns
    -------
    tau², 0 where the schools differ no more than chance would have them; NaN below two schools.

    Raises
    ------
    ValueError
        A variance is not above 0.

    Examples
    --------
    >>> round(paule_mandel([0.2, 0.5, 0.9], [0.01, 0.02, 0.01]), 3)
    0.113
    """
    value, variance, usable = _values_of(y, v)
    value, variance = value[usable], variance[usable]
    if len(value) < 2:
        return float("nan")

    def excess(tau2: float) -> float:
        weight = 1 / (variance + tau2)
        mean = (weight * value).sum() / weight.sum()
        return float((weight * (value - mean) ** 2).sum() - (len(value) - 1))

    if excess(0.0) <= 0:
        return 0.0
    top = float(np.var(value)) * len(value) + 1e-12
    while excess(top) > 0:
        top *= 2
    return float(optimize.brentq(excess, 0.0, top, xtol=1e-14, rtol=1e-14))


def empirical_bayes(y: ArrayLike, v: ArrayLike) -> Shrunk:
    """Shrink school values towards their mean.

    B = v / (v + tau²), posterior mean B · mean + (1 - B) · y.

    Parameters
    ----------
    y, v
        As in `paule_mandel`; a school without a value has none here either.

    Notes
    -----
    sd² = (1 - B) v + B² / sum 1 / (v + tau²), which counts that the mean is estimated too. Shrunk values serve maps
    of a cohort; a school's own report always shows its own value.
    """
    value, variance, usable = _values_of(y, v)
    tau2 = paule_mandel(y, v)
    pull = variance / (variance + tau2)
    weight = 1 / (variance[usable] + tau2)
    mean = float(ratio((weight * value[usable]).sum(), weight.sum()))
    spread = np.where(usable, (1 - pull) * variance + ratio(pull**2, weight.sum()), np.nan)
    return Shrunk(mean, tau2, pull * mean + (1 - pull) * value, np.sqrt(spread))


def _values_of(y: ArrayLike, v: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Values, variances, and which schools have both."""
    value, variance = np.asarray(y, dtype=float), np.asarray(v, dtype=float)
    if (variance <= 0).any():
        raise ValueError("v: a sampling variance must be above 0")
    return value, variance, ~(np.isnan(value) | np.isnan(variance))
