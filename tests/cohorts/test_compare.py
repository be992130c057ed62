"""Groups of schools beside each other and over the years: the figures, and what may be shown of them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import toolkit as tk
from tests.support.cohorts import attack
from tests.support.forms import same_everywhere, table
from toolkit.cohorts import disclosure
from toolkit.cohorts.compare import _harrell_davis
from toolkit.core.errors import ToolkitError

CHECKLIST = tk.load_instrument()
RAW = tk.Policy(audience="researcher")
LEVEL, GAP = "measure == 'level' and role == 'teacher'", "measure == 'gap'"


def school(code: str, teachers: int = 3, answer: int = 1, director: int | None = 2, **place: str) -> list[dict]:
    people = same_everywhere("teacher", answer, teachers, school=code, **place)
    return people + ([] if director is None else same_everywhere("director", director, school=code, **place))


def codes(number: int, start: int = 0) -> list[str]:
    return [f"98AA{place:02d}" for place in range(start, start + number)]


def group_of(frame: pd.DataFrame, group: str, query: str) -> pd.Series:
    return frame.query(query)[lambda t: t["group"] == group].iloc[0]


@pytest.fixture(scope="module")
def sample() -> tuple[pd.DataFrame, dict[str, str]]:
    responses = tk.samples.responses(CHECKLIST, schools=60, waves=2, teachers=(3, 9))
    return responses, {code: "ab"[place % 2] for place, code in enumerate(responses["school"].unique())}


# --- figures ---


def test_an_estimate_is_the_mean_over_schools_of_what_the_measures_give(sample):
    responses, groups = sample
    ours = tk.compare_cohorts(responses, CHECKLIST, groups, policy=RAW)
    levels = tk.levels(responses, CHECKLIST).assign(group=lambda t: t["school"].map(groups))
    gaps = tk.agreement(responses, CHECKLIST).assign(group=lambda t: t["school"].map(groups))
    keys = ["group", "wave", "role", "step"]
    mine = ours[ours["measure"] == "level"].set_index(keys)
    for key, rows in levels.groupby(keys):
        row = mine.loc[key]
        values = rows["level"].dropna()
        assert row["estimate"] == pytest.approx(values.mean())
        assert row["n_schools"] == len(values)
        low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), values.sem())
        assert (row["low"], row["high"]) == (pytest.approx(max(low, 0)), pytest.approx(min(high, 100)))
    for measure in ("gap", "same", "lower", "higher", "linear"):
        mine = ours[ours["measure"] == measure].set_index(["group", "wave", "step"])["estimate"]
        theirs = gaps.groupby(["group", "wave", "step"])[measure].mean()
        pd.testing.assert_series_equal(mine.sort_index(), theirs, check_names=False, check_index_type=False)


def test_the_same_per_item(sample):
    responses, groups = sample
    ours = tk.compare_cohorts(responses, CHECKLIST, groups, per="item", policy=RAW)
    items = tk.item_table(responses, CHECKLIST).assign(group=lambda t: t["school"].map(groups))
    theirs = items.groupby(["group", "wave", "role", "item"])["level"].mean()
    mine = ours[ours["measure"] == "level"].set_index(["group", "wave", "role", "item"])["estimate"]
    pd.testing.assert_series_equal(mine.sort_index(), theirs, check_names=False, check_index_type=False)


def test_differences_are_welchs_and_in_standard_deviations(sample):
    responses, groups = sample
    row = tk.cohort_differences(responses, CHECKLIST, groups, policy=RAW).query(LEVEL + " and step == 2").iloc[0]
    levels = tk.levels(responses, CHECKLIST).query("role == 'teacher' and step == 2 and wave == '2024-2025'")
    a, b = (levels.loc[levels["school"].map(groups) == group, "level"] for group in "ab")
    welch = stats.ttest_ind(a, b, equal_var=False)
    assert (row["difference"], row["p"]) == (pytest.approx(a.mean() - b.mean()), pytest.approx(welch.pvalue))
    interval = welch.confidence_interval()
    assert (row["low"], row["high"]) == (pytest.approx(interval.low), pytest.approx(interval.high))
    pooled = np.sqrt((a.var() + b.var()) / 2)  # as many schools in both
    assert row["effect"] == pytest.approx((a.mean() - b.mean()) / pooled * (1 - 3 / (4 * 58 - 1)))


def test_q_is_benjamini_hochberg_over_the_items_of_a_measure(sample):
    responses, groups = sample
    frame = tk.cohort_differences(responses, CHECKLIST, groups, per="item")
    rows = frame.query(LEVEL + " and wave == '2024-2025'")
    assert len(rows) == 33
    np.testing.assert_allclose(rows["q"], stats.false_discovery_control(rows["p"]))
    assert (rows["q"] >= rows["p"]).all()


def test_a_change_is_paired_and_says_who_came_and_left():
    stay, leave, join = codes(12), codes(5, 20), codes(6, 30)
    before = [school(code, answer=0, wave="2024-2025") for code in [*stay, *leave]]
    after = [school(code, teachers=4, answer=place % 3, wave="2025-2026") for place, code in enumerate([*stay, *join])]
    groups = dict.fromkeys([*stay, *leave, *join], "all")
    row = tk.cohort_changes(table(*before, *after), CHECKLIST, groups).query(LEVEL).iloc[0]
    assert (row["n_schools"], row["n_left"], row["n_joined"], row["n_a"], row["n_b"]) == (12, 5, 6, 3, 4)
    assert row["change"] == pytest.approx(50)
    low, high = stats.t.interval(0.95, 11, 50, stats.sem(np.tile([0, 50, 100], 4)))
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))


def test_a_change_is_over_the_items_that_both_form_versions_hold():
    before = table(*[school(code, wave="2024-2025") for code in codes(8)])
    after = table(*[school(code, wave="2025-2026") for code in codes(8)]).assign(form="handvat-ouders-2023/0")
    after[["1.1", "2.4"]] = pd.NA
    before.loc[:, "1.1"] = 2  # left out: otherwise step 1 would have changed
    changes = tk.cohort_changes(pd.concat([before, after]), CHECKLIST, dict.fromkeys(codes(8), "all")).query(LEVEL)
    assert changes["n_items"].tolist() == [2, 6, 8, 7, 8]
    assert changes["n_items_left_out"].tolist() == [1, 1, 0, 0, 0]
    assert changes["change"].tolist() == [0, 0, 0, 0, 0]


def test_quantiles_are_of_no_single_school_and_coarse_when_there_are_few(sample):
    values = np.sort(np.random.default_rng(0).normal(size=(101, 1)), axis=0)
    found = _harrell_davis(values)[:, 0]
    np.testing.assert_allclose(found, stats.mstats.hdquantiles(values[:, 0], [0.1, 0.25, 0.5, 0.75, 0.9]))
    responses, groups = sample
    few = responses[responses["school"].isin(list(groups)[:12])]
    row = group_of(tk.compare_cohorts(few, CHECKLIST, dict.fromkeys(groups, "all")), "all", LEVEL)
    assert row["p25"] % 5 == pytest.approx(0)


def test_where_all_schools_are_equal_there_is_no_interval_of_no_width():
    forms = table(*[school(code) for code in codes(6)])
    row = tk.compare_cohorts(forms, CHECKLIST, dict.fromkeys(codes(6), "all")).query(LEVEL).iloc[0]
    assert (row["estimate"], row["reason"]) == (50, "no spread")
    assert pd.isna(row["low"])


def test_shrunken_values_lie_between_the_schools_own_and_the_mean(sample):
    shrunk = tk.cohort_map(sample[0], CHECKLIST)
    assert "suppressed" not in shrunk
    for _, rows in shrunk.groupby(["wave", "step"]):
        assert rows["shrunk"].std() <= rows["level"].std()


def test_an_executor_gives_the_same_numbers(sample, monkeypatch):
    monkeypatch.setattr("toolkit.cohorts.school_values.SCHOOLS_AT_A_TIME", 7)
    with ThreadPoolExecutor(2) as pool:
        spread = tk.compare_cohorts(*_given(sample), executor=pool)
    pd.testing.assert_frame_equal(spread, tk.compare_cohorts(*_given(sample)))


def test_a_cluster_gives_the_same_numbers(sample, monkeypatch, tmp_path):
    import distributed

    monkeypatch.setattr("toolkit.cohorts.school_values.SCHOOLS_AT_A_TIME", 25)
    settings = {"processes": False, "n_workers": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(**settings, local_directory=tmp_path) as cluster, distributed.Client(cluster) as one:
        spread = tk.compare_cohorts(*_given(sample), per="item", executor=one.get_executor())
    pd.testing.assert_frame_equal(spread, tk.compare_cohorts(*_given(sample), per="item"), check_exact=True)


def _given(sample):
    responses, groups = sample
    return responses, CHECKLIST, groups


# --- groups ---


def test_groups_may_be_a_mapping_a_series_or_columns_of_a_table(sample):
    responses, groups = sample
    by_mapping = tk.compare_cohorts(responses, CHECKLIST, groups)
    schools = pd.DataFrame({"school": list(groups), "name": "x", "group": list(groups.values())})
    for given in (pd.Series(groups), schools, schools.set_index("school")["group"]):
        pd.testing.assert_frame_equal(tk.compare_cohorts(responses, CHECKLIST, given), by_mapping)
    both = tk.compare_cohorts(responses, CHECKLIST, schools.assign(all="all"), ["group", "all"])
    assert both["grouping"].unique().tolist() == ["group", "all"]


def test_groups_that_can_not_be_used_are_said_so(sample):
    responses, groups = sample
    twice = pd.DataFrame({"school": ["98CA00", "98CA00"], "sector": ["po", "vo"]})
    for given, by, message in (
        ({"00XX00": "a"}, None, "00XX00"),
        (twice, None, "98CA00"),
        (pd.DataFrame({"school": list(groups), "sector": "po"}), "gemeente", "gemeente"),
    ):
        with pytest.raises(ToolkitError, match=message):
            tk.compare_cohorts(responses, CHECKLIST, given, by)
    with pytest.raises(ToolkitError, match="één school"):
        tk.compare_cohorts(tk.protect(responses, CHECKLIST), CHECKLIST, groups)


# --- protection ---


@pytest.mark.parametrize(
    ("schools", "teachers", "why"),
    [(4, 9, "too few schools"), (5, 1, "too few respondents"), (5, 2, None), (10, 1, None)],
)
def test_a_cell_needs_five_schools_and_ten_teachers(schools, teachers, why):
    forms = table(*[school(code, teachers) for code in codes(schools)])
    frame = tk.compare_cohorts(forms, CHECKLIST, dict.fromkeys(codes(schools), "all"))
    row = frame.query(LEVEL).iloc[0]
    assert (row["suppressed"], None if pd.isna(row["why"]) else row["why"]) == (why is not None, why)
    values = ["estimate", "low", "high", "sd", "p25", "n_schools", "n"]
    assert row[values].isna().all() == (why is not None)
    director = frame.query("measure == 'level' and role == 'director'").iloc[0]
    assert director["suppressed"] == (schools < 5), "directors: schools only"


def test_a_small_group_can_not_be_had_from_all_minus_the_others():
    forms = table(*[school(code) for code in codes(24)])
    groups = pd.DataFrame({"school": codes(24), "all": "all", "town": ["a"] * 12 + ["b"] * 9 + ["c"] * 3})
    shown = tk.compare_cohorts(forms, CHECKLIST, groups).query(LEVEL + " and step == 1")
    assert dict(zip(shown["group"], shown["why"].fillna(""), strict=True)) == {
        "all": "", "a": "", "b": "derivable", "c": "too few schools",
    }  # fmt: skip


def test_two_groupings_that_differ_by_few_schools_are_not_both_shown():
    forms = table(*[school(code) for code in codes(20)])
    groups = pd.DataFrame({"school": codes(20), "one": "x", "other": ["y"] * 18 + [None] * 2})
    shown = tk.compare_cohorts(forms, CHECKLIST, groups).query(LEVEL + " and step == 1")
    assert shown["why"].fillna("").tolist() == ["", "derivable"]


def test_a_gap_does_not_give_away_the_school_without_a_director():
    forms = table(*[school(code) for code in codes(19)], school("98AA99", director=None))
    shown = tk.compare_cohorts(forms, CHECKLIST, dict.fromkeys([*codes(19), "98AA99"], "all"))
    assert shown.query(LEVEL)["why"].isna().all()
    assert set(shown.query(GAP)["why"]) == {"derivable"}


def test_a_change_does_not_give_away_the_one_school_that_joined():
    before = [school(code, wave="2024-2025") for code in codes(20)]
    after = [school(code, wave="2025-2026") for code in codes(21)]
    forms, groups = table(*before, *after), dict.fromkeys(codes(21), "all")
    assert set(tk.cohort_changes(forms, CHECKLIST, groups).query(LEVEL)["why"]) == {"derivable"}
    assert tk.cohort_changes(table(*before, *after[:20]), CHECKLIST, groups).query(LEVEL)["why"].isna().all()


@pytest.mark.parametrize(("joined", "why"), [(1, "derivable"), (5, "")])
def test_what_was_shown_before_does_not_give_the_school_that_came_since(joined, why):
    now = table(*[school(code) for code in codes(20 + joined)])
    then, groups = now[now["school"].isin(codes(20))], dict.fromkeys(codes(20 + joined), "all")
    cohorts = tk.prepare_cohorts(now, CHECKLIST, groups, shown_before=then)
    for frame in (tk.compare_cohorts(cohorts), tk.compare_cohorts(cohorts, per="item")):
        assert frame["grouping"].unique().tolist() == ["group"]
        assert set(frame.query(LEVEL)["why"].fillna("")) == {why}
    next_year = pd.concat([then, now.assign(wave="2026-2027")], ignore_index=True)
    cohorts = tk.prepare_cohorts(next_year, CHECKLIST, groups, shown_before=then)
    assert tk.compare_cohorts(cohorts).query(LEVEL)["why"].isna().all(), "of that year nothing was shown"


def test_an_effect_and_numbers_of_respondents_say_nothing_more_of_the_one_school_that_left():
    stay, leave, join = codes(15), codes(1, 20), codes(6, 30)
    before = [school(code, 3 + place % 4, place % 3, wave="2024-2025") for place, code in enumerate([*stay, *leave])]
    after = [school(code, 4, 1 + place % 2, wave="2025-2026") for place, code in enumerate([*stay, *join])]
    cohorts = tk.prepare_cohorts(table(*before, *after), CHECKLIST, dict.fromkeys([*stay, *leave, *join], "all"))
    row = tk.cohort_changes(cohorts).query(LEVEL).iloc[0]
    then = tk.compare_cohorts(cohorts).query(LEVEL).iloc[0]
    assert (row["n_left"], row["n_joined"], row["suppressed"]) == (1, 6, False)
    assert row["effect"] == pytest.approx(row["change"] / then["sd"]), (
        "a spread without the one that left gives it away"
    )
    assert row["n_a"] == round(row["n_a"])
    assert then["n"] - 15 * row["n_a"] != 3, "how many respondents that school had"


def test_numbers_of_respondents_do_not_give_those_of_the_school_without_a_director():
    forms = table(*[school(code) for code in codes(19)], school("98AA99", teachers=4, director=None))
    shown = tk.compare_cohorts(forms, CHECKLIST, dict.fromkeys([*codes(19), "98AA99"], "all"))
    assert shown.query(LEVEL)["n"].tolist() == [61] * 5
    assert shown.query("role == 'director-teacher'")["n"].isna().all()


def blanks(forms: pd.DataFrame, school: str, role: str, items: list[str]) -> pd.DataFrame:
    forms.loc[(forms["school"] == school) & (forms["role"] == role), items] = pd.NA
    return forms


def test_a_step_and_its_items_do_not_give_the_small_team_that_left_one_blank():
    """Three times the step minus its items is a third of what that team said of the other items."""
    forms = blanks(table(*[school(code) for code in codes(20)]), "98AA07", "teacher", ["1.2"])
    groups = dict.fromkeys(codes(20), "all")
    assert tk.compare_cohorts(forms, CHECKLIST, groups).query(LEVEL)["why"].isna().all()
    items = tk.compare_cohorts(forms, CHECKLIST, groups, per="item").query(LEVEL + " and step == 1")
    assert items.set_index("item")["why"].fillna("").to_dict() == {"1.1": "", "1.2": "derivable", "1.3": ""}


def test_items_of_a_group_of_five_do_not_give_the_four_that_left_nothing_blank():
    forms = blanks(table(*[school(code) for code in codes(20)]), "98AA03", "director", ["1.2"])
    groups = pd.DataFrame({"school": codes(20), "town": ["a"] * 5 + ["b"] * 15})
    cohorts = tk.prepare_cohorts(forms, CHECKLIST, groups)
    items = tk.compare_cohorts(cohorts, per="item").query("role == 'director' and step == 1 and group == 'a'")
    assert items["suppressed"].any()
    assert tk.audit_cohorts(
        cohorts, pd.concat([tk.compare_cohorts(cohorts), tk.compare_cohorts(cohorts, per="item")])
    ).empty


@pytest.mark.parametrize(("teachers", "hidden"), [(3, True), (9, False)])
def test_a_gap_does_not_tell_a_director_who_left_an_item_blank_what_a_small_team_said(teachers, hidden):
    """Both levels minus their gap are the team's answer to it; a team of five or more its director sees anyhow."""
    forms = blanks(table(*[school(code, teachers) for code in codes(20)]), "98AA07", "director", ["1.2"])
    groups = dict.fromkeys(codes(20), "all")
    steps = tk.compare_cohorts(forms, CHECKLIST, groups).query(GAP).set_index("step")["suppressed"]
    items = tk.compare_cohorts(forms, CHECKLIST, groups, per="item").query(GAP).set_index("item")["suppressed"]
    assert (steps[1], items["1.2"]) == (hidden, hidden)
    assert not steps[2:].any()
    assert not items["2.1":].any()


