"""The cells of one sheet of an Excel workbook.

Forms that were made from one blank share nearly every row, byte for byte, and what is no longer the same row is at
least made of the same cells. So a sheet whose XML can be cut into rows and cells beyond doubt is, and what their bytes
said before, they say again; of any other sheet every tag is listened to. Both ways end at the same listener.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.spreadsheets.guard import Attributes, Handler, check, parse
from toolkit.spreadsheets.model import (
    CellRange,
    CellRef,
    Row,
    SheetBuilder,
    cell_area,
    parse_cell_ref,
    plain_row,
    strip_control_chars,
)

MAX_ROWS_CUT, MAX_CELLS_CUT = 1_000, 100
"""Rows that a sheet, and cells that a row may have to be cut; with more it shares little with others, and is listened
to at once."""

MAX_KNOWN_ROWS, MAX_KNOWN_TEXTS, MAX_KNOWN_LENGTH = 2_048, 8_192, 2_000
"""Rows and cells that are remembered, and the bytes one may have."""

MAX_SURROUNDINGS_LENGTH = 50_000
"""Bytes around the rows that are worth remembering."""

_UNSURE = (
    b"<!", b"<?", b"\0",
    b"<c>", b"<c/", b"<c\n", b"<c\t", b"<c\r", b":c>", b":c/", b":c\n", b":c\t", b":c\r", b":c ",
    b"<row>", b"<row/", b"<row\n", b"<row\t", b"<row\r", b":row",
)  # fmt: skip
"""What may make a cut go wrong: comments, literal sections, UTF-16, and rows or cells that begin in another way."""


_LISTENED = (b"<rPh", b"<v", b"<t>", b"<t ", b"<f", b"mergeCell")
"""What the listener minds, between the cells of a row: no program writes it there."""


def read_sheet(xml: bytes, strings: list[str], found: SheetBuilder) -> SheetBuilder:
    """Gather a sheet's cells; `strings` are the workbook's shared strings. Raises `RefusedError`."""
    cut = _cut(xml)
    if cut is None:
        found.merge(parse(_Cells(lambda cell: _take(cell, strings, found)), xml).merged)
    else:
        rows, before, after = cut
        known = len(before) + len(after) < MAX_SURROUNDINGS_LENGTH
        found.merge((_around_known if known else _around)(before, after))
        _take_rows(rows, strings, found)
    return found


class _Cell(NamedTuple):
    """One cell as it stands in the XML; `shared` is its place among the shared strings, or -1."""

    place: CellRef
    value: object
    shared: int
    formula: bool


def _take(cell: _Cell, strings: list[str], found: SheetBuilder) -> None:
    if cell.formula:
        found.formulas.add(cell.place)
    found.put(cell.place, _shared(strings, cell.shared) if cell.shared >= 0 else cell.value)


class _Cut(NamedTuple):
    """A row's cells, and the row they make where they are plain and none is a shared string."""

    cells: Sequence[_Cell]
    row: Row | None


def _take_rows(cut: Sequence[_Cut], strings: list[str], found: SheetBuilder) -> None:
    rows = [one.row for one in cut if one.row is not None]
    if len(rows) == len(cut) and all(one.number < next_one.number for one, next_one in pairwise(rows)):
        found.put_rows(rows)
    else:
        for one in cut:
            for cell in one.cells:
                _take(cell, strings, found)


def _shared(strings: list[str], at: int) -> str:
    if at >= len(strings):
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
    return strings[at]


def _cut(xml: bytes) -> tuple[Sequence[_Cut], bytes, bytes] | None:
    """Cut a part into its rows, and what stands before and after them; None where that could go wrong."""
    body, closed, rest = xml.rpartition(b"</sheetData>")
    before, *pieces = body.split(b"<row ")
    after = closed + rest
    known = len(before) + len(after) < MAX_SURROUNDINGS_LENGTH
    if not closed or len(pieces) > MAX_ROWS_CUT or not (_sure_known if known else _sure_around)(before, after):
        return None
    rows = [_known_row(piece) if len(piece) < MAX_KNOWN_LENGTH else _read_row(piece) for piece in pieces]
    return None if None in rows else ([row for row in rows if row and row.cells], before, after)


