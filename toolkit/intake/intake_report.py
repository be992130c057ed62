"""The reading report: the files read and their problems, as a workbook.

The report on all schools is for the advisor. The one on a school can be sent to it: of people whose answers are shown
only as a group it names neither file nor words.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from toolkit.core.atomic_write import atomic_write
from toolkit.core.errors import Problem, ProblemCode, SelectionError
from toolkit.core.i18n import Text, load_text, problem_message
from toolkit.core.normalize import read_school
from toolkit.core.ooxml_package import MAX_TEXT_LENGTH, without_timestamps
from toolkit.core.sanitize import strip_control_chars
from toolkit.responses import UNIT_COLUMNS

_HEAD, _BODY = Font(name="Calibri", bold=True), Font(name="Calibri")
_TOP = Alignment(vertical="top", wrap_text=True)


def write_reading_report(
    path: str | Path,
    files: pd.DataFrame,
    problems: pd.DataFrame,
    language: str = "nl",
    *,
    school: str | None = None,
    known_roles: Collection[str] = (),
) -> Path:
    """Write the report; the same tables always give the same bytes.

    Every cell is text: what somebody typed in a form can't become a formula here.

    Parameters
    ----------
    files, problems
        As in an `Intake`.
    school
        Only this school, without what tells of people whose role is not in `known_roles`.

    Raises
    ------
    SelectionError
        No form that was read is of this school.
    """
    text = load_text(language)
    if school is not None:
        files, problems = _of_school(files, problems, read_school(school), known_roles, text)
    counts = files["status"].value_counts()
    statuses = [key.removeprefix("status.") for key in text.phrases if key.startswith("status.")]
    workbook = Workbook(write_only=True)
    for_whom = text.say("reading.for_advisor") if school is None else text.say("reading.for_school", school=school)
    lines = [
        (text.say(f"status.{status}"), str(counts.get(status, 0)))
        for status in statuses
        if school is None or status in counts
    ]
    heads = (text.say("reading.status"), text.say("reading.count"))
    rows = [*lines, (text.say("reading.total"), str(len(files)))]
    _write_sheet(workbook, text.say("reading.overview"), heads, rows, first_line=for_whom)
    shown = files.assign(status=[text.say(f"status.{status}") for status in files["status"]])
    _write_table(workbook, text.say("reading.files"), shown, text)
    places = files[["file", "school", "wave"]].drop_duplicates("file")
    listed = problems.drop(columns=["code", "found"]).merge(places, on="file", how="left")
    columns = [*UNIT_COLUMNS, *(name for name in listed.columns if name not in ("school", "wave"))]
    _write_table(workbook, text.say("reading.problems"), listed[columns], text)
    saved = io.BytesIO()
    workbook.save(saved)
    atomic_write(Path(path), without_timestamps(saved.getvalue()))
    return Path(path)


def _of_school(
    files: pd.DataFrame, problems: pd.DataFrame, school: str, known_roles: Collection[str], text: Text
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The files and problems of a school; of hidden people a number, and no words."""
    school_files = files[files["school"].eq(school)]
    if school_files.empty:
        raise SelectionError(text.say("forget.nothing", school=school, folder=text.say("reading.this_intake")))
    hidden = school_files.loc[~school_files["role"].isin(list(known_roles)), "file"].tolist()
    order = sorted(hidden, key=lambda file: hashlib.sha256(file.encode(errors="replace")).digest())
    names = {file: text.say("reading.form", n=number) for number, file in enumerate(order, start=1)}
    school_problems = problems[problems["file"].isin(school_files["file"])].copy()
    silent = school_problems["file"].isin(hidden)
    rows = school_problems[["code", "cell", "item", "message"]].fillna("").to_numpy().tolist()
    school_problems["message"] = [
        # without what somebody typed, and without the sheet's name
        problem_message(Problem(ProblemCode(code), "", cell, item, "…"), text.language) if is_silent else message
        for (code, cell, item, message), is_silent in zip(rows, silent, strict=True)
    ]
    school_problems["found"] = school_problems["found"].mask(silent, "")
    school_problems["sheet"] = school_problems["sheet"].mask(silent, "")
    renamed = school_files.assign(
        file=[names.get(file, file) for file in school_files["file"]],
        detail=school_files["detail"].mask(school_files["file"].isin(hidden), ""),
    )
    return renamed, school_problems.assign(file=[names.get(file, file) for file in school_problems["file"]])


def _write_table(workbook: Workbook, title: str, table: pd.DataFrame, text: Text) -> None:
    rows = table.astype("object").where(table.notna(), "").itertuples(index=False)
    heads = [text.say(f"reading.{name}") for name in table.columns]
    _write_sheet(workbook, title, heads, ([str(value) for value in row] for row in rows))


def _write_sheet(
    workbook: Workbook, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], first_line: str = ""
) -> None:
    sheet = workbook.create_sheet(title)
    for column, head in enumerate(heads, start=1):
        is_last_column = column == len(heads) and len(heads) > 2
        sheet.column_dimensions[get_column_letter(column)].width = 90 if is_last_column else max(14, len(head) + 4)
    if first_line:
        sheet.append([_cell(sheet, first_line, bold=True)])
    else:
        sheet.freeze_panes = "A2"
    sheet.append([_cell(sheet, head, bold=True) for head in heads])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _cell(sheet: Any, value: str, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=strip_control_chars(value)[:MAX_TEXT_LENGTH])
    cell.data_type, cell.number_format = "s", "@"
    cell.font, cell.alignment = (_HEAD if bold else _BODY), _TOP
    return cell
