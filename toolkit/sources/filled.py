"""Fill in a form without a spreadsheet program: patch the cells that differ in one prebuilt package.

Writing a form anew costs some fifty times as much. The counts ('12 van 33') get their true value, so that a viewer that
does not calculate shows them too.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from xml.sax.saxutils import escape

from toolkit.sources.cells import read_book

NEVER = datetime(1980, 1, 1, tzinfo=UTC)
"""The moment in a form that must be the same bytes whenever it is made; the earliest a zip file can hold."""

_DAY = 0x0021
"""1980-01-01, as a zip file writes it."""
_SHEET, _CORE = "xl/worksheets/sheet1.xml", "docProps/core.xml"
_CELL = re.compile(r'<c r="([A-Z]+)(\d+)"((?: s="\d+")?)[^>]*?(?:/>|>(.*?)</c>)', re.DOTALL)
_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True, slots=True)
class Template:
    """A saved form, ready to be filled in: its parts, and which cell has which defined name."""

    parts: Mapping[str, bytes]
    cells: Mapping[str, str]


def open_template(data: bytes) -> Template:
    """Take a saved form of our own apart."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    names = read_book(data).names
    return Template(parts, {name: f"{_letter(place[1])}{place[0]}" for name, (_, place) in names.items()})


def fill_form(template: Template, texts: Mapping[str, str], saved: datetime = NEVER) -> bytes:
    """Return the form with a text in each cell that `texts` names (by defined name), last saved at `saved`.

    The same arguments always give the same bytes. Raises `KeyError` for a name the form has not.
    """
    written = {template.cells[name]: text for name, text in texts.items()}
    stamp = saved.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    parts = dict(template.parts)
    parts[_SHEET] = _patched(parts[_SHEET].decode(), written).encode()
    parts[_CORE] = _STAMP.sub(stamp, parts[_CORE])
    return pack(parts)


def without_moment(package: bytes) -> bytes:
    """Return an Office file without the moment at which it was saved: the same content gives the same bytes."""
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    parts[_CORE] = _STAMP.sub(NEVER.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), parts[_CORE])
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


def _patched(sheet: str, written: Mapping[str, str]) -> str:
    def patch(match: re.Match[str]) -> str:
        column, row, style, inside = match.groups()
        cell = f"{column}{row}"
        if cell in written:
            return f'<c r="{cell}"{style} t="inlineStr"><is><t xml:space="preserve">{_xml(written[cell])}</t></is></c>'
        if inside and "COUNTIF" in inside:
            return f'<c r="{cell}"{style} t="str">{_counted(inside, written)}</c>'
        return match[0]

    return _CELL.sub(patch, sheet)


def _counted(inside: str, written: Mapping[str, str]) -> str:
    """A count formula with what it would show: filled cells in its ranges, then its text."""
    formula = re.search(r"<f>(.*?)</f>", inside, re.DOTALL)
    assert formula
    ranges = re.findall(r"COUNTIF\(([A-Z]+)(\d+):[A-Z]+(\d+),(.*?)\)", formula[1])
    total = sum(
        f'"{written.get(f"{column}{row}", "")}"'.lower() in words.lower()
        for column, first, last, words in ranges
        for row in range(int(first), int(last) + 1)
        if written.get(f"{column}{row}")
    )
    tail = re.search(r'&amp;"([^"]*)"$', formula[1])
    return f"{formula[0]}<v>{total}{tail[1] if tail else ''}</v>"


def _xml(text: str) -> str:
    return escape(text, {"\r": "&#13;"})


def _letter(column: int) -> str:
    return chr(64 + column)
