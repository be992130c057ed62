"""Fill in a form without a spreadsheet program: patch cells in one prebuilt package.

Writing a form with a library costs some fifty times as much. The counts ('12 van 33') get their true value, so that a
viewer that does not calculate shows them too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from toolkit.core.ooxml_package import CORE_PART, FIXED_TIMESTAMP, TIMESTAMP, pack, unpack
from toolkit.spreadsheets.reader import read_workbook

_SHEET = "xl/worksheets/sheet1.xml"
_CELL = re.compile(r'<c r="([A-Z]+)(\d+)"((?: s="\d+")?)[^>]*?(?:/>|>(.*?)</c>)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Template:
    """A saved form, ready to be filled in: its parts, and which cell has which defined name."""

    parts: Mapping[str, bytes]
    cells: Mapping[str, str]


def open_template(data: bytes) -> Template:
    """Unzip a form that this package made, with the cell of each defined name."""
    names = read_workbook(data).names
    return Template(unpack(data), {name: f"{_letter(ref[1])}{ref[0]}" for name, (_, ref) in names.items()})


def fill_form(template: Template, texts: Mapping[str, str], saved: datetime = FIXED_TIMESTAMP) -> bytes:
    """Return the form with `texts` in the cells with these defined names, saved at `saved`.

    The same arguments always give the same bytes. Raises `KeyError` for a name the form has not.
    """
    written = {template.cells[name]: text for name, text in texts.items()}
    stamp = saved.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    parts = dict(template.parts)
    parts[_SHEET] = _patched(parts[_SHEET].decode(), written).encode()
    parts[CORE_PART] = TIMESTAMP.sub(stamp, parts[CORE_PART])
    return pack(parts)


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
    """A count formula with its result: the filled cells in its ranges, then its text."""
    formula = re.search(r"<f>(.*?)</f>", inside, re.DOTALL)
    assert formula
    ranges = re.findall(r"COUNTIF\(([A-Z]+)(\d+):[A-Z]+(\d+),(.*?)\)", formula[1])
    total = sum(
        f'"{written.get(f"{column}{row}", "")}"'.lower() in options.lower()
        for column, first, last, options in ranges
        for row in range(int(first), int(last) + 1)
        if written.get(f"{column}{row}")
    )
    tail = re.search(r'&amp;"([^"]*)"$', formula[1])
    return f"{formula[0]}<v>{total}{tail[1] if tail else ''}</v>"


def _xml(text: str) -> str:
    return escape(text, {"\r": "&#13;"})


def _letter(column: int) -> str:
    return chr(64 + column)
