"""Read an old Excel workbook (`.xls`: Excel 5 to 2003), cell by cell.

A file can claim false sizes. Common readers allocate that much memory and crash. Here every length is checked against
the bytes of the file.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.core.sanitize import strip_control_chars
from toolkit.spreadsheets.model import MAX_CELLS, MAX_SHEETS, Budget, CellRange, CellRef, Sheet, SheetBuilder, Workbook
from toolkit.spreadsheets.ole import Container

_BOF, _EOF, _CONTINUE, _PASSWORD, _SHEET, _STRINGS, _CODEPAGE = 0x0809, 0x0A, 0x3C, 0x2F, 0x85, 0xFC, 0x42
_NOTE, _NOTE_CONTINUED = 0x1C, 0xFFFF
_SHARED, _LABEL, _RICH, _NUMBER, _RK, _MANY_RK, _BOOL, _FORMULA_TEXT, _MERGED, _ROW = (
    0xFD, 0x204, 0xD6, 0x203, 0x27E, 0xBD, 0x205, 0x207, 0xE5, 0x208,
)  # fmt: skip
_HIDDEN = 0x20
"""Bit of a row's record: its height is zero, which is how a filter hides it."""
_FORMULAS = frozenset({0x06, 0x206, 0x406})
"""Formula records: Excel 97 writes the first; Numbers writes one that an older Excel had."""

_CELLS = frozenset({_SHARED, _LABEL, _RICH, _NUMBER, _RK, _MANY_RK, _BOOL}) | _FORMULAS
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_EXCEL_97 = 0x0600
_CODECS = {
    1200: "utf-16-le", 32768: "mac-roman", 32769: "cp1252",
    10000: "mac-roman", 10001: "shift_jis", 10002: "big5", 10003: "euc_kr", 10004: "mac-arabic", 10006: "mac-greek",
    10007: "mac-cyrillic", 10008: "gb2312", 10010: "mac-romanian", 10017: "mac-cyrillic", 10029: "mac-latin2",
    10079: "mac-iceland", 10081: "mac-turkish", 10082: "mac-croatian",
}  # fmt: skip
"""Code pages that Python has under another name than `cp` and their number."""

MAX_RECORDS = 600_000
"""Of all sheets together: a form has some two thousand."""


def read_xls(container: Container) -> Workbook:
    """Read the old workbook in an OLE container; raises `RefusedError` when it has none."""
    try:
        stream = container.stream("workbook") or container.stream("book")
        if stream is None:
            raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
        sheets = _read_stream(stream)
    except (struct.error, IndexError, UnicodeError, OverflowError, LookupError) as error:
        # a length or place that points outside the bytes of the file
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK)) from error
    macro = any(name.startswith("_vba_project") for name in container.names)
    problems = (Problem(ProblemCode.MACRO_IGNORED),) if macro else ()
    return Workbook(sheets, {}, _modified(container), problems)


def _modified(container: Container) -> datetime | None:
    """When the workbook was last saved, from its summary."""
    try:
        summary = container.stream("\x05summaryinformation") or b""
        (section,) = struct.unpack_from("<I", summary, 44)
        (_, count) = struct.unpack_from("<II", summary, section)
        for number in range(min(count, 64)):
            (kind, offset) = struct.unpack_from("<II", summary, section + 8 + 8 * number)
            if kind == 13:
                (ticks,) = struct.unpack_from("<Q", summary, section + offset + 4)
                return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
    except (struct.error, OverflowError, RefusedError):
        pass
    return None


