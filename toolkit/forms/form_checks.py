"""What a person should look at on a returned form, besides its answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.core.normalize import normalize_text
from toolkit.forms.form_page import Page
from toolkit.forms.pupil_lists import lists_pupils
from toolkit.forms.row_matching import ItemRow
from toolkit.instrument.model import Instrument
from toolkit.spreadsheets.model import MAX_ROWS
from toolkit.spreadsheets.reader import cell_name

MAX_PROBLEMS = 500
"""Problems of one form: nobody reads more of them."""

FORM_COLUMNS = 5
"""Columns of the form after its answers, with some to spare: an answer beyond them was moved there."""


def limit_problems(problems: list[Problem]) -> list[Problem]:
    """Return at most `MAX_PROBLEMS`, and one that counts the others."""
    n_more = len(problems) - MAX_PROBLEMS
    return [*problems[:MAX_PROBLEMS], Problem(ProblemCode.MORE_PROBLEMS, found=str(n_more))] if n_more > 0 else problems


def check_sheets(
    pages: list[Page], rows: list[ItemRow], meta: Mapping[str, str], checklist: Instrument
) -> list[Problem]:
    """Check for other lists, other versions, second forms and notes.

    Raises `RefusedError` for a list of pupils, and for two forms side by side.
    """
    problems = [*_class_lists(pages, rows, checklist)]
    if not rows:
        raise RefusedError(Problem(ProblemCode.NOT_A_FORM))
    for page in pages:
        if 2 * sum(cells.repeats_statement for cells in page.rows_of("item").values()) >= len(checklist.items):
            raise RefusedError(Problem(ProblemCode.TWO_FORMS, found=page.sheet.name))
    problems += _two_forms(rows, checklist)
    return [*problems, *_other_version(meta, checklist), *_truncated_texts(pages), *_notes(pages)]


def without_blank_copies(pages: list[Page], checklist: Instrument) -> list[Page]:
    """Return the sheets without blank copies of the form next to a filled one."""
    complete = [page for page in pages if 2 * len(page.rows_of("item")) >= len(checklist.items)]
    if len(complete) < 2:
        return pages
    filled = [page for page in complete if _is_filled(page)] or complete[:1]
    return [page for page in pages if page not in complete or page in filled]


def _is_filled(page: Page) -> bool:
    """Whether somebody wrote something in the first row of a statement or below it."""
    first = min(page.rows_of("item"))
    rows = [cells for row, cells in page.rows.items() if row >= first and not page.is_heading(cells)]
    return any(cells.answers or any(not cells[at].number for at in cells.free_texts) for cells in rows)


def _notes(pages: list[Page]) -> Iterator[Problem]:
    """Name the first cell with a note: its text may be an answer, and is not read."""
    refs = [(page.sheet.name, ref) for page in pages for ref in sorted(page.sheet.notes)]
    if refs:
        yield Problem(ProblemCode.NOTES_NOT_READ, refs[0][0], cell_name(refs[0][1]), found=str(len(refs)))


def _class_lists(pages: list[Page], rows: list[ItemRow], checklist: Instrument) -> Iterator[Problem]:
    """A list of pupils is refused; next to a form it is reported, and nothing of it is read."""
    for page in pages:
        if _has_pupil_list(page):
            if 2 * len(rows) < len(checklist.items):
                raise RefusedError(Problem(ProblemCode.CLASS_LIST))
            yield Problem(ProblemCode.PUPILS_BESIDE, page.sheet.name)


def _has_pupil_list(page: Page) -> bool:
    """Whether a row has the headings of a list of pupils."""
    return any(
        lists_pupils(normalize_text(meaning.text) for meaning in row.values())
        for row in page.rows_of("pupils").values()
    )


def _two_forms(rows: list[ItemRow], checklist: Instrument) -> Iterator[Problem]:
    if len(rows) <= len(checklist.items):
        return
    per_sheet = Counter(row.sheet for row in rows)
    complete = [sheet for sheet, count in per_sheet.items() if 2 * count >= len(checklist.items)]
    repeated = sum(count > 1 for count in Counter((row.sheet, row.item) for row in rows).values())
    if len(complete) > 1 or 2 * repeated >= len(checklist.items):
        yield Problem(ProblemCode.TWO_FORMS, found=", ".join(complete))


def _other_version(meta: Mapping[str, str], checklist: Instrument) -> Iterator[Problem]:
    version = meta.get("form_version") or checklist.form_version
    if version not in (checklist.form_version, *checklist.earlier_versions):
        yield Problem(ProblemCode.OTHER_VERSION, found=version)


def _truncated_texts(pages: list[Page]) -> Iterator[Problem]:
    for page in pages:
        for ref in sorted(page.sheet.truncated):
            yield Problem(ProblemCode.TEXT_CUT, page.sheet.name, cell_name(ref))


def stray_answers(pages: list[Page], used: set[tuple[str, str]]) -> Iterator[Problem]:
    """Report answers in a row that asks nothing (one too low): nobody can tell whose they are.

    `used` has the (sheet, cell) of answers that were read from there nevertheless.
    """
    for page in pages:
        items = page.rows_of("item")
        for row in sorted(page.rows.keys() - items.keys()):
            cells = page.rows[row]
            for column in cells.answers if not page.is_heading(cells) else ():
                if column != page.columns.answers and column <= page.columns.answers + FORM_COLUMNS:
                    continue
                if (page.sheet.name, cell := cell_name((row, column))) not in used:
                    yield Problem(ProblemCode.STRAY_ANSWER, page.sheet.name, cell, found=cells[column].text)


def text_outside_fields(pages: list[Page], meta: Mapping[str, str], checklist: Instrument) -> Iterator[Problem]:
    """Report texts outside the fields of the form: nobody can tell what they belong to."""
    if [*_other_version(meta, checklist)]:
        return  # another version has other titles
    for page in pages:
        items, in_room = page.rows_of("item"), False
        first = next(iter(items), MAX_ROWS)
        for row, cells in page.rows.items():
            if row in items:
                in_room = False
                continue
            has_label = cells.action_label_step is not None
            if cells.free_texts and row > first and not (in_room or has_label or "own" in cells.kinds):
                yield Problem(ProblemCode.STRAY_TEXT, page.sheet.name, cell_name((row, cells.free_texts[0])))
            in_room = has_label and cells.action_key_step is None
