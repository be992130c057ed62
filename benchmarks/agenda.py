"""How often `toolkit.agenda` puts an item on the agenda, by exact enumeration: `python -m benchmarks.agenda`.

One director and n teachers: every way in which n teachers can divide over Nee, Beetje and Ja is given to the product
once, and its answers are weighted with the chance of each (multinomial). Power: the director says Ja and the teachers
mostly something else, or a team that is divided. Error: the teachers mostly say Ja too. Two groups have a test of their
own, whose error is drawn: teachers and care professionals of made-up schools answer from the same shares.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

import toolkit as tk
from toolkit.narrative.agenda import ROLES_DIFFER, Rule
from toolkit.responses import check_responses

SEED = 7_010
SIZES = range(5, 31)
PRIOR = (1, 1, 2)
TEACHERS, CARE = (6, 30), (5, 8)
AT_MOST = 0.05


@dataclass(frozen=True, slots=True)
class Scene:
    """A director's answer and the shares of the teachers; `counts` is the column that should be true, or not."""

    director: int
    shares: tuple[float, float, float]
    counts: str = "differ"


SCENES = {
    "director Ja, teachers 80/10/10": Scene(2, (0.8, 0.1, 0.1)),
    "director Nee, teachers 10/10/80": Scene(0, (0.1, 0.1, 0.8)),
    "director Ja, teachers 50/30/20": Scene(2, (0.5, 0.3, 0.2)),
    "director Beetje, teachers 5/15/80": Scene(1, (0.05, 0.15, 0.8)),
    "director Ja, teachers 10/30/60 (error)": Scene(2, (0.1, 0.3, 0.6)),
    "director Ja, teachers 33/33/33 (no majority is far)": Scene(2, (1 / 3, 1 / 3, 1 / 3)),
    "divided team 50/0/50": Scene(1, (0.5, 0, 0.5), "divided"),
    "divided team, teachers 10/30/60": Scene(2, (0.1, 0.3, 0.6), "divided"),
}


def outcomes(n: int) -> NDArray[np.int64]:
    """Every division of n teachers over the three answers, shape (outcomes, answers)."""
    no, partly = (part.ravel() for part in np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij"))
    possible = no + partly <= n
    return np.column_stack([no, partly, n - no - partly])[possible].astype(np.int64)


def asked(n: int, director: int, rule: Rule | None = None) -> pd.DataFrame:
    """What the product says of every outcome: columns `no, partly, yes, differ, divided`; one item is one outcome."""
    checklist = tk.load_instrument()
    all_outcomes, items = outcomes(n), len(checklist.item_ids)
    schools = -(-len(all_outcomes) // items)
    padded = np.resize(all_outcomes, (schools * items, 3)).reshape(schools, items, 3)
    person = np.arange(n)[None, :, None]
    upper = np.cumsum(padded, axis=-1)
    answers = (person >= upper[:, None, :, 0]).astype(int) + (person >= upper[:, None, :, 1])
    forms = np.concatenate([np.full((schools, 1, items), director), answers], axis=1)
    school = np.repeat(np.arange(schools), n + 1)
    role = np.tile(["director", *["teacher"] * n], schools)
    table = tk.agenda(_responses(school, role, forms.reshape(-1, items), checklist), checklist, rule=rule)
    table = table[table["item"].notna()].sort_values(
        "school", key=lambda names: names.str[1:].astype(int), kind="stable"
    )
    verdicts = pd.DataFrame(all_outcomes, columns=["no", "partly", "yes"])
    return verdicts.assign(
        differ=table["roles"].ne("").to_numpy()[: len(verdicts)],
        divided=table["divided"].str.contains("teacher").to_numpy()[: len(verdicts)],
    )


def chance_of(scene: Scene, verdicts: pd.DataFrame) -> float:
    """Chance of what a scene counts, from the product's answers to every outcome."""
    counts = verdicts[["no", "partly", "yes"]].to_numpy()
    weight = stats.multinomial.pmf(counts, counts[0].sum(), scene.shares)
    return float(weight[verdicts[scene.counts].to_numpy()].sum())


def rates(sizes: range | tuple[int, ...] = SIZES, rule: Rule | None = None) -> pd.DataFrame:
    """One row per scene, one column per number of teachers."""
    per_size = {}
    for n in sizes:
        per_director = {director: asked(n, director, rule) for director in (0, 1, 2)}
        per_size[n] = {name: chance_of(scene, per_director[scene.director]) for name, scene in SCENES.items()}
    return pd.DataFrame(per_size)


# --- two groups ---


def without_difference(schools: int, rng: np.random.Generator) -> pd.DataFrame:
    """Responses of schools where 6 to 30 teachers and 5 to 8 care professionals draw from the same shares."""
    checklist = tk.load_instrument()
    sizes = {name: rng.integers(low, high + 1, schools) for name, (low, high) in
             {"teacher": TEACHERS, "care": CARE}.items()}  # fmt: skip
    shares = rng.dirichlet(PRIOR, (schools, len(checklist.item_ids)))
    school = np.concatenate([np.repeat(np.arange(schools), n) for n in sizes.values()])
    role = np.concatenate([np.repeat(name, n.sum()) for name, n in sizes.items()])
    return _responses(school, role, _draw(shares[school], rng), checklist)


def share_that_differs(responses: pd.DataFrame) -> float:
    """Share of all items that are to be discussed because roles differ."""
    table = tk.agenda(responses, tk.load_instrument())
    return float(table.loc[table["item"].notna(), "reason"].eq(ROLES_DIFFER).mean())


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
    """Print error and power for every number of teachers, and the error of the test for two groups."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agenda", description=__doc__.split("\n")[0])
    parser.add_argument("--schools", type=int, default=500, help="schools drawn for the test of two groups")
    schools = parser.parse_args(arguments).schools
    print("Found, in %, per number of teachers; shares are of Nee/Beetje/Ja.")
    print((100 * rates()).T.round(1).to_string(header=[name.replace(", ", "\n") for name in SCENES]))
    for name, row in (100 * rates((5, 8, 10, 15, 30))).iterrows():
        print(f"{name}: " + ", ".join(f"{value:.1f} (n = {n})" for n, value in row.items()))
    same = share_that_differs(without_difference(schools, np.random.default_rng(SEED)))
    print(
        f"two groups without a true difference, {schools:,} schools: {100 * same:.1f}% (at most {100 * AT_MOST:.0f}%)"
    )


if __name__ == "__main__":
    main()
