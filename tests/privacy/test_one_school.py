"""An attacker with integer programs over all that is shown of one school; the soak attacks thousands."""

import numpy as np

import toolkit as tk
from tests.support import one_school, showings, together

CHECKLIST = tk.load_instrument()
ITEMS = list(CHECKLIST.item_ids)


def test_nothing_that_the_counts_leave_open_follows_from_all_that_is_shown():
    assert one_school.schools_found(3, 5) == set()
    assert len(one_school.schools_found(3, 5, together.exact_levels)) >= 3, "a researcher's table does tell"


def test_the_other_world_has_the_shown_counts_and_others_in_hidden_groups_and_profiles():
    truth = together.random_schools(5, 8)
    low, high = (one_school.worlds(truth, toward, 5) for toward in (1.0, -1.0))
    shown = [tk.item_table(tk.protect(table, CHECKLIST), CHECKLIST) for table in (truth, low, high)]
    assert shown[0].equals(shown[1])
    assert shown[0].equals(shown[2])
    grouped = truth["role"].ne("director").to_numpy()
    levels = [table.loc[grouped].groupby(["school", "role"], observed=True)[ITEMS].mean().mean(axis=1)
              for table in (low, high)]  # fmt: skip
    n = truth.loc[grouped].groupby(["school", "role"], observed=True).size()
    hidden = n[n < 5].index
    assert len(hidden) > 3
    assert ((levels[1] - levels[0])[hidden].abs() > 0).all(), "a hidden group can have answered lower and higher"
    profiles = [table.loc[grouped, ITEMS[:8]].fillna(3).to_numpy(dtype=int) for table in (truth, low)]
    assert (profiles[0] == profiles[1]).all(axis=1).mean() < 0.1


def test_the_answers_of_a_few_people_do_not_follow_from_three_showings(tmp_path):
    assert one_school.persons_certain(0, 4, tmp_path / "a", showings.careful) == set()
    assert one_school.persons_certain(0, 4, tmp_path / "b", showings.careless) != set()


def test_the_program_finds_a_newcomer_whose_answer_two_showings_give():
    """Six people in the first showing, and one more in the second: the counts differ by the newcomer's answer."""
    size, true = np.array([6, 1]), np.array([[2.0, 2, 2, 0], [0, 1, 0, 0]])
    inside = np.array([[True, False], [True, True]])
    expected = np.array([[2.0, 2, 2], [2, 3, 2]])
    assert one_school._fixed([1], inside, expected, size, true)
    assert not one_school._fixed([1], inside[1:], expected[1:], size, true)
