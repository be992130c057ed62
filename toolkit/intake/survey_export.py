"""Read exports of other survey tools: one row per respondent, one column per question.

MS Forms (Dutch and English), Google Forms and LimeSurvey, as `.xlsx` or `.csv`. Columns are matched to items by id or
by the statement's text. Names and e-mail addresses are dropped here, at the door: no part of them goes further.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.core.i18n import LANGUAGES, load_text
from toolkit.core.normalize import cell_text, normalize_text, read_school, read_wave, strip_invisible
from toolkit.forms.form_reader import Form, statement_changed
from toolkit.forms.personal_data import personal_codes
from toolkit.forms.pupil_lists import lists_pupils
from toolkit.instrument.lookup import answer_words, read_answer, role_words, statement_items
from toolkit.instrument.model import Instrument
from toolkit.spreadsheets.guard import MAX_FILE, OLE, ZIP
from toolkit.spreadsheets.model import MAX_TEXT_LENGTH, strip_control_chars
from toolkit.spreadsheets.reader import CellRef, Sheet, cell_name, read_workbook

MAX_EXPORT = 20_000_000
"""Bytes of an export as text; as a workbook it may have no more than a form."""

MAX_RESPONDENTS, MAX_QUESTIONS = 50_000, 500
MAX_TITLES = 20
"""Rows that may stand above the headings."""

_SEPARATORS = (";", ",", "\t", "|")
_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)

_DROPPED = frozenset({
    "id", "begintijd", "starttijd", "tijd van voltooien", "voltooiingstijd", "tijd voltooid", "e mail", "e mailadres",
    "email", "email address", "naam", "name", "laatst gewijzigd", "tijd van laatste wijziging", "last modified time",
    "start time", "completion time", "timestamp", "tijdstempel", "gebruikersnaam", "username", "response id",
    "antwoord id", "submitdate", "date submitted", "datum verzonden", "datum ingezonden", "lastpage", "last page",
    "laatste pagina", "startlanguage", "start language", "starttaal", "begintaal", "seed", "token", "toegangscode",
    "access code", "startdate", "date started", "datum gestart", "datestamp", "date last action",
    "datum laatste actie", "ipaddr", "ip address", "ip adres", "refurl", "referrer url", "verwijzende url", "firstname",
    "first name", "voornaam", "lastname", "last name", "achternaam", "total points", "totaal aantal punten",
    "quiz feedback", "score", "naam2",
})  # fmt: skip
"""Folded names of columns that a survey tool adds by itself: who, when, with which address. Nobody needs them here."""

_PLACES = {
    "school": {"school", "schoolcode", "brin", "brin code", "school code"},
    "wave": {"schooljaar", "wave", "school year", "meetmoment"},
    "role": {"rol", "role", "uw rol", "your role", "functie", "uw rol op school"},
}
_ID = re.compile(r"^\W*(?:item_?|[qQvV])?(\d{1,2})[._](\d{1,2})\b[\s.:)\]]*(.*)$", re.DOTALL)
_BRACKETS = re.compile(r"\[([^\[\]]{1,600})\]\s*$")
_ACTION = re.compile(r"(?:actiepunt(?:en)?|action points?)\b.*?\b(?:stap|step) (\d)\b|(?:action|actie)_?(\d)$")


@dataclass(frozen=True, slots=True)
class Respondent:
    """One row of an export."""

    number: int
    form: Form


_Line = tuple[int, list[str]]
"""A row of an export, with its number."""


@dataclass(slots=True)
class _Columns:
    """What each column is."""

    items: dict[int, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    actions: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every respondent has who says nothing else."""

    school: str | None = None
    wave: str | None = None
    role: str | None = None


