"""Which figures over schools may be shown: none of a few schools, and none from which those of a few can be computed.

A mean with its number of schools is a sum. Sums can be subtracted: all schools minus the shown groups, one grouping
minus another, two levels minus their difference, two years minus their change. So what is shown is held to two rules.
Every cell has at least so many schools (and, of teachers and care professionals, respondents); and no combination of
shown sums, with whatever weights, is left with fewer schools than that.

It is assumed that a reader knows which schools are in which group and who took part in which year. Who left an item
blank is known within that school only, unless the numbers of schools per group point at it. So what follows from a
blank is held to the same rules where a school's groups are those of few, or where a group in it is too small for its
own people to see; elsewhere it may be of any of the schools in the same groups.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb, lcm

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from toolkit.core.errors import MissingReason
from toolkit.privacy import Policy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Texts = NDArray[np.object_]

DERIVABLE = "derivable"

MAX_TOGETHER = 4
"""How many kinds of schools are tried together; with at least five schools in a cell, four of one each is the most."""

MAX_TRIES = 200_000
"""Beyond so many combinations nothing is tried any more: what can't be held safe is not shown."""

EXACT = 1e-9
UNLIMITED = int(np.iinfo(np.int32).max)
"""For respondents that need no protection as a group."""


@dataclass(frozen=True, slots=True)
class Contributions:
    """Who adds to which figure of one wave.

    Attributes
    ----------
    member
        Shape (cells, schools): which schools are in a cell (one group of one grouping).
    figures
        Columns `measure, role, step, item` (empty for a step's own figure); `role` of two roles is `a-b`.
    present
        Shape (schools, figures): whether the school has the figure.
    n
        Shape (schools, figures): respondents behind it.
    grouped
        Shape (figures,): whether it is a figure of respondents who are shown only as a group.
    settled
        So many of the first cells were shown before: others give way to them.
    """

    member: Bools
    figures: pd.DataFrame
    present: Bools
    n: Ints
    grouped: Bools
    settled: int = 0


def why_hidden(given: Contributions, policy: Policy) -> Texts:
    """Why a cell's figure may not be shown: shape (cells, figures), missing where it may."""
    why = np.full((len(given.member), len(given.figures)), None, dtype=object)
    for columns in _alike(given):
        why[:, columns] = _of_family(given, columns, policy)[:, None]
    counts = _counts_for(given, policy)
    for levels, gaps in _gaps(given.figures):
        known, each = _levels_and_gaps(given, levels, gaps), counts([*levels, *gaps])
        if given.figures["item"].iloc[gaps[0]]:
            _hide_last(given, replace(known, schools=each), why, policy)
        else:
            _hide_last(given, known, why, policy)
            _hide_last(given, replace(_with_own(given, known), schools=each), why, policy)
    _items_with_their_step(given.figures, why)
    for step, items in _steps(given.figures).items():
        _hide_items(given, step, items, counts([step]), why, policy)
    return why


def _alike(given: Contributions) -> Iterator[list[int]]:
    """Figures of a role with the same schools: they are shown or hidden together, so decided once."""
    patterns = [column.tobytes() for column in np.packbits(given.present, axis=0).T]
    keys = pd.DataFrame({"role": given.figures["role"].to_numpy(), "pattern": patterns})
    for columns in keys.groupby(["role", "pattern"], sort=False).indices.values():
        yield list(columns)


def _of_family(given: Contributions, columns: list[int], policy: Policy) -> Texts:
    """Both rules for figures that the same schools add to."""
    inside = given.member & given.present[:, columns[0]]
    people = _people(given, columns)
    schools = inside.sum(axis=1)
    why = np.full(len(inside), None, dtype=object)
    why[inside @ people < policy.respondents] = MissingReason.TOO_FEW_RESPONDENTS
    why[schools < policy.schools] = MissingReason.TOO_FEW_SCHOOLS
    order = np.array([cell for cell in _first_to_last(inside, given.settled) if why[cell] is None], dtype=int)
    if len(order):
        each = np.ones(len(people), dtype=np.int64)
        kinds = _Kinds.of(inside[order].astype(np.int64), people, each, inside[order].any(axis=0))
        kept = safe_rows(kinds.columns[:, None, :].astype(float), kinds.schools, kinds.people, policy)
        why[order[~kept]] = DERIVABLE
    return why


