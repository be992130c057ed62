"""Sentences of pictures where only some is known: what they say of all, most and least is true of the table."""

import re

import numpy as np
import pandas as pd
import pytest

import toolkit as tk
from tests.support.forms import PLACE, table
from toolkit.charts import COHORT_CHARTS, dumbbell, radar
from toolkit.charts.distribution import distribution
from toolkit.charts.heatmap import heatmap
from toolkit.charts.split import split
from toolkit.charts.trend import trend
from toolkit.core.text_table import TextTable
from toolkit.instrument.model import Step
from toolkit.narrative.selection import select

CHECKLIST = tk.load_instrument()
SCHOOLS = [f"99B{number:02}0" for number in range(12)]


def school_with_holes(school: str, seed: int) -> list[dict[str, object]]:
    """A school of which some steps, some items and some answers are missing, with few kinds of answers."""
    random = np.random.default_rng(seed)
    steps = random.choice([1, 2, 3, 4, 5], random.integers(1, 6), replace=False)
    items = [item for item in CHECKLIST.item_ids if int(item[0]) in steps and random.random() < 0.9]
    forms: list[dict[str, object]] = []
    for role, n in (("director", random.integers(0, 3)), ("teacher", random.integers(5, 9))):
        answers = random.choice([0, 1, 2], random.integers(1, 4))
        for _ in range(n):
            answered = {item: int(random.choice(answers)) for item in items if random.random() < 0.9}
            forms.append({**PLACE, "school": school, "role": role} | answered)
    return forms


@pytest.fixture(scope="module")
def protected() -> tk.Protected:
    forms = table(*(school_with_holes(school, seed) for seed, school in enumerate(SCHOOLS)))
    return tk.protect(forms, CHECKLIST)


@pytest.fixture(scope="module")
def measured(protected) -> list[pd.DataFrame]:
    return [measure(protected, CHECKLIST) for measure in (tk.levels, tk.item_table, tk.agreement)]


@pytest.mark.parametrize("school", SCHOOLS)
def test_a_sentence_about_all_most_or_least_is_true_and_says_of_how_many(measured, school):
    levels, items, gaps = (frame[frame["school"] == school] for frame in measured)
    chosen = select(levels, None, None)
    levels_by_role = {role: chosen.rows_of_role(role)["level"].dropna() for role in chosen.shown_roles()}
    check_radar(radar(levels).sentence, levels_by_role)
    check_dumbbell(dumbbell(levels, gaps=gaps).sentence, levels_by_role)
    for step in CHECKLIST.steps:
        for role in levels_by_role:
            check_bars(distribution(items, step=step.number, role=role).sentence, items, step, role)
    check_heatmap(heatmap(items).sentence, items)
    compared = int(gaps["same"].notna().sum())
    check_scope(split(gaps).sentence, compared, 5, "stappen")


def check_scope(sentence: str, n: int, total: int, kind: str) -> None:
    """'alle' only of all, and the number where it is not all."""
    if "alle " in sentence:
        assert n == total or kind not in sentence, sentence
        assert not re.search(rf"alle (\d+) {kind}", sentence) or f"alle {total} {kind}" in sentence, sentence
    if n < total and re.search("het meest|het minst|het vaakst|het verst", sentence):
        assert f"over {n} van de {total} {kind}" in sentence, sentence


def check_radar(sentence: str, levels_by_role: dict[str, pd.Series]) -> None:
    """Per role the parts of the sentence, in the order of the roles that have a level."""
    parts = [part for part in re.split(r"(?=(?:De|Volgens de|Van de) (?:directie|leraren))", sentence) if part]
    levels_with_values = [levels for levels in levels_by_role.values() if len(levels)]
    if not levels_with_values:
        return
    assert len(parts) == len(levels_with_values), sentence
    for part, levels in zip(parts, levels_with_values, strict=True):
        check_scope(part, len(levels), 5, "stappen")
        numbers = [int(number) for number in re.findall(r"(?:met|op|:) (\d+)", part)]
        if "het meest" in part:
            assert numbers == [round(levels.max()), round(levels.min())], part
            high, low = part.split("en het minst")
            for text, level in ((high, levels.max()), (low, levels.min())):
                steps_named = {int(step) for step in re.findall(r"(\d) \(", text)}
                assert steps_named == set(levels.index[levels == level]), part
        elif " alleen " in part and "te zien" not in part:
            assert levels.isin([0, 50, 100]).all()
            assert levels.nunique() == 1, part
        else:
            assert numbers == [round(levels.iloc[0])], part
            assert levels.nunique() == 1, part


