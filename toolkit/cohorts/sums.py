"""What shown figures say of single schools: sums over schools, known to within rounding.

Everything is written as a move away from the true levels, because these fit all sums: a move fits where no sum leaves
the interval that its rounding allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from toolkit.cohorts.disclosure import Bools, Texts, is_shown
from toolkit.cohorts.model import CellFigures, Cohorts, change_reasons
from toolkit.cohorts.moments import Moments
from toolkit.measures.array_math import Floats, Ints

MARGIN = 1e-4
"""Points by which a sum at the end of its interval is in (an even multiple, to which halves are rounded) or out."""

MAX_LEVEL = 100.0
"""The lowest is 0."""

SOLVER_SECONDS = 10.0
"""Time limit of the solver for one program."""

Waves = tuple[int, ...]
Published = dict[Waves, tuple[Floats, Floats]]
"""Of each wave `(w,)` and change `(a, b)`: estimates (NaN where hidden) and rounding, shape (cells, figures)."""


@dataclass(frozen=True, slots=True)
class ShownSums:
    """Sums of the unknown levels of schools, of several steps or items (columns) at once.

    Attributes
    ----------
    blocks
        Role and wave of the unknown levels.
    truth, unit
        True levels, NaN where there is none, and the smallest step between two possible ones, 0 where they are
        continuous; shape (blocks, schools, columns).
    weight
        Of the levels in each sum: shape (sums, blocks).
    inside
        Which schools a sum is over: shape (sums, schools, columns).
    slack_below, slack_above
        How far a cell's sum may fall and rise, infinite where it is hidden: shape (sums, cells + 1, columns). The last
        cell is that of schools without one.
    cell
        Cell of each school: shape (groupings, schools).
    """

    blocks: list[tuple[str, int]]
    truth: Floats
    unit: Floats
    weight: Floats
    inside: Bools
    slack_below: Floats
    slack_above: Floats
    cell: Ints


def published(cohorts: Cohorts) -> Published:
    """Everything that is shown of the cohorts."""
    by_waves: dict[Waves, tuple[CellFigures, Texts]] = {
        (wave,): (shown, shown.why) for wave, shown in enumerate(cohorts.shown)
    }
    by_waves |= {change.waves: (change.figures, change_reasons(cohorts, change)) for change in cohorts.changes}
    return {
        waves: (np.where(is_shown(why), figures.estimate, np.nan), figures.base)
        for waves, (figures, why) in by_waves.items()
    }


def published_tables(cohorts: Cohorts, means: pd.DataFrame, changes: pd.DataFrame | None) -> Published:
    """Tables of `compare_cohorts` and `cohort_changes` as shown, steps and items stacked."""
    cells = pd.MultiIndex.from_frame(cohorts.cells)
    figures = pd.MultiIndex.from_frame(cohorts.figures)
    size = (len(cells), len(figures))
    by_waves: Published = {(wave,): (np.full(size, np.nan), np.zeros(size)) for wave in range(len(cohorts.waves))}
    for table, waves, estimate in ((means, ["wave"], "estimate"), (changes, ["wave_a", "wave_b"], "change")):
        if table is None or table.empty:
            continue
        rows = table[~table["suppressed"]]
        rows = rows.assign(item="") if "item" not in rows else rows.fillna({"item": ""})
        for names, part in rows.groupby(waves, sort=False):
            at = (
                cells.get_indexer(pd.MultiIndex.from_frame(part[["grouping", "group"]])),
                figures.get_indexer(pd.MultiIndex.from_frame(part[["measure", "role", "step", "item"]])),
            )
            arrays = np.full((2, *size), np.nan)
            arrays[0][at], arrays[1][at] = part[estimate].to_numpy(float), part["rounded_to"].to_numpy(float)
            by_waves[tuple(cohorts.waves.index(str(name)) for name in names)] = (arrays[0], np.nan_to_num(arrays[1]))
    return by_waves


def shown_sums(cohorts: Cohorts, per: str, shown: Published, roles: set[str]) -> ShownSums:
    """Sums of levels, gaps and their changes in all waves together, per step or per item.

    Parameters
    ----------
    shown
        From `published` or `published_tables`.
    roles
        Whose levels are unknown; the others are held at their true ones.
    """
    columns = _columns(cohorts, per)
    names = [role for role in cohorts.checklist.role_ids if ("level", role) in columns and role in roles]
    blocks = [(role, wave) for wave in range(len(cohorts.waves)) for role in names]
    truth = np.array([cohorts.value[wave][:, columns["level", role]] for role, wave in blocks])
    people = np.array([cohorts.n[wave][:, columns["level", role]] for role, wave in blocks])
    is_whole = [cohorts.checklist.role(role).known and per == "item" for role, _ in blocks]  # type: ignore[union-attr]
    unit = np.array(is_whole)[:, None, None] * MAX_LEVEL / 2 / np.maximum(people, 1)
    parts = list(_sums(cohorts, columns, blocks, shown))
    weight, inside, slack_below, slack_above = (np.array(part) for part in zip(*parts, strict=True))
    return ShownSums(blocks, truth, unit, weight, inside, slack_below, slack_above, _cell_of_schools(cohorts))


def _columns(cohorts: Cohorts, per: str) -> dict[tuple[str, str], Ints]:
    """Indices of the figures of each level and gap, steps or items in order."""
    chosen = cohorts.select(per)
    figures = cohorts.figures.iloc[chosen].reset_index(drop=True)
    groups = figures[figures["measure"].isin(["level", "gap"])].groupby(["measure", "role"], sort=False)
    return {(str(measure), str(role)): chosen[rows.index] for (measure, role), rows in groups}


def _sums(
    cohorts: Cohorts, columns: dict[tuple[str, str], Ints], blocks: list[tuple[str, int]], shown: Published
) -> Iterator[tuple[Floats, Bools, Floats, Floats]]:
    """Weights, schools, and slack below and above of each level and gap, per wave and per change."""
    changes = [change for change in cohorts.changes if change.shared.all()]
    exact: dict[Waves, tuple[Floats, Moments]] = {
        (wave,): (value, cohorts.shown[wave].moments) for wave, value in enumerate(cohorts.value)
    }
    exact |= {change.waves: (change.after - change.before, change.figures.moments) for change in changes}
    for (measure, name), figures in columns.items():
        sides = {name: 1.0} if measure == "level" else dict(zip(name.split("-"), (1.0, -1.0), strict=True))
        for waves in exact.keys() & shown.keys():
            signs = {waves[-1]: 1.0} | ({waves[0]: -1.0} if len(waves) == 2 else {})
            weight = np.array([sides.get(role, 0.0) * signs.get(wave, 0.0) for role, wave in blocks])
            if weight.any():
                value, moments = exact[waves]
                estimate, base = (part[:, figures] for part in shown[waves])
                yield weight, ~np.isnan(value[:, figures]), *_slack(moments.select(figures), estimate, base)


def _slack(exact: Moments, estimate: Floats, base: Floats) -> tuple[Floats, Floats]:
    """How far the sums of a figure may fall and rise. What a gap has besides two levels is taken as known.

    Halves are rounded to the even multiple.
    """
    total, base = exact.n * np.nan_to_num(exact.mean), np.where(base > 0, base, 1.0)
    margin = np.where(np.round(np.nan_to_num(estimate) / base) % 2 == 0, MARGIN, -MARGIN)
    low, high = exact.n * (estimate - base / 2) - margin, exact.n * (estimate + base / 2) + margin
    below, above = (np.where(np.isnan(end), np.inf, np.maximum(end, 0.0)) for end in (total - low, high - total))
    unlimited = np.full((1, total.shape[1]), np.inf)
    return np.vstack([below, unlimited]), np.vstack([above, unlimited])


def _cell_of_schools(cohorts: Cohorts) -> Ints:
    rows = []
    for cells in cohorts.cells.groupby("grouping", sort=False).indices.values():
        inside = cohorts.member[cells]
        rows.append(np.where(inside.any(axis=0), np.asarray(cells)[inside.argmax(axis=0)], len(cohorts.member)))
    return np.array(rows)


# --- linear and integer programs ---


@dataclass(frozen=True, slots=True)
class Program:
    """The sums of one step or item over the unknown levels of some schools.

    -slack_below <= matrix · move <= slack_above, where the matrix has these weights.

    Attributes
    ----------
    block, school
        Of each unknown: index of its role and wave, and of its school.
    row, column
        Of each weight: index of its sum, and of its unknown.
    """

    block: Ints
    school: Ints
    truth: Floats
    unit: Floats
    row: Ints
    column: Ints
    weight: Floats
    slack_below: Floats
    slack_above: Floats

    def solve(self, aim: Floats, mip_gap: float = 0.0) -> Floats:
        """Moves of all levels that fit the sums and go furthest along the aim; 0 if unsolved.

        Parameters
        ----------
        mip_gap
            Part of the best result with which the solver may stop.
        """
        scale = np.where(self.unit > 0, self.unit, 1.0)
        shape = (len(self.slack_below), len(self.truth))
        matrix = sparse.csc_array((self.weight * scale[self.column], (self.row, self.column)), shape=shape)
        result = optimize.milp(
            -aim * scale,
            integrality=(self.unit > 0).astype(np.int64),
            bounds=optimize.Bounds(np.round(-self.truth / scale, 6), np.round((MAX_LEVEL - self.truth) / scale, 6)),
            constraints=optimize.LinearConstraint(matrix, -self.slack_below, self.slack_above),
            options={"time_limit": SOLVER_SECONDS, "mip_rel_gap": mip_gap, "presolve": bool((self.unit > 0).any())},
        )
        return np.zeros(len(aim)) if result.x is None else np.asarray(result.x * scale, dtype=np.float64)

    def find(self, levels: Ints) -> Ints:
        """Indices of unknown levels, given as rows that begin with block and school."""
        size = max(int(self.school.max()), int(levels[:, 1].max())) + 1
        return np.searchsorted(self.block * size + self.school, levels[:, 0] * size + levels[:, 1])

    def reach(self, unknown: int) -> tuple[float, float]:
        """How far one unknown level can fall and rise."""
        aim = np.zeros(len(self.truth))
        aim[unknown] = 1.0
        return -float(self.solve(-aim)[unknown]), float(self.solve(aim)[unknown])


def make_program(sums: ShownSums, column: int, schools: Ints) -> Program:
    """Make the program of one column in which the levels of some schools are unknown."""
    truth = sums.truth[:, schools, column]
    number = np.where(np.isnan(truth), -1, (~np.isnan(truth)).ravel().cumsum().reshape(truth.shape) - 1)
    block, at = np.nonzero(number >= 0)
    of_sum, of_block = np.nonzero(sums.weight)
    term, place = np.nonzero(sums.inside[of_sum[:, None], schools, column] & (number[of_block] >= 0))
    row = of_sum[term] * sums.slack_below.shape[1] + sums.cell[:, schools[place]]
    below, above = (side[:, :, column].ravel() for side in (sums.slack_below, sums.slack_above))
    grouping, entry = np.nonzero(np.isfinite(below[row]))
    used, row = np.unique(row[grouping, entry], return_inverse=True)
    weight, unknown = sums.weight[of_sum, of_block][term][entry], number[of_block[term], place][entry]
    unit = sums.unit[block, schools[at], column]
    return Program(block, schools[at], truth[block, at], unit, row, unknown, weight, below[used], above[used])


def join_programs(programs: list[Program], unknowns: list[Ints]) -> tuple[Program, Ints]:
    """Join programs that have no level in common: the solver takes most of its time to start.

    Returns the program, and the indices in it of the given levels.

    Parameters
    ----------
    unknowns
        Indices of levels in each program.
    """
    names = [field.name for field in fields(Program)]
    parts = {name: [getattr(program, name) for program in programs] for name in names}
    first_unknown = np.cumsum([0, *map(len, parts["truth"])])
    first_row = np.cumsum([0, *map(len, parts["slack_below"])])
    parts["column"] = list(map(np.add, first_unknown, parts["column"]))
    parts["row"] = list(map(np.add, first_row, parts["row"]))
    joined = Program(**{name: np.concatenate(part) for name, part in parts.items()})
    return joined, np.concatenate(list(map(np.add, first_unknown, unknowns)))
