"""Who was asked, who answered, and which schools the figures are of."""

import pandas as pd
import pytest

import toolkit as tk
from tests.support.forms import same_everywhere, table
from toolkit.core.errors import ToolkitError

CHECKLIST = tk.load_instrument()
WAVE = "2025-2026"


def invitation(school: str, number: object, role: str = "teacher") -> dict[str, object]:
    return {"school": school, "wave": WAVE, "role": role, "invited": number}


def codes(number: int) -> list[str]:
    return [f"98{chr(65 + index // 26)}{chr(65 + index % 26)}00" for index in range(number)]


def test_a_rate_is_what_answered_of_what_was_asked_and_a_silent_school_has_a_rate_of_nothing():
    forms = table(
        same_everywhere("teacher", 1, 6, school="98AA00"), same_everywhere("teacher", None, 3, school="98AA00")
    )
    rates = tk.response_rates(forms, pd.DataFrame([invitation("98AA00", 12), invitation("98BB00", 9)]), CHECKLIST)
    assert rates.set_index("school")["rate"].to_dict() == {"98AA00": 0.5, "98BB00": 0.0}
    assert rates["n"].tolist() == [6, 0], "an empty form is no answer"


def test_a_rate_that_cannot_be_is_missing_and_says_why():
    forms = table(*(same_everywhere("teacher", 1, 6, school=school) for school in ("98AA00", "98BB00")))
    rates = tk.response_rates(forms, pd.DataFrame([invitation("98AA00", 5)]), CHECKLIST)
    assert rates["rate"].isna().all()
    assert rates["reason"].tolist() == ["more than invited", "not known"]


@pytest.mark.parametrize(
    ("invited", "message"),
    [
        (pd.DataFrame([{"school": "98AA00", "invited": 3}]), "role, wave"),
        (pd.DataFrame([invitation("98AA00", 3), invitation("98AA00", 4)]), "98AA00"),
    ],
)
def test_a_table_of_people_invited_that_is_off_is_refused_in_words(invited, message):
    with pytest.raises(ToolkitError, match=message):
        tk.response_rates(table(same_everywhere("teacher", 1)), invited, CHECKLIST)


@pytest.fixture
def rates() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Twelve schools in po of which eight answer, eight in vo of which two do; ten asked, six answer."""
    schools = pd.DataFrame({"school": codes(20), "sector": ["po"] * 12 + ["vo"] * 8})
    answering = [*codes(20)[:8], *codes(20)[12:14]]
    forms = table(*(same_everywhere("teacher", 1, 6, school=school) for school in answering))
    return tk.response_rates(forms, pd.DataFrame([invitation(school, 10) for school in codes(20)]), CHECKLIST), schools


def test_the_response_of_a_group_counts_its_silent_schools(rates):
    response = tk.group_response(*rates, CHECKLIST, policy=tk.Policy(audience="researcher")).set_index("group")
    assert response.loc["po", ["n_asked", "n_schools", "invited", "n"]].tolist() == [12, 8, 120, 48]
    assert response.loc["po", "rate"] == pytest.approx(0.4)
    assert response.loc["vo", "share_asked"] == pytest.approx(0.4)
    assert response.loc["vo", "share_schools"] == pytest.approx(0.2), (
        "of the schools that took part half as many are vo"
    )


def test_a_group_of_few_schools_shows_no_number_at_all(rates):
    response = tk.group_response(*rates, CHECKLIST).set_index("group")
    assert response.loc["vo", "why"] == "too few schools"
    assert response.loc["vo"].drop(["grouping", "wave", "role", "suppressed", "why"]).isna().all()
    assert not response.loc["po", "suppressed"]
    assert response.loc["po", "rate"] == 0.4


def test_schools_are_grouped_by_their_size(rates):
    table, schools = rates
    sizes = [8, 10, 11, 25, 26] * 4
    table = table.assign(invited=pd.array(sizes, dtype="Int64"))
    response = tk.group_response(table, schools, CHECKLIST, ["size"], policy=tk.Policy(audience="researcher"))
    assert response.set_index("group")["n_asked"].to_dict() == {"1-10": 8, "11-25": 8, "26+": 4}


def test_who_joined_and_who_left_is_counted_per_group():
    forms = table(
        *(same_everywhere("teacher", 1, school=school, wave="2024-2025") for school in codes(6)),
        *(same_everywhere("teacher", 1, school=school, wave="2025-2026") for school in codes(9)[2:]),
    )
    schools = pd.DataFrame({"school": codes(9), "sector": ["po"] * 9})
    participation = tk.participation(forms, schools, "sector").set_index("wave")
    assert participation["n_schools"].tolist() == [6, 7]
    assert participation.loc["2025-2026", ["n_joined", "n_left"]].tolist() == [3, 2]
    assert participation.loc["2024-2025", ["n_joined", "n_left"]].isna().all()
