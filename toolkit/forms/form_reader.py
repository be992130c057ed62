"""Read a filled-in form of our own, whatever state it came back in.

Never trust a position. What the respondent read in a row (number and statement) decides which item it is; the hidden
key cross-checks it; a defined name is the last resort. Where they contradict there is a problem, never a guess.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.core.normalize import cell_text, normalize_text, read_school, read_wave
from toolkit.forms.keys import ANSWER, META_SHEET, item_key, item_of_key
from toolkit.forms.personal_data import personal_codes
from toolkit.forms.priority_marks import marks_first, one_per_step
from toolkit.forms.pupil_lists import lists_pupils
from toolkit.forms.vocabulary import ABOUT, Meaning, Vocabulary
from toolkit.instrument.lookup import read_role
from toolkit.instrument.model import Instrument
from toolkit.spreadsheets.model import MAX_ROWS, MAX_TEXT_LENGTH
from toolkit.spreadsheets.reader import CellRef, Sheet, Workbook, cell_name, read_workbook

MIN_STATEMENT = 15
"""A text at least this long in an item's row is taken for its statement; shorter ones are notes."""

MAX_COVERED = 2_000
"""Rows of merged cells that are looked at: a form has some seventy."""


def statement_changed(text: str) -> bool:
    """Whether a text beside an item's number is long enough to be another statement, not a note."""
    return len(text.strip()) >= MIN_STATEMENT


@dataclass(frozen=True, slots=True)
class Form:
    """What one returned form says.

    Attributes
    ----------
    school, wave, role
        None where the form does not say, or says something that is none.
    answers
        Value per item id, only for items with a usable answer.
    actions
        (step number, text), only where something was written.
    first
        The items marked as the one to take up first, at most one per step.
    form_id
        Set on a personal form only; blanks that a whole team fills in have none.
    """

    school: str | None
    school_name: str
    wave: str | None
    role: str | None
    form: str
    form_id: str
    modified: datetime | None
    answers: Mapping[str, int]
    actions: list[tuple[int, str]]
    problems: list[Problem]
    first: tuple[str, ...] = ()


def read_form(data: bytes, checklist: Instrument | Vocabulary) -> Form:
    """Read the bytes of a returned form; raises `RefusedError` when it can't be read as one.

    Who reads many makes the checklist's `Vocabulary` once.
    """
    vocabulary = checklist if isinstance(checklist, Vocabulary) else Vocabulary(checklist)
    checklist = vocabulary.checklist
    book = read_workbook(data)
    meta = _meta(book)
    if (other := meta.get("instrument") or checklist.id) != checklist.id:
        raise RefusedError(Problem(ProblemCode.OTHER_INSTRUMENT, found=other))
    pages = [_page(sheet, vocabulary, book) for sheet in book.sheets if sheet.name != META_SHEET]
    rows = [row for page in pages for row in _item_rows(page)]
    problems = [*book.problems, *_pupils(pages, rows, checklist)]
    if not rows:
        raise RefusedError(Problem(ProblemCode.NOT_A_FORM))
    problems += [*_two_forms(rows, checklist), *_version(meta, checklist), *_cut(pages)]
    answers = _answers(rows, book, vocabulary, problems)
    problems.extend(_stray(pages, {(p.sheet, p.cell) for p in problems if p.code == ProblemCode.BY_NAME_ONLY}))
    identity = _identity(pages, meta, vocabulary, problems)
    first, several = one_per_step(_marked_first(rows), checklist)
    problems += several
    if 2 * len(answers) < len(checklist.items):
        problems.append(Problem(ProblemCode.INCOMPLETE, found=f"{len(answers)}/{len(checklist.items)}"))
    return Form(
        school=identity["school"],
        school_name=meta.get("school_name", ""),
        wave=identity["wave"],
        role=identity["role"],
        form=f"{checklist.id}/{meta.get('form_version') or checklist.form_version}",
        form_id=meta.get("form_id", ""),
        modified=book.modified,
        answers=answers,
        actions=_actions(pages, problems),
        problems=_bounded([*problems, *_outside(pages, meta, checklist)]),
        first=first,
    )


