"""A table as a file: texts stay texts, numbers are numbers, and the same table gives the same bytes."""

import csv
import io

import pytest
from docx import Document
from openpyxl import load_workbook

from toolkit.core.errors import ToolkitError
from toolkit.core.text_table import TextTable

TABLE = TextTable("Niveau & <meer>", ("Stap", "n"), (("=1+1", "12"), ("0612\u202e", "007"), ("50% _a_", "")))


def test_in_excel_texts_are_text_and_whole_numbers_are_numbers(tmp_path):
    sheet = load_workbook(TABLE.save(tmp_path / "t.xlsx")).worksheets[0]
    assert [cell.value for cell in sheet[2]] == ["=1+1", 12]
    assert (sheet["A2"].data_type, sheet["B2"].data_type) == ("s", "n")
    assert sheet["B3"].value == "007", "a code that starts with a zero is not a number"


def test_in_word_every_text_is_in_its_cell(tmp_path):
    (table,) = Document(str(TABLE.save(tmp_path / "t.docx"))).tables
    assert [cell.text for cell in table.rows[0].cells] == ["Stap", "n"]
    assert table.rows[1].cells[0].text == "=1+1"
    assert len(table.rows) == 4


def test_in_csv_nothing_is_a_formula_and_excel_opens_it(tmp_path):
    data = TABLE.save(tmp_path / "t.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == ["'=1+1", "12"]


def test_in_latex_signs_of_its_own_are_letters(tmp_path):
    text = TABLE.save(tmp_path / "t.tex").read_text(encoding="utf-8")
    assert r"\caption{Niveau \& <meer>}" in text
    assert r"50\% \_a\_ &  \\" in text


@pytest.mark.parametrize("kind", ["xlsx", "docx", "csv", "tex"])
def test_the_same_table_gives_the_same_bytes(kind, tmp_path):
    assert TABLE.save(tmp_path / f"a.{kind}").read_bytes() == TABLE.save(tmp_path / f"b.{kind}").read_bytes()


def test_another_ending_is_answered_with_those_that_can_be(tmp_path):
    with pytest.raises(ToolkitError, match=r"\.xlsx, \.docx, \.tex, \.csv"):
        TABLE.save(tmp_path / "t.odt")


def test_in_word_a_column_of_sentences_is_the_widest(tmp_path):
    sentence = "Van de 6 leraren antwoorden er gemiddeld 3 hetzelfde als de directie."
    path = TextTable("", ("Stap", "Hetzelfde", "In woorden"), (("1", "50%", sentence),)).save(tmp_path / "t.docx")
    narrow, other, wide = (cell.width for cell in Document(path).tables[0].rows[0].cells)
    assert wide > 2 * max(narrow, other)


def test_a_column_of_sentences_is_broken_into_lines_in_latex():
    table = TextTable("", ("Stap", "In woorden"), (("1", "Een zin die te lang is voor een regel van een artikel."),))
    assert r"\begin{tabular}{lp{0.4\linewidth}}" in table.to_latex()
