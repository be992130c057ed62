"""Hide a group where what is shown would leave one school little room.

A step's level, or a director's answer.

First the cheap proof: a school has room where its level can move by itself, or against the opposite move of one other
school, without any shown figure changing. Only for the few without such a proof the linear program decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.cohorts.disclosure import Bools, is_shown
from toolkit.cohorts.equations import MARGIN, SUPPORT, Equations, interval_of_sum, level_equations, shown_arrays
from toolkit.cohorts.model import CellFigures, Cohorts, change_reasons, is_director_item
from toolkit.core.errors import MissingReason
from toolkit.core.progress import bar
from toolkit.measures.array_math import Floats, Ints

MIN_RANGE = 30.0
"""Points between the least and the most that a school's level can be, at least."""

MAX_ROUNDS, MAX_ATTEMPTS, MAX_PARTNERS, MAX_LOCAL = 10, 2, 40, 150
"""Rounds of hiding; programs for many schools at once; partners of a school; schools in one program."""

MAX_PROGRAMS = 400
"""Sets of schools for which programs are solved. Beyond it what has no cheap proof is shown, and counted as unproven:
with so many schools the room that programs find is nearly always there (2 in 2,700 lacked it at 600 schools)."""


@dataclass(frozen=True, slots=True)
class _Sums:
    """Shown sums of one kind: the weight of each school's level in it, and how far each cell's sum may fall and rise.

    Attributes
    ----------
    weight
        Shape (schools, levels).
    down, up
        Shape (cells + 1, levels); the last row stands for no cell, and is without limit.
    """

    weight: Floats
    down: Floats
    up: Floats


@dataclass(slots=True)
class _Budget:
    """Sets of schools for which programs may still be solved, and levels of schools for which none was."""

    left: int
    unproven: int = 0


def hide_isolated(cohorts: Cohorts, progress: bool = False) -> int:
    """Hide the smallest group of each school that is left with too little room.

    It is hidden in the figures' reasons.

    Returns
    -------
    Number of levels of schools that were not proven to have room, because it would take too many programs.
    """
    budget = _Budget(MAX_PROGRAMS)
    figures = cohorts.figures
    levels = figures["measure"].eq("level").to_numpy()
    kinds = [levels & cohorts.values.is_step, levels & is_director_item(figures, cohorts.checklist)]
    work = [(wave, np.flatnonzero(kind)) for wave in range(len(cohorts.waves)) for kind in kinds]
    with bar(len(work), "wave", progress, long=1) as shown:
        for wave, columns in work:
            for _ in range(MAX_ROUNDS):
                found = _isolated(cohorts, wave, columns, budget)
                if not len(found):
                    break
                _hide_smallest_cells(cohorts, wave, columns, found)
                columns = columns[np.unique(found[:, 1])]  # the others are as they were
            shown.update()
    return budget.unproven


def _isolated(cohorts: Cohorts, wave: int, columns: Ints, budget: _Budget) -> Ints:
    """Schools and figures (rows of two) without room: shape (found, 2), indices of schools and of `columns`."""
    of_items = bool(cohorts.figures["item"].iloc[columns[0]]) if len(columns) else False
    value = cohorts.value[wave][:, columns]
    unit = SUPPORT / 2 / np.maximum(cohorts.n[wave][:, columns], 1) if of_items else None
    sums = [_without_large(one) for one in _shown_sums(cohorts, wave, columns)]
    place = _cells_of_schools(cohorts)
    doubtful: Bools = ~np.isnan(value) & np.asarray(cohorts.member.any(axis=0))[:, None]
    alone = _single_moves(value, sums, place)
    doubtful &= ~_has_room(*alone, unit)
    cells = cohorts.member[:, doubtful.any(axis=1)].any(axis=1)
    for cell in sorted(np.flatnonzero(cells), key=lambda c: int(cohorts.member[c].sum())):
        inside = np.flatnonzero(cohorts.member[cell])
        rows = inside[doubtful[inside].any(axis=1)]
        if len(rows):
            chosen = np.flatnonzero(doubtful[rows].any(axis=0))
            part = [_Sums(one.weight[:, chosen], one.down[:, chosen], one.up[:, chosen]) for one in sums]
            units = None if unit is None else unit[:, chosen]
            first = [np.zeros((len(rows), len(chosen))) if of_items else side[np.ix_(rows, chosen)] for side in alone]
            down, up = _paired_moves(value[:, chosen], part, place, rows, inside, first, units)
            room = _has_room(first[0] + down, first[1] + up, None if units is None else units[rows])
            doubtful[np.ix_(rows, chosen)] &= ~room
    return _confirmed(cohorts, wave, columns, doubtful, budget)


def _has_room(down: Floats, up: Floats, unit: Floats | None) -> Bools:
    """Whether a level has a range of 30 points; or, of a director's item, whether another answer is possible."""
    if unit is None:
        return np.asarray(down + up >= MIN_RANGE)
    return np.asarray((up >= unit) | (down >= unit))


# --- what is shown ---


