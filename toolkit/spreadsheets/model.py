"""A workbook as plain values, whatever program saved it: sheets with their filled cells.

Only filled cells take room: one stray space in the last row costs one cell, not a million.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import itemgetter

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.core.ooxml_package import MAX_TEXT_LENGTH

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""Of a sheet, as Excel has it; a reference past it comes from no spreadsheet program."""

MAX_SHEETS = 100
"""Of a workbook: a form has two."""

MAX_CELLS = 100_000
"""Of a workbook: a form has some two hundred."""

MAX_CHARACTERS = 4_000_000
"""Of all cells together; a shared text counts once for each cell."""

MAX_MERGED = 1_000
"""Groups of merged cells of a sheet: a form has some twenty."""

CellRef = tuple[int, int]
"""Row and column, both from 1."""

CellRange = tuple[CellRef, CellRef]
"""The first cell and the last, both included."""

_ROW, _COLUMN = itemgetter(0), itemgetter(1)  # of a cell reference
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")


class RowCells(dict[int, object]):
    """The filled cells of a row by column: a key for cached results."""

    __slots__ = ()
    __hash__ = object.__hash__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of plain cells, to add at once: its values by reference and by column."""

    number: int
    cells: Mapping[CellRef, object]
    columns: RowCells
    formulas: tuple[CellRef, ...]
    characters: int


def make_row(refs: Sequence[CellRef], values: Sequence[object], formulas: tuple[CellRef, ...]) -> Row | None:
    """Return the cells as one row; None where one is duplicate, too long or too far away."""
    filled = [(ref, value) for ref, value in zip(refs, values, strict=True) if value not in (None, "")]
    cells = dict(sorted(filled, key=itemgetter(0)))
    sizes = [len(value) for value in cells.values() if isinstance(value, str)]
    row, column = (max(map(part, refs), default=0) for part in (_ROW, _COLUMN))
    is_one_row = all(ref[0] == row for ref in refs) and len(set(refs)) == len(refs)
    if not is_one_row or row > MAX_ROWS or column > MAX_COLUMNS or max(sizes, default=0) > MAX_TEXT_LENGTH:
        return None
    return Row(row, cells, RowCells((ref[1], value) for ref, value in cells.items()), formulas, sum(sizes))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    cells
        Filled cells by (row, column), both from 1: text, a number as float, or a bool.
    formulas
        Cells that hold a formula; its value is what it showed when the workbook was saved.
    duplicate_refs
        Cells that are in the file more than once, so that their value is undecided.
    truncated
        Cells whose text was longer than a cell may hold, and was cut.
    merged
        Groups of merged cells; a group shows the value of its first cell.
    hidden_rows
        Rows that are not shown, mostly because of a filter.
    notes
        Cells with a note or comment; its text is not read.
    """

    name: str
    cells: Mapping[CellRef, object]
    formulas: frozenset[CellRef] = frozenset()
    duplicate_refs: frozenset[CellRef] = frozenset()
    truncated: frozenset[CellRef] = frozenset()
    merged: tuple[CellRange, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    notes: frozenset[CellRef] = frozenset()
    _rows: dict[int, RowCells] = field(default_factory=dict, compare=False, repr=False)

    def rows(self) -> Mapping[int, RowCells]:
        """The filled cells by row, then column; computed once."""
        if not self._rows:
            rows = defaultdict[int, RowCells](RowCells)
            for ref in sorted(self.cells):
                rows[ref[0]][ref[1]] = self.cells[ref]
            self._rows.update(rows)
        return self._rows


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook: sheets, cells of defined names, time of saving, and problems."""

    sheets: list[Sheet]
    names: Mapping[str, tuple[str, CellRef]] = field(default_factory=dict)
    modified: datetime | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Budget:
    """The cells and characters that a workbook may still take, over all its sheets."""

    cells: int = MAX_CELLS
    characters: int = MAX_CHARACTERS

    def take(self, cells: int, characters: int) -> None:
        """Subtract filled cells and characters; `RefusedError` where too many were taken."""
        self.cells -= cells
        self.characters -= characters
        if self.cells < 0 or self.characters < 0:
            raise RefusedError(Problem(ProblemCode.TOO_LARGE))


@dataclass(slots=True)
class SheetBuilder:
    """The cells of one sheet while it is being read."""

    budget: Budget
    cells: dict[CellRef, object] = field(default_factory=dict)
    formulas: set[CellRef] = field(default_factory=set)
    duplicate_refs: set[CellRef] = field(default_factory=set)
    truncated: set[CellRef] = field(default_factory=set)
    merged: list[CellRange] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    notes: set[CellRef] = field(default_factory=set)
    _refs: set[CellRef] = field(default_factory=set)
    _rows: dict[int, RowCells] = field(default_factory=dict)

    def add_cell(self, ref: CellRef, value: object) -> None:
        """Add a cell; of a blank one only the reference is stored, to notice a second cell with it."""
        if ref in self._refs:
            self.duplicate_refs.add(ref)
        if value is not None or len(self._refs) < MAX_CELLS:  # there may be millions of blanks
            self._refs.add(ref)
        if value is None or value == "":
            return
        if ref[0] > MAX_ROWS or ref[1] > MAX_COLUMNS:
            raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
        self.budget.take(1, len(value) if isinstance(value, str) else 0)
        if isinstance(value, str) and len(value) > MAX_TEXT_LENGTH:
            self.truncated.add(ref)
            value = value[:MAX_TEXT_LENGTH]
        self.cells[ref] = value

    def add_formula(self, ref: CellRef) -> None:
        """Mark a cell as a formula; one without a value takes as much room, so it counts too."""
        self.formulas.add(ref)
        if ref not in self.cells:
            self.budget.take(1, 0)

    def add_result(self, ref: CellRef, text: str) -> None:
        """Set the text that a formula showed, after its cell; an empty one leaves it blank."""
        if text:
            self.cells.pop(ref, None)
            self._refs.discard(ref)
            self.add_cell(ref, text)

    def merge(self, ranges: Sequence[CellRange]) -> None:
        """Add groups of merged cells."""
        self.merged += ranges
        if len(self.merged) > MAX_MERGED:
            raise RefusedError(Problem(ProblemCode.TOO_LARGE))

    def add_rows(self, rows: Sequence[Row]) -> None:
        """Add all of a sheet's rows at once, from the first to the last."""
        self.budget.take(sum(len(row.cells) for row in rows), sum(row.characters for row in rows))
        for row in rows:
            self.cells.update(row.cells)
            self.formulas.update(row.formulas)
        self._rows = {row.number: row.columns for row in rows if row.columns}

    def sheet(self, name: str) -> Sheet:
        """Return the finished sheet."""
        odd = frozenset(self.formulas), frozenset(self.duplicate_refs), frozenset(self.truncated)
        shown = tuple(self.merged), frozenset(self.hidden_rows), frozenset(self.notes)
        return Sheet(name, self.cells, *odd, *shown, self._rows)


def cell_name(ref: CellRef) -> str:
    """Return the name of a cell as a spreadsheet program shows it.

    Examples
    --------
    >>> cell_name((17, 4)), cell_name((1, 28))
    ('D17', 'AB1')
    """
    row, column = ref
    letters = ""
    while column > 0:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return f"{letters}{row}"


@lru_cache(maxsize=8192)
def parse_cell_ref(name: str) -> CellRef | None:
    """Return (row, column) of a reference such as `D17` or `$d$17`; None for anything else.

    Examples
    --------
    >>> parse_cell_ref("$D$17"), parse_cell_ref("D1:D5")
    ((17, 4), None)
    """
    match = _REFERENCE.fullmatch(name)
    if not match:
        return None
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def parse_cell_range(name: str) -> CellRange | None:
    """Return the first and last cell of a reference such as `D17:D19`; None for anything else.

    Examples
    --------
    >>> parse_cell_range("D17:D19"), parse_cell_range("D17")
    (((17, 4), (19, 4)), None)
    """
    first, _, last = name.partition(":")
    start, end = parse_cell_ref(first), parse_cell_ref(last)
    return (start, end) if start and end else None
