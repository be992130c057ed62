"""A workbook's bytes as plain cells, whatever program saved it. Knows nothing of forms."""

from __future__ import annotations

from toolkit.errors import Problem, RefusedError
from toolkit.sources.biff import read_biff
from toolkit.sources.grid import Book, Place, Sheet, cell_name, cell_place
from toolkit.sources.ooxml import read_ooxml
from toolkit.sources.opendocument import read_opendocument
from toolkit.sources.safety import OLE, ZIP, unpack

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
