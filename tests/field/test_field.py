"""Exports, tables, lists of schools and folders as people really send them: each kind with siblings."""

import csv
import io
import json
import struct
import zipfile
from datetime import UTC, datetime

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

import toolkit as tk
from tests.corpus.binary_builders import members, ods, pack, record, xls
from tests.field.check import CHECKLIST, ITEMS, answers, planted
from tests.support.forms import all_answers, edited, filled, template
from toolkit.cli import main
from toolkit.core.errors import RegisterWarning, ToolkitError
from toolkit.forms.keys import about_key, item_key
from toolkit.forms.personal_forms import write_forms
from toolkit.forms.template import fill_form

WORDS = ("Nee", "Beetje", "Ja")
STATEMENTS = [item.statement["nl"] for item in CHECKLIST.items]
LABELS = [item.label["nl"] for item in CHECKLIST.items]
SIX = [planted(number) for number in range(6)]
NONE = [[None] * 33] * 6


def rows(headings=STATEMENTS, before=("School", "Schooljaar", "Rol"), metadata=("99AA00", "2025-2026", "Leerkracht")):
    """A row of headings, and six respondents with the planted answers."""
    people = [[*metadata, *(WORDS[value] for value in planted(number))] for number in range(6)]
    return [[*before, *headings], *people]


def as_csv(table, delimiter=";", encoding="utf-8-sig"):
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(table)
    return written.getvalue().encode(encoding)


def as_xlsx(table, edit=lambda sheet: None):
    book, saved = Workbook(), io.BytesIO()
    for row in table:
        book.active.append(row)
    edit(book.active)
    book.save(saved)
    return saved.getvalue()


def read_export_file(tmp_path, data, name="export.csv", **options):
    """Read an export by itself; in a folder it comes out the same."""
    folder = tmp_path / "in"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    intake = tk.read_export(folder / name, CHECKLIST, **options)
    places = {name: value for name, value in options.items() if name in ("school", "wave", "role")}
    if options.keys() == places.keys():
        alternative = tk.read_folder(folder, CHECKLIST, **places)
        pd.testing.assert_frame_equal(intake.responses, alternative.responses)
        pd.testing.assert_frame_equal(intake.problems, alternative.problems)
    return intake


def codes(intake):
    return sorted(intake.problems["code"])


# ---------------------------------------------------------------- headings


def in_matrix(first, per_step=(3, 7, 8, 7, 8)):
    return [f"Q{first + step}_{number}" for step, n in enumerate(per_step) for number in range(1, n + 1)]


@pytest.mark.parametrize(
    "headings",
    [
        in_matrix(3),
        in_matrix(2),
        [f"{4 + number // 10}.{1 + number % 10}" for number in range(33)],
        [f"Vraag {1 + number % 5}.{1 + number // 5}" for number in range(33)],
        in_matrix(1, (8, 7, 8, 7, 3)),
        [f"{number}" for number in range(1, 34)],
        [f"Vraag {number}" for number in range(4, 37)],
        [f"QID{name[1:]}" for name in in_matrix(2)],
        [f"G01Q{number:02}[SQ001]" for number in range(33)],
        [f"{item[0]}{chr(96 + int(item[2:]))}" for item in ITEMS],
    ],
)
def test_question_numbers_of_a_tool_are_no_statement_numbers(headings, tmp_path):
    intake = read_export_file(tmp_path, as_csv(rows(headings)))
    assert intake.responses.empty
    assert codes(intake) == ["question_numbers"]
    assert "--show-columns" in intake.problems["message"][0]
    mapping = dict(zip(headings, ITEMS, strict=True))
    assert answers(read_export_file(tmp_path, as_csv(rows(headings)), columns=mapping)) == SIX


@pytest.mark.parametrize(
    "form", ["{}", "Q{}", "Vraag {}", "Uitspraak {}:", "item_{}", "v{}", "stelling {}.", "s{}", "X{}", "groep_a/s{}"]
)
@pytest.mark.parametrize("sign", [".", "_", "-", ",", " – "])
def test_the_checklists_own_numbers_are(form, sign, tmp_path):
    intake = read_export_file(tmp_path, as_csv(rows([form.format(item.replace(".", sign)) for item in ITEMS])))
    assert answers(intake) == SIX
    assert codes(intake) == []


def test_one_column_too_few_still_fits_and_a_number_beside_another_statement_counts_for_nothing(tmp_path):
    table = [row[:-1] for row in rows([f"Q{item}" for item in ITEMS])]
    intake = read_export_file(tmp_path, as_csv(table))
    assert answers(intake) == [[*row[:-1], None] for row in SIX]
    assert codes(intake) == ["item_not_found"]
    crossed = [f"{ITEMS[(at + 1) % 33]} {statement}" for at, statement in enumerate(STATEMENTS)]
    assert answers(read_export_file(tmp_path, as_csv(rows(crossed)))) == SIX, "the text decides"


@pytest.mark.parametrize(
    "change",
    [
        lambda n, text: f"{n}. {text}",
        lambda n, text: f"{n}) {text}",
        lambda n, text: f"<p>{text}</p>",
        lambda n, text: f"<p><strong>{n}.</strong>&nbsp;{text}</p>",
        lambda n, text: f"[{text}]",
        lambda n, text: f"Stap {1 + n // 8} [{text}]",
        lambda n, text: f"Hoe is het bij u op school? - {text}",
        lambda n, text: f"G01Q{n:02d}. {text}",
        lambda n, text: f"Stap 2: afspraken > {text}",
        lambda n, text: f"  {text.upper()} ",
        lambda n, text: text.rstrip(".") + "2",
        lambda n, text: f"Stap {1 + n // 8}, stelling {n}: {text}",
        lambda n, text: text[:50],
        lambda n, text: f"{text[:90]}...",
    ],
)
def test_a_statement_is_found_whatever_the_tool_puts_around_it(change, tmp_path):
    intake = read_export_file(tmp_path, as_csv(rows([change(n, text) for n, text in enumerate(STATEMENTS, start=1)])))
    assert answers(intake) == SIX
    assert codes(intake) == []


@pytest.mark.parametrize("sign", ["Punten - {}", "Feedback - {}", "Points - {}"])
def test_columns_of_a_quiz_are_passed_over(sign, tmp_path):
    table = rows([*STATEMENTS, *(sign.format(text) for text in STATEMENTS), "Totaalaantal punten", "Quizfeedback"])
    table = [table[0], *([*row, *["0"] * 33, "12", ""] for row in table[1:])]
    intake = read_export_file(tmp_path, as_csv(table))
    assert answers(intake) == SIX
    assert codes(intake) == []


def test_a_column_for_remarks_beside_a_statement_is_no_answer(tmp_path):
    table = rows([*STATEMENTS, f"{STATEMENTS[0]} [Opmerking]", f"Toelichting: {STATEMENTS[1]}"])
    intake = read_export_file(tmp_path, as_csv([table[0], *([*row, "Ja", "Nee"] for row in table[1:])]))
    assert answers(intake) == SIX
    assert codes(intake) == ["unmatched_column", "unmatched_column"]


@pytest.mark.parametrize(
    "titles",
    [
        ("Op welke school werkt u?", "Welk schooljaar is het?", "Wat is uw rol op school?"),
        ("Vestiging (BRIN)", "Schooljaar", "Ik ben"),
        ("1. Voor welke school vult u deze vragenlijst in?", "2. Schooljaar", "3. Wie vult dit in?"),
        ("Schoolcode", "Schooljaar", "Ik vul deze lijst in als..."),
        ("Naam van uw school", "In welk schooljaar vult u deze vragenlijst in?", "Wat is je functie binnen de school?"),
        ("Bij welke school werk je? (BRIN-code)", "Voor welk meetmoment is dit?", "Mijn rol:"),
        ("Which school do you work at?", "What school year is it?", "What is your role?"),
        ("Schoolcode", "Schooljaar", "Functie"),
        ("G00Q01. Op welke school werkt u?", "G00Q02. Welk schooljaar?", "G00Q03. Wat is uw rol?"),
    ],
)
def test_school_year_and_role_are_found_as_people_ask_for_them(titles, tmp_path):
    other_questions = (
        "Hoe lang werkt u al op deze school?",
        "Wat vindt u van het schooljaar tot nu toe?",
        "Hoe oud bent u?",
    )
    table = rows(before=(*other_questions, *titles), metadata=("5 jaar", "Mooi", "40", "99AA00", "2025-2026", "IB'er"))
    intake = read_export_file(tmp_path, as_csv(table))
    assert answers(intake) == SIX
    assert intake.responses[["school", "wave", "role"]].drop_duplicates().to_numpy().tolist() == [
        ["99AA00", "2025-2026", "care"]
    ]
    assert set(codes(intake)) == {"unmatched_column"}


