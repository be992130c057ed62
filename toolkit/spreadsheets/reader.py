"""A workbook's bytes as plain cells, whatever program saved it. Knows no form."""

from __future__ import annotations

import struct

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.spreadsheets.guard import OLE, ZIP, unpack
from toolkit.spreadsheets.model import CellRef, Sheet, Workbook, cell_name, parse_cell_ref
from toolkit.spreadsheets.ods import read_opendocument
from toolkit.spreadsheets.ole import open_container
from toolkit.spreadsheets.xls import read_xls
from toolkit.spreadsheets.xlsx import read_ooxml

__all__ = ["CellRef", "Sheet", "Workbook", "cell_name", "parse_cell_ref", "read_workbook"]

_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"


def read_workbook(data: bytes) -> Workbook:
    """Read a workbook (`.xlsx`, `.xlsm`, `.ods`, `.xls`), recognised by its bytes.

    Raises `RefusedError` when it is none, or none that can be read safely.
    """
    if data.startswith(OLE):
        return _read_ole(data)
    if not data.startswith(ZIP):
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
    parts = unpack(data)
    if "content.xml" in parts and parts.get("mimetype", _SPREADSHEET).startswith(_SPREADSHEET):
        return read_opendocument(parts)
    if "encrypted-package" in parts:
        raise RefusedError(Problem(ProblemCode.PASSWORD))
    if "xl/workbook.bin" in parts:
        raise RefusedError(Problem(ProblemCode.BINARY_WORKBOOK))
    if "index/document.iwa" in parts:
        raise RefusedError(Problem(ProblemCode.NUMBERS_FILE))
    return read_ooxml(parts)


def _read_ole(data: bytes) -> Workbook:
    try:
        container = open_container(data)
    except (struct.error, IndexError) as error:  # a place outside the bytes of the file
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK)) from error
    if any("drm" in name for name in container.names):
        raise RefusedError(Problem(ProblemCode.RIGHTS_MANAGED))
    if "encryptedpackage" in container.names:
        managed = "encryptioninfo" not in container.names
        raise RefusedError(Problem(ProblemCode.RIGHTS_MANAGED if managed else ProblemCode.PASSWORD))
    return read_xls(container)
