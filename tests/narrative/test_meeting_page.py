"""The agenda on one page: at most three items per heading, what is chosen first, and nothing that runs."""

import re

import pytest

import toolkit as tk
from tests.support.forms import same_everywhere, table
from toolkit.core.errors import UnprotectedError
from toolkit.instrument.model import read_instrument
from toolkit.narrative.findings import fitting_tools

HOSTILE = '<img src=x onerror="alert(1)">'


@pytest.fixture(scope="module")
def agenda(example, checklist):
    return tk.agenda(example.safe, checklist)


def items(meeting, heading):
    return [point.item for point in meeting.headings[heading][1]]


def test_at_most_three_items_per_heading_in_the_order_of_the_steps(agenda):
    meeting = tk.meeting_agenda(agenda, "99AC00")
    assert [heading for heading, _ in meeting.headings] == ["Gaat goed", "Kan beter", "Bespreken"]
    assert [len(points) for _, points in meeting.headings] == [1, 2, 3]
    for heading in range(3):
        assert items(meeting, heading) == sorted(items(meeting, heading))
    assert [len(points) for _, points in tk.meeting_agenda(agenda, "99AC00", most=1).headings] == [1, 1, 1]


def test_the_largest_gap_and_the_lowest_level_come_first(agenda):
    school_agenda = agenda[(agenda["school"] == "99AC00") & (agenda["wave"] == "2025-2026")].set_index("item")
    meeting = tk.meeting_agenda(agenda, "99AC00")
    differ = school_agenda[school_agenda["roles"].ne("")]["gap"].abs()
    assert differ[items(meeting, 2)].min() == pytest.approx(differ.nlargest(3).min())
    better = school_agenda[school_agenda["heading"] == "can_be_better"]["level"]
    assert better[items(meeting, 1)].max() == pytest.approx(better.nsmallest(3).max())


def test_the_earliest_step_with_something_to_gain_is_offered_as_a_question(checklist):
    answers = same_everywhere("director", 2) + same_everywhere("teacher", 2, 8)
    low = dict.fromkeys([item.id for step in checklist.steps[2:] for item in step.items], 0)
    agenda = tk.agenda(tk.protect(table([form | low for form in answers]), checklist), checklist)
    meeting = tk.meeting_agenda(agenda)
    step = meeting.next_step
    assert step.step == 3
    assert step.question.endswith("?")
    assert step.item_labels[0] == meeting.headings[1][1][0].label
    happy = tk.agenda(tk.protect(table(answers), checklist), checklist)
    assert tk.meeting_agenda(happy).next_step is None


def test_every_item_has_its_question_factors_and_tools(agenda, checklist):
    """The publication's facts: 14 factors and 3 preconditions, each with an item; every item its own question."""
    questions = [item.question for item in checklist.items]
    assert len({question["nl"] for question in questions}) == len({question["en"] for question in questions}) == 33
    assert all(text.endswith("?") for question in questions for text in question.values())
    assert {factor for item in checklist.items for factor in item.factors} == set(range(1, 15))
    assert {item.precondition for item in checklist.items} - {""} == {"V", "T", "F"}
    point = tk.meeting_agenda(agenda, "99AA00").headings[1][1][0]
    assert (point.item, point.factors) == (
        "4.6",
        ("Succesfactor 8: school helpt ouder en kind thuis in gesprek te zijn.",),
    )
    assert [name for name, _ in point.tools] == ["Ouder-kindactiviteiten"]


def test_tools_of_the_item_then_of_its_step_and_only_of_the_sector(checklist):
    def names(*key, **sector):
        return [tool.name["nl"] for tool in fitting_tools(checklist, *key, **sector)]

    assert names(3, "3.2") == names(3, "3.6") == ["Het kennismakingsgesprek"]
    assert "Handreiking ouders en LOB (vmbo)" not in names(4, "4.3", sector="po")
    assert "Handreiking ouders en LOB (po)" not in names(4, "4.3", sector="vo")
    assert len(names(4)) == 5


def test_preconditions_only_where_asked_for(agenda):
    assert tk.meeting_agenda(agenda, "99AA00").preconditions == ()
    blocks = tk.meeting_agenda(agenda, "99AA00", preconditions=True).preconditions
    assert [label for label, _ in blocks] == [
        "Onderbouwde visie",
        "Taakverdeling en structuur",
        "Toerusten en faciliteren",
    ]


def test_what_is_not_shown_is_said(checklist):
    forms = table(same_everywhere("director", 2), same_everywhere("teacher", 2, 4))
    meeting = tk.meeting_agenda(tk.agenda(tk.protect(forms, checklist), checklist))
    assert all(points == () for _, points in meeting.headings)
    assert meeting.notes[0].startswith("Te weinig gegevens bij alle uitspraken: niet getoond")


def test_a_role_that_is_not_seen_is_named(agenda):
    note = "Van de zorgprofessionals staat hier niets: niemand vulde in, of te weinig mensen om te laten zien."
    assert note in tk.meeting_agenda(agenda, "99AC00").notes
    for school in ("99AA00", "99AB00"):
        assert not any("staat hier niets" in text for text in tk.meeting_agenda(agenda, school).notes)


def test_an_instrument_without_questions_gets_one_that_always_fits(agenda, checklist):
    from importlib.resources import files

    text = (files("toolkit") / "instrument" / "data" / "handvat-ouders-2023.toml").read_text(encoding="utf-8")
    bare = read_instrument(re.sub(r", question = \{.*?\}|^question = .*$", "", text, flags=re.MULTILINE))
    point = tk.meeting_agenda(agenda, "99AA00", checklist=bare).headings[1][1][0]
    assert point.question == "Waaraan merken we dat, en wie merkt het anders?"


def test_nothing_on_the_page_runs(agenda):
    html = tk.meeting_agenda(agenda, "99AA00", name=HOSTILE, preconditions=True).to_html()
    assert "<img" not in html
    assert "&lt;img" in html
    assert "2.6 Gastvrij team" in html
    hostile = agenda.assign(split=HOSTILE, about=HOSTILE)
    assert "<img" not in tk.meeting_agenda(hostile, "99AA00").to_html()


def test_only_protected_figures_get_a_page(example, checklist):
    with pytest.raises(UnprotectedError):
        tk.meeting_agenda(tk.agenda(example.intake.responses, checklist))
