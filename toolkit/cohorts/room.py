"""Hide figures that leave a school less than 30 points, or a director less than two answers.

A school has room where its level can move without any shown figure changing. Most can by themselves, or against the
opposite move of one other school; linear programs, of which the number is bounded, decide on the others. What is not
proven to have room is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from toolkit.cohorts.disclosure import Bools, is_shown
from toolkit.cohorts.model import Cohorts
from toolkit.cohorts.sums import MARGIN, MAX_LEVEL, ShownSums, join_programs, make_program, published, shown_sums
from toolkit.core.errors import MissingReason
from toolkit.core.progress import track
from toolkit.measures.array_math import Floats, Ints

MIN_RANGE = 30.0
"""Points between the least and the most that a school's level can be, at least."""

MAX_PARTNERS, MAX_ATTEMPTS, MAX_ROUNDS = 24, 4, 3
"""Partners of a school in each pool; programs for the same schools; rounds of hiding."""

SHIFTS_FROM = [1, 2, 4, 8, 16]
"""Partners are tried more at a time as fewer levels are left."""

MAX_TOGETHER, MAX_LOCAL, MAX_WITHOUT_PAIRS = 150, 15, 40
"""Schools in one program: all up to so many, and of more schools those of the smallest groups, for several levels
together. Cohorts for which programs take less time than pairs."""

MAX_PROGRAMS = 250
"""Programs for all steps, and for all items: it bounds the time, and the result is the same on every machine."""


def hide_without_room(cohorts: Cohorts, progress: bool = False) -> None:
    """Hide, in the figures' reasons, the smallest group of each school not proven to have room."""
    kinds = [("step", set(cohorts.checklist.role_ids)), ("item", set(cohorts.checklist.known_role_ids))]
    for per, roles in track(kinds, "step", progress, long=1):
        budget, unproven = iter(range(MAX_PROGRAMS)), None
        for turn in range(MAX_ROUNDS + 1):
            sums = shown_sums(cohorts, per, published(cohorts), roles)
            in_a_cell: Bools = np.asarray(cohorts.member.any(axis=0))
            unproven = ~np.isnan(sums.truth) & in_a_cell[:, None] if unproven is None else unproven
            if len(cohorts.schools) > MAX_WITHOUT_PAIRS:
                unproven = _without_pair(sums, unproven)
            levels = _without_room(sums, np.argwhere(unproven), budget)
            if not len(levels):
                break
            _hide(cohorts, per, sums, levels, everywhere=turn == MAX_ROUNDS)
            unproven = np.zeros(sums.truth.shape, dtype=bool)
            unproven[tuple(levels.T)] = True


# --- moves of one school or two ---


@dataclass(frozen=True, slots=True)
class _Move:
    """Levels of a school that move together, against the opposite move of another school.

    Attributes
    ----------
    weight
        Of the move in each sum.
    max_fall, max_rise
        How far the levels can fall and rise, infinite where there are none: shape (schools, columns).
    unit
        Smallest step of the levels, NaN where they have different ones.
    """

    weight: Floats
    max_fall: Floats
    max_rise: Floats
    unit: Floats


def _moves(sums: ShownSums, block: int) -> Iterator[_Move]:
    """Moves of the levels of one wave alone, and of the same role in all waves."""
    same = np.array([role == sums.blocks[block][0] for role, _ in sums.blocks])
    alone = np.arange(len(sums.blocks)) == block
    for kind in [alone] if same.sum() == 1 else [alone, same]:
        truth, unit = sums.truth[kind], sums.unit[kind]
        missing = np.isnan(truth)
        least = np.where(missing, np.inf, unit).min(axis=0)
        yield _Move(
            sums.weight[:, kind].sum(axis=1),
            np.where(missing, np.inf, truth).min(axis=0),
            np.where(missing, np.inf, MAX_LEVEL - truth).min(axis=0),
            np.where(np.where(missing, 0.0, unit).max(axis=0) == least, least, np.nan),
        )


