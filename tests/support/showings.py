"""An attacker with several showings of the same schools, who subtracts one from another; for tests and for the soak."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

import toolkit as tk
from toolkit.intake.intake import PRIORITY_COLUMNS
from toolkit.privacy.showings import next_showing
from toolkit.responses import ACTION_COLUMNS

CHECKLIST = tk.load_instrument()
ITEMS = CHECKLIST.item_ids
WAVE = "2025-2026"
COUNTS = ["no", "partly", "yes"]


def people(school: str, role: str, count: int, rng: np.random.Generator, blank: float = 0.0) -> pd.DataFrame:
    """People of one role, each with answers drawn at random."""
    return tk.make_responses(_forms(school, role, count, rng, blank), CHECKLIST)


def _forms(school: str, role: str, count: int, rng: np.random.Generator, blank: float) -> list[dict[str, object]]:
    rows = list[dict[str, object]]()
    for number in range(count):
        answers = rng.choice([0, 1, 2], 33).astype(object)
        answers[rng.random(33) < blank] = None
        keys = {"school": school, "wave": WAVE, "role": role, "respondent": f"{role}-{rng.integers(10**12)}-{number}"}
        rows.append(keys | {"form": CHECKLIST.form} | dict(zip(ITEMS, answers, strict=True)))
    return rows


def intake_of(*forms: pd.DataFrame, actions: pd.DataFrame | None = None) -> tk.Intake:
    no_schools = pd.DataFrame({"school": [], "name": []}, dtype="str")
    texts = pd.DataFrame(columns=ACTION_COLUMNS) if actions is None else actions
    first = pd.DataFrame(columns=PRIORITY_COLUMNS, dtype="str")
    return tk.Intake(pd.concat(forms, ignore_index=True), texts, pd.DataFrame(), pd.DataFrame(), no_schools, first)


def careless(intake: tk.Intake, folder: Path) -> tk.Intake:
    """What would be shown without a memory."""
    return intake


def careful(intake: tk.Intake, folder: Path) -> tk.Intake:
    result = next_showing(intake, CHECKLIST, None, folder)
    result.save()
    return result.intake


def showing(intake: tk.Intake) -> pd.DataFrame:
    """Counts per school, role and item, of what may be shown."""
    safe = tk.protect(intake.responses, CHECKLIST).responses
    long = safe.astype({"role": "str"}).melt(["school", "role"], ITEMS, var_name="item", value_name="answer").dropna()
    counts = long.groupby(["school", "role", "item", "answer"]).size().unstack("answer", fill_value=0)
    return counts.reindex(columns=[0, 1, 2], fill_value=0).set_axis(COUNTS, axis=1)


def persons_found(before: pd.DataFrame, after: pd.DataFrame) -> set[tuple[str, str, str]]:
    """Items of a group of which the two showings differ by the answers of one to four people; a director is known."""
    shared = before.drop("director", level="role", errors="ignore").index.intersection(after.index)
    change = after.loc[shared] - before.loc[shared]
    moves = change.abs().sum(axis=1)
    return set(moves[(moves > 0) & (moves < 5)].index)


def random_rounds(seed: int, schools: int) -> tuple[tk.Intake, ...]:
    """Three rounds of many schools of 3-12 people: people come, go and correct their form."""
    rng = np.random.default_rng(seed)
    forms = [
        form
        for number in range(schools)
        for role, max_people in (("teacher", 9), ("care", 5), ("director", 2))
        for form in _forms(f"S{number:04d}", role, int(rng.integers(0, max_people)), rng, blank=0.1)
    ]
    responses = tk.make_responses(forms, CHECKLIST)
    rounds = []
    for _ in range(3):
        rounds.append(responses[rng.random(len(responses)) < 0.9])
        corrected = rng.random(len(responses)) < 0.05
        responses = responses.copy()
        responses.loc[corrected, "1.1"] = rng.choice([0, 1, 2], corrected.sum())
    return tuple(intake_of(forms) for forms in rounds)


def teams_taken_apart(before: pd.DataFrame, after: pd.DataFrame) -> set[str]:
    """Schools shown as a team in one showing and per role in the other."""
    roles = [table.reset_index().groupby("school")["role"].agg(set) for table in (before, after)]
    shared = roles[0].index.intersection(roles[1].index)
    grouped = [{school: roles[n][school] - {"director"} for school in shared} for n in (0, 1)]
    return {
        s for s in shared if grouped[0][s] and grouped[1][s] and ("team" in grouped[0][s]) != ("team" in grouped[1][s])
    }


def attack(
    seed: int, schools: int, folder: Path, show: Callable[[tk.Intake, Path], tk.Intake]
) -> set[tuple[str, str, str]]:
    """What follows of one to four people, or of a team and its roles, from three showings of many schools."""
    shown = [showing(show(intake, folder)) for intake in random_rounds(seed, schools)]
    persons = set[tuple[str, str, str]]()
    for before, after in combinations(shown, 2):
        persons |= persons_found(before, after)
        persons |= {(school, "team", "") for school in teams_taken_apart(before, after)}
    return persons
