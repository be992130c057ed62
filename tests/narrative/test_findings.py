"""Findings: 200 made-up schools with holes, of which no output may contradict another or tell more than is known."""

import re
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

import toolkit as tk
from tests.support.forms import same_everywhere, table
from toolkit.instrument.model import load_instrument
from toolkit.narrative.agenda import CAN_BE_BETTER, GOES_WELL, TO_DISCUSS, TOO_LITTLE_DATA
from toolkit.narrative.findings import HEADINGS, MAX_PER_HEADING
from toolkit.narrative.selection import select
from toolkit.reports.context import ReportContext
from toolkit.reports.html_writer import to_html
from toolkit.reports.model import DefinitionList, Figure, Links, Report, Section, Table
from toolkit.reports.sections import SECTIONS, make_report
from toolkit.reports.talk_sheet import sheet_of
from toolkit.reports.talk_sheet import to_html as sheet_html
from toolkit.results import SchoolResults

CHECKLIST = load_instrument()
SCHOOLS, REPORTED = 200, 10  # with pictures, a report of every tenth school
WAVES = ("2024-2025", "2025-2026")


def school_forms(school: str, rng: np.random.Generator) -> list[dict[str, object]]:
    """Forms of one school in two waves: its own mood per role and step, and holes of every kind."""
    mood = {(role, step.number): rng.uniform(0, 1) for role in CHECKLIST.role_ids for step in CHECKLIST.steps}
    holes, empty = rng.choice([0.0, 0.1, 0.5, 0.9]), set(rng.choice(CHECKLIST.item_ids, rng.integers(0, 20)))
    style = rng.choice(["mixed", "all yes", "all no"], p=[0.9, 0.05, 0.05])
    forms = []
    for wave in WAVES[: rng.integers(1, 3)]:
        sizes = {"director": rng.integers(0, 3), "teacher": rng.integers(0, 26), "care": rng.integers(0, 9)}
        for role in [role for role, n in sizes.items() for _ in range(n)]:
            form: dict[str, object] = {"school": school, "wave": wave, "role": role}
            for step in CHECKLIST.steps:
                for item in step.items:
                    answer = {"all yes": 2, "all no": 0}.get(style, rng.binomial(2, mood[role, step.number]))
                    form[item.id] = None if item.id in empty or rng.random() < holes else int(answer)
            forms.append(form)
    return forms


@pytest.fixture(scope="module")
def results() -> SchoolResults:
    rng = np.random.default_rng(13)
    forms = [form for number in range(SCHOOLS) for form in school_forms(f"99A{number:03d}", rng)]
    return SchoolResults.of_responses(tk.make_responses(forms, CHECKLIST), CHECKLIST).without_forms()


@pytest.fixture(scope="module")
def schools(results) -> list[SchoolResults]:
    return [results.of(school) for school in results.schools()]


@pytest.fixture(scope="module")
def reported(schools) -> list[SchoolResults]:
    """The schools of which a complete report is made: its pictures take nine tenths of the time."""
    return schools[::REPORTED]


@pytest.fixture(scope="module")
def texts(schools) -> list[list[Section]]:
    """Of every school the sections of its report that have no picture."""
    makers = [make for make in SECTIONS if make.__name__ not in ("_overview", "_steps")]
    return [[part for make in makers if (part := make(context_of(school_results)))] for school_results in schools]


def context_of(school_results: SchoolResults) -> ReportContext:
    school = school_id(school_results)
    chosen = select(school_results.levels, school, school_results.waves(school)[-1], **school_results.display(school))
    return ReportContext(school_results, chosen, school_results.findings(school))


@pytest.fixture(scope="module")
def reports(reported) -> list[Report]:
    return [make_report(school_results, school_id(school_results)) for school_results in reported]


def school_id(school_results: SchoolResults) -> str:
    return school_results.schools()[0]


def test_every_output_names_the_same_points_in_the_same_order_with_the_same_tool(schools, texts):
    for school_results, sections in zip(schools, texts, strict=True):
        findings = school_results.findings(school_id(school_results))
        labels = {heading: [point.label for point in findings.points[heading]] for heading in HEADINGS}
        lists = [block for block in sections[0].blocks if isinstance(block, DefinitionList)]
        listed = [[entry.term for entry in block.entries] for block in lists]
        assert listed == ([] if findings.is_empty else list(labels.values()))
        (links,) = [
            block for part in sections if part.id == "tools" for block in part.blocks if isinstance(block, Links)
        ]
        tools = dict.fromkeys(tool for point in findings.all_points() for tool in point.tools[:1])
        assert [(link.text, link.url) for link in links.links[:-1]] == list(tools)
        meeting = tk.meeting_agenda(
            school_results.agenda_in("nl"),
            school_id(school_results),
            school_results.waves(school_id(school_results))[-1],
        )
        assert [[point.label for point in points] for _, points in meeting.headings] == list(labels.values())
        if findings.next_step:
            work = [*findings.points[CAN_BE_BETTER], *findings.points[TO_DISCUSS]]
            assert findings.next_step.step == min(point.step for point in work)


