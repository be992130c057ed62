"""Personal forms for many schools: each its own, prefilled, the same bytes each time, and read back."""

from dataclasses import replace

import docx
import pandas as pd
import pytest

import toolkit as tk
from toolkit.core.errors import FolderError, ToolkitError
from toolkit.forms.blank_form import form_bytes
from toolkit.forms.keys import item_key
from toolkit.forms.template import fill_form, open_template

SCHOOLS = pd.DataFrame(
    {
        "BRIN": ["12ab00", "12AC00"],
        "naam": ["De Eik & Zn.", '=cmd|"x": <b>'],
        "directie": [1, 2],
        "leraren": ["3", None],
        "zorg": [0, 1],
    }
)


def test_everyone_gets_a_form_of_their_own_in_the_schools_folder(tmp_path, checklist):
    forms = tk.write_forms(tmp_path / "out", checklist, SCHOOLS, wave="2025-2026")
    assert forms.groupby(["school", "role"]).size().to_dict() == {
        ("12AB00", "director"): 1, ("12AB00", "teacher"): 3, ("12AC00", "director"): 2, ("12AC00", "care"): 1,
    }  # fmt: skip
    assert forms["form_id"].is_unique
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["12AB00 De Eik & Zn", "12AC00 =cmd x b"]
    letter = docx.Document(tmp_path / "out" / "12AB00 De Eik & Zn" / "brief.docx").paragraphs
    assert letter[0].text == "Aan het team van De Eik & Zn."
    assert "4 formulieren" in letter[1].text


def test_what_is_written_for_many_is_read_back(tmp_path, checklist):
    forms = tk.write_forms(tmp_path / "out", checklist, SCHOOLS, wave="2025-2026")
    for letter in (tmp_path / "out").rglob("*.docx"):
        letter.unlink()
    intake = tk.read_folder(tmp_path / "out", checklist)
    files = intake.files.merge(forms, on="file", suffixes=("", "_made"))
    assert len(files) == len(forms) == 7
    assert (files["school"] == files["school_made"]).all()
    assert (files["role"] == files["role_made"]).all()
    assert set(intake.problems["code"]) == {"incomplete"}
    assert set(intake.schools["name"]) == set(SCHOOLS["naam"])
    assert intake.responses["respondent"].is_unique


def test_the_same_register_gives_the_same_bytes_as_table_and_as_file(tmp_path, checklist):
    SCHOOLS.to_csv(tmp_path / "register.csv", sep=";", index=False)
    SCHOOLS.to_excel(tmp_path / "register.xlsx", index=False, engine="openpyxl")
    sources = (SCHOOLS, tmp_path / "register.csv")
    folders = [tmp_path / str(number) for number in range(len(sources))]
    for source, folder in zip(sources, folders, strict=True):
        tk.write_forms(folder, checklist, source, wave="2025-2026")
    first_files, second_files = (
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*") if p.is_file()} for f in folders
    )
    assert first_files == second_files


def test_a_patched_form_looks_like_one_built_for_its_school(tmp_path, checklist):
    from toolkit.spreadsheets.reader import read_workbook

    forms = tk.write_forms(tmp_path, checklist, pd.DataFrame({"school": ["12AB00"], "name": ["De & Eik"]}), wave="2025-2026", per_school=1)  # fmt: skip  # noqa: E501
    patched = read_workbook((tmp_path / forms["file"][0]).read_bytes())
    built = read_workbook(
        form_bytes(checklist, school="12AB00", school_name="De & Eik", wave="2025-2026", language="nl")
    )
    assert patched.sheets[0].cells == built.sheets[0].cells
    differs = {ref for ref, value in patched.sheets[1].cells.items() if built.sheets[1].cells.get(ref) != value}
    assert differs == {(3, 2), (11, 1)}, "only the form's own id, and the label of a team size that is not known here"


@pytest.mark.parametrize(
    ("schools", "wave", "message"),
    [
        (pd.DataFrame({"school": ["a"]}), "vorig jaar", "geen schooljaar"),
        (pd.DataFrame({"school": ["a", "a"]}), "2025-2026", "twee keer"),
        (pd.DataFrame({"school": ["a"], "leraren": ["veel"]}), "2025-2026", "waar een aantal hoort"),
        (pd.DataFrame({"plaats": ["a"]}), "2025-2026", "geen kolom voor de school"),
    ],
)
def test_what_is_wrong_in_a_register_is_said(schools, wave, message, tmp_path, checklist):
    with pytest.raises(ToolkitError, match=message):
        tk.write_forms(tmp_path, checklist, schools, wave=wave)


