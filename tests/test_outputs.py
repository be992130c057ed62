"""Two intakes that a reader may not tell apart give the same bytes in every output there is: tests of an attacker.

The attacker holds every file, page and table that is shown of a school, and computes whatever can be computed. What is
equal in every byte tells nothing. So the rules of protection are not the judge here, but what comes out of it.
"""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import ipywidgets as widgets
import numpy as np
import pandas as pd
import pytest

import toolkit as tk
from tests.support.forms import PLACE
from tests.support.requirements import program
from toolkit.charts.figure import Picture
from toolkit.core.i18n import load_text
from toolkit.intake.intake import PRIORITY_COLUMNS
from toolkit.narrative.meeting_page import meeting_agenda
from toolkit.plan.action_plan import ActionPlan
from toolkit.reports.cohort_report import gather_cohort
from toolkit.reports.cohort_sections import make_cohort_report
from toolkit.reports.model import Report
from toolkit.reports.sections import make_report
from toolkit.reports.talk_sheet import sheet_of, to_docx, to_html
from toolkit.reports.write import writer_of
from toolkit.responses import ACTION_COLUMNS
from toolkit.results import SchoolResults
from toolkit.widgets.action_board import board_view
from toolkit.widgets.school_pages import PAGES, ExplorerState

CHECKLIST = tk.load_instrument()
ITEMS = list(CHECKLIST.item_ids)
WAVES = ("2024-2025", "2025-2026")
SCHOOL = PLACE["school"]
PEOPLE = {"teacher": 6, "care": 3, "director": 1}
"""The three care professionals are too few to be shown, and there is no team beside six teachers."""

TABLES = ("people", "levels", "changes", "items", "consensus", "self_other", "per_step", "per_item", "actions",
          "priorities", "agenda")  # fmt: skip
REPORTS = ("rapport.html", "rapport.static.html", "rapport.docx", "rapport.xlsx")


def school(seed: int, people: dict[str, int] = PEOPLE) -> tk.Intake:
    """Two rounds of a school, a tenth of the answers blank, a text and a first choice of everyone."""
    rng = np.random.default_rng(seed)
    rows, texts, first = [], [], []
    for wave in WAVES:
        for role, count in people.items():
            for person in range(count):
                keys = {**PLACE, "wave": wave, "role": role, "respondent": f"{wave}-{role}-{person}"}
                values = rng.choice([0, 1, 2, None], 33, p=[0.3, 0.3, 0.3, 0.1])
                rows.append(keys | dict(zip(ITEMS, values, strict=True)))
                texts.append(keys | {"step": 1 + person % 5, "text": f"wens {rng.integers(10**9)}"})
                first.append(keys | {"item": ITEMS[int(rng.integers(33))]})
    return intake_of(tk.make_responses(rows, CHECKLIST), pd.DataFrame(texts), pd.DataFrame(first))


def intake_of(responses: pd.DataFrame, actions: pd.DataFrame, priorities: pd.DataFrame) -> tk.Intake:
    names = pd.DataFrame({"school": [SCHOOL], "name": ["De Test"]}, dtype="str")
    no_rows = pd.DataFrame()
    return tk.Intake(responses, actions[ACTION_COLUMNS], no_rows, no_rows, names, priorities[PRIORITY_COLUMNS])


def with_others_in_the_hidden_group(intake: tk.Intake, rng: np.random.Generator) -> tk.Intake:
    """Other answers, texts and choices of the care professionals, and one fewer of them."""
    hidden = intake.responses["role"].eq("care").to_numpy()
    responses = intake.responses.copy()
    responses.loc[hidden, ITEMS] = rng.choice([0, 1, 2], (hidden.sum(), 33))
    texts = intake.actions.copy()
    texts.loc[texts["role"].eq("care"), "text"] = "iets heel anders"
    first = intake.priorities[intake.priorities["role"].ne("care")]
    return intake_of(responses.drop(responses.index[hidden][0]), texts, first)


def with_others_together(intake: tk.Intake, rng: np.random.Generator) -> tk.Intake:
    """The same answers to each item, each time given by other teachers: who answered what together is different."""
    responses = intake.responses.copy()
    for wave in WAVES:
        teachers = (responses["role"].eq("teacher") & responses["wave"].eq(wave)).to_numpy()
        for item in ITEMS:
            responses.loc[teachers, item] = rng.permutation(responses.loc[teachers, item].to_numpy(dtype=object))
    return intake_of(responses.astype(dict.fromkeys(ITEMS, "Int8")), intake.actions, intake.priorities)


def with_another_answer(intake: tk.Intake, rng: np.random.Generator) -> tk.Intake:
    """One answer of one teacher that is shown."""
    responses = intake.responses.copy()
    teachers = responses[responses["role"].eq("teacher") & responses["wave"].eq(WAVES[1])]
    item = next(item for item in ITEMS if teachers[item].notna().all())
    responses.loc[teachers.index[0], item] = 2 - responses.loc[teachers.index[0], item]
    responses.loc[teachers.index[1], item] = (responses.loc[teachers.index[1], item] + 1) % 3
    return intake_of(responses, intake.actions, intake.priorities)


