"""Read an OpenDocument spreadsheet (`.ods`), as LibreOffice, gnumeric and others save it.

A common reader fails on the files of two of these programs, and a file of less than a thousand bytes makes it fill
memory: a row or cell may say that it is repeated a million times. Here a filled cell that is repeated more often than a
form could need refuses the file, and a blank one costs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.core.sanitize import strip_control_chars
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
)  # fmt: skip
from toolkit.spreadsheets.xlsx import parse_timestamp

MAX_REPEATED = 20_000
"""Filled cells that one row may be repeated to."""

_IGNORED = frozenset({
    "annotation", "note", "ruby-text", "tracked-changes", "dde-links",
    "shapes", "frame", "caption", "circle", "connector", "control", "custom-shape", "ellipse", "g", "line", "measure",
    "page-thumbnail", "path", "polygon", "polyline", "rect", "regular-polygon", "scene",
})  # fmt: skip
"""Elements whose text is not the cell's: notes, furigana, earlier versions, links, and drawn shapes."""


def read_opendocument(parts: Mapping[str, bytes]) -> Workbook:
    """Read parts by name in lower case; `RefusedError` when they are no spreadsheet."""
    if b"encryption-data" in parts.get("meta-inf/manifest.xml", b"") or "encrypted-package" in parts:
        raise RefusedError(Problem(ProblemCode.PASSWORD))
    document = parse(_Document(), parts["content.xml"])
    stamp = text_inside("date", parts["meta.xml"]) if "meta.xml" in parts else ""
    macro = any(name.startswith("basic/") and name.endswith(".xml") for name in parts if "script-l" not in name)
    problems = (Problem(ProblemCode.MACRO_IGNORED),) if macro else ()
    return Workbook(document.sheets, document.names, parse_timestamp(stamp), problems)


