"""Answers that moved beside their statements are never read as answers to other statements."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.forms.test_own_texts import CHECKLIST, VOCABULARY, Filled, Grid, fill, save, wrong
from toolkit.core.errors import RefusedError
from toolkit.core.i18n import problem_message
from toolkit.forms.form_reader import read_form

ANSWERS, STATEMENTS = (4,), (2, 3)
FORMS = 4


def shifted(grid: Grid, columns: tuple[int, ...], start: int, by: int, names: bool = True) -> Grid:
    """Insert or delete cells: those from a row on go down, or up upon what was there."""

    def new_ref(ref: tuple[int, int]) -> tuple[int, int] | None:
        row, column = ref
        if column not in columns or row < min(start, start + by):
            return ref
        return (row + by, column) if row >= start else None

    cells = {new: text for ref, text in grid.cells.items() if (new := new_ref(ref))}
    moved_names = {name: new for name, ref in grid.names.items() if (new := new_ref(ref))}
    return replace(grid, cells=cells, names=moved_names if names else grid.names)


def dragged(grid: Grid, first: int, last: int, by: int) -> Grid:
    """Cut the answers of some rows and paste them some rows further; what was there is gone, and its name too."""
    block = range(first, last + 1)
    upon = {row + by for row in block} - set(block)
    free = {(row, 4) for row in (*block, *upon)}
    cells = {ref: text for ref, text in grid.cells.items() if ref not in free}
    cells |= {(row + by, 4): grid.cells[row, 4] for row in block if (row, 4) in grid.cells}
    names = {name: ref for name, ref in grid.names.items() if ref not in free}
    names |= {name: (ref[0] + by, 4) for name, ref in grid.names.items() if ref[0] in block and ref[1] == 4}
    return replace(grid, cells=cells, names=names)


def complete_without_boxes(grid: Grid) -> Grid:
    """Every answer is filled in, as on a form of before the boxes."""
    return replace(grid, cells={ref: "Ja" if "☐" in text else text for ref, text in grid.cells.items()})


def row_of(grid: Grid, item: str) -> int:
    return next(row for (row, column), text in grid.cells.items() if column == 2 and text == item)


def forms(seed: str) -> Iterator[tuple[str, Grid, Filled, int]]:
    """Forms filled in at random, with a row of an item before the last step."""
    random_ = random.Random(seed)
    for number in range(FORMS):
        grid, filled = fill(random_)
        start = row_of(grid, random_.choice([item for item in CHECKLIST.item_ids if item < "5"]))
        yield f"{number}", grid, filled, start
        yield f"{number}, no names", replace(grid, names={}), filled, start
        answers = dict.fromkeys(CHECKLIST.item_ids, 2) | filled.answers
        yield f"{number}, no boxes", complete_without_boxes(grid), replace(filled, answers=answers), start


@pytest.mark.parametrize("columns", [ANSWERS, STATEMENTS])
@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("by", [-3, -2, -1, 1, 2, 3])
def test_cells_inserted_or_deleted_in_one_column_give_no_answer_to_another_statement(columns, names, by):
    faults = {}
    for description, grid, filled, item_row in forms(f"{columns}{names}{by}"):
        for start in (item_row, 9, 14):
            if fault := wrong(save(shifted(grid, columns, start, by, names)), filled):
                faults[f"{description}, from row {start}"] = fault
    assert faults == {}


@pytest.mark.parametrize("by", [-2, -1, 1, 2])
def test_answers_dragged_upon_others_count_for_no_other_statement(by):
    for seed in range(8):
        grid, filled = fill(random.Random(seed))
        first, last = row_of(grid, "4.3"), row_of(grid, "4.5")
        form = read_form(save(dragged(grid, first, last, by)), VOCABULARY)
        assert {item for item in form.answers if form.answers[item] != filled.answers.get(item)} == set()
        dragged_items = {f"4.{number + by}" for number in (3, 4, 5) if f"4.{number}" in filled.answers}
        assert {problem.item for problem in form.problems if problem.code == "moved_together"} == dragged_items
        untouched = {item: value for item, value in filled.answers.items() if item[0] != "4"}
        assert {item: value for item, value in form.answers.items() if item[0] != "4"} == untouched


def test_the_refusal_names_the_cell_and_says_what_to_do():
    grid, _ = fill(random.Random(1))
    with pytest.raises(RefusedError) as refused:
        read_form(save(shifted(grid, ANSWERS, row_of(grid, "2.2"), 1)), VOCABULARY)
    problem = refused.value.problem
    assert (problem.code, problem.cell) == ("answers_shifted", f"D{row_of(grid, '2.7') + 1}")
    assert "Schuif de cellen terug" in problem_message(problem)


@pytest.mark.parametrize("step", range(1, 6))
def test_nee_in_a_room_for_action_points_is_no_shifted_answer(step):
    grid, filled = fill(random.Random(step))
    cells = grid.cells | {grid.names[f"action_{step}"]: "Nee"}
    form = read_form(save(replace(grid, cells=cells)), VOCABULARY)
    assert dict(form.answers) == filled.answers
