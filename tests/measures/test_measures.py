"""Level, agreement and answers per item: worked examples by hand, and rules that always hold."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import toolkit as tk
from tests.support.forms import PLACE, people, same_everywhere, table
from toolkit.core.errors import ResponsesError, ToolkitError

CHECKLIST = tk.load_instrument()
RAW = tk.Policy(audience="researcher")
ITEMS = CHECKLIST.item_ids
ROLES = CHECKLIST.role_ids


def only_row(frame: pd.DataFrame, **where: object) -> pd.Series:
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def level(responses: pd.DataFrame, role: str = "teacher", step: int = 1) -> pd.Series:
    return only_row(tk.levels(responses, CHECKLIST), role=role, step=step)


def split(responses: pd.DataFrame, step: int = 1) -> pd.Series:
    return only_row(tk.agreement(responses, CHECKLIST), step=step)


def test_every_item_weighs_the_same_however_many_answered_it():
    """1.1 is answered Ja by four; 1.2 by one, with Nee: item means 2 and 0, so the level is 50, not 80."""
    forms = table(people("teacher", 2, 2, 2, 2), people("teacher", 0, item="1.2"))
    row = level(forms)
    assert (row.level, row.n, row.n_items) == (50, 5, 2)


def test_below_half_of_the_items_there_is_no_level_and_a_reason():
    row = level(table(people("teacher", 2, 2)))
    assert pd.isna(row.level)
    assert (row.reason, row.n_items, row.n) == ("too few items", 1, 2)
    assert level(table(people("teacher", 2), people("teacher", 2, item="1.3"))).level == 100


def test_a_step_nobody_answered_is_missing_not_zero():
    row = level(table(people("teacher", 2, 2)), step=4)
    assert pd.isna(row.level)
    assert row.n == 0


def test_the_split_by_hand():
    """Director Ja; teachers Ja, Beetje, Nee, Nee on two of three items: a quarter the same, three quarters lower."""
    items = [people(role, *answers, item=item) for item in ("1.1", "1.2")
             for role, answers in (("director", [2]), ("teacher", [2, 1, 0, 0]))]  # fmt: skip
    row = split(table(*items))
    assert [row.same, row.lower, row.higher, row.opposite] == [0.25, 0.75, 0, 0.5]
    assert row.linear == 0.25 + (1 - 0.25 - 0.5) / 2
    assert row.yardstick == pytest.approx(2 / 12), "of the twelve ordered pairs of teachers only Nee-Nee agrees"
    assert (row.gap, row.n_items) == (62.5, 2)


def test_a_split_over_fewer_than_half_of_the_items_has_no_value():
    row = split(table(people("director", 2), people("teacher", 2, 1, 0, 0)))
    assert row[["same", "lower", "higher", "opposite", "linear", "gap", "kappa", "d_o", "same_low"]].isna().all()
    assert (row.reason, row.n_a, row.n_b, row.n_items) == ("too few items", 1, 4, 1)
    assert row.yardstick == pytest.approx(2 / 12), "that is of the teachers alone"


def test_directors_who_disagree_are_counted():
    items = [item.id for item in CHECKLIST.step(1).items]
    keys = {"school": "99AA00", "wave": "2025-2026"}
    two = [keys | {"role": "director"} | dict(zip(items, answers, strict=True)) for answers in ([2, 2, 2], [2, 0, 1])]
    teachers = same_everywhere("teacher", 2, 10)
    row = split(table(two, teachers))
    assert (row.n_unequal, row.n_items, row.same) == (2, 3, pytest.approx(2 / 3))
    assert split(table(same_everywhere("director", 2, 2), teachers)).n_unequal == 0
    mixed = [[person | {"1.1": n % 3} for n, person in enumerate(teachers)], same_everywhere("director", 2)]
    assert split(table(*mixed)).n_unequal == 0, "of a group it is no news"


def test_the_gap_is_over_the_items_that_both_answered():
    forms = table(
        people("director", 2), people("director", 0, item="1.2"),
        people("teacher", 1), people("teacher", 0, item="1.2"), people("teacher", 0, item="1.3"),
    )  # fmt: skip
    row = split(forms)
    assert row.gap == 25, "(100 - 50 + 0 - 0) / 2: item 1.3 is the teachers' alone"
    assert row.n_items == 2


def test_a_silent_director_leaves_the_teachers_level_and_says_why_the_rest_is_missing():
    forms = table(same_everywhere("teacher", 2, 3))
    row = split(forms)
    assert level(forms).level == 100
    assert row[["same", "lower", "higher", "gap"]].isna().all()
    assert (row.reason, row.n_b, row.yardstick) == ("no director", 3, 1)


def test_no_teacher_and_no_shared_item_are_said():
    assert split(table(same_everywhere("director", 2))).reason == "no teacher"
    forms = table(people("director", 2), people("teacher", 2, item="1.2"))
    assert split(forms).reason == "no shared items"


def test_everyone_ja_is_full_agreement():
    row = split(table(same_everywhere("director", 2), same_everywhere("teacher", 2, 6)))
    assert [row.same, row.lower, row.higher, row.linear, row.gap, row.yardstick] == [1, 0, 0, 1, 0, 1]
    assert pd.isna(row.reason)


def test_full_agreement_still_has_an_interval():
    row = split(table(same_everywhere("director", 2), same_everywhere("teacher", 2, 6)))
    assert [round(float(row[end]), 2) for end in ("same_low", "same_high")] == [0.71, 1]
    assert row.gap_low == 0
    assert row.gap_high == pytest.approx(29.35, abs=0.01)


def test_one_odd_teacher_leaves_the_interval_as_wide_as_that_is_unsure():
    rest = same_everywhere("teacher", 0, 4)
    for odd in (1, 2):
        forms = table(same_everywhere("director", 0), rest, same_everywhere("teacher", odd))
        row = split(forms)
        assert (round(row.higher, 9), row.higher_low) == (0.2, 0)
        assert row.higher_high > 0.5
        level = tk.levels(forms, CHECKLIST).query("role == 'teacher'").iloc[0]
        assert level.level_low == pytest.approx(0, abs=1e-9)


def test_ten_identical_forms_leave_little_doubt():
    """Items differ and persons don't: a band of at most 20 points."""
    items = CHECKLIST.item_ids
    keys = {"school": "99AA00", "wave": "2025-2026", "role": "teacher"}
    form = keys | {item: place_of % 3 for place_of, item in enumerate(items)}
    levels = tk.levels(table([form] * 10), CHECKLIST)
    assert (levels["level_high"] - levels["level_low"]).max() <= 20