def qualtrics():
    table = rows(before=("Start Date", "School", "Schooljaar", "Rol"), metadata=("x", "99AA00", "2025-2026", "Leraar"))
    names = ["StartDate", "Q1", "Q2", "Q3", *in_matrix(4)]
    return [names, table[0], [json.dumps({"ImportId": name}) for name in names], *table[1:]]


def survey_monkey():
    table = rows(["Eens?", *[""] * 32], ("Respondent ID", "School", "Schooljaar", "Rol"))
    people = [[str(number), *row] for number, row in enumerate(table[1:])]
    return [table[0], ["", "Open-Ended Response", "Response", "Response", *STATEMENTS], *people]


def titles_above():
    return [["Resultaten checklist"], ["bijgewerkt 1-3-2026"], *rows()]


@pytest.mark.parametrize(
    "table", [qualtrics(), survey_monkey(), titles_above()], ids=["Qualtrics", "SurveyMonkey", "titles"]
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_two_and_three_rows_of_headings_are_read(table, form, tmp_path):
    intake = read_export_file(tmp_path, as_csv(table) if form == "csv" else as_xlsx(table), f"export.{form}")
    assert answers(intake) == SIX
    assert set(intake.responses["school"]) == {"99AA00"}
    assert codes(intake) == []


@pytest.mark.parametrize(
    "numbered", [lambda text, k: text, lambda text, k: f"{text}{k or ''}", lambda text, k: f"{k}. {text}"]
)
def test_a_section_for_each_role_is_one_answer_per_respondent(numbered, tmp_path):
    headings = [numbered(text, section and section + 1) for section in range(3) for text in STATEMENTS]
    table = [["School", "Schooljaar", "Rol", *headings]]
    for number, answered in enumerate(SIX):
        sections = [[WORDS[value] for value in answered] if number % 3 == at else [""] * 33 for at in range(3)]
        role = ("Directie", "Leerkracht", "IB")[number % 3]
        table.append(["99AA00", "2025-2026", role, *(cell for section in sections for cell in section)])
    intake = read_export_file(tmp_path, as_csv(table))
    assert answers(intake) == SIX
    assert codes(intake) == []
    assert intake.responses["role"].tolist() == ["director", "teacher", "care"] * 2
    table[1][3 + 33] = "Ja"
    intake = read_export_file(tmp_path, as_csv(table))
    assert intake.responses["1.1"].isna().tolist() == [True, *[False] * 5]
    assert codes(intake) == ["answered_twice"]


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize(
    "labels",
    [("A1", "A2", "A3"), ("A", "B", "C"), ("1", "2", "3"), ("AO01", "AO02", "AO03"), ("eens", "soms", "oneens")],
)
def test_answer_codes_give_one_message(labels, tmp_path):
    table = [
        row if number == 0 else [*row[:3], *(labels[WORDS.index(cell)] for cell in row[3:])]
        for number, row in enumerate(rows())
    ]
    intake = read_export_file(tmp_path, as_csv(table))
    assert intake.responses.empty
    assert codes(intake) == ["answer_codes"]
    assert "Exporteer" in intake.problems["message"][0]
    meanings = dict(zip(labels, WORDS, strict=True))
    assert answers(read_export_file(tmp_path, as_csv(table), answers=meanings)) == SIX


@pytest.mark.parametrize("marks", [("Ja", "Beetje", "Nee"), ("x", "x", "x"), ("1", "1", "1")])
@pytest.mark.parametrize("empty", ["", "0"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_column_for_each_answer_is_refused_in_one_message(marks, empty, form, tmp_path):
    table = [
        ["School", "Schooljaar", "Rol", *(cell for text in STATEMENTS for cell in (text, "", ""))],
        ["", "", "", *["Ja", "Beetje", "Nee"] * 33],
    ]
    for answered in SIX:
        cells = [mark if value == 2 - at else empty for value in answered for at, mark in enumerate(marks)]
        table.append(["99AA00", "2025-2026", "Leraar", *cells])
    intake = read_export_file(tmp_path, as_csv(table) if form == "csv" else as_xlsx(table), f"export.{form}")
    assert intake.responses.empty
    assert codes(intake) == ["column_per_answer"]


@pytest.mark.parametrize("headings", [STATEMENTS, ITEMS])
@pytest.mark.parametrize("between", [[], [[]], [["Tweede groep"]]])
def test_a_second_table_with_its_columns_in_another_order_is_refused_with_its_cell(headings, between, tmp_path):
    first, second = rows(headings), [[*row[:3], *reversed(row[3:])] for row in rows(headings)]
    intake = read_export_file(tmp_path, as_xlsx([*first, *between, *second]), "export.xlsx")
    assert intake.responses.empty
    assert intake.problems[["code", "cell"]].to_numpy().tolist() == [["second_table", f"A{8 + len(between)}"]]


COUNTS = [["", "", "", *[2] * 33], ["", "", "", *["Ja / Beetje / Nee"] * 33], ["", "", "", *["67%"] * 33],
          ["Gem.", "", "", *[1] * 33], ["Tot.", "", "", *[2] * 33], ["Modus", "", "", *[0] * 33]]  # fmt: skip


@pytest.mark.parametrize("row", COUNTS)
def test_a_row_of_counts_or_an_instruction_is_no_respondent_and_is_named(row, tmp_path):
    table = [[WORDS.index(cell) if cell in WORDS else cell for cell in respondent] for respondent in rows()]
    intake = read_export_file(tmp_path, as_xlsx([*table, row]), "tabel.xlsx")
    assert answers(intake) == SIX
    assert sorted(codes(intake)) == ["answers_decoded", "no_respondent"]


@pytest.mark.parametrize("table", [[rows()[0], ["", "", "", *ITEMS], *rows()[1:]], [["", "", "", *ITEMS], *rows()]])
def test_numbers_above_or_below_the_statements_are_headings(table, tmp_path):
    intake = read_export_file(tmp_path, as_csv(table))
    assert answers(intake) == SIX
    assert codes(intake) == []


def test_a_row_for_each_answer_is_no_form_of_one_person(tmp_path):
    facts = ("99AA00", "2025-2026", "Leraar")
    table = [["School", "Schooljaar", "Rol", "Uitspraak", "Antwoord"]]
    table += [[*facts, text, WORDS[row[at]]] for row in SIX for at, text in enumerate(STATEMENTS)]
    write_bytes(tmp_path, as_xlsx(table), "lang.xlsx")
    assert codes(tk.read_folder(tmp_path)) == ["statements_in_rows"]


def unquoted(table, delimiter=";", numbered=False):
    lines = [delimiter.join([str(at), *row] if numbered and at else row) for at, row in enumerate(table)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    "data",
    [
        unquoted(rows(), ","),
        unquoted(rows(), ";"),
        unquoted(rows(ITEMS), ";", numbered=True),
        unquoted(rows(ITEMS), "\t", numbered=True),
    ],
    ids=["commas in statements", "semicolons in statements", "row names without a heading", "the same with tabs"],
)
def test_lines_with_another_number_of_cells_than_headings_are_no_answers(data, tmp_path):
    intake = read_export_file(tmp_path, data)
    assert intake.responses.empty
    assert codes(intake) == ["row_width"]
    assert intake.problems["cell"][0] == "A2"


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.replace(";", ";of;", 1),
        lambda line: line.partition(";")[2],
        lambda line: f"{line};goed; druk",
    ],
    ids=["a separator in the school", "a cell missing", "a separator in a remark"],
)
def test_of_one_shifted_line_nothing_is_read_and_its_cell_is_named(change, tmp_path):
    head, *lines = as_csv(rows([*ITEMS])).decode("utf-8-sig").splitlines()
    lines = [f"{change(line) if at == 3 else line}" for at, line in enumerate(lines)]
    intake = read_export_file(tmp_path, "\n".join([head, *lines]).encode())
    assert answers(intake) == [*SIX[:3], *SIX[4:]]
    assert intake.problems[["code", "cell"]].to_numpy().tolist() == [["row_width", "A5"]]


@pytest.mark.parametrize(
    "after", [{}, {"Opmerking": "goed"}, {"Opmerking": "", "Tijd": ""}, {"Actiepunt stap 1": "bel"}]
)
@pytest.mark.parametrize("change", ["insert", "repeat", "drop", "join"])
def test_one_cell_more_or_fewer_at_any_place_moves_no_answer_to_another_statement(change, after, tmp_path):
    for at in (1, 20):
        (head, *people) = rows([*ITEMS], before=("Id", "School", "Rol"), metadata=("7", "99AA00", "Leraar"))
        for number, row in enumerate(people):
            row += after.values()
            row[0] = str(number)
            cell, following = row[at], row[at + 1 : at + 2]
            changes = {"insert": ["", cell], "repeat": [cell, cell], "drop": [], "join": [" ".join([cell, *following])]}
            row[at : at + 1 + (change == "join")] = changes[change]
        intake = read_export_file(tmp_path, unquoted([[*head, *after], *people]), wave="2025-2026")
        assert all(value in (None, SIX[n][m]) for n, row in enumerate(answers(intake)) for m, value in enumerate(row))
        assert len(intake.responses) == 6 or "row_width" in codes(intake)


@pytest.mark.parametrize("separators", [("", ";;;"), (";", ""), (";Opmerking", ""), (";Opmerking", ";goed;;")])
def test_separators_without_anything_after_the_last_answer_change_nothing(separators, tmp_path):
    head, *lines = as_csv(rows()).decode("utf-8-sig").splitlines()
    data = "\n".join([head + separators[0], *(line + separators[1] for line in lines)])
    assert answers(read_export_file(tmp_path, data.encode())) == SIX


def test_what_somebody_wants_to_improve_is_an_action_point_however_it_is_asked(tmp_path):
    titles = ["Wat wilt u verbeteren bij stap 1?", "Stap 2: verbeterpunten", "Actiepunten stap 3"]
    table = [row + (titles if at == 0 else ["Bellen"] * 3) for at, row in enumerate(rows())]
    intake = read_export_file(tmp_path, as_csv(table))
    assert answers(intake) == SIX
    assert sorted(set(intake.actions["step"])) == [1, 2, 3]
    assert codes(intake) == []


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_own_export_in_which_everybody_says_the_same_is_read_back(ending, tmp_path):
    (tmp_path / "in").mkdir()
    write_bytes(tmp_path / "in", filled(all_answers()), "a.xlsx")
    tk.export(tk.read_folder(tmp_path / "in"), tmp_path / f"e.{ending}")
    assert answers(tk.read_export(tmp_path / f"e.{ending}")) == [[2] * 33]


@pytest.mark.parametrize("labels", [("N", "B", "J"), ("n.", "b.", "j."), ("0", "1", "2"), (0, 1, 2), ("N", "P", "Y")])
@pytest.mark.parametrize(
    "headings",
    [[f"Vraag {item}" for item in ITEMS], ITEMS, STATEMENTS, LABELS, [*map(" ".join, zip(ITEMS, LABELS, strict=True))]],
)
def test_the_secretarys_table_is_read_and_says_once_how(labels, headings, tmp_path):
    table = [["Naam", "School", "Jaar", "Functie", *headings]]
    for number, answered in enumerate(SIX):
        role = ("Directeur", "Leraar", "IB")[number % 3]
        table.append([f"Persoon {number}", "99AA00", "25-26", role, *(labels[value] for value in answered)])
    intake = read_export_file(tmp_path, as_xlsx(table), "tabel.xlsx")
    assert answers(intake) == SIX
    assert codes(intake) == ["answers_decoded"]
    assert set(intake.responses["wave"]) == {"2025-2026"}
    assert "Persoon" not in intake.problems.to_csv() + intake.responses.to_csv()


@pytest.mark.parametrize("legend", ["2 = Nee, 1 = Beetje, 0 = Ja", "0: ja; 1: een beetje; 2: nee"])
@pytest.mark.parametrize("below", [True, False])
def test_what_the_table_says_of_its_numbers_decides(legend, below, tmp_path):
    table = [
        [*row[:3], *(cell if number == 0 else 2 - WORDS.index(cell) for cell in row[3:])]
        for number, row in enumerate(rows())
    ]
    table = [*table, [], [legend]] if below else [[legend], *table]
    assert answers(read_export_file(tmp_path, as_xlsx(table), "tabel.xlsx")) == SIX


def test_one_odd_answer_is_named_by_its_cell_without_advice_to_a_form_filler(tmp_path):
    table = rows()
    table[1][3] = "weet niet"
    intake = read_export_file(tmp_path, as_csv(table))
    assert codes(intake) == ["unclear_answer"]
    assert "laat de cel leeg" not in intake.problems["message"][0]
    for code in ("item_not_found", "incomplete", "no_role", "unknown_role"):
        from toolkit.core.errors import Problem
        from toolkit.core.i18n import problem_message

        message = problem_message(Problem(code), source="export")
        assert "formulier" not in message
        assert "vraag de invuller" not in message.lower()


def test_one_answer_in_words_of_the_tool_gives_one_message_and_the_other_answers_count(tmp_path):
    table = [["soms" if cell == "Beetje" else cell for cell in row] for row in rows()]
    intake = read_export_file(tmp_path, as_csv(table))
    assert answers(intake) == [[None if value == 1 else value for value in row] for row in SIX]
    assert intake.problems[["code", "found"]].to_numpy().tolist() == [["other_answers", '66 × "soms"']]
    assert answers(read_export_file(tmp_path, as_csv([["soms = Beetje, nooit = Nee"], *table]))) == SIX


@pytest.mark.parametrize("labels", ["{1} ({0})", "{0} - {1}", "{0}. {1}", "{0}.0"])
def test_an_answer_with_its_number_is_that_answer_and_it_is_said_once(labels, tmp_path):
    table = [[labels.format(WORDS.index(cell), cell) if cell in WORDS else cell for cell in row] for row in rows()]
    intake = read_export_file(tmp_path, as_csv(table))
    assert answers(intake) == SIX
    assert codes(intake) == ["answers_decoded"]


@pytest.mark.parametrize("kinds", [["text", "text", "select", *["radio"] * 33], ["Response"] * 36])
def test_a_row_with_kinds_of_questions_is_no_respondent(kinds, tmp_path):
    intake = read_export_file(tmp_path, as_csv([rows()[0], kinds, *rows()[1:]]))
    assert answers(intake) == SIX
    assert codes(intake) == []


@pytest.mark.parametrize("name", ["tabel.csv", "tabel.xlsx"])
def test_statements_below_each_other_are_no_form_of_one_person(name, tmp_path):
    table = [["Uitspraak", *(f"collega {n}" for n in range(6))]]
    table += [[text, *(WORDS[row[at]] for row in SIX)] for at, text in enumerate(STATEMENTS)]
    write_bytes(tmp_path, (as_csv if name.endswith("csv") else as_xlsx)(table), name)
    intake = tk.read_folder(tmp_path)
    assert intake.responses.empty
    assert codes(intake) == ["statements_in_rows"]


@pytest.mark.parametrize(
    "data",
    [
        as_csv(rows(), encoding="mac-roman"),
        as_csv(rows(), encoding="cp850"),
        as_csv(rows(), encoding="cp1252"),
        as_csv(rows(), encoding="utf-16-le"),
        as_csv(rows(), encoding="utf-8").decode("cp1252").encode(),
        "\n".join('"' + line.replace('"', '""') + '"' for line in as_csv(rows(), ",").decode().splitlines()).encode(),
        "\n".join(", ".join(f'"{cell}"' for cell in row) for row in rows()).encode(),
    ],
    ids=["Macintosh", "MS-DOS", "Windows", "UTF-16 without a mark", "decoded twice", "quoted lines", "spaces"],
)
def test_a_text_file_is_read_however_a_program_saved_it(data, tmp_path):
    intake = read_export_file(tmp_path, data)
    assert answers(intake) == SIX
    assert codes(intake) == []


@pytest.mark.parametrize(
    "row",
    [
        ["Totaal", "", "", *["4"] * 33],
        ["Gemiddelde"],
        ["gemaakt door de secretaresse"],
        ["Aantal Ja", "", "", *["2"] * 33],
        ["% Ja", "", "", *["33%"] * 33],
        ["Ja", "", "", *["2"] * 33],
        ["Beetje", "", "", *["2"] * 33],
        ["n = 6", "", "", *["6"] * 33],
    ],
)
def test_a_total_or_a_note_is_no_respondent(row, tmp_path):
    intake = read_export_file(tmp_path, as_csv([*rows(), row]))
    assert answers(intake) == SIX
    assert codes(intake) == ["no_respondent"]


def filtered_xlsx(hide):
    def filtered(sheet):
        sheet.auto_filter.ref = sheet.dimensions
        for row in hide:
            sheet.row_dimensions[row].hidden = True
        other_sheet = sheet.parent.create_sheet("Toelichting")
        other_sheet["A1"] = "een andere verborgen rij"
        other_sheet.row_dimensions[1].hidden = True

    return as_xlsx(rows(), filtered)


def filtered_ods(hide):
    parts = members(ods([rows()]))
    pieces = parts["content.xml"].split(b"<table:table-row>")
    for row in hide:
        pieces[row] = b'<table:table-row table:visibility="filter">' + pieces[row]
    opened = [b"" if piece.startswith(b"<table:table-row") else b"<table:table-row>" for piece in pieces]
    xml = pieces[0] + b"".join(first + piece for first, piece in zip(opened[1:], pieces[1:], strict=True))
    return pack(parts | {"content.xml": xml})


def filtered_xls(hide):
    hidden = [record(0x208, struct.pack("<HHHHHHI", row - 1, 0, 36, 0, 0, 0, 0x0120)) for row in hide]
    shown = record(0x208, struct.pack("<HHHHHHI", 0, 0, 36, 255, 0, 0, 0x0100))
    return xls([rows()], cells=shown + b"".join(hidden))


@pytest.mark.parametrize("hide", [[2, 4], [7], [2, 3, 4, 5, 6]])
@pytest.mark.parametrize("form", ["xlsx", "ods", "xls"])
def test_hidden_rows_count_and_it_is_said(form, hide, tmp_path):
    filtered = {"xlsx": filtered_xlsx, "ods": filtered_ods, "xls": filtered_xls}[form]
    intake = read_export_file(tmp_path, filtered(hide), f"export.{form}")
    assert answers(intake) == SIX
    assert intake.problems[["code", "found"]].to_numpy().tolist() == [["hidden_rows", str(len(hide))]]


def test_the_projects_own_export_is_read_back(example, tmp_path):
    for name in ("data.csv", "data.xlsx"):
        tk.export(example.intake, tmp_path / name, secret="s" * 32, school_codes=True)
        reread = tk.read_export(tmp_path / name, CHECKLIST)
        assert set(codes(reread)) <= {"no_wave", "no_role", "no_school", "incomplete"}
        keys = ["school", "wave", "role", *ITEMS]
        complete_rows = example.intake.responses.dropna(subset=["school", "wave", "role"])
        same = [
            frame[keys].astype("str").sort_values(keys).to_numpy().tolist()
            for frame in (complete_rows, reread.responses.dropna(subset=["school", "wave", "role"]))
        ]
        assert same[0] == same[1]


def test_an_own_export_beside_its_forms_does_not_count_the_same_answers_twice(tmp_path):
    folder = forms_of(tmp_path / "in", ["99AA00", "99AB00"])
    before = tk.read_folder(folder)
    tk.export(before, folder / "data.csv", secret="s" * 32, school_codes=True)
    after = tk.read_folder(folder)
    pd.testing.assert_frame_equal(before.responses, after.responses)
    assert after.problems.set_index("file")["code"]["data.csv"] == "own_export"
    export_only = tk.read_folder(folder / "data.csv")
    assert len(export_only.responses) == 2
    assert export_only.files["status"].tolist() == ["read"]


def test_a_form_with_hardly_an_answer_is_a_form_also_where_number_and_statement_share_a_cell(tmp_path):
    def merge(sheet):
        for row in sheet.iter_rows():
            if row[1].value in ITEMS:
                row[2].value, row[1].value = f"{row[1].value} {row[2].value}", None

    write_bytes(tmp_path, edited(filled({"1.1": "Ja"}), merge), "a.xlsx")
    write_bytes(tmp_path, filled({}), "b.xlsx")
    intake = tk.read_folder(tmp_path)
    assert len(intake.responses) == 2
    assert set(intake.problems["code"]) <= {"incomplete", "changed_statement", "by_key_only", "no_statement"}


@pytest.mark.parametrize("name", ["forms.zip", "export.csv", "export.xlsx"])
def test_one_zip_or_export_is_read_as_a_folder_is(name, tmp_path):
    data = {
        "forms.zip": zipped({"e.csv": as_csv(rows())}),
        "export.csv": as_csv(rows()),
        "export.xlsx": as_xlsx(rows()),
    }
    write_bytes(tmp_path, data[name], name)
    assert answers(tk.read_folder(tmp_path / name)) == SIX
    assert main(["read", str(tmp_path / name)]) == 0


@pytest.mark.parametrize("heading", ["Status", "Response Type", "DistributionChannel", "Interview State"])
@pytest.mark.parametrize("word", ["Survey Preview", "preview", "Survey Test", "Spam"])
def test_what_the_maker_tried_out_is_no_respondent_and_is_named(heading, word, tmp_path):
    table = [[heading, *rows()[0]], [word, *rows()[6]], *(["IP Address", *row] for row in rows()[1:])]
    intake = read_export_file(tmp_path, as_csv(table))
    assert answers(intake) == SIX
    assert intake.problems[["code", "cell", "found"]].to_numpy().tolist() == [["no_respondent", "A2", word]]


@pytest.mark.parametrize("headings", [STATEMENTS, ITEMS, LABELS])
@pytest.mark.parametrize("same", [True, False])
def test_two_tables_side_by_side_give_one_message(headings, same, tmp_path):
    table = rows(headings)
    beside = [table[0], *(table[1:] if same else reversed(table[1:]))]
    data = as_xlsx([[*row, "", *other] for row, other in zip(table, beside, strict=True)])
    intake = read_export_file(tmp_path, data, "export.xlsx")
    assert intake.responses.empty
    assert intake.problems[["code", "cell"]].to_numpy().tolist() == [["second_table", "AL1"]]


@pytest.mark.parametrize("words", [("Nein", "Etwas", "Ja"), ("Nee, zo is het niet", "Beetje", "Ja, zo is het")])
def test_where_most_answers_are_in_other_words_the_few_others_do_not_count_alone(words, tmp_path):
    table = [[words[WORDS.index(cell)] if cell in WORDS else cell for cell in row] for row in rows()]
    intake = read_export_file(tmp_path, as_csv(table))
    assert intake.responses.empty
    assert codes(intake) == ["answer_codes"]
    legend = [[f"{word} = {meaning}"] for word, meaning in zip(words, WORDS, strict=True)]
    assert answers(read_export_file(tmp_path, as_csv([*legend, *table]))) == SIX


def test_one_merged_cell_is_the_school_and_year_of_all_its_rows(tmp_path):
    table = [row if at < 2 else ["", "", *row[2:]] for at, row in enumerate(rows())]
    data = as_xlsx(table, lambda sheet: [sheet.merge_cells(f"{column}2:{column}7") for column in "AB"])
    intake = read_export_file(tmp_path, data, "export.xlsx")
    assert codes(intake) == []
    assert set(intake.responses["school"]) == {"99AA00"}


@pytest.mark.parametrize(
    "facts", [("School", "Schooljaar", "Rol"), ("School", "Schooljaar", "Uw rol"), ("Naam", "", "x")]
)
@pytest.mark.parametrize("headings", [STATEMENTS, ITEMS])
def test_a_column_for_each_respondent_is_no_form_of_the_first(facts, headings, tmp_path):
    turned = [list(cells) for cells in zip(*rows(headings, facts), strict=True)]
    write_bytes(tmp_path, as_xlsx(turned), "tabel.xlsx")
    write_bytes(tmp_path, as_xlsx([["Nr", "Antwoord"], *([item, "Ja"] for item in ITEMS * 2)]), "lang.xlsx")
    assert codes(tk.read_folder(tmp_path)) == ["statements_in_rows", "statements_in_rows"]


@pytest.mark.parametrize(
    "heading",
    [
        lambda step, n: datetime(2026, n, step),
        lambda step, n: f"{step}-{['jan', 'feb', 'mrt', 'apr', 'mei', 'jun', 'jul', 'aug'][n - 1]}",
        lambda step, n: f"2026-{n:02}-{step:02}",
    ],
)
def test_numbers_that_a_spreadsheet_took_for_days_are_numbers(heading, tmp_path):
    headings = [heading(*map(int, item.split("."))) for item in ITEMS]
    assert answers(read_export_file(tmp_path, as_xlsx(rows(headings)), "export.xlsx")) == SIX


@pytest.mark.parametrize("title", ["School [Anders]", "School - Other (please specify)", "Anders, namelijk"])
def test_the_school_that_is_not_in_the_list_is_in_the_next_column(title, tmp_path):
    (head, *people), other = rows(), ["", "99AB00"]
    table = [[row[0] if n % 2 == 0 else "Anders", other[n % 2], *row[1:]] for n, row in enumerate(people)]
    intake = read_export_file(tmp_path, as_csv([[head[0], title, *head[1:]], *table]))
    assert intake.responses["school"].tolist() == ["99AA00", "99AB00"] * 3
    assert codes(intake) == []


KOBO = ["start", "end", "_id", "_uuid", "_submission_time", "_validation_status", "_status", "__version__", "_index"]
REDCAP = ["record_id", "redcap_survey_identifier", "checklist_timestamp", "checklist_complete"]
TYPEFORM = ["Start Date (UTC)", "Stage Date (UTC)", "Submit Date (UTC)", "Network ID", "Tags", "Ending"]
LIME = ["Antwoord-ID", "Totale tijd", "Groepstijd: Stap 1", "Vraagtijd: G01Q01"]


@pytest.mark.parametrize("added", [KOBO, REDCAP, TYPEFORM, LIME])
def test_what_a_tool_adds_is_passed_over(added, tmp_path):
    assert (
        codes(
            read_export_file(
                tmp_path,
                as_csv([[*row, *(added if n == 0 else [str(n)] * len(added))] for n, row in enumerate(rows())]),
            )
        )
        == []
    )


def test_columns_are_shown_and_a_mapping_is_taken(tmp_path, capsys):
    path, mapping = tmp_path / "e.csv", tmp_path / "kolommen.csv"
    path.write_bytes(as_csv(rows([*in_matrix(3)])))
    assert main(["read-export", str(path), "--show-columns"]) == 0
    shown = capsys.readouterr().out
    assert 'D;"Q3_1";;number' in shown
    assert 'A;"School";school;title' in shown
    mapping.write_text(
        "\n".join(f"{heading};{item}" for heading, item in zip(in_matrix(3), ITEMS, strict=True)), encoding="utf-8"
    )
    assert main(["read-export", str(path), "--columns", str(mapping)]) == 0
    assert "6 formulieren gelezen van 1 school" in capsys.readouterr().out
    for item, heading in zip(ITEMS, in_matrix(3), strict=True):
        shown = shown.replace(f'"{heading}";;', f'"{heading}";{item};')
    mapping.write_text(shown, encoding="utf-8")
    assert main(["read-export", str(path), "--columns", str(mapping)]) == 0
    assert "6 formulieren gelezen" in capsys.readouterr().out
    with pytest.raises(ToolkitError, match=r"9\.9"):
        tk.read_export(path, CHECKLIST, columns={"Q3_1": "9.9"})


# ---------------------------------------------------------------- schools


def forms_of(folder, schools, role="Leraar"):
    """A form of each school that people typed on a blank one."""
    folder.mkdir(exist_ok=True)
    for number, school in enumerate(schools):
        texts = {item_key(item): WORDS[(at + number) % 3] for at, item in enumerate(ITEMS)}
        texts |= {about_key("role"): role, about_key("school"): school, about_key("wave"): "2025-2026"}
        blank = template(school="", school_name="", wave="")
        data = fill_form(blank, texts, datetime(2026, 3, 1, 9, number, tzinfo=UTC))
        (folder / f"f{number}.xlsx").write_bytes(data)
    return folder


@pytest.mark.parametrize(
    "typed",
    [
        [
            "99AA00",
            "99AA00 De Regenboog",
            "BRIN 99AA00",
            "99AA00.",
            "99aa-00",
            "De Regenboog (99AA00)",
            "brin: 99AA 00",
        ],
        ["99AA_00", "BRIN99AA00", "99AA00_", "#99AA00", "99 aa 00", "９９AA00", "99AA00 / Regenboog, Delft"],
        ["De Regenboog", "de regenboog", "De Regenboog.", "DE REGENBOOG", "'De Regenboog'", "de  regen-boog"],
    ],
)
def test_one_school_in_several_spellings_is_one(typed, tmp_path):
    for intake in (
        tk.read_folder(forms_of(tmp_path / "in", typed)),
        tk.read_export(
            write_bytes(
                tmp_path,
                as_csv([rows()[0], *([school, *row[1:]] for school, row in zip(typed, rows()[1:] * 2, strict=False))]),
            )
        ),
    ):
        assert intake.responses["school"].nunique() == 1
        assert codes(intake) == []
        assert intake.responses["school"][0] in ("99AA00", "De Regenboog")


def write_bytes(tmp_path, data, name="e.csv"):
    (tmp_path / name).write_bytes(data)
    return tmp_path / name


@pytest.mark.parametrize(
    "typed",
    [
        ["De Regenboog", "Basisschool De Regenboog"],
        ["De Regenboog", "De Regenbog", "obs de regenboog"],
        ["'t Zandpad", "Het Zandpad"],
        ["De Wegwijzer", "De Wegwyzer"],
        ["De Regenboog", "De Regenboog Rotterdam"],
        ["De Regenboog", "Regenboogschool", "De Regenboog (locatie Noord)"],
        ["CBS Juliana", "PCB Juliana"],
    ],
)
def test_names_that_look_alike_are_reported_once_together_and_a_register_makes_them_one(typed, tmp_path):
    intake = tk.read_folder(forms_of(tmp_path / "in", typed))
    assert intake.responses["school"].tolist() == typed
    assert codes(intake) == ["similar_schools"]
    assert all(name in intake.problems["message"][0] for name in typed)
    register = pd.DataFrame({"school": ["99AA00"] * len(typed), "naam": typed})
    assert set(tk.read_folder(tmp_path / "in", register=register).responses["school"]) == {"99AA00"}


@pytest.mark.parametrize(
    "typed", [["De Regenboog", "De Vlieger"], ["School 1", "School 2"], ["Maasoever Noord", "Maasoever Zuid"]]
)
def test_different_schools_stay_different_without_a_word(typed, tmp_path):
    intake = tk.read_folder(forms_of(tmp_path / "in", typed))
    assert intake.responses["school"].tolist() == typed
    assert codes(intake) == []


@pytest.mark.parametrize(
    "typed", ["99AA", "O9AA00", "99.AA.00", "99AA 0 0", "99A000", "99AA0", "99ÀA00", "99АА00", "x" * 300, "é" * 100]
)
def test_what_is_no_code_is_said_and_a_long_text_is_no_school(typed, tmp_path):
    intake = tk.read_folder(forms_of(tmp_path / "in", [typed]))
    assert codes(intake) == ["long_school" if len(typed) > 8 else "odd_school_code"]
    assert intake.responses["school"].isna().tolist() == [len(typed) > 8]


@pytest.mark.parametrize("typed", ["99AA00 99AA01", "99AA00, 99AB00", "99AA00/99AB00"])
def test_two_codes_in_one_cell_are_said(typed, tmp_path):
    assert codes(tk.read_folder(forms_of(tmp_path / "in", [typed]))) == ["odd_school_code"]


@pytest.mark.parametrize("typed", ["n.v.t.", "weet niet", "idem", "Onbekend"])
def test_a_word_for_no_school_is_none(typed, tmp_path):
    intake = tk.read_folder(forms_of(tmp_path / "in", [typed]))
    assert codes(intake) == ["no_school"]
    assert intake.responses["school"].isna().all()


def test_the_name_of_a_school_with_a_code_is_reported_with_the_code(tmp_path):
    folder = forms_of(tmp_path / "in", ["De Test", "de test", "De Vliet"])
    write_bytes(folder, filled(all_answers()), "met code.xlsx")  # made for 99AA00, De Test
    intake = tk.read_folder(folder)
    assert intake.problems["code"].tolist() == ["similar_schools"]
    assert {"99AA00", "De Test"} <= set(intake.problems["found"][0].split(", "))


@pytest.mark.parametrize("with_code", ["99AA00 De Regenboog", "de regenboog (BRIN 99AA00)", "99aa-00: De Regenboog"])
def test_a_name_typed_with_the_code_links_the_name_alone_to_it(with_code, tmp_path):
    intake = tk.read_folder(forms_of(tmp_path / "in", [with_code, "De Regenboog", "De Vliet"]))
    assert intake.responses["school"].tolist() == ["99AA00", "De Regenboog", "De Vliet"]
    assert intake.problems["code"].tolist() == ["similar_schools"]
    assert set(intake.problems["found"][0].split(", ")) == {"99AA00", "De Regenboog"}
    assert intake.schools.empty, "what one person typed is no school's name on screen"


REGISTER = [
    ["BRIN NUMMER", "VESTIGINGSNUMMER", "VESTIGINGSNAAM", "GEMEENTENAAM"],
    ["99AA", "99AA00", "De Regenboog", "Rotterdam"],
]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("extra", [1, 2, 5])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_register_whose_lines_end_in_separators_is_read_right(delimiter, extra, encoding, tmp_path):
    text = "\n".join([delimiter.join(REGISTER[0]), delimiter.join(REGISTER[1]) + delimiter * extra])
    table = tk.read_register(write_bytes(tmp_path, text.encode(encoding), "r.csv"))
    assert table[["school", "name", "municipality"]].to_numpy().tolist() == [["99AA00", "De Regenboog", "Rotterdam"]]


def test_a_register_with_a_cell_too_many_is_refused_with_its_line(tmp_path):
    text = "school;naam\n99AA00;De A\n99AB00;De B;te veel\n"
    with pytest.raises(ToolkitError, match="regel 3"):
        tk.read_register(write_bytes(tmp_path, text.encode(), "r.csv"))


@pytest.mark.parametrize(
    ("headings", "cells"),
    [
        (["BRIN-code", "Gemeente"], ["99AA00", "Rotterdam"]),
        (["Brincode", "Gemeente"], ["99aa00", "Rotterdam"]),
        (["BRIN6", "Gemeente"], ["99AA00", "Rotterdam"]),
        (["BRIN\nNUMMER", "VESTIGINGS-\nNUMMER", "GEMEENTE-\nNAAM"], ["99AA", "00", "Rotterdam"]),
        (["BRIN\nCODE", "Vestigings\nnummer", "GEMEENTE\nNAAM"], ["99AA", "0", "Rotterdam"]),
        (["BRIN", "Vestiging", "Gemeente"], ["99AA", "00", "Rotterdam"]),
        (["BRIN 6 code", "gemeente"], ["99 AA 00", "Rotterdam"]),
        (["Instellingscode (BRIN)", "gemeente"], ["99AA00", "Rotterdam"]),
        (["BRIN/vestigingsnummer", "gemeente"], ["99AA00", "Rotterdam"]),
        (["Deelnemers dit jaar", "gemeente"], ["99AA-00", "Rotterdam"]),
    ],
)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_headings_of_a_register_are_known_however_they_are_written(headings, cells, form, tmp_path):
    table = [["Deelnemende scholen"], headings, cells] if form == "xlsx" else [headings, cells]
    data = as_csv(table) if form == "csv" else as_xlsx(table)
    register = tk.read_register(write_bytes(tmp_path, data, f"r.{form}"))
    assert register[["school", "municipality"]].to_numpy().tolist() == [["99AA00", "Rotterdam"]]


@pytest.mark.parametrize(
    "total",
    [
        "Totaal",
        "totalen",
        "Eindtotaal",
        "TOTAAL 2025",
        "Gemiddelde",
        "Σ",
        "Alle scholen",
        "Aantal scholen: 1",
        "Bron: DUO",
        "-----",
        "#N/B",
    ],
)
def test_a_row_of_totals_is_no_school_and_it_is_said(total, tmp_path, capsys):
    path = write_bytes(tmp_path, as_csv([["School", "Leraren"], ["99AA00", "2"], [total, "2"]]), "r.csv")
    with pytest.warns(RegisterWarning, match=total):
        forms = write_forms(tmp_path / "out", CHECKLIST, path, wave="2025-2026", progress=False)
    assert set(forms["school"]) == {"99AA00"}
    assert main(["forms", str(tmp_path / "more"), "--many", str(path), "--wave", "2025-2026"]) == 0
    assert total in capsys.readouterr().err


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "line", ["Rotterdam", "Regio Zuid", "1) inclusief deeltijd", "Pagina 2 van 3", "Vragen? Bel ons"]
)
def test_a_line_with_one_cell_among_schools_with_codes_is_no_school(line, form, tmp_path):
    table = [
        ["School", "Naam", "Leraren"],
        ["99AA00", "De A", 2],
        [line],
        ["School", "Naam", "Leraren"],
        ["99AB00", "B", 3],
    ]
    path = write_bytes(tmp_path, as_csv(table) if form == "csv" else as_xlsx(table), f"r.{form}")
    with pytest.warns(RegisterWarning, match=line[:12].replace(")", ".").replace("?", ".")):
        assert tk.read_register(path)["school"].tolist() == ["99AA00", "99AB00"]


