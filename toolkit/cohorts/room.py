"""Hide figures that leave one school little room.

Less than 30 points for a level, or one answer for a director.

A school has room where its level can move without any shown figure changing. Most can by themselves, or against the
opposite move of one other school; linear programs, of which the number is bounded, decide on the others. What is not
proven to have room is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from toolkit.cohorts.disclosure import Bools, is_shown
from toolkit.cohorts.model import Cohorts
from toolkit.cohorts.sums import MARGIN, SUPPORT, Program, ShownSums, join_programs, make_program, published, shown_sums
from toolkit.core.errors import MissingReason
from toolkit.core.progress import track
from toolkit.measures.array_math import Floats, Ints

MIN_RANGE = 30.0
"""Points between the least and the most that a school's level can be, at least."""

MAX_PARTNERS, MAX_ATTEMPTS, MAX_ROUNDS = 24, 4, 3
"""Partners of a school in each pool; programs for the same schools; rounds of hiding."""

MAX_TOGETHER, MAX_LOCAL, MAX_WITHOUT_PAIRS = 150, 15, 40
"""Schools in one program: all up to so many, and of more schools those of the smallest groups, for several levels
together. Cohorts for which programs take less time than pairs."""

MAX_PROGRAMS = 250
"""Programs for all steps, and for all items: it bounds the time, and the result is the same on every machine."""


def hide_without_room(cohorts: Cohorts, progress: bool = False) -> None:
    """Hide the smallest group of each school that is not proven to have room.

    It is hidden in the figures' reasons.
    """
    kinds = [("step", set(cohorts.checklist.role_ids)), ("item", set(cohorts.checklist.known_role_ids))]
    for per, roles in track(kinds, "step", progress, long=1):
        budget, asked = _Budget(MAX_PROGRAMS), None
        for turn in range(MAX_ROUNDS + 1):
            sums = shown_sums(cohorts, per, published(cohorts), roles)
            in_a_cell: Bools = np.asarray(cohorts.member.any(axis=0))
            asked = ~np.isnan(sums.truth) & in_a_cell[:, None] if asked is None else asked
            doubtful = asked if len(cohorts.schools) <= MAX_WITHOUT_PAIRS else _without_pair(sums, asked)
            levels = _without_room(sums, np.argwhere(doubtful), budget)
            if not len(levels):
                break
            _hide(cohorts, per, sums, levels, everywhere=turn == MAX_ROUNDS)
            asked = np.zeros(sums.truth.shape, dtype=bool)
            asked[tuple(levels.T)] = True


@dataclass(slots=True)
class _Budget:
    left: int


# --- moves of one school or two ---


def _without_pair(sums: ShownSums, asked: Bools) -> Bools:
    """Which of the levels asked for cannot move far enough alone or against one other school."""
    cell, left = sums.cell, asked.copy()
    smallest = _size_of_cells(sums).argsort(axis=0)[0]
    pools = [cell[smallest, np.arange(cell.shape[1])]]  # partners share the smallest cell, or all others
    if len(cell) > 1:
        own = np.arange(len(cell))[:, None] == smallest
        pools.append(np.unique(np.where(own, -1, cell), axis=1, return_inverse=True)[1].ravel())
    for block in range(len(sums.blocks)):
        for pool in pools:
            left[block] &= ~_has_pair(sums, block, left[block], pool)
    return left


def _enough(down: Floats, up: Floats, unit: Floats) -> Bools:
    """Whether a level has a range of 30 points; of a director's item, whether another answer is possible."""
    return np.asarray(np.where(unit > 0, np.maximum(down, up) >= unit - MARGIN, down + up >= MIN_RANGE))


def _kinds(sums: ShownSums, block: int) -> list[Bools]:
    """Which levels of a school move together: those of this wave alone, or of its role in all waves."""
    same = np.array([role == sums.blocks[block][0] for role, _ in sums.blocks])
    alone = np.arange(len(sums.blocks)) == block
    return [alone] if same.sum() == 1 else [alone, same]


def _size_of_cells(sums: ShownSums) -> Ints:
    """Schools in each school's cell of each grouping; the most where it is in none."""
    size = np.bincount(sums.cell.ravel(), minlength=sums.down.shape[1])
    size[-1] = sums.cell.shape[1]
    return size[sums.cell]


def _has_pair(sums: ShownSums, block: int, asked: Bools, pool: Ints) -> Bools:
    """Which of the levels asked for have room by themselves or with one of the next schools of their pool."""
    kinds = _kinds(sums, block)
    order = np.argsort(pool, kind="stable")
    rank, count = np.empty_like(order), np.bincount(pool)
    rank[order] = np.arange(len(order))
    start = (np.cumsum(count) - count)[pool]
    school, column = np.nonzero(asked)
    down, up = np.zeros(len(school)), np.zeros(len(school))
    left = np.arange(len(school))
    has_room = np.zeros(asked.shape, dtype=bool)
    for shift in range(MAX_PARTNERS + 1):
        one, at = school[left], column[left]
        partner = order[start[one] + (rank[one] - start[one] + shift) % count[pool[one]]]
        for kind in kinds:
            reach = _reach(sums, kind, one, partner, at)
            down[left], up[left] = np.maximum(down[left], reach[0]), np.maximum(up[left], reach[1])
        room = _enough(down[left], up[left], sums.unit[block, one, at])
        has_room[one[room], at[room]] = True
        left = left[~room & (shift < count[pool[one]] - 1)]
    return has_room


