"""What shown figures say of single schools.

Sums over schools, each known to within its rounding.

Everything is written as a move away from the true values, because the true values fit all sums: a move fits where no
sum leaves the interval that its rounding allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from toolkit.cohorts.disclosure import Bools, is_shown
from toolkit.cohorts.model import CellFigures, Cohorts
from toolkit.measures.array_math import Floats, Ints

MARGIN = 1e-4
"""Points by which a sum at the end of its interval is in (an even multiple, to which halves are rounded) or out."""

Shown = tuple[Ints, Floats, Floats]
Lookup = Callable[[tuple[int, ...], int], Shown]
"""Of a wave (or two, for a change) and a figure: the cells that are shown, their estimates, and their rounding."""

MAX_SECONDS = 10.0
"""For one program."""

SUPPORT = 100.0
"""Highest level; the lowest is 0."""


@dataclass(frozen=True, slots=True)
class Equations:
    """Shown sums over the unknown levels of schools: -down <= matrix · move <= up.

    Attributes
    ----------
    wave, role, school
        Of each unknown: index of the wave, role id, and index of the school.
    truth
        The true levels.
    unit
        The smallest step between two possible levels, 0 where they are continuous.
    """

    wave: Ints
    role: np.ndarray
    school: Ints
    truth: Floats
    unit: Floats
    matrix: sparse.csr_array
    down: Floats
    up: Floats

    def reach(self, unknown: int) -> tuple[float, float]:
        """Least and most that an unknown level can be."""
        fall, rise = self._furthest(unknown, -1.0), self._furthest(unknown, 1.0)
        return float(self.truth[unknown]) - fall, float(self.truth[unknown]) + rise

    def _furthest(self, unknown: int, direction: float) -> float:
        """How far a level can move in a direction; 0 where the solver gives up."""
        aim = np.zeros(len(self.truth))
        aim[unknown] = direction
        return float(abs(self.moves(aim)[unknown]))

    def moves(self, aim: Floats, gap: float = 0.0) -> Floats:
        """Moves of all levels that fit the sums and go furthest along the aim.

        0 where the solver gives up.

        Parameters
        ----------
        gap
            Part of the best result with which the solver may stop.
        """
        scale = np.where(self.unit > 0, self.unit, 1.0)
        result = optimize.milp(
            -aim * scale,
            integrality=(self.unit > 0).astype(np.int64),
            bounds=optimize.Bounds(np.round(-self.truth / scale, 6), np.round((SUPPORT - self.truth) / scale, 6)),
            constraints=optimize.LinearConstraint(self.matrix * scale, -self.down, self.up),
            options={"time_limit": MAX_SECONDS, "mip_rel_gap": gap},
        )
        return np.zeros(len(aim)) if result.x is None else np.asarray(result.x * scale, dtype=np.float64)


def interval_of_sum(n: Floats, estimate: Floats, base: Floats) -> tuple[Floats, Floats]:
    """Lowest and highest sum over n schools that rounds to this estimate.

    Halves are rounded to the even multiple.
    """
    even = np.round(estimate / base) % 2 == 0
    margin = np.where(even, MARGIN, -MARGIN)
    return n * (estimate - base / 2) - margin, n * (estimate + base / 2) + margin


def level_equations(
    cohorts: Cohorts,
    step: int,
    item: str,
    lookup: Lookup,
    schools: Bools | None = None,
    only_role: str | None = None,
) -> Equations:
    """Equations of a step or item.

    Levels of all roles, gaps of pairs, and their changes, of all waves together.

    Parameters
    ----------
    lookup
        What is shown.
    schools
        Which schools are unknown; the others are held at their true levels. All where none are given.
    only_role
        The only role whose levels are unknown; all where none is given.
    """
    unknown_schools = np.ones(len(cohorts.schools), dtype=bool) if schools is None else schools
    figures = _figures(cohorts, step, item)
    roles = [role for role in cohorts.checklist.role_ids if ("level", role) in figures]
    number = np.full((len(cohorts.waves), len(roles), len(cohorts.schools)), -1)
    for wave, values in enumerate(cohorts.value):
        for row, role in enumerate(roles):
            if only_role in (None, role):
                present = ~np.isnan(values[:, figures["level", role]])
                number[wave, row] = np.where(present & unknown_schools, 0, -1)
    number[number == 0] = np.arange((number == 0).sum())
    waves, place, schools_of = np.nonzero(number >= 0)
    columns = np.array([figures["level", role] for role in roles])
    value, n = np.stack(cohorts.value), np.stack(cohorts.n)
    known = np.array([cohorts.checklist.role(role).known and bool(item) for role in roles])  # type: ignore[union-attr]
    people = np.maximum(n[waves, schools_of, columns[place]], 1)
    unit = np.where(known[place], SUPPORT / 2 / people, 0.0)
    matrix, down, up = _stacked(list(_sums(cohorts, figures, roles, number, lookup)), len(waves))
    truth = value[waves, schools_of, columns[place]]
    return Equations(waves, np.array(roles)[place], schools_of, truth, unit, matrix, down, up)


def shown_arrays(cohorts: Cohorts, reasons: dict[tuple[int, ...], np.ndarray]) -> Lookup:
    """Look up what is shown in the prepared figures themselves.

    Parameters
    ----------
    reasons
        Per wave `(w,)` and change `(a, b)`: why figures are hidden.
    """
    every: dict[tuple[int, ...], CellFigures] = {(wave,): shown for wave, shown in enumerate(cohorts.shown)}
    every |= {change.waves: change.figures for change in cohorts.changes}

    def lookup(waves: tuple[int, ...], figure: int) -> Shown:
        cells = np.flatnonzero(is_shown(reasons[waves][:, figure]))
        return cells, every[waves].estimate[cells, figure], every[waves].base[cells, figure]

    return lookup


def _figures(cohorts: Cohorts, step: int, item: str) -> dict[tuple[str, str], int]:
    """Index of the level of each role and of the gap of each pair."""
    table = cohorts.figures
    rows = table[table["step"].eq(step) & table["item"].eq(item) & table["measure"].isin(["level", "gap"])]
    return {(str(row.measure), str(row.role)): int(str(row.Index)) for row in rows.itertuples()}


@dataclass(frozen=True, slots=True)
class _Sums:
    """The shown sums of one figure: their weights on the unknowns (row, unknown, sign), and how far they may move."""

    row: Ints
    unknown: Ints
    sign: Floats
    down: Floats
    up: Floats


def _stacked(parts: list[_Sums], unknowns: int) -> tuple[sparse.csr_array, Floats, Floats]:
    """All sums under each other, without those that have no unknown."""
    first = np.cumsum([0, *(len(part.down) for part in parts)])
    row = np.concatenate([np.zeros(0, dtype=int), *(part.row + at for part, at in zip(parts, first, strict=False))])
    column = np.concatenate([np.zeros(0, dtype=int), *(part.unknown for part in parts)])
    sign, down, up = (
        np.concatenate([np.zeros(0), *(getattr(part, name) for part in parts)]) for name in ("sign", "down", "up")
    )
    used, row = np.unique(row, return_inverse=True)
    return sparse.csr_array((sign, (row, column)), shape=(len(used), unknowns)), down[used], up[used]


def _sums(
    cohorts: Cohorts, figures: dict[tuple[str, str], int], roles: list[str], number: Ints, lookup: Lookup
) -> Iterator[_Sums]:
    """Sums of each level and gap, per wave and per change."""
    for (measure, name), figure in figures.items():
        sides = {name: 1.0} if measure == "level" else dict(zip(name.split("-"), (1.0, -1.0), strict=True))
        places = [(roles.index(role), sign) for role, sign in sides.items()]
        for wave in range(len(cohorts.waves)):
            weights = [(number[wave, role], sign) for role, sign in places]
            yield _sums_of(cohorts, lookup((wave,), figure), cohorts.value[wave][:, figure], weights)
        for change in cohorts.changes:
            a, b = change.waves
            same_items = np.array_equal(change.before[:, figure], cohorts.value[a][:, figure], equal_nan=True)
            if same_items and np.array_equal(change.after[:, figure], cohorts.value[b][:, figure], equal_nan=True):
                weights = [(number[b, role], sign) for role, sign in places]
                weights += [(number[a, role], -sign) for role, sign in places]
                difference = change.after[:, figure] - change.before[:, figure]
                yield _sums_of(cohorts, lookup(change.waves, figure), difference, weights)


def _sums_of(cohorts: Cohorts, shown: Shown, value: Floats, weights: list[tuple[Ints, float]]) -> _Sums:
    """The sums of one figure. What a gap has besides two levels (other items answered) is taken as known."""
    cells, estimate, base = shown
    inside = cohorts.member[cells] & ~np.isnan(value)
    low, high = interval_of_sum(inside.sum(axis=1), estimate, base)
    truth = inside @ np.nan_to_num(value)
    row, school = np.nonzero(inside)
    parts = [(row, unknowns[school], np.full(len(row), sign)) for unknowns, sign in weights]
    rows, unknown, sign = (np.concatenate(column) for column in zip(*parts, strict=True))
    varied = unknown >= 0
    return _Sums(rows[varied], unknown[varied], sign[varied], truth - low, high - truth)


def shown_table_lookup(means: pd.DataFrame, changes: pd.DataFrame | None, cohorts: Cohorts) -> Lookup:
    """Look up what is shown in tables of `compare_cohorts` and `cohort_changes`.

    The tables of steps and items are stacked.
    """
    cells = {key: cell for cell, key in enumerate(cohorts.cells.itertuples(index=False, name=None))}
    figures = {key: place for place, key in enumerate(cohorts.figures.itertuples(index=False, name=None))}
    tables: list[tuple[pd.DataFrame, list[str], str]] = [(means, ["wave"], "estimate")]
    if changes is not None and not changes.empty:
        tables.append((changes, ["wave_a", "wave_b"], "change"))
    found: dict[tuple[tuple[int, ...], int], Shown] = {}
    for table, waves, estimate in tables:
        rows = table[~table["suppressed"]]
        rows = rows.assign(item="") if "item" not in rows else rows.fillna({"item": ""})
        for key, part in rows.groupby([*waves, "measure", "role", "step", "item"], sort=False):
            names = tuple(key)
            moment = tuple(cohorts.waves.index(str(name)) for name in names[: len(waves)])
            place = np.array([cells[pair] for pair in zip(part["grouping"], part["group"], strict=True)])
            sums = (place, part[estimate].to_numpy(dtype=float), part["rounded_to"].to_numpy(dtype=float))
            found[moment, figures[names[len(waves) :]]] = sums
    nothing: Shown = (np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
    return lambda moment, figure: found.get((moment, figure), nothing)