def _records(stream: bytes, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """The records from a place up to the end mark that closes them. Raises `IndexError` where it does not come."""
    depth = 0
    while True:
        kind, length = struct.unpack_from("<HH", stream, start)
        body = stream[start + 4 : start + 4 + length]
        if len(body) < length:
            raise IndexError("a record longer than the file")
        depth += (kind == _BOF) - (kind == _EOF)
        yield kind, body
        if depth <= 0:
            return
        start += 4 + length


def _read_stream(stream: bytes) -> list[Sheet]:
    records = _records(stream)
    kind, first = next(records)
    if kind != _BOF or len(first) < 4:
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
    texts = _TextReader(is_excel_97=struct.unpack_from("<H", first)[0] >= _EXCEL_97)
    offsets, strings, last_kind = list[tuple[str, int]](), list[bytes](), 0
    for kind, body in records:
        if kind == _PASSWORD:
            raise RefusedError(Problem(ProblemCode.PASSWORD))
        if kind == _STRINGS or (kind == _CONTINUE and last_kind == _STRINGS):
            strings.append(body)
        last_kind = last_kind if kind == _CONTINUE else kind
        if kind == _CODEPAGE:
            texts.set_codepage(struct.unpack_from("<H", body)[0])
        elif kind == _SHEET and body[5] == 0:
            offsets.append((texts.short(body[6:]), struct.unpack_from("<I", body)[0]))
    shared = _shared_strings(strings) if strings else []
    if len(offsets) > MAX_SHEETS:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    budget, remaining, sheets = Budget(), MAX_RECORDS, list[Sheet]()
    for name, offset in offsets:
        sheet, count = _read_sheet(stream, name, offset, shared, texts, budget)
        sheets.append(sheet)
        remaining -= count
        if remaining < 0:
            raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    return sheets


def _read_sheet(
    stream: bytes, name: str, offset: int, shared: list[str], texts: _TextReader, budget: Budget
) -> tuple[Sheet, int]:
    """Return the sheet that begins at an offset, and its number of records."""
    builder, depth, formula, blocks, count = SheetBuilder(budget), 0, (0, 0), list[bytes](), 0
    for kind, body in _records(stream, offset):
        count += 1
        if kind != _CONTINUE and blocks:  # the text of a formula is complete
            builder.add_result(formula, texts.continued(blocks))
            blocks = []
        depth += (kind == _BOF) - (kind == _EOF)
        if depth > 1:
            continue  # a chart inside the sheet
        if kind == _FORMULA_TEXT and formula != (0, 0):
            blocks = [body]
        elif kind == _CONTINUE and blocks:
            blocks.append(body)
        elif kind == _MERGED:
            builder.merge(_merged_ranges(body))
        elif kind == _ROW and len(body) > 12 and body[12] & _HIDDEN:
            builder.hidden_rows.add(struct.unpack_from("<H", body)[0] + 1)
        elif kind == _NOTE and len(body) >= 4:
            (row, column) = struct.unpack_from("<HH", body)
            builder.notes.update([(row + 1, column + 1)] if row != _NOTE_CONTINUED else ())
        elif kind in _CELLS:
            (row, column) = struct.unpack_from("<HH", body)
            ref = (row + 1, column + 1)
            if kind == _MANY_RK:
                _add_many(builder, ref, body)
                continue
            if kind in _FORMULAS:
                builder.formulas.add(ref)
                formula = ref
            builder.add_cell(ref, _value(kind, body, shared, texts))
    return builder.sheet(name), count


def _add_many(builder: SheetBuilder, ref: CellRef, body: bytes) -> None:
    """Add the numbers of a record that has those of several cells in a row."""
    row, column = ref
    for number in range((len(body) - 6) // 6):
        builder.add_cell((row, column + number), _rk(struct.unpack_from("<I", body, 6 + 6 * number)[0]))


def _merged_ranges(body: bytes) -> Sequence[CellRange]:
    """The ranges of a record, eight bytes each, after their number."""
    complete = body[2 : 2 + (len(body) - 2) // 8 * 8]
    return [((a + 1, c + 1), (b + 1, d + 1)) for a, b, c, d in struct.iter_unpack("<HHHH", complete)]


def _value(kind: int, body: bytes, shared: list[str], texts: _TextReader) -> object:
    if kind == _SHARED:
        return shared[struct.unpack_from("<I", body, 6)[0]]
    if kind in (_LABEL, _RICH):
        return texts.long(body[6:])
    if kind == _RK:
        return _rk(struct.unpack_from("<I", body, 6)[0])
    if kind == _BOOL:
        return _ERRORS.get(body[6], "#") if body[7] else bool(body[6])
    if kind in _FORMULAS and body[12:14] == b"\xff\xff":
        # a text has a record of its own
        return {1: bool(body[8]), 2: _ERRORS.get(body[8], "#")}.get(body[6])
    return float(struct.unpack_from("<d", body, 6)[0])


def _rk(number: int) -> float:
    """Return a number packed into 30 bits: a whole number or the top half of a float; either may count hundredths."""
    if number & 2:
        value = float((number >> 2) - (1 << 30 if number & 0x80000000 else 0))
    else:
        value = struct.unpack("<d", struct.pack("<Q", (number & 0xFFFFFFFC) << 32))[0]
    return value / 100 if number & 1 else value


@dataclass(slots=True)
class _TextReader:
    """Reads texts the way this workbook's version writes them."""

    is_excel_97: bool
    codec: str = "cp1252"

    def set_codepage(self, number: int) -> None:
        """Set the code page of a workbook older than Excel 97; an unknown one leaves the usual one."""
        name = _CODECS.get(number, f"cp{number}")
        try:
            codecs.lookup(name)
        except LookupError:
            return
        self.codec = name

    def short(self, body: bytes) -> str:
        """Return a text that has one byte for its length."""
        return self._text(body[0], [body[1:]])

    def long(self, body: bytes) -> str:
        """Return a text that has two bytes for its length."""
        return self.continued([body])

    def continued(self, blocks: list[bytes]) -> str:
        """Return a text that has two bytes for its length and may continue in later records."""
        return self._text(struct.unpack_from("<H", blocks[0])[0], [blocks[0][2:], *blocks[1:]])

    def _text(self, length: int, blocks: list[bytes]) -> str:
        """The text; raises `IndexError` where its records have less of it."""
        if self.is_excel_97:
            return _Blocks(blocks).characters(length, None) if length else ""
        raw = b"".join(blocks)[:length]
        if len(raw) < length:
            raise IndexError("a text longer than its record")
        return strip_control_chars(raw.decode(self.codec, "replace"))


def _shared_strings(blocks: list[bytes]) -> list[str]:
    """All shared strings. The count in the file is only a claim: some programs write a zero."""
    (claimed,) = struct.unpack_from("<I", blocks[0], 4)
    reader, texts = _Blocks(blocks), list[str]()
    reader.take(8)
    while not reader.is_at_end():
        try:
            texts.append(reader.text())
        except (IndexError, UnicodeError):
            if len(texts) < claimed:
                raise
            break  # padding after the last string
        if len(texts) > MAX_CELLS:
            raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    return texts


class _Blocks:
    """Bytes split over several records. Inside a text each record says again how wide its characters are."""

    def __init__(self, blocks: list[bytes]) -> None:
        self._blocks, self._number, self._place = blocks, 0, 0

    def is_at_end(self) -> bool:
        """Whether nothing is left."""
        while self._number < len(self._blocks) and self._place >= len(self._blocks[self._number]):
            self._number, self._place = self._number + 1, 0
        return self._number >= len(self._blocks)

    def take(self, count: int) -> bytes:
        """Return a number of bytes, also across a split."""
        result = bytearray()
        while len(result) < count:
            if self.is_at_end():
                raise IndexError("a text longer than the file")
            block = self._blocks[self._number]
            piece = block[self._place : self._place + count - len(result)]
            result += piece
            self._place += len(piece)
        return bytes(result)

    def text(self) -> str:
        """Return the next shared string, without its formatting."""
        length, flags = struct.unpack("<HB", self.take(3))
        runs = struct.unpack("<H", self.take(2))[0] if flags & 8 else 0
        extra = struct.unpack("<I", self.take(4))[0] if flags & 4 else 0
        text = self.characters(length, bool(flags & 1))
        self.take(4 * runs + extra)
        return text

    def characters(self, count: int, is_utf16: bool | None) -> str:
        """Return a number of characters; `wide` is their width, None after a flag byte."""
        pieces, remaining = list[str](), count
        while remaining:
            if self.is_at_end():
                raise IndexError("a text longer than the file")
            if self._place == 0 or is_utf16 is None:
                is_utf16 = bool(self.take(1)[0] & 1)
                continue  # a record may hold the flag alone
            width = 2 if is_utf16 else 1
            number = min(remaining, (len(self._blocks[self._number]) - self._place) // width)
            if not number:
                raise IndexError("half a character")
            raw = self.take(number * width)
            pieces.append(raw.decode("utf-16-le" if is_utf16 else "latin-1", "surrogatepass" if is_utf16 else "strict"))
            remaining -= number
        return strip_control_chars("".join(pieces))