def _reach(sums: ShownSums, kind: Bools, one: Ints, other: Ints, column: Ints) -> tuple[Floats, Floats]:
    """How far schools can fall and rise, each against the opposite move of a partner; alone where it is its own."""
    paired = one != other
    down, up = _bounds(sums, kind, one, column)
    fall, rise = _bounds(sums, kind, other, column)
    units = [_units(sums, kind, school, column) for school in (one, other)]
    same_unit = (units[0].min(axis=0) == units[0].max(axis=0)) & (units[1] == units[0].max(axis=0)).all(axis=0)
    useful = same_unit & (~paired | np.isfinite(fall))
    down, up = np.where(paired, np.minimum(down, rise), down), np.where(paired, np.minimum(up, fall), up)
    weights = sums.weight[:, kind].sum(axis=1)
    for number in np.flatnonzero(weights):
        own_weight = weights[number] * sums.inside[number, one, column]
        partner_weight = -weights[number] * (sums.inside[number, other, column] & paired)
        falls, rises = sums.down[number], sums.up[number]
        for cell in sums.cell:
            own_cell, partner_cell = cell[one], cell[other]
            same = (own_cell == partner_cell) & paired
            for weight, at in (
                (np.where(same, own_weight + partner_weight, own_weight), own_cell),
                (np.where(same, 0.0, partner_weight), partner_cell),
            ):
                moved = weight != 0
                step = np.where(moved, np.abs(weight), 1.0)
                lower, higher = falls[at, column] / step, rises[at, column] / step
                up = np.where(moved, np.minimum(up, np.where(weight > 0, higher, lower)), up)
                down = np.where(moved, np.minimum(down, np.where(weight > 0, lower, higher)), down)
    return np.where(useful, down, 0.0), np.where(useful, up, 0.0)


def _bounds(sums: ShownSums, kind: Bools, school: Ints, column: Ints) -> tuple[Floats, Floats]:
    """How far the levels of a school that move together can fall and rise."""
    truth = sums.truth[kind][:, school, column]
    down = np.where(np.isnan(truth), np.inf, truth).min(axis=0)
    up = np.where(np.isnan(truth), np.inf, SUPPORT - truth).min(axis=0)
    return down, up


def _units(sums: ShownSums, kind: Bools, school: Ints, column: Ints) -> Floats:
    """Units of the levels of a school that move together; where one is missing, the largest of them."""
    units = np.where(np.isnan(sums.truth[kind][:, school, column]), 0.0, sums.unit[kind][:, school, column])
    return np.where(units > 0, units, units.max(axis=0))


# --- programs ---


def _without_room(sums: ShownSums, levels: Ints, budget: _Budget) -> Ints:
    """Those of the levels (rows of block, school, column) that programs find no room for either."""
    proven = np.zeros(len(levels), dtype=bool)
    local = _local(sums, levels)
    joined = 1 if sums.cell.shape[1] <= MAX_TOGETHER else MAX_TOGETHER // MAX_LOCAL
    while budget.left and (batch := list(islice(local, joined))):
        rows = np.concatenate([row for row, _ in batch])
        programs = [make_program(sums, int(levels[row[0], 2]), schools) for row, schools in batch]
        unknown = [program.find(levels[row]) for program, (row, _) in zip(programs, batch, strict=True)]
        proven[rows] = _proven(*join_programs(programs, unknown), budget)
    return levels[~proven]


def _local(sums: ShownSums, levels: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Rows of the levels that one program can decide on, and the schools that it moves."""
    for column in np.unique(levels[:, 2]):
        left = np.flatnonzero(levels[:, 2] == column)
        while len(left):
            schools = _neighbours(sums, levels[left, 1])
            inside = np.isin(levels[left, 1], schools)
            yield left[inside], schools
            left = left[~inside]


def _neighbours(sums: ShownSums, asked: Ints) -> Ints:
    """Schools to move together: the first of those asked for, and the schools of its cells, the smallest first."""
    number = sums.cell.shape[1]
    if number <= MAX_TOGETHER:
        return np.arange(number)
    chosen = np.arange(number) == asked[0]
    for grouping in np.argsort(_size_of_cells(sums)[:, asked[0]], kind="stable"):
        cell = sums.cell[grouping, asked[0]]
        if cell < sums.down.shape[1] - 1:
            chosen[np.flatnonzero((sums.cell[grouping] == cell) & ~chosen)[: MAX_LOCAL - int(chosen.sum())]] = True
    return np.flatnonzero(chosen)


def _proven(program: Program, unknown: Ints, budget: _Budget) -> Bools:
    """Which levels get room when all are moved together: first each to where it has most, then some the other way."""
    least, most = np.zeros(len(unknown)), np.zeros(len(unknown))
    toward = np.where(program.truth[unknown] > SUPPORT / 2, -1.0, 1.0)
    for attempt in range(MAX_ATTEMPTS):
        left = ~_enough(-least, most, program.unit[unknown])
        if not left.any() or not budget.left:
            break
        aim = np.zeros(len(program.truth))
        aim[unknown[left]] = toward[left] * np.where(np.arange(left.sum()) % 2 < attempt % 3, -1.0, 1.0)
        moves = program.moves(aim, gap=0.3)[unknown]
        least, most = np.minimum(least, moves), np.maximum(most, moves)
        budget.left -= 1
    return _enough(-least, most, program.unit[unknown])


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
