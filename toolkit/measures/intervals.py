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

from toolkit.measures.array_math import Floats, Ints, total

PERSON_CORRELATION = 0.3
"""Prior correlation between two answers of one person; to be estimated anew once real cohorts exist."""

PRIOR_WEIGHT = 2.0
"""How many respondents the prior counts for beside the n - 1 that the jackknife has."""

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Sampled:
    """The forms of the sampled side, one role (or the team) per unit.

    Attributes
    ----------
    unit
        Shape (forms,): index of the form's unit, ascending.
    codes
        Shape (forms, items): the form's answers, -1 for none.
    groups
        Shape (items, groups), 0 or 1: which items a figure is taken over, steps or single items.
    n
        Shape (units, groups): respondents with at least one answer in the group.
    """

    unit: Ints
    codes: NDArray[np.int8]
    groups: Ints
    n: Ints

    @property
    def size(self) -> Ints:
        """Shape (groups,): number of items in each."""
        size: Ints = self.groups.sum(axis=0)
        return size

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Shape (forms, groups): whether the form has an answer in the group."""
        filled = self.codes >= 0
        return np.stack([filled[:, items].any(axis=1) for items in self.groups.T.astype(bool)], axis=1)


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure moves when one respondent is left out; each of shape (units, groups, figures).

    Attributes
    ----------
    squared_error
        SE² = (n - 1) / n · sum_j (theta_(-j) - mean)².
    lowest, highest
        The least and the most of theta_(-j).
    """

    squared_error: Floats
    lowest: Floats
    highest: Floats


def jackknife(sampled: Sampled, value: Floats, without: Floats) -> Spread:
    """Leave out each respondent once from figures that are means over items.

    Parameters
    ----------
    value
        Shape (units, items, figures): each figure per item; NaN for an item that takes no part.
    without
        Shape (units, items, answers, figures): the same once a respondent who gave that answer is left out; NaN where
        the item would then drop out of the mean.

    Returns
    -------
    NaN below two respondents, and where leaving out a respondent would leave nothing.
    """
    units, figures = value.shape[0], value.shape[2]
    shape = (units, sampled.groups.shape[1], figures)
    spread = Spread(*(np.full(shape, np.nan) for _ in range(3)))
    if not len(sampled.unit):
        return spread
    left_out, absent = _left_out(sampled, value, without), ~sampled.answered[:, :, None]
    present, first = np.unique(sampled.unit, return_index=True)
    n = sampled.n[present][:, :, None]

    def over_respondents(how: np.ufunc, each: Floats, otherwise: float) -> Floats:
        return np.asarray(how.reduceat(np.where(absent, otherwise, each), first, axis=0), dtype=np.float64)

    mean = np.full(shape, np.nan)
    mean[present] = over_respondents(np.add, left_out, 0.0) / np.maximum(n, 1)
    squares = over_respondents(np.add, (left_out - mean[sampled.unit]) ** 2, 0.0)
    lowest, highest = (
        over_respondents(how, left_out, end) for how, end in ((np.minimum, np.inf), (np.maximum, -np.inf))
    )
    several = n > 1
    spread.squared_error[present] = np.where(several, squares * (n - 1) / np.maximum(n, 1), np.nan)
    spread.lowest[present] = np.where(several, lowest, np.nan)
    spread.highest[present] = np.where(several, highest, np.nan)
    return spread


def _left_out(sampled: Sampled, value: Floats, without: Floats) -> Floats:
    """theta_(-j) for every form, shape (forms, groups, figures)."""
    used = ~np.isnan(value)
    drops = np.isnan(without) & used[:, :, None]
    known = np.nan_to_num(value)
    change = np.where(used[:, :, None], np.where(drops, 0.0, without) - known[:, :, None], 0.0)
    left_out = _gathered(sampled, change)
    left_out += _summed(known, sampled.groups)[sampled.unit]
    count = _summed(used.astype(float), sampled.groups)[sampled.unit]
    if drops.any():
        count -= _gathered(sampled, drops.astype(float))
    count[count < 0.5] = np.nan
    left_out /= count
    return left_out


def _summed(per_item: Floats, groups: Ints) -> Floats:
    """Sum over each group's items: (units, items, figures) to (units, groups, figures)."""
    return np.stack([per_item[:, items].sum(axis=1) for items in groups.T.astype(bool)], axis=1)


