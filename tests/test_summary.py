"""Agreement in words: numbers that add up, and honest where there is nothing to say."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import toolkit as tk
from tests.forms import same_everywhere, table
from toolkit.summary import whole_parts

CHECKLIST = tk.load_instrument()


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda p: sum(p) > 0), st.integers(1, 10))
def test_whole_parts_add_up_and_stay_within_one_of_the_share(parts, total):
    shares = np.array(parts) / sum(parts)
    whole = whole_parts(shares, total)
    assert sum(whole) == total
    assert all(abs(w - s * total) < 1 + 1e-6 for w, s in zip(whole, shares, strict=True))


def agreement(*groups, **options) -> tk.summary.WordTable:
    safe = tk.protect(table(*groups), CHECKLIST)
    return tk.summarise_agreement(tk.agreement(safe, CHECKLIST), **options)


def test_the_sentence_counts_people():
    words = agreement(
        same_everywhere("director", 2), same_everywhere("teacher", 2, 3), same_everywhere("teacher", 0, 4)
    )
    assert words.rows[1] == (
        "2 Organisatie op orde", "43%", "57%", "0%", "43%", "+57",
        "Van de 7 klassenleraren geven er gemiddeld 3 hetzelfde antwoord als de directie, "
        "4 een minder positief antwoord en 0 een positiever antwoord.",
    )  # fmt: skip


def test_of_a_large_team_it_counts_out_of_ten():
    words = agreement(same_everywhere("director", 1), same_everywhere("teacher", 2, 30))
    assert words.rows[0][-1].startswith("Van elke 10 klassenleraren geven er gemiddeld 0 hetzelfde antwoord")
    assert words.rows[0][-2] == "-50"


def test_a_hidden_group_and_a_silent_director_are_said():
    hidden = agreement(same_everywhere("director", 2), same_everywhere("teacher", 2, 3))
    assert hidden.rows[0][1:6] == ("", "", "", "", "")
    assert "Klassenleraren: niet getoond" in hidden.rows[0][-1]
    silent = agreement(same_everywhere("teacher", 2, 6))
    assert silent.rows[0][-1] == "Er is geen formulier van de directie."


def test_the_largest_differences_come_first_and_no_difference_is_not_named():
    teachers = same_everywhere("teacher", 2, 6)
    for form in teachers:
        form |= {"3.2": 0, "4.1": 1}
    safe = tk.protect(table(same_everywhere("director", 2), teachers), CHECKLIST)
    words = tk.summarise_differences(tk.agreement(safe, CHECKLIST, per="item"), most=3)
    assert [row[:2] for row in words.rows] == [
        ("3.2 Kennismakingsgesprek", "+100"),
        ("4.1 Inzicht in het leren", "+50"),
    ]


def test_a_table_in_html_has_headings_and_escapes_what_people_wrote():
    html = tk.summary.WordTable("<b>", ("Stap", "Tekst"), (("1", "<script>\nx"),)).to_html()
    assert '<th scope="col">Stap</th>' in html
    assert "&lt;script&gt;<br>x" in html
    assert "<b>" not in html


def test_action_points_are_listed_per_step(example):
    words = tk.summarise_actions(example.safe.actions, CHECKLIST, "99AC00")
    assert words.caption == "99AC00 · 2025-2026"
    assert {row[1] for row in words.rows} <= {"Directie", "Klassenleraren"}, "three care professionals are too few"
    assert [row[0][0] for row in words.rows] == sorted(row[0][0] for row in words.rows)
