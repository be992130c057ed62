"""The agenda: worked by hand in both directions, what must not be called a difference, and its error and power."""

import numpy as np
import pandas as pd
import pytest

import toolkit as tk
from benchmarks.agenda import AT_MOST, rates, share_that_differs, without_difference
from tests.support.forms import people, same_everywhere, table
from toolkit.measures.randomization_test import chance_of_gap
from toolkit.narrative.agenda import HEADINGS, Rule

NO, PARTLY, YES = 0, 1, 2


def row(*forms, item="1.1", safe=True, **options) -> pd.Series:
    """The agenda's row of one item."""
    responses, checklist = table(*forms), tk.load_instrument()
    agenda = tk.agenda(tk.protect(responses, checklist) if safe else responses, checklist, **options)
    return agenda.set_index("item").loc[item]


def team(no: int, partly: int, yes: int, role: str = "teacher", item: str = "1.1"):
    return people(role, *[NO] * no, *[PARTLY] * partly, *[YES] * yes, item=item)


# What a careful reader says of one director and a team: answers of the team as (Nee, Beetje, Ja).


@pytest.mark.parametrize(
    ("director", "teachers", "heading", "reason"),
    [
        # most of the team answers on one side of the director, by two answers or by one
        (YES, (8, 1, 1), "to_discuss", "roles differ"),
        (NO, (1, 1, 8), "to_discuss", "roles differ"),
        (YES, (6, 0, 0), "to_discuss", "roles differ"),
        (NO, (0, 0, 6), "to_discuss", "roles differ"),
        (YES, (4, 1, 1), "to_discuss", "roles differ"),
        (YES, (2, 6, 2), "to_discuss", "roles differ"),
        (YES, (18, 6, 6), "to_discuss", "roles differ"),
        (PARTLY, (0, 0, 24), "to_discuss", "roles differ"),
        (PARTLY, (24, 0, 0), "to_discuss", "roles differ"),
        (PARTLY, (0, 1, 9), "to_discuss", "roles differ"),
        # more than half is not certain, or the answers are near each other
        (YES, (1, 5, 4), "can_be_better", None),
        (YES, (2, 4, 4), "can_be_better", None),
        (NO, (4, 4, 1), "can_be_better", None),
        (YES, (0, 10, 4), "can_be_better", None),
        (PARTLY, (1, 3, 6), "can_be_better", None),
        # the team is divided, whatever the director says
        (YES, (6, 1, 7), "to_discuss", "team differs"),
        (NO, (7, 1, 6), "to_discuss", "team differs"),
        (PARTLY, (5, 0, 5), "to_discuss", "team differs"),
        (YES, (3, 2, 5), "to_discuss", "team differs"),
        (PARTLY, (2, 1, 2), "to_discuss", "team differs"),
        (YES, (1, 0, 4), "goes_well", None),
        (YES, (2, 0, 10), "goes_well", None),
        # agreed
        (YES, (0, 2, 10), "goes_well", None),
        (YES, (1, 3, 6), "goes_well", None),
        (NO, (10, 2, 0), "can_be_better", None),
        (PARTLY, (0, 12, 0), "can_be_better", None),
    ],
)
def test_one_director_and_a_team(director, teachers, heading, reason):
    agenda_row = row(people("director", director), team(*teachers))
    assert (agenda_row.heading, agenda_row.reason if pd.notna(agenda_row.reason) else None) == (heading, reason)
    assert agenda_row.roles == ("director-teacher" if reason == "roles differ" else "")
    assert agenda_row.divided == ("teacher" if reason == "team differs" else "")