def _reasons(cohorts: Cohorts) -> dict[tuple[int, ...], np.ndarray]:
    reasons: dict[tuple[int, ...], np.ndarray] = {(wave,): shown.why for wave, shown in enumerate(cohorts.shown)}
    return reasons | {change.waves: change_reasons(cohorts, change) for change in cohorts.changes}


def _shown_sums(cohorts: Cohorts, wave: int, columns: Ints) -> list[_Sums]:
    """Sums that the levels of a wave are in: the level's own, gaps, and the changes of both."""
    table = cohorts.figures
    index = {key: place for place, key in enumerate(table.itertuples(index=False, name=None))}
    keys = [tuple(row) for row in table.iloc[columns][["role", "step", "item"]].itertuples(index=False, name=None)]
    found = _of_wave_and_changes(cohorts, wave, columns, np.ones(len(columns)))
    for pair in table.loc[table["measure"].eq("gap"), "role"].unique():
        sides = dict(zip(str(pair).split("-"), (1.0, -1.0), strict=True))
        sign = np.array([sides.get(role, 0.0) for role, _, _ in keys])
        gaps = np.array([index["gap", pair, step, item] for _, step, item in keys])
        found += _of_wave_and_changes(cohorts, wave, gaps, sign)
    return found


def _of_wave_and_changes(cohorts: Cohorts, wave: int, figures: Ints, sign: Floats) -> list[_Sums]:
    """Sums of some figures in the wave itself and in its changes."""
    shown = cohorts.shown[wave]
    found = [_sums_of(shown, shown.why, figures, sign, cohorts.value[wave])]
    for change in cohorts.changes:
        if wave in change.waves:
            direction = sign if wave == change.waves[1] else -sign
            reasons, value = change_reasons(cohorts, change), change.after - change.before
            found.append(_sums_of(change.figures, reasons, figures, direction, value))
    return found


def _sums_of(figures: CellFigures, why: np.ndarray, columns: Ints, weight: Floats, value: Floats) -> _Sums:
    n, mean = figures.moments.n[:, columns], figures.moments.mean[:, columns]
    base = np.where(figures.base[:, columns] > 0, figures.base[:, columns], 1.0)
    low, high = interval_of_sum(n, figures.estimate[:, columns], base)
    hidden = ~is_shown(why[:, columns])
    down, up = (np.where(hidden, np.inf, side) for side in (n * mean - low, high - n * mean))
    limitless = np.full((1, len(columns)), np.inf)
    return _Sums(weight * ~np.isnan(value[:, columns]), np.vstack([down, limitless]), np.vstack([up, limitless]))


def _without_large(sums: _Sums) -> _Sums:
    """The same, where sums that no single move can reach the end of have no limit."""
    most = np.abs(sums.weight).max(initial=0.0) * SUPPORT
    down, up = (np.where(side > most, np.inf, side) for side in (sums.down, sums.up))
    return _Sums(sums.weight, down, up)


def _cells_of_schools(cohorts: Cohorts) -> Ints:
    """Cell of each school in each grouping, shape (groupings, schools); the number of cells where it is in none."""
    rows = []
    for cells in cohorts.cells.groupby("grouping", sort=False).indices.values():
        inside = cohorts.member[cells]
        rows.append(np.where(inside.any(axis=0), np.asarray(cells)[inside.argmax(axis=0)], len(cohorts.member)))
    return np.array(rows)


# --- moves ---


def _limit(weight: Floats, down: Floats, up: Floats, used: Floats | float = 0.0) -> Floats:
    """How far a level with this weight may rise before the sum leaves its interval, of which a part is used."""
    room = np.where(weight > 0, up, np.where(weight < 0, down, np.inf))
    result: Floats = np.maximum(room - used, 0) / np.maximum(np.abs(weight), 1e-12)
    return np.where(np.isinf(room), np.inf, result)


def _single_moves(value: Floats, sums: list[_Sums], place: Ints) -> tuple[Floats, Floats]:
    """How far each level can fall and rise by itself."""
    down, up = np.nan_to_num(value), SUPPORT - np.nan_to_num(value)
    for one in sums:
        for cell in place:
            up = np.minimum(up, _limit(one.weight, one.down[cell], one.up[cell]))
            down = np.minimum(down, _limit(-one.weight, one.down[cell], one.up[cell]))
    return down, up


