"""Reliability over schools is what others publish and what R computes; of one school there is none."""

import subprocess

import numpy as np
import pandas as pd
import pytest

import toolkit as tk
from tests.support.forms import same_everywhere, table
from tests.support.requirements import program
from toolkit.cohorts.reliability import RELIABILITY, cronbach_alpha, intraclass_correlation

CHECKLIST = tk.load_instrument()
SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)


def test_iccs_and_alpha_are_those_of_shrout_and_fleiss():
    correlations = intraclass_correlation(SHROUT_FLEISS.ravel(), np.repeat(range(6), 4))
    published = {"icc1": 0.17, "icc1_low": -0.13, "icc1_high": 0.72, "icc2": 0.44, "icc2_low": -0.88, "icc2_high": 0.91}
    assert {name: round(correlations[name], 2) for name in published} == published
    assert correlations["group_size"] == pytest.approx(4)
    assert [round(value, 2) for value in cronbach_alpha(SHROUT_FLEISS)] == [0.91, 0.68, 0.99]


def test_schools_that_differ_in_nothing_but_chance_have_an_icc_near_nothing():
    rng = np.random.default_rng(3)
    score, school = rng.normal(size=4000), np.repeat(range(400), 10)
    assert abs(intraclass_correlation(score, school)["icc1"]) < 0.03
    planted = score + np.repeat(rng.normal(0, 0.5, 400), 10)  # a fifth of the variance lies between schools
    assert intraclass_correlation(planted, school)["icc1"] == pytest.approx(0.2, abs=0.05)


def test_a_mean_of_more_people_tells_schools_apart_better_but_two_people_are_no_more_alike():
    small_teams, large_teams = (
        tk.reliability(tk.samples.responses(schools=200, waves=1, teachers=(n, n)), CHECKLIST) for n in (4, 30)
    )
    rows = [table[table["role"].eq("teacher")].set_index("step") for table in (small_teams, large_teams)]
    assert (rows[1]["icc2"] > rows[0]["icc2"]).all()
    assert (rows[1]["icc1"] - rows[0]["icc1"]).abs().max() < 0.1
    assert rows[0]["group_size"].between(3.9, 4).all()


def test_one_school_has_no_reliability_and_says_why():
    single_school = tk.reliability(tk.samples.responses(schools=1, waves=1), CHECKLIST)
    assert single_school[RELIABILITY].isna().all(axis=None)
    assert set(single_school["reason"]) == {"too few schools"}


def test_where_nobody_differs_there_is_no_reliability_and_it_says_why():
    forms = table(*(same_everywhere("teacher", 2, 5, school=f"98A{letter}00") for letter in "ABC"))
    reliability = tk.reliability(forms, CHECKLIST)
    assert reliability["icc1"].isna().all()
    assert set(reliability["reason"]) == {"no spread"}
    assert tk.item_total(forms, CHECKLIST)["item_rest"].isna().all()


def test_an_item_that_goes_against_its_step_is_found():
    forms = tk.samples.responses(schools=60, waves=1)
    forms["3.4"] = 2 - forms["3.4"]
    items = tk.item_total(forms, CHECKLIST).query("role == 'teacher' and step == 3").set_index("item")
    alpha_of_step = tk.reliability(forms, CHECKLIST).query("role == 'teacher' and step == 3")["alpha"].item()
    assert items["item_rest"].idxmin() == items["alpha_without"].idxmax() == "3.4"
    assert items.loc["3.4", "item_rest"] < 0 < items["item_rest"].drop("3.4").min()
    assert items.loc["3.4", "alpha_without"] > alpha_of_step


@pytest.mark.r
def test_r_finds_the_same_in_schools_of_unequal_size(tmp_path):
    forms = tk.samples.responses(schools=25, waves=1, teachers=(2, 20))
    teachers = forms[forms["role"].eq("teacher")]
    items = [item.id for item in CHECKLIST.step(2).items]
    answers = teachers[items].astype(float)
    answers = answers[2 * answers.notna().sum(axis=1) >= len(items)]
    people = answers.assign(school=teachers["school"], score=answers.mean(axis=1))
    people.to_csv(tmp_path / "people.csv", index=False)
    code = """
      d <- read.csv('people.csv')
      a <- summary(aov(score ~ factor(school), d))[[1]]$`Mean Sq`
      n <- table(d$school); k <- (sum(n) - sum(n^2) / sum(n)) / (length(n) - 1)
      c <- cov(d[startsWith(names(d), 'X')], use = 'pairwise.complete.obs'); m <- ncol(c)
      cat((a[1] - a[2]) / (a[1] + (k - 1) * a[2]), (a[1] - a[2]) / a[1], m / (m - 1) * (1 - sum(diag(c)) / sum(c)))
    """
    run = [program("Rscript"), "-e", code]
    out = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    reliability = tk.reliability(forms, CHECKLIST).query("role == 'teacher' and step == 2").iloc[0]
    assert [reliability.icc1, reliability.icc2, reliability.alpha] == pytest.approx(
        [float(value) for value in out.split()], abs=1e-6
    )


def test_every_role_step_and_wave_has_its_row():
    forms = tk.samples.responses(schools=6, waves=2)
    reliability = tk.reliability(forms, CHECKLIST)
    assert len(reliability) == 2 * 3 * 5
    assert len(tk.item_total(forms, CHECKLIST)) == 2 * 3 * 33
    assert isinstance(reliability, pd.DataFrame)