MAX_PROBLEMS = 500
"""Of one form: who mends a form reads no more."""


def _bounded(problems: list[Problem]) -> list[Problem]:
    left = len(problems) - MAX_PROBLEMS
    return [*problems[:MAX_PROBLEMS], Problem(ProblemCode.MORE_PROBLEMS, found=str(left))] if left > 0 else problems


_Rows = Mapping[int, Mapping[int, Meaning]]


@dataclass(frozen=True, slots=True)
class _Page:
    """A sheet with what its cells may be, by row and column; `telling` has the rows that tell what they are.

    The columns of statements and answers are 0 where there are none.
    """

    sheet: Sheet
    rows: _Rows
    telling: Mapping[str, _Rows]
    statements: int
    answers: int

    def of(self, kind: str) -> _Rows:
        """The rows in which a cell says that they are of a kind."""
        return self.telling.get(kind, {})


def _page(sheet: Sheet, vocabulary: Vocabulary, book: Workbook) -> _Page:
    telling = dict[str, dict[int, Mapping[int, Meaning]]]()
    meaning, known = vocabulary.meaning, vocabulary.known.get  # most texts were seen on another form
    rows = {
        row: {column: known(value) or meaning(value) for column, value in cells.items()}
        for row, cells in sheet.rows().items()
    }
    for row, cells in rows.items():
        for cell in cells.values():
            for kind in cell.tells:
                telling.setdefault(kind, {})[row] = cells
    items = telling.get("item", {})
    statements = _statement_column(items) if items else 0
    answers = _answer_column(rows, statements, sheet.name, book) if items else 0
    return _Page(sheet, rows, telling, statements, answers)


def _pupils(pages: list[_Page], rows: list[_ItemRow], checklist: Instrument) -> Iterator[Problem]:
    """A list of children is refused; beside a form it is said, and nothing of it is read."""
    for page in pages:
        if _lists_pupils(page):
            if 2 * len(rows) < len(checklist.items):
                raise RefusedError(Problem(ProblemCode.CLASS_LIST))
            yield Problem(ProblemCode.PUPILS_BESIDE, page.sheet.name)


def _lists_pupils(page: _Page) -> bool:
    """Whether a row heads a list of children."""
    return any(lists_pupils(normalize_text(m.text) for m in row.values()) for row in page.of("pupils").values())


def _version(meta: Mapping[str, str], checklist: Instrument) -> Iterator[Problem]:
    version = meta.get("form_version") or checklist.form_version
    if version not in (checklist.form_version, *checklist.earlier_versions):
        yield Problem(ProblemCode.OTHER_VERSION, found=version)


def _cut(pages: list[_Page]) -> Iterator[Problem]:
    for page in pages:
        for place in sorted(page.sheet.cut):
            yield Problem(ProblemCode.TEXT_CUT, page.sheet.name, cell_name(place))


def _stray(pages: list[_Page], taken: set[tuple[str, str]]) -> Iterator[Problem]:
    """Answers that stand in a row that asks nothing, such as one too low: nobody can say whose they are."""
    for page in pages:
        items = page.of("item")
        for row in sorted(page.rows.keys() - items.keys()):
            meaning = page.rows[row].get(page.answers)
            if meaning is None or meaning.answer is None:
                continue
            if (page.sheet.name, cell := cell_name((row, page.answers))) not in taken:
                yield Problem(ProblemCode.STRAY_ANSWER, page.sheet.name, cell, found=meaning.text)


@dataclass(slots=True)
class _ItemRow:
    """A row that says which item it is: by number, statement and key, each where it stands there."""

    sheet: str
    row: int
    number: str | None = None
    statement: str | None = None
    key: str | None = None
    other_text: str = ""
    answer: object = None
    answer_place: CellRef = (0, 0)
    cell_problem: ProblemCode | None = None
    beside: list[tuple[CellRef, object]] = field(default_factory=list)

    def problem(self, code: ProblemCode, item: str, found: str = "") -> Problem:
        """Return a problem at this row's answer cell."""
        return Problem(code, self.sheet, cell_name(self.answer_place), item, found)


