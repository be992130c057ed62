"""The cells of one sheet of an Excel workbook.

Forms made from one blank share nearly every row, byte for byte. So a sheet whose XML can be split into rows safely is
split, and a row that was read before comes from a cache. Of any other sheet every tag is parsed. Both ways end at the
same handler.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.core.sanitize import strip_control_chars
from toolkit.spreadsheets.guard import Attributes, Handler, parse
from toolkit.spreadsheets.model import (
    MAX_ROWS,
    CellRange,
    CellRef,
    Row,
    SheetBuilder,
    make_row,
    parse_cell_range,
    parse_cell_ref,
)

MAX_SPLIT_ROWS, MAX_SPLIT_CELLS = 1_000, 100
"""Rows of a sheet, and cells of a row, that are split. A larger sheet shares little with others and is parsed."""

MAX_CACHED_ROWS, MAX_CACHED_LENGTH = 2_048, 2_000
"""Rows in the cache, and the bytes one may have."""

MAX_SURROUNDINGS_LENGTH = 50_000
"""Bytes around the rows that are cached."""

UNSPLITTABLE_MARKERS = (
    b"<!", b"<?", b"\0",
    b"<c>", b"<c/", b"<c\n", b"<c\t", b"<c\r", b":c>", b":c/", b":c\n", b":c\t", b":c\r", b":c ",
    b"<row>", b"<row/", b"<row\n", b"<row\t", b"<row\r", b":row",
)  # fmt: skip
"""What makes a split unsafe: comments, literal sections, UTF-16, and rows or cells that begin in another way."""


def read_sheet(xml: bytes, strings: list[str], builder: SheetBuilder) -> SheetBuilder:
    """Add a sheet's cells, given the workbook's shared `strings`. Raises `RefusedError`."""
    split = split_rows(xml)
    if split is None:
        handler = parse(_CellHandler(lambda cell: _add(cell, strings, builder)), xml)
        builder.merge(handler.merged)
        builder.hidden_rows = handler.hidden_rows
    else:
        rows, before, after = split
        cached = len(before) + len(after) < MAX_SURROUNDINGS_LENGTH
        builder.merge((_cached_surroundings if cached else parse_surroundings)(before, after))
        _add_rows(rows, strings, builder)
    return builder


class _Cell(NamedTuple):
    """One cell as it is in the XML; `shared` is its index in the shared strings, or -1."""

    ref: CellRef
    value: object
    shared: int
    formula: bool


def _add(cell: _Cell, strings: list[str], builder: SheetBuilder) -> None:
    if cell.formula:
        builder.formulas.add(cell.ref)
    builder.add_cell(cell.ref, _shared_text(strings, cell.shared) if cell.shared >= 0 else cell.value)


class _SplitRow(NamedTuple):
    """A row's cells, the row they make where they are plain and none is a shared string, and whether it is hidden."""

    cells: Sequence[_Cell]
    row: Row | None
    hidden: bool


def _add_rows(split: Sequence[_SplitRow], strings: list[str], builder: SheetBuilder) -> None:
    builder.hidden_rows.update(hidden_row.cells[0].ref[0] for hidden_row in split if hidden_row.hidden)
    rows = [hidden_row.row for hidden_row in split if hidden_row.row is not None]
    if len(rows) == len(split) and all(row.number < next_row.number for row, next_row in pairwise(rows)):
        builder.add_rows(rows)
    else:
        for hidden_row in split:
            for cell in hidden_row.cells:
                _add(cell, strings, builder)


def _shared_text(strings: list[str], index: int) -> str:
    if index >= len(strings):
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
    return strings[index]


def split_rows(xml: bytes) -> tuple[Sequence[_SplitRow], bytes, bytes] | None:
    """Split a part into its rows and the bytes around them; None where that is unsafe."""
    body, closing_tag, tail = xml.rpartition(b"</sheetData>")
    before, *pieces = body.split(b"<row ")
    after = closing_tag + tail
    cached = len(before) + len(after) < MAX_SURROUNDINGS_LENGTH
    is_safe = _cached_safety if cached else _are_safe_surroundings
    if not closing_tag or len(pieces) > MAX_SPLIT_ROWS or not is_safe(before, after):
        return None
    rows = [cached_row(piece) if len(piece) < MAX_CACHED_LENGTH else _read_row(piece) for piece in pieces]
    return None if None in rows else ([row for row in rows if row and row.cells], before, after)


def _are_safe_surroundings(before: bytes, after: bytes) -> bool:
    """Whether no cell is around the rows, in an encoding that shows the markers."""
    return _starts_safely(before) and can_split_safely(after) and b"<c " not in before and b"<c " not in after


def parse_surroundings(before: bytes, after: bytes) -> list[CellRange]:
    """Check that the bytes around the rows are well formed, and return their merged cells.

    Forms from one blank have the same surroundings.
    """
    return parse(_CellHandler(_refuse_cell), before + after).merged


def _refuse_cell(_cell: _Cell) -> None:  # a cell outside the rows
    raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))


