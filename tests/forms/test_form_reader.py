"""A returned form is read right or refused in words: what the respondent read in a row decides."""

import io
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

import toolkit as tk
from tests.support.forms import SCHOOL, WAVE, all_answers, edited, filled, row_of
from toolkit.core.errors import RefusedError
from toolkit.forms.form_reader import read_form
from toolkit.instrument.lookup import answer_words, read_answer

CHECKLIST = tk.load_instrument()
ITEMS = CHECKLIST.item_ids
WORDS = ["Nee", "Beetje", "Ja"]


def read_bytes(data: bytes):
    return read_form(data, CHECKLIST)


def codes(form) -> list[str]:
    return [problem.code for problem in form.problems]


def mixed() -> dict[str, str]:
    return {item: WORDS[number % 3] for number, item in enumerate(ITEMS)}


MIXED = {item: number % 3 for number, item in enumerate(ITEMS)}


def is_no_answer(text: str) -> bool:
    """A room for action points is in the column of answers: an answer in it is one row too low, and reported."""
    return bool(text.strip()) and read_answer(text, answer_words(CHECKLIST)) is None


@settings(max_examples=60, deadline=None)
@given(
    answers=st.dictionaries(st.sampled_from(ITEMS), st.integers(0, 2)),
    role=st.sampled_from(CHECKLIST.roles),
    language=st.sampled_from(["nl", "en"]),
    actions=st.dictionaries(
        st.integers(1, 5),
        st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1).filter(is_no_answer),
    ),
)
def test_what_is_written_is_read(answers, role, language, actions):
    labels = {item: CHECKLIST.answers[value].label[language] for item, value in answers.items()}
    form = read_bytes(filled(labels, role.label[language], actions, language=language))
    assert form.answers == answers
    assert (form.school, form.wave, form.role) == (SCHOOL, WAVE, role.id)
    assert dict(form.actions) == {step: text.strip() for step, text in actions.items()}
    reported_codes = [
        code for code in codes(form) if not code.startswith("looks_like")
    ]  # any text may look like a number
    assert reported_codes == (["incomplete"] if 2 * len(answers) < 33 else [])


@pytest.mark.parametrize(
    "text", ["Checklist", "School", "Schooljaar", "Uitspraak", "Samenwerken met ouders", "2", "☐ iets"]
)
def test_an_action_point_of_the_words_of_the_form_is_kept(text):
    assert dict(read_bytes(filled({}, actions={2: text})).actions) == {2: text}


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("ja", 2), (" JA ", 2), ("Ja.", 2), ("(nee)", 0), ("Beetje!", 1), ("Een beetje", 1), ("een béétje", 1),
        ("\u00a0Nee\u202f", 0), ("J\u200ba", 2), ("Ｊａ", 2), ("Yes", 2), ("partly", 1), ("No", 0),
    ],
)  # fmt: skip
def test_what_clearly_is_an_answer_is_one(typed, value):
    form = read_bytes(filled(all_answers() | {"2.4": typed}))
    assert form.answers["2.4"] == value
    assert form.problems == []


@pytest.mark.parametrize(
    "typed",
    [
        "x",
        "✓",
        "Ja/Nee",
        "Nee, nog niet",
        "Ja (alleen onderbouw)",
        "soms",
        "?",
        "Ja?",
        "NA",
        "null",
        "WAAR",
        "1",
        "jaja",
    ],
)
def test_what_is_not_clear_is_missing_with_a_problem(typed):
    form = read_bytes(filled(all_answers() | {"2.4": typed}))
    assert "2.4" not in form.answers
    assert len(form.answers) == 32
    (problem,) = form.problems
    assert (problem.code, problem.item, problem.found) == ("unclear_answer", "2.4", typed)
    assert problem.cell.startswith("D")


@pytest.mark.parametrize("value", [1, 2.0, True])
def test_a_number_or_truth_value_is_no_answer(value):
    form = read_bytes(edited(filled(all_answers()), lambda sheet: sheet.cell(row_of(sheet, "2.4"), 4, value)))
    assert "2.4" not in form.answers
    assert codes(form) == ["unclear_answer"]


@pytest.mark.parametrize(
    ("typed", "value"),
    [("☐ Ja   ☒ Beetje   ☐ Nee", 1), ("☑ Ja   ☐ Beetje   ☐ Nee", 2), ("✓ Nee", 0), ("☐ Ja   ☐ Beetje   ☐ Nee", None)],
)
def test_a_box_that_was_ticked_in_the_cell_is_that_answer_and_none_is_a_blank(typed, value):
    form = read_bytes(edited(filled(mixed()), lambda sheet: sheet.cell(row_of(sheet, "2.4"), 4, typed)))
    assert form.answers.get("2.4") == value
    assert codes(form) == []


