"""Make files byte by byte: packages, old workbooks and OpenDocument texts as other programs write them."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from xml.sax.saxutils import escape

import toolkit as tk
from tests.support.forms import edited, filled, row_of
from toolkit.forms.keys import item_key
from toolkit.spreadsheets.reader import cell_name, read_workbook

CHECKLIST = tk.load_instrument()
ITEMS = CHECKLIST.item_ids
WORDS = ("Nee", "Beetje", "Ja")
MIXED = {item: number % 3 for number, item in enumerate(ITEMS)}
ACTIONS = {step: f"Actiepunt bij stap {step}: alle ouders één keer bellen." for step in range(1, 6)}
SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"


@cache
def form(**typed: str) -> bytes:
    """The form as a class teacher filled it in; `i2_4="x"` puts other words in one answer cell."""
    answer_texts = {item: WORDS[value] for item, value in MIXED.items()}
    answer_texts |= {name[1:].replace("_", "."): text for name, text in typed.items() if name[:1] == "i"}
    return filled(answer_texts, typed.get("role", "Leraar"), ACTIONS)


def typed(answer_texts: Mapping[str, str]) -> bytes:
    return form(**{f"i{item.replace('.', '_')}": word for item, word in answer_texts.items()})


def by_openpyxl(edit: Callable = lambda sheet: None, data: bytes | None = None) -> bytes:
    """The form after somebody worked in it with another program: shared strings, no cached values."""
    return edited(data or form(), edit)


def set_answer(item: str, value: object, column: int = 4) -> Callable:
    return lambda sheet: sheet.cell(row_of(sheet, item), column, value)


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def pack(parts: Mapping[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as package:
        for name, content in parts.items() if isinstance(parts, Mapping) else parts:
            package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, method)
    return packed.getvalue()


def changed(name: str, change: Callable[[str], str], data: bytes | None = None) -> bytes:
    """The form with one part's XML changed."""
    parts = members(data or form())
    before = parts[name].decode()
    parts[name] = change(before).encode("utf-8", "surrogatepass")
    assert parts[name] != before.encode(), f"{name} did not change"
    return pack(parts)


def with_more_parts(parts: Mapping[str, bytes]) -> bytes:
    return pack(members(form()) | parts)


@cache
def place_of(item: str) -> str:
    return cell_name(read_workbook(form()).names[item_key(item)][1])


def cell(item: str, xml: str, data: bytes | None = None) -> bytes:
    """Other XML in place of an item's answer cell; `{cell}` is its reference."""
    ref = place_of(item)
    pattern = rf'<c r="{ref}"[^>]*?(/>|>.*?</c>)'
    return changed(SHEET, lambda old: re.sub(pattern, lambda _: xml.format(cell=ref), old, count=1), data)


def prefixed() -> bytes:
    """Every element of the sheet with a namespace prefix, as some programs write it."""

    def prefix(xml: str) -> str:
        xml = re.sub(r"<(/?)(?=[a-zA-Z])", r"<\1x:", xml)
        return xml.replace("xmlns=", "xmlns:x=", 1)

    return changed(SHEET, prefix)


def flag_encrypted() -> bytes:
    """Every member marked as encrypted, as a zip program with a password does."""
    data = bytearray(form())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for match in re.finditer(re.escape(signature), bytes(data)):
            data[match.start() + flags] |= 1
    return bytes(data)


def lying_header() -> bytes:
    """A part of 60 MB whose headers claim a thousand bytes."""
    data = bytearray(with_more_parts({"xl/media/big.bin": b"\0" * 60_000_000}))
    for signature, size in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        for match in re.finditer(re.escape(signature), bytes(data)):
            if struct.unpack_from("<I", data, match.start() + size)[0] == 60_000_000:
                struct.pack_into("<I", data, match.start() + size, 1000)
    return bytes(data)


def other_local_name() -> bytes:
    data = form()
    start = data.index(SHEET.encode())
    return data[:start] + b"xl/worksheets/sheetX.xml" + data[start + 24 :]


def rows_of_form(data: bytes | None = None) -> list[list[list[object]]]:
    """The cells of the form, sheet by sheet, as rows of values."""
    sheets = []
    for sheet in read_workbook(data or form()).sheets:
        last = max(row for row, _ in sheet.cells)
        n_columns = max(column for _, column in sheet.cells)
        sheets.append([[sheet.cells.get((row + 1, column + 1)) for column in range(n_columns)] for row in range(last)])
    return sheets


