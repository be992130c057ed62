"""Files of a few kilobytes that would take minutes or gigabytes, each in its own way; none of them may."""

from __future__ import annotations

import re
import struct

from tests.corpus.binary_builders import (
    BOOK,
    SHEET,
    STRINGS,
    by_openpyxl,
    changed,
    form,
    members,
    ods,
    ole,
    pack,
    record,
    with_more_parts,
    xls,
)  # fmt: skip
from tests.corpus.cases import ANY_READ, PROBLEMS, READ, REFUSED, add

RELATIONS = "xl/_rels/workbook.xml.rels"
BOF = struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0)


def with_rows(rows: str) -> bytes:
    return changed(SHEET, lambda xml: xml.replace("</sheetData>", f"{rows}</sheetData>"))


def text_row(row: int, text: str, column: str = "D") -> str:
    return f'<row r="{row}"><c r="{column}{row}" t="inlineStr"><is><t>{text}</t></is></c></row>'


def one_sheet_often(times: int) -> bytes:
    relation = re.search(r'<sheet [^>]*?r:id="([^"]+)"', members(form())[BOOK].decode())
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n + 10}" r:id="{relation[1]}"/>' for n in range(times))
    return changed(BOOK, lambda xml: xml.replace("</sheets>", f"{sheets}</sheets>"))


def strings_often(times: int) -> bytes:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    more_of_it = "".join(
        f'<Relationship Id="x{n}" Type="{kind}" Target="/xl/sharedStrings.xml"/>' for n in range(times)
    )
    large = pack(members(by_openpyxl()) | {STRINGS: b"<sst>" + b"<si/>" * 290_000 + b"</sst>"})
    return changed(RELATIONS, lambda xml: xml.replace("</Relationships>", f"{more_of_it}</Relationships>"), large)


def with_names(names: str) -> bytes:
    return changed(BOOK, lambda xml: xml.replace("</definedNames>", f"{names}</definedNames>"))


def table(rows: str) -> bytes:
    return ods(body=f'<table:table table:name="a">{rows}</table:table>')


def cell_of(inside: str) -> bytes:
    return table(
        f'<table:table-row><table:table-cell office:value-type="string">{inside}</table:table-cell></table:table-row>'
    )


def paragraph(piece: str) -> str:
    return f"<text:p>{piece * 400_000}</text:p>"


def xls_sheets(records: int, sheets: int) -> bytes:
    """An old workbook with one large sheet, named many times."""
    start = record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    offset = len(start) + sheets * 13 + 4
    outline = sheets * record(0x85, struct.pack("<IBBBB", offset, 0, 0, 1, 0) + b"a")
    body = record(0x0809, BOF) + record(0x01) * records + record(0x0A)
    return ole({"Workbook": start + outline + record(0x0A) + body})


def same_sectors(count: int) -> bytes:
    """An OLE container whose table of sectors claims to be in one sector, thousands of times."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<9I", 0, count, 0, 0, 4096, 0xFFFFFFFE, 0, 0, count)
    return head.ljust(512, b"\0") + struct.pack("<128I", *[1] * 127, 0) * count


FORMULAS = '<table:table-row table:number-rows-repeated="20000"><table:table-cell table:formula="x"/></table:table-row>'

HOSTILE = {
    "one sheet named 5,000 times": (lambda: one_sheet_often(5000), "form.xlsx", (REFUSED,)),
    "shared strings named 1,000 times": (lambda: strings_often(1000), "form.xlsx", (*ANY_READ, REFUSED)),
    "a defined name in 290,000 pieces": (
        lambda: with_names(f'<definedName name="q">{"aaaaaaaaaaaaaaaaaa<b/>" * 290_000}</definedName>'), "form.xlsx", (READ, REFUSED),
    ),
    "190,000 defined names": (
        lambda: with_names("".join(f'<definedName name="n{n}">Checklist!$A$1</definedName>' for n in range(190_000))), "form.xlsx", (READ, REFUSED),
    ),
    "150 parts of 10,000 tags": (
        lambda: with_more_parts({f"xl/worksheets/sheet{n}.xml": b"<a>" + b"<b/>" * 10_000 + b"</a>" for n in range(10, 160)}), "form.xlsx", (REFUSED,),
    ),
    "a time of saving in 290,000 pieces": (
        lambda: with_more_parts({"docProps/core.xml": b"<a>" + b"<modified>2222222222</modified>" * 290_000 + b"</a>"}), "form.xlsx", (READ, REFUSED),
    ),
    "characters that each become eighteen": (
        lambda: with_rows("".join(text_row(300 + n, f"{n}{chr(0xFDFA) * 15_000}") for n in range(250))), "form.xlsx", (*ANY_READ, REFUSED),
    ),
    "29,700 copies of a row": (
        lambda: with_rows("".join(text_row(300 + n, "item_2_4", "A") for n in range(29_700))), "form.xlsx", (*ANY_READ, REFUSED),
    ),
    "99,000 answers below the form": (
        lambda: with_rows("".join(text_row(300 + n, "Ja") for n in range(99_000))), "form.xlsx", (PROBLEMS, REFUSED),
    ),
    "590,000 blank cells": (lambda: with_rows(f'<row r="300">{"<c/>" * 590_000}</row>'), "form.xlsx", (*ANY_READ, REFUSED)),
    "190,000 groups of merged cells": (
        lambda: changed(SHEET, lambda xml: xml.replace("</mergeCells>", "".join(f'<mergeCell ref="D{n}:D1000000"/>' for n in range(300, 190_300)) + "</mergeCells>")), "form.xlsx", (*ANY_READ, REFUSED),
    ),
    "merged cells of a million rows": (
        lambda: changed(SHEET, lambda xml: xml.replace("</mergeCells>", '<mergeCell ref="D100:D1048576"/>' * 900 + "</mergeCells>")), "form.xlsx", (*ANY_READ, REFUSED),
    ),
    "ods: 400,000 times a thousand spaces": (lambda: cell_of(paragraph('<text:s text:c="1000"/>')), "form.ods", (REFUSED,)),
    "ods: a text in 400,000 pieces": (lambda: cell_of(paragraph("aaaaaaaaaaaa<text:span/>")), "form.ods", (REFUSED,)),
    "ods: 40 million formulas": (lambda: table(FORMULAS * 2000), "form.ods", (REFUSED,)),
    "ods: 300,000 sheets": (lambda: ods(body='<table:table table:name="a"/>' * 300_000), "form.ods", (REFUSED,)),
    "xls: 100 sheets of a million records": (lambda: xls_sheets(1_100_000, 100), "form.xls", (REFUSED,)),
    "xls: one and a half million texts": (
        lambda: xls(globals_=record(0xFC, struct.pack("<II", 2**31 - 1, 2**31 - 1)) + record(0x3C, b"\0\0\0" * 2700) * 590), "form.xls", (READ, REFUSED),
    ),
    "xls: one sector 9,700 times": (lambda: same_sectors(9_700), "form.xls", (REFUSED,)),
}  # fmt: skip

for what, (make, file, status) in HOSTILE.items():
    add("hostile", what, make, *status, file=file, actions={})