def test_the_worked_example_says_which_way_and_how_sure():
    """Ten teachers: 8 Nee, 1 Beetje, 1 Ja, so a level of 15; the director's Ja is 100, and nine are below it."""
    agenda_row = row(people("director", YES), team(8, 1, 1), safe=False)
    assert (agenda_row.level, agenda_row.gap, agenda_row.far_share) == (57.5, 85, 0.9)
    assert agenda_row.far_share_low == pytest.approx(0.7176, abs=1e-4), "Wilson, one-sided 90%, 9 of 10"
    assert pd.isna(agenda_row.chance), "a director is no draw from the team"
    assert agenda_row.gap_low < 85 < agenda_row.gap_high
    assert agenda_row.text.startswith(
        "Directie: Ja. Leraren (10): 1 Ja, 1 Beetje en 8 Nee. "
        "Volgens de directie gebeurt hier meer dan volgens de leraren: 85 punten verschil."
    )
    assert "Van de 10 leraren zijn er 9 minder positief dan de directie." in agenda_row.text
    opposite_row = row(people("director", NO), team(1, 1, 8))
    assert (opposite_row.gap, opposite_row.far_share) == (-85, 0.9)
    assert "Volgens de leraren gebeurt hier meer dan volgens de directie" in opposite_row.text
    assert "Van de 10 leraren zijn er 9 positiever dan de directie." in opposite_row.text


def test_two_groups_say_how_often_chance_gives_their_gap():
    agenda_row = row(team(7, 1, 0), team(0, 1, 6, role="care"))
    assert (agenda_row.roles, round(100 * agenda_row.chance)) == ("teacher-care", 0)
    assert "ongeveer 1 van de 100 keer" in agenda_row.text
    assert pd.isna(agenda_row.far_share)


def test_every_pair_that_differs_is_said_and_how_divided_a_group_is():
    agenda_row = row(people("director", YES), team(6, 0, 0), team(5, 1, 0, role="care"))
    assert agenda_row.roles == "director-teacher, director-care"
    assert (
        "Ook volgens de directie gebeurt hier meer dan volgens de zorgprofessionals: 92 punten" in agenda_row.difference
    )
    turned = row(people("director", NO), team(0, 0, 6), team(0, 1, 5, role="care"))
    assert "Ook volgens de zorgprofessionals gebeurt hier meer dan volgens de directie: 92 punten" in turned.difference
    divided = row(people("director", PARTLY), team(5, 0, 5))
    assert divided.sure == "Minstens 25 van de 100 zeggen daar Ja, en minstens 25 van de 100 Nee."


def test_turning_every_answer_round_turns_the_agenda_round(example, checklist):
    """The same items to discuss, for the same roles and as sure; only which way is the other way round."""
    forms = example.intake.responses
    ids = list(checklist.item_ids)
    turned = forms.assign(**{item: 2 - forms[item] for item in ids})
    agenda, turned_agenda = (tk.agenda(tk.protect(data, checklist), checklist) for data in (forms, turned))
    assert agenda["heading"].eq("to_discuss").equals(turned_agenda["heading"].eq("to_discuss"))
    for column in ("roles", "divided", "reason"):
        assert agenda[column].fillna("").equals(turned_agenda[column].fillna(""))
    np.testing.assert_allclose(agenda["gap"], -turned_agenda["gap"])
    np.testing.assert_allclose(agenda["chance"], turned_agenda["chance"])


def test_the_rule_is_the_same_for_every_two_roles_and_the_other_way_round():
    for a, b in (("teacher", "care"), ("care", "teacher")):
        agenda_row = row(team(7, 1, 0, role=a), team(0, 1, 6, role=b))
        assert (agenda_row.heading, agenda_row.roles) == ("to_discuss", "teacher-care")
    turned = row(team(0, 1, 6), people("director", NO), team(0, 1, 6, role="care"))
    assert turned.roles == "director-teacher, director-care"


def test_several_directors_count_as_the_group_they_are():
    assert row(people("director", YES, YES), team(10, 7, 3)).roles == "director-teacher"


def test_directors_who_disagree_are_said_and_no_group_is_compared_with_half_of_them():
    """Ten teachers say Ja; of two directors one says Ja and one Nee. That is a matter between the directors."""
    agenda_row = row(people("director", YES, NO), team(0, 0, 10))
    assert (agenda_row.heading, agenda_row.reason, agenda_row.roles, agenda_row.divided) == (
        "to_discuss",
        "team differs",
        "",
        "director",
    )
    assert agenda_row.difference == "De directie is verdeeld: een deel zegt Ja, een deel Nee."
    assert agenda_row.sure == ""
    near = row(people("director", YES, PARTLY), team(0, 1, 9))
    assert (near.heading, near.divided) == ("goes_well", "")
    assert near.difference == "De antwoorden van de directie zijn verschillend."
    beyond_both = row(people("director", YES, PARTLY), team(9, 1, 0))
    assert (beyond_both.roles, beyond_both.far_share) == ("director-teacher", 0.9)
    assert row(people("director", YES, NO), team(8, 1, 1)).roles == ""


