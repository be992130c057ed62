"""The blank form: what may be filled in, how it is found back, and that the templates are the ones code makes."""

import io
import subprocess
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.support.forms import all_answers, filled
from toolkit.commands.templates import write_templates
from toolkit.forms.blank_form import write_form
from toolkit.forms.form_reader import read_form
from toolkit.spreadsheets.reader import read_workbook

TEMPLATES = Path(__file__).parents[2] / "data" / "templates"


@pytest.fixture(params=["nl", "en"])
def form(request, tmp_path, checklist):
    return load_workbook(write_form(tmp_path / "form.xlsx", checklist, language=request.param))


def test_only_what_is_to_be_filled_in_is_unlocked(form, checklist):
    sheet = form.worksheets[0]
    unlocked = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    named_cells = {name.attr_text.rpartition("!")[2].replace("$", "") for name in form.defined_names.values()}
    merged = {c for r in sheet.merged_cells.ranges for row in sheet[r.coord] for c in [x.coordinate for x in row]}
    assert len(named_cells) == 33 + 5 + 3
    assert named_cells <= unlocked
    assert unlocked - named_cells <= merged, "more cells than the rooms for action points are open"
    assert sheet.protection.sheet
    assert not sheet.protection.password


def test_answers_are_chosen_in_the_order_of_the_publication(tmp_path, checklist):
    sheet = load_workbook(write_form(tmp_path / "form.xlsx", checklist)).worksheets[0]
    lists = {choice.formula1: len(choice.sqref.ranges) for choice in sheet.data_validations.dataValidation}
    assert '"Ja,Beetje,Nee"' in lists
    assert '"Directie,Leraar,Zorgprofessional"' in lists


def test_every_item_can_be_found_in_three_ways(form, checklist):
    sheet = form.worksheets[0]
    for item in checklist.items:
        key = f"item_{item.id.replace('.', '_')}"
        row = sheet[form.defined_names[key].attr_text.rpartition("!")[2].replace("$", "")].row
        assert [sheet.cell(row, column).value for column in (1, 2)] == [key, item.id]
        assert sheet.cell(row, 3).value in item.statement.values()
    assert sheet.column_dimensions["A"].hidden


def test_the_form_tells_who_sees_what_and_asks_for_no_names(form):
    form_text = " ".join(str(cell.value) for row in form.worksheets[0].iter_rows() for cell in row if cell.value)
    assert ("vanaf 5 personen" in form_text and "geen namen" in form_text) or (
        "from 5 people" in form_text and "not name" in form_text
    )


def test_a_prefilled_form_is_locked_and_a_blank_one_asks(tmp_path, checklist):
    prefilled = write_form(tmp_path / "a.xlsx", checklist, school="12AB00", school_name="=De School", wave="2025-2026")
    cells = read_workbook(prefilled.read_bytes()).sheets[0].cells
    assert {"12AB00", "2025-2026", "School: =De School"} <= set(cells.values())
    assert read_workbook(prefilled.read_bytes()).sheets[0].cells[(1, 4)] == "0 van 33"
    sheet = load_workbook(prefilled).worksheets[0]
    assert all(sheet[f"D{row}"].protection.locked for row in range(1, 9))


def test_the_count_is_true_also_where_nothing_calculates():
    answers = all_answers("Ja") | {"1.1": "Beetje", "5.8": "nee"}
    cells = read_workbook(filled({item: answers[item] for item in answers if item != "2.4"})).sheets[0].cells
    assert cells[(1, 4)] == "32 van 33"
    assert [value for value in cells.values() if value in ("3 van 3", "6 van 7", "8 van 8")] == [
        "3 van 3", "6 van 7", "8 van 8", "8 van 8",
    ]  # fmt: skip


def test_the_same_form_is_the_same_bytes(tmp_path, checklist):
    first_bytes, second_bytes = (
        write_form(tmp_path / name, checklist, school="12AB00").read_bytes() for name in ("1.xlsx", "2.xlsx")
    )
    assert first_bytes == second_bytes


def test_the_templates_are_what_the_code_makes(tmp_path):
    """Run `make templates` after a change to the instrument, the words or the form."""
    templates = write_templates(tmp_path)
    assert sorted(path.name for path in TEMPLATES.glob("*.xlsx")) == sorted(path.name for path in templates)
    for path in templates:
        committed, fresh = (
            {s.name: s.cells for s in read_workbook(p.read_bytes()).sheets} for p in (TEMPLATES / path.name, path)
        )
        assert committed == fresh, path.name
        assert (TEMPLATES / path.name).read_bytes() == path.read_bytes(), path.name


def test_templates_are_made_over_those_of_an_earlier_version(tmp_path):
    (old := write_templates(tmp_path)[0]).write_bytes(b"an earlier version")
    assert write_templates(tmp_path)[0].read_bytes() == (TEMPLATES / old.name).read_bytes()


def test_the_cell_to_answer_in_is_on_a_telephones_screen(form):
    sheet = form.worksheets[0]
    pixels = {letter: 7 * sheet.column_dimensions[letter].width + 5 for letter in "BCD"}
    rows = 26  # pixels of the numbers of the rows
    assert rows + pixels["B"] + pixels["C"] < 350, "at 100%, something yellow is in sight"
    assert 0.8 * (rows + sum(pixels.values())) <= 390, "all of it at 80%"
    assert sheet.row_dimensions[1].height + sheet.row_dimensions[2].height < 60, "what stays in sight is small"


def test_a_sentence_fits_in_the_room_for_action_points(form):
    sheet = form.worksheets[0]
    rooms = {form.defined_names[f"action_{step}"].attr_text.rpartition("!")[2].replace("$", "") for step in range(1, 6)}
    merged = {str(area.start_cell.coordinate): area for area in sheet.merged_cells.ranges}
    for room in rooms:
        assert room.startswith("D"), "Enter goes down through the answers and the rooms"
        columns = [letter for letter in "DEF" if f"{letter}{room[1:]}" in merged[room]]
        assert sum(sheet.column_dimensions[letter].width for letter in columns) > 40
        assert sheet.row_dimensions[int(room[1:])].height >= 4 * 14, "four lines"


@pytest.mark.office
def test_the_form_fits_four_a4_pages(form, tmp_path, soffice):
    form.save(tmp_path / "form.xlsx")
    _to_pdf(soffice, tmp_path)
    pdf = (tmp_path / "form.pdf").read_bytes()
    assert pdf.count(b"/Type/Page\n") + pdf.count(b"/Type/Page/") + pdf.count(b"/Type /Page\n") == 4
    assert b"595" in pdf, "A4 is 595 points wide"


def _to_pdf(soffice: str, folder: Path) -> None:
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        soffice,
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
        str(folder / "form.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)


def test_saved_again_by_openpyxl_a_form_is_still_a_form(checklist):
    saved = io.BytesIO()
    load_workbook(io.BytesIO(filled(all_answers()))).save(saved)
    assert read_form(saved.getvalue(), checklist).answers == dict.fromkeys(checklist.item_ids, 2)
