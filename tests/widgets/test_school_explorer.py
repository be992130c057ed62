"""The school explorer, without a browser: choose, and look at what is shown."""

import base64
import json
import re
import shutil
from html import unescape

import pandas as pd
import pytest

import toolkit as tk
from tests.support.forms import all_answers, filled, same_everywhere, table
from toolkit.charts.figure import PLOTLY
from toolkit.core.errors import ToolkitError
from toolkit.widgets.school_pages import PAGES, ExplorerState


def outputs_of(explorer) -> list:
    """Everything a person sees on the page in sight: the figures' data, the texts and the buttons."""
    panel = explorer.panels[explorer.page]
    figures = [[output["data"] for output in picture.outputs] for picture in panel.pictures]
    links = [button.description for area in panel.areas for button in area.links]
    steps = [label for label, _ in explorer.step.options] if explorer.page == "per_step" else []
    return [*figures, panel.heading.value, *(text.value for text in panel.texts), panel.foot.value, *links, *steps]


def on_every_page(explorer) -> list:
    """The same of all pages, each opened."""
    pages = []
    for number in range(len(explorer.panels)):
        explorer.pages.selected_index = number
        pages.append(outputs_of(explorer))
        assert explorer._problem.value == ""
    explorer.pages.selected_index = 0
    return pages


def names(explorer) -> list[str]:
    """What the controls are called."""
    controls = ("school", "wave", "compare", "language", "order", "report", "talk_sheet", "add_forms")
    return [*(getattr(explorer, name).description for name in controls), *explorer.pages.titles]


def radar_values(explorer) -> dict[str, list]:
    figure = next(p.outputs[0] for p in explorer.panels["overview"].pictures if p.outputs)["data"][PLOTLY]
    return {
        trace["name"].split(" (")[0]: trace["r"][:5] for trace in figure["data"] if "(n = " in trace.get("name", "")
    }


@pytest.fixture(scope="module")
def results(example) -> tk.SchoolResults:
    """The results of the built-in schools, measured once."""
    return tk.SchoolResults.of_intake(example.intake)


@pytest.fixture
def explorer(results):
    return tk.SchoolExplorer(results)


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


def test_a_widget_that_was_changed_is_one_that_was_made_so(results, explorer):
    explorer.school.value = "99AC00"
    explorer.compare.value = "2024-2025"
    explorer.step.value = 4
    explorer.order.value = "gap"
    fresh = tk.SchoolExplorer(results, school="99AC00", compare="2024-2025", step=4, address="order=gap")
    assert explorer.state == fresh.state
    assert on_every_page(explorer) == on_every_page(fresh)


@pytest.mark.parametrize(
    ("page", "control", "value"),
    [
        *((page, "school", "99AC00") for page in PAGES),
        *((page, "wave", "2024-2025") for page in PAGES),
        *((page, "language", "en") for page in PAGES),
        ("overview", "compare", "2024-2025"),
        ("per_step", "compare", "2024-2025"),
        ("wishes", "compare", "2024-2025"),
        ("per_step", "step", 3),
        ("per_step", "order", "gap"),
    ],
)
def test_every_control_changes_the_page_it_is_on(page, control, value, results):
    explorer = tk.SchoolExplorer(results, school="99AA00", page=page)
    before = outputs_of(explorer)
    getattr(explorer, control).value = value
    assert outputs_of(explorer) != before


def test_a_school_with_one_year_is_offered_no_year_to_compare_with():
    forms = table(same_everywhere("director", 2), same_everywhere("teacher", 1, 6))
    explorer = tk.SchoolExplorer(tk.SchoolResults.of_responses(forms))
    assert explorer.compare.layout.display == "none"
    assert [value for _, value in explorer.compare.options] == [""]


def test_an_earlier_year_is_offered_on_the_pages_that_draw_it(results):
    explorer = tk.SchoolExplorer(results, school="99AA00")
    offered = {}
    for number, page in enumerate(PAGES):
        explorer.pages.selected_index = number
        offered[page] = explorer.compare.layout.display != "none"
    assert offered == {"overview": True, "per_step": True, "wishes": True, "plan": False}