def check_dumbbell(sentence: str, levels_by_role: dict[str, pd.Series]) -> None:
    apart = (
        (levels_by_role["director"].round() - levels_by_role["teacher"].round()).dropna()
        if len(levels_by_role) == 2
        else pd.Series(dtype=float)
    )
    check_scope(sentence, len(apart), 5, "stappen")
    if "even hoog" in sentence:
        assert apart.eq(0).all(), sentence
    elif "hoger" in sentence:
        (points,) = re.findall(r"(\d+) punt", sentence)
        assert int(points) == apart.abs().max() > 0, sentence
        (step,) = re.findall(r"^Bij stap (\d)", sentence)
        assert abs(apart[int(step)]) == int(points), sentence


def check_bars(sentence: str, items: pd.DataFrame, step: Step, role: str) -> None:
    rows = items[items["step"].eq(step.number) & items["role"].eq(role) & items["n"].fillna(0).gt(0)]
    share = (rows["yes"] / rows["n"]).astype(float)
    check_scope(sentence, len(rows), len(step.items), "uitspraken")
    if rows.empty:
        assert sentence == "Er zijn nog te weinig formulieren."
    elif "nergens" in sentence:
        assert share.eq(0).all(), sentence
    elif "even vaak" in sentence:
        assert share.nunique() == 1, sentence
    elif "alleen Ja" in sentence or re.search(r"bij (alle|deze|de) .* Ja\.", sentence):
        assert share.eq(1).all(), sentence
    else:
        assert share.nunique() > 1, sentence


def check_heatmap(sentence: str, items: pd.DataFrame) -> None:
    for role, start in (("director", "directie"), ("teacher", "leraren")):
        levels = items.loc[items["role"].eq(role), "level"].dropna().astype(float)
        parts = [part for part in re.split(r"(?=(?:De|Volgens de) (?:directie|leraren))", sentence) if start in part]
        for part in parts if len(levels) else ():
            check_scope(part, len(levels), 33, "uitspraken")
            numbers = [int(number) for number in re.findall(r"(?:met|op) (\d+)", part)]
            expected = [levels.max()] if levels.nunique() == 1 else [levels.max(), levels.min()]
            assert numbers == [round(level) for level in expected], part


@pytest.fixture(scope="module")
def groups() -> pd.DataFrame:
    responses, schools = tk.samples.cohort(schools=60, waves=2)
    return tk.compare_cohorts(tk.prepare_cohorts(responses, CHECKLIST, schools[["school", "sector"]]))


def blanked(frame: pd.DataFrame, steps: list[int], wave: str) -> pd.DataFrame:
    """The same table without figures of these steps, in one wave."""
    figures = frame.columns.intersection(["estimate", "low", "high", "p10", "p25", "p75", "p90"])
    gone = frame["step"].isin(steps) & frame["wave"].eq(wave)
    return frame.assign(**{column: frame[column].mask(gone) for column in figures})


@pytest.mark.parametrize("name", ["slopes", "gap_spread", "cohort_heatmap", "cohort_dots"])
@pytest.mark.parametrize("steps", [[2], [1, 4], [2, 3, 4, 5]])
def test_a_sentence_on_groups_of_schools_says_over_how_many_steps(name, steps, groups):
    part = blanked(groups, steps, max(groups["wave"]))
    sentence = COHORT_CHARTS[name](part, grouping="sector").sentence
    assert f"over {5 - len(steps)} van de 5 stappen" in sentence
    assert not any(f"stap {step} " in sentence for step in steps)
    assert "van de 5" not in COHORT_CHARTS[name](groups, grouping="sector").sentence


def test_where_nothing_changed_no_step_changes_most(groups):
    first, last = min(groups["wave"]), max(groups["wave"])
    same = pd.concat([groups[groups["wave"].eq(first)].assign(wave=wave) for wave in (first, last)])
    sentence = COHORT_CHARTS["slopes"](same, grouping="sector").sentence
    assert "niets veranderd" in sentence
    assert "het meest" not in sentence


