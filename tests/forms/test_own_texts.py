"""A text that the blank form has is nobody's answer, whatever was moved or deleted in a filled-in form."""

from __future__ import annotations

import io
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from xml.sax.saxutils import escape

import pytest
from openpyxl import load_workbook

from tests.corpus.binary_builders import pack
from toolkit.core.errors import RefusedError
from toolkit.core.i18n import LANGUAGES
from toolkit.forms.blank_form import form_bytes
from toolkit.forms.form_reader import read_form
from toolkit.forms.vocabulary import Vocabulary
from toolkit.instrument.model import load_instrument

CHECKLIST = load_instrument()
VOCABULARY = Vocabulary(CHECKLIST)
WORDS = ("Nee", "Beetje", "Ja")
PLACE = {"school": "99AA00", "wave": "2025-2026"}
COLUMNS = 5

Ref = tuple[int, int]


@dataclass(frozen=True)
class Grid:
    """The cells of a form's sheet, its defined names, and the cells of its hidden sheet."""

    cells: dict[Ref, str]
    names: dict[str, Ref]
    meta: dict[Ref, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Filled:
    """What somebody filled in."""

    answers: dict[str, int]
    actions: dict[int, str]


@cache
def blank(language: str = "nl", priorities: bool = False) -> Grid:
    """The blank form, read by another program than ours."""
    book = load_workbook(io.BytesIO(form_bytes(CHECKLIST, **PLACE, language=language, priorities=priorities)))
    sheet, meta = book.worksheets
    names = {}
    for name, defined in book.defined_names.items():
        cell = sheet[defined.attr_text.rpartition("!")[2].replace("$", "")]
        names[name] = (cell.row, cell.column)
    return Grid(texts_of(sheet), names, texts_of(meta))


def texts_of(sheet) -> dict[Ref, str]:
    values = {
        (cell.row, cell.column): cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None
    }
    return {ref: "3 van 8" if str(value).startswith("=") else str(value) for ref, value in values.items()}


OWN_TEXTS = {text for language in LANGUAGES for text in blank(language).cells.values()} - set(PLACE.values())


def fill(random_: random.Random) -> tuple[Grid, Filled]:
    """Answers and action points at random, each action point of its own; some cells and rooms stay empty."""
    form, cells = blank(), dict(blank().cells)
    answers = {item: random_.choice((0, 1, 2, None)) for item in CHECKLIST.item_ids}
    filled_answers = {item: value for item, value in answers.items() if value is not None}
    actions = {step: f"Wij bellen {step} keer per jaar" for step in range(1, 6) if random_.random() < 0.5}
    for item, value in filled_answers.items():
        cells[form.names[f"item_{item.replace('.', '_')}"]] = WORDS[value]
    for step, text in actions.items():
        cells[form.names[f"action_{step}"]] = text
    cells[form.names["about_role"]] = "Leraar"
    return replace(form, cells=cells), Filled(filled_answers, actions)


# ---------------------------------------------------------------- what people do


def by_columns(order: Callable[[int], int | None]) -> Callable[[Grid], Grid]:
    """Move each column; names move along, as in a spreadsheet program. None deletes it."""
    return lambda grid: move_cells(grid, lambda ref: None if order(ref[1]) is None else (ref[0], order(ref[1])))


def by_rows(order: Callable[[Grid, int], int | None]) -> Callable[[Grid], Grid]:
    return lambda grid: move_cells(
        grid, lambda ref: None if order(grid, ref[0]) is None else (order(grid, ref[0]), ref[1])
    )


def move_cells(grid: Grid, new_ref: Callable[[Ref], Ref | None]) -> Grid:
    cells = {new: text for ref, text in grid.cells.items() if (new := new_ref(ref)) is not None}
    names = {name: new for name, ref in grid.names.items() if (new := new_ref(ref)) is not None}
    return replace(grid, cells=cells, names=names)


def without(number: int) -> Callable[[int], int | None]:
    return lambda index: None if index == number else index - (index > number)


def to_end(number: int) -> Callable[[int], int]:
    return lambda index: COLUMNS + 3 if index == number else index - (index > number)


def swapped(first: int, second: int) -> Callable[[int], int]:
    return lambda index: {first: second, second: first}.get(index, index)


def row_with(grid: Grid, text: str) -> int:
    """The row of a text; 0 where it is gone."""
    return next((row for (row, _), value in sorted(grid.cells.items()) if value.startswith(text)), 0)


def delete_row(text: str, below: int = 0) -> Callable[[Grid], Grid]:
    def order(grid: Grid, row: int) -> int | None:
        row_number = row_with(grid, text)
        return without(row_number + below)(row) if row_number else row

    return by_rows(order)


def row_to_end(text: str, below: int = 0) -> Callable[[Grid], Grid]:
    def order(grid: Grid, row: int) -> int:
        row_number = row_with(grid, text)
        return 200 if row_number and row == row_number + below else row

    return by_rows(order)


def row_to(text: str, target_text: str, above: int = 0) -> Callable[[Grid], Grid]:
    """Cut a row and insert it at another."""

    def order(grid: Grid, row: int) -> int:
        source, target = row_with(grid, text), row_with(grid, target_text) - above
        if not source or target <= 0:
            return row
        if row == source:
            return target
        return row - (row > source) + (without(source)(row) >= target)

    return by_rows(order)


def rooms_deleted(grid: Grid) -> Grid:
    for step in range(1, 6):
        grid = delete_row(f"Actiepunten bij stap {step}", 1)(grid)
    return grid


def without_blank_rows(grid: Grid) -> Grid:
    """Rows without anything to see are left out when visible cells are pasted."""
    rows = sorted({row for row, column in grid.cells if column > 1})
    return by_rows(lambda _, row: rows.index(row) + 1 if row in rows else None)(grid)


def stale(by: int) -> Callable[[Grid], Grid]:
    """A program that moves no names: each is left at another row."""
    return lambda grid: replace(grid, names={name: (row + by, column) for name, (row, column) in grid.names.items()})


EDITS: dict[str, Callable[[Grid], Grid]] = {
    **{f"column {letter} deleted": by_columns(without(number)) for number, letter in enumerate("ABCD", 1)},
    **{f"column {letter} to the end": by_columns(to_end(number)) for number, letter in enumerate("ABCD", 1)},
    "columns A and B swapped": by_columns(swapped(1, 2)),
    "columns A and D swapped": by_columns(swapped(1, 4)),
    "columns B and C swapped": by_columns(swapped(2, 3)),
    "columns C and D swapped": by_columns(swapped(3, 4)),
    "columns B and D swapped": by_columns(swapped(2, 4)),
    "a column inserted before D": by_columns(lambda place: place + (place >= 4)),
    "headings deleted": delete_row("Nr"),
    "headings to the end": row_to_end("Nr"),
    "headings above an answer": row_to("Nr", "Stap 3", -3),
    "title deleted": delete_row("Samenwerken"),
    "role deleted": delete_row("Uw rol"),
    "school deleted": delete_row("School"),
    "a step's title deleted": delete_row("Stap 2"),
    "a step's title to the end": row_to_end("Stap 2"),
    "a step's title in a room": row_to("Stap 3", "Actiepunten bij stap 1", -1),
    "the source in a room": row_to("Eigen verwoording", "Actiepunten bij stap 4", -1),
    "a label deleted": delete_row("Actiepunten bij stap 1"),
    "a label to the end": row_to_end("Actiepunten bij stap 1"),
    "a room deleted": delete_row("Actiepunten bij stap 2", 1),
    "a room to the end": row_to_end("Actiepunten bij stap 2", 1),
    "all rooms deleted": rooms_deleted,
    "an item deleted": delete_row("2.4"),
    "an item to the end": row_to_end("2.4"),
    "an item in a room": row_to("3.2", "Actiepunten bij stap 1", -1),
    "a label above an item": row_to("Actiepunten bij stap 2", "2.4"),
    "names deleted": lambda grid: replace(grid, names={}),
    "names one row lower": stale(1),
    "names one row higher": stale(-1),
    "hidden sheet deleted": lambda grid: replace(grid, meta={}),
    "blank rows left out": without_blank_rows,
}  # fmt: skip


# ---------------------------------------------------------------- the file, and the judge


OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEETS = (("Checklist", "sheet1.xml"), ("_meta", "sheet2.xml"))


def save(grid: Grid) -> bytes:
    """A workbook of plain texts, as pasting or another program makes it."""
    names = "".join(name_xml(name, *ref) for name, ref in grid.names.items() if ref[0] > 0)
    listed = "".join(f'<sheet name="{name}" sheetId="1" r:id="{part}"/>' for name, part in SHEETS)
    relations = "".join(relation_xml(part) for _, part in SHEETS)
    book = f'<workbook xmlns:r="{OFFICE}"><sheets>{listed}</sheets><definedNames>{names}</definedNames></workbook>'
    return pack({
        "xl/workbook.xml": book.encode(),
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relations}</Relationships>".encode(),
        "xl/worksheets/sheet1.xml": sheet_xml(grid.cells),
        "xl/worksheets/sheet2.xml": sheet_xml(grid.meta),
    })  # fmt: skip


