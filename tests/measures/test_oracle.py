"""The vectorised measures against loops: 300 random schools with everything that goes missing in real ones."""

import itertools

import numpy as np
import pandas as pd
import pytest

import toolkit as tk
from tests.support import oracle
from toolkit.responses import Counts

CHECKLIST = tk.load_instrument()
STEPS = {step.number: [item.id for item in step.items] for step in CHECKLIST.steps}
CLOSE = {"abs": 1e-10, "rel": 0}


def random_school(rng, number):
    """Single directors and teachers, silent roles, constant answers, whole steps left open: each in some schools."""
    make_up = {
        "director": int(rng.choice([0, 1, 1, 1, 2])),
        "teacher": int(rng.choice([0, 1, 2, 3, 5, 8, 20])),
        "care": int(rng.choice([0, 1, 2, 4, 7])),
    }
    blank = rng.choice([0, 0.1, 0.5, 0.85])
    forms = []
    for role, people in make_up.items():
        constant = rng.random() < 0.2
        chances = rng.dirichlet([1, 1, 1])
        for _ in range(people):
            answers = rng.choice(3, 33, p=chances) if not constant else np.full(33, rng.integers(3))
            open_step = rng.integers(1, 6) if rng.random() < 0.2 else 0
            keep = (rng.random(33) >= blank) & (np.array(CHECKLIST.item_steps) != open_step)
            pairs = zip(CHECKLIST.item_ids, answers, keep, strict=True)
            forms.append((role, {item: int(v) for item, v, is_answered in pairs if is_answered}))
    return f"S{number:03d}", forms


@pytest.fixture(scope="module")
def schools():
    rng = np.random.default_rng(20)
    return dict(random_school(rng, number) for number in range(300))


@pytest.fixture(scope="module")
def responses(schools):
    rows = [
        {"school": school, "wave": "2025-2026", "role": role, **answers}
        for school, forms in schools.items()
        for role, answers in forms
    ]
    return tk.make_responses(rows, CHECKLIST)


def same(actual, expected):
    return pd.isna(actual) if expected is None else actual == pytest.approx(expected, **CLOSE)


def test_levels_and_their_intervals(schools, responses):
    table = tk.levels(responses, CHECKLIST)
    for row in table.itertuples():
        forms, items = schools[row.school], STEPS[row.step]
        level = oracle.level(forms, row.role, items)
        assert same(row.level, level)
        share = None if level is None or row.role != "teacher" else level / 100
        # the mean may lose items when a respondent is left out: that figure has no rule of half
        error = level_error(forms, row.role, items)
        n = len(oracle.respondents(forms, row.role, items))
        low, high = oracle.interval(share, error, n, len(items))
        assert same(row.level_low, None if low is None else 100 * low)
        assert same(row.level_high, None if high is None else 100 * high)
        assert row.n == n


def mean_level(forms, role, items):
    return oracle.mean([sum(a) / len(a) / 2 for item in items if (a := oracle.answers(forms, role, item))])


def level_error(forms, role, items):
    return oracle.squared_error(
        forms, role, items, lambda f: mean_level(f, role, items), lambda f, item: mean_level(f, role, [item])
    )


@pytest.mark.parametrize(("a", "b"), list(itertools.permutations(CHECKLIST.role_ids, 2)))
def test_agreement_and_its_intervals(schools, responses, a, b):
    table = tk.agreement(responses, CHECKLIST, a=a, b=b)
    sampled = "teacher" if "teacher" in (a, b) else None
    for row in table.itertuples():
        forms, items = schools[row.school], STEPS[row.step]
        common = oracle.shared(forms, a, b, items)
        assert row.n_items == len(common)
        enough = 2 * len(common) >= len(items)
        for name, count in oracle.PAIRS.items():
            value = oracle.over_pairs(forms, a, b, items, count) if enough else None
            assert same(getattr(row, name), value), name
        gap = oracle.gap(forms, a, b, items)
        assert same(row.gap, gap)
        assert same(row.yardstick, oracle.yardstick(forms, b, items))
        assert same(row.kappa, None if not enough else 1 - row.d_o / (8 / 9))
        for name in ("same", "lower", "higher", "linear"):
            low, high = pair_interval(forms, a, b, items, oracle.PAIRS[name], sampled, common)
            assert same(getattr(row, f"{name}_low"), low), name
            assert same(getattr(row, f"{name}_high"), high), name
        low, high = gap_interval(forms, a, b, items, gap, sampled, common)
        assert same(row.gap_low, low)
        assert same(row.gap_high, high)


