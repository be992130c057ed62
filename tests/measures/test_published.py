"""Published figures are reproduced by the functions the product itself uses. Each case names its source."""

import numpy as np
import pytest

import toolkit as tk
from toolkit.cohorts.shrinkage import empirical_bayes, paule_mandel, school_variance
from toolkit.measures.agreement import split_of
from toolkit.measures.consensus import consensus_of
from toolkit.measures.intervals import wilson
from toolkit.measures.kappa import disagreement, two_group_kappa, uniform_disagreement

ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]
COHEN_1968 = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
FLEISS_1969 = [[106, 10, 4], [22, 28, 10], [2, 12, 6]]
SAS = [[0, 4, 1], [0, 8, 0], [0, 1, 5]]
COHEN_WEIGHTS = [[1, 5 / 6, 1 / 2], [5 / 6, 1, 0], [1 / 2, 0, 1]]

# thirteen trials of BCG vaccine: log risk ratios and their variances (Colditz et al. 1994), from the counts
BCG = [
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
    (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
    (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
]  # fmt: skip


def raters(contingency):
    """One rater on each side: counts per unit and category."""
    table = np.array(contingency)
    first, second = np.indices(table.shape)
    units = table.ravel()
    eye = np.eye(len(table))
    return np.repeat(eye[first.ravel()], units, axis=0), np.repeat(eye[second.ravel()], units, axis=0)


@pytest.mark.parametrize(
    ("contingency", "weights", "expected", "tolerance", "source"),
    [
        (ABSTRACTORS, "nominal", 0.7964094, 6e-8, "Gwet, irrCAC, cont3x3abstractors"),
        (ABSTRACTORS, "linear", 0.842902028, 6e-8, "R irrCAC 1.0"),
        (COHEN_1968, COHEN_WEIGHTS, 0.348, 6e-4, "Cohen (1968)"),
        (FLEISS_1969, "nominal", 0.429, 6e-4, "Fleiss, Cohen & Everitt (1969)"),
        (SAS, "nominal", 0.4842, 6e-5, "SAS/STAT, PROC FREQ"),
    ],
)
def test_one_rater_on_each_side_is_cohens_kappa(contingency, weights, expected, tolerance, source):
    assert two_group_kappa(*raters(contingency), weights) == pytest.approx(expected, abs=tolerance), source


def test_uniform_kappa_is_linear_brennan_prediger():
    a, b = (group.astype(int) for group in raters(ABSTRACTORS))
    kappa = 1 - disagreement(a, b).mean() / uniform_disagreement(3)
    assert kappa == pytest.approx(0.87625, abs=6e-8), "R irrCAC 1.0"


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([30, 40, 210, 130, 530, 50, 10], 0.5973333333), ([1, 1, 1], 1 / 9), ([0, 3, 7], 0.58), ([4, 2, 4], 0.04),
        ([0, 1, 1], 0.5), ([1, 5, 14], 0.485), ([0, 10, 0], 1),
    ],
)  # fmt: skip
def test_blair_and_lacys_l2(counts, expected):
    assert consensus_of(np.array(counts), unbiased=False) == pytest.approx(expected, abs=1e-9), "R agrmt 1.42.12"


def test_the_corrected_consensus_of_two_opposed_is_minus_one_and_of_three_alike_one():
    assert consensus_of(np.array([[1, 0, 1], [0, 3, 0]])).tolist() == [-1, 1]


def test_cliffs_delta_is_lower_minus_higher():
    """Hogarty & Kromrey (1999): delta of x over y is -0.25; x plays the reference."""
    values = [10, 20, 30, 40, 50]
    x, y = ([group.count(value) for value in values] for group in (
        [10, 10, 20, 20, 20, 30, 30, 30, 40, 50], [10, 20, 30, 40, 40, 50]))  # fmt: skip
    split = split_of(np.array([x]), np.array([y]))
    assert float(split["lower"][0] - split["higher"][0]) == pytest.approx(-0.25, abs=1e-12)


def test_the_split_of_three_items_by_hand():
    """1.1: Ja against Ja, Beetje, Nee, Ja. 1.2: Beetje against Beetje twice and Nee. 1.3: Nee against all three."""
    checklist = tk.load_instrument()
    answers = {"director": [[2, 1, 0]], "teacher": [[2, 1, 1], [1, 1, 2], [0, None, 0], [2, 0, 0]]}
    rows = [
        {"school": "99AA00", "wave": "2025-2026", "role": role, **dict(zip(("1.1", "1.2", "1.3"), form, strict=True))}
        for role, forms in answers.items()
        for form in forms
    ]
    row = tk.agreement(tk.make_responses(rows, checklist), checklist).iloc[0]
    split = row[["same", "lower", "higher", "opposite"]].astype(float)
    expected = [(2 / 4 + 2 / 3 + 2 / 4) / 3, (2 / 4 + 1 / 3 + 0) / 3, (0 + 0 + 2 / 4) / 3, (1 / 4 + 0 + 1 / 4) / 3]
    assert split.tolist() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("successes", "n", "low"), [(81, 263, 0.2553), (15, 148, 0.0624), (0, 20, 0), (1, 29, 0.0061)])
