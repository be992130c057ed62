"""Which row of a returned form is which item, and the answer in it.

A position is never trusted. The number and statement that the respondent read in a row decide which item it is; the
hidden key is compared with it; a defined name is the last resort. Where they contradict each other there is a problem,
never a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from toolkit.core.errors import Problem, ProblemCode
from toolkit.core.normalize import cell_text
from toolkit.forms.form_page import MAX_CACHED_ROWS, Columns, Page, PageRow
from toolkit.forms.keys import item_key, item_of_key
from toolkit.forms.priority_marks import is_priority_mark
from toolkit.forms.vocabulary import Vocabulary
from toolkit.spreadsheets.reader import CellRef, Sheet, Workbook, cell_name

MIN_STATEMENT = 15
"""Characters from which a text in an item's row is taken for its statement; a shorter one is a note."""

CROSSES = frozenset({"x", "×", "✓", "✔", "✗", "☒", "☑", "v", "1"})
"""What people put in the column of their answer, in small letters."""

MAX_MERGED_ROWS = 2_000
"""Rows of merged cells that are looked at: a form has some seventy."""


_Place = tuple[str, CellRef]
"""A sheet, and a cell on it."""


def is_changed_statement(text: str) -> bool:
    """Whether a text next to an item's number is long enough for another statement."""
    return len(text.strip()) >= MIN_STATEMENT


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A row of one item: number, statement and key, where it has these, and its answer.

    `other_item` is set where the row names a second item in the same way. `notes` are texts in other columns.
    """

    sheet: str
    row: int
    number: str | None = None
    statement: str | None = None
    key: str | None = None
    other_item: str | None = None
    other_text: str = ""
    answer: object = None
    answer_ref: CellRef = (0, 0)
    cell_problem: ProblemCode | None = None
    notes: list[tuple[CellRef, str]] = field(default_factory=list)

    @property
    def item(self) -> str:
        """The item of its statement, or else of its key."""
        return self.statement or self.key or ""

    def problem(self, code: ProblemCode, item: str, value: str = "") -> Problem:
        """Return a problem at this row's answer cell."""
        return Problem(code, self.sheet, cell_name(self.answer_ref), item, value)


def item_rows(page: Page) -> Iterator[ItemRow]:
    """Yield the rows of a sheet that are an item's."""
    columns = page.columns
    hidden = _hidden_by_merge(page.sheet, columns.answers)
    for row, cells in page.rows_of("item").items():
        item_row = _make_item_row(cells, row, page.sheet.name, columns)
        if item_row is None:
            continue
        # what a program left in a cell behind another column is no other row's answer
        is_hidden = row in hidden and (item_row.answer is None or hidden[row] == columns.answers)
        problem = ProblemCode.MERGED_ANSWER if is_hidden else _cell_problem(page.sheet, item_row.answer_ref)
        yield replace(item_row, cell_problem=problem) if problem else item_row


def priority_items(rows: list[ItemRow]) -> Iterator[str]:
    """Yield the items marked to come first, unless their row contradicts itself."""
    for row in rows:
        if not row.notes:
            continue
        if row.number in (None, row.item) and any(is_priority_mark(text) for _, text in row.notes):
            yield row.item


def read_answers(
    rows: list[ItemRow], book: Workbook, vocabulary: Vocabulary, problems: list[Problem]
) -> dict[str, int]:
    """Return the value of each item with a usable answer; the others become `problems`."""
    by_item: dict[str, list[ItemRow]] = {}
    contradicted: set[str] = set()
    for row in rows:
        item = _identify(row, problems)
        if item is None:
            contradicted.update(filter(None, (row.number, row.statement, row.key, row.other_item)))
        else:
            by_item.setdefault(item, []).append(row)
    answers: dict[str, int] = {}
    for item in vocabulary.checklist.item_ids:
        value = None
        if item in by_item:
            value = _answer(item, by_item[item], vocabulary, problems)
        elif item not in contradicted:
            value = _answer_by_name(item, rows, book, vocabulary, problems)
        if value is not None:
            answers[item] = value
    places = {(row.sheet, row.answer_ref): item for item, rows in by_item.items() for row in rows}
    problems.extend(_moved_answers(by_item.keys() - answers.keys(), answers, places, book))
    for item, source in _moved_together(places, book).items():
        if answers.pop(item, None) is not None:
            problems.append(by_item[item][0].problem(ProblemCode.MOVED_TOGETHER, item, source))
    return answers


