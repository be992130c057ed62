"""Forms that somebody worked in: cells made one, texts put elsewhere, codes and roles in other words."""

from __future__ import annotations

import io
from collections.abc import Callable

from openpyxl import Workbook
from openpyxl.comments import Comment

from tests.corpus.binary_builders import ACTIONS, CHECKLIST, ITEMS, by_openpyxl, form, set_answer, typed
from tests.corpus.cases import (
    ANY_READ,
    IGNORED,
    PROBLEMS,
    READ,
    REFUSED,
    action,
    action_row,
    add,
    fs,
    two_copies,
    write,
)
from tests.support.forms import row_of

# ---------------------------------------------------------------- cells made one, and rows in disorder


def merge(area: str) -> Callable:
    def edit(sheet) -> None:
        rows = {item: row_of(sheet, item) for item in ITEMS}
        sheet.merge_cells(area.format(first=rows["2.4"], next=rows["2.5"], last=rows["2.6"]))

    return edit


def unmerged(sheet) -> None:
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(area))


def sorted_by_answer(sheet) -> None:
    """All of the form sorted by its answers, keys and texts along."""
    unmerged(sheet)
    first, last = row_of(sheet, "1.1"), row_of(sheet, "5.8") + 2
    rows = [[sheet.cell(row, column).value for column in range(1, 5)] for row in range(first, last + 1)]
    for row, values in enumerate(sorted(rows, key=lambda values: str(values[3] or "~")), start=first):
        for column, value in enumerate(values, start=1):
            sheet.cell(row, column).value = value


def other_column_left(sheet) -> None:
    """A colleague's column before the own one, with the same heading; names go along, as in a spreadsheet program."""
    sheet.insert_cols(4)
    sheet.cell(row_of(sheet, "1.1") - 2, 4, "Uw antwoord")
    for item in ITEMS:
        sheet.cell(row_of(sheet, item), 4, "Nee")
    for name in sheet.parent.defined_names.values():
        name.attr_text = name.attr_text.replace("$D$", "$E$")


def note_left(sheet) -> None:
    sheet.insert_cols(4)
    sheet.cell(row_of(sheet, "2.4"), 4, "dit doen wij alleen in de onderbouw")


def swapped(column: int) -> Callable:
    def edit(sheet) -> None:
        first_cell, second_cell = (sheet.cell(row_of(sheet, item), column) for item in ("2.4", "2.5"))
        first_cell.value, second_cell.value = second_cell.value, first_cell.value

    return edit


def one_key_for_all(sheet) -> None:
    for item in ITEMS:
        sheet.cell(row_of(sheet, item), 1, "item_1_1")


def not_in_statement(sheet) -> None:
    at = sheet.cell(row_of(sheet, "2.4"), 3)
    at.value = at.value.replace("Leraren", "Leraren niet", 1)


def answer_behind_statement(sheet) -> None:
    row = row_of(sheet, "2.4")
    sheet.cell(row, 3).value += " Ja"
    sheet.cell(row, 4).value = None


def numbers_as_numbers(sheet) -> None:
    for item in ITEMS:
        sheet.cell(row_of(sheet, item), 2).value = float(item)


def in_english(sheet) -> None:
    for item in CHECKLIST.items:
        sheet.cell(row_of(sheet, item.id), 3).value = item.statement["en"]


def answer_too_low(sheet) -> None:
    row = row_of(sheet, "2.4")
    sheet.insert_rows(row + 1)
    sheet.cell(row + 1, 4).value, sheet.cell(row, 4).value = sheet.cell(row, 4).value, None


def role_of_copy(sheet) -> None:
    two_copies(sheet)
    sheet.parent.worksheets[-1]["D9"] = "Directie"


def role_elsewhere(sheet) -> None:
    other_sheet = sheet.parent.create_sheet("Gegevens", 0)
    other_sheet.append(["School", "12ZZ00"])
    other_sheet.append(["Schooljaar", "2019-2020"])


def annotated(sheet) -> None:
    sheet.cell(row_of(sheet, "2.4"), 4).comment = Comment("Kanarie: eigenlijk Nee", "Kanarie")


