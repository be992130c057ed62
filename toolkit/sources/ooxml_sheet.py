"""The cells of one sheet of an Excel workbook.

Forms that were made from one blank share nearly every cell, byte for byte. So a sheet whose XML can be cut into cells
beyond doubt is, and what a cell's bytes said before, they say again; of any other sheet every tag is listened to. Both
ways end at the same listener.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from toolkit.errors import Problem, RefusedError
from toolkit.sources.grid import Area, Gathered, Place, cell_area, cell_place, clean
from toolkit.sources.safety import Attributes, Handler, check, parse

MOST_CUT = 2_000
"""Cells that a sheet may have to be cut; one with more shares little with others, and is listened to at once."""

MOST_KNOWN, LONGEST_KNOWN = 8_192, 2_000
"""Cells that are remembered, and the bytes one may have."""

LONGEST_AFTER = 50_000
"""Bytes after the cells that are worth remembering."""

_UNSURE = (
    b"<!", b"<?", b"\0", b"<c>", b"<c/", b"<c\n", b"<c\t", b"<c\r", b":c>", b":c/", b":c\n", b":c\t", b":c\r", b":c ",
)  # fmt: skip
"""What may make a cut go wrong: comments, literal sections, UTF-16, and cells that begin in another way."""


def read_sheet(xml: bytes, strings: list[str], found: Gathered) -> Gathered:
    """Gather a sheet's cells; `strings` are the workbook's shared strings. Raises `RefusedError`."""
    cut = _cut(xml)
    if cut is None:
        found.merge(parse(_Cells(lambda cell: _take(cell, strings, found)), xml).merged)
    else:
        cells, around = cut
        check(around)  # what is left of a part is whole when the part is, since each cell taken out was
        _take_all(cells, strings, found)
        after = xml[xml.rindex(b"</sheetData>") :]
        found.merge((_merged_known if len(after) < LONGEST_AFTER else _merged)(after))
    return found


class _Cell(NamedTuple):
    """One cell as it stands in the XML; `shared` is its place among the shared strings, or -1."""

    place: Place
    value: object
    shared: int
    formula: bool


def _take(cell: _Cell, strings: list[str], found: Gathered) -> None:
    if cell.formula:
        found.formulas.add(cell.place)
    found.put(cell.place, _shared(strings, cell.shared) if cell.shared >= 0 else cell.value)


def _take_all(cells: Sequence[_Cell], strings: list[str], found: Gathered) -> None:
    places, values, shared, formulas = zip(*cells, strict=True) if cells else ((), (), (), ())
    if True in formulas:
        found.formulas.update(cell.place for cell in cells if cell.formula)
    if max(shared, default=-1) >= 0:
        values = tuple(_shared(strings, at) if at >= 0 else value for value, at in zip(values, shared, strict=True))
    found.put_all(places, values)


def _shared(strings: list[str], at: int) -> str:
    if at >= len(strings):
        raise RefusedError(Problem("not_a_workbook"))
    return strings[at]


def _cut(xml: bytes) -> tuple[Sequence[_Cell], bytes] | None:
    """Cut a part into its cells and what stands around them; None where that could go wrong."""
    body, closed, after = xml.rpartition(b"</sheetData>")
    before, *pieces = body.split(b"<c ")
    if not closed or len(pieces) > MOST_CUT or not _is_first(before) or b"<c " in after or not _is_sure(after):
        return None
    read = _known if max(map(len, pieces), default=0) < LONGEST_KNOWN else _read
    known = list(map(read, pieces))
    if None in known:
        return None
    cells, around = zip(*filter(None, known), strict=True) if known else ((), ())
    return cells, b"".join([before, *around, closed, after])


def _merged(xml: bytes) -> list[Area]:
    """The merged cells that a part names after its cells; forms from one blank name the same."""
    areas = (cell_area(reference.decode()) for reference in _MERGED.findall(xml))
    return [area for area in areas if area]


_merged_known = lru_cache(maxsize=32)(_merged)
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*["']([A-Z0-9:]{1,30})["']""")


def _is_first(xml: bytes) -> bool:
    """Whether what stands before the first cell is sure, and in an encoding in which the marks are what they seem."""
    declared, _, rest = xml.partition(b"?>") if xml.startswith(b"<?xml") else (b"", b"", xml)
    utf8 = b"encoding" not in declared or b"utf-8" in declared.lower()
    return utf8 and _is_sure(rest)


def _is_sure(xml: bytes) -> bool:
    return not any(mark in xml for mark in _UNSURE)


def _read(piece: bytes) -> tuple[_Cell, bytes] | None:
    """Read a cell without its beginning, and what follows it; None where it isn't one that says its own place."""
    if not _is_sure(piece):
        return None
    end = piece.find(b">") + 1
    if piece[end - 2 : end] != b"/>":
        end = piece.find(b"</c>") + 4
    cells: list[_Cell] = []
    try:
        parse(_Cells(cells.append), b"<c " + piece[:end])
    except RefusedError:
        return None
    return (cells[0], piece[end:]) if len(cells) == 1 and cells[0].place[0] else None


_known = lru_cache(MOST_KNOWN)(_read)


class _Cells(Handler):
    """Tells of each cell. A cell or row without a reference follows the one before it."""

    def __init__(self, take: Callable[[_Cell], None]) -> None:
        self._take, self.merged = take, list[Area]()
        self._place, self._kind, self._pieces = (0, 0), "", list[str]()
        self._inside, self._formula, self._listening, self._phonetic = False, False, False, 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._place = cell_place(attributes.get("r", "")) or (self._place[0], self._place[1] + 1)
            self._kind, self._pieces = attributes.get("t", "n"), []
            self._inside, self._formula = True, False
        elif name == "v":
            self._listening = True
        elif name == "t":
            self._listening = not self._phonetic
        elif name == "row":
            row = _number(attributes.get("r", ""))
            self._place = (self._place[0] + 1 if row is None else row, 0)
        elif name == "f":
            self._formula = self._inside
        elif name == "rPh":
            self._phonetic += 1
        elif name == "mergeCell" and (area := cell_area(attributes.get("ref", ""))):
            self.merged.append(area)

    def end(self, name: str) -> None:
        self._listening = False
        if name == "c":
            self._take(self._cell("".join(self._pieces)))
            self._inside = False
        elif name == "rPh":
            self._phonetic -= 1

    def data(self, text: str) -> None:
        if self._listening:
            self._pieces.append(text)

    def _cell(self, text: str) -> _Cell:
        if self._kind != "s":
            return _Cell(self._place, _value(self._kind, text) if text else None, -1, self._formula)
        shared = _number(text.strip())
        if shared is None:
            raise RefusedError(Problem("not_a_workbook"))
        return _Cell(self._place, None, shared, self._formula)


def _value(kind: str, text: str) -> object:
    if kind == "b":
        return text.strip() == "1"
    if kind == "n":
        try:
            return float(text)
        except ValueError:
            return clean(text)
    return unescape(text)


def _number(text: str) -> int | None:
    """A whole number as a workbook writes it; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def unescape(text: str) -> str:
    """Return the text with Excel's own escapes such as `_x000D_` read back."""
    if "_x" in text:
        text = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)
    return clean(text)