def read_meta(data: bytes) -> dict[str, str]:
    """Read what a form's hidden sheet says of the form itself; raises `RefusedError` when it can't be read."""
    return _meta(read_workbook(data))


def _meta(book: Workbook) -> dict[str, str]:
    for sheet in book.sheets:
        if sheet.name == META_SHEET:
            rows = sheet.rows().values()
            return {cell_text(row[1]): cell_text(row.get(2)).strip() for row in rows if 1 in row}
    return {}


def _item_rows(page: _Page) -> Iterator[_ItemRow]:
    covered = _covered(page.sheet, page.answers)
    for row, cells in page.of("item").items():
        found = _item_row(page, row, cells)
        if found is not None:
            # what a program left in a cell behind another column is no other row's answer
            hidden = row in covered and (found.answer is None or covered[row] == page.answers)
            found.cell_problem = ProblemCode.MERGED_ANSWER if hidden else _cell_problem(page.sheet, found.answer_place)
            yield found


def _covered(sheet: Sheet, column: int) -> dict[int, int]:
    """The rows whose cell in a column is hidden behind the first of a group of merged cells, and that one's column."""
    return {
        row: left
        for (top, left), (bottom, right) in sheet.merged
        if left <= column <= right
        for row in range(top + (left == column), min(bottom, top + MAX_COVERED) + 1)
    }


def _cell_problem(sheet: Sheet, place: CellRef) -> ProblemCode | None:
    """What makes a cell's value less than a plain answer, as the code of a problem."""
    if place in sheet.twice:
        return ProblemCode.CELL_TWICE
    if place in sheet.formulas:
        return ProblemCode.FORMULA if place in sheet.cells else ProblemCode.FORMULA_WITHOUT_VALUE
    return None


def _answer_column(rows: _Rows, statements: int, sheet: str, book: Workbook) -> int:
    """The column under the header 'Uw antwoord'; without that header, the one right of the statements.

    Where a colleague's column has that header too, it is the one in which the form's own answer cells are.
    """
    for cells in rows.values():
        if headed := [column for column, meaning in cells.items() if meaning.header]:
            if len(headed) == 1:
                return headed[0]
            own = {place[1] for name, (on, place) in book.names.items() if on == sheet and item_of_key(name)}
            return next((column for column in headed if column in own), headed[0])
    return (statements or ANSWER - 1) + 1


def _statement_column(items: _Rows) -> int:
    """The column in which most statements stand; 0 where none does."""
    columns = Counter(column for cells in items.values() for column, meaning in cells.items() if meaning.statement)
    return columns.most_common(1)[0][0] if columns else 0


def _item_row(page: _Page, row: int, cells: Mapping[int, Meaning]) -> _ItemRow | None:
    sheet, column = page.sheet, page.answers
    found = _ItemRow(sheet.name, row, answer=sheet.cells.get((row, column)), answer_place=(row, column))
    for place, meaning in cells.items():
        if place == column:
            continue
        text = meaning.text
        if found.statement is None and meaning.statement:
            found.statement = meaning.statement
        elif found.number is None and meaning.number:
            found.number = meaning.number
        elif found.key is None and meaning.key:
            found.key = meaning.key
        elif text:
            found.beside.append(((row, place), text))
    if not found.statement and not found.key:
        return None
    if not found.statement:
        _take_other_text(found, page)
    return found


def _take_other_text(found: _ItemRow, page: _Page) -> None:
    """Take what stands where the statement was, or could be one, for another statement, not for a note."""
    for note in found.beside:
        (_, column), text = note
        if column == page.statements or (column < page.answers and statement_changed(str(text))):
            found.other_text = str(text)
            found.beside.remove(note)
            return


def _marked_first(rows: list[_ItemRow]) -> Iterator[str]:
    """The items in whose row stands that they come first; not where the row contradicts itself."""
    for row in rows:
        item = row.statement or row.key
        if item and row.number in (None, item) and any(marks_first(str(text)) for _, text in row.beside):
            yield item


