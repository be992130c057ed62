"""The correlation that the intervals assume, estimated from cohorts of which it is known."""

import numpy as np
import pytest

import toolkit as tk
from benchmarks import coverage
from toolkit.core.errors import ToolkitError
from toolkit.measures.intervals import PERSON_CORRELATION

CHECKLIST = tk.load_instrument()


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
def test_the_correlation_of_a_known_cohort_lies_within_its_interval(correlation):
    """With a stock answer per step the answers of one person are correlated as said, in every population."""
    cell = coverage.Cell(12, correlation, "balanced", stock=True)
    answers = coverage.draw(cell, 80, np.random.default_rng(5), CHECKLIST)
    estimated = tk.estimate_person_correlation(coverage.responses(answers, CHECKLIST), CHECKLIST)
    assert estimated["step"].isna().tolist() == [False] * 5 + [True]
    over_all = estimated.iloc[-1]
    assert over_all["low"] < correlation < over_all["high"]
    assert over_all["high"] - over_all["low"] < 0.1
    assert (over_all["n_schools"], over_all["n"]) == (80, 960)


def test_blanks_and_differences_between_items_and_schools_are_no_correlation():
    rng = np.random.default_rng(8)
    forms = [
        {"school": f"S{school}", "wave": "w", "role": "teacher"}
        | {item: min(2, max(0, number % 3 + school % 2 + int(rng.integers(-1, 2))))
           for number, item in enumerate(CHECKLIST.item_ids) if rng.random() > 0.3}
        for school in range(60) for _ in range(9)
    ]  # fmt: skip
    correlation = tk.estimate_person_correlation(tk.make_responses(forms, CHECKLIST)).iloc[-1]
    assert correlation["low"] < 0 < correlation["high"] < PERSON_CORRELATION


def test_one_school_has_no_interval_and_an_unknown_role_is_refused():
    table = tk.samples.responses(CHECKLIST, schools=1, waves=1, seed=1)
    assert tk.estimate_person_correlation(table, CHECKLIST)[["low", "high"]].isna().all().all()
    with pytest.raises(ToolkitError, match="role 'parent'"):
        tk.estimate_person_correlation(table, CHECKLIST, role="parent")
