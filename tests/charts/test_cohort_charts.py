"""Pictures of groups of schools: what they draw, and that nothing of a single school is in them."""

import json
import re
from itertools import pairwise
from xml.etree import ElementTree

import pandas as pd
import pytest

import toolkit as tk
from toolkit.charts import COHORT_CHARTS
from toolkit.charts.figure import PLOTLY
from toolkit.charts.svg import WIDE, draw
from toolkit.core.errors import SelectionError, UnprotectedError
from toolkit.core.i18n import LANGUAGES

CHECKLIST = tk.load_instrument()


@pytest.fixture(scope="module")
def cohorts() -> tk.Cohorts:
    responses = tk.samples.responses(CHECKLIST, schools=60, waves=2, teachers=(3, 9))
    codes = responses["school"].unique()
    sector = ["po"] * 30 + ["vo"] * 27 + ["so"] * 3
    return tk.prepare_cohorts(responses, CHECKLIST, pd.DataFrame({"school": codes, "sector": sector}))


@pytest.fixture(scope="module")
def tables(cohorts) -> dict[str, pd.DataFrame]:
    means = tk.compare_cohorts(cohorts)
    return dict.fromkeys(COHORT_CHARTS, means) | {"forest": tk.cohort_differences(cohorts)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", COHORT_CHARTS)
def test_every_cohort_chart_has_a_sentence_a_table_and_no_school(name, language, tables, cohorts):
    picture = COHORT_CHARTS[name](tables[name], language=language)
    assert picture.sentence.endswith(".")
    assert len(picture.table) >= 3
    checked = tk.charts.Picture(json.loads(picture.to_json()))  # plotly refuses what it does not know
    assert json.loads(checked.to_json()) == json.loads(picture.to_json())
    figure = json.dumps(picture.to_bundle()[PLOTLY])
    assert '"showSendToCloud": false' in figure
    assert not any(school in figure for school in cohorts.values.units["school"].unique())


@pytest.mark.parametrize("name", COHORT_CHARTS)
def test_a_researchers_own_table_is_not_drawn(name, tables):
    with pytest.raises(UnprotectedError):
        COHORT_CHARTS[name](tables[name].drop(columns=["suppressed", "why"]))


@pytest.mark.parametrize("name", ["cohort_radar", "gap_spread"])
def test_a_group_of_few_schools_is_a_note_and_no_mark(name, tables):
    picture = COHORT_CHARTS[name](tables[name], "so")
    drawn = [trace.to_plotly_json() for trace in picture.data if trace.mode != "text"]
    assert not [value for trace in drawn for value in trace.get("r", trace.get("x", ())) if value is not None]
    assert any("te weinig" in note for note in picture.notes)
    assert not re.search(r"\b0 scholen", picture.to_json() + picture.table.to_string()), "unknown is not zero"


def test_on_paper_every_number_stands_at_the_end_of_its_own_line(tables):
    picture = tk.charts.slopes(tables["slopes"], grouping="sector")
    lines = [trace for trace in picture.data if trace.mode == "lines+markers"]
    svg = ElementTree.fromstring(draw(picture, WIDE))
    numbers = [text for text in svg.iter() if text.tag.endswith("text") and (text.text or "").isdigit()]
    assert len(numbers) == len([line for line in lines if line.y[-1] is not None]) > 5
    heights = sorted(float(text.get("y")) for text in numbers)
    assert max(after - before for before, after in pairwise(heights)) < 200
    assert heights[-1] - heights[0] > 4 * 100, "five panels below each other, each with its own numbers"


def test_the_radar_draws_means_and_the_middle_half(tables):
    table = tables["cohort_radar"]
    picture = tk.charts.cohort_radar(table, "po", roles=["teacher"])
    mine = table.query("group == 'po' and measure == 'level' and role == 'teacher' and wave == '2025-2026'")
    (line,) = [trace for trace in picture.data if trace.mode == "lines+markers"]
    assert list(line.r)[:5] == mine["estimate"].round(1).tolist()
    (band,) = [trace for trace in picture.data if trace.fill == "tonext"]
    assert list(band.r)[:5] == mine["p25"].round(1).tolist()
    assert "30 scholen" in picture.sentence


def test_a_schools_own_radar_may_show_its_cohorts_band_but_not_of_few_schools(tables, example):
    levels = tk.levels(example.safe, CHECKLIST)
    with_band = tk.charts.radar(levels, "99AA00", cohort=tables["cohort_radar"], group="po")
    assert any("Middelste helft van de scholen (po)" in (trace.name or "") for trace in with_band.data)
    without_band = tk.charts.radar(levels, "99AA00", cohort=tables["cohort_radar"], group="so")
    assert len(without_band.data) == len(tk.charts.radar(levels, "99AA00").data)


def test_the_forest_keeps_the_order_of_the_checklist_and_opens_what_may_be_chance(cohorts):
    items = tk.cohort_differences(cohorts, per="item")
    picture = tk.charts.forest(items, "po", "vo", step=3)
    assert [row.split()[0] for row in picture.table.iloc[:, 0]] == [f"3.{n}" for n in range(1, 9)]
    rows = items.query(
        "group_a == 'po' and group_b == 'vo' and role == 'teacher' and step == 3 and wave == '2025-2026'"
    )
    colours = [colour == "white" for colour in picture.data[0].marker.color]
    assert colours == rows["q"].ge(0.05).tolist()


def test_groups_stand_by_name_and_not_by_height(tables):
    picture = tk.charts.cohort_heatmap(tables["cohort_heatmap"])
    assert picture.table.iloc[:, 0].tolist() == ["po", "so", "vo"]
    assert picture.data[1].text == ("–",) * 5


def test_what_is_not_there_is_said(tables, cohorts):
    with pytest.raises(SelectionError, match="vo"):
        tk.charts.cohort_radar(tables["cohort_radar"], "mbo")
    with pytest.raises(SelectionError, match="po - so"):
        tk.charts.forest(tables["forest"], "po", "mbo")
    with pytest.raises(SelectionError, match='per="item"'):
        tk.charts.cohort_radar(tk.compare_cohorts(cohorts, per="item"))


@pytest.mark.parametrize(("name", "groups"), [("forest", {"group_a": "po", "group_b": "vo"}), ("gap_spread", {})])
def test_the_number_at_each_mark_is_the_one_in_the_table(name, groups, tables):
    picture = COHORT_CHARTS[name](tables[name], **groups)
    numbers = [note.text for note in picture.layout.annotations if note.yshift in (-7, -8)]
    assert numbers == [value.removesuffix(",0") for value in picture.table.iloc[:, 1] if value]
    assert len(numbers) == 5


@pytest.mark.parametrize("name", ["cohort_radar", "gap_spread", "cohort_heatmap", "cohort_dots", "slopes"])
def test_a_notebook_shows_one_sentence_instead_of_a_picture_of_too_few_schools(name):
    responses, schools = tk.samples.cohort(schools=3, waves=2)
    means = tk.compare_cohorts(responses, groups=schools, by="sector")
    shown = COHORT_CHARTS[name](means)._repr_mimebundle_()
    assert "te weinig scholen" in shown["text/plain"]
    assert sorted(shown) == ["text/html", "text/plain"]


def test_a_hidden_radar_of_a_group_says_the_reason_in_its_table():
    responses, schools = tk.samples.cohort(schools=6)
    cohorts = tk.prepare_cohorts(responses, groups=schools[["school", "sector"]])
    table = tk.charts.cohort_radar(tk.compare_cohorts(cohorts)).to_table()
    assert table.columns[1] == "Directie: niveau"
    assert {row[1] for row in table.rows} == {"te weinig scholen om mee te vergelijken"}
