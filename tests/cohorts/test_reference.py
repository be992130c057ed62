"""Beside one school the middle half of others is shown, from ten schools on, and with the version it is of."""

import pandas as pd
import pytest

import toolkit as tk
from toolkit.core.errors import SelectionError, ToolkitError, UnprotectedError

CHECKLIST = tk.load_instrument()


@pytest.fixture(scope="module")
def means() -> pd.DataFrame:
    forms, schools = tk.samples.cohort(schools=40, waves=1)
    groups = schools.assign(size=["large"] * 31 + ["small"] * 9)
    return tk.compare_cohorts(forms, CHECKLIST, groups, "size")


@pytest.fixture(scope="module")
def school_levels() -> pd.DataFrame:
    forms = tk.samples.responses(schools=1, waves=1, teachers=(12, 12))
    return tk.levels(tk.protect(forms, CHECKLIST), CHECKLIST)


def bands(picture: tk.charts.Picture) -> list[str]:
    return [
        trace.name.replace("<br>", " ")
        for trace in picture.data
        if trace.fill == "tonext" and "iddelste" in (trace.name or "")
    ]


def test_a_reference_holds_the_quartiles_of_its_group_and_comes_back_as_it_was(means, tmp_path):
    reference = tk.make_reference(means, "large", version="landelijk 2025")
    row = reference.query("role == 'teacher' and step == 3").iloc[0]
    source = means.query("group == 'large' and measure == 'level' and role == 'teacher' and step == 3").iloc[0]
    assert (row.p25, row.p75, row.n_schools) == (source.p25, source.p75, source.n_schools)
    assert row.n_schools >= 10
    assert set(reference["version"]) == {"landelijk 2025"}
    stored = tk.read_reference(tk.write_reference(reference, tmp_path / "reference.csv"))
    pd.testing.assert_frame_equal(stored, reference, check_dtype=False)


def test_below_ten_schools_there_is_no_reference(means, school_levels):
    reference = tk.make_reference(means, "small")
    assert reference[["estimate", "p25", "p75", "n_schools"]].isna().all(axis=None)
    assert set(reference["why"]) == {"too few schools"}
    for cohort, group in ((reference, None), (means, "small")):
        assert bands(tk.charts.radar(school_levels, cohort=cohort, group=group)) == []
        assert any("10 scholen" in note for note in tk.charts.radar(school_levels, cohort=cohort, group=group).notes)


def test_the_radar_of_a_school_names_the_version_it_shows(means, school_levels):
    reference = tk.make_reference(means, "large", version="landelijk 2025").assign(wave="2019-2020")
    assert bands(tk.charts.radar(school_levels, cohort=reference)) == [
        "Middelste helft van de scholen (landelijk 2025): leraren"
    ]
    assert len(bands(tk.charts.radar(school_levels, cohort=means, group="large"))) == 1


def test_a_table_that_is_no_reference_is_refused(means, tmp_path):
    with pytest.raises(SelectionError, match="nowhere"):
        tk.make_reference(means, "nowhere")
    with pytest.raises(UnprotectedError):
        tk.make_reference(means.drop(columns="suppressed"))
    for text in ("a,b\n1,2\n", "", tk.make_reference(means, "large").assign(n_schools=3).to_csv(index=False)):
        (tmp_path / "x.csv").write_text(text, encoding="utf-8")
        with pytest.raises(ToolkitError, match=r"x\.csv"):
            tk.read_reference(tmp_path / "x.csv")


def test_the_report_of_a_school_may_show_its_reference(means, example, tmp_path):
    reference = tk.make_reference(means, "large", version="landelijk 2025")
    path = tk.write_report(example.intake, "99AA00", tmp_path / "r.static.html", reference=reference)
    assert "landelijk 2025" in path.read_text(encoding="utf-8")
    without = tk.write_report(example.intake, "99AA00", tmp_path / "s.static.html")
    assert "landelijk 2025" not in without.read_text(encoding="utf-8")