def _people(given: Contributions, columns: list[int]) -> Ints:
    """Respondents per school who are to be protected: the fewest of the figures, and no limit where there are none."""
    grouped = [column for column in columns if given.grouped[column]]
    n = given.n[:, grouped]
    fewest: Ints = np.where(n > 0, n, UNLIMITED).min(axis=1, initial=UNLIMITED).astype(np.int64)
    return fewest


@dataclass(frozen=True, slots=True)
class _Kinds:
    """Schools that no figure tells apart: `columns` (rows of the system, kinds), and how many there are of each."""

    columns: Ints
    schools: Ints
    people: Ints

    @classmethod
    def of(cls, marks: Ints, people: Ints, schools: Ints, used: Bools) -> _Kinds:
        """Kinds by their marks (marks, schools), of the schools that are used."""
        first, kind = _same(marks[:, used])
        people = np.where(schools > 1, UNLIMITED, people)  # those of one that may be any of several
        heads, number = (
            np.bincount(kind, weights=each[used].astype(float)).astype(np.int64) for each in (people, schools)
        )
        return cls(marks[:, used][:, first], number, heads)


# --- figures that follow from each other ---


@dataclass(frozen=True, slots=True)
class _System:
    """Figures that follow from each other.

    Attributes
    ----------
    figures
        Each by its index; the last gives way.
    takes
        Shape (figures, unknowns, schools): the weight with which a school's unknown counts in the figure.
    people
        Shape (schools,): respondents who are to be protected.
    schools
        Shape (schools,): as how many schools each counts.
    """

    figures: list[int]
    takes: Ints
    people: Ints
    schools: Ints


def _gaps(figures: pd.DataFrame) -> Iterator[tuple[list[int], list[int]]]:
    """Of each step and item the gaps, and the levels they are the differences of."""
    place = {key: index for index, key in enumerate(figures.itertuples(index=False, name=None))}
    gaps = figures[figures["measure"] == "gap"]
    for (step, item), rows in gaps.groupby(["step", "item"], sort=False):
        roles = dict.fromkeys(role for pair in rows["role"] for role in pair.split("-"))
        yield [place["level", role, step, item] for role in roles], rows.index.tolist()


def _counts_for(given: Contributions, policy: Policy) -> Callable[[list[int]], Ints]:
    """As how many schools each counts in what follows from a blank in some figures: it may be any of those like it."""
    _, kind = _same(given.member.astype(np.int64))
    many = np.bincount(kind)[kind] >= policy.schools
    blank, small = np.zeros_like(given.present, order="F"), np.zeros_like(given.present, order="F")
    for step, items in _steps(given.figures).items():
        blank[:, items] = given.present[:, [step]] & ~given.present[:, items]
        blank[:, step] = blank[:, items].any(axis=1)
        small[:, [step, *items]] = (given.grouped[step] & (given.n[:, step] < policy.minimum))[:, None]
    small &= given.n > 0

    def of(figures: list[int]) -> Ints:
        anyone = many & blank[:, figures].any(axis=1) & ~small[:, figures].any(axis=1)
        return np.where(anyone, policy.schools, 1)

    return of


def _levels_and_gaps(given: Contributions, levels: list[int], gaps: list[int]) -> _System:
    """Unknown are the levels, and a gap is one minus another."""
    roles = given.figures["role"].to_numpy()
    rows_of_role = {roles[level]: unknown for unknown, level in enumerate(levels)}
    takes = np.zeros((len(levels) + len(gaps), len(levels), len(given.present)), dtype=np.int64)
    takes[range(len(levels)), range(len(levels))] = given.present[:, levels].T
    for place, gap in enumerate(gaps, start=len(levels)):
        one, other = (rows_of_role[side] for side in roles[gap].split("-"))
        takes[place, one] = given.present[:, gap]
        takes[place, other] = -takes[place, one]
    known = [level for level in levels if not given.grouped[level]]
    alone = ~given.present[:, known].any(axis=1)  # a known person's level needs no respondents
    people = np.where(alone, _people(given, [*levels, *gaps]), UNLIMITED)
    return _System([*levels, *gaps], takes, people, np.ones(len(people), dtype=np.int64))


