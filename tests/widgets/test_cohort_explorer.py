"""The explorer of groups of schools: a change of a control gives what opening it so would give."""

import json
import re
from html import unescape

import pandas as pd
import pytest

import toolkit as tk
from toolkit.charts.figure import PLOTLY
from toolkit.core.errors import ToolkitError
from toolkit.widgets.cohort_explorer import COHORT_PAGES, CohortTables

CHECKLIST = tk.load_instrument()
BY = ["sector", "programme"]


@pytest.fixture(scope="module")
def cohort() -> tuple[pd.DataFrame, pd.DataFrame]:
    return tk.samples.cohort(CHECKLIST)


@pytest.fixture
def explorer(cohort) -> tk.CohortExplorer:
    return tk.CohortExplorer(*cohort, by=BY)


def pictures(explorer) -> list[dict]:
    outputs = [panel.outputs for panel in explorer.panels[explorer.page].pictures]
    return [output["data"][PLOTLY] for page_outputs in outputs for output in page_outputs]


def test_it_opens_on_the_first_grouping_and_every_page_draws(explorer):
    assert (explorer.selection.grouping, explorer.selection.group, explorer.selection.other) == ("sector", "po", "vo")
    assert explorer.selection.wave == "2026-2027"
    for index, (name, drawn) in enumerate({"group": 2, "groups": 2, "years": 1}.items()):
        explorer.pages.selected_index = index
        assert explorer.page == name
        assert len(pictures(explorer)) == drawn
        assert "Problem" not in explorer._problem.value


def test_what_is_chosen_is_what_is_shown(explorer, cohort):
    explorer.grouping.value = "programme"
    explorer.wave.value, explorer.role.value = "2025-2026", "care"
    tables = CohortTables.of(tk.prepare_cohorts(*_prepared(cohort), BY))
    for index, page in enumerate(COHORT_PAGES.values()):
        explorer.pages.selected_index = index
        expected = [s.picture for s in page(tables, explorer.selection).sections if s.picture is not None]
        assert pictures(explorer) == [picture.to_bundle()[PLOTLY] for picture in expected]


def _prepared(cohort):
    responses, schools = cohort
    return responses, CHECKLIST, schools


def test_a_control_is_offered_on_the_pages_it_changes(explorer):
    offered = []
    for index in range(3):
        explorer.pages.selected_index = index
        offered.append([control.layout.display != "none" for control in (explorer.other, explorer.wave)])
    assert offered == [[False, True], [True, True], [True, False]]


def test_who_took_part_is_told_once_per_two_years(explorer):
    explorer.pages.selected_index = 2
    text = explorer.panels["years"].texts[1].value
    captions = re.findall("<caption[^>]*>(.*?)</caption>", text)
    assert len(captions) == 2
    assert all("scholen in beide jaren" in caption for caption in captions)
    assert "Wie meedeed" not in text, "no column that says it ten times"
    assert not re.search(r"\b0 alleen", text)


def test_the_language_changes_everything(explorer):
    explorer.language.value = "en"
    assert explorer.pages.titles[0] == "One group"
    assert explorer.grouping.description == "Grouping"
    assert "schools" in json.dumps(pictures(explorer))


def test_no_school_reaches_the_page(explorer, cohort):
    schools = cohort[1]
    for index in range(3):
        explorer.pages.selected_index = index
        panel = explorer.panels[explorer.page]
        page_content = json.dumps(pictures(explorer)) + "".join(text.value for text in panel.texts)
        assert not any(code in page_content for code in [*schools["school"], *schools["name"]])


def test_a_researchers_policy_is_refused(cohort):
    with pytest.raises(ToolkitError, match="audience"):
        tk.CohortExplorer(*cohort, by=BY, policy=tk.Policy(audience="researcher"))


def test_every_page_has_a_finding_as_its_heading_and_groups_by_the_names_people_use(explorer):
    findings = (
        "het meest positief",
        "Het verschil tussen basisonderwijs (po)",
        "de verandering is het grootst bij",
    )
    for index, phrase in enumerate(findings):
        explorer.pages.selected_index = index
        panel = explorer.panels[explorer.page]
        assert phrase in panel.heading.value
        assert "basisonderwijs (po)" in json.dumps(pictures(explorer)) + panel.heading.value
    assert [label for label, _ in explorer.grouping.options] == ["Sector", "Programma"]
    explorer.language.value = "en"
    assert explorer.group.options[0][0] == "primary education (po)"
    assert explorer.selection.group == "po"


def test_the_groups_page_has_a_number_for_every_group_and_step(explorer):
    explorer.pages.selected_index = 1
    notes = pictures(explorer)[0]["layout"]["annotations"]
    numbers = [note for note in notes if note.get("xref") is None]
    assert len(numbers) == 2 * 5


def test_as_a_page_of_its_own_it_has_a_title_and_tells_its_language(cohort):
    page = tk.CohortExplorer(*cohort, by=BY, standalone=True)
    assert "Samenwerken met ouders: groepen scholen" in page._place.value
    page.language.value = "en"
    assert "groups of schools" in page._place.value
    assert 'data-language="en"' in page._choice.value
    inside = tk.CohortExplorer(*cohort, by=BY)
    assert inside._place.value == ""


def test_the_address_remembers_the_choices_and_brings_them_back(cohort):
    page = tk.CohortExplorer(*cohort, by=BY, standalone=True, address="token=abc&language=en")
    assert page.pages.titles[0] == "One group"
    page.grouping.value, page.role.value = "programme", "care"
    page.group.value, page.other.value = page.other.value, page.group.value
    page.pages.selected_index = 1
    page.wave.value = "2025-2026"
    address = unescape(re.search('data-address="([^"]*)"', page._choice.value).group(1))
    again = tk.CohortExplorer(*cohort, by=BY, standalone=True, address=f"token=abc&{address}")
    assert (again.selection, again.page) == (page.selection, "groups")
    assert pictures(again) == pictures(page)
    again._asked.value = "grouping=sector&group=vo&other=po&page=years&language=nl#1"
    assert (again.selection.group, again.selection.other, again.page) == ("vo", "po", "years")
    assert again.pages.titles[0] == "Eén groep"
    chosen = again.selection
    again._asked.value = "grouping=x&group=99AA00&role=king&page=nothing&language=fr#2"
    assert (again.selection, again.page, again._problem.value) == (chosen, "years", "")