def test_the_most_positive_statement_is_not_said_to_go_well(results):
    findings = results.findings("99AC00", "2025-2026")
    assert findings.line("goes_well").is_best_available
    explorer = tk.SchoolExplorer(results, school="99AC00", page="plan")
    assert findings.best_available_note in unescape(explorer.panels["plan"].texts[0].value)
    explorer.pages.selected_index = 0
    assert "Gaat het best" in unescape(explorer.panels["overview"].texts[0].value)


def test_results_without_forms_give_the_same_report_but_no_pdf_on_a_server(results, tmp_path, monkeypatch):
    path = tmp_path / "tables.pickle"
    results.of("99AA00").save(path)
    with_forms = tk.SchoolExplorer(results, school="99AA00")
    monkeypatch.setenv("HANDVAT_TABLES", str(path))
    hosted = tk.SchoolExplorer.as_page("not there")
    suffixes = []
    for explorer in (with_forms, hosted):
        for name in ("report", "talk_sheet"):
            getattr(explorer, name).click()
            documents = explorer.drawer.children[0]
            documents.make("html")
            suffixes.append(documents.result.value)
    assert suffixes[:2] == suffixes[2:]
    assert "handvat-download" in suffixes[0]
    assert list(documents.buttons) == ["docx", "html"]


def test_a_page_that_is_opened_shows_the_choices_of_now(explorer):
    on_every_page(explorer)
    explorer.school.value = "99AC00"
    explorer.pages.selected_index = 1
    assert "(23)" in json.dumps(outputs_of(explorer)), "the teachers of De Vliet"


def test_no_figure_widget_and_no_empty_figure(explorer):
    pages = on_every_page(explorer)
    figures = [data for page in pages for part in page if isinstance(part, list) for data in part]
    assert len(figures) == 2
    assert all(data[PLOTLY]["data"] and data["text/plain"] for data in figures)
    json.dumps(pages)


def test_the_first_page_has_a_finding_as_its_heading_and_three_lines_with_a_link(explorer, results):
    explorer.school.value = "99AA00"
    panel = explorer.panels["overview"]
    findings = results.findings("99AA00", "2025-2026")
    assert findings.headline in unescape(panel.heading.value)
    for area, finding in zip(panel.areas, findings.lines, strict=False):
        assert finding.label in unescape(area.text.value)
        assert len(area.links) == 1
    panel.areas[1].links[0].click()
    assert (explorer.page, explorer.step.value) == ("per_step", findings.lines[1].step)


def test_every_statement_of_a_step_has_its_sentence_and_its_counts_per_role(explorer, results, checklist):
    explorer.school.value, explorer.step.value = "99AA00", 3
    explorer.pages.selected_index = 1
    html = unescape(explorer.panels["per_step"].texts[0].value)
    items = results.items
    mine = items[(items["school"] == "99AA00") & (items["wave"] == "2025-2026")].set_index(["item", "role"])
    for item in checklist.step(3).items:
        assert item.statement["nl"] in html
        row = mine.loc[(item.id, "teacher")]
        counts = [f"{row[c]} {w}" for c, w in (("yes", "Ja"), ("partly", "Beetje"), ("no", "Nee")) if row[c]]
        assert all(count in html for count in counts), item.id


def test_the_order_by_gap_has_the_largest_gap_first(explorer):
    explorer.school.value, explorer.step.value, explorer.order.value = "99AA00", 3, "gap"
    explorer.pages.selected_index = 1
    html = explorer.panels["per_step"].texts[0].value
    order = re.findall(r"<h2 class=.handvat-sentence.><b>(3\.\d)</b>", html)
    assert sorted(order) == [f"3.{n}" for n in range(1, 9)]
    assert order != sorted(order)


def test_a_small_school_shows_its_team_once_and_a_hidden_group_is_one_line(explorer):
    explorer.school.value = "99AB00"
    assert set(radar_values(explorer)) == {"Directie", "Leraren en zorgprofessionals"}
    explorer.pages.selected_index = 1
    html = explorer.panels["per_step"].texts[0].value
    assert "Leraren en zorgprofessionals (6)" in html
    assert "Leraren (" not in html
    explorer.school.value = "99AC00"
    html = explorer.panels["per_step"].texts[0].value
    assert html.count("Zorgprofessionals: niet getoond") == 1


