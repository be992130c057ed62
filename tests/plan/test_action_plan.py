"""A team's plan: made of returned action points, kept in a file people edit, carried to the next moment."""

import io
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

import toolkit as tk
from tests.support.forms import people, table
from toolkit.core.errors import FolderError, ToolkitError, UnprotectedError
from toolkit.responses import ACTION_COLUMNS
from toolkit.results import SchoolResults
from toolkit.widgets.action_board import ActionBoard, board_view

HOSTILE = '<img src=x onerror="alert(1)">rekening\u202excod[x](javascript:alert(1))'
FORMULA = '=HYPERLINK("http://example.org","klik")'


@pytest.fixture
def plan(example):
    new_plan = tk.new_plan(example.safe.actions, "99AA00", "2024-2025")
    new_plan = new_plan.with_action(
        tk.TeamAction("Startgesprek\nin week 1 & 2", ("3.2", "1.2"), (5,), "team", "2025-10-01", "lijst", ("P1", "P9"))
    )
    return new_plan.with_action(tk.TeamAction(FORMULA, ("4.6",), who="+31", by="-1", seen="@x", points=("P3",)))


def edited(path: Path, change) -> None:
    workbook = load_workbook(path)
    change(workbook["Acties"])
    workbook.save(path)


def column_of(sheet, head: str) -> int:
    return next(cell.column for row in sheet.iter_rows() for cell in row if cell.value == head)


def row_of(sheet, text: str) -> int:
    return next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == text)


# the plan


def test_only_protected_texts_become_action_points(example):
    with pytest.raises(UnprotectedError):
        tk.action_points(example.intake.actions, "99AA00")
    points = tk.action_points(example.safe.actions, "99AA00", "2024-2025")
    assert [point.id for point in points] == [f"P{number}" for number in range(1, len(points) + 1)]
    assert sum(point.times for point in points) == len(
        example.safe.actions.query("school == '99AA00' and wave == '2024-2025'")
    )


def test_an_action_may_serve_several_steps_and_keeps_its_number(plan):
    assert [action.id for action in plan.actions] == ["A1", "A2"]
    assert plan.action("A1").all_steps == (1, 3, 5)
    assert plan.items == ("1.2", "3.2", "4.6")
    changed = plan.with_action(replace(plan.action("A1"), who="Sam"))
    assert (changed.action("A1").who, len(changed.actions)) == ("Sam", 2)
    assert plan.without_action("A2").with_action(tk.TeamAction("nieuw")).actions[-1].id == "A2"
    assert plan.action("A1").who == "team"


def test_action_points_that_come_in_later_get_a_new_number(plan, example):
    fewer = replace(plan, points=plan.points[2:])
    extended = fewer.with_points(plan.points)
    assert [point.id for point in extended.points[: len(fewer.points)]] == [point.id for point in fewer.points]
    assert len({point.id for point in extended.points}) == len(plan.points)


# the file


def test_what_is_written_is_read_back(plan, tmp_path):
    for language in ("nl", "en"):
        path = tk.write_actions(tmp_path / f"{language}.xlsx", plan, language=language)
        assert tk.read_actions(path) == plan
    assert (
        tk.read_actions(tk.write_actions(tmp_path / "empty.xlsx", replace(plan, actions=(), points=()))).actions == ()
    )
    assert (tmp_path / "nl.xlsx").read_bytes() == tk.write_actions(tmp_path / "again.xlsx", plan).read_bytes()


