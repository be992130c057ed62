"""A workbook's bytes as plain cells, whatever program saved it. Knows nothing of forms."""

from __future__ import annotations

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.spreadsheets.guard import OLE, ZIP, unpack
from toolkit.spreadsheets.model import CellRef, Sheet, Workbook, cell_name, parse_cell_ref
from toolkit.spreadsheets.ods import read_opendocument
from toolkit.spreadsheets.xls import read_biff
from toolkit.spreadsheets.xlsx import read_ooxml

__all__ = ["CellRef", "Sheet", "Workbook", "cell_name", "parse_cell_ref", "read_workbook"]

_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"


def read_workbook(data: bytes) -> Workbook:
    """Read a workbook (`.xlsx`, `.xlsm`, `.ods`, `.xls`); what it is follows from its bytes, not from its name.

    Raises `RefusedError` when it is none, or none that can be read safely.
    """
    if data.startswith(OLE):
        return read_biff(data)
    if not data.startswith(ZIP):
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
    parts = unpack(data)
    if "content.xml" in parts and parts.get("mimetype", _SPREADSHEET).startswith(_SPREADSHEET):
        return read_opendocument(parts)
    if "encrypted-package" in parts:
        raise RefusedError(Problem(ProblemCode.PASSWORD))
    return read_ooxml(parts)
