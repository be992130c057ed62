"""Confidence intervals of sampled roles: the added colleague.

The answers of one person are correlated, so respondents are the unit, never answers. In a researcher's table of
thirteen respondents or more, how much people differ is measured by leaving out one after the other (the jackknife, in
closed form). Below that it says little, and where a group is shown it would tell which answers were given by one
person. There the answers per item are taken, with an assumed correlation between two answers of one person. Adding a
few imaginary colleagues keeps the interval from being too sure of a few.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from toolkit.measures.array_math import Floats, Ints, mean_score, ratio, scores, total

PERSON_CORRELATION = 0.3
"""Assumed correlation between two answers of one person; see `estimate_person_correlation` for real cohorts."""

COLLEAGUES = 1.5
"""Imaginary colleagues that are added, half of whom say Nee to all and half Ja."""

CORRELATION_OF_MANY = 0.42
"""The same from `JACKKNIFE_FROM` respondents on, where the colleagues weigh too little to make up for more."""

EVEN_SPREAD = 1 / 6
"""Variance of evenly spread answers, in 0..1: answers to an item with less are correlated less."""

JACKKNIFE_FROM = 13
"""From so many respondents the spread between persons is measured, where the forms are at hand.

They are in a researcher's own table. Of what came through `protect` only the counts per item are: few tables of persons
would fit them and a measured spread.
"""

ASSUMED_FREEDOM = 6
"""Degrees of freedom that the assumed correlation is worth, where the spread between persons is not measured."""

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
    def measured(self) -> NDArray[np.bool_]:
        """Shape (units, groups): whether the spread between persons is measured."""
        return (self.n >= JACKKNIFE_FROM) & (len(self.unit) > 0)

    def of_units(self, chosen: NDArray[np.bool_]) -> Sampled:
        """The forms of these units only."""
        forms = chosen[self.unit]
        return self if forms.all() else replace(self, unit=self.unit[forms], codes=self.codes[forms])

    @property
    def size(self) -> Ints:
        """Shape (groups,): number of items in each."""
        return np.asarray(self.groups.sum(axis=0))

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Shape (forms, groups): whether the form has an answer in the group."""
        filled = self.codes >= 0
        return np.stack([filled[:, items].any(axis=1) for items in self.groups.T.astype(bool)], axis=1)


def squared_error(sampled: Sampled, counts: Ints, value: Floats, without: Floats, pairs: bool = False) -> Floats:
    """SE² of figures that are means over items.

    Measured where the forms are at hand and there are enough, else from the counts per item.

    Parameters
    ----------
    counts
        Shape (units, items, answers), of the sampled side.
    value, without
        As in `jackknife`.
    pairs
        Whether the figures are of pairs of respondents: of those no direction is assumed.

    Returns
    -------
    Shape (units, groups, figures); 0 where one respondent leaves nothing to compare.
    """
    correlation = np.where(sampled.n < JACKKNIFE_FROM, PERSON_CORRELATION, CORRELATION_OF_MANY)
    result = error_from_counts(counts, value, without, sampled.groups, correlation, pairs)
    measured = sampled.measured
    if measured.any():
        by_person = jackknife(sampled.of_units(np.asarray(measured.any(axis=1))), value, without)
        result = np.where(measured[..., None] & ~np.isnan(by_person), by_person, result)
    return result


