"""The team's plan as a workbook to edit: text cells, read back by their headings.

Rows and columns may be moved, added and left out, by any program. A message names what can't be read. A column that
somebody added goes along with its action.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from toolkit.core.atomic_write import atomic_write
from toolkit.core.errors import FolderError, Problem, ProblemCode, RefusedError, ToolkitError
from toolkit.core.i18n import LANGUAGES, load_text, problem_message
from toolkit.core.normalize import cell_text, normalize_text, read_school, read_wave
from toolkit.core.ooxml_package import write_text
from toolkit.forms.template import fill_form, open_template
from toolkit.instrument.arguments import check_type, explained
from toolkit.instrument.lookup import role_words
from toolkit.instrument.model import Instrument, load_instrument
from toolkit.plan.action_plan import FIELDS, ActionPlan, ActionPoint, TeamAction
from toolkit.spreadsheets.guard import read_regular_file
from toolkit.spreadsheets.reader import Sheet, cell_name, read_workbook

ACTION_COLUMNS = ("id", "what", "items", "steps", "who", "by", "seen", "points")
POINT_COLUMNS = ("point", "step_of", "role", "text", "times")
TOP = ("school", "wave", "how")
"""The title above the table of actions."""
OLDER_LABELS = {"wave": {"meetmoment", "moment"}}
WIDTHS = {"what": 46, "seen": 34, "text": 80, "items": 16, "who": 20, "by": 16, "points": 16, "role": 24}
EMPTY_ROWS = 20
"""Formatted empty rows below the last action, so that typed values stay text."""

FIRST_DAY, LAST_DAY = 36_526, 73_050
"""Day numbers of 2000 and 2099: a number among these where a date is asked for is one."""


@explained
def write_actions(
    path: str | Path, plan: ActionPlan, checklist: Instrument | None = None, language: str = "nl"
) -> Path:  # fmt: skip
    """Write a plan as a workbook to edit; the same plan always gives the same bytes.

    Every cell is text: what somebody typed can't become a formula. The file is there whole, or stays what it was.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> intake = tk.read_folder(folder)
    >>> plan = tk.new_plan(tk.protect(intake).actions)
    >>> tk.write_actions(f"{folder}/ours.xlsx", plan).name
    'ours.xlsx'
    """
    check_type(plan, "plan", ActionPlan, "tk.new_plan(tk.protect(intake).actions)")
    checklist, text = checklist or load_instrument(), load_text(language)
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = text.say("plan.sheet")
    top = [(text.say(f"plan.{name}"), value) for name, value in zip(TOP, (plan.school, plan.wave, ""), strict=True)]
    heads = [(name, text.say(f"plan.{name}")) for name in ACTION_COLUMNS] + [("", head) for head in plan.more]
    _fill(sheet, [*top, ("", "")], heads, [_action_row(action, plan.more) for action in plan.actions])
    points = workbook.create_sheet(text.say("plan.points_sheet"))
    heads = [(name, text.say(f"plan.{name}")) for name in POINT_COLUMNS]
    _fill(points, [], heads, [_point_row(point, checklist, language) for point in plan.points])
    saved = io.BytesIO()
    workbook.save(saved)
    target = Path(path)
    atomic_write(target, fill_form(open_template(saved.getvalue()), {}))
    return target


@explained
def read_actions(path: str | Path, checklist: Instrument | None = None) -> ActionPlan:
    """Read a plan back, whatever was done to its rows and columns.

    Returns
    -------
    The plan; `problems` has what could not be read, and where. A reference to an item, step or action point that does
    not exist is left out of the action and reported, as is text outside the two tables. An action point keeps
    its text whatever became of its other cells.

    Raises
    ------
    FolderError
        The file is not there.
    ToolkitError
        It is no workbook, or has no table of actions.

    Examples
    --------
    >>> import tempfile
    >>> import toolkit as tk
    >>> folder = tempfile.mkdtemp() + "/forms"
    >>> planted = tk.samples.write_folder(folder, schools=1, waves=1)
    >>> intake = tk.read_folder(folder)
    >>> plan = tk.new_plan(tk.protect(intake).actions)
    >>> path = tk.write_actions(f"{folder}/ours.xlsx", plan)
    >>> tk.read_actions(path).school
    '99AA00'
    """
    path = Path(path)
    if not path.exists():
        raise FolderError(load_text().say("plan.missing", file=path))
    try:
        book = read_workbook(read_regular_file(path))
    except RefusedError as refused:
        raise ToolkitError(f"{path.name}: {problem_message(refused.problem)}") from refused
    checklist = checklist or load_instrument()
    tables = [(sheet, _table(sheet)) for sheet in book.sheets]
    actions = next(((sheet, table) for sheet, table in tables if "what" in table.columns), None)
    if actions is None:
        raise ToolkitError(load_text().say("plan.no_table", file=path.name))
    problems: list[Problem] = []
    listed = next(((sheet, table) for sheet, table in tables if {"point", "text"} <= table.columns.keys()), None)
    points = _points(*listed, checklist, problems) if listed else []
    actions_read = _actions(*actions, checklist, {point.id for point in points}, problems)
    school, wave = (_labelled(actions[0], name) for name in ("school", "wave"))
    problems.extend(_texts_outside_tables(tables, [sheet for sheet, _ in (actions, *([listed] if listed else []))]))
    return ActionPlan(read_school(school), read_wave(wave) or wave, tuple(actions_read), tuple(points), tuple(problems))


# --- writing ---


def _action_row(action: TeamAction, more: Sequence[str]) -> list[str]:
    lists = {"items": action.items, "steps": map(str, action.all_steps), "points": action.points}
    texts = {"id": action.id} | {name: getattr(action, name) for name in FIELDS}
    texts |= {name: ", ".join(values) for name, values in lists.items()}
    return [*(texts[name] for name in ACTION_COLUMNS), *(dict(action.more).get(head, "") for head in more)]


def _point_row(point: ActionPoint, checklist: Instrument, language: str) -> list[str]:
    step = str(point.step or "")
    return [point.id, step, checklist.role(point.role).plural[language], point.text, str(point.times)]


def _fill(
    sheet: Worksheet, top: Sequence[tuple[str, str]], heads: Sequence[tuple[str, str]], rows: Sequence[Sequence[str]]
) -> None:
    for number, labelled_value in enumerate(top, start=1):
        for column, value in enumerate(labelled_value, start=1):
            _fill_cell(sheet.cell(number, column), value, bold=column == 1 and number < len(top), wrap=False)
    first = len(top) + 1
    for column, (name, head) in enumerate(heads, start=1):
        _fill_cell(sheet.cell(first, column), head, bold=True, box=True).fill = PatternFill("solid", fgColor="DCE9F3")
        sheet.column_dimensions[get_column_letter(column)].width = WIDTHS.get(name, 10 if name else 16)
    for number, row in enumerate([*rows, *[[""] * len(heads)] * EMPTY_ROWS], start=first + 1):
        for column, value in enumerate(row, start=1):
            _fill_cell(sheet.cell(number, column), value, box=True)
    sheet.freeze_panes = f"A{first + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # 9 is A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


_LINE = Side(style="thin", color="CBD2D9")


def _fill_cell(cell: Any, value: str, bold: bool = False, box: bool = False, wrap: bool = True) -> Any:
    write_text(cell, value)
    cell.font = Font(name="Calibri", bold=bold)
    cell.alignment = Alignment(vertical="top", wrap_text=wrap)
    if box:
        cell.border = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
    return cell


# --- reading ---


@dataclass(frozen=True, slots=True)
class _Table:
    """A table with known headings: their columns, the headings somebody added, and the filled rows below them."""

    head: int
    columns: Mapping[str, int]
    more: Mapping[int, str]
    rows: Mapping[int, Mapping[int, object]]


def _table(sheet: Sheet) -> _Table:
    """The table under the first row that has at least two known headings; of the same heading twice, the first."""
    names = {
        normalize_text(load_text(language).say(f"plan.{name}")): name
        for language in LANGUAGES
        for name in (*ACTION_COLUMNS, *POINT_COLUMNS)
    }
    rows = sheet.rows()
    for row, cells in rows.items():
        heads = {column: cell_text(value).strip() for column, value in cells.items()}
        columns: dict[str, int] = {}
        for column, head in heads.items():
            if normalize_text(head) in names:
                columns.setdefault(names[normalize_text(head)], column)
        if len(columns) > 1:
            more = {column: head for column, head in heads.items() if head and column not in columns.values()}
            return _Table(row, columns, more, {number: below for number, below in rows.items() if number > row})
    return _Table(0, {}, {}, {})


def _points(
    sheet: Sheet, table: _Table, checklist: Instrument, problems: list[Problem]
) -> list[ActionPoint]:  # fmt: skip
    points: list[ActionPoint] = []
    for row, cells in table.rows.items():
        texts = _texts(cells, table.columns)
        if texts.get("point") or texts.get("text"):
            points.append(_Row(sheet, row, table, texts, problems).point(checklist))
    return [replace(point, id=id) for point, id in zip(points, _numbered([p.id for p in points], "P"), strict=True)]


def _actions(
    sheet: Sheet, table: _Table, checklist: Instrument, points: set[str], problems: list[Problem]
) -> list[TeamAction]:
    actions: list[TeamAction] = []
    for row, cells in table.rows.items():
        texts = _texts(cells, table.columns)
        more = tuple((head, text) for column, head in table.more.items() if (text := cell_text(cells.get(column))))
        if more or any(texts.get(name) for name in ACTION_COLUMNS if name != "id"):
            actions.append(_Row(sheet, row, table, texts, problems).action(checklist, points, more))
    return [replace(action, id=id) for action, id in zip(actions, _numbered([a.id for a in actions], "A"), strict=True)]


def _numbered(ids: Sequence[str], letter: str) -> Iterator[str]:
    """Valid ids unchanged; an invalid or repeated id becomes the next free number."""
    id_pattern = re.compile(rf"{letter}[1-9][0-9]{{0,8}}")
    last = max((int(id[1:]) for id in ids if id_pattern.fullmatch(id)), default=0)
    used_ids: set[str] = set()
    for id in ids:
        if id in used_ids or not id_pattern.fullmatch(id):
            last += 1
            id = f"{letter}{last}"
        used_ids.add(id)
        yield id


def _texts_outside_tables(tables: Sequence[tuple[Sheet, _Table]], plan_sheets: Sequence[Sheet]) -> Iterator[Problem]:
    """Texts outside the tables: they are not read, so a plan that is saved again loses them."""
    labels = set().union(*map(_labels, TOP))
    for sheet, table in tables:
        if not any(sheet is plan_sheet for plan_sheet in plan_sheets):
            if sheet.cells:
                yield Problem(ProblemCode.OUTSIDE_TABLE, sheet.name, found=cell_text(next(iter(sheet.cells.values()))))
            continue
        for row, cells in sheet.rows().items():
            table_columns = {*table.columns.values(), *table.more}
            if row < table.head:
                labelled = any(normalize_text(cell_text(value)) in labels for value in cells.values())
                table_columns = set(list(cells)[:2]) if labelled else set()
            for column in cells.keys() - table_columns:
                yield Problem(
                    ProblemCode.OUTSIDE_TABLE, sheet.name, cell_name((row, column)), found=cell_text(cells[column])
                )


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of the table of actions, with the list for its problems."""

    sheet: Sheet
    row: int
    table: _Table
    texts: Mapping[str, str]
    problems: list[Problem]

    def action(self, checklist: Instrument, points: set[str], more: tuple[tuple[str, str], ...]) -> TeamAction:
        """Read the row; unknown steps, items and roles become problems."""
        if not self.texts.get("what"):
            self.say(ProblemCode.NO_ACTION_TEXT, "what")
        for name in self.table.columns:
            self.check_cell(name)
        items = self.listed("items", r"\d+\.\d+", checklist.item_ids, ProblemCode.UNKNOWN_ITEM)
        steps = self.listed("steps", r"\d+", [str(step.number) for step in checklist.steps], ProblemCode.UNKNOWN_STEP)
        item_steps = {item.split(".")[0] for item in items}
        return TeamAction(
            items=tuple(items),
            steps=tuple(int(step) for step in steps if step not in item_steps),
            points=tuple(self.listed("points", r"P\d+", points, ProblemCode.UNKNOWN_POINT)),
            id=self.texts.get("id", "").upper(),
            more=more,
            **{name: self.texts.get(name, "") for name in FIELDS},
        )

    def point(self, checklist: Instrument) -> ActionPoint:
        """Read the row as an action point; an unreadable step or role is a problem, its text stays."""
        self.check_cell("text")
        step = next((step.number for step in checklist.steps if str(step.number) == self.texts.get("step_of")), 0)
        if not step:
            self.say(ProblemCode.POINT_STEP, "step_of")
        shown = [checklist.role(role) for role in checklist.shown_role_ids]
        roles = role_words(checklist) | {
            normalize_text(word): role.id for role in shown for word in role.plural.values()
        }
        role, times = roles.get(normalize_text(self.texts.get("role", ""))), self.texts.get("times", "")
        if role is None:
            self.say(ProblemCode.POINT_ROLE, "role")
        return ActionPoint(
            self.texts.get("point", "").upper(),
            step,
            role or checklist.team.id,
            self.texts.get("text", ""),
            int(times) if times.isdecimal() else 1,
        )

    def check_cell(self, name: str) -> None:
        """Say it where a cell holds a formula, or less than was written in it."""
        cell_ref = (self.row, self.table.columns[name])
        if cell_ref in self.sheet.formulas:
            self.say(ProblemCode.FORMULA_IN_TEXT, name, self.texts.get(name, ""))
        if cell_ref in self.sheet.truncated:
            self.say(ProblemCode.TEXT_CUT, name)

    def listed(self, name: str, pattern: str, allowed: Sequence[str] | set[str], code: ProblemCode) -> list[str]:
        """What a cell names, once each, in order; all else but commas and 'en' is a problem."""
        written = self.texts.get(name, "").upper()
        names = list(dict.fromkeys(re.findall(pattern, written)))
        odd = [part for part in names if part not in allowed]
        remainder = re.sub(r"[\s,;.+&/]|\b(EN|AND|STAP|STEP|T/M)\b", "", re.sub(pattern, "", written))
        if odd or remainder:
            self.say(code, name, ", ".join(odd) or self.texts.get(name, ""))
        return [part for part in names if part in allowed]

    def say(self, code: ProblemCode, name: str, value: str = "") -> None:
        cell_ref = cell_name((self.row, self.table.columns.get(name, 1)))
        self.problems.append(Problem(code, self.sheet.name, cell_ref, found=value))


def _texts(cells: Mapping[int, object], columns: Mapping[str, int]) -> dict[str, str]:
    texts = {name: cell_text(cells.get(column)).strip() for name, column in columns.items()}
    by = cells.get(columns.get("by", 0))
    if isinstance(by, float) and FIRST_DAY <= by <= LAST_DAY:
        texts["by"] = (date(1899, 12, 30) + timedelta(days=int(by))).isoformat()
    return texts


def _labels(name: str) -> set[str]:
    """The words of a label above the table, in every language and in older files."""
    return {normalize_text(load_text(language).say(f"plan.{name}")) for language in LANGUAGES} | OLDER_LABELS.get(
        name, set()
    )


def _labelled(sheet: Sheet, name: str) -> str:
    """The text to the right of a label above the table."""
    labels = _labels(name)
    for cells in sheet.rows().values():
        for column, value in cells.items():
            if normalize_text(cell_text(value)) in labels:
                return next((cell_text(v).strip() for c, v in cells.items() if c > column), "")
    return ""
