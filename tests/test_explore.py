"""The school explorer, without a browser: choose, and look at what is shown."""

import json

import pandas as pd
import pytest

import toolkit as tk
from toolkit.charts.picture import PLOTLY
from toolkit.explore import Selection, prepare, view


def shown(explorer) -> list:
    """Everything a person sees: the figures' data and the texts."""
    panels = (explorer.radar, explorer.dumbbell, explorer.distributions)
    texts = [explorer.overview, explorer.differences, explorer.in_step, explorer.figures]
    return [[output["data"] for output in panel.outputs] for panel in panels] + [text.value for text in texts]


def radar_values(explorer) -> dict[str, list]:
    figure = explorer.radar.outputs[0]["data"][PLOTLY]
    return {
        trace["name"].split(" (")[0]: trace["r"][:5] for trace in figure["data"] if "(n = " in trace.get("name", "")
    }


@pytest.fixture
def explorer(example):
    return tk.SchoolExplorer(example.intake)


def test_choosing_another_school_shows_that_schools_planted_truth(explorer, example, checklist):
    for school in ("99AA00", "99AC00", "99AD01"):
        explorer.school.value = school
        planted = example.planted[
            (example.planted["school"] == school) & (example.planted["wave"] == explorer.wave.value)
        ]
        director = planted[planted["role"] == "director"]
        for number, step in enumerate(checklist.steps):
            items = [item.id for item in step.items]
            truth = 50 * director[items].astype(float).mean().mean()
            assert radar_values(explorer)["Directie"][number] == pytest.approx(truth, abs=0.06)


def test_a_widget_that_was_changed_is_one_that_was_made_so(example, explorer):
    explorer.school.value = "99AC00"
    explorer.wave.value = "2024-2025"
    explorer.step.value = 4
    explorer.roles["care"].value = False
    made = tk.SchoolExplorer(example.intake, school="99AC00", wave="2024-2025", step=4, roles=("director", "teacher"))
    assert explorer.selection == made.selection
    assert shown(explorer) == shown(made)


def test_every_control_changes_what_is_shown(explorer):
    explorer.school.value = "99AA00"
    for change in (
        lambda: setattr(explorer.step, "value", 2),
        lambda: setattr(explorer.wave, "value", "2024-2025"),
        lambda: setattr(explorer.roles["teacher"], "value", False),
        lambda: setattr(explorer.school, "value", "99AC00"),
    ):
        before = shown(explorer)
        change()
        assert shown(explorer) != before


def test_no_figure_widget_and_no_empty_figure(explorer):
    for panel in (explorer.radar, explorer.dumbbell, explorer.distributions):
        for output in panel.outputs:
            assert output["output_type"] == "display_data"
            assert output["data"][PLOTLY]["data"]
            assert output["data"]["text/plain"]
    json.dumps(shown(explorer))


def test_a_small_school_shows_its_team_once(explorer):
    explorer.school.value = "99AB00"
    assert set(radar_values(explorer)) == {"Directie", "Leraren en zorgprofessionals"}
    assert len(explorer.distributions.outputs) == 2


def test_without_roles_it_asks_for_one(explorer):
    for box in explorer.roles.values():
        box.value = False
    assert "Kies minstens één rol" in explorer.overview.value
    assert explorer.distributions.outputs == ()


def test_an_intake_without_forms_says_so(tmp_path):
    explorer = tk.SchoolExplorer(tk.read_folder(tmp_path))
    assert "geen formulier gelezen" in explorer.children[0].value


def test_a_hostile_school_name_is_shown_as_text(example):
    name = "<img src=x onerror=alert(1)>"
    schools = example.intake.schools.assign(name=name)
    intake = tk.Intake(example.intake.responses, example.intake.actions, pd.DataFrame(), pd.DataFrame(), schools)
    explorer = tk.SchoolExplorer(intake)
    texts = json.dumps(shown(explorer))
    assert "<img" not in texts
    assert "&lt;img" in texts


def test_english_by_one_switch(example):
    explorer = tk.SchoolExplorer(example.intake, language="en")
    assert explorer.school.description == "School"
    assert "According to the school leaders" in explorer.overview.value


def test_the_same_selection_gives_the_same_view(example):
    tables = prepare(example.intake)
    selection = Selection("99AA00", "2025-2026", ("director", "teacher"), 3)
    one, two = view(tables, selection), view(tables, selection)
    assert one.radar.to_json() == two.radar.to_json()
    assert (one.overview, one.step, one.figures) == (two.overview, two.step, two.figures)