for what, edit, expected in (
    ("two answer cells merged", merge("D{first}:D{next}"), {"missing": ["2.5"], "codes": ["merged_answer"]}),
    ("three answer cells merged", merge("D{first}:D{last}"), {"missing": ["2.5", "2.6"], "codes": ["merged_answer"]}),
    ("statement and answer merged", merge("C{first}:D{first}"), {"missing": ["2.4"], "codes": ["merged_answer"]}),
    ("a colleague's column before the own one", other_column_left, {"codes": ["beside"]}),
    ("a note in a column before the answers", note_left, {"codes": ["beside"]}),
    ("hidden keys of two rows swapped", swapped(1), {"codes": ["key_differs"]}),
    ("numbers of two rows swapped", swapped(2), {"missing": ["2.4", "2.5"], "codes": ["contradiction"]}),
    ("statements of two rows swapped", swapped(3), {"missing": ["2.4", "2.5"], "codes": ["contradiction"]}),
    ("one hidden key in every row", one_key_for_all, {"codes": ["key_differs"]}),
    ("niet added to a statement", not_in_statement, {"missing": ["2.4"], "codes": ["changed_statement"]}),
    ("a few other words for a statement", set_answer("2.4", "Iets anders", 3), {"missing": ["2.4"], "codes": ["changed_statement"]}),
    ("the answer behind the statement", answer_behind_statement, {"missing": ["2.4"], "codes": ["changed_statement"]}),
    ("the answer one row too low", answer_too_low, {"blank": ["2.4"], "codes": ["stray_answer"]}),
    ("two copies with different roles", role_of_copy, {"missing": ["2.4"], "codes": ["two_forms", "said_twice"]}),
):  # fmt: skip
    add("reworked", what, lambda edit=edit: by_openpyxl(edit), PROBLEMS, **expected)
for what, edit in (
    ("an answer cell merged with blanks beside it", merge("D{first}:F{first}")),
    ("all rows sorted by their answer", sorted_by_answer),
    ("numbers typed as numbers", numbers_as_numbers),
    ("the English statements on a Dutch form", in_english),
    ("another sheet that names a school and a year", role_elsewhere),
):
    add("reworked", what, lambda edit=edit: by_openpyxl(edit), READ)
add(
    "reworked",
    "a note with a name at an answer",
    lambda: by_openpyxl(annotated),
    PROBLEMS,
    codes=["notes_not_read"],
)

# ---------------------------------------------------------------- texts where the form has no room for them


def written(below: int, text: str, column: int = 2) -> Callable:
    def edit(sheet) -> None:
        unmerged(sheet)
        at = sheet.cell(action_row(sheet, 2) + below, column)
        at.value = f"{at.value or ''} {text}".strip()

    return edit


def remark(sheet) -> None:
    sheet.cell(sheet.max_row + 2, 2).value = "Algemene opmerking: graag volgend jaar weer."


for what, edit in (
    ("in a row between two steps", written(1, "Bellen met ouders.")),
    ("below the form", remark),
):
    add("outside", f"text {what}", lambda edit=edit: by_openpyxl(edit), PROBLEMS, codes=["stray_text"])

# ---------------------------------------------------------------- school, year and role


def about(cell: str, value: object, key: str) -> Callable:
    def edit(sheet) -> None:
        sheet[cell] = value
        sheet.parent["_meta"][key] = None

    return edit


for school in ("99aa00", "99AA 00", "99AA-00", "99 AA 00", "99AA00\u200b", "９９ＡＡ００"):
    add(
        "place",
        f"school {school!a}",
        lambda school=school: by_openpyxl(about("D10", school, "B4")),
        READ,
        place={"school": "99AA00"},
    )
for wave in (
    "2025/2026", "2025-26", "2025–2026", " 2025 - 2026 ", "25/26", "25-26", "2025-'26", "schooljaar 2025/2026",
    "Schooljaar: ’25-’26", "sj 25/26", "2025 t/m 2026",
):  # fmt: skip
    add(
        "place",
        f"year {wave!a}",
        lambda wave=wave: by_openpyxl(about("D11", wave, "B6")),
        READ,
        place={"wave": "2025-2026"},
    )
for wave in ("2025", "26/25", "25-26-27", "groep 5-6", "2026-2025", "2025-2027", "vorig jaar", 2025.0):
    add(
        "place",
        f"no year {wave!a}",
        lambda wave=wave: by_openpyxl(about("D11", wave, "B6")),
        PROBLEMS,
        codes=["unknown_wave"],
        place={"wave": None},
    )
