"""Write the blank form: one sheet, A4, made from the instrument.

Made to be found back: every item has its visible number and statement, a hidden key in its row and a defined name on
its answer cell. No macros, no password, inline lists; only what is to be filled in is unlocked.
"""

from __future__ import annotations

import io
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from toolkit.core.atomic_write import atomic_write
from toolkit.core.errors import FolderError, RefusedError, ToolkitError
from toolkit.core.i18n import LANGUAGES, Text, load_text
from toolkit.core.normalize import read_wave
from toolkit.core.paths import check_ending
from toolkit.core.sanitize import strip_bidi_controls
from toolkit.forms.form_reader import read_metadata
from toolkit.forms.keys import (
    ANSWER,
    FIRST,
    KEY,
    META_SHEET,
    NUMBER,
    STATEMENT,
    about_key,
    action_key,
    first_key,
    item_key,
    tick_boxes,
)
from toolkit.forms.template import fill_form, open_template
from toolkit.instrument.arguments import as_checklist, as_sector, check_type, explained
from toolkit.instrument.model import Instrument, Step, for_sector
from toolkit.spreadsheets.guard import read_regular_file

INK, GREY, DARK, PALE, YELLOW, LINE = "1F2933", "52606D", "0B3A5B", "DCE9F3", "FFF3CD", "7B8794"
FONT = "Calibri"
WIDTHS = {KEY: 12, NUMBER: 4.5, STATEMENT: 40, ANSWER: 19, FIRST: 25}
"""Of the columns: the cell to answer in begins within a telephone's screen, and all of it is in sight at 80%.

The last one gives the rooms for action points the width of a sentence. Without priorities it has nothing else.
"""
CHARACTERS_PER_LINE = {STATEMENT: 51, ANSWER: 78}
"""At the body size, of the statement and of what goes on over the answers; Carlito is as wide as Calibri."""
PAGE_BREAK_BEFORE = {2, 5}
"""Steps that begin a page: four pages, on two sheets of paper, in which no heading is alone at the foot."""
_TEXT_OPTIONS = ("school", "school_name", "wave", "language", "return_to", "deadline", "sector")
"""Options that a form holds on its hidden sheet, so that the same form can be made again."""


class FormStyle(TypedDict, total=False):
    """What the forms of all schools have in common.

    Attributes
    ----------
    language
        `"nl"` (default) or `"en"`.
    priorities
        Adds a column in which respondents may mark, per step, the item they would take up first.
    return_to, deadline
        To whom, and before which day, the form is returned, as printed on the form.
    sector
        `"po"`, `"vo"` or `""`: the statements in the words of this sector.
    """

    language: str
    priorities: bool
    return_to: str
    deadline: str
    sector: str


class FormOptions(FormStyle, total=False):
    """What a form is made for: see also `FormStyle`.

    Attributes
    ----------
    school, wave
        Prefilled and locked where given; otherwise the respondent fills them in.
    school_name
        Shown next to the code.
    """

    school: str
    school_name: str
    wave: str


@explained
def write_form(path: str | Path, checklist: Instrument | None = None, **options: Unpack[FormOptions]) -> Path:
    """Write a blank form.

    Parameters
    ----------
    options
        `school, school_name, wave, language, priorities, return_to, deadline, sector`: see
        `toolkit.forms.blank_form.FormOptions`.

    Returns
    -------
    The path written. The same arguments always give the same bytes.

    Raises
    ------
    FolderError
        The path is a file that is no untouched blank form: a filled form is never overwritten.
    ToolkitError
        `wave` is no school year.

    Examples
    --------
    >>> import tempfile
    >>> from toolkit import load_instrument
    >>> folder = tempfile.mkdtemp()
    >>> write_form(f"{folder}/blank.xlsx", load_instrument(), school="12AB00", wave="2025-2026").name
    'blank.xlsx'
    """
    text = load_text(options.get("language", "nl"))
    path, say, checklist = Path(path), text.say, as_checklist(checklist, text)
    check_texts(options)
    check_ending(path, [".xlsx"], text)
    if "sector" in options:
        options["sector"] = as_sector(options["sector"], text)
    wave = options.get("wave", "")
    if wave and read_wave(wave) != wave:
        raise ToolkitError(say("many.no_wave", wave=wave))
    if path.exists() and not _is_blank(path, checklist):
        raise FolderError(say("cli.form_there", file=path))
    atomic_write(path, form_bytes(checklist, **options))
    return path


