"""Weighted means: as by hand, as the unweighted ones where all weights are equal, and no school follows from them."""

import numpy as np
import pandas as pd
import pytest

import toolkit as tk
from toolkit.cohorts.weights import Weights

CHECKLIST = tk.load_instrument()
RESEARCHER = tk.Policy(audience="researcher")
WAVE = "2024-2025"


@pytest.fixture(scope="module")
def cohort() -> tuple[pd.DataFrame, pd.DataFrame]:
    forms = tk.samples.responses(schools=30, waves=1)
    return forms, pd.DataFrame({"school": sorted(forms["school"].unique()), "all": "all"})


def weighting(schools: pd.DataFrame, weight: object) -> Weights:
    table = schools[["school"]].assign(wave=WAVE, weight=weight).astype({"weight": "float64"})
    return Weights(table, "size", ("teacher",), (), {})


def test_equal_weights_give_the_unweighted_means_and_intervals(cohort):
    forms, schools = cohort
    ours = tk.weighted_means(forms, CHECKLIST, schools, weighting(schools, 1), "all", policy=RESEARCHER)
    plain = tk.compare_cohorts(forms, CHECKLIST, schools, "all", policy=RESEARCHER)
    keys = ["measure", "role", "step"]
    merged = ours.merge(plain, on=keys, suffixes=("", "_plain"))
    for name in ("estimate", "low", "high"):
        np.testing.assert_allclose(merged[name], merged[f"{name}_plain"], atol=1e-9)
    assert (ours["n_effective"] == 30).all()


def test_a_weighted_mean_is_that_of_numpy(cohort):
    forms, schools = cohort
    weight = np.arange(1, 31)
    table = tk.weighted_means(forms, CHECKLIST, schools, weighting(schools, weight), "all", policy=RESEARCHER)
    levels = tk.levels(forms, CHECKLIST).query("role == 'teacher' and step == 4").sort_values("school")
    row = table.query("measure == 'level' and role == 'teacher' and step == 4").iloc[0]
    assert row["estimate"] == pytest.approx(np.average(levels["level"], weights=weight))
    assert row["n_effective"] == pytest.approx(weight.sum() ** 2 / (weight**2).sum())


def test_a_school_that_dominates_is_not_shown_in_a_mean(cohort):
    forms, schools = cohort
    weight = np.r_[100.0, np.ones(29)]
    table = tk.weighted_means(forms, CHECKLIST, schools, weighting(schools, weight), "all")
    assert table["suppressed"].all()
    assert table[["estimate", "low", "high", "n_schools", "n_effective"]].isna().all(axis=None)
    assert set(table["why"]) == {"too few schools"}


@pytest.mark.parametrize("largest", [1.0, 2.0, 4.0])
def test_a_published_weighted_sum_is_not_known_to_less_than_twenty_points_of_the_largest_school(cohort, largest):
    """The attacker knows all weights, and takes the rounding from the figures themselves."""
    forms, schools = cohort
    weight = np.r_[largest, np.ones(29)]
    table = tk.weighted_means(forms, CHECKLIST, schools, weighting(schools, weight), "all")
    level = table.query("measure == 'level'")["estimate"]
    assert level.notna().all()
    rounding = np.gcd.reduce(np.round(level * 1000).astype(int)) / 1000
    assert rounding * weight.sum() / largest >= 20