def test_an_intake_without_forms_says_so(tmp_path):
    explorer = tk.SchoolExplorer(tk.read_folder(tmp_path))
    assert "geen formulier gelezen" in explorer.children[1].value


def test_two_schools_of_one_name_show_their_codes_and_an_apostrophe_does_not_sort(example):
    schools = example.intake.schools.assign(name=["De Eik", "'t Zandpad", "De Eik", "De Zonnebloem"])
    intake = tk.Intake(*(getattr(example.intake, n) for n in ("responses", "actions", "files", "problems")), schools)
    explorer = tk.SchoolExplorer(intake)
    offered = [label for label, _ in explorer.school.options]
    assert [label for label in offered if label.startswith("De Eik")] == ["De Eik (99AA00)", "De Eik (99AC00)"]
    assert offered[-1] == "'t Zandpad"


HOSTILE = {
    "<script>alert(1)</script><img src=x onerror=alert(1)>": "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img",
    "=cmd|'/c calc'!A1": "=cmd|&#39;/c calc&#39;!A1",
    "[klik](javascript:alert(1))": "[klik](javascript:alert(1))",
    "\u202etxet\u202d": "<bdi>\u202etxet\u202d</bdi>",
    "x" * 32_767: "x" * 32_767,
}


def with_actions(intake: tk.Intake, texts: list[str], role: str = "director", **keys) -> tk.Intake:
    """The intake, with action points of one person instead of its own."""
    row = {"school": "99AA00", "wave": "2025-2026", "role": role, "respondent": "r", "step": 2} | keys
    actions = pd.DataFrame([row | {"text": text} for text in texts])
    return tk.Intake(intake.responses, actions, intake.files, intake.problems, intake.schools)


def test_hostile_action_points_are_shown_as_text(example):
    explorer = tk.SchoolExplorer(with_actions(example.intake, list(HOSTILE)), school="99AA00", page="wishes")
    page = "".join(text.value for text in explorer.panels["wishes"].texts)
    for written, expected in HOSTILE.items():
        assert expected in page, written[:40]
    assert "<script" not in page
    assert "<img" not in page


def test_the_same_action_point_is_shown_once_with_its_number(example):
    texts = ["- Meer bellen", "meer  bellen.", "Meer bellen", "Iets anders"]
    explorer = tk.SchoolExplorer(with_actions(example.intake, texts), school="99AA00", page="wishes")
    page = "".join(text.value for text in explorer.panels["wishes"].texts)
    assert len(re.findall("(?i)meer bellen", page)) == 1
    assert "directie (" in page


@pytest.mark.parametrize("n_directors", [0, 1])
def test_a_school_with_too_few_forms_says_how_many_are_needed(n_directors):
    people = table(same_everywhere("teacher", 2, 2), same_everywhere("director", 1, n_directors))
    explorer = tk.SchoolExplorer(tk.SchoolResults.of_responses(people))
    assert len(explorer.panels["overview"].pictures) == 2 * n_directors, "no picture of nothing"
    assert "vanaf 5 invullers" in " ".join(text.value for text in explorer.panels["overview"].texts)
    explorer.pages.selected_index = list(PAGES).index("per_step")
    assert explorer.panels["per_step"].texts[0].value.partition("<details")[0].count("Leraren: niet getoond") == 1


def test_a_hidden_groups_answers_and_words_reach_no_page(example):
    """The school's three care professionals are too few: whatever they answer, every page stays the same."""
    pages = []
    for answer in (0, 2):
        responses = example.intake.responses.copy()
        hidden = (responses["school"] == "99AC00") & (responses["role"] == "care")
        responses.loc[hidden, responses.columns[5:]] = answer
        canary = with_actions(example.intake, [f"canary {answer}"], "care", school="99AC00")
        intake = tk.Intake(responses, canary.actions, canary.files, canary.problems, canary.schools)
        explorer = tk.SchoolExplorer(intake, school="99AC00", wave="2025-2026")
        board = [*explorer.board.choices, explorer.board.table.value]
        pages.append([*on_every_page(explorer), board])
    assert pages[0] == pages[1]
    assert "canary" not in json.dumps(pages)