def name_xml(name: str, row: int, column: int) -> str:
    return f'<definedName name="{name}">Checklist!${letter(column)}${row}</definedName>'


def relation_xml(part: str) -> str:
    return f'<Relationship Id="{part}" Type="{OFFICE}/worksheet" Target="worksheets/{part}"/>'


def sheet_xml(cells: dict[Ref, str]) -> bytes:
    rows = itertools.groupby(sorted(cells.items()), key=lambda ref_and_text: ref_and_text[0][0])
    body = "".join(f'<row r="{row}">{"".join(map(cell_xml, group))}</row>' for row, group in rows)
    return f"<worksheet><sheetData>{body}</sheetData></worksheet>".encode()


def cell_xml(ref_and_text: tuple[Ref, str]) -> str:
    (row, column), text = ref_and_text
    return f'<c r="{letter(column)}{row}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def letter(column: int) -> str:
    return chr(64 + column)


def wrong(data: bytes, filled: Filled) -> list[str]:
    """What was read that nobody filled in."""
    try:
        form = read_form(data, VOCABULARY)
    except RefusedError:
        return []
    faults = [f"answer {item}: {value}" for item, value in form.answers.items() if filled.answers.get(item) != value]
    faults += [f"action {step}: {text}" for step, text in form.actions if filled.actions.get(step) != text]
    reported = {item for problem in form.problems for item in (problem.item, problem.found)}
    faults += [f"message: {text}" for text in reported & OWN_TEXTS if len(text) > 3]
    role = {"Leraar": "teacher"}
    faults += [] if form.role in (None, *role.values()) and form.school in (None, "99AA00") else ["identity"]
    return faults


