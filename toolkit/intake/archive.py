"""Zips of forms: each member is read as if it were in the folder."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.spreadsheets.guard import MAX_FILE, ZIP

MAX_ARCHIVE, MAX_UNPACKED, MAX_MEMBERS = 100_000_000, 500_000_000, 5_000
"""Limits of a zip: its bytes, its unpacked bytes, and its number of members."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_OFFICE_PARTS = ("[content_types].xml", "mimetype", "content.xml", "index/document.iwa", "xl/workbook.bin")


def is_archive(data: bytes) -> bool:
    """Whether bytes are a zip of files, and not a workbook (which is a zip as well)."""
    if not data.startswith((ZIP, b"PK\x05\x06")):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            names = {name.lower().replace("\\", "/") for name in package.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
        return False
    return names.isdisjoint(_OFFICE_PARTS) and not any(name.endswith("workbook.xml") for name in names)


def members(data: bytes, max_size: int = MAX_FILE) -> Iterator[tuple[str, bytes | Problem]]:
    """Yield the name of each file in a zip with its bytes, or with why it is not read.

    Nothing is written to disk. Sizes are counted while unpacking: what the zip says of itself is not trusted. Raises
    `RefusedError` when the zip as a whole can't be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            infos = [info for info in package.infolist() if not info.is_dir()]
            if len(infos) > MAX_MEMBERS:
                raise RefusedError(Problem(ProblemCode.LARGE_ARCHIVE))
            if not infos:
                raise RefusedError(Problem(ProblemCode.EMPTY_ARCHIVE))
            remaining_size = MAX_UNPACKED
            for info in infos:
                content = _content(package, info, min(max_size, remaining_size))
                remaining_size -= len(content) if isinstance(content, bytes) else 0
                yield _name(info), content
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise RefusedError(Problem(ProblemCode.BROKEN_ARCHIVE)) from error


def _content(package: zipfile.ZipFile, info: zipfile.ZipInfo, max_size: int) -> bytes | Problem:
    if info.flag_bits & _ENCRYPTED:
        return Problem(ProblemCode.PASSWORD)
    if info.compress_type not in _METHODS:
        return Problem(ProblemCode.ODD_PACKAGE)
    try:
        with package.open(info) as file:
            content = file.read(max_size + 1)
            complete = len(content) <= max_size and not file.read(1)  # at its end the checksum is compared
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, struct.error):
        return Problem(ProblemCode.NOT_A_WORKBOOK)
    return content if complete else Problem(ProblemCode.TOO_LARGE)


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name as shown; it is never a path that anything opens."""
    parts = [part for part in info.filename.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(parts) or "_"