def _gathered(sampled: Sampled, table: Floats) -> Floats:
    """Sum over each form's answers of what the table (units, items, answers, figures) has for them, per group."""
    units, _, answers, figures = table.shape
    result = np.zeros((len(sampled.unit), sampled.groups.shape[1], figures))
    with_none = np.zeros((units, answers + 1, figures))  # the first place is that of no answer
    place = sampled.unit * (answers + 1) + 1
    for group, members in enumerate(sampled.groups.T):
        summed = np.zeros((len(place), figures))
        for item in np.flatnonzero(members):
            with_none[:, 1:] = table[:, item]
            summed += with_none.reshape(-1, figures).take(place + sampled.codes[:, item], axis=0)
        result[:, group] = summed
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
    share: Floats, spread: Spread, n: Ints, m: Ints, invited: Floats | None = None, pairs: bool = False
) -> tuple[Floats, Floats]:
    """Interval for a mean share over m items, from n respondents; all arguments broadcast.

    Parameters
    ----------
    share
        The figure, in 0..1; NaN where there is none.
    spread
        From `jackknife`; NaN where it could not be taken.
    n
        Respondents.
    m
        Items in the step.
    invited
        How many of the role there are in all; NaN where that is not known. With all of them in, the interval is the
        figure itself.
    pairs
        The figure is over pairs of respondents: it may move twice as fast with one of them, so D may be up to 4.

    Returns
    -------
    Low and high; NaN where there is no figure.

    Notes
    -----
    With v = P (1 - P), D = n SE² / v says how many answers one person's m answers are worth: 1/m (as good as
    independent) to 1 (all the same). It is clipped to that range and averaged with its prior
    D0 = (1 + 0.3 (m - 1)) / m, which counts for two respondents, and is never taken to be below it: that few people
    seem independent is no evidence that they are. n / D is the effective n in Wilson's interval, with a t quantile on
    2 (n + 1) degrees of freedom. The interval always holds what the figure would be without any one respondent. Our
    own construction; see docs/methode.md for what it covers.
    """
    effective, quantile = np.maximum(n, 1) / _design(share, spread, n, m, pairs), _quantile(n)
    left = _part_not_heard(n, invited)
    low, high = wilson(
        share, np.divide(effective, left, out=np.full(np.shape(share), np.inf), where=left > 0), quantile
    )
    low = np.fmin(low, share - np.sqrt(left) * (share - spread.lowest))
    high = np.fmax(high, share + np.sqrt(left) * (spread.highest - share))
    missing = np.isnan(share) | (n < 1)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def _design(share: Floats, spread: Spread, n: Ints, m: Ints, pairs: bool) -> Floats:
    """D: what the jackknife saw, moderated by the prior and never below it."""
    variance = share * (1 - share)
    prior = (1 + PERSON_CORRELATION * (m - 1)) / m
    unknown = np.full(np.shape(share), np.nan)
    seen = np.divide(n * spread.squared_error, variance, out=unknown, where=variance > 1e-12)
    seen = np.where(np.isnan(seen), prior, np.clip(seen, 1 / m, 4 if pairs else 1))
    weight = np.maximum(n - 1, 0)
    moderated: Floats = np.maximum((weight * seen + PRIOR_WEIGHT * prior) / (weight + PRIOR_WEIGHT), prior)
    return moderated


def _part_not_heard(n: Ints, invited: Floats | None) -> Floats:
    """1 - n / N; 1 where the number invited is not known, 0 where all of them answered."""
    if invited is None:
        return np.ones(np.shape(n))
    left: Floats = np.where(np.isnan(invited), 1.0, np.clip(1 - n / np.maximum(invited, 1), 0, 1))
    return left


def without_one(counts: Ints, value: Floats, given: Floats) -> Floats:
    """Figures that are linear in the shares, once a respondent is left out.

    Parameters
    ----------
    counts
        Shape (units, items, answers).
    value, given
        The figures per item (units, items, figures), and what one respondent who gives each answer adds to them
        (units, items, answers, figures): value = sum_k share_k · given_k.

    Returns
    -------
    Shape (units, items, answers, figures): (n · value - given) / (n - 1); NaN where nobody would be left.
    """
    n = total(counts)[..., None, None]
    result: Floats = np.divide(n * value[:, :, None] - given, n - 1, out=np.full(given.shape, np.nan), where=n > 1)
    return result


def _quantile(n: Ints) -> Floats:
    """The t quantile on 2 (n + 1) degrees of freedom; group sizes are few, so each is looked up once."""
    sizes, place = np.unique(np.maximum(n, 1), return_inverse=True)
    quantiles: Floats = np.asarray(stats.t.ppf((1 + CONFIDENCE) / 2, 2 * (sizes + 1)))
    return quantiles[place].reshape(np.shape(n))