def test_the_talk_sheet_names_the_points_of_the_report_in_their_order(reported, reports):
    for school_results, report in zip(reported, reports, strict=True):
        sheet = sheet_html(
            sheet_of(school_results, school_id(school_results), school_results.waves(school_id(school_results))[-1])
        )
        lists = [block for block in report.sections[0].blocks if isinstance(block, DefinitionList)]
        places = [sheet.index(f"<b>{entry.term}.</b>") for block in lists for entry in block.entries]
        assert places == sorted(places)


def test_a_number_beside_a_picture_is_what_the_picture_draws(reports):
    n_compared = 0
    for report in reports:
        parts = {part.id: part for part in report.sections}
        if "steps" not in parts:
            continue  # nothing may be shown
        overview, steps = parts["overview"], parts["steps"]
        picture = next((block.picture for block in steps.blocks if isinstance(block, Figure)), None)
        drawn = {trace.name: trace for trace in picture.data if trace.mode == "markers"} if picture else {}
        table = next(block.table for block in steps.blocks if isinstance(block, Table))
        for column, role in enumerate(table.columns[1:], start=1):
            (line,) = [t for t in overview.blocks[0].picture.data if str(t.name).startswith(f"{role} (n")]
            shown = [re.match(r"\d+", row[column]) for row in table.rows]
            assert [number and int(number[0]) for number in shown] == [
                None if level is None or np.isnan(level) else round(level) for level in line.r[:5]
            ]
        if len(drawn) == 2:
            a, b = (np.array(trace.x, dtype=float) for trace in drawn.values())
            far = np.abs(np.round(a) - np.round(b))
            numbers_in_text = [note.text for note in picture.layout.annotations if "punt" in note.text and note.x == 1]
            assert [int(re.search(r"\d+", text)[0]) for text in numbers_in_text] == [
                int(gap) for gap in far[~np.isnan(far)]
            ]
            points = re.search(r"(\d+) punt", picture.sentence)
            assert (int(points[1]) if points else 0) == (np.nanmax(far) if numbers_in_text else 0)
            n_compared += 1
    assert n_compared > 5


def test_at_most_three_per_heading_and_nothing_under_two_headings(schools):
    for school_results in schools:
        findings = school_results.findings(school_id(school_results))
        named_points = [(point.step, point.item) for point in findings.all_points()]
        assert len(named_points) == len(set(named_points))
        assert all(len(findings.points[heading]) <= MAX_PER_HEADING for heading in HEADINGS)
        lines = [line.step for line in findings.lines if not line.item]
        assert len(lines) == len(set(lines)), "no step in two lines"
        discussed = {point.step for point in findings.points[TO_DISCUSS] if not point.item}
        assert discussed.isdisjoint(
            line.step for line in findings.lines if not line.item and line.heading != TO_DISCUSS
        )


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_step_that_a_line_is_about_is_on_the_agenda_too(schools, heading):
    n_introduced = 0
    for school_results in schools:
        findings = school_results.findings(school_id(school_results))
        line, points = findings.line(heading), findings.points[heading]
        if line is None or line.item or not points:
            continue
        agenda = [findings.introduction(heading), *(f"{point.label} {point.split}" for point in points)]
        (listed,) = [words for words in agenda if words.startswith(line.label)]
        assert line.split in listed
        n_introduced += line not in points and line.question in listed
    assert n_introduced > 20


def test_there_is_a_best_available_statement_wherever_two_statements_have_something_positive(schools):
    for school_results in schools:
        rows = last_wave(school_results, school_results.agenda_in("nl"))
        rows = rows[rows["item"].notna() & rows["heading"].ne(TOO_LITTLE_DATA)]
        findings = school_results.findings(school_id(school_results))
        if rows["level"].gt(0).any() and len(rows) > 1:
            assert findings.points[GOES_WELL], school_id(school_results)
        for point in findings.points[GOES_WELL]:
            if point.is_best_available:
                assert not rows["heading"].eq(GOES_WELL).any()
                best = rows.set_index("item")["level"]
                assert best[point.item] == best.max(), "it is called the most positive"
                number = re.search(r"\d+", findings.best_available_note)
                assert number
                assert int(number[0]) == len(rows), "and over how many statements that is"


def last_wave(school_results: SchoolResults, table: pd.DataFrame) -> pd.DataFrame:
    return table[table["wave"] == school_results.waves(school_id(school_results))[-1]]