@pytest.mark.parametrize("seed", range(6))
def test_a_sentence_on_years_names_the_step_that_moved_most_of_those_known_in_both(seed):
    waves = [school_with_holes(SCHOOLS[0], seed), school_with_holes(SCHOOLS[0], seed + 100)]
    forms = [
        form | {"wave": wave} for wave, rows in zip(("2024-2025", "2025-2026"), waves, strict=True) for form in rows
    ]
    levels = tk.levels(tk.protect(table(forms), CHECKLIST), CHECKLIST)
    sentence = trend(levels).sentence
    for role, name in (("director", "de directie"), ("teacher", "leraren")):
        of_role = levels[levels["role"].eq(role)].pivot(index="step", columns="wave", values="level").astype(float)
        moves = (of_role.iloc[:, -1] - of_role.iloc[:, 0]).dropna() if of_role.shape[1] == 2 else pd.Series(dtype=float)
        parts = [part for part in re.split(r"(?=Volgens )", sentence) if name in part.split("stap")[0]]
        assert len(parts) == bool(len(moves)), sentence
        for part in parts:
            check_scope(part, len(moves), 5, "stappen")
            if "niets veranderd" in part:
                assert moves.abs().max() < 1, part
            else:
                named = [int(step) for step in re.findall(r"stap (\d) \(", part)]
                assert named == moves.index[moves.abs().eq(moves.abs().max())].tolist(), part


@pytest.fixture(scope="module")
def differences(groups) -> pd.DataFrame:
    responses, schools = tk.samples.cohort(schools=60, waves=2)
    return tk.cohort_differences(tk.prepare_cohorts(responses, CHECKLIST, schools[["school", "sector"]]))


@pytest.mark.parametrize("steps", [[], [2], [1, 4], [2, 3, 4, 5]])
@pytest.mark.parametrize(("language", "over"), [("nl", "over {} van de 5 stappen"), ("en", "{} of the 5 steps")])
def test_a_sentence_on_two_groups_names_the_largest_difference_of_so_many_steps(steps, language, over, differences):
    wave = max(differences["wave"])
    hidden = differences["step"].isin(steps)
    part = differences.assign(**{name: differences[name].mask(hidden) for name in ("difference", "low", "high")})
    sentence = COHORT_CHARTS["forest"](part, language=language).sentence
    rows = part[part["measure"].eq("level") & part["role"].eq("teacher") & part["wave"].eq(wave)].set_index("step")
    (points,) = re.findall(r"(\d+) (?:punten|points)", sentence)
    (step,) = re.findall(r"(?:stap|step) (\d) \(", sentence)
    assert int(points) == round(rows["difference"].abs().max())
    assert abs(rows.loc[int(step), "difference"]) == rows["difference"].abs().max()
    assert (over.format(5 - len(steps)) in sentence) == bool(steps)


def test_where_two_groups_are_equal_none_is_higher(differences):
    same = differences.assign(difference=0.0, low=-1.0, high=1.0)
    assert "nergens is er een verschil" in COHORT_CHARTS["forest"](same).sentence
    assert "hoger" not in COHORT_CHARTS["forest"](same).sentence


@pytest.mark.parametrize("school", SCHOOLS)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_summary_says_all_none_and_never_only_of_what_it_knows(protected, school, language):
    table = tk.sensitivity(protected, CHECKLIST)
    school_rows = table[table["school"].eq(school) & ~table["suppressed"]].dropna(subset="changes")
    summary = tk.summarise_sensitivity(table, school, language=language)
    rows_by_role = [rows for _, rows in school_rows.groupby(["measure", "role"], sort=False)]
    for rows, (_, sentence) in zip(rows_by_role, summary.rows, strict=True):
        assert bool(re.search("van de 5 stappen|of the 5 steps", sentence)) == (len(rows) < 5), sentence
        assert {int(step) for step in re.findall(r"(?:stap|steps?|en|and|,) (\d)\b", sentence)} - {len(rows)} <= set(
            rows["step"][rows["changes"].astype(bool)]
        ), sentence
    spread = tk.consensus(protected, CHECKLIST)
    shares = spread[spread["school"].eq(school)].dropna(subset="consensus")["polarisation"]
    never = [row[-1] for row in tk.summarise_consensus(spread, school, language=language).rows if row[2]]
    assert sum(bool(re.search("nooit|hardly", sentence)) for sentence in never) == shares.lt(0.02).sum()


def in_words(summary: TextTable) -> str:
    return " ".join(str(row[-1]) for row in summary.rows)