def _with_own(given: Contributions, system: _System) -> _System:
    """The same, where a gap has something of its own: of a role that left an item blank it is not quite the level."""
    roles = given.figures["role"].to_numpy()
    level_of = {roles[figure]: figure for figure in system.figures}
    gaps = [figure for figure in system.figures if "-" in roles[figure]]
    own = np.zeros((len(system.figures), len(gaps), len(system.people)), dtype=np.int64)
    for place, gap in enumerate(gaps):
        one, other = (level_of[side] for side in roles[gap].split("-"))
        own[place - len(gaps), place] = given.present[:, gap] * _answered_otherwise(given, one, other)
    people = np.where(own.any(axis=(0, 1)), _people(given, system.figures), system.people)
    return replace(system, takes=np.concatenate([system.takes, own], axis=1), people=people)


def _answered_otherwise(given: Contributions, one: int, other: int) -> Bools:
    """Schools in which the two roles of a step did not answer the same items."""
    steps = _steps(given.figures)
    differ: Bools = (given.present[:, steps[one]] != given.present[:, steps[other]]).any(axis=1)
    return differ


def _steps(figures: pd.DataFrame) -> dict[int, list[int]]:
    """Each step's figure with those of its items."""
    is_step = figures["item"].eq("").to_numpy()
    together = figures.groupby(["measure", "role", "step"], sort=False).ngroup().to_numpy()
    return {
        step: np.flatnonzero((together == together[step]) & ~is_step).tolist()
        for step in np.flatnonzero(is_step).tolist()
    }


def _hide_items(given: Contributions, step: int, items: list[int], counts: Ints, why: Texts, policy: Policy) -> None:
    """Hide, in `why`, an item where the step and its items together give the few schools that left one blank.

    A step is the mean of the items that a school answered, so the step times the number of items, minus its items, is
    nothing in a school that answered all, and in another the step times the items it left blank. Without one of the
    items that is no longer so; it is the same one in every cell, or another cell would give it.
    """
    there, answered = given.present[:, step], given.present[:, items]
    blank = np.where(there, len(items) - answered.sum(axis=1), -answered.any(axis=1).astype(np.int64))
    if not (given.member & (blank != 0)).any():
        return
    gives_way = items[int(np.argmin(answered.sum(axis=0)))]
    shown = np.asarray(pd.isna(why[:, [step, gives_way]]))
    order = np.array(_first_to_last(given.member, given.settled), dtype=np.int64)
    steps, cells = order[shown[order, 0]], order[shown[order].all(axis=1)]
    marks = np.concatenate([given.member[steps] * there, given.member[cells] * blank]).astype(np.int64)
    kinds = _Kinds.of(marks, _people(given, [step, *items]), counts, (marks != 0).any(axis=0))
    kept = safe_rows(kinds.columns[:, None, :].astype(float), kinds.schools, kinds.people, policy)
    why[cells[~kept[len(steps) :]], gives_way] = DERIVABLE
    _hide_last(given, _step_and_items(given, step, items, counts), why, policy)


