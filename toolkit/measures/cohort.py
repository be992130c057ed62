"""Agreement against what chance would give, and figures over schools: kappa, spread between schools, shrinkage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from toolkit.instrument import Instrument
from toolkit.measures.numbers import Floats, Ints, mean_over, ratio, shares
from toolkit.responses import Counts, count_answers, step_matrix

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
    both = (a.sum(axis=1) > 0) & (b.sum(axis=1) > 0)
    if both.sum() < (1 if same_unit else 2):
        return float("nan")
    p_a, p_b = shares(a[both]), shares(b[both])
    observed = np.einsum("ui,ij,uj->u", p_a, w, p_b)
    expected = p_a.mean(axis=0) @ w @ p_b.mean(axis=0)
    if not same_unit:
        expected = (len(p_a) * expected - observed.mean()) / (len(p_a) - 1)
    most = 1.0
    if maximum == "attainable":
        within = [np.einsum("ui,ij,uj->u", p, w, p) for p in (p_a, p_b)]
        most = float(np.maximum(*within).mean())
    return float(ratio(np.array(observed.mean() - expected), np.array(np.round(most - expected, 15))))


def disagreement(a: Ints, b: Ints) -> Floats:
    """Mean distance |k - l| between an answer of a and one of b (D_o), per item; NaN where one is silent."""
    k = np.arange(a.shape[-1])
    apart = np.abs(k[:, None] - k[None, :]).astype(float)
    distance: Floats = np.einsum("...k,...k->...", shares(a) @ apart, shares(b))
    return distance


UNIFORM = "uniform"
COHORT = "cohort"
COHORT_KAPPA = ["wave", "step", "role_a", "role_b", "kappa", "d_o", "d_e", "n_schools"]


def uniform_disagreement(answers: int) -> float:
    """D_e where every answer is as likely: 8/9 for three (linear Brennan-Prediger)."""
    k = np.arange(answers)
    return float(np.abs(k[:, None] - k[None, :]).mean())


def expected_disagreement(a: Ints, b: Ints) -> Floats:
    """D_e per item from the schools themselves: mean distance between answers of a and b of *different* schools.

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
    both, schools = (a.sum(axis=-1) > 0) & (b.sum(axis=-1) > 0), _schools(a, b)
    k = np.arange(a.shape[-1])
    apart = np.abs(k[:, None] - k[None, :]).astype(float)
    means = [ratio(np.nan_to_num(shares(c) * both[..., None]).sum(axis=0), schools[:, None]) for c in (a, b)]
    over_all = np.einsum("ik,kl,il->i", means[0], apart, means[1])
    own = ratio(np.nan_to_num(disagreement(a, b)).sum(axis=0), schools)
    return ratio(schools * over_all - own, np.where(schools > 1, schools - 1, 0))


def reference_table(
    responses: pd.DataFrame, checklist: Instrument, a: str = "director", b: str = "teacher", version: str = ""
) -> pd.DataFrame:
    """Expected disagreement per item of a cohort, to keep and to hold later schools against.

    Parameters
    ----------
    version
        How the table is called in the `reference` column of figures made with it; its waves and the number of schools
        where none is given.

    Returns
    -------
    Columns `item, role_a, role_b, d_e, n_schools, version`; `d_e` missing below two schools. Over several waves the
    mean over waves, weighted by schools, so that a school is never held against itself in another year.
    """
    counts = count_answers(responses, checklist)
    waves, parts = sorted(counts.units["wave"].unique()), []
    for wave in waves:
        sides = _sides_of(counts, wave, a, b)
        facts = {"item": checklist.item_ids, "d_e": expected_disagreement(*sides), "n_schools": _schools(*sides)}
        parts.append(pd.DataFrame(facts))
    table = pd.concat(parts) if parts else pd.DataFrame({"item": checklist.item_ids, "d_e": np.nan, "n_schools": 0})
    known = table.dropna(subset="d_e").assign(weighted=lambda t: t["d_e"] * t["n_schools"])
    summed = known.groupby("item")[["weighted", "n_schools"]].sum().reindex(checklist.item_ids, fill_value=0)
    d_e = ratio(summed["weighted"].to_numpy(), summed["n_schools"].to_numpy())
    facts = {"item": checklist.item_ids, "role_a": a, "role_b": b, "d_e": d_e}
    name = version or f"{COHORT} {', '.join(waves)} ({counts.units['school'].nunique()})"
    return pd.DataFrame(facts | {"n_schools": summed["n_schools"].to_numpy(), "version": name})


