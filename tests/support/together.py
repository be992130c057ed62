"""An attacker who asks who gave which answers together, from all that is shown of many schools; for tests and soak.

The counts per item are shown. So the attacker gives the answers of each item, and the blanks, to other people of the
same shown group, which changes no count, and gives hidden groups other answers. Nothing that is shown may change then,
of a school of any size: every table of people that fits the counts fits all that is shown.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

import toolkit as tk

CHECKLIST = tk.load_instrument()
ITEMS = list(CHECKLIST.item_ids)
WAVE = "2025-2026"


def figures(responses: pd.DataFrame, step: int | None = None) -> pd.Series:
    """Every figure of a school that leaves protection, as one text per school; of one step where one is given."""
    safe = tk.protect(responses, CHECKLIST)
    tally = tk.counted(safe, CHECKLIST)
    shown = [tk.levels(tally, CHECKLIST), tk.agreement(tally, CHECKLIST), tk.consensus(tally, CHECKLIST),
             tk.agreement(tally, CHECKLIST, per="item"), tk.item_table(tally, CHECKLIST), tk.agenda(tally, CHECKLIST),
             tk.sensitivity(tally, CHECKLIST), tk.levels(tally, CHECKLIST, team_size=12)]  # fmt: skip
    texts = [
        (table if step is None else table[table["step"].eq(step)])
        .groupby("school")
        .apply(_as_text, include_groups=False)
        for table in shown
    ]
    return pd.concat(texts, axis=1).fillna("").agg("\n".join, axis=1).sort_index()


def _as_text(table: pd.DataFrame) -> str:
    return table.to_csv(index=False)


def exact_levels(responses: pd.DataFrame) -> pd.Series:
    """What a researcher sees: without protection the attacker finds somebody."""
    return tk.levels(responses, CHECKLIST).groupby("school").apply(_as_text, include_groups=False).sort_index()


def random_schools(seed: int, schools: int, people: tuple[int, int] = (3, 12)) -> pd.DataFrame:
    """Schools of so many people, a tenth of the answers blank, who tend to answer alike."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(schools):
        size = int(rng.integers(people[0], people[1] + 1))
        care = int(rng.integers(0, min(size, 5)))
        roles = ["director", *["care"] * care, *["teacher"] * (size - care)]
        for person, role in enumerate(roles):
            mood = rng.dirichlet([1, 1, 1])
            answers = rng.choice([0, 1, 2], 33, p=mood).astype(object)
            answers[rng.random(33) < 0.1] = None
            identity = {"school": f"S{number:05d}", "wave": WAVE, "role": role, "respondent": f"r{number}-{person}"}
            rows.append(identity | dict(zip(ITEMS, answers, strict=True)))
    return tk.make_responses(rows, CHECKLIST)


def with_others_together(responses: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same counts of every group that may be shown, by other people; other answers of hidden groups."""
    rng, changed = np.random.default_rng(seed), responses.copy()
    values = changed[ITEMS].to_numpy(dtype=object)
    role = responses["role"].astype("str").to_numpy()
    for _, rows in pd.Series(np.arange(len(responses))).groupby(responses["school"].to_numpy()):
        teachers, care = (rows[role[rows] == name].to_numpy() for name in ("teacher", "care"))
        is_team = len(teachers) < 5 and len(care) < 5 and len(teachers) + len(care) >= 5
        for group in [np.concatenate([teachers, care])] if is_team else [teachers, care]:
            if len(group) < 5:
                values[group] = rng.choice([0, 1, 2], (len(group), 33))
            else:
                for column in range(33):
                    values[group, column] = rng.permutation(values[group, column])
                assert pd.notna(values[group]).any(axis=1).all(), "a form without answers would be one respondent fewer"
    changed[ITEMS] = values
    return changed.astype(dict.fromkeys(ITEMS, "Int8"))


def schools_found(
    seed: int,
    schools: int,
    show: Callable[[pd.DataFrame], pd.Series] = figures,
    people: tuple[int, int] = (3, 12),
) -> set[str]:
    """Schools of which something that is shown hangs on more than the counts of its shown groups."""
    responses = random_schools(seed, schools, people)
    changed = with_others_together(responses, seed + 1)
    figures_before, figures_after = show(responses), show(changed)
    return {
        str(school)
        for school in figures_before.index.union(figures_after.index)
        if figures_before.get(school) != figures_after.get(school)
    }
