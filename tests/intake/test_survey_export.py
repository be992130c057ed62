"""Exports of other survey tools: columns found by id or by statement, who filled in stays outside."""

import csv
import io

import pandas as pd
import pytest
from openpyxl import load_workbook

import toolkit as tk
from tests.intake.test_folder import write_file
from tests.support.forms import all_answers, filled
from toolkit.core.errors import FolderError, ToolkitError

CHECKLIST = tk.load_instrument()
CANARY = "Kanarie Jansen"
WORDS = ("Nee", "Beetje", "Ja")
PLANTED = [[(item + person) % 3 for item in range(33)] for person in range(4)]


def statement(item):
    return item.statement["nl"]


STAFF = ["id", "submitdate", "firstname", "lastname", "email"]
TOOLS = {
    "MS Forms in Dutch": (["Id", "Begintijd", "Tijd van voltooien", "E-mail", "Naam"], lambda i: statement(i)),
    "MS Forms in English": (["ID", "Start time", "Email", "Name"], lambda i: f"{i.id} {statement(i)}"),
    "Google Forms": (["Timestamp", "Email Address"], lambda i: f"Checklist stap {i.id[0]} [{statement(i)}]"),
    "LimeSurvey, codes": (STAFF, lambda i: f"Q{i.id.replace('.', '_')}"),
    "LimeSurvey, texts": (["Antwoord ID", "Voornaam", "E-mailadres"], lambda i: f"{i.id}. {statement(i)}"),
}  # fmt: skip


def export(tool, about=("School", "Schooljaar", "Rol"), metadata=("12AB00", "2025-2026", "Leraar"), more_columns=()):
    added, heading = TOOLS[tool]
    rows = [[*added, *about, *(heading(item) for item in CHECKLIST.items), "Actiepunten bij stap 2", *more_columns]]
    for answers in PLANTED:
        rows.append(
            [
                *[CANARY] * len(added),
                *metadata,
                *(WORDS[a] for a in answers),
                "Ouders bellen",
                *["x"] * len(more_columns),
            ]
        )
    return rows


def as_csv(rows, separator):
    written = io.StringIO()
    csv.writer(written, delimiter=separator).writerows(rows)
    return written.getvalue().encode("utf-8-sig")


def as_xlsx(rows):
    saved = io.BytesIO()
    pd.DataFrame(rows).to_excel(saved, header=False, index=False, engine="openpyxl")
    return saved.getvalue()


def planted(intake):
    return intake.responses[CHECKLIST.item_ids].astype(int).to_numpy().tolist()


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("form", ["xlsx", ";", ","])
def test_an_export_gives_the_answers_and_no_person(tool, form, tmp_path):
    rows = export(tool)
    data = as_xlsx(rows) if form == "xlsx" else as_csv(rows, form)
    intake = tk.read_export(write_file(tmp_path, f"export.{'xlsx' if form == 'xlsx' else 'csv'}", data), CHECKLIST)
    assert planted(intake) == PLANTED
    assert intake.problems.empty, intake.problems["message"].tolist()
    assert intake.files.to_dict("records")[0] | {"detail": ""} == {
        "file": intake.files["file"][0], "status": "read", "school": "12AB00", "wave": "2025-2026", "role": "teacher",
        "answered": 132, "detail": "",
    }  # fmt: skip
    assert set(intake.responses["role"]) == {"teacher"}
    assert intake.actions["text"].tolist() == ["Ouders bellen"] * 4
    assert intake.responses["respondent"].is_unique
    for table in (intake.responses, intake.actions, intake.problems, intake.files, intake.schools):
        assert CANARY not in table.to_csv()


def test_what_matches_nothing_is_named_and_so_is_what_is_missing(tmp_path):
    rows = [row[:-2] + row[-1:] for row in export("MS Forms in Dutch", more_columns=["Lievelingskleur"])]
    rows = [row[:8] + row[9:] for row in rows]  # the column of 1.1
    intake = tk.read_export(write_file(tmp_path, "a.csv", as_csv(rows, ";")), CHECKLIST)
    assert set(zip(intake.problems["code"], intake.problems["item"].fillna(""), strict=True)) == {
        ("unmatched_column", ""), ("item_not_found", "1.1"),
    }  # fmt: skip
    assert "Lievelingskleur" in intake.problems["message"].str.cat()
    assert intake.counts()["read-with-problems"] == len(intake.files) == 1


def test_a_rewritten_statement_and_an_unclear_answer_are_not_counted(tmp_path):
    rows = export("MS Forms in English")
    first = rows[0].index(next(h for h in rows[0] if h.startswith("1.1 ")))
    rows[0][first] = "1.1 Wij vinden dat alles hier heel goed gaat."
    rows[2][first + 1] = "Ja, soms"
    intake = tk.read_export(write_file(tmp_path, "a.csv", as_csv(rows, ",")), CHECKLIST)
    assert intake.responses["1.1"].isna().all()
    assert intake.responses["1.2"].isna().tolist() == [False, True, False, False]
    assert sorted(intake.problems["code"]) == ["changed_statement", "item_not_found", "unclear_answer"]
    assert intake.problems.set_index("code").loc["unclear_answer", "cell"].endswith("3")