def error_from_counts(
    counts: Ints, value: Floats, without: Floats, groups: Ints, correlation: Floats, pairs: bool = False
) -> Floats:
    """SE² of a mean over items, from the counts per item.

    It takes the assumed correlation rho of one person's answers, of shape (units, groups).

    Notes
    -----
    Of item i, s_i is the jackknife's SE, r_i the correlation of an answer and what it adds to the figure (items that
    pull a figure to opposite sides cancel), v_i the variance of the answers, w_i² = min(1, v_i / `EVEN_SPREAD`)^.5:

        SE² = (sum s_i² + rho ((sum r_i w_i s_i)² + (sum sqrt(1 - r_i²) w_i s_i)² - sum w_i² s_i²)) / |I|²

    Of figures of pairs r_i and w_i are 1.
    """
    n = total(counts)[..., None]
    left_out = np.nan_to_num(without)
    deviation = left_out - ratio(np.einsum("uik,uikf->uif", counts, left_out), n)[:, :, None]
    answer = scores(counts.shape[-1]) - mean_score(counts)[..., None]
    squares = np.einsum("uik,uikf->uif", counts, deviation**2)
    spread = np.einsum("uik,uik->ui", counts, answer**2)[..., None]
    product = np.einsum("uik,uik,uikf->uif", counts, answer, deviation)
    alike = np.round(np.nan_to_num(ratio(product, np.sqrt(spread * squares))), 9)
    per_item = np.where(np.isnan(value) | (n < 2), 0.0, np.nan_to_num(ratio(n - 1, n) * squares))
    weight = np.sqrt(np.minimum(np.nan_to_num(ratio(spread, n)) / EVEN_SPREAD, 1.0))
    if pairs:
        alike, weight = np.ones_like(alike), np.ones_like(weight)
    error = np.sqrt(weight * per_item)
    same = _summed(alike * error, groups) ** 2 + _summed(np.sqrt(np.clip(1 - alike**2, 0, 1)) * error, groups) ** 2
    shared = correlation[..., None] * (same - _summed(weight * per_item, groups))
    items = _summed((~np.isnan(value)).astype(float), groups)
    return np.nan_to_num(ratio(_summed(per_item, groups) + shared, items**2))


def jackknife(sampled: Sampled, value: Floats, without: Floats) -> Floats:
    """SE² by leaving out each respondent once: (n - 1) / n · sum_j (theta_(-j) - mean)².

    Parameters
    ----------
    value
        Shape (units, items, figures): each figure per item; NaN for an item that takes no part.
    without
        Shape (units, items, answers, figures): the same once a respondent who gave that answer is left out; NaN where
        the item would then drop out of the mean.

    Returns
    -------
    Shape (units, groups, figures); NaN below two respondents, and where leaving out a respondent would leave nothing.
    """
    error = np.full((value.shape[0], sampled.groups.shape[1], value.shape[2]), np.nan)
    if not len(sampled.unit):
        return error
    left_out, present = _left_out(sampled, value, without), sampled.answered[:, :, None]
    units, first = np.unique(sampled.unit, return_index=True)
    n = sampled.n[units][:, :, None]

    def sum_per_unit(per_form: Floats) -> Floats:
        return np.add.reduceat(np.where(present, per_form, 0.0), first, axis=0)

    mean = np.zeros_like(error)
    mean[units] = sum_per_unit(left_out) / np.maximum(n, 1)
    squares = sum_per_unit((left_out - mean[sampled.unit]) ** 2)
    error[units] = np.where(n > 1, squares * (n - 1) / np.maximum(n, 1), np.nan)
    return error


def _left_out(sampled: Sampled, value: Floats, without: Floats) -> Floats:
    """theta_(-j) for every form, shape (forms, groups, figures)."""
    used = ~np.isnan(value)
    drops = np.isnan(without) & used[:, :, None]
    figures = np.nan_to_num(value)
    change = np.where(used[:, :, None], np.where(drops, 0.0, without) - figures[:, :, None], 0.0)
    left_out = _gathered(sampled, change)
    left_out += _summed(figures, sampled.groups)[sampled.unit]
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
    row_index = sampled.unit * (answers + 1) + 1
    for group, members in enumerate(sampled.groups.T):
        summed = np.zeros((len(row_index), figures))
        for item in np.flatnonzero(members):
            with_none[:, 1:] = table[:, item]
            summed += with_none.reshape(-1, figures).take(row_index + sampled.codes[:, item], axis=0)
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