def _is_blank(path: Path, checklist: Instrument) -> bool:
    """Whether a file is, byte for byte, a form that was made here and never touched, for any school."""
    try:
        data = read_regular_file(path)
        meta = read_metadata(data)
    except RefusedError:
        return False
    options = {name: meta.get(name, "") for name in _TEXT_OPTIONS}
    if options["language"] not in LANGUAGES:
        return False
    return any(data == form_bytes(checklist, **options, priorities=asks) for asks in (False, True))


def check_texts(options: FormOptions) -> None:
    """Raise `ToolkitError` for a school, name or school year that is no text."""
    for name, example in (("school", '"99AE00"'), ("school_name", '"De Linde"'), ("wave", '"2025-2026"')):
        check_type(options.get(name, ""), name, (str, type(None)), example)


def form_bytes(checklist: Instrument, **options: Unpack[FormOptions]) -> bytes:
    """Return the bytes of a blank form, without timestamp: equal forms are equal files."""
    saved = io.BytesIO()
    _build(checklist, options).save(saved)
    return fill_form(open_template(saved.getvalue()), {})


def _build(checklist: Instrument, options: FormOptions) -> Workbook:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    text = load_text(options.get("language", "nl"))
    form = _Form(workbook, sheet, for_sector(checklist, options.get("sector", "")), text, options)
    sheet.title = text.say("form.sheet")
    _write_top(form)
    row = _write_identity(form, _write_notes(form, 3))
    header = _write_header(form, row)
    row = header + 1
    for step in checklist.steps:
        row = _write_step(form, form.checklist.step(step.number), row)
    _write_total(form)
    _add_lists(form)
    _set_page(form, row, header)
    _write_meta(form)
    workbook.properties.title = text.say("form.title")
    workbook.properties.creator = "samenwerken-met-ouders"
    workbook.properties.language = text.language
    return workbook


@dataclass(frozen=True, slots=True)
class _Form:
    """What every part of the writer needs."""

    workbook: Workbook
    sheet: Worksheet
    checklist: Instrument
    text: Text
    options: FormOptions

    @property
    def priorities(self) -> bool:
        """Whether the form asks what to take up first."""
        return self.options.get("priorities", False)

    def option(self, name: Literal["school", "school_name", "wave", "return_to", "deadline"]) -> str:
        """Return a text option, empty where it is not given."""
        return strip_bidi_controls(self.options.get(name, ""))

    @property
    def answers(self) -> list[str]:
        """Answer labels in the publication's order: Ja, Beetje, Nee."""
        return [answer.label[self.text.language] for answer in reversed(self.checklist.answers)]

    @property
    def letters(self) -> list[str]:
        """The letters that are read as an answer: j, b, n."""
        return [answer.label[self.text.language][0].lower() for answer in reversed(self.checklist.answers)]

    def name(self, name: str, row: int, column: int = ANSWER) -> None:
        """Give a cell a defined name and write the same key in the hidden column of its row."""
        self.refer(name, row, column)
        self.sheet.cell(row, KEY, name)

    def refer(self, name: str, row: int, column: int) -> None:
        """Give a cell a defined name only."""
        target = f"'{self.sheet.title}'!${get_column_letter(column)}${row}"
        self.workbook.defined_names[name] = DefinedName(name, attr_text=target)


def _write_top(form: _Form) -> None:
    sheet, say = form.sheet, form.text.say
    for column, width in WIDTHS.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.column_dimensions["A"].hidden = True
    _fill(sheet.cell(1, NUMBER), say("form.title"), Font(name=FONT, size=18, bold=True, color=DARK))
    checklist = form.checklist
    subtitle = say("form.subtitle", items=len(checklist.items), steps=len(checklist.steps))
    _fill(sheet.cell(2, NUMBER), subtitle, Font(name=FONT, size=10, color=GREY))
    _fill(sheet.cell(2, ANSWER), say("form.filled"), Font(name=FONT, size=10, color=GREY), horizontal="center")
    sheet.merge_cells(start_row=2, end_row=2, start_column=NUMBER, end_column=STATEMENT)
    sheet.cell(2, NUMBER).alignment = Alignment(vertical="top", wrap_text=True)
    for row, height in ((1, 27), (2, 30)):
        sheet.row_dimensions[row].height = height
    sheet.freeze_panes = "A2"  # the count stays in sight; more rows would take a third of a telephone's screen