@pytest.mark.parametrize("headings", [["BRIN6"], ["Code van de school"], ["BRIN", "Vest."], ["Brincode", "Vestiging"]])
def test_codes_in_another_column_than_the_names_of_schools_are_the_schools(headings, tmp_path):
    cells = [["99AA00"], ["99AB01"]] if len(headings) == 1 else [["99AA", "00"], ["99AB", "1"]]
    table = [["School", *headings], ["De Regenboog", *cells[0]], ["De Vliet", *cells[1]]]
    register = tk.read_register(write_bytes(tmp_path, as_csv(table), "r.csv"))
    assert register[["school", "name"]].to_numpy().tolist() == [["99AA00", "De Regenboog"], ["99AB01", "De Vliet"]]


@pytest.mark.parametrize("year", [45901, datetime(2025, 9, 1), "2025", "volgend jaar"])
def test_what_is_no_school_year_in_a_register_is_named(year, tmp_path):
    path = write_bytes(tmp_path, as_xlsx([["School", "Schooljaar"], ["99AA00", year]]), "r.xlsx")
    with pytest.warns(RegisterWarning, match="geen schooljaren"):
        tk.read_register(path)


def test_headings_over_two_rows_are_put_together_and_a_school_without_people_is_named(tmp_path):
    table = [["School", "Naam", "Aantal personen"], ["", "", "directie", "leraren", "ib"], ["99AA00", "X", 1, 12, 2]]
    path = write_bytes(tmp_path, as_xlsx(table), "r.xlsx")
    assert tk.read_register(path)[["director", "teacher", "care"]].to_numpy().tolist() == [["1", "12", "2"]]
    path = write_bytes(tmp_path, as_xlsx([*table, ["99AB00", "Y"]]), "r.xlsx")
    with pytest.raises(ToolkitError, match="99AB00"):
        write_forms(tmp_path / "out", CHECKLIST, path, wave="2025-2026", progress=False)


