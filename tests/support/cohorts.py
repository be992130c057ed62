"""Made-up cohorts and two attackers, who see the tables and know which schools are in which group and answered what.

They share no step with the rules that decide what is shown. `python -m tests.support.cohorts 2000` attacks that many;
with two numbers, as many as the second from the first on.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
from scipy import optimize

import toolkit as tk

CHECKLIST = tk.load_instrument()
ITEMS = [item.id for item in CHECKLIST.step(1).items]
WAVES = ("2024-2025", "2025-2026")
ROOM = 30.0

Key = tuple[str, str, str]
Truth = dict[Key, float]
Sum = tuple[Truth, float, float]
"""Weights of unknowns (school, wave, role), and the lowest and highest that their sum can be."""


def made_up(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Responses (to step 1 only) of 10 to 40 schools, and 2 to 4 overlapping groupings."""
    rng = np.random.default_rng(seed)
    number = int(rng.integers(10, 41))
    schools = pd.DataFrame({"school": [f"98AA{index:02d}" for index in range(number)]})
    for grouping in range(int(rng.integers(2, 5))):
        groups = rng.integers(0, rng.integers(1, 4), number)
        schools[f"g{grouping}"] = [None if rng.random() < 0.1 else f"{grouping}-{group}" for group in groups]
    rows = [
        row
        for school in schools["school"]
        for wave in WAVES
        if rng.random() > 0.15
        for row in _forms(school, wave, rng)
    ]
    return tk.make_responses(rows, CHECKLIST), schools


def _forms(school: str, wave: str, rng: np.random.Generator) -> Iterator[dict[str, object]]:
    staff = {"director": int(rng.random() > 0.05), "teacher": int(rng.integers(3, 9)), "care": int(rng.integers(0, 3))}
    for role, people in staff.items():
        for _ in range(people):
            answers = {item: int(rng.choice(3, p=[0.2, 0.3, 0.5])) for item in ITEMS if rng.random() > 0.08}
            yield {"school": school, "wave": wave, "role": role, **answers}