def _write_header(form: _Form, row: int) -> int:
    """Write the heading of the table of statements; return its row."""
    sheet, say = form.sheet, form.text.say
    header = Font(name=FONT, size=10, bold=True, color=DARK)
    for column, key in ((NUMBER, "number"), (STATEMENT, "statement"), (ANSWER, "answer")):
        horizontal = "left" if column == STATEMENT else "center"
        _fill(sheet.cell(row, column), say(f"form.{key}"), header, PALE, _BOX, horizontal)
    first = say("form.first") if form.priorities else None
    _fill(sheet.cell(row, FIRST), first, header, PALE, _BOX, "center")
    sheet.row_dimensions[row].height = 18
    return row


def _write_notes(form: _Form, row: int) -> int:
    for note in _notes(form):
        _fill(form.sheet.cell(row, NUMBER), "•", _body(), horizontal="center")
        _fill(form.sheet.cell(row, STATEMENT), note, _body())
        form.sheet.merge_cells(start_row=row, end_row=row, start_column=STATEMENT, end_column=ANSWER)
        form.sheet.row_dimensions[row].height = _height(note, CHARACTERS_PER_LINE[ANSWER], 4)
        row += 1
    return row


def _notes(form: _Form) -> list[str]:
    """Return the instructions, in the order in which a respondent needs them."""
    say = form.text.say
    first = [say("form.first_how", mark=say("form.first_mark"))] if form.priorities else []
    return [
        say("form.why"),
        say("form.how", answers=form.text.either(form.answers)),
        *first,
        say("form.who_sees"),
        say("form.no_names"),
        " ".join(filter(None, (say("form.return"), _return_line(form)))),
    ]


def _return_line(form: _Form) -> str:
    to, before = form.option("return_to"), form.option("deadline")
    if to and before:
        return form.text.say("form.return_both", to=to, before=before)
    if to:
        return form.text.say("form.return_to", to=to)
    return form.text.say("form.return_before", before=before) if before else ""


def _write_identity(form: _Form, row: int) -> int:
    say, school, wave = form.text.say, form.option("school"), form.option("wave")
    name = form.option("school_name")
    school_line = f"{say('form.school')}: {name}" if name else say("form.school")
    lines = [
        ("role", say("form.role"), ""),
        ("school", school_line if school else say("form.school_open"), school),
        ("wave", say("form.wave") if wave else say("form.wave_open"), wave),
    ]
    row += 1
    for key, label, value in lines:
        _fill(form.sheet.cell(row, STATEMENT), label, _body(bold=True), horizontal="right")
        if value:
            _fill(form.sheet.cell(row, ANSWER), value, _body(bold=True), "FFFFFF", _BOX, "center")
        else:
            _open_cell(form, row, ANSWER)
        cell = form.sheet.cell(row, ANSWER)
        cell.number_format = "@"
        if value:
            cell.data_type = "s"  # a name that starts with "=" is text, not a formula
        form.sheet.row_dimensions[row].height = _height(label, CHARACTERS_PER_LINE[STATEMENT] - 6, 5)
        form.name(about_key(key), row)
        row += 1
    return row + 1


def _write_step(form: _Form, step: Step, row: int) -> int:
    sheet, language = form.sheet, form.text.language
    if step.number in PAGE_BREAK_BEFORE:
        sheet.row_breaks.append(Break(id=row - 1))
    band = Font(name=FONT, size=12, bold=True, color="FFFFFF")
    title = form.text.say("form.step", number=step.number, title=step.title[language])
    _fill(sheet.cell(row, NUMBER), title, band, DARK, _BOX)
    _fill(sheet.cell(row, STATEMENT), None, band, DARK, _BOX)
    sheet.merge_cells(start_row=row, end_row=row, start_column=NUMBER, end_column=STATEMENT)
    sheet.cell(row, NUMBER).alignment = Alignment("left", "center", wrap_text=True, indent=1)
    first, last = row + 1, row + len(step.items)
    count = f"={_count(form, first, last)}&{_tail(form, len(step.items))}"
    _fill(sheet.cell(row, ANSWER), count, Font(name=FONT, size=10, bold=True, color="FFFFFF"), DARK, _BOX, "center")
    _fill(sheet.cell(row, FIRST), None, band, DARK, _BOX)
    sheet.row_dimensions[row].height = 1.15 * _height(title, 43, 6)
    for item_row, item in enumerate(step.items, start=first):
        statement = item.statement[language]
        _fill(sheet.cell(item_row, NUMBER), item.id, _body(color=GREY), None, _BOX, "center")
        sheet.cell(item_row, NUMBER).number_format = "@"
        _fill(sheet.cell(item_row, STATEMENT), statement, _body(), None, _BOX)
        _open_cell(form, item_row, ANSWER, bold=True)
        form.sheet.cell(item_row, ANSWER, tick_boxes(form.answers)).font = Font(name=FONT, size=9.5, color=GREY)
        form.name(item_key(item.id), item_row)
        if form.priorities:
            _open_cell(form, item_row, FIRST)
            form.refer(first_key(item.id), item_row, FIRST)
        sheet.row_dimensions[item_row].height = _height(statement, CHARACTERS_PER_LINE[STATEMENT], 6)
    return _write_actions(form, step, last + 1)