def test_a_blank_counts_as_known_where_the_groups_point_at_the_school():
    forms = blanks(table(*[school(code, 9) for code in codes(40)]), "98AA07", "director", ["1.2"])
    groups = pd.DataFrame({"school": codes(40), "all": "all", "town": ["a"] * 6 + ["b"] * 34})
    gaps = tk.compare_cohorts(forms, CHECKLIST, groups, per="item").query(GAP + " and item == '1.2'")
    assert not gaps["suppressed"].any(), "it may be any of the 34"
    alone = groups.assign(programme=["p"] * 5 + [None] * 2 + ["p"] + ["q"] * 32)
    gaps = tk.compare_cohorts(forms, CHECKLIST, alone, per="item").query(GAP + " and item == '1.2'")
    assert gaps["suppressed"].any(), "of town b only this one is in programme p"


def test_a_change_of_an_item_does_not_give_a_small_team_that_left_it_blank_once():
    before = [school(code, wave="2024-2025") for code in codes(20)]
    after = table(*[school(code, wave="2025-2026") for code in codes(20)])
    forms = pd.concat([table(*before), blanks(after, "98AA07", "teacher", ["2.3"])], ignore_index=True)
    changes = tk.cohort_changes(forms, CHECKLIST, dict.fromkeys(codes(20), "all"), per="item").query(LEVEL)
    assert changes.loc[changes["suppressed"], "item"].tolist() == ["2.3"]


