"""An attacker of one school with integer programs: what the shown counts leave open of a person or a hidden group.

The programs (HiGHS) know the counts that are shown and who answered, and no rule of protection. `worlds` finds answers
of all people that fit the counts, in which nobody has a profile that somebody has, and in which a hidden group or a
half of a team answered as low and as high as can be. What is shown of such a world must be what is shown of the truth,
to the last digit: then nothing that is shown makes certain what the counts leave open. `persons_certain` has the counts
of several showings and finds the few people whose answer to an item is the only one that fits them all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize, sparse

import toolkit as tk
from tests.support import showings, together

CHECKLIST = tk.load_instrument()
ITEMS = list(CHECKLIST.item_ids)
STEPS = np.array(CHECKLIST.item_steps)
COUNTS = ["no", "partly", "yes"]
BLANK, FEW = 3, 5
"""The place of no answer beside 0, 1 and 2; fewer people than five are not shown."""


# --- one showing ---


def schools_found(seed: int, schools: int, show: Callable[[pd.DataFrame], pd.Series] = together.figures) -> set[str]:
    """Schools of three to twelve people of which more is certain than the shown counts make certain."""
    responses = together.random_schools(seed, schools)
    shown = show(responses)
    low, high = (worlds(responses, toward, seed) for toward in (1.0, -1.0))
    return {
        str(school)
        for world in (low, high)
        for table in [show(world)]
        for school in shown.index.union(table.index)
        if shown.get(school) != table.get(school)
    }


def worlds(responses: pd.DataFrame, toward: float, seed: int) -> pd.DataFrame:
    """Of every school other answers that fit the shown counts; hidden ones as low (1) or high (-1) as can be."""
    items = tk.item_table(tk.protect(responses, CHECKLIST), CHECKLIST)
    counts = {
        key: rows.set_index("item").loc[ITEMS, COUNTS].to_numpy(dtype=float, na_value=np.nan)
        for key, rows in items.groupby(["school", "role"])
    }
    answers = responses[ITEMS].to_numpy(dtype=float, na_value=BLANK).astype(int)
    role, rng = responses["role"].astype("str").to_numpy(), np.random.default_rng(seed)
    changed = answers.copy()
    for school, members in responses.groupby("school").indices.items():
        as_team = (school, "team") in counts
        for group in _groups(members[role[members] != "director"], role, as_team):
            shown = counts[school, "team" if as_team else role[group[0]]]
            if np.isnan(shown).all():
                changed[group] = 0 if toward > 0 else 2
                continue
            lean = toward * np.where(role[group] == "teacher", 1.0, -1.0) * rng.uniform(0.5, 1.0)
            for step in np.unique(STEPS):
                in_step = np.equal(STEPS, step)
                cells = np.ix_(group, in_step)
                changed[cells] = other_answers(answers[cells], shown[in_step], lean)
    world = pd.DataFrame(changed, columns=ITEMS, index=responses.index).astype("Int8").replace(BLANK, pd.NA)
    return responses.assign(**{item: world[item] for item in ITEMS})


def _groups(people: np.ndarray, role: np.ndarray, as_team: bool) -> Iterator[np.ndarray]:
    """People whose answers are counted together: per role, or all where the team is shown."""
    if as_team:
        yield people
        return
    yield from (people[role[people] == name] for name in ("teacher", "care") if (role[people] == name).any())


def other_answers(truth: np.ndarray, counts: np.ndarray, lean: np.ndarray) -> np.ndarray:
    """Answers (people, items) with these counts (items, answers; NaN: not shown) and as few of the profiles as can be.

    `lean` is what a point of each person's score costs, next to a profile that somebody has again.
    """
    people, items = truth.shape
    profiles = np.unique(truth, axis=0)
    one_hot = np.eye(4)[profiles].reshape(len(profiles), -1)
    unit, all_people = sparse.eye(people), np.ones((1, people))
    per_item = np.kron(np.eye(items), np.eye(4)[:3])
    of_item = np.kron(np.eye(items), [[1.0, 1.0, 1.0, 0.0]])
    is_shown = ~np.isnan(counts).any(axis=1)
    exact, is_hidden = np.repeat(is_shown, 3), ~is_shown

    def without_profiles(matrix: sparse.spmatrix) -> sparse.csr_array:
        return sparse.hstack([matrix, sparse.csr_array((matrix.shape[0], len(profiles)))], format="csr")

    resampled = sparse.kron(np.eye(len(profiles)), np.ones((people, 1)))
    limits = [
        optimize.LinearConstraint(without_profiles(sparse.kron(sparse.eye(people * items), np.ones((1, 4)))), 1, 1),
        optimize.LinearConstraint(
            sparse.hstack([sparse.vstack([sparse.kron(unit, row[None]) for row in one_hot]), -resampled], format="csr"),
            -np.inf, items - 1,
        ),
    ]  # fmt: skip
    if exact.any():
        matrix, targets = without_profiles(sparse.kron(all_people, per_item[exact])), counts[is_shown].ravel()
        limits.append(optimize.LinearConstraint(matrix, targets, targets))
    if is_hidden.any():
        limits.append(
            optimize.LinearConstraint(without_profiles(sparse.kron(all_people, of_item[is_hidden])), 0, FEW - 1)
        )
    score = np.tile([0.0, 0.5, 1.0, 0.5], items)
    aim = np.concatenate([np.outer(lean, score).ravel() / (10 * people * items), np.ones(len(profiles))])
    solved = optimize.milp(
        aim, integrality=np.ones(len(aim)), bounds=optimize.Bounds(0, 1), constraints=limits,
        options={"mip_rel_gap": 0.2, "time_limit": 2},
    )  # fmt: skip
    if solved.x is None:
        return truth
    return np.asarray(solved.x[: truth.size * 4].reshape(people, items, 4).argmax(axis=2))


# --- several showings ---


def persons_certain(
    seed: int, schools: int, folder: Path, show: Callable[[tk.Intake, Path], tk.Intake]
) -> set[tuple[str, str]]:
    """School and item of one to four people whose answers follow from three showings, and from none of them alone."""
    rounds = [show(intake, folder) for intake in showings.random_rounds(seed, schools)]
    counts = [showings.showing(intake) for intake in rounds]
    certain = set[tuple[str, str]]()
    forms = pd.concat([round_intake.responses.assign(showing=number) for number, round_intake in enumerate(rounds)])
    forms = forms[forms["role"].isin(["teacher", "care"])].astype({"role": "str"})
    people = [*zip(forms["showing"], forms["role"], forms["respondent"], strict=True)]
    answers = forms[ITEMS].to_numpy(dtype=float, na_value=BLANK).astype(int)
    for school, places in forms.groupby("school").indices.items():
        tables = [table.loc[[school]].droplevel("school") if school in table.index else table[:0] for table in counts]
        for item, values in zip(ITEMS, answers[places].T.tolist(), strict=True):
            if _is_certain([(*people[at], answer) for at, answer in zip(places, values, strict=True)], item, tables):
                certain.add((str(school), item))
    return certain


def _is_certain(forms: list[tuple[int, str, str, int]], item: str, tables: list[pd.DataFrame]) -> bool:
    """Whether the answers to the item of fewer than five people are the only ones that fit all showings.

    `forms` are the showing, role, person and answer. People of one role in the same showings are alike to a reader.
    """
    showings_by_answer = defaultdict[tuple[str, str, int], set[int]](set)
    for showing, role, person, answer in forms:
        showings_by_answer[role, person, answer].add(showing)
    kinds = Counter((role, frozenset(in_showings)) for (role, _, _), in_showings in showings_by_answer.items())
    size = np.array([*kinds.values()])
    true = np.zeros((len(kinds), 4))
    for (role, _, answer), in_showings in showings_by_answer.items():
        true[[*kinds].index((role, frozenset(in_showings))), answer] += 1
    small_groups = [
        list(group)
        for number in range(1, FEW)
        for group in combinations(np.flatnonzero(size < FEW), number)
        if size[list(group)].sum() < FEW
    ]
    if not small_groups:
        return False
    shown = [(number, role, table.loc[(role, item)].to_numpy(dtype=float))
             for number, table in enumerate(tables) for role in ("teacher", "care", "team")
             if (role, item) in table.index]  # fmt: skip
    inside = np.array(
        [
            [number in showings and role in (role_shown, "team") for role_shown, showings in kinds]
            for number, role, _ in shown
        ]
    ).reshape(len(shown), len(kinds))
    targets = np.array([count for *_, count in shown]).reshape(len(shown), 3)
    by_all = [group for group in small_groups if _fixed(group, inside, targets, size, true)]
    return any(
        not any(_fixed(group, inside[[n]], targets[[n]], size, true) for n in range(len(shown))) for group in by_all
    )


def _fixed(group: list[int], inside: np.ndarray, targets: np.ndarray, size: np.ndarray, true: np.ndarray) -> bool:
    """Whether the number of these people who gave each answer can only be what it is."""
    if _can_exchange(group, inside, true):
        return False
    kinds = len(size)
    of_kind = np.kron(np.eye(kinds), np.ones((1, 4)))
    of_showing = np.kron(inside.astype(float), np.eye(4)[:3])
    limits = optimize.LinearConstraint(np.vstack([of_kind, of_showing]), *[np.concatenate([size, targets.ravel()])] * 2)
    chosen = np.isin(np.arange(kinds), group).astype(float)
    total = true[group].sum(axis=0)
    for answer in np.argsort(-total, kind="stable"):
        for sign in (1, -1):
            solved = optimize.milp(
                sign * np.kron(chosen, np.eye(4)[answer]), integrality=np.ones(kinds * 4), constraints=limits,
                bounds=optimize.Bounds(0, np.repeat(size, 4)),
            )  # fmt: skip
            if solved.x is None or abs(sign * solved.fun - total[answer]) > 0.5:
                return False
    return True


def _can_exchange(group: list[int], inside: np.ndarray, true: np.ndarray) -> bool:
    """Whether one of them is in no shown count, or in the same ones as another person with another answer."""
    rest = np.setdiff1d(np.arange(len(true)), group)
    for kind in group:
        alike = rest[(inside[:, rest] == inside[:, [kind]]).all(axis=0)]
        together = (true[kind] > 0).astype(int) + (true[alike].sum(axis=0) > 0)
        if not inside[:, kind].any() or (len(alike) and (together > 0).sum() > 1):
            return True
    return False