def _sure_around(before: bytes, after: bytes) -> bool:
    """Whether no cell stands around the rows, in an encoding in which the marks are what they seem."""
    return _is_first(before) and _is_sure(after) and b"<c " not in before and b"<c " not in after


def _around(before: bytes, after: bytes) -> list[CellRange]:
    """Hold what stands around the rows to be whole, as the part is when that is; the merged cells it names.

    Forms from one blank have the same around their rows.
    """
    return parse(_Cells(_no_cell), before + after).merged


def _no_cell(cell: _Cell) -> None:
    raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))


_sure_known, _around_known = lru_cache(maxsize=32)(_sure_around), lru_cache(maxsize=32)(_around)


def _read_row(piece: bytes) -> _Cut | None:
    """Read a row without its beginning; None where it isn't one, whole, of cells that say their own place."""
    begin, *pieces = piece.split(b"<c ")
    if len(pieces) > MAX_CELLS_CUT or not _is_sure(begin):
        return None
    read = _known if len(piece) < MAX_KNOWN_LENGTH else _read
    known = list(map(read, pieces))
    if None in known:
        return None
    cells, around = zip(*filter(None, known), strict=True) if known else ((), ())
    left = b"".join([b"<row ", begin, *around])
    if any(mark in left for mark in _LISTENED):
        return None
    try:
        check(left)
    except RefusedError:
        return None
    return _Cut(cells, _row(cells))


def _row(cells: Sequence[_Cell]) -> Row | None:
    if any(cell.shared >= 0 for cell in cells):
        return None
    formulas = tuple(cell.place for cell in cells if cell.formula)
    return plain_row([cell.place for cell in cells], [cell.value for cell in cells], formulas)


_known_row = lru_cache(MAX_KNOWN_ROWS)(_read_row)


def _is_first(xml: bytes) -> bool:
    """Whether what stands before the first cell is sure, and in an encoding in which the marks are what they seem."""
    declared, _, rest = (
        xml.partition(b"?>") if xml.startswith((b"<?xml ", b"<?xml\n", b"<?xml\t", b"<?xml\r")) else (b"", b"", xml)
    )
    utf8 = b"encoding" not in declared or b"utf-8" in declared.lower()
    return utf8 and _is_sure(rest)


def _is_sure(xml: bytes) -> bool:
    return not any(mark in xml for mark in _UNSURE)


def _read(piece: bytes) -> tuple[_Cell, bytes] | None:
    """Read a cell without its beginning, and what follows it; None where it isn't one that says its own place."""
    if not _is_sure(piece) or b"mergeCell" in piece:
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


_known = lru_cache(MAX_KNOWN_TEXTS)(_read)


class _Cells(Handler):
    """Tells of each cell. A cell or row without a reference follows the one before it."""

    def __init__(self, take: Callable[[_Cell], None]) -> None:
        self._take, self.merged = take, list[CellRange]()
        self._place, self._kind, self._pieces = (0, 0), "", list[str]()
        self._inside, self._formula, self._listening, self._phonetic = False, False, False, 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._place = parse_cell_ref(attributes.get("r", "")) or (self._place[0], self._place[1] + 1)
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
            raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
        return _Cell(self._place, None, shared, self._formula)


def _value(kind: str, text: str) -> object:
    if kind == "b":
        return text.strip() == "1"
    if kind == "n":
        try:
            return float(text)
        except ValueError:
            return strip_control_chars(text)
    return unescape(text)


def _number(text: str) -> int | None:
    """A whole number as a workbook writes it; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def unescape(text: str) -> str:
    """Return the text with Excel's own escapes such as `_x000D_` read back."""
    if "_x" in text:
        text = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)
    return strip_control_chars(text)