def _two_forms(rows: list[_ItemRow], checklist: Instrument) -> Iterator[Problem]:
    per_sheet = Counter(row.sheet for row in rows)
    whole = [sheet for sheet, count in per_sheet.items() if 2 * count >= len(checklist.items)]
    if len(whole) > 1:
        yield Problem(ProblemCode.TWO_FORMS, found=", ".join(whole))


def _answers(rows: list[_ItemRow], book: Workbook, vocabulary: Vocabulary, problems: list[Problem]) -> dict[str, int]:
    by_item: dict[str, list[_ItemRow]] = {}
    contradicted: set[str] = set()
    for row in rows:
        item = _identify(row, problems)
        if item is None:
            contradicted.update(filter(None, (row.number, row.statement, row.key)))
        else:
            by_item.setdefault(item, []).append(row)
    answers: dict[str, int] = {}
    for item in vocabulary.checklist.item_ids:
        if item in by_item:
            value = _answer(item, by_item[item], vocabulary, problems)
        else:
            value = _answer_by_name(item, rows, book, vocabulary, problems, silent=item in contradicted)
        if value is not None:
            answers[item] = value
    problems.extend(_moved(by_item, answers, book))
    return answers


def _moved(by_item: Mapping[str, list[_ItemRow]], answers: Mapping[str, int], book: Workbook) -> Iterator[Problem]:
    """Answers that were cut and pasted on another: the cell's name went along to where the other's is, or was.

    When rows are sorted names stay where they are, each at a cell of its own.
    """
    places = {(row.sheet, row.answer_place): item for item, rows in by_item.items() for row in rows}
    for item in by_item.keys() - answers.keys():
        sheet, place = book.names.get(item_key(item), ("", (0, 0)))
        other = places.get((sheet, place), item)
        own = book.names.get(item_key(other), (sheet, place))
        if other != item and other in answers and own == (sheet, place):
            yield Problem(ProblemCode.ANSWER_MOVED, sheet, cell_name(place), other, item)


def _identify(row: _ItemRow, problems: list[Problem]) -> str | None:
    """Which item a row is; None, with a problem, where what stands there contradicts itself."""
    if row.statement:
        if row.number and row.number != row.statement:
            problems.append(row.problem(ProblemCode.CONTRADICTION, row.statement, f"{row.number} / {row.statement}"))
            return None
        if row.key and row.key != row.statement:
            problems.append(row.problem(ProblemCode.KEY_DIFFERS, row.statement, f"{row.key} / {row.statement}"))
        return row.statement
    return _identify_without_statement(row, problems)


def _identify_without_statement(row: _ItemRow, problems: list[Problem]) -> str | None:
    assert row.key
    if row.number and row.number != row.key:
        problems.append(row.problem(ProblemCode.CONTRADICTION, row.number, f"{row.number} / {row.key}"))
        return None
    if row.other_text:
        problems.append(row.problem(ProblemCode.CHANGED_STATEMENT, row.key, row.other_text))
        return None
    problems.append(row.problem(ProblemCode.NO_STATEMENT if row.number else ProblemCode.BY_KEY_ONLY, row.key))
    return row.key


def _answer(item: str, rows: list[_ItemRow], vocabulary: Vocabulary, problems: list[Problem]) -> int | None:
    values: list[int] = []
    for row in rows:
        for place, text in row.beside:
            if not marks_first(str(text)):
                problems.append(Problem(ProblemCode.BESIDE, row.sheet, cell_name(place), item, str(text)))
        if row.cell_problem:
            problems.append(row.problem(row.cell_problem, item, cell_text(row.answer)))
        if row.cell_problem in (ProblemCode.CELL_TWICE, ProblemCode.MERGED_ANSWER):
            continue
        value = _usable(item, row.answer, row.sheet, row.answer_place, vocabulary, problems)
        if value is not None:
            values.append(value)
    if len(rows) > 1 and len(set(values)) <= 1 and not _is_two_forms(problems):
        problems.append(rows[-1].problem(ProblemCode.DOUBLE_ROW, item, str(len(rows))))
    if len(set(values)) > 1:
        found = " / ".join(vocabulary.checklist.answers[value].label["nl"] for value in values)
        problems.append(rows[-1].problem(ProblemCode.DOUBLE_ANSWERS, item, found))
        return None
    return values[0] if values else None


