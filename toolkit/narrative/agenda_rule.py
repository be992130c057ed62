"""The numbers and tests of the agenda: when views differ, groups divide, what goes well.

A director is a known person whose answer is what it is. The question is then whether most of the group answers on one
side of it, and more answers make that clearer. Two groups are both samples: there the question is whether shuffling the
people over the groups would give such a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from toolkit.measures.array_math import Floats, Ints, ratio, total
from toolkit.measures.intervals import wilson

Bools = NDArray[np.bool_]
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Rule:
    """The numbers of the agenda.

    Attributes
    ----------
    gap, majority, confidence
        A known person (a director) and a group differ when their gap is at least `gap` points, and when more than
        `majority` of the group answers on that side of the person: the lower end of that share (Wilson, one-sided, at
        this `confidence`) lies above it.
    opposite, leeway
        Two groups differ when their gap is at least `opposite` - `leeway` / sqrt(n) points, n the people of the larger
        group: nearly two answers apart, with room for who happened to answer.
    team_of, chance, chance_small
        ... and when chance alone gives such a gap at most that often (see
        `toolkit.measures.randomization_test`). `chance_small` applies where n is below `team_of`, because there one
        answer weighs so heavily.
    sure
        They differ too at a smaller gap that chance gives seldom: (least gap, most chance), more than one.
    step_gap
        Two roles differ over a complete step when their gap is at least this, and its interval excludes 0.
    divided, divided_people
        A group is divided when at least this share and at least this many people say Nee, and as many say Ja. Known
        persons are divided as soon as one says Nee and another says Ja.
    well
        An item goes well when the level of every role that was heard is at least this; else it can be better.
    fewest
        A group with fewer answers has no view here; `protect` asks for more.
    """

    gap: float = 40.0
    majority: float = 0.5
    confidence: float = 0.90
    opposite: float = 85.0
    leeway: float = 51.0
    team_of: int = 10
    chance: float = 1 / 3
    chance_small: float = 1 / 6
    sure: tuple[tuple[float, float], ...] = ((65.0, 1 / 10), (40.0, 1 / 20))
    step_gap: float = 20.0
    divided: float = 0.25
    divided_people: int = 2
    well: float = 70.0
    fewest: int = 3


def share_on_far_side(person: Ints, group: Ints, gap: Floats) -> Floats:
    """Share of a group that answers on the side of a known person that the gap points to.

    Parameters
    ----------
    person, group
        Counts per answer, shape (comparisons, answers). Of several known persons the share is beyond all of them.
    gap
        Level of the known person minus that of the group: positive looks for lower answers, negative for higher ones.

    Examples
    --------
    The director says Ja. Of ten teachers six say Nee, two Beetje and two Ja:

    >>> share_on_far_side(np.array([[0, 0, 1]]), np.array([[6, 2, 2]]), np.array([70.0])).tolist()
    [0.8]
    """
    lowest, highest = (person > 0).argmax(axis=1), person.shape[1] - 1 - (person > 0)[:, ::-1].argmax(axis=1)
    answer = np.arange(person.shape[1])
    below, above = answer < lowest[:, None], answer > highest[:, None]
    beyond = np.where((gap > 0)[:, None], below, above & (gap < 0)[:, None])
    return ratio(total(group * beyond), total(group))


def lower_end(share: Floats, n: Ints, rule: Rule) -> Floats:
    """Lower end of a share of n people (Wilson, one-sided)."""
    quantile = np.array(NormalDist().inv_cdf(rule.confidence))
    return wilson(share, np.maximum(n, 1).astype(float), quantile)[0]


def person_and_group_differ(gap: Floats, share_low: Floats, rule: Rule) -> Bools:
    """Whether a known person and a group differ on an item.

    Parameters
    ----------
    gap
        In points, either sign; NaN where there is nothing to compare.
    share_low
        From `lower_end` of `share_on_far_side`.
    """
    return (np.abs(gap) >= rule.gap - TINY) & (share_low > rule.majority)


def groups_differ(gap: Floats, chance: Floats, n: Ints, rule: Rule) -> Bools:
    """Whether two groups differ on an item.

    Parameters
    ----------
    gap
        In points, either sign; NaN where there is nothing to compare.
    chance
        From `toolkit.measures.randomization_test.chance_of_gap`.
    n
        People of the larger group.
    """
    distance = np.abs(gap)
    allowed = np.where(n >= rule.team_of, rule.chance, rule.chance_small)
    opposite = (distance >= rule.opposite - rule.leeway / np.sqrt(np.maximum(n, 1)) - TINY) & (chance <= allowed + TINY)
    sure = [(distance >= min_gap - TINY) & (chance <= max_chance + TINY) for min_gap, max_chance in rule.sure]
    return np.asarray(np.logical_or.reduce([opposite, *sure]))


def is_divided(answers: Ints, is_known: Bools, rule: Rule) -> Bools:
    """Whether a group is divided: enough of it at the lowest answer, and enough at the highest.

    Parameters
    ----------
    answers
        Counts, shape (…, roles, items, answers).
    is_known
        Shape (roles,): whether the members are shown as persons.

    Examples
    --------
    >>> is_divided(np.array([[[4, 2, 4]], [[4, 5, 1]]]), np.array([False, False]), Rule()).ravel().tolist()
    [True, False]
    """
    smallest_end = np.minimum(answers[..., 0], answers[..., -1])
    enough = np.maximum(rule.divided_people, rule.divided * total(answers) - TINY)
    return smallest_end >= np.where(is_known[:, None], 1, enough)


def step_differs(gap: Floats, low: Floats, high: Floats, rule: Rule) -> Bools:
    """Whether two roles differ over a complete step; never where the gap has no interval."""
    return (np.abs(gap) >= rule.step_gap - TINY) & ((low > 0) | (high < 0))
