"""Figures over schools: the cells, values per wave and two waves, and why some are hidden."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from toolkit.cohorts.disclosure import (
    DIRECTOR_ITEM_BASES,
    Bools,
    Texts,
    has_known_role,
    is_shown,
    round_to,
    rounding_base,
)
from toolkit.cohorts.moments import Moments
from toolkit.cohorts.school_values import MEASURES, SchoolValues
from toolkit.core.errors import ToolkitError
from toolkit.core.i18n import load_text
from toolkit.instrument.model import Instrument
from toolkit.measures.array_math import Floats, Ints
from toolkit.privacy import Policy

CELL = ["grouping", "group"]


@dataclass(frozen=True, slots=True)
class CellFigures:
    """Figures of each cell in one wave, or of one change: exact, and what of them may be shown.

    Attributes
    ----------
    moments
        Exact number, mean and variance over schools, shape (cells, figures).
    base
        Rounding of the mean, in the unit of the measure; 0 in a researcher's own tables.
    why
        Why a figure is hidden; None where it is shown.
    """

    moments: Moments
    base: Floats
    why: Texts

    @property
    def estimate(self) -> Floats:
        """The means as shown: rounded."""
        return round_to(self.moments.mean, self.base)


@dataclass(frozen=True, slots=True)
class WaveChange:
    """Two waves of the same schools: values over the items of both, and each cell's change."""

    waves: tuple[int, int]
    shared: Bools
    before: Floats
    after: Floats
    figures: CellFigures


@dataclass(frozen=True, slots=True, repr=False)
class Cohorts:
    """All that figures over schools are made of: school values, groups, what may be shown.

    Attributes
    ----------
    cells
        Columns `grouping, group`; row c belongs to row c of the arrays.
    groupings
        Columns `grouping, taken, groups, missing, why`: which columns of the table of schools were taken, and why not.
    waves
        The waves, in order; `value`, `n` and `shown` have one entry for each.
    schools
        School ids; column s of `member`, row s of `value` and `n`.
    member
        Shape (cells, schools).
    value, n
        Per wave, shape (schools, figures): see `toolkit.cohorts.school_values.SchoolValues`; NaN and 0 where a school
        did not take part.
    shown, changes
        The cells' figures per wave, and per two waves.

    Examples
    --------
    >>> import toolkit as tk
    >>> responses, schools = tk.samples.cohort(schools=20, waves=2)
    >>> cohorts = tk.prepare_cohorts(responses, groups=schools, by="sector")
    >>> cohorts.waves
    ['2024-2025', '2025-2026']
    """

    responses: pd.DataFrame
    checklist: Instrument
    values: SchoolValues
    policy: Policy
    cells: pd.DataFrame
    groupings: pd.DataFrame
    waves: list[str]
    schools: pd.Index
    member: Bools
    value: list[Floats]
    n: list[Ints]
    shown: list[CellFigures]
    changes: list[WaveChange]

    def __repr__(self) -> str:
        return self.summary()

    @property
    def is_raw(self) -> bool:
        """Whether nothing is hidden: a researcher's own tables."""
        return self.policy.audience == "researcher"

    @property
    def figures(self) -> pd.DataFrame:
        """Columns `measure, role, step, item` of the figures."""
        return self.values.figures

    def select(self, per: str) -> Ints:
        """Indices of the figures per step or per item."""
        if per not in ("step", "item"):
            raise ToolkitError(f"per={per!r}: kies step of item.")
        steps = self.values.is_step
        return np.flatnonzero(steps if per == "step" else ~steps)

    def summary(self, language: str = "nl") -> str:
        """Say in words how many schools and waves there are, and which groupings are taken.

        Groupings that are left out are named with the reason.
        """
        text = load_text(language)
        taken = self.groupings["taken"]
        lines = [text.say("cohort.summary", n=len(self.schools), waves=text.join(self.waves))]
        for row in self.groupings[taken].itertuples():
            lines.append(text.say("cohort.taken", grouping=row.grouping, n=row.groups))
        for row in self.groupings[~taken].itertuples():
            why = text.say(f"cohort_why.{str(row.why).replace(' ', '_')}")
            lines.append(text.say("cohort.not_taken", grouping=row.grouping, n=row.groups, why=why))
        if not self.is_raw and len(self.schools) < self.policy.schools:
            lines.append(text.say("cohort.too_few_schools", n=self.policy.schools))
        return "\n".join(lines)


def figure_bounds(figures: pd.DataFrame) -> Floats:
    """Range of each figure's measure, shape (2, figures)."""
    return np.array([MEASURES[measure] for measure in figures["measure"]], dtype=float).T


def is_director_item(figures: pd.DataFrame, checklist: Instrument) -> Bools:
    """Which figures are items that a director answered, alone or in a pair."""
    is_item: Bools = figures["item"].ne("").to_numpy(dtype=bool)
    return is_item & has_known_role(figures, checklist)


def mean_base(figures: pd.DataFrame, n: Floats, checklist: Instrument) -> Floats:
    """Rounding of means over n schools, in the unit of the measure."""
    of_directors = is_director_item(figures, checklist)
    points = np.where(of_directors, rounding_base(n, DIRECTOR_ITEM_BASES), rounding_base(n))
    return np.asarray(points / 100 * figure_bounds(figures)[1])


def change_reasons(cohorts: Cohorts, change: WaveChange) -> Texts:
    """Why a change is hidden: of its own, or because the figure of one of the two waves is."""
    why = change.figures.why
    for wave in change.waves:
        why = np.where(is_shown(why), cohorts.shown[wave].why, why)
    return why
