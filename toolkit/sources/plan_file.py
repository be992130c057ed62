"""The team's plan as a workbook that people edit: written as plain text cells, read back by its headings.

Rows and columns may be moved, added and left out, by any program. What can't be read is said, and the rest is kept.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from toolkit.actions import FIELDS, ActionPlan, ActionPoint, TeamAction
from toolkit.errors import FolderError, Problem, RefusedError, ToolkitError
from toolkit.instrument import Instrument, load_instrument
from toolkit.sources.cells import Sheet, cell_name, read_book
from toolkit.sources.filled import fill_form, open_template
from toolkit.sources.grid import LONGEST_TEXT, clean
from toolkit.sources.safety import read_once
from toolkit.sources.words import cell_text, fold, role_words
from toolkit.text import LANGUAGES, load_text, problem_message

ACTION_COLUMNS = ("id", "what", "items", "steps", "who", "by", "seen", "points")
POINT_COLUMNS = ("point", "step_of", "role", "text", "times")
WIDTHS = {"what": 46, "seen": 34, "text": 80, "items": 16, "who": 20, "by": 16, "points": 16, "role": 24}
EMPTY_ROWS = 20
"""Rows below the last action that are laid out too, so that what is typed there stays text."""

FIRST_DAY, LAST_DAY = 36_526, 73_050
"""Day numbers of 2000 and 2099: a number among these where a date is asked for is one."""


def write_actions(
    path: str | Path, plan: ActionPlan, checklist: Instrument | None = None, language: str = "nl"
) -> Path:  # fmt: skip
    """Write a plan as a workbook that people can edit; the same plan always gives the same bytes.

    Every cell is text: what somebody typed can't become a formula.
    """
    checklist, text = checklist or load_instrument(), load_text(language)
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = text.say("plan.sheet")
    place = [(text.say("plan.school"), plan.school), (text.say("plan.wave"), plan.wave), (text.say("plan.how"), "")]
    _fill(sheet, [*place, ("", "")], ACTION_COLUMNS, [_action_row(action) for action in plan.actions], language)
    points = workbook.create_sheet(text.say("plan.points_sheet"))
    _fill(points, [], POINT_COLUMNS, [_point_row(point, checklist, language) for point in plan.points], language)
    saved = io.BytesIO()
    workbook.save(saved)
    target = Path(path)
    target.write_bytes(fill_form(open_template(saved.getvalue()), {}))
    return target


def read_actions(path: str | Path, checklist: Instrument | None = None) -> ActionPlan:
    """Read a plan back, whatever was done to its rows and columns.

    Returns
    -------
    The plan; `problems` has what could not be read, and where. A reference to an item, step or action point that does
    not exist is left out of the action and said.

    Raises
    ------
    FolderError
        The file is not there.
    ToolkitError
        It is no workbook, or has no table of actions.
    """
    path = Path(path)
    if not path.exists():
        raise FolderError(load_text().say("plan.missing", file=path))
    try:
        book = read_book(read_once(path))
    except RefusedError as refused:
        raise ToolkitError(f"{path.name}: {problem_message(refused.problem)}") from refused
    checklist = checklist or load_instrument()
    tables = [(sheet, _table(sheet)) for sheet in book.sheets]
    actions = next(((sheet, table) for sheet, table in tables if "what" in table.columns), None)
    if actions is None:
        raise ToolkitError(load_text().say("plan.no_table", file=path.name))
    problems: list[Problem] = []
    listed = next((table for _, table in tables if {"point", "text"} <= table.columns.keys()), _Table({}, {}))
    points = _points(listed, checklist)
    read = _actions(*actions, checklist, {point.id for point in points}, problems)
    school, wave = (_labelled(actions[0], f"plan.{name}") for name in ("school", "wave"))
    return ActionPlan(school, wave, tuple(read), tuple(points), tuple(problems))


# --- writing ---


def _action_row(action: TeamAction) -> list[str]:
    lists = {"items": action.items, "steps": map(str, action.all_steps), "points": action.points}
    words = {"id": action.id} | {name: getattr(action, name) for name in FIELDS}
    words |= {name: ", ".join(values) for name, values in lists.items()}
    return [words[name] for name in ACTION_COLUMNS]


def _point_row(point: ActionPoint, checklist: Instrument, language: str) -> list[str]:
    return [point.id, str(point.step), checklist.role(point.role).plural[language], point.text, str(point.times)]


def _fill(
    sheet: Worksheet,
    top: Sequence[tuple[str, str]],
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    language: str,
) -> None:
    say = load_text(language).say
    for number, words in enumerate(top, start=1):
        for column, value in enumerate(words, start=1):
            _put(sheet, number, column, value, bold=column == 1 and number < len(top), wrap=False)
    first = len(top) + 1
    for column, name in enumerate(columns, start=1):
        _put(sheet, first, column, say(f"plan.{name}"), bold=True, box=True).fill = PatternFill(
            "solid", fgColor="DCE9F3"
        )
        sheet.column_dimensions[get_column_letter(column)].width = WIDTHS.get(name, 10)
    for number, row in enumerate([*rows, *[[""] * len(columns)] * EMPTY_ROWS], start=first + 1):
        for column, value in enumerate(row, start=1):
            _put(sheet, number, column, value, box=True)
    sheet.freeze_panes = f"A{first + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # 9 is A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


_LINE = Side(style="thin", color="CBD2D9")


def _put(sheet: Worksheet, row: int, column: int, value: str, bold: bool = False, box: bool = False, wrap: bool = True):  # type: ignore[no-untyped-def]
    cell = sheet.cell(row, column, clean(value)[:LONGEST_TEXT] if value else None)
    if value:
        cell.data_type = "s"
    cell.number_format = "@"
    cell.font = Font(name="Calibri", bold=bold)
    cell.alignment = Alignment(vertical="top", wrap_text=wrap)
    if box:
        cell.border = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
    return cell


# --- reading ---


@dataclass(frozen=True, slots=True)
class _Table:
    """A table with known headings: their columns, and the filled rows below them."""

    columns: Mapping[str, int]
    rows: Mapping[int, Mapping[int, object]]


def _table(sheet: Sheet) -> _Table:
    """The table under the first row that has at least two known headings."""
    names = {
        fold(load_text(language).say(f"plan.{name}")): name
        for language in LANGUAGES
        for name in (*ACTION_COLUMNS, *POINT_COLUMNS)
    }
    rows = sheet.rows()
    for row, cells in rows.items():
        found = {names[head]: column for column, value in cells.items() if (head := fold(cell_text(value))) in names}
        if len(found) > 1:
            return _Table(found, {number: below for number, below in rows.items() if number > row})
    return _Table({}, {})


def _points(table: _Table, checklist: Instrument) -> list[ActionPoint]:
    shown = [checklist.role(role) for role in checklist.shown_role_ids]
    roles = role_words(checklist) | {fold(word): role.id for role in shown for word in role.plural.values()}
    found = []
    for cells in table.rows.values():
        words = _words(cells, table.columns)
        step, role = words.get("step_of", ""), roles.get(fold(words.get("role", "")), checklist.team.id)
        if words.get("point") and step.isdigit() and int(step) in {s.number for s in checklist.steps}:
            times = words.get("times", "")
            number = int(times) if times.isdigit() else 1
            found.append(ActionPoint(words["point"].upper(), int(step), role, words.get("text", ""), number))
    return found


def _actions(
    sheet: Sheet, table: _Table, checklist: Instrument, points: set[str], problems: list[Problem]
) -> Iterator[TeamAction]:
    taken: set[str] = set()
    waiting: list[TeamAction] = []
    for row, cells in table.rows.items():
        words = _words(cells, table.columns)
        if not any(words.get(name) for name in ACTION_COLUMNS if name != "id"):
            continue
        reader = _Row(sheet, row, table.columns, words, problems)
        action = reader.action(checklist, points)
        if action.id in taken or not re.fullmatch(r"A\d+", action.id):
            action = replace(action, id="")
        taken.add(action.id)
        waiting.append(action)
    plan = ActionPlan("", "", tuple(action for action in waiting if action.id))
    for action in waiting:
        if not action.id:
            action = replace(action, id=plan.next_id())
            plan = plan.with_action(action)
        yield action


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table of actions, and where to say what is odd about it."""

    sheet: Sheet
    row: int
    columns: Mapping[str, int]
    words: Mapping[str, str]
    problems: list[Problem]

    def action(self, checklist: Instrument, points: set[str]) -> TeamAction:
        """Read the row; what it names and is not there goes into the problems."""
        if not self.words.get("what"):
            self.say("no_action_text", "what")
        for name in self.columns:
            place = (self.row, self.columns[name])
            if place in self.sheet.formulas:
                self.say("formula_in_text", name, self.words.get(name, ""))
            if place in self.sheet.cut:
                self.say("text_cut", name)
        items = self.listed("items", r"\d+\.\d+", checklist.item_ids, "unknown_item")
        steps = self.listed("steps", r"\d+", [str(step.number) for step in checklist.steps], "unknown_step")
        own = {item.split(".")[0] for item in items}
        return TeamAction(
            items=tuple(items),
            steps=tuple(int(step) for step in steps if step not in own),
            points=tuple(self.listed("points", r"P\d+", points, "unknown_point")),
            id=self.words.get("id", "").upper(),
            **{name: self.words.get(name, "") for name in FIELDS},
        )

    def listed(self, name: str, pattern: str, known: Sequence[str] | set[str], code: str) -> list[str]:
        """What a cell names, once each, in its order; everything else in it but commas and 'en' is a problem."""
        written = self.words.get(name, "").upper()
        found = list(dict.fromkeys(re.findall(pattern, written)))
        odd = [part for part in found if part not in known]
        rest = re.sub(r"[\s,;.+&/]|\b(EN|AND|STAP|STEP|T/M)\b", "", re.sub(pattern, "", written))
        if odd or rest:
            self.say(code, name, ", ".join(odd) or self.words.get(name, ""))
        return [part for part in found if part in known]

    def say(self, code: str, name: str, found: str = "") -> None:
        place = cell_name((self.row, self.columns.get(name, 1)))
        self.problems.append(Problem(code, self.sheet.name, place, found=found))


def _words(cells: Mapping[int, object], columns: Mapping[str, int]) -> dict[str, str]:
    words = {name: cell_text(cells.get(column)).strip() for name, column in columns.items()}
    by = cells.get(columns.get("by", 0))
    if isinstance(by, float) and FIRST_DAY <= by <= LAST_DAY:
        words["by"] = (date(1899, 12, 30) + timedelta(days=int(by))).isoformat()
    return words


def _labelled(sheet: Sheet, key: str) -> str:
    """What stands right of a label above the table."""
    labels = {fold(load_text(language).say(key)) for language in LANGUAGES}
    for cells in sheet.rows().values():
        for column, value in cells.items():
            if fold(cell_text(value)) in labels:
                return next((cell_text(v).strip() for c, v in cells.items() if c > column), "")
    return ""