def added_colleague(
    share: Floats,
    squared_error: Floats,
    n: Ints,
    m: Ints,
    team_size: Floats | None = None,
    measured: NDArray[np.bool_] | bool = False,
) -> tuple[Floats, Floats]:
    """Interval for a mean share over m items, from n respondents; all arguments broadcast.

    Parameters
    ----------
    share
        The figure, in 0..1; NaN where there is none.
    squared_error
        From `squared_error`.
    n
        Respondents.
    m
        Items in the step; 1 for a single item.
    team_size
        N, how many of the role there are in all; NaN where that is not known. With all of them in, the interval is the
        figure itself. A number below n can't be right, and counts as not known.
    measured
        Whether the error is measured between persons, and not taken from the counts.

    Returns
    -------
    Low and high, within 0..1 and on either side of the figure; NaN where there is no figure.

    Notes
    -----
    Agresti & Coull (1998) for persons. With c = `COLLEAGUES`, R = (1 + .3 (m - 1)) / m, u = 1 - n / N (1 where N is not
    known), mu = (n P + c / 2) / (n + c):

        ss = n (n - 1) SE² + n (P - mu)² + c R (mu² + (1 - mu)²) / 2
        centre = P + u (mu - P);  half = t · sqrt(ss / (n + c - 1) · u / (n + c u))

    with t on n - 1 + c degrees of freedom, and `ASSUMED_FREEDOM` more where the error is not measured. Our own
    construction; see docs/methode.md for what it covers.

    Examples
    --------
    Ten colleagues who all gave the same form, with a level of 56, and step of seven items:

    >>> low, high = added_colleague(np.array(0.56), np.array(0.0), np.array(10), np.array(7))
    >>> round(float(low), 2), round(float(high), 2)
    (0.48, 0.63)
    """
    c, not_heard = COLLEAGUES, _share_not_heard(n, team_size)
    per_person = (1 + PERSON_CORRELATION * (m - 1)) / m
    mu = (n * share + c / 2) / (n + c)
    squares = n * (n - 1) * squared_error + n * (share - mu) ** 2 + c * per_person * (mu**2 + (1 - mu) ** 2) / 2
    half = _quantile(n, measured) * np.sqrt(squares / np.maximum(n + c - 1, c) * not_heard / (n + c * not_heard))
    centre = share + not_heard * (mu - share)
    low = np.clip(np.minimum(centre - half, share), 0, 1)
    high = np.clip(np.maximum(centre + half, share), 0, 1)
    missing = np.isnan(share) | (n < 1)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def _share_not_heard(n: Ints, team_size: Floats | None) -> Floats:
    """1 - n / N; 1 where the size of the team is not known, 0 where all of them answered."""
    if team_size is None:
        return np.ones(np.shape(n))
    unknown = np.isnan(team_size) | (team_size < n)
    return np.where(unknown, 1.0, 1 - n / np.maximum(np.nan_to_num(team_size), 1))


def _quantile(n: Ints, measured: NDArray[np.bool_] | bool) -> Floats:
    freedom = np.maximum(n, 1) - 1 + COLLEAGUES + np.where(measured, 0, ASSUMED_FREEDOM)
    return np.asarray(stdtrit(freedom, (1 + CONFIDENCE) / 2), dtype=np.float64)


def without_one(counts: Ints, value: Floats, terms: Floats) -> Floats:
    """Figures that are linear in the shares, once a respondent is left out.

    Parameters
    ----------
    counts
        Shape (units, items, answers).
    value, terms
        The figures per item (units, items, figures), and what one respondent who gives each answer adds to them
        (units, items, answers, figures): value = sum_k share_k · terms_k.

    Returns
    -------
    Shape (units, items, answers, figures): (n · value - terms) / (n - 1); NaN where nobody would be left.
    """
    n = total(counts)[..., None, None]
    return np.asarray(np.divide(n * value[:, :, None] - terms, n - 1, out=np.full(terms.shape, np.nan), where=n > 1))
