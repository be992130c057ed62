"""Agreement in words: numbers that add up, and honest where there is nothing to say."""

import re

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import toolkit as tk
from tests.support.forms import same_everywhere, table
from toolkit.core.text_table import TextTable
from toolkit.narrative.summaries import NO_FIGURE, whole_parts

CHECKLIST = tk.load_instrument()


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda p: sum(p) > 0), st.integers(1, 10))
def test_whole_parts_add_up_and_stay_within_one_of_the_share(parts, total):
    shares = np.array(parts) / sum(parts)
    parts_of_total = whole_parts(shares, total)
    assert sum(parts_of_total) == total
    assert all(abs(w - s * total) < 1 + 1e-6 for w, s in zip(parts_of_total, shares, strict=True))
    exact = np.round(shares * total, 9)
    remainder, up = exact - np.floor(exact), np.array(parts_of_total) > exact
    assert not up.any() or up.all() or remainder[up].min() >= remainder[~up].max() - 1e-6, (
        "the largest remainders go up"
    )


def test_the_largest_remainder_goes_up_wherever_it_stands():
    assert whole_parts(np.array([0.41, 0.29, 0.30]), 10) == [4, 3, 3]
    assert whole_parts(np.array([0.34, 0.27, 0.39]), 10) == [3, 3, 4]


def agreement(*groups, **options) -> TextTable:
    safe = tk.protect(table(*groups), CHECKLIST)
    return tk.summarise_agreement(tk.agreement(safe, CHECKLIST), **options)


def test_the_sentence_counts_people():
    sentence = agreement(
        same_everywhere("director", 2), same_everywhere("teacher", 2, 3), same_everywhere("teacher", 0, 4)
    )
    assert sentence.rows[1] == (
        "2 Organisatie op orde", "43%", "57%", "0%", "43%", "+57",
        "Van de 7 leraren antwoorden er gemiddeld 3 hetzelfde als de directie en 4 minder positief. "
        "Met andere invullers waren het er waarschijnlijk tussen 1 en 5 geweest die hetzelfde antwoorden.",
    )  # fmt: skip


def test_others_of_the_team_are_only_named_where_its_size_is_known():
    safe = tk.protect(table(same_everywhere("director", 2), same_everywhere("teacher", 2, 3),
                            same_everywhere("teacher", 0, 4)), CHECKLIST)  # fmt: skip
    sizes = {None: "Met andere invullers waren", 9: "Met andere invullers uit het team waren"}
    for size, sentence in sizes.items():
        assert sentence in tk.summarise_agreement(tk.agreement(safe, CHECKLIST, team_size=size)).rows[1][-1]


def test_directors_who_disagree_have_no_split_in_words():
    """Of two directors one says Ja and one Nee; ten teachers say Ja: '5 hetzelfde, 5 positiever' is untrue of all."""
    forms = [same_everywhere("director", 2), same_everywhere("director", 0), same_everywhere("teacher", 2, 10)]
    for pair in (("director", "teacher"), ("teacher", "director")):
        sentence = tk.summarise_agreement(tk.agreement(tk.protect(table(*forms), CHECKLIST), CHECKLIST, *pair)).rows[1][
            -1
        ]
        assert sentence.startswith("Binnen de directie zijn de antwoorden verschillend bij 7 van de 7 uitspraken.")
        assert "hetzelfde antwoord als" not in sentence


def test_the_sentence_counts_the_group_whichever_of_the_two_comes_first():
    groups = (same_everywhere("director", 2), same_everywhere("teacher", 2, 3), same_everywhere("teacher", 0, 4))
    safe = tk.protect(table(*groups), CHECKLIST)
    turned = tk.summarise_agreement(tk.agreement(safe, CHECKLIST, "teacher", "director"))
    assert [row[-1] for row in turned.rows] == [row[-1] for row in agreement(*groups).rows]
    hidden = tk.protect(table(*groups[:2]), CHECKLIST)
    for pair in (("teacher", "director"), ("director", "teacher")):
        sentence = tk.summarise_agreement(tk.agreement(hidden, CHECKLIST, *pair)).rows[0][-1]
        assert sentence.startswith("Leraren: niet getoond")


def test_the_range_is_rounded_outwards_and_left_out_where_all_who_were_asked_answered():
    safe = tk.protect(table(same_everywhere("director", 2), same_everywhere("teacher", 2, 9)), CHECKLIST)
    keys = {"school": ["99AA00"], "wave": ["2025-2026"], "role": ["teacher"]}
    sentences = {
        n_invited: tk.summarise_agreement(
            tk.agreement(safe, CHECKLIST, invited=pd.DataFrame(keys | {"invited": [n_invited]}))
        )
        for n_invited in (9, 10)
    }
    assert "tussen 8 en 9" in sentences[10].rows[1][-1]
    assert "waren het er" not in sentences[9].rows[1][-1]