def _without_pair(sums: ShownSums, unproven: Bools) -> Bools:
    """Which of the levels cannot move far enough alone or against one other school."""
    cell, levels = sums.cell, unproven.copy()
    smallest = _size_of_cells(sums).argsort(axis=0)[0]
    pools = [cell[smallest, np.arange(cell.shape[1])]]  # partners share the smallest cell, or all others
    if len(cell) > 1:
        in_smallest = np.arange(len(cell))[:, None] == smallest
        pools.append(np.unique(np.where(in_smallest, -1, cell), axis=1, return_inverse=True)[1].ravel())
    binding: Bools = np.minimum(sums.slack_below, sums.slack_above) < MAX_LEVEL
    bound_cells = cell[[bool(binding[:, np.unique(cells)].any()) for cells in cell]]
    sums = replace(sums, cell=bound_cells)
    for block in range(len(sums.blocks)):
        moves = list(_moves(sums, block))
        for pool in pools:
            levels[block] &= ~_has_pair(sums, moves, levels[block], pool, binding)
    return levels


def _has_enough_room(fall: Floats, rise: Floats, unit: Floats) -> Bools:
    """Whether a level has a range of 30 points; of a director's item, whether another answer is possible."""
    return np.asarray(np.where(unit > 0, np.maximum(fall, rise) >= unit - MARGIN, fall + rise >= MIN_RANGE))


def _size_of_cells(sums: ShownSums) -> Ints:
    """Schools in each school's cell of each grouping; the most where it is in none."""
    size = np.bincount(sums.cell.ravel(), minlength=sums.slack_below.shape[1])
    size[-1] = sums.cell.shape[1]
    return size[sums.cell]


def _has_pair(sums: ShownSums, moves: list[_Move], unproven: Bools, pool: Ints, binding: Bools) -> Bools:
    """Which of the levels have room by themselves or with one of the next schools of their pool."""
    order = np.argsort(pool, kind="stable")
    rank, count = np.empty_like(order), np.bincount(pool)
    rank[order] = np.arange(len(order))
    start, size = (np.cumsum(count) - count)[pool], count[pool]
    school, column = np.nonzero(unproven)
    unit = moves[0].unit[school, column]
    fall, rise = np.zeros(len(school)), np.zeros(len(school))
    rows = np.arange(len(school))
    for shifts in np.split(np.arange(MAX_PARTNERS + 1), SHIFTS_FROM):
        mover, at = np.repeat(school[rows], len(shifts)), np.repeat(column[rows], len(shifts))
        partner = order[start[mover] + (rank[mover] - start[mover] + np.tile(shifts, len(rows))) % size[mover]]
        for move in moves:
            falls, rises = (side.reshape(-1, len(shifts)) for side in _reach(sums, move, mover, partner, at, binding))
            fall[rows] = np.maximum(fall[rows], falls.max(axis=1))
            rise[rows] = np.maximum(rise[rows], rises.max(axis=1))
        rows = rows[~_has_enough_room(fall[rows], rise[rows], unit[rows]) & (shifts[-1] < size[school[rows]] - 1)]
    has_room = np.zeros(unproven.shape, dtype=bool)
    has_room[school, column] = _has_enough_room(fall, rise, unit)
    return has_room


def _reach(
    sums: ShownSums, move: _Move, school: Ints, partner: Ints, column: Ints, binding: Bools
) -> tuple[Floats, Floats]:
    """How far schools can fall and rise, each against the opposite move of a partner; alone where it is its own."""
    paired = school != partner
    partner_fall, partner_rise = move.max_fall[partner, column], move.max_rise[partner, column]
    useful = (move.unit[school, column] == move.unit[partner, column]) & np.isfinite(partner_fall)
    fall, rise = move.max_fall[school, column], move.max_rise[school, column]
    fall = np.where(paired, np.minimum(fall, partner_rise), fall)
    rise = np.where(paired, np.minimum(rise, partner_fall), rise)
    for number in np.flatnonzero(move.weight):
        own_weight = move.weight[number] * sums.inside[number, school, column]
        partner_weight = -move.weight[number] * (sums.inside[number, partner, column] & paired)
        for cell in sums.cell:
            own_cell, partner_cell = cell[school], cell[partner]
            same = own_cell == partner_cell
            for weight, at in (
                (np.where(same, own_weight + partner_weight, own_weight), own_cell),
                (np.where(same, 0.0, partner_weight), partner_cell),
            ):
                moved = np.flatnonzero((weight != 0) & binding[number, at, column])
                cells, step = (number, at[moved], column[moved]), np.abs(weight[moved])
                below, above = sums.slack_below[cells] / step, sums.slack_above[cells] / step
                goes_up = weight[moved] > 0
                rise[moved] = np.minimum(rise[moved], np.where(goes_up, above, below))
                fall[moved] = np.minimum(fall[moved], np.where(goes_up, below, above))
    return np.where(useful, fall, 0.0), np.where(useful, rise, 0.0)


