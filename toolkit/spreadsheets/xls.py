"""Read an old Excel workbook (`.xls`: Excel 5 to 2003), cell by cell.

An own reader, since the format lets a file claim sizes it hasn't: a common reader makes room for what is claimed and
ends the whole process when there is none. Here every length is held to the bytes that are there.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from toolkit.core.errors import Problem, ProblemCode, RefusedError
from toolkit.spreadsheets.model import MAX_CELLS, MAX_SHEETS, Budget, Sheet, SheetBuilder, Workbook, strip_control_chars

_FREE, _END = 0xFFFFFFFF, 0xFFFFFFFE
_BOF, _EOF, _CONTINUE, _PASSWORD, _SHEET, _STRINGS, _CODEPAGE = 0x0809, 0x0A, 0x3C, 0x2F, 0x85, 0xFC, 0x42
_SHARED, _LABEL, _RICH, _NUMBER, _RK, _MANY_RK, _BOOL, _FORMULA, _RESULT = (
    0xFD, 0x204, 0xD6, 0x203, 0x27E, 0xBD, 0x205, 0x06, 0x207,
)  # fmt: skip
_NEWEST = 0x0600
MAX_RECORDS = 600_000
"""Of all sheets together: a form has some two thousand."""

_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
Record = tuple[int, bytes]


def read_biff(data: bytes) -> Workbook:
    """Read the bytes of an OLE container as an old workbook; raises `RefusedError` when it holds none."""
    if _ENCRYPTED_PACKAGE in data:
        raise RefusedError(Problem(ProblemCode.PASSWORD))
    try:
        streams = _streams(data)
        stream = streams.get("workbook") or streams.get("book")
        if stream is None:
            raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
        book = _book(stream)
        macro = any(name.startswith("_vba_project") for name in streams)
        problems = (Problem(ProblemCode.MACRO_IGNORED),) if macro else ()
        return Workbook(book, {}, _modified(streams.get("\x05summaryinformation", b"")), problems)
    except (struct.error, IndexError, UnicodeError, OverflowError, LookupError) as error:
        # a length or place that points outside the bytes there are
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK)) from error


def _streams(data: bytes) -> dict[str, bytes]:
    """The streams of an OLE container by name in lower case; of those that nobody reads the name alone.

    What lies in a folder inside it, such as a workbook pasted into this one, is not taken for the workbook itself.
    """
    (shift, mini_shift) = struct.unpack_from("<HH", data, 30)
    if shift not in (9, 12) or mini_shift != 6:
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
    size = 1 << shift
    sectors = [data[place : place + size] for place in range(size, len(data), size)]
    table = _table(data, sectors, size)
    (directory_start,) = struct.unpack_from("<I", data, 48)
    (cutoff, mini_start) = struct.unpack_from("<II", data, 56)
    directory = _chain(sectors, table, directory_start)
    entries = [_entry(directory, place) for place in range(0, len(directory) - 127, 128)]
    root = next((entry.start for entry in entries if entry.kind == 5), _END)
    mini = _chain(sectors, table, root)
    minis = [mini[place : place + 64] for place in range(0, len(mini), 64)]
    mini_table = _numbers(_chain(sectors, table, mini_start))
    found = {entry.name.lower(): b"" for entry in entries if entry.kind == 2}
    outermost = {entry.name.lower(): entry for entry in reversed(_outermost(entries)) if entry.kind == 2}
    for name in _READ & outermost.keys():
        start, length = outermost[name].start, outermost[name].length
        whole = _chain(minis, mini_table, start) if length < cutoff else _chain(sectors, table, start)
        found[name] = whole[:length]
    return found


def _outermost(entries: list[_Entry]) -> list[_Entry]:
    """The entries that lie in no folder; all of them, where the container does not say which lies in which."""
    waiting = [entry.child for entry in entries if entry.kind == 5][:1]
    met: dict[int, _Entry] = {}
    while waiting:
        number = waiting.pop()
        if number < len(entries) and number not in met:
            met[number] = entries[number]
            waiting += [entries[number].left, entries[number].right]
    return [met[number] for number in sorted(met)] or entries


_READ = frozenset({"workbook", "book", "\x05summaryinformation"})


def _table(data: bytes, sectors: list[bytes], size: int) -> list[int]:
    """Which sector follows which, in no more sectors than it takes to say so of all."""
    places = _numbers(data[76:512])
    (more, count) = struct.unpack_from("<II", data, 68)
    enough = len(sectors) * 4 // size + 1
    for _ in range(min(count, len(sectors))):
        if more >= len(sectors) or len(places) >= enough:
            break
        block = _numbers(sectors[more])
        places, more = places + block[:-1], block[-1]
    return [number for place in places[:enough] if place < len(sectors) for number in _numbers(sectors[place])]


def _numbers(data: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))


def _chain(sectors: list[bytes], table: list[int], start: int) -> bytes:
    """The sectors from one on; a chain that comes back to itself ends after as many as there are."""
    pieces = []
    for _ in range(len(sectors)):
        if start >= len(sectors):
            break
        pieces.append(sectors[start])
        start = table[start] if start < len(table) else _END
    return b"".join(pieces)


class _Entry(NamedTuple):
    """One line of the directory; `left`, `right` and `child` are the numbers of others."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    length: int


