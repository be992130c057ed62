"""Two showings of one group: an attacker who has both subtracts them, and must be left with nothing of a few people.

The attacker knows how everything is computed, and counts answers himself. Each test first attacks what would be shown
if every showing were made from the forms that are there, and finds somebody; then what is shown, and finds nobody.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import toolkit as tk
from tests.support.forms import all_answers, filled
from tests.support.showings import (
    CHECKLIST,
    ITEMS,
    WAVE,
    attack,
    careful,
    careless,
    intake_of,
    people,
    persons_found,
    showing,
)  # fmt: skip
from toolkit.cli import main
from toolkit.core.errors import ToolkitError
from toolkit.privacy.showings import RECORD, next_showing


def two_showings(first: tk.Intake, second: tk.Intake, show, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    return showing(show(first, folder)), showing(show(second, folder))


def test_the_form_of_a_newcomer_does_not_follow_from_two_showings(tmp_path):
    for seed in range(4):
        rng = np.random.default_rng(seed)
        before, newcomer = people("S", "teacher", 5 + seed % 6, rng), people("S", "teacher", 1 + seed % 4, rng)
        rounds = intake_of(before), intake_of(before, newcomer)
        assert len(persons_found(*two_showings(*rounds, careless, tmp_path / "x"))) == 33
        assert persons_found(*two_showings(*rounds, careful, tmp_path / str(seed))) == set()


def test_a_form_that_was_taken_away_or_corrected_does_not_follow_either(tmp_path):
    for seed in range(2):
        rng = np.random.default_rng(seed)
        before, corrected = people("S", "teacher", 8, rng), people("S", "teacher", 1, rng)
        for name, after in {"gone": before[1:], "corrected": pd.concat([before[1:], corrected])}.items():
            rounds = intake_of(before), intake_of(after)
            assert persons_found(*two_showings(*rounds, careless, tmp_path / "x"))
            assert persons_found(*two_showings(*rounds, careful, tmp_path / f"{seed}-{name}")) == set()


def test_a_team_is_not_taken_apart_by_a_fifth_teacher(tmp_path):
    """Four teachers and a care professional are a team; then a fifth teacher: the difference is the care person."""
    rng = np.random.default_rng(1)
    teachers, care, fifth = (people("S", role, n, rng) for role, n in (("teacher", 4), ("care", 1), ("teacher", 1)))
    rounds = intake_of(teachers, care), intake_of(teachers, care, fifth)

    def care_minus_newcomer(before_table: pd.DataFrame, after_table: pd.DataFrame) -> pd.DataFrame:
        if "team" not in before_table.index.unique("role") or "teacher" not in after_table.index.unique("role"):
            return pd.DataFrame()
        return before_table.xs("team", level="role") - after_table.xs("teacher", level="role")

    difference = care_minus_newcomer(*two_showings(*rounds, careless, tmp_path / "x"))
    items_found = [item for item in ITEMS if difference.loc[("S", item)].abs().sum() == 2]
    for item in items_found:
        answers = difference.loc[("S", item)].tolist()
        assert (answers.index(1), answers.index(-1)) == (care[item].iloc[0], fifth[item].iloc[0])
    assert len(items_found) > 10
    first, second = two_showings(*rounds, careful, tmp_path)
    assert care_minus_newcomer(first, second).empty
    pd.testing.assert_frame_equal(first, second)


def test_another_minimum_is_refused_for_all_that_is_shown_of_a_folder(tmp_path):
    """Six teachers shown at a minimum of 5, and a team of nine at 8: the difference is three care professionals."""
    rng = np.random.default_rng(1)
    intake = intake_of(people("S", "teacher", 6, rng), care := people("S", "care", 3, rng))
    default, stricter = (
        tk.item_table(tk.protect(intake.responses, CHECKLIST, tk.Policy(minimum=n)), CHECKLIST) for n in (5, 8)
    )
    teachers, team = (
        table[table["role"] == role].set_index("item") for table, role in ((default, "teacher"), (stricter, "team"))
    )
    assert ((team["yes"] - teachers["yes"]).to_numpy() == (care[ITEMS] == 2).sum().to_numpy()).all(), "else no test"
    next_showing(intake, CHECKLIST, tk.Policy(minimum=5), tmp_path).save()
    with pytest.raises(ToolkitError, match="minimum van 5; nu is het 8"):
        next_showing(intake, CHECKLIST, tk.Policy(minimum=8), tmp_path)


def test_a_showing_is_held_against_all_earlier_ones(tmp_path):
    """Five come, and then leave with one of the first: only between the first showing and the third is there one."""
    rng = np.random.default_rng(1)
    first, passing = people("S", "teacher", 8, rng), people("S", "teacher", 5, rng)
    rounds = [intake_of(first), intake_of(first, passing), intake_of(first[1:])]
    shown = [showing(careless(intake, tmp_path)) for intake in rounds]
    assert len(persons_found(shown[0], shown[2])) == 33
    shown = [showing(careful(intake, tmp_path)) for intake in rounds]
    assert (shown[1].sum(axis=1) == 13).all()
    assert persons_found(shown[0], shown[2]) == set()


def test_enough_new_forms_are_shown(tmp_path):
    """The attacker tests would also pass if nothing were ever renewed."""
    rng = np.random.default_rng(1)
    before, newcomers = people("S", "teacher", 6, rng), people("S", "teacher", 5, rng)
    two_showings(intake_of(before), intake_of(before, newcomers[:4]), careful, tmp_path)
    after = showing(careful(intake_of(before, newcomers), tmp_path))
    assert (after.sum(axis=1) == 11).all()


def test_five_newcomers_do_not_disclose_an_item_that_one_of_them_answered(tmp_path):
    rng = np.random.default_rng(1)
    before, newcomers = people("S", "teacher", 6, rng), people("S", "teacher", 5, rng)
    newcomers.loc[newcomers.index[1:], "2.2"] = None
    rounds = intake_of(before), intake_of(before, newcomers)
    assert persons_found(*two_showings(*rounds, careless, tmp_path / "x")) == {("S", "teacher", "2.2")}
    assert persons_found(*two_showings(*rounds, careful, tmp_path)) == set()


def test_texts_of_a_newcomer_wait_as_well(tmp_path):
    rng = np.random.default_rng(1)
    before, newcomer = people("S", "teacher", 6, rng), people("S", "teacher", 1, rng)
    all_people = pd.concat([before, newcomer])
    texts = all_people[["school", "wave", "role", "respondent"]].astype("str").assign(step=1)
    texts["text"] = [f"text {number}" for number in range(7)]
    first = careful(intake_of(before, actions=texts[:6]), tmp_path)
    second = careful(intake_of(all_people, actions=texts), tmp_path)
    assert sorted(second.actions["text"]) == sorted(first.actions["text"])
    assert "text 6" not in set(second.actions["text"])


def test_a_director_is_shown_as_is(tmp_path):
    rng = np.random.default_rng(1)
    first_director, second_director = people("S", "director", 1, rng), people("S", "director", 1, rng)
    careful(intake_of(first_director), tmp_path)
    assert (
        careful(intake_of(second_director), tmp_path).responses["respondent"].tolist()
        == second_director["respondent"].tolist()
    )


def test_the_order_and_the_names_of_forms_do_not_matter(tmp_path):
    rng = np.random.default_rng(1)
    before = people("S", "teacher", 6, rng)
    careful(intake_of(before), tmp_path)
    renamed = before[::-1].assign(respondent=[f"r{number}" for number in range(6)])
    assert len(careful(intake_of(renamed), tmp_path).responses) == 6


def test_an_attacker_with_three_showings_of_many_schools_finds_nobody(tmp_path):
    assert len(attack(1, 40, tmp_path / "careless", careless)) > 30
    assert attack(1, 40, tmp_path / "careful", careful) == set()


def test_the_record_holds_no_answer_and_is_read_through_no_link(tmp_path):
    rng = np.random.default_rng(1)
    forms = people("S", "teacher", 6, rng)
    careful(intake_of(forms), tmp_path)
    record = (tmp_path / RECORD).read_text()
    for row in forms[ITEMS].itertuples(index=False):
        assert "".join(map(str, row)) not in record
    assert not any(person in record for person in forms["respondent"])
    link_target = tmp_path / "other"
    link_target.mkdir()
    careful(intake_of(forms), link_target)
    assert set(record.split()) & set((link_target / RECORD).read_text().split()) < {'"', "{"} | set(record.split())
    digests = [
        {line for line in text.split('"') if len(line) == 20} for text in (record, (link_target / RECORD).read_text())
    ]
    assert len(digests[0]) == 6
    assert not digests[0] & digests[1], "the key differs, so what is in one folder tells nothing of another"
    (link_target / RECORD).unlink()
    os.symlink(tmp_path / RECORD, link_target / RECORD)
    with pytest.raises(ToolkitError, match="kan niet worden gelezen"):
        careful(intake_of(forms), link_target)


@pytest.mark.parametrize("text", ["", "{}", "[", '{"key": 1}', '{"key": "00", "minimum": 5, "schools": {"S": []}}'])
def test_a_record_that_is_damaged_stops_a_showing(text, tmp_path):
    (tmp_path / RECORD).write_text(text)
    with pytest.raises(ToolkitError, match="kan niet worden gelezen"):
        careful(intake_of(people("S", "teacher", 6, np.random.default_rng(1))), tmp_path)


# --- as an advisor meets it ---


def write_form(folder: Path, number: int, answer: str, role: str = "Leraar") -> None:
    """A form, different from every other."""
    answers = all_answers(answer) | {"1.1": ("Ja", "Beetje", "Nee")[number % 3], "1.2": ("Ja", "Nee")[number % 2]}
    metadata = {"school": "99AX00", "wave": WAVE}
    (folder / f"{role}-{number}.xlsx").write_bytes(filled(answers, role, {1: f"plan {number}"}, **metadata))


@pytest.fixture
def forms(tmp_path) -> Path:
    folder = tmp_path / "forms"
    folder.mkdir()
    for number in range(6):
        write_form(folder, number, "Ja")
    return folder


def items_in(report: Path) -> list[list[object]]:
    from openpyxl import load_workbook

    book = load_workbook(report, read_only=True)
    return [list(row) for sheet in book.worksheets for row in sheet.iter_rows(values_only=True)]


def report(forms: Path, out: Path) -> list[list[object]]:
    assert main(["report", str(forms), "--school", "99AX00", "-o", str(out)]) == 0
    return items_in(out)


def test_a_report_after_one_more_form_is_the_same_until_the_round_is_closed(forms, tmp_path, capsys, monkeypatch):
    first = report(forms, tmp_path / "een.xlsx")
    write_form(forms, 7, "Nee")
    capsys.readouterr()
    assert report(forms, tmp_path / "twee.xlsx") == first
    output = capsys.readouterr().out
    assert "99AX00 2025-2026, leraren: formulieren die nog wachten: 1." in output
    assert f"handvat close {forms}" in output
    monkeypatch.setattr("sys.stdin.readline", lambda: "nee\n", raising=False)
    assert main(["close", str(forms), "--yes"]) == 0
    assert "De ronde is gesloten: 7 formulieren van 1 school." in capsys.readouterr().out
    closed = report(forms, tmp_path / "drie.xlsx")
    assert closed != first
    write_form(forms, 8, "Nee")
    assert main(["close", str(forms), "--yes"]) == 0
    assert report(forms, tmp_path / "vier.xlsx") == closed, "a round is closed once"


def test_closing_asks_first_and_names_what_can_be_computed(forms, tmp_path, capsys, monkeypatch):
    report(forms, tmp_path / "een.xlsx")
    write_form(forms, 7, "Nee")
    monkeypatch.setattr("toolkit.commands.close.confirmed", lambda question: print(question) or False)
    assert main(["close", str(forms)]) == 1
    output = capsys.readouterr().out
    assert "99AX00 2025-2026 leraren" in output
    assert "De ronde is niet gesloten" in output
    assert (report(forms, tmp_path / "twee.xlsx")) == items_in(tmp_path / "een.xlsx")


def test_a_talk_sheet_and_many_reports_share_the_record_of_the_folder(forms, tmp_path):
    out = tmp_path / "rapporten"
    assert main(["report", str(forms), "--all", "--format", "xlsx", "-o", str(out)]) == 0
    (written,) = out.glob("*.xlsx")
    before, sheet = items_in(written), tmp_path / "kaart.html"
    assert main(["talk-sheet", str(forms), "99AX00", "-o", str(sheet)]) == 0
    talk = sheet.read_text()
    write_form(forms, 7, "Nee")
    assert main(["report", str(forms), "--all", "--format", "xlsx", "-o", str(out)]) == 0
    assert main(["talk-sheet", str(forms), "99AX00", "-o", str(sheet)]) == 0
    assert items_in(written) == before
    assert sheet.read_text() == talk
    assert not (out / RECORD).exists(), "the digests and their key stay with the forms"


def test_reading_a_folder_does_not_meet_the_record(forms, tmp_path):
    report(forms, tmp_path / "een.xlsx")
    assert (forms / RECORD).is_file()
    assert tk.read_folder(forms, progress=False).counts()["ignored"] == 0


def test_a_cohort_report_after_one_more_form_is_the_same_and_shares_the_record(tmp_path):
    """A newcomer moves the mean of a small group of schools: what is held back of the school is held back there too."""
    rng = np.random.default_rng(6)
    schools = pd.DataFrame({"school": [f"S{number}" for number in range(6)]})
    forms = [people(school, "teacher", 6, rng) for school in schools["school"]]
    loud = people("S0", "teacher", 1, rng).assign(**dict.fromkeys(ITEMS, 2))
    first, second = intake_of(*forms), intake_of(*forms, loud)
    reports = {}
    for name, show in {"careless": tmp_path, "careful": tmp_path / "forms"}.items():
        for number, intake in enumerate((first, second)):
            folder = tmp_path / f"{name}-{number}" if name == "careless" else show
            folder.mkdir(exist_ok=True)
            path = tk.write_cohort_report(intake, schools, tmp_path / f"{name}-{number}.xlsx", showings=folder)
            reports[name, number] = items_in(path)
    assert reports["careless", 0] != reports["careless", 1]
    assert reports["careful", 0] == reports["careful", 1]
    assert (tmp_path / "forms" / RECORD).exists()
    assert persons_found(*(showing(careful(intake, tmp_path / "forms")) for intake in (first, second))) == set()
