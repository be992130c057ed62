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
from toolkit.reports.model import DefinitionList, Links, Report, Section, Table
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
    return [[part for make in makers if (part := make(context_of(own)))] for own in schools]


def context_of(own: SchoolResults) -> ReportContext:
    school = school_id(own)
    chosen = select(own.levels, school, own.waves(school)[-1], **own.display(school))
    return ReportContext(own, chosen, own.findings(school))


@pytest.fixture(scope="module")
def reports(reported) -> list[Report]:
    return [make_report(own, school_id(own)) for own in reported]


def school_id(own: SchoolResults) -> str:
    return own.schools()[0]


def test_every_output_names_the_same_points_in_the_same_order_with_the_same_tool(schools, texts):
    for own, sections in zip(schools, texts, strict=True):
        found = own.findings(school_id(own))
        labels = {heading: [point.label for point in found.points[heading]] for heading in HEADINGS}
        lists = [block for block in sections[0].blocks if isinstance(block, DefinitionList)]
        assert [[entry.term for entry in block.entries] for block in lists] == list(labels.values())
        (links,) = [
            block for part in sections if part.id == "tools" for block in part.blocks if isinstance(block, Links)
        ]
        tools = dict.fromkeys(tool for point in found.all_points() for tool in point.tools[:1])
        assert [(link.text, link.url) for link in links.links[:-1]] == list(tools)
        meeting = tk.meeting_agenda(own.agenda_in("nl"), school_id(own), own.waves(school_id(own))[-1])
        assert [[point.label for point in points] for _, points in meeting.headings] == list(labels.values())
        if found.next_step:
            work = [*found.points[CAN_BE_BETTER], *found.points[TO_DISCUSS]]
            assert found.next_step.step == min(point.step for point in work)


def test_the_talk_sheet_names_the_points_of_the_report_in_their_order(reported, reports):
    for own, report in zip(reported, reports, strict=True):
        sheet = sheet_html(sheet_of(own, school_id(own), own.waves(school_id(own))[-1]))
        lists = [block for block in report.sections[0].blocks if isinstance(block, DefinitionList)]
        places = [sheet.index(f"<b>{entry.term}.</b>") for block in lists for entry in block.entries]
        assert places == sorted(places)


def test_a_number_beside_a_picture_is_what_the_picture_draws(reports):
    seen = 0
    for report in reports:
        overview, steps = (next(part for part in report.sections if part.id == name) for name in ("overview", "steps"))
        drawn = {trace.name: trace for trace in steps.blocks[0].picture.data if trace.mode == "markers"}
        table = next(block.table for block in steps.blocks if isinstance(block, Table))
        for column, role in enumerate(table.columns[1:], start=1):
            (line,) = [t for t in overview.blocks[0].picture.data if str(t.name).startswith(f"{role} (n")]
            shown = [re.match(r"\d+", row[column]) for row in table.rows]
            assert [known and int(known[0]) for known in shown] == [
                None if level is None or np.isnan(level) else round(level) for level in line.r[:5]
            ]
        if len(drawn) == 2:
            a, b = (np.array(trace.x, dtype=float) for trace in drawn.values())
            far = np.abs(np.round(a) - np.round(b))
            told = [
                note.text for note in steps.blocks[0].picture.layout.annotations if "punt" in note.text and note.x == 1
            ]
            assert [int(re.search(r"\d+", text)[0]) for text in told] == [int(gap) for gap in far[~np.isnan(far)]]
            points = re.search(r"(\d+) punt", steps.blocks[0].picture.sentence)
            assert (int(points[1]) if points else 0) == (np.nanmax(far) if told else 0)
            seen += 1
    assert seen > 5


def test_at_most_three_per_heading_and_nothing_under_two_headings(schools):
    for own in schools:
        found = own.findings(school_id(own))
        named = [(point.step, point.item) for point in found.all_points()]
        assert len(named) == len(set(named))
        assert all(len(found.points[heading]) <= MAX_PER_HEADING for heading in HEADINGS)
        lines = [line.step for line in found.lines if not line.item]
        assert len(lines) == len(set(lines)), "no step in two lines"
        discussed = {point.step for point in found.points[TO_DISCUSS] if not point.item}
        assert discussed.isdisjoint(line.step for line in found.lines if not line.item and line.heading != TO_DISCUSS)


