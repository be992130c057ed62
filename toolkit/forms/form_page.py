"""A sheet of a returned form with the possible meanings of its cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from toolkit.core.normalize import normalize_text
from toolkit.forms.keys import ANSWER, META_SHEET, item_of_key
from toolkit.forms.vocabulary import Meaning, Vocabulary
from toolkit.spreadsheets.model import RowCells
from toolkit.spreadsheets.reader import Sheet, Workbook

MAX_CACHED_ROWS = 4_096
"""Rows whose meanings are cached: those of a blank form, each with its possible answers."""


class PageRow(dict[int, Meaning]):
    """The meanings of a row's cells by column, and what follows from them.

    Attributes
    ----------
    cells
        The cells themselves.
    kinds
        All `Meaning.row_kinds` of the row.
    repeats_statement
        Whether it has one statement twice, in the same words.
    answers, boxes, free_texts
        The columns with an answer, with the boxes of the blank form, and with a text that somebody wrote.
    action_label_step, action_key_step
        As in `Meaning`, of the first cell that has one.
    """

    __slots__ = (
        "action_key_step",
        "action_label_step",
        "answers",
        "boxes",
        "cells",
        "free_texts",
        "kinds",
        "repeats_statement",
    )
    __hash__ = object.__hash__  # type: ignore[assignment]  # a key of cached results

    def __init__(self, cells: RowCells, vocabulary: Vocabulary) -> None:
        super().__init__((column, vocabulary.meaning(value)) for column, value in cells.items())
        self.cells = cells
        self.kinds = frozenset(kind for meaning in self.values() for kind in meaning.row_kinds)
        statements = [normalize_text(meaning.text) for meaning in self.values() if meaning.statement]
        self.repeats_statement = len(set(statements)) < len(statements)
        self.answers = [column for column, meaning in self.items() if meaning.answer is not None]
        self.boxes = [column for column, meaning in self.items() if meaning.is_own_text and not meaning.text]
        self.free_texts = [column for column, meaning in self.items() if meaning.is_free_text]
        self.action_label_step = next((m.action_label_step for m in self.values() if m.action_label_step), None)
        self.action_key_step = next((m.action_key_step for m in self.values() if m.action_key_step), None)


Rows = Mapping[int, PageRow]
_make_row = lru_cache(MAX_CACHED_ROWS)(PageRow)


class Columns(NamedTuple):
    """The columns of statements and answers, 0 where there are none.

    `crosses` are the columns to put a cross in, each with the answer above it; none on a form with one for answers.
    """

    statements: int
    answers: int
    crosses: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet with the meanings of its cells, and the rows of each of `Meaning.row_kinds`."""

    sheet: Sheet
    rows: Rows
    rows_by_kind: Mapping[str, Rows]
    columns: Columns

    def rows_of(self, kind: str) -> Rows:
        """Return the rows of a kind."""
        return self.rows_by_kind.get(kind, {})

    def is_heading(self, cells: PageRow) -> bool:
        """Whether a row has the answers as headings of the columns for crosses."""
        crosses = self.columns.crosses
        return bool(crosses) and all(column in cells and cells[column].text == answer for column, answer in crosses)


def make_pages(book: Workbook, vocabulary: Vocabulary) -> list[Page]:
    """Return the sheets of a workbook with their meanings, without the hidden one."""
    return [_make_page(sheet, vocabulary, book) for sheet in book.sheets if sheet.name != META_SHEET]


def _make_page(sheet: Sheet, vocabulary: Vocabulary, book: Workbook) -> Page:
    rows_by_kind = dict[str, dict[int, PageRow]]()
    rows = {row: _make_row(cells, vocabulary) for row, cells in sheet.rows().items()}
    for row, cells in rows.items():
        for kind in cells.kinds:
            rows_by_kind.setdefault(kind, {})[row] = cells
    items = rows_by_kind.get("item", {})
    statements = _statement_column(items) if items else 0
    answers = _answer_column(rows_by_kind.get("own", {}), statements, sheet.name, book) if items else 0
    return Page(sheet, rows, rows_by_kind, Columns(statements, answers, _cross_columns(rows, items, vocabulary)))


def _cross_columns(rows: Rows, items: Rows, vocabulary: Vocabulary) -> tuple[tuple[int, str], ...]:
    """The columns headed Ja, Beetje and Nee, as in the publication."""
    values = {answer.value for answer in vocabulary.checklist.answers}
    for row, cells in rows.items() if items else ():
        if len(cells.answers) != len(values) or row in items:
            continue
        if {cells[column].answer for column in cells.answers} == values:
            return tuple((column, cells[column].text) for column in cells.answers)
    return ()


def _answer_column(rows: Rows, statements: int, sheet: str, book: Workbook) -> int:
    """The column under the header 'Uw antwoord'; without it, the one to the right of the statements.

    Where a colleague's column has that header too, it is the column of the form's own answer cells.
    """
    for cells in rows.values():
        if headed := [column for column, meaning in cells.items() if meaning.header]:
            if len(headed) == 1:
                return headed[0]
            found_in = {
                ref[1] for name, (of_sheet, ref) in book.names.items() if of_sheet == sheet and item_of_key(name)
            }
            return next((column for column in headed if column in found_in), headed[0])
    return (statements or ANSWER - 1) + 1


def _statement_column(items: Rows) -> int:
    """The column of most statements; 0 where there is none."""
    columns = Counter(column for cells in items.values() for column, meaning in cells.items() if meaning.statement)
    return columns.most_common(1)[0][0] if columns else 0
