"""Office packages: reproducible zip files, without the moment at which they were saved."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

FIXED_TIMESTAMP = datetime(1980, 1, 1, tzinfo=UTC)
"""The moment in a form that must be the same bytes whenever it is made; the earliest a zip file can hold."""


_DAY = 0x0021
"""1980-01-01, as a zip file writes it."""


CORE_PART = "docProps/core.xml"


TIMESTAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def without_timestamps(package: bytes) -> bytes:
    """Return an Office file without the moment at which it was saved: the same content gives the same bytes."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    parts[CORE_PART] = TIMESTAMP.sub(FIXED_TIMESTAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), parts[CORE_PART])
    return pack(parts)


def pack(parts: Mapping[str, bytes]) -> bytes:
    """Zip the parts without any moment in it; a part that was packed before is not compressed again."""
    local, directory = bytearray(), bytearray()
    for name, part in parts.items():
        crc, squeezed = _squeezed(part)
        raw = name.encode("ascii")
        facts = struct.pack("<HHHHHIII", 20, 0, 8, 0, _DAY, crc, len(squeezed), len(part))
        lengths = struct.pack("<HH", len(raw), 0)
        directory += b"PK\1\2" + struct.pack("<H", 0x0314) + facts + lengths
        directory += struct.pack("<HHHII", 0, 0, 0, 0o600 << 16, len(local)) + raw
        local += b"PK\3\4" + facts + lengths + raw + squeezed
    end = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(directory), len(local), 0)
    return bytes(local + directory + b"PK\5\6" + end)


@lru_cache(maxsize=64)
def _squeezed(part: bytes) -> tuple[int, bytes]:
    squeezer = zlib.compressobj(-1, zlib.DEFLATED, -15)
    return zlib.crc32(part), squeezer.compress(part) + squeezer.flush()
