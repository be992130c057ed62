"""What an export says to an archive, and the secret it is made with."""

import json
import os
import re
import stat

import pandas as pd
import pytest
from frictionless import validate

import toolkit as tk
from tests.support.forms import same_everywhere, table
from toolkit.cli import main
from toolkit.core.errors import ToolkitError
from toolkit.core.version import VERSION
from toolkit.research_export.formats import WRITERS
from toolkit.research_export.write import recognition_note

CHECKLIST = tk.load_instrument()
SECRET = "a secret of many letters"


@pytest.fixture
def forms() -> pd.DataFrame:
    forms = table(same_everywhere("teacher", 0, 3), same_everywhere("care", 1, 1, school="98CA00", respondent="b"))
    forms.loc[1, ["1.1", "2.3"]] = pd.NA
    return forms


def package(folder) -> dict:
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


@pytest.mark.filterwarnings("ignore")  # of what frictionless is built on
def test_frictionless_finds_the_package_of_every_format_valid(forms, tmp_path):
    facts = pd.DataFrame({"school": ["99AA00", "98CA00"], "sector": ["po", "vo"], "pupils": [100.5, 100.5]})
    for ending in WRITERS:
        tk.export(forms, tmp_path / f"Mijn data{ending}", facts=facts, secret=SECRET)
    report = validate(str(tmp_path / "datapackage.json"))
    assert [task.errors for task in report.tasks] == [[]] * 4
    assert report.valid
    with (tmp_path / "Mijn data.csv").open("ab") as file:
        file.write(b"\r\n")
    assert not validate(str(tmp_path / "datapackage.json")).valid, "it looks at the data as well"


def test_the_package_names_versions_date_licence_and_people(forms, tmp_path):
    archive = tk.Archive("Ouders in beeld", ("A. Onderzoeker",), "CC-BY-4.0")
    tk.export(forms, tmp_path / "a.csv", archive=archive)
    tk.export(forms, tmp_path / "b.sav")
    citation = package(tmp_path)
    assert citation["software"]["version"] == citation["rules"]["version"] == VERSION
    assert citation["checklist"]["form"] == CHECKLIST.form
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:]{8}Z", citation["created"])
    assert citation["title"] == "Ouders in beeld", "what was said of the folder stays when a second file comes"
    assert citation["licenses"][0]["name"] == "CC-BY-4.0"
    assert citation["contributors"][0] == {"title": "A. Onderzoeker", "role": "author"}


def test_without_a_licence_none_is_granted(forms, tmp_path):
    tk.export(forms, tmp_path / "a.csv")
    assert package(tmp_path)["licenses"][0]["name"] == "other-closed"


def test_what_stands_for_missing_is_told_per_format(forms, tmp_path):
    for name in ("a.csv", "a.sav"):
        tk.export(forms, tmp_path / name)
    csv, sav = (
        {field["name"]: field.get("missingValues", resource["schema"]["missingValues"]) for field in fields}
        for resource in package(tmp_path)["resources"]
        for fields in [resource["schema"]["fields"]]
    )
    assert (csv["item_1_1"], sav["item_1_1"]) == ([""], ["", "9"])
    assert sav["wave"] == [""]


def test_a_failed_export_leaves_the_files_of_the_one_before(forms, tmp_path, monkeypatch):
    tk.export(forms, tmp_path / "a.csv", secret=SECRET)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fails(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        tk.export(forms.iloc[:1], tmp_path / "a.csv", secret=SECRET)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_short_secret_is_refused_before_anything_is_written(forms, tmp_path):
    with pytest.raises(ToolkitError, match="20"):
        tk.export(forms, tmp_path / "a.csv", secret="geheim")
    assert list(tmp_path.iterdir()) == []


def test_the_command_makes_a_secret_that_only_its_owner_reads(example, tmp_path, capsys):
    secret, out = tmp_path / "keys" / "secret.txt", tmp_path / "data.parquet"
    command = ["export", str(example.folder), str(out), "--secret", str(secret)]
    assert main(command) == 0
    assert "secret.txt" in capsys.readouterr().out
    assert re.fullmatch("[0-9a-f]{64}\n", secret.read_text())
    assert os.name == "nt" or stat.S_IMODE(secret.stat().st_mode) == 0o600
    first = pd.read_parquet(out)
    assert main(command) == 0
    assert pd.read_parquet(out).equals(first)
    secret.write_text("geheim", encoding="utf-8")
    assert main(command) == 1
    assert "20" in capsys.readouterr().err


def test_schools_alone_in_their_facts_are_counted_before_an_export_is_written(forms, tmp_path, monkeypatch, capsys):
    six_schools = table(*(same_everywhere("teacher", 1, school=f"98A{letter}00") for letter in "ABCDEF"))
    facts = pd.DataFrame(
        {
            "school": [f"98A{letter}00" for letter in "ABCDEF"],
            "sector": ["po", "po", "po", "vo", "vo", "vo"],
            "programme": ["yes", "yes", "no", "no", "no", "yes"],
        }
    )
    note = recognition_note(six_schools, facts)
    assert note.startswith("2 van de 6 scholen")  # po/no and vo/yes
    assert "sector en programme" in note
    assert recognition_note(six_schools, facts[["school", "sector"]]).startswith("Van de 6 scholen is er geen")
    assert recognition_note(six_schools, None) == recognition_note(six_schools, facts, school_codes=True) == ""


def test_the_order_of_rows_tells_nothing_of_the_order_they_came_in(forms, tmp_path):
    forty_rows = table(*(same_everywhere("teacher", 1, respondent=f"r{number}") for number in range(40)))
    forty_rows["1.1"] = pd.array([number % 3 for number in range(40)], dtype="Int8")
    tk.export(forty_rows, tmp_path / "a.parquet")
    tk.export(forty_rows, tmp_path / "b.parquet")
    orders = [pd.read_parquet(tmp_path / name)["item_1_1"].tolist() for name in ("a.parquet", "b.parquet")]
    assert orders[0] != orders[1] != forty_rows["1.1"].tolist()