@pytest.mark.parametrize("sign", [";", ","])
def test_a_register_without_headings_loses_no_school_in_silence(sign, tmp_path):
    lines = [sign.join(cells) for cells in (("99AA00", "De Regenboog"), ("99AB00", "De Vliet"))]
    with pytest.raises(ToolkitError, match="geen kolom voor de school"):
        tk.read_register(write_bytes(tmp_path, "\n".join(lines).encode(), "r.csv"))


def test_hidden_lines_of_a_register_count_and_it_is_said(tmp_path):
    data = as_xlsx([["School"], ["99AA00"], ["99AB00"]], lambda sheet: setattr(sheet.row_dimensions[3], "hidden", True))
    with pytest.warns(RegisterWarning, match="1 regel is verborgen"):
        assert tk.read_register(write_bytes(tmp_path, data, "r.xlsx"))["school"].tolist() == ["99AA00", "99AB00"]


def test_a_line_without_a_school_code_is_named(tmp_path):
    text = "school;naam\n99AA00;De Regenboog\n;De Zonnebloem\n;\n"
    with pytest.warns(RegisterWarning, match="De Zonnebloem"):
        assert tk.read_register(write_bytes(tmp_path, text.encode(), "r.csv"))["school"].tolist() == ["99AA00"]


def test_a_register_that_would_fill_memory_is_refused(tmp_path):
    with zipfile.ZipFile(io.BytesIO(as_xlsx(REGISTER))) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/sharedStrings.xml"] = b"<sst><si><t>" + b"a" * 120_000_000 + b"</t></si></sst>"
    with zipfile.ZipFile(tmp_path / "r.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    with pytest.raises(ToolkitError, match="kan niet worden gelezen"):
        tk.read_register(tmp_path / "r.xlsx")


# ---------------------------------------------------------------- folders


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        (".form.xlsx.icloud", b"bplist00", "not_downloaded"),
        ("form.xlsx.nextcloud", b"", "not_downloaded"),
        ("form.ods.owncloud", b"", "not_downloaded"),
        ("form.xlsx", b"", "empty_file"),
        ("export.csv", b"", "empty_file"),
        ("form.xlsb", b"PK", "binary_workbook"),
        ("form.numbers", b"PK", "numbers_file"),
        ("form.gsheet", b"{}", "google_shortcut"),
        ("form.pdf", b"%PDF-1.7", "pdf_file"),
        ("scan.xlsx", b"%PDF-1.7", "pdf_file"),
        ("IMG_0001.HEIC", b"x", "picture_file"),
        ("foto.xlsx", b"\xff\xd8\xff\xe0", "picture_file"),
        ("alles.rar", b"Rar!", "other_archive"),
        ("brief.docx", b"PK", "unsupported"),
        ("form.xlsx.crdownload", b"PK\x03\x04", "not_downloaded"),
        ("forms.zip", b"PK\x03\x04" + bytes(99), "broken_archive"),
        ("foto.xlsx", b"\0\0\0\x18ftypheic" + bytes(99), "picture_file"),
        ("scan.xlsx", b"II*\0" + bytes(99), "picture_file"),
        ("Unconfirmed 12.part", b"", "not_downloaded"),
        ("antwoorden.sav", b"$FL2", "data_file"),
        ("antwoorden.parquet", b"PAR1", "data_file"),
        ("antwoorden.R", b"library(x)", "data_file"),
        ("Re formulier.msg", b"\xd0\xcf\x11\xe0", "mail_file"),
        ("formulier.eml", b"From: x", "mail_file"),
        ("form.xlsx.lnk", b"L", "google_shortcut"),
    ],
)
def test_what_is_not_read_says_what_to_do(name, data, code, tmp_path):
    write_bytes(tmp_path, data, name)
    intake = tk.read_folder(tmp_path)
    assert intake.files[["file", "status"]].to_numpy().tolist() == [[name, "refused"]]
    assert codes(intake) == [code]
    assert len(intake.problems["message"][0]) > 60


