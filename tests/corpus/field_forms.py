"""Forms as schools and their programs sent them, each kind with siblings; made from our own form."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from functools import partial

from openpyxl import Workbook
from openpyxl.comments import Comment

from tests.corpus.binary_builders import (
    ACTIONS,
    BOOK,
    SHEET,
    WORDS,
    by_openpyxl,
    cell,
    changed,
    form,
    members,
    ods,
    ole,
    pack,
    place_of,
    record,
    xls,
)
from tests.corpus.cases import PROBLEMS, READ, REFUSED, add
from tests.corpus.edited_forms import pupils, unmerged
from tests.support.forms import row_of

# ---------------------------------------------------------------- what programs write


def in_lower_case(xml: str) -> str:
    return re.sub(r'(<c r=")([A-Z]+)', lambda match: match[1] + match[2].lower(), xml)


def shared(item: str, inside: str) -> Callable[[], bytes]:
    """The form with shared strings, in which one answer cell is written in another way."""
    return lambda: cell(item, '<c r="{cell}" t="s"' + inside, by_openpyxl())


def with_backslashes() -> bytes:
    return pack({name.replace("/", "\\"): part for name, part in members(form()).items()})


def unknown_encoding(name: str) -> bytes:
    parts = members(by_openpyxl())
    body = re.sub(rb"^<\?xml[^>]*\?>", b"", parts[name])
    return pack(parts | {name: b'<?xml version="1.0" encoding="UTF-9"?>' + body})


for what, inside in (("/>", "/>"), ("></c>", "></c>"), ("<v/>", "><v/></c>"), ("a blank value", "><v> </v></c>")):
    add("programs", f"a blank cell of shared text: {what}", shared("2.4", inside), READ, blank=["2.4"])
for what, inside in (
    ("value last", "<is><t>Ja</t></is><v>Ja</v>"),
    ("value first", "<v>1</v><is><t>Ja</t></is>"),
    ("two runs", "<is><r><t>J</t></r><r><t>a</t></r></is><v>Nee</v>"),
):
    xml = '<c r="{cell}" t="inlineStr">' + inside + "</c>"
    add("programs", f"inline text beside a value: {what}", lambda xml=xml: cell("2.4", xml), READ, otherwise={"2.4": 2})
add("programs", "references in lower case", lambda: changed(SHEET, in_lower_case), READ)
add("programs", "one reference in lower case", lambda: changed(SHEET, lambda x: x.replace("D20", "d20")), READ)
add(
    "programs",
    "a reference that nobody can read",
    lambda: changed(SHEET, lambda x: x.replace(f'"{place_of("2.4")}"', '"R20C4"')),
    REFUSED,
    codes=["odd_package"],
)
add("programs", "backslashes in the package", with_backslashes, READ)
add("programs", "slashes in front in the package", lambda: pack({f"/{n}": p for n, p in members(form()).items()}), READ)
add("programs", "xls that says it has no strings", lambda: xls(claimed=0), READ, file="form.xls")
add("programs", "xls that says it has one string", lambda: xls(claimed=1), READ, file="form.xls")
add(
    "programs",
    "xls that says it has no strings, cut in pieces",
    lambda: xls(claimed=0, chunk_size=301),
    READ,
    file="form.xls",
)
for part in (BOOK, SHEET):
    add(
        "programs",
        f"an encoding nobody knows in {part}",
        lambda part=part: unknown_encoding(part),
        REFUSED,
        codes=["not_a_workbook"],
    )

# ---------------------------------------------------------------- labels, rights and passwords

PACKAGE = {"EncryptedPackage": b"y" * 9_000}
for what, streams in {
    "a sensitivity label": {"\x06Primary": b"x", **PACKAGE},
    "rights management": {"DRMEncryptedTransform": b"x", "EncryptionInfo": b"x", **PACKAGE},
    "rights management of an old workbook": {"\tDRMContent": b"x" * 9_000, "Workbook": b"y" * 9_000},
}.items():
    add("rights", what, lambda streams=streams: ole(streams), REFUSED, codes=["rights_managed"])
add("rights", "a password", lambda: ole({"EncryptionInfo": b"x", **PACKAGE}), REFUSED, codes=["password"])

# ---------------------------------------------------------------- other kinds of file

NUMBERS = {"Index/Document.iwa": b"x", "Metadata/Properties.plist": b"x"}
for name, data, code in (
    ("form.xlsb", lambda: pack({"xl/workbook.bin": b"\x83\x01\0"}), "binary_workbook"),
    ("form.xlsx", lambda: pack({"xl/workbook.bin": b"\x83\x01\0"}), "binary_workbook"),
    ("form.numbers", lambda: pack(NUMBERS), "numbers_file"),
    ("numbers.xlsx", lambda: pack(NUMBERS), "numbers_file"),
    ("form.gsheet", lambda: b'{"url": "https://docs.example.org/x"}', "google_shortcut"),
    ("form.pdf", lambda: b"%PDF-1.7\n", "pdf_file"),
    ("pdf.xlsx", lambda: b"%PDF-1.7\n", "pdf_file"),
    ("form.jpg", lambda: b"\xff\xd8\xff\xe0" + b"\0" * 99, "picture_file"),
    ("form.HEIC", lambda: b"\0\0\0\x18ftypheic" + b"\0" * 99, "picture_file"),
    ("photo.xlsx", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "picture_file"),
    ("photo", lambda: b"\xff\xd8\xff\xe0" + b"\0" * 99, "picture_file"),
    ("form.docx", lambda: pack({"word/document.xml": b"<a/>"}), "unsupported"),
):
    add("kinds", name, data, REFUSED, file=name, codes=[code])

# ---------------------------------------------------------------- action plans and lists of pupils


def on_another_sheet(*rows: tuple[str, ...]) -> Callable[[], bytes]:
    def edit(sheet) -> None:
        plan_sheet: Workbook = sheet.parent.create_sheet("Plan")
        for row in rows:
            plan_sheet.append(row)

    return lambda: by_openpyxl(edit)


for headings in (
    ("Wat", "Wie", "Klas", "Leerlingen", "Wanneer"),
    ("Doel", "Actie", "Groep", "Leerlingen", "Door wie", "Klaar"),
    ("What", "Who", "Class", "Pupils", "When"),
    ("Actiepunt", "Kinderen", "Groep", "Status"),
):
    plan = (headings, tuple("x" for _ in headings))
    add("pupils", f"no list but a plan: {', '.join(headings)}", on_another_sheet(*plan), READ)
for headings in (("Wat", "Leerling", "Geboortedatum"), ("Leerling", "Klas"), ("Wie", "Wat", "Voornaam", "Achternaam")):
    add(
        "pupils",
        f"beside the form: {', '.join(headings)}",
        on_another_sheet(headings),
        PROBLEMS,
        codes=["pupils_beside"],
    )
add(
    "pupils",
    "a plan alone",
    lambda: pupils("Wat", "Wie", "Klas", "Leerlingen", "Wanneer"),
    REFUSED,
    codes=["not_a_form"],
)

# ---------------------------------------------------------------- the form's own texts


def visible_cells(sheet) -> None:
    """Only what is seen, pasted as text: no key, no name, no empty room."""
    unmerged(sheet)
    for name in list(sheet.parent.defined_names):
        del sheet.parent.defined_names[name]
    del sheet.parent["_meta"]
    sheet.delete_cols(1)
    sheet.delete_rows(1, 2)


def empty_rooms(sheet) -> None:
    visible_cells(sheet)
    for at in (at for row in sheet.iter_rows() for at in row if str(at.value).startswith("Actiepunt bij stap")):
        at.value = None


def keys_deleted(sheet) -> None:
    for row in range(1, sheet.max_row + 1):
        sheet.cell(row, 1).value = None


add("own texts", "visible cells in a new workbook", lambda: by_openpyxl(visible_cells), READ, PROBLEMS)
add("own texts", "visible cells with empty rooms", lambda: by_openpyxl(empty_rooms), READ, PROBLEMS, no_actions=True)
add("own texts", "hidden keys deleted", lambda: by_openpyxl(keys_deleted), READ)


def dragged_as_answer(beginning: str, column: int = 2) -> Callable:
    """Put a text of the form itself in the answer cell of 2.4."""

    def edit(sheet) -> None:
        texts = (str(at.value) for (at,) in sheet.iter_rows(min_col=column, max_col=column))
        sheet.cell(row_of(sheet, "2.4"), 4).value = next(text for text in texts if text.startswith(beginning))

    return edit


for what_, edit_ in {
    "a step's title": dragged_as_answer("Stap 2"),
    "the statement": dragged_as_answer("Leraren zorgen dat", 3),
    "the heading": dragged_as_answer("Uw antwoord", 4),
    "a label": dragged_as_answer("Schooljaar", 3),
}.items():
    add("own texts", f"{what_} in an answer cell", partial(by_openpyxl, edit_), PROBLEMS, blank=["2.4"])

# ---------------------------------------------------------------- more than one form in a file


def copied(count: int, at: tuple[int, int] | None, texts: Mapping[str, str] | None = None) -> Callable[[], bytes]:
    """The form with copies of it: on sheets of their own, before it or after; or on its own sheet, so far away."""

    def edit(sheet) -> None:
        unmerged(sheet)
        copy = [
            (at.row, at.column, (texts or {}).get(str(at.value), at.value)) for row in sheet.iter_rows() for at in row
        ]
        for number in range(1, count + 1):
            there = sheet if at else sheet.parent.create_sheet(f"Formulier ({number})", number % 2)
            down, right = at or (0, 0)
            for row, column, value in copy:
                if value not in (None, ""):
                    there.cell(row + down * number, column + right * number, value)

    return lambda: by_openpyxl(edit)


EMPTY = dict.fromkeys((*WORDS, *ACTIONS.values()), "")
for count_ in (1, 2, 3):
    add("copies", f"{count_} blank copies on other sheets", copied(count_, None, EMPTY), READ)
    add("copies", f"{count_} blank copies of another role", copied(count_, None, {**EMPTY, "Leraar": "Directie"}), READ)
    add("copies", f"{count_} beside the form", copied(count_, (0, 7)), REFUSED, codes=["two_forms"])
    add("copies", f"{count_} below the form", copied(count_, (90, 0)), PROBLEMS, codes=["two_forms"])

# ---------------------------------------------------------------- notes


def noted_ods() -> bytes:
    """A note at the cell of each answer Ja, as LibreOffice writes them."""
    parts = members(ods())
    note = b"<office:annotation><text:p>eigenlijk Nee</text:p></office:annotation><text:p>Ja<"
    return pack(parts | {"content.xml": parts["content.xml"].replace(b"<text:p>Ja<", note)})


def noted_xls() -> bytes:
    return xls(cells=record(0x1C, struct.pack("<HHHHH", 15, 3, 0, 1, 0) + b"\0\0"))


def broken_notes() -> bytes:
    parts = members(by_openpyxl(lambda sheet: setattr(sheet["D15"], "comment", Comment("Nee", "x"))))
    name = next(name for name in parts if "comments" in name and name.endswith(".xml"))
    return pack(parts | {name: parts[name][:99]})


add("notes", "a part of notes that is cut off", broken_notes, READ, PROBLEMS)
add("notes", "a record of a note that is too short", lambda: xls(cells=record(0x1C, b"x")), READ, file="form.xls")
add("notes", "at an answer, ods", noted_ods, PROBLEMS, file="form.ods", codes=["notes_not_read"])
add("notes", "at an answer, xls", noted_xls, PROBLEMS, file="form.xls", codes=["notes_not_read"])
