"""Groups of schools beside each other and over the years: the figures, and what may be shown of them."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import toolkit as tk
from tests.support.cohorts import made_up, pinned_answers, room_of_levels
from tests.support.forms import same_everywhere, table
from toolkit.cohorts import room
from toolkit.cohorts.moments import harrell_davis
from toolkit.core.errors import ToolkitError

CHECKLIST = tk.load_instrument()
RAW = tk.Policy(audience="researcher")
LEVEL, GAP = "measure == 'level' and role == 'teacher'", "measure == 'gap'"


def school(code: str, teachers: int = 3, answer: int = 1, director: int | None = 2, **metadata: str) -> list[dict]:
    people = same_everywhere("teacher", answer, teachers, school=code, **metadata)
    return people + ([] if director is None else same_everywhere("director", director, school=code, **metadata))


def codes(number: int, start: int = 0) -> list[str]:
    return [f"98AA{index:02d}" for index in range(start, start + number)]


def group_of(frame: pd.DataFrame, group: str, query: str) -> pd.Series:
    return frame.query(query)[lambda t: t["group"] == group].iloc[0]


@pytest.fixture(scope="module")
def sample() -> tuple[pd.DataFrame, dict[str, str]]:
    responses = tk.samples.responses(CHECKLIST, schools=60, waves=2, teachers=(3, 9))
    return responses, {code: "ab"[index % 2] for index, code in enumerate(responses["school"].unique())}


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
    frame = tk.cohort_differences(responses, CHECKLIST, groups, per="item", policy=RAW)
    rows = frame.query(LEVEL + " and wave == '2024-2025'")
    assert len(rows) == 33
    np.testing.assert_allclose(rows["q"], stats.false_discovery_control(rows["p"]))
    assert (rows["q"] >= rows["p"]).all()


def test_a_change_is_paired_and_says_who_came_and_left():
    stay, leave, join = codes(12), codes(5, 20), codes(6, 30)
    before = [school(code, answer=index % 2, wave="2024-2025") for index, code in enumerate([*stay, *leave])]
    after = [
        school(code, teachers=4, answer=1 + index % 2, wave="2025-2026") for index, code in enumerate([*stay, *join])
    ]
    groups = dict.fromkeys([*stay, *leave, *join], "all")
    row = tk.cohort_changes(table(*before, *after), CHECKLIST, groups).query(LEVEL).iloc[0]
    assert (row["n_schools"], row["n_left"], row["n_joined"], row["n_a"], row["n_b"]) == (12, 5, 6, 3, 4)
    assert row["change"] == pytest.approx(50)
    assert row["rounded_to"] == 2


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
    quantiles = harrell_davis(values)[:, 0]
    np.testing.assert_allclose(quantiles, stats.mstats.hdquantiles(values[:, 0], [0.1, 0.25, 0.5, 0.75, 0.9]))
    responses, groups = sample
    twelve_schools = responses[responses["school"].isin(list(groups)[:12])]
    row = group_of(tk.compare_cohorts(twelve_schools, CHECKLIST, dict.fromkeys(groups, "all")), "all", LEVEL)
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
        spread = tk.compare_cohorts(*_prepared_sample(sample), executor=pool)
    pd.testing.assert_frame_equal(spread, tk.compare_cohorts(*_prepared_sample(sample)))


def test_a_cluster_gives_the_same_numbers(sample, monkeypatch, tmp_path):
    import distributed

    monkeypatch.setattr("toolkit.cohorts.school_values.SCHOOLS_AT_A_TIME", 25)
    settings = {"processes": False, "n_workers": 1, "dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(**settings, local_directory=tmp_path) as cluster, distributed.Client(cluster) as one:
        spread = tk.compare_cohorts(*_prepared_sample(sample), per="item", executor=one.get_executor())
    pd.testing.assert_frame_equal(spread, tk.compare_cohorts(*_prepared_sample(sample), per="item"), check_exact=True)


def _prepared_sample(sample):
    responses, groups = sample
    return responses, CHECKLIST, groups


# --- groups ---


def test_groups_may_be_a_mapping_a_series_or_columns_of_a_table(sample):
    responses, groups = sample
    by_mapping = tk.compare_cohorts(responses, CHECKLIST, groups)
    schools = pd.DataFrame({"school": list(groups), "name": "x", "group": list(groups.values())})
    for groups_table in (pd.Series(groups), schools, schools.set_index("school")["group"]):
        pd.testing.assert_frame_equal(tk.compare_cohorts(responses, CHECKLIST, groups_table), by_mapping)
    two_groupings = tk.compare_cohorts(responses, CHECKLIST, schools.assign(all="all"), ["group", "all"])
    assert two_groupings["grouping"].unique().tolist() == ["group", "all"]


def test_groups_that_can_not_be_used_are_said_so(sample):
    responses, groups = sample
    repeated_school = pd.DataFrame({"school": ["98CA00", "98CA00"], "sector": ["po", "vo"]})
    for wrong_groups, by, message in (
        ({"00XX00": "a"}, None, "00XX00"),
        (repeated_school, None, "98CA00"),
        (pd.DataFrame({"school": list(groups), "sector": "po"}), "gemeente", "gemeente"),
    ):
        with pytest.raises(ToolkitError, match=message):
            tk.compare_cohorts(responses, CHECKLIST, wrong_groups, by)
    with pytest.raises(ToolkitError, match="één school"):
        tk.compare_cohorts(tk.protect(responses, CHECKLIST), CHECKLIST, groups)


# --- protection ---


@pytest.mark.parametrize(
    ("schools", "teachers", "why"),
    [(4, 9, "too few schools"), (5, 1, "too few respondents"), (5, 2, None), (10, 1, None)],
)
def test_a_cell_needs_five_schools_and_ten_teachers(schools, teachers, why):
    forms = table(*[school(code, teachers, director=index % 3) for index, code in enumerate(codes(schools))])
    frame = tk.compare_cohorts(forms, CHECKLIST, dict.fromkeys(codes(schools), "all"))
    row = frame.query(LEVEL).iloc[0]
    assert (row["suppressed"], None if pd.isna(row["why"]) else row["why"]) == (why is not None, why)
    values = ["estimate", "low", "high", "sd", "p25", "n_schools", "n"]
    assert row[values].isna().all() == (why is not None)
    director = frame.query("measure == 'level' and role == 'director'").iloc[0]
    assert director["suppressed"] == (schools < 5), "directors: schools only"


def test_figures_are_rounded_by_the_number_of_schools_and_the_table_says_so(sample):
    responses, groups = sample
    raw = tk.compare_cohorts(responses, CHECKLIST, groups, policy=RAW)
    for number, base in ((7, 5), (12, 2), (30, 1)):
        schools = dict.fromkeys(list(groups)[:number], "some")
        shown = tk.compare_cohorts(responses, CHECKLIST, schools).query("measure == 'level' and role == 'teacher'")
        exact = tk.compare_cohorts(responses, CHECKLIST, schools, policy=RAW).query(
            "measure == 'level' and role == 'teacher'"
        )
        assert set(shown["rounded_to"]) == {base}
        assert (shown[["estimate", "low", "high"]] % base).to_numpy() == pytest.approx(0)
        assert ((shown["estimate"] - exact["estimate"]).abs() <= base / 2 + 1e-9).all()
        assert (shown["low"] < shown["estimate"]).all()
    assert "minima and rounding" in shown.attrs["disclosure_rule"]
    assert not {"rounded_to", "suppressed"} & set(raw.columns)


def test_spread_is_coarse_in_small_groups_and_that_of_directors_items_is_not_shown(sample):
    responses, groups = sample
    nine_schools = tk.compare_cohorts(responses, CHECKLIST, dict.fromkeys(list(groups)[:9], "few")).query(LEVEL)
    assert (nine_schools[["sd", "p10", "p50", "p90"]] % 20).to_numpy() == pytest.approx(0)
    items = tk.compare_cohorts(responses, CHECKLIST, dict.fromkeys(groups, "all"), per="item")
    director = items.query("measure == 'level' and role == 'director' and not suppressed")
    assert director["estimate"].notna().all()
    assert director[["low", "high", "sd"]].isna().to_numpy().all()
    assert set(director["reason"]) == {"item of directors"}
    changes = tk.cohort_changes(responses, CHECKLIST, dict.fromkeys(groups, "all"), per="item")
    of_directors = changes[changes["role"].str.contains("director")]
    assert of_directors[["low", "high", "effect", "p", "q"]].isna().to_numpy().all()


def test_all_figures_of_a_pair_are_shown_or_hidden_together(sample):
    responses, groups = sample
    eleven_schools = dict.fromkeys(list(groups)[:11], "some")
    for per in ("step", "item"):
        table = tk.compare_cohorts(responses, CHECKLIST, eleven_schools, per=per).query("role == 'director-teacher'")
        keys = ["group", "wave", "step"] + (["item"] if per == "item" else [])
        assert (table.groupby(keys)["suppressed"].nunique() == 1).all()


def test_a_difference_says_no_more_than_the_two_means_do(sample):
    responses, groups = sample
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, groups)
    keys = ["wave", "measure", "role", "step", "item"]
    means = tk.compare_cohorts(cohorts, per="item").set_index(["group", *keys])["estimate"]
    differences = tk.cohort_differences(cohorts, per="item").query("not suppressed")
    for row in differences.itertuples():
        a, b = (means[(group, *(getattr(row, key) for key in keys))] for group in (row.group_a, row.group_b))
        assert row.difference == pytest.approx(a - b)


def test_a_group_in_which_every_director_answers_alike_is_hidden_where_it_is_small():
    forms = table(*[school(code, director=2) for code in codes(7)])
    shown = tk.compare_cohorts(forms, CHECKLIST, dict.fromkeys(codes(7), "all"))
    assert set(shown.query("measure == 'level' and role == 'director'")["why"]) == {"derivable"}


def test_a_school_that_joined_does_not_follow_from_an_earlier_publication():
    """Two publications, one school more: whatever is subtracted, 30 points stay open for it."""
    rng = np.random.default_rng(3)
    answers = rng.integers(0, 3, 30)
    forms = [school(code, 3 + index % 4, int(answers[index])) for index, code in enumerate(codes(30))]
    for number in (12, 19, 29):
        sums = []
        for size in (number, number + 1):
            group = dict.fromkeys(codes(size), "all")
            shown = tk.compare_cohorts(table(*forms[:size]), CHECKLIST, group).query(LEVEL + " and step == 1").iloc[0]
            half = size * shown["rounded_to"] / 2
            sums.append((size * shown["estimate"] - half, size * shown["estimate"] + half))
        low, high = sums[1][0] - sums[0][1], sums[1][1] - sums[0][0]
        assert min(high, 100) - max(low, 0) >= 30 or answers[number] != 1, (number, low, high)


@pytest.mark.parametrize("seed", range(2))
def test_no_level_of_a_school_is_left_with_little_room(seed):
    assert room_of_levels(*made_up(seed)) >= 29.9


@pytest.mark.parametrize("seed", range(4))
def test_no_directors_answer_follows_from_what_is_shown(seed):
    assert pinned_answers(*made_up(seed)) == []


def test_what_is_not_proven_to_leave_room_is_hidden(monkeypatch):
    """Without any program the tables show less, and the attackers find nothing either."""
    proven = [tk.prepare_cohorts(*_prepared(made_up(seed))) for seed in range(2)]
    monkeypatch.setattr("toolkit.cohorts.room.MAX_PROGRAMS", 0)
    for seed, before in enumerate(proven):
        cohort = made_up(seed)
        after = tk.prepare_cohorts(*_prepared(cohort))
        assert tk.compare_cohorts(after)["suppressed"].sum() > tk.compare_cohorts(before)["suppressed"].sum()
        assert pinned_answers(*cohort) == []


def _prepared(cohort: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[pd.DataFrame, tk.Instrument, pd.DataFrame, list[str]]:
    responses, schools = cohort
    return responses, CHECKLIST, schools, [name for name in schools if name != "school"]


@pytest.mark.parametrize("blanks", [0.02, 0.2])
def test_nearly_all_that_is_large_enough_is_shown(blanks):
    responses, schools = tk.samples.cohort(CHECKLIST, schools=70, waves=2, blanks=blanks)
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, schools.assign(all="all"), [*schools.columns[2:], "all"])
    for show in (tk.compare_cohorts, tk.cohort_changes):
        why = pd.concat([show(cohorts, per=per)["why"] for per in ("step", "item")])
        assert why.isna().sum() >= 0.95 * (why.isna() | why.eq("derivable")).sum()


def test_what_joined_programs_prove_of_a_large_cohort_is_true(monkeypatch):
    """The audit is the judge: it moves one level of one school, with all schools in its program."""
    responses, schools = tk.samples.cohort(CHECKLIST, schools=170, waves=2, blanks=0.08)
    schools = schools.assign(all="all", place=[f"place {number % 17}" for number in range(len(schools))])
    proven, decide = {"step": [], "item": []}, room._without_room

    def spy(sums, levels, budget):
        unproven = set(map(tuple, decide(sums, levels, budget)))
        per = "item" if (sums.unit > 0).any() else "step"
        proven[per] += [level for level in map(tuple, levels) if level not in unproven]
        return np.array(sorted(unproven), dtype=int).reshape(-1, 3)

    monkeypatch.setattr(room, "_without_room", spy)
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, schools, ["all", "sector", "programme", "place"])
    assert len(cohorts.schools) > room.MAX_TOGETHER
    assert len(proven["step"]) > 5
    assert len(proven["item"]) > 5
    for per, least in (("step", 29.9), ("item", 24.9)):  # of two directors one answer is 25 points
        audit = tk.audit_cohorts(cohorts, per=per, schools=[cohorts.schools[proven[per][0][1]]])
        assert audit["room"].min() >= least


def test_an_audit_of_changes_asks_for_the_means_beside_them(sample):
    responses, groups = sample
    twelve_schools = dict.fromkeys(list(groups)[:12], "all")
    cohorts = tk.prepare_cohorts(responses[responses["school"].isin(twelve_schools)], CHECKLIST, twelve_schools)
    with pytest.raises(ToolkitError, match="Geef bij changes ook means"):
        tk.audit_cohorts(cohorts, changes=tk.cohort_changes(cohorts))


def test_the_attackers_find_what_they_look_for_when_nothing_is_rounded(monkeypatch):
    no_rounding = ((0, 0.01),)
    monkeypatch.setattr("toolkit.cohorts.model.DIRECTOR_ITEM_BASES", no_rounding)
    monkeypatch.setattr("toolkit.cohorts.prepare.hide_without_room", lambda *_: None)
    assert any(pinned_answers(*made_up(seed)) for seed in range(3))
    monkeypatch.setattr("toolkit.cohorts.model.rounding_base", lambda n, *_: np.full(np.shape(n), 0.01))
    assert any(room_of_levels(*made_up(seed)) < 30 for seed in range(3))


def test_the_audit_gives_the_least_and_the_most_of_each_level(sample):
    responses, groups = sample
    sixteen_schools = {code: "ab"[index % 2] for index, code in enumerate(list(groups)[:16])}
    cohorts = tk.prepare_cohorts(responses[responses["school"].isin(sixteen_schools)], CHECKLIST, sixteen_schools)
    audit = tk.audit_cohorts(cohorts, schools=list(sixteen_schools)[:3])
    assert set(audit["school"]) == set(list(sixteen_schools)[:3])
    assert audit["value"].between(audit["least"] - 1e-6, audit["most"] + 1e-6).all()
    assert audit["room"].min() >= 29.9
    assert set(audit["role"]) == {"director", "teacher", "care"}


def test_without_columns_named_only_groupings_with_few_groups_are_taken():
    responses, schools = tk.samples.cohort(CHECKLIST, waves=1)
    schools = schools.assign(phone=schools["school"] + "-x", rare=[None] * 50 + ["r"] * 10, all="all")
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, schools)
    assert sorted(cohorts.cells["grouping"].unique()) == ["all", "municipality", "programme", "sector"]
    summary = cohorts.summary()
    assert "phone" in summary
    assert "geen groep vijf scholen" in summary
    assert "rare" in summary
    assert cohorts.groupings.query("not taken")["grouping"].tolist() == ["phone", "rare"]


def test_changes_of_every_two_waves():
    responses, schools = tk.samples.cohort(CHECKLIST, waves=3)
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, schools, "sector")
    pairs = tk.cohort_changes(cohorts, waves="all")[["wave_a", "wave_b"]].drop_duplicates()
    assert list(pairs.itertuples(index=False, name=None)) == [
        ("2024-2025", "2025-2026"), ("2024-2025", "2026-2027"), ("2025-2026", "2026-2027"),
    ]  # fmt: skip


@pytest.mark.parametrize(("schools", "shown"), [(2, False), (4, False), (5, True)])
def test_one_kappa_or_a_reference_needs_five_schools(schools, shown):
    forms = table(*[school(code, 3, index % 3, (index + 1) % 3) for index, code in enumerate(codes(schools))])
    kappa = tk.cohort_kappa(forms, CHECKLIST)
    assert kappa["suppressed"].eq(not shown).all()
    assert kappa["kappa"].notna().all() == shown
    assert tk.reference_table(forms, CHECKLIST)["d_e"].notna().all() == shown
    safe = tk.protect(forms, CHECKLIST, tk.Policy(audience="cohort"))
    pd.testing.assert_frame_equal(tk.cohort_kappa(safe, CHECKLIST), kappa)
    unprotected = tk.cohort_kappa(forms, CHECKLIST, policy=RAW)
    assert "suppressed" not in unprotected
    assert unprotected["kappa"].notna().all()
    with_reference = tk.agreement(
        tk.protect(table(*[school(code, 6) for code in codes(schools)]), CHECKLIST), CHECKLIST, reference="cohort"
    )
    assert with_reference["d_e"].notna().all() == shown


def test_responses_protected_for_a_cohort_give_no_figure_of_a_school(sample):
    safe = tk.protect(sample[0], CHECKLIST, tk.Policy(audience="cohort"))
    for measure in (tk.levels, tk.item_table, tk.consensus, tk.agreement):
        with pytest.raises(ToolkitError, match="compare_cohorts"):
            measure(safe, CHECKLIST)
    assert set(safe.responses["respondent"]) == {""}
    shown = tk.compare_cohorts(safe, CHECKLIST, sample[1])
    pd.testing.assert_frame_equal(shown, tk.compare_cohorts(*_prepared_sample(sample)))


def test_a_researchers_own_comparison_hides_nothing_and_is_marked_so():
    forms = table(*[school(code) for code in codes(3)])
    unprotected = tk.compare_cohorts(forms, CHECKLIST, dict.fromkeys(codes(3), "all"), policy=RAW)
    assert unprotected["estimate"].notna().any()
    assert "suppressed" not in unprotected