_cached_safety, _cached_surroundings = lru_cache(32)(_are_safe_surroundings), lru_cache(32)(parse_surroundings)


def _read_row(piece: bytes) -> _SplitRow | None:
    """Read a row without its opening `<row `; None where it is not one complete row.

    A cell without a reference may follow only a number of its own row, not of an earlier one.
    """
    if piece.count(b"<c ") > MAX_SPLIT_CELLS or not can_split_safely(piece) or b"mergeCell" in piece:
        return None
    cells: list[_Cell] = []
    try:
        handler = parse(_CellHandler(cells.append, _UNKNOWN_ROW), b"<row " + piece)
    except RefusedError:
        return None
    return _SplitRow(cells, _plain_row(cells), bool(handler.hidden_rows))


def _plain_row(cells: Sequence[_Cell]) -> Row | None:
    if any(cell.shared >= 0 for cell in cells):
        return None
    formulas = tuple(cell.ref for cell in cells if cell.formula)
    return make_row([cell.ref for cell in cells], [cell.value for cell in cells], formulas)


cached_row = lru_cache(MAX_CACHED_ROWS)(_read_row)


def _starts_safely(xml: bytes) -> bool:
    """Whether the bytes before the first row are safe, in an encoding that shows the markers."""
    declared, _, body = (
        xml.partition(b"?>") if xml.startswith((b"<?xml ", b"<?xml\n", b"<?xml\t", b"<?xml\r")) else (b"", b"", xml)
    )
    utf8 = b"encoding" not in declared or b"utf-8" in declared.lower()
    return utf8 and can_split_safely(body)


def can_split_safely(xml: bytes) -> bool:
    """Whether nothing in the bytes could make a split go wrong."""
    return not any(marker in xml for marker in UNSPLITTABLE_MARKERS)


_UNKNOWN_ROW = -MAX_ROWS
"""Row of a `<row>` whose number can't be read: its cells need references of their own."""


class _CellHandler(Handler):
    """Calls `take` with each cell. A cell or row without a reference follows the one before it."""

    def __init__(self, take: Callable[[_Cell], None], first_row: int = 0) -> None:
        self._take, self.merged, self.hidden_rows = take, list[CellRange](), set[int]()
        self._ref, self._kind = (first_row, 0), ""
        self._value, self._inline, self._collected = list[str](), list[str](), list[str]()
        self._in_cell, self._formula, self._collecting, self._has_inline, self._phonetic = False, False, False, False, 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._ref = _ref(attributes.get("r")) or self._next_ref()
            self._kind, self._value, self._inline = attributes.get("t", "n"), [], []
            self._in_cell, self._formula, self._has_inline = True, False, False
        elif name == "v":
            self._collecting, self._collected = True, self._value
        elif name == "t":
            self._collecting, self._collected, self._has_inline = not self._phonetic, self._inline, True
        elif name == "row":
            number = _number(attributes["r"]) if "r" in attributes else self._ref[0] + 1
            self._ref = (number or _UNKNOWN_ROW, 0)
            if attributes.get("hidden") in ("1", "true"):
                self.hidden_rows.add(self._ref[0])
        elif name == "f":
            self._formula = self._in_cell
        elif name == "rPh":
            self._phonetic += 1
        elif name == "is":
            self._has_inline = True
        elif name == "mergeCell" and (area := parse_cell_range(attributes.get("ref", ""))):
            self.merged.append(area)

    def end(self, name: str) -> None:
        self._collecting = False
        if name == "c":
            self._take(self._cell())
            self._in_cell = False
        elif name == "rPh":
            self._phonetic -= 1

    def data(self, text: str) -> None:
        if self._collecting:
            self._collected.append(text)

    def _next_ref(self) -> CellRef:
        if self._ref[0] < 0:
            raise RefusedError(Problem(ProblemCode.ODD_PACKAGE))
        return self._ref[0], self._ref[1] + 1

    def _cell(self) -> _Cell:
        """The cell. Of an inline text its `<is>` counts, of any other kind its `<v>`, where both are there."""
        inline = self._has_inline and (self._kind == "inlineStr" or not self._value)
        text = "".join(self._inline if inline else self._value)
        if self._kind != "s":
            return _Cell(self._ref, _value(self._kind, text) if text else None, -1, self._formula)
        shared = _number(text.strip()) if text.strip() else -1  # without an index the cell is blank
        if shared is None:
            raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
        return _Cell(self._ref, None, shared, self._formula)


def _ref(text: str | None) -> CellRef | None:
    """The reference of a cell; None where it has none. One that can't be read is refused, not guessed."""
    ref = None if text is None else parse_cell_ref(text)
    if text is not None and ref is None:
        raise RefusedError(Problem(ProblemCode.ODD_PACKAGE))
    return ref


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
    """Return the text with Excel's own escapes such as `_x000D_` decoded."""
    if "_x" in text:
        text = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda match: chr(int(match[1], 16)), text)
    return strip_control_chars(text)