@pytest.mark.parametrize("first", EDITS)
def test_whatever_two_things_were_done_nobody_answers_with_the_texts_of_the_form(first):
    faults = {}
    for number, (second, edit) in enumerate(EDITS.items()):
        grid, filled = fill(random.Random(f"{first}{number}"))
        if fault := wrong(save(edit(EDITS[first](grid))), filled):
            faults[second] = fault
    assert faults == {}


def test_a_form_in_which_nothing_was_done_comes_out_complete():
    grid, filled = fill(random.Random(1))
    form = read_form(save(grid), VOCABULARY)
    assert dict(form.answers) == filled.answers
    assert dict(form.actions) == filled.actions


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("priorities", [False, True])
def test_every_text_of_a_blank_form_is_known_as_its_own(language, priorities):
    metadata_texts = {*PLACE.values(), *CHECKLIST.item_ids}
    texts = set(blank(language, priorities).cells.values()) - metadata_texts
    assert {text for text in texts if not VOCABULARY.meaning(text).is_own_text} == set()


HARMLESS = (
    "names deleted", "hidden sheet deleted", "column A deleted", "column D to the end", "a column inserted before D",
    "columns A and B swapped", "columns B and C swapped", "blank rows left out", "a step's title deleted",
    "a step's title to the end", "headings deleted", "names one row lower", "an item to the end", "title deleted",
)  # fmt: skip


@pytest.mark.parametrize("edit", HARMLESS)
def test_nothing_is_lost_where_each_answer_is_still_beside_its_statement(edit):
    grid, filled = fill(random.Random(edit))
    form = read_form(save(EDITS[edit](grid)), VOCABULARY)
    assert dict(form.answers) == filled.answers
    assert dict(form.actions) == filled.actions


def test_what_is_typed_behind_the_label_of_a_room_is_read_without_the_label():
    grid, filled = fill(random.Random(4))
    cells = dict(grid.cells)
    for step, text in filled.actions.items():
        room = grid.names[f"action_{step}"]
        (label,) = (
            ref for ref, label_text in grid.cells.items() if label_text.startswith(f"Actiepunten bij stap {step}")
        )
        cells[label] = f"{cells[label]} {text}"
        cells.pop(room)
    form = read_form(save(replace(grid, cells=cells)), VOCABULARY)
    assert filled.actions
    assert dict(form.actions) == filled.actions
    assert dict(form.answers) == filled.answers


@pytest.mark.parametrize("misplaced", ["Klassenleraar", "2025-2026"])
def test_a_role_or_year_in_the_place_of_the_school_is_no_school(misplaced):
    grid, _ = fill(random.Random(5))
    (place_ref,) = (ref for ref, text in grid.cells.items() if text == "99AA00")
    form = read_form(save(replace(grid, cells=grid.cells | {place_ref: misplaced})), VOCABULARY)
    assert form.school == "99AA00", "as the hidden sheet has it"
    assert "school_differs" in {problem.code for problem in form.problems}
    form = read_form(save(replace(grid, cells=grid.cells | {place_ref: misplaced}, meta={})), VOCABULARY)
    assert form.school is None


def test_visible_cells_pasted_into_a_new_workbook_give_no_step_title_as_action_point():
    grid, filled = fill(random.Random(3))
    pasted = by_columns(without(1))(without_blank_rows(replace(grid, names={}, meta={})))
    form = read_form(save(pasted), VOCABULARY)
    assert dict(form.actions) == filled.actions
    assert dict(form.answers) == filled.answers
