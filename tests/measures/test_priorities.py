"""The optional column: a mark per step, read wherever it went, and shown as counts of groups that may be shown."""

import itertools

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

import toolkit as tk
from tests.support.forms import PLACE, SCHOOL, WAVE, row_of, same_everywhere, table
from toolkit.cli import main
from toolkit.core.i18n import load_text
from toolkit.forms.blank_form import form_bytes
from toolkit.forms.form_reader import read_form
from toolkit.forms.keys import about_key, action_key, first_key, item_key
from toolkit.forms.template import fill_form, open_template
from toolkit.intake.intake import PRIORITY_COLUMNS
from toolkit.reports.sections import make_report
from toolkit.results import SchoolResults
from toolkit.widgets.action_board import board_view
from toolkit.widgets.school_pages import ExplorerState, wishes_page

CHECKLIST = tk.load_instrument()
WORDS = {"nl": ("Ja", "Eerst", "Leraar"), "en": ("Yes", "First", "Class teacher")}


def filled(*marked: str, language: str = "nl", role: str = "", note: str = "") -> bytes:
    metadata = {"school": SCHOOL, "school_name": "De Test", "wave": WAVE, "language": language}
    yes, first, teacher = WORDS[language]
    texts = dict.fromkeys(map(item_key, CHECKLIST.item_ids), yes) | dict.fromkeys(map(first_key, marked), first)
    texts |= {action_key(2): note} if note else {}
    return fill_form(
        open_template(form_bytes(CHECKLIST, **metadata, priorities=True)), texts | {about_key("role"): role or teacher}
    )


@pytest.mark.parametrize("language", ["nl", "en"])
def test_one_mark_per_step_is_read_back(language):
    form = read_form(filled("1.2", "4.6", language=language), CHECKLIST)
    assert (form.first, form.problems, len(form.answers)) == (("1.2", "4.6"), [], 33)


def test_two_marks_in_a_step_are_a_problem_and_neither_counts():
    form = read_form(filled("1.2", "1.3", "4.6"), CHECKLIST)
    assert form.first == ("4.6",)
    assert [(problem.code, problem.found) for problem in form.problems] == [("several_first", "1")]


def test_a_mark_is_found_where_its_column_went(tmp_path):
    (tmp_path / "form.xlsx").write_bytes(filled("1.2"))
    workbook = load_workbook(tmp_path / "form.xlsx")
    sheet = workbook.worksheets[0]
    row = row_of(sheet, "1.2")
    sheet.move_range(f"E{row}:E{row}", cols=3)
    workbook.save(tmp_path / "form.xlsx")
    assert read_form((tmp_path / "form.xlsx").read_bytes(), CHECKLIST).first == ("1.2",)


def test_it_is_off_by_default(tmp_path):
    plain_path, priorities_path = tmp_path / "plain.xlsx", tmp_path / "asked.xlsx"
    assert main(["forms", str(plain_path)]) == main(["forms", str(priorities_path), "--priorities"]) == 0
    sheets = [load_workbook(path).worksheets[0] for path in (plain_path, priorities_path)]
    assert [sheet[f"E{row_of(sheet, '1.2')}"].protection.locked for sheet in sheets] == [True, False]


def test_marks_come_in_with_the_folder(tmp_path):
    (tmp_path / "form.xlsx").write_bytes(filled("1.2", "4.6"))
    intake = tk.read_folder(tmp_path, CHECKLIST)
    assert intake.priorities[["school", "role", "item"]].to_numpy().tolist() == [
        ["99AA00", "teacher", "1.2"], ["99AA00", "teacher", "4.6"]
    ]  # fmt: skip
    assert intake.counts()["read"] == 1
    from_cache = tk.read_folder(tmp_path, CHECKLIST, cache=tmp_path / "kept")
    pd.testing.assert_frame_equal(
        tk.read_folder(tmp_path, CHECKLIST, cache=tmp_path / "kept").priorities, from_cache.priorities
    )


def marks(role: str, *items: str, school: str = SCHOOL) -> list[dict[str, str]]:
    keys = PLACE | {"school": school, "role": role}
    return [keys | {"respondent": f"{role}-{number}", "item": item} for number, item in enumerate(items)]


def counted(forms: pd.DataFrame, *marked: list[dict[str, str]]) -> pd.DataFrame:
    rows = pd.DataFrame(list(itertools.chain(*marked)), columns=PRIORITY_COLUMNS)
    return tk.priorities(rows, tk.protect(forms, CHECKLIST), CHECKLIST)


def test_counts_of_groups_that_may_be_shown():
    forms = table(same_everywhere("director", 2), same_everywhere("teacher", 2, 8), same_everywhere("care", 2, 3))
    priorities = counted(
        forms,
        marks("director", "1.2"),
        marks("teacher", *["1.2"] * 4, "1.3", "1.3"),
        marks("care", "1.1", "1.1", "1.1"),
    )
    shown = priorities.loc[~priorities["suppressed"], ["role", "item", "n", "of"]].to_numpy().tolist()
    assert shown == [["director", "1.2", 1, 1], ["teacher", "1.2", 4, 6], ["teacher", "1.3", 2, 6]]
    rows = tk.summarise_priorities(priorities).rows
    assert rows[0][1:] == ("Directie", "1.2 Achtergrond nagaan")
    assert rows[1][1:] == (
        "Leraren", "1.2 Achtergrond nagaan (4×) en 1.3 Kennis benutten (2×), van de 6 die hier kozen"
    )  # fmt: skip
    assert rows[2] == (
        "2 Organisatie op orde", "Leraren", "niet getoond, te weinig mensen gaven hier antwoord"
    )  # fmt: skip