def test_of_a_large_team_it_counts_out_of_ten():
    sentence = agreement(same_everywhere("director", 1), same_everywhere("teacher", 2, 30))
    assert sentence.rows[0][-1].startswith("Van elke 10 leraren antwoorden er gemiddeld 10 positiever dan de directie")
    assert sentence.rows[0][-2] == "-50"


def test_a_hidden_group_and_a_silent_director_are_said():
    hidden = agreement(same_everywhere("director", 2), same_everywhere("teacher", 2, 3))
    assert hidden.rows[0][1:6] == ("", "", "", "", "")
    assert "Leraren: niet getoond" in hidden.rows[0][-1]
    silent = agreement(same_everywhere("teacher", 2, 6))
    assert silent.rows[0][-1] == "Er is geen formulier van de directie."


def test_the_largest_differences_come_first_and_no_difference_is_not_named():
    teachers = same_everywhere("teacher", 2, 6)
    for form in teachers:
        form |= {"3.2": 0, "4.1": 1}
    safe = tk.protect(table(same_everywhere("director", 2), teachers), CHECKLIST)
    summary = tk.summarise_differences(tk.agreement(safe, CHECKLIST, per="item"), most=3)
    assert [row[:2] for row in summary.rows] == [
        ("3.2 Kennismakingsgesprek", "+100"),
        ("4.1 Inzicht in het leren", "+50"),
    ]


def test_a_table_in_html_has_headings_and_escapes_what_people_wrote():
    html = TextTable("<b>", ("Stap", "Tekst"), (("1", "<script>\nx"),)).to_html()
    assert re.search(r'<th scope="col"[^>]*>Stap</th>', html)
    assert "&lt;script&gt;<br>x" in html
    assert "<b>" not in html


def test_action_points_are_listed_per_step(example):
    summary = tk.summarise_actions(example.safe.actions, CHECKLIST, "99AC00")
    assert summary.caption == "99AC00 · 2025-2026"
    assert {row[1] for row in summary.rows} <= {"Directie", "Leraren"}, "three care professionals are too few"
    assert [row[0][0] for row in summary.rows] == sorted(row[0][0] for row in summary.rows)


def measured(summarise, measure, *groups, **options) -> TextTable:
    return summarise(measure(tk.protect(table(*groups), CHECKLIST), CHECKLIST), **options)


STAFF = (same_everywhere("director", 2), same_everywhere("teacher", 2, 5), same_everywhere("teacher", 0, 1))


def test_a_level_is_given_with_its_interval_for_the_team_and_without_for_the_director():
    summary = measured(tk.summarise_levels, tk.levels, *STAFF)
    assert summary.rows[0][1:] == ("Directie", "100", "", "Directie: 100 van 100.")
    role, level, interval, sentence = summary.rows[1][1:]
    assert level == "83"
    low, high = interval.split("-")
    assert sentence == f"{role}: 83 van 100, waarschijnlijk tussen {low} en {high}."
    assert 0 < int(low) < 83 < int(high) <= 100


def test_consensus_counts_opposing_pairs_and_is_shown_from_0_to_1():
    summary = measured(tk.summarise_consensus, tk.consensus, *STAFF)
    assert summary.rows[0][-1] == "Directie: te weinig invullers om onderling te vergelijken."
    assert summary.rows[1][2] == "0,33 (0,00 tot 1,00)", (
        "a third of the pairs of six stand opposed, at distance 2: 1 - 2/3"
    )
    assert "bij ongeveer 1 op de 3 tweetallen zegt de een Nee en de ander Ja." in summary.rows[1][-1]
    split = measured(
        tk.summarise_consensus, tk.consensus, same_everywhere("teacher", 2, 3), same_everywhere("teacher", 0, 3)
    )
    assert split.rows[0][2].startswith("0,00 (0,00 tot "), "raw it is below 0; only what is shown is clipped"


def test_self_and_other_names_both_pictures():
    summary = measured(tk.summarise_self_other, tk.self_other, *STAFF)
    assert summary.rows[0] == (
        "1 Thuisomgeving kennen", "Directie", "Leraren", "100", "83",
        "Over het werk van de directie: eigen beeld 100 van 100, beeld van de leraren 83.",
    )  # fmt: skip
    about_directors = [row[0][0] for row in summary.rows if row[1] == "Directie" and row[3]]
    assert about_directors == ["1", "2", "3", "5"], "step 4 has no items about directors"


def test_kappa_is_held_against_chance_by_name():
    summary = measured(tk.summarise_kappa, tk.agreement, *STAFF)
    assert summary.rows[0][2] == "uniform"
    assert summary.rows[0][3].startswith("Afgezet tegen wat toeval zou geven: kappa 0,62, waarschijnlijk tussen ")