def test_two_boxes_that_were_ticked_are_unclear():
    form = read_bytes(
        edited(filled(mixed()), lambda sheet: sheet.cell(row_of(sheet, "2.4"), 4, "☒ Ja   ☒ Beetje   ☐ Nee"))
    )
    assert "2.4" not in form.answers
    assert codes(form) == ["unclear_answer"]


@pytest.mark.parametrize("typed", ["-", "?", "_____", "…"])
def test_a_sign_instead_of_a_school_is_no_school(typed):
    form = read_bytes(edited(filled(mixed()), lambda sheet: sheet.cell(10, 4, typed)))
    assert form.school == SCHOOL
    assert codes(form) == []


def test_a_blank_is_no_problem_by_itself_but_fewer_than_half_is():
    seventeen_items = dict.fromkeys(ITEMS[:17], "Ja")
    assert codes(read_bytes(filled(seventeen_items))) == []
    form = read_bytes(filled(dict.fromkeys(ITEMS[:16], "Ja")))
    assert codes(form) == ["incomplete"]
    assert len(form.answers) == 16
    assert codes(read_bytes(filled(seventeen_items | {"5.8": "   "}))) == []


def test_rows_that_were_sorted_are_read_by_what_stands_in_them():
    def sort(sheet):
        first_row, second_row = row_of(sheet, "2.1"), row_of(sheet, "2.7")
        for column in range(1, 5):
            a, b = sheet.cell(first_row, column), sheet.cell(second_row, column)
            a.value, b.value = b.value, a.value

    form = read_bytes(edited(filled(mixed()), sort))
    assert form.answers == MIXED
    assert form.problems == []


def test_sorting_only_the_visible_columns_is_read_by_what_can_be_seen_and_said():
    def sort(sheet):
        first_row, second_row = row_of(sheet, "2.1"), row_of(sheet, "2.6")
        for column in range(2, 5):
            a, b = sheet.cell(first_row, column), sheet.cell(second_row, column)
            a.value, b.value = b.value, a.value

    form = read_bytes(edited(filled(mixed()), sort))
    assert form.answers == MIXED
    assert codes(form) == ["key_differs", "key_differs"]


def test_inserted_rows_and_columns_move_nothing():
    def insert(sheet):
        sheet.insert_rows(8, 3)
        sheet.insert_cols(4)

    form = read_bytes(edited(filled(mixed()), insert))
    assert form.answers == MIXED
    assert form.role == "teacher"


def test_number_and_statement_that_contradict_are_never_guessed():
    form = read_bytes(edited(filled(all_answers()), lambda sheet: sheet.cell(row_of(sheet, "2.4"), 2, "2.5")))
    assert "2.4" not in form.answers
    assert form.answers["2.5"] == 2
    assert codes(form) == ["contradiction"]


def test_a_changed_statement_is_not_the_statement_that_was_asked():
    def rewrite(sheet):
        sheet.cell(row_of(sheet, "2.4"), 3, "Ouders herinneren ons aan hun afspraken.")

    form = read_bytes(edited(filled(all_answers()), rewrite))
    assert "2.4" not in form.answers
    assert codes(form) == ["changed_statement"]


def test_a_statement_that_reads_the_same_is_the_same():
    def retype(sheet):
        cell = sheet.cell(row_of(sheet, "2.4"), 3)
        cell.value = "  " + cell.value.replace(" ", "  ").upper().replace(".", " ")

    assert read_bytes(edited(filled(mixed()), retype)).answers == MIXED


def test_a_copied_row_with_another_answer_is_missing_and_with_the_same_is_said():
    def copy(answer):
        def edit(sheet):
            row, end = row_of(sheet, "2.4"), sheet.max_row + 2
            for column in range(1, 4):
                sheet.cell(end, column, sheet.cell(row, column).value)
            sheet.cell(end, 4, answer)

        return edit

    conflicting = read_bytes(edited(filled(all_answers("Ja")), copy("Nee")))
    assert "2.4" not in conflicting.answers
    assert codes(conflicting) == ["double_answers"]
    same = read_bytes(edited(filled(all_answers("Ja")), copy("Ja")))
    assert same.answers["2.4"] == 2
    assert codes(same) == ["double_row"]