def test_nothing_is_written_over(tmp_path, checklist):
    (tmp_path / "a").write_text("x")
    with pytest.raises(FolderError):
        tk.write_forms(tmp_path, checklist, SCHOOLS, wave="2025-2026")


def test_the_same_forms_may_be_made_again_and_nothing_is_ever_written_over(tmp_path, checklist):
    folder = tmp_path / "out"
    forms = tk.write_forms(folder, checklist, SCHOOLS, wave="2025-2026")
    pd.testing.assert_frame_equal(forms, tk.write_forms(folder, checklist, SCHOOLS, wave="2025-2026"))
    form = folder / forms["file"][0]
    form.write_bytes(b"filled in")
    with pytest.raises(FolderError, match=r"eerdere versie.*Kies een nieuwe map"):
        tk.write_forms(folder, checklist, SCHOOLS, wave="2025-2026")
    assert form.read_bytes() == b"filled in"
    with pytest.raises(FolderError, match="niet leeg"):
        tk.write_forms(folder, checklist, SCHOOLS.head(1), wave="2025-2026")


def test_the_letter_is_what_lies_in_the_folder(tmp_path, checklist):
    tk.write_forms(tmp_path / "out", checklist, SCHOOLS, wave="2025-2026", language="en")
    written = docx.Document(tmp_path / "out" / "12AB00 De Eik & Zn" / "letter.docx")
    assert written.core_properties.language == "en"
    letter_text = "\n\n".join(line.text for line in written.paragraphs) + "\n"
    assert letter_text == tk.letter("De Eik & Zn.", "2025-2026", 4, language="en")


@pytest.mark.parametrize("heading", ["leraren", "Aantal leraren", "n_teachers", "Leerkrachten", "number of teachers"])
def test_numbers_are_found_under_the_headings_people_write(heading, tmp_path, checklist):
    schools = pd.DataFrame({"school": ["12AB00"], heading: [3]})
    forms = tk.write_forms(tmp_path / "out", checklist, schools, wave="2025-2026", progress=False)
    assert forms["role"].tolist() == ["teacher"] * 3


def test_a_run_that_broke_off_is_taken_up_again(tmp_path, checklist):
    schools = pd.DataFrame({"school": ["12AB00"], "leraren": [2]})
    out, options = tmp_path / "out", {"wave": "2025-2026", "progress": False}
    forms = tk.write_forms(out, checklist, schools, **options)
    first, second = (out / file for file in forms["file"])
    first_bytes = first.read_bytes()
    first.write_bytes(first_bytes[:1000])
    second.unlink()
    tk.write_forms(out, checklist, schools, **options)
    assert first.read_bytes() == first_bytes
    assert second.exists()


def test_the_size_of_the_team_goes_out_with_the_forms_and_comes_back_with_them(tmp_path, checklist):
    register = pd.DataFrame({"school": ["12AB00"], "directie": [1], "leraren": [7]})
    forms = tk.write_forms(tmp_path / "out", checklist, register, wave="2025-2026")
    (tmp_path / "back").mkdir()
    for number, file in enumerate(forms["file"][:-1]):
        form = open_template((tmp_path / "out" / file).read_bytes())
        answers = {item_key(item): ["Ja", "Nee", "Beetje"][number % 3] for item in checklist.item_ids}
        (tmp_path / "back" / f"{number}.xlsx").write_bytes(fill_form(form, answers))
    intake = tk.read_folder(tmp_path / "back", checklist)
    assert intake.team_sizes.to_numpy().tolist() == [
        ["12AB00", "2025-2026", "director", 1],
        ["12AB00", "2025-2026", "teacher", 7],
    ]
    results, unknown = tk.SchoolResults.of_intake(intake, checklist), replace(intake, team_sizes=None)
    typed = tk.SchoolResults.of_intake(unknown, checklist, invited=7).per_step
    assert results.per_step["team_size"].eq(7).all()
    pd.testing.assert_frame_equal(results.per_step, typed)
    without_size = tk.SchoolResults.of_intake(unknown, checklist).per_step
    assert (results.per_step["gap_high"] < without_size["gap_high"]).all(), "narrower where the team is known"
    page = "".join(text.value for text in tk.SchoolExplorer(intake, checklist).panels["overview"].texts)
    assert "Leraren: 6 van de 7" in page