def test_a_hostile_school_name_is_shown_as_text(example):
    name = "<img src=x onerror=alert(1)>"
    schools = example.intake.schools.assign(name=name)
    intake = tk.Intake(example.intake.responses, example.intake.actions, pd.DataFrame(), pd.DataFrame(), schools)
    explorer = tk.SchoolExplorer(intake, address="")
    texts = json.dumps(on_every_page(explorer)) + explorer._choice.value + explorer._place.value
    assert "<img" not in texts
    assert "&lt;img" in texts


DUTCH = re.compile(r"\b(de|het|een|van|stap|niet|met|uitspraak|uitspraken|schooljaar|leraren|leraren|directie)\b", re.I)


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
    page_content = json.dumps([on_every_page(explorer), names(explorer), explorer._place.value], ensure_ascii=False)
    page_content = re.sub(r'"(locales|modeBarButtons|config)":.*?\}', "", page_content)
    page_content = re.sub(
        r"\([^()]*Gereedschapskist[^()]*\)|Lusse and van der Pluijm|Handvat Samenwerken met( ouders)?", "", page_content
    )
    page_content = re.sub(r"<a href=.*?</a>", "", page_content)
    assert "school leaders" in page_content
    assert DUTCH.findall(re.sub(r'"language": "nl"', "", page_content)) == []


def test_the_address_remembers_the_choices(results):
    explorer = tk.SchoolExplorer(results, address="token=abc&roles=director")
    explorer.school.value, explorer.step.value, explorer.language.value = "99AC00", 4, "en"
    explorer.compare.value, explorer.order.value = "2024-2025", "gap"
    explorer.pages.selected_index = 1
    address = unescape(re.search('data-address="([^"]*)"', explorer._choice.value).group(1))
    reopened = tk.SchoolExplorer(results, address=f"token=abc&{address}")
    assert (reopened.state, reopened.page) == (explorer.state, "per_step")
    assert reopened.state.roles == ("director",)
    assert outputs_of(reopened) == outputs_of(explorer)


def test_back_and_forward_bring_the_choices_of_an_address(explorer):
    before = explorer.state
    explorer.school.value, explorer.step.value = "99AC00", 3
    explorer.pages.selected_index = 2
    explorer._asked.value = f"school={before.school}&wave={before.wave}&compare=&step=1&page=overview#1"
    assert (explorer.state, explorer.page) == (before, "overview")
    explorer._asked.value = "school=00XX00&page=nothing#2"
    assert (explorer.state, explorer.page) == (before, "overview")


@pytest.mark.parametrize(
    "address", ["school=00XX00&wave=1&step=9&page=x&language=fr&roles=king", "%%%", "step", "a" * 99_999]
)
def test_an_address_that_asks_for_what_is_not_there_is_no_obstacle(address, results):
    plain, explorer = tk.SchoolExplorer(results, address=""), tk.SchoolExplorer(results, address=address)
    assert explorer.school.value == plain.school.value
    assert explorer._problem.value == ""


def test_an_error_is_shown_on_the_page_and_goes_away(explorer, monkeypatch):
    def fail(*_):
        raise ToolkitError("Het <schooljaar> is er niet.")

    monkeypatch.setitem(PAGES, "overview", fail)
    explorer.school.value = "99AC00"
    assert "Het &lt;schooljaar&gt; is er niet." in explorer._problem.value
    assert 'role="alert"' in explorer._problem.value
    monkeypatch.undo()
    explorer.school.value = "99AA00"
    assert explorer._problem.value == ""


@pytest.mark.parametrize("page", PAGES)
def test_the_same_state_gives_the_same_page_of_one_school_or_of_all(page, results):
    state = ExplorerState("99AA00", "2025-2026", "2024-2025", step=3)
    drawn = PAGES[page](results, state)
    assert drawn == PAGES[page](results.of("99AA00"), state)


