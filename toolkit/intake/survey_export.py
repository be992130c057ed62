"""Read exports of other survey tools: one row per respondent, one column per question.

MS Forms, Google Forms, LimeSurvey, Qualtrics and SurveyMonkey, tables that people typed, and this project's own
exports, as `.xlsx` or `.csv`. Names and e-mail addresses are dropped here: no part of them goes further.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import pandas as pd

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.core.normalize import name_beside_code, normalize_text, read_school, read_wave, strip_invisible
from toolkit.forms.form import Form
from toolkit.forms.personal_data import find_personal_data
from toolkit.forms.pupil_lists import lists_pupils
from toolkit.instrument.lookup import read_role, role_words
from toolkit.instrument.model import Instrument
from toolkit.intake.export_answers import AnswerReader, make_answer_reader
from toolkit.intake.export_columns import ExportColumn, HeadingReader
from toolkit.intake.export_table import MAX_RESPONDENTS, ExportTable, Row, read_export_table
from toolkit.spreadsheets.delimited import MAX_HEAD_ROWS
from toolkit.spreadsheets.reader import cell_name

PLACES = ("school", "wave", "role")
_TOTALS = re.compile(
    r"(?:eind|sub|grand )?tota(?:al|len|l|ls)\b.*|(?:gem|gemiddelde?|aantal|percentage|procent|count|average|mean)\b.*"
    r"|tot|som|σ|modus|eindresultaat|mediaan|median|n(?: \d+)?"
)
_STATES = frozenset({"status", "response type", "distributionchannel", "distribution channel", "interview state"})
_TRIALS = frozenset({"survey preview", "survey test", "preview", "voorbeeld", "test", "testantwoord", "spam"})
"""Headings of columns in which a tool says what a row is, and what it calls a trial of the maker there."""

_OTHER_SCHOOL = frozenset({"anders", "anders namelijk", "andere school", "other", "other school", "oth", "overig"})
"""Answers to the question for the school that name none: the name is in another column."""

MIN_COLUMNS = 3
"""Columns with a statement that one row of a table must have to be recognised as an export."""

MIN_ANSWERS = 10
"""Answers in one row of a table from which it is one of a respondent, whatever its columns are called."""


@dataclass(frozen=True, slots=True)
class Defaults:
    """School, year and role of every respondent who says nothing else."""

    school: str | None = None
    wave: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What the caller knows of an export: columns by heading, answers by text, defaults."""

    defaults: Defaults = field(default_factory=Defaults)
    columns: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Respondent:
    """One row of an export; the same row in another export has the same digest."""

    digest: str
    form: Form


@dataclass(frozen=True)
class _Layout:
    """An export's table, what its columns are, and the rows with respondents."""

    table: ExportTable
    head_row: int
    columns: list[ExportColumn]
    body: list[Row]
    others: list[Row]

    @cached_property
    def by_kind(self) -> Mapping[str, list[int]]:
        """The columns of each kind, by their place."""
        columns: dict[str, list[int]] = {}
        for at, column in enumerate(self.columns):
            columns.setdefault(column.kind, []).append(at)
        return columns

    def of_kind(self, kind: str) -> list[int]:
        return self.by_kind.get(kind, [])

    @cached_property
    def is_own_export(self) -> bool:
        """Whether this project wrote the table: answers and roles are numbers there."""
        headings = [normalize_text(column.heading) for column in self.columns]
        items = [heading for heading in headings if heading.startswith("item_")]
        return {"school", "wave", "role", "respondent", "form"} <= set(headings) and len(items) > MIN_COLUMNS


def is_export(data: bytes, checklist: Instrument) -> bool:
    """Whether a file has a row of headings with several statements: an export, not a form."""
    try:
        reader = HeadingReader(checklist)
        table = read_export_table(data, reader.score)
    except RefusedError:
        return False
    rows = [row for _, row in table.rows[:MAX_HEAD_ROWS]]
    if sum(map(reader.is_numbered_answer, rows)) >= MIN_ANSWERS:
        return True
    by_text = max((len({reader.item_by_text(cell) for cell in row} - {None}) for row in rows), default=0)
    by_answers = any(sum(map(reader.is_answer, row)) >= MIN_ANSWERS for row in rows)
    return by_text >= MIN_COLUMNS or by_answers or any(reader.fits(row) for row in rows)


