"""The rows of an export, from a workbook or a text file, with the problems of its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.core.normalize import cell_text
from toolkit.spreadsheets.delimited import MAX_HEAD_ROWS, read_delimited
from toolkit.spreadsheets.guard import MAX_FILE, OLE, ZIP
from toolkit.spreadsheets.reader import CellRef, Sheet, read_workbook

MAX_EXPORT = 20_000_000
"""Bytes of an export as text; as a workbook it may have no more than a form."""

MAX_RESPONDENTS, MAX_QUESTIONS = 50_000, 500
MAX_MERGED_ROWS = 1_000
"""Rows of one group of merged cells whose value is given to each of them."""

Row = tuple[int, list[str]]
"""A row's number as shown, and the texts of its cells."""
Score = Callable[[Sequence[str]], int]
"""How much a row looks like the headings of an export; 0 for not at all."""


@dataclass(frozen=True, slots=True)
class ExportTable:
    """The rows of an export.

    Attributes
    ----------
    flaws
        Cells whose value is less than a plain answer, with the code of the problem.
    other_texts
        Texts on the other sheets: a legend may be among them.
    problems
        Problems of the workbook: rows that are hidden, sheets that were not read.
    """

    sheet: str
    rows: list[Row]
    flaws: Mapping[CellRef, ProblemCode] = field(default_factory=dict)
    other_texts: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_export_table(data: bytes, score: Score) -> ExportTable:
    """Read the rows of an export: of a workbook the sheet with the best row of headings.

    Raises
    ------
    RefusedError
        It is no workbook and no text, or it has more rows than can be read at once.
    """
    if data.startswith((ZIP, OLE)):
        return _from_workbook(data, score)
    try:
        rows = list(_numbered(read_delimited(data, score, MAX_QUESTIONS)))
    except ValueError as error:
        raise RefusedError(Problem(ProblemCode.NOT_AN_EXPORT)) from error
    return ExportTable("", rows)


def _numbered(rows: Iterator[list[str]]) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        if number > MAX_RESPONDENTS + MAX_HEAD_ROWS:
            raise RefusedError(Problem(ProblemCode.TOO_LARGE_EXPORT))
        yield number, row


def _from_workbook(data: bytes, score: Score) -> ExportTable:
    if len(data) > MAX_FILE:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE_EXPORT))
    try:
        book = read_workbook(data)
        sheets = [(sheet, _sheet_rows(sheet)) for sheet in book.sheets if sheet.cells]
    except RefusedError as refused:
        large = refused.problem.code == ProblemCode.TOO_LARGE
        raise RefusedError(Problem(ProblemCode.TOO_LARGE_EXPORT)) if large else refused from None
    if not sheets:
        raise RefusedError(Problem(ProblemCode.NOT_AN_EXPORT))
    scores = [max(score(row) for _, row in rows[:MAX_HEAD_ROWS]) for _, rows in sheets]
    best = scores.index(max(scores))
    sheet, rows = sheets[best]
    other_sheets = [other_sheet for at, (other_sheet, _) in enumerate(sheets) if at != best]
    unread = [sheets[at][0].name for at, points in enumerate(scores) if points > 2 and at != best]
    problems = [Problem(ProblemCode.UNREAD_SHEET, name) for name in unread]
    hidden = len(sheet.hidden_rows & sheet.rows().keys())
    problems += [Problem(ProblemCode.HIDDEN_ROWS, sheet.name, found=str(hidden))] if hidden else []
    texts = tuple(
        value for other_sheet in other_sheets for value in other_sheet.cells.values() if isinstance(value, str)
    )
    return ExportTable(sheet.name, rows, _flaws(sheet), texts, (*book.problems, *problems))


def _sheet_rows(sheet: Sheet) -> list[Row]:
    width = min(MAX_QUESTIONS, max(column for _, column in sheet.cells))
    rows = {
        row: [cell_text(cells.get(column)) for column in range(1, width + 1)] for row, cells in sheet.rows().items()
    }
    for (top, column), (bottom, right) in sheet.merged:  # one cell for several rows: its value is of each
        if column == right <= width and top in rows and bottom - top < MAX_MERGED_ROWS:
            for row in range(top + 1, bottom + 1):
                if row in rows and not rows[row][column - 1]:
                    rows[row][column - 1] = rows[top][column - 1]
    return list(rows.items())


def _flaws(sheet: Sheet) -> dict[CellRef, ProblemCode]:
    flaws = {
        ref: ProblemCode.FORMULA if ref in sheet.cells else ProblemCode.FORMULA_WITHOUT_VALUE for ref in sheet.formulas
    }
    for first, (bottom, right) in sheet.merged:
        rows = range(first[0], min(bottom, MAX_RESPONDENTS) + 1)
        columns = range(first[1], min(right, MAX_QUESTIONS) + 1)
        if len(rows) * len(columns) <= MAX_RESPONDENTS:
            flaws |= {
                (row, column): ProblemCode.MERGED_ANSWER for row in rows for column in columns if (row, column) != first
            }
    return flaws | dict.fromkeys(sheet.duplicate_refs, ProblemCode.CELL_TWICE)
