"""A form with three columns Ja, Beetje, Nee and a cross, as the publication prints it, is read like our own."""

import io
from collections.abc import Callable

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

import toolkit as tk
from toolkit.forms.form_reader import read_form

CHECKLIST = tk.load_instrument()
HEAD = ["Nr", "Uitspraak", "Ja", "Beetje", "Nee"]
COLUMNS = {2: 3, 1: 4, 0: 5}
PLANTED = {item: index % 3 for index, item in enumerate(CHECKLIST.item_ids)}


def crossed(edit: Callable[[Worksheet], None] = lambda sheet: None, repeat: bool = False, mark: str = "x") -> bytes:
    """A sheet with the statements and a cross in the column of each answer; `repeat` heads every step again."""
    book, saved = Workbook(), io.BytesIO()
    sheet = book.active
    for row in (
        ["Samenwerken met ouders"],
        ["", "School", "99AA00"],
        ["", "Schooljaar", "2025-2026"],
        ["", "Rol", "Leraar"],
    ):
        sheet.append(row)
    sheet.append(HEAD)
    for step in CHECKLIST.steps:
        if repeat and step.number > 1:
            sheet.append(HEAD)
        for item in step.items:
            sheet.append([item.id, item.statement["nl"]])
            sheet.cell(sheet.max_row, COLUMNS[PLANTED[item.id]], mark)
    edit(sheet)
    book.save(saved)
    return saved.getvalue()


def test_the_column_of_the_cross_is_the_answer():
    for data in (crossed(), crossed(repeat=True), crossed(mark="X"), crossed(mark="✓")):
        form = read_form(data, CHECKLIST)
        assert form.answers == PLANTED
        assert [problem.code for problem in form.problems] in ([], ["no_role"])


def test_two_crosses_are_asked_about_and_none_is_no_answer():
    def edit(sheet: Worksheet) -> None:
        sheet.cell(6, 3, "x"), sheet.cell(6, 4, "x")
        for column in (3, 4, 5):
            sheet.cell(7, column).value = None

    form = read_form(crossed(edit), CHECKLIST)
    assert "1.1" not in form.answers
    assert "1.2" not in form.answers
    assert len(form.answers) == 31
    (problem,) = [problem for problem in form.problems if problem.item]
    assert (problem.code, problem.item, problem.found) == ("unclear_answer", "1.1", "Ja / Beetje / Nee")


def test_a_word_beside_a_cross_is_reported():
    form = read_form(crossed(lambda sheet: sheet.cell(8, 6, "soms")), CHECKLIST)
    assert form.answers == PLANTED
    assert [(problem.code, problem.item) for problem in form.problems if problem.item] == [("beside", "1.3")]
