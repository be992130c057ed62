"""What every workbook comes down to, whatever program saved it: sheets with the cells that are filled.

Only cells that are there take room: one stray space in the last row costs one cell, not a million.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from operator import itemgetter

from toolkit.core.errors import Problem, ProblemCode, RefusedError

MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384
"""Of a sheet, as Excel has it; a reference past it comes from no spreadsheet program."""

MAX_SHEETS = 100
"""Of a workbook: a form has two."""

MAX_CELLS = 100_000
"""Of a workbook: a form has some two hundred."""

MAX_CHARACTERS = 4_000_000
"""Of all cells together, a shared text counted as often as it stands there."""

MAX_TEXT_LENGTH = 32_767
"""Of one cell, as Excel has it."""

MAX_MERGED = 1_000
"""Groups of merged cells of a sheet: a form has some twenty."""

CellRef = tuple[int, int]
CellRange = tuple[CellRef, CellRef]
"""From its first cell to its last, both in it."""

_ROW, _COLUMN = itemgetter(0), itemgetter(1)  # of a place
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells of which nothing is odd, to take in at once: what is filled by place and by column."""

    number: int
    cells: Mapping[CellRef, object]
    columns: Mapping[int, object]
    formulas: tuple[CellRef, ...]
    characters: int


def plain_row(places: Sequence[CellRef], values: Sequence[object], formulas: tuple[CellRef, ...]) -> Row | None:
    """Return the cells as one row; None where they are not, or where one is there twice, too long or too far away."""
    filled = [(place, value) for place, value in zip(places, values, strict=True) if value not in (None, "")]
    cells = dict(sorted(filled, key=itemgetter(0)))
    sizes = [len(value) for value in cells.values() if isinstance(value, str)]
    row, column = (max(map(part, places), default=0) for part in (_ROW, _COLUMN))
    one = all(place[0] == row for place in places) and len(set(places)) == len(places)
    if not one or row > MAX_ROWS or column > MAX_COLUMNS or max(sizes, default=0) > MAX_TEXT_LENGTH:
        return None
    return Row(row, cells, {place[1]: value for place, value in cells.items()}, formulas, sum(sizes))


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet.

    Attributes
    ----------
    cells
        Filled cells by (row, column), both from 1: text, a number as float, or a bool.
    formulas
        Cells that hold a formula; its value is what it last showed.
    twice
        Cells that stand in the file more than once: what they say is undecided.
    cut
        Cells whose text was longer than a cell may hold, and was cut.
    merged
        Cells that were made one; what the group shows is what its first cell holds.
    """

    name: str
    cells: Mapping[CellRef, object]
    formulas: frozenset[CellRef] = frozenset()
    twice: frozenset[CellRef] = frozenset()
    cut: frozenset[CellRef] = frozenset()
    merged: tuple[CellRange, ...] = ()
    _rows: dict[int, Mapping[int, object]] = field(default_factory=dict, compare=False, repr=False)

    def rows(self) -> Mapping[int, Mapping[int, object]]:
        """The filled cells by row, then column; worked out once."""
        if not self._rows:
            found: dict[int, dict[int, object]] = {}
            for place in sorted(self.cells):
                found.setdefault(place[0], {})[place[1]] = self.cells[place]
            self._rows.update(found)
        return self._rows


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook: its sheets, the cells its defined names point at, when it was last saved, and what to say of it."""

    sheets: list[Sheet]
    names: Mapping[str, tuple[str, CellRef]] = field(default_factory=dict)
    modified: datetime | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Budget:
    """What a workbook may still take; shared by its sheets. Going over it refuses the file."""

    cells: int = MAX_CELLS
    characters: int = MAX_CHARACTERS

    def take(self, cells: int, characters: int) -> None:
        """Count filled cells, and the characters in them."""
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
    twice: set[CellRef] = field(default_factory=set)
    cut: set[CellRef] = field(default_factory=set)
    merged: list[CellRange] = field(default_factory=list)
    _met: set[CellRef] = field(default_factory=set)
    _rows: dict[int, Mapping[int, object]] = field(default_factory=dict)

    def put(self, place: CellRef, value: object) -> None:
        """Take in a cell; an empty one is only remembered, to know a second one with its reference."""
        if place in self._met:
            self.twice.add(place)
        if value is not None or len(self._met) < MAX_CELLS:  # of blanks there may be millions
            self._met.add(place)
        if value is None or value == "":
            return
        if place[0] > MAX_ROWS or place[1] > MAX_COLUMNS:
            raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
        self.budget.take(1, len(value) if isinstance(value, str) else 0)
        if isinstance(value, str) and len(value) > MAX_TEXT_LENGTH:
            self.cut.add(place)
            value = value[:MAX_TEXT_LENGTH]
        self.cells[place] = value

    def put_formula(self, place: CellRef) -> None:
        """Remember that a cell holds a formula; one without a value is counted too, since it takes as much room."""
        self.formulas.add(place)
        if place not in self.cells:
            self.budget.take(1, 0)

    def merge(self, areas: Sequence[CellRange]) -> None:
        """Remember groups of merged cells."""
        self.merged += areas
        if len(self.merged) > MAX_MERGED:
            raise RefusedError(Problem(ProblemCode.TOO_LARGE))

    def put_rows(self, rows: Sequence[Row]) -> None:
        """Take in all of a sheet's rows, from the first to the last."""
        self.budget.take(sum(len(row.cells) for row in rows), sum(row.characters for row in rows))
        for row in rows:
            self.cells.update(row.cells)
            self.formulas.update(row.formulas)
        self._rows = {row.number: row.columns for row in rows if row.columns}

    def sheet(self, name: str) -> Sheet:
        """Return what was gathered."""
        odd = frozenset(self.formulas), frozenset(self.twice), frozenset(self.cut)
        return Sheet(name, self.cells, *odd, tuple(self.merged), self._rows)


def cell_name(place: CellRef) -> str:
    """Return how people call a cell.

    Examples
    --------
    >>> cell_name((17, 4)), cell_name((1, 28))
    ('D17', 'AB1')
    """
    row, column = place
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


@lru_cache(maxsize=8192)
def parse_cell_ref(name: str) -> CellRef | None:
    """Return (row, column) of a reference such as `D17` or `$D$17`; None for anything else.

    Examples
    --------
    >>> parse_cell_ref("$D$17"), parse_cell_ref("D1:D5")
    ((17, 4), None)
    """
    match = _REFERENCE.fullmatch(name)
    if not match:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def cell_area(name: str) -> CellRange | None:
    """Return the cells of a reference such as `D17:D19`; None for anything else.

    Examples
    --------
    >>> cell_area("D17:D19"), cell_area("D17")
    (((17, 4), (19, 4)), None)
    """
    first, _, last = name.partition(":")
    start, end = parse_cell_ref(first), parse_cell_ref(last)
    return (start, end) if start and end else None


def strip_control_chars(text: str) -> str:
    r"""Return a text that any program can hold: no halves of a character, no control characters but white space.

    Examples
    --------
    >>> strip_control_chars("a\x0bb\ud83d\ude00\n") == "ab😀\n"
    True
    """
    if text.isprintable():
        return text
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _CONTROL.sub("", whole)


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
