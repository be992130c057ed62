"""Every format says the same, under pseudonyms; what is deleted is gone."""

import json
import shutil
import subprocess

import pandas as pd
import pytest
from openpyxl import load_workbook

import toolkit as tk
from tests.support.forms import same_everywhere, table
from tests.support.requirements import program
from toolkit.cli import main
from toolkit.core.errors import SelectionError, ToolkitError
from toolkit.research_export.formats import WRITERS
from toolkit.research_export.table import MISSING

CHECKLIST = tk.load_instrument()
SECRET, OTHER_SECRET = "a secret of many letters", "another one of as many"
ITEMS = [f"item_{item.replace('.', '_')}" for item in CHECKLIST.item_ids]


@pytest.fixture
def forms() -> pd.DataFrame:
    forms = table(
        same_everywhere("director", 2, respondent="a"),
        same_everywhere("teacher", 0, 3),
        same_everywhere("care", 1, 1, school="98CA00", respondent="b"),
    )
    forms.loc[1, ["1.1", "2.3"]] = pd.NA
    return forms


def numbers(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[["role", *ITEMS]].astype("float64")


def test_every_format_holds_the_same_values(forms, tmp_path):
    import pyreadstat

    for ending in WRITERS:
        tk.export(forms, tmp_path / f"data{ending}", secret=SECRET)
    parquet = pd.read_parquet(tmp_path / "data.parquet")
    csv = pd.read_csv(tmp_path / "data.csv", sep=";", decimal=",", encoding="utf-8-sig")
    xlsx = pd.read_excel(tmp_path / "data.xlsx", engine="openpyxl")
    sav, meta = pyreadstat.read_sav(str(tmp_path / "data.sav"))
    for exported in (csv, xlsx, sav):
        assert exported.columns.tolist() == parquet.columns.tolist()
        pd.testing.assert_frame_equal(numbers(exported), numbers(parquet))
        assert exported["school"].tolist() == parquet["school"].tolist()
    coded, with_missing = pyreadstat.read_sav(str(tmp_path / "data.sav"), user_missing=True)
    assert (coded[ITEMS] == MISSING).sum().sum() == parquet[ITEMS].isna().sum().sum() == 2
    assert meta.variable_value_labels["item_1_1"] == {0: "Nee", 1: "Beetje", 2: "Ja", MISSING: "geen antwoord"}
    assert meta.variable_value_labels["role"][2] == "Leraar"
    assert meta.column_names_to_labels["item_5_8"].startswith("5.8 ")
    assert with_missing.missing_ranges["item_1_1"] == [{"lo": MISSING, "hi": MISSING}]


def test_the_codebook_and_the_schema_say_what_every_column_means(forms, tmp_path):
    tk.export(forms, tmp_path / "data.csv")
    tk.export(forms, tmp_path / "data.parquet")
    tk.export(forms, tmp_path / "data.csv")
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert [resource["path"] for resource in package["resources"]] == ["data.csv", "data.parquet"]
    fields = {field["name"]: field for field in package["resources"][0]["schema"]["fields"]}
    header = (tmp_path / "data.csv").read_text(encoding="utf-8-sig").splitlines()[0].split(";")
    assert header == list(fields)
    assert fields["item_1_1"]["categories"][2] == {"value": 2, "label": "Ja"}
    codebook = pd.read_csv(tmp_path / "data-codebook.csv", sep=";", encoding="utf-8-sig")
    assert codebook["variabele"].tolist() == header


def test_pseudonyms_follow_from_the_secret_and_say_nothing_without(forms, tmp_path):
    def schools(secret, **ways):
        tk.export(forms, tmp_path / "x.parquet", secret=secret, **ways)
        return pd.read_parquet(tmp_path / "x.parquet")

    pseudonyms = schools(SECRET)
    assert pseudonyms.equals(schools(SECRET))
    assert not set(pseudonyms["school"]) & set(schools(OTHER_SECRET)["school"])
    assert not set(schools(None)["respondent"]) & set(schools(None)["respondent"])
    assert pseudonyms["respondent"].is_unique
    assert "99AA00" not in pseudonyms.to_csv()
    assert set(schools(SECRET, school_codes=True)["school"]) == {"99AA00", "98CA00"}


def test_facts_go_along_but_not_the_name_that_would_undo_the_pseudonym(forms, tmp_path):
    facts = pd.DataFrame({"school": ["99AA00", "98CA00"], "name": ["De A", "De B"], "sector": ["po", "vo"]})
    tk.export(forms, tmp_path / "x.parquet", facts=facts)
    exported = pd.read_parquet(tmp_path / "x.parquet")
    assert exported["sector"].value_counts().to_dict() == {"po": 4, "vo": 1}
    assert "name" not in exported


def test_nothing_in_an_export_is_a_formula(forms, tmp_path):
    evil = forms.assign(school="=HYPERLINK(1)", wave="@SUM(1)")
    tk.export(evil, tmp_path / "x.csv", school_codes=True)
    tk.export(evil, tmp_path / "x.xlsx", school_codes=True)
    text = (tmp_path / "x.csv").read_text(encoding="utf-8-sig")
    assert "\n'=HYPERLINK(1);'@SUM(1)" in text
    cells = load_workbook(tmp_path / "x.xlsx")["data"]["A2":"B2"][0]
    assert [(cell.value, cell.data_type) for cell in cells] == [("=HYPERLINK(1)", "s"), ("@SUM(1)", "s")]


def test_texts_go_along_only_when_asked_and_without_their_writer(example, tmp_path):
    written = tk.export(example.intake, tmp_path / "x.csv")
    assert not any("texts" in path.name for path in written)
    text = example.intake.actions["text"].iloc[0]
    assert not any(text in path.read_text(encoding="utf-8") for path in written)
    tk.export(example.intake, tmp_path / "x.csv", texts=True)
    texts = pd.read_csv(tmp_path / "x-texts.csv", sep=";", encoding="utf-8-sig")
    assert texts.columns.tolist() == ["school", "wave", "role", "step", "text"]
    assert len(texts) == len(example.intake.actions)


def test_another_ending_is_refused(forms, tmp_path):
    with pytest.raises(ToolkitError, match="pdf"):
        tk.export(forms, tmp_path / "x.pdf")


@pytest.mark.r
def test_r_reads_the_same(forms, tmp_path):
    rscript = program("Rscript")
    tk.export(forms, tmp_path / "data.csv", secret=SECRET)
    code = """
      d <- read.csv2('data.csv', fileEncoding = 'UTF-8-BOM')
      k <- read.csv2('data-codebook.csv', fileEncoding = 'UTF-8-BOM')
      values <- strsplit(k$waarden[k$variabele == 'item_1_1'], '; ')[[1]]
      parts <- do.call(rbind, strsplit(values, ' = '))
      f <- factor(d$item_1_1, levels = parts[, 1], labels = parts[, 2])
      cat(dim(d), sum(is.na(d$item_1_1)), sum(d$item_5_8), table(f), names(table(f)), class(d$role), sep = '|')
    """
    done = subprocess.run([rscript, "-e", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "5|38|1|3|2|1|1|Nee|Beetje|Ja|integer"


def test_a_school_is_forgotten_and_a_line_says_so(example, tmp_path, capsys):
    folder = tmp_path / "forms"
    shutil.copytree(example.folder, folder)
    shutil.copy(next(folder.rglob("99AB00*/**/*.xlsx")), folder / "copy.xlsx")
    before = len(tk.read_folder(folder).responses)
    n_rows = example.planted["school"].eq("99AB00").sum()
    assert main(["forget", str(folder), "99AB00", "--yes"]) == 0
    after = tk.read_folder(folder)
    assert "99AB00" not in set(after.responses["school"])
    assert len(after.responses) == before - n_rows
    assert not list(folder.glob("99AB00*")), "the folder with the school's name is gone"
    assert not (folder / "copy.xlsx").exists()
    moment, school, files = (tmp_path / "handvat-verwijderd.log").read_text(encoding="utf-8").split()
    assert (moment[:2], school, int(files)) == ("20", "99AB00", n_rows + 1)
    with pytest.raises(SelectionError, match="99AB00"):
        tk.forget(folder, "99AB00")


def test_the_command_line_exports(example, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HANDVAT_SECRET", SECRET)
    out = tmp_path / "data.csv"
    assert main(["export", str(example.folder), str(out)]) == 0
    assert "datapackage.json" in capsys.readouterr().out
    assert len(pd.read_csv(out, sep=";", encoding="utf-8-sig")) == len(example.intake.responses)


def test_facts_out_of_duos_table_go_along_in_every_format_and_those_that_point_at_a_school_stay_behind(forms, tmp_path):
    import pyreadstat

    facts = pd.DataFrame(
        {
            "school": ["99AA00", "98CA00"],
            "province": ["Zuid-Holland", "Utrecht"],
            "STRAATNAAM": ["Dijk", "Laan"],
            "TELEFOONNUMMER": ["010", "030"],
            "INTERNETADRES": ["a.example", "b.example"],
            "INSTELLINGSNAAM": ["De A", "De B"],
            "POSTCODE": ["3000AA", "3500AA"],
            "NODAAL GEBIED CODE": ["=1", "13"],
            "nodaal-gebied code": [True, False],
            "2e telling": [1.5, None],
            "sinds": pd.to_datetime(["2020-08-01", None]),
            "with": ["a", "b"],
        }
    )
    facts = pd.concat(
        [facts, facts.assign(school=["99AB00", "98CB00"])], ignore_index=True
    )  # no value is of one school
    for ending in WRITERS:
        tk.export(forms, tmp_path / f"Mijn data{ending}", facts=facts, secret=SECRET)
    parquet = pd.read_parquet(tmp_path / "Mijn data.parquet")
    extra = ["province", "NODAAL_GEBIED_CODE", "nodaal_gebied_code_2", "k_2e_telling", "sinds", "with_2"]
    assert parquet.columns[-len(extra) :].tolist() == extra
    sav, meta = pyreadstat.read_sav(str(tmp_path / "Mijn data.sav"))
    csv = pd.read_csv(tmp_path / "Mijn data.csv", sep=";", decimal=",", encoding="utf-8-sig")
    for exported in (sav, csv):
        assert exported["k_2e_telling"].dropna().unique().tolist() == [1.5]
        assert exported["nodaal_gebied_code_2"].sum() == 4
        assert set(exported["sinds"].dropna()) - {""} == {"2020-08-01"}
    assert meta.column_names_to_labels["NODAAL_GEBIED_CODE"] == "NODAAL GEBIED CODE"
    assert set(csv["NODAAL_GEBIED_CODE"]) == {"'=1", "13"}
    package = json.loads((tmp_path / "datapackage.json").read_text(encoding="utf-8"))
    assert package["resources"][0]["name"] == "mijn-data-csv"
    with_codes = tk.export(forms, tmp_path / "x.parquet", facts=facts, school_codes=True)
    assert "STRAATNAAM" in pd.read_parquet(with_codes[0])


def test_a_fact_with_a_value_per_school_stays_behind_whatever_it_is_called(forms, tmp_path):
    schools = [f"98A{letter}00" for letter in "ABCDEF"]
    facts = pd.DataFrame(
        {
            "school": ["99AA00", "98CA00", *schools],
            "programme": ["a", "b"] * 4,
            "sector": ["po"] * 7 + ["so"],
            "Directeur": [f"J. Jansen {number}" for number in range(8)],
            "Tel.": [f"01{number}" for number in range(8)],
            "location": ["00"] * 8,
        }
    )
    tk.export(forms, tmp_path / "x.parquet", facts=facts)
    columns = set(pd.read_parquet(tmp_path / "x.parquet").columns)
    assert {"programme", "sector"} <= columns
    assert not columns & {"Directeur", "Tel_", "location"}
