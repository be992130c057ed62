"""An attacker who knows the code and all that is shown of a school: what follows of who gave which answers together.

The counts per item are shown, and allow many tables of people. The attacker lists them, works out what would be shown
of each, and keeps those that agree with what is. Nothing may narrow the list further than the counts do.
"""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

import toolkit as tk
from tests.support.together import exact_levels, figures, schools_found

CHECKLIST = tk.load_instrument()
ITEMS = [item.id for item in CHECKLIST.step(1).items]
PLACE = {"wave": "2025-2026", "role": "teacher"}


def tables_with_these_counts(counts: list[tuple[int, int, int]]) -> list[np.ndarray]:
    """Every table of people × items with so many Nee, Beetje and Ja per item, people in no order."""
    columns = [np.repeat([0, 1, 2], count) for count in counts]
    tables = {tuple(sorted((answer,) for answer in columns[0]))}
    for column in columns[1:]:
        orders = set(permutations(column.tolist()))
        tables = {
            tuple(sorted((*person, answer) for person, answer in zip(table, order, strict=True)))
            for table in tables for order in orders
        }  # fmt: skip
    return [np.array(table) for table in tables]


def everything_shown(tables: list[np.ndarray]) -> list[bytes]:
    """All figures of step 1 that leave protection, per table; each table is a school of its own, beside a director."""
    rows = [
        {"school": f"S{number:05d}", **PLACE, **dict(zip(ITEMS, person, strict=True))}
        for number, table in enumerate(tables) for person in table.tolist()
    ]  # fmt: skip
    rows += [{"school": f"S{number:05d}", **PLACE, "role": "director", **dict.fromkeys(ITEMS, 2)}
             for number in range(len(tables))]  # fmt: skip
    return [text.encode() for text in figures(tk.make_responses(rows, CHECKLIST), step=1)]


def test_of_six_people_every_table_that_fits_the_counts_fits_all_that_is_shown():
    """Six people on three items: 70 tables fit the counts, and before one of them fitted the report's workbook."""
    counts = [(1, 2, 3), (2, 2, 2), (1, 1, 4)]
    tables = tables_with_these_counts(counts)
    assert len(tables) > 50
    assert len(set(everything_shown(tables))) == 1


def test_no_figure_of_a_group_hangs_on_who_gave_which_answers_together():
    rng, shuffles, tables = np.random.default_rng(5), 5, []
    for people in (5, 9, 12, 13, 20, 30):
        answers = rng.integers(0, 3, (people, 3))
        tables += [np.column_stack([rng.permutation(column) for column in answers.T]) for _ in range(shuffles)]
    shown = everything_shown(tables)
    assert [len(set(shown[first : first + shuffles])) for first in range(0, len(shown), shuffles)] == [1] * 6


def test_from_ten_on_a_figure_is_a_whole_point_or_per_cent():
    rng = np.random.default_rng(10)
    tables = [rng.integers(0, 3, (people, 3)) for people in range(10, 30)]
    rows = [{"school": f"S{number}", **PLACE, **dict(zip(ITEMS, person, strict=True))}
            for number, table in enumerate(tables) for person in table.tolist()]  # fmt: skip
    rows += [{"school": f"S{number}", **PLACE, "role": "director", **dict.fromkeys(ITEMS, 2)} for number in range(20)]
    raw = tk.make_responses(rows, CHECKLIST)
    safe = tk.protect(raw, CHECKLIST)
    for measure, names, unit in (
        (tk.levels, ["level", "level_low", "level_high"], 1),
        (tk.agreement, ["gap", "gap_low", "gap_high"], 1),
        (tk.agreement, ["same", "lower", "higher", "same_low", "linear_high", "yardstick", "kappa_low"], 0.01),
        (tk.consensus, ["consensus", "consensus_low", "consensus_high", "polarisation"], 0.01),
    ):
        shown = measure(safe, CHECKLIST)[names].dropna().to_numpy(dtype=float) / unit
        exact = measure(raw, CHECKLIST)[names].dropna().to_numpy(dtype=float) / unit
        assert len(shown) >= 20
        assert np.abs(shown - shown.round()).max() < 1e-9
        assert np.abs(exact - exact.round()).max() > 0.1, "a researcher's own table is exact"
    split = tk.agreement(safe, CHECKLIST)[["same", "lower", "higher"]].dropna()
    assert split.sum(axis=1).to_numpy() == pytest.approx(1)


def test_a_change_is_that_of_the_levels_that_are_shown():
    from toolkit.measures.level_change import change

    rng = np.random.default_rng(4)
    rows = [{"school": "A", "wave": wave, "role": "teacher", **{item: int(rng.integers(3)) for item in ITEMS}}
            for wave in ("2024-2025", "2025-2026") for _ in range(7)]  # fmt: skip
    row = change(tk.levels(tk.protect(tk.make_responses(rows, CHECKLIST), CHECKLIST), CHECKLIST)).iloc[0]
    assert row["change"] == row["level"] - row["level_before"]
    assert row[["change", "change_low", "change_high"]].astype(float).map(float.is_integer).all()


def test_priorities_of_one_person_stay_hidden_where_every_item_of_the_group_is():
    """Five forms, so the group may be shown; but each answered another item, so no item has five answers."""
    forms = [{"school": "A", **PLACE, "respondent": f"p{n}", item: 2} for n, item in enumerate(CHECKLIST.item_ids[:5])]
    forms += [{"school": "A", **PLACE, "role": "director", "respondent": "d", "1.1": 2}]
    safe = tk.protect(tk.make_responses(forms, CHECKLIST), CHECKLIST)
    marked = pd.DataFrame([{"school": "A", **PLACE, "respondent": "p0", "item": "1.1"}])
    assert tk.priorities(marked, safe, CHECKLIST).empty


@pytest.mark.parametrize("people", [(3, 12), (13, 30)])
def test_an_attacker_of_schools_of_three_to_thirty_people_finds_nobody(people):
    """The soak attacks thousands. In a researcher's own table the same attacker finds nearly every school."""
    assert schools_found(3, 15, people=people) == set()
    assert len(schools_found(3, 15, exact_levels, people)) >= 10


def test_how_many_answered_a_step_does_not_tell_who_left_it_blank_together():
    """Each item was answered by five: by the same five, or by others. Their number would say which."""
    same_five, different_fives = [range(5)] * 3, [range(5), range(3, 8), (0, 1, 2, 6, 7)]
    shown = []
    for persons in (same_five, different_fives):
        forms_answered = [
            {item: 2 for item, five in zip(ITEMS, persons, strict=True) if person in five} for person in range(8)
        ]
        rows = [{"school": "A", **PLACE, "2.1": 1, **answers} for answers in forms_answered]
        shown.append(figures(tk.make_responses(rows, CHECKLIST)).iloc[0])
    assert shown[0] == shown[1]