def _is_two_forms(problems: list[Problem]) -> bool:
    return any(problem.code == ProblemCode.TWO_FORMS for problem in problems)


def _usable(
    item: str, value: object, sheet: str, place: CellRef, vocabulary: Vocabulary, problems: list[Problem]
) -> int | None:
    if value is None:
        return None
    meaning = vocabulary.meaning(value)
    if meaning.answer is None and meaning.text:
        problems.append(Problem(ProblemCode.UNCLEAR_ANSWER, sheet, cell_name(place), item, meaning.text))
    return meaning.answer


def _answer_by_name(
    item: str, rows: list[_ItemRow], book: Workbook, vocabulary: Vocabulary, problems: list[Problem], silent: bool
) -> int | None:
    """The last resort, for an item whose row is gone: the cell its defined name points at, if no other row has it."""
    sheet, place = book.names.get(item_key(item), ("", (0, 0)))
    taken = any(row.sheet == sheet and row.row == place[0] for row in rows)
    value = next((s.cells.get(place) for s in book.sheets if s.name == sheet), None)
    if not silent and not taken and value is not None:
        problems.append(Problem(ProblemCode.BY_NAME_ONLY, sheet, cell_name(place), item))
        return _usable(item, value, sheet, place, vocabulary, problems)
    if not silent:
        problems.append(Problem(ProblemCode.ITEM_NOT_FOUND, item=item))
    return None


def _identity(
    pages: list[_Page], meta: Mapping[str, str], vocabulary: Vocabulary, problems: list[Problem]
) -> dict[str, str | None]:
    """School, wave and role: what stands on the form, or behind it where the form says nothing."""
    seen = {name: _labelled(pages, name) for name in ABOUT}
    found = {
        "school": _school(seen["school"][0], read_school(meta.get("school", "")), problems),
        "wave": _wave(seen["wave"][0], read_wave(meta.get("wave", "")), problems),
        "role": _role(seen["role"][0], vocabulary, problems),
    }
    for name, places in seen.items():
        other = next((place for place in places if normalize_text(place.text) != normalize_text(places[0].text)), None)
        if other is not None:
            problems.append(replace(other, text=f"{places[0].text} / {other.text}").problem(ProblemCode.SAID_TWICE))
            found[name] = None
    return found


@dataclass(frozen=True, slots=True)
class _Seen:
    """A text and where it stands."""

    text: str = ""
    sheet: str = ""
    cell: str = ""

    def problem(self, code: ProblemCode) -> Problem:
        return Problem(code, self.sheet, self.cell, found=self.text)


def _labelled(pages: list[_Page], name: str) -> list[_Seen]:
    """What stands right of a label (or, its label gone, in the row with that key): where it is filled, else where not.

    On the sheet of the statements it counts, and only without such a sheet on another.
    """
    seen = [place for page in pages if page.of("item") for place in _labelled_on(page, name)]
    seen = seen or [place for page in pages for place in _labelled_on(page, name)]
    return [place for place in seen if place.text] or seen[:1] or [_Seen()]


def _labelled_on(page: _Page, name: str) -> Iterator[_Seen]:
    for row, cells in page.of("about").items():
        if (label := _label_column(cells, name)) is not None:
            right = {column: meaning.text for column, meaning in cells.items() if column > label}
            place = next((column for column, text in right.items() if text), max(label + 1, ANSWER))
            yield _Seen(right.get(place, ""), page.sheet.name, cell_name((row, place)))


def _label_column(cells: Mapping[int, Meaning], name: str) -> int | None:
    key_column = None
    for column, meaning in cells.items():
        if name in meaning.labels:
            return column
        if meaning.about == name:
            key_column = column
    return key_column


