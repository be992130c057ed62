"""Groups of schools over the years: hand-computed trends, changes compared, and who made a change."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import toolkit as tk
from tests.support.forms import same_everywhere, table

CHECKLIST = tk.load_instrument()
RAW = tk.Policy(audience="researcher")
TEACHERS = "measure == 'level' and role == 'teacher' and step == 2"
YEARS = ("2023-2024", "2024-2025", "2025-2026")


def codes(number: int, start: int = 0) -> list[str]:
    return [f"98AA{index:02d}" for index in range(start, start + number)]


def forms(answers: dict[str, dict[str, int]]) -> pd.DataFrame:
    """Three teachers of each school and wave who answer alike."""
    return table(
        *(
            same_everywhere("teacher", int(answer), 3, school=school, wave=wave)
            for wave, of_school in answers.items()
            for school, answer in of_school.items()
        )
    )


@pytest.fixture(scope="module")
def panel() -> tuple[pd.DataFrame, np.ndarray]:
    """Three years of 12 schools, of which each level is known."""
    levels = np.array([[i % 2, i % 3, i // 4] for i in range(12)])
    answers = {wave: dict(zip(codes(12), levels[:, year], strict=True)) for year, wave in enumerate(YEARS)}
    return forms(answers), 50.0 * levels


def test_a_trend_is_the_mean_slope_of_schools_that_come_every_year(panel):
    responses, levels = panel
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, dict.fromkeys(codes(12), "all"), policy=RAW)
    row = tk.cohort_trends(cohorts).query(TEACHERS).iloc[0]
    slopes = (levels[:, 2] - levels[:, 0]) / 2
    assert row["trend"] == pytest.approx(slopes.mean())
    low, high = stats.t.interval(0.95, 11, slopes.mean(), stats.sem(slopes))
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))
    assert (row["n_waves"], row["n_schools"], row["wave_a"], row["wave_b"]) == (3, 12, YEARS[0], YEARS[2])


def test_a_protected_trend_is_that_of_the_shown_means_and_needs_three_of_them(panel):
    responses, _ = panel
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, dict.fromkeys(codes(12), "all"))
    means = tk.compare_cohorts(cohorts).query(TEACHERS)["estimate"].to_numpy()
    assert tk.cohort_trends(cohorts).query(TEACHERS)["trend"].iloc[0] == pytest.approx((means[2] - means[0]) / 2)
    few_in_second_year = responses[~(responses["wave"].eq(YEARS[1]) & responses["school"].gt("98AA03"))]
    hidden = tk.cohort_trends(tk.prepare_cohorts(few_in_second_year, CHECKLIST, dict.fromkeys(codes(12), "all"))).query(
        TEACHERS
    )
    assert hidden["suppressed"].all()
    assert hidden["trend"].isna().all()
    assert hidden["why"].tolist() == ["too few schools"]
    assert tk.cohort_trends(
        tk.prepare_cohorts(responses[responses["wave"] != YEARS[0]], CHECKLIST, {"98AA00": "a"})
    ).empty


def test_a_difference_in_differences_is_welchs_over_the_changes_of_schools(panel):
    responses, levels = panel
    groups = {code: "ab"[index % 5 > 1] for index, code in enumerate(codes(12))}
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, groups, policy=RAW)
    row = tk.change_differences(cohorts, waves="all").query(TEACHERS + f" and wave_a == '{YEARS[0]}'").iloc[0]
    changes = {name: (levels[:, 1] - levels[:, 0])[[groups[code] == name for code in codes(12)]] for name in "ab"}
    welch = stats.ttest_ind(changes["a"], changes["b"], equal_var=False)
    assert (row["difference"], row["p"]) == (
        pytest.approx(changes["a"].mean() - changes["b"].mean()),
        pytest.approx(welch.pvalue),
    )
    interval = welch.confidence_interval()
    assert (row["low"], row["high"]) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert (row["n_schools_a"], row["n_schools_b"]) == (len(changes["a"]), len(changes["b"]))


def test_a_difference_in_differences_is_hidden_with_either_change(panel):
    responses, _ = panel
    groups = {code: "a" if index < 4 else "b" for index, code in enumerate(codes(12))}
    differences = tk.change_differences(tk.prepare_cohorts(responses, CHECKLIST, groups)).query(TEACHERS)
    assert differences["suppressed"].all()
    assert differences[["difference", "low", "effect", "p"]].isna().all(axis=None)


def test_panel_and_cross_section_differ_by_who_joined_and_left():
    stay = {code: index % 2 for index, code in enumerate(codes(12))}
    before = stay | {code: 1 + index % 2 for index, code in enumerate(codes(6, 20))}
    after = stay | {code: index % 2 for index, code in enumerate(codes(6, 30))}
    groups = dict.fromkeys([*before, *after], "all")
    cohorts = tk.prepare_cohorts(forms({YEARS[0]: before, YEARS[1]: after}), CHECKLIST, groups)
    row = tk.panel_and_cross_section(tk.compare_cohorts(cohorts), tk.cohort_changes(cohorts)).query(TEACHERS).iloc[0]
    mean_before, mean_after = (12 * 25 + 6 * 75) / 18, 25
    assert row["panel"] == 0
    assert row["cross_section"] == pytest.approx(mean_after - mean_before, abs=2)
    assert row["composition"] == row["cross_section"]
    assert (row["n_panel"], row["n_a"], row["n_b"]) == (12, 18, 18)
