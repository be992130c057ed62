"""A workbook's bytes as plain cells, whatever program saved it. Knows nothing of forms."""

from __future__ import annotations

from toolkit.core.errors import Problem, RefusedError
from toolkit.spreadsheets.guard import OLE, ZIP, unpack
from toolkit.spreadsheets.model import Book, Place, Sheet, cell_name, cell_place
from toolkit.spreadsheets.ods import read_opendocument
from toolkit.spreadsheets.xls import read_biff
from toolkit.spreadsheets.xlsx import read_ooxml

__all__ = ["Book", "Place", "Sheet", "cell_name", "cell_place", "read_book"]

_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"


def read_book(data: bytes) -> Book:
    """Read a workbook (`.xlsx`, `.xlsm`, `.ods`, `.xls`); what it is follows from its bytes, not from its name.

    Raises `RefusedError` when it is none, or none that can be read safely.
    """
    if data.startswith(OLE):
        return read_biff(data)
    if not data.startswith(ZIP):
        raise RefusedError(Problem("not_a_workbook"))
    parts = unpack(data)
    if "content.xml" in parts and parts.get("mimetype", _SPREADSHEET).startswith(_SPREADSHEET):
        return read_opendocument(parts)
    if "encrypted-package" in parts:
        raise RefusedError(Problem("password"))
    return read_ooxml(parts)