for words, role in {
    "Directeur": "director",
    "IB-er": "care",
    "leerkracht": "teacher",
    "Class teacher": "teacher",
    "leerkracht groep 5": "teacher",
    "Leerkracht van groep 5/6": "teacher",
    "Klassenleraar, mentor": "teacher",
    "intern begeleider (IB)": "care",
}.items():
    add("place", f"role {words}", lambda words=words: form(role=words), READ, place={"role": role})
for words in ("Directie/leraar", "leerkracht en IB", "oud-leerkracht", "ouder groep 5", "anders"):
    add(
        "place",
        f"no role {words}",
        lambda words=words: form(role=words),
        PROBLEMS,
        codes=["unknown_role"],
        place={"role": None},
    )

# ---------------------------------------------------------------- typed

for word, value in {
    "Ⓙⓐ": 2,
    "𝗝𝗮": 2,
    "ＪＡ！": 2,
    "néé": 0,
    "ｂｅｅｔｊｅ": 1,
    "[Ja]": 2,
    "Ja\x7f": 2,
    "PARTLY.": 1,
}.items():
    add("typed", f"clear: {word!a}", lambda word=word: typed({"2.4": word}), READ, otherwise={"2.4": value})
for word in (
    "J a",
    "Ja\u0336",
    "- Ja",
    "• Ja",
    "1 Ja",
    "Ja\nNee",
    "neen",
    "Een klein beetje",
    "Jä",
    "\u202eaJ",
    "zie 2.3",
    "#N/B",
):
    add(
        "typed",
        f"unclear: {word!a}",
        lambda word=word: typed({"2.4": word}),
        PROBLEMS,
        missing=["2.4"],
        codes=["unclear_answer"],
    )

# ---------------------------------------------------------------- whom a text may name


for text, code in {
    "jan＠school.nl": "email", "jan (at) school.nl": "email", "jan @ school.nl": "email", "06\u201112345678": "phone",
    "06\u00a012345678": "phone", "+31 (0)6 12345678": "phone", "groep 8 0612345678": "phone", "groep 7/8 06-12345678": "phone",
    "０６１２３４５６７８": "phone", "kind 8 111222333": "bsn", "111-222-333": "bsn",
}.items():  # fmt: skip
    add("names", f"{text!a}", action(text), PROBLEMS, actions=ACTIONS | {2: text}, codes=[f"looks_like_{code}"])
for text in ("2025-2026, 12 keer", "niveau 1.2.3 en 4.5.6.7.8", "10 20 30 40 50", "@team", "1-2-2025 tot 3-4-2026"):
    add("names", f"nobody in {text!a}", action(text), READ, actions=ACTIONS | {2: text})

# ---------------------------------------------------------------- lists of pupils


def pupils(*headings: str) -> bytes:
    workbook, saved = Workbook(), io.BytesIO()
    sheet = workbook.worksheets[0]
    for row in (["Overzicht klas 3b"], list(headings), ["x"] * len(headings)):
        sheet.append(row)
    workbook.save(saved)
    return saved.getvalue()


for headings in (
    ("Naam", "Geboortedatum"),
    ("Naam", "Opleiding vader", "Beroep moeder", "Thuistaal"),
    ("Naam van de leerling", "Naam ouder 1", "Telefoon"),
    ("Leerlingnr.", "Gezinssituatie"),
    ("Student name", "Date of birth"),
):
    add("pupils", ", ".join(headings), lambda headings=headings: pupils(*headings), REFUSED, codes=["class_list"])

# ---------------------------------------------------------------- the file system

for name in ("form.xlsx.tmp", ".Trash-1000/files/form.xlsx", "$RECYCLE.BIN/$R1.xlsx", "Icon\r"):
    fs(f"thrown away or left behind {name!a}", lambda folder, name=name: write(folder / name, form()), name, IGNORED)
for name in (
    "form .xlsx",
    "form.xlsx ",
    "=form.xlsx",
    "fo\nrm.xlsx",
    "вопрос 😀.xlsx",
    "a.b.c.XlsX",
    "form%20(1).xlsx",
    "form.xlsx.zip",
    "~form.xlsx",
    "form.xltx",
    "form.xlsx (1)",
):
    fs(f"a file named {name!a}", lambda folder, name=name: write(folder / name, form()), name, *ANY_READ)
for name in ("form.numbers", "form.pdf"):
    fs(f"another kind of file {name}", lambda folder, name=name: write(folder / name, form()), name, REFUSED)