def test_nothing_in_the_file_runs(plan, tmp_path):
    data = tk.write_actions(tmp_path / "plan.xlsx", plan).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert all(b"<f>" not in package.read(name) for name in package.namelist())
    cells = [cell for row in load_workbook(io.BytesIO(data))["Acties"].iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert FORMULA in {cell.value for cell in cells}


def test_rows_and_columns_may_be_moved_and_an_action_added(plan, tmp_path):
    path = tk.write_actions(tmp_path / "plan.xlsx", plan)

    def change(sheet):
        sheet.insert_cols(1)
        sheet.insert_rows(2, 3)
        sheet.move_range(f"B{row_of(sheet, 'A1')}:I{row_of(sheet, 'A1')}", rows=10)
        row, description = row_of(sheet, "A1") + 1, column_of(sheet, "Wat gaan we doen")
        sheet.cell(row, description, "Koffie-ochtend")
        sheet.cell(row, column_of(sheet, "Uitspraken"), "3.1 en 2.6")
        sheet.cell(row, column_of(sheet, "Wanneer klaar"), 46_054)
        sheet.delete_cols(column_of(sheet, "Stappen"))

    edited(path, change)
    reread = tk.read_actions(path)
    assert reread.problems == ()
    assert {action.id: action.what for action in reread.actions} == {
        "A1": plan.action("A1").what, "A2": FORMULA, "A3": "Koffie-ochtend"
    }  # fmt: skip
    assert (reread.action("A3").items, reread.action("A3").by) == (("3.1", "2.6"), "2026-02-01")
    assert replace(reread.action("A1"), steps=(5,)) == plan.action("A1")


def test_what_cannot_be_read_is_said_and_the_rest_is_kept(plan, tmp_path):
    path = tk.write_actions(tmp_path / "plan.xlsx", plan)

    def change(sheet):
        row = row_of(sheet, "A1")
        sheet.cell(row, column_of(sheet, "Uitspraken"), "1.2, 9.9")
        sheet.cell(row, column_of(sheet, "Stappen"), "alle")
        sheet.cell(row, column_of(sheet, "Uit actiepunten"), "P1, P99")
        sheet.cell(row + 1, column_of(sheet, "Wat gaan we doen")).value = None

    edited(path, change)
    reread = tk.read_actions(path)
    assert (reread.action("A1").items, reread.action("A1").points) == (("1.2",), ("P1",))
    problems = [(problem.code, problem.found) for problem in reread.problems]
    assert problems == [
        ("unknown_item", "9.9"), ("unknown_step", "alle"), ("unknown_point", "P99"), ("no_action_text", "")
    ]  # fmt: skip
    assert all(problem.cell for problem in reread.problems)


def test_a_copied_row_gets_a_number_of_its_own(plan, tmp_path):
    path = tk.write_actions(tmp_path / "plan.xlsx", plan)

    def change(sheet):
        row = row_of(sheet, "A1")
        for column in range(1, 9):
            sheet.cell(row + 2, column, sheet.cell(row, column).value)

    edited(path, change)
    assert [action.id for action in tk.read_actions(path).actions] == ["A1", "A2", "A3"]


def test_a_column_somebody_added_goes_along_and_what_stands_outside_is_said(plan, tmp_path):
    path = tk.write_actions(tmp_path / "plan.xlsx", plan)

    def change(sheet):
        head, row = row_of(sheet, "Nr"), row_of(sheet, "A1")
        sheet.cell(head, 9, "Status")
        sheet.cell(row, 9, FORMULA).data_type = "s"
        sheet.cell(row + 3, 9, "nog te bedenken")
        sheet.cell(row + 1, 12, "los")

    edited(path, change)
    reread = tk.read_actions(path)
    assert [action.more for action in reread.actions] == [(("Status", FORMULA),), (), (("Status", "nog te bedenken"),)]
    problems = [(problem.code, problem.found) for problem in reread.problems]
    assert problems == [("no_action_text", ""), ("outside_table", "los")]
    reread_twice = tk.read_actions(tk.write_actions(path, reread))
    assert reread_twice.actions == reread.actions
    assert "Status" in reread_twice.to_table().columns


def test_an_action_point_keeps_its_text_and_links_whatever_became_of_its_row(plan, tmp_path):
    path = tk.write_actions(tmp_path / "plan.xlsx", plan)
    workbook = load_workbook(path)
    sheet = workbook["Actiepunten"]
    sheet["B2"], sheet["C3"], sheet["E4"] = None, "Buurvrouw", "²"
    sheet["A5"] = None
    sheet.move_range("A2:E2", rows=40)
    workbook.save(path)
    reread = tk.read_actions(path)
    assert sorted(point.text for point in reread.points) == sorted(point.text for point in plan.points)
    next_id = f"P{len(plan.points) + 1}"
    assert {point.id for point in reread.points} == {next_id, *(point.id for point in plan.points)} - {"P4"}
    assert (reread.points[-1].id, reread.points[-1].step) == ("P1", 0)
    assert [action.points for action in reread.actions] == [action.points for action in plan.actions]
    assert sorted(problem.code for problem in reread.problems) == ["point_role", "point_step"]


def test_a_plan_is_there_whole_or_stays_what_it_was(plan, tmp_path, monkeypatch):
    path = tk.write_actions(tmp_path / "plan.xlsx", plan)
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("vol")))
    with pytest.raises(OSError, match="vol"):
        tk.write_actions(path, plan.without_action("A1"))
    assert tk.read_actions(path) == plan
    assert [file.name for file in tmp_path.iterdir()] == ["plan.xlsx"]


