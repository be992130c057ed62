"""The 95% intervals hold what they promise: a short form of `python -m benchmarks.coverage`, with fixed seeds."""

import numpy as np
import pandas as pd
import pytest

import toolkit as tk
from benchmarks import coverage
from toolkit.measures import intervals as interval
from toolkit.measures.intervals import jackknife, without_one
from toolkit.measures.level import sampled_forms
from toolkit.responses import count_answers, step_matrix

CHECKLIST = tk.load_instrument()
EFFORT = coverage.Effort(schools=500, jackknifed=0, bootstrapped=0, replicates=0)
CELLS = [
    coverage.Cell(teachers, correlation, population)
    for teachers in (3, 5, 30)
    for correlation in (0.0, 0.6)
    for population in ("balanced", "strongly skewed")
]


def ours(cells):
    table = coverage.run(cells, EFFORT)
    return table[(table["measure"] != "consensus") & (table["trials"] > 0)]


def test_intervals_hold_what_they_promise():
    rates = ours(CELLS)
    assert set(rates["measure"]) == {*coverage.PER_PERSON}
    assert set(rates["items"]) == {3, 7, 8}
    for method in coverage.PRODUCT:
        covered = rates.loc[rates["method"] == method, "coverage"]
        assert covered.between(0.92, 1).all(), coverage.below(rates, 0.92).to_string()
        assert 0.96 < covered.mean() < 0.99


def test_they_are_narrower_than_the_moderated_wilson_at_no_cost():
    """The interval score: width, and twenty points for every point that the true value lies outside."""
    cells = [coverage.Cell(n, r, p) for n in (3, 8, 15) for r in (0.0, 0.6) for p in ("balanced", "strongly skewed")]
    scores = coverage.mean_scores(coverage.run(cells, coverage.Effort(400, 0, 0, 0)))
    assert scores.loc[3, "ours"] <= scores.loc[3, "moderated Wilson"]
    assert scores.loc[8, "ours"] < scores.loc[8, "moderated Wilson"]
    assert scores.loc[15, "ours"] <= 0.9 * scores.loc[15, "moderated Wilson"]


def test_with_the_size_of_the_team_known_they_hold_and_are_half_as_wide():
    rates = pd.concat([coverage.known_size(n, r, 300) for n in (8, 20) for r in (0.0, 0.6)])
    assert rates["coverage"].min() > 0.9
    assert rates["coverage"].mean() > 0.96
    assert rates["width"].mean() < 0.5 * rates["width_unknown"].mean()


def test_without_the_prior_the_same_cells_fall_short(monkeypatch):
    """The simulation sees it when an interval is too narrow."""
    monkeypatch.setattr(interval, "COLLEAGUES", 1e-9)
    monkeypatch.setattr(interval, "PERSON_CORRELATION", 0.0)
    assert ours([coverage.Cell(8, 0.6, "strongly skewed")])["coverage"].min() < 0.9


def test_consensus_has_an_interval_from_five_and_it_holds_where_a_plain_one_does_not():
    cell, effort = coverage.Cell(5, 0.6, "strongly skewed"), coverage.Effort(500, 500, 500, 0)
    answers = coverage.draw(cell, effort.schools, np.random.default_rng(3), CHECKLIST)
    value = coverage.true_consensus(cell, CHECKLIST)
    intervals = {name: ends for _, name, ends in coverage.product_intervals(answers, CHECKLIST)}
    plain = coverage.jackknife_of_consensus(coverage.distances(answers, CHECKLIST))
    assert is_within(intervals["consensus"], value).min() > 0.93
    assert is_within(plain, value).min() < 0.75
    three = coverage.product_intervals(answers[:5, :4], CHECKLIST)
    assert "consensus" not in {name for _, name, _ in three}
    within = tk.consensus(coverage.responses(answers[:5, :4], CHECKLIST), CHECKLIST)
    assert within["consensus_low"].isna().all()


def test_of_a_stock_answer_the_answers_themselves_hang_together_as_said():
    """Through a normal they do so less: what is promised to 0.6 there is no promise for answers correlated 0.6."""
    rng = np.random.default_rng(11)
    correlations = {}
    for stock in (False, True):
        answers = coverage.draw(coverage.Cell(30, 0.6, "balanced", stock), 400, rng, CHECKLIST)
        correlations[stock] = np.corrcoef(answers[:, :, 0].ravel(), answers[:, :, 1].ravel())[0, 1]
        assert np.bincount(answers.ravel()) / answers.size == pytest.approx([1 / 3] * 3, abs=0.01)
    assert correlations[True] == pytest.approx(0.6, abs=0.03)
    assert correlations[False] == pytest.approx(0.5, abs=0.03)


def is_within(ends, value):
    low, high = ends
    return ((low <= value) & (value <= high)).mean(axis=0)


def test_the_error_by_leaving_out_one_is_that_of_resampling_respondents():
    """A bootstrap's variance divides by n where the jackknife divides by n - 1; for the rest they are the same."""
    schools, replicates, n = 12, 600, 15
    rng = np.random.default_rng(15)
    answers = coverage.draw(coverage.Cell(n, 0.3, "items differ"), schools, rng, CHECKLIST)
    resampled = rng.integers(n, size=(schools, replicates, n))
    drawn = answers[np.arange(schools)[:, None, None], resampled].reshape(-1, n, answers.shape[2])
    table = coverage.responses(drawn, CHECKLIST)
    level = tk.levels(table, CHECKLIST).query("role == 'teacher'")["level"].to_numpy() / 100
    pairs = tk.agreement(table, CHECKLIST, a="care")
    figures = {name: pairs[name].to_numpy() for name in ("same", "lower", "higher", "linear")} | {"level": level}
    for name, values in figures.items():
        variance = values.reshape(schools, replicates, 5).var(axis=1)
        ratio = squared_error(answers, name) * (n - 1) / n / variance
        simulation_error = np.sqrt(2 / replicates)
        assert ratio == pytest.approx(1, abs=4 * simulation_error), name
        assert ratio.mean() == pytest.approx(1, abs=3 * simulation_error / np.sqrt(ratio.size)), name


def squared_error(answers, name):
    """SE² of each school and step from the product's own jackknife, the mixed side being fixed."""
    counts = count_answers(coverage.responses(answers, CHECKLIST), CHECKLIST)
    teacher = counts.roles.index("teacher")
    contributions = coverage.what_each_gives(coverage.fixed_answers("care", CHECKLIST))[name]
    role_answers = counts.answers[:, teacher]
    value = ((role_answers * contributions).sum(axis=-1) / role_answers.sum(axis=-1))[..., None]
    contributions = np.broadcast_to(contributions, role_answers.shape)[..., None]
    forms = sampled_forms(
        counts, np.full(len(role_answers), teacher), step_matrix(CHECKLIST), counts.respondents[:, teacher]
    )
    return jackknife(forms, value, without_one(role_answers, value, contributions))[..., 0]


def test_a_cell_that_holds_too_seldom_is_reported():
    facts = {"measure": "level", "teachers": 3, "correlation": 0.3, "population": "balanced", "side": "", "items": 3}
    rows = [facts | {"method": "ours", "coverage": c, "trials": 2_000, "width": 0.5} for c in (0.95, 0.90, 0.92)]
    table = pd.DataFrame(rows)
    assert coverage.below(table)["beyond_chance"].tolist() == [True, False]
    assert coverage.verdict(table).startswith("FALLS SHORT: 2 of 3 cells, least 90.0%")
    assert coverage.verdict(table[:1]).startswith("HOLDS")