@pytest.mark.parametrize("seeds", [range(20), range(20, 35)])
def test_the_difference_attack_finds_nothing(seeds):
    for seed in seeds:
        assert attack(seed).empty, seed


def test_the_difference_attack_finds_something_when_the_complement_rule_is_dropped(monkeypatch):
    monkeypatch.setattr(disclosure, "leak", lambda *_: None)
    assert any(len(attack(seed)) for seed in range(4))


def test_the_attack_computes_the_very_value_that_is_hidden(monkeypatch):
    monkeypatch.setattr(disclosure, "leak", lambda *_: None)
    forms = table(*[school(code) for code in codes(12)], school("98AA99", answer=2))
    groups = pd.DataFrame({"school": [*codes(12), "98AA99"], "all": "all", "town": ["a"] * 12 + ["b"]})
    cohorts = tk.prepare_cohorts(forms, CHECKLIST, groups)
    found = tk.audit_cohorts(cohorts, tk.compare_cohorts(cohorts))
    levels = found.query("measure == 'level' and role == 'teacher'")
    assert set(levels["schools"]) == {"98AA99"}
    assert levels["value"].abs().round(6).tolist()[0] == 100


def test_responses_protected_for_a_cohort_give_no_figure_of_a_school(sample):
    safe = tk.protect(sample[0], CHECKLIST, tk.Policy(audience="cohort"))
    for measure in (tk.levels, tk.item_table, tk.consensus, tk.agreement):
        with pytest.raises(ToolkitError, match="compare_cohorts"):
            measure(safe, CHECKLIST)
    assert set(safe.responses["respondent"]) == {""}
    shown = tk.compare_cohorts(safe, CHECKLIST, sample[1])
    pd.testing.assert_frame_equal(shown, tk.compare_cohorts(*_given(sample)))


def test_a_researchers_own_comparison_hides_nothing_and_is_marked_so():
    forms = table(*[school(code) for code in codes(3)])
    own = tk.compare_cohorts(forms, CHECKLIST, dict.fromkeys(codes(3), "all"), policy=RAW)
    assert own["estimate"].notna().any()
    assert "suppressed" not in own