def test_a_form_whose_name_begins_with_a_tilde_is_read_and_offices_own_lock_is_not(tmp_path):
    write_bytes(tmp_path, filled(all_answers()), "~formulier.xlsx")
    write_bytes(tmp_path, b"lock", "~$formulier.xlsx")
    write_bytes(tmp_path, b"lock", ".~lock.formulier.xlsx#")
    files = tk.read_folder(tmp_path).files.set_index("file")["status"].to_dict()
    assert files == {"~formulier.xlsx": "read", "~$formulier.xlsx": "ignored", ".~lock.formulier.xlsx#": "ignored"}


@pytest.mark.parametrize(
    "name", ["form.xlsx (1)", "form.xlsx_", "form.xltx", "form", "FORM.XLSX", "form.zip", "form.ods"]
)
def test_a_form_is_read_under_the_names_that_programs_give_it(name, tmp_path):
    write_bytes(tmp_path, filled(all_answers()), name)
    assert tk.read_folder(tmp_path).files["status"].tolist() == ["read"]


@pytest.mark.parametrize("name", ["forms.zip", "forms.ZIP", "forms.xlsx", "forms"])
def test_a_zip_is_a_zip_under_any_name(name, tmp_path):
    write_bytes(tmp_path, zipped({"a.xlsx": filled(all_answers())}), name)
    assert tk.read_folder(tmp_path).files["file"].tolist() == [f"{name}/a.xlsx"]