def pair_interval(forms, a, b, items, count, sampled, common):
    if sampled is None or 2 * len(common) < len(items):
        return None, None

    def figure(subset):  # over the items both answered: those a respondent alone answered drop out with them
        return oracle.over_pairs(subset, a, b, common, count)

    def per_item(subset, item):
        return oracle.over_pairs(subset, a, b, [item], count) if item in common else None

    share = figure(forms)
    error = oracle.squared_error(forms, sampled, items, figure, per_item)
    return oracle.interval(share, error, len(oracle.respondents(forms, sampled, items)), len(items))


def gap_interval(forms, a, b, items, gap, sampled, common):
    if sampled is None or gap is None:
        return None, None
    share = mean_level(forms, sampled, common)
    error = oracle.squared_error(
        forms, sampled, items, lambda subset: mean_level(subset, sampled, common),
        lambda subset, item: mean_level(subset, sampled, [item]) if item in common else None,
    )  # fmt: skip
    low, high = oracle.interval(share, error, len(oracle.respondents(forms, sampled, items)), len(items))
    if sampled == b:
        fixed = 100 * mean_level(forms, a, common)
        return fixed - 100 * high, fixed - 100 * low
    fixed = 100 * mean_level(forms, b, common)
    return 100 * low - fixed, 100 * high - fixed


def test_kappa_against_the_cohort(schools, responses):
    d_e = {i: oracle.expected(schools.values(), "director", "teacher", i) for i in CHECKLIST.item_ids}
    table = tk.agreement(responses, CHECKLIST, reference="cohort")
    stored = tk.reference_table(responses, CHECKLIST, version="proef-1", policy=tk.Policy(audience="researcher"))
    assert stored["d_e"].tolist() == pytest.approx([d_e[item] for item in CHECKLIST.item_ids], **CLOSE)
    with_table = tk.agreement(responses, CHECKLIST, reference=stored)
    assert set(table["reference"]) == {"cohort"}
    assert set(with_table["reference"]) == {"proef-1"}
    assert with_table["kappa"].to_numpy() == pytest.approx(table["kappa"].to_numpy(), nan_ok=True, **CLOSE)
    for row in table.itertuples():
        forms = schools[row.school]
        common = oracle.shared(forms, "director", "teacher", STEPS[row.step])
        if 2 * len(common) < len(STEPS[row.step]):
            assert pd.isna(row.kappa)
            continue
        observed = sum(oracle.over_pairs(forms, "director", "teacher", [i], oracle.PAIRS["d_o"]) for i in common)
        assert same(row.kappa, 1 - observed / sum(d_e[i] for i in common))


def test_consensus_and_its_interval(schools, responses):
    table = tk.consensus(responses, CHECKLIST)
    for row in table.itertuples():
        forms, items = schools[row.school], STEPS[row.step]
        value = oracle.consensus(forms, row.role, items)
        assert same(row.consensus, value)
        assert same(row.polarisation, oracle.polarisation(forms, row.role, items))
        n = len(oracle.respondents(forms, row.role, items))
        if row.role != "teacher" or n < 5 or value is None:
            assert pd.isna(row.consensus_low)
            continue
        error = oracle.squared_error(
            forms, "teacher", items, lambda f, i=items: apart(f, i), lambda f, item: apart(f, [item]), pairs=True
        )
        low, high = oracle.interval(min(max((1 - value) / 2, 0), 1), error, n, len(items))
        assert same(row.consensus_low, 1 - 2 * high)
        assert same(row.consensus_high, 1 - 2 * low)


def apart(forms, items):
    value = oracle.consensus(forms, "teacher", items)
    return None if value is None else (1 - value) / 2


