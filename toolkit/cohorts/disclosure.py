"""What may be shown of figures over schools: minima per group, and rounding.

A mean with its number of schools is a sum, and sums can be subtracted. Rounding bounds what follows: the number of
schools times the rounding is at least 20 points, so a sum is known to 10 points at best. One answer of one director is
50 points, so the items of directors are rounded to at least 100 points per sum.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from toolkit.core.errors import MissingReason
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats
from toolkit.privacy import Policy

Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]
Bases = tuple[tuple[int, float], ...]

RULE = "minima and rounding, version 2"
"""Name and version of the rule, in `attrs["disclosure_rule"]` of every shown table."""

LEVEL_BASES: Bases = ((5, 5.0), (10, 2.0), (20, 1.0))
"""Rounding of a figure in points, by the least number of schools."""
DIRECTOR_ITEM_BASES: Bases = ((10, 20.0), (20, 10.0), (40, 5.0), (250, 2.0), (1000, 1.0))
"""The same for items that a director answered: fewer schools are not shown."""
SPREAD_BASES: Bases = ((5, 20.0), (10, 10.0), (20, 5.0), (50, 2.0), (100, 1.0))
"""The same for standard deviations and quantiles: fine ones list the schools of a small group."""

MIN_SCHOOLS_DIRECTOR_ITEM = DIRECTOR_ITEM_BASES[0][0]


def rounding_base(n_schools: ArrayLike, bases: Bases = LEVEL_BASES) -> Floats:
    """Rounding in points of figures of a number of schools.

    Examples
    --------
    >>> rounding_base([5, 12, 400]).tolist()
    [5.0, 2.0, 1.0]
    """
    starts, points = (np.array(column) for column in zip(*bases, strict=True))
    index = np.searchsorted(starts, np.asarray(n_schools, dtype=float), side="right") - 1
    return points[np.maximum(index, 0)]


def round_to(value: Floats, base: Floats) -> Floats:
    """Round to multiples of a base, halves to the even multiple; 0 leaves the value as it is."""
    step = np.where(base > 0, base, 1.0)
    return np.where(base > 0, np.round(np.round(value / step, 9)) * step, value)


def round_figures(value: Floats, figures: int) -> Floats:
    """Round to a number of significant figures."""
    digits = figures - 1 - np.floor(np.log10(np.where(value > 0, value, 1.0)))
    return np.asarray(np.round(value * 10**digits) / 10**digits)


def minima_reasons(n_schools: Floats, n_respondents: Floats, single: Bools, grouped: Bools, policy: Policy) -> Texts:
    """Why a figure is too small to be shown, or None; shape (cells, figures).

    Parameters
    ----------
    n_schools, n_respondents
        Shape (cells, figures).
    single
        Which figures are items that a director answered.
    grouped
        Which figures are of respondents who are shown only as a group.
    """
    why = np.full(n_schools.shape, None, dtype=object)
    fewest = np.where(single, max(MIN_SCHOOLS_DIRECTOR_ITEM, policy.schools), policy.schools)
    why[n_schools < fewest] = MissingReason.TOO_FEW_SCHOOLS
    # the last word: of a group that is too small the reason must not tell in how many schools somebody left it blank
    why[(n_respondents < policy.respondents) & grouped] = MissingReason.TOO_FEW_RESPONDENTS
    return why


def shown_number(n_schools: Floats, n_step: Floats) -> Floats:
    """Number of schools of a director's item: its step's where fewer than five left it blank."""
    return np.where(n_step - n_schools < LEVEL_BASES[0][0], n_step, n_schools)


def is_shown(why: Texts) -> Bools:
    """Which figures have no reason to be hidden."""
    return np.asarray(pd.isna(why), dtype=bool)


def has_known_role(figures: pd.DataFrame, checklist: Instrument) -> Bools:
    """Which figures have a side of known persons (directors)."""
    return _has_role(figures, set(checklist.known_role_ids))


def has_group_role(figures: pd.DataFrame, checklist: Instrument) -> Bools:
    """Which figures have a side of respondents who are shown only as a group."""
    return _has_role(figures, set(checklist.shown_role_ids) - set(checklist.known_role_ids))


def _has_role(figures: pd.DataFrame, roles: set[str]) -> Bools:
    matches = {role: not roles.isdisjoint(role.split("-")) for role in figures["role"].unique()}
    return figures["role"].map(matches).to_numpy(dtype=bool)
