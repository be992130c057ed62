"""Sentences that name the highest, the lowest or the most: no step is both, and every tied step is named."""

from dataclasses import replace

import pytest

import toolkit as tk
from tests.support.forms import same_everywhere, table
from toolkit.widgets.cohort_explorer import COHORT_PAGES, CohortSelection, CohortTables

CHECKLIST = tk.load_instrument()
BOTH = CohortSelection("sector", "po", "vo", "2025-2026", "teacher")


@pytest.fixture(scope="module")
def tables() -> CohortTables:
    responses, schools = tk.samples.cohort(CHECKLIST, 40, 2)
    return CohortTables.of(tk.prepare_cohorts(responses, CHECKLIST, schools, "sector"))


def headline(tables: CohortTables, page: str, language: str = "nl", **levels: list[float]) -> str:
    """Headline of a page where the estimates (differences, changes) per step are these, for every group."""
    for name, column, when in (
        ("means", "estimate", "wave"), ("differences", "difference", "wave"), ("changes", "change", "wave_b"),
    ):  # fmt: skip
        rows = getattr(tables, name).dropna(subset=[column])
        for wave, values in levels.items():
            inside = rows[when].eq(wave.replace("_", "-").removeprefix("y"))
            new = dict(zip(range(1, 6), map(float, values), strict=True))
            rows.loc[inside, column] = rows.loc[inside, "step"].map(new)
        tables = replace(tables, **{name: rows.assign(low=1.0, high=99.0)})
    return COHORT_PAGES[page](tables, replace(BOTH, language=language)).title


def test_a_group_that_is_equally_positive_has_no_highest_and_no_lowest_step(tables):
    assert headline(tables, "group", y2025_2026=[60] * 5) == (
        "Basisonderwijs (po), leraren: over alle 5 stappen even positief."
    )
    assert headline(tables, "group", "en", y2025_2026=[60.2, 60, 59.8, 60, 60]) == (
        "Primary education (po), teachers: equally positive about all 5 steps."
    )


def test_tied_steps_are_all_named(tables):
    group = headline(tables, "group", y2025_2026=[70, 50, 70, 50, 60])
    assert group.index("stap 1 (") < group.index(" en 3 (") < group.index("het minst over stap 2 (")
    assert " en 4 (" in group
    groups = headline(tables, "groups", y2025_2026=[10, 5, 10, 5, 5])
    assert "bij stap 1 (" in groups
    assert " en 3 (" in groups
    years = headline(tables, "years", y2025_2026=[5, 0, 0, -5, 0])
    assert years.startswith("Basisonderwijs (po), scholen die beide jaren meededen: ")
    assert "), 5 punten hoger; stap 4 (" in years
    assert years.endswith("), 5 punten lager.")
    assert headline(tables, "years", "en", y2025_2026=[0, 0, 1, 0, 0]).endswith("), 1 point higher.")


def test_years_without_a_change_have_no_step_that_changes_most(tables):
    text = headline(tables, "years", y2025_2026=[0] * 5)
    assert (
        text == "Basisonderwijs (po): van 2024-2025 naar 2025-2026 is er niets veranderd, gekeken naar alle 5 stappen."
    )


def answers(role: str, per_step: list[int], number: int, wave: str = "2025-2026") -> list[dict]:
    forms = same_everywhere(role, 0, number, wave=wave)
    by_step = {item.id: answer for step, answer in zip(CHECKLIST.steps, per_step, strict=True) for item in step.items}
    return [form | by_step for form in forms]


def protected(*forms: list[dict]) -> tk.Protected:
    return tk.protect(table(*forms), CHECKLIST)


def test_charts_name_every_tied_step():
    both = protected(answers("director", [2, 2, 0, 1, 2], 1), answers("teacher", [0, 2, 2, 1, 2], 6))
    dumbbell = tk.charts.dumbbell(tk.levels(both)).sentence
    assert "Bij stap 1 (" in dumbbell
    assert " en 3 (" in dumbbell
    assert "100 punten. Wie hoger staat, verschilt per stap." in dumbbell
    split = tk.charts.split(tk.agreement(both)).sentence
    assert [part.count("(") for part in split.split(": ")[:2]] == [3, 2]
    years = protected(
        answers("teacher", [0, 1, 1, 1, 2], 6, "2024-2025"), answers("teacher", [1, 1, 1, 1, 1], 6, "2025-2026")
    )
    trend = tk.charts.trend(tk.levels(years), roles=["teacher"]).sentence
    assert "): van 0 naar 50; stap 5 (" in trend


def test_a_chart_of_groups_names_every_tied_step(tables):
    rows = tables.differences.query("measure == 'level' and role == 'teacher' and wave == '2025-2026'")
    tied = rows.assign(difference=rows["step"].map({1: 10.0, 2: -10.0, 3: 5.0, 4: 5.0, 5: 0.0}), low=-20.0, high=20.0)
    sentence = tk.charts.forest(tied).sentence
    assert "het grootste verschil is 10 punten, bij stap 1 (" in sentence
    assert ", waar po hoger ligt; stap 2 (" in sentence
    levels = tables.means.query("measure == 'level' and role == 'teacher' and wave == '2025-2026'").copy()
    levels["estimate"] = levels["step"].map(dict.fromkeys(range(1, 6), 50.0)) + 10 * levels["group"].eq("po")
    assert tk.charts.cohort_heatmap(levels, grouping="sector").sentence.count("): van 50 tot 60") == 5