def test_school_year_and_role_can_be_given_for_all(tmp_path):
    rows = export("Google Forms", about=(), metadata=())
    path = write_file(tmp_path, "a.csv", as_csv(rows, ","))
    assert {"no_school", "no_wave", "no_role"} == set(tk.read_export(path, CHECKLIST).problems["code"])
    intake = tk.read_export(path, CHECKLIST, school="12ab00", wave="2025-2026", role="care")
    assert intake.problems.empty
    assert set(intake.responses["school"]) == {"12AB00"}


@pytest.mark.parametrize("data", [b"", b"\0\1\2", b"PK\3\4x", b"naam;adres\nJan;Straat\n"])
def test_what_is_no_export_is_refused(data, tmp_path):
    intake = tk.read_export(write_file(tmp_path, "a.csv", data), CHECKLIST)
    assert intake.counts()["refused"] == 1
    assert intake.responses.empty


def test_an_export_that_is_not_there_is_said(tmp_path):
    with pytest.raises(FolderError, match="export"):
        tk.read_export(tmp_path / "weg.csv")


def as_text(rows, encoding, separator=";", before=""):
    return before.encode() + as_csv(rows, separator).decode("utf-8-sig").encode(encoding)


@pytest.mark.parametrize(
    "data",
    [
        as_text(export("MS Forms in Dutch"), "utf-16", "\t"),
        as_text(export("MS Forms in Dutch"), "utf-16-le"),
        as_text(export("MS Forms in Dutch"), "cp1252"),
        as_text(export("MS Forms in Dutch"), "utf-8", before="sep=;\r\n"),
        as_text([["Resultaten"], [], *export("MS Forms in Dutch")], "utf-8"),
        as_text([export("MS Forms in Dutch")[0], *export("MS Forms in Dutch")], "utf-8", "|"),
    ],
    ids=["utf-16", "utf-16 without its mark", "Windows", "sep=", "a title above", "headings twice"],
)
def test_an_export_is_read_however_it_was_saved(data, tmp_path):
    intake = tk.read_export(write_file(tmp_path, "a.csv", data), CHECKLIST)
    assert planted(intake) == PLANTED
    assert intake.problems.empty


def changed(edit):
    book, saved = load_workbook(io.BytesIO(as_xlsx(export("MS Forms in Dutch")))), io.BytesIO()
    edit(book.worksheets[0])
    book.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize(
    ("edit", "codes", "blank"),
    [
        (lambda sheet: sheet.__setitem__("I2", '="Ja"'), ["formula_without_value"], 1),
        (lambda sheet: sheet.merge_cells("I2:I4"), ["merged_answer", "merged_answer"], 2),
        (lambda sheet: sheet.parent.copy_worksheet(sheet), ["unread_sheet"], 0),
        (lambda sheet: sheet.parent.create_sheet("Toelichting", 0).append(["Van wie?"]), [], 0),
    ],
)
def test_what_is_odd_in_a_workbook_of_answers_is_said(edit, codes, blank, tmp_path):
    intake = tk.read_export(write_file(tmp_path, "a.xlsx", changed(edit)), CHECKLIST)
    assert intake.problems["code"].tolist() == codes
    assert intake.responses["1.1"].isna().sum() == blank


def test_the_same_row_twice_is_said_where_a_number_tells_respondents_apart(tmp_path):
    rows = export("MS Forms in Dutch")
    for number, row in enumerate(rows[1:], start=1):
        row[0] = str(number)
    intake = tk.read_export(write_file(tmp_path, "a.csv", as_csv([*rows, rows[2]], ";")), CHECKLIST)
    assert intake.problems[["code", "found"]].to_numpy().tolist() == [["same_row", "3"]]
    assert len(intake.responses) == 5


def test_a_form_or_a_list_of_pupils_is_no_export(tmp_path):
    for data, code in (
        (filled(all_answers()), "statements_in_rows"),
        (b"Naam;Geboortedatum\nJan;2015\n", "class_list"),
    ):
        assert tk.read_export(write_file(tmp_path, "a.csv", data), CHECKLIST).problems["code"].tolist() == [code]


def test_a_year_or_role_that_is_none_is_an_error_and_a_word_for_a_role_will_do(tmp_path):
    path = write_file(tmp_path, "a.csv", as_csv(export("Google Forms", about=(), metadata=()), ","))
    for wrong in ({"wave": "vorig jaar"}, {"role": "conciërge"}):
        with pytest.raises(ToolkitError, match="geen"):
            tk.read_export(path, CHECKLIST, **wrong)
    assert set(tk.read_export(path, CHECKLIST, role="leerkracht").responses["role"]) == {"teacher"}


def test_messages_of_an_export_do_not_come_before_those_of_a_form_that_does_not_count(tmp_path):
    rows = export("LimeSurvey, texts")
    rows[1][rows[0].index("School")] = "34CD00"  # two schools: the row of the file has none
    rows[1][-2] = "?"
    write_file(tmp_path, "a-export.csv", as_csv(rows, ";"))
    write_file(tmp_path, "z-form.xlsx", filled(all_answers(), school=""))
    intake = tk.read_folder(tmp_path, CHECKLIST)
    files = [row[0] for row in intake.problem_table().rows]
    assert {"a-export.csv", "z-form.xlsx"} <= set(files)
    assert files[0] == "z-form.xlsx"
    assert pd.isna(intake.files.set_index("file").loc["a-export.csv", "school"])