def _school(seen: _Seen, prefilled: str, problems: list[Problem]) -> str | None:
    school = read_school(seen.text)
    if not school and not prefilled:
        problems.append(seen.problem(ProblemCode.NO_SCHOOL))
    elif school and prefilled and school != prefilled:
        problems.append(seen.problem(ProblemCode.SCHOOL_DIFFERS))
    return school or prefilled or None


def _wave(seen: _Seen, prefilled: str | None, problems: list[Problem]) -> str | None:
    wave = read_wave(seen.text)
    if seen.text and wave is None:
        problems.append(seen.problem(ProblemCode.UNKNOWN_WAVE))
        return None
    if wave is None and prefilled is None:
        problems.append(seen.problem(ProblemCode.NO_WAVE))
    elif wave and prefilled and wave != prefilled:
        problems.append(seen.problem(ProblemCode.WAVE_DIFFERS))
    return wave or prefilled


def _role(seen: _Seen, vocabulary: Vocabulary, problems: list[Problem]) -> str | None:
    role = read_role(seen.text, vocabulary.roles)
    if role is None:
        problems.append(seen.problem(ProblemCode.UNKNOWN_ROLE if seen.text else ProblemCode.NO_ROLE))
    return role


def _actions(pages: list[_Page], problems: list[Problem]) -> list[tuple[int, str]]:
    """Return per step what was written in its room.

    The room is right of its label, in the row that has its key. On forms of version 1 it is the row under its label.
    """
    found: dict[int, str] = {}
    for page in pages:
        under: int | None = None
        rooms = page.of("action")
        for row, cells in page.rows.items():
            if under is None and row not in rooms:
                continue
            label = next((meaning.room for meaning in cells.values() if meaning.room), None)
            key = next((meaning.action for meaning in cells.values() if meaning.action), None)
            texts = {column: m.written for column, m in cells.items() if _is_written(m, column == page.answers)}
            written, step = [*texts.values()], key or label or under
            if step is not None and written and not any(m.statement or m.key for m in cells.values()):
                found.setdefault(step, "\n".join(written)[:MAX_TEXT_LENGTH])
                if sum(map(len, written)) > MAX_TEXT_LENGTH:
                    problems.append(Problem(ProblemCode.TEXT_CUT, page.sheet.name, cell_name((row, min(texts)))))
                problems.extend(_personal(page.sheet, (row, min(texts)), step, found[step]))
                problems.extend(_calculated(page.sheet, row))
            under = label if key is None and not written else None
    return sorted(found.items())


def _is_written(meaning: Meaning, is_answer_column: bool) -> bool:
    """Whether somebody wrote this text in a room: not the form itself, nor an answer one row too low."""
    own = meaning.action or meaning.room or meaning.printed
    return bool(meaning.written) and not own and not (is_answer_column and meaning.answer is not None)


def _outside(pages: list[_Page], meta: Mapping[str, str], checklist: Instrument) -> Iterator[Problem]:
    """Texts that someone wrote on the form where it has no room for them: nobody can say what they belong to."""
    if [*_version(meta, checklist)]:
        return  # another version has other titles
    for page in pages:
        items, under = page.of("item"), False
        first = next(iter(items), MAX_ROWS)
        for row, cells in page.rows.items():
            if row in items:
                under = False
                continue
            loose = [column for column, meaning in cells.items() if meaning.loose]
            if loose and row > first and not under and not any("own" in m.tells for m in cells.values()):
                yield Problem(ProblemCode.STRAY_TEXT, page.sheet.name, cell_name((row, loose[0])))
            room_is_here = any(meaning.action for meaning in cells.values())
            under = any(meaning.room for meaning in cells.values()) and not room_is_here


def _personal(sheet: Sheet, place: CellRef, step: int, text: str) -> Iterator[Problem]:
    """What seems to name a person; the text itself stays out of the message."""
    for code in personal_codes(text):
        yield Problem(code, sheet.name, cell_name(place), found=str(step))


def _calculated(sheet: Sheet, row: int) -> Iterator[Problem]:
    for place in sorted(sheet.formulas):
        if place[0] == row:
            found = cell_text(sheet.cells.get(place))
            yield Problem(ProblemCode.FORMULA_IN_TEXT, sheet.name, cell_name(place), found=found)
