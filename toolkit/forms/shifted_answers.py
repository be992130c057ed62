"""Detect answers that moved up or down relative to their statements.

Somebody inserted or deleted cells in the column of answers only, or in those of the statements. Then answers, or the
boxes of the blank form, are in rows that ask nothing, and a statement near them has neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.forms.form_page import Page, PageRow
from toolkit.forms.row_matching import CROSSES, ItemRow
from toolkit.spreadsheets.reader import cell_name


def check_alignment(pages: Sequence[Page], rows: Sequence[ItemRow]) -> None:
    """Raise `RefusedError` where answers are no longer in the rows of their statements."""
    if all(row.statement or row.number for row in rows) and not any(map(_may_have_shifted, pages)):
        return
    stated = {row.item for row in rows if row.statement}
    for page in pages:
        of_page = [row for row in rows if row.sheet == page.sheet.name]
        # a row with only the hidden key of a statement that is elsewhere: the statement left its answer
        orphans = {row.row for row in of_page if not (row.statement or row.number) and row.item in stated}
        asking = {row.row: row for row in of_page if row.row not in orphans}
        for row, cells in page.rows.items():
            if row in asking or page.is_heading(cells):
                continue
            for column in _answer_cells(page, cells):
                if row in orphans or _has_answers_between(row, asking, page):
                    problem = Problem(ProblemCode.ANSWERS_SHIFTED, page.sheet.name, cell_name((row, column)))
                    raise RefusedError(problem)


def _may_have_shifted(page: Page) -> bool:
    """Whether a row that is no item's has an answer or boxes; the others need no closer look."""
    items = page.rows_of("item")
    return bool(page.columns.crosses) or any(
        row not in items for row, cells in page.rows.items() if cells.answers or cells.boxes
    )


def _answer_cells(page: Page, cells: PageRow) -> Iterator[int]:
    """Yield the columns of answers in which a row has an answer, a cross or the boxes of the blank form."""
    answers, crosses = page.columns.answers, [column for column, _ in page.columns.crosses]
    if answers in cells.answers or answers in cells.boxes:
        yield answers
    yield from (column for column in crosses if column in cells and cells[column].text.lower() in CROSSES)


def _has_answers_between(row: int, asking: Mapping[int, ItemRow], page: Page) -> bool:
    """Whether the step above or below has a row without answer or boxes, and answers between that row and this one."""
    above, below = [at for at in asking if at < row], [at for at in asking if at > row]
    return _is_interrupted(sorted(above, reverse=True), asking, page) or _is_interrupted(sorted(below), asking, page)


def _is_interrupted(nearest_first: Sequence[int], asking: Mapping[int, ItemRow], page: Page) -> bool:
    n_answers = 0
    for at in nearest_first:
        item_row, column = asking[at], asking[at].answer_ref[1]
        if item_row.item.partition(".")[0] != asking[nearest_first[0]].item.partition(".")[0]:
            return False
        cells = page.rows[at]
        crossed = bool(page.columns.crosses) and item_row.answer is not None
        if crossed or column in cells.answers:
            n_answers += 1
        elif n_answers and column not in cells.boxes:
            return True
    return False