def zipped(parts, **options):
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return saved.getvalue()


def test_a_zip_is_read_as_a_folder_and_every_member_is_accounted_for(tmp_path):
    inner = zipped({"b.xlsx": filled(all_answers("Nee"))})
    write_bytes(tmp_path, zipped({
        "map/a.xlsx": filled(all_answers()), "../../etc/b.xlsx": filled(all_answers("Beetje")), "c.csv": as_csv(rows()),
        "d.zip": inner, "e.pdf": b"%PDF", "__MACOSX/._a.xlsx": b"x", "f.xlsx": filled(all_answers()),
        "leeg.xlsx": b"", "stuk.xlsx": b"PK\x03\x04",
    }), "forms.zip")  # fmt: skip
    intake = tk.read_folder(tmp_path)
    assert intake.files.set_index("file")["status"].to_dict() == {
        "forms.zip/map/a.xlsx": "read", "forms.zip/etc/b.xlsx": "read", "forms.zip/c.csv": "read",
        "forms.zip/d.zip": "refused", "forms.zip/e.pdf": "refused", "forms.zip/__MACOSX/._a.xlsx": "ignored",
        "forms.zip/f.xlsx": "duplicate", "forms.zip/leeg.xlsx": "refused", "forms.zip/stuk.xlsx": "refused",
    }  # fmt: skip
    assert len(intake.responses) == 8
    assert set(codes(intake)) == {"nested_archive", "pdf_file", "empty_file", "not_a_workbook"}