def test_there_is_a_good_word_wherever_two_statements_have_something_positive(schools):
    for own in schools:
        rows = last_wave(own, own.agenda_in("nl"))
        rows = rows[rows["item"].notna() & rows["heading"].ne(TOO_LITTLE_DATA)]
        found = own.findings(school_id(own))
        if rows["level"].gt(0).any() and len(rows) > 1:
            assert found.points[GOES_WELL], school_id(own)
        for point in found.points[GOES_WELL]:
            if point.is_best_available:
                assert not rows["heading"].eq(GOES_WELL).any()
                best = rows.set_index("item")["level"]
                assert best[point.item] == best.max(), "it is called the most positive"
                told = re.search(r"\d+", found.good_word)
                assert told
                assert int(told[0]) == len(rows), "and over how many statements that is"


def last_wave(own: SchoolResults, table: pd.DataFrame) -> pd.DataFrame:
    return table[table["wave"] == own.waves(school_id(own))[-1]]


def test_every_change_shown_is_the_difference_of_the_figures_shown(texts):
    seen = 0
    for sections in texts:
        for part in sections:
            for block in part.blocks:
                if part.id == "change" and isinstance(block, Table):
                    for cell in (cell for row in block.table.rows for cell in row[1:] if cell):
                        before, now, change = re.fullmatch(r"(\d+) → (\d+) \(([+−]?\d+)\)", cell).groups()
                        assert int(now) - int(before) == int(change.replace("−", "-")), cell
                        seen += 1
    assert seen > 300


def test_every_change_of_all_schools_is_the_difference_of_the_levels_in_whole_points(results):
    known = results.changes.dropna(subset="change")
    assert (known["level"] - known["level_before"]).eq(known["change"]).all()
    assert known["change"].mod(1).eq(0).all()
    assert len(known) > 200


def test_the_level_in_a_line_is_the_one_the_radar_has(schools):
    seen = 0
    for own in schools:
        found, levels = own.findings(school_id(own)), last_wave(own, own.levels)
        line = found.line(CAN_BE_BETTER)
        if line is not None and not line.item and "van 100" in line.split:
            told = int(re.search(r"(\d+) van 100", line.split)[1])
            drawn = levels[levels["step"].eq(line.step) & levels["level"].notna()]["level"]
            assert told in {int(f"{level:.0f}") for level in drawn}
            seen += 1
    assert seen > 20


def test_a_sentence_that_says_all_is_true_and_says_of_how_many(schools):
    """`alle`, `geen enkele` and `nergens`: checked against the table, with the number they speak of."""
    seen = dict.fromkeys(("yes", "steps", "none"), 0)
    for own in schools:
        found = own.findings(school_id(own))
        rows = last_wave(own, own.agenda_in("nl"))
        items = rows[rows["item"].notna() & rows["heading"].ne(TOO_LITTLE_DATA)]
        if found.headline.startswith("We zien alleen"):
            assert items["level"].eq(100).all()
            assert numbers(found.headline) == [len(items)]
            seen["yes"] += 1
        if found.headline.startswith("Bij "):
            compared = last_wave(own, own.per_step).dropna(subset="gap")
            assert numbers(found.headline) == [len(compared)]
            assert compared["gap"].gt(0).all() or compared["gap"].lt(0).all()
            assert ("alle" in found.headline) == (len(compared) == len(CHECKLIST.steps))
            seen["steps"] += 1
        for heading, sentence in found.empty.items():
            if not rows["heading"].eq(heading).any() and len(items):
                assert numbers(sentence) == [len(items)], sentence
                assert ("alle" in sentence) == (len(items) == len(CHECKLIST.items))
                seen["none"] += 1
    assert min(seen.values()) > 0, seen


def test_a_school_of_which_nearly_all_say_yes_is_not_said_to_say_only_yes():
    """70 teachers of whom one says Beetje: the level of that statement rounds to 100."""
    forms = same_everywhere("director", 2) + same_everywhere("teacher", 2, 70) + same_everywhere("care", 2, 9)
    forms[1] |= {"2.1": 1}
    own = SchoolResults.of_responses(table(forms), CHECKLIST)
    assert "Alle antwoorden" not in own.findings(school_id(own)).headline


def numbers(sentence: str) -> list[int]:
    return [int(number) for number in re.findall(r"\b\d+\b", sentence)]


def test_no_zero_is_spelled_out_and_one_person_is_no_share(reports):
    for report in reports:
        page = to_html(report, interactive=False)
        text = re.sub(r"<(style|svg).*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
        assert not re.search(r"\b0 (hetzelfde|minder positief|positiever|Ja|Beetje|Nee)\b", text)
        assert not re.search(r"\b1 van elke 1\b|Directie \(1\)", text)


def test_steps_are_named_in_order_under_each_heading(schools):
    for own in schools:
        for points in own.findings(school_id(own)).points.values():
            assert all((a.step, not a.item, a.item) <= (b.step, not b.item, b.item) for a, b in pairwise(points))