class _Document(Handler):
    """The sheets of a document, and the named cells of the document, not those of a single sheet."""

    def __init__(self) -> None:
        self.sheets, self.names = list[Sheet](), dict[str, tuple[str, CellRef]]()
        self._budget = Budget()
        self._builder, self._name, self._table_depth = SheetBuilder(self._budget), "", 0
        self._row, self._column, self._row_repeats, self._row_hidden = 0, 0, 1, False
        self._cells = list[tuple[int, int, object, bool]]()
        self._cell: Attributes | None = None
        self._pieces, self._ignored_depth, self._in_paragraph = list[str](), 0, False

    def start(self, name: str, attributes: Attributes) -> None:
        if name in _IGNORED:
            self._ignored_depth += 1
            if name == "annotation" and self._cell is not None:
                self._builder.notes.add((self._row + 1, self._column + 1))
        elif not self._ignored_depth and (start := self._starts.get(name)):
            start(self, _without_prefix(attributes))

    def end(self, name: str) -> None:
        if name in _IGNORED:
            self._ignored_depth -= 1
        elif not self._ignored_depth and (end := self._ends.get(name)):
            end(self)

    def data(self, text: str) -> None:
        if self._in_paragraph and not self._ignored_depth:
            self._pieces.append(text)

    def _start_table(self, attributes: Attributes) -> None:
        self._table_depth += 1
        if self._table_depth == 1:
            self._builder, self._name = SheetBuilder(self._budget), attributes.get("name", "")
            self._row = 0

    def _end_table(self) -> None:
        self._table_depth -= 1
        if not self._table_depth:
            self.sheets.append(self._builder.sheet(self._name))
            if len(self.sheets) > MAX_SHEETS:
                raise RefusedError(Problem(ProblemCode.TOO_LARGE))

    def _start_row(self, attributes: Attributes) -> None:
        self._row_repeats, self._column, self._cells = _count(attributes, "number-rows-repeated", MAX_ROWS), 0, []
        self._row_hidden = attributes.get("visibility", "visible") != "visible"

    def _end_row(self) -> None:
        if self._cells:
            if self._row_repeats * sum(repeats for _, repeats, _, _ in self._cells) > MAX_REPEATED:
                raise RefusedError(Problem(ProblemCode.TOO_LARGE))
            for row in range(self._row + 1, self._row + 1 + self._row_repeats):
                self._add_row(row)
        self._row += self._row_repeats
        self._cells = []

    def _add_row(self, row: int) -> None:
        if self._row_hidden:
            self._builder.hidden_rows.add(row)
        for first, repeats, value, formula in self._cells:
            for column in range(first, first + repeats):
                self._builder.add_cell((row, column), value)
                if formula:
                    self._builder.add_formula((row, column))

    def _start_cell(self, attributes: Attributes) -> None:
        self._cell, self._pieces = attributes, []

    def _end_cell(self) -> None:
        cell = self._cell or {}
        repeats = _count(cell, "number-columns-repeated", MAX_COLUMNS)
        value = _value(cell, strip_control_chars("".join(self._pieces)))
        if value not in (None, "") or "formula" in cell:
            self._cells.append((self._column + 1, repeats, value, "formula" in cell))
        columns = _count(cell, "number-columns-spanned", MAX_COLUMNS)
        rows = _count(cell, "number-rows-spanned", MAX_ROWS)
        if columns > 1 or rows > 1:
            first = (self._row + 1, self._column + 1)
            self._builder.merge([(first, (first[0] + rows - 1, first[1] + columns - 1))])
        self._column += repeats
        self._cell = None

    def _start_paragraph(self, attributes: Attributes) -> None:
        if self._cell is not None:
            if self._pieces:
                self._pieces.append("\n")
            self._in_paragraph = True

    def _end_paragraph(self) -> None:
        self._in_paragraph = False

    def _add_spaces(self, attributes: Attributes) -> None:
        if self._in_paragraph:
            spaces = _count(attributes, "c", 1000)
            self._budget.take(0, spaces)
            self._pieces.append(" " * spaces)

    def _add_tab(self, attributes: Attributes) -> None:
        if self._in_paragraph:
            self._pieces.append("\t")

    def _add_line_break(self, attributes: Attributes) -> None:
        if self._in_paragraph:
            self._pieces.append("\n")

    def _add_name(self, attributes: Attributes) -> None:
        sheet, _, cell = attributes.get("cell-range-address", "").rpartition(".")
        if not self._table_depth and (ref := parse_cell_ref(cell)):
            self.names[attributes.get("name", "")] = (sheet.lstrip("$").strip("'").replace("''", "'"), ref)

    _starts = {  # noqa: RUF012  # a table of methods, never changed
        "table": _start_table, "table-row": _start_row, "table-cell": _start_cell, "covered-table-cell": _start_cell,
        "p": _start_paragraph, "s": _add_spaces, "tab": _add_tab, "line-break": _add_line_break,
        "named-range": _add_name,
    }  # fmt: skip
    _ends = {  # noqa: RUF012
        "table": _end_table, "table-row": _end_row, "table-cell": _end_cell, "covered-table-cell": _end_cell,
        "p": _end_paragraph,
    }  # fmt: skip


def _without_prefix(attributes: Attributes) -> Attributes:
    """Attributes without prefix; LibreOffice's extension repeats a cell's kind with other words."""
    return {name.rpartition(":")[2]: value for name, value in attributes.items() if not name.startswith("calcext:")}


def _count(attributes: Attributes, name: str, maximum: int) -> int:
    text = attributes.get(name, "1")
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
    return max(1, min(int(text), maximum))


def _value(attributes: Attributes, text: str) -> object:
    kind = attributes.get("value-type", "")
    if kind == "boolean":
        return _BOOLEANS.get(attributes.get("boolean-value", "").strip().lower(), text)
    if kind in ("float", "percentage", "currency"):
        try:
            return float(attributes.get("value", ""))
        except ValueError:
            return text
    values = (attributes.get(f"{name}-value") for name in ("string", "date", "time"))
    return text or strip_control_chars(next((value for value in values if value), ""))


_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