def test_a_file_that_is_none_is_said(tmp_path):
    with pytest.raises(FolderError, match="is er niet"):
        tk.read_actions(tmp_path / "none.xlsx")
    (tmp_path / "text.xlsx").write_text("geen werkboek")
    with pytest.raises(ToolkitError, match="geen leesbaar"):
        tk.read_actions(tmp_path / "text.xlsx")
    tk.write_form(tmp_path / "form.xlsx", tk.load_instrument())
    with pytest.raises(ToolkitError, match="geen tabel met acties"):
        tk.read_actions(tmp_path / "form.xlsx")


@pytest.mark.office
def test_a_plan_edited_in_libreoffice_keeps_every_action_and_link(plan, tmp_path, type_in_office):
    """LibreOffice opens the plan, somebody types in four cells and saves it."""
    path = tk.write_actions(tmp_path / "plan.xlsx", plan)
    sheet = load_workbook(path)["Acties"]
    owner, new = sheet.cell(row_of(sheet, "A1"), column_of(sheet, "Wie")), row_of(sheet, "A2") + 1
    cells = {owner.coordinate: "Sam en Noor", f"B{new}": "Koffie-ochtend", f"C{new}": "2.6, 3.1", f"H{new}": "P2"}
    out = tmp_path / "edited.xlsx"
    type_in_office(path, cells, out)
    reread = tk.read_actions(out)
    assert reread.problems == ()
    assert reread.points == plan.points
    assert reread.action("A1") == replace(plan.action("A1"), who="Sam en Noor")
    assert reread.action("A2") == plan.action("A2")
    assert reread.action("A3") == tk.TeamAction("Koffie-ochtend", ("2.6", "3.1"), points=("P2",), id="A3")


# what became of it


def moments(first_answers: list, last_answers: list, role: str = "teacher", **kwargs) -> pd.Series:
    forms = table(
        people(role, *first_answers, wave="2024-2025"),
        people(role, *last_answers, wave="2025-2026"),
        people("director", 0, wave="2024-2025"),
        people("director", 2, wave="2025-2026"),
    )
    checklist = tk.load_instrument()
    movement = tk.movement(tk.item_table(tk.protect(forms, checklist), checklist), ["1.1"], **kwargs)
    return movement.set_index("role").loc[role], tk.summarise_movement(movement)


def test_movement_is_said_where_the_interval_leaves_out_zero():
    row, sentence = moments([0] * 9 + [1], [2] * 9 + [1])
    assert (round(row.change), row.moved) == (90, "up")
    assert 0 < row.change_low < 90 < row.change_high <= 100
    assert "Meer Ja dan toen" in str(sentence)
    assert moments([2] * 9 + [1], [0] * 9 + [1])[0].moved == "down"


def test_a_small_change_is_noise():
    row, sentence = moments([0, 1, 1, 2, 2, 1], [1, 1, 2, 2, 2, 1])
    assert row.moved == "unsure"
    assert row.change_low < 0 < row.change_high
    assert "Geen duidelijke verandering" in str(sentence)


def test_another_team_is_said_and_always_that_others_may_have_answered():
    assert "toen was het aantal invullers 6, nu 12" in str(moments([1] * 6, [1] * 12)[1])
    sentence = str(moments([1] * 6, [1] * 6)[1])
    assert "aantal invullers" not in sentence
    assert "Misschien vulden toen andere mensen in" in sentence


def test_a_group_hidden_at_one_moment_is_not_compared():
    row, _ = moments([1] * 4, [2] * 8)
    assert row.suppressed
    assert row[["level", "level_before", "n", "n_before", "change", "moved"]].isna().all()


def test_a_director_has_a_change_and_no_interval(example, checklist):
    movement = tk.movement(tk.item_table(example.safe, checklist), ["3.2"], "99AA00").set_index("role").loc["director"]
    assert (movement.change, movement.moved) == (50, "up")
    assert pd.isna(movement.change_low)


def test_only_protected_figures_move(example, checklist):
    with pytest.raises(UnprotectedError):
        tk.movement(tk.item_table(example.intake.responses, checklist), ["3.2"])


# the board


@pytest.fixture
def board(example, tmp_path):
    return ActionBoard(example.intake, school="99AA00", wave="2024-2025", path=tmp_path / "plan.xlsx")


def tick(board, *keys: str) -> None:
    """Choose statements and action points, and nothing else."""
    for key, box in board.choices.items():
        box.value = key in keys