def _write_actions(form: _Form, step: Step, row: int) -> int:
    """Write the room for action points: in the answer column, so that Enter and Tab go through it."""
    sheet = form.sheet
    label = form.text.say("form.actions", number=step.number)
    for column in (NUMBER, STATEMENT):
        _fill(sheet.cell(row, column), label if column == STATEMENT else None, _body(bold=True, color=DARK), PALE, _BOX)
        sheet.cell(row, column).alignment = Alignment("left", "top", wrap_text=True, indent=1)
    for column in (ANSWER, FIRST):
        _open_cell(form, row, column, horizontal="left", vertical="top")
    sheet.merge_cells(start_row=row, end_row=row, start_column=ANSWER, end_column=FIRST)
    sheet.row_dimensions[row].height = 64
    form.name(action_key(step.number), row)
    return row + 2


def _write_total(form: _Form) -> None:
    """The live 'n van 33' at the top, which stays in sight while scrolling."""
    rows = [_row_of(form, item.id) for item in form.checklist.items]
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    total = "+".join(_count(form, first, last) for first, last in runs)
    font = Font(name=FONT, size=12, bold=True, color=DARK)
    _fill(form.sheet.cell(1, ANSWER), f"={total}&{_tail(form, len(rows))}", font, PALE, _BOX, "center")


def _cell_of(form: _Form, name: str) -> str:
    target: str = form.workbook.defined_names[name].attr_text
    return target.rpartition("!")[2].replace("$", "")


def _row_of(form: _Form, item_id: str) -> int:
    return int(form.workbook.defined_names[item_key(item_id)].attr_text.rpartition("$")[2])


def _count(form: _Form, first: int, last: int) -> str:
    options = ",".join(f'"{word}"' for word in (*form.answers, *form.letters))
    return f"SUMPRODUCT(COUNTIF(D{first}:D{last},{{{options}}}))"


def _tail(form: _Form, of: int) -> str:
    return f'" {form.text.say("form.of")} {of}"'


def _add_lists(form: _Form) -> None:
    say, language = form.text.say, form.text.language
    roles = [role.label[language] for role in form.checklist.roles]
    # What is typed is accepted, so that a letter is an answer; what is no answer turns red.
    answer_list = _list(form.answers, say("form.choose"), say("form.choose"), strict=False)
    role_list = _list(roles, say("form.choose"), say("form.choose_role"))
    for item in form.checklist.items:
        answer_list.add(f"D{_row_of(form, item.id)}")
    role_list.add(_cell_of(form, about_key("role")))
    mark = say("form.first_mark")
    first_list = _list([mark], say("form.choose"), say("form.first_how", mark=mark))
    for item in form.checklist.items if form.priorities else []:
        first_list.add(f"{get_column_letter(FIRST)}{_row_of(form, item.id)}")
    for choice in (answer_list, role_list, *([first_list] if form.priorities else [])):
        form.sheet.add_data_validation(choice)
    _add_colours(form)


def _add_colours(form: _Form) -> None:
    """Colour the cells that are filled in, and the answers that are none."""
    options = ",".join(f'"{word}"' for word in (*form.answers, *form.letters))
    answered = f'AND(LEFT($A1,5)="item_",SUM(COUNTIF($D1,{{{options}}}))>0)'
    untouched = f'OR($D1="",$D1="{tick_boxes(form.answers)}")'
    wrong = f'AND(LEFT($A1,5)="item_",NOT({untouched}),SUM(COUNTIF($D1,{{{options}}}))=0)'
    role = 'AND($A1="about_role",LEN($D1)>0)'
    bold = Font(bold=True, color=INK)
    blue, red = PatternFill("solid", bgColor="E3EEF9"), PatternFill("solid", bgColor="F8D7DA")
    for formula, fill in ((answered, blue), (role, blue), (wrong, red)):
        rule = FormulaRule(formula=[formula], fill=fill, font=bold)  # type: ignore[no-untyped-call]  # open in the stubs
        form.sheet.conditional_formatting.add(f"D1:D{form.sheet.max_row}", rule)