def test_the_figures_are_under_the_pictures_and_every_picture_has_its_source(results):
    drawn = PAGES["overview"](results, ExplorerState("99AA00", "2025-2026", "2024-2025"))
    html = unescape("".join(section.html for section in drawn.sections))
    pictures = [section.picture for section in drawn.sections if section.picture]
    for value in pictures[1].table.to_numpy().ravel():
        assert value in html
    for picture in pictures:
        assert any("Bron: checklist" in note.text for note in picture.layout.annotations)
        assert any("verzonnen" in note.text for note in picture.layout.annotations)


def test_a_report_and_a_talk_sheet_are_made_and_offered_from_the_page(example):
    explorer = tk.SchoolExplorer(example.intake, school="99AA00")
    for name, suffix in (("report", "xlsx"), ("report", "html"), ("talk_sheet", "docx")):
        getattr(explorer, name).click()
        documents = explorer.drawer.children[0]
        assert "De Regenboog" in documents.lead.value
        documents.make(suffix)
        file, data = re.search(r'download="([^"]+)" href="data:[^,]+,([^"]+)"', documents.result.value).groups()
        assert re.fullmatch(rf"(rapport|praatkaart)-Basisschool-De-Regenboog-2025-2026\.{suffix}", file)
        assert len(base64.b64decode(data)) > 5000
        getattr(explorer, name).click()
        assert explorer.drawer.layout.display == "none"


def test_two_reports_from_the_page_do_not_tell_what_one_new_form_answered(tmp_path):
    folder = tmp_path / "forms"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.xlsx").write_bytes(filled(all_answers(), "Leraar", school="99AA00"))

    def report() -> str:
        explorer = tk.SchoolExplorer(tk.read_folder(folder), folder=folder)
        explorer.report.click()
        documents = explorer.drawer.children[0]
        documents.make("html")
        data = re.search(r'href="data:[^,]+,([^"]+)"', documents.result.value)[1]
        return base64.b64decode(data).decode()

    first = report()
    (folder / "late.xlsx").write_bytes(filled(all_answers("Nee"), "Leraar", school="99AA00"))
    assert report() == first


def test_what_goes_wrong_with_a_report_is_told_in_its_place(example, monkeypatch):
    explorer = tk.SchoolExplorer(example.intake, school="99AA00")

    def fails(*_, **__):
        raise ToolkitError("Er is geen <browser>.")

    monkeypatch.setattr("toolkit.widgets.school_explorer.write_report", fails)
    explorer.report.click()
    explorer.drawer.children[0].make("pdf")
    assert "Er is geen &lt;browser&gt;." in explorer.drawer.children[0].result.value


def test_added_forms_are_saved_where_they_can_be_read_and_the_page_follows(tmp_path):
    folder = tmp_path / "forms"
    folder.mkdir()
    for number in range(5):
        form = filled(all_answers(), actions={1: f"Plan {number}"}, school="99AA00")
        (folder / f"{number}.xlsx").write_bytes(form)
    (folder / "director.xlsx").write_bytes(filled(all_answers(), "Directie", school="99AA00"))
    explorer = tk.SchoolExplorer(tk.read_folder(folder), folder=folder)
    explorer.add_forms.click()
    upload = explorer.drawer.children[0]
    answers = all_answers("Nee")
    files = [("new.xlsx", filled(answers, "Leraar", school="99AA00")), ("letter.docx", b"no form")]
    upload._read_files({"new": [{"name": name, "content": content} for name, content in files]})
    assert (folder / "new.xlsx").exists()
    assert not (folder / "letter.docx").exists()
    assert "Leraren (n = 6)" in json.dumps(outputs_of(explorer))


def test_an_action_is_made_with_one_click_and_saved_in_the_plan(results, tmp_path):
    folder = tmp_path / "forms"
    folder.mkdir()
    explorer = tk.SchoolExplorer(results, school="99AA00", page="plan", folder=folder)
    area = next(area for area in explorer.panels["plan"].areas if "2.5 Weten" in area.text.value)
    area.links[0].click()
    explorer.board.apply_button.click()
    plan = tk.read_actions(tmp_path / "uitvoer" / "plan-99AA00-2025-2026.xlsx")
    (action,) = plan.actions
    assert len(action.items) == 1
    assert action.what == tk.load_instrument().item(action.items[0]).statement["nl"]
    assert action.all_steps == (int(action.items[0][0]),)
    reopened = tk.SchoolExplorer(results, school="99AA00", page="plan", folder=folder)
    assert reopened.board.plan.actions == plan.actions


