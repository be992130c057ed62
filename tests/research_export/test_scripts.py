"""The scripts beside an export run as they are, and say what the data say."""

import subprocess

import pandas as pd
import pytest

import toolkit as tk
from tests.support.requirements import program

SECRET = "a secret of many letters"
STEPS = [f"step_{step.number}" for step in tk.load_instrument().steps]


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Twelve schools over two years as SPSS and CSV, in a folder."""
    folder = tmp_path_factory.mktemp("export")
    forms, schools = tk.samples.cohort(schools=12, waves=2)
    for name in ("Ouders 1.sav", "tekst.csv"):
        tk.export(forms, folder / name, facts=schools, secret=SECRET)
    return folder, forms


def scores(forms: pd.DataFrame, step: int) -> pd.Series:
    """Mean of a person's answers on a step, by hand."""
    items = [item.id for item in tk.load_instrument().step(step).items]
    answers = forms[items].astype("float64")
    return 50 * answers.mean(axis=1)[answers.notna().sum(axis=1) * 2 >= len(items)]


@pytest.mark.r
@pytest.mark.parametrize("name", ["Ouders 1", "tekst"])
def test_r_runs_the_script_and_fits_the_model(exported, name):
    folder, forms = exported
    run = [program("Rscript"), f"{name}.R"]
    done = subprocess.run(run, cwd=folder, capture_output=True, text=True, check=True, timeout=300)
    assert done.stdout.count("Linear mixed model fit by REML") == len(STEPS)
    model = pd.read_csv(folder / f"{name}-model.csv", sep=";", decimal=",").set_index(["step", "part", "term"])
    for step in STEPS:
        number = int(step.removeprefix("step_"))
        expected = scores(forms, number)
        roles = {role: expected[forms.loc[expected.index, "role"].eq(role)].mean() for role in ("director", "teacher")}
        effect = model.loc[(step, "fixed", "roleLeraar"), "estimate"]
        assert effect == pytest.approx(roles["teacher"] - roles["director"], abs=6)
        assert 0 < model.loc[(step, "icc", "school"), "estimate"] < 1
        assert model.loc[(step, "sd", "Residual"), "estimate"] > 5


@pytest.mark.r
def test_r_says_why_there_is_no_model_where_there_is_one_school(tmp_path):
    forms = tk.samples.responses(schools=1, waves=1)
    tk.export(forms, tmp_path / "one.csv")
    run = [program("Rscript"), "one.R"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=300)
    assert done.stderr.count("no model") == len(STEPS)
    assert not (tmp_path / "one-model.csv").exists()


@pytest.mark.r
@pytest.mark.parametrize("name", ["Ouders 1", "tekst"])
def test_pspp_reads_and_labels_what_the_syntax_says(exported, name):
    """PSPP reads SPSS syntax; it has no MIXED, so the script runs up to there."""
    folder, forms = exported
    syntax, _, models = (folder / f"{name}.sps").read_text(encoding="utf-8-sig").partition("* Persons within schools")
    assert models.count("MIXED step_") == len(STEPS)
    script = folder / f"{name}-read.sps"
    saved = "SAVE OUTFILE='out.sav'."
    script.write_text(f"{syntax}\n{saved}\n", encoding="utf-8")
    run = [program("pspp"), script.name]
    subprocess.run(run, cwd=folder, capture_output=True, text=True, check=True, timeout=120, env={"LC_ALL": "C.UTF-8"})
    import pyreadstat

    data, meta = pyreadstat.read_sav(str(folder / "out.sav"))
    for number, step in enumerate(STEPS, start=1):
        assert data[step].mean() == pytest.approx(scores(forms, number).mean())
        assert data[step].count() == len(scores(forms, number))
    assert meta.variable_value_labels["item_1_1"][2] == "Ja"
    assert meta.column_names_to_labels["item_5_8"].startswith("5.8 ")


def test_a_script_holds_no_address_of_the_computer_and_only_ascii_for_r(exported):
    folder, _ = exported
    script = (folder / "Ouders 1.R").read_bytes()
    assert script.decode("ascii")
    assert str(folder).encode() not in script


def test_there_is_no_syntax_for_a_format_that_spss_does_not_read(tmp_path):
    written = tk.export(tk.samples.responses(schools=2, waves=1), tmp_path / "x.parquet")
    assert {path.suffix for path in written} == {".parquet", ".csv", ".json", ".R"}