def test_below_thirteen_the_interval_follows_from_the_counts_alone():
    """The same answers per item, given by other combinations of people, have the same interval; from thirteen not."""
    items = [item.id for item in CHECKLIST.step(1).items]
    keys = {"school": "99AA00", "wave": "2025-2026", "role": "teacher"}

    def forms(number, shift):
        return table([
            keys | {item: 2 * ((person + shift * at) % number < number // 2) for at, item in enumerate(items)}
            for person in range(number)
        ])  # fmt: skip

    for size, equal in ((9, True), (12, True), (15, False)):
        together, apart = (
            tk.levels(forms(size, shift), CHECKLIST)[["level_low", "level_high"]].iloc[0] for shift in (0, size // 3)
        )
        assert np.allclose(together.to_numpy(dtype=float), apart.to_numpy(dtype=float)) == equal


def test_the_size_of_a_team_is_a_number_or_a_table_and_below_the_respondents_not_known():
    forms = table(same_everywhere("director", 2), [
        person | {"1.1": n % 3} for n, person in enumerate(same_everywhere("teacher", 1, 8))
    ])  # fmt: skip
    keys = {"school": "99AA00", "wave": "2025-2026", "role": "teacher"}
    by_number = tk.levels(forms, CHECKLIST, team_size=10)
    by_table = tk.levels(forms, CHECKLIST, team_size=pd.DataFrame([keys | {"team_size": 10}]))
    by_invited = tk.levels(forms, CHECKLIST, invited=pd.DataFrame([keys | {"invited": 10}]))
    pd.testing.assert_frame_equal(by_number, by_table)
    pd.testing.assert_frame_equal(by_number, by_invited)
    unknown, wrong = tk.levels(forms, CHECKLIST), tk.levels(forms, CHECKLIST, team_size=7)
    pd.testing.assert_frame_equal(unknown, wrong)
    teachers = by_number["role"].eq("teacher")
    width_known, width_unknown = (
        row["level_high"] - row["level_low"] for row in (by_number[teachers], unknown[teachers])
    )
    assert (width_known < 0.6 * width_unknown).all()
    assert by_number.loc[teachers, "team_size"].eq(10).all()
    assert unknown["team_size"].isna().all()
    for measure in (tk.agreement, tk.consensus):
        sized = measure(forms, CHECKLIST, team_size=8)
        assert sized["team_size"].dropna().eq(8).all()
    with pytest.raises(ToolkitError, match="team_size"):
        tk.levels(forms, CHECKLIST, invited=pd.DataFrame([keys | {"invited": 10}]), team_size=10)


def test_two_roles_that_are_a_census_have_no_interval():
    forms = table(same_everywhere("director", 2), same_everywhere("care", 1, 3))
    row = only_row(tk.agreement(forms, CHECKLIST, b="care"), step=1)
    assert (row.reason, row.same, row.gap) == ("census", 0, 50)
    assert pd.isna(row.same_low)


def test_where_everyone_answers_alike_a_cohort_expects_no_disagreement():
    forms = table(*(same_everywhere(r, 2, 6, school=s) for s in ("99AA00", "99AB00") for r in ("director", "teacher")))
    row = tk.agreement(forms, CHECKLIST, reference="cohort").iloc[0]
    assert (row.d_o, row.d_e, row.reason) == (0, 0, "no disagreement expected")
    assert pd.isna(row.kappa)
    one_school = tk.agreement(forms[forms["school"] == "99AA00"], CHECKLIST, reference="cohort").iloc[0]
    assert (one_school.reason, pd.isna(one_school.d_e)) == ("too few schools", True)


def test_an_item_that_one_school_answered_leaves_its_own_step_without_a_cohort_and_no_other():
    everywhere, skipped = same_everywhere("director", 2), same_everywhere("director", 0, school="99AB00")
    del skipped[0]["1.1"]
    forms = table(everywhere, skipped, *(same_everywhere("teacher", 1, 2, school=s) for s in ("99AA00", "99AB00")))
    frame = tk.agreement(forms, CHECKLIST, reference="cohort")
    assert frame["d_e"].isna().tolist() == [True, *[False] * 9]
    assert frame["reason"].dropna().tolist() == ["too few schools"]


def test_a_stored_reference_is_of_its_two_roles_in_either_direction():
    forms = table(*(same_everywhere(r, a, 2, school=s) for s in ("99AA00", "99AB00") for a, r in enumerate(ROLES)))
    stored = tk.reference_table(forms, CHECKLIST, "teacher", "care", version="proef-1", policy=RAW)
    director_care = tk.reference_table(forms, CHECKLIST, "director", "care", version="proef-1", policy=RAW)
    forward, backward, among_others = (
        tk.agreement(forms, CHECKLIST, a, b, reference=reference)["kappa"]
        for a, b, reference in (
            ("teacher", "care", stored),
            ("care", "teacher", stored),
            ("teacher", "care", pd.concat([stored, director_care])),
        )
    )
    assert forward.notna().all()
    assert forward.equals(backward)
    assert forward.equals(among_others)
    read_back = pd.read_csv(
        io.StringIO(tk.reference_table(forms, CHECKLIST, "teacher", "care", policy=RAW).to_csv(index=False))
    )
    from_file = tk.agreement(forms, CHECKLIST, "teacher", "care", reference=read_back)
    assert from_file["kappa"].to_numpy() == pytest.approx(forward.to_numpy())
    assert set(from_file["reference"]) == {"cohort 2025-2026 (2)"}
    for wrong in (director_care, pd.concat([stored, stored]), stored.drop(columns="version")):
        with pytest.raises(ToolkitError, match="reference"):
            tk.agreement(forms, CHECKLIST, "teacher", "care", reference=wrong)


def test_a_team_was_asked_when_its_roles_were():
    forms = table(same_everywhere("director", 2), same_everywhere("teacher", 1, 3), same_everywhere("care", 0, 2))
    keys = {"school": "99AA00", "wave": "2025-2026"}
    invited = pd.DataFrame([{**keys, "role": "teacher", "invited": 3}, {**keys, "role": "care", "invited": 2}])
    safe = tk.protect(forms, CHECKLIST)
    row = tk.agreement(safe, CHECKLIST, invited=invited).iloc[0]
    assert (row.role_b, row.same_low, row.same_high) == ("team", 0, 0), "all five answered: the interval is the figure"
    half_known = tk.agreement(safe, CHECKLIST, invited=invited[:1]).iloc[0]
    assert half_known.same_high > 0.3
    for wrong in (invited.drop(columns="wave"), pd.concat([invited, invited])):
        with pytest.raises(ToolkitError, match="invited"):
            tk.levels(forms, CHECKLIST, invited=wrong)


def test_a_cohort_expects_nothing_of_a_team_held_against_itself():
    large = [same_everywhere(r, a, 5, school=s) for s in "ABDEF" for r, a in (("teacher", 2), ("care", 1))]
    team = [same_everywhere("teacher", 0, 3, school="C"), same_everywhere("care", 2, 3, school="C")]
    with_team, without = (
        tk.agreement(tk.protect(table(*rows), CHECKLIST), CHECKLIST, "teacher", "care", reference="cohort")
        for rows in ([*large, *team], large)
    )
    pd.testing.assert_frame_equal(with_team[with_team["school"] != "C"].reset_index(drop=True), without)


def test_one_teacher_has_a_split_and_no_yardstick():
    row = split(table(same_everywhere("director", 2), same_everywhere("teacher", 1)))
    assert [row.same, row.lower, row.higher, row.gap] == [0, 1, 0, 50]
    assert pd.isna(row.yardstick)
    assert row.reason == "too few respondents"


def test_per_item_the_same_figures_item_by_item():
    forms = table(people("director", 2), people("teacher", 2, 1, 0, 0))
    frame = tk.agreement(forms, CHECKLIST, per="item")
    assert len(frame) == 33
    row = only_row(frame, item="1.1")
    assert [row.same, row.lower, row.gap, row.n_b] == [0.25, 0.75, 62.5, 4]
    assert only_row(frame, item="1.2").reason == "no director"


def test_directors_own_items_beside_how_teachers_see_them():
    """Step 1 has one item about directors, 1.1: they say Ja, the teachers Nee. Step 4 has none."""
    forms = table(same_everywhere("director", 2), same_everywhere("teacher", 0, 2))
    frame = tk.self_other(forms, CHECKLIST)
    row = only_row(frame, actor="director", other="teacher", step=1)
    assert (row.self_level, row.other_level, row.gap, row.n_items, row.n_other) == (100, 0, 100, 1, 2)
    row = only_row(frame, actor="director", other="teacher", step=4)
    assert (row.reason, pd.isna(row.gap)) == ("no items about this role", True)
    assert only_row(frame, actor="teacher", other="care", step=2).reason == "no care"
    assert only_row(frame, actor="teacher", other="director", step=2).n_items == 5


def test_sensitivity_says_what_hangs_on_beetje():
    """Step 1 all Beetje, step 2 half Ja: at 0.25 and 0.5 step 2 is not below step 1, at 0.75 it is."""
    teachers = same_everywhere("teacher", 0, 2)
    for form, answer in zip(teachers, (2, 0), strict=True):
        form |= {"1.1": 1, "1.2": 1, "1.3": 1} | {f"2.{n}": answer for n in range(1, 8)}
    frame = tk.sensitivity(table(teachers, same_everywhere("director", 1)), CHECKLIST)
    row = only_row(frame, measure="level", role="teacher", step=1)
    assert ([row.at_25, row.at_50, row.at_75], row.changes) == ([25, 50, 75], True)
    gap = only_row(frame, measure="gap", step=2)
    assert ([gap.at_25, gap.at_50, gap.at_75], gap.changes) == ([-25, 0, 25], True)
    assert not only_row(frame, measure="gap", step=3).changes


def test_item_table_counts_respondents():
    row = only_row(tk.item_table(table(people("teacher", 2, 2, 1, None)), CHECKLIST), item="1.1")
    assert [row.n, row.no, row.partly, row.yes] == [3, 0, 1, 2]
    assert row.level == pytest.approx(250 / 3)


def test_a_form_without_school_wave_or_role_is_in_no_figure():
    forms = table(people("teacher", 2), people(None, 0), people("teacher", 0, school=None))
    assert only_row(tk.item_table(forms, CHECKLIST), item="1.1").n == 1


@pytest.mark.parametrize("options", [{"a": "janitor"}, {"a": "teacher", "b": "teacher"}, {"per": "school"}])
def test_what_can_not_be_compared_is_refused(options):
    with pytest.raises(ToolkitError):
        tk.agreement(table(people("teacher", 2)), CHECKLIST, **options)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.drop(columns="wave"), lambda t: t.assign(role="janitor"), lambda t: t.assign(**{"1.1": 3}),
        lambda t: t.assign(**{"1.1": "Ja"}), lambda t: t.assign(**{"1.1": 0.5}),
    ],
)  # fmt: skip
def test_a_table_off_the_contract_is_refused(change):
    with pytest.raises(ResponsesError):
        tk.responses.check_responses(
            change(table(people("teacher", 2))).astype({"role": "str"}, errors="ignore"), CHECKLIST
        )


# --- rules that always hold -----------------------------------------------------------------------------------------

answers = st.sampled_from([0, 1, 2, None])
forms_of_33 = st.lists(answers, min_size=33, max_size=33)
people_of_schools = st.tuples(st.sampled_from(["99AA00", "99AB00"]), st.sampled_from(CHECKLIST.role_ids), forms_of_33)
schools = st.lists(people_of_schools, min_size=1, max_size=14)


def as_table(rows) -> pd.DataFrame:
    return table([{**PLACE, "school": s, "role": r, **dict(zip(ITEMS, a, strict=True))} for s, r, a in rows])


MEASURES = {
    "levels": tk.levels,
    "items": tk.item_table,
    "agreement": tk.agreement,
    "per item": lambda responses, checklist: tk.agreement(responses, checklist, per="item"),
    "consensus": tk.consensus,
    "self and other": tk.self_other,
    "sensitivity": tk.sensitivity,
}


@settings(max_examples=20, deadline=None)
@given(schools, st.randoms())
def test_the_order_of_rows_and_other_schools_make_no_difference(rows, random):
    forms = as_table(rows)
    mixed = as_table(random.sample(rows, len(rows)))
    one_school = as_table([row for row in rows if row[0] == rows[0][0]])
    for measure in MEASURES.values():
        all_schools = measure(forms, CHECKLIST)
        pd.testing.assert_frame_equal(all_schools, measure(mixed, CHECKLIST))
        part = all_schools[all_schools["school"] == rows[0][0]].reset_index(drop=True)
        pd.testing.assert_frame_equal(part, measure(one_school, CHECKLIST))


@settings(max_examples=20, deadline=None)
@given(schools)
def test_ranges_and_identities(rows):
    forms = as_table(rows)
    levels = tk.levels(forms, CHECKLIST)
    assert levels["level"].dropna().between(0, 100).all()
    assert (levels[["level", "level_low"]].isna().any(axis=1) == levels["reason"].notna()).all()
    interval = levels.dropna(subset="level_low")
    assert interval["level"].between(interval["level_low"] - 1e-9, interval["level_high"] + 1e-9).all()
    answered = tk.agreement(forms, CHECKLIST).dropna(subset="same")
    assert np.allclose(answered["same"] + answered["lower"] + answered["higher"], 1)
    assert answered[["same", "lower", "higher", "opposite", "linear"]].stack().between(-1e-12, 1 + 1e-12).all()
    with_gap = answered.dropna(subset="gap")
    assert (1 - with_gap["linear"] >= with_gap["gap"].abs() / 100 - 1e-9).all()
    agreement = tk.agreement(forms, CHECKLIST)
    missing = agreement.drop(columns=["reason", "team_size"]).isna().any(axis=1)
    assert (missing == agreement["reason"].notna()).all()
    assert not np.isinf(agreement.select_dtypes("float")).to_numpy().any()


@settings(max_examples=20, deadline=None)
@given(schools)
def test_swapping_the_roles_mirrors_the_split(rows):
    forms = as_table(rows)
    forward, backward = (
        tk.agreement(forms, CHECKLIST, a=a, b=b) for a, b in (("director", "teacher"), ("teacher", "director"))
    )
    mirrored = {"same": "same", "lower": "higher", "higher": "lower", "n_a": "n_b", "kappa": "kappa", "d_o": "d_o"}
    mirrored |= {
        "same_low": "same_low",
        "lower_low": "higher_low",
        "higher_high": "lower_high",
        "kappa_low": "kappa_low",
    }
    for one_way, mirror in mirrored.items():
        pd.testing.assert_series_equal(forward[one_way], backward[mirror], check_names=False)
    for one_way, mirror in (("gap", "gap"), ("gap_low", "gap_high"), ("gap_high", "gap_low")):
        pd.testing.assert_series_equal(forward[one_way], -backward[mirror], check_names=False)


@settings(max_examples=20, deadline=None)
@given(schools)
def test_reversing_the_scale_reverses_what_has_a_direction(rows):
    forms = as_table(rows)
    reverse = forms.assign(**{item: 2 - forms[item] for item in ITEMS})
    plain, turned = tk.agreement(forms, CHECKLIST), tk.agreement(reverse, CHECKLIST)
    for name in ("same", "yardstick", "kappa", "opposite", "same_low", "linear_high", "kappa_low"):
        pd.testing.assert_series_equal(plain[name], turned[name])
    pd.testing.assert_series_equal(plain["lower"], turned["higher"], check_names=False)
    pd.testing.assert_series_equal(plain["gap"], -turned["gap"])
    pd.testing.assert_series_equal(plain["gap_low"], -turned["gap_high"], check_names=False)
    pd.testing.assert_frame_equal(tk.consensus(forms, CHECKLIST), tk.consensus(reverse, CHECKLIST))
    lv, lr = tk.levels(forms, CHECKLIST), tk.levels(reverse, CHECKLIST)
    pd.testing.assert_series_equal(lv["level"], 100 - lr["level"])
    pd.testing.assert_series_equal(lv["level_low"], 100 - lr["level_high"], check_names=False)
