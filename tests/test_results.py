"""`SchoolResults`: one value for everything that is shown, computed for the schools that are asked for."""

import pandas as pd
import pytest

import toolkit as tk
import toolkit.results as module
from toolkit.core.errors import SelectionError, ToolkitError, UnprotectedError
from toolkit.results import TABLES, SchoolResults


@pytest.fixture(scope="module")
def results(example):
    return SchoolResults.of_intake(example.intake)


@pytest.mark.parametrize("name", TABLES)
def test_one_school_alone_has_the_same_rows_as_among_the_others(results, example, name):
    """Narrowing before anything is computed, and after, gives the same table."""
    single = getattr(SchoolResults.of_intake(example.intake).of("99AC00"), name)
    among = getattr(results.without_forms().of("99AC00"), name)
    pd.testing.assert_frame_equal(single.reset_index(drop=True), among.reset_index(drop=True), check_dtype=False)


def test_one_wave_keeps_the_change_since_the_wave_before(results):
    one_wave = results.of("99AA00", "2025-2026")
    assert set(one_wave.levels["wave"]) == {"2025-2026"}
    assert set(one_wave.changes["before"].dropna()) == {"2024-2025"}


def test_the_results_of_one_school_need_only_the_forms_of_that_school(example, monkeypatch):
    schools_read = []
    real = module.protect
    monkeypatch.setattr(
        module,
        "protect",
        lambda responses, *rest: schools_read.append(set(responses["school"])) or real(responses, *rest),
    )
    school_results = SchoolResults.of_intake(example.intake).of("99AA00")
    assert schools_read == []
    assert len(school_results.levels)
    assert schools_read == [{"99AA00"}]


def test_what_is_saved_holds_every_table_and_no_form(results, example, tmp_path):
    results.of("99AA00").save(tmp_path / "tables.pickle")
    loaded = SchoolResults.load(tmp_path / "tables.pickle")
    assert loaded.tables().keys() == set(TABLES)
    assert loaded.schools() == ["99AA00"]
    assert not any("respondent" in table for table in loaded.tables().values())
    saved = (tmp_path / "tables.pickle").read_bytes()
    pseudonyms = {pseudonym for pseudonym in example.intake.responses["respondent"] if len(pseudonym) > 4}
    assert pseudonyms
    assert not any(pseudonym.encode() in saved for pseudonym in pseudonyms)
    assert loaded._forms is None


def test_schools_are_in_the_order_of_their_names_without_quotes(results):
    assert [results.name(school) for school in results.schools()][:2] == [
        "Basisschool De Regenboog", "Basisschool 't Zandpad",
    ]  # fmt: skip


def test_a_researchers_own_table_gives_no_results(example):
    with pytest.raises(UnprotectedError):
        SchoolResults.of_intake(example.intake, policy=tk.Policy(audience="researcher"))


def test_a_register_says_how_many_were_asked(example, results, tmp_path):
    register = tmp_path / "scholen.csv"
    register.write_text("school;leraren\n99AA00;15\n", encoding="utf-8")
    rows = SchoolResults.of_intake(example.intake, invited=register).of("99AA00").levels.query("role == 'teacher'")
    assert set(rows.dropna(subset="level_low")["team_size"]) == {15}
    register.write_text("school;plaats\n99AA00;Rotterdam\n", encoding="utf-8")
    with pytest.raises(ToolkitError, match="geen kolom met hoeveel mensen"):
        SchoolResults.of_intake(example.intake, invited=register)


def test_an_unknown_school_is_named(results):
    with pytest.raises(SelectionError, match="99ZZ99"):
        results.waves("99ZZ99")