def test_sensitivity_names_the_steps_that_hang_on_beetje():
    teachers = same_everywhere("teacher", 0, 6)
    for number, form in enumerate(teachers):
        form |= {"1.1": 1, "1.2": 1, "1.3": 1} | {f"2.{n}": 2 * (number % 2) for n in range(1, 8)}
    summary = measured(tk.summarise_sensitivity, tk.sensitivity, teachers, same_everywhere("director", 2))
    assert "let op stap 1 en 2" in dict(summary.rows)["Leraren"]
    assert "blijft gelijk" in dict(summary.rows)["Directie"]
    assert "hangt bij geen enkele stap af" in dict(summary.rows)["Directie / Leraren"]


def test_who_is_shown_as_the_team_has_no_lines_of_their_own():
    small_school = (same_everywhere("director", 2), same_everywhere("teacher", 2, 4), same_everywhere("care", 1, 2))
    for summarise, measure in ((tk.summarise_levels, tk.levels), (tk.summarise_consensus, tk.consensus)):
        assert {row[1] for row in measured(summarise, measure, *small_school).rows} == {
            "Directie",
            "Leraren en zorgprofessionals",
        }
    summary = measured(tk.summarise_self_other, tk.self_other, *small_school)
    assert {row[1:3] for row in summary.rows} == {("Directie", "Leraren en zorgprofessionals")}
    assert len(summary.rows) == len(set(summary.rows))


def test_a_step_of_three_items_says_how_heavy_one_answer_is():
    sentence = agreement(*STAFF)
    assert "maar 3 uitspraken" in sentence.rows[0][-1]
    assert "uitspraken" not in sentence.rows[1][-1]
    assert "waarschijnlijk tussen" in sentence.rows[1][-1]


def test_who_is_hidden_in_every_step_is_said_once():
    levels, consensus = (
        measured(summarise, measure, *STAFF).rows
        for summarise, measure in ((tk.summarise_levels, tk.levels), (tk.summarise_consensus, tk.consensus))
    )
    for rows in (levels, consensus):
        assert [row[0] for row in rows if row[1] == "Zorgprofessionals"] == ["alle stappen"]
        assert len(rows) == 11
    summary = measured(tk.summarise_self_other, tk.self_other, *STAFF)
    assert [row[1:3] for row in summary.rows if row[0] == "alle stappen"] == [
        ("Directie", "Zorgprofessionals"), ("Leraren", "Zorgprofessionals"),
        ("Zorgprofessionals", "Directie"), ("Zorgprofessionals", "Leraren"),
    ]  # fmt: skip


def test_per_item_each_row_is_called_by_its_item():
    safe = tk.protect(table(*STAFF), CHECKLIST)
    per_item = tk.summarise_agreement(tk.agreement(safe, CHECKLIST, per="item")).rows
    assert [row[0].split()[0] for row in per_item] == CHECKLIST.item_ids
    hidden = tk.summarise_agreement(tk.agreement(safe, CHECKLIST, "director", "care")).rows
    assert [row[0] for row in hidden] == ["alle stappen"]


def test_every_figure_stands_beside_its_interval_a_column_per_step():
    safe = tk.protect(table(*STAFF), CHECKLIST)
    per_step = tk.agreement(safe, CHECKLIST)
    summary = tk.summarise_figures(per_step)
    assert len(summary.columns) == 6
    figures = {row[0]: row[1] for row in summary.rows}
    assert figures["Hetzelfde"].startswith("0,83 (0,")
    assert (figures["Invullers: leraren"], figures["Toeval volgens"]) == ("6", "uniform")
    figure_names = {
        name.removesuffix("_low").removesuffix("_high") for name in per_step.dropna(axis="columns", how="all")
    }
    assert len(figures) == len(figure_names - {*NO_FIGURE}), "no figure of the table is left out"
    assert not {*per_step.columns} & set(figures), "words, not names of columns"
    hidden = tk.summarise_figures(tk.agreement(safe, CHECKLIST, "director", "care"))
    assert [row[1] for row in hidden.rows[-2:]] == ["uniform", "niet getoond, te weinig mensen vulden in"]


def test_every_summary_is_also_english():
    safe = tk.protect(table(*STAFF), CHECKLIST)
    tables = {
        tk.summarise_agreement: tk.agreement(safe, CHECKLIST),
        tk.summarise_levels: tk.levels(safe, CHECKLIST),
        tk.summarise_consensus: tk.consensus(safe, CHECKLIST),
        tk.summarise_kappa: tk.agreement(safe, CHECKLIST),
        tk.summarise_self_other: tk.self_other(safe, CHECKLIST),
        tk.summarise_sensitivity: tk.sensitivity(safe, CHECKLIST),
        tk.summarise_differences: tk.agreement(safe, CHECKLIST, per="item"),
        tk.summarise_figures: tk.agreement(safe, CHECKLIST),
    }
    for summarise, frame in tables.items():
        english = str(summarise(frame, language="en"))
        assert not set(english.lower().split()) & {"de", "het", "van", "stap", "leraren", "directie"}, english