def ods(sheets: list[list[list[object]]] | None = None, before: str = "", body: str | None = None) -> bytes:
    """An OpenDocument spreadsheet the way small libraries write it: no styles, no repeats."""
    content = (
        body if body is not None else "".join(_ods_table(n, rows) for n, rows in enumerate(sheets or rows_of_form()))
    )
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content{spaces}><office:body><office:spreadsheet>'
        f"{content}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return pack([("mimetype", kind), ("content.xml", xml.encode())], zipfile.ZIP_DEFLATED)


def _ods_table(number: int, rows: list[list[object]]) -> str:
    written = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    return f'<table:table table:name="{("Checklist", "_meta")[number]}">{written}</table:table>'


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def ole(streams: Mapping[str, bytes]) -> bytes:
    """An OLE container with these streams, each large enough to have sectors of its own."""
    sectors: list[bytes] = []
    table: list[int] = []
    starts = {}
    for name, content in streams.items():
        content = content.ljust(4096, b"\0")
        pieces = [content[start : start + 512].ljust(512, b"\0") for start in range(0, len(content), 512)]
        starts[name] = (len(sectors), len(content))
        table += [*range(len(sectors) + 1, len(sectors) + len(pieces)), 0xFFFFFFFE]
        sectors += pieces
    entries = [_ole_entry("Root Entry", 5, 0xFFFFFFFE, 0)]
    entries += [_ole_entry(name, 2, *starts[name]) for name in streams]
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * 512, b"\0")
    first = len(sectors)
    count = len(directory) // 512
    table += [*range(first + 1, first + count), 0xFFFFFFFE]
    sectors += [directory[start : start + 512] for start in range(0, len(directory), 512)]
    fat_count = -(-(len(table) + 4) // 127)
    fat_places = list(range(len(sectors), len(sectors) + fat_count))
    table += [0xFFFFFFFD] * fat_count
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512 * fat_count, b"\xff")
    sectors += [fat[start : start + 512] for start in range(0, 512 * fat_count, 512)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIIII", 0, fat_count, first, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)[:-4]
    header += struct.pack(f"<{len(fat_places)}I", *fat_places)
    return header.ljust(512, b"\xff") + b"".join(sectors)


def _ole_entry(name: str, kind: int, start: int, size: int) -> bytes:
    raw = (name + "\0").encode("utf-16-le")
    entry = raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw), kind, 1) + b"\xff" * 12 + b"\0" * 36
    return entry + struct.pack("<IQ", start, size)


def record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def xls(
    sheets: list[list[list[object]]] | None = None,
    globals_: bytes = b"",
    cells: bytes = b"",
    claimed: int | None = None,
    chunk_size: int = 8000,
) -> bytes:
    """An Excel 97 workbook; its shared strings are cut over records of at most `cut` bytes."""
    sheets = rows_of_form() if sheets is None else sheets
    texts = list(dict.fromkeys(v for rows in sheets for row in rows for v in row if isinstance(v, str)))
    strings = _xls_strings(texts, claimed, chunk_size)
    bof = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    bodies = [_xls_sheet(rows, texts, cells if number == 0 else b"") for number, rows in enumerate(sheets)]
    names = [("Checklist", "_meta")[number].encode() for number in range(len(sheets))]
    length = len(bof) + len(globals_) + sum(12 + len(name) for name in names) + len(strings) + 4
    outline, position = b"", length
    for name, body in zip(names, bodies, strict=True):
        outline += record(0x85, struct.pack("<IBBBB", position, 0, 0, len(name), 0) + name)
        position += len(body)
    return ole({"Workbook": bof + globals_ + outline + strings + record(0x0A) + b"".join(bodies)})


def _xls_strings(texts: list[str], claimed: int | None, chunk_size: int) -> bytes:
    blocks = [bytearray(struct.pack("<II", len(texts), len(texts) if claimed is None else claimed))]
    for text in texts:
        raw = text.encode("utf-16-le")
        if len(blocks[-1]) + 3 > chunk_size:
            blocks.append(bytearray())
        blocks[-1] += struct.pack("<HB", len(text), 1)
        while raw:
            room = max(0, chunk_size - len(blocks[-1])) // 2 * 2
            if not room:
                blocks.append(bytearray(b"\x01"))
                continue
            blocks[-1] += raw[:room]
            raw = raw[room:]
    return b"".join(record(0xFC if number == 0 else 0x3C, bytes(block)) for number, block in enumerate(blocks))


def _xls_sheet(rows: list[list[object]], texts: list[str], with_more_parts: bytes) -> bytes:
    written = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0))
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            cell_header = struct.pack("<HHH", row, column, 0)
            if isinstance(value, str):
                written += record(0xFD, cell_header + struct.pack("<I", texts.index(value)))
            elif isinstance(value, float):
                written += record(0x203, cell_header + struct.pack("<d", value))
    return written + with_more_parts + record(0x0A)
