"""The school explorer, without a browser: choose, and look at what is shown."""

import json
import re
from html import escape, unescape

import pandas as pd
import pytest

import toolkit as tk
from toolkit.charts.figure import PLOTLY
from toolkit.core.errors import ToolkitError
from toolkit.widgets.school_pages import PAGES, ExplorerState
from toolkit.widgets.tables import prepare


def shown(explorer) -> list:
    """Everything a person sees on the page in sight: the figures' data and the texts."""
    panel = explorer.panels[explorer.page]
    figures = [[output["data"] for output in picture.outputs] for picture in panel.pictures]
    return [*figures, panel.heading.value, *(text.value for text in panel.texts)]


def on_every_page(explorer) -> list:
    """The same of all pages, each opened."""
    pages = []
    for number in range(len(explorer.panels)):
        explorer.pages.selected_index = number
        pages.append(shown(explorer))
    explorer.pages.selected_index = 0
    return pages


def names(explorer) -> list[str]:
    """What the controls are called."""
    controls = [explorer.school, explorer.wave, explorer.step, explorer.language, *explorer.roles.values()]
    return [
        *(control.description for control in controls),
        *explorer.pages.titles,
        *(n for n, _ in explorer.step.options),
    ]


def radar_values(explorer) -> dict[str, list]:
    figure = explorer.panels["overview"].pictures[0].outputs[0]["data"][PLOTLY]
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
            assert radar_values(explorer)["Directie"][number] == pytest.approx(truth, abs=0.51)


def test_a_widget_that_was_changed_is_one_that_was_made_so(example, explorer):
    explorer.school.value = "99AC00"
    explorer.wave.value = "2024-2025"
    explorer.step.value = 4
    explorer.roles["care"].value = False
    made = tk.SchoolExplorer(example.intake, school="99AC00", wave="2024-2025", step=4, roles=("director", "teacher"))
    assert explorer.selection == made.selection
    assert on_every_page(explorer) == on_every_page(made)


def test_every_control_changes_what_is_shown(explorer):
    explorer.school.value = "99AA00"
    for page, change in (
        ("per_item", lambda: setattr(explorer.step, "value", 2)),
        ("overview", lambda: setattr(explorer.wave, "value", "2024-2025")),
        ("per_item", lambda: setattr(explorer.roles["teacher"], "value", False)),
        ("per_step", lambda: setattr(explorer.school, "value", "99AC00")),
        ("actions", lambda: setattr(explorer.language, "value", "en")),
    ):
        explorer.pages.selected_index = list(PAGES).index(page)
        before = shown(explorer)
        change()
        assert shown(explorer) != before


def test_a_page_that_is_opened_shows_what_is_chosen_now(explorer):
    on_every_page(explorer)
    explorer.school.value = "99AC00"
    explorer.pages.selected_index = 1
    assert "Scholengemeenschap De Vliet" in json.dumps(shown(explorer))


def test_no_figure_widget_and_no_empty_figure(explorer):
    pages = on_every_page(explorer)
    figures = [data for page in pages for part in page if isinstance(part, list) for data in part]
    assert len(figures) == 1 + 1 + 3  # the radar, the differences, and the answers of each of three roles
    assert all(data[PLOTLY]["data"] and data["text/plain"] for data in figures)
    json.dumps(pages)


def test_a_small_school_shows_its_team_once(explorer):
    explorer.school.value = "99AB00"
    assert set(radar_values(explorer)) == {"Directie", "Leraren en zorgprofessionals"}
    explorer.pages.selected_index = 2
    assert sum(bool(picture.outputs) for picture in explorer.panels["per_item"].pictures) == 2


def test_without_roles_it_asks_for_one(explorer):
    for box in explorer.roles.values():
        box.value = False
    for page in (0, 2):
        explorer.pages.selected_index = page
        assert "Kies minstens één rol" in json.dumps(shown(explorer), ensure_ascii=False)


def test_an_intake_without_forms_says_so(tmp_path):
    explorer = tk.SchoolExplorer(tk.read_folder(tmp_path))
    assert "geen formulier gelezen" in explorer.children[1].value


HOSTILE = {
    "<script>alert(1)</script><img src=x onerror=alert(1)>": "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img",
    "=cmd|'/c calc'!A1": "=cmd|&#x27;/c calc&#x27;!A1",
    "[klik](javascript:alert(1))": "[klik](javascript:alert(1))",
    "\u202etxet\u202d": "<bdi>\u202etxet\u202d</bdi>",
    "x" * 32_767: "x" * 32_767,
}


def with_actions(intake: tk.Intake, texts: list[str], role: str = "director", **place) -> tk.Intake:
    """The intake, with action points of one person instead of its own."""
    row = {"school": "99AA00", "wave": "2025-2026", "role": role, "respondent": "r", "step": 2} | place
    actions = pd.DataFrame([row | {"text": text} for text in texts])
    return tk.Intake(intake.responses, actions, intake.files, intake.problems, intake.schools)


def test_hostile_action_points_are_shown_as_text(example):
    explorer = tk.SchoolExplorer(with_actions(example.intake, list(HOSTILE)), school="99AA00", page="actions")
    page = explorer.panels["actions"].texts[0].value
    for written, expected in HOSTILE.items():
        assert expected in page, written[:40]
    assert "<script" not in page
    assert "<img" not in page


