"""Made-up cohorts for the difference attack: few schools, groupings that nest and cross, people who come and go.

`python -m tests.support.cohorts 5000` attacks that many and says what was found.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

import toolkit as tk

CHECKLIST = tk.load_instrument()
ITEMS = [item.id for item in CHECKLIST.step(1).items]
WAVES = ("2024-2025", "2025-2026")


def made_up(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Responses (to step 1 only) and a table of schools with three groupings: nested, crossing, and all of them."""
    rng = np.random.default_rng(seed)
    number = int(rng.integers(5, 40))
    province = rng.integers(0, rng.integers(1, 4), number)
    town = province * 3 + rng.integers(0, rng.integers(1, 4), number)
    schools = pd.DataFrame(
        {
            "school": [f"98AA{place:02d}" for place in range(number)],
            "province": [f"P{place}" for place in province],
            "town": [f"T{place}" for place in town],
            "sector": rng.choice(["po", "vo", "so"], number, p=[0.6, 0.3, 0.1]),
            "all": "all",
        }
    )
    left_out = rng.random() < 0.5
    rows = [
        row
        for school in schools["school"]
        for wave in WAVES
        if rng.random() > (0.12 if left_out else 0.02)
        for row in _forms(school, wave, rng)
    ]
    return tk.make_responses(rows, CHECKLIST), schools


def _forms(school: str, wave: str, rng: np.random.Generator) -> list[dict[str, object]]:
    staff = {
        "director": int(rng.random() > 0.07),
        "teacher": int(rng.integers(0, 9)) if rng.random() < 0.2 else int(rng.integers(3, 9)),
        "care": int(rng.integers(0, 3)),
    }
    return [
        {"school": school, "wave": wave, "role": role}
        | {item: int(rng.integers(0, 3)) for item in ITEMS if rng.random() > 0.03}
        for role, people in staff.items()
        for _ in range(people)
    ]


def attack(seed: int) -> pd.DataFrame:
    """What the audit finds in one made-up cohort."""
    responses, schools = made_up(seed)
    if responses.empty:
        return pd.DataFrame()
    groupings = np.random.default_rng(seed + 10**6).permutation(["province", "town", "sector", "all"])
    by = list(groupings[: 2 + seed % 3])
    cohorts = tk.prepare_cohorts(responses, CHECKLIST, schools, by)
    means = pd.concat([tk.compare_cohorts(cohorts, per=per) for per in ("step", "item")])
    return tk.audit_cohorts(cohorts, means, tk.cohort_changes(cohorts))


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    found = {seed: table for seed in range(number) if len(table := attack(seed))}
    print(f"{number:,} made-up cohorts attacked; something found in {len(found):,}")
    for seed, table in list(found.items())[:5]:
        print(seed, table.head().to_string(), sep="\n")
    sys.exit(bool(found))