# Complete steps.


def everywhere(step, answers, role):
    """People who answer a step's items with these answers, one after the other."""
    items = [item.id for item in tk.load_instrument().step(step).items]
    keys = {"school": "99AA00", "wave": "2025-2026", "role": role}
    return [keys | dict(zip(items, person, strict=True)) for person in answers]


def test_a_step_is_on_the_agenda_where_none_of_its_items_is():
    """The director says Ja to all of step 2; of every item two in three teachers say Beetje, the others Ja."""
    teachers = [[PARTLY if (item + person) % 3 else YES for item in range(7)] for person in range(21)]
    forms = [*everywhere(2, [[YES] * 7], "director"), *everywhere(2, teachers, "teacher")]
    checklist = tk.load_instrument()
    agenda = tk.agenda(tk.protect(table(forms), checklist), checklist)
    steps = agenda[agenda["item"].isna()]
    assert steps[["step", "heading", "reason", "roles", "gap"]].to_dict("records") == [
        {
            "step": 2,
            "heading": "to_discuss",
            "reason": "step differs",
            "roles": "director-teacher",
            "gap": pytest.approx(33, abs=0.5),
        }
    ]
    assert agenda[agenda["step"].eq(2) & agenda["item"].notna()]["heading"].ne("to_discuss").all()
    step = steps.iloc[0]
    assert step.text.startswith(
        "Directie: 100 van 100. Leraren (21): 67 van 100. Over de hele stap gebeurt volgens de directie meer "
        "dan volgens de leraren: 33 punten verschil. Met andere invullers lag het verschil "
    )
    assert step.gap_low > 0
    sized_agenda = tk.agenda(tk.protect(table(forms), checklist), checklist, team_size=21)
    step = sized_agenda[sized_agenda["item"].isna()].iloc[0]
    assert step.gap_low == step.gap == step.gap_high, "all 21 answered, so nobody is left to answer otherwise"
    assert not step.suppressed
    page = str(tk.meeting_agenda(agenda))
    assert "- Stap 2, " in page
    assert "Over de hele stap" in page
    assert tk.agenda(table(forms), checklist, rule=Rule(step_gap=40))["item"].notna().all()


def test_a_step_below_twenty_points_or_within_its_interval_has_no_row():
    near = [[PARTLY] * 2 + [YES] * 5] * 20
    unsure = [[NO] * 7] + [[YES] * 7] * 4
    for director, teachers in ((YES, near), (PARTLY, unsure)):
        forms = [*everywhere(2, [[director] * 7], "director"), *everywhere(2, teachers, "teacher")]
        assert tk.agenda(table(forms), tk.load_instrument())["item"].notna().all()


def test_where_an_item_of_the_step_is_to_be_discussed_the_page_has_the_item():
    forms = [*everywhere(2, [[YES] * 7], "director"), *everywhere(2, [[NO] * 7] * 20, "teacher")]
    checklist = tk.load_instrument()
    agenda = tk.agenda(tk.protect(table(forms), checklist), checklist)
    assert agenda.loc[agenda["item"].isna(), "step"].tolist() == [2]
    assert "Over de hele stap" not in str(tk.meeting_agenda(agenda))


def test_where_teachers_are_part_of_a_team_the_team_has_the_view():
    agenda_row = row(people("director", YES), team(4, 0, 0), team(3, 0, 0, role="care"))
    assert (agenda_row.heading, agenda_row.roles, agenda_row.views) == ("to_discuss", "director-team", "director, team")


def test_too_little_data_has_its_reason():
    agenda_row = row(people("director", YES), team(0, 0, 4))
    assert (agenda_row.heading, agenda_row.reason, agenda_row.suppressed) == (
        "too_little_data",
        "too few respondents",
        True,
    )
    assert agenda_row[["level", "gap", "chance"]].isna().all()
    assert agenda_row.text.startswith("Directie: Ja. Te weinig gegevens: niet getoond")
    empty = row(same_everywhere("teacher", YES, 6), people("director", None), item="1.1")
    assert empty.heading == "goes_well"
    assert empty.views == "teacher"
    item_unanswered = [form | {"2.1": None} for form in same_everywhere("teacher", YES, 6)]
    unanswered = row(item_unanswered, same_everywhere("director", YES), item="2.1")
    assert unanswered.heading == "too_little_data"
    assert pd.notna(unanswered.reason)