def test_a_hidden_groups_answers_and_words_reach_no_page(example):
    """The school's three care professionals are too few: whatever they say, every page stays the same."""
    pages = []
    for answer in (0, 2):
        responses = example.intake.responses.copy()
        hidden = (responses["school"] == "99AC00") & (responses["role"] == "care")
        responses.loc[hidden, responses.columns[5:]] = answer
        canary = with_actions(example.intake, [f"canary {answer}"], "care", school="99AC00")
        intake = tk.Intake(responses, canary.actions, canary.files, canary.problems, canary.schools)
        pages.append(on_every_page(tk.SchoolExplorer(intake, school="99AC00", wave="2025-2026")))
    assert pages[0] == pages[1]
    assert "canary" not in json.dumps(pages)


def test_a_hostile_school_name_is_shown_as_text(example):
    name = "<img src=x onerror=alert(1)>"
    schools = example.intake.schools.assign(name=name)
    intake = tk.Intake(example.intake.responses, example.intake.actions, pd.DataFrame(), pd.DataFrame(), schools)
    explorer = tk.SchoolExplorer(intake, address="")
    texts = json.dumps(on_every_page(explorer)) + explorer._choice.value
    assert "<img" not in texts
    assert "&lt;img" in texts


DUTCH = re.compile(
    r"\b(de|het|een|van|stap|niet|met|uitspraak|uitspraken|meetmoment|leraren|klassenleraren|directie)\b", re.I
)


def test_english_by_one_switch_and_no_dutch_word_is_left(example):
    intake = tk.Intake(
        example.intake.responses,
        example.intake.actions.assign(text="more time"),
        example.intake.files,
        example.intake.problems,
        example.intake.schools.assign(name="Riverside"),
    )
    explorer = tk.SchoolExplorer(intake, address="", school="99AC00")
    explorer.language.value = "en"
    assert on_every_page(explorer) == on_every_page(
        tk.SchoolExplorer(intake, address="", school="99AC00", language="en")
    )
    said = json.dumps([on_every_page(explorer), names(explorer), explorer._title.value], ensure_ascii=False)
    said = re.sub(r'"(locales|modeBarButtons|config)":.*?\}', "", said)
    assert "According to the school leaders" in said
    assert DUTCH.findall(re.sub(r'"language": "nl"', "", said)) == []


def test_the_address_remembers_what_was_chosen(example):
    explorer = tk.SchoolExplorer(example.intake, address="token=abc")
    explorer.school.value, explorer.step.value, explorer.language.value = "99AC00", 4, "en"
    explorer.wave.value, explorer.roles["care"].value = "2024-2025", False
    explorer.pages.selected_index = 2
    address = unescape(re.search('data-address="([^"]*)"', explorer._choice.value).group(1))
    again = tk.SchoolExplorer(example.intake, address=f"token=abc&{address}")
    assert (again.selection, again.page) == (explorer.selection, "per_item")
    assert shown(again) == shown(explorer)


@pytest.mark.parametrize(
    "address", ["school=00XX00&wave=1&step=9&page=x&language=fr&roles=king", "%%%", "step", "a" * 99_999]
)
def test_an_address_that_asks_for_what_is_not_there_is_no_obstacle(address, example):
    plain, explorer = tk.SchoolExplorer(example.intake, address=""), tk.SchoolExplorer(example.intake, address=address)
    assert explorer.school.value == plain.school.value
    assert explorer._problem.value == ""


def test_what_goes_wrong_is_said_on_the_page_and_goes_away(explorer, monkeypatch):
    def broken(*_):
        raise ToolkitError("Het <meetmoment> is er niet.")

    monkeypatch.setitem(PAGES, "overview", broken)
    explorer.step.value = 2
    assert "Het &lt;meetmoment&gt; is er niet." in explorer._problem.value
    assert 'role="alert"' in explorer._problem.value
    monkeypatch.undo()
    explorer.step.value = 3
    assert explorer._problem.value == ""


@pytest.mark.parametrize("page", PAGES)
def test_the_same_selection_gives_the_same_page(page, example):
    tables = prepare(example.intake)
    selection = ExplorerState("99AA00", "2025-2026", ("director", "teacher"), 3)
    assert PAGES[page](tables, selection) == PAGES[page](tables.of("99AA00"), selection)


@pytest.mark.parametrize("page", PAGES)
def test_every_picture_has_its_sentence_and_its_table_under_it(page, example):
    for section in PAGES[page](
        prepare(example.intake), ExplorerState("99AA00", "2025-2026", ("director",), 3)
    ).sections:
        if section.picture:
            assert escape(section.picture.sentence) in section.html
            for value in section.picture.table.to_numpy().ravel():
                assert escape(value) in section.html


def test_as_a_page_it_reads_the_folder_and_address_it_is_given(example, monkeypatch):
    monkeypatch.setenv("HANDVAT_FOLDER", str(example.folder))
    monkeypatch.setenv("QUERY_STRING", "school=99AC00&step=3")
    explorer = tk.SchoolExplorer.as_page("not there")
    assert (explorer.school.value, explorer.step.value) == ("99AC00", 3)
    assert "<h1>Samenwerken met ouders</h1>" in explorer._title.value
