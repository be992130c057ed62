"""Read an OpenDocument spreadsheet (`.ods`), as LibreOffice, gnumeric and others save it.

An own reader, since a common one fails on the files of two of these programs, and fills memory with a file of less than
a thousand bytes: a row or cell may say that it stands there a million times. Here a filled cell that is repeated more
often than a form could need refuses the file, and a blank one costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.spreadsheets.guard import Attributes, Handler, parse, text_inside
from toolkit.spreadsheets.model import (
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_SHEETS,
    Budget,
    CellRef,
    Sheet,
    SheetBuilder,
    Workbook,
    parse_cell_ref,
    strip_control_chars,
)  # fmt: skip
from toolkit.spreadsheets.xlsx import moment

MAX_REPEATED = 20_000
"""Filled cells that one row may stand for."""


def read_opendocument(parts: Mapping[str, bytes]) -> Workbook:
    """Read a document's parts, by name in lower case; raises `RefusedError` when they are no spreadsheet."""
    if b"encryption-data" in parts.get("meta-inf/manifest.xml", b"") or "encrypted-package" in parts:
        raise RefusedError(Problem(ProblemCode.PASSWORD))
    tables = parse(_Tables(), parts["content.xml"])
    stamp = text_inside("date", parts["meta.xml"]) if "meta.xml" in parts else ""
    macro = any(name.startswith("basic/") and name.endswith(".xml") for name in parts if "script-l" not in name)
    return Workbook(tables.sheets, tables.names, moment(stamp), (Problem(ProblemCode.MACRO_IGNORED),) if macro else ())


class _Tables(Handler):
    """The sheets of a document, and its named cells."""

    def __init__(self) -> None:
        self.sheets, self.names = list[Sheet](), dict[str, tuple[str, CellRef]]()
        self._budget = Budget()
        self._found, self._name, self._nested = SheetBuilder(self._budget), "", 0
        self._row, self._column, self._rows = 0, 0, 1
        self._cells = list[tuple[int, int, object, bool]]()
        self._cell: Attributes | None = None
        self._pieces, self._ignored, self._paragraph = list[str](), 0, False

    def start(self, name: str, attributes: Attributes) -> None:
        if name in ("annotation", "shapes", "frame", "tracked-changes"):
            self._ignored += 1  # a note, picture or earlier version is no answer
        elif not self._ignored:
            begin = self._begins.get(name)
            if begin:
                begin(self, _own(attributes))

    def end(self, name: str) -> None:
        if name in ("annotation", "shapes", "frame", "tracked-changes"):
            self._ignored -= 1
        elif not self._ignored:
            finish = self._ends.get(name)
            if finish:
                finish(self)

    def data(self, text: str) -> None:
        if self._paragraph and not self._ignored:
            self._pieces.append(text)

    def _table(self, own: Attributes) -> None:
        self._nested += 1
        if self._nested == 1:
            self._found, self._name = SheetBuilder(self._budget), own.get("name", "")
            self._row = 0

    def _end_table(self) -> None:
        self._nested -= 1
        if not self._nested:
            self.sheets.append(self._found.sheet(self._name))
            if len(self.sheets) > MAX_SHEETS:
                raise RefusedError(Problem(ProblemCode.TOO_LARGE))

    def _begin_row(self, own: Attributes) -> None:
        self._rows, self._column, self._cells = _times(own, "number-rows-repeated", MAX_ROWS), 0, []

    def _end_row(self) -> None:
        if self._cells:
            if self._rows * sum(times for _, times, _, _ in self._cells) > MAX_REPEATED:
                raise RefusedError(Problem(ProblemCode.TOO_LARGE))
            for row in range(self._row + 1, self._row + 1 + self._rows):
                self._put_row(row)
        self._row += self._rows
        self._cells = []

    def _put_row(self, row: int) -> None:
        for first, times, value, formula in self._cells:
            for column in range(first, first + times):
                self._found.put((row, column), value)
                if formula:
                    self._found.put_formula((row, column))

    def _begin_cell(self, own: Attributes) -> None:
        self._cell, self._pieces = own, []

    def _end_cell(self) -> None:
        own = self._cell or {}
        times = _times(own, "number-columns-repeated", MAX_COLUMNS)
        value = _value(own, strip_control_chars("".join(self._pieces)))
        if value not in (None, "") or "formula" in own:
            self._cells.append((self._column + 1, times, value, "formula" in own))
        wide, high = _times(own, "number-columns-spanned", MAX_COLUMNS), _times(own, "number-rows-spanned", MAX_ROWS)
        if wide > 1 or high > 1:
            first = (self._row + 1, self._column + 1)
            self._found.merge([(first, (first[0] + high - 1, first[1] + wide - 1))])
        self._column += times
        self._cell = None

    def _begin_paragraph(self, own: Attributes) -> None:
        if self._cell is not None:
            if self._pieces:
                self._pieces.append("\n")
            self._paragraph = True

    def _end_paragraph(self) -> None:
        self._paragraph = False

    def _space(self, own: Attributes) -> None:
        if self._paragraph:
            spaces = _times(own, "c", 1000)
            self._budget.take(0, spaces)
            self._pieces.append(" " * spaces)

    def _tab(self, own: Attributes) -> None:
        if self._paragraph:
            self._pieces.append("\t")

    def _line(self, own: Attributes) -> None:
        if self._paragraph:
            self._pieces.append("\n")

    def _range(self, own: Attributes) -> None:
        sheet, _, cell = own.get("cell-range-address", "").rpartition(".")
        if place := parse_cell_ref(cell):
            self.names[own.get("name", "")] = (sheet.lstrip("$").strip("'").replace("''", "'"), place)

    _begins = {  # noqa: RUF012  # a table of methods, never changed
        "table": _table, "table-row": _begin_row, "table-cell": _begin_cell, "covered-table-cell": _begin_cell,
        "p": _begin_paragraph, "s": _space, "tab": _tab, "line-break": _line, "named-range": _range,
    }  # fmt: skip
    _ends = {  # noqa: RUF012
        "table": _end_table, "table-row": _end_row, "table-cell": _end_cell, "covered-table-cell": _end_cell,
        "p": _end_paragraph,
    }  # fmt: skip


def _own(attributes: Attributes) -> Attributes:
    """Attributes without prefix; LibreOffice's extension repeats a cell's kind with other words."""
    return {name.rpartition(":")[2]: value for name, value in attributes.items() if not name.startswith("calcext:")}


def _times(own: Attributes, name: str, most: int) -> int:
    text = own.get(name, "1")
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
    return max(1, min(int(text), most))


def _value(own: Attributes, text: str) -> object:
    kind = own.get("value-type", "")
    if kind == "boolean":
        return own.get("boolean-value") == "true"
    if kind in ("float", "percentage", "currency"):
        try:
            return float(own.get("value", ""))
        except ValueError:
            return text
    return text or strip_control_chars(own.get("string-value", own.get("date-value", own.get("time-value", ""))))