def test_a_zip_that_is_encrypted_lies_or_is_far_too_large_costs_little(tmp_path):
    write_bytes(tmp_path, zipped({f"{n}.xlsx": b"" for n in range(5_001)}), "many.zip")
    write_bytes(tmp_path, zipped({"bomb.xlsx": bytes(60_000_000), "a.xlsx": filled(all_answers())}), "bomb.zip")
    write_bytes(tmp_path, zipped({}), "empty.zip")
    write_bytes(tmp_path, b"PK\x03\x04" + bytes(200), "broken.zip")
    secret = bytearray(zipped({"a.xlsx": filled(all_answers())}))
    secret[6] |= 1
    secret[secret.rfind(b"PK\x01\x02") + 8] |= 1
    write_bytes(tmp_path, bytes(secret), "secret.zip")
    intake = tk.read_folder(tmp_path)
    assert len(intake.responses) == 1
    assert sorted(codes(intake)) == ["broken_archive", "empty_archive", "large_archive", "password", "too_large"]
    assert sum(intake.counts().values()) == len(intake.files) == 6


@pytest.mark.parametrize("defaults", [{"school": "99aa00"}, {"wave": "25/26"}, {"role": "leerkracht groep 5"}])
def test_a_folder_takes_defaults_for_what_forms_do_not_say(defaults, tmp_path):
    texts = {item_key("1.1"): "Ja", about_key("role"): "Leraar", about_key("school"): "99AA00"}
    texts |= {about_key("wave"): "2025-2026"}
    texts.pop(about_key(next(iter(defaults))))
    write_bytes(tmp_path, fill_form(template(school="", school_name="", wave=""), texts), "a.xlsx")
    without, with_default = tk.read_folder(tmp_path), tk.read_folder(tmp_path, **defaults)
    known = "waarin geen school staat" if "school" in defaults else "van 1 school"
    assert f"1 formulier gelezen {known}" in without.summary(), "what is known, and no more"
    assert "0 tellen mee, 1 niet" in without.summary()
    assert "tellen mee" not in with_default.summary()
    assert with_default.responses[["school", "wave", "role"]].to_numpy().tolist() == [
        ["99AA00", "2025-2026", "teacher"]
    ]
    assert codes(with_default) == ["incomplete"]
    write_bytes(tmp_path, filled({"1.1": "Ja"}, role="tovenaar"), "a.xlsx")
    assert tk.read_folder(tmp_path, role="leraar").responses["role"].isna().all(), "what is written stays as it is"


def test_two_exports_of_one_survey_count_each_row_once(tmp_path):
    table = [["Id", *rows()[0]], *([str(number), *row] for number, row in enumerate(rows()[1:], start=1))]
    write_bytes(tmp_path, as_csv(table[:5]), "maandag.csv")
    write_bytes(tmp_path, as_csv(table), "vrijdag.csv")
    write_bytes(tmp_path, as_xlsx(table), "vrijdag.xlsx")
    intake = tk.read_folder(tmp_path)
    assert answers(intake) == SIX
    assert intake.files["status"].tolist() == ["read", "read-with-problems", "duplicate"]
    assert intake.problems[["file", "code", "found"]].to_numpy().tolist() == [["vrijdag.csv", "already_read", "4/6"]]


def test_intakes_add_up(tmp_path):
    forms = forms_of(tmp_path / "forms", ["99AA00", "De Regenboog"])
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "x.xlsx").write_bytes((forms / "f0.xlsx").read_bytes())
    export = tk.read_export(
        write_bytes(tmp_path, as_csv([rows()[0], *(["de regenboog.", *row[1:]] for row in rows()[1:])]))
    )
    total = tk.read_folder(forms) + export + tk.read_folder(tmp_path / "more")
    assert len(total.responses) == 8
    assert total.responses["respondent"].is_unique
    assert total.responses["school"].value_counts().to_dict() == {"de regenboog.": 7, "99AA00": 1}
    assert total.counts()["duplicate"] == 1
    assert len(total.files) == 4 == sum(total.counts().values())
    with pytest.raises(ToolkitError):
        tk.Intake(*[pd.DataFrame()] * 5) + total


PLAN = ["Wat", "Wie", "Klas", "Leerlingen", "Wanneer"]
LISTS = (["Leerling", "Groep", "Thuistaal"], ["Voornaam", "Achternaam", "Geboortedatum"], ["Naam leerling", "Klas"],
         ["Leerlingen", "Groep"], ["Naam", "Leerlingnummer", "Groep"])  # fmt: skip


def with_sheet(row):
    def add(sheet):
        new_sheet = sheet.parent.create_sheet("Blad2")
        new_sheet.append(row)
        new_sheet.append(["x"] * len(row))

    return edited(filled(all_answers()), add)


@pytest.mark.parametrize(
    "row", [PLAN, ["Actie", "Voor welke leerlingen", "Klaar"], ["Doel", "Kinderen", "Groep", "Wanneer"]]
)
def test_a_plan_of_action_is_no_list_of_pupils(row, tmp_path):
    write_bytes(tmp_path, with_sheet(row), "a.xlsx")
    intake = tk.read_folder(tmp_path)
    assert not {"pupils_beside", "class_list"} & set(codes(intake))
    assert intake.responses["1.1"].tolist() == [2]


@pytest.mark.parametrize("row", LISTS)
def test_a_list_of_pupils_still_is(row, tmp_path):
    write_bytes(tmp_path, with_sheet(row), "a.xlsx")
    write_bytes(tmp_path, as_xlsx([row, ["x"] * len(row)]), "b.xlsx")
    write_bytes(tmp_path, as_csv([row, ["x"] * len(row)]), "c.csv")
    assert codes(tk.read_folder(tmp_path)) == ["class_list", "class_list", "pupils_beside"]


@pytest.mark.parametrize("sentence", ["{}", "1. {}", "<p>{}</p>", "[{}]", "Wat vindt u? {}"])
def test_an_export_of_other_statements_about_pupils_is_no_list_of_pupils(sentence, tmp_path):
    other_statements = [
        "Leerlingen vertellen thuis wat zij leren.",
        "De leraar kent alle leerlingen en hun ouders goed.",
    ]
    write_bytes(tmp_path, as_csv([[sentence.format(text) for text in other_statements], ["Ja", "Nee"]]))
    assert codes(tk.read_export(tmp_path / "e.csv")) == ["not_an_export"]


