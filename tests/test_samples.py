"""Made-up schools: what was planted is what is read, and what the measures give is what loops give."""

import math

import pandas as pd
import pytest

import toolkit as tk
from toolkit.core.errors import FolderError


def test_what_was_planted_is_what_is_read(example):
    responses = example.intake.responses.assign(respondent=example.intake.files["file"].to_numpy())
    assert set(example.intake.files["status"]) == {"read", "read-with-problems"}
    by_file = [table.set_index("respondent").sort_index() for table in (responses, example.planted)]
    pd.testing.assert_frame_equal(*by_file)


def test_there_are_four_schools_two_years_and_text_as_people_write_it(example):
    planted = example.planted
    assert planted.groupby("school")["wave"].nunique().to_dict() == dict.fromkeys(
        ["99AA00", "99AB00", "99AC00", "99AD01"], 2
    )
    small_school = planted[(planted["school"] == "99AB00") & (planted["wave"] == "2025-2026")]
    assert small_school["role"].value_counts().to_dict() == {"teacher": 4, "care": 2, "director": 1}
    assert planted.drop(columns=["school", "wave", "role", "respondent", "form"]).isna().to_numpy().any()
    assert set(example.intake.problems["code"]) == {"unclear_answer"}
    assert len(example.intake.actions) > 20
    assert not example.planted[example.planted["school"] == "99AD01"].isna().to_numpy().any()


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    def write_samples(name, seed):
        tk.samples.write_folder(tmp_path / name, schools=2, waves=1, seed=seed)
        return {p.relative_to(tmp_path / name): p.read_bytes() for p in (tmp_path / name).rglob("*.xlsx")}

    assert write_samples("a", 3) == write_samples("b", 3) != write_samples("c", 4)


def test_more_schools_than_the_built_in_ones_are_drawn(tmp_path):
    assert tk.samples.write_folder(tmp_path / "six", schools=6, waves=1)["school"].nunique() == 6


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(FolderError, match="niet leeg"):
        tk.samples.write_folder(tmp_path)


def test_a_table_of_any_number_of_schools(checklist):
    table = tk.samples.responses(checklist, schools=60, waves=3, teachers=(5, 7), seed=5)
    per_role = table.groupby(["school", "wave", "role"], observed=True).size().unstack("role")
    assert per_role.shape == (180, 3)
    assert per_role["teacher"].between(5, 7).all()
    assert per_role["director"].between(1, 2).all()
    assert per_role["care"].between(1, 8).all()
    assert tk.samples.responses(checklist, schools=3000, waves=1)["school"].nunique() == 3000


# The measures by hand-written loops, straight from the formulas: slow, and sharing no line with the product.


def answers_of(rows, item):
    return [int(answer) for answer in rows[item] if not pd.isna(answer)]


def level_by_loops(rows, step):
    means = [sum(a) / len(a) for item in step.items if (a := answers_of(rows, item.id))]
    return 50 * sum(means) / len(means) if len(means) >= math.ceil(len(step.items) / 2) else None


def split_by_loops(rows_a, rows_b, step):
    same, lower, higher = [], [], []
    for item in step.items:
        pairs = [(x, y) for x in answers_of(rows_a, item.id) for y in answers_of(rows_b, item.id)]
        if pairs:
            same.append(sum(y == x for x, y in pairs) / len(pairs))
            lower.append(sum(y < x for x, y in pairs) / len(pairs))
            higher.append(sum(y > x for x, y in pairs) / len(pairs))
    return [sum(part) / len(part) for part in (same, lower, higher)]


def test_levels_are_the_planted_truth(example, checklist):
    table = tk.levels(example.intake.responses, checklist)
    assert len(table) == 4 * 2 * 3 * 5
    for row in table.itertuples():
        planted = example.planted
        rows = planted[
            (planted["school"] == row.school) & (planted["wave"] == row.wave) & (planted["role"] == row.role)
        ]
        assert row.level == pytest.approx(level_by_loops(rows, checklist.step(row.step)), abs=1e-10)


@pytest.mark.parametrize(("a", "b"), [("director", "teacher"), ("teacher", "care"), ("care", "director")])
def test_the_split_is_the_planted_truth(example, checklist, a, b):
    table = tk.agreement(example.intake.responses, checklist, a=a, b=b)
    assert len(table) == 4 * 2 * 5
    for row in table.itertuples():
        planted = example.planted
        school_rows = planted[(planted["school"] == row.school) & (planted["wave"] == row.wave)]
        parts = split_by_loops(
            school_rows[school_rows["role"] == a], school_rows[school_rows["role"] == b], checklist.step(row.step)
        )
        assert [row.same, row.lower, row.higher] == pytest.approx(parts, abs=1e-10)