def saved_files(results: SchoolResults, pictures: list[Picture], folder: Path) -> dict[str, bytes]:
    """The bytes of pictures and of a table as an advisor saves them."""
    paths = [picture.save(folder / f"{number}.svg") for number, picture in enumerate(pictures)]
    paths += [pictures[0].save(folder / f"radar.{kind}") for kind in ("pdf", "png")]
    table = tk.summarise_levels(results.levels, SCHOOL)
    paths += [table.save(folder / f"niveaus.{kind}") for kind in ("xlsx", "docx", "tex")]
    return {part: data for path in paths for part, data in parts_of(path.name, path.read_bytes()).items()}


def everything_shown(intake: tk.Intake, reports: tuple[str, ...] = REPORTS) -> dict[str, bytes]:
    """The bytes of every output: reports, talk sheet, meeting page, dashboard, action board and tables."""
    results = SchoolResults.of_intake(intake)
    report, sheet = make_report(results, SCHOOL, WAVES[1]), sheet_of(results, SCHOOL, WAVES[1])
    shown = {"kaart.html": to_html(sheet).encode(), **parts_of("kaart.docx", to_docx(sheet))}
    for name in reports:
        shown |= parts_of(name, writer_of(name)(report))
    for name in TABLES:
        shown[f"{name}.csv"] = getattr(results, name).to_csv(index=False).encode()
    dutch = results.agenda[results.agenda["language"].eq("nl")].drop(columns="language")
    shown["vergadering.html"] = meeting_agenda(dutch, SCHOOL, WAVES[1]).to_html().encode()
    state, drawn = ExplorerState(SCHOOL, WAVES[1], compare=WAVES[0]), []
    for name, make_page in PAGES.items():
        page = make_page(results, state)
        pictures = [section.picture for section in page.sections if section.picture]
        shown[f"dashboard {name}"] = repr((page, [picture.to_json() for picture in pictures])).encode()
        drawn += pictures
    with tempfile.TemporaryDirectory() as folder:
        shown |= saved_files(results, drawn, Path(folder))
    shown["actiebord"] = repr(board_view(results, ActionPlan(SCHOOL, WAVES[1]))).encode()
    return shown | tabs_of("school", tk.SchoolExplorer(results, school=SCHOOL, compare=WAVES[0]))


def tabs_of(name: str, explorer: tk.SchoolExplorer | tk.CohortExplorer) -> dict[str, bytes]:
    """What a dashboard sends to the browser on each tab: every property of every widget but the ids."""
    states = dict[str, bytes]()
    for tab, title in enumerate(explorer.panels):
        explorer.pages.selected_index = tab
        states[f"tab {name} {title}"] = repr(list(widget_states(explorer))).encode()
    return states


def widget_states(widget: widgets.Widget) -> Iterator[dict[str, str]]:
    """The properties of a widget and of those in it."""
    state = {name: repr(value) for name, value in widget.get_state().items()}
    yield {name: value for name, value in state.items() if "IPY_MODEL_" not in value}
    for child in getattr(widget, "children", ()):
        yield from widget_states(child)


def parts_of(name: str, data: bytes) -> dict[str, bytes]:
    """The bytes of a file; of an Office file those of its parts."""
    if not name.endswith((".docx", ".xlsx")):
        return {name: data}
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {f"{name}/{part}": package.read(part) for part in package.namelist()}


def attacked(intake: tk.Intake) -> tk.Intake:
    rng = np.random.default_rng(12)
    return with_others_together(with_others_in_the_hidden_group(intake, rng), rng)


@pytest.mark.parametrize(
    ("people", "reports"), [(PEOPLE, REPORTS), ({"teacher": 16, "care": 4, "director": 2}, ("rapport.xlsx",))]
)
def test_no_output_tells_what_a_hidden_group_answered_or_who_answered_what_together(people, reports):
    intake = school(11, people)
    attacked_intake = attacked(intake)
    for role in ("teacher", "care"):
        forms = [
            data.responses[data.responses["role"].eq(role)].reset_index(drop=True) for data in (intake, attacked_intake)
        ]
        assert not forms[0].equals(forms[1])
    outputs, attacked_outputs = everything_shown(intake, reports), everything_shown(attacked_intake, reports)
    assert len(outputs) > 20
    assert [
        name for name in outputs.keys() | attacked_outputs.keys() if outputs.get(name) != attacked_outputs.get(name)
    ] == []


def test_the_attacker_does_see_an_answer_that_is_shown():
    intake = school(11)
    changed_intake = with_another_answer(intake, np.random.default_rng(12))
    two_reports = ("rapport.static.html", "rapport.xlsx")
    outputs, changed_outputs = everything_shown(intake, two_reports), everything_shown(changed_intake, two_reports)
    different = {re.split(r"[/ ]", name)[0] for name in outputs if outputs[name] != changed_outputs[name]}
    assert {*two_reports, "items.csv", "levels.csv", "dashboard"} <= different


