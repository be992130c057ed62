"""Chance-corrected agreement (kappa)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toolkit.measures.array_math import Floats, Ints, ratio, shares

Weights = str | NDArray[np.float64] | list[list[float]]


def agreement_weights(kind: Weights, categories: int) -> Floats:
    """Agreement weights (1 on the diagonal) by name, or the matrix given.

    Examples
    --------
    >>> agreement_weights("linear", 3).tolist()
    [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    if not isinstance(kind, str):
        return np.asarray(kind, dtype=float)
    k = np.arange(categories)
    apart = np.abs(k[:, None] - k[None, :]) / max(categories - 1, 1)
    by_name: dict[str, Floats] = {
        "linear": 1 - apart,
        "quadratic": 1 - apart**2,
        "nominal": (apart == 0).astype(float),
    }
    if kind not in by_name:
        raise ValueError(f"weights {kind!r}: choose from {', '.join(by_name)}, or give a matrix")
    return by_name[kind]


def two_group_kappa(
    counts_a: NDArray[np.generic],
    counts_b: NDArray[np.generic],
    weights: Weights = "linear",
    same_unit: bool = True,
    maximum: str = "one",
) -> float:
    """Agreement of two groups of raters over units, against what chance would give.

    Parameters
    ----------
    counts_a, counts_b
        Shape (units, categories): how many raters of each group chose each category. Units that a group did not rate
        (all 0, or missing) are left out; the number of raters may differ from unit to unit.
    weights
        `"linear"`, `"quadratic"`, `"nominal"`, or a matrix of agreement weights.
    same_unit
        Whether chance pairs may come from one unit (the classical form), or only from two different ones.
    maximum
        `"one"`: kappa = (Pi_T - Pi_E) / (1 - Pi_E); `"attainable"`: against the most that the groups could agree given
        how each is divided within itself, Pi_M = mean of max(p_a' W p_a, p_b' W p_b).

    Returns
    -------
    Kappa; NaN where chance would agree fully, or too few units were rated by both.

    Notes
    -----
    Schouten (1982); Vanbelle & Albert (2009), Psychometrika 74(3), for both maxima. With one rater on each side it is
    Cohen's (1968) weighted kappa.
    """
    if maximum not in ("one", "attainable"):
        raise ValueError(f"maximum {maximum!r}: choose one or attainable")
    a, b = np.asarray(counts_a, dtype=float), np.asarray(counts_b, dtype=float)
    w = agreement_weights(weights, a.shape[-1])
    if a.ndim != 2 or a.shape != b.shape or w.shape != (a.shape[1], a.shape[1]):
        raise ValueError(
            "counts_a and counts_b: units × categories, the same for both; weights: categories × categories"
        )
    common = (a.sum(axis=1) > 0) & (b.sum(axis=1) > 0)
    if common.sum() < (1 if same_unit else 2):
        return float("nan")
    p_a, p_b = shares(a[common]), shares(b[common])
    observed = np.einsum("ui,ij,uj->u", p_a, w, p_b)
    expected = p_a.mean(axis=0) @ w @ p_b.mean(axis=0)
    if not same_unit:
        expected = (len(p_a) * expected - observed.mean()) / (len(p_a) - 1)
    ceiling = 1.0
    if maximum == "attainable":
        within = [np.einsum("ui,ij,uj->u", p, w, p) for p in (p_a, p_b)]
        ceiling = float(np.maximum(*within).mean())
    return float(ratio(np.array(observed.mean() - expected), np.array(np.round(ceiling - expected, 15))))


def disagreement(a: Ints, b: Ints) -> Floats:
    """Mean distance |k - l| of an answer of a and of b (D_o), per item; NaN if one is silent."""
    k = np.arange(a.shape[-1])
    apart = np.abs(k[:, None] - k[None, :]).astype(float)
    return np.asarray(np.einsum("...k,...k->...", shares(a) @ apart, shares(b)))


UNIFORM = "uniform"
COHORT = "cohort"


def uniform_disagreement(answers: int) -> float:
    """D_e where every answer is as likely: 8/9 for three (linear Brennan-Prediger)."""
    k = np.arange(answers)
    return float(np.abs(k[:, None] - k[None, :]).mean())


def expected_disagreement(a: Ints, b: Ints) -> Floats:
    """D_e per item: mean distance between answers of a and b of *different* schools.

    Parameters
    ----------
    a, b
        Shape (schools, items, answers).

    Returns
    -------
    Shape (items,); NaN where fewer than two schools have answers of both.

    Notes
    -----
    With the schools' mean shares P: D_e^V = sum |k - l| P^a_k P^b_l over all ordered pairs, from which a school's own
    pair is taken: D_e = (S · D_e^V - mean D_o) / (S - 1).
    """
    common, schools = (a.sum(axis=-1) > 0) & (b.sum(axis=-1) > 0), schools_with_both(a, b)
    k = np.arange(a.shape[-1])
    apart = np.abs(k[:, None] - k[None, :]).astype(float)
    means = [ratio(np.nan_to_num(shares(c) * common[..., None]).sum(axis=0), schools[:, None]) for c in (a, b)]
    over_all = np.einsum("ik,kl,il->i", means[0], apart, means[1])
    within = ratio(np.nan_to_num(disagreement(a, b)).sum(axis=0), schools)
    return ratio(schools * over_all - within, np.where(schools > 1, schools - 1, 0))


def schools_with_both(a: Ints, b: Ints) -> Ints:
    """In how many schools both answered, per item."""
    return np.asarray(((a.sum(axis=-1) > 0) & (b.sum(axis=-1) > 0)).sum(axis=0))