def add(board, description: str) -> None:
    """Put an action in the plan."""
    board.description.value = description
    board.apply_button.click()


def test_points_become_an_action_that_brings_its_steps_and_is_saved_and_read_again(board, example, tmp_path):
    tick(board, "P1", "P9", "3.2", "1.2")
    board.who.value, board.due.value, board.evaluation.value = "team", date(2026, 10, 1), "lijst"
    board.apply_button.click()
    action = board.plan.actions[0]
    points = [point for point in board.plan.points if point.id in ("P1", "P9")]
    assert action.what == "\n".join(point.text for point in points)
    assert (action.items, action.points, action.by) == (("1.2", "3.2"), ("P1", "P9"), "01-10-2026")
    assert set(action.all_steps) == {1, 3, *(point.step for point in points)}
    assert "3.2 Kennismakingsgesprek" in board.table.value
    assert board.description.value == ""
    assert not any(box.value for box in board.choices.values())
    board.save_button.click()
    assert "Bewaard in" in board.message.value
    reopened = ActionBoard(example.intake, school="99AA00", wave="2024-2025", path=tmp_path / "plan.xlsx")
    assert reopened.plan == board.plan


def test_an_action_is_changed_and_taken_out(board):
    for description in ("een", "twee"):
        add(board, description)
    board.selected_action.value = "A2"
    assert board.description.value == "twee"
    board.who.value = "Noor"
    board.apply_button.click()
    assert [(a.id, a.who) for a in board.plan.actions] == [("A1", ""), ("A2", "Noor")]
    board.selected_action.value = "A1"
    board.remove_button.click()
    assert [action.id for action in board.plan.actions] == ["A2"]


def test_a_search_keeps_what_is_ticked_in_sight_and_the_links_of_an_action(board):
    tick(board, "P1", "P3")
    board.search.value = "Thuistaal 3.2"
    visible_choices = [key for key, box in board.choices.items() if box.layout.display != "none"]
    assert {"P1", "P3"} <= set(visible_choices)
    assert len(visible_choices) < 6
    board.apply_button.click()
    board.selected_action.value = "A1"
    board.search.value = "niets"
    board.apply_button.click()
    assert set(board.plan.actions[0].points) == {"P1", "P3"}


def test_a_moment_that_is_no_date_stays_until_a_date_is_chosen(board):
    board.plan = board.plan.with_action(tk.TeamAction("bellen", by="voor de zomer"))
    board._show()
    board.selected_action.value = "A1"
    assert "voor de zomer" in board.message.value
    board.apply_button.click()
    assert board.plan.actions[0].by == "voor de zomer"
    board.selected_action.value = "A1"
    board.due.value = date(2026, 6, 1)
    board.apply_button.click()
    assert board.plan.actions[0].by == "01-06-2026"


def test_an_empty_action_and_a_plan_of_another_school_are_refused(board, example, tmp_path):
    board.apply_button.click()
    assert board.plan.actions == ()
    assert "Schrijf eerst" in board.message.value
    other_plan = tk.new_plan(example.safe.actions, "99AC00", "2024-2025").with_action(tk.TeamAction("van hen"))
    tk.write_actions(tmp_path / "plan.xlsx", other_plan)
    board.save_button.click()
    assert "99AC00" in board.message.value
    assert tk.read_actions(tmp_path / "plan.xlsx") == other_plan


def test_what_somebody_else_saved_meanwhile_is_not_lost(board, tmp_path):
    add(board, "mijn actie")
    board.save_button.click()
    tk.write_actions(tmp_path / "plan.xlsx", board.plan.with_action(tk.TeamAction("van een collega")))
    board.save_button.click()
    assert "intussen" in board.message.value
    assert len(tk.read_actions(tmp_path / "plan.xlsx").actions) == 2


def test_next_year_the_board_shows_what_became_of_the_items(board, example, tmp_path):
    tick(board, "3.2")
    add(board, "startgesprek")
    board.save_button.click()
    after = ActionBoard(example.intake, school="99AA00", wave="2025-2026", path=tmp_path / "plan.xlsx")
    assert "zijn deze uitspraken verschoven" in after.before.value
    assert "Geen duidelijke verandering" in after.before.value
    assert "61 van 100 (n = 14)" in after.before.value
    assert after.plan.actions == ()
    after.save_button.click()
    assert tk.read_actions(tmp_path / "plan.xlsx") == board.plan
    assert (tmp_path / "plan-2025-2026.xlsx").exists()