def _paired_moves(
    value: Floats,
    sums: list[_Sums],
    place: Ints,
    rows: Ints,
    partners: Ints,
    first: list[Floats],
    unit: Floats | None,
) -> tuple[Floats, Floats]:
    """How far levels can fall and rise against the opposite move of one partner, after a first move by themselves."""
    others = partners[:: max(len(partners) // MAX_PARTNERS, 1)]
    own, other = value[rows][:, None], value[others][None]
    first_down, first_up = (side[:, None] for side in first)
    down = np.minimum(own - first_down, SUPPORT - other)
    up = np.minimum(SUPPORT - own - first_up, other)
    for one in sums:
        weight, of_other = one.weight[rows][:, None], one.weight[others][None]
        used_down, used_up = np.abs(weight) * first_down, np.abs(weight) * first_up
        for cell in place:
            ends = one.down[cell[rows]], one.up[cell[rows]], one.down[cell[others]], one.up[cell[others]]
            if all(np.isinf(end).all() for end in ends):
                continue
            same = ((cell[rows][:, None] == cell[others][None]) & (cell[rows][:, None] < len(one.down) - 1))[..., None]
            net, opposite = np.where(same, weight - of_other, weight), np.where(same, 0.0, -of_other)
            mine, theirs = (ends[0][:, None], ends[1][:, None]), (ends[2][None], ends[3][None])
            up = np.minimum(up, np.minimum(_limit(net, *mine, used_up), _limit(opposite, *theirs)))
            down = np.minimum(down, np.minimum(_limit(-net, *mine, used_down), _limit(-opposite, *theirs)))
    useless = np.isnan(other) | (rows[:, None] == others[None])[..., None]
    if unit is not None:  # answers move by whole units
        useless = useless | (unit[rows][:, None] != unit[others][None])
    moves = [np.where(useless, 0.0, side).max(axis=1, initial=0.0) for side in (down, up)]
    return moves[0], moves[1]


# --- the linear program, and what gives way ---


def _confirmed(cohorts: Cohorts, wave: int, columns: Ints, doubtful: Bools, budget: _Budget) -> Ints:
    """Those of the doubtful schools that linear programs find no room for either: shape (found, 2)."""
    lookup, found = shown_arrays(cohorts, _reasons(cohorts)), []
    for place in np.flatnonzero(doubtful.any(axis=0)):
        row, left = cohorts.figures.iloc[columns[place]], doubtful[:, place].copy()
        while left.any():
            if budget.left == 0:
                budget.unproven += int(left.sum())
                break
            budget.left -= 1
            local = _neighbours(cohorts, left)
            only_role = str(row["role"]) if row["item"] else None
            equations = level_equations(cohorts, int(row["step"]), str(row["item"]), lookup, local, only_role)
            mine = (equations.wave == wave) & (equations.role == row["role"]) & left[equations.school]
            without = _without_room(equations, np.flatnonzero(mine))
            found += [(equations.school[unknown], place) for unknown in without]
            left &= ~local
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _without_room(equations: Equations, unknowns: Ints) -> Ints:
    """Those of the unknowns that keep too little room when all are moved together, and then one by one."""
    least, most = np.zeros(len(unknowns)), np.zeros(len(unknowns))
    enough = np.where(equations.unit[unknowns] > 0, equations.unit[unknowns] - MARGIN, MIN_RANGE)
    left = np.ones(len(unknowns), dtype=bool)
    for attempt in range(MAX_ATTEMPTS):
        for direction in (1.0, -1.0):
            aim = np.zeros(len(equations.truth))
            aim[unknowns[left]] = direction * np.where(np.arange(left.sum()) % 2**attempt < 2**attempt / 2, 1.0, -1.0)
            moves = equations.moves(aim, gap=0.5)[unknowns]
            least, most = np.minimum(least, moves), np.maximum(most, moves)
            left = most - least < enough
            if not left.any():
                return unknowns[left]
    for place in np.flatnonzero(left):
        low, high = equations.reach(int(unknowns[place]))
        left[place] = high - low < enough[place]
    return unknowns[left]


def _neighbours(cohorts: Cohorts, left: Bools) -> Bools:
    """Schools to vary together: the first of those left, and the schools of its groups, the smallest first."""
    local = np.zeros(len(cohorts.schools), dtype=bool)
    local[np.flatnonzero(left)[0]] = True
    for cell in sorted(np.flatnonzero(cohorts.member[:, local.argmax()]), key=lambda c: int(cohorts.member[c].sum())):
        room = MAX_LOCAL - int(local.sum())
        local[np.flatnonzero(cohorts.member[cell] & ~local)[:room]] = True
    return local


def _hide_smallest_cells(cohorts: Cohorts, wave: int, columns: Ints, found: Ints) -> None:
    """Hide a figure of each school that was found: of the smallest group first, the level before the gap's family."""
    shown, table = cohorts.shown[wave], cohorts.figures
    for school, place in found:
        level = int(columns[place])
        row = table.iloc[level]
        same = table["step"].eq(row["step"]) & table["item"].eq(row["item"]) & table["measure"].ne("level")
        pairs = [np.flatnonzero(same & table["role"].eq(role)) for role in table.loc[same, "role"].unique()]
        families = [
            np.array([level]),
            *(pair for pair in pairs if row["role"] in table["role"].iloc[pair[0]].split("-")),
        ]
        cells = np.flatnonzero(cohorts.member[:, school])
        choices = [(shown.moments.n[cell, level], number, cell) for cell in cells for number in range(len(families))]
        for _, number, cell in sorted(choices):
            family = families[number]
            if all(reason is None for reason in shown.why[cell, family]):
                shown.why[cell, family] = MissingReason.DERIVABLE
                break
