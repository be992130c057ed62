"""The file formats of an export: each writer returns the bytes of one file."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.core.ooxml_package import without_timestamps, write_text
from toolkit.core.sanitize import escape_formula
from toolkit.research_export.table import MISSING, Column


def to_csv(frame: pd.DataFrame, _columns: Sequence[Column] = ()) -> bytes:
    """Write `;`, a decimal comma and UTF-8 with its mark, as a Dutch Excel opens it."""
    safe = frame.apply(lambda column: column.map(_escape_formula) if is_text(column) else column)
    text: str = safe.to_csv(sep=";", decimal=",", index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def is_text(column: pd.Series) -> bool:
    """Whether a column holds texts."""
    return not pd.api.types.is_numeric_dtype(column)


def _escape_formula(value: object) -> object:
    """Put a mark before a text that a spreadsheet would compute."""
    return escape_formula(value) if isinstance(value, str) else value


def to_parquet(frame: pd.DataFrame, _columns: Sequence[Column]) -> bytes:
    """Write Parquet."""
    file = io.BytesIO()
    frame.to_parquet(file, index=False)
    return file.getvalue()


def to_xlsx(frame: pd.DataFrame, columns: Sequence[Column]) -> bytes:
    """Write data and labels on two sheets; every text is a text cell, also after a `=`."""
    book, file = Workbook(write_only=True), io.BytesIO()
    sheet, labels = book.create_sheet("data"), book.create_sheet("codebook")
    rows = frame.astype("object").where(frame.notna(), None).itertuples(index=False, name=None)
    for row in (tuple(frame.columns), *rows):
        sheet.append([_cell(sheet, value) for value in row])
    for column in columns:
        values = "; ".join(f"{value} = {label}" for value, label in column.values.items())
        labels.append([_cell(labels, text) for text in (column.name, column.label, values)])
    book.save(file)
    return without_timestamps(file.getvalue())


def _cell(sheet: Any, value: object) -> Any:
    if not isinstance(value, str):
        return value
    return write_text(WriteOnlyCell(sheet), value)


def to_sav(frame: pd.DataFrame, columns: Sequence[Column]) -> bytes:
    """Write SPSS with labels and a user-missing value; pyreadstat writes only to a path."""
    try:
        import pyreadstat
    except ImportError as missing:
        raise ToolkitError(load_text().say("export.no_pyreadstat")) from missing
    coded = {column.name: column for column in columns if column.values}
    numbers = frame.copy()
    for name in coded:
        numbers[name] = frame[name].astype("Int64").fillna(MISSING).astype("float64")
    for name in numbers.columns.difference(list(coded)):
        if is_text(numbers[name]):
            numbers[name] = numbers[name].astype("object").where(numbers[name].notna(), "")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.sav"
        pyreadstat.write_sav(
            numbers,
            str(path),
            column_labels={column.name: column.label[:250] for column in columns},
            variable_value_labels={
                name: {float(v): label for v, label in column.values.items()} for name, column in coded.items()
            },
            missing_ranges={name: [MISSING] for name in coded},
            variable_measure={name: "ordinal" if name.startswith("item_") else "nominal" for name in numbers.columns},
            variable_format=dict.fromkeys(coded, "F1.0"),
        )
        return path.read_bytes()


WRITERS: dict[str, Callable[[pd.DataFrame, Sequence[Column]], bytes]] = {
    ".sav": to_sav,
    ".csv": to_csv,
    ".parquet": to_parquet,
    ".xlsx": to_xlsx,
}
