"""A register gives facts of schools by their code, and every school is accounted for."""

import pandas as pd
import pytest

import toolkit as tk
from tests.support.forms import same_everywhere, table
from toolkit.core.errors import RegisterWarning, ToolkitError

HEADINGS = (
    "PROVINCIE;BEVOEGD GEZAG NUMMER;INSTELLINGSCODE;VESTIGINGSCODE;VESTIGINGSNAAM;POSTCODE;PLAATSNAAM;GEMEENTENUMMER;"
    "GEMEENTENAAM;DENOMINATIE;SCHOOLWEGING"
)
DUO = f"""{HEADINGS}
Zuid-Holland ;42505;99AA;99AA00;De Regenboog;3011 AA;ROTTERDAM;0599;Rotterdam;Openbaar ;29,87
Zuid-Holland;42505;99AA;99AA01;De Regenboog, loc. Noord;3011 AB;ROTTERDAM;0599;Rotterdam;Openbaar;31
Fryslân;10203;09AB;0;'t Zandpad;8911 XX;LEEUWARDEN;0080;Súdwest-Fryslân;Protestants-Christelijk;1.028,5
Utrecht;77;9AC;00;De Vliet;3511 BB;UTRECHT;0344;Utrecht;Rooms-Katholiek;
Utrecht;77;99AD;99AD00;Maasoever;3511 CC;UTRECHT;0344;Utrecht;Overige;28,1
Utrecht;77;99AD;99AD00;Maasoever (oud);3511 CD;UTRECHT;0344;Utrecht;Overige;28,1
"""


def responses(*schools: str) -> pd.DataFrame:
    return table(*[same_everywhere("teacher", 1, school=school) for school in schools])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_duos_table_of_locations_is_read_as_it_is_published(tmp_path, encoding):
    path = tmp_path / "vestigingen.csv"
    path.write_bytes(DUO.replace("\n", "\r\n").encode(encoding))
    register = tk.read_register(path)
    assert register["school"].tolist() == ["99AA00", "99AA01", "09AB00", "09AC00", "99AD00", "99AD00"]
    assert register["municipality"].tolist()[2] == "Súdwest-Fryslân"
    assert register["denomination"].tolist()[:2] == ["Openbaar", "Openbaar"]
    assert register["SCHOOLWEGING"].tolist()[:3] == [29.87, 31, 1028.5]
    assert register["GEMEENTENUMMER"].tolist()[2] == "0080"


def test_every_school_is_accounted_for(tmp_path):
    path = tmp_path / "vestigingen.csv"
    path.write_text(DUO, encoding="utf-8")
    joined = tk.join_register(responses("99AA00", "09AB00", "99AD00", "98CA00"), path, sector="po")
    assert joined.schools.set_index("school")["match"].to_dict() == {
        "09AB00": "one", "98CA00": "none", "99AA00": "one", "99AD00": "several",
    }  # fmt: skip
    assert (joined.unmatched, joined.double, joined.unused) == (["98CA00"], ["99AD00"], ["09AC00", "99AA01"])
    facts = joined.schools.set_index("school")
    assert facts.loc["99AA00", ["name", "sector", "province"]].tolist() == ["De Regenboog", "po", "Zuid-Holland"]
    assert facts.loc[["99AD00", "98CA00"], "province"].isna().all()
    assert "98CA00" in joined.summary()
    assert "99AD00" in joined.summary("en")


def test_the_same_line_twice_is_no_doubt(tmp_path):
    lines = pd.DataFrame({"school": ["99AA00", "99AA00"], "gemeente": ["Rotterdam", "Rotterdam"]})
    joined = tk.join_register(responses("99AA00"), lines)
    assert joined.schools["match"].tolist() == ["one"]


def test_a_register_in_excel_may_have_lost_its_zeros(tmp_path):
    path = tmp_path / "scholen.xlsx"
    pd.DataFrame({"BRIN-nummer": ["9AB"], "Vestigingsnummer": [0], "Sector": ["SBO"]}).to_excel(path, index=False)
    assert tk.read_register(path)[["school", "sector"]].to_numpy().tolist() == [["09AB00", "so"]]


def test_the_joined_schools_are_groups():
    forms = responses(*[f"98AA{n:02d}" for n in range(12)])
    schools = pd.DataFrame({"brin": [f"98AA{n:02d}" for n in range(12)], "gemeente": ["Delft"] * 6 + ["Gouda"] * 6})
    joined = tk.join_register(forms, schools)
    frame = tk.compare_cohorts(forms, tk.load_instrument(), joined.schools, "municipality")
    assert frame["group"].unique().tolist() == ["Delft", "Gouda"]


def test_a_register_without_a_school_says_what_there_is():
    with pytest.raises(ToolkitError, match="Plaats"):
        tk.read_register(pd.DataFrame({"Plaatsje": ["x"]}))


@pytest.mark.parametrize("text", ["school;naam\n", "school\n\n", "school;naam\nTotaal;\n"])
def test_a_register_of_headings_only_is_said_so(text, tmp_path):
    path = tmp_path / "schools.csv"
    path.write_text(text)
    with pytest.raises(ToolkitError, match="staat geen enkele school"):
        tk.read_register(path)


@pytest.mark.parametrize(
    "text",
    [
        "VESTIGINGSCODE;GEMEENTENAAM\n99aa00;Rotterdam",
        "sep=;\nBRIN_NUMMER;BRIN_VESTIGING;GEMEENTENAAM\n99AA;0;Rotterdam",
        "INSTELLINGSCODE\tVESTIGINGSCODE\tGEMEENTENAAM\n99aa\t00\tRotterdam",
    ],
)
def test_the_code_is_found_as_other_tables_have_it(text, tmp_path):
    path = tmp_path / "vestigingen.csv"
    path.write_text(text, encoding="utf-8")
    assert tk.read_register(path)[["school", "municipality"]].to_numpy().tolist() == [["99AA00", "Rotterdam"]]


@pytest.mark.parametrize("name", ["r.csv", "r.xlsx"])
@pytest.mark.parametrize("text", ["", "school;naam\n99AA00;De A\n99AB00;De B;te veel"])
def test_a_register_that_can_not_be_read_is_said_so(name, text, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ToolkitError, match=f"{name} kan niet worden gelezen"):
        tk.read_register(tmp_path / name)


@pytest.mark.parametrize("code", ["1,2E+102", "1.2E+102", 12e100, "99AA", "O9AA00", "99AA00 / 99AA01", "O9AA0O"])
def test_what_is_hardly_a_code_is_named(code):
    with pytest.warns(RegisterWarning, match=r"12E100"):
        tk.read_register(pd.DataFrame({"school": ["99AA00", code]}))


def test_notes_and_short_words_for_totals_are_no_schools_and_ib_is_a_role():
    rows = [["99AA00", 12, 2], ["Tot.", 12, 2], ["Gem.", 12, 2], ["* bijgewerkt in mei", "", ""]]
    with pytest.warns(RegisterWarning, match=r"Tot\., Gem\., \* bijgewerkt in mei"):
        register = tk.read_register(pd.DataFrame(rows, columns=["School", "Docenten", "IB"]))
    assert register[["school", "teacher", "care"]].to_numpy().tolist() == [["99AA00", 12, 2]]