def test_how_many_were_invited_narrows_the_interval_to_a_point(schools, responses):
    counted = responses.groupby(["school", "wave", "role"], observed=True).size().rename("forms").reset_index()
    for extra in (0, 10):
        invited = counted.assign(invited=counted["forms"] + extra)
        table = tk.levels(responses, CHECKLIST, invited=invited)
        for row in table[(table["role"] == "teacher") & table["level"].notna()].head(300).itertuples():
            forms, items = schools[row.school], STEPS[row.step]
            n_invited = int(
                invited[(invited["school"] == row.school) & (invited["role"] == "teacher")]["invited"].iloc[0]
            )
            error = level_error(forms, "teacher", items)
            low, high = oracle.interval(row.level / 100, error, row.n, len(items), n_invited)
            assert row.team_size == n_invited
            assert same(row.level_low, 100 * low)
            assert same(row.level_high, 100 * high)
        assert tk.agreement(responses, CHECKLIST, invited=invited)["same_low"].notna().any()


def test_nothing_is_missing_without_a_reason_and_nothing_is_infinite(responses):
    pairs = [("director", "teacher"), ("director", "care"), ("teacher", "care")]
    tables = [tk.levels(responses, CHECKLIST), tk.consensus(responses, CHECKLIST), tk.self_other(responses, CHECKLIST)]
    tables += [tk.agreement(responses, CHECKLIST, a, b, per) for a, b in pairs for per in ("step", "item")]
    tables += [tk.agreement(responses, CHECKLIST, reference="cohort")]
    for table in tables:
        values = table.drop(columns=["reason", "team_size"], errors="ignore")  # a team's size is often not known
        assert not (values.isna().any(axis=1) & table["reason"].isna()).any()
        assert not np.isinf(values.select_dtypes("float").to_numpy()).any()


def test_one_kappa_for_all_schools_together(schools, responses):
    table = tk.cohort_kappa(responses, CHECKLIST, policy=tk.Policy(audience="researcher"))
    assert table["step"].tolist() == [1, 2, 3, 4, 5]
    for row in table.itertuples():
        observed, expected = [], []
        for item in STEPS[row.step]:
            shared_forms = [forms for forms in schools.values() if oracle.shared(forms, "director", "teacher", [item])]
            apart = [
                oracle.over_pairs(forms, "director", "teacher", [item], oracle.PAIRS["d_o"]) for forms in shared_forms
            ]
            observed.append(oracle.mean(apart))
            expected.append(oracle.expected(schools.values(), "director", "teacher", item))
        assert same(row.d_o, oracle.mean(observed))
        assert same(row.kappa, 1 - sum(observed) / sum(expected))


def every_measure(data):
    pairs = [("director", "teacher"), ("teacher", "care")]
    tables = [measure(data, CHECKLIST) for measure in (tk.levels, tk.consensus, tk.item_table, tk.self_other)]
    tables += [tk.agreement(data, CHECKLIST, a, b, per) for a, b in pairs for per in ("step", "item")]
    return [*tables, tk.agreement(data, CHECKLIST, reference="cohort")]


def test_counted_once_and_some_schools_at_a_time_every_figure_is_the_same(responses, monkeypatch):
    for data in (responses, tk.protect(responses, CHECKLIST)):
        expected = every_measure(data)
        monkeypatch.setattr(Counts.parts, "__defaults__", (7,))
        counts = tk.counted(data, CHECKLIST)
        assert len(list(counts.counts.parts())) > 40
        for actual, complete in zip(every_measure(counts), expected, strict=True):
            pd.testing.assert_frame_equal(actual, complete)
        monkeypatch.undo()


def test_a_school_that_shows_a_team_changes_no_other_schools_interval():
    """Care professionals are a census beside teachers, and sampled within a team: that holds per school."""
    large = [
        {"school": "A", "wave": "w", "role": role, "1.1": n % 3, "1.2": 1}
        for role in ("teacher", "care")
        for n in range(6)
    ]
    small_school = [
        {"school": "B", "wave": "w", "role": role, "1.1": n % 3} for role in ("teacher", "care") for n in range(3)
    ]

    def first(rows):
        safe = tk.protect(tk.make_responses(rows, CHECKLIST), CHECKLIST)
        return tk.agreement(safe, CHECKLIST, "teacher", "care").query("school == 'A'")

    pd.testing.assert_frame_equal(first(large + small_school), first(large))