@pytest.mark.parametrize("name", ["S" * 300, "../" * 100])
def test_a_school_of_any_name_has_its_report_and_talk_sheet(name):
    intake = school(3)
    tables = (intake.responses, intake.actions, intake.priorities)
    results = SchoolResults.of_intake(intake_of(*(table.assign(school=name) for table in tables)))
    assert to_docx(sheet_of(results, name, WAVES[1]))
    assert writer_of("rapport.docx")(make_report(results, name, WAVES[1]))


# --- groups of schools ---

SECTORS = ["po"] * 5 + ["vo"] * 4
"""Too few secondary schools to be shown, and too few schools in all for a director's answer to an item."""

COHORT_TABLES: dict[str, Callable[[tk.Cohorts], pd.DataFrame]] = {
    "means": tk.compare_cohorts,
    "items": lambda cohorts: tk.compare_cohorts(cohorts, per="item"),
    "differences": tk.cohort_differences,
    "changes": tk.cohort_changes,
    "trends": tk.cohort_trends,
    "change_differences": tk.change_differences,
}


def cohort(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two rounds of nine schools, each with a director, six teachers and one care professional."""
    rng = np.random.default_rng(seed)
    rows = [
        {"school": f"S{number}", "wave": wave, "role": role, "respondent": f"{number}-{role}-{person}"}
        | dict(zip(ITEMS, rng.choice([0, 1, 2, None], 33, p=[0.3, 0.3, 0.3, 0.1]), strict=True))
        for wave in WAVES
        for number in range(len(SECTORS))
        for role, people in (("director", 1), ("teacher", 6), ("care", 1))
        for person in range(people)
    ]
    schools = pd.DataFrame({"school": [f"S{number}" for number in range(len(SECTORS))], "sector": SECTORS})
    return tk.make_responses(rows, CHECKLIST), schools


def cohort_attacked(responses: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Other answers of all nine care professionals, of teachers together, and of schools of one sector in turn."""
    responses = responses.copy()
    care = responses["role"].eq("care").to_numpy()
    responses.loc[care, ITEMS] = rng.choice([0, 1, 2], (care.sum(), 33))
    values = responses[ITEMS].to_numpy(dtype=object)
    for places in responses.groupby(["school", "wave", "role"], observed=True).indices.values():
        for item in range(33):
            values[places, item] = rng.permutation(values[places, item])
    responses[ITEMS] = pd.DataFrame(values, columns=ITEMS, index=responses.index).astype("Int8")
    turned = {"S0": "S3", "S3": "S4", "S4": "S0", "S5": "S8", "S8": "S5"}
    return responses.replace({"school": turned}).sort_values(["school", "wave", "role"], ignore_index=True)


def report_on_groups(responses: pd.DataFrame, schools: pd.DataFrame) -> Report:
    text = load_text()
    context = (None, None, CHECKLIST, tk.Policy(audience="cohort"), text)
    return make_cohort_report(gather_cohort(responses, schools, "sector", *context), WAVES[1], text)


def everything_shown_of_groups(responses: pd.DataFrame, schools: pd.DataFrame) -> dict[str, bytes]:
    """The bytes of every output on groups of schools: the report in each format, the dashboard and the tables."""
    shown = tabs_of("groups", tk.CohortExplorer(responses, schools, by="sector"))
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, schools, "sector")
    for name, table in COHORT_TABLES.items():
        shown[f"{name}.csv"] = table(cohorts).to_csv(index=False).encode()
    report = report_on_groups(responses, schools)
    for name in REPORTS:
        shown |= parts_of(name, writer_of(name)(report))
    return shown


def test_no_output_on_groups_tells_what_a_hidden_group_or_one_school_answered():
    responses, schools = cohort(11)
    attacked_responses = cohort_attacked(responses, np.random.default_rng(12))
    outputs, attacked_outputs = (
        everything_shown_of_groups(forms, schools) for forms in (responses, attacked_responses)
    )
    assert len(outputs) > 20
    assert [
        name for name in outputs.keys() | attacked_outputs.keys() if outputs.get(name) != attacked_outputs.get(name)
    ] == []


# --- on paper ---


@pytest.mark.browser
def test_the_text_on_paper_does_not_tell_it_either(tmp_path):
    intake, (responses, schools) = school(11), cohort(11)
    rng = np.random.default_rng(12)
    of_school = [make_report(SchoolResults.of_intake(data), SCHOOL, WAVES[1]) for data in (intake, attacked(intake))]
    of_groups = [report_on_groups(forms, schools) for forms in (responses, cohort_attacked(responses, rng))]
    for reports in (of_school, of_groups):
        texts = [text_on_paper(writer_of("rapport.pdf")(report), tmp_path) for report in reports]
        assert texts[0] == texts[1]
        assert len(texts[0]) > 2_000


def text_on_paper(data: bytes, folder: Path) -> bytes:
    path = folder / "rapport.pdf"
    path.write_bytes(data)
    return subprocess.run([program("pdftotext"), str(path), "-"], capture_output=True, check=True).stdout
