"""Office packages: reproducible zips without timestamps, and cells whose text stays text."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from toolkit.core.sanitize import strip_control_chars

_Cell = TypeVar("_Cell", bound=Any)
"""A cell of openpyxl, of whichever kind."""

FIXED_TIMESTAMP = datetime(1980, 1, 1, tzinfo=UTC)
"""The time in a file that must have the same bytes whenever it is made; the earliest a zip file can hold."""

MAX_PROPERTY = 255
"""Characters that Word takes of a title."""

MAX_TEXT_LENGTH = 32_767
"""Characters of one cell, as Excel has it."""

CORE_PART = "docProps/core.xml"
TIMESTAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_ZIP_DATE = 0x0021  # 1980-01-01


def write_text(cell: _Cell, text: str | None) -> _Cell:
    """Write a text that stays text, also when somebody edits the cell later."""
    cell.value = strip_control_chars(text)[:MAX_TEXT_LENGTH] if text else None
    if text:
        cell.data_type = "s"  # openpyxl takes a text that starts with "=" for a formula
    cell.number_format = "@"
    return cell


def without_timestamps(package: bytes) -> bytes:
    """Return an Office file without save time: the same content gives the same bytes."""
    parts = unpack(package)
    parts[CORE_PART] = TIMESTAMP.sub(FIXED_TIMESTAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), parts[CORE_PART])
    return pack(parts)


def unpack(package: bytes) -> dict[str, bytes]:
    """Return the parts of an Office file that this package made."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Zip the parts without timestamps; a part packed before is not compressed again."""
    local, directory = bytearray(), bytearray()
    for name, part in parts.items():
        crc, compressed = _compressed(part)
        raw = name.encode("ascii")
        facts = struct.pack("<HHHHHIII", 20, 0, 8, 0, _ZIP_DATE, crc, len(compressed), len(part))
        lengths = struct.pack("<HH", len(raw), 0)
        directory += b"PK\1\2" + struct.pack("<H", 0x0314) + facts + lengths
        directory += struct.pack("<HHHII", 0, 0, 0, 0o600 << 16, len(local)) + raw
        local += b"PK\3\4" + facts + lengths + raw + compressed
    end = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(directory), len(local), 0)
    return bytes(local + directory + b"PK\5\6" + end)


@lru_cache(maxsize=64)
def _compressed(part: bytes) -> tuple[int, bytes]:
    compressor = zlib.compressobj(-1, zlib.DEFLATED, -15)
    return zlib.crc32(part), compressor.compress(part) + compressor.flush()