def test_two_copies_of_the_form_are_said_and_only_what_they_share_is_taken():
    def copy(sheet):
        copied_sheet = sheet.parent.copy_worksheet(sheet)
        copied_sheet.cell(row_of(copied_sheet, "2.4"), 4, "Nee")

    form = read_bytes(edited(filled(all_answers("Ja")), copy))
    assert "2.4" not in form.answers
    assert len(form.answers) == 32
    assert codes(form) == ["two_forms", "double_answers"]


def test_what_stands_beside_the_answer_is_said_and_not_read():
    form = read_bytes(edited(filled(all_answers("Ja")), lambda sheet: sheet.cell(row_of(sheet, "2.4"), 5, "Nee")))
    assert form.answers["2.4"] == 2
    assert codes(form) == ["beside"]
    assert form.problems[0].cell.startswith("E")


def test_with_keys_and_names_gone_the_visible_statements_are_enough():
    def strip(sheet):
        for name in list(sheet.parent.defined_names):
            del sheet.parent.defined_names[name]
        del sheet.parent["_meta"]
        sheet.delete_cols(1)

    form = read_bytes(edited(filled(mixed()), strip))
    assert form.answers == MIXED
    assert (form.school, form.wave, form.role) == (SCHOOL, WAVE, "teacher")


def test_the_hidden_key_and_then_the_name_are_the_last_resort_and_said():
    def wipe(sheet):
        row = row_of(sheet, "2.4")
        sheet.cell(row, 2).value = sheet.cell(row, 3).value = None

    form = read_bytes(edited(filled(mixed()), wipe))
    assert form.answers == MIXED
    assert codes(form) == ["by_key_only"]

    def wipe_all(sheet):
        row = row_of(sheet, "2.4")
        for column in (1, 2, 3):
            sheet.cell(row, column).value = None

    form = read_bytes(edited(filled(mixed()), wipe_all))
    assert form.answers == MIXED
    assert codes(form) == ["by_name_only"]


def test_a_row_that_is_gone_is_said():
    form = read_bytes(edited(filled(mixed()), lambda sheet: sheet.delete_rows(row_of(sheet, "5.8"))))
    assert {item for item in ITEMS if item not in form.answers} == {"5.8"}
    assert codes(form) in (["item_not_found"], ["by_name_only", "unclear_answer"])


def test_only_the_official_column_is_read_when_a_colleague_answers_beside_it():
    def colleague(sheet):
        for item in ITEMS:
            sheet.cell(row_of(sheet, item), 5, "Nee")

    form = read_bytes(edited(filled(mixed()), colleague))
    assert form.answers == MIXED
    assert set(codes(form)) == {"beside"}


def test_a_formula_is_read_as_it_last_showed_and_said():
    data = patched(filled(mixed()), "2.4", '<c r="{cell}" t="str"><f>IF(1,"Beetje")</f><v>Beetje</v></c>')
    form = read_bytes(data)
    assert form.answers["2.4"] == 1
    assert codes(form) == ["formula"]
    form = read_bytes(patched(filled(mixed()), "2.4", '<c r="{cell}"><f>A1</f></c>'))
    assert "2.4" not in form.answers
    assert codes(form) == ["formula_without_value"]


def test_two_cells_with_one_reference_are_undecided():
    cell = '<c r="{cell}" t="inlineStr"><is><t>Ja</t></is></c><c r="{cell}" t="inlineStr"><is><t>Nee</t></is></c>'
    form = read_bytes(patched(filled(all_answers()), "2.4", cell))
    assert "2.4" not in form.answers
    assert codes(form) == ["cell_twice"]


def patched(data: bytes, item: str, cell_xml: str) -> bytes:
    """Put other XML in place of an item's answer cell."""
    defined_name = load_workbook(io.BytesIO(data)).defined_names[f"item_{item.replace('.', '_')}"]
    cell = defined_name.attr_text.rpartition("!")[2].replace("$", "")
    return with_part(
        data,
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(rf'<c r="{cell}"[^>]*?(/>|>.*?</c>)', cell_xml.format(cell=cell), xml, count=1),
    )


def with_part(data: bytes, name: str, change) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content.decode()) if part == name else content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("typed", "role", "problem"),
    [
        ("Directie", "director", []), (" mentor ", "teacher", []), ("IB'er", "care", []), ("LEERKRACHT", "teacher", []),
        ("", None, ["no_role"]), ("conciërge", None, ["unknown_role"]), ("Class teacher", "teacher", []),
    ],
)  # fmt: skip
def test_a_role_is_known_by_its_names(typed, role, problem):
    form = read_bytes(filled(all_answers(), role=typed))
    assert form.role == role
    assert codes(form) == problem
    assert len(form.answers) == 33


