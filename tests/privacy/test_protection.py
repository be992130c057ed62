"""Nothing shown lets a reader compute the answers of a group below the minimum: tests that play the attacker.

The attacker knows everything that is shown and how it was computed. What he can compute from it is the same whenever
what is shown is the same. So: change the answers that must stay hidden, in every way there is, and look whether
anything shown changes, in any digit. And weaken the protection, to see that he then does find something.
"""

import itertools

import numpy as np
import pandas as pd
import pytest

import toolkit as tk
from tests.support.forms import PLACE, same_everywhere, table
from toolkit.core.errors import ToolkitError, UnprotectedError
from toolkit.privacy import protection
from toolkit.responses import ACTION_COLUMNS
from toolkit.results import SchoolResults
from toolkit.widgets.school_pages import PAGES, ExplorerState

CHECKLIST = tk.load_instrument()
ITEMS = CHECKLIST.item_ids
MAKE_UPS = list(itertools.product(range(13), range(9), range(3)))
ROLES = ("teacher", "care", "director")


def draw(make_ups, rng) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One school per make-up (teachers, care, directors), a quarter of the answers blank, a text of everyone."""
    rows, texts = [], []
    for number, make_up in enumerate(make_ups):
        school = f"S{number:03d}"
        for role, count in zip(ROLES, make_up, strict=True):
            for person in range(count):
                keys = {**PLACE, "school": school, "role": role, "respondent": f"{role}-{person}"}
                values = rng.choice([0, 1, 2, None], 33, p=[0.25, 0.25, 0.25, 0.25])
                rows.append(keys | dict(zip(ITEMS, values, strict=True)))
                texts.append(keys | {"step": 1 + person % 5, "text": f"{school} {role} {rng.integers(10**9)}"})
    return tk.make_responses(rows, CHECKLIST), pd.DataFrame(texts, columns=ACTION_COLUMNS)


def tables_of(responses: pd.DataFrame, actions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Everything that can be shown."""
    safe = tk.protect(responses, CHECKLIST, actions=actions)
    pairs = [("director", "teacher"), ("director", "care"), ("teacher", "care"), ("care", "teacher")]
    compared = {
        f"{a}-{b}-{per}": tk.agreement(safe, CHECKLIST, a, b, per) for a, b in pairs for per in ("step", "item")
    }
    tables = {"levels": tk.levels(safe, CHECKLIST), "items": tk.item_table(safe, CHECKLIST), "actions": safe.actions}
    return tables | compared


def differences(tables: dict[str, pd.DataFrame], other_tables: dict[str, pd.DataFrame]) -> list[str]:
    return [name for name in tables if not tables[name].equals(other_tables[name])]


# What must stay hidden, said once more here and independently of the product.


def answering(responses: pd.DataFrame) -> pd.DataFrame:
    has_answer = responses[ITEMS].notna().any(axis=1)
    counts = responses[has_answer].groupby(["school", "role"], observed=False).size().unstack("role", fill_value=0)
    return counts.reindex(responses["school"].unique(), fill_value=0)


def hidden_groups(responses: pd.DataFrame) -> set[tuple[str, str]]:
    groups = set()
    for school, n in answering(responses).iterrows():
        if n["teacher"] < 5 and (n["care"] >= 5 or n["teacher"] + n["care"] < 5):
            groups.add((school, "teacher"))
        if n["care"] < 5 and (n["teacher"] >= 5 or n["teacher"] + n["care"] < 5):
            groups.add((school, "care"))
    return groups


def teams(responses: pd.DataFrame) -> set[str]:
    n = answering(responses)
    return set(n.index[(n["teacher"] < 5) & (n["care"] < 5) & (n["teacher"] + n["care"] >= 5)])


def is_hidden(frame: pd.DataFrame, hidden: set[tuple[str, str]]) -> np.ndarray:
    return np.array([pair in hidden for pair in zip(frame["school"], frame["role"], strict=True)], dtype=bool)