def test_too_few_forms_are_told_once_and_then_there_is_nothing_to_order():
    few = table(same_everywhere("director", 2), same_everywhere("teacher", 1, 3))
    enough = table(same_everywhere("care", 2, 5), same_everywhere("teacher", 1, 5))
    for responses, times, order in ((few, 1, "none"), (enough, 0, "flex")):
        explorer = tk.SchoolExplorer(tk.SchoolResults.of_responses(responses), page="per_step")
        assert explorer.order.layout.display == order
        for page in ("overview", "plan"):
            explorer.pages.selected_index = list(PAGES).index(page)
            panel = explorer.panels[page]
            told = " ".join([panel.heading.value, *(area.text.value for area in panel.areas)])
            assert told.count("te weinig formulieren") == times


def test_what_is_best_where_nothing_goes_well_is_called_so_everywhere(results):
    explorer = tk.SchoolExplorer(results, school="99AC00", page="per_step", step=2)
    assert "Gaat het best" in explorer.panels["per_step"].texts[0].value
    assert "Gaat goed" not in explorer.panels["per_step"].texts[0].value
    assert next(box.description for box in explorer.board.choices.values()).startswith("Gaat het best: 2.5")


def test_a_complete_step_to_discuss_is_on_the_agenda_and_becomes_an_action(results):
    explorer = tk.SchoolExplorer(results, school="99AA00", page="plan")
    area = next(area for area in explorer.panels["plan"].areas if "Stap 1, Thuisomgeving kennen" in area.text.value)
    area.links[0].click()
    explorer.board.apply_button.click()
    (action,) = explorer.board.plan.actions
    assert action.all_steps == (1,)
    assert action.what == tk.load_instrument().step(1).title["nl"]


def test_as_a_page_it_reads_the_folder_register_and_address_it_is_given(example, monkeypatch, tmp_path):
    (tmp_path / "scholen.csv").write_text("school;leraren\n99AC00;80\n", encoding="utf-8")
    monkeypatch.setenv("HANDVAT_FOLDER", str(example.folder))
    monkeypatch.setenv("HANDVAT_REGISTER", str(tmp_path / "scholen.csv"))
    monkeypatch.setenv("QUERY_STRING", "school=99AC00&step=3")
    explorer = tk.SchoolExplorer.as_page("not there")
    assert (explorer.school.value, explorer.step.value) == ("99AC00", 3)
    assert "Scholengemeenschap De Vliet · 2025-2026<" in explorer._place.value
    assert "<b>voorbeeld</b>" in explorer._place.value
    assert set(explorer._results.invited["invited"]) == {80}


@pytest.mark.parametrize("is_changed", [False, True])
def test_a_kernel_that_was_started_early_shows_the_folder_and_address_of_its_page(
    example, monkeypatch, tmp_path, is_changed
):
    school = next(example.folder.glob("99AC00*"))
    shutil.copytree(school, tmp_path / school.name)

    def page_comes() -> None:
        monkeypatch.setenv("QUERY_STRING", "school=99AC00&step=3&language=en&page=per_step&roles=teacher")
        if is_changed:
            next((tmp_path / school.name).rglob("*.xlsx")).unlink()

    monkeypatch.setenv("VOILA_PREHEAT", "True")
    monkeypatch.setattr("toolkit.widgets.school_explorer.wait_for_page", page_comes)
    early = tk.SchoolExplorer.as_page(tmp_path)
    monkeypatch.delenv("VOILA_PREHEAT")
    late = tk.SchoolExplorer.as_page(tmp_path)
    assert early.state == late.state
    assert (early.page, early.state.step, early.state.roles) == ("per_step", 3, ("teacher",))
    assert not early.panels["overview"].heading.value + early.panels["overview"].foot.value
    assert not early.panels["overview"].areas, "drawn before the page came, for other choices"
    assert outputs_of(early) == outputs_of(late)