def _hidden_by_merge(sheet: Sheet, column: int) -> dict[int, int]:
    """The rows whose cell in a column is hidden by merged cells, with the column of their first."""
    return {
        row: left
        for (top, left), (bottom, right) in sheet.merged
        if left <= column <= right
        for row in range(top + (left == column), min(bottom, top + MAX_MERGED_ROWS) + 1)
    }


def _cell_problem(sheet: Sheet, ref: CellRef) -> ProblemCode | None:
    """What makes a cell's value less than a plain answer, as the code of a problem."""
    if ref in sheet.duplicate_refs:
        return ProblemCode.CELL_TWICE
    if ref in sheet.formulas:
        return ProblemCode.FORMULA if ref in sheet.cells else ProblemCode.FORMULA_WITHOUT_VALUE
    return None


@lru_cache(MAX_CACHED_ROWS)
def _make_item_row(cells: PageRow, row: int, sheet: str, columns: Columns) -> ItemRow | None:
    """The row as an item's; None where its only statement or key is in the answer cell."""
    crosses = dict(columns.crosses)
    crossed = [column for column in crosses if column in cells and cells[column].text.lower() in CROSSES]
    answers = crossed[0] if crossed else columns.answers
    number = statement = key = other_statement = other_key = None
    notes, own_texts = list[tuple[CellRef, str]](), list[tuple[CellRef, str]]()
    for column, meaning in cells.items():
        if column == answers or column in crossed:
            continue
        if meaning.statement:
            if statement and statement != meaning.statement:
                other_statement = meaning.statement
            statement = statement or meaning.statement
        elif number is None and meaning.number:
            number = meaning.number
        elif meaning.key:
            if key and key != meaning.key:
                other_key = meaning.key
            key = key or meaning.key
        elif meaning.text:
            is_own = meaning.is_own_text and not is_priority_mark(meaning.text)  # a mark reads as its column's heading
            (own_texts if is_own else notes).append(((row, column), meaning.text))
    if not statement and not key:
        return None
    other_item = other_statement if statement else other_key
    other_text = "" if statement else _take_other_text(columns, notes, own_texts)
    ref = (row, answers)
    answer = " / ".join(crosses[column] for column in crossed) if crossed else cells.cells.get(answers)
    return ItemRow(sheet, row, number, statement, key, other_item, other_text, answer, ref, notes=notes)


def _take_other_text(columns: Columns, notes: list[tuple[CellRef, str]], own_texts: list[tuple[CellRef, str]]) -> str:
    """Take out of the notes another statement: a text in its place, or long enough for one."""
    for note in [*own_texts, *notes]:
        (_, column), text = note
        if column == columns.statements or (column < columns.answers and is_changed_statement(text)):
            if note in notes:
                notes.remove(note)
            return text
    return ""


def _moved_answers(
    blank: Iterable[str], answers: Mapping[str, int], places: Mapping[_Place, str], book: Workbook
) -> Iterator[Problem]:
    """Report answers cut and pasted on another: the cell's name moved to where the other's is or was.

    When rows are sorted, names stay where they are, each at a cell of its own.
    """
    for item in blank:
        sheet, ref = book.names.get(item_key(item), ("", (0, 0)))
        item_at_source = places.get((sheet, ref), item)
        named_ref = book.names.get(item_key(item_at_source), (sheet, ref))
        if item_at_source != item and item_at_source in answers and named_ref == (sheet, ref):
            yield Problem(ProblemCode.ANSWER_MOVED, sheet, cell_name(ref), item_at_source, item)