def read_survey_export(
    data: bytes,
    checklist: Instrument,
    defaults: Defaults,
    each: Callable[[Sequence[_Line]], Iterable[_Line]] = iter,
) -> tuple[list[Respondent], list[Problem]]:
    """Read the bytes of an export.

    Parameters
    ----------
    each
        Gives the rows one by one, as `iter` does; who waits can be told how far it is.

    Returns
    -------
    The respondents, and the problems of the whole file: columns that match nothing are named.

    Raises
    ------
    RefusedError
        It is no export, none of its columns is an item, or it has more respondents than can be read at once.
    """
    statements = statement_items(checklist)

    def items(row: Sequence[str]) -> int:
        return len({_item(heading, checklist, statements)[0] for heading in row} - {None})

    table, problems = _table(data, items)
    scores = [items(row) for _, row in table.rows[:MAX_TITLES]] or [0]
    place = scores.index(max(scores))
    head_row, head = table.rows[place] if table.rows else (0, [])
    if scores[place] < 1 or scores.count(1) > 1 == scores[place]:  # one in each row: a form, or nothing of ours
        pupils = any(lists_pupils(map(normalize_text, row)) for _, row in table.rows[:MAX_TITLES])
        raise RefusedError(Problem(ProblemCode.CLASS_LIST if pupils else ProblemCode.NOT_AN_EXPORT))
    columns = _columns(head, table.sheet, head_row, checklist, problems)
    problems += [Problem(ProblemCode.ITEM_NOT_FOUND, item=item) for item in _absent(columns, checklist)]
    known = answer_words(checklist), role_words(checklist)
    reader = _Row(table.sheet, table.flaws, columns, checklist, *known, defaults)
    body = [(number, row) for number, row in table.rows[place + 1 :] if row != head and any(map(str.strip, row))]
    if len(body) > MAX_RESPONDENTS:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE_EXPORT))
    problems += _same_rows(body, [at for at, heading in enumerate(head) if _is_dropped(heading)], table.sheet)
    return [Respondent(number, reader.form(number, row)) for number, row in each(body)], problems


def _absent(columns: _Columns, checklist: Instrument) -> list[str]:
    return [item for item in checklist.item_ids if item not in columns.items.values()]


