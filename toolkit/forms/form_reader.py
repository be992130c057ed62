"""Read a filled-in form of our own, in whatever state it came back.

An answer cell goes through `row_matching.read_answers`, `vocabulary.Vocabulary.meaning` and `lookup.read_answer`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.core.normalize import cell_text, name_beside_code, normalize_text, read_school, read_wave
from toolkit.core.ooxml_package import MAX_TEXT_LENGTH
from toolkit.forms.form import Form
from toolkit.forms.form_checks import (
    check_sheets,
    limit_problems,
    stray_answers,
    text_outside_fields,
    without_blank_copies,
)
from toolkit.forms.form_page import Page, make_pages
from toolkit.forms.keys import ANSWER, IDENTITY, META_SHEET, TEAM_SIZE, read_team_size
from toolkit.forms.personal_data import find_personal_data
from toolkit.forms.priority_marks import one_per_step
from toolkit.forms.row_matching import item_rows, priority_items, read_answers
from toolkit.forms.shifted_answers import check_alignment
from toolkit.forms.vocabulary import Meaning, Vocabulary
from toolkit.instrument.lookup import read_role
from toolkit.instrument.model import Instrument
from toolkit.spreadsheets.reader import Sheet, Workbook, cell_name, read_workbook


def read_form(data: bytes, checklist: Instrument | Vocabulary) -> Form:
    """Read the bytes of a returned form; raises `RefusedError` when they are none.

    To read many forms, make the checklist's `Vocabulary` once.
    """
    vocabulary = checklist if isinstance(checklist, Vocabulary) else Vocabulary(checklist)
    checklist = vocabulary.checklist
    book = read_workbook(data)
    meta = _metadata(book)
    if (instrument_id := meta.get("instrument") or checklist.id) != checklist.id:
        raise RefusedError(Problem(ProblemCode.OTHER_INSTRUMENT, found=instrument_id))
    pages = without_blank_copies(make_pages(book, vocabulary), checklist)
    rows = [row for page in pages for row in item_rows(page)]
    problems = [*book.problems, *check_sheets(pages, rows, meta, checklist)]
    check_alignment(pages, rows)
    answers = read_answers(rows, book, vocabulary, problems)
    by_name = {(p.sheet, p.cell) for p in problems if p.code == ProblemCode.BY_NAME_ONLY}
    problems.extend(stray_answers(pages, by_name))
    identity = _identity(pages, meta, vocabulary, problems)
    first, several = one_per_step(priority_items(rows), checklist)
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
        problems=limit_problems([*problems, *text_outside_fields(pages, meta, checklist)]),
        first=first,
        team_size=read_team_size(meta.get(TEAM_SIZE, ""), checklist.role_ids),
        typed_name=identity["typed_name"] or "",
    )


def read_metadata(data: bytes) -> dict[str, str]:
    """Read the facts on a form's hidden sheet; raises `RefusedError` when it can't be read."""
    return _metadata(read_workbook(data))


def _metadata(book: Workbook) -> dict[str, str]:
    for sheet in book.sheets:
        if sheet.name == META_SHEET:
            rows = sheet.rows().values()
            return {cell_text(row[1]): cell_text(row.get(2)).strip() for row in rows if 1 in row}
    return {}


# --- school, year and role ---


def _identity(
    pages: list[Page], meta: Mapping[str, str], vocabulary: Vocabulary, problems: list[Problem]
) -> dict[str, str | None]:
    """School, wave, role and a typed name: as on the form, or from its hidden sheet where the form has none."""
    fields = {name: _labelled_fields(pages, name) for name in IDENTITY}
    identity = {
        "school": _school(fields["school"][0], read_school(meta.get("school", "")), vocabulary, problems),
        "wave": _wave(fields["wave"][0], read_wave(meta.get("wave", "")), problems),
        "role": _role(fields["role"][0], vocabulary, problems),
        "typed_name": name_beside_code(fields["school"][0].text),
    }
    for name, (first, *more_fields) in fields.items():
        rival = next((field for field in more_fields if normalize_text(field.text) != normalize_text(first.text)), None)
        if rival is not None:
            problems.append(replace(rival, text=f"{first.text} / {rival.text}").problem(ProblemCode.SAID_TWICE))
            identity[name] = None
    return identity


@dataclass(frozen=True, slots=True)
class _Field:
    """A text and its place."""

    text: str = ""
    sheet: str = ""
    cell: str = ""

    def problem(self, code: ProblemCode) -> Problem:
        return Problem(code, self.sheet, self.cell, found=self.text)


def _labelled_fields(pages: list[Page], name: str) -> list[_Field]:
    """The filled texts, else one blank, to the right of a label (or, without it, in the row with that key).

    Those on the sheet of the statements count; only without such a sheet those on another.
    """
    fields = [field for page in pages if page.rows_of("item") for field in _fields_on(page, name)]
    fields = fields or [field for page in pages for field in _fields_on(page, name)]
    return [field for field in fields if field.text] or fields[:1] or [_Field()]


def _fields_on(page: Page, name: str) -> Iterator[_Field]:
    for row, cells in page.rows_of("about").items():
        if (label := _label_column(cells, name)) is not None:
            texts = {at: m.text for at, m in cells.items() if at > label and m.text and not m.is_own_text}
            column = next(iter(texts), max(label + 1, ANSWER))
            yield _Field(texts.get(column, ""), page.sheet.name, cell_name((row, column)))


def _label_column(cells: Mapping[int, Meaning], name: str) -> int | None:
    key_column = None
    for column, meaning in cells.items():
        if name in meaning.labels:
            return column
        if meaning.metadata_key == name:
            key_column = column
    return key_column


def _school(field: _Field, prefilled: str, vocabulary: Vocabulary, problems: list[Problem]) -> str | None:
    is_other = read_wave(field.text) or read_role(field.text, vocabulary.roles)  # of a cell that moved one row
    school = "" if is_other else read_school(field.text)
    if not school and not prefilled:
        problems.append(field.problem(ProblemCode.NO_SCHOOL))
    elif (school or is_other) and prefilled and school != prefilled:
        problems.append(field.problem(ProblemCode.SCHOOL_DIFFERS))
    return school or prefilled or None


def _wave(field: _Field, prefilled: str | None, problems: list[Problem]) -> str | None:
    wave = read_wave(field.text)
    if field.text and wave is None:
        problems.append(field.problem(ProblemCode.UNKNOWN_WAVE))
        return None
    if wave is None and prefilled is None:
        problems.append(field.problem(ProblemCode.NO_WAVE))
    elif wave and prefilled and wave != prefilled:
        problems.append(field.problem(ProblemCode.WAVE_DIFFERS))
    return wave or prefilled


def _role(field: _Field, vocabulary: Vocabulary, problems: list[Problem]) -> str | None:
    role = read_role(field.text, vocabulary.roles)
    if role is None:
        problems.append(field.problem(ProblemCode.UNKNOWN_ROLE if field.text else ProblemCode.NO_ROLE))
    return role


# --- action points ---


_KINDS_OF_ROWS = frozenset({"item", "action", "own"})
"""Row kinds of texts that nobody writes in a room, but that a dragged cell brings there."""


def _actions(pages: list[Page], problems: list[Problem]) -> list[tuple[int, str]]:
    """Return per step the text in its room for action points.

    The room is right of its label, in the row that has its key. On forms of version 1 it is the row under its label.
    """
    actions: dict[int, str] = {}
    for page in pages:
        rooms, step_above, answers = page.rows_of("action"), None, page.columns.answers
        for row, cells in page.rows.items():
            if step_above is None and row not in rooms:
                continue
            label, key = cells.action_label_step, cells.action_key_step
            step = key or label or (step_above if _may_be_room(cells) else None)
            is_room = key is not None and label is not None
            texts = {column: m.raw_text for column, m in cells.items() if _is_written(m, column == answers, is_room)}
            if step is not None and texts and not any(m.statement or m.key for m in cells.values()):
                _add_action(actions, step, texts, page.sheet, row, problems)
                problems.extend(_formulas_in_text(page.sheet, row))
            step_above = label if key is None and not texts else None
    return sorted(actions.items())


def _may_be_room(cells: Mapping[int, Meaning]) -> bool:
    """Whether a row without key and label may be a room: it has no text of the form, and no number of an item."""
    return not any(meaning.is_own_text or meaning.number for meaning in cells.values())


def _is_written(meaning: Meaning, is_answer_column: bool, is_room: bool) -> bool:
    """Whether somebody wrote this text in a room: not the form itself, nor an answer one row too low.

    In the answer column of a row with label and key the blank form has no text. A word of the form there ("School") was
    written; a statement, title, label or count was dragged.
    """
    if is_answer_column and meaning.answer is not None:
        return False
    is_dragged = bool(meaning.row_kinds & _KINDS_OF_ROWS) or any(map(str.isdigit, meaning.raw_text))
    is_form = meaning.is_own_text and (is_dragged or not (is_answer_column and is_room))
    return bool(meaning.raw_text) and not is_form


def _add_action(
    actions: dict[int, str], step: int, texts: Mapping[int, str], sheet: Sheet, row: int, problems: list[Problem]
) -> None:
    text, cell = "\n".join(texts.values()), cell_name((row, min(texts)))
    if len(text) > MAX_TEXT_LENGTH:
        problems.append(Problem(ProblemCode.TEXT_CUT, sheet.name, cell))
    actions.setdefault(step, text[:MAX_TEXT_LENGTH])
    # the text itself stays out of the message
    problems.extend(Problem(code, sheet.name, cell, found=str(step)) for code in find_personal_data(actions[step]))


def _formulas_in_text(sheet: Sheet, row: int) -> Iterator[Problem]:
    for ref in sorted(sheet.formulas):
        if ref[0] == row:
            value = cell_text(sheet.cells.get(ref))
            yield Problem(ProblemCode.FORMULA_IN_TEXT, sheet.name, cell_name(ref), found=value)
