"""The difference attack: take everything that is shown of cohorts, and try to compute what is hidden.

It shares no step with the rules that decide what is shown: it looks at the numbers that are shown, writes down which
schools each is the sum of, and tries every set of a few schools.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from toolkit.cohorts.compare import Cohorts
from toolkit.measures.array_math import Floats, Ints

CERTAIN = 1e-7
Places = dict[tuple[object, ...], int]
"""The column of each figure."""
FIGURE = ["measure", "role", "step", "item"]


@dataclass(frozen=True, slots=True)
class _Sums:
    """Shown sums over schools.

    Attributes
    ----------
    schools
        School ids.
    weights
        Shape (sums, unknowns, schools): how often a school's unknown counts in each.
    shown
        Shape (sums,): estimate times number of schools.
    people
        Shape (schools,): respondents that are to be protected; infinite where there are none.
    name
        What it is about.
    count
        Shape (schools,): as how many schools each counts; one where nothing is given.
    """

    schools: Ints
    weights: Floats
    shown: Floats
    people: Floats
    name: dict[str, object]
    count: Ints | None = None


def audit_cohorts(
    cohorts: Cohorts, means: pd.DataFrame, changes: pd.DataFrame | None = None, most: int = 4
) -> pd.DataFrame:
    """Try to compute, from what is shown, a figure of fewer schools or respondents than may be shown.

    The attacker knows which schools are in which group and which of them have which figure, and combines all shown
    sums with whatever weights: groupings with each other, both levels with their gap, a step with its items, both waves
    with their change. Who left an item blank the attacker knows of the own school, and of a school that the groups
    point at.
    Meant for cohorts of some tens of schools: every set of up to `most` kinds of schools is tried.

    Parameters
    ----------
    cohorts
        From `prepare_cohorts`.
    means, changes
        What is shown: from `compare_cohorts` and `cohort_changes` (steps, items, or both under each other).
    most
        Kinds of schools (that nothing shown tells apart) tried together.

    Returns
    -------
    Columns `wave, measure, role, step, item, schools, value`: one row for each thing that was found, with the schools
    it is about and the value. Empty where nothing was.
    """
    found: list[dict[str, object]] = []
    tried: set[bytes] = set()
    for sums in _everything(cohorts, means, changes):
        key = sums.weights.tobytes() + sums.people.tobytes() + (b"" if sums.count is None else sums.count.tobytes())
        if key not in tried:  # the same schools in the same cells: what can be found does not depend on the figure
            found += _attack(sums, cohorts.policy.schools, cohorts.policy.respondents, most)
        tried.add(key)
    return pd.DataFrame(found, columns=["wave", *FIGURE, "schools", "value"])


@dataclass(frozen=True, slots=True)
class _Shown:
    """The shown sums of one table, by (wave, figure): which cells, and their sums."""

    rows: dict[tuple[object, ...], tuple[Ints, Floats]]

    @classmethod
    def of(cls, table: pd.DataFrame, cohorts: Cohorts, value: str, waves: list[str]) -> _Shown:
        shown = table[~table["suppressed"]].reset_index(drop=True)
        shown = shown.assign(item="") if "item" not in shown else shown.fillna({"item": ""})
        names = {key: cell for cell, key in enumerate(cohorts.cells.itertuples(index=False, name=None))}
        cells = np.array([names[key] for key in zip(shown["grouping"], shown["group"], strict=True)], dtype=np.int64)
        sums = np.asarray(shown[value].astype(float) * shown["n_schools"].astype(float), dtype=np.float64)
        groups = shown.groupby([*waves, *FIGURE], sort=False).indices
        return cls({tuple(key): (cells[rows], sums[rows]) for key, rows in groups.items()})  # type: ignore[arg-type]

    def of_figure(self, *key: object) -> tuple[Ints, Floats]:
        """Cells and sums of one figure; none where nothing of it is shown."""
        return self.rows.get(key, (np.zeros(0, dtype=np.int64), np.zeros(0)))


def _everything(cohorts: Cohorts, means: pd.DataFrame, changes: pd.DataFrame | None) -> Iterator[_Sums]:
    shown = _Shown.of(means, cohorts, "estimate", ["wave"])
    places = {key: place for place, key in enumerate(cohorts.values.figures.itertuples(index=False, name=None))}
    for key in shown.rows:
        yield _of_one(cohorts, shown, key, places)
        if key[1] == "gap":
            yield _of_three(cohorts, shown, key, places)
        if key[4] == "":
            yield _of_items(cohorts, shown, key, places)
    if changes is not None:
        changed = _Shown.of(changes, cohorts, "change", ["wave_a", "wave_b"])
        for key in changed.rows:
            if key[5] == "":  # who left an item blank is not known
                yield _of_years(cohorts, shown, changed, key, places)


def _of_one(cohorts: Cohorts, shown: _Shown, key: tuple[object, ...], places: Places) -> _Sums:
    wave, figure = cohorts.waves.index(str(key[0])), places[key[1:]]
    units, (cells, sums) = cohorts.rows[wave], shown.of_figure(*key)
    has = ~np.isnan(cohorts.values.value[units, figure])
    return _Sums(
        cohorts.values.units["school"].to_numpy()[units],
        (cohorts.member[wave][cells] & has).astype(float)[:, None, :],
        sums,
        _people(cohorts, cohorts.values.n[units][:, [figure]], figure),
        dict(zip(["wave", *FIGURE], key, strict=True)),
    )


def _of_three(cohorts: Cohorts, shown: _Shown, key: tuple[object, ...], places: Places) -> _Sums:
    """Unknown are the levels of both roles; a gap is one minus the other."""
    wave, place = cohorts.waves.index(str(key[0])), places[key[1:]]
    units = cohorts.rows[wave]
    levels = [("level", side, *key[3:]) for side in str(key[2]).split("-")]
    weights: list[Floats] = []
    sums: list[Floats] = []
    for figure, signs in zip([*levels, key[1:]], [(1, 0), (0, 1), (1, -1)], strict=True):
        cells, shown_sums = shown.of_figure(key[0], *figure)
        has = ~np.isnan(cohorts.values.value[units, places[figure]])
        inside = (cohorts.member[wave][cells] & has).astype(float)
        weights.append(np.stack([sign * inside for sign in signs], axis=1))
        sums.append(shown_sums)
    people = _people(cohorts, cohorts.values.n[units][:, [place]], place)
    if cohorts.checklist.role(str(levels[0][1])).known:  # type: ignore[union-attr]  # with a known person beside them
        people[~np.isnan(cohorts.values.value[units, places[levels[0]]])] = np.inf
    name = dict(zip(["wave", *FIGURE], key, strict=True))
    schools = cohorts.values.units["school"].to_numpy()[units]
    count = _count(cohorts, wave, [*(places[level] for level in levels), place]) if key[4] else None
    return _Sums(schools, np.concatenate(weights), np.concatenate(sums), people, name, count)


def _of_items(cohorts: Cohorts, shown: _Shown, key: tuple[object, ...], places: Places) -> _Sums:
    """Unknown are the items; a step is the mean of those that a school answered."""
    wave, step = cohorts.waves.index(str(key[0])), places[key[1:]]
    units = cohorts.rows[wave]
    items = [item.id for item in cohorts.checklist.step(int(str(key[3]))).items]
    columns = [places[(*key[1:4], item)] for item in items]
    answered = ~np.isnan(cohorts.values.value[units][:, columns].T)
    has = ~np.isnan(cohorts.values.value[units, step])
    takes = [answered * has / np.maximum(answered.sum(axis=0), 1)]
    takes += [np.where(np.arange(len(items))[:, None] == place, there, 0.0) for place, there in enumerate(answered)]
    of_cells = [shown.of_figure(*key), *(shown.of_figure(*key[:4], item) for item in items)]
    weights = [cohorts.member[wave][cells][:, None, :] * take for (cells, _), take in zip(of_cells, takes, strict=True)]
    return _Sums(
        cohorts.values.units["school"].to_numpy()[units],
        np.concatenate(weights),
        np.concatenate([sums for _, sums in of_cells]),
        _people(cohorts, cohorts.values.n[units][:, [step]], step),
        dict(zip(["wave", *FIGURE], key, strict=True)),
        _count(cohorts, wave, [step, *columns]),
    )


def _count(cohorts: Cohorts, wave: int, figures: list[int]) -> Ints:
    """One for each school; where nobody else can tell that it left something blank, as many as it may be any of."""
    units, member = cohorts.rows[wave], cohorts.member[wave]
    _, kind = np.unique(member, axis=1, return_inverse=True)
    alike = np.bincount(kind.reshape(-1))[kind.reshape(-1)]
    named, value = cohorts.values.figures.iloc[figures], cohorts.values.value[units][:, figures]
    known = {role.id for role in cohorts.checklist.roles if role.known}
    grouped = np.array([not set(str(role).split("-")) <= known for role in named["role"]], dtype=bool)
    every = cohorts.values.figures
    steps = [
        int(np.flatnonzero((every[["measure", "role", "step", "item"]] == [*row, ""]).all(axis=1))[0])
        for row in named.loc[grouped, ["measure", "role", "step"]].itertuples(index=False)
    ]
    n = cohorts.values.n[units][:, steps]
    seen = ((n == 0) | (n >= cohorts.policy.minimum)).all(axis=1)
    blank = np.isnan(value).any(axis=1) & ~np.isnan(value).all(axis=1)
    return np.where(blank & seen, alike, 1)


def _of_years(cohorts: Cohorts, shown: _Shown, changed: _Shown, key: tuple[object, ...], places: Places) -> _Sums:
    """Unknown are the values of two waves; a change is the later minus the earlier, of the schools in both."""
    figure = places[key[2:]]
    waves = [cohorts.waves.index(str(wave)) for wave in key[:2]]
    units = [cohorts.rows[wave] for wave in waves]
    codes = [pd.Index(cohorts.values.units["school"].iloc[here]) for here in units]
    schools = codes[0].union(codes[1])
    member = np.zeros((len(cohorts.cells), len(schools)), dtype=bool)
    has, n = np.zeros((2, len(schools)), dtype=bool), np.zeros((len(schools), 2), dtype=np.int64)
    for year, (wave, here, code) in enumerate(zip(waves, units, codes, strict=True)):
        at = schools.get_indexer(code)
        member[:, at] |= cohorts.member[wave]
        has[year, at] = ~np.isnan(cohorts.values.value[here, figure])
        n[at, year] = cohorts.values.n[here, figure]
    of_waves = [shown.of_figure(wave, *key[2:]) for wave in key[:2]]
    cells, sums = changed.of_figure(*key)
    inside = [(member[c] & there).astype(float) for (c, _), there in zip(of_waves, has, strict=True)]
    both = (member[cells] & has.all(axis=0)).astype(float)
    weights = [
        np.stack([inside[0], 0 * inside[0]], axis=1),
        np.stack([0 * inside[1], inside[1]], axis=1),
        np.stack([-both, both], axis=1),
    ]
    name = {"wave": f"{key[0]}, {key[1]}", **dict(zip(FIGURE, key[2:], strict=True))}
    totals = np.concatenate([of_waves[0][1], of_waves[1][1], sums])
    return _Sums(
        schools.to_numpy(),
        np.concatenate(weights),
        totals,
        _people(cohorts, n.max(axis=1, keepdims=True), figure),
        name,
    )


def _people(cohorts: Cohorts, n: Ints, figure: int) -> Floats:
    """Respondents per school who are to be protected, the fewest of the columns; infinite where there are none."""
    known = {role.id for role in cohorts.checklist.roles if role.known}
    if set(str(cohorts.values.figures["role"].iloc[figure]).split("-")) <= known:
        return np.full(len(n), np.inf)
    return np.asarray(np.where(n > 0, n.astype(float), np.inf).min(axis=1), dtype=np.float64)


def _attack(sums: _Sums, fewest: int, fewest_people: int, most: int) -> Iterator[dict[str, object]]:
    """Try every set of a few schools: a combination of the sums in which only they are left gives them away."""
    used = (sums.weights != 0).any(axis=(0, 1))
    if not used.any():
        return
    patterns = sums.weights[:, :, used].reshape(-1, used.sum()).T
    _, first, kind = np.unique(patterns, axis=0, return_index=True, return_inverse=True)
    kind = kind.reshape(-1)
    size = np.bincount(kind, weights=None if sums.count is None else sums.count[used])
    anyone = np.zeros(used.sum(), dtype=bool) if sums.count is None else sums.count[used] > 1
    people = np.bincount(kind, weights=np.where(anyone, 1e6, np.minimum(sums.people[used], 1e6)))
    known = sums.weights[:, :, used][:, :, first]
    flat = known.reshape(len(known), -1)
    back, scale, basis = np.linalg.svd(flat, full_matrices=False)
    rank = int((scale > CERTAIN * scale[0]).sum())
    parts = basis[:rank].reshape(rank, known.shape[1], -1)
    for together in range(1, most + 1):
        sets = np.array(list(combinations(range(len(size)), together)), dtype=int).reshape(-1, together)
        few = (size[sets].sum(axis=1) < fewest) | (people[sets].sum(axis=1) < fewest_people)
        for chosen in np.array_split(sets[few], -(-int(few.sum()) // 5_000)) if few.any() else ():
            block = parts[:, :, chosen].transpose(2, 0, 1, 3).reshape(len(chosen), rank, -1)
            values, vectors = np.linalg.eigh(block.swapaxes(1, 2) @ block)
            for hit in np.flatnonzero(values[:, -1] > 1 - CERTAIN):
                weights = (back[:, :rank] / scale[:rank]) @ (block[hit] @ vectors[hit, :, -1])
                schools = sums.schools[used][np.isin(kind, chosen[hit])]
                yield {**sums.name, "schools": ", ".join(schools), "value": float(weights @ sums.shown)}