def test_the_plan_of_this_year_is_opened_again_through_the_file_of_an_earlier_one(board, example, tmp_path):
    tick(board, "3.2")
    add(board, "startgesprek")
    board.begin(step=5, description="iets met stap 5")
    board.apply_button.click()
    assert board.plan.actions[1].steps == (5,)
    board.save_button.click()
    for description in ("van nu", "erbij"):
        this_year = ActionBoard(example.intake, school="99AA00", wave="2025-2026", path=tmp_path / "plan.xlsx")
        add(this_year, description)
        this_year.save_button.click()
        assert "Bewaard in" in this_year.message.value
    assert [a.what for a in tk.read_actions(tmp_path / "plan-2025-2026.xlsx").actions] == ["van nu", "erbij"]
    assert "Bij A2 staat geen uitspraak" in this_year.before.value
    forms = example.intake.responses
    next_year = forms[forms["wave"] == "2025-2026"].assign(wave="2026-2027/2")
    intake = replace(example.intake, responses=pd.concat([forms, next_year], ignore_index=True))
    later = ActionBoard(intake, school="99AA00", path=tmp_path / "plan.xlsx")
    assert [action.what for action in later.previous.actions] == ["van nu", "erbij"]
    assert later.path.value.endswith("plan-2026-2027-2.xlsx")


def test_a_plan_that_lost_its_place_or_is_of_another_school_is_said(board, example, tmp_path):
    path = tmp_path / "plan.xlsx"
    add(board, "startgesprek")
    board.save_button.click()
    edited(path, lambda sheet: sheet.delete_rows(1))
    reopened = ActionBoard(example.intake, school="99AA00", wave="2024-2025", path=path)
    assert "Vul daar achter School en Schooljaar in" in reopened.message.value
    reopened.save_button.click()
    assert len(tk.read_actions(path).actions) == 1

    def mended(sheet):
        sheet.insert_rows(1)
        sheet["A1"], sheet["B1"] = "School", "99aa00 "

    edited(path, mended)
    assert len(ActionBoard(example.intake, school="99AA00", wave="2024-2025", path=path).plan.actions) == 1
    other_board = ActionBoard(example.intake, school="99AC00", previous=path, path=tmp_path / "other.xlsx")
    assert "een andere school" in other_board.message.value
    assert other_board.previous is None


def test_a_plan_always_gets_a_name_that_excel_opens(board, tmp_path):
    board.path.value = str(tmp_path / "ons plan")
    add(board, "startgesprek")
    board.save_button.click()
    assert [file.name for file in tmp_path.iterdir()] == ["ons plan.xlsx"]
    board.path.value = " "
    board.save_button.click()
    assert "vul eerst een bestandsnaam in" in board.message.value


def test_hostile_words_do_not_run_and_hidden_texts_do_not_show(checklist):
    forms = table(people("teacher", *[2] * 6), people("care", 0, 0))
    texts = [
        {"school": "99AA00", "wave": "2025-2026", "role": role, "respondent": "r", "step": 1, "text": text}
        for role, text in [("teacher", HOSTILE), ("care", "GEHEIM")]
    ]
    schools = pd.DataFrame({"school": ["99AA00"], "name": [HOSTILE]})
    intake = tk.Intake(forms, pd.DataFrame(texts, columns=ACTION_COLUMNS), pd.DataFrame(), pd.DataFrame(), schools)
    board = ActionBoard(intake)
    tick(board, "P1")
    board.apply_button.click()
    html = "".join(child.value for child in board.children if hasattr(child, "value") and isinstance(child.value, str))
    shown = board_view(SchoolResults.of_intake(intake), board.plan)
    assert "<img" not in shown.plan + shown.start
    assert "<img" not in html
    assert "&lt;img" in shown.plan
    assert "\u202e" not in shown.plan + shown.start + repr(shown.choices)
    assert board.plan.actions[0].what == HOSTILE
    assert "GEHEIM" not in "".join(box.description for box in board.choices.values()) + html


def test_the_board_in_english_and_without_schools(example):
    assert "The plan" in ActionBoard(example.intake, language="en").table.value
    empty = tk.Intake(table([]), pd.DataFrame(columns=ACTION_COLUMNS), pd.DataFrame(), pd.DataFrame(),
                      pd.DataFrame({"school": [], "name": []}, dtype="str"))  # fmt: skip
    _, message = ActionBoard(empty).children
    assert "geen formulier gelezen" in message.value