def test_a_step_in_which_few_chose_is_not_counted_and_looks_like_one_in_which_nobody_did():
    priorities = counted(table(same_everywhere("teacher", 2, 8)), marks("teacher", "1.2", "1.2", "1.2", "1.3"))
    assert priorities["step"].tolist() == [1, 2, 3, 4, 5]
    assert priorities["suppressed"].all()
    assert set(priorities["why"]) == {"too few answers"}
    assert priorities[["item", "n", "of"]].isna().all(axis=None)


def test_marks_of_a_small_team_are_counted_together():
    forms = table(same_everywhere("teacher", 2, 4), same_everywhere("care", 2, 2))
    priorities = counted(forms, marks("teacher", *["1.2"] * 4), marks("care", "1.2", "1.3"))
    shown = priorities.loc[~priorities["suppressed"], ["role", "item", "n", "of"]].to_numpy().tolist()
    assert shown == [["team", "1.2", 5, 6], ["team", "1.3", 1, 6]]


def test_nothing_counted_depends_on_the_marks_of_hidden_groups():
    rng = np.random.default_rng(2)
    for teachers, care in itertools.product((0, 3, 4, 5, 8), (0, 1, 3, 5)):
        forms = table(same_everywhere("director", 2), same_everywhere("teacher", 2, teachers),
                      same_everywhere("care", 2, care))  # fmt: skip
        hidden = [role for role, n in (("teacher", teachers), ("care", care)) if n < 5]
        if teachers < 5 and care < 5 and teachers + care >= 5:
            continue
        shown_marks = [
            marks(role, *["1.2"] * n) for role, n in (("teacher", teachers), ("care", care)) if role not in hidden
        ]
        counts_before, counts_after = (
            counted(
                forms,
                *shown_marks,
                *[marks(role, *rng.choice(CHECKLIST.item_ids, rng.integers(0, 5))) for role in hidden],
            )
            for _ in range(2)
        )
        pd.testing.assert_frame_equal(counts_before, counts_after)


def test_personal_forms_have_the_column_where_it_is_asked_for(tmp_path):
    schools = pd.DataFrame({"school": [SCHOOL]})
    for has_priorities in (True, False):
        folder = tmp_path / str(has_priorities)
        forms = tk.write_forms(folder, CHECKLIST, schools, wave=WAVE, per_school=1, priorities=has_priorities)
        names = load_workbook(folder / forms["file"][0]).defined_names
        assert (first_key("1.2") in names) == has_priorities


def test_the_command_takes_it_for_many_schools_too(tmp_path):
    register = tmp_path / "scholen.csv"
    register.write_text(f"school;naam\n{SCHOOL};De Test\n", encoding="utf-8")
    out = tmp_path / "uit"
    assert main(["forms", str(out), "--many", str(register), "--wave", WAVE, "--priorities"]) == 0
    form = next(out.rglob("*.xlsx"))
    assert first_key("1.2") in load_workbook(form).defined_names


@pytest.fixture(scope="module")
def with_priorities(tmp_path_factory):
    """The forms of one school: a director who marks 4.6, six teachers who mark 1.2, and two who mark nothing."""
    folder = tmp_path_factory.mktemp("asked")
    for number in range(8):
        (folder / f"{number}.xlsx").write_bytes(filled(*["1.2"] * (number < 6), note=f"Plan {number}"))
    (folder / "d.xlsx").write_bytes(filled("4.6", role="Directie"))
    return tk.read_folder(folder, CHECKLIST)


@pytest.mark.parametrize(("language", "sentence"), [("nl", "(6×), van de 6"), ("en", "(6×), of the 6")])
def test_what_comes_first_stands_in_report_dashboard_and_board(with_priorities, language, sentence):
    report = make_report(SchoolResults.of_intake(with_priorities), SCHOOL, language=language)
    section = next(section for section in report.sections if section.id == "first")
    assert sentence in str(section.blocks[1])
    sheet = report.tables[load_text(language).say("sheet.priorities")]
    assert sheet[load_text(language).say("sheet.head_n")].dropna().tolist() == [1, 6]
    board = SchoolResults.of_intake(with_priorities)
    page = wishes_page(board, ExplorerState(SCHOOL, WAVE, language=language))
    assert sentence in page.sections[1].html
    director_page = wishes_page(board, ExplorerState(SCHOOL, WAVE, roles=("director",), language=language))
    assert sentence not in "".join(section.html for section in director_page.sections)
    assert sentence in board_view(board, tk.new_plan(board.actions, SCHOOL, WAVE), language=language).start


def test_a_form_that_did_not_ask_leaves_no_trace_of_it(example):
    assert "first" not in [
        section.id for section in make_report(SchoolResults.of_intake(example.intake), "99AA00").sections
    ]
    assert tk.priorities(example.intake.priorities, example.safe, CHECKLIST).empty