def _moved_together(refs: Mapping[_Place, str], book: Workbook) -> dict[str, str]:
    """Items whose answer cell is another item's by name, with that item, where several cells were dragged at once.

    The cell that they were dragged upon has lost its name. Rows that were sorted have all their names, and a program
    that moves no names loses none.
    """
    sources = {ref: item for name, ref in book.names.items() if (item := item_of_key(name))}
    moved_items = {item: sources[ref] for ref, item in refs.items() if sources.get(ref, item) != item}
    return moved_items if len(moved_items) > 1 and any(item_key(item) not in book.names for item in moved_items) else {}


def _identify(row: ItemRow, problems: list[Problem]) -> str | None:
    """Which item a row is; None, with a problem, where the row contradicts itself."""
    item = row.item
    if contradiction := row.other_item or (row.number if row.number != item else None):
        problems.append(row.problem(ProblemCode.CONTRADICTION, item, f"{contradiction} / {item}"))
        return None
    if row.statement:
        if row.key and row.key != item:
            problems.append(row.problem(ProblemCode.KEY_DIFFERS, item, f"{row.key} / {item}"))
        return item
    if row.other_text:
        problems.append(row.problem(ProblemCode.CHANGED_STATEMENT, item, row.other_text))
        return None
    problems.append(row.problem(ProblemCode.NO_STATEMENT if row.number else ProblemCode.BY_KEY_ONLY, item))
    return item


def _answer(item: str, rows: list[ItemRow], vocabulary: Vocabulary, problems: list[Problem]) -> int | None:
    values: list[int] = []
    for row in rows:
        for ref, text in row.notes:
            if not is_priority_mark(text):
                problems.append(Problem(ProblemCode.BESIDE, row.sheet, cell_name(ref), item, text))
        if row.cell_problem:
            problems.append(row.problem(row.cell_problem, item, cell_text(row.answer)))
        if row.cell_problem in (ProblemCode.CELL_TWICE, ProblemCode.MERGED_ANSWER):
            continue
        if row.answer is None:
            continue
        meaning = vocabulary.meaning(row.answer)
        if meaning.answer is not None:
            values.append(meaning.answer)
        elif meaning.text and not meaning.key:  # a text of the form itself was dragged there; a column of keys moved
            problems.append(row.problem(ProblemCode.UNCLEAR_ANSWER, item, meaning.text))
    if len(rows) == 1:
        return values[0] if values else None
    if len(set(values)) <= 1 and not _has_two_forms(problems):
        problems.append(rows[-1].problem(ProblemCode.DOUBLE_ROW, item, str(len(rows))))
    if len(set(values)) > 1:
        labels = " / ".join(vocabulary.checklist.answers[value].label["nl"] for value in values)
        problems.append(rows[-1].problem(ProblemCode.DOUBLE_ANSWERS, item, labels))
        return None
    return values[0] if values else None


def _has_two_forms(problems: list[Problem]) -> bool:
    return any(problem.code == ProblemCode.TWO_FORMS for problem in problems)


def _answer_by_name(
    item: str, rows: list[ItemRow], book: Workbook, vocabulary: Vocabulary, problems: list[Problem]
) -> int | None:
    """The answer to an item without a row: the cell of its defined name, unless another row has that cell."""
    sheet, ref = book.names.get(item_key(item), ("", (0, 0)))
    is_taken = any(row.sheet == sheet and row.row == ref[0] for row in rows)
    value = next((s.cells.get(ref) for s in book.sheets if s.name == sheet), None)
    meaning = vocabulary.meaning(value)
    if is_taken or value is None or meaning.is_own_text:
        problems.append(Problem(ProblemCode.ITEM_NOT_FOUND, item=item))
        return None
    problems.append(Problem(ProblemCode.BY_NAME_ONLY, sheet, cell_name(ref), item))
    if meaning.answer is None and meaning.text:
        problems.append(Problem(ProblemCode.UNCLEAR_ANSWER, sheet, cell_name(ref), item, meaning.text))
    return meaning.answer
