"""How a figure would move had other members of the team answered: jackknife over respondents, then a moderated Wilson.

Answers of one person hang together, so resampling answers promises more than it holds, and with three to five
respondents resampling persons does too. Here each respondent is left out once, in closed form; the spread that gives is
moderated by what is known of small groups, and becomes an interval that stays between 0 and 1 and never has no width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PERSON_CORRELATION = 0.3
"""Prior correlation between two answers of one person; to be estimated anew once real cohorts exist."""

PRIOR_WEIGHT = 2.0
"""How many respondents the prior counts for beside the n - 1 that the jackknife has."""

CONFIDENCE = 0.95
CHUNK = 50_000
"""Forms that are worked on at a time: bounds the memory, whatever the number of schools."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """The forms of the sampled side, one role (or the team) per unit.

    Attributes
    ----------
    unit
        Shape (forms,): index of the form's unit.
    cell
        Shape (forms, items): place of the form's answer in a table (units, items, 1 + answers), whose first answer
        stands for none.
    answered
        Shape (forms, groups): whether the form has an answer in the group.
    groups
        Shape (items, groups), 0 or 1: which items a figure is taken over, steps or single items.
    n
        Shape (units, groups): respondents with at least one answer in the group.
    """

    unit: Ints
    cell: Ints
    answered: NDArray[np.bool_]
    groups: Floats
    n: Ints

    @classmethod
    def of(cls, codes: Ints, unit: Ints, groups: Ints, n: Ints, answers: int) -> Sampled:
        """Prepare the forms: `codes` has shape (forms, items), -1 for missing."""
        items = codes.shape[1]
        cell = (unit[:, None] * items + np.arange(items)) * (answers + 1) + codes + 1
        weights = groups.astype(float)
        return cls(unit, cell, ((codes >= 0).astype(float) @ weights) > 0, weights, n)

    @property
    def size(self) -> Ints:
        """Shape (groups,): number of items in each."""
        size: Ints = self.groups.sum(axis=0).astype(np.int64)
        return size


def jackknife(sampled: Sampled, value: Floats, without: Floats) -> Floats:
    """Squared standard error of a mean over items, by leaving out each respondent once.

    Parameters
    ----------
    value
        Shape (units, items): the figure per item; NaN for an item that takes no part.
    without
        Shape (units, items, answers): the same once a respondent who gave that answer is left out; NaN where the item
        would then drop out of the mean.

    Returns
    -------
    Shape (units, groups): SE² = (n - 1) / n · sum_j (theta_(-j) - mean)². NaN below two respondents, and where leaving
    out a respondent would leave nothing.
    """
    left_out = _left_out(sampled, value, without)
    units, groups = value.shape[0], sampled.groups.shape[1]
    cell = (sampled.unit[:, None] * groups + np.arange(groups)).ravel()
    n = np.maximum(sampled.n, 1)

    def over_respondents(each: Floats) -> Floats:
        weights = np.where(sampled.answered, each, 0.0).ravel()
        total = np.bincount(cell, weights=weights, minlength=units * groups)
        return total.astype(np.float64).reshape(units, groups)

    mean = over_respondents(left_out) / n
    spread = over_respondents((left_out - mean[sampled.unit]) ** 2)
    squared_error: Floats = np.where(sampled.n > 1, spread * (sampled.n - 1) / n, np.nan)
    return squared_error


def _left_out(sampled: Sampled, value: Floats, without: Floats) -> Floats:
    """theta_(-j) for every form, shape (forms, groups)."""
    used = ~np.isnan(value)
    drops = np.isnan(without) & used[:, :, None]
    known = np.nan_to_num(value)
    change = np.where(used[:, :, None], np.where(drops, 0.0, without) - known[:, :, None], 0.0)
    total = (known @ sampled.groups)[sampled.unit] + _gathered(sampled, change)
    count = (used.astype(float) @ sampled.groups)[sampled.unit]
    if drops.any():
        count = count - _gathered(sampled, drops.astype(float))
    result: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0.5)
    return result


def _gathered(sampled: Sampled, table: Floats) -> Floats:
    """Sum over each form's answers of what the table (units, items, answers) has for them, per group.

    In blocks, so that memory is bounded whatever the number of schools.
    """
    with_none = np.concatenate([np.zeros((*table.shape[:2], 1)), table], axis=2).ravel()
    result = np.empty(sampled.answered.shape)
    for first in range(0, len(result), CHUNK):
        part = slice(first, first + CHUNK)
        np.matmul(with_none[sampled.cell[part]], sampled.groups, out=result[part])
    return result


def wilson(share: Floats, n: Floats, quantile: Floats) -> tuple[Floats, Floats]:
    """Wilson's interval for a share of n.

    Parameters
    ----------
    share, n
        Share in 0..1 and the number it is a share of; n need not be whole.
    quantile
        1.96 for 95% where n is large.

    Returns
    -------
    Low and high, within 0..1.

    Examples
    --------
    Newcombe (1998), 81 of 263:

    >>> low, high = wilson(np.array(81 / 263), np.array(263.0), np.array(1.959964))
    >>> round(float(low), 4), round(float(high), 4)
    (0.2553, 0.3662)
    """
    square = quantile**2 / n
    centre = (share + square / 2) / (1 + square)
    half = quantile / (1 + square) * np.sqrt(share * (1 - share) / n + square / (4 * n))
    return np.clip(centre - half, 0, 1), np.clip(centre + half, 0, 1)


def moderated_wilson(
    share: Floats, squared_error: Floats, n: Ints, m: Ints, invited: Floats | None = None, pairs: bool = False
) -> tuple[Floats, Floats]:
    """Interval for a mean share over m items, from n respondents.

    Parameters
    ----------
    share
        The figure, in 0..1; NaN where there is none.
    squared_error
        From `jackknife`; NaN where it could not be taken.
    n
        Respondents.
    m
        Items in the step.
    invited
        How many of the role there are in all; NaN where that is not known. With all of them in, the interval is the
        figure itself.
    pairs
        The figure is over pairs of respondents: it moves about twice as fast with one of them, so the prior and the
        clip are doubled and widened.

    Returns
    -------
    Low and high; NaN where there is no figure.

    Notes
    -----
    With v = P (1 - P), D = n SE² / v says how many answers one person's m answers are worth: 1/m (as good as
    independent) to 1 (all the same). It is clipped to that range and averaged with its prior
    D0 = (1 + 0.3 (m - 1)) / m, which counts for two respondents; n / D is the effective n in Wilson's interval, with a
    t quantile on 2 (n + 1) degrees of freedom. Our own construction; see docs/methode.md for what it covers.
    """
    spread = share * (1 - share)
    prior = (2 if pairs else 1) * (1 + PERSON_CORRELATION * (m - 1)) / m
    seen = np.divide(n * squared_error, spread, out=np.full(np.shape(spread), np.nan), where=spread > 1e-12)
    seen = np.where(np.isnan(seen), prior, np.clip(seen, 1 / m, 4 if pairs else 1))
    weight = np.maximum(n - 1, 0)
    deff = (weight * seen + PRIOR_WEIGHT * prior) / (weight + PRIOR_WEIGHT)
    effective = np.maximum(n, 1) / deff
    quantile = _quantile(n)
    whole = np.zeros(np.shape(share), dtype=bool)
    if invited is not None:
        part = np.where(np.isnan(invited), 0.0, np.divide(n, np.maximum(invited, 1)))
        whole = part >= 1
        effective = effective / np.where(whole, 1.0, 1 - part)
    low, high = wilson(share, effective, quantile)
    missing = np.isnan(share) | (n < 1)
    low, high = np.where(whole, share, low), np.where(whole, share, high)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def without_one(counts: Ints, value: Floats, given: Floats) -> Floats:
    """A figure that is linear in the shares, once a respondent is left out.

    Parameters
    ----------
    counts
        Shape (…, items, answers).
    value, given
        The figure per item (…, items), and what one respondent who gives each answer adds to it (…, items, answers):
        value = sum_k share_k · given_k.

    Returns
    -------
    Shape (…, items, answers): (n · value - given) / (n - 1); NaN where nobody would be left.
    """
    n = counts.sum(axis=-1)[..., None]
    result: Floats = np.divide(
        n * value[..., None] - given, n - 1, out=np.full(np.broadcast(n, given).shape, np.nan), where=n > 1
    )
    return result


def _quantile(n: Ints) -> Floats:
    """The t quantile on 2 (n + 1) degrees of freedom; group sizes are few, so each is looked up once."""
    sizes, place = np.unique(np.maximum(n, 1), return_inverse=True)
    quantiles: Floats = np.asarray(stats.t.ppf((1 + CONFIDENCE) / 2, 2 * (sizes + 1)))
    return quantiles[place].reshape(np.shape(n))