def test_a_blank_form_takes_school_and_year_from_the_respondent():
    def fill(school, wave):
        return edited(
            filled(all_answers(), school="", wave=""),
            lambda sheet: [sheet.cell(row, 4, value) for row, value in ((10, school), (11, wave))],
        )

    form = read_bytes(fill(" 12ab00", "2025/26"))
    assert (form.school, form.wave, codes(form)) == ("12AB00", "2025-2026", [])
    form = read_bytes(fill("De Regenboog", "vorig jaar"))
    assert (form.school, form.wave, codes(form)) == ("De Regenboog", None, ["unknown_wave"])
    form = read_bytes(fill(None, None))
    assert (form.school, form.wave, codes(form)) == (None, None, ["no_school", "no_wave"])
    assert len(form.answers) == 33, "nothing is lost of a form that can't be placed"


def test_a_changed_school_or_year_on_a_prefilled_form_is_said():
    def change(sheet):
        sheet["D10"], sheet["D11"] = "12AB00", "2024-2025"

    form = read_bytes(edited(filled(all_answers()), change))
    assert (form.school, form.wave) == ("12AB00", "2024-2025")
    assert codes(form) == ["school_differs", "wave_differs"]


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    "change",
    [
        lambda xml: xml,
        lambda xml: xml.replace("<sheetData>", '<sheetData><!-- <c r="D14" t="str"><v>Nee</v></c> -->'),
        lambda xml: xml.replace('<c r="D14"', "<c\n r='D14'"),
        lambda xml: xml.replace("<t ", "<t>><t ", 1),
        lambda xml: xml.replace("</row>", "</row><!-- -->", 3),
        lambda xml: xml.replace('r="D14"', "", 1),
        lambda xml: xml.replace('r="D14"', 'x=">" r="D14"', 1),
        lambda xml: xml.replace("<c ", "<x:c ", 5).replace("</c>", "</x:c>", 5),
    ],
)
def test_a_sheet_cut_into_cells_gives_what_listening_to_every_tag_gives(change, monkeypatch):
    data = with_part(filled(mixed(), actions={2: "Één & <b>"}), SHEET, change)

    def outcome():
        try:
            return read_bytes(data)
        except RefusedError as refused:
            return refused.problem

    by_cells = outcome()
    monkeypatch.setattr("toolkit.spreadsheets.xlsx_sheet.split_rows", lambda xml: None)
    assert outcome() == by_cells


ENTITY = "<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_a_workbook"),
        (b"hallo", "not_a_workbook"),
        (b"\x89PNG\r\n", "not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not_a_workbook"),
        (b"PK\x03\x04rest", "not_a_workbook"),
        (filled(all_answers())[:-200], "not_a_workbook"),
        (with_part(filled({}), "xl/workbook.xml", lambda xml: xml[: len(xml) // 2]), "not_a_workbook"),
        (with_part(filled({}), SHEET, lambda xml: xml.replace("<worksheet", ENTITY, 1)), "odd_package"),
        (with_part(filled({}), SHEET, lambda xml: xml + " " * 13_000_000), "too_large"),
    ],
)
def test_what_is_no_form_is_refused_with_the_reason(data, code):
    with pytest.raises(RefusedError) as refused:
        read_bytes(data)
    assert refused.value.problem.code == code


def test_an_answer_past_the_end_of_the_shared_strings_is_refused():
    with pytest.raises(RefusedError):
        read_bytes(patched(filled(all_answers()), "2.4", '<c r="{cell}" t="s"><v>99999</v></c>'))


def test_an_empty_workbook_and_another_checklist_are_refused():
    def wipe(sheet):
        sheet.delete_rows(1, sheet.max_row)

    with pytest.raises(RefusedError) as refused:
        read_bytes(edited(filled({}), wipe))
    assert refused.value.problem.code == "not_a_form"

    def rename(sheet):
        sheet.parent["_meta"]["B1"] = "andere-checklist"

    with pytest.raises(RefusedError) as refused:
        read_bytes(edited(filled(all_answers()), rename))
    assert (refused.value.problem.code, refused.value.problem.found) == ("other_instrument", "andere-checklist")


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_a_form_with_flipped_bytes_is_read_right_or_refused(data):
    original = filled(mixed())
    flipped = bytearray(original)
    for position in data.draw(st.lists(st.integers(0, len(original) - 1), min_size=1, max_size=4)):
        flipped[position] ^= data.draw(st.integers(1, 255))
    try:
        form = read_bytes(bytes(flipped))
    except RefusedError:
        return
    assert all(MIXED[item] == value for item, value in form.answers.items())