def with_other_hidden_groups(responses, actions, rng):
    """Other answers, other texts, and another number of people (0 to all of them) in every hidden group."""
    hidden = hidden_groups(responses)
    is_in_hidden_group = is_hidden(responses, hidden)
    changed = responses.copy()
    changed.loc[is_in_hidden_group, ITEMS] = rng.choice([0, 1, 2], (is_in_hidden_group.sum(), 33))
    gone = is_in_hidden_group & (rng.random(len(changed)) < 0.4)
    # a school of which nobody is left at all is no longer in the table: that it is there is no secret
    gone &= (
        responses.groupby("school")["role"]
        .transform("size")
        .gt(pd.Series(gone).groupby(responses["school"]).transform("sum"))
    )
    texts = actions.copy()
    is_in_hidden_group = is_hidden(actions, hidden)
    texts.loc[is_in_hidden_group, "text"] = [f"other {number}" for number in range(is_in_hidden_group.sum())]
    return changed[~gone], texts


def with_roles_swapped_in_teams(responses, actions, rng):
    """In every team the teachers and care professionals change places at random."""
    changed, texts = responses.copy(), actions.copy()
    for school in teams(responses):
        mine = (changed["school"] == school) & (changed["role"] != "director")
        order = rng.permutation(mine.sum())
        names = ["role", "respondent"]
        changed.loc[mine, names] = changed.loc[mine, names].to_numpy()[order]
        texts_mine = (texts["school"] == school) & (texts["role"] != "director")
        texts.loc[texts_mine, names] = texts.loc[texts_mine, names].to_numpy()[rng.permutation(texts_mine.sum())]
    return changed, texts


def with_other_sparse_items(responses, actions, rng):
    """Other answers, or fewer, to every item that fewer than five of a shown group answered."""
    changed = responses.copy()
    group = (
        responses["role"]
        .astype("str")
        .where(~(responses["school"].isin(teams(responses)) & (responses["role"] != "director")), "team")
    )
    counts = responses[ITEMS].notna().groupby([responses["school"], group]).transform("sum")
    thin = (
        (counts < 5).to_numpy()
        & responses[ITEMS].notna().to_numpy()
        & (responses["role"] != "director").to_numpy()[:, None]
    )
    values = changed[ITEMS].to_numpy(dtype=object)
    values[thin] = rng.choice([0, 1, 2], thin.sum())
    keep = pd.DataFrame(values, columns=ITEMS, index=changed.index)
    # taking an answer away may not take a respondent below one answer: that would change who counts at all
    for row, column in zip(*np.nonzero(thin & (rng.random(thin.shape) < 0.3)), strict=True):
        if keep.iloc[row].notna().sum() > 1:
            keep.iat[row, column] = None
    changed[ITEMS] = keep.astype("Int8")
    return changed, actions


ATTACKS = [with_other_hidden_groups, with_roles_swapped_in_teams, with_other_sparse_items]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_shown_depends_on_what_must_stay_hidden(attack, seed):
    rng = np.random.default_rng(seed)
    secret = draw(MAKE_UPS, rng)
    attacked = attack(*secret, rng)
    assert not secret[0][ITEMS].equals(attacked[0][ITEMS]) or attack is with_roles_swapped_in_teams
    assert not secret[0].equals(attacked[0])
    assert differences(tables_of(*secret), tables_of(*attacked)) == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_agenda_does_not_change_with_what_must_stay_hidden(attack):
    rng = np.random.default_rng(5)
    secret = draw(MAKE_UPS[::4], rng)
    agenda, attacked_agenda = (
        tk.agenda(tk.protect(table, CHECKLIST), CHECKLIST) for table, _ in (secret, attack(*secret, rng))
    )
    pd.testing.assert_frame_equal(agenda, attacked_agenda, check_exact=True)


def no_team_rule(answered, checklist, policy):
    """A weaker protection: a group below the minimum is shown in a total with the group that is shown."""
    shown_as = REAL["shown_roles"](answered, checklist, policy)
    return shown_as.assign(shown=shown_as["shown"].mask(shown_as["role"].ne("director"), "team"))


