"""How often `toolkit.narrative.agenda` says that roles differ, by simulation: `python -m benchmarks.agenda`.

Where they don't: director and teachers of made-up schools draw from the same shares, drawn per item from a
Dirichlet(1, 1, 2). Where they do: one director says Ja and the teachers draw from 80/10/10, or the mirror of that. The
product is asked, through `tk.agenda`.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import toolkit as tk
from toolkit.narrative.agenda import ROLES_DIFFER
from toolkit.responses import check_responses

SEED = 7_010
PRIOR = (1, 1, 2)
TEACHERS = (6, 30)
MIN_TEACHERS = 10
OPPOSITE = (0.8, 0.1, 0.1)
AT_MOST, AT_LEAST = 0.05, 0.90


def without_difference(schools: int, rng: np.random.Generator, care: tuple[int, int] | None = None) -> pd.DataFrame:
    """Responses of schools where all draw from the same shares: a director, 6 to 30 teachers, and maybe care."""
    checklist = tk.load_instrument()
    items = len(checklist.item_ids)
    sizes = {"director": np.ones(schools, dtype=int), "teacher": rng.integers(TEACHERS[0], TEACHERS[1] + 1, schools)}
    if care:
        sizes["care"] = rng.integers(care[0], care[1] + 1, schools)
    shares = rng.dirichlet(PRIOR, (schools, items))
    school = np.concatenate([np.repeat(np.arange(schools), n) for n in sizes.values()])
    role = np.concatenate([np.repeat(name, n.sum()) for name, n in sizes.items()])
    return _responses(school, role, _draw(shares[school], rng), checklist)


def with_difference(teachers: int, schools: int, rng: np.random.Generator, director: int = 2) -> pd.DataFrame:
    """Responses of schools where the director says Ja (2) or Nee (0) and the teachers mostly the opposite."""
    checklist = tk.load_instrument()
    items = len(checklist.item_ids)
    shares = np.array(OPPOSITE if director else OPPOSITE[::-1])
    drawn = _draw(np.broadcast_to(shares, (schools * teachers, items, 3)), rng)
    answers = np.vstack([np.full((schools, items), director), drawn])
    school = np.concatenate([np.arange(schools), np.repeat(np.arange(schools), teachers)])
    role = np.repeat(["director", "teacher"], [schools, schools * teachers])
    return _responses(school, role, answers, checklist)


def share_that_differs(responses: pd.DataFrame) -> float:
    """Share of all items that are to be discussed because roles differ."""
    table = tk.agenda(responses, tk.load_instrument())
    return float(table["reason"].eq(ROLES_DIFFER).mean())


def _draw(shares: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    upper = np.cumsum(shares, axis=-1)[..., :-1]
    drawn: NDArray[np.int64] = (rng.random(shares.shape[:-1])[..., None] > upper).sum(axis=-1)
    return drawn


def _responses(
    school: NDArray[np.int64], role: NDArray[np.str_], answers: NDArray[np.int64], checklist: tk.Instrument
) -> pd.DataFrame:
    names = [f"S{number}" for number in school]
    keys = pd.DataFrame({"school": names, "wave": "2025-2026", "role": role, "respondent": "", "form": checklist.form})
    return check_responses(keys.join(pd.DataFrame(answers, columns=checklist.item_ids)), checklist)


def main(arguments: list[str] | None = None) -> None:
    """Draw and print both rates."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--schools", type=int, default=2_000)
    schools = parser.parse_args(arguments).schools
    rng = np.random.default_rng(SEED)
    same = share_that_differs(without_difference(schools, rng))
    print(f"no true difference, {schools:,} schools: {100 * same:.1f}% of items (at most {100 * AT_MOST:.0f}%)")
    three = share_that_differs(without_difference(schools, rng, care=(5, 8)))
    print(f"  with 5 to 8 care professionals, three roles: {100 * three:.1f}%")
    for director, words in ((2, "director Ja, teachers 80/10/10"), (0, "director Nee, teachers 10/10/80")):
        found = {n: share_that_differs(with_difference(n, 100, rng, director)) for n in range(MIN_TEACHERS, 31)}
        least = min(found, key=lambda n: found[n])
        mean = np.mean(list(found.values()))
        print(f"{words}: {100 * mean:.1f}% on average over {MIN_TEACHERS} to 30 teachers,", end=" ")
        print(f"least {100 * found[least]:.1f}% with {least} (at least {100 * AT_LEAST:.0f}%)")


if __name__ == "__main__":
    main()