def read_survey_export(
    data: bytes,
    checklist: Instrument,
    options: ExportOptions,
    track: Callable[[Sequence[Row]], Iterable[Row]] = iter,
) -> tuple[list[Respondent], list[Problem]]:
    """Read the bytes of an export.

    Parameters
    ----------
    track
        Yields the rows one by one, as `iter` does; it may show progress.

    Returns
    -------
    The respondents, and the problems of the complete file: columns that match nothing are named. `OWN_EXPORT` is among
    them where this project wrote the file.

    Raises
    ------
    RefusedError
        It is no export, none of its columns is an item, its answers are codes, or it is too large to read at once.
    """
    layout = _layout(data, checklist, options.columns)
    problems = [*layout.table.problems, *_column_problems(layout, checklist)]
    if not layout.of_kind("item"):
        numbers = any(problem.code == ProblemCode.QUESTION_NUMBERS for problem in problems)
        raise RefusedError(problems[-1] if numbers else Problem(ProblemCode.NOT_AN_EXPORT))
    answers = _answer_reader(layout, checklist, options)
    if answers.problem is not None:
        problems.append(answers.problem)
    reader = _RespondentReader(layout, checklist, answers, role_words(checklist), options.defaults)
    people = [Respondent("", reader.form(number, row)) for number, row in track(layout.body)]
    if answers.problem is not None and answers.problem.code == ProblemCode.ANSWER_CODES:
        raise RefusedError(answers.problem)  # the few that can be read would count alone
    if answers.unread and not any(person.form.answers for person in people):
        raise RefusedError(problems[-1])
    problems += [*_absent_places(layout, options.defaults), *_same_rows(layout)]
    problems += [Problem(ProblemCode.OWN_EXPORT)] if layout.is_own_export else []
    digests = _digests(layout, hashlib.sha256(data).hexdigest())
    return [Respondent(digest, person.form) for digest, person in zip(digests, people, strict=True)], problems