def _sides_of(counts: Counts, wave: str, a: str, b: str) -> tuple[Ints, Ints]:
    here = counts.answers[(counts.units["wave"] == wave).to_numpy()]
    return here[:, counts.roles.index(a)], here[:, counts.roles.index(b)]


def _schools(a: Ints, b: Ints) -> Ints:
    """In how many schools both answered, per item."""
    number: Ints = ((a.sum(axis=-1) > 0) & (b.sum(axis=-1) > 0)).sum(axis=0)
    return number


def cohort_kappa(
    responses: pd.DataFrame, checklist: Instrument, a: str = "director", b: str = "teacher"
) -> pd.DataFrame:
    """Agreement of two roles over all schools together, per wave and step: one figure for a cohort.

    Parameters
    ----------
    responses
        Of all schools; an item counts for the schools in which both roles answered it.

    Returns
    -------
    Columns `wave, step, role_a, role_b, kappa, d_o, d_e, n_schools`: kappa = 1 - sum_i mean_s D_o / sum_i D_e, over the
    items with a `d_e` (two schools or more), `d_o` and `d_e` means over these items, `n_schools` the most schools of
    any of them; missing where there is none, and where everyone everywhere answers alike.
    """
    counts, steps = count_answers(responses, checklist), step_matrix(checklist)
    parts = []
    for wave in sorted(counts.units["wave"].unique()):
        first, second = _sides_of(counts, wave, a, b)
        d_e, schools = expected_disagreement(first, second), _schools(first, second)
        d_o = np.where(np.isnan(d_e), np.nan, ratio(np.nan_to_num(disagreement(first, second)).sum(axis=0), schools))
        observed, expected = mean_over(d_o, steps), mean_over(d_e, steps)
        figures = {"kappa": 1 - ratio(observed, np.round(expected, 15)), "d_o": observed, "d_e": expected}
        n_schools = (schools[:, None] * steps).max(axis=0)
        facts = {"wave": wave, "step": [step.number for step in checklist.steps], "role_a": a, "role_b": b}
        parts.append(pd.DataFrame(facts | figures | {"n_schools": n_schools}))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COHORT_KAPPA)


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
    """Sampling variance of a school's mean share: P~ (1 - P~) D / n with P~ = (n P + 4 · mean) / (n + 4).

    Parameters
    ----------
    share, n
        The school's figure (0..1) and its respondents.
    design
        The moderated D of `toolkit.measures.interval.moderated_wilson`.
    """
    moved = (n * share + 4 * np.nanmean(share)) / (n + 4)
    variance: Floats = moved * (1 - moved) * design / n
    return variance


def paule_mandel(y: ArrayLike, v: ArrayLike) -> float:
    """Variance between schools, by Paule & Mandel (1982): the tau² at which the weighted squares sum to S - 1.

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
    value, variance, known = _values_of(y, v)
    value, variance = value[known], variance[known]
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
    """Shrink school values towards their mean: B = v / (v + tau²), posterior mean B · mean + (1 - B) · y.

    Parameters
    ----------
    y, v
        As in `paule_mandel`; a school without a value has none here either.

    Notes
    -----
    sd² = (1 - B) v + B² / sum 1 / (v + tau²), which counts that the mean is estimated too. Shrunk values serve maps
    of a cohort; a school's own report always shows its own value.
    """
    value, variance, known = _values_of(y, v)
    tau2 = paule_mandel(y, v)
    pull = variance / (variance + tau2)
    weight = 1 / (variance[known] + tau2)
    mean = float(ratio((weight * value[known]).sum(), weight.sum()))
    spread = np.where(known, (1 - pull) * variance + ratio(pull**2, weight.sum()), np.nan)
    return Shrunk(mean, tau2, pull * mean + (1 - pull) * value, np.sqrt(spread))


def _values_of(y: ArrayLike, v: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Values, variances, and which schools have both."""
    value, variance = np.asarray(y, dtype=float), np.asarray(v, dtype=float)
    if (variance <= 0).any():
        raise ValueError("v: a sampling variance must be above 0")
    return value, variance, ~(np.isnan(value) | np.isnan(variance))