def _entry(directory: bytes, place: int) -> _Entry:
    (length, kind) = struct.unpack_from("<HB", directory, place + 64)
    name = directory[place : place + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
    return _Entry(name, kind, *struct.unpack_from("<III36xII", directory, place + 68))


def _modified(summary: bytes) -> datetime | None:
    """When the workbook was last saved, from its summary."""
    try:
        (section,) = struct.unpack_from("<I", summary, 44)
        (_, count) = struct.unpack_from("<II", summary, section)
        for number in range(min(count, 64)):
            (kind, place) = struct.unpack_from("<II", summary, section + 8 + 8 * number)
            if kind == 13:
                (ticks,) = struct.unpack_from("<Q", summary, section + place + 4)
                return datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=ticks // 10)
    except (struct.error, OverflowError):
        pass
    return None


def _records(stream: bytes, start: int = 0) -> Iterator[Record]:
    while start + 4 <= len(stream):
        (kind, length) = struct.unpack_from("<HH", stream, start)
        yield kind, stream[start + 4 : start + 4 + length]
        start += 4 + length


def _book(stream: bytes) -> list[Sheet]:
    records = _records(stream)
    kind, first = next(records, (0, b""))
    if kind != _BOF or len(first) < 4:
        raise RefusedError(Problem(ProblemCode.NOT_A_WORKBOOK))
    texts = _Texts(newest=struct.unpack_from("<H", first)[0] >= _NEWEST)
    places, strings, open_string = list[tuple[str, int]](), list[bytes](), False
    for kind, body in records:
        if kind == _PASSWORD:
            raise RefusedError(Problem(ProblemCode.PASSWORD))
        if kind == _EOF:
            break
        if kind == _STRINGS or (kind == _CONTINUE and open_string):
            strings.append(body)
        open_string = kind == _STRINGS or (kind == _CONTINUE and open_string)
        if kind == _CODEPAGE:
            texts.set_codepage(struct.unpack_from("<H", body)[0])
        elif kind == _SHEET and body[5] == 0:
            places.append((texts.short(body[6:]), struct.unpack_from("<I", body)[0]))
    shared = _shared_strings(strings) if strings else []
    if len(places) > MAX_SHEETS:
        raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    budget, left, sheets = Budget(), MAX_RECORDS, list[Sheet]()
    for name, place in places:
        sheet, count = _sheet(stream, name, place, shared, texts, budget)
        sheets.append(sheet)
        left -= count
        if left < 0:
            raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    return sheets


def _sheet(stream: bytes, name: str, place: int, shared: list[str], texts: _Texts, budget: Budget) -> tuple[Sheet, int]:
    """The sheet that begins at a place, and how many records it has."""
    found, depth, waiting, count = SheetBuilder(budget), 0, (0, 0), 0
    for kind, body in _records(stream, place):
        count += 1
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                break
        elif depth > 1:
            continue  # a chart inside the sheet
        elif kind == _RESULT:
            if waiting != (0, 0):
                found.cells[waiting] = text = texts.long(body)
                budget.take(1, len(text))
        elif kind == _MERGED:
            found.merge([((a + 1, c + 1), (b + 1, d + 1)) for a, b, c, d in struct.iter_unpack("<HHHH", _whole(body))])
        elif kind in _CELLS:
            (row, column) = struct.unpack_from("<HH", body)
            waiting = (row + 1, column + 1)
            if kind == _MANY_RK:
                for number in range((len(body) - 6) // 6):
                    found.put((row + 1, column + 1 + number), _rk(struct.unpack_from("<I", body, 6 + 6 * number)[0]))
                continue
            if kind == _FORMULA:
                found.formulas.add(waiting)
            found.put(waiting, _value(kind, body, shared, texts))
    return found.sheet(name), count


def _whole(body: bytes) -> bytes:
    """The areas of a record, eight bytes each, after their number."""
    return body[2 : 2 + (len(body) - 2) // 8 * 8]


_MERGED = 0xE5
_CELLS = frozenset({_SHARED, _LABEL, _RICH, _NUMBER, _RK, _MANY_RK, _BOOL, _FORMULA})
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def _value(kind: int, body: bytes, shared: list[str], texts: _Texts) -> object:
    if kind == _SHARED:
        return shared[struct.unpack_from("<I", body, 6)[0]]
    if kind in (_LABEL, _RICH):
        return texts.long(body[6:])
    if kind == _RK:
        return _rk(struct.unpack_from("<I", body, 6)[0])
    if kind == _BOOL:
        return _ERRORS.get(body[6], "#") if body[7] else bool(body[6])
    if kind == _FORMULA and body[12:14] == b"\xff\xff":
        # text comes in a record of its own
        return {1: bool(body[8]), 2: _ERRORS.get(body[8], "#")}.get(body[6])
    return float(struct.unpack_from("<d", body, 6)[0])


def _rk(number: int) -> float:
    """Return a number packed into 30 bits: a whole number, or the top half of a float; either may count hundredths."""
    if number & 2:
        value = float((number >> 2) - (1 << 30 if number & 0x80000000 else 0))
    else:
        value = struct.unpack("<d", struct.pack("<Q", (number & 0xFFFFFFFC) << 32))[0]
    return value / 100 if number & 1 else value


@dataclass(slots=True)
class _Texts:
    """Reads texts the way this workbook's version writes them."""

    newest: bool
    codepage: str = "cp1252"

    def set_codepage(self, number: int) -> None:
        """Take over the code page of an older workbook; an unknown one stays what most have."""
        try:
            name = {1200: "utf-16-le", 10000: "mac-roman", 32768: "mac-roman"}.get(number, f"cp{number}")
            "".encode(name)
        except LookupError:
            return
        self.codepage = name

    def short(self, body: bytes) -> str:
        """Return a text that has one byte for its length."""
        return self._text(body[0], body[1:])

    def long(self, body: bytes) -> str:
        """Return a text that has two bytes for its length."""
        return self._text(struct.unpack_from("<H", body)[0], body[2:])

    def _text(self, length: int, body: bytes) -> str:
        if not self.newest:
            return strip_control_chars(body[:length].decode(self.codepage, "replace"))
        if not length:
            return ""
        wide = body[0] & 1
        raw = body[1 : 1 + (2 * length if wide else length)]
        return strip_control_chars(
            raw.decode("utf-16-le" if wide else "latin-1", "surrogatepass" if wide else "strict")
        )


def _shared_strings(blocks: list[bytes]) -> list[str]:
    (count,) = struct.unpack_from("<I", blocks[0], 4)
    pieces, texts = _Pieces(blocks), list[str]()
    pieces.take(8)
    # as many as are there: the count is only what the file claims
    while len(texts) < count and not pieces.ended():
        texts.append(pieces.text())
        if len(texts) > MAX_CELLS:
            raise RefusedError(Problem(ProblemCode.TOO_LARGE))
    return texts


class _Pieces:
    """Bytes cut over several records; inside a text each piece says anew how wide its characters are."""

    def __init__(self, blocks: list[bytes]) -> None:
        self._blocks, self._number, self._place = blocks, 0, 0

    def ended(self) -> bool:
        """Whether nothing is left."""
        while self._number < len(self._blocks) and self._place >= len(self._blocks[self._number]):
            self._number, self._place = self._number + 1, 0
        return self._number >= len(self._blocks)

    def take(self, count: int) -> bytes:
        """Return so many bytes, wherever they are cut."""
        taken = bytearray()
        while len(taken) < count:
            if self.ended():
                raise IndexError("a text longer than the file")
            block = self._blocks[self._number]
            piece = block[self._place : self._place + count - len(taken)]
            taken += piece
            self._place += len(piece)
        return bytes(taken)

    def text(self) -> str:
        """Return the next text, without its formatting."""
        length, flags = struct.unpack("<HB", self.take(3))
        runs = struct.unpack("<H", self.take(2))[0] if flags & 8 else 0
        extra = struct.unpack("<I", self.take(4))[0] if flags & 4 else 0
        pieces, left, wide = list[str](), length, flags & 1
        while left:
            if self.ended():
                raise IndexError("a text longer than the file")
            if self._place == 0 and pieces:
                wide = self.take(1)[0] & 1
            elif self._place == 0:
                wide = self.take(1)[0] & 1  # its header ended exactly where the record did
            width = 2 if wide else 1
            here = min(left, (len(self._blocks[self._number]) - self._place) // width)
            raw = self.take(here * width) if here else b""
            if not here:
                raise IndexError("half a character")
            pieces.append(raw.decode("utf-16-le" if wide else "latin-1", "surrogatepass" if wide else "strict"))
            left -= here
        self.take(4 * runs + extra)
        return strip_control_chars("".join(pieces))
