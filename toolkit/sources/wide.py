"""Read exports of other survey tools: one row per respondent, one column per question.

MS Forms (Dutch and English), Google Forms and LimeSurvey, as `.xlsx` or `.csv`. Columns are matched to items by id or
by the statement's text. Names and e-mail addresses are dropped here, at the door: no part of them goes further.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.errors import Problem, RefusedError
from toolkit.instrument import Instrument
from toolkit.sources import words
from toolkit.sources.cells import cell_name, read_book
from toolkit.sources.grid import LONGEST_TEXT, clean
from toolkit.sources.personal import personal_codes
from toolkit.sources.safety import OLE, ZIP
from toolkit.sources.workbook import Form, statement_changed
from toolkit.text import LANGUAGES, load_text

MOST_RESPONDENTS, MOST_QUESTIONS = 50_000, 500

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


def read_wide(data: bytes, checklist: Instrument, defaults: Defaults) -> tuple[list[Respondent], list[Problem]]:
    """Read the bytes of an export.

    Returns
    -------
    The respondents, and the problems of the whole file: columns that match nothing are named.

    Raises
    ------
    RefusedError
        It is no export, or none of its columns is an item.
    """
    sheet, rows = _rows(data)
    numbers = [number for number, row in rows if any(row)]
    if not numbers:
        raise RefusedError(Problem("not_a_form"))
    head = next(row for number, row in rows if number == numbers[0])
    problems: list[Problem] = []
    columns = _columns(head, sheet, numbers[0], checklist, problems)
    if not columns.items:
        raise RefusedError(Problem("not_a_form"))
    problems += [Problem("item_not_found", item=item) for item in _absent(columns, checklist)]
    known = words.answer_words(checklist), words.role_words(checklist)
    reader = _Row(sheet, columns, checklist, *known, defaults)
    body = [(number, row) for number, row in rows if number > numbers[0] and any(map(str.strip, row))]
    return [Respondent(number, reader.form(number, row)) for number, row in body], problems


def _absent(columns: _Columns, checklist: Instrument) -> list[str]:
    return [item for item in checklist.item_ids if item not in columns.items.values()]


def _rows(data: bytes) -> tuple[str, list[tuple[int, list[str]]]]:
    """The sheet's name, and its rows with their number as people see it."""
    if data.startswith((ZIP, OLE)):
        book = read_book(data)
        sheets = [sheet for sheet in book.sheets if sheet.cells]
        if not sheets:
            raise RefusedError(Problem("not_a_form"))
        wide = min(MOST_QUESTIONS, max(column for _, column in sheets[0].cells))
        found = [
            (row, [words.cell_text(cells.get(column)) for column in range(1, wide + 1)])
            for row, cells in sheets[0].rows().items()
        ]
        return sheets[0].name, _bounded(found)
    if b"\0" in data[:4096]:
        raise RefusedError(Problem("not_a_workbook"))
    return "", _bounded(list(enumerate(_csv_rows(data), start=1)))


def _bounded(rows: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    if len(rows) > MOST_RESPONDENTS:
        raise RefusedError(Problem("too_large"))
    return rows


def _csv_rows(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    try:
        tries = [list(csv.reader(io.StringIO(text, newline=""), delimiter=sign)) for sign in (";", ",", "\t")]
    except csv.Error as error:
        raise RefusedError(Problem("not_a_workbook")) from error
    rows = max(tries, key=lambda rows: len(rows[0]) if rows else 0)  # the sign that parts the headings best
    return [[clean(value)[:LONGEST_TEXT] for value in row[:MOST_QUESTIONS]] for row in rows]


def _columns(head: Sequence[str], sheet: str, row: int, checklist: Instrument, problems: list[Problem]) -> _Columns:
    columns, statements = _Columns(), words.statement_items(checklist)
    for number, heading in enumerate(head):
        cell = cell_name((row, number + 1))
        item, changed = _item(heading, checklist, statements)
        if changed:
            problems.append(Problem("changed_statement", sheet, cell, item or "", heading))
        elif item and item in columns.items.values():
            problems.append(Problem("double_column", sheet, cell, item, heading))
        elif item:
            columns.items[number] = item
        elif not _place(heading, number, columns, checklist) and heading.strip() and not _is_dropped(heading):
            problems.append(Problem("unmatched_column", sheet, cell, found=heading))
    twice = {problem.item for problem in problems if problem.code == "double_column"}
    columns.items = {number: item for number, item in columns.items.items() if item not in twice}
    return columns


def _item(heading: str, checklist: Instrument, statements: Mapping[str, str]) -> tuple[str | None, bool]:
    """The item a heading is about, and whether its id stands before the text of something else."""
    inside = _BRACKETS.search(heading)
    for text in [inside[1], heading] if inside else [heading]:
        if found := statements.get(words.fold(text)):
            return found, False
        match = _ID.match(text)
        item = f"{int(match[1])}.{int(match[2])}" if match else ""
        if match and item in checklist.item_ids:
            said = statements.get(words.fold(match[3]))
            if said:
                return said, said != item
            return item, statement_changed(match[3])
    return None, False


def _place(heading: str, number: int, columns: _Columns, checklist: Instrument) -> bool:
    folded = words.fold(heading)
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
    return {words.fold(load_text(language).say(f"form.{key}")) for language in LANGUAGES for key in keys}


def _is_dropped(heading: str) -> bool:
    return words.fold(heading) in _DROPPED or words.fold(heading.split(".")[0]) in _DROPPED


@dataclass(frozen=True, slots=True)
class _Row:
    """Reads one respondent."""

    sheet: str
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
            school=words.read_school(place["school"]) or self.defaults.school,
            school_name="",
            wave=words.read_wave(place["wave"]) if place["wave"] else self.defaults.wave,
            role=self.roles.get(words.fold(place["role"])) if place["role"] else self.defaults.role,
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
            problems.append(Problem("incomplete", self.sheet, cell_name((number, 1)), found=count))
        return form

    def _answers(self, number: int, row: Sequence[str], problems: list[Problem]) -> Iterator[tuple[str, int]]:
        for column, item in self.columns.items.items():
            text = words.visible(row[column]) if column < len(row) else ""
            answer = words.read_answer(text, self.answers) if text else None
            if answer is not None:
                yield item, answer
            elif text:
                problems.append(Problem("unclear_answer", self.sheet, cell_name((number, column + 1)), item, text))

    def _actions(self, number: int, row: Sequence[str], problems: list[Problem]) -> Iterator[tuple[int, str]]:
        for column, step in self.columns.actions.items():
            text = row[column].strip() if column < len(row) else ""
            if text:
                yield step, text
                place = cell_name((number, column + 1))
                problems.extend(Problem(code, self.sheet, place, found=str(step)) for code in personal_codes(text))

    def _said(self, row: Sequence[str], name: str) -> str:
        column = self.columns.places.get(name, len(row))
        return words.visible(row[column]) if column < len(row) else ""

    def _where(self, number: int, form: Form, place: Mapping[str, str]) -> Iterator[Problem]:
        codes = (("school", "no_school", ""), ("wave", "no_wave", "unknown_wave"), ("role", "no_role", "unknown_role"))
        for name, code, unknown in codes:
            if getattr(form, name) is None:
                cell = cell_name((number, self.columns.places.get(name, 0) + 1))
                yield Problem(unknown if place[name] else code, self.sheet, cell, found=place[name])