def shown_tables(responses: pd.DataFrame, schools: pd.DataFrame, per: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Means and changes, as shown."""
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, schools, [name for name in schools if name != "school"])
    means, changes = tk.compare_cohorts(cohorts, per=per), tk.cohort_changes(cohorts, per=per)
    return tuple(t.query("step == 1 and not suppressed") if len(t) else t for t in (means, changes))  # type: ignore[return-value]


def room_of_levels(responses: pd.DataFrame, schools: pd.DataFrame) -> float:
    """Least room between the least and the most that a school's level of step 1 can be (linear programming)."""
    levels = tk.levels(responses, CHECKLIST).query("step == 1").dropna(subset="level")
    truth = {(r.school, r.wave, r.role): float(r.level) for r in levels.itertuples()}
    gaps = tk.agreement(responses, CHECKLIST).query("step == 1").dropna(subset="gap")
    gap = {(r.school, r.wave): float(r.gap) for r in gaps.itertuples()}
    sums = list(_sums(*shown_tables(responses, schools, "step"), schools, truth, gap))
    if not sums:
        return 100.0
    ends = [_solve(sums, truth, key) for key in truth if any(key in weights for weights, *_ in sums)]
    return min(high - low for low, high in ends)


def pinned_answers(responses: pd.DataFrame, schools: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Directors whose answer to an item of step 1 is the only one that fits (integer programming)."""
    means, changes = shown_tables(responses, schools, "item")
    levels = tk.item_table(responses, CHECKLIST).query("step == 1").dropna(subset="level")
    pinned = []
    for item in ITEMS:
        truth = {(r.school, r.wave, r.role): float(r.level) for r in levels[levels["item"] == item].itertuples()}
        units = {key[:2] for key in truth if key[2] == "director"} & {key[:2] for key in truth if key[2] == "teacher"}
        gap = {key: truth[(*key, "director")] - truth[(*key, "teacher")] for key in units}
        tables = [t[t["item"] == item] if len(t) else t for t in (means, changes)]
        sums = list(_sums(*tables, schools, truth, gap))
        director_keys = {key for key in truth if key[2] == "director" and any(key in weights for weights, *_ in sums)}
        is_possible = _worlds(sums, truth, director_keys)
        pinned += [(item, *key[:2]) for key in sorted(director_keys) if not is_possible(key)]
    return pinned


def _sums(
    means: pd.DataFrame,
    changes: pd.DataFrame,
    schools: pd.DataFrame,
    truth: Truth,
    gap: dict[tuple[str, str], float],
) -> Iterator[Sum]:
    """Every shown level, gap and change as a sum over schools between two bounds."""
    for table, estimate in ((means, "estimate"), (changes, "change")):
        for row in table[table["measure"].isin(["level", "gap"])].itertuples() if len(table) else ():
            inside = schools.loc[schools[row.grouping] == row.group, "school"]
            waves = {row.wave: 1.0} if estimate == "estimate" else {row.wave_a: -1.0, row.wave_b: 1.0}
            if row.measure == "level":
                present = [s for s in inside if all((s, wave, row.role) in truth for wave in waves)]
                weights = {(s, wave, row.role): sign for s in present for wave, sign in waves.items()}
                constant = 0.0
            else:
                a, b = row.role.split("-")
                present = [s for s in inside if all((s, wave) in gap for wave in waves)]
                weights = {(s, w, a): sign for s in present for w, sign in waves.items()}
                weights |= {(s, w, b): -sign for s in present for w, sign in waves.items()}
                constant = sum(  # a gap is over shared items: what it has besides two levels is taken as known
                    sign * (gap[s, w] - truth[s, w, a] + truth[s, w, b]) for s in present for w, sign in waves.items()
                )
            middle, half = len(present) * getattr(row, estimate), len(present) * row.rounded_to / 2
            yield weights, middle - half - constant - 1e-6, middle + half - constant + 1e-6


def _worlds(sums: list[Sum], truth: Truth, keys: set[Key]) -> Callable[[Key], bool]:
    """Whether a director can have given another answer. One world that fits often shows it of many directors."""
    solve, differs = _solver(sums, truth, whole_answers=True), set[Key]()

    def is_possible(key: Key) -> bool:
        for sign in (1.0, -1.0):
            if key not in differs:
                also = {key_of_one: 1e-3 * (1 if truth[key_of_one] > 50 else -1) for key_of_one in keys - differs}
                world = solve({**also, key: sign})
                differs.update(key_of_one for key_of_one in keys if abs(world[key_of_one] - truth[key_of_one]) >= 1)
        return key in differs

    return is_possible


def _solve(sums: list[Sum], truth: Truth, target: Key) -> tuple[float, float]:
    """Least and most of one unknown level."""
    solve = _solver(sums, truth, whole_answers=False)
    return solve({target: 1.0})[target], solve({target: -1.0})[target]


def _solver(sums: list[Sum], truth: Truth, whole_answers: bool) -> Callable[[Truth], Truth]:
    """Find a world with the least weighted sum; a director's answer is 0, 50 or 100 where `whole_answers`."""
    column_of = {key: number for number, key in enumerate(truth)}
    matrix = np.zeros((len(sums), len(column_of)))
    for row, (weights, _, _) in enumerate(sums):
        for key, weight in weights.items():
            matrix[row, column_of[key]] = weight
    scale = np.array([50.0 if whole_answers and key[2] == "director" else 1.0 for key in column_of])
    bounds = optimize.Bounds(0, 100 / scale)
    ends = np.array([low for _, low, _ in sums]), np.array([high for *_, high in sums])
    whole_numbers = (scale > 1).astype(int)

    def solve(aims: Truth) -> Truth:
        aim = np.zeros(len(column_of))
        for key, weight in aims.items():
            aim[column_of[key]] = weight
        for width, presolve in ((0.0, True), (0.0, False), (1e-5, True), (1e-4, False)):  # HiGHS fails now and then
            limits = optimize.LinearConstraint(matrix * scale, ends[0] - width, ends[1] + width)
            solved = optimize.milp(
                aim, integrality=whole_numbers, bounds=bounds, constraints=limits, options={"presolve": presolve}
            )
            if solved.x is not None:
                break
        assert solved.x is not None, "the true values fit, so there is a solution"
        return dict(zip(column_of, map(float, solved.x * scale), strict=True))

    return solve


if __name__ == "__main__":
    first, number = (0, *map(int, sys.argv[1:] or ["2000"]))[-2:]
    pinned, least = [], 100.0
    for seed in range(first, first + number):
        cohort = made_up(seed)
        pinned += [seed] if pinned_answers(*cohort) else []
        least = min(least, room_of_levels(*cohort)) if seed % 20 == 0 else least
    print(f"{number:,} made-up cohorts: a director's answer follows in {pinned}; least room of a level {least:.0f}")
    sys.exit(bool(pinned) or least < ROOM - 0.1)