def test_wilsons_interval(successes, n, low):
    lower_bounds, _ = wilson(np.array(successes / n), np.array(float(n)), np.array(1.959963985))
    assert lower_bounds == pytest.approx(low, abs=6e-5), "Newcombe (1998)"


def bcg():
    a, b, c, d = np.array(BCG, dtype=float).T
    return np.log((a / (a + b)) / (c / (c + d))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def test_paule_mandel_and_empirical_bayes():
    y, v = bcg()
    assert paule_mandel(y, v) == pytest.approx(0.3180684522, abs=1e-9), "R metafor 3.8-1"
    shrunk = empirical_bayes(y, v)
    assert shrunk.mean == pytest.approx(-0.7149681535, abs=1e-9)
    assert shrunk.posterior_mean[[0, 12]] == pytest.approx([-0.8011217904, -0.1452194687], abs=1e-8)
    assert shrunk.posterior_sd[[0, 12]] == pytest.approx([0.4114170996, 0.2437487151], abs=1e-8)


def test_schools_that_differ_as_chance_has_it_have_no_variance_between_them():
    assert paule_mandel(np.array([0.5, 0.5, 0.5]), np.full(3, 0.01)) == 0
    assert np.isnan(paule_mandel(np.array([0.5]), np.array([0.01])))
    shrunk = empirical_bayes(np.array([0.4, 0.5, 0.6]), np.full(3, 0.01))
    assert shrunk.posterior_mean.tolist() == pytest.approx([0.5, 0.5, 0.5])


def test_a_schools_variance_is_of_its_share_moved_towards_the_mean():
    variance = school_variance(np.array([1.0, 0.5]), np.array([6, 20]), np.array([0.5, 0.5]))
    shrunken = (6 * 1 + 4 * 0.75) / 10
    assert variance[0] == pytest.approx(shrunken * (1 - shrunken) * 0.5 / 6)
    assert (variance > 0).all(), "a school where everyone says Ja is not certain"


def test_the_attainable_maximum_and_pairs_of_different_units():
    """Two units, both groups divided 1:1 in each: agreement of the groups can't be told from their own division."""
    divided = np.array([[1, 1], [1, 1]])
    assert two_group_kappa(divided, divided, "nominal", maximum="one") == pytest.approx(0)
    a, b = np.array([[2, 0], [0, 2], [1, 1]]), np.array([[1, 0], [0, 1], [0, 0]])
    assert two_group_kappa(a, b, "linear") == 1, "the unit that b did not rate is left out"
    assert two_group_kappa(a, b, "linear", same_unit=False) == 1
    assert np.isnan(two_group_kappa(a[:1], b[:1], same_unit=False))
    with pytest.raises(ValueError, match="weights"):
        two_group_kappa(a, b, "cubic")
    with pytest.raises(ValueError, match="maximum"):
        two_group_kappa(a, b, maximum="most")
    for wrong, weights in ((b[:, :1], "linear"), (b[:2], "linear"), (b, np.eye(3))):
        with pytest.raises(ValueError, match="categories"):
            two_group_kappa(a, wrong, weights)


def test_units_that_a_group_did_not_rate_may_be_missing_in_any_way():
    a, b = np.array([[3, 1], [0, 4], [2, 2], [1, 3]]), np.array([[2, 0], [1, 1], [0, 0], [1, 1]])
    unrated = np.where(np.arange(4)[:, None] == 2, np.nan, b)
    assert two_group_kappa(a, unrated) == two_group_kappa(a, b) == two_group_kappa(a[[0, 1, 3]], b[[0, 1, 3]])


def test_schools_without_a_value_are_left_out_of_the_variance_and_the_shrinking():
    y, v = bcg()
    holes, every_other = np.insert(y, [0, 5], np.nan), np.insert(v, [0, 5], 0.1)
    assert paule_mandel(list(holes), list(every_other)) == paule_mandel(y, v)
    shrunk, without_holes = empirical_bayes(list(holes), list(every_other)), empirical_bayes(y, v)
    assert shrunk.posterior_mean[~np.isnan(holes)].tolist() == without_holes.posterior_mean.tolist()
    assert np.isnan(shrunk.posterior_sd[np.isnan(holes)]).all()
    assert np.isnan(empirical_bayes([], []).mean)
    with pytest.raises(ValueError, match="above 0"):
        paule_mandel([0.5, 0.6], [0.01, 0])