# --- programs ---


def _without_room(sums: ShownSums, levels: Ints, budget: Iterator[int]) -> Ints:
    """Those of the levels (rows of block, school, column) that programs find no room for either.

    First each level is moved to where it has most room, then those that are left, some of them the other way.
    """
    parts = []
    for rows, schools in _local(sums, levels):
        program = make_program(sums, int(levels[rows[0], 2]), schools)
        parts.append((rows, program, program.find(levels[rows])))
    joined = 1 if sums.cell.shape[1] <= MAX_TOGETHER else MAX_TOGETHER // MAX_LOCAL
    unit, truth = sums.unit[tuple(levels.T)], sums.truth[tuple(levels.T)]
    toward = np.where(truth > MAX_LEVEL / 2, -1.0, 1.0)
    falls, rises = np.zeros(len(levels)), np.zeros(len(levels))
    for attempt in range(MAX_ATTEMPTS):
        proven = _has_enough_room(-falls, rises, unit)
        batches = iter([part for part in parts if not proven[part[0]].all()])
        while (batch := list(islice(batches, joined))) and next(budget, None) is not None:
            rows = np.concatenate([part[0] for part in batch])
            program, unknown = join_programs([part[1] for part in batch], [part[2] for part in batch])
            aimed = ~proven[rows]
            aim = np.zeros(len(program.truth))
            aim[unknown[aimed]] = toward[rows[aimed]] * np.where(np.arange(aimed.sum()) % 2 < attempt % 3, -1.0, 1.0)
            moves = program.solve(aim, mip_gap=0.3)[unknown]
            falls[rows], rises[rows] = np.minimum(falls[rows], moves), np.maximum(rises[rows], moves)
    return levels[~_has_enough_room(-falls, rises, unit)]


def _local(sums: ShownSums, levels: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Rows of the levels that one program can decide on, and the schools that it moves."""
    groupings = np.argsort(_size_of_cells(sums), axis=0, kind="stable")
    for column in np.unique(levels[:, 2]):
        rows = np.flatnonzero(levels[:, 2] == column)
        while len(rows):
            neighbours = _neighbours(sums, levels[rows[0], 1], groupings)
            inside = neighbours[levels[rows, 1]]
            yield rows[inside], np.flatnonzero(neighbours)
            rows = rows[~inside]


def _neighbours(sums: ShownSums, school: int, groupings: Ints) -> Bools:
    """A school and schools of its cells, to move together; the groupings are those of each school in order of size."""
    number = sums.cell.shape[1]
    chosen: Bools = (np.arange(number) == school) | (number <= MAX_TOGETHER)
    for grouping in groupings[:, school]:
        cell, vacant = sums.cell[grouping, school], MAX_LOCAL - int(chosen.sum())
        if vacant > 0 and cell < sums.slack_below.shape[1] - 1:
            chosen[np.flatnonzero((sums.cell[grouping] == cell) & ~chosen)[:vacant]] = True
    return chosen


# --- what gives way ---


def _hide(cohorts: Cohorts, per: str, sums: ShownSums, levels: Ints, everywhere: bool) -> None:
    """Hide a figure of each level that was found: of the smallest group first, the level before the gap's family."""
    figures = cohorts.figures.iloc[cohorts.select(per)].assign(at=cohorts.select(per))
    by_role = {
        str(role): part.groupby(["step", "item"], sort=False)["at"].agg(list).tolist()
        for role, part in figures.groupby("role")
    }
    for block, school, column in levels:
        role, wave = sums.blocks[block]
        shown, cells = cohorts.shown[wave], np.flatnonzero(cohorts.member[:, school])
        names = sorted((name for name in by_role if role in name.split("-")), key=lambda name: name != role)
        families = [by_role[name][column] for name in names]
        level = families[0][0]
        for cell in cells[np.argsort(shown.moments.n[cells, level], kind="stable")]:
            visible = [family for family in families if is_shown(shown.why[cell, family]).all()]
            for family in visible if everywhere else visible[:1]:
                shown.why[cell, family] = MissingReason.DERIVABLE
            if visible and not everywhere:
                break