def own_roles_only(answered, checklist, policy):
    """A weaker protection: everyone is shown under their own role."""
    shown_as = REAL["shown_roles"](answered, checklist, policy)
    return shown_as.assign(shown=shown_as["role"])


def all_items(visible, checklist, policy):
    """A weaker protection: items with few answers are shown."""
    return visible, pd.DataFrame(columns=["school", "wave", "role", "item", "why"], dtype="str")


REAL = {"shown_roles": protection.shown_roles}


@pytest.mark.parametrize(
    ("attack", "rule", "weaker"),
    [
        (with_other_hidden_groups, "shown_roles", no_team_rule),
        (with_other_hidden_groups, "shown_roles", own_roles_only),
        (with_roles_swapped_in_teams, "shown_roles", own_roles_only),
        (with_other_sparse_items, "_mask_sparse_items", all_items),
    ],
)
def test_the_attacker_finds_something_when_a_rule_is_dropped(attack, rule, weaker, monkeypatch):
    rng = np.random.default_rng(0)
    secret = draw(MAKE_UPS, rng)
    attacked = attack(*secret, rng)
    monkeypatch.setattr(protection, rule, weaker)
    assert differences(tables_of(*secret), tables_of(*attacked)) != []


def test_what_may_be_shown_is_shown():
    """The attacker tests would also pass if everything were hidden."""
    responses, _ = draw(MAKE_UPS, np.random.default_rng(1))
    completed = responses.assign(**{item: responses[item].fillna(1) for item in ITEMS})
    levels = tk.levels(tk.protect(completed, CHECKLIST), CHECKLIST)
    sizes_shown = levels[~levels["suppressed"]].groupby(["school", "role"])["n"].first()
    for number, (teachers, care, directors) in enumerate(MAKE_UPS):
        expected = {"director": directors} if directors else {}
        if teachers >= 5 or care >= 5:
            expected |= {role: n for role, n in (("teacher", teachers), ("care", care)) if n >= 5}
        elif teachers + care >= 5:
            expected["team"] = teachers + care
        school = f"S{number:03d}"
        assert (sizes_shown.loc[school].to_dict() if school in sizes_shown.index else {}) == expected, (
            teachers,
            care,
            directors,
        )


def test_a_hidden_group_has_rows_without_any_value():
    forms = table(same_everywhere("teacher", 2, 6), same_everywhere("care", 2, 2))
    for frame in (
        tk.levels(tk.protect(forms, CHECKLIST), CHECKLIST),
        tk.item_table(tk.protect(forms, CHECKLIST), CHECKLIST),
    ):
        hidden = frame[frame["role"] == "care"]
        assert len(hidden) in (5, 33)
        assert hidden["suppressed"].all()
        assert set(hidden["why"]) == {"too few respondents"}
        values = hidden.columns.difference(["school", "wave", "role", "step", "item", "suppressed", "why"])
        assert hidden[values].isna().all(axis=None)


def test_the_team_stands_in_for_teachers_and_says_so():
    forms = table(same_everywhere("teacher", 2, 4), same_everywhere("care", 0, 2), same_everywhere("director", 2))
    safe = tk.protect(forms, CHECKLIST)
    row = tk.agreement(safe, CHECKLIST).iloc[0]
    assert (row.role_b, row.n_b, row.suppressed) == ("team", 6, False)
    assert row.same == pytest.approx(0.67), "4 of 6, in whole per cents"
    agreement_row = tk.agreement(safe, CHECKLIST, a="teacher", b="care").iloc[0]
    assert (agreement_row.suppressed, agreement_row.why) == (True, "shown as team")


def test_four_teachers_alone_are_not_shown_and_the_director_is():
    forms = table(same_everywhere("teacher", 2, 4), same_everywhere("director", 1))
    levels = tk.levels(tk.protect(forms, CHECKLIST), CHECKLIST)
    assert levels[~levels["suppressed"]]["role"].unique().tolist() == ["director"]
    row = tk.agreement(tk.protect(forms, CHECKLIST), CHECKLIST).iloc[0]
    assert (row.suppressed, row.why) == (True, "too few respondents")
    assert pd.isna(row.n_b)
    assert pd.isna(row.yardstick)