def test_every_change_shown_is_the_difference_of_the_figures_shown(texts):
    n_compared = 0
    for sections in texts:
        for part in sections:
            for block in part.blocks:
                if part.id == "change" and isinstance(block, Table):
                    for cell in (cell for row in block.table.rows for cell in row[1:] if cell):
                        before, after, change = re.fullmatch(
                            r"(\d+) → (\d+) \(([+−]?\d+)(?:, duidelijk)?\)", cell
                        ).groups()
                        assert int(after) - int(before) == int(change.replace("−", "-")), cell
                        n_compared += 1
    assert n_compared > 300


def test_every_change_of_all_schools_is_the_difference_of_the_levels_in_whole_points(results):
    changes = results.changes.dropna(subset="change")
    assert (changes["level"] - changes["level_before"]).eq(changes["change"]).all()
    assert changes["change"].mod(1).eq(0).all()
    assert len(changes) > 200


def test_the_level_in_a_line_is_the_one_the_radar_has(schools):
    n_compared = 0
    for school_results in schools:
        findings, levels = (
            school_results.findings(school_id(school_results)),
            last_wave(school_results, school_results.levels),
        )
        line = findings.line(CAN_BE_BETTER)
        if line is not None and not line.item and "van 100" in line.split:
            level_in_line = int(re.search(r"(\d+) van 100", line.split)[1])
            drawn = levels[levels["step"].eq(line.step) & levels["level"].notna()]["level"]
            assert level_in_line in {int(f"{level:.0f}") for level in drawn}
            n_compared += 1
    assert n_compared > 20


def test_a_sentence_that_says_all_is_true_and_says_of_how_many(schools):
    """`alle`, `geen enkele` and `nergens`: checked against the table, with the number they speak of."""
    n_sentences = dict.fromkeys(("yes", "steps", "none"), 0)
    for school_results in schools:
        findings = school_results.findings(school_id(school_results))
        rows = last_wave(school_results, school_results.agenda_in("nl"))
        items = rows[rows["item"].notna() & rows["heading"].ne(TOO_LITTLE_DATA)]
        if findings.headline.startswith("Elk antwoord"):
            assert items["level"].eq(100).all()
            assert numbers(findings.headline) == [len(items)]
            n_sentences["yes"] += 1
        if findings.headline.startswith("Bij "):
            compared = last_wave(school_results, school_results.per_step).dropna(subset="gap")
            assert numbers(findings.headline) == [len(compared)]
            assert compared["gap"].gt(0).all() or compared["gap"].lt(0).all()
            assert ("alle" in findings.headline) == (len(compared) == len(CHECKLIST.steps))
            n_sentences["steps"] += 1
        for heading, sentence in findings.empty.items():
            if not rows["heading"].eq(heading).any() and len(items):
                compared = items[items["gap"].notna()]
                named = compared if heading == TO_DISCUSS and len(compared) else items
                assert numbers(sentence) == [len(named)], sentence
                assert ("alle" in sentence) == (len(named) == len(CHECKLIST.items))
                n_sentences["none"] += 1
    assert min(n_sentences.values()) > 0, n_sentences


def test_a_school_of_which_nearly_all_say_yes_is_not_said_to_say_only_yes():
    """70 teachers of whom one says Beetje: the level of that statement rounds to 100."""
    forms = same_everywhere("director", 2) + same_everywhere("teacher", 2, 70) + same_everywhere("care", 2, 9)
    forms[1] |= {"2.1": 1}
    school_results = SchoolResults.of_responses(table(forms), CHECKLIST)
    assert "Elk antwoord" not in school_results.findings(school_id(school_results)).headline


def numbers(sentence: str) -> list[int]:
    return [int(number) for number in re.findall(r"\b\d+\b", sentence)]


def test_no_zero_is_spelled_out_and_one_person_is_no_share(reports):
    for report in reports:
        page = to_html(report, interactive=False)
        text = re.sub(r"<(style|svg).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
        assert not re.search(r"\b0 (hetzelfde|minder positief|positiever|Ja|Beetje|Nee)\b", text)
        assert not re.search(r"\b1 van elke 1\b|Directie \(1\)", text)


def test_steps_are_named_in_order_under_each_heading(schools):
    for school_results in schools:
        for points in school_results.findings(school_id(school_results)).points.values():
            assert all((a.step, not a.item, a.item) <= (b.step, not b.item, b.item) for a, b in pairwise(points))


def test_a_headline_has_one_role_against_the_other_and_a_step_to_improve_names_every_role():
    first_step = {item.id: 0 for item in CHECKLIST.steps[0].items}
    forms = same_everywhere("director", 2) + [form | first_step for form in same_everywhere("teacher", 2, 10)]
    last_step = {item.id: 0 for item in CHECKLIST.steps[4].items}
    school_results = SchoolResults.of_responses(table([form | last_step for form in forms]), CHECKLIST)
    findings = school_results.findings(school_id(school_results))
    assert findings.headline == "De directie denkt over stap 1, Thuisomgeving kennen, anders dan de leraren."
    assert findings.line("can_be_better").split == "Directie: 0 van 100. Leraren (10): 0 van 100."