def test_an_advisors_folder_of_all_kinds_is_read_in_one_go_and_all_is_accounted_for(tmp_path):
    folder = tmp_path / "in"
    for school in ("99AA00", "99AB00", "99AC00"):
        for wave in ("2024-2025", "2025-2026"):
            for number in range(3):
                texts = {item_key(item): WORDS[(at + number) % 3] for at, item in enumerate(ITEMS)}
                texts |= {about_key("role"): ("Directie", "Leraar", "Zorgprofessional")[number]}
                target = folder / school / wave
                target.mkdir(parents=True, exist_ok=True)
                data = fill_form(template(school=school, wave=wave), texts, datetime(2026, 3, 1, 9, number, tzinfo=UTC))
                (target / f"{number}.xlsx").write_bytes(data)
    write_bytes(folder, ods(), "a.ods")
    write_bytes(folder, xls(), "b.xls")
    texts = {item_key("1.1"): "Ja", about_key("role"): "Leraar"}
    moments = [datetime(2026, 4, 1, 9, minute, tzinfo=UTC) for minute in range(20)]
    twenty = {f"{n}.xlsx": fill_form(template(school="99AB00"), texts, moment) for n, moment in enumerate(moments)}
    write_bytes(folder, zipped(twenty), "formulieren.zip")
    msforms = [
        ["Id", "Begintijd", "E-mail", "Naam", *rows()[0]],
        *([str(n), "x", "j@x.nl", "Jan", *row] for n, row in enumerate(rows()[1:])),
    ]
    write_bytes(folder, as_xlsx(msforms), "antwoorden.xlsx")
    write_bytes(folder, b"%PDF-1.7", "scan.pdf")
    write_bytes(folder, b"\xff\xd8\xff\xe0", "IMG_1.jpg")
    versions = [version(answer, month) for answer, month in (("Nee", 1), ("Ja", 2))]
    for number, data in enumerate(versions):
        write_bytes(folder, data, f"versie {number}.xlsx")
    table = [["Nr", "School", "Schooljaar", "Wie", "Functie", *(f"Vraag {item}" for item in ITEMS)]]
    table += [
        [n, "99AC00", "25/26", "x", ("Leraar", "IB")[n % 2], *("NBJ"[value] for value in planted(n))] for n in range(4)
    ]
    write_bytes(folder, as_xlsx(table), "tabel secretaris.xlsx")
    intake = tk.read_folder(folder)
    assert len(intake.responses) == 18 + 2 + 20 + 6 + 1 + 4
    assert sum(intake.counts().values()) == len(intake.files) == 18 + 2 + 20 + 1 + 2 + 2 + 1
    status = intake.files.set_index("file")["status"]
    assert status[["scan.pdf", "IMG_1.jpg", "versie 0.xlsx", "versie 1.xlsx"]].tolist() == [
        "refused",
        "refused",
        "superseded",
        "read",
    ]
    assert status["antwoorden.xlsx"] == "read"
    messages = intake.problems.set_index("file")["message"]
    assert "Excel-formulier" in messages["scan.pdf"]
    assert "leeg formulier" in messages["IMG_1.jpg"]
    assert "J = Ja" in " ".join(messages["tabel secretaris.xlsx"])
    assert set(intake.responses["school"]) == {"99AA00", "99AB00", "99AC00"}
    assert intake.responses[["school", "wave", "role"]].notna().all(axis=None)
    assert "Jan" not in intake.problems.to_csv() + intake.responses.to_csv()
    total = tk.protect(intake.responses, CHECKLIST, actions=intake.actions)
    assert len(tk.levels(total, CHECKLIST))


def version(answer, month):
    from tests.intake.test_folder import personal, with_stamp

    return with_stamp(personal("F-1", all_answers(answer)), datetime(2026, month, 1, tzinfo=UTC))


# ---------------------------------------------------------------- the reading report and forgetting


def test_the_report_for_a_school_holds_that_school_and_no_word_or_file_of_a_hidden_person(tmp_path):
    folder = tmp_path / "in"

    def put_form(name, **kind):
        write_bytes(folder, filled({**all_answers(), "2.4": f"misschien {name}"}, **kind), f"{name}.xlsx")

    folder.mkdir()
    put_form("Jansen-leraar")
    put_form("Pieters-zonder-rol", role="")
    put_form("De-directeur", role="Directie")
    put_form("Ander", school="99AB00")
    write_bytes(folder, b"x", "Geheim.docx")
    intake = tk.read_folder(folder)
    school_texts = all_texts(intake.write_report(tmp_path / "een.xlsx", school="99aa00"))
    assert "De-directeur.xlsx" in school_texts
    assert "misschien De-directeur" in school_texts
    for word in ("Jansen", "Pieters", "Ander", "99AB00", "Geheim", "misschien J", "misschien P"):
        assert word not in school_texts
    assert "2.4" in school_texts
    assert "formulier 2" in school_texts
    full_report = load_workbook(intake.write_report(tmp_path / "alles.xlsx"))
    assert full_report.worksheets[0]["A1"].value.startswith("Voor de begeleider")
    with pytest.raises(LookupError, match="99ZZ00"):
        intake.write_report(tmp_path / "x.xlsx", school="99ZZ00")


def all_texts(path):
    return "\n".join(
        str(cell.value) for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row if cell.value
    )


def test_a_reading_report_of_twenty_thousand_files_is_written(tmp_path):
    fields = {"school": "99AA00", "wave": "2025-2026", "role": "teacher", "answered": 33, "detail": ""}
    names = [f"{n:05}.xlsx" for n in range(20_000)]
    files = pd.DataFrame({"file": names, "status": "read-with-problems", **fields})
    problems = pd.DataFrame({"file": files["file"], "sheet": "", "cell": "D14", "item": "1.1", "code": "unclear_answer",
                             "found": "x", "message": "uitspraak 1.1: er staat x"})  # fmt: skip
    intake = tk.Intake(pd.DataFrame(), pd.DataFrame(), files, problems, pd.DataFrame())
    path = intake.write_report(tmp_path / "r.xlsx")
    with zipfile.ZipFile(path) as package:
        assert package.read("xl/worksheets/sheet2.xml").count(b"<row") == 20_001


def test_forget_deletes_or_names_every_file_with_answers_of_the_school(tmp_path, capsys):
    folder = forms_of(tmp_path / "in", ["99AA00", "99AB00"])
    for name in ("oud.xlsx", "nieuw.xlsx"):
        write_bytes(folder, version("Ja", 1 if name == "oud.xlsx" else 2), name)
    write_bytes(folder, zipped({"a.xlsx": filled(all_answers("Beetje"))}), "eigen.zip")
    write_bytes(
        folder,
        zipped({"a.xlsx": filled(all_answers("Nee")), "b.xlsx": filled(all_answers(), school="99AB00")}),
        "samen.zip",
    )
    write_bytes(folder, as_csv(rows()), "eigen.csv")
    mixed = [rows()[0], *([school, *row[1:]] for school, row in zip(["99AA00", "99AB00"] * 3, rows()[1:], strict=True))]
    write_bytes(folder, as_xlsx(mixed), "samen.xlsx")
    (folder / "f9.xlsx").write_bytes((forms_of(tmp_path / "x", ["de test."]) / "f0.xlsx").read_bytes())
    write_bytes(folder, b"%PDF", "scan.pdf")
    write_bytes(folder, as_csv([rows()[0], *(["s-9d5b63b883266683", *row[1:]] for row in rows()[1:])]), "onderzoek.csv")
    odd = bytes(folder) + b"/for\xe9m.xlsx"
    with open(odd, "wb") as file:
        file.write(filled(all_answers() | {"1.1": "Nee"}))
    assert main(["forget", str(folder), "99AA00", "--yes"]) == 1
    output = capsys.readouterr().out
    remaining = {path.name for path in folder.iterdir()}
    assert remaining == {"f1.xlsx", "samen.zip", "samen.xlsx", "f9.xlsx", "scan.pdf", "onderzoek.csv"}
    assert all(name in output for name in remaining - {"f1.xlsx"}), "an export under pseudonyms may hold the school too"
    assert "6 bestanden" in output
    (folder / "f1.xlsx").unlink()
    for name in ("samen.zip", "samen.xlsx", "f9.xlsx"):
        (folder / name).unlink()
    assert main(["forget", str(folder), "99AA00", "--yes"]) == 1, "the PDF may be of this school"


def test_the_terminal_gets_no_escape_of_a_file_name(tmp_path, capsys):
    write_bytes(tmp_path, filled(all_answers() | {"2.4": "\x1b[31mrood\u202e"}), "\x1b[2Jwis\u202e.xlsx")
    write_bytes(tmp_path, b"x", "\x1b]0;titel\x07.docx")
    write_bytes(tmp_path, filled(all_answers()), "goed.xlsx")
    assert main(["read", str(tmp_path)]) == 0
    out = capsys.readouterr()
    assert not {"\x1b", "\x07", "\u202e"} & set(out.out + out.err)
    assert "wis" in out.out


def test_what_the_answers_mean_may_stand_behind_a_statement(tmp_path):
    table = rows([f"{text} (0 = Nee, 1 = Beetje, 2 = Ja)" for text in STATEMENTS])
    intake = read_export_file(tmp_path, as_csv(table))
    assert answers(intake) == SIX
    assert codes(intake) == []
