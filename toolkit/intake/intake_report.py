"""The reading report: what came in, and what is wrong where, as a workbook to send back to the school."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from toolkit.core.i18n import load_text
from toolkit.forms.template import fill_form, open_template
from toolkit.spreadsheets.model import MAX_TEXT_LENGTH, strip_control_chars


def write_reading_report(
    path: str | Path, counts: Mapping[str, int], files: pd.DataFrame, problems: pd.DataFrame, language: str = "nl"
) -> Path:
    """Write the report; the same tables always give the same bytes.

    Every cell is text: what somebody typed in a form can't become a formula here.
    """
    text = load_text(language)
    workbook = Workbook()
    overview = workbook.worksheets[0]
    overview.title = text.say("reading.overview")
    lines = [(text.say(f"status.{status}"), str(count)) for status, count in counts.items()]
    heads = (text.say("reading.status"), text.say("reading.count"))
    _fill(overview, heads, [*lines, (text.say("reading.total"), str(len(files)))])
    shown = files.assign(status=[text.say(f"status.{status}") for status in files["status"]])
    _table(workbook, text.say("reading.files"), shown, [text.say(f"reading.{name}") for name in shown.columns])
    places = files[["file", "school", "wave"]].drop_duplicates("file")
    found = problems.drop(columns=["code", "found"]).merge(places, on="file", how="left")
    columns = ["school", "wave", *(name for name in found.columns if name not in ("school", "wave"))]
    _table(workbook, text.say("reading.problems"), found[columns], [text.say(f"reading.{name}") for name in columns])
    saved = io.BytesIO()
    workbook.save(saved)
    target = Path(path)
    target.write_bytes(fill_form(open_template(saved.getvalue()), {}))
    return target


def _table(workbook: Workbook, title: str, table: pd.DataFrame, heads: Sequence[str]) -> None:
    rows = table.astype("object").where(table.notna(), "").itertuples(index=False)
    _fill(workbook.create_sheet(title), heads, ([str(value) for value in row] for row in rows))


def _fill(sheet: Worksheet, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    for number, row in enumerate([heads, *rows], start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column, strip_control_chars(value)[:MAX_TEXT_LENGTH])
            cell.data_type, cell.number_format = "s", "@"
            cell.font = Font(name="Calibri", bold=number == 1)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    for column, head in enumerate(heads, start=1):
        wide = column == len(heads) and len(heads) > 2
        sheet.column_dimensions[get_column_letter(column)].width = 90 if wide else max(14, len(head) + 4)
    sheet.freeze_panes = "A2"