@pytest.mark.parametrize(("language", "no_form"), [("nl", "geen formulier"), ("en", "no form")])
@pytest.mark.parametrize("answered", [["1.1"], ["1.1", "1.2", "3.1"], []])
def test_a_form_with_blanks_is_a_form(answered, language, no_form):
    """The director answered only these items, and the teachers left step 1 blank; or there is no director at all."""
    asked = CHECKLIST.item_ids[3 if answered else 0 :]
    teachers = [{**PLACE, "role": "teacher"} | dict.fromkeys(asked, 1) for _ in range(6)]
    directors = [{**PLACE, "role": "director"} | dict.fromkeys(answered, 2)] if answered else []
    safe = tk.protect(table([*directors, *teachers]), CHECKLIST)
    agreement, items, pairs = tk.agreement(safe), tk.agreement(safe, per="item"), tk.self_other(safe)
    said = [
        in_words(tk.summarise_agreement(agreement, language=language)),
        in_words(tk.summarise_agreement(items, language=language)),
        in_words(tk.summarise_agreement(items[items["step"].eq(2)], language=language)),
        in_words(tk.summarise_kappa(agreement, language=language)),
        in_words(tk.summarise_self_other(pairs, language=language)),
    ]
    teacher = {"nl": "formulier van de leraren", "en": "form of the teachers"}[language]
    assert not any(teacher in sentence for sentence in said)
    of_some_steps = said.pop(2)
    assert no_form not in of_some_steps
    of_pairs = said.pop()  # the care group is hidden, so in this table it stays open who answered
    assert not (answered and no_form in of_pairs)
    assert [no_form in sentence for sentence in said] == [not answered] * 3


@pytest.mark.parametrize(("language", "no_form"), [("nl", "geen formulier"), ("en", "no form")])
def test_a_group_whose_statements_all_have_too_few_answers_did_hand_in_forms(language, no_form):
    items = CHECKLIST.item_ids
    teachers = [{**PLACE, "role": "teacher"} | dict.fromkeys(items[number::6], 1) for number in range(6)]
    safe = tk.protect(table([*teachers, {**PLACE, "role": "director"} | dict.fromkeys(items, 2)]), CHECKLIST)
    pairs = tk.self_other(safe)
    assert pairs[["self_level", "other_level", "gap"]].isna().all(axis=None)
    shown = tk.summarise_self_other(pairs, language=language).rows
    of_teachers = [row[-1] for row in shown if re.search("leraren|teachers", row[-1], re.IGNORECASE)]
    assert of_teachers
    assert not any(no_form in sentence for sentence in of_teachers if "zorg" not in sentence and "care" not in sentence)


@pytest.mark.parametrize(("language", "compared"), [("nl", "de 7 uitspraken die"), ("en", "the 7 statements that")])
def test_no_difference_is_said_of_the_statements_that_two_roles_answered(language, compared):
    """The director answered step 2 only: nothing is compared of the other steps."""
    items = [item for item in CHECKLIST.item_ids if item[0] == "2"]
    teachers = [{**PLACE, "role": "teacher"} | dict.fromkeys(CHECKLIST.item_ids, 1) for _ in range(6)]
    forms = table([*teachers, {**PLACE, "role": "director"} | dict.fromkeys(items, 1)])
    results = tk.SchoolResults.of_responses(forms, CHECKLIST)
    assert compared in results.findings(PLACE["school"], language=language).empty["to_discuss"]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("items", [CHECKLIST.item_ids, ["1.1"]])
def test_a_summary_of_two_moments_says_more_less_or_equal_as_the_levels_have_it(seed, items):
    waves = {"2024-2025": school_with_holes(SCHOOLS[0], seed), "2025-2026": school_with_holes(SCHOOLS[0], seed + 100)}
    forms = [form | {"wave": wave} for wave, rows in waves.items() for form in rows]
    shown = tk.item_table(tk.protect(table(forms), CHECKLIST), CHECKLIST)
    movement = tk.movement(shown, items)
    summary = tk.summarise_movement(movement)
    levels = shown.set_index(["wave", "item", "role"])["level"]
    if movement.empty:
        assert levels[levels.index.get_level_values("item").isin(items)].isna().all()
        assert "geen van beide" in summary.caption
        return
    assert len(summary.rows) == len(movement) + 1
    for (item, role, then, now, sentence), row in zip(summary.rows, movement.itertuples(), strict=False):
        then_level, now_level = (levels.get((wave, row.item, row.role), pd.NA) for wave in waves)
        assert item.startswith(row.item), role
        if "Niet in beide jaren" in sentence:
            assert pd.isna(then_level) or pd.isna(now_level)
            assert then == now == ""
            continue
        said = {"even positief": 0, "positiever": 1, "Meer Ja": 1, "minder positief": -1, "Minder Ja": -1}
        directions = [sign for words, sign in said.items() if words in sentence]
        assert directions == ([] if "Geen duidelijke" in sentence else [np.sign(now_level - then_level)]), sentence
        bounds = [int(bound) for bound in re.findall(r"[+-]\d+", sentence)]
        assert all(bound * directions[0] > 0 for bound in bounds), sentence
        assert ("aantal invullers" in sentence) == (abs(row.n - row.n_before) > max(row.n, row.n_before) / 4)