def describe_columns(data: bytes, checklist: Instrument, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return how each column of an export is understood.

    Returns
    -------
    Columns `column` (its letter), `heading`, `meaning` (an item, `school`, `wave`, `role`, `action_1` …, or empty)
    and `by` (`text`, `number`, `title`, `columns`, or why it is not read: `added`, `number`, `changed`, `unknown`).

    Raises
    ------
    RefusedError
        It is no table that can be read.
    """
    layout = _layout(data, checklist, columns or {})
    rows = []
    for at, column in enumerate(layout.columns):
        meaning = {"item": column.target, "action": f"action_{column.target}"}.get(column.kind, "")
        meaning = column.kind if column.kind in PLACES else meaning
        rows.append((cell_name((1, at + 1))[:-1], column.heading, meaning, column.by if meaning else column.kind))
    return pd.DataFrame(rows, columns=["column", "heading", "meaning", "by"], dtype="str")


def _layout(data: bytes, checklist: Instrument, mapping: Mapping[str, str]) -> _Layout:
    """Find the rows of headings, and decide what each column is."""
    reader = HeadingReader(checklist, mapping)
    table = read_export_table(data, reader.score)
    scores = [reader.score(row) for _, row in table.rows[:MAX_HEAD_ROWS]] or [0]
    best = scores.index(max(scores))
    ones = sum(0 < score <= 2 for score in scores)
    if not table.rows or scores[best] < 1 or (scores[best] <= 2 and ones > 1):
        best = _row_above_answers(table.rows, reader)
    head_row, head = table.rows[best]
    rows = table.rows[best + 1 :]
    while rows and reader.is_heading(rows[0][1]):
        rows = rows[1:]
    filled = [(number, row) for number, row in rows if row != head and any(map(str.strip, row))]
    if len(filled) > MAX_RESPONDENTS:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE_EXPORT))
    above = [row for _, row in table.rows[max(0, best - 2) : best]]
    columns = reader.columns([*above, head], [row for _, row in filled])
    if _has_column_per_answer(columns, filled):
        raise RefusedError(Problem(ProblemCode.COLUMN_PER_ANSWER, table.sheet))
    headings = set(head) - {""}
    if second := next((row for row in filled if 2 * len(headings.intersection(row[1])) > len(headings)), None):
        raise RefusedError(Problem(ProblemCode.SECOND_TABLE, table.sheet, cell_name((second[0], 1))))
    if cell := _table_beside(columns, filled):
        raise RefusedError(Problem(ProblemCode.SECOND_TABLE, table.sheet, cell_name((head_row, cell))))
    body = _with_facts([row for row in filled if not _is_no_respondent(row[1], columns, reader)], columns)
    numbers = {number for number, _ in body}
    others = [row for row in filled if row[0] not in numbers]
    odd = [] if table.sheet else _shifted_rows(body, head, columns, reader)
    if 2 * len(odd) > len(body):
        raise RefusedError(_row_width(odd[0]))
    table = replace(table, problems=(*table.problems, *map(_row_width, odd)))
    return _Layout(table, head_row, columns, [row for row in body if row not in odd], others)


def _table_beside(columns: Sequence[ExportColumn], rows: Sequence[Row]) -> int:
    """Return the column where a second table begins: most rows answer statements twice; 0 where there is none."""
    headings, columns_of = set[str](), dict[str, list[int]]()
    for at, column in enumerate(columns):
        if column.kind == "item":
            columns_of.setdefault(column.target, []).append(at)
    if len(columns_of) < MIN_COLUMNS or max(map(len, columns_of.values())) < 2:
        return 0
    filled = [
        sum(at < len(row) and row[at].strip() != "" for at in ats) for _, row in rows for ats in columns_of.values()
    ]
    if 2 * sum(n > 1 for n in filled) <= sum(n > 0 for n in filled):
        return 0
    for at, column in enumerate(columns, start=1):
        if column.heading and column.heading in headings:
            return at
        headings.add(column.heading)
    return max(columns_of[next(iter(columns_of))]) + 1


def _has_column_per_answer(columns: Sequence[ExportColumn], rows: Sequence[Row]) -> bool:
    """Whether most statements have filled columns without a heading after them: one for each answer."""
    items = [at for at, column in enumerate(columns) if column.kind == "item"]
    after = [at for at in items if at + 1 < len(columns) and not columns[at + 1].heading]
    return len(after) > 2 and 2 * sum(any(row[at + 1 : at + 2] != [""] for _, row in rows) for at in after) > len(items)


def _shifted_rows(
    rows: Sequence[Row], head: Sequence[str], columns: Sequence[ExportColumn], reader: HeadingReader
) -> list[Row]:
    """Return the lines with more or fewer cells than headings whose answers moved, and others of that width.

    Nobody can tell from which column on.
    """
    items = [at for at, column in enumerate(columns) if column.kind == "item"] or [0]

    def is_shifted(row: Sequence[str]) -> bool:
        def is_answer(at: int) -> bool:
            return at < len(row) and (reader.is_answer(row[at]) or row[at] in {row[item] for item in items[:-1]} - {""})

        if len(row) < len(head):
            return len(row) <= items[-1] or not is_answer(items[-1])
        return any(map(str.strip, row[len(head) :])) or (len(row) > len(head) and is_answer(items[-1] + 1))

    widths = {len(row) for _, row in rows if is_shifted(row)}
    return [row for row in rows if len(row[1]) in widths]


def _row_width(row: Row) -> Problem:
    return Problem(ProblemCode.ROW_WIDTH, cell=cell_name((row[0], 1)), found=str(len(row[1])))


def _row_above_answers(rows: Sequence[Row], reader: HeadingReader) -> int:
    """Return the row of headings of a table whose headings say nothing, by the answers under it; else refuse."""
    head = [row for _, row in rows[: MAX_HEAD_ROWS + 1]]
    for at, row in enumerate(head[1:]):
        if sum(map(reader.is_answer, row)) >= MIN_ANSWERS and not any(map(reader.item_by_text, row)):
            return at
    if any(lists_pupils(map(normalize_text, row)) for row in head):
        raise RefusedError(Problem(ProblemCode.CLASS_LIST))
    in_rows = sum(any(map(reader.item_by_text, row)) for row in head) >= MIN_COLUMNS
    in_rows |= sum(map(reader.is_numbered_answer, head)) >= MIN_ANSWERS
    raise RefusedError(Problem(ProblemCode.STATEMENTS_IN_ROWS if in_rows else ProblemCode.NOT_AN_EXPORT))


def _is_no_respondent(row: Sequence[str], columns: Sequence[ExportColumn], reader: HeadingReader) -> bool:
    """Whether a row is a total, a count of one answer, a trial of the maker, or a note in one cell."""
    cells = [(at, cell) for at, cell in enumerate(row) if cell.strip()]
    note = len(cells) == 1 and len(columns) > 2 and columns[cells[0][0]].kind not in ("item", "action")
    first = cells[0][1].strip()
    if cells[0][0] < len(columns) and columns[cells[0][0]].kind in PLACES and reader.is_answer(first):
        return True
    return (
        note
        or first.startswith("%")
        or _trial(row, columns) != ""
        or _TOTALS.fullmatch(normalize_text(first)) is not None
    )


def _trial(row: Sequence[str], columns: Sequence[ExportColumn]) -> str:
    """Return the word by which a tool marks a row as a trial; empty where it does not."""
    for cell, column in zip(row, columns, strict=False):
        if column.kind == "added" and normalize_text(column.heading) in _STATES and normalize_text(cell) in _TRIALS:
            return cell
    return ""


def _with_facts(rows: list[Row], columns: Sequence[ExportColumn]) -> list[Row]:
    """Return the rows without counts and instructions: rows of only answers, where most have facts."""
    outside = [at for at, column in enumerate(columns) if column.kind not in ("item", "action")]
    n_facts = [sum(at < len(row) and row[at].strip() != "" for at in outside) for _, row in rows]
    if 5 * sum(n > 1 for n in n_facts) < 4 * len(rows):
        return rows
    return [row for row, n in zip(rows, n_facts, strict=True) if n]


def _column_problems(layout: _Layout, checklist: Instrument) -> Iterator[Problem]:
    """Yield columns that are not read, items without a column, and rows of nobody."""
    sheet, quiet = layout.table.sheet, layout.is_own_export
    items = {column.target for column in layout.columns if column.kind == "item"}
    for at, column in enumerate(layout.columns):
        cell = cell_name((layout.head_row, at + 1))
        if column.kind == "changed":
            yield Problem(ProblemCode.CHANGED_STATEMENT, sheet, cell, column.target, column.heading)
        elif column.kind == "unknown" and not quiet:
            yield Problem(ProblemCode.UNMATCHED_COLUMN, sheet, cell, found=column.heading)
    for number, row in layout.others:
        text = _trial(row, layout.columns) or next(filter(None, map(str.strip, row)))
        yield Problem(ProblemCode.NO_RESPONDENT, sheet, cell_name((number, 1)), found=text)
    kinds = ("number",) if items else ("number", "unknown")
    numbers = [column.heading for column in layout.columns if column.kind in kinds]
    if items:
        yield from (Problem(ProblemCode.ITEM_NOT_FOUND, item=item) for item in checklist.item_ids if item not in items)
    if numbers:
        item_range = numbers[0] if len(numbers) == 1 else f"{numbers[0]} … {numbers[-1]}"
        yield Problem(ProblemCode.QUESTION_NUMBERS, sheet, found=item_range)


def _answer_reader(layout: _Layout, checklist: Instrument, options: ExportOptions) -> AnswerReader:
    items = layout.of_kind("item")
    cells = [row[at] for _, row in layout.body for at in items if at < len(row) and row[at].strip()]
    around = [cell for number, row in layout.table.rows if number <= layout.head_row for cell in row]
    notes = [cell for _, row in layout.others for cell in row]
    texts = (*layout.table.other_texts[:1_000], *around, *notes)
    return make_answer_reader(checklist, cells, texts, options.answers, layout.is_own_export)


def _absent_places(layout: _Layout, defaults: Defaults) -> Iterator[Problem]:
    """School, year and role for which there is no column: one message for the file."""
    codes = {"school": ProblemCode.NO_SCHOOL, "wave": ProblemCode.NO_WAVE, "role": ProblemCode.NO_ROLE}
    for name, code in codes.items():
        if not layout.of_kind(name) and getattr(defaults, name) is None:
            yield Problem(code, layout.table.sheet)


def _identity(layout: _Layout) -> list[int]:
    """Columns that a tool adds, where they tell respondents apart."""
    added_columns = layout.of_kind("added")
    different = {tuple(row[at] for at in added_columns if at < len(row)) for _, row in layout.body}
    return added_columns if len(different) > 1 else []


def _same_rows(layout: _Layout) -> Iterator[Problem]:
    """Yield rows that are equal in every column, time and number included; both count.

    Only where such columns tell respondents apart: colleagues may well answer the same.
    """
    first: dict[tuple[str, ...], int] = {}
    for number, row in layout.body if _identity(layout) else []:
        if (before := first.setdefault(tuple(row), number)) != number:
            yield Problem(ProblemCode.SAME_ROW, layout.table.sheet, cell_name((number, 1)), found=str(before))


def _digests(layout: _Layout, file_digest: str) -> Iterator[str]:
    """Yield a digest of each row: of its content, else of the file and the row's number."""
    identity, times_seen = _identity(layout), Counter[bytes]()
    id_columns = [at for at, column in enumerate(layout.columns) if normalize_text(column.heading) == "respondent"]
    for number, row in layout.body:
        if layout.is_own_export and id_columns and id_columns[0] < len(row):
            text = "\x1f".join(row).encode()
        elif identity:
            cells = zip(row, layout.columns, strict=False)
            text = "\x1f".join(cell for cell, column in cells if column.kind != "unknown").encode()
        else:
            text = f"{file_digest}:{number}".encode()
        times_seen[text] += 1
        yield hashlib.sha256(text + bytes([min(times_seen[text], 255)])).hexdigest()


@dataclass(frozen=True, slots=True)
class _RespondentReader:
    """Reads one respondent's row."""

    layout: _Layout
    checklist: Instrument
    answers: AnswerReader
    roles: Mapping[str, str]
    defaults: Defaults

    def form(self, number: int, row: Sequence[str]) -> Form:
        problems: list[Problem] = []
        answers = self._answers(number, row, problems)
        actions = sorted(self._actions(number, row, problems))
        texts = {name: self._text(row, name) for name in PLACES}
        form = Form(
            school=read_school(texts["school"]) or self.defaults.school,
            school_name="",
            wave=read_wave(texts["wave"]) if texts["wave"] else self.defaults.wave,
            role=self._role(texts["role"]) if texts["role"] else self.defaults.role,
            form=self.checklist.form,
            form_id="",
            modified=None,
            answers=answers,
            actions=actions,
            problems=problems,
            typed_name=name_beside_code(texts["school"]),
        )
        problems += self._place_problems(number, form, texts)
        if 2 * len(answers) < len(self.checklist.items) and not self.answers.unread:
            count = f"{len(answers)}/{len(self.checklist.items)}"
            problems.append(self._problem(ProblemCode.INCOMPLETE, number, 0, value=count))
        return form

    def _answers(self, number: int, row: Sequence[str], problems: list[Problem]) -> dict[str, int]:
        """The answers by item; of several columns the one that this respondent filled in."""
        cells_of: dict[str, list[tuple[int, str]]] = {}
        for at in self.layout.of_kind("item"):
            if at < len(row) and (text := strip_invisible(row[at])):
                cells_of.setdefault(self.layout.columns[at].target, []).append((at, text))
            elif flaw := self.layout.table.flaws.get((number, at + 1)):
                problems.append(self._problem(flaw, number, at, self.layout.columns[at].target))
        answers = {}
        for item in self.checklist.item_ids:
            cells = cells_of.get(item, [])
            if len(cells) > 1:
                texts = " / ".join(text for _, text in cells)
                problems.append(self._problem(ProblemCode.ANSWERED_TWICE, number, cells[1][0], item, texts))
            elif cells and (answer := self._answer(number, *cells[0], item, problems)) is not None:
                answers[item] = answer
        return answers

    def _answer(self, number: int, at: int, text: str, item: str, problems: list[Problem]) -> int | None:
        flaw = self.layout.table.flaws.get((number, at + 1))
        if flaw:
            problems.append(self._problem(flaw, number, at, item, text))
        if flaw in (ProblemCode.CELL_TWICE, ProblemCode.MERGED_ANSWER):
            return None
        answer = self.answers.read(text)
        if answer is None and text not in self.answers.unread:
            problems.append(self._problem(ProblemCode.UNCLEAR_ANSWER, number, at, item, text))
        return answer

    def _actions(self, number: int, row: Sequence[str], problems: list[Problem]) -> Iterator[tuple[int, str]]:
        for at in self.layout.of_kind("action"):
            if text := row[at].strip() if at < len(row) else "":
                step = self.layout.columns[at].target
                yield int(step), text
                problems += [self._problem(code, number, at, value=step) for code in find_personal_data(text)]

    def _text(self, row: Sequence[str], name: str) -> str:
        texts = [strip_invisible(row[at]) for at in self.layout.of_kind(name) if at < len(row)]
        if name == "school":
            texts = [text for text in texts if normalize_text(text) not in _OTHER_SCHOOL]
        return next(filter(None, texts), "")

    def _role(self, text: str) -> str | None:
        number = text.removesuffix(".0")
        if self.layout.is_own_export and number.isdecimal() and 1 <= int(number) <= len(self.checklist.roles):
            return self.checklist.roles[int(number) - 1].id
        return read_role(text, self.roles)

    def _place_problems(self, number: int, form: Form, texts: Mapping[str, str]) -> Iterator[Problem]:
        codes = (
            ("school", ProblemCode.NO_SCHOOL, ProblemCode.NO_SCHOOL),
            ("wave", ProblemCode.NO_WAVE, ProblemCode.UNKNOWN_WAVE),
            ("role", ProblemCode.NO_ROLE, ProblemCode.UNKNOWN_ROLE),
        )
        for name, absent, unknown in codes:
            columns = self.layout.of_kind(name)
            if columns and getattr(form, name) is None:
                yield self._problem(unknown if texts[name] else absent, number, columns[0], value=texts[name])

    def _problem(self, code: ProblemCode, number: int, at: int, item: str = "", value: str = "") -> Problem:
        return Problem(code, self.layout.table.sheet, cell_name((number, at + 1)), item, value)