def _list(options: list[str], title: str, prompt: str, strict: bool = True) -> DataValidation:
    choice = DataValidation(type="list", formula1=f'"{",".join(options)}"', allow_blank=True, showErrorMessage=strict)
    choice.errorTitle, choice.error = title, prompt
    return choice


def _set_page(form: _Form, last: int, header: int) -> None:
    sheet = form.sheet
    name, wave = form.option("school_name") or form.option("school"), form.option("wave")
    sheet.page_setup.paperSize, sheet.page_setup.orientation = 9, "portrait"  # 9 is A4
    sheet.print_area = f"B1:{get_column_letter(FIRST)}{last}"
    sheet.print_title_rows = f"{header}:{header}"
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left, margins.right, margins.top, margins.bottom = 0.5, 0.5, 0.5, 0.65
    middle = " · ".join(filter(None, (name, wave))).replace("&", "&&")
    footer = sheet.oddFooter = HeaderFooterItem()
    for part, text in (
        (footer.left, form.checklist.form),
        (footer.center, middle),
        (footer.right, form.text.say("form.page")),
    ):
        part.text, part.size = text, 8
    sheet.protection.sheet = True
    sheet.sheet_view.showGridLines = False
    sheet.sheet_view.zoomScale = 100
    sheet.sheet_view.selection[-1].activeCell = sheet.sheet_view.selection[-1].sqref = _cell_of(form, about_key("role"))
    source = form.checklist.source
    facts = {"authors": " & ".join(source.authors), "year": source.year, "title": source.title}
    note = form.text.say("form.source", publisher=source.publisher, **facts)
    _fill(sheet.cell(last - 1, NUMBER), note, Font(name=FONT, size=8, italic=True, color=GREY))
    sheet.merge_cells(start_row=last - 1, end_row=last - 1, start_column=NUMBER, end_column=FIRST)
    sheet.cell(last - 1, NUMBER).alignment = Alignment(vertical="top", wrap_text=True)
    sheet.row_dimensions[last - 1].height = 24


def _write_meta(form: _Form) -> None:
    sheet = form.workbook.create_sheet(META_SHEET)
    facts = {
        "instrument": form.checklist.id,
        "form_version": form.checklist.form_version,
        "form_id": "",
        **{name: strip_bidi_controls(str(form.options.get(name, ""))) for name in _TEXT_OPTIONS},
        "language": form.text.language,
    }
    for row in facts.items():
        sheet.append(row)
    for (cell,) in sheet.iter_rows(min_col=2, max_col=2):
        cell.data_type = "s"
    sheet.sheet_state = "hidden"


_SIDE = Side(style="thin", color=LINE)
_BOX = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)


def _fill(
    cell: Any,
    value: str | None,
    font: Font,
    fill: str | None = None,
    border: Border | None = None,
    horizontal: str = "left",
) -> None:
    cell.value, cell.font = value, font
    indent = 1 if horizontal != "center" and cell.row > 2 else 0
    wrap = cell.row > 2 and cell.column != NUMBER
    cell.alignment = Alignment(horizontal=horizontal, vertical="center", wrap_text=wrap, indent=indent)
    if fill:
        cell.fill = PatternFill("solid", fgColor=fill)
    if border:
        cell.border = border


def _open_cell(
    form: _Form,
    row: int,
    column: int,
    bold: bool = False,
    horizontal: str = "center",
    vertical: str = "center",
) -> None:
    """A yellow input cell; text format, so that typed values stay unchanged."""
    cell = form.sheet.cell(row, column)
    cell.font = _body(bold=bold)
    cell.fill, cell.border = PatternFill("solid", fgColor=YELLOW), _BOX
    indent = 1 if horizontal == "left" else 0
    cell.alignment = Alignment(horizontal=horizontal, vertical=vertical, wrap_text=True, indent=indent)
    cell.protection = Protection(locked=False)
    cell.number_format = "@"


def _body(bold: bool = False, color: str = INK) -> Font:
    return Font(name=FONT, size=10.5, bold=bold, color=color)


def _height(text: str, characters: int, padding: float) -> float:
    return 14 * max(1, len(textwrap.wrap(text, characters))) + padding