def _same_rows(body: list[tuple[int, list[str]]], who: list[int], sheet: str) -> Iterator[Problem]:
    """Rows that are equal in every column, time and number included; they are said, and both count.

    Only where such columns tell respondents apart: colleagues may well answer the same.
    """
    first: dict[tuple[str, ...], int] = {}
    if len({tuple(row[at] for at in who if at < len(row)) for _, row in body}) < 2:
        return
    for number, row in body:
        if (before := first.setdefault(tuple(row), number)) != number:
            yield Problem(ProblemCode.SAME_ROW, sheet, cell_name((number, 1)), found=str(before))


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of an export with their number as people see it, and what makes a cell less than a plain answer."""

    sheet: str
    rows: list[tuple[int, list[str]]]
    flaws: Mapping[CellRef, ProblemCode] = field(default_factory=dict)


def _table(data: bytes, items: Callable[[Sequence[str]], int]) -> tuple[_Table, list[Problem]]:
    if not data.startswith((ZIP, OLE)):
        return _Table("", list(enumerate(_csv_rows(data, items), start=1))), []
    if len(data) > MAX_FILE:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE_EXPORT))
    try:
        sheets = [sheet for sheet in read_workbook(data).sheets if sheet.cells]
    except RefusedError as refused:
        large = refused.problem.code == ProblemCode.TOO_LARGE
        raise RefusedError(Problem(ProblemCode.TOO_LARGE_EXPORT)) if large else refused from None
    found = [(sheet, _sheet_rows(sheet)) for sheet in sheets]
    scores = [max(items(row) for _, row in rows[:MAX_TITLES]) for _, rows in found]
    if not found:
        raise RefusedError(Problem(ProblemCode.NOT_AN_EXPORT))
    best = scores.index(max(scores))
    sheet, rows = found[best]
    others = [found[at][0].name for at, score in enumerate(scores) if score and at != best]
    return _Table(sheet.name, rows, _flaws(sheet)), [Problem(ProblemCode.UNREAD_SHEET, name) for name in others]


def _sheet_rows(sheet: Sheet) -> list[tuple[int, list[str]]]:
    wide = min(MAX_QUESTIONS, max(column for _, column in sheet.cells))
    return [
        (row, [cell_text(cells.get(column)) for column in range(1, wide + 1)]) for row, cells in sheet.rows().items()
    ]


def _flaws(sheet: Sheet) -> dict[CellRef, ProblemCode]:
    found = {
        place: ProblemCode.FORMULA if place in sheet.cells else ProblemCode.FORMULA_WITHOUT_VALUE
        for place in sheet.formulas
    }
    for first, (bottom, right) in sheet.merged:
        rows = range(first[0], min(bottom, MAX_RESPONDENTS) + 1)
        columns = range(first[1], min(right, MAX_QUESTIONS) + 1)
        if len(rows) * len(columns) <= MAX_RESPONDENTS:
            found |= {
                (row, column): ProblemCode.MERGED_ANSWER for row in rows for column in columns if (row, column) != first
            }
    return found | dict.fromkeys(sheet.twice, ProblemCode.CELL_TWICE)


def _csv_rows(data: bytes, items: Callable[[Sequence[str]], int]) -> Iterator[list[str]]:
    """The rows of a text; what parts its columns is the sign that makes most of them items."""
    text = _decoded(data)
    first, _, rest = text.partition("\n")
    if marked := _SEPARATOR.fullmatch(first.strip()):  # Excel's own word for it
        return _split_rows(rest, marked[1])
    try:
        scores = [max(map(items, islice(_split_rows(text, sign), MAX_TITLES)), default=0) for sign in _SEPARATORS]
    except csv.Error as error:
        raise RefusedError(Problem(ProblemCode.NOT_AN_EXPORT)) from error
    return _split_rows(text, _SEPARATORS[scores.index(max(scores))])


def _split_rows(text: str, sign: str) -> Iterator[list[str]]:
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=sign)):
            if number > MAX_RESPONDENTS + MAX_TITLES:
                raise RefusedError(Problem(ProblemCode.TOO_LARGE_EXPORT))
            yield [strip_control_chars(value)[:MAX_TEXT_LENGTH] for value in row[:MAX_QUESTIONS]]
    except csv.Error as error:
        raise RefusedError(Problem(ProblemCode.NOT_AN_EXPORT)) from error


def _decoded(data: bytes) -> str:
    """UTF-8 or UTF-16, with or without its mark; else what Windows programs write."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:4096]:
        halves = [data[half:4096:2].count(0) for half in (0, 1)]
        if max(halves) < len(data[:4096]) // 4:
            raise RefusedError(Problem(ProblemCode.NOT_AN_EXPORT))
        return data.decode("utf-16-le" if halves[1] > halves[0] else "utf-16-be", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _columns(head: Sequence[str], sheet: str, row: int, checklist: Instrument, problems: list[Problem]) -> _Columns:
    columns, statements = _Columns(), statement_items(checklist)
    for number, heading in enumerate(head):
        cell = cell_name((row, number + 1))
        item, changed = _item(heading, checklist, statements)
        if changed:
            problems.append(Problem(ProblemCode.CHANGED_STATEMENT, sheet, cell, item or "", heading))
        elif item and item in columns.items.values():
            problems.append(Problem(ProblemCode.DOUBLE_COLUMN, sheet, cell, item, heading))
        elif item:
            columns.items[number] = item
        elif not _place(heading, number, columns, checklist) and heading.strip() and not _is_dropped(heading):
            problems.append(Problem(ProblemCode.UNMATCHED_COLUMN, sheet, cell, found=heading))
    twice = {problem.item for problem in problems if problem.code == ProblemCode.DOUBLE_COLUMN}
    columns.items = {number: item for number, item in columns.items.items() if item not in twice}
    return columns


def _item(heading: str, checklist: Instrument, statements: Mapping[str, str]) -> tuple[str | None, bool]:
    """The item a heading is about, and whether its id stands before the text of something else."""
    inside = _BRACKETS.search(heading)
    for text in [inside[1], heading] if inside else [heading]:
        if found := statements.get(normalize_text(text)):
            return found, False
        match = _ID.match(text)
        item = f"{int(match[1])}.{int(match[2])}" if match else ""
        if match and item in checklist.item_ids:
            said = statements.get(normalize_text(match[3]))
            if said:
                return said, said != item
            return item, statement_changed(match[3])
    return None, False


def _place(heading: str, number: int, columns: _Columns, checklist: Instrument) -> bool:
    folded = normalize_text(heading)
    for name, labels in _PLACES.items():
        if folded in labels | _labels(name) and name not in columns.places:
            columns.places[name] = number
            return True
    match = _ACTION.search(folded)
    step = int(match[1] or match[2]) if match else 0
    if step in {step.number for step in checklist.steps} and step not in columns.actions.values():
        columns.actions[number] = step
        return True
    return False


def _labels(name: str) -> set[str]:
    keys = [name] if name == "role" else [name, f"{name}_open"]
    return {normalize_text(load_text(language).say(f"form.{key}")) for language in LANGUAGES for key in keys}


def _is_dropped(heading: str) -> bool:
    return normalize_text(heading) in _DROPPED or normalize_text(heading.split(".")[0]) in _DROPPED


@dataclass(frozen=True, slots=True)
class _Row:
    """Reads one respondent."""

    sheet: str
    flaws: Mapping[CellRef, ProblemCode]
    columns: _Columns
    checklist: Instrument
    answers: Mapping[str, int]
    roles: Mapping[str, str]
    defaults: Defaults

    def form(self, number: int, row: Sequence[str]) -> Form:
        problems: list[Problem] = []
        answers = dict(self._answers(number, row, problems))
        actions = list(self._actions(number, row, problems))
        place = {name: self._said(row, name) for name in _PLACES}
        form = Form(
            school=read_school(place["school"]) or self.defaults.school,
            school_name="",
            wave=read_wave(place["wave"]) if place["wave"] else self.defaults.wave,
            role=self.roles.get(normalize_text(place["role"])) if place["role"] else self.defaults.role,
            form=self.checklist.form,
            form_id="",
            modified=None,
            answers=answers,
            actions=sorted(actions),
            problems=problems,
        )
        problems += self._where(number, form, place)
        if 2 * len(answers) < len(self.checklist.items):
            count = f"{len(answers)}/{len(self.checklist.items)}"
            problems.append(Problem(ProblemCode.INCOMPLETE, self.sheet, cell_name((number, 1)), found=count))
        return form

    def _answers(self, number: int, row: Sequence[str], problems: list[Problem]) -> Iterator[tuple[str, int]]:
        for column, item in self.columns.items.items():
            text = strip_invisible(row[column]) if column < len(row) else ""
            answer = read_answer(text, self.answers) if text else None
            if flaw := self.flaws.get((number, column + 1)):
                problems.append(Problem(flaw, self.sheet, cell_name((number, column + 1)), item, text))
            if flaw in (ProblemCode.CELL_TWICE, ProblemCode.MERGED_ANSWER):
                continue
            if answer is not None:
                yield item, answer
            elif text:
                problems.append(
                    Problem(ProblemCode.UNCLEAR_ANSWER, self.sheet, cell_name((number, column + 1)), item, text)
                )

    def _actions(self, number: int, row: Sequence[str], problems: list[Problem]) -> Iterator[tuple[int, str]]:
        for column, step in self.columns.actions.items():
            text = row[column].strip() if column < len(row) else ""
            if text:
                yield step, text
                place = cell_name((number, column + 1))
                problems.extend(Problem(code, self.sheet, place, found=str(step)) for code in personal_codes(text))

    def _said(self, row: Sequence[str], name: str) -> str:
        column = self.columns.places.get(name, len(row))
        return strip_invisible(row[column]) if column < len(row) else ""

    def _where(self, number: int, form: Form, place: Mapping[str, str]) -> Iterator[Problem]:
        codes = (
            ("school", ProblemCode.NO_SCHOOL, ProblemCode.NO_SCHOOL),
            ("wave", ProblemCode.NO_WAVE, ProblemCode.UNKNOWN_WAVE),
            ("role", ProblemCode.NO_ROLE, ProblemCode.UNKNOWN_ROLE),
        )
        for name, code, unknown in codes:
            if getattr(form, name) is None:
                cell = cell_name((number, self.columns.places.get(name, 0) + 1))
                yield Problem(unknown if place[name] else code, self.sheet, cell, found=place[name])
