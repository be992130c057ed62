"""A sheet of a returned form with the possible meanings of its cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from toolkit.forms.keys import ANSWER, META_SHEET, item_of_key
from toolkit.forms.vocabulary import Meaning, Vocabulary
from toolkit.spreadsheets.reader import Sheet, Workbook

Rows = Mapping[int, Mapping[int, Meaning]]
"""Meanings by row and column."""


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet with the meanings of its cells, by row and column.

    `rows_by_kind` has the rows of each of `Meaning.row_kinds`. The columns of statements and answers are 0 where there
    are none. `crosses` has the columns to put a cross in, each with the answer above it; a form with one column for
    answers has none.
    """

    sheet: Sheet
    rows: Rows
    rows_by_kind: Mapping[str, Rows]
    statements: int
    answers: int
    crosses: Mapping[int, str]

    def rows_of(self, kind: str) -> Rows:
        """Return the rows of a kind."""
        return self.rows_by_kind.get(kind, {})

    def is_heading(self, cells: Mapping[int, Meaning]) -> bool:
        """Whether a row has the answers as headings of the columns for crosses."""
        return bool(self.crosses) and all(
            column in cells and cells[column].text == answer for column, answer in self.crosses.items()
        )


def make_pages(book: Workbook, vocabulary: Vocabulary) -> list[Page]:
    """Return the sheets of a workbook with their meanings, without the hidden one."""
    return [_make_page(sheet, vocabulary, book) for sheet in book.sheets if sheet.name != META_SHEET]


def _make_page(sheet: Sheet, vocabulary: Vocabulary, book: Workbook) -> Page:
    rows_by_kind = dict[str, dict[int, Mapping[int, Meaning]]]()
    meaning, cached = vocabulary.meaning, vocabulary.cached.get  # most texts were on another form
    rows = {
        row: {column: cached(value) or meaning(value) for column, value in cells.items()}
        for row, cells in sheet.rows().items()
    }
    for row, cells in rows.items():
        for cell in cells.values():
            for kind in cell.row_kinds:
                rows_by_kind.setdefault(kind, {})[row] = cells
    items = rows_by_kind.get("item", {})
    statements = _statement_column(items) if items else 0
    answers = _answer_column(rows, statements, sheet.name, book) if items else 0
    return Page(sheet, rows, rows_by_kind, statements, answers, _cross_columns(rows, items, vocabulary))


def _cross_columns(rows: Rows, items: Rows, vocabulary: Vocabulary) -> Mapping[int, str]:
    """The columns headed Ja, Beetje and Nee, as in the publication."""
    values = {answer.value for answer in vocabulary.checklist.answers}
    for row, cells in rows.items() if items else ():
        if row in items:
            continue
        headed = {column: meaning for column, meaning in cells.items() if meaning.answer is not None}
        if len(headed) == len(values) and {m.answer for m in headed.values()} == values:
            return {column: meaning.text for column, meaning in headed.items()}
    return {}


def _answer_column(rows: Rows, statements: int, sheet: str, book: Workbook) -> int:
    """The column under the header 'Uw antwoord'.

    Without that header, the one to the right of the statements.

    Where a colleague's column has that header too, it is the column of the form's own answer cells.
    """
    for cells in rows.values():
        if headed := [column for column, meaning in cells.items() if meaning.header]:
            if len(headed) == 1:
                return headed[0]
            named = {ref[1] for name, (of_sheet, ref) in book.names.items() if of_sheet == sheet and item_of_key(name)}
            return next((column for column in headed if column in named), headed[0])
    return (statements or ANSWER - 1) + 1


def _statement_column(items: Rows) -> int:
    """The column of most statements; 0 where there is none."""
    columns = Counter(column for cells in items.values() for column, meaning in cells.items() if meaning.statement)
    return columns.most_common(1)[0][0] if columns else 0