def test_it_says_who_answers_about_others():
    """Step 4 is about teachers: a director looks at colleagues there."""
    agenda_row = row(people("director", YES, item="4.1"), team(0, 0, 6, item="4.1"), item="4.1")
    assert agenda_row.others == "director"
    assert agenda_row.text.endswith("Dit gaat over het werk van de leraren.")
    assert row(people("director", YES, item="2.6"), team(0, 0, 6, item="2.6"), item="2.6").others == ""


def test_every_item_of_every_school_has_one_heading_and_a_text(example, checklist):
    agenda = tk.agenda(example.safe, checklist)
    assert agenda["item"].notna().sum() == 4 * 2 * 33
    assert not agenda.duplicated(["school", "wave", "step", "item"]).any()
    assert set(agenda["heading"]) <= set(HEADINGS)
    assert agenda["text"].str.len().min() > 10
    english = tk.agenda(example.safe, checklist, language="en")
    assert english["heading"].equals(agenda["heading"])
    assert not english["text"].equals(agenda["text"])


def test_what_the_built_in_schools_say(example, checklist):
    """De Vliet was made to disagree strongly, Maasoever is unanimous, De Regenboog is an ordinary school."""
    agenda = tk.agenda(example.safe, checklist)
    last = (
        agenda[agenda["item"].notna() & agenda["wave"].eq("2025-2026")]
        .groupby(["school", "heading"])
        .size()
        .unstack(fill_value=0)
    )
    assert last.loc["99AC00", "to_discuss"] > 20
    assert last.loc["99AD01", "goes_well"] == 33
    assert last.loc["99AA00", "to_discuss"] < last.loc["99AC00", "to_discuss"] / 2


def test_another_rule_is_given_in_one_place():
    assert row(people("director", YES), team(8, 1, 1), rule=Rule(gap=90)).heading == "can_be_better"
    assert row(people("director", YES), team(2, 1, 7), rule=Rule(divided=0.2)).divided == "teacher"


def test_the_chance_of_a_gap_is_that_of_dealing_the_answers_out_again():
    """By hand, one against ten: the share of the eleven answers at least as far on that side."""
    single_directors, teams_of_ten = (
        np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]]),
        np.array([[8, 1, 1], [8, 1, 1], [8, 1, 1]]),
    )
    assert chance_of_gap(single_directors, teams_of_ten).tolist() == pytest.approx([2 / 11, 9 / 11, 3 / 11])
    # two against two, Ja Ja against Nee Nee: one of the six ways to deal them out
    assert chance_of_gap(np.array([[0, 0, 2]]), np.array([[2, 0, 0]])).tolist() == pytest.approx([1 / 6])
    assert np.isnan(chance_of_gap(np.array([[0, 0, 0]]), np.array([[2, 0, 0]]))).all()


def test_chance_is_the_same_when_the_groups_change_places():
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 4, (200, 3)), rng.integers(0, 8, (200, 3))
    np.testing.assert_allclose(chance_of_gap(a, b), chance_of_gap(b, a))


def test_error_and_power_of_the_rule_by_exact_enumeration():
    """`python -m benchmarks.agenda` has every number of teachers from 5 to 30."""
    percentages = 100 * rates((5, 8, 10, 15, 30))
    for opposite in ("director Ja, teachers 80/10/10", "director Nee, teachers 10/10/80"):
        assert percentages.loc[opposite].min() >= 88
    director_ja = percentages.loc["director Ja, teachers 50/30/20"].to_numpy()
    assert (np.maximum.accumulate(director_ja) - director_ja).max() <= 12
    assert director_ja[-1] > 98
    assert percentages.loc["director Ja, teachers 10/30/60 (error)"].max() <= 10
    assert (percentages.loc["divided team 50/0/50"].to_numpy() >= [60, 90, 88, 95, 99]).all()


def test_two_groups_that_answer_from_the_same_shares_are_seldom_called_different():
    assert share_that_differs(without_difference(200, np.random.default_rng(11))) <= AT_MOST
