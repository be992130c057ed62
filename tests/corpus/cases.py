"""The cases: what was done to a correctly filled form, and what must come of it."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import struct
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from tests.corpus.binary_builders import (
    ACTIONS,
    BOOK,
    CHECKLIST,
    ITEMS,
    MIXED,
    SHEET,
    STRINGS,
    WORDS,
    by_openpyxl,
    cell,
    changed,
    flag_encrypted,
    form,
    lying_header,
    members,
    ods,
    ole,
    other_local_name,
    pack,
    place_of,
    prefixed,
    record,
    rows_of_form,
    set_answer,
    typed,
    with_more_parts,
    xls,
)  # fmt: skip
from tests.support.forms import filled, row_of

READ, PROBLEMS, REFUSED, IGNORED = "read", "read-with-problems", "refused", "ignored"
ANY_READ = (READ, PROBLEMS)


@dataclass(frozen=True)
class Case:
    """One file (or folder) and its expectation.

    `missing`: items for which no answer may be counted, and a problem says so. `blank`: left empty by the respondent.
    `otherwise`: items whose answer is another than the form was made with. `codes`: problems that must be there.
    `place`: the school, year and role that must come of it.
    """

    group: str
    what: str
    make: Callable[[Path], None]
    status: tuple[str, ...]
    file: str = "form.xlsx"
    missing: frozenset[str] = frozenset()
    blank: frozenset[str] = frozenset()
    otherwise: Mapping[str, int] = field(default_factory=dict)
    actions: Mapping[int, str] | None = None
    no_actions: bool = False
    codes: frozenset[str] = frozenset()
    place: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.group}: {self.what}"


CASES: list[Case] = []


def add(group: str, what: str, data: Callable[[], bytes], *status: str, **expected: object) -> None:
    """A case of one file."""
    file = str(expected.get("file", "form.xlsx"))
    for name in ("missing", "blank", "codes"):
        if name in expected:
            expected[name] = frozenset(expected[name])  # type: ignore[call-overload]
    CASES.append(Case(group, what, lambda folder: write(folder / file, data()), status, **expected))  # type: ignore[arg-type]


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


# ---------------------------------------------------------------- programs


def by_pandas() -> bytes:
    saved = io.BytesIO()
    pd.read_excel(io.BytesIO(by_openpyxl()), engine="openpyxl", header=None).to_excel(
        saved, engine="openpyxl", header=False, index=False
    )
    return saved.getvalue()


def other_case() -> bytes:
    parts = members(by_openpyxl())
    return pack({("xl/SharedStrings.xml" if name == STRINGS else name): part for name, part in parts.items()})


def without_references(xml: str) -> str:
    """References go; blanks stay as cells without one, so that what follows keeps its place."""
    rows = re.findall(r"<row [^>]*?(?:/>|>.*?</row>)", xml, re.DOTALL)
    full, number = [], 0
    for row in rows:
        at = int(re.search(r'r="(\d+)"', row)[1])
        full += ["<row/>"] * (at - number - 1)
        number = at
        cells = {c[1]: c[0] for c in re.finditer(r'<c r="([A-D])\d+"[^>]*?(?:/>|>.*?</c>)', row, re.DOTALL)}
        full.append("<row>" + "".join(re.sub(r' r="[A-D]\d+"', "", cells.get(c, "<c/>")) for c in "ABCD") + "</row>")
    return re.sub(
        r"<sheetData>.*</sheetData>", lambda _: f"<sheetData>{''.join(full)}</sheetData>", xml, flags=re.DOTALL
    )


def utf16(name: str) -> bytes:
    parts = members(form())
    text = parts[name].decode()
    text = re.sub(r"^<\?xml[^>]*\?>", "", text)
    parts[name] = ('<?xml version="1.0" encoding="UTF-16"?>' + text).encode("utf-16")
    return pack(parts)


def strict(data: bytes) -> bytes:
    """Strict OOXML: the same parts under other namespaces."""
    old, new = b"http://schemas.openxmlformats.org/", b"http://purl.oclc.org/ooxml/"
    return pack({
        name: part.replace(old + b"spreadsheetml/2006/main", new + b"spreadsheetml/main").replace(
            old + b"officeDocument/2006/relationships", new + b"officeDocument/relationships"
        )
        for name, part in members(data).items()
    })  # fmt: skip


HALF = frozenset(ITEMS[18:])

add("clients", "filled by openpyxl, all items answered", by_openpyxl, READ)
add("clients", "patched by ourselves", form, READ)
add("clients", "18 of 33 answered", lambda: typed(dict.fromkeys(HALF, "")), *ANY_READ, blank=HALF)
add(
    "clients",
    "16 of 33 answered",
    lambda: typed(dict.fromkeys(ITEMS[16:], "")),
    PROBLEMS,
    blank=ITEMS[16:],
    codes=["incomplete"],
)
add("clients", "read and written by pandas", by_pandas, READ)
add("clients", "sheet XML with a namespace prefix", prefixed, READ)
add("clients", "no <dimension>", lambda: changed(SHEET, lambda x: re.sub(r"<dimension[^>]*/>", "", x)), READ)
add(
    "clients",
    "<dimension> of one cell",
    lambda: changed(SHEET, lambda x: re.sub(r"<dimension[^>]*/>", '<dimension ref="A1"/>', x)),
    READ,
)
add("clients", "cells and rows without references", lambda: changed(SHEET, without_references), READ)
add("clients", "shared strings part in other case", other_case, READ)
add("clients", "strict OOXML", lambda: strict(by_openpyxl()), READ)
add("clients", "sheet part in UTF-16", lambda: utf16(SHEET), READ)
add("clients", "workbook part in UTF-16", lambda: utf16(BOOK), READ)
add("clients", "stored, not deflated", lambda: pack(members(form()), zipfile.ZIP_STORED), READ)
add(
    "clients",
    "no time of saving",
    lambda: pack({n: p for n, p in members(form()).items() if n != "docProps/core.xml"}),
    READ,
)
add("clients", "ods as small libraries write it", ods, READ, file="form.ods")
add(
    "clients",
    "ods with all cells as text:span",
    lambda: ods(body=re.sub(r"<text:p>(.*?)</text:p>", r"<text:p><text:span>\1</text:span></text:p>", ods_body())),
    READ,
    file="form.ods",
)
add("clients", "ods named .xlsx", ods, READ)
add("clients", "xlsx named .ods", form, READ, file="form.ods")
add("clients", "xls of Excel 97", xls, READ, file="form.xls")
add("clients", "xls with shared strings cut in the middle of texts", lambda: xls(chunk_size=301), READ, file="form.xls")
add("clients", "xlsm without a macro", form, READ, file="form.xlsm")
add(
    "clients",
    "xlsb",
    lambda: with_more_parts({"xl/workbook.bin": b"\x83\x01\x00"}),
    REFUSED,
    file="form.xlsb",
    codes=["binary_workbook"],
)


def ods_body() -> str:
    xml = members(ods())["content.xml"].decode()
    return xml[xml.index("<office:spreadsheet>") + 20 : xml.index("</office:spreadsheet>")]


# ---------------------------------------------------------------- what was typed

CLEAR = {
    "ja": 2, "JA": 2, " Ja ": 2, "ja.": 2, "Ja!": 2, "(ja)": 2, "‘Ja’": 2, "nee": 0, "NEE": 0, "(nee)": 0, "Nee;": 0,
    "beetje": 1, "Beetje!": 1, "Een beetje": 1, "een béétje": 1, "een  beetje": 1, "\u00a0Nee\u202f": 0, "J\u200ba": 2,
    "\u2060Beetje\ufeff": 1, "Ｊａ": 2, "Ｎｅｅ": 0, "Yes": 2, "no": 0, "Partly": 1, "Ja\n": 2, "\tNee": 0,
    "Ja\u00ad": 2, "\u202aJa\u202c": 2, "_x004A_a": None,
}  # fmt: skip
UNCLEAR = (
    "x", "X", "✓", "soms", "0", "1", "2", "3", "WAAR", "ONWAAR", "NA", "N/A", "null", "None", "nan", "Nee, nog niet",
    "Ja, maar te weinig", "Ja (alleen onderbouw)", "Ja/Nee", "ja nee", "jaja", "?", "ja?", "n.v.t.", "-", "JN", "j/n",
    "ja en nee", "nee ja", "meestal wel", "50%", "Ja Beetje", "niet", "👍", "ја", "2024-01-01",
    "Ja+", "Ja -", "Ja*", "Ja 👎", "Ja %", "~Ja", "=Ja", "Ja/", "Ja²", "<Ja>", "Nee ✓", "Ja & Nee",
)  # fmt: skip

for word, value in CLEAR.items():
    if value is not None:
        add("typed", f"clear: {word!a}", lambda word=word: typed({"2.4": word}), READ, otherwise={"2.4": value})
for word in UNCLEAR:
    add(
        "typed",
        f"unclear: {word!a}",
        lambda word=word: typed({"2.4": word}),
        PROBLEMS,
        missing=["2.4"],
        codes=["unclear_answer"],
    )
for value in (1, 2.0, 0, True, False, dt.date(2026, 1, 2), dt.time(10, 30), dt.datetime(2026, 1, 2, 3)):
    add(
        "typed",
        f"no text: {value!r}",
        lambda value=value: by_openpyxl(set_answer("2.4", value)),
        PROBLEMS,
        missing=["2.4"],
    )
add(
    "typed",
    "Excel's escape in a text",
    lambda: cell("2.4", '<c r="{cell}" t="inlineStr"><is><t>_x004A_a</t></is></c>'),
    READ,
    otherwise={"2.4": 2},
)
add("typed", "an error value", lambda: cell("2.4", '<c r="{cell}" t="e"><v>#N/A</v></c>'), PROBLEMS, missing=["2.4"])
add(
    "typed",
    "rich text in several runs",
    lambda: by_openpyxl(set_answer("2.4", CellRichText(TextBlock(InlineFont(b=True), "J"), "a"))),
    READ,
    otherwise={"2.4": 2},
)
add(
    "typed",
    "phonetic reading beside the text",
    lambda: cell("2.4", '<c r="{cell}" t="inlineStr"><is><t>Ja</t><rPh sb="0" eb="1"><t>nee</t></rPh></is></c>'),
    READ,
    otherwise={"2.4": 2},
)
add(
    "typed",
    "formula with its value",
    lambda: cell("2.4", '<c r="{cell}" t="str"><f>"Ja"</f><v>Ja</v></c>'),
    PROBLEMS,
    otherwise={"2.4": 2},
    codes=["formula"],
)
add(
    "typed",
    "formula whose value is stale",
    lambda: cell("2.4", '<c r="{cell}" t="str"><f>"Nee"</f><v>Ja</v></c>'),
    PROBLEMS,
    otherwise={"2.4": 2},
    codes=["formula"],
)
add(
    "typed",
    "formula without a value",
    lambda: by_openpyxl(set_answer("2.4", '="Ja"')),
    PROBLEMS,
    missing=["2.4"],
    codes=["formula_without_value"],
)
add(
    "typed",
    "past the end of the shared strings",
    lambda: cell("2.4", '<c r="{cell}" t="s"><v>99999</v></c>'),
    REFUSED,
    PROBLEMS,
)
add("typed", "shared string -1", lambda: cell("2.4", '<c r="{cell}" t="s"><v>-1</v></c>'), REFUSED, PROBLEMS)
add(
    "typed",
    "shared string with a digit of another script",
    lambda: cell("2.4", '<c r="{cell}" t="s"><v>\u00b2</v></c>'),
    REFUSED,
    PROBLEMS,
)
add(
    "typed",
    "the same reference twice",
    lambda: cell(
        "2.4", '<c r="{cell}" t="inlineStr"><is><t>Ja</t></is></c><c r="{cell}" t="inlineStr"><is><t>Nee</t></is></c>'
    ),
    PROBLEMS,
    REFUSED,
    missing=["2.4"],
    codes=["cell_twice"],
)
add(
    "typed",
    "a number too large for any computer",
    lambda: cell("2.4", '<c r="{cell}"><v>1e999</v></c>'),
    PROBLEMS,
    missing=["2.4"],
)

# ---------------------------------------------------------------- text


def action(text: str) -> Callable[[], bytes]:
    return lambda: filled({i: WORDS[v] for i, v in MIXED.items()}, "Leraar", ACTIONS | {2: text})


for text in (
    '=HYPERLINK("http://x","y")',
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "+1",
    "-1",
    "<script>alert(1)</script>",
    unicodedata.normalize("NFD", "één idee: café"),
    "שלום مرحبا \u202egnirts",
    "&amp; & < > \" '",
    "regel één\nregel twee",
    "NA",
    "😀 emoji",
):
    add("text", f"{text[:30]!a} as an action point", action(text), READ, actions=ACTIONS | {2: text})
add(
    "text",
    "100,000 characters in a cell",
    action("a" * 100_000),
    PROBLEMS,
    actions=ACTIONS | {2: "a" * 32_767},
    codes=["text_cut"],
)
add(
    "text",
    "a control character in the XML",
    lambda: changed(SHEET, lambda x: x.replace("Actiepunt", "Actie\x0bpunt", 1)),
    REFUSED,
    PROBLEMS,
)
add(
    "text",
    "character references",
    lambda: changed(SHEET, lambda x: x.replace("Actiepunt", "&#65;&#x63;tiepunt", 1)),
    READ,
)
add(
    "text",
    "half an emoji by Excel's escape",
    lambda: changed(SHEET, lambda x: x.replace("Actiepunt", "_xD83D_", 1)),
    *ANY_READ,
    actions={},
)
add(
    "text",
    "a real formula as action point",
    lambda: by_openpyxl(formula_in_action),
    PROBLEMS,
    actions={},
    codes=["formula_in_text"],
)
for value in (42, dt.date(2026, 1, 2), True):
    add(
        "text",
        f"{value!r} as an action point",
        lambda value=value: by_openpyxl(lambda s: s.cell(action_row(s, 2), 2, value)),
        READ,
        actions={},
    )


def action_row(sheet, step: int) -> int:
    return next(c.row for (c,) in sheet.iter_rows(min_col=1, max_col=1) if c.value == f"action_{step}")


def formula_in_action(sheet) -> None:
    sheet.cell(action_row(sheet, 2), 2, '=HYPERLINK("http://x","klik")')


# ---------------------------------------------------------------- structure


def swap(first: int, last: int) -> Callable:
    def edit(sheet) -> None:
        first_row, second_row = row_of(sheet, "2.1"), row_of(sheet, "2.6")
        for column in range(first, last + 1):
            a, b = sheet.cell(first_row, column), sheet.cell(second_row, column)
            a.value, b.value = b.value, a.value

    return edit


def one_lower(sheet) -> None:
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(area))
    for item in ITEMS:
        if row_of(sheet, item) + 1 not in {row_of(sheet, any_item) for any_item in ITEMS}:
            sheet.cell(row_of(sheet, item) + 1, 4, WORDS[MIXED[item]])
    for item in ITEMS:
        sheet.cell(row_of(sheet, item), 4).value = None


def pupils_beside(sheet) -> None:
    pupils = sheet.parent.create_sheet("Klas")
    pupils.append(["Leerling", "Geboortedatum", "Thuistaal"])
    pupils.append(["Jan", "1-1-2015", "Nederlands"])


def pupils_with_statement() -> bytes:
    workbook, saved = Workbook(), io.BytesIO()
    workbook.active.append(["Voornaam", "Achternaam", CHECKLIST.items[0].statement["nl"]])
    workbook.active.append(["Jan", "Jansen", "Ja"])
    workbook.save(saved)
    return saved.getvalue()


def without_names(sheet) -> None:
    for name in list(sheet.parent.defined_names):
        del sheet.parent.defined_names[name]


def without_keys(sheet) -> None:
    without_names(sheet)
    del sheet.parent["_meta"]
    sheet.delete_cols(1)


def rename(sheet) -> None:
    sheet.title = "Juf Anna – ingevuld"


def sheet_first(sheet) -> None:
    new_sheet = sheet.parent.create_sheet("Exportoverzicht", 0)
    new_sheet["A1"] = "Dit document is geëxporteerd uit Numbers."


def hide_and_add(sheet) -> None:
    sheet.parent.create_sheet("Blad1", 0)
    sheet.sheet_state = "hidden"


def copy_row(answer: str) -> Callable:
    def edit(sheet) -> None:
        row, end = row_of(sheet, "2.4"), sheet.max_row + 3
        for column in (1, 2, 3):
            sheet.cell(end, column, sheet.cell(row, column).value)
        sheet.cell(end, 4, answer)

    return edit


def two_copies(sheet) -> None:
    copied_sheet = sheet.parent.copy_worksheet(sheet)
    copied_sheet.cell(row_of(copied_sheet, "2.4"), 4, "Ja" if MIXED["2.4"] != 2 else "Nee")


def insert(sheet) -> None:
    sheet.insert_rows(row_of(sheet, "1.1"), 2)


def move_row(sheet) -> None:
    row, end = row_of(sheet, "1.1"), sheet.max_row + 2
    for column in range(1, 5):
        sheet.cell(end, column, sheet.cell(row, column).value)
        sheet.cell(row, column).value = None


def filter_rows(sheet) -> None:
    for item in ITEMS[3:11]:
        sheet.row_dimensions[row_of(sheet, item)].hidden = True


def white_space(sheet) -> None:
    for item in ITEMS:
        at = sheet.cell(row_of(sheet, item), 3)
        at.value = f"  {at.value.replace(' ', '  ').replace(chr(39), chr(0x2019))}\u00a0"


def everything_beside(sheet) -> None:
    for item in ITEMS:
        sheet.cell(row_of(sheet, item), 5, "Nee")


def many_styles() -> bytes:
    style = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' * 64_000
    return changed("xl/styles.xml", lambda x: re.sub(r"(<cellXfs[^>]*>)", rf"\1{style}", x))


def wide_row(xml: str) -> str:
    from toolkit.spreadsheets.reader import cell_name

    cells = "".join(f'<c r="{cell_name((2000, c))}"><v>1</v></c>' for c in range(1, 16_385))
    return xml.replace("</sheetData>", f'<row r="2000">{cells}</row></sheetData>')


def stray(reference: str) -> Callable[[str], str]:
    row = re.sub(r"\D", "", reference)
    at = f'<row r="{row}"><c r="{reference}" t="inlineStr"><is><t xml:space="preserve"> </t></is></c></row></sheetData>'
    return lambda xml: xml.replace("</sheetData>", at)


add("structure", "rows sorted, values with key and text", lambda: by_openpyxl(swap(1, 4)), READ)
add("structure", "visible columns sorted", lambda: by_openpyxl(swap(2, 4)), PROBLEMS, codes=["key_differs"])
add(
    "structure",
    "answers one row too low",
    lambda: by_openpyxl(one_lower),
    PROBLEMS,
    actions={},
    blank=ITEMS,
    codes=["stray_answer"],
)
add(
    "structure",
    "a list of pupils beside the form",
    lambda: by_openpyxl(pupils_beside),
    PROBLEMS,
    codes=["pupils_beside"],
)
add("structure", "a list of pupils with a statement as heading", pupils_with_statement, REFUSED, codes=["class_list"])
add(
    "structure",
    "number and statement contradict",
    lambda: by_openpyxl(set_answer("2.4", "2.5", 2)),
    PROBLEMS,
    missing=["2.4"],
    codes=["contradiction"],
)
add(
    "structure",
    "a statement was rewritten",
    lambda: by_openpyxl(set_answer("2.4", "Ouders herinneren ons aan afspraken met ons.", 3)),
    PROBLEMS,
    missing=["2.4"],
    codes=["changed_statement"],
)
add("structure", "all defined names removed", lambda: by_openpyxl(without_names), READ)
add("structure", "keys and names gone", lambda: by_openpyxl(without_keys), READ, PROBLEMS)
add("structure", "sheet renamed", lambda: by_openpyxl(rename), READ)
add("structure", "eight rows hidden", lambda: by_openpyxl(filter_rows), READ)
add("structure", "an extra sheet first", lambda: by_openpyxl(sheet_first), READ)
add("structure", "form hidden, an empty sheet before it", lambda: by_openpyxl(hide_and_add), READ)
add(
    "structure",
    "row copied below with another answer",
    lambda: by_openpyxl(copy_row(WORDS[(MIXED["2.4"] + 1) % 3])),
    PROBLEMS,
    missing=["2.4"],
    codes=["double_answers"],
)
add(
    "structure",
    "row copied below with the same answer",
    lambda: by_openpyxl(copy_row(WORDS[MIXED["2.4"]])),
    PROBLEMS,
    codes=["double_row"],
)
add(
    "structure",
    "two copies of the form",
    lambda: by_openpyxl(two_copies),
    PROBLEMS,
    missing=["2.4"],
    codes=["two_forms"],
)
add(
    "structure", "a colleague answered to the right", lambda: by_openpyxl(everything_beside), PROBLEMS, codes=["beside"]
)
add("structure", "white space and apostrophes in statements", lambda: by_openpyxl(white_space), READ)
add("structure", "rows inserted above", lambda: by_openpyxl(insert), READ)
add("structure", "a column inserted before the answers", lambda: by_openpyxl(lambda s: s.insert_cols(4)), READ)
add("structure", "first row moved below the form", lambda: by_openpyxl(move_row), *ANY_READ)
add(
    "structure",
    "a row deleted",
    lambda: by_openpyxl(lambda s: s.delete_rows(row_of(s, "5.8"))),
    PROBLEMS,
    missing=["5.8"],
)
add("structure", "a stray space in A1048576", lambda: changed(SHEET, stray("A1048576")), *ANY_READ)
add("structure", "a stray space in XFD1048576", lambda: changed(SHEET, stray("XFD1048576")), *ANY_READ)
add("structure", "a reference past the last row", lambda: changed(SHEET, stray("A9999999")), *ANY_READ, REFUSED)
add(
    "structure",
    "<dimension> of the whole sheet",
    lambda: changed(SHEET, lambda x: re.sub(r"<dimension[^>]*/>", '<dimension ref="A1:XFD1048576"/>', x)),
    READ,
)
add("structure", "a row filled to column XFD", lambda: changed(SHEET, wide_row), *ANY_READ, REFUSED)
add("structure", "64,000 cell formats", many_styles, *ANY_READ, REFUSED)
add(
    "structure",
    "xls with a stray cell in IV65536",
    lambda: xls(cells=record(0x203, struct.pack("<HHHd", 65535, 255, 0, 1.0))),
    *ANY_READ,
    file="form.xls",
)
add(
    "structure",
    "xls: first number, then text in one cell",
    lambda: xls(cells=record(0x203, struct.pack("<HHHd", *xls_place("2.4"), 0, 1.0))),
    PROBLEMS,
    file="form.xls",
    missing=["2.4"],
)


def xls_place(item: str) -> tuple[int, int]:
    return int(re.sub(r"\D", "", place_of(item))) - 1, 3


# ---------------------------------------------------------------- who, where and when


def meta(cell_: str, value: str) -> Callable:
    def edit(sheet) -> None:
        sheet.parent["_meta"][cell_] = value

    return edit


def no_school(sheet) -> None:
    sheet["D10"] = None
    sheet.parent["_meta"]["B4"] = None


add("meta", "role left blank", lambda: form(role=""), PROBLEMS, codes=["no_role"])
add("meta", "role in other case with spaces", lambda: form(role="  KLASSENLERAAR "), READ)
add("meta", "role by another name", lambda: form(role="mentor"), READ)
add("meta", "role nobody knows", lambda: form(role="conciërge"), PROBLEMS, codes=["unknown_role"])
add(
    "meta",
    "another instrument",
    lambda: by_openpyxl(meta("B1", "andere-checklist")),
    REFUSED,
    codes=["other_instrument"],
)
add("meta", "another version of the form", lambda: by_openpyxl(meta("B2", "9")), PROBLEMS, codes=["other_version"])
add("meta", "school blank", lambda: by_openpyxl(no_school), PROBLEMS, REFUSED)
add(
    "meta",
    "another school on a prefilled form",
    lambda: by_openpyxl(lambda s: s.__setitem__("D10", "12AB00")),
    PROBLEMS,
    codes=["school_differs"],
)
add(
    "meta",
    "another year on a prefilled form",
    lambda: by_openpyxl(lambda s: s.__setitem__("D11", "2024-2025")),
    PROBLEMS,
    codes=["wave_differs"],
)
add(
    "meta",
    "a year that is none",
    lambda: by_openpyxl(lambda s: s.__setitem__("D11", "vorig jaar")),
    PROBLEMS,
    codes=["unknown_wave"],
)
add("meta", "a personal form, alone", lambda: by_openpyxl(meta("B3", "F-0001")), READ)

# ---------------------------------------------------------------- containers

BIG = b"a" * 30_000_000
ENTITY = "<!DOCTYPE a [<!ENTITY b 'Ja'>]>"


def class_list() -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["Leerling", "Geboortedatum", "Moedertaal", "Opleiding ouders", "Contact met ouders"])
    for number in range(24):
        sheet.append([f"Kind {number}", "2015-01-01", "nl", "mbo", "ja"])
    saved = io.BytesIO()
    workbook.save(saved)
    return saved.getvalue()


def flipped(data: bytes) -> bytes:
    position = data.index(SHEET.encode()) + len(SHEET) + 400
    return data[:position] + bytes([data[position] ^ 0x55, data[position + 1] ^ 0xAA]) + data[position + 2 :]


def doubled() -> bytes:
    parts = list(members(form()).items())
    with zipfile.ZipFile(packed := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in [*parts, (SHEET.upper(), members(typed({"2.4": "Ja"}))[SHEET])]:
            package.writestr(name, part)
    return packed.getvalue()


def xml_entity(before: str, use: str) -> Callable[[], bytes]:
    return lambda: changed(
        SHEET, lambda x: x.replace("<worksheet", f"{before}<worksheet", 1).replace("Actiepunt", use, 1)
    )


def repeated(rows: int, columns: int) -> bytes:
    body = (
        f'<table:table table:name="a"><table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        f'table:number-columns-repeated="{columns}" office:value-type="string"><text:p>x</text:p></table:table-cell>'
        "</table:table-row></table:table>"
    )
    return ods(body=body)


add(
    "container",
    "encrypted xlsx (OLE)",
    lambda: ole({"EncryptionInfo": b"x", "EncryptedPackage": b"y" * 9000}),
    REFUSED,
    codes=["password"],
)
add(
    "container",
    "xls with a password",
    lambda: xls(globals_=record(0x2F, b"\0" * 6)),
    REFUSED,
    file="form.xls",
    codes=["password"],
)
add("container", "an OLE container without a workbook", lambda: ole({"WordDocument": b"x"}), REFUSED, file="form.xls")
add("container", "xls that claims 2 billion strings", lambda: xls(claimed=0x7FFFFFFF), READ, REFUSED, file="form.xls")
add("container", "xls cut in half", lambda: xls()[: len(xls()) // 2], REFUSED, file="form.xls")
add(
    "container",
    "macro in a file named .xlsx",
    lambda: with_more_parts({"xl/vbaProject.bin": b"x"}),
    PROBLEMS,
    codes=["macro_ignored"],
)
add(
    "container",
    "macro in a file named .xlsm",
    lambda: with_more_parts({"xl/vbaProject.bin": b"x"}),
    PROBLEMS,
    file="form.xlsm",
    codes=["macro_ignored"],
)
add("container", "last ten bytes missing", lambda: form()[:-10], REFUSED, PROBLEMS)
add("container", "cut in half", lambda: form()[: len(form()) // 2], REFUSED)
add("container", "empty", lambda: b"", REFUSED)
add("container", "a picture", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 500, REFUSED)
add(
    "container",
    "a web page named .xls",
    lambda: b"<html><table><tr><td>Ja</td></tr></table></html>",
    REFUSED,
    file="form.xls",
)
add(
    "container",
    "Excel 2003 XML named .xls",
    lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    REFUSED,
    file="form.xls",
)
add("container", "flat ods", lambda: b'<?xml version="1.0"?><office:document/>', REFUSED, file="form.fods")
add("container", "csv", lambda: b"1.1;Ja\n", REFUSED, file="form.csv")
add(
    "container",
    "a Word document",
    lambda: pack({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<a/>"}),
    REFUSED,
)


def in_a_zip(folder: Path) -> None:
    write(folder / "form.xlsx", pack({"a.xlsx": form()}))


CASES.append(Case("container", "a form in a zip that is called .xlsx", in_a_zip, (READ,), "form.xlsx/a.xlsx"))
add("container", "a shared string of 120 MB", lambda: bomb(STRINGS), REFUSED, codes=["too_large"])
add(
    "container",
    "30 MB in a part that nobody reads",
    lambda: with_more_parts({"xl/media/a.png": BIG}),
    REFUSED,
    READ,
    PROBLEMS,
)
add(
    "container",
    "three parts of 10 MB",
    lambda: with_more_parts({f"xl/media/{n}.png": BIG[:10_000_000] for n in range(3)}),
    REFUSED,
)
add("container", "headers that claim 1,000 bytes", lying_header, REFUSED)
add("container", "6 MB on disk", lambda: form() + b"\0" * 6_000_000, REFUSED, codes=["too_large"])
add("container", "500 members", lambda: with_more_parts({f"xl/x{n}.xml": b"" for n in range(500)}), REFUSED)
add("container", "entity expansion", xml_entity(ENTITY, "&b;"), REFUSED)
add(
    "container", "external entity", xml_entity('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', "&b;"), REFUSED
)
add(
    "container",
    "members with ../ and absolute paths",
    lambda: with_more_parts({"../../evil.xml": b"x", "/etc/evil": b"x"}),
    *ANY_READ,
    REFUSED,
)
add("container", "local name differs from the directory", other_local_name, REFUSED, *ANY_READ)
add("container", "4 KB after the zip", lambda: form() + b"\0" * 4096, *ANY_READ, REFUSED)
add("container", "bytes before the zip", lambda: b"MZ" + form(), REFUSED)
add("container", "two flipped bytes in the sheet", lambda: flipped(form()), REFUSED)
add("container", "sheet XML cut in the middle", lambda: changed(SHEET, lambda x: x[: len(x) * 2 // 3]), REFUSED)
add("container", "workbook.xml missing", lambda: pack({n: p for n, p in members(form()).items() if n != BOOK}), REFUSED)
add(
    "container",
    "200,000 nested elements",
    lambda: changed(SHEET, lambda x: x.replace("</sheetData>", "</sheetData>" + "<a>" * 200_000 + "</a>" * 200_000)),
    REFUSED,
    PROBLEMS,
    READ,
)
add("container", "two members with one name but case", doubled, REFUSED)
add("container", "encrypted members", flag_encrypted, REFUSED, codes=["password"])
add("container", "bzip2", lambda: pack(members(form()), zipfile.ZIP_BZIP2), REFUSED)
add("container", "no extension", form, *ANY_READ, IGNORED, file="form")
add(
    "container",
    "ods: 20,000 × 1,024 repeated cells",
    lambda: repeated(20_000, 1024),
    REFUSED,
    file="form.ods",
    codes=["too_large"],
)
add(
    "container",
    "ods: a million blank rows",
    lambda: ods(
        body=ods_body().replace(
            "</table:table>",
            '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>',
        )
    ),
    READ,
    file="form.ods",
)
add(
    "container", "ods: entity expansion", lambda: ods(before="<!DOCTYPE a [<!ENTITY b 'c'>]>"), REFUSED, file="form.ods"
)
add(
    "container",
    "ods with a password",
    lambda: pack(members(ods()) | {"META-INF/manifest.xml": b"<a><manifest:encryption-data/></a>"}),
    REFUSED,
    file="form.ods",
    codes=["password"],
)
add("container", "a list of pupils", class_list, REFUSED, codes=["class_list"])


def bomb(name: str) -> bytes:
    return pack(members(by_openpyxl()) | {name: b"<sst><si><t>" + b"a" * 120_000_000 + b"</t></si></sst>"})


# ---------------------------------------------------------------- the file system


def fs(what: str, make: Callable[[Path], None], file: str, *status: str, **expected: object) -> None:
    CASES.append(Case("filesystem", what, make, status, file, **expected))  # type: ignore[arg-type]


def loop(folder: Path) -> None:
    (folder / "terug").symlink_to(folder, target_is_directory=True)


def link(folder: Path) -> None:
    outside = folder.parent / f"{folder.name}-outside.xlsx"
    write(outside, form())
    (folder / "link.xlsx").symlink_to(outside)


DEEP = "/".join(["map"] * 40) + "/form.xlsx"
LONG = "a" * 240 + ".xlsx"
for name in (
    "~$form.xlsx",
    ".DS_Store",
    "__MACOSX/._form.xlsx",
    "~form.tmp",
    ".~lock.form.xlsx#",
    "Thumbs.db",
    "desktop.ini",
):
    fs(f"system file {name}", lambda folder, name=name: write(folder / name, b"x"), name, IGNORED)
fs("a folder that links to its parent", loop, "terug", IGNORED, REFUSED)
fs("a link to a file outside", link, "link.xlsx", REFUSED, IGNORED)
fs("a link to nothing", lambda folder: (folder / "a.xlsx").symlink_to(folder / "weg"), "a.xlsx", REFUSED, IGNORED)
if hasattr(os, "mkfifo"):
    fs("a FIFO", lambda folder: os.mkfifo(folder / "pijp.xlsx"), "pijp.xlsx", REFUSED, IGNORED)
fs("a name of 245 bytes", lambda folder: write(folder / LONG, form()), LONG, READ)
fs("a name that starts with a dash", lambda folder: write(folder / "-rf.xlsx", form()), "-rf.xlsx", READ)
fs("forty folders deep", lambda folder: write(folder / DEEP, form()), DEEP, READ)
fs("a name with capitals in its extension", lambda folder: write(folder / "FORM.XLSX", form()), "FORM.XLSX", READ)

__all__ = ["CASES", "CHECKLIST", "Case", "rows_of_form"]