def _step_and_items(given: Contributions, step: int, items: list[int], counts: Ints) -> _System:
    """Unknown are the items, of which a step is the mean: what is left of both where the one with a blank drops out."""
    there, answered = given.present[:, step], given.present[:, items]
    whole = lcm(*range(1, len(items) + 1))  # so that a part of it is a whole number
    takes = np.zeros((1 + len(items), len(items), len(there)), dtype=np.int64)
    takes[0] = (answered * (there * whole // np.maximum(answered.sum(axis=1), 1))[:, None]).T
    takes[range(1, 1 + len(items)), range(len(items))] = answered.T
    return _System([step, *items], takes, _people(given, [step, *items]), counts)


def _items_with_their_step(figures: pd.DataFrame, why: Texts) -> None:
    """Hide the items of a step's figure that follows from others: theirs would too."""
    for step, items in _steps(figures).items():
        for cell in np.flatnonzero(why[:, step] == DERIVABLE):
            why[cell, items] = np.where(pd.isna(why[cell, items]), DERIVABLE, why[cell, items])


def _hide_last(given: Contributions, system: _System, why: Texts, policy: Policy) -> None:
    """Hide, in `why`, what has to give way so that nothing of a few schools follows from the system."""
    order, member = _first_to_last(given.member, given.settled), given.member
    shown = [
        (part, cell)
        for cells in (order[: given.settled], order[given.settled :])
        for part, figure in enumerate(system.figures)
        for cell in cells
        if why[cell, figure] is None
    ]
    if not shown:
        return
    parts, cells = (np.array(column) for column in zip(*shown, strict=True))
    signs = system.takes.reshape(-1, system.takes.shape[2])
    marks = np.concatenate([member[np.unique(cells)].astype(np.int64), signs])
    used = member[cells].any(axis=0) & (signs != 0).any(axis=0)
    kinds = _Kinds.of(marks, system.people, system.schools, used)
    if (kinds.schools >= policy.schools).all() and (kinds.people >= policy.respondents).all():
        return
    rows = _rows(kinds, cells, parts, system.takes.shape[:2])
    kept = safe_rows(rows, kinds.schools, kinds.people, policy)
    for part, cell in zip(parts[~kept], cells[~kept], strict=True):
        why[cell, system.figures[part]] = DERIVABLE


def _first_to_last(member: Bools, settled: int) -> list[int]:
    """Cells in the order in which the later gives way: what was shown before, and then the larger."""
    order: list[int] = np.lexsort((-member.sum(axis=1), np.arange(len(member)) >= settled)).tolist()
    return order


def _rows(kinds: _Kinds, cells: Ints, parts: Ints, shape: tuple[int, ...]) -> Floats:
    """The system's sums over unknowns and kinds: shape (sums, unknowns, kinds)."""
    there, row_of = np.unique(cells, return_inverse=True)
    inside, takes = np.split(kinds.columns.astype(float), [len(there)])
    rows: Floats = takes.reshape(*shape, -1)[parts] * inside[row_of][:, None, :]
    return rows


# --- the attack ---


def safe_rows(rows: Floats, schools: Ints, people: Ints, policy: Policy) -> Bools:
    """Which sums may be shown together; the first go before the last.

    Parameters
    ----------
    rows
        Shape (sums, unknowns, kinds): how often an unknown of each kind of schools counts in each sum.
    schools, people
        Shape (kinds,): how many there are.
    """
    kept = np.ones(len(rows), dtype=bool)
    while (found := leak(rows[kept], schools, people, policy)) is not None:
        there = np.flatnonzero(kept)
        for weights in np.abs(found.T):
            taking_part = there[weights > EXACT * weights.max()]
            if kept[taking_part].all():  # what gave way for another leak may have stopped this one
                kept[taking_part[-1]] = False
    return kept


def leak(rows: Floats, schools: Ints, people: Ints, policy: Policy) -> Floats | None:
    """Return weights of the sums that leave only a few schools, a column for each way; None where there are none.

    Notes
    -----
    Combinations in which the kinds with enough schools cancel out are a linear space, mostly of no dimension. In an
    orthonormal basis of it, a set of kinds can be reached by itself when its part of the basis has norm 1.
    """
    if not rows.any():
        return None
    rows, schools, people = _merged(rows, schools, people)
    small = (schools < policy.schools) | (people < policy.respondents)
    if not small.any():
        return None
    cancel = _cancelling(rows[:, :, ~small].reshape(len(rows), -1))
    left = cancel.T @ rows[:, :, small].reshape(len(rows), -1)
    if left.size == 0 or np.abs(left).max() < EXACT:
        return None
    back, scale, basis = np.linalg.svd(left, full_matrices=False)
    rank = int((scale > EXACT * scale[0]).sum())
    parts = basis[:rank].reshape(rank, rows.shape[1], -1).transpose(2, 0, 1)
    reached = _reached(parts, schools[small], people[small], policy)
    if reached is None:
        return None
    weights: Floats = cancel @ (back[:, :rank] / scale[:rank]) @ reached
    return weights


def _merged(rows: Floats, schools: Ints, people: Ints) -> tuple[Floats, Ints, Ints]:
    """Take together the kinds that these sums don't tell apart, and leave out those in none of them."""
    used = (rows != 0).any(axis=(0, 1))
    rows, schools, people = rows[:, :, used], schools[used], people[used]
    first, kind = _same(rows.reshape(-1, rows.shape[2]).astype(np.int64))
    together = [np.bincount(kind, weights=number.astype(float)).astype(np.int64) for number in (schools, people)]
    return rows[:, :, first], together[0], together[1]


def _same(marks: NDArray[np.generic]) -> tuple[Ints, Ints]:
    """The first of each kind of columns, and the kind of every column.

    A column becomes one number, a sum of random 64-bit numbers that no two different columns share.
    """
    weights = np.random.default_rng(0).integers(0, 2**64, len(marks), dtype=np.uint64)
    _, first, kind = np.unique(
        weights @ marks.astype(np.int64).astype(np.uint64), return_index=True, return_inverse=True
    )
    return first, kind


def _cancelling(rows: Floats) -> Floats:
    """Weights of the rows, a basis, with which they add up to nothing: shape (rows, dimension).

    Gauss and Jordan on the rows' products, the largest pivot first: for some tens of rows an eigenvalue routine takes
    many times as long, most of it in waiting for its own threads.
    """
    products = rows @ rows.T
    free = np.ones(len(rows), dtype=bool)
    least = EXACT * max(float(products.max(initial=0.0)), 1.0)
    while free.any():
        pivot = int(np.argmax(np.where(free, products.diagonal(), -np.inf)))
        if products[pivot, pivot] <= least:
            break
        free[pivot] = False
        products[pivot] /= products[pivot, pivot]
        others = products[:, pivot].copy()
        others[pivot] = 0.0
        products -= others[:, None] * products[pivot]
    basis: Floats = np.eye(len(rows))[:, free]
    basis[~free] = -products[~free][:, free]
    return basis


def _reached(parts: Floats, schools: Ints, people: Ints, policy: Policy) -> Floats | None:
    """Combinations of the basis, cut per kind (kinds, rank, unknowns), that each touch only a few schools."""
    reach = (parts**2).sum(axis=(1, 2))
    order = np.argsort(-reach)
    for together in range(1, MAX_TOGETHER + 1):
        able = order[reach[order] + (together - 1) * reach[order[0]] >= 1 - EXACT]
        if comb(len(able), together) > MAX_TRIES:
            first: Floats = np.eye(parts.shape[1])[:, :1]
            return first
        chosen = np.array(list(combinations(able.tolist(), together)), dtype=int).reshape(-1, together)
        few = (schools[chosen].sum(axis=1) < policy.schools) | (people[chosen].sum(axis=1) < policy.respondents)
        chosen = chosen[few & (reach[chosen].sum(axis=1) >= 1 - EXACT)]
        if (found := _norm_one(parts, chosen)) is not None:
            return found
    return None


def _norm_one(parts: Floats, chosen: Ints) -> Floats | None:
    if not len(chosen):
        return None
    together = np.concatenate([parts[chosen[:, place]] for place in range(chosen.shape[1])], axis=2)
    values, vectors = np.linalg.eigh(together.swapaxes(1, 2) @ together)
    hits = np.flatnonzero(values[:, -1] >= 1 - EXACT)
    if not len(hits):
        return None
    found: Floats = (together[hits] @ vectors[hits, :, -1:])[:, :, 0].T
    return found


# --- years ---


def why_change_hidden(
    change: Contributions, earlier: tuple[Bools, Ints, Texts], later: tuple[Bools, Ints, Texts], policy: Policy
) -> Texts:
    """Why a cell's change over two waves may not be shown: shape (cells, figures).

    Parameters
    ----------
    change
        Who adds to the change: schools that have the figure in both waves.
    earlier, later
        Of either wave who has the figure, their respondents (schools, figures), and why it is hidden (cells, figures).

    Notes
    -----
    Both means and their change together give the sum of the schools that came or went: these may not be few.
    """
    why = why_hidden(change, policy)
    for _, _, there in (earlier, later):
        why = np.where(pd.isna(why), there, why)
    number = len(change.figures)
    together = np.concatenate([earlier[2], later[2], why], axis=1)
    counts = _counts_for(change, policy)
    came_or_went = (earlier[0] | later[0]) != change.present
    for figure in np.flatnonzero(came_or_went.any(axis=0)).tolist():  # else the change is only one mean minus the other
        takes = np.zeros((3, 2, len(change.present)), dtype=np.int64)
        takes[0, 0], takes[1, 1] = earlier[0][:, figure], later[0][:, figure]
        takes[2, 1] = change.present[:, figure]
        takes[2, 0] = -takes[2, 1]
        most = np.maximum(earlier[1][:, figure], later[1][:, figure])
        people = np.where(change.grouped[figure] & (most > 0), most, UNLIMITED)
        each = counts([figure]) if change.figures["item"].iloc[figure] else np.ones_like(people)
        system = _System([figure, number + figure, 2 * number + figure], takes, people, each)
        _hide_last(change, system, together, policy)
    left = together[:, 2 * number :]
    _items_with_their_step(change.figures, left)
    return left