def test_an_empty_form_makes_nobody_a_respondent():
    forms = table(same_everywhere("teacher", 2, 4), same_everywhere("teacher", None, 3))
    levels = tk.levels(tk.protect(forms, CHECKLIST), CHECKLIST)
    assert levels["suppressed"].all()


def test_texts_carry_no_respondent_and_stand_in_no_telling_order():
    responses, actions = draw([(6, 0, 1)], np.random.default_rng(2))
    texts = tk.protect(responses, CHECKLIST, actions=actions).actions
    assert list(texts.columns) == ["school", "wave", "role", "step", "text"]
    assert sorted(texts["text"]) == sorted(actions["text"])
    backwards = tk.protect(responses[::-1], CHECKLIST, actions=actions[::-1]).actions
    pd.testing.assert_frame_equal(texts, backwards)


def test_the_minimum_can_be_raised_and_has_a_floor():
    forms = table(same_everywhere("teacher", 2, 6))
    assert tk.levels(tk.protect(forms, CHECKLIST, tk.Policy(minimum=7)), CHECKLIST)["suppressed"].all()
    assert not tk.levels(tk.protect(forms[:3], CHECKLIST, tk.Policy(minimum=3)), CHECKLIST)["suppressed"][:5].any()
    for wrong in ({"minimum": 2}, {"audience": "everyone"}, {"schools": 4}, {"respondents": 9}):
        with pytest.raises(ToolkitError):
            tk.Policy(**wrong)


def test_charts_reports_and_widgets_refuse_what_is_not_protected():
    forms = table(same_everywhere("teacher", 2, 6), same_everywhere("director", 2))
    unprotected = tk.protect(forms, CHECKLIST, tk.Policy(audience="researcher"))
    for data in (forms, unprotected):
        for chart, measure in (("radar", tk.levels), ("dumbbell", tk.levels), ("distribution", tk.item_table)):
            with pytest.raises(UnprotectedError):
                tk.charts.CHARTS[chart](measure(data, CHECKLIST))
        with pytest.raises(UnprotectedError):
            tk.summarise_agreement(tk.agreement(data, CHECKLIST))
        with pytest.raises(UnprotectedError):
            tk.summarise_differences(tk.agreement(data, CHECKLIST, per="item"))
    with pytest.raises(UnprotectedError):
        tk.summarise_actions(pd.DataFrame(columns=ACTION_COLUMNS), CHECKLIST)
    with pytest.raises(UnprotectedError):
        tk.charts.radar(forms)


def test_a_researchers_own_table_hides_nothing():
    forms = table(same_everywhere("teacher", 2, 2))
    unprotected = tk.protect(forms, CHECKLIST, tk.Policy(audience="researcher"))
    pd.testing.assert_frame_equal(tk.levels(unprotected, CHECKLIST), tk.levels(forms, CHECKLIST))


def test_pictures_and_the_explorer_show_nothing_more_than_the_tables():
    rng = np.random.default_rng(5)
    make_ups = [(6, 2, 1), (4, 2, 1), (4, 0, 1), (3, 6, 2), (2, 2, 0), (7, 5, 0)]
    secret = draw(make_ups, rng)
    for attack in ATTACKS:
        before, after = (SchoolResults.of_intake(as_intake(*data)) for data in (secret, attack(*secret, rng)))
        for number in range(len(make_ups)):
            selection = ExplorerState(f"S{number:03d}", "2025-2026", step=1 + number % 5)
            for page in PAGES.values():
                assert texts_of(page(before, selection)) == texts_of(page(after, selection))


def as_intake(responses, actions):
    no_schools = pd.DataFrame({"school": [], "name": []}, dtype="str")
    return tk.Intake(responses, actions, pd.DataFrame(), pd.DataFrame(), no_schools)


def texts_of(page) -> list[str]:
    return [
        page.title,
        *(section.html + (section.picture.to_json() if section.picture else "") for section in page.sections),
    ]
