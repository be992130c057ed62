"""Randomisation test: how often chance alone gives a gap as large as this one."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from toolkit.measures.array_math import Floats, Ints, ratio

CELLS = 2_000
"""Comparisons that are worked on at a time: bounds the memory."""


def chance_of_gap(a: Ints, b: Ints) -> Floats:
    """Chance that shuffling the people of two groups gives a gap as large, on the same side.

    Parameters
    ----------
    a, b
        Counts per answer, shape (comparisons, answers).

    Returns
    -------
    Shape (comparisons,), exact; NaN where one of the groups gave no answer. The same when a and b change places.

    Notes
    -----
    All answers given are held fixed, and so is the size of each group; every way to deal the answers out is as likely
    (Fisher's randomisation test, with the sum of the scores). For one person against n others it is the share of
    the n + 1 answers that are at least as far on that person's side, the person's own included.

    Examples
    --------
    One Ja against ten people of whom eight say Nee, one Beetje and one Ja: two of the eleven answers are Ja.

    >>> chance_of_gap(np.array([[0, 0, 1]]), np.array([[8, 1, 1]])).round(3).tolist()
    [0.182]
    """
    a_is_smaller = a.sum(axis=1) <= b.sum(axis=1)
    smaller = np.where(a_is_smaller[:, None], a, b)
    pooled, size = a + b, smaller.sum(axis=1)
    score = smaller @ np.arange(a.shape[1])
    mean = ratio(pooled @ np.arange(a.shape[1]), pooled.sum(axis=1))
    chance = np.full(len(a), np.nan)
    present = (a.sum(axis=1) > 0) & (b.sum(axis=1) > 0)
    for drawn in np.unique(size[present]):
        cells = np.flatnonzero(present & (size == drawn))
        for part in np.array_split(cells, max(1, len(cells) // CELLS)):
            above = score[part] >= drawn * mean[part]
            chance[part] = _tail(pooled[part], int(drawn), score[part], above)
    return chance


def _tail(pooled: Ints, drawn: int, score: Ints, above: np.ndarray) -> Floats:
    """Chance that a random draw from the pooled answers scores at least (or at most, if not above) that much."""
    draws = _answer_allocations(pooled.shape[1], drawn)
    ways = _log_choices(pooled[:, None, :], draws).sum(axis=-1)
    chance = np.exp(ways - _log_choices(pooled.sum(axis=1), np.array(drawn))[:, None])
    scores = draws @ np.arange(pooled.shape[1])
    far = np.where(above[:, None], scores >= score[:, None], scores <= score[:, None])
    return np.asarray((chance * far).sum(axis=1))


def _log_choices(total: Ints, chosen: Ints) -> Floats:
    """Logarithm of the number of ways to choose; minus infinity where there is none."""
    remainder = np.maximum(total - chosen, 0)
    log = gammaln(total + 1) - gammaln(chosen + 1) - gammaln(remainder + 1)
    return np.where(chosen <= total, log, -np.inf)


def _answer_allocations(answers: int, drawn: int) -> Ints:
    """All ways to divide a number of answers over the kinds of answer."""
    grids = np.meshgrid(*[np.arange(drawn + 1)] * (answers - 1), indexing="ij")
    others = np.stack([grid.ravel() for grid in grids], axis=1)
    others = others[others.sum(axis=1) <= drawn]
    return np.column_stack([drawn - others.sum(axis=1), others]).astype(np.int64)
